/*
 * fuzz_note: a note that is read says something that can be signed and read
 * again, and only what can be read can be opened.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/ledger/checkpoint.h"

/* The key of Go's sumdb/note tests, which the seeds are signed with. */
static const uint8_t seed[SIGN_KEY_SIZE] = {0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14,
    0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80, 0xeb, 0xf9,
    0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28,
    0x31, 0x73};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_equal(const struct checkpoint *a, const struct checkpoint *b)
{
	assert(strcmp(a->origin, b->origin) == 0);
	assert(a->size == b->size);
	assert(hash_equal(&a->root, &b->root));
}

static void assert_signs(
    const struct checkpoint *checkpoint, const uint8_t key[SIGN_KEY_SIZE])
{
	struct checkpoint back;
	struct note note;
	struct error error;
	char text[VERIFIER_KEY_SIZE_MAX + 1];
	enum result result;

	result = checkpoint_sign(checkpoint, seed, &note, &error);
	assert(result == RESULT_OK);
	result =
	    checkpoint_open(bytes_of(note.text, note.size), key, &back, &error);
	assert(result == RESULT_OK);
	assert_equal(checkpoint, &back);
	result = verifier_key_format(checkpoint->origin, key, text, &error);
	assert(result == RESULT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes note = bytes_of(data, size);
	struct checkpoint parsed;
	struct checkpoint opened;
	struct error error;
	uint8_t key[SIGN_KEY_SIZE];
	enum result parse_result;
	enum result open_result;

	if (sign_public_key(seed, key, &error) != RESULT_OK)
		return 0;
	parse_result = checkpoint_parse(note, &parsed, &error);
	open_result = checkpoint_open(note, key, &opened, &error);
	if (parse_result != RESULT_OK) {
		assert(parse_result == RESULT_INVALID);
		assert(open_result == RESULT_INVALID);
		return 0;
	}
	assert(open_result == RESULT_OK || open_result == RESULT_DENIED);
	if (open_result == RESULT_OK)
		assert_equal(&parsed, &opened);
	assert_signs(&parsed, key);
	return 0;
}
