/*
 * The book: what returns and voids change, and what of them cannot be folded
 * in.
 */
#include "tests/unit/common/book_life.h"

static const struct part basket[] = {{RULE_BASE, 12000000},
    {RULE_FRUIT, 40000000}, {RULE_HAPPY, 30000000}, {RULE_FIRST, 5000000}};

static uint64_t earns_basket(struct life *life, uint64_t account)
{
	struct entry entry = earn_of(life, account, 57);

	says_parts(life, &entry, basket, 4);
	return puts_in(life, &entry);
}

/* --- what came back ---------------------------------------------------------
 */

static void adds_up_what_comes_back_line_by_line(void **state)
{
	struct life *life = life_begin(1, LIFE_YEAR);
	uint64_t sale = earns(life, MEMBER(1), 50);
	const struct back one[] = {{1, 2, 300}, {7, 1, -50}};
	const struct back two[] = {{0, 1, 10}, {7, 1, -50}};
	const struct book_returned *returned;
	struct entry entry;

	(void)state;
	entry = return_of(life, MEMBER(1), sale, 250, 3);
	says_backs(life, &entry, one, 2);
	puts_in(life, &entry);
	entry = return_of(life, MEMBER(1), sale, 1000, 10);
	puts_in(life, &entry);
	/* Lines, and an amount beside them. */
	entry = return_of(life, MEMBER(1), sale, 60, 2);
	says_backs(life, &entry, two, 2);
	puts_in(life, &entry);
	returned = book_returned(member_of(life, 1), sale);
	assert_int_equal(returned->amount_minor, 1310);
	assert_int_equal(returned->by_amount_minor, 1100);
	assert_int_equal(returned->points, 15);
	assert_false(returned->is_void);
	assert_int_equal(returned->line_count, 3);
	assert_int_equal(returned->lines[0].line, 0);
	assert_int_equal(returned->lines[1].line, 1);
	assert_int_equal(returned->lines[1].quantity, 2);
	assert_int_equal(returned->lines[2].line, 7);
	assert_int_equal(returned->lines[2].quantity, 2);
	assert_int_equal(returned->lines[2].amount_minor, -100);
	entry = return_of(life, MEMBER(1), sale, 299, 0);
	says_backs(life, &entry, one, 1);
	refuses(life, &entry, "its lines are more than its amount");
	life_end(life);
}

static void refuses_what_came_back_past_counting(void **state)
{
	struct life *life = life_begin(2, LIFE_YEAR);
	uint64_t sale = earns(life, MEMBER(1), 50);
	const struct back many[] = {{1, LINE_QUANTITY_MAX, 0}};
	struct entry entry;

	(void)state;
	for (unsigned count = 0; count < UINT32_MAX / LINE_QUANTITY_MAX;
	     count++) {
		entry = return_of(life, MEMBER(1), sale, 1, 0);
		says_backs(life, &entry, many, 1);
		puts_in(life, &entry);
	}
	entry = return_of(life, MEMBER(1), sale, 1, 0);
	says_backs(life, &entry, many, 1);
	refuses(life, &entry, "what came back would overflow");
	life_end(life);
}

static void gives_periods_back_what_rules_gave_less(void **state)
{
	struct life *life = life_begin(3, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint32_t all = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));
	uint64_t sale = earns_basket(life, MEMBER(1));
	const struct part less[] = {
	    {RULE_BASE, 2000000}, {RULE_FRUIT, 9000000}};
	struct entry entry = return_of(life, MEMBER(1), sale, 1000, 11);

	(void)state;
	says_parts(life, &entry, less, 2);
	puts_in(life, &entry);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_DAY, PERIOD_DAY), 31000000);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_EVER, PERIOD_EVER), 31000000);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_DAY, PERIOD_DAY), 1);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_DAY, PERIOD_DAY), 46);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_TIMES_DAY, PERIOD_DAY), 1);
	assert_int_equal(book_tally(life->world->book, fruit), 31000000);
	/* On another day the day's counters are those of another day. */
	passes(life, 1);
	earns_basket(life, MEMBER(1));
	entry = return_of(life, MEMBER(1), sale, 1000, 11);
	says_parts(life, &entry, less, 2);
	puts_in(life, &entry);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_DAY, PERIOD_DAY), 40000000);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_EVER, PERIOD_EVER), 62000000);
	assert_int_equal(book_tally(life->world->book, fruit), 62000000);
	life_end(life);
}

