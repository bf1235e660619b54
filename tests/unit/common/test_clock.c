/*
 * Tests of clock: dates against published ones and against the C library.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"

#define DAY_MS 86400000ull

static void formats_known_times(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} known[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {1, "1970-01-01T00:00:00.001Z"},
	    {999, "1970-01-01T00:00:00.999Z"},
	    {DAY_MS - 1, "1970-01-01T23:59:59.999Z"},
	    {DAY_MS, "1970-01-02T00:00:00.000Z"},
	    {951782399999, "2000-02-28T23:59:59.999Z"},
	    {951782400000, "2000-02-29T00:00:00.000Z"},
	    {951868800000, "2000-03-01T00:00:00.000Z"},
	    {1000000000000, "2001-09-09T01:46:40.000Z"},
	    {1234567890123, "2009-02-13T23:31:30.123Z"},
	    {1709164800000, "2024-02-29T00:00:00.000Z"},
	    {1735689599999, "2024-12-31T23:59:59.999Z"},
	    {1735689600000, "2025-01-01T00:00:00.000Z"},
	    {2147483648000, "2038-01-19T03:14:08.000Z"},
	    {4107542400000, "2100-03-01T00:00:00.000Z"},
	    {4107456000000, "2100-02-28T00:00:00.000Z"},
	    {253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		clock_format_ms(known[i].ms, text);
		assert_string_equal(text, known[i].text);
	}
}

static void a_year_past_9999_is_the_last_of_all_times(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format_ms(253402300800000, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_format_ms(UINT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void every_day_until_2400_agrees_with_the_library(void **state)
{
	char text[CLOCK_TEXT_SIZE];
	char wanted[CLOCK_TEXT_SIZE];

	(void)state;
	for (uint64_t day = 0; day < 157100; day++) {
		time_t seconds = (time_t)(day * 86400 + day % 86400);
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		clock_format_ms((uint64_t)seconds * 1000 + 7, text);
		assert_string_equal(text, wanted);
	}
}

static void the_zone_of_the_machine_does_not_matter(void **state)
{
	static const char *const zones[] = {
	    "Asia/Kathmandu", "America/St_Johns", "EST5EDT", "right/UTC"};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		clock_format_ms(1735689600000, text);
		assert_string_equal(text, "2025-01-01T00:00:00.000Z");
	}
	unsetenv("TZ");
	tzset();
}

static void the_wall_clock_is_the_systems(void **state)
{
	struct timespec before, after;
	uint64_t now;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	now = clock_wall_ms();
	clock_gettime(CLOCK_REALTIME, &after);
	assert_true(now >= (uint64_t)before.tv_sec * 1000);
	assert_true(now <= (uint64_t)after.tv_sec * 1000 + 999);
}

static void the_monotonic_clocks_do_not_go_back(void **state)
{
	uint64_t last_ms = clock_monotonic_ms();
	uint64_t last_us = clock_monotonic_us();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t ms = clock_monotonic_ms();
		uint64_t us = clock_monotonic_us();

		assert_true(ms >= last_ms);
		assert_true(us >= last_us);
		last_ms = ms;
		last_us = us;
	}
}

static void the_monotonic_clocks_share_their_start(void **state)
{
	uint64_t before = clock_monotonic_us();
	uint64_t ms = clock_monotonic_ms();
	uint64_t after = clock_monotonic_us();

	(void)state;
	assert_true(ms >= before / 1000);
	assert_true(ms <= after / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formats_known_times),
	    cmocka_unit_test(a_year_past_9999_is_the_last_of_all_times),
	    cmocka_unit_test(every_day_until_2400_agrees_with_the_library),
	    cmocka_unit_test(the_zone_of_the_machine_does_not_matter),
	    cmocka_unit_test(the_wall_clock_is_the_systems),
	    cmocka_unit_test(the_monotonic_clocks_do_not_go_back),
	    cmocka_unit_test(the_monotonic_clocks_share_their_start),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
