/*
 * calendar_zone: owns POSIX rules for time zones: reading one, and what a clock
 * on the wall shows under it.
 */
#include "common/law/calendar.h"

#include <stdlib.h>

#define HOUR_S 3600
#define DAY_S 86400
#define OFFSET_HOURS_MAX 24	       /* of an offset */
#define CHANGE_HOURS_MAX 167	       /* of a change, either way */
#define TIME_MS_MAX 253402300799999ull /* the last of the year 9999, UTC */
#define CHANGE_S 7200		       /* where a change says no time */

/* --- reading ---------------------------------------------------------------
 *
 * A scan is what is left of a rule. Each step takes what it is about from the
 * front, and answers false, for good, where that is not there.
 */

struct scan {
	struct bytes left;
};

static bool scan_character(struct scan *scan, char character)
{
	if (scan->left.size == 0 || scan->left.data[0] != (uint8_t)character)
		return false;
	scan->left = bytes_of(&scan->left.data[1], scan->left.size - 1);
	return true;
}

static bool is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

static bool is_letter(uint8_t letter)
{
	return (letter >= 'A' && letter <= 'Z') ||
	       (letter >= 'a' && letter <= 'z');
}

/* `size_min` to `size_max` digits, `min` to `max`. */
static bool scan_number(struct scan *scan, size_t size_max, int32_t min,
    int32_t max, int32_t *ret_number)
{
	int32_t number = 0;
	size_t size = 0;

	while (size < size_max && size < scan->left.size &&
	       is_digit(scan->left.data[size])) {
		number = number * 10 + (scan->left.data[size] - '0');
		size++;
	}
	if (size == 0 || number < min || number > max)
		return false;
	scan->left = bytes_of(&scan->left.data[size], scan->left.size - size);
	*ret_number = number;
	return true;
}

/* Three letters or more; or letters, digits and signs between '<' and '>'. */
static bool scan_name(struct scan *scan)
{
	bool quoted = scan_character(scan, '<');
	const uint8_t *data = scan->left.data;
	size_t size = 0;

	while (size < scan->left.size &&
	       (is_letter(data[size]) ||
		   (quoted && (is_digit(data[size]) || data[size] == '+' ||
				  data[size] == '-'))))
		size++;
	if (size < 3)
		return false;
	scan->left = bytes_of(&data[size], scan->left.size - size);
	return !quoted || scan_character(scan, '>');
}

/* [+-]hh[:mm[:ss]], in seconds. */
static bool scan_time(struct scan *scan, int32_t hours_max, int32_t *ret_second)
{
	bool negative = scan_character(scan, '-');
	int32_t hours;
	int32_t minutes = 0;
	int32_t seconds = 0;

	if (!negative)
		(void)scan_character(scan, '+');
	if (!scan_number(scan, 3, 0, hours_max, &hours))
		return false;
	if (scan_character(scan, ':')) {
		if (!scan_number(scan, 2, 0, 59, &minutes))
			return false;
		if (scan_character(scan, ':') &&
		    !scan_number(scan, 2, 0, 59, &seconds))
			return false;
	}
	*ret_second = hours * HOUR_S + minutes * 60 + seconds;
	if (negative)
		*ret_second = -*ret_second;
	return true;
}

/* A rule says what is added to local time; we keep what is added to UTC. */
static bool scan_offset(struct scan *scan, int32_t *ret_offset_s)
{
	int32_t west_s;

	if (!scan_time(scan, OFFSET_HOURS_MAX, &west_s))
		return false;
	*ret_offset_s = -west_s;
	return true;
}

static bool scan_month_week_day(
    struct scan *scan, struct zone_change *ret_change)
{
	int32_t month;
	int32_t week;
	int32_t day;

	if (!scan_number(scan, 2, 1, 12, &month) ||
	    !scan_character(scan, '.') || !scan_number(scan, 1, 1, 5, &week) ||
	    !scan_character(scan, '.') || !scan_number(scan, 1, 0, 6, &day))
		return false;
	ret_change->form = ZONE_MONTH_WEEK_DAY;
	ret_change->month = (uint8_t)month;
	ret_change->week = (uint8_t)week;
	ret_change->day = (uint16_t)day;
	return true;
}

