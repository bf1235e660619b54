/*
 * Simulations of small files of sales against totals that were made by hand.
 */
#include "tests/unit/server/simulate_world.h"

/* --- sales ---------------------------------------------------------------- */

static void sums_what_sales_give(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n"
			  "2026-03-02,anna,12.50\n"
			  "2026-03-01,ben,3.99\n"
			  "2026-03-02,anna,0.99\n");
	run(world, HEAD BASE COFFEE);
	assert_int_equal(world->is.sales, 3);
	assert_int_equal(world->is.members, 2);
	assert_int_equal(world->is.active_members, 2);
	assert_int_equal(world->is.amount_minor, 1748);
	assert_int_equal(world->is.issued_points, 15);
	assert_int_equal(world->is.outstanding_points, 15);
	assert_int_equal(rule(world, "base")->points_micro, 15 * POINTS_MICRO);
	assert_int_equal(rule(world, "base")->sales, 2);
	/* Customers by their first sale in the file. */
	assert_int_equal(world->is.points[0], 12);
	assert_int_equal(world->is.points[1], 3);
	assert_int_equal(world->is.first_day + 1, world->is.last_day);
	assert_int_equal(world->is.tier_members[0], 2);
}

static void counts_what_is_left_out(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n"
			  "2026-03-01,,5.00\n"
			  "2026-03-01,anna,0.00\n"
			  "2026-03-01,anna,-2.00\n"
			  "2026-03-01,anna,2000.01\n"
			  "2026-03-01,anna,2000.00\n"
			  "2026-03-01,anna,9999.00\n");
	run(world, HEAD BASE COFFEE);
	assert_int_equal(world->is.nobody, 1);
	assert_int_equal(world->is.empty, 2);
	assert_int_equal(world->is.refused, 2);
	assert_string_equal(world->is.refusal,
	    "A sale is 0.01 to 2000.00 EUR. Check the amount.");
	assert_int_equal(world->is.sales, 1);
	assert_int_equal(world->is.issued_points, 2000);
}

static void asks_for_a_sale_and_a_programme(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n");
	assert_int_equal(simulate(bytes_of_string(HEAD BASE), world->sales,
			     &world->options, &world->is, &world->err),
	    RESULT_INVALID);
	assert_string_equal(world->err.text, "there is no sale in the file");
	read_sales(world, "date,customer,amount\n2026-03-01,a,1\n");
	assert_int_equal(simulate(bytes_of_string("nothing"), world->sales,
			     &world->options, &world->is, &world->err),
	    RESULT_INVALID);
}

static void says_what_each_rule_gave_and_counted(void **state)
{
	struct world *world = *state;

	/* 2026-03-02 is a Monday. */
	read_sales(world, "time,customer,basket,category,quantity,amount\n"
			  "2026-03-02 10:00,anna,1,fruit,2,4.00\n"
			  "2026-03-02 10:00,anna,1,bread,1,3.00\n"
			  "2026-03-02 10:00,anna,1,tobacco,1,6.00\n"
			  "2026-03-03 10:00,anna,2,fruit,1,1.50\n");
	run(world, HEAD BASE
	    "exclude_categories = tobacco\n"
	    "[earn fresh]\nmultiply = 3\ncategories = fruit\ngroup = best\n"
	    "[earn monday]\npoints = 2.25\nper = visit\nweekdays = mon\n"
	    "group = best\n"
	    "[earn items]\npoints = 0.5\nper = item\n");
	/* A multiplier is about what an item gives, too. Monday: 7 + 0.5 * 3 +
	 * max(2 * (4 + 1), 2.25) = 18.5; Tuesday: 1 + 0.5 + 2 * 1.5 = 4.5. */
	assert_int_equal(world->is.issued_points, 18 + 4);
	assert_int_equal(rule(world, "base")->points_micro, 8 * POINTS_MICRO);
	assert_int_equal(rule(world, "fresh")->points_micro, 13 * POINTS_MICRO);
	assert_int_equal(rule(world, "fresh")->sales, 2);
	assert_int_equal(rule(world, "monday")->points_micro, 0);
	assert_int_equal(rule(world, "monday")->sales, 0);
	assert_int_equal(rule(world, "items")->points_micro, 2 * POINTS_MICRO);
}

