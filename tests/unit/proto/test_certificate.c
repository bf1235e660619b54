/*
 * Tests of certificate: what is made, what is refused, and that it is what
 * OpenSSL's own reader says it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "proto/certificate.h"
#include "proto/certificate_inside.h"
#include "proto/file.h"

#define OK(call) assert_int_equal(RESULT_OK, (call))
#define NOW_MS 1772323200000ull /* 2026-03-01T00:00:00Z */
#define SECOND_MS 1000ull
#define DAY_MS 86400000ull

static struct key *authority_key, *other_key;
static struct buffer authority, csr;
static char folder[] = "/tmp/test_certificate.XXXXXX";

static int setup(void **state)
{
	(void)state;
	OK(key_create(&authority_key, NULL));
	OK(key_create(&other_key, NULL));
	OK(certificate_make_authority(
	    authority_key, "Corner shop", NOW_MS, &authority, NULL));
	OK(certificate_request_make(other_key, &csr, NULL));
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buffer_finish(&csr);
	buffer_finish(&authority);
	key_destroy(other_key);
	key_destroy(authority_key);
	return rmdir(folder);
}

static X509 *parse(const struct buffer *der)
{
	const unsigned char *at = der->data;
	X509 *certificate = d2i_X509(NULL, &at, (long)der->size);

	assert_non_null(certificate);
	return certificate;
}

static struct buffer client_of(enum role role, uint32_t number)
{
	struct buffer certificate;
	struct hash hash;

	OK(certificate_make_client(authority_key, buffer_view(&authority),
	    buffer_view(&csr), role, number, NOW_MS, &certificate, &hash,
	    NULL));
	return certificate;
}

/* Seconds from `from` to `to`. */
static long long seconds_between(const ASN1_TIME *from, const ASN1_TIME *to)
{
	int days, seconds;

	assert_int_equal(1, ASN1_TIME_diff(&days, &seconds, from, to));
	return days * 86400ll + seconds;
}

/* --- what is made --------------------------------------------------------- */

static void the_authority_signs_itself_and_leaves_alone(void **state)
{
	X509 *certificate = parse(&authority);

	(void)state;
	assert_int_equal(1, X509_self_signed(certificate, 1));
	assert_int_equal(1, X509_check_ca(certificate));
	assert_int_equal(0, X509_get_pathlen(certificate));
	assert_int_equal(
	    KU_KEY_CERT_SIGN | KU_CRL_SIGN, X509_get_key_usage(certificate));
	assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
	assert_true(authority.size <= CERTIFICATE_SIZE_MAX);
	X509_free(certificate);
}

static void the_authority_lasts_twenty_years_from_a_day_ago(void **state)
{
	X509 *certificate = parse(&authority);
	ASN1_TIME *now = ASN1_TIME_set(NULL, NOW_MS / SECOND_MS);

	(void)state;
	assert_int_equal(
	    86400, seconds_between(X509_get0_notBefore(certificate), now));
	assert_int_equal(7305ll * 86400,
	    seconds_between(now, X509_get0_notAfter(certificate)));
	ASN1_TIME_free(now);
	X509_free(certificate);
}

static void the_server_is_for_serving_alone(void **state)
{
	struct buffer server;
	struct peer peer;
	X509 *certificate, *signer = parse(&authority);

	(void)state;
	OK(certificate_make_server(authority_key, buffer_view(&authority),
	    other_key, NOW_MS, &server, NULL));
	certificate = parse(&server);
	assert_int_equal(
	    XKU_SSL_SERVER, X509_get_extended_key_usage(certificate));
	assert_int_equal(KU_DIGITAL_SIGNATURE, X509_get_key_usage(certificate));
	assert_int_equal(0, X509_check_ca(certificate));
	assert_int_equal(1, X509_verify(certificate, X509_get0_pubkey(signer)));
	assert_int_equal(
	    1, X509_check_host(certificate, CERTIFICATE_HOST, 0, 0, NULL));
	OK(certificate_peer(buffer_view(&server), &peer, NULL));
	assert_int_equal(peer.role, ROLE_NONE);
	assert_int_equal(peer.number, 0);
	X509_free(certificate);
	X509_free(signer);
	buffer_finish(&server);
}

