/*
 * bytes: views, the bounded reader and writer, the growing buffer, and the
 * three textual forms of bytes: UTF-8, hexadecimal and base64.
 */
#include "common/base/bytes.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

struct bytes bytes_of(const void *data, size_t size)
{
	return (struct bytes){.data = data, .size = size};
}

struct bytes bytes_of_string(const char *string)
{
	return bytes_of(string, strlen(string));
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	if (a.size != b.size)
		return false;
	/* memcmp() does not take NULL, not even for no bytes at all. */
	return a.size == 0 || memcmp(a.data, b.data, a.size) == 0;
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
	/* Volatile, so that the compiler cannot leave the loop early. */
	volatile uint8_t difference = 0;

	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		difference |= a.data[i] ^ b.data[i];
	return difference == 0;
}

/* --- UTF-8 ---------------------------------------------------------------- */

/*
 * The bytes of the well-formed character at the front of `text`, which is not
 * empty, or 0. This is the table of RFC 3629 section 4: the range of the
 * second byte is what keeps out overlong forms, surrogates and everything
 * above U+10FFFF.
 */
static size_t utf8_size(struct bytes text)
{
	uint8_t first = text.data[0];
	uint8_t low = 0x80, high = 0xbf;
	size_t size;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (text.size < size || text.data[1] < low || text.data[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++) {
		if ((text.data[i] & 0xc0) != 0x80)
			return 0;
	}
	return size;
}

/* NUL ends `allowed`, and so is never in it. */
static bool control_allowed(uint8_t control, const char *allowed)
{
	return control != 0 && allowed != NULL &&
	       strchr(allowed, control) != NULL;
}

bool bytes_are_text(struct bytes text, const char *allowed)
{
	size_t position = 0;

	while (position < text.size) {
		/* Most text is ASCII, and a ledger is full of it. */
		if (text.data[position] >= 0x20 && text.data[position] < 0x80) {
			position++;
			continue;
		}
		struct bytes rest =
		    bytes_of(text.data + position, text.size - position);
		size_t size = utf8_size(rest);

		if (size == 0)
			return false;
		if (rest.data[0] < 0x20 &&
		    !control_allowed(rest.data[0], allowed))
			return false;
		position += size;
	}
	return true;
}

bool byte_is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

struct bytes bytes_trim(struct bytes text)
{
	size_t start = 0;

	while (text.size > 0 && byte_is_blank(text.data[text.size - 1]))
		text.size--;
	while (start < text.size && byte_is_blank(text.data[start]))
		start++;
	if (start == 0)
		return text;
	return bytes_of(&text.data[start], text.size - start);
}

/* --- the reader ----------------------------------------------------------- */

struct reader reader_of(struct bytes bytes)
{
	return (struct reader){.data = bytes.data, .size = bytes.size};
}

/* Where the next `size` bytes stand, or NULL. `size` is not 0. */
static inline const uint8_t *reader_take(struct reader *reader, size_t size)
{
	const uint8_t *at;

	if (reader->failed || size > reader->size - reader->position) {
		reader->failed = true;
		return NULL;
	}
	at = reader->data + reader->position;
	reader->position += size;
	return at;
}

uint8_t reader_u8(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, 1);

	return at == NULL ? 0 : *at;
}

uint16_t reader_u16(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, sizeof(uint16_t));
	uint16_t value = 0;

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return be16toh(value);
}

uint32_t reader_u32(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, sizeof(uint32_t));
	uint32_t value = 0;

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

uint64_t reader_u64(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, sizeof(uint64_t));
	uint64_t value = 0;

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

struct bytes reader_bytes(struct reader *reader, size_t size)
{
	const uint8_t *at;

	if (size == 0)
		return bytes_of(NULL, 0);
	at = reader_take(reader, size);
	return bytes_of(at, at == NULL ? 0 : size);
}

void reader_copy(struct reader *reader, void *to, size_t size)
{
	const uint8_t *at;

	if (size == 0)
		return;
	at = reader_take(reader, size);
	if (at == NULL)
		memset(to, 0, size);
	else
		memcpy(to, at, size);
}

size_t reader_left(const struct reader *reader)
{
	return reader->failed ? 0 : reader->size - reader->position;
}

/* --- the writer ----------------------------------------------------------- */

struct writer writer_of(void *data, size_t capacity)
{
	return (struct writer){.data = data, .capacity = capacity};
}

static inline void writer_put(
    struct writer *writer, const void *data, size_t size)
{
	if (writer->failed || size > writer->capacity - writer->size) {
		writer->failed = true;
		return;
	}
	memcpy(writer->data + writer->size, data, size);
	writer->size += size;
}

void writer_u8(struct writer *writer, uint8_t value)
{
	writer_put(writer, &value, sizeof(value));
}

void writer_u16(struct writer *writer, uint16_t value)
{
	uint16_t big = htobe16(value);

	writer_put(writer, &big, sizeof(big));
}

