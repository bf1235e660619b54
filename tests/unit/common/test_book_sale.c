/*
 * The book: what sales, redemptions and holds change, and what of them cannot
 * be folded in.
 */
#include "tests/unit/common/book_life.h"

/* --- lots -------------------------------------------------------------------
 */

static void adds_points_to_the_lot_with_their_stamps(void **state)
{
	struct life *life = life_begin(1, LIFE_YEAR);
	const struct lot wanted[] = {
	    {-30, 0, 7}, {20600, 0, 9}, {20600, 20550, 3}, {LOT_NEVER, 0, 12}};

	(void)state;
	earns(life, MEMBER(1), 5);
	earns_lot(life, MEMBER(1), (struct lot){20600, 20550, 3});
	earns_lot(life, MEMBER(1), (struct lot){20600, 0, 4});
	earns_lot(life, MEMBER(1), (struct lot){-30, 0, 7});
	earns_lot(life, MEMBER(1), (struct lot){20600, 0, 5});
	earns(life, MEMBER(1), 7);
	assert_lots(life, 1, wanted, 4);
	assert_int_equal(balance_of(life, MEMBER(1)), 31);
	life_end(life);
}

static void takes_points_from_the_lots_that_are_named(void **state)
{
	struct life *life = life_begin(2, LIFE_YEAR);
	const struct lot taken[] = {{20600, 0, 4}, {LOT_NEVER, 0, 36}};
	const struct lot left[] = {{20600, 0, 6}, {LOT_NEVER, 0, 64}};
	struct entry redeem;

	(void)state;
	earns_lot(life, MEMBER(1), (struct lot){20600, 0, 10});
	earns(life, MEMBER(1), 100);
	redeem = redeem_of(life, MEMBER(1), "cake", 40);
	says_lots(life, &redeem, taken, 2);
	puts_in(life, &redeem);
	assert_lots(life, 1, left, 2);
	assert_int_equal(
	    book_account_points(life->world->book, ACCOUNT_REDEEMED), 40);
	life_end(life);
}

static void makes_a_debt_of_what_is_not_there_and_pays_it_first(void **state)
{
	struct life *life = life_begin(3, LIFE_YEAR);
	const struct lot left[] = {{20600, 0, 2}, {LOT_NEVER, 0, 10}};
	const struct lot got[] = {
	    {-30, 0, 15}, {20600, 0, 7}, {LOT_NEVER, 0, 10}};
	struct entry entry;
	uint64_t sale;

	(void)state;
	sale = earns(life, MEMBER(1), 30);
	redeems(life, MEMBER(1), "cake", 30);
	entry = return_of(life, MEMBER(1), sale, 2000, 20);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), -20);
	assert_lots(life, 1, NULL, 0);
	earns(life, MEMBER(1), 0);
	entry = earn_of(life, MEMBER(1), 32);
	says_lots(life, &entry, got, 3);
	puts_in(life, &entry);
	assert_lots(life, 1, left, 2);
	assert_int_equal(balance_of(life, MEMBER(1)), 12);
	life_end(life);
}

static void refuses_lots_that_are_not_there(void **state)
{
	struct life *life = life_begin(4, LIFE_YEAR);
	const struct lot few[] = {{20600, 0, 10}};
	const struct lot many[] = {{20600, 0, 11}};
	const struct lot other[] = {{20600, 1, 10}};
	const struct lot both[] = {{20600, 0, 10}, {LOT_NEVER, 0, 30}};
	struct entry entry;

	(void)state;
	earns_lot(life, MEMBER(1), few[0]);
	earns(life, MEMBER(1), 40);
	entry = redeem_of(life, MEMBER(1), "cake", 30);
	says_lots(life, &entry, many, 1);
	refuses(life, &entry, "11 points of (20600, 0) are not there");
	says_lots(life, &entry, other, 1);
	refuses(life, &entry, "10 points of (20600, 1) are not there");
	says_lots(life, &entry, both, 2);
	refuses(life, &entry, "its lots are 40 points, and 30 move");
	says_lots(life, &entry, few, 1);
	refuses(life, &entry, "it leaves points beside a debt");
	entry = redeem_of(life, MEMBER(1), "cake", 45);
	refuses(life, &entry, "it leaves points beside a debt");
	entry = earn_of(life, MEMBER(1), 11);
	says_lots(life, &entry, few, 1);
	refuses(life, &entry, "its lots are 10 points, and 11 move");
	entry.lots.size--;
	refuses(life, &entry, "one of its lists is malformed");
	life_end(life);
}

