/*
 * channel: libssl between the caller's buffers.
 *
 * It reads and writes through a BIO without memory (channel_view.c), and
 * record buffers go back to the heap with SSL_MODE_RELEASE_BUFFERS, so that an
 * idle channel holds no buffers.
 *
 * Who the peer is gets settled once, while its certificate is verified: a
 * refusal there reaches the peer as an alert.
 */
#include "proto/channel_inside.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "proto/certificate_inside.h"

#define READ_ROOM_SIZE 512u /* least room for a record's bytes */

/* One preference: the quickest with AES in hardware, and what RFC 8446
 * section 9.1 says that everybody has. */
#define CIPHER_SUITES                                    \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS "X25519:P-256"

/* Each name behind its size, as RFC 7301 section 3.1 has it. */
static const char alpn_till[] = "\x07" CHANNEL_ALPN;
static const char alpn_enrol[] = "\x0d" CHANNEL_ALPN_ENROL;

/* --- who the peer is ------------------------------------------------------ */

static int verify_peer(X509_STORE_CTX *verify, void *argument)
{
	const struct channel_context *context = argument;
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    verify, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct channel *channel = SSL_get_app_data(ssl);
	const struct hash *pin =
	    context->side == SIDE_ENROL ? &context->pin : NULL;

	return verify_chain(verify, pin) &&
	       verify_kind(
		   verify, context->side != SIDE_SERVER, &channel->peer);
}

/* The server's choice of a protocol, which also settles whether it asks for
 * a certificate. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_name,
    unsigned char *ret_size, const unsigned char *offered,
    unsigned int offered_size, void *argument)
{
	static const char *const ours[] = {alpn_till, alpn_enrol};

	(void)argument;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		unsigned char *name;

		if (SSL_select_next_proto(&name, ret_size,
			(const unsigned char *)ours[i],
			(unsigned)strlen(ours[i]), offered,
			offered_size) != OPENSSL_NPN_NEGOTIATED)
			continue;
		*ret_name = name;
		if (ours[i] == alpn_enrol)
			SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* --- contexts ------------------------------------------------------------- */

