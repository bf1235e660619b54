/*
 * reader: owns one device's coming and going, and turns its scans into cards.
 *
 * Bytes that were read wait in `chunk` until card_reader_next() has made
 * events of them, so there is no queue of events that could overflow, and
 * nothing more is read before.
 */
#include "client/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/scanner.h"
#include "client/transport.h"
#include "common/base/crypto.h"

#define CHUNK_SIZE 256u
#define HANDLE_MAX 1048576 /* a descriptor beyond this is a mistyped text */

struct card_reader {
	const struct transport_table *table;
	char path[TRANSPORT_PATH_SIZE_MAX];
	struct transport_place place; /* its path is `path` above */

	struct transport *transport; /* NULL while the device is away */
	uint64_t opened_ms;
	uint64_t read_ms;   /* when `chunk` was read */
	uint64_t reopen_ms; /* when to try; READER_NEVER while it is open */
	uint64_t wait_ms;   /* the next wait */
	enum result state;  /* RESULT_OK while open, else why it is not */
	bool known;	    /* `state` holds: an opening was tried */
	bool told;	    /* `state` has been an event */
	struct error error;
	char text[ERROR_TEXT_SIZE];

	struct scanner scanner;
	struct repeat repeat;
	uint8_t chunk[CHUNK_SIZE];
	size_t chunk_size;
	size_t chunk_taken;
	bool unended; /* a scan broke off, and is not an event yet */
};

/* --- the device text --- */

/* Decimal digits alone, up to `max`. */
static bool parse_number(const char *text, unsigned max, unsigned *ret_number)
{
	unsigned number = 0;

	if (text[0] == '\0')
		return false;
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
		if (number > max)
			return false;
	}
	*ret_number = number;
	return true;
}

static enum result set_path(
    struct card_reader *reader, const char *path, struct error *err)
{
	if (path[0] != '/')
		return error_set(err, RESULT_INVALID,
		    "'%.200s' is no scanner: give a path that starts with /, "
		    "pty:PATH or fd:N",
		    path);
	if (strlen(path) >= sizeof(reader->path))
		return error_set(
		    err, RESULT_INVALID, "the scanner's path is too long");
	(void)strcpy(reader->path, path);
	reader->place.path = reader->path;
	return RESULT_OK;
}

static enum result set_handle(
    struct card_reader *reader, const char *text, struct error *err)
{
	unsigned handle;

	if (!parse_number(text, HANDLE_MAX, &handle))
		return error_set(err, RESULT_INVALID,
		    "'fd:%.100s' is no open descriptor's number", text);
	if (fcntl((int)handle, F_GETFD) < 0)
		return error_set(
		    err, RESULT_NOT_FOUND, "descriptor %u is not open", handle);
	reader->place.handle = (int)handle;
	return RESULT_OK;
}

/* "/dev/ttyACM0@115200": the path is set already; split it. */
static enum result split_speed(struct card_reader *reader, struct error *err)
{
	char *at = strrchr(reader->path, '@');
	unsigned speed_baud;

	/* Links in by-id may hold an '@' before their last part's digits. */
	if (at == NULL || strchr(at, '/') != NULL)
		return RESULT_OK;
	if (!parse_number(&at[1], READER_SPEED_BAUD_MAX, &speed_baud) ||
	    speed_baud == 0)
		return error_set(err, RESULT_INVALID,
		    "'%.100s' is no speed: give 1 to %u baud after the @",
		    &at[1], READER_SPEED_BAUD_MAX);
	*at = '\0';
	reader->place.speed_baud = speed_baud;
	return RESULT_OK;
}

static enum result parse_device(
    struct card_reader *reader, const char *device, struct error *err)
{
	enum result result;

	reader->table = &transport_tty;
	if (strncmp(device, "pty:", 4) == 0)
		return set_path(reader, &device[4], err);
	if (strncmp(device, "fd:", 3) == 0)
		return set_handle(reader, &device[3], err);
	reader->table = &transport_serial;
	result = set_path(reader, device, err);
	if (result != RESULT_OK)
		return result;
	return split_speed(reader, err);
}

