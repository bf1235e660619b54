/*
 * outbox_open: TILL/outbox.db as a file: its schema, its settings, and what
 * SQLite's codes mean to a person.
 */
#include "client/outbox_inside.h"

#include <errno.h>
#include <sys/stat.h>

#include "client/folder.h"

/* 2: bodies have a version 2. The tables are the same. */
#define OUTBOX_VERSION 2

static const char *const statement_texts[STATEMENT_COUNT] = {
    "INSERT INTO operation VALUES (?1, ?1, ?2, ?3, ?4, ?5)",
    "UPDATE operation SET counter = ?2, body = ?3 WHERE counter = ?1",
    "DELETE FROM operation WHERE counter = ?1",
    "SELECT place, counter, body FROM operation WHERE counter = ?1",
    "SELECT place, counter, body FROM operation WHERE place > ?1"
    " ORDER BY place LIMIT 1",
    "SELECT coalesce(sum(points), 0) FROM operation"
    " WHERE card = ?1 AND kind = ?2",
    "INSERT OR REPLACE INTO shop VALUES (1, ?1)",
};

/* What is asked for by value has a column; the rest is in the body. Each
 * change is one statement, and so one transaction: the counter moves with the
 * operation that takes it. A new name changes the counter and not the place,
 * which is the first counter: a sale stays behind its card's enrolment. */
static const char schema_text[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " next_counter INTEGER NOT NULL CHECK (next_counter >= 1)) STRICT;"
    "INSERT INTO state VALUES (1, 1);"
    "CREATE TABLE operation (place INTEGER PRIMARY KEY,"
    " counter INTEGER NOT NULL UNIQUE, kind INTEGER NOT NULL, card TEXT NOT "
    "NULL,"
    " points INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TRIGGER counter_is_used AFTER INSERT ON operation BEGIN"
    " UPDATE state SET next_counter = NEW.counter + 1; END;"
    "CREATE TRIGGER counter_is_used_again AFTER UPDATE OF counter"
    " ON operation BEGIN"
    " UPDATE state SET next_counter = NEW.counter + 1; END;"
    "CREATE TABLE shop (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " body BLOB NOT NULL) STRICT;"
    "PRAGMA application_id = 1415670905;"
    "PRAGMA user_version = 2;"
    "COMMIT";
/* --- SQLite's codes die here ---------------------------------------------- */

enum result outbox_say_broken(const struct outbox *outbox, struct error *err)
{
	return error_set(err, RESULT_IO,
	    "%s: a sync failed and it is not known what was saved; stop the "
	    "till, look after the disk, and start it again",
	    outbox->path);
}

static enum result damaged_result(
    const struct outbox *outbox, struct error *err)
{
	return error_set(err, RESULT_CORRUPT,
	    "%s is damaged or no outbox; keep it, and enrol this machine anew "
	    "in another folder",
	    outbox->path);
}

static enum result unwritable_result(
    const struct outbox *outbox, struct error *err)
{
	return error_set(err, RESULT_IO,
	    "%s cannot be opened for writing; see who owns it", outbox->path);
}

enum result outbox_fail(struct outbox *outbox, struct error *err)
{
	int code = sqlite3_extended_errcode(outbox->database);

	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
		outbox->broken = true;
		return outbox_say_broken(outbox, err);
	}
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return damaged_result(outbox, err);
	case SQLITE_FULL:
		return error_set(
		    err, RESULT_IO, "%s: the disk is full", outbox->path);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return unwritable_result(outbox, err);
	case SQLITE_NOMEM:
		return error_no_memory(err);
	default:
		return error_set(err, RESULT_IO, "%s: %s", outbox->path,
		    sqlite3_errmsg(outbox->database));
	}
}

enum result outbox_run(
    struct outbox *outbox, const char *text, struct error *err)
{
	if (sqlite3_exec(outbox->database, text, NULL, NULL, NULL) != SQLITE_OK)
		return outbox_fail(outbox, err);
	return RESULT_OK;
}

