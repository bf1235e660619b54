/*
 * channel: TLS 1.3, mutual, without sockets: bytes in, bytes out.
 *
 * ALPN "tally/1" wants a client certificate of the shop's authority;
 * "tally-enrol/1" has none and is for the enrol request alone. No session
 * tickets, no resumption, no renegotiation, no early data. Before the
 * handshake ends, no more than HANDSHAKE_INPUT_SIZE_MAX bytes are taken.
 * The only user of libssl. A context may be shared by threads; a channel is
 * for one at a time. An idle channel holds no record buffers.
 */
#ifndef PROTO_CHANNEL_H
#define PROTO_CHANNEL_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "proto/certificate.h"

#define CHANNEL_ALPN "tally/1"
#define CHANNEL_ALPN_ENROL "tally-enrol/1"

struct channel_context;
struct channel;

enum result channel_context_server(const struct key *key,
    struct bytes certificate, struct bytes authority,
    struct channel_context **ret_context, struct error *err);
enum result channel_context_client(const struct key *key,
    struct bytes certificate, struct bytes authority,
    struct channel_context **ret_context, struct error *err);
/* For enrolling: no certificate, and the server's authority is whatever
 * certificate in its chain has this SHA-256. */
enum result channel_context_enrol(const struct hash *authority_pin,
    struct channel_context **ret_context, struct error *err);
void channel_context_destroy(struct channel_context *context);

/* The context outlives the channel. A client's channel has output at once. */
enum result channel_create(struct channel_context *context,
    struct channel **ret_channel, struct error *err);
void channel_destroy(struct channel *channel);

/*
 * Give received bytes; decrypted ones are appended to `plain`, and whatever
 * is to be sent is appended to `output` (both the caller's). RESULT_CLOSED at
 * the peer's close; RESULT_DENIED where the peer is not who it must be;
 * RESULT_INVALID for what is no TLS; RESULT_LIMIT past the handshake's bound.
 * After any of these the channel is done, but `output` may hold an alert that
 * is still worth sending.
 */
enum result channel_receive(struct channel *channel, struct bytes received,
    struct buffer *plain, struct buffer *output, struct error *err);
/* Start a client's handshake: appends its first bytes to `output`. */
enum result channel_start(
    struct channel *channel, struct buffer *output, struct error *err);
/* Encrypt; only after the handshake. */
enum result channel_send(struct channel *channel, struct bytes plain,
    struct buffer *output, struct error *err);
/* Append a close_notify. Harmless before the handshake. */
void channel_close(struct channel *channel, struct buffer *output);

bool channel_is_open(const struct channel *channel); /* handshake ended */
/* True where the enrol protocol was agreed: there is no peer then. */
bool channel_is_enrolling(const struct channel *channel);
/* The other side, once open. On an enrolling server's side role is NONE. */
const struct peer *channel_peer(const struct channel *channel);

#endif
