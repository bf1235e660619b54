/*
 * message_inside: what message.c, message_text.c and message_rules.c share; for
 * nobody else.
 */
#ifndef PROTO_MESSAGE_INSIDE_H
#define PROTO_MESSAGE_INSIDE_H

#include <pb_decode.h>
#include <stdbool.h>

#include "proto/message.h"

/* What the schema cannot say of a decoded message. RESULT_INVALID names the
 * field. */
enum result message_check_request(
    const tally_Request *request, struct error *err);
enum result message_check_reply(const tally_Reply *reply, struct error *err);

/*
 * Does a string of this encoded message hold a byte of 0? `stream` is a message
 * that nanopb has decoded into `message` already; it is read to its end.
 */
bool message_has_nul(
    pb_istream_t *stream, const pb_msgdesc_t *fields, void *message);

#endif
