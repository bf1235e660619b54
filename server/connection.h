/*
 * connection: a session on a connected socket.
 * Above: listener. Below: session, worker.
 *
 * Reads, hands out jobs, sends, and ends in good order. It knows
 * no event loop: it is told what the socket is ready for, and says what it
 * waits for. For one thread at a time.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "server/session.h"
#include "server/socket.h"

#define LINGER_MS_MAX 1000u /* for the peer to read our last bytes */

/* To which worker a job goes; never NULL. */
struct router {
	struct worker *(*route)(void *context, const struct job *job);
	void *context;
};

/*
 * Jobs on their way to their workers, of all connections that one round of
 * events was about. They are put together: a worker that is woken by the first
 * of them would begin a group with that one alone.
 */
struct outbox {
	struct router router;
	size_t count;
	struct job *first;
	struct job **last;
};

/* So many are put before the round has ended: a long one does not keep the
 * workers waiting. */
#define OUTBOX_JOBS_MAX 64u

void outbox_init(struct outbox *outbox, const struct router *router);
/* Put all, with one lock for each run of neighbours for the same worker. */
void outbox_flush(struct outbox *outbox);

/* What a socket is ready for, or is waited for. */
#define CONNECTION_READ 1u
#define CONNECTION_WRITE 2u

struct connection {
	int handle; /* -1 once closed */
	struct session *session;
	struct outbox *outbox; /* borrowed */
	const char *lost;   /* why it broke, where the session does not know */
	uint64_t linger_ms; /* until then it reads, to no end; 0: not yet */
	bool is_ended;	    /* the peer sends nothing more */
	bool is_over;
	char peer[SOCKET_PEER_SIZE];
};

/* Where received bytes go for a moment; one for each thread. */
struct scratch {
	uint8_t bytes[65536];
};

/* The socket and the session are the connection's on success. */
void connection_init(struct connection *connection, int handle,
    const char peer[SOCKET_PEER_SIZE], struct session *session,
    struct outbox *outbox);
/* Close the socket, whatever waits on it. Jobs may still be in flight. */
void connection_close(struct connection *connection);
/* Only closed and with no job in flight. */
void connection_finish(struct connection *connection);

/* Do what can be done now; `ready` is what the socket is ready for (0 after
 * something happened to the session). Jobs go to the outbox; their `session`
 * is the connection. */
void connection_work(struct connection *connection, unsigned ready,
    struct scratch *scratch, uint64_t now_ms);
/* The socket failed. */
void connection_fail(struct connection *connection);
/* A group's finished jobs are in the session: encrypt, and work. */
void connection_flush(struct connection *connection, uint64_t now_ms);
/* Look at the deadlines, and work. */
void connection_time(struct connection *connection, uint64_t now_ms);

/* What to wait for: a set of CONNECTION_READ and CONNECTION_WRITE. */
unsigned connection_wants(const struct connection *connection);
/* To be closed now. */
bool connection_is_over(const struct connection *connection);
/* For the log. */
const char *connection_reason(const struct connection *connection);

#endif
