/*
 * reader: the till's card reader: a device that comes and goes, and cards out.
 * Above: the till's loop. Below: transport, scanner, card.
 *
 * The loop polls card_reader_handle() for POLLIN until
 * card_reader_deadline_ms(), calls what fits (on_readable for POLLIN,
 * on_hangup for POLLHUP or POLLERR alone, on_time when the deadline is there),
 * and then takes events with card_reader_next() until there is none. Times are
 * milliseconds of one monotonic clock. Nothing blocks, and there are no
 * threads. A device that hangs up is closed at once and opened again with
 * back-off for as long as the reader lives. (`struct reader` is common/base's.)
 */
#ifndef CLIENT_READER_H
#define CLIENT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/result.h"
#include "common/card/card.h"

#define READER_NEVER UINT64_MAX	   /* no deadline */
#define READER_REOPEN_MS_MIN 250u  /* first wait before opening again */
#define READER_REOPEN_MS_MAX 5000u /* the wait doubles up to this */
#define READER_SPEED_BAUD 9600u	   /* unless the device text says */
#define READER_SPEED_BAUD_MAX 921600u

struct card_reader;

enum card_reader_kind {
	CARD_READER_CARD,      /* `card` */
	CARD_READER_FAULT,     /* a scan that is no card, or no whole scan */
	CARD_READER_PLUGGED,   /* the device is open */
	CARD_READER_UNPLUGGED, /* it is not; said once a reason */
};

struct card_reader_event {
	enum card_reader_kind kind;
	struct card card;      /* for CARD_READER_CARD; zeroes otherwise */
	enum card_fault fault; /* what card_parse() said, or CARD_OK */
	const char *name;      /* "card", "bad_check_digit", "scan_too_long",
				  "scanner_plugged", "scanner_busy", …; static */
	const char *say;       /* a sentence for the cashier; static */
};

/*
 * A reader for `device`, which is not opened yet (the first deadline is 0):
 *   pty:PATH            a terminal by its absolute path, without settings
 *   fd:N                an open descriptor; it stays the caller's
 *   /PATH  /PATH@SPEED  a serial port, "/dev/serial/by-id/…" best of all;
 *                       9600 baud unless said
 * RESULT_INVALID for any other text, RESULT_NOT_FOUND for an "fd:" that is not
 * open, RESULT_NO_MEMORY. An "fd:" that hangs up, or cannot be used, is not
 * tried again: its number may by then be another file's. The caller owns the
 * reader.
 */
enum result card_reader_create(
    const char *device, struct card_reader **ret_reader, struct error *err);
void card_reader_destroy(struct card_reader *reader);

/* The descriptor to poll for POLLIN, or -1 while there is none. */
int card_reader_handle(const struct card_reader *reader);
/* When card_reader_on_time() is wanted, or READER_NEVER. */
uint64_t card_reader_deadline_ms(const struct card_reader *reader);

/* Read what has come. Does nothing while card_reader_next() has more. */
void card_reader_on_readable(struct card_reader *reader, uint64_t now_ms);
/* The poll said POLLHUP or POLLERR. What can still be read is read first. */
void card_reader_on_hangup(struct card_reader *reader, uint64_t now_ms);
/* Open the device, or give up half a scan; harmless before its time. */
void card_reader_on_time(struct card_reader *reader, uint64_t now_ms);

/*
 * The next event. False when there is none. The same card within
 * SCAN_REPEAT_MS, or while the till is busy, gives no second event. Nothing of
 * a refused scan is in the event, and its bytes are overwritten.
 */
bool card_reader_next(
    struct card_reader *reader, struct card_reader_event *ret_event);

/* An operation on the last card is open (true), or has ended. */
void card_reader_set_busy(struct card_reader *reader, bool busy);

/* For the log: what is open, or why it is not; never a byte of a scan. Valid
 * until the next call on the reader. */
const char *card_reader_describe(const struct card_reader *reader);

#endif
