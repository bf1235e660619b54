/*
 * card: owns what a scan may hold, and which reading wins.
 *
 * The AIM identifier, where there is one, says which reading is asked for:
 *
 *   ]E0              EAN-13, UPC-A as 12 or 13 digits; 8 digits are UPC-E
 *   ]E1 ]E2 ]E3      an add-on symbol: a periodical or a book
 *   ]E4              EAN-8
 *   ]I0 ]I1 ]I3      ITF: 14 digits with their check digit, nothing else
 *   ]A0 ]A1 ]A4 ]A5  Code 39, its check character sent
 *   ]A2 ]A3 ]A6 ]A7  Code 39, checked and stripped: it is put back
 *   ]C1 ]e0 ]d2 ]d5 ]Q3 ]Q4
 *                    GS1 application identifiers
 *   ]C0 ]d0 ]d1 ]d4 ]Q0 ]Q1 ]Q2 ]L0 ]L1 ]L2 ]z0
 *                    any bytes: read as if there were no identifier
 *   all others       refused: CARD_SYMBOLOGY
 *
 * Without one the first row that fits wins, so that one number always has one
 * reading. "mod 10" is GS1's check digit.
 *
 *   digits          and                        is
 *   8               UPC-E's check digit        CARD_PRODUCT (under ]E4 too)
 *   8               mod 10                     EAN-8, by its prefix
 *   12              mod 10                     UPC-A: EAN-13 with a 0 before
 *   13              mod 10                     EAN-13, by its prefix
 *   13              mod 10, 000002 first       EAN-8 that the scanner padded
 *   14              mod 10, 0 first            EAN-13 that the scanner padded
 *   14              Luhn, a Diners Club range  CARD_PAYMENT
 *   14              mod 10                     ITF-14
 *   16              01 and a GTIN, mod 10      CARD_PRODUCT
 *   18              mod 10                     GSRN
 *   22              8018 first                 GSRN, after its AI
 *   13 to 19        Luhn, an issuer's range    CARD_PAYMENT
 *   8 to 19         Luhn                       Luhn
 *   8 to 19         otherwise                  CARD_CHECK
 *   fewer or more                              CARD_LENGTH
 *
 *   (8018) and 18 digits                       GSRN
 *   letter first, 5 to 32 characters           Code 39
 *
 * A shop that numbers its own cards by Luhn does well to use 9 to 11, 15 or 17
 * digits: at the other lengths one card in ten also passes as a retail code.
 * The Diners row stands before ITF-14 because a payment number that gets
 * through is kept for ever, while a refused card is seen at once. At 13 and 18
 * digits the retail code goes first: no issuer gives out such numbers today.
 *
 * What none of this reads is tried once more as two codes in one scan.
 */
#include "common/card/card.h"

#include <string.h>

#include "common/card/check.h"

#define IDENTIFIER_SIZE 3u
#define EAN8_SIZE 8u
#define UPC_A_SIZE 12u
#define EAN13_SIZE 13u
#define ITF14_SIZE 14u
#define GSRN_SIZE 18u
#define LUHN_SIZE_MIN 8u
#define LUHN_SIZE_MAX 19u
#define CODE39_SIZE_MIN 5u
#define PAYMENT_SIZE_MIN 13u
#define PAYMENT_PREFIX_SIZE 4u
#define GROUP_SEPARATOR 0x1du /* FNC1 as scanners send it */

/* What the identifier promises of the content. */
enum carrier {
	CARRIER_ANY,
	CARRIER_EAN13,
	CARRIER_EAN8,
	CARRIER_ADD_ON,
	CARRIER_ITF,
	CARRIER_CODE39,
	CARRIER_CODE39_STRIPPED,
	CARRIER_GS1,
	CARRIER_FOREIGN,
};