enum result card_reader_create(
    const char *device, struct card_reader **ret_reader, struct error *err)
{
	struct card_reader *reader = calloc(1, sizeof(*reader));
	enum result result;

	if (reader == NULL)
		return error_no_memory(err);
	reader->place.handle = -1;
	reader->place.speed_baud = READER_SPEED_BAUD;
	reader->wait_ms = READER_REOPEN_MS_MIN;
	reader->told = true; /* nothing is known before the first opening */
	scanner_init(&reader->scanner);
	(void)snprintf(reader->text, sizeof(reader->text), "not open yet");
	result = parse_device(reader, device, err);
	if (result != RESULT_OK) {
		card_reader_destroy(reader);
		return result;
	}
	*ret_reader = reader;
	return RESULT_OK;
}

/* --- coming and going --- */

static void forget_bytes(struct card_reader *reader)
{
	crypto_wipe(reader->chunk, sizeof(reader->chunk));
	reader->chunk_size = 0;
	reader->chunk_taken = 0;
}

static void close_transport(struct card_reader *reader)
{
	if (reader->transport != NULL)
		reader->table->close(reader->transport);
	reader->transport = NULL;
}

void card_reader_destroy(struct card_reader *reader)
{
	if (reader == NULL)
		return;
	close_transport(reader);
	forget_bytes(reader);
	scanner_forget(&reader->scanner);
	free(reader);
}

/* After "unplugged", "missing" would be the same news twice. */
static void set_state(struct card_reader *reader, enum result state)
{
	bool away = reader->state == RESULT_CLOSED && state == RESULT_NOT_FOUND;

	if (reader->known && (reader->state == state || away))
		return;
	reader->known = true;
	reader->told = false;
	reader->state = state;
}

/*
 * Set the time of the next try, and double the wait after it. A descriptor is
 * not tried again: its number may by then be another file's.
 */
static void back_off(struct card_reader *reader, uint64_t now_ms)
{
	if (reader->place.path == NULL) {
		reader->reopen_ms = READER_NEVER;
		return;
	}
	reader->reopen_ms = now_ms + reader->wait_ms;
	reader->wait_ms *= 2;
	if (reader->wait_ms > READER_REOPEN_MS_MAX)
		reader->wait_ms = READER_REOPEN_MS_MAX;
}

/* A device that comes and goes at once keeps its back-off; one that has been
 * there for a while is soon looked for again. */
static void lose_device(struct card_reader *reader, uint64_t now_ms)
{
	(void)snprintf(
	    reader->text, sizeof(reader->text), "%s", reader->error.text);
	close_transport(reader);
	set_state(reader, RESULT_CLOSED);
	if (now_ms >= reader->opened_ms + READER_REOPEN_MS_MAX)
		reader->wait_ms = READER_REOPEN_MS_MIN;
	back_off(reader, now_ms);
}

static void open_device(struct card_reader *reader, uint64_t now_ms)
{
	enum result result = reader->table->open(
	    &reader->place, &reader->transport, &reader->error);

	if (result != RESULT_OK) {
		(void)snprintf(reader->text, sizeof(reader->text), "%s",
		    reader->error.text);
		set_state(reader, result);
		back_off(reader, now_ms);
		return;
	}
	/* Half a scan of before the unplugging has no other half. */
	forget_bytes(reader);
	scanner_init(&reader->scanner);
	reader->opened_ms = now_ms;
	reader->reopen_ms = READER_NEVER;
	reader->table->describe(reader->transport, reader->text);
	set_state(reader, RESULT_OK);
}

int card_reader_handle(const struct card_reader *reader)
{
	if (reader->transport == NULL)
		return -1;
	return reader->table->handle(reader->transport);
}

uint64_t card_reader_deadline_ms(const struct card_reader *reader)
{
	if (reader->transport == NULL)
		return reader->reopen_ms;
	return scanner_deadline_ms(&reader->scanner);
}

static bool has_bytes(const struct card_reader *reader)
{
	return reader->chunk_taken < reader->chunk_size;
}

void card_reader_on_readable(struct card_reader *reader, uint64_t now_ms)
{
	size_t size = 0;
	enum result result;

	if (reader->transport == NULL || has_bytes(reader))
		return;
	result = reader->table->read(reader->transport, reader->chunk,
	    sizeof(reader->chunk), &size, &reader->error);
	if (result != RESULT_OK) {
		lose_device(reader, now_ms);
		return;
	}
	reader->chunk_size = size;
	reader->chunk_taken = 0;
	reader->read_ms = now_ms;
}

