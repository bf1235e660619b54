/*
 * Folders that may not be written or read: one line says so, and nothing has
 * changed.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/client.h"

#define CARD "2912345678906"

struct fixed {
	struct fixture *fixture;
	struct till till;
	bool is_mounted;
};

static int setup(void **state)
{
	struct fixed *fixed = calloc(1, sizeof(*fixed));
	void *fixture;

	assert_non_null(fixed);
	(void)fixture_setup(&fixture);
	fixed->fixture = fixture;
	till_enrol(fixed->fixture, "till", &fixed->till);
	*state = fixed;
	return 0;
}

/* Make a folder read-only: by a mount where we may, else by its mode. */
static void fix(struct fixed *fixed, const char *folder)
{
	if (geteuid() != 0) {
		assert_int_equal(chmod(folder, 0500), 0);
		return;
	}
	if (mount(folder, folder, NULL, MS_BIND, NULL) != 0) {
		print_message("nothing can be mounted here\n");
		skip();
	}
	fixed->is_mounted = true;
	assert_int_equal(
	    mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
	    0);
}

static void loosen(struct fixed *fixed, const char *folder)
{
	if (fixed->is_mounted)
		(void)umount2(folder, MNT_DETACH);
	fixed->is_mounted = false;
	(void)chmod(folder, 0700);
}

static int teardown(void **state)
{
	struct fixed *fixed = *state;
	void *fixture = fixed->fixture;

	process_finish(&fixed->till.process);
	process_finish(&fixed->fixture->server);
	loosen(fixed, fixed->fixture->shop);
	loosen(fixed, fixed->till.folder);
	(void)fixture_teardown(&fixture);
	free(fixed);
	return 0;
}

static void check_line(struct fixture *fixture, int status)
{
	if (fixture->finished.status != status ||
	    line_count(fixture->finished.errors) != 1)
		fail_msg("status %d: %s", fixture->finished.status,
		    fixture->finished.errors);
}

static void a_shop_that_cannot_be_written_is_not_served(void **state)
{
	struct fixed *fixed = *state;
	struct fixture *fixture = fixed->fixture;

	assert_int_equal(fixture_stop(fixture), 0);
	fix(fixed, fixture->shop);
	fixture_run_in_vain(fixture);
	check_line(fixture, 1);
	fixture_tally(fixture, "reward", "add", "tea", "--name", "Tea",
	    "--points", "5", NULL);
	check_line(fixture, 2);
	loosen(fixed, fixture->shop);
	fixture_run(fixture);
	fixture_audit(fixture);
}

static void a_shop_that_cannot_be_written_can_be_audited(void **state)
{
	struct fixed *fixed = *state;
	struct fixture *fixture = fixed->fixture;

	assert_int_equal(fixture_stop(fixture), 0);
	fix(fixed, fixture->shop);
	fixture_audit(fixture);
}

static void a_till_that_cannot_be_written_does_not_start(void **state)
{
	struct fixed *fixed = *state;
	struct fixture *fixture = fixed->fixture;

	fix(fixed, fixed->till.folder);
	fixture_program(
	    fixture, "tally-pos", fixed->till.folder, "--json", NULL);
	check_line(fixture, 1);
	loosen(fixed, fixed->till.folder);
	till_start(&fixed->till, NULL, -1);
	till_event(&fixed->till, "link");
	till_ask(&fixed->till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(&fixed->till, "\"ok\":true");
}

static void a_shop_of_somebody_elses_is_closed(void **state)
{
	struct fixed *fixed = *state;
	struct fixture *fixture = fixed->fixture;
	char program[PLACE_PATH_SIZE];
	const char *serve[] = {"/usr/bin/setpriv", "--reuid=65534",
	    "--regid=65534", "--clear-groups", program, "run", fixture->shop,
	    "--listen", "127.0.0.1:0", NULL};

	if (geteuid() != 0 || access(serve[0], X_OK) != 0) {
		print_message("this needs root and setpriv\n");
		skip();
	}
	assert_int_equal(fixture_stop(fixture), 0);
	build_path("tallyd", program);
	process_run(serve, &fixture->finished);
	check_line(fixture, 1);
	assert_int_equal(chmod(fixture->shop, 0755), 0);
	process_run(serve, &fixture->finished);
	check_line(fixture, 1);
	fixture_run(fixture);
	fixture_audit(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_shop_that_cannot_be_written_is_not_served),
	    TEST(a_shop_that_cannot_be_written_can_be_audited),
	    TEST(a_till_that_cannot_be_written_does_not_start),
	    TEST(a_shop_of_somebody_elses_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
