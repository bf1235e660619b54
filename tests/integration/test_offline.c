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
	till_enrol(away->fixture, "till", &away->till);
	till_start(&away->till, NULL, -1);
	till_event(&away->till, "link");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sales_wait_for_the_server_and_count_once),
	    TEST(what_waits_outlives_the_till),
	    TEST(rewards_are_not_given_while_the_server_is_away),
	    TEST(a_server_that_comes_and_goes_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
