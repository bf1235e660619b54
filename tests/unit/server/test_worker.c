/*
 * Tests of worker: groups, their way home, idle calls and the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "server/worker.h"

#define GROUPS_MAX 256u
#define JOBS_MAX 4096u

/* What a worker was seen to do. The thread writes it, and the test reads it
 * after worker_stop() or behind a semaphore. */
struct seen {
	sem_t gate;    /* held: every group waits here first */
	sem_t entered; /* posted when a group has begun */
	sem_t idled;   /* posted on each idle call */
	bool is_gated;
	bool idle_again;
	size_t sizes[GROUPS_MAX];
	size_t group_count;
	uint64_t ids[JOBS_MAX];
	size_t id_count;
	atomic_size_t idle_count;
	char order[64]; /* 'g' a group, 'i' an idle call */
	size_t order_size;
};

struct box {
	struct mailbox mailbox;
	sem_t woken;
	atomic_size_t wake_count;
};

static void note(struct seen *seen, char what)
{
	if (seen->order_size < sizeof(seen->order) - 1)
		seen->order[seen->order_size++] = what;
}

static bool watch(void *context, struct job **jobs, size_t count)
{
	struct seen *seen = context;

	if (count == 0) {
		assert_null(jobs);
		note(seen, 'i');
		atomic_fetch_add(&seen->idle_count, 1);
		sem_post(&seen->idled);
		return seen->idle_again;
	}
	note(seen, 'g');
	sem_post(&seen->entered);
	if (seen->is_gated)
		sem_wait(&seen->gate);
	assert_true(seen->group_count < GROUPS_MAX);
	seen->sizes[seen->group_count++] = count;
	for (size_t i = 0; i < count; i++)
		seen->ids[seen->id_count++] = jobs[i]->request.id;
	return true;
}

static void seen_init(struct seen *seen, bool is_gated)
{
	memset(seen, 0, sizeof(*seen));
	seen->is_gated = is_gated;
	sem_init(&seen->gate, 0, 0);
	sem_init(&seen->entered, 0, 0);
	sem_init(&seen->idled, 0, 0);
}

static void box_wake(void *context)
{
	struct box *box = context;

	atomic_fetch_add(&box->wake_count, 1);
	sem_post(&box->woken);
}

static void box_init(struct box *box)
{
	struct error err;

	memset(box, 0, sizeof(*box));
	sem_init(&box->woken, 0, 0);
	assert_int_equal(
	    mailbox_init(&box->mailbox, box_wake, box, &err), RESULT_OK);
}

static struct job *job_create(struct mailbox *mailbox, uint64_t id)
{
	struct job *job = malloc(sizeof(*job));

	assert_non_null(job);
	job->next = NULL;
	job->mailbox = mailbox;
	job->request.id = id;
	return job;
}

/* A list of jobs with the ids from `first` to `last`. */
static struct job *jobs_create(
    struct mailbox *mailbox, uint64_t first, uint64_t last)
{
	struct job *head = NULL;

	for (uint64_t id = last; id >= first; id--) {
		struct job *job = job_create(mailbox, id);

		job->next = head;
		head = job;
	}
	return head;
}

/* Free a list and check its ids, which rise by one from `first`. */
static size_t jobs_free(struct job *job, uint64_t first)
{
	size_t count = 0;

	while (job != NULL) {
		struct job *next = job->next;

		assert_int_equal(job->request.id, first + count);
		free(job);
		job = next;
		count++;
	}
	return count;
}

static struct worker *start(
    struct seen *seen, size_t group_max, uint32_t idle_ms)
{
	struct worker *worker;
	struct error err;

	assert_int_equal(
	    worker_start(watch, seen, group_max, idle_ms, &worker, &err),
	    RESULT_OK);
	return worker;
}

/* --- mailboxes ------------------------------------------------------------ */

static void a_mailbox_gives_back_what_was_put_oldest_first(void **state)
{
	struct box box;

	(void)state;
	box_init(&box);
	assert_null(mailbox_take(&box.mailbox));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 1, 3));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 4, 4));
	mailbox_put(&box.mailbox, jobs_create(&box.mailbox, 5, 9));
	assert_int_equal(jobs_free(mailbox_take(&box.mailbox), 1), 9);
	assert_null(mailbox_take(&box.mailbox));
	mailbox_finish(&box.mailbox);
}

