/*
 * json: JSON lines in and out, for a program that embeds the till.
 * Above: desk. Below: till's commands and results. json_inside.h alone
 * includes jansson in client/.
 *
 * One object a line, in both directions. Amounts are whole minor units. A
 * line that is no command changes nothing and gets one line with
 * "ok":false,"why":"malformed" and a sentence. TILL.md shows every message.
 */
#ifndef CLIENT_JSON_H
#define CLIENT_JSON_H

#include "client/reader.h"
#include "client/till.h"

/*
 * Parse a line. True: `*ret_command` is what is asked for. False: nothing is,
 * and the answer to give was appended to `output` (for an empty line,
 * nothing). Cards are parsed by the rules of card.h, and a card's fault is
 * named in the answer as it is after a scan. `created_ms` is left 0.
 */
bool json_parse_command(
    struct bytes line, struct till_command *ret_command, struct buffer *output);
/* The answer to a line of more than JSON_LINE_SIZE_MAX bytes. */
void json_line_too_long(struct buffer *output);

/* Append the refusal of a line: `what` NONE and `id` "" where they are not
 * known. */
void json_append_refusal(struct buffer *output, enum till_do what,
    const char *id, const char *why, const char *say);
/* Append a result as one line. Out of memory the line is left out. */
void json_append_result(
    struct buffer *output, const struct till_result *result);
/* Append what the scanner said. */
void json_append_scan(
    struct buffer *output, const struct card_reader_event *event);
/* Append the last line of a till that ends with operations waiting. */
void json_append_end(struct buffer *output, size_t waiting);

#endif
