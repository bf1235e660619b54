/*
 * What the tally command's sentences are made of: numbers, phrases, lines of a
 * page, and the words of a programme's text; and how it takes files in.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/tally/file_map.h"
#include "server/tally/format.h"
#include "server/tally/phrase.h"
#include "server/tally/rules_text.h"

/* --- numbers -------------------------------------------------------------- */

static void assert_money(int64_t amount_minor, const char *wanted)
{
	char text[FORMAT_SIZE];

	format_money(amount_minor, text);
	assert_string_equal(text, wanted);
}

static void assert_micro(uint64_t micro, const char *wanted)
{
	char text[FORMAT_SIZE];

	format_micro(micro, text);
	assert_string_equal(text, wanted);
}

static void writes_money_with_its_sign(void **state)
{
	(void)state;
	assert_money(0, "0.00");
	assert_money(7, "0.07");
	assert_money(-7, "-0.07");
	assert_money(-123456, "-1,234.56");
	assert_money(INT64_MIN, "-92,233,720,368,547,758.08");
}

static void writes_as_many_decimals_as_it_takes(void **state)
{
	(void)state;
	assert_micro(0, "0");
	assert_micro(1, "0.000001");
	assert_micro(500000, "0.5");
	assert_micro(2250000, "2.25");
	assert_micro(1234000000, "1,234");
	assert_micro(1000000000001, "1,000,000.000001");
	assert_micro(UINT64_MAX, "18,446,744,073,709.551615");
}

/* --- lines ---------------------------------------------------------------- */

static void assert_wrapped(
    const char *text, size_t indent, size_t width, const char *wanted)
{
	char *lines = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&lines, &size);

	assert_non_null(to);
	format_wrapped(to, text, indent, width);
	fclose(to);
	assert_string_equal(lines, wanted);
	free(lines);
}

static void breaks_lines_at_blanks(void **state)
{
	(void)state;
	assert_wrapped("", 2, 20, "\n");
	assert_wrapped("one two", 0, 7, "one two\n");
	assert_wrapped("one two", 0, 6, "one\ntwo\n");
	assert_wrapped("one two  three", 4, 11, "    one two\n    three\n");
	assert_wrapped("incomprehensible", 2, 6, "  incomprehensible\n");
	/* Characters count, not bytes. */
	assert_wrapped(
	    "\xc3\xa4\xc3\xb6 \xc3\xbc", 0, 4, "\xc3\xa4\xc3\xb6 \xc3\xbc\n");
}

/* --- phrases -------------------------------------------------------------- */

static void puts_sentences_together(void **state)
{
	struct phrase phrase = {.size = 0};

	(void)state;
	phrase_points(&phrase, 1000000);
	phrase_add(&phrase, " for ");
	phrase_count(&phrase, 1, "day");
	phrase_add(&phrase, ", ");
	phrase_points(&phrase, 2500000);
	phrase_add(&phrase, " for ");
	phrase_count(&phrase, 1400, "day");
	phrase_add(&phrase, ": ");
	phrase_list(&phrase);
	for (int i = 0; i < 3; i++)
		phrase_piece(&phrase, "%d", i);
	assert_string_equal(phrase.text,
	    "1 point for 1 day, 2.5 points for 1,400 days: 0, 1, 2");
}

static void cuts_a_sentence_that_is_too_long(void **state)
{
	struct phrase phrase = {.size = 0};

	(void)state;
	for (unsigned i = 0; i < PHRASE_SIZE; i++)
		phrase_add(&phrase, "abc");
	assert_int_equal(strlen(phrase.text), PHRASE_SIZE - 1);
	assert_string_equal(&phrase.text[PHRASE_SIZE - 1 - strlen("a…")], "a…");
	/* Not in the middle of a character. */
	phrase = (struct phrase){.size = 0};
	for (unsigned i = 0; i < PHRASE_SIZE; i++)
		phrase_add(&phrase, "€");
	assert_true(strlen(phrase.text) < PHRASE_SIZE);
	assert_true(bytes_are_text(bytes_of_string(phrase.text), NULL));
	assert_string_equal(
	    &phrase.text[strlen(phrase.text) - strlen("€…")], "€…");
}

/* --- a programme's own words ---------------------------------------------- */

static const char rules[] = "; a note\n"
			    "[programme]\n"
			    "name = Corner ; not the name\n"
			    "time_zone=UTC0\r\n"
			    "\n"
			    "[ earn fresh ] ; fruit\n"
			    "categories = a, b\n"
			    "# name = nothing\n"
			    "categories =c;d ;e\n"
			    "[earn other]\n"
			    "name = Other";

