/*
 * store_sqlite: what store_sqlite.c (append), store_sqlite_open.c and
 * store_sqlite_read.c share. The only file of the server that includes
 * sqlite3.h; nobody else includes this one.
 */
#ifndef SERVER_STORE_SQLITE_H
#define SERVER_STORE_SQLITE_H

#include <sqlite3.h>

#include "server/store.h"

#ifndef STORE_PAGE_SIZE
#define STORE_PAGE_SIZE 4096
#endif

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	TAKE,
	HEAD,
	INSERT_ENTRY,
	KEEP_OBJECT,
	COMPLETE_TO,
	KEEP_PRIVATE,
	ERASE_PRIVATE,
	INSERT_TILE,
	INSERT_CHECKPOINT,
	READ,
	LOOKUP,
	PRIVATE_READ,
	TILE,
	CHECKPOINT_LAST,
	STATEMENT_COUNT,
};

struct store_sqlite {
	struct store store;
	sqlite3 *db;
	bool can_write;
	bool is_dead;		/* a COMMIT ended with its outcome unknown */
	bool is_open;		/* a step has begun, and has not ended */
	uint64_t log_pages;	/* in the log after the last commit */
	uint64_t log_moved;	/* of those, moved into the database */
	sqlite3_int64 log_size; /* of its file, at least, when last looked */
	sqlite3_stmt *prepared[STATEMENT_COUNT];
};

extern const struct store_ops sqlite_store_ops;
struct store_sqlite *sqlite_of(struct store *store);

/* `code` and `what` was being done, into `err`. */
enum result sqlite_fail(
    struct store_sqlite *sqlite, int code, const char *what, struct error *err);
/* Prepared at the first use and kept. NULL where that fails. */
sqlite3_stmt *sqlite_statement(
    struct store_sqlite *sqlite, enum statement which);
void sqlite_bind(sqlite3_stmt *prepared, int place, uint64_t number);
uint64_t sqlite_number(sqlite3_stmt *prepared, int column);

/* The reading half of struct store_ops. */
enum result sqlite_head(
    struct store *store, struct store_head *ret_head, struct error *err);
enum result sqlite_read(struct store *store, uint64_t sequence,
    struct buffer *to, struct error *err);
enum result sqlite_lookup(struct store *store, uint32_t terminal,
    uint64_t counter, struct buffer *to, struct error *err);
enum result sqlite_scan(struct store *store, uint64_t sequence,
    store_record_fn *visit, void *context, struct error *err);
enum result sqlite_objects(struct store *store, store_object_fn *visit,
    void *context, struct error *err);
enum result sqlite_privates(struct store *store, enum private_kind kind,
    store_private_fn *visit, void *context, struct error *err);
enum result sqlite_private_read(struct store *store, enum private_kind kind,
    uint64_t id, struct buffer *to, struct error *err);
enum result sqlite_tile(struct store *store, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err);
enum result sqlite_tiles(struct store *store, store_tile_fn *visit,
    void *context, struct error *err);
enum result sqlite_checkpoints(struct store *store, store_note_fn *visit,
    void *context, struct error *err);
enum result sqlite_checkpoint_last(struct store *store, struct note *ret_note,
    uint64_t *ret_size, struct error *err);
/* As sqlite_head(), in SQLite's codes: SQLITE_ROW where it went well. */
int sqlite_read_head(struct store_sqlite *sqlite, struct store_head *ret_head);

#endif
