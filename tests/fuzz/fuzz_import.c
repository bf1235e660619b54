/*
 * fuzz_import: any bytes as a file of opening balances. Each line is taken, or
 * refused in one sentence; what is taken is within its bounds, and no card is
 * taken twice. A line means the same wherever it stands, and what was taken is
 * read as the same once it is written anew.
 *
 * The first byte says in which manner it is written; the rest is the file.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/card/card.h"
#include "common/law/calendar.h"
#include "server/details.h"
#include "server/import.h"

#define ALONE_MAX 16u /* rows that are read by themselves, too */

/* Bits of the first byte. */
#define WITH_MARK 0x01u
#define WITH_CR 0x02u
#define WITH_HEADER 0x04u
#define WITH_NOTES 0x08u
#define WITH_QUOTES 0x10u

static struct hasher *hasher;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct buffer *buffer, struct bytes bytes)
{
	enum result result = buffer_append(buffer, bytes, NULL);

	assert(result == RESULT_OK);
}

static void put_string(struct buffer *buffer, const char *string)
{
	put(buffer, bytes_of_string(string));
}

/* Out of memory of just this size, so that a step past its end is seen. */
static struct import *import_of(struct bytes file)
{
	size_t capacity = file.size == 0 ? 1 : file.size;
	struct buffer text = {malloc(capacity), file.size, capacity};
	struct import *import;
	enum result result;

	assert(text.data != NULL);
	memcpy(text.data, file.data, file.size);
	result = import_create(&text, hasher, &import, NULL);
	assert(result == RESULT_OK);
	assert(text.size == 0 && text.data == NULL);
	return import;
}

static struct import *import_written(struct buffer *text)
{
	struct import *import = import_of(buffer_view(text));

	buffer_finish(text);
	return import;
}

/* --- where rows stand ----------------------------------------------------- */

/* From `*at` on, without its LF; false where the text has ended. */
static bool next_line(struct bytes text, size_t *at, struct bytes *ret_line)
{
	size_t start = *at;

	if (start > text.size)
		return false;
	while (*at < text.size && text.data[*at] != '\n')
		(*at)++;
	*ret_line = bytes_of(&text.data[start], *at - start);
	(*at)++;
	return true;
}

/* Behind a byte order mark. */
static size_t first_line(struct bytes text)
{
	bool has_mark =
	    text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;

	return has_mark ? 3 : 0;
}

static struct bytes line_of(struct bytes text, uint32_t number)
{
	size_t at = first_line(text);
	struct bytes line;

	do
		assert(next_line(text, &at, &line));
	while (--number > 0);
	return line;
}

static size_t count_said(struct bytes text)
{
	size_t at = first_line(text);
	struct bytes line;
	size_t count = 0;

	while (next_line(text, &at, &line))
		count += bytes_trim(line).size > 0 && line.data[0] != '#';
	return count;
}

static void check_places(const struct import *import, struct bytes text)
{
	struct hash hash = hash_plain(hasher, text);
	size_t count = import_row_count(import);
	size_t said = count_said(text);
	uint32_t last = 0;

	/* A header is none. */
	assert(count == said || count + 1 == said);
	assert(hash_equal(&hash, import_hash(import)));
	for (size_t i = 0; i < count; i++) {
		uint32_t line = import_row_line(import, i);

		assert(line > last);
		assert(import_row_from(import, last + 1) == i);
		assert(import_row_from(import, line) == i);
		last = line;
	}
	assert(import_row_from(import, last + 1) == count);
	assert(last == 0 || line_of(text, last).size > 0);
}

/* --- what rows say -------------------------------------------------------- */

static void check_same(const struct import_row *a, const struct import_row *b)
{
	assert(strcmp(a->card, b->card) == 0);
	assert(a->points == b->points);
	assert(a->expiry_day == b->expiry_day);
	assert(strcmp(a->name, b->name) == 0);
	assert(a->birthday == b->birthday);
}

static void check_good(const struct import_row *row)
{
	char day[DATE_SIZE];
	struct date date;
	struct card card;

	assert(card_parse(bytes_of_string(row->card), &card) == CARD_OK);
	assert(strcmp(card.number, row->card) == 0);
	assert(row->points <= POINTS_MAX);
	day_format(row->expiry_day, day);
	assert(date_parse(bytes_of_string(day), &date));
	assert(row->expiry_day >= 0 && date_to_day(date) == row->expiry_day);
	assert(strnlen(row->name, sizeof(row->name)) <= NAME_SIZE_MAX);
	assert(bytes_are_text(bytes_of_string(row->name), NULL));
	assert(birthday_is_good(row->birthday));
}

static void check_refused(enum result result, const struct error *err)
{
	assert(result == RESULT_INVALID && err->result == result);
	assert(strlen(err->text) > 0 && strlen(err->text) <= SAY_SIZE_MAX);
	assert(bytes_are_text(bytes_of_string(err->text), NULL));
}

static bool read_row(const struct import *import, size_t index,
    struct import_row *ret_row, struct error *err)
{
	struct import_row untouched;
	enum result result;

	memset(ret_row, 0x5a, sizeof(*ret_row));
	untouched = *ret_row;
	result = import_row(import, index, ret_row, err);
	if (result == RESULT_OK) {
		assert(ret_row->line == import_row_line(import, index));
		check_good(ret_row);
		return true;
	}
	check_refused(result, err);
	assert(memcmp(ret_row, &untouched, sizeof(untouched)) == 0);
	return false;
}

