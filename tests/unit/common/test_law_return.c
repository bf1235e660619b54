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

/* --- line by line -----------------------------------------------------------
 */

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"
#define RULES_LINES                                                       \
	RULES_HEAD "exclude_categories = deposit\n"                       \
		   "[earn fruit]\nname = Fruit\npoints = 2\nper = 1.00\n" \
		   "categories = fruit\n"                                 \
		   "[earn item]\nname = Wine\npoints = 5\nper = item\n"   \
		   "categories = wine\n"                                  \
		   "[earn big]\nname = Big\npoints = 20\nper = visit\n"   \
		   "amount_min = 20.00\n"

/* 3 fruit for 6.00, 2 wine for 16.00, a deposit of 0.50, 1.00 off: 21.50.
 * Earns 21 + 12 + 10 + 20 = 63: entry 6. */
static struct world *open_with_lines(uint64_t seed, const char *rules)
{
	struct world *world = world_open_with(seed, rules);
	struct command command = world_command(world, ENTRY_EARN, 1);
	struct world_lines lines;

	world_lines_start(&lines);
	world_lines_add(&lines, "fruit", "4011", 3, 600);
	world_lines_add(&lines, "wine", "", 2, 1600);
	world_lines_add(&lines, "deposit", "", 2, 50);
	world_lines_add(&lines, "", "", 0, -100);
	command.lines = world_lines_view(&lines);
	command.account = MEMBER(1);
	command.amount_minor = 2150;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	return world;
}

struct back_case {
	uint8_t line;
	uint32_t quantity;
	int64_t amount_minor;
	enum refusal_code code;
};

static enum refusal_code return_line(
    struct world *world, const struct back_case *back)
{
	struct world_lines backs;

	world_lines_start(&backs);
	world_backs_add(&backs, back->line, back->quantity, back->amount_minor);
	return world_return_lines(world, 1, 6, world_lines_view(&backs));
}

