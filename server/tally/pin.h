/*
 * pin: reading a secret from whoever types it.
 */
#ifndef SERVER_TALLY_PIN_H
#define SERVER_TALLY_PIN_H

#include <stdbool.h>

#include "common/base/result.h"

/* Is standard input a terminal, so that a person can be asked? */
bool pin_can_ask(void);
/* Show `prompt` on standard error and read a line that is not shown, without
 * its newline. RESULT_INVALID where it does not fit or nothing comes. */
enum result pin_ask(
    const char *prompt, char *to, size_t size, struct error *err);
/* A line of standard input, likewise. */
enum result pin_read_line(char *to, size_t size, struct error *err);

#endif
