/*
 * grocery_rules: what a basket earns, summed without the program.
 *
 * The rules are written down a second time, as a table, from the guide
 * (server/PROGRAMME.md), and nothing of common/law is used: days are those of
 * gmtime_r(), points are millionths in integers. It is slow and plain on
 * purpose.
 */
#ifndef TESTS_INTEGRATION_GROCERY_RULES_H
#define TESTS_INTEGRATION_GROCERY_RULES_H

#include <string.h>
#include <time.h>

#include "tests/support/market.h"

#define SUM_RULES_MAX 12u
#define SUM_NAMES_MAX 3u
#define SUM_LINES_MAX 64u
#define SUM_PARTS 256 /* of a cent: bases are counted in them */
#define MICRO 1000000ll

struct sum_rule {
	const char *id;
	enum {
		SUM_PER_CENTS,
		SUM_PER_FULL_CENTS,
		SUM_PER_ITEM,
		SUM_PER_VISIT,
		SUM_TIMES, /* `micro` is what comes on top of once */
	} give;
	long long micro;
	long long cents;
	const char *departments[SUM_NAMES_MAX];
	const char *products[SUM_NAMES_MAX];
	int weekday; /* 1 is Monday, 7 is Sunday; 0 is any */
	int hour_from, hour_until;
	long long least_cents;
	bool is_flagship;
	unsigned level;
	unsigned group; /* from 1; 0 is none */
	long long day_points, month_points;
	long long ever_times;
};

struct sum_plan {
	const struct sum_rule *rules;
	size_t rule_count;
	const char *excluded_departments[SUM_NAMES_MAX];
	const char *excluded_products[SUM_NAMES_MAX];
	long long sale_points, day_points, month_points;
};

/* Something that is counted a day and a month. */
struct sum_count {
	long long day, day_value;
	long long month, month_value;
	long long ever_times;
};

/* What one household has had so far. */
struct sum_counts {
	struct sum_count rules[SUM_RULES_MAX];
	struct sum_count all;
};

struct sum_sale {
	const struct market_basket *basket;
	long long points_cents; /* of it, paid with points */
	bool is_flagship;
	unsigned level;
};

/* What came of it. */
struct sum_earned {
	long long points;
	bool has_part[SUM_RULES_MAX];
	long long part_micro[SUM_RULES_MAX];
	bool does_count[SUM_RULES_MAX];
};

/* One sale under way. */
struct sum_work {
	const struct sum_plan *plan;
	const struct sum_sale *sale;
	struct sum_counts *counts;
	struct tm when;
	long long day;
	long long month;
	long long base[SUM_LINES_MAX]; /* of each line, 1/256 cents */
	bool is_out[SUM_LINES_MAX];
	bool is_of[SUM_RULES_MAX][SUM_LINES_MAX];
	long long gain_micro[SUM_RULES_MAX];
	struct sum_earned earned;
};

/* --- lines ---------------------------------------------------------------- */

