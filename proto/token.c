/*
 * token: the enrolment token's text, and its base32.
 *
 * The alphabet has no 0, 1, 8 and 9, so that a token read out or copied by
 * hand has few letters to mistake, and the check bytes catch those.
 */
#include "proto/token.h"

#include <assert.h>
#include <string.h>

#include "common/base/crypto.h"

#define TOKEN_PREFIX "tally1-"
#define PREFIX_SIZE (sizeof(TOKEN_PREFIX) - 1)
#define CHECK_SIZE 4u
#define CHECKED_SIZE (TOKEN_SECRET_SIZE + HASH_SIZE)
#define RAW_SIZE (CHECKED_SIZE + CHECK_SIZE)
#define BASE32_SIZE ((RAW_SIZE * 8u + 4u) / 5u)
#define TEXT_SIZE (PREFIX_SIZE + BASE32_SIZE)

static_assert(TEXT_SIZE <= TOKEN_SIZE_MAX, "a token fits its limit");

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

static void base32_write(const uint8_t raw[RAW_SIZE], char *text)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t length = 0;

	for (size_t i = 0; i < RAW_SIZE; i++) {
		bits = bits << 8 | raw[i];
		for (held += 8; held >= 5; held -= 5)
			text[length++] = digits[bits >> (held - 5) & 31];
	}
	if (held > 0)
		text[length++] = digits[bits << (5 - held) & 31];
	assert(length == BASE32_SIZE);
	text[length] = '\0';
}

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a')
					      : letter;
}

/* 0 … 31, or -1. */
static int digit_value(char digit)
{
	digit = lower(digit);
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a';
	if (digit >= '2' && digit <= '7')
		return digit - '2' + 26;
	return -1;
}

static enum result base32_read(
    const char *text, uint8_t ret_raw[RAW_SIZE], struct error *err)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t length = 0;

	for (size_t i = 0; i < BASE32_SIZE; i++) {
		int value = digit_value(text[i]);

		if (value < 0)
			return error_set(err, RESULT_INVALID,
			    "the token is mistyped: character %zu is none of "
			    "a-z and 2-7",
			    PREFIX_SIZE + i + 1);
		bits = bits << 5 | (uint32_t)value;
		held += 5;
		if (held >= 8) {
			held -= 8;
			ret_raw[length++] = (uint8_t)(bits >> held);
		}
	}
	/* One text for one meaning: the bits left over are none. */
	if ((bits & ((1u << held) - 1)) != 0)
		return error_set(err, RESULT_INVALID,
		    "the token is mistyped: its last character");
	return RESULT_OK;
}

static enum result check_bytes(const uint8_t raw[RAW_SIZE],
    uint8_t ret_check[CHECK_SIZE], struct error *err)
{
	struct hasher *hasher;
	struct hash hash;
	enum result result = hasher_create(&hasher, err);

	if (result != RESULT_OK)
		return result;
	hash = hash_plain(hasher, bytes_of(raw, CHECKED_SIZE));
	hasher_destroy(hasher);
	memcpy(ret_check, hash.bytes, CHECK_SIZE);
	return RESULT_OK;
}

enum result token_format(const struct token *token,
    char ret_text[TOKEN_SIZE_MAX + 1], struct error *err)
{
	uint8_t raw[RAW_SIZE];
	struct writer writer = writer_of(raw, sizeof(raw));
	uint8_t check[CHECK_SIZE];
	enum result result;

	writer_bytes(&writer, bytes_of(token->secret, TOKEN_SECRET_SIZE));
	writer_bytes(&writer, hash_view(&token->authority_pin));
	result = check_bytes(raw, check, err);
	if (result != RESULT_OK)
		return result;
	writer_bytes(&writer, bytes_of(check, sizeof(check)));
	assert(!writer.failed && writer.size == sizeof(raw));
	memcpy(ret_text, TOKEN_PREFIX, PREFIX_SIZE);
	base32_write(raw, &ret_text[PREFIX_SIZE]);
	crypto_wipe(raw, sizeof(raw));
	return RESULT_OK;
}

/* The text without white space around it. */
static struct bytes trim(const char *text)
{
	static const char space[] = " \t\r\n\v\f";
	size_t size;

	text = &text[strspn(text, space)];
	size = strlen(text);
	while (size > 0 && strchr(space, text[size - 1]) != NULL)
		size--;
	return bytes_of(text, size);
}

static bool has_prefix(struct bytes text)
{
	if (text.size < PREFIX_SIZE)
		return false;
	for (size_t i = 0; i < PREFIX_SIZE; i++) {
		if (lower((char)text.data[i]) != TOKEN_PREFIX[i])
			return false;
	}
	return true;
}

static enum result raw_check(const uint8_t raw[RAW_SIZE], struct error *err)
{
	uint8_t check[CHECK_SIZE];
	enum result result = check_bytes(raw, check, err);

	if (result != RESULT_OK)
		return result;
	if (memcmp(check, &raw[CHECKED_SIZE], CHECK_SIZE) != 0)
		return error_set(err, RESULT_INVALID,
		    "the token is mistyped: its check does not come out");
	return RESULT_OK;
}

enum result token_parse(
    const char *text, struct token *ret_token, struct error *err)
{
	struct bytes trimmed = trim(text);
	uint8_t raw[RAW_SIZE];
	enum result result;

	if (!has_prefix(trimmed))
		return error_set(err, RESULT_INVALID,
		    "this is no token: one begins with \"%s\"", TOKEN_PREFIX);
	if (trimmed.size != TEXT_SIZE)
		return error_set(err, RESULT_INVALID,
		    "the token is mistyped: it has %zu characters instead of "
		    "%zu",
		    trimmed.size, (size_t)TEXT_SIZE);
	result =
	    base32_read((const char *)&trimmed.data[PREFIX_SIZE], raw, err);
	if (result == RESULT_OK)
		result = raw_check(raw, err);
	if (result == RESULT_OK) {
		memcpy(ret_token->secret, raw, TOKEN_SECRET_SIZE);
		memcpy(ret_token->authority_pin.bytes, &raw[TOKEN_SECRET_SIZE],
		    HASH_SIZE);
	}
	crypto_wipe(raw, sizeof(raw));
	return result;
}
