/*
 * test_checkpoint: the signed note against published keys and notes, and
 * against everything that is nearly one.
 *
 * PeterNeumann's key and its note are those of Go's sumdb/note tests,
 * example.com/foo is C2SP signed-note's example, and behind-the-sofa that of
 * tlog-checkpoint. The checkpoints signed with PeterNeumann's key were made
 * with the openssl command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ledger/checkpoint.h"

#define DASH "\xe2\x80\x94 "
#define ROOT_TEXT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define PETER_TEXT "PeterNeumann\n20852163\n" ROOT_TEXT "\n"
#define PETER_LINE                                                          \
	DASH "PeterNeumann x08go9iKupgWNHi/EgHZnoG+ps1lAjYwfjEc/8lpKQy7Ifl" \
	     "YyxkNOvLryOwkElHoaRroM1ZSqWsPs/ebq+/3jt1yDQQ=\n"
#define PETER_NOTE PETER_TEXT "\n" PETER_LINE
#define SOFA_LINE                                                            \
	DASH "example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniM" \
	     "p+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
#define WITNESS_LINE                                                        \
	DASH "witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/z" \
	     "XcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIf" \
	     "Z+qnA==\n"
#define SHORTEST_LINE DASH "a AAAAAAA=\n"

static struct error error;
static uint8_t peter_seed[SIGN_KEY_SIZE];
static uint8_t peter_key[SIGN_KEY_SIZE];
static struct hash root;

static struct checkpoint peter_checkpoint(void)
{
	struct checkpoint checkpoint = {.size = 20852163, .root = root};

	strcpy(checkpoint.origin, "PeterNeumann");
	return checkpoint;
}

static enum result open_text(const char *text, struct checkpoint *checkpoint)
{
	return checkpoint_open(
	    bytes_of_string(text), peter_key, checkpoint, &error);
}

/* Not a checkpoint note, whoever asks; and the caller's is not touched. */
static void assert_malformed_bytes(struct bytes note, const char *why)
{
	struct checkpoint checkpoint = {.size = 77};

	assert_int_equal(
	    checkpoint_parse(note, &checkpoint, &error), RESULT_INVALID);
	if (strstr(error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, why);
	assert_int_equal(checkpoint_open(note, peter_key, &checkpoint, &error),
	    RESULT_INVALID);
	assert_int_equal(checkpoint.size, 77);
	assert_int_equal(checkpoint.origin[0], '\0');
}

static void assert_malformed(const char *text, const char *why)
{
	assert_malformed_bytes(bytes_of_string(text), why);
}

static void assert_denied(const char *text, const char *why)
{
	struct checkpoint checkpoint = {.size = 77};

	assert_int_equal(open_text(text, &checkpoint), RESULT_DENIED);
	if (strstr(error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, why);
	assert_int_equal(checkpoint.size, 77);
}

static void assert_opens(const char *text)
{
	struct checkpoint checkpoint;

	if (open_text(text, &checkpoint) != RESULT_OK)
		fail_msg("%s", error.text);
	assert_string_equal(checkpoint.origin, "PeterNeumann");
	assert_int_equal(checkpoint.size, 20852163);
	assert_true(hash_equal(&checkpoint.root, &root));
}

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

static const char *const bad_origins[] = {"", " ", "two words", "a+b", "a\nb",
    "a\tb", "a\x01", "\xff",
    "a\xc2\xa0"
    "b",
    "a\xc2\x85", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

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

/* --- other signatures ----------------------------------------------------- */

static void unknown_signatures_are_passed_over_on_both_sides(void **state)
{
	(void)state;
	assert_opens(PETER_NOTE WITNESS_LINE);
	assert_opens(PETER_TEXT "\n" WITNESS_LINE SOFA_LINE PETER_LINE);
	assert_opens(PETER_TEXT "\n" SHORTEST_LINE PETER_LINE SHORTEST_LINE);
	assert_denied(PETER_TEXT "\n" WITNESS_LINE SOFA_LINE, "not signed");
}

static void our_name_with_another_key_is_passed_over(void **state)
{
	(void)state;
	assert_opens(PETER_TEXT "\n" DASH "PeterNeumann AAAAAAAA\n" PETER_LINE);
}

static void good_signature_does_not_excuse_a_bad_one(void **state)
{
	(void)state;
	assert_opens(PETER_TEXT "\n" PETER_LINE PETER_LINE);
	assert_denied(PETER_TEXT "\n" PETER_LINE DASH "PeterNeumann x08gowAA\n",
	    "wrong size");
}

static char *many_signatures(unsigned count)
{
	char *text = malloc(8192);

	assert_non_null(text);
	strcpy(text, PETER_TEXT "\n" PETER_LINE);
	for (unsigned i = 1; i < count; i++)
		strcat(text, SHORTEST_LINE);
	return text;
}

static void hundred_signatures_are_enough(void **state)
{
	char *text = many_signatures(SIGNATURES_MAX);

	(void)state;
	assert_opens(text);
	free(text);
	text = many_signatures(SIGNATURES_MAX + 1);
	assert_malformed(text, "too many signatures");
	free(text);
}

/* As a post-quantum witness would sign. */
static void signature_lines_are_long_up_to_a_limit(void **state)
{
	static uint8_t payload[SIGNATURE_LINE_SIZE_MAX + 1];
	static char payload_text[2 * sizeof(payload)];
	static char text[3 * sizeof(payload)];

	(void)state;
	for (unsigned extra = 0; extra <= 1; extra++) {
		bytes_to_base64(
		    bytes_of(payload, SIGNATURE_LINE_SIZE_MAX + extra),
		    payload_text);
		snprintf(text, sizeof(text), "%s" DASH "w %s\n", PETER_NOTE,
		    payload_text);
		if (extra == 0)
			assert_opens(text);
		else
			assert_malformed(text, "base64");
	}
}

static void note_is_no_longer_than_its_limit(void **state)
{
	size_t fixed = strlen(PETER_TEXT) + strlen("\n\n" SHORTEST_LINE);
	char *text = malloc(NOTE_SIZE_MAX + 2);
	struct checkpoint checkpoint;

	(void)state;
	assert_non_null(text);
	for (unsigned extra = 0; extra <= 1; extra++) {
		size_t filler = NOTE_SIZE_MAX + extra - fixed;

		strcpy(text, PETER_TEXT);
		memset(text + strlen(PETER_TEXT), 'x', filler);
		strcpy(
		    text + strlen(PETER_TEXT) + filler, "\n\n" SHORTEST_LINE);
		if (extra == 0)
			assert_int_equal(checkpoint_parse(bytes_of_string(text),
					     &checkpoint, &error),
			    RESULT_OK);
		else
			assert_malformed(text, "65536 bytes at most");
	}
	free(text);
}

/* --- the text ------------------------------------------------------------- */

static void extension_lines_are_signed_and_not_read(void **state)
{
	static const char text[] =
	    PETER_TEXT "an extension\n\xe2\x80\x94 another\n";
	uint8_t payload[4 + SIGNATURE_SIZE] = {0xc7, 0x4f, 0x20, 0xa3};
	char payload_text[128];
	char note[1024];

	(void)state;
	assert_int_equal(sign_message(peter_seed, bytes_of_string(text),
			     &payload[4], &error),
	    RESULT_OK);
	bytes_to_base64(bytes_of(payload, sizeof(payload)), payload_text);
	snprintf(note, sizeof(note), "%s\n" DASH "PeterNeumann %s\n", text,
	    payload_text);
	assert_opens(note);
}

static void origin_line_is_a_name(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_origins) / sizeof(char *); i++) {
		snprintf(text, sizeof(text), "%s\n1\n" ROOT_TEXT "\n\n%s",
		    bad_origins[i], SHORTEST_LINE);
		assert_malformed(text, "checkpoint: ");
	}
}

static void size_line_is_a_number_in_its_only_form(void **state)
{
	static const char *const bad[] = {"", "00", "01", "+1", "-1", " 1",
	    "1 ", "0x1", "1e3", "1.0", "one", "9223372036854775808",
	    "18446744073709551615", "99999999999999999999", "\xd9\xa1"};
	static const char *const good[] = {
	    "0", "1", "10", "9223372036854775807"};
	struct checkpoint checkpoint;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "o\n%s\n" ROOT_TEXT "\n\n%s",
		    bad[i], SHORTEST_LINE);
		assert_malformed(text, "second line");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "o\n%s\n" ROOT_TEXT "\n\n%s",
		    good[i], SHORTEST_LINE);
		assert_int_equal(checkpoint_parse(bytes_of_string(text),
				     &checkpoint, &error),
		    RESULT_OK);
		assert_int_equal(checkpoint.size, strtoull(good[i], NULL, 10));
	}
}

