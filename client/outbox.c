/*
 * outbox: the operations in TILL/outbox.db, and the order of its syncs.
 *
 * A write-ahead log with synchronous=FULL costs one sync for each operation
 * kept; a rollback journal costs three. The removal of an accepted operation
 * needs no sync of its own, so it runs with synchronous=NORMAL and becomes
 * durable with the next operation's. The lock is exclusive, so SQLite keeps
 * the log's index in memory and there is no second connection.
 *
 * SQLite hides a failed sync of its automatic checkpoint, and would sync again
 * as if nothing had been lost. Checkpoints are therefore run here, and a sync
 * that fails breaks the outbox until it is opened again.
 */
#include "client/outbox_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/folder.h"
#include "common/base/crypto.h"

#define CHECKPOINT_COMMITS 512u /* commits between two checkpoints */

/* Run a prepared statement without rows, its values bound before: one
 * transaction, which is whole on the disk or not there. */
static enum result step(
    struct outbox *outbox, enum statement which, struct error *err)
{
	sqlite3_stmt *statement = outbox->statements[which];
	int code = sqlite3_step(statement);
	enum result result = RESULT_OK;

	if (code != SQLITE_DONE)
		result = outbox_fail(outbox, err);
	sqlite3_reset(statement);
	outbox->commits++;
	return result;
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
	sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
}

static void bind_bytes(sqlite3_stmt *statement, int place, struct bytes bytes)
{
	sqlite3_bind_blob(
	    statement, place, bytes.data, (int)bytes.size, SQLITE_TRANSIENT);
}

static void bind_number(sqlite3_stmt *statement, int place, uint64_t number)
{
	sqlite3_bind_int64(statement, place, (sqlite3_int64)number);
}

/* Borrowed until the statement moves on. */
static struct bytes column_bytes(sqlite3_stmt *statement, int place)
{
	const void *data = sqlite3_column_blob(statement, place);

	return bytes_of(data, (size_t)sqlite3_column_bytes(statement, place));
}
/* --- the shop's facts ----------------------------------------------------- */

static enum result load_facts(struct outbox *outbox, struct error *err)
{
	sqlite3_stmt *statement;
	enum result result;
	int code;

	if (sqlite3_prepare_v2(outbox->database, "SELECT body FROM shop", -1,
		&statement, NULL) != SQLITE_OK)
		return outbox_fail(outbox, err);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		result = shop_facts_decode(
		    column_bytes(statement, 0), &outbox->facts, err);
	else
		result =
		    code == SQLITE_DONE ? RESULT_OK : outbox_fail(outbox, err);
	sqlite3_finalize(statement);
	if (result == RESULT_CORRUPT)
		return error_prefix(err, "%s", outbox->path);
	return result;
}

const struct shop_facts *outbox_facts(const struct outbox *outbox)
{
	return &outbox->facts;
}

/* --- syncs --------------------------------------------------------- */

static enum result set_synced(
    struct outbox *outbox, bool synced, struct error *err)
{
	enum result result;

	if (outbox->broken)
		return outbox_say_broken(outbox, err);
	if (outbox->synced == synced)
		return RESULT_OK;
	result = outbox_run(outbox,
	    synced ? "PRAGMA synchronous = FULL"
		   : "PRAGMA synchronous = NORMAL",
	    err);
	if (result == RESULT_OK)
		outbox->synced = synced;
	return result;
}

/* Move the log into the database now and then. A checkpoint that did not get
 * through for another reason than a sync is tried again later. */
static enum result checkpoint(struct outbox *outbox, struct error *err)
{
	if (outbox->commits < CHECKPOINT_COMMITS)
		return RESULT_OK;
	outbox->commits = 0;
	if (sqlite3_wal_checkpoint_v2(outbox->database, NULL,
		SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) == SQLITE_OK)
		return RESULT_OK;
	return outbox_fail(outbox, err);
}

enum result outbox_keep_facts(
    struct outbox *outbox, const struct shop_facts *facts, struct error *err)
{
	uint8_t bodies[2][SHOP_FACTS_SIZE_MAX];
	struct bytes body = shop_facts_encode(facts, bodies[0]);
	enum result result;

	if (bytes_equal(body, shop_facts_encode(&outbox->facts, bodies[1])))
		return RESULT_OK;
	result = set_synced(outbox, true, err);
	if (result != RESULT_OK)
		return result;
	bind_bytes(outbox->statements[STATEMENT_SHOP], 1, body);
	result = step(outbox, STATEMENT_SHOP, err);
	if (result == RESULT_OK)
		outbox->facts = *facts;
	return result;
}

