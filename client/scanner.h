/*
 * scanner: from the bytes of a scanner to whole scans.
 * Above: reader. Below: nothing; it reads no device and no clock.
 *
 * CR, LF, TAB or ETX end a scan; STX and NUL are dropped; an end with nothing
 * before it is nothing, so that CR LF is one end. Times are milliseconds of
 * one monotonic clock. A time before the last one counts as the last one.
 */
#ifndef CLIENT_SCANNER_H
#define CLIENT_SCANNER_H

#include "common/base/bytes.h"
#include "common/base/limits.h"
#include "common/card/card.h"

#define SCANNER_NEVER UINT64_MAX /* no deadline */

enum scan_event {
	SCAN_NONE = 0, /* nothing whole yet */
	SCAN_CODE,     /* a scan: 1 to SCAN_SIZE_MAX bytes */
	SCAN_TOO_LONG, /* SCAN_SIZE_MAX went past; the rest is discarded up to
			  the next end, without another event */
	SCAN_UNENDED,  /* SCAN_IDLE_MS of silence and no end: discarded */
};

/* All zero after scanner_init(); the caller owns it. */
struct scanner {
	uint8_t bytes[SCAN_SIZE_MAX];
	size_t size;
	bool discarding;   /* after SCAN_TOO_LONG, up to the next end */
	bool ended;	   /* `bytes` is the last event's: start anew */
	uint64_t heard_ms; /* when the last byte came */
};

void scanner_init(struct scanner *scanner);

/*
 * Take bytes from `bytes` up to the first event, or all of them. Returns how
 * many were taken; call again with the rest. With SCAN_CODE `*ret_code` is a
 * view into the scanner, valid until the next call on it; it is the caller's
 * to scanner_forget() as soon as the code is parsed. With any other event it
 * is empty. Late bytes join what was there: only scanner_on_time() finds a
 * silence, because a loop that was held up finds bytes late that were not.
 */
size_t scanner_take(struct scanner *scanner, struct bytes bytes,
    uint64_t now_ms, enum scan_event *ret_event, struct bytes *ret_code);

/* Called when nothing could be read at this time: SCAN_UNENDED where a scan
 * was begun and the silence is long enough, otherwise SCAN_NONE. What follows
 * SCAN_TOO_LONG is given up without an event. */
enum scan_event scanner_on_time(struct scanner *scanner, uint64_t now_ms);

/* When scanner_on_time() is wanted, or SCANNER_NEVER. */
uint64_t scanner_deadline_ms(const struct scanner *scanner);

/* Overwrite every byte held: it may be a payment card's. */
void scanner_forget(struct scanner *scanner);

/* "scan_too_long", "scan_unended"; for programs, and for the cashier. */
const char *scan_event_name(enum scan_event event);
const char *scan_event_say(enum scan_event event);

/*
 * The same card again is one scan: within SCAN_REPEAT_MS of the last time that
 * it was seen, or as long as an operation is open. A card that rests under a
 * scanner that repeats is so seen once. All zero is a start.
 */
struct repeat {
	char number[CARD_SIZE_MAX + 1]; /* the last card; "" for none */
	uint64_t seen_ms;
	bool busy; /* an operation is open: set by the owner */
};

/* True where `number` was seen just now; it is remembered either way. */
bool repeat_sees(struct repeat *repeat, const char *number, uint64_t now_ms);

#endif
