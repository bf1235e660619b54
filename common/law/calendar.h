/*
 * calendar: days, dates and time zones, pure and for ever.
 *
 * A day is counted from 1970-01-01 (day 0), proleptic Gregorian. A time zone is
 * a rule of POSIX (IEEE Std 1003.1-2017, 8.3, the expanded form of TZ, with
 * RFC 8536's hours of -167 to 167 in the rules):
 *
 *     CET-1CEST,M3.5.0,M10.5.0/3
 *
 * so that an entry is judged alike on every machine and in every year, whatever
 * its zoneinfo says. No libc time function, locale or environment is used.
 */
#ifndef COMMON_LAW_CALENDAR_H
#define COMMON_LAW_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"

#define DAY_MS 86400000u

struct date {
	int32_t year;  /* 1970 … 9999 */
	uint8_t month; /* 1 … 12 */
	uint8_t day;   /* 1 … 31 */
};

int32_t date_to_day(struct date date);
struct date day_to_date(int32_t day);
/* "2026-02-28"; false for anything else, or for a day that is not there. */
bool date_parse(struct bytes text, struct date *ret_date);
/* As it is parsed; a day outside of these years as the nearest one in them. */
#define DATE_SIZE 11 /* with the NUL */
void day_format(int32_t day, char ret_text[DATE_SIZE]);
/* 0 is Monday. */
unsigned day_weekday(int32_t day);
/* The same day of the month `months` later, or that month's last where it has
 * no such day: 31 January and 1 month is 28 or 29 February. */
int32_t day_add_months(int32_t day, unsigned months);
/* The last day of the month, quarter, or year that `day` is in. */
int32_t day_month_end(int32_t day);
int32_t day_quarter_end(int32_t day);
int32_t day_year_end(int32_t day);
/* The first of them. */
int32_t day_month_start(int32_t day);
int32_t day_year_start(int32_t day);
/* The newest anniversary of `since` that is not after `day`; 29 February is
 * kept on 28 February in other years. `since` is not after `day`. */
int32_t day_anniversary(int32_t since, int32_t day);

/* When a rule changes the clock. */
struct zone_change {
	enum { ZONE_MONTH_WEEK_DAY, ZONE_JULIAN, ZONE_DAY } form;
	uint16_t day; /* Mm.w.d: d from 0, Sunday; Jn: 1 … 365; n: 0 … 365 */
	uint8_t month;
	uint8_t week;	/* 1 … 5 */
	int32_t second; /* of that day, local time before the change */
};

#define ZONE_SIZE_MAX 64u /* bytes of a rule */
struct zone {
	int32_t offset_s; /* east of UTC, standard time */
	bool has_summer;
	int32_t summer_offset_s;
	struct zone_change summer_starts;
	struct zone_change summer_ends;
};

/* False for what is no rule; `UTC0` is UTC. */
bool zone_parse(struct bytes text, struct zone *ret_zone);

/* A moment as a clock on the wall there shows it; after the year 9999, that
 * year's last. */
struct local_time {
	int32_t day;
	uint16_t minute; /* of the day: 0 … 1439 */
};
struct local_time zone_local(const struct zone *zone, uint64_t time_ms);
/* The first moment of a local day, for those who show it. */
uint64_t zone_day_starts_ms(const struct zone *zone, int32_t day);

#endif
