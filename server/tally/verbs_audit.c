/*
 * verbs_audit: the audit, of a folder or over the network, and how an auditor
 * is enrolled.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "proto/file.h"
#include "proto/identity.h"
#include "server/audit.h"
#include "server/shop.h"
#include "server/tally/call.h"
#include "server/tally/format.h"
#include "server/tally/progress.h"
#include "server/tally/remote.h"
#include "server/tally/verbs.h"

/* --- progress and faults as they come ------------------------------------- */

struct showing {
	struct page *page;
	struct progress progress;
	uint64_t faults_shown;
};

static void draw_bar(void *context, uint64_t done, uint64_t total)
{
	struct showing *showing = context;

	progress_draw(&showing->progress, done, total);
}

static void show_fault(void *context, enum audit_fault_kind kind,
    uint64_t sequence, const char *text)
{
	struct showing *showing = context;

	progress_clear(&showing->progress);
	showing->faults_shown++;
	/* The store names itself, and so does the fault. */
	if (kind == FAULT_STORE && strncmp(text, "store: ", 7) == 0)
		text += 7;
	page_fault(showing->page, sequence, audit_fault_name(kind), text);
}

/* --- the answer ----------------------------------------------------------- */

static void put_points(struct page *page, const struct audit_summary *summary)
{
	const struct book_totals *totals = &summary->totals;

	if (!summary->totals_are_known)
		return;
	page_count(page, "members", "Members", (int64_t)summary->members);
	page_count(page, "issued", "Points issued", -totals->issued_points);
	page_count(page, "goodwill", "  goodwill", -totals->goodwill_points);
	page_count(page, "redeemed", "  redeemed", totals->redeemed_points);
	page_count(page, "expired", "  expired", totals->expired_points);
	page_count(
	    page, "outstanding", "  outstanding", totals->members_points);
}

static void put_tables(struct page *page, const struct audit_summary *summary)
{
	char balances[FORMAT_SIZE];
	char tiles[FORMAT_SIZE];
	char cards[FORMAT_SIZE];

	page_count(page, "balances_compared", NULL, (int64_t)summary->objects);
	page_count(page, "tiles_compared", NULL, (int64_t)summary->tiles);
	page_count(page, "cards_compared", NULL, (int64_t)summary->cards);
	page_count(page, "cards_erased",
	    summary->cards_erased == 0 ? NULL : "Cards erased",
	    (int64_t)summary->cards_erased);
	page_count(page, "details_compared",
	    summary->details == 0 ? NULL : "Details",
	    (int64_t)summary->details);
	format_count((int64_t)summary->objects, balances);
	format_count((int64_t)summary->tiles, tiles);
	format_count((int64_t)summary->cards, cards);
	page_say(page,
	    "%-14s  %s balances, %s tiles and %s cards in the tables agree",
	    "Compared", balances, tiles, cards);
}

static void put_anchors(
    struct page *page, const struct audit_summary *summary, bool has_outside)
{
	page_count(
	    page, "checkpoints", "Checkpoints", (int64_t)summary->checkpoints);
	page_count(page, "anchors", NULL, (int64_t)summary->anchors);
	page_count(page, "signed_to", NULL, (int64_t)summary->signed_to);
	if (summary->signed_to < summary->entries)
		page_say(page,
		    "%-14s  entry %" PRIu64 "; no signature stands for those "
		    "after it",
		    "Signed to", summary->signed_to);
	page_flag(page, "anchored", NULL, summary->anchors != 0);
	if (summary->anchors != 0)
		page_say(page, "Anchored: %" PRIu64 " from outside %s.",
		    summary->anchors, summary->anchors == 1 ? "holds" : "hold");
	else if (has_outside)
		page_say(page, "Unanchored: no checkpoint from outside holds.");
	else
		page_wrapped(page, 0,
		    "Unanchored: no checkpoint from outside was given; keep "
		    "one with `tally checkpoint` and give it with "
		    "--checkpoint FILE.");
}

static void put_rate(
    struct page *page, const struct audit_summary *summary, uint64_t took_us)
{
	uint64_t rate =
	    took_us == 0
		? 0
		: (uint64_t)((double)summary->entries * 1e6 / (double)took_us);
	char text[FORMAT_SIZE];

	format_count((int64_t)rate, text);
	page_count(page, "took_ms", NULL, (int64_t)(took_us / 1000));
	page_count(page, "entries_s", NULL, (int64_t)rate);
	page_say(page, "%-14s  %s entries/s", "Rate", text);
}

static int put_verdict(struct page *page, const struct audit_summary *summary,
    const struct showing *showing)
{
	char say[FORMAT_SIZE];

	page_count(page, "fault_count", NULL, (int64_t)summary->faults);
	page_flag(page, "holds", NULL, summary->faults == 0);
	if (summary->faults == 0) {
		page_say(page, "The ledger holds.");
		return EXIT_FINE;
	}
	if (summary->faults > showing->faults_shown)
		page_say(page, "%" PRIu64 " more are not shown.",
		    summary->faults - showing->faults_shown);
	snprintf(say, sizeof(say), "%" PRIu64 " fault%s.", summary->faults,
	    summary->faults == 1 ? "" : "s");
	page_say(page, "%s", say);
	page_flag(page, "ok", NULL, false);
	page_text(page, "why", NULL, "faults");
	page_text(page, "say", NULL, say);
	return EXIT_REFUSED;
}

