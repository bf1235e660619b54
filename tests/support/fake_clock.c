/*
 * fake_clock: libfaketime, told by a file that is replaced as a whole.
 */
#include "tests/support/fake_clock.h"

#include "tests/support/check.h"

#include <glob.h>
#include <stdio.h>
#include <time.h>

#define LIBRARY "/usr/lib/*/faketime/libfaketimeMT.so.1"

#if defined(__SANITIZE_THREAD__)
static const bool is_in_the_way = true;
#else
static const bool is_in_the_way = false;
#endif

static bool find_library(struct fake_clock *clock)
{
	glob_t found = {0};
	bool is_there = glob(LIBRARY, 0, NULL, &found) == 0;

	if (is_there)
		(void)snprintf(clock->preload, sizeof(clock->preload),
		    "LD_PRELOAD=%s", found.gl_pathv[0]);
	globfree(&found);
	return is_there;
}

bool fake_clock_init(struct fake_clock *clock, const struct place *place)
{
	if (is_in_the_way) {
		print_message("libfaketime and this sanitizer do not go "
			      "together\n");
		return false;
	}
	if (!find_library(clock)) {
		print_message("libfaketime is not here\n");
		return false;
	}
	place_join(place, "clock", clock->path);
	(void)snprintf(clock->file, sizeof(clock->file),
	    "FAKETIME_TIMESTAMP_FILE=%s", clock->path);
	clock->environment[0] = clock->preload;
	clock->environment[1] = clock->file;
	clock->environment[2] = "FAKETIME_FMT=%s";
	clock->environment[3] = "FAKETIME_NO_CACHE=1";
	clock->environment[4] = "FAKETIME_DONT_FAKE_MONOTONIC=1";
	clock->environment[5] = "NO_FAKE_STAT=1";
	/* Waiting by the monotonic clock is then left alone, too. */
	clock->environment[6] = "FAKETIME_FORCE_MONOTONIC_FIX=0";
	/* The address sanitizer wants to be first otherwise. */
	clock->environment[7] = "ASAN_OPTIONS=verify_asan_link_order=0";
	clock->environment[8] = NULL;
	fake_clock_set(clock, (long long)time(NULL));
	return true;
}

void fake_clock_set(const struct fake_clock *clock, long long time_s)
{
	char beside[PLACE_PATH_SIZE + 8];
	FILE *file;

	/* Whole or not at all: the server may be reading it. */
	(void)snprintf(beside, sizeof(beside), "%s.new", clock->path);
	file = fopen(beside, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "%lld\n", time_s) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(beside, clock->path), 0);
}

/* --- dates ---------------------------------------------------------------- */

long long utc_s(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = {.tm_year = year - 1900,
	    .tm_mon = month - 1,
	    .tm_mday = day,
	    .tm_hour = hour,
	    .tm_min = minute,
	    .tm_sec = second};

	return (long long)timegm(&tm);
}

int next_leap_year(void)
{
	time_t now = time(NULL);
	struct tm tm;
	int year;

	assert_non_null(gmtime_r(&now, &tm));
	year = tm.tm_year + 1900;
	do {
		year++;
	} while (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0));
	return year;
}

int last_sunday(int year, int month)
{
	time_t last = (time_t)utc_s(year, month, 31, 12, 0, 0);
	struct tm tm;

	assert_non_null(gmtime_r(&last, &tm));
	return 31 - tm.tm_wday;
}
