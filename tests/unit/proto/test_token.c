/*
 * Tests of token: a golden vector (base32 and digest made with Python's
 * base64 and hashlib), and every way to mistype one.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "proto/token.h"

#define LENGTH 91u

/* The secret is 00 01 … 0f, the pin 20 21 … 3f. */
static const char golden[] =
    "tally1-aaaqeayeaudaocajbifqydiob4qccirdeqssmjzifevcwlbn"
    "fyxtamjsgm2dknrxha4tuoz4hu7d6lmtef3q";

static struct token golden_token(void)
{
	struct token token;

	for (size_t i = 0; i < TOKEN_SECRET_SIZE; i++)
		token.secret[i] = (uint8_t)i;
	for (size_t i = 0; i < HASH_SIZE; i++)
		token.authority_pin.bytes[i] = (uint8_t)(0x20 + i);
	return token;
}

static void is_golden(const struct token *token)
{
	struct token wanted = golden_token();

	assert_memory_equal(
	    token->secret, wanted.secret, sizeof(wanted.secret));
	assert_true(hash_equal(&token->authority_pin, &wanted.authority_pin));
}

static void writes_the_golden_token(void **state)
{
	struct token token = golden_token();
	char text[TOKEN_SIZE_MAX + 1];

	(void)state;
	assert_int_equal(RESULT_OK, token_format(&token, text, NULL));
	assert_string_equal(text, golden);
	assert_int_equal(strlen(text), LENGTH);
}

static void reads_what_it_writes(void **state)
{
	struct token token;
	char text[TOKEN_SIZE_MAX + 1];

	(void)state;
	for (unsigned fill = 0; fill < 256; fill += 5) {
		struct token back;

		memset(token.secret, (int)fill, sizeof(token.secret));
		memset(token.authority_pin.bytes, (int)(255 - fill), HASH_SIZE);
		assert_int_equal(RESULT_OK, token_format(&token, text, NULL));
		assert_int_equal(RESULT_OK, token_parse(text, &back, NULL));
		assert_memory_equal(
		    back.secret, token.secret, sizeof(token.secret));
		assert_true(
		    hash_equal(&back.authority_pin, &token.authority_pin));
	}
}

static void forgives_white_space_and_upper_case(void **state)
{
	char text[LENGTH + 8];
	struct token token;

	(void)state;
	(void)snprintf(text, sizeof(text), " \t%s\r\n ", golden);
	assert_int_equal(RESULT_OK, token_parse(text, &token, NULL));
	is_golden(&token);
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 'a' + 'A');
	}
	memset(&token, 0, sizeof(token));
	assert_int_equal(RESULT_OK, token_parse(text, &token, NULL));
	is_golden(&token);
}

static void refuses_every_single_wrong_letter(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

	(void)state;
	for (size_t at = 7; at < LENGTH; at++) {
		for (size_t i = 0; letters[i] != '\0'; i++) {
			char text[LENGTH + 1];
			struct token token;
			struct error err;

			memcpy(text, golden, sizeof(text));
			if (text[at] == letters[i])
				continue;
			text[at] = letters[i];
			assert_int_equal(
			    RESULT_INVALID, token_parse(text, &token, &err));
			assert_non_null(strstr(err.text, "mistyped"));
		}
	}
}

static void refuses_two_letters_swapped(void **state)
{
	(void)state;
	for (size_t at = 7; at + 1 < LENGTH; at++) {
		char text[LENGTH + 1];
		struct token token;

		memcpy(text, golden, sizeof(text));
		if (text[at] == text[at + 1])
			continue;
		text[at] = golden[at + 1];
		text[at + 1] = golden[at];
		assert_int_equal(
		    RESULT_INVALID, token_parse(text, &token, NULL));
	}
}

static void refuses_a_token_cut_anywhere(void **state)
{
	(void)state;
	for (size_t size = 0; size < LENGTH; size++) {
		char text[LENGTH + 1];
		struct token token;

		memcpy(text, golden, size);
		text[size] = '\0';
		assert_int_equal(
		    RESULT_INVALID, token_parse(text, &token, NULL));
	}
}

static void refuses_a_token_with_more_behind_it(void **state)
{
	char text[LENGTH + 3];
	struct token token;
	struct error err;

	(void)state;
	(void)snprintf(text, sizeof(text), "%sa", golden);
	assert_int_equal(RESULT_INVALID, token_parse(text, &token, &err));
	assert_non_null(strstr(err.text, "92 characters instead of 91"));
	(void)snprintf(text, sizeof(text), "%s a", golden);
	assert_int_equal(RESULT_INVALID, token_parse(text, &token, NULL));
}

static void names_the_character_that_no_token_has(void **state)
{
	static const char bad[] = "0189=-_ \x01\x7f\x80\xff";

	(void)state;
	for (size_t i = 0; bad[i] != '\0'; i++) {
		char text[LENGTH + 1];
		struct token token;
		struct error err;

		memcpy(text, golden, sizeof(text));
		text[20] = bad[i];
		assert_int_equal(
		    RESULT_INVALID, token_parse(text, &token, &err));
		assert_non_null(strstr(err.text, "character 21"));
	}
}

static void refuses_what_is_no_token(void **state)
{
	static const char *const texts[] = {"", " ", "tally", "tally1",
	    "tally2-aaaa", "hello", "tally1_abc", "\xff\xfe"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct token token;
		struct error err;

		assert_int_equal(
		    RESULT_INVALID, token_parse(texts[i], &token, &err));
		assert_non_null(strstr(err.text, "no token"));
	}
}

static void leaves_the_token_alone_where_it_fails(void **state)
{
	struct token token = golden_token();
	char text[LENGTH + 1];

	(void)state;
	memcpy(text, golden, sizeof(text));
	text[8] = text[8] == 'a' ? 'b' : 'a';
	assert_int_equal(RESULT_INVALID, token_parse(text, &token, NULL));
	is_golden(&token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_the_golden_token),
	    cmocka_unit_test(reads_what_it_writes),
	    cmocka_unit_test(forgives_white_space_and_upper_case),
	    cmocka_unit_test(refuses_every_single_wrong_letter),
	    cmocka_unit_test(refuses_two_letters_swapped),
	    cmocka_unit_test(refuses_a_token_cut_anywhere),
	    cmocka_unit_test(refuses_a_token_with_more_behind_it),
	    cmocka_unit_test(names_the_character_that_no_token_has),
	    cmocka_unit_test(refuses_what_is_no_token),
	    cmocka_unit_test(leaves_the_token_alone_where_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