static void refuses_a_lot_too_many(void **state)
{
	struct life *life = life_begin(5, LIFE_YEAR);
	struct entry entry;

	(void)state;
	for (int32_t lot = 0; lot < (int32_t)LOTS_MAX; lot++)
		earns_lot(life, MEMBER(1), (struct lot){20600, lot, 1});
	earns_lot(life, MEMBER(1), (struct lot){20600, 7, 1});
	entry = earn_of(life, MEMBER(1), 1);
	refuses(life, &entry, "a member has 2048 lots already");
	life_end(life);
}

/* --- activity ---------------------------------------------------------------
 */

static void does_not_revive_what_lapsed_by_inactivity(void **state)
{
	struct life *life = life_begin(6, LIFE_YEAR);
	int32_t first = life_day(life);
	const struct lot kept[] = {
	    {-60, 0, 5}, {-30, 0, 9}, {first + 30, 0, 7}};

	(void)state;
	earns_lot(life, MEMBER(1), (struct lot){-30, 0, 7});
	earns_lot(life, MEMBER(1), (struct lot){-60, 0, 5});
	assert_int_equal(member_of(life, 1)->active_day, first);
	passes(life, 31);
	assert_int_equal(
	    book_lapsed_points(member_of(life, 1), life_day(life)), 7);
	earns_lot(life, MEMBER(1), (struct lot){-30, 0, 9});
	assert_lots(life, 1, kept, 3);
	assert_int_equal(member_of(life, 1)->active_day, first + 31);
	assert_int_equal(member_of(life, 1)->last_sale_day, first + 31);
	assert_int_equal(
	    book_lapsed_points(member_of(life, 1), life_day(life)), 7);
	life_end(life);
}

static void counts_a_redemption_as_activity_but_not_as_a_sale(void **state)
{
	struct life *life = life_begin(7, LIFE_YEAR);
	int32_t first = life_day(life);
	struct entry entry;

	(void)state;
	assert_int_equal(member_of(life, 1)->enrolled_day, first);
	assert_int_equal(member_of(life, 1)->active_day, first);
	assert_int_equal(member_of(life, 1)->last_sale_day, DAY_NONE);
	earns(life, MEMBER(1), 100);
	passes(life, 10);
	redeems(life, MEMBER(1), "cake", 40);
	assert_int_equal(member_of(life, 1)->active_day, first + 10);
	assert_int_equal(member_of(life, 1)->last_sale_day, first);
	/* A sale that comes late. */
	entry = earn_of(life, MEMBER(1), 1);
	entry.sold_ms = entry.time_ms - 4 * (uint64_t)DAY_MS;
	tag(&entry, TAG_SOLD);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->active_day, first + 10);
	assert_int_equal(member_of(life, 1)->last_sale_day, first + 6);
	life_end(life);
}

static void takes_days_in_the_programmes_zone(void **state)
{
	struct life *life = life_begin(8, LIFE_YEAR);
	int32_t day = life_day(life);

	(void)state;
	/* 23:59:59.999 and midnight in Berlin, still March in summer time. */
	life->world->now_ms += 12 * HOUR_MS - 1;
	enrols(life, MEMBER(4));
	life->world->now_ms++;
	enrols(life, MEMBER(5));
	assert_int_equal(member_of(life, 4)->enrolled_day, day);
	assert_int_equal(member_of(life, 5)->enrolled_day, day + 1);
	life_end(life);
}

static void enrols_by_utc_before_there_is_a_programme(void **state)
{
	struct life *life = calloc(1, sizeof(*life));

	(void)state;
	life->world = world_empty(9);
	life->world->now_ms = DAY_MS - 1;
	puts_shop(life);
	puts_terminal(life, 1, "");
	enrols(life, MEMBER(1));
	life->world->now_ms++;
	enrols(life, MEMBER(2));
	assert_int_equal(member_of(life, 1)->enrolled_day, 0);
	assert_int_equal(member_of(life, 2)->enrolled_day, 1);
	life_end(life);
}

/* --- counters ---------------------------------------------------------------
 */

/* Fruit gave 40 and happy 30: of their group fruit counts alone. */
static const struct part basket[] = {{RULE_BASE, 12000000},
    {RULE_FRUIT, 40000000}, {RULE_HAPPY, 30000000}, {RULE_FIRST, 5000000}};