static const struct {
	char letter;
	const char *modifiers;
	enum carrier carrier;
} carriers[] = {
    {'E', "0", CARRIER_EAN13},
    {'E', "4", CARRIER_EAN8},
    {'E', "123", CARRIER_ADD_ON},
    {'I', "013", CARRIER_ITF},
    {'A', "0145", CARRIER_CODE39},
    {'A', "2367", CARRIER_CODE39_STRIPPED},
    {'C', "1", CARRIER_GS1},
    {'e', "0", CARRIER_GS1},
    {'d', "25", CARRIER_GS1},
    {'Q', "34", CARRIER_GS1},
    {'C', "0", CARRIER_ANY},
    {'d', "014", CARRIER_ANY},
    {'Q', "012", CARRIER_ANY},
    {'L', "012", CARRIER_ANY},
    {'z', "0", CARRIER_ANY},
};

/*
 * Issuer ranges by the first four digits (ISO/IEC 7812-1), with the lengths
 * that the issuer gives out.
 */
struct issuer {
	unsigned first;
	unsigned last;
	size_t size_min;
	size_t size_max;
};

static const struct issuer issuers[] = {
    {4000, 4999, 13, 19}, /* Visa */
    {5100, 5599, 16, 16}, /* Mastercard */
    {2221, 2720, 16, 16},
    {3400, 3499, 15, 15}, /* American Express */
    {3700, 3799, 15, 15},
    {3528, 3589, 16, 19}, /* JCB */
    {5000, 5099, 13, 19}, /* Maestro */
    {5600, 5899, 13, 19},
    {6000, 6999, 13, 19}, /* Maestro, Discover and UnionPay */
    {3000, 3059, 14, 19}, /* Diners Club, and the three below */
    {3600, 3699, 14, 19},
    {3800, 3899, 14, 19},
};
#define ISSUERS (sizeof(issuers) / sizeof(*issuers))
#define ISSUERS_BEFORE_DINERS (ISSUERS - 3)

static struct bytes part_of(struct bytes text, size_t from, size_t size)
{
	struct reader reader = reader_of(text);

	(void)reader_bytes(&reader, from);
	return reader_bytes(&reader, size);
}

static bool starts_with(struct bytes text, const char *prefix)
{
	struct bytes wanted = bytes_of_string(prefix);

	return text.size >= wanted.size &&
	       bytes_equal(part_of(text, 0, wanted.size), wanted);
}