static void knows_shops_by_names_that_a_programme_can_say(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,shop,amount\n"
			  "2026-03-02,anna,North End,1.00\n"
			  "2026-03-02,anna,7,1.00\n"
			  "2026-03-02,anna,,1.00\n"
			  "2026-03-02,anna,south,1.00\n");
	run(world, HEAD "[earn there]\npoints = 10\nper = visit\n"
			"shops = north-end, 7\n");
	assert_int_equal(world->is.issued_points, 20);
	assert_int_equal(rule(world, "there")->sales, 2);
}

/* --- long receipts -------------------------------------------------------- */

/* One basket of `count` lines. */
static const char *long_basket(
    unsigned count, unsigned categories, unsigned products)
{
	size_t at = (size_t)sprintf(long_text,
	    "date,customer,basket,category,product,quantity,amount\n");

	for (unsigned i = 0; i < count; i++)
		at += (size_t)sprintf(&long_text[at],
		    "2026-03-02,a,1,c%u,p%u,1,0.10\n", i % categories,
		    i % products);
	return long_text;
}

static void puts_lines_together_where_there_are_too_many(void **state)
{
	static const char rules[] =
	    HEAD "[earn c0]\npoints = 1\nper = item\ncategories = c0\n"
		 "[earn c7]\npoints = 1\nper = item\ncategories = c7\n";
	struct world *world = *state;

	/* All of two products. */
	read_sales(world, long_basket(1000, 1, 2));
	run(world, rules);
	assert_int_equal(world->is.sales, 1);
	assert_int_equal(world->is.amount_minor, 10000);
	assert_int_equal(world->is.issued_points, 1000);
	/* 150 products of 100 categories: by category. */
	read_sales(world, long_basket(150, 100, 150));
	run(world, rules);
	assert_int_equal(world->is.sales, 1);
	assert_int_equal(world->is.issued_points, 2 + 2);
	/* As many as a till may say, as they are. */
	read_sales(world, long_basket(100, 100, 150));
	run(world, rules);
	assert_int_equal(world->is.issued_points, 1 + 1);
	/* More categories than lines. */
	read_sales(world, long_basket(150, 150, 100));
	run(world, rules);
	assert_int_equal(world->is.sales, 0);
	assert_int_equal(world->is.refused, 1);
	assert_non_null(strstr(world->is.refusal, "more lines than"));
}

/* --- nights --------------------------------------------------------------- */

static void lets_points_lapse_on_their_day(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n"
			  "2026-01-31,anna,7.00\n"
			  "2026-02-01,ben,5.00\n"
			  "2026-02-28,cleo,1.00\n");
	run(world, HEAD BASE "[points]\nexpire_months = 1\n");
	/* Anna's last day is 28 February: over in the night after. */
	assert_int_equal(world->is.expired_points, 7);
	assert_int_equal(world->is.outstanding_points, 6);
	assert_int_equal(world->is.active_members, 2);
	read_sales(world, "date,customer,amount\n"
			  "2026-01-31,anna,7.00\n"
			  "2026-02-27,cleo,1.00\n");
	run(world, HEAD BASE "[points]\nexpire_months = 1\n");
	assert_int_equal(world->is.expired_points, 0);
	run(world, HEAD BASE "[points]\nexpire_inactive_days = 27\n");
	assert_int_equal(world->is.expired_points, 7);
	run(world, HEAD BASE "[points]\nexpire_inactive_days = 28\n");
	assert_int_equal(world->is.expired_points, 0);
}

static void counts_tiers_as_they_are_in_the_end(void **state)
{
	static const char tiers[] =
	    HEAD BASE "[tiers]\nqualify = points\nwindow_days = 30\n"
		      "[tier silver]\nname = Silver\nfrom = 10\n"
		      "[tier gold]\nname = Gold\nfrom = 100\n";
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n"
			  "2026-01-01,anna,150.00\n"
			  "2026-01-01,ben,10.00\n"
			  "2026-01-15,cleo,9.99\n");
	run(world, tiers);
	assert_int_equal(world->is.tier_members[0], 1);
	assert_int_equal(world->is.tier_members[1], 1);
	assert_int_equal(world->is.tier_members[2], 1);
	read_sales(world, "date,customer,amount\n"
			  "2026-01-01,anna,150.00\n"
			  "2026-01-01,ben,10.00\n"
			  "2027-01-15,cleo,9.99\n");
	run(world, tiers);
	assert_int_equal(world->is.tier_members[0], 3);
}

