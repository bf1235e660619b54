/*
 * Every key of every section: where its value goes.
 */
#include "tests/unit/common/programme_world.h"

static void keeps_what_a_programme_says(void **state)
{
	struct programme *programme =
	    world_parse(GOOD "offline_redeem_points_max = 200\n"
			     "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
			     "exclude_categories = tobacco, gift-card\n"
			     "exclude_products = 4001686301265\n"
			     "exclude_categories = deposit\n"
			     "sale_points_max = 500\n"
			     "day_points_max = 1000\n"
			     "month_points_max = 5000\n"
			     "day_sales_max = 10\n"
			     "late_days_max = 3\n"
			     "claim_days = 14\n"
			     "birthday_days = 4\n");

	(void)state;
	assert_int_equal(programme->offline_redeem_points_max, 200);
	assert_int_equal(programme->zone.offset_s, 3600);
	assert_true(programme->zone.has_summer);
	WORLD_NAMES(programme, programme->exclude_categories, "tobacco",
	    "gift-card", "deposit");
	WORLD_NAMES(programme, programme->exclude_products, "4001686301265");
	assert_int_equal(programme->sale_points_max, 500);
	assert_int_equal(programme->points_max[PERIOD_DAY], 1000);
	assert_int_equal(programme->points_max[PERIOD_MONTH], 5000);
	assert_int_equal(programme->points_max[PERIOD_YEAR], 0);
	assert_int_equal(programme->points_max[PERIOD_EVER], 0);
	assert_int_equal(programme->day_sales_max, 10);
	assert_int_equal(programme->late_days_max, 3);
	assert_int_equal(programme->claim_days, 14);
	assert_int_equal(programme->birthday_days, 4);
	assert_false(programme->is_plain);
	programme_destroy(programme);
}

static void keeps_what_points_are_stamped_with(void **state)
{
	struct programme *programme = world_parse(
	    GOOD "[points]\npending_days = 14\nexpire_months = 12\n"
		 "expire_end = quarter\nwarn_days = 30\ndebt = no\n");

	(void)state;
	assert_int_equal(programme->pending_days, 14);
	assert_int_equal(programme->expire_months, 12);
	assert_int_equal(programme->expire_end, EXPIRE_QUARTER);
	assert_int_equal(programme->expire_date, DAY_NONE);
	assert_int_equal(programme->expire_inactive_days, 0);
	assert_int_equal(programme->warn_days, 30);
	assert_true(programme->no_debt);
	programme_destroy(programme);
	programme = world_parse(
	    GOOD "[points]\nexpire_date = 2027-12-31\ndebt = yes\n");
	assert_int_equal(programme->expire_date, world_day("2027-12-31"));
	assert_false(programme->no_debt);
	programme_destroy(programme);
	programme = world_parse(GOOD "[points]\nexpire_inactive_days = 365\n");
	assert_int_equal(programme->expire_inactive_days, 365);
	programme_destroy(programme);
}

