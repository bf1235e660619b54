/*
 * Framing: what makes one scan, at every boundary of size and of time.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "client/scanner.h"

struct heard {
	enum scan_event events[64];
	char codes[64][SCAN_SIZE_MAX + 1];
	size_t count;
};

static void keep(struct heard *heard, enum scan_event event, struct bytes code)
{
	if (event == SCAN_NONE)
		return;
	assert_true(heard->count < 64);
	heard->events[heard->count] = event;
	assert_int_equal(event == SCAN_CODE, code.size > 0);
	assert_true(code.size <= SCAN_SIZE_MAX);
	if (code.size > 0)
		memcpy(heard->codes[heard->count], code.data, code.size);
	heard->count++;
}

/* Feed all of `bytes`, in pieces of at most `piece` bytes. */
static void feed(struct scanner *scanner, struct heard *heard,
    struct bytes bytes, size_t piece, uint64_t now_ms)
{
	size_t from = 0;

	while (from < bytes.size) {
		size_t size =
		    bytes.size - from < piece ? bytes.size - from : piece;
		enum scan_event event;
		struct bytes code;
		size_t taken = scanner_take(scanner,
		    bytes_of(&bytes.data[from], size), now_ms, &event, &code);

		assert_true(taken <= size);
		assert_true(taken > 0);
		keep(heard, event, code);
		from += taken;
	}
}

static void feed_text(struct scanner *scanner, struct heard *heard,
    const char *text, uint64_t now_ms)
{
	feed(scanner, heard, bytes_of_string(text), 4096, now_ms);
}

static struct heard *heard_create(void)
{
	struct heard *heard = calloc(1, sizeof(*heard));

	assert_non_null(heard);
	return heard;
}

static void each_of_four_ends_ends_a_scan(void **state)
{
	static const char *const ends[] = {"\r", "\n", "\t", "\x03"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct heard *heard = heard_create();
		struct scanner scanner;

		scanner_init(&scanner);
		feed_text(&scanner, heard, "2912345678906", 0);
		assert_int_equal(heard->count, 0);
		feed_text(&scanner, heard, ends[i], 0);
		assert_int_equal(heard->count, 1);
		assert_int_equal(heard->events[0], SCAN_CODE);
		assert_string_equal(heard->codes[0], "2912345678906");
		free(heard);
	}
}

static void no_other_byte_ends_a_scan_and_two_are_dropped(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t bytes[] = {'a', (uint8_t)byte, 'b', '\r'};
		struct heard *heard = heard_create();
		struct scanner scanner;
		size_t wanted = 1;

		scanner_init(&scanner);
		feed(&scanner, heard, bytes_of(bytes, 4), 4, 0);
		if (byte == '\r' || byte == '\n' || byte == '\t' || byte == 3)
			wanted = 2;
		assert_int_equal(heard->count, wanted);
		if (wanted == 1)
			assert_int_equal(strlen(heard->codes[0]),
			    byte == 0 || byte == 2 ? 2 : 3);
		free(heard);
	}
}

static void ends_in_a_row_are_one_end(void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard,
	    "\r\n\r\n\x02"
	    "12\x03\r\n\n\t34\r\n",
	    0);
	assert_int_equal(heard->count, 2);
	assert_string_equal(heard->codes[0], "12");
	assert_string_equal(heard->codes[1], "34");
	assert_true(scanner_deadline_ms(&scanner) == SCANNER_NEVER);
	free(heard);
}

/* The same stream, cut in every way, is the same scans. */
static void pieces_of_any_size_give_the_same_scans(void **state)
{
	const char *stream = "\x02]E02912345678906\x03\r\n20123451\r\n\t"
			     "M12345677\n";

	(void)state;
	for (size_t piece = 1; piece <= strlen(stream); piece++) {
		struct heard *heard = heard_create();
		struct scanner scanner;

		scanner_init(&scanner);
		feed(&scanner, heard, bytes_of_string(stream), piece, 5);
		assert_int_equal(heard->count, 3);
		assert_string_equal(heard->codes[0], "]E02912345678906");
		assert_string_equal(heard->codes[1], "20123451");
		assert_string_equal(heard->codes[2], "M12345677");
		free(heard);
	}
}

static void a_scan_of_the_greatest_size_passes(void **state)
{
	static uint8_t bytes[SCAN_SIZE_MAX + 1];
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	memset(bytes, '7', SCAN_SIZE_MAX);
	bytes[SCAN_SIZE_MAX] = '\r';
	scanner_init(&scanner);
	feed(&scanner, heard, bytes_of(bytes, sizeof(bytes)), 4096, 0);
	assert_int_equal(heard->count, 1);
	assert_int_equal(heard->events[0], SCAN_CODE);
	assert_int_equal(strlen(heard->codes[0]), SCAN_SIZE_MAX);
	free(heard);
}

