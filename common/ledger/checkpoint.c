/*
 * checkpoint: owns the text of a signed checkpoint, both ways, and the text of
 * a verifier key. The sources are C2SP's signed-note and tlog-checkpoint.
 */
#include "common/ledger/checkpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE_TYPE_ED25519 0x01u
#define KEY_ID_SIZE 4u
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define DASH_SIZE 4u
#define PAYLOAD_SIZE (KEY_ID_SIZE + SIGNATURE_SIZE)
#define ROOT_TEXT_SIZE 44u    /* base64 of 32 bytes */
#define PAYLOAD_TEXT_SIZE 92u /* base64 of 68 bytes */
#define TYPED_KEY_SIZE (1 + SIGN_KEY_SIZE)
#define TYPED_KEY_TEXT_SIZE 44u /* base64 of 33 bytes */
#define SIZE_TEXT_SIZE 19u	/* digits of SEQUENCE_MAX */

_Static_assert(ORIGIN_SIZE_MAX + SIZE_TEXT_SIZE + ROOT_TEXT_SIZE + 4 +
		       DASH_SIZE + ORIGIN_SIZE_MAX + 1 + PAYLOAD_TEXT_SIZE +
		       1 <=
		   CHECKPOINT_SIZE_MAX,
    "the longest origin's note fits");
_Static_assert(
    ORIGIN_SIZE_MAX + 10 + TYPED_KEY_TEXT_SIZE <= VERIFIER_KEY_SIZE_MAX,
    "the longest origin's key fits");

static enum result refuse(const char *what, struct error *err)
{
	return error_set(err, RESULT_INVALID, "checkpoint: %s", what);
}

/* --- names ---------------------------------------------------------------- */

/* Unicode's White_Space above ASCII; what is below the space is no text. */
static const char *const spaces[] = {" ", "\xc2\x85", "\u00a0", "\u1680",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f",
    "\u205f", "\u3000"};

