/*
 * till: one connection of the load client: its identity, its channel, and the
 * requests that it has in flight.
 */
#ifndef TESTS_BENCH_TILL_H
#define TESTS_BENCH_TILL_H

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/base/limits.h"
#include "proto/frame.h"
#include "proto/identity.h"
#include "proto/message.h"

enum slot_kind { SLOT_FREE, SLOT_LOOKUP, SLOT_ENROL, SLOT_EARN };

/* One request in flight. Its id is its place, from 1. */
struct slot {
	enum slot_kind kind;
	uint32_t card;
	uint64_t sent_us;
};

enum till_state { TILL_DIALLING, TILL_SHAKING, TILL_GREETING, TILL_READY };

struct till {
	enum till_state state;
	int epoll;
	int handle;
	uint32_t polled; /* by epoll */
	struct identity identity;
	struct channel *channel;
	struct frame_reader reader;
	struct buffer input;
	struct buffer plain;
	struct buffer output;
	uint64_t counter; /* the last used */
	struct slot slots[IN_FLIGHT_MAX];
};

__attribute__((noreturn)) static inline void fail(
    const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(2);
}

static inline void must(
    enum result result, const char *what, const struct error *err)
{
	if (result != RESULT_OK)
		fail(what, err->text);
}

/* "29", ten digits of the index, and the EAN-13 check digit. */
static inline void card_number(uint32_t index, char ret_number[14])
{
	unsigned sum = 0;

	snprintf(ret_number, 14, "29%010" PRIu32, index);
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(ret_number[i] - '0') * (i % 2 == 0 ? 1 : 3);
	ret_number[12] = (char)('0' + (10 - sum % 10) % 10);
	ret_number[13] = '\0';
}

static inline void till_write(struct till *till, const tally_Request *request)
{
	struct error err;

	must(message_append_request(&till->plain, request, &err), "a request",
	    &err);
}

static inline void till_poll(struct till *till, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = till};

	if (events == till->polled)
		return;
	if (epoll_ctl(till->epoll,
		till->polled == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, till->handle,
		&event) != 0)
		fail("epoll", strerror(errno));
	till->polled = events;
}

/* Encrypt what is written, and send what the socket takes. */
static inline void till_send(struct till *till)
{
	struct error err;

	if (till->plain.size > 0) {
		must(channel_send(till->channel, buffer_view(&till->plain),
			 &till->output, &err),
		    "TLS", &err);
		till->plain.size = 0;
	}
	while (till->output.size > 0) {
		ssize_t sent = send(till->handle, till->output.data,
		    till->output.size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			fail("send", strerror(errno));
		buffer_consume(&till->output, (size_t)sent);
	}
	till_poll(till, EPOLLIN | (till->output.size > 0 ? EPOLLOUT : 0u));
}

static inline void till_dial(
    struct till *till, int epoll, const struct sockaddr_in *address)
{
	int on = 1;
	struct error err;

	till->epoll = epoll;
	till->handle =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (till->handle < 0)
		fail("socket", strerror(errno));
	setsockopt(till->handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(till->handle, (const struct sockaddr *)address,
		sizeof(*address)) != 0 &&
	    errno != EINPROGRESS)
		fail("connect", strerror(errno));
	must(channel_create(till->identity.context, &till->channel, &err),
	    "TLS", &err);
	must(channel_start(till->channel, &till->output, &err), "TLS", &err);
	till_poll(till, EPOLLOUT);
}

static inline void till_greet(struct till *till)
{
	tally_Request request = {
	    .id = 1, .which_body = tally_Request_hello_tag};

	request.body.hello.protocol = 1;
	strcpy(request.body.hello.software, "load");
	till_write(till, &request);
	till->state = TILL_GREETING;
}

#endif
