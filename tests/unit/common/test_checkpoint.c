/*
 * test_checkpoint: the signed note against published keys and notes, and
 * against everything that is nearly one.
 */
#include "tests/unit/common/checkpoint_world.h"

/* --- published vectors ---------------------------------------------------- */

static void verifier_keys_are_those_published(void **state)
{
	char text[VERIFIER_KEY_SIZE_MAX + 1];
	uint8_t key[SIGN_KEY_SIZE];

	(void)state;
	assert_int_equal(
	    verifier_key_format("PeterNeumann", peter_key, text, &error),
	    RESULT_OK);
	assert_string_equal(text,
	    "PeterNeumann+c74f20a3+"
	    "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
	assert_true(bytes_from_hex("e932791ae6e7a840a46164c904786426"
				   "d5e7821dd8b29a00d61cae72afdd4da4",
	    key, sizeof(key)));
	assert_int_equal(
	    verifier_key_format("example.com/foo", key, text, &error),
	    RESULT_OK);
	assert_string_equal(text,
	    "example.com/foo+530d903a+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
}

/* The key id and the signature are what our notes are made of; here they are
 * over a text that is no checkpoint. */
static void published_note_signatures_are_made_the_same_way(void **state)
{
	static const char text[] =
	    "If you think cryptography is the answer to your problem,\n"
	    "then you don't know what your problem is.\n";
	static const char want[] =
	    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
	    "gKvqfqdngotpRZb6KE6RyyBwJnAM=";
	uint8_t payload[4 + SIGNATURE_SIZE] = {0xc7, 0x4f, 0x20, 0xa3};
	char payload_text[128];

	(void)state;
	assert_int_equal(sign_message(peter_seed, bytes_of_string(text),
			     &payload[4], &error),
	    RESULT_OK);
	bytes_to_base64(bytes_of(payload, sizeof(payload)), payload_text);
	assert_string_equal(payload_text, want);
}

static void checkpoints_are_signed_as_openssl_signs_them(void **state)
{
	static const char empty[] =
	    "shop.example/points\n0\n"
	    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" DASH
	    "shop.example/points w/ilmNSqnbqu82MwBImr7NsiBrURLu+84VYvsP6/X/Bym"
	    "ODMFqdSaISJi3btBLMF62VYUQp/+RocnTZQOGAGec2bbAk=\n";
	struct checkpoint checkpoint = peter_checkpoint();
	struct note note;
	size_t size;

	(void)state;
	assert_int_equal(
	    checkpoint_sign(&checkpoint, peter_seed, &note, &error), RESULT_OK);
	assert_string_equal(note.text, PETER_NOTE);
	assert_int_equal(note.size, strlen(PETER_NOTE));
	strcpy(checkpoint.origin, "shop.example/points");
	checkpoint.size = 0;
	assert_true(bytes_from_base64(
	    bytes_of_string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
	    checkpoint.root.bytes, HASH_SIZE, &size));
	assert_int_equal(
	    checkpoint_sign(&checkpoint, peter_seed, &note, &error), RESULT_OK);
	assert_string_equal(note.text, empty);
}

static void example_of_the_specification_is_parsed(void **state)
{
	static const char text[] =
	    "example.com/behind-the-sofa\n20852163\n" ROOT_TEXT
	    "\n\n" SOFA_LINE WITNESS_LINE;
	struct checkpoint checkpoint;

	(void)state;
	assert_int_equal(
	    checkpoint_parse(bytes_of_string(text), &checkpoint, &error),
	    RESULT_OK);
	assert_string_equal(checkpoint.origin, "example.com/behind-the-sofa");
	assert_int_equal(checkpoint.size, 20852163);
	assert_true(hash_equal(&checkpoint.root, &root));
	assert_denied(text, "not signed by this key of example.com/behind");
}

static void signed_checkpoint_opens(void **state)
{
	(void)state;
	assert_opens(PETER_NOTE);
}

/* --- signing -------------------------------------------------------------- */

static void round_trip(const struct checkpoint *checkpoint)
{
	struct checkpoint back;
	struct note note;

	if (checkpoint_sign(checkpoint, peter_seed, &note, &error) != RESULT_OK)
		fail_msg("%s", error.text);
	assert_int_equal(strlen(note.text), note.size);
	assert_int_equal(checkpoint_open(bytes_of(note.text, note.size),
			     peter_key, &back, &error),
	    RESULT_OK);
	assert_string_equal(back.origin, checkpoint->origin);
	assert_int_equal(back.size, checkpoint->size);
	assert_true(hash_equal(&back.root, &checkpoint->root));
}

static void largest_and_smallest_checkpoints_round_trip(void **state)
{
	struct checkpoint checkpoint = peter_checkpoint();

	(void)state;
	memset(checkpoint.origin, 'o', ORIGIN_SIZE_MAX);
	checkpoint.origin[ORIGIN_SIZE_MAX] = '\0';
	checkpoint.size = SEQUENCE_MAX;
	memset(checkpoint.root.bytes, 0xff, HASH_SIZE);
	round_trip(&checkpoint);
	strcpy(checkpoint.origin, "o");
	memset(checkpoint.root.bytes, 0, HASH_SIZE);
	for (checkpoint.size = 0; checkpoint.size < 12; checkpoint.size++)
		round_trip(&checkpoint);
	strcpy(checkpoint.origin, "caf\xc3\xa9.example");
	round_trip(&checkpoint);
}

static void refuses_to_sign_for_an_origin_that_is_no_name(void **state)
{
	char text[VERIFIER_KEY_SIZE_MAX + 1];
	struct note note = {.size = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(bad_origins) / sizeof(char *); i++) {
		struct checkpoint checkpoint = peter_checkpoint();

		strcpy(checkpoint.origin, bad_origins[i]);
		assert_int_equal(
		    checkpoint_sign(&checkpoint, peter_seed, &note, &error),
		    RESULT_INVALID);
		assert_int_equal(verifier_key_format(
				     bad_origins[i], peter_key, text, &error),
		    RESULT_INVALID);
	}
	assert_int_equal(note.size, 77);
}

static void refuses_an_origin_that_is_too_long(void **state)
{
	char origin[ORIGIN_SIZE_MAX + 2];
	char text[VERIFIER_KEY_SIZE_MAX + 1];
	char note[1024];
	struct checkpoint checkpoint = peter_checkpoint();
	struct note signed_note;

	(void)state;
	memset(origin, 'o', sizeof(origin));
	origin[ORIGIN_SIZE_MAX] = '\0';
	assert_int_equal(
	    verifier_key_format(origin, peter_key, text, &error), RESULT_OK);
	assert_int_equal(strlen(text), ORIGIN_SIZE_MAX + 10 + 44);
	origin[ORIGIN_SIZE_MAX] = 'o';
	origin[ORIGIN_SIZE_MAX + 1] = '\0';
	assert_int_equal(verifier_key_format(origin, peter_key, text, &error),
	    RESULT_INVALID);
	snprintf(note, sizeof(note), "%s\n1\n" ROOT_TEXT "\n\n" SHORTEST_LINE,
	    origin);
	assert_malformed(note, "128 bytes at most");
	/* No NUL where there must be one. */
	memset(checkpoint.origin, 'o', sizeof(checkpoint.origin));
	assert_int_equal(
	    checkpoint_sign(&checkpoint, peter_seed, &signed_note, &error),
	    RESULT_INVALID);
}

static void refuses_to_sign_more_leaves_than_a_tree_has(void **state)
{
	struct checkpoint checkpoint = peter_checkpoint();
	struct note note;

	(void)state;
	checkpoint.size = SEQUENCE_MAX + 1;
	assert_int_equal(
	    checkpoint_sign(&checkpoint, peter_seed, &note, &error),
	    RESULT_INVALID);
}

/* --- forgeries ------------------------------------------------------------ */

static void note_cut_at_every_byte_is_malformed(void **state)
{
	(void)state;
	for (size_t size = 0; size < strlen(PETER_NOTE); size++)
		assert_malformed_bytes(bytes_of(PETER_NOTE, size), "");
	assert_malformed_bytes(bytes_of(NULL, 0), "first line");
}

static void note_with_any_bit_flipped_does_not_open(void **state)
{
	char text[] = PETER_NOTE;

	(void)state;
	for (size_t bit = 0; bit < 8 * strlen(PETER_NOTE); bit++) {
		struct checkpoint checkpoint = {.size = 77};
		enum result result;

		text[bit / 8] ^= (char)(1 << bit % 8);
		result = checkpoint_open(bytes_of(text, strlen(PETER_NOTE)),
		    peter_key, &checkpoint, &error);
		assert_true(
		    result == RESULT_INVALID || result == RESULT_DENIED);
		assert_int_equal(checkpoint.size, 77);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_opens(text);
}

static void note_of_another_key_is_denied(void **state)
{
	struct checkpoint checkpoint = peter_checkpoint();
	uint8_t seed[SIGN_KEY_SIZE] = {1};
	struct note note;

	(void)state;
	assert_int_equal(
	    checkpoint_sign(&checkpoint, seed, &note, &error), RESULT_OK);
	assert_denied(note.text, "not signed by this key of PeterNeumann");
}

/* Another shop's name over the same key: the name is part of the key's id. */
static void signature_under_another_name_is_denied(void **state)
{
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "Peter\n20852163\n%s\n\n%s", ROOT_TEXT,
	    PETER_LINE);
	assert_denied(text, "not signed by this key of Peter");
	assert_denied(PETER_TEXT
	    "\n" DASH
	    "Peter x08go9iKupgWNHi/EgHZnoG+ps1lAjYwfjEc/8lpKQy7IflYyxkNOvLryO"
	    "wkElHoaRroM1ZSqWsPs/ebq+/3jt1yDQQ=\n",
	    "not signed by this key of PeterNeumann");
}

static void signature_of_another_text_is_denied(void **state)
{
	(void)state;
	assert_denied("PeterNeumann\n20852164\n" ROOT_TEXT "\n\n" PETER_LINE,
	    "checkpoint");
	assert_denied(PETER_TEXT "an extension\n\n" PETER_LINE, "checkpoint");
}

static void signature_of_our_key_has_its_size(void **state)
{
	(void)state;
	assert_denied(
	    PETER_TEXT "\n" DASH "PeterNeumann x08gowA=\n", "wrong size");
	assert_denied(PETER_TEXT
	    "\n" DASH
	    "PeterNeumann x08go9iKupgWNHi/EgHZnoG+ps1lAjYwfjEc/8lpKQy7IflYyxk"
	    "NOvLryOwkElHoaRroM1ZSqWsPs/ebq+/3jt1yDQQA\n",
	    "wrong size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verifier_keys_are_those_published),
	    cmocka_unit_test(published_note_signatures_are_made_the_same_way),
	    cmocka_unit_test(checkpoints_are_signed_as_openssl_signs_them),
	    cmocka_unit_test(example_of_the_specification_is_parsed),
	    cmocka_unit_test(signed_checkpoint_opens),
	    cmocka_unit_test(largest_and_smallest_checkpoints_round_trip),
	    cmocka_unit_test(refuses_to_sign_for_an_origin_that_is_no_name),
	    cmocka_unit_test(refuses_an_origin_that_is_too_long),
	    cmocka_unit_test(refuses_to_sign_more_leaves_than_a_tree_has),
	    cmocka_unit_test(note_cut_at_every_byte_is_malformed),
	    cmocka_unit_test(note_with_any_bit_flipped_does_not_open),
	    cmocka_unit_test(note_of_another_key_is_denied),
	    cmocka_unit_test(signature_under_another_name_is_denied),
	    cmocka_unit_test(signature_of_another_text_is_denied),
	    cmocka_unit_test(signature_of_our_key_has_its_size),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