void writer_u32(struct writer *writer, uint32_t value)
{
	uint32_t big = htobe32(value);

	writer_put(writer, &big, sizeof(big));
}

void writer_u64(struct writer *writer, uint64_t value)
{
	uint64_t big = htobe64(value);

	writer_put(writer, &big, sizeof(big));
}

void writer_bytes(struct writer *writer, struct bytes bytes)
{
	if (bytes.size > 0)
		writer_put(writer, bytes.data, bytes.size);
}

struct bytes writer_view(const struct writer *writer)
{
	return bytes_of(writer->data, writer->size);
}

/* --- the buffer ----------------------------------------------------------- */

#define BUFFER_CAPACITY_MIN 64u

enum result buffer_reserve(
    struct buffer *buffer, size_t size, struct error *err)
{
	size_t needed, capacity;
	uint8_t *data;

	if (size <= buffer->capacity - buffer->size)
		return RESULT_OK;
	/* No object is larger than PTRDIFF_MAX, and doubling stays within
	 * SIZE_MAX for what is not. */
	if (size > (size_t)PTRDIFF_MAX - buffer->size)
		return error_no_memory(err);
	needed = buffer->size + size;
	capacity = buffer->capacity * 2;
	if (capacity < BUFFER_CAPACITY_MIN)
		capacity = BUFFER_CAPACITY_MIN;
	if (capacity < needed)
		capacity = needed;
	data = realloc(buffer->data, capacity);
	if (data == NULL)
		return error_no_memory(err);
	buffer->data = data;
	buffer->capacity = capacity;
	return RESULT_OK;
}

enum result buffer_append(
    struct buffer *buffer, struct bytes bytes, struct error *err)
{
	enum result result = buffer_reserve(buffer, bytes.size, err);

	if (result != RESULT_OK)
		return result;
	if (bytes.size > 0)
		memcpy(buffer->data + buffer->size, bytes.data, bytes.size);
	buffer->size += bytes.size;
	return RESULT_OK;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
	assert(size <= buffer->size);
	if (size == 0)
		return;
	buffer->size -= size;
	memmove(buffer->data, buffer->data + size, buffer->size);
}

struct bytes buffer_view(const struct buffer *buffer)
{
	return bytes_of(buffer->data, buffer->size);
}

void buffer_finish(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}

/* --- hexadecimal ---------------------------------------------------------- */

void bytes_to_hex(struct bytes bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.size; i++) {
		*text++ = digits[bytes.data[i] >> 4];
		*text++ = digits[bytes.data[i] & 15];
	}
	*text = '\0';
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool bytes_from_hex(const char *text, void *to, size_t size)
{
	uint8_t *out = to;

	/* A NUL is no digit, so this never reads past the end of `text`. */
	for (size_t i = 0; i < size; i++) {
		int high = hex_value(text[2 * i]);
		int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * size] == '\0';
}

/* --- base64 --------------------------------------------------------------- */

size_t base64_size(size_t size)
{
	return size / 3 * 4 + (size % 3 != 0 ? 4 : 0);
}

void bytes_to_base64(struct bytes bytes, char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		uint32_t group = (uint32_t)bytes.data[i] << 16;

		if (left > 1)
			group |= (uint32_t)bytes.data[i + 1] << 8;
		if (left > 2)
			group |= bytes.data[i + 2];
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = left > 1 ? digits[group >> 6 & 63] : '=';
		*text++ = left > 2 ? digits[group & 63] : '=';
	}
	*text = '\0';
}

static int base64_value(uint8_t digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+')
		return 62;
	if (digit == '/')
		return 63;
	return -1;
}

/* Put `digits` (2 to 4) of `text` and zeroes for the padding into a group. */
static bool base64_group(
    const uint8_t *text, size_t digits, uint32_t *ret_group)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < digits ? base64_value(text[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	*ret_group = group;
	return true;
}

bool bytes_from_base64(
    struct bytes text, void *to, size_t capacity, size_t *ret_size)
{
	uint8_t *out = to;
	size_t padding = 0, size, position = 0;

	if (text.size % 4 != 0)
		return false;
	while (padding < 2 && padding < text.size &&
	       text.data[text.size - 1 - padding] == '=')
		padding++;
	size = text.size / 4 * 3 - padding;
	if (size > capacity)
		return false;
	for (size_t i = 0; i < text.size; i += 4) {
		bool last = i + 4 == text.size;
		size_t count = last ? 3 - padding : 3;
		uint32_t group;

		if (!base64_group(text.data + i, count + 1, &group))
			return false;
		/* The bits that belong to no byte: one text for one value. */
		if ((group & ((1u << (8 * (3 - count))) - 1)) != 0)
			return false;
		for (size_t j = 0; j < count; j++)
			out[position++] = (uint8_t)(group >> (16 - 8 * j));
	}
	*ret_size = size;
	return true;
}
