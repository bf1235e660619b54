/*
 * The table of good and bad codes, and what must hold for any bytes at all.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "common/card/card.h"

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

struct good {
	const char *scan;
	const char *number;
	enum symbology symbology;
};

static const struct good good[] = {
    /* EAN-13 of restricted circulation. */
    {"2912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]E02912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]C02912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]Q12912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]d12912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]A02912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"02912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"]I102912345678906", "2912345678906", SYMBOLOGY_EAN13},
    {"2012345678903", "2012345678903", SYMBOLOGY_EAN13},
    {"2112345678900", "2112345678900", SYMBOLOGY_EAN13},
    {"2412345678901", "2412345678901", SYMBOLOGY_EAN13},
    /* UPC-A is EAN-13 without its leading 0. */
    {"412345678903", "0412345678903", SYMBOLOGY_EAN13},
    {"0412345678903", "0412345678903", SYMBOLOGY_EAN13},
    {"]E0412345678903", "0412345678903", SYMBOLOGY_EAN13},
    {"]E00412345678903", "0412345678903", SYMBOLOGY_EAN13},
    {"00412345678903", "0412345678903", SYMBOLOGY_EAN13},
    /* EAN-8, alone and padded by the scanner. */
    {"20123451", "20123451", SYMBOLOGY_EAN8},
    {"]E420123451", "20123451", SYMBOLOGY_EAN8},
    {"]C020123451", "20123451", SYMBOLOGY_EAN8},
    {"0000020123451", "20123451", SYMBOLOGY_EAN8},
    {"]E00000020123451", "20123451", SYMBOLOGY_EAN8},
    {"000020123451", "20123451", SYMBOLOGY_EAN8},
    {"00000020123451", "20123451", SYMBOLOGY_EAN8},
    {"00010009", "00010009", SYMBOLOGY_EAN8},
    {"]E400010009", "00010009", SYMBOLOGY_EAN8},
    /* Luhn, of every length from 8 to 19 that nothing else claims. */
    {"79927398713", "79927398713", SYMBOLOGY_LUHN},
    {"]C079927398713", "79927398713", SYMBOLOGY_LUHN},
    {"]A079927398713", "79927398713", SYMBOLOGY_LUHN},
    {"]A379927398713", "79927398713", SYMBOLOGY_LUHN},
    {"]Q079927398713", "79927398713", SYMBOLOGY_LUHN},
    {"70010004", "70010004", SYMBOLOGY_LUHN},
    {"123456782", "123456782", SYMBOLOGY_LUHN},
    {"1234567897", "1234567897", SYMBOLOGY_LUHN},
    {"400000012361", "400000012361", SYMBOLOGY_LUHN},
    {"999999999999994", "999999999999994", SYMBOLOGY_LUHN},
    {"1234567890123452", "1234567890123452", SYMBOLOGY_LUHN},
    {"10000000000000009", "10000000000000009", SYMBOLOGY_LUHN},
    {"7777777777777777772", "7777777777777777772", SYMBOLOGY_LUHN},
    /* A wrong EAN-13 is a Luhn number where Luhn says so. */
    {"2912345678902", "2912345678902", SYMBOLOGY_LUHN},
    /* GS1 AI 8018. */
    {"501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"8018501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"(8018)501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]C18018501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]C1(8018)501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]C1501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]e08018501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]d28018501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]Q38018501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    {"]C0501234500000000125", "501234500000000125", SYMBOLOGY_GSRN},
    /* Also in Maestro's range and right by Luhn: the GSRN goes first. */
    {"501234500000000194", "501234500000000194", SYMBOLOGY_GSRN},
    /* ITF-14; the last is right by Luhn too. */
    {"12345678901231", "12345678901231", SYMBOLOGY_ITF14},
    {"]I012345678901231", "12345678901231", SYMBOLOGY_ITF14},
    {"]I112345678901231", "12345678901231", SYMBOLOGY_ITF14},
    {"]C012345678901231", "12345678901231", SYMBOLOGY_ITF14},
    {"76000000000041", "76000000000041", SYMBOLOGY_ITF14},
    /* Code 39 modulo 43. */
    {"M12345677", "M12345677", SYMBOLOGY_CODE39},
    {"m12345677", "M12345677", SYMBOLOGY_CODE39},
    {"]A0M12345677", "M12345677", SYMBOLOGY_CODE39},
    {"]A1M12345677", "M12345677", SYMBOLOGY_CODE39},
    {"]A5M12345677", "M12345677", SYMBOLOGY_CODE39},
    {"]A3M1234567", "M12345677", SYMBOLOGY_CODE39},
    {"]A7M1234567", "M12345677", SYMBOLOGY_CODE39},
    {"]C0M12345677", "M12345677", SYMBOLOGY_CODE39},
    {"A-1. $/+%Q", "A-1. $/+%Q", SYMBOLOGY_CODE39},
    {"AB89 ", "AB89 ", SYMBOLOGY_CODE39},
    {"]A3AB89", "AB89 ", SYMBOLOGY_CODE39},
    {"AB12O", "AB12O", SYMBOLOGY_CODE39},
    {"L000000000000000000000000000000L", "L000000000000000000000000000000L",
	SYMBOLOGY_CODE39},
    {"]A3L000000000000000000000000000000", "L000000000000000000000000000000L",
	SYMBOLOGY_CODE39},
};