static int put_summary(const struct asked *asked, struct showing *showing,
    const struct audit_summary *summary, uint64_t took_us)
{
	struct page *page = showing->page;
	bool is_folder = asked_option(asked, "--identity") == NULL;
	bool has_law = asked_option(asked, "--hashes-only") == NULL;

	if (summary->entries == 0)
		return put_verdict(page, summary, showing);
	if (summary->faults != 0)
		page_say(page, "%s", "");
	page_count(page, "entries", "Entries", (int64_t)summary->entries);
	if (has_law && !summary->totals_are_known)
		page_count(page, "rules_hold_to", "Rules hold to",
		    (int64_t)summary->lawful_to);
	put_points(page, summary);
	if (is_folder)
		put_tables(page, summary);
	page_count(page, "draws", summary->draws == 0 ? NULL : "Draws",
	    (int64_t)summary->draws);
	if (summary->root_is_known)
		page_hash(page, "root", "Root", hash_view(&summary->root));
	put_rate(page, summary, took_us);
	put_anchors(page, summary, asked_option(asked, "--checkpoint") != NULL);
	if (!has_law)
		page_say(page, "Rules and balances were not looked at.");
	page_flag(page, "rules_checked", NULL, has_law);
	return put_verdict(page, summary, showing);
}

/* --- running it ----------------------------------------------------------- */

static enum result hold_file(
    struct audit *audit, const char *path, struct error *err)
{
	struct buffer note = {0};
	enum result result = file_read(path, &note, err);

	if (result == RESULT_OK) {
		result = audit_checkpoint(audit, buffer_view(&note), true, err);
		if (result != RESULT_OK)
			(void)error_prefix(err, "%s is no checkpoint", path);
	}
	buffer_finish(&note);
	return result;
}

static enum result hold_files(
    const struct asked *asked, struct audit *audit, struct error *err)
{
	enum result result = RESULT_OK;
	size_t i;

	for (i = 0; result == RESULT_OK && i < asked->option_count; i++)
		if (strcmp(asked->options[i].name, "--checkpoint") == 0)
			result = hold_file(audit, asked->options[i].value, err);
	return result;
}

/* A database that cannot even be opened is the fault that was looked for. */
static enum result open_store(const char *shop, struct showing *showing,
    struct store **ret_store, struct error *err)
{
	enum result result = call_open_ledger(shop, ret_store, err);

	if (result == RESULT_CORRUPT)
		show_fault(showing, FAULT_STORE, 0, err->text);
	return result;
}

static enum result audit_folder(const struct asked *asked, struct audit *audit,
    struct showing *showing, struct audit_summary *ret_summary,
    struct error *err)
{
	struct store *store = NULL;
	enum result result = open_store(verb_shop(asked), showing, &store, err);

	if (result == RESULT_CORRUPT) {
		*ret_summary = (struct audit_summary){.faults = 1};
		return RESULT_OK;
	}
	if (result != RESULT_OK)
		return result;
	result = audit_store(audit, store, draw_bar, showing, ret_summary, err);
	store_close(store);
	return result;
}

static enum result audit_asked(const struct asked *asked,
    struct showing *showing, struct audit_summary *ret_summary,
    struct error *err)
{
	struct audit_options options = {
	    .law = asked_option(asked, "--hashes-only") == NULL,
	    .fault = show_fault,
	    .context = showing};
	const char *identity = asked_option(asked, "--identity");
	struct audit *audit;
	enum result result = audit_create(&options, &audit, err);

	if (result != RESULT_OK)
		return result;
	result = hold_files(asked, audit, err);
	if (result == RESULT_OK && identity != NULL)
		result = remote_audit(audit, identity,
		    asked_option(asked, "--server"), draw_bar, showing,
		    ret_summary, err);
	else if (result == RESULT_OK)
		result = audit_folder(asked, audit, showing, ret_summary, err);
	audit_destroy(audit);
	return result;
}

int run_audit(const struct asked *asked, struct page *page)
{
	struct showing showing = {.page = page};
	uint64_t start_us = clock_monotonic_us();
	struct audit_summary summary;
	struct error error;
	enum result result;

	if (asked_option(asked, "--server") != NULL &&
	    asked_option(asked, "--identity") == NULL)
		return page_fail(page, "usage",
		    "--server wants --identity DIR too, the folder that `tally "
		    "enrol` made (see: tally help audit)");
	progress_init(&showing.progress, "entries");
	result = audit_asked(asked, &showing, &summary, &error);
	progress_clear(&showing.progress);
	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	return put_summary(
	    asked, &showing, &summary, clock_monotonic_us() - start_us);
}

/* --- enrolling ------------------------------------------------------------ */

int run_enrol(const struct asked *asked, struct page *page)
{
	const char *folder = asked->positionals[0];
	const char *server = asked_option(asked, "--server");
	const char *token = asked_option(asked, "--token");
	struct error error;
	uint32_t number;

	if (server == NULL || token == NULL)
		return page_fail(page, "usage",
		    "enrol wants --server HOST:PORT and --token TOKEN (see: "
		    "tally help enrol)");
	switch (identity_enrol(folder, server, token, &number, &error)) {
	case RESULT_OK:
		break;
	case RESULT_DENIED:
		(void)page_fail(page, "denied", "%s", error.text);
		return EXIT_REFUSED;
	default:
		return page_fail(
		    page, result_name(error.result), "%s", error.text);
	}
	page_count(page, "number", NULL, number);
	page_text(page, "folder", NULL, folder);
	page_say(page, "Enrolled as terminal %" PRIu32 " in %s. Next:", number,
	    folder);
	page_say(page, "    tally audit --identity %s", folder);
	return EXIT_FINE;
}
