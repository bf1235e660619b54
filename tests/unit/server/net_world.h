/*
 * net_world: a shop's keys and a till's end of a connection, for the tests of
 * session and listener. No sockets here.
 */
#ifndef TESTS_UNIT_SERVER_NET_WORLD_H
#define TESTS_UNIT_SERVER_NET_WORLD_H

#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "proto/certificate.h"
#include "proto/channel.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "server/presence.h"
#include "server/worker.h"

#define must(call) assert_int_equal((call), RESULT_OK)

/* --- the shop ------------------------------------------------------------- */

struct world {
	struct key *authority_key;
	struct key *server_key;
	struct buffer authority;
	struct buffer certificate;
	struct channel_context *server;
	struct presence *presence;
};

static inline void world_init(struct world *world)
{
	uint64_t now_ms = clock_wall_ms();
	struct error err;

	memset(world, 0, sizeof(*world));
	must(key_create(&world->authority_key, &err));
	must(key_create(&world->server_key, &err));
	must(certificate_make_authority(world->authority_key, "Test Shop",
	    now_ms, &world->authority, &err));
	must(certificate_make_server(world->authority_key,
	    buffer_view(&world->authority), world->server_key, now_ms,
	    &world->certificate, &err));
	must(channel_context_server(world->server_key,
	    buffer_view(&world->certificate), buffer_view(&world->authority),
	    &world->server, &err));
	must(presence_create(&world->presence, &err));
}

static inline void world_finish(struct world *world)
{
	presence_destroy(world->presence);
	channel_context_destroy(world->server);
	buffer_finish(&world->certificate);
	buffer_finish(&world->authority);
	key_destroy(world->server_key);
	key_destroy(world->authority_key);
}

/* A certificate by this shop, and a client that shows it. */
static inline struct channel_context *world_client(
    struct world *world, enum role role, uint32_t number)
{
	struct channel_context *context;
	struct buffer csr = {0}, certificate = {0};
	struct hash key_hash;
	struct key *key;
	struct error err;

	must(key_create(&key, &err));
	must(certificate_request_make(key, &csr, &err));
	must(certificate_make_client(world->authority_key,
	    buffer_view(&world->authority), buffer_view(&csr), role, number,
	    clock_wall_ms(), &certificate, &key_hash, &err));
	must(channel_context_client(key, buffer_view(&certificate),
	    buffer_view(&world->authority), &context, &err));
	buffer_finish(&certificate);
	buffer_finish(&csr);
	key_destroy(key);
	return context;
}

/* A client without a certificate, as it is before it is enrolled. */
static inline struct channel_context *world_enroller(struct world *world)
{
	struct channel_context *context;
	struct hash pin;
	struct error err;

	must(certificate_pin(buffer_view(&world->authority), &pin, &err));
	must(channel_context_enrol(&pin, &context, &err));
	return context;
}

/* --- a till's end --------------------------------------------------------- */

struct till {
	struct channel *channel; /* NULL: no TLS */
	struct frame_reader reader;
	struct buffer input;  /* decrypted */
	struct buffer output; /* to be sent */
	bool is_closed;	      /* the server sent its close_notify */
	uint64_t last_id;
};

static inline void till_init(struct till *till, struct channel_context *context)
{
	struct error err;

	memset(till, 0, sizeof(*till));
	frame_reader_init(&till->reader, FRAME_REPLY_SIZE_MAX);
	if (context == NULL)
		return;
	must(channel_create(context, &till->channel, &err));
	must(channel_start(till->channel, &till->output, &err));
}

static inline void till_finish(struct till *till)
{
	channel_destroy(till->channel);
	frame_reader_finish(&till->reader);
	buffer_finish(&till->input);
	buffer_finish(&till->output);
}

/* Bytes of the protocol, whatever they say. */
static inline void till_send_bytes(struct till *till, struct bytes plain)
{
	struct error err;

	if (till->channel == NULL)
		must(buffer_append(&till->output, plain, &err));
	else
		must(channel_send(till->channel, plain, &till->output, &err));
}