static void counts_by_the_rules_that_count(void **state)
{
	struct life *life = life_begin(10, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	uint32_t happy = life_rule(life, RULE_HAPPY)->ident;
	uint32_t first = life_rule(life, RULE_FIRST)->ident;
	uint32_t base = life_rule(life, RULE_BASE)->ident;
	struct entry entry = earn_of(life, MEMBER(1), 57);

	(void)state;
	says_parts(life, &entry, basket, 4);
	puts_in(life, &entry);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_DAY, PERIOD_DAY), 40000000);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_EVER, PERIOD_EVER), 40000000);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_DAY, PERIOD_DAY), 1);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_MONTH, PERIOD_MONTH), 1);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_YEAR, PERIOD_YEAR), 1);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_EVER, PERIOD_EVER), 1);
	assert_int_equal(
	    count_of(life, 1, first, COUNT_TIMES_EVER, PERIOD_EVER), 1);
	/* What no rule limits is not kept, nor what did not count. */
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_POINTS_MONTH, PERIOD_MONTH), 0);
	assert_int_equal(
	    count_of(life, 1, happy, COUNT_POINTS_MONTH, PERIOD_MONTH), 0);
	assert_int_equal(
	    count_of(life, 1, base, COUNT_POINTS_DAY, PERIOD_DAY), 0);
	assert_int_equal(book_tally(life->world->book, fruit), 40000000);
	assert_int_equal(book_tally(life->world->book, happy), 0);
	life_end(life);
}

static void counts_all_earning_and_sales(void **state)
{
	struct life *life = life_begin(11, LIFE_YEAR);
	uint32_t all = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));

	(void)state;
	earns(life, MEMBER(1), 30);
	earns(life, MEMBER(1), 0);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_DAY, PERIOD_DAY), 30);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_MONTH, PERIOD_MONTH), 30);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_TIMES_DAY, PERIOD_DAY), 2);
	passes(life, 1);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_DAY, PERIOD_DAY), 0);
	earns(life, MEMBER(1), 4);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_DAY, PERIOD_DAY), 4);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_POINTS_MONTH, PERIOD_MONTH), 34);
	assert_int_equal(
	    count_of(life, 1, all, COUNT_TIMES_DAY, PERIOD_DAY), 1);
	life_end(life);
}

/* A part that a cap cut to nothing is a part, but no time. */
static void counts_no_time_of_a_part_of_nothing(void **state)
{
	struct life *life = life_begin(12, LIFE_YEAR);
	uint32_t fruit = life_rule(life, RULE_FRUIT)->ident;
	const struct part nothing[] = {{RULE_FRUIT, 0}};
	struct entry entry = earn_of(life, MEMBER(1), 0);

	(void)state;
	says_parts(life, &entry, nothing, 1);
	puts_in(life, &entry);
	assert_int_equal(
	    count_of(life, 1, fruit, COUNT_TIMES_DAY, PERIOD_DAY), 0);
	life_end(life);
}

static void refuses_a_rule_that_is_not_there(void **state)
{
	struct life *life = life_begin(13, LIFE_YEAR);
	const struct part strange[] = {{RULE_BROUGHT + 1, 1}};
	struct entry entry = earn_of(life, MEMBER(1), 0);

	(void)state;
	says_parts(life, &entry, strange, 1);
	refuses(life, &entry, "there is no rule 5");
	life_end(life);
}

static void counts_rewards_and_their_stock(void **state)
{
	struct life *life = life_begin(14, LIFE_YEAR);
	const struct programme *programme =
	    book_programme(life->world->book)->programme;
	uint32_t coffee = programme->rewards[0].ident;
	uint32_t cake = programme->rewards[1].ident;
	struct entry entry;

	(void)state;
	earns(life, MEMBER(1), 1000);
	redeems(life, MEMBER(1), "coffee", 150);
	redeems(life, MEMBER(1), "coffee", 150);
	redeems(life, MEMBER(1), "cake", 40);
	assert_int_equal(
	    count_of(life, 1, coffee, COUNT_TIMES_DAY, PERIOD_DAY), 2);
	assert_int_equal(
	    count_of(life, 1, coffee, COUNT_TIMES_EVER, PERIOD_EVER), 2);
	assert_int_equal(
	    count_of(life, 1, cake, COUNT_TIMES_EVER, PERIOD_EVER), 0);
	assert_int_equal(book_tally(life->world->book, coffee), 2);
	assert_int_equal(book_tally(life->world->book, cake), 0);
	entry = redeem_of(life, MEMBER(1), "yacht", 1);
	refuses(life, &entry, "there is no such reward");
	life_end(life);
}