static bool is_letter(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* The callers have compared the length: it is at most LUHN_SIZE_MAX digits or
 * CARD_SIZE_MAX characters. */
static enum card_fault keep(
    struct card *card, enum symbology symbology, struct bytes number)
{
	memset(card, 0, sizeof(*card));
	memcpy(card->number, number.data, number.size);
	card->symbology = symbology;
	return CARD_OK;
}

/* --- payment cards --- */

/* True where `digits` lies in a range of `issuers` from `start` on. */
static bool is_issued(struct bytes digits, size_t start)
{
	unsigned prefix = 0;

	if (digits.size < PAYMENT_SIZE_MIN || !check_luhn_holds(digits))
		return false;
	for (size_t i = 0; i < PAYMENT_PREFIX_SIZE; i++)
		prefix = prefix * 10 + digits.data[i] - '0';
	for (size_t i = start; i < ISSUERS; i++)
		if (prefix >= issuers[i].first && prefix <= issuers[i].last &&
		    digits.size >= issuers[i].size_min &&
		    digits.size <= issuers[i].size_max)
			return true;
	return false;
}

/* --- retail codes: their check digit is right --- */

static enum card_fault parse_ean8(struct bytes digits, struct card *card)
{
	/* Asked here too, although ]E4 settles it: the number alone, typed by
	 * hand, must have the same reading. */
	if (check_upc_e_holds(digits))
		return CARD_PRODUCT;
	if (digits.data[0] != '2' && digits.data[0] != '0')
		return CARD_PRODUCT;
	return keep(card, SYMBOLOGY_EAN8, digits);
}

static enum card_fault parse_ean13(struct bytes digits, struct card *card)
{
	unsigned prefix = (digits.data[0] - '0') * 10u + (digits.data[1] - '0');

	/* EAN-8 in 13 digits: GS1 issues no prefix 0000001 to 0000099, so
	 * that GTIN-8 may be padded. */
	if (starts_with(digits, "000002"))
		return parse_ean8(
		    part_of(digits, EAN13_SIZE - EAN8_SIZE, EAN8_SIZE), card);
	switch (prefix) {
	case 2:
	case 22:
	case 23:
		return CARD_PRICE;
	case 4:
	case 20:
	case 21:
	case 24:
	case 25:
	case 26:
	case 27:
	case 28:
	case 29:
		return keep(card, SYMBOLOGY_EAN13, digits);
	default:
		return CARD_PRODUCT;
	}
}

static enum card_fault parse_upc_a(struct bytes digits, struct card *card)
{
	uint8_t ean13[EAN13_SIZE] = {'0'};

	memcpy(&ean13[1], digits.data, UPC_A_SIZE);
	return parse_ean13(bytes_of(ean13, EAN13_SIZE), card);
}

static enum card_fault parse_itf14(struct bytes digits, struct card *card)
{
	if (digits.data[0] == '0')
		return parse_ean13(part_of(digits, 1, EAN13_SIZE), card);
	if (is_issued(digits, ISSUERS_BEFORE_DINERS))
		return CARD_PAYMENT;
	return keep(card, SYMBOLOGY_ITF14, digits);
}

/* --- numbers without an identifier --- */

static enum card_fault parse_luhn(struct bytes digits, struct card *card)
{
	if (!check_luhn_holds(digits))
		return CARD_CHECK;
	if (is_issued(digits, 0))
		return CARD_PAYMENT;
	return keep(card, SYMBOLOGY_LUHN, digits);
}

static enum card_fault parse_gsrn(struct bytes text, struct card *card)
{
	if (!check_is_digits(text))
		return text.size == 0 ? CARD_LENGTH : CARD_CHARACTER;
	if (text.size != GSRN_SIZE)
		return CARD_LENGTH;
	if (!check_gs1_holds(text))
		return CARD_CHECK;
	return keep(card, SYMBOLOGY_GSRN, text);
}

/* "01" and a GTIN: what a product's DataBar holds. */
static bool is_product_element(struct bytes digits)
{
	return digits.size == 2 + ITF14_SIZE && starts_with(digits, "01") &&
	       check_gs1_holds(part_of(digits, 2, ITF14_SIZE));
}

static enum card_fault parse_digits(struct bytes digits, struct card *card)
{
	bool holds = check_gs1_holds(digits);

	if (digits.size == 4 + GSRN_SIZE && starts_with(digits, "8018"))
		return parse_gsrn(part_of(digits, 4, GSRN_SIZE), card);
	if (digits.size < LUHN_SIZE_MIN || digits.size > LUHN_SIZE_MAX)
		return CARD_LENGTH;
	if (check_upc_e_holds(digits) || is_product_element(digits))
		return CARD_PRODUCT;
	if (holds && digits.size == EAN8_SIZE)
		return parse_ean8(digits, card);
	if (holds && digits.size == UPC_A_SIZE)
		return parse_upc_a(digits, card);
	if (holds && digits.size == EAN13_SIZE)
		return parse_ean13(digits, card);
	if (holds && digits.size == ITF14_SIZE)
		return parse_itf14(digits, card);
	if (holds && digits.size == GSRN_SIZE)
		return parse_gsrn(digits, card);
	return parse_luhn(digits, card);
}

/* Code 39 has no lower case: one that comes is a person's typing. */
static void raise_case(struct bytes text, uint8_t *ret_text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];

		ret_text[i] = byte >= 'a' && byte <= 'z'
				  ? (uint8_t)(byte - 'a' + 'A')
				  : byte;
	}
}

