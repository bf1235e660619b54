/*
 * The parts of the tally command that need no shop: its command line, its
 * manual, its formats, and the spool of an audit over the network.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/tally/format.h"
#include "server/tally/grid.h"
#include "server/tally/manual.h"
#include "server/tally/options.h"
#include "server/tally/spool.h"

/* --- the command line ----------------------------------------------------- */

#define WORDS_MAX 80u

/* A command line typed with spaces; '_' stands for a space in a word. */
struct typed {
	char memory[2048];
	char *words[WORDS_MAX];
	int count;
	struct asked asked;
	char topic[80];
	struct error err;
};

static enum asked_kind type(struct typed *typed, const char *line)
{
	char *rest = NULL;
	char *word;
	char *at;

	snprintf(typed->memory, sizeof(typed->memory), "tally %s", line);
	typed->count = 0;
	for (word = strtok_r(typed->memory, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		assert_true(typed->count < (int)WORDS_MAX);
		for (at = word; *at != '\0'; at++)
			if (*at == '_')
				*at = ' ';
		typed->words[typed->count++] = word;
	}
	typed->err = (struct error){.result = RESULT_OK};
	return options_parse(typed->count, typed->words, &typed->asked,
	    typed->topic, sizeof(typed->topic), &typed->err);
}

static void assert_wrong(const char *line, const char *text)
{
	struct typed typed;

	if (type(&typed, line) != ASKED_WRONG)
		fail_msg("'%s' is taken", line);
	assert_string_equal(typed.err.text, text);
}

static void takes_a_verb_of_two_words_and_its_name(void **state)
{
	struct typed typed;

	(void)state;
	assert_int_equal(type(&typed, "terminal add Till_1"), ASKED_VERB);
	assert_string_equal(typed.asked.verb->name, "terminal add");
	assert_true(typed.asked.verb->run == run_terminal_add);
	assert_int_equal(typed.asked.positional_count, 1);
	assert_string_equal(typed.asked.positionals[0], "Till 1");
	assert_null(typed.asked.shop);
	assert_false(typed.asked.is_json);
}

static void takes_options_in_any_place_and_form(void **state)
{
	static const char *const lines[] = {
	    "-s shop --json terminal add Books --role auditor",
	    "terminal -s shop add --json --role=auditor Books",
	    "terminal add --role auditor Books --shop=shop --json",
	    "--shop shop terminal --json add --role auditor -- Books"};
	struct typed typed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(type(&typed, lines[i]), ASKED_VERB);
		assert_string_equal(typed.asked.verb->name, "terminal add");
		assert_string_equal(typed.asked.shop, "shop");
		assert_true(typed.asked.is_json);
		assert_string_equal(
		    asked_option(&typed.asked, "--role"), "auditor");
		assert_null(asked_option(&typed.asked, "--valid"));
		assert_string_equal(typed.asked.positionals[0], "Books");
	}
}

static void takes_nothing_for_an_option_after_two_dashes(void **state)
{
	struct typed typed;

	(void)state;
	assert_int_equal(type(&typed, "terminal add -- --role"), ASKED_VERB);
	assert_string_equal(typed.asked.positionals[0], "--role");
	assert_int_equal(typed.asked.option_count, 0);
	/* A dash alone is a word. */
	assert_int_equal(type(&typed, "terminal add -"), ASKED_VERB);
	assert_string_equal(typed.asked.positionals[0], "-");
}

static void keeps_an_option_that_may_come_again(void **state)
{
	struct typed typed;

	(void)state;
	assert_int_equal(
	    type(&typed, "audit --checkpoint a --checkpoint=b"), ASKED_VERB);
	assert_int_equal(typed.asked.option_count, 2);
	assert_string_equal(typed.asked.options[0].value, "a");
	assert_string_equal(typed.asked.options[1].value, "b");
	assert_string_equal(asked_option(&typed.asked, "--checkpoint"), "b");
}

static void refuses_more_options_than_its_limit(void **state)
{
	char line[1024] = "audit";
	struct typed typed;
	size_t i;

	(void)state;
	for (i = 0; i < OPTIONS_MAX; i++)
		strcat(line, " --checkpoint=x");
	assert_int_equal(type(&typed, line), ASKED_VERB);
	strcat(line, " --checkpoint=x");
	assert_int_equal(type(&typed, line), ASKED_WRONG);
	assert_string_equal(
	    typed.err.text, "more than 64 options (see: tally help audit)");
}

