/*
 * Tests of bytes: UTF-8, and the textual forms by their RFCs.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- UTF-8 ---------------------------------------------------------------- */

static void accepts_well_formed_utf8(void **state)
{
	static const char *const good[] = {
	    "",
	    "plain",
	    "\x7f",
	    "\xc2\x80",		/* U+0080, the first of two bytes */
	    "\xdf\xbf",		/* U+07FF, the last */
	    "\xe0\xa0\x80",	/* U+0800, the first of three */
	    "\xed\x9f\xbf",	/* U+D7FF, before the surrogates */
	    "\xee\x80\x80",	/* U+E000, after them */
	    "\xef\xbf\xbf",	/* U+FFFF */
	    "\xf0\x90\x80\x80", /* U+10000, the first of four */
	    "\xf4\x8f\xbf\xbf", /* U+10FFFF, the last of all */
	    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e!",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(bytes_are_text(bytes_of_string(good[i]), NULL));
	assert_true(bytes_are_text(bytes_of(NULL, 0), NULL));
}

static void refuses_ill_formed_utf8(void **state)
{
	static const char *const bad[] = {
	    "\x80",
	    "\xbf",
	    "a\x80", /* a continuation alone */
	    "\xc0\x80",
	    "\xc0\xaf",
	    "\xc1\xbf", /* overlong, two bytes */
	    "\xe0\x80\x80",
	    "\xe0\x80\xaf",
	    "\xe0\x9f\xbf", /* three */
	    "\xf0\x80\x80\x80",
	    "\xf0\x8f\xbf\xbf", /* four */
	    "\xed\xa0\x80",
	    "\xed\xad\xbf",
	    "\xed\xae\x80", /* surrogates */
	    "\xed\xbf\xbf",
	    "\xed\xa0\xb5\xed\xb4\x9e", /* and a pair */
	    "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80", /* above U+10FFFF */
	    "\xf7\xbf\xbf\xbf",
	    "\xf8\x88\x80\x80\x80",
	    "\xfc\x84\x80\x80\x80\x80",
	    "\xfe",
	    "\xff",
	    "\xc3",
	    "\xe2\x82",
	    "\xe2",
	    "\xf0\x9d\x84",
	    "\xf0\x9d",
	    "\xf0",
	    "\xc3z",
	    "\xe2\x82z",
	    "\xe2z\xac",
	    "\xf0\x9d\x84z",
	    "\xf0\x9dz\x9e",
	    "\xc3\xc3\xa9",
	    "\xc3\xff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(bytes_are_text(bytes_of_string(bad[i]), NULL));
}

/* As the definition has it: decode, then look at the value. */
static bool three_bytes_are_a_character(const uint8_t *text)
{
	uint32_t value = (uint32_t)(text[0] & 0x0f) << 12 |
			 (uint32_t)(text[1] & 0x3f) << 6 | (text[2] & 0x3f);

	return (text[0] & 0xf0) == 0xe0 && (text[1] & 0xc0) == 0x80 &&
	       (text[2] & 0xc0) == 0x80 && value >= 0x800 &&
	       (value < 0xd800 || value > 0xdfff);
}

static void agrees_with_the_definition_on_all_of_three_bytes(void **state)
{
	(void)state;
	for (unsigned first = 0xe0; first <= 0xef; first++) {
		for (unsigned rest = 0; rest < 65536; rest += 7) {
			uint8_t text[3] = {(uint8_t)first, (uint8_t)(rest >> 8),
			    (uint8_t)rest};

			assert_int_equal(
			    bytes_are_text(bytes_of(text, 3), NULL),
			    three_bytes_are_a_character(text));
		}
	}
}

static void refuses_control_characters_unless_allowed(void **state)
{
	(void)state;
	for (int c = 1; c < 0x20; c++) {
		char text[] = {'a', (char)c, 'b', '\0'};
		char allowed[] = {'\t', (char)c, '\0'};
		struct bytes view = bytes_of_string(text);

		assert_false(bytes_are_text(view, NULL));
		assert_false(bytes_are_text(view, ""));
		assert_true(bytes_are_text(view, allowed));
		assert_int_equal(
		    bytes_are_text(view, "\t\n"), c == '\t' || c == '\n');
	}
}

static void refuses_a_nul_whatever_is_allowed(void **state)
{
	(void)state;
	assert_false(bytes_are_text(bytes_of("a\0b", 3), NULL));
	assert_false(bytes_are_text(bytes_of("a\0b", 3), ""));
	assert_false(bytes_are_text(bytes_of("\0", 1), "\t\n"));
}

static void never_reads_past_the_view(void **state)
{
	static const char text[] = "\xf0\x9d\x84\x9e\xe2\x82\xac\xc3\xa9";

	(void)state;
	for (size_t size = 0; size < sizeof(text); size++) {
		bool whole = size == 0 || size == 4 || size == 7 || size == 9;
		/* On the heap, so that a sanitizer sees one byte too many. */
		uint8_t *copy = malloc(size + 1);

		assert_non_null(copy);
		memcpy(copy + 1, text, size);
		assert_int_equal(
		    bytes_are_text(bytes_of(copy + 1, size), NULL), whole);
		free(copy);
	}
}

static const uint8_t sixteen[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

/* --- hexadecimal ---------------------------------------------------------- */

static void writes_lower_case_hexadecimal(void **state)
{
	char text[2 * 16 + 2];

	(void)state;
	memset(text, '#', sizeof(text));
	bytes_to_hex(bytes_of(sixteen, 16), text);
	assert_string_equal(text, "00112233445566778899aabbccddeeff");
	assert_int_equal(text[33], '#');
	bytes_to_hex(bytes_of(NULL, 0), text);
	assert_string_equal(text, "");
}

static void reads_hexadecimal_of_either_case(void **state)
{
	uint8_t bytes[4] = {0, 0, 0, 0x7e};

	(void)state;
	assert_true(bytes_from_hex("aBcDeF", bytes, 3));
	assert_memory_equal(bytes, "\xab\xcd\xef\x7e", 4);
	assert_true(bytes_from_hex("", bytes, 0));
}

static void reads_back_every_byte_in_hexadecimal(void **state)
{
	char text[3];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i, back = (uint8_t)~i;

		bytes_to_hex(bytes_of(&byte, 1), text);
		assert_true(bytes_from_hex(text, &back, 1));
		assert_int_equal(back, i);
	}
}

static void refuses_hexadecimal_of_another_length(void **state)
{
	static const char *const bad[] = {
	    "", "a", "ab", "abc", "abcde", "abcd0", "abcd ", " abcd"};
	uint8_t bytes[2];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(bytes_from_hex(bad[i], bytes, 2));
	assert_false(bytes_from_hex("a", bytes, 0));
}

static void refuses_every_character_that_is_no_hexadecimal_digit(void **state)
{
	uint8_t byte;

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			     (c >= 'A' && c <= 'F');
		char high[3] = {(char)c, '0', '\0'};
		char low[3] = {'0', (char)c, '\0'};

		assert_int_equal(bytes_from_hex(high, &byte, 1), digit);
		assert_int_equal(bytes_from_hex(low, &byte, 1), digit);
	}
}

/* --- base64 --------------------------------------------------------------- */

/* RFC 4648 section 10, and the two digits that section 5 has otherwise. */
static const struct {
	const char *plain;
	const char *text;
} base64_vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {"\x14\xfb\x9c\x03\xd9\x7e", "FPucA9l+"},
};

