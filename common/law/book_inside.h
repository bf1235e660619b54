/*
 * book_inside: what the files of the book know of it, and nobody else.
 *
 *     book.c         who there is, and what is asked of them
 *     book_lots.c    lots        book_counts.c  counters
 *     book_qualify.c tiers       book_shared.c  what concerns no member
 *     book_block.c   the memory that the first three stand in
 *     book_apply.c   how it changes; book_apply_*.c by kind
 *     book_objects*.c how it is kept; book_keys.c over all of it
 *
 * Members stand in one dense array in the order of their arrival, which grows
 * by a sixteenth, and a table of their places by account, open addressing, at
 * most half full. Terminals and cashiers stand at the index of their number.
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

/* Sales without a card that can be claimed no longer: the places within this
 * bucket, ascending. */
#define BOOK_CLAIMS_WIDTH 4096u
struct book_claims {
	uint32_t number; /* 1 + sequence / BOOK_CLAIMS_WIDTH */
	uint32_t count;
	uint16_t *offsets; /* sequence % BOOK_CLAIMS_WIDTH */
	uint64_t true_at;
	bool dirty;
};

struct book {
	bool started; /* loading is over */
	struct hasher *hasher;
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

	struct book_tally *tallies; /* by ident */
	size_t tally_count;
	size_t tally_capacity;

	struct book_claims *claims; /* by number */
	size_t claims_count;
	size_t claims_capacity;

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
	OBJECT_TALLY,
	OBJECT_CLAIMS,
};

/* What a key names, and its number among its kind. */
enum object_kind book_key_kind(uint64_t key, uint64_t *ret_number);

/* `array` with room for `wanted` elements, a sixteenth more than it had at
 * least; new ones are zero. The array and
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
/* The id of a shop within a chain, or empty. */
bool book_is_shop_id(struct bytes shop);

/* Make room for what most members do not have; NULL where there is no memory.
 */
struct book_extra *book_add_extra(struct book_member *member);
/* Free it and all that is in it. */
void book_drop_extra(struct book_member *member);
/* Is there nothing in it that a member without one has not? */
bool book_extra_is_empty(const struct book_extra *extra);

/*
 * A member's block (book_block.c). book_open_places() makes a gap of `count` at
 * `place`, counted over all that is in it, for what the caller then writes and
 * counts; false where there is no memory. book_close_places() takes them out,
 * and the caller counts them no more. book_own_counts() and book_own_days() are
 * where these stand or would stand.
 */
#define BOOK_PLACE_SIZE 16u
bool book_open_places(struct book_member *member, size_t place, size_t count);
void book_close_places(struct book_member *member, size_t place, size_t count);
struct book_count *book_own_counts(const struct book_member *member);
struct book_spent *book_own_days(const struct book_member *member);
/* Zeroes are none. False where there is no memory. */
bool book_put_details(struct book_member *member, const struct hash *details);

/* Where a sale stands, or would stand, among what came back. */
size_t book_returned_place(
    const struct book_member *member, uint64_t sale_sequence);

/*
 * Lots change one at a time, and the balance is the caller's to keep.
 * book_points_of() is what there is with these stamps.
 * book_put_lot() adds points with these stamps; RESULT_LIMIT past LOTS_MAX.
 * book_cut_lot() takes them away, or returns false where there are not so many
 * with these stamps. book_fix_lapsed_lots() stamps those that have lapsed by
 * inactivity before `day` with the day on which they did.
 */
uint64_t book_points_of(
    const struct book_member *member, const struct lot *stamps);
enum result book_put_lot(
    struct book_member *member, const struct lot *lot, struct error *err);
bool book_cut_lot(struct book_member *member, const struct lot *lot);
enum result book_fix_lapsed_lots(
    struct book_member *member, int32_t day, struct error *err);

/*
 * Count more: a newer period replaces the older, an older one changes nothing.
 * Where there is no place left, counters that `programme` does not know go.
 * Count less, where it is the same period; never below 0.
 */
enum result book_count_more(struct book_member *member,
    const struct programme *programme, const struct book_count *count,
    struct error *err);
void book_count_less(
    struct book_member *member, const struct book_count *count);

/*
 * What an earning of a sale of `day` adds towards a tier, and what a return or
 * a void takes off; nothing where the programme has no tiers.
 */
enum result book_qualify_more(struct book_member *member,
    const struct programme *programme, int32_t day, const struct entry *entry,
    struct error *err);
void book_qualify_less(struct book_member *member,
    const struct programme *programme, int32_t day, const struct entry *entry);

/* The tally or bucket to be changed, NULL where there is none. _place_: a new
 * one, with nothing in it, where there is none; NULL without memory. */
struct book_tally *book_find_tally(const struct book *book, uint32_t ident);
struct book_tally *book_place_tally(struct book *book, uint32_t ident);
struct book_claims *book_find_claims(const struct book *book, uint32_t number);
struct book_claims *book_place_claims(struct book *book, uint32_t number);
/* False for a sequence that no bucket is for. */
bool book_claims_number(uint64_t sale_sequence, uint32_t *ret_number);
bool book_claims_have(const struct book_claims *claims, uint64_t sale_sequence);
/* One that is not in it yet. False where there is no memory; likewise: */
bool book_claims_add(struct book_claims *claims, uint64_t sale_sequence);
bool book_add_tombstone(struct book_terminal *terminal, uint64_t counter);
bool book_terminal_has_tombstone(
    const struct book_terminal *terminal, uint64_t counter);

#endif