static void leaves_counters_alone_without_the_sales_time(void **state)
{
	struct life *life = life_begin(4, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint64_t sale = earns_basket(life, MEMBER(1));
	uint64_t counted = member_of(life, 1)->qualifying;
	struct entry entry = return_of(life, MEMBER(1), sale, 1000, 11);

	(void)state;
	says_parts(life, &entry, &basket[1], 1);
	entry.sold_ms = 0;
	entry.has &= ~ENTRY_HAS(TAG_SOLD);
	puts_in(life, &entry);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_DAY, PERIOD_DAY), 40000000);
	assert_int_equal(member_of(life, 1)->qualifying, counted);
	/* A budget knows no periods. */
	assert_int_equal(book_tally(life->world->book, fruit), 0);
	life_end(life);
}

static void uses_the_rules_of_the_sales_version(void **state)
{
	struct life *life = life_begin(5, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint64_t sale = earns_basket(life, MEMBER(1));
	const struct part less[] = {{RULE_FRUIT, 9000000}};
	struct entry entry;

	(void)state;
	/* One rule alone, which has the place of another. */
	puts_programme(life,
	    "[programme]\nname = N\ncurrency = EUR\nsale_amount_max = 9.00\n"
	    "[earn visit]\npoints = 1\nper = visit\nday_times = 1\n");
	entry = return_of(life, MEMBER(1), sale, 1000, 9);
	assert_int_equal(entry.rules_sequence, 2);
	says_parts(life, &entry, less, 1);
	puts_in(life, &entry);
	assert_int_equal(
	    book_count(member_of(life, 1), fruit, COUNT_POINTS_EVER, 0),
	    31000000);
	assert_int_equal(book_tally(life->world->book, fruit), 31000000);
	entry.has &= ~ENTRY_HAS(TAG_RULES);
	entry = return_of(life, MEMBER(1), sale, 1000, 9);
	entry.has &= ~ENTRY_HAS(TAG_RULES);
	says_parts(life, &entry, less, 1);
	refuses(life, &entry, "there is no rule 1");
	entry = return_of(life, MEMBER(1), sale, 1000, 9);
	entry.rules_sequence = 3;
	refuses(life, &entry, "there is no programme 3");
	life_end(life);
}

/* A hold of a day by the sale's clock: what was sold before midnight in Berlin
 * is of that day, whatever zone the rules have by now. */
static void finds_the_sales_day_by_its_own_zone(void **state)
{
	struct life *life = life_begin(6, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	const struct part less[] = {{RULE_FRUIT, 40000000}};
	struct entry entry;
	uint64_t sale;

	(void)state;
	life->world->now_ms += 11 * HOUR_MS + HOUR_MS / 2;
	sale = earns_basket(life, MEMBER(1));
	life->world->now_ms += HOUR_MS;
	puts_programme(life,
	    "[programme]\nname = N\ncurrency = EUR\nsale_amount_max = 9.00\n"
	    "time_zone = XXX12\n"
	    "[earn visit]\npoints = 1\nper = visit\nday_times = 1\n");
	entry = return_of(life, MEMBER(1), sale, 1000, 9);
	says_parts(life, &entry, less, 1);
	puts_in(life, &entry);
	for (uint32_t index = 0; index < member_of(life, 1)->count_count;
	     index++) {
		const struct book_count *count =
		    &book_counts(member_of(life, 1))[index];

		assert_true(
		    count->ident != fruit || count->what >= COUNT_TIMES_DAY);
	}
	life_end(life);
}

/* --- of a redemption --------------------------------------------------------
 */

static struct entry unredeem_of(struct life *life, uint64_t account,
    uint64_t redemption, uint64_t points, bool is_whole)
{
	struct entry entry = life_entry(life, ENTRY_RETURN, 1);
	struct entry of = world_entry(life->world, redemption);

	moves(life, &entry, ACCOUNT_REDEEMED, account, points);
	says_of(&entry, &of, is_whole);
	entry.reward = of.reward;
	tag(&entry, TAG_REWARD);
	return entry;
}

static void gives_a_reward_back_to_the_stock_as_a_whole(void **state)
{
	struct life *life = life_begin(7, LIFE_YEAR);
	uint32_t coffee =
	    book_programme(life->world->book)->programme->rewards[0].ident;
	const struct lot lot = {life_day(life) - 1, 0, 100};
	const struct lot wanted[] = {lot, {LOT_NEVER, 0, 900}};
	struct entry entry;
	uint64_t redemption;

	(void)state;
	earns(life, MEMBER(1), 1000);
	redemption = redeems(life, MEMBER(1), "coffee", 150);
	entry = unredeem_of(life, MEMBER(1), redemption, 50, false);
	puts_in(life, &entry);
	assert_int_equal(book_tally(life->world->book, coffee), 1);
	assert_int_equal(
	    count_of(life, 1, coffee, COUNT_TIMES_DAY, PERIOD_DAY), 1);
	/* Points come back with the stamps that they had, lapsed ones too. */
	entry = unredeem_of(life, MEMBER(1), redemption, 100, true);
	says_lots(life, &entry, &lot, 1);
	puts_in(life, &entry);
	assert_lots(life, 1, wanted, 2);
	assert_int_equal(book_tally(life->world->book, coffee), 0);
	assert_int_equal(
	    count_of(life, 1, coffee, COUNT_TIMES_EVER, PERIOD_EVER), 0);
	assert_int_equal(
	    book_returned(member_of(life, 1), redemption)->points, 150);
	assert_int_equal(
	    book_account_points(life->world->book, ACCOUNT_REDEEMED), 0);
	entry = unredeem_of(life, MEMBER(1), redemption, 1, true);
	entry.reward = bytes_of_string("yacht");
	refuses(life, &entry, "there is no such reward");
	life_end(life);
}

/* --- pools ------------------------------------------------------------------
 */

/* What member 1 bought before it joined 2 comes back: points of 2, and the
 * record, the counters and what qualifies of 1. */
static void keeps_returns_with_whose_sale_it_was(void **state)
{
	struct life *life = life_begin(8, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint64_t sale = earns_basket(life, MEMBER(1));
	struct entry entry;

	(void)state;
	earns(life, MEMBER(2), 20);
	entry = join_of(life, MEMBER(1), MEMBER(2), 57);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(2)), 77);
	entry = return_of(life, MEMBER(2), sale, 1000, 40);
	says_parts(life, &entry, &basket[1], 1);
	entry.whose = MEMBER(1);
	tag(&entry, TAG_WHOSE);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(2)), 37);
	assert_int_equal(balance_of(life, MEMBER(1)), 0);
	assert_int_equal(book_returned(member_of(life, 1), sale)->points, 40);
	assert_null(book_returned(member_of(life, 2), sale));
	assert_int_equal(
	    book_count(member_of(life, 1), fruit, COUNT_POINTS_EVER, 0), 0);
	assert_int_equal(member_of(life, 1)->qualifying, 17);
	assert_int_equal(member_of(life, 2)->qualifying, 20);
	/* Its history is a walk along entries that name it: not this one. */
	assert_int_equal(last_of(life, MEMBER(1)),
	    world_entry(life->world, life->world->count)
		.from_previous_sequence);
	assert_int_equal(member_of(life, 1)->true_at, life->world->count);
	entry.whose = MEMBER(2);
	entry.sequence++;
	refuses(life, &entry, "it names whose sale it was without need");
	entry.whose = MEMBER(7);
	refuses(life, &entry, "there is no member");
	life_end(life);
}

