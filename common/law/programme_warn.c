/*
 * programme_warn: owns the order of warnings, and those of all sections but
 * rules and rewards, which have files of their own.
 */
#include "common/law/programme_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/ledger/lists.h"

void warn_of(const struct warning *warning, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	warning->warn(warning->context,
	    &(struct programme_fault){warning->line, 0, text});
}

void warn_of_caps(
    const struct warning *warning, const struct cap *caps, size_t count)
{
	for (size_t index = 0; index + 1 < count; index++) {
		for (size_t wider = index + 1; wider < count; wider++) {
			if (caps[wider].value == 0 ||
			    caps[index].value <= caps[wider].value)
				continue;
			warn_of(warning, "%s is never reached: %s is less",
			    caps[index].name, caps[wider].name);
			break;
		}
	}
}

void warn_if_over(
    const struct warning *warning, const char *what, int32_t last_day)
{
	char date[DATE_SIZE];

	if (last_day == DAY_NONE || last_day >= warning->today)
		return;
	day_format(last_day, date);
	warn_of(warning, "this %s is over: its last day was %s", what, date);
}

/* --- [programme] ---------------------------------------------------------- */

/* The cheapest price of a reward that has one. */
static uint64_t cheapest_points(const struct programme *programme)
{
	uint64_t points = UINT64_MAX;

	for (size_t index = 0; index < programme->reward_count; index++) {
		const struct programme_reward *reward =
		    &programme->rewards[index];
		uint64_t price = reward->kind == REWARD_MONEY
				     ? reward->money_step
				     : reward->points;

		if (price < reward->money_points_min)
			price = reward->money_points_min;
		if (price < points)
			points = price;
	}
	return points;
}

static void warn_of_programme(const struct warning *warning)
{
	const struct programme *programme = warning->programme;
	const struct cap caps[] = {
	    {"sale_points_max", programme->sale_points_max},
	    {"day_points_max", programme->points_max[PERIOD_DAY]},
	    {"month_points_max", programme->points_max[PERIOD_MONTH]},
	};
	uint64_t offline = programme->offline_redeem_points_max;

	warn_of_caps(warning, caps, COUNT_OF(caps));
	if (offline > 0 && offline < cheapest_points(programme))
		warn_of(warning,
		    "offline_redeem_points_max is less than any reward costs");
	if (programme->birthday_days > 0 && !programme->has_birthday_rule)
		warn_of(warning,
		    "birthday_days says nothing: no rule has 'birthday'");
}

/* --- [points] ------------------------------------------------------------- */

/* How long points live at most once they are active; 0 is for ever. */
static uint32_t life_days(const struct programme *programme)
{
	static const uint8_t further_months[] = {
	    [EXPIRE_MONTH] = 1, [EXPIRE_QUARTER] = 3, [EXPIRE_YEAR] = 12};
	uint32_t months =
	    programme->expire_months + further_months[programme->expire_end];

	return programme->expire_inactive_days > 0
		   ? programme->expire_inactive_days
		   : months * 31;
}

static void warn_of_date(const struct warning *warning)
{
	const struct programme *programme = warning->programme;
	int32_t active_day = warning->today + (int32_t)programme->pending_days;
	char date[DATE_SIZE];

	if (programme->expire_date == DAY_NONE)
		return;
	day_format(programme->expire_date, date);
	if (programme->expire_date < warning->today)
		warn_of(warning,
		    "points lapse when they are earned: %s is over", date);
	else if (programme->expire_date < active_day)
		warn_of(warning,
		    "points that are earned now lapse on %s, before they are "
		    "active",
		    date);
}

static void warn_of_points(const struct warning *warning)
{
	const struct programme *programme = warning->programme;
	uint32_t inactive_days = programme->expire_inactive_days;
	uint32_t life = life_days(programme);
	int32_t active_day;
	int32_t expiry_day;

	programme_stamps(programme, warning->today, &active_day, &expiry_day);
	warn_of_date(warning);
	if (inactive_days > 0 && programme->pending_days > inactive_days)
		warn_of(warning,
		    "points lapse before they are active: pending_days is more "
		    "than expire_inactive_days");
	if (programme->warn_days > 0 && expiry_day == LOT_NEVER)
		warn_of(warning, "warn_days says nothing: points never lapse");
	else if (life > 0 && programme->expire_date == DAY_NONE &&
		 programme->warn_days >= life)
		warn_of(warning,
		    "warn_days is as long as points live: members are warned "
		    "at once");
}

