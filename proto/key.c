/*
 * key: private keys and their files, and what OpenSSL says when it fails.
 *
 * Half of certificate.h: no certificate is looked at here.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"
#include "proto/certificate.h"
#include "proto/certificate_inside.h"
#include "proto/file.h"

#define CURVE "prime256v1" /* NIST P-256 in OpenSSL's words */

/* The oldest error is the cause; those behind it are its echoes. */
enum result foreign_error(
    struct error *err, enum result result, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return error_set(err, result, "%s: %s", what,
	    reason == NULL ? "OpenSSL gives no reason" : reason);
}

/* Takes `handle`, also where it fails. */
static enum result key_wrap(
    EVP_PKEY *handle, struct key **ret_key, struct error *err)
{
	struct key *key = malloc(sizeof(*key));

	if (key == NULL) {
		EVP_PKEY_free(handle);
		return error_no_memory(err);
	}
	key->handle = handle;
	*ret_key = key;
	return RESULT_OK;
}

enum result key_create(struct key **ret_key, struct error *err)
{
	EVP_PKEY *handle = EVP_EC_gen(CURVE);

	if (handle == NULL)
		return foreign_error(err, RESULT_NO_MEMORY, "a new key");
	return key_wrap(handle, ret_key, err);
}

void key_destroy(struct key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->handle);
	free(key);
}

bool key_is_ours(const EVP_PKEY *handle)
{
	char curve[sizeof(CURVE) + 16];
	size_t size;

	return EVP_PKEY_is_a(handle, "EC") == 1 &&
	       EVP_PKEY_get_group_name(handle, curve, sizeof(curve), &size) ==
		   1 &&
	       strcmp(curve, CURVE) == 0;
}

struct bytes bio_view(BIO *bio)
{
	char *data = NULL;
	long size = BIO_get_mem_data(bio, &data);

	return bytes_of(data, size > 0 ? (size_t)size : 0);
}

enum result key_save(const struct key *key, const char *path, struct error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum result result;

	if (bio == NULL)
		return error_no_memory(err);
	if (PEM_write_bio_PKCS8PrivateKey(
		bio, key->handle, NULL, NULL, 0, NULL, NULL) == 1)
		result = file_create(path, bio_view(bio), true, err);
	else
		result = foreign_error(err, RESULT_NO_MEMORY, "a key's text");
	crypto_wipe((void *)bio_view(bio).data, bio_view(bio).size);
	BIO_free(bio);
	return result;
}

int no_password(char *to, int size, int is_writing, void *context)
{
	(void)to, (void)size, (void)is_writing, (void)context;
	return -1;
}

static enum result key_parse(struct bytes text, const char *path,
    struct key **ret_key, struct error *err)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.size);
	EVP_PKEY *handle;

	if (bio == NULL)
		return error_no_memory(err);
	handle = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (handle == NULL)
		return foreign_error(err, RESULT_INVALID, path);
	if (!key_is_ours(handle)) {
		EVP_PKEY_free(handle);
		return error_set(
		    err, RESULT_INVALID, "%s: not an ECDSA key on P-256", path);
	}
	return key_wrap(handle, ret_key, err);
}

enum result key_load(const char *path, struct key **ret_key, struct error *err)
{
	struct buffer text = {0};
	enum result result = file_read(path, &text, err);

	if (result == RESULT_OK)
		result = key_parse(buffer_view(&text), path, ret_key, err);
	if (text.size > 0)
		crypto_wipe(text.data, text.size);
	buffer_finish(&text);
	return result;
}
