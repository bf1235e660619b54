/*
 * checkpoint_world: signed notes of published keys, and what is said of a text
 * that is one, nearly one, or signed by another.
 *
 * PeterNeumann's key and its note are those of Go's sumdb/note tests,
 * example.com/foo is C2SP signed-note's example, and behind-the-sofa that of
 * tlog-checkpoint. The checkpoints signed with PeterNeumann's key were made
 * with the openssl command line.
 */
#ifndef TESTS_UNIT_COMMON_CHECKPOINT_WORLD_H
#define TESTS_UNIT_COMMON_CHECKPOINT_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* No origin is named so. */
static const char *const bad_origins[] = {"", " ", "two words", "a+b", "a\nb",
    "a\tb", "a\x01", "\xff",
    "a\xc2\xa0"
    "b",
    "a\xc2\x85", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static struct error error;
static uint8_t peter_seed[SIGN_KEY_SIZE];
static uint8_t peter_key[SIGN_KEY_SIZE];
static struct hash root;

static inline struct checkpoint peter_checkpoint(void)
{
	struct checkpoint checkpoint = {.size = 20852163, .root = root};

	strcpy(checkpoint.origin, "PeterNeumann");
	return checkpoint;
}

static inline enum result open_text(
    const char *text, struct checkpoint *checkpoint)
{
	return checkpoint_open(
	    bytes_of_string(text), peter_key, checkpoint, &error);
}

/* Not a checkpoint note, whoever asks; and the caller's is not touched. */
static inline void assert_malformed_bytes(struct bytes note, const char *why)
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

static inline void assert_malformed(const char *text, const char *why)
{
	assert_malformed_bytes(bytes_of_string(text), why);
}

static inline void assert_denied(const char *text, const char *why)
{
	struct checkpoint checkpoint = {.size = 77};

	assert_int_equal(open_text(text, &checkpoint), RESULT_DENIED);
	if (strstr(error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, why);
	assert_int_equal(checkpoint.size, 77);
}

static inline void assert_opens(const char *text)
{
	struct checkpoint checkpoint;

	if (open_text(text, &checkpoint) != RESULT_OK)
		fail_msg("%s", error.text);
	assert_string_equal(checkpoint.origin, "PeterNeumann");
	assert_int_equal(checkpoint.size, 20852163);
	assert_true(hash_equal(&checkpoint.root, &root));
}

static inline int setup(void **state)
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

#endif
