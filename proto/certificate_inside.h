/*
 * certificate_inside: what certificate.c, key.c, verify.c and channel.c share
 * about OpenSSL's objects, and nobody else sees.
 */
#ifndef PROTO_CERTIFICATE_INSIDE_H
#define PROTO_CERTIFICATE_INSIDE_H

#include <openssl/types.h>
#include <stdbool.h>

#include "common/base/bytes.h"
#include "proto/certificate.h"

struct key {
	EVP_PKEY *handle;
};

/* ECDSA on P-256, the only kind that is taken. */
bool key_is_ours(const EVP_PKEY *handle);

/* `what` and OpenSSL's reason; its queue of errors is emptied. */
enum result foreign_error(
    struct error *err, enum result result, const char *what);
/* What a memory BIO holds; borrowed from it. */
struct bytes bio_view(BIO *bio);
/* Nothing is stored under a password; OpenSSL must not ask for one. */
int no_password(char *to, int size, int is_writing, void *context);

/* certificate_peer() of what is parsed already: to parse a key once more
 * would be a fifth of a handshake. */
enum result peer_read(
    const X509 *certificate, struct peer *ret_peer, struct error *err);

/*
 * In a handshake (the fault is left in `verify`): does the chain that the peer
 * sent hold, up to what the context trusts or, with a `pin`, up to the
 * certificate among those sent that has it?
 */
bool verify_chain(X509_STORE_CTX *verify, const struct hash *pin);
/* Is it the server's certificate, or else a client's? Learn whose. */
bool verify_kind(
    X509_STORE_CTX *verify, bool wants_server, struct peer *ret_peer);

#endif
