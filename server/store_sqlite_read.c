/*
 * store_sqlite_read: everything that a store answers without writing. A scan
 * is one SELECT, and so sees one moment of the ledger however long it takes.
 */
#include "server/store_sqlite.h"

#include <string.h>

static struct bytes column_bytes(sqlite3_stmt *prepared, int column)
{
	const void *data = sqlite3_column_blob(prepared, column);

	return bytes_of(data, (size_t)sqlite3_column_bytes(prepared, column));
}

uint64_t sqlite_number(sqlite3_stmt *prepared, int column)
{
	return (uint64_t)sqlite3_column_int64(prepared, column);
}

/* --- the head ------------------------------------------------------------- */

int sqlite_read_head(struct store_sqlite *sqlite, struct store_head *ret_head)
{
	sqlite3_stmt *prepared = sqlite_statement(sqlite, HEAD);
	int code;

	if (prepared == NULL)
		return sqlite3_errcode(sqlite->db);
	code = sqlite3_step(prepared);
	if (code == SQLITE_ROW) {
		ret_head->epoch = sqlite_number(prepared, 0);
		ret_head->sequence = sqlite_number(prepared, 1);
		ret_head->objects_complete_to = sqlite_number(prepared, 2);
	}
	sqlite3_reset(prepared);
	return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
}

enum result sqlite_head(
    struct store *store, struct store_head *ret_head, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	int code = sqlite_read_head(sqlite, ret_head);

	if (code != SQLITE_ROW)
		return sqlite_fail(sqlite, code, "reading the head", err);
	return RESULT_OK;
}

/* --- reading -------------------------------------------------------------- */

/* One row's bytes, appended to `to`, of a statement that is bound. */
static enum result read_bytes(struct store_sqlite *sqlite,
    sqlite3_stmt *prepared, struct buffer *to, struct error *err)
{
	int code = sqlite3_step(prepared);
	enum result result;

	if (code == SQLITE_ROW)
		result = buffer_append(to, column_bytes(prepared, 0), err);
	else if (code == SQLITE_DONE)
		result = error_set(
		    err, RESULT_NOT_FOUND, "store: there is no such record");
	else
		result = sqlite_fail(sqlite, code, "reading", err);
	sqlite3_reset(prepared);
	return result;
}

enum result sqlite_read(struct store *store, uint64_t sequence,
    struct buffer *to, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = sqlite_statement(sqlite, READ);

	if (prepared == NULL)
		return sqlite_fail(
		    sqlite, sqlite3_errcode(sqlite->db), "reading", err);
	if (sequence > SEQUENCE_MAX)
		sequence = 0;
	sqlite_bind(prepared, 1, sequence);
	return read_bytes(sqlite, prepared, to, err);
}

enum result sqlite_lookup(struct store *store, uint32_t terminal,
    uint64_t counter, struct buffer *to, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = sqlite_statement(sqlite, LOOKUP);

	if (prepared == NULL)
		return sqlite_fail(
		    sqlite, sqlite3_errcode(sqlite->db), "reading", err);
	if (counter > COUNTER_MAX)
		return error_set(
		    err, RESULT_NOT_FOUND, "store: there is no such record");
	sqlite_bind(prepared, 1, terminal);
	sqlite_bind(prepared, 2, counter);
	return read_bytes(sqlite, prepared, to, err);
}

enum result sqlite_private_read(struct store *store, enum private_kind kind,
    uint64_t id, struct buffer *to, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = sqlite_statement(sqlite, PRIVATE_READ);

	if (prepared == NULL)
		return sqlite_fail(
		    sqlite, sqlite3_errcode(sqlite->db), "reading", err);
	if (id > INT64_MAX)
		return error_set(
		    err, RESULT_NOT_FOUND, "store: there is no such row");
	sqlite_bind(prepared, 1, kind);
	sqlite_bind(prepared, 2, id);
	return read_bytes(sqlite, prepared, to, err);
}

/* --- walks ---------------------------------------------------------------- */

typedef enum result row_fn(void *visitor, sqlite3_stmt *row, struct error *err);

