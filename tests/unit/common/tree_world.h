/*
 * tree_world: a recursive transcript of RFC 6962, which knows nothing of tiles
 * or frontiers, and a store of tiles, for the tests of the Merkle tree.
 */
#ifndef TESTS_UNIT_COMMON_TREE_WORLD_H
#define TESTS_UNIT_COMMON_TREE_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/limits.h"
#include "common/ledger/tree.h"

#define LEAVES_MAX 70000u
#define TILES_MAX 300u

static struct hasher *hasher;
static struct hash leaves[LEAVES_MAX];
static struct error error;

/* --- RFC 6962 section 2.1, word for word ---------------------------------- */

static inline uint64_t split(uint64_t count)
{
	uint64_t k = 1;

	while (k * 2 < count)
		k *= 2;
	return k;
}

static inline struct hash naive_root(uint64_t start, uint64_t count)
{
	struct hash left;
	struct hash right;

	if (count == 0)
		return hash_plain(hasher, bytes_of(NULL, 0));
	if (count == 1)
		return leaves[start];
	left = naive_root(start, split(count));
	right = naive_root(start + split(count), count - split(count));
	return hash_node(hasher, &left, &right);
}

static inline void naive_path(
    uint64_t m, uint64_t start, uint64_t count, struct proof *proof)
{
	uint64_t k = split(count);

	if (count == 1)
		return;
	if (m < k) {
		naive_path(m, start, k, proof);
		proof->hashes[proof->count++] =
		    naive_root(start + k, count - k);
	} else {
		naive_path(m - k, start + k, count - k, proof);
		proof->hashes[proof->count++] = naive_root(start, k);
	}
}

/* --- a store of tiles ----------------------------------------------------- */

struct store {
	struct tile *tiles[3][TILES_MAX];
	const struct tree *tree; /* for what may be asked of us */
	unsigned puts;
	unsigned puts_until_failure; /* 0 is never */
	unsigned reads_until_failure;
};

static inline bool countdown(unsigned *left)
{
	return *left > 0 && --*left == 0;
}

static inline enum result store_put(
    void *context, const struct tile *tile, struct error *err)
{
	struct store *store = context;
	struct tile **place = &store->tiles[tile->level][tile->number];

	if (countdown(&store->puts_until_failure))
		return error_set(err, RESULT_IO, "the disk is full");
	assert_true(tile->level < 3 && tile->number < TILES_MAX);
	if (*place == NULL)
		*place = malloc(sizeof(**place));
	assert_non_null(*place);
	**place = *tile;
	store->puts++;
	return RESULT_OK;
}

static inline enum result store_read(void *context, uint8_t level,
    uint64_t number, struct tile *ret_tile, struct error *err)
{
	struct store *store = context;

	if (countdown(&store->reads_until_failure))
		return error_set(err, RESULT_IO, "the disk is gone");
	assert_true(level < 3 && number < TILES_MAX);
	assert_non_null(store->tiles[level][number]);
	if (store->tree != NULL)
		assert_true((number + 1) << (8 * (level + 1)) <=
			    tree_size(store->tree));
	*ret_tile = *store->tiles[level][number];
	return RESULT_OK;
}

static inline void store_finish(struct store *store)
{
	for (unsigned level = 0; level < 3; level++)
		for (unsigned i = 0; i < TILES_MAX; i++)
			free(store->tiles[level][i]);
}

static inline struct tree *create(void)
{
	struct tree *tree;

	assert_int_equal(tree_create(&tree, &error), RESULT_OK);
	return tree;
}

static inline void append(
    struct tree *tree, struct store *store, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		assert_int_equal(tree_append(tree, hasher, &leaves[i],
				     store_put, store, &error),
		    RESULT_OK);
}

static inline void assert_hash_equal(const struct hash *a, const struct hash *b)
{
	assert_memory_equal(a->bytes, b->bytes, HASH_SIZE);
}

static inline void assert_proof_equal(
    const struct proof *proof, const struct proof *want)
{
	assert_int_equal(proof->count, want->count);
	for (size_t i = 0; i < want->count; i++)
		assert_hash_equal(&proof->hashes[i], &want->hashes[i]);
}

static inline void assert_inclusion(
    const struct tree *tree, struct store *store, uint64_t index, uint64_t size)
{
	struct proof proof;
	struct proof want = {0};

	naive_path(index, 0, size, &want);
	assert_int_equal(tree_prove_inclusion(tree, hasher, index, size,
			     store_read, store, &proof, &error),
	    RESULT_OK);
	assert_proof_equal(&proof, &want);
}

/* --- restoring ------------------------------------------------------------ */

/*
 * A tree whose leaves are all the same has one hash for each height, so trees
 * of any size can be had without their leaves.
 */
static struct hash uniform[64];

/* --- the vectors of transparency-dev/merkle ------------------------------- */

static inline int setup(void **state)
{
	(void)state;
	if (hasher_create(&hasher, &error) != RESULT_OK)
		return -1;
	for (uint32_t i = 0; i < LEAVES_MAX; i++)
		leaves[i] = hash_leaf(hasher, bytes_of(&i, sizeof(i)));
	uniform[0] = leaves[0];
	for (unsigned i = 1; i < 64; i++)
		uniform[i] =
		    hash_node(hasher, &uniform[i - 1], &uniform[i - 1]);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	hasher_destroy(hasher);
	return 0;
}

#endif
