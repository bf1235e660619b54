/*
 * Tests of import: what a file of opening balances may look like, and what is
 * said of each line that does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/card/card.h"
#include "common/law/calendar.h"
#include "server/import.h"

static int setup(void **state)
{
	struct hasher *hasher;

	if (hasher_create(&hasher, NULL) != RESULT_OK)
		return -1;
	*state = hasher;
	return 0;
}

static int teardown(void **state)
{
	hasher_destroy(*state);
	return 0;
}

static struct import *import_of(struct hasher *hasher, struct bytes content)
{
	struct buffer text = {0};
	struct import *import;

	assert_int_equal(buffer_append(&text, content, NULL), RESULT_OK);
	assert_int_equal(
	    import_create(&text, hasher, &import, NULL), RESULT_OK);
	assert_int_equal(text.size, 0);
	return import;
}

static struct import *import_of_text(struct hasher *hasher, const char *text)
{
	return import_of(hasher, bytes_of_string(text));
}

static int32_t day_of(int32_t year, uint8_t month, uint8_t day)
{
	return date_to_day((struct date){year, month, day});
}

/* What is said of the only line; "" where it is good. */
static const char *fault_of(struct hasher *hasher, const char *line)
{
	static struct error err;
	struct import *import = import_of_text(hasher, line);
	struct import_row row = {.line = 77};

	err.text[0] = '\0';
	assert_int_equal(import_row_count(import), 1);
	if (import_row(import, 0, &row, &err) != RESULT_OK) {
		assert_int_equal(err.result, RESULT_INVALID);
		assert_int_equal(row.line, 77);
	}
	import_destroy(import);
	return err.text;
}

static void is_refused(
    struct hasher *hasher, const char *line, const char *wanted)
{
	const char *fault = fault_of(hasher, line);

	if (strstr(fault, wanted) == NULL)
		fail_msg("%s: \"%s\" is not in \"%s\"", line, wanted, fault);
}

/* --- what is taken -------------------------------------------------------- */

static void a_line_says_a_card_its_points_and_perhaps_more(void **state)
{
	struct import *import = import_of_text(*state,
	    "2912345678906,150\n"
	    "2912345678913,0,2027-12-31\n"
	    "2912345678920,1000000000000,,Anna\n"
	    "2912345678937,7,2028-02-29,\"Smith, \"\"Bo\"\"\",02-29\n"
	    "2912345678944,5,,,12-01\n");
	struct import_row row;

	assert_int_equal(import_row_count(import), 5);
	assert_int_equal(import_row(import, 0, &row, NULL), RESULT_OK);
	assert_int_equal(row.line, 1);
	assert_string_equal(row.card, "2912345678906");
	assert_int_equal(row.points, 150);
	assert_int_equal(row.expiry_day, 0);
	assert_string_equal(row.name, "");
	assert_int_equal(row.birthday, 0);
	assert_int_equal(import_row(import, 1, &row, NULL), RESULT_OK);
	assert_int_equal(row.expiry_day, day_of(2027, 12, 31));
	assert_int_equal(row.points, 0);
	assert_int_equal(import_row(import, 2, &row, NULL), RESULT_OK);
	assert_int_equal(row.points, POINTS_MAX);
	assert_int_equal(row.expiry_day, 0);
	assert_string_equal(row.name, "Anna");
	assert_int_equal(import_row(import, 3, &row, NULL), RESULT_OK);
	assert_int_equal(row.expiry_day, day_of(2028, 2, 29));
	assert_string_equal(row.name, "Smith, \"Bo\"");
	assert_int_equal(row.birthday, 229);
	assert_int_equal(import_row(import, 4, &row, NULL), RESULT_OK);
	assert_string_equal(row.name, "");
	assert_int_equal(row.birthday, 1201);
	import_destroy(import);
}

static void a_header_notes_and_empty_lines_are_passed_over(void **state)
{
	static const char *const texts[] = {
	    "Card, Points\r\n\r\n# the old till\r\n2912345678906,1\r\n",
	    "\xef\xbb\xbf"
	    "card\n\n  \t\n2912345678906 , 1",
	    "\n#card\nCARD,points,expires\n\"2912345678906\", \"1\" \n\n\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct import *import = import_of_text(*state, texts[i]);
		struct import_row row;

		assert_int_equal(import_row_count(import), 1);
		assert_int_equal(import_row(import, 0, &row, NULL), RESULT_OK);
		assert_int_equal(row.line, 4);
		assert_string_equal(row.card, "2912345678906");
		assert_int_equal(row.points, 1);
		import_destroy(import);
	}
}

