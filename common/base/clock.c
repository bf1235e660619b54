/*
 * clock: the system's two clocks, and a time as text.
 */
#include "common/base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#define DAY_MS 86400000ull
#define TEXT_MS_MAX 253402300799999ull /* 9999-12-31T23:59:59.999Z */

static struct timespec clock_read(clockid_t id)
{
	struct timespec now;
	int failed = clock_gettime(id, &now);

	assert(failed == 0);
	return now;
}

static uint64_t clock_ms(clockid_t id)
{
	struct timespec now = clock_read(id);

	/* A machine set to a time before 1970 reads as 1970. */
	if (now.tv_sec < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t clock_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

uint64_t clock_monotonic_us(void)
{
	struct timespec now = clock_read(CLOCK_MONOTONIC);

	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct date {
	unsigned year, month, day;
};

/*
 * The Gregorian date of a day counted from 1970-01-01. Years are counted from
 * March, so that the leap day comes last, and in eras of 400 years, which all
 * have 146097 days. gmtime_r() is not pure: it counts leap seconds where TZ
 * names a "right/" zone.
 */
static struct date date_of_day(uint64_t day)
{
	uint64_t shifted = day + 719468; /* days since 0000-03-01 */
	unsigned era = (unsigned)(shifted / 146097);
	unsigned of_era = (unsigned)(shifted % 146097);
	unsigned year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153; /* 0 is March */
	struct date date = {
	    .year = era * 400 + year + (month >= 10 ? 1 : 0),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = of_year - (153 * month + 2) / 5 + 1,
	};

	return date;
}

void clock_format_ms(uint64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	uint64_t capped = wall_ms < TEXT_MS_MAX ? wall_ms : TEXT_MS_MAX;
	struct date date = date_of_day(capped / DAY_MS);
	unsigned ms = (unsigned)(capped % DAY_MS);
	/* Room for what the compiler believes the numbers may be. */
	char text[64];

	snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    date.year, date.month, date.day, ms / 3600000, ms / 60000 % 60,
	    ms / 1000 % 60, ms % 1000);
	snprintf(ret_text, CLOCK_TEXT_SIZE, "%.24s", text);
}