static void moves_no_points_of_who_pools(void **state)
{
	struct life *life = life_begin(9, LIFE_YEAR);
	struct entry entry;

	(void)state;
	earns(life, MEMBER(1), 20);
	entry = join_of(life, MEMBER(1), MEMBER(2), 20);
	puts_in(life, &entry);
	entry = earn_of(life, MEMBER(1), 1);
	refuses(life, &entry, "are those of the one it pools with");
	life_end(life);
}

/* --- voids ------------------------------------------------------------------
 */

static void undoes_a_sale_as_a_whole(void **state)
{
	struct life *life = life_begin(10, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint32_t all = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));
	uint64_t sale = earns_basket(life, MEMBER(1));
	struct entry of = world_entry(life->world, sale);
	struct entry entry = return_of(life, MEMBER(1), sale, 1000, 10);
	/* Of what counted: all of it, whatever came back before. */
	const struct part less[] = {{RULE_BASE, 12000000},
	    {RULE_FRUIT, 30000000}, {RULE_FIRST, 5000000}};

	(void)state;
	says_parts(life, &entry, &(struct part){RULE_FRUIT, 10000000}, 1);
	puts_in(life, &entry);
	entry = void_of(life, MEMBER(1), ACCOUNT_ISSUED, sale, 47);
	says_of(&entry, &of, false);
	says_parts(life, &entry, less, 3);
	entry.amount_minor = of.amount_minor - 1000;
	puts_in(life, &entry);
	assert_true(book_returned(member_of(life, 1), sale)->is_void);
	assert_int_equal(book_returned(member_of(life, 1), sale)->amount_minor,
	    of.amount_minor);
	assert_int_equal(balance_of(life, MEMBER(1)), 0);
	assert_int_equal(member_of(life, 1)->count_count, 0);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_EVER, PERIOD_EVER), 0);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_TIMES_DAY, PERIOD_DAY), 0);
	assert_int_equal(book_tally(life->world->book, fruit), 0);
	assert_int_equal(member_of(life, 1)->qualifying, 0);
	entry = void_of(life, MEMBER(1), ACCOUNT_ISSUED, sale, 0);
	refuses(life, &entry, "is undone already");
	entry = return_of(life, MEMBER(1), sale, 1, 0);
	refuses(life, &entry, "is undone already");
	life_end(life);
}

