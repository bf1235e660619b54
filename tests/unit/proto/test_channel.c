/*
 * Tests of channel: pairs of channels in memory, and strangers made with
 * libssl itself for what our own client would never do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <malloc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "proto/certificate_inside.h"
#include "proto/channel.h"

#define DAY_MS 86400000ull
#define YEAR_MS (365ull * DAY_MS)

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

static void world_certify(struct world *world, uint64_t now_ms)
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

static void world_init(struct world *world, uint64_t now_ms)
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

static void world_finish(struct world *world)
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

static int setup(void **state)
{
	(void)state;
	world_init(&ours, clock_wall_ms());
	world_init(&theirs, clock_wall_ms());
	return 0;
}

static int teardown(void **state)
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

static void end_init(struct end *end, struct channel_context *context)
{
	*end = (struct end){0};
	OK(channel_create(context, &end->channel, NULL));
}

static void end_finish(struct end *end)
{
	channel_destroy(end->channel);
	buffer_finish(&end->plain);
	buffer_finish(&end->output);
}

static void end_receive(struct end *end, struct bytes bytes)
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

static void end_send(struct end *end, struct bytes bytes)
{
	OK(channel_send(end->channel, bytes, &end->output, &end->err));
}

/* Give everything that `from` has to send to `to`, in pieces, until the first
 * refusal. */
static void deliver(struct end *from, struct end *to, size_t piece_size)
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
static void settle(struct pair *pair, size_t piece_size)
{
	while (pair->client.output.size > 0 || pair->server.output.size > 0) {
		deliver(&pair->client, &pair->server, piece_size);
		deliver(&pair->server, &pair->client, piece_size);
	}
}

static void pair_shake(struct pair *pair, struct channel_context *client,
    struct channel_context *server, size_t piece_size)
{
	end_init(&pair->client, client);
	end_init(&pair->server, server);
	OK(channel_start(
	    pair->client.channel, &pair->client.output, &pair->client.err));
	settle(pair, piece_size);
}

static void pair_open(struct pair *pair)
{
	pair_shake(pair, ours.till_context, ours.server_context, SIZE_MAX);
	assert_true(channel_is_open(pair->client.channel));
	assert_true(channel_is_open(pair->server.channel));
}

static void pair_finish(struct pair *pair)
{
	end_finish(&pair->client);
	end_finish(&pair->server);
}

static void holds(const struct end *end, struct bytes wanted)
{
	assert_true(bytes_equal(buffer_view(&end->plain), wanted));
}

static void works(struct pair *pair)
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

/* --- what must work ------------------------------------------------------- */

static void both_sides_learn_who_the_other_is(void **state)
{
	struct pair pair;
	const struct peer *peer;

	(void)state;
	pair_open(&pair);
	peer = channel_peer(pair.server.channel);
	assert_int_equal(peer->role, ROLE_TERMINAL);
	assert_int_equal(peer->number, 7);
	assert_true(hash_equal(&peer->key_hash, &ours.till_hash));
	peer = channel_peer(pair.client.channel);
	assert_int_equal(peer->role, ROLE_NONE);
	assert_int_equal(peer->number, 0);
	assert_false(channel_is_enrolling(pair.server.channel));
	assert_false(channel_is_enrolling(pair.client.channel));
	works(&pair);
	pair_finish(&pair);
}

static void a_handshake_may_come_byte_by_byte(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.till_context, ours.server_context, 1);
	assert_true(channel_is_open(pair.client.channel));
	assert_true(channel_is_open(pair.server.channel));
	end_send(&pair.client, bytes_of_string("slow"));
	settle(&pair, 1);
	holds(&pair.server, bytes_of_string("slow"));
	pair_finish(&pair);
}

