/*
 * json_put: the pieces of a line out. Each line is written once, front to back,
 * straight into the output, so that its fields stand in the order in which they
 * are set: the order that TILL.md promises.
 */
#include "client/json_line.h"

#include <inttypes.h>
#include <stdio.h>

static void put(struct json_line *line, struct bytes bytes)
{
	if (!line->failed &&
	    buffer_append(line->output, bytes, NULL) != RESULT_OK)
		line->failed = true;
}

static void put_string(struct json_line *line, const char *text)
{
	put(line, bytes_of_string(text));
}

void json_put_comma(struct json_line *line)
{
	if (line->comma)
		put_string(line, ",");
	line->comma = true;
}

void json_open_group(struct json_line *line, const char *bracket)
{
	put_string(line, bracket);
	line->comma = false;
}

void json_close_group(struct json_line *line, const char *bracket)
{
	put_string(line, bracket);
	line->comma = true;
}

struct json_line json_begin_line(struct buffer *output)
{
	struct json_line line = {.output = output, .start = output->size};

	json_open_group(&line, "{");
	return line;
}

void json_end_line(struct json_line *line)
{
	json_close_group(line, "}\n");
	if (line->failed)
		line->output->size = line->start;
}

/* RFC 8259 section 7; texts are well-formed UTF-8, which stays as it is. */
void json_put_text(struct json_line *line, struct bytes text)
{
	static const uint8_t quote = '"';
	size_t done = 0;

	put(line, bytes_of(&quote, 1));
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];
		char escaped[8];

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		put(line, bytes_of(&text.data[done], i - done));
		if (byte == '\n')
			snprintf(escaped, sizeof escaped, "\\n");
		else if (byte < 0x20)
			snprintf(escaped, sizeof escaped, "\\u%04x", byte);
		else
			snprintf(escaped, sizeof escaped, "\\%c", byte);
		put_string(line, escaped);
		done = i + 1;
	}
	if (text.size > done)
		put(line, bytes_of(&text.data[done], text.size - done));
	put(line, bytes_of(&quote, 1));
}

void json_put_key(struct json_line *line, const char *key)
{
	json_put_comma(line);
	json_put_text(line, bytes_of_string(key));
	put_string(line, ":");
}

void json_set_text(struct json_line *line, const char *key, const char *text)
{
	json_put_key(line, key);
	json_put_text(line, bytes_of_string(text));
}

void json_set_number(struct json_line *line, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	json_put_key(line, key);
	put_string(line, text);
}

static void put_count(struct json_line *line, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	put_string(line, text);
}

void json_put_count(struct json_line *line, uint64_t number)
{
	json_put_comma(line);
	put_count(line, number);
}

void json_set_count(struct json_line *line, const char *key, uint64_t number)
{
	json_put_key(line, key);
	put_count(line, number);
}

void json_set_some(struct json_line *line, const char *key, uint64_t number)
{
	if (number != 0)
		json_set_count(line, key, number);
}

void json_set_bool(struct json_line *line, const char *key, bool value)
{
	json_put_key(line, key);
	put_string(line, value ? "true" : "false");
}

void json_set_id(struct json_line *line, const char *id)
{
	if (id[0] == '\0')
		return;
	json_put_key(line, "id");
	put_string(line, id);
}

void json_set_hash(struct json_line *line, const char *key, struct bytes hash)
{
	char text[HASH_SIZE * 2 + 1] = "";

	if (hash.size == HASH_SIZE)
		bytes_to_hex(hash, text);
	json_set_text(line, key, text);
}

void json_set_hashes(
    struct json_line *line, const char *key, struct bytes hashes)
{
	struct reader reader = reader_of(hashes);

	json_put_key(line, key);
	json_open_group(line, "[");
	while (reader_left(&reader) >= HASH_SIZE) {
		char text[HASH_SIZE * 2 + 1];

		bytes_to_hex(reader_bytes(&reader, HASH_SIZE), text);
		json_put_comma(line);
		json_put_text(line, bytes_of_string(text));
	}
	json_close_group(line, "]");
}
