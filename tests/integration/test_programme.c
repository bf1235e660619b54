/*
 * The owner's rules as a file, over the real programs: while the server runs,
 * and when it does not.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/fixture.h"

#define CARD "2912345678906"
#define RULES                    \
	"[programme]\n"          \
	"name = Corner Coffee\n" \
	"currency = EUR\n"       \
	"earn_points = 2\n"      \
	"earn_amount = 1.00\n"   \
	"sale_amount_max = 9.00\n"
#define TEA "[reward tea]\nname = Tea\npoints = 70\n"

/* A file in this place; its path. */
static const char *write_rules(struct fixture *fixture, const char *text)
{
	static char path[PLACE_PATH_SIZE + 8];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s.rules", fixture->shop);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static int put(struct fixture *fixture, const char *text)
{
	return fixture_tally(fixture, "--json", "programme", "put",
	    write_rules(fixture, text), NULL);
}

static void assert_shown(struct fixture *fixture, const char *text)
{
	assert_int_equal(fixture_tally(fixture, "programme", "show", NULL), 0);
	assert_string_equal(fixture->finished.output, text);
}

static void assert_nothing_left(struct fixture *fixture)
{
	char path[PLACE_PATH_SIZE + 16];

	(void)snprintf(path, sizeof(path), "%s/programme.new", fixture->shop);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void rules_are_put_while_the_server_runs_and_when_not(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(put(fixture, RULES TEA), 0);
	assert_int_equal(fixture_number(fixture, "entry"), 3);
	assert_shown(fixture, RULES TEA);
	assert_int_equal(put(fixture, RULES TEA), 1);
	assert_true(line_has(fixture->finished.output, "\"why\":\"exists\""));
	assert_int_equal(fixture_stop(fixture), 0);
	assert_shown(fixture, RULES TEA);
	assert_int_equal(put(fixture, RULES), 0);
	assert_int_equal(fixture_number(fixture, "entry"), 4);
	assert_nothing_left(fixture);
	fixture_run(fixture);
	assert_shown(fixture, RULES);
	assert_int_equal(
	    fixture_tally(fixture, "programme", "show", "--at", "3", NULL), 0);
	assert_string_equal(fixture->finished.output, RULES TEA);
	fixture_audit(fixture);
}

static void rules_judge_the_next_sale_at_the_till(void **state)
{
	struct fixture *fixture = *state;
	struct till till;

	till_enrol(fixture, "till", &till);
	till_start(&till, NULL, -1);
	till_event(&till, "link");
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	till_ask(
	    &till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":900}");
	assert_has(&till, "\"points\":9");
	assert_int_equal(put(fixture, RULES TEA), 0);
	till_ask(
	    &till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":900}");
	assert_has(&till, "\"points\":18");
	till_ask(
	    &till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":901}");
	assert_has(&till, "\"why\":\"amount_invalid\"");
	assert_int_equal(till_stop(&till), 0);
	process_finish(&till.process);
	fixture_audit(fixture);
}

static void a_fault_is_named_as_compilers_do_and_nothing_is_put(void **state)
{
	struct fixture *fixture = *state;
	const char *path = write_rules(fixture, RULES "points = 7\n");
	char wanted[PLACE_PATH_SIZE + 128];

	(void)snprintf(wanted, sizeof(wanted),
	    "%s:7:1: the key 'points' is not known in this section\n1 fault.\n",
	    path);
	assert_int_equal(
	    fixture_program(fixture, "tally", "programme", "check", path, NULL),
	    1);
	assert_string_equal(fixture->finished.output, wanted);
	assert_int_equal(put(fixture, RULES "points = 7\n"), 1);
	assert_true(line_has(fixture->finished.output,
	    "\"faults\":[{\"line\":7,\"column\":1,\"say\":\"the key 'points' "
	    "is not known in this section\"}],\"fault_count\":1,"
	    "\"why\":\"faults\""));
	assert_nothing_left(fixture);
	assert_int_equal(fixture_head(fixture), 2);
}

static void what_is_shown_can_be_put_again(void **state)
{
	struct fixture *fixture = *state;
	char first[4096];

	assert_int_equal(fixture_tally(fixture, "programme", "show", NULL), 0);
	(void)snprintf(
	    first, sizeof(first), "%.4000s", fixture->finished.output);
	assert_int_equal(put(fixture, first), 1); /* it is in force */
	assert_int_equal(put(fixture, RULES), 0);
	assert_true(line_has(fixture->finished.output,
	    "\"warnings\":[\"there is no reward: points buy nothing\"]"));
	assert_int_equal(put(fixture, first), 0);
	assert_shown(fixture, first);
}

#define SERVED(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SERVED(rules_are_put_while_the_server_runs_and_when_not),
	    SERVED(rules_judge_the_next_sale_at_the_till),
	    SERVED(a_fault_is_named_as_compilers_do_and_nothing_is_put),
	    SERVED(what_is_shown_can_be_put_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
