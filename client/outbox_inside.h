/*
 * outbox_inside: what outbox.c (operations) and outbox_open.c (the file, its
 * schema, SQLite's codes) share. Nobody else includes it, and nobody else in
 * client/ includes sqlite3.h.
 */
#ifndef CLIENT_OUTBOX_INSIDE_H
#define CLIENT_OUTBOX_INSIDE_H

#include <limits.h>
#include <sqlite3.h>

#include "client/outbox.h"

enum statement {
	STATEMENT_INSERT,
	STATEMENT_RENUMBER,
	STATEMENT_DELETE,
	STATEMENT_READ,
	STATEMENT_NEXT,
	STATEMENT_POINTS,
	STATEMENT_SHOP,
	STATEMENT_COUNT,
};
struct outbox {
	char path[PATH_MAX + 16]; /* the system opens no longer folder */
	int lock;		  /* the folder's file descriptor, or -1 */
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	uint64_t next_counter;
	size_t count;
	unsigned commits; /* since the last checkpoint */
	bool synced;	  /* synchronous is FULL now, not NORMAL */
	bool broken;
	struct shop_facts facts;
};
/* What SQLite says of the last call, in words; a failed sync breaks the
 * outbox. */
enum result outbox_fail(struct outbox *outbox, struct error *err);
enum result outbox_say_broken(const struct outbox *outbox, struct error *err);

enum result outbox_run(
    struct outbox *outbox, const char *text, struct error *err);
/* The first column of the first row of a query. */
enum result outbox_query_number(struct outbox *outbox, const char *text,
    int64_t *ret_number, struct error *err);

/* Open or make the file at `path`; then its settings, version, schema and
 * statements. What is half done is for outbox_close(). */
enum result outbox_open_database(struct outbox *outbox, struct error *err);
enum result outbox_prepare_database(struct outbox *outbox, struct error *err);

#endif
