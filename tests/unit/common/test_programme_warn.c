/*
 * What is allowed but hardly meant: each warning, its line, and the text beside
 * it that is meant and is not warned of.
 */
#include "tests/support/check.h"

#include <stdlib.h>

#include "tests/unit/common/programme_world.h"

#define TODAY "2026-07-06"

/* Lines after GOOD, and what is warned of on TODAY. */
struct case_of {
	const char *lines;
	const char *warned;
};

static void assert_warned(const char *text, const char *wanted)
{
	struct programme *programme = world_parse(text);
	struct told told = {.count = 0};

	programme_warn(programme, world_day(TODAY), world_hear, &told);
	if (strcmp(told.text, wanted) != 0)
		fail_msg("%s\nwarns: %s\nwanted: %s", text, told.text, wanted);
	programme_destroy(programme);
}

static void assert_cases(const struct case_of *cases, size_t count)
{
	char text[4096];

	for (size_t index = 0; index < count; index++) {
		(void)snprintf(
		    text, sizeof(text), GOOD "%s", cases[index].lines);
		assert_warned(text, cases[index].warned);
	}
}

#define ASSERT_CASES(cases) \
	assert_cases(cases, sizeof(cases) / sizeof(*(cases)))

static void warns_of_what_is_over(void **state)
{
	static const struct case_of cases[] = {
	    {FRESH "until = 2026-07-05\n",
		"7:0 this rule is over: its last day was 2026-07-05\n"},
	    {FRESH "until = 2026-07-06\n", ""},
	    {FRESH "from = 2027-01-01\n", ""},
	    {COFFEE "until = 2026-07-05\n",
		"7:0 this reward is over: its last day was 2026-07-05\n"},
	    {COFFEE "until = 2026-07-06\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_a_rule_that_never_applies(void **state)
{
	static const struct case_of cases[] = {
	    /* A Monday to a Wednesday. */
	    {FRESH "from = 2026-07-06\nuntil = 2026-07-08\n"
		   "weekdays = thu, sun\n",
		"7:0 this rule never applies: no day from 'from' to 'until' is "
		"one of its weekdays\n"},
	    {FRESH "from = 2026-07-06\nuntil = 2026-07-08\n"
		   "weekdays = sun, wed\n",
		""},
	    {FRESH "from = 2026-07-06\nuntil = 2026-07-12\nweekdays = sun\n",
		""},
	    {FRESH "until = 2026-07-08\nweekdays = sun\n", ""},
	    {FRESH "amount_min = 2000.01\n",
		"7:0 this rule never applies: amount_min is more than "
		"sale_amount_max\n"},
	    {FRESH "amount_min = 2000.00\n", ""},
	    {"exclude_categories = a, b\n" FRESH "categories = a, b\n",
		"8:0 this rule never applies: all that it is about is "
		"excluded\n"},
	    {"exclude_categories = a\n" FRESH "categories = a, b\n", ""},
	    {"exclude_categories = a\n" FRESH "categories = a\nproducts = 1\n",
		""},
	    {"exclude_categories = a\nexclude_products = 1, 2\n" FRESH
	     "categories = a\nproducts = 1\n",
		"9:0 this rule never applies: all that it is about is "
		"excluded\n"},
	    {"exclude_categories = a\n" FRESH, ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_hours_without_length(void **state)
{
	static const struct case_of cases[] = {
	    {FRESH "hours = 14:00-14:00\n",
		"7:0 its hours have no length: it applies at any hour\n"},
	    {FRESH "hours = 14:00-14:01\n", ""},
	    {FRESH "hours = 22:00-02:00\n", ""},
	    {FRESH "hours = 00:00-24:00\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

#define NOTHING                                                         \
	"there is nothing to multiply: no rule per amount or per item " \
	"applies where this one does\n"
static void warns_of_a_multiplier_with_nothing_to_multiply(void **state)
{
	static const struct case_of cases[] = {
	    {"[earn m]\nmultiply = 2\ncategories = a\n", ""},
	    {"[earn m]\nmultiply = 2\nweekdays = mon\n", ""},
	};
	static const struct case_of without_base[] = {
	    {"[earn v]\npoints = 5\nper = visit\n[earn m]\nmultiply = 2\n",
		"8:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\n[earn m]\nmultiply = 2\n", ""},
	    {"[earn i]\npoints = 5\nper = item\ncategories = a\n"
	     "[earn m]\nmultiply = 2\ncategories = b\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\ncategories = a, b\n"
	     "[earn m]\nmultiply = 2\ncategories = b, c\n",
		""},
	    {"[earn i]\npoints = 5\nper = item\nproducts = 1\n"
	     "[earn m]\nmultiply = 2\nproducts = 2\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\nproducts = 1\n"
	     "[earn m]\nmultiply = 2\ncategories = b\n",
		""},
	    {"[earn i]\npoints = 5\nper = item\nshops = north\n"
	     "[earn m]\nmultiply = 2\nshops = south\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\nweekdays = mon, tue\n"
	     "[earn m]\nmultiply = 2\nweekdays = wed\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\nfrom = 2026-08-01\n"
	     "[earn m]\nmultiply = 2\nuntil = 2026-07-31\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\nuntil = 2026-07-31\n"
	     "[earn m]\nmultiply = 2\nfrom = 2026-08-01\n",
		"9:0 " NOTHING},
	    {"[earn i]\npoints = 5\nper = item\nfrom = 2026-08-01\n"
	     "[earn m]\nmultiply = 2\nuntil = 2026-08-01\n",
		""},
	    {"[tier a]\nfrom = 1\n[tier b]\nfrom = 2\n"
	     "[earn i]\npoints = 5\nper = item\ntiers = a\n"
	     "[earn m]\nmultiply = 2\ntiers = b\n",
		"13:0 " NOTHING},
	};
	char text[4096];

	(void)state;
	ASSERT_CASES(cases);
	for (size_t index = 0;
	     index < sizeof(without_base) / sizeof(*without_base); index++) {
		(void)snprintf(text, sizeof(text),
		    "[programme]\nname = N\ncurrency = EUR\n"
		    "sale_amount_max = 99.00\n%s",
		    without_base[index].lines);
		assert_warned(text, without_base[index].warned);
	}
}

#define NEVER_BEST(id)                                   \
	"this rule is never the best of its group: '" id \
	"' gives as much wherever it applies\n"
#define LOSER "[earn a]\nmultiply = 2\ngroup = g\n"
#define WINNER "[earn b]\nmultiply = 3\ngroup = g\n"
static void warns_of_a_rule_that_is_never_the_best_of_its_group(void **state)
{
	static const struct case_of cases[] = {
	    {LOSER WINNER, "7:0 " NEVER_BEST("b")},
	    {WINNER LOSER, "10:0 " NEVER_BEST("b")},
	    /* Of equals the first counts. */
	    {"[earn b]\nmultiply = 2\ngroup = g\n" LOSER,
		"10:0 " NEVER_BEST("b")},
	    {LOSER "[earn c]\nmultiply = 3\ngroup = h\n"
		   "[earn d]\nmultiply = 4\ngroup = h\nweekdays = mon\n",
		"7:0 it is alone in its group 'g'\n"},
	    {LOSER WINNER "weekdays = mon\n", ""},
	    {LOSER "weekdays = mon\n" WINNER "weekdays = mon, tue\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER "weekdays = mon, wed\n" WINNER "weekdays = mon, tue\n", ""},
	    {LOSER WINNER "hours = 10:00-12:00\n", ""},
	    {LOSER "hours = 10:00-12:00\n" WINNER "hours = 10:00-12:00\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER WINNER "categories = a\n", ""},
	    {LOSER "categories = a\n" WINNER "categories = a, b\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER "categories = a\nproducts = 1\n" WINNER "categories = a\n",
		""},
	    {LOSER WINNER "shops = a\n", ""},
	    {LOSER "shops = a\n" WINNER "shops = a, b\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER WINNER "segments = a\n", ""},
	    {LOSER "segments = a\n" WINNER "segments = a\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER WINNER "from = 2026-01-01\n", ""},
	    {LOSER "from = 2026-02-01\n" WINNER "from = 2026-01-01\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER WINNER "until = 2027-01-01\n", ""},
	    {LOSER "until = 2027-01-01\n" WINNER "until = 2027-02-01\n",
		"7:0 " NEVER_BEST("b")},
	    {LOSER WINNER "amount_min = 10\n", ""},
	    {LOSER WINNER "birthday = yes\n", ""},
	    {LOSER WINNER "brought = yes\n", ""},
	    {LOSER WINNER "lapsed_days = 9\n", ""},
	    {LOSER WINNER "chance = 9\n", ""},
	    {LOSER WINNER "sale_points_max = 9\n", ""},
	    {LOSER WINNER "day_times = 9\n", ""},
	    {LOSER WINNER "month_points_max = 9\n", ""},
	    {"[tier t]\nfrom = 1\n" LOSER WINNER "tiers = t\n", ""},
	    {"[tier t]\nfrom = 1\n" LOSER "tiers = t\n" WINNER,
		"9:0 " NEVER_BEST("b")},
	    /* Other kinds of giving cannot be compared. */
	    {LOSER "[earn b]\npoints = 500\nper = visit\ngroup = g\n", ""},
	    {"[earn a]\npoints = 1\nper = 2.00\ngroup = g\n"
	     "[earn b]\npoints = 2\nper = 3.00\ngroup = g\n",
		"7:0 " NEVER_BEST("b")},
	    {"[earn a]\npoints = 3\nper = 3.00\ngroup = g\n"
	     "[earn b]\npoints = 2\nper = 2.00\ngroup = g\n",
		"11:0 " NEVER_BEST("a")},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_caps_that_say_nothing(void **state)
{
	static const struct case_of cases[] = {
	    {FRESH "sale_points_max = 10\nday_points_max = 9\n",
		"7:0 sale_points_max is never reached: day_points_max is "
		"less\n"},
	    {FRESH "day_points_max = 10\never_points_max = 9\n",
		"7:0 day_points_max is never reached: ever_points_max is "
		"less\n"},
	    {FRESH "month_points_max = 10\nbudget_points_max = 9\n",
		"7:0 month_points_max is never reached: budget_points_max is "
		"less\n"},
	    {FRESH "day_times = 3\nmonth_times = 2\nyear_times = 1\n",
		"7:0 day_times is never reached: month_times is less\n"
		"7:0 month_times is never reached: year_times is less\n"},
	    {FRESH "day_points_max = 9\nmonth_points_max = 9\n", ""},
	    {COFFEE "year_times = 3\never_times = 2\n",
		"7:0 year_times is never reached: ever_times is less\n"},
	    {"sale_points_max = 10\nmonth_points_max = 9\n",
		"1:0 sale_points_max is never reached: month_points_max is "
		"less\n"},
	    {"[transfer]\npoints_max = 10\nmonth_points_max = 9\n",
		"7:0 points_max is never reached: month_points_max is less\n"},
	    {"[transfer]\npoints_max = 10\nmonth_points_max = 10\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_a_budget_without_a_cap_of_one_member(void **state)
{
	static const struct case_of cases[] = {
	    {FRESH "budget_points_max = 1000\n",
		"7:0 a budget without a cap of one member: the first who come "
		"can use it up\n"},
	    {FRESH "budget_points_max = 1000\nsale_points_max = 9\n",
		"7:0 a budget without a cap of one member: the first who come "
		"can use it up\n"},
	    {FRESH "budget_points_max = 1000\never_points_max = 50\n", ""},
	    {FRESH "budget_points_max = 1000\nfirst = yes\n", ""},
	    {FRESH "budget_points_max = 1000\nday_times = 1\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

#define DEAR                                                            \
	"nobody can afford this: a largest sale on each day of a year " \
	"gives less\n"
#define COSTS(points) "[reward r]\nname = R\npoints = " points "\n"
static void warns_of_a_reward_that_nobody_can_afford(void **state)
{
	static const struct case_of cases[] = {
	    /* 2,000 points a sale, 366 days. */
	    {COSTS("732000"), ""},
	    {COSTS("732001"), "7:0 " DEAR},
	    {"sale_points_max = 10\n" COSTS("3660"), ""},
	    {"sale_points_max = 10\n" COSTS("3661"), "8:0 " DEAR},
	    {"day_points_max = 10\n" COSTS("3661"), "8:0 " DEAR},
	    {"month_points_max = 10\n" COSTS("120"), ""},
	    {"month_points_max = 10\n" COSTS("121"), "8:0 " DEAR},
	    /* Multipliers double it, also what is per item. */
	    {"[earn m]\nmultiply = 2\n" COSTS("1464000"), ""},
	    {"[earn m]\nmultiply = 2\n" COSTS("1464001"), "9:0 " DEAR},
	    {"[earn m]\nmultiply = 2\nday_points_max = 5\n" COSTS("733830"),
		""},
	    {"[earn m]\nmultiply = 2\nday_points_max = 5\n" COSTS("733831"),
		"10:0 " DEAR},
	    {"[reward r]\nname = R\nmoney_points = 1000000\n"
	     "money_amount = 1\nmoney_points_min = 732001\n",
		"7:0 " DEAR},
	    {"[reward r]\nname = R\nmoney_points = 1000000\n"
	     "money_amount = 1\nmoney_step = 732001\n",
		"7:0 " DEAR},
	};
	static const struct case_of stamps[] = {
	    /* 100 items a sale are as many as can be. */
	    {"per = item\n" COSTS("36600"), ""},
	    {"per = item\n" COSTS("36601"), "8:0 " DEAR},
	    {"per = visit\n" COSTS("366"), ""},
	    {"per = visit\n" COSTS("367"), "8:0 " DEAR},
	    {"per = visit\nmonth_times = 2\n" COSTS("24"), ""},
	    {"per = visit\nmonth_times = 2\n" COSTS("25"), "9:0 " DEAR},
	    {"per = visit\nyear_times = 2\n" COSTS("3"), "9:0 " DEAR},
	    {"per = visit\nfirst = yes\n" COSTS("1"), ""},
	    {"per = visit\nfirst = yes\n" COSTS("2"), "9:0 " DEAR},
	    {"per = item\nsale_points_max = 2\n" COSTS("733"), "9:0 " DEAR},
	    {"per = item\nmonth_points_max = 2\n" COSTS("25"), "9:0 " DEAR},
	    {"per = item\never_points_max = 2\n" COSTS("3"), "9:0 " DEAR},
	    {"per = item\never_points_max = 2\nbudget_points_max = 3\n"
	     "[earn f]\nrefer = 50\n" COSTS("3"),
		"12:0 " DEAR},
	};
	char text[4096];

	(void)state;
	ASSERT_CASES(cases);
	for (size_t index = 0; index < sizeof(stamps) / sizeof(*stamps);
	     index++) {
		(void)snprintf(text, sizeof(text),
		    "[programme]\nname = N\ncurrency = EUR\n"
		    "sale_amount_max = 99.00\n[earn s]\npoints = 1\n%s",
		    stamps[index].lines);
		assert_warned(text, stamps[index].warned);
	}
}

#define CASH "[reward c]\nname = C\nmoney_points = 100\nmoney_amount = 1.00\n"
static void warns_of_a_reward_that_cannot_be_had(void **state)
{
	static const struct case_of cases[] = {
	    {COFFEE "stock = 0\n", "7:0 there are none of this reward\n"},
	    {COFFEE "stock = 1\n", ""},
	    {CASH "money_step = 30\nmoney_points_min = 100\n",
		"7:0 money_points_min is no multiple of money_step: the least "
		"is 120\n"},
	    {CASH "money_step = 30\nmoney_points_min = 120\n", ""},
	    /* 10 percent of 2,000.00 are 20,000 points. */
	    {CASH "money_share_max = 10\nmoney_points_min = 20000\n", ""},
	    {CASH "money_share_max = 10\nmoney_points_min = 20001\n",
		"7:0 nobody can use this: its least is worth more than "
		"money_share_max of the largest sale\n"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_points_that_lapse_before_they_can_be_spent(void **state)
{
	static const struct case_of cases[] = {
	    {"[points]\nexpire_date = 2026-07-05\n",
		"7:0 points lapse when they are earned: 2026-07-05 is over\n"},
	    {"[points]\nexpire_date = 2026-07-06\n", ""},
	    {"[points]\nexpire_date = 2026-07-19\npending_days = 14\n",
		"7:0 points that are earned now lapse on 2026-07-19, before "
		"they are active\n"},
	    {"[points]\nexpire_date = 2026-07-20\npending_days = 14\n", ""},
	    {"[points]\nexpire_inactive_days = 13\npending_days = 14\n",
		"7:0 points lapse before they are active: pending_days is more "
		"than expire_inactive_days\n"},
	    {"[points]\nexpire_inactive_days = 14\npending_days = 14\n", ""},
	    {"[points]\nexpire_months = 1\npending_days = 400\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_a_warning_that_says_nothing(void **state)
{
	static const struct case_of cases[] = {
	    {"[points]\nwarn_days = 30\n",
		"7:0 warn_days says nothing: points never lapse\n"},
	    {"[points]\nwarn_days = 0\n", ""},
	    {"[points]\nwarn_days = 31\nexpire_months = 1\n",
		"7:0 warn_days is as long as points live: members are warned "
		"at once\n"},
	    {"[points]\nwarn_days = 30\nexpire_months = 1\n", ""},
	    {"[points]\nwarn_days = 31\nexpire_end = month\n",
		"7:0 warn_days is as long as points live: members are warned "
		"at once\n"},
	    {"[points]\nwarn_days = 92\nexpire_end = quarter\n", ""},
	    {"[points]\nwarn_days = 360\nexpire_end = year\n", ""},
	    {"[points]\nwarn_days = 30\nexpire_inactive_days = 30\n",
		"7:0 warn_days is as long as points live: members are warned "
		"at once\n"},
	    {"[points]\nwarn_days = 30\nexpire_date = 2027-12-31\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_a_tier_that_nothing_is_for(void **state)
{
	static const struct case_of cases[] = {
	    {"[tier a]\nfrom = 1\n[tier b]\nfrom = 2\n" FRESH "tiers = b\n",
		"7:0 no rule and no reward is for this tier\n"},
	    {"[tier a]\nfrom = 1\n[tier b]\nfrom = 2\n" FRESH
	     "tiers = b\n" COFFEE "tiers = a, b\n",
		""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_goodwill_that_falls_with_rank(void **state)
{
	static const struct case_of cases[] = {
	    {"[goodwill]\n", "7:0 nobody may give any goodwill\n"},
	    {"[goodwill]\ncashier_day_points = 10\n"
	     "supervisor_day_points = 9\n",
		"7:0 a cashier may give more than a supervisor\n"},
	    {"[goodwill]\nsupervisor_day_points = 9\nsecond_day_points = 8\n",
		"7:0 one supervisor alone may give more than two people\n"},
	    {"[goodwill]\ncashier_day_points = 9\nsupervisor_day_points = 9\n"
	     "second_day_points = 9\n",
		""},
	    {"[goodwill]\nsupervisor_day_points = 9\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_of_keys_of_the_programme_that_say_nothing(void **state)
{
	static const struct case_of cases[] = {
	    {"birthday_days = 3\n",
		"1:0 birthday_days says nothing: no rule has 'birthday'\n"},
	    {"birthday_days = 3\n" FRESH "birthday = yes\n", ""},
	    {"birthday_days = 0\n", ""},
	    {"offline_redeem_points_max = 149\n" COFFEE,
		"1:0 offline_redeem_points_max is less than any reward "
		"costs\n"},
	    {"offline_redeem_points_max = 150\n" COFFEE, ""},
	    {"offline_redeem_points_max = 5\n" COFFEE CASH "money_step = 5\n",
		""},
	    {"offline_redeem_points_max = 0\n", ""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void warns_in_the_order_of_lines(void **state)
{
	(void)state;
	assert_warned(COFFEE "stock = 0\n[tier a]\nfrom = 1\n" GOOD
			     "birthday_days = 3\n"
			     "[goodwill]\n" FRESH "until = 2026-01-01\n"
			     "hours = 10:00-10:00\n[points]\nwarn_days = 1\n",
	    "1:0 there are none of this reward\n"
	    "5:0 no rule and no reward is for this tier\n"
	    "7:0 birthday_days says nothing: no rule has 'birthday'\n"
	    "14:0 nobody may give any goodwill\n"
	    "15:0 this rule is over: its last day was 2026-01-01\n"
	    "15:0 its hours have no length: it applies at any hour\n"
	    "20:0 warn_days says nothing: points never lapse\n");
}

static void warns_of_nothing_in_a_plain_programme(void **state)
{
	(void)state;
	assert_warned(GOOD, "");
	assert_warned(GOOD COFFEE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(warns_of_what_is_over),
	    cmocka_unit_test(warns_of_a_rule_that_never_applies),
	    cmocka_unit_test(warns_of_hours_without_length),
	    cmocka_unit_test(warns_of_a_multiplier_with_nothing_to_multiply),
	    cmocka_unit_test(
		warns_of_a_rule_that_is_never_the_best_of_its_group),
	    cmocka_unit_test(warns_of_caps_that_say_nothing),
	    cmocka_unit_test(warns_of_a_budget_without_a_cap_of_one_member),
	    cmocka_unit_test(warns_of_a_reward_that_nobody_can_afford),
	    cmocka_unit_test(warns_of_a_reward_that_cannot_be_had),
	    cmocka_unit_test(
		warns_of_points_that_lapse_before_they_can_be_spent),
	    cmocka_unit_test(warns_of_a_warning_that_says_nothing),
	    cmocka_unit_test(warns_of_a_tier_that_nothing_is_for),
	    cmocka_unit_test(warns_of_goodwill_that_falls_with_rank),
	    cmocka_unit_test(warns_of_keys_of_the_programme_that_say_nothing),
	    cmocka_unit_test(warns_in_the_order_of_lines),
	    cmocka_unit_test(warns_of_nothing_in_a_plain_programme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