/* The earlier line that has the same card, or 0 where that is not the fault. */
static uint32_t double_of(const struct error *err)
{
	uint32_t line = 0;

	(void)sscanf(
	    err->text, "a card of its own is wanted: line %" SCNu32, &line);
	return line;
}

/* --- a line by itself ----------------------------------------------------- */

/* Behind one that is no header, so that it is none either. */
static struct import *import_alone(struct bytes line)
{
	struct buffer text = {0};

	put_string(&text, "x\n");
	put(&text, line);
	return import_written(&text);
}

static void check_double(const struct import *import, uint32_t line,
    const struct import_row *row, uint32_t before)
{
	struct import_row other;
	struct error err;

	assert(before < line);
	assert(read_row(import, import_row_from(import, before), &other, &err));
	assert(other.line == before);
	assert(strcmp(other.card, row->card) == 0);
}

static void check_alone(
    const struct import *import, size_t index, struct bytes text)
{
	uint32_t line = import_row_line(import, index);
	struct import *alone;
	struct import_row row, row_alone;
	struct error err, err_alone;
	bool is_good = read_row(import, index, &row, &err);

	alone = import_alone(line_of(text, line));
	assert(import_row_count(alone) == 2);
	if (!read_row(alone, 1, &row_alone, &err_alone)) {
		assert(!is_good);
		assert(strcmp(err.text, err_alone.text) == 0);
	} else if (is_good) {
		check_same(&row, &row_alone);
	} else {
		check_double(import, line, &row_alone, double_of(&err));
	}
	import_destroy(alone);
}

/* --- written anew --------------------------------------------------------- */

static void put_field(struct buffer *text, const char *field, bool is_quoted)
{
	put_string(text, is_quoted ? "\"" : "");
	for (; *field != '\0'; field++) {
		if (is_quoted && *field == '"')
			put_string(text, "\"");
		put(text, bytes_of(field, 1));
	}
	put_string(text, is_quoted ? "\"" : "");
}

static void put_row(
    struct buffer *text, const struct import_row *row, uint8_t manner)
{
	bool is_quoted = (manner & WITH_QUOTES) != 0;
	char birthday[16];
	char points[32];
	char day[DATE_SIZE];
	bool ends_blank = row->card[strlen(row->card) - 1] == ' ';

	day_format(row->expiry_day, day);
	(void)snprintf(points, sizeof(points), "%" PRIu64, row->points);
	(void)snprintf(birthday, sizeof(birthday), "%02u-%02u",
	    row->birthday / 100u, row->birthday % 100u);
	put_field(text, row->card, is_quoted || ends_blank);
	put_string(text, is_quoted ? " ,\t" : ",");
	put_field(text, points, is_quoted);
	put_string(text, ",");
	put_field(text, row->expiry_day == 0 ? "" : day, is_quoted);
	put_string(text, ",");
	put_field(text, row->name, true);
	put_string(text, ",");
	put_field(text, row->birthday == 0 ? "" : birthday, is_quoted);
	put_string(text, (manner & WITH_CR) != 0 ? "\r\n" : "\n");
	if ((manner & WITH_NOTES) != 0)
		put_string(text, "# a note\n \t\n");
}

static void check_anew(
    const struct import_row *rows, size_t count, uint8_t manner)
{
	struct import *import;
	struct import_row row;
	struct buffer text = {0};
	struct error err;

	if (count == 0)
		return;
	put_string(&text, (manner & WITH_MARK) != 0 ? "\xef\xbb\xbf" : "");
	put_string(
	    &text, (manner & WITH_HEADER) != 0 ? "Card , \"POINTS\"\r\n" : "");
	for (size_t i = 0; i < count; i++)
		put_row(&text, &rows[i], manner);
	import = import_written(&text);
	assert(import_row_count(import) == count);
	for (size_t i = 0; i < count; i++) {
		assert(read_row(import, i, &row, &err));
		check_same(&row, &rows[i]);
	}
	import_destroy(import);
}

/* --- the whole ------------------------------------------------------------ */

static void check_cards(const struct import_row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t other = 0; other < i; other++)
			assert(strcmp(rows[i].card, rows[other].card) != 0);
}

static void check_rows(
    const struct import *import, struct bytes text, uint8_t manner)
{
	size_t count = import_row_count(import);
	struct import_row *rows = calloc(count + 1, sizeof(*rows));
	struct error err;
	size_t good = 0;

	assert(rows != NULL);
	for (size_t i = 0; i < count; i++) {
		good += read_row(import, i, &rows[good], &err);
		if (i < ALONE_MAX)
			check_alone(import, i, text);
	}
	check_cards(rows, good);
	check_anew(rows, good, manner);
	free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file;
	struct import *import;

	if (hasher == NULL && hasher_create(&hasher, NULL) != RESULT_OK)
		return 0;
	if (size == 0 || size > IMPORT_LINES_MAX)
		return 0;
	file = bytes_of(&data[1], size - 1);
	import = import_of(file);
	check_places(import, file);
	check_rows(import, file, data[0]);
	import_destroy(import);
	return 0;
}
