/*
 * link: a socket, a channel over it, and a caller who waits.
 *
 * The socket does not block; waiting is done in poll(2) alone, against a
 * deadline. Every step reads before it writes: a server that lets its peer
 * wait until its replies are taken is no deadlock, and an alert that came
 * before the connection broke is seen.
 */
#include "proto/link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "proto/frame.h"

#define PIECE_SIZE 16384u /* bytes received at once */
#define SOFTWARE "tallystick 1"
#define PROTOCOL 1u

struct link {
	int handle;
	struct channel *channel; /* NULL on the owner's socket */
	struct frame_reader frames;
	struct buffer plain;  /* received, decrypted */
	size_t taken_size;    /* bytes of `plain` that went into frames */
	struct buffer output; /* encrypted, to be sent */
	struct buffer request;
	uint64_t last_id;
	struct error end; /* why it has ended; RESULT_OK while it has not */
};

/* --- a step --------------------------------------------------------------- */

static enum result link_end(struct link *link, struct error *err)
{
	if (err != NULL)
		*err = link->end;
	return link->end.result;
}

/* Take received bytes in. What goes wrong is kept in `end`: what came before
 * it is still to be read. */
static void link_take(struct link *link, struct bytes received)
{
	if (link->channel == NULL)
		(void)buffer_append(&link->plain, received, &link->end);
	else
		(void)channel_receive(link->channel, received, &link->plain,
		    &link->output, &link->end);
}

static void link_read(struct link *link)
{
	uint8_t piece[PIECE_SIZE];
	ssize_t got = recv(link->handle, piece, sizeof(piece), 0);

	if (got > 0)
		link_take(link, bytes_of(piece, (size_t)got));
	else if (got == 0)
		(void)error_set(
		    &link->end, RESULT_CLOSED, "the server hung up");
	else if (errno != EAGAIN && errno != EINTR)
		(void)error_errno(
		    &link->end, RESULT_CLOSED, errno, "the connection broke");
}

static void link_write(struct link *link)
{
	ssize_t sent = send(
	    link->handle, link->output.data, link->output.size, MSG_NOSIGNAL);

	if (sent >= 0)
		buffer_consume(&link->output, (size_t)sent);
	else if (errno != EAGAIN && errno != EINTR)
		(void)error_errno(
		    &link->end, RESULT_CLOSED, errno, "the connection broke");
}

/* Milliseconds until `deadline_ms`, for poll(2). */
static int wait_ms(uint64_t deadline_ms)
{
	uint64_t now_ms = clock_monotonic_ms();
	uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;

	return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

static enum result handle_wait(int handle, short events, uint64_t deadline_ms,
    short *ret_events, struct error *err)
{
	struct pollfd poller = {.fd = handle, .events = events};
	int ready;

	do {
		ready = poll(&poller, 1, wait_ms(deadline_ms));
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_errno(err, RESULT_IO, errno, "cannot wait");
	if (ready == 0)
		return error_set(
		    err, RESULT_IO, "the server did not answer in time");
	*ret_events = poller.revents;
	return RESULT_OK;
}

/* Wait once, and move what can be moved. */
static enum result link_step(
    struct link *link, uint64_t deadline_ms, struct error *err)
{
	short events = POLLIN;
	enum result result;

	if (link->output.size > 0)
		events |= POLLOUT;
	result = handle_wait(link->handle, events, deadline_ms, &events, err);
	if (result != RESULT_OK)
		return result;
	if ((events & ~POLLOUT) != 0)
		link_read(link);
	/* Also after the end: what is left may be an alert. */
	if ((events & POLLOUT) != 0 && link->output.size > 0)
		link_write(link);
	return RESULT_OK;
}

/* --- opening -------------------------------------------------------------- */

/* Takes `handle` and, where there is one, `channel`; also where it fails. */
static enum result link_create(int handle, struct channel *channel,
    struct link **ret_link, struct error *err)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		channel_destroy(channel);
		(void)close(handle);
		return error_no_memory(err);
	}
	link->handle = handle;
	link->channel = channel;
	frame_reader_init(&link->frames, FRAME_REPLY_SIZE_MAX);
	*ret_link = link;
	return RESULT_OK;
}

static void link_destroy(struct link *link)
{
	channel_destroy(link->channel);
	frame_reader_finish(&link->frames);
	buffer_finish(&link->plain);
	buffer_finish(&link->output);
	buffer_finish(&link->request);
	(void)close(link->handle);
	free(link);
}

