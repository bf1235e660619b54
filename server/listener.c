/*
 * listener: who is let in, and the threads that they are given to.
 *
 * One loop accepts for all: with an accepting socket in each, a burst of
 * connections would go to whichever woke first, and stay there.
 */
#include "server/listener.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "server/loop.h"

#define ACCEPTS_AT_ONCE 64
#define REFUSED_LOG_MS 1000u /* between two lines about refused connections */
#define HANDLES_EXTRA 128u   /* beside connections: database, logs, … */

struct listener {
	char *socket_path; /* NULL: none, or not ours to remove */
	uint16_t port;
	struct gate gate;
	int spare; /* a handle to give up when there are no others */
	uint64_t refused;
	uint64_t refused_logged_ms;
	size_t loop_count;
	struct loop *loops[LISTENER_THREADS_MAX];
};

/* --- accepting: on the first loop's thread -------------------------------- */

/* A flood of connections is not to become a flood of lines. */
static void log_refused(struct listener *listener, const char *reason)
{
	uint64_t now_ms = clock_monotonic_ms();

	listener->refused++;
	if (listener->refused_logged_ms != 0 &&
	    now_ms - listener->refused_logged_ms < REFUSED_LOG_MS)
		return;
	log_event(LOG_WARN, "refused", "reason", reason, "count",
	    log_number(listener->refused), NULL);
	listener->refused = 0;
	listener->refused_logged_ms = now_ms;
}

/* The loop with the fewest connections; the owner's stay on the first. */
static struct loop *listener_choose(struct listener *listener, bool is_owner)
{
	struct loop *chosen = listener->loops[0];

	for (size_t i = 1; !is_owner && i < listener->loop_count; i++) {
		if (loop_open(listener->loops[i]) < loop_open(chosen))
			chosen = listener->loops[i];
	}
	return chosen;
}

/* NULL and counted, or why it may not come in. */
static const char *listener_objection(
    struct listener *listener, const struct arrival *arrival)
{
	if (arrival == NULL)
		return "no memory";
	if (arrival->is_owner && !socket_peer_is_owner(arrival->handle))
		return "not the owner";
	return gate_enter(&listener->gate, arrival->is_owner);
}

static void listener_admit(struct listener *listener, int handle, bool is_owner,
    const char peer[SOCKET_PEER_SIZE])
{
	struct arrival *arrival = malloc(sizeof(*arrival));
	const char *objection;

	if (arrival != NULL) {
		arrival->handle = handle;
		arrival->is_owner = is_owner;
		memcpy(arrival->peer, peer, sizeof(arrival->peer));
	}
	objection = listener_objection(listener, arrival);
	if (objection == NULL) {
		loop_give(listener_choose(listener, is_owner), arrival);
		return;
	}
	log_refused(listener, objection);
	close(handle);
	free(arrival);
}

/* No handle is left: take the connection with the spare one and close it, or
 * it would wake us for ever. */
static void listener_shed(struct listener *listener, int listening)
{
	char peer[SOCKET_PEER_SIZE];
	struct error err;
	int handle;

	log_refused(listener, "no handles left");
	if (listener->spare >= 0)
		close(listener->spare);
	if (socket_accept(listening, &handle, peer, &err) == RESULT_OK)
		close(handle);
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void listener_accept(void *context, int listening, bool is_owner)
{
	struct listener *listener = context;

	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		char peer[SOCKET_PEER_SIZE];
		struct error err;
		int handle;
		enum result result =
		    socket_accept(listening, &handle, peer, &err);

		if (result == RESULT_LIMIT)
			listener_shed(listener, listening);
		if (result != RESULT_OK)
			return;
		listener_admit(listener, handle, is_owner, peer);
	}
}

/* --- start ---------------------------------------------------------------- */

/* Each connection is a handle; the usual soft limit is 1,024. */
static void raise_handle_limit(size_t connections_max)
{
	rlim_t wanted = connections_max + OWNER_CONNECTIONS_MAX + HANDLES_EXTRA;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static enum result listener_make_loops(struct listener *listener,
    const struct listener_options *options, struct error *err)
{
	struct loop_options loop_options = {
	    .context = options->context,
	    .presence = options->presence,
	    .gate = &listener->gate,
	    .router = {options->route, options->route_context},
	};

	while (listener->loop_count < options->threads) {
		enum result result = loop_create(
		    &loop_options, &listener->loops[listener->loop_count], err);

		if (result != RESULT_OK)
			return result;
		listener->loop_count++;
	}
	return RESULT_OK;
}

/* Give the first loop a listening socket, or close it. */
static enum result listener_open_door(
    struct listener *listener, int handle, bool is_owner, struct error *err)
{
	enum result result = loop_listen(listener->loops[0], handle, is_owner,
	    listener_accept, listener, err);

	if (result != RESULT_OK)
		close(handle);
	return result;
}

static enum result listener_open_doors(struct listener *listener,
    const struct listener_options *options, struct error *err)
{
	enum result result;
	int handle;

	result =
	    socket_listen_tcp(options->address, &handle, &listener->port, err);
	if (result != RESULT_OK)
		return result;
	result = listener_open_door(listener, handle, false, err);
	if (result != RESULT_OK || options->socket_path == NULL)
		return result;
	result = socket_listen_unix(options->socket_path, &handle, err);
	if (result != RESULT_OK)
		return result;
	listener->socket_path = strdup(options->socket_path);
	if (listener->socket_path == NULL) {
		unlink(options->socket_path);
		close(handle);
		return error_no_memory(err);
	}
	return listener_open_door(listener, handle, true, err);
}

static enum result listener_start_loops(
    struct listener *listener, struct error *err)
{
	for (size_t i = 0; i < listener->loop_count; i++) {
		enum result result = loop_start(listener->loops[i], err);

		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

enum result listener_start(const struct listener_options *options,
    struct listener **ret_listener, struct error *err)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	size_t connections_max = options->connections_max != 0
				     ? options->connections_max
				     : CONNECTIONS_MAX;
	enum result result;

	assert(options->threads >= 1);
	assert(options->threads <= LISTENER_THREADS_MAX);
	if (listener == NULL)
		return error_no_memory(err);
	gate_init(&listener->gate, connections_max);
	raise_handle_limit(connections_max);
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	result = listener_make_loops(listener, options, err);
	if (result == RESULT_OK)
		result = listener_open_doors(listener, options, err);
	if (result == RESULT_OK)
		result = listener_start_loops(listener, err);
	if (result != RESULT_OK) {
		listener_stop(listener, 0);
		listener_destroy(listener);
		return result;
	}
	*ret_listener = listener;
	return RESULT_OK;
}

uint16_t listener_port(const struct listener *listener)
{
	return listener->port;
}

size_t listener_connections(const struct listener *listener)
{
	return gate_count(&listener->gate);
}

/* --- stop ----------------------------------------------------------------- */

void listener_stop(struct listener *listener, uint32_t grace_ms)
{
	/* Before the doors close: a server that starts now finds either a
	 * socket that answers or none. */
	if (listener->socket_path != NULL)
		unlink(listener->socket_path);
	for (size_t i = 0; i < listener->loop_count; i++)
		loop_stop(listener->loops[i], grace_ms);
	/* The first loop may give to the others to its very end. */
	for (size_t i = 0; i < listener->loop_count; i++)
		loop_destroy(listener->loops[i]);
	listener->loop_count = 0;
}

void listener_destroy(struct listener *listener)
{
	if (listener == NULL)
		return;
	assert(listener->loop_count == 0);
	if (listener->spare >= 0)
		close(listener->spare);
	free(listener->socket_path);
	free(listener);
}
