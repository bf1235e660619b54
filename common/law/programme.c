/*
 * programme: owns how the owner's text becomes lines, and lines keys.
 *
 * libinih splits lines into keys and values. It is told of lines one at a time
 * by read_line(), which is where the faults that it passes over in silence are
 * seen: lines too long for its memory, sections without keys, sections that
 * come twice, text after a section's bracket. Its handler does not know the
 * line number, so the reader counts.
 */
#include "common/law/programme_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

/* --- faults --------------------------------------------------------------- */

/* Has a fault ended the parse? */
static bool is_over(const struct parse *parse)
{
	return parse->result != RESULT_OK && parse->fault == NULL;
}

/*
 * Tell of a fault. A tab or a carriage return out of the text would break the
 * line that tells of it.
 */
__attribute__((format(printf, 5, 6))) void parse_fail(struct parse *parse,
    enum result result, unsigned line, unsigned column, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	if (is_over(parse))
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t index = 0; text[index] != '\0'; index++) {
		if (text[index] == '\t' || text[index] == '\r')
			text[index] = '?';
	}
	if (parse->result == RESULT_OK) {
		parse->result = error_set(parse->err, result, "%s", text);
		if (line != 0)
			(void)error_prefix(parse->err, "line %u", line);
	}
	if (parse->fault != NULL)
		parse->fault(parse->context,
		    &(struct programme_fault){line, column, text});
}

/* --- lines ---------------------------------------------------------------- */

/* The next line with its end; nothing at the text's end. */
static struct bytes next_line(struct parse *parse)
{
	size_t start = parse->position;
	size_t end = start;

	while (end < parse->text.size && parse->text.data[end] != '\n')
		end++;
	if (end < parse->text.size)
		end++;
	parse->position = end;
	return end == start ? bytes_of(NULL, 0)
			    : bytes_of(&parse->text.data[start], end - start);
}

/* A line has ended. One that libinih found no key in has not been told of. */
static void line_end(struct parse *parse)
{
	if (parse->key_is_due)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "'key = value' or a [section] is wanted");
	parse->key_is_due = false;
}

/* A line without the blanks before it, of which there were `blanks`. */
static void line_begin(struct parse *parse, const char *line, size_t blanks)
{
	size_t value = strcspn(line, "=:");

	if (line[value] != '\0')
		value++;
	value += strspn(&line[value], BLANKS);
	parse->key_column = (unsigned)blanks + 1;
	parse->value_column = (unsigned)(blanks + value) + 1;
	parse->key_is_due = strchr("[;#" BLANKS, line[0]) == NULL;
	if (line[0] == '[')
		section_begin(parse, bytes_of_string(line));
}

/*
 * libinih's reader, with the manners of fgets(). Blanks at the start of a line
 * are left out: libinih takes an indented line for a continued value.
 */
static char *read_line(char *ret_line, int capacity, void *context)
{
	struct parse *parse = context;
	struct bytes line;
	size_t blanks = 0;

	line_end(parse);
	if (is_over(parse))
		return NULL;
	line = next_line(parse);
	if (line.size == 0)
		return NULL;
	parse->line++;
	if (line.size >= (size_t)capacity) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    (unsigned)capacity - 1, "longer than %d bytes",
		    capacity - 2);
		line = bytes_of_string("\n");
	}
	while (blanks + 1 < line.size &&
	       strchr(" \t\r", line.data[blanks]) != NULL)
		blanks++;
	memcpy(ret_line, &line.data[blanks], line.size - blanks);
	ret_line[line.size - blanks] = '\0';
	line_begin(parse, ret_line, blanks);
	return is_over(parse) ? NULL : ret_line;
}

static void take_one(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	char wanted[WANTED_SIZE];

	if (key->take(parse, key, field, value))
		return;
	key_wanted(key, wanted);
	parse_fail(parse, RESULT_INVALID, parse->line, parse->value_column,
	    "%s: %s is wanted, not '%s'", key->name, wanted, value);
}

/* Values with ',' between them, one by one, without the blanks around each. */
static void take_list(
    struct parse *parse, const struct key *key, void *field, const char *list)
{
	unsigned column = parse->value_column;
	char value[INI_MAX_LINE];
	bool is_last = false;

	for (size_t start = 0; !is_last && !is_over(parse);) {
		size_t size = strcspn(&list[start], ",");
		size_t blanks = strspn(&list[start], BLANKS);
		struct bytes item = text_trim(bytes_of(&list[start], size));

		assert(item.size < sizeof(value));
		memcpy(value, item.data, item.size);
		value[item.size] = '\0';
		parse->value_column =
		    column + (unsigned)(start + (item.size ? blanks : 0));
		take_one(parse, key, field, value);
		is_last = list[start + size] == '\0';
		start += size + 1;
	}
}

