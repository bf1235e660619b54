/*
 * import: keeps where lines start, and reads a row anew whenever it is asked
 * for: a million of them take 12 bytes each beside their text.
 */
#include "server/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/card/card.h"
#include "common/law/calendar.h"
#include "server/details.h"

#define FIELDS_MAX 5u

struct import_line {
	uint32_t start;	    /* within the text */
	uint32_t number;    /* from 1 */
	uint32_t double_of; /* line that has the same card; 0 is none */
};

struct import {
	struct buffer text;
	struct hash hash;
	struct import_line *lines;
	size_t count;
	size_t capacity;
};

/* --- fields ----------------------------------------------------------------
 */

struct fields {
	struct bytes field[FIELDS_MAX];
	size_t count;
	char room[IMPORT_LINE_SIZE_MAX]; /* of those that stood in quotes */
	size_t used;
};

/* From behind an opening quote to behind the closing one; two in a row are one
 * within. False where there is no closing one. */
static bool read_quoted(
    struct fields *fields, struct bytes line, size_t *at, struct bytes *ret)
{
	size_t first = fields->used;

	for (; *at < line.size; (*at)++) {
		if (line.data[*at] == '"') {
			if (*at + 1 == line.size || line.data[*at + 1] != '"')
				break;
			(*at)++;
		}
		fields->room[fields->used++] = (char)line.data[*at];
	}
	if (*at == line.size)
		return false;
	(*at)++;
	*ret = bytes_of(&fields->room[first], fields->used - first);
	return true;
}

static size_t find_comma(struct bytes line, size_t at)
{
	while (at < line.size && line.data[at] != ',')
		at++;
	return at;
}

/* One field, and `*at` at the comma behind it or at the line's end. */
static bool read_field(struct fields *fields, struct bytes line, size_t *at)
{
	struct bytes *field = &fields->field[fields->count++];
	size_t end;

	while (*at < line.size && byte_is_blank(line.data[*at]))
		(*at)++;
	if (*at < line.size && line.data[*at] == '"') {
		(*at)++;
		if (!read_quoted(fields, line, at, field))
			return false;
		end = find_comma(line, *at);
		if (bytes_trim(bytes_of(&line.data[*at], end - *at)).size > 0)
			return false;
	} else {
		end = find_comma(line, *at);
		*field = bytes_trim(bytes_of(&line.data[*at], end - *at));
	}
	*at = end;
	return true;
}

static enum result read_fields(
    struct bytes line, struct fields *fields, struct error *err)
{
	size_t at = 0;

	fields->count = 0;
	fields->used = 0;
	if (line.size > IMPORT_LINE_SIZE_MAX)
		return error_set(err, RESULT_INVALID,
		    "a line of at most %u bytes is wanted",
		    IMPORT_LINE_SIZE_MAX);
	if (!bytes_are_text(line, "\t\r"))
		return error_set(err, RESULT_INVALID,
		    "text in UTF-8 is wanted; save the file as such");
	for (;;) {
		if (fields->count == FIELDS_MAX)
			return error_set(err, RESULT_INVALID,
			    "at most %u fields are wanted: card, points, "
			    "expires, name, birthday; put a name with a comma "
			    "into \"…\"",
			    FIELDS_MAX);
		if (!read_field(fields, line, &at))
			return error_set(err, RESULT_INVALID,
			    "a field in \"…\" is wanted whole, and nothing "
			    "beside it; a quote within it is \"\"");
		if (at == line.size)
			return RESULT_OK;
		at++;
	}
}

/* --- values ----------------------------------------------------------------
 */

static enum result read_card(
    struct bytes field, char to[CARD_SIZE_MAX + 1], struct error *err)
{
	struct card card;
	enum card_fault fault = card_parse(field, &card);

	if (fault != CARD_OK)
		return error_set(err, RESULT_INVALID,
		    "a card is wanted first: %s", card_fault_say(fault));
	memcpy(to, card.number, sizeof(card.number));
	return RESULT_OK;
}

static enum result read_points(
    struct bytes field, uint64_t *ret_points, struct error *err)
{
	uint64_t points = 0;
	bool is_good = field.size > 0;
	size_t i;

	for (i = 0; i < field.size && is_good; i++) {
		is_good = field.data[i] >= '0' && field.data[i] <= '9';
		points = points * 10 + (field.data[i] - '0');
		is_good = is_good && points <= POINTS_MAX;
	}
	if (!is_good)
		return error_set(err, RESULT_INVALID,
		    "points are wanted: whole, 0 to %llu, digits alone",
		    POINTS_MAX);
	*ret_points = points;
	return RESULT_OK;
}

static enum result read_expiry(
    struct bytes field, int32_t *ret_day, struct error *err)
{
	struct date date;

