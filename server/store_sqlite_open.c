/*
 * store_sqlite_open: owns the schema, the settings of a connection, and how a
 * file is opened for each mode. Their reasons stand in server/LEDGER.md too.
 */
#include "server/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x54414c59 /* "TALY" */
#define SCHEMA_VERSION 1
#define BUSY_MS 2000	    /* how long another's lock is waited for */
#define PATH_SIZE_MAX 4096u /* bytes of a path with its NUL */
#define TEXT(value) #value
#define TEXT_OF(value) TEXT(value)

static const char schema[] =
    "CREATE TABLE entry(sequence INTEGER PRIMARY KEY,"
    " terminal INTEGER NOT NULL, counter INTEGER NOT NULL,"
    " record BLOB NOT NULL) STRICT;"
    /* The counter first: terminals that are busy at the same time mostly have
     * counters that grow together, and so share pages. With the terminal first
     * each terminal has a page of its own, and a group from 1,000 of them
     * writes 1,000 pages: measured four times slower. */
    "CREATE UNIQUE INDEX entry_name ON entry(counter, terminal);"
    /* INSERT OR REPLACE deletes what is in its way, by sequence or by name,
     * without the delete trigger's knowing: this refuses it beforehand. */
    "CREATE TRIGGER entry_append BEFORE INSERT ON entry"
    " WHEN NEW.sequence IS NOT"
    " ifnull((SELECT max(sequence) FROM entry), 0) + 1"
    " OR EXISTS(SELECT 1 FROM entry"
    " WHERE counter = NEW.counter AND terminal = NEW.terminal)"
    " BEGIN SELECT RAISE(ABORT, 'an entry is not the next one'); END;"
    "CREATE TRIGGER entry_update BEFORE UPDATE ON entry"
    " BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;"
    "CREATE TRIGGER entry_delete BEFORE DELETE ON entry"
    " BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;"
    "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER checkpoint_append BEFORE INSERT ON checkpoint"
    " WHEN NEW.size <= (SELECT max(size) FROM checkpoint)"
    " BEGIN SELECT RAISE(ABORT, 'a checkpoint is not the next one'); END;"
    "CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;"
    "CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;"
    "CREATE TABLE tile(level INTEGER NOT NULL, number INTEGER NOT NULL,"
    " body BLOB NOT NULL, PRIMARY KEY(level, number)) STRICT;"
    "CREATE TABLE object(key INTEGER PRIMARY KEY,"
    " true_at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE private(kind INTEGER NOT NULL, id INTEGER NOT NULL,"
    " body BLOB NOT NULL, PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 1),"
    " epoch INTEGER NOT NULL, owner TEXT NOT NULL,"
    " objects_complete_to INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta VALUES(1, 0, '', 0);"
    "PRAGMA application_id = " TEXT_OF(
	APPLICATION_ID) ";"
			"PRAGMA user_version = " TEXT_OF(SCHEMA_VERSION) ";";

/* --- settings ------------------------------------------------------------- */

/* Called after each commit with the log's length; taking SQLite's own place
 * here also keeps it from moving the log in the middle of an append. */
static int note_log_pages(
    void *context, sqlite3 *db, const char *name, int pages)
{
	struct store_sqlite *sqlite = context;

	(void)db;
	(void)name;
	/* A log that got shorter has started again from its front. */
	if ((uint64_t)pages < sqlite->log_pages)
		sqlite->log_moved = 0;
	sqlite->log_pages = (uint64_t)pages;
	return SQLITE_OK;
}
/*
 * The triggers are for everybody else. They would cost our own connection 2.3
 * of 5.5 us an entry, and tell it nothing: it has no statement that changes or
 * replaces an entry, and sqlite_append() looks at the sequences itself.
 */
static int set_up_log(struct store_sqlite *sqlite)
{
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_wal_hook(sqlite->db, note_log_pages, sqlite);
	return sqlite3_exec(sqlite->db,
	    "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA journal_size_limit = 134217728;",
	    NULL, NULL, NULL);
}

/*
 * A reader may be the last to close, and would then move the log while a
 * writer may be starting: it is told not to.
 */
static int set_up(struct store_sqlite *sqlite, enum store_mode mode)
{
	int code;

	sqlite3_extended_result_codes(sqlite->db, 1);
	sqlite3_busy_timeout(sqlite->db, BUSY_MS);
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
	    mode == STORE_READ, NULL);
	if (mode == STORE_READ)
		return sqlite3_exec(sqlite->db,
		    "PRAGMA query_only = 1; PRAGMA cache_size = -2048;"
		    "PRAGMA mmap_size = 0;",
		    NULL, NULL, NULL);
	/* The page size counts only while the file is empty. */
	code = sqlite3_exec(sqlite->db,
	    "PRAGMA page_size = " TEXT_OF(
		STORE_PAGE_SIZE) ";"
				 "PRAGMA cache_size = -4096;"
				 "PRAGMA mmap_size = 0;"
				 "PRAGMA temp_store = MEMORY;"
				 "PRAGMA secure_delete = FAST;",
	    NULL, NULL, NULL);
	return code == SQLITE_OK && mode == STORE_CREATE ? set_up_log(sqlite)
							 : code;
}