static void root_line_is_32_bytes_of_strict_base64(void **state)
{
	static const char *const bad[] = {"", "AAAA",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
	    "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",
	    " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I= "};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "o\n1\n%s\n\n%s", bad[i],
		    SHORTEST_LINE);
		assert_malformed(text, "third line");
	}
}

static void note_is_text_with_plain_line_ends(void **state)
{
	(void)state;
	assert_malformed("o\r\n1\r\n" ROOT_TEXT "\r\n\r\n", "not text");
	assert_malformed_bytes(
	    bytes_of(PETER_NOTE, sizeof(PETER_NOTE)), "not text");
	assert_malformed(PETER_TEXT "\xff\n\n" PETER_LINE, "not text");
	assert_malformed(PETER_TEXT "\t\n\n" PETER_LINE, "not text");
}

static void text_ends_at_its_only_empty_line(void **state)
{
	(void)state;
	assert_malformed(PETER_TEXT PETER_LINE, "no empty line");
	assert_malformed(PETER_TEXT, "no empty line");
	assert_malformed(PETER_TEXT "\n", "no signature");
	assert_malformed(PETER_TEXT "\n\n" PETER_LINE, "dash");
	assert_malformed(PETER_NOTE "\n", "dash");
	assert_malformed(PETER_TEXT "\nmore\n\n" PETER_LINE, "does not start");
}

