/*
 * verify: the questions that a certificate is asked in a handshake.
 *
 * OpenSSL checks signatures, times, and that a leaf's purpose is the side that
 * it is shown on. What it does not know is the pin of a token and how this
 * program names its certificates.
 */
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "proto/certificate.h"
#include "proto/certificate_inside.h"

static bool has_pin(X509 *certificate, const struct hash *pin)
{
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);
	struct hash hash;
	bool holds = size > 0 &&
		     certificate_pin(bytes_of(der, (size_t)size), &hash,
			 NULL) == RESULT_OK &&
		     hash_equal(&hash, pin);

	OPENSSL_free(der);
	return holds;
}

static X509 *pinned_among(STACK_OF(X509) * sent, const struct hash *pin)
{
	for (int i = 0; i < sk_X509_num(sent); i++) {
		if (has_pin(sk_X509_value(sent, i), pin))
			return sk_X509_value(sent, i);
	}
	return NULL;
}

static bool verify_pinned(X509_STORE_CTX *verify, const struct hash *pin)
{
	X509 *authority =
	    pinned_among(X509_STORE_CTX_get0_untrusted(verify), pin);
	STACK_OF(X509) * trusted;
	bool holds = false;

	if (authority == NULL) {
		X509_STORE_CTX_set_error(
		    verify, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
		return false;
	}
	trusted = sk_X509_new_null();
	if (trusted != NULL && sk_X509_push(trusted, authority) > 0) {
		X509_STORE_CTX_set0_trusted_stack(verify, trusted);
		holds = X509_verify_cert(verify) == 1;
	}
	/* Nothing looks at the stack once the chain is built. */
	sk_X509_free(trusted);
	return holds;
}

bool verify_chain(X509_STORE_CTX *verify, const struct hash *pin)
{
	if (pin != NULL)
		return verify_pinned(verify, pin);
	return X509_verify_cert(verify) == 1;
}

bool verify_kind(
    X509_STORE_CTX *verify, bool wants_server, struct peer *ret_peer)
{
	struct peer peer;

	if (peer_read(X509_STORE_CTX_get0_cert(verify), &peer, NULL) ==
		RESULT_OK &&
	    (peer.role == ROLE_NONE) == wants_server) {
		*ret_peer = peer;
		return true;
	}
	X509_STORE_CTX_set_error(verify, X509_V_ERR_APPLICATION_VERIFICATION);
	return false;
}
