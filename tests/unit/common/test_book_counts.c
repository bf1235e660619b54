/*
 * The book: counters of periods, and what counts towards a tier.
 */
#include "tests/unit/common/book_life.h"

#include "common/law/book_inside.h"

static int32_t day_of(const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	return date_to_day(date);
}

/* A member alone, and rules that a test writes. */
struct sheet {
	struct book_member member;
	struct programme programme;
	struct error err;
};

static struct sheet *sheet_open(void)
{
	struct sheet *sheet = calloc(1, sizeof(*sheet));

	assert_non_null(sheet);
	sheet->member.account = MEMBER(1);
	sheet->member.enrolled_day = day_of("2024-02-29");
	sheet->programme.tier_count = 2;
	sheet->programme.tiers[0].from = 100;
	sheet->programme.tiers[1].from = 500;
	sheet->programme.window = WINDOW_YEAR;
	sheet->programme.window_days = 30;
	return sheet;
}

static void sheet_close(struct sheet *sheet)
{
	free(sheet->member.lots);
	free(sheet);
}

/* --- periods and counters ---------------------------------------------------
 */

static void knows_the_first_day_of_a_period(void **state)
{
	int32_t day = day_of("2026-03-10");

	(void)state;
	assert_int_equal(book_period_day(PERIOD_DAY, day), day);
	assert_int_equal(
	    book_period_day(PERIOD_MONTH, day), day_of("2026-03-01"));
	assert_int_equal(
	    book_period_day(PERIOD_YEAR, day), day_of("2026-01-01"));
	assert_int_equal(book_period_day(PERIOD_EVER, day), 0);
}

static void counts(struct sheet *sheet, uint32_t ident, enum count_what what,
    int32_t period_day, uint64_t value)
{
	struct book_count count = {ident, what, period_day, value};

	assert_int_equal(book_count_more(&sheet->member, &sheet->programme,
			     &count, &sheet->err),
	    RESULT_OK);
}

static void uncounts(struct sheet *sheet, uint32_t ident, enum count_what what,
    int32_t period_day, uint64_t value)
{
	struct book_count count = {ident, what, period_day, value};

	book_count_less(&sheet->member, &count);
}

static void keeps_the_newest_period_alone(void **state)
{
	struct sheet *sheet = sheet_open();
	const struct book_member *member = &sheet->member;

	(void)state;
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 100), 0);
	counts(sheet, 7, COUNT_POINTS_DAY, 100, 5);
	counts(sheet, 7, COUNT_POINTS_DAY, 100, 6);
	counts(sheet, 7, COUNT_TIMES_DAY, 100, 1);
	counts(sheet, 3, COUNT_POINTS_DAY, 100, 9);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 100), 11);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 101), 0);
	/* What comes late is counted in the newer one. */
	counts(sheet, 7, COUNT_POINTS_DAY, 102, 2);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 101), 2);
	counts(sheet, 7, COUNT_POINTS_DAY, 101, 50);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 101), 52);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 102), 52);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 103), 0);
	assert_int_equal(book_count(member, 7, COUNT_TIMES_DAY, 100), 1);
	assert_int_equal(book_count(member, 3, COUNT_POINTS_DAY, 100), 9);
	assert_int_equal(member->count_count, 3);
	sheet_close(sheet);
}

static void counts_less_in_the_same_period_alone(void **state)
{
	struct sheet *sheet = sheet_open();
	const struct book_member *member = &sheet->member;

	(void)state;
	uncounts(sheet, 7, COUNT_POINTS_DAY, 100, 5);
	assert_null(member->lots);
	counts(sheet, 7, COUNT_POINTS_DAY, 100, 5);
	counts(sheet, 8, COUNT_POINTS_DAY, 100, 5);
	uncounts(sheet, 7, COUNT_POINTS_DAY, 99, 5);
	uncounts(sheet, 7, COUNT_POINTS_DAY, 101, 5);
	uncounts(sheet, 7, COUNT_POINTS_DAY, 100, 2);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 100), 3);
	/* Never below nothing; what is nothing is not kept. */
	uncounts(sheet, 7, COUNT_POINTS_DAY, 100, 4);
	assert_int_equal(book_count(member, 7, COUNT_POINTS_DAY, 100), 0);
	assert_int_equal(member->count_count, 1);
	uncounts(sheet, 8, COUNT_POINTS_DAY, 100, 5);
	assert_null(member->lots);
	counts(sheet, 7, COUNT_POINTS_DAY, 100, 0);
	assert_int_equal(member->count_count, 0);
	sheet_close(sheet);
}