/* `stripped`: the scanner has looked at the check character and kept it. */
static enum card_fault parse_code39(
    struct bytes text, bool stripped, struct card *card)
{
	uint8_t raised[CARD_SIZE_MAX];
	size_t size = stripped ? text.size + 1 : text.size;
	char wanted;

	if (!is_letter(text.data[0]))
		return CARD_CHARACTER;
	if (size < CODE39_SIZE_MIN || size > CARD_SIZE_MAX)
		return CARD_LENGTH;
	raise_case(text, raised);
	if (check_character(bytes_of(raised, text.size)) == 0)
		return CARD_CHARACTER;
	wanted = check_character(bytes_of(raised, size - 1));
	if (stripped)
		raised[size - 1] = (uint8_t)wanted;
	if (raised[size - 1] != (uint8_t)wanted)
		return CARD_CHECK;
	return keep(card, SYMBOLOGY_CODE39, bytes_of(raised, size));
}

/* --- numbers behind an identifier --- */

static enum card_fault parse_ean_symbol(
    enum carrier carrier, struct bytes text, struct card *card)
{
	bool holds;

	if (!check_is_digits(text))
		return CARD_SYMBOLOGY;
	holds = check_gs1_holds(text);
	if (carrier == CARRIER_EAN8 && text.size == EAN8_SIZE)
		return holds ? parse_ean8(text, card) : CARD_CHECK;
	if (carrier == CARRIER_EAN8)
		return CARD_SYMBOLOGY;
	switch (text.size) {
	case EAN8_SIZE:
		return check_upc_e_holds(text) ? CARD_PRODUCT : CARD_CHECK;
	case UPC_A_SIZE:
		return holds ? parse_upc_a(text, card) : CARD_CHECK;
	case EAN13_SIZE:
		return holds ? parse_ean13(text, card) : CARD_CHECK;
	default:
		return CARD_SYMBOLOGY;
	}
}

static enum card_fault parse_itf_symbol(struct bytes text, struct card *card)
{
	if (!check_is_digits(text))
		return CARD_SYMBOLOGY;
	/* A slanting beam reads a part of an ITF symbol as a shorter one. */
	if (text.size != ITF14_SIZE)
		return CARD_LENGTH;
	return check_gs1_holds(text) ? parse_itf14(text, card) : CARD_CHECK;
}

static enum card_fault parse_gs1(struct bytes text, struct card *card)
{
	if (starts_with(text, "(8018)"))
		return parse_gsrn(part_of(text, 6, text.size - 6), card);
	if (starts_with(text, "8018") && text.size != GSRN_SIZE)
		return parse_gsrn(part_of(text, 4, text.size - 4), card);
	if (starts_with(text, "01") || starts_with(text, "(01)"))
		return CARD_PRODUCT;
	if (text.size == GSRN_SIZE && check_is_digits(text))
		return parse_gsrn(text, card);
	return CARD_SYMBOLOGY;
}

static enum card_fault parse_any(struct bytes text, struct card *card)
{
	if (check_is_digits(text))
		return parse_digits(text, card);
	if (starts_with(text, "(8018)") || starts_with(text, "(01)"))
		return parse_gs1(text, card);
	return parse_code39(text, false, card);
}

/* --- the scan --- */

static enum carrier carrier_of(struct bytes scan)
{
	uint8_t letter, modifier;

	if (scan.size < IDENTIFIER_SIZE)
		return CARRIER_FOREIGN;
	letter = scan.data[1];
	modifier = scan.data[2];
	for (size_t i = 0; i < sizeof(carriers) / sizeof(*carriers); i++)
		if (letter == (uint8_t)carriers[i].letter && modifier != 0 &&
		    strchr(carriers[i].modifiers, modifier) != NULL)
			return carriers[i].carrier;
	return CARRIER_FOREIGN;
}

static bool is_printable(struct bytes text, bool separators)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];

		if (separators && byte == GROUP_SEPARATOR)
			continue;
		if (byte < 0x20 || byte > 0x7e)
			return false;
	}
	return true;
}

