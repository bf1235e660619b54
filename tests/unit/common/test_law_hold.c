/*
 * The law of two-step redemptions: a hold counts at every till until its time
 * is over, and is then captured or undone.
 */
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"
#define RULES                                                              \
	RULES_HEAD                                                         \
	"[reward tea]\nname = Tea\npoints = 40\n"                          \
	"[reward mug]\nname = Mug\npoints = 5\nstock = 2\nday_times = 1\n" \
	"[reward cash]\nname = Cash\nmoney_points = 1\n"                   \
	"money_amount = 0.01\nhold_minutes = 2\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static struct world *open_with_points(uint64_t seed, uint64_t points)
{
	struct world *world = world_open_with(seed, RULES);

	assert_int_equal(
	    world_earn(world, 1, MEMBER(1), points * 100), REFUSAL_NONE);
	return world;
}

static void keeps_points_without_moving_them(void **state)
{
	struct world *world = open_with_points(1, 100);
	struct entry entry;

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.kind, ENTRY_HOLD);
	assert_int_equal(entry.points, 0);
	assert_int_equal(entry.from_account, 0);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.to_previous_sequence, 6);
	assert_int_equal(entry.held_points, 40);
	assert_int_equal(entry.until_ms, world->now_ms + 600000);
	assert_int_equal(entry.balance_points, 100);
	assert_int_equal(world_balance(world, MEMBER(1)), 100);
	assert_int_equal(world_spendable(world, MEMBER(1)), 60);
	world_close(world);
}

static void counts_a_hold_at_every_till(void **state)
{
	struct world *world = open_with_points(2, 100);

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 2, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_redeem(world, 2, MEMBER(1), "tea"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(refusal_of(world)->available, 20);
	assert_int_equal(refusal_of(world)->missing, 20);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "mug"), REFUSAL_NONE);
	world_close(world);
}

static void captures_what_was_held(void **state)
{
	struct world *world = open_with_points(3, 100);
	struct entry entry;

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	/* At another till, too. */
	assert_int_equal(world_capture(world, 2, MEMBER(1), 7), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.kind, ENTRY_REDEEM);
	assert_int_equal(entry.points, 40);
	assert_int_equal(entry.related_sequence, 7);
	assert_true(bytes_equal(entry.reward, bytes_of_string("tea")));
	assert_int_equal(world_balance(world, MEMBER(1)), 60);
	assert_int_equal(world_spendable(world, MEMBER(1)), 60);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(1), 7), REFUSAL_HOLD_UNKNOWN);
	assert_string_equal(refusal_of(world)->say,
	    "These points are kept no longer. Redeem them anew.");
	world_close(world);
}

static void captures_the_value_that_was_said(void **state)
{
	struct world *world = open_with_points(4, 100);
	struct command command =
	    world_purchase(world, ENTRY_HOLD, 1, MEMBER(1), "cash");

	(void)state;
	command.points = 70;
	command.amount_minor = 69;
	assert_int_equal(world_ask(world, &command), REFUSAL_POINTS_INVALID);
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 7).amount_minor, 70);
	assert_int_equal(
	    world_entry(world, 7).until_ms, world->now_ms + 120000);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 7), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).amount_minor, 70);
	world_close(world);
}

static void lets_go_when_its_time_is_over(void **state)
{
	struct world *world = open_with_points(5, 100);

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	world->now_ms += 599999;
	assert_int_equal(world_spendable(world, MEMBER(1)), 60);
	world->now_ms += 1;
	assert_int_equal(world_spendable(world, MEMBER(1)), 100);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(1), 7), REFUSAL_HOLD_UNKNOWN);
	assert_int_equal(world_void_last(world), REFUSAL_HOLD_UNKNOWN);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	world_close(world);
}

static void lets_go_when_it_is_undone(void **state)
{
	struct world *world = open_with_points(6, 100);
	struct entry entry;

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.from_account, 0);
	assert_int_equal(entry.related_sequence, 7);
	assert_int_equal(world_spendable(world, MEMBER(1)), 100);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_HOLD_UNKNOWN);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(1), 7), REFUSAL_HOLD_UNKNOWN);
	world_close(world);
}

/* Points that were there when they were kept are there when they are taken,
 * one minute after midnight as well. */
static void takes_over_midnight_what_was_kept_before(void **state)
{
	struct world *world = world_open_with(7,
	    RULES_HEAD "[points]\nexpire_months = 1\n"
		       "[reward tea]\nname = Tea\npoints = 40\n");

	(void)state;
	world_set_day(world, "2026-01-10");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 5000), REFUSAL_NONE);
	world_set_clock(world, "2026-02-10", 23, 59, 30);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 5000), REFUSAL_NONE);
	world_set_clock(world, "2026-02-11", 0, 1, 0);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 7), REFUSAL_NONE);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-10"), 0), 10);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-03-10"), 0), 50);
	world_close(world);
}

static void takes_what_is_there_where_a_return_was_faster(void **state)
{
	struct world *world = open_with_points(8, 50);

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 2, 6, 5000), REFUSAL_NONE);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(1), 7), REFUSAL_INSUFFICIENT_POINTS);
	assert_string_equal(refusal_of(world)->say,
	    "The points that were kept have been taken back since.");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 4000), REFUSAL_NONE);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 7), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