static void writes_the_vectors_of_rfc_4648(void **state)
{
	char text[16];

	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes plain = bytes_of_string(base64_vectors[i].plain);

		bytes_to_base64(plain, text);
		assert_string_equal(text, base64_vectors[i].text);
		assert_int_equal(base64_size(plain.size), strlen(text));
	}
}

static void reads_the_vectors_of_rfc_4648(void **state)
{
	uint8_t place[8];
	size_t size;

	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes plain = bytes_of_string(base64_vectors[i].plain);
		struct bytes text = bytes_of_string(base64_vectors[i].text);

		assert_true(
		    bytes_from_base64(text, place, sizeof(place), &size));
		assert_true(bytes_equal(bytes_of(place, size), plain));
	}
	assert_true(bytes_from_base64(bytes_of(NULL, 0), NULL, 0, &size));
	assert_int_equal(size, 0);
}

static void refuses_any_other_form_of_base64(void **state)
{
	static const char *const bad[] = {
	    "Z",
	    "Zg",
	    "Zg=",
	    "Zm8",
	    "Zm9vY",
	    "Zm9vYg",
	    "Zm9vYg=", /* short */
	    "=",
	    "==",
	    "===",
	    "====",
	    "Z===",
	    "A===",
	    "Zm9v====",
	    "Zm9v=",
	    "Zh==",
	    "Zi==",
	    "Zk==",
	    "Zv==",
	    "Z/==", /* stray bits of one byte */
	    "Zm9=",
	    "Zm+=",
	    "Zm/=", /* and of two */
	    "Zg==Zg==",
	    "Zm8=Zm8=",
	    "Z=g=",
	    "=Zg=",
	    "Zg=g", /* inside */
	    "Zm9v\n",
	    "Zm9v\r\n",
	    "Zm9v\nYg==",
	    "Zm9\n",
	    "\nZm9",
	    " Zm9",
	    "Zm9 ",
	    "Zm 9", /* white space */
	    "-_-_",
	    "Zm9-",
	    "Zm9_",
	    "Zm9.",
	    "Zm9\xff",
	    "Zm9\x80",
	    "Zm9@",
	    "Zm9[",
	    "Zm9`",
	    "Zm9{",
	    "Zm9:",
	};
	uint8_t place[16];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t size = 77;

		assert_false(bytes_from_base64(
		    bytes_of_string(bad[i]), place, sizeof(place), &size));
		assert_int_equal(size, 77);
	}
	for (size_t i = 0; i < 4; i++) {
		char text[4] = {'Z', 'm', '9', 'v'};
		size_t size;

		text[i] = '\0';
		assert_false(
		    bytes_from_base64(bytes_of(text, 4), place, 16, &size));
	}
}