struct bad {
	const char *scan;
	enum card_fault fault;
};

static const struct bad bad[] = {
    {"", CARD_EMPTY},
    {"]E0", CARD_EMPTY},
    {"]C1", CARD_EMPTY},
    /* Length. */
    {"1", CARD_LENGTH},
    {"1234566", CARD_LENGTH},
    {"10000000000000000009", CARD_LENGTH},
    {"801850123450000000012", CARD_LENGTH},
    {"]C180185012345000000001", CARD_LENGTH},
    {"]C18018", CARD_LENGTH},
    {"(8018)", CARD_LENGTH},
    {"(8018)5012345000000001250", CARD_LENGTH},
    {"]I01234567890128", CARD_LENGTH},
    {"]I179927398713", CARD_LENGTH},
    {"]I31234567890123", CARD_LENGTH},
    {"AB1M", CARD_LENGTH},
    {"]A3AB1", CARD_LENGTH},
    {"L0000000000000000000000000000000L", CARD_LENGTH},
    {"]A3L0000000000000000000000000000000", CARD_LENGTH},
    /* Characters. */
    {"2912345\t678906", CARD_CHARACTER},
    {"2912345678906\r", CARD_CHARACTER},
    {"\x02"
     "2912345678906",
	CARD_CHARACTER},
    {"291234567890\x7f", CARD_CHARACTER},
    {"291234567890\xb6", CARD_CHARACTER},
    {"M1234567\xc3\xbc", CARD_CHARACTER},
    {"]E3977\x7f", CARD_CHARACTER},
    {"]G0291\x1f", CARD_CHARACTER},
    {"2912345 678906", CARD_CHARACTER},
    {" 2912345678906", CARD_CHARACTER},
    {"2912345678906M", CARD_CHARACTER},
    {"M1234567*", CARD_CHARACTER},
    {"*M12345677*", CARD_CHARACTER},
    {"HTTPS://SHOP.EXAMPLE/?A=1", CARD_CHARACTER},
    {"(8017)501234500000000125", CARD_CHARACTER},
    {"(8018)50123450000000012X", CARD_CHARACTER},
    {"]C180185012345000000001\x1d", CARD_CHARACTER},
    {"]C0]", CARD_CHARACTER},
    /* Check digits. */
    {"2912345678907", CARD_CHECK},
    {"]E02912345678902", CARD_CHECK},
    {"]E0412345678904", CARD_CHECK},
    {"]E420123452", CARD_CHECK},
    {"]E020123451", CARD_CHECK},
    {"20123452", CARD_CHECK},
    {"79927398710", CARD_CHECK},
    {"12345678901232", CARD_CHECK},
    {"]I112345678901232", CARD_CHECK},
    {"501234500000000126", CARD_CHECK},
    {"8018501234500000000126", CARD_CHECK},
    {"(8018)501234500000000126", CARD_CHECK},
    {"M12345678", CARD_CHECK},
    {"]A1M12345678", CARD_CHECK},
    {"]A0M1234567", CARD_CHECK},
    {"1234567890123453", CARD_CHECK},
    /* Two Luhn numbers side by side, but more likely one misread one. */
    {"70010004123456782", CARD_CHECK},
    /* Articles. */
    {"4006381333931", CARD_PRODUCT},
    {"]E04006381333931", CARD_PRODUCT},
    {"04006381333931", CARD_PRODUCT},
    {"036000291452", CARD_PRODUCT},
    {"]E0036000291452", CARD_PRODUCT},
    {"012345678905", CARD_PRODUCT},
    {"5012345678900", CARD_PRODUCT},
    {"9780306406157", CARD_PRODUCT},
    {"0000000000000", CARD_PRODUCT},
    {"96385074", CARD_PRODUCT},
    {"]E496385074", CARD_PRODUCT},
    {"04252614", CARD_PRODUCT},
    {"]E004252614", CARD_PRODUCT},
    {"01230055", CARD_PRODUCT},
    {"]E401230055", CARD_PRODUCT},
    {"]E3977123456700312", CARD_PRODUCT},
    {"0104006381333931", CARD_PRODUCT},
    {"]e00104006381333931", CARD_PRODUCT},
    {"(01)04006381333931", CARD_PRODUCT},
    {"]d2010400638133393117260101\x1d"
     "10AB",
	CARD_PRODUCT},
    /* Prices and weights. */
    {"2212345678907", CARD_PRICE},
    {"2312345678904", CARD_PRICE},
    {"]E02212345678907", CARD_PRICE},
    {"0212345678909", CARD_PRICE},
    {"212345678909", CARD_PRICE},
    {"]E0212345678909", CARD_PRICE},
    {"02212345678907", CARD_PRICE},
    /* Symbols and contents that do not belong together. */
    {"]", CARD_SYMBOLOGY},
    {"]E", CARD_SYMBOLOGY},
    {"]X0", CARD_SYMBOLOGY},
    {"]G02912345678906", CARD_SYMBOLOGY},
    {"]F02912345678906", CARD_SYMBOLOGY},
    {"]E92912345678906", CARD_SYMBOLOGY},
    {"]Q92912345678906", CARD_SYMBOLOGY},
    {"]E0M12345677", CARD_SYMBOLOGY},
    {"]E079927398713", CARD_SYMBOLOGY},
    {"]E42912345678906", CARD_SYMBOLOGY},
    {"]I1M12345677", CARD_SYMBOLOGY},
    {"]C12912345678906", CARD_SYMBOLOGY},
    {"]C1M12345677", CARD_SYMBOLOGY},
    {"]C18017501234500000000125", CARD_SYMBOLOGY},
    {"]C100106141412345678908", CARD_SYMBOLOGY},
    /* Two codes in one scan. */
    {"29123456789064006381333931", CARD_JOINED},
    {"29123456789062912345678906", CARD_JOINED},
    {"]E029123456789064006381333931", CARD_JOINED},
    {"]E02912345678906]E04006381333931", CARD_JOINED},
    {"2912345678906]E04006381333931", CARD_JOINED},
    {"]C1801850123450000000012]C1", CARD_JOINED},
    {"2012300020123451", CARD_JOINED},
    {"201234512912345678906", CARD_JOINED},
    {"M12345677M12345677", CARD_JOINED},
    {"2912345678906M12345677", CARD_JOINED},
    {"M123456772912345678906", CARD_JOINED},
    {"7992739871379927398713", CARD_JOINED},
    {"29123456789062212345678907", CARD_JOINED},
    {"29123456789064111111111111111", CARD_JOINED},
};

