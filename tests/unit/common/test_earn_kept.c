/*
 * test_earn_kept: what a sale still earns when some of it has come back.
 */
#include "tests/unit/common/earn_world.h"

/* The sale that was rung up last, by a programme that outlives it. */
static struct {
	struct programme *programme;
	struct earning earning;
	struct recorded recorded;
} rung;

static int finish(void **state)
{
	(void)state;
	programme_destroy(rung.programme);
	rung.programme = NULL;
	return 0;
}

static void ring(const char *more, const struct book_member *member,
    const struct earn_sale *sale)
{
	programme_destroy(rung.programme);
	rung.programme = programme_of(more);
	rung.earning = earned(rung.programme, member, sale);
	record_earning(&rung.recorded, sale, &rung.earning);
}

static uint64_t kept_by_amount(uint64_t back_minor)
{
	struct earn_back back = {.amount_minor = back_minor};

	return earn_kept_points(rung.programme, &rung.recorded.entry, &back);
}

static uint64_t kept_by_line(
    uint16_t line, uint32_t quantity, int64_t amount_minor)
{
	struct book_returned_line returned = {
	    .line = line, .quantity = quantity, .amount_minor = amount_minor};
	struct earn_back back = {.lines = &returned, .line_count = 1};

	return earn_kept_points(rung.programme, &rung.recorded.entry, &back);
}

#define CAPPED "sale_points_max = 1000000000000\n"

/* --- by amount ------------------------------------------------------------ */

static void part_of_the_amount_earns_as_if_it_were_the_sale(void **state)
{
	static const char *const mores[] = {
	    BASE, BASE CAPPED, "[earn a]\npoints = 1\nper = 1.00\n"};
	struct earn_sale sale = sale_of(1999);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ring(mores[i], NULL, &sale);
		assert_int_equal(rung.earning.points, 19);
		assert_int_equal(kept_by_amount(0), 19);
		assert_int_equal(kept_by_amount(99), 19);
		assert_int_equal(kept_by_amount(100), 18);
		assert_int_equal(kept_by_amount(1000), 9);
		assert_int_equal(kept_by_amount(1899), 1);
		assert_int_equal(kept_by_amount(1900), 0);
		assert_int_equal(kept_by_amount(1999), 0);
		assert_int_equal(kept_by_amount(2000), 0);
	}
}

static void visit_is_kept_until_all_has_come_back(void **state)
{
	struct earn_sale sale = sale_of(1000);

	(void)state;
	ring("[earn a]\npoints = 5\nper = visit\n", NULL, &sale);
	assert_int_equal(kept_by_amount(1), 5);
	assert_int_equal(kept_by_amount(999), 5);
	assert_int_equal(kept_by_amount(1000), 0);
}

static void items_come_back_in_proportion_to_the_amount(void **state)
{
	struct basket basket = {0};
	struct earn_sale sale;

	(void)state;
	add_line(&basket, "fruit", "", 10, 1000);
	sale = sale_of_basket(&basket);
	ring("[earn a]\npoints = 2\nper = item\n", NULL, &sale);
	assert_int_equal(rung.earning.points, 20);
	assert_int_equal(kept_by_amount(100), 18);
	assert_int_equal(kept_by_amount(150), 17);
	assert_int_equal(kept_by_amount(999), 0);
}

/* --- by line -------------------------------------------------------------- */

static void fill_basket(struct basket *basket)
{
	*basket = (struct basket){0};
	add_line(basket, "fruit", "4011", 4, 1000);
	add_line(basket, "dairy", "milk", 1, 350);
	add_line(basket, "tobacco", "cigs", 1, 650);
}

static void line_that_comes_back_takes_what_it_earned(void **state)
{
	struct basket basket;
	struct earn_sale sale;

	(void)state;
	fill_basket(&basket);
	sale = sale_of_basket(&basket);
	ring("exclude_categories = tobacco\n"
	     "[earn a]\npoints = 1\nper = 1.00\n"
	     "[earn b]\npoints = 1\nper = item\ncategories = fruit\n"
	     "[earn c]\npoints = 7\nper = visit\nproducts = milk\n",
	    NULL, &sale);
	assert_int_equal(rung.earning.points, 13 + 4 + 7);
	assert_int_equal(kept_by_line(0, 1, 250), 11 + 3 + 7);
	assert_int_equal(kept_by_line(0, 4, 1000), 3 + 0 + 7);
	assert_int_equal(kept_by_line(1, 1, 350), 10 + 4 + 0);
	/* An excluded line takes nothing with it. */
	assert_int_equal(kept_by_line(2, 1, 650), 13 + 4 + 7);
	/* A thing that comes back without its money. */
	assert_int_equal(kept_by_line(0, 2, 0), 13 + 2 + 7);
}

