/*
 * connection: the reading, sending and ending of one socket.
 *
 * The session owns what is to be sent until the socket has taken it; nothing
 * is copied on the way.
 */
#include "server/connection.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void connection_init(struct connection *connection, int handle,
    const char peer[SOCKET_PEER_SIZE], struct session *session,
    struct outbox *outbox)
{
	*connection = (struct connection){
	    .handle = handle, .session = session, .outbox = outbox};
	memcpy(connection->peer, peer, sizeof(connection->peer));
}

void connection_close(struct connection *connection)
{
	connection->is_over = true;
	close(connection->handle);
	connection->handle = -1;
}

void connection_finish(struct connection *connection)
{
	assert(connection->handle < 0);
	session_destroy(connection->session);
	connection->session = NULL;
}

static void connection_break(struct connection *connection, const char *lost)
{
	connection->lost = lost;
	connection->is_over = true;
}

void connection_fail(struct connection *connection)
{
	connection_break(connection, "connection lost");
}

/* --- jobs ----------------------------------------------------------------- */

void outbox_init(struct outbox *outbox, const struct router *router)
{
	outbox->router = *router;
	outbox->count = 0;
	outbox->first = NULL;
	outbox->last = &outbox->first;
}

void outbox_flush(struct outbox *outbox)
{
	const struct router *router = &outbox->router;
	struct job *jobs = outbox->first;

	outbox->count = 0;
	outbox->first = NULL;
	outbox->last = &outbox->first;
	while (jobs != NULL) {
		struct worker *worker = router->route(router->context, jobs);
		struct job *first = jobs;
		struct job *last = jobs;

		while (last->next != NULL &&
		       router->route(router->context, last->next) == worker)
			last = last->next;
		jobs = last->next;
		last->next = NULL;
		worker_put(worker, first);
	}
}

static void connection_submit(struct connection *connection, struct job *jobs)
{
	struct outbox *outbox = connection->outbox;

	*outbox->last = jobs;
	while (*outbox->last != NULL) {
		(*outbox->last)->session = connection;
		outbox->last = &(*outbox->last)->next;
		outbox->count++;
	}
	if (outbox->count >= OUTBOX_JOBS_MAX)
		outbox_flush(outbox);
}

/* --- bytes ---------------------------------------------------------------- */

static bool is_passing(int reason)
{
	return reason == EAGAIN || reason == EWOULDBLOCK || reason == EINTR;
}

static void connection_read(
    struct connection *connection, struct scratch *scratch, uint64_t now_ms)
{
	struct job *jobs = NULL;
	ssize_t received =
	    recv(connection->handle, scratch->bytes, sizeof(scratch->bytes), 0);

	if (received < 0) {
		if (!is_passing(errno))
			connection_fail(connection);
	} else if (received == 0) {
		connection->is_ended = true;
		session_end(connection->session, now_ms);
	} else {
		session_receive(connection->session,
		    bytes_of(scratch->bytes, (size_t)received), now_ms, &jobs);
		connection_submit(connection, jobs);
	}
}

static void connection_discard(
    struct connection *connection, struct scratch *scratch)
{
	ssize_t received =
	    recv(connection->handle, scratch->bytes, sizeof(scratch->bytes), 0);

	if (received == 0 || (received < 0 && !is_passing(errno)))
		connection->is_over = true;
}

/* Send what the socket takes. */
static void connection_send(struct connection *connection)
{
	struct bytes output = session_output(connection->session);

	while (output.size > 0) {
		ssize_t sent = send(
		    connection->handle, output.data, output.size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			if (!is_passing(errno))
				connection_fail(connection);
			return;
		}
		session_sent(connection->session, (size_t)sent);
		output = session_output(connection->session);
	}
}

/* Sent output makes room, so requests that waited for it are taken up, and
 * may bring more output themselves. */
static void connection_drain(struct connection *connection, uint64_t now_ms)
{
	struct session *session = connection->session;

	while (session_output(session).size > 0 && !connection->is_over) {
		struct job *jobs = NULL;

		connection_send(connection);
		if (session_output(session).size > 0)
			return;
		session_flush(session, now_ms, &jobs);
		connection_submit(connection, jobs);
	}
}

/*
 * Closing a socket with unread input resets it, which may take our last bytes
 * from the peer before it has read them. So: say that we are done, then read
 * to the peer's end, but not for long.
 */
static void connection_linger(struct connection *connection, uint64_t now_ms)
{
	connection->linger_ms = now_ms + LINGER_MS_MAX;
	if (connection->is_ended || shutdown(connection->handle, SHUT_WR) != 0)
		connection->is_over = true;
}

static void connection_step(struct connection *connection, uint64_t now_ms)
{
	struct session *session = connection->session;

	if (connection->is_over || connection->linger_ms > 0)
		return;
	if (!session_is_dead(session))
		connection_drain(connection, now_ms);
	if (session_is_dead(session))
		connection->is_over = true;
	else if (session_is_closing(session) &&
		 session_in_flight(session) == 0 &&
		 session_output(session).size == 0)
		connection_linger(connection, now_ms);
}

void connection_work(struct connection *connection, unsigned ready,
    struct scratch *scratch, uint64_t now_ms)
{
	bool may_read = (ready & CONNECTION_READ) != 0;

	if (connection->linger_ms > 0 && may_read)
		connection_discard(connection, scratch);
	else if (may_read && session_wants_input(connection->session))
		connection_read(connection, scratch, now_ms);
	connection_step(connection, now_ms);
}

void connection_flush(struct connection *connection, uint64_t now_ms)
{
	struct job *jobs = NULL;

	session_flush(connection->session, now_ms, &jobs);
	connection_submit(connection, jobs);
	connection_step(connection, now_ms);
}

void connection_time(struct connection *connection, uint64_t now_ms)
{
	if (connection->linger_ms == 0)
		session_time(connection->session, now_ms);
	else if (now_ms >= connection->linger_ms)
		connection->is_over = true;
	connection_step(connection, now_ms);
}

/* --- what the listener wants to know -------------------------------------- */

unsigned connection_wants(const struct connection *connection)
{
	unsigned wants = 0;

	if (connection->linger_ms > 0 ||
	    session_wants_input(connection->session))
		wants |= CONNECTION_READ;
	if (session_output(connection->session).size > 0)
		wants |= CONNECTION_WRITE;
	return wants;
}

bool connection_is_over(const struct connection *connection)
{
	return connection->is_over;
}

const char *connection_reason(const struct connection *connection)
{
	const char *known = session_reason(connection->session);

	if (known[0] != '\0')
		return known;
	return connection->lost != NULL ? connection->lost : "cut";
}