	if (field.size == 0)
		return RESULT_OK;
	if (!date_parse(field, &date) || date_to_day(date) <= 0)
		return error_set(err, RESULT_INVALID,
		    "the last day of the points is wanted as 2027-12-31, or "
		    "nothing");
	*ret_day = date_to_day(date);
	return RESULT_OK;
}

static enum result read_name(
    struct bytes field, char to[NAME_SIZE_MAX + 1], struct error *err)
{
	if (field.size > NAME_SIZE_MAX || !bytes_are_text(field, NULL))
		return error_set(err, RESULT_INVALID,
		    "a name of at most %u bytes is wanted", NAME_SIZE_MAX);
	if (field.size > 0)
		memcpy(to, field.data, field.size);
	to[field.size] = '\0';
	return RESULT_OK;
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static enum result read_birthday(
    struct bytes field, uint16_t *ret_birthday, struct error *err)
{
	const uint8_t *text = field.data;
	unsigned birthday = 0;

	if (field.size == 0)
		return RESULT_OK;
	if (field.size == 5 && is_digit(text[0]) && is_digit(text[1]) &&
	    text[2] == '-' && is_digit(text[3]) && is_digit(text[4]))
		birthday = (text[0] - '0') * 1000u + (text[1] - '0') * 100u +
			   (text[3] - '0') * 10u + (text[4] - '0');
	if (birthday == 0 || !birthday_is_good(birthday))
		return error_set(err, RESULT_INVALID,
		    "a birthday is wanted as month and day, 03-14, or "
		    "nothing");
	*ret_birthday = (uint16_t)birthday;
	return RESULT_OK;
}

/* In any letters, as spreadsheets are headed. */
static bool is_word(struct bytes field, const char *word)
{
	size_t size = strlen(word);
	size_t i;

	if (field.size != size)
		return false;
	for (i = 0; i < size; i++)
		if ((field.data[i] | 0x20) != (uint8_t)word[i])
			return false;
	return true;
}

static enum result read_row(
    struct bytes line, struct import_row *row, struct error *err)
{
	static const struct bytes nothing;
	struct fields fields;
	enum result result = read_fields(line, &fields, err);
	size_t i;

	if (result != RESULT_OK)
		return result;
	if (fields.count == 1 && memchr(line.data, ';', line.size) != NULL)
		return error_set(err, RESULT_INVALID,
		    "fields are parted by ',' and not by ';'");
	if (is_word(fields.field[0], "card"))
		return error_set(err, RESULT_INVALID,
		    "a card is wanted, or in the first line the columns in "
		    "this order: card,points,expires,name,birthday");
	for (i = fields.count; i < FIELDS_MAX; i++)
		fields.field[i] = nothing;
	result = read_card(fields.field[0], row->card, err);
	if (result == RESULT_OK)
		result = read_points(fields.field[1], &row->points, err);
	if (result == RESULT_OK)
		result = read_expiry(fields.field[2], &row->expiry_day, err);
	if (result == RESULT_OK)
		result = read_name(fields.field[3], row->name, err);
	if (result == RESULT_OK)
		result = read_birthday(fields.field[4], &row->birthday, err);
	return result;
}

/* --- lines -----------------------------------------------------------------
 */

static struct bytes line_at(const struct import *import, uint32_t start)
{
	const uint8_t *from = &import->text.data[start];
	size_t left = import->text.size - start;
	const uint8_t *end = memchr(from, '\n', left);
	size_t size = end == NULL ? left : (size_t)(end - from);

	if (size > 0 && from[size - 1] == '\r')
		size--;
	return bytes_of(from, size);
}

static bool says_nothing(struct bytes line)
{
	return bytes_trim(line).size == 0 || line.data[0] == '#';
}

/* As import.h has it, to its end or cut behind any column. */
static bool is_good_header(const struct fields *fields)
{
	static const char *const words[FIELDS_MAX] = {
	    "card", "points", "expires", "name", "birthday"};
	size_t i;

	for (i = 0; i < fields->count; i++)
		if (!is_word(fields->field[i], words[i]))
			return false;
	return true;
}

/* One that names other columns is kept, and is a fault. */
static bool is_header(struct bytes line)
{
	struct fields fields;

	return read_fields(line, &fields, NULL) == RESULT_OK &&
	       is_good_header(&fields);
}

static enum result add_line(
    struct import *import, uint32_t start, uint32_t number, struct error *err)
{
	size_t wanted = import->capacity * 2 + 256;
	struct import_line *lines = import->lines;

	if (import->count == import->capacity) {
		lines = reallocarray(lines, wanted, sizeof(*lines));
		if (lines == NULL)
			return error_no_memory(err);
		import->lines = lines;
		import->capacity = wanted;
	}
	lines[import->count++] =
	    (struct import_line){.start = start, .number = number};
	return RESULT_OK;
}

/* Where the text starts, behind a byte order mark. */
static uint32_t text_starts(const struct import *import)
{
	return import->text.size >= 3 &&
		       memcmp(import->text.data, "\xef\xbb\xbf", 3) == 0
		   ? 3
		   : 0;
}

static enum result find_lines(struct import *import, struct error *err)
{
	size_t start = text_starts(import);
	bool may_be_header = true;
	uint32_t number = 1;

