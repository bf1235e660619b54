/*
 * Tests of bytes: bounds at every size, and the textual forms by their RFCs.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/bytes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- views ---------------------------------------------------------------- */

static void a_view_of_a_string_leaves_out_its_end(void **state)
{
	struct bytes view = bytes_of_string("abc");

	(void)state;
	assert_int_equal(view.size, 3);
	assert_memory_equal(view.data, "abc", 3);
	assert_int_equal(bytes_of_string("").size, 0);
}

static void views_are_equal_by_size_and_content(void **state)
{
	static const struct {
		struct bytes a, b;
		bool equal;
	} pairs[] = {
	    {{NULL, 0}, {NULL, 0}, true},
	    {{NULL, 0}, {(const uint8_t *)"x", 0}, true},
	    {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abcd", 3}, true},
	    {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abcd", 4}, false},
	    {{(const uint8_t *)"abc", 3}, {NULL, 0}, false},
	    {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abd", 3}, false},
	    {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"bbc", 3}, false},
	    {{(const uint8_t *)"a\0b", 3}, {(const uint8_t *)"a\0c", 3}, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct bytes a = pairs[i].a, b = pairs[i].b;

		assert_int_equal(bytes_equal(a, b), pairs[i].equal);
		assert_int_equal(bytes_equal(b, a), pairs[i].equal);
		assert_int_equal(bytes_equal_secret(a, b), pairs[i].equal);
		assert_int_equal(bytes_equal_secret(b, a), pairs[i].equal);
	}
}

static void secrets_differ_by_any_single_bit(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	memset(a, 0x55, sizeof(a));
	memcpy(b, a, sizeof(b));
	for (size_t bit = 0; bit < 8 * sizeof(b); bit++) {
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(bytes_equal_secret(
		    bytes_of(a, sizeof(a)), bytes_of(b, sizeof(b))));
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(
	    bytes_equal_secret(bytes_of(a, sizeof(a)), bytes_of(b, sizeof(b))));
}

/* --- UTF-8 ---------------------------------------------------------------- */

static void accepts_well_formed_utf8(void **state)
{
	static const char *const good[] = {
	    "",
	    "plain",
	    "\x7f",
	    "\xc2\x80",		/* U+0080, the first of two bytes */
	    "\xdf\xbf",		/* U+07FF, the last */
	    "\xe0\xa0\x80",	/* U+0800, the first of three */
	    "\xed\x9f\xbf",	/* U+D7FF, before the surrogates */
	    "\xee\x80\x80",	/* U+E000, after them */
	    "\xef\xbf\xbf",	/* U+FFFF */
	    "\xf0\x90\x80\x80", /* U+10000, the first of four */
	    "\xf4\x8f\xbf\xbf", /* U+10FFFF, the last of all */
	    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e!",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(bytes_are_text(bytes_of_string(good[i]), NULL));
	assert_true(bytes_are_text(bytes_of(NULL, 0), NULL));
}

static void refuses_ill_formed_utf8(void **state)
{
	static const char *const bad[] = {
	    "\x80",
	    "\xbf",
	    "a\x80", /* a continuation alone */
	    "\xc0\x80",
	    "\xc0\xaf",
	    "\xc1\xbf", /* overlong, two bytes */
	    "\xe0\x80\x80",
	    "\xe0\x80\xaf",
	    "\xe0\x9f\xbf", /* three */
	    "\xf0\x80\x80\x80",
	    "\xf0\x8f\xbf\xbf", /* four */
	    "\xed\xa0\x80",
	    "\xed\xad\xbf",
	    "\xed\xae\x80", /* surrogates */
	    "\xed\xbf\xbf",
	    "\xed\xa0\xb5\xed\xb4\x9e", /* and a pair */
	    "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80", /* above U+10FFFF */
	    "\xf7\xbf\xbf\xbf",
	    "\xf8\x88\x80\x80\x80",
	    "\xfc\x84\x80\x80\x80\x80",
	    "\xfe",
	    "\xff",
	    "\xc3",
	    "\xe2\x82",
	    "\xe2",
	    "\xf0\x9d\x84",
	    "\xf0\x9d",
	    "\xf0",
	    "\xc3z",
	    "\xe2\x82z",
	    "\xe2z\xac",
	    "\xf0\x9d\x84z",
	    "\xf0\x9dz\x9e",
	    "\xc3\xc3\xa9",
	    "\xc3\xff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(bytes_are_text(bytes_of_string(bad[i]), NULL));
}

/* As the definition has it: decode, then look at the value. */
static bool three_bytes_are_a_character(const uint8_t *text)
{
	uint32_t value = (uint32_t)(text[0] & 0x0f) << 12 |
			 (uint32_t)(text[1] & 0x3f) << 6 | (text[2] & 0x3f);

	return (text[0] & 0xf0) == 0xe0 && (text[1] & 0xc0) == 0x80 &&
	       (text[2] & 0xc0) == 0x80 && value >= 0x800 &&
	       (value < 0xd800 || value > 0xdfff);
}

static void agrees_with_the_definition_on_all_of_three_bytes(void **state)
{
	(void)state;
	for (unsigned first = 0xe0; first <= 0xef; first++) {
		for (unsigned rest = 0; rest < 65536; rest += 7) {
			uint8_t text[3] = {(uint8_t)first, (uint8_t)(rest >> 8),
			    (uint8_t)rest};

			assert_int_equal(
			    bytes_are_text(bytes_of(text, 3), NULL),
			    three_bytes_are_a_character(text));
		}
	}
}

static void refuses_control_characters_unless_allowed(void **state)
{
	(void)state;
	for (int c = 1; c < 0x20; c++) {
		char text[] = {'a', (char)c, 'b', '\0'};
		char allowed[] = {'\t', (char)c, '\0'};
		struct bytes view = bytes_of_string(text);

		assert_false(bytes_are_text(view, NULL));
		assert_false(bytes_are_text(view, ""));
		assert_true(bytes_are_text(view, allowed));
		assert_int_equal(
		    bytes_are_text(view, "\t\n"), c == '\t' || c == '\n');
	}
}

static void refuses_a_nul_whatever_is_allowed(void **state)
{
	(void)state;
	assert_false(bytes_are_text(bytes_of("a\0b", 3), NULL));
	assert_false(bytes_are_text(bytes_of("a\0b", 3), ""));
	assert_false(bytes_are_text(bytes_of("\0", 1), "\t\n"));
}

static void never_reads_past_the_view(void **state)
{
	static const char text[] = "\xf0\x9d\x84\x9e\xe2\x82\xac\xc3\xa9";

	(void)state;
	for (size_t size = 0; size < sizeof(text); size++) {
		bool whole = size == 0 || size == 4 || size == 7 || size == 9;
		/* On the heap, so that a sanitizer sees one byte too many. */
		uint8_t *copy = malloc(size + 1);

		assert_non_null(copy);
		memcpy(copy + 1, text, size);
		assert_int_equal(
		    bytes_are_text(bytes_of(copy + 1, size), NULL), whole);
		free(copy);
	}
}

/* --- the reader ----------------------------------------------------------- */

static const uint8_t sixteen[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

static void reads_big_endian_numbers_in_order(void **state)
{
	struct reader reader = reader_of(bytes_of(sixteen, 16));

	(void)state;
	assert_int_equal(reader_left(&reader), 16);
	assert_int_equal(reader_u8(&reader), 0x00);
	assert_int_equal(reader_u16(&reader), 0x1122);
	assert_int_equal(reader_u32(&reader), 0x33445566);
	assert_true(reader_u64(&reader) == 0x778899aabbccddeeull);
	assert_int_equal(reader_left(&reader), 1);
	assert_int_equal(reader_u8(&reader), 0xff);
	assert_int_equal(reader_left(&reader), 0);
	assert_false(reader.failed);
}

static void reads_views_that_borrow_and_copies_that_do_not(void **state)
{
	struct reader reader = reader_of(bytes_of(sixteen, 16));
	uint8_t copy[4] = {1, 1, 1, 1};
	struct bytes view = reader_bytes(&reader, 5);

	(void)state;
	assert_ptr_equal(view.data, sixteen);
	assert_int_equal(view.size, 5);
	reader_copy(&reader, copy, 3);
	assert_memory_equal(copy, "\x55\x66\x77\x01", 4);
	assert_int_equal(reader_left(&reader), 8);
}

static void reading_nothing_never_fails(void **state)
{
	struct reader reader = reader_of(bytes_of(NULL, 0));
	uint8_t untouched = 7;

	(void)state;
	assert_int_equal(reader_bytes(&reader, 0).size, 0);
	reader_copy(&reader, &untouched, 0);
	assert_int_equal(untouched, 7);
	assert_false(reader.failed);
	assert_int_equal(reader_left(&reader), 0);
}

/* Read 16 bytes as 1 + 2 + 4 + 8 + 1 from `size` of them. */
static void read_all(struct reader *reader)
{
	(void)reader_u8(reader);
	(void)reader_u16(reader);
	(void)reader_u32(reader);
	(void)reader_u64(reader);
	(void)reader_u8(reader);
}

static void fails_where_the_bytes_end_at_every_size(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 16; size++) {
		uint8_t *data = malloc(size + 1);
		struct reader reader;

		assert_non_null(data);
		memcpy(data + 1, sixteen, size);
		reader = reader_of(bytes_of(data + 1, size));
		read_all(&reader);
		assert_int_equal(reader.failed, size < 16);
		assert_int_equal(reader_left(&reader), 0);
		free(data);
	}
}

static void a_failed_reader_gives_zeroes_for_good(void **state)
{
	struct reader reader = reader_of(bytes_of(sixteen, 16));
	uint8_t copy[4] = {1, 2, 3, 4};

	(void)state;
	assert_int_equal(reader_bytes(&reader, 17).size, 0);
	assert_true(reader.failed);
	assert_int_equal(reader_left(&reader), 0);
	assert_int_equal(reader_u8(&reader), 0);
	assert_int_equal(reader_u16(&reader), 0);
	assert_int_equal(reader_u32(&reader), 0);
	assert_true(reader_u64(&reader) == 0);
	assert_null(reader_bytes(&reader, 1).data);
	assert_int_equal(reader_bytes(&reader, 1).size, 0);
	reader_copy(&reader, copy, 3);
	assert_memory_equal(copy, "\0\0\0\x04", 4);
	assert_true(reader.failed);
}

static void a_size_near_the_largest_does_not_wrap(void **state)
{
	struct reader reader;

	(void)state;
	for (size_t less = 0; less < 20; less++) {
		reader = reader_of(bytes_of(sixteen, 16));
		(void)reader_u32(&reader);
		assert_null(reader_bytes(&reader, SIZE_MAX - less).data);
		assert_true(reader.failed);
	}
}

/* --- the writer ----------------------------------------------------------- */

static void write_all(struct writer *writer)
{
	writer_u8(writer, 0x00);
	writer_u16(writer, 0x1122);
	writer_u32(writer, 0x33445566);
	writer_u64(writer, 0x778899aabbccddeeull);
	writer_bytes(writer, bytes_of("\xff", 1));
}

static void writes_big_endian_numbers_in_order(void **state)
{
	uint8_t place[16];
	struct writer writer = writer_of(place, sizeof(place));

	(void)state;
	write_all(&writer);
	assert_false(writer.failed);
	assert_int_equal(writer_view(&writer).size, 16);
	assert_ptr_equal(writer_view(&writer).data, place);
	assert_memory_equal(place, sixteen, 16);
}

static void fails_where_the_room_ends_at_every_size(void **state)
{
	static const size_t ends[] = {0, 1, 3, 7, 15, 16};

	(void)state;
	for (size_t room = 0; room < 16; room++) {
		uint8_t *place = malloc(room + 1);
		struct writer writer;
		size_t whole = 0;

		assert_non_null(place);
		for (size_t i = 0; i < COUNT(ends); i++)
			whole = ends[i] <= room ? ends[i] : whole;
		writer = writer_of(place + 1, room);
		write_all(&writer);
		assert_true(writer.failed);
		assert_int_equal(writer.size, whole);
		assert_memory_equal(place + 1, sixteen, whole);
		free(place);
	}
}

static void a_failed_writer_writes_no_more(void **state)
{
	uint8_t place[4] = {9, 9, 9, 9};
	struct writer writer = writer_of(place, sizeof(place));

	(void)state;
	writer_u8(&writer, 1);
	writer_u32(&writer, 2);
	assert_true(writer.failed);
	writer_u8(&writer, 3);
	writer_bytes(&writer, bytes_of("x", 1));
	assert_true(writer.failed);
	assert_int_equal(writer.size, 1);
	assert_memory_equal(place, "\x01\x09\x09\x09", 4);
}

static void writing_nothing_never_fails(void **state)
{
	struct writer writer = writer_of(NULL, 0);

	(void)state;
	writer_bytes(&writer, bytes_of(NULL, 0));
	assert_false(writer.failed);
	writer_u8(&writer, 1);
	assert_true(writer.failed);
}

static void a_written_size_near_the_largest_does_not_wrap(void **state)
{
	uint8_t place[8];

	(void)state;
	for (size_t less = 0; less < 12; less++) {
		struct writer writer = writer_of(place, sizeof(place));

		writer_u32(&writer, 1);
		writer_bytes(&writer, bytes_of(place, SIZE_MAX - less));
		assert_true(writer.failed);
		assert_int_equal(writer.size, 4);
	}
}

static void what_is_written_is_read(void **state)
{
	uint8_t place[15];
	uint64_t value = 0x0123456789abcdefull;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct writer writer = writer_of(place, sizeof(place));
		struct reader reader;

		writer_u64(&writer, value);
		writer_u8(&writer, (uint8_t)value);
		writer_u32(&writer, (uint32_t)value);
		writer_u16(&writer, (uint16_t)value);
		reader = reader_of(writer_view(&writer));
		assert_true(reader_u64(&reader) == value);
		assert_int_equal(reader_u8(&reader), (uint8_t)value);
		assert_int_equal(reader_u32(&reader), (uint32_t)value);
		assert_int_equal(reader_u16(&reader), (uint16_t)value);
		assert_false(reader.failed);
		value = value * 6364136223846793005ull + 1442695040888963407ull;
	}
}

/* --- the buffer ----------------------------------------------------------- */

static void a_buffer_grows_by_what_is_appended(void **state)
{
	struct buffer buffer = {0};
	size_t wanted = 0;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		size_t size = i % 17;

		assert_int_equal(
		    buffer_append(&buffer, bytes_of(sixteen, size), NULL),
		    RESULT_OK);
		wanted += size;
		assert_int_equal(buffer.size, wanted);
		assert_true(buffer.capacity >= buffer.size);
	}
	buffer_finish(&buffer);
}

static void a_buffer_keeps_the_bytes_in_order(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t bytes[2] = {(uint8_t)(i >> 8), (uint8_t)i};

		assert_int_equal(
		    buffer_append(&buffer, bytes_of(bytes, 2), NULL),
		    RESULT_OK);
	}
	assert_int_equal(buffer_view(&buffer).size, 6000);
	for (unsigned i = 0; i < 3000; i++) {
		assert_int_equal(buffer.data[2 * i], i >> 8);
		assert_int_equal(buffer.data[2 * i + 1], i & 0xff);
	}
	buffer_finish(&buffer);
}

static void appending_nothing_allocates_nothing(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_int_equal(
	    buffer_append(&buffer, bytes_of(NULL, 0), NULL), RESULT_OK);
	assert_null(buffer.data);
	assert_int_equal(buffer_view(&buffer).size, 0);
	buffer_consume(&buffer, 0);
	buffer_finish(&buffer);
}

static void reserved_room_is_the_callers_to_fill(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_int_equal(
	    buffer_append(&buffer, bytes_of_string("ab"), NULL), RESULT_OK);
	for (size_t size = 0; size < 300; size += 13) {
		size_t before = buffer.size;

		assert_int_equal(
		    buffer_reserve(&buffer, size, NULL), RESULT_OK);
		assert_int_equal(buffer.size, before);
		assert_true(buffer.capacity - buffer.size >= size);
		memset(buffer.data + buffer.size, 'c', size);
		buffer.size += size;
	}
	assert_memory_equal(buffer.data, "abccc", 5);
	buffer_finish(&buffer);
}

static void consuming_moves_the_rest_to_the_front(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_int_equal(
	    buffer_append(&buffer, bytes_of(sixteen, 16), NULL), RESULT_OK);
	buffer_consume(&buffer, 5);
	assert_true(
	    bytes_equal(buffer_view(&buffer), bytes_of(sixteen + 5, 11)));
	buffer_consume(&buffer, 0);
	assert_int_equal(buffer.size, 11);
	assert_int_equal(
	    buffer_append(&buffer, bytes_of("z", 1), NULL), RESULT_OK);
	buffer_consume(&buffer, 11);
	assert_true(bytes_equal(buffer_view(&buffer), bytes_of("z", 1)));
	buffer_consume(&buffer, 1);
	assert_int_equal(buffer.size, 0);
	buffer_finish(&buffer);
}

static void a_size_that_no_memory_has_leaves_the_buffer(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 64,
	    (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX, PTRDIFF_MAX - 1};
	struct buffer buffer = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    buffer_append(&buffer, bytes_of_string("kept"), NULL), RESULT_OK);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buffer before = buffer;

		assert_int_equal(
		    buffer_reserve(&buffer, sizes[i], &err), RESULT_NO_MEMORY);
		assert_int_equal(err.result, RESULT_NO_MEMORY);
		assert_int_equal(
		    buffer_append(&buffer, bytes_of("x", sizes[i]), &err),
		    RESULT_NO_MEMORY);
		assert_memory_equal(&before, &buffer, sizeof(buffer));
	}
	assert_true(bytes_equal(buffer_view(&buffer), bytes_of_string("kept")));
	buffer_finish(&buffer);
}

/* The sanitizers end the program on a request as large as this. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void a_refused_allocation_leaves_the_buffer(void **state)
{
	struct buffer buffer = {0};
	struct buffer before;
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    buffer_append(&buffer, bytes_of_string("kept"), NULL), RESULT_OK);
	before = buffer;
	assert_int_equal(
	    buffer_reserve(&buffer, PTRDIFF_MAX / 2, &err), RESULT_NO_MEMORY);
	assert_string_equal(err.text, "out of memory");
	assert_memory_equal(&before, &buffer, sizeof(buffer));
	buffer_finish(&buffer);
}
#endif

static void a_finished_buffer_is_empty_and_of_use_again(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	buffer_finish(&buffer);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    buffer_append(&buffer, bytes_of_string("again"), NULL),
		    RESULT_OK);
		assert_int_equal(buffer.size, 5);
		buffer_finish(&buffer);
		assert_null(buffer.data);
		assert_int_equal(buffer.size, 0);
		assert_int_equal(buffer.capacity, 0);
	}
}

static void consuming_more_than_there_is_aborts(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		struct buffer buffer = {0};

		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		buffer_consume(&buffer, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* --- hexadecimal ---------------------------------------------------------- */

static void writes_lower_case_hexadecimal(void **state)
{
	char text[2 * 16 + 2];

	(void)state;
	memset(text, '#', sizeof(text));
	bytes_to_hex(bytes_of(sixteen, 16), text);
	assert_string_equal(text, "00112233445566778899aabbccddeeff");
	assert_int_equal(text[33], '#');
	bytes_to_hex(bytes_of(NULL, 0), text);
	assert_string_equal(text, "");
}

static void reads_hexadecimal_of_either_case(void **state)
{
	uint8_t bytes[4] = {0, 0, 0, 0x7e};

	(void)state;
	assert_true(bytes_from_hex("aBcDeF", bytes, 3));
	assert_memory_equal(bytes, "\xab\xcd\xef\x7e", 4);
	assert_true(bytes_from_hex("", bytes, 0));
}

static void reads_back_every_byte_in_hexadecimal(void **state)
{
	char text[3];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i, back = (uint8_t)~i;

		bytes_to_hex(bytes_of(&byte, 1), text);
		assert_true(bytes_from_hex(text, &back, 1));
		assert_int_equal(back, i);
	}
}

