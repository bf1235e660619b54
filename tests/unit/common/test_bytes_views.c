/*
 * Tests of bytes: views, readers, writers and buffers, with bounds at every
 * size.
 */
#include "tests/support/check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_of_a_string_leaves_out_its_end),
		cmocka_unit_test(views_are_equal_by_size_and_content),
		cmocka_unit_test(secrets_differ_by_any_single_bit),
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
	};

	return cmocka_run_group_tests_name("bytes: views", tests, NULL, NULL);
}
