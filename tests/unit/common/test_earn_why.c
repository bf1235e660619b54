/*
 * Why a rule gave nothing, or less than it might have: each reason by itself,
 * and several together. A rule applies where there is no reason against it.
 */
#include "tests/unit/common/earn_world.h"

#include "common/law/earn_why.h"

/* Of the rule that `rule` says, which stands after the base. */
static struct earn_reason reason_of(
    const char *rule, const struct person *person, const struct earn_sale *sale)
{
	char text[1024];
	struct programme *programme;
	struct book *book = book_of_nothing();
	struct earn_reason reason = {.why = UINT32_MAX};

	snprintf(text, sizeof(text), BASE "%s", rule);
	programme = programme_of(text);
	book_spend(book, "x", 70 * (uint64_t)POINTS_MICRO);
	assert_int_equal(earn_reason(programme, book,
			     person == NULL ? NULL : &person->member, sale, 1,
			     &reason, &error),
	    RESULT_OK);
	/* No reason, and a part, are one. */
	{
		struct earning earning;

		earn_evaluate(programme, book,
		    person == NULL ? NULL : &person->member, sale, &earning);
		assert_int_equal(
		    reason.why == 0, part_of(&earning, 1) != UINT64_MAX);
	}
	programme_destroy(programme);
	book_destroy(book);
	return reason;
}

#define VISIT "[earn x]\npoints = 100\nper = visit\n"

static uint32_t why(const char *rule)
{
	struct earn_sale sale = sale_of(5000);
	struct person person;

	person_init(&person);
	return reason_of(rule, &person, &sale).why;
}

static void names_no_reason_where_a_rule_applies(void **state)
{
	(void)state;
	assert_int_equal(why(VISIT), 0);
	assert_int_equal(why(VISIT "weekdays = mon\nhours = 12:00-13:00\n"
				   "from = 2026-06-01\nuntil = 2026-06-01\n"
				   "amount_min = 50.00\nfirst = yes\n"),
	    0);
}

static void names_each_reason_by_itself(void **state)
{
	static const struct {
		const char *condition;
		uint32_t why;
	} reasons[] = {{"from = 2026-06-02\n", EARN_WHY_DATES},
	    {"until = 2026-05-31\n", EARN_WHY_DATES},
	    {"weekdays = tue, sun\n", EARN_WHY_WEEKDAY},
	    {"hours = 12:01-13:00\n", EARN_WHY_HOURS},
	    {"shops = north\n", EARN_WHY_SHOP},
	    {"segments = staff\n", EARN_WHY_SEGMENT},
	    {"birthday = yes\n", EARN_WHY_BIRTHDAY},
	    {"lapsed_days = 9\n", EARN_WHY_LAPSED},
	    {"brought = yes\n", EARN_WHY_BROUGHT},
	    {"chance = 2\n", EARN_WHY_CHANCE},
	    {"categories = fruit\n", EARN_WHY_LINES},
	    {"amount_min = 50.01\n", EARN_WHY_AMOUNT}};
	char rule[512];

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		snprintf(
		    rule, sizeof(rule), "%s%s", VISIT, reasons[i].condition);
		if (why(rule) != reasons[i].why)
			fail_msg("%s: %x", reasons[i].condition, why(rule));
	}
	assert_int_equal(why("[tiers]\nqualify = visits\n[tier a]\nname = A\n"
			     "from = 1\n" VISIT "tiers = a\n"),
	    EARN_WHY_TIER);
}

static void names_all_reasons_that_there_are(void **state)
{
	(void)state;
	assert_int_equal(why(VISIT "weekdays = tue\nshops = north\n"
				   "categories = fruit\nhours = 08:00-09:00\n"),
	    EARN_WHY_WEEKDAY | EARN_WHY_SHOP | EARN_WHY_LINES | EARN_WHY_HOURS);
}

static void knows_a_rule_that_is_not_about_sales(void **state)
{
	(void)state;
	assert_int_equal(why("[earn x]\nrefer = 5\n"), EARN_WHY_REFER);
}

static void says_where_too_little_was_sold_for_any_points(void **state)
{
	struct earn_sale sale = sale_of(99);

	(void)state;
	assert_int_equal(reason_of("[earn x]\nmultiply = 2\n", NULL, &sale).why,
	    EARN_WHY_NOTHING);
}

static void knows_a_visit_that_was_paid_with_points(void **state)
{
	struct earn_sale sale = sale_of(5000);

	(void)state;
	sale.paid_minor = 5000;
	assert_int_equal(reason_of(VISIT, NULL, &sale).why, 0);
	assert_int_equal(
	    reason_of("[earn x]\npoints = 1\nper = 1.00\n", NULL, &sale).why,
	    EARN_WHY_NOTHING);
}

static void knows_how_often_a_rule_has_applied(void **state)
{
	struct earn_sale sale = sale_of(5000);
	struct person person;

	(void)state;
	person_init(&person);
	person_count(
	    &person, ident_of("earn", "x"), COUNT_TIMES_DAY, SOME_DAY, 2);
	assert_int_equal(reason_of(VISIT "day_times = 2\n", &person, &sale).why,
	    EARN_WHY_TIMES);
	assert_int_equal(
	    reason_of(VISIT "day_times = 3\n", &person, &sale).why, 0);
	assert_int_equal(
	    reason_of(VISIT "ever_times = 2\n", &person, &sale).why, 0);
}

static void names_the_caps_that_are_felt(void **state)
{
	static const struct {
		const char *caps;
		uint32_t cuts;
	} caps[] = {{"", 0}, {"sale_points_max = 100\n", 0},
	    {"sale_points_max = 99\n", EARN_CUT_SALE},
	    {"day_points_max = 129\n", EARN_CUT_DAY},
	    {"day_points_max = 130\n", 0},
	    {"month_points_max = 139\n", EARN_CUT_MONTH},
	    {"ever_points_max = 99\n", EARN_CUT_EVER},
	    {"budget_points_max = 169\n", EARN_CUT_BUDGET},
	    {"sale_points_max = 50\nbudget_points_max = 100\n",
		EARN_CUT_SALE | EARN_CUT_BUDGET}};
	struct earn_sale sale = sale_of(5000);
	uint32_t ident = ident_of("earn", "x");
	struct person person;
	char rule[256];

	(void)state;
	person_init(&person);
	person_count(&person, ident, COUNT_POINTS_DAY, SOME_DAY,
	    30 * (uint64_t)POINTS_MICRO);
	person_count(&person, ident, COUNT_POINTS_MONTH,
	    book_period_day(PERIOD_MONTH, SOME_DAY),
	    40 * (uint64_t)POINTS_MICRO);
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		struct earn_reason reason;

		snprintf(rule, sizeof(rule), "%s%s", VISIT, caps[i].caps);
		reason = reason_of(rule, &person, &sale);
		if (reason.cuts != caps[i].cuts)
			fail_msg("%s: %x", caps[i].caps, reason.cuts);
		assert_int_equal(
		    reason.uncut_micro, 100 * (uint64_t)POINTS_MICRO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_no_reason_where_a_rule_applies),
	    cmocka_unit_test(names_each_reason_by_itself),
	    cmocka_unit_test(names_all_reasons_that_there_are),
	    cmocka_unit_test(knows_a_rule_that_is_not_about_sales),
	    cmocka_unit_test(says_where_too_little_was_sold_for_any_points),
	    cmocka_unit_test(knows_a_visit_that_was_paid_with_points),
	    cmocka_unit_test(knows_how_often_a_rule_has_applied),
	    cmocka_unit_test(names_the_caps_that_are_felt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
