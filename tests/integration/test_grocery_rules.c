/*
 * Real baskets, line by line, under three programmes: the law itself against
 * sums that grocery_rules.h and grocery_points.h make without it.
 *
 * The clock is that of the data; each night is run when its day is over. Every
 * sale is compared, each rule's part of it, and in the end each household.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/integration/grocery_points.h"
#include "tests/integration/grocery_rules.h"
#include "tests/support/lawbook.h"
#include "tests/support/place.h"

#define BASKETS_SHORT 12000u /* to the end of March */
#define FLAGSHIP_STORE 367u
#define SECOND_MS 1000ull
#define REWARD "cash"

struct household {
	bool is_enrolled;
	long long points; /* in all */
	long long spent;
	struct sum_counts counts;
	struct own_points own;
	struct own_climb climb;
};

/* One programme over all baskets. */
struct run {
	struct market *market;
	struct lawbook lawbook;
	const struct sum_plan *plan;
	struct household *households;	      /* by number */
	long long rules_micro[SUM_RULES_MAX]; /* what each gave that counts */
	long long day;
	long long total;
	/* The third programme's alone. */
	const struct own_ladder *ladder;
	unsigned nights_apart; /* days from one night to the next */
	size_t redemptions;
	size_t lifted; /* sales of somebody with a tier */
};

static uint64_t account_of(unsigned household)
{
	return ACCOUNT_MEMBER_MIN + household;
}

/* --- three programmes ----------------------------------------------------- */

#define HEAD                                                      \
	"[programme]\nname = Green Lane Market\ncurrency = EUR\n" \
	"sale_amount_max = 5000.00\n"

static const char plain_text[] = HEAD "earn_points = 1\nearn_amount = 1.00\n";

static const char rules_text[] =
    HEAD "earn_points = 3\nearn_amount = 2.00\n"
	 "exclude_categories = FUEL, SPIRITS\n"
	 "exclude_products = 1082185\n"
	 "sale_points_max = 60\nday_points_max = 75\n"
	 "month_points_max = 110\n"
	 "[earn fresh]\nmultiply = 2\ncategories = PRODUCE\n"
	 "[earn happy]\npoints = 0.777\nper = 1.30\nweekdays = tue\n"
	 "hours = 17:00-20:00\nday_points_max = 20\n"
	 "[earn deli]\npoints = 25\nper = visit\ncategories = DELI\n"
	 "first = yes\namount_min = 2.00\n"
	 "[earn milk]\npoints = 1.125\nper = item\n"
	 "products = 1029743, 995242, 1106523\nmonth_points_max = 5\n"
	 "[earn week]\nmultiply = 1.5\nweekdays = sat\ngroup = best\n"
	 "[earn meat]\nmultiply = 1.75\ncategories = MEAT, MEAT-PCKGD\n"
	 "group = best\n"
	 "[earn shop]\npoints = 2.5\nper = visit\nshops = " LAWBOOK_SHOP "\n"
	 "amount_min = 5.00\nday_points_max = 4\n";

static const struct sum_rule rules_table[] = {
    {"base", SUM_PER_FULL_CENTS, 3 * MICRO, 200},
    {"fresh", SUM_TIMES, MICRO, .departments = {"PRODUCE"}},
    {"happy", SUM_PER_CENTS, 777000, 130, .weekday = 2, .hour_from = 17,
	.hour_until = 20, .day_points = 20},
    {"deli", SUM_PER_VISIT, 25 * MICRO, .departments = {"DELI"},
	.least_cents = 200, .ever_times = 1},
    {"milk", SUM_PER_ITEM, 1125000,
	.products = {"1029743", "995242", "1106523"}, .month_points = 5},
    {"week", SUM_TIMES, MICRO / 2, .weekday = 6, .group = 1},
    {"meat", SUM_TIMES, MICRO * 3 / 4, .departments = {"MEAT", "MEAT-PCKGD"},
	.group = 1},
    {"shop", SUM_PER_VISIT, 2500000, .is_flagship = true, .least_cents = 500,
	.day_points = 4},
};

/* Ten points for each 1.00, silver's and gold's more, and points as money. */
#define TIERS_TEXT                                                           \
	HEAD "[points]\npending_days = 7\nexpire_months = 2\n"               \
	     "expire_end = month\nwarn_days = 14\n"                          \
	     "[earn amount]\npoints = 10\nper = 1.00\n"                      \
	     "[earn silver]\nmultiply = 1.25\ntiers = silver\n"              \
	     "[earn gold]\nmultiply = 1.6\ntiers = gold\n"                   \
	     "[reward " REWARD "]\nname = Pay with points\n"                 \
	     "money_points = 100\nmoney_amount = 1.00\nmoney_step = 10\n"    \
	     "money_points_min = 50\nmoney_share_max = 50\n"                 \
	     "[tiers]\nqualify = points\nwindow_days = 40\ngrace_days = 3\n" \
	     "downgrade = %s\n"                                              \
	     "[tier silver]\nname = Silver\nfrom = 150\n"                    \
	     "[tier gold]\nname = Gold\nfrom = 500\n"

