/*
 * certificate: the shop's own authority, keys and certificates (X.509).
 *
 * The authority is made once, signs for twenty years, and is trusted by
 * nobody but this shop's tills, which pin it when they enrol. Keys are ECDSA
 * P-256 (a handshake costs 1.1 ms for both ends). A certificate's subject is
 * "tally <role> <number>", its extended key usage serverAuth or clientAuth, so
 * that a till cannot pose as the server. With channel.c the only user of
 * OpenSSL's X.509. All encodings here are DER in new buffers (what `ret_` held
 * is not looked at) that the caller finishes, or PEM files for keys (mode
 * 0600) and certificates. Whatever the authority signs is valid from a day ago,
 * for tills whose clocks are behind, until the authority's own end.
 */
#ifndef PROTO_CERTIFICATE_H
#define PROTO_CERTIFICATE_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/ledger/entry.h"

/* The server's alternative name, for clients whose TLS insists on one. */
#define CERTIFICATE_HOST "tally-server"

struct key; /* a private key */

enum result key_create(struct key **ret_key, struct error *err);
/* New file, mode 0600; RESULT_EXISTS where there is one. Synced to disk. */
enum result key_save(
    const struct key *key, const char *path, struct error *err);
enum result key_load(const char *path, struct key **ret_key, struct error *err);
void key_destroy(struct key *key);

/* A new self-signed authority for the shop's name. */
enum result certificate_make_authority(const struct key *key,
    const char *shop_name, uint64_t now_ms, struct buffer *ret_certificate,
    struct error *err);
/* The server's certificate ("tally server 0", serverAuth). */
enum result certificate_make_server(const struct key *authority_key,
    struct bytes authority, const struct key *server_key, uint64_t now_ms,
    struct buffer *ret_certificate, struct error *err);
/* A signing request, and the client's certificate for it: `role` is TERMINAL
 * or AUDITOR, `number` from 1. The request's self-signature is verified
 * (RESULT_DENIED), its key must be P-256; its subject is ignored. */
enum result certificate_request_make(
    const struct key *key, struct buffer *ret_csr, struct error *err);
enum result certificate_make_client(const struct key *authority_key,
    struct bytes authority, struct bytes csr, enum role role, uint32_t number,
    uint64_t now_ms, struct buffer *ret_certificate, struct hash *ret_key_hash,
    struct error *err);

/* Who a certificate is for. RESULT_INVALID for a foreign subject. The
 * server's own has role NONE and number 0. */
struct peer {
	enum role role;
	uint32_t number;
	struct hash key_hash; /* SHA-256 of the SubjectPublicKeyInfo, DER */
};
enum result certificate_peer(
    struct bytes certificate, struct peer *ret_peer, struct error *err);
/* SHA-256 of a whole certificate: what a token pins. */
enum result certificate_pin(
    struct bytes certificate, struct hash *ret_pin, struct error *err);

enum result certificate_save(
    struct bytes certificate, const char *path, struct error *err);
enum result certificate_load(
    const char *path, struct buffer *ret_certificate, struct error *err);

#endif