static void a_header_that_comes_later_is_no_card(void **state)
{
	struct import *import =
	    import_of_text(*state, "2912345678906,1\ncard,points\n");
	struct import_row row;
	struct error err;

	assert_int_equal(import_row_count(import), 2);
	assert_int_equal(import_row(import, 1, &row, &err), RESULT_INVALID);
	assert_non_null(strstr(err.text, "a card is wanted"));
	import_destroy(import);
}

static void a_file_without_a_line_has_no_rows(void **state)
{
	static const char *const texts[] = {
	    "", "\n", "card,points", "# nothing\n\n", "\xef\xbb\xbf"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct import *import = import_of_text(*state, texts[i]);

		assert_int_equal(import_row_count(import), 0);
		assert_int_equal(import_row_from(import, 1), 0);
		import_destroy(import);
	}
	import_destroy(NULL);
}

static void a_header_of_other_columns_is_a_fault(void **state)
{
	static const char *const texts[] = {"card,points,name\n",
	    "Card,Name,Points\n", "card,birthday", "card,points,expires,\n"};
	struct import_row row;
	struct error err;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct import *import = import_of_text(*state, texts[i]);

		assert_int_equal(import_row_count(import), 1);
		assert_int_equal(import_row_line(import, 0), 1);
		assert_int_equal(
		    import_row(import, 0, &row, &err), RESULT_INVALID);
		assert_non_null(strstr(err.text, "in this order"));
		assert_true(strlen(err.text) <= SAY_SIZE_MAX);
		import_destroy(import);
	}
}

static void rows_are_found_by_their_lines(void **state)
{
	struct import *import = import_of_text(*state,
	    "card\n2912345678906,1\n\n\n2912345678913,1\n2912345678920,1");

	assert_int_equal(import_row_count(import), 3);
	assert_int_equal(import_row_from(import, 0), 0);
	assert_int_equal(import_row_from(import, 2), 0);
	assert_int_equal(import_row_from(import, 3), 1);
	assert_int_equal(import_row_from(import, 5), 1);
	assert_int_equal(import_row_from(import, 6), 2);
	assert_int_equal(import_row_from(import, 7), 3);
	assert_int_equal(import_row_from(import, UINT32_MAX), 3);
	assert_int_equal(import_row_line(import, 1), 5);
	import_destroy(import);
}

static void its_hash_is_that_of_the_file(void **state)
{
	static const char text[] = "2912345678906,1\n";
	struct import *import = import_of_text(*state, text);
	struct hash hash = hash_plain(*state, bytes_of_string(text));

	assert_true(hash_equal(import_hash(import), &hash));
	import_destroy(import);
}

/* --- what is refused ------------------------------------------------------ */

static void a_card_that_is_none_is_named_by_its_fault(void **state)
{
	is_refused(*state, "2912345678905,1", "a card is wanted first");
	is_refused(*state, ",1", "a card is wanted first");
	is_refused(*state, "4001686301265,1", "a card is wanted first");
	/* However long a card's own sentence is, ours fits a reply. */
	for (int fault = CARD_EMPTY; fault <= CARD_SYMBOLOGY; fault++)
		assert_true(
		    strlen("a card is wanted first: ") +
			strlen(card_fault_say((enum card_fault)fault)) <=
		    SAY_SIZE_MAX);
}

/* One Code 39 card in 43 has a blank as its check character. */
static void a_card_that_ends_in_a_blank_stands_in_quotes(void **state)
{
	struct import *import = import_of_text(*state, "\"E4569 \" ,3\n");
	struct import_row row;

	assert_int_equal(import_row(import, 0, &row, NULL), RESULT_OK);
	assert_string_equal(row.card, "E4569 ");
	import_destroy(import);
	is_refused(*state, "E4569 ,3", "a card is wanted first");
}

static void points_are_whole_and_not_too_many(void **state)
{
	static const char *const bad[] = {"", "-1", "1.5", "+1", "1e3", "x",
	    "1 000", "1000000000001", "99999999999999999999999999"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[100];

		(void)snprintf(line, sizeof(line), "2912345678906,%s", bad[i]);
		is_refused(*state, line, "points are wanted");
	}
	is_refused(*state, "2912345678906", "points are wanted");
}

static void a_last_day_is_a_day_that_there_is(void **state)
{
	static const char *const bad[] = {"2027-02-29", "31.12.2027",
	    "2027-12-32", "2027-1-01", "1970-01-01", "1969-12-31", "never"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[100];

		(void)snprintf(
		    line, sizeof(line), "2912345678906,1,%s", bad[i]);
		is_refused(*state, line, "the last day");
	}
}

