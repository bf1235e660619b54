/*
 * remote: the till's connection to the server, for as long as the till runs.
 * Above: desk. Below: channel, frame, message; a socket.
 *
 * A state machine that never blocks but for the name service: resolve,
 * connect, shake hands, hello, open; and back-off between attempts, 250 ms
 * doubling to 10 s, each drawn from its upper half. A connection that was
 * steady and breaks is tried again at once and reported as lost; as down only
 * when that attempt fails. Requests that were not answered are the caller's
 * to send again after the next REMOTE_UP.
 *
 * Names are resolved (getaddrinfo, which may block for some seconds) before
 * the first attempt, and again only when every address that is known has
 * failed. A numeric address never asks the name service.
 *
 * Times are monotonic milliseconds. One thread owns a remote.
 */
#ifndef CLIENT_REMOTE_H
#define CLIENT_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/channel.h"
#include "proto/message.h"

#define REMOTE_RETRY_MS_MIN 250u
#define REMOTE_RETRY_MS_MAX 10000u
#define REMOTE_CONNECT_MS 5000u /* from the first packet to hello's answer */
#define REMOTE_ANSWER_MS 5000u	/* silence with a request outstanding */
#define REMOTE_STEADY_MS 1000u	/* open this long: a break is tried at once */
#define REMOTE_ADDRESSES_MAX 8u

enum remote_kind {
	REMOTE_UP,	/* `reply` holds hello's answer */
	REMOTE_REPLY,	/* `reply` */
	REMOTE_REFUSED, /* hello was refused: `refusal`; tried again later */
	REMOTE_LOST,	/* an open connection broke; it is being tried again */
	REMOTE_DOWN,	/* an attempt failed: `why` and `say` */
};

struct remote_event {
	enum remote_kind kind;
	const tally_Reply *reply; /* borrowed until the next call */
	struct refusal refusal;
	const char *why; /* "server_away", "server_unknown", "protocol" */
	const char *say; /* a sentence, borrowed until the next call */
};

struct remote;

/* `context` is borrowed. Nothing is done before the first remote_time().
 * RESULT_INVALID for an address that is not "host:port". */
enum result remote_create(const char *address, struct channel_context *context,
    const char *software, struct remote **ret_remote, struct error *err);
void remote_destroy(struct remote *remote);

/* The counter that hello tells: the outbox's next. Set before remote_time(). */
void remote_set_next_counter(struct remote *remote, uint64_t next_counter);

/* For poll(2): -1 while there is no socket. */
int remote_handle(const struct remote *remote);
short remote_events(const struct remote *remote);
/* When remote_time() wants to be called. */
uint64_t remote_deadline_ms(const struct remote *remote);

/* The socket is ready, or an error is on it. */
void remote_ready(struct remote *remote, uint64_t now_ms);
void remote_time(struct remote *remote, uint64_t now_ms);

/* The next event; false when there is none. Call until then after each
 * remote_ready() and remote_time(). */
bool remote_next(
    struct remote *remote, uint64_t now_ms, struct remote_event *ret_event);

/* Queue a request, with an id below 2^63; only between REMOTE_UP and the next
 * REMOTE_LOST, REMOTE_DOWN or REMOTE_REFUSED (asserted). */
void remote_send(
    struct remote *remote, const tally_Request *request, uint64_t now_ms);
/* Encrypt what is queued in one piece and write what the socket takes. */
void remote_flush(struct remote *remote, uint64_t now_ms);

/* The pause after `failures` attempts (from 1) that failed in a row; `random`
 * is any number. Pure. */
uint32_t remote_pause_ms(unsigned failures, uint32_t random);

#endif
