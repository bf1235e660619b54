/*
 * wrap: text broken into lines at its blanks. Pure.
 *
 * Widths count characters (code points of UTF-8), not bytes. A word that is
 * wider than a line stands alone on its own and is not cut: nothing is lost,
 * and what was to be copied can be.
 */
#ifndef COMMON_BASE_WRAP_H
#define COMMON_BASE_WRAP_H

#include "common/base/bytes.h"

size_t wrap_width(struct bytes text);

/*
 * Take one line off the front of `*text`: as many of its words as `width`
 * holds, at least one. Blanks before the first word and between words stay as
 * they are; those where it was broken are dropped.
 */
struct bytes wrap_take(struct bytes *text, size_t width);

/*
 * Append `text`, which may have many lines, with each that is wider than
 * `width` broken. What is broken goes on below where its text began: after the
 * blanks that a line starts with, or after two or more in its first half, which
 * part columns. A line that is not too wide stays as it is, blank for blank.
 */
enum result wrap_lines(
    struct bytes text, size_t width, struct buffer *output, struct error *err);

#endif
