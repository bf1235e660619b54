/*
 * result: how every fallible function of Tallystick ends.
 *
 * A function that can fail returns `enum result` and takes `struct error *err`
 * last. The place that sees the fault writes it with error_set(); a caller
 * that knows more puts words before it with error_prefix(). A refused
 * operation (too few points, say) is not an error: it is an outcome of its own.
 */
#ifndef COMMON_BASE_RESULT_H
#define COMMON_BASE_RESULT_H

#include <stdarg.h>
#include <stddef.h>

#define ERROR_TEXT_SIZE 384

/* gcc knows this attribute on functions alone; clang, and so `make tidy`,
 * on types as well. */
#ifdef __clang__
#define RESULT_IS_USED __attribute__((warn_unused_result))
#else
#define RESULT_IS_USED
#endif

enum RESULT_IS_USED result {
	RESULT_OK = 0,
	RESULT_INVALID,	  /* malformed, or not allowed to say */
	RESULT_NOT_FOUND, /* the named thing is not there */
	RESULT_EXISTS,	  /* the thing to be made is there already */
	RESULT_LIMIT,	  /* past a limit of common/base/limits.h */
	RESULT_DENIED,	  /* wrong key, role, PIN or token */
	RESULT_CORRUPT,	  /* stored data contradicts itself */
	RESULT_VERSION,	  /* written by a later version of this program */
	RESULT_BUSY,	  /* somebody else holds it */
	RESULT_CLOSED,	  /* the other side went away */
	RESULT_IO,	  /* a disk, socket or device failed */
	RESULT_NO_MEMORY,
};

/* What went wrong, for a person. Owned by the caller; never allocated. */
struct error {
	enum result result;
	char text[ERROR_TEXT_SIZE]; /* one line, no newline at its end */
};

/*
 * Write `result` and a formatted line into `err` and return `result`, so that
 * `return error_set(err, RESULT_INVALID, "...")` reads as one step.
 * `err` may be NULL. A text that is too long is cut.
 */
__attribute__((format(printf, 3, 4))) enum result error_set(
    struct error *err, enum result result, const char *format, ...);

/* As error_set(), with ": " and strerror(errno_value) at the end. */
__attribute__((format(printf, 4, 5))) enum result error_errno(struct error *err,
    enum result result, int errno_value, const char *format, ...);

/*
 * Put a formatted text and ": " before the text in `err`. Returns the result
 * that `err` holds (RESULT_IO where `err` is NULL).
 */
__attribute__((format(printf, 2, 3))) enum result error_prefix(
    struct error *err, const char *format, ...);

/* RESULT_NO_MEMORY with its usual text. */
enum result error_no_memory(struct error *err);

/* "invalid", "not_found", …: the name of a result in logs. Never NULL. */
const char *result_name(enum result result);

#endif
