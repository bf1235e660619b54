/*
 * book_objects: owns the bytes of a kept object.
 *
 * Each object starts with a format byte, 1. Integers are big-endian; balances
 * are two's complement. By key:
 *
 *    account 1 … 4     balance i64
 *    member            balance i64, enrolled u64, last entry u64, count u32,
 *                      then count times: sale u64, amount u64, points u64,
 *                      sales ascending
 *    terminal          role u8, standing u8, key 32, highest counter u64
 *    cashier           role u8, standing u8
 *    programme         sequence u64, text to the end
 *    shop              key 32, highest counter of terminal 0 u64, origin to
 *                      the end
 *
 * When it is true is not among them: the store keeps that beside them.
 */
#include "common/law/book_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_VERSION 1u
#define OBJECT_HEAD_SIZE_MAX 64u
#define RETURNED_SIZE 24u

enum object_kind book_key_kind(uint64_t key, uint64_t *ret_number)
{
	uint64_t number = key & 0xffffffffull;

	*ret_number = number;
	if (key >= ACCOUNT_MEMBER_MIN && key <= ACCOUNT_MEMBER_MAX)
		return OBJECT_MEMBER;
	if (key == BOOK_KEY_SHOP)
		return OBJECT_SHOP;
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

static enum result corrupt(struct error *err, uint64_t key, const char *what)
{
	return error_set(err, RESULT_CORRUPT, "object %llu of the book: %s",
	    (unsigned long long)key, what);
}

/* --- saving --------------------------------------------------------------- */

/* An object being written: its head, and what follows it as it is. */
struct object {
	uint8_t memory[OBJECT_HEAD_SIZE_MAX];
	struct writer head;
	struct bytes tail;
	const struct book_member *member; /* its returns follow the head */
	uint64_t true_at;
};

static void write_member(
    struct object *object, const struct book_member *member)
{
	writer_u64(&object->head, (uint64_t)member->balance_points);
	writer_u64(&object->head, member->enrolled_sequence);
	writer_u64(&object->head, member->last_sequence);
	writer_u32(&object->head,
	    member->extra == NULL ? 0 : member->extra->returned_count);
	object->member = member;
	object->true_at = member->true_at;
}

static void write_terminal(
    struct object *object, const struct book_terminal *terminal)
{
	writer_u8(&object->head, (uint8_t)terminal->role);
	writer_u8(&object->head, (uint8_t)terminal->standing);
	writer_bytes(&object->head, hash_view(&terminal->key));
	writer_u64(&object->head, terminal->counter_max);
	object->true_at = terminal->true_at;
}

static void write_cashier(
    struct object *object, const struct book_cashier *cashier)
{
	writer_u8(&object->head, (uint8_t)cashier->role);
	writer_u8(&object->head, (uint8_t)cashier->standing);
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

/* False where there is no such object. */
static bool write_object(
    struct object *object, const struct book *book, uint64_t key)
{
	const void *found = NULL;
	uint64_t number;
	enum object_kind kind = book_key_kind(key, &number);

