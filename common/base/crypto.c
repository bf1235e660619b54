/*
 * crypto: Ed25519 and scrypt from libcrypto, random bytes from the kernel.
 */
#include "common/base/crypto.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#define SCRYPT_COST (1u << 14)
#define SCRYPT_BLOCK_SIZE 8u
#define SCRYPT_PARALLEL 1u
/* Twice the 128 * N * r bytes of RFC 7914: libcrypto's own default of 32 MiB
 * is no part of its contract. */
#define SCRYPT_MEMORY_SIZE_MAX (256u * SCRYPT_COST * SCRYPT_BLOCK_SIZE)

void crypto_random(void *to, size_t size)
{
	uint8_t *out = to;

	while (size > 0) {
		ssize_t got = getrandom(out, size, 0);

		if (got < 0) {
			assert(errno == EINTR);
			continue;
		}
		out += got;
		size -= (size_t)got;
	}
}

static EVP_PKEY *private_key(const uint8_t seed[SIGN_KEY_SIZE])
{
	return EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, SIGN_KEY_SIZE);
}

enum result sign_public_key(const uint8_t seed[SIGN_KEY_SIZE],
    uint8_t ret_key[SIGN_KEY_SIZE], struct error *err)
{
	EVP_PKEY *pair = private_key(seed);
	size_t size = SIGN_KEY_SIZE;
	int done = pair == NULL
		       ? 0
		       : EVP_PKEY_get_raw_public_key(pair, ret_key, &size);

	EVP_PKEY_free(pair);
	if (done != 1)
		return error_set(
		    err, RESULT_NO_MEMORY, "cannot derive an Ed25519 key");
	return RESULT_OK;
}

enum result sign_message(const uint8_t seed[SIGN_KEY_SIZE],
    struct bytes message, uint8_t ret_signature[SIGNATURE_SIZE],
    struct error *err)
{
	EVP_PKEY *pair = private_key(seed);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = SIGNATURE_SIZE;
	bool done = pair != NULL && context != NULL &&
		    EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1 &&
		    EVP_DigestSign(context, ret_signature, &size, message.data,
			message.size) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
	if (!done)
		return error_set(
		    err, RESULT_NO_MEMORY, "cannot make an Ed25519 signature");
	return RESULT_OK;
}

enum result sign_verify(const uint8_t key[SIGN_KEY_SIZE], struct bytes message,
    const uint8_t signature[SIGNATURE_SIZE], struct error *err)
{
	EVP_PKEY *public = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, key, SIGN_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ready =
	    public != NULL && context != NULL &&
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1;
	bool good =
	    ready && EVP_DigestVerify(context, signature, SIGNATURE_SIZE,
			 message.data, message.size) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public);
	if (!ready)
		return error_set(
		    err, RESULT_NO_MEMORY, "cannot check an Ed25519 signature");
	if (!good)
		return error_set(
		    err, RESULT_DENIED, "the signature is not of this key");
	return RESULT_OK;
}

enum result crypto_pin_hash(struct bytes pin, const uint8_t salt[PIN_SALT_SIZE],
    uint8_t ret_hash[PIN_HASH_SIZE], struct error *err)
{
	if (EVP_PBE_scrypt((const char *)pin.data, pin.size, salt,
		PIN_SALT_SIZE, SCRYPT_COST, SCRYPT_BLOCK_SIZE, SCRYPT_PARALLEL,
		SCRYPT_MEMORY_SIZE_MAX, ret_hash, PIN_HASH_SIZE) != 1)
		return error_set(
		    err, RESULT_NO_MEMORY, "no memory to hash a PIN");
	return RESULT_OK;
}

void crypto_wipe(void *secret, size_t size)
{
	OPENSSL_cleanse(secret, size);
}
