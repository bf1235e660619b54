/*
 * test_earn_rules: what each kind of rule gives, on which lines, and the sum.
 */
#include "tests/unit/common/earn_world.h"

/* --- worked examples ------------------------------------------------------ */

struct example {
	const char *more;
	uint64_t amount_minor;
	uint64_t points;
};

static void assert_examples(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct earn_sale sale = sale_of(examples[i].amount_minor);
		uint64_t points = points_by(examples[i].more, &sale);

		if (points != examples[i].points)
			fail_msg("%s\nof %llu: %llu, not %llu",
			    examples[i].more,
			    (unsigned long long)examples[i].amount_minor,
			    (unsigned long long)points,
			    (unsigned long long)examples[i].points);
	}
}

/* So that the base is a rule among others, and not a plain programme. */
#define CAPPED "sale_points_max = 1000000000000\n"
#define SLOPE "[earn a]\npoints = 0.5\nper = 1.00\n"

static void sales_without_lines_earn_as_the_text_says(void **state)
{
	static const struct example examples[] = {
	    {BASE, 99, 0},
	    {BASE, 100, 1},
	    {BASE, 1999, 19},
	    {BASE CAPPED, 99, 0},
	    {BASE CAPPED, 100, 1},
	    {BASE CAPPED, 1999, 19},
	    /* Each full amount alone: the base is stepped. */
	    {"earn_points = 10\nearn_amount = 5.00\n" CAPPED, 999, 10},
	    {"earn_points = 10\nearn_amount = 5.00\n" CAPPED, 1000, 20},
	    /* In proportion, and floored once. */
	    {SLOPE, 199, 0},
	    {SLOPE, 200, 1},
	    {SLOPE, 399, 1},
	    {SLOPE "[earn b]\npoints = 0.5\nper = 1.00\n", 199, 1},
	    {"[earn a]\npoints = 0.333\nper = 1.00\n", 300, 0},
	    {"[earn a]\npoints = 0.333\nper = 1.00\n", 301, 1},
	    {"[earn a]\npoints = 1\nper = 3.00\n", 899, 2},
	    {"[earn a]\npoints = 1\nper = 3.00\n", 900, 3},
	    /* One line of one item. */
	    {"[earn a]\npoints = 7\nper = item\n", 1, 7},
	    {"[earn a]\npoints = 1.5\nper = visit\n", 1, 1},
	    {"[earn a]\npoints = 1.5\nper = visit\n"
	     "[earn b]\npoints = 1.5\nper = visit\n",
		1, 3},
	    /* A multiplier adds what it multiplies, less once. */
	    {BASE "[earn a]\nmultiply = 2\n", 1999, 38},
	    {BASE "[earn a]\nmultiply = 1.5\n", 1999, 28},
	    {BASE "[earn a]\nmultiply = 2\n[earn b]\nmultiply = 3\n", 1000, 40},
	    {"[earn m]\nmultiply = 100\n" SLOPE, 1000, 500},
	    {BASE SLOPE "[earn b]\nmultiply = 2\n", 300, 9},
	    /* … but not visits, nor itself. */
	    {BASE "[earn a]\npoints = 5\nper = visit\n[earn b]\nmultiply = 2\n",
		100, 7},
	    {"[earn a]\npoints = 5\nper = visit\n[earn b]\nmultiply = 2\n", 100,
		5},
	    /* Who brought somebody is the night's business. */
	    {"[earn m]\nrefer = 500\n" SLOPE, 1000, 5},
	    {BASE "[earn a]\nrefer = 500\n", 1000, 10},
	};

	(void)state;
	assert_examples(examples, sizeof(examples) / sizeof(examples[0]));
}

static void zero_sale_earns_nothing(void **state)
{
	struct earn_sale sale = sale_of(0);

	(void)state;
	assert_int_equal(points_by(BASE, &sale), 0);
	assert_int_equal(points_by(BASE CAPPED, &sale), 0);
	assert_int_equal(
	    points_by("[earn a]\npoints = 5\nper = visit\n", &sale), 0);
	assert_int_equal(
	    points_by("[earn a]\npoints = 5\nper = item\n", &sale), 0);
}

static void largest_numbers_do_not_overflow(void **state)
{
	static const char *const mores[] = {
	    "[earn a]\npoints = 1000000000000\nper = 0.01\n",
	    "[earn a]\npoints = 1000000000000\nper = visit\n",
	    "[earn a]\npoints = 1000000000000\nper = item\n",
	    "earn_points = 1000000000000\nearn_amount = 0.01\n" CAPPED,
	    "[earn a]\npoints = 1000000000000\nper = 0.01\n"
	    "[earn b]\nmultiply = 100\n[earn c]\nmultiply = 100\n"
	    "[earn d]\npoints = 1000000000000\nper = item\n",
	};
	struct earn_sale sale = sale_of(AMOUNT_MINOR_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof(mores) / sizeof(mores[0]); i++)
		assert_int_equal(points_by(mores[i], &sale), POINTS_MAX);
}

