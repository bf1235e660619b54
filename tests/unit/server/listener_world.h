/*
 * listener_world: a server with a worker and without a ledger, and tills with
 * real sockets on loopback and real TLS.
 */
#ifndef TESTS_UNIT_SERVER_LISTENER_WORLD_H
#define TESTS_UNIT_SERVER_LISTENER_WORLD_H

#include "net_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "server/listener.h"

#define PATIENCE_MS 20000 /* after which a test has failed, not before */

static struct world world;
static char folder[] = "/tmp/test_listener.XXXXXX";
static char socket_path[sizeof(folder) + 16];

static inline int setup_world(void **state)
{
	(void)state;
	log_set_level(LOG_ALARM);
	world_init(&world);
	assert_non_null(mkdtemp(folder));
	snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
	return 0;
}

static inline int teardown_world(void **state)
{
	(void)state;
	assert_int_equal(rmdir(folder), 0);
	world_finish(&world);
	return 0;
}

/* --- a server without a ledger -------------------------------------------- */

struct server {
	struct worker *worker;
	struct listener *listener;
	bool is_gated;	 /* each group waits at `gate` */
	bool is_cutting; /* earn is answered with a cut */
	bool is_large;	 /* ping is answered with four kilobytes */
	sem_t gate;
	sem_t entered;
	atomic_size_t jobs;
};

static inline void server_answer(struct server *server, struct job *job)
{
	tally_EntriesReply *entries = &job->reply.body.entries;

	answer(job);
	if (server->is_cutting &&
	    job->request.which_body == tally_Request_earn_tag)
		job->end = JOB_CUT;
	if (server->is_large &&
	    job->request.which_body == tally_Request_ping_tag) {
		job->reply.which_body = tally_Reply_entries_tag;
		memset(entries, 0, sizeof(*entries));
		entries->records.size = ENTRIES_CHUNK_SIZE_MAX;
	}
}

static inline bool server_work(void *context, struct job **jobs, size_t count)
{
	struct server *server = context;

	if (count == 0)
		return false;
	if (server->is_gated &&
	    jobs[0]->request.which_body != tally_Request_hello_tag) {
		sem_post(&server->entered);
		sem_wait(&server->gate);
	}
	for (size_t i = 0; i < count; i++)
		server_answer(server, jobs[i]);
	atomic_fetch_add(&server->jobs, count);
	return false;
}

static inline struct worker *server_route(void *context, const struct job *job)
{
	struct server *server = context;

	(void)job;
	return server->worker;
}

static inline struct listener_options server_options(struct server *server)
{
	return (struct listener_options){
	    .address = "127.0.0.1:0",
	    .socket_path = socket_path,
	    .context = world.server,
	    .presence = world.presence,
	    .route = server_route,
	    .route_context = server,
	    .threads = 2,
	};
}

static inline void server_start_with(
    struct server *server, const struct listener_options *options)
{
	struct error err;

	sem_init(&server->gate, 0, 0);
	sem_init(&server->entered, 0, 0);
	must(worker_start(
	    server_work, server, 1000, 60000, &server->worker, &err));
	must(listener_start(options, &server->listener, &err));
	assert_int_not_equal(listener_port(server->listener), 0);
}

static inline void server_start(struct server *server)
{
	struct listener_options options = server_options(server);

	server_start_with(server, &options);
}

static inline void server_stop(struct server *server)
{
	listener_stop(server->listener, 5000);
	assert_int_equal(listener_connections(server->listener), 0);
	listener_destroy(server->listener);
	worker_stop(server->worker);
}

/* The other threads' turn, as long as it takes. */
static inline void expect_connections(struct server *server, size_t count)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (listener_connections(server->listener) == count)
			return;
		usleep(1000);
	}
	assert_int_equal(listener_connections(server->listener), count);
}

/* --- a till with a socket ------------------------------------------------- */

struct wire {
	int handle;
	struct till till;
	struct channel_context *context;
};

static inline int dial(uint16_t port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	int handle = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(handle >= 0);
	if (connect(handle, (struct sockaddr *)&address, sizeof(address)) == 0)
		return handle;
	close(handle);
	return -1;
}

static inline int dial_owner(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int handle = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(handle >= 0);
	strcpy(address.sun_path, path);
	assert_int_equal(
	    connect(handle, (struct sockaddr *)&address, sizeof(address)), 0);
	return handle;
}

static inline void write_all(int handle, struct bytes bytes)
{
	size_t done = 0;

	while (done < bytes.size) {
		ssize_t sent = send(
		    handle, bytes.data + done, bytes.size - done, MSG_NOSIGNAL);

		assert_true(sent > 0);
		done += (size_t)sent;
	}
}

static inline void wire_write(struct wire *wire)
{
	write_all(wire->handle, buffer_view(&wire->till.output));
	wire->till.output.size = 0;
}

/* Wait for bytes. 0 at the server's end, whichever kind. */
static inline size_t wait_bytes(int handle, uint8_t *to, size_t size)
{
	struct pollfd waiting = {.fd = handle, .events = POLLIN};
	ssize_t received;

	assert_int_equal(poll(&waiting, 1, PATIENCE_MS), 1);
	received = recv(handle, to, size, 0);
	if (received < 0)
		assert_int_equal(errno, ECONNRESET);
	return received > 0 ? (size_t)received : 0;
}

/* False at the server's end. */
static inline bool wire_read(struct wire *wire)
{
	uint8_t bytes[16384];
	size_t size = wait_bytes(wire->handle, bytes, sizeof(bytes));
	struct error err;

	if (size == 0)
		return false;
	must(till_receive(&wire->till, bytes_of(bytes, size), &err));
	return true;
}

static inline void wire_expect_end(struct wire *wire)
{
	while (wire_read(wire))
		;
}

static inline tally_Reply wire_reply(struct wire *wire)
{
	tally_Reply reply;

	while (!till_reply(&wire->till, &reply))
		assert_true(wire_read(wire));
	return reply;
}

static inline uint64_t wire_send(struct wire *wire, tally_Request request)
{
	uint64_t id = till_send(&wire->till, &request);

	wire_write(wire);
	return id;
}

static inline void wire_call(
    struct wire *wire, tally_Request request, pb_size_t which)
{
	uint64_t id = wire_send(wire, request);
	tally_Reply reply = wire_reply(wire);

	assert_int_equal(reply.id, id);
	assert_int_equal(reply.which_body, which);
}

static inline void wire_shake(struct wire *wire)
{
	wire_write(wire);
	while (!channel_is_open(wire->till.channel)) {
		assert_true(wire_read(wire));
		wire_write(wire);
	}
}

static inline void wire_dial(
    struct wire *wire, struct server *server, struct channel_context *context)
{
	wire->context = context;
	wire->handle = dial(listener_port(server->listener));
	assert_true(wire->handle >= 0);
	till_init(&wire->till, context);
}

/* Connected, and hello said. */
static inline void wire_open(
    struct wire *wire, struct server *server, uint32_t number)
{
	wire_dial(wire, server, world_client(&world, ROLE_TERMINAL, number));
	wire_shake(wire);
	wire_call(wire, request_hello(), tally_Reply_hello_tag);
}

static inline void wire_open_owner(struct wire *wire)
{
	wire->context = NULL;
	wire->handle = dial_owner(socket_path);
	till_init(&wire->till, NULL);
}

static inline void wire_close(struct wire *wire)
{
	close(wire->handle);
	till_finish(&wire->till);
	channel_context_destroy(wire->context);
}

#endif
