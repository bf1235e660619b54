/*
 * verbs_night: what is asked for again and again until it is done: the night's
 * work, and cards with their balances out of a file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/file.h"
#include "server/shop.h"
#include "server/tally/file_map.h"
#include "server/tally/format.h"
#include "server/tally/progress.h"
#include "server/tally/verbs.h"

/* --- the night ------------------------------------------------------------ */

struct night_sum {
	uint64_t expired;
	uint64_t expired_points;
	uint64_t tiers;
	uint64_t notices;
	uint64_t bonuses;
	uint64_t bonus_points;
};

static void add_night(struct night_sum *sum, const tally_NightReply *night)
{
	sum->expired += night->expired;
	sum->expired_points += night->expired_points;
	sum->tiers += night->tiers;
	sum->notices += night->notices;
	sum->bonuses += night->bonuses;
	sum->bonus_points += night->bonus_points;
}

static uint64_t entries_of(const struct night_sum *sum)
{
	return sum->expired + sum->tiers + sum->notices + sum->bonuses;
}

static void put_night(struct page *page, const struct night_sum *sum)
{
	page_count(page, "expired_points", "Points lapsed",
	    (int64_t)sum->expired_points);
	page_count(page, "expired", "  of members", (int64_t)sum->expired);
	page_count(page, "tiers", "Tiers moved", (int64_t)sum->tiers);
	page_count(page, "notices", "Notices", (int64_t)sum->notices);
	page_count(
	    page, "bonus_points", "Bonus points", (int64_t)sum->bonus_points);
	page_count(page, "bonuses", "  to members", (int64_t)sum->bonuses);
	if (entries_of(sum) == 0)
		page_say(page, "Nothing was due.");
}

int run_night(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_night_tag};
	struct night_sum sum = {0};
	struct progress progress;
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	progress_init(&progress, "entries");
	do {
		code = verb_ask(
		    page, call, &request, tally_Reply_night_tag, &reply);
		if (code != EXIT_FINE)
			break;
		add_night(&sum, &reply.body.night);
		progress_draw(&progress, entries_of(&sum), 0);
	} while (reply.body.night.more);
	progress_clear(&progress);
	if (code == EXIT_FINE)
		put_night(page, &sum);
	return verb_close(page, call, code);
}

/* --- opening balances ----------------------------------------------------- */

struct importing {
	struct page *page;
	const char *file;
	struct call *call;
	tally_Request request;
	uint64_t faults;
	uint64_t cards;
	uint64_t points;
};

static enum result hash_file(
    struct bytes bytes, tally_Import *ret_import, struct error *err)
{
	struct hasher *hasher;
	struct hash hash;
	enum result result = hasher_create(&hasher, err);

	if (result != RESULT_OK)
		return result;
	hash = hash_plain(hasher, bytes);
	hasher_destroy(hasher);
	ret_import->hash.size = HASH_SIZE;
	memcpy(ret_import->hash.bytes, hash.bytes, HASH_SIZE);
	return RESULT_OK;
}

/* Where the server looks for it, and where nobody but the owner can write. */
static enum result leave_file(const struct asked *asked,
    struct importing *importing, char ret_path[SHOP_PATH_SIZE_MAX],
    struct error *err)
{
	struct file_map map;
	enum result result = file_map_open(importing->file, &map, err);

	if (result != RESULT_OK)
		return result;
	result =
	    hash_file(map.bytes, &importing->request.body.import_cards, err);
	if (result == RESULT_OK)
		result =
		    shop_file(verb_shop(asked), SHOP_IMPORT_NEW, ret_path, err);
	if (result == RESULT_OK)
		result = file_replace(ret_path, map.bytes, true, err);
	if (result == RESULT_OK)
		result = file_sync_folder(verb_shop(asked), err);
	file_map_close(&map);
	return result;
}

