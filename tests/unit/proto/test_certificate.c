/*
 * Tests of certificate: what is made, that it is what OpenSSL's own reader says
 * it is, and the files.
 */
#include "tests/unit/proto/certificate_world.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

static X509 *parse(const struct buffer *der)
{
	const unsigned char *at = der->data;
	X509 *certificate = d2i_X509(NULL, &at, (long)der->size);

	assert_non_null(certificate);
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
	    cmocka_unit_test(a_key_is_saved_for_its_owner_alone_and_once),
	    cmocka_unit_test(a_file_that_is_no_key_is_refused),
	    cmocka_unit_test(a_key_under_a_password_is_refused_without_asking),
	    cmocka_unit_test(a_certificate_is_saved_and_loaded),
	    cmocka_unit_test(a_file_that_is_no_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