static void names_what_is_wrong_and_the_nearest_help(void **state)
{
	(void)state;
	assert_wrong("", "what is to be done? (see: tally --help)");
	assert_wrong(
	    "termnal", "there is no verb 'termnal' (see: tally --help)");
	assert_wrong("terminal",
	    "terminal wants one of: add, list, revoke (see: tally help "
	    "terminal)");
	assert_wrong("terminal ad",
	    "terminal knows only: add, list, revoke (see: tally help "
	    "terminal)");
	assert_wrong("terminal add",
	    "terminal add wants NAME (see: tally help terminal add)");
	assert_wrong("terminal add Till 1",
	    "'1' is one too many: a name with spaces wants quotes (see: tally "
	    "help terminal add)");
	assert_wrong("terminal list x",
	    "'x' is one too many: a name with spaces wants quotes (see: tally "
	    "help terminal list)");
	assert_wrong("terminal add A --rol till",
	    "terminal add has no option '--rol' (see: tally help terminal "
	    "add)");
	assert_wrong(
	    "--rol", "tally has no option '--rol' (see: tally --help)");
	assert_wrong("terminal add A --role",
	    "--role wants a value: till|auditor (see: tally help terminal "
	    "add)");
	assert_wrong("-s", "-s wants a value: SHOP (see: tally --help)");
	assert_wrong("terminal list --json=1",
	    "--json takes no value (see: tally help terminal list)");
	assert_wrong("audit --server a --server b",
	    "--server is given twice (see: tally help audit)");
	assert_wrong(
	    "help sales", "there is no help on 'sales' (see: tally --help)");
}

static void knows_of_json_also_where_the_rest_is_wrong(void **state)
{
	struct typed typed;

	(void)state;
	assert_int_equal(type(&typed, "nothing --json"), ASKED_WRONG);
	assert_true(typed.asked.is_json);
	assert_int_equal(type(&typed, "nothing -- --json"), ASKED_WRONG);
	assert_false(typed.asked.is_json);
}

static void asks_for_help_in_each_way(void **state)
{
	static const struct {
		const char *line;
		const char *topic;
	} asked[] = {{"--help", ""}, {"-h", ""}, {"help", ""},
	    {"help terminal", "terminal"}, {"terminal --help", "terminal"},
	    {"help terminal add", "terminal add"},
	    {"terminal add --help", "terminal add"},
	    {"terminal add Till --help", "terminal add"},
	    {"--help audit", "audit"}};
	struct typed typed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (type(&typed, asked[i].line) != ASKED_HELP)
			fail_msg("%s: %s", asked[i].line, typed.err.text);
		assert_string_equal(typed.topic, asked[i].topic);
	}
	assert_int_equal(type(&typed, "--version"), ASKED_VERSION);
	assert_int_equal(type(&typed, "audit --version"), ASKED_VERSION);
}

/* "CARD NEW" is two. */
static size_t words_of(const char *takes)
{
	size_t count = takes[0] == '\0' ? 0 : 1;

	for (; *takes != '\0'; takes++)
		count += *takes == ' ';
	return count;
}

/* Whatever is typed, each verb's own help is a topic, and the manual of each
 * says enough to be of use. */
static void has_a_manual_for_every_verb(void **state)
{
	struct typed typed;
	char line[80];
	size_t i;

	(void)state;
	for (i = 0; i < verb_count; i++) {
		const struct option_rule *rule = verbs[i].options;

		snprintf(line, sizeof(line), "%s --help", verbs[i].name);
		assert_int_equal(type(&typed, line), ASKED_HELP);
		assert_string_equal(typed.topic, verbs[i].name);
		assert_true(strlen(verbs[i].says) > 10);
		assert_non_null(verbs[i].run);
		assert_true(words_of(verbs[i].takes) <= POSITIONALS_MAX);
		for (; rule != NULL && rule->name != NULL; rule++) {
			assert_int_equal(strncmp(rule->name, "--", 2), 0);
			assert_true(strlen(rule->says) > 0);
		}
	}
}

/* The first lines of a verb's help, as they are printed. */
static void assert_usage(const char *verb, const char *wanted)
{
	char text[1024] = "";
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);

	assert_non_null(file);
	assert_true(kept >= 0);
	fflush(stdout);
	assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
	manual_print(verb);
	fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	rewind(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	if (strstr(text, wanted) == NULL)
		fail_msg("'%s' lacks '%s'", text, wanted);
}

static void shows_in_brackets_what_may_be_left_out(void **state)
{
	(void)state;
	assert_usage("reward add", " reward add ID\n"
				   "        --name NAME\n"
				   "        --points N\n\n");
	assert_usage("enrol", " enrol DIR\n"
			      "        --server HOST:PORT\n"
			      "        --token TOKEN\n\n");
	assert_usage("audit", " audit\n"
			      "        [--checkpoint FILE] ...\n"
			      "        [--hashes-only]\n"
			      "        [--server HOST:PORT]\n");
}

/* --- formats -------------------------------------------------------------- */

