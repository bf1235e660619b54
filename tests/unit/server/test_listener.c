/*
 * Tests of listener, and with it loop, connection, socket and gate: real
 * sockets on loopback, real TLS, and a worker without a ledger.
 */
#include "net_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "server/gate.h"
#include "server/listener.h"
#include "server/loop.h"

#define PATIENCE_MS 20000 /* after which a test has failed, not before */

static struct world world;
static char folder[] = "/tmp/test_listener.XXXXXX";
static char socket_path[sizeof(folder) + 16];

static int setup_world(void **state)
{
	(void)state;
	log_set_level(LOG_ALARM);
	world_init(&world);
	assert_non_null(mkdtemp(folder));
	snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
	return 0;
}

static int teardown_world(void **state)
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

static void server_answer(struct server *server, struct job *job)
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

static bool server_work(void *context, struct job **jobs, size_t count)
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

static struct worker *server_route(void *context, const struct job *job)
{
	struct server *server = context;

	(void)job;
	return server->worker;
}

static struct listener_options server_options(struct server *server)
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

static void server_start_with(
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

static void server_start(struct server *server)
{
	struct listener_options options = server_options(server);

	server_start_with(server, &options);
}

static void server_stop(struct server *server)
{
	listener_stop(server->listener, 5000);
	assert_int_equal(listener_connections(server->listener), 0);
	listener_destroy(server->listener);
	worker_stop(server->worker);
}

/* The other threads' turn, as long as it takes. */
static void expect_connections(struct server *server, size_t count)
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

static int dial(uint16_t port)
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

static int dial_owner(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int handle = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(handle >= 0);
	strcpy(address.sun_path, path);
	assert_int_equal(
	    connect(handle, (struct sockaddr *)&address, sizeof(address)), 0);
	return handle;
}

static void write_all(int handle, struct bytes bytes)
{
	size_t done = 0;

	while (done < bytes.size) {
		ssize_t sent = send(
		    handle, bytes.data + done, bytes.size - done, MSG_NOSIGNAL);

		assert_true(sent > 0);
		done += (size_t)sent;
	}
}

static void wire_write(struct wire *wire)
{
	write_all(wire->handle, buffer_view(&wire->till.output));
	wire->till.output.size = 0;
}

/* Wait for bytes. 0 at the server's end, whichever kind. */
static size_t wait_bytes(int handle, uint8_t *to, size_t size)
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
static bool wire_read(struct wire *wire)
{
	uint8_t bytes[16384];
	size_t size = wait_bytes(wire->handle, bytes, sizeof(bytes));
	struct error err;

	if (size == 0)
		return false;
	must(till_receive(&wire->till, bytes_of(bytes, size), &err));
	return true;
}

static void wire_expect_end(struct wire *wire)
{
	while (wire_read(wire))
		;
}

static tally_Reply wire_reply(struct wire *wire)
{
	tally_Reply reply;

	while (!till_reply(&wire->till, &reply))
		assert_true(wire_read(wire));
	return reply;
}

static uint64_t wire_send(struct wire *wire, tally_Request request)
{
	uint64_t id = till_send(&wire->till, &request);

	wire_write(wire);
	return id;
}

static void wire_call(struct wire *wire, tally_Request request, pb_size_t which)
{
	uint64_t id = wire_send(wire, request);
	tally_Reply reply = wire_reply(wire);

	assert_int_equal(reply.id, id);
	assert_int_equal(reply.which_body, which);
}

static void wire_shake(struct wire *wire)
{
	wire_write(wire);
	while (!channel_is_open(wire->till.channel)) {
		assert_true(wire_read(wire));
		wire_write(wire);
	}
}

static void wire_dial(
    struct wire *wire, struct server *server, struct channel_context *context)
{
	wire->context = context;
	wire->handle = dial(listener_port(server->listener));
	assert_true(wire->handle >= 0);
	till_init(&wire->till, context);
}

/* Connected, and hello said. */
static void wire_open(struct wire *wire, struct server *server, uint32_t number)
{
	wire_dial(wire, server, world_client(&world, ROLE_TERMINAL, number));
	wire_shake(wire);
	wire_call(wire, request_hello(), tally_Reply_hello_tag);
}

static void wire_open_owner(struct wire *wire)
{
	wire->context = NULL;
	wire->handle = dial_owner(socket_path);
	till_init(&wire->till, NULL);
}

static void wire_close(struct wire *wire)
{
	close(wire->handle);
	till_finish(&wire->till);
	channel_context_destroy(wire->context);
}

/* --- work ----------------------------------------------------------------- */

static void many_tills_pipeline_and_each_gets_its_own_answers(void **state)
{
	enum { TILLS = 12, DEPTH = 64, ROUNDS = 3 };
	struct server server = {0};
	struct wire wires[TILLS];

	(void)state;
	server_start(&server);
	for (uint32_t i = 0; i < TILLS; i++)
		wire_open(&wires[i], &server, i + 1);
	assert_int_equal(listener_connections(server.listener), TILLS);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < TILLS; i++) {
			for (uint64_t k = 0; k < DEPTH; k++) {
				tally_Request earn =
				    request_earn(1000 * (i + 1) + k);

				till_send(&wires[i].till, &earn);
			}
			wire_write(&wires[i]);
		}
		for (size_t i = 0; i < TILLS; i++) {
			for (uint64_t k = 0; k < DEPTH; k++) {
				tally_Reply reply = wire_reply(&wires[i]);

				assert_int_equal(
				    reply.id, 2 + round * DEPTH + k);
				assert_int_equal(reply.body.operation.entry,
				    1000 * (i + 1) + k);
			}
		}
	}
	assert_int_equal(server.jobs, TILLS * (1 + DEPTH * ROUNDS));
	for (size_t i = 0; i < TILLS; i++)
		wire_close(&wires[i]);
	server_stop(&server);
}

