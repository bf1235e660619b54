/*
 * calendar: owns the arithmetic of days. calendar_zone.c owns the zones.
 *
 * A date is turned into a day by counting years that begin in March, so that
 * the leap day is a year's last and a month's place in it has a plain formula;
 * 400 such years are an era of a fixed number of days.
 */
#include "common/law/calendar.h"

#define ERA_YEARS 400
#define ERA_DAYS 146097
#define DAYS_BEFORE_1970 719468 /* since 0000-03-01 */
#define YEAR_MIN 1970
#define YEAR_MAX 9999

static bool is_leap_year(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_days(int32_t year, unsigned month)
{
	static const uint8_t days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Towards minus infinity, unlike '/'. `by` is above 0. */
static int64_t floor_divide(int64_t number, int64_t by)
{
	int64_t quotient = number / by;

	return quotient - (number % by < 0);
}

int32_t date_to_day(struct date date)
{
	int64_t year = (int64_t)date.year - (date.month <= 2);
	int64_t era = floor_divide(year, ERA_YEARS);
	uint32_t year_of_era = (uint32_t)(year - era * ERA_YEARS);
	uint32_t month = (date.month + 9u) % 12; /* March is 0 */
	uint32_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
	uint32_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			      year_of_era / 100 + day_of_year;

	return (int32_t)(era * ERA_DAYS + day_of_era - DAYS_BEFORE_1970);
}

struct date day_to_date(int32_t day)
{
	int64_t shifted = (int64_t)day + DAYS_BEFORE_1970;
	int32_t era = (int32_t)floor_divide(shifted, ERA_DAYS);
	uint32_t day_of_era = (uint32_t)(shifted - (int64_t)era * ERA_DAYS);
	uint32_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
		day_of_era / (ERA_DAYS - 1)) /
	    365;
	uint32_t day_of_year =
	    day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint32_t month = (5 * day_of_year + 2) / 153; /* March is 0 */
	struct date date = {
	    .year = (int32_t)year_of_era + era * ERA_YEARS + (month >= 10),
	    .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
	    .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
	};

	return date;
}

/* Exactly `count` digits from `text`; -1 where there are others. */
static int32_t digits_value(const uint8_t *text, size_t count)
{
	int32_t value = 0;

	for (size_t index = 0; index < count; index++) {
		if (text[index] < '0' || text[index] > '9')
			return -1;
		value = value * 10 + (text[index] - '0');
	}
	return value;
}

bool date_parse(struct bytes text, struct date *ret_date)
{
	int32_t year;
	int32_t month;
	int32_t day;

	if (text.size != DATE_SIZE - 1 || text.data[4] != '-' ||
	    text.data[7] != '-')
		return false;
	year = digits_value(&text.data[0], 4);
	month = digits_value(&text.data[5], 2);
	day = digits_value(&text.data[8], 2);
	if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 ||
	    (unsigned)day > month_days(year, (unsigned)month))
		return false;
	*ret_date = (struct date){year, (uint8_t)month, (uint8_t)day};
	return true;
}

static void put_digits(char *text, size_t count, int32_t value)
{
	for (size_t index = count; index > 0; index--) {
		text[index - 1] = (char)('0' + value % 10);
		value /= 10;
	}
}

void day_format(int32_t day, char ret_text[DATE_SIZE])
{
	struct date date = day_to_date(day);

	if (date.year < YEAR_MIN)
		date = (struct date){YEAR_MIN, 1, 1};
	else if (date.year > YEAR_MAX)
		date = (struct date){YEAR_MAX, 12, 31};
	put_digits(&ret_text[0], 4, date.year);
	put_digits(&ret_text[5], 2, date.month);
	put_digits(&ret_text[8], 2, date.day);
	ret_text[4] = '-';
	ret_text[7] = '-';
	ret_text[DATE_SIZE - 1] = '\0';
}

/* Day 0 was a Thursday. */
unsigned day_weekday(int32_t day)
{
	int64_t since_monday = (int64_t)day + 3;

	return (unsigned)(since_monday - floor_divide(since_monday, 7) * 7);
}

int32_t day_add_months(int32_t day, unsigned months)
{
	struct date date = day_to_date(day);
	int64_t month = (int64_t)date.month - 1 + months;
	unsigned days;

	date.year += (int32_t)(month / 12);
	date.month = (uint8_t)(month % 12 + 1);
	days = month_days(date.year, date.month);
	if (date.day > days)
		date.day = (uint8_t)days;
	return date_to_day(date);
}

/* The last day of a month of the year that `date` is in. */
static int32_t last_of_month(struct date date, unsigned month)
{
	date.month = (uint8_t)month;
	date.day = (uint8_t)month_days(date.year, month);
	return date_to_day(date);
}

int32_t day_month_end(int32_t day)
{
	struct date date = day_to_date(day);

	return day - date.day + (int32_t)month_days(date.year, date.month);
}

int32_t day_quarter_end(int32_t day)
{
	struct date date = day_to_date(day);

	return last_of_month(date, (date.month + 2u) / 3 * 3);
}

int32_t day_year_end(int32_t day)
{
	return last_of_month(day_to_date(day), 12);
}

int32_t day_month_start(int32_t day)
{
	return day - day_to_date(day).day + 1;
}

int32_t day_year_start(int32_t day)
{
	struct date date = day_to_date(day);

	date.month = 1;
	date.day = 1;
	return date_to_day(date);
}

int32_t day_anniversary(int32_t since, int32_t day)
{
	int32_t years = day_to_date(day).year - day_to_date(since).year;
	int32_t anniversary = day_add_months(since, 12 * (unsigned)years);

	if (anniversary > day)
		anniversary = day_add_months(since, 12 * (unsigned)(years - 1));
	return anniversary;
}
