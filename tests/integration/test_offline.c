/*
 * The server goes away and comes back: what a till sold meanwhile counts, and
 * counts once.
 */
#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"

#define CARD "2912345678906"
#define ENROL "{\"do\":\"enrol\",\"card\":\"" CARD "\"}"
#define EARN "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":500}"
#define BALANCE "{\"do\":\"balance\",\"card\":\"" CARD "\"}"
#define REDEEM "{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"coffee\"}"

struct away {
	struct fixture *fixture;
	struct till till;
};

static int setup(void **state)
{
	struct away *away = calloc(1, sizeof(*away));
	void *fixture;

	assert_non_null(away);
	(void)fixture_setup(&fixture);
	away->fixture = fixture;
	assert_int_equal(fixture_tally(away->fixture, "reward", "add", "coffee",
			     "--name", "Coffee", "--points", "5", NULL),
	    0);
	till_begin(away->fixture, "till", &away->till);
	till_ask(&away->till, ENROL);
	assert_has(&away->till, "\"ok\":true");
	*state = away;
	return 0;
}

static int teardown(void **state)
{
	struct away *away = *state;
	void *fixture = away->fixture;

	process_finish(&away->till.process);
	(void)fixture_teardown(&fixture);
	free(away);
	return 0;
}

/* Wait until the till knows that the link is up, or down. */
static void await_link(struct till *till, const char *up)
{
	do {
		till_event(till, "link");
	} while (!line_has(till->line, up));
}

/* How many earnings there are, each of them settled once. */
static long long balance(struct till *till)
{
	till_ask(till, BALANCE);
	assert_has(till, "\"ok\":true");
	return line_number(till->line, "balance");
}

static void sales_wait_for_the_server_and_count_once(void **state)
{
	struct away *away = *state;
	bool seen[64] = {false};

	assert_int_equal(fixture_stop(away->fixture), 0);
	for (int i = 0; i < 10; i++) {
		till_ask(&away->till, EARN);
		assert_has(&away->till, "\"ok\":true");
		assert_has(&away->till, "\"pending\":true");
	}
	till_ask(&away->till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(away->till.line, "waiting"), 10);
	assert_has(&away->till, "\"link\":\"down\"");
	fixture_run(away->fixture);
	for (int i = 0; i < 10; i++) {
		long long operation;

		till_event(&away->till, "settled");
		assert_has(&away->till, "\"ok\":true");
		operation = line_number(away->till.line, "operation");
		assert_in_range(operation, 1, 63);
		assert_false(seen[operation]);
		seen[operation] = true;
	}
	assert_int_equal(balance(&away->till), 50);
	till_ask(&away->till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(away->till.line, "waiting"), 0);
	assert_int_equal(till_stop(&away->till), 0);
	fixture_audit(away->fixture);
}

static void what_waits_outlives_the_till(void **state)
{
	struct away *away = *state;

	fixture_kill(away->fixture);
	for (int i = 0; i < 3; i++) {
		till_ask(&away->till, EARN);
		assert_has(&away->till, "\"pending\":true");
	}
	process_signal(&away->till.process, SIGKILL);
	assert_int_equal(process_wait(&away->till.process), 128 + SIGKILL);
	process_finish(&away->till.process);
	fixture_run(away->fixture);
	till_start(&away->till, NULL, -1);
	for (int i = 0; i < 3; i++) {
		till_event(&away->till, "settled");
		assert_has(&away->till, "\"ok\":true");
	}
	assert_int_equal(balance(&away->till), 15);
}

static void rewards_are_not_given_while_the_server_is_away(void **state)
{
	struct away *away = *state;

	till_ask(&away->till, EARN);
	assert_int_equal(fixture_stop(away->fixture), 0);
	await_link(&away->till, "\"up\":false");
	till_ask(&away->till, REDEEM);
	assert_has(&away->till, "\"ok\":false");
	till_ask(&away->till, BALANCE);
	assert_has(&away->till, "\"ok\":false");
	fixture_run(away->fixture);
	await_link(&away->till, "\"up\":true");
	assert_int_equal(balance(&away->till), 5);
	till_ask(&away->till, REDEEM);
	assert_has(&away->till, "\"ok\":true");
	assert_int_equal(balance(&away->till), 0);
}

static void a_server_that_comes_and_goes_loses_nothing(void **state)
{
	struct away *away = *state;
	long long sold = 0;
	long long points;

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 5; i++) {
			till_ask(&away->till, EARN);
			assert_has(&away->till, "\"ok\":true");
			sold++;
		}
		if (round % 2 == 0)
			fixture_kill(away->fixture);
		else
			assert_int_equal(fixture_stop(away->fixture), 0);
		till_ask(&away->till, EARN);
		assert_has(&away->till, "\"ok\":true");
		sold++;
		fixture_run(away->fixture);
		await_link(&away->till, "\"up\":true");
	}
	do {
		till_ask(&away->till, "{\"do\":\"status\"}");
	} while (line_number(away->till.line, "waiting") != 0);
	points = balance(&away->till);
	assert_int_equal(points, 5 * sold);
	fixture_audit(away->fixture);
}

/* --- undoing -------------------------------------------------------------- */

