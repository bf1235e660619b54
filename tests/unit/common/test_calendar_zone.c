/*
 * Time zones: rules read or refused, and clocks that agree with libc's under
 * the same rule, to the second, in both directions of each change.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/law/calendar.h"

#define MOMENTS 5000
#define YEAR_2400_S 13569465600ll

/* North and south, half hours, signs in names, changes over midnight and
 * before it, Julian days with and without the leap day, a winter that is the
 * exception. */
static const char *const rules[] = {
    "UTC0",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "GMT0BST,M3.5.0/1,M10.5.0",
    "EET-2EEST,M3.5.0/3,M10.5.0/4",
    "EST5EDT,M3.2.0,M11.1.0",
    "NST3:30NDT,M3.2.0,M11.1.0",
    "CST5CDT,M3.2.0/0,M11.1.0/1",
    "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
    "<+0330>-3:30<+0430>,J79/24,J263/24",
    "<+03>-3",
    "IST-5:30",
    "<+0545>-5:45",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "AAA3:00:30BBB2:00:15,59/1:02:03,300/22:59:59",
    "AAA3BBB,J60/0,J59/0",
    "<AB1>-24<CD2>24,M6.1.1,M7.1.1",
};
#define RULE_COUNT (sizeof(rules) / sizeof(*rules))

static struct zone zone_of(const char *rule)
{
	struct zone zone;

	if (!zone_parse(bytes_of_string(rule), &zone))
		fail_msg("'%s' is not read", rule);
	return zone;
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 20;
}

static void set_libc_zone(const char *rule)
{
	assert_int_equal(setenv("TZ", rule, 1), 0);
	tzset();
}

static struct tm libc_local(int64_t time_s)
{
	time_t moment = (time_t)time_s;
	struct tm local;

	assert_non_null(localtime_r(&moment, &local));
	return local;
}

static void assert_agrees(const char *rule, int64_t time_s)
{
	struct zone zone = zone_of(rule);
	struct local_time ours = zone_local(&zone, (uint64_t)time_s * 1000);
	struct date date = day_to_date(ours.day);
	struct tm libc = libc_local(time_s);

	if (date.year != libc.tm_year + 1900 || date.month != libc.tm_mon + 1 ||
	    date.day != libc.tm_mday ||
	    ours.minute != libc.tm_hour * 60 + libc.tm_min ||
	    (day_weekday(ours.day) + 1) % 7 != (unsigned)libc.tm_wday)
		fail_msg("%s at %lld: %d-%u-%u, minute %u; libc: %d-%d-%d, "
			 "minute %d",
		    rule, (long long)time_s, date.year, date.month, date.day,
		    ours.minute, libc.tm_year + 1900, libc.tm_mon + 1,
		    libc.tm_mday, libc.tm_hour * 60 + libc.tm_min);
}

static void agrees_with_libc_at_any_moment(void **state)
{
	uint64_t random = 42;

	(void)state;
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		set_libc_zone(rules[rule]);
		for (size_t index = 0; index < MOMENTS; index++)
			assert_agrees(
			    rules[rule], (int64_t)(next_random(&random) %
						   (uint64_t)YEAR_2400_S));
	}
}

/* The moment in (before, after] from which libc's clock goes otherwise. */
static int64_t find_change(int64_t before, int64_t after)
{
	long offset = libc_local(before).tm_gmtoff;

	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (libc_local(middle).tm_gmtoff == offset)
			before = middle;
		else
			after = middle;
	}
	return after;
}

static void agrees_with_libc_around_each_change(void **state)
{
	static const int64_t near[] = {
	    -86400, -3600, -60, -2, -1, 0, 1, 59, 60, 3600, 86400};

	(void)state;
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		size_t changes = 0;

		set_libc_zone(rules[rule]);
		for (int64_t day = 10957; day < 10957 + 60 * 366; day++) {
			int64_t from = day * 86400;
			int64_t change;

			if (libc_local(from).tm_gmtoff ==
			    libc_local(from + 86400).tm_gmtoff)
				continue;
			change = find_change(from, from + 86400);
			changes++;
			for (size_t index = 0;
			     index < sizeof(near) / sizeof(*near); index++)
				assert_agrees(
				    rules[rule], change + near[index]);
		}
		if (zone_of(rules[rule]).has_summer)
			assert_true(changes >= 119);
	}
}