static void refuses_hexadecimal_of_another_length(void **state)
{
	static const char *const bad[] = {
	    "", "a", "ab", "abc", "abcde", "abcd0", "abcd ", " abcd"};
	uint8_t bytes[2];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(bytes_from_hex(bad[i], bytes, 2));
	assert_false(bytes_from_hex("a", bytes, 0));
}

static void refuses_every_character_that_is_no_hexadecimal_digit(void **state)
{
	uint8_t byte;

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			     (c >= 'A' && c <= 'F');
		char high[3] = {(char)c, '0', '\0'};
		char low[3] = {'0', (char)c, '\0'};

		assert_int_equal(bytes_from_hex(high, &byte, 1), digit);
		assert_int_equal(bytes_from_hex(low, &byte, 1), digit);
	}
}

/* --- base64 --------------------------------------------------------------- */

/* RFC 4648 section 10, and the two digits that section 5 has otherwise. */
static const struct {
	const char *plain;
	const char *text;
} base64_vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {"\x14\xfb\x9c\x03\xd9\x7e", "FPucA9l+"},
};

static void writes_the_vectors_of_rfc_4648(void **state)
{
	char text[16];

	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes plain = bytes_of_string(base64_vectors[i].plain);

		bytes_to_base64(plain, text);
		assert_string_equal(text, base64_vectors[i].text);
		assert_int_equal(base64_size(plain.size), strlen(text));
	}
}