static void a_mailbox_wakes_once_until_it_is_emptied(void **state)
{
	struct box box;

	(void)state;
	box_init(&box);
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
	mailbox_finish(&box.mailbox);
}

static void a_job_that_is_given_back_is_the_next_one(void **state)
{
	struct box box;
	struct job *one, *two;

	(void)state;
	box_init(&box);
	one = mailbox_new_job(&box.mailbox);
	two = mailbox_new_job(&box.mailbox);
	assert_non_null(one);
	assert_ptr_not_equal(one, two);
	mailbox_free_job(&box.mailbox, two);
	assert_ptr_equal(mailbox_new_job(&box.mailbox), two);
	mailbox_free_job(&box.mailbox, one);
	mailbox_free_job(&box.mailbox, two);
	assert_int_equal(box.mailbox.spare_count, 2);
	mailbox_finish(&box.mailbox);
}

static void trimming_keeps_what_was_needed_since_the_last_time(void **state)
{
	struct job *jobs[10];
	struct box box;

	(void)state;
	box_init(&box);
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
	mailbox_finish(&box.mailbox);
}

static void no_more_spare_jobs_are_kept_than_the_limit(void **state)
{
	struct job *jobs = NULL;
	struct box box;

	(void)state;
	box_init(&box);
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
	mailbox_finish(&box.mailbox);
}

/* --- groups --------------------------------------------------------------- */

static void what_comes_during_a_group_is_the_next_group(void **state)
{
	struct seen seen;
	struct box box;
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	box_init(&box);
	worker = start(&seen, 100, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 1));
	sem_wait(&seen.entered);
	for (uint64_t id = 2; id <= 41; id++)
		worker_put(worker, job_create(&box.mailbox, id));
	sem_post(&seen.gate);
	sem_post(&seen.gate);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 2);
	assert_int_equal(seen.sizes[0], 1);
	assert_int_equal(seen.sizes[1], 40);
	assert_int_equal(jobs_free(mailbox_take(&box.mailbox), 1), 41);
	mailbox_finish(&box.mailbox);
}

static void a_group_is_no_larger_than_its_limit_and_keeps_the_order(
    void **state)
{
	struct seen seen;
	struct box box;
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	box_init(&box);
	worker = start(&seen, 8, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 1));
	sem_wait(&seen.entered);
	worker_put(worker, jobs_create(&box.mailbox, 2, 20));
	for (int i = 0; i < 4; i++)
		sem_post(&seen.gate);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 4);
	assert_int_equal(seen.sizes[1], 8);
	assert_int_equal(seen.sizes[2], 8);
	assert_int_equal(seen.sizes[3], 3);
	for (size_t i = 0; i < seen.id_count; i++)
		assert_int_equal(seen.ids[i], i + 1);
	assert_int_equal(jobs_free(mailbox_take(&box.mailbox), 1), 20);
	mailbox_finish(&box.mailbox);
}

static void the_rest_of_a_list_is_filled_up_with_what_came_since(void **state)
{
	struct seen seen;
	struct box box;
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	box_init(&box);
	worker = start(&seen, 4, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 6));
	sem_wait(&seen.entered);
	worker_put(worker, jobs_create(&box.mailbox, 7, 8));
	sem_post(&seen.gate);
	sem_post(&seen.gate);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 2);
	assert_int_equal(seen.sizes[0], 4);
	assert_int_equal(seen.sizes[1], 4);
	jobs_free(mailbox_take(&box.mailbox), 1);
	mailbox_finish(&box.mailbox);
}

static void a_group_comes_home_with_one_wake_a_mailbox(void **state)
{
	struct seen seen;
	struct box boxes[3];
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	for (size_t i = 0; i < 3; i++)
		box_init(&boxes[i]);
	worker = start(&seen, 100, 60000);
	worker_put(worker, job_create(&boxes[0].mailbox, 1));
	sem_wait(&seen.entered);
	for (uint64_t i = 0; i < 30; i++)
		worker_put(
		    worker, job_create(&boxes[i % 3].mailbox, 10 + i / 3));
	sem_post(&seen.gate);
	sem_wait(&boxes[0].woken);
	assert_int_equal(jobs_free(mailbox_take(&boxes[0].mailbox), 1), 1);
	sem_post(&seen.gate);
	worker_stop(worker);
	assert_int_equal(boxes[0].wake_count, 2);
	assert_int_equal(boxes[1].wake_count, 1);
	assert_int_equal(boxes[2].wake_count, 1);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    jobs_free(mailbox_take(&boxes[i].mailbox), 10), 10);
		mailbox_finish(&boxes[i].mailbox);
	}
}