/* --- operations ----------------------------------------------------------- */

static enum result insert_operation(
    struct outbox *outbox, const struct operation *operation, struct error *err)
{
	sqlite3_stmt *insert = outbox->statements[STATEMENT_INSERT];
	uint8_t body[OPERATION_SIZE_MAX];
	enum result result = set_synced(outbox, true, err);

	if (result != RESULT_OK)
		return result;
	bind_number(insert, 1, operation->counter);
	bind_number(insert, 2, operation->kind);
	bind_text(insert, 3, operation->card);
	bind_number(insert, 4, operation->cost_points);
	bind_bytes(insert, 5, operation_encode(operation, body));
	return step(outbox, STATEMENT_INSERT, err);
}

/* A name that no other operation of this folder has had. */
static enum result name_operation(
    struct outbox *outbox, struct operation *operation, struct error *err)
{
	if (outbox->next_counter >= COUNTER_MAX)
		return error_set(err, RESULT_LIMIT, "the counter is used up");
	operation->counter = outbox->next_counter;
	crypto_random(operation->random, sizeof operation->random);
	return RESULT_OK;
}

enum result outbox_put(
    struct outbox *outbox, struct operation *operation, struct error *err)
{
	struct operation named = *operation;
	enum result result;

	if (outbox->count >= OUTBOX_MAX)
		return error_set(err, RESULT_LIMIT,
		    "%u operations wait for the server already; no more are "
		    "taken until it is back",
		    OUTBOX_MAX);
	result = name_operation(outbox, &named, err);
	if (result == RESULT_OK)
		result = insert_operation(outbox, &named, err);
	if (result != RESULT_OK)
		return result;
	outbox->next_counter++;
	outbox->count++;
	*operation = named;
	return RESULT_OK;
}

enum result outbox_settle(
    struct outbox *outbox, uint64_t counter, bool refused, struct error *err)
{
	enum result result = set_synced(outbox, refused, err);

	if (result != RESULT_OK)
		return result;
	bind_number(outbox->statements[STATEMENT_DELETE], 1, counter);
	result = step(outbox, STATEMENT_DELETE, err);
	if (result != RESULT_OK)
		return result;
	if (sqlite3_changes(outbox->database) == 1)
		outbox->count--;
	return checkpoint(outbox, err);
}

static enum result read_row(struct outbox *outbox, sqlite3_stmt *statement,
    struct operation *ret_operation, uint64_t *ret_place, struct error *err)
{
	uint64_t counter = (uint64_t)sqlite3_column_int64(statement, 1);
	enum result result =
	    operation_decode(column_bytes(statement, 2), ret_operation, err);

	*ret_place = (uint64_t)sqlite3_column_int64(statement, 0);
	if (result == RESULT_OK && ret_operation->counter == counter &&
	    *ret_place <= counter && counter < outbox->next_counter)
		return RESULT_OK;
	return error_set(err, RESULT_CORRUPT,
	    "%s: operation %llu makes no sense", outbox->path,
	    (unsigned long long)counter);
}

/* What STATEMENT_READ or STATEMENT_NEXT finds for `number`. */
static enum result read_one(struct outbox *outbox, enum statement which,
    uint64_t number, struct operation *ret_operation, uint64_t *ret_place,
    struct error *err)
{
	sqlite3_stmt *statement = outbox->statements[which];
	enum result result;
	int code;

	if (outbox->broken)
		return outbox_say_broken(outbox, err);
	bind_number(statement, 1, number);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		result =
		    read_row(outbox, statement, ret_operation, ret_place, err);
	else if (code == SQLITE_DONE)
		result = error_set(err, RESULT_NOT_FOUND,
		    "operation %llu does not wait", (unsigned long long)number);
	else
		result = outbox_fail(outbox, err);
	sqlite3_reset(statement);
	return result;
}

enum result outbox_read(struct outbox *outbox, uint64_t counter,
    struct operation *ret_operation, struct error *err)
{
	struct operation operation;
	uint64_t place;
	enum result result =
	    read_one(outbox, STATEMENT_READ, counter, &operation, &place, err);

	if (result == RESULT_OK)
		*ret_operation = operation;
	return result;
}

