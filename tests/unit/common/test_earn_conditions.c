/*
 * test_earn_conditions: when a rule applies: time, place, who, and chance.
 */
#include "tests/unit/common/earn_world.h"

#define VISIT "[earn a]\npoints = 1\nper = visit\n"
#define TIERS                                           \
	"[tiers]\n[tier silver]\nname = S\nfrom = 10\n" \
	"[tier gold]\nname = G\nfrom = 20\n"

/* --- time ----------------------------------------------------------------- */

struct moment {
	const char *keys;
	int32_t day; /* from 2026-06-01, a Monday */
	uint16_t minute;
	bool applies;
};

static void rules_apply_at_their_times(void **state)
{
	static const struct moment moments[] = {
	    {"from = 2026-06-01\n", 0, 0, true},
	    {"from = 2026-06-02\n", 0, 1439, false},
	    {"until = 2026-06-01\n", 0, 1439, true},
	    {"until = 2026-06-01\n", 1, 0, false},
	    {"from = 2026-06-01\nuntil = 2026-06-01\n", -1, 1439, false},
	    {"from = 2026-06-01\nuntil = 2026-06-01\n", 0, 600, true},
	    {"weekdays = mon\n", 0, 0, true},
	    {"weekdays = mon\n", 1, 0, false},
	    {"weekdays = mon\n", -1, 0, false},
	    {"weekdays = sat, sun\n", 5, 0, true},
	    {"weekdays = sat, sun\n", 6, 0, true},
	    {"weekdays = sat, sun\n", 7, 0, false},
	    {"hours = 14:00-16:00\n", 0, 839, false},
	    {"hours = 14:00-16:00\n", 0, 840, true},
	    {"hours = 14:00-16:00\n", 0, 959, true},
	    {"hours = 14:00-16:00\n", 0, 960, false},
	    {"hours = 22:00-02:00\n", 0, 1319, false},
	    {"hours = 22:00-02:00\n", 0, 1320, true},
	    {"hours = 22:00-02:00\n", 0, 1439, true},
	    {"hours = 22:00-02:00\n", 0, 0, true},
	    {"hours = 22:00-02:00\n", 0, 119, true},
	    {"hours = 22:00-02:00\n", 0, 120, false},
	    {"hours = 14:00-16:00\nweekdays = tue\n", 1, 900, true},
	    {"hours = 14:00-16:00\nweekdays = tue\n", 0, 900, false},
	    {"hours = 14:00-16:00\nweekdays = tue\n", 1, 800, false},
	};
	char more[256];

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct earn_sale sale = sale_of(1000);

		sale.when.day += moments[i].day;
		sale.when.minute = moments[i].minute;
		snprintf(more, sizeof(more), VISIT "%s", moments[i].keys);
		if (points_by(more, &sale) != moments[i].applies)
			fail_msg("%sday %d, minute %u", moments[i].keys,
			    moments[i].day, moments[i].minute);
	}
}

/* --- place ---------------------------------------------------------------- */

static void rules_apply_in_their_shops(void **state)
{
	struct earn_sale sale = sale_of(1000);

	(void)state;
	assert_int_equal(points_by(VISIT "shops = north, south\n", &sale), 0);
	sale.shop = programme_name(bytes_of_string("east"));
	assert_int_equal(points_by(VISIT "shops = north, south\n", &sale), 0);
	assert_int_equal(points_by(VISIT, &sale), 1);
	sale.shop = programme_name(bytes_of_string("south"));
	assert_int_equal(points_by(VISIT "shops = north, south\n", &sale), 1);
}

/* --- who ------------------------------------------------------------------ */

