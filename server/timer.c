/*
 * timer: a thread that sleeps most of the time, and one job.
 */
#include "server/timer.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/wake.h"

#define LOOK_MS 60000u /* between two looks at the clock */
#define PAUSE_MS 2u    /* between two slices of one night */

struct timer {
	const _Atomic uint64_t *due_ms;
	struct worker *worker;
	pthread_t thread;
	struct mailbox mailbox;
	struct job job;		/* the thread's, or given away */
	tally_NightReply night; /* what this night has done so far */
	bool is_running;	/* and there is more of it */

	pthread_mutex_t mutex; /* over what follows */
	pthread_cond_t changed;
	bool is_back; /* the job is in the mailbox */
	bool is_stopping;
};

/* --- the job ----------------------------------------------------------------
 */

/* Called by the ledger's thread, inside the mailbox's lock. */
static void job_is_back(void *context)
{
	struct timer *timer = context;

	pthread_mutex_lock(&timer->mutex);
	timer->is_back = true;
	pthread_cond_signal(&timer->changed);
	pthread_mutex_unlock(&timer->mutex);
}

static void ask(struct timer *timer)
{
	struct job *job = &timer->job;

	job->next = NULL;
	job->mailbox = &timer->mailbox;
	job->session = NULL;
	job->caller =
	    (struct caller){.peer = {.role = ROLE_OWNER}, .said_hello = true};
	job->end = JOB_REPLY;
	job->frames = (struct buffer){0};
	job->pin_is_hashed = false;
	job->request.id = 0;
	job->request.which_body = tally_Request_night_tag;
	timer->is_back = false;
	worker_put(timer->worker, job);
}

static void add(tally_NightReply *sum, const tally_NightReply *slice)
{
	sum->expired += slice->expired;
	sum->expired_points += slice->expired_points;
	sum->tiers += slice->tiers;
	sum->notices += slice->notices;
	sum->bonuses += slice->bonuses;
	sum->bonus_points += slice->bonus_points;
}

static void log_night(const tally_NightReply *night)
{
	log_event(LOG_INFO, "night", "expired", log_number(night->expired),
	    "expired_points", log_number(night->expired_points), "tiers",
	    log_number(night->tiers), "notices", log_number(night->notices),
	    "bonuses", log_number(night->bonuses), "bonus_points",
	    log_number(night->bonus_points), NULL);
}

/* How long to sleep when a night is through, or between two looks: the wall
 * clock may be set meanwhile. */
static uint32_t until_due(const struct timer *timer)
{
	uint64_t due_ms = atomic_load(timer->due_ms);
	uint64_t now_ms = clock_wall_ms();

	if (now_ms >= due_ms)
		return 0;
	return due_ms - now_ms < LOOK_MS ? (uint32_t)(due_ms - now_ms)
					 : LOOK_MS;
}

/* How long to sleep after this answer. */
static uint32_t take_answer(struct timer *timer)
{
	const struct job *job = &timer->job;

	(void)mailbox_take(&timer->mailbox);
	if (job->end != JOB_REPLY ||
	    job->reply.which_body != tally_Reply_night_tag)
		return LOOK_MS;
	add(&timer->night, &job->reply.body.night);
	timer->is_running = job->reply.body.night.more;
	if (timer->is_running)
		return PAUSE_MS;
	log_night(&timer->night);
	timer->night = (tally_NightReply){0};
	return until_due(timer);
}

/* --- the thread -------------------------------------------------------------
 */

/* Until the job is back: it lies in this timer's memory. */
static void wait_for_job(struct timer *timer)
{
	pthread_mutex_lock(&timer->mutex);
	while (!timer->is_back)
		pthread_cond_wait(&timer->changed, &timer->mutex);
	pthread_mutex_unlock(&timer->mutex);
}

/* False: it is time to stop. */
static bool sleep_for(struct timer *timer, uint32_t ms)
{
	struct timespec deadline;
	bool is_stopping;
	int failed = 0;

	deadline_after(ms, &deadline);
	pthread_mutex_lock(&timer->mutex);
	while (!timer->is_stopping && failed == 0)
		failed = pthread_cond_timedwait(
		    &timer->changed, &timer->mutex, &deadline);
	is_stopping = timer->is_stopping;
	pthread_mutex_unlock(&timer->mutex);
	return !is_stopping;
}

static void *run(void *argument)
{
	struct timer *timer = argument;
	uint32_t sleep_ms = 0;

	while (sleep_for(timer, sleep_ms)) {
		/* One that has begun goes on: its end is what sets the day. */
		sleep_ms = timer->is_running ? 0 : until_due(timer);
		if (sleep_ms > 0)
			continue;
		ask(timer);
		wait_for_job(timer);
		sleep_ms = take_answer(timer);
	}
	return NULL;
}

/* --- starting and stopping --------------------------------------------------
 */

static enum result timer_init(struct timer *timer, struct error *err)
{
	enum result result;
	int failed = pthread_mutex_init(&timer->mutex, NULL);

	if (failed != 0)
		return error_errno(err, RESULT_IO, failed, "the timer");
	failed = cond_init_monotonic(&timer->changed);
	if (failed != 0) {
		result = error_errno(err, RESULT_IO, failed, "the timer");
		goto destroy_mutex;
	}
	result = mailbox_init(&timer->mailbox, job_is_back, timer, err);
	if (result != RESULT_OK)
		goto destroy_cond;
	result = thread_start(&timer->thread, run, timer, err);
	if (result != RESULT_OK)
		goto finish_mailbox;
	return RESULT_OK;

finish_mailbox:
	mailbox_finish(&timer->mailbox);
destroy_cond:
	pthread_cond_destroy(&timer->changed);
destroy_mutex:
	pthread_mutex_destroy(&timer->mutex);
	return result;
}

enum result timer_start(const _Atomic uint64_t *due_ms, struct worker *worker,
    struct timer **ret_timer, struct error *err)
{
	struct timer *timer = calloc(1, sizeof(*timer));
	enum result result;

	if (timer == NULL)
		return error_no_memory(err);
	timer->due_ms = due_ms;
	timer->worker = worker;
	result = timer_init(timer, err);
	if (result != RESULT_OK) {
		free(timer);
		return result;
	}
	*ret_timer = timer;
	return RESULT_OK;
}

void timer_stop(struct timer *timer)
{
	if (timer == NULL)
		return;
	pthread_mutex_lock(&timer->mutex);
	timer->is_stopping = true;
	pthread_cond_signal(&timer->changed);
	pthread_mutex_unlock(&timer->mutex);
	pthread_join(timer->thread, NULL);
	mailbox_finish(&timer->mailbox);
	pthread_cond_destroy(&timer->changed);
	pthread_mutex_destroy(&timer->mutex);
	free(timer);
}