static void one_byte_more_is_too_long_once_and_then_all_is_well(void **state)
{
	static uint8_t bytes[3 * SCAN_SIZE_MAX];

	(void)state;
	memset(bytes, '7', sizeof(bytes));
	for (size_t size = SCAN_SIZE_MAX + 1; size <= sizeof(bytes);
	     size += 101) {
		struct heard *heard = heard_create();
		struct scanner scanner;

		scanner_init(&scanner);
		feed(&scanner, heard, bytes_of(bytes, size), 37, 0);
		assert_int_equal(heard->count, 1);
		assert_int_equal(heard->events[0], SCAN_TOO_LONG);
		feed_text(&scanner, heard, "999\r\n20123451\r", 0);
		assert_int_equal(heard->count, 2);
		assert_string_equal(heard->codes[1], "20123451");
		free(heard);
	}
}

static void silence_gives_up_half_a_scan_at_its_time_and_not_before(
    void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	assert_true(scanner_deadline_ms(&scanner) == SCANNER_NEVER);
	feed_text(&scanner, heard, "2912", 1000);
	assert_true(scanner_deadline_ms(&scanner) == 1000 + SCAN_IDLE_MS);
	feed_text(&scanner, heard, "3456", 1060);
	assert_true(scanner_deadline_ms(&scanner) == 1060 + SCAN_IDLE_MS);
	assert_int_equal(
	    scanner_on_time(&scanner, 1059 + SCAN_IDLE_MS), SCAN_NONE);
	assert_int_equal(
	    scanner_on_time(&scanner, 1060 + SCAN_IDLE_MS), SCAN_UNENDED);
	assert_true(scanner_deadline_ms(&scanner) == SCANNER_NEVER);
	assert_int_equal(scanner_on_time(&scanner, 9999), SCAN_NONE);
	feed_text(&scanner, heard, "20123451\r", 10000);
	assert_int_equal(heard->count, 1);
	assert_string_equal(heard->codes[0], "20123451");
	free(heard);
}

static void bytes_after_a_silence_do_not_join_what_came_before(void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard, "2012", 0);
	assert_int_equal(scanner_on_time(&scanner, SCAN_IDLE_MS), SCAN_UNENDED);
	feed_text(&scanner, heard, "3451\r", SCAN_IDLE_MS);
	assert_int_equal(heard->count, 1);
	assert_string_equal(heard->codes[0], "3451");
	free(heard);
}

static void late_bytes_without_a_silence_in_between_join(void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard, "2012", 0);
	feed_text(&scanner, heard, "3451\r", 50 * SCAN_IDLE_MS);
	assert_int_equal(heard->count, 1);
	assert_string_equal(heard->codes[0], "20123451");
	free(heard);
}

static void silence_ends_a_discarding_without_a_second_word(void **state)
{
	static uint8_t bytes[SCAN_SIZE_MAX + 1];
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	memset(bytes, '7', sizeof(bytes));
	scanner_init(&scanner);
	feed(&scanner, heard, bytes_of(bytes, sizeof(bytes)), 4096, 0);
	assert_true(scanner_deadline_ms(&scanner) == SCAN_IDLE_MS);
	assert_int_equal(scanner_on_time(&scanner, SCAN_IDLE_MS), SCAN_NONE);
	assert_true(scanner_deadline_ms(&scanner) == SCANNER_NEVER);
	feed_text(&scanner, heard, "20123451\r", 2 * SCAN_IDLE_MS);
	assert_int_equal(heard->count, 2);
	assert_string_equal(heard->codes[1], "20123451");
	free(heard);
}

static void a_time_that_goes_back_is_no_silence(void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard, "2012", 5000);
	feed_text(&scanner, heard, "34", 0);
	assert_int_equal(scanner_on_time(&scanner, 10), SCAN_NONE);
	assert_true(scanner_deadline_ms(&scanner) == 5000 + SCAN_IDLE_MS);
	feed_text(&scanner, heard, "51\r", 20);
	assert_int_equal(heard->count, 1);
	assert_string_equal(heard->codes[0], "20123451");
	free(heard);
}

static void nothing_to_take_is_no_event(void **state)
{
	struct scanner scanner;
	enum scan_event event = SCAN_CODE;
	struct bytes code = {.size = 7};

	(void)state;
	scanner_init(&scanner);
	assert_int_equal(
	    scanner_take(&scanner, bytes_of(NULL, 0), 0, &event, &code), 0);
	assert_int_equal(event, SCAN_NONE);
	assert_int_equal(code.size, 0);
}

