/*
 * store: where the ledger is kept. An interface; SQLite implements it first.
 * Above: ledger, directory, roster, audit. Below: a database.
 *
 * A store has one writer, which takes it and gets an epoch; a later take by
 * another writer fences the first. Every other opener reads. Nothing above
 * knows SQL, and nothing in here knows what a record says.
 */
#ifndef SERVER_STORE_H
#define SERVER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/tree.h"

/* How an append ended. */
enum append_outcome {
	APPEND_DURABLE, /* all of it is on the disk */
	APPEND_FENCED,	/* somebody else took the store, or the head is not
			   where it was expected; nothing is written */
	APPEND_REFUSED, /* nothing is written (disk full, say); another append
			   may be tried after a new take */
	APPEND_UNKNOWN, /* it may be written or not (a sync failed): the process
			   must stop and read what is there */
	APPEND_OPEN,	/* written, and undone unless the append that ends the
			   step becomes durable */
};

struct store_entry {
	uint64_t sequence; /* head + 1, + 2, … */
	uint32_t terminal;
	uint64_t counter; /* (terminal, counter) is unique for ever */
	struct bytes record;
};

/* One object of the book (common/law/book.h), as it was at `true_at`. */
struct store_object {
	uint64_t key;
	uint64_t true_at;
	struct bytes object;
};

/* A row of private details, outside of the chain. */
enum private_kind {
	PRIVATE_CARD = 1,      /* id: account */
	PRIVATE_TERMINAL = 2,  /* id: number */
	PRIVATE_CASHIER = 3,   /* id: number */
	PRIVATE_MORE_CARD = 4, /* id: the card's random number in the chain */
	PRIVATE_MEMBER = 5,    /* id: account */
};
struct store_private {
	enum private_kind kind;
	uint64_t id;
	struct bytes body; /* empty: the row is erased */
};

/* One atomic, durable step. Everything is borrowed. One that is too large for
 * memory comes in pieces: each but the last has `more`, ends in APPEND_OPEN,
 * and can be read by this store at once, but by no other. A take, or an append
 * that ends otherwise, undoes an open step. */
struct store_append {
	bool more;
	uint64_t epoch;
	uint64_t expected_head; /* last sequence before this */
	const struct store_entry *entries;
	size_t entry_count;
	const struct store_object *objects;
	size_t object_count;
	uint64_t objects_complete_to; /* 0: unchanged. All changes at or before
					 this sequence are in kept objects */
	const struct store_private *privates;
	size_t private_count;
	const struct tile *tiles;
	size_t tile_count;
	const struct note *checkpoint; /* NULL for none */
	uint64_t checkpoint_size;
};

struct store_head {
	uint64_t epoch;
	uint64_t sequence;	      /* of the last entry, 0 is empty */
	uint64_t objects_complete_to; /* see store_append */
};

/* Each returns non-OK to stop the scan, which then returns that. Views are
 * borrowed for the call. */
typedef enum result store_record_fn(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record,
    struct error *err);
typedef enum result store_object_fn(
    void *context, const struct store_object *object, struct error *err);
typedef enum result store_private_fn(
    void *context, const struct store_private *row, struct error *err);
typedef enum result store_note_fn(
    void *context, uint64_t size, struct bytes note, struct error *err);
typedef enum result store_tile_fn(
    void *context, const struct tile *tile, struct error *err);

struct store;

struct store_ops {
	/* Become the writer: a new epoch, durable before it returns. */
	enum result (*take)(struct store *store, const char *owner,
	    struct store_head *ret_head, struct error *err);
	/* The head as a reader sees it now. */
	enum result (*head)(struct store *store, struct store_head *ret_head,
	    struct error *err);
	enum append_outcome (*append)(struct store *store,
	    const struct store_append *append, struct error *err);
	/* One record, appended to `to`; RESULT_NOT_FOUND. */
	enum result (*read)(struct store *store, uint64_t sequence,
	    struct buffer *to, struct error *err);
	/* The record of an operation's name; RESULT_NOT_FOUND. */
	enum result (*lookup)(struct store *store, uint32_t terminal,
	    uint64_t counter, struct buffer *to, struct error *err);
	/* Records from `sequence` on, ascending, as of one moment. From 0 or 1
	 * on: also such as have no sequence that a ledger has. */
	enum result (*scan)(struct store *store, uint64_t sequence,
	    store_record_fn *visit, void *context, struct error *err);
	enum result (*objects)(struct store *store, store_object_fn *visit,
	    void *context, struct error *err);
	enum result (*privates)(struct store *store, enum private_kind kind,
	    store_private_fn *visit, void *context, struct error *err);
	/* One private row's body, appended to `to`; RESULT_NOT_FOUND. */
	enum result (*private_read)(struct store *store, enum private_kind kind,
	    uint64_t id, struct buffer *to, struct error *err);
	/* RESULT_NOT_FOUND for a tile that is not full yet. */
	enum result (*tile)(struct store *store, uint8_t level, uint64_t number,
	    struct tile *ret_tile, struct error *err);
	enum result (*tiles)(struct store *store, store_tile_fn *visit,
	    void *context, struct error *err);
	/* Checkpoints in ascending size; the newest alone. */
	enum result (*checkpoints)(struct store *store, store_note_fn *visit,
	    void *context, struct error *err);
	enum result (*checkpoint_last)(struct store *store,
	    struct note *ret_note, uint64_t *ret_size, struct error *err);
	/* The writer's upkeep between appends (moving the write-ahead log into
	 * the database when it is long, or when `idle`). */
	enum result (*maintain)(
	    struct store *store, bool idle, struct error *err);
	void (*close)(struct store *store);
};

/* An implementation embeds this as its first member. */
struct store {
	const struct store_ops *ops;
};

enum store_mode {
	STORE_CREATE, /* RESULT_EXISTS where the file is there */
	STORE_WRITE,
	STORE_READ, /* never writes, never checkpoints, never creates */
};

/*
 * Open `path`. RESULT_NOT_FOUND, RESULT_EXISTS, RESULT_VERSION for a later
 * schema, RESULT_CORRUPT for what is no ledger, RESULT_IO. The caller calls
 * store_close(). A store is for one thread at a time; open one for each.
 */
enum result store_sqlite_open(const char *path, enum store_mode mode,
    struct store **ret_store, struct error *err);

/* Harmless for NULL. */
void store_close(struct store *store);

#endif