static void nobody_is_open_before_the_end_of_the_handshake(void **state)
{
	struct pair pair;

	(void)state;
	end_init(&pair.client, ours.till_context);
	end_init(&pair.server, ours.server_context);
	OK(channel_start(pair.client.channel, &pair.client.output, NULL));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	assert_false(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	assert_int_equal(channel_peer(pair.server.channel)->number, 0);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	assert_true(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	assert_true(channel_is_open(pair.server.channel));
	pair_finish(&pair);
}

static void a_request_may_come_with_the_end_of_the_handshake(void **state)
{
	struct pair pair;

	(void)state;
	end_init(&pair.client, ours.till_context);
	end_init(&pair.server, ours.server_context);
	OK(channel_start(pair.client.channel, &pair.client.output, NULL));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	/* Finished and requests lie in one buffer, and come in one piece. */
	end_send(&pair.client, bytes_of_string("one "));
	end_send(&pair.client, bytes_of_string("two"));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	assert_true(channel_is_open(pair.server.channel));
	holds(&pair.server, bytes_of_string("one two"));
	pair_finish(&pair);
}

static void a_quarter_of_a_megabyte_goes_in_one_call(void **state)
{
	size_t size = OUTPUT_QUEUED_SIZE_MAX;
	uint8_t *bytes = malloc(size);
	struct pair pair;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 256);
	pair_open(&pair);
	end_send(&pair.server, bytes_of(bytes, size));
	/* Records of 16 KiB: 22 bytes more for each. */
	assert_int_equal(pair.server.output.size, size + 16 * 22);
	settle(&pair, 1500);
	holds(&pair.client, bytes_of(bytes, size));
	end_send(&pair.client, bytes_of(bytes, size));
	settle(&pair, SIZE_MAX);
	holds(&pair.server, bytes_of(bytes, size));
	pair_finish(&pair);
	free(bytes);
}

static void what_is_sent_together_is_one_record(void **state)
{
	uint8_t replies[64 * 56] = {0};
	struct pair pair;

	(void)state;
	pair_open(&pair);
	end_send(&pair.server, bytes_of(replies, sizeof(replies)));
	assert_int_equal(pair.server.output.size, sizeof(replies) + 22);
	end_send(&pair.server, bytes_of(NULL, 0));
	assert_int_equal(pair.server.output.size, sizeof(replies) + 22);
	pair_finish(&pair);
}

static void a_record_cut_anywhere_waits_for_the_rest(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	for (size_t cut = 0; cut <= 4 + 22; cut++) {
		struct buffer record;

		end_send(&pair.client, bytes_of_string("till"));
		record = pair.client.output;
		pair.client.output = (struct buffer){0};
		assert_int_equal(record.size, 4 + 22);
		pair.server.plain.size = 0;
		end_receive(&pair.server, bytes_of(record.data, cut));
		OK(pair.server.result);
		if (cut < record.size)
			assert_int_equal(pair.server.plain.size, 0);
		end_receive(&pair.server,
		    bytes_of(&record.data[cut], record.size - cut));
		OK(pair.server.result);
		holds(&pair.server, bytes_of_string("till"));
		buffer_finish(&record);
	}
	pair_finish(&pair);
}

static void plain_bytes_are_appended(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	OK(buffer_append(&pair.server.plain, bytes_of_string("before "), NULL));
	end_send(&pair.client, bytes_of_string("after"));
	settle(&pair, SIZE_MAX);
	holds(&pair.server, bytes_of_string("before after"));
	pair_finish(&pair);
}

static void a_close_is_told_to_the_other_side(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	end_send(&pair.server, bytes_of_string("last words"));
	channel_close(pair.server.channel, &pair.server.output);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	holds(&pair.client, bytes_of_string("last words"));
	assert_int_equal(pair.client.result, RESULT_CLOSED);
	/* Both are done for good. */
	for (int i = 0; i < 2; i++) {
		end_receive(&pair.client, bytes_of_string("x"));
		assert_int_equal(pair.client.result, RESULT_CLOSED);
		assert_int_equal(RESULT_CLOSED,
		    channel_send(pair.client.channel, bytes_of_string("x"),
			&pair.client.output, NULL));
		assert_int_equal(RESULT_CLOSED,
		    channel_send(pair.server.channel, bytes_of_string("x"),
			&pair.server.output, NULL));
	}
	assert_int_equal(pair.server.output.size, 0);
	pair_finish(&pair);
}

static void a_close_before_the_handshake_is_harmless(void **state)
{
	struct pair pair;

	(void)state;
	end_init(&pair.client, ours.till_context);
	end_init(&pair.server, ours.server_context);
	channel_close(pair.server.channel, &pair.server.output);
	assert_int_equal(pair.server.output.size, 0);
	channel_close(pair.client.channel, &pair.client.output);
	pair_finish(&pair);
	channel_destroy(NULL);
	channel_context_destroy(NULL);
}

/* --- enrolling ------------------------------------------------------------ */

static void enrolling_has_no_peer_and_knows_the_server(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.enrol_context, ours.server_context, SIZE_MAX);
	assert_true(channel_is_open(pair.client.channel));
	assert_true(channel_is_open(pair.server.channel));
	assert_true(channel_is_enrolling(pair.server.channel));
	assert_true(channel_is_enrolling(pair.client.channel));
	assert_int_equal(channel_peer(pair.server.channel)->role, ROLE_NONE);
	works(&pair);
	pair_finish(&pair);
}

