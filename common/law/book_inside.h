/*
 * book_inside: what book.c and book_objects.c know of a book, and nobody else.
 *
 * Members stand in one dense array in the order of their arrival, and a table
 * of their places by account, open addressing, at most half full: 64 to 150
 * bytes a member. Terminals and cashiers stand at the index of their number.
 */
#ifndef COMMON_LAW_BOOK_INSIDE_H
#define COMMON_LAW_BOOK_INSIDE_H

#include "common/law/book.h"

#define BOOK_ACCOUNTS_END (ACCOUNT_GOODWILL + 1)

/* One of the programme's own accounts. */
struct book_account {
	int64_t balance_points;
	uint64_t true_at;
	bool dirty;
};

/* What the first entry said, and the counter of terminal 0 (in the head). */
struct book_shop {
	struct hash key;
	struct bytes origin; /* on the heap */
	uint64_t true_at;    /* 0 where there is no shop yet */
	bool dirty;
};

struct book {
	bool started; /* loading is over */
	struct book_head head;
	struct book_shop shop;
	struct book_account accounts[BOOK_ACCOUNTS_END];

	struct book_member *members;
	size_t member_count;
	size_t member_capacity;
	uint32_t *places;   /* 1 + index in `members`, 0 is free */
	size_t place_count; /* a power of two, or 0 */
	int64_t members_points;

	struct book_terminal *terminals;
	size_t terminal_capacity;
	uint32_t terminal_last;
	uint64_t terminals_active;

	struct book_cashier *cashiers;
	size_t cashier_capacity;
	uint32_t cashier_last;
	uint64_t cashiers_active;

	/* Version v is at v - 1. `programme_count` of them are in force or
	 * were; those from there on were loaded and wait for their entry. */
	struct book_programme *programmes;
	size_t programme_capacity;
	size_t programme_count;

	uint64_t *dirty_keys;
	size_t dirty_count;
	size_t dirty_capacity;
};

enum object_kind {
	OBJECT_NONE,
	OBJECT_ACCOUNT,
	OBJECT_TERMINAL,
	OBJECT_CASHIER,
	OBJECT_PROGRAMME,
	OBJECT_SHOP,
	OBJECT_MEMBER,
};

/* What a key names, and its number among its kind. */
enum object_kind book_key_kind(uint64_t key, uint64_t *ret_number);

/* `array` with room for `wanted` elements; new ones are zero. The array and
 * `*capacity` stay as they are where there is no memory (NULL). */
void *book_grow(
    void *array, size_t *capacity, size_t wanted, size_t element_size);

/* The object to be changed, NULL where there is none. */
struct book_member *book_find_member(const struct book *book, uint64_t account);
struct book_terminal *book_find_terminal(
    const struct book *book, uint32_t number);
struct book_cashier *book_find_cashier(
    const struct book *book, uint32_t number);

/*
 * Make room for a new object and return its place, all zero but for what it is
 * called by: a member that is not there yet, a terminal, cashier or version
 * that may be. NULL where there is no memory.
 */
struct book_member *book_add_member(struct book *book, uint64_t account);
struct book_terminal *book_place_terminal(struct book *book, uint32_t number);
struct book_cashier *book_place_cashier(struct book *book, uint32_t number);
struct book_programme *book_place_programme(
    struct book *book, uint64_t version);

/* Change a standing and keep the counts of active ones and the last number. */
void book_set_terminal_standing(
    struct book *book, struct book_terminal *terminal, enum standing standing);
void book_set_cashier_standing(
    struct book *book, struct book_cashier *cashier, enum standing standing);

/* A copy on the heap; size 0 is {NULL, 0}. False where there is no memory. */
bool book_copy_bytes(struct bytes bytes, struct bytes *ret_copy);

bool book_role_is_of_terminal(uint64_t role);
bool book_role_is_of_cashier(uint64_t role);
bool book_is_standing(uint64_t standing);
bool book_is_balance(int64_t points);

/* Make room for what most members do not have; NULL where there is no memory.
 */
struct book_extra *book_add_extra(struct book_member *member);

/* Where a sale stands, or would stand, among what came back. */
size_t book_returned_place(
    const struct book_member *member, uint64_t sale_sequence);

#endif
