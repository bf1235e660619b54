/*
 * book: owns the objects, how they are found, and what is asked of them.
 */
#include "common/law/book_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- memory --------------------------------------------------------------- */

void *book_grow(
    void *array, size_t *capacity, size_t wanted, size_t element_size)
{
	size_t target = *capacity + *capacity / 16 + 16;
	char *grown;

	if (wanted <= *capacity)
		return array;
	if (target < wanted)
		target = wanted;
	grown = reallocarray(array, target, element_size);
	if (grown == NULL)
		return NULL;
	memset(&grown[*capacity * element_size], 0,
	    (target - *capacity) * element_size);
	*capacity = target;
	return grown;
}

bool book_copy_bytes(struct bytes bytes, struct bytes *ret_copy)
{
	uint8_t *copy;

	if (bytes.size == 0) {
		*ret_copy = bytes_of(NULL, 0);
		return true;
	}
	copy = malloc(bytes.size);
	if (copy == NULL)
		return false;
	memcpy(copy, bytes.data, bytes.size);
	*ret_copy = bytes_of(copy, bytes.size);
	return true;
}

enum result book_create(struct book **ret_book, struct error *err)
{
	struct book *book = calloc(1, sizeof(*book));
	enum result result;

	if (book == NULL)
		return error_no_memory(err);
	result = hasher_create(&book->hasher, err);
	if (result != RESULT_OK) {
		free(book);
		return result;
	}
	*ret_book = book;
	return RESULT_OK;
}

void book_drop_extra(struct book_member *member)
{
	struct book_extra *extra = member->extra;

	if (extra == NULL)
		return;
	for (uint32_t index = 0; index < extra->returned_count; index++)
		free(extra->returned[index].lines);
	free(extra->returned);
	free(extra->holds);
	free(extra->segments);
	free(extra->cards);
	free(extra->joined);
	free(extra);
	member->extra = NULL;
}

static void free_objects(struct book *book)
{
	for (size_t index = 0; index < book->member_count; index++) {
		book_drop_extra(&book->members[index]);
		free(book->members[index].lots);
	}
	for (size_t index = 0; index < book->terminal_capacity; index++)
		free(book->terminals[index].tombstones);
	for (size_t index = 0; index < book->programme_capacity; index++) {
		programme_destroy(book->programmes[index].programme);
		free((void *)book->programmes[index].text.data);
	}
	for (size_t index = 0; index < book->claims_count; index++)
		free(book->claims[index].offsets);
	free((void *)book->shop.origin.data);
}

void book_destroy(struct book *book)
{
	if (book == NULL)
		return;
	free_objects(book);
	free(book->members);
	free(book->places);
	free(book->terminals);
	free(book->cashiers);
	free(book->programmes);
	free(book->tallies);
	free(book->claims);
	free(book->dirty_keys);
	hasher_destroy(book->hasher);
	free(book);
}

/* --- members -------------------------------------------------------------- */

/*
 * The finaliser of MurmurHash3: each bit of the account moves each bit of the
 * place. Accounts are drawn by the server, so nobody outside can choose many
 * that meet in one place.
 */
static size_t member_place(const struct book *book, uint64_t account)
{
	account ^= account >> 33;
	account *= 0xff51afd7ed558ccdull;
	account ^= account >> 33;
	account *= 0xc4ceb9fe1a85ec53ull;
	account ^= account >> 33;
	return account & (book->place_count - 1);
}

struct book_member *book_find_member(const struct book *book, uint64_t account)
{
	size_t place;

	if (book->place_count == 0 || account < ACCOUNT_MEMBER_MIN)
		return NULL;
	place = member_place(book, account);
	while (book->places[place] != 0) {
		struct book_member *member =
		    &book->members[book->places[place] - 1];

		if (member->account == account)
			return member;
		place = (place + 1) & (book->place_count - 1);
	}
	return NULL;
}

/* Whoever stands where the account would stand first; NULL where nobody does.
 */
static const struct book_member *guess_member(
    const struct book *book, uint64_t account)
{
	uint32_t index = book->place_count == 0
			     ? 0
			     : book->places[member_place(book, account)];

	return index == 0 ? NULL : &book->members[index - 1];
}

void book_expect_member(const struct book *book, uint64_t account)
{
	const struct book_member *member = guess_member(book, account);

	if (member == NULL)
		return;
	__builtin_prefetch(member);
	__builtin_prefetch(&member->enrolled_day);
}

void book_expect_block(const struct book *book, uint64_t account)
{
	const struct book_member *member = guess_member(book, account);

	if (member == NULL || member->lots == NULL)
		return;
	__builtin_prefetch(member->lots);
	__builtin_prefetch(book_own_counts(member));
}

static void put_member(struct book *book, size_t index)
{
	size_t place = member_place(book, book->members[index].account);

	while (book->places[place] != 0)
		place = (place + 1) & (book->place_count - 1);
	book->places[place] = (uint32_t)index + 1;
}

