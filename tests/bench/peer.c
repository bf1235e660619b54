/*
 * peer: what tallyd is measured against, behind the very same network: its
 * listener, sessions and worker, with another keeper of points under them.
 *
 *     peer naive SHOP DIR PORT [THREADS]
 *         one SQLite transaction an operation: a unique (terminal, counter)
 *         row and a balance with a check; WAL, synchronous=FULL
 *     peer limit SHOP DIR PORT [THREADS]
 *         the least that is durable: 200 bytes an operation appended to a
 *         flat file, one fdatasync a group, no answer checked against anything
 *
 * SHOP lends its certificates and keys; DIR is a new folder. Prints
 * "listening PORT" when ready, and stops on SIGTERM. No retry, proof or rule
 * is kept here: a peer is faster than a whole server of its kind would be.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "proto/certificate.h"
#include "server/listener.h"

#define PATH_SIZE_MAX 4096u
#define FLAT_RECORD_SIZE 200u
#define POINTS_AN_EARN 12

struct naive {
	sqlite3 *database;
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt *insert, *update, *balance, *counter, *enrol;
};

struct limit {
	int file;
	uint64_t counters[TERMINALS_MAX + 1]; /* highest, by terminal */
	uint8_t records[BATCH_ENTRIES_MAX * FLAT_RECORD_SIZE];
};

struct peer_server {
	struct worker *worker;
	worker_fn *work;
	/* The naive one answers each operation when it is done. */
	size_t group_max;
	struct naive naive;
	struct limit limit;
};

__attribute__((noreturn)) static void fail(const char *what, const char *why)
{
	fprintf(stderr, "peer: %s: %s\n", what, why);
	exit(2);
}

static void must(enum result result, const struct error *err)
{
	if (result != RESULT_OK)
		fail("cannot start", err->text);
}

static void path_in(
    const char *folder, const char *name, char ret_path[PATH_SIZE_MAX])
{
	int size = snprintf(ret_path, PATH_SIZE_MAX, "%s/%s", folder, name);

	if (size < 0 || (size_t)size >= PATH_SIZE_MAX)
		fail(folder, "too long");
}

/* --- answers -------------------------------------------------------------- */

static void answer_hello(struct job *job, uint64_t counter_max)
{
	tally_HelloReply *hello = &job->reply.body.hello;

	memset(hello, 0, sizeof(*hello));
	job->reply.which_body = tally_Reply_hello_tag;
	hello->protocol = 1;
	hello->terminal = job->caller.peer.number;
	hello->counter_max = counter_max;
	hello->checkpoint_key.size = 32;
	hello->time_ms = clock_wall_ms();
	strcpy(hello->software, "peer");
	strcpy(hello->currency, "EUR");
}

static void answer_operation(
    struct job *job, uint64_t entry, int64_t points, int64_t balance)
{
	tally_OperationReply *operation = &job->reply.body.operation;

	memset(operation, 0, sizeof(*operation));
	job->reply.which_body = tally_Reply_operation_tag;
	operation->entry = entry;
	operation->hash.size = 32;
	operation->points = points;
	operation->balance = balance;
	operation->time_ms = clock_wall_ms();
}

static void answer_member(struct job *job, int64_t balance)
{
	tally_MemberReply *member = &job->reply.body.member;

	memset(member, 0, sizeof(*member));
	job->reply.which_body = tally_Reply_member_tag;
	member->balance = balance;
}

static void answer_refusal(struct job *job, enum refusal_code code)
{
	struct refusal refusal = {.code = code, .say = "not by this peer"};

	message_set_refusal(&job->reply, &refusal);
}

/* --- naive: one transaction an operation ---------------------------------- */

static const char naive_schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE operation (sequence INTEGER PRIMARY KEY,"
    " terminal INTEGER NOT NULL, counter INTEGER NOT NULL,"
    " card TEXT NOT NULL, amount INTEGER NOT NULL, points INTEGER NOT NULL,"
    " receipt TEXT NOT NULL, random BLOB NOT NULL, time INTEGER NOT NULL,"
    " UNIQUE (terminal, counter)) STRICT;"
    "CREATE TABLE balance (card TEXT PRIMARY KEY,"
    " points INTEGER NOT NULL CHECK (points >= 0)) STRICT, WITHOUT ROWID;";

static sqlite3_stmt *prepare(struct naive *naive, const char *text)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v3(naive->database, text, -1,
		SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
		fail(text, sqlite3_errmsg(naive->database));
	return statement;
}

static void naive_open(struct naive *naive, const char *folder)
{
	char path[PATH_SIZE_MAX];
	char *why;

	path_in(folder, "naive.db", path);
	if (sqlite3_open(path, &naive->database) != SQLITE_OK)
		fail(path, sqlite3_errmsg(naive->database));
	if (sqlite3_exec(naive->database, naive_schema, NULL, NULL, &why) !=
	    SQLITE_OK)
		fail(path, why);
	naive->begin = prepare(naive, "BEGIN IMMEDIATE");
	naive->commit = prepare(naive, "COMMIT");
	naive->rollback = prepare(naive, "ROLLBACK");
	naive->insert = prepare(naive,
	    "INSERT INTO operation (terminal, counter, card, amount, points,"
	    " receipt, random, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	naive->update = prepare(naive,
	    "UPDATE balance SET points = points + ?2 WHERE card = ?1"
	    " RETURNING points");
	naive->balance =
	    prepare(naive, "SELECT points FROM balance WHERE card = ?");
	naive->counter = prepare(
	    naive, "SELECT max(counter) FROM operation WHERE terminal = ?");
	naive->enrol =
	    prepare(naive, "INSERT OR IGNORE INTO balance VALUES (?, 0)");
}

/* Run to the end; the first row's first column where there is one. */
static bool run(sqlite3_stmt *statement, int64_t *ret_value)
{
	bool has_row = false;
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (ret_value != NULL)
			*ret_value = sqlite3_column_int64(statement, 0);
		has_row = true;
	}
	sqlite3_reset(statement);
	return step == SQLITE_DONE && (has_row || ret_value == NULL);
}

