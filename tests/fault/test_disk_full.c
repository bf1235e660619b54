/*
 * A full disk: writes are refused with a name, reads go on, and when there is
 * room again, so do writes. Nothing is lost.
 */
#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/client.h"

#define CARD "2912345678906"
#define DISK_SIZE "size=8m"

struct full {
	struct fixture fixture;
	struct client client;
	char disk[PLACE_PATH_SIZE];
	char ballast[PLACE_PATH_SIZE];
	bool is_mounted;
};

/* A shop on a small disk of its own, where the system lets us have one. */
static int setup(void **state)
{
	struct full *full = calloc(1, sizeof(*full));
	struct fixture *fixture = &full->fixture;

	assert_non_null(full);
	*state = full;
	place_make(&fixture->place);
	place_join(&fixture->place, "disk", full->disk);
	place_join(&fixture->place, "disk/ballast", full->ballast);
	place_join(&fixture->place, "disk/shop", fixture->shop);
	assert_int_equal(mkdir(full->disk, 0755), 0);
	full->is_mounted =
	    mount("tmpfs", full->disk, "tmpfs", 0, DISK_SIZE) == 0;
	if (!full->is_mounted)
		return 0;
	assert_int_equal(
	    fixture_program(fixture, "tallyd", "init", fixture->shop, NULL), 0);
	fixture_run(fixture);
	client_enrol(fixture, "till", "till", &full->client);
	assert_int_equal(client_connect(&full->client), RESULT_OK);
	client_member(&full->client, CARD);
	return 0;
}

static int teardown(void **state)
{
	struct full *full = *state;

	if (full->is_mounted)
		client_finish(&full->client);
	process_finish(&full->fixture.server);
	if (full->is_mounted)
		(void)umount2(full->disk, MNT_DETACH);
	fixture_finish(&full->fixture);
	free(full);
	return 0;
}

