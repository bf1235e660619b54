/*
 * The law of pools and transfers: points that go between members.
 */
#include "tests/unit/common/people_world.h"

static const struct book_member *member(struct world *world, unsigned n)
{
	return book_member(world->book, MEMBER(n));
}

static enum refusal_code earn(struct world *world, unsigned n, uint64_t points)
{
	return world_earn(world, 1, MEMBER(n), points * 100);
}

/* --- joining ---------------------------------------------------------------
 */

static void moves_all_points_with_their_stamps(void **state)
{
	struct world *world = people_open(1, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-10");
	earn(world, 1, 30);
	earn(world, 2, 7);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, MEMBER(2));
	assert_int_equal(entry.points, 130);
	assert_int_equal(entry.balance_points, 0);
	assert_int_equal(entry.other_balance_points, 137);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(
	    world_lot(world, MEMBER(2), world_day("2027-01-15"), 0), 100);
	assert_int_equal(
	    world_lot(world, MEMBER(2), world_day("2027-02-10"), 0), 37);
	assert_ptr_equal(book_pool(world->book, MEMBER(1)), member(world, 2));
	people_close(world);
}

static void lets_a_member_without_points_join(void **state)
{
	struct world *world = people_open(1, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 0);
	assert_int_equal(
	    entry.has, ENTRY_HAS(TAG_BALANCE) | ENTRY_HAS(TAG_OTHER_BALANCE));
	people_close(world);
}

static void acts_for_the_pool_with_every_card(void **state)
{
	struct world *world = people_open(2, PEOPLE_RULES);

	(void)state;
	people_join(world, MEMBER(1), MEMBER(2));
	people_join(world, MEMBER(3), MEMBER(2));
	earn(world, 1, 100);
	earn(world, 3, 60);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_balance(world, MEMBER(2)), 160);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(3), "coffee"), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(2)), 10);
	assert_int_equal(
	    law_spendable_points(world->book, member(world, 1), world->now_ms),
	    10);
	people_close(world);
}

static void refuses_pools_of_pools(void **state)
{
	struct world *world = people_open(3, PEOPLE_RULES);

	(void)state;
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(1)), REFUSAL_SAME_MEMBER);
	assert_int_equal(
	    people_join(world, MEMBER(9), MEMBER(1)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(3)), REFUSAL_JOINED);
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(3)), REFUSAL_JOINED);
	assert_int_equal(
	    people_join(world, MEMBER(3), MEMBER(1)), REFUSAL_JOINED);
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(1)), REFUSAL_JOINED);
	people_close(world);
}

static void wants_a_debt_paid_off_before_a_pool(void **state)
{
	struct world *world = people_open(4, PEOPLE_RULES);

	(void)state;
	earn(world, 1, 150);
	world_redeem(world, 1, MEMBER(1), "coffee");
	world_return(world, 1, world->count - 1, 4000);
	assert_int_equal(world_balance(world, MEMBER(1)), -40);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_DEBT);
	assert_int_equal(people_refusal(world)->required, 40);
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(1)), REFUSAL_DEBT);
	earn(world, 1, 40);
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(1)), REFUSAL_NONE);
	people_close(world);
}

static void lets_no_points_go_from_under_a_hold(void **state)
{
	struct world *world = people_open(5, PEOPLE_RULES);

	(void)state;
	earn(world, 1, 200);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NOT_ALLOWED);
	/* Whom one joins may well have a redemption under way. */
	assert_int_equal(
	    people_join(world, MEMBER(3), MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(people_leave(world, MEMBER(3)), REFUSAL_NOT_ALLOWED);
	world->now_ms += 11ull * 60 * 1000;
	assert_int_equal(people_leave(world, MEMBER(3)), REFUSAL_NONE);
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	people_close(world);
}

static void pools_so_many_and_no_more(void **state)
{
	struct world *world = people_open(6, PEOPLE_RULES);

	(void)state;
	for (unsigned n = 10; n < 10 + JOINED_MAX; n++) {
		assert_int_equal(
		    world_enrol(world, 1, MEMBER(n)), REFUSAL_NONE);
		assert_int_equal(
		    people_join(world, MEMBER(n), MEMBER(1)), REFUSAL_NONE);
	}
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(1)), REFUSAL_LIMIT);
	assert_int_equal(people_leave(world, MEMBER(12)), REFUSAL_NONE);
	assert_int_equal(
	    people_join(world, MEMBER(2), MEMBER(1)), REFUSAL_NONE);
	people_close(world);
}

/* --- leaving ---------------------------------------------------------------
 */

static void restores_both_where_nothing_happened_between(void **state)
{
	struct world *world = people_open(7, PEOPLE_RULES);
	struct people_purse one;
	struct people_purse other;
	struct people_purse after;

	(void)state;
	earn(world, 1, 100);
	earn(world, 2, 10);
	world_set_day(world, "2026-02-10");
	earn(world, 1, 30);
	one = people_purse(world, MEMBER(1));
	other = people_purse(world, MEMBER(2));
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NONE);
	after = people_purse(world, MEMBER(1));
	assert_same_purse(after, one);
	after = people_purse(world, MEMBER(2));
	assert_same_purse(after, other);
	assert_int_equal(book_joined_to(member(world, 1)), 0);
	assert_int_equal(member(world, 2)->extra == NULL
			     ? 0
			     : member(world, 2)->extra->joined_count,
	    0);
	people_close(world);
}

