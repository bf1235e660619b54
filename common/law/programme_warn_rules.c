/*
 * programme_warn_rules: owns what is hardly meant by a rule: one that can never
 * apply, that never counts, or whose caps say nothing.
 */
#include "common/law/programme_inside.h"

/* --- sets ----------------------------------------------------------------- */

static bool names_are_within(const struct programme *programme,
    struct programme_names names, struct programme_names others)
{
	for (size_t index = 0; index < names.count; index++) {
		if (!programme_names_have(programme, others,
			programme->names[names.first + index]))
			return false;
	}
	return true;
}

/* Do two lists, where none is any, leave nothing in common? */
static bool names_are_apart(const struct programme *programme,
    struct programme_names names, struct programme_names others)
{
	if (names.count == 0 || others.count == 0)
		return false;
	for (size_t index = 0; index < names.count; index++) {
		if (programme_names_have(programme, others,
			programme->names[names.first + index]))
			return false;
	}
	return true;
}

static bool bits_are_apart(unsigned bits, unsigned others)
{
	return bits != 0 && others != 0 && (bits & others) == 0;
}

static bool names_lines(const struct programme_rule *rule)
{
	return rule->categories.count > 0 || rule->products.count > 0;
}

static bool days_are_apart(
    const struct programme_rule *rule, const struct programme_rule *other)
{
	return (rule->day_until != DAY_NONE && other->day_from != DAY_NONE &&
		   rule->day_until < other->day_from) ||
	       (other->day_until != DAY_NONE && rule->day_from != DAY_NONE &&
		   other->day_until < rule->day_from);
}

/* --- a rule by itself ----------------------------------------------------- */

/* Fewer days than a week may all be none of the weekdays that are named. */
static bool has_no_weekday(const struct programme_rule *rule)
{
	if (rule->weekdays == 0 || rule->day_from == DAY_NONE ||
	    rule->day_until == DAY_NONE)
		return false;
	for (int32_t day = rule->day_from; day <= rule->day_until; day++) {
		if (rule->weekdays & (1u << day_weekday(day)))
			return false;
	}
	return true;
}

static bool is_all_excluded(
    const struct programme *programme, const struct programme_rule *rule)
{
	return names_lines(rule) &&
	       names_are_within(programme, rule->categories,
		   programme->exclude_categories) &&
	       names_are_within(
		   programme, rule->products, programme->exclude_products);
}

static void warn_of_conditions(
    const struct warning *warning, const struct programme_rule *rule)
{
	const struct programme *programme = warning->programme;

	warn_if_over(warning, "rule", rule->day_until);
	if (has_no_weekday(rule))
		warn_of(warning,
		    "this rule never applies: no day from 'from' to 'until' is "
		    "one of its weekdays");
	if (rule->minute_from == rule->minute_until && rule->minute_from != 0)
		warn_of(warning,
		    "its hours have no length: it applies at any hour");
	if (is_all_excluded(programme, rule))
		warn_of(warning,
		    "this rule never applies: all that it is about is "
		    "excluded");
	if (rule->amount_minor_min > programme->sale_amount_minor_max)
		warn_of(warning,
		    "this rule never applies: amount_min is more than "
		    "sale_amount_max");
}

static bool has_member_cap(const struct programme_rule *rule)
{
	for (size_t period = 0; period < PERIOD_COUNT; period++) {
		if (rule->points_max[period] > 0 || rule->times_max[period] > 0)
			return true;
	}
	return false;
}

static void warn_of_rule_caps(
    const struct warning *warning, const struct programme_rule *rule)
{
	const struct cap points[] = {
	    {"sale_points_max", rule->sale_points_max},
	    {"day_points_max", rule->points_max[PERIOD_DAY]},
	    {"month_points_max", rule->points_max[PERIOD_MONTH]},
	    {"ever_points_max", rule->points_max[PERIOD_EVER]},
	    {"budget_points_max", rule->budget_points_max},
	};
	const struct cap times[] = {
	    {"day_times", rule->times_max[PERIOD_DAY]},
	    {"month_times", rule->times_max[PERIOD_MONTH]},
	    {"year_times", rule->times_max[PERIOD_YEAR]},
	    {"ever_times", rule->times_max[PERIOD_EVER]},
	};

	warn_of_caps(warning, points, COUNT_OF(points));
	warn_of_caps(warning, times, COUNT_OF(times));
	if (rule->budget_points_max > 0 && !has_member_cap(rule))
		warn_of(warning,
		    "a budget without a cap of one member: the first who come "
		    "can use it up");
}

/* --- a multiplier and what it multiplies ---------------------------------- */

/* Can one sale have both of them, on some line? */
static bool can_meet(const struct programme *programme,
    const struct programme_rule *rule, const struct programme_rule *other)
{
	/* A category and a product can be of one line; else only these: */
	bool lines_are_apart =
	    (rule->products.count == 0 && other->products.count == 0 &&
		names_are_apart(
		    programme, rule->categories, other->categories)) ||
	    (rule->categories.count == 0 && other->categories.count == 0 &&
		names_are_apart(programme, rule->products, other->products));

	return !lines_are_apart &&
	       !names_are_apart(programme, rule->shops, other->shops) &&
	       !bits_are_apart(rule->tiers, other->tiers) &&
	       !bits_are_apart(rule->weekdays, other->weekdays) &&
	       !days_are_apart(rule, other);
}

