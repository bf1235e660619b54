/*
 * channel_inside: what the files of the channel share: channel.c and
 * channel_view.c, the only users of libssl.
 */
#ifndef PROTO_CHANNEL_INSIDE_H
#define PROTO_CHANNEL_INSIDE_H

#include <openssl/ssl.h>

#include "proto/channel.h"

/* Bytes of a ClientHello. libssl makes room for what is announced before it
 * has come, so that a large announcement alone would cost memory. */
#define HELLO_SIZE_MAX 16384u
#define HELLO_HEAD_SIZE 9u /* record's head, then type and u24 size */

enum side { SIDE_SERVER, SIDE_CLIENT, SIDE_ENROL };

struct channel_context {
	enum side side;
	SSL_CTX *tls;
	BIO_METHOD *method;
	struct hash pin; /* enrol: of the authority */
};

struct channel {
	const struct channel_context *context;
	SSL *ssl;
	struct bytes input;    /* during a call: what is not read yet */
	struct buffer *output; /* during a call */
	size_t handshake_size; /* bytes taken before it ended */
	uint8_t hello[HELLO_HEAD_SIZE];
	bool is_open;
	bool is_enrolling;
	bool is_done;
	bool is_past_limit;
	bool is_out_of_memory;
	struct peer peer;
};

/* A BIO over the buffers of the call in hand; its data is the channel. The
 * caller frees it; NULL where there is no memory. */
BIO_METHOD *channel_view_method(void);

#endif