static void rules_apply_to_their_tiers(void **state)
{
	static const bool gold[] = {false, false, true};
	static const bool any[] = {false, true, true};
	struct earn_sale sale = sale_of(1000);

	(void)state;
	for (unsigned level = 0; level < 3; level++) {
		sale.tier_level = (uint8_t)level;
		assert_int_equal(points_by(TIERS VISIT "tiers = gold\n", &sale),
		    gold[level]);
		assert_int_equal(
		    points_by(TIERS VISIT "tiers = silver, gold\n", &sale),
		    any[level]);
		assert_int_equal(points_by(TIERS VISIT, &sale), 1);
	}
}

static uint64_t points_of_person(
    const char *more, const struct person *person, const struct earn_sale *sale)
{
	struct programme *programme = programme_of(more);
	uint64_t points = earned(programme, &person->member, sale).points;

	programme_destroy(programme);
	return points;
}

static void rules_apply_to_their_segments(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;

	(void)state;
	person_init(&person);
	assert_int_equal(
	    points_of_person(VISIT "segments = staff\n", &person, &sale), 0);
	assert_int_equal(points_by(VISIT "segments = staff\n", &sale), 0);
	person.segments[0] = ident_of("segment", "vip");
	person.extra.segment_count = 1;
	assert_int_equal(
	    points_of_person(VISIT "segments = staff\n", &person, &sale), 0);
	assert_int_equal(
	    points_of_person(VISIT "segments = staff, vip\n", &person, &sale),
	    1);
	person.member.extra = NULL;
	assert_int_equal(
	    points_of_person(VISIT "segments = staff, vip\n", &person, &sale),
	    0);
}

static void birthdays_are_as_the_sale_says(void **state)
{
	struct earn_sale sale = sale_of(1000);

	(void)state;
	assert_int_equal(points_by(VISIT "birthday = yes\n", &sale), 0);
	sale.is_birthday = true;
	assert_int_equal(points_by(VISIT "birthday = yes\n", &sale), 1);
	assert_int_equal(points_by(VISIT "birthday = no\n", &sale), 1);
}

static void who_comes_back_after_long_has_lapsed(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;

	(void)state;
	person_init(&person);
	assert_int_equal(points_by(VISIT "lapsed_days = 90\n", &sale), 0);
	assert_int_equal(
	    points_of_person(VISIT "lapsed_days = 90\n", &person, &sale), 0);
	person.member.last_sale_day = SOME_DAY - 89;
	assert_int_equal(
	    points_of_person(VISIT "lapsed_days = 90\n", &person, &sale), 0);
	person.member.last_sale_day = SOME_DAY - 90;
	assert_int_equal(
	    points_of_person(VISIT "lapsed_days = 90\n", &person, &sale), 1);
	/* A late sale from before the last one. */
	person.member.last_sale_day = SOME_DAY + 1;
	assert_int_equal(
	    points_of_person(VISIT "lapsed_days = 1\n", &person, &sale), 0);
}

static void who_was_brought_has_a_welcome_of_their_own(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;

	(void)state;
	person_init(&person);
	assert_int_equal(points_by(VISIT "brought = yes\n", &sale), 0);
	assert_int_equal(
	    points_of_person(VISIT "brought = yes\n", &person, &sale), 0);
	person.extra.referrer = ACCOUNT_MEMBER_MIN + 1;
	assert_int_equal(
	    points_of_person(VISIT "brought = yes\n", &person, &sale), 1);
	person.member.extra = NULL;
	assert_int_equal(
	    points_of_person(VISIT "brought = yes\n", &person, &sale), 0);
}

/* --- times ---------------------------------------------------------------- */

