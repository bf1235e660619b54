/*
 * fake_clock: a server's wall clock that stands where a test has put it.
 *
 * It is libfaketime's (Debian: libfaketime), which a server is started under;
 * the clock moves by fake_clock_set() alone, also while the server runs. Its
 * monotonic clock goes on as it does, and so does the time of the test and of
 * `tally`. Certificates are made when a shop and its tills are enrolled, so
 * that is done before the clock is put ahead.
 */
#ifndef TESTS_SUPPORT_FAKE_CLOCK_H
#define TESTS_SUPPORT_FAKE_CLOCK_H

#include <stdbool.h>

#include "tests/support/place.h"

struct fake_clock {
	char path[PLACE_PATH_SIZE]; /* of the file with the time */
	char preload[PLACE_PATH_SIZE + 32];
	char file[PLACE_PATH_SIZE + 32];
	const char *environment[9]; /* for struct process_options */
};

/* A clock in this place, at the present. False, with a message, where there is
 * no libfaketime, or the sanitizers do not go with it. */
bool fake_clock_init(struct fake_clock *clock, const struct place *place);
/* Seconds since 1970, UTC. */
void fake_clock_set(const struct fake_clock *clock, long long time_s);

/* A moment of UTC as such seconds; days past a month's end go on. */
long long utc_s(int year, int month, int day, int hour, int minute, int second);
/* The first leap year after the present one. */
int next_leap_year(void);
/* The day of the month of the last Sunday of a month of 31 days. */
int last_sunday(int year, int month);

#endif
