/*
 * wrap: where text is broken, and that none of it is lost.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "common/base/wrap.h"

#define TEN "123456789 "
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void assert_lines(const char *text, size_t width, const char *wanted)
{
	struct buffer output = {0};
	struct error err;

	assert_int_equal(
	    wrap_lines(bytes_of_string(text), width, &output, &err), RESULT_OK);
	assert_int_equal(
	    buffer_append(&output, bytes_of("", 1), &err), RESULT_OK);
	assert_string_equal((const char *)output.data, wanted);
	buffer_finish(&output);
}

/* --- one line ------------------------------------------------------------- */

static void assert_taken(
    const char *text, size_t width, const char *wanted, const char *wanted_rest)
{
	struct bytes rest = bytes_of_string(text);
	struct bytes line = wrap_take(&rest, width);

	if (!bytes_equal(line, bytes_of_string(wanted)) ||
	    !bytes_equal(rest, bytes_of_string(wanted_rest)))
		fail_msg("'%.*s' and '%.*s'", (int)line.size, line.data,
		    (int)rest.size, rest.data);
}

static void takes_as_many_words_as_fit(void **state)
{
	(void)state;
	assert_taken("one two three", 13, "one two three", "");
	assert_taken("one two three", 12, "one two", "three");
	assert_taken("one two three", 7, "one two", "three");
	assert_taken("one two three", 6, "one", "two three");
	assert_taken("one two three", 1, "one", "two three");
	assert_taken("one two three", 0, "one", "two three");
}

static void keeps_blanks_but_where_it_breaks(void **state)
{
	(void)state;
	assert_taken("", 5, "", "");
	assert_taken("   ", 5, "", "");
	assert_taken("  one  two", 10, "  one  two", "");
	assert_taken("  one  two", 9, "  one", "two");
	assert_taken("one   two ", 3, "one", "two ");
	assert_taken("two ", 3, "two", "");
	assert_taken("  one two", 2, "  one", "two");
}

static void counts_characters_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(wrap_width(bytes_of_string("")), 0);
	assert_int_equal(wrap_width(bytes_of_string("Käse")), 4);
	assert_int_equal(wrap_width(bytes_of_string("29…8906")), 7);
	assert_int_equal(wrap_width(bytes_of_string("𝄞€")), 2);
	assert_taken("äö ü", 4, "äö ü", "");
	assert_taken("äö ü", 3, "äö", "ü");
	assert_taken("€€€€ €€", 4, "€€€€", "€€");
}

/* --- lines ---------------------------------------------------------------- */

static void leaves_a_line_that_is_as_wide_as_the_terminal(void **state)
{
	(void)state;
	assert_lines("", 80, "");
	assert_lines("\n", 80, "\n");
	assert_lines("\n\n  \n", 80, "\n\n  \n");
	assert_lines(SEVENTY "0123456789\n", 80, SEVENTY "0123456789\n");
	assert_lines(SEVENTY "01234567890\n", 80,
	    "123456789 123456789 123456789 123456789 123456789 123456789 "
	    "123456789\n01234567890\n");
	assert_lines("a  b \n c", 80, "a  b \n c");
}

static void does_not_cut_a_word(void **state)
{
	(void)state;
	assert_lines("incomprehensible", 6, "incomprehensible");
	assert_lines(
	    "an incomprehensible word\n", 6, "an\nincomprehensible\nword\n");
	assert_lines("abc", 0, "abc");
	assert_lines("a bc", 0, "a\nbc");
	assert_lines("a bc", 1, "a\nbc");
}

static void goes_on_below_where_the_text_began(void **state)
{
	(void)state;
	assert_lines("  one two three\n", 9, "  one two\n  three\n");
	assert_lines(" one two three\n", 8, " one two\n three\n");
	assert_lines("    new CARD   the same, brought by the holder of CARD\n",
	    40,
	    "    new CARD   the same, brought by the\n"
	    "               holder of CARD\n");
	/* The last column of those in the first half. */
	assert_lines("57  earn  coffee was cold and so was I", 30,
	    "57  earn  coffee was cold and\n"
	    "          so was I");
	/* Masked cards and names are counted by character. */
	assert_lines("29…8906  ööö öö", 14, "29…8906  ööö\nöö");
	assert_lines("29…8906  ööö ööööö", 18, "29…8906  ööö ööööö");
	assert_lines("29…8906  ööö ööööö x", 18,
	    "29…8906  ööö ööööö\n"
	    "         x");
}

static void passes_over_a_column_past_the_middle(void **state)
{
	(void)state;
	assert_lines("  one two three four  five six\n", 20,
	    "  one two three four\n  five six\n");
	assert_lines("123456789  a b", 13, "123456789  a\nb");
}

static void breaks_each_line_by_itself(void **state)
{
	(void)state;
	assert_lines("  one two\nthree four\n\nfive", 6,
	    "  one\n  two\nthree\nfour\n\nfive");
}

/* Words, in order, whatever the width. */
static void loses_no_word(void **state)
{
	static const char text[] =
	    "Held as 60: Käse,  for 10 minutes. Type 'capture' …\n"
	    "    redeem cash 200 12.50  pay 200 points  \n"
	    "\n"
	    "incomprehensible\n";

	(void)state;
	for (size_t width = 0; width <= 60; width++) {
		struct buffer output = {0};
		char before[sizeof(text)];
		char after[1024];
		char *before_rest = before;
		char *after_rest = after;
		char *word;

		memcpy(before, text, sizeof(text));
		assert_int_equal(
		    wrap_lines(bytes_of_string(text), width, &output, NULL),
		    RESULT_OK);
		assert_true(output.size < sizeof(after));
		memcpy(after, output.data, output.size);
		after[output.size] = '\0';
		while ((word = strtok_r(NULL, " \n", &before_rest)) != NULL)
			assert_string_equal(
			    strtok_r(NULL, " \n", &after_rest), word);
		assert_null(strtok_r(NULL, " \n", &after_rest));
		buffer_finish(&output);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_as_many_words_as_fit),
	    cmocka_unit_test(keeps_blanks_but_where_it_breaks),
	    cmocka_unit_test(counts_characters_and_not_bytes),
	    cmocka_unit_test(leaves_a_line_that_is_as_wide_as_the_terminal),
	    cmocka_unit_test(does_not_cut_a_word),
	    cmocka_unit_test(goes_on_below_where_the_text_began),
	    cmocka_unit_test(passes_over_a_column_past_the_middle),
	    cmocka_unit_test(breaks_each_line_by_itself),
	    cmocka_unit_test(loses_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