static void amount_is_spread_over_what_lines_are_left(void **state)
{
	struct basket basket;
	struct earn_sale sale;
	struct book_returned_line lines[] = {{1, 1, 350}, {2, 1, 650}};
	struct earn_back back = {
	    .amount_minor = 500, .lines = lines, .line_count = 2};

	(void)state;
	fill_basket(&basket);
	sale = sale_of_basket(&basket);
	ring("[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n"
	     "[earn b]\npoints = 100\nper = item\n",
	    NULL, &sale);
	assert_int_equal(rung.earning.points, 610);
	assert_int_equal(
	    earn_kept_points(rung.programme, &rung.recorded.entry, &back),
	    5 + 200);
	back.line_count = 1;
	/* 500 of 1650: 696.969 of the fruit's 1000 are left, and 3.484 of five
	 * items, in 1/256: 6.969 and 348.437. */
	assert_int_equal(
	    earn_kept_points(rung.programme, &rung.recorded.entry, &back), 355);
}

static void nothing_left_earns_nothing_whatever_lines_remain(void **state)
{
	struct basket basket = {0};
	struct earn_sale sale;

	(void)state;
	add_line(&basket, "fruit", "", 1, 1000);
	add_line(&basket, "dairy", "", 1, 500);
	add_line(&basket, "", "", 0, -500);
	sale = sale_of_basket(&basket);
	ring("[earn a]\npoints = 5\nper = item\n", NULL, &sale);
	assert_int_equal(rung.earning.points, 10);
	assert_int_equal(kept_by_line(0, 1, 1000), 0);
}

/* --- conditions ----------------------------------------------------------- */

static void who_returns_below_the_least_keeps_no_bonus(void **state)
{
	struct earn_sale sale = sale_of(5000);

	(void)state;
	ring(BASE "[earn a]\npoints = 100\nper = visit\namount_min = 50.00\n",
	    NULL, &sale);
	assert_int_equal(rung.earning.points, 150);
	assert_int_equal(kept_by_amount(0), 150);
	assert_int_equal(kept_by_amount(1), 49);
}

/* Times, places, people and draws are those of the sale: nobody asks again. */
static void conditions_of_the_moment_are_not_asked_again(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;

	(void)state;
	person_init(&person);
	person.member.last_sale_day = SOME_DAY - 100;
	sale.is_birthday = true;
	sale.has_draw = true;
	sale.draw.bytes[7] = 2;
	ring("[earn a]\npoints = 10\nper = visit\nweekdays = mon\n"
	     "hours = 11:00-13:00\nbirthday = yes\nlapsed_days = 90\n"
	     "first = yes\nchance = 2\n"
	     "[earn b]\npoints = 100\nper = visit\nweekdays = tue\n",
	    &person.member, &sale);
	assert_int_equal(rung.earning.points, 10);
	assert_int_equal(kept_by_amount(999), 10);
}

static void multiplier_keeps_what_its_rules_keep(void **state)
{
	struct basket basket;
	struct earn_sale sale;

	(void)state;
	fill_basket(&basket);
	sale = sale_of_basket(&basket);
	ring(BASE "[earn a]\nmultiply = 3\ncategories = fruit\n", NULL, &sale);
	assert_int_equal(rung.earning.points, 20 + 20);
	assert_int_equal(kept_by_line(0, 1, 250), 17 + 14);
	assert_int_equal(kept_by_line(1, 1, 350), 16 + 20);
}

/* --- caps and groups ------------------------------------------------------ */

/* What the cap had cut off covers the first that comes back. */
static void capped_part_is_kept_up_to_its_cap(void **state)
{
	struct earn_sale sale = sale_of(10000);

	(void)state;
	ring("[earn a]\npoints = 1\nper = 1.00\nsale_points_max = 40\n", NULL,
	    &sale);
	assert_int_equal(rung.earning.points, 40);
	assert_int_equal(kept_by_amount(5000), 40);
	assert_int_equal(kept_by_amount(6000), 40);
	assert_int_equal(kept_by_amount(6001), 39);
	ring("sale_points_max = 40\n[earn a]\npoints = 1\nper = 1.00\n", NULL,
	    &sale);
	assert_int_equal(rung.earning.points, 40);
	assert_int_equal(kept_by_amount(6000), 40);
	assert_int_equal(kept_by_amount(6001), 39);
}