static void gives_back_what_is_left_of_what_came(void **state)
{
	struct world *world = people_open(8, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-10");
	earn(world, 1, 80);
	earn(world, 2, 20);
	people_join(world, MEMBER(1), MEMBER(2));
	/* Of the 100 and 100 with their two stamps 150 go, the first first. */
	world_redeem(world, 1, MEMBER(2), "coffee");
	earn(world, 1, 5);
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(2));
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 55);
	assert_int_equal(world_balance(world, MEMBER(1)), 55);
	assert_int_equal(world_balance(world, MEMBER(2)), 0);
	earn(world, 1, 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 56);
	people_close(world);
}

static void leaves_a_debt_where_it_was_made(void **state)
{
	struct world *world = people_open(9, PEOPLE_RULES);

	(void)state;
	earn(world, 1, 100);
	people_join(world, MEMBER(1), MEMBER(2));
	earn(world, 2, 50);
	world_redeem(world, 1, MEMBER(2), "coffee");
	world_return(world, 1, world->count - 1, 5000);
	assert_int_equal(world_balance(world, MEMBER(2)), -50);
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_balance(world, MEMBER(2)), -50);
	people_close(world);
}

static void lets_nobody_leave_who_has_not_joined(void **state)
{
	struct world *world = people_open(10, PEOPLE_RULES);
	struct command command;
	struct entry first;

	(void)state;
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NOT_FOUND);
	assert_int_equal(people_leave(world, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	people_join(world, MEMBER(1), MEMBER(2));
	first = world_entry(world, world->count);
	/* Neither can whom others have joined. */
	assert_int_equal(people_leave(world, MEMBER(2)), REFUSAL_NOT_FOUND);
	people_leave(world, MEMBER(1));
	people_join(world, MEMBER(1), MEMBER(2));
	command = people_command(world, ENTRY_LEAVE, MEMBER(1));
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	command.related = &first;
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	people_close(world);
}

/* --- what lapses -----------------------------------------------------------
 */

static void leaves_lapsed_points_behind(void **state)
{
	struct world *world = people_open(11, PEOPLE_INACTIVE_RULES);

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-04-26");
	earn(world, 2, 10);
	/* 100 days after 15 January is 25 April. */
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 100);
	assert_int_equal(world_balance(world, MEMBER(2)), 10);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(
	    book_account_points(world->book, ACCOUNT_EXPIRED), 100);
	people_close(world);
}

/* Points that lapse for want of activity live by the pool's while they are in
 * it, and by one's own from the day on which one leaves. */
static void counts_leaving_as_activity(void **state)
{
	struct world *world = people_open(12, PEOPLE_INACTIVE_RULES);

	(void)state;
	earn(world, 1, 100);
	people_join(world, MEMBER(1), MEMBER(2));
	world_set_day(world, "2026-04-20");
	earn(world, 2, 10);
	world_set_day(world, "2026-06-01");
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(world_spendable(world, MEMBER(1)), 100);
	assert_int_equal(people_night(world), 0);
	world_set_day(world, "2026-09-10");
	assert_int_equal(people_night(world), 2);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	people_close(world);
}

static void gives_back_nothing_that_has_lapsed(void **state)
{
	struct world *world = people_open(13, PEOPLE_INACTIVE_RULES);

	(void)state;
	earn(world, 1, 100);
	people_join(world, MEMBER(1), MEMBER(2));
	world_set_day(world, "2026-12-01");
	assert_int_equal(people_leave(world, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_spendable(world, MEMBER(2)), 0);
	people_close(world);
}

/* --- transfers -------------------------------------------------------------
 */

static void sends_points_with_their_stamps(void **state)
{
	struct world *world = people_open(14, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-10");
	earn(world, 1, 100);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(2), 120), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, MEMBER(2));
	assert_int_equal(entry.balance_points, 80);
	assert_int_equal(entry.other_balance_points, 120);
	assert_int_equal(
	    world_lot(world, MEMBER(2), world_day("2027-01-15"), 0), 100);
	assert_int_equal(
	    world_lot(world, MEMBER(2), world_day("2027-02-10"), 0), 20);
	people_close(world);
}