static void stays_at_the_most_that_it_can_count(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	counts(sheet, 7, COUNT_POINTS_EVER, 0, UINT64_MAX - 1);
	counts(sheet, 7, COUNT_POINTS_EVER, 0, 5);
	assert_int_equal(
	    book_count(&sheet->member, 7, COUNT_POINTS_EVER, 0), UINT64_MAX);
	sheet_close(sheet);
}

/* Counters of campaigns that are no longer in the rules make room. */
static void forgets_what_no_rule_asks_for_when_it_is_full(void **state)
{
	struct sheet *sheet = sheet_open();
	uint32_t all = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));

	(void)state;
	sheet->programme.rule_count = 1;
	sheet->programme.rules[0].ident = 500;
	sheet->programme.reward_count = 1;
	sheet->programme.rewards[0].ident = 600;
	counts(sheet, all, COUNT_POINTS_DAY, 100, 1);
	for (uint32_t ident = 1; ident < COUNTERS_MAX; ident++)
		counts(sheet, ident, COUNT_TIMES_EVER, 0, ident);
	assert_int_equal(sheet->member.count_count, COUNTERS_MAX);
	counts(sheet, 77, COUNT_TIMES_EVER, 0, 1);
	assert_int_equal(sheet->member.count_count, COUNTERS_MAX);
	counts(sheet, 3000, COUNT_TIMES_EVER, 0, 1);
	assert_int_equal(sheet->member.count_count, 4);
	assert_int_equal(
	    book_count(&sheet->member, 500, COUNT_TIMES_EVER, 0), 500);
	assert_int_equal(
	    book_count(&sheet->member, 600, COUNT_TIMES_EVER, 0), 600);
	assert_int_equal(
	    book_count(&sheet->member, all, COUNT_POINTS_DAY, 100), 1);
	assert_int_equal(
	    book_count(&sheet->member, 77, COUNT_TIMES_EVER, 0), 0);
	sheet_close(sheet);
}

/* --- towards a tier ---------------------------------------------------------
 */

static void sells(struct sheet *sheet, const char *day, uint64_t points)
{
	struct entry earn = {.kind = ENTRY_EARN, .points = points};

	assert_int_equal(book_qualify_more(&sheet->member, &sheet->programme,
			     day_of(day), &earn, &sheet->err),
	    RESULT_OK);
}

static void gives_back(struct sheet *sheet, const char *day, uint64_t points)
{
	struct entry back = {.kind = ENTRY_RETURN,
	    .to_account = ACCOUNT_ISSUED,
	    .points = points};

	book_qualify_less(
	    &sheet->member, &sheet->programme, day_of(day), &back);
}

static uint64_t qualifies(const struct sheet *sheet, const char *day)
{
	return book_qualifying(&sheet->programme, &sheet->member, day_of(day));
}

static void values_points_amounts_or_visits(void **state)
{
	struct sheet *sheet = sheet_open();
	struct programme *programme = &sheet->programme;
	struct entry earn = {.kind = ENTRY_EARN,
	    .points = 5,
	    .amount_minor = 700,
	    .paid_minor = 200};
	struct entry back = earn;
	struct entry redeem = {.kind = ENTRY_REDEEM, .points = 5};

	(void)state;
	back.kind = ENTRY_RETURN;
	back.to_account = ACCOUNT_ISSUED;
	programme->qualify = QUALIFY_POINTS;
	assert_int_equal(book_qualify_value(programme, &earn), 5);
	assert_int_equal(book_qualify_value(programme, &back), 5);
	assert_int_equal(book_qualify_value(programme, &redeem), 0);
	programme->qualify = QUALIFY_AMOUNT;
	assert_int_equal(book_qualify_value(programme, &earn), 500);
	assert_int_equal(book_qualify_value(programme, &back), 500);
	earn.paid_minor = 701;
	assert_int_equal(book_qualify_value(programme, &earn), 0);
	programme->qualify = QUALIFY_VISITS;
	assert_int_equal(book_qualify_value(programme, &earn), 1);
	assert_int_equal(book_qualify_value(programme, &back), 0);
	back.facts = FACT_WHOLE;
	assert_int_equal(book_qualify_value(programme, &back), 1);
	back.kind = ENTRY_VOID;
	back.facts = 0;
	assert_int_equal(book_qualify_value(programme, &back), 1);
	/* Of a redemption, nothing. */
	back.to_account = MEMBER(1);
	back.from_account = ACCOUNT_REDEEMED;
	assert_int_equal(book_qualify_value(programme, &back), 0);
	sheet_close(sheet);
}