static void assert_value(unsigned line, const char *key, const char *wanted)
{
	char value[RULES_VALUE_SIZE];

	assert_int_equal(
	    rules_text_value(bytes_of_string(rules), line, key, value),
	    wanted != NULL);
	assert_string_equal(value, wanted == NULL ? "" : wanted);
}

static void finds_the_words_of_a_section(void **state)
{
	struct bytes text = bytes_of_string(rules);

	(void)state;
	assert_int_equal(rules_text_section(text, "programme"), 2);
	assert_int_equal(rules_text_section(text, "earn fresh"), 6);
	assert_int_equal(rules_text_section(text, "earn other"), 10);
	assert_int_equal(rules_text_section(text, "earn"), 0);
	assert_value(2, "name", "Corner");
	assert_value(2, "time_zone", "UTC0");
	assert_value(2, "categories", NULL);
	assert_value(4, "name", "Corner");
	assert_value(6, "categories", "a, b, c;d");
	assert_value(6, "name", NULL);
	assert_value(10, "name", "Other");
}

static void cuts_a_list_that_is_too_long(void **state)
{
	char text[3 * RULES_VALUE_SIZE] = "[a]\n";
	char value[RULES_VALUE_SIZE];

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		strcat(text, "k = 123456789012345678\n");
	assert_true(rules_text_value(bytes_of_string(text), 1, "k", value));
	assert_int_equal(strlen(value), RULES_VALUE_SIZE - 1);
	assert_string_equal(&value[RULES_VALUE_SIZE - 1 - strlen("…")], "…");
}

static void reads_a_line_and_its_parts(void **state)
{
	struct bytes text = bytes_of_string(rules);
	struct bytes value;
	struct bytes key;

	(void)state;
	assert_true(bytes_equal(
	    rules_text_line(text, 11), bytes_of_string("name = Other")));
	assert_int_equal(rules_text_line(text, 12).size, 0);
	assert_true(rules_text_pair(rules_text_line(text, 3), &key, &value));
	assert_true(bytes_equal(key, bytes_of_string("name")));
	assert_true(bytes_equal(value, bytes_of_string("Corner")));
	assert_false(rules_text_pair(rules_text_line(text, 1), &key, &value));
	assert_false(rules_text_pair(rules_text_line(text, 2), &key, &value));
	assert_false(rules_text_pair(rules_text_line(text, 5), &key, &value));
	assert_false(rules_text_pair(rules_text_line(text, 8), &key, &value));
}

/* --- files ---------------------------------------------------------------- */

static void takes_in_a_file_an_empty_one_and_a_pipe(void **state)
{
	char path[] = "/tmp/tally-map-XXXXXX";
	int file = mkstemp(path);
	int kept = dup(STDIN_FILENO);
	struct file_map map;
	struct error err;
	int ends[2];

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(file_map_open(path, &map, &err), RESULT_OK);
	assert_int_equal(map.bytes.size, 0);
	file_map_close(&map);
	assert_int_equal(write(file, "abc", 3), 3);
	assert_int_equal(file_map_open(path, &map, &err), RESULT_OK);
	assert_true(map.is_mapped);
	assert_true(bytes_equal(map.bytes, bytes_of_string("abc")));
	file_map_close(&map);
	close(file);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "from a pipe", 11), 11);
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	close(ends[0]);
	assert_int_equal(file_map_open("-", &map, &err), RESULT_OK);
	assert_false(map.is_mapped);
	assert_true(bytes_equal(map.bytes, bytes_of_string("from a pipe")));
	file_map_close(&map);
	assert_true(dup2(kept, STDIN_FILENO) >= 0);
	close(kept);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_map_open(path, &map, &err), RESULT_NOT_FOUND);
	assert_int_equal(file_map_open("/tmp", &map, &err), RESULT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_money_with_its_sign),
	    cmocka_unit_test(writes_as_many_decimals_as_it_takes),
	    cmocka_unit_test(breaks_lines_at_blanks),
	    cmocka_unit_test(puts_sentences_together),
	    cmocka_unit_test(cuts_a_sentence_that_is_too_long),
	    cmocka_unit_test(finds_the_words_of_a_section),
	    cmocka_unit_test(cuts_a_list_that_is_too_long),
	    cmocka_unit_test(reads_a_line_and_its_parts),
	    cmocka_unit_test(takes_in_a_file_an_empty_one_and_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
