/*
 * Tests of listener, and with it loop, connection and socket: work for one and
 * for two workers, and bad peers.
 */
#include "tests/unit/server/listener_world.h"

#include <sys/stat.h>

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
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