static void more_mailboxes_than_a_group_keeps_apart_still_get_theirs(
    void **state)
{
	enum { BOXES = 100 };
	static struct box boxes[BOXES];
	struct seen seen;
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	for (size_t i = 0; i < BOXES; i++)
		box_init(&boxes[i]);
	worker = start(&seen, 1000, 60000);
	for (uint64_t i = 0; i < 3 * BOXES; i++)
		worker_put(
		    worker, job_create(&boxes[i % BOXES].mailbox, i / BOXES));
	for (size_t i = 0; i < 3 * BOXES; i++)
		sem_post(&seen.gate);
	worker_stop(worker);
	for (size_t i = 0; i < BOXES; i++) {
		assert_int_equal(
		    jobs_free(mailbox_take(&boxes[i].mailbox), 0), 3);
		mailbox_finish(&boxes[i].mailbox);
	}
}

/* --- handing on ----------------------------------------------------------- */

static bool hand_on(void *context, struct job **jobs, size_t count)
{
	struct worker *next = context;

	for (size_t i = 0; i < count; i++) {
		struct job *job = jobs[i];

		if (job->request.id % 2 != 0)
			continue;
		jobs[i] = NULL;
		job->next = NULL;
		worker_put(next, job);
	}
	return false;
}

static void a_job_that_is_handed_on_comes_home_from_the_other_worker(
    void **state)
{
	struct seen seen;
	struct box box;
	struct worker *first, *second;
	struct error err;
	uint64_t sum = 0;
	size_t count = 0;

	(void)state;
	seen_init(&seen, false);
	box_init(&box);
	second = start(&seen, 10, 60000);
	assert_int_equal(
	    worker_start(hand_on, second, 10, 60000, &first, &err), RESULT_OK);
	worker_put(first, jobs_create(&box.mailbox, 1, 50));
	worker_stop(first);
	worker_stop(second);
	assert_int_equal(seen.id_count, 25);
	for (struct job *job = mailbox_take(&box.mailbox); job != NULL;) {
		struct job *next = job->next;

		sum += job->request.id;
		count++;
		free(job);
		job = next;
	}
	assert_int_equal(count, 50);
	assert_int_equal(sum, 50 * 51 / 2);
	mailbox_finish(&box.mailbox);
}

/* --- idle and stop -------------------------------------------------------- */

static void the_idle_call_comes_again_while_it_wants_to(void **state)
{
	struct seen seen;
	struct worker *worker;

	(void)state;
	seen_init(&seen, false);
	seen.idle_again = true;
	worker = start(&seen, 10, 1);
	for (int i = 0; i < 5; i++)
		sem_wait(&seen.idled);
	worker_stop(worker);
	assert_true(seen.idle_count >= 6);
}

static void an_idle_call_that_is_done_waits_for_the_next_group(void **state)
{
	struct seen seen;
	struct box box;
	struct worker *worker;

	(void)state;
	seen_init(&seen, false);
	box_init(&box);
	worker = start(&seen, 10, 1);
	sem_wait(&seen.idled);
	/* Long enough for twenty more, if they came. */
	usleep(20000);
	assert_int_equal(seen.idle_count, 1);
	worker_put(worker, job_create(&box.mailbox, 1));
	sem_wait(&seen.idled);
	worker_stop(worker);
	assert_memory_equal(seen.order, "igi", 3);
	assert_int_equal(seen.idle_count, 3);
	jobs_free(mailbox_take(&box.mailbox), 1);
	mailbox_finish(&box.mailbox);
}