static void warn_of_multiplier(
    const struct warning *warning, const struct programme_rule *rule)
{
	const struct programme *programme = warning->programme;

	if (rule->give != RULE_MULTIPLY)
		return;
	for (size_t index = 0; index < programme->rule_count; index++) {
		const struct programme_rule *other = &programme->rules[index];

		if ((other->give == RULE_PER_AMOUNT ||
			other->give == RULE_PER_ITEM) &&
		    can_meet(programme, rule, other))
			return;
	}
	warn_of(warning,
	    "there is nothing to multiply: no rule per amount or per item "
	    "applies where this one does");
}

/* --- groups --------------------------------------------------------------- */

static bool covers_names(const struct programme *programme,
    struct programme_names names, struct programme_names others)
{
	return names.count == 0 ||
	       (others.count > 0 && names_are_within(programme, others, names));
}

static bool covers_bits(unsigned bits, unsigned others)
{
	return bits == 0 || (others != 0 && (others & ~bits) == 0);
}

static bool covers_lines(const struct programme *programme,
    const struct programme_rule *rule, const struct programme_rule *other)
{
	return !names_lines(rule) ||
	       (names_lines(other) &&
		   names_are_within(
		       programme, other->categories, rule->categories) &&
		   names_are_within(
		       programme, other->products, rule->products));
}

static bool covers_times(
    const struct programme_rule *rule, const struct programme_rule *other)
{
	bool hours = rule->minute_from == rule->minute_until ||
		     (rule->minute_from == other->minute_from &&
			 rule->minute_until == other->minute_until);
	bool from =
	    rule->day_from == DAY_NONE ||
	    (other->day_from != DAY_NONE && rule->day_from <= other->day_from);
	bool until = rule->day_until == DAY_NONE ||
		     (other->day_until != DAY_NONE &&
			 rule->day_until >= other->day_until);

	return hours && from && until &&
	       covers_bits(rule->weekdays, other->weekdays);
}

/* Does `rule` apply, uncapped, whenever `other` does? */
static bool covers(const struct programme *programme,
    const struct programme_rule *rule, const struct programme_rule *other)
{
	return covers_lines(programme, rule, other) &&
	       covers_names(programme, rule->shops, other->shops) &&
	       covers_names(programme, rule->segments, other->segments) &&
	       covers_bits(rule->tiers, other->tiers) &&
	       covers_times(rule, other) &&
	       rule->amount_minor_min <= other->amount_minor_min &&
	       (!rule->is_birthday || other->is_birthday) &&
	       (!rule->is_brought || other->is_brought) &&
	       rule->lapsed_days <= other->lapsed_days && rule->chance == 0 &&
	       rule->sale_points_max == 0 && rule->budget_points_max == 0 &&
	       !has_member_cap(rule);
}

/* What `rule` gives less what `other` gives, for the same thing. */
static int compare_gives(
    const struct programme_rule *rule, const struct programme_rule *other)
{
	unsigned __int128 gives = rule->points_micro;
	unsigned __int128 gives_other = other->points_micro;

	if (rule->give == RULE_MULTIPLY) {
		gives = rule->multiply_milli;
		gives_other = other->multiply_milli;
	} else if (rule->give == RULE_PER_AMOUNT) {
		gives *= other->per_amount_minor;
		gives_other *= rule->per_amount_minor;
	}
	return (gives > gives_other) - (gives < gives_other);
}

/* The best of a group counts, of equals the first. */
static bool always_beats(
    const struct programme *programme, size_t place, size_t other_place)
{
	const struct programme_rule *rule = &programme->rules[place];
	const struct programme_rule *other = &programme->rules[other_place];
	int compared = compare_gives(rule, other);

	return rule->group == other->group && rule->give == other->give &&
	       (compared > 0 || (compared == 0 && place < other_place)) &&
	       covers(programme, rule, other);
}

static void warn_of_group(const struct warning *warning, size_t place)
{
	const struct programme *programme = warning->programme;
	const struct programme_rule *rule = &programme->rules[place];
	size_t others = 0;

	if (rule->group == 0)
		return;
	for (size_t index = 0; index < programme->rule_count; index++) {
		if (index == place ||
		    programme->rules[index].group != rule->group)
			continue;
		others++;
		if (!always_beats(programme, index, place))
			continue;
		warn_of(warning,
		    "this rule is never the best of its group: '%s' gives as "
		    "much wherever it applies",
		    programme->rules[index].id);
		return;
	}
	if (others == 0)
		warn_of(warning, "it is alone in its group '%s'",
		    programme->groups[rule->group - 1]);
}

void warn_of_rule(const struct warning *warning, size_t index)
{
	const struct programme_rule *rule = &warning->programme->rules[index];

	warn_of_conditions(warning, rule);
	warn_of_rule_caps(warning, rule);
	warn_of_multiplier(warning, rule);
	warn_of_group(warning, index);
}
