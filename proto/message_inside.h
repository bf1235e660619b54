/*
 * message_inside: what message.c and message_text.c share; for nobody else.
 */
#ifndef PROTO_MESSAGE_INSIDE_H
#define PROTO_MESSAGE_INSIDE_H

#include <pb_decode.h>
#include <stdbool.h>

/*
 * Does a string of this encoded message hold a byte of 0? `stream` is a message
 * that nanopb has decoded into `message` already; it is read to its end.
 */
bool message_has_nul(
    pb_istream_t *stream, const pb_msgdesc_t *fields, void *message);

#endif
