/*
 * listener: sockets, network threads and their event loops.
 * Above: tallyd. Below: loop, gate, socket.
 *
 * `threads` loops. The first accepts, from the TCP socket and from the owner's
 * Unix socket (mode 0600; the peer's user must be ours or root), and gives
 * each TCP connection to the loop that has the fewest. A connection stays with
 * its loop; its jobs go to the worker that `route` chooses.
 *
 * Past `connections_max` or HANDSHAKES_MAX a connection is accepted and closed
 * at once. A revocation wakes every loop (presence_watch), so that it acts on
 * connections on which nothing happens.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "server/session.h"

#define LISTENER_THREADS_MAX 16u

struct listener;

struct listener_options {
	const char *address;		 /* "host:port"; port 0: any */
	const char *socket_path;	 /* NULL: no owner's socket */
	struct channel_context *context; /* TLS, server side; borrowed */
	struct presence *presence;	 /* borrowed */
	/* Called on every network thread; never NULL. */
	struct worker *(*route)(void *context, const struct job *job);
	void *route_context;
	unsigned threads;	  /* 1 … LISTENER_THREADS_MAX */
	unsigned connections_max; /* 0: CONNECTIONS_MAX */
};

/*
 * RESULT_BUSY where the port or the socket is in use by another server,
 * RESULT_EXISTS where `socket_path` is something else than a socket,
 * RESULT_INVALID for an address that is none. A socket that a dead server left
 * behind is replaced. Raises the process's soft limit on open files to what
 * `connections_max` takes, as far as the hard limit allows.
 */
enum result listener_start(const struct listener_options *options,
    struct listener **ret_listener, struct error *err);
/* The port it listens on. */
uint16_t listener_port(const struct listener *listener);
/* Open connections, the owner's included. Any thread. */
size_t listener_connections(const struct listener *listener);
/* Accept no more, let what is in flight end (at most `grace_ms`), close all,
 * and join the threads. The workers must still run, and finish all jobs that
 * they have: only then do the threads end. Once. */
void listener_stop(struct listener *listener, uint32_t grace_ms);
/* After listener_stop(). Harmless for NULL. */
void listener_destroy(struct listener *listener);

#endif
