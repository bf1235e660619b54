/*
 * wrap: owns where a line is broken.
 */
#include "common/base/wrap.h"

#include <string.h>

/* The first `size` bytes, and `*text` moved past them. */
static struct bytes take(struct bytes *text, size_t size)
{
	struct reader reader = reader_of(*text);
	struct bytes first = reader_bytes(&reader, size);

	*text = reader_bytes(&reader, reader_left(&reader));
	return first;
}

size_t wrap_width(struct bytes text)
{
	size_t width = 0;

	/* UTF-8's later bytes are not counted. */
	for (size_t i = 0; i < text.size; i++)
		width += (text.data[i] & 0xc0) != 0x80;
	return width;
}

/* How many blanks `text` has from `from` on, and how many other bytes. */
static size_t blanks_at(struct bytes text, size_t from)
{
	size_t at = from;

	while (at < text.size && text.data[at] == ' ')
		at++;
	return at - from;
}

static size_t word_at(struct bytes text, size_t from)
{
	size_t at = from;

	while (at < text.size && text.data[at] != ' ')
		at++;
	return at - from;
}

struct bytes wrap_take(struct bytes *text, size_t width)
{
	size_t size = 0;   /* of the line … */
	size_t column = 0; /* … and its width */
	struct bytes line;

	while (size < text->size) {
		size_t start = size + blanks_at(*text, size);
		size_t end = start + word_at(*text, start);
		size_t added =
		    wrap_width(bytes_of(&text->data[size], end - size));

		if (end == start || (size != 0 && column + added > width))
			break;
		size = end;
		column += added;
	}
	line = take(text, size);
	(void)take(text, blanks_at(*text, 0));
	return line;
}

/* --- lines ---------------------------------------------------------------- */

/* Where what is broken goes on. A column that begins past the middle would
 * leave too little beside it. */
static size_t indent_of(struct bytes line, size_t width)
{
	size_t indent = 0;
	size_t at = 0;

	while (at < line.size) {
		size_t blanks = blanks_at(line, at);
		size_t column;

		if (blanks >= 2 || (at == 0 && blanks > 0)) {
			column = wrap_width(bytes_of(line.data, at + blanks));
			if (column > width / 2)
				break;
			indent = column;
		}
		at += blanks;
		at += word_at(line, at);
	}
	return indent;
}

static enum result append_blanks(
    struct buffer *output, size_t count, struct error *err)
{
	enum result result = RESULT_OK;

	while (result == RESULT_OK && count-- > 0)
		result = buffer_append(output, bytes_of(" ", 1), err);
	return result;
}

static enum result append_broken(
    struct bytes line, size_t width, struct buffer *output, struct error *err)
{
	size_t indent = indent_of(line, width);
	enum result result =
	    buffer_append(output, wrap_take(&line, width), err);

	while (result == RESULT_OK && line.size > 0) {
		result = buffer_append(output, bytes_of("\n", 1), err);
		if (result == RESULT_OK)
			result = append_blanks(output, indent, err);
		if (result == RESULT_OK)
			result = buffer_append(
			    output, wrap_take(&line, width - indent), err);
	}
	return result;
}

enum result wrap_lines(
    struct bytes text, size_t width, struct buffer *output, struct error *err)
{
	enum result result = RESULT_OK;

	while (result == RESULT_OK && text.size > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		struct bytes line =
		    take(&text, end ? (size_t)(end - text.data) : text.size);

		if (wrap_width(line) <= width)
			result = buffer_append(output, line, err);
		else
			result = append_broken(line, width, output, err);
		if (result == RESULT_OK)
			result = buffer_append(
			    output, take(&text, end ? 1 : 0), err);
	}
	return result;
}
