/*
 * channel_world: a shop and another one, and pairs of channels in memory.
 */
#ifndef TESTS_UNIT_PROTO_CHANNEL_WORLD_H
#define TESTS_UNIT_PROTO_CHANNEL_WORLD_H

#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "proto/certificate_inside.h"
#include "proto/channel.h"

/* --- a shop --------------------------------------------------------------- */

/* Everything that a shop and one till of it have. */
struct world {
	struct key *authority_key, *server_key, *till_key;
	struct buffer authority, server, till;
	struct hash pin, till_hash;
	struct channel_context *server_context, *till_context;
	struct channel_context *enrol_context;
};

#define OK(call) assert_int_equal(RESULT_OK, (call))

static inline void world_certify(struct world *world, uint64_t now_ms)
{
	struct buffer csr;

	OK(certificate_make_authority(world->authority_key, "Corner shop",
	    now_ms, &world->authority, NULL));
	OK(certificate_make_server(world->authority_key,
	    buffer_view(&world->authority), world->server_key, now_ms,
	    &world->server, NULL));
	OK(certificate_request_make(world->till_key, &csr, NULL));
	OK(certificate_make_client(world->authority_key,
	    buffer_view(&world->authority), buffer_view(&csr), ROLE_TERMINAL, 7,
	    now_ms, &world->till, &world->till_hash, NULL));
	OK(certificate_pin(buffer_view(&world->authority), &world->pin, NULL));
	buffer_finish(&csr);
}

static inline void world_init(struct world *world, uint64_t now_ms)
{
	OK(key_create(&world->authority_key, NULL));
	OK(key_create(&world->server_key, NULL));
	OK(key_create(&world->till_key, NULL));
	world_certify(world, now_ms);
	OK(channel_context_server(world->server_key,
	    buffer_view(&world->server), buffer_view(&world->authority),
	    &world->server_context, NULL));
	OK(channel_context_client(world->till_key, buffer_view(&world->till),
	    buffer_view(&world->authority), &world->till_context, NULL));
	OK(channel_context_enrol(&world->pin, &world->enrol_context, NULL));
}

static inline void world_finish(struct world *world)
{
	channel_context_destroy(world->enrol_context);
	channel_context_destroy(world->till_context);
	channel_context_destroy(world->server_context);
	buffer_finish(&world->till);
	buffer_finish(&world->server);
	buffer_finish(&world->authority);
	key_destroy(world->till_key);
	key_destroy(world->server_key);
	key_destroy(world->authority_key);
}

/* Two shops, the same for all tests. */
static struct world ours, theirs;

static inline int setup(void **state)
{
	(void)state;
	world_init(&ours, clock_wall_ms());
	world_init(&theirs, clock_wall_ms());
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_finish(&ours);
	world_finish(&theirs);
	return 0;
}

/* --- pairs ---------------------------------------------------------------- */

struct end {
	struct channel *channel;
	struct buffer plain, output;
	enum result result; /* of the last call */
	struct error err;
};

struct pair {
	struct end client, server;
};

static inline void end_init(struct end *end, struct channel_context *context)
{
	*end = (struct end){0};
	OK(channel_create(context, &end->channel, NULL));
}

static inline void end_finish(struct end *end)
{
	channel_destroy(end->channel);
	buffer_finish(&end->plain);
	buffer_finish(&end->output);
}

static inline void end_receive(struct end *end, struct bytes bytes)
{
	/* Exactly so much memory, so that a sanitizer sees any more read. */
	uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);

	assert_non_null(copy);
	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	end->result = channel_receive(end->channel, bytes_of(copy, bytes.size),
	    &end->plain, &end->output, &end->err);
	free(copy);
}

static inline void end_send(struct end *end, struct bytes bytes)
{
	OK(channel_send(end->channel, bytes, &end->output, &end->err));
}

/* Give everything that `from` has to send to `to`, in pieces, until the first
 * refusal. */
static inline void deliver(struct end *from, struct end *to, size_t piece_size)
{
	struct buffer sent = from->output;
	size_t at = 0;

	from->output = (struct buffer){0};
	while (at < sent.size && to->result == RESULT_OK) {
		size_t size =
		    sent.size - at < piece_size ? sent.size - at : piece_size;

		end_receive(to, bytes_of(&sent.data[at], size));
		at += size;
	}
	buffer_finish(&sent);
}

