/*
 * Days and dates: every day of four centuries, and what months do to them.
 */
#include "tests/support/check.h"

#include <string.h>

#include "common/law/calendar.h"

static int32_t day_of(const char *text)
{
	struct date date;

	if (!date_parse(bytes_of_string(text), &date))
		fail_msg("'%s' is no date", text);
	return date_to_day(date);
}

static void assert_day(int32_t day, const char *wanted)
{
	char text[DATE_SIZE];

	day_format(day, text);
	assert_string_equal(text, wanted);
}

/* The day after, counted as one does on a calendar on the wall. */
static void turn_page(struct date *date)
{
	static const uint8_t days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int32_t year = date->year;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	unsigned last = days[date->month - 1] + (date->month == 2 && leap);

	if (date->day < last) {
		date->day++;
		return;
	}
	date->day = 1;
	date->month++;
	if (date->month == 13) {
		date->month = 1;
		date->year++;
	}
}

static void counts_every_day_to_2400(void **state)
{
	struct date wanted = {1970, 1, 1};
	char text[DATE_SIZE];

	(void)state;
	for (int32_t day = 0; wanted.year <= 2400; day++) {
		struct date date = day_to_date(day);
		struct date parsed;

		assert_int_equal(date.year, wanted.year);
		assert_int_equal(date.month, wanted.month);
		assert_int_equal(date.day, wanted.day);
		assert_int_equal(date_to_day(wanted), day);
		assert_int_equal(day_weekday(day), (day + 3) % 7);
		day_format(day, text);
		assert_true(date_parse(bytes_of_string(text), &parsed));
		assert_int_equal(date_to_day(parsed), day);
		turn_page(&wanted);
	}
}

static void knows_the_days_that_everybody_knows(void **state)
{
	(void)state;
	assert_int_equal(day_of("1970-01-01"), 0);
	assert_int_equal(day_of("2000-02-29"), 11016);
	assert_int_equal(day_of("2026-01-01"), 20454);
	assert_int_equal(day_of("9999-12-31"), 2932896);
	assert_int_equal(day_weekday(0), 3);
	assert_int_equal(day_weekday(day_of("2026-07-06")), 0);
	assert_int_equal(day_weekday(day_of("2026-07-05")), 6);
	assert_int_equal(day_weekday(-1), 2);
	assert_int_equal(day_weekday(-4), 6);
	assert_int_equal(day_to_date(-1).year, 1969);
	assert_int_equal(day_to_date(-1).day, 31);
	assert_int_equal(date_to_day((struct date){1969, 12, 31}), -1);
}

static void reads_a_date_in_one_form_alone(void **state)
{
	static const char *const bad[] = {"", "2026-2-28", "2026-02-29",
	    "2025-02-29", "2100-02-29", "2026-00-01", "2026-13-01",
	    "2026-01-00", "2026-01-32", "2026-04-31", "1969-12-31",
	    "0000-01-01", "26-01-01", "2026/01/01", "2026-01-01 ",
	    " 2026-01-01", "2026-01-1a", "+026-01-01", "-026-01-01",
	    "2026-01-011", "20260101", "2026-01--1"};
	struct date date = {1, 2, 3};

	(void)state;
	for (size_t index = 0; index < sizeof(bad) / sizeof(*bad); index++) {
		if (date_parse(bytes_of_string(bad[index]), &date))
			fail_msg("'%s' is no date", bad[index]);
	}
	assert_false(date_parse(bytes_of(NULL, 0), &date));
	assert_int_equal(date.year, 1);
	assert_true(date_parse(bytes_of_string("2028-02-29"), &date));
	assert_int_equal(date.year, 2028);
	assert_int_equal(date.month, 2);
	assert_int_equal(date.day, 29);
}

static void writes_the_nearest_date_that_can_be_read(void **state)
{
	(void)state;
	assert_day(-1, "1970-01-01");
	assert_day(INT32_MIN, "1970-01-01");
	assert_day(2932896, "9999-12-31");
	assert_day(2932897, "9999-12-31");
	assert_day(INT32_MAX, "9999-12-31");
}