static bool naive_insert(struct naive *naive, const struct job *job)
{
	const tally_Earn *earn = &job->request.body.earn;
	sqlite3_stmt *insert = naive->insert;

	sqlite3_bind_int64(insert, 1, job->caller.peer.number);
	sqlite3_bind_int64(insert, 2, (int64_t)earn->operation.counter);
	sqlite3_bind_text(insert, 3, earn->card, -1, SQLITE_STATIC);
	sqlite3_bind_int64(insert, 4, (int64_t)earn->amount_minor);
	sqlite3_bind_int64(insert, 5, POINTS_AN_EARN);
	sqlite3_bind_text(insert, 6, earn->receipt, -1, SQLITE_STATIC);
	sqlite3_bind_blob(insert, 7, earn->operation.random.bytes,
	    earn->operation.random.size, SQLITE_STATIC);
	sqlite3_bind_int64(insert, 8, (int64_t)clock_wall_ms());
	return run(insert, NULL);
}

static void naive_earn(struct naive *naive, struct job *job)
{
	const char *card = job->request.body.earn.card;
	int64_t balance = 0;
	bool done = run(naive->begin, NULL) && naive_insert(naive, job);

	sqlite3_bind_text(naive->update, 1, card, -1, SQLITE_STATIC);
	sqlite3_bind_int64(naive->update, 2, POINTS_AN_EARN);
	done = done && run(naive->update, &balance) && run(naive->commit, NULL);
	if (done) {
		answer_operation(job,
		    (uint64_t)sqlite3_last_insert_rowid(naive->database),
		    POINTS_AN_EARN, balance);
		return;
	}
	run(naive->rollback, NULL);
	answer_refusal(job, REFUSAL_CARD_UNKNOWN);
}

static void naive_member(struct naive *naive, struct job *job, const char *card)
{
	int64_t balance = 0;

	sqlite3_bind_text(naive->balance, 1, card, -1, SQLITE_STATIC);
	if (run(naive->balance, &balance))
		answer_member(job, balance);
	else
		answer_refusal(job, REFUSAL_CARD_UNKNOWN);
}

static void naive_answer(struct naive *naive, struct job *job)
{
	const tally_Request *request = &job->request;
	int64_t counter = 0;

	switch (request->which_body) {
	case tally_Request_hello_tag:
		sqlite3_bind_int64(naive->counter, 1, job->caller.peer.number);
		run(naive->counter, &counter);
		answer_hello(job, (uint64_t)counter);
		break;
	case tally_Request_earn_tag:
		naive_earn(naive, job);
		break;
	case tally_Request_enrol_tag:
		sqlite3_bind_text(naive->enrol, 1, request->body.enrol.card, -1,
		    SQLITE_STATIC);
		run(naive->enrol, NULL);
		answer_operation(job, 1, 0, 0);
		break;
	case tally_Request_lookup_tag:
		naive_member(naive, job, request->body.lookup.card);
		break;
	case tally_Request_balance_tag:
		naive_member(naive, job, request->body.balance.card);
		break;
	default:
		answer_refusal(job, REFUSAL_NOT_ALLOWED);
	}
}

static bool naive_work(void *context, struct job **jobs, size_t count)
{
	struct peer_server *server = context;

	for (size_t i = 0; i < count; i++)
		naive_answer(&server->naive, jobs[i]);
	return false;
}

/* --- limit: a flat file --------------------------------------------------- */

static void limit_open(struct limit *limit, const char *folder)
{
	char path[PATH_SIZE_MAX];

	path_in(folder, "limit.flat", path);
	limit->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
	if (limit->file < 0)
		fail(path, strerror(errno));
}