/* --- time ----------------------------------------------------------------- */

static void sells_by_the_clock_on_the_shops_wall(void **state)
{
	static const char rules[] =
	    HEAD "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
		 "[earn happy]\npoints = 1\nper = visit\nhours = 10:00-11:00\n";
	struct world *world = *state;

	/* The clock goes forward on 29 March 2026, and back on 25 October. */
	read_sales(world, "time,customer,amount\n"
			  "2026-03-28 10:59,a,1\n2026-03-28 11:00,a,1\n"
			  "2026-03-29 09:59,a,1\n2026-03-29 10:00,a,1\n"
			  "2026-03-29 02:30,a,1\n"
			  "2026-10-25 10:00,a,1\n2026-10-25 11:00,a,1\n"
			  "2026-10-25 02:30,a,1\n");
	run(world, rules);
	assert_int_equal(world->is.sales, 8);
	assert_int_equal(world->is.issued_points, 3);
	/* The same moments, said by UTC. */
	read_sales(world, "time,customer,amount\n"
			  "2026-03-28 09:59Z,a,1\n2026-03-28 10:00Z,a,1\n"
			  "2026-03-29 07:59Z,a,1\n2026-03-29 08:00Z,a,1\n"
			  "2026-10-25 09:00Z,a,1\n2026-10-25 10:00Z,a,1\n");
	run(world, rules);
	assert_int_equal(world->is.issued_points, 3);
}

static void puts_a_sale_on_the_shops_own_day(void **state)
{
	struct world *world = *state;

	read_sales(world, "time,customer,amount\n"
			  "2026-01-01 23:30Z,a,1\n2026-01-01 10:00Z,a,1\n");
	run(world, HEAD "time_zone = CET-1\n"
			"[earn day]\npoints = 1\nper = visit\n"
			"day_times = 1\n");
	assert_int_equal(world->is.issued_points, 2);
	run(world, HEAD "[earn day]\npoints = 1\nper = visit\n"
			"day_times = 1\n");
	assert_int_equal(world->is.issued_points, 1);
}

static void refuses_sales_before_its_time(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n1970-01-01,a,1\n");
	assert_int_equal(simulate(bytes_of_string(HEAD BASE), world->sales,
			     &world->options, &world->is, &world->err),
	    RESULT_INVALID);
	read_sales(world, "date,customer,amount\n1970-01-02,a,1\n");
	run(world, HEAD BASE);
}

/* --- what it cannot know -------------------------------------------------- */

static void spreads_birthdays_over_the_year(void **state)
{
	static const char head[] = "date,customer,amount\n";
	struct world *world = *state;
	size_t at = (size_t)sprintf(long_text, "%s", head);

	for (unsigned i = 0; i < 3650; i++)
		at +=
		    (size_t)sprintf(&long_text[at], "2026-03-02,c%u,1.00\n", i);
	read_sales(world, long_text);
	run(world, HEAD "[earn day]\npoints = 1\nper = visit\n"
			"birthday = yes\n");
	assert_in_range(world->is.issued_points, 5, 15);
}

static void draws_lots_evenly_and_the_same_each_time(void **state)
{
	static const char rules[] =
	    HEAD "[earn luck]\npoints = 1\nper = visit\nchance = 10\n";
	struct world *world = *state;
	size_t at = (size_t)sprintf(long_text, "date,customer,amount\n");
	uint64_t won;

	for (unsigned i = 0; i < 5000; i++)
		at += (size_t)sprintf(
		    &long_text[at], "2026-03-02,c%u,1.00\n", i % 7);
	read_sales(world, long_text);
	run(world, rules);
	won = world->is.issued_points;
	assert_in_range(won, 400, 600);
	run(world, rules);
	assert_int_equal(world->is.issued_points, won);
}

/* --- rewards -------------------------------------------------------------- */