static inline uint64_t till_send(struct till *till, tally_Request *request)
{
	struct buffer frame = {0};
	struct error err;

	request->id = ++till->last_id;
	must(message_append_request(&frame, request, &err));
	till_send_bytes(till, buffer_view(&frame));
	buffer_finish(&frame);
	return request->id;
}

/* Bytes from the server. */
static inline enum result till_receive(
    struct till *till, struct bytes received, struct error *err)
{
	enum result result;

	if (till->channel == NULL)
		return buffer_append(&till->input, received, err);
	result = channel_receive(
	    till->channel, received, &till->input, &till->output, err);
	if (result == RESULT_CLOSED) {
		till->is_closed = true;
		return RESULT_OK;
	}
	return result;
}

/* The next reply, if one is whole. */
static inline bool till_reply(struct till *till, tally_Reply *ret_reply)
{
	struct bytes input = buffer_view(&till->input);
	struct bytes body;
	bool is_whole;
	struct error err;

	must(frame_reader_next(&till->reader, &input, &body, &is_whole, &err));
	if (is_whole)
		must(message_decode_reply(body, ret_reply, &err));
	buffer_consume(&till->input, till->input.size - input.size);
	return is_whole;
}

/* --- requests and answers ------------------------------------------------- */

static inline tally_Request request_hello(void)
{
	tally_Request request = tally_Request_init_zero;

	request.which_body = tally_Request_hello_tag;
	request.body.hello.protocol = 1;
	strcpy(request.body.hello.software, "test");
	return request;
}

static inline tally_Request request_ping(void)
{
	tally_Request request = tally_Request_init_zero;

	request.which_body = tally_Request_ping_tag;
	return request;
}

static inline tally_Request request_earn(uint64_t counter)
{
	tally_Request request = tally_Request_init_zero;
	tally_Earn *earn = &request.body.earn;

	request.which_body = tally_Request_earn_tag;
	earn->has_operation = true;
	earn->operation.counter = counter;
	earn->operation.random.size = 16;
	strcpy(earn->card, "2912345678906");
	earn->amount_minor = 1250;
	strcpy(earn->receipt, "A-17");
	return request;
}

static inline tally_Request request_entries(uint32_t chunks)
{
	tally_Request request = tally_Request_init_zero;

	request.which_body = tally_Request_entries_tag;
	request.body.entries.sequence = 1;
	request.body.entries.chunks = chunks;
	return request;
}

static inline tally_Request request_enrol(void)
{
	tally_Request request = tally_Request_init_zero;

	request.which_body = tally_Request_enrol_terminal_tag;
	request.body.enrol_terminal.secret.size = 16;
	request.body.enrol_terminal.csr.size = 10;
	return request;
}

/* What a server without a ledger says. */
static inline void answer(struct job *job)
{
	static const tally_Reply zero = tally_Reply_init_zero;
	tally_Reply *reply = &job->reply;

	job->end = JOB_REPLY;
	*reply = zero;
	switch (job->request.which_body) {
	case tally_Request_hello_tag:
		reply->which_body = tally_Reply_hello_tag;
		reply->body.hello.protocol = 1;
		reply->body.hello.terminal = job->caller.peer.number;
		reply->body.hello.checkpoint_key.size = 32;
		break;
	case tally_Request_earn_tag:
		reply->which_body = tally_Reply_operation_tag;
		reply->body.operation.entry =
		    job->request.body.earn.operation.counter;
		reply->body.operation.hash.size = 32;
		reply->body.operation.points = 12;
		break;
	case tally_Request_enrol_terminal_tag:
		reply->which_body = tally_Reply_enrol_terminal_tag;
		reply->body.enrol_terminal.terminal = 5;
		reply->body.enrol_terminal.certificate.size = 500;
		reply->body.enrol_terminal.authority.size = 500;
		break;
	default:
		reply->which_body = tally_Reply_pong_tag;
	}
}

static inline void answer_refusal(struct job *job, enum refusal_code code)
{
	struct refusal refusal = {.code = code};

	job->end = JOB_REPLY;
	message_set_refusal(&job->reply, &refusal);
}

#endif
