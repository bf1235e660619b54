/*
 * programme_warn_rewards: owns what is hardly meant by a reward: above all that
 * nobody can ever afford it.
 *
 * What a member can earn is estimated from above: a largest sale on each day of
 * a year, of one item for each line that a sale can have, with all rules in
 * force at once.
 */
#include "common/law/programme_inside.h"

typedef unsigned __int128 micro_points; /* millionths, of a whole year */

#define YEAR_DAYS 366u
#define YEAR_MONTHS 12u

static micro_points smaller(micro_points one, micro_points other)
{
	return one < other ? one : other;
}

/* The smaller of what is earned and a cap of whole points, `periods` times a
 * year; 0 is no cap. */
static micro_points capped(
    micro_points earned, uint64_t points_max, unsigned periods)
{
	if (points_max == 0)
		return earned;
	return smaller(
	    earned, (micro_points)points_max * POINTS_MICRO * periods);
}

/* What a rule gives for one largest sale; multipliers apart. */
static micro_points rule_sale_micro(
    const struct programme *programme, const struct programme_rule *rule)
{
	micro_points micro = rule->points_micro;

	switch (rule->give) {
	case RULE_PER_AMOUNT:
		micro *= programme->sale_amount_minor_max;
		return micro / rule->per_amount_minor;
	case RULE_PER_ITEM:
		return micro * LINES_MAX;
	case RULE_PER_VISIT:
		return micro;
	default:
		return 0;
	}
}

/* What all multipliers together can multiply in one sale. */
static micro_points multiplied_micro(const struct programme *programme)
{
	micro_points micro = 0;

	for (size_t index = 0; index < programme->rule_count; index++) {
		const struct programme_rule *rule = &programme->rules[index];

		if (rule->give == RULE_PER_AMOUNT ||
		    rule->give == RULE_PER_ITEM)
			micro += rule_sale_micro(programme, rule);
	}
	return micro;
}

/* A rule's times a year, and its points in each. */
static micro_points rule_year_micro(const struct programme *programme,
    const struct programme_rule *rule, micro_points multiplied)
{
	const uint32_t *times = rule->times_max;
	const uint64_t *points_max = rule->points_max;
	micro_points micro = rule_sale_micro(programme, rule);
	uint64_t most = YEAR_DAYS;

	if (rule->give == RULE_MULTIPLY)
		micro = multiplied * (rule->multiply_milli - 1000) / 1000;
	if (times[PERIOD_MONTH] > 0 && times[PERIOD_MONTH] < most / YEAR_MONTHS)
		most = (uint64_t)times[PERIOD_MONTH] * YEAR_MONTHS;
	if (times[PERIOD_YEAR] > 0 && times[PERIOD_YEAR] < most)
		most = times[PERIOD_YEAR];
	if (times[PERIOD_EVER] > 0 && times[PERIOD_EVER] < most)
		most = times[PERIOD_EVER];
	micro = capped(micro, rule->sale_points_max, 1) * most;
	micro = capped(micro, points_max[PERIOD_DAY], YEAR_DAYS);
	micro = capped(micro, points_max[PERIOD_MONTH], YEAR_MONTHS);
	micro = capped(micro, points_max[PERIOD_EVER], 1);
	return capped(micro, rule->budget_points_max, 1);
}

static micro_points year_micro(const struct programme *programme)
{
	micro_points multiplied = multiplied_micro(programme);
	micro_points micro = 0;

	for (size_t index = 0; index < programme->rule_count; index++)
		micro += rule_year_micro(
		    programme, &programme->rules[index], multiplied);
	micro = capped(micro, programme->sale_points_max, YEAR_DAYS);
	micro = capped(micro, programme->points_max[PERIOD_DAY], YEAR_DAYS);
	return capped(micro, programme->points_max[PERIOD_MONTH], YEAR_MONTHS);
}

/* --- points as money ------------------------------------------------------ */

/* The least that can be said: a multiple of the step. */
static uint64_t money_least(const struct programme_reward *reward)
{
	uint64_t step = reward->money_step;
	uint64_t steps = (reward->money_points_min + step - 1) / step;

	return steps == 0 ? step : steps * step;
}

static void warn_of_money(
    const struct warning *warning, const struct programme_reward *reward)
{
	uint64_t least = money_least(reward);
	unsigned __int128 worth =
	    (unsigned __int128)least * reward->money_minor;
	unsigned __int128 share =
	    (unsigned __int128)warning->programme->sale_amount_minor_max *
	    reward->money_share_max / 100;

	if (reward->money_points_min % reward->money_step != 0)
		warn_of(warning,
		    "money_points_min is no multiple of money_step: the least "
		    "is %llu",
		    (unsigned long long)least);
	if (worth > share * reward->money_points)
		warn_of(warning,
		    "nobody can use this: its least is worth more than "
		    "money_share_max of the largest sale");
}

/* --- any reward ----------------------------------------------------------- */

void warn_of_reward(
    const struct warning *warning, const struct programme_reward *reward)
{
	const struct cap times[] = {
	    {"day_times", reward->times_max[PERIOD_DAY]},
	    {"month_times", reward->times_max[PERIOD_MONTH]},
	    {"year_times", reward->times_max[PERIOD_YEAR]},
	    {"ever_times", reward->times_max[PERIOD_EVER]},
	};
	uint64_t price =
	    reward->kind == REWARD_MONEY ? money_least(reward) : reward->points;

	warn_if_over(warning, "reward", reward->day_until);
	if (reward->stock == 0)
		warn_of(warning, "there are none of this reward");
	if ((micro_points)price * POINTS_MICRO > year_micro(warning->programme))
		warn_of(warning,
		    "nobody can afford this: a largest sale on each day of a "
		    "year gives less");
	if (reward->kind == REWARD_MONEY)
		warn_of_money(warning, reward);
	warn_of_caps(warning, times, COUNT_OF(times));
}