/* The end of a connect(2) that was begun. */
static enum result connect_wait(
    int handle, uint64_t deadline_ms, struct error *err)
{
	int fault = 0;
	socklen_t size = sizeof(fault);
	short events;
	enum result result =
	    handle_wait(handle, POLLOUT, deadline_ms, &events, err);

	if (result != RESULT_OK)
		return result;
	if (getsockopt(handle, SOL_SOCKET, SO_ERROR, &fault, &size) != 0)
		fault = errno;
	if (fault != 0)
		return error_errno(
		    err, RESULT_IO, fault, "cannot reach the server");
	return RESULT_OK;
}

static enum result connect_to(const struct addrinfo *place,
    uint64_t deadline_ms, int *ret_handle, struct error *err)
{
	int yes = 1;
	int handle = socket(place->ai_family,
	    place->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    place->ai_protocol);
	enum result result = RESULT_OK;

	if (handle < 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot make a socket");
	/* Small requests go at once. */
	(void)setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(handle, place->ai_addr, place->ai_addrlen) != 0)
		result = errno == EINPROGRESS
			     ? connect_wait(handle, deadline_ms, err)
			     : error_errno(err, RESULT_IO, errno,
				   "cannot reach the server");
	if (result == RESULT_OK)
		*ret_handle = handle;
	else
		(void)close(handle);
	return result;
}

/* Try each place that the name stands for. */
static enum result dial(const char *address, uint64_t deadline_ms,
    int *ret_handle, struct error *err)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *places;
	char host[256], port[6];
	int fault;
	enum result result = address_split(address, host, port, err);

	if (result != RESULT_OK)
		return result;
	fault = getaddrinfo(host, port, &hints, &places);
	if (fault != 0)
		return error_set(err, RESULT_IO, "cannot find %s: %s", host,
		    gai_strerror(fault));
	result = error_set(err, RESULT_IO, "%s stands for no place", host);
	for (struct addrinfo *at = places; at != NULL; at = at->ai_next) {
		result = connect_to(at, deadline_ms, ret_handle, err);
		if (result == RESULT_OK)
			break;
	}
	freeaddrinfo(places);
	return result;
}

static enum result link_shake(
    struct link *link, uint64_t deadline_ms, struct error *err)
{
	enum result result = channel_start(link->channel, &link->output, err);

	while (result == RESULT_OK &&
	       (!channel_is_open(link->channel) || link->output.size > 0)) {
		result = link_step(link, deadline_ms, err);
		/* What the handshake failed of is told to the peer first. */
		if (link->end.result != RESULT_OK) {
			if (link->output.size > 0)
				link_write(link);
			return link_end(link, err);
		}
	}
	return result;
}

enum result link_open_tls(const char *address, struct channel_context *context,
    uint32_t timeout_ms, struct link **ret_link, struct error *err)
{
	uint64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	struct channel *channel;
	struct link *link = NULL;
	int handle = -1;
	enum result result = dial(address, deadline_ms, &handle, err);

	if (result != RESULT_OK) {
		(void)error_prefix(err, "%s", address);
		return result;
	}
	result = channel_create(context, &channel, err);
	if (result != RESULT_OK) {
		(void)close(handle);
		return result;
	}
	result = link_create(handle, channel, &link, err);
	if (result != RESULT_OK)
		return result;
	result = link_shake(link, deadline_ms, err);
	if (result != RESULT_OK) {
		link_destroy(link);
		(void)error_prefix(err, "%s", address);
		return result;
	}
	*ret_link = link;
	return RESULT_OK;
}

static enum result connect_unix(
    int handle, const char *path, uint64_t deadline_ms, struct error *err)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	size_t size = strlen(path);

	if (size >= sizeof(place.sun_path))
		return error_set(err, RESULT_LIMIT,
		    "%s: a socket's path has at most %zu bytes", path,
		    sizeof(place.sun_path) - 1);
	memcpy(place.sun_path, path, size);
	if (connect(handle, (struct sockaddr *)&place, sizeof(place)) == 0)
		return RESULT_OK;
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		return error_set(
		    err, RESULT_NOT_FOUND, "no server listens on %s", path);
	case EAGAIN:
		return error_set(err, RESULT_BUSY,
		    "%s: the server takes nobody just now", path);
	case EINPROGRESS:
		return connect_wait(handle, deadline_ms, err);
	default:
		return error_errno(err, RESULT_IO, errno, "%s", path);
	}
}

enum result link_open_unix(const char *path, uint32_t timeout_ms,
    struct link **ret_link, struct error *err)
{
	uint64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	int handle =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum result result;

