/*
 * test_earn_caps: what cuts a rule's points and a sale's, and groups of which
 * the best counts.
 */
#include "tests/unit/common/earn_world.h"

#define TEN_C "[earn c]\npoints = 10\nper = visit\n"
#define TEN "[earn a]\npoints = 10\nper = visit\n"

static struct earning earned_by(
    const char *more, const struct person *person, const struct earn_sale *sale)
{
	struct programme *programme = programme_of(more);
	struct earning earning =
	    earned(programme, person == NULL ? NULL : &person->member, sale);

	programme_destroy(programme);
	return earning;
}

/* --- caps of a rule ------------------------------------------------------- */

static void rule_gives_no_more_a_sale_than_its_cap(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct earning earning =
	    earned_by(TEN "sale_points_max = 7\n", NULL, &sale);

	(void)state;
	assert_int_equal(earning.points, 7);
	assert_int_equal(part_of(&earning, 0), 7 * POINTS_MICRO);
	assert_int_equal(
	    earned_by(TEN "sale_points_max = 10\n", NULL, &sale).points, 10);
	assert_int_equal(
	    earned_by(TEN "sale_points_max = 11\n", NULL, &sale).points, 10);
}

struct period_case {
	const char *key;
	enum count_what what;
	enum period period;
};

static const struct period_case rule_cases[] = {
    {"day_points_max = 12\n", COUNT_POINTS_DAY, PERIOD_DAY},
    {"month_points_max = 12\n", COUNT_POINTS_MONTH, PERIOD_MONTH},
    {"ever_points_max = 12\n", COUNT_POINTS_EVER, PERIOD_EVER},
};

static void rule_gives_what_is_left_of_a_period(void **state)
{
	struct earn_sale sale = sale_of(1000);
	char more[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct period_case *of = &rule_cases[i];
		int32_t day = book_period_day(of->period, SOME_DAY);

		snprintf(more, sizeof(more), TEN "%s", of->key);
		assert_int_equal(earned_by(more, NULL, &sale).points, 10);
		for (uint64_t spent = 0; spent < 15; spent++) {
			struct person person;
			uint64_t left = spent < 12 ? 12 - spent : 0;
			struct earning earning;

			person_init(&person);
			person_count(&person, ident_of("earn", "a"), of->what,
			    day, spent * POINTS_MICRO);
			earning = earned_by(more, &person, &sale);
			assert_int_equal(earning.points, left < 10 ? left : 10);
			/* It is a part also where nothing is left. */
			assert_int_equal(earning.part_count, 1);
			/* An older period is over, a newer one is shared. */
			person.counts[0].period_day = day - 1;
			assert_int_equal(
			    earned_by(more, &person, &sale).points, 10);
			person.counts[0].period_day = day + 1;
			assert_int_equal(earned_by(more, &person, &sale).points,
			    left < 10 ? left : 10);
		}
	}
}

/* What is left may be a piece of a point. */
static void caps_are_counted_in_millionths(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;
	struct earning earning;

	(void)state;
	person_init(&person);
	person_count(&person, ident_of("earn", "a"), COUNT_POINTS_DAY, SOME_DAY,
	    1500001);
	earning = earned_by(TEN "day_points_max = 2\n", &person, &sale);
	assert_int_equal(part_of(&earning, 0), 499999);
	assert_int_equal(earning.points, 0);
}

static void least_of_all_caps_cuts(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;
	uint32_t ident = ident_of("earn", "a");

	(void)state;
	person_init(&person);
	person_count(
	    &person, ident, COUNT_POINTS_DAY, SOME_DAY, 2 * POINTS_MICRO);
	person_count(&person, ident, COUNT_POINTS_MONTH,
	    book_period_day(PERIOD_MONTH, SOME_DAY), 15 * POINTS_MICRO);
	person_count(&person, ident, COUNT_POINTS_EVER, 0, 94 * POINTS_MICRO);
	assert_int_equal(earned_by(TEN "sale_points_max = 9\n"
				       "day_points_max = 10\n"
				       "month_points_max = 22\n"
				       "ever_points_max = 100\n",
			     &person, &sale)
			     .points,
	    6);
}

static void budget_is_of_all_members_together(void **state)
{
	static const struct {
		uint64_t spent_micro;
		uint64_t points;
	} cases[] = {{0, 10}, {90000000, 10}, {90000001, 9}, {99000000, 1},
	    {100000000, 0}, {100000001, 0}};
	struct earn_sale sale = sale_of(1000);
	struct programme *programme =
	    programme_of(TEN "budget_points_max = 100\n"
			     "sale_points_max = 10\n");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct book *book = book_of_nothing();
		struct earning earning;

		book_spend(book, "a", cases[i].spent_micro);
		book_spend(book, "b", 1000 * (uint64_t)POINTS_MICRO);
		earn_evaluate(programme, book, NULL, &sale, &earning);
		assert_int_equal(earning.points, cases[i].points);
		book_destroy(book);
	}
	programme_destroy(programme);
}

static void multiplier_multiplies_before_caps(void **state)
{
	struct earn_sale sale = sale_of(5000);

	(void)state;
	assert_int_equal(earned_by("[earn a]\npoints = 1\nper = 1.00\n"
				   "sale_points_max = 20\n"
				   "[earn b]\nmultiply = 2\n",
			     NULL, &sale)
			     .points,
	    70);
}

/* --- caps of the programme ------------------------------------------------ */

