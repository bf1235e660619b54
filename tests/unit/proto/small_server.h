/*
 * small_server: a shop, and a server on a thread that does as a test tells
 * it, badly if need be. For test_identity.c and test_link.c.
 */
#ifndef TESTS_UNIT_PROTO_SMALL_SERVER_H
#define TESTS_UNIT_PROTO_SMALL_SERVER_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "proto/file.h"
#include "proto/frame.h"
#include "proto/identity.h"
#include "proto/link.h"
#include "proto/token.h"

#define OK(call) assert_int_equal(RESULT_OK, (call))
#define WAIT_MS 5000u

/* --- a shop --------------------------------------------------------------- */

static struct key *authority_key, *server_key;
static struct buffer authority, certificate;
static struct channel_context *server_context;
static struct token token;
static char token_text[TOKEN_SIZE_MAX + 1];
static char folder[] = "/tmp/test_identity.XXXXXX";
static char till[FILE_PATH_SIZE_MAX], socket_path[FILE_PATH_SIZE_MAX];

static inline int setup(void **state)
{
	uint64_t now_ms = clock_wall_ms();

	(void)state;
	OK(key_create(&authority_key, NULL));
	OK(key_create(&server_key, NULL));
	OK(certificate_make_authority(
	    authority_key, "Corner shop", now_ms, &authority, NULL));
	OK(certificate_make_server(authority_key, buffer_view(&authority),
	    server_key, now_ms, &certificate, NULL));
	OK(channel_context_server(server_key, buffer_view(&certificate),
	    buffer_view(&authority), &server_context, NULL));
	memset(token.secret, 0x42, sizeof(token.secret));
	OK(certificate_pin(
	    buffer_view(&authority), &token.authority_pin, NULL));
	OK(token_format(&token, token_text, NULL));
	assert_non_null(mkdtemp(folder));
	OK(file_path(folder, "till", till, NULL));
	OK(file_path(folder, "socket", socket_path, NULL));
	return 0;
}

static inline void remove_till(void)
{
	static const char *const names[] = {
	    "key.pem", "certificate.pem", "authority.pem", "server"};

	for (size_t i = 0; i < 4; i++) {
		char path[FILE_PATH_SIZE_MAX];

		OK(file_path(till, names[i], path, NULL));
		(void)unlink(path);
	}
	(void)rmdir(till);
}

static inline int teardown(void **state)
{
	(void)state;
	remove_till();
	channel_context_destroy(server_context);
	buffer_finish(&certificate);
	buffer_finish(&authority);
	key_destroy(server_key);
	key_destroy(authority_key);
	return rmdir(folder);
}

/* --- a small server ------------------------------------------------------- */

struct peer_server;
/* Answer one request by appending to `plain`; false hangs up afterwards. */
typedef bool answer_fn(struct peer_server *server, const tally_Request *request,
    struct buffer *plain);

/* Takes `connections` one after another. */
struct peer_server {
	int listener;
	char address[64];
	struct channel_context *context; /* NULL on the Unix socket */
	answer_fn *answer;
	int connections;
	int requests; /* seen */
	pthread_t thread;
	tally_Reply reply;
};