static void rules_apply_so_many_times_in_a_period(void **state)
{
	static const struct {
		const char *key;
		enum count_what what;
		enum period period;
	} cases[] = {
	    {"day_times = 2\n", COUNT_TIMES_DAY, PERIOD_DAY},
	    {"month_times = 2\n", COUNT_TIMES_MONTH, PERIOD_MONTH},
	    {"year_times = 2\n", COUNT_TIMES_YEAR, PERIOD_YEAR},
	    {"ever_times = 2\n", COUNT_TIMES_EVER, PERIOD_EVER},
	};
	struct earn_sale sale = sale_of(1000);
	char more[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(more, sizeof(more), VISIT "%s", cases[i].key);
		assert_int_equal(points_by(more, &sale), 1);
		for (uint64_t times = 0; times < 4; times++) {
			struct person person;
			int32_t day =
			    book_period_day(cases[i].period, SOME_DAY);

			person_init(&person);
			person_count(&person, ident_of("earn", "a"),
			    cases[i].what, day, times);
			assert_int_equal(
			    points_of_person(more, &person, &sale), times < 2);
			/* Of another rule, or of another period. */
			person.counts[0].ident = ident_of("earn", "b");
			assert_int_equal(
			    points_of_person(more, &person, &sale), 1);
			person.counts[0].ident = ident_of("earn", "a");
			person.counts[0].period_day = day - 400;
			assert_int_equal(
			    points_of_person(more, &person, &sale), 1);
		}
	}
}

static void first_time_is_one_time_ever(void **state)
{
	struct earn_sale sale = sale_of(1000);
	struct person person;

	(void)state;
	person_init(&person);
	assert_int_equal(
	    points_of_person(VISIT "first = yes\n", &person, &sale), 1);
	person_count(&person, ident_of("earn", "a"), COUNT_TIMES_EVER, 0, 1);
	assert_int_equal(
	    points_of_person(VISIT "first = yes\n", &person, &sale), 0);
}

/* --- chance --------------------------------------------------------------- */

static struct hash draw_of(struct hasher *hasher, uint64_t counter)
{
	static const struct hash root = {.bytes = {1, 2, 3}};
	static const uint8_t random[ENTRY_RANDOM_SIZE] = {9};

	return earn_draw(hasher, &root, 3, counter,
	    bytes_of(random, sizeof(random)), ACCOUNT_MEMBER_MIN);
}

/* The bytes by hand, so that anyone can check a draw. */
static void draw_is_a_hash_that_anyone_can_make(void **state)
{
	static const char text[] = "tally draw v1\0"
				   "\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\0\0\0\3"
				   "\0\0\0\0\0\0\1\2"
				   "\11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\0\0\1\0\0\0\0\0";
	struct hasher *hasher;
	struct hash want;
	struct hash draw;

	(void)state;
	assert_int_equal(hasher_create(&hasher, &error), RESULT_OK);
	want = hash_plain(hasher, bytes_of(text, sizeof(text) - 1));
	draw = draw_of(hasher, 0x102);
	assert_memory_equal(draw.bytes, want.bytes, HASH_SIZE);
	hasher_destroy(hasher);
}

static void chance_wins_where_its_number_is_divisible(void **state)
{
	struct programme *programme = programme_of(
	    "[earn a]\npoints = 1\nper = visit\n"
	    "[earn b]\npoints = 10\nper = visit\nchance = 3\n"
	    "[earn c]\npoints = 100\nper = visit\nchance = 5\n"
	    "[earn d]\npoints = 1000\nper = visit\nchance = 2\n"
	    "[earn e]\npoints = 10000\nper = visit\nchance = 7\n"
	    "[earn f]\npoints = 100000\nper = visit\nchance = 1000000\n");
	static const uint64_t chances[] = {1, 3, 5, 2, 7, 1000000};
	struct earn_sale sale = sale_of(1000);
	uint64_t random = 0x1234567;

	(void)state;
	sale.has_draw = true;
	for (unsigned round = 0; round < 300; round++) {
		struct earning earning;
		uint64_t words[4];

		for (unsigned i = 0; i < HASH_SIZE; i++)
			sale.draw.bytes[i] = (uint8_t)draw_number(&random);
		for (unsigned i = 0; i < 4; i++) {
			words[i] = 0;
			for (unsigned j = 0; j < 8; j++)
				words[i] =
				    words[i] << 8 | sale.draw.bytes[8 * i + j];
		}
		earning = earned(programme, NULL, &sale);
		for (unsigned r = 1; r < 6; r++)
			assert_int_equal(part_of(&earning, r) != UINT64_MAX,
			    (words[r % 4] + r) % chances[r] == 0);
	}
	programme_destroy(programme);
}