/* --- [tier ID], [transfer], [goodwill] ------------------------------------ */

static void warn_of_tier(const struct warning *warning, size_t index)
{
	const struct programme *programme = warning->programme;
	unsigned bit = 2u << index;

	for (size_t rule = 0; rule < programme->rule_count; rule++) {
		if (programme->rules[rule].tiers & bit)
			return;
	}
	for (size_t reward = 0; reward < programme->reward_count; reward++) {
		if (programme->rewards[reward].tiers & bit)
			return;
	}
	warn_of(warning, "no rule and no reward is for this tier");
}

static void warn_of_transfer(const struct warning *warning)
{
	const struct programme *programme = warning->programme;
	const struct cap caps[] = {
	    {"points_max", programme->transfer_points_max},
	    {"month_points_max", programme->transfer_month_points_max},
	};

	warn_of_caps(warning, caps, COUNT_OF(caps));
}

static void warn_of_goodwill(const struct warning *warning)
{
	const struct programme *programme = warning->programme;
	uint64_t cashier = programme->goodwill_cashier_day_points;
	uint64_t supervisor = programme->goodwill_supervisor_day_points;
	uint64_t second = programme->goodwill_second_day_points;

	if (cashier == 0 && supervisor == 0 && second == 0)
		warn_of(warning, "nobody may give any goodwill");
	if (cashier > supervisor)
		warn_of(warning, "a cashier may give more than a supervisor");
	if (second > 0 && supervisor > second)
		warn_of(warning,
		    "one supervisor alone may give more than two people");
}

/* --- the order ------------------------------------------------------------ */

/* What a warning can be about. */
struct subject {
	unsigned line;
	enum section section;
	size_t index; /* among its kind */
};
#define SUBJECTS_MAX (RULES_MAX + REWARDS_MAX + TIERS_MAX + 4)

static int compare_subjects(const void *left, const void *right)
{
	const struct subject *one = left;
	const struct subject *other = right;

	return (one->line > other->line) - (one->line < other->line);
}

/* In the order of lines; returns how many. */
static size_t list_subjects(
    const struct programme *programme, struct subject *ret_subjects)
{
	size_t count = 0;

	ret_subjects[count++] =
	    (struct subject){programme->line, SECTION_PROGRAMME, 0};
	ret_subjects[count++] =
	    (struct subject){programme->points_line, SECTION_POINTS, 0};
	ret_subjects[count++] =
	    (struct subject){programme->transfer_line, SECTION_TRANSFER, 0};
	ret_subjects[count++] =
	    (struct subject){programme->goodwill_line, SECTION_GOODWILL, 0};
	for (size_t index = 0; index < programme->rule_count; index++)
		ret_subjects[count++] = (struct subject){
		    programme->rules[index].line, SECTION_EARN, index};
	for (size_t index = 0; index < programme->tier_count; index++)
		ret_subjects[count++] = (struct subject){
		    programme->tiers[index].line, SECTION_TIER, index};
	for (size_t index = 0; index < programme->reward_count; index++)
		ret_subjects[count++] = (struct subject){
		    programme->rewards[index].line, SECTION_REWARD, index};
	qsort(ret_subjects, count, sizeof(*ret_subjects), compare_subjects);
	return count;
}

static void warn_of_subject(
    const struct warning *warning, const struct subject *subject)
{
	switch (subject->section) {
	case SECTION_PROGRAMME:
		warn_of_programme(warning);
		break;
	case SECTION_POINTS:
		warn_of_points(warning);
		break;
	case SECTION_TRANSFER:
		warn_of_transfer(warning);
		break;
	case SECTION_GOODWILL:
		warn_of_goodwill(warning);
		break;
	case SECTION_EARN:
		warn_of_rule(warning, subject->index);
		break;
	case SECTION_TIER:
		warn_of_tier(warning, subject->index);
		break;
	default:
		warn_of_reward(
		    warning, &warning->programme->rewards[subject->index]);
	}
}

void programme_warn(const struct programme *programme, int32_t today,
    programme_fault_fn *warn, void *context)
{
	struct subject subjects[SUBJECTS_MAX];
	struct warning warning = {.programme = programme,
	    .today = today,
	    .warn = warn,
	    .context = context};
	size_t count = list_subjects(programme, subjects);

	for (size_t index = 0; index < count; index++) {
		warning.line = subjects[index].line;
		if (warning.line > 0) /* else there is no such section */
			warn_of_subject(&warning, &subjects[index]);
	}
}
