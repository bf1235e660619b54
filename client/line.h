/*
 * line: from bytes in any pieces to whole lines.
 * Above: desk. Pure.
 *
 * A line ends with LF; a CR before it is dropped. A line of more than
 * JSON_LINE_SIZE_MAX bytes is told once as too long and skipped to its end. At
 * the end of the input, what has no LF is a line too.
 */
#ifndef CLIENT_LINE_H
#define CLIENT_LINE_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/limits.h"

/* All zero is a fresh reader. */
struct line_reader {
	char line[JSON_LINE_SIZE_MAX + 1];
	size_t size;
	bool too_long; /* the line so far is being skipped */
	bool complete; /* `line` was given out: start anew */
};

/*
 * Take from `*input` (moved past what was taken) up to one line. True: a line
 * is there; `*ret_line` is borrowed until the next call (NUL-ended, though it
 * may hold NULs), and `*ret_too_long` says that it is none to be read but one
 * that was too long.
 */
bool line_next(struct line_reader *reader, struct bytes *input,
    struct bytes *ret_line, bool *ret_too_long);
/* After the last byte: the line without an LF, if there is one. */
bool line_last(
    struct line_reader *reader, struct bytes *ret_line, bool *ret_too_long);
/* Overwrite what was read: it may have been a PIN. */
void line_forget(struct line_reader *reader);

#endif
