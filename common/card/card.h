/*
 * card: from scanned bytes to a membership card's number, or a reason why not.
 *
 * Pure. A scan is what a scanner sent between two ends, without them, with an
 * optional AIM symbology identifier (ISO/IEC 15424, "]E0" and the like) in
 * front. A number typed by hand is parsed by the same rules.
 *
 * Accepted: EAN-13 and UPC-A (as 13 digits) with a prefix of restricted
 * circulation (GS1 General Specifications 1.4: 04 within a company, 20, 21
 * and 24-29 within a region or company), EAN-8 with prefix 2 (or 0), Luhn
 * numbers of 8 to 19 digits, GS1 AI 8018 (service relation number, 18 digits;
 * with or without the AI when its length says so, "(8018)" too), ITF of
 * exactly 14 digits, Code 39 with its modulo-43 check character (letter
 * first, five characters or more, lower case read as upper case).
 *
 * Refused though restricted: 22 and 23, and 02 (UPC-A of number system 2),
 * because shops print prices and weights there. The full table, good and bad,
 * and the order in which an ambiguous number is read, is in card.c.
 */
#ifndef COMMON_CARD_CARD_H
#define COMMON_CARD_CARD_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/limits.h"

enum symbology {
	SYMBOLOGY_NONE,
	SYMBOLOGY_EAN13,
	SYMBOLOGY_EAN8,
	SYMBOLOGY_LUHN,
	SYMBOLOGY_GSRN, /* GS1 AI 8018 */
	SYMBOLOGY_ITF14,
	SYMBOLOGY_CODE39,
};

enum card_fault {
	CARD_OK = 0,
	CARD_EMPTY,
	CARD_LENGTH,	/* no known card has this length */
	CARD_CHARACTER, /* a control or high-bit byte, or one out of place */
	CARD_CHECK,	/* the check digit or character is wrong */
	CARD_PRODUCT,	/* an article's code, a coupon's, a periodical's */
	CARD_PRICE,	/* a price or weight code: 02, 22, 23 */
	CARD_PAYMENT,	/* a payment card's number; never logged or kept */
	CARD_JOINED,	/* two codes in one scan */
	CARD_SYMBOLOGY, /* the AIM identifier contradicts the content, or names
			   a symbology that no card here uses */
};

struct card {
	/* The canonical number: what is stored, compared and shown. Digits or
	 * Code 39 characters, NUL-ended. One card has one number whatever the
	 * symbology identifier or the scanner's settings were. */
	char number[CARD_SIZE_MAX + 1];
	enum symbology symbology;
};

/*
 * CARD_OK and `*ret_card`, or the reason and `*ret_card` untouched. A refused
 * scan's bytes are in no output of this file: the caller shows the reason
 * alone, because the bytes may be a payment card's.
 */
enum card_fault card_parse(struct bytes scan, struct card *ret_card);

/* "bad_check_digit", …: for programs. "ok" for CARD_OK. Never NULL. */
const char *card_fault_name(enum card_fault fault);
/* A sentence for the cashier: what it is and what to do next. At most
 * SAY_SIZE_MAX bytes. Never NULL. */
const char *card_fault_say(enum card_fault fault);
/* "ean13", "gsrn", …; "none" for SYMBOLOGY_NONE. Never NULL. */
const char *symbology_name(enum symbology symbology);
/* "29…8906": the first two and last four characters, for screens and logs;
 * of a number shorter than 8, the last two alone ("…67"). */
void card_mask(const char *number, char ret_text[CARD_SIZE_MAX + 8]);

#endif
