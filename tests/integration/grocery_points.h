/*
 * grocery_points: what becomes of points, and which tier a household has,
 * reckoned without the program: from the guide (server/PROGRAMME.md, 5 and 6)
 * and law_tier.h's page alone, with the C library's calendar.
 */
#ifndef TESTS_INTEGRATION_GROCERY_POINTS_H
#define TESTS_INTEGRATION_GROCERY_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define OWN_LOTS_MAX 256u
#define OWN_DAYS_MAX 256    /* of the data, and those after it */
#define OWN_DAY_FIRST 17167 /* 2017-01-01 */

/* --- points --------------------------------------------------------------- */

struct own_lot {
	long long first_day; /* that they can be spent on */
	long long last_day;
	long long points;
};

struct own_points {
	struct own_lot lots[OWN_LOTS_MAX]; /* none is ever taken out */
	size_t count;
};

/* Pending for a week; until the end of the month two months on from then. */
static inline void own_earn(
    struct own_points *own, long long day, long long points)
{
	struct own_lot *lot = &own->lots[own->count++];
	time_t first_s = (time_t)(day + 7) * 86400;
	struct tm end;

	(void)gmtime_r(&first_s, &end);
	end.tm_mon += 3; /* the day before the first of the month after */
	end.tm_mday = 0;
	lot->first_day = day + 7;
	lot->last_day = timegm(&end) / 86400;
	lot->points = points;
}

static inline bool own_can_spend(const struct own_lot *lot, long long day)
{
	return lot->first_day <= day && day <= lot->last_day;
}

static inline long long own_spendable(
    const struct own_points *own, long long day)
{
	long long points = 0;

	for (size_t i = 0; i < own->count; i++)
		points +=
		    own_can_spend(&own->lots[i], day) ? own->lots[i].points : 0;
	return points;
}

/* A point at a time, each from what lapses soonest. */
static inline void own_spend(
    struct own_points *own, long long day, long long points)
{
	for (; points > 0; points--) {
		struct own_lot *soonest = NULL;

		for (size_t i = 0; i < own->count; i++) {
			struct own_lot *lot = &own->lots[i];

			if (own_can_spend(lot, day) && lot->points > 0 &&
			    (soonest == NULL ||
				lot->last_day < soonest->last_day))
				soonest = lot;
		}
		soonest->points--;
	}
}

static inline long long own_lapsed(const struct own_points *own, long long day)
{
	long long points = 0;

	for (size_t i = 0; i < own->count; i++)
		points += own->lots[i].last_day < day ? own->lots[i].points : 0;
	return points;
}

static inline long long own_left(const struct own_points *own, long long day)
{
	long long points = 0;

	for (size_t i = 0; i < own->count; i++)
		points += own->lots[i].last_day < day ? 0 : own->lots[i].points;
	return points;
}

/* --- tiers: rolling days -------------------------------------------------- */

struct own_ladder {
	long long silver, gold; /* points within the window */
	long long window_days, grace_days;
	bool falls_all_the_way;
};

struct own_tier {
	unsigned level;
	long long last_day;
};

struct own_climb {
	long long earned[OWN_DAYS_MAX]; /* by day, from OWN_DAY_FIRST */
	bool has_sale[OWN_DAYS_MAX];
	struct own_tier tier;
};

static inline unsigned own_level(const struct own_ladder *ladder,
    const struct own_climb *climb, long long day)
{
	long long sum = 0;

	for (long long d = day - ladder->window_days + 1; d <= day; d++) {
		if (d >= OWN_DAY_FIRST)
			sum += climb->earned[d - OWN_DAY_FIRST];
	}
	return sum >= ladder->gold ? 2 : sum >= ladder->silver ? 1 : 0;
}

static inline bool own_is_more(struct own_tier one, struct own_tier other)
{
	if (one.level != other.level)
		return one.level > other.level;
	return one.last_day > other.last_day;
}

/* The best that a day with a sale has reached, and that is kept to `day`. */
static inline struct own_tier own_floor(const struct own_ladder *ladder,
    const struct own_climb *climb, long long day)
{
	struct own_tier best = {0};

	for (long long d = OWN_DAY_FIRST; d <= day; d++) {
		struct own_tier reached = {0};

		if (!climb->has_sale[d - OWN_DAY_FIRST])
			continue;
		reached.level = own_level(ladder, climb, d);
		reached.last_day = d + ladder->window_days + ladder->grace_days;
		if (reached.level > 0 && reached.last_day >= day &&
		    own_is_more(reached, best))
			best = reached;
	}
	return best;
}

/* Fall as often as a last day is over. */
static inline struct own_tier own_tier_on(const struct own_ladder *ladder,
    const struct own_climb *climb, long long day)
{
	struct own_tier tier = climb->tier;

	while (tier.level > 0 && tier.last_day < day) {
		struct own_tier step = {
		    tier.level - 1, tier.last_day + ladder->window_days};
		struct own_tier floor =
		    own_floor(ladder, climb, tier.last_day + 1);

		if (floor.level >= tier.level)
			tier.last_day = floor.last_day;
		else if (ladder->falls_all_the_way || own_is_more(floor, step))
			tier = floor;
		else
			tier = step;
	}
	if (tier.level == 0)
		tier.last_day = 0;
	return tier;
}

static inline void own_climb_by(const struct own_ladder *ladder,
    struct own_climb *climb, long long day, long long points)
{
	struct own_tier reached;

	climb->tier = own_tier_on(ladder, climb, day);
	/* A sale without points counts for nothing, and renews nothing. */
	if (points == 0)
		return;
	climb->earned[day - OWN_DAY_FIRST] += points;
	climb->has_sale[day - OWN_DAY_FIRST] = true;
	reached.level = own_level(ladder, climb, day);
	reached.last_day = day + ladder->window_days + ladder->grace_days;
	if (reached.level > 0 && own_is_more(reached, climb->tier))
		climb->tier = reached;
}

#endif
