/*
 * checkpoint: what the shop signs about its tree, for anyone to keep.
 *
 * C2SP tlog-checkpoint in a C2SP signed-note with Ed25519 (signature type
 * 0x01), so that other people's tools verify it:
 *
 *     <origin>\n<size, decimal>\n<root, base64>\n\n— <name> <base64>\n
 *
 * Origin and key name are the same text. Further signatures (witnesses) by
 * other keys are passed over. Extension lines are kept in the signed text and
 * not interpreted. Our own notes fit CHECKPOINT_SIZE_MAX; one that witnesses
 * have signed too may be NOTE_SIZE_MAX, with SIGNATURES_MAX lines of them.
 */
#ifndef COMMON_LEDGER_CHECKPOINT_H
#define COMMON_LEDGER_CHECKPOINT_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/crypto.h"
#include "common/base/hash.h"
#include "common/base/limits.h"

#define ORIGIN_SIZE_MAX 128u
#define VERIFIER_KEY_SIZE_MAX 256u
#define NOTE_SIZE_MAX 65536u	      /* bytes of a note to open */
#define SIGNATURES_MAX 100u	      /* lines; C2SP wants 16 at least */
#define SIGNATURE_LINE_SIZE_MAX 8192u /* bytes that a line's base64 says */

struct checkpoint {
	char origin[ORIGIN_SIZE_MAX + 1];
	uint64_t size; /* leaves, that is the last entry's sequence */
	struct hash root;
};

/* A signed note's text, NUL-ended. */
struct note {
	char text[CHECKPOINT_SIZE_MAX + 1];
	size_t size;
};

/* RESULT_INVALID for an origin that is empty or holds white space or '+'. */
enum result checkpoint_sign(const struct checkpoint *checkpoint,
    const uint8_t seed[SIGN_KEY_SIZE], struct note *ret_note,
    struct error *err);

/*
 * Parse the note and verify the signature that `key` made under the name
 * `origin` of the checkpoint. RESULT_INVALID for what is no checkpoint note,
 * RESULT_DENIED for a missing or wrong signature.
 */
enum result checkpoint_open(struct bytes note, const uint8_t key[SIGN_KEY_SIZE],
    struct checkpoint *ret_checkpoint, struct error *err);

/* Parse without verifying: to learn whose it is. */
enum result checkpoint_parse(
    struct bytes note, struct checkpoint *ret_checkpoint, struct error *err);

/* "<name>+<hash, 8 hex>+<base64>": the key as C2SP tools take it. */
enum result verifier_key_format(const char *origin,
    const uint8_t key[SIGN_KEY_SIZE], char ret_text[VERIFIER_KEY_SIZE_MAX + 1],
    struct error *err);

#endif