static void take_value(
    struct parse *parse, const struct key *key, const char *value)
{
	void *field = key_field(parse, key);

	if (key->is_list)
		take_list(parse, key, field, value);
	else
		take_one(parse, key, field, value);
}

static void take_known_key(
    struct parse *parse, const char *name, const char *value)
{
	const struct key *keys = section_keys(parse->section);
	size_t index = 0;

	while (keys[index].name != NULL && strcmp(keys[index].name, name) != 0)
		index++;
	if (keys[index].name == NULL) {
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column,
		    "the key '%s' is not known in this section", name);
		return;
	}
	assert(index < KEYS_MAX);
	if (parse->places[index].line != 0 && !keys[index].may_repeat)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column, "the key '%s' comes twice", name);
	else
		take_value(parse, &keys[index], value);
	parse->places[index] = (struct place){parse->line, parse->key_column};
}

/* libinih's handler of one key. Zero is a fault, which parse_fail() named. */
static int take_key(
    void *context, const char *section, const char *name, const char *value)
{
	struct parse *parse = context;

	(void)section;
	parse->key_is_due = false;
	if (parse->section == SECTION_NONE)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->key_column, "'%s' stands before any section", name);
	else if (parse->section != SECTION_UNKNOWN)
		take_known_key(parse, name, value);
	return parse->result == RESULT_OK;
}

/* --- the whole ------------------------------------------------------------ */

/* What libinih calls malformed has been told of by line_end(). */
static enum result parse_text(struct parse *parse)
{
	int malformed_line =
	    ini_parse_stream(read_line, parse, take_key, parse);

	if (malformed_line < 0)
		return error_no_memory(parse->err);
	section_finish(parse);
	parse_finish(parse);
	if (malformed_line > 0 && parse->result == RESULT_OK)
		parse_fail(parse, RESULT_INVALID, (unsigned)malformed_line, 0,
		    "'key = value' or a [section] is wanted");
	return parse->result;
}

/* Editors on some systems put a byte order mark first; it says nothing. */
static struct bytes without_mark(struct bytes text)
{
	if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		return bytes_of(&text.data[3], text.size - 3);
	return text;
}

/* Nothing is parsed of what is too long or no text: libinih would not see what
 * stands behind a NUL. */
static enum result look_through(struct parse *parse)
{
	struct bytes line;

	if (parse->text.size > ENTRY_TEXT_SIZE_MAX) {
		parse_fail(parse, RESULT_LIMIT, 0, 0,
		    "the programme is longer than %u bytes",
		    ENTRY_TEXT_SIZE_MAX);
		return RESULT_LIMIT;
	}
	parse->text = without_mark(parse->text);
	for (line = next_line(parse); line.size > 0; line = next_line(parse)) {
		parse->line++;
		if (!bytes_are_text(line, "\t\r\n")) {
			parse_fail(parse, RESULT_INVALID, parse->line, 0,
			    "this is not text in UTF-8");
			return RESULT_INVALID;
		}
		section_foresee(parse, line);
	}
	parse->position = 0;
	parse->line = 0;
	return RESULT_OK;
}

/* What a text that says nothing of it means. */
static void set_defaults(struct programme *programme)
{
	bool is_utc = zone_parse(bytes_of_string("UTC0"), &programme->zone);

	assert(is_utc);
	programme->late_days_max = LATE_DAYS;
	programme->expire_date = DAY_NONE;
}

static enum result check(struct parse *parse)
{
	enum result result = look_through(parse);

	if (result != RESULT_OK)
		return result;
	parse->programme = calloc(1, sizeof(*parse->programme));
	if (parse->programme == NULL)
		return error_no_memory(parse->err);
	set_defaults(parse->programme);
	return parse_text(parse);
}

enum result programme_check(struct bytes text, programme_fault_fn *fault,
    void *context, struct programme **ret_programme, struct error *err)
{
	struct parse *parse = calloc(1, sizeof(*parse));
	enum result result;

	if (parse == NULL)
		return error_no_memory(err);
	parse->text = text;
	parse->err = err;
	parse->fault = fault;
	parse->context = context;
	result = check(parse);
	if (result == RESULT_OK)
		*ret_programme = parse->programme;
	else
		programme_destroy(parse->programme);
	free(parse);
	return result;
}

enum result programme_parse(
    struct bytes text, struct programme **ret_programme, struct error *err)
{
	return programme_check(text, NULL, NULL, ret_programme, err);
}

void programme_destroy(struct programme *programme)
{
	free(programme);
}