	if (handle < 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot make a socket");
	result = connect_unix(handle, path, deadline_ms, err);
	if (result != RESULT_OK) {
		(void)close(handle);
		return result;
	}
	return link_create(handle, NULL, ret_link, err);
}

void link_close(struct link *link)
{
	if (link == NULL)
		return;
	/* As far as the socket takes it: nobody waits for a farewell. */
	if (link->channel != NULL && link->end.result == RESULT_OK) {
		channel_close(link->channel, &link->output);
		link_write(link);
	}
	link_destroy(link);
}

int link_handle(const struct link *link)
{
	return link->handle;
}

/* --- requests and replies ------------------------------------------------- */

enum result link_send(
    struct link *link, tally_Request *request, struct error *err)
{
	uint64_t deadline_ms = clock_monotonic_ms() + REQUEST_MS_MAX;
	struct bytes frame;
	enum result result;

	if (link->end.result != RESULT_OK)
		return link_end(link, err);
	request->id = ++link->last_id;
	link->request.size = 0;
	result = message_append_request(&link->request, request, err);
	if (result != RESULT_OK)
		return result;
	frame = buffer_view(&link->request);
	if (link->channel == NULL)
		result = buffer_append(&link->output, frame, err);
	else
		result = channel_send(link->channel, frame, &link->output, err);
	while (result == RESULT_OK && link->output.size > 0) {
		result = link_step(link, deadline_ms, err);
		/* Replies may have come before the end: link_receive() gives
		 * those first, and then the reason. */
		if (link->end.result != RESULT_OK)
			return result;
	}
	return result;
}

/* A frame out of what has been received. */
static enum result link_frame(struct link *link, struct bytes *ret_body,
    bool *ret_whole, struct error *err)
{
	struct bytes rest = bytes_of(NULL, 0);
	enum result result;

	if (link->taken_size < link->plain.size)
		rest = bytes_of(&link->plain.data[link->taken_size],
		    link->plain.size - link->taken_size);
	result =
	    frame_reader_next(&link->frames, &rest, ret_body, ret_whole, err);
	link->taken_size = link->plain.size - rest.size;
	if (result == RESULT_OK && !*ret_whole) {
		link->plain.size = 0;
		link->taken_size = 0;
	}
	return result;
}

static enum result link_receive_until(struct link *link, uint64_t deadline_ms,
    tally_Reply *ret_reply, struct error *err)
{
	for (;;) {
		struct bytes body;
		bool is_whole;
		enum result result = link_frame(link, &body, &is_whole, err);

		if (result != RESULT_OK) {
			(void)error_prefix(err, "the server's reply");
			return result;
		}
		if (is_whole)
			return message_decode_reply(body, ret_reply, err);
		if (link->end.result != RESULT_OK)
			return link_end(link, err);
		result = link_step(link, deadline_ms, err);
		if (result != RESULT_OK)
			return result;
	}
}

enum result link_receive(struct link *link, uint32_t timeout_ms,
    tally_Reply *ret_reply, struct error *err)
{
	return link_receive_until(
	    link, clock_monotonic_ms() + timeout_ms, ret_reply, err);
}

enum result link_call(struct link *link, tally_Request *request,
    uint32_t timeout_ms, tally_Reply *ret_reply, struct error *err)
{
	uint64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	enum result result = link_send(link, request, err);

	/* Replies to what was given up on before are passed over. */
	while (result == RESULT_OK) {
		result = link_receive_until(link, deadline_ms, ret_reply, err);
		if (result == RESULT_OK && ret_reply->id == request->id)
			break;
	}
	return result;
}

static enum result hello_answer(
    const tally_Reply *reply, tally_HelloReply *ret_hello, struct error *err)
{
	if (reply->which_body == tally_Reply_refusal_tag)
		return error_set(
		    err, RESULT_DENIED, "%s", reply->body.refusal.say);
	if (reply->which_body != tally_Reply_hello_tag)
		return error_set(err, RESULT_INVALID,
		    "the server does not answer the hello");
	if (reply->body.hello.protocol != PROTOCOL)
		return error_set(err, RESULT_VERSION,
		    "the server speaks version %u of the protocol, not %u",
		    reply->body.hello.protocol, PROTOCOL);
	*ret_hello = reply->body.hello;
	return RESULT_OK;
}

enum result link_hello(struct link *link, uint64_t next_counter,
    tally_HelloReply *ret_hello, struct error *err)
{
	tally_Request request = {
	    .which_body = tally_Request_hello_tag,
	    .body.hello = {.protocol = PROTOCOL,
		.software = SOFTWARE,
		.next_counter = next_counter},
	};
	tally_Reply *reply = malloc(sizeof(*reply));
	enum result result;

	if (reply == NULL)
		return error_no_memory(err);
	result = link_call(link, &request, REQUEST_MS_MAX, reply, err);
	if (result == RESULT_OK)
		result = hello_answer(reply, ret_hello, err);
	free(reply);
	return result;
}
