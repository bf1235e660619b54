/*
 * Tests of link: requests and replies over loopback and over a Unix socket,
 * and what a bad server can do.
 */
#include "tests/unit/proto/small_server.h"

/* --- links ---------------------------------------------------------------- */

/* A till that is enrolled, and its link to a server. */
struct call {
	struct peer_server *server;
	struct identity identity;
	struct link *link;
};

static tally_Reply reply;

static void call_begin(struct call *call, answer_fn *answer)
{
	enrol_till();
	call->server = server_start(server_context, answer, 1);
	call->link = link_till(call->server, &call->identity);
}

/* How many requests the server had. */
static int call_end(struct call *call)
{
	link_close(call->link);
	identity_finish(&call->identity);
	return server_stop(call->server);
}

static void requests_may_be_pipelined(void **state)
{
	struct call call;

	(void)state;
	call_begin(&call, answer_well);
	for (uint64_t id = 1; id <= 50; id++) {
		tally_Request ping = {.which_body = tally_Request_ping_tag};

		OK(link_send(call.link, &ping, NULL));
		assert_int_equal(ping.id, id);
	}
	for (uint64_t id = 1; id <= 50; id++) {
		OK(link_receive(call.link, WAIT_MS, &reply, NULL));
		assert_int_equal(reply.id, id);
		assert_int_equal(reply.which_body, tally_Reply_pong_tag);
	}
	assert_int_equal(50, call_end(&call));
}

/* The server does not read on until its replies are taken: a link that only
 * wrote would wait for ever. */
static void a_flood_of_replies_is_no_deadlock(void **state)
{
	enum { REQUESTS = 4000 };
	struct call call;

	(void)state;
	call_begin(&call, answer_well);
	for (int i = 0; i < REQUESTS; i++) {
		tally_Request entries = {
		    .which_body = tally_Request_entries_tag};

		OK(link_send(call.link, &entries, NULL));
	}
	for (uint64_t id = 1; id <= REQUESTS; id++) {
		OK(link_receive(call.link, WAIT_MS, &reply, NULL));
		assert_int_equal(reply.id, id);
	}
	assert_int_equal(REQUESTS, call_end(&call));
}

static void a_call_passes_over_other_replies(void **state)
{
	struct call call;
	tally_Request ping = {.which_body = tally_Request_ping_tag};

	(void)state;
	call_begin(&call, answer_well);
	OK(link_send(call.link, &ping, NULL));
	OK(link_send(call.link, &ping, NULL));
	OK(link_call(call.link, &ping, WAIT_MS, &reply, NULL));
	assert_int_equal(reply.id, 3);
	(void)call_end(&call);
}

static bool answer_nothing(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	(void)server, (void)request, (void)plain;
	return true;
}

static void a_silent_server_is_a_timeout_and_the_link_lives(void **state)
{
	struct call call;
	tally_Request ping = {.which_body = tally_Request_ping_tag};
	struct error err;

	(void)state;
	call_begin(&call, answer_nothing);
	assert_int_equal(
	    RESULT_IO, link_call(call.link, &ping, 30, &reply, &err));
	assert_non_null(strstr(err.text, "in time"));
	assert_int_equal(RESULT_IO, link_receive(call.link, 0, &reply, &err));
	OK(link_send(call.link, &ping, NULL));
	(void)call_end(&call);
}

static bool answer_and_hang_up(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	(void)answer_pong(server, request, plain);
	return false;
}

static void what_came_before_a_hang_up_is_still_received(void **state)
{
	struct call call;
	tally_Request ping = {.which_body = tally_Request_ping_tag};

	(void)state;
	call_begin(&call, answer_and_hang_up);
	OK(link_send(call.link, &ping, NULL));
	(void)server_stop(call.server);
	OK(link_receive(call.link, WAIT_MS, &reply, NULL));
	for (int i = 0; i < 2; i++)
		assert_int_equal(RESULT_CLOSED,
		    link_receive(call.link, WAIT_MS, &reply, NULL));
	assert_int_equal(RESULT_CLOSED, link_send(call.link, &ping, NULL));
	link_close(call.link);
	link_close(NULL);
	identity_finish(&call.identity);
}

static bool answer_garbage(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	(void)server, (void)request;
	return buffer_append(plain, bytes_of("\0\0\0\2\xff\xff", 6), NULL) ==
	       RESULT_OK;
}

static bool answer_too_much(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	(void)server, (void)request;
	return buffer_append(plain, bytes_of("\x7f\0\0\0", 4), NULL) ==
	       RESULT_OK;
}

/* What a link says to a server that answers badly. */
static enum result result_of_answer(answer_fn *answer)
{
	struct call call;
	tally_Request ping = {.which_body = tally_Request_ping_tag};
	enum result result;

	call_begin(&call, answer);
	result = link_call(call.link, &ping, WAIT_MS, &reply, NULL);
	(void)call_end(&call);
	return result;
}

static void bad_answers_are_refused(void **state)
{
	(void)state;
	assert_int_equal(RESULT_INVALID, result_of_answer(answer_garbage));
	assert_int_equal(RESULT_LIMIT, result_of_answer(answer_too_much));
	assert_int_equal(RESULT_OK, result_of_answer(answer_pong));
}