static void takes_back_what_its_lines_earned(void **state)
{
	struct world *world = open_with_lines(20, RULES_LINES);
	struct entry entry = world_entry(world, 6);

	(void)state;
	assert_int_equal(entry.points, 21 + 12 + 10 + 20);
	/* A fruit: 2 of base, 4 of fruit, and the bonus for 20.00 falls. */
	assert_int_equal(
	    return_line(world, &(struct back_case){0, 1, 200}), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 2 + 4 + 20);
	assert_int_equal(entry.amount_minor, 200);
	assert_int_equal(entry.sold_ms, world_entry(world, 6).time_ms);
	assert_false(entry.has & ENTRY_HAS(TAG_FACTS));
	/* A deposit earns nothing and takes nothing. */
	assert_int_equal(
	    return_line(world, &(struct back_case){2, 2, 50}), REFUSAL_NONE);
	assert_int_equal(world_entry(world, world->count).points, 0);
	/* A bottle: 8 of base, 5 an item. */
	assert_int_equal(
	    return_line(world, &(struct back_case){1, 1, 800}), REFUSAL_NONE);
	assert_int_equal(world_entry(world, world->count).points, 8 + 5);
	assert_int_equal(world_return(world, 1, 6, 1100), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.facts, FACT_WHOLE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

static void takes_no_more_of_a_line_than_is_left(void **state)
{
	static const struct back_case table[] = {
	    {0, 4, 600, REFUSAL_LINES_INVALID},
	    {0, 3, 601, REFUSAL_LINES_INVALID},
	    {0, 0, 0, REFUSAL_LINES_INVALID},
	    {0, 1, -200, REFUSAL_LINES_INVALID},
	    {4, 1, 100, REFUSAL_LINES_INVALID},
	    {3, 0, -100, REFUSAL_AMOUNT_INVALID}, /* a discount alone */
	    {3, 0, 100, REFUSAL_LINES_INVALID},
	    {0, 1, 200, REFUSAL_NONE},
	    {0, 3, 400, REFUSAL_LINES_INVALID},
	    {0, 2, 401, REFUSAL_LINES_INVALID},
	    {0, 0, 1, REFUSAL_NONE}, /* a part of what an item cost */
	    {0, 2, 399, REFUSAL_NONE},
	    {0, 1, 1, REFUSAL_LINES_INVALID},
	    {0, 0, 1, REFUSAL_LINES_INVALID},
	};
	struct world *world = open_with_lines(21, RULES_LINES);

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		enum refusal_code code = return_line(world, &table[at]);

		if (code != table[at].code)
			fail_msg("row %zu: %s", at, refusal_name(code));
	}
	assert_int_equal(return_line(world, &table[0]), REFUSAL_LINES_INVALID);
	assert_string_equal(refusal_of(world)->say,
	    "Line 1 of this sale cannot come back so. Check the receipt.");
	world_close(world);
}

static void takes_lines_and_amounts_in_their_sum(void **state)
{
	struct world *world = open_with_lines(22, RULES_LINES);
	struct world_lines backs;
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry sale = world_entry(world, 6);

	(void)state;
	command.related = &sale;
	command.account = MEMBER(1);
	world_lines_start(&backs);
	world_backs_add(&backs, 0, 3, 600);
	world_backs_add(&backs, 3, 0, -100);
	command.backs = world_lines_view(&backs);
	command.amount_minor = 600;
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	assert_int_equal(refusal_of(world)->required, 500);
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 7).amount_minor, 500);
	/* By amount, the rest but a cent; then no line fits any more. */
	assert_int_equal(
	    world_return(world, 1, 6, 1651), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(world_return(world, 1, 6, 1649), REFUSAL_NONE);
	assert_int_equal(return_line(world, &(struct back_case){1, 1, 800}),
	    REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(
	    return_line(world, &(struct back_case){1, 0, 1}), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

static void refuses_lines_that_are_no_list_or_not_of_it(void **state)
{
	struct world *world = open_with_lines(23, RULES_LINES);
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry sale;
	struct world_lines backs;

	(void)state;
	world_lines_start(&backs);
	world_backs_add(&backs, 1, 1, 800);
	world_backs_add(&backs, 0, 1, 200);
	sale = world_entry(world, 6);
	command.related = &sale;
	command.backs = world_lines_view(&backs);
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	command.backs = bytes_of_string("x");
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	/* A sale that was rung up without lines has none to come back. */
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	sale = world_entry(world, 7);
	world_lines_start(&backs);
	world_backs_add(&backs, 0, 1, 200);
	command.backs = world_lines_view(&backs);
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	world_close(world);
}

/* In any order and any split, by line or by amount: who keeps nothing keeps no
 * points, and ten returns take what one takes. */
static void buys_and_returns_everything_for_nothing(void **state)
{
	static const int64_t line_minor[] = {600, 1600, 50};

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct world *world = open_with_lines(seed, RULES_LINES);
		int64_t left[] = {600, 1600, 50};
		uint64_t all = 2150;

		while (all > 0) {
			uint8_t line = (uint8_t)world_below(world, 3);
			struct back_case back = {.line = line};

			if (world_below(world, 3) == 0) {
				uint64_t part = 1 + world_below(world, all);

				assert_int_equal(
				    world_return(world, 2, 6, part),
				    REFUSAL_NONE);
				all -= part;
				continue;
			}
			if (left[line] == 0)
				continue;
			back.amount_minor = 1 + (int64_t)world_below(world,
						    (uint64_t)left[line]);
			if ((uint64_t)back.amount_minor > all)
				back.amount_minor = (int64_t)all;
			assert_int_equal(
			    return_line(world, &back), REFUSAL_NONE);
			left[line] -= back.amount_minor;
			all -= (uint64_t)back.amount_minor;
			assert_true(left[line] <= line_minor[line]);
		}
		assert_int_equal(world_balance(world, MEMBER(1)), 0);
		assert_sum_is_zero(world->book);
		world_close(world);
	}
}

static void buys_and_keeps_what_is_kept(void **state)
{
	struct world *one = open_with_lines(24, RULES_LINES);
	struct world *ten = open_with_lines(24, RULES_LINES);
	struct world_lines backs;

	(void)state;
	world_lines_start(&backs);
	world_backs_add(&backs, 0, 2, 400);
	world_backs_add(&backs, 1, 1, 800);
	assert_int_equal(
	    world_return_lines(one, 1, 6, world_lines_view(&backs)),
	    REFUSAL_NONE);
	for (int part = 0; part < 4; part++) {
		struct back_case fruit = {0, part < 2, 100, 0};
		struct back_case wine = {1, part == 3, 200, 0};

		assert_int_equal(return_line(ten, &wine), REFUSAL_NONE);
		assert_int_equal(return_line(ten, &fruit), REFUSAL_NONE);
	}
	assert_int_equal(
	    world_balance(one, MEMBER(1)), world_balance(ten, MEMBER(1)));
	/* What is kept would earn the same by itself: 9.50 and its lines. */
	assert_int_equal(world_balance(one, MEMBER(1)), 9 + 4 + 5);
	world_close(one);
	world_close(ten);
}

/* --- caps, tiers, debts -----------------------------------------------------
 */

static void gives_caps_back_what_a_return_takes(void **state)
{
	struct world *world = world_open_with(25,
	    RULES_HEAD "[earn tea]\nname = Tea\npoints = 1\nper = 1.00\n"
		       "day_points_max = 10\nbudget_points_max = 15\n");

	(void)state;
	world_set_day(world, "2026-05-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 6).points, 20 + 10);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 7).points, 20);
	assert_int_equal(world_return(world, 1, 6, 1400), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 14 + 4);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 9).points, 20 + 4);
	/* Tomorrow's cap is its own; the budget is what it was. */
	world_set_day(world, "2026-05-02");
	assert_int_equal(world_return(world, 1, 6, 600), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 11).points, 20 + 10);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 12).points, 20);
	world_close(world);
}

