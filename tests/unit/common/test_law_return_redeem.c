/*
 * The law of redemptions that come back: their points go where they came from,
 * with the stamps that they had.
 */
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

#define RULES_BACK                                                  \
	RULES_HEAD "[points]\nexpire_months = 1\n"                  \
		   "[reward tea]\nname = Tea\npoints = 25\n"        \
		   "[reward cash]\nname = Cash\nmoney_points = 1\n" \
		   "money_amount = 0.01\n"

/* 10 points of each of 1 to 4 January: entries 6 to 9. */
static struct world *open_with_lots(uint64_t seed)
{
	struct world *world = world_open_with(seed, RULES_BACK);

	for (int day = 0; day < 4; day++) {
		char text[DATE_SIZE];

		day_format(world_day("2026-01-01") + day, text);
		world_set_day(world, text);
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	}
	return world;
}

static uint64_t lot_of(struct world *world, const char *day)
{
	return world_lot(world, MEMBER(1), world_day(day), 0);
}

static void gives_points_back_with_their_stamps(void **state)
{
	struct world *world = open_with_lots(30);
	struct entry entry;

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(lot_of(world, "2026-02-03"), 5);
	assert_int_equal(world_give_back(world, 2, 10, 0), REFUSAL_NONE);
	entry = world_entry(world, 11);
	assert_int_equal(entry.from_account, ACCOUNT_REDEEMED);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 25);
	assert_int_equal(entry.amount_minor, 0);
	assert_int_equal(entry.facts, FACT_WHOLE);
	assert_true(bytes_equal(entry.reward, bytes_of_string("tea")));
	for (int day = 1; day <= 4; day++) {
		char text[DATE_SIZE];

		day_format(world_day("2026-01-31") + day, text);
		assert_int_equal(lot_of(world, text), 10);
	}
	assert_int_equal(
	    world_give_back(world, 2, 10, 0), REFUSAL_RETURN_TOO_LARGE);
	assert_string_equal(refusal_of(world)->say,
	    "These points have all been given back already.");
	assert_sum_is_zero(world->book);
	world_close(world);
}

/* A named case: what has lapsed meanwhile comes back lapsed. */
static void gives_lapsed_points_back_lapsed(void **state)
{
	struct world *world = open_with_lots(31);

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	world_set_day(world, "2026-02-03");
	assert_int_equal(world_give_back(world, 1, 10, 0), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 40);
	assert_int_equal(world_spendable(world, MEMBER(1)), 20);
	assert_int_equal(book_lapsed_points(book_member(world->book, MEMBER(1)),
			     world_day("2026-02-03")),
	    20);
	world_close(world);
}

static void gives_money_back_in_parts_a_reward_whole(void **state)
{
	struct world *world = open_with_lots(32);
	struct command command =
	    world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cash");

	(void)state;
	command.points = 35;
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(
	    world_give_back(world, 1, 10, 36), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(refusal_of(world)->available, 35);
	assert_int_equal(world_give_back(world, 1, 10, 7), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 11).facts, 0);
	/* The last to lapse first: 5 of the fourth, 2 of the third. */
	assert_int_equal(lot_of(world, "2026-02-04"), 10);
	assert_int_equal(lot_of(world, "2026-02-03"), 2);
	assert_int_equal(world_give_back(world, 1, 10, 13), REFUSAL_NONE);
	assert_int_equal(lot_of(world, "2026-02-03"), 10);
	assert_int_equal(lot_of(world, "2026-02-02"), 5);
	assert_int_equal(
	    world_give_back(world, 1, 10, 16), REFUSAL_RETURN_TOO_LARGE);
	assert_string_equal(refusal_of(world)->say,
	    "At most 15 of these points can be given back.");
	assert_int_equal(world_give_back(world, 1, 10, 0), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 13).facts, FACT_WHOLE);
	assert_int_equal(world_balance(world, MEMBER(1)), 40);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_give_back(world, 1, 14, 24), REFUSAL_POINTS_INVALID);
	assert_int_equal(refusal_of(world)->required, 25);
	world_close(world);
}

