/*
 * loop: one network thread, and the connections that live on it.
 * Above: listener. Below: connection, session. The only user of libuv.
 *
 * A loop touches its connections alone. What comes from elsewhere (finished
 * jobs, accepted sockets, a revocation, the stop) may come from any thread and
 * takes effect at once.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include "server/connection.h"
#include "server/gate.h"

struct loop;

/* Everything is borrowed and outlives the loop. */
struct loop_options {
	struct channel_context *context; /* TLS, server side */
	struct presence *presence;
	struct gate *gate;
	struct router router;
};

/* An accepted socket on its way to its loop; on the heap. */
struct arrival {
	struct arrival *next;
	int handle;
	bool is_owner;
	char peer[SOCKET_PEER_SIZE];
};

enum result loop_create(const struct loop_options *options,
    struct loop **ret_loop, struct error *err);
/* Call `ready` on the loop's thread while somebody waits on the listening
 * `handle`. Before loop_start(); at most twice. The loop closes the handle when
 * it stops. */
typedef void loop_ready_fn(void *context, int handle, bool is_owner);
enum result loop_listen(struct loop *loop, int handle, bool is_owner,
    loop_ready_fn *ready, void *context, struct error *err);
enum result loop_start(struct loop *loop, struct error *err);

/* Takes the arrival, and its place in the gate, for good. */
void loop_give(struct loop *loop, struct arrival *arrival);
/* Connections given to it and not closed. */
size_t loop_open(const struct loop *loop);

/* Begin to stop: take no more, let what is in flight end, at most for
 * `grace_ms`; then close. */
void loop_stop(struct loop *loop, uint32_t grace_ms);
/* After loop_stop(): wait for the end, and free. Also for a loop that was
 * never started. */
void loop_destroy(struct loop *loop);

#endif
