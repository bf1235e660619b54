/*
 * hash: SHA-256 through one fetched algorithm and one context.
 *
 * Fetching looks the algorithm up by name under a lock, and a fresh context
 * allocates; both cost more than the hash of a short record, so that a hasher
 * does each once.
 */
#include "common/base/hash.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define LEAF_PREFIX 0x00u
#define NODE_PREFIX 0x01u
/*
 * A leaf below this is copied behind its prefix: one update of 201 bytes is a
 * tenth quicker than one of 1 and one of 200.
 */
#define LEAF_COPY_SIZE_MAX 512u

struct hasher {
	EVP_MD *digest;
	EVP_MD_CTX *context;
};

enum result hasher_create(struct hasher **ret_hasher, struct error *err)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));

	if (hasher == NULL)
		return error_no_memory(err);
	hasher->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	/* The first start ties the context to the digest; those of the hashes
	 * below begin it anew without looking anything up. */
	if (hasher->digest == NULL || hasher->context == NULL ||
	    EVP_DigestInit_ex2(hasher->context, hasher->digest, NULL) != 1) {
		hasher_destroy(hasher);
		return error_set(
		    err, RESULT_NO_MEMORY, "SHA-256 is not to be had");
	}
	*ret_hasher = hasher;
	return RESULT_OK;
}

void hasher_destroy(struct hasher *hasher)
{
	if (hasher == NULL)
		return;
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->digest);
	free(hasher);
}

static void hasher_start(struct hasher *hasher)
{
	int done = EVP_DigestInit_ex2(hasher->context, hasher->digest, NULL);

	assert(done == 1);
}

static void hasher_add(struct hasher *hasher, const void *data, size_t size)
{
	int done = EVP_DigestUpdate(hasher->context, data, size);

	assert(done == 1);
}

static struct hash hasher_end(struct hasher *hasher)
{
	struct hash hash;
	int done = EVP_DigestFinal_ex(hasher->context, hash.bytes, NULL);

	assert(done == 1);
	return hash;
}

struct hash hash_leaf(struct hasher *hasher, struct bytes record)
{
	static const uint8_t prefix = LEAF_PREFIX;
	uint8_t leaf[LEAF_COPY_SIZE_MAX];

	if (record.size < sizeof(leaf)) {
		leaf[0] = LEAF_PREFIX;
		if (record.size > 0)
			memcpy(leaf + 1, record.data, record.size);
		return hash_plain(hasher, bytes_of(leaf, 1 + record.size));
	}
	hasher_start(hasher);
	hasher_add(hasher, &prefix, sizeof(prefix));
	hasher_add(hasher, record.data, record.size);
	return hasher_end(hasher);
}

struct hash hash_node(
    struct hasher *hasher, const struct hash *left, const struct hash *right)
{
	uint8_t node[1 + 2 * HASH_SIZE];

	/* One update of 65 bytes is quicker than three. */
	node[0] = NODE_PREFIX;
	memcpy(node + 1, left->bytes, HASH_SIZE);
	memcpy(node + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
	return hash_plain(hasher, bytes_of(node, sizeof(node)));
}

struct hash hash_plain(struct hasher *hasher, struct bytes bytes)
{
	hasher_start(hasher);
	hasher_add(hasher, bytes.data, bytes.size);
	return hasher_end(hasher);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

struct bytes hash_view(const struct hash *hash)
{
	return bytes_of(hash->bytes, HASH_SIZE);
}
