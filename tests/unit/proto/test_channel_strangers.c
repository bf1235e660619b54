/*
 * Tests of channel: strangers made with libssl itself for what our own client
 * would never do.
 */
#include "tests/unit/proto/channel_world.h"

/* --- strangers ------------------------------------------------------------ */

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
	(void)state;
	assert_int_equal(till_meets(stranger_server()), RESULT_INVALID);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stranger_with_a_certificate_gets_in),
	    cmocka_unit_test(tls_1_2_is_refused),
	    cmocka_unit_test(a_client_without_a_certificate_is_refused),
	    cmocka_unit_test(another_protocol_is_refused),
	    cmocka_unit_test(no_protocol_at_all_is_refused),
	    cmocka_unit_test(ours_is_chosen_among_several_protocols),
	    cmocka_unit_test(a_client_refuses_a_server_without_our_protocol),
	    cmocka_unit_test(tickets_are_never_issued),
	    cmocka_unit_test(keys_may_be_changed_on_the_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
