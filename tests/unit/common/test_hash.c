/*
 * Tests of hash: published digests, and a hasher that is used again and again.
 */
#include "tests/support/check.h"

#include <string.h>

#include "common/base/hash.h"
#include "common/base/limits.h"

static int hasher_setup(void **state)
{
	struct hasher *hasher;

	if (hasher_create(&hasher, NULL) != RESULT_OK)
		return -1;
	*state = hasher;
	return 0;
}

static int hasher_teardown(void **state)
{
	hasher_destroy(*state);
	return 0;
}

static void assert_hash(struct hash hash, const char *hex)
{
	char text[2 * HASH_SIZE + 1];

	bytes_to_hex(hash_view(&hash), text);
	assert_string_equal(text, hex);
}

static void gives_the_digests_of_fips_180(void **state)
{
	char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmno"
		      "mnopnopq";

	assert_hash(hash_plain(*state, bytes_of_string("abc")),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_hash(hash_plain(*state, bytes_of_string(text)),
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1");
}

static void hashes_a_million_times_the_letter_a(void **state)
{
	static uint8_t text[1000000];

	memset(text, 'a', sizeof(text));
	assert_hash(hash_plain(*state, bytes_of(text, sizeof(text))),
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}

static void the_empty_tree_is_the_digest_of_nothing(void **state)
{
	const char *wanted = "e3b0c44298fc1c149afbf4c8996fb924"
			     "27ae41e4649b934ca495991b7852b855";

	assert_hash(hash_plain(*state, bytes_of(NULL, 0)), wanted);
	assert_hash(hash_plain(*state, bytes_of("", 0)), wanted);
}

/* The leaves of the reference tree of Certificate Transparency. */
static void gives_the_leaf_hashes_of_rfc_6962(void **state)
{
	static const uint8_t zero = 0x00, sixteen = 0x10;

	assert_hash(hash_leaf(*state, bytes_of(NULL, 0)),
	    "6e340b9cffb37a989ca544e6bb780a2c"
	    "78901d3fb33738768511a30617afa01d");
	assert_hash(hash_leaf(*state, bytes_of(&zero, 1)),
	    "96a296d224f285c67bee93c30f8a3091"
	    "57f0daa35dc5b87e410b78630a09cfc7");
	assert_hash(hash_leaf(*state, bytes_of(&sixteen, 1)),
	    "0298d122906dcfc10892cb53a73992fc"
	    "5b9f493ea4c9badb27b791b4127a7fe7");
}

static void gives_the_root_of_the_reference_tree_of_two(void **state)
{
	static const uint8_t zero = 0x00;
	struct hash left = hash_leaf(*state, bytes_of(NULL, 0));
	struct hash right = hash_leaf(*state, bytes_of(&zero, 1));

	assert_hash(hash_node(*state, &left, &right),
	    "fac54203e7cc696cf0dfcb42c92a1d9d"
	    "baf70ad9e621f4bd8d98662f00e3c125");
}

static void a_node_is_the_digest_of_its_65_bytes(void **state)
{
	struct hash left = hash_leaf(*state, bytes_of_string("left"));
	struct hash right = hash_leaf(*state, bytes_of_string("right"));
	struct hash node = hash_node(*state, &left, &right);
	struct hash other = hash_node(*state, &right, &left);
	struct hash plain;
	uint8_t text[65] = {0x01};

	memcpy(text + 1, left.bytes, HASH_SIZE);
	memcpy(text + 33, right.bytes, HASH_SIZE);
	plain = hash_plain(*state, bytes_of(text, sizeof(text)));
	assert_true(hash_equal(&node, &plain));
	assert_false(hash_equal(&node, &other));
}

static void a_node_may_replace_its_own_child(void **state)
{
	struct hash left = hash_leaf(*state, bytes_of_string("left"));
	struct hash right = hash_leaf(*state, bytes_of_string("right"));
	struct hash node = hash_node(*state, &left, &right);

	left = hash_node(*state, &left, &right);
	assert_true(hash_equal(&node, &left));
}

/* The prefix keeps a leaf from being taken for a node, RFC 6962 section 2.1. */
static void a_leaf_of_64_bytes_is_not_a_node(void **state)
{
	struct hash pair[2];
	struct hash leaf, node;

	memset(pair, 0x5a, sizeof(pair));
	leaf = hash_leaf(*state, bytes_of(pair, sizeof(pair)));
	node = hash_node(*state, &pair[0], &pair[1]);
	assert_false(hash_equal(&leaf, &node));
}

/* Every size around the blocks of 64 bytes, and the largest record. */
static void a_leaf_is_the_digest_of_zero_and_the_record(void **state)
{
	static uint8_t text[1 + ENTRY_SIZE_MAX];
	static const size_t large[] = {510, 511, 512, 513, ENTRY_SIZE_MAX};

	for (size_t i = 1; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 31);
	for (size_t i = 0; i < 260 + 5; i++) {
		size_t size = i < 260 ? i : large[i - 260];
		struct hash leaf = hash_leaf(*state, bytes_of(text + 1, size));
		struct hash plain =
		    hash_plain(*state, bytes_of(text, 1 + size));

		assert_true(hash_equal(&leaf, &plain));
	}
}

static void a_used_hasher_is_as_good_as_a_new_one(void **state)
{
	struct hasher *fresh = NULL;
	struct hash wanted = hash_plain(*state, bytes_of_string("again"));
	struct hash hash;

	for (int i = 0; i < 1000; i++) {
		hash = hash_leaf(*state, bytes_of(&i, sizeof(i)));
		hash = hash_node(*state, &hash, &wanted);
		hash = hash_plain(*state, bytes_of_string("again"));
		assert_true(hash_equal(&hash, &wanted));
	}
	assert_int_equal(hasher_create(&fresh, NULL), RESULT_OK);
	hash = hash_plain(fresh, bytes_of_string("again"));
	assert_true(hash_equal(&hash, &wanted));
	hasher_destroy(fresh);
}

static void two_hashers_do_not_disturb_each_other(void **state)
{
	struct hasher *other = NULL;
	struct hash a, b;

	assert_int_equal(hasher_create(&other, NULL), RESULT_OK);
	a = hash_leaf(*state, bytes_of_string("a"));
	b = hash_leaf(other, bytes_of_string("b"));
	assert_false(hash_equal(&a, &b));
	b = hash_leaf(other, bytes_of_string("a"));
	assert_true(hash_equal(&a, &b));
	hasher_destroy(other);
	b = hash_leaf(*state, bytes_of_string("a"));
	assert_true(hash_equal(&a, &b));
}

static void hashes_differ_by_any_byte(void **state)
{
	struct hash a = hash_plain(*state, bytes_of_string("x"));

	for (size_t i = 0; i < HASH_SIZE; i++) {
		struct hash b = a;

		assert_true(hash_equal(&a, &b));
		b.bytes[i] ^= 0x80;
		assert_false(hash_equal(&a, &b));
	}
}

static void a_view_borrows_all_the_bytes(void **state)
{
	struct hash hash = hash_plain(*state, bytes_of_string("x"));
	struct bytes view = hash_view(&hash);

	assert_int_equal(view.size, HASH_SIZE);
	assert_ptr_equal(view.data, hash.bytes);
}

static void destroying_nothing_is_harmless(void **state)
{
	(void)state;
	hasher_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_digests_of_fips_180),
	    cmocka_unit_test(hashes_a_million_times_the_letter_a),
	    cmocka_unit_test(the_empty_tree_is_the_digest_of_nothing),
	    cmocka_unit_test(gives_the_leaf_hashes_of_rfc_6962),
	    cmocka_unit_test(gives_the_root_of_the_reference_tree_of_two),
	    cmocka_unit_test(a_node_is_the_digest_of_its_65_bytes),
	    cmocka_unit_test(a_node_may_replace_its_own_child),
	    cmocka_unit_test(a_leaf_of_64_bytes_is_not_a_node),
	    cmocka_unit_test(a_leaf_is_the_digest_of_zero_and_the_record),
	    cmocka_unit_test(a_used_hasher_is_as_good_as_a_new_one),
	    cmocka_unit_test(two_hashers_do_not_disturb_each_other),
	    cmocka_unit_test(hashes_differ_by_any_byte),
	    cmocka_unit_test(a_view_borrows_all_the_bytes),
	    cmocka_unit_test(destroying_nothing_is_harmless),
	};

	return cmocka_run_group_tests_name(
	    "hash", tests, hasher_setup, hasher_teardown);
}
