/*
 * The law of what is undone as a whole, also before it has come.
 */
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"
#define RULES                                                                 \
	RULES_HEAD                                                            \
	"day_sales_max = 5\n"                                                 \
	"[points]\nexpire_months = 1\n"                                       \
	"[earn first]\nname = First\npoints = 30\nper = visit\nfirst = yes\n" \
	"[reward tea]\nname = Tea\npoints = 25\nday_times = 1\nstock = 1\n"   \
	"[reward cash]\nname = Cash\nmoney_points = 1\n"                      \
	"money_amount = 0.01\n"                                               \
	"[goodwill]\ncashier_day_points = 100\n"                              \
	"supervisor_day_points = 100\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static struct world *open_with_sale(uint64_t seed, uint64_t amount_minor)
{
	struct world *world = world_open_with(seed, RULES);

	world_set_day(world, "2026-01-01");
	assert_int_equal(
	    world_earn(world, 1, MEMBER(1), amount_minor), REFUSAL_NONE);
	return world;
}

/* --- sales ------------------------------------------------------------------
 */

static void undoes_a_sale_with_all_that_hung_on_it(void **state)
{
	struct world *world = open_with_sale(1, 5000);
	struct entry entry;

	(void)state;
	assert_int_equal(world_entry(world, 6).points, 80);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	entry = world_entry(world, 7);
	assert_int_equal(entry.kind, ENTRY_VOID);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.points, 80);
	assert_int_equal(entry.amount_minor, 5000);
	assert_int_equal(entry.related_sequence, 6);
	assert_int_equal(entry.voided_counter, 2);
	assert_int_equal(entry.facts, FACT_WHOLE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	/* The first time is the next one again. */
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 31);
	assert_sum_is_zero(world->book);
	world_close(world);
}

static void undoes_it_once(void **state)
{
	struct world *world = open_with_sale(2, 5000);

	(void)state;
	assert_int_equal(world_void(world, 1, 2), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, 2), REFUSAL_VOIDED);
	assert_string_equal(
	    refusal_of(world)->say, "This has been undone already.");
	assert_int_equal(
	    world_return(world, 1, 6, 1), REFUSAL_RETURN_TOO_LARGE);
	world_close(world);
}

static void undoes_what_returns_have_left(void **state)
{
	struct world *world = open_with_sale(3, 5000);

	(void)state;
	assert_int_equal(world_return(world, 2, 6, 1550), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, 2), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).amount_minor, 3450);
	assert_int_equal(world_entry(world, 8).points, 64);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 5000), REFUSAL_NONE);
	assert_int_equal(world_return(world, 2, 9, 5000), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, 4), REFUSAL_VOIDED);
	world_close(world);
}

static void undoes_into_a_debt(void **state)
{
	struct world *world = open_with_sale(4, 5000);

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, 2), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), -25);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

static void undoes_a_plain_sale(void **state)
{
	struct world *world = world_open(5);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1250), REFUSAL_NONE);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	entry = world_entry(world, 7);
	assert_int_equal(entry.points, 12);
	assert_int_equal(
	    entry.has, ENTRY_HAS(TAG_BALANCE) | ENTRY_HAS(TAG_VOIDED));
	world_close(world);
}

/* --- redemptions and corrections --------------------------------------------
 */

static void undoes_a_redemption(void **state)
{
	struct world *world = open_with_sale(6, 5000);

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_REWARD_SOLD_OUT);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 25);
	assert_int_equal(world_entry(world, 8).facts, FACT_WHOLE);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-01"), 0), 80);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_VOIDED);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	world_close(world);
}

static void undoes_what_is_left_of_a_redemption(void **state)
{
	struct world *world = open_with_sale(7, 5000);
	struct command command =
	    world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cash");

	(void)state;
	command.points = 50;
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_give_back(world, 2, 7, 20), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 9).points, 30);
	assert_int_equal(world_balance(world, MEMBER(1)), 80);
	assert_int_equal(
	    world_give_back(world, 2, 7, 0), REFUSAL_RETURN_TOO_LARGE);
	/* Where nothing is left there is nothing to undo. */
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_give_back(world, 2, 10, 0), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, world_entry(world, 10).counter),
	    REFUSAL_VOIDED);
	world_close(world);
}

static enum refusal_code adjust(
    struct world *world, uint64_t points, bool takes)
{
	struct command command = world_command(world, ENTRY_ADJUST, 1);

	command.account = MEMBER(1);
	command.points = points;
	command.takes = takes;
	command.cashier = 1;
	command.reason = bytes_of_string("spilt");
	return world_do(world, &command);
}

static enum refusal_code undo_as(struct world *world, uint64_t counter)
{
	struct command command = world_command(world, ENTRY_VOID, 1);
	struct entry entry;

	for (uint64_t sequence = 1; sequence <= world->count; sequence++) {
		entry = world_entry(world, sequence);
		if (entry.terminal == 1 && entry.counter == counter)
			break;
	}
	command.cashier = 1;
	command.voided_counter = counter;
	command.related = &entry;
	return world_do(world, &command);
}