static void chance_wants_a_draw_only_where_all_else_holds(void **state)
{
	static const struct {
		const char *keys;
		bool needs_draw;
	} cases[] = {
	    {"chance = 2\n", true},
	    {"chance = 2\nweekdays = tue\n", false},
	    {"chance = 2\namount_min = 10.01\n", false},
	    {"chance = 2\ncategories = fruit\n", false},
	    {"chance = 2\nbirthday = yes\n", false},
	    {"", false},
	};
	struct earn_sale sale = sale_of(1000);
	char more[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct programme *programme;
		struct earning earning;

		snprintf(more, sizeof(more), VISIT "%s", cases[i].keys);
		programme = programme_of(more);
		earning = earned(programme, NULL, &sale);
		assert_int_equal(earning.needs_draw, cases[i].needs_draw);
		if (cases[i].needs_draw)
			assert_int_equal(earning.points, 0);
		programme_destroy(programme);
	}
}

static void chance_is_won_about_as_often_as_it_says(void **state)
{
	static const unsigned draws = 20000;
	struct programme *programme =
	    programme_of(VISIT "chance = 10\n"
			       "[earn b]\npoints = 100000\nper = visit\n"
			       "chance = 100\n");
	struct earn_sale sale = sale_of(1000);
	struct hasher *hasher;
	uint64_t won = 0;

	(void)state;
	assert_int_equal(hasher_create(&hasher, &error), RESULT_OK);
	sale.has_draw = true;
	for (unsigned i = 0; i < draws; i++) {
		sale.draw = draw_of(hasher, i);
		won += earned(programme, NULL, &sale).points;
	}
	/* Five standard deviations to either side. */
	assert_in_range(won % 100000, 2000 - 212, 2000 + 212);
	assert_in_range(won / 100000, 200 - 71, 200 + 71);
	hasher_destroy(hasher);
	programme_destroy(programme);
}

static void multiplier_does_not_see_a_chance_that_was_lost(void **state)
{
	struct programme *programme = programme_of(
	    BASE "[earn a]\npoints = 50\nper = item\nchance = 1000\n"
		 "[earn b]\nmultiply = 2\n");
	struct earn_sale sale = sale_of(1000);
	struct earning earning;

	(void)state;
	sale.has_draw = true;
	sale.draw.bytes[15] = 1;
	earning = earned(programme, NULL, &sale);
	assert_int_equal(earning.points, 20);
	/* Rule 1: its word and 1 are 1000. */
	sale.draw.bytes[14] = 3;
	sale.draw.bytes[15] = 0xe7;
	earning = earned(programme, NULL, &sale);
	assert_int_equal(earning.points, 120);
	programme_destroy(programme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_apply_at_their_times),
	    cmocka_unit_test(rules_apply_in_their_shops),
	    cmocka_unit_test(rules_apply_to_their_tiers),
	    cmocka_unit_test(rules_apply_to_their_segments),
	    cmocka_unit_test(birthdays_are_as_the_sale_says),
	    cmocka_unit_test(who_comes_back_after_long_has_lapsed),
	    cmocka_unit_test(who_was_brought_has_a_welcome_of_their_own),
	    cmocka_unit_test(rules_apply_so_many_times_in_a_period),
	    cmocka_unit_test(first_time_is_one_time_ever),
	    cmocka_unit_test(draw_is_a_hash_that_anyone_can_make),
	    cmocka_unit_test(chance_wins_where_its_number_is_divisible),
	    cmocka_unit_test(chance_wants_a_draw_only_where_all_else_holds),
	    cmocka_unit_test(chance_is_won_about_as_often_as_it_says),
	    cmocka_unit_test(multiplier_does_not_see_a_chance_that_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
