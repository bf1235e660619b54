/*
 * outbox: every way a disk can fail, and every moment at which a till can die.
 */
#include "tests/unit/client/outbox_world.h"

/* --- crashes -------------------------------------------------------------- */

static void a_kill_right_after_the_put_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 5; round++) {
		struct outbox *outbox;
		struct operation read;
		struct error err;
		int status;
		pid_t child = fork();

		if (child == 0) {
			struct operation operation = sale(round);

			if (outbox_open(folder, &outbox, NULL) == RESULT_OK &&
			    outbox_put(outbox, &operation, NULL) == RESULT_OK)
				kill(getpid(), SIGKILL);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		outbox = open_it();
		assert_int_equal(outbox_count(outbox), round);
		assert_int_equal(
		    outbox_read(outbox, round, &read, &err), RESULT_OK);
		assert_int_equal(read.amount_minor, round);
		assert_int_equal(outbox_next_counter(outbox), round + 1);
		outbox_close(outbox);
	}
}

/* Whatever fails at whatever step: one of the two names is there, and no other
 * operation gets either. */
static void a_new_name_is_whole_or_not_there(void **state)
{
	struct outbox *outbox = open_it();
	uint64_t counter = put(outbox, 7).counter;
	struct operation named;
	struct error err;

	(void)state;
	for (int step = 0;; step++) {
		enum result result;
		bool broken;

		disk.failed = false;
		disk.steps_left = step;
		result = outbox_renumber(outbox, counter, &named, &err);
		disk.steps_left = -1;
		broken = outbox_is_broken(outbox);
		if (result == RESULT_OK)
			assert_int_equal(named.counter, counter + 1);
		else
			assert_int_equal(result, RESULT_IO);
		outbox_close(outbox);
		outbox = open_it();
		assert_int_equal(outbox_count(outbox), 1);
		if (result == RESULT_OK ||
		    (broken && outbox_next_counter(outbox) == counter + 2))
			counter++;
		assert_int_equal(outbox_next_counter(outbox), counter + 1);
		assert_int_equal(
		    outbox_read(outbox, counter, &named, &err), RESULT_OK);
		assert_int_equal(named.amount_minor, 7);
		if (!disk.failed)
			break;
	}
	outbox_close(outbox);
}

/* Whatever fails at whatever step: what was acknowledged is there, what was
 * refused is not, and the counter is never used twice. */
static void a_failure_at_any_step_keeps_or_refuses_but_never_both(void **state)
{
	struct error err;

	(void)state;
	for (int step = 0;; step++) {
		struct outbox *outbox = open_it();
		size_t before = outbox_count(outbox);
		uint64_t counter = outbox_next_counter(outbox);
		struct operation operation = sale(7);
		enum result result;
		bool broken;

		disk.failed = false;
		disk.steps_left = step;
		result = outbox_put(outbox, &operation, &err);
		disk.steps_left = -1;
		broken = outbox_is_broken(outbox);
		if (result == RESULT_OK)
			assert_int_equal(operation.counter, counter);
		else
			assert_int_equal(operation.counter, 0);
		outbox_close(outbox);
		outbox = open_it();
		if (result == RESULT_OK)
			assert_int_equal(outbox_count(outbox), before + 1);
		else if (!broken)
			assert_int_equal(outbox_count(outbox), before);
		assert_int_equal(outbox_next_counter(outbox),
		    counter + (outbox_count(outbox) - before));
		outbox_close(outbox);
		if (!disk.failed) {
			assert_true(step > 0);
			return;
		}
		assert_true(step < 100);
	}
}

static void a_put_that_a_full_disk_refused_may_be_tried_again(void **state)
{
	struct outbox *outbox = open_it();
	struct operation operation = sale(7);
	struct error err;

	(void)state;
	put(outbox, 1);
	disk.steps_left = 0;
	assert_int_equal(outbox_put(outbox, &operation, &err), RESULT_IO);
	assert_non_null(strstr(err.text, "full"));
	assert_false(outbox_is_broken(outbox));
	assert_int_equal(outbox_count(outbox), 1);
	assert_int_equal(put(outbox, 2).counter, 2);
	outbox_close(outbox);
}

static void after_a_failed_sync_nothing_is_taken_until_it_is_opened_again(
    void **state)
{
	struct outbox *outbox = open_it();
	struct operation operation = sale(7);
	struct error err;
	uint64_t points;

	(void)state;
	put(outbox, 1);
	disk.syncs_only = true;
	disk.steps_left = 0;
	assert_int_equal(outbox_put(outbox, &operation, &err), RESULT_IO);
	assert_true(outbox_is_broken(outbox));
	assert_non_null(strstr(err.text, "not known what was saved"));
	assert_int_equal(outbox_put(outbox, &operation, &err), RESULT_IO);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_IO);
	assert_int_equal(
	    outbox_redeem_points(outbox, "1", &points, &err), RESULT_IO);
	outbox_close(outbox);
	outbox = open_it();
	assert_false(outbox_is_broken(outbox));
	put(outbox, 3);
	outbox_close(outbox);
}

static void a_failure_while_the_outbox_is_made_leaves_one_that_opens(
    void **state)
{
	struct outbox *outbox;
	struct error err;

	for (int step = 0; step < 200; step++) {
		disk.failed = false;
		disk.steps_left = step;
		if (outbox_open(folder, &outbox, &err) == RESULT_OK)
			outbox_close(outbox);
		disk.steps_left = -1;
		outbox = open_it();
		put(outbox, 1);
		outbox_close(outbox);
		remove_folder(state);
		make_folder(state);
		if (!disk.failed && step > 50)
			return;
	}
}

static void a_limit_on_the_files_size_refuses_the_sale(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct rlimit limit = {65536, 65536};
		struct outbox *outbox = open_it();
		struct operation operation = sale(1);
		enum result result = RESULT_OK;
		size_t kept = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		for (; kept < 5000 && result == RESULT_OK; kept++)
			result = outbox_put(outbox, &operation, NULL);
		_exit(result == RESULT_IO && kept > 1 &&
			      outbox_count(outbox) == kept - 1
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	outbox_close(open_it());
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    TEST(a_kill_right_after_the_put_loses_nothing),
	    TEST(a_new_name_is_whole_or_not_there),
	    TEST(a_failure_at_any_step_keeps_or_refuses_but_never_both),
	    TEST(a_put_that_a_full_disk_refused_may_be_tried_again),
	    TEST(after_a_failed_sync_nothing_is_taken_until_it_is_opened_again),
	    TEST(a_failure_while_the_outbox_is_made_leaves_one_that_opens),
	    TEST(a_limit_on_the_files_size_refuses_the_sale),
	};

	disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