static void a_client_is_for_dialling_alone(void **state)
{
	struct buffer client = client_of(ROLE_TERMINAL, 12);
	X509 *certificate = parse(&client), *signer = parse(&authority);
	char name[64];

	(void)state;
	assert_int_equal(
	    XKU_SSL_CLIENT, X509_get_extended_key_usage(certificate));
	assert_int_equal(0, X509_check_ca(certificate));
	assert_int_equal(1, X509_verify(certificate, X509_get0_pubkey(signer)));
	assert_int_equal(0, seconds_between(X509_get0_notAfter(signer),
				X509_get0_notAfter(certificate)));
	assert_true(
	    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
		NID_commonName, name, sizeof(name)) > 0);
	assert_string_equal(name, "tally terminal 12");
	X509_free(certificate);
	X509_free(signer);
	buffer_finish(&client);
}

static void a_client_knows_its_role_number_and_key(void **state)
{
	static const struct {
		enum role role;
		uint32_t number;
	} who[] = {{ROLE_TERMINAL, 1}, {ROLE_TERMINAL, TERMINALS_MAX},
	    {ROLE_AUDITOR, 10}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buffer client;
		struct hash hash;
		struct peer peer;

		OK(certificate_make_client(authority_key,
		    buffer_view(&authority), buffer_view(&csr), who[i].role,
		    who[i].number, NOW_MS, &client, &hash, NULL));
		OK(certificate_peer(buffer_view(&client), &peer, NULL));
		assert_int_equal(peer.role, who[i].role);
		assert_int_equal(peer.number, who[i].number);
		assert_true(hash_equal(&peer.key_hash, &hash));
		buffer_finish(&client);
	}
}

static void the_key_hash_is_that_of_the_public_key(void **state)
{
	struct buffer client = client_of(ROLE_TERMINAL, 1);
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(other_key->handle, &der);
	unsigned char digest[32];
	struct peer peer;

	(void)state;
	assert_true(size > 0);
	assert_int_equal(
	    1, EVP_Digest(der, (size_t)size, digest, NULL, EVP_sha256(), NULL));
	OK(certificate_peer(buffer_view(&client), &peer, NULL));
	assert_memory_equal(peer.key_hash.bytes, digest, 32);
	OPENSSL_free(der);
	buffer_finish(&client);
}

static void two_certificates_have_two_serials(void **state)
{
	struct buffer one = client_of(ROLE_TERMINAL, 1);
	struct buffer two = client_of(ROLE_TERMINAL, 1);
	X509 *first = parse(&one), *second = parse(&two);

	(void)state;
	assert_int_not_equal(0, ASN1_INTEGER_cmp(X509_get0_serialNumber(first),
				    X509_get0_serialNumber(second)));
	assert_int_equal(16, X509_get0_serialNumber(first)->length);
	X509_free(first);
	X509_free(second);
	buffer_finish(&one);
	buffer_finish(&two);
}

static void a_pin_is_the_digest_of_the_whole(void **state)
{
	unsigned char digest[32];
	struct hash pin;

	(void)state;
	assert_int_equal(1, EVP_Digest(authority.data, authority.size, digest,
				NULL, EVP_sha256(), NULL));
	OK(certificate_pin(buffer_view(&authority), &pin, NULL));
	assert_memory_equal(pin.bytes, digest, 32);
}

/* --- what is refused ------------------------------------------------------ */

static void a_shop_has_a_name_of_1_to_64_bytes(void **state)
{
	char name[SHOP_NAME_SIZE_MAX + 2];
	struct buffer made;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[SHOP_NAME_SIZE_MAX + 1] = '\0';
	assert_int_equal(
	    RESULT_INVALID, certificate_make_authority(
				authority_key, name, NOW_MS, &made, NULL));
	name[SHOP_NAME_SIZE_MAX] = '\0';
	OK(certificate_make_authority(
	    authority_key, name, NOW_MS, &made, NULL));
	buffer_finish(&made);
	assert_int_equal(RESULT_INVALID,
	    certificate_make_authority(authority_key, "", NOW_MS, &made, NULL));
	assert_int_equal(
	    RESULT_INVALID, certificate_make_authority(
				authority_key, "a\nb", NOW_MS, &made, NULL));
	assert_int_equal(
	    RESULT_INVALID, certificate_make_authority(
				authority_key, "\xff", NOW_MS, &made, NULL));
	OK(certificate_make_authority(
	    authority_key, "Caf\xc3\xa9 \xe2\x98\x95", NOW_MS, &made, NULL));
	buffer_finish(&made);
}

