/*
 * remote_world: a scripted server on the loopback interface, real TLS, and a
 * clock that the test moves. Both ends run in one thread, a step at a time. A
 * test program includes it once.
 */
#ifndef TESTS_UNIT_CLIENT_REMOTE_WORLD_H
#define TESTS_UNIT_CLIENT_REMOTE_WORLD_H

#include "tests/support/check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/remote.h"
#include "common/base/clock.h"
#include "proto/frame.h"

/* Of at most 2 ms; a test that needs more has failed. */
#define STEPS_MAX 2000

/* --- the shop's keys, made once ------------------------------------------- */

static struct shop {
	struct key *authority_key, *server_key, *till_key;
	struct buffer authority, server, till;
	struct channel_context *for_server, *for_till;
} shop, other_shop;

static inline void make_shop(struct shop *made)
{
	struct buffer request = {0};
	struct hash key_hash;
	uint64_t now_ms = clock_wall_ms();
	struct error err = {0};

	assert_int_equal(key_create(&made->authority_key, &err), RESULT_OK);
	assert_int_equal(key_create(&made->server_key, &err), RESULT_OK);
	assert_int_equal(key_create(&made->till_key, &err), RESULT_OK);
	assert_int_equal(certificate_make_authority(made->authority_key, "Test",
			     now_ms, &made->authority, &err),
	    RESULT_OK);
	assert_int_equal(certificate_make_server(made->authority_key,
			     buffer_view(&made->authority), made->server_key,
			     now_ms, &made->server, &err),
	    RESULT_OK);
	assert_int_equal(
	    certificate_request_make(made->till_key, &request, &err),
	    RESULT_OK);
	assert_int_equal(
	    certificate_make_client(made->authority_key,
		buffer_view(&made->authority), buffer_view(&request),
		ROLE_TERMINAL, 3, now_ms, &made->till, &key_hash, &err),
	    RESULT_OK);
	assert_int_equal(
	    channel_context_server(made->server_key, buffer_view(&made->server),
		buffer_view(&made->authority), &made->for_server, &err),
	    RESULT_OK);
	assert_int_equal(
	    channel_context_client(made->till_key, buffer_view(&made->till),
		buffer_view(&made->authority), &made->for_till, &err),
	    RESULT_OK);
	buffer_finish(&request);
}

static inline void finish_shop(struct shop *made)
{
	channel_context_destroy(made->for_server);
	channel_context_destroy(made->for_till);
	key_destroy(made->authority_key);
	key_destroy(made->server_key);
	key_destroy(made->till_key);
	buffer_finish(&made->authority);
	buffer_finish(&made->server);
	buffer_finish(&made->till);
}

/* --- the server ----------------------------------------------------------- */

static int listening = -1;
static int accepted = -1;
static char address[32];
static struct channel *channel;
static struct channel_context *server_context;
static struct buffer plain, unsent;
static struct frame_reader frames;
static tally_Request request;

static inline void server_close(void)
{
	if (accepted >= 0)
		close(accepted);
	accepted = -1;
	channel_destroy(channel);
	channel = NULL;
	buffer_finish(&plain);
	buffer_finish(&unsent);
	frame_reader_finish(&frames);
	frame_reader_init(&frames, FRAME_REQUEST_SIZE_MAX);
}

static inline void server_listen(void)
{
	struct sockaddr_in place = {.sin_family = AF_INET};
	socklen_t size = sizeof place;

	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
	    bind(listening, (struct sockaddr *)&place, sizeof place), 0);
	assert_int_equal(listen(listening, 8), 0);
	assert_int_equal(
	    getsockname(listening, (struct sockaddr *)&place, &size), 0);
	snprintf(address, sizeof address, "127.0.0.1:%u",
	    (unsigned)ntohs(place.sin_port));
}

static inline void server_write(void)
{
	while (accepted >= 0 && unsent.size > 0) {
		ssize_t size =
		    send(accepted, unsent.data, unsent.size, MSG_NOSIGNAL);

		if (size <= 0)
			return;
		buffer_consume(&unsent, (size_t)size);
	}
}

/* Accept, read, decrypt, write: whatever there is to do. */
static inline void server_step(void)
{
	uint8_t bytes[8192];
	ssize_t size;

	if (accepted < 0) {
		accepted = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
		if (accepted < 0)
			return;
		if (server_context)
			assert_int_equal(
			    channel_create(server_context, &channel, NULL),
			    RESULT_OK);
	}
	size = recv(accepted, bytes, sizeof bytes, 0);
	if (size > 0 && channel)
		(void)!channel_receive(channel, bytes_of(bytes, (size_t)size),
		    &plain, &unsent, NULL);
	server_write();
}