static void a_till_that_pipelines_beyond_its_limit_gets_all_answers(
    void **state)
{
	enum { COUNT = 1000 };
	struct server server = {0};
	struct wire wire;

	(void)state;
	server_start(&server);
	wire_open(&wire, &server, 1);
	for (size_t i = 0; i < COUNT; i++) {
		tally_Request ping = request_ping();

		till_send(&wire.till, &ping);
	}
	wire_write(&wire);
	for (uint64_t i = 0; i < COUNT; i++)
		assert_int_equal(wire_reply(&wire).id, 2 + i);
	wire_close(&wire);
	server_stop(&server);
}

static void a_slow_reader_gets_everything_in_the_end(void **state)
{
	enum { COUNT = 1500 };
	struct server server = {.is_large = true};
	struct wire slow, quick;
	int size = 131072;

	(void)state;
	server_start(&server);
	wire_open(&slow, &server, 1);
	wire_open(&quick, &server, 2);
	setsockopt(slow.handle, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < COUNT; i++) {
		tally_Request ping = request_ping();

		till_send(&slow.till, &ping);
	}
	wire_write(&slow);
	/* Others are served meanwhile. */
	for (size_t i = 0; i < 50; i++)
		wire_call(&quick, request_ping(), tally_Reply_entries_tag);
	/* Not all can have been done: nobody has read the answers, and six
	 * megabytes fit nowhere. */
	assert_true(server.jobs < COUNT);
	for (uint64_t i = 0; i < COUNT; i++)
		assert_int_equal(wire_reply(&slow).id, 2 + i);
	wire_close(&quick);
	wire_close(&slow);
	server_stop(&server);
}

static void the_owner_asks_over_the_unix_socket(void **state)
{
	struct server server = {0};
	struct wire wire;
	struct stat status;

	(void)state;
	server_start(&server);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0600);
	wire_open_owner(&wire);
	wire_call(&wire, request_ping(), tally_Reply_pong_tag);
	wire_call(&wire, request_ping(), tally_Reply_pong_tag);
	wire_close(&wire);
	expect_connections(&server, 0);
	server_stop(&server);
	assert_int_equal(stat(socket_path, &status), -1);
}

static void a_new_till_enrols(void **state)
{
	struct server server = {0};
	struct wire wire;

	(void)state;
	server_start(&server);
	wire_dial(&wire, &server, world_enroller(&world));
	wire_shake(&wire);
	wire_call(&wire, request_enrol(), tally_Reply_enrol_terminal_tag);
	wire_expect_end(&wire);
	assert_true(wire.till.is_closed);
	wire_close(&wire);
	server_stop(&server);
}

/* --- two workers ---------------------------------------------------------- */

struct fork {
	struct server ledger, side;
};

static struct worker *fork_route(void *context, const struct job *job)
{
	struct fork *fork = context;

	return job->request.which_body == tally_Request_ping_tag
		   ? fork->side.worker
		   : fork->ledger.worker;
}

