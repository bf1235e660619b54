/*
 * plug: a scanner that a test can pull out and put back: the master of a
 * pseudo-terminal, and a link to its other end that stays where it is, as a
 * link in /dev/serial/by-id does. Include after cmocka.h.
 */
#ifndef TESTS_UNIT_CLIENT_PLUG_H
#define TESTS_UNIT_CLIENT_PLUG_H

#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/reader.h"

#define PLUG_WAIT_MS 5000 /* a failing test ends; a passing one never waits */

struct plug {
	int master; /* -1 while it is pulled out */
	char folder[64];
	char link[96];
	char tty[64]; /* where the link leads */
};

static inline void plug_in(struct plug *plug)
{
	int slave;

	assert_int_equal(
	    openpty(&plug->master, &slave, plug->tty, NULL, NULL), 0);
	(void)close(slave);
	(void)unlink(plug->link);
	assert_int_equal(symlink(plug->tty, plug->link), 0);
}

static inline void plug_out(struct plug *plug)
{
	(void)close(plug->master);
	plug->master = -1;
	(void)unlink(plug->link);
}

static inline void plug_init(struct plug *plug)
{
	memset(plug, 0, sizeof(*plug));
	plug->master = -1;
	(void)strcpy(plug->folder, "/tmp/tallystick-plug-XXXXXX");
	assert_non_null(mkdtemp(plug->folder));
	(void)snprintf(
	    plug->link, sizeof(plug->link), "%s/scanner", plug->folder);
}

static inline void plug_finish(struct plug *plug)
{
	if (plug->master >= 0)
		plug_out(plug);
	assert_int_equal(rmdir(plug->folder), 0);
}

static inline void plug_send(struct plug *plug, const void *bytes, size_t size)
{
	assert_int_equal(write(plug->master, bytes, size), (ssize_t)size);
}

static inline void plug_scan(struct plug *plug, const char *text)
{
	plug_send(plug, text, strlen(text));
}

/* Wait until `handle` has something to say. */
static inline void plug_wait(int handle)
{
	struct pollfd pollfd = {.fd = handle, .events = POLLIN};

	assert_true(handle >= 0);
	assert_int_equal(poll(&pollfd, 1, PLUG_WAIT_MS), 1);
}

/* One event, waited for on the reader's handle as the till's loop does. */
static inline struct card_reader_event plug_event(
    struct card_reader *reader, uint64_t now_ms)
{
	struct card_reader_event event = {0};

	while (!card_reader_next(reader, &event)) {
		struct pollfd pollfd = {
		    .fd = card_reader_handle(reader), .events = POLLIN};

		assert_true(pollfd.fd >= 0);
		assert_int_equal(poll(&pollfd, 1, PLUG_WAIT_MS), 1);
		if (pollfd.revents & POLLIN)
			card_reader_on_readable(reader, now_ms);
		else
			card_reader_on_hangup(reader, now_ms);
	}
	return event;
}

static inline void plug_expect(struct card_reader *reader, uint64_t now_ms,
    enum card_reader_kind kind, const char *name)
{
	struct card_reader_event event = plug_event(reader, now_ms);

	assert_string_equal(event.name, name);
	assert_int_equal(event.kind, kind);
	assert_in_range(strlen(event.say), 10, SAY_SIZE_MAX);
}

static inline void plug_expect_card(
    struct card_reader *reader, uint64_t now_ms, const char *number)
{
	struct card_reader_event event = plug_event(reader, now_ms);

	assert_int_equal(event.kind, CARD_READER_CARD);
	assert_string_equal(event.name, "card");
	assert_string_equal(event.card.number, number);
}

static inline void plug_expect_nothing(struct card_reader *reader)
{
	struct card_reader_event event;

	assert_false(card_reader_next(reader, &event));
}

/* A reader for "pty:" or "" and a path, not opened yet. */
static inline struct card_reader *plug_reader(
    const char *format, const char *path)
{
	struct card_reader *reader = NULL;
	struct error err = {0};
	char device[256];

	(void)snprintf(device, sizeof(device), "%s%s", format, path);
	assert_int_equal(card_reader_create(device, &reader, &err), RESULT_OK);
	return reader;
}

/* A reader whose scanner is plugged in and open, at time 0. */
static inline struct card_reader *plug_open_reader(struct plug *plug)
{
	struct card_reader *reader;

	plug_init(plug);
	plug_in(plug);
	reader = plug_reader("pty:", plug->link);
	card_reader_on_time(reader, 0);
	plug_expect(reader, 0, CARD_READER_PLUGGED, "scanner_plugged");
	plug_expect_nothing(reader);
	return reader;
}

static inline void plug_finish_reader(
    struct plug *plug, struct card_reader *reader)
{
	card_reader_destroy(reader);
	plug_finish(plug);
}

#endif