static const struct sum_rule tiers_table[] = {
    {"amount", SUM_PER_CENTS, 10 * MICRO, 100},
    {"silver", SUM_TIMES, MICRO / 4, .level = 1},
    {"gold", SUM_TIMES, MICRO * 6 / 10, .level = 2},
};

static const struct sum_plan rules_plan = {rules_table,
    sizeof(rules_table) / sizeof(rules_table[0]), {"FUEL", "SPIRITS"},
    {"1082185"}, 60, 75, 110};
static const struct sum_plan tiers_plan = {
    tiers_table, sizeof(tiers_table) / sizeof(tiers_table[0])};

/* --- one basket ----------------------------------------------------------- */

static struct bytes lines_of(
    const struct market_basket *basket, uint8_t memory[LINES_SIZE_MAX])
{
	struct writer writer = writer_of(memory, LINES_SIZE_MAX);

	assert_in_range(basket->line_count, 1, SUM_LINES_MAX);
	for (size_t i = 0; i < basket->line_count; i++) {
		const struct market_line *line = &basket->lines[i];

		sale_line_write(
		    &writer, &(struct sale_line){
				 .category = bytes_of_string(line->department),
				 .product = bytes_of_string(line->product),
				 .quantity = (uint32_t)line->quantity,
				 .amount_minor = line->paid_cents});
	}
	return writer_view(&writer);
}

/* A basket is rung up, in part paid with points. */
static void ring_up(struct run *run, const struct sum_sale *sale)
{
	struct lawbook *lawbook = &run->lawbook;
	uint8_t memory[LINES_SIZE_MAX];
	struct command command = lawbook_command(lawbook, ENTRY_EARN,
	    sale->is_flagship ? LAWBOOK_SHOP_TILL : LAWBOOK_PLAIN_TILL);

	command.account = account_of(sale->basket->household);
	command.amount_minor = (uint64_t)sale->basket->paid_cents;
	command.paid_minor = (uint64_t)sale->points_cents;
	command.lines = lines_of(sale->basket, memory);
	if (lawbook_do(lawbook, &command) != REFUSAL_NONE)
		fail_msg("basket %llu: %s", sale->basket->id,
		    lawbook->decision.refusal.say);
}

static void compare_parts(struct run *run, const struct sum_earned *wanted,
    const struct market_basket *basket)
{
	struct reader reader = reader_of(run->lawbook.entry.parts);
	struct part part = {.rule = UINT8_MAX};
	bool is_more = part_read(&reader, &part);

	for (size_t i = 0; i < run->plan->rule_count; i++) {
		bool is_there = is_more && part.rule == i;

		if (is_there != wanted->has_part[i] ||
		    (is_there &&
			part.points_micro != (uint64_t)wanted->part_micro[i]))
			fail_msg("basket %llu, rule %s: %lld wanted, not %lld",
			    basket->id, run->plan->rules[i].id,
			    wanted->part_micro[i],
			    is_there ? (long long)part.points_micro : 0);
		if (wanted->does_count[i])
			run->rules_micro[i] += wanted->part_micro[i];
		if (is_there)
			is_more = part_read(&reader, &part);
	}
	assert_false(is_more);
}

static void sell(struct run *run, const struct market_basket *basket,
    long long points_cents, unsigned level)
{
	struct household *household = &run->households[basket->household];
	struct sum_sale sale = {.basket = basket,
	    .points_cents = points_cents,
	    .is_flagship = basket->store == FLAGSHIP_STORE,
	    .level = level};
	struct sum_earned wanted;

	ring_up(run, &sale);
	wanted = sum_sale(run->plan, &household->counts, &sale);
	compare_parts(run, &wanted, basket);
	if (run->lawbook.entry.points != (uint64_t)wanted.points)
		fail_msg("basket %llu: %lld points wanted, not %llu",
		    basket->id, wanted.points,
		    (unsigned long long)run->lawbook.entry.points);
	household->points += wanted.points;
	run->total += wanted.points;
	if (run->ladder == NULL)
		return;
	own_earn(&household->own, run->day, wanted.points);
	own_climb_by(run->ladder, &household->climb, run->day, wanted.points);
}

/* --- the third programme: points come and go ------------------------------ */

/* Who can pay with points does, as far as half of the basket. A point is worth
 * a cent. */
