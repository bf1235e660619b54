/*
 * Opening balances over the real programs, and the server killed in the middle:
 * all of a file's cards are in, or none.
 */
#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/client.h"

#define CARDS 20000u
#define CARDS_SHORT 6000u

static unsigned card_count(void)
{
	return is_short() ? CARDS_SHORT : CARDS;
}

static void write_cards(struct fixture *fixture, char path[PLACE_PATH_SIZE])
{
	FILE *file;

	place_join(&fixture->place, "cards.csv", path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("card,points,expires,name\n", file) >= 0);
	for (unsigned n = 0; n < card_count(); n++) {
		char card[14];

		card_number(n, card);
		assert_true(fprintf(file, "%s,10,,Member %u\n", card, n) > 0);
	}
	assert_int_equal(fclose(file), 0);
}

static long long shown(struct fixture *fixture, const char *name)
{
	assert_int_equal(
	    fixture_tally(fixture, "--json", "ledger", "show", NULL), 0);
	return fixture_number(fixture, name);
}

/* Ask, and kill both `after_us` later. */
static void import_and_kill(
    struct fixture *fixture, const char *path, useconds_t after_us)
{
	char program[PLACE_PATH_SIZE];
	const char *arguments[] = {
	    program, "-s", fixture->shop, "import", path, NULL};
	struct process_options options = {.arguments = arguments, .keep = -1};
	struct process tally;

	build_path("tally", program);
	process_start(&options, &tally);
	usleep(after_us);
	fixture_kill(fixture);
	/* It would go on by itself, on the folder. */
	process_signal(&tally, SIGKILL);
	(void)process_wait(&tally);
	process_finish(&tally);
}

static void a_kill_leaves_all_of_it_or_nothing(void **state)
{
	struct fixture *fixture = *state;
	char path[PLACE_PATH_SIZE];
	long long head;
	unsigned undone = 0;

	write_cards(fixture, path);
	head = fixture_head(fixture);
	for (unsigned tries = 0; shown(fixture, "members") == 0; tries++) {
		assert_true(tries < 200);
		import_and_kill(fixture, path, 20000 * tries);
		fixture_run(fixture);
		if (shown(fixture, "members") == 0) {
			assert_int_equal(fixture_head(fixture), head);
			undone++;
		}
	}
	assert_true(undone > 0);
	assert_int_equal(shown(fixture, "members"), card_count());
	assert_int_equal(shown(fixture, "outstanding"), 10ll * card_count());
	/* Asked once more it does nothing. */
	head = fixture_head(fixture);
	assert_int_equal(fixture_tally(fixture, "import", path, NULL), 0);
	assert_int_equal(fixture_head(fixture), head);
	fixture_audit(fixture);
}

/* Tills wait for it, and are served. */
static void a_till_sells_beside_an_import(void **state)
{
	struct fixture *fixture = *state;
	struct client client;
	char path[PLACE_PATH_SIZE];
	char card[14];

	write_cards(fixture, path);
	client_enrol(fixture, "till", "till", &client);
	assert_int_equal(client_connect(&client), RESULT_OK);
	assert_int_equal(fixture_tally(fixture, "import", path, NULL), 0);
	card_number(7, card);
	assert_int_equal(client_balance(&client, card), 10);
	client_fill_earn(&client, client.counter + 1, card, 500);
	assert_int_equal(client_ask(&client), 0);
	assert_int_equal(client_balance(&client, card), 15);
	client_finish(&client);
	fixture_audit(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_kill_leaves_all_of_it_or_nothing,
		fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(
		a_till_sells_beside_an_import, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