static void decodes_into_the_exact_room_and_no_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(base64_vectors); i++) {
		struct bytes text = bytes_of_string(base64_vectors[i].text);
		size_t wanted = strlen(base64_vectors[i].plain);

		for (size_t room = 0; room <= wanted; room++) {
			uint8_t *place = malloc(room + 1);
			size_t size = 77;

			assert_non_null(place);
			assert_int_equal(
			    bytes_from_base64(text, place + 1, room, &size),
			    room == wanted);
			assert_int_equal(size, room == wanted ? wanted : 77);
			free(place);
		}
	}
}

static void reads_back_base64_of_every_size(void **state)
{
	uint8_t plain[200], back[200];
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 37 + 11);
	for (size_t size = 0; size <= sizeof(plain); size++) {
		size_t back_size = 0;

		memset(text, '#', sizeof(text));
		bytes_to_base64(bytes_of(plain, size), text);
		assert_int_equal(strlen(text), base64_size(size));
		assert_true(bytes_from_base64(
		    bytes_of_string(text), back, sizeof(back), &back_size));
		assert_true(bytes_equal(
		    bytes_of(plain, size), bytes_of(back, back_size)));
	}
}

/* One text for one value: what is accepted is what the encoder writes. */
static void every_accepted_last_group_is_the_only_one(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[5] = "A?==", back[5];
	uint8_t place[3];
	size_t accepted = 0;

	(void)state;
	for (size_t form = 0; form < 2; form++) {
		strcpy(text, form == 0 ? "A?==" : "AA?=");
		for (size_t i = 0; i < 64; i++) {
			size_t size;

			text[1 + form] = digits[i];
			if (!bytes_from_base64(
				bytes_of(text, 4), place, 3, &size))
				continue;
			assert_int_equal(size, 1 + form);
			bytes_to_base64(bytes_of(place, size), back);
			assert_string_equal(back, text);
			accepted++;
		}
	}
	assert_int_equal(accepted, 4 + 16);
}

static void trims_the_blanks_at_both_ends_alone(void **state)
{
	static const char *const texts[][2] = {{"", ""}, {" \t\r ", ""},
	    {"a", "a"}, {"  a b\t", "a b"}, {"\r\na", "\na"}};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(
		    bytes_equal(bytes_trim(bytes_of_string(texts[i][0])),
			bytes_of_string(texts[i][1])));
	assert_int_equal(bytes_trim(bytes_of(NULL, 0)).size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trims_the_blanks_at_both_ends_alone),
	    cmocka_unit_test(accepts_well_formed_utf8),
	    cmocka_unit_test(refuses_ill_formed_utf8),
	    cmocka_unit_test(agrees_with_the_definition_on_all_of_three_bytes),
	    cmocka_unit_test(refuses_control_characters_unless_allowed),
	    cmocka_unit_test(refuses_a_nul_whatever_is_allowed),
	    cmocka_unit_test(never_reads_past_the_view),
	    cmocka_unit_test(writes_lower_case_hexadecimal),
	    cmocka_unit_test(reads_hexadecimal_of_either_case),
	    cmocka_unit_test(reads_back_every_byte_in_hexadecimal),
	    cmocka_unit_test(refuses_hexadecimal_of_another_length),
	    cmocka_unit_test(
		refuses_every_character_that_is_no_hexadecimal_digit),
	    cmocka_unit_test(writes_the_vectors_of_rfc_4648),
	    cmocka_unit_test(reads_the_vectors_of_rfc_4648),
	    cmocka_unit_test(refuses_any_other_form_of_base64),
	    cmocka_unit_test(decodes_into_the_exact_room_and_no_less),
	    cmocka_unit_test(reads_back_base64_of_every_size),
	    cmocka_unit_test(every_accepted_last_group_is_the_only_one),
	};

	return cmocka_run_group_tests_name("bytes: text", tests, NULL, NULL);
}
