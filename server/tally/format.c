/*
 * format: owns how numbers, times and long texts look.
 */
#include "server/tally/format.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "common/base/wrap.h"

/* The digits of `number` with a comma before each three: 27 bytes at most. */
static void group_digits(uint64_t number, char *ret_text)
{
	char digits[24];
	int size = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t at = 0;
	int i;

	for (i = 0; i < size; i++) {
		if (i != 0 && (size - i) % 3 == 0)
			ret_text[at++] = ',';
		ret_text[at++] = digits[i];
	}
	ret_text[at] = '\0';
}

void format_count(int64_t count, char ret_text[FORMAT_SIZE])
{
	uint64_t size = count < 0 ? -(uint64_t)count : (uint64_t)count;

	ret_text[0] = '-';
	group_digits(size, ret_text + (count < 0 ? 1 : 0));
}

void format_amount(uint64_t amount_minor, char ret_text[FORMAT_SIZE])
{
	size_t size;

	ret_text[0] = '\0';
	if (amount_minor == 0)
		return;
	group_digits(amount_minor / 100, ret_text);
	size = strlen(ret_text);
	snprintf(ret_text + size, FORMAT_SIZE - size, ".%02u",
	    (unsigned)(amount_minor % 100));
}

void format_money(int64_t amount_minor, char ret_text[FORMAT_SIZE])
{
	uint64_t size =
	    amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor;
	size_t at;

	ret_text[0] = '-';
	group_digits(size / 100, ret_text + (amount_minor < 0 ? 1 : 0));
	at = strlen(ret_text);
	snprintf(
	    ret_text + at, FORMAT_SIZE - at, ".%02u", (unsigned)(size % 100));
}

void format_micro(uint64_t micro, char ret_text[FORMAT_SIZE])
{
	unsigned rest = (unsigned)(micro % 1000000);
	size_t size;

	group_digits(micro / 1000000, ret_text);
	if (rest == 0)
		return;
	size = strlen(ret_text);
	snprintf(ret_text + size, FORMAT_SIZE - size, ".%06u", rest);
	for (size = strlen(ret_text); ret_text[size - 1] == '0'; size--)
		ret_text[size - 1] = '\0';
}

void format_time(uint64_t time_ms, char ret_text[FORMAT_SIZE])
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local;

	ret_text[0] = '\0';
	if (time_ms == 0)
		return;
	if (localtime_r(&seconds, &local) == NULL ||
	    strftime(ret_text, FORMAT_SIZE, "%Y-%m-%d %H:%M:%S", &local) == 0)
		snprintf(ret_text, FORMAT_SIZE, "%" PRIu64 " ms", time_ms);
}

/* --- what was typed ------------------------------------------------------- */

bool format_read_count(const char *text, uint64_t *ret_count)
{
	uint64_t count = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || count > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		count = count * 10 + digit;
	}
	*ret_count = count;
	return true;
}

/* strptime() takes the 31st of any month, and mktime() moves it on. */
static bool time_of_local(struct tm *local, uint64_t *ret_time_ms)
{
	int day = local->tm_mday;
	time_t seconds;

	local->tm_isdst = -1;
	seconds = mktime(local);
	if (seconds < 0 || local->tm_mday != day)
		return false;
	*ret_time_ms = (uint64_t)seconds * 1000 + 999;
	return true;
}

bool format_read_time(const char *text, uint64_t *ret_time_ms)
{
	/* What is left out of a second, a minute, a day is its end. */
	static const char *const rests[] = {"", ":59", " 23:59:59"};
	size_t i;

	for (i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		struct tm local = {.tm_hour = 0};
		char whole[FORMAT_SIZE];
		const char *end;

		if (snprintf(whole, sizeof(whole), "%s%s", text, rests[i]) >=
		    (int)sizeof(whole))
			return false;
		end = strptime(whole, "%Y-%m-%d %H:%M:%S", &local);
		if (end != NULL && *end == '\0')
			return time_of_local(&local, ret_time_ms);
	}
	return false;
}

/* --- long text ------------------------------------------------------------ */

void format_cut(char *text, size_t size)
{
	static const char more[] = "…";
	size_t at = size - sizeof(more);

	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(&text[at], more, sizeof(more));
}

void format_wrapped(FILE *to, const char *text, size_t indent, size_t width)
{
	struct bytes rest = bytes_of_string(text);
	size_t room = width > indent ? width - indent : 0;

	do {
		struct bytes line = wrap_take(&rest, room);

		fprintf(to, "%*s%.*s\n", line.size == 0 ? 0 : (int)indent, "",
		    (int)line.size, (const char *)line.data);
	} while (rest.size != 0);
}
