/*
 * book_objects: owns the bytes of a kept object, and how they are written.
 * book_objects_load.c reads them.
 *
 * Each object starts with a format byte, 2. Integers are big-endian; balances
 * and days are two's complement. By key:
 *
 *    account 1 … 4     balance i64
 *    member            book_objects_member.c
 *    terminal          role u8, standing u8, key 32, highest counter u64, shop:
 *                      size u8 and its bytes; tombstones u64 to the end,
 *                      ascending
 *    cashier           role u8, standing u8, account u64, given day i32, given
 *                      u64, second u64
 *    programme         sequence u64, text to the end
 *    shop              key 32, highest counter of terminal 0 u64, origin to
 *                      the end
 *    tally             value u64
 *    claims            places u16 to the end, ascending
 *
 * When it is true is not among them: the store keeps that beside them. Format 1
 * knew neither lots nor anything that a whole programme brought.
 */
#include "common/law/book_objects.h"

#include <assert.h>

#define OBJECT_HEAD_SIZE_MAX 96u

bool book_object_is_old(struct bytes object)
{
	return object.size > 0 && object.data[0] == OBJECT_VERSION_OLD;
}

enum object_kind book_key_kind(uint64_t key, uint64_t *ret_number)
{
	uint64_t number = key & 0xffffffffull;

	*ret_number = number;
	if (key >= ACCOUNT_MEMBER_MIN && key <= ACCOUNT_MEMBER_MAX)
		return OBJECT_MEMBER;
	if (key == BOOK_KEY_SHOP)
		return OBJECT_SHOP;
	/* An ident may be any number, even 0. */
	if (key - number == BOOK_KEY_TALLY)
		return OBJECT_TALLY;
	if (number == 0)
		return OBJECT_NONE;
	switch (key - number) {
	case 0:
		return number < BOOK_ACCOUNTS_END ? OBJECT_ACCOUNT
						  : OBJECT_NONE;
	case BOOK_KEY_TERMINAL:
		return number <= TERMINALS_MAX ? OBJECT_TERMINAL : OBJECT_NONE;
	case BOOK_KEY_CASHIER:
		return number <= CASHIERS_MAX ? OBJECT_CASHIER : OBJECT_NONE;
	case BOOK_KEY_PROGRAMME:
		return number <= BOOK_PROGRAMMES_MAX ? OBJECT_PROGRAMME
						     : OBJECT_NONE;
	case BOOK_KEY_CLAIMS:
		return OBJECT_CLAIMS;
	}
	return OBJECT_NONE;
}

static const struct book_programme *find_version(
    const struct book *book, uint64_t version)
{
	if (version > book->programme_capacity ||
	    book->programmes[version - 1].programme == NULL)
		return NULL;
	return &book->programmes[version - 1];
}

/* --- saving --------------------------------------------------------------- */

/* An object being written: its head, and what follows it: bytes as they are, or
 * one list of numbers. */
struct object {
	uint8_t memory[OBJECT_HEAD_SIZE_MAX];
	struct writer head;
	struct bytes tail;
	const struct book_member *member;
	const struct book_terminal *terminal; /* its tombstones follow */
	const struct book_claims *claims;     /* its places do */
	uint64_t true_at;
};

static void write_terminal(
    struct object *object, const struct book_terminal *terminal)
{
	struct bytes shop = bytes_of_string(terminal->shop);

	writer_u8(&object->head, (uint8_t)terminal->role);
	writer_u8(&object->head, (uint8_t)terminal->standing);
	writer_bytes(&object->head, hash_view(&terminal->key));
	writer_u64(&object->head, terminal->counter_max);
	writer_u8(&object->head, (uint8_t)shop.size);
	writer_bytes(&object->head, shop);
	object->terminal = terminal;
	object->true_at = terminal->true_at;
}

static void write_cashier(
    struct object *object, const struct book_cashier *cashier)
{
	writer_u8(&object->head, (uint8_t)cashier->role);
	writer_u8(&object->head, (uint8_t)cashier->standing);
	writer_u64(&object->head, cashier->account);
	writer_u32(&object->head, (uint32_t)cashier->given_day);
	writer_u64(&object->head, cashier->given_points);
	writer_u64(&object->head, cashier->second_points);
	object->true_at = cashier->true_at;
}

static void write_programme(
    struct object *object, const struct book_programme *programme)
{
	writer_u64(&object->head, programme->sequence);
	object->tail = programme->text;
	object->true_at = programme->sequence;
}

