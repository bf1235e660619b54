/*
 * test_tree_proofs: proofs of the Merkle tree against the recursive transcript
 * of RFC 6962, and their verification, also against the vectors of others.
 */
#include "tests/unit/common/tree_world.h"

#include <jansson.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(proofs_equal_the_recursion_for_all_pairs),
	    cmocka_unit_test(proofs_for_older_checkpoints_come_from_full_tiles),
	    cmocka_unit_test(proofs_hold_while_the_tree_grows),
	    cmocka_unit_test(proofs_of_three_levels_verify),
	    cmocka_unit_test(refuses_to_prove_what_is_outside_the_tree),
	    cmocka_unit_test(read_that_fails_at_any_tile_fails_the_proof),
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
