/*
 * remote: owns the socket to the server, its channel, and the pauses between
 * attempts.
 *
 * What arrives is decrypted into `plain` at once and decoded a frame at a time
 * as remote_next() is called, so that answers which came before a break are
 * told before it.
 */
#include "client/remote.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "proto/frame.h"
#include "proto/identity.h"

#define PROTOCOL 1u
#define HELLO_ID (1ull << 63)
#define PING_ID (HELLO_ID + 1)
#define READ_SIZE 16384u

enum state {
	STATE_PAUSE,   /* until `deadline_ms` */
	STATE_CONNECT, /* all others: at most until it, but for OPEN */
	STATE_HANDSHAKE,
	STATE_HELLO,
	STATE_OPEN,
	STATE_BROKEN, /* to be told, once what arrived has been */
};

struct remote {
	char host[256];
	char port[6];
	char software[65];
	struct channel_context *context;
	uint64_t next_counter;

	struct sockaddr_storage addresses[REMOTE_ADDRESSES_MAX];
	socklen_t address_sizes[REMOTE_ADDRESSES_MAX];
	size_t address_count;
	size_t address_next;

	enum state state;
	bool was_open; /* before it broke */
	unsigned failures;
	uint64_t deadline_ms;
	uint64_t opened_ms;
	const char *why; /* it broke */
	struct error fault;

	int handle;
	struct channel *channel;
	struct frame_reader frames;
	struct buffer plain;	/* decrypted and not decoded yet */
	struct buffer requests; /* frames to encrypt */
	struct buffer output;	/* encrypted bytes to write */

	unsigned outstanding;	   /* requests without an answer */
	uint64_t waiting_since_ms; /* … or since bytes came */
	uint64_t sent_ms;
	tally_Reply reply;
};

/* --- breaking ------------------------------------------------------------- */

static void hang_up(struct remote *remote)
{
	if (remote->handle >= 0)
		close(remote->handle);
	remote->handle = -1;
	channel_destroy(remote->channel);
	remote->channel = NULL;
	frame_reader_finish(&remote->frames);
	frame_reader_init(&remote->frames, FRAME_REPLY_SIZE_MAX);
	buffer_finish(&remote->requests);
	buffer_finish(&remote->output);
	remote->outstanding = 0;
}

/* The connection is over; `fault` holds the reason. It is told by
 * remote_next() after the answers that came before. */
static void break_off(struct remote *remote, const char *why)
{
	if (remote->state == STATE_BROKEN)
		return;
	remote->was_open = remote->state == STATE_OPEN;
	remote->state = STATE_BROKEN;
	remote->why = why;
	if (remote->handle >= 0)
		close(remote->handle);
	remote->handle = -1;
}

static void break_on(struct remote *remote, enum result result)
{
	break_off(remote, result == RESULT_DENIED ? "server_unknown"
			  : result == RESULT_INVALID || result == RESULT_LIMIT
			      ? "protocol"
			      : "server_away");
}

static void break_timeout(struct remote *remote, const char *text)
{
	(void)!error_set(&remote->fault, RESULT_IO, "%s", text);
	break_off(remote, "server_away");
}

uint32_t remote_pause_ms(unsigned failures, uint32_t random)
{
	uint32_t pause_ms = REMOTE_RETRY_MS_MIN;

	for (unsigned i = 1; i < failures && pause_ms < REMOTE_RETRY_MS_MAX;
	     i++)
		pause_ms *= 2;
	if (pause_ms > REMOTE_RETRY_MS_MAX)
		pause_ms = REMOTE_RETRY_MS_MAX;
	return pause_ms / 2 + random % (pause_ms / 2 + 1);
}

static void pause_until_retry(struct remote *remote, uint64_t now_ms)
{
	uint32_t random;

	crypto_random(&random, sizeof random);
	remote->failures++;
	remote->state = STATE_PAUSE;
	remote->deadline_ms =
	    now_ms + remote_pause_ms(remote->failures, random);
}

/* --- connecting ----------------------------------------------------------- */