static void assert_count(int64_t count, const char *wanted)
{
	char text[FORMAT_SIZE];

	format_count(count, text);
	assert_string_equal(text, wanted);
}

static void groups_the_digits_of_numbers(void **state)
{
	(void)state;
	assert_count(0, "0");
	assert_count(7, "7");
	assert_count(999, "999");
	assert_count(1000, "1,000");
	assert_count(-12, "-12");
	assert_count(-123456, "-123,456");
	assert_count(1234567, "1,234,567");
	assert_count(INT64_MAX, "9,223,372,036,854,775,807");
	assert_count(INT64_MIN, "-9,223,372,036,854,775,808");
}

static void writes_amounts_with_two_decimals(void **state)
{
	char text[FORMAT_SIZE];

	(void)state;
	format_amount(0, text);
	assert_string_equal(text, "");
	format_amount(5, text);
	assert_string_equal(text, "0.05");
	format_amount(125099, text);
	assert_string_equal(text, "1,250.99");
	format_amount(UINT64_MAX, text);
	assert_string_equal(text, "184,467,440,737,095,516.15");
}

static void writes_times_in_the_local_zone(void **state)
{
	char text[FORMAT_SIZE];

	(void)state;
	setenv("TZ", "UTC-2", 1); /* two hours ahead */
	tzset();
	format_time(1700000000999, text);
	assert_string_equal(text, "2023-11-15 00:13:20");
	format_time(0, text);
	assert_string_equal(text, "");
	/* No calendar has this year. */
	format_time(UINT64_MAX, text);
	assert_true(strlen(text) > 0);
	unsetenv("TZ");
	tzset();
}

static void reads_counts_of_digits_alone(void **state)
{
	static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1x",
	    "0x1", "9223372036854775808", "99999999999999999999999"};
	uint64_t count = 0;

	(void)state;
	assert_true(format_read_count("0", &count));
	assert_int_equal(count, 0);
	assert_true(format_read_count("0042", &count));
	assert_int_equal(count, 42);
	assert_true(format_read_count("9223372036854775807", &count));
	assert_int_equal(count, INT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(format_read_count(bad[i], &count));
	assert_int_equal(count, INT64_MAX);
}

static void assert_moment(const char *text, uint64_t wanted_ms)
{
	uint64_t time_ms = 0;

	if (!format_read_time(text, &time_ms))
		fail_msg("'%s' is no time", text);
	assert_int_equal(time_ms, wanted_ms);
}

