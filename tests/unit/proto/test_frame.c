/*
 * Tests of frame: streams cut anywhere, limits, and who owns what is lent out.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "proto/frame.h"

#define LIMIT 100u

/* Three frames, of 1, 5 and LIMIT bytes. */
static struct buffer three_frames(void)
{
	static const size_t sizes[] = {1, 5, LIMIT};
	struct buffer stream = {0};
	uint8_t body[LIMIT];

	for (size_t i = 0; i < 3; i++) {
		memset(body, (int)('a' + i), sizeof(body));
		assert_int_equal(
		    RESULT_OK, frame_append(&stream, bytes_of(body, sizes[i]),
				   LIMIT, NULL));
	}
	return stream;
}

/* Check the frame that comes as the `index`th of three_frames(). */
static void is_frame(struct bytes body, size_t index)
{
	static const size_t sizes[] = {1, 5, LIMIT};

	assert_true(index < 3);
	assert_int_equal(body.size, sizes[index]);
	for (size_t i = 0; i < body.size; i++)
		assert_int_equal(body.data[i], 'a' + index);
}

/* Feed `piece` and check what comes out; the number of frames so far. */
static size_t feed(struct frame_reader *reader, struct bytes piece, size_t seen)
{
	for (;;) {
		struct bytes body;
		bool is_whole;

		assert_int_equal(RESULT_OK,
		    frame_reader_next(reader, &piece, &body, &is_whole, NULL));
		if (!is_whole) {
			assert_int_equal(piece.size, 0);
			return seen;
		}
		is_frame(body, seen++);
	}
}

static void writes_a_big_endian_length_and_the_body(void **state)
{
	static const uint8_t wanted[] = {0, 0, 0, 3, 'a', 'b', 'c'};
	struct buffer to = {0};

	(void)state;
	assert_int_equal(
	    RESULT_OK, frame_append(&to, bytes_of_string("abc"), LIMIT, NULL));
	assert_int_equal(to.size, sizeof(wanted));
	assert_memory_equal(to.data, wanted, sizeof(wanted));
	buffer_finish(&to);
}

static void appends_behind_what_is_there(void **state)
{
	struct buffer to = {0};

	(void)state;
	assert_int_equal(
	    RESULT_OK, buffer_append(&to, bytes_of_string("x"), NULL));
	assert_int_equal(
	    RESULT_OK, frame_append(&to, bytes_of_string("y"), LIMIT, NULL));
	assert_int_equal(to.size, 6);
	assert_memory_equal(to.data, "x\0\0\0\1y", 6);
	buffer_finish(&to);
}

static void does_not_append_past_the_limit(void **state)
{
	uint8_t body[LIMIT + 1] = {0};
	struct buffer to = {0};
	struct error err;

	(void)state;
	assert_int_equal(RESULT_LIMIT,
	    frame_append(&to, bytes_of(body, LIMIT + 1), LIMIT, &err));
	assert_non_null(strstr(err.text, "101"));
	assert_int_equal(
	    RESULT_INVALID, frame_append(&to, bytes_of(body, 0), LIMIT, &err));
	assert_int_equal(to.size, 0);
	assert_int_equal(
	    RESULT_OK, frame_append(&to, bytes_of(body, LIMIT), LIMIT, &err));
	assert_int_equal(to.size, FRAME_HEAD_SIZE + LIMIT);
	buffer_finish(&to);
}

static void reads_the_same_frames_cut_anywhere(void **state)
{
	struct buffer stream = three_frames();

	(void)state;
	for (size_t first = 0; first <= stream.size; first++) {
		for (size_t second = first; second <= stream.size; second++) {
			struct frame_reader reader;
			size_t seen;

			frame_reader_init(&reader, LIMIT);
			seen = feed(&reader, bytes_of(stream.data, first), 0);
			seen = feed(&reader,
			    bytes_of(&stream.data[first], second - first),
			    seen);
			seen = feed(&reader,
			    bytes_of(
				&stream.data[second], stream.size - second),
			    seen);
			assert_int_equal(seen, 3);
			assert_false(frame_reader_is_open(&reader));
			frame_reader_finish(&reader);
		}
	}
	buffer_finish(&stream);
}

