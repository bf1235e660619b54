/*
 * Tests of crypto: RFC 8032's vectors, forgeries, scrypt, random bytes.
 */
#include "tests/support/check.h"

#include <string.h>

#include <openssl/err.h>

#include "common/base/crypto.h"

/* RFC 8032 section 7.1: tests 1, 2, 3 and SHA(abc). */
struct vector {
	const char *seed;
	const char *key;
	const char *message;
	const char *signature;
};

static const struct vector vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	"72",
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	"af82",
	"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
	"09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

struct signed_message {
	uint8_t seed[SIGN_KEY_SIZE];
	uint8_t key[SIGN_KEY_SIZE];
	uint8_t text[64];
	struct bytes message;
	uint8_t signature[SIGNATURE_SIZE];
};

static void vector_read(
    const struct vector *vector, struct signed_message *ret_signed)
{
	size_t size = strlen(vector->message) / 2;

	assert_true(
	    bytes_from_hex(vector->seed, ret_signed->seed, SIGN_KEY_SIZE));
	assert_true(
	    bytes_from_hex(vector->key, ret_signed->key, SIGN_KEY_SIZE));
	assert_true(bytes_from_hex(vector->message, ret_signed->text, size));
	assert_true(bytes_from_hex(
	    vector->signature, ret_signed->signature, SIGNATURE_SIZE));
	ret_signed->message = bytes_of(ret_signed->text, size);
}

static enum result verify(const struct signed_message *message)
{
	return sign_verify(
	    message->key, message->message, message->signature, NULL);
}

static void derives_the_public_keys_of_rfc_8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct signed_message wanted;
		uint8_t key[SIGN_KEY_SIZE];

		vector_read(&vectors[i], &wanted);
		assert_int_equal(
		    sign_public_key(wanted.seed, key, NULL), RESULT_OK);
		assert_memory_equal(key, wanted.key, SIGN_KEY_SIZE);
	}
}

static void makes_the_signatures_of_rfc_8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct signed_message wanted;
		uint8_t signature[SIGNATURE_SIZE];

		vector_read(&vectors[i], &wanted);
		assert_int_equal(
		    sign_message(wanted.seed, wanted.message, signature, NULL),
		    RESULT_OK);
		assert_memory_equal(
		    signature, wanted.signature, SIGNATURE_SIZE);
	}
}

static void accepts_the_signatures_of_rfc_8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct signed_message message;

		vector_read(&vectors[i], &message);
		assert_int_equal(verify(&message), RESULT_OK);
	}
}

static void signs_no_bytes_at_null(void **state)
{
	struct signed_message message;
	uint8_t signature[SIGNATURE_SIZE];

	(void)state;
	vector_read(&vectors[0], &message);
	message.message = bytes_of(NULL, 0);
	assert_int_equal(
	    sign_message(message.seed, message.message, signature, NULL),
	    RESULT_OK);
	assert_memory_equal(signature, message.signature, SIGNATURE_SIZE);
	assert_int_equal(verify(&message), RESULT_OK);
}

