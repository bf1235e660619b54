/*
 * store_sqlite: the writing half of a store in one SQLite database: statements,
 * taking, appending, upkeep. store_sqlite_open.c owns the schema and the
 * settings, store_sqlite_read.c the reading half.
 *
 * What an acknowledgement rests on: each append is one transaction, and its
 * COMMIT returns after the write-ahead log is synced (WAL, synchronous=FULL).
 * Only the connection that appends moves the log into the database, because
 * SQLite before 3.51.3 can damage a log that two connections move; every
 * other opener is read-only.
 */
#include "server/store_sqlite.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/*
 * The log is moved when this much is in it (an even longer log makes moves
 * rarer, yet each of them longer), or when there is nothing else to do and it
 * is worth a sync.
 */
#define LOG_PAGES_MAX (64 * 1024 * 1024 / STORE_PAGE_SIZE)
#define LOG_PAGES_IDLE (LOG_PAGES_MAX / 8)
#define LOG_FRAME_SIZE (24 + STORE_PAGE_SIZE)
#define LOG_AHEAD_SIZE (1024 * 1024)
#define LOG_ZEROES_SIZE 16384

static const char *const statements[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [TAKE] = "UPDATE meta SET epoch = epoch + 1, owner = ?1",
    [HEAD] = "SELECT epoch, ifnull((SELECT max(sequence) FROM entry), 0),"
	     " objects_complete_to FROM meta",
    [INSERT_ENTRY] = "INSERT INTO entry VALUES(?1, ?2, ?3, ?4)",
    [KEEP_OBJECT] = "INSERT OR REPLACE INTO object VALUES(?1, ?2, ?3)",
    [COMPLETE_TO] = "UPDATE meta SET objects_complete_to = ?1",
    [KEEP_PRIVATE] = "INSERT OR REPLACE INTO private VALUES(?1, ?2, ?3)",
    [ERASE_PRIVATE] = "DELETE FROM private WHERE kind = ?1 AND id = ?2",
    [INSERT_TILE] = "INSERT INTO tile VALUES(?1, ?2, ?3)",
    [INSERT_CHECKPOINT] = "INSERT INTO checkpoint VALUES(?1, ?2)",
    [READ] = "SELECT record FROM entry WHERE sequence = ?1",
    [LOOKUP] = "SELECT record FROM entry WHERE terminal = ?1 AND"
	       " counter = ?2",
    [PRIVATE_READ] = "SELECT body FROM private WHERE kind = ?1 AND id = ?2",
    [TILE] = "SELECT body FROM tile WHERE level = ?1 AND number = ?2",
    [CHECKPOINT_LAST] = "SELECT size, note FROM checkpoint"
			" ORDER BY size DESC LIMIT 1",
};

struct store_sqlite *sqlite_of(struct store *store)
{
	return (struct store_sqlite *)store;
}

/* --- errors and statements ------------------------------------------------ */

static enum result result_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return RESULT_NO_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RESULT_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_MISMATCH:
		return RESULT_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return RESULT_DENIED;
	case SQLITE_CONSTRAINT:
		return RESULT_EXISTS;
	case SQLITE_TOOBIG:
		return RESULT_LIMIT;
	}
	return RESULT_IO;
}

/* Where SQLite's own words hide the reason, the system's follow. */
enum result sqlite_fail(
    struct store_sqlite *sqlite, int code, const char *what, struct error *err)
{
	int system = sqlite3_system_errno(sqlite->db);
	bool is_system =
	    (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;

	if (is_system && system != 0)
		return error_errno(err, result_of(code), system,
		    "store: %s: %s (%d)", what, sqlite3_errmsg(sqlite->db),
		    code);
	return error_set(err, result_of(code), "store: %s: %s (%d)", what,
	    sqlite3_errmsg(sqlite->db), code);
}

sqlite3_stmt *sqlite_statement(
    struct store_sqlite *sqlite, enum statement which)
{
	sqlite3_stmt **prepared = &sqlite->prepared[which];

