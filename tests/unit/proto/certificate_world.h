/*
 * certificate_world: an authority, another key, and its request for a
 * certificate.
 */
#ifndef TESTS_UNIT_PROTO_CERTIFICATE_WORLD_H
#define TESTS_UNIT_PROTO_CERTIFICATE_WORLD_H

#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>
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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
	(void)state;
	buffer_finish(&csr);
	buffer_finish(&authority);
	key_destroy(other_key);
	key_destroy(authority_key);
	return rmdir(folder);
}

static inline struct buffer client_of(enum role role, uint32_t number)
{
	struct buffer certificate;
	struct hash hash;

	OK(certificate_make_client(authority_key, buffer_view(&authority),
	    buffer_view(&csr), role, number, NOW_MS, &certificate, &hash,
	    NULL));
	return certificate;
}

#endif