static enum result resolve(struct remote *remote)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICSERV,
	    .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int code = getaddrinfo(remote->host, remote->port, &hints, &list);

	if (code != 0)
		return error_set(&remote->fault, RESULT_IO,
		    "the server's name %s: %s", remote->host,
		    gai_strerror(code));
	remote->address_count = 0;
	remote->address_next = 0;
	for (struct addrinfo *each = list; each; each = each->ai_next) {
		size_t place = remote->address_count;

		if (place == REMOTE_ADDRESSES_MAX ||
		    each->ai_addrlen > sizeof remote->addresses[place])
			break;
		memcpy(
		    &remote->addresses[place], each->ai_addr, each->ai_addrlen);
		remote->address_sizes[place] = each->ai_addrlen;
		remote->address_count++;
	}
	freeaddrinfo(list);
	return RESULT_OK;
}

static void connect_result(struct remote *remote, int errno_value)
{
	(void)!error_errno(&remote->fault, RESULT_IO, errno_value, "%s port %s",
	    remote->host, remote->port);
	break_off(remote, "server_away");
}

/* Begin with the next address. Names are asked for when all have had a turn. */
static void start_connect(struct remote *remote, uint64_t now_ms)
{
	size_t place;
	int on = 1;

	remote->state = STATE_CONNECT;
	remote->deadline_ms = now_ms + REMOTE_CONNECT_MS;
	if (remote->address_next >= remote->address_count &&
	    resolve(remote) != RESULT_OK) {
		break_off(remote, "server_away");
		return;
	}
	place = remote->address_next++;
	remote->handle = socket(remote->addresses[place].ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (remote->handle < 0) {
		connect_result(remote, errno);
		return;
	}
	(void)setsockopt(
	    remote->handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(remote->handle,
		(const struct sockaddr *)&remote->addresses[place],
		remote->address_sizes[place]) != 0 &&
	    errno != EINPROGRESS)
		connect_result(remote, errno);
}

static void start_handshake(struct remote *remote)
{
	enum result result =
	    channel_create(remote->context, &remote->channel, &remote->fault);

	if (result == RESULT_OK)
		result = channel_start(
		    remote->channel, &remote->output, &remote->fault);
	remote->state = STATE_HANDSHAKE;
	if (result != RESULT_OK)
		break_on(remote, result);
}

static void finish_connect(struct remote *remote)
{
	int errno_value = 0;
	socklen_t size = sizeof errno_value;

	if (getsockopt(
		remote->handle, SOL_SOCKET, SO_ERROR, &errno_value, &size) != 0)
		errno_value = errno;
	if (errno_value != 0)
		connect_result(remote, errno_value);
	else
		start_handshake(remote);
}

static void queue(
    struct remote *remote, const tally_Request *request, uint64_t now_ms)
{
	enum result result =
	    message_append_request(&remote->requests, request, &remote->fault);

	if (result != RESULT_OK) {
		break_on(remote, result);
		return;
	}
	if (remote->outstanding++ == 0)
		remote->waiting_since_ms = now_ms;
	remote->sent_ms = now_ms;
}

static void say_hello(struct remote *remote, uint64_t now_ms)
{
	tally_Request request = tally_Request_init_zero;
	tally_Hello *hello = &request.body.hello;

	request.id = HELLO_ID;
	request.which_body = tally_Request_hello_tag;
	hello->protocol = PROTOCOL;
	snprintf(
	    hello->software, sizeof hello->software, "%s", remote->software);
	hello->next_counter = remote->next_counter;
	remote->state = STATE_HELLO;
	queue(remote, &request, now_ms);
}

/* --- reading and writing -------------------------------------------------- */

static void write_output(struct remote *remote)
{
	while (remote->handle >= 0 && remote->output.size > 0) {
		ssize_t size = send(remote->handle, remote->output.data,
		    remote->output.size, MSG_NOSIGNAL);

		if (size > 0) {
			buffer_consume(&remote->output, (size_t)size);
		} else if (errno != EINTR) {
			if (errno != EAGAIN)
				connect_result(remote, errno);
			return;
		}
	}
}

void remote_flush(struct remote *remote, uint64_t now_ms)
{
	(void)now_ms;
	if (remote->handle < 0 || remote->state == STATE_CONNECT)
		return;
	if (remote->requests.size > 0 && channel_is_open(remote->channel)) {
		enum result result = channel_send(remote->channel,
		    buffer_view(&remote->requests), &remote->output,
		    &remote->fault);

		remote->requests.size = 0;
		if (result != RESULT_OK) {
			break_on(remote, result);
			return;
		}
	}
	write_output(remote);
}

/* Give received bytes to the channel. An alert of ours is sent as far as the
 * socket takes it. */
static void decrypt(
    struct remote *remote, struct bytes received, uint64_t now_ms)
{
	enum result result = channel_receive(remote->channel, received,
	    &remote->plain, &remote->output, &remote->fault);

	remote->waiting_since_ms = now_ms;
	if (result != RESULT_OK) {
		write_output(remote);
		break_on(remote, result);
		return;
	}
	if (remote->state == STATE_HANDSHAKE &&
	    channel_is_open(remote->channel))
		say_hello(remote, now_ms);
}

static void read_input(struct remote *remote, uint64_t now_ms)
{
	uint8_t bytes[READ_SIZE];
	ssize_t size = recv(remote->handle, bytes, sizeof bytes, 0);

	if (size > 0)
		decrypt(remote, bytes_of(bytes, (size_t)size), now_ms);
	else if (size == 0)
		break_timeout(remote, "the server ended the connection");
	else if (errno != EAGAIN && errno != EINTR)
		connect_result(remote, errno);
}

void remote_ready(struct remote *remote, uint64_t now_ms)
{
	if (remote->handle < 0)
		return;
	if (remote->state == STATE_CONNECT)
		finish_connect(remote);
	else
		read_input(remote, now_ms);
	remote_flush(remote, now_ms);
}

/* --- time ----------------------------------------------------------------- */

static uint64_t answer_deadline_ms(const struct remote *remote)
{
	return remote->outstanding > 0
		   ? remote->waiting_since_ms + REMOTE_ANSWER_MS
		   : remote->sent_ms + PING_MS;
}

uint64_t remote_deadline_ms(const struct remote *remote)
{
	if (remote->state == STATE_BROKEN)
		return 0;
	return remote->state == STATE_OPEN ? answer_deadline_ms(remote)
					   : remote->deadline_ms;
}

static void ping(struct remote *remote, uint64_t now_ms)
{
	tally_Request request = tally_Request_init_zero;

	request.id = PING_ID;
	request.which_body = tally_Request_ping_tag;
	queue(remote, &request, now_ms);
	remote_flush(remote, now_ms);
}

void remote_time(struct remote *remote, uint64_t now_ms)
{
	if (now_ms < remote_deadline_ms(remote))
		return;
	switch (remote->state) {
	case STATE_PAUSE:
		start_connect(remote, now_ms);
		break;
	case STATE_CONNECT:
	case STATE_HANDSHAKE:
	case STATE_HELLO:
		break_timeout(remote, "the server does not answer");
		break;
	case STATE_OPEN:
		if (remote->outstanding > 0)
			break_timeout(remote, "the server does not answer");
		else
			ping(remote, now_ms);
		break;
	case STATE_BROKEN:
		break;
	}
}

/* --- events --------------------------------------------------------------- */

/* One reply out of what was decrypted. */
static bool next_reply(struct remote *remote)
{
	struct bytes input = buffer_view(&remote->plain);
	struct bytes body;
	bool whole = false;
	enum result result = frame_reader_next(
	    &remote->frames, &input, &body, &whole, &remote->fault);

	if (result == RESULT_OK && whole)
		result =
		    message_decode_reply(body, &remote->reply, &remote->fault);
	buffer_consume(&remote->plain, remote->plain.size - input.size);
	if (result == RESULT_OK)
		return whole;
	remote->plain.size = 0;
	break_on(remote, result);
	return false;
}

static void refuse_hello(
    struct remote *remote, uint64_t now_ms, struct remote_event *event)
{
	const tally_Reply *reply = &remote->reply;

	hang_up(remote);
	pause_until_retry(remote, now_ms);
	remote->plain.size = 0;
	if (reply->which_body == tally_Reply_refusal_tag) {
		event->kind = REMOTE_REFUSED;
		message_refusal(reply, &event->refusal);
		return;
	}
	event->kind = REMOTE_DOWN;
	event->why = "protocol";
	event->say = "the server speaks another version of the protocol";
}

/* False: there is nothing to tell, for the connection has broken since. A
 * refusal is told even so: a server may close right after it. */
static bool take_hello(
    struct remote *remote, uint64_t now_ms, struct remote_event *event)
{
	const tally_Reply *reply = &remote->reply;

	if (reply->which_body != tally_Reply_hello_tag ||
	    reply->body.hello.protocol != PROTOCOL) {
		refuse_hello(remote, now_ms, event);
		return true;
	}
	if (remote->state != STATE_HELLO)
		return false;
	remote->state = STATE_OPEN;
	remote->opened_ms = now_ms;
	remote->failures = 0;
	/* The address that works is the first to try again. */
	remote->address_next--;
	event->kind = REMOTE_UP;
	event->reply = reply;
	return true;
}

static void tell_break(
    struct remote *remote, uint64_t now_ms, struct remote_event *event)
{
	bool steady =
	    remote->was_open && now_ms - remote->opened_ms >= REMOTE_STEADY_MS;

	hang_up(remote);
	if (steady) {
		remote->state = STATE_PAUSE;
		remote->deadline_ms = now_ms;
		event->kind = REMOTE_LOST;
		return;
	}
	pause_until_retry(remote, now_ms);
	event->kind = REMOTE_DOWN;
	event->why = remote->why;
	event->say = remote->fault.text;
}

bool remote_next(
    struct remote *remote, uint64_t now_ms, struct remote_event *ret_event)
{
	struct remote_event event = {0};

	while (remote->plain.size > 0 && next_reply(remote)) {
		if (remote->outstanding > 0)
			remote->outstanding--;
		if (remote->reply.id == HELLO_ID) {
			if (!take_hello(remote, now_ms, &event))
				continue;
			*ret_event = event;
			return true;
		}
		if (remote->reply.id == PING_ID)
			continue;
		event.kind = REMOTE_REPLY;
		event.reply = &remote->reply;
		*ret_event = event;
		return true;
	}
	if (remote->state != STATE_BROKEN)
		return false;
	tell_break(remote, now_ms, &event);
	*ret_event = event;
	return true;
}

void remote_send(
    struct remote *remote, const tally_Request *request, uint64_t now_ms)
{
	assert(remote->state == STATE_OPEN || remote->state == STATE_BROKEN);
	assert(request->id < HELLO_ID);
	if (remote->state == STATE_OPEN)
		queue(remote, request, now_ms);
}

/* --- life ----------------------------------------------------------------- */

enum result remote_create(const char *address, struct channel_context *context,
    const char *software, struct remote **ret_remote, struct error *err)
{
	struct remote *remote = calloc(1, sizeof *remote);
	enum result result;

	if (!remote)
		return error_no_memory(err);
	remote->handle = -1;
	remote->context = context;
	remote->next_counter = 1;
	snprintf(remote->software, sizeof remote->software, "%s", software);
	frame_reader_init(&remote->frames, FRAME_REPLY_SIZE_MAX);
	result = address_split(address, remote->host, remote->port, err);
	if (result != RESULT_OK) {
		remote_destroy(remote);
		return result;
	}
	*ret_remote = remote;
	return RESULT_OK;
}

void remote_destroy(struct remote *remote)
{
	if (!remote)
		return;
	if (remote->channel && remote->handle >= 0) {
		channel_close(remote->channel, &remote->output);
		write_output(remote);
	}
	hang_up(remote);
	frame_reader_finish(&remote->frames);
	buffer_finish(&remote->plain);
	free(remote);
}

void remote_set_next_counter(struct remote *remote, uint64_t next_counter)
{
	remote->next_counter = next_counter;
}

int remote_handle(const struct remote *remote)
{
	return remote->handle;
}

short remote_events(const struct remote *remote)
{
	if (remote->state == STATE_CONNECT)
		return POLLOUT;
	return remote->output.size > 0 ? POLLIN | POLLOUT : POLLIN;
}