static void takes_the_dearest_reward_at_each_visit(void **state)
{
	struct world *world = *state;

	world->options.redeem = true;
	read_sales(world, "date,customer,amount\n"
			  "2026-03-01,anna,9.00\n"   /* 9 */
			  "2026-03-02,anna,25.00\n"  /* 34 */
			  "2026-03-03,anna,1.00\n"   /* - 30 + 1 = 5 */
			  "2026-03-04,anna,7.00\n"   /* 12 */
			  "2026-03-05,anna,1.00\n"); /* - 10 + 1 = 3 */
	run(world, HEAD BASE COFFEE
	    "[reward cake]\nname = Cake\npoints = 30\ncost = 2.50\n");
	assert_int_equal(world->is.issued_points, 43);
	assert_int_equal(world->is.redemptions, 2);
	assert_int_equal(world->is.redeemed_points, 40);
	assert_int_equal(world->is.redeemed_minor, 330);
	assert_int_equal(world->is.outstanding_points, 3);
	world->options.redeem = false;
	run(world, HEAD BASE COFFEE);
	assert_int_equal(world->is.redemptions, 0);
}

static void earns_nothing_on_what_points_pay(void **state)
{
	struct world *world = *state;

	world->options.redeem = true;
	read_sales(world, "date,customer,amount\n"
			  "2026-03-01,anna,400.00\n"
			  "2026-03-02,anna,10.00\n");
	/* 100 points are 1.00; half a sale at most: 5.00 of 10.00. */
	run(world, HEAD BASE
	    "[reward cash]\nname = Cash\nmoney_points = 100\n"
	    "money_amount = 1.00\nmoney_step = 50\nmoney_share_max = 50\n");
	assert_int_equal(world->is.redeemed_points, 400);
	assert_int_equal(world->is.redeemed_minor, 400);
	assert_int_equal(world->is.issued_points, 400 + 6);
	run(world, HEAD BASE
	    "[reward off]\nname = Off\npoints = 100\namount_off = 3.00\n");
	assert_int_equal(world->is.redeemed_points, 100);
	assert_int_equal(world->is.redeemed_minor, 300);
	assert_int_equal(world->is.issued_points, 400 + 7);
	run(world, HEAD BASE
	    "[reward tenth]\nname = Tenth\npoints = 100\npercent_off = 10\n");
	assert_int_equal(world->is.redeemed_minor, 100);
	assert_int_equal(world->is.issued_points, 400 + 9);
}

static void tries_the_next_reward_where_one_is_closed(void **state)
{
	struct world *world = *state;

	world->options.redeem = true;
	read_sales(world, "date,customer,amount\n"
			  "2026-03-01,anna,50.00\n"
			  "2026-03-02,anna,1.00\n");
	run(world, HEAD BASE COFFEE
	    "[reward cake]\nname = Cake\npoints = 30\nuntil = 2026-02-01\n");
	assert_int_equal(world->is.redeemed_points, 10);
}

static void says_what_a_point_costs(void **state)
{
	struct world *world = *state;

	read_sales(world, "date,customer,amount\n2026-03-01,anna,50.00\n");
	run(world, HEAD BASE);
	assert_int_equal(world->is.value_micro_least, 0);
	assert_int_equal(world->is.value_micro_most, 0);
	run(world, HEAD BASE COFFEE
	    "[reward off]\nname = Off\npoints = 100\namount_off = 1.00\n"
	    "[reward nobody-knows]\nname = N\npoints = 5\n"
	    "[reward cash]\nname = Cash\nmoney_points = 200\n"
	    "money_amount = 1.00\n"
	    "[reward half]\nname = H\npoints = 1000\npercent_off = 50\n"
	    "percent_off_max = 9.00\n");
	assert_int_equal(world->is.value_micro_least, 500000);
	assert_int_equal(world->is.value_micro_most, 8 * VALUE_MICRO);
	world->options.point_value_micro = 123;
	run(world, HEAD BASE COFFEE);
	assert_int_equal(world->is.value_micro_least, 123);
	assert_int_equal(world->is.value_micro_most, 123);
	assert_int_equal(simulate_worth(1500, 500000), 750);
	assert_int_equal(
	    simulate_worth(1000000000000, 900000000), 900000000000000);
}

/* --- two programmes ------------------------------------------------------- */