/* Look at the whole file, and again from after each fault. */
static int find_faults(struct importing *importing)
{
	tally_Import *import = &importing->request.body.import_cards;
	tally_Reply reply;

	import->dry_run = true;
	import->line = 1;
	for (;;) {
		const tally_ImportReply *found = &reply.body.import_cards;
		int code = verb_ask(importing->page, importing->call,
		    &importing->request, tally_Reply_import_cards_tag, &reply);

		if (code != EXIT_FINE)
			return code;
		importing->cards = found->cards;
		importing->points = found->points;
		if (found->fault[0] == '\0' && found->fault_line == 0)
			return EXIT_FINE;
		if (importing->faults++ < FAULTS_SHOWN_MAX)
			page_text_fault(importing->page, importing->file,
			    found->fault_line, 0, found->fault);
		if (importing->faults > FAULTS_SHOWN_MAX ||
		    found->fault_line < import->line)
			return EXIT_FINE;
		import->line = found->fault_line + 1;
	}
}

static int put_faults(struct importing *importing)
{
	bool is_all = importing->faults <= FAULTS_SHOWN_MAX;
	struct page *page = importing->page;
	char say[2 * FORMAT_SIZE];

	(void)snprintf(say, sizeof(say),
	    "%s%" PRIu64 " fault%s; nothing was written.",
	    is_all ? "" : "More than ",
	    is_all ? importing->faults : FAULTS_SHOWN_MAX,
	    importing->faults == 1 ? "" : "s");
	page_say(page, "%s", say);
	page_count(page, "fault_count", NULL, (int64_t)importing->faults);
	page_flag(page, "ok", NULL, false);
	page_text(page, "why", NULL, "faults");
	page_text(page, "say", NULL, say);
	return EXIT_REFUSED;
}

/* All of them with one request. */
static int write_all(struct importing *importing)
{
	tally_Import *import = &importing->request.body.import_cards;
	tally_Reply reply;
	int code;

	import->dry_run = false;
	import->line = 1;
	code = verb_ask(importing->page, importing->call, &importing->request,
	    tally_Reply_import_cards_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	importing->cards = reply.body.import_cards.cards;
	importing->points = reply.body.import_cards.points;
	return EXIT_FINE;
}

static void put_import(struct importing *importing, bool dry_run)
{
	char cards[FORMAT_SIZE];
	char points[FORMAT_SIZE];

	format_count((int64_t)importing->cards, cards);
	format_count((int64_t)importing->points, points);
	page_count(importing->page, "cards", NULL, (int64_t)importing->cards);
	page_count(importing->page, "points", NULL, (int64_t)importing->points);
	page_flag(importing->page, "dry_run", NULL, dry_run);
	if (dry_run)
		page_say(importing->page,
		    "%s cards with %s points would be enrolled. Nothing was "
		    "written.",
		    cards, points);
	else if (importing->cards == 0)
		page_say(importing->page,
		    "Nothing was written: these cards are enrolled already.");
	else
		page_say(importing->page,
		    "%s cards with %s points are enrolled.", cards, points);
}

static int import(const struct asked *asked, struct importing *importing)
{
	bool dry_run = asked_option(asked, "--dry-run") != NULL;
	char path[SHOP_PATH_SIZE_MAX];
	struct error error;
	int code;

	if (leave_file(asked, importing, path, &error) != RESULT_OK)
		return page_fail(importing->page, result_name(error.result),
		    "%s", error.text);
	code = find_faults(importing);
	if (code == EXIT_FINE && importing->faults != 0)
		code = put_faults(importing);
	else if (code == EXIT_FINE && !dry_run)
		code = write_all(importing);
	(void)unlink(path);
	if (code == EXIT_FINE)
		put_import(importing, dry_run);
	return code;
}

int run_import(const struct asked *asked, struct page *page)
{
	struct importing importing = {.page = page,
	    .file = asked->positionals[0],
	    .request = {.which_body = tally_Request_import_cards_tag}};
	int code = verb_open(asked, page, &importing.call);

	if (code != EXIT_FINE)
		return code;
	code = import(asked, &importing);
	return verb_close(page, importing.call, code);
}
