/*
 * presence: two arrays of atomics, indexed by terminal number. A page of them
 * is only there once a terminal of its range has been seen.
 *
 * Nothing is ordered by these flags but themselves: the ledger decides in its
 * own order, and presence only makes a live connection end early.
 */
#include "server/presence.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/limits.h"

struct watch {
	void (*wake)(void *context);
	void *context;
};

struct presence {
	_Atomic uint32_t revision;
	_Atomic uint32_t connections[TERMINALS_MAX + 1];
	atomic_bool revoked[TERMINALS_MAX + 1];

	pthread_mutex_t mutex; /* over what follows */
	struct watch watches[PRESENCE_WATCHES_MAX];
	size_t watch_count;
};

enum result presence_create(struct presence **ret_presence, struct error *err)
{
	struct presence *presence = calloc(1, sizeof(*presence));
	int failed;

	if (presence == NULL)
		return error_no_memory(err);
	failed = pthread_mutex_init(&presence->mutex, NULL);
	if (failed != 0) {
		free(presence);
		return error_errno(err, RESULT_IO, failed, "presence");
	}
	*ret_presence = presence;
	return RESULT_OK;
}

void presence_destroy(struct presence *presence)
{
	if (presence == NULL)
		return;
	assert(presence->watch_count == 0);
	pthread_mutex_destroy(&presence->mutex);
	free(presence);
}

static bool is_terminal(uint32_t terminal)
{
	return terminal >= 1 && terminal <= TERMINALS_MAX;
}

void presence_connect(struct presence *presence, uint32_t terminal)
{
	if (is_terminal(terminal))
		atomic_fetch_add(&presence->connections[terminal], 1);
}

void presence_disconnect(struct presence *presence, uint32_t terminal)
{
	uint32_t before;

	if (!is_terminal(terminal))
		return;
	before = atomic_fetch_sub(&presence->connections[terminal], 1);
	assert(before > 0);
}

bool presence_is_connected(const struct presence *presence, uint32_t terminal)
{
	return is_terminal(terminal) &&
	       atomic_load(&presence->connections[terminal]) > 0;
}

void presence_revoke(struct presence *presence, uint32_t terminal)
{
	if (!is_terminal(terminal))
		return;
	atomic_store(&presence->revoked[terminal], true);
	/* After the flag: who sees the new revision sees the flag. */
	atomic_fetch_add(&presence->revision, 1);
	pthread_mutex_lock(&presence->mutex);
	for (size_t i = 0; i < presence->watch_count; i++)
		presence->watches[i].wake(presence->watches[i].context);
	pthread_mutex_unlock(&presence->mutex);
}

void presence_admit(struct presence *presence, uint32_t terminal)
{
	if (is_terminal(terminal))
		atomic_store(&presence->revoked[terminal], false);
}

bool presence_is_revoked(const struct presence *presence, uint32_t terminal)
{
	return !is_terminal(terminal) ||
	       atomic_load(&presence->revoked[terminal]);
}

uint32_t presence_revision(const struct presence *presence)
{
	return atomic_load(&presence->revision);
}

enum result presence_watch(struct presence *presence,
    void (*wake)(void *context), void *context, struct error *err)
{
	enum result result = RESULT_OK;

	pthread_mutex_lock(&presence->mutex);
	if (presence->watch_count == PRESENCE_WATCHES_MAX)
		result = error_set(err, RESULT_LIMIT,
		    "more than %u watch for revocations", PRESENCE_WATCHES_MAX);
	else
		presence->watches[presence->watch_count++] =
		    (struct watch){.wake = wake, .context = context};
	pthread_mutex_unlock(&presence->mutex);
	return result;
}

void presence_unwatch(
    struct presence *presence, void (*wake)(void *context), void *context)
{
	pthread_mutex_lock(&presence->mutex);
	for (size_t i = 0; i < presence->watch_count; i++) {
		struct watch *watch = &presence->watches[i];

		if (watch->wake != wake || watch->context != context)
			continue;
		*watch = presence->watches[--presence->watch_count];
		break;
	}
	pthread_mutex_unlock(&presence->mutex);
}
