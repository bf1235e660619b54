/*
 * book: the state of the programme, which is nothing but a fold of entries.
 *
 * book_apply() is the only way that it changes. It holds members, terminals,
 * cashiers, programme versions and the programme's own accounts. Each object
 * has a key and a last-applied sequence (`true_at`); book_save_object() and
 * book_load_object() turn one object into bytes and back, so that a store can
 * keep objects lazily and a start can replay from there: applying an entry to
 * an object that is already true at that entry's sequence is passed over.
 *
 * Not thread-safe; the ledger's thread owns it.
 */
#ifndef COMMON_LAW_BOOK_H
#define COMMON_LAW_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/law/programme.h"
#include "common/ledger/entry.h"

/* Keys of objects. An account's key is the account's number itself. */
#define BOOK_KEY_TERMINAL (1ull << 32)	/* + terminal number */
#define BOOK_KEY_CASHIER (2ull << 32)	/* + cashier number */
#define BOOK_KEY_PROGRAMME (3ull << 32) /* + version, from 1 */
#define BOOK_KEY_SHOP (4ull << 32)

/* Versions of the programme; the law refuses a further one. */
#define BOOK_PROGRAMMES_MAX 65535u

/* What has come back of one sale. */
struct book_returned {
	uint64_t sale_sequence;
	uint64_t amount_minor;
	uint64_t points; /* clawed back so far */
};

struct book_member {
	uint64_t account;
	int64_t balance_points; /* below zero: a debt after returns */
	uint64_t enrolled_sequence;
	uint64_t last_sequence; /* the newest entry that names the account */
	uint64_t true_at;
	struct book_returned *returned; /* by sale; owned by the book */
	uint32_t returned_count;
	bool dirty;
};

struct book_terminal {
	uint32_t number;
	enum role role;		/* ROLE_TERMINAL or ROLE_AUDITOR */
	enum standing standing; /* 0 where there is no such terminal */
	struct hash key;	/* hash of its public key (SPKI, DER) */
	uint64_t counter_max;	/* highest counter in the ledger, 0 is none */
	uint64_t true_at;
	bool dirty;
};

struct book_cashier {
	uint32_t number;
	enum role role;
	enum standing standing; /* 0 where there is no such cashier */
	uint64_t true_at;
	bool dirty;
};

struct book_programme {
	uint32_t number;   /* of the version, from 1 */
	uint64_t sequence; /* of the entry that brought it */
	struct programme *programme;
	struct bytes text; /* owned by the book */
};

struct book_head {
	uint64_t sequence; /* of the last entry applied, 0 at the start */
	uint64_t time_ms;
	uint64_t server_counter; /* highest counter of terminal 0 */
};

struct book_totals {
	uint64_t members;
	uint64_t terminals;	 /* active */
	uint64_t cashiers;	 /* active */
	int64_t issued_points;	 /* balances of the programme's own accounts: */
	int64_t redeemed_points; /* issued is negative or 0 */
	int64_t members_points;	 /* sum over members */
};

struct book;

enum result book_create(struct book **ret_book, struct error *err);
void book_destroy(struct book *book);

/*
 * Fold one entry in. RESULT_INVALID where it cannot be applied (its sequence
 * is not head + 1, or it names what is not there): the entry is not of this
 * history. RESULT_NO_MEMORY. On an error the book is to be thrown away.
 */
enum result book_apply(
    struct book *book, const struct entry *entry, struct error *err);

const struct book_head *book_head(const struct book *book);
void book_totals(const struct book *book, struct book_totals *ret_totals);
/* Balance of one of the programme's own accounts. */
int64_t book_account_points(const struct book *book, enum account account);
const struct hash *book_shop_key(const struct book *book);
/* The origin said by the first entry; empty before it. */
struct bytes book_shop_origin(const struct book *book);

/* Borrowed until the next book_apply(); NULL where there is none. */
const struct book_member *book_member(
    const struct book *book, uint64_t account);
const struct book_terminal *book_terminal(
    const struct book *book, uint32_t number);
const struct book_cashier *book_cashier(
    const struct book *book, uint32_t number);
/* The highest number given out so far, 0 at the start. */
uint32_t book_terminal_last(const struct book *book);
uint32_t book_cashier_last(const struct book *book);
/* The version in force, NULL before the first; or that of `sequence`. One that
 * a loaded object brought is in force from its own entry on, as ever. */
const struct book_programme *book_programme(const struct book *book);
const struct book_programme *book_programme_at(
    const struct book *book, uint64_t sequence);
/* What came back of a sale by this member so far; NULL where nothing did. */
const struct book_returned *book_returned(
    const struct book_member *member, uint64_t sale_sequence);

/* Visit every member in no particular order; stops at the first non-OK. */
typedef enum result book_member_fn(
    void *context, const struct book_member *member, struct error *err);
enum result book_each_member(const struct book *book, book_member_fn *visit,
    void *context, struct error *err);

/*
 * Keeping objects. book_take_dirty() lists the keys of all objects changed
 * since it was last called, ascending, in an array on the heap that the caller
 * frees (NULL where there are none), and makes them clean. book_save_object()
 * appends one object's bytes and says when they are true: the sequence of the
 * entry that last changed it, so that the bytes are the same whoever writes
 * them, whenever. RESULT_NOT_FOUND for a key without an object.
 *
 * Loading goes into a fresh book, before any book_apply(), in any order;
 * book_start_at() then sets where replay begins: objects are complete up to
 * `sequence` (all changes at or before it are in them), and any of them may be
 * newer. Until the newest is reached, what is asked of the book is a mixture.
 * Both answer RESULT_CORRUPT for what no book has saved, or which does not fit
 * what was loaded before, RESULT_INVALID where it is too late to load.
 */
enum result book_take_dirty(struct book *book, uint64_t **ret_keys,
    size_t *ret_count, struct error *err);
size_t book_dirty_count(const struct book *book);
enum result book_save_object(const struct book *book, uint64_t key,
    struct buffer *to, uint64_t *ret_true_at, struct error *err);
enum result book_load_object(struct book *book, uint64_t key, uint64_t true_at,
    struct bytes object, struct error *err);
enum result book_start_at(
    struct book *book, uint64_t sequence, uint64_t time_ms, struct error *err);

/*
 * A digest over every object in ascending keys: two books that say the same
 * have the same digest, however they came about (dirtiness does not count).
 */
enum result book_digest(const struct book *book, struct hasher *hasher,
    struct hash *ret_digest, struct error *err);

#endif
