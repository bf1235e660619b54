/*
 * Tests of result: texts, cuts, prefixes and names.
 */
#include "tests/support/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/result.h"

static void sets_the_result_and_the_text(void **state)
{
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    error_set(&err, RESULT_LIMIT, "%d of %s", 7, "nine"), RESULT_LIMIT);
	assert_int_equal(err.result, RESULT_LIMIT);
	assert_string_equal(err.text, "7 of nine");
}

static void replaces_what_was_there(void **state)
{
	struct error err = {.result = RESULT_IO, .text = "a longer old text"};

	(void)state;
	assert_int_equal(
	    error_set(&err, RESULT_INVALID, "new"), RESULT_INVALID);
	assert_int_equal(err.result, RESULT_INVALID);
	assert_string_equal(err.text, "new");
}

static void returns_the_result_without_a_place_for_the_text(void **state)
{
	(void)state;
	assert_int_equal(
	    error_set(NULL, RESULT_DENIED, "%s", "x"), RESULT_DENIED);
	assert_int_equal(
	    error_errno(NULL, RESULT_BUSY, EBUSY, "%s", "x"), RESULT_BUSY);
	assert_int_equal(error_prefix(NULL, "%s", "x"), RESULT_IO);
	assert_int_equal(error_no_memory(NULL), RESULT_NO_MEMORY);
}

static void takes_its_own_text_as_an_argument(void **state)
{
	struct error err = {0};

	(void)state;
	(void)error_set(&err, RESULT_IO, "inner");
	(void)error_set(&err, RESULT_CORRUPT, "[%s]", err.text);
	assert_string_equal(err.text, "[inner]");
	assert_int_equal(err.result, RESULT_CORRUPT);
	(void)error_prefix(&err, "<%s>", err.text);
	assert_string_equal(err.text, "<[inner]>: [inner]");
	(void)error_errno(&err, RESULT_IO, ENOENT, "%.4s", err.text);
	assert_string_equal(err.text, "<[in: No such file or directory");
}

static void fills_the_place_to_the_last_byte_and_no_further(void **state)
{
	char long_text[ERROR_TEXT_SIZE + 64];
	struct {
		struct error err;
		char behind[16];
	} place;

	(void)state;
	for (size_t size = ERROR_TEXT_SIZE - 3; size < sizeof(long_text) - 1;
	     size++) {
		size_t wanted =
		    size < ERROR_TEXT_SIZE ? size : ERROR_TEXT_SIZE - 1;

		memset(&place, '#', sizeof(place));
		memset(long_text, 'x', size);
		long_text[size] = '\0';
		(void)error_set(&place.err, RESULT_IO, "%s", long_text);
		assert_int_equal(strlen(place.err.text), wanted);
		assert_int_equal(strspn(place.err.text, "x"), wanted);
		assert_memory_equal(place.behind, "################", 16);
	}
}

static void cuts_between_characters(void **state)
{
	/* The two, three and four bytes of U+00E9, U+20AC and U+1D11E. */
	static const char *const characters[] = {
	    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9d\x84\x9e"};
	char text[2 * ERROR_TEXT_SIZE];
	struct error err;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t before = ERROR_TEXT_SIZE - 6;
		     before < ERROR_TEXT_SIZE + 1; before++) {
			memset(text, 'x', before);
			text[before] = '\0';
			strcat(text, characters[i]);
			strcat(text, "tail that does not fit any more");
			(void)error_set(&err, RESULT_INVALID, "%s", text);
			assert_true(
			    bytes_are_text(bytes_of_string(err.text), NULL));
			assert_in_range(strlen(err.text), ERROR_TEXT_SIZE - 4,
			    ERROR_TEXT_SIZE - 1);
		}
	}
}

static void keeps_a_text_on_one_line(void **state)
{
	struct error err;

	(void)state;
	(void)error_set(&err, RESULT_INVALID, "%s", "a\nb\rc\td\x7f\x1b[31me");
	assert_string_equal(err.text, "a b c d  [31me");
}

static void puts_the_reason_of_errno_at_the_end(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_errno(&err, RESULT_NOT_FOUND, ENOENT,
			     "cannot open %s", "ledger.db"),
	    RESULT_NOT_FOUND);
	assert_string_equal(
	    err.text, "cannot open ledger.db: No such file or directory");
	assert_int_equal(err.result, RESULT_NOT_FOUND);
}

static void names_an_errno_that_nobody_knows(void **state)
{
	struct error err;

	(void)state;
	(void)error_errno(&err, RESULT_IO, 123456, "read");
	assert_string_equal(err.text, "read: Unknown error 123456");
}

static void prefixes_keep_the_result(void **state)
{
	struct error err;

	(void)state;
	(void)error_set(&err, RESULT_CORRUPT, "bad tag");
	assert_int_equal(error_prefix(&err, "entry %d", 57), RESULT_CORRUPT);
	assert_string_equal(err.text, "entry 57: bad tag");
	assert_int_equal(error_prefix(&err, "audit"), RESULT_CORRUPT);
	assert_string_equal(err.text, "audit: entry 57: bad tag");
	assert_int_equal(err.result, RESULT_CORRUPT);
}

static void endless_prefixes_stay_within_the_place(void **state)
{
	struct error err;

	(void)state;
	(void)error_set(&err, RESULT_IO, "end");
	for (int i = 0; i < 200; i++)
		assert_int_equal(error_prefix(&err, "step %d", i), RESULT_IO);
	assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
	assert_memory_equal(err.text, "step 199: step 198: ", 20);
}

static void out_of_memory_has_its_usual_text(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_no_memory(&err), RESULT_NO_MEMORY);
	assert_int_equal(err.result, RESULT_NO_MEMORY);
	assert_string_equal(err.text, "out of memory");
}

static void each_result_has_a_name_of_its_own(void **state)
{
	static const char *const names[] = {"ok", "invalid", "not_found",
	    "exists", "limit", "denied", "corrupt", "version", "busy", "closed",
	    "io", "no_memory"};

	(void)state;
	for (int i = RESULT_OK; i <= RESULT_NO_MEMORY; i++)
		assert_string_equal(result_name((enum result)i), names[i]);
	assert_string_equal(
	    result_name((enum result)(RESULT_NO_MEMORY + 1)), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sets_the_result_and_the_text),
	    cmocka_unit_test(replaces_what_was_there),
	    cmocka_unit_test(returns_the_result_without_a_place_for_the_text),
	    cmocka_unit_test(takes_its_own_text_as_an_argument),
	    cmocka_unit_test(fills_the_place_to_the_last_byte_and_no_further),
	    cmocka_unit_test(cuts_between_characters),
	    cmocka_unit_test(keeps_a_text_on_one_line),
	    cmocka_unit_test(puts_the_reason_of_errno_at_the_end),
	    cmocka_unit_test(names_an_errno_that_nobody_knows),
	    cmocka_unit_test(prefixes_keep_the_result),
	    cmocka_unit_test(endless_prefixes_stay_within_the_place),
	    cmocka_unit_test(out_of_memory_has_its_usual_text),
	    cmocka_unit_test(each_result_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