static enum result walk_rows(struct store_sqlite *sqlite,
    sqlite3_stmt *prepared, row_fn *visit_row, void *visitor, struct error *err)
{
	enum result result = RESULT_OK;
	int code;

	while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
		result = visit_row(visitor, prepared, err);
		if (result != RESULT_OK)
			return result;
	}
	if (code != SQLITE_DONE)
		return sqlite_fail(sqlite, code, "reading", err);
	return RESULT_OK;
}

/* Prepared anew, for a visitor may walk too. `number` is its ?1, if any. */
static enum result walk(struct store *store, const char *sql, uint64_t number,
    row_fn *visit_row, void *visitor, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &prepared, NULL);
	enum result result;

	if (code != SQLITE_OK)
		return sqlite_fail(sqlite, code, "reading", err);
	if (sqlite3_bind_parameter_count(prepared) > 0)
		sqlite_bind(prepared, 1, number);
	result = walk_rows(sqlite, prepared, visit_row, visitor, err);
	sqlite3_finalize(prepared);
	return result;
}

struct record_visitor {
	store_record_fn *visit;
	void *context;
};

static enum result visit_record(
    void *visitor, sqlite3_stmt *row, struct error *err)
{
	const struct record_visitor *to = visitor;

	return to->visit(to->context, sqlite_number(row, 0),
	    (uint32_t)sqlite_number(row, 1), sqlite_number(row, 2),
	    column_bytes(row, 3), err);
}

enum result sqlite_scan(struct store *store, uint64_t sequence,
    store_record_fn *visit, void *context, struct error *err)
{
	struct record_visitor visitor = {visit, context};

	if (sequence > SEQUENCE_MAX)
		return RESULT_OK;
	/* From the first on is everything, also what stands before it: a row
	 * that should not be there is the visitor's to refuse. */
	if (sequence <= 1)
		return walk(store,
		    "SELECT sequence, terminal, counter, record FROM entry"
		    " ORDER BY sequence",
		    0, visit_record, &visitor, err);
	return walk(store,
	    "SELECT sequence, terminal, counter, record FROM entry"
	    " WHERE sequence >= ?1 ORDER BY sequence",
	    sequence, visit_record, &visitor, err);
}

struct object_visitor {
	store_object_fn *visit;
	void *context;
};

static enum result visit_object(
    void *visitor, sqlite3_stmt *row, struct error *err)
{
	const struct object_visitor *to = visitor;
	struct store_object object = {.key = sqlite_number(row, 0),
	    .true_at = sqlite_number(row, 1),
	    .object = column_bytes(row, 2)};

	return to->visit(to->context, &object, err);
}

enum result sqlite_objects(struct store *store, store_object_fn *visit,
    void *context, struct error *err)
{
	struct object_visitor visitor = {visit, context};

	return walk(store, "SELECT key, true_at, body FROM object ORDER BY key",
	    0, visit_object, &visitor, err);
}

struct private_visitor {
	enum private_kind kind;
	store_private_fn *visit;
	void *context;
};

static enum result visit_private(
    void *visitor, sqlite3_stmt *row, struct error *err)
{
	const struct private_visitor *to = visitor;
	struct store_private private_row = {.kind = to->kind,
	    .id = sqlite_number(row, 0),
	    .body = column_bytes(row, 1)};

	return to->visit(to->context, &private_row, err);
}

enum result sqlite_privates(struct store *store, enum private_kind kind,
    store_private_fn *visit, void *context, struct error *err)
{
	struct private_visitor visitor = {kind, visit, context};

	return walk(store,
	    "SELECT id, body FROM private WHERE kind = ?1 ORDER BY id", kind,
	    visit_private, &visitor, err);
}

/* --- tiles ---------------------------------------------------------------- */