static void each_job_goes_to_the_worker_of_its_route(void **state)
{
	struct fork fork = {0};
	struct listener_options options = server_options(&fork.ledger);
	struct error err;
	struct wire wire;

	(void)state;
	options.route = fork_route;
	options.route_context = &fork;
	must(worker_start(
	    server_work, &fork.side, 100, 60000, &fork.side.worker, &err));
	server_start_with(&fork.ledger, &options);
	wire_open(&wire, &fork.ledger, 1);
	for (uint64_t i = 0; i < 30; i++) {
		tally_Request request =
		    i % 3 == 0 ? request_earn(i + 1) : request_ping();

		till_send(&wire.till, &request);
	}
	wire_write(&wire);
	for (size_t i = 0; i < 30; i++)
		wire_reply(&wire);
	assert_int_equal(fork.ledger.jobs, 1 + 10);
	assert_int_equal(fork.side.jobs, 20);
	wire_close(&wire);
	server_stop(&fork.ledger);
	worker_stop(fork.side.worker);
}

/* --- bad peers ------------------------------------------------------------ */

static void garbage_is_shown_the_door(void **state)
{
	static const char *const garbage[] = {"GET / HTTP/1.1\r\n\r\n", "\n",
	    "\x16\x03\x01\xff\xff", "SSH-2.0-OpenSSH_9.2\r\n"};
	struct server server = {0};
	struct wire good;

	(void)state;
	server_start(&server);
	wire_open(&good, &server, 1);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		int handle = dial(listener_port(server.listener));
		uint8_t bytes[1024];

		write_all(handle, bytes_of_string(garbage[i]));
		shutdown(handle, SHUT_WR);
		while (wait_bytes(handle, bytes, sizeof(bytes)) > 0)
			;
		close(handle);
	}
	expect_connections(&server, 1);
	wire_call(&good, request_ping(), tally_Reply_pong_tag);
	wire_close(&good);
	server_stop(&server);
}

static void a_protocol_error_is_answered_before_the_end(void **state)
{
	struct server server = {0};
	struct wire wire;
	static const uint8_t frame[] = {0, 0, 0, 2, 0x08, 77};
	tally_Reply reply;

	(void)state;
	server_start(&server);
	wire_open(&wire, &server, 1);
	till_send_bytes(&wire.till, bytes_of(frame, sizeof(frame)));
	/* More behind it, which the server does not read any more: a plain
	 * close would reset the connection and lose the answer. */
	for (size_t i = 0; i < 200; i++) {
		tally_Request ping = request_ping();

		till_send(&wire.till, &ping);
	}
	wire_write(&wire);
	reply = wire_reply(&wire);
	assert_int_equal(reply.id, 77);
	assert_int_equal(reply.which_body, tally_Reply_refusal_tag);
	assert_int_equal(reply.body.refusal.code, REFUSAL_MALFORMED);
	wire_expect_end(&wire);
	assert_true(wire.till.is_closed);
	wire_close(&wire);
	server_stop(&server);
}

static void peers_that_go_away_leave_nothing_behind(void **state)
{
	struct server server = {0};
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct wire wire;
	int handle;

	(void)state;
	server_start(&server);
	/* At once; in the middle of the handshake; after hello; and each of
	 * them once more by a reset. */
	for (int is_reset = 0; is_reset < 2; is_reset++) {
		for (int step = 0; step < 3; step++) {
			if (step == 2)
				wire_open(&wire, &server, 1);
			else
				wire_dial(&wire, &server,
				    world_client(&world, ROLE_TERMINAL, 1));
			if (step == 1)
				write_all(wire.handle,
				    bytes_of(wire.till.output.data, 20));
			expect_connections(&server, 1);
			if (is_reset)
				setsockopt(wire.handle, SOL_SOCKET, SO_LINGER,
				    &reset, sizeof(reset));
			wire_close(&wire);
			expect_connections(&server, 0);
		}
	}
	handle = dial(listener_port(server.listener));
	assert_true(handle >= 0);
	close(handle);
	server_stop(&server);
}

static void a_till_that_ends_with_requests_in_flight_leaves_nothing(
    void **state)
{
	struct server server = {.is_gated = true};
	struct wire wire;

	(void)state;
	server_start(&server);
	wire_open(&wire, &server, 1);
	wire_send(&wire, request_ping());
	sem_wait(&server.entered);
	assert_true(presence_is_connected(world.presence, 1));
	wire_close(&wire);
	/* The connection is there until its job is. */
	sem_post(&server.gate);
	expect_connections(&server, 0);
	server_stop(&server);
	assert_false(presence_is_connected(world.presence, 1));
}