/* Payment cards: every range that is known, at its edges. */
static const char *const payment[] = {"4111111111111111", "4111111111119",
    "5555555555554444", "2221000000000009", "2720999999999996",
    "378282246310005", "340000000000009", "6011111111111117",
    "6440000000000005", "6500000000000002", "5000000000000009",
    "5600000000000003", "5899999999999994", "6200000000000005",
    "3528000000000007", "3530111333300000", "3589000000000003",
    "30569309025904", "36000000000008", "38520000023237", "6666666666666666669",
    "]C04111111111111111", "]A05555555555554444",
    /* Right as ITF-14 too. */
    "36000000000081", "]I136000000000081"};

/* Right by Luhn and just outside the ranges. */
static const char *const no_payment[] = {"2721000000000004", "5900000000000000",
    "3590000000000000", "1000000000000000009", "90000000000001",
    "7777777777777777772"};

static enum card_fault parse(const char *scan, struct card *ret_card)
{
	return card_parse(bytes_of_string(scan), ret_card);
}

static void reads_every_good_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct card card = {0};
		enum card_fault fault = parse(good[i].scan, &card);

		if (fault != CARD_OK || card.symbology != good[i].symbology)
			fail_msg("'%s' is %s, %s", good[i].scan,
			    card_fault_name(fault),
			    symbology_name(card.symbology));
		assert_string_equal(card.number, good[i].number);
	}
}