static bool answer_revoked(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	reply_refuse(server, request, REFUSAL_TERMINAL_REVOKED,
	    "This till has been revoked.", plain);
	return true;
}

static bool answer_version_2(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	struct buffer frame = {0};

	(void)answer_well(server, request, &frame);
	buffer_finish(&frame);
	server->reply.body.hello.protocol = 2;
	reply_end(server, plain);
	return true;
}

static enum result result_of_hello(answer_fn *answer, struct error *err)
{
	struct call call;
	tally_HelloReply hello;
	enum result result;

	call_begin(&call, answer);
	result = link_hello(call.link, 1, &hello, err);
	(void)call_end(&call);
	return result;
}

static void a_hello_may_be_refused(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(RESULT_DENIED, result_of_hello(answer_revoked, &err));
	assert_string_equal(err.text, "This till has been revoked.");
	assert_int_equal(
	    RESULT_VERSION, result_of_hello(answer_version_2, &err));
	assert_int_equal(RESULT_INVALID, result_of_hello(answer_pong, &err));
}

/* A till of another shop, which yet trusts this server: it learns that its
 * certificate does not do. */
static void a_foreign_till_is_told_so(void **state)
{
	struct peer_server *server =
	    server_start(server_context, answer_well, 1);
	struct buffer foreign_authority, csr, foreign;
	struct channel_context *context;
	struct key *other_key;
	tally_HelloReply hello;
	struct hash hash;
	struct error err;
	struct link *link;

	(void)state;
	OK(key_create(&other_key, NULL));
	OK(certificate_make_authority(other_key, "Other shop", clock_wall_ms(),
	    &foreign_authority, NULL));
	OK(certificate_request_make(other_key, &csr, NULL));
	OK(certificate_make_client(other_key, buffer_view(&foreign_authority),
	    buffer_view(&csr), ROLE_TERMINAL, 5, clock_wall_ms(), &foreign,
	    &hash, NULL));
	OK(channel_context_client(other_key, buffer_view(&foreign),
	    buffer_view(&authority), &context, NULL));
	OK(link_open_tls(server->address, context, WAIT_MS, &link, NULL));
	assert_int_equal(RESULT_DENIED, link_hello(link, 1, &hello, &err));
	assert_int_equal(0, server_stop(server));
	link_close(link);
	channel_context_destroy(context);
	buffer_finish(&foreign);
	buffer_finish(&csr);
	buffer_finish(&foreign_authority);
	key_destroy(other_key);
}

static void the_owners_socket_speaks_plainly(void **state)
{
	struct peer_server *server = server_start_unix(answer_well);
	tally_Request ping = {.which_body = tally_Request_ping_tag};
	struct link *link;

	(void)state;
	OK(link_open_unix(socket_path, WAIT_MS, &link, NULL));
	for (uint64_t id = 1; id <= 3; id++) {
		OK(link_call(link, &ping, WAIT_MS, &reply, NULL));
		assert_int_equal(reply.id, id);
	}
	link_close(link);
	assert_int_equal(3, server_stop(server));
	/* The file is left, but nobody listens. */
	assert_int_equal(RESULT_NOT_FOUND,
	    link_open_unix(socket_path, WAIT_MS, &link, NULL));
	assert_int_equal(0, unlink(socket_path));
	assert_int_equal(RESULT_NOT_FOUND,
	    link_open_unix(socket_path, WAIT_MS, &link, NULL));
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	char path[200];
	struct link *link;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
	    RESULT_LIMIT, link_open_unix(path, WAIT_MS, &link, NULL));
}

static void a_server_that_never_shakes_hands_is_a_timeout(void **state)
{
	struct sockaddr_in place = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(place);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct channel_context *context;
	char address[64];
	struct link *link;

	(void)state;
	assert_int_equal(0, bind(listener, (struct sockaddr *)&place, size));
	assert_int_equal(0, listen(listener, 1));
	assert_int_equal(
	    0, getsockname(listener, (struct sockaddr *)&place, &size));
	(void)snprintf(
	    address, sizeof(address), "127.0.0.1:%u", ntohs(place.sin_port));
	OK(channel_context_enrol(&token.authority_pin, &context, NULL));
	/* The kernel takes the connection; nobody answers on it. */
	assert_int_equal(
	    RESULT_IO, link_open_tls(address, context, 50, &link, NULL));
	channel_context_destroy(context);
	(void)close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_may_be_pipelined),
	    cmocka_unit_test(a_flood_of_replies_is_no_deadlock),
	    cmocka_unit_test(a_call_passes_over_other_replies),
	    cmocka_unit_test(a_silent_server_is_a_timeout_and_the_link_lives),
	    cmocka_unit_test(what_came_before_a_hang_up_is_still_received),
	    cmocka_unit_test(bad_answers_are_refused),
	    cmocka_unit_test(a_hello_may_be_refused),
	    cmocka_unit_test(a_foreign_till_is_told_so),
	    cmocka_unit_test(the_owners_socket_speaks_plainly),
	    cmocka_unit_test(a_path_too_long_for_a_socket_is_refused),
	    cmocka_unit_test(a_server_that_never_shakes_hands_is_a_timeout),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