static void gives_back_the_same_in_parts_and_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct world *one = open_with_lots(seed);
		struct world *ten = open_with_lots(seed);
		uint64_t points = 1 + world_below(one, 40);
		uint64_t back = 1 + world_below(one, points);
		uint64_t left = back;

		for (int which = 0; which < 2; which++) {
			struct world *world = which ? ten : one;
			struct command command = world_purchase(
			    world, ENTRY_REDEEM, 1, MEMBER(1), "cash");

			command.points = points;
			command.amount_minor = 500;
			assert_int_equal(
			    world_do(world, &command), REFUSAL_NONE);
		}
		assert_int_equal(
		    world_give_back(one, 1, 10, back), REFUSAL_NONE);
		while (left > 0) {
			uint64_t part = 1 + world_below(ten, left);

			assert_int_equal(
			    world_give_back(ten, 1, 10, part), REFUSAL_NONE);
			left -= part;
		}
		for (int day = 1; day <= 4; day++) {
			char text[DATE_SIZE];

			day_format(world_day("2026-01-31") + day, text);
			assert_int_equal(lot_of(one, text), lot_of(ten, text));
		}
		world_close(one);
		world_close(ten);
	}
}

/* A named case: a sale that was paid in part with points comes back. Its points
 * go, and those that paid for it are the member's again. */
static void returns_a_sale_that_points_paid_for(void **state)
{
	struct world *world = world_open_with(33, RULES_BACK);
	struct command command;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 50000), REFUSAL_NONE);
	command = world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cash");
	command.points = 400;
	command.amount_minor = 1000;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command = world_command(world, ENTRY_EARN, 1);
	command.account = MEMBER(1);
	command.amount_minor = 1000;
	command.paid_minor = 400;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 6);
	/* Half of it, so half of its points and half of what paid for it. */
	assert_int_equal(world_return(world, 1, 8, 500), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 9).points, 3);
	assert_int_equal(world_entry(world, 9).paid_minor, 200);
	assert_int_equal(world_give_back(world, 1, 7, 200), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 8, 333), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 8, 167), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 11).paid_minor +
			     world_entry(world, 12).paid_minor,
	    200);
	assert_int_equal(world_give_back(world, 1, 7, 0), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 500);
	world_close(world);
}

static void wants_points_and_no_amount_of_a_redemption(void **state)
{
	struct world *world = open_with_lots(34);
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry redeem;

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	redeem = world_entry(world, 10);
	command.related = &redeem;
	command.amount_minor = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.amount_minor = 0;
	command.backs = bytes_of_string("x");
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.backs = bytes_of(NULL, 0);
	command.account = MEMBER(2);
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	world_close(world);
}

/* Points that never lapse stand in the order of when they could be spent. */
static void gives_points_back_that_never_lapse(void **state)
{
	struct world *world = world_open_with(35,
	    RULES_HEAD "[points]\npending_days = 1\n"
		       "[reward tea]\nname = Tea\npoints = 25\n");
	struct command command;

	(void)state;
	world_set_day(world, "2026-01-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	command = world_command(world, ENTRY_ADJUST, 0);
	command.account = MEMBER(1);
	command.points = 10;
	command.reason = bytes_of_string("spilt coffee");
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	world_set_day(world, "2026-01-02");
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 0);
	assert_int_equal(world_give_back(world, 1, 8, 0), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 10);
	assert_int_equal(
	    world_lot(world, MEMBER(1), LOT_NEVER, world_day("2026-01-02")),
	    20);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_points_back_with_their_stamps),
	    cmocka_unit_test(gives_lapsed_points_back_lapsed),
	    cmocka_unit_test(gives_money_back_in_parts_a_reward_whole),
	    cmocka_unit_test(gives_back_the_same_in_parts_and_at_once),
	    cmocka_unit_test(returns_a_sale_that_points_paid_for),
	    cmocka_unit_test(wants_points_and_no_amount_of_a_redemption),
	    cmocka_unit_test(gives_points_back_that_never_lapse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