static void signature_lines_have_one_form(void **state)
{
	static const char *const bad[] = {"x\n", "- a AAAAAAA=\n",
	    "\xe2\x80\x93 a AAAAAAA=\n", "\xe2\x80\x94\n",
	    "\xe2\x80\x94"
	    "a AAAAAAA=\n",
	    DASH "\n", DASH "a\n", DASH "a \n", DASH " AAAAAAA=\n",
	    DASH " a AAAAAAA=\n", DASH "a  AAAAAAA=\n", DASH "a AAAAAAA= \n",
	    DASH "a AAAAAAA= b\n", DASH "a AAAAAAA\n", DASH "a AAAAAAB=\n",
	    DASH "a AAAAAA==\n", DASH "a AAAA\n", DASH "a+b AAAAAAA=\n",
	    DASH "a\xc2\xa0"
		 "b AAAAAAA=\n",
	    DASH "a AAAA-AA=\n", DASH "a AAAAAAA="};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), PETER_NOTE "%s", bad[i]);
		assert_malformed(text, "a signature");
	}
	assert_opens(PETER_NOTE SHORTEST_LINE);
}

static int setup(void **state)
{
	size_t size;

	(void)state;
	if (!bytes_from_hex("810a1402d5146c8d84f2443330f54080"
			    "ebf98ee17d9c74f6252fc5d5c7283173",
		peter_seed, sizeof(peter_seed)) ||
	    !bytes_from_hex("1a5cd907143c384c41e830c5bce12aa8"
			    "817ec5649aaabf2c31388b35b2d744d6",
		peter_key, sizeof(peter_key)) ||
	    !bytes_from_base64(
		bytes_of_string(ROOT_TEXT), root.bytes, HASH_SIZE, &size))
		return -1;
	return 0;
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
	    cmocka_unit_test(unknown_signatures_are_passed_over_on_both_sides),
	    cmocka_unit_test(our_name_with_another_key_is_passed_over),
	    cmocka_unit_test(good_signature_does_not_excuse_a_bad_one),
	    cmocka_unit_test(hundred_signatures_are_enough),
	    cmocka_unit_test(signature_lines_are_long_up_to_a_limit),
	    cmocka_unit_test(note_is_no_longer_than_its_limit),
	    cmocka_unit_test(extension_lines_are_signed_and_not_read),
	    cmocka_unit_test(origin_line_is_a_name),
	    cmocka_unit_test(size_line_is_a_number_in_its_only_form),
	    cmocka_unit_test(root_line_is_32_bytes_of_strict_base64),
	    cmocka_unit_test(note_is_text_with_plain_line_ends),
	    cmocka_unit_test(text_ends_at_its_only_empty_line),
	    cmocka_unit_test(signature_lines_have_one_form),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
