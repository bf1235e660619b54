/*
 * log: lines for standard error, made whole in memory and written at once, so
 * that two threads never share a line.
 */
#include "common/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"

#define LINE_SIZE_MAX 2048u
#define LINE_CUT "\" cut=1\n" /* the longest end that a line may have */
#define NUMBER_PLACES 8u
#define NUMBER_TEXT_SIZE 21u /* 18446744073709551615 and a NUL */

struct line {
	char text[LINE_SIZE_MAX];
	size_t size;
	bool cut;
};

static _Atomic int level_min = LOG_INFO;

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&level_min, (int)level, memory_order_relaxed);
}

/* All of `text` or, from the first that has no room, nothing more at all. */
static void line_put(struct line *line, const char *text)
{
	size_t size = strlen(text);

	if (line->cut || line->size + size > LINE_SIZE_MAX - strlen(LINE_CUT)) {
		line->cut = true;
		return;
	}
	memcpy(line->text + line->size, text, size);
	line->size += size;
}

/* Past line_put()'s bound, into the place that it keeps for the end. */
static void line_end(struct line *line, const char *text)
{
	size_t size = strlen(text);

	memcpy(line->text + line->size, text, size);
	line->size += size;
}

static bool value_is_plain(const char *value)
{
	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++) {
		if (*value <= ' ' || *value > '~' || *value == '"' ||
		    *value == '\\')
			return false;
	}
	return true;
}

static void line_put_escaped(struct line *line, char character)
{
	char text[8] = {character};

	if (character == '"' || character == '\\')
		snprintf(text, sizeof(text), "\\%c", character);
	else if (character == '\n')
		snprintf(text, sizeof(text), "\\n");
	else if (character == '\r')
		snprintf(text, sizeof(text), "\\r");
	else if (character == '\t')
		snprintf(text, sizeof(text), "\\t");
	else if (character < ' ' || character > '~')
		snprintf(text, sizeof(text), "\\x%02x",
		    (unsigned)(unsigned char)character);
	line_put(line, text);
}

/* A pair is written from its key to the start of its value, or not at all. */
static void line_put_pair(struct line *line, const char *key, const char *value)
{
	const char *characters = value == NULL ? "" : value;
	bool plain = value_is_plain(characters);
	size_t size_before = line->size;

	line_put(line, " ");
	line_put(line, key);
	line_put(line, plain ? "=" : "=\"");
	if (line->cut) {
		line->size = size_before;
		return;
	}
	/* Character by character: what has room of a long value is shown. */
	for (; *characters != '\0' && !line->cut; characters++)
		line_put_escaped(line, *characters);
	/* An opened quote is closed even where the line is cut. */
	if (!plain)
		line_end(line, "\"");
}

static void line_write(const struct line *line)
{
	int errno_before = errno;

	/* A log that cannot be written has nowhere to say so. */
	while (
	    write(STDERR_FILENO, line->text, line->size) < 0 && errno == EINTR)
		;
	errno = errno_before;
}

void log_event(enum log_level level, const char *event, ...)
{
	static const char *const names[] = {"debug", "info", "warn", "alarm"};
	struct line line = {.size = 0};
	char now[CLOCK_TEXT_SIZE];
	va_list pairs;

	if ((int)level < atomic_load_explicit(&level_min, memory_order_relaxed))
		return;
	clock_format_ms(clock_wall_ms(), now);
	line_put(&line, "time=");
	line_put(&line, now);
	line_put_pair(&line, "level", names[level]);
	line_put_pair(&line, "event", event);
	va_start(pairs, event);
	for (const char *key = va_arg(pairs, const char *); key != NULL;
	     key = va_arg(pairs, const char *))
		line_put_pair(&line, key, va_arg(pairs, const char *));
	va_end(pairs);
	line_end(&line, line.cut ? " cut=1\n" : "\n");
	line_write(&line);
}

const char *log_number(unsigned long long number)
{
	static _Thread_local char places[NUMBER_PLACES][NUMBER_TEXT_SIZE];
	static _Thread_local unsigned next;
	char *place = places[next++ % NUMBER_PLACES];

	snprintf(place, NUMBER_TEXT_SIZE, "%llu", number);
	return place;
}
