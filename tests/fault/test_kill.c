/*
 * A thousand times kill -9 on the server while 16 tills sell: nothing that was
 * acknowledged is lost, and nothing counts twice.
 */
#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/outbox.h"
#include "common/base/clock.h"
#include "tests/support/crew.h"

#define KILLS_MAX 1000u
#define CARDS 64u
#define ALIVE_US_MAX 40000u /* of most lives between two kills */

static uint64_t limit_ms(void)
{
	const char *text = getenv("KILL_SECONDS");

	if (text != NULL && atoi(text) > 0)
		return (uint64_t)atoi(text) * 1000;
	return is_short() ? 10000 : 165000;
}

/* Four cards a till, enrolled by it; then sales for any of its own. */
static bool next_sale(struct crew_till *till, struct crew_sale *ret_sale)
{
	uint64_t own = CARDS / CREW_TILLS;

	if (till->count >= own && atomic_load(&till->crew->is_over))
		return false;
	ret_sale->card = till->number * own + till->count % own;
	if (till->count >= own)
		ret_sale->amount_minor = 1 + till->count * 37 % 5000;
	return true;
}

static uint32_t below(uint32_t *random, uint32_t bound)
{
	*random = *random * 1664525u + 1013904223u;
	return (*random >> 8) % bound;
}

/* Kill it somewhere in its life, most often while it serves. */
static void kill_once(struct fixture *fixture, uint32_t *random)
{
	bool is_long = below(random, 4) == 0;

	usleep(below(random, is_long ? 4 * ALIVE_US_MAX : ALIVE_US_MAX));
	fixture_kill(fixture);
	if (below(random, 8) == 0) {
		/* Once more on its way up. */
		char program[PLACE_PATH_SIZE];
		const char *arguments[] = {program, "run", fixture->shop,
		    "--listen", fixture->address, NULL};
		struct process_options options = {
		    .arguments = arguments, .keep = -1};

		build_path("tallyd", program);
		process_start(&options, &fixture->server);
		usleep(below(random, 30000));
		fixture_kill(fixture);
	}
	fixture_run(fixture);
}

static void check_balances(
    struct fixture *fixture, struct crew *crew, const int64_t *points)
{
	struct client *client = &crew->tills[0].client;
	int64_t total = 0;
	char card[14];

	fixture_run(fixture);
	assert_int_equal(client_connect(client), RESULT_OK);
	for (uint64_t i = 0; i < CARDS; i++) {
		card_number(i, card);
		assert_int_equal(client_balance(client, card), points[i]);
		total += points[i];
	}
	assert_int_equal(
	    fixture_tally(fixture, "--json", "ledger", "show", NULL), 0);
	assert_int_equal(fixture_number(fixture, "outstanding"), total);
	client_close(client);
	assert_int_equal(fixture_stop(fixture), 0);
}

static void nothing_acknowledged_is_lost_or_counts_twice(void **state)
{
	struct fixture *fixture = *state;
	struct crew *crew = calloc(1, sizeof(*crew));
	uint64_t deadline_ms;
	int64_t points[CARDS];
	uint64_t sales = 0;
	uint64_t repeats = 0;
	uint32_t random = 4711;
	unsigned kills = 0;

	assert_non_null(crew);
	crew->window = 8;
	crew->next = next_sale;
	crew_enrol(crew, fixture);
	deadline_ms = clock_monotonic_ms() + limit_ms();
	crew_start(crew);
	while (kills < KILLS_MAX && clock_monotonic_ms() < deadline_ms) {
		kill_once(fixture, &random);
		kills++;
	}
	atomic_store(&crew->is_over, true);
	crew_join(crew);
	fixture_audit(fixture);
	assert_int_equal(fixture_stop(fixture), 0);
	crew_check(crew, fixture, points, CARDS);
	check_balances(fixture, crew, points);
	fixture_audit(fixture);
	for (size_t i = 0; i < CREW_TILLS; i++) {
		sales += crew->tills[i].count;
		repeats += crew->tills[i].repeats;
	}
	print_message("killed %u times; %llu operations, of which %llu had to "
		      "be asked again and were found done\n",
	    kills, (unsigned long long)sales, (unsigned long long)repeats);
	assert_true(kills > 0);
	crew_finish(crew);
	free(crew);
}

/* A stop that is asked for answers all that it does, so nothing has to be
 * found done later. */
static void an_orderly_stop_answers_all_that_it_did(void **state)
{
	struct fixture *fixture = *state;
	struct crew *crew = calloc(1, sizeof(*crew));
	int64_t points[CARDS];
	uint32_t random = 7;

	assert_non_null(crew);
	crew->window = 8;
	crew->next = next_sale;
	crew_enrol(crew, fixture);
	crew_start(crew);
	for (int stops = 0; stops < (is_short() ? 4 : 12); stops++) {
		usleep(below(&random, 200000));
		assert_int_equal(fixture_stop(fixture), 0);
		fixture_run(fixture);
	}
	atomic_store(&crew->is_over, true);
	crew_join(crew);
	assert_int_equal(fixture_stop(fixture), 0);
	crew_check(crew, fixture, points, CARDS);
	fixture_audit(fixture);
	for (size_t i = 0; i < CREW_TILLS; i++)
		assert_int_equal(crew->tills[i].repeats, 0);
	crew_finish(crew);
	free(crew);
}

/* The till itself is killed in the middle of sales. */
static void a_till_that_is_killed_sends_what_it_kept_once(void **state)
{
	struct fixture *fixture = *state;
	struct till till;
	uint32_t random = 42;
	long long sold = 0;
	long long points;
	struct outbox *outbox;
	struct error err;
	char line[PROCESS_LINE_SIZE];

	till_begin(fixture, "till", &till);
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"2912345678906\"}");
	assert_has(&till, "\"ok\":true");
	for (int round = 0; round < (is_short() ? 5 : 20); round++) {
		static const char sale[] =
		    "{\"do\":\"earn\",\"card\":\"2912345678906\","
		    "\"amount\":100}\n";

		for (int i = 0; i < 40; i++)
			(void)process_write(
			    &till.process, sale, sizeof(sale) - 1);
		usleep(below(&random, 30000));
		process_signal(&till.process, SIGKILL);
		assert_int_equal(process_wait(&till.process), 128 + SIGKILL);
		/* What it said before it died. */
		while (process_read_line(&till.process, 1000, line))
			sold += line_has(line, "\"do\":\"earn\",\"ok\":true");
		process_finish(&till.process);
		till_start(&till, NULL, -1);
		till_event(&till, "link");
	}
	do {
		till_ask(&till, "{\"do\":\"status\"}");
	} while (line_number(till.line, "waiting") != 0);
	till_ask(&till, "{\"do\":\"balance\",\"card\":\"2912345678906\"}");
	points = line_number(till.line, "balance");
	assert_int_equal(till_stop(&till), 0);
	/* What was told counts, and so does each that was kept; once. */
	assert_true(points >= sold);
	assert_int_equal(outbox_open(till.folder, &outbox, &err), RESULT_OK);
	assert_int_equal(points, outbox_next_counter(outbox) - 2);
	outbox_close(outbox);
	fixture_audit(fixture);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_acknowledged_is_lost_or_counts_twice),
	    TEST(an_orderly_stop_answers_all_that_it_did),
	    TEST(a_till_that_is_killed_sends_what_it_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