/* The last operation of the till is undone: what comes of it is in `line`. */
static void undo(struct till *till, long long operation)
{
	char line[64];

	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"void\",\"operation\":%lld}", operation);
	till_ask(till, line);
	assert_has(till, "\"ok\":true");
}

static void what_is_undone_before_it_is_sent_never_counts(void **state)
{
	struct away *away = *state;
	struct till *till = &away->till;

	assert_int_equal(fixture_stop(away->fixture), 0);
	till_ask(till, EARN);
	assert_has(till, "\"pending\":true");
	undo(till, line_number(till->line, "operation"));
	assert_has(till, "\"unsent\":true");
	/* Of a sale that an earlier run kept nobody knows whether it was sent.
	 */
	till_ask(till, EARN);
	process_signal(&till->process, SIGKILL);
	assert_int_equal(process_wait(&till->process), 128 + SIGKILL);
	process_finish(&till->process);
	till_start(till, NULL, -1);
	await_link(till, "\"up\":false");
	undo(till, 3);
	assert_has(till, "\"pending\":true");
	fixture_run(away->fixture);
	till_event(till, "settled");
	assert_has(till, "\"do\":\"earn\"");
	assert_has(till, "\"why\":\"voided\"");
	till_event(till, "settled");
	assert_has(till, "\"do\":\"void\"");
	assert_has(till, "\"ok\":true");
	assert_int_equal(balance(till), 0);
	fixture_audit(away->fixture);
}

/* The server has the redemption and does not answer. */
static void a_redemption_of_which_nothing_is_heard_is_given_up(void **state)
{
	struct away *away = *state;
	struct till *till = &away->till;
	long long operation;

	till_ask(till, EARN);
	process_signal(&away->fixture->server, SIGSTOP);
	till_ask(till, REDEEM);
	assert_has(till, "\"ok\":false");
	assert_has(till, "\"why\":\"unknown\"");
	operation = line_number(till->line, "operation");
	undo(till, operation);
	assert_has(till, "\"pending\":true");
	process_signal(&away->fixture->server, SIGCONT);
	for (int i = 0; i < 2; i++)
		till_event(till, "settled");
	till_ask(till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(till->line, "waiting"), 0);
	assert_int_equal(balance(till), 5);
	till_ask(till, REDEEM);
	assert_has(till, "\"ok\":true");
	fixture_audit(away->fixture);
}

/* --- what is not on the disk ---------------------------------------------- */

static void allow_goodwill(struct away *away)
{
	static const char rules[] = "[programme]\nname = Corner Coffee\n"
				    "currency = EUR\nearn_points = 1\n"
				    "earn_amount = 1.00\n"
				    "sale_amount_max = 9.00\n"
				    "[goodwill]\ncashier_day_points = 1\n"
				    "second_day_points = 500\n";

	fixture_rules(away->fixture, rules);
	assert_int_equal(fixture_tally(away->fixture, "cashier", "add", "Ann",
			     "--pin", "4711", NULL),
	    0);
	assert_int_equal(fixture_tally(away->fixture, "cashier", "add", "Eve",
			     "--role", "supervisor", "--pin", "4712", NULL),
	    0);
}

/* The till dies with the PIN; whether the goodwill counted it learns under its
 * name, and says what the ledger has. */
static void a_goodwill_whose_pin_is_forgotten_counts_once_or_not(void **state)
{
	static const char login[] =
	    "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}";
	struct away *away = *state;
	struct till *till = &away->till;
	bool counted = false;
	bool logged_in = false;
	bool settled = false;

	allow_goodwill(away);
	till_ask(till, login);
	process_signal(&away->fixture->server, SIGSTOP);
	till_ask(till,
	    "{\"do\":\"goodwill\",\"card\":\"" CARD "\",\"points\":40,"
	    "\"reason\":\"long wait\",\"second\":2,\"pin\":\"4712\"}");
	assert_has(till, "\"why\":\"unknown\"");
	process_signal(&till->process, SIGKILL);
	assert_int_equal(process_wait(&till->process), 128 + SIGKILL);
	process_finish(&till->process);
	process_signal(&away->fixture->server, SIGCONT);
	till_start(till, NULL, -1);
	/* Where it has not counted, it is undone under this login. */
	assert_true(process_write(&till->process, login, strlen(login)));
	assert_true(process_write(&till->process, "\n", 1));
	/* The two lines come in either order. */
	while (!settled || !logged_in) {
		till_line(till);
		logged_in |= line_has(till->line, "\"do\":\"login\"");
		if (!line_has(till->line, "\"event\":\"settled\""))
			continue;
		settled = true;
		assert_has(till, "\"do\":\"goodwill\"");
		counted = line_has(till->line, "\"ok\":true");
		if (!counted)
			assert_has(till, "\"why\":\"voided\"");
	}
	assert_int_equal(balance(till), counted ? 40 : 0);
	fixture_audit(away->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sales_wait_for_the_server_and_count_once),
	    TEST(what_waits_outlives_the_till),
	    TEST(rewards_are_not_given_while_the_server_is_away),
	    TEST(a_server_that_comes_and_goes_loses_nothing),
	    TEST(what_is_undone_before_it_is_sent_never_counts),
	    TEST(a_redemption_of_which_nothing_is_heard_is_given_up),
	    TEST(a_goodwill_whose_pin_is_forgotten_counts_once_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
