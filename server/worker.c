/*
 * worker: the queue in front of a thread, and the mailboxes behind it.
 *
 * The thread takes the whole queue with one lock and cuts groups from what it
 * took; what came in the meantime is added behind before each cut, so a group
 * is as large as the load makes it and nobody waits for a timer.
 */
#include "server/worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "server/wake.h"

static_assert(
    sizeof(struct job) <= JOB_SIZE_MAX, "so many of them fit in memory");

/* Mailboxes that one group may go back to before some get theirs early. */
#define MAILBOXES_A_GROUP 32u

struct queue {
	struct job *first;
	struct job **last;
};

struct worker {
	worker_fn *work;
	void *context;
	size_t group_max;
	uint32_t idle_ms;
	pthread_t thread;

	struct job **group; /* the thread's own: */
	struct queue taken;

	pthread_mutex_t mutex; /* over what follows */
	pthread_cond_t came;
	struct queue queued;
	bool is_stopping;
};

/* --- lists of jobs -------------------------------------------------------- */

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

/* Append a whole list; empties nothing but the caller's hands. */
static void queue_append(struct queue *queue, struct job *first)
{
	*queue->last = first;
	while (*queue->last != NULL)
		queue->last = &(*queue->last)->next;
}

/* Move all of `from` to the end of `to`, without a walk. */
static void queue_move(struct queue *to, struct queue *from)
{
	if (from->first == NULL)
		return;
	*to->last = from->first;
	to->last = from->last;
	queue_init(from);
}

/* --- mailboxes ------------------------------------------------------------ */

enum result mailbox_init(struct mailbox *mailbox, void (*wake)(void *context),
    void *context, struct error *err)
{
	int failed = pthread_mutex_init(&mailbox->mutex, NULL);

	if (failed != 0)
		return error_errno(err, RESULT_IO, failed, "mailbox");
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	mailbox->wake = wake;
	mailbox->context = context;
	mailbox->spare = NULL;
	mailbox->spare_count = 0;
	mailbox->spare_least = 0;
	return RESULT_OK;
}

static void spare_free(struct mailbox *mailbox, size_t count)
{
	while (count-- > 0) {
		struct job *job = mailbox->spare;

		mailbox->spare = job->next;
		mailbox->spare_count--;
		free(job);
	}
}

void mailbox_finish(struct mailbox *mailbox)
{
	assert(mailbox->first == NULL);
	spare_free(mailbox, mailbox->spare_count);
	pthread_mutex_destroy(&mailbox->mutex);
}

struct job *mailbox_new_job(struct mailbox *mailbox)
{
	struct job *job = mailbox->spare;

	if (job == NULL)
		return malloc(sizeof(*job));
	mailbox->spare = job->next;
	mailbox->spare_count--;
	if (mailbox->spare_least > mailbox->spare_count)
		mailbox->spare_least = mailbox->spare_count;
	return job;
}

/* A PIN does not stay in memory that is used for other things. */
static void job_wipe(struct job *job)
{
	if (job->request.which_body == tally_Request_login_tag ||
	    job->request.which_body == tally_Request_cashier_add_tag ||
	    job->request.which_body == tally_Request_adjust_tag)
		crypto_wipe(&job->request.body, sizeof(job->request.body));
}

void mailbox_free_job(struct mailbox *mailbox, struct job *job)
{
	job_wipe(job);
	if (mailbox->spare_count >= MAILBOX_SPARE_MAX) {
		free(job);
		return;
	}
	job->next = mailbox->spare;
	mailbox->spare = job;
	mailbox->spare_count++;
}

void mailbox_trim(struct mailbox *mailbox)
{
	spare_free(mailbox, mailbox->spare_least);
	mailbox->spare_least = mailbox->spare_count;
}

struct job *mailbox_take(struct mailbox *mailbox)
{
	struct job *first;

	pthread_mutex_lock(&mailbox->mutex);
	first = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	pthread_mutex_unlock(&mailbox->mutex);
	return first;
}

void mailbox_put(struct mailbox *mailbox, struct job *first)
{
	bool was_empty;

	pthread_mutex_lock(&mailbox->mutex);
	was_empty = mailbox->first == NULL;
	*mailbox->last = first;
	while (*mailbox->last != NULL)
		mailbox->last = &(*mailbox->last)->next;
	/* Within the lock: whoever takes the last job may do away with the
	 * mailbox and what `wake` touches. */
	if (was_empty && first != NULL)
		mailbox->wake(mailbox->context);
	pthread_mutex_unlock(&mailbox->mutex);
}

/* --- the thread ----------------------------------------------------------- */

struct outgoing {
	struct mailbox *mailbox;
	struct queue jobs;
};

static void outgoing_put(struct outgoing *outgoing, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mailbox_put(outgoing[i].mailbox, outgoing[i].jobs.first);
}

static size_t outgoing_find(const struct outgoing *outgoing, size_t count,
    const struct mailbox *mailbox)
{
	size_t i = 0;

	while (i < count && outgoing[i].mailbox != mailbox)
		i++;
	return i;
}

