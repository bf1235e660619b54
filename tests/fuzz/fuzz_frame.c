/*
 * fuzz_frame: a stream cut anywhere gives the same frames as one in a piece.
 *
 * The first byte of the input says how large the pieces are; the rest is the
 * stream.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

#define SIZE_LIMIT 64u /* small, so that both sides of it are met */

/* What came out of a stream: its frames, framed again, and how it ended. */
struct outcome {
	struct buffer frames;
	enum result result;
	bool is_open;
};

static void take(struct outcome *outcome, struct bytes body)
{
	enum result result =
	    frame_append(&outcome->frames, body, SIZE_LIMIT, NULL);

	assert(result == RESULT_OK);
}

/* Feed one piece, copied into exact memory; false once the stream fails. */
static bool feed(struct frame_reader *reader, const uint8_t *data, size_t size,
    struct outcome *outcome)
{
	uint8_t *copy = malloc(size + 1);
	struct bytes input = bytes_of(copy, size);
	bool is_whole = true;

	assert(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	while (is_whole && outcome->result == RESULT_OK) {
		struct bytes body;

		outcome->result =
		    frame_reader_next(reader, &input, &body, &is_whole, NULL);
		if (outcome->result == RESULT_OK && is_whole)
			take(outcome, body);
	}
	assert(outcome->result != RESULT_OK || input.size == 0);
	free(copy);
	return outcome->result == RESULT_OK;
}

static struct outcome run(const uint8_t *data, size_t size, size_t piece)
{
	struct outcome outcome = {.result = RESULT_OK};
	struct frame_reader reader;

	frame_reader_init(&reader, SIZE_LIMIT);
	for (size_t at = 0; at < size; at += piece) {
		size_t left = size - at;

		if (!feed(&reader, &data[at], left < piece ? left : piece,
			&outcome))
			break;
	}
	outcome.is_open = frame_reader_is_open(&reader);
	frame_reader_finish(&reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (size == 0)
		return 0;
	whole = run(&data[1], size - 1, size);
	pieces = run(&data[1], size - 1, data[0] == 0 ? 1 : data[0]);
	assert(whole.result == pieces.result);
	assert(whole.is_open == pieces.is_open);
	assert(bytes_equal(
	    buffer_view(&whole.frames), buffer_view(&pieces.frames)));
	/* What was framed again is the start of what came. */
	assert(whole.frames.size <= size - 1);
	assert(whole.frames.size == 0 ||
	       memcmp(whole.frames.data, &data[1], whole.frames.size) == 0);
	buffer_finish(&whole.frames);
	buffer_finish(&pieces.frames);
	return 0;
}