static void a_till_that_only_stops_sending_is_answered(void **state)
{
	struct server server = {.is_gated = true};
	struct wire wire;
	tally_Reply reply;

	(void)state;
	server_start(&server);
	wire_open(&wire, &server, 1);
	wire_send(&wire, request_ping());
	shutdown(wire.handle, SHUT_WR);
	sem_wait(&server.entered);
	sem_post(&server.gate);
	reply = wire_reply(&wire);
	assert_int_equal(reply.which_body, tally_Reply_pong_tag);
	wire_expect_end(&wire);
	assert_true(wire.till.is_closed);
	wire_close(&wire);
	server_stop(&server);
}

static void an_unknown_outcome_cuts_without_an_answer(void **state)
{
	struct server server = {.is_cutting = true};
	struct wire cut, other;
	tally_Reply reply;

	(void)state;
	server_start(&server);
	wire_open(&cut, &server, 1);
	wire_open(&other, &server, 2);
	wire_send(&cut, request_earn(1));
	wire_expect_end(&cut);
	assert_false(till_reply(&cut.till, &reply));
	assert_false(cut.till.is_closed);
	wire_call(&other, request_ping(), tally_Reply_pong_tag);
	wire_close(&other);
	wire_close(&cut);
	server_stop(&server);
}

/* --- limits --------------------------------------------------------------- */

static void expect_closed_at_once(struct server *server)
{
	int handle = dial(listener_port(server->listener));
	uint8_t byte;

	assert_true(handle >= 0);
	assert_int_equal(wait_bytes(handle, &byte, 1), 0);
	close(handle);
}

static void a_connection_too_many_is_closed_at_once(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	struct wire wires[3], owner;

	(void)state;
	options.connections_max = 2;
	server_start_with(&server, &options);
	wire_open(&wires[0], &server, 1);
	wire_open(&wires[1], &server, 2);
	expect_closed_at_once(&server);
	/* The owner still gets in. */
	wire_open_owner(&owner);
	wire_call(&owner, request_ping(), tally_Reply_pong_tag);
	wire_close(&owner);
	wire_close(&wires[0]);
	expect_connections(&server, 1);
	wire_open(&wires[2], &server, 3);
	wire_call(&wires[2], request_ping(), tally_Reply_pong_tag);
	wire_close(&wires[2]);
	wire_close(&wires[1]);
	server_stop(&server);
}

static void a_handshake_too_many_is_closed_at_once(void **state)
{
	static int handles[HANDSHAKES_MAX];
	struct server server = {0};
	struct wire wire;

	(void)state;
	server_start(&server);
	for (size_t i = 0; i < HANDSHAKES_MAX; i++) {
		handles[i] = dial(listener_port(server.listener));
		assert_true(handles[i] >= 0);
	}
	expect_connections(&server, HANDSHAKES_MAX);
	expect_closed_at_once(&server);
	close(handles[0]);
	expect_connections(&server, HANDSHAKES_MAX - 1);
	/* A handshake that has ended is none any more. */
	wire_open(&wire, &server, 1);
	handles[0] = dial(listener_port(server.listener));
	expect_connections(&server, HANDSHAKES_MAX + 1);
	for (size_t i = 0; i < HANDSHAKES_MAX; i++)
		close(handles[i]);
	expect_connections(&server, 1);
	wire_close(&wire);
	server_stop(&server);
}

static void owners_too_many_are_closed_at_once(void **state)
{
	struct server server = {0};
	int handles[OWNER_CONNECTIONS_MAX + 1];
	uint8_t byte;

	(void)state;
	server_start(&server);
	for (size_t i = 0; i <= OWNER_CONNECTIONS_MAX; i++)
		handles[i] = dial_owner(socket_path);
	assert_int_equal(
	    wait_bytes(handles[OWNER_CONNECTIONS_MAX], &byte, 1), 0);
	expect_connections(&server, OWNER_CONNECTIONS_MAX);
	for (size_t i = 0; i <= OWNER_CONNECTIONS_MAX; i++)
		close(handles[i]);
	server_stop(&server);
}

