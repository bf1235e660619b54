/*
 * hash: SHA-256, in the three forms that Tallystick uses.
 *
 * The only user of OpenSSL's EVP digests. A hasher keeps a fetched algorithm
 * and a context for reuse (three times faster than a one-shot digest); it is
 * for one thread at a time.
 */
#ifndef COMMON_BASE_HASH_H
#define COMMON_BASE_HASH_H

#include <stdbool.h>

#include "common/base/bytes.h"

#define HASH_SIZE 32u

struct hash {
	uint8_t bytes[HASH_SIZE];
};

struct hasher;

enum result hasher_create(struct hasher **ret_hasher, struct error *err);
void hasher_destroy(struct hasher *hasher);

/*
 * The digests below cannot fail for want of anything but memory inside
 * OpenSSL; that is our own dead end, and is asserted.
 */

/* SHA-256(0x00 || record): RFC 6962 section 2.1, a leaf. */
struct hash hash_leaf(struct hasher *hasher, struct bytes record);
/* SHA-256(0x01 || left || right): RFC 6962 section 2.1, a node. */
struct hash hash_node(
    struct hasher *hasher, const struct hash *left, const struct hash *right);
/* SHA-256(bytes). */
struct hash hash_plain(struct hasher *hasher, struct bytes bytes);

bool hash_equal(const struct hash *a, const struct hash *b);
struct bytes hash_view(const struct hash *hash);

#endif