/* Send a finished group home: one lock and one wake a mailbox. */
static void group_return(struct job **group, size_t count)
{
	struct outgoing outgoing[MAILBOXES_A_GROUP];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		struct job *job = group[i];
		size_t at;

		if (job == NULL)
			continue;
		job->next = NULL;
		at = outgoing_find(outgoing, used, job->mailbox);
		if (at == MAILBOXES_A_GROUP) {
			outgoing_put(outgoing, used);
			used = at = 0;
		}
		if (at == used) {
			outgoing[at].mailbox = job->mailbox;
			queue_init(&outgoing[at].jobs);
			used++;
		}
		queue_append(&outgoing[at].jobs, job);
	}
	outgoing_put(outgoing, used);
}

/* Cut the next group from what was taken. */
static size_t group_cut(struct worker *worker)
{
	struct queue *taken = &worker->taken;
	size_t count = 0;

	while (count < worker->group_max && taken->first != NULL) {
		worker->group[count++] = taken->first;
		taken->first = taken->first->next;
	}
	if (taken->first == NULL)
		queue_init(taken);
	return count;
}

enum wait_end { WAIT_JOBS, WAIT_IDLE, WAIT_STOP };

/*
 * Take what is queued behind what is left. With nothing at all, wait: for the
 * idle time where an idle call is due, otherwise for ever. A stop is heeded
 * only once there is nothing left to do.
 */
static enum wait_end worker_wait(struct worker *worker, bool idle_is_due)
{
	enum wait_end end = WAIT_JOBS;
	struct timespec deadline;
	int failed = 0;

	pthread_mutex_lock(&worker->mutex);
	queue_move(&worker->taken, &worker->queued);
	if (worker->taken.first == NULL && idle_is_due)
		deadline_after(worker->idle_ms, &deadline);
	while (worker->taken.first == NULL && !worker->is_stopping &&
	       failed != ETIMEDOUT) {
		if (idle_is_due)
			failed = pthread_cond_timedwait(
			    &worker->came, &worker->mutex, &deadline);
		else
			pthread_cond_wait(&worker->came, &worker->mutex);
		queue_move(&worker->taken, &worker->queued);
	}
	if (worker->taken.first == NULL)
		end = worker->is_stopping ? WAIT_STOP : WAIT_IDLE;
	pthread_mutex_unlock(&worker->mutex);
	return end;
}

static void *worker_run(void *argument)
{
	struct worker *worker = argument;
	bool idle_is_due = true;
	enum wait_end end;

	while ((end = worker_wait(worker, idle_is_due)) != WAIT_STOP) {
		size_t count;

		if (end == WAIT_IDLE) {
			idle_is_due = worker->work(worker->context, NULL, 0);
			continue;
		}
		count = group_cut(worker);
		worker->work(worker->context, worker->group, count);
		group_return(worker->group, count);
		idle_is_due = true;
	}
	worker->work(worker->context, NULL, 0);
	return NULL;
}

/* --- start and stop ------------------------------------------------------- */

/* The parts that may fail; undoes its own on failure. */
static enum result worker_init(struct worker *worker, struct error *err)
{
	enum result result = RESULT_IO;
	int failed = pthread_mutex_init(&worker->mutex, NULL);

	if (failed != 0)
		return error_errno(err, result, failed, "a worker");
	failed = cond_init_monotonic(&worker->came);
	if (failed != 0) {
		error_errno(err, result, failed, "a worker");
		goto destroy_mutex;
	}
	result = thread_start(&worker->thread, worker_run, worker, err);
	if (result != RESULT_OK)
		goto destroy_cond;
	return RESULT_OK;

destroy_cond:
	pthread_cond_destroy(&worker->came);
destroy_mutex:
	pthread_mutex_destroy(&worker->mutex);
	return result;
}

enum result worker_start(worker_fn *work, void *context, size_t group_max,
    uint32_t idle_ms, struct worker **ret_worker, struct error *err)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	enum result result;

	assert(group_max > 0);
	if (worker == NULL)
		return error_no_memory(err);
	worker->group = calloc(group_max, sizeof(*worker->group));
	if (worker->group == NULL) {
		free(worker);
		return error_no_memory(err);
	}
	worker->work = work;
	worker->context = context;
	worker->group_max = group_max;
	worker->idle_ms = idle_ms;
	queue_init(&worker->taken);
	queue_init(&worker->queued);
	result = worker_init(worker, err);
	if (result != RESULT_OK) {
		free(worker->group);
		free(worker);
		return result;
	}
	*ret_worker = worker;
	return RESULT_OK;
}

void worker_put(struct worker *worker, struct job *first)
{
	if (first == NULL)
		return;
	pthread_mutex_lock(&worker->mutex);
	queue_append(&worker->queued, first);
	pthread_cond_signal(&worker->came);
	pthread_mutex_unlock(&worker->mutex);
}

void worker_stop(struct worker *worker)
{
	if (worker == NULL)
		return;
	pthread_mutex_lock(&worker->mutex);
	worker->is_stopping = true;
	pthread_cond_signal(&worker->came);
	pthread_mutex_unlock(&worker->mutex);
	pthread_join(worker->thread, NULL);
	/* Put after the last look: a mistake of the caller's. */
	assert(worker->queued.first == NULL);
	pthread_cond_destroy(&worker->came);
	pthread_mutex_destroy(&worker->mutex);
	free(worker->group);
	free(worker);
}