static void write_shop(struct object *object, const struct book *book)
{
	writer_bytes(&object->head, hash_view(&book->shop.key));
	writer_u64(&object->head, book->head.server_counter);
	object->tail = book->shop.origin;
	object->true_at = book->shop.true_at;
}

static void write_account(
    struct object *object, const struct book_account *account)
{
	writer_u64(&object->head, (uint64_t)account->balance_points);
	object->true_at = account->true_at;
}

/* The thing that a key names; NULL where there is none. */
static const void *find_object(const struct book *book, enum object_kind kind,
    uint64_t key, uint64_t number)
{
	switch (kind) {
	case OBJECT_ACCOUNT:
		return &book->accounts[number];
	case OBJECT_TERMINAL:
		return book_find_terminal(book, (uint32_t)number);
	case OBJECT_CASHIER:
		return book_find_cashier(book, (uint32_t)number);
	case OBJECT_PROGRAMME:
		return find_version(book, number);
	case OBJECT_SHOP:
		return book->shop.true_at > 0 ? book : NULL;
	case OBJECT_MEMBER:
		return book_find_member(book, key);
	case OBJECT_TALLY:
		return book_find_tally(book, (uint32_t)number);
	case OBJECT_CLAIMS:
		return book_find_claims(book, (uint32_t)number);
	case OBJECT_NONE:
		break;
	}
	return NULL;
}

static void write_found(
    struct object *object, enum object_kind kind, const void *found)
{
	const struct book_tally *tally = found;

	switch (kind) {
	case OBJECT_ACCOUNT:
		write_account(object, found);
		break;
	case OBJECT_TERMINAL:
		write_terminal(object, found);
		break;
	case OBJECT_CASHIER:
		write_cashier(object, found);
		break;
	case OBJECT_PROGRAMME:
		write_programme(object, found);
		break;
	case OBJECT_SHOP:
		write_shop(object, found);
		break;
	case OBJECT_MEMBER:
		object->member = found;
		object->true_at = object->member->true_at;
		break;
	case OBJECT_TALLY:
		writer_u64(&object->head, tally->value);
		object->true_at = tally->true_at;
		break;
	case OBJECT_CLAIMS:
		object->claims = found;
		object->true_at = object->claims->true_at;
		break;
	case OBJECT_NONE:
		break;
	}
}

static size_t rest_size_max(const struct object *object)
{
	if (object->member != NULL)
		return member_size_max(object->member);
	if (object->terminal != NULL)
		return object->terminal->tombstone_count * sizeof(uint64_t);
	if (object->claims != NULL)
		return object->claims->count * sizeof(uint16_t);
	return object->tail.size;
}

static void write_rest(const struct object *object, struct writer *writer)
{
	const struct book_terminal *terminal = object->terminal;
	const struct book_claims *claims = object->claims;

	if (object->member != NULL)
		member_write(writer, object->member);
	for (uint32_t index = 0;
	     terminal != NULL && index < terminal->tombstone_count; index++)
		writer_u64(writer, terminal->tombstones[index]);
	for (uint32_t index = 0; claims != NULL && index < claims->count;
	     index++)
		writer_u16(writer, claims->offsets[index]);
	writer_bytes(writer, object->tail);
}

/* Room for the whole is made first, so that a failure leaves `to` alone. */
static enum result append_object(
    const struct object *object, struct buffer *to, struct error *err)
{
	size_t size = object->head.size + rest_size_max(object);
	enum result result = buffer_reserve(to, size, err);
	struct writer writer;

	if (result != RESULT_OK)
		return result;
	writer = writer_of(&to->data[to->size], size);
	writer_bytes(&writer, writer_view(&object->head));
	write_rest(object, &writer);
	assert(!writer.failed);
	to->size += writer.size;
	return RESULT_OK;
}

enum result book_save_object(const struct book *book, uint64_t key,
    struct buffer *to, uint64_t *ret_true_at, struct error *err)
{
	struct object object = {.true_at = 0};
	uint64_t number;
	enum object_kind kind = book_key_kind(key, &number);
	const void *found = find_object(book, kind, key, number);
	enum result result;

	if (found == NULL)
		return error_set(err, RESULT_NOT_FOUND,
		    "the book has no object %llu", (unsigned long long)key);
	object.head = writer_of(object.memory, sizeof(object.memory));
	writer_u8(&object.head, OBJECT_VERSION);
	write_found(&object, kind, found);
	assert(!object.head.failed);
	result = append_object(&object, to, err);
	if (result == RESULT_OK)
		*ret_true_at = object.true_at;
	return result;
}
