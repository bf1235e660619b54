/*
 * rules_text: owns the way back from a rule to its words.
 */
#include "server/tally/rules_text.h"

#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"

/* The next line from `*at`, which moves on; false at the end. */
static bool next_line(struct bytes text, size_t *at, struct bytes *ret_line)
{
	size_t from = *at;
	size_t end = from;

	if (from >= text.size)
		return false;
	while (end < text.size && text.data[end] != '\n')
		end++;
	*ret_line = bytes_of(&text.data[from], end - from);
	*at = end + 1;
	return true;
}

struct bytes rules_text_line(struct bytes text, unsigned line)
{
	struct bytes found = bytes_of(NULL, 0);
	size_t at = 0;

	for (unsigned i = 0; i < line; i++)
		if (!next_line(text, &at, &found))
			return bytes_of(NULL, 0);
	return found;
}

static bool is_section(struct bytes line)
{
	line = bytes_trim(line);
	return line.size != 0 && line.data[0] == '[';
}

/* A note starts with ';' after a blank. */
static struct bytes without_note(struct bytes value)
{
	for (size_t i = 0; i < value.size; i++)
		if (value.data[i] == ';' &&
		    (i == 0 || byte_is_blank(value.data[i - 1])))
			return bytes_trim(bytes_of(value.data, i));
	return bytes_trim(value);
}

bool rules_text_pair(
    struct bytes line, struct bytes *ret_key, struct bytes *ret_value)
{
	size_t at = 0;

	line = bytes_trim(line);
	if (line.size == 0 || line.data[0] == ';' || line.data[0] == '#' ||
	    line.data[0] == '[')
		return false;
	while (at < line.size && line.data[at] != '=' && line.data[at] != ':')
		at++;
	if (at == line.size)
		return false;
	*ret_key = bytes_trim(bytes_of(line.data, at));
	*ret_value =
	    without_note(bytes_of(&line.data[at + 1], line.size - at - 1));
	return true;
}

static void append(char value[RULES_VALUE_SIZE], struct bytes more)
{
	size_t size = strlen(value);
	int added = snprintf(&value[size], RULES_VALUE_SIZE - size, "%s%.*s",
	    size == 0 ? "" : ", ", (int)more.size, (const char *)more.data);

	if (added >= 0 && (size_t)added >= RULES_VALUE_SIZE - size)
		format_cut(value, RULES_VALUE_SIZE);
}

/* Where the section begins that line `line` is in: the line after its head. */
static size_t find_section(struct bytes text, unsigned line)
{
	struct bytes found;
	size_t begin = 0;
	size_t at = 0;

	for (unsigned i = 0; i < line && next_line(text, &at, &found); i++)
		if (is_section(found))
			begin = at;
	return begin;
}

bool rules_text_value(struct bytes text, unsigned line, const char *key,
    char ret_value[RULES_VALUE_SIZE])
{
	struct bytes wanted = bytes_of_string(key);
	size_t at = find_section(text, line);
	struct bytes found;
	struct bytes name;
	struct bytes value;

	ret_value[0] = '\0';
	while (next_line(text, &at, &found) && !is_section(found))
		if (rules_text_pair(found, &name, &value) &&
		    bytes_equal(name, wanted))
			append(ret_value, value);
	return ret_value[0] != '\0';
}

unsigned rules_text_section(struct bytes text, const char *name)
{
	struct bytes wanted = bytes_of_string(name);
	unsigned number = 0;
	struct bytes line;
	size_t at = 0;

	while (next_line(text, &at, &line)) {
		size_t end = 1;

		number++;
		line = bytes_trim(line);
		if (line.size == 0 || line.data[0] != '[')
			continue;
		while (end < line.size && line.data[end] != ']')
			end++;
		if (bytes_equal(
			bytes_trim(bytes_of(&line.data[1], end - 1)), wanted))
			return number;
	}
	return 0;
}
