/*
 * book_apply_back: owns how what comes back changes the book: returns, and
 * voids of whole operations.
 */
#include "common/law/book_change.h"

#include <stdlib.h>
#include <string.h>

/* --- the record of what came back ----------------------------------------- */

/* Open a place for a sale of which something comes back the first time. */
static struct book_returned *add_returned(
    struct book_extra *extra, size_t place, uint64_t sale_sequence)
{
	uint32_t count = extra->returned_count;
	struct book_returned *returned =
	    reallocarray(extra->returned, (size_t)count + 1, sizeof(*returned));

	if (returned == NULL)
		return NULL;
	extra->returned = returned;
	memmove(&returned[place + 1], &returned[place],
	    (count - place) * sizeof(*returned));
	returned[place] =
	    (struct book_returned){.sale_sequence = sale_sequence};
	extra->returned_count++;
	return &returned[place];
}

static struct book_returned *find_returned(
    struct book_member *member, uint64_t sale_sequence)
{
	size_t place = book_returned_place(member, sale_sequence);
	struct book_extra *extra = book_add_extra(member);

	if (extra == NULL)
		return NULL;
	if (place < extra->returned_count &&
	    extra->returned[place].sale_sequence == sale_sequence)
		return &extra->returned[place];
	return add_returned(extra, place, sale_sequence);
}

static struct book_returned_line *add_line(
    struct book_returned *returned, uint32_t place, uint16_t line)
{
	uint32_t count = returned->line_count;
	struct book_returned_line *lines =
	    reallocarray(returned->lines, (size_t)count + 1, sizeof(*lines));

	if (lines == NULL)
		return NULL;
	returned->lines = lines;
	memmove(
	    &lines[place + 1], &lines[place], (count - place) * sizeof(*lines));
	lines[place] = (struct book_returned_line){.line = line};
	returned->line_count++;
	return &lines[place];
}

static enum result note_line(struct change *change,
    struct book_returned *returned, const struct back *back)
{
	struct book_returned_line *line;
	uint32_t place = 0;

	while (place < returned->line_count &&
	       returned->lines[place].line < back->line)
		place++;
	line = place < returned->line_count &&
		       returned->lines[place].line == back->line
		   ? &returned->lines[place]
		   : add_line(returned, place, back->line);
	if (line == NULL)
		return error_no_memory(change->err);
	if (__builtin_add_overflow(
		line->quantity, back->quantity, &line->quantity) ||
	    __builtin_add_overflow(
		line->amount_minor, back->amount_minor, &line->amount_minor))
		return change_refuse(change, "what came back would overflow");
	return RESULT_OK;
}

/* What comes back line by line, and the rest of the amount beside. */
static enum result note_lines(
    struct change *change, struct book_returned *returned)
{
	const struct entry *entry = change->entry;
	struct reader reader = reader_of(entry->backs);
	struct back back;
	__int128 rest_minor = entry->amount_minor;

	while (change_has(change, TAG_BACKS) && back_read(&reader, &back)) {
		enum result result = note_line(change, returned, &back);

		if (result != RESULT_OK)
			return result;
		rest_minor -= back.amount_minor;
	}
	if (rest_minor < 0)
		return change_refuse(
		    change, "its lines are more than its amount");
	if (rest_minor > UINT64_MAX - returned->by_amount_minor)
		return change_refuse(change, "what came back would overflow");
	returned->by_amount_minor += (uint64_t)rest_minor;
	return RESULT_OK;
}

static enum result note_returned(
    struct change *change, struct book_member *member, bool is_void)
{
	const struct entry *entry = change->entry;
	struct book_returned *returned =
	    find_returned(member, entry->related_sequence);

	if (returned == NULL)
		return error_no_memory(change->err);
	if (returned->is_void)
		return change_refuse(change, "%llu is undone already",
		    (unsigned long long)entry->related_sequence);
	if (__builtin_add_overflow(returned->amount_minor, entry->amount_minor,
		&returned->amount_minor) ||
	    __builtin_add_overflow(
		returned->points, entry->points, &returned->points))
		return change_refuse(change, "what came back would overflow");
	returned->is_void = is_void;
	return note_lines(change, returned);
}

/* --- of a sale, of a redemption ------------------------------------------- */

/* A bonus that a sale made due is not due where nothing of it is left. */
static void drop_referral(struct book_member *member, uint64_t sale_sequence)
{
	if (member->extra == NULL || sale_sequence == 0 ||
	    member->extra->referral_sale != sale_sequence)
		return;
	member->extra->referral_sale = 0;
	member->extra->referral_day = 0;
}

static bool is_whole(const struct change *change)
{
	return change->entry->kind == ENTRY_VOID ||
	       (change->entry->facts & FACT_WHOLE) != 0;
}

/* Without the sale's time nobody knows in which periods it was counted. */
static enum result uncount_sale(
    struct change *change, struct book_member *member, bool is_void)
{
	bool knows_when = change_has(change, TAG_SOLD);
	struct book_member *counted = knows_when ? member : NULL;
	enum result result =
	    change_count_parts(change, counted, COUNT_LESS, is_void);