static inline bool send_all(int handle, struct buffer *bytes)
{
	size_t at = 0;

	while (at < bytes->size) {
		ssize_t sent = send(
		    handle, &bytes->data[at], bytes->size - at, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += (size_t)sent;
	}
	bytes->size = 0;
	return true;
}

struct conversation {
	int handle;
	struct channel *channel;
	struct frame_reader frames;
	struct buffer plain, output, replies;
};

static inline bool conversation_send(struct conversation *talk)
{
	if (talk->channel == NULL)
		return send_all(talk->handle, &talk->replies);
	if (talk->replies.size > 0 &&
	    channel_send(talk->channel, buffer_view(&talk->replies),
		&talk->output, NULL) != RESULT_OK)
		return false;
	talk->replies.size = 0;
	return send_all(talk->handle, &talk->output);
}

/* Answer every whole request in `input`. */
static inline bool conversation_answer(
    struct peer_server *server, struct conversation *talk, struct bytes input)
{
	for (;;) {
		tally_Request request;
		struct bytes body;
		bool is_whole, goes_on;

		if (frame_reader_next(&talk->frames, &input, &body, &is_whole,
			NULL) != RESULT_OK)
			return false;
		if (!is_whole)
			return true;
		if (message_decode_request(body, &request, NULL) != RESULT_OK)
			return false;
		server->requests++;
		goes_on = server->answer(server, &request, &talk->replies);
		if (!conversation_send(talk) || !goes_on)
			return false;
	}
}

static inline bool conversation_step(
    struct peer_server *server, struct conversation *talk)
{
	uint8_t piece[4096];
	ssize_t got = recv(talk->handle, piece, sizeof(piece), 0);
	struct bytes received = bytes_of(piece, got > 0 ? (size_t)got : 0);
	enum result result;

	if (got <= 0)
		return false;
	if (talk->channel == NULL)
		return conversation_answer(server, talk, received);
	talk->plain.size = 0;
	result = channel_receive(
	    talk->channel, received, &talk->plain, &talk->output, NULL);
	if (!send_all(talk->handle, &talk->output) || result != RESULT_OK)
		return false;
	return conversation_answer(server, talk, buffer_view(&talk->plain));
}

static inline void *server_run(void *argument)
{
	struct peer_server *server = argument;

	for (int i = 0; i < server->connections; i++) {
		struct conversation talk = {
		    .handle = accept(server->listener, NULL, NULL)};

		if (talk.handle < 0)
			return NULL;
		frame_reader_init(&talk.frames, FRAME_REQUEST_SIZE_MAX);
		if (server->context != NULL &&
		    channel_create(server->context, &talk.channel, NULL) !=
			RESULT_OK)
			return NULL;
		while (conversation_step(server, &talk))
			;
		channel_destroy(talk.channel);
		frame_reader_finish(&talk.frames);
		buffer_finish(&talk.plain);
		buffer_finish(&talk.output);
		buffer_finish(&talk.replies);
		(void)close(talk.handle);
	}
	return NULL;
}

static inline struct peer_server *server_start(
    struct channel_context *context, answer_fn *answer, int connections)
{
	struct peer_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in place = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(place);

	assert_non_null(server);
	server->context = context;
	server->answer = answer;
	server->connections = connections;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(
	    0, bind(server->listener, (struct sockaddr *)&place, size));
	assert_int_equal(0, listen(server->listener, 8));
	assert_int_equal(
	    0, getsockname(server->listener, (struct sockaddr *)&place, &size));
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
	    ntohs(place.sin_port));
	assert_int_equal(
	    0, pthread_create(&server->thread, NULL, server_run, server));
	return server;
}

static inline struct peer_server *server_start_unix(answer_fn *answer)
{
	struct peer_server *server = calloc(1, sizeof(*server));
	struct sockaddr_un place = {.sun_family = AF_UNIX};

	assert_non_null(server);
	server->answer = answer;
	server->connections = 1;
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(strlen(socket_path) < sizeof(place.sun_path));
	memcpy(place.sun_path, socket_path, strlen(socket_path));
	assert_int_equal(0,
	    bind(server->listener, (struct sockaddr *)&place, sizeof(place)));
	assert_int_equal(0, listen(server->listener, 8));
	assert_int_equal(
	    0, pthread_create(&server->thread, NULL, server_run, server));
	return server;
}

/* Waits for the last connection to end; the requests that it saw. */
static inline int server_stop(struct peer_server *server)
{
	int requests;

	assert_int_equal(0, pthread_join(server->thread, NULL));
	requests = server->requests;
	(void)close(server->listener);
	free(server);
	return requests;
}

