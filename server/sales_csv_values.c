/*
 * sales_csv_values: owns what a time, an amount and a quantity look like, and
 * how words are cut and shown.
 */
#include "server/sales_csv_inside.h"

#include <string.h>

#include "common/law/calendar.h"

#define DAY_S 86400
#define YEAR_MIN 1970
#define YEAR_MAX 9999

/* A cursor over a short text; `failed` for good where it does not read on. */
struct cursor {
	const uint8_t *data;
	size_t size;
	size_t at;
	bool failed;
};

static struct cursor cursor_of(struct bytes text)
{
	return (struct cursor){text.data, text.size, 0, false};
}

static bool next_is(struct cursor *cursor, uint8_t wanted)
{
	if (cursor->at == cursor->size || cursor->data[cursor->at] != wanted)
		return false;
	cursor->at++;
	return true;
}

static bool next_is_digit(const struct cursor *cursor)
{
	return cursor->at < cursor->size && cursor->data[cursor->at] >= '0' &&
	       cursor->data[cursor->at] <= '9';
}

static int digits(struct cursor *cursor, unsigned count)
{
	int number = 0;

	while (count-- > 0 && !cursor->failed) {
		if (!next_is_digit(cursor))
			cursor->failed = true;
		else
			number = number * 10 + cursor->data[cursor->at++] - '0';
	}
	return number;
}

static bool is_over(const struct cursor *cursor)
{
	return !cursor->failed && cursor->at == cursor->size;
}

/* --- dates ---------------------------------------------------------------- */

