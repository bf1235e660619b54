/*
 * Tests of certificate: for whom none is made, and what is none.
 */
#include "tests/unit/proto/certificate_world.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
