/*
 * certificate: X.509 as far as one shop needs it.
 *
 * An authority that signs leaves and nothing else (path length 0), leaves that
 * are either the server or a client, never both, and signing requests of which
 * the key alone is taken. OpenSSL's errors end here, as text.
 */
#include "proto/certificate.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/crypto.h"
#include "common/base/limits.h"
#include "proto/certificate_inside.h"
#include "proto/file.h"

#define DAY_SECONDS 86400l
#define BACKDATE_SECONDS DAY_SECONDS
#define AUTHORITY_SECONDS (7305l * DAY_SECONDS) /* twenty years */
#define SERIAL_SIZE 16
#define SUBJECT_SIZE_MAX 64u

/* --- encodings ------------------------------------------------------------ */

/* Give a new buffer what an i2d function left in `data`, which is freed. */
static enum result take_der(
    unsigned char *data, int size, struct buffer *ret_der, struct error *err)
{
	struct buffer der = {0};
	enum result result;

	if (size <= 0)
		return foreign_error(err, RESULT_NO_MEMORY, "an encoding");
	result = buffer_append(&der, bytes_of(data, (size_t)size), err);
	OPENSSL_free(data);
	if (result == RESULT_OK)
		*ret_der = der;
	return result;
}

static enum result certificate_encode(
    const X509 *certificate, struct buffer *ret_der, struct error *err)
{
	unsigned char *data = NULL;
	int size = i2d_X509(certificate, &data);

	return take_der(data, size, ret_der, err);
}

/* Exactly one certificate, and nothing behind it. */
static enum result certificate_decode(
    struct bytes der, X509 **ret_certificate, struct error *err)
{
	const unsigned char *end = der.data;
	X509 *certificate;

	if (der.size > CERTIFICATE_SIZE_MAX)
		return error_set(err, RESULT_LIMIT,
		    "a certificate of %zu bytes; at most %u are taken",
		    der.size, CERTIFICATE_SIZE_MAX);
	certificate = d2i_X509(NULL, &end, (long)der.size);
	if (certificate == NULL)
		return foreign_error(err, RESULT_INVALID, "no certificate");
	if (end != &der.data[der.size]) {
		X509_free(certificate);
		return error_set(
		    err, RESULT_INVALID, "bytes follow upon the certificate");
	}
	*ret_certificate = certificate;
	return RESULT_OK;
}

static enum result hash_of(
    struct bytes bytes, struct hash *ret_hash, struct error *err)
{
	struct hasher *hasher;
	enum result result = hasher_create(&hasher, err);

	if (result != RESULT_OK)
		return result;
	*ret_hash = hash_plain(hasher, bytes);
	hasher_destroy(hasher);
	return RESULT_OK;
}

static enum result key_hash(
    const X509 *certificate, struct hash *ret_hash, struct error *err)
{
	unsigned char *data = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &data);
	enum result result;

	if (size <= 0)
		return foreign_error(err, RESULT_INVALID, "a public key");
	result = hash_of(bytes_of(data, (size_t)size), ret_hash, err);
	OPENSSL_free(data);
	return result;
}

/* --- making certificates -------------------------------------------------- */

/* Who a new certificate is for. `authority` is NULL for the authority. */
struct subject {
	const char *name;
	EVP_PKEY *key;
	const X509 *authority;
	EVP_PKEY *authority_key;
	const char *usage;	    /* keyUsage */
	const char *extended_usage; /* NULL for none */
	const char *host;	    /* subjectAltName, NULL for none */
	uint64_t now_ms;
};

static bool set_serial(X509 *certificate)
{
	uint8_t bytes[SERIAL_SIZE];
	BIGNUM *number;
	bool done;

	crypto_random(bytes, sizeof(bytes));
	/* Positive and of full length, as RFC 5280 section 4.1.2.2 wants. */
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	done = number != NULL &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) !=
		   NULL;
	BN_free(number);
	return done;
}

static bool set_validity(X509 *certificate, const struct subject *subject)
{
	time_t now = (time_t)(subject->now_ms / 1000);
	ASN1_TIME *end = X509_getm_notAfter(certificate);

	if (ASN1_TIME_set(X509_getm_notBefore(certificate),
		now - BACKDATE_SECONDS) == NULL)
		return false;
	if (subject->authority == NULL)
		return ASN1_TIME_set(end, now + AUTHORITY_SECONDS) != NULL;
	return X509_set1_notAfter(
		   certificate, X509_get0_notAfter(subject->authority)) == 1;
}