static void sends_within_the_programmes_limits(void **state)
{
	struct world *world = people_open(15, PEOPLE_RULES);

	(void)state;
	for (int sale = 0; sale < 4; sale++)
		earn(world, 1, 1000);
	assert_int_equal(people_transfer(world, MEMBER(1), MEMBER(2), 49),
	    REFUSAL_POINTS_INVALID);
	assert_int_equal(people_refusal(world)->required, 50);
	assert_int_equal(people_transfer(world, MEMBER(1), MEMBER(2), 1001),
	    REFUSAL_POINTS_INVALID);
	assert_int_equal(people_refusal(world)->required, 1000);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(2), 1000), REFUSAL_NONE);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(3), 501), REFUSAL_CEILING);
	assert_int_equal(people_refusal(world)->available, 500);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(3), 500), REFUSAL_NONE);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(3), 50), REFUSAL_CEILING);
	/* What one gets does not count, nor what was sent last month. */
	assert_int_equal(
	    people_transfer(world, MEMBER(2), MEMBER(3), 1000), REFUSAL_NONE);
	world_set_day(world, "2026-02-01");
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(3), 1000), REFUSAL_NONE);
	people_close(world);
}

static void sends_what_can_be_spent_and_to_another(void **state)
{
	struct world *world = people_open(16, PEOPLE_RULES);

	(void)state;
	earn(world, 1, 200);
	assert_int_equal(people_transfer(world, MEMBER(1), MEMBER(1), 50),
	    REFUSAL_SAME_MEMBER);
	assert_int_equal(people_transfer(world, MEMBER(9), MEMBER(1), 50),
	    REFUSAL_CARD_UNKNOWN);
	assert_int_equal(people_transfer(world, MEMBER(1), MEMBER(9), 50),
	    REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	assert_int_equal(people_transfer(world, MEMBER(1), MEMBER(2), 60),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(people_refusal(world)->required, 60);
	assert_int_equal(people_refusal(world)->available, 50);
	assert_int_equal(people_refusal(world)->missing, 10);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(2), 50), REFUSAL_NONE);
	people_join(world, MEMBER(3), MEMBER(1));
	assert_int_equal(people_transfer(world, MEMBER(3), MEMBER(1), 50),
	    REFUSAL_SAME_MEMBER);
	people_close(world);
}

static void sends_nothing_where_the_programme_does_not_say_so(void **state)
{
	struct world *world = people_open(17, WORLD_RULES("1", "1.00"));

	(void)state;
	earn(world, 1, 200);
	assert_int_equal(
	    people_transfer(world, MEMBER(1), MEMBER(2), 1), REFUSAL_CEILING);
	people_close(world);
}

/* --- own cards -------------------------------------------------------------
 */

static void lets_nobody_move_points_to_a_card_of_their_own(void **state)
{
	struct world *world = people_open(18, PEOPLE_RULES);
	struct command staff;
	struct command command;

	(void)state;
	earn(world, 2, 200);
	assert_int_equal(
	    world_cashier(world, 1, ROLE_SUPERVISOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	staff = world_command(world, ENTRY_STAFF, 0);
	staff.subject = 1;
	staff.account = MEMBER(1);
	assert_int_equal(world_do(world, &staff), REFUSAL_NONE);
	command = people_command(world, ENTRY_TRANSFER, MEMBER(2));
	command.cashier = 1;
	command.other_account = MEMBER(1);
	command.points = 100;
	assert_int_equal(world_do(world, &command), REFUSAL_OWN_CARD);
	command.other_account = MEMBER(3);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command = people_command(world, ENTRY_JOIN, MEMBER(2));
	command.cashier = 1;
	command.other_account = MEMBER(1);
	assert_int_equal(world_do(world, &command), REFUSAL_OWN_CARD);
	command.account = MEMBER(1);
	command.other_account = MEMBER(2);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command = people_command(world, ENTRY_TRANSFER, MEMBER(3));
	command.cashier = 1;
	command.other_account = MEMBER(2);
	command.points = 100;
	assert_int_equal(world_do(world, &command), REFUSAL_OWN_CARD);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(moves_all_points_with_their_stamps),
	    cmocka_unit_test(lets_a_member_without_points_join),
	    cmocka_unit_test(acts_for_the_pool_with_every_card),
	    cmocka_unit_test(refuses_pools_of_pools),
	    cmocka_unit_test(wants_a_debt_paid_off_before_a_pool),
	    cmocka_unit_test(lets_no_points_go_from_under_a_hold),
	    cmocka_unit_test(pools_so_many_and_no_more),
	    cmocka_unit_test(restores_both_where_nothing_happened_between),
	    cmocka_unit_test(gives_back_what_is_left_of_what_came),
	    cmocka_unit_test(leaves_a_debt_where_it_was_made),
	    cmocka_unit_test(lets_nobody_leave_who_has_not_joined),
	    cmocka_unit_test(leaves_lapsed_points_behind),
	    cmocka_unit_test(counts_leaving_as_activity),
	    cmocka_unit_test(gives_back_nothing_that_has_lapsed),
	    cmocka_unit_test(sends_points_with_their_stamps),
	    cmocka_unit_test(sends_within_the_programmes_limits),
	    cmocka_unit_test(sends_what_can_be_spent_and_to_another),
	    cmocka_unit_test(sends_nothing_where_the_programme_does_not_say_so),
	    cmocka_unit_test(lets_nobody_move_points_to_a_card_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
