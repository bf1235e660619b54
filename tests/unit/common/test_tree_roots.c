/*
 * test_tree_roots: roots of the Merkle tree against the recursive transcript of
 * RFC 6962, and trees restored from their tiles.
 */
#include "tests/unit/common/tree_world.h"

#include <string.h>

static void assert_root(const struct tree *tree, uint64_t size)
{
	struct hash want = naive_root(0, size);
	struct hash root = tree_root(tree, hasher);

	assert_int_equal(tree_size(tree), size);
	assert_hash_equal(&root, &want);
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
	    cmocka_unit_test(restored_tree_goes_on_as_the_one_before),
	    cmocka_unit_test(restore_that_cannot_read_leaves_the_tree_empty),
	    cmocka_unit_test(
		tree_works_up_to_its_last_leaf_and_refuses_one_more),
	    cmocka_unit_test(refuses_to_restore_more_than_any_tree_has),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