static bool scan_day(struct scan *scan, struct zone_change *ret_change)
{
	bool is_julian = scan_character(scan, 'J');
	int32_t day;

	if (!scan_number(scan, 3, is_julian ? 1 : 0, 365, &day))
		return false;
	ret_change->form = is_julian ? ZONE_JULIAN : ZONE_DAY;
	ret_change->day = (uint16_t)day;
	return true;
}

static bool scan_change(struct scan *scan, struct zone_change *ret_change)
{
	if (!scan_character(scan, ','))
		return false;
	if (scan_character(scan, 'M')) {
		if (!scan_month_week_day(scan, ret_change))
			return false;
	} else if (!scan_day(scan, ret_change)) {
		return false;
	}
	ret_change->second = CHANGE_S;
	return !scan_character(scan, '/') ||
	       scan_time(scan, CHANGE_HOURS_MAX, &ret_change->second);
}

/* The offset of summer time may be left out: an hour more. Its changes may not:
 * what they would be then is each machine's own. */
static bool scan_summer(struct scan *scan, struct zone *zone)
{
	zone->has_summer = true;
	zone->summer_offset_s = zone->offset_s + HOUR_S;
	if (!scan_name(scan))
		return false;
	if (scan->left.size > 0 && scan->left.data[0] != ',' &&
	    !scan_offset(scan, &zone->summer_offset_s))
		return false;
	return scan_change(scan, &zone->summer_starts) &&
	       scan_change(scan, &zone->summer_ends);
}

bool zone_parse(struct bytes text, struct zone *ret_zone)
{
	struct scan scan = {text};
	struct zone zone = {0};

	if (text.size > ZONE_SIZE_MAX || !scan_name(&scan) ||
	    !scan_offset(&scan, &zone.offset_s))
		return false;
	if (scan.left.size > 0 && !scan_summer(&scan, &zone))
		return false;
	if (scan.left.size > 0)
		return false;
	*ret_zone = zone;
	return true;
}

/* --- clocks --------------------------------------------------------------- */

/* The first day of the month after. */
static int32_t next_month(int32_t year, unsigned month)
{
	struct date date = {year + (month == 12), (uint8_t)(month % 12 + 1), 1};

	return date_to_day(date);
}

/* Mm.w.d: the w-th such weekday of the month; the 5th is its last. */
static int32_t nth_weekday(const struct zone_change *change, int32_t year)
{
	unsigned wanted = (change->day + 6u) % 7; /* Sunday is 0 there */
	int32_t first;

	if (change->week == 5) {
		int32_t last = next_month(year, change->month) - 1;

		return last - (int32_t)((day_weekday(last) + 7 - wanted) % 7);
	}
	first = date_to_day((struct date){year, change->month, 1});
	return first + (int32_t)((wanted + 7 - day_weekday(first)) % 7) +
	       7 * (change->week - 1);
}

/* Jn: the leap day is not counted, and cannot be named; 1 March is J60. */
static int32_t julian_day(const struct zone_change *change, int32_t year)
{
	int32_t first = date_to_day((struct date){year, 1, 1});
	int32_t march = date_to_day((struct date){year, 3, 1});
	bool is_leap = march - first == 60;

	return first + change->day - 1 + (is_leap && change->day >= 60);
}

/* When a year's change comes, in seconds since 1970 UTC; `offset_s` is that of
 * the time before it. */
static int64_t change_comes(
    const struct zone_change *change, int32_t year, int32_t offset_s)
{
	int32_t day;

	if (change->form == ZONE_MONTH_WEEK_DAY)
		day = nth_weekday(change, year);
	else if (change->form == ZONE_JULIAN)
		day = julian_day(change, year);
	else
		day = date_to_day((struct date){year, 1, 1}) + change->day;
	return (int64_t)day * DAY_S + change->second - offset_s;
}

static int64_t summer_starts(const struct zone *zone, int32_t year)
{
	return change_comes(&zone->summer_starts, year, zone->offset_s);
}

static int64_t summer_ends(const struct zone *zone, int32_t year)
{
	return change_comes(&zone->summer_ends, year, zone->summer_offset_s);
}

/* Does a summer that starts in `year` cover the moment? South of the equator it
 * ends in the year after. One that never ends does so when the next starts. */