static void reaches_the_highest_level(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	assert_int_equal(book_level(&sheet->programme, 0), 0);
	assert_int_equal(book_level(&sheet->programme, 99), 0);
	assert_int_equal(book_level(&sheet->programme, 100), 1);
	assert_int_equal(book_level(&sheet->programme, 500), 2);
	assert_int_equal(book_level(&sheet->programme, UINT64_MAX), 2);
	sheet_close(sheet);
}

static void starts_windows_on_their_day(void **state)
{
	struct sheet *sheet = sheet_open();
	struct programme *programme = &sheet->programme;
	const struct book_member *member = &sheet->member;

	(void)state;
	assert_int_equal(
	    book_window_day(programme, member, day_of("2026-12-31")),
	    day_of("2026-01-01"));
	programme->window = WINDOW_ANNIVERSARY;
	assert_int_equal(
	    book_window_day(programme, member, day_of("2026-02-27")),
	    day_of("2025-02-28"));
	assert_int_equal(
	    book_window_day(programme, member, day_of("2026-02-28")),
	    day_of("2026-02-28"));
	assert_int_equal(
	    book_window_day(programme, member, day_of("2028-02-29")),
	    day_of("2028-02-29"));
	/* A sale that came before the enrolment, late. */
	assert_int_equal(
	    book_window_day(programme, member, day_of("2024-02-01")),
	    day_of("2024-02-01"));
	programme->window = WINDOW_ROLLING;
	assert_int_equal(
	    book_window_day(programme, member, day_of("2026-01-30")),
	    day_of("2026-01-01"));
	sheet_close(sheet);
}

static void counts_anew_in_a_new_window(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	sells(sheet, "2025-11-30", 80);
	sells(sheet, "2025-12-31", 40);
	assert_int_equal(qualifies(sheet, "2025-12-31"), 120);
	assert_int_equal(qualifies(sheet, "2026-01-01"), 0);
	sells(sheet, "2026-01-01", 5);
	assert_int_equal(qualifies(sheet, "2026-06-01"), 5);
	assert_int_equal(sheet->member.before_level, 1);
	assert_int_equal(sheet->member.qualify_day, day_of("2026-01-01"));
	/* Late, of the year before: nothing. */
	sells(sheet, "2025-12-31", 1000);
	assert_int_equal(qualifies(sheet, "2026-06-01"), 5);
	/* A year without any lies between. */
	sells(sheet, "2028-01-01", 7);
	assert_int_equal(sheet->member.before_level, 0);
	assert_int_equal(qualifies(sheet, "2028-06-01"), 7);
	sheet_close(sheet);
}

static void takes_off_what_is_in_the_window(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	sells(sheet, "2025-12-31", 120);
	sells(sheet, "2026-01-02", 50);
	gives_back(sheet, "2025-12-31", 120);
	assert_int_equal(qualifies(sheet, "2026-01-02"), 50);
	gives_back(sheet, "2026-01-02", 20);
	assert_int_equal(qualifies(sheet, "2026-01-02"), 30);
	gives_back(sheet, "2026-01-01", 200);
	assert_int_equal(qualifies(sheet, "2026-01-02"), 0);
	sheet_close(sheet);
}

static void rolls_over_days(void **state)
{
	struct sheet *sheet = sheet_open();
	const struct book_member *member = &sheet->member;

	(void)state;
	sheet->programme.window = WINDOW_ROLLING;
	sells(sheet, "2026-01-01", 10);
	sells(sheet, "2026-01-20", 20);
	sells(sheet, "2026-01-20", 5);
	/* Late, in its order. */
	sells(sheet, "2026-01-10", 40);
	assert_int_equal(member->spent_count, 3);
	assert_int_equal(qualifies(sheet, "2026-01-30"), 75);
	assert_int_equal(qualifies(sheet, "2026-01-31"), 65);
	assert_int_equal(qualifies(sheet, "2026-01-09"), 10);
	assert_int_equal(qualifies(sheet, "2026-03-01"), 0);
	assert_int_equal(member->qualify_day, day_of("2026-01-20"));
	/* Days are kept for two windows. */
	sells(sheet, "2026-03-01", 1);
	assert_int_equal(book_days(member)[0].day, day_of("2026-01-01"));
	sells(sheet, "2026-03-02", 1);
	assert_int_equal(book_days(member)[0].day, day_of("2026-01-10"));
	assert_int_equal(member->qualifying, 67);
	sells(sheet, "2026-01-01", 500);
	assert_int_equal(member->qualifying, 67);
	gives_back(sheet, "2026-01-20", 24);
	assert_int_equal(qualifies(sheet, "2026-02-01"), 41);
	gives_back(sheet, "2026-01-20", 24);
	assert_int_equal(qualifies(sheet, "2026-02-01"), 40);
	assert_int_equal(member->spent_count, 3);
	gives_back(sheet, "2026-01-21", 24);
	assert_int_equal(member->qualifying, 42);
	sheet_close(sheet);
}