static void keeps_every_condition_of_a_rule(void **state)
{
	struct programme *programme =
	    world_parse(GOOD "[earn fresh]\n"
			     "name = Fresh fruit\n"
			     "points = 0.5\n"
			     "per = 1.00\n"
			     "categories = fruit, vegetables\n"
			     "products = 4011, 4012\n"
			     "categories = herbs\n"
			     "shops = north,south\n"
			     "tiers = silver, platinum\n"
			     "segments = staff , b2b\n"
			     "weekdays = mon, sun\n"
			     "hours = 14:00-16:30\n"
			     "from = 2026-01-01\n"
			     "until = 2026-01-31\n"
			     "amount_min = 10.00\n"
			     "birthday = yes\n"
			     "brought = yes\n"
			     "lapsed_days = 90\n"
			     "chance = 100\n"
			     "group = happy\n"
			     "[tier silver]\nfrom = 1\n"
			     "[tier gold]\nfrom = 2\n"
			     "[tier platinum]\nfrom = 3\n");
	const struct programme_rule *rule = &programme->rules[1];
	struct bytes staff = bytes_of_string("staff");

	(void)state;
	assert_int_equal(programme->rule_count, 2);
	assert_string_equal(rule->id, "fresh");
	assert_string_equal(rule->name, "Fresh fruit");
	assert_int_equal(
	    rule->ident, programme_ident("earn", bytes_of_string("fresh")));
	assert_int_equal(rule->line, 7);
	assert_int_equal(rule->give, RULE_PER_AMOUNT);
	assert_int_equal(rule->points_micro, 500000);
	assert_int_equal(rule->per_amount_minor, 100);
	assert_false(rule->is_stepped);
	WORLD_NAMES(
	    programme, rule->categories, "fruit", "vegetables", "herbs");
	WORLD_NAMES(programme, rule->products, "4011", "4012");
	WORLD_NAMES(programme, rule->shops, "north", "south");
	assert_int_equal(rule->segments.count, 2);
	assert_true(programme_names_have(
	    programme, rule->segments, programme_ident("segment", staff)));
	assert_int_equal(rule->tiers, (1 << 1) | (1 << 3));
	assert_int_equal(rule->weekdays, (1 << 0) | (1 << 6));
	assert_int_equal(rule->minute_from, 14 * 60);
	assert_int_equal(rule->minute_until, 16 * 60 + 30);
	assert_int_equal(rule->day_from, world_day("2026-01-01"));
	assert_int_equal(rule->day_until, world_day("2026-01-31"));
	assert_int_equal(rule->amount_minor_min, 1000);
	assert_true(rule->is_birthday);
	assert_true(rule->is_brought);
	assert_true(programme->has_birthday_rule);
	assert_int_equal(rule->lapsed_days, 90);
	assert_int_equal(rule->chance, 100);
	assert_int_equal(rule->group, 1);
	assert_int_equal(programme->group_count, 1);
	assert_string_equal(programme->groups[0], "happy");
	programme_destroy(programme);
}

static void keeps_every_cap_of_a_rule(void **state)
{
	struct programme *programme = world_parse(
	    GOOD "[earn a]\npoints = 2\nper = item\n"
		 "sale_points_max = 50\nday_points_max = 100\n"
		 "month_points_max = 500\never_points_max = 1000\n"
		 "budget_points_max = 1000000\nday_times = 1\nmonth_times = 4\n"
		 "year_times = 12\never_times = 24\n");
	const struct programme_rule *rule = &programme->rules[1];

	(void)state;
	assert_int_equal(rule->sale_points_max, 50);
	assert_int_equal(rule->points_max[PERIOD_DAY], 100);
	assert_int_equal(rule->points_max[PERIOD_MONTH], 500);
	assert_int_equal(rule->points_max[PERIOD_YEAR], 0);
	assert_int_equal(rule->points_max[PERIOD_EVER], 1000);
	assert_int_equal(rule->budget_points_max, 1000000);
	assert_int_equal(rule->times_max[PERIOD_DAY], 1);
	assert_int_equal(rule->times_max[PERIOD_MONTH], 4);
	assert_int_equal(rule->times_max[PERIOD_YEAR], 12);
	assert_int_equal(rule->times_max[PERIOD_EVER], 24);
	programme_destroy(programme);
}

static void knows_what_a_rule_gives(void **state)
{
	struct programme *programme = world_parse(
	    GOOD "[earn a]\nper = item\npoints = 0.001\n"
		 "[earn b]\npoints = 1000000000000\nper = visit\nfirst = yes\n"
		 "[earn c]\nmultiply = 1.001\nfirst = no\n"
		 "[earn d]\nrefer = 500\n"
		 "[earn e]\nmultiply = 100\n"
		 "[earn f]\npoints = 12.25\nper = 0.01\n");
	const struct programme_rule *rules = programme->rules;

	(void)state;
	assert_int_equal(rules[1].give, RULE_PER_ITEM);
	assert_int_equal(rules[1].points_micro, 1000);
	assert_string_equal(rules[1].name, "a");
	assert_int_equal(rules[2].give, RULE_PER_VISIT);
	assert_int_equal(rules[2].points_micro, POINTS_MAX * POINTS_MICRO);
	assert_int_equal(rules[2].times_max[PERIOD_EVER], 1);
	assert_int_equal(rules[3].give, RULE_MULTIPLY);
	assert_int_equal(rules[3].multiply_milli, 1001);
	assert_int_equal(rules[3].times_max[PERIOD_EVER], 0);
	assert_int_equal(rules[4].give, RULE_REFER);
	assert_int_equal(rules[4].points_micro, 500 * POINTS_MICRO);
	assert_int_equal(rules[5].multiply_milli, 100000);
	assert_int_equal(rules[6].points_micro, 12250000);
	assert_int_equal(rules[6].per_amount_minor, 1);
	programme_destroy(programme);
}