	if (result == RESULT_OK)
		result = change_count_all(change, counted, COUNT_LESS, is_void);
	if (result == RESULT_OK)
		result = change_tier(change);
	if (result != RESULT_OK || !change_is_member_open(change, member))
		return result;
	if (knows_when &&
	    book_qualifies_alike(change->rules, change->programme))
		book_qualify_less(
		    member, change->programme, change->day, change->entry);
	if (is_whole(change))
		drop_referral(member, change->entry->related_sequence);
	return RESULT_OK;
}

static enum result unmake_sale(struct change *change, bool is_void)
{
	struct book_member *member = change->whose;
	enum result result = RESULT_OK;

	if (change_is_member_open(change, member))
		result = note_returned(change, member, is_void);
	if (result == RESULT_OK)
		result = uncount_sale(change, member, is_void);
	if (result == RESULT_OK)
		result = change_move(change);
	return result;
}

static enum result unmake_redemption(struct change *change, bool is_void)
{
	struct book_member *member = change->whose;
	enum result result = RESULT_OK;

	if (change_is_member_open(change, member))
		result = note_returned(change, member, is_void);
	if (result == RESULT_OK && (change->entry->facts & FACT_WHOLE) != 0)
		result = change_count_reward(change,
		    change_has(change, TAG_SOLD) ? member : NULL, COUNT_LESS);
	if (result == RESULT_OK)
		result = change_move(change);
	return result;
}

static enum result want_related(struct change *change)
{
	uint64_t related = change->entry->related_sequence;

	if (related != 0 && related < change->entry->sequence)
		return RESULT_OK;
	return change_refuse(
	    change, "%llu is no earlier entry", (unsigned long long)related);
}

enum result change_return(struct change *change)
{
	enum result result = change_want_programme(change);

	if (result == RESULT_OK)
		result = want_related(change);
	if (result != RESULT_OK)
		return result;
	if (change_is_between(change, ACCOUNT_REDEEMED, SIDE_MEMBER))
		return unmake_redemption(change, false);
	result = change_want_sides(change, SIDE_MEMBER, ACCOUNT_ISSUED);
	if (result == RESULT_OK)
		result = unmake_sale(change, false);
	return result;
}

/* --- voids ---------------------------------------------------------------- */

/* An operation of this terminal that has not come, and is not to be done when
 * it does. */
static enum result bury(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_terminal *terminal =
	    book_find_terminal(change->book, entry->terminal);
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, ACCOUNT_NONE);

	if (result != RESULT_OK)
		return result;
	if (terminal == NULL)
		return change_refuse(
		    change, "there is no terminal %u", entry->terminal);
	if (entry->voided_counter < 1 || entry->voided_counter > COUNTER_MAX)
		return change_refuse(change, "the counter %llu is out of range",
		    (unsigned long long)entry->voided_counter);
	if (!change_is_open(change, terminal->true_at))
		return RESULT_OK;
	if (book_terminal_has_tombstone(terminal, entry->voided_counter))
		return change_refuse(change, "%llu is undone already",
		    (unsigned long long)entry->voided_counter);
	if (terminal->tombstone_count >= TOMBSTONES_MAX)
		return change_refuse(change,
		    "a terminal has %u operations undone before they came",
		    TOMBSTONES_MAX);
	if (!book_add_tombstone(terminal, entry->voided_counter))
		return error_no_memory(change->err);
	return RESULT_OK;
}

static enum result unmake_adjust(struct change *change)
{
	enum result result = RESULT_OK;

	if (change_is_member_open(change, change->whose))
		result = note_returned(change, change->whose, true);
	if (result == RESULT_OK)
		result = change_move(change);
	return result;
}

static enum result unmake_hold(struct change *change)
{
	enum result result = change_end_hold(change, change->to);

	if (result == RESULT_OK)
		result = change_move(change);
	return result;
}

enum result change_void(struct change *change)
{
	enum result result;

	if (change->entry->related_sequence == 0)
		return bury(change);
	result = want_related(change);
	if (result != RESULT_OK)
		return result;
	if (change_is_between(change, ACCOUNT_NONE, ACCOUNT_NONE))
		return change_claim(change);
	if (change_is_between(change, ACCOUNT_NONE, SIDE_MEMBER))
		return unmake_hold(change);
	if (change_is_between(change, SIDE_MEMBER, ACCOUNT_GOODWILL) ||
	    change_is_between(change, ACCOUNT_GOODWILL, SIDE_MEMBER))
		return unmake_adjust(change);
	result = change_want_programme(change);
	if (result != RESULT_OK)
		return result;
	if (change_is_between(change, ACCOUNT_REDEEMED, SIDE_MEMBER))
		return unmake_redemption(change, true);
	result = change_want_sides(change, SIDE_MEMBER, ACCOUNT_ISSUED);
	if (result == RESULT_OK)
		result = unmake_sale(change, true);
	return result;
}