static void refuses_every_bad_code_with_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct card card = {.number = "untouched"};
		enum card_fault fault = parse(bad[i].scan, &card);

		if (fault != bad[i].fault)
			fail_msg("'%s' is %s, not %s", bad[i].scan,
			    card_fault_name(fault),
			    card_fault_name(bad[i].fault));
		assert_string_equal(card.number, "untouched");
		assert_int_equal(card.symbology, SYMBOLOGY_NONE);
	}
}

static void refuses_payment_cards_and_keeps_nothing_of_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(payment); i++) {
		struct card card = {0}, zero = {0};
		enum card_fault fault = parse(payment[i], &card);

		if (fault != CARD_PAYMENT)
			fail_msg(
			    "'%s' is %s", payment[i], card_fault_name(fault));
		assert_memory_equal(&card, &zero, sizeof(card));
	}
}

static void takes_luhn_numbers_next_to_the_payment_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(no_payment); i++) {
		struct card card = {0};

		assert_int_equal(parse(no_payment[i], &card), CARD_OK);
		assert_int_equal(card.symbology, SYMBOLOGY_LUHN);
	}
}

/* 4111111111168 was a Visa number of 13 digits and is a right EAN-13. */
static void reads_thirteen_digits_as_ean_13_before_visa(void **state)
{
	struct card card = {0};

	(void)state;
	assert_int_equal(parse("4111111111168", &card), CARD_PRODUCT);
	assert_int_equal(parse("4111111111119", &card), CARD_PAYMENT);
}

/* What is stored is read again: as typed, from another till, by the server. */
static void reads_its_own_numbers_as_themselves(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct card card = {0};

		assert_int_equal(parse(good[i].number, &card), CARD_OK);
		assert_string_equal(card.number, good[i].number);
		assert_int_equal(card.symbology, good[i].symbology);
	}
}

static void one_wrong_digit_never_makes_another_card_of_its_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		char scan[64];
		const char *number = good[i].number;

		for (size_t j = 0; number[j] != '\0'; j++) {
			struct card card = {0};

			(void)strcpy(scan, number);
			if (scan[j] < '0' || scan[j] > '9')
				continue;
			scan[j] = scan[j] == '9' ? '0' : (char)(scan[j] + 1);
			if (parse(scan, &card) == CARD_OK)
				assert_int_not_equal(
				    card.symbology, good[i].symbology);
		}
	}
}

static void an_identified_ean_with_a_wrong_digit_is_always_refused(void **state)
{
	(void)state;
	for (size_t i = 3; i < 16; i++) {
		for (char digit = '0'; digit <= '9'; digit++) {
			char scan[] = "]E02912345678906";
			struct card card = {0};

			if (scan[i] == digit)
				continue;
			scan[i] = digit;
			assert_int_equal(parse(scan, &card), CARD_CHECK);
		}
	}
}

/* A scan cut short must not be read as a card of the same kind. */
static void a_cut_scan_is_no_card_of_its_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		size_t size = strlen(good[i].scan);

		for (size_t cut = 0; cut < size; cut++) {
			struct card card = {0};
			enum card_fault fault =
			    card_parse(bytes_of(good[i].scan, cut), &card);

			/* A scanner that strips the check character, and
			 * Code 39 and Luhn, have no length of their own. */
			if (fault == CARD_OK &&
			    card.symbology == good[i].symbology)
				assert_true(card.symbology == SYMBOLOGY_LUHN ||
					    card.symbology == SYMBOLOGY_CODE39);
		}
	}
}

static void every_control_and_high_byte_is_refused_at_every_place(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		if (byte >= 0x20 && byte <= 0x7e)
			continue;
		for (size_t i = 0; i < 13; i++) {
			char scan[] = "2912345678906";
			struct card card = {0};

			scan[i] = (char)byte;
			assert_int_equal(card_parse(bytes_of(scan, 13), &card),
			    CARD_CHARACTER);
		}
	}
}

static void only_known_identifiers_are_let_through(void **state)
{
	unsigned accepted = 0;

	(void)state;
	for (unsigned letter = 0; letter < 256; letter++) {
		for (unsigned modifier = 0; modifier < 256; modifier++) {
			char scan[] = "]..2912345678906";
			struct card card = {0};

			scan[1] = (char)letter;
			scan[2] = (char)modifier;
			if (card_parse(bytes_of(scan, 16), &card) != CARD_OK)
				continue;
			accepted++;
			assert_string_equal(card.number, "2912345678906");
		}
	}
	/* ]E0, ]A0-]A7, ]C0, ]d0 ]d1 ]d4, ]Q0-]Q2, ]L0-]L2, ]z0. */
	assert_int_equal(accepted, 1 + 8 + 1 + 3 + 3 + 3 + 1);
}