static enum card_fault parse_text(
    enum carrier carrier, struct bytes text, struct card *card)
{
	bool digits = check_is_digits(text);

	if (text.size == 0)
		return carrier == CARRIER_FOREIGN ? CARD_SYMBOLOGY : CARD_EMPTY;
	if (!is_printable(text, carrier == CARRIER_GS1))
		return CARD_CHARACTER;
	switch (carrier) {
	case CARRIER_EAN13:
	case CARRIER_EAN8:
		return parse_ean_symbol(carrier, text, card);
	case CARRIER_ADD_ON:
		return CARD_PRODUCT;
	case CARRIER_ITF:
		return parse_itf_symbol(text, card);
	case CARRIER_CODE39:
		return digits ? parse_digits(text, card)
			      : parse_code39(text, false, card);
	case CARRIER_CODE39_STRIPPED:
		return digits ? parse_digits(text, card)
			      : parse_code39(text, true, card);
	case CARRIER_GS1:
		return parse_gs1(text, card);
	case CARRIER_ANY:
		return parse_any(text, card);
	case CARRIER_FOREIGN:
		break;
	}
	return CARD_SYMBOLOGY;
}

/* A second identifier in the middle of a scan. */
static bool has_identifier_inside(struct bytes text)
{
	for (size_t i = 0; i + IDENTIFIER_SIZE <= text.size; i++)
		if (text.data[i] == ']' && is_letter(text.data[i + 1]) &&
		    is_digit(text.data[i + 2]))
			return true;
	return false;
}

/*
 * A whole code by itself. One number in ten passes Luhn, so in a text that
 * could be a single number with one wrong digit a Luhn part proves nothing.
 */
static bool is_code(struct bytes text, bool luhn_counts)
{
	struct card card = {0};

	switch (parse_text(CARRIER_ANY, text, &card)) {
	case CARD_OK:
		return luhn_counts || card.symbology != SYMBOLOGY_LUHN;
	case CARD_PAYMENT:
		return luhn_counts;
	case CARD_PRODUCT:
	case CARD_PRICE:
		return true;
	default:
		return false;
	}
}

static bool is_two_codes(struct bytes text)
{
	bool luhn_counts = text.size > LUHN_SIZE_MAX;

	if (text.size > 2 * CARD_SIZE_MAX)
		return false;
	for (size_t size = 1; size < text.size; size++)
		if (is_code(part_of(text, 0, size), luhn_counts) &&
		    is_code(part_of(text, size, text.size - size), luhn_counts))
			return true;
	return false;
}

/* Asked only of what was not read, so that it can turn no card away. */
static bool is_joined(
    enum carrier carrier, struct bytes text, enum card_fault fault)
{
	switch (fault) {
	case CARD_LENGTH:
	case CARD_CHARACTER:
	case CARD_CHECK:
	case CARD_SYMBOLOGY:
		break;
	default:
		return false;
	}
	if (has_identifier_inside(text))
		return true;
	/* GS1 element strings and foreign symbols are long by nature. */
	if (carrier == CARRIER_GS1 || carrier == CARRIER_FOREIGN)
		return false;
	return is_two_codes(text);
}

enum card_fault card_parse(struct bytes scan, struct card *ret_card)
{
	struct card card = {0};
	struct bytes text = scan;
	enum carrier carrier = CARRIER_ANY;
	enum card_fault fault;

	if (scan.size > 0 && scan.data[0] == ']') {
		carrier = carrier_of(scan);
		text = scan.size < IDENTIFIER_SIZE
			   ? bytes_of(NULL, 0)
			   : part_of(scan, IDENTIFIER_SIZE,
				 scan.size - IDENTIFIER_SIZE);
	}
	fault = parse_text(carrier, text, &card);
	if (fault == CARD_OK)
		*ret_card = card;
	else if (is_joined(carrier, text, fault))
		fault = CARD_JOINED;
	return fault;
}