static void a_birthday_is_a_month_and_a_day(void **state)
{
	static const char *const bad[] = {
	    "0314", "3-14", "00-00", "13-01", "02-30", "03-14-1990", "aa-bb"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[100];

		(void)snprintf(
		    line, sizeof(line), "2912345678906,1,,,%s", bad[i]);
		is_refused(*state, line, "a birthday is wanted");
	}
}

static void a_name_fits_its_field(void **state)
{
	char line[200] = "2912345678906,1,,";
	size_t start = strlen(line);

	memset(line + start, 'n', NAME_SIZE_MAX);
	assert_string_equal(fault_of(*state, line), "");
	line[start + NAME_SIZE_MAX] = 'n';
	is_refused(*state, line, "a name of at most 64 bytes");
	is_refused(*state, "2912345678906,1,,a\tb", "a name");
}

static void a_field_in_quotes_is_whole_and_alone(void **state)
{
	static const char *const bad[] = {
	    "\"", "\"\"\"", "\"Anna\" B", "\"Anna", "\"A\"\"", "\"A\"B\""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[100];

		(void)snprintf(
		    line, sizeof(line), "2912345678906,1,,%s", bad[i]);
		is_refused(*state, line, "is wanted whole");
	}
	assert_string_equal(
	    fault_of(*state, "2912345678906,1,,\"\",03-14"), "");
}

static void a_line_is_five_fields_of_text_parted_by_commas(void **state)
{
	char line[IMPORT_LINE_SIZE_MAX + 2];

	is_refused(*state, "2912345678906,1,,Anna,03-14,x", "at most 5 fields");
	is_refused(*state, "2912345678906,1,,Anna,03-14,", "at most 5 fields");
	is_refused(*state, "2912345678906;1;;Anna", "not by ';'");
	is_refused(*state, "2912345678906,1,,\xff", "text in UTF-8");
	is_refused(*state, "2912345678906,1,,\x01", "text in UTF-8");
	memset(line, ' ', sizeof(line));
	memcpy(line, "2912345678906,1", 15);
	line[IMPORT_LINE_SIZE_MAX] = '\0';
	assert_string_equal(fault_of(*state, line), "");
	line[IMPORT_LINE_SIZE_MAX] = 'x';
	line[IMPORT_LINE_SIZE_MAX + 1] = '\0';
	is_refused(*state, line, "at most 512 bytes");
}

static void a_nul_is_no_text(void **state)
{
	static const char text[] = "2912345678906,1,,a\0b\n2912345678913,1";
	struct import *import =
	    import_of(*state, bytes_of(text, sizeof(text) - 1));
	struct import_row row;
	struct error err;

	assert_int_equal(import_row_count(import), 2);
	assert_int_equal(import_row(import, 0, &row, &err), RESULT_INVALID);
	assert_non_null(strstr(err.text, "text in UTF-8"));
	assert_int_equal(import_row(import, 1, &row, &err), RESULT_OK);
	import_destroy(import);
}

static void a_card_comes_once_in_a_file(void **state)
{
	/* The third is the first with a symbology identifier. */
	struct import *import = import_of_text(*state,
	    "2912345678906,1\n2912345678913,1\n]E02912345678906,2\n"
	    "2912345678906,x\n2912345678906,3\n");
	static const bool good[] = {true, true, false, false, false};
	struct import_row row;
	struct error err;

	for (size_t i = 0; i < 5; i++)
		assert_int_equal(import_row(import, i, &row, &err),
		    good[i] ? RESULT_OK : RESULT_INVALID);
	assert_non_null(strstr(err.text, "line 1 has this one already"));
	assert_int_equal(import_row(import, 3, &row, &err), RESULT_INVALID);
	assert_non_null(strstr(err.text, "points"));
	import_destroy(import);
}

static void a_card_whose_first_line_is_a_fault_may_come_again(void **state)
{
	struct import *import =
	    import_of_text(*state, "2912345678906,x\n2912345678906,1\n");
	struct import_row row;

	assert_int_equal(import_row(import, 0, &row, NULL), RESULT_INVALID);
	assert_int_equal(import_row(import, 1, &row, NULL), RESULT_OK);
	import_destroy(import);
}

/* --- limits --------------------------------------------------------------- */

static void append_row(struct buffer *text, unsigned n, bool again)
{
	char line[64];
	char card[CARD_SIZE_MAX];
	unsigned sum = 0;

	(void)snprintf(card, sizeof(card), "29%010u", n);
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(card[i] - '0') * (i % 2 == 0 ? 1 : 3);
	(void)snprintf(line, sizeof(line), "%s%u,%u\n", card,
	    (10 - sum % 10) % 10, again ? n + 1 : n);
	assert_int_equal(
	    buffer_append(text, bytes_of_string(line), NULL), RESULT_OK);
}