static void stopping_finishes_what_was_put_and_idles_once_more(void **state)
{
	struct seen seen;
	struct box box;
	struct worker *worker;

	(void)state;
	seen_init(&seen, true);
	box_init(&box);
	worker = start(&seen, 5, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 12));
	for (int i = 0; i < 3; i++)
		sem_post(&seen.gate);
	worker_stop(worker);
	assert_int_equal(seen.id_count, 12);
	assert_string_equal(seen.order, "gggi");
	assert_int_equal(jobs_free(mailbox_take(&box.mailbox), 1), 12);
	mailbox_finish(&box.mailbox);
}

static void stopping_a_worker_that_never_worked_idles_once(void **state)
{
	struct seen seen;

	(void)state;
	seen_init(&seen, false);
	worker_stop(start(&seen, 1, 60000));
	assert_string_equal(seen.order, "i");
	worker_stop(NULL);
}

/* --- many at once --------------------------------------------------------- */

struct crowd {
	struct worker *worker;
	struct mailbox *mailbox;
};

static void *crowd_run(void *argument)
{
	struct crowd *crowd = argument;

	for (uint64_t id = 1; id <= 1000; id++)
		worker_put(crowd->worker, job_create(crowd->mailbox, id));
	return NULL;
}

static bool do_nothing(void *context, struct job **jobs, size_t count)
{
	(void)context;
	(void)jobs;
	(void)count;
	return true;
}

static void jobs_from_many_threads_all_come_home(void **state)
{
	enum { THREADS = 4 };
	struct box boxes[THREADS];
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	struct worker *worker;
	struct error err;

	(void)state;
	assert_int_equal(
	    worker_start(do_nothing, NULL, 16, 1, &worker, &err), RESULT_OK);
	for (size_t i = 0; i < THREADS; i++) {
		box_init(&boxes[i]);
		crowds[i] = (struct crowd){worker, &boxes[i].mailbox};
		pthread_create(&threads[i], NULL, crowd_run, &crowds[i]);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	worker_stop(worker);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(
		    jobs_free(mailbox_take(&boxes[i].mailbox), 1), 1000);
		mailbox_finish(&boxes[i].mailbox);
	}
}

static bool look_at_signals(void *context, struct job **jobs, size_t count)
{
	sigset_t *blocked = context;

	(void)jobs;
	(void)count;
	pthread_sigmask(SIG_SETMASK, NULL, blocked);
	return false;
}

static void the_thread_takes_no_signals(void **state)
{
	struct worker *worker;
	struct error err;
	sigset_t blocked, ours;

	(void)state;
	sigemptyset(&blocked);
	assert_int_equal(
	    worker_start(look_at_signals, &blocked, 1, 60000, &worker, &err),
	    RESULT_OK);
	worker_stop(worker);
	assert_true(sigismember(&blocked, SIGTERM));
	assert_true(sigismember(&blocked, SIGINT));
	pthread_sigmask(SIG_SETMASK, NULL, &ours);
	assert_false(sigismember(&ours, SIGTERM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mailbox_gives_back_what_was_put_oldest_first),
	    cmocka_unit_test(a_mailbox_wakes_once_until_it_is_emptied),
	    cmocka_unit_test(a_job_that_is_given_back_is_the_next_one),
	    cmocka_unit_test(
		trimming_keeps_what_was_needed_since_the_last_time),
	    cmocka_unit_test(no_more_spare_jobs_are_kept_than_the_limit),
	    cmocka_unit_test(what_comes_during_a_group_is_the_next_group),
	    cmocka_unit_test(
		a_group_is_no_larger_than_its_limit_and_keeps_the_order),
	    cmocka_unit_test(
		the_rest_of_a_list_is_filled_up_with_what_came_since),
	    cmocka_unit_test(a_group_comes_home_with_one_wake_a_mailbox),
	    cmocka_unit_test(
		more_mailboxes_than_a_group_keeps_apart_still_get_theirs),
	    cmocka_unit_test(
		a_job_that_is_handed_on_comes_home_from_the_other_worker),
	    cmocka_unit_test(the_idle_call_comes_again_while_it_wants_to),
	    cmocka_unit_test(
		an_idle_call_that_is_done_waits_for_the_next_group),
	    cmocka_unit_test(
		stopping_finishes_what_was_put_and_idles_once_more),
	    cmocka_unit_test(stopping_a_worker_that_never_worked_idles_once),
	    cmocka_unit_test(jobs_from_many_threads_all_come_home),
	    cmocka_unit_test(the_thread_takes_no_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
