/*
 * book_keys: owns what goes over many keys: the list of dirty objects, and the
 * digest over all of them.
 */
#include "common/law/book_inside.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* --- dirt ----------------------------------------------------------------- */

static void make_clean(struct book *book, uint64_t key)
{
	uint64_t number;

	switch (book_key_kind(key, &number)) {
	case OBJECT_ACCOUNT:
		book->accounts[number].dirty = false;
		break;
	case OBJECT_TERMINAL:
		book->terminals[number].dirty = false;
		break;
	case OBJECT_CASHIER:
		book->cashiers[number].dirty = false;
		break;
	case OBJECT_SHOP:
		book->shop.dirty = false;
		break;
	case OBJECT_MEMBER:
		book_find_member(book, key)->dirty = false;
		break;
	case OBJECT_TALLY:
		book_find_tally(book, (uint32_t)number)->dirty = false;
		break;
	case OBJECT_CLAIMS:
		book_find_claims(book, (uint32_t)number)->dirty = false;
		break;
	case OBJECT_PROGRAMME: /* never changes, and so is never dirty again */
	case OBJECT_NONE:
		break;
	}
}

enum result book_take_dirty(struct book *book, uint64_t **ret_keys,
    size_t *ret_count, struct error *err)
{
	uint64_t *keys = NULL;
	size_t count = book->dirty_count;

	if (count > 0) {
		keys = malloc(count * sizeof(*keys));
		if (keys == NULL)
			return error_no_memory(err);
		memcpy(keys, book->dirty_keys, count * sizeof(*keys));
		qsort(keys, count, sizeof(*keys), compare_keys);
	}
	for (size_t index = 0; index < count; index++)
		make_clean(book, keys[index]);
	book->dirty_count = 0;
	*ret_keys = keys;
	*ret_count = count;
	return RESULT_OK;
}

size_t book_dirty_count(const struct book *book)
{
	return book->dirty_count;
}

/* --- the digest ----------------------------------------------------------- */

/* A chain: each step hashes the digest so far, the key, and the object. */
struct digest {
	const struct book *book;
	struct hasher *hasher;
	struct hash hash;
	struct buffer step; /* kept between steps for its memory */
	struct error *err;
};

/* A key without an object is passed over. */
static enum result digest_key(struct digest *digest, uint64_t key)
{
	uint8_t memory[8];
	struct writer writer = writer_of(memory, sizeof(memory));
	uint64_t true_at;
	enum result result;

	writer_u64(&writer, key);
	digest->step.size = 0;
	result =
	    buffer_append(&digest->step, hash_view(&digest->hash), digest->err);
	if (result == RESULT_OK)
		result = buffer_append(
		    &digest->step, writer_view(&writer), digest->err);
	if (result == RESULT_OK)
		result = book_save_object(
		    digest->book, key, &digest->step, &true_at, digest->err);
	if (result == RESULT_NOT_FOUND)
		return RESULT_OK;
	if (result == RESULT_OK)
		digest->hash =
		    hash_plain(digest->hasher, buffer_view(&digest->step));
	return result;
}

static enum result digest_keys(
    struct digest *digest, uint64_t base, uint64_t count)
{
	enum result result = RESULT_OK;

	for (uint64_t number = 1; result == RESULT_OK && number <= count;
	     number++)
		result = digest_key(digest, base + number);
	return result;
}

static enum result digest_shared(struct digest *digest)
{
	const struct book *book = digest->book;
	enum result result = RESULT_OK;

	for (size_t index = 0; result == RESULT_OK && index < book->tally_count;
	     index++)
		result = digest_key(
		    digest, BOOK_KEY_TALLY + book->tallies[index].ident);
	for (size_t index = 0;
	     result == RESULT_OK && index < book->claims_count; index++)
		result = digest_key(
		    digest, BOOK_KEY_CLAIMS + book->claims[index].number);
	return result;
}

static enum result digest_members(struct digest *digest)
{
	const struct book *book = digest->book;
	size_t count = book->member_count;
	enum result result = RESULT_OK;
	uint64_t *keys;

	if (count == 0)
		return RESULT_OK;
	keys = malloc(count * sizeof(*keys));
	if (keys == NULL)
		return error_no_memory(digest->err);
	for (size_t index = 0; index < count; index++)
		keys[index] = book->members[index].account;
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t index = 0; result == RESULT_OK && index < count; index++)
		result = digest_key(digest, keys[index]);
	free(keys);
	return result;
}

enum result book_digest(const struct book *book, struct hasher *hasher,
    struct hash *ret_digest, struct error *err)
{
	struct digest digest = {.book = book, .hasher = hasher, .err = err};
	enum result result;

	result = digest_keys(&digest, 0, BOOK_ACCOUNTS_END - 1);
	if (result == RESULT_OK)
		result = digest_keys(
		    &digest, BOOK_KEY_TERMINAL, book->terminal_last);
	if (result == RESULT_OK)
		result =
		    digest_keys(&digest, BOOK_KEY_CASHIER, book->cashier_last);
	if (result == RESULT_OK)
		result = digest_keys(
		    &digest, BOOK_KEY_PROGRAMME, book->programme_capacity);
	if (result == RESULT_OK)
		result = digest_key(&digest, BOOK_KEY_SHOP);
	if (result == RESULT_OK)
		result = digest_shared(&digest);
	if (result == RESULT_OK)
		result = digest_members(&digest);
	buffer_finish(&digest.step);
	if (result == RESULT_OK)
		*ret_digest = digest.hash;
	return result;
}