static int month_days(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* 2026-02-28, 20260228 or 28.02.2026. */
static bool read_date(struct bytes text, int64_t *ret_day)
{
	struct cursor cursor = cursor_of(text);
	bool day_is_first = text.size > 2 && text.data[2] == '.';
	int first = digits(&cursor, day_is_first ? 2 : 4);
	bool has_sign = next_is(&cursor, day_is_first ? '.' : '-');
	int month = digits(&cursor, 2);
	int last;
	int year;
	int day;

	if (has_sign && !next_is(&cursor, day_is_first ? '.' : '-'))
		return false;
	last = digits(&cursor, day_is_first ? 4 : 2);
	year = day_is_first ? last : first;
	day = day_is_first ? first : last;
	if (!is_over(&cursor) || year < YEAR_MIN || year > YEAR_MAX ||
	    month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*ret_day =
	    date_to_day((struct date){year, (uint8_t)month, (uint8_t)day});
	return true;
}

static bool find_day(
    struct sales_day *known, struct bytes text, int64_t *ret_day)
{
	if (text.size == known->size && text.size != 0 &&
	    memcmp(text.data, known->text, text.size) == 0) {
		*ret_day = known->day;
		return true;
	}
	if (text.size > sizeof(known->text) || !read_date(text, ret_day))
		return false;
	memcpy(known->text, text.data, text.size);
	known->size = text.size;
	known->day = *ret_day;
	return true;
}

/* --- times of day --------------------------------------------------------- */

/* Z, +01:00, +0100 or +01, in seconds east of UTC. */
static void read_offset(
    struct cursor *cursor, int64_t *ret_offset_s, bool *ret_is_utc)
{
	bool is_west;
	int hours;
	int minutes = 0;

	*ret_offset_s = 0;
	*ret_is_utc = false;
	if (cursor->at == cursor->size)
		return;
	*ret_is_utc = true;
	if (next_is(cursor, 'Z'))
		return;
	is_west = next_is(cursor, '-');
	if (!is_west && !next_is(cursor, '+'))
		cursor->failed = true;
	hours = digits(cursor, 2);
	if (next_is(cursor, ':') || next_is_digit(cursor))
		minutes = digits(cursor, 2);
	if (hours > 14 || minutes > 59)
		cursor->failed = true;
	*ret_offset_s = (is_west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/* 9:30, 12:30:59.123+01:00; seconds since midnight. */
static bool read_clock(struct bytes text, int64_t *ret_second, bool *ret_is_utc)
{
	struct cursor cursor = cursor_of(text);
	bool is_short = text.size > 1 && text.data[1] == ':';
	int hour = digits(&cursor, is_short ? 1 : 2);
	int second = 0;
	int64_t offset_s;
	int minute;

	/* 1230 is also a time of day. */
	(void)next_is(&cursor, ':');
	minute = digits(&cursor, 2);
	if (next_is(&cursor, ':')) {
		second = digits(&cursor, 2);
		if (next_is(&cursor, '.') || next_is(&cursor, ','))
			while (next_is_digit(&cursor))
				cursor.at++;
	}
	read_offset(&cursor, &offset_s, ret_is_utc);
	if (!is_over(&cursor) || hour > 23 || minute > 59 || second > 60)
		return false;
	*ret_second = hour * 3600 + minute * 60 + second - offset_s;
	return true;
}

bool sales_time(struct sales_day *known, struct bytes date, struct bytes clock,
    int64_t *ret_time_s, bool *ret_is_utc)
{
	int64_t second = 0;
	int64_t day;
	size_t at = 0;

	while (at < date.size && date.data[at] != ' ' && date.data[at] != 'T')
		at++;
	if (!find_day(known, bytes_of(date.data, at), &day))
		return false;
	*ret_is_utc = false;
	if (at < date.size) {
		if (clock.size != 0 || at + 1 == date.size)
			return false;
		clock = bytes_of(&date.data[at + 1], date.size - at - 1);
	}
	if (clock.size != 0 && !read_clock(clock, &second, ret_is_utc))
		return false;
	if (day * DAY_S + second < 0)
		return false;
	*ret_time_s = day * DAY_S + second;
	return true;
}

/* --- numbers -------------------------------------------------------------- */

/* Whole part, and what follows its point in hundredths; anything finer must be
 * noughts. */
static bool read_decimal(struct cursor *cursor, uint64_t most,
    uint64_t *ret_whole, unsigned *ret_hundredths, bool *ret_is_finer)
{
	uint64_t whole = 0;
	unsigned count = 0;
	unsigned hundredths = 0;

	*ret_is_finer = false;
	if (!next_is_digit(cursor))
		return false;
	while (next_is_digit(cursor)) {
		whole = whole * 10 + cursor->data[cursor->at++] - '0';
		if (whole > most)
			return false;
	}
	if (next_is(cursor, '.') || next_is(cursor, ',')) {
		if (!next_is_digit(cursor))
			return false;
		for (; next_is_digit(cursor); count++) {
			unsigned digit = cursor->data[cursor->at++] - '0';

			if (count < 2)
				hundredths += digit * (count == 0 ? 10 : 1);
			else if (digit != 0)
				*ret_is_finer = true;
		}
	}
	*ret_whole = whole;
	*ret_hundredths = hundredths;
	return is_over(cursor);
}

bool sales_amount(struct bytes text, bool is_minor, int64_t *ret_amount_minor)
{
	struct cursor cursor = cursor_of(text);
	bool is_negative = next_is(&cursor, '-');
	unsigned hundredths;
	uint64_t amount;
	bool is_finer;

	if (!read_decimal(
		&cursor, AMOUNT_MINOR_MAX, &amount, &hundredths, &is_finer) ||
	    is_finer)
		return false;
	if (is_minor && hundredths != 0)
		return false;
	if (!is_minor)
		amount = amount * 100 + hundredths;
	if (amount > AMOUNT_MINOR_MAX)
		return false;
	*ret_amount_minor = is_negative ? -(int64_t)amount : (int64_t)amount;
	return true;
}

bool sales_quantity(struct bytes text, uint32_t *ret_quantity)
{
	struct cursor cursor = cursor_of(text);
	unsigned hundredths;
	uint64_t whole;
	bool is_finer;

	/* What goes back has a quantity below 0, and counts for nothing. */
	if (next_is(&cursor, '-')) {
		*ret_quantity = 0;
		return read_decimal(
		    &cursor, LINE_QUANTITY_MAX, &whole, &hundredths, &is_finer);
	}
	if (!read_decimal(
		&cursor, LINE_QUANTITY_MAX, &whole, &hundredths, &is_finer))
		return false;
	if (whole == 0 && (hundredths != 0 || is_finer))
		whole = 1;
	*ret_quantity = (uint32_t)whole;
	return true;
}

/* --- words ---------------------------------------------------------------- */

/* A character has three bytes behind its first at most; where there are more of
 * them the text is none, and what is left of it still shows that. */
struct bytes sales_cut(struct bytes text, size_t size_max)
{
	size_t size = size_max;

	if (text.size <= size_max)
		return text;
	while (size_max - size < 3 && (text.data[size] & 0xc0) == 0x80)
		size--;
	return bytes_of(text.data, size);
}

struct sales_shown sales_show(struct bytes bytes)
{
	struct sales_shown shown = {""};
	struct bytes cut = sales_cut(bytes, sizeof(shown.text) - 1);
	bool is_text = bytes_are_text(cut, "\t\r\n");

	for (size_t i = 0; i < cut.size; i++) {
		uint8_t byte = cut.data[i];
		bool is_ascii = byte >= 0x20 && byte < 0x7f;

		shown.text[i] = is_text || is_ascii ? (char)byte : '?';
	}
	return shown;
}