static void reads_the_end_of_a_day_a_minute_or_a_second(void **state)
{
	static const char *const bad[] = {"", "2023", "2023-11", "2023-11-31",
	    "2023-02-29", "2023-13-01", "14.11.2023", "2023-11-14 24:10",
	    "2023-11-14 22", "2023-11-14 22:13:", "2023-11-14 22:13:20 x",
	    "2023-11-14x", "1969-12-30", "2023-11-14 22:13:20.5",
	    "2023-11-14                                          "};
	uint64_t time_ms = 7;

	(void)state;
	setenv("TZ", "UTC-2", 1); /* two hours ahead */
	tzset();
	assert_moment("2023-11-15 00:13:20", 1700000000999);
	assert_moment("2023-11-15 00:13", 1700000039999);
	assert_moment("2023-11-14", 1699999199999);
	assert_moment("2024-02-29", 1709243999999);
	/* A day that has 23 hours ends when it ends. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_moment("2023-03-25", 1679785199999);
	assert_moment("2023-03-26", 1679867999999);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (format_read_time(bad[i], &time_ms))
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(time_ms, 7);
	unsetenv("TZ");
	tzset();
}

static void aligns_a_table_by_characters(void **state)
{
	static const char *const cells[] = {
	    "No.", "Name", "Points", "1", "Käse", "5", "12", "B", "1,000"};
	struct grid grid;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	size_t i;

	(void)state;
	assert_non_null(to);
	grid_init(&grid);
	grid_column(&grid, true);
	grid_column(&grid, false);
	grid_column(&grid, true);
	for (i = 0; i < 9; i++)
		assert_true(grid_cell(&grid, cells[i]));
	grid_print(&grid, to);
	grid_finish(&grid);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, "No.  Name  Points\n"
				  "  1  Käse       5\n"
				  " 12  B      1,000\n");
	free(text);
}

static void takes_no_more_columns_than_its_limit(void **state)
{
	struct grid grid;
	size_t i;

	(void)state;
	grid_init(&grid);
	for (i = 0; i < GRID_COLUMNS_MAX + 3; i++)
		grid_column(&grid, false);
	assert_int_equal(grid.column_count, GRID_COLUMNS_MAX);
	grid_finish(&grid);
}

/* --- the spool ------------------------------------------------------------ */

#define RECORDS 3000u

/* Records of any size, the empty one too. */
static struct bytes record_of(size_t number, uint8_t *memory)
{
	size_t size = number % 7 == 0 ? 0 : number * 37 % 701;

	memset(memory, (int)(number % 251), size);
	return bytes_of(memory, size);
}

static void assert_spooled(struct spool *spool, size_t number)
{
	uint8_t memory[1024];
	struct bytes wanted = record_of(number, memory);
	struct buffer read = {0};
	struct error err;

	assert_int_equal(
	    buffer_append(&read, bytes_of_string("before"), &err), RESULT_OK);
	if (spool_read(spool, number, &read, &err) != RESULT_OK)
		fail_msg("%s", err.text);
	assert_int_equal(read.size, 6 + wanted.size);
	assert_memory_equal(read.data, "before", 6);
	assert_true(
	    bytes_equal(bytes_of(read.data + 6, read.size - 6), wanted));
	buffer_finish(&read);
}

static void reads_back_any_record_at_any_time(void **state)
{
	uint8_t memory[1024];
	struct spool *spool;
	struct error err;
	size_t i;

	(void)state;
	assert_int_equal(spool_create(&spool, &err), RESULT_OK);
	for (i = 1; i <= RECORDS; i++) {
		assert_int_equal(
		    spool_append(spool, record_of(i, memory), &err), RESULT_OK);
		/* The newest, from memory, and an old one, from the disk. */
		if (i % 50 == 0) {
			assert_spooled(spool, i);
			assert_spooled(spool, i / 2);
		}
	}
	for (i = 1; i <= RECORDS; i++)
		assert_spooled(spool, i);
	spool_destroy(spool);
}

static void has_no_record_that_has_not_come(void **state)
{
	struct buffer read = {0};
	struct spool *spool;
	struct error err;

	(void)state;
	assert_int_equal(spool_create(&spool, &err), RESULT_OK);
	assert_int_equal(spool_read(spool, 1, &read, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    spool_append(spool, bytes_of_string("one"), &err), RESULT_OK);
	assert_int_equal(spool_read(spool, 0, &read, &err), RESULT_NOT_FOUND);
	assert_int_equal(spool_read(spool, 2, &read, &err), RESULT_NOT_FOUND);
	assert_int_equal(spool_read(spool, 1, &read, &err), RESULT_OK);
	assert_int_equal(read.size, 3);
	buffer_finish(&read);
	spool_destroy(spool);
	spool_destroy(NULL);
}

static void says_where_it_could_not_make_its_files(void **state)
{
	struct spool *spool;
	struct error err;

	(void)state;
	setenv("TMPDIR", "/no/such/folder", 1);
	assert_int_equal(spool_create(&spool, &err), RESULT_IO);
	assert_non_null(strstr(err.text, "/no/such/folder"));
	unsetenv("TMPDIR");
}

static void leaves_no_file_behind(void **state)
{
	char folder[] = "/tmp/test-spool-XXXXXX";
	struct spool *spool;
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	assert_int_equal(spool_create(&spool, &err), RESULT_OK);
	assert_int_equal(
	    spool_append(spool, bytes_of_string("one"), &err), RESULT_OK);
	/* Also while it is in use: the folder is empty, or it would stay. */
	assert_int_equal(rmdir(folder), 0);
	spool_destroy(spool);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_a_verb_of_two_words_and_its_name),
	    cmocka_unit_test(takes_options_in_any_place_and_form),
	    cmocka_unit_test(takes_nothing_for_an_option_after_two_dashes),
	    cmocka_unit_test(keeps_an_option_that_may_come_again),
	    cmocka_unit_test(refuses_more_options_than_its_limit),
	    cmocka_unit_test(names_what_is_wrong_and_the_nearest_help),
	    cmocka_unit_test(knows_of_json_also_where_the_rest_is_wrong),
	    cmocka_unit_test(asks_for_help_in_each_way),
	    cmocka_unit_test(has_a_manual_for_every_verb),
	    cmocka_unit_test(shows_in_brackets_what_may_be_left_out),
	    cmocka_unit_test(groups_the_digits_of_numbers),
	    cmocka_unit_test(writes_amounts_with_two_decimals),
	    cmocka_unit_test(writes_times_in_the_local_zone),
	    cmocka_unit_test(reads_counts_of_digits_alone),
	    cmocka_unit_test(reads_the_end_of_a_day_a_minute_or_a_second),
	    cmocka_unit_test(aligns_a_table_by_characters),
	    cmocka_unit_test(takes_no_more_columns_than_its_limit),
	    cmocka_unit_test(reads_back_any_record_at_any_time),
	    cmocka_unit_test(has_no_record_that_has_not_come),
	    cmocka_unit_test(says_where_it_could_not_make_its_files),
	    cmocka_unit_test(leaves_no_file_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