static void enrolling_refuses_a_server_that_is_not_pinned(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.enrol_context, theirs.server_context, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	assert_false(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	assert_int_not_equal(pair.server.result, RESULT_OK);
	pair_finish(&pair);
}

/* Whoever has the authority's certificate (it is no secret) can send it. */
static void enrolling_refuses_a_server_that_only_shows_the_authority(
    void **state)
{
	struct channel_context *impostor;
	struct pair pair;

	(void)state;
	OK(channel_context_server(theirs.server_key,
	    buffer_view(&theirs.server), buffer_view(&ours.authority),
	    &impostor, NULL));
	pair_shake(&pair, ours.enrol_context, impostor, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	pair_finish(&pair);
	channel_context_destroy(impostor);
}

static void enrolling_refuses_a_till_that_poses_as_the_server(void **state)
{
	struct channel_context *impostor;
	struct pair pair;

	(void)state;
	OK(channel_context_server(ours.till_key, buffer_view(&ours.till),
	    buffer_view(&ours.authority), &impostor, NULL));
	pair_shake(&pair, ours.enrol_context, impostor, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	pair_finish(&pair);
	channel_context_destroy(impostor);
}

static void a_pin_of_the_servers_own_certificate_is_no_authority(void **state)
{
	struct channel_context *context;
	struct hash pin;
	struct pair pair;

	(void)state;
	OK(certificate_pin(buffer_view(&ours.server), &pin, NULL));
	OK(channel_context_enrol(&pin, &context, NULL));
	pair_shake(&pair, context, ours.server_context, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	pair_finish(&pair);
	channel_context_destroy(context);
}

/* --- who is refused ------------------------------------------------------- */

static void a_till_of_another_shop_is_refused(void **state)
{
	struct channel_context *stranger;
	struct pair pair;

	(void)state;
	/* It trusts our server, but its certificate is of its own shop. */
	OK(channel_context_client(theirs.till_key, buffer_view(&theirs.till),
	    buffer_view(&ours.authority), &stranger, NULL));
	pair_shake(&pair, stranger, ours.server_context, SIZE_MAX);
	assert_int_equal(pair.server.result, RESULT_DENIED);
	assert_false(channel_is_open(pair.server.channel));
	/* The alert tells it so. */
	assert_int_equal(pair.client.result, RESULT_DENIED);
	assert_non_null(
	    strstr(pair.client.err.text, "refuses our certificate"));
	pair_finish(&pair);
	channel_context_destroy(stranger);
}

static void a_server_of_another_shop_is_refused(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.till_context, theirs.server_context, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	assert_false(channel_is_open(pair.client.channel));
	assert_int_equal(pair.server.result, RESULT_DENIED);
	pair_finish(&pair);
}

static void a_till_that_poses_as_the_server_is_refused(void **state)
{
	struct channel_context *impostor;
	struct pair pair;

	(void)state;
	OK(channel_context_server(ours.till_key, buffer_view(&ours.till),
	    buffer_view(&ours.authority), &impostor, NULL));
	pair_shake(&pair, ours.till_context, impostor, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	pair_finish(&pair);
	channel_context_destroy(impostor);
}

static void a_server_that_poses_as_a_till_is_refused(void **state)
{
	struct channel_context *impostor;
	struct pair pair;

	(void)state;
	OK(channel_context_client(ours.server_key, buffer_view(&ours.server),
	    buffer_view(&ours.authority), &impostor, NULL));
	pair_shake(&pair, impostor, ours.server_context, SIZE_MAX);
	assert_int_equal(pair.server.result, RESULT_DENIED);
	pair_finish(&pair);
	channel_context_destroy(impostor);
}

/* The result on the till's side of a shop whose certificates were all made
 * at `made_ms`. */
static enum result result_of_time(uint64_t made_ms)
{
	struct world world = {0};
	struct pair pair;
	enum result result;

	world_init(&world, made_ms);
	pair_shake(&pair, world.till_context, world.server_context, SIZE_MAX);
	result = pair.client.result;
	pair_finish(&pair);
	world_finish(&world);
	return result;
}

static void certificates_hold_from_a_day_ago_for_twenty_years(void **state)
{
	uint64_t now_ms = clock_wall_ms();

	(void)state;
	assert_int_equal(RESULT_OK, result_of_time(now_ms + DAY_MS / 2));
	assert_int_equal(
	    RESULT_DENIED, result_of_time(now_ms + DAY_MS + DAY_MS / 2));
	assert_int_equal(RESULT_OK, result_of_time(now_ms - 19 * YEAR_MS));
	assert_int_equal(RESULT_DENIED, result_of_time(now_ms - 21 * YEAR_MS));
}

static void a_context_wants_a_key_and_its_own_certificate(void **state)
{
	struct channel_context *context;
	struct error err;

	(void)state;
	assert_int_equal(RESULT_INVALID,
	    channel_context_server(ours.till_key, buffer_view(&ours.server),
		buffer_view(&ours.authority), &context, &err));
	assert_int_equal(RESULT_INVALID,
	    channel_context_client(ours.till_key, bytes_of_string("no"),
		buffer_view(&ours.authority), &context, &err));
	assert_int_equal(RESULT_INVALID,
	    channel_context_client(ours.till_key, buffer_view(&ours.till),
		bytes_of_string("no"), &context, &err));
}

/* --- strangers ------------------------------------------------------------ */

/* A client or server made with libssl alone, over memory. */
struct stranger {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
	int result;
};

static SSL_CTX *stranger_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);

	assert_non_null(context);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	return context;
}

/* A client with our till's certificate; `alpn` NULL for none. */
static SSL_CTX *stranger_till(const char *alpn)
{
	SSL_CTX *context = stranger_context(TLS_client_method());

	assert_int_equal(1, SSL_CTX_use_certificate_ASN1(
				context, (int)ours.till.size, ours.till.data));
	assert_int_equal(
	    1, SSL_CTX_use_PrivateKey(context, ours.till_key->handle));
	if (alpn != NULL)
		assert_int_equal(0,
		    SSL_CTX_set_alpn_protos(context,
			(const unsigned char *)alpn, (unsigned)strlen(alpn)));
	return context;
}

/* Takes the context. */
static void stranger_init(
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

static void stranger_finish(struct stranger *stranger)
{
	SSL_free(stranger->ssl);
	SSL_CTX_free(stranger->context);
	ERR_clear_error();
}

/* Move what either has to say, until both are silent. */
static void stranger_settle(struct stranger *stranger, struct end *end)
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

/* What our server says to a client that libssl makes of `context`. */
static enum result server_meets(
    struct end *server, struct stranger *stranger, SSL_CTX *context)
{
	stranger_init(stranger, context, false);
	end_init(server, ours.server_context);
	stranger_settle(stranger, server);
	return server->result;
}

static int last_alert;

static void note_alert(const SSL *ssl, int where, int value)
{
	(void)ssl;
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		last_alert = value & 0xff;
}

static void a_stranger_with_a_certificate_gets_in(void **state)
{
	struct stranger stranger;
	struct end server;

	(void)state;
	assert_int_equal(RESULT_OK,
	    server_meets(&server, &stranger, stranger_till("\x07tally/1")));
	assert_true(channel_is_open(server.channel));
	assert_int_equal(stranger.result, 1);
	stranger_finish(&stranger);
	end_finish(&server);
}

static void tls_1_2_is_refused(void **state)
{
	SSL_CTX *context = stranger_till("\x07tally/1");
	struct stranger stranger;
	struct end server;

	(void)state;
	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	last_alert = 0;
	SSL_CTX_set_info_callback(context, note_alert);
	assert_int_equal(
	    RESULT_INVALID, server_meets(&server, &stranger, context));
	assert_int_equal(last_alert, SSL_AD_PROTOCOL_VERSION);
	stranger_finish(&stranger);
	end_finish(&server);
}

static void a_client_without_a_certificate_is_refused(void **state)
{
	SSL_CTX *context = stranger_context(TLS_client_method());
	struct stranger stranger;
	struct end server;

	(void)state;
	SSL_CTX_set_alpn_protos(
	    context, (const unsigned char *)"\x07tally/1", 8);
	SSL_CTX_set_info_callback(context, note_alert);
	last_alert = 0;
	assert_int_equal(
	    RESULT_DENIED, server_meets(&server, &stranger, context));
	assert_false(channel_is_open(server.channel));
	/* The alert comes behind the handshake's end. */
	(void)SSL_read(stranger.ssl, &(char){0}, 1);
	assert_int_equal(last_alert, SSL_AD_CERTIFICATE_REQUIRED);
	stranger_finish(&stranger);
	end_finish(&server);
}

static void another_protocol_is_refused(void **state)
{
	static const char *const protocols[] = {
	    "\x02h2", "\x07tally/2", "\x07tally/0", "\x05tally"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		SSL_CTX *context = stranger_till(protocols[i]);
		struct stranger stranger;
		struct end server;

		SSL_CTX_set_info_callback(context, note_alert);
		last_alert = 0;
		assert_int_equal(
		    RESULT_INVALID, server_meets(&server, &stranger, context));
		assert_int_equal(last_alert, SSL_AD_NO_APPLICATION_PROTOCOL);
		assert_false(channel_is_open(server.channel));
		stranger_finish(&stranger);
		end_finish(&server);
	}
}

static void no_protocol_at_all_is_refused(void **state)
{
	struct stranger stranger;
	struct end server;

	(void)state;
	assert_int_equal(RESULT_INVALID,
	    server_meets(&server, &stranger, stranger_till(NULL)));
	assert_false(channel_is_open(server.channel));
	stranger_finish(&stranger);
	end_finish(&server);
}

static void ours_is_chosen_among_several_protocols(void **state)
{
	struct stranger stranger;
	struct end server;

	(void)state;
	assert_int_equal(RESULT_OK,
	    server_meets(&server, &stranger,
		stranger_till("\x02h2\x0dtally-enrol/1\x07tally/1")));
	assert_true(channel_is_open(server.channel));
	assert_false(channel_is_enrolling(server.channel));
	assert_int_equal(channel_peer(server.channel)->number, 7);
	stranger_finish(&stranger);
	end_finish(&server);
}

static void a_client_refuses_a_server_without_our_protocol(void **state)
{
	SSL_CTX *context = stranger_context(TLS_server_method());
	struct stranger stranger;
	struct end client;

	(void)state;
	SSL_CTX_use_certificate_ASN1(
	    context, (int)ours.server.size, ours.server.data);
	SSL_CTX_use_PrivateKey(context, ours.server_key->handle);
	stranger_init(&stranger, context, true);
	end_init(&client, ours.till_context);
	OK(channel_start(client.channel, &client.output, NULL));
	stranger_settle(&stranger, &client);
	assert_int_equal(client.result, RESULT_INVALID);
	assert_false(channel_is_open(client.channel));
	stranger_finish(&stranger);
	end_finish(&client);
}

static int tickets;

static int note_ticket(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	tickets++;
	return 0;
}

static void tickets_are_never_issued(void **state)
{
	SSL_CTX *context = stranger_till("\x07tally/1");
	struct stranger stranger;
	struct end server;
	char got[16];

	(void)state;
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(context, note_ticket);
	tickets = 0;
	assert_int_equal(RESULT_OK, server_meets(&server, &stranger, context));
	end_send(&server, bytes_of_string("hello"));
	stranger_settle(&stranger, &server);
	assert_int_equal(5, SSL_read(stranger.ssl, got, sizeof(got)));
	assert_int_equal(tickets, 0);
	assert_false(SSL_SESSION_has_ticket(SSL_get_session(stranger.ssl)));
	stranger_finish(&stranger);
	end_finish(&server);
}

static void keys_may_be_changed_on_the_way(void **state)
{
	struct stranger stranger;
	struct end server;
	char got[16];

	(void)state;
	assert_int_equal(RESULT_OK,
	    server_meets(&server, &stranger, stranger_till("\x07tally/1")));
	for (int i = 0; i < 3; i++) {
		server.plain.size = 0;
		assert_int_equal(
		    1, SSL_key_update(stranger.ssl, SSL_KEY_UPDATE_REQUESTED));
		assert_int_equal(4, SSL_write(stranger.ssl, "ping", 4));
		stranger_settle(&stranger, &server);
		holds(&server, bytes_of_string("ping"));
		end_send(&server, bytes_of_string("pong"));
		stranger_settle(&stranger, &server);
		assert_int_equal(4, SSL_read(stranger.ssl, got, 16));
		assert_memory_equal(got, "pong", 4);
	}
	stranger_finish(&stranger);
	end_finish(&server);
}

/* --- bytes that are no TLS ------------------------------------------------ */

static void garbage_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} garbage[] = {
	    {"GET / HTTP/1.1\r\nHost: shop\r\n\r\n", 29},
	    {"\0\0\0\x05hello", 9},
	    {"\x16\x03\x01\xff\xff\x01\x00\x00\x10", 9},
	    {"\xff\xff\xff\xff\xff\xff\xff\xff", 8},
	    {"SSH-2.0-OpenSSH_9.2\r\n", 21},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct end server;

		end_init(&server, ours.server_context);
		end_receive(
		    &server, bytes_of(garbage[i].bytes, garbage[i].size));
		assert_int_equal(server.result, RESULT_INVALID);
		assert_int_equal(server.plain.size, 0);
		/* And it stays so. */
		end_receive(&server, bytes_of_string("more"));
		assert_int_equal(server.result, RESULT_CLOSED);
		end_finish(&server);
	}
}

static void a_changed_byte_in_a_record_is_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < 4 + 22; at++) {
		struct pair pair;

		pair_open(&pair);
		end_send(&pair.client, bytes_of_string("till"));
		pair.client.output.data[at] ^= 1;
		deliver(&pair.client, &pair.server, SIZE_MAX);
		/* One that makes the record longer waits for its end. */
		assert_int_equal(pair.server.plain.size, 0);
		if (at != 3)
			assert_int_not_equal(pair.server.result, RESULT_OK);
		pair_finish(&pair);
	}
}