/* A named case: a refund that demotes. */
static void takes_the_tier_that_rested_on_what_comes_back(void **state)
{
	struct world *world = world_open_with(26,
	    RULES_HEAD "[tiers]\nqualify = amount\n[tier silver]\n"
		       "name = Silver\nfrom = 100\n[tier gold]\n"
		       "name = Gold\nfrom = 300\n"
		       "[reward gala]\nname = Gala\npoints = 1\n"
		       "tiers = gold\n");
	struct entry entry;

	(void)state;
	world_set_day(world, "2026-05-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 15000), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 20000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 7).tier_level, 2);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_NONE);
	world_set_day(world, "2026-05-02");
	assert_int_equal(world_return(world, 1, 7, 5000), REFUSAL_NONE);
	assert_false(world_entry(world, 9).has & ENTRY_HAS(TAG_TIER));
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 7, 1), REFUSAL_NONE);
	entry = world_entry(world, 11);
	assert_true(entry.has & ENTRY_HAS(TAG_TIER));
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_REWARD_CLOSED);
	assert_int_equal(world_return(world, 1, 6, 15000), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 7, 14999), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 13).tier_level, 0);
	world_close(world);
}

static void lets_go_of_a_debt_where_there_is_none(void **state)
{
	struct world *world = world_open_with(27,
	    RULES_HEAD "[points]\ndebt = no\n"
		       "[reward tea]\nname = Tea\npoints = 80\n");

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 10000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 5000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 20);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	/* What was let go of is not asked for again unless something comes. */
	assert_int_equal(world_return(world, 1, 6, 5000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 9).points, 0);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 10);
	world_close(world);
}

/* Pending points first, then active ones, the sale's own before all. */
static void takes_points_where_it_hurts_least(void **state)
{
	struct world *world = world_open_with(
	    28, RULES_HEAD "[points]\npending_days = 14\nexpire_months = 6\n");

	(void)state;
	world_set_day(world, "2026-01-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	world_set_day(world, "2026-01-10");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	world_set_day(world, "2026-01-20");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 3000), REFUSAL_NONE);
	/* Its own lot has 20, all of them pending still. */
	assert_int_equal(world_return(world, 1, 7, 500), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), world_day("2026-07-24"),
			     world_day("2026-01-24")),
	    15);
	world_set_day(world, "2026-01-25");
	assert_int_equal(world_return(world, 1, 7, 1500), REFUSAL_NONE);
	assert_int_equal(world_spendable(world, MEMBER(1)), 10);
	/* Of the first sale 10 are active; then what is pending goes. */
	assert_int_equal(world_return(world, 1, 6, 400), REFUSAL_NONE);
	assert_int_equal(world_spendable(world, MEMBER(1)), 6);
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
	    cmocka_unit_test(takes_back_what_its_lines_earned),
	    cmocka_unit_test(takes_no_more_of_a_line_than_is_left),
	    cmocka_unit_test(takes_lines_and_amounts_in_their_sum),
	    cmocka_unit_test(refuses_lines_that_are_no_list_or_not_of_it),
	    cmocka_unit_test(buys_and_returns_everything_for_nothing),
	    cmocka_unit_test(buys_and_keeps_what_is_kept),
	    cmocka_unit_test(gives_caps_back_what_a_return_takes),
	    cmocka_unit_test(takes_the_tier_that_rested_on_what_comes_back),
	    cmocka_unit_test(lets_go_of_a_debt_where_there_is_none),
	    cmocka_unit_test(takes_points_where_it_hurts_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