/* Twice as many places, all members put anew. */
static bool grow_places(struct book *book)
{
	size_t count = book->place_count == 0 ? 32 : book->place_count * 2;
	uint32_t *places = calloc(count, sizeof(*places));

	if (places == NULL)
		return false;
	free(book->places);
	book->places = places;
	book->place_count = count;
	for (size_t index = 0; index < book->member_count; index++)
		put_member(book, index);
	return true;
}

struct book_member *book_add_member(struct book *book, uint64_t account)
{
	struct book_member *members;
	struct book_member *member;

	if (book->member_count >= UINT32_MAX - 1)
		return NULL;
	members = book_grow(book->members, &book->member_capacity,
	    book->member_count + 1, sizeof(*members));
	if (members == NULL)
		return NULL;
	book->members = members;
	if ((book->member_count + 1) * 2 > book->place_count &&
	    !grow_places(book))
		return NULL;
	member = &book->members[book->member_count];
	member->account = account;
	put_member(book, book->member_count);
	book->member_count++;
	return member;
}

struct book_extra *book_add_extra(struct book_member *member)
{
	if (member->extra == NULL)
		member->extra = calloc(1, sizeof(*member->extra));
	return member->extra;
}

bool book_extra_is_empty(const struct book_extra *extra)
{
	return extra->returned_count == 0 && extra->hold_count == 0 &&
	       extra->segment_count == 0 && extra->card_count == 0 &&
	       extra->joined_count == 0 && extra->joined_to == 0 &&
	       extra->joined_by == 0 && extra->referrer == 0 &&
	       extra->referral_sale == 0 && extra->referral_day == 0 &&
	       !extra->is_card_blocked;
}