static void a_record_sent_twice_is_refused(void **state)
{
	struct pair pair;
	struct bytes record;

	(void)state;
	pair_open(&pair);
	end_send(&pair.client, bytes_of_string("once"));
	record = buffer_view(&pair.client.output);
	end_receive(&pair.server, record);
	OK(pair.server.result);
	end_receive(&pair.server, record);
	assert_int_equal(pair.server.result, RESULT_INVALID);
	holds(&pair.server, bytes_of_string("once"));
	pair_finish(&pair);
}

static void a_hello_cut_anywhere_waits(void **state)
{
	struct end client;

	(void)state;
	end_init(&client, ours.till_context);
	OK(channel_start(client.channel, &client.output, NULL));
	for (size_t size = 0; size < client.output.size; size++) {
		struct end server;

		end_init(&server, ours.server_context);
		end_receive(&server, bytes_of(client.output.data, size));
		OK(server.result);
		assert_int_equal(server.output.size, 0);
		end_finish(&server);
	}
	end_finish(&client);
}

static void a_first_message_of_absurd_size_is_refused_at_once(void **state)
{
	/* A record of 16 KiB, in it a ClientHello of 16,385 and more. */
	static const uint8_t heads[][9] = {
	    {0x16, 3, 1, 0x40, 0, 1, 0x00, 0x40, 0x01},
	    {0x16, 3, 1, 0x40, 0, 1, 0x02, 0x00, 0x00},
	    {0x16, 3, 1, 0x00, 4, 1, 0xff, 0xff, 0xff},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t piece = 1; piece <= 9; piece++) {
			struct end server;

			end_init(&server, ours.server_context);
			OK(server.result);
			for (size_t at = 0; at < 9; at += piece) {
				size_t left = 9 - at;

				end_receive(
				    &server, bytes_of(&heads[i][at],
						 left < piece ? left : piece));
			}
			assert_int_equal(server.result, RESULT_LIMIT);
			end_finish(&server);
		}
	}
}

