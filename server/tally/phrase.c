/*
 * phrase: owns how sentences are put together.
 */
#include "server/tally/phrase.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"

static void add(struct phrase *phrase, const char *format, va_list arguments)
{
	size_t left = sizeof(phrase->text) - phrase->size;
	int size =
	    vsnprintf(&phrase->text[phrase->size], left, format, arguments);

	if (size >= 0 && (size_t)size < left) {
		phrase->size += (size_t)size;
		return;
	}
	phrase->size = sizeof(phrase->text) - 1;
	format_cut(phrase->text, sizeof(phrase->text));
}

void phrase_add(struct phrase *phrase, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(phrase, format, arguments);
	va_end(arguments);
}

void phrase_list(struct phrase *phrase)
{
	phrase->pieces = 0;
}

void phrase_piece(struct phrase *phrase, const char *format, ...)
{
	va_list arguments;

	if (phrase->pieces++ != 0)
		phrase_add(phrase, ", ");
	va_start(arguments, format);
	add(phrase, format, arguments);
	va_end(arguments);
}

void phrase_points(struct phrase *phrase, uint64_t points_micro)
{
	char text[FORMAT_SIZE];

	format_micro(points_micro, text);
	phrase_add(
	    phrase, "%s point%s", text, points_micro == 1000000 ? "" : "s");
}

void phrase_count(struct phrase *phrase, uint64_t count, const char *unit)
{
	char text[FORMAT_SIZE];

	format_count((int64_t)count, text);
	phrase_add(phrase, "%s %s%s", text, unit, count == 1 ? "" : "s");
}