static void reads_frames_byte_by_byte(void **state)
{
	struct buffer stream = three_frames();
	struct frame_reader reader;
	size_t seen = 0;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	for (size_t i = 0; i < stream.size; i++) {
		/* Each byte in memory of its own, gone right afterwards. */
		uint8_t *byte = malloc(1);

		assert_non_null(byte);
		*byte = stream.data[i];
		seen = feed(&reader, bytes_of(byte, 1), seen);
		free(byte);
	}
	assert_int_equal(seen, 3);
	frame_reader_finish(&reader);
	buffer_finish(&stream);
}

static void says_whether_a_frame_has_begun(void **state)
{
	struct buffer stream = three_frames();
	struct frame_reader reader;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	assert_false(frame_reader_is_open(&reader));
	/* The first frame ends with byte 5, the second with byte 14. */
	for (size_t i = 0; i < 14; i++) {
		(void)feed(
		    &reader, bytes_of(&stream.data[i], 1), i < 5 ? 0 : 1);
		assert_int_equal(
		    frame_reader_is_open(&reader), i != 4 && i != 13);
	}
	frame_reader_finish(&reader);
	buffer_finish(&stream);
}

static void lends_a_whole_frame_out_of_the_input(void **state)
{
	struct buffer stream = three_frames();
	struct bytes input = buffer_view(&stream);
	struct frame_reader reader;
	struct bytes body;
	bool is_whole;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	for (size_t i = 0, at = FRAME_HEAD_SIZE; i < 3; i++) {
		assert_int_equal(RESULT_OK,
		    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
		assert_true(is_whole);
		assert_ptr_equal(body.data, &stream.data[at]);
		at += body.size + FRAME_HEAD_SIZE;
	}
	assert_int_equal(input.size, 0);
	assert_null(reader.body.data);
	frame_reader_finish(&reader);
	buffer_finish(&stream);
}

static void lends_a_body_whose_head_came_before_it(void **state)
{
	static const uint8_t head[] = {0, 0, 0, 2};
	static const uint8_t rest[] = {'o', 'k', 0, 0};
	struct bytes input = bytes_of(head, sizeof(head));
	struct frame_reader reader;
	struct bytes body;
	bool is_whole;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	assert_int_equal(RESULT_OK,
	    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
	assert_false(is_whole);
	input = bytes_of(rest, sizeof(rest));
	assert_int_equal(RESULT_OK,
	    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
	assert_true(is_whole);
	assert_ptr_equal(body.data, rest);
	assert_int_equal(input.size, 2);
	frame_reader_finish(&reader);
}

static void keeps_no_memory_between_frames(void **state)
{
	struct buffer stream = three_frames();
	struct bytes nothing = bytes_of(NULL, 0);
	struct frame_reader reader;
	struct bytes body;
	bool is_whole;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	(void)feed(&reader, bytes_of(stream.data, 12), 0);
	assert_non_null(reader.body.data);
	(void)feed(&reader, bytes_of(&stream.data[12], 2), 1);
	assert_int_equal(RESULT_OK,
	    frame_reader_next(&reader, &nothing, &body, &is_whole, NULL));
	assert_false(is_whole);
	assert_null(reader.body.data);
	frame_reader_finish(&reader);
	buffer_finish(&stream);
}

/* A head of `size`, then the result of reading it in one piece. */
static enum result read_head(
    struct frame_reader *reader, uint32_t size, struct error *err)
{
	uint8_t head[FRAME_HEAD_SIZE];
	struct writer writer = writer_of(head, sizeof(head));
	struct bytes input = bytes_of(head, sizeof(head));
	struct bytes body;
	bool is_whole;

	writer_u32(&writer, size);
	return frame_reader_next(reader, &input, &body, &is_whole, err);
}

static void refuses_a_length_past_the_limit_before_keeping_a_byte(void **state)
{
	static const uint32_t sizes[] = {
	    LIMIT + 1, 1u << 16, 0x7fffffff, 0x80000000, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct frame_reader reader;
		struct error err;

		frame_reader_init(&reader, LIMIT);
		assert_int_equal(
		    RESULT_LIMIT, read_head(&reader, sizes[i], &err));
		assert_int_equal(err.result, RESULT_LIMIT);
		assert_null(reader.body.data);
		frame_reader_finish(&reader);
	}
}

static void takes_a_length_at_the_limit(void **state)
{
	struct frame_reader reader;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	assert_int_equal(RESULT_OK, read_head(&reader, LIMIT, NULL));
	assert_true(frame_reader_is_open(&reader));
	frame_reader_finish(&reader);
}

static void refuses_a_frame_of_no_bytes(void **state)
{
	struct frame_reader reader;
	struct error err;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	assert_int_equal(RESULT_INVALID, read_head(&reader, 0, &err));
	frame_reader_finish(&reader);
}

static void stays_refusing_after_a_bad_length(void **state)
{
	struct buffer good = three_frames();
	struct bytes input = buffer_view(&good);
	struct frame_reader reader;
	struct bytes body;
	bool is_whole;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	/* A good frame first, so that an old size is there to be mistaken. */
	assert_int_equal(RESULT_OK,
	    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
	assert_int_equal(RESULT_LIMIT, read_head(&reader, LIMIT + 1, NULL));
	for (int i = 0; i < 3; i++)
		assert_int_equal(RESULT_LIMIT,
		    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
	frame_reader_finish(&reader);
	buffer_finish(&good);
}

static void takes_the_largest_request_and_reply(void **state)
{
	static const uint32_t sizes[] = {
	    FRAME_REQUEST_SIZE_MAX, FRAME_REPLY_SIZE_MAX};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t *body = calloc(1, sizes[i]);
		struct frame_reader reader;
		struct buffer stream = {0};
		struct bytes input, whole;
		bool is_whole;

		assert_non_null(body);
		assert_int_equal(
		    RESULT_OK, frame_append(&stream, bytes_of(body, sizes[i]),
				   sizes[i], NULL));
		frame_reader_init(&reader, sizes[i]);
		input = buffer_view(&stream);
		assert_int_equal(RESULT_OK, frame_reader_next(&reader, &input,
						&whole, &is_whole, NULL));
		assert_true(is_whole);
		assert_int_equal(whole.size, sizes[i]);
		frame_reader_finish(&reader);
		buffer_finish(&stream);
		free(body);
	}
}

static void gives_nothing_for_nothing(void **state)
{
	struct frame_reader reader;
	struct bytes input = bytes_of(NULL, 0);
	struct bytes body;
	bool is_whole = true;

	(void)state;
	frame_reader_init(&reader, LIMIT);
	assert_int_equal(RESULT_OK,
	    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
	assert_false(is_whole);
	assert_false(frame_reader_is_open(&reader));
	frame_reader_finish(&reader);
	/* Finishing twice is harmless. */
	frame_reader_finish(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_a_big_endian_length_and_the_body),
	    cmocka_unit_test(appends_behind_what_is_there),
	    cmocka_unit_test(does_not_append_past_the_limit),
	    cmocka_unit_test(reads_the_same_frames_cut_anywhere),
	    cmocka_unit_test(reads_frames_byte_by_byte),
	    cmocka_unit_test(says_whether_a_frame_has_begun),
	    cmocka_unit_test(lends_a_whole_frame_out_of_the_input),
	    cmocka_unit_test(lends_a_body_whose_head_came_before_it),
	    cmocka_unit_test(keeps_no_memory_between_frames),
	    cmocka_unit_test(
		refuses_a_length_past_the_limit_before_keeping_a_byte),
	    cmocka_unit_test(takes_a_length_at_the_limit),
	    cmocka_unit_test(refuses_a_frame_of_no_bytes),
	    cmocka_unit_test(stays_refusing_after_a_bad_length),
	    cmocka_unit_test(takes_the_largest_request_and_reply),
	    cmocka_unit_test(gives_nothing_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
