/*
 * frame: where a message ends in a stream of bytes.
 *
 * The reader is on the path of every request. A frame that lies whole in the
 * input is lent out where it lies; only one that was cut is gathered in the
 * reader's own memory, and that memory is let go with the frame, so that an
 * idle connection holds none.
 */
#include "proto/frame.h"

#include <assert.h>
#include <string.h>

void frame_reader_init(struct frame_reader *reader, uint32_t size_max)
{
	*reader = (struct frame_reader){.size_max = size_max};
}

void frame_reader_finish(struct frame_reader *reader)
{
	buffer_finish(&reader->body);
}

/* At most `size` bytes from the front of `*input`. */
static struct bytes input_take(struct bytes *input, size_t size)
{
	struct reader reader = reader_of(*input);
	struct bytes taken =
	    reader_bytes(&reader, size < input->size ? size : input->size);

	*input = reader_bytes(&reader, reader_left(&reader));
	return taken;
}

/* Gather the head; true once it is whole. */
static bool head_take(struct frame_reader *reader, struct bytes *input)
{
	struct bytes taken =
	    input_take(input, FRAME_HEAD_SIZE - reader->head_size);

	if (taken.size > 0)
		memcpy(
		    &reader->head[reader->head_size], taken.data, taken.size);
	reader->head_size += (uint32_t)taken.size;
	return reader->head_size == FRAME_HEAD_SIZE;
}

static enum result head_read(struct frame_reader *reader, struct error *err)
{
	struct reader head = reader_of(bytes_of(reader->head, FRAME_HEAD_SIZE));
	uint32_t size = reader_u32(&head);

	if (size == 0)
		return error_set(err, RESULT_INVALID, "a frame of no bytes");
	if (size > reader->size_max)
		return error_set(err, RESULT_LIMIT,
		    "a frame of %u bytes; at most %u are taken", size,
		    reader->size_max);
	reader->body_size = size;
	return RESULT_OK;
}

/* Gather a body that arrives in pieces. */
static enum result body_gather(
    struct frame_reader *reader, struct bytes *input, struct error *err)
{
	size_t missing = reader->body_size - reader->body.size;
	enum result result;

	if (input->size == 0)
		return RESULT_OK;
	/* The whole body at once: it was found to be within the limit, and
	 * growing by pieces would copy it several times. */
	result = buffer_reserve(&reader->body, missing, err);
	if (result != RESULT_OK)
		return result;
	return buffer_append(&reader->body, input_take(input, missing), err);
}

/* The frame that was handed out last is over: what it lay in may go. */
static void body_release(struct frame_reader *reader)
{
	if (reader->body.size > 0 && reader->head_size == 0)
		buffer_finish(&reader->body);
}

enum result frame_reader_next(struct frame_reader *reader, struct bytes *input,
    struct bytes *ret_body, bool *ret_whole, struct error *err)
{
	enum result result;

	body_release(reader);
	if (!head_take(reader, input)) {
		*ret_whole = false;
		return RESULT_OK;
	}
	/* Looked at again on each call, so that a bad one stays bad. */
	result = head_read(reader, err);
	if (result != RESULT_OK)
		return result;
	if (reader->body.size == 0 && input->size >= reader->body_size) {
		*ret_body = input_take(input, reader->body_size);
		*ret_whole = true;
		reader->head_size = 0;
		return RESULT_OK;
	}
	result = body_gather(reader, input, err);
	if (result != RESULT_OK)
		return result;
	*ret_whole = reader->body.size == reader->body_size;
	if (*ret_whole) {
		*ret_body = buffer_view(&reader->body);
		reader->head_size = 0;
	}
	return RESULT_OK;
}

bool frame_reader_is_open(const struct frame_reader *reader)
{
	return reader->head_size > 0;
}

enum result frame_append(
    struct buffer *to, struct bytes body, uint32_t size_max, struct error *err)
{
	struct writer writer;
	enum result result;

	if (body.size == 0)
		return error_set(err, RESULT_INVALID, "a frame of no bytes");
	if (body.size > size_max)
		return error_set(err, RESULT_LIMIT,
		    "a frame of %zu bytes; at most %u are taken", body.size,
		    size_max);
	result = buffer_reserve(to, FRAME_HEAD_SIZE + body.size, err);
	if (result != RESULT_OK)
		return result;
	writer = writer_of(to->data + to->size, FRAME_HEAD_SIZE + body.size);
	writer_u32(&writer, (uint32_t)body.size);
	writer_bytes(&writer, body);
	assert(!writer.failed);
	to->size += writer.size;
	return RESULT_OK;
}
