/*
 * result: the texts of errors, and the names of results.
 *
 * Every text is formatted into memory of its own first: an argument may be
 * the text that is about to be replaced.
 */
#include "common/base/result.h"

#include <stdio.h>
#include <string.h>

/*
 * Copy `text` into `err` as one line of whole characters. A text may hold a
 * peer's string, so control characters become spaces; and a cut in the middle
 * of a character would make the whole text unfit for JSON.
 */
static void error_store(struct error *err, const char *text)
{
	size_t size = strlen(text);

	if (size >= ERROR_TEXT_SIZE) {
		size = ERROR_TEXT_SIZE - 1;
		while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
			size--;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		err->text[i] = c < 0x20 || c == 0x7f ? ' ' : text[i];
	}
	err->text[size] = '\0';
}

enum result error_set(
    struct error *err, enum result result, const char *format, ...)
{
	/* Longer than the place it goes to, so that a cut shows. */
	char text[ERROR_TEXT_SIZE + 8];
	va_list arguments;

	if (err == NULL)
		return result;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	error_store(err, text);
	err->result = result;
	return result;
}

enum result error_errno(struct error *err, enum result result, int errno_value,
    const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	char reason[128];
	va_list arguments;

	if (err == NULL)
		return result;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(err, result, "%s: %s", text,
	    strerror_r(errno_value, reason, sizeof(reason)));
}

enum result error_prefix(struct error *err, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	if (err == NULL)
		return RESULT_IO;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(err, err->result, "%s: %s", text, err->text);
}

enum result error_no_memory(struct error *err)
{
	return error_set(err, RESULT_NO_MEMORY, "out of memory");
}

const char *result_name(enum result result)
{
	switch (result) {
	case RESULT_OK:
		return "ok";
	case RESULT_INVALID:
		return "invalid";
	case RESULT_NOT_FOUND:
		return "not_found";
	case RESULT_EXISTS:
		return "exists";
	case RESULT_LIMIT:
		return "limit";
	case RESULT_DENIED:
		return "denied";
	case RESULT_CORRUPT:
		return "corrupt";
	case RESULT_VERSION:
		return "version";
	case RESULT_BUSY:
		return "busy";
	case RESULT_CLOSED:
		return "closed";
	case RESULT_IO:
		return "io";
	case RESULT_NO_MEMORY:
		return "no_memory";
	}
	return "unknown";
}