static void programme_gives_no_more_a_sale_than_its_cap(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct earning earning = earned_by(
	    "sale_points_max = 15\n" TEN "[earn b]\npoints = 10\nper = visit\n",
	    NULL, &sale);

	(void)state;
	assert_int_equal(earning.points, 15);
	assert_int_equal(part_of(&earning, 0), 10 * POINTS_MICRO);
	assert_int_equal(part_of(&earning, 1), 10 * POINTS_MICRO);
}

static void programme_gives_what_is_left_of_a_period(void **state)
{
	static const struct period_case cases[] = {
	    {"day_points_max = 12\n" TEN, COUNT_POINTS_DAY, PERIOD_DAY},
	    {"month_points_max = 12\n" TEN, COUNT_POINTS_MONTH, PERIOD_MONTH},
	};
	struct earn_sale sale = sale_of(1000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int32_t day = book_period_day(cases[i].period, SOME_DAY);

		for (uint64_t spent = 0; spent < 15; spent++) {
			struct person person;
			uint64_t left = spent < 12 ? 12 - spent : 0;

			person_init(&person);
			person_count(&person, ident_of(IDENT_KIND_EARN, ""),
			    cases[i].what, day, spent);
			assert_int_equal(
			    earned_by(cases[i].key, &person, &sale).points,
			    left < 10 ? left : 10);
		}
	}
}

static void base_alone_is_capped_as_well(void **state)
{
	struct earn_sale sale = sale_of(10000);

	(void)state;
	assert_int_equal(
	    earned_by(BASE "sale_points_max = 50\n", NULL, &sale).points, 50);
}

/* --- groups --------------------------------------------------------------- */

#define GROUPED(id, points, group) \
	"[earn " id "]\npoints = " points "\nper = visit\ngroup = " group "\n"

static void best_of_a_group_counts_alone(void **state)
{
	static const struct {
		const char *more;
		uint64_t points;
	} cases[] = {
	    {GROUPED("a", "5", "g") GROUPED("b", "8", "g"), 8},
	    {GROUPED("a", "8", "g") GROUPED("b", "5", "g"), 8},
	    {GROUPED("a", "5", "g") GROUPED("b", "5", "g"), 5},
	    {GROUPED("a", "5", "g") GROUPED("b", "8", "h"), 13},
	    {GROUPED("a", "5", "g") GROUPED("b", "8", "g") TEN_C, 18},
	    {GROUPED("a", "0.5", "g") GROUPED("b", "0.4", "g")
		    GROUPED("c", "0.5", "h"),
		1},
	    {GROUPED("a", "5", "g") "sale_points_max = 3\n" GROUPED(
		 "b", "4", "g"),
		4},
	};
	struct earn_sale sale = sale_of(1000);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(earned_by(cases[i].more, NULL, &sale).points,
		    cases[i].points);
}

static void all_of_a_group_are_parts_and_one_counts(void **state)
{
	struct programme *programme = programme_of(GROUPED("a", "5", "g")
		GROUPED("b", "8", "g") TEN_C GROUPED("d", "8", "g"));
	struct earn_sale sale = sale_of(1000);
	struct earning earning = earned(programme, NULL, &sale);
	static const bool counts[] = {false, true, true, false};

	(void)state;
	assert_int_equal(earning.part_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    earn_part_counts(programme, earning.parts, 4, i),
		    counts[i]);
	programme_destroy(programme);
}

static void multiplier_may_be_in_a_group(void **state)
{
	struct earn_sale sale = sale_of(2000);

	(void)state;
	assert_int_equal(earned_by(BASE "[earn a]\nmultiply = 2\ngroup = g\n"
					"[earn b]\nmultiply = 3\ngroup = g\n",
			     NULL, &sale)
			     .points,
	    60);
	assert_int_equal(
	    earned_by(BASE
		"[earn a]\nmultiply = 2\ngroup = g\n" GROUPED("b", "30", "g"),
		NULL, &sale)
		.points,
	    50);
}

static void sixteen_groups_find_room(void **state)
{
	char more[4096] = "";
	struct earn_sale sale = sale_of(1000);

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		char rule[128];

		snprintf(rule, sizeof(rule),
		    "[earn r%u]\npoints = %u\nper = visit\ngroup = g%u\n", i,
		    i + 1, i % RULE_GROUPS_MAX);
		strcat(more, rule);
	}
	/* 17 … 32 are the best of theirs. */
	assert_int_equal(earned_by(more, NULL, &sale).points, 392);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rule_gives_no_more_a_sale_than_its_cap),
	    cmocka_unit_test(rule_gives_what_is_left_of_a_period),
	    cmocka_unit_test(caps_are_counted_in_millionths),
	    cmocka_unit_test(least_of_all_caps_cuts),
	    cmocka_unit_test(budget_is_of_all_members_together),
	    cmocka_unit_test(multiplier_multiplies_before_caps),
	    cmocka_unit_test(programme_gives_no_more_a_sale_than_its_cap),
	    cmocka_unit_test(programme_gives_what_is_left_of_a_period),
	    cmocka_unit_test(base_alone_is_capped_as_well),
	    cmocka_unit_test(best_of_a_group_counts_alone),
	    cmocka_unit_test(all_of_a_group_are_parts_and_one_counts),
	    cmocka_unit_test(multiplier_may_be_in_a_group),
	    cmocka_unit_test(sixteen_groups_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
