/*
 * line: owns the one line that is being gathered.
 */
#include "client/line.h"

#include <string.h>

#include "common/base/crypto.h"

static void start(struct line_reader *reader)
{
	if (!reader->complete)
		return;
	reader->size = 0;
	reader->too_long = false;
	reader->complete = false;
}

static void add(struct line_reader *reader, struct bytes piece)
{
	if (reader->too_long)
		return;
	if (piece.size > JSON_LINE_SIZE_MAX - reader->size) {
		reader->too_long = true;
		reader->size = 0;
		return;
	}
	if (piece.size > 0)
		memcpy(&reader->line[reader->size], piece.data, piece.size);
	reader->size += piece.size;
}

static void finish(
    struct line_reader *reader, struct bytes *ret_line, bool *ret_too_long)
{
	if (reader->size > 0 && reader->line[reader->size - 1] == '\r')
		reader->size--;
	reader->line[reader->size] = '\0';
	reader->complete = true;
	*ret_line = bytes_of(reader->line, reader->size);
	*ret_too_long = reader->too_long;
}

bool line_next(struct line_reader *reader, struct bytes *input,
    struct bytes *ret_line, bool *ret_too_long)
{
	const uint8_t *end;
	size_t size;

	start(reader);
	if (input->size == 0)
		return false;
	end = memchr(input->data, '\n', input->size);
	size = end ? (size_t)(end - input->data) : input->size;
	add(reader, bytes_of(input->data, size));
	if (end)
		size++;
	*input = bytes_of(input->data + size, input->size - size);
	if (end)
		finish(reader, ret_line, ret_too_long);
	return end != NULL;
}

bool line_last(
    struct line_reader *reader, struct bytes *ret_line, bool *ret_too_long)
{
	start(reader);
	if (reader->size == 0 && !reader->too_long)
		return false;
	finish(reader, ret_line, ret_too_long);
	return true;
}

void line_forget(struct line_reader *reader)
{
	crypto_wipe(reader->line, sizeof reader->line);
}