enum result outbox_query_number(struct outbox *outbox, const char *text,
    int64_t *ret_number, struct error *err)
{
	sqlite3_stmt *statement;
	int code;

	if (sqlite3_prepare_v2(outbox->database, text, -1, &statement, NULL) !=
	    SQLITE_OK)
		return outbox_fail(outbox, err);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (code == SQLITE_ROW)
		return RESULT_OK;
	if (code == SQLITE_DONE)
		return error_set(err, RESULT_CORRUPT,
		    "%s lacks a row that it must have", outbox->path);
	return outbox_fail(outbox, err);
}

/* --- opening -------------------------------------------------------------- */

enum result outbox_open_database(struct outbox *outbox, struct error *err)
{
	int code;

	folder_make_file(outbox->path);
	code = sqlite3_open_v2(outbox->path, &outbox->database,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (!outbox->database)
		return error_no_memory(err);
	sqlite3_extended_result_codes(outbox->database, 1);
	if (code != SQLITE_OK)
		return outbox_fail(outbox, err);
	/* SQLite falls back to reading where it may not write. */
	if (sqlite3_db_readonly(outbox->database, "main") == 1)
		return unwritable_result(outbox, err);
	if (chmod(outbox->path, S_IRUSR | S_IWUSR) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "%s: mode", outbox->path);
	return RESULT_OK;
}

/* Versions are looked at before anything is written. 0 is a fresh file, -1
 * another program's. */
static enum result check_version(
    struct outbox *outbox, int64_t *ret_version, struct error *err)
{
	enum result result = outbox_query_number(outbox,
	    "SELECT CASE WHEN (SELECT count(*) FROM sqlite_schema) = 0 THEN 0"
	    " WHEN application_id <> 1415670905 THEN -1"
	    " ELSE user_version END"
	    " FROM pragma_application_id, pragma_user_version",
	    ret_version, err);

	if (result != RESULT_OK)
		return result;
	if (*ret_version < 0)
		return damaged_result(outbox, err);
	if (*ret_version <= OUTBOX_VERSION)
		return RESULT_OK;
	return error_set(err, RESULT_VERSION,
	    "%s was written by a later tally-pos (version %lld, this one "
	    "knows %d)",
	    outbox->path, (long long)*ret_version, OUTBOX_VERSION);
}

static enum result quick_check(struct outbox *outbox, struct error *err)
{
	int64_t faults = 1;
	enum result result = outbox_query_number(outbox,
	    "SELECT count(*) FROM pragma_quick_check(1)"
	    " WHERE quick_check <> 'ok'",
	    &faults, err);

	if (result != RESULT_OK || faults == 0)
		return result;
	return damaged_result(outbox, err);
}

enum result outbox_prepare_database(struct outbox *outbox, struct error *err)
{
	int64_t version = 0;
	enum result result = outbox_run(outbox,
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF;"
	    "PRAGMA cell_size_check = ON; PRAGMA cache_size = -256;"
	    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0",
	    err);

	if (result == RESULT_OK)
		result = check_version(outbox, &version, err);
	if (result == RESULT_OK)
		result = outbox_run(outbox, "PRAGMA journal_mode = WAL", err);
	if (result == RESULT_OK)
		result = version == 0 ? outbox_run(outbox, schema_text, err)
				      : quick_check(outbox, err);
	/* From now on an older tally-pos must not open it. */
	if (result == RESULT_OK && version == 1)
		result = outbox_run(outbox, "PRAGMA user_version = 2", err);
	outbox->synced = true;
	for (int i = 0; i < STATEMENT_COUNT && result == RESULT_OK; i++)
		if (sqlite3_prepare_v3(outbox->database, statement_texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &outbox->statements[i],
			NULL) != SQLITE_OK)
			result = outbox_fail(outbox, err);
	return result;
}
