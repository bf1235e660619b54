/*
 * The worked examples of server/PROGRAMME.md, as they stand there, against the
 * law: each block of rules, and each row of the table below it, in order.
 */
#include "tests/unit/common/guide_example.h"

struct guide {
	FILE *file;
	unsigned line;
	char text[TEXT_SIZE];
	size_t examples;
	size_t rows;
	size_t wrong;
};

static bool next_line(struct guide *guide)
{
	if (fgets(guide->text, sizeof(guide->text), guide->file) == NULL)
		return false;
	guide->line++;
	guide->text[strcspn(guide->text, "\n")] = '\0';
	return true;
}

/* The rules of a block. Those that do not say [programme] get the usual one. */
static void read_block(struct guide *guide, struct buffer *rules)
{
	bool is_whole = false;
	struct buffer block = {0};
	struct error err;

	while (next_line(guide) && strcmp(guide->text, "```") != 0) {
		if (strcmp(guide->text, "[programme]") == 0)
			is_whole = true;
		assert_int_equal(
		    buffer_append(&block, bytes_of_string(guide->text), &err),
		    RESULT_OK);
		assert_int_equal(
		    buffer_append(&block, bytes_of_string("\n"), &err),
		    RESULT_OK);
	}
	rules->size = 0;
	if (!is_whole)
		assert_int_equal(
		    buffer_append(rules, bytes_of_string(HEAD), &err),
		    RESULT_OK);
	assert_int_equal(
	    buffer_append(rules, buffer_view(&block), &err), RESULT_OK);
	buffer_finish(&block);
}

/* Split "| a | b |" into trimmed cells. */
static void split_row(const char *text, char cells[COLUMNS][TEXT_SIZE])
{
	const char *at = text;

	for (size_t column = 0; column < COLUMNS; column++) {
		size_t size;

		assert_int_equal(at[0], '|');
		at = &at[1 + strspn(&at[1], " ")];
		size = strcspn(at, "|");
		snprintf(cells[column], TEXT_SIZE, "%.*s", (int)size, at);
		for (size_t end = strlen(cells[column]);
		     end > 0 && cells[column][end - 1] == ' '; end--)
			cells[column][end - 1] = '\0';
		at = &at[size];
	}
}

/* The table follows after prose; a block without one is only shown, and must
 * be good rules all the same. */
static void run_table(struct guide *guide, struct example *example)
{
	char cells[COLUMNS][TEXT_SIZE];

	while (next_line(guide)) {
		if (strncmp(guide->text, "| 2", 3) != 0 &&
		    (example->row > 0 || strncmp(guide->text, "#", 1) == 0 ||
			strncmp(guide->text, "```", 3) == 0))
			return;
		if (strncmp(guide->text, "| 2", 3) != 0)
			continue;
		split_row(guide->text, cells);
		example->line = guide->line;
		run_row(example, cells);
		guide->rows++;
	}
}

static void every_example_of_the_guide_is_what_the_law_does(void **state)
{
	static struct example example;
	struct guide guide = {.file = fopen(GUIDE, "r")};
	struct buffer rules = {0};

	(void)state;
	assert_non_null(guide.file);
	while (strcmp(guide.text, "```ini") == 0 || next_line(&guide)) {
		if (strcmp(guide.text, "```ini") != 0)
			continue;
		example.line = guide.line;
		read_block(&guide, &rules);
		open_shop(&example, buffer_view(&rules));
		run_table(&guide, &example);
		guide.examples += example.row > 0;
		guide.wrong += example.wrong;
		close_shop(&example);
	}
	print_message("%zu examples, %zu rows\n", guide.examples, guide.rows);
	assert_int_equal(guide.wrong, 0);
	assert_true(guide.examples >= 20);
	buffer_finish(&rules);
	(void)fclose(guide.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_example_of_the_guide_is_what_the_law_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
