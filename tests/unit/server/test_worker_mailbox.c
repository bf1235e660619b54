/*
 * Tests of worker: its mailboxes, in which jobs come home, and their spare
 * jobs.
 */
#include "tests/unit/server/worker_world.h"

static struct box box;

static int begin(void **state)
{
	(void)state;
	box_init(&box);
	return 0;
}

static int end(void **state)
{
	(void)state;
	mailbox_finish(&box.mailbox);
	return 0;
}

static void a_mailbox_gives_back_what_was_put_oldest_first(void **state)
{
	(void)state;
	assert_null(mailbox_take(&box.mailbox));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 1, 3));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 4, 4));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 5, 9));
	assert_int_equal(jobs_free(mailbox_take(&box.mailbox), 1), 9);
	assert_null(mailbox_take(&box.mailbox));
}

static void a_mailbox_wakes_once_until_it_is_emptied(void **state)
{
	(void)state;
	mailbox_put(&box.mailbox, NULL);
	assert_int_equal(box.wake_count, 0);
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 1, 2));
	assert_int_equal(box.wake_count, 1);
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 3, 3));
	assert_int_equal(box.wake_count, 1);
	jobs_free(mailbox_take(&box.mailbox), 1);
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 7, 7));
	assert_int_equal(box.wake_count, 2);
	jobs_free(mailbox_take(&box.mailbox), 7);
}

static void a_job_that_is_given_back_is_the_next_one(void **state)
{
	struct job *one, *two;

	(void)state;
	one = mailbox_new_job(&box.mailbox);
	two = mailbox_new_job(&box.mailbox);
	assert_non_null(one);
	assert_ptr_not_equal(one, two);
	mailbox_free_job(&box.mailbox, two);
	assert_ptr_equal(mailbox_new_job(&box.mailbox), two);
	mailbox_free_job(&box.mailbox, one);
	mailbox_free_job(&box.mailbox, two);
	assert_int_equal(box.mailbox.spare_count, 2);
}

static void trimming_keeps_what_was_needed_since_the_last_time(void **state)
{
	struct job *jobs[10];

	(void)state;
	for (size_t i = 0; i < 10; i++)
		jobs[i] = mailbox_new_job(&box.mailbox);
	for (size_t i = 0; i < 10; i++)
		mailbox_free_job(&box.mailbox, jobs[i]);
	/* All ten were needed. */
	mailbox_trim(&box.mailbox);
	assert_int_equal(box.mailbox.spare_count, 10);
	for (size_t i = 0; i < 3; i++)
		jobs[i] = mailbox_new_job(&box.mailbox);
	for (size_t i = 0; i < 3; i++)
		mailbox_free_job(&box.mailbox, jobs[i]);
	/* Three of them were, and then none. */
	mailbox_trim(&box.mailbox);
	assert_int_equal(box.mailbox.spare_count, 3);
	mailbox_trim(&box.mailbox);
	assert_int_equal(box.mailbox.spare_count, 0);
	mailbox_trim(&box.mailbox);
}

static void no_more_spare_jobs_are_kept_than_the_limit(void **state)
{
	struct job *jobs = NULL;

	(void)state;
	for (size_t i = 0; i < MAILBOX_SPARE_MAX + 5; i++) {
		struct job *job = mailbox_new_job(&box.mailbox);

		job->next = jobs;
		jobs = job;
	}
	while (jobs != NULL) {
		struct job *next = jobs->next;

		mailbox_free_job(&box.mailbox, jobs);
		jobs = next;
	}
	assert_int_equal(box.mailbox.spare_count, MAILBOX_SPARE_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_mailbox_gives_back_what_was_put_oldest_first),
	    TEST(a_mailbox_wakes_once_until_it_is_emptied),
	    TEST(a_job_that_is_given_back_is_the_next_one),
	    TEST(trimming_keeps_what_was_needed_since_the_last_time),
	    TEST(no_more_spare_jobs_are_kept_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