static void undoes_a_correction(void **state)
{
	struct world *world = open_with_sale(8, 5000);

	(void)state;
	assert_int_equal(
	    world_cashier(world, 1, ROLE_SUPERVISOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(adjust(world, 40, false), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 120);
	assert_int_equal(undo_as(world, 3), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 80);
	assert_int_equal(book_account_points(world->book, ACCOUNT_GOODWILL), 0);
	assert_int_equal(undo_as(world, 3), REFUSAL_VOIDED);
	assert_int_equal(adjust(world, 30, true), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 50);
	assert_int_equal(undo_as(world, world->counters[1]), REFUSAL_NONE);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-01"), 0), 80);
	world_close(world);
}

/* --- what cannot be undone --------------------------------------------------
 */

static void undoes_nothing_that_has_an_opposite(void **state)
{
	struct world *world = open_with_sale(9, 5000);

	(void)state;
	/* The enrolment, a return, and a void. */
	assert_int_equal(world_void(world, 1, 1), REFUSAL_NOT_VOIDABLE);
	assert_int_equal(world_return(world, 1, 6, 100), REFUSAL_NONE);
	assert_int_equal(world_void_last(world), REFUSAL_NOT_VOIDABLE);
	assert_int_equal(world_void(world, 1, 2), REFUSAL_NONE);
	assert_int_equal(world_void_last(world), REFUSAL_NOT_VOIDABLE);
	assert_string_equal(refusal_of(world)->say,
	    "This cannot be undone as a whole. Do the opposite.");
	world_close(world);
}

static void undoes_only_what_this_till_did_before(void **state)
{
	struct world *world = open_with_sale(10, 5000);
	struct command command = world_command(world, ENTRY_VOID, 2);
	struct entry entry = world_entry(world, 6);

	(void)state;
	command.counter = 9;
	command.voided_counter = entry.counter;
	command.related = &entry;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	command.terminal = 1;
	command.voided_counter = 3;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	command.voided_counter = 9;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.voided_counter = 10;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.voided_counter = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.voided_counter = entry.counter;
	command.related = NULL;
	command.wants_related = true;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	entry.sequence = 7;
	command.related = &entry;
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	entry.sequence = 6;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

/* --- what has not come ------------------------------------------------------
 */

static void refuses_what_was_undone_before_it_came(void **state)
{
	struct world *world = open_with_sale(11, 5000);
	struct command late = world_command(world, ENTRY_EARN, 1);
	struct entry entry;

	(void)state;
	late.account = MEMBER(1);
	late.amount_minor = 1000;
	assert_int_equal(world_void(world, 1, late.counter), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_VOIDED));
	assert_int_equal(entry.related_sequence, 0);
	assert_int_equal(entry.voided_counter, late.counter);
	assert_int_equal(world_ask(world, &late), REFUSAL_VOIDED);
	assert_string_equal(refusal_of(world)->say,
	    "This was undone before it came. Nothing was done.");
	assert_int_equal(world_void(world, 1, late.counter), REFUSAL_VOIDED);
	/* Another till's of that number, and the next one of this, are not. */
	late.terminal = 2;
	assert_int_equal(world_ask(world, &late), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	world_close(world);
}

static void undoes_so_much_that_never_came_and_no_more(void **state)
{
	struct world *world = open_with_sale(12, 5000);
	struct command command = world_command(world, ENTRY_VOID, 1);

	(void)state;
	command.counter = TOMBSTONES_MAX + 100;
	for (unsigned count = 0; count < TOMBSTONES_MAX; count++) {
		struct entry entry;

		command.voided_counter = 50 + count;
		assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
		entry = world->decision.entry;
		assert_int_equal(
		    book_apply(world->book, &entry, &world->err), RESULT_OK);
		command.counter++;
	}
	command.voided_counter = 49;
	assert_int_equal(world_ask(world, &command), REFUSAL_LIMIT);
	command.terminal = 2;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

/* The two ways in which a till and its void can meet give the same balance. */
static void ends_alike_whichever_comes_first(void **state)
{
	struct world *world = open_with_sale(13, 5000);
	struct command sale = world_command(world, ENTRY_EARN, 1);
	int64_t balance_points = world_balance(world, MEMBER(1));

	(void)state;
	sale.account = MEMBER(1);
	sale.amount_minor = 1000;
	assert_int_equal(world_do(world, &sale), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, sale.counter), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), balance_points);
	sale.counter = ++world->counters[1];
	assert_int_equal(world_void(world, 1, sale.counter), REFUSAL_NONE);
	assert_int_equal(world_do(world, &sale), REFUSAL_VOIDED);
	assert_int_equal(world_balance(world, MEMBER(1)), balance_points);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(undoes_a_sale_with_all_that_hung_on_it),
	    cmocka_unit_test(undoes_it_once),
	    cmocka_unit_test(undoes_what_returns_have_left),
	    cmocka_unit_test(undoes_into_a_debt),
	    cmocka_unit_test(undoes_a_plain_sale),
	    cmocka_unit_test(undoes_a_redemption),
	    cmocka_unit_test(undoes_what_is_left_of_a_redemption),
	    cmocka_unit_test(undoes_a_correction),
	    cmocka_unit_test(undoes_nothing_that_has_an_opposite),
	    cmocka_unit_test(undoes_only_what_this_till_did_before),
	    cmocka_unit_test(refuses_what_was_undone_before_it_came),
	    cmocka_unit_test(undoes_so_much_that_never_came_and_no_more),
	    cmocka_unit_test(ends_alike_whichever_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