static void a_connection_without_a_handle_left_is_closed_at_once(void **state)
{
	struct server server = {0};
	struct rlimit before, tight;
	struct wire wire;
	int handle;

	(void)state;
	server_start(&server);
	handle = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	/* This one was the lowest free: from here on there is none. */
	tight.rlim_cur = (rlim_t)handle + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	{
		struct sockaddr_in address = {
		    .sin_family = AF_INET,
		    .sin_port = htons(listener_port(server.listener)),
		    .sin_addr = {htonl(INADDR_LOOPBACK)},
		};
		uint8_t byte;

		assert_int_equal(connect(handle, (struct sockaddr *)&address,
				     sizeof(address)),
		    0);
		assert_int_equal(wait_bytes(handle, &byte, 1), 0);
	}
	close(handle);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	wire_open(&wire, &server, 1);
	wire_close(&wire);
	server_stop(&server);
}

static void the_gate_counts_what_goes_through_it(void **state)
{
	struct gate gate;

	(void)state;
	gate_init(&gate, 2);
	assert_null(gate_enter(&gate, false));
	assert_null(gate_enter(&gate, false));
	assert_string_equal(gate_enter(&gate, false), "too many connections");
	assert_null(gate_enter(&gate, true));
	assert_int_equal(gate_count(&gate), 3);
	gate_shaken(&gate);
	gate_leave(&gate, false, false);
	assert_null(gate_enter(&gate, false));
	gate_leave(&gate, true, false);
	gate_leave(&gate, false, true);
	gate_leave(&gate, false, true);
	assert_int_equal(gate_count(&gate), 0);
	gate_init(&gate, 100000);
	for (size_t i = 0; i < HANDSHAKES_MAX; i++)
		assert_null(gate_enter(&gate, false));
	assert_string_equal(gate_enter(&gate, false), "too many handshakes");
	gate_shaken(&gate);
	assert_null(gate_enter(&gate, false));
}

/* --- revocation ----------------------------------------------------------- */

static void a_revocation_ends_idle_connections_on_every_loop(void **state)
{
	enum { TILLS = 8 };
	struct server server = {0};
	struct wire wires[TILLS];

	(void)state;
	server_start(&server);
	/* Terminals 21 and 22 by turns: each has some on either loop. */
	for (uint32_t i = 0; i < TILLS; i++)
		wire_open(&wires[i], &server, 21 + i / 2 % 2);
	presence_revoke(world.presence, 21);
	for (size_t i = 0; i < TILLS; i++) {
		if (i / 2 % 2 == 0) {
			wire_expect_end(&wires[i]);
			assert_true(wires[i].till.is_closed);
		} else {
			wire_call(
			    &wires[i], request_ping(), tally_Reply_pong_tag);
		}
	}
	for (size_t i = 0; i < TILLS; i++)
		wire_close(&wires[i]);
	server_stop(&server);
	assert_false(presence_is_connected(world.presence, 21));
	presence_admit(world.presence, 21);
}

static void a_revoked_till_that_comes_back_is_told_so(void **state)
{
	struct server server = {0};
	struct wire wire;
	tally_Reply reply;

	(void)state;
	server_start(&server);
	presence_revoke(world.presence, 31);
	wire_dial(&wire, &server, world_client(&world, ROLE_TERMINAL, 31));
	wire_shake(&wire);
	wire_send(&wire, request_hello());
	reply = wire_reply(&wire);
	assert_int_equal(reply.which_body, tally_Reply_refusal_tag);
	assert_int_equal(reply.body.refusal.code, REFUSAL_TERMINAL_REVOKED);
	wire_expect_end(&wire);
	wire_close(&wire);
	server_stop(&server);
	presence_admit(world.presence, 31);
}

/* --- starting ------------------------------------------------------------- */

static void expect_no_start(
    const struct listener_options *options, enum result result)
{
	struct listener *listener = NULL;
	struct error err = {.text = ""};

	assert_int_equal(listener_start(options, &listener, &err), result);
	assert_null(listener);
	assert_true(strlen(err.text) > 0);
}

static void a_port_in_use_is_an_error(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	char address[32];

	(void)state;
	server_start(&server);
	snprintf(address, sizeof(address), "127.0.0.1:%u",
	    listener_port(server.listener));
	options.address = address;
	options.socket_path = NULL;
	expect_no_start(&options, RESULT_BUSY);
	server_stop(&server);
	/* Free again at once. */
	server_start_with(&server, &options);
	server_stop(&server);
}

