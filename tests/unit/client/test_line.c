/*
 * line: lines out of bytes cut anywhere.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "client/line.h"

static struct line_reader reader;
static char seen[256];

/* Take all lines of a piece and note them as "[line]", "[!]" if too long. */
static void feed(const char *text, size_t size)
{
	struct bytes input = bytes_of(text, size);
	struct bytes line;
	bool too_long;

	while (line_next(&reader, &input, &line, &too_long))
		snprintf(seen + strlen(seen), sizeof seen - strlen(seen),
		    too_long ? "[!]" : "[%s]", (const char *)line.data);
	assert_int_equal(input.size, 0);
}

static int begin(void **state)
{
	(void)state;
	memset(&reader, 0, sizeof reader);
	seen[0] = '\0';
	return 0;
}

static void lines_are_whole_wherever_they_are_cut(void **state)
{
	static const char text[] = "one\n\ntwo words\r\nthree\n";

	for (size_t cut = 0; cut < sizeof text; cut++) {
		begin(state);
		feed(text, cut);
		feed(text + cut, sizeof text - 1 - cut);
		assert_string_equal(seen, "[one][][two words][three]");
	}
	begin(state);
	for (size_t i = 0; i < sizeof text - 1; i++)
		feed(&text[i], 1);
	assert_string_equal(seen, "[one][][two words][three]");
}

static void the_last_line_needs_no_end(void **state)
{
	struct bytes line;
	bool too_long;

	(void)state;
	feed("one\ntw", 6);
	assert_true(line_last(&reader, &line, &too_long));
	assert_false(too_long);
	assert_string_equal((const char *)line.data, "tw");
	assert_false(line_last(&reader, &line, &too_long));
	begin(NULL);
	feed("one\n", 4);
	assert_false(line_last(&reader, &line, &too_long));
}

static void a_line_of_the_limit_is_taken_and_one_more_byte_is_not(void **state)
{
	static char text[JSON_LINE_SIZE_MAX + 2];
	struct bytes input;
	struct bytes line;
	bool too_long = true;

	(void)state;
	memset(text, 'x', sizeof text);
	text[JSON_LINE_SIZE_MAX] = '\n';
	input = bytes_of(text, JSON_LINE_SIZE_MAX + 1);
	assert_true(line_next(&reader, &input, &line, &too_long));
	assert_false(too_long);
	assert_int_equal(line.size, JSON_LINE_SIZE_MAX);
	text[JSON_LINE_SIZE_MAX] = 'x';
	text[JSON_LINE_SIZE_MAX + 1] = '\n';
	feed(text, sizeof text);
	feed("next\n", 5);
	assert_string_equal(seen, "[!][next]");
}

static void an_endless_line_is_told_once_and_skipped(void **state)
{
	static char text[1000];
	struct bytes line;
	bool too_long = false;

	(void)state;
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 100; i++)
		feed(text, sizeof text);
	assert_string_equal(seen, "");
	assert_true(line_last(&reader, &line, &too_long));
	assert_true(too_long);
}

static void what_was_read_is_overwritten(void **state)
{
	(void)state;
	feed("1234\n", 5);
	line_forget(&reader);
	for (size_t i = 0; i < sizeof reader.line; i++)
		assert_int_equal(reader.line[i], 0);
	feed("next\n", 5);
	assert_string_equal(seen, "[1234][next]");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
	    TEST(lines_are_whole_wherever_they_are_cut),
	    TEST(the_last_line_needs_no_end),
	    TEST(a_line_of_the_limit_is_taken_and_one_more_byte_is_not),
	    TEST(an_endless_line_is_told_once_and_skipped),
	    TEST(what_was_read_is_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
