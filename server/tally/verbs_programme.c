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
#include "server/tally/verbs.h"
#include "server/tally/version.h"

#define FAULTS_SHOWN_MAX 100u

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

/* A file being checked, and what came of it. */
struct checking {
	struct page *page;
	const char *file;
	uint64_t faults;
	struct buffer text;
	struct programme *programme; /* NULL where there are faults */
};

static void show_fault(void *context, const struct programme_fault *fault)
{
	struct checking *checking = context;

	checking->faults++;
	if (checking->faults <= FAULTS_SHOWN_MAX)
		page_text_fault(checking->page, checking->file, fault->line,
		    fault->column, fault->text);
}

static int put_faults(struct checking *checking)
{
	struct page *page = checking->page;
	char say[FORMAT_SIZE];

	if (checking->faults > FAULTS_SHOWN_MAX)
		page_say(page, "%" PRIu64 " more are not shown.",
		    checking->faults - FAULTS_SHOWN_MAX);
	(void)snprintf(say, sizeof(say), "%" PRIu64 " fault%s.",
	    checking->faults, checking->faults == 1 ? "" : "s");
	page_say(page, "%s", say);
	page_count(page, "fault_count", NULL, (int64_t)checking->faults);
	page_flag(page, "ok", NULL, false);
	page_text(page, "why", NULL, "faults");
	page_text(page, "say", NULL, say);
	return EXIT_REFUSED;
}

static const struct programme_fault too_long = {
    0, 0, "it is longer than a programme can be"};

static int check_file(struct checking *checking)
{
	struct error error;
	enum result result = file_read(checking->file, &checking->text, &error);

	if (result == RESULT_OK)
		result = programme_check(buffer_view(&checking->text),
		    show_fault, checking, &checking->programme, &error);
	else if (result == RESULT_LIMIT)
		show_fault(checking, &too_long);
	if (result == RESULT_OK)
		return EXIT_FINE;
	if (checking->faults != 0)
		return put_faults(checking);
	return page_fail(checking->page, result_name(result), "%s", error.text);
}

static void finish_check(struct checking *checking)
{
	programme_destroy(checking->programme);
	buffer_finish(&checking->text);
}

/* --- what the rules mean -------------------------------------------------- */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* Two and a half steps, for what is left over gives nothing. */
static uint64_t example_amount(const struct programme *programme)
{
	uint64_t amount_minor = programme->earn_amount_minor * 5 / 2;

	return amount_minor < programme->sale_amount_minor_max
		   ? amount_minor
		   : programme->sale_amount_minor_max;
}

static void say_earning(struct page *page, const struct programme *programme)
{
	uint64_t example = example_amount(programme);
	uint64_t gives = programme_earn_points(programme, example);
	char points[FORMAT_SIZE];
	char amount[FORMAT_SIZE];

	format_count((int64_t)programme->earn_points, points);
	format_amount(programme->earn_amount_minor, amount);
	page_say(page,
	    "A sale gives %s point%s for each full %s, and nothing for the "
	    "rest:",
	    points, plural(programme->earn_points), amount);
	format_amount(example, amount);
	format_count((int64_t)gives, points);
	page_say(
	    page, "    %s gives %s point%s", amount, points, plural(gives));
	gives =
	    programme_earn_points(programme, programme->sale_amount_minor_max);
	format_amount(programme->sale_amount_minor_max, amount);
	format_count((int64_t)gives, points);
	page_say(page, "    %s gives %s point%s; a larger sale is refused",
	    amount, points, plural(gives));
}

static void say_offline(struct page *page, const struct programme *programme)
{
	uint64_t limit = programme->offline_redeem_points_max;
	char points[FORMAT_SIZE];

	format_count((int64_t)limit, points);
	if (limit == 0)
		page_say(
		    page, "While the server is away a till gives no reward.");
	else
		page_say(page,
		    "While the server is away a till gives a member rewards "
		    "of up to %s point%s.",
		    points, plural(limit));
}

/* What a member must spend for so many points; 0 where it is past counting. */
static uint64_t amount_for(const struct programme *programme, uint64_t points)
{
	uint64_t steps = (points - 1) / programme->earn_points + 1;
	uint64_t amount_minor;

	if (__builtin_mul_overflow(
		steps, programme->earn_amount_minor, &amount_minor))
		return 0;
	return amount_minor;
}