/* --- claims -----------------------------------------------------------------
 */

static uint64_t sells(struct life *life)
{
	struct entry entry = life_entry(life, ENTRY_SALE, 2);

	entry.amount_minor = 1000;
	return puts_in(life, &entry);
}

static void claims_a_sale_once(void **state)
{
	struct life *life = life_begin(15, LIFE_YEAR);
	uint64_t sale = sells(life);
	uint64_t other = sells(life);
	struct entry entry = earn_of(life, MEMBER(1), 10);

	(void)state;
	assert_false(book_is_claimed(life->world->book, sale));
	entry.related_sequence = sale;
	puts_in(life, &entry);
	assert_true(book_is_claimed(life->world->book, sale));
	assert_false(book_is_claimed(life->world->book, other));
	assert_false(book_is_claimed(life->world->book, 0));
	assert_false(book_is_claimed(life->world->book, SEQUENCE_MAX));
	entry = earn_of(life, MEMBER(2), 10);
	entry.related_sequence = sale;
	refuses(life, &entry, "is claimed already");
	entry.related_sequence = entry.sequence;
	refuses(life, &entry, "is no earlier sale");
	life_end(life);
}

static void moves_nothing_by_a_sale_without_a_card(void **state)
{
	struct life *life = life_begin(16, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_SALE, 1);

	(void)state;
	moves(life, &entry, ACCOUNT_ISSUED, MEMBER(1), 1);
	refuses(life, &entry, "account 1 is not 0");
	life_end(life);
}

/* --- holds ------------------------------------------------------------------
 */

static void holds_points_until_its_time_is_over(void **state)
{
	struct life *life = life_begin(17, LIFE_YEAR);
	uint64_t now_ms = life->world->now_ms;
	struct entry entry;
	uint64_t hold;

	(void)state;
	earns(life, MEMBER(1), 400);
	entry = hold_of(life, MEMBER(1), 150, HOUR_MS);
	hold = puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), 400);
	assert_int_equal(
	    book_spendable_points(member_of(life, 1), life_day(life), now_ms),
	    250);
	assert_int_equal(
	    book_hold(member_of(life, 1), hold, now_ms)->points, 150);
	assert_null(book_hold(member_of(life, 1), hold - 1, now_ms));
	assert_non_null(
	    book_hold(member_of(life, 1), hold, now_ms + HOUR_MS - 1));
	assert_null(book_hold(member_of(life, 1), hold, now_ms + HOUR_MS));
	assert_int_equal(book_spendable_points(member_of(life, 1),
			     life_day(life), now_ms + HOUR_MS),
	    400);
	/* The next change of the member forgets it. */
	life->world->now_ms += HOUR_MS;
	assert_int_equal(member_of(life, 1)->extra->hold_count, 1);
	entry = segment_of(life, MEMBER(1), "staff", STANDING_ACTIVE);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->extra->hold_count, 0);
	life_end(life);
}

static void ends_a_hold_that_is_captured(void **state)
{
	struct life *life = life_begin(18, LIFE_YEAR);
	struct entry entry;
	uint64_t first;
	uint64_t second;

	(void)state;
	earns(life, MEMBER(1), 400);
	entry = hold_of(life, MEMBER(1), 150, HOUR_MS);
	first = puts_in(life, &entry);
	entry = hold_of(life, MEMBER(1), 150, HOUR_MS);
	second = puts_in(life, &entry);
	entry = redeem_of(life, MEMBER(1), "coffee", 150);
	entry.related_sequence = first;
	puts_in(life, &entry);
	assert_null(book_hold(member_of(life, 1), first, 0));
	assert_non_null(book_hold(member_of(life, 1), second, 0));
	entry = redeem_of(life, MEMBER(1), "coffee", 150);
	entry.related_sequence = first;
	refuses(life, &entry, "there is no hold");
	life_end(life);
}