static void agrees_with_libc_around_each_new_year_and_leap_day(void **state)
{
	(void)state;
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		set_libc_zone(rules[rule]);
		for (int32_t year = 1971; year <= 2400; year++) {
			int64_t start = date_to_day((struct date){year, 1, 1});
			int64_t march = date_to_day((struct date){year, 3, 1});

			for (int64_t hour = -30; hour <= 30; hour++) {
				assert_agrees(
				    rules[rule], start * 86400 + hour * 3600);
				assert_agrees(rules[rule],
				    march * 86400 + hour * 3600 - 1);
			}
		}
	}
}

/* Local time as "2026-03-27 02:59". */
static void assert_shows(const char *rule, const char *utc_day,
    unsigned utc_minute, const char *wanted_day, unsigned wanted_minute)
{
	struct zone zone = zone_of(rule);
	struct local_time local;
	struct date date;
	char text[DATE_SIZE];

	assert_true(date_parse(bytes_of_string(utc_day), &date));
	local = zone_local(&zone, (uint64_t)date_to_day(date) * DAY_MS +
				      utc_minute * 60000ull + 59999);
	day_format(local.day, text);
	assert_string_equal(text, wanted_day);
	assert_int_equal(local.minute, wanted_minute);
}

/* Where libc's own reading of a rule is cut short (RFC 8536, 3.3.1). */
static void takes_hours_beyond_a_day(void **state)
{
	static const char jerusalem[] = "IST-2IDT,M3.4.4/26,M10.5.0";
	static const char far[] = "AAA0BBB,M3.1.0/-167,M10.1.0/+167:59:59";

	(void)state;
	/* The Friday before the last Sunday of March, at 2. */
	assert_shows(jerusalem, "2026-03-26", 1439, "2026-03-27", 119);
	assert_shows(jerusalem, "2026-03-27", 0, "2026-03-27", 180);
	assert_shows(jerusalem, "2026-10-24", 1379, "2026-10-25", 119);
	assert_shows(jerusalem, "2026-10-24", 1380, "2026-10-25", 60);
	/* 2026-03-01 was a Sunday: a week less an hour before it. */
	assert_shows(far, "2026-02-22", 59, "2026-02-22", 59);
	assert_shows(far, "2026-02-22", 60, "2026-02-22", 120);
	/* 2026-10-04, and a week less a second: 22:59:59 on the 10th, UTC. */
	assert_shows(far, "2026-10-10", 1378, "2026-10-10", 1438);
	assert_shows(far, "2026-10-10", 1379, "2026-10-10", 1379);
}

/* A start of late October that comes on 3 November, and an end of November that
 * comes the day before: all the year is summer, but for what is between. */
static void keeps_changes_that_their_hours_turn_round(void **state)
{
	static const char rule[] = "AAA5BBB7,M10.5.1/133,M11.2.5/-142";

	(void)state;
	assert_shows(rule, "2024-04-15", 720, "2024-04-15", 300);
	assert_shows(rule, "2024-09-03", 0, "2024-09-02", 1020);
	assert_shows(rule, "2024-11-02", 1020, "2024-11-02", 720);
	assert_shows(rule, "2024-12-15", 720, "2024-12-15", 300);
}

static void keeps_a_summer_without_end(void **state)
{
	static const char rule[] = "EST5EDT,0/0,J365/25";
	struct zone zone = zone_of(rule);

	(void)state;
	for (int64_t hour = 24; hour < 24 * 366 * 40; hour++) {
		struct local_time local =
		    zone_local(&zone, (uint64_t)hour * 3600000);

		assert_int_equal(
		    (int64_t)local.day * 24 + local.minute / 60, hour - 4);
		assert_int_equal(local.minute % 60, 0);
	}
}

