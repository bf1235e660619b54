/*
 * worker: a thread that does jobs in groups.
 * Above: listener. Below: whoever does the jobs (command, a bench's peer).
 *
 * While the thread is busy with one group, the next one gathers; there is no
 * timer. Finished jobs go back, a group at a time, to the mailboxes that they
 * came from.
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include <pthread.h>

#include "common/base/crypto.h"
#include "common/ledger/entry.h"
#include "proto/certificate.h"
#include "proto/message.h"

/* Who asks: settled by the listener that the connection came in on, and by
 * the certificate. */
struct caller {
	struct peer peer;  /* role NONE while enrolling; OWNER on the socket */
	bool is_enrolling; /* ALPN tally-enrol/1 */
	bool said_hello;
};

enum job_end {
	JOB_REPLY,  /* `reply` is the answer */
	JOB_FRAMES, /* `frames` holds whole frames, several replies */
	JOB_CUT,    /* no answer may be given (unknown whether it is durable):
		       cut the connection, the client asks again */
};

struct mailbox;

/* One request on its way. Made by the session for its mailbox; given away to a
 * worker and back through the mailbox. */
struct job {
	struct job *next;
	struct mailbox *mailbox; /* where it goes when it is done */
	void *session;		 /* whose it is; only the listener looks */
	struct caller caller;
	enum job_end end;
	struct buffer frames;
	/* Filled in by the side worker for requests with a PIN. */
	bool pin_is_hashed;
	uint8_t pin_salt[PIN_SALT_SIZE];
	uint8_t pin_hash[PIN_HASH_SIZE];
	tally_Request request;
	tally_Reply reply; /* large; never zeroed as a whole */
};

/* Finished jobs for one network thread. `wake` is called, from any thread,
 * when an empty box gets its first job, inside the box's lock. */
struct mailbox {
	pthread_mutex_t mutex;
	struct job *first;
	struct job **last;
	void (*wake)(void *context);
	void *context;
	/* Of the network thread alone, without the lock: */
	struct job *spare;
	size_t spare_count;
	size_t spare_least; /* since the last mailbox_trim() */
};

enum result mailbox_init(struct mailbox *mailbox, void (*wake)(void *context),
    void *context, struct error *err);
/* Only when empty, with nobody left to put. */
void mailbox_finish(struct mailbox *mailbox);
/*
 * A job for this mailbox, its fields not set, and its end, which wipes a PIN.
 * Only the network thread calls these. Jobs that are done are kept for the next
 * ones, for they are large (JOB_SIZE_MAX, of which a plain request touches
 * three pages): given back to the heap, which gives them back to the system,
 * they cost a tenth of a server's time in page faults. An idle connection has
 * none.
 * mailbox_trim(), called now and then, frees those that were not needed since
 * it was last called.
 */
#define MAILBOX_SPARE_MAX 2048u
#define JOB_SIZE_MAX 16384u
struct job *mailbox_new_job(struct mailbox *mailbox); /* NULL: no memory */
void mailbox_free_job(struct mailbox *mailbox, struct job *job);
void mailbox_trim(struct mailbox *mailbox);

/* Take all, oldest first. */
struct job *mailbox_take(struct mailbox *mailbox);
/* Put a list (linked through `next`). */
void mailbox_put(struct mailbox *mailbox, struct job *first);

struct worker;

/*
 * Do one group. Jobs are in order of arrival. `jobs` holds at least one; with
 * none (`jobs` NULL, `count` 0) it is the idle call: return true to be called
 * again after the same time even without a job, false to sleep until one
 * comes. What is returned after a group is not looked at.
 * A job may be handed on to another worker by setting its slot to NULL.
 */
typedef bool worker_fn(void *context, struct job **jobs, size_t count);

/* A group holds at most `group_max` jobs. The idle call comes `idle_ms` after
 * the start or the last group. The thread takes no signals. */
enum result worker_start(worker_fn *work, void *context, size_t group_max,
    uint32_t idle_ms, struct worker **ret_worker, struct error *err);
/* Give a list of jobs; one lock for all of them. */
void worker_put(struct worker *worker, struct job *first);
/* Finish what has been put, call once more for idle, and end the thread; the
 * worker is freed. Nothing may be put from here on. Harmless for NULL. */
void worker_stop(struct worker *worker);

#endif
