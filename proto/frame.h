/*
 * frame: a u32 big-endian length, then so many bytes of one message.
 *
 * Sans-I/O. A frame of length 0 or above the reader's limit is a protocol
 * error; the length is refused before any of its bytes are kept.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <stdbool.h>

#include "common/base/bytes.h"

#define FRAME_HEAD_SIZE 4u

/* Gathers one frame at a time from a stream cut anywhere. */
struct frame_reader {
	uint32_t size_max;
	uint8_t head[FRAME_HEAD_SIZE];
	uint32_t head_size;
	struct buffer body; /* only used for frames that arrive in pieces */
	uint32_t body_size; /* announced */
};

void frame_reader_init(struct frame_reader *reader, uint32_t size_max);
void frame_reader_finish(struct frame_reader *reader);

/*
 * Take from `*input` (moved past what was taken). When a frame is whole,
 * `*ret_whole` is true and `*ret_body` its bytes, borrowed from the input or
 * the reader until the next call. RESULT_LIMIT or RESULT_INVALID: the stream
 * is beyond repair.
 */
enum result frame_reader_next(struct frame_reader *reader, struct bytes *input,
    struct bytes *ret_body, bool *ret_whole, struct error *err);
/* True between a frame's first byte and its last: for the request time-out. */
bool frame_reader_is_open(const struct frame_reader *reader);

/* Append head and body to `to`. The body is at most `size_max` bytes. */
enum result frame_append(
    struct buffer *to, struct bytes body, uint32_t size_max, struct error *err);

#endif
