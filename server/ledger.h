/*
 * ledger: decide, append, apply; in groups, durable before anyone is answered.
 * Above: command. Below: law, entry, tree, checkpoint, store.
 *
 * One thread owns a ledger. It stages operations one after another: each is
 * decided on the book as the ones before it left it, sealed with the hash of
 * the entry before, and applied. ledger_commit() makes the whole group durable
 * in one append; only then may any of their outcomes be told. The book is thus
 * ahead of the disk between stage and commit; if the commit does not end well
 * the ledger is broken and is opened again from the store (ledger_reopen()),
 * for what was staged is not known to be there.
 *
 * Objects of the book are kept lazily: never on the path of an operation, but
 * in slices beside later groups (a sweep over all dirty objects in key order,
 * begun when `sweep_entries` entries lie beyond the last complete one, or when
 * there is nothing else to do). A start replays from there, at most about
 * twice `sweep_entries` (each crash in the middle of a sweep adds one to the
 * next replay).
 *
 * Checkpoints: after a commit, when `checkpoint_ms` have gone by or at a stop,
 * the tree's head is signed, the note is appended with the next group (or by
 * itself when idle), and only then ledger_checkpoint() shows it.
 */
#ifndef SERVER_LEDGER_H
#define SERVER_LEDGER_H

#include "common/law/law.h"
#include "common/ledger/checkpoint.h"
#include "server/store.h"

struct ledger;

struct ledger_options {
	uint64_t sweep_entries; /* 0: 400,000 */
	uint64_t checkpoint_ms; /* 0: 1,000 */
	const uint8_t *seed;	/* checkpoint key, 32 bytes; NULL: never sign */
	const char *owner;	/* who takes the store, for the record */
};

/*
 * Take the store and build the book: load kept objects, verify and replay the
 * tail (canonical records, hashes, chain, times, the tree against the newest
 * checkpoint and its signature). The law is not asked again: kept objects are
 * true at different sequences, and until the newest of them is reached the law
 * has no answer; the audit asks it of the whole ledger. RESULT_CORRUPT names
 * the sequence where the ledger fails, RESULT_DENIED is a seed that is not this
 * shop's; nothing is written over either. The store is borrowed and outlives
 * the ledger.
 */
enum result ledger_open(struct store *store,
    const struct ledger_options *options, struct ledger **ret_ledger,
    struct error *err);
/* Keep everything that is dirty, sign and keep a last checkpoint, and free.
 * A broken ledger is only freed. */
enum result ledger_close(
    struct ledger *ledger, uint64_t now_ms, struct error *err);
void ledger_abandon(struct ledger *ledger); /* free without writing */

/* What came of an operation. Views are borrowed until the next stage after
 * the commit. */
struct outcome {
	struct refusal refusal; /* code NONE: there is an entry */
	struct entry entry;
	struct hash hash; /* the entry's leaf hash */
	bool repeated;	  /* it had been done before: the first answer again */
};

/*
 * Stage one operation with the private rows that go with it (copied; they
 * are written only if an entry results and it is not a repetition). Not an
 * error: a refusal, a repetition, and a used name with another body
 * (REFUSAL_COUNTER_CONFLICT). RESULT_LIMIT when the group is full: commit
 * first. After any other error the ledger is broken.
 */
enum result ledger_stage(struct ledger *ledger, const struct command *command,
    const struct store_private *privates, size_t private_count, uint64_t now_ms,
    struct outcome *ret_outcome, struct error *err);

/* Stage private rows alone (a wrong PIN counted, a token used). */
enum result ledger_stage_private(
    struct ledger *ledger, const struct store_private *row, struct error *err);

/*
 * The group is full, and its step is not at its end: hand it to the store,
 * which makes nothing of it durable before ledger_commit() has ended well. So a
 * step of any length is all or nothing. Outcomes of the group end here.
 * RESULT_IO: the ledger is broken, and nothing of the step is written.
 */
enum result ledger_spill(struct ledger *ledger, struct error *err);

/*
 * Make what is staged durable. Nothing staged is APPEND_DURABLE at once.
 * After any other outcome the ledger is broken: every later stage answers
 * RESULT_IO.
 */
enum append_outcome ledger_commit(
    struct ledger *ledger, uint64_t now_ms, struct error *err);

/* With nothing staged: a slice of the sweep, a checkpoint, upkeep of the
 * store. `*ret_more` says that a later call will find work (a checkpoint may
 * have to wait for its time). */
enum append_outcome ledger_idle(
    struct ledger *ledger, uint64_t now_ms, bool *ret_more, struct error *err);

/* Throw the book away and build it again from the store, after
 * APPEND_REFUSED. Where that fails the ledger stays broken, with the old book
 * to look at, and this may be called again. */
enum result ledger_reopen(struct ledger *ledger, struct error *err);

const struct book *ledger_book(const struct ledger *ledger);
/* The last durable sequence, its hash, and the tree's root there (the latter
 * two for a ledger with nothing staged). */
uint64_t ledger_head(const struct ledger *ledger);
struct hash ledger_head_hash(const struct ledger *ledger);
struct hash ledger_root(struct ledger *ledger);
/* The newest checkpoint that is durable and may be shown; size 0 is none. */
uint64_t ledger_checkpoint(const struct ledger *ledger, struct note *ret_note);
/* The same, for who needs the root that it signs and not the note. */
uint64_t ledger_checkpoint_root(
    const struct ledger *ledger, struct hash *ret_root);

/* Read one entry back: staged or durable. The record is put into `record`
 * (replaced), from which the entry borrows. RESULT_NOT_FOUND. */
enum result ledger_read(struct ledger *ledger, uint64_t sequence,
    struct buffer *record, struct entry *ret_entry, struct error *err);

/* As ledger_read(), by the operation's name: what this terminal has done under
 * this counter. One that is above all that it has used costs nothing. */
enum result ledger_find(struct ledger *ledger, uint32_t terminal,
    uint64_t counter, struct buffer *record, struct entry *ret_entry,
    struct error *err);

/* Will so many more entries, with so many rows of so many bytes in all, fit the
 * group that is being staged? For what must not be cut in two. */
bool ledger_has_room(const struct ledger *ledger, size_t entry_count,
    size_t private_count, size_t private_size);

/*
 * Proofs for the newest shown checkpoint: that `entry` (0: none) is in it and
 * that it extends `old_size` (0: none). RESULT_NOT_FOUND where it is not in it
 * yet.
 */
enum result ledger_prove(struct ledger *ledger, uint64_t entry,
    uint64_t old_size, struct note *ret_note, uint64_t *ret_size,
    struct proof *ret_inclusion, struct proof *ret_consistency,
    struct error *err);

#endif