/* Deliver both ways until there is no more. */
static inline void settle(struct pair *pair, size_t piece_size)
{
	while (pair->client.output.size > 0 || pair->server.output.size > 0) {
		deliver(&pair->client, &pair->server, piece_size);
		deliver(&pair->server, &pair->client, piece_size);
	}
}

static inline void pair_shake(struct pair *pair, struct channel_context *client,
    struct channel_context *server, size_t piece_size)
{
	end_init(&pair->client, client);
	end_init(&pair->server, server);
	OK(channel_start(
	    pair->client.channel, &pair->client.output, &pair->client.err));
	settle(pair, piece_size);
}

static inline void pair_open(struct pair *pair)
{
	pair_shake(pair, ours.till_context, ours.server_context, SIZE_MAX);
	assert_true(channel_is_open(pair->client.channel));
	assert_true(channel_is_open(pair->server.channel));
}

static inline void pair_finish(struct pair *pair)
{
	end_finish(&pair->client);
	end_finish(&pair->server);
}

static inline void holds(const struct end *end, struct bytes wanted)
{
	assert_true(bytes_equal(buffer_view(&end->plain), wanted));
}

static inline void works(struct pair *pair)
{
	pair->client.plain.size = 0;
	pair->server.plain.size = 0;
	end_send(&pair->client, bytes_of_string("question"));
	settle(pair, SIZE_MAX);
	holds(&pair->server, bytes_of_string("question"));
	end_send(&pair->server, bytes_of_string("answer"));
	settle(pair, SIZE_MAX);
	holds(&pair->client, bytes_of_string("answer"));
}

/* --- strangers ------------------------------------------------------------ */

/* A client or server made with libssl alone, over memory. */
struct stranger {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
	int result;
};

static inline SSL_CTX *stranger_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);

	assert_non_null(context);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	return context;
}

/* For a server with our server's certificate. */
static inline SSL_CTX *stranger_server(void)
{
	SSL_CTX *context = stranger_context(TLS_server_method());

	assert_int_equal(1, SSL_CTX_use_certificate_ASN1(context,
				(int)ours.server.size, ours.server.data));
	assert_int_equal(
	    1, SSL_CTX_use_PrivateKey(context, ours.server_key->handle));
	return context;
}

/* Takes the context. */
static inline void stranger_init(
    struct stranger *stranger, SSL_CTX *context, bool is_server)
{
	stranger->context = context;
	stranger->ssl = SSL_new(context);
	stranger->in = BIO_new(BIO_s_mem());
	stranger->out = BIO_new(BIO_s_mem());
	assert_non_null(stranger->ssl);
	SSL_set_bio(stranger->ssl, stranger->in, stranger->out);
	if (is_server)
		SSL_set_accept_state(stranger->ssl);
	else
		SSL_set_connect_state(stranger->ssl);
	stranger->result = 0;
}

static inline void stranger_finish(struct stranger *stranger)
{
	SSL_free(stranger->ssl);
	SSL_CTX_free(stranger->context);
	ERR_clear_error();
}

/* Move what either has to say, until both are silent. */
static inline void stranger_settle(struct stranger *stranger, struct end *end)
{
	char piece[4096];
	int size;

	for (;;) {
		bool is_silent = true;

		stranger->result = SSL_do_handshake(stranger->ssl);
		while ((size = BIO_read(stranger->out, piece, sizeof(piece))) >
		       0) {
			is_silent = false;
			if (end->result == RESULT_OK)
				end_receive(end, bytes_of(piece, (size_t)size));
		}
		if (end->output.size > 0) {
			is_silent = false;
			assert_int_equal(end->output.size,
			    BIO_write(stranger->in, end->output.data,
				(int)end->output.size));
			end->output.size = 0;
		}
		if (is_silent)
			return;
	}
}

/* What our till says of a server that libssl makes of `context`; its channel is
 * not open. */
static inline enum result till_meets(SSL_CTX *context)
{
	struct stranger stranger;
	struct end client;
	enum result result;

	stranger_init(&stranger, context, true);
	end_init(&client, ours.till_context);
	OK(channel_start(client.channel, &client.output, NULL));
	stranger_settle(&stranger, &client);
	result = client.result;
	assert_false(channel_is_open(client.channel));
	stranger_finish(&stranger);
	end_finish(&client);
	return result;
}

#endif