static bool set_names(X509 *certificate, const struct subject *subject)
{
	X509_NAME *name = X509_NAME_new();
	bool done =
	    name != NULL &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)subject->name, -1, -1, 0) == 1 &&
	    X509_set_subject_name(certificate, name) == 1 &&
	    X509_set_issuer_name(certificate,
		subject->authority == NULL
		    ? name
		    : X509_get_subject_name(subject->authority)) == 1;

	X509_NAME_free(name);
	return done;
}

static bool add_extension(
    X509 *certificate, X509V3_CTX *context, int kind, const char *value)
{
	X509_EXTENSION *extension;
	bool done;

	if (value == NULL)
		return true;
	extension = X509V3_EXT_conf_nid(NULL, context, kind, value);
	done =
	    extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return done;
}

static bool add_extensions(X509 *certificate, const struct subject *subject)
{
	bool is_authority = subject->authority == NULL;
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context,
	    is_authority ? certificate : (X509 *)subject->authority,
	    certificate, NULL, NULL, 0);
	return add_extension(certificate, &context, NID_basic_constraints,
		   is_authority ? "critical,CA:TRUE,pathlen:0"
				: "critical,CA:FALSE") &&
	       add_extension(
		   certificate, &context, NID_key_usage, subject->usage) &&
	       add_extension(certificate, &context, NID_ext_key_usage,
		   subject->extended_usage) &&
	       add_extension(
		   certificate, &context, NID_subject_key_identifier, "hash") &&
	       add_extension(certificate, &context,
		   NID_authority_key_identifier,
		   is_authority ? NULL : "keyid:always") &&
	       add_extension(
		   certificate, &context, NID_subject_alt_name, subject->host);
}

static enum result certificate_sign(
    const struct subject *subject, X509 **ret_certificate, struct error *err)
{
	X509 *certificate = X509_new();

	if (certificate != NULL &&
	    X509_set_version(certificate, X509_VERSION_3) == 1 &&
	    set_serial(certificate) && set_validity(certificate, subject) &&
	    set_names(certificate, subject) &&
	    X509_set_pubkey(certificate, subject->key) == 1 &&
	    add_extensions(certificate, subject) &&
	    X509_sign(certificate, subject->authority_key, EVP_sha256()) > 0) {
		*ret_certificate = certificate;
		return RESULT_OK;
	}
	X509_free(certificate);
	return foreign_error(err, RESULT_INVALID, "a certificate");
}

enum result certificate_make_authority(const struct key *key,
    const char *shop_name, uint64_t now_ms, struct buffer *ret_certificate,
    struct error *err)
{
	struct subject subject = {
	    .name = shop_name,
	    .key = key->handle,
	    .authority_key = key->handle,
	    .usage = "critical,keyCertSign,cRLSign",
	    .now_ms = now_ms,
	};
	size_t size = strlen(shop_name);
	enum result result;
	X509 *certificate;

	if (size == 0 || size > SHOP_NAME_SIZE_MAX ||
	    !bytes_are_text(bytes_of_string(shop_name), NULL))
		return error_set(err, RESULT_INVALID,
		    "a shop's name is text of 1 to %u bytes",
		    SHOP_NAME_SIZE_MAX);
	result = certificate_sign(&subject, &certificate, err);
	if (result != RESULT_OK)
		return result;
	result = certificate_encode(certificate, ret_certificate, err);
	X509_free(certificate);
	return result;
}

/* Sign a leaf in the name of the authority, whose key it must be. */
static enum result leaf_make(struct subject *subject,
    const struct key *authority_key, struct bytes authority,
    X509 **ret_certificate, struct error *err)
{
	X509 *signer;
	enum result result = certificate_decode(authority, &signer, err);

	if (result != RESULT_OK) {
		(void)error_prefix(err, "the authority");
		return result;
	}
	subject->authority = signer;
	subject->authority_key = authority_key->handle;
	if (X509_check_private_key(signer, authority_key->handle) == 1)
		result = certificate_sign(subject, ret_certificate, err);
	else
		result = foreign_error(err, RESULT_INVALID,
		    "the key is not that of the authority");
	X509_free(signer);
	return result;
}