static inline void reply_begin(
    struct peer_server *server, const tally_Request *request, pb_size_t tag)
{
	memset(&server->reply, 0, sizeof(server->reply));
	server->reply.id = request->id;
	server->reply.which_body = tag;
}

static inline void reply_end(struct peer_server *server, struct buffer *plain)
{
	if (message_append_reply(plain, &server->reply, NULL) != RESULT_OK)
		abort();
}

static inline void reply_refuse(struct peer_server *server,
    const tally_Request *request, enum refusal_code code, const char *say,
    struct buffer *plain)
{
	struct refusal refusal = {.code = code};

	(void)snprintf(refusal.say, sizeof(refusal.say), "%s", say);
	reply_begin(server, request, 0);
	message_set_refusal(&server->reply, &refusal);
	reply_end(server, plain);
}

/* A server as it should be, as far as these tests go. */
static inline bool answer_well(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	struct buffer signed_der;
	struct hash hash;

	switch (request->which_body) {
	case tally_Request_enrol_terminal_tag:
		if (memcmp(request->body.enrol_terminal.secret.bytes,
			token.secret, sizeof(token.secret)) != 0) {
			reply_refuse(server, request, REFUSAL_TOKEN_INVALID,
			    "This token was used already.", plain);
			return true;
		}
		reply_begin(server, request, tally_Reply_enrol_terminal_tag);
		if (certificate_make_client(authority_key,
			buffer_view(&authority),
			bytes_of(request->body.enrol_terminal.csr.bytes,
			    request->body.enrol_terminal.csr.size),
			ROLE_TERMINAL, 5, clock_wall_ms(), &signed_der, &hash,
			NULL) != RESULT_OK)
			return false;
		server->reply.body.enrol_terminal.terminal = 5;
		memcpy(server->reply.body.enrol_terminal.certificate.bytes,
		    signed_der.data, signed_der.size);
		server->reply.body.enrol_terminal.certificate.size =
		    (pb_size_t)signed_der.size;
		memcpy(server->reply.body.enrol_terminal.authority.bytes,
		    authority.data, authority.size);
		server->reply.body.enrol_terminal.authority.size =
		    (pb_size_t)authority.size;
		buffer_finish(&signed_der);
		break;
	case tally_Request_hello_tag:
		reply_begin(server, request, tally_Reply_hello_tag);
		server->reply.body.hello.protocol = 1;
		server->reply.body.hello.terminal = 5;
		server->reply.body.hello.counter_max =
		    request->body.hello.next_counter;
		server->reply.body.hello.checkpoint_key.size = 32;
		break;
	case tally_Request_entries_tag:
		reply_begin(server, request, tally_Reply_entries_tag);
		server->reply.body.entries.records.size =
		    ENTRIES_CHUNK_SIZE_MAX;
		break;
	default:
		reply_begin(server, request, tally_Reply_pong_tag);
		server->reply.body.pong.time_ms = 7;
		break;
	}
	reply_end(server, plain);
	return true;
}

/* An identity in `till`, made by enrolling at a good server. */
static inline void enrol_till(void)
{
	struct peer_server *server =
	    server_start(server_context, answer_well, 1);
	uint32_t number = 0;

	remove_till();
	OK(identity_enrol(till, server->address, token_text, &number, NULL));
	assert_int_equal(number, 5);
	assert_int_equal(1, server_stop(server));
}

/* A link of the enrolled till to `server`. */
static inline struct link *link_till(
    struct peer_server *server, struct identity *ret_identity)
{
	struct link *link;

	OK(identity_load(till, ret_identity, NULL));
	OK(link_open_tls(
	    server->address, ret_identity->context, WAIT_MS, &link, NULL));
	return link;
}

static inline bool answer_pong(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	reply_begin(server, request, tally_Reply_pong_tag);
	reply_end(server, plain);
	return true;
}

#endif