static void undoes_a_bonus_that_is_due_with_its_sale(void **state)
{
	struct life *life = life_begin(11, LIFE_YEAR);
	struct entry entry;
	uint64_t sale;

	(void)state;
	enrols_brought(life, MEMBER(4), MEMBER(1));
	sale = earns(life, MEMBER(4), 5);
	entry = void_of(life, MEMBER(4), ACCOUNT_ISSUED, sale, 5);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 4)->extra->referral_sale, 0);
	assert_true(member_of(life, 4)->extra->referrer == MEMBER(1));
	sale = earns(life, MEMBER(4), 5);
	assert_int_equal(member_of(life, 4)->extra->referral_sale, sale);
	/* A part that comes back leaves it due; the whole does not. */
	entry = return_of(life, MEMBER(4), sale, 1, 1);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 4)->extra->referral_sale, sale);
	entry = return_of(life, MEMBER(4), sale, 500, 4);
	entry.facts = FACT_WHOLE;
	tag(&entry, TAG_FACTS);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 4)->extra->referral_sale, 0);
	life_end(life);
}

static void undoes_a_redemption(void **state)
{
	struct life *life = life_begin(12, LIFE_YEAR);
	uint32_t coffee =
	    book_programme(life->world->book)->programme->rewards[0].ident;
	struct entry entry;
	struct entry of;
	uint64_t redemption;

	(void)state;
	earns(life, MEMBER(1), 200);
	redemption = redeems(life, MEMBER(1), "coffee", 150);
	of = world_entry(life->world, redemption);
	entry = void_of(life, ACCOUNT_REDEEMED, MEMBER(1), redemption, 150);
	says_of(&entry, &of, true);
	entry.reward = of.reward;
	tag(&entry, TAG_REWARD);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), 200);
	assert_true(book_returned(member_of(life, 1), redemption)->is_void);
	assert_int_equal(book_tally(life->world->book, coffee), 0);
	assert_int_equal(
	    count_of(life, 1, coffee, COUNT_TIMES_EVER, PERIOD_EVER), 0);
	life_end(life);
}

static void undoes_a_hold_once(void **state)
{
	struct life *life = life_begin(13, LIFE_YEAR);
	struct entry entry;
	uint64_t hold;

	(void)state;
	entry = hold_of(life, MEMBER(1), 150, HOUR_MS);
	hold = puts_in(life, &entry);
	entry = void_of(life, ACCOUNT_NONE, MEMBER(1), hold, 0);
	puts_in(life, &entry);
	assert_null(book_hold(member_of(life, 1), hold, 0));
	assert_null(member_of(life, 1)->extra);
	entry = void_of(life, ACCOUNT_NONE, MEMBER(1), hold, 0);
	refuses(life, &entry, "there is no hold");
	life_end(life);
}

static void undoes_a_correction_once(void **state)
{
	struct life *life = life_begin(14, LIFE_YEAR);
	struct entry entry;
	uint64_t given;
	uint64_t taken;

	(void)state;
	entry = adjust_of(life, ACCOUNT_GOODWILL, MEMBER(1), 30, 1);
	given = puts_in(life, &entry);
	entry = adjust_of(life, MEMBER(1), ACCOUNT_GOODWILL, 10, 1);
	taken = puts_in(life, &entry);
	entry = void_of(life, MEMBER(1), ACCOUNT_GOODWILL, given, 30);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), -10);
	entry = void_of(life, ACCOUNT_GOODWILL, MEMBER(1), taken, 10);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), 0);
	entry = void_of(life, MEMBER(1), ACCOUNT_GOODWILL, given, 30);
	refuses(life, &entry, "is undone already");
	life_end(life);
}

static void keeps_a_sale_that_is_undone_from_being_claimed(void **state)
{
	struct life *life = life_begin(15, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_SALE, 1);
	uint64_t sale;

	(void)state;
	entry.amount_minor = 1000;
	sale = puts_in(life, &entry);
	entry = void_of(life, ACCOUNT_NONE, ACCOUNT_NONE, sale, 0);
	puts_in(life, &entry);
	assert_true(book_is_claimed(life->world->book, sale));
	entry = earn_of(life, MEMBER(1), 10);
	entry.related_sequence = sale;
	refuses(life, &entry, "is claimed already");
	life_end(life);
}

