/*
 * Check digits against published examples, and against what each promises to
 * find: every single wrong digit, and (Luhn) neighbours that changed places.
 */
#include "tests/support/check.h"

#include <string.h>

#include "common/card/check.h"

static void tells_digits_from_anything_else(void **state)
{
	(void)state;
	assert_true(check_is_digits(bytes_of_string("0")));
	assert_true(check_is_digits(bytes_of_string("0123456789")));
	assert_false(check_is_digits(bytes_of_string("")));
	assert_false(check_is_digits(bytes_of_string("12 3")));
	assert_false(check_is_digits(bytes_of_string("123/")));
	assert_false(check_is_digits(bytes_of_string("123:")));
	assert_false(check_is_digits(bytes_of("1\0002", 3)));
	assert_false(check_is_digits(bytes_of("1\xb2", 2)));
}

/* Published: GTIN-8, GTIN-12, GTIN-13, GTIN-14, GSRN and SSCC. */
static void holds_for_published_gs1_numbers(void **state)
{
	static const char *const numbers[] = {"96385074", "036000291452",
	    "4006381333931", "12345678901231", "501234500000000125",
	    "106141412345678908"};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		assert_true(check_gs1_holds(bytes_of_string(numbers[i])));
}

static void holds_for_published_luhn_numbers(void **state)
{
	static const char *const numbers[] = {
	    "79927398713", "490154203237518", "4111111111111111"};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		assert_true(check_luhn_holds(bytes_of_string(numbers[i])));
}

typedef bool check_function(struct bytes digits);

static void expect_every_wrong_digit_found(
    const char *number, check_function *holds)
{
	char copy[32];

	for (size_t i = 0; number[i] != '\0'; i++) {
		for (char digit = '0'; digit <= '9'; digit++) {
			(void)strcpy(copy, number);
			copy[i] = digit;
			assert_int_equal(
			    holds(bytes_of_string(copy)), digit == number[i]);
		}
	}
}

static void gs1_finds_every_single_wrong_digit(void **state)
{
	(void)state;
	expect_every_wrong_digit_found("2912345678906", check_gs1_holds);
	expect_every_wrong_digit_found("20123451", check_gs1_holds);
	expect_every_wrong_digit_found("501234500000000125", check_gs1_holds);
}

static void luhn_finds_every_single_wrong_digit(void **state)
{
	(void)state;
	expect_every_wrong_digit_found("79927398713", check_luhn_holds);
	expect_every_wrong_digit_found("378282246310005", check_luhn_holds);
}

static void luhn_finds_neighbours_that_changed_places(void **state)
{
	const char *number = "79927398713";
	char copy[16];

	(void)state;
	for (size_t i = 0; i + 1 < strlen(number); i++) {
		/* The number has no 09 or 90: the pair that Luhn misses. */
		if (number[i] == number[i + 1])
			continue;
		(void)strcpy(copy, number);
		copy[i] = number[i + 1];
		copy[i + 1] = number[i];
		assert_false(check_luhn_holds(bytes_of_string(copy)));
	}
}

/* 04252614 is the textbook's pair of 042100005264; then one code for each
 * value of the seventh digit, which says where the zeros were. */
static void holds_for_upc_e_of_every_pattern(void **state)
{
	static const char *const codes[] = {"04252614", "01234505", "01234514",
	    "01234523", "01234531", "01234543", "01234558", "01234565",
	    "01234572", "01234589", "01234596", "14252602", "14252686"};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		char copy[9];

		assert_true(check_upc_e_holds(bytes_of_string(codes[i])));
		(void)strcpy(copy, codes[i]);
		copy[7] = copy[7] == '9' ? '0' : (char)(copy[7] + 1);
		assert_false(check_upc_e_holds(bytes_of_string(copy)));
	}
}

static void upc_e_has_eight_digits_and_number_system_0_or_1(void **state)
{
	(void)state;
	assert_false(check_upc_e_holds(bytes_of_string("")));
	assert_false(check_upc_e_holds(bytes_of_string("0425261")));
	assert_false(check_upc_e_holds(bytes_of_string("042526140")));
	for (char first = '2'; first <= '9'; first++) {
		char code[] = "04252610";

		code[0] = first;
		for (code[7] = '0'; code[7] <= '9'; code[7]++)
			assert_false(check_upc_e_holds(bytes_of_string(code)));
	}
}

static void makes_the_modulo_43_character(void **state)
{
	static const struct {
		const char *text;
		char wanted;
	} rows[] = {
	    {"M1234567", '7'},
	    {"CODE39", 'W'},
	    {"A-1. $/+%", 'Q'},
	    {"AB89", ' '},
	    {"A00V", '+'},
	    {"", '0'},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(check_character(bytes_of_string(rows[i].text)),
		    rows[i].wanted);
}

static void every_byte_is_in_code_39_or_not(void **state)
{
	const char *known = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t text = (uint8_t)byte;
		char made = check_character(bytes_of(&text, 1));

		/* One character alone is its own check character. */
		if (byte != 0 && strchr(known, (int)byte) != NULL)
			assert_int_equal(made, byte);
		else
			assert_int_equal(made, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_digits_from_anything_else),
	    cmocka_unit_test(holds_for_published_gs1_numbers),
	    cmocka_unit_test(holds_for_published_luhn_numbers),
	    cmocka_unit_test(gs1_finds_every_single_wrong_digit),
	    cmocka_unit_test(luhn_finds_every_single_wrong_digit),
	    cmocka_unit_test(luhn_finds_neighbours_that_changed_places),
	    cmocka_unit_test(holds_for_upc_e_of_every_pattern),
	    cmocka_unit_test(upc_e_has_eight_digits_and_number_system_0_or_1),
	    cmocka_unit_test(makes_the_modulo_43_character),
	    cmocka_unit_test(every_byte_is_in_code_39_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
