/*
 * session: one connection's state, without sockets, threads or a clock.
 * Above: listener. Below: channel, frame, message.
 *
 * Bytes and times in; bytes to send, jobs to do, and a deadline out.
 * States: handshake -> (enrolling | hello expected | greeting | open) ->
 * closing. On the owner's socket there is no channel and the state is open at
 * once. While hello is in flight nothing else is taken up.
 *
 * Limits are those of limits.h. Handshake, first request, request and idle
 * time close the connection. At IN_FLIGHT_MAX jobs, or OUTPUT_QUEUED_SIZE_MAX
 * bytes queued or owed to jobs in flight that answer with many frames, a
 * session stops wanting input: what is queued stays below that plus one reply a
 * job in flight. Requests that came with the last bytes wait inside; so at most
 * one receive's worth is kept.
 *
 * A protocol error is answered with a refusal (MALFORMED, with the request's
 * id where that much could be read, otherwise 0), then the connection closes;
 * a request by a revoked terminal likewise (TERMINAL_REVOKED). A refused hello
 * and the answer to an enrol request close it too.
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include "proto/channel.h"
#include "proto/frame.h"
#include "server/presence.h"
#include "server/worker.h"

#define CLOSE_MS_MAX 10000u /* from closing to cutting */

struct session;

/* `context` NULL: the owner's socket. Everything is borrowed and outlives the
 * session. Times are monotonic milliseconds. */
enum result session_create(struct channel_context *context,
    struct presence *presence, struct mailbox *mailbox, uint64_t now_ms,
    struct session **ret_session, struct error *err);
/* Only with no job in flight. Harmless for NULL. */
void session_destroy(struct session *session);

/* Bytes came from the peer. Jobs to be done are linked to the end of the list
 * `*ret_jobs`, which the caller has set to NULL or to jobs of before. `session`
 * in each is this one, until the caller writes what it wants. */
void session_receive(struct session *session, struct bytes received,
    uint64_t now_ms, struct job **ret_jobs);
/* The peer sent its end: what was asked is still done, and answered where TLS
 * was not closed as well. */
void session_end(struct session *session, uint64_t now_ms);
/* A job came back; it is freed. Call session_flush() after the last one of a
 * group: one encryption and one write a connection a group. */
void session_complete(
    struct session *session, struct job *job, uint64_t now_ms);
/* Encrypt what is answered and take up requests that had to wait. Also to be
 * called when queued output has been sent. */
void session_flush(
    struct session *session, uint64_t now_ms, struct job **ret_jobs);

/* Bytes to send: take them with session_sent(). */
struct bytes session_output(const struct session *session);
void session_sent(struct session *session, size_t size);

/* The monotonic time at which session_time() wants to be called. */
uint64_t session_deadline_ms(const struct session *session);
void session_time(struct session *session, uint64_t now_ms);

bool session_wants_input(const struct session *session);
/* Its work is done: once output is empty and no job is in flight, destroy. */
bool session_is_closing(const struct session *session);
/* It must be cut now, output or not. */
bool session_is_dead(const struct session *session);
size_t session_in_flight(const struct session *session);
/* In the handshake, or enrolling: nothing says who it is. Strangers take up no
 * more places than HANDSHAKES_MAX. */
bool session_is_stranger(const struct session *session);
/* Close because the server stops: no new jobs (SHUTTING_DOWN), what is in
 * flight ends. */
void session_stop(struct session *session, uint64_t now_ms);
/* Close if its terminal has been revoked. */
void session_check_revoked(struct session *session, uint64_t now_ms);
/* 0 before the handshake, while enrolling, and on the owner's socket. */
uint32_t session_terminal(const struct session *session);
/* Why it closed, for the log; "" while it is open. */
const char *session_reason(const struct session *session);

#endif
