/*
 * verbs_programme: the owner's rules as a file: shown, checked, and brought
 * into force.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/file.h"
#include "server/shop.h"
#include "server/tally/call.h"
#include "server/tally/format.h"
#include "server/tally/rules_file.h"
#include "server/tally/rules_say.h"
#include "server/tally/verbs.h"
#include "server/tally/version.h"

/* --- showing -------------------------------------------------------------- */

/* `when` is a sequence if it has digits alone, and else a date. */
static enum result read_version(struct store *store, const char *when,
    struct version *ret_version, struct error *err)
{
	uint64_t sequence = 0;
	uint64_t time_ms;
	enum result result = RESULT_OK;

	if (when != NULL && when[0] != '\0' &&
	    when[strspn(when, "0123456789")] == '\0') {
		if (!format_read_count(when, &sequence) || sequence == 0)
			return error_set(err, RESULT_INVALID,
			    "there is no entry %.40s", when);
	} else if (when != NULL) {
		if (!format_read_time(when, &time_ms))
			return error_set(err, RESULT_INVALID,
			    "--at is an entry's number or a date such as "
			    "2026-02-28 or '2026-02-28 17:30', not '%.40s'",
			    when);
		result = version_entry_by(store, time_ms, &sequence, err);
	}
	if (result == RESULT_OK)
		result = version_at(store, sequence, ret_version, err);
	return result;
}

/* A text has neither NUL nor a newline of ours: it can be given back. */
static void put_version(struct page *page, const struct version *version)
{
	page_count(page, "entry", NULL, (int64_t)version->sequence);
	page_time(page, "time_ms", NULL, version->time_ms);
	page_verbatim(page, "text", version->text);
}

int run_programme_show(const struct asked *asked, struct page *page)
{
	struct version version;
	struct store *store;
	struct error error;
	enum result result = call_open_ledger(verb_shop(asked), &store, &error);

	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	result =
	    read_version(store, asked_option(asked, "--at"), &version, &error);
	store_close(store);
	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	put_version(page, &version);
	buffer_finish(&version.record);
	return EXIT_FINE;
}

/* --- checking ------------------------------------------------------------- */

int run_programme_check(const struct asked *asked, struct page *page)
{
	struct rules_file file;
	int code = rules_file_read(&file, page, asked->positionals[0]);

	if (code == EXIT_FINE) {
		rules_say(page, file.programme, buffer_view(&file.text));
		rules_file_warn(&file);
	}
	rules_file_finish(&file);
	return code;
}

/* --- bringing into force -------------------------------------------------- */

static enum result hash_text(
    struct bytes text, tally_ProgrammePut *ret_put, struct error *err)
{
	struct hasher *hasher;
	struct hash hash;
	enum result result = hasher_create(&hasher, err);

	if (result != RESULT_OK)
		return result;
	hash = hash_plain(hasher, text);
	hasher_destroy(hasher);
	ret_put->hash.size = HASH_SIZE;
	memcpy(ret_put->hash.bytes, hash.bytes, HASH_SIZE);
	return RESULT_OK;
}

/* Where the server looks for it, and where nobody but the owner can write. */
static enum result leave_text(const char *shop, struct bytes text,
    char ret_path[SHOP_PATH_SIZE_MAX], struct error *err)
{
	enum result result = shop_file(shop, SHOP_PROGRAMME_NEW, ret_path, err);

	if (result == RESULT_OK)
		result = file_replace(ret_path, text, true, err);
	if (result == RESULT_OK)
		result = file_sync_folder(shop, err);
	return result;
}

static int ask_to_put(const struct asked *asked, struct page *page,
    struct call *call, struct bytes text, tally_Reply *ret_reply)
{
	tally_Request request = {.which_body = tally_Request_programme_put_tag};
	char path[SHOP_PATH_SIZE_MAX];
	struct error error;
	enum result result =
	    hash_text(text, &request.body.programme_put, &error);
	int code;

	if (result == RESULT_OK)
		result = leave_text(verb_shop(asked), text, path, &error);
	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	code = verb_ask(page, call, &request, tally_Reply_done_tag, ret_reply);
	/* The server takes it away, but where it could not write or answer. */
	if (code != EXIT_FINE)
		(void)unlink(path);
	return code;
}

/* The caller finishes its record. */
static int read_in_force(
    const struct asked *asked, struct page *page, struct version *ret_version)
{
	struct store *store;
	struct error error;
	enum result result = call_open_ledger(verb_shop(asked), &store, &error);

	if (result == RESULT_OK) {
		result = version_at(store, 0, ret_version, &error);
		store_close(store);
	}
	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	return EXIT_FINE;
}

static int put_checked(const struct asked *asked, struct rules_file *file)
{
	struct version before = {.sequence = 0};
	struct page *page = file->page;
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	code = read_in_force(asked, page, &before);
	if (code == EXIT_FINE)
		code = ask_to_put(
		    asked, page, call, buffer_view(&file->text), &reply);
	if (code == EXIT_FINE) {
		rules_file_warn_of_change(file, before.text);
		rules_file_warn(file);
		page_count(page, "entry", NULL, (int64_t)reply.body.done.entry);
		page_say(page, "In force from entry %" PRIu64 " on.",
		    reply.body.done.entry);
	}
	buffer_finish(&before.record);
	return verb_close(page, call, code);
}

int run_programme_put(const struct asked *asked, struct page *page)
{
	struct rules_file file;
	int code = rules_file_read(&file, page, asked->positionals[0]);

	if (code == EXIT_FINE)
		code = put_checked(asked, &file);
	else if (code == EXIT_REFUSED)
		page_say(page, "Nothing was changed.");
	rules_file_finish(&file);
	return code;
}