	if (kind == OBJECT_MEMBER && (found = book_find_member(book, key)))
		write_member(object, found);
	if (kind == OBJECT_TERMINAL &&
	    (found = book_find_terminal(book, (uint32_t)number)))
		write_terminal(object, found);
	if (kind == OBJECT_CASHIER &&
	    (found = book_find_cashier(book, (uint32_t)number)))
		write_cashier(object, found);
	if (kind == OBJECT_PROGRAMME && (found = find_version(book, number)))
		write_programme(object, found);
	if (kind == OBJECT_SHOP && book->shop.true_at > 0) {
		found = &book->shop;
		write_shop(object, book);
	}
	if (kind == OBJECT_ACCOUNT) {
		found = &book->accounts[number];
		writer_u64(&object->head,
		    (uint64_t)book->accounts[number].balance_points);
		object->true_at = book->accounts[number].true_at;
	}
	return found != NULL;
}

static enum result append_returned(
    const struct book_member *member, struct buffer *to, struct error *err)
{
	uint32_t count =
	    member->extra == NULL ? 0 : member->extra->returned_count;

	for (uint32_t index = 0; index < count; index++) {
		const struct book_returned *returned =
		    &member->extra->returned[index];
		uint8_t memory[RETURNED_SIZE];
		struct writer writer = writer_of(memory, sizeof(memory));
		enum result result;

		writer_u64(&writer, returned->sale_sequence);
		writer_u64(&writer, returned->amount_minor);
		writer_u64(&writer, returned->points);
		assert(!writer.failed && writer.size == RETURNED_SIZE);
		result = buffer_append(to, writer_view(&writer), err);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

/* Room for the whole is made first, so that a failure leaves `to` alone. */
static enum result append_object(
    const struct object *object, struct buffer *to, struct error *err)
{
	size_t returned_size =
	    object->member == NULL
		? 0
		: (object->member->extra == NULL
			  ? 0
			  : (size_t)object->member->extra->returned_count) *
		      RETURNED_SIZE;
	enum result result = buffer_reserve(
	    to, object->head.size + object->tail.size + returned_size, err);

	if (result == RESULT_OK)
		result = buffer_append(to, writer_view(&object->head), err);
	if (result == RESULT_OK)
		result = buffer_append(to, object->tail, err);
	if (result == RESULT_OK && object->member != NULL)
		result = append_returned(object->member, to, err);
	return result;
}

enum result book_save_object(const struct book *book, uint64_t key,
    struct buffer *to, uint64_t *ret_true_at, struct error *err)
{
	struct object object = {.true_at = 0};
	enum result result;

	object.head = writer_of(object.memory, sizeof(object.memory));
	writer_u8(&object.head, OBJECT_VERSION);
	if (!write_object(&object, book, key))
		return error_set(err, RESULT_NOT_FOUND,
		    "the book has no object %llu", (unsigned long long)key);
	assert(!object.head.failed);
	result = append_object(&object, to, err);
	if (result == RESULT_OK)
		*ret_true_at = object.true_at;
	return result;
}

/* --- loading -------------------------------------------------------------- */

/* One object being loaded. What is read comes before what is changed, so that
 * `reader` tells of a short object first. */
struct loading {
	struct book *book;
	uint64_t key;
	uint64_t number;
	uint64_t true_at;
	struct reader reader;
	struct error *err;
};

static enum result ill(const struct loading *loading, const char *what)
{
	return corrupt(loading->err, loading->key, what);
}

/* Read to the end, and not past it. */
static bool is_read(const struct loading *loading)
{
	return !loading->reader.failed && reader_left(&loading->reader) == 0;
}

static enum result load_account(struct loading *loading)
{
	struct book_account *account =
	    &loading->book->accounts[loading->number];
	int64_t balance_points = (int64_t)reader_u64(&loading->reader);

	if (!is_read(loading))
		return ill(loading, "its size is wrong");
	if (account->true_at != 0)
		return ill(loading, "it comes twice");
	if (!book_is_balance(balance_points) ||
	    (loading->true_at == 0 && balance_points != 0))
		return ill(loading, "its balance cannot be");
	account->balance_points = balance_points;
	account->true_at = loading->true_at;
	return RESULT_OK;
}

/* Into an array as add_returned() makes it: a power of two of places. */
static enum result load_returned(
    struct loading *loading, struct book_member *member, uint32_t count)
{
	size_t capacity = 1;

	if (count == 0)
		return RESULT_OK;
	while (capacity < count)
		capacity *= 2;
	if (book_add_extra(member) == NULL)
		return error_no_memory(loading->err);
	member->extra->returned =
	    calloc(capacity, sizeof(*member->extra->returned));
	if (member->extra->returned == NULL)
		return error_no_memory(loading->err);
	for (uint32_t index = 0; index < count; index++) {
		struct book_returned *returned =
		    &member->extra->returned[index];

		returned->sale_sequence = reader_u64(&loading->reader);
		returned->amount_minor = reader_u64(&loading->reader);
		returned->points = reader_u64(&loading->reader);
		if (returned->sale_sequence == 0 ||
		    (index > 0 &&
			returned->sale_sequence <=
			    member->extra->returned[index - 1].sale_sequence))
			return ill(loading, "its sales are out of order");
	}
	member->extra->returned_count = count;
	return RESULT_OK;
}

/* A failure leaves a member half loaded; the book is thrown away then. */
static enum result load_member(struct loading *loading)
{
	struct book *book = loading->book;
	int64_t balance_points = (int64_t)reader_u64(&loading->reader);
	uint64_t enrolled_sequence = reader_u64(&loading->reader);
	uint64_t last_sequence = reader_u64(&loading->reader);
	uint32_t count = reader_u32(&loading->reader);
	struct book_member *member;

	if (loading->reader.failed ||
	    reader_left(&loading->reader) != (uint64_t)count * RETURNED_SIZE)
		return ill(loading, "its size is wrong");
	if (enrolled_sequence == 0 || last_sequence < enrolled_sequence ||
	    loading->true_at < last_sequence)
		return ill(loading, "its sequences contradict each other");
	if (book_find_member(book, loading->key) != NULL)
		return ill(loading, "it comes twice");
	if (!book_is_balance(balance_points) ||
	    __builtin_add_overflow(
		book->members_points, balance_points, &book->members_points))
		return ill(loading, "its balance cannot be");
	member = book_add_member(book, loading->key);
	if (member == NULL)
		return error_no_memory(loading->err);
	member->balance_points = balance_points;
	member->enrolled_sequence = enrolled_sequence;
	member->last_sequence = last_sequence;
	member->true_at = loading->true_at;
	return load_returned(loading, member, count);
}

static enum result load_terminal(struct loading *loading)
{
	struct book *book = loading->book;
	uint8_t role = reader_u8(&loading->reader);
	uint8_t standing = reader_u8(&loading->reader);
	struct book_terminal *terminal;
	struct hash key;
	uint64_t counter_max;

	reader_copy(&loading->reader, key.bytes, sizeof(key.bytes));
	counter_max = reader_u64(&loading->reader);
	if (!is_read(loading))
		return ill(loading, "its size is wrong");
	if (!book_role_is_of_terminal(role) || !book_is_standing(standing) ||
	    counter_max > COUNTER_MAX || loading->true_at == 0)
		return ill(loading, "it is no terminal");
	if (book_find_terminal(book, (uint32_t)loading->number) != NULL)
		return ill(loading, "it comes twice");
	terminal = book_place_terminal(book, (uint32_t)loading->number);
	if (terminal == NULL)
		return error_no_memory(loading->err);
	terminal->role = role;
	terminal->key = key;
	terminal->counter_max = counter_max;
	terminal->true_at = loading->true_at;
	book_set_terminal_standing(book, terminal, standing);
	return RESULT_OK;
}

static enum result load_cashier(struct loading *loading)
{
	struct book *book = loading->book;
	uint8_t role = reader_u8(&loading->reader);
	uint8_t standing = reader_u8(&loading->reader);
	struct book_cashier *cashier;

	if (!is_read(loading))
		return ill(loading, "its size is wrong");
	if (!book_role_is_of_cashier(role) || !book_is_standing(standing) ||
	    loading->true_at == 0)
		return ill(loading, "it is no cashier");
	if (book_find_cashier(book, (uint32_t)loading->number) != NULL)
		return ill(loading, "it comes twice");
	cashier = book_place_cashier(book, (uint32_t)loading->number);
	if (cashier == NULL)
		return error_no_memory(loading->err);
	cashier->role = role;
	cashier->true_at = loading->true_at;
	book_set_cashier_standing(book, cashier, standing);
	return RESULT_OK;
}

static enum result load_programme(struct loading *loading)
{
	uint64_t sequence = reader_u64(&loading->reader);
	struct bytes text =
	    reader_bytes(&loading->reader, reader_left(&loading->reader));
	struct book_programme *place;
	enum result result;

	if (!is_read(loading))
		return ill(loading, "its size is wrong");
	if (sequence == 0 || sequence > loading->true_at)
		return ill(loading, "its sequences contradict each other");
	place = book_place_programme(loading->book, loading->number);
	if (place == NULL)
		return error_no_memory(loading->err);
	if (place->programme != NULL)
		return ill(loading, "it comes twice");
	result = programme_parse(text, &place->programme, loading->err);
	if (result == RESULT_NO_MEMORY)
		return result;
	if (result != RESULT_OK)
		return ill(loading, "its text is no programme");
	if (!book_copy_bytes(text, &place->text))
		return error_no_memory(loading->err);
	place->sequence = sequence;
	return RESULT_OK;
}

static enum result load_shop(struct loading *loading)
{
	struct book *book = loading->book;
	struct hash key;
	uint64_t server_counter;
	struct bytes origin;

	reader_copy(&loading->reader, key.bytes, sizeof(key.bytes));
	server_counter = reader_u64(&loading->reader);
	origin = reader_bytes(&loading->reader, reader_left(&loading->reader));
	if (!is_read(loading) || origin.size == 0)
		return ill(loading, "its size is wrong");
	if (loading->true_at == 0 || server_counter == 0 ||
	    server_counter > COUNTER_MAX)
		return ill(loading, "it is no shop");
	if (book->shop.true_at != 0)
		return ill(loading, "it comes twice");
	if (!book_copy_bytes(origin, &book->shop.origin))
		return error_no_memory(loading->err);
	book->shop.key = key;
	book->shop.true_at = loading->true_at;
	book->head.server_counter = server_counter;
	return RESULT_OK;
}

enum result book_load_object(struct book *book, uint64_t key, uint64_t true_at,
    struct bytes object, struct error *err)
{
	struct loading loading = {
	    .book = book,
	    .key = key,
	    .true_at = true_at,
	    .reader = reader_of(object),
	    .err = err,
	};
	enum object_kind kind = book_key_kind(key, &loading.number);
	uint8_t version = reader_u8(&loading.reader);

	if (book->started)
		return error_set(
		    err, RESULT_INVALID, "objects go into a fresh book alone");
	if (true_at > SEQUENCE_MAX || loading.reader.failed)
		return corrupt(err, key, "it is empty or from no time");
	if (version != OBJECT_VERSION)
		return corrupt(err, key, "its format is not known");
	switch (kind) {
	case OBJECT_ACCOUNT:
		return load_account(&loading);
	case OBJECT_TERMINAL:
		return load_terminal(&loading);
	case OBJECT_CASHIER:
		return load_cashier(&loading);
	case OBJECT_PROGRAMME:
		return load_programme(&loading);
	case OBJECT_SHOP:
		return load_shop(&loading);
	case OBJECT_MEMBER:
		return load_member(&loading);
	case OBJECT_TALLY:
	case OBJECT_CLAIMS:
	case OBJECT_NONE:
		break;
	}
	return corrupt(err, key, "nothing has such a key");
}

/* Versions up to `sequence` are in force without a gap, the loaded rest is
 * later; sequences rise. */
static enum result start_programmes(
    struct book *book, uint64_t sequence, struct error *err)
{
	uint64_t last = 0;
	size_t count = 0;

	for (size_t index = 0; index < book->programme_capacity; index++) {
		const struct book_programme *place = &book->programmes[index];

		if (place->programme == NULL)
			continue;
		if (place->sequence <= last)
			return corrupt(err, BOOK_KEY_PROGRAMME + index + 1,
			    "it is not later than the version before");
		last = place->sequence;
		if (place->sequence > sequence)
			continue;
		if (index != count)
			return corrupt(err, BOOK_KEY_PROGRAMME + count + 1,
			    "this version is missing");
		count++;
	}
	book->programme_count = count;
	return RESULT_OK;
}

enum result book_start_at(
    struct book *book, uint64_t sequence, uint64_t time_ms, struct error *err)
{
	enum result result;

	if (book->started || sequence > SEQUENCE_MAX)
		return error_set(err, RESULT_INVALID,
		    "a book starts once, at most at entry %llu",
		    (unsigned long long)SEQUENCE_MAX);
	if (sequence > 0 && book->shop.true_at == 0)
		return corrupt(err, BOOK_KEY_SHOP, "it is missing");
	result = start_programmes(book, sequence, err);
	if (result != RESULT_OK)
		return result;
	book->head.sequence = sequence;
	book->head.time_ms = time_ms;
	book->started = true;
	return RESULT_OK;
}