static void a_socket_in_use_is_an_error_and_is_left_alone(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	struct wire wire;

	(void)state;
	server_start(&server);
	expect_no_start(&options, RESULT_BUSY);
	wire_open_owner(&wire);
	wire_call(&wire, request_ping(), tally_Reply_pong_tag);
	wire_close(&wire);
	server_stop(&server);
}

static void a_socket_of_a_dead_server_is_replaced(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct server server = {0};
	struct wire wire;
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	strcpy(address.sun_path, socket_path);
	assert_int_equal(
	    bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	server_start(&server);
	wire_open_owner(&wire);
	wire_call(&wire, request_ping(), tally_Reply_pong_tag);
	wire_close(&wire);
	server_stop(&server);
}

static void what_is_no_socket_is_not_touched(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	FILE *file = fopen(socket_path, "w");
	struct stat status;

	(void)state;
	assert_non_null(file);
	fputs("mine", file);
	fclose(file);
	expect_no_start(&options, RESULT_EXISTS);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_size, 4);
	unlink(socket_path);
}

static void bad_addresses_and_paths_are_named(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	char path[200];

	(void)state;
	options.address = "127.0.0.1";
	expect_no_start(&options, RESULT_INVALID);
	options.address = "no.such.host.invalid:1";
	expect_no_start(&options, RESULT_INVALID);
	/* An address of no machine here. */
	options.address = "192.0.2.1:7171";
	expect_no_start(&options, RESULT_IO);
	options.address = "127.0.0.1:0";
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	options.socket_path = path;
	expect_no_start(&options, RESULT_LIMIT);
	options.socket_path = "/nonexistent/folder/socket";
	expect_no_start(&options, RESULT_IO);
}

static void it_listens_on_ipv6_as_well(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	int probe = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool has_ipv6 = probe >= 0 && bind(probe, (struct sockaddr *)&address,
					  sizeof(address)) == 0;

	(void)state;
	if (probe >= 0)
		close(probe);
	if (!has_ipv6)
		skip();
	options.address = "[::1]:0";
	server_start_with(&server, &options);
	address.sin6_port = htons(listener_port(server.listener));
	probe = socket(AF_INET6, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(probe, (struct sockaddr *)&address, sizeof(address)), 0);
	expect_connections(&server, 1);
	close(probe);
	server_stop(&server);
}

static void the_most_threads_start_and_stop(void **state)
{
	struct server server = {0};
	struct listener_options options = server_options(&server);
	struct wire wires[2 * LISTENER_THREADS_MAX];
	struct channel_context *context;

	(void)state;
	options.threads = LISTENER_THREADS_MAX;
	options.socket_path = NULL;
	server_start_with(&server, &options);
	context = world_client(&world, ROLE_TERMINAL, 1);
	for (size_t i = 0; i < 2 * LISTENER_THREADS_MAX; i++) {
		wire_dial(&wires[i], &server, context);
		wire_shake(&wires[i]);
		wires[i].context = NULL;
	}
	for (size_t i = 0; i < 2 * LISTENER_THREADS_MAX; i++)
		wire_close(&wires[i]);
	server_stop(&server);
	channel_context_destroy(context);
	listener_destroy(NULL);
}

/* --- stopping ------------------------------------------------------------- */

struct stopper {
	struct listener *listener;
	uint32_t grace_ms;
	pthread_t thread;
};

static void *stopper_run(void *argument)
{
	struct stopper *stopper = argument;

	listener_stop(stopper->listener, stopper->grace_ms);
	return NULL;
}

static void stopper_start(
    struct stopper *stopper, struct server *server, uint32_t grace_ms)
{
	stopper->listener = server->listener;
	stopper->grace_ms = grace_ms;
	pthread_create(&stopper->thread, NULL, stopper_run, stopper);
}

static void stopper_join(struct stopper *stopper, struct server *server)
{
	pthread_join(stopper->thread, NULL);
	listener_destroy(server->listener);
	worker_stop(server->worker);
}

