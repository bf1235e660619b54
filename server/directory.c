/*
 * directory: an open-addressing table from a card's digest to its account.
 *
 * The digest is SHA-256 under a salt drawn at the start, cut to 16 bytes: no
 * card number stands in memory, every slot has the same small size whatever
 * the number's length, and nobody can choose card numbers that collide.
 */
#include "server/directory.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

#define CARD_ROW_VERSION 1u
#define DIGEST_SIZE 16u
#define SLOTS_MIN 1024u

struct slot {
	uint8_t digest[DIGEST_SIZE];
	uint64_t account; /* 0: free */
};

struct directory {
	struct hasher *hasher;
	uint8_t salt[DIGEST_SIZE];
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t used;
};

enum result directory_create(
    struct directory **ret_directory, struct error *err)
{
	struct directory *directory = calloc(1, sizeof(*directory));

	if (directory == NULL)
		return error_no_memory(err);
	directory->slot_count = SLOTS_MIN;
	directory->slots = calloc(SLOTS_MIN, sizeof(struct slot));
	if (directory->slots == NULL ||
	    hasher_create(&directory->hasher, err) != RESULT_OK) {
		directory_destroy(directory);
		return error_no_memory(err);
	}
	crypto_random(directory->salt, sizeof(directory->salt));
	*ret_directory = directory;
	return RESULT_OK;
}

void directory_destroy(struct directory *directory)
{
	if (directory == NULL)
		return;
	hasher_destroy(directory->hasher);
	free(directory->slots);
	free(directory);
}

static void digest_of(const struct directory *directory, const char *number,
    uint8_t ret_digest[DIGEST_SIZE])
{
	uint8_t text[DIGEST_SIZE + CARD_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));
	struct hash hash;

	writer_bytes(&writer, bytes_of(directory->salt, DIGEST_SIZE));
	writer_bytes(&writer, bytes_of_string(number));
	hash = hash_plain(directory->hasher, writer_view(&writer));
	memcpy(ret_digest, hash.bytes, DIGEST_SIZE);
}

/* The slot that holds `digest`, or the free one where it belongs. The table
 * is never full, so the walk ends. */
static struct slot *slot_of(
    struct slot *slots, size_t slot_count, const uint8_t *digest)
{
	uint64_t start;
	size_t at;

	memcpy(&start, digest, sizeof(start));
	at = start & (slot_count - 1);
	while (slots[at].account != 0 &&
	       memcmp(slots[at].digest, digest, DIGEST_SIZE) != 0)
		at = (at + 1) & (slot_count - 1);
	return &slots[at];
}

uint64_t directory_find(const struct directory *directory, const char *number)
{
	uint8_t digest[DIGEST_SIZE];

	if (strlen(number) > CARD_SIZE_MAX)
		return 0;
	digest_of(directory, number, digest);
	return slot_of(directory->slots, directory->slot_count, digest)
	    ->account;
}

static enum result grow(struct directory *directory, struct error *err)
{
	size_t slot_count = directory->slot_count * 2;
	struct slot *slots = calloc(slot_count, sizeof(struct slot));
	size_t i;

	if (slots == NULL)
		return error_no_memory(err);
	for (i = 0; i < directory->slot_count; i++) {
		struct slot *from = &directory->slots[i];

		if (from->account != 0)
			*slot_of(slots, slot_count, from->digest) = *from;
	}
	free(directory->slots);
	directory->slots = slots;
	directory->slot_count = slot_count;
	return RESULT_OK;
}

enum result directory_add(struct directory *directory, const char *number,
    uint64_t account, struct error *err)
{
	uint8_t digest[DIGEST_SIZE];
	struct slot *slot;

	if (account == 0 || strlen(number) > CARD_SIZE_MAX)
		return error_set(
		    err, RESULT_INVALID, "a card needs a number and a member");
	if ((directory->used + 1) * 10 > directory->slot_count * 7) {
		enum result result = grow(directory, err);

		if (result != RESULT_OK)
			return result;
	}
	digest_of(directory, number, digest);
	slot = slot_of(directory->slots, directory->slot_count, digest);
	if (slot->account != 0)
		return error_set(
		    err, RESULT_EXISTS, "the card belongs to a member already");
	memcpy(slot->digest, digest, DIGEST_SIZE);
	slot->account = account;
	directory->used++;
	return RESULT_OK;
}

static enum result load_row(
    void *context, const struct store_private *row, struct error *err)
{
	struct directory *directory = context;
	struct card_row card;
	enum result result = card_row_decode(row->body, &card, err);

	if (result == RESULT_OK)
		result = directory_add(directory, card.number, row->id, err);
	if (result == RESULT_NO_MEMORY || result == RESULT_OK)
		return result;
	error_prefix(
	    err, "the card of member %llu", (unsigned long long)row->id);
	return err == NULL ? RESULT_CORRUPT : (err->result = RESULT_CORRUPT);
}

enum result directory_load(
    struct directory *directory, struct store *store, struct error *err)
{
	memset(
	    directory->slots, 0, directory->slot_count * sizeof(struct slot));
	directory->used = 0;
	return store->ops->privates(
	    store, PRIVATE_CARD, load_row, directory, err);
}

enum result card_row_decode(
    struct bytes body, struct card_row *ret_row, struct error *err)
{
	struct reader reader = reader_of(body);
	uint8_t version = reader_u8(&reader);
	struct card_row row;
	struct bytes number;

	reader_copy(&reader, row.salt, sizeof(row.salt));
	number = reader_bytes(&reader, reader_u8(&reader));
	if (reader.failed || version != CARD_ROW_VERSION ||
	    reader_left(&reader) != 0 || number.size == 0 ||
	    number.size > CARD_SIZE_MAX ||
	    memchr(number.data, 0, number.size) != NULL)
		return error_set(err, RESULT_INVALID, "no such card row");
	memcpy(row.number, number.data, number.size);
	row.number[number.size] = '\0';
	*ret_row = row;
	return RESULT_OK;
}

struct bytes card_row_encode(
    const struct card_row *row, uint8_t ret_body[CARD_ROW_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, CARD_ROW_SIZE_MAX);
	struct bytes number = bytes_of_string(row->number);

	writer_u8(&writer, CARD_ROW_VERSION);
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u8(&writer, (uint8_t)number.size);
	writer_bytes(&writer, number);
	return writer_view(&writer);
}

struct hash card_row_commitment(
    struct hasher *hasher, const struct card_row *row, uint64_t account)
{
	static const char domain[] = "tally card v1"; /* its NUL is hashed */
	uint8_t text[sizeof(domain) + 32 + 8 + CARD_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));

	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_bytes(&writer, bytes_of(row->salt, sizeof(row->salt)));
	writer_u64(&writer, account);
	writer_bytes(&writer, bytes_of_string(row->number));
	return hash_plain(hasher, writer_view(&writer));
}