static bool is_in_summer_of(
    const struct zone *zone, int32_t year, int64_t time_s)
{
	int64_t starts = summer_starts(zone, year);
	int64_t ends = summer_ends(zone, year);

	if (time_s < starts)
		return false;
	if (ends <= starts)
		ends = summer_ends(zone, year + 1);
	return time_s < ends;
}

/* A change can be up to a week outside of the year that it is named in, so that
 * around New Year those of the years beside count as well. */
static bool is_near_new_year(struct date date)
{
	return (date.month == 1 && date.day <= 10) ||
	       (date.month == 12 && date.day >= 20);
}

static bool is_summer_near(
    const struct zone *zone, int32_t year, int64_t time_s)
{
	return is_in_summer_of(zone, year - 1, time_s) ||
	       is_in_summer_of(zone, year, time_s) ||
	       is_in_summer_of(zone, year + 1, time_s);
}

/* Within a year, over whose end it may go. */
static bool is_from_until(int64_t place, int64_t from, int64_t until)
{
	if (from < until)
		return from <= place && place < until;
	return place < until || from <= place;
}

/* More than a week before or after the month of a change, which its time of day
 * cannot bridge. */
static bool is_far_from(const struct zone_change *change, struct date date)
{
	int first = 31 * change->month + 1;
	int place = 31 * date.month + date.day;

	return change->form == ZONE_MONTH_WEEK_DAY &&
	       (place < first - 12 || place > first + 30 + 12);
}

/* The same far from New Year, where two changes say it all. Far from both of
 * them their months do, where those are not so near that their times of day
 * could turn the order round. */
static bool is_summer_within(
    const struct zone *zone, struct date date, int64_t time_s)
{
	const struct zone_change *starts = &zone->summer_starts;
	const struct zone_change *ends = &zone->summer_ends;

	if (abs(starts->month - ends->month) > 1 && is_far_from(starts, date) &&
	    is_far_from(ends, date))
		return is_from_until(date.month, starts->month, ends->month);
	return is_from_until(time_s, summer_starts(zone, date.year),
	    summer_ends(zone, date.year));
}

static int32_t offset_at(const struct zone *zone, int64_t time_s)
{
	struct date date;
	bool is_summer;

	if (!zone->has_summer)
		return zone->offset_s;
	date = day_to_date((int32_t)(time_s / DAY_S));
	is_summer = is_near_new_year(date)
			? is_summer_near(zone, date.year, time_s)
			: is_summer_within(zone, date, time_s);
	return is_summer ? zone->summer_offset_s : zone->offset_s;
}

static int32_t local_day(int64_t local_s)
{
	return (int32_t)(local_s / DAY_S - (local_s % DAY_S < 0));
}

struct local_time zone_local(const struct zone *zone, uint64_t time_ms)
{
	int64_t time_s =
	    (int64_t)(time_ms < TIME_MS_MAX ? time_ms : TIME_MS_MAX) / 1000;
	int64_t local_s = time_s + offset_at(zone, time_s);
	int32_t day = local_day(local_s);
	struct local_time local = {
	    .day = day,
	    .minute = (uint16_t)((local_s - (int64_t)day * DAY_S) / 60),
	};

	return local;
}

/* The earlier of `best` and `time_s`, if at `time_s` it is that day already. */
static int64_t earlier_start(
    const struct zone *zone, int32_t day, int64_t time_s, int64_t best)
{
	int64_t local_s = time_s + offset_at(zone, time_s);

	return local_s >= (int64_t)day * DAY_S && time_s < best ? time_s : best;
}

/*
 * A day starts when the clock passes midnight in standard or in summer time, or
 * when a change carries it over midnight: the earliest of these moments after
 * which it is that day.
 */
uint64_t zone_day_starts_ms(const struct zone *zone, int32_t day)
{
	int64_t midnight_s = (int64_t)day * DAY_S;
	int32_t year = day_to_date(day).year;
	int64_t best = INT64_MAX;

	best = earlier_start(zone, day, midnight_s - zone->offset_s, best);
	if (zone->has_summer) {
		best = earlier_start(
		    zone, day, midnight_s - zone->summer_offset_s, best);
		for (int32_t beside = -1; beside <= 1; beside++) {
			best = earlier_start(zone, day,
			    summer_starts(zone, year + beside), best);
			best = earlier_start(
			    zone, day, summer_ends(zone, year + beside), best);
		}
	}
	return best < 0 ? 0 : (uint64_t)best * 1000;
}