	if (*prepared == NULL)
		sqlite3_prepare_v3(sqlite->db, statements[which], -1,
		    SQLITE_PREPARE_PERSISTENT, prepared, NULL);
	return *prepared;
}

void sqlite_bind(sqlite3_stmt *prepared, int place, uint64_t number)
{
	assert(number <= INT64_MAX);
	sqlite3_bind_int64(prepared, place, (sqlite3_int64)number);
}

/* Not copied: the statement is stepped and reset before the bytes go away.
 * No bytes are an empty blob, not NULL. */
static void bind_bytes(sqlite3_stmt *prepared, int place, struct bytes bytes)
{
	sqlite3_bind_blob64(prepared, place,
	    bytes.size > 0 ? (const void *)bytes.data : "", bytes.size,
	    SQLITE_STATIC);
}

/* Step a bound statement that gives no rows: SQLITE_DONE, or its error. */
static int finish(sqlite3_stmt *prepared)
{
	int code = sqlite3_step(prepared);

	if (code == SQLITE_DONE)
		sqlite3_reset(prepared);
	else
		code = sqlite3_reset(prepared);
	return code;
}

static int run(struct store_sqlite *sqlite, enum statement which)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, which);

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	return finish(prepared);
}

/* --- taking --- */

/* Leave the transaction: true where nothing of it can be on the disk. */
static bool roll_back(struct store_sqlite *sqlite)
{
	/* Some errors have rolled back already. */
	sqlite->is_open = false;
	if (!sqlite3_get_autocommit(sqlite->db))
		run(sqlite, ROLLBACK);
	return sqlite3_get_autocommit(sqlite->db);
}

/* Moving the log can wait: somebody reads, or there is no room. */
static bool is_for_later(int code)
{
	return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_FULL;
}

static int take_epoch(struct store_sqlite *sqlite, const char *owner)
{
	sqlite3_stmt *prepared;
	int code = run(sqlite, BEGIN);

	if (code != SQLITE_DONE)
		return code;
	prepared = sqlite_statement(sqlite, TAKE);
	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	sqlite3_bind_text(prepared, 1, owner, -1, SQLITE_STATIC);
	code = finish(prepared);
	if (code == SQLITE_DONE)
		code = run(sqlite, COMMIT);
	return code;
}

/*
 * After a failed sync the kernel may show us pages of the log that are not on
 * the disk, and no later sync would write them. Moving the whole log writes
 * what we are about to believe once more, and syncs that. A reader may keep
 * us from it; then the log stays as recovery found it.
 */
static enum result sqlite_take(struct store *store, const char *owner,
    struct store_head *ret_head, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	int code;

	if (!sqlite->can_write || sqlite->is_dead)
		return error_set(
		    err, RESULT_DENIED, "store: it is not open for writing");
	if (sqlite->is_open && !roll_back(sqlite))
		return error_set(
		    err, RESULT_IO, "store: an open step cannot be undone");
	code = sqlite3_wal_checkpoint_v2(
	    sqlite->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (code != SQLITE_OK && !is_for_later(code))
		return sqlite_fail(sqlite, code, "moving the log", err);
	sqlite->log_moved = 0;
	code = take_epoch(sqlite, owner);
	if (code == SQLITE_DONE)
		code = sqlite_read_head(sqlite, ret_head);
	if (code == SQLITE_ROW)
		return RESULT_OK;
	sqlite_fail(sqlite, code, "taking it", err);
	roll_back(sqlite);
	return result_of(code);
}

/* --- appending ------------------------------------------------------------ */

static int write_entries(
    struct store_sqlite *sqlite, const struct store_append *append)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, INSERT_ENTRY);
	int code = SQLITE_DONE;

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	for (size_t i = 0; code == SQLITE_DONE && i < append->entry_count;
	     i++) {
		const struct store_entry *entry = &append->entries[i];

		sqlite_bind(prepared, 1, entry->sequence);
		sqlite_bind(prepared, 2, entry->terminal);
		sqlite_bind(prepared, 3, entry->counter);
		bind_bytes(prepared, 4, entry->record);
		code = finish(prepared);
	}
	return code;
}

static int write_objects(
    struct store_sqlite *sqlite, const struct store_append *append)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, KEEP_OBJECT);
	int code = SQLITE_DONE;

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	for (size_t i = 0; code == SQLITE_DONE && i < append->object_count;
	     i++) {
		const struct store_object *object = &append->objects[i];

		sqlite_bind(prepared, 1, object->key);
		sqlite_bind(prepared, 2, object->true_at);
		bind_bytes(prepared, 3, object->object);
		code = finish(prepared);
	}
	if (code != SQLITE_DONE || append->objects_complete_to == 0)
		return code;
	prepared = sqlite_statement(sqlite, COMPLETE_TO);
	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	sqlite_bind(prepared, 1, append->objects_complete_to);
	return finish(prepared);
}