enum result certificate_make_server(const struct key *authority_key,
    struct bytes authority, const struct key *server_key, uint64_t now_ms,
    struct buffer *ret_certificate, struct error *err)
{
	struct subject subject = {
	    .name = "tally server 0",
	    .key = server_key->handle,
	    .usage = "critical,digitalSignature",
	    .extended_usage = "serverAuth",
	    .host = "DNS:" CERTIFICATE_HOST,
	    .now_ms = now_ms,
	};
	X509 *certificate;
	enum result result =
	    leaf_make(&subject, authority_key, authority, &certificate, err);

	if (result != RESULT_OK)
		return result;
	result = certificate_encode(certificate, ret_certificate, err);
	X509_free(certificate);
	return result;
}

/* --- signing requests ----------------------------------------------------- */

enum result certificate_request_make(
    const struct key *key, struct buffer *ret_csr, struct error *err)
{
	X509_REQ *request = X509_REQ_new();
	unsigned char *data = NULL;
	int size = -1;

	if (request != NULL &&
	    X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(request, key->handle) == 1 &&
	    X509_REQ_sign(request, key->handle, EVP_sha256()) > 0)
		size = i2d_X509_REQ(request, &data);
	X509_REQ_free(request);
	return take_der(data, size, ret_csr, err);
}

static enum result request_verify(X509_REQ *request, struct error *err)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);

	if (key == NULL || !key_is_ours(key))
		return foreign_error(err, RESULT_INVALID,
		    "the signing request's key is not ECDSA on P-256");
	if (X509_REQ_verify(request, key) != 1)
		return foreign_error(err, RESULT_DENIED,
		    "the signing request is not signed by its own key");
	return RESULT_OK;
}

static enum result request_decode(
    struct bytes csr, X509_REQ **ret_request, struct error *err)
{
	const unsigned char *end = csr.data;
	X509_REQ *request;
	enum result result;

	if (csr.size > CSR_SIZE_MAX)
		return error_set(err, RESULT_LIMIT,
		    "a signing request of %zu bytes; at most %u are taken",
		    csr.size, CSR_SIZE_MAX);
	request = d2i_X509_REQ(NULL, &end, (long)csr.size);
	if (request == NULL)
		return foreign_error(err, RESULT_INVALID, "no signing request");
	result = end == &csr.data[csr.size]
		     ? request_verify(request, err)
		     : error_set(err, RESULT_INVALID,
			   "bytes follow upon the signing request");
	if (result == RESULT_OK)
		*ret_request = request;
	else
		X509_REQ_free(request);
	return result;
}

/* The certificate's hash and its encoding, or neither. */
static enum result client_encode(const X509 *certificate,
    struct buffer *ret_certificate, struct hash *ret_key_hash,
    struct error *err)
{
	struct hash hash;
	enum result result = key_hash(certificate, &hash, err);

	if (result == RESULT_OK)
		result = certificate_encode(certificate, ret_certificate, err);
	if (result == RESULT_OK)
		*ret_key_hash = hash;
	return result;
}

enum result certificate_make_client(const struct key *authority_key,
    struct bytes authority, struct bytes csr, enum role role, uint32_t number,
    uint64_t now_ms, struct buffer *ret_certificate, struct hash *ret_key_hash,
    struct error *err)
{
	char name[SUBJECT_SIZE_MAX];
	struct subject subject = {
	    .name = name,
	    .usage = "critical,digitalSignature",
	    .extended_usage = "clientAuth",
	    .now_ms = now_ms,
	};
	X509_REQ *request = NULL;
	X509 *certificate;
	enum result result;

	if ((role != ROLE_TERMINAL && role != ROLE_AUDITOR) || number == 0 ||
	    number > TERMINALS_MAX)
		return error_set(err, RESULT_INVALID,
		    "no certificate is made for %s %u", role_name(role),
		    number);
	(void)snprintf(
	    name, sizeof(name), "tally %s %u", role_name(role), number);
	result = request_decode(csr, &request, err);
	if (result != RESULT_OK)
		return result;
	subject.key = X509_REQ_get0_pubkey(request);
	result =
	    leaf_make(&subject, authority_key, authority, &certificate, err);
	X509_REQ_free(request);
	if (result != RESULT_OK)
		return result;
	result = client_encode(certificate, ret_certificate, ret_key_hash, err);
	X509_free(certificate);
	return result;
}

/* --- reading certificates ------------------------------------------------- */