enum result outbox_each(struct outbox *outbox, outbox_visit_fn *visit,
    void *context, struct error *err)
{
	struct operation operation;
	uint64_t place = 0;

	for (;;) {
		enum result result = read_one(
		    outbox, STATEMENT_NEXT, place, &operation, &place, err);

		if (result == RESULT_NOT_FOUND)
			return RESULT_OK;
		if (result == RESULT_OK)
			result = visit(context, &operation, err);
		if (result != RESULT_OK)
			return result;
	}
}

static enum result update_operation(struct outbox *outbox, uint64_t counter,
    const struct operation *operation, struct error *err)
{
	sqlite3_stmt *update = outbox->statements[STATEMENT_RENUMBER];
	uint8_t body[OPERATION_SIZE_MAX];
	enum result result = set_synced(outbox, true, err);

	if (result != RESULT_OK)
		return result;
	bind_number(update, 1, counter);
	bind_number(update, 2, operation->counter);
	bind_bytes(update, 3, operation_encode(operation, body));
	return step(outbox, STATEMENT_RENUMBER, err);
}

enum result outbox_renumber(struct outbox *outbox, uint64_t counter,
    struct operation *ret_operation, struct error *err)
{
	struct operation named;
	enum result result = outbox_read(outbox, counter, &named, err);

	if (result == RESULT_OK)
		result = name_operation(outbox, &named, err);
	if (result == RESULT_OK)
		result = update_operation(outbox, counter, &named, err);
	if (result != RESULT_OK)
		return result;
	outbox->next_counter++;
	*ret_operation = named;
	return RESULT_OK;
}

enum result outbox_redeem_points(struct outbox *outbox, const char *card,
    uint64_t *ret_points, struct error *err)
{
	sqlite3_stmt *statement = outbox->statements[STATEMENT_POINTS];
	enum result result = RESULT_OK;

	if (outbox->broken)
		return outbox_say_broken(outbox, err);
	bind_text(statement, 1, card);
	bind_number(statement, 2, OPERATION_REDEEM);
	if (sqlite3_step(statement) == SQLITE_ROW)
		*ret_points = (uint64_t)sqlite3_column_int64(statement, 0);
	else
		result = outbox_fail(outbox, err);
	sqlite3_reset(statement);
	return result;
}

/* --- life ----------------------------------------------------------------- */

static enum result load_state(struct outbox *outbox, struct error *err)
{
	int64_t next_counter = 0;
	int64_t count = 0;
	enum result result = outbox_query_number(outbox,
	    "SELECT next_counter FROM state WHERE id = 1", &next_counter, err);

	if (result == RESULT_OK)
		result = outbox_query_number(
		    outbox, "SELECT count(*) FROM operation", &count, err);
	if (result != RESULT_OK)
		return result;
	if (next_counter < 1 || count < 0 || count > (int64_t)OUTBOX_MAX)
		return error_set(err, RESULT_CORRUPT,
		    "%s: its counter makes no sense", outbox->path);
	outbox->next_counter = (uint64_t)next_counter;
	outbox->count = (size_t)count;
	return load_facts(outbox, err);
}

enum result outbox_open(
    const char *folder, struct outbox **ret_outbox, struct error *err)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);
	enum result result;

	if (!outbox)
		return error_no_memory(err);
	outbox->lock = -1;
	(void)snprintf(
	    outbox->path, sizeof outbox->path, "%s/outbox.db", folder);
	result = folder_hold(folder, &outbox->lock, err);
	if (result == RESULT_OK)
		result = outbox_open_database(outbox, err);
	if (result == RESULT_OK)
		result = outbox_prepare_database(outbox, err);
	if (result == RESULT_OK)
		result = load_state(outbox, err);
	if (result != RESULT_OK) {
		outbox_close(outbox);
		return result;
	}
	*ret_outbox = outbox;
	return RESULT_OK;
}

void outbox_close(struct outbox *outbox)
{
	if (!outbox)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(outbox->statements[i]);
	/* After a failed sync the log is left for the next start to read. */
	if (outbox->broken)
		sqlite3_db_config(outbox->database,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(outbox->database);
	if (outbox->lock >= 0)
		close(outbox->lock);
	free(outbox);
}

bool outbox_is_broken(const struct outbox *outbox)
{
	return outbox->broken;
}

size_t outbox_count(const struct outbox *outbox)
{
	return outbox->count;
}

uint64_t outbox_next_counter(const struct outbox *outbox)
{
	return outbox->next_counter;
}