static void denies_a_signature_with_any_bit_turned(void **state)
{
	struct signed_message message;

	(void)state;
	vector_read(&vectors[2], &message);
	for (size_t bit = 0; bit < SIGNATURE_SIZE * 8; bit++) {
		message.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(verify(&message), RESULT_DENIED);
		message.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(verify(&message), RESULT_OK);
}

static void denies_another_message(void **state)
{
	struct signed_message message;

	(void)state;
	vector_read(&vectors[3], &message);
	assert_int_equal(verify(&message), RESULT_OK);
	for (size_t i = 0; i < message.message.size; i++) {
		message.text[i] ^= 1;
		assert_int_equal(verify(&message), RESULT_DENIED);
		message.text[i] ^= 1;
	}
	for (size_t size = 0; size < 64; size++) {
		message.message = bytes_of(message.text, size);
		assert_int_equal(verify(&message), RESULT_DENIED);
	}
}

static void denies_another_key(void **state)
{
	struct signed_message message, other;

	(void)state;
	vector_read(&vectors[1], &message);
	vector_read(&vectors[2], &other);
	memcpy(message.key, other.key, SIGN_KEY_SIZE);
	assert_int_equal(verify(&message), RESULT_DENIED);
}

/* Most of these 32 bytes are no point of the curve. */
static void denies_keys_that_are_no_points(void **state)
{
	struct signed_message message;

	(void)state;
	vector_read(&vectors[1], &message);
	for (int byte = 0; byte < 256; byte += 5) {
		memset(message.key, byte, SIGN_KEY_SIZE);
		assert_int_equal(verify(&message), RESULT_DENIED);
	}
}

/*
 * RFC 8032 section 5.1.7: the second half is below the order L of the group.
 * Without that look, S + L would be a second signature of the same message.
 */
static void denies_a_signature_with_the_order_added(void **state)
{
	static const uint8_t order[SIGN_KEY_SIZE] = {0xed, 0xd3, 0xf5, 0x5c,
	    0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
	    0x14, [31] = 0x10};
	struct signed_message message;
	unsigned carry = 0;

	(void)state;
	vector_read(&vectors[1], &message);
	for (size_t i = 0; i < SIGN_KEY_SIZE; i++) {
		carry += message.signature[32 + i] + order[i];
		message.signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_int_equal(verify(&message), RESULT_DENIED);
}

static void says_why_a_signature_is_denied(void **state)
{
	struct signed_message message;
	struct error err = {0};

	(void)state;
	vector_read(&vectors[1], &message);
	message.signature[0] ^= 1;
	assert_int_equal(
	    sign_verify(message.key, message.message, message.signature, &err),
	    RESULT_DENIED);
	assert_int_equal(err.result, RESULT_DENIED);
	assert_string_equal(err.text, "the signature is not of this key");
}

/* SSL_get_error() of a channel in the same thread looks at that queue. */
static void leaves_nothing_in_the_error_queue_of_libcrypto(void **state)
{
	struct signed_message message;

	(void)state;
	ERR_clear_error();
	vector_read(&vectors[1], &message);
	assert_int_equal(verify(&message), RESULT_OK);
	message.signature[40] ^= 1;
	assert_int_equal(verify(&message), RESULT_DENIED);
	memset(message.signature, 0xff, SIGNATURE_SIZE);
	assert_int_equal(verify(&message), RESULT_DENIED);
	memset(message.key, 0xff, SIGN_KEY_SIZE);
	assert_int_equal(verify(&message), RESULT_DENIED);
	assert_int_equal(ERR_peek_error(), 0);
}

static void signs_a_long_message(void **state)
{
	static uint8_t text[100000];
	struct signed_message message;

	(void)state;
	vector_read(&vectors[0], &message);
	message.message = bytes_of(text, sizeof(text));
	assert_int_equal(sign_message(message.seed, message.message,
			     message.signature, NULL),
	    RESULT_OK);
	assert_int_equal(verify(&message), RESULT_OK);
	text[sizeof(text) - 1] = 1;
	assert_int_equal(verify(&message), RESULT_DENIED);
}

/*
 * RFC 7914 has no vector with a salt of 16 bytes and these costs. The wanted
 * values are those of an implementation written from the RFC's text, which
 * gives the RFC's own vectors of section 12 as well.
 */
static void hashes_pins_as_rfc_7914_says(void **state)
{
	static const uint8_t zeroes[PIN_SALT_SIZE];
	uint8_t hash[PIN_HASH_SIZE];
	char text[2 * PIN_HASH_SIZE + 1];

	(void)state;
	assert_int_equal(crypto_pin_hash(bytes_of_string("4711"),
			     (const uint8_t *)"0123456789abcdef", hash, NULL),
	    RESULT_OK);
	bytes_to_hex(bytes_of(hash, sizeof(hash)), text);
	assert_string_equal(text, "e41b33989380dc62d166170908e1e8c3"
				  "71ba53bceb1f83688d028aef4795651b");
	assert_int_equal(
	    crypto_pin_hash(bytes_of(NULL, 0), zeroes, hash, NULL), RESULT_OK);
	bytes_to_hex(bytes_of(hash, sizeof(hash)), text);
	assert_string_equal(text, "aafcf55e459476ff6be6f07652e713a7"
				  "f515279ae4439d6e18465f45d20b1bb3");
}

static void a_pin_hash_depends_on_the_pin_and_the_salt(void **state)
{
	uint8_t salt[PIN_SALT_SIZE] = {1};
	uint8_t hashes[3][PIN_HASH_SIZE];

	(void)state;
	assert_int_equal(
	    crypto_pin_hash(bytes_of_string("1234"), salt, hashes[0], NULL),
	    RESULT_OK);
	assert_int_equal(
	    crypto_pin_hash(bytes_of_string("1235"), salt, hashes[1], NULL),
	    RESULT_OK);
	salt[PIN_SALT_SIZE - 1] = 1;
	assert_int_equal(
	    crypto_pin_hash(bytes_of_string("1234"), salt, hashes[2], NULL),
	    RESULT_OK);
	assert_memory_not_equal(hashes[0], hashes[1], PIN_HASH_SIZE);
	assert_memory_not_equal(hashes[0], hashes[2], PIN_HASH_SIZE);
	assert_memory_not_equal(hashes[1], hashes[2], PIN_HASH_SIZE);
}

static void random_bytes_fill_the_place_and_no_more(void **state)
{
	uint8_t seen[40];
	uint8_t place[40];

	(void)state;
	for (size_t size = 0; size <= 32; size++) {
		memset(seen, 0, sizeof(seen));
		/* A byte stays zero 32 times over once in 2^256. */
		for (int i = 0; i < 32; i++) {
			memset(place, 0, sizeof(place));
			crypto_random(place, size);
			for (size_t j = 0; j < sizeof(place); j++)
				seen[j] |= place[j];
		}
		for (size_t j = 0; j < sizeof(seen); j++)
			assert_int_equal(seen[j] != 0, j < size);
	}
}

/* getrandom() gives large amounts in parts. */
static void random_bytes_fill_a_large_place(void **state)
{
	static uint8_t place[1 << 20];
	size_t zeroes = 0;

	(void)state;
	crypto_random(place, sizeof(place));
	for (size_t i = 0; i < sizeof(place); i++)
		zeroes += place[i] == 0;
	/* 4096 are to be expected; the bounds are 16 deviations away. */
	assert_in_range(zeroes, 3072, 5120);
}

static void random_bytes_do_not_repeat(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	crypto_random(a, sizeof(a));
	for (int i = 0; i < 100; i++) {
		crypto_random(b, sizeof(b));
		assert_memory_not_equal(a, b, sizeof(a));
	}
}

static void wipes_the_secret_and_nothing_beside_it(void **state)
{
	char text[] = "<secret>";

	(void)state;
	crypto_wipe(text + 1, 6);
	assert_memory_equal(text, "<\0\0\0\0\0\0>", 8);
	crypto_wipe(text, 0);
	assert_int_equal(text[0], '<');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(derives_the_public_keys_of_rfc_8032),
	    cmocka_unit_test(makes_the_signatures_of_rfc_8032),
	    cmocka_unit_test(accepts_the_signatures_of_rfc_8032),
	    cmocka_unit_test(signs_no_bytes_at_null),
	    cmocka_unit_test(denies_a_signature_with_any_bit_turned),
	    cmocka_unit_test(denies_another_message),
	    cmocka_unit_test(denies_another_key),
	    cmocka_unit_test(denies_keys_that_are_no_points),
	    cmocka_unit_test(denies_a_signature_with_the_order_added),
	    cmocka_unit_test(says_why_a_signature_is_denied),
	    cmocka_unit_test(leaves_nothing_in_the_error_queue_of_libcrypto),
	    cmocka_unit_test(signs_a_long_message),
	    cmocka_unit_test(hashes_pins_as_rfc_7914_says),
	    cmocka_unit_test(a_pin_hash_depends_on_the_pin_and_the_salt),
	    cmocka_unit_test(random_bytes_fill_the_place_and_no_more),
	    cmocka_unit_test(random_bytes_fill_a_large_place),
	    cmocka_unit_test(random_bytes_do_not_repeat),
	    cmocka_unit_test(wipes_the_secret_and_nothing_beside_it),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