static void only_tills_and_auditors_get_certificates(void **state)
{
	static const struct {
		enum role role;
		uint32_t number;
	} bad[] = {{ROLE_NONE, 1}, {ROLE_CASHIER, 1}, {ROLE_SUPERVISOR, 1},
	    {ROLE_OWNER, 1}, {ROLE_TERMINAL, 0},
	    {ROLE_TERMINAL, TERMINALS_MAX + 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buffer made;
		struct hash hash;

		assert_int_equal(RESULT_INVALID,
		    certificate_make_client(authority_key,
			buffer_view(&authority), buffer_view(&csr), bad[i].role,
			bad[i].number, NOW_MS, &made, &hash, NULL));
	}
}

/* The result of having `request` signed. */
static enum result sign_request(struct bytes request, struct error *err)
{
	struct buffer made;
	struct hash hash;
	enum result result =
	    certificate_make_client(authority_key, buffer_view(&authority),
		request, ROLE_TERMINAL, 1, NOW_MS, &made, &hash, err);

	if (result == RESULT_OK)
		buffer_finish(&made);
	return result;
}

static void a_request_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < csr.size; size++) {
		uint8_t *cut = malloc(size + 1);

		assert_non_null(cut);
		memcpy(cut, csr.data, size);
		assert_int_equal(
		    RESULT_INVALID, sign_request(bytes_of(cut, size), NULL));
		free(cut);
	}
}

static void a_request_with_any_bit_changed_is_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < csr.size; at++) {
		csr.data[at] ^= 0x04;
		assert_int_not_equal(
		    RESULT_OK, sign_request(buffer_view(&csr), NULL));
		csr.data[at] ^= 0x04;
	}
	assert_int_equal(RESULT_OK, sign_request(buffer_view(&csr), NULL));
}

static void a_request_not_signed_by_its_own_key_is_denied(void **state)
{
	struct error err;

	(void)state;
	/* The last byte belongs to the signature. */
	csr.data[csr.size - 1] ^= 1;
	assert_int_equal(RESULT_DENIED, sign_request(buffer_view(&csr), &err));
	csr.data[csr.size - 1] ^= 1;
}

static void a_request_with_bytes_behind_it_is_refused(void **state)
{
	struct buffer longer = {0};

	(void)state;
	OK(buffer_append(&longer, buffer_view(&csr), NULL));
	OK(buffer_append(&longer, bytes_of("", 1), NULL));
	assert_int_equal(
	    RESULT_INVALID, sign_request(buffer_view(&longer), NULL));
	buffer_finish(&longer);
}

static void a_request_past_its_limit_is_refused(void **state)
{
	uint8_t big[CSR_SIZE_MAX + 1] = {0x30};

	(void)state;
	assert_int_equal(
	    RESULT_LIMIT, sign_request(bytes_of(big, sizeof(big)), NULL));
}

static void a_key_of_another_kind_is_refused(void **state)
{
	EVP_PKEY *kinds[] = {EVP_EC_gen("P-384"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_RSA_gen(2048)};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct key key = {.handle = kinds[i]};
		X509_REQ *request = X509_REQ_new();
		unsigned char *der = NULL;
		struct error err;
		int size;

		assert_non_null(key.handle);
		X509_REQ_set_pubkey(request, key.handle);
		assert_true(X509_REQ_sign(request, key.handle,
				i == 1 ? NULL : EVP_sha256()) > 0);
		size = i2d_X509_REQ(request, &der);
		assert_int_equal(RESULT_INVALID,
		    sign_request(bytes_of(der, (size_t)size), &err));
		assert_non_null(strstr(err.text, "P-256"));
		OPENSSL_free(der);
		X509_REQ_free(request);
		EVP_PKEY_free(key.handle);
	}
}

static void only_the_authority_signs(void **state)
{
	struct buffer made;
	struct hash hash;
	struct error err;

	(void)state;
	assert_int_equal(
	    RESULT_INVALID, certificate_make_client(other_key,
				buffer_view(&authority), buffer_view(&csr),
				ROLE_TERMINAL, 1, NOW_MS, &made, &hash, &err));
	assert_int_equal(RESULT_INVALID,
	    certificate_make_server(authority_key, bytes_of("junk", 4),
		other_key, NOW_MS, &made, &err));
	assert_non_null(strstr(err.text, "authority"));
}

