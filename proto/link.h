/*
 * link: a blocking client's connection, for tools and tests.
 *
 * One request and its reply at a time, or pipelined by hand with send and
 * receive. Over TLS with an identity, or plainly over the owner's Unix socket.
 * Past a time-out: RESULT_IO, and the link is still good. Not thread-safe.
 */
#ifndef PROTO_LINK_H
#define PROTO_LINK_H

#include "proto/identity.h"
#include "proto/message.h"

struct link;

/*
 * Resolves, connects and shakes hands within `timeout_ms` (but for the time
 * that resolving a name takes). RESULT_DENIED where the server is not the one
 * that the context trusts. A server that refuses our certificate says so only
 * with the first reply: RESULT_DENIED of link_receive().
 */
enum result link_open_tls(const char *address, struct channel_context *context,
    uint32_t timeout_ms, struct link **ret_link, struct error *err);
/* RESULT_NOT_FOUND where no server listens. */
enum result link_open_unix(const char *path, uint32_t timeout_ms,
    struct link **ret_link, struct error *err);
void link_close(struct link *link);

/* Gives the request the next id. */
enum result link_send(
    struct link *link, tally_Request *request, struct error *err);
/* The next reply, whichever it answers. RESULT_CLOSED at the peer's end. */
enum result link_receive(struct link *link, uint32_t timeout_ms,
    tally_Reply *ret_reply, struct error *err);
/* Send, and wait for the reply with the same id. */
enum result link_call(struct link *link, tally_Request *request,
    uint32_t timeout_ms, tally_Reply *ret_reply, struct error *err);
/* The request that opens every link with a certificate; RESULT_DENIED with
 * the refusal's sentence. */
enum result link_hello(struct link *link, uint64_t next_counter,
    tally_HelloReply *ret_hello, struct error *err);
/* For poll(2); the link owns it. */
int link_handle(const struct link *link);

#endif
