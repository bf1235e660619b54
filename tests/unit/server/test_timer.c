/*
 * Tests of timer: when it asks for the night, and when it stops asking. The
 * worker is a real one; what it does is written here.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/timer.h"

#define WAIT_MS 10000u
#define A_WHILE_MS 60u

/* What becomes of a slice. */
enum answer { ANSWER_MORE, ANSWER_DONE, ANSWER_REFUSED, ANSWER_CUT };

struct dark {
	struct worker *worker;
	struct timer *timer;
	_Atomic uint64_t due_ms;
	uint64_t next_due_ms;	 /* set by a night that is done */
	enum answer answers[16]; /* in turn; the last one again and again */
	size_t answer_count;
	atomic_uint asked;
	atomic_uint slow_ms; /* how long a slice takes */
	bool is_owner;
};

static void answer(struct dark *dark, struct job *job, enum answer answer)
{
	job->end = answer == ANSWER_CUT ? JOB_CUT : JOB_REPLY;
	job->reply.which_body = answer == ANSWER_REFUSED
				    ? tally_Reply_refusal_tag
				    : tally_Reply_night_tag;
	memset(&job->reply.body.night, 0, sizeof(job->reply.body.night));
	job->reply.body.night.expired = 1;
	job->reply.body.night.more = answer == ANSWER_MORE;
	if (answer == ANSWER_DONE)
		atomic_store(&dark->due_ms, dark->next_due_ms);
}

static bool work(void *context, struct job **jobs, size_t count)
{
	struct dark *dark = context;

	for (size_t i = 0; i < count; i++) {
		size_t turn = atomic_load(&dark->asked);

		if (turn >= dark->answer_count)
			turn = dark->answer_count - 1;
		usleep(1000 * atomic_load(&dark->slow_ms));
		if (jobs[i]->request.which_body != tally_Request_night_tag ||
		    jobs[i]->caller.peer.role != ROLE_OWNER)
			dark->is_owner = false;
		answer(dark, jobs[i], dark->answers[turn]);
		atomic_fetch_add(&dark->asked, 1);
	}
	return false;
}

static int setup(void **state)
{
	struct dark *dark = calloc(1, sizeof(*dark));

	if (dark == NULL || worker_start(work, dark, 16, 1000, &dark->worker,
				NULL) != RESULT_OK)
		return -1;
	log_set_level(LOG_ALARM);
	dark->is_owner = true;
	dark->next_due_ms = clock_wall_ms() + 86400000;
	*state = dark;
	return 0;
}

static int teardown(void **state)
{
	struct dark *dark = *state;

	timer_stop(dark->timer);
	worker_stop(dark->worker);
	free(dark);
	return 0;
}

static void start(struct dark *dark, const enum answer *answers, size_t count)
{
	struct error err;

	memcpy(dark->answers, answers, count * sizeof(*answers));
	dark->answer_count = count;
	assert_int_equal(
	    timer_start(&dark->due_ms, dark->worker, &dark->timer, &err),
	    RESULT_OK);
}

static void await_asked(struct dark *dark, unsigned wanted)
{
	uint64_t end_ms = clock_monotonic_ms() + WAIT_MS;

	while (atomic_load(&dark->asked) < wanted) {
		assert_true(clock_monotonic_ms() < end_ms);
		usleep(1000);
	}
}

static void assert_stays(struct dark *dark, unsigned asked)
{
	usleep(1000 * A_WHILE_MS);
	assert_int_equal(atomic_load(&dark->asked), asked);
}

static void a_night_is_asked_for_at_the_start_to_its_end(void **state)
{
	static const enum answer answers[] = {
	    ANSWER_MORE, ANSWER_MORE, ANSWER_MORE, ANSWER_DONE};
	struct dark *dark = *state;

	start(dark, answers, 4);
	await_asked(dark, 4);
	assert_stays(dark, 4);
	assert_true(dark->is_owner);
}

static void nothing_is_asked_for_before_it_is_due(void **state)
{
	static const enum answer answers[] = {ANSWER_DONE};
	struct dark *dark = *state;

	atomic_store(&dark->due_ms, clock_wall_ms() + 86400000);
	start(dark, answers, 1);
	assert_stays(dark, 0);
}

/* Less than a look away, it is not a minute late. */
static void it_is_asked_for_as_soon_as_it_is_due(void **state)
{
	static const enum answer answers[] = {ANSWER_DONE};
	struct dark *dark = *state;
	uint64_t due_ms = clock_wall_ms() + 300;

	atomic_store(&dark->due_ms, due_ms);
	start(dark, answers, 1);
	await_asked(dark, 1);
	assert_true(clock_wall_ms() >= due_ms);
	assert_true(clock_wall_ms() < due_ms + WAIT_MS);
	assert_stays(dark, 1);
}

static void a_night_that_ends_after_midnight_leads_to_the_next(void **state)
{
	static const enum answer answers[] = {ANSWER_DONE};
	struct dark *dark = *state;

	dark->next_due_ms = clock_wall_ms() + 100;
	start(dark, answers, 1);
	await_asked(dark, 2);
}

/* It will not be better at once. */
static void what_is_refused_or_cut_is_left_for_a_while(void **state)
{
	static const enum answer refused[] = {ANSWER_MORE, ANSWER_REFUSED};
	static const enum answer cut[] = {ANSWER_CUT};
	struct dark *dark = *state;

	start(dark, refused, 2);
	await_asked(dark, 2);
	assert_stays(dark, 2);
	timer_stop(dark->timer);
	dark->timer = NULL;
	atomic_store(&dark->asked, 0);
	start(dark, cut, 1);
	await_asked(dark, 1);
	assert_stays(dark, 1);
}

/* The job lies in the timer's memory: it is waited for. */
static void a_stop_waits_for_the_slice_under_way(void **state)
{
	static const enum answer answers[] = {ANSWER_MORE};
	struct dark *dark = *state;
	unsigned asked;

	atomic_store(&dark->slow_ms, 50);
	start(dark, answers, 1);
	usleep(20000);
	timer_stop(dark->timer);
	dark->timer = NULL;
	asked = atomic_load(&dark->asked);
	assert_true(asked >= 1);
	assert_stays(dark, asked);
}

static void a_stop_while_it_sleeps_is_at_once(void **state)
{
	static const enum answer answers[] = {ANSWER_DONE};
	struct dark *dark = *state;
	uint64_t start_ms;

	start(dark, answers, 1);
	await_asked(dark, 1);
	start_ms = clock_monotonic_ms();
	timer_stop(dark->timer);
	dark->timer = NULL;
	assert_true(clock_monotonic_ms() - start_ms < WAIT_MS);
	timer_stop(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_night_is_asked_for_at_the_start_to_its_end),
	    TEST(nothing_is_asked_for_before_it_is_due),
	    TEST(it_is_asked_for_as_soon_as_it_is_due),
	    TEST(a_night_that_ends_after_midnight_leads_to_the_next),
	    TEST(what_is_refused_or_cut_is_left_for_a_while),
	    TEST(a_stop_waits_for_the_slice_under_way),
	    TEST(a_stop_while_it_sleeps_is_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