static void reads_the_vectors_of_rfc_4648(void **state)
{
	uint8_t place[8];
	size_t size;

	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes plain = bytes_of_string(base64_vectors[i].plain);
		struct bytes text = bytes_of_string(base64_vectors[i].text);

		assert_true(
		    bytes_from_base64(text, place, sizeof(place), &size));
		assert_true(bytes_equal(bytes_of(place, size), plain));
	}
	assert_true(bytes_from_base64(bytes_of(NULL, 0), NULL, 0, &size));
	assert_int_equal(size, 0);
}

static void refuses_any_other_form_of_base64(void **state)
{
	static const char *const bad[] = {
	    "Z",
	    "Zg",
	    "Zg=",
	    "Zm8",
	    "Zm9vY",
	    "Zm9vYg",
	    "Zm9vYg=", /* short */
	    "=",
	    "==",
	    "===",
	    "====",
	    "Z===",
	    "A===",
	    "Zm9v====",
	    "Zm9v=",
	    "Zh==",
	    "Zi==",
	    "Zk==",
	    "Zv==",
	    "Z/==", /* stray bits of one byte */
	    "Zm9=",
	    "Zm+=",
	    "Zm/=", /* and of two */
	    "Zg==Zg==",
	    "Zm8=Zm8=",
	    "Z=g=",
	    "=Zg=",
	    "Zg=g", /* inside */
	    "Zm9v\n",
	    "Zm9v\r\n",
	    "Zm9v\nYg==",
	    "Zm9\n",
	    "\nZm9",
	    " Zm9",
	    "Zm9 ",
	    "Zm 9", /* white space */
	    "-_-_",
	    "Zm9-",
	    "Zm9_",
	    "Zm9.",
	    "Zm9\xff",
	    "Zm9\x80",
	    "Zm9@",
	    "Zm9[",
	    "Zm9`",
	    "Zm9{",
	    "Zm9:",
	};
	uint8_t place[16];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t size = 77;

		assert_false(bytes_from_base64(
		    bytes_of_string(bad[i]), place, sizeof(place), &size));
		assert_int_equal(size, 77);
	}
	for (size_t i = 0; i < 4; i++) {
		char text[4] = {'Z', 'm', '9', 'v'};
		size_t size;

		text[i] = '\0';
		assert_false(
		    bytes_from_base64(bytes_of(text, 4), place, 16, &size));
	}
}

