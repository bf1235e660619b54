/*
 * The law of goodwill: reasons, ceilings by role, a second person, own cards.
 */
#include "tests/unit/common/people_world.h"

enum { CASHIER = 1, OTHER_CASHIER = 2, SUPERVISOR = 3, OTHER_SUPERVISOR = 4 };

static struct world *staffed(uint64_t seed)
{
	struct world *world = people_open(seed, PEOPLE_RULES);

	for (uint32_t number = CASHIER; number <= OTHER_SUPERVISOR; number++)
		assert_int_equal(
		    world_cashier(world, number,
			number < SUPERVISOR ? ROLE_CASHIER : ROLE_SUPERVISOR,
			STANDING_ACTIVE),
		    REFUSAL_NONE);
	return world;
}

static struct command goodwill(
    struct world *world, uint32_t cashier, uint64_t points)
{
	struct command command = people_command(world, ENTRY_ADJUST, MEMBER(1));

	command.cashier = cashier;
	command.points = points;
	command.reason = bytes_of_string("cold coffee");
	return command;
}

static enum refusal_code give(
    struct world *world, uint32_t cashier, uint64_t points)
{
	struct command command = goodwill(world, cashier, points);

	return world_do(world, &command);
}

static enum refusal_code give_with(
    struct world *world, uint32_t cashier, uint32_t second, uint64_t points)
{
	struct command command = goodwill(world, cashier, points);

	command.second = second;
	return world_do(world, &command);
}

static enum refusal_code take(
    struct world *world, uint32_t cashier, uint64_t points)
{
	struct command command = goodwill(world, cashier, points);

	command.takes = true;
	return world_do(world, &command);
}

/* --- giving and taking -----------------------------------------------------
 */

static void gives_points_from_goodwill_with_a_reason(void **state)
{
	struct world *world = staffed(1);
	struct entry entry;

	(void)state;
	assert_int_equal(give(world, CASHIER, 50), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, ACCOUNT_GOODWILL);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.cashier, CASHIER);
	assert_int_equal(entry.balance_points, 50);
	assert_true(bytes_equal(entry.reason, bytes_of_string("cold coffee")));
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2027-01-15"), 0), 50);
	assert_int_equal(
	    book_account_points(world->book, ACCOUNT_GOODWILL), -50);
	people_close(world);
}

/* What is earned waits for a return that may come; an apology does not. */
static void gives_points_that_can_be_spent_at_once(void **state)
{
	struct world *world = people_open(1,
	    "[programme]\nname = Corner Coffee\ncurrency = EUR\n"
	    "earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000.00\n"
	    "[points]\npending_days = 14\nexpire_months = 1\n");

	(void)state;
	assert_int_equal(people_adjust(world, MEMBER(1), 20), REFUSAL_NONE);
	assert_int_equal(world_spendable(world, MEMBER(1)), 20);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-28"), 0), 20);
	people_close(world);
}

