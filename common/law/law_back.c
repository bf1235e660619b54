/*
 * law_back: owns what a return and a void have in common: which points go back,
 * what rules and tiers have less, and what the entry says of it.
 */
#include "common/law/law_inside.h"

static bool is_members(uint64_t account)
{
	return account >= ACCOUNT_MEMBER_MIN;
}

/* By whose rules it was done: a capture by those of its hold. */
static uint64_t rules_of(const struct entry *of)
{
	return of->rules_sequence != 0 ? of->rules_sequence
				       : of->programme_sequence;
}

bool law_find_back(const struct deciding *deciding, const struct entry *of,
    struct law_back *ret_back)
{
	const struct book *book = deciding->book;
	uint64_t account = deciding->command->account;
	uint64_t named = entry_member(of);
	const struct book_programme *version;
	const struct book_member *member;

	if (of->sequence == 0 || of->sequence > book_head(book)->sequence ||
	    of->points > POINTS_MAX || !is_members(named))
		return false;
	member = book_pool(book, named);
	version = book_programme_at(book, rules_of(of));
	if (member == NULL || version == NULL ||
	    (account != 0 && book_pool(book, account) != member))
		return false;
	ret_back->of = of;
	ret_back->programme = version->programme;
	ret_back->whose = book_member(book, named);
	ret_back->member = member;
	ret_back->before = book_returned(ret_back->whose, of->sequence);
	return true;
}

/* --- what the entry says -------------------------------------------------- */

void law_say_whose(struct deciding *deciding, const struct law_back *back)
{
	if (back->whose == back->member)
		return;
	deciding->entry->whose = back->whose->account;
	deciding->entry->has |= ENTRY_HAS(TAG_WHOSE);
}

/* When it was, so that the right day's counters have less, and by whose rules,
 * where those have changed since. */
static void say_when(struct deciding *deciding, const struct law_back *back)
{
	struct entry *entry = deciding->entry;
	const struct entry *of = back->of;

	entry->sold_ms = of->sold_ms != 0 ? of->sold_ms : of->time_ms;
	entry->has |= ENTRY_HAS(TAG_SOLD);
	if (rules_of(of) == entry->programme_sequence)
		return;
	entry->rules_sequence = rules_of(of);
	entry->has |= ENTRY_HAS(TAG_RULES);
}

static void say_fact(struct deciding *deciding, uint8_t fact)
{
	deciding->entry->facts |= fact;
	deciding->entry->has |= ENTRY_HAS(TAG_FACTS);
}

/* Its share of what was paid with points, in sums, so that all shares together
 * are what was paid. */
static void say_paid(struct deciding *deciding, const struct law_back *back)
{
	struct entry *entry = deciding->entry;
	const struct entry *of = back->of;
	uint64_t before = back->before != NULL ? back->before->amount_minor : 0;
	uint64_t after = before + entry->amount_minor;
	unsigned __int128 paid = of->paid_minor;

	entry->paid_minor = (uint64_t)(paid * after / of->amount_minor) -
			    (uint64_t)(paid * before / of->amount_minor);
	if (entry->paid_minor > 0)
		entry->has |= ENTRY_HAS(TAG_PAID);
}

/* --- what rules have less ------------------------------------------------- */

static size_t read_parts(const struct entry *of, struct part parts[RULES_MAX])
{
	struct reader reader = reader_of(of->parts);
	size_t count = 0;

	while (count < RULES_MAX && part_read(&reader, &parts[count]))
		count++;
	return count;
}

static struct earn_back back_before(const struct law_back *back)
{
	struct earn_back before = {0};

	if (back->before != NULL) {
		before.amount_minor = back->before->by_amount_minor;
		before.lines = back->before->lines;
		before.line_count = back->before->line_count;
	}
	return before;
}

/* A discount that comes back may leave more than there was: nothing is less
 * then. */
static uint64_t less_than(uint64_t before, uint64_t after)
{
	return before > after ? before - after : 0;
}

/*
 * Only rules that counted when it was sold have anything to give back, and each
 * gives what it gave to what came back now. A void names every one of them that
 * gave anything, for how often they applied is less by one as well.
 */
static void say_parts(struct deciding *deciding, const struct law_back *back,
    const struct earn_back *after, bool is_void)
{
	struct writer writer = writer_of(deciding->parts, PARTS_SIZE_MAX);
	struct earn_back then = back_before(back);
	struct part parts[RULES_MAX];
	size_t count = read_parts(back->of, parts);
	struct earning before;
	struct earning kept = {0};

	if (count == 0)
		return;
	earn_kept(back->programme, back->of, &then, &before);
	if (after != NULL)
		earn_kept(back->programme, back->of, after, &kept);
	for (size_t place = 0; place < count; place++) {
		struct part less = parts[place];

		less.points_micro = before.parts[place].points_micro;
		if (after != NULL)
			less.points_micro = less_than(
			    less.points_micro, kept.parts[place].points_micro);
		if (parts[place].points_micro > 0 &&
		    earn_part_counts(back->programme, parts, count, place) &&
		    (is_void || less.points_micro > 0))
			part_write(&writer, &less);
	}
	if (writer.size == 0)
		return;
	deciding->entry->parts = writer_view(&writer);
	deciding->entry->has |= ENTRY_HAS(TAG_PARTS);
}

