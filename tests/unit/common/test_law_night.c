/*
 * The law of the night: what falls due by itself, once, whenever the night is.
 */
#include "tests/unit/common/night_world.h"

/* --- points that lapse -----------------------------------------------------
 */

static void expires_points_after_their_last_day(void **state)
{
	struct world *world = people_open(1, NIGHT_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 100);
	night_earn(world, 2, 40);
	world_set_clock(world, "2026-02-15", 23, 59, 59);
	people_night(world);
	assert_nothing_due(world, 1);
	assert_int_equal(world_spendable(world, MEMBER(1)), 100);
	world->now_ms += 1000;
	assert_int_equal(world_spendable(world, MEMBER(1)), 0);
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(
	    night_do(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.terminal, 0);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_EXPIRED);
	assert_int_equal(entry.points, 100);
	assert_int_equal(entry.balance_points, 0);
	assert_int_equal(lots_points(entry.lots), 100);
	assert_nothing_due(world, 1);
	assert_due(world, 2, ENTRY_EXPIRE);
	people_close(world);
}

static void expires_all_that_has_lapsed_at_once_and_no_more(void **state)
{
	struct world *world = people_open(2, NIGHT_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-01-20");
	night_earn(world, 1, 10);
	world_set_day(world, "2026-02-18");
	night_earn(world, 1, 1);
	world_set_day(world, "2026-03-01");
	assert_int_equal(
	    night_do(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 110);
	assert_int_equal(entry.lots.size, 2 * LOT_SIZE);
	assert_int_equal(world_balance(world, MEMBER(1)), 1);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void expires_nothing_that_is_kept_for_a_redemption(void **state)
{
	struct world *world = people_open(3, NIGHT_RULES);

	(void)state;
	night_earn(world, 1, 200);
	world_set_clock(world, "2026-02-15", 23, 55, 0);
	people_night(world);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	world_set_clock(world, "2026-02-16", 0, 1, 0);
	assert_nothing_due(world, 1);
	world_set_clock(world, "2026-02-16", 0, 5, 0);
	assert_due(world, 1, ENTRY_EXPIRE);
	people_close(world);
}

static void expires_more_points_than_one_entry_moves(void **state)
{
	struct world *world = people_open(4, NIGHT_RULES);

	(void)state;
	for (int times = 0; times < 3; times++)
		assert_int_equal(
		    people_adjust(world, MEMBER(1), (int64_t)POINTS_MAX),
		    REFUSAL_NONE);
	world_set_day(world, "2026-03-01");
	assert_int_equal(people_night(world), 3);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	people_close(world);
}

static void expires_by_the_last_activity(void **state)
{
	struct world *world = people_open(5, INACTIVE_RULES);

	(void)state;
	night_earn(world, 1, 200);
	world_set_day(world, "2026-02-14");
	people_night(world);
	assert_int_equal(world_spendable(world, MEMBER(1)), 200);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	world_set_day(world, "2026-03-16");
	people_night(world);
	assert_int_equal(world_balance(world, MEMBER(1)), 50);
	world_set_day(world, "2026-03-17");
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	people_close(world);
}

/* --- notices ---------------------------------------------------------------
 */

static void tells_once_of_points_that_lapse_soon(void **state)
{
	struct world *world = people_open(6, NIGHT_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-02-07");
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-08");
	assert_due(world, 1, ENTRY_NOTICE);
	assert_int_equal(
	    night_do(world, ENTRY_NOTICE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 0);
	assert_int_equal(lots_points(entry.lots), 100);
	assert_int_equal(
	    night_member(world, 1)->warned_day, world_day("2026-02-15"));
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-15");
	assert_nothing_due(world, 1);
	people_close(world);
}

static void tells_of_later_points_in_their_own_time(void **state)
{
	struct world *world = people_open(7, NIGHT_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-01-18");
	night_earn(world, 1, 30);
	world_set_day(world, "2026-01-20");
	night_earn(world, 1, 7);
	/* Nights were missed: one notice for both that are near by now. */
	world_set_day(world, "2026-02-12");
	assert_int_equal(people_night(world), 1);
	entry = world_entry(world, world->count);
	assert_int_equal(lots_points(entry.lots), 130);
	world_set_day(world, "2026-02-13");
	assert_int_equal(people_night(world), 1);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.kind, ENTRY_NOTICE);
	assert_int_equal(lots_points(entry.lots), 7);
	people_close(world);
}

static void tells_again_where_activity_has_moved_the_day(void **state)
{
	struct world *world = people_open(8, INACTIVE_RULES);

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-02-08");
	assert_int_equal(people_night(world), 1);
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-10");
	night_earn(world, 1, 1);
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-03-05");
	assert_int_equal(people_night(world), 1);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void tells_nobody_where_the_programme_does_not_say_so(void **state)
{
	struct world *world =
	    people_open(9, NIGHT_HEAD "[points]\nexpire_months = 1\n");

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-02-15");
	assert_nothing_due(world, 1);
	people_close(world);
}

/* --- tiers -----------------------------------------------------------------
 */

static void writes_down_a_tier_that_has_run_out(void **state)
{
	struct world *world = people_open(10, TIER_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 1000);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 2);
	assert_int_equal(entry.tier_until_day, world_day("2027-12-31"));
	world_set_day(world, "2027-12-31");
	people_night(world);
	assert_nothing_due(world, 1);
	world_set_day(world, "2028-01-01");
	assert_due(world, 1, ENTRY_TIER);
	assert_int_equal(night_do(world, ENTRY_TIER, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(entry.tier_until_day, world_day("2028-12-31"));
	assert_int_equal(entry.has, ENTRY_HAS(TAG_TIER));
	assert_nothing_due(world, 1);
	world_set_day(world, "2031-01-01");
	assert_int_equal(night_do(world, ENTRY_TIER, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 0);
	assert_int_equal(entry.tier_until_day, 0);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void takes_a_tier_back_with_the_sale(void **state)
{
	struct world *world = people_open(11, TIER_RULES);
	struct entry entry;

	(void)state;
	night_earn(world, 1, 600);
	night_earn(world, 1, 600);
	assert_int_equal(night_member(world, 1)->tier_level, 2);
	assert_int_equal(
	    world_return(world, 1, world->count, 20001), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(night_member(world, 1)->tier_level, 1);
	people_close(world);
}

static void asks_for_the_tier_of_the_pool(void **state)
{
	struct world *world = people_open(12, TIER_RULES);
	const struct programme *programme;

	(void)state;
	programme = book_programme(world->book)->programme;
	night_earn(world, 2, 1000);
	people_join(world, MEMBER(1), MEMBER(2));
	assert_int_equal(law_tier(world->book, programme,
			     night_member(world, 1), world_day("2026-01-15")),
	    2);
	people_close(world);
}

/* --- in what order, and of whom --------------------------------------------
 */

static void goes_step_by_step_until_nothing_is_left(void **state)
{
	struct world *world = people_open(22,
	    NIGHT_HEAD "[points]\nexpire_months = 1\nwarn_days = 400\n"
		       "[tiers]\nqualify = points\nwindow_days = 20\n"
		       "[tier silver]\nname = Silver\nfrom = 10\n"
		       "[earn friend]\nrefer = 5\n");
	static const enum entry_kind kinds[] = {
	    ENTRY_TIER, ENTRY_EXPIRE, ENTRY_NOTICE, ENTRY_BONUS};

	(void)state;
	enrol_brought(world, 9, 1);
	night_earn(world, 9, 10);
	assert_int_equal(world_programme(world, NIGHT_HEAD
			     "[points]\nexpire_months = 2\nwarn_days = 400\n"
			     "[tiers]\nqualify = points\nwindow_days = 20\n"
			     "[tier silver]\nname = Silver\nfrom = 10\n"
			     "[earn friend]\nrefer = 5\n"),
	    REFUSAL_NONE);
	night_earn(world, 9, 1);
	world_set_day(world, "2026-02-20");
	for (size_t index = 0; index < 4; index++) {
		assert_due(world, 9, kinds[index]);
		assert_int_equal(
		    night_do(world, kinds[index], MEMBER(9)), REFUSAL_NONE);
	}
	assert_nothing_due(world, 9);
	people_close(world);
}

static void has_nothing_to_do_before_there_are_rules(void **state)
{
	struct world *world = world_empty(23);
	struct command command;

	(void)state;
	world_shop(world, "corner.example");
	assert_int_equal(
	    night_do(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NOT_FOUND);
	world_terminal(world, 1, ROLE_TERMINAL, STANDING_ACTIVE);
	world_enrol(world, 1, MEMBER(1));
	assert_false(law_due(
	    world->book, night_member(world, 1), world->now_ms, &command));
	assert_int_equal(law_spendable_points(world->book,
			     night_member(world, 1), world->now_ms),
	    0);
	world_programme(world, NIGHT_RULES);
	assert_int_equal(
	    night_do(world, ENTRY_EXPIRE, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	people_close(world);
}

/* A clock that goes back does not undo what the ledger's time has brought. */
static void goes_by_the_ledgers_time_where_the_clock_is_behind(void **state)
{
	struct world *world = people_open(24, NIGHT_RULES);

	(void)state;
	night_earn(world, 1, 100);
	world_set_day(world, "2026-03-01");
	night_earn(world, 2, 1);
	world_set_day(world, "2026-01-15");
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(people_night(world), 1);
	people_close(world);
}

/* --- birthdays -------------------------------------------------------------
 */

static void knows_when_a_birthday_is_near(void **state)
{
	static const struct {
		unsigned month, day;
		uint32_t near_days;
		const char *date;
		bool is_near;
	} cases[] = {
	    {5, 17, 0, "2026-05-17", true},
	    {5, 17, 0, "2026-05-16", false},
	    {5, 17, 3, "2026-05-14", true},
	    {5, 17, 3, "2026-05-13", false},
	    {5, 17, 3, "2026-05-20", true},
	    {5, 17, 3, "2026-05-21", false},
	    {1, 1, 3, "2025-12-29", true},
	    {1, 1, 3, "2025-12-28", false},
	    {12, 31, 3, "2026-01-03", true},
	    {12, 31, 3, "2026-01-04", false},
	    {2, 29, 0, "2028-02-29", true},
	    {2, 29, 0, "2028-02-28", false},
	    {2, 29, 0, "2026-02-28", true},
	    {2, 29, 0, "2026-03-01", false},
	    {2, 29, 1, "2026-03-01", true},
	    {2, 29, 1, "2026-02-27", true},
	    {2, 28, 0, "2028-02-28", true},
	    {2, 28, 0, "2028-02-29", false},
	    {0, 0, 366, "2026-05-17", false},
	    {13, 1, 366, "2026-05-17", false},
	    {5, 32, 366, "2026-05-17", false},
	    {5, 17, 366, "2026-11-17", true},
	};
	struct programme *programme = calloc(1, sizeof(*programme));

	(void)state;
	assert_non_null(programme);
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		programme->birthday_days = cases[at].near_days;
		if (law_is_birthday(programme, cases[at].month, cases[at].day,
			world_day(cases[at].date)) != cases[at].is_near)
			fail_msg("case %zu", at);
	}
	free(programme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(expires_points_after_their_last_day),
	    cmocka_unit_test(expires_all_that_has_lapsed_at_once_and_no_more),
	    cmocka_unit_test(expires_nothing_that_is_kept_for_a_redemption),
	    cmocka_unit_test(expires_more_points_than_one_entry_moves),
	    cmocka_unit_test(expires_by_the_last_activity),
	    cmocka_unit_test(tells_once_of_points_that_lapse_soon),
	    cmocka_unit_test(tells_of_later_points_in_their_own_time),
	    cmocka_unit_test(tells_again_where_activity_has_moved_the_day),
	    cmocka_unit_test(tells_nobody_where_the_programme_does_not_say_so),
	    cmocka_unit_test(writes_down_a_tier_that_has_run_out),
	    cmocka_unit_test(takes_a_tier_back_with_the_sale),
	    cmocka_unit_test(asks_for_the_tier_of_the_pool),
	    cmocka_unit_test(goes_step_by_step_until_nothing_is_left),
	    cmocka_unit_test(has_nothing_to_do_before_there_are_rules),
	    cmocka_unit_test(
		goes_by_the_ledgers_time_where_the_clock_is_behind),
	    cmocka_unit_test(knows_when_a_birthday_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
