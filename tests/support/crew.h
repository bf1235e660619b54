/*
 * crew: tills at work on threads, over raw links, through thick and thin.
 *
 * Each keeps its operations as a till's outbox does: named before they are
 * first sent, sent again under the same name after a connection broke, done
 * only when the server said so. Nothing here ends a test from a thread: a
 * fault is kept in the till, for crew_join() to tell.
 */
#ifndef TESTS_SUPPORT_CREW_H
#define TESTS_SUPPORT_CREW_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/client.h"

#define CREW_TILLS 16u

struct crew_sale {
	uint64_t card;	       /* card_number()'s */
	uint64_t amount_minor; /* 0: enrol the card */
	uint64_t id;	       /* of the request under way */
	uint64_t entry;	       /* the server's answer; 0 is none yet */
	int64_t points;
};

struct crew_till {
	struct client client;
	struct crew *crew;
	uint32_t number; /* from 0 */
	pthread_t thread;
	/* All operations so far; the counter is the place plus one. */
	struct crew_sale *sales;
	size_t count;
	size_t capacity;
	size_t done;	  /* all before are answered */
	size_t sent;	  /* all before are sent on this link */
	bool is_draining; /* told "not now": take what comes, ask nothing */
	uint64_t connects;
	uint64_t repeats;  /* answers that said so */
	uint64_t refusals; /* "not now" */
	char fault[512];
};

struct crew {
	struct crew_till tills[CREW_TILLS];
	unsigned window;     /* requests under way at once */
	atomic_bool is_over; /* for `next` to look at */
	/* The next operation of a till; false where there is none more. */
	bool (*next)(struct crew_till *till, struct crew_sale *ret_sale);
	void *context;
};

/* Enrol CREW_TILLS tills at the fixture's server. */
void crew_enrol(struct crew *crew, struct fixture *fixture);
void crew_start(struct crew *crew);
/* Wait for all; ends the test where one met a fault. What they did stays. */
void crew_join(struct crew *crew);
void crew_finish(struct crew *crew);

/*
 * Compare with the ledger of a shop that is not served: each answered
 * operation is there exactly once, as it was answered; nothing else is there
 * but what was sent; and each member's points are the sum of the entries'.
 * `ret_points` has `card_max` places, by card.
 */
void crew_check(const struct crew *crew, const struct fixture *fixture,
    int64_t *ret_points, size_t card_max);

#endif