static void adds_months_and_stays_within_them(void **state)
{
	static const struct {
		const char *day;
		unsigned months;
		const char *wanted;
	} cases[] = {
	    {"2026-01-31", 1, "2026-02-28"},
	    {"2028-01-31", 1, "2028-02-29"},
	    {"2100-01-31", 1, "2100-02-28"},
	    {"2000-01-31", 1, "2000-02-29"},
	    {"2026-01-31", 2, "2026-03-31"},
	    {"2026-01-31", 3, "2026-04-30"},
	    {"2026-01-30", 1, "2026-02-28"},
	    {"2026-01-28", 1, "2026-02-28"},
	    {"2026-02-28", 1, "2026-03-28"},
	    {"2028-02-29", 12, "2029-02-28"},
	    {"2028-02-29", 48, "2032-02-29"},
	    {"2026-12-31", 1, "2027-01-31"},
	    {"2026-12-31", 2, "2027-02-28"},
	    {"2026-11-30", 3, "2027-02-28"},
	    {"2026-05-17", 0, "2026-05-17"},
	    {"2026-05-17", 12, "2027-05-17"},
	    {"2026-05-17", 1200, "2126-05-17"},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(*cases); index++)
		assert_day(day_add_months(
			       day_of(cases[index].day), cases[index].months),
		    cases[index].wanted);
}

/* Month by month, each lands in the month that is meant, as late as its day. */
static void adds_months_to_every_day_of_a_leap_cycle(void **state)
{
	int32_t first = day_of("2026-01-01");

	(void)state;
	for (int32_t day = first; day < first + 1461; day++) {
		struct date from = day_to_date(day);

		for (unsigned months = 0; months <= 48; months++) {
			int32_t later = day_add_months(day, months);
			struct date to = day_to_date(later);
			int32_t month =
			    from.year * 12 + from.month - 1 + (int32_t)months;

			assert_int_equal(to.year * 12 + to.month - 1, month);
			if (to.day != from.day)
				assert_int_equal(later, day_month_end(later));
			assert_true(to.day <= from.day);
		}
	}
}

static void knows_the_ends_and_starts_of_periods(void **state)
{
	(void)state;
	assert_day(day_month_end(day_of("2026-02-01")), "2026-02-28");
	assert_day(day_month_end(day_of("2028-02-29")), "2028-02-29");
	assert_day(day_month_end(day_of("2026-12-05")), "2026-12-31");
	assert_day(day_quarter_end(day_of("2026-01-01")), "2026-03-31");
	assert_day(day_quarter_end(day_of("2026-03-31")), "2026-03-31");
	assert_day(day_quarter_end(day_of("2026-04-01")), "2026-06-30");
	assert_day(day_quarter_end(day_of("2026-09-30")), "2026-09-30");
	assert_day(day_quarter_end(day_of("2026-10-31")), "2026-12-31");
	assert_day(day_year_end(day_of("2026-02-28")), "2026-12-31");
	assert_day(day_year_end(day_of("2026-12-31")), "2026-12-31");
	assert_day(day_month_start(day_of("2028-02-29")), "2028-02-01");
	assert_day(day_month_start(day_of("2026-03-01")), "2026-03-01");
	assert_day(day_year_start(day_of("2026-12-31")), "2026-01-01");
	assert_day(day_year_start(day_of("2026-01-01")), "2026-01-01");
}

static void knows_the_newest_anniversary(void **state)
{
	static const struct {
		const char *since;
		const char *day;
		const char *wanted;
	} cases[] = {
	    {"2026-05-17", "2026-05-17", "2026-05-17"},
	    {"2026-05-17", "2027-05-16", "2026-05-17"},
	    {"2026-05-17", "2027-05-17", "2027-05-17"},
	    {"2026-05-17", "2027-12-31", "2027-05-17"},
	    {"2026-12-31", "2027-01-01", "2026-12-31"},
	    {"2028-02-29", "2029-02-27", "2028-02-29"},
	    {"2028-02-29", "2029-02-28", "2029-02-28"},
	    {"2028-02-29", "2032-02-28", "2031-02-28"},
	    {"2028-02-29", "2032-02-29", "2032-02-29"},
	    {"2026-02-28", "2028-02-29", "2028-02-28"},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(*cases); index++)
		assert_day(day_anniversary(day_of(cases[index].since),
			       day_of(cases[index].day)),
		    cases[index].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_every_day_to_2400),
	    cmocka_unit_test(knows_the_days_that_everybody_knows),
	    cmocka_unit_test(reads_a_date_in_one_form_alone),
	    cmocka_unit_test(writes_the_nearest_date_that_can_be_read),
	    cmocka_unit_test(adds_months_and_stays_within_them),
	    cmocka_unit_test(adds_months_to_every_day_of_a_leap_cycle),
	    cmocka_unit_test(knows_the_ends_and_starts_of_periods),
	    cmocka_unit_test(knows_the_newest_anniversary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