	for (; start < import->text.size; number++) {
		struct bytes line = line_at(import, (uint32_t)start);
		const uint8_t *end = memchr(
		    &import->text.data[start], '\n', import->text.size - start);
		enum result result = RESULT_OK;

		if (number > IMPORT_LINES_MAX)
			return error_set(err, RESULT_LIMIT,
			    "a file has at most %u lines", IMPORT_LINES_MAX);
		if (!says_nothing(line)) {
			if (!may_be_header || !is_header(line))
				result = add_line(
				    import, (uint32_t)start, number, err);
			may_be_header = false;
		}
		if (result != RESULT_OK)
			return result;
		start = end == NULL ? import->text.size
				    : (size_t)(end - import->text.data) + 1;
	}
	return RESULT_OK;
}

/* --- cards that come twice --------------------------------------------------
 */

/* 1 + index of a row, 0 is free; at most half full. */
struct seen {
	uint32_t *rows;
	size_t count; /* a power of two */
};

static size_t seen_start(const struct seen *seen, const char *card)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *card != '\0'; card++)
		hash = (hash ^ (uint8_t)*card) * 0x100000001b3ull;
	return (hash ^ hash >> 32) & (seen->count - 1);
}

static bool read_at(
    const struct import *import, size_t index, struct import_row *row)
{
	return read_row(line_at(import, import->lines[index].start), row,
		   NULL) == RESULT_OK;
}

/* Note the card of a row; or that an earlier row has it. */
static void see(struct import *import, struct seen *seen, size_t index)
{
	struct import_row row;
	struct import_row other;
	size_t at;

	if (!read_at(import, index, &row))
		return;
	at = seen_start(seen, row.card);
	while (seen->rows[at] != 0) {
		size_t before = seen->rows[at] - 1;

		if (read_at(import, before, &other) &&
		    strcmp(other.card, row.card) == 0) {
			import->lines[index].double_of =
			    import->lines[before].number;
			return;
		}
		at = (at + 1) & (seen->count - 1);
	}
	seen->rows[at] = (uint32_t)index + 1;
}

static enum result find_doubles(struct import *import, struct error *err)
{
	struct seen seen = {.count = 16};
	size_t i;

	while (seen.count < import->count * 2)
		seen.count *= 2;
	seen.rows = calloc(seen.count, sizeof(*seen.rows));
	if (seen.rows == NULL)
		return error_no_memory(err);
	for (i = 0; i < import->count; i++)
		see(import, &seen, i);
	free(seen.rows);
	return RESULT_OK;
}

/* --- the whole
 * ---------------------------------------------------------------- */

enum result import_create(struct buffer *text, struct hasher *hasher,
    struct import **ret_import, struct error *err)
{
	struct import *import = calloc(1, sizeof(*import));
	enum result result = RESULT_OK;

	if (import == NULL) {
		buffer_finish(text);
		return error_no_memory(err);
	}
	import->text = *text;
	*text = (struct buffer){0};
	if (import->text.size > IMPORT_SIZE_MAX)
		result = error_set(err, RESULT_LIMIT,
		    "a file has at most %u bytes", IMPORT_SIZE_MAX);
	if (result == RESULT_OK)
		result = find_lines(import, err);
	if (result == RESULT_OK)
		result = find_doubles(import, err);
	if (result != RESULT_OK) {
		import_destroy(import);
		return result;
	}
	import->hash = hash_plain(hasher, buffer_view(&import->text));
	*ret_import = import;
	return RESULT_OK;
}

void import_destroy(struct import *import)
{
	if (import == NULL)
		return;
	buffer_finish(&import->text);
	free(import->lines);
	free(import);
}

const struct hash *import_hash(const struct import *import)
{
	return &import->hash;
}

size_t import_row_count(const struct import *import)
{
	return import->count;
}

size_t import_row_from(const struct import *import, uint32_t line)
{
	size_t low = 0;
	size_t high = import->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (import->lines[middle].number < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t import_row_line(const struct import *import, size_t index)
{
	return import->lines[index].number;
}

enum result import_row(const struct import *import, size_t index,
    struct import_row *ret_row, struct error *err)
{
	const struct import_line *line = &import->lines[index];
	struct import_row row = {.line = line->number};
	enum result result = read_row(line_at(import, line->start), &row, err);

	if (result != RESULT_OK)
		return result;
	if (line->double_of != 0)
		return error_set(err, RESULT_INVALID,
		    "a card of its own is wanted: line %u has this one already",
		    line->double_of);
	*ret_row = row;
	return RESULT_OK;
}