static void put_rewards(struct page *page, const struct programme *programme)
{
	static const struct column columns[] = {{"id", "Id", false},
	    {"name", "Name", false}, {"points", "Points", true},
	    {"spend", "After sales of", true}};

	page_say(page, "%s", "");
	page_table(page, "rewards", columns, 4);
	for (size_t i = 0; i < programme->reward_count; i++) {
		const struct programme_reward *reward = &programme->rewards[i];

		page_cell_text(page, reward->id);
		page_cell_text(page, reward->name);
		page_cell_count(page, (int64_t)reward->points);
		page_cell_amount(page, amount_for(programme, reward->points));
	}
	page_table_end(page, "There is no reward.");
}

static void put_programme(struct page *page, const struct programme *programme)
{
	page_text(page, "name", NULL, programme->name);
	page_text(page, "currency", NULL, programme->currency);
	page_count(page, "earn_points", NULL, (int64_t)programme->earn_points);
	page_count(
	    page, "earn_amount", NULL, (int64_t)programme->earn_amount_minor);
	page_count(page, "sale_amount_max", NULL,
	    (int64_t)programme->sale_amount_minor_max);
	page_count(page, "offline_redeem_points_max", NULL,
	    (int64_t)programme->offline_redeem_points_max);
	page_say(
	    page, "%s, amounts in %s.", programme->name, programme->currency);
	say_earning(page, programme);
	say_offline(page, programme);
	put_rewards(page, programme);
}

/* --- what is allowed, and hardly meant -------------------------------------
 */

static const struct programme_reward *dearest(const struct programme *programme)
{
	const struct programme_reward *found = &programme->rewards[0];

	for (size_t i = 1; i < programme->reward_count; i++)
		if (programme->rewards[i].points > found->points)
			found = &programme->rewards[i];
	return found;
}

static void warn_of_offline(
    const struct checking *checking, const struct programme *programme)
{
	const struct programme_reward *reward = dearest(programme);
	char limit[FORMAT_SIZE];
	char price[FORMAT_SIZE];

	if (programme->offline_redeem_points_max <= reward->points)
		return;
	format_count((int64_t)programme->offline_redeem_points_max, limit);
	format_count((int64_t)reward->points, price);
	page_warning(checking->page, checking->file,
	    "offline_redeem_points_max is %s, more than the dearest reward "
	    "costs (%s, %s points): while the server is away a member may get "
	    "several",
	    limit, reward->name, price);
}

static void warn(const struct checking *checking)
{
	const struct programme *programme = checking->programme;

	if (programme_earn_points(
		programme, programme->sale_amount_minor_max) == 0)
		page_warning(checking->page, checking->file,
		    "no sale gives a point: sale_amount_max is less than "
		    "earn_amount");
	if (programme->reward_count == 0) {
		page_warning(checking->page, checking->file,
		    "there is no reward: points buy nothing");
		return;
	}
	warn_of_offline(checking, programme);
}

int run_programme_check(const struct asked *asked, struct page *page)
{
	struct checking checking = {
	    .page = page, .file = asked->positionals[0]};
	int code = check_file(&checking);

	if (code == EXIT_FINE) {
		put_programme(page, checking.programme);
		warn(&checking);
	}
	finish_check(&checking);
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

static int put_checked(const struct asked *asked, struct checking *checking)
{
	struct page *page = checking->page;
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	code =
	    ask_to_put(asked, page, call, buffer_view(&checking->text), &reply);
	if (code == EXIT_FINE) {
		warn(checking);
		page_count(page, "entry", NULL, (int64_t)reply.body.done.entry);
		page_say(page, "In force from entry %" PRIu64 " on.",
		    reply.body.done.entry);
	}
	return verb_close(page, call, code);
}

int run_programme_put(const struct asked *asked, struct page *page)
{
	struct checking checking = {
	    .page = page, .file = asked->positionals[0]};
	int code = check_file(&checking);

	if (code == EXIT_FINE)
		code = put_checked(asked, &checking);
	else if (code == EXIT_REFUSED)
		page_say(page, "Nothing was changed.");
	finish_check(&checking);
	return code;
}