static void keeps_the_order_of_rules_with_the_base_first(void **state)
{
	struct programme *programme =
	    world_parse("[earn z]\nmultiply = 2\n[earn a]\nmultiply = 3\n" GOOD
			"[earn m]\nmultiply = 4\n");

	(void)state;
	assert_int_equal(programme->rule_count, 4);
	assert_string_equal(programme->rules[0].id, "base");
	assert_string_equal(programme->rules[0].name, "base");
	assert_int_equal(programme->rules[0].line, 8);
	assert_true(programme->rules[0].is_stepped);
	assert_int_equal(programme->rules[0].points_micro, POINTS_MICRO);
	assert_int_equal(programme->rules[0].per_amount_minor, 100);
	assert_int_equal(programme->rules[0].day_from, DAY_NONE);
	assert_string_equal(programme->rules[1].id, "z");
	assert_string_equal(programme->rules[2].id, "a");
	assert_string_equal(programme->rules[3].id, "m");
	assert_int_equal(programme->rules[3].multiply_milli, 4000);
	programme_destroy(programme);
}

static void does_without_a_base_rule_where_another_earns(void **state)
{
	struct programme *programme = world_parse(
	    "[programme]\nname = N\ncurrency = EUR\nsale_amount_max = 9\n"
	    "[earn stamp]\npoints = 1\nper = item\n");

	(void)state;
	assert_int_equal(programme->rule_count, 1);
	assert_string_equal(programme->rules[0].id, "stamp");
	assert_int_equal(programme->earn_points, 0);
	assert_int_equal(programme->earn_amount_minor, 1);
	assert_int_equal(programme_earn_points(programme, 12345), 0);
	assert_false(programme->is_plain);
	programme_destroy(programme);
}

static void keeps_tiers_and_how_they_are_had(void **state)
{
	struct programme *programme =
	    world_parse(GOOD "[tier silver]\nname = Silver\nfrom = 500\n"
			     "[tiers]\nqualify = amount\nwindow = anniversary\n"
			     "downgrade = all\ngrace_days = 30\n"
			     "[tier gold]\nfrom = 1500\n");

	(void)state;
	assert_int_equal(programme->qualify, QUALIFY_AMOUNT);
	assert_int_equal(programme->window, WINDOW_ANNIVERSARY);
	assert_true(programme->downgrade_all);
	assert_int_equal(programme->grace_days, 30);
	assert_int_equal(programme->tier_count, 2);
	assert_string_equal(programme->tiers[0].id, "silver");
	assert_string_equal(programme->tiers[0].name, "Silver");
	assert_int_equal(programme->tiers[0].line, 7);
	assert_int_equal(programme->tiers[0].from, 50000);
	assert_string_equal(programme->tiers[1].name, "gold");
	assert_int_equal(programme->tiers[1].from, 150000);
	assert_false(programme->is_plain);
	programme_destroy(programme);
	programme = world_parse(GOOD
	    "[tiers]\nqualify = visits\nwindow_days = 365\ndowngrade = one\n"
	    "[tier a]\nfrom = 10\n");
	assert_int_equal(programme->qualify, QUALIFY_VISITS);
	assert_int_equal(programme->window, WINDOW_ROLLING);
	assert_int_equal(programme->window_days, 365);
	assert_false(programme->downgrade_all);
	assert_int_equal(programme->tiers[0].from, 10);
	programme_destroy(programme);
	programme = world_parse(GOOD "[tier a]\nfrom = 10\n");
	assert_int_equal(programme->qualify, QUALIFY_POINTS);
	assert_int_equal(programme->window, WINDOW_YEAR);
	programme_destroy(programme);
}