static void counts_what_is_held_as_had(void **state)
{
	struct world *world = open_with_points(9, 100);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(2), 5000), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "mug"), REFUSAL_NONE);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "mug"), REFUSAL_REWARD_LIMIT);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "mug"), REFUSAL_REWARD_LIMIT);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 9), REFUSAL_NONE);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "mug"), REFUSAL_REWARD_LIMIT);
	/* The last mug is nobody's until it is taken. */
	assert_int_equal(world_hold(world, 1, MEMBER(2), "mug"), REFUSAL_NONE);
	world->now_ms += DAY_MS;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "mug"), REFUSAL_NONE);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(2), "mug"), REFUSAL_REWARD_SOLD_OUT);
	world_close(world);
}

static void captures_nothing_that_is_gone(void **state)
{
	struct world *world = open_with_points(10, 100);

	(void)state;
	for (uint64_t member = 2; member <= 3; member++) {
		assert_int_equal(
		    world_enrol(world, 1, MEMBER(member)), REFUSAL_NONE);
		assert_int_equal(
		    world_earn(world, 1, MEMBER(member), 5000), REFUSAL_NONE);
	}
	assert_int_equal(world_hold(world, 1, MEMBER(1), "mug"), REFUSAL_NONE);
	for (uint64_t member = 2; member <= 3; member++)
		assert_int_equal(world_redeem(world, 2, MEMBER(member), "mug"),
		    REFUSAL_NONE);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(1), 11), REFUSAL_REWARD_SOLD_OUT);
	world_close(world);
}

static void holds_so_many_at_once_and_no_more(void **state)
{
	struct world *world = open_with_points(11, 1000);

	(void)state;
	for (unsigned hold = 0; hold < HOLDS_MAX; hold++)
		assert_int_equal(
		    world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_LIMIT);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_LIMIT);
	world->now_ms += 600000;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	world_close(world);
}

static void captures_only_holds_of_that_member(void **state)
{
	struct world *world = open_with_points(12, 100);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(2), 5000), REFUSAL_NONE);
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	for (uint64_t sequence = 1; sequence <= 8; sequence++)
		assert_int_equal(world_capture(world, 1, MEMBER(1), sequence),
		    REFUSAL_HOLD_UNKNOWN);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(2), 9), REFUSAL_HOLD_UNKNOWN);
	assert_int_equal(
	    world_capture(world, 1, MEMBER(3), 9), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 9), REFUSAL_NONE);
	world_close(world);
}

/* The rules may change between the two steps; what was promised stands. */
static void captures_by_what_was_promised(void **state)
{
	struct world *world = open_with_points(13, 100);

	(void)state;
	assert_int_equal(world_hold(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_programme(world, WORLD_RULES("1", "1.00")), REFUSAL_NONE);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 7), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 9).points, 40);
	assert_int_equal(world_entry(world, 9).programme_sequence, 8);
	assert_int_equal(world_give_back(world, 1, 9, 0), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 100);
	world_close(world);
}

/* Twenty tills, held or at once: exactly what the balance affords. */
static void twenty_tills_hold_what_one_balance_affords(void **state)
{
	struct world *world = open_with_points(14, 290);
	uint64_t holds[20];
	int held = 0;

	(void)state;
	world_tills(world, 3, 20);
	for (uint32_t till = 1; till <= 20; till++) {
		enum refusal_code code =
		    till % 3 == 0 ? world_redeem(world, till, MEMBER(1), "tea")
				  : world_hold(world, till, MEMBER(1), "tea");

		if (code != REFUSAL_NONE)
			assert_int_equal(code, REFUSAL_INSUFFICIENT_POINTS);
		else if (till % 3 != 0)
			holds[held++] = world->count;
	}
	assert_int_equal(world_spendable(world, MEMBER(1)), 10);
	for (int hold = 0; hold < held; hold++)
		assert_int_equal(
		    world_capture(world, 1, MEMBER(1), holds[hold]),
		    REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 10);
	assert_int_equal(
	    book_account_points(world->book, ACCOUNT_REDEEMED), 280);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_points_without_moving_them),
	    cmocka_unit_test(counts_a_hold_at_every_till),
	    cmocka_unit_test(captures_what_was_held),
	    cmocka_unit_test(captures_the_value_that_was_said),
	    cmocka_unit_test(lets_go_when_its_time_is_over),
	    cmocka_unit_test(lets_go_when_it_is_undone),
	    cmocka_unit_test(takes_over_midnight_what_was_kept_before),
	    cmocka_unit_test(takes_what_is_there_where_a_return_was_faster),
	    cmocka_unit_test(counts_what_is_held_as_had),
	    cmocka_unit_test(captures_nothing_that_is_gone),
	    cmocka_unit_test(holds_so_many_at_once_and_no_more),
	    cmocka_unit_test(captures_only_holds_of_that_member),
	    cmocka_unit_test(captures_by_what_was_promised),
	    cmocka_unit_test(twenty_tills_hold_what_one_balance_affords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