static long long pay(struct run *run, const struct market_basket *basket)
{
	struct household *household = &run->households[basket->household];
	struct lawbook *lawbook = &run->lawbook;
	long long points = own_spendable(&household->own, run->day);
	struct command command;

	if (points > basket->paid_cents / 2)
		points = basket->paid_cents / 2;
	points -= points % 10;
	if (points < 50)
		return 0;
	command = lawbook_command(lawbook, ENTRY_REDEEM, LAWBOOK_PLAIN_TILL);
	command.account = account_of(basket->household);
	command.reward = bytes_of_string(REWARD);
	command.amount_minor = (uint64_t)basket->paid_cents;
	command.points = (uint64_t)points;
	if (lawbook_do(lawbook, &command) != REFUSAL_NONE)
		fail_msg("basket %llu, %lld points: %s", basket->id, points,
		    lawbook->decision.refusal.say);
	own_spend(&household->own, run->day, points);
	household->spent += points;
	run->redemptions++;
	return points;
}

static void compare_now(struct run *run, unsigned number)
{
	const struct household *household = &run->households[number];
	const struct book_member *member =
	    book_member(run->lawbook.book, account_of(number));
	const struct programme *programme =
	    book_programme(run->lawbook.book)->programme;
	struct own_tier tier =
	    own_tier_on(run->ladder, &household->climb, run->day);

	assert_int_equal(law_spendable_points(
			     run->lawbook.book, member, run->lawbook.now_ms),
	    own_spendable(&household->own, run->day));
	if (law_tier(run->lawbook.book, programme, member, (int32_t)run->day) !=
	    tier.level)
		fail_msg("household %u on day %lld: tier %u wanted", number,
		    run->day, tier.level);
}

static void sell_with_points(
    struct run *run, const struct market_basket *basket)
{
	const struct household *household = &run->households[basket->household];
	unsigned level =
	    own_tier_on(run->ladder, &household->climb, run->day).level;

	compare_now(run, basket->household);
	sell(run, basket, pay(run, basket), level);
	compare_now(run, basket->household);
	run->lifted += level > 0;
}

/* --- all of them ---------------------------------------------------------- */

/* Nights that lie between are run, or as many as are. */
static void go_to(struct run *run, long long time_s)
{
	long long day = time_s / 86400;

	for (; run->day < day; run->day++) {
		if ((run->day + 1) % run->nights_apart != 0)
			continue;
		run->lawbook.now_ms =
		    (uint64_t)(run->day + 1) * 86400 * SECOND_MS;
		lawbook_night(&run->lawbook);
	}
	run->lawbook.now_ms = (uint64_t)time_s * SECOND_MS;
}

static void run_all(struct run *run)
{
	for (size_t i = 0; i < run->market->basket_count; i++) {
		const struct market_basket *basket = &run->market->baskets[i];
		struct household *household =
		    &run->households[basket->household];

		go_to(run, basket->time_s);
		if (!household->is_enrolled)
			lawbook_enrol(
			    &run->lawbook, account_of(basket->household));
		household->is_enrolled = true;
		if (run->ladder != NULL)
			sell_with_points(run, basket);
		else
			sell(run, basket, 0, 0);
	}
}

static void say_totals(const struct run *run)
{
	print_message("%zu households, %zu baskets: %lld points",
	    run->market->household_count, run->market->basket_count,
	    run->total);
	for (size_t i = 0; i < run->plan->rule_count; i++)
		print_message(", %s %lld", run->plan->rules[i].id,
		    run->rules_micro[i] / MICRO);
	print_message(
	    "; %llu entries\n", (unsigned long long)run->lawbook.count);
}

/* Each household, and the programme's own accounts. */
static void compare_totals(struct run *run)
{
	const struct book *book = run->lawbook.book;
	struct book_totals totals;

	for (size_t i = 0; i < run->market->household_count; i++) {
		unsigned number = run->market->households[i];

		if (run->ladder == NULL)
			assert_int_equal(book_member(book, account_of(number))
					     ->balance_points,
			    run->households[number].points);
	}
	book_totals(book, &totals);
	assert_int_equal(totals.members, run->market->household_count);
	assert_int_equal(totals.issued_points, -run->total);
	lawbook_replay(&run->lawbook);
}

static bool run_open(
    struct run *run, const char *text, const struct sum_plan *plan)
{
	memset(run, 0, sizeof(*run));
	run->market = market_open(is_short() ? BASKETS_SHORT : SIZE_MAX);
	if (run->market == NULL)
		return false;
	run->households =
	    calloc(MARKET_HOUSEHOLDS_MAX, sizeof(struct household));
	assert_non_null(run->households);
	run->plan = plan;
	run->nights_apart = 1;
	run->day = OWN_DAY_FIRST;
	lawbook_open(
	    &run->lawbook, text, (uint64_t)OWN_DAY_FIRST * 86400 * SECOND_MS);
	return true;
}

