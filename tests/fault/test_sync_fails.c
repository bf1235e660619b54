/*
 * A sync that fails: from then on nothing is acknowledged, the server ends and
 * says so, and what was acknowledged before is there when it starts again.
 */
#include "tests/support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/client.h"

#define CARD "2912345678906"

struct broken {
	struct fixture fixture;
	struct client client;
	char flag[PLACE_PATH_SIZE];
	char preload[PLACE_PATH_SIZE + 16];
	char variable[PLACE_PATH_SIZE + 32];
	const char *environment[4];
};

static int setup(void **state)
{
	struct broken *broken = calloc(1, sizeof(*broken));
	char shim[PLACE_PATH_SIZE];

	assert_non_null(broken);
	fixture_init(&broken->fixture);
	fixture_run(&broken->fixture);
	client_enrol(&broken->fixture, "till", "till", &broken->client);
	assert_int_equal(client_connect(&broken->client), RESULT_OK);
	client_member(&broken->client, CARD);
	assert_int_equal(fixture_stop(&broken->fixture), 0);
	build_path("tests/shim/fsync_shim.so", shim);
	place_join(&broken->fixture.place, "flag", broken->flag);
	(void)snprintf(
	    broken->preload, sizeof(broken->preload), "LD_PRELOAD=%s", shim);
	broken->environment[0] = broken->preload;
	broken->environment[1] = broken->variable;
	/* The address sanitizer wants to be first otherwise. */
	broken->environment[2] = "ASAN_OPTIONS=verify_asan_link_order=0";
	*state = broken;
	return 0;
}

static int teardown(void **state)
{
	struct broken *broken = *state;

	client_finish(&broken->client);
	fixture_finish(&broken->fixture);
	free(broken);
	return 0;
}

/* Sell until the server breaks, at most `most`; how many were acknowledged. */
static unsigned sell(struct broken *broken, unsigned most)
{
	unsigned sold = 0;

	while (sold < most) {
		client_fill_earn(
		    &broken->client, broken->client.counter + 1, CARD, 100);
		if (client_ask(&broken->client) != 0)
			break;
		broken->client.counter++;
		sold++;
	}
	return sold;
}

/* Start on a good disk: the balance is what was acknowledged; the one sale
 * that was not answered counts once when it is sent again. */
static void check_sales(struct broken *broken, unsigned acknowledged)
{
	struct client *client = &broken->client;
	int64_t balance;

	fixture_run(&broken->fixture);
	if (client_connect(client) != RESULT_OK) {
		/* The unanswered one is there: the till has to know of it. */
		client->counter++;
		if (client_connect(client) != RESULT_OK)
			fail_msg("%s", client->err.text);
		client->counter--;
	}
	balance = client_balance(client, CARD);
	assert_in_range(balance, acknowledged, acknowledged + 1);
	client_fill_earn(client, client->counter + 1, CARD, 100);
	assert_int_equal(client_ask(client), 0);
	client->counter++;
	assert_int_equal(client->reply.body.operation.repeated,
	    balance == (int64_t)acknowledged + 1);
	assert_int_equal(client_balance(client, CARD), acknowledged + 1);
	client_close(client);
	assert_int_equal(fixture_stop(&broken->fixture), 0);
	fixture_audit(&broken->fixture);
}

static void a_disk_that_breaks_ends_the_server(void **state)
{
	struct broken *broken = *state;
	struct fixture *fixture = &broken->fixture;
	char errors[16384];
	int flag;

	(void)snprintf(broken->variable, sizeof(broken->variable),
	    "TALLY_SYNC_FLAG=%s", broken->flag);
	fixture->environment = broken->environment;
	fixture_run(fixture);
	assert_int_equal(client_connect(&broken->client), RESULT_OK);
	assert_int_equal(sell(broken, 20), 20);
	flag = open(broken->flag, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(flag >= 0);
	close(flag);
	/* No answer at all: it is not known whether it is on the disk. */
	assert_int_equal(sell(broken, 1), 0);
	assert_int_equal(process_wait(&fixture->server), 1);
	process_errors(&fixture->server, errors, sizeof(errors));
	assert_non_null(strstr(errors, "level=alarm event=storage_failed"));
	assert_non_null(strstr(errors, "tallyd: stopped: the storage failed"));
	process_finish(&fixture->server);
	assert_int_equal(unlink(broken->flag), 0);
	check_sales(broken, 20);
}

static void it_may_break_at_any_sync(void **state)
{
	struct broken *broken = *state;
	struct fixture *fixture = &broken->fixture;
	unsigned acknowledged = 0;
	unsigned in_vain = 0;

	for (int at = 1; at <= (is_short() ? 7 : 16); at++) {
		(void)snprintf(broken->variable, sizeof(broken->variable),
		    "TALLY_SYNC_FAIL_AT=%d", at);
		fixture->environment = broken->environment;
		if (!fixture_try(fixture)) {
			assert_int_equal(fixture->finished.status, 1);
			assert_int_equal(
			    line_count(fixture->finished.errors), 1);
			in_vain++;
			continue;
		}
		if (client_connect(&broken->client) == RESULT_OK)
			acknowledged += sell(broken, 100);
		assert_int_equal(process_wait(&fixture->server), 1);
		process_finish(&fixture->server);
		check_sales(broken, acknowledged);
		acknowledged++;
	}
	assert_true(in_vain > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_disk_that_breaks_ends_the_server),
	    TEST(it_may_break_at_any_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
