/*
 * bytes: views, a bounded reader and writer, and a growing buffer.
 *
 * The only file of Tallystick that moves a pointer through memory. Integers
 * are big-endian. A reader or writer that meets its end fails for good
 * (`failed`), so that a caller may read a whole structure and look once.
 */
#ifndef COMMON_BASE_BYTES_H
#define COMMON_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/result.h"

/* A borrowed view. It owns nothing; `data` may be NULL where `size` is 0. */
struct bytes {
	const uint8_t *data;
	size_t size;
};

struct bytes bytes_of(const void *data, size_t size);
/* The characters of a NUL-ended string, without the NUL. */
struct bytes bytes_of_string(const char *string);
bool bytes_equal(struct bytes a, struct bytes b);
/* In a time that depends on the sizes alone. */
bool bytes_equal_secret(struct bytes a, struct bytes b);
/* True for well-formed UTF-8 (RFC 3629) with no control characters below
 * U+0020 other than those in `allowed` (a string, or NULL for none). */
bool bytes_are_text(struct bytes text, const char *allowed);
/* SPACE, TAB and CR: what may stand around the words of a line. */
bool byte_is_blank(uint8_t byte);
/* The view without blanks at its ends. */
struct bytes bytes_trim(struct bytes text);

struct reader {
	const uint8_t *data;
	size_t size;
	size_t position;
	bool failed;
};

struct reader reader_of(struct bytes bytes);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
/* A view of the next `size` bytes, borrowed from the reader's bytes. */
struct bytes reader_bytes(struct reader *reader, size_t size);
/* Copy `size` bytes to `to`; zeroes where the reader fails. */
void reader_copy(struct reader *reader, void *to, size_t size);
size_t reader_left(const struct reader *reader);

/* Writes into the caller's memory, never past `capacity`. */
struct writer {
	uint8_t *data;
	size_t capacity;
	size_t size;
	bool failed;
};

struct writer writer_of(void *data, size_t capacity);
void writer_u8(struct writer *writer, uint8_t value);
void writer_u16(struct writer *writer, uint16_t value);
void writer_u32(struct writer *writer, uint32_t value);
void writer_u64(struct writer *writer, uint64_t value);
void writer_bytes(struct writer *writer, struct bytes bytes);
struct bytes writer_view(const struct writer *writer);

/* Bytes on the heap that grow. All zero is an empty buffer. */
struct buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
};

/* RESULT_NO_MEMORY leaves the buffer as it was. */
enum result buffer_append(
    struct buffer *buffer, struct bytes bytes, struct error *err);
/* Room for `size` more bytes at data + size; the caller adds to `size`. */
enum result buffer_reserve(
    struct buffer *buffer, size_t size, struct error *err);
/* Drop the first `size` bytes and move the rest to the front. */
void buffer_consume(struct buffer *buffer, size_t size);
struct bytes buffer_view(const struct buffer *buffer);
/* Free the memory; the buffer is empty and may be used again. */
void buffer_finish(struct buffer *buffer);

/*
 * Lower-case hexadecimal. bytes_to_hex() writes 2 * size characters and a NUL
 * into `text`, which has room for them. bytes_from_hex() takes exactly
 * 2 * size digits of either case, or returns false.
 */
void bytes_to_hex(struct bytes bytes, char *text);
bool bytes_from_hex(const char *text, void *to, size_t size);

/*
 * Base64, RFC 4648 section 4, with padding, no line ends; the decoder refuses
 * any other form (stray bits included). base64_size() counts characters
 * without the NUL that bytes_to_base64() writes after them.
 */
size_t base64_size(size_t size);
void bytes_to_base64(struct bytes bytes, char *text);
bool bytes_from_base64(
    struct bytes text, void *to, size_t capacity, size_t *ret_size);

#endif