static void reads_what_a_rule_says(void **state)
{
	struct zone zone = zone_of("AAA3:00:30BBB2:00:15,59/1:02:03,J300/-7");

	(void)state;
	assert_int_equal(zone.offset_s, -10830);
	assert_true(zone.has_summer);
	assert_int_equal(zone.summer_offset_s, -7215);
	assert_int_equal(zone.summer_starts.form, ZONE_DAY);
	assert_int_equal(zone.summer_starts.day, 59);
	assert_int_equal(zone.summer_starts.second, 3723);
	assert_int_equal(zone.summer_ends.form, ZONE_JULIAN);
	assert_int_equal(zone.summer_ends.day, 300);
	assert_int_equal(zone.summer_ends.second, -25200);
	zone = zone_of("<+1030>-10:30<+11>,M10.1.0,M4.5.6/3");
	assert_int_equal(zone.offset_s, 37800);
	assert_int_equal(zone.summer_offset_s, 41400);
	assert_int_equal(zone.summer_starts.form, ZONE_MONTH_WEEK_DAY);
	assert_int_equal(zone.summer_starts.month, 10);
	assert_int_equal(zone.summer_starts.week, 1);
	assert_int_equal(zone.summer_starts.day, 0);
	assert_int_equal(zone.summer_starts.second, 7200);
	assert_int_equal(zone.summer_ends.week, 5);
	assert_int_equal(zone.summer_ends.day, 6);
	assert_false(zone_of("MST7").has_summer);
}

static void refuses_what_is_no_rule(void **state)
{
	static const char *const bad[] = {"", "UTC", "0", "UT0",
	    "Europe/Berlin", ":UTC0", "UTC0 ", " UTC0", "UTC+", "UTC25",
	    "UTC0:60", "UTC0:0:60", "UTC0:", "UTC0:0:", "UTC--1", "UTC0x",
	    "U1C0", "<UTC0", "<UT>0", "<U C>0", "<\xc3\xa9\xc3\xa9>0",
	    "EST5EDT", "EST5EDT4", "EST5ED", "EST5EDT,M3.2.0",
	    "EST5EDT,M3.2.0,", "EST5EDT,M3.2.0,M11.1.0,",
	    "EST5EDT,M0.2.0,M11.1.0", "EST5EDT,M13.2.0,M11.1.0",
	    "EST5EDT,M3.0.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
	    "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2,M11.1.0", "EST5EDT,J0,J365",
	    "EST5EDT,J1,J366", "EST5EDT,0,366", "EST5EDT,1,J",
	    "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0/-168,M11.1.0",
	    "EST5EDT,M3.2.0/,M11.1.0", "EST5EDT,M3.2.0/2:60,M11.1.0",
	    "EST5EDT 4,M3.2.0,M11.1.0", "EST5EDT25,M3.2.0,M11.1.0",
	    "EST5EDT,M3.2.0,M11.1.0/2x", "EST5EDT,M3.2.0/0002,M11.1.0",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "0"};
	struct zone zone = {.offset_s = 7};

	(void)state;
	for (size_t index = 0; index < sizeof(bad) / sizeof(*bad); index++) {
		if (zone_parse(bytes_of_string(bad[index]), &zone))
			fail_msg("'%s' is no rule", bad[index]);
	}
	assert_false(zone_parse(bytes_of("UTC0\0", 5), &zone));
	assert_false(zone_parse(bytes_of(NULL, 0), &zone));
	assert_int_equal(zone.offset_s, 7);
}