static void says_who_gains_and_who_loses(void **state)
{
	struct world *world = *state;
	struct simulate_comparison comparison;
	struct simulation before;
	size_t at = (size_t)sprintf(long_text, "date,customer,amount\n");

	/* Twenty customers; the n-th spends n.50. */
	for (unsigned i = 1; i <= 20; i++)
		at += (size_t)sprintf(
		    &long_text[at], "2026-03-02,c%u,%u.50\n", i, i);
	read_sales(world, long_text);
	run(world, HEAD "earn_points = 5\nearn_amount = 5.00\n");
	before = world->is;
	world->is = (struct simulation){0};
	run(world, HEAD "earn_points = 9\nearn_amount = 10.00\n");
	assert_int_equal(simulate_compare(world->sales, &before, &world->is,
			     &comparison, &world->err),
	    RESULT_OK);
	assert_false(comparison.is_worth);
	assert_int_equal(comparison.all.members, 20);
	/* 5 to 9: 5 points and then none; 10 to 14: 10 and 9; 15 to 19: 15
	 * and 9; 20: 20 and 18. */
	assert_int_equal(comparison.all.before, 25 + 50 + 75 + 20);
	assert_int_equal(comparison.all.after, 45 + 45 + 18);
	assert_int_equal(comparison.all.less, 16);
	assert_int_equal(comparison.all.more, 0);
	assert_int_equal(comparison.groups[0].members, 2);
	assert_int_equal(comparison.groups[0].amount_minor, 2050 + 1950);
	assert_int_equal(comparison.groups[0].before, 35);
	assert_int_equal(comparison.groups[0].after, 27);
	assert_int_equal(comparison.groups[9].amount_minor, 250 + 150);
	assert_int_equal(comparison.groups[9].less, 0);
	simulation_finish(&before);
}

static void compares_what_points_cost_where_both_say_it(void **state)
{
	struct world *world = *state;
	struct simulate_comparison comparison;
	struct simulation before;

	read_sales(world, "date,customer,amount\n2026-03-01,anna,50.00\n"
			  "2026-03-01,nobody,0.00\n");
	run(world, HEAD BASE COFFEE);
	before = world->is;
	world->is = (struct simulation){0};
	run(world, HEAD "earn_points = 10\nearn_amount = 1.00\n"
			"[reward coffee]\nname = Coffee\npoints = 200\n"
			"cost = 0.80\n");
	assert_int_equal(simulate_compare(world->sales, &before, &world->is,
			     &comparison, &world->err),
	    RESULT_OK);
	assert_true(comparison.is_worth);
	assert_int_equal(comparison.all.members, 1);
	assert_int_equal(comparison.all.before, 400);
	assert_int_equal(comparison.all.after, 200);
	assert_int_equal(comparison.all.less, 1);
	simulation_finish(&before);
}

static void count_calls(void *context, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	++*(unsigned *)context;
}

static void says_how_far_it_has_come(void **state)
{
	struct world *world = *state;
	unsigned calls = 0;

	world->options.progress = count_calls;
	world->options.context = &calls;
	read_sales(world, "date,customer,amount\n2026-03-01,anna,50.00\n");
	run(world, HEAD BASE);
	assert_true(calls > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sums_what_sales_give),
	    TEST(counts_what_is_left_out),
	    TEST(asks_for_a_sale_and_a_programme),
	    TEST(says_what_each_rule_gave_and_counted),
	    TEST(knows_shops_by_names_that_a_programme_can_say),
	    TEST(puts_lines_together_where_there_are_too_many),
	    TEST(lets_points_lapse_on_their_day),
	    TEST(counts_tiers_as_they_are_in_the_end),
	    TEST(sells_by_the_clock_on_the_shops_wall),
	    TEST(puts_a_sale_on_the_shops_own_day),
	    TEST(refuses_sales_before_its_time),
	    TEST(spreads_birthdays_over_the_year),
	    TEST(draws_lots_evenly_and_the_same_each_time),
	    TEST(takes_the_dearest_reward_at_each_visit),
	    TEST(earns_nothing_on_what_points_pay),
	    TEST(tries_the_next_reward_where_one_is_closed),
	    TEST(says_what_a_point_costs),
	    TEST(says_who_gains_and_who_loses),
	    TEST(compares_what_points_cost_where_both_say_it),
	    TEST(says_how_far_it_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
