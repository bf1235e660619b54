/*
 * book_objects_load: owns how kept objects are loaded, and where a replay
 * starts. Nothing that no book has written gets past it. The bytes stand in
 * book_objects.c.
 */
#include "common/law/book_objects.h"

#include <stdlib.h>
#include <string.h>

static enum result corrupt(struct error *err, uint64_t key, const char *what)
{
	return error_set(err, RESULT_CORRUPT, "object %llu of the book: %s",
	    (unsigned long long)key, what);
}

enum result object_ill(const struct loading *loading, const char *what)
{
	return corrupt(loading->err, loading->key, what);
}

bool object_is_read(const struct loading *loading)
{
	return !loading->reader.failed && reader_left(&loading->reader) == 0;
}

static enum result load_account(struct loading *loading)
{
	struct book_account *account =
	    &loading->book->accounts[loading->number];
	int64_t balance_points = (int64_t)reader_u64(&loading->reader);

	if (!object_is_read(loading))
		return object_ill(loading, "its size is wrong");
	if (account->true_at != 0)
		return object_ill(loading, "it comes twice");
	if (!book_is_balance(balance_points) ||
	    (loading->true_at == 0 && balance_points != 0))
		return object_ill(loading, "its balance cannot be");
	account->balance_points = balance_points;
	account->true_at = loading->true_at;
	return RESULT_OK;
}

/* Ascending, from 1 on, to the object's end. */
static enum result load_tombstones(
    struct loading *loading, struct book_terminal *terminal)
{
	size_t count = reader_left(&loading->reader) / sizeof(uint64_t);
	uint64_t last = 0;

	if (reader_left(&loading->reader) % sizeof(uint64_t) != 0 ||
	    count > TOMBSTONES_MAX)
		return object_ill(loading, "its size is wrong");
	if (count == 0)
		return RESULT_OK;
	terminal->tombstones = calloc(count, sizeof(uint64_t));
	if (terminal->tombstones == NULL)
		return error_no_memory(loading->err);
	for (size_t index = 0; index < count; index++) {
		uint64_t counter = reader_u64(&loading->reader);

		if (counter <= last || counter > COUNTER_MAX)
			return object_ill(loading, "its tombstones cannot be");
		terminal->tombstones[index] = counter;
		last = counter;
	}
	terminal->tombstone_count = (uint32_t)count;
	return RESULT_OK;
}

static enum result read_terminal(
    struct loading *loading, struct book_terminal *ret_terminal)
{
	struct reader *reader = &loading->reader;
	struct bytes shop;

	ret_terminal->role = reader_u8(reader);
	ret_terminal->standing = reader_u8(reader);
	reader_copy(reader, ret_terminal->key.bytes, HASH_SIZE);
	ret_terminal->counter_max = reader_u64(reader);
	shop = reader_bytes(reader, reader_u8(reader));
	if (reader->failed)
		return object_ill(loading, "its size is wrong");
	if (!book_role_is_of_terminal(ret_terminal->role) ||
	    !book_is_standing(ret_terminal->standing) ||
	    ret_terminal->counter_max > COUNTER_MAX || !book_is_shop_id(shop) ||
	    loading->true_at == 0)
		return object_ill(loading, "it is no terminal");
	if (shop.size > 0)
		memcpy(ret_terminal->shop, shop.data, shop.size);
	return RESULT_OK;
}

static enum result load_terminal(struct loading *loading)
{
	struct book *book = loading->book;
	uint32_t number = (uint32_t)loading->number;
	struct book_terminal read = {.number = number};
	struct book_terminal *terminal;
	enum result result = read_terminal(loading, &read);
	enum standing standing = read.standing;

	if (result != RESULT_OK)
		return result;
	if (book_find_terminal(book, number) != NULL)
		return object_ill(loading, "it comes twice");
	terminal = book_place_terminal(book, number);
	if (terminal == NULL)
		return error_no_memory(loading->err);
	read.true_at = loading->true_at;
	read.standing = 0;
	*terminal = read;
	book_set_terminal_standing(book, terminal, standing);
	return load_tombstones(loading, terminal);
}

static enum result read_cashier(
    struct loading *loading, struct book_cashier *ret_cashier)
{
	struct reader *reader = &loading->reader;

	ret_cashier->role = reader_u8(reader);
	ret_cashier->standing = reader_u8(reader);
	ret_cashier->account = reader_u64(reader);
	ret_cashier->given_day = (int32_t)reader_u32(reader);
	ret_cashier->given_points = reader_u64(reader);
	ret_cashier->second_points = reader_u64(reader);
	if (!object_is_read(loading))
		return object_ill(loading, "its size is wrong");
	if (!book_role_is_of_cashier(ret_cashier->role) ||
	    !book_is_standing(ret_cashier->standing) ||
	    (ret_cashier->account != 0 &&
		ret_cashier->account < ACCOUNT_MEMBER_MIN) ||
	    ret_cashier->account > ACCOUNT_MEMBER_MAX ||
	    ret_cashier->given_day < 0 || loading->true_at == 0)
		return object_ill(loading, "it is no cashier");
	return RESULT_OK;
}

