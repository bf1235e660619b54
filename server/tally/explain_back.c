/*
 * explain_back: owns how what comes back was reckoned.
 */
#include <inttypes.h>

#include "server/tally/explain.h"

/* A sale that comes back, with what had come before and what has with this. */
struct coming {
	const struct book_returned *before; /* NULL: nothing */
	struct book_returned_line lines[LINES_MAX];
	struct earn_back after;
	uint64_t back_minor; /* in all, with this */
};

static const struct book_returned *find_before(
    const struct explained *explained)
{
	const struct entry *of = &explained->related;
	uint64_t account =
	    of->kind == ENTRY_REDEEM ? of->from_account : of->to_account;
	const struct book_member *member =
	    book_member(explained->book, account);

	return member == NULL ? NULL : book_returned(member, of->sequence);
}

/* Both lists ascend, and so does what comes of them. */
static void merge_lines(struct coming *coming, struct bytes backs)
{
	const struct book_returned *before = coming->before;
	uint32_t before_count = before == NULL ? 0 : before->line_count;
	struct reader reader = reader_of(backs);
	struct back now;
	bool more = back_read(&reader, &now);
	uint32_t at = 0;

	while ((at < before_count || more) &&
	       coming->after.line_count < LINES_MAX) {
		struct book_returned_line *line =
		    &coming->lines[coming->after.line_count++];

		*line = (struct book_returned_line){.line = UINT16_MAX};
		if (at < before_count &&
		    (!more || before->lines[at].line <= now.line))
			*line = before->lines[at++];
		if (more &&
		    (line->line == UINT16_MAX || line->line == now.line)) {
			line->line = now.line;
			line->quantity += now.quantity;
			line->amount_minor += now.amount_minor;
			more = back_read(&reader, &now);
		}
	}
}

static void reckon(const struct explained *explained, struct coming *coming)
{
	const struct entry *entry = &explained->entry;
	const struct book_returned *before = find_before(explained);

	*coming = (struct coming){.before = before};
	coming->back_minor = entry->amount_minor;
	if (entry->backs.size == 0)
		coming->after.amount_minor = entry->amount_minor;
	if (before != NULL) {
		coming->back_minor += before->amount_minor;
		coming->after.amount_minor += before->by_amount_minor;
	}
	merge_lines(coming, entry->backs);
	coming->after.lines = coming->lines;
}

/* --- a sale --------------------------------------------------------------- */

static void put_claw_back(struct explained *explained, uint64_t taken,
    uint64_t kept, uint64_t kept_minor)
{
	struct page *page = explained->page;

	page_count(page, "earned", "It had earned",
	    (int64_t)explained->related.points);
	page_count(page, "taken_before", "  taken before", (int64_t)taken);
	page_amount(page, "kept_amount", "What is kept", (int64_t)kept_minor);
	page_count(page, "kept_points", "  still earns", (int64_t)kept);
	page_count(
	    page, "taken", "Taken now", (int64_t)explained->entry.points);
}

static void explain_sale_back(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const struct entry *of = &explained->related;
	const struct book_programme *version =
	    book_programme_at(explained->book, of->programme_sequence);
	uint64_t taken;
	uint64_t kept;
	uint64_t due;
	struct coming coming;

	if (version == NULL)
		return;
	reckon(explained, &coming);
	taken = coming.before == NULL ? 0 : coming.before->points;
	kept = earn_kept_points(version->programme, of, &coming.after);
	due = of->points < taken + kept ? 0 : of->points - taken - kept;
	explain_say(explained,
	    "Goods for %s of the sale of %s (entry %" PRIu64
	    ") came back. What is kept earns by the rules of the sale (entry "
	    "%" PRIu64 "), and the rest is taken back.",
	    explain_amount((int64_t)entry->amount_minor),
	    explain_amount((int64_t)of->amount_minor), of->sequence,
	    of->programme_sequence);
	put_claw_back(
	    explained, taken, kept, of->amount_minor - coming.back_minor);
	if (entry->points < due)
		explain_say(explained,
		    "%s were due; the member had no more, and the programme "
		    "has no debt.",
		    explain_count((int64_t)due));
}

/* --- a redemption --------------------------------------------------------- */

static void explain_redeem_back(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const struct entry *of = &explained->related;
	const struct book_returned *before = find_before(explained);

	explain_say(explained,
	    "%s of the %s of a redemption (entry %" PRIu64
	    ") go back to the lots that they came from, with their last day; "
	    "what has lapsed comes back lapsed.",
	    explain_count((int64_t)entry->points), explain_points(of->points),
	    of->sequence);
	if (before != NULL && before->points != 0)
		explain_say(explained, "%s had gone back before.",
		    explain_count((int64_t)before->points));
	if (entry->facts & FACT_WHOLE)
		explain_say(explained,
		    "Nothing is left of it: the reward can be had again.");
}

/* --- an operation as a whole ---------------------------------------------- */

static void explain_tombstone(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	explain_say(explained,
	    "The operation %" PRIu64
	    " of till %u was undone before it had arrived. If it still comes, "
	    "it is refused.",
	    entry->voided_counter, entry->terminal);
}

static void explain_void(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const struct entry *of = &explained->related;

	if (!explained->has_related) {
		explain_tombstone(explained);
		return;
	}
	explain_say(explained,
	    "The operation %" PRIu64 " of till %u (entry %" PRIu64
	    ", %s) is undone as a whole.",
	    entry->voided_counter, entry->terminal, of->sequence,
	    entry_kind_name(of->kind));
	if (of->kind == ENTRY_EARN)
		explain_say(explained,
		    "It had given %s, and %s of them are taken back.",
		    explain_points(of->points),
		    explain_count((int64_t)entry->points));
	else if (of->kind == ENTRY_HOLD)
		explain_say(explained, "The %s are free again.",
		    explain_points(of->held_points));
	else if (of->kind == ENTRY_SALE)
		explain_say(explained, "It can no longer be claimed.");
	else if (entry->points != 0)
		explain_say(explained, "Its %s go back.",
		    explain_points(entry->points));
}

void explain_back(struct explained *explained)
{
	if (explained->entry.kind == ENTRY_VOID)
		explain_void(explained);
	else if (explained->has_related &&
		 explained->related.kind == ENTRY_EARN)
		explain_sale_back(explained);
	else if (explained->has_related)
		explain_redeem_back(explained);
}
