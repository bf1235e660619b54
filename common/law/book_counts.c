/*
 * book_counts: owns what is counted of one member within periods: caps of
 * points, and how often something happened.
 *
 * One counter for each (ident, what), of the newest period alone, and none that
 * is 0.
 */
#include "common/law/book_inside.h"

int32_t book_period_day(enum period period, int32_t day)
{
	switch (period) {
	case PERIOD_DAY:
		return day;
	case PERIOD_MONTH:
		return day_month_start(day);
	case PERIOD_YEAR:
		return day_year_start(day);
	case PERIOD_EVER:
		break;
	}
	return 0;
}

static uint64_t count_order(uint32_t ident, enum count_what what)
{
	return (uint64_t)ident << 8 | (uint64_t)what;
}

/* Where it stands, or would stand, among the counters. The steps are the same
 * for any that is looked for, so that the processor need not guess. */
static uint32_t count_place(
    const struct book_member *member, uint32_t ident, enum count_what what)
{
	const struct book_count *counts = book_own_counts(member);
	uint64_t wanted = count_order(ident, what);
	uint32_t place = 0;

	for (uint32_t left = member->count_count; left > 0; left /= 2) {
		uint32_t half = left - left / 2;
		const struct book_count *there = &counts[place + half - 1];

		place +=
		    count_order(there->ident, there->what) < wanted ? half : 0;
	}
	return place;
}

/* NULL where nothing is counted, of whatever period. */
static struct book_count *find_count(
    const struct book_member *member, uint32_t ident, enum count_what what)
{
	struct book_count *counts = book_own_counts(member);
	uint32_t place = count_place(member, ident, what);

	if (place == member->count_count || counts[place].ident != ident ||
	    counts[place].what != what)
		return NULL;
	return &counts[place];
}

uint64_t book_count(const struct book_member *member, uint32_t ident,
    enum count_what what, int32_t period_day)
{
	const struct book_count *count = find_count(member, ident, what);

	return count != NULL && count->period_day >= period_day ? count->value
								: 0;
}

/* --- changing ------------------------------------------------------------- */

static bool is_counted_by(const struct programme *programme, uint32_t ident)
{
	for (size_t index = 0; index < programme->rule_count; index++) {
		if (programme->rules[index].ident == ident)
			return true;
	}
	for (size_t index = 0; index < programme->reward_count; index++) {
		if (programme->rewards[index].ident == ident)
			return true;
	}
	return ident == programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0)) ||
	       ident == programme_ident(IDENT_KIND_TRANSFER, bytes_of(NULL, 0));
}

/*
 * Where all places are taken, counters of rules and rewards that are not in the
 * programme any longer go. Its own are always fewer than the places: each rule
 * has at most seven, each reward four, and the rest three.
 */
_Static_assert(RULES_MAX * 7 + REWARDS_MAX * 4 + 3 < COUNTERS_MAX,
    "a programme's own counters find room");

static void drop_count(struct book_member *member, size_t place)
{
	book_close_places(member, member->lot_count + place, 1);
	member->count_count--;
}

static void drop_foreign(
    struct book_member *member, const struct programme *programme)
{
	for (size_t place = member->count_count; place-- > 0;) {
		if (!is_counted_by(
			programme, book_own_counts(member)[place].ident))
			drop_count(member, place);
	}
}

static enum result add_count(struct book_member *member,
    const struct programme *programme, const struct book_count *count,
    struct error *err)
{
	uint32_t place;

	if (member->count_count >= COUNTERS_MAX)
		drop_foreign(member, programme);
	if (member->count_count >= COUNTERS_MAX)
		return error_set(err, RESULT_LIMIT,
		    "a member has at most %u counters", COUNTERS_MAX);
	place = count_place(member, count->ident, count->what);
	if (!book_open_places(member, member->lot_count + place, 1))
		return error_no_memory(err);
	book_own_counts(member)[place] = *count;
	member->count_count++;
	return RESULT_OK;
}

enum result book_count_more(struct book_member *member,
    const struct programme *programme, const struct book_count *count,
    struct error *err)
{
	struct book_count *there =
	    find_count(member, count->ident, count->what);

	if (count->value == 0)
		return RESULT_OK;
	if (there == NULL)
		return add_count(member, programme, count, err);
	/* What comes late, of a period that is over, is counted in the newer
	 * one: forgotten, it would have the caps of that period again and
	 * again. */
	if (there->period_day < count->period_day)
		*there = *count;
	else if (__builtin_add_overflow(
		     there->value, count->value, &there->value))
		there->value = UINT64_MAX;
	return RESULT_OK;
}

void book_count_less(struct book_member *member, const struct book_count *count)
{
	struct book_count *there =
	    find_count(member, count->ident, count->what);

	if (there == NULL || there->period_day != count->period_day)
		return;
	if (there->value > count->value) {
		there->value -= count->value;
		return;
	}
	drop_count(member, (size_t)(there - book_own_counts(member)));
}