static void the_longest_scan_and_more_are_refused_by_length(void **state)
{
	static char digits[4 * SCAN_SIZE_MAX];
	struct card card = {0};

	(void)state;
	memset(digits, '7', sizeof(digits));
	for (size_t size = 2 * CARD_SIZE_MAX + 1; size <= sizeof(digits);
	     size += 61)
		assert_int_equal(
		    card_parse(bytes_of(digits, size), &card), CARD_LENGTH);
}

/* Every scan of one or two bytes, and every digit string's cousin of 16. */
static void tiny_scans_are_no_cards(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t scan[2] = {(uint8_t)(i >> 8), (uint8_t)i};
		struct card card = {0};

		assert_int_not_equal(
		    card_parse(bytes_of(scan, 1 + i % 2), &card), CARD_OK);
	}
}

static void every_fault_has_a_name_and_a_sentence_that_fits(void **state)
{
	(void)state;
	for (int i = CARD_OK; i <= CARD_SYMBOLOGY; i++) {
		enum card_fault fault = (enum card_fault)i;
		size_t size = strlen(card_fault_say(fault));

		assert_true(size > 10 && size <= SAY_SIZE_MAX);
		assert_int_equal(card_fault_say(fault)[size - 1], '.');
		assert_string_not_equal(card_fault_name(fault), "unknown");
		for (int j = CARD_OK; j < i; j++)
			assert_string_not_equal(card_fault_name(fault),
			    card_fault_name((enum card_fault)j));
	}
	assert_string_equal(card_fault_name(CARD_CHECK), "bad_check_digit");
	assert_string_equal(card_fault_name((enum card_fault)99), "unknown");
	assert_non_null(card_fault_say((enum card_fault)99));
}

static void every_symbology_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(symbology_name(SYMBOLOGY_NONE), "none");
	assert_string_equal(symbology_name(SYMBOLOGY_EAN13), "ean13");
	assert_string_equal(symbology_name(SYMBOLOGY_EAN8), "ean8");
	assert_string_equal(symbology_name(SYMBOLOGY_LUHN), "luhn");
	assert_string_equal(symbology_name(SYMBOLOGY_GSRN), "gsrn");
	assert_string_equal(symbology_name(SYMBOLOGY_ITF14), "itf14");
	assert_string_equal(symbology_name(SYMBOLOGY_CODE39), "code39");
	assert_string_equal(symbology_name((enum symbology)99), "unknown");
}

static void masks_all_but_two_and_four(void **state)
{
	char text[CARD_SIZE_MAX + 8];

	(void)state;
	card_mask("2912345678906", text);
	assert_string_equal(text, "29…8906");
	card_mask("20123451", text);
	assert_string_equal(text, "20…3451");
	card_mask("L000000000000000000000000000000L", text);
	assert_string_equal(text, "L0…000L");
	card_mask("AB1234T", text);
	assert_string_equal(text, "…4T");
	card_mask("AB12O", text);
	assert_string_equal(text, "…2O");
	card_mask("7", text);
	assert_string_equal(text, "…7");
	card_mask("", text);
	assert_string_equal(text, "…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_good_code),
	    cmocka_unit_test(refuses_every_bad_code_with_its_reason),
	    cmocka_unit_test(refuses_payment_cards_and_keeps_nothing_of_them),
	    cmocka_unit_test(takes_luhn_numbers_next_to_the_payment_ranges),
	    cmocka_unit_test(reads_thirteen_digits_as_ean_13_before_visa),
	    cmocka_unit_test(reads_its_own_numbers_as_themselves),
	    cmocka_unit_test(
		one_wrong_digit_never_makes_another_card_of_its_kind),
	    cmocka_unit_test(
		an_identified_ean_with_a_wrong_digit_is_always_refused),
	    cmocka_unit_test(a_cut_scan_is_no_card_of_its_kind),
	    cmocka_unit_test(
		every_control_and_high_byte_is_refused_at_every_place),
	    cmocka_unit_test(only_known_identifiers_are_let_through),
	    cmocka_unit_test(the_longest_scan_and_more_are_refused_by_length),
	    cmocka_unit_test(tiny_scans_are_no_cards),
	    cmocka_unit_test(every_fault_has_a_name_and_a_sentence_that_fits),
	    cmocka_unit_test(every_symbology_has_a_name_of_its_own),
	    cmocka_unit_test(masks_all_but_two_and_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
