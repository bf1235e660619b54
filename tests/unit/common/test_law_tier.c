/*
 * Tiers: how they are reached and fall, day by day.
 */
#include "tests/unit/common/tier_life.h"

/* --- reaching --------------------------------------------------------------
 */

static void reaches_a_tier_at_once_and_to_the_end_of_the_next_year(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	assert_false(sell(life, "2026-02-01", 499));
	assert_tier(life, "2026-02-01", GROUND, "");
	assert_true(sell(life, "2026-03-01", 1));
	assert_tier(life, "2026-03-01", SILVER, "2027-12-31");
	assert_false(sell(life, "2026-03-02", 499));
	assert_true(sell(life, "2026-12-31", 1));
	assert_tier(life, "2026-12-31", GOLD, "2027-12-31");
	assert_tier(life, "2027-12-31", GOLD, "2027-12-31");
	life_end(life);
}

static void passes_over_a_tier_where_one_sale_is_enough(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	assert_true(sell(life, "2026-02-01", 5000));
	assert_tier(life, "2026-02-01", PLATINUM, "2027-12-31");
	life_end(life);
}

static void renews_a_tier_that_is_reached_again(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 1000);
	assert_false(sell(life, "2027-05-01", 999));
	assert_tier(life, "2027-05-01", GOLD, "2027-12-31");
	assert_true(sell(life, "2027-05-02", 1));
	assert_tier(life, "2027-05-02", GOLD, "2028-12-31");
	life_end(life);
}

static void renews_nothing_by_a_sale_that_counts_for_nothing(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	assert_true(sell(life, "2026-02-01", 500));
	assert_tier(life, "2026-02-01", SILVER, "2026-03-03");
	assert_false(sell(life, "2026-02-20", 0));
	assert_tier(life, "2026-02-20", SILVER, "2026-03-03");
	assert_true(sell(life, "2026-02-20", 1));
	assert_tier(life, "2026-02-20", SILVER, "2026-03-22");
	life_end(life);
}

static void counts_from_one_anniversary_to_the_day_before_the_next(void **state)
{
	struct life *life = life_begin("2024-02-29");

	(void)state;
	life->programme.window = WINDOW_ANNIVERSARY;
	sell(life, "2025-02-27", 499);
	assert_false(sell(life, "2025-02-28", 499));
	assert_true(sell(life, "2026-02-27", 1));
	assert_tier(life, "2026-02-27", SILVER, "2027-02-27");
	assert_true(sell(life, "2027-02-28", 1000));
	/* The windows start on 28 February 2027 and on 29 February 2028. */
	assert_tier(life, "2027-02-28", GOLD, "2029-02-27");
	sell(life, "2028-02-28", 1);
	assert_true(sell(life, "2028-02-29", 1000));
	assert_tier(life, "2028-02-29", GOLD, "2030-02-27");
	life_end(life);
}

static void counts_the_last_days_where_the_window_rolls(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 250);
	assert_false(sell(life, "2026-01-31", 250));
	assert_true(sell(life, "2026-02-28", 250));
	assert_tier(life, "2026-02-28", SILVER, "2026-03-30");
	assert_true(sell(life, "2026-03-01", 1));
	assert_tier(life, "2026-03-01", SILVER, "2026-03-31");
	/* 31 January is no longer one of the 30 days. */
	assert_false(sell(life, "2026-03-02", 1));
	assert_tier(life, "2026-03-02", SILVER, "2026-03-31");
	life_end(life);
}

static void keeps_a_tier_for_the_days_of_grace(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 1000);
	assert_tier(life, "2028-01-30", GOLD, "2028-01-30");
	assert_tier(life, "2028-01-31", GROUND, "");
	life_end(life);
}

static void takes_a_late_sale_for_the_window_in_which_it_was_sold(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-12-01", 900);
	/* Nothing of the new year is counted yet, so the old one still is. */
	assert_true(
	    sell_late(life, day_of("2027-01-02"), day_of("2026-12-31"), 100));
	assert_tier(life, "2027-01-02", GOLD, "2027-12-31");
	assert_false(sell(life, "2027-01-02", 1));
	assert_false(
	    sell_late(life, day_of("2027-01-03"), day_of("2026-12-31"), 5000));
	assert_tier(life, "2027-01-03", GOLD, "2027-12-31");
	life_end(life);
}

/* --- falling ---------------------------------------------------------------
 */

static void falls_to_what_the_year_that_ended_supports(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-03-01", 600);
	assert_tier(life, "2027-12-31", PLATINUM, "2027-12-31");
	assert_tier(life, "2028-01-01", SILVER, "2028-12-31");
	assert_tier(life, "2029-01-01", GROUND, "");
	assert_false(pass_night(life, "2027-12-31"));
	assert_true(pass_night(life, "2028-01-01"));
	assert_false(pass_night(life, "2028-01-01"));
	assert_tier(life, "2028-12-31", SILVER, "2028-12-31");
	assert_true(pass_night(life, "2029-01-01"));
	assert_tier(life, "2029-01-01", GROUND, "");
	life_end(life);
}

static void falls_to_the_ground_where_nothing_was_bought(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	assert_tier(life, "2028-01-01", GROUND, "");
	life_end(life);
}

static void falls_one_step_for_each_window_that_is_over(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	assert_tier(life, "2028-01-01", GOLD, "2028-12-31");
	assert_tier(life, "2029-01-01", SILVER, "2029-12-31");
	assert_tier(life, "2029-12-31", SILVER, "2029-12-31");
	assert_tier(life, "2030-01-01", GROUND, "");
	assert_tier(life, "2060-01-01", GROUND, "");
	life_end(life);
}

