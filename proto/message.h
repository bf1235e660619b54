/*
 * message: the protobuf messages of tally.proto, to bytes and back.
 *
 * Sans-I/O, no memory of its own: every field has a bound. The only user of
 * nanopb's encoder and decoder. Decoding also checks what the schema cannot
 * say: strings are well-formed UTF-8 without control characters, byte fields
 * of fixed size have it, and a body is present.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "common/base/bytes.h"
#include "common/law/law.h"
#include "proto/tally.pb.h"

/* Bytes of a cashier's ticket; what is in them is the server's own affair. */
#define TICKET_SIZE 28u

/*
 * RESULT_INVALID names the field. What `ret_…` holds beforehand does not
 * matter; on failure it is garbage, but for the id: what was read of it, or 0.
 */
enum result message_decode_request(
    struct bytes body, tally_Request *ret_request, struct error *err);
enum result message_decode_reply(
    struct bytes body, tally_Reply *ret_reply, struct error *err);

/* Append a whole frame (head and message) to `to`. */
enum result message_append_request(
    struct buffer *to, const tally_Request *request, struct error *err);
enum result message_append_reply(
    struct buffer *to, const tally_Reply *reply, struct error *err);

/* A refusal as a reply's body, and back. */
void message_set_refusal(tally_Reply *reply, const struct refusal *refusal);
void message_refusal(const tally_Reply *reply, struct refusal *ret_refusal);

/* "earn", "hello", …: for logs. */
const char *message_request_name(const tally_Request *request);

#endif