static void run_close(struct run *run)
{
	lawbook_close(&run->lawbook);
	free(run->households);
	market_close(run->market);
	free(run);
}

/* NULL, and all is freed, where there is no data. */
static struct run *run_create(const char *text, const struct sum_plan *plan)
{
	struct run *run = malloc(sizeof(*run));

	assert_non_null(run);
	if (run_open(run, text, plan))
		return run;
	free(run);
	return NULL;
}

/* --- the tests ------------------------------------------------------------ */

/* A plain earn has no parts; its points are compared all the same. */
static void a_plain_programme_gives_a_point_for_each_full_euro(void **state)
{
	static const struct sum_plan plain_plan = {0};
	struct run *run = run_create(plain_text, &plain_plan);

	(void)state;
	if (run == NULL)
		skip();
	for (size_t i = 0; i < run->market->basket_count; i++) {
		const struct market_basket *basket = &run->market->baskets[i];
		struct household *household =
		    &run->households[basket->household];
		struct sum_sale sale = {.basket = basket};
		long long points = 0;

		run->lawbook.now_ms = (uint64_t)basket->time_s * SECOND_MS;
		if (!household->is_enrolled)
			lawbook_enrol(
			    &run->lawbook, account_of(basket->household));
		household->is_enrolled = true;
		ring_up(run, &sale);
		for (long long left = basket->paid_cents; left >= 100;
		     left -= 100)
			points++;
		assert_int_equal(run->lawbook.entry.points, points);
		household->points += points;
		run->total += points;
	}
	compare_totals(run);
	say_totals(run);
	run_close(run);
}

static void every_rule_gives_what_the_lines_are_worth(void **state)
{
	struct run *run = run_create(rules_text, &rules_plan);

	(void)state;
	if (run == NULL)
		skip();
	run_all(run);
	compare_totals(run);
	say_totals(run);
	for (size_t i = 0; i < run->plan->rule_count; i++)
		assert_true(run->rules_micro[i] > 0);
	run_close(run);
}

static void compare_end(struct run *run)
{
	long long lapsed = 0;
	long long spent = 0;
	struct book_totals totals;

	for (size_t i = 0; i < run->market->household_count; i++) {
		unsigned number = run->market->households[i];
		const struct household *household = &run->households[number];
		const struct book_member *member =
		    book_member(run->lawbook.book, account_of(number));
		struct own_tier tier =
		    own_tier_on(run->ladder, &household->climb, run->day);

		compare_now(run, number);
		assert_int_equal(member->balance_points,
		    own_left(&household->own, run->day));
		assert_int_equal(member->tier_level, tier.level);
		if (tier.level > 0)
			assert_int_equal(member->tier_until_day, tier.last_day);
		lapsed += own_lapsed(&household->own, run->day);
		spent += household->spent;
	}
	book_totals(run->lawbook.book, &totals);
	assert_int_equal(totals.expired_points, lapsed);
	assert_int_equal(totals.redeemed_points, spent);
	assert_true(lapsed > 0 && spent > 0 && run->lifted > 0);
	print_message("%zu redemptions of %lld points, %lld lapsed, %zu sales "
		      "with a tier\n",
	    run->redemptions, spent, lapsed, run->lifted);
}

/* To a night after the last day of the data, one on which points lapse. */
static void run_tiers(const char *downgrade, unsigned nights_apart)
{
	struct own_ladder ladder = {150, 500, 40, 3,
	    .falls_all_the_way = strcmp(downgrade, "all") == 0};
	struct run *run;
	char text[2048];

	(void)snprintf(text, sizeof(text), TIERS_TEXT, downgrade);
	run = run_create(text, &tiers_plan);
	if (run == NULL)
		skip();
	run->ladder = &ladder;
	run->nights_apart = nights_apart;
	run_all(run);
	run->nights_apart = 1;
	go_to(run, (run->day + 35) * 86400);
	compare_totals(run);
	compare_end(run);
	say_totals(run);
	run_close(run);
}

static void points_lapse_and_tiers_fall_step_by_step(void **state)
{
	(void)state;
	run_tiers("one", 1);
}

static void tiers_fall_to_what_sales_support(void **state)
{
	(void)state;
	run_tiers("all", 1);
}

static void nights_that_are_missed_make_no_difference(void **state)
{
	(void)state;
	run_tiers("one", 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_plain_programme_gives_a_point_for_each_full_euro),
	    cmocka_unit_test(every_rule_gives_what_the_lines_are_worth),
	    cmocka_unit_test(points_lapse_and_tiers_fall_step_by_step),
	    cmocka_unit_test(tiers_fall_to_what_sales_support),
	    cmocka_unit_test(nights_that_are_missed_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