/* A read finds both what is left and, when nothing is, the hang-up. */
void card_reader_on_hangup(struct card_reader *reader, uint64_t now_ms)
{
	card_reader_on_readable(reader, now_ms);
}

void card_reader_on_time(struct card_reader *reader, uint64_t now_ms)
{
	if (reader->transport == NULL) {
		if (now_ms >= reader->reopen_ms)
			open_device(reader, now_ms);
		return;
	}
	/* A loop that was held up may find the time past and bytes waiting:
	 * then it was not the scanner that was silent. */
	card_reader_on_readable(reader, now_ms);
	if (reader->transport != NULL && !has_bytes(reader) &&
	    scanner_on_time(&reader->scanner, now_ms) == SCAN_UNENDED)
		reader->unended = true;
}

/* --- events --- */

static const struct {
	enum result state;
	const char *name;
	const char *say;
} states[] = {
    {RESULT_OK, "scanner_plugged", "The scanner is ready."},
    {RESULT_CLOSED, "scanner_unplugged",
	"The scanner was unplugged. Plug it in, or type the card's number."},
    {RESULT_NOT_FOUND, "scanner_missing",
	"There is no scanner. Plug it in, or type the card's number."},
    {RESULT_BUSY, "scanner_busy",
	"Another program uses the scanner. Close it, or type the card's "
	"number."},
    {RESULT_DENIED, "scanner_denied",
	"This till may not use the scanner. Call the owner; type the card's "
	"number."},
};

static void tell_state(
    struct card_reader *reader, struct card_reader_event *ret_event)
{
	reader->told = true;
	ret_event->kind = reader->state == RESULT_OK ? CARD_READER_PLUGGED
						     : CARD_READER_UNPLUGGED;
	ret_event->name = "scanner_failed";
	ret_event->say = "The scanner does not work. Call the owner; type the "
			 "card's number.";
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (states[i].state != reader->state)
			continue;
		ret_event->name = states[i].name;
		ret_event->say = states[i].say;
	}
}

static void tell_scan_fault(
    enum scan_event event, struct card_reader_event *ret_event)
{
	ret_event->kind = CARD_READER_FAULT;
	ret_event->name = scan_event_name(event);
	ret_event->say = scan_event_say(event);
}

/* False where the card was seen just now. */
static bool tell_code(struct card_reader *reader, struct bytes code,
    struct card_reader_event *ret_event)
{
	enum card_fault fault = card_parse(code, &ret_event->card);

	scanner_forget(&reader->scanner);
	ret_event->kind =
	    fault == CARD_OK ? CARD_READER_CARD : CARD_READER_FAULT;
	ret_event->fault = fault;
	ret_event->name = fault == CARD_OK ? "card" : card_fault_name(fault);
	ret_event->say = card_fault_say(fault);
	return fault != CARD_OK || !repeat_sees(&reader->repeat,
				       ret_event->card.number, reader->read_ms);
}

/* One step through the chunk; true where it made an event. */
static bool take_chunk(
    struct card_reader *reader, struct card_reader_event *ret_event)
{
	struct bytes rest = bytes_of(&reader->chunk[reader->chunk_taken],
	    reader->chunk_size - reader->chunk_taken);
	enum scan_event event;
	struct bytes code;

	reader->chunk_taken += scanner_take(
	    &reader->scanner, rest, reader->read_ms, &event, &code);
	if (!has_bytes(reader))
		forget_bytes(reader);
	if (event == SCAN_CODE)
		return tell_code(reader, code, ret_event);
	if (event != SCAN_NONE)
		tell_scan_fault(event, ret_event);
	return event != SCAN_NONE;
}

bool card_reader_next(
    struct card_reader *reader, struct card_reader_event *ret_event)
{
	struct card_reader_event event = {0};
	bool found = reader->unended;

	if (reader->unended)
		tell_scan_fault(SCAN_UNENDED, &event);
	reader->unended = false;
	while (!found && has_bytes(reader)) {
		memset(&event, 0, sizeof(event));
		found = take_chunk(reader, &event);
	}
	if (!found && !reader->told) {
		memset(&event, 0, sizeof(event));
		tell_state(reader, &event);
		found = true;
	}
	if (found)
		*ret_event = event;
	return found;
}

void card_reader_set_busy(struct card_reader *reader, bool busy)
{
	reader->repeat.busy = busy;
}

const char *card_reader_describe(const struct card_reader *reader)
{
	return reader->text;
}