/* A server whose certificates are past all measure. */
static void a_handshake_past_its_bound_is_refused(void **state)
{
	SSL_CTX *context = stranger_context(TLS_server_method());
	const unsigned char *der = ours.authority.data;
	X509 *authority = d2i_X509(NULL, &der, (long)ours.authority.size);
	struct stranger stranger;
	struct end client;

	(void)state;
	SSL_CTX_use_certificate_ASN1(
	    context, (int)ours.server.size, ours.server.data);
	SSL_CTX_use_PrivateKey(context, ours.server_key->handle);
	for (int i = 0; i < 200; i++)
		assert_int_equal(
		    1, SSL_CTX_add1_chain_cert(context, authority));
	stranger_init(&stranger, context, true);
	end_init(&client, ours.till_context);
	OK(channel_start(client.channel, &client.output, NULL));
	stranger_settle(&stranger, &client);
	assert_int_equal(client.result, RESULT_LIMIT);
	assert_false(channel_is_open(client.channel));
	X509_free(authority);
	stranger_finish(&stranger);
	end_finish(&client);
}

/* --- memory and threads --------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_KNOWN 0
#else
#define MEMORY_IS_KNOWN 1
#endif

static void an_idle_channel_of_the_server_is_small(void **state)
{
	enum { PAIRS = 40 };
	struct pair pairs[PAIRS];
	size_t with, without;

	(void)state;
	if (!MEMORY_IS_KNOWN)
		skip();
	for (size_t i = 0; i < PAIRS; i++) {
		pair_open(&pairs[i]);
		works(&pairs[i]);
		buffer_finish(&pairs[i].server.plain);
		buffer_finish(&pairs[i].server.output);
	}
	with = mallinfo2().uordblks;
	for (size_t i = 0; i < PAIRS; i++)
		end_finish(&pairs[i].server);
	without = mallinfo2().uordblks;
	/* 19 KiB with OpenSSL 3.0; one record buffer more would be 35. */
	assert_in_range((with - without) / PAIRS, 1024, 22 * 1024);
	for (size_t i = 0; i < PAIRS; i++)
		end_finish(&pairs[i].client);
}

