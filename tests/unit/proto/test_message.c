/*
 * Tests of message: every request and reply there and back.
 */
#include "tests/unit/proto/message_world.h"

/* --- there and back ------------------------------------------------------- */

static void requests_go_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request request = request_of(request_tags[i]);
		struct buffer frame = encode(&request), again;
		tally_Request back;

		memset(&back, 0xa5, sizeof(back));
		assert_int_equal(RESULT_OK,
		    message_decode_request(body_of(&frame), &back, NULL));
		assert_int_equal(back.which_body, request_tags[i]);
		assert_int_equal(back.id, 77);
		again = encode(&back);
		assert_true(
		    bytes_equal(buffer_view(&frame), buffer_view(&again)));
		buffer_finish(&again);
		buffer_finish(&frame);
	}
}

static void replies_go_there_and_back(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	tally_Reply *back = malloc(sizeof(*back));

	(void)state;
	assert_true(reply != NULL && back != NULL);
	for (size_t i = 0; i < COUNT(reply_tags); i++) {
		struct buffer frame, again;

		reply_fill(reply, reply_tags[i]);
		frame = encode_reply(reply);
		memset(back, 0xa5, sizeof(*back));
		assert_int_equal(RESULT_OK,
		    message_decode_reply(body_of(&frame), back, NULL));
		assert_int_equal(back->which_body, reply_tags[i]);
		again = encode_reply(back);
		assert_true(
		    bytes_equal(buffer_view(&frame), buffer_view(&again)));
		buffer_finish(&again);
		buffer_finish(&frame);
	}
	free(back);
	free(reply);
}

/* The outside of a message is written by hand: nanopb must say the same. */
static void nanopb_writes_the_same_bytes(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	uint8_t wanted[FRAME_REQUEST_SIZE_MAX];

	(void)state;
	assert_non_null(reply);
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request request = request_of(request_tags[i]);

		for (unsigned shift = 0; shift <= 64; shift++) {
			pb_ostream_t stream =
			    pb_ostream_from_buffer(wanted, sizeof(wanted));
			struct buffer frame;

			request.id = shift == 64 ? 0 : 1ull << shift;
			frame = encode(&request);
			assert_true(
			    pb_encode(&stream, tally_Request_fields, &request));
			assert_true(bytes_equal(body_of(&frame),
			    bytes_of(wanted, stream.bytes_written)));
			buffer_finish(&frame);
		}
	}
	for (size_t i = 0; i < COUNT(reply_tags); i++) {
		pb_ostream_t stream =
		    pb_ostream_from_buffer(wanted, sizeof(wanted));
		struct buffer frame;

		reply_fill(reply, reply_tags[i]);
		frame = encode_reply(reply);
		assert_true(pb_encode(&stream, tally_Reply_fields, reply));
		assert_true(bytes_equal(
		    body_of(&frame), bytes_of(wanted, stream.bytes_written)));
		buffer_finish(&frame);
	}
	free(reply);
}

/* Sizes around those where a length takes another byte, and where the first
 * room is too small. */
static void bodies_of_every_size_go_there_and_back(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));

	(void)state;
	assert_non_null(reply);
	for (pb_size_t size = 0; size <= ENTRIES_CHUNK_SIZE_MAX; size++) {
		struct buffer frame;

		if (size > 600 && size % 97 != 0 &&
		    size != ENTRIES_CHUNK_SIZE_MAX)
			continue;
		reply_fill(reply, tally_Reply_entries_tag);
		FILL(reply->body.entries.records, size, size & 0xff);
		frame = encode_reply(reply);
		memset(reply, 0xa5, sizeof(*reply));
		assert_int_equal(RESULT_OK,
		    message_decode_reply(body_of(&frame), reply, NULL));
		assert_int_equal(reply->body.entries.records.size, size);
		if (size > 0)
			assert_int_equal(
			    reply->body.entries.records.bytes[size - 1],
			    size & 0xff);
		buffer_finish(&frame);
	}
	free(reply);
}

static void an_earn_keeps_every_field(void **state)
{
	tally_Request request = request_of(tally_Request_earn_tag), back;
	struct buffer frame = encode(&request);
	const tally_Earn *earn = &back.body.earn;

	(void)state;
	assert_int_equal(
	    RESULT_OK, message_decode_request(body_of(&frame), &back, NULL));
	assert_int_equal(earn->operation.counter, 9);
	assert_int_equal(earn->operation.random.size, 16);
	assert_int_equal(earn->operation.random.bytes[15], 0x5a);
	assert_int_equal(earn->operation.ticket.size, TICKET_SIZE);
	assert_string_equal(earn->card, CARD);
	assert_int_equal(earn->amount_minor, 1250);
	assert_string_equal(earn->receipt, "A-17");
	buffer_finish(&frame);
}

static void frames_are_appended_one_behind_another(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	struct buffer output = {0};
	struct frame_reader reader;
	struct bytes input, body;
	bool is_whole;

	(void)state;
	assert_non_null(reply);
	for (uint64_t id = 1; id <= 200; id++) {
		reply_fill(reply, id % 50 == 0 ? tally_Reply_entries_tag
					       : tally_Reply_operation_tag);
		reply->id = id;
		assert_int_equal(
		    RESULT_OK, message_append_reply(&output, reply, NULL));
	}
	frame_reader_init(&reader, FRAME_REPLY_SIZE_MAX);
	input = buffer_view(&output);
	for (uint64_t id = 1; id <= 200; id++) {
		assert_int_equal(RESULT_OK,
		    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
		assert_true(is_whole);
		assert_int_equal(
		    RESULT_OK, message_decode_reply(body, reply, NULL));
		assert_int_equal(reply->id, id);
	}
	assert_int_equal(input.size, 0);
	frame_reader_finish(&reader);
	buffer_finish(&output);
	free(reply);
}

static void a_string_without_an_end_is_not_encoded(void **state)
{
	tally_Request request = request_of(tally_Request_lookup_tag);
	struct buffer frame = {0};
	struct error err;

	(void)state;
	memset(request.body.lookup.card, 'x', sizeof(request.body.lookup.card));
	assert_int_equal(
	    RESULT_INVALID, message_append_request(&frame, &request, &err));
	assert_int_equal(frame.size, 0);
	buffer_finish(&frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_go_there_and_back),
	    cmocka_unit_test(replies_go_there_and_back),
	    cmocka_unit_test(nanopb_writes_the_same_bytes),
	    cmocka_unit_test(bodies_of_every_size_go_there_and_back),
	    cmocka_unit_test(an_earn_keeps_every_field),
	    cmocka_unit_test(frames_are_appended_one_behind_another),
	    cmocka_unit_test(a_string_without_an_end_is_not_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