/* No prefix of a rule is read past its end: a copy of just its size. */
static void reads_or_refuses_every_prefix(void **state)
{
	(void)state;
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		for (size_t size = 0; size <= strlen(rules[rule]); size++) {
			uint8_t *copy = malloc(size + (size == 0));
			struct zone zone;
			bool read;

			assert_non_null(copy);
			memcpy(copy, rules[rule], size);
			read = zone_parse(bytes_of(copy, size), &zone);
			assert_true(read || size < strlen(rules[rule]));
			free(copy);
		}
	}
}

/* The first minute that belongs to the day, looked for from long before. */
static uint64_t first_minute_ms(const struct zone *zone, int32_t day)
{
	uint64_t time_ms = (uint64_t)(day - 2) * DAY_MS;

	while (zone_local(zone, time_ms).day < day)
		time_ms += 60000;
	return time_ms;
}

static void finds_the_first_moment_of_a_day(void **state)
{
	(void)state;
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		struct zone zone = zone_of(rules[rule]);
		int32_t first = date_to_day((struct date){2027, 12, 25});

		for (int32_t day = first; day < first + 380; day++) {
			uint64_t starts_ms = zone_day_starts_ms(&zone, day);

			assert_true(zone_local(&zone, starts_ms).day >= day);
			assert_true(zone_local(&zone, starts_ms - 1).day < day);
			if (rule == 17) /* has seconds in its offsets */
				continue;
			assert_int_equal(
			    starts_ms, first_minute_ms(&zone, day));
		}
	}
}

static void starts_days_of_the_epoch_and_of_the_end(void **state)
{
	struct zone east = zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
	struct zone west = zone_of("EST5EDT,M3.2.0,M11.1.0");
	struct local_time last = zone_local(&west, UINT64_MAX);

	(void)state;
	assert_int_equal(zone_day_starts_ms(&east, 0), 0);
	assert_int_equal(zone_day_starts_ms(&east, 1), DAY_MS - 3600000);
	assert_int_equal(zone_day_starts_ms(&west, 0), 5 * 3600000);
	assert_int_equal(zone_local(&west, 0).day, -1);
	assert_int_equal(zone_local(&west, 0).minute, 19 * 60);
	assert_int_equal(day_to_date(last.day).year, 9999);
	assert_true(last.minute < 1440);
	assert_true(zone_day_starts_ms(&west, INT32_MAX) > 0);
}

/* What the machine is set to is nobody's business. */
static void asks_neither_the_environment_nor_the_locale(void **state)
{
	static const char *const machines[] = {"UTC0", "XYZ-13", "ABC11",
	    "EST5EDT,M3.2.0,M11.1.0", ":/no/such/zone"};
	struct zone zone = zone_of("NZST-12NZDT,M9.5.0,M4.1.0/3");
	uint64_t sums[sizeof(machines) / sizeof(*machines)] = {0};

	(void)state;
	for (size_t index = 0; index < sizeof(machines) / sizeof(*machines);
	     index++) {
		uint64_t random = 7;

		set_libc_zone(machines[index]);
		for (size_t moment = 0; moment < 1000; moment++) {
			struct local_time local =
			    zone_local(&zone, next_random(&random));

			sums[index] = sums[index] * 31 +
				      (uint64_t)local.day * 1440 + local.minute;
		}
		assert_int_equal(sums[index], sums[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_libc_at_any_moment),
	    cmocka_unit_test(agrees_with_libc_around_each_change),
	    cmocka_unit_test(
		agrees_with_libc_around_each_new_year_and_leap_day),
	    cmocka_unit_test(takes_hours_beyond_a_day),
	    cmocka_unit_test(keeps_changes_that_their_hours_turn_round),
	    cmocka_unit_test(keeps_a_summer_without_end),
	    cmocka_unit_test(reads_what_a_rule_says),
	    cmocka_unit_test(refuses_what_is_no_rule),
	    cmocka_unit_test(reads_or_refuses_every_prefix),
	    cmocka_unit_test(finds_the_first_moment_of_a_day),
	    cmocka_unit_test(starts_days_of_the_epoch_and_of_the_end),
	    cmocka_unit_test(asks_neither_the_environment_nor_the_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