/* What one rule's cap held back does not make up for another's loss. */
static void each_part_is_kept_up_to_itself(void **state)
{
	struct earn_sale sale = sale_of(10000);

	(void)state;
	ring("[earn a]\npoints = 1\nper = 1.00\nsale_points_max = 40\n"
	     "[earn b]\npoints = 30\nper = visit\namount_min = 100.00\n",
	    NULL, &sale);
	assert_int_equal(rung.earning.points, 70);
	assert_int_equal(kept_by_amount(5000), 40);
}

static void another_of_the_group_may_be_best_of_what_is_kept(void **state)
{
	struct earn_sale sale = sale_of(10000);
	struct earn_back back = {.amount_minor = 8000};
	struct earning kept;

	(void)state;
	ring("[earn a]\npoints = 1\nper = 1.00\ngroup = g\n"
	     "[earn b]\npoints = 30\nper = visit\ngroup = g\n",
	    NULL, &sale);
	assert_int_equal(rung.earning.points, 100);
	assert_int_equal(kept_by_amount(6000), 40);
	assert_int_equal(kept_by_amount(8000), 30);
	earn_kept(rung.programme, &rung.recorded.entry, &back, &kept);
	assert_int_equal(kept.part_count, 2);
	assert_int_equal(part_of(&kept, 0), 20 * POINTS_MICRO);
	assert_int_equal(part_of(&kept, 1), 30 * POINTS_MICRO);
}

static void kept_parts_are_those_of_the_earning(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct earn_back back = {.amount_minor = 1000};
	struct earning kept;

	(void)state;
	ring(BASE "[earn a]\npoints = 5\nper = visit\n", NULL, &sale);
	earn_kept(rung.programme, &rung.recorded.entry, &back, &kept);
	assert_int_equal(kept.points, 0);
	assert_int_equal(kept.part_count, 2);
	assert_int_equal(part_of(&kept, 0), 0);
	assert_int_equal(part_of(&kept, 1), 0);
}

/* --- paid with points ----------------------------------------------------- */

static void paid_share_stays_that_of_the_sale(void **state)
{
	static const char *const mores[] = {BASE, BASE CAPPED};
	struct earn_sale sale = sale_of(2000);

	(void)state;
	sale.paid_minor = 1000;
	for (size_t i = 0; i < 2; i++) {
		ring(mores[i], NULL, &sale);
		assert_int_equal(rung.earning.points, 10);
		assert_int_equal(kept_by_amount(1000), 5);
		assert_int_equal(kept_by_amount(1001), 4);
		assert_int_equal(kept_by_amount(2000), 0);
	}
}

/* --- records of others ---------------------------------------------------- */

static void part_of_a_rule_that_is_not_there_is_passed_over(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct programme *other;
	struct earn_back back = {.amount_minor = 500};

	(void)state;
	ring(BASE "[earn a]\npoints = 5\nper = visit\n", NULL, &sale);
	other = programme_of("[earn x]\npoints = 1\nper = 1.00\n");
	assert_int_equal(
	    earn_kept_points(other, &rung.recorded.entry, &back), 5);
	programme_destroy(other);
}

static void earning_without_parts_keeps_nothing_of_them(void **state)
{
	struct earn_sale sale = sale_of(50);

	(void)state;
	ring(BASE CAPPED, NULL, &sale);
	assert_int_equal(rung.earning.part_count, 0);
	assert_int_equal(kept_by_amount(10), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, finish)
	const struct CMUnitTest tests[] = {
	    TEST(part_of_the_amount_earns_as_if_it_were_the_sale),
	    TEST(visit_is_kept_until_all_has_come_back),
	    TEST(items_come_back_in_proportion_to_the_amount),
	    TEST(line_that_comes_back_takes_what_it_earned),
	    TEST(amount_is_spread_over_what_lines_are_left),
	    TEST(nothing_left_earns_nothing_whatever_lines_remain),
	    TEST(who_returns_below_the_least_keeps_no_bonus),
	    TEST(conditions_of_the_moment_are_not_asked_again),
	    TEST(multiplier_keeps_what_its_rules_keep),
	    TEST(capped_part_is_kept_up_to_its_cap),
	    TEST(each_part_is_kept_up_to_itself),
	    TEST(another_of_the_group_may_be_best_of_what_is_kept),
	    TEST(kept_parts_are_those_of_the_earning),
	    TEST(paid_share_stays_that_of_the_sale),
	    TEST(part_of_a_rule_that_is_not_there_is_passed_over),
	    TEST(earning_without_parts_keeps_nothing_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