static void keeps_only_so_many_days(void **state)
{
	struct sheet *sheet = sheet_open();
	struct entry earn = {.kind = ENTRY_EARN, .points = 2};

	(void)state;
	sheet->programme.window = WINDOW_ROLLING;
	sheet->programme.window_days = 100000;
	for (int32_t day = 1; day <= (int32_t)SPENT_DAYS_MAX + 7; day++)
		assert_int_equal(
		    book_qualify_more(&sheet->member, &sheet->programme, day,
			&earn, &sheet->err),
		    RESULT_OK);
	assert_int_equal(sheet->member.spent_count, SPENT_DAYS_MAX);
	assert_int_equal(book_days(&sheet->member)[0].day, 8);
	assert_int_equal(sheet->member.qualifying, 2 * SPENT_DAYS_MAX);
	sheet_close(sheet);
}

/* An owner may change the window: what was counted goes along. */
static void turns_one_window_into_another(void **state)
{
	struct sheet *sheet = sheet_open();
	const struct book_member *member = &sheet->member;

	(void)state;
	sells(sheet, "2026-01-05", 50);
	sheet->programme.window = WINDOW_ROLLING;
	assert_int_equal(qualifies(sheet, "2026-01-10"), 50);
	sells(sheet, "2026-01-10", 7);
	assert_int_equal(member->spent_count, 2);
	assert_int_equal(book_days(member)[0].day, day_of("2026-01-01"));
	assert_int_equal(qualifies(sheet, "2026-01-30"), 57);
	assert_int_equal(qualifies(sheet, "2026-01-31"), 7);
	sheet->programme.window = WINDOW_ANNIVERSARY;
	assert_int_equal(qualifies(sheet, "2026-01-30"), 57);
	sells(sheet, "2026-03-01", 9);
	assert_null(book_days(member));
	assert_int_equal(member->qualify_day, day_of("2026-02-28"));
	assert_int_equal(member->qualifying, 9);
	sheet->programme.window = WINDOW_YEAR;
	sells(sheet, "2026-03-02", 1);
	assert_int_equal(member->qualify_day, day_of("2026-01-01"));
	assert_int_equal(qualifies(sheet, "2026-03-02"), 10);
	sheet_close(sheet);
}

static void begins_anew_with_another_thing_to_count(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	sells(sheet, "2026-01-05", 500);
	sheet->programme.qualify = QUALIFY_VISITS;
	assert_int_equal(qualifies(sheet, "2026-01-10"), 0);
	gives_back(sheet, "2026-01-05", 500);
	assert_int_equal(sheet->member.qualifying, 500);
	sells(sheet, "2026-01-10", 7);
	assert_int_equal(qualifies(sheet, "2026-01-10"), 1);
	sheet_close(sheet);
}

static void counts_nothing_without_tiers(void **state)
{
	struct sheet *sheet = sheet_open();

	(void)state;
	sheet->programme.tier_count = 0;
	sells(sheet, "2026-01-05", 500);
	gives_back(sheet, "2026-01-05", 500);
	assert_int_equal(sheet->member.qualifying, 0);
	assert_int_equal(sheet->member.qualify_day, 0);
	sheet->programme.tier_count = 1;
	sheet->member.qualifying = UINT64_MAX;
	assert_int_equal(
	    book_qualify_more(&sheet->member, &sheet->programme, 20000,
		&(struct entry){.kind = ENTRY_EARN, .points = 1}, &sheet->err),
	    RESULT_LIMIT);
	sheet_close(sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_the_first_day_of_a_period),
	    cmocka_unit_test(keeps_the_newest_period_alone),
	    cmocka_unit_test(counts_less_in_the_same_period_alone),
	    cmocka_unit_test(stays_at_the_most_that_it_can_count),
	    cmocka_unit_test(forgets_what_no_rule_asks_for_when_it_is_full),
	    cmocka_unit_test(values_points_amounts_or_visits),
	    cmocka_unit_test(reaches_the_highest_level),
	    cmocka_unit_test(starts_windows_on_their_day),
	    cmocka_unit_test(counts_anew_in_a_new_window),
	    cmocka_unit_test(takes_off_what_is_in_the_window),
	    cmocka_unit_test(rolls_over_days),
	    cmocka_unit_test(keeps_only_so_many_days),
	    cmocka_unit_test(turns_one_window_into_another),
	    cmocka_unit_test(begins_anew_with_another_thing_to_count),
	    cmocka_unit_test(counts_nothing_without_tiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
