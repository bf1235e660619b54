/*
 * test_tree: the Merkle tree against a recursive transcript of RFC 6962, which
 * knows nothing of tiles or frontiers, and against the vectors of others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/limits.h"
#include "common/ledger/tree.h"

#define LEAVES_MAX 70000u
#define TILES_MAX 300u

static struct hasher *hasher;
static struct hash leaves[LEAVES_MAX];
static struct error error;

/* --- RFC 6962 section 2.1, word for word ---------------------------------- */

static uint64_t split(uint64_t count)
{
	uint64_t k = 1;

	while (k * 2 < count)
		k *= 2;
	return k;
}

static struct hash naive_root(uint64_t start, uint64_t count)
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

static void naive_path(
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

static void naive_subproof(
    uint64_t m, uint64_t start, uint64_t count, bool known, struct proof *proof)
{
	uint64_t k = split(count);

	if (m == count) {
		if (!known)
			proof->hashes[proof->count++] =
			    naive_root(start, count);
		return;
	}
	if (m <= k) {
		naive_subproof(m, start, k, known, proof);
		proof->hashes[proof->count++] =
		    naive_root(start + k, count - k);
	} else {
		naive_subproof(m - k, start + k, count - k, false, proof);
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

static bool countdown(unsigned *left)
{
	return *left > 0 && --*left == 0;
}

static enum result store_put(
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

static enum result store_read(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err)
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

static void store_finish(struct store *store)
{
	for (unsigned level = 0; level < 3; level++)
		for (unsigned i = 0; i < TILES_MAX; i++)
			free(store->tiles[level][i]);
}

static struct tree *create(void)
{
	struct tree *tree;

	assert_int_equal(tree_create(&tree, &error), RESULT_OK);
	return tree;
}

static void append(
    struct tree *tree, struct store *store, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		assert_int_equal(tree_append(tree, hasher, &leaves[i],
				     store_put, store, &error),
		    RESULT_OK);
}

static void assert_hash_equal(const struct hash *a, const struct hash *b)
{
	assert_memory_equal(a->bytes, b->bytes, HASH_SIZE);
}

static void assert_root(const struct tree *tree, uint64_t size)
{
	struct hash want = naive_root(0, size);
	struct hash root = tree_root(tree, hasher);

	assert_int_equal(tree_size(tree), size);
	assert_hash_equal(&root, &want);
}

static void assert_proof_equal(
    const struct proof *proof, const struct proof *want)
{
	assert_int_equal(proof->count, want->count);
	for (size_t i = 0; i < want->count; i++)
		assert_hash_equal(&proof->hashes[i], &want->hashes[i]);
}

static void assert_inclusion(
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

static void assert_consistency(const struct tree *tree, struct store *store,
    uint64_t old_size, uint64_t size)
{
	struct proof proof;
	struct proof want = {0};

	naive_subproof(old_size, 0, size, true, &want);
	assert_int_equal(tree_prove_consistency(tree, hasher, old_size, size,
			     store_read, store, &proof, &error),
	    RESULT_OK);
	assert_proof_equal(&proof, &want);
}

/* Numbers that look random and are the same each time. */
static uint64_t random_below(uint64_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* --- the root ------------------------------------------------------------- */

static void empty_tree_has_the_hash_of_nothing(void **state)
{
	static const char want[] = "e3b0c44298fc1c149afbf4c8996fb924"
				   "27ae41e4649b934ca495991b7852b855";
	struct tree *tree = create();
	struct hash root = tree_root(tree, hasher);
	char text[2 * HASH_SIZE + 1];

	(void)state;
	bytes_to_hex(hash_view(&root), text);
	assert_string_equal(text, want);
	assert_int_equal(tree_size(tree), 0);
	tree_destroy(tree);
}

/* The eight leaves of the certificate transparency project's own tests. */
static void roots_are_those_of_the_reference_implementation(void **state)
{
	static const char *const inputs[] = {"", "00", "10", "2021", "3031",
	    "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
	static const char *const roots[] = {
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	struct tree *tree = create();
	char text[2 * HASH_SIZE + 1];
	uint8_t data[16];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		size_t size = strlen(inputs[i]) / 2;
		struct hash hash;

		assert_true(bytes_from_hex(inputs[i], data, size));
		hash = hash_leaf(hasher, bytes_of(data, size));
		assert_int_equal(
		    tree_append(tree, hasher, &hash, NULL, NULL, &error),
		    RESULT_OK);
		hash = tree_root(tree, hasher);
		bytes_to_hex(hash_view(&hash), text);
		assert_string_equal(text, roots[i]);
	}
	tree_destroy(tree);
}

static void root_equals_the_recursion_at_every_size(void **state)
{
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	for (uint64_t size = 1; size <= 600; size++) {
		append(tree, &store, size - 1, size);
		assert_root(tree, size);
	}
	tree_destroy(tree);
	store_finish(&store);
}

static void full_tiles_are_handed_out_once_and_hold_the_subtrees(void **state)
{
	struct store store = {0};
	struct tree *tree = create();
	struct hash want;

	(void)state;
	append(tree, &store, 0, 255);
	assert_int_equal(store.puts, 0);
	append(tree, &store, 255, 256);
	assert_int_equal(store.puts, 1);
	append(tree, &store, 256, 65535);
	assert_int_equal(store.puts, 255);
	append(tree, &store, 65535, 65536);
	assert_int_equal(store.puts, 257);
	append(tree, &store, 65536, LEAVES_MAX);
	assert_int_equal(store.puts, LEAVES_MAX / 256 + 1);
	for (unsigned i = 0; i < 256; i++) {
		assert_hash_equal(
		    &store.tiles[0][7]->hashes[i], &leaves[7 * 256 + i]);
		if (i % 16 != 3)
			continue;
		want = naive_root(256ull * i, 256);
		assert_hash_equal(&store.tiles[1][0]->hashes[i], &want);
	}
	assert_int_equal(store.tiles[1][0]->level, 1);
	assert_int_equal(store.tiles[0][272]->number, 272);
	assert_null(store.tiles[0][273]);
	assert_root(tree, LEAVES_MAX);
	tree_destroy(tree);
	store_finish(&store);
}

static void append_whose_tile_is_not_kept_changes_nothing(void **state)
{
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	append(tree, &store, 0, 65535);
	for (unsigned n = 1; n <= 2; n++) {
		store.puts_until_failure = n;
		assert_int_equal(tree_append(tree, hasher, &leaves[65535],
				     store_put, &store, &error),
		    RESULT_IO);
		assert_string_equal(error.text, "the disk is full");
		assert_root(tree, 65535);
	}
	store.puts_until_failure = 0;
	append(tree, &store, 65535, 65600);
	assert_root(tree, 65600);
	assert_inclusion(tree, &store, 65535, 65600);
	tree_destroy(tree);
	store_finish(&store);
}

static void destroys_nothing_at_all(void **state)
{
	(void)state;
	tree_destroy(NULL);
}

/* --- proofs --------------------------------------------------------------- */

static void proofs_equal_the_recursion_for_all_pairs(void **state)
{
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	append(tree, &store, 0, 70);
	for (uint64_t size = 1; size <= 70; size++) {
		for (uint64_t i = 0; i < size; i++) {
			assert_inclusion(tree, &store, i, size);
			assert_consistency(tree, &store, i + 1, size);
		}
	}
	tree_destroy(tree);
}

/* Sizes at both sides of where tiles fill, in a tree that is larger. */
static void proofs_for_older_checkpoints_come_from_full_tiles(void **state)
{
	static const uint64_t sizes[] = {
	    255, 256, 257, 300, 511, 512, 513, 767, 768, 769};
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	append(tree, &store, 0, 800);
	store.tree = tree;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (uint64_t i = s; i < sizes[s]; i += 29) {
			assert_inclusion(tree, &store, i, sizes[s]);
			assert_consistency(tree, &store, i + 1, sizes[s]);
		}
		assert_inclusion(tree, &store, sizes[s] - 1, sizes[s]);
		assert_consistency(tree, &store, sizes[s] - 1, sizes[s]);
	}
	tree_destroy(tree);
	store_finish(&store);
}

/* At each size, with the tiles that there are at that moment. */
static void proofs_hold_while_the_tree_grows(void **state)
{
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	store.tree = tree;
	for (uint64_t size = 1; size <= 600; size++) {
		append(tree, &store, size - 1, size);
		assert_inclusion(tree, &store, random_below(size), size);
		assert_consistency(tree, &store, random_below(size) + 1, size);
	}
	tree_destroy(tree);
	store_finish(&store);
}

static void assert_proofs_verify(const struct tree *tree, struct store *store,
    uint64_t index, uint64_t old_size, uint64_t size)
{
	struct hash old_root = naive_root(0, old_size);
	struct hash root = naive_root(0, size);
	struct proof proof;

	assert_int_equal(tree_prove_inclusion(tree, hasher, index, size,
			     store_read, store, &proof, &error),
	    RESULT_OK);
	assert_int_equal(
	    tree_verify_inclusion(hasher, index, size, &leaves[index],
		proof.hashes, proof.count, &root, &error),
	    RESULT_OK);
	assert_int_equal(tree_prove_consistency(tree, hasher, old_size, size,
			     store_read, store, &proof, &error),
	    RESULT_OK);
	assert_int_equal(
	    tree_verify_consistency(hasher, old_size, size, proof.hashes,
		proof.count, &old_root, &root, &error),
	    RESULT_OK);
}

static void proofs_of_three_levels_verify(void **state)
{
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	append(tree, &store, 0, LEAVES_MAX);
	store.tree = tree;
	for (unsigned round = 0; round < 4; round++) {
		uint64_t size =
		    round == 0 ? LEAVES_MAX : random_below(LEAVES_MAX) + 1;

		assert_proofs_verify(tree, &store, random_below(size),
		    random_below(size) + 1, size);
	}
	assert_proofs_verify(tree, &store, 65535, 65536, 65537);
	assert_proofs_verify(tree, &store, 65536, 65535, LEAVES_MAX);
	assert_inclusion(tree, &store, 0, LEAVES_MAX);
	assert_inclusion(tree, &store, 65535, LEAVES_MAX);
	assert_inclusion(tree, &store, LEAVES_MAX - 1, LEAVES_MAX);
	assert_consistency(tree, &store, 65536, LEAVES_MAX);
	assert_consistency(tree, &store, 65281, 65793);
	tree_destroy(tree);
	store_finish(&store);
}

static void refuses_to_prove_what_is_outside_the_tree(void **state)
{
	struct tree *tree = create();
	struct store store = {0};
	struct proof proof = {.count = 77};

	(void)state;
	append(tree, &store, 0, 10);
	assert_int_equal(tree_prove_inclusion(
			     tree, hasher, 0, 0, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_prove_inclusion(
			     tree, hasher, 10, 10, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_prove_inclusion(
			     tree, hasher, 3, 11, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_prove_consistency(
			     tree, hasher, 3, 11, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_prove_consistency(
			     tree, hasher, 4, 3, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_prove_consistency(
			     tree, hasher, 0, 3, NULL, NULL, &proof, &error),
	    RESULT_INVALID);
	assert_int_equal(proof.count, 77);
	tree_destroy(tree);
}

static void read_that_fails_at_any_tile_fails_the_proof(void **state)
{
	struct store store = {0};
	struct tree *tree = create();
	struct proof proof = {.count = 77};
	enum result result = RESULT_IO;
	unsigned failures = 0;

	(void)state;
	append(tree, &store, 0, LEAVES_MAX);
	for (unsigned n = 1; result != RESULT_OK; n++) {
		store.reads_until_failure = n;
		result = tree_prove_inclusion(tree, hasher, 300, 65900,
		    store_read, &store, &proof, &error);
		if (result == RESULT_OK)
			break;
		failures++;
		assert_int_equal(result, RESULT_IO);
		assert_string_equal(error.text, "the disk is gone");
		assert_int_equal(proof.count, 77);
	}
	/* The leaf's tile, the tile of its level-1 hash, the old edge. */
	assert_int_equal(failures, 3);
	store.reads_until_failure = 1;
	assert_int_equal(tree_prove_consistency(tree, hasher, 300, 65900,
			     store_read, &store, &proof, &error),
	    RESULT_IO);
	tree_destroy(tree);
	store_finish(&store);
}

/* --- restoring ------------------------------------------------------------ */

static void restore_to(struct store *store, uint64_t size)
{
	struct tree *tree = create();
	uint64_t from;

	assert_int_equal(
	    tree_restore(tree, size, store_read, store, &from, &error),
	    RESULT_OK);
	assert_int_equal(from, size / 256 * 256);
	assert_int_equal(tree_size(tree), from);
	append(tree, store, from, size);
	assert_root(tree, size);
	/* And on past the next tile, as if nothing had been. */
	if (size + 300 < LEAVES_MAX) {
		append(tree, store, size, size + 300);
		assert_root(tree, size + 300);
		assert_inclusion(tree, store, size / 2, size + 300);
		assert_inclusion(tree, store, size + 299, size + 300);
	}
	tree_destroy(tree);
}

static void restored_tree_goes_on_as_the_one_before(void **state)
{
	static const uint64_t sizes[] = {0, 1, 255, 256, 257, 511, 512, 513,
	    1000, 4096, 5000, 65535, 65536, 65537, LEAVES_MAX};
	struct store store = {0};
	struct tree *tree = create();

	(void)state;
	append(tree, &store, 0, LEAVES_MAX);
	tree_destroy(tree);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		restore_to(&store, sizes[i]);
	store_finish(&store);
}

static void restore_that_cannot_read_leaves_the_tree_empty(void **state)
{
	struct store store = {0};
	struct tree *tree = create();
	uint64_t from = 77;
	enum result result;
	unsigned n;

	(void)state;
	append(tree, &store, 0, 1100);
	tree_destroy(tree);
	tree = create();
	for (n = 1;; n++) {
		store.reads_until_failure = n;
		result =
		    tree_restore(tree, 1100, store_read, &store, &from, &error);
		if (result == RESULT_OK)
			break;
		assert_int_equal(result, RESULT_IO);
		assert_int_equal(tree_size(tree), 0);
		assert_int_equal(from, 77);
	}
	assert_int_equal(n, 5);
	append(tree, &store, 1024, 1100);
	assert_root(tree, 1100);
	tree_destroy(tree);
	store_finish(&store);
}

/*
 * A tree whose leaves are all the same has one hash for each height, so trees
 * of any size can be had without their leaves.
 */
static struct hash uniform[64];

static enum result uniform_read(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err)
{
	(void)context;
	(void)number;
	(void)err;
	for (unsigned i = 0; i < TILE_WIDTH; i++)
		ret_tile->hashes[i] = uniform[8 * level];
	return RESULT_OK;
}

static struct hash uniform_root(uint64_t size)
{
	unsigned height = 63 - (unsigned)__builtin_clzll(size);
	uint64_t rest = size - (1ull << height);
	struct hash right;

	if (rest == 0)
		return uniform[height];
	right = uniform_root(rest);
	return hash_node(hasher, &uniform[height], &right);
}

static void uniform_verify(
    const struct tree *tree, uint64_t index, uint64_t size)
{
	struct hash old_root = uniform_root(index + 1);
	struct hash root = uniform_root(size);
	struct proof proof;

	assert_int_equal(tree_prove_inclusion(tree, hasher, index, size,
			     uniform_read, NULL, &proof, &error),
	    RESULT_OK);
	assert_int_equal(tree_verify_inclusion(hasher, index, size, &uniform[0],
			     proof.hashes, proof.count, &root, &error),
	    RESULT_OK);
	assert_int_equal(tree_prove_consistency(tree, hasher, index + 1, size,
			     uniform_read, NULL, &proof, &error),
	    RESULT_OK);
	assert_int_equal(
	    tree_verify_consistency(hasher, index + 1, size, proof.hashes,
		proof.count, &old_root, &root, &error),
	    RESULT_OK);
}

static void tree_works_up_to_its_last_leaf_and_refuses_one_more(void **state)
{
	struct tree *tree = create();
	struct hash want = uniform_root(SEQUENCE_MAX);
	struct hash root;
	uint64_t from;

	(void)state;
	assert_int_equal(
	    tree_restore(tree, SEQUENCE_MAX, uniform_read, NULL, &from, &error),
	    RESULT_OK);
	for (uint64_t i = from; i < SEQUENCE_MAX; i++)
		assert_int_equal(
		    tree_append(tree, hasher, &uniform[0], NULL, NULL, &error),
		    RESULT_OK);
	root = tree_root(tree, hasher);
	assert_hash_equal(&root, &want);
	uniform_verify(tree, 0, SEQUENCE_MAX);
	uniform_verify(tree, SEQUENCE_MAX - 1, SEQUENCE_MAX);
	uniform_verify(tree, SEQUENCE_MAX / 3, SEQUENCE_MAX);
	uniform_verify(tree, 1ull << 40, (1ull << 62) + 12345);
	assert_int_equal(
	    tree_append(tree, hasher, &uniform[0], NULL, NULL, &error),
	    RESULT_LIMIT);
	assert_int_equal(tree_size(tree), SEQUENCE_MAX);
	tree_destroy(tree);
}

static void refuses_to_restore_more_than_any_tree_has(void **state)
{
	struct tree *tree = create();
	uint64_t from;

	(void)state;
	assert_int_equal(tree_restore(tree, SEQUENCE_MAX + 1, uniform_read,
			     NULL, &from, &error),
	    RESULT_LIMIT);
	assert_int_equal(tree_size(tree), 0);
	tree_destroy(tree);
}

/* --- verification --------------------------------------------------------- */

#define PROVED_SIZE 47u

static void flip(struct hash *hash, unsigned bit)
{
	hash->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static enum result verify_inclusion(uint64_t index, const struct hash *leaf,
    const struct proof *proof, const struct hash *root)
{
	return tree_verify_inclusion(hasher, index, PROVED_SIZE, leaf,
	    proof->hashes, proof->count, root, &error);
}

static void inclusion_with_any_bit_flipped_is_refused(void **state)
{
	struct hash root = naive_root(0, PROVED_SIZE);
	struct hash leaf = leaves[21];
	struct proof proof = {0};

	(void)state;
	naive_path(21, 0, PROVED_SIZE, &proof);
	assert_int_equal(verify_inclusion(21, &leaf, &proof, &root), RESULT_OK);
	for (unsigned bit = 0; bit < 8 * HASH_SIZE; bit++) {
		for (size_t i = 0; i < proof.count; i++) {
			flip(&proof.hashes[i], bit);
			assert_int_equal(
			    verify_inclusion(21, &leaf, &proof, &root),
			    RESULT_INVALID);
			flip(&proof.hashes[i], bit);
		}
		flip(&leaf, bit);
		assert_int_equal(
		    verify_inclusion(21, &leaf, &proof, &root), RESULT_INVALID);
		flip(&leaf, bit);
		flip(&root, bit);
		assert_int_equal(
		    verify_inclusion(21, &leaf, &proof, &root), RESULT_INVALID);
		flip(&root, bit);
	}
	assert_int_equal(verify_inclusion(21, &leaf, &proof, &root), RESULT_OK);
}

static void inclusion_under_another_index_or_length_is_refused(void **state)
{
	struct hash root = naive_root(0, PROVED_SIZE);
	struct proof proof = {0};

	(void)state;
	naive_path(21, 0, PROVED_SIZE, &proof);
	for (uint64_t index = 0; index < PROVED_SIZE + 20; index++)
		if (index != 21)
			assert_int_equal(
			    verify_inclusion(index, &leaves[21], &proof, &root),
			    RESULT_INVALID);
	proof.count++;
	assert_int_equal(
	    verify_inclusion(21, &leaves[21], &proof, &root), RESULT_INVALID);
	assert_string_equal(error.text, "proof: it has too many hashes");
	for (proof.count -= 2; proof.count > 0; proof.count--) {
		assert_int_equal(
		    verify_inclusion(21, &leaves[21], &proof, &root),
		    RESULT_INVALID);
		assert_string_equal(error.text, "proof: it has too few hashes");
	}
}

static enum result verify_consistency(uint64_t old_size,
    const struct proof *proof, const struct hash *old_root,
    const struct hash *root)
{
	return tree_verify_consistency(hasher, old_size, PROVED_SIZE,
	    proof->hashes, proof->count, old_root, root, &error);
}

static void consistency_with_any_bit_flipped_is_refused(void **state)
{
	static const uint64_t old_sizes[] = {1, 21, 32, 40, 46};
	struct hash root = naive_root(0, PROVED_SIZE);

	(void)state;
	for (size_t s = 0; s < sizeof(old_sizes) / sizeof(*old_sizes); s++) {
		uint64_t old_size = old_sizes[s];
		struct hash old_root = naive_root(0, old_size);
		struct proof proof = {0};

		naive_subproof(old_size, 0, PROVED_SIZE, true, &proof);
		assert_int_equal(
		    verify_consistency(old_size, &proof, &old_root, &root),
		    RESULT_OK);
		for (unsigned bit = 0; bit < 8 * HASH_SIZE; bit += 5) {
			for (size_t i = 0; i < proof.count; i++) {
				flip(&proof.hashes[i], bit);
				assert_int_equal(verify_consistency(old_size,
						     &proof, &old_root, &root),
				    RESULT_INVALID);
				flip(&proof.hashes[i], bit);
			}
			flip(&root, bit);
			assert_int_equal(verify_consistency(old_size, &proof,
					     &old_root, &root),
			    RESULT_INVALID);
			flip(&root, bit);
			flip(&old_root, bit);
			assert_int_equal(verify_consistency(old_size, &proof,
					     &old_root, &root),
			    RESULT_INVALID);
			flip(&old_root, bit);
		}
	}
}

static void consistency_of_another_length_or_direction_is_refused(void **state)
{
	struct hash old_root = naive_root(0, 21);
	struct hash root = naive_root(0, PROVED_SIZE);
	struct proof proof = {0};

	(void)state;
	naive_subproof(21, 0, PROVED_SIZE, true, &proof);
	assert_int_equal(
	    verify_consistency(PROVED_SIZE + 1, &proof, &old_root, &root),
	    RESULT_INVALID);
	assert_int_equal(
	    verify_consistency(0, &proof, &old_root, &root), RESULT_INVALID);
	assert_int_equal(verify_consistency(PROVED_SIZE, &proof, &root, &root),
	    RESULT_INVALID);
	proof.count++;
	assert_int_equal(
	    verify_consistency(21, &proof, &old_root, &root), RESULT_INVALID);
	assert_string_equal(error.text, "proof: it has too many hashes");
	for (proof.count -= 2;; proof.count--) {
		assert_int_equal(
		    verify_consistency(21, &proof, &old_root, &root),
		    RESULT_INVALID);
		assert_string_equal(error.text, "proof: it has too few hashes");
		if (proof.count == 0)
			break;
	}
}

static void tree_is_consistent_with_itself_by_an_empty_proof(void **state)
{
	struct hash root = naive_root(0, PROVED_SIZE);
	struct hash other = naive_root(1, PROVED_SIZE);

	(void)state;
	assert_int_equal(tree_verify_consistency(hasher, PROVED_SIZE,
			     PROVED_SIZE, NULL, 0, &root, &root, &error),
	    RESULT_OK);
	assert_int_equal(tree_verify_consistency(hasher, PROVED_SIZE,
			     PROVED_SIZE, NULL, 0, &root, &other, &error),
	    RESULT_INVALID);
	assert_int_equal(tree_verify_consistency(hasher, PROVED_SIZE,
			     PROVED_SIZE, NULL, 0, &other, &root, &error),
	    RESULT_INVALID);
}

/* --- the vectors of transparency-dev/merkle ------------------------------- */

/* Some hashes there are shorter than 32 bytes, one pair of roots to be accepted
 * among them: they go in with zeroes behind them, and keep their difference. */
static struct hash vector_hash(const json_t *value)
{
	struct hash hash = {0};
	size_t size;

	assert_true(json_is_string(value));
	assert_true(bytes_from_base64(bytes_of_string(json_string_value(value)),
	    hash.bytes, HASH_SIZE, &size));
	return hash;
}

/* Integers are read as reals: 2^64 - 1 is more than jansson's take. */
static uint64_t vector_number(const json_t *vector, const char *key)
{
	double value = json_real_value(json_object_get(vector, key));

	if (value >= 18446744073709551615.0)
		return UINT64_MAX;
	assert_true(value >= 0 && value < 9007199254740992.0);
	return (uint64_t)value;
}

static void vector_proof(const json_t *vector, struct proof *proof)
{
	const json_t *list = json_object_get(vector, "proof");

	proof->count = json_array_size(list);
	assert_true(proof->count <= PROOF_HASHES_MAX);
	for (size_t i = 0; i < proof->count; i++)
		proof->hashes[i] = vector_hash(json_array_get(list, i));
}

/* A leaf without a hash is what a reader refuses on taking it in: a struct hash
 * has no form for it. All else is left to the verifier. */
static enum result vector_inclusion(const json_t *vector)
{
	const json_t *leaf_text = json_object_get(vector, "leafHash");
	struct hash leaf = vector_hash(leaf_text);
	struct hash root = vector_hash(json_object_get(vector, "root"));
	struct proof proof;

	if (json_string_length(leaf_text) == 0)
		return RESULT_INVALID;
	vector_proof(vector, &proof);
	return tree_verify_inclusion(hasher, vector_number(vector, "leafIdx"),
	    vector_number(vector, "treeSize"), &leaf, proof.hashes, proof.count,
	    &root, &error);
}

static enum result vector_consistency(const json_t *vector)
{
	struct hash old_root = vector_hash(json_object_get(vector, "root1"));
	struct hash root = vector_hash(json_object_get(vector, "root2"));
	struct proof proof;

	vector_proof(vector, &proof);
	return tree_verify_consistency(hasher, vector_number(vector, "size1"),
	    vector_number(vector, "size2"), proof.hashes, proof.count,
	    &old_root, &root, &error);
}

static void run_vectors(const char *path,
    enum result (*verify)(const json_t *vector), unsigned want_count)
{
	FILE *file = fopen(path, "r");
	char line[8192];
	unsigned count = 0;

	if (file == NULL)
		fail_msg("%s: run this from the repository's root", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		json_t *vector =
		    json_loads(line, JSON_DECODE_INT_AS_REAL, NULL);
		bool want_error;

		assert_non_null(vector);
		want_error = json_is_true(json_object_get(vector, "wantErr"));
		if ((verify(vector) != RESULT_OK) != want_error)
			fail_msg("%s: %s", path,
			    json_string_value(json_object_get(vector, "name")));
		json_decref(vector);
		count++;
	}
	fclose(file);
	assert_int_equal(count, want_count);
}

static void inclusion_vectors_hold(void **state)
{
	(void)state;
	run_vectors(
	    "tests/vectors/merkle-inclusion.jsonl", vector_inclusion, 65);
}

static void consistency_vectors_hold(void **state)
{
	(void)state;
	run_vectors(
	    "tests/vectors/merkle-consistency.jsonl", vector_consistency, 57);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	(void)state;
	hasher_destroy(hasher);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_tree_has_the_hash_of_nothing),
	    cmocka_unit_test(roots_are_those_of_the_reference_implementation),
	    cmocka_unit_test(root_equals_the_recursion_at_every_size),
	    cmocka_unit_test(
		full_tiles_are_handed_out_once_and_hold_the_subtrees),
	    cmocka_unit_test(append_whose_tile_is_not_kept_changes_nothing),
	    cmocka_unit_test(destroys_nothing_at_all),
	    cmocka_unit_test(proofs_equal_the_recursion_for_all_pairs),
	    cmocka_unit_test(proofs_for_older_checkpoints_come_from_full_tiles),
	    cmocka_unit_test(proofs_hold_while_the_tree_grows),
	    cmocka_unit_test(proofs_of_three_levels_verify),
	    cmocka_unit_test(refuses_to_prove_what_is_outside_the_tree),
	    cmocka_unit_test(read_that_fails_at_any_tile_fails_the_proof),
	    cmocka_unit_test(restored_tree_goes_on_as_the_one_before),
	    cmocka_unit_test(restore_that_cannot_read_leaves_the_tree_empty),
	    cmocka_unit_test(
		tree_works_up_to_its_last_leaf_and_refuses_one_more),
	    cmocka_unit_test(refuses_to_restore_more_than_any_tree_has),
	    cmocka_unit_test(inclusion_with_any_bit_flipped_is_refused),
	    cmocka_unit_test(
		inclusion_under_another_index_or_length_is_refused),
	    cmocka_unit_test(consistency_with_any_bit_flipped_is_refused),
	    cmocka_unit_test(
		consistency_of_another_length_or_direction_is_refused),
	    cmocka_unit_test(tree_is_consistent_with_itself_by_an_empty_proof),
	    cmocka_unit_test(inclusion_vectors_hold),
	    cmocka_unit_test(consistency_vectors_hold),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