static void buries_what_has_not_come(void **state)
{
	struct life *life = life_begin(16, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_VOID, 2);

	(void)state;
	entry.voided_counter = 77;
	tag(&entry, TAG_VOIDED);
	puts_in(life, &entry);
	entry = life_entry(life, ENTRY_VOID, 2);
	entry.voided_counter = 11;
	tag(&entry, TAG_VOIDED);
	puts_in(life, &entry);
	assert_true(book_is_tombstone(life->world->book, 2, 77));
	assert_true(book_is_tombstone(life->world->book, 2, 11));
	assert_false(book_is_tombstone(life->world->book, 2, 12));
	assert_false(book_is_tombstone(life->world->book, 1, 77));
	assert_false(book_is_tombstone(life->world->book, 9, 77));
	entry = life_entry(life, ENTRY_VOID, 2);
	entry.voided_counter = 77;
	refuses(life, &entry, "77 is undone already");
	entry.voided_counter = 0;
	refuses(life, &entry, "the counter 0 is out of range");
	entry.voided_counter = 12;
	entry.terminal = 0;
	refuses(life, &entry, "there is no terminal 0");
	entry = life_entry(life, ENTRY_VOID, 2);
	moves(life, &entry, MEMBER(1), ACCOUNT_ISSUED, 0);
	refuses(life, &entry, "is not 0");
	life_end(life);
}

static void buries_only_so_much(void **state)
{
	struct life *life = life_begin(17, LIFE_YEAR);
	struct book *book = book_after(life->world, life->world->count);
	struct entry entry = life_entry(life, ENTRY_VOID, 2);
	struct error err;

	(void)state;
	tag(&entry, TAG_VOIDED);
	for (uint64_t count = 0; count < TOMBSTONES_MAX; count++) {
		entry.voided_counter = 1000000 - count;
		assert_int_equal(book_apply(book, &entry, &err), RESULT_OK);
		entry.sequence++;
		entry.counter++;
	}
	entry.voided_counter = 5;
	assert_int_equal(book_apply(book, &entry, &err), RESULT_INVALID);
	assert_non_null(strstr(err.text, "10000 operations undone before"));
	book_destroy(book);
	life_end(life);
}

static void refuses_to_undo_what_it_cannot(void **state)
{
	struct life *life = life_begin(18, LIFE_YEAR);
	uint64_t sale = earns(life, MEMBER(1), 5);
	struct entry entry = void_of(life, MEMBER(1), MEMBER(2), sale, 5);

	(void)state;
	refuses(life, &entry, "is not 1");
	entry = void_of(life, MEMBER(1), ACCOUNT_EXPIRED, sale, 5);
	refuses(life, &entry, "account 3 is not 1");
	entry = void_of(life, MEMBER(1), ACCOUNT_ISSUED, sale, 5);
	entry.related_sequence = entry.sequence;
	refuses(life, &entry, "is no earlier entry");
	entry = void_of(life, MEMBER(1), ACCOUNT_ISSUED, sale, 5);
	entry.programme_sequence = 0;
	refuses(life, &entry, "there is no programme 0");
	life_end(life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_up_what_comes_back_line_by_line),
	    cmocka_unit_test(refuses_what_came_back_past_counting),
	    cmocka_unit_test(gives_periods_back_what_rules_gave_less),
	    cmocka_unit_test(leaves_counters_alone_without_the_sales_time),
	    cmocka_unit_test(uses_the_rules_of_the_sales_version),
	    cmocka_unit_test(finds_the_sales_day_by_its_own_zone),
	    cmocka_unit_test(gives_a_reward_back_to_the_stock_as_a_whole),
	    cmocka_unit_test(keeps_returns_with_whose_sale_it_was),
	    cmocka_unit_test(moves_no_points_of_who_pools),
	    cmocka_unit_test(undoes_a_sale_as_a_whole),
	    cmocka_unit_test(undoes_a_bonus_that_is_due_with_its_sale),
	    cmocka_unit_test(undoes_a_redemption),
	    cmocka_unit_test(undoes_a_hold_once),
	    cmocka_unit_test(undoes_a_correction_once),
	    cmocka_unit_test(keeps_a_sale_that_is_undone_from_being_claimed),
	    cmocka_unit_test(buries_what_has_not_come),
	    cmocka_unit_test(buries_only_so_much),
	    cmocka_unit_test(refuses_to_undo_what_it_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
