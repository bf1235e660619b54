/*
 * rules_text: what a programme's text says word for word. The programme itself
 * keeps hashes of names, which nobody can read.
 *
 * Only for texts that programme_parse() has taken.
 */
#ifndef SERVER_TALLY_RULES_TEXT_H
#define SERVER_TALLY_RULES_TEXT_H

#include <stdbool.h>

#include "common/base/bytes.h"

#define RULES_VALUE_SIZE 1024u

/*
 * The value of `key` in the section that line `line` (from 1) opens or is in,
 * as it stands there; of a key that comes again, all of them with ", " between.
 * What does not fit ends in "…". False, and empty, where there is none.
 */
bool rules_text_value(struct bytes text, unsigned line, const char *key,
    char ret_value[RULES_VALUE_SIZE]);

/* The line on which a section such as "programme" starts; 0: nowhere. */
unsigned rules_text_section(struct bytes text, const char *name);

/* The whole line, without its end; empty past the last. */
struct bytes rules_text_line(struct bytes text, unsigned line);
/* A "key = value" apart, without a note; false for any other line. */
bool rules_text_pair(
    struct bytes line, struct bytes *ret_key, struct bytes *ret_value);

#endif
