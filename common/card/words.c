/*
 * words: owns what the outcomes of card.h are called, for programs and people.
 */
#include "common/card/card.h"

#include <stdio.h>
#include <string.h>

#define MASK_SIZE_MIN 8u /* a shorter number shows its last two alone */

static const struct {
	const char *name;
	const char *say;
} faults[] = {
    [CARD_OK] = {"ok", "The card was read."},
    [CARD_EMPTY] = {"empty", "Nothing was read. Scan the card again."},
    [CARD_LENGTH] = {"bad_length", "This is too short or too long to be a "
				   "card's number. Scan the card again."},
    [CARD_CHARACTER] = {"bad_character",
	"A card's number has no such characters. Scan the card again, or type "
	"its number."},
    [CARD_CHECK] = {"bad_check_digit",
	"The number was misread or mistyped: its check digit is wrong. Scan "
	"or type it again."},
    [CARD_PRODUCT] = {"product_code",
	"This is an article's code, not a card. Scan the customer's card."},
    [CARD_PRICE] = {"price_code", "This is a price or weight label, not a "
				  "card. Scan the customer's card."},
    [CARD_PAYMENT] = {"payment_card",
	"This is a payment card. It was not kept. Ask for the loyalty card."},
    [CARD_JOINED] = {"joined_scans",
	"Two codes came in one scan. Cover the other code and scan the card "
	"again."},
    [CARD_SYMBOLOGY] = {"wrong_symbology",
	"This kind of code is not a card of this shop. Scan the card's own "
	"code, or type its number."},
};

static bool is_fault(enum card_fault fault)
{
	return (size_t)fault < sizeof(faults) / sizeof(*faults);
}

const char *card_fault_name(enum card_fault fault)
{
	return is_fault(fault) ? faults[fault].name : "unknown";
}

const char *card_fault_say(enum card_fault fault)
{
	return is_fault(fault) ? faults[fault].say
			       : "The card could not be read. Scan it again.";
}

const char *symbology_name(enum symbology symbology)
{
	static const char *const names[] = {
	    [SYMBOLOGY_NONE] = "none",
	    [SYMBOLOGY_EAN13] = "ean13",
	    [SYMBOLOGY_EAN8] = "ean8",
	    [SYMBOLOGY_LUHN] = "luhn",
	    [SYMBOLOGY_GSRN] = "gsrn",
	    [SYMBOLOGY_ITF14] = "itf14",
	    [SYMBOLOGY_CODE39] = "code39",
	};

	if ((size_t)symbology >= sizeof(names) / sizeof(*names))
		return "unknown";
	return names[symbology];
}

void card_mask(const char *number, char ret_text[CARD_SIZE_MAX + 8])
{
	size_t size = strlen(number);

	if (size >= MASK_SIZE_MIN)
		(void)snprintf(ret_text, CARD_SIZE_MAX + 8, "%.2s…%.4s", number,
		    &number[size - 4]);
	else
		(void)snprintf(ret_text, CARD_SIZE_MAX + 8, "…%.2s",
		    &number[size < 2 ? 0 : size - 2]);
}