void law_say_less(struct deciding *deciding, const struct law_back *back,
    const struct earn_back *after, bool is_void)
{
	uint64_t before = back->before != NULL ? back->before->amount_minor : 0;

	law_say_whose(deciding, back);
	if (back->programme->is_plain)
		return;
	say_when(deciding, back);
	say_paid(deciding, back);
	say_parts(deciding, back, after, is_void);
	if (before + deciding->entry->amount_minor == back->of->amount_minor)
		say_fact(deciding, FACT_WHOLE);
}

/* --- what points move ----------------------------------------------------- */

static const struct programme *judge(const struct deciding *deciding)
{
	return book_programme(deciding->book)->programme;
}

bool law_take_back(struct deciding *deciding, const struct law_back *back,
    enum account own, uint64_t points)
{
	const struct programme *programme = judge(deciding);
	const struct book_member *member = back->member;
	struct reader reader = reader_of(back->of->lots);
	struct lot stamps = {.expiry_day = LOT_NEVER};
	uint64_t there =
	    member->balance_points > 0 ? (uint64_t)member->balance_points : 0;

	if (programme->no_debt && points > there)
		points = there;
	(void)lot_read(&reader, &stamps);
	return law_move(deciding,
	    &(struct law_move){.from = member,
		.own = own,
		.points = points,
		.lots = law_take_lots(deciding, member, TAKE_BACK,
		    law_today(deciding, programme), &stamps, points)});
}

/* The part of [start, start + points) that is in [first, last). */
static uint64_t overlap(
    uint64_t start, uint64_t points, uint64_t first, uint64_t last)
{
	uint64_t from = start > first ? start : first;
	uint64_t to = start + points < last ? start + points : last;

	return to > from ? to - from : 0;
}

/*
 * All points that moved stand in one row, in the order of their stamps. What
 * goes back is cut off the row's end, so that it depends on sums alone. Where
 * no lots were listed they are all alike.
 */
static struct bytes cut_lots(
    struct deciding *deciding, const struct law_back *back, uint64_t points)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);
	struct reader reader = reader_of(back->of->lots);
	uint64_t before = back->before != NULL ? back->before->points : 0;
	uint64_t last = back->of->points - before;
	uint64_t start = 0;
	struct lot lot = {.expiry_day = LOT_NEVER, .points = points};

	if (back->of->lots.size == 0)
		return law_one_lot(deciding, &lot);
	while (lot_read(&reader, &lot)) {
		uint64_t whole = lot.points;

		lot.points = overlap(start, whole, last - points, last);
		start += whole;
		if (lot.points > 0)
			lot_write(&writer, &lot);
	}
	return writer_view(&writer);
}

bool law_give_back(struct deciding *deciding, const struct law_back *back,
    enum account own, uint64_t points)
{
	if (law_is_own_card(deciding, back->member))
		return law_refuse_own_card(deciding);
	return law_move(
	    deciding, &(struct law_move){.to = back->member,
			  .own = own,
			  .points = points,
			  .lots = cut_lots(deciding, back, points)});
}

void law_lower(struct deciding *deciding, const struct law_back *back)
{
	const struct programme *programme = judge(deciding);
	const struct entry *entry = deciding->entry;
	struct law_tier_change change = {
	    .today = law_today(deciding, programme),
	    .sale_day = zone_local(&back->programme->zone, entry->sold_ms).day,
	};
	struct law_tier tier;

	if (book_qualifies_alike(back->programme, programme))
		change.value = book_qualify_value(programme, entry);
	/* A new time zone may have put today back. */
	if (change.sale_day > change.today)
		change.sale_day = change.today;

	if (programme->tier_count > 0 && entry->sold_ms != 0 &&
	    law_tier_after_return(programme, back->whose, &change, &tier))
		law_say_tier(deciding, tier);
}

bool law_undo_redeem(
    struct deciding *deciding, const struct law_back *back, uint64_t points)
{
	struct entry *entry = deciding->entry;
	uint64_t before = back->before != NULL ? back->before->points : 0;

	law_say_whose(deciding, back);
	say_when(deciding, back);
	entry->reward = back->of->reward;
	entry->has |= ENTRY_HAS(TAG_REWARD);
	if (before + points == back->of->points)
		say_fact(deciding, FACT_WHOLE);
	return law_give_back(deciding, back, ACCOUNT_REDEEMED, points);
}
