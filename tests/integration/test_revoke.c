/*
 * A till that the owner shuts out is cut off at once, connected or not.
 */
#include "tests/support/check.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/client.h"

#define CARD "2912345678906"

/* True where the server closes the link within a minute, by itself. */
static bool is_cut(struct client *client)
{
	tally_Reply *reply = &client->reply;
	enum result result =
	    link_receive(client->link, PROCESS_WAIT_MS, reply, &client->err);

	return result != RESULT_OK && result != RESULT_BUSY;
}

static void a_live_connection_is_cut_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct client out;
	struct client stays;
	long long head;

	client_enrol(fixture, "till", "out", &out);
	client_enrol(fixture, "till", "stays", &stays);
	assert_int_equal(client_connect(&out), RESULT_OK);
	assert_int_equal(client_connect(&stays), RESULT_OK);
	client_member(&out, CARD);
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "1", NULL), 0);
	head = fixture_head(fixture);
	/* It has asked nothing, and is cut all the same. */
	assert_true(is_cut(&out));
	assert_int_equal(client_balance(&stays, CARD), 0);
	assert_int_not_equal(client_connect(&out), RESULT_OK);
	assert_int_equal(fixture_head(fixture), head);
	client_finish(&out);
	client_finish(&stays);
	fixture_audit(fixture);
}

static void it_stays_out_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct client out;

	client_enrol(fixture, "till", "out", &out);
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "1", NULL), 0);
	assert_int_equal(fixture_stop(fixture), 0);
	fixture_run(fixture);
	assert_int_not_equal(client_connect(&out), RESULT_OK);
	client_finish(&out);
}

static void it_can_be_revoked_while_the_server_is_away(void **state)
{
	struct fixture *fixture = *state;
	struct client out;

	client_enrol(fixture, "till", "out", &out);
	assert_int_equal(fixture_stop(fixture), 0);
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "1", NULL), 0);
	fixture_run(fixture);
	assert_int_not_equal(client_connect(&out), RESULT_OK);
	client_finish(&out);
}

static void many_connections_of_one_till_are_all_cut(void **state)
{
	struct fixture *fixture = *state;
	struct client clients[8];

	client_enrol(fixture, "till", "out", &clients[0]);
	for (size_t i = 1; i < 8; i++)
		clients[i] = clients[0];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(client_connect(&clients[i]), RESULT_OK);
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "1", NULL), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_true(is_cut(&clients[i]));
		client_close(&clients[i]);
	}
	client_finish(&clients[0]);
}

static void the_cashier_is_told_why(void **state)
{
	struct fixture *fixture = *state;
	struct till till;

	till_begin(fixture, "till", &till);
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(&till, "\"ok\":true");
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "1", NULL), 0);
	do {
		till_event(&till, "link");
	} while (!line_has(till.line, "\"why\":\"terminal_revoked\""));
	assert_has(&till, "\"up\":false");
	till_ask(&till, "{\"do\":\"balance\",\"card\":\"" CARD "\"}");
	assert_has(&till, "\"ok\":false");
	process_finish(&till.process);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_live_connection_is_cut_at_once),
	    TEST(it_stays_out_after_a_restart),
	    TEST(it_can_be_revoked_while_the_server_is_away),
	    TEST(many_connections_of_one_till_are_all_cut),
	    TEST(the_cashier_is_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