static void decodes_into_the_exact_room_and_no_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes text = bytes_of_string(base64_vectors[i].text);
		size_t wanted = strlen(base64_vectors[i].plain);

		for (size_t room = 0; room <= wanted; room++) {
			uint8_t *place = malloc(room + 1);
			size_t size = 77;

			assert_non_null(place);
			assert_int_equal(
			    bytes_from_base64(text, place + 1, room, &size),
			    room == wanted);
			assert_int_equal(size, room == wanted ? wanted : 77);
			free(place);
		}
	}
}

static void reads_back_base64_of_every_size(void **state)
{
	uint8_t plain[200], back[200];
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 37 + 11);
	for (size_t size = 0; size <= sizeof(plain); size++) {
		size_t back_size = 0;

		memset(text, '#', sizeof(text));
		bytes_to_base64(bytes_of(plain, size), text);
		assert_int_equal(strlen(text), base64_size(size));
		assert_true(bytes_from_base64(
		    bytes_of_string(text), back, sizeof(back), &back_size));
		assert_true(bytes_equal(
		    bytes_of(plain, size), bytes_of(back, back_size)));
	}
}

/* One text for one value: what is accepted is what the encoder writes. */
static void every_accepted_last_group_is_the_only_one(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[5] = "A?==", back[5];
	uint8_t place[3];
	size_t accepted = 0;

	(void)state;
	for (size_t form = 0; form < 2; form++) {
		strcpy(text, form == 0 ? "A?==" : "AA?=");
		for (size_t i = 0; i < 64; i++) {
			size_t size;

			text[1 + form] = digits[i];
			if (!bytes_from_base64(
				bytes_of(text, 4), place, 3, &size))
				continue;
			assert_int_equal(size, 1 + form);
			bytes_to_base64(bytes_of(place, size), back);
			assert_string_equal(back, text);
			accepted++;
		}
	}
	assert_int_equal(accepted, 4 + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_of_a_string_leaves_out_its_end),
		cmocka_unit_test(views_are_equal_by_size_and_content),
		cmocka_unit_test(secrets_differ_by_any_single_bit),
		cmocka_unit_test(accepts_well_formed_utf8),
		cmocka_unit_test(refuses_ill_formed_utf8),
		cmocka_unit_test(
		    agrees_with_the_definition_on_all_of_three_bytes),
		cmocka_unit_test(refuses_control_characters_unless_allowed),
		cmocka_unit_test(refuses_a_nul_whatever_is_allowed),
		cmocka_unit_test(never_reads_past_the_view),
		cmocka_unit_test(reads_big_endian_numbers_in_order),
		cmocka_unit_test(
		    reads_views_that_borrow_and_copies_that_do_not),
		cmocka_unit_test(reading_nothing_never_fails),
		cmocka_unit_test(fails_where_the_bytes_end_at_every_size),
		cmocka_unit_test(a_failed_reader_gives_zeroes_for_good),
		cmocka_unit_test(a_size_near_the_largest_does_not_wrap),
		cmocka_unit_test(writes_big_endian_numbers_in_order),
		cmocka_unit_test(fails_where_the_room_ends_at_every_size),
		cmocka_unit_test(a_failed_writer_writes_no_more),
		cmocka_unit_test(writing_nothing_never_fails),
		cmocka_unit_test(a_written_size_near_the_largest_does_not_wrap),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_buffer_grows_by_what_is_appended),
		cmocka_unit_test(a_buffer_keeps_the_bytes_in_order),
		cmocka_unit_test(appending_nothing_allocates_nothing),
		cmocka_unit_test(reserved_room_is_the_callers_to_fill),
		cmocka_unit_test(consuming_moves_the_rest_to_the_front),
		cmocka_unit_test(a_size_that_no_memory_has_leaves_the_buffer),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		cmocka_unit_test(a_refused_allocation_leaves_the_buffer),
#endif
		cmocka_unit_test(a_finished_buffer_is_empty_and_of_use_again),
		cmocka_unit_test(consuming_more_than_there_is_aborts),
		cmocka_unit_test(writes_lower_case_hexadecimal),
		cmocka_unit_test(reads_hexadecimal_of_either_case),
		cmocka_unit_test(reads_back_every_byte_in_hexadecimal),
		cmocka_unit_test(refuses_hexadecimal_of_another_length),
		cmocka_unit_test(
		    refuses_every_character_that_is_no_hexadecimal_digit),
		cmocka_unit_test(writes_the_vectors_of_rfc_4648),
		cmocka_unit_test(reads_the_vectors_of_rfc_4648),
		cmocka_unit_test(refuses_any_other_form_of_base64),
		cmocka_unit_test(decodes_into_the_exact_room_and_no_less),
		cmocka_unit_test(reads_back_base64_of_every_size),
		cmocka_unit_test(every_accepted_last_group_is_the_only_one),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