static void takes_what_can_be_spent_and_makes_no_debt(void **state)
{
	struct world *world = staffed(2);
	struct entry entry;

	(void)state;
	assert_int_equal(take(world, CASHIER, 1), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(give(world, SUPERVISOR, 100), REFUSAL_NONE);
	assert_int_equal(
	    take(world, CASHIER, 101), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(people_refusal(world)->required, 101);
	assert_int_equal(people_refusal(world)->available, 100);
	assert_int_equal(people_refusal(world)->missing, 1);
	/* What is taken has no ceiling, and frees none. */
	assert_int_equal(take(world, CASHIER, 80), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_GOODWILL);
	assert_int_equal(entry.balance_points, 20);
	assert_int_equal(book_cashier(world->book, CASHIER)->given_points, 0);
	people_close(world);
}

static void wants_a_reason_and_points(void **state)
{
	struct world *world = staffed(3);
	char reason[REASON_SIZE_MAX + 2] = {0};
	struct command command = goodwill(world, CASHIER, 10);

	(void)state;
	command.reason = bytes_of(NULL, 0);
	assert_int_equal(world_do(world, &command), REFUSAL_REASON_REQUIRED);
	memset(reason, 'r', REASON_SIZE_MAX + 1);
	command.reason = bytes_of_string(reason);
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	assert_int_equal(give(world, CASHIER, 0), REFUSAL_POINTS_INVALID);
	assert_int_equal(people_refusal(world)->required, 1);
	assert_int_equal(
	    give(world, CASHIER, POINTS_MAX + 1), REFUSAL_POINTS_INVALID);
	command = goodwill(world, CASHIER, 10);
	command.account = MEMBER(9);
	assert_int_equal(world_do(world, &command), REFUSAL_CARD_UNKNOWN);
	command = goodwill(world, 0, 10);
	assert_int_equal(world_do(world, &command), REFUSAL_CASHIER_REQUIRED);
	people_close(world);
}

static void gives_nothing_where_the_programme_does_not_say_so(void **state)
{
	struct world *world = staffed(4);

	(void)state;
	assert_int_equal(
	    world_programme(world, WORLD_RULES("1", "1.00")), REFUSAL_NONE);
	assert_int_equal(give(world, SUPERVISOR, 1), REFUSAL_CEILING);
	assert_int_equal(take(world, SUPERVISOR, 1), REFUSAL_CEILING);
	assert_int_equal(people_adjust(world, MEMBER(1), 1), REFUSAL_NONE);
	people_close(world);
}

/* --- ceilings --------------------------------------------------------------
 */

static void gives_so_much_a_day_by_role(void **state)
{
	struct world *world = staffed(5);

	(void)state;
	assert_int_equal(give(world, CASHIER, 30), REFUSAL_NONE);
	assert_int_equal(give(world, CASHIER, 21), REFUSAL_SECOND_REQUIRED);
	assert_int_equal(people_refusal(world)->required, 21);
	assert_int_equal(people_refusal(world)->available, 20);
	assert_int_equal(give(world, CASHIER, 20), REFUSAL_NONE);
	assert_int_equal(give(world, CASHIER, 1), REFUSAL_SECOND_REQUIRED);
	assert_int_equal(give(world, OTHER_CASHIER, 50), REFUSAL_NONE);
	assert_int_equal(give(world, SUPERVISOR, 500), REFUSAL_NONE);
	assert_int_equal(give(world, SUPERVISOR, 1), REFUSAL_SECOND_REQUIRED);
	world_set_day(world, "2026-01-16");
	assert_int_equal(give(world, CASHIER, 50), REFUSAL_NONE);
	assert_int_equal(give(world, SUPERVISOR, 500), REFUSAL_NONE);
	people_close(world);
}

static void gives_more_with_a_second_person(void **state)
{
	struct world *world = staffed(6);
	struct entry entry;

	(void)state;
	assert_int_equal(
	    give_with(world, CASHIER, SUPERVISOR, 1500), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.cashier, CASHIER);
	assert_int_equal(entry.second, SUPERVISOR);
	assert_int_equal(
	    book_cashier(world->book, CASHIER)->second_points, 1500);
	assert_int_equal(
	    book_cashier(world->book, SUPERVISOR)->second_points, 1500);
	/* For each of the two it counts as given together. */
	assert_int_equal(
	    give_with(world, CASHIER, OTHER_SUPERVISOR, 501), REFUSAL_CEILING);
	assert_int_equal(people_refusal(world)->available, 500);
	assert_int_equal(
	    give_with(world, OTHER_CASHIER, SUPERVISOR, 501), REFUSAL_CEILING);
	assert_int_equal(give_with(world, OTHER_CASHIER, OTHER_SUPERVISOR, 501),
	    REFUSAL_NONE);
	assert_int_equal(
	    give_with(world, SUPERVISOR, OTHER_SUPERVISOR, 500), REFUSAL_NONE);
	/* What one gives alone is apart from that. */
	assert_int_equal(give(world, CASHIER, 50), REFUSAL_NONE);
	assert_int_equal(give(world, CASHIER, 501), REFUSAL_CEILING);
	assert_int_equal(people_refusal(world)->available, 0);
	world_set_day(world, "2026-01-16");
	assert_int_equal(
	    give_with(world, CASHIER, SUPERVISOR, 2000), REFUSAL_NONE);
	people_close(world);
}

static void takes_only_another_supervisor_for_the_second(void **state)
{
	struct world *world = staffed(7);

	(void)state;
	assert_int_equal(
	    give_with(world, CASHIER, OTHER_CASHIER, 100), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    give_with(world, SUPERVISOR, SUPERVISOR, 100), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    give_with(world, CASHIER, 9, 100), REFUSAL_CASHIER_UNKNOWN);
	assert_int_equal(
	    world_cashier(world, SUPERVISOR, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	assert_int_equal(give_with(world, CASHIER, SUPERVISOR, 100),
	    REFUSAL_CASHIER_UNKNOWN);
	assert_int_equal(
	    give_with(world, CASHIER, OTHER_SUPERVISOR, 100), REFUSAL_NONE);
	people_close(world);
}

static void says_so_where_nobody_beside_could_help(void **state)
{
	struct world *world = staffed(8);

	(void)state;
	assert_int_equal(give(world, CASHIER, 2001), REFUSAL_CEILING);
	assert_int_equal(people_refusal(world)->required, 2001);
	assert_int_equal(people_refusal(world)->available, 50);
	assert_int_equal(
	    give_with(world, CASHIER, SUPERVISOR, 2001), REFUSAL_CEILING);
	assert_int_equal(people_refusal(world)->available, 2000);
	people_close(world);
}

/* --- own cards -------------------------------------------------------------
 */

static void keeps_people_from_cards_of_their_own(void **state)
{
	struct world *world = staffed(9);

	(void)state;
	assert_int_equal(people_staff(world, CASHIER, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(
	    people_staff(world, SUPERVISOR, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(give(world, CASHIER, 1), REFUSAL_OWN_CARD);
	assert_int_equal(take(world, CASHIER, 1), REFUSAL_OWN_CARD);
	assert_int_equal(
	    give_with(world, CASHIER, SUPERVISOR, 1), REFUSAL_OWN_CARD);
	assert_int_equal(give(world, OTHER_CASHIER, 1), REFUSAL_NONE);
	assert_int_equal(
	    give_with(world, OTHER_CASHIER, SUPERVISOR, 1), REFUSAL_NONE);
	assert_int_equal(
	    people_staff(world, SUPERVISOR, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(
	    give_with(world, OTHER_CASHIER, SUPERVISOR, 1), REFUSAL_OWN_CARD);
	people_close(world);
}

static struct command join_as_supervisor(
    struct world *world, uint64_t account, uint64_t with)
{
	struct command command = people_command(world, ENTRY_JOIN, account);

	command.other_account = with;
	command.cashier = OTHER_SUPERVISOR;
	return command;
}

/* Neither that of the household, nor another's in it, nor one's own there. */
static void keeps_people_from_their_households(void **state)
{
	static const struct {
		unsigned own;
		unsigned joins;
		unsigned joined;
	} cases[] = {{2, 2, 1}, {2, 1, 2}, {1, 2, 1}, {2, 0, 0}};

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		struct world *world = staffed(10);
		struct command join = join_as_supervisor(
		    world, MEMBER(cases[at].joins), MEMBER(cases[at].joined));

		people_staff(world, CASHIER, MEMBER(cases[at].own));
		if (cases[at].joins != 0)
			assert_int_equal(world_do(world, &join), REFUSAL_NONE);
		assert_int_equal(give(world, CASHIER, 1),
		    cases[at].joins != 0 ? REFUSAL_OWN_CARD : REFUSAL_NONE);
		people_close(world);
	}
}

/* --- the owner -------------------------------------------------------------
 */

static enum refusal_code open_with(
    struct world *world, int32_t expiry_day, bool takes)
{
	struct command command = world_command(world, ENTRY_ADJUST, 0);

	command.account = MEMBER(1);
	command.points = 25;
	command.takes = takes;
	command.expiry_day = expiry_day;
	command.reason = bytes_of_string("opening balance");
	return world_do(world, &command);
}

static void lets_the_owner_give_without_a_ceiling(void **state)
{
	struct world *world = staffed(11);
	struct command command = world_command(world, ENTRY_ADJUST, 0);

	(void)state;
	assert_int_equal(
	    people_adjust(world, MEMBER(1), 1000000), REFUSAL_NONE);
	assert_int_equal(
	    people_adjust(world, MEMBER(1), -999999), REFUSAL_NONE);
	command = goodwill(world, 0, 5);
	command.terminal = 0;
	command.counter = book_head(world->book)->server_counter + 1;
	command.second = SUPERVISOR;
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	people_close(world);
}

static void opens_a_balance_with_a_last_day_of_its_own(void **state)
{
	struct world *world = staffed(12);

	(void)state;
	assert_int_equal(
	    open_with(world, world_day("2026-06-30"), false), REFUSAL_NONE);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-06-30"), 0), 25);
	assert_int_equal(
	    open_with(world, world_day("2026-01-15"), false), REFUSAL_NONE);
	assert_int_equal(open_with(world, LOT_NEVER, false), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 25);
	assert_int_equal(open_with(world, world_day("2026-01-14"), false),
	    REFUSAL_MALFORMED);
	assert_int_equal(open_with(world, -30, false), REFUSAL_MALFORMED);
	assert_int_equal(
	    open_with(world, world_day("2026-06-30"), true), REFUSAL_MALFORMED);
	people_close(world);
}

static void lets_nobody_else_say_a_last_day(void **state)
{
	struct world *world = staffed(13);
	struct command command = goodwill(world, SUPERVISOR, 10);

	(void)state;
	command.expiry_day = world_day("2026-06-30");
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	people_close(world);
}

/* Points that lapse for want of activity would else come to one who has not
 * been there for long as lapsed ones. */
static void gives_points_that_live_to_one_long_inactive(void **state)
{
	struct world *world = people_open(14,
	    "[programme]\nname = Corner Coffee\ncurrency = EUR\n"
	    "earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000.00\n"
	    "[points]\nexpire_inactive_days = 30\n");

	(void)state;
	world_earn(world, 1, MEMBER(1), 700);
	world_set_day(world, "2026-06-01");
	assert_int_equal(world_spendable(world, MEMBER(1)), 0);
	assert_int_equal(people_adjust(world, MEMBER(1), 20), REFUSAL_NONE);
	assert_int_equal(world_spendable(world, MEMBER(1)), 20);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 20);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_points_from_goodwill_with_a_reason),
	    cmocka_unit_test(gives_points_that_can_be_spent_at_once),
	    cmocka_unit_test(takes_what_can_be_spent_and_makes_no_debt),
	    cmocka_unit_test(wants_a_reason_and_points),
	    cmocka_unit_test(gives_nothing_where_the_programme_does_not_say_so),
	    cmocka_unit_test(gives_so_much_a_day_by_role),
	    cmocka_unit_test(gives_more_with_a_second_person),
	    cmocka_unit_test(takes_only_another_supervisor_for_the_second),
	    cmocka_unit_test(says_so_where_nobody_beside_could_help),
	    cmocka_unit_test(keeps_people_from_cards_of_their_own),
	    cmocka_unit_test(keeps_people_from_their_households),
	    cmocka_unit_test(lets_the_owner_give_without_a_ceiling),
	    cmocka_unit_test(opens_a_balance_with_a_last_day_of_its_own),
	    cmocka_unit_test(lets_nobody_else_say_a_last_day),
	    cmocka_unit_test(gives_points_that_live_to_one_long_inactive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