static void falls_one_step_but_not_below_what_is_supported(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-02-01", 1000);
	assert_tier(life, "2028-01-01", GOLD, "2028-12-31");
	pass_night(life, "2028-01-01");
	sell(life, "2028-02-01", 1000);
	assert_tier(life, "2029-01-01", GOLD, "2029-12-31");
	life_end(life);
}

/* The sales of January are of the new window already; what the old one supports
 * is remembered for the day on which the grace is over. */
static void remembers_the_window_before_while_there_is_grace(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 31;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-03-01", 600);
	assert_false(sell(life, "2028-01-15", 100));
	assert_tier(life, "2028-01-31", PLATINUM, "2028-01-31");
	assert_tier(life, "2028-02-01", SILVER, "2029-01-31");
	/* Buying enough within the grace keeps it all. */
	assert_true(sell(life, "2028-01-20", 1900));
	assert_tier(life, "2028-01-20", PLATINUM, "2030-01-31");
	life_end(life);
}

static void falls_to_what_the_grace_itself_has_reached(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 31;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	assert_false(sell(life, "2028-01-15", 1100));
	assert_tier(life, "2028-01-31", PLATINUM, "2028-01-31");
	assert_tier(life, "2028-02-01", GOLD, "2030-01-31");
	life_end(life);
}

static void falls_to_what_the_last_days_support(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-01-01", 1000);
	sell(life, "2026-01-20", 500);
	assert_tier(life, "2026-01-20", GOLD, "2026-02-19");
	assert_tier(life, "2026-02-20", GROUND, "");
	sell(life, "2026-02-10", 500);
	assert_tier(life, "2026-02-10", GOLD, "2026-03-12");
	assert_tier(life, "2026-03-13", GROUND, "");
	sell(life, "2026-03-12", 500);
	assert_tier(life, "2026-03-13", SILVER, "2026-04-11");
	life_end(life);
}

static void falls_to_what_was_reached_while_the_higher_one_lasted(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-01-01", 2000);
	assert_false(sell(life, "2026-01-31", 500));
	assert_tier(life, "2026-01-31", PLATINUM, "2026-01-31");
	assert_tier(life, "2026-02-01", SILVER, "2026-03-02");
	assert_tier(life, "2026-03-03", GROUND, "");
	life_end(life);
}

static void falls_one_step_for_each_rolling_window(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 1000);
	assert_tier(life, "2026-01-31", GOLD, "2026-01-31");
	assert_tier(life, "2026-02-01", SILVER, "2026-03-02");
	assert_tier(life, "2026-03-03", GROUND, "");
	life_end(life);
}

/* The sale is the first to notice, and says both. */
static void writes_a_fall_down_with_the_next_sale(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	assert_true(sell(life, "2029-05-01", 1));
	assert_int_equal(life->member.tier_level, SILVER);
	assert_int_equal(life->member.tier_until_day, day_of("2029-12-31"));
	assert_false(pass_night(life, "2029-05-02"));
	life_end(life);
}

/* --- other rules -----------------------------------------------------------
 */

static void takes_a_level_above_the_highest_for_the_highest(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	life->programme.tier_count = 2;
	assert_tier(life, "2026-02-02", GOLD, "2027-12-31");
	assert_false(sell(life, "2026-02-02", 1));
	assert_int_equal(life->member.tier_level, PLATINUM);
	assert_tier(life, "2028-01-01", SILVER, "2028-12-31");
	life->programme.tier_count = 3;
	assert_tier(life, "2026-02-02", PLATINUM, "2027-12-31");
	life_end(life);
}

static void says_nothing_of_tiers_where_there_are_none(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	life->programme.tier_count = 0;
	assert_tier(life, "2026-02-02", GROUND, "");
	assert_false(sell(life, "2026-02-02", 1));
	assert_false(give_back(life, "2026-02-02", "2026-02-01", 2000));
	assert_false(pass_night(life, "2028-01-01"));
	assert_int_equal(life->member.tier_level, PLATINUM);
	life_end(life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		reaches_a_tier_at_once_and_to_the_end_of_the_next_year),
	    cmocka_unit_test(passes_over_a_tier_where_one_sale_is_enough),
	    cmocka_unit_test(renews_a_tier_that_is_reached_again),
	    cmocka_unit_test(renews_nothing_by_a_sale_that_counts_for_nothing),
	    cmocka_unit_test(
		counts_from_one_anniversary_to_the_day_before_the_next),
	    cmocka_unit_test(counts_the_last_days_where_the_window_rolls),
	    cmocka_unit_test(keeps_a_tier_for_the_days_of_grace),
	    cmocka_unit_test(
		takes_a_late_sale_for_the_window_in_which_it_was_sold),
	    cmocka_unit_test(falls_to_what_the_year_that_ended_supports),
	    cmocka_unit_test(falls_to_the_ground_where_nothing_was_bought),
	    cmocka_unit_test(falls_one_step_for_each_window_that_is_over),
	    cmocka_unit_test(falls_one_step_but_not_below_what_is_supported),
	    cmocka_unit_test(remembers_the_window_before_while_there_is_grace),
	    cmocka_unit_test(falls_to_what_the_grace_itself_has_reached),
	    cmocka_unit_test(falls_to_what_the_last_days_support),
	    cmocka_unit_test(
		falls_to_what_was_reached_while_the_higher_one_lasted),
	    cmocka_unit_test(falls_one_step_for_each_rolling_window),
	    cmocka_unit_test(writes_a_fall_down_with_the_next_sale),
	    cmocka_unit_test(takes_a_level_above_the_highest_for_the_highest),
	    cmocka_unit_test(says_nothing_of_tiers_where_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