/* Fill the disk to its last byte. */
static void fill(const struct full *full)
{
	static const char block[4096];
	int file = open(
	    full->ballast, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);

	assert_true(file >= 0);
	while (write(file, block, sizeof(block)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	close(file);
}

/* One sale; the refusal's code. */
static int sell(struct client *client)
{
	client_fill_earn(client, client->counter + 1, CARD, 100);
	return client_ask(client);
}

/* Sell until it is refused; how many were acknowledged. */
static unsigned sell_until_refused(struct client *client)
{
	unsigned sold = 0;
	int code;

	while ((code = sell(client)) == 0) {
		client->counter++;
		sold++;
		assert_true(sold < 100000);
	}
	assert_int_equal(code, REFUSAL_STORAGE);
	return sold;
}

/* Ask the same again until it is taken. */
static void sell_at_last(struct client *client)
{
	for (int tries = 0; tries < 600; tries++) {
		int code = sell(client);

		if (code == 0) {
			/* Refused is refused: nothing had been written. */
			assert_false(client->reply.body.operation.repeated);
			client->counter++;
			return;
		}
		assert_int_equal(code, REFUSAL_STORAGE);
		usleep(100000);
	}
	fail_msg("the disk has room, and writes are refused");
}

static void writes_are_refused_and_reads_go_on(void **state)
{
	struct full *full = *state;
	struct client *client = &full->client;
	char errors[16384];
	int64_t sold = 0;

	if (!full->is_mounted) {
		print_message("no disk can be mounted here\n");
		skip();
	}
	for (int round = 0; round < 3; round++) {
		fill(full);
		sold += sell_until_refused(client);
		assert_true(client->reply.body.refusal.wait_ms > 0);
		assert_int_equal(client_balance(client, CARD), sold);
		assert_int_equal(sell(client), REFUSAL_STORAGE);
		assert_int_equal(client_balance(client, CARD), sold);
		assert_int_equal(unlink(full->ballast), 0);
		sell_at_last(client);
		sold++;
		assert_int_equal(client_balance(client, CARD), sold);
	}
	process_errors(&full->fixture.server, errors, sizeof(errors));
	assert_non_null(strstr(errors, "level=alarm event=storage_refused"));
	assert_int_equal(fixture_stop(&full->fixture), 0);
	fixture_audit(&full->fixture);
	fixture_run(&full->fixture);
	assert_int_equal(client_connect(client), RESULT_OK);
	assert_int_equal(client_balance(client, CARD), sold);
}

static void a_server_killed_on_a_full_disk_has_lost_nothing(void **state)
{
	struct full *full = *state;
	struct client *client = &full->client;
	unsigned sold;

	if (!full->is_mounted)
		skip();
	fill(full);
	sold = sell_until_refused(client);
	fixture_kill(&full->fixture);
	client_close(client);
	assert_int_equal(unlink(full->ballast), 0);
	fixture_run(&full->fixture);
	assert_int_equal(client_connect(client), RESULT_OK);
	assert_int_equal(client_balance(client, CARD), sold);
	sell_at_last(client);
	assert_int_equal(fixture_stop(&full->fixture), 0);
	fixture_audit(&full->fixture);
}

static void no_shop_is_made_on_a_full_disk(void **state)
{
	struct full *full = *state;
	struct fixture *fixture = &full->fixture;
	char other[PLACE_PATH_SIZE];

	if (!full->is_mounted)
		skip();
	place_join(&fixture->place, "disk/other", other);
	fill(full);
	assert_int_equal(
	    fixture_program(fixture, "tallyd", "init", other, NULL), 1);
	assert_int_equal(line_count(fixture->finished.errors), 1);
	assert_int_not_equal(access(other, F_OK), 0);
	assert_int_equal(unlink(full->ballast), 0);
	assert_int_equal(
	    fixture_program(fixture, "tallyd", "init", other, NULL), 0);
}

/* A file that may not grow is another fault than a full disk, and nobody can
 * say how much of it was written: the server ends, and loses nothing. */
static void a_file_that_may_not_grow_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct client client;
	unsigned sold = 0;

	client_enrol(fixture, "till", "till", &client);
	assert_int_equal(client_connect(&client), RESULT_OK);
	client_member(&client, CARD);
	client_close(&client);
	assert_int_equal(fixture_stop(fixture), 0);
	fixture->file_size_max = 512 * 1024;
	fixture_run(fixture);
	assert_int_equal(client_connect(&client), RESULT_OK);
	while (sell(&client) == 0) {
		client.counter++;
		sold++;
		assert_true(sold < 100000);
	}
	assert_true(sold > 0);
	assert_int_equal(process_wait(&fixture->server), 1);
	process_finish(&fixture->server);
	fixture_run(fixture);
	client_close(&client);
	client.counter++;
	assert_int_equal(client_connect(&client), RESULT_OK);
	assert_in_range(client_balance(&client, CARD), sold, sold + 1);
	client_finish(&client);
	fixture_audit(fixture);
}

/* Not only while it serves, in threads that take no signals. */
static void a_server_that_may_write_nothing_says_so(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_stop(fixture), 0);
	fixture->file_size_max = 4096;
	fixture_run_in_vain(fixture);
	assert_int_equal(fixture->finished.status, 1);
	assert_non_null(strstr(fixture->finished.errors, "File too large"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* More cards than the disk has room for: none comes in, and tills go on. */
static void an_import_that_does_not_fit_leaves_nothing(void **state)
{
	struct full *full = *state;
	struct fixture *fixture = &full->fixture;
	char path[PLACE_PATH_SIZE];
	FILE *file;

	if (!full->is_mounted) {
		print_message("no disk can be mounted here\n");
		skip();
	}
	place_join(&fixture->place, "cards.csv", path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned n = 0; n < 40000; n++) {
		char card[14];

		card_number(n, card);
		assert_true(fprintf(file, "%s,10\n", card) > 0);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_not_equal(fixture_tally(fixture, "import", path, NULL), 0);
	assert_int_equal(client_balance(&full->client, CARD), 0);
	sell_at_last(&full->client);
	assert_int_equal(
	    fixture_tally(fixture, "--json", "ledger", "show", NULL), 0);
	assert_int_equal(fixture_number(fixture, "members"), 1);
	fixture_audit(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(writes_are_refused_and_reads_go_on),
	    TEST(a_server_killed_on_a_full_disk_has_lost_nothing),
	    TEST(an_import_that_does_not_fit_leaves_nothing),
	    TEST(no_shop_is_made_on_a_full_disk),
	    cmocka_unit_test_setup_teardown(
		a_file_that_may_not_grow_loses_nothing, fixture_setup,
		fixture_teardown),
	    cmocka_unit_test_setup_teardown(
		a_server_that_may_write_nothing_says_so, fixture_setup,
		fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