static int write_private(
    struct store_sqlite *sqlite, const struct store_private *row)
{
	enum statement which =
	    row->body.size > 0 ? KEEP_PRIVATE : ERASE_PRIVATE;
	sqlite3_stmt *prepared = sqlite_statement(sqlite, which);

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	sqlite_bind(prepared, 1, row->kind);
	sqlite_bind(prepared, 2, row->id);
	if (which == KEEP_PRIVATE)
		bind_bytes(prepared, 3, row->body);
	return finish(prepared);
}

static int write_tile(struct store_sqlite *sqlite, const struct tile *tile)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, INSERT_TILE);

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	sqlite_bind(prepared, 1, tile->level);
	sqlite_bind(prepared, 2, tile->number);
	bind_bytes(prepared, 3, bytes_of(tile->hashes, sizeof(tile->hashes)));
	return finish(prepared);
}

static int write_checkpoint(
    struct store_sqlite *sqlite, const struct store_append *append)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, INSERT_CHECKPOINT);

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	sqlite_bind(prepared, 1, append->checkpoint_size);
	sqlite3_bind_text(prepared, 2, append->checkpoint->text,
	    (int)append->checkpoint->size, SQLITE_STATIC);
	return finish(prepared);
}

static int write_all(
    struct store_sqlite *sqlite, const struct store_append *append)
{
	int code = write_entries(sqlite, append);

	if (code == SQLITE_DONE)
		code = write_objects(sqlite, append);
	for (size_t i = 0; code == SQLITE_DONE && i < append->private_count;
	     i++)
		code = write_private(sqlite, &append->privates[i]);
	for (size_t i = 0; code == SQLITE_DONE && i < append->tile_count; i++)
		code = write_tile(sqlite, &append->tiles[i]);
	if (code == SQLITE_DONE && append->checkpoint != NULL)
		code = write_checkpoint(sqlite, append);
	return code;
}

/* What the trigger entry_append asks of others. */
static bool is_in_order(const struct store_append *append, struct error *err)
{
	for (size_t i = 0; i < append->entry_count; i++) {
		uint64_t next = append->expected_head + 1 + i;

		if (append->entries[i].sequence != next) {
			error_set(err, RESULT_INVALID,
			    "store: entry %" PRIu64 " where %" PRIu64
			    " is next",
			    append->entries[i].sequence, next);
			return false;
		}
	}
	return true;
}

/* The guard, inside the transaction: nobody else can write until its end. */
static int check_head(struct store_sqlite *sqlite,
    const struct store_append *append, bool *ret_fenced, struct error *err)
{
	struct store_head head;
	int code = sqlite_read_head(sqlite, &head);

	if (code != SQLITE_ROW)
		return code;
	*ret_fenced = head.epoch != append->epoch ||
		      head.sequence != append->expected_head;
	if (*ret_fenced)
		error_set(err, RESULT_BUSY,
		    "store: another took it: epoch %" PRIu64 ", head %" PRIu64
		    " where epoch %" PRIu64 ", head %" PRIu64 " was expected",
		    head.epoch, head.sequence, append->epoch,
		    append->expected_head);
	return SQLITE_DONE;
}

/* Nothing more may be written through this connection, not even by its
 * closing: what is on the disk is for the next opener to find out. */
static enum append_outcome die(struct store_sqlite *sqlite)
{
	sqlite->is_dead = true;
	sqlite3_db_config(
	    sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return APPEND_UNKNOWN;
}

static enum append_outcome refuse(struct store_sqlite *sqlite)
{
	return roll_back(sqlite) ? APPEND_REFUSED : die(sqlite);
}

/*
 * A COMMIT that fails has an unknown outcome, but for one case: a full disk
 * is met by a write, all writes come before the sync, and the log's last
 * frame, which alone makes the others count, is the last write. So it is not
 * whole, and the transaction can still be rolled back.
 */
static enum append_outcome commit(
    struct store_sqlite *sqlite, struct error *err)
{
	int code = run(sqlite, COMMIT);