/* A certificate with this subject, as a foreign authority might make it. */
static struct buffer foreign(
    const char *first, const char *second, int kind, int type)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_NAME_new();
	struct buffer made = {0};
	unsigned char *der = NULL;
	int size;

	X509_NAME_add_entry_by_NID(
	    name, kind, type, (const unsigned char *)first, -1, -1, 0);
	if (second != NULL)
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		    (const unsigned char *)second, -1, -1, 0);
	X509_set_subject_name(certificate, name);
	X509_set_issuer_name(certificate, name);
	ASN1_TIME_set(X509_getm_notBefore(certificate), 0);
	ASN1_TIME_set(X509_getm_notAfter(certificate), 1);
	X509_set_pubkey(certificate, other_key->handle);
	assert_true(
	    X509_sign(certificate, other_key->handle, EVP_sha256()) > 0);
	size = i2d_X509(certificate, &der);
	OK(buffer_append(&made, bytes_of(der, (size_t)size), NULL));
	OPENSSL_free(der);
	X509_NAME_free(name);
	X509_free(certificate);
	return made;
}

static void a_foreign_subject_is_nobody(void **state)
{
	static const char *const names[] = {"Corner shop", "tally",
	    "tally terminal", "tally terminal ", "tally terminal 0",
	    "tally terminal 01", "tally terminal +1", "tally terminal -1",
	    "tally terminal 1 ", " tally terminal 1", "tally  terminal 1",
	    "tally terminal 65536", "tally terminal 4294967297",
	    "tally terminal 99999999999999999999", "tally terminal 1x",
	    "tally Terminal 1", "tally owner 1", "tally cashier 1",
	    "tally none 0", "tally server 1", "tally server", "tally auditor 0",
	    "tally unknown 1"};
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buffer made =
		    foreign(names[i], NULL, NID_commonName, MBSTRING_UTF8);

		assert_int_equal(RESULT_INVALID,
		    certificate_peer(buffer_view(&made), &peer, NULL));
		buffer_finish(&made);
	}
}

static void a_subject_is_one_common_name_and_nothing_else(void **state)
{
	struct buffer good =
	    foreign("tally terminal 1", NULL, NID_commonName, MBSTRING_UTF8);
	struct buffer two = foreign("tally terminal 1", "tally terminal 2",
	    NID_commonName, MBSTRING_UTF8);
	struct buffer other = foreign(
	    "tally terminal 1", NULL, NID_organizationName, MBSTRING_UTF8);
	struct peer peer;

	(void)state;
	OK(certificate_peer(buffer_view(&good), &peer, NULL));
	assert_int_equal(
	    RESULT_INVALID, certificate_peer(buffer_view(&two), &peer, NULL));
	assert_int_equal(
	    RESULT_INVALID, certificate_peer(buffer_view(&other), &peer, NULL));
	buffer_finish(&good);
	buffer_finish(&two);
	buffer_finish(&other);
}

static void a_certificate_cut_anywhere_is_refused(void **state)
{
	struct buffer client = client_of(ROLE_TERMINAL, 3);
	struct peer peer = {.number = 99};

	(void)state;
	for (size_t size = 0; size < client.size; size++) {
		uint8_t *cut = malloc(size + 1);

		assert_non_null(cut);
		memcpy(cut, client.data, size);
		assert_int_equal(RESULT_INVALID,
		    certificate_peer(bytes_of(cut, size), &peer, NULL));
		free(cut);
	}
	assert_int_equal(peer.number, 99);
	OK(buffer_append(&client, bytes_of("", 1), NULL));
	assert_int_equal(RESULT_INVALID,
	    certificate_peer(buffer_view(&client), &peer, NULL));
	buffer_finish(&client);
}

static void a_certificate_past_its_limit_is_refused(void **state)
{
	static const uint8_t big[CERTIFICATE_SIZE_MAX + 1];
	struct peer peer;

	(void)state;
	assert_int_equal(RESULT_LIMIT,
	    certificate_peer(bytes_of(big, sizeof(big)), &peer, NULL));
}

/* --- files ---------------------------------------------------------------- */

static void path_of(const char *name, char ret_path[FILE_PATH_SIZE_MAX])
{
	OK(file_path(folder, name, ret_path, NULL));
}

static void a_key_is_saved_for_its_owner_alone_and_once(void **state)
{
	char path[FILE_PATH_SIZE_MAX];
	struct key *loaded;
	struct stat status;
	struct error err;

	(void)state;
	path_of("key.pem", path);
	OK(key_save(authority_key, path, NULL));
	assert_int_equal(0, stat(path, &status));
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(RESULT_EXISTS, key_save(other_key, path, &err));
	OK(key_load(path, &loaded, NULL));
	assert_int_equal(1, EVP_PKEY_eq(loaded->handle, authority_key->handle));
	key_destroy(loaded);
	assert_int_equal(0, unlink(path));
	key_destroy(NULL);
}

