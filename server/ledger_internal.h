/*
 * ledger_internal: what the files of the ledger share, and nobody else sees.
 *
 *     ledger.c         staging, committing
 *     ledger_read.c    the head, and entries by number and by name
 *     ledger_open.c    opening, closing, opening again
 *     ledger_replay.c  from the store to a book and a tree
 *     ledger_sweep.c   keeping the book's objects beside the groups
 *     ledger_note.c    signing the tree's head, and proofs for it
 */
#ifndef SERVER_LEDGER_INTERNAL_H
#define SERVER_LEDGER_INTERNAL_H

#include "server/ledger.h"

#define SWEEP_ENTRIES 400000u
#define CHECKPOINT_MS 1000u
#define OWNER_SIZE_MAX 128u

/* A group's records and rows; at least one record of any size fits in. */
#define ARENA_SIZE (2u * 1024 * 1024)
#define PRIVATES_MAX (2u * BATCH_ENTRIES_MAX)
/* 4,096 leaves in a row fill 16 tiles of level 0, one of each level above. */
#define TILES_MAX (BATCH_ENTRIES_MAX / TILE_WIDTH + TILE_LEVELS_MAX)

/* Everything that is built from the store, and built again by a reopen. */
struct ledger_state {
	struct book *book; /* with what is staged */
	struct tree *tree; /* with what is staged */
	struct hash hash;  /* of the last entry, staged or durable */
	uint64_t epoch;
	uint64_t durable; /* the last durable sequence */
	uint64_t opened;  /* entries after it in an open step of the store */
	uint64_t complete_to;	/* kept objects are complete up to here */
	struct note shown;	/* the newest durable checkpoint … */
	uint64_t shown_size;	/* … and its size, 0 is none … */
	struct hash shown_root; /* … and root */
};

/*
 * What is staged. Everything borrowed by entries, privates and outcomes lies in
 * the arena, which is fixed, so that views into it hold; it is emptied by the
 * first stage after a commit, for outcomes are read until then.
 */
struct ledger_group {
	bool is_open;
	uint8_t *arena;
	size_t arena_size;
	struct store_entry *entries;
	size_t entry_count;
	struct store_private *privates;
	size_t private_count;
	struct tile *tiles;
	size_t tile_count;
};

/*
 * A sweep keeps every object that was dirty when it began at sequence `start`;
 * each as it is when its turn comes. Once the last one is durable, all changes
 * at or before `start` are in kept objects.
 */
struct ledger_sweep {
	bool is_active;
	uint64_t start;
	uint64_t *keys; /* ascending; on the heap */
	size_t key_count;
	size_t next;	 /* the first key that is not durable yet */
	uint64_t credit; /* objects owed, times sweep_entries */
	/* The slice in hand. */
	struct store_object *objects;
	size_t object_count;
	size_t object_capacity;
	struct buffer bytes;
};

struct ledger {
	struct store *store;
	struct hasher *hasher;
	uint64_t sweep_entries;
	uint64_t checkpoint_ms;
	bool has_seed;
	uint8_t seed[SIGN_KEY_SIZE];
	uint8_t key[SIGN_KEY_SIZE]; /* the seed's public key */
	char owner[OWNER_SIZE_MAX + 1];

	/* APPEND_DURABLE while it is whole; else why it is not, and so what
	 * every commit answers. */
	enum append_outcome broken;
	struct error broken_error;

	struct ledger_state state;
	struct ledger_group group;
	struct ledger_sweep sweep;
	struct note pending; /* signed, and durable with the next append */
	uint64_t pending_size;
	struct hash pending_root;
	uint64_t signed_ms;
	struct buffer scratch;
};

/* Mark it as broken and say so: `err` holds why. Returns `outcome`. */
enum append_outcome ledger_break(
    struct ledger *ledger, enum append_outcome outcome, struct error *err);

/* Append what is staged, `object_count` objects of the active sweep and the
 * pending checkpoint in one step, and see to what follows from its being
 * durable. Anything else breaks the ledger. */
enum append_outcome ledger_write(
    struct ledger *ledger, size_t object_count, struct error *err);

/* The newest one of that name that is staged; NULL. */
const struct store_entry *ledger_find_staged(
    const struct ledger_group *group, uint32_t terminal, uint64_t counter);
/* A counter above the highest in the ledger is new without looking. The
 * server's own operations are numbered by the ledger, and so are always new. */
bool ledger_may_have(
    const struct ledger *ledger, uint32_t terminal, uint64_t counter);

/* The last sequence that the store has, durable or in an open step. */
uint64_t ledger_written(const struct ledger *ledger);

/* Build a fresh state from the store. The caller finishes it, also after an
 * error. */
enum result ledger_state_load(
    struct ledger *ledger, struct ledger_state *state, struct error *err);
void ledger_state_finish(struct ledger_state *state);

/* Begin a sweep at the present head; none is active. */
enum result ledger_sweep_begin(struct ledger *ledger, struct error *err);
/* How many objects go with the group in hand. */
size_t ledger_sweep_share(struct ledger *ledger);
/* Put the next `object_count` objects into `append`. */
enum result ledger_sweep_fill(struct ledger *ledger, size_t object_count,
    struct store_append *append, struct error *err);
/* What ledger_sweep_fill() put in is durable. */
void ledger_sweep_kept(struct ledger *ledger);
size_t ledger_sweep_left(const struct ledger *ledger);
void ledger_sweep_finish(struct ledger_sweep *sweep);

/* Is there something that the newest checkpoint does not cover? */
bool ledger_note_wanted(const struct ledger *ledger);
/* Sign the durable head into `pending`. Nothing is staged. */
enum result ledger_note_sign(
    struct ledger *ledger, uint64_t now_ms, struct error *err);
bool ledger_note_due(const struct ledger *ledger, uint64_t now_ms);
/* tree_read_fn over staged tiles and the store's; `context` is the ledger. */
enum result ledger_read_tile(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err);

#endif