static void hundred_lines_of_everything_do_not_overflow(void **state)
{
	static struct basket basket;
	struct earn_sale sale;

	(void)state;
	for (unsigned i = 0; i < LINES_MAX; i++)
		add_line(&basket, "a", "b", LINE_QUANTITY_MAX,
		    i % 2 == 0 ? (int64_t)AMOUNT_MINOR_MAX
			       : 1 - (int64_t)AMOUNT_MINOR_MAX);
	sale = sale_of_basket(&basket);
	assert_int_equal(points_by("[earn a]\npoints = 1\nper = item\n", &sale),
	    LINES_MAX * (uint64_t)LINE_QUANTITY_MAX);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 0.01\n", &sale), 50);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1000000000000\nper = item\n", &sale),
	    POINTS_MAX);
}

/* --- lines ---------------------------------------------------------------- */

/* Fruit 10.00, two items; milk 3.50, one; tobacco 8.00; a discount of 1.00 on
 * fruit; a bag for nothing. 20.50 in all. */
static void fill_basket(struct basket *basket)
{
	*basket = (struct basket){0};
	add_line(basket, "fruit", "4011", 2, 1000);
	add_line(basket, "dairy", "milk", 1, 350);
	add_line(basket, "tobacco", "cigs", 1, 800);
	add_line(basket, "fruit", "", 0, -100);
	add_line(basket, "", "bag", 1, 0);
}

static void lines_earn_by_category_and_product(void **state)
{
	static const struct example examples[] = {
	    {BASE CAPPED, 0, 20},
	    {"[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n", 0, 9},
	    {"[earn a]\npoints = 1\nper = 1.00\nproducts = 4011\n", 0, 10},
	    {"[earn a]\npoints = 1\nper = item\ncategories = fruit\n", 0, 2},
	    {"[earn a]\npoints = 1\nper = item\n", 0, 5},
	    /* Either names a line; a line counts once. */
	    {"[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n"
	     "products = 4011, milk\n",
		0, 12},
	    {"[earn a]\npoints = 1\nper = visit\ncategories = fruit\n", 0, 1},
	    {"[earn a]\npoints = 1\nper = visit\ncategories = meat\n", 0, 0},
	    /* A thing for nothing is there, too. */
	    {"[earn a]\npoints = 1\nper = visit\nproducts = bag\n", 0, 1},
	    {"[earn a]\npoints = 1\nper = 1.00\nproducts = bag\n", 0, 0},
	    /* Excluded ones are not. */
	    {BASE "exclude_categories = tobacco\n", 0, 12},
	    {BASE "exclude_categories = tobacco, fruit\n", 0, 3},
	    {BASE "exclude_products = cigs, milk\n", 0, 9},
	    {"exclude_products = bag\n[earn a]\npoints = 1\nper = item\n", 0,
		4},
	    {"exclude_categories = tobacco\n"
	     "[earn a]\npoints = 1\nper = visit\nproducts = cigs\n",
		0, 0},
	    {"exclude_categories = tobacco\n"
	     "[earn a]\npoints = 1\nper = item\nproducts = cigs, bag\n",
		0, 1},
	    /* A multiplier is about its own lines. */
	    {BASE "[earn a]\nmultiply = 2\ncategories = dairy\n", 0, 23},
	    {BASE "[earn a]\nmultiply = 3\ncategories = fruit\n", 0, 38},
	    {BASE "[earn a]\nmultiply = 3\ncategories = meat\n", 0, 20},
	    {"[earn a]\npoints = 10\nper = item\ncategories = fruit, dairy\n"
	     "[earn b]\nmultiply = 2\nproducts = milk, cigs\n",
		0, 40},
	    {"[earn a]\npoints = 10\nper = item\ncategories = dairy\n"
	     "[earn b]\nmultiply = 2\ncategories = tobacco\n",
		0, 10},
	    /* The least is of the lines that a rule is about. */
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 20.50\n", 0, 1},
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 20.51\n", 0, 0},
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 9.00\n"
	     "categories = fruit\n",
		0, 1},
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 9.01\n"
	     "categories = fruit\n",
		0, 0},
	    {"exclude_categories = tobacco\n"
	     "[earn a]\npoints = 1\nper = visit\namount_min = 12.51\n",
		0, 0},
	};
	struct basket basket;
	struct earn_sale sale;

	(void)state;
	fill_basket(&basket);
	sale = sale_of_basket(&basket);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		uint64_t points = points_by(examples[i].more, &sale);

		if (points != examples[i].points)
			fail_msg("%s\n%llu, not %llu", examples[i].more,
			    (unsigned long long)points,
			    (unsigned long long)examples[i].points);
	}
}

static void discounts_take_off_and_never_below_nothing(void **state)
{
	struct basket basket = {0};
	struct earn_sale sale;

	(void)state;
	add_line(&basket, "fruit", "", 1, 500);
	add_line(&basket, "fruit", "", 0, -700);
	add_line(&basket, "dairy", "", 1, 1000);
	sale = sale_of_basket(&basket);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n",
		&sale),
	    0);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 1.00\n", &sale), 8);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n"
		      "[earn b]\npoints = 1\nper = 1.00\ncategories = dairy\n",
		&sale),
	    10);
}

