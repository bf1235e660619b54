/*
 * channel_view: libssl's BIO over the caller's buffers.
 *
 * It has no memory: during a call it reads from the caller's input and appends
 * to the caller's output, and between calls it has neither, so that nothing is
 * copied twice.
 */
#include "proto/channel_inside.h"

#include <assert.h>
#include <string.h>

#include "common/base/limits.h"

/* Looks at the first bytes that a client sends, while they are few. */
static bool hello_is_too_large(struct channel *channel, struct bytes piece)
{
	struct reader size;

	if (channel->handshake_size >= HELLO_HEAD_SIZE)
		return false;
	for (size_t i = channel->handshake_size, from = 0;
	     i < HELLO_HEAD_SIZE && from < piece.size; i++, from++)
		channel->hello[i] = piece.data[from];
	if (channel->handshake_size + piece.size < HELLO_HEAD_SIZE)
		return false;
	size = reader_of(bytes_of(&channel->hello[HELLO_HEAD_SIZE - 4], 4));
	return (reader_u32(&size) & 0xffffff) > HELLO_SIZE_MAX;
}

/* Before the handshake has ended, count what is taken. */
static bool handshake_is_past_limit(struct channel *channel, struct bytes piece)
{
	if (piece.size > HANDSHAKE_INPUT_SIZE_MAX - channel->handshake_size ||
	    (channel->context->side == SIDE_SERVER &&
		hello_is_too_large(channel, piece)))
		channel->is_past_limit = true;
	else
		channel->handshake_size += piece.size;
	return channel->is_past_limit;
}

static int view_read(BIO *bio, char *to, int size)
{
	struct channel *channel = BIO_get_data(bio);
	struct reader reader = reader_of(channel->input);
	struct bytes piece;

	BIO_clear_retry_flags(bio);
	if (channel->input.size == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	assert(size > 0);
	piece = reader_bytes(&reader, (size_t)size < channel->input.size
					  ? (size_t)size
					  : channel->input.size);
	if (!channel->is_open && handshake_is_past_limit(channel, piece))
		return -1;
	memcpy(to, piece.data, piece.size);
	channel->input = reader_bytes(&reader, reader_left(&reader));
	return (int)piece.size;
}

static int view_write(BIO *bio, const char *data, int size)
{
	struct channel *channel = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	assert(channel->output != NULL && size >= 0);
	if (buffer_append(channel->output, bytes_of(data, (size_t)size),
		NULL) != RESULT_OK) {
		channel->is_out_of_memory = true;
		return -1;
	}
	return size;
}

static long view_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *channel_view_method(void)
{
	BIO_METHOD *method =
	    BIO_meth_new(BIO_TYPE_SOURCE_SINK, "a caller's buffers");

	if (method != NULL && BIO_meth_set_read(method, view_read) == 1 &&
	    BIO_meth_set_write(method, view_write) == 1 &&
	    BIO_meth_set_ctrl(method, view_control) == 1)
		return method;
	BIO_meth_free(method);
	return NULL;
}