/* Points that were there when they were held may be taken a day too late. */
static void captures_points_that_lapsed_since_they_were_held(void **state)
{
	struct life *life = life_begin(19, LIFE_YEAR);
	const struct lot lot = {-1, 0, 150};
	struct entry entry;
	uint64_t hold;

	(void)state;
	earns_lot(life, MEMBER(1), lot);
	passes(life, 1);
	entry = hold_of(life, MEMBER(1), 150, 48 * HOUR_MS);
	hold = puts_in(life, &entry);
	passes(life, 1);
	assert_int_equal(
	    book_lapsed_points(member_of(life, 1), life_day(life)), 150);
	entry = redeem_of(life, MEMBER(1), "coffee", 150);
	entry.related_sequence = hold;
	says_lots(life, &entry, &lot, 1);
	puts_in(life, &entry);
	assert_lots(life, 1, NULL, 0);
	life_end(life);
}

static void refuses_holds_that_cannot_be(void **state)
{
	struct life *life = life_begin(20, LIFE_YEAR);
	struct entry entry = hold_of(life, MEMBER(1), 0, HOUR_MS);

	(void)state;
	refuses(life, &entry, "it holds nothing");
	entry = hold_of(life, MEMBER(1), POINTS_MAX + 1, HOUR_MS);
	refuses(life, &entry, "it holds nothing");
	entry = hold_of(life, MEMBER(1), 1, 0);
	refuses(life, &entry, "it holds nothing");
	entry = hold_of(life, MEMBER(1), 1, HOUR_MS);
	entry.reward = bytes_of_string("yacht");
	refuses(life, &entry, "there is no such reward");
	for (unsigned count = 0; count < HOLDS_MAX; count++) {
		entry = hold_of(life, MEMBER(1), 1, HOUR_MS);
		puts_in(life, &entry);
	}
	entry = hold_of(life, MEMBER(1), 1, HOUR_MS);
	refuses(life, &entry, "a member has 16 holds already");
	/* Those whose time is over make room. */
	life->world->now_ms += HOUR_MS;
	entry = hold_of(life, MEMBER(1), 1, HOUR_MS);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->extra->hold_count, 1);
	life_end(life);
}

/* --- referrals --------------------------------------------------------------
 */

static void makes_a_bonus_due_with_the_first_sale(void **state)
{
	struct life *life = life_begin(21, LIFE_YEAR);
	uint64_t sale;

	(void)state;
	enrols_brought(life, MEMBER(4), MEMBER(1));
	assert_true(member_of(life, 4)->extra->referrer == MEMBER(1));
	assert_int_equal(member_of(life, 4)->extra->referral_sale, 0);
	passes(life, 3);
	sale = earns(life, MEMBER(4), 5);
	earns(life, MEMBER(4), 5);
	assert_int_equal(member_of(life, 4)->extra->referral_sale, sale);
	assert_int_equal(
	    member_of(life, 4)->extra->referral_day, life_day(life));
	earns(life, MEMBER(1), 5);
	assert_null(member_of(life, 1)->extra);
	life_end(life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_points_to_the_lot_with_their_stamps),
	    cmocka_unit_test(takes_points_from_the_lots_that_are_named),
	    cmocka_unit_test(
		makes_a_debt_of_what_is_not_there_and_pays_it_first),
	    cmocka_unit_test(refuses_lots_that_are_not_there),
	    cmocka_unit_test(refuses_a_lot_too_many),
	    cmocka_unit_test(does_not_revive_what_lapsed_by_inactivity),
	    cmocka_unit_test(counts_a_redemption_as_activity_but_not_as_a_sale),
	    cmocka_unit_test(takes_days_in_the_programmes_zone),
	    cmocka_unit_test(enrols_by_utc_before_there_is_a_programme),
	    cmocka_unit_test(counts_by_the_rules_that_count),
	    cmocka_unit_test(counts_all_earning_and_sales),
	    cmocka_unit_test(counts_no_time_of_a_part_of_nothing),
	    cmocka_unit_test(refuses_a_rule_that_is_not_there),
	    cmocka_unit_test(counts_rewards_and_their_stock),
	    cmocka_unit_test(claims_a_sale_once),
	    cmocka_unit_test(moves_nothing_by_a_sale_without_a_card),
	    cmocka_unit_test(holds_points_until_its_time_is_over),
	    cmocka_unit_test(ends_a_hold_that_is_captured),
	    cmocka_unit_test(captures_points_that_lapsed_since_they_were_held),
	    cmocka_unit_test(refuses_holds_that_cannot_be),
	    cmocka_unit_test(makes_a_bonus_due_with_the_first_sale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