static inline bool sum_names(
    const char *const names[SUM_NAMES_MAX], const char *name)
{
	for (size_t i = 0; i < SUM_NAMES_MAX && names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static inline long long sum_floor(__int128 dividend, __int128 divisor)
{
	__int128 quotient = 0;

	if (dividend >= 0)
		return (long long)(dividend / divisor);
	quotient = (-dividend + divisor - 1) / divisor;
	return (long long)-quotient;
}

static inline void sum_bases(struct sum_work *work)
{
	const struct market_basket *basket = work->sale->basket;
	long long cash_cents = basket->paid_cents - work->sale->points_cents;

	for (size_t i = 0; i < basket->line_count; i++) {
		const struct market_line *line = &basket->lines[i];

		work->base[i] = sum_floor(
		    (__int128)line->paid_cents * SUM_PARTS * cash_cents,
		    basket->paid_cents);
		work->is_out[i] =
		    sum_names(
			work->plan->excluded_departments, line->department) ||
		    sum_names(work->plan->excluded_products, line->product);
	}
}

/* Which lines a rule is about; false where it names some and none is there. */
static inline bool sum_lines(struct sum_work *work, size_t place)
{
	const struct market_basket *basket = work->sale->basket;
	const struct sum_rule *rule = &work->plan->rules[place];
	bool is_about_all =
	    rule->departments[0] == NULL && rule->products[0] == NULL;
	bool is_there = is_about_all;

	for (size_t i = 0; i < basket->line_count; i++) {
		const struct market_line *line = &basket->lines[i];

		work->is_of[place][i] =
		    !work->is_out[i] &&
		    (is_about_all ||
			sum_names(rule->departments, line->department) ||
			sum_names(rule->products, line->product));
		if (work->is_of[place][i] &&
		    (line->quantity > 0 || line->paid_cents > 0))
			is_there = true;
	}
	return is_there;
}

/* --- one rule ------------------------------------------------------------- */

static inline bool sum_is_time(
    const struct sum_work *work, const struct sum_rule *rule)
{
	int weekday = work->when.tm_wday == 0 ? 7 : work->when.tm_wday;

	if (rule->weekday != 0 && rule->weekday != weekday)
		return false;
	return rule->hour_from == rule->hour_until ||
	       (work->when.tm_hour >= rule->hour_from &&
		   work->when.tm_hour < rule->hour_until);
}

/* Lines that are of this rule and, for a multiplier, of the other one. */
static inline void sum_of_lines(const struct sum_work *work, size_t place,
    size_t other, long long *ret_base, long long *ret_items)
{
	*ret_base = 0;
	*ret_items = 0;
	for (size_t i = 0; i < work->sale->basket->line_count; i++) {
		if (!work->is_of[place][i] || !work->is_of[other][i])
			continue;
		*ret_base += work->base[i];
		*ret_items += work->sale->basket->lines[i].quantity;
	}
	if (*ret_base < 0)
		*ret_base = 0;
}

static inline long long sum_gives(
    const struct sum_rule *rule, long long base, long long items)
{
	switch (rule->give) {
	case SUM_PER_CENTS:
		return sum_floor((__int128)rule->micro * base,
		    (__int128)rule->cents * SUM_PARTS);
	case SUM_PER_FULL_CENTS:
		return rule->micro * (base / (rule->cents * SUM_PARTS));
	case SUM_PER_ITEM:
		return rule->micro * items;
	case SUM_PER_VISIT:
		return rule->micro;
	default:
		return 0;
	}
}

/* So much more of what the others gave, on the lines of both. */
static inline long long sum_times(const struct sum_work *work, size_t place)
{
	long long base, items;
	long long sum = 0;

	for (size_t i = 0; i < work->plan->rule_count; i++) {
		const struct sum_rule *other = &work->plan->rules[i];

		if (work->gain_micro[i] == 0 || other->give == SUM_TIMES ||
		    other->give == SUM_PER_VISIT)
			continue;
		sum_of_lines(work, i, place, &base, &items);
		sum += sum_gives(other, base, items);
	}
	return sum_floor((__int128)sum * work->plan->rules[place].micro, MICRO);
}

static inline void sum_rule(struct sum_work *work, size_t place)
{
	const struct sum_rule *rule = &work->plan->rules[place];
	long long base, items;

	if (!sum_is_time(work, rule) || !sum_lines(work, place) ||
	    (rule->is_flagship && !work->sale->is_flagship) ||
	    (rule->level != 0 && rule->level != work->sale->level) ||
	    (rule->ever_times != 0 &&
		work->counts->rules[place].ever_times >= rule->ever_times))
		return;
	sum_of_lines(work, place, place, &base, &items);
	if (base < rule->least_cents * SUM_PARTS)
		return;
	work->gain_micro[place] = rule->give == SUM_TIMES
				      ? sum_times(work, place)
				      : sum_gives(rule, base, items);
}

/* --- counts --------------------------------------------------------------- */

/* A new day, or a new month, begins at 0. */
static inline void sum_turn(
    const struct sum_work *work, struct sum_count *count)
{
	if (count->day != work->day)
		count->day_value = 0;
	if (count->month != work->month)
		count->month_value = 0;
	count->day = work->day;
	count->month = work->month;
}

static inline long long sum_cut(long long value, const struct sum_count *count,
    long long day_max, long long month_max)
{
	if (day_max != 0 && value > day_max - count->day_value)
		value = day_max - count->day_value;
	if (month_max != 0 && value > month_max - count->month_value)
		value = month_max - count->month_value;
	return value;
}

static inline void sum_count(
    struct sum_count *count, long long value, bool is_once_more)
{
	count->day_value += value;
	count->month_value += value;
	count->ever_times += is_once_more;
}

/* --- the sale ------------------------------------------------------------- */

static inline void sum_parts(struct sum_work *work)
{
	struct sum_earned *earned = &work->earned;

	for (size_t i = 0; i < work->plan->rule_count; i++) {
		const struct sum_rule *rule = &work->plan->rules[i];
		struct sum_count *count = &work->counts->rules[i];

		sum_turn(work, count);
		earned->has_part[i] = work->gain_micro[i] > 0;
		earned->does_count[i] = earned->has_part[i];
		earned->part_micro[i] = sum_cut(work->gain_micro[i], count,
		    rule->day_points * MICRO, rule->month_points * MICRO);
	}
}

/* The best of each group alone; of equals the first. */
static inline void sum_groups(struct sum_work *work)
{
	struct sum_earned *earned = &work->earned;
	size_t best[SUM_RULES_MAX + 1];
	bool has_best[SUM_RULES_MAX + 1] = {false};

	for (size_t i = 0; i < work->plan->rule_count; i++) {
		unsigned group = work->plan->rules[i].group;

		if (group == 0 || !earned->has_part[i])
			continue;
		if (has_best[group] &&
		    earned->part_micro[best[group]] >= earned->part_micro[i]) {
			earned->does_count[i] = false;
			continue;
		}
		if (has_best[group])
			earned->does_count[best[group]] = false;
		best[group] = i;
		has_best[group] = true;
	}
}

static inline void sum_up(struct sum_work *work)
{
	const struct sum_plan *plan = work->plan;
	struct sum_earned *earned = &work->earned;
	struct sum_count *all = &work->counts->all;
	long long micro = 0;

	for (size_t i = 0; i < plan->rule_count; i++) {
		if (!earned->does_count[i])
			continue;
		micro += earned->part_micro[i];
		sum_count(&work->counts->rules[i], earned->part_micro[i],
		    earned->part_micro[i] > 0);
	}
	earned->points = micro / MICRO;
	if (plan->sale_points != 0 && earned->points > plan->sale_points)
		earned->points = plan->sale_points;
	sum_turn(work, all);
	earned->points =
	    sum_cut(earned->points, all, plan->day_points, plan->month_points);
	sum_count(all, earned->points, true);
}

/* What the household with `counts` gets for a sale; counted at once. */
static inline struct sum_earned sum_sale(const struct sum_plan *plan,
    struct sum_counts *counts, const struct sum_sale *sale)
{
	struct sum_work work = {.plan = plan, .sale = sale, .counts = counts};
	time_t time_s = (time_t)sale->basket->time_s;

	(void)gmtime_r(&time_s, &work.when);
	work.day = sale->basket->time_s / 86400;
	work.month = work.when.tm_year * 12 + work.when.tm_mon;
	sum_bases(&work);
	for (size_t i = 0; i < plan->rule_count; i++) {
		if (plan->rules[i].give != SUM_TIMES)
			sum_rule(&work, i);
	}
	for (size_t i = 0; i < plan->rule_count; i++) {
		if (plan->rules[i].give == SUM_TIMES)
			sum_rule(&work, i);
	}
	sum_parts(&work);
	sum_groups(&work);
	sum_up(&work);
	return work.earned;
}

#endif