static void limit_record(
    const struct job *job, uint8_t record[FLAT_RECORD_SIZE])
{
	const tally_Earn *earn = &job->request.body.earn;
	struct writer writer = writer_of(record, FLAT_RECORD_SIZE);
	static const uint8_t zeroes[FLAT_RECORD_SIZE];

	writer_u32(&writer, job->caller.peer.number);
	writer_u64(&writer, earn->operation.counter);
	writer_bytes(&writer, bytes_of(earn->operation.random.bytes, 16));
	writer_bytes(&writer, bytes_of(earn->card, 32));
	writer_u64(&writer, earn->amount_minor);
	writer_bytes(&writer, bytes_of(earn->receipt, sizeof(earn->receipt)));
	writer_bytes(&writer, bytes_of(zeroes, FLAT_RECORD_SIZE - writer.size));
}

static void limit_answer(struct limit *limit, struct job *job)
{
	const tally_Request *request = &job->request;
	uint32_t terminal = job->caller.peer.number;

	switch (request->which_body) {
	case tally_Request_hello_tag:
		answer_hello(job, limit->counters[terminal]);
		break;
	case tally_Request_earn_tag:
		limit->counters[terminal] =
		    request->body.earn.operation.counter;
		answer_operation(job, 1, POINTS_AN_EARN, POINTS_AN_EARN);
		break;
	case tally_Request_enrol_tag:
		answer_operation(job, 1, 0, 0);
		break;
	case tally_Request_lookup_tag:
	case tally_Request_balance_tag:
		answer_member(job, 0);
		break;
	default:
		answer_refusal(job, REFUSAL_NOT_ALLOWED);
	}
}

static bool limit_work(void *context, struct job **jobs, size_t count)
{
	struct peer_server *server = context;
	struct limit *limit = &server->limit;
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		if (jobs[i]->request.which_body == tally_Request_earn_tag) {
			limit_record(jobs[i], &limit->records[size]);
			size += FLAT_RECORD_SIZE;
		}
		limit_answer(limit, jobs[i]);
	}
	if (size > 0 &&
	    (write(limit->file, limit->records, size) != (ssize_t)size ||
		fdatasync(limit->file) != 0))
		fail("the flat file", strerror(errno));
	return false;
}

/* --- the same network as tallyd's ----------------------------------------- */

static struct worker *route(void *context, const struct job *job)
{
	struct peer_server *server = context;

	(void)job;
	return server->worker;
}

static struct channel_context *load_context(const char *shop)
{
	struct buffer authority = {0}, certificate = {0};
	struct channel_context *context;
	char path[PATH_SIZE_MAX];
	struct key *key;
	struct error err;

	path_in(shop, "authority.pem", path);
	must(certificate_load(path, &authority, &err), &err);
	path_in(shop, "server.pem", path);
	must(certificate_load(path, &certificate, &err), &err);
	path_in(shop, "keys/server.pem", path);
	must(key_load(path, &key, &err), &err);
	must(channel_context_server(key, buffer_view(&certificate),
		 buffer_view(&authority), &context, &err),
	    &err);
	key_destroy(key);
	buffer_finish(&certificate);
	buffer_finish(&authority);
	return context;
}

/* As many as tallyd takes by itself, unless they are given. */
static unsigned thread_count(const char *given)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (given != NULL)
		return (unsigned)strtoul(given, NULL, 10);
	if (cores <= 3)
		return 1;
	return cores / 2 > 8 ? 8 : (unsigned)(cores / 2);
}

static void serve(
    struct peer_server *server, const struct listener_options *options)
{
	struct listener *listener;
	struct error err;
	sigset_t ends;
	int caught;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	must(worker_start(server->work, server, server->group_max, 60000,
		 &server->worker, &err),
	    &err);
	must(listener_start(options, &listener, &err), &err);
	printf("listening %u\n", listener_port(listener));
	fflush(stdout);
	sigwait(&ends, &caught);
	listener_stop(listener, 1000);
	listener_destroy(listener);
	worker_stop(server->worker);
}

int main(int argc, char **argv)
{
	static struct peer_server server;
	struct listener_options options = {
	    .route = route, .route_context = &server};
	char address[32];
	struct error err;

	if (argc < 5 || argc > 6 ||
	    (strcmp(argv[1], "naive") != 0 && strcmp(argv[1], "limit") != 0)) {
		fprintf(stderr, "peer naive|limit SHOP DIR PORT [THREADS]\n");
		return 2;
	}
	log_set_level(LOG_WARN);
	if (mkdir(argv[3], 0700) != 0 && errno != EEXIST)
		fail(argv[3], strerror(errno));
	if (strcmp(argv[1], "naive") == 0) {
		naive_open(&server.naive, argv[3]);
		server.work = naive_work;
		server.group_max = 1;
	} else {
		limit_open(&server.limit, argv[3]);
		server.work = limit_work;
		server.group_max = BATCH_ENTRIES_MAX;
	}
	snprintf(address, sizeof(address), "127.0.0.1:%.5s", argv[4]);
	options.address = address;
	options.context = load_context(argv[2]);
	options.threads = thread_count(argc == 6 ? argv[5] : NULL);
	must(presence_create(&options.presence, &err), &err);
	serve(&server, &options);
	presence_destroy(options.presence);
	channel_context_destroy(options.context);
	return 0;
}