static bool context_setup(struct channel_context *context)
{
	SSL_CTX *tls = context->tls;

	SSL_CTX_set_mode(
	    tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_options(tls, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_clear_options(tls, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	/* The channel that this certificate is verified for says who may not
	 * be there; a peer without any is refused here. */
	SSL_CTX_set_verify(
	    tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(tls, verify_peer, context);
	return SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(tls, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_num_tickets(tls, 0) == 1 &&
	       SSL_CTX_set_ciphersuites(tls, CIPHER_SUITES) == 1 &&
	       SSL_CTX_set1_groups_list(tls, GROUPS) == 1;
}

static enum result context_create(
    enum side side, struct channel_context **ret_context, struct error *err)
{
	struct channel_context *context = calloc(1, sizeof(*context));

	if (context == NULL)
		return error_no_memory(err);
	context->side = side;
	context->tls = SSL_CTX_new(
	    side == SIDE_SERVER ? TLS_server_method() : TLS_client_method());
	context->method = channel_view_method();
	if (context->tls == NULL || context->method == NULL ||
	    !context_setup(context)) {
		channel_context_destroy(context);
		return foreign_error(err, RESULT_NO_MEMORY, "a TLS context");
	}
	*ret_context = context;
	return RESULT_OK;
}

void channel_context_destroy(struct channel_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->tls);
	BIO_meth_free(context->method);
	free(context);
}

/* Trust the shop's authority, and nobody else. A server also sends it, for
 * the sake of those who know no more of it than its pin. */
static enum result context_trust(
    struct channel_context *context, struct bytes authority, struct error *err)
{
	const unsigned char *end = authority.data;
	X509 *parsed = d2i_X509(NULL, &end, (long)authority.size);
	bool done = parsed != NULL &&
		    X509_STORE_add_cert(
			SSL_CTX_get_cert_store(context->tls), parsed) == 1 &&
		    (context->side != SIDE_SERVER ||
			SSL_CTX_add1_chain_cert(context->tls, parsed) == 1);

	X509_free(parsed);
	if (!done)
		return foreign_error(err, RESULT_INVALID, "the authority");
	return RESULT_OK;
}

static enum result context_present(struct channel_context *context,
    const struct key *key, struct bytes certificate, struct error *err)
{
	if (SSL_CTX_use_certificate_ASN1(
		context->tls, (int)certificate.size, certificate.data) != 1)
		return foreign_error(err, RESULT_INVALID, "the certificate");
	if (SSL_CTX_use_PrivateKey(context->tls, key->handle) != 1 ||
	    SSL_CTX_check_private_key(context->tls) != 1)
		return foreign_error(err, RESULT_INVALID,
		    "the key is not that of the certificate");
	return RESULT_OK;
}

static enum result context_create_mutual(enum side side, const struct key *key,
    struct bytes certificate, struct bytes authority,
    struct channel_context **ret_context, struct error *err)
{
	struct channel_context *context = NULL;
	enum result result = context_create(side, &context, err);

	if (result != RESULT_OK)
		return result;
	result = context_present(context, key, certificate, err);
	if (result == RESULT_OK)
		result = context_trust(context, authority, err);
	if (result == RESULT_OK)
		*ret_context = context;
	else
		channel_context_destroy(context);
	return result;
}

enum result channel_context_server(const struct key *key,
    struct bytes certificate, struct bytes authority,
    struct channel_context **ret_context, struct error *err)
{
	struct channel_context *context;
	enum result result = context_create_mutual(
	    SIDE_SERVER, key, certificate, authority, &context, err);

	if (result != RESULT_OK)
		return result;
	SSL_CTX_set_alpn_select_cb(context->tls, choose_protocol, NULL);
	*ret_context = context;
	return RESULT_OK;
}

/* Offer one protocol. Unlike its neighbours, libssl's function returns 0
 * where it succeeds. */
static enum result context_offer(struct channel_context *context,
    const char *protocol, struct channel_context **ret_context,
    struct error *err)
{
	if (SSL_CTX_set_alpn_protos(context->tls,
		(const unsigned char *)protocol,
		(unsigned)strlen(protocol)) != 0) {
		channel_context_destroy(context);
		return foreign_error(err, RESULT_NO_MEMORY, "a protocol");
	}
	*ret_context = context;
	return RESULT_OK;
}

enum result channel_context_client(const struct key *key,
    struct bytes certificate, struct bytes authority,
    struct channel_context **ret_context, struct error *err)
{
	struct channel_context *context;
	enum result result = context_create_mutual(
	    SIDE_CLIENT, key, certificate, authority, &context, err);

	if (result != RESULT_OK)
		return result;
	return context_offer(context, alpn_till, ret_context, err);
}

enum result channel_context_enrol(const struct hash *authority_pin,
    struct channel_context **ret_context, struct error *err)
{
	struct channel_context *context;
	enum result result = context_create(SIDE_ENROL, &context, err);

	if (result != RESULT_OK)
		return result;
	context->pin = *authority_pin;
	return context_offer(context, alpn_enrol, ret_context, err);
}

/* --- channels ------------------------------------------------------------- */

static bool channel_setup(struct channel *channel)
{
	BIO *bio = BIO_new(channel->context->method);

	if (bio == NULL)
		return false;
	BIO_set_data(bio, channel);
	BIO_set_init(bio, 1);
	channel->ssl = SSL_new(channel->context->tls);
	if (channel->ssl == NULL) {
		BIO_free(bio);
		return false;
	}
	SSL_set_bio(channel->ssl, bio, bio);
	if (channel->context->side == SIDE_SERVER)
		SSL_set_accept_state(channel->ssl);
	else
		SSL_set_connect_state(channel->ssl);
	return SSL_set_app_data(channel->ssl, channel) == 1;
}

enum result channel_create(struct channel_context *context,
    struct channel **ret_channel, struct error *err)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (channel == NULL)
		return error_no_memory(err);
	channel->context = context;
	if (!channel_setup(channel)) {
		channel_destroy(channel);
		return foreign_error(err, RESULT_NO_MEMORY, "a TLS channel");
	}
	*ret_channel = channel;
	return RESULT_OK;
}

void channel_destroy(struct channel *channel)
{
	if (channel == NULL)
		return;
	SSL_free(channel->ssl);
	free(channel);
}

bool channel_is_open(const struct channel *channel)
{
	return channel->is_open;
}

bool channel_is_enrolling(const struct channel *channel)
{
	return channel->is_enrolling;
}

const struct peer *channel_peer(const struct channel *channel)
{
	return &channel->peer;
}

/* --- what went wrong ------------------------------------------------------ */

/* Alerts by which the other side says that it does not take us. */
static bool alert_denies(int alert)
{
	switch (alert) {
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_CERTIFICATE_REQUIRED:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
		return true;
	default:
		return false;
	}
}

static enum result reason_error(
    const struct channel *channel, unsigned long code, struct error *err)
{
	int reason = ERR_GET_REASON(code);
	const char *text = ERR_reason_error_string(code);

	if (text == NULL)
		text = "no reason given";
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return error_set(err, RESULT_DENIED,
		    "the other side's certificate does not hold: %s",
		    X509_verify_cert_error_string(
			SSL_get_verify_result(channel->ssl)));
	if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return error_set(
		    err, RESULT_DENIED, "the other side has no certificate");
	if (alert_denies(reason - SSL_AD_REASON_OFFSET))
		return error_set(err, RESULT_DENIED,
		    "the other side refuses our certificate: %s", text);
	return error_set(err, RESULT_INVALID, "TLS: %s", text);
}

/* After a call of libssl that failed: RESULT_OK where it only wants more. */
static enum result channel_fault(
    struct channel *channel, int returned, struct error *err)
{
	int kind = SSL_get_error(channel->ssl, returned);
	enum result result;

	if (kind == SSL_ERROR_WANT_READ && !channel->is_past_limit)
		return RESULT_OK;
	channel->is_done = true;
	if (channel->is_out_of_memory)
		result = error_no_memory(err);
	else if (channel->is_past_limit)
		result = error_set(err, RESULT_LIMIT,
		    "a TLS handshake of more than %u bytes, or a first "
		    "message of more than %u",
		    HANDSHAKE_INPUT_SIZE_MAX, HELLO_SIZE_MAX);
	else if (kind == SSL_ERROR_ZERO_RETURN)
		result = error_set(err, RESULT_CLOSED, "the other side closed");
	else
		result = reason_error(channel, ERR_peek_last_error(), err);
	ERR_clear_error();
	return result;
}

/* --- bytes in, bytes out -------------------------------------------------- */

static bool agreed_on(const struct channel *channel, const char *protocol)
{
	const unsigned char *name;
	unsigned size;

	SSL_get0_alpn_selected(channel->ssl, &name, &size);
	return bytes_equal(bytes_of(name, size), bytes_of_string(&protocol[1]));
}

/* The handshake has ended: is this what either side came for? */
static enum result channel_opened(struct channel *channel, struct error *err)
{
	enum side side = channel->context->side;
	bool is_till = agreed_on(channel, alpn_till) && side != SIDE_ENROL;
	bool is_enrol = agreed_on(channel, alpn_enrol) && side != SIDE_CLIENT;

	if (!is_till && !is_enrol) {
		channel->is_done = true;
		return error_set(err, RESULT_INVALID,
		    "the other side speaks no protocol of ours");
	}
	/* verify_peer() has been there: this only says so again. */
	if (is_till &&
	    (channel->peer.role == ROLE_NONE) != (side == SIDE_CLIENT)) {
		channel->is_done = true;
		return error_set(
		    err, RESULT_DENIED, "the other side has no certificate");
	}
	channel->is_open = true;
	channel->is_enrolling = is_enrol;
	return RESULT_OK;
}

static enum result channel_shake(struct channel *channel, struct error *err)
{
	int returned = SSL_do_handshake(channel->ssl);

	if (returned == 1)
		return channel_opened(channel, err);
	return channel_fault(channel, returned, err);
}

static enum result channel_read(
    struct channel *channel, struct buffer *plain, struct error *err)
{
	/* A record's plain bytes are fewer than its own; what has no room is
	 * pending and is taken the next time round. */
	while (channel->input.size > 0 || SSL_pending(channel->ssl) > 0) {
		size_t room = channel->input.size > READ_ROOM_SIZE
				  ? channel->input.size
				  : READ_ROOM_SIZE;
		enum result result = buffer_reserve(plain, room, err);
		size_t got;
		int returned;

		if (result != RESULT_OK) {
			channel->is_done = true;
			return result;
		}
		returned = SSL_read_ex(channel->ssl, plain->data + plain->size,
		    plain->capacity - plain->size, &got);
		if (returned != 1) {
			result = channel_fault(channel, returned, err);
			if (result != RESULT_OK)
				return result;
			continue;
		}
		plain->size += got;
	}
	return RESULT_OK;
}

static void channel_enter(
    struct channel *channel, struct bytes input, struct buffer *output)
{
	/* SSL_get_error() looks into the thread's queue of errors: nothing of
	 * another channel's may be left there. */
	ERR_clear_error();
	channel->input = input;
	channel->output = output;
}

static void channel_leave(struct channel *channel)
{
	channel->input = bytes_of(NULL, 0);
	channel->output = NULL;
}

static enum result error_done(struct error *err)
{
	return error_set(err, RESULT_CLOSED, "the TLS channel has ended");
}

enum result channel_receive(struct channel *channel, struct bytes received,
    struct buffer *plain, struct buffer *output, struct error *err)
{
	enum result result = RESULT_OK;

	if (channel->is_done)
		return error_done(err);
	channel_enter(channel, received, output);
	if (!channel->is_open)
		result = channel_shake(channel, err);
	if (result == RESULT_OK && channel->is_open)
		result = channel_read(channel, plain, err);
	channel_leave(channel);
	return result;
}

enum result channel_start(
    struct channel *channel, struct buffer *output, struct error *err)
{
	return channel_receive(channel, bytes_of(NULL, 0), NULL, output, err);
}

enum result channel_send(struct channel *channel, struct bytes plain,
    struct buffer *output, struct error *err)
{
	enum result result = RESULT_OK;
	size_t written;
	int returned;

	if (channel->is_done)
		return error_done(err);
	assert(channel->is_open);
	if (plain.size == 0)
		return RESULT_OK;
	channel_enter(channel, bytes_of(NULL, 0), output);
	returned = SSL_write_ex(channel->ssl, plain.data, plain.size, &written);
	if (returned != 1) {
		result = channel_fault(channel, returned, err);
		/* The output always takes everything. */
		assert(result != RESULT_OK);
	}
	channel_leave(channel);
	return result;
}

void channel_close(struct channel *channel, struct buffer *output)
{
	if (channel->is_done || !channel->is_open)
		return;
	channel_enter(channel, bytes_of(NULL, 0), output);
	(void)SSL_shutdown(channel->ssl);
	channel_leave(channel);
	channel->is_done = true;
}