static inline bool server_request(void)
{
	struct bytes input = buffer_view(&plain);
	struct bytes body;
	bool whole = false;

	assert_int_equal(
	    frame_reader_next(&frames, &input, &body, &whole, NULL), RESULT_OK);
	if (whole)
		assert_int_equal(
		    message_decode_request(body, &request, NULL), RESULT_OK);
	buffer_consume(&plain, plain.size - input.size);
	return whole;
}

static inline void server_send_plain(struct bytes bytes)
{
	assert_int_equal(
	    channel_send(channel, bytes, &unsent, NULL), RESULT_OK);
	server_write();
}

static inline void server_reply(const tally_Reply *reply)
{
	struct buffer frame = {0};

	assert_int_equal(message_append_reply(&frame, reply, NULL), RESULT_OK);
	server_send_plain(buffer_view(&frame));
	buffer_finish(&frame);
}

static inline void server_pong(uint64_t id)
{
	tally_Reply reply = tally_Reply_init_zero;

	reply.id = id;
	reply.which_body = tally_Reply_pong_tag;
	reply.body.pong.time_ms = id;
	server_reply(&reply);
}

/* --- the till's end ------------------------------------------------------- */

static struct remote *remote;
static struct remote_event event;
static uint64_t now_ms;

static inline void remote_step(void)
{
	struct pollfd polled = {
	    remote_handle(remote), remote_events(remote), 0};

	remote_time(remote, now_ms);
	remote_flush(remote, now_ms);
	polled.fd = remote_handle(remote);
	polled.events = remote_events(remote);
	if (poll(&polled, 1, 1) > 0)
		remote_ready(remote, now_ms);
}

/* Run both ends until the next event. */
static inline void wait_event(enum remote_kind kind)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		if (remote_next(remote, now_ms, &event)) {
			if (event.kind != kind)
				fail_msg("event %d (%s), not %d", event.kind,
				    event.say ? event.say : "", kind);
			return;
		}
		server_step();
		remote_step();
	}
	fail_msg("event %d did not come", kind);
}

/* Run both ends until the server has a request of this kind. */
static inline void wait_request(pb_size_t body)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		server_step();
		if (server_request()) {
			assert_int_equal(request.which_body, body);
			return;
		}
		assert_false(remote_next(remote, now_ms, &event));
		remote_step();
	}
	fail_msg("request %u did not come", (unsigned)body);
}

static inline void expect_no_event(void)
{
	for (int i = 0; i < 5; i++) {
		server_step();
		remote_step();
		assert_false(remote_next(remote, now_ms, &event));
	}
}

static inline tally_Reply hello_reply(void)
{
	tally_Reply reply = tally_Reply_init_zero;

	reply.id = request.id;
	reply.which_body = tally_Reply_hello_tag;
	reply.body.hello.protocol = 1;
	reply.body.hello.terminal = 3;
	strcpy(reply.body.hello.shop, "Test");
	strcpy(reply.body.hello.currency, "EUR");
	reply.body.hello.checkpoint_key.size = 32;
	return reply;
}

static inline void come_up(void)
{
	tally_Reply reply;

	wait_request(tally_Request_hello_tag);
	reply = hello_reply();
	server_reply(&reply);
	wait_event(REMOTE_UP);
}

static inline void send_ping_like(uint64_t id)
{
	tally_Request sent = tally_Request_init_zero;

	sent.id = id;
	sent.which_body = tally_Request_ping_tag;
	remote_send(remote, &sent, now_ms);
}

static inline int begin(void **state)
{
	struct error err = {0};

	(void)state;
	now_ms = 5000000;
	server_context = shop.for_server;
	server_close();
	server_listen();
	if (remote_create(address, shop.for_till, "test 1", &remote, &err) !=
	    RESULT_OK)
		fail_msg("%s", err.text);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	remote_destroy(remote);
	remote = NULL;
	server_close();
	if (listening >= 0)
		close(listening);
	listening = -1;
	return 0;
}

static inline int make_shops(void **state)
{
	(void)state;
	make_shop(&shop);
	make_shop(&other_shop);
	return 0;
}

static inline int finish_shops(void **state)
{
	(void)state;
	finish_shop(&shop);
	finish_shop(&other_shop);
	return 0;
}

#endif
