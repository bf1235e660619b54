/*
 * grid: tables that are made as narrow as a terminal, and those that cannot be.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "server/tally/grid.h"

/* A letter a column: 'r' right, 'l' left, 't' text. */
static void fill(struct grid *grid, const char *columns,
    const char *const *cells, size_t count)
{
	grid_init(grid);
	for (; *columns != '\0'; columns++) {
		if (*columns == 't')
			grid_text_column(grid);
		else
			grid_column(grid, *columns == 'r');
	}
	for (size_t i = 0; i < count; i++)
		assert_true(grid_cell(grid, cells[i]));
}

/* `width` 0: as it is. */
static void assert_printed(const char *columns, const char *const *cells,
    size_t count, size_t width, const char *wanted)
{
	struct grid grid;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	fill(&grid, columns, cells, count);
	if (width != 0)
		grid_fit(&grid, width);
	grid_print(&grid, to);
	grid_finish(&grid);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, wanted);
	free(text);
}

#define COUNT(cells) (sizeof(cells) / sizeof((cells)[0]))

static const char *const rules[] = {"Rule", "Points", "Because", "base", "12",
    "", "fresh", "0", "nothing was sold of it"};

static void stays_as_it_is_where_it_fits(void **state)
{
	static const char wanted[] = "Rule   Points  Because\n"
				     "base       12\n"
				     "fresh       0  nothing was sold of it\n";

	(void)state;
	assert_printed("lrt", rules, COUNT(rules), 0, wanted);
	assert_printed("lrt", rules, COUNT(rules), 100, wanted);
	assert_printed("lrt", rules, COUNT(rules), 37, wanted);
}

static void breaks_cells_of_text_below_themselves(void **state)
{
	(void)state;
	assert_printed("lrt", rules, COUNT(rules), 36,
	    "Rule   Points  Because\n"
	    "base       12\n"
	    "fresh       0  nothing was sold of\n"
	    "               it\n");
	assert_printed("lrt", rules, COUNT(rules), 22,
	    "Rule   Points  Because\n"
	    "base       12\n"
	    "fresh       0  nothing\n"
	    "               was\n"
	    "               sold of\n"
	    "               it\n");
}

static void parts_columns_by_one_blank_before_it_gives_up(void **state)
{
	(void)state;
	assert_printed("lrt", rules, COUNT(rules), 20,
	    "Rule  Points Because\n"
	    "base      12\n"
	    "fresh      0 nothing\n"
	    "             was\n"
	    "             sold of\n"
	    "             it\n");
	/* Too narrow for its longest words: the terminal breaks it. */
	assert_printed("lrt", rules, COUNT(rules), 19,
	    "Rule   Points  Because\n"
	    "base       12\n"
	    "fresh       0  nothing was sold of it\n");
}

static void breaks_any_column_of_text_and_its_heading(void **state)
{
	static const char *const cells[] = {"Members by sales", "Sales",
	    "to 20 %", "21,827.81", "all", "113,820.75"};

	(void)state;
	assert_printed("tr", cells, COUNT(cells), 27,
	    "Members by       Sales\n"
	    "sales\n"
	    "to 20 %      21,827.81\n"
	    "all         113,820.75\n");
}

static void narrows_the_widest_first(void **state)
{
	static const char *const cells[] = {"Name", "What", "Kitchen knife",
	    "a product; 300 in stock; 2 times in all", "Bag", "a product"};

	(void)state;
	assert_printed("tt", cells, COUNT(cells), 30,
	    "Name           What\n"
	    "Kitchen knife  a product; 300\n"
	    "               in stock; 2\n"
	    "               times in all\n"
	    "Bag            a product\n");
	assert_printed("tt", cells, COUNT(cells), 24,
	    "Name     What\n"
	    "Kitchen  a product; 300\n"
	    "knife    in stock; 2\n"
	    "         times in all\n"
	    "Bag      a product\n");
}

static void leaves_out_columns_that_say_nothing(void **state)
{
	static const char *const cells[] = {"Entry", "Reward", "Of", "Reason",
	    "12", "", "", "", "11", "", "9", ""};
	static const char *const empty[] = {"Reward and reason", ""};

	(void)state;
	assert_printed("rlrt", cells, COUNT(cells), 24,
	    "Entry  Of\n"
	    "   12\n"
	    "   11   9\n");
	assert_printed("rlrt", cells, COUNT(cells), 25,
	    "Entry  Reward  Of  Reason\n"
	    "   12\n"
	    "   11           9\n");
	assert_printed("l", empty, COUNT(empty), 5, "Reward and reason\n\n");
}

static void aligns_by_characters_when_it_breaks(void **state)
{
	static const char *const cells[] = {
	    "Name", "Points", "Käse und Brötchen", "5", "€ € €", "1,000"};

	(void)state;
	assert_printed("tr", cells, COUNT(cells), 17,
	    "Name      Points\n"
	    "Käse und       5\n"
	    "Brötchen\n"
	    "€ € €      1,000\n");
}

/* Whatever the width, each word of each column stands, in order. */
static void loses_no_word(void **state)
{
	(void)state;
	for (size_t width = 1; width < 40; width++) {
		struct grid grid;
		char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);
		const char *at;

		assert_non_null(to);
		fill(&grid, "lrt", rules, COUNT(rules));
		grid_fit(&grid, width);
		grid_print(&grid, to);
		grid_finish(&grid);
		assert_int_equal(fclose(to), 0);
		at = text;
		for (size_t i = 0; i < COUNT(rules) - 1; i++) {
			at = strstr(at, rules[i]);
			assert_non_null(at);
		}
		assert_non_null(at = strstr(at, "nothing"));
		assert_non_null(at = strstr(at, "was"));
		assert_non_null(at = strstr(at, "sold"));
		assert_non_null(at = strstr(at, "of"));
		assert_non_null(at = strstr(at, "it"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stays_as_it_is_where_it_fits),
	    cmocka_unit_test(breaks_cells_of_text_below_themselves),
	    cmocka_unit_test(parts_columns_by_one_blank_before_it_gives_up),
	    cmocka_unit_test(breaks_any_column_of_text_and_its_heading),
	    cmocka_unit_test(narrows_the_widest_first),
	    cmocka_unit_test(leaves_out_columns_that_say_nothing),
	    cmocka_unit_test(aligns_by_characters_when_it_breaks),
	    cmocka_unit_test(loses_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
