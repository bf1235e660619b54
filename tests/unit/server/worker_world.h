/*
 * worker_world: mailboxes that count how often they wake, and jobs by their
 * ids, for the tests of the worker.
 */
#ifndef TESTS_UNIT_SERVER_WORKER_WORLD_H
#define TESTS_UNIT_SERVER_WORKER_WORLD_H

#include "tests/support/check.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/worker.h"

struct box {
	struct mailbox mailbox;
	sem_t woken;
	atomic_size_t wake_count;
};

static inline void box_wake(void *context)
{
	struct box *box = context;

	atomic_fetch_add(&box->wake_count, 1);
	sem_post(&box->woken);
}

static inline void box_init(struct box *box)
{
	struct error err;

	memset(box, 0, sizeof(*box));
	sem_init(&box->woken, 0, 0);
	assert_int_equal(
	    mailbox_init(&box->mailbox, box_wake, box, &err), RESULT_OK);
}

static inline struct job *job_create(struct mailbox *mailbox, uint64_t id)
{
	struct job *job = malloc(sizeof(*job));

	assert_non_null(job);
	job->next = NULL;
	job->mailbox = mailbox;
	job->request.id = id;
	return job;
}

/* A list of jobs with the ids from `first` to `last`. */
static inline struct job *jobs_create(
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
static inline size_t jobs_free(struct job *job, uint64_t first)
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

/* The jobs that lie in it, with ids as above; then it is finished. */
static inline size_t box_empty(struct box *box, uint64_t first)
{
	size_t count = jobs_free(mailbox_take(&box->mailbox), first);

	mailbox_finish(&box->mailbox);
	return count;
}

#endif