static enum result load_cashier(struct loading *loading)
{
	struct book *book = loading->book;
	uint32_t number = (uint32_t)loading->number;
	struct book_cashier read = {.number = number};
	struct book_cashier *cashier;
	enum result result = read_cashier(loading, &read);
	enum standing standing = read.standing;

	if (result != RESULT_OK)
		return result;
	if (book_find_cashier(book, number) != NULL)
		return object_ill(loading, "it comes twice");
	cashier = book_place_cashier(book, number);
	if (cashier == NULL)
		return error_no_memory(loading->err);
	read.true_at = loading->true_at;
	read.standing = 0;
	*cashier = read;
	book_set_cashier_standing(book, cashier, standing);
	return RESULT_OK;
}

static enum result load_tally(struct loading *loading)
{
	uint32_t ident = (uint32_t)loading->number;
	uint64_t value = reader_u64(&loading->reader);
	struct book_tally *tally;

	if (!object_is_read(loading))
		return object_ill(loading, "its size is wrong");
	if (loading->true_at == 0)
		return object_ill(loading, "it is no tally");
	if (book_find_tally(loading->book, ident) != NULL)
		return object_ill(loading, "it comes twice");
	tally = book_place_tally(loading->book, ident);
	if (tally == NULL)
		return error_no_memory(loading->err);
	tally->value = value;
	tally->true_at = loading->true_at;
	return RESULT_OK;
}

static enum result load_places(
    struct loading *loading, struct book_claims *claims)
{
	size_t count = reader_left(&loading->reader) / sizeof(uint16_t);
	uint16_t least = claims->number == 1 ? 1 : 0;

	claims->offsets = calloc(count, sizeof(uint16_t));
	if (claims->offsets == NULL)
		return error_no_memory(loading->err);
	for (size_t index = 0; index < count; index++) {
		uint16_t offset = reader_u16(&loading->reader);

		if (offset < least || offset >= BOOK_CLAIMS_WIDTH)
			return object_ill(loading, "its places cannot be");
		claims->offsets[index] = offset;
		least = offset + 1;
	}
	claims->count = (uint32_t)count;
	return RESULT_OK;
}

static enum result load_claims(struct loading *loading)
{
	uint32_t number = (uint32_t)loading->number;
	size_t size = reader_left(&loading->reader);
	struct book_claims *claims;

	if (size == 0 || size % sizeof(uint16_t) != 0 ||
	    size / sizeof(uint16_t) > BOOK_CLAIMS_WIDTH ||
	    loading->true_at == 0)
		return object_ill(loading, "its size is wrong");
	if (book_find_claims(loading->book, number) != NULL)
		return object_ill(loading, "it comes twice");
	claims = book_place_claims(loading->book, number);
	if (claims == NULL)
		return error_no_memory(loading->err);
	claims->true_at = loading->true_at;
	return load_places(loading, claims);
}

static enum result load_programme(struct loading *loading)
{
	uint64_t sequence = reader_u64(&loading->reader);
	struct bytes text =
	    reader_bytes(&loading->reader, reader_left(&loading->reader));
	struct book_programme *place;
	enum result result;

	if (!object_is_read(loading))
		return object_ill(loading, "its size is wrong");
	if (sequence == 0 || sequence > loading->true_at)
		return object_ill(
		    loading, "its sequences contradict each other");
	place = book_place_programme(loading->book, loading->number);
	if (place == NULL)
		return error_no_memory(loading->err);
	if (place->programme != NULL)
		return object_ill(loading, "it comes twice");
	result = programme_parse(text, &place->programme, loading->err);
	if (result == RESULT_NO_MEMORY)
		return result;
	if (result != RESULT_OK)
		return object_ill(loading, "its text is no programme");
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
	if (!object_is_read(loading) || origin.size == 0)
		return object_ill(loading, "its size is wrong");
	if (loading->true_at == 0 || server_counter == 0 ||
	    server_counter > COUNTER_MAX)
		return object_ill(loading, "it is no shop");
	if (book->shop.true_at != 0)
		return object_ill(loading, "it comes twice");
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
		return member_load(&loading);
	case OBJECT_TALLY:
		return load_tally(&loading);
	case OBJECT_CLAIMS:
		return load_claims(&loading);
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