static void keeps_each_kind_of_reward(void **state)
{
	struct programme *programme = world_parse(GOOD COFFEE
	    "[reward five]\nname = Five\npoints = 500\namount_off = 5.00\n"
	    "[reward ten]\nname = Ten\npoints = 900\npercent_off = 10\n"
	    "percent_off_max = 20.00\n"
	    "[reward cash]\nname = Cash\nmoney_points = 100\n"
	    "money_amount = 1.00\nmoney_step = 50\nmoney_points_min = 100\n"
	    "money_share_max = 50\n"
	    "[reward coins]\nname = Coins\nmoney_points = 1\n"
	    "money_amount = 0.01\n");
	const struct programme_reward *rewards = programme->rewards;

	(void)state;
	assert_int_equal(rewards[0].kind, REWARD_PRODUCT);
	assert_int_equal(rewards[0].line, 7);
	assert_int_equal(rewards[0].ident,
	    programme_ident("reward", bytes_of_string("coffee")));
	assert_int_equal(rewards[1].kind, REWARD_AMOUNT_OFF);
	assert_int_equal(rewards[1].points, 500);
	assert_int_equal(rewards[1].off_minor, 500);
	assert_int_equal(rewards[2].kind, REWARD_PERCENT_OFF);
	assert_int_equal(rewards[2].off_percent, 10);
	assert_int_equal(rewards[2].off_minor_max, 2000);
	assert_int_equal(rewards[3].kind, REWARD_MONEY);
	assert_int_equal(rewards[3].points, 0);
	assert_int_equal(rewards[3].money_points, 100);
	assert_int_equal(rewards[3].money_minor, 100);
	assert_int_equal(rewards[3].money_step, 50);
	assert_int_equal(rewards[3].money_points_min, 100);
	assert_int_equal(rewards[3].money_share_max, 50);
	assert_int_equal(rewards[4].money_step, 1);
	assert_int_equal(rewards[4].money_points_min, 0);
	assert_int_equal(rewards[4].money_share_max, 100);
	programme_destroy(programme);
}

static void keeps_the_limits_of_a_reward(void **state)
{
	struct programme *programme = world_parse(GOOD COFFEE
	    "stock = 200\nday_times = 1\nmonth_times = 5\nyear_times = 12\n"
	    "ever_times = 20\nfrom = 2026-01-01\nuntil = 2026-12-31\n"
	    "tiers = gold\ncost = 0.80\nhold_minutes = 15\n"
	    "[tier gold]\nfrom = 5\n"
	    "[reward tea]\nname = Tea\npoints = 1\n");
	const struct programme_reward *reward = &programme->rewards[0];

	(void)state;
	assert_int_equal(reward->stock, 200);
	assert_int_equal(reward->times_max[PERIOD_DAY], 1);
	assert_int_equal(reward->times_max[PERIOD_MONTH], 5);
	assert_int_equal(reward->times_max[PERIOD_YEAR], 12);
	assert_int_equal(reward->times_max[PERIOD_EVER], 20);
	assert_int_equal(reward->day_from, world_day("2026-01-01"));
	assert_int_equal(reward->day_until, world_day("2026-12-31"));
	assert_int_equal(reward->tiers, 1 << 1);
	assert_int_equal(reward->cost_minor, 80);
	assert_int_equal(reward->hold_ms, 15 * 60 * 1000);
	reward = &programme->rewards[1];
	assert_true(reward->stock == UINT64_MAX);
	assert_int_equal(reward->times_max[PERIOD_EVER], 0);
	assert_int_equal(reward->day_from, DAY_NONE);
	assert_int_equal(reward->day_until, DAY_NONE);
	assert_int_equal(reward->tiers, 0);
	assert_int_equal(reward->hold_ms, 10 * 60 * 1000);
	programme_destroy(programme);
}

