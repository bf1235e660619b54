/*
 * Tests of listener, and with it gate: limits and revocation.
 */
#include "tests/unit/server/listener_world.h"

#include <sys/resource.h>

#include "server/gate.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_connection_too_many_is_closed_at_once),
	    cmocka_unit_test(a_handshake_too_many_is_closed_at_once),
	    cmocka_unit_test(owners_too_many_are_closed_at_once),
	    cmocka_unit_test(
		a_connection_without_a_handle_left_is_closed_at_once),
	    cmocka_unit_test(the_gate_counts_what_goes_through_it),
	    cmocka_unit_test(a_revocation_ends_idle_connections_on_every_loop),
	    cmocka_unit_test(a_revoked_till_that_comes_back_is_told_so),
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
