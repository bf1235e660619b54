/*
 * explain: why one entry of a ledger says what it says.
 *
 * The book is built from the entries before it, so that what is said of
 * conditions, caps and lots is what was true then.
 */
#ifndef SERVER_TALLY_EXPLAIN_H
#define SERVER_TALLY_EXPLAIN_H

#include "common/law/earn.h"
#include "common/law/law.h"
#include "server/tally/phrase.h"
#include "server/tally/progress.h"
#include "server/tally/print.h"

struct explained {
	struct page *page;
	struct book *book; /* as it was before the entry */
	struct buffer record;
	struct entry entry;
	bool has_related;
	struct buffer related_record;
	struct entry related; /* what the entry names */
	/* The version that judged it, and its text; NULL where none did. */
	const struct programme *programme;
	struct bytes text;
	uint64_t programme_ms; /* when it came into force */
	int32_t day;	       /* of the entry, in that programme's time zone */
};

/* Where the entries come from. */
struct explain_source {
	const char *shop;     /* a folder … */
	const char *identity; /* … or, where this is not NULL, a server */
	const char *address;
	struct progress *progress;
};

/*
 * Build the book up to the entry number `sequence`, and read it and what it
 * names. RESULT_NOT_FOUND where there is no such entry; RESULT_CORRUPT where
 * the way to it cannot be followed. explain_finish() in any case.
 */
enum result explain_load(struct explained *explained,
    const struct explain_source *source, uint64_t sequence, struct error *err);
void explain_finish(struct explained *explained);

/* All that there is to say, onto the page. */
enum result explain(struct explained *explained, struct error *err);

/* --- for the files that explain one kind or another ----------------------- */

/* A sentence, to people and to programs ("say"). */
__attribute__((format(printf, 2, 3))) void explain_say(
    struct explained *explained, const char *format, ...);
/* The rules that gave or did not; sums, draws. */
enum result explain_earn(struct explained *explained, struct error *err);
/* What comes back, or is undone. */
void explain_back(struct explained *explained);
/* Everything else. */
void explain_kind(struct explained *explained);

/* "12,345", "1 point" and "12.50": each use has its own place, eight at once.
 */
const char *explain_count(int64_t count);
const char *explain_points(uint64_t points);
const char *explain_amount(int64_t amount_minor);
/* "2026-02-28". */
const char *explain_day(int32_t day);
/* The tier's name, or "no tier". */
const char *explain_tier(const struct programme *programme, uint8_t level);

#endif