static void forgets_every_byte(void **state)
{
	static const uint8_t zeros[SCAN_SIZE_MAX];
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard, "4111111111111111\r", 0);
	scanner_forget(&scanner);
	assert_memory_equal(scanner.bytes, zeros, sizeof(zeros));
	assert_int_equal(scanner.size, 0);
	/* Also what was given up, and what was too long. */
	feed_text(&scanner, heard, "4111111111111111", 0);
	assert_int_equal(scanner_on_time(&scanner, 500), SCAN_UNENDED);
	assert_memory_equal(scanner.bytes, zeros, sizeof(zeros));
	free(heard);
}

static void the_next_scan_starts_anew_without_forgetting_first(void **state)
{
	struct heard *heard = heard_create();
	struct scanner scanner;

	(void)state;
	scanner_init(&scanner);
	feed_text(&scanner, heard, "20123451\r", 0);
	assert_true(scanner_deadline_ms(&scanner) == SCANNER_NEVER);
	assert_int_equal(scanner_on_time(&scanner, 5000), SCAN_NONE);
	feed_text(&scanner, heard, "12\r", 5000);
	assert_int_equal(heard->count, 2);
	assert_string_equal(heard->codes[1], "12");
	free(heard);
}

static void every_event_has_its_words(void **state)
{
	(void)state;
	assert_string_equal(scan_event_name(SCAN_TOO_LONG), "scan_too_long");
	assert_string_equal(scan_event_name(SCAN_UNENDED), "scan_unended");
	assert_string_equal(scan_event_name(SCAN_CODE), "scan");
	assert_string_equal(scan_event_name(SCAN_NONE), "none");
	assert_in_range(
	    strlen(scan_event_say(SCAN_TOO_LONG)), 20, SAY_SIZE_MAX);
	assert_in_range(strlen(scan_event_say(SCAN_UNENDED)), 20, SAY_SIZE_MAX);
	assert_string_equal(scan_event_say(SCAN_CODE), "");
	assert_string_equal(scan_event_say(SCAN_NONE), "");
}

static void the_same_card_within_a_second_is_one(void **state)
{
	struct repeat repeat = {0};

	(void)state;
	assert_false(repeat_sees(&repeat, "20123451", 0));
	assert_true(repeat_sees(&repeat, "20123451", 0));
	assert_true(repeat_sees(&repeat, "20123451", SCAN_REPEAT_MS - 1));
	/* Each sight counts anew: it still rests under the scanner. */
	assert_true(repeat_sees(&repeat, "20123451", 2 * SCAN_REPEAT_MS - 2));
	assert_false(repeat_sees(&repeat, "20123451", 3 * SCAN_REPEAT_MS - 2));
}

static void another_card_is_never_a_repeat(void **state)
{
	struct repeat repeat = {.busy = true};

	(void)state;
	assert_false(repeat_sees(&repeat, "20123451", 0));
	assert_false(repeat_sees(&repeat, "20123452", 1));
	assert_false(repeat_sees(&repeat, "20123451", 2));
	assert_true(repeat_sees(&repeat, "20123451", 3));
}

static void the_same_card_while_busy_is_one_however_late(void **state)
{
	struct repeat repeat = {0};

	(void)state;
	assert_false(repeat_sees(&repeat, "20123451", 0));
	repeat.busy = true;
	assert_true(repeat_sees(&repeat, "20123451", 60000));
	repeat.busy = false;
	assert_true(repeat_sees(&repeat, "20123451", 60001));
	assert_false(repeat_sees(&repeat, "20123451", 60001 + SCAN_REPEAT_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_of_four_ends_ends_a_scan),
	    cmocka_unit_test(no_other_byte_ends_a_scan_and_two_are_dropped),
	    cmocka_unit_test(ends_in_a_row_are_one_end),
	    cmocka_unit_test(pieces_of_any_size_give_the_same_scans),
	    cmocka_unit_test(a_scan_of_the_greatest_size_passes),
	    cmocka_unit_test(
		one_byte_more_is_too_long_once_and_then_all_is_well),
	    cmocka_unit_test(
		silence_gives_up_half_a_scan_at_its_time_and_not_before),
	    cmocka_unit_test(
		bytes_after_a_silence_do_not_join_what_came_before),
	    cmocka_unit_test(late_bytes_without_a_silence_in_between_join),
	    cmocka_unit_test(silence_ends_a_discarding_without_a_second_word),
	    cmocka_unit_test(a_time_that_goes_back_is_no_silence),
	    cmocka_unit_test(nothing_to_take_is_no_event),
	    cmocka_unit_test(forgets_every_byte),
	    cmocka_unit_test(
		the_next_scan_starts_anew_without_forgetting_first),
	    cmocka_unit_test(every_event_has_its_words),
	    cmocka_unit_test(the_same_card_within_a_second_is_one),
	    cmocka_unit_test(another_card_is_never_a_repeat),
	    cmocka_unit_test(the_same_card_while_busy_is_one_however_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