static void keeps_what_people_may_give(void **state)
{
	struct programme *programme = world_parse(
	    GOOD "[transfer]\npoints_min = 50\npoints_max = 1000\n"
		 "month_points_max = 2000\n"
		 "[goodwill]\ncashier_day_points = 50\n"
		 "supervisor_day_points = 500\nsecond_day_points = 5000\n");

	(void)state;
	assert_true(programme->has_transfer);
	assert_int_equal(programme->transfer_points_min, 50);
	assert_int_equal(programme->transfer_points_max, 1000);
	assert_int_equal(programme->transfer_month_points_max, 2000);
	assert_true(programme->has_goodwill);
	assert_int_equal(programme->goodwill_cashier_day_points, 50);
	assert_int_equal(programme->goodwill_supervisor_day_points, 500);
	assert_int_equal(programme->goodwill_second_day_points, 5000);
	programme_destroy(programme);
	programme = world_parse(GOOD "[goodwill]\n[transfer]\n");
	assert_true(programme->has_transfer);
	assert_true(programme->has_goodwill);
	assert_int_equal(programme->transfer_points_max, 0);
	programme_destroy(programme);
}

static void means_the_same_as_ever_by_an_old_text(void **state)
{
	struct programme *programme = world_parse(GOOD COFFEE);

	(void)state;
	assert_true(programme->is_plain);
	assert_int_equal(programme->rule_count, 1);
	assert_string_equal(programme->rules[0].id, "base");
	assert_int_equal(programme->zone.offset_s, 0);
	assert_false(programme->zone.has_summer);
	assert_int_equal(programme->late_days_max, 7);
	assert_int_equal(programme->claim_days, 0);
	assert_int_equal(programme->expire_date, DAY_NONE);
	assert_int_equal(programme->expire_end, EXPIRE_DAY);
	assert_false(programme->no_debt);
	assert_false(programme->has_transfer);
	assert_false(programme->has_goodwill);
	assert_false(programme->has_birthday_rule);
	assert_int_equal(programme->tier_count, 0);
	assert_int_equal(programme->group_count, 0);
	assert_int_equal(programme->name_count, 0);
	programme_destroy(programme);
}

static void is_plain_only_while_an_entry_says_points_alone(void **state)
{
	static const char *const more[] = {"exclude_categories = a\n",
	    "exclude_products = a\n", "sale_points_max = 1\n",
	    "day_points_max = 1\n", "month_points_max = 1\n",
	    "day_sales_max = 1\n", "[points]\npending_days = 1\n",
	    "[points]\nexpire_months = 1\n", "[points]\nexpire_end = year\n",
	    "[points]\nexpire_date = 2030-01-01\n",
	    "[points]\nexpire_inactive_days = 1\n", "[tier a]\nfrom = 1\n",
	    FRESH};
	static const char *const as_plain[] = {"time_zone = EST5\n",
	    "claim_days = 3\n", "late_days_max = 0\n",
	    "[points]\nwarn_days = "
	    "3\n",
	    "[transfer]\n", "[goodwill]\n", COFFEE};
	char text[512];

	(void)state;
	for (size_t index = 0; index < sizeof(more) / sizeof(*more); index++) {
		struct programme *programme;

		(void)snprintf(text, sizeof(text), GOOD "%s", more[index]);
		programme = world_parse(text);
		assert_false(programme->is_plain);
		programme_destroy(programme);
	}
	for (size_t index = 0; index < sizeof(as_plain) / sizeof(*as_plain);
	     index++) {
		struct programme *programme;

		(void)snprintf(text, sizeof(text), GOOD "%s", as_plain[index]);
		programme = world_parse(text);
		assert_true(programme->is_plain);
		programme_destroy(programme);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_what_a_programme_says),
	    cmocka_unit_test(keeps_what_points_are_stamped_with),
	    cmocka_unit_test(keeps_every_condition_of_a_rule),
	    cmocka_unit_test(keeps_every_cap_of_a_rule),
	    cmocka_unit_test(knows_what_a_rule_gives),
	    cmocka_unit_test(keeps_the_order_of_rules_with_the_base_first),
	    cmocka_unit_test(does_without_a_base_rule_where_another_earns),
	    cmocka_unit_test(keeps_tiers_and_how_they_are_had),
	    cmocka_unit_test(keeps_each_kind_of_reward),
	    cmocka_unit_test(keeps_the_limits_of_a_reward),
	    cmocka_unit_test(keeps_what_people_may_give),
	    cmocka_unit_test(means_the_same_as_ever_by_an_old_text),
	    cmocka_unit_test(is_plain_only_while_an_entry_says_points_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