static enum result tile_of(sqlite3_stmt *row, int column, uint8_t level,
    uint64_t number, struct tile *ret_tile, struct error *err)
{
	struct bytes body = column_bytes(row, column);

	if (body.size != sizeof(ret_tile->hashes))
		return error_set(err, RESULT_CORRUPT,
		    "store: tile %u/%llu has %zu bytes", level,
		    (unsigned long long)number, body.size);
	ret_tile->level = level;
	ret_tile->number = number;
	memcpy(ret_tile->hashes, body.data, body.size);
	return RESULT_OK;
}

enum result sqlite_tile(struct store *store, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = sqlite_statement(sqlite, TILE);
	enum result result;
	int code;

	if (prepared == NULL)
		return sqlite_fail(
		    sqlite, sqlite3_errcode(sqlite->db), "reading", err);
	sqlite_bind(prepared, 1, level);
	sqlite_bind(prepared, 2, number);
	code = sqlite3_step(prepared);
	if (code == SQLITE_ROW)
		result = tile_of(prepared, 0, level, number, ret_tile, err);
	else if (code == SQLITE_DONE)
		result = error_set(err, RESULT_NOT_FOUND,
		    "store: tile %u/%llu is not there", level,
		    (unsigned long long)number);
	else
		result = sqlite_fail(sqlite, code, "reading", err);
	sqlite3_reset(prepared);
	return result;
}

struct tile_visitor {
	store_tile_fn *visit;
	void *context;
	struct tile tile;
};

static enum result visit_tile(
    void *visitor, sqlite3_stmt *row, struct error *err)
{
	struct tile_visitor *to = visitor;
	enum result result = tile_of(row, 2, (uint8_t)sqlite_number(row, 0),
	    sqlite_number(row, 1), &to->tile, err);

	if (result != RESULT_OK)
		return result;
	return to->visit(to->context, &to->tile, err);
}

enum result sqlite_tiles(
    struct store *store, store_tile_fn *visit, void *context, struct error *err)
{
	struct tile_visitor visitor = {.visit = visit, .context = context};

	return walk(store,
	    "SELECT level, number, body FROM tile ORDER BY level, number", 0,
	    visit_tile, &visitor, err);
}

/* --- checkpoints ---------------------------------------------------------- */

struct note_visitor {
	store_note_fn *visit;
	void *context;
};

static enum result visit_note(
    void *visitor, sqlite3_stmt *row, struct error *err)
{
	const struct note_visitor *to = visitor;

	return to->visit(
	    to->context, sqlite_number(row, 0), column_bytes(row, 1), err);
}

enum result sqlite_checkpoints(
    struct store *store, store_note_fn *visit, void *context, struct error *err)
{
	struct note_visitor visitor = {visit, context};

	return walk(store, "SELECT size, note FROM checkpoint ORDER BY size", 0,
	    visit_note, &visitor, err);
}

static enum result note_of(
    sqlite3_stmt *row, struct note *ret_note, struct error *err)
{
	struct bytes text = column_bytes(row, 1);

	if (text.size > CHECKPOINT_SIZE_MAX)
		return error_set(err, RESULT_CORRUPT,
		    "store: a checkpoint has %zu bytes", text.size);
	ret_note->size = text.size;
	if (text.size > 0)
		memcpy(ret_note->text, text.data, text.size);
	ret_note->text[text.size] = '\0';
	return RESULT_OK;
}

enum result sqlite_checkpoint_last(struct store *store, struct note *ret_note,
    uint64_t *ret_size, struct error *err)
{
	struct store_sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *prepared = sqlite_statement(sqlite, CHECKPOINT_LAST);
	enum result result;
	int code;

	if (prepared == NULL)
		return sqlite_fail(
		    sqlite, sqlite3_errcode(sqlite->db), "reading", err);
	code = sqlite3_step(prepared);
	if (code == SQLITE_ROW) {
		result = note_of(prepared, ret_note, err);
		if (result == RESULT_OK)
			*ret_size = sqlite_number(prepared, 0);
	} else if (code == SQLITE_DONE) {
		result = error_set(
		    err, RESULT_NOT_FOUND, "store: there is no checkpoint yet");
	} else {
		result = sqlite_fail(sqlite, code, "reading", err);
	}
	sqlite3_reset(prepared);
	return result;
}
