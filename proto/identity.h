/*
 * identity: a client's folder of key, certificate, authority and address.
 *
 *     key.pem certificate.pem authority.pem server
 *
 * Used by the till and by the auditor's tool. `server` is one line,
 * "host:port". Enrolment writes into the folder only after the server's
 * answer, each file synced, the certificate last: a folder with a certificate
 * is whole.
 */
#ifndef PROTO_IDENTITY_H
#define PROTO_IDENTITY_H

#include "proto/channel.h"

#define ADDRESS_SIZE_MAX 261u

struct identity {
	char address[ADDRESS_SIZE_MAX + 1]; /* "host:port" */
	struct peer self;
	struct channel_context *context;
};

/* RESULT_NOT_FOUND where the folder holds no identity (the text says how to
 * enrol). */
enum result identity_load(
    const char *folder, struct identity *ret_identity, struct error *err);
void identity_finish(struct identity *identity);

/*
 * Enrol: dial `address`, prove the token, have a fresh key's request signed,
 * and keep the outcome in `folder` (made where it is missing). RESULT_EXISTS
 * where it holds an identity already; RESULT_DENIED for a token that the
 * server refuses or a server that the token does not pin. Blocks; at most
 * 15 s.
 */
enum result identity_enrol(const char *folder, const char *address,
    const char *token, uint32_t *ret_number, struct error *err);

/* Split "host:port", "[v6]:port"; RESULT_INVALID says what is wanted. */
enum result address_split(const char *address, char ret_host[256],
    char ret_port[6], struct error *err);

#endif
