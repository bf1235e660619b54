/*
 * The owner's rules as a file, over the real programs: while the server runs,
 * and when it does not. Put, explained, simulated; and what the owner does of
 * members and by night.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
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

/* A file beside the shop. */
static void write_beside(struct fixture *fixture, const char *name,
    const char *text, char path[PLACE_PATH_SIZE + 8])
{
	FILE *file;

	(void)snprintf(path, PLACE_PATH_SIZE + 8, "%s%s", fixture->shop, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Its path. */
static const char *write_rules(struct fixture *fixture, const char *text)
{
	static char path[PLACE_PATH_SIZE + 8];

	write_beside(fixture, ".rules", text, path);
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

	till_begin(fixture, "till", &till);
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

/* --- explained ------------------------------------------------------------ */

#define HAPPY                                                          \
	"[earn happy]\nname = Happy hour\npoints = 0.25\nper = 1.00\n" \
	"[earn visit]\npoints = 5\nper = visit\nday_times = 1\n"

/* A shop with two sales, at entries 6 and 7. */
static void sell_twice(struct fixture *fixture)
{
	struct till till;

	assert_int_equal(put(fixture, RULES HAPPY TEA), 0);
	till_begin(fixture, "till", &till);
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	till_ask(
	    &till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":700}");
	assert_has(&till, "\"entry\":6,");
	till_ask(
	    &till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":300}");
	assert_int_equal(till_stop(&till), 0);
	process_finish(&till.process);
}

static void assert_output(struct fixture *fixture, const char *what)
{
	if (!line_has(fixture->finished.output, what))
		fail_msg("%s is not in: %s", what, fixture->finished.output);
}

static void assert_explained(struct fixture *fixture)
{
	assert_output(fixture, "\"do\":\"programme explain\",\"ok\":true,");
	assert_output(fixture,
	    "{\"rule\":\"visit\",\"name\":\"visit\",\"points_micro\":5000000,"
	    "\"counts\":true,");
	assert_output(fixture, "\"sum_micro\":20750000,");
	assert_output(fixture, "\"balance_before\":0,\"balance\":20");
	assert_output(fixture, "\"lawful\":true");
}

static void an_entry_is_explained_wherever_one_stands(void **state)
{
	struct fixture *fixture = *state;
	char identity[PLACE_PATH_SIZE + 8];
	char token[256];

	sell_twice(fixture);
	assert_int_equal(
	    fixture_tally(fixture, "--json", "programme", "explain", "6", NULL),
	    0);
	assert_explained(fixture);
	assert_int_equal(
	    fixture_tally(fixture, "programme", "explain", "7", NULL), 0);
	assert_output(fixture, "A sale of 3.00 gave 6 points.\n");
	assert_output(
	    fixture, "visit          visit  it had applied as often as it may");
	/* Over the network, as an auditor. */
	fixture_token(fixture, "auditor", token, sizeof(token));
	(void)snprintf(identity, sizeof(identity), "%s.auditor", fixture->shop);
	assert_int_equal(
	    fixture_program(fixture, "tally", "enrol", identity, "--server",
		fixture->address, "--token", token, NULL),
	    0);
	assert_int_equal(
	    fixture_program(fixture, "tally", "--json", "programme", "explain",
		"6", "--identity", identity, NULL),
	    0);
	assert_explained(fixture);
	assert_int_equal(fixture_program(fixture, "tally", "programme",
			     "explain", "600", "--identity", identity, NULL),
	    2);
	/* And when the server does not run. */
	assert_int_equal(fixture_stop(fixture), 0);
	assert_int_equal(
	    fixture_tally(fixture, "--json", "programme", "explain", "6", NULL),
	    0);
	assert_explained(fixture);
}

/* --- simulated ------------------------------------------------------------ */

static void the_past_is_simulated_against_the_rules_in_force(void **state)
{
	struct fixture *fixture = *state;
	char sales[PLACE_PATH_SIZE + 8];

	write_beside(fixture, ".csv",
	    "time;customer;basket;category;amount\n"
	    "2026-03-02 10:00;anna;1;fruit;\"3,50\"\n"
	    "2026-03-02 10:00;anna;1;bread;1.00\n"
	    "2026-03-03 10:00;ben;2;fruit;2.00\n",
	    sales);
	assert_int_equal(
	    fixture_tally(fixture, "--json", "programme", "simulate",
		write_rules(fixture, RULES HAPPY TEA "cost = 0.35\n"),
		"--sales", sales, NULL),
	    0);
	/* 8 + 1.125 + 5 and 4 + 0.5 + 5. */
	assert_output(fixture, "\"sales\":2,\"amount\":650,");
	assert_output(fixture, "\"issued\":23,");
	assert_output(fixture, "\"cost_least\":11,");
	assert_output(fixture, "\"against\":\"the rules in force (entry 2)\"");
	assert_output(fixture, "\"more\":2,\"less\":0,");
	assert_int_equal(fixture_head(fixture), 2);
	/* Without any shop. */
	assert_int_equal(
	    fixture_program(fixture, "tally", "programme", "simulate",
		write_rules(fixture, RULES HAPPY TEA), "--sales", sales,
		"--against", write_rules(fixture, RULES HAPPY TEA), NULL),
	    0);
	assert_output(fixture, "0 members get more, 0 less, 2 the same.\n");
}

/* The two files of real sales, where they lie beside the repository. */
static void real_sales_can_be_read_as_they_are(void **state)
{
	static const struct {
		const char *name;
		const char *wanted;
	} files[] = {{"grocery-2017-h1.csv", "\"sales\":23"},
	    {"cdnow-sample.csv", "\"sales\":6911,\"amount\":24409194,"}};
	const char *folder = getenv("TALLY_DATA");
	struct fixture *fixture = *state;
	char path[4096];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    folder == NULL ? "../shared/data" : folder, files[i].name);
		if (access(path, R_OK) != 0)
			skip();
		assert_int_equal(
		    fixture_tally(fixture, "--json", "programme", "simulate",
			write_rules(fixture,
			    "[programme]\nname = N\ncurrency = USD\n"
			    "earn_points = 1\nearn_amount = 1.00\n"
			    "sale_amount_max = 2000.00\n"),
			"--sales", path, NULL),
		    0);
		assert_output(fixture, files[i].wanted);
		assert_output(fixture, "\"nobody\":0,");
		assert_output(fixture, "\"refused\":0,");
	}
}

/* --- members and nights --------------------------------------------------- */

static void owner_deeds(struct fixture *fixture, const char *card)
{
	char cards[PLACE_PATH_SIZE + 8];
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "card,points,expires\n%s,150,2999-12-31\n", card);
	write_beside(fixture, ".cards", text, cards);
	assert_int_equal(
	    fixture_tally(fixture, "import", cards, "--dry-run", NULL), 0);
	assert_output(fixture, "1 cards with 150 points would be enrolled.");
	assert_int_equal(fixture_tally(fixture, "import", cards, NULL), 0);
	assert_int_equal(fixture_tally(fixture, "goodwill", card, "20",
			     "--reason", "long wait", NULL),
	    0);
	assert_int_equal(fixture_tally(fixture, "member", "set", card, "--name",
			     "Anna", NULL),
	    0);
	assert_int_equal(
	    fixture_tally(fixture, "member", "show", card, NULL), 0);
	assert_output(fixture, "Name            Anna\n");
	assert_output(fixture, "   150  2999-12-31");
	assert_int_equal(fixture_tally(fixture, "--json", "night", NULL), 0);
	assert_output(fixture, "\"expired_points\":0,\"expired\":0,");
	assert_int_equal(fixture_tally(fixture, "night", NULL), 0);
	assert_output(fixture, "Nothing was due.\n");
	assert_int_equal(
	    fixture_tally(fixture, "card", "block", card, NULL), 0);
}

static void the_owner_sees_to_members_while_it_runs_and_when_not(void **state)
{
	struct fixture *fixture = *state;

	owner_deeds(fixture, CARD);
	assert_int_equal(fixture_stop(fixture), 0);
	owner_deeds(fixture, "2912345678913");
	fixture_run(fixture);
	assert_int_equal(
	    fixture_tally(fixture, "--json", "ledger", "show", NULL), 0);
	assert_int_equal(fixture_number(fixture, "goodwill"), 340);
	assert_int_equal(fixture_number(fixture, "expired"), 0);
	assert_int_equal(fixture_number(fixture, "outstanding"), 340);
	fixture_audit(fixture);
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
	    SERVED(an_entry_is_explained_wherever_one_stands),
	    SERVED(the_past_is_simulated_against_the_rules_in_force),
	    SERVED(real_sales_can_be_read_as_they_are),
	    SERVED(the_owner_sees_to_members_while_it_runs_and_when_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