static void programme_of_excluded_lines_alone_still_sees_a_visit(void **state)
{
	struct basket basket = {0};
	struct earn_sale sale;

	(void)state;
	add_line(&basket, "tobacco", "", 1, 500);
	sale = sale_of_basket(&basket);
	assert_int_equal(points_by("exclude_categories = tobacco\n"
				   "[earn a]\npoints = 3\nper = visit\n"
				   "[earn b]\npoints = 3\nper = item\n",
			     &sale),
	    3);
}

/* --- paid with points ----------------------------------------------------- */

static void nothing_is_earned_on_what_is_paid_with_points(void **state)
{
	static const struct {
		const char *more;
		uint64_t paid_minor;
		uint64_t points;
	} examples[] = {
	    {BASE, 1000, 10},
	    {BASE, 1001, 9},
	    {BASE, 2000, 0},
	    {BASE CAPPED, 1000, 10},
	    {BASE CAPPED, 1001, 9},
	    {BASE CAPPED, 2000, 0},
	    {"[earn a]\npoints = 0.1\nper = 0.01\n", 500, 150},
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 15.00\n", 500, 1},
	    {"[earn a]\npoints = 1\nper = visit\namount_min = 15.00\n", 501, 0},
	    {"[earn a]\npoints = 1\nper = visit\n", 2000, 1},
	};
	struct earn_sale sale = sale_of(2000);

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		sale.paid_minor = examples[i].paid_minor;
		assert_int_equal(
		    points_by(examples[i].more, &sale), examples[i].points);
	}
	sale.paid_minor = 2001;
	assert_int_equal(points_by(BASE, &sale), 0);
	assert_int_equal(points_by(BASE CAPPED, &sale), 0);
}

static void paid_share_is_spread_over_all_lines(void **state)
{
	struct basket basket = {0};
	struct earn_sale sale;

	(void)state;
	add_line(&basket, "fruit", "", 1, 1500);
	add_line(&basket, "tobacco", "", 1, 500);
	sale = sale_of_basket(&basket);
	sale.paid_minor = 1000;
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 1.00\ncategories = fruit\n",
		&sale),
	    7);
	assert_int_equal(
	    points_by("[earn a]\npoints = 1\nper = 0.50\ncategories = fruit\n",
		&sale),
	    15);
	assert_int_equal(
	    points_by(BASE "exclude_categories = tobacco\n", &sale), 7);
}

/* --- parts ---------------------------------------------------------------- */

static void parts_are_of_rules_that_give_and_ascend(void **state)
{
	struct programme *programme =
	    programme_of(BASE "[earn a]\nmultiply = 2\n"
			      "[earn b]\npoints = 0.25\nper = visit\n"
			      "[earn c]\npoints = 1\nper = 50.00\n"
			      "categories = meat\n"
			      "[earn d]\npoints = 0.001\nper = 1.00\n");
	struct earn_sale sale = sale_of(1050);
	struct earning earning = earned(programme, NULL, &sale);

	(void)state;
	assert_int_equal(earning.part_count, 4);
	assert_int_equal(part_of(&earning, 0), 10 * POINTS_MICRO);
	/* The base, and a hundredth: each floored to a millionth. */
	assert_int_equal(part_of(&earning, 1), 10 * POINTS_MICRO + 10500);
	assert_int_equal(part_of(&earning, 2), POINTS_MICRO / 4);
	assert_int_equal(part_of(&earning, 4), 10500);
	assert_int_equal(earning.points, 20);
	assert_false(earning.needs_draw);
	for (size_t i = 1; i < earning.part_count; i++)
		assert_true(earning.parts[i - 1].rule < earning.parts[i].rule);
	programme_destroy(programme);
}

static void plain_programme_has_no_parts(void **state)
{
	struct programme *programme = programme_of(BASE);
	struct earn_sale sale = sale_of(1250);
	struct earning earning = earned(programme, NULL, &sale);

	(void)state;
	assert_true(programme->is_plain);
	assert_int_equal(earning.part_count, 0);
	assert_int_equal(earning.points, 12);
	programme_destroy(programme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sales_without_lines_earn_as_the_text_says),
	    cmocka_unit_test(zero_sale_earns_nothing),
	    cmocka_unit_test(largest_numbers_do_not_overflow),
	    cmocka_unit_test(hundred_lines_of_everything_do_not_overflow),
	    cmocka_unit_test(lines_earn_by_category_and_product),
	    cmocka_unit_test(discounts_take_off_and_never_below_nothing),
	    cmocka_unit_test(
		programme_of_excluded_lines_alone_still_sees_a_visit),
	    cmocka_unit_test(nothing_is_earned_on_what_is_paid_with_points),
	    cmocka_unit_test(paid_share_is_spread_over_all_lines),
	    cmocka_unit_test(parts_are_of_rules_that_give_and_ascend),
	    cmocka_unit_test(plain_programme_has_no_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
