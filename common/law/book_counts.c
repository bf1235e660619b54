/*
 * book_counts: owns what is counted of one member within periods: caps of
 * points, and how often something happened.
 *
 * One counter for each (ident, what), of the newest period alone, and none that
 * is 0. The array has exactly as many places as it had counters when the last
 * one was added.
 */
#include "common/law/book_inside.h"

#include <stdlib.h>
#include <string.h>

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

static uint32_t count_place(
    const struct book_extra *extra, uint32_t ident, enum count_what what)
{
	uint32_t low = 0;
	uint32_t high = extra->count_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct book_count *there = &extra->counts[middle];

		if (there->ident < ident ||
		    (there->ident == ident && there->what < what))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* NULL where nothing is counted, of whatever period. */
static struct book_count *find_count(
    const struct book_member *member, uint32_t ident, enum count_what what)
{
	const struct book_extra *extra = member->extra;
	uint32_t place;

	if (extra == NULL)
		return NULL;
	place = count_place(extra, ident, what);
	if (place == extra->count_count ||
	    extra->counts[place].ident != ident ||
	    extra->counts[place].what != what)
		return NULL;
	return &extra->counts[place];
}

uint64_t book_count(const struct book_member *member, uint32_t ident,
    enum count_what what, int32_t period_day)
{
	const struct book_count *count = find_count(member, ident, what);

	return count != NULL && count->period_day == period_day ? count->value
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

static void drop_foreign(
    struct book_extra *extra, const struct programme *programme)
{
	uint32_t kept = 0;

	for (uint32_t index = 0; index < extra->count_count; index++) {
		if (is_counted_by(programme, extra->counts[index].ident))
			extra->counts[kept++] = extra->counts[index];
	}
	extra->count_count = kept;
}

static enum result add_count(struct book_member *member,
    const struct programme *programme, const struct book_count *count,
    struct error *err)
{
	struct book_extra *extra = book_add_extra(member);
	struct book_count *counts;
	uint32_t place;

	if (extra == NULL)
		return error_no_memory(err);
	if (extra->count_count >= COUNTERS_MAX)
		drop_foreign(extra, programme);
	if (extra->count_count >= COUNTERS_MAX)
		return error_set(err, RESULT_LIMIT,
		    "a member has at most %u counters", COUNTERS_MAX);
	counts = reallocarray(
	    extra->counts, (size_t)extra->count_count + 1, sizeof(*counts));
	if (counts == NULL)
		return error_no_memory(err);
	extra->counts = counts;
	place = count_place(extra, count->ident, count->what);
	memmove(&counts[place + 1], &counts[place],
	    (extra->count_count - place) * sizeof(*counts));
	counts[place] = *count;
	extra->count_count++;
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
	/* A late sale of a period that is over: nobody asks for it again. */
	if (there->period_day > count->period_day)
		return RESULT_OK;
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
	struct book_extra *extra = member->extra;
	size_t after;

	if (there == NULL || there->period_day != count->period_day)
		return;
	if (there->value > count->value) {
		there->value -= count->value;
		return;
	}
	after = extra->count_count - (size_t)(there - extra->counts) - 1;
	memmove(there, &there[1], after * sizeof(*there));
	extra->count_count--;
	if (extra->count_count > 0)
		return;
	free(extra->counts);
	extra->counts = NULL;
}