/* Write who `peer` is as a subject does. */
static void subject_format(
    const struct peer *peer, char ret_name[SUBJECT_SIZE_MAX])
{
	(void)snprintf(ret_name, SUBJECT_SIZE_MAX, "tally %s %u",
	    peer->role == ROLE_NONE ? "server" : role_name(peer->role),
	    peer->number);
}

/* There is one way to write each subject: read it, write it, compare. */
static bool subject_parse(const char *name, struct peer *ret_peer)
{
	static const enum role roles[] = {
	    ROLE_NONE, ROLE_TERMINAL, ROLE_AUDITOR};
	const char *digits = strrchr(name, ' ');
	unsigned long number;

	if (digits == NULL)
		return false;
	number = strtoul(digits, NULL, 10);
	if (number > TERMINALS_MAX)
		return false;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct peer peer = {
		    .role = roles[i], .number = (uint32_t)number};
		char written[SUBJECT_SIZE_MAX];

		if ((peer.role == ROLE_NONE) != (peer.number == 0))
			continue;
		subject_format(&peer, written);
		if (strcmp(name, written) == 0) {
			*ret_peer = peer;
			return true;
		}
	}
	return false;
}

/* The common name, if that is the whole subject. */
static bool subject_name(
    const X509 *certificate, char ret_name[SUBJECT_SIZE_MAX])
{
	X509_NAME *name = X509_get_subject_name(certificate);
	const ASN1_STRING *value;
	X509_NAME_ENTRY *entry;
	int size;

	if (X509_NAME_entry_count(name) != 1)
		return false;
	entry = X509_NAME_get_entry(name, 0);
	if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName)
		return false;
	value = X509_NAME_ENTRY_get_data(entry);
	size = ASN1_STRING_length(value);
	if (size <= 0 || (size_t)size >= SUBJECT_SIZE_MAX ||
	    memchr(ASN1_STRING_get0_data(value), 0, (size_t)size) != NULL)
		return false;
	memcpy(ret_name, ASN1_STRING_get0_data(value), (size_t)size);
	ret_name[size] = '\0';
	return true;
}

enum result peer_read(
    const X509 *certificate, struct peer *ret_peer, struct error *err)
{
	char name[SUBJECT_SIZE_MAX];
	struct peer peer;
	enum result result;

	if (!subject_name(certificate, name) || !subject_parse(name, &peer))
		return error_set(err, RESULT_INVALID,
		    "the certificate's subject is none of this program's");
	result = key_hash(certificate, &peer.key_hash, err);
	if (result == RESULT_OK)
		*ret_peer = peer;
	return result;
}

enum result certificate_peer(
    struct bytes certificate, struct peer *ret_peer, struct error *err)
{
	X509 *parsed;
	enum result result = certificate_decode(certificate, &parsed, err);

	if (result != RESULT_OK)
		return result;
	result = peer_read(parsed, ret_peer, err);
	X509_free(parsed);
	return result;
}

enum result certificate_pin(
    struct bytes certificate, struct hash *ret_pin, struct error *err)
{
	return hash_of(certificate, ret_pin, err);
}

/* --- files ---------------------------------------------------------------- */

enum result certificate_save(
    struct bytes certificate, const char *path, struct error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *parsed = NULL;
	enum result result;

	if (bio == NULL)
		return error_no_memory(err);
	result = certificate_decode(certificate, &parsed, err);
	if (result == RESULT_OK && PEM_write_bio_X509(bio, parsed) != 1)
		result = foreign_error(err, RESULT_NO_MEMORY, path);
	if (result == RESULT_OK)
		result = file_replace(path, bio_view(bio), false, err);
	X509_free(parsed);
	BIO_free(bio);
	return result;
}

static enum result certificate_parse(struct bytes text, const char *path,
    struct buffer *ret_certificate, struct error *err)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.size);
	enum result result;
	X509 *parsed;

	if (bio == NULL)
		return error_no_memory(err);
	parsed = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (parsed == NULL)
		return foreign_error(err, RESULT_INVALID, path);
	result = certificate_encode(parsed, ret_certificate, err);
	X509_free(parsed);
	return result;
}

enum result certificate_load(
    const char *path, struct buffer *ret_certificate, struct error *err)
{
	struct buffer text = {0};
	enum result result = file_read(path, &text, err);

	if (result == RESULT_OK)
		result = certificate_parse(
		    buffer_view(&text), path, ret_certificate, err);
	buffer_finish(&text);
	return result;
}