static void a_stop_lets_what_is_in_flight_end(void **state)
{
	struct server server = {.is_gated = true};
	struct stopper stopper;
	struct wire busy, quiet;

	(void)state;
	server_start(&server);
	wire_open(&busy, &server, 1);
	wire_open(&quiet, &server, 2);
	wire_send(&busy, request_earn(41));
	sem_wait(&server.entered);
	stopper_start(&stopper, &server, PATIENCE_MS);
	/* Who has nothing in flight is let go at once … */
	wire_expect_end(&quiet);
	assert_true(quiet.till.is_closed);
	wire_close(&quiet);
	/* … who asks for more is refused … */
	wire_send(&busy, request_ping());
	assert_int_equal(
	    wire_reply(&busy).body.refusal.code, REFUSAL_SHUTTING_DOWN);
	/* … nobody new comes in … */
	assert_int_equal(dial(listener_port(server.listener)), -1);
	/* … and what was asked before is done and answered. */
	sem_post(&server.gate);
	assert_int_equal(wire_reply(&busy).body.operation.entry, 41);
	wire_expect_end(&busy);
	assert_true(busy.till.is_closed);
	wire_close(&busy);
	stopper_join(&stopper, &server);
	assert_int_equal(server.jobs, 3);
}

static void a_stop_does_not_wait_beyond_its_grace(void **state)
{
	struct server server = {.is_gated = true};
	struct stopper stopper;
	struct wire wire;
	tally_Reply reply;

	(void)state;
	server_start(&server);
	wire_open(&wire, &server, 1);
	wire_send(&wire, request_ping());
	sem_wait(&server.entered);
	stopper_start(&stopper, &server, 30);
	/* Cut, though its job is still being done. */
	wire_expect_end(&wire);
	assert_false(till_reply(&wire.till, &reply));
	sem_post(&server.gate);
	stopper_join(&stopper, &server);
	wire_close(&wire);
}

static void a_stop_ends_handshakes_and_owners_too(void **state)
{
	struct server server = {0};
	struct stopper stopper;
	struct wire owner;
	uint8_t byte;
	int handle;

	(void)state;
	server_start(&server);
	handle = dial(listener_port(server.listener));
	wire_open_owner(&owner);
	expect_connections(&server, 2);
	stopper_start(&stopper, &server, PATIENCE_MS);
	assert_int_equal(wait_bytes(handle, &byte, 1), 0);
	wire_expect_end(&owner);
	close(handle);
	wire_close(&owner);
	stopper_join(&stopper, &server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_tills_pipeline_and_each_gets_its_own_answers),
	    cmocka_unit_test(
		a_till_that_pipelines_beyond_its_limit_gets_all_answers),
	    cmocka_unit_test(a_slow_reader_gets_everything_in_the_end),
	    cmocka_unit_test(the_owner_asks_over_the_unix_socket),
	    cmocka_unit_test(a_new_till_enrols),
	    cmocka_unit_test(each_job_goes_to_the_worker_of_its_route),
	    cmocka_unit_test(garbage_is_shown_the_door),
	    cmocka_unit_test(a_protocol_error_is_answered_before_the_end),
	    cmocka_unit_test(peers_that_go_away_leave_nothing_behind),
	    cmocka_unit_test(
		a_till_that_ends_with_requests_in_flight_leaves_nothing),
	    cmocka_unit_test(a_till_that_only_stops_sending_is_answered),
	    cmocka_unit_test(an_unknown_outcome_cuts_without_an_answer),
	    cmocka_unit_test(a_connection_too_many_is_closed_at_once),
	    cmocka_unit_test(a_handshake_too_many_is_closed_at_once),
	    cmocka_unit_test(owners_too_many_are_closed_at_once),
	    cmocka_unit_test(
		a_connection_without_a_handle_left_is_closed_at_once),
	    cmocka_unit_test(the_gate_counts_what_goes_through_it),
	    cmocka_unit_test(a_revocation_ends_idle_connections_on_every_loop),
	    cmocka_unit_test(a_revoked_till_that_comes_back_is_told_so),
	    cmocka_unit_test(a_port_in_use_is_an_error),
	    cmocka_unit_test(a_socket_in_use_is_an_error_and_is_left_alone),
	    cmocka_unit_test(a_socket_of_a_dead_server_is_replaced),
	    cmocka_unit_test(what_is_no_socket_is_not_touched),
	    cmocka_unit_test(bad_addresses_and_paths_are_named),
	    cmocka_unit_test(it_listens_on_ipv6_as_well),
	    cmocka_unit_test(the_most_threads_start_and_stop),
	    cmocka_unit_test(a_stop_lets_what_is_in_flight_end),
	    cmocka_unit_test(a_stop_does_not_wait_beyond_its_grace),
	    cmocka_unit_test(a_stop_ends_handshakes_and_owners_too),
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
