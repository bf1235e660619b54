/*
 * audit_inside: what the files of the audit share, and nobody else.
 *
 * audit.c owns the walk over the records, audit_names.c which names are used
 * up, audit_notes.c the checkpoints to hold against, audit_draws.c what chances
 * were drawn from, audit_private.c cards, names and birthdays, audit_store.c a
 * shop's folder.
 */
#ifndef SERVER_AUDIT_INSIDE_H
#define SERVER_AUDIT_INSIDE_H

#include "server/audit.h"

/* --- names ---------------------------------------------------------------- */

/* Counters that were passed over and may still come, both ends included. */
struct counter_range {
	uint64_t first;
	uint64_t last;
};

/* One terminal's counters: all up to `highest` are used but for `unused`,
 * which is ascending. A till that counts up needs no memory at all. */
struct terminal_names {
	uint64_t highest;
	struct counter_range *unused;
	size_t unused_count;
	size_t unused_capacity;
};

struct audit_names {
	struct terminal_names *terminals; /* by number */
	size_t terminal_count;
};

/* Use up a name; `*ret_is_new` is false where it was used before. `terminal`
 * is at most TERMINALS_MAX, `counter` is not 0. */
enum result audit_names_take(struct audit_names *names, uint32_t terminal,
    uint64_t counter, bool *ret_is_new, struct error *err);
/* Has it been used up? Of any terminal and counter. */
bool audit_names_has(
    const struct audit_names *names, uint32_t terminal, uint64_t counter);
void audit_names_finish(struct audit_names *names);

/* --- checkpoints ---------------------------------------------------------- */

struct held_note {
	uint64_t size;
	struct hash root;
	bool is_outside;
	bool is_bad;	    /* its fault has been reported */
	struct buffer text; /* until its signature has been looked at */
};

struct audit_notes {
	struct held_note *held;
	size_t count;
	size_t capacity;
	size_t next; /* the first whose size the tree has not reached */
	bool is_sorted;
	bool key_is_known;
	uint8_t key[SIGN_KEY_SIZE];
	char origin[ORIGIN_SIZE_MAX + 1];
	uint64_t own_verified;
	uint64_t outside_verified;
	uint64_t signed_to;  /* the size of the last that was verified */
	uint64_t own_failed; /* roots; the first alone is reported at once */
	uint64_t own_failed_last;
};

/* Hold a note that was kept under `size`; a stranger's or broken one is a
 * fault, or RESULT_INVALID where it comes from outside. */
enum result audit_notes_add(struct audit *audit, uint64_t size,
    struct bytes note, bool is_outside, struct error *err);
/* The ledger's first entry says whose signatures count. */
enum result audit_notes_learn(
    struct audit *audit, const struct entry *shop, struct error *err);
/* Compare those that the tree has just reached. */
void audit_notes_reach(struct audit *audit);
/* Report what was not reached. */
void audit_notes_finish(struct audit *audit);
/* The shop's own checkpoint of that size, NULL where there is none; and how
 * many of its own are larger, but smaller than `below`. */
const struct held_note *audit_notes_find(
    const struct audit_notes *notes, uint64_t size);
size_t audit_notes_between(
    const struct audit_notes *notes, uint64_t size, uint64_t below);
void audit_notes_free(struct audit_notes *notes);

/* --- draws ---------------------------------------------------------------- */

/* Tiles that have filled, so that an earlier root can be known again: where all
 * checkpoints are known none is kept. */
#define DRAW_TILES 1024u /* of level 0, the newest */
struct audit_draws {
	struct tile *low[DRAW_TILES]; /* by number */
	struct tile **high[TILE_LEVELS_MAX];
	size_t high_count[TILE_LEVELS_MAX];
	size_t high_capacity[TILE_LEVELS_MAX];
	uint64_t last_size; /* of the last draw */
	uint64_t held;
	uint64_t failed; /* roots; the first alone is reported at once */
	uint64_t failed_last;
};

/* A tile has filled. A tree_tile_fn. */
enum result audit_draws_tile(
    void *context, const struct tile *tile, struct error *err);
/* An entry with TAG_DRAW; the tree stands before it. */
enum result audit_draws_check(
    struct audit *audit, const struct entry *entry, struct error *err);
/* An entry that might have had a draw, and has none. */
void audit_draws_lack(struct audit *audit);
/* Report how many more failed. */
void audit_draws_finish(struct audit *audit);
void audit_draws_free(struct audit_draws *draws);

/* --- private details ------------------------------------------------------ */

struct audit_private;

enum result audit_private_create(
    struct audit *audit, struct audit_private **ret_details, struct error *err);
void audit_private_destroy(struct audit_private *details);
/* Cards and cashiers, before the entries. */
enum result audit_private_read(
    struct audit_private *details, struct store *store, struct error *err);
/* The audit stands at `entry`, which is late where it is past the head that was
 * read before the rows. */
enum result audit_private_entry(struct audit_private *details,
    const struct entry *entry, bool is_late, struct error *err);
/* Does an earning say rightly whether it is near a birthday? The book stands
 * before it. */
void audit_private_birthday(
    const struct audit_private *details, const struct entry *entry);
/* After the last one; `ret_summary` gets its figures. */
void audit_private_finish(
    struct audit_private *details, struct audit_summary *ret_summary);

/* --- a folder's tables ---------------------------------------------------- */

struct audit_tables;

/* An entry that could be decoded: are private details what it commits to? */
enum result audit_tables_entry(
    struct audit *audit, const struct entry *entry, struct error *err);
/* Is the record in hand past the head that was read before the tables? They may
 * lack what belongs to it. */
bool audit_tables_are_older(const struct audit *audit);
/* The book stands before `entry`: is what it says of private details so? */
void audit_tables_judge(struct audit *audit, const struct entry *entry);
/* The book stands at `sequence`: are the objects true at it the same? */
enum result audit_tables_applied(
    struct audit *audit, uint64_t sequence, struct error *err);
/* A tile has filled: is it the kept one? A tree_tile_fn. */
enum result audit_tables_tile(
    void *context, const struct tile *tile, struct error *err);

/* --- the audit ------------------------------------------------------------ */

struct audit {
	struct audit_options options;
	struct hasher *hasher;
	struct tree *tree;
	struct book *book; /* NULL where the law is not asked */
	struct audit_names names;
	struct audit_notes notes;
	struct audit_draws draws;
	struct audit_tables *tables; /* NULL for records from elsewhere */
	audit_read_fn *read;
	void *read_context;
	struct buffer related; /* an entry that another names, read back */

	uint64_t entries;  /* records seen */
	uint64_t sequence; /* of the last one */
	uint64_t time_ms;  /* of the last one that could be read */
	struct hash hash;  /* of the last one */
	bool hash_is_known;
	bool tree_is_whole; /* false once entries are missing */
	bool law_stands;    /* false once an entry could not be applied */
	uint64_t lawful_to;
	uint64_t faults;
};

__attribute__((format(printf, 4, 5))) void audit_report(struct audit *audit,
    enum audit_fault_kind kind, uint64_t sequence, const char *format, ...);

/* `array` with room for one more; NULL where there is no memory, and nothing
 * has changed then. */
void *audit_grow(
    void *array, size_t *capacity, size_t count, size_t element_size);

#endif