size_t book_returned_place(
    const struct book_member *member, uint64_t sale_sequence)
{
	size_t low = 0;
	size_t high = member->extra == NULL ? 0 : member->extra->returned_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (member->extra->returned[middle].sale_sequence <
		    sale_sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- terminals, cashiers, versions ---------------------------------------- */

bool book_role_is_of_terminal(uint64_t role)
{
	return role == ROLE_TERMINAL || role == ROLE_AUDITOR;
}

bool book_role_is_of_cashier(uint64_t role)
{
	return role == ROLE_CASHIER || role == ROLE_SUPERVISOR;
}

bool book_is_balance(int64_t points)
{
	return points >= -BALANCE_POINTS_MAX && points <= BALANCE_POINTS_MAX;
}

bool book_is_shop_id(struct bytes shop)
{
	for (size_t index = 0; index < shop.size; index++) {
		uint8_t byte = shop.data[index];

		if (!(byte >= 'a' && byte <= 'z') &&
		    !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')
			return false;
	}
	return shop.size <= SHOP_ID_SIZE_MAX;
}

bool book_is_standing(uint64_t standing)
{
	return standing == STANDING_ACTIVE || standing == STANDING_REVOKED;
}

struct book_terminal *book_find_terminal(
    const struct book *book, uint32_t number)
{
	if (number == 0 || number > book->terminal_last ||
	    book->terminals[number].standing == 0)
		return NULL;
	return &book->terminals[number];
}

struct book_cashier *book_find_cashier(const struct book *book, uint32_t number)
{
	if (number == 0 || number > book->cashier_last ||
	    book->cashiers[number].standing == 0)
		return NULL;
	return &book->cashiers[number];
}

struct book_terminal *book_place_terminal(struct book *book, uint32_t number)
{
	struct book_terminal *terminals = book_grow(book->terminals,
	    &book->terminal_capacity, (size_t)number + 1, sizeof(*terminals));

	assert(number >= 1 && number <= TERMINALS_MAX);
	if (terminals == NULL)
		return NULL;
	book->terminals = terminals;
	terminals[number].number = number;
	return &terminals[number];
}

struct book_cashier *book_place_cashier(struct book *book, uint32_t number)
{
	struct book_cashier *cashiers = book_grow(book->cashiers,
	    &book->cashier_capacity, (size_t)number + 1, sizeof(*cashiers));

	assert(number >= 1 && number <= CASHIERS_MAX);
	if (cashiers == NULL)
		return NULL;
	book->cashiers = cashiers;
	cashiers[number].number = number;
	return &cashiers[number];
}

struct book_programme *book_place_programme(struct book *book, uint64_t version)
{
	struct book_programme *programmes = book_grow(book->programmes,
	    &book->programme_capacity, (size_t)version, sizeof(*programmes));

	assert(version >= 1 && version <= BOOK_PROGRAMMES_MAX);
	if (programmes == NULL)
		return NULL;
	book->programmes = programmes;
	programmes[version - 1].number = (uint32_t)version;
	return &programmes[version - 1];
}

void book_set_terminal_standing(
    struct book *book, struct book_terminal *terminal, enum standing standing)
{
	book->terminals_active -= terminal->standing == STANDING_ACTIVE;
	book->terminals_active += standing == STANDING_ACTIVE;
	terminal->standing = standing;
	if (terminal->number > book->terminal_last)
		book->terminal_last = terminal->number;
}

void book_set_cashier_standing(
    struct book *book, struct book_cashier *cashier, enum standing standing)
{
	book->cashiers_active -= cashier->standing == STANDING_ACTIVE;
	book->cashiers_active += standing == STANDING_ACTIVE;
	cashier->standing = standing;
	if (cashier->number > book->cashier_last)
		book->cashier_last = cashier->number;
}

/* --- what is asked -------------------------------------------------------- */

const struct book_head *book_head(const struct book *book)
{
	return &book->head;
}

int64_t book_account_points(const struct book *book, enum account account)
{
	assert(account > ACCOUNT_NONE && account < BOOK_ACCOUNTS_END);
	return book->accounts[account].balance_points;
}

void book_totals(const struct book *book, struct book_totals *ret_totals)
{
	*ret_totals = (struct book_totals){
	    .members = book->member_count,
	    .terminals = book->terminals_active,
	    .cashiers = book->cashiers_active,
	    .issued_points = book_account_points(book, ACCOUNT_ISSUED),
	    .redeemed_points = book_account_points(book, ACCOUNT_REDEEMED),
	    .expired_points = book_account_points(book, ACCOUNT_EXPIRED),
	    .goodwill_points = book_account_points(book, ACCOUNT_GOODWILL),
	    .members_points = book->members_points,
	};
}

const struct hash *book_shop_key(const struct book *book)
{
	return &book->shop.key;
}

struct bytes book_shop_origin(const struct book *book)
{
	return book->shop.origin;
}

const struct book_member *book_member(const struct book *book, uint64_t account)
{
	return book_find_member(book, account);
}

const struct book_member *book_pool(const struct book *book, uint64_t account)
{
	const struct book_member *member = book_find_member(book, account);

	if (member == NULL || book_joined_to(member) == 0)
		return member;
	return book_find_member(book, book_joined_to(member));
}

uint64_t book_joined_to(const struct book_member *member)
{
	return member->extra == NULL ? 0 : member->extra->joined_to;
}

bool book_has_segment(const struct book_member *member, uint32_t ident)
{
	const struct book_extra *extra = member->extra;

	for (uint32_t index = 0; extra != NULL && index < extra->segment_count;
	     index++) {
		if (extra->segments[index] == ident)
			return true;
	}
	return false;
}

const struct book_hold *book_hold(
    const struct book_member *member, uint64_t sequence, uint64_t now_ms)
{
	const struct book_extra *extra = member->extra;

	for (uint32_t index = 0; extra != NULL && index < extra->hold_count;
	     index++) {
		const struct book_hold *hold = &extra->holds[index];

		if (hold->sequence == sequence)
			return hold->until_ms > now_ms ? hold : NULL;
	}
	return NULL;
}

struct hasher *book_hasher(const struct book *book)
{
	return book->hasher;
}

const struct book_terminal *book_terminal(
    const struct book *book, uint32_t number)
{
	return book_find_terminal(book, number);
}

const struct book_cashier *book_cashier(
    const struct book *book, uint32_t number)
{
	return book_find_cashier(book, number);
}

uint32_t book_terminal_last(const struct book *book)
{
	return book->terminal_last;
}

uint32_t book_cashier_last(const struct book *book)
{
	return book->cashier_last;
}

const struct book_programme *book_programme(const struct book *book)
{
	if (book->programme_count == 0)
		return NULL;
	return &book->programmes[book->programme_count - 1];
}

const struct book_programme *book_programme_at(
    const struct book *book, uint64_t sequence)
{
	size_t low = 0;
	size_t high = book->programme_count;

	/* Nearly every question is about the version in force. */
	if (high > 0 && book->programmes[high - 1].sequence == sequence)
		return &book->programmes[high - 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (book->programmes[middle].sequence == sequence)
			return &book->programmes[middle];
		if (book->programmes[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct book_returned *book_returned(
    const struct book_member *member, uint64_t sale_sequence)
{
	size_t place = book_returned_place(member, sale_sequence);

	if (member->extra == NULL || place == member->extra->returned_count ||
	    member->extra->returned[place].sale_sequence != sale_sequence)
		return NULL;
	return &member->extra->returned[place];
}

enum result book_each_member(const struct book *book, book_member_fn *visit,
    void *context, struct error *err)
{
	for (size_t index = 0; index < book->member_count; index++) {
		enum result result = visit(context, &book->members[index], err);

		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

const struct book_member *book_member_at(const struct book *book, size_t place)
{
	return place < book->member_count ? &book->members[place] : NULL;
}
