/*
 * Tests of listener: starting and stopping.
 */
#include "tests/unit/server/listener_world.h"

#include <sys/stat.h>

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
