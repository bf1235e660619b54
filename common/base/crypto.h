/*
 * crypto: Ed25519 signatures, the hashing of PINs with scrypt, random bytes.
 *
 * With hash.h and proto/certificate.h, the only users of OpenSSL's libcrypto.
 */
#ifndef COMMON_BASE_CRYPTO_H
#define COMMON_BASE_CRYPTO_H

#include "common/base/bytes.h"

#define SIGN_KEY_SIZE 32u /* bytes of an Ed25519 seed, or of a public key */
#define SIGNATURE_SIZE 64u
#define PIN_SALT_SIZE 16u
#define PIN_HASH_SIZE 32u

/* Fill with bytes from the system's generator; it never runs dry (asserted). */
void crypto_random(void *to, size_t size);

/* RFC 8032. `seed` is the private key, 32 bytes; `ret_key` the public one. */
enum result sign_public_key(const uint8_t seed[SIGN_KEY_SIZE],
    uint8_t ret_key[SIGN_KEY_SIZE], struct error *err);
enum result sign_message(const uint8_t seed[SIGN_KEY_SIZE],
    struct bytes message, uint8_t ret_signature[SIGNATURE_SIZE],
    struct error *err);
/* RESULT_OK, or RESULT_DENIED where the signature is not of this key. */
enum result sign_verify(const uint8_t key[SIGN_KEY_SIZE], struct bytes message,
    const uint8_t signature[SIGNATURE_SIZE], struct error *err);

/*
 * scrypt (RFC 7914) with N=2^14, r=8, p=1: about 50 ms and 16 MiB a call, so
 * call it from no thread that others wait for.
 */
enum result crypto_pin_hash(struct bytes pin, const uint8_t salt[PIN_SALT_SIZE],
    uint8_t ret_hash[PIN_HASH_SIZE], struct error *err);

/* Overwrite a secret; the compiler does not take it away. */
void crypto_wipe(void *secret, size_t size);

#endif