static void a_file_that_is_no_key_is_refused(void **state)
{
	static const char *const texts[] = {"", "hello",
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
	char path[FILE_PATH_SIZE_MAX];
	struct key *key;
	struct error err;

	(void)state;
	path_of("bad.pem", path);
	for (size_t i = 0; i < 3; i++) {
		OK(file_replace(path, bytes_of_string(texts[i]), true, NULL));
		assert_int_equal(RESULT_INVALID, key_load(path, &key, &err));
		assert_non_null(strstr(err.text, "bad.pem"));
	}
	assert_int_equal(0, unlink(path));
	assert_int_equal(RESULT_NOT_FOUND, key_load(path, &key, NULL));
}

static void a_key_under_a_password_is_refused_without_asking(void **state)
{
	char path[FILE_PATH_SIZE_MAX];
	BIO *bio = BIO_new(BIO_s_mem());
	struct key *key;

	(void)state;
	assert_int_equal(
	    1, PEM_write_bio_PKCS8PrivateKey(bio, other_key->handle,
		   EVP_aes_128_cbc(), "secret", 6, NULL, NULL));
	path_of("locked.pem", path);
	OK(file_replace(path, bio_view(bio), true, NULL));
	assert_int_equal(RESULT_INVALID, key_load(path, &key, NULL));
	assert_int_equal(0, unlink(path));
	BIO_free(bio);
}

static void a_certificate_is_saved_and_loaded(void **state)
{
	char path[FILE_PATH_SIZE_MAX];
	struct buffer client = client_of(ROLE_TERMINAL, 3), loaded;

	(void)state;
	path_of("certificate.pem", path);
	OK(certificate_save(buffer_view(&authority), path, NULL));
	OK(certificate_save(buffer_view(&client), path, NULL));
	OK(certificate_load(path, &loaded, NULL));
	assert_true(bytes_equal(buffer_view(&client), buffer_view(&loaded)));
	buffer_finish(&loaded);
	buffer_finish(&client);
	assert_int_equal(0, unlink(path));
	assert_int_equal(
	    RESULT_NOT_FOUND, certificate_load(path, &loaded, NULL));
	assert_int_equal(
	    RESULT_INVALID, certificate_save(bytes_of("junk", 4), path, NULL));
	assert_false(file_exists(path));
}

static void a_file_that_is_no_certificate_is_refused(void **state)
{
	char path[FILE_PATH_SIZE_MAX];
	struct buffer loaded;

	(void)state;
	path_of("none.pem", path);
	OK(file_replace(path, bytes_of_string("no PEM"), false, NULL));
	assert_int_equal(RESULT_INVALID, certificate_load(path, &loaded, NULL));
	assert_int_equal(0, unlink(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_authority_signs_itself_and_leaves_alone),
	    cmocka_unit_test(the_authority_lasts_twenty_years_from_a_day_ago),
	    cmocka_unit_test(the_server_is_for_serving_alone),
	    cmocka_unit_test(a_client_is_for_dialling_alone),
	    cmocka_unit_test(a_client_knows_its_role_number_and_key),
	    cmocka_unit_test(the_key_hash_is_that_of_the_public_key),
	    cmocka_unit_test(two_certificates_have_two_serials),
	    cmocka_unit_test(a_pin_is_the_digest_of_the_whole),
	    cmocka_unit_test(a_shop_has_a_name_of_1_to_64_bytes),
	    cmocka_unit_test(only_tills_and_auditors_get_certificates),
	    cmocka_unit_test(a_request_cut_anywhere_is_refused),
	    cmocka_unit_test(a_request_with_any_bit_changed_is_refused),
	    cmocka_unit_test(a_request_not_signed_by_its_own_key_is_denied),
	    cmocka_unit_test(a_request_with_bytes_behind_it_is_refused),
	    cmocka_unit_test(a_request_past_its_limit_is_refused),
	    cmocka_unit_test(a_key_of_another_kind_is_refused),
	    cmocka_unit_test(only_the_authority_signs),
	    cmocka_unit_test(a_foreign_subject_is_nobody),
	    cmocka_unit_test(a_subject_is_one_common_name_and_nothing_else),
	    cmocka_unit_test(a_certificate_cut_anywhere_is_refused),
	    cmocka_unit_test(a_certificate_past_its_limit_is_refused),
	    cmocka_unit_test(a_key_is_saved_for_its_owner_alone_and_once),
	    cmocka_unit_test(a_file_that_is_no_key_is_refused),
	    cmocka_unit_test(a_key_under_a_password_is_refused_without_asking),
	    cmocka_unit_test(a_certificate_is_saved_and_loaded),
	    cmocka_unit_test(a_file_that_is_no_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
