/*
 * scanner: owns the framing of scans and what counts as the same scan.
 */
#include "client/scanner.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"

#define STX 0x02u
#define ETX 0x03u

void scanner_init(struct scanner *scanner)
{
	memset(scanner, 0, sizeof(*scanner));
}

void scanner_forget(struct scanner *scanner)
{
	crypto_wipe(scanner->bytes, sizeof(scanner->bytes));
	scanner->size = 0;
	scanner->ended = false;
}

static bool is_end(uint8_t byte)
{
	return byte == '\r' || byte == '\n' || byte == '\t' || byte == ETX;
}

static bool is_dropped(uint8_t byte)
{
	return byte == STX || byte == 0;
}

static bool is_begun(const struct scanner *scanner)
{
	return scanner->discarding || (scanner->size > 0 && !scanner->ended);
}

static uint64_t passed_ms(uint64_t from_ms, uint64_t now_ms)
{
	return now_ms > from_ms ? now_ms - from_ms : 0;
}

enum scan_event scanner_on_time(struct scanner *scanner, uint64_t now_ms)
{
	bool discarding = scanner->discarding;

	if (!is_begun(scanner) ||
	    passed_ms(scanner->heard_ms, now_ms) < SCAN_IDLE_MS)
		return SCAN_NONE;
	scanner->discarding = false;
	scanner_forget(scanner);
	/* The cashier has been told of the one that was too long. */
	return discarding ? SCAN_NONE : SCAN_UNENDED;
}

uint64_t scanner_deadline_ms(const struct scanner *scanner)
{
	if (!is_begun(scanner))
		return SCANNER_NEVER;
	return scanner->heard_ms + SCAN_IDLE_MS;
}

/* One byte that is neither an end nor dropped. */
static enum scan_event add_byte(struct scanner *scanner, uint8_t byte)
{
	if (scanner->discarding)
		return SCAN_NONE;
	if (scanner->size == SCAN_SIZE_MAX) {
		scanner_forget(scanner);
		scanner->discarding = true;
		return SCAN_TOO_LONG;
	}
	scanner->bytes[scanner->size] = byte;
	scanner->size++;
	return SCAN_NONE;
}

static enum scan_event take_byte(struct scanner *scanner, uint8_t byte)
{
	if (is_dropped(byte))
		return SCAN_NONE;
	if (!is_end(byte))
		return add_byte(scanner, byte);
	scanner->discarding = false;
	if (scanner->size == 0)
		return SCAN_NONE;
	scanner->ended = true;
	return SCAN_CODE;
}

size_t scanner_take(struct scanner *scanner, struct bytes bytes,
    uint64_t now_ms, enum scan_event *ret_event, struct bytes *ret_code)
{
	enum scan_event event = SCAN_NONE;
	size_t taken = 0;

	*ret_code = bytes_of(NULL, 0);
	if (scanner->ended)
		scanner_forget(scanner);
	while (event == SCAN_NONE && taken < bytes.size) {
		event = take_byte(scanner, bytes.data[taken]);
		taken++;
	}
	if (taken > 0 && now_ms > scanner->heard_ms)
		scanner->heard_ms = now_ms;
	if (event == SCAN_CODE)
		*ret_code = bytes_of(scanner->bytes, scanner->size);
	*ret_event = event;
	return taken;
}

const char *scan_event_name(enum scan_event event)
{
	switch (event) {
	case SCAN_TOO_LONG:
		return "scan_too_long";
	case SCAN_UNENDED:
		return "scan_unended";
	case SCAN_CODE:
		return "scan";
	case SCAN_NONE:
		break;
	}
	return "none";
}

const char *scan_event_say(enum scan_event event)
{
	switch (event) {
	case SCAN_TOO_LONG:
		return "This code is too long for a card. Scan the "
		       "customer's card.";
	case SCAN_UNENDED:
		return "The scan broke off. Scan again; if this goes on, set "
		       "the scanner to send Enter after each code.";
	case SCAN_CODE:
	case SCAN_NONE:
		break;
	}
	return "";
}

bool repeat_sees(struct repeat *repeat, const char *number, uint64_t now_ms)
{
	bool same =
	    repeat->number[0] != '\0' && strcmp(repeat->number, number) == 0;
	bool soon = passed_ms(repeat->seen_ms, now_ms) < SCAN_REPEAT_MS;

	assert(strlen(number) <= CARD_SIZE_MAX);
	(void)snprintf(repeat->number, sizeof(repeat->number), "%s", number);
	if (now_ms > repeat->seen_ms)
		repeat->seen_ms = now_ms;
	return same && (soon || repeat->busy);
}