static void many_cards_are_read_and_each_double_is_found(void **state)
{
	const unsigned many = 20000;
	struct buffer text = {0};
	struct import *import;
	struct import_row row;

	for (unsigned n = 0; n < many; n++)
		append_row(&text, n, false);
	for (unsigned n = 0; n < many; n += 97)
		append_row(&text, n, true);
	assert_int_equal(
	    import_create(&text, *state, &import, NULL), RESULT_OK);
	for (unsigned n = 0; n < many; n++) {
		assert_int_equal(import_row(import, n, &row, NULL), RESULT_OK);
		assert_int_equal(row.points, n);
	}
	for (size_t i = many; i < import_row_count(import); i++)
		assert_int_equal(
		    import_row(import, i, &row, NULL), RESULT_INVALID);
	import_destroy(import);
}

static void too_many_lines_are_refused(void **state)
{
	struct buffer text = {0};
	struct import *import = NULL;
	struct error err;

	assert_int_equal(
	    buffer_reserve(&text, IMPORT_LINES_MAX + 1, NULL), RESULT_OK);
	memset(text.data, '\n', IMPORT_LINES_MAX + 1);
	text.size = IMPORT_LINES_MAX + 1;
	assert_int_equal(
	    import_create(&text, *state, &import, &err), RESULT_LIMIT);
	assert_non_null(strstr(err.text, "lines"));
	assert_null(import);
	assert_int_equal(text.size, 0);
	assert_int_equal(
	    buffer_reserve(&text, IMPORT_LINES_MAX, NULL), RESULT_OK);
	memset(text.data, '\n', IMPORT_LINES_MAX);
	text.size = IMPORT_LINES_MAX;
	assert_int_equal(
	    import_create(&text, *state, &import, &err), RESULT_OK);
	import_destroy(import);
}

static void too_large_a_file_is_refused(void **state)
{
	struct buffer text = {0};
	struct import *import = NULL;
	struct error err;

	assert_int_equal(
	    buffer_reserve(&text, IMPORT_SIZE_MAX + 1, NULL), RESULT_OK);
	text.data[0] = '#';
	text.size = IMPORT_SIZE_MAX + 1;
	assert_int_equal(
	    import_create(&text, *state, &import, &err), RESULT_LIMIT);
	assert_non_null(strstr(err.text, "bytes"));
	assert_null(import);
}

/* A file cut anywhere reads as far as it goes, and never past its end. */
static void a_file_cut_anywhere_is_harmless(void **state)
{
	static const char whole[] =
	    "card,points\n2912345678906,150,2027-12-31,\"Smith, "
	    "\"\"Anna\"\"\",03-14\r\n# note\n2912345678913,0\n";

	for (size_t size = 0; size < sizeof(whole); size++) {
		uint8_t *cut = malloc(size + 1);
		struct buffer text = {
		    .data = cut, .size = size, .capacity = size + 1};
		struct import *import;
		struct import_row row;

		assert_non_null(cut);
		memcpy(cut, whole, size);
		cut[size] = '9';
		assert_int_equal(
		    import_create(&text, *state, &import, NULL), RESULT_OK);
		for (size_t i = 0; i < import_row_count(import); i++)
			(void)!import_row(import, i, &row, NULL);
		import_destroy(import);
	}
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_line_says_a_card_its_points_and_perhaps_more),
	    TEST(a_header_notes_and_empty_lines_are_passed_over),
	    TEST(a_header_that_comes_later_is_no_card),
	    TEST(a_header_of_other_columns_is_a_fault),
	    TEST(a_file_without_a_line_has_no_rows),
	    TEST(rows_are_found_by_their_lines),
	    TEST(its_hash_is_that_of_the_file),
	    TEST(a_card_that_is_none_is_named_by_its_fault),
	    TEST(a_card_that_ends_in_a_blank_stands_in_quotes),
	    TEST(points_are_whole_and_not_too_many),
	    TEST(a_last_day_is_a_day_that_there_is),
	    TEST(a_birthday_is_a_month_and_a_day),
	    TEST(a_name_fits_its_field),
	    TEST(a_field_in_quotes_is_whole_and_alone),
	    TEST(a_line_is_five_fields_of_text_parted_by_commas),
	    TEST(a_nul_is_no_text),
	    TEST(a_card_comes_once_in_a_file),
	    TEST(a_card_whose_first_line_is_a_fault_may_come_again),
	    TEST(many_cards_are_read_and_each_double_is_found),
	    TEST(too_many_lines_are_refused),
	    TEST(too_large_a_file_is_refused),
	    TEST(a_file_cut_anywhere_is_harmless),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
