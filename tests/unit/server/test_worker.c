/*
 * Tests of worker: groups, their way home, idle calls and the end.
 */
#include "tests/unit/server/worker_world.h"

#include <signal.h>
#include <unistd.h>

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

static struct worker *start(
    worker_fn *work, void *context, size_t group_max, uint32_t idle_ms)
{
	struct worker *started;
	struct error err;

	assert_int_equal(
	    worker_start(work, context, group_max, idle_ms, &started, &err),
	    RESULT_OK);
	return started;
}

static struct seen seen;
static struct box box; /* where its jobs come home */
static struct worker *worker;

static void begin(bool is_gated, size_t group_max, uint32_t idle_ms)
{
	seen_init(&seen, is_gated);
	box_init(&box);
	worker = start(watch, &seen, group_max, idle_ms);
}

/* As many groups may go through the gate. */
static void open_gate(size_t groups)
{
	while (groups-- > 0)
		sem_post(&seen.gate);
}

/* --- groups --------------------------------------------------------------- */

static void what_comes_during_a_group_is_the_next_group(void **state)
{
	(void)state;
	begin(true, 100, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 1));
	sem_wait(&seen.entered);
	for (uint64_t id = 2; id <= 41; id++)
		worker_put(worker, job_create(&box.mailbox, id));
	open_gate(2);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 2);
	assert_int_equal(seen.sizes[0], 1);
	assert_int_equal(seen.sizes[1], 40);
	assert_int_equal(box_empty(&box, 1), 41);
}

static void a_group_is_no_larger_than_its_limit_and_keeps_the_order(
    void **state)
{
	(void)state;
	begin(true, 8, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 1));
	sem_wait(&seen.entered);
	worker_put(worker, jobs_create(&box.mailbox, 2, 20));
	open_gate(4);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 4);
	assert_int_equal(seen.sizes[1], 8);
	assert_int_equal(seen.sizes[2], 8);
	assert_int_equal(seen.sizes[3], 3);
	for (size_t i = 0; i < seen.id_count; i++)
		assert_int_equal(seen.ids[i], i + 1);
	assert_int_equal(box_empty(&box, 1), 20);
}

static void the_rest_of_a_list_is_filled_up_with_what_came_since(void **state)
{
	(void)state;
	begin(true, 4, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 6));
	sem_wait(&seen.entered);
	worker_put(worker, jobs_create(&box.mailbox, 7, 8));
	open_gate(2);
	worker_stop(worker);
	assert_int_equal(seen.group_count, 2);
	assert_int_equal(seen.sizes[0], 4);
	assert_int_equal(seen.sizes[1], 4);
	box_empty(&box, 1);
}

static void a_group_comes_home_with_one_wake_a_mailbox(void **state)
{
	struct box boxes[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		box_init(&boxes[i]);
	begin(true, 100, 60000);
	worker_put(worker, job_create(&boxes[0].mailbox, 1));
	sem_wait(&seen.entered);
	for (uint64_t i = 0; i < 30; i++)
		worker_put(
		    worker, job_create(&boxes[i % 3].mailbox, 10 + i / 3));
	open_gate(1);
	sem_wait(&boxes[0].woken);
	assert_int_equal(jobs_free(mailbox_take(&boxes[0].mailbox), 1), 1);
	open_gate(1);
	worker_stop(worker);
	assert_int_equal(boxes[0].wake_count, 2);
	assert_int_equal(boxes[1].wake_count, 1);
	assert_int_equal(boxes[2].wake_count, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(box_empty(&boxes[i], 10), 10);
}

static void more_mailboxes_than_a_group_keeps_apart_still_get_theirs(
    void **state)
{
	enum { BOXES = 100 };
	static struct box boxes[BOXES];

	(void)state;
	for (size_t i = 0; i < BOXES; i++)
		box_init(&boxes[i]);
	begin(true, 1000, 60000);
	for (uint64_t i = 0; i < 3 * BOXES; i++)
		worker_put(
		    worker, job_create(&boxes[i % BOXES].mailbox, i / BOXES));
	open_gate(3 * BOXES);
	worker_stop(worker);
	for (size_t i = 0; i < BOXES; i++)
		assert_int_equal(box_empty(&boxes[i], 0), 3);
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
	struct worker *first;
	uint64_t sum = 0;
	size_t count = 0;

	(void)state;
	begin(false, 10, 60000);
	first = start(hand_on, worker, 10, 60000);
	worker_put(first, jobs_create(&box.mailbox, 1, 50));
	worker_stop(first);
	worker_stop(worker);
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
	(void)state;
	seen_init(&seen, false);
	seen.idle_again = true;
	worker = start(watch, &seen, 10, 1);
	for (int i = 0; i < 5; i++)
		sem_wait(&seen.idled);
	worker_stop(worker);
	assert_true(seen.idle_count >= 6);
}

static void an_idle_call_that_is_done_waits_for_the_next_group(void **state)
{
	(void)state;
	begin(false, 10, 1);
	sem_wait(&seen.idled);
	/* Long enough for twenty more, if they came. */
	usleep(20000);
	assert_int_equal(seen.idle_count, 1);
	worker_put(worker, job_create(&box.mailbox, 1));
	sem_wait(&seen.idled);
	worker_stop(worker);
	assert_memory_equal(seen.order, "igi", 3);
	assert_int_equal(seen.idle_count, 3);
	box_empty(&box, 1);
}

static void stopping_finishes_what_was_put_and_idles_once_more(void **state)
{
	(void)state;
	begin(true, 5, 60000);
	worker_put(worker, jobs_create(&box.mailbox, 1, 12));
	open_gate(3);
	worker_stop(worker);
	assert_int_equal(seen.id_count, 12);
	assert_string_equal(seen.order, "gggi");
	assert_int_equal(box_empty(&box, 1), 12);
}

static void stopping_a_worker_that_never_worked_idles_once(void **state)
{
	(void)state;
	seen_init(&seen, false);
	worker_stop(start(watch, &seen, 1, 60000));
	assert_string_equal(seen.order, "i");
	worker_stop(NULL);
}

/* --- many at once --------------------------------------------------------- */

static void *put_a_thousand(void *mailbox)
{
	for (uint64_t id = 1; id <= 1000; id++)
		worker_put(worker, job_create(mailbox, id));
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
	pthread_t threads[THREADS];

	(void)state;
	worker = start(do_nothing, NULL, 16, 1);
	for (size_t i = 0; i < THREADS; i++) {
		box_init(&boxes[i]);
		pthread_create(
		    &threads[i], NULL, put_a_thousand, &boxes[i].mailbox);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	worker_stop(worker);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(box_empty(&boxes[i], 1), 1000);
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
	sigset_t blocked, ours;

	(void)state;
	sigemptyset(&blocked);
	worker_stop(start(look_at_signals, &blocked, 1, 60000));
	assert_true(sigismember(&blocked, SIGTERM));
	assert_true(sigismember(&blocked, SIGINT));
	pthread_sigmask(SIG_SETMASK, NULL, &ours);
	assert_false(sigismember(&ours, SIGTERM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