static int pragma_number(
    struct store_sqlite *sqlite, const char *sql, int64_t *ret_number)
{
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &prepared, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(prepared);
	if (code == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(prepared, 0);
	sqlite3_finalize(prepared);
	return code;
}

/* Looked at before anything is set that could write. */
static enum result check_schema(struct store_sqlite *sqlite, struct error *err)
{
	int64_t application = 0, version = 0;
	int code = pragma_number(sqlite, "PRAGMA application_id", &application);

	if (code == SQLITE_ROW)
		code = pragma_number(sqlite, "PRAGMA user_version", &version);
	if (code != SQLITE_ROW)
		return sqlite_fail(sqlite, code, "opening", err);
	if (application != APPLICATION_ID || version < 1)
		return error_set(err, RESULT_CORRUPT,
		    "store: the file is no ledger of Tallystick");
	if (version > SCHEMA_VERSION)
		return error_set(err, RESULT_VERSION,
		    "store: the ledger is of schema %" PRId64
		    ", this program knows %d",
		    version, SCHEMA_VERSION);
	return RESULT_OK;
}

static enum result make_schema(struct store_sqlite *sqlite, struct error *err)
{
	int code =
	    sqlite3_exec(sqlite->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(sqlite->db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(sqlite->db, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return sqlite_fail(sqlite, code, "creating", err);
	return RESULT_OK;
}

static enum result prepare(
    struct store_sqlite *sqlite, enum store_mode mode, struct error *err)
{
	int code = set_up(sqlite, mode);
	enum result result;

	if (code != SQLITE_OK)
		return sqlite_fail(sqlite, code, "opening", err);
	if (mode == STORE_CREATE)
		return make_schema(sqlite, err);
	result = check_schema(sqlite, err);
	if (result != RESULT_OK || mode == STORE_READ)
		return result;
	code = set_up_log(sqlite);
	if (code != SQLITE_OK)
		return sqlite_fail(sqlite, code, "opening", err);
	return RESULT_OK;
}

/*
 * A URI of the path. SQLite makes an index (-shm) for a database with a log,
 * which it cannot do in a folder that is not ours to write. Where there is no
 * log either, nobody writes and everything stands in the database: then it is
 * read as immutable, without an index. A log that was left over in such a
 * folder cannot be read without one; SQLite says so.
 */
static enum result make_uri(const char *path, enum store_mode mode,
    char ret_uri[3 * PATH_SIZE_MAX + 32], struct error *err)
{
	char file[PATH_SIZE_MAX + 8];
	const char *slash = strrchr(path, '/');
	bool is_immutable;
	char *out = ret_uri + sprintf(ret_uri, "file:");

	if (strlen(path) >= PATH_SIZE_MAX)
		return error_set(
		    err, RESULT_LIMIT, "store: the path is too long");
	for (const char *in = path; *in != '\0'; in++) {
		if (strchr("%?#", *in) != NULL)
			out += sprintf(out, "%%%02x", (unsigned char)*in);
		else
			*out++ = *in;
	}
	*out = '\0';
	snprintf(file, sizeof(file), "%.*s",
	    slash != NULL ? (int)(slash - path) + 1 : 2,
	    slash != NULL ? path : "./");
	is_immutable = mode == STORE_READ && eaccess(file, W_OK) != 0;
	snprintf(file, sizeof(file), "%s-wal", path);
	if (is_immutable && eaccess(file, F_OK) != 0)
		strcpy(out, "?immutable=1");
	return RESULT_OK;
}

static enum result open_database(struct store_sqlite *sqlite, const char *path,
    enum store_mode mode, struct error *err)
{
	char uri[3 * PATH_SIZE_MAX + 32];
	int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
	enum result result = make_uri(path, mode, uri, err);
	int code;

	if (result != RESULT_OK)
		return result;
	flags |=
	    mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	code = sqlite3_open_v2(uri, &sqlite->db, flags, NULL);
	if (sqlite->db == NULL)
		return error_no_memory(err);
	if (code != SQLITE_OK)
		return sqlite_fail(sqlite, code, "opening", err);
	return prepare(sqlite, mode, err);
}

/* SQLite would open what is there, or make what is not: neither is asked
 * for, so the file is made, or looked for, beforehand. */
static enum result check_file(
    const char *path, enum store_mode mode, struct error *err)
{
	int file = open(path,
	    mode == STORE_CREATE ? O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC
				 : O_RDONLY | O_CLOEXEC,
	    0600);

	if (file >= 0) {
		close(file);
		return RESULT_OK;
	}
	return error_errno(err,
	    errno == EEXIST   ? RESULT_EXISTS
	    : errno == ENOENT ? RESULT_NOT_FOUND
	    : errno == EACCES ? RESULT_DENIED
			      : RESULT_IO,
	    errno, "store: %s", path);
}

enum result store_sqlite_open(const char *path, enum store_mode mode,
    struct store **ret_store, struct error *err)
{
	struct store_sqlite *sqlite;
	enum result result = check_file(path, mode, err);

	if (result != RESULT_OK)
		return result;
	sqlite = calloc(1, sizeof(*sqlite));
	if (sqlite == NULL)
		return error_no_memory(err);
	sqlite->store.ops = &sqlite_store_ops;
	sqlite->can_write = mode != STORE_READ;
	result = open_database(sqlite, path, mode, err);
	if (result == RESULT_OK) {
		*ret_store = &sqlite->store;
		return RESULT_OK;
	}
	sqlite->store.ops->close(&sqlite->store);
	if (mode == STORE_CREATE)
		unlink(path);
	return result;
}