static void *shake_many(void *argument)
{
	size_t *opened = argument;

	for (int i = 0; i < 8; i++) {
		struct pair pair;

		pair_shake(
		    &pair, ours.till_context, ours.server_context, SIZE_MAX);
		if (channel_is_open(pair.server.channel))
			(*opened)++;
		pair_finish(&pair);
	}
	return NULL;
}

static void threads_share_a_context(void **state)
{
	pthread_t threads[3];
	size_t opened[3] = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(0,
		    pthread_create(&threads[i], NULL, shake_many, &opened[i]));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(0, pthread_join(threads[i], NULL));
		assert_int_equal(opened[i], 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_sides_learn_who_the_other_is),
	    cmocka_unit_test(a_handshake_may_come_byte_by_byte),
	    cmocka_unit_test(nobody_is_open_before_the_end_of_the_handshake),
	    cmocka_unit_test(a_request_may_come_with_the_end_of_the_handshake),
	    cmocka_unit_test(a_quarter_of_a_megabyte_goes_in_one_call),
	    cmocka_unit_test(what_is_sent_together_is_one_record),
	    cmocka_unit_test(a_record_cut_anywhere_waits_for_the_rest),
	    cmocka_unit_test(plain_bytes_are_appended),
	    cmocka_unit_test(a_close_is_told_to_the_other_side),
	    cmocka_unit_test(a_close_before_the_handshake_is_harmless),
	    cmocka_unit_test(enrolling_has_no_peer_and_knows_the_server),
	    cmocka_unit_test(enrolling_refuses_a_server_that_is_not_pinned),
	    cmocka_unit_test(
		enrolling_refuses_a_server_that_only_shows_the_authority),
	    cmocka_unit_test(enrolling_refuses_a_till_that_poses_as_the_server),
	    cmocka_unit_test(
		a_pin_of_the_servers_own_certificate_is_no_authority),
	    cmocka_unit_test(a_till_of_another_shop_is_refused),
	    cmocka_unit_test(a_server_of_another_shop_is_refused),
	    cmocka_unit_test(a_till_that_poses_as_the_server_is_refused),
	    cmocka_unit_test(a_server_that_poses_as_a_till_is_refused),
	    cmocka_unit_test(certificates_hold_from_a_day_ago_for_twenty_years),
	    cmocka_unit_test(a_context_wants_a_key_and_its_own_certificate),
	    cmocka_unit_test(a_stranger_with_a_certificate_gets_in),
	    cmocka_unit_test(tls_1_2_is_refused),
	    cmocka_unit_test(a_client_without_a_certificate_is_refused),
	    cmocka_unit_test(another_protocol_is_refused),
	    cmocka_unit_test(no_protocol_at_all_is_refused),
	    cmocka_unit_test(ours_is_chosen_among_several_protocols),
	    cmocka_unit_test(a_client_refuses_a_server_without_our_protocol),
	    cmocka_unit_test(tickets_are_never_issued),
	    cmocka_unit_test(keys_may_be_changed_on_the_way),
	    cmocka_unit_test(garbage_is_refused),
	    cmocka_unit_test(a_changed_byte_in_a_record_is_refused),
	    cmocka_unit_test(a_record_sent_twice_is_refused),
	    cmocka_unit_test(a_hello_cut_anywhere_waits),
	    cmocka_unit_test(a_first_message_of_absurd_size_is_refused_at_once),
	    cmocka_unit_test(a_handshake_past_its_bound_is_refused),
	    cmocka_unit_test(an_idle_channel_of_the_server_is_small),
	    cmocka_unit_test(threads_share_a_context),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
