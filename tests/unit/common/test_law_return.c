/*
 * The law of returns: what comes back takes its points with it, once.
 */
#include "tests/unit/common/law_world.h"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static void takes_back_what_the_kept_part_does_not_earn(void **state)
{
	struct world *world = world_open(14);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1250), REFUSAL_NONE);
	/* 12.50 earns 12; 7.51 kept earns 7. */
	assert_int_equal(world_return(world, 2, 6, 499), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.points, 5);
	assert_int_equal(entry.amount_minor, 499);
	assert_int_equal(entry.related_sequence, 6);
	assert_int_equal(entry.programme_sequence, 2);
	assert_int_equal(entry.balance_points, 7);
	assert_int_equal(entry.from_previous_sequence, 6);
	/* 7.50 kept earns 7: a cent takes nothing. */
	assert_int_equal(world_return(world, 2, 6, 1), REFUSAL_NONE);
	assert_int_equal(world_entry(world, world->count).points, 0);
	assert_int_equal(world_return(world, 2, 6, 750), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(
	    world_return(world, 2, 6, 1), REFUSAL_RETURN_TOO_LARGE);
	assert_sum_is_zero(world->book);
	world_close(world);
}

static void takes_as_much_in_ten_returns_as_in_one(void **state)
{
	struct world *one = world_open(15);
	struct world *ten = world_open(15);

	(void)state;
	for (uint64_t round = 0; round < 60; round++) {
		uint64_t amount_minor = 10 + world_below(one, 20000);
		uint64_t left_minor = amount_minor;
		uint64_t sale;

		assert_int_equal(
		    world_earn(one, 1, MEMBER(1), amount_minor), REFUSAL_NONE);
		assert_int_equal(
		    world_return(one, 1, one->count, amount_minor / 2),
		    REFUSAL_NONE);
		assert_int_equal(
		    world_earn(ten, 1, MEMBER(1), amount_minor), REFUSAL_NONE);
		sale = ten->count;
		left_minor = amount_minor / 2;
		for (int part = 0; part < 9 && left_minor > 1; part++) {
			uint64_t back_minor =
			    1 + world_below(ten, left_minor - 1);

			assert_int_equal(world_return(ten, 1, sale, back_minor),
			    REFUSAL_NONE);
			left_minor -= back_minor;
		}
		assert_int_equal(
		    world_return(ten, 1, sale, left_minor), REFUSAL_NONE);
		assert_int_equal(world_balance(one, MEMBER(1)),
		    world_balance(ten, MEMBER(1)));
	}
	world_close(one);
	world_close(ten);
}

static void judges_a_return_by_the_rules_of_its_sale(void **state)
{
	struct world *world = world_open(16);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(
	    world_programme(world, WORLD_RULES("7", "0.50")), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 500), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 5);
	assert_int_equal(entry.programme_sequence, 7);
	world_close(world);
}

static void lets_a_return_end_in_a_debt(void **state)
{
	struct world *world = world_open(17);

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 15000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 15000), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), -150);
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "cake"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(refusal_of(world)->available, -150);
	assert_int_equal(refusal_of(world)->missing, 190);
	assert_sum_is_zero(world->book);
	world_close(world);
}

static void refuses_to_take_back_more_than_was_sold(void **state)
{
	struct world *world = world_open(18);

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1250), REFUSAL_NONE);
	assert_int_equal(
	    world_return(world, 1, 6, 1251), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(refusal_of(world)->required, 1251);
	assert_int_equal(refusal_of(world)->available, 1250);
	assert_string_equal(refusal_of(world)->say,
	    "At most 12.50 EUR of this sale can come back.");
	assert_int_equal(world_return(world, 1, 6, 1000), REFUSAL_NONE);
	assert_int_equal(
	    world_return(world, 1, 6, UINT64_MAX), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(refusal_of(world)->available, 250);
	assert_int_equal(world_return(world, 1, 6, 0), REFUSAL_AMOUNT_INVALID);
	assert_int_equal(refusal_of(world)->required, 250);
	world_close(world);
}

static void refuses_returns_of_what_is_no_sale(void **state)
{
	struct world *world = world_open(19);
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry sale;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1250), REFUSAL_NONE);
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 0, 100), REFUSAL_SALE_UNKNOWN);
	for (uint64_t sequence = 1; sequence <= 5; sequence++)
		assert_int_equal(world_return(world, 1, sequence, 100),
		    REFUSAL_SALE_UNKNOWN);
	command.amount_minor = 100;
	command.account = MEMBER(2);
	sale = world_entry(world, 6);
	command.related = &sale;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	command.account = MEMBER(1);
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	sale.sequence = 8;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	sale.sequence = 6;
	sale.programme_sequence = 3;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	sale.programme_sequence = 2;
	sale.points = UINT64_MAX;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_back_what_the_kept_part_does_not_earn),
	    cmocka_unit_test(takes_as_much_in_ten_returns_as_in_one),
	    cmocka_unit_test(judges_a_return_by_the_rules_of_its_sale),
	    cmocka_unit_test(lets_a_return_end_in_a_debt),
	    cmocka_unit_test(refuses_to_take_back_more_than_was_sold),
	    cmocka_unit_test(refuses_returns_of_what_is_no_sale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