	sqlite->is_open = false;
	if (code == SQLITE_DONE)
		return APPEND_DURABLE;
	sqlite_fail(sqlite, code, "committing", err);
	return (code & 0xff) == SQLITE_FULL ? refuse(sqlite) : die(sqlite);
}

static enum append_outcome sqlite_append(
    struct store *store, const struct store_append *append, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	bool is_fenced = false;
	int code;

	if (!sqlite->can_write || sqlite->is_dead) {
		error_set(
		    err, RESULT_DENIED, "store: it is not open for writing");
		return sqlite->is_dead ? APPEND_UNKNOWN : APPEND_REFUSED;
	}
	if (!is_in_order(append, err))
		return refuse(sqlite);
	/* A failing read may have undone what was open behind our back. */
	if (sqlite->is_open && sqlite3_get_autocommit(sqlite->db)) {
		error_set(err, RESULT_IO, "store: the open step is gone");
		return refuse(sqlite);
	}
	code = sqlite->is_open ? SQLITE_DONE : run(sqlite, BEGIN);
	if (code == SQLITE_DONE)
		code = check_head(sqlite, append, &is_fenced, err);
	if (is_fenced)
		return roll_back(sqlite) ? APPEND_FENCED : die(sqlite);
	if (code == SQLITE_DONE)
		code = write_all(sqlite, append);
	if (code == SQLITE_DONE && append->more) {
		sqlite->is_open = true;
		return APPEND_OPEN;
	}
	if (code == SQLITE_DONE)
		return commit(sqlite, err);
	sqlite_fail(sqlite, code, "appending", err);
	return refuse(sqlite);
}

/* --- upkeep --------------------------------------------------------------- */

/*
 * Keeps the log's file longer than the log, by zeroes, which are no frame. A
 * commit that makes the file longer is synced together with the file's new
 * length, and takes up to twice as long as one that writes over what is there:
 * measured 0.39 ms instead of 0.69 for a group of 16. It is for speed alone,
 * so that where it fails (disk full) nothing is said: the next commit says it
 * where that matters.
 */
static void lengthen_log(struct store_sqlite *sqlite)
{
	static const uint8_t zeroes[LOG_ZEROES_SIZE];
	sqlite3_int64 end = (sqlite3_int64)sqlite->log_pages * LOG_FRAME_SIZE;
	sqlite3_int64 size = 0, wanted;
	sqlite3_file *log = NULL;

	if (sqlite->log_size - end > LOG_AHEAD_SIZE / 2)
		return;
	if (sqlite3_file_control(sqlite->db, "main",
		SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
	    log == NULL || log->pMethods == NULL ||
	    log->pMethods->xFileSize(log, &size) != SQLITE_OK)
		return;
	wanted = end + LOG_AHEAD_SIZE;
	while (size < wanted && log->pMethods->xWrite(log, zeroes,
				    sizeof(zeroes), size) == SQLITE_OK)
		size += sizeof(zeroes);
	sqlite->log_size = size;
}

/*
 * PASSIVE waits for nobody: where a reader still needs the log, the rest is
 * moved another time. A full disk is no reason to stop either, for the log
 * holds everything still; appends will say so when it cannot grow. For both,
 * the next try comes after as much again.
 */
static enum result sqlite_maintain(
    struct store *store, bool idle, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	uint64_t limit = idle ? LOG_PAGES_IDLE : LOG_PAGES_MAX;
	int code;

	if (!sqlite->can_write || sqlite->is_dead)
		return RESULT_OK;
	lengthen_log(sqlite);
	if (sqlite->log_pages - sqlite->log_moved < limit)
		return RESULT_OK;
	code = sqlite3_wal_checkpoint_v2(
	    sqlite->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite->log_moved = sqlite->log_pages;
	if (code == SQLITE_OK || is_for_later(code))
		return RESULT_OK;
	die(sqlite);
	return sqlite_fail(sqlite, code, "moving the log", err);
}

static void sqlite_close(struct store *store)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	int code;

	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(sqlite->prepared[i]);
	code = sqlite3_close(sqlite->db);
	assert(code == SQLITE_OK);
	free(sqlite);
}

const struct store_ops sqlite_store_ops = {
    .take = sqlite_take,
    .head = sqlite_head,
    .append = sqlite_append,
    .read = sqlite_read,
    .lookup = sqlite_lookup,
    .scan = sqlite_scan,
    .objects = sqlite_objects,
    .privates = sqlite_privates,
    .private_read = sqlite_private_read,
    .tile = sqlite_tile,
    .tiles = sqlite_tiles,
    .checkpoints = sqlite_checkpoints,
    .checkpoint_last = sqlite_checkpoint_last,
    .maintain = sqlite_maintain,
    .close = sqlite_close,
};
