/*
 * fuzz_message: whatever is taken as a request or a reply is written again,
 * and what is written is read as the same.
 *
 * The first byte says which it is; the rest is the message. Wire bytes are
 * not canonical, so that the first writing may differ from the input; the
 * second must not differ from the first.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "proto/message.h"

/* The message in a frame that was just written. */
static struct bytes body_of(const struct buffer *frame)
{
	struct reader reader = reader_of(buffer_view(frame));
	uint32_t size = reader_u32(&reader);
	struct bytes body = reader_bytes(&reader, size);

	assert(!reader.failed && reader_left(&reader) == 0);
	return body;
}

static void check_request(struct bytes message)
{
	static tally_Request request;
	struct buffer first = {0}, second = {0};
	enum result result;

	/* Decoders get no clean memory in the programs either. */
	memset(&request, 0xa5, sizeof(request));
	if (message_decode_request(message, &request, NULL) != RESULT_OK)
		return;
	assert(strcmp(message_request_name(&request), "unknown") != 0);
	result = message_append_request(&first, &request, NULL);
	assert(result == RESULT_OK);
	memset(&request, 0x5a, sizeof(request));
	result = message_decode_request(body_of(&first), &request, NULL);
	assert(result == RESULT_OK);
	result = message_append_request(&second, &request, NULL);
	assert(result == RESULT_OK);
	assert(bytes_equal(buffer_view(&first), buffer_view(&second)));
	buffer_finish(&first);
	buffer_finish(&second);
}

static void check_refusal(tally_Reply *reply)
{
	struct refusal refusal;

	message_refusal(reply, &refusal);
	if (reply->which_body != tally_Reply_refusal_tag)
		assert(refusal.code == REFUSAL_NONE);
	else
		message_set_refusal(reply, &refusal);
}

static void check_reply(struct bytes message)
{
	static tally_Reply reply;
	struct buffer first = {0}, second = {0};
	enum result result;

	memset(&reply, 0xa5, sizeof(reply));
	if (message_decode_reply(message, &reply, NULL) != RESULT_OK)
		return;
	result = message_append_reply(&first, &reply, NULL);
	assert(result == RESULT_OK);
	memset(&reply, 0x5a, sizeof(reply));
	result = message_decode_reply(body_of(&first), &reply, NULL);
	assert(result == RESULT_OK);
	check_refusal(&reply);
	result = message_append_reply(&second, &reply, NULL);
	assert(result == RESULT_OK);
	assert(bytes_equal(buffer_view(&first), buffer_view(&second)));
	buffer_finish(&first);
	buffer_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		check_request(bytes_of(&data[1], size - 1));
	else
		check_reply(bytes_of(&data[1], size - 1));
	return 0;
}
