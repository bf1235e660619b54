/*
 * The law of the night: what who brought a member gets for it.
 */
#include "tests/unit/common/night_world.h"

static void pays_for_a_member_brought_after_its_first_sale(void **state)
{
	struct world *world = people_open(13, FRIEND_RULES);
	uint64_t sale;
	struct entry entry;

	(void)state;
	enrol_brought(world, 9, 1);
	world_set_day(world, "2026-01-16");
	assert_nothing_due(world, 9);
	night_earn(world, 9, 10);
	sale = world->count;
	assert_due(world, 9, ENTRY_BONUS);
	assert_nothing_due(world, 1);
	assert_int_equal(night_do(world, ENTRY_BONUS, MEMBER(9)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 500);
	assert_int_equal(entry.related_sequence, sale);
	assert_int_equal(entry.referrer, MEMBER(9));
	assert_int_equal(world_lot(world, MEMBER(1), world_day("2027-01-19"),
			     world_day("2026-01-19")),
	    500);
	assert_nothing_due(world, 9);
	night_earn(world, 9, 10);
	assert_nothing_due(world, 9);
	people_close(world);
}

static void pays_into_the_pool_of_who_brought_a_member(void **state)
{
	struct world *world = people_open(14, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	people_join(world, MEMBER(1), MEMBER(2));
	night_earn(world, 9, 10);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_balance(world, MEMBER(2)), 500);
	people_close(world);
}

static void pays_nothing_to_a_pool_for_its_own_head(void **state)
{
	struct world *world = people_open(15, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	night_earn(world, 9, 10);
	people_join(world, MEMBER(1), MEMBER(9));
	assert_nothing_due(world, 9);
	people_leave(world, MEMBER(1));
	assert_due(world, 9, ENTRY_BONUS);
	people_close(world);
}

static void pays_nothing_for_a_sale_that_came_back(void **state)
{
	struct world *world = people_open(16, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	night_earn(world, 9, 10);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	assert_nothing_due(world, 9);
	night_earn(world, 9, 20);
	assert_due(world, 9, ENTRY_BONUS);
	people_close(world);
}

static void pays_by_the_rules_in_force(void **state)
{
	struct world *world = people_open(17, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	night_earn(world, 9, 10);
	assert_int_equal(world_programme(world, NIGHT_RULES), REFUSAL_NONE);
	assert_nothing_due(world, 9);
	assert_int_equal(
	    world_programme(world, NIGHT_HEAD "[earn friend]\nrefer = 7\n"
					      "[earn fan]\nrefer = 1\n"),
	    REFUSAL_NONE);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 8);
	people_close(world);
}

/* The day is that of the sale, so that a night that comes late pays. */
static void pays_for_sales_within_the_rules_dates(void **state)
{
	struct world *world = people_open(18,
	    NIGHT_HEAD "[earn friend]\nrefer = 500\nfrom = 2026-02-01\n"
		       "until = 2026-02-28\n");

	(void)state;
	enrol_brought(world, 7, 1);
	enrol_brought(world, 8, 1);
	enrol_brought(world, 9, 1);
	world_set_day(world, "2026-01-31");
	night_earn(world, 7, 10);
	world_set_day(world, "2026-02-28");
	night_earn(world, 8, 10);
	world_set_day(world, "2026-03-01");
	night_earn(world, 9, 10);
	assert_nothing_due(world, 7);
	assert_due(world, 8, ENTRY_BONUS);
	assert_nothing_due(world, 9);
	people_close(world);
}

static void waits_where_caps_leave_nothing(void **state)
{
	struct world *world = people_open(19,
	    NIGHT_HEAD "[earn friend]\nrefer = 500\nmonth_times = 1\n"
		       "budget_points_max = 1200\n");

	(void)state;
	for (unsigned n = 6; n <= 9; n++) {
		enrol_brought(world, n, 1);
		night_earn(world, n, 10);
	}
	assert_int_equal(people_night(world), 1);
	assert_int_equal(people_night(world), 0);
	world_set_day(world, "2026-02-01");
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 1000);
	world_set_day(world, "2026-03-01");
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 1200);
	world_set_day(world, "2026-04-01");
	assert_int_equal(people_night(world), 0);
	people_close(world);
}

static void pays_members_of_a_tier_or_a_segment_alone(void **state)
{
	struct world *world = people_open(20,
	    TIER_RULES "[earn friend]\nrefer = 500\ntiers = gold\n"
		       "[earn press]\nrefer = 40\nsegments = press\n");
	struct command command;

	(void)state;
	enrol_brought(world, 8, 1);
	enrol_brought(world, 9, 2);
	night_earn(world, 8, 10);
	night_earn(world, 9, 10);
	assert_nothing_due(world, 8);
	night_earn(world, 1, 1000);
	command = people_command(world, ENTRY_MEMBER, MEMBER(2));
	command.segment = bytes_of_string("press");
	command.standing = STANDING_ACTIVE;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(people_night(world), 2);
	assert_int_equal(world_balance(world, MEMBER(1)), 1500);
	assert_int_equal(world_balance(world, MEMBER(2)), 40);
	people_close(world);
}

static void gives_something_to_both_sides(void **state)
{
	struct world *world = people_open(21,
	    FRIEND_RULES "[earn welcome]\npoints = 100\nper = visit\n"
			 "brought = yes\nfirst = yes\n");

	(void)state;
	enrol_brought(world, 9, 1);
	night_earn(world, 2, 10);
	assert_int_equal(world_balance(world, MEMBER(2)), 10);
	night_earn(world, 9, 10);
	assert_int_equal(world_balance(world, MEMBER(9)), 110);
	night_earn(world, 9, 10);
	assert_int_equal(world_balance(world, MEMBER(9)), 120);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 500);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pays_for_a_member_brought_after_its_first_sale),
	    cmocka_unit_test(pays_into_the_pool_of_who_brought_a_member),
	    cmocka_unit_test(pays_nothing_to_a_pool_for_its_own_head),
	    cmocka_unit_test(pays_nothing_for_a_sale_that_came_back),
	    cmocka_unit_test(pays_by_the_rules_in_force),
	    cmocka_unit_test(pays_for_sales_within_the_rules_dates),
	    cmocka_unit_test(waits_where_caps_leave_nothing),
	    cmocka_unit_test(pays_members_of_a_tier_or_a_segment_alone),
	    cmocka_unit_test(gives_something_to_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