/* A key's name in signed-note. */
static bool is_name(struct bytes name)
{
	if (name.size == 0 || !bytes_are_text(name, NULL) ||
	    memchr(name.data, '+', name.size) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (memmem(name.data, name.size, spaces[i],
			strlen(spaces[i])) != NULL)
			return false;
	return true;
}

static enum result check_origin(struct bytes origin, struct error *err)
{
	if (origin.size > ORIGIN_SIZE_MAX)
		return error_set(err, RESULT_INVALID,
		    "checkpoint: an origin has %u bytes at most",
		    ORIGIN_SIZE_MAX);
	if (!is_name(origin))
		return refuse("an origin is text without spaces or '+'", err);
	return RESULT_OK;
}

/* SHA-256(name || newline || type || key), its first four bytes. */
static enum result key_id(struct bytes name, const uint8_t key[SIGN_KEY_SIZE],
    uint8_t ret_id[KEY_ID_SIZE], struct error *err)
{
	uint8_t data[ORIGIN_SIZE_MAX + 1 + TYPED_KEY_SIZE];
	struct writer writer = writer_of(data, sizeof(data));
	struct hasher *hasher;
	struct hash hash;
	enum result result = hasher_create(&hasher, err);

	if (result != RESULT_OK)
		return result;
	writer_bytes(&writer, name);
	writer_u8(&writer, '\n');
	writer_u8(&writer, SIGNATURE_TYPE_ED25519);
	writer_bytes(&writer, bytes_of(key, SIGN_KEY_SIZE));
	assert(!writer.failed);
	hash = hash_plain(hasher, writer_view(&writer));
	hasher_destroy(hasher);
	memcpy(ret_id, hash.bytes, KEY_ID_SIZE);
	return RESULT_OK;
}

enum result verifier_key_format(const char *origin,
    const uint8_t key[SIGN_KEY_SIZE], char ret_text[VERIFIER_KEY_SIZE_MAX + 1],
    struct error *err)
{
	struct bytes name = bytes_of_string(origin);
	uint8_t typed_key[TYPED_KEY_SIZE] = {SIGNATURE_TYPE_ED25519};
	char key_text[TYPED_KEY_TEXT_SIZE + 1];
	char id_text[2 * KEY_ID_SIZE + 1];
	uint8_t id[KEY_ID_SIZE];
	enum result result = check_origin(name, err);

	if (result == RESULT_OK)
		result = key_id(name, key, id, err);
	if (result != RESULT_OK)
		return result;
	memcpy(&typed_key[1], key, SIGN_KEY_SIZE);
	bytes_to_base64(bytes_of(typed_key, sizeof(typed_key)), key_text);
	bytes_to_hex(bytes_of(id, sizeof(id)), id_text);
	snprintf(ret_text, VERIFIER_KEY_SIZE_MAX + 1, "%s+%s+%s", origin,
	    id_text, key_text);
	return RESULT_OK;
}

/* --- signing -------------------------------------------------------------- */

static enum result check_checkpoint(
    const struct checkpoint *checkpoint, struct error *err)
{
	size_t size = strnlen(checkpoint->origin, sizeof(checkpoint->origin));

	if (checkpoint->size > SEQUENCE_MAX)
		return refuse("no tree has that many leaves", err);
	return check_origin(bytes_of(checkpoint->origin, size), err);
}

/* The text that the signature is over: three lines with their ends. */
static size_t format_text(
    const struct checkpoint *checkpoint, char text[CHECKPOINT_SIZE_MAX + 1])
{
	char root_text[ROOT_TEXT_SIZE + 1];

	bytes_to_base64(hash_view(&checkpoint->root), root_text);
	return (size_t)snprintf(text, CHECKPOINT_SIZE_MAX + 1,
	    "%s\n%" PRIu64 "\n%s\n", checkpoint->origin, checkpoint->size,
	    root_text);
}

enum result checkpoint_sign(const struct checkpoint *checkpoint,
    const uint8_t seed[SIGN_KEY_SIZE], struct note *ret_note, struct error *err)
{
	char text[CHECKPOINT_SIZE_MAX + 1];
	char payload_text[PAYLOAD_TEXT_SIZE + 1];
	uint8_t payload[PAYLOAD_SIZE];
	uint8_t key[SIGN_KEY_SIZE];
	size_t size;
	enum result result = check_checkpoint(checkpoint, err);

	if (result != RESULT_OK)
		return result;
	size = format_text(checkpoint, text);
	result = sign_public_key(seed, key, err);
	if (result == RESULT_OK)
		result = key_id(
		    bytes_of_string(checkpoint->origin), key, payload, err);
	if (result == RESULT_OK)
		result = sign_message(
		    seed, bytes_of(text, size), &payload[KEY_ID_SIZE], err);
	if (result != RESULT_OK)
		return error_prefix(err, "checkpoint");
	bytes_to_base64(bytes_of(payload, sizeof(payload)), payload_text);
	ret_note->size =
	    (size_t)snprintf(ret_note->text, sizeof(ret_note->text),
		"%s\n" DASH "%s %s\n", text, checkpoint->origin, payload_text);
	return RESULT_OK;
}

/* --- reading -------------------------------------------------------------- */

/* The next line without its end; false where no end of a line follows. */
static bool read_line(struct reader *reader, struct bytes *ret_line)
{
	size_t end = reader->position;

	while (end < reader->size && reader->data[end] != '\n')
		end++;
	if (end == reader->size)
		return false;
	*ret_line = reader_bytes(reader, end - reader->position);
	reader_u8(reader);
	return true;
}

/* Decimal without leading zeroes, up to SEQUENCE_MAX. */
static bool parse_size(struct bytes text, uint64_t *ret_size)
{
	uint64_t size = 0;

	if (text.size == 0 || text.size > SIZE_TEXT_SIZE ||
	    (text.size > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		/* Nineteen digits stay below 2^64. */
		size = size * 10 + (text.data[i] - '0');
	}
	*ret_size = size;
	return size <= SEQUENCE_MAX;
}

static bool parse_root(struct bytes text, struct hash *ret_root)
{
	size_t size;

	return bytes_from_base64(text, ret_root->bytes, HASH_SIZE, &size) &&
	       size == HASH_SIZE;
}

/*
 * The signed text up to and with the empty line after it. signed-note ends the
 * text at its last empty line, and tlog-checkpoint has none within it: so it
 * is the first as well, and a later one is refused as no signature.
 */
static enum result parse_text(
    struct reader *reader, struct checkpoint *ret_checkpoint, struct error *err)
{
	struct bytes line;
	enum result result;

	if (!read_line(reader, &line))
		return refuse("it has no first line", err);
	result = check_origin(line, err);
	if (result != RESULT_OK)
		return result;
	memcpy(ret_checkpoint->origin, line.data, line.size);
	ret_checkpoint->origin[line.size] = '\0';
	if (!read_line(reader, &line) ||
	    !parse_size(line, &ret_checkpoint->size))
		return refuse("its second line is no tree's size", err);
	if (!read_line(reader, &line) ||
	    !parse_root(line, &ret_checkpoint->root))
		return refuse("its third line is no root hash", err);
	do {
		if (!read_line(reader, &line))
			return refuse("no empty line ends its text", err);
	} while (line.size > 0);
	return RESULT_OK;
}

struct signature {
	struct bytes name;
	uint8_t payload[SIGNATURE_LINE_SIZE_MAX]; /* key id, then signature */
	size_t payload_size;
};

/* "— name base64": the payload is longer than the key id alone. */
static enum result read_signature(
    struct reader *reader, struct signature *ret_signature, struct error *err)
{
	struct bytes line;
	struct bytes mark;
	struct reader words;
	size_t name_size = 0;

	if (!read_line(reader, &line))
		return refuse("a signature has no end", err);
	words = reader_of(line);
	mark = reader_bytes(&words, DASH_SIZE);
	if (words.failed || !bytes_equal(mark, bytes_of(DASH, DASH_SIZE)))
		return refuse("a signature does not start with a dash", err);
	while (name_size < reader_left(&words) &&
	       line.data[DASH_SIZE + name_size] != ' ')
		name_size++;
	ret_signature->name = reader_bytes(&words, name_size);
	reader_u8(&words);
	if (words.failed || !is_name(ret_signature->name))
		return refuse("a signature has no key's name", err);
	if (!bytes_from_base64(reader_bytes(&words, reader_left(&words)),
		ret_signature->payload, sizeof(ret_signature->payload),
		&ret_signature->payload_size) ||
	    ret_signature->payload_size <= KEY_ID_SIZE)
		return refuse("a signature is not in base64", err);
	return RESULT_OK;
}

/* A note that is well-formed as a whole, and where its parts are. */
struct parsed {
	struct checkpoint checkpoint;
	struct bytes text;
	struct reader signatures; /* at the first of them */
};

static enum result check_signatures(struct reader reader, struct error *err)
{
	struct signature signature;
	enum result result = RESULT_OK;
	unsigned count = 0;

	if (reader_left(&reader) == 0)
		return refuse("it has no signature", err);
	while (result == RESULT_OK && reader_left(&reader) > 0) {
		if (++count > SIGNATURES_MAX)
			return refuse("it has too many signatures", err);
		result = read_signature(&reader, &signature, err);
	}
	return result;
}

static enum result parse_note(
    struct bytes note, struct parsed *ret_parsed, struct error *err)
{
	struct reader reader = reader_of(note);
	struct parsed parsed = {0};
	enum result result;

	if (note.size > NOTE_SIZE_MAX)
		return error_set(err, RESULT_INVALID,
		    "checkpoint: a note has %u bytes at most", NOTE_SIZE_MAX);
	if (!bytes_are_text(note, "\n"))
		return refuse("it is not text in UTF-8", err);
	result = parse_text(&reader, &parsed.checkpoint, err);
	if (result != RESULT_OK)
		return result;
	parsed.text = bytes_of(note.data, reader.position - 1);
	parsed.signatures = reader;
	result = check_signatures(reader, err);
	if (result == RESULT_OK)
		*ret_parsed = parsed;
	return result;
}

enum result checkpoint_parse(
    struct bytes note, struct checkpoint *ret_checkpoint, struct error *err)
{
	struct parsed parsed;
	enum result result = parse_note(note, &parsed, err);

	if (result == RESULT_OK)
		*ret_checkpoint = parsed.checkpoint;
	return result;
}

/* --- verifying ------------------------------------------------------------ */

static bool is_ours(const struct signature *signature, struct bytes name,
    const uint8_t id[KEY_ID_SIZE])
{
	return bytes_equal(signature->name, name) &&
	       memcmp(signature->payload, id, KEY_ID_SIZE) == 0;
}

/* One good signature of our key is wanted, and none of it that is bad. */
static enum result verify_signatures(
    struct parsed *parsed, const uint8_t key[SIGN_KEY_SIZE], struct error *err)
{
	struct bytes name = bytes_of_string(parsed->checkpoint.origin);
	struct signature signature;
	uint8_t id[KEY_ID_SIZE];
	bool found = false;
	enum result result = key_id(name, key, id, err);

	while (result == RESULT_OK && reader_left(&parsed->signatures) > 0) {
		result = read_signature(&parsed->signatures, &signature, err);
		if (result != RESULT_OK || !is_ours(&signature, name, id))
			continue;
		if (signature.payload_size != PAYLOAD_SIZE)
			return error_set(err, RESULT_DENIED,
			    "checkpoint: its signature has a wrong size");
		result = sign_verify(
		    key, parsed->text, &signature.payload[KEY_ID_SIZE], err);
		if (result != RESULT_OK)
			return error_prefix(err, "checkpoint");
		found = true;
	}
	if (result == RESULT_OK && !found)
		return error_set(err, RESULT_DENIED,
		    "checkpoint: it is not signed by this key of %s",
		    parsed->checkpoint.origin);
	return result;
}

enum result checkpoint_open(struct bytes note, const uint8_t key[SIGN_KEY_SIZE],
    struct checkpoint *ret_checkpoint, struct error *err)
{
	struct parsed parsed;
	enum result result = parse_note(note, &parsed, err);

	if (result == RESULT_OK)
		result = verify_signatures(&parsed, key, err);
	if (result == RESULT_OK)
		*ret_checkpoint = parsed.checkpoint;
	return result;
}
