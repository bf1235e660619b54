/*
 * ledger_world: a shop's ledger in a folder of its own, for the tests of the
 * store and the ledger.
 */
#ifndef TESTS_UNIT_SERVER_LEDGER_WORLD_H
#define TESTS_UNIT_SERVER_LEDGER_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "common/base/crypto.h"
#include "server/ledger.h"

#define MEMBER(n) (ACCOUNT_MEMBER_MIN + 0x0123456789abull * (n))
#define ORIGIN "corner.example/tally"

struct world {
	char folder[64];
	char path[96];
	struct store *store;
	struct ledger *ledger;
	struct ledger_options options;
	uint8_t seed[SIGN_KEY_SIZE];
	uint8_t key[SIGN_KEY_SIZE];
	uint64_t now_ms;
	uint64_t random;
	uint64_t counters[8]; /* by terminal: the last one used */
	struct outcome outcome;
	struct buffer record;
	struct error err;
};

#define WORLD_RULES                                           \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\n"               \
	"sale_amount_max = 2000.00\n"                         \
	"[reward coffee]\nname = Coffee\npoints = 150\n"

static inline void must(struct world *world, enum result result)
{
	if (result != RESULT_OK)
		fail_msg("%s", world->err.text);
}

static inline uint64_t world_random(struct world *world)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return world->random;
}

static inline void world_folder(struct world *world)
{
	const char *parent = getenv("TMPDIR");

	snprintf(world->folder, sizeof(world->folder), "%s/ledger-test-XXXXXX",
	    parent != NULL && strlen(parent) < 32 ? parent : "/tmp");
	assert_non_null(mkdtemp(world->folder));
	snprintf(
	    world->path, sizeof(world->path), "%s/ledger.db", world->folder);
}

static inline void world_remove_folder(struct world *world)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char name[128];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", world->path, ends[i]);
		unlink(name);
	}
	assert_int_equal(rmdir(world->folder), 0);
}

static inline void world_open_store(struct world *world, enum store_mode mode)
{
	must(world,
	    store_sqlite_open(world->path, mode, &world->store, &world->err));
}

/* Open the ledger on the store; the store is open. */
static inline void world_open_ledger(struct world *world)
{
	must(world, ledger_open(world->store, &world->options, &world->ledger,
			&world->err));
}

static inline struct command world_command(
    struct world *world, enum entry_kind kind, uint32_t terminal)
{
	struct command command = {.kind = kind, .terminal = terminal};

	if (terminal != 0)
		command.counter = ++world->counters[terminal];
	for (size_t i = 0; i < ENTRY_RANDOM_SIZE; i++)
		command.random[i] = (uint8_t)world_random(world);
	return command;
}

static inline enum refusal_code world_stage(
    struct world *world, const struct command *command)
{
	must(world, ledger_stage(world->ledger, command, NULL, 0, world->now_ms,
			&world->outcome, &world->err));
	return world->outcome.refusal.code;
}

static inline void world_commit(struct world *world)
{
	world->now_ms += 10;
	if (ledger_commit(world->ledger, world->now_ms, &world->err) !=
	    APPEND_DURABLE)
		fail_msg("%s", world->err.text);
}

static inline struct command world_earn_command(struct world *world,
    uint32_t terminal, uint64_t account, uint64_t amount_minor)
{
	struct command command = world_command(world, ENTRY_EARN, terminal);

	command.account = account;
	command.amount_minor = amount_minor;
	command.receipt = bytes_of_string("A-17");
	return command;
}

/* Stage one earning; it is not refused. */
static inline void world_earn(struct world *world, uint32_t terminal,
    uint64_t account, uint64_t amount_minor)
{
	struct command command =
	    world_earn_command(world, terminal, account, amount_minor);

	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
}

static inline void world_enrol(struct world *world, uint64_t account)
{
	struct command command = world_command(world, ENTRY_ENROL, 1);

	command.account = account;
	memset(command.commitment.bytes, 0x33, HASH_SIZE);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
}

static inline void world_terminal(struct world *world, uint32_t number)
{
	struct command command = world_command(world, ENTRY_TERMINAL, 0);

	command.subject = number;
	command.role = ROLE_TERMINAL;
	command.standing = STANDING_ACTIVE;
	memset(command.key.bytes, (int)(0x40 + number), HASH_SIZE);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
}

/* Entries 1 to 6: shop, programme, terminals 1 to 3, member 1; committed. */
#define WORLD_ENTRIES 6u
static inline void world_fill(struct world *world)
{
	struct command command = world_command(world, ENTRY_SHOP, 0);

	command.text = bytes_of_string(ORIGIN);
	memcpy(command.key.bytes, world->key, SIGN_KEY_SIZE);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	command = world_command(world, ENTRY_PROGRAMME, 0);
	command.text = bytes_of_string(WORLD_RULES);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	for (uint32_t number = 1; number <= 3; number++)
		world_terminal(world, number);
	world_enrol(world, MEMBER(1));
	world_commit(world);
}

/* All but the folder. */
static inline void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->now_ms = 1700000000000ull;
	world->random = 88172645463325252ull;
	memset(world->seed, 0x5e, SIGN_KEY_SIZE);
	must(world, sign_public_key(world->seed, world->key, &world->err));
	world->options.seed = world->seed;
	world->options.owner = "test";
}

/* An empty ledger in a new folder. */
static inline void world_start(struct world *world)
{
	world_init(world);
	world_folder(world);
	world_open_store(world, STORE_CREATE);
	world_open_ledger(world);
}

static inline void world_name(
    char ret_name[128], const char *path, const char *end)
{
	assert_true(strlen(path) + strlen(end) < 128);
	strcpy(ret_name, path);
	strcat(ret_name, end);
}

static inline void world_copy_file(
    const char *from_path, const char *to_path, const char *end)
{
	static uint8_t bytes[1 << 16];
	char name[128];
	FILE *from, *to;
	size_t size;

	world_name(name, from_path, end);
	from = fopen(name, "rb");
	world_name(name, to_path, end);
	to = fopen(name, "wb");
	assert_non_null(from);
	assert_non_null(to);
	while ((size = fread(bytes, 1, sizeof(bytes), from)) > 0)
		assert_int_equal(fwrite(bytes, 1, size, to), size);
	fclose(from);
	assert_int_equal(fclose(to), 0);
}

/* The database and its log, while they are open, … */
static inline void world_set_aside(struct world *world)
{
	char aside[128];

	world_name(aside, world->folder, "/aside");
	world_copy_file(world->path, aside, "");
	world_copy_file(world->path, aside, "-wal");
}

/* … and back in their place, as a killed process leaves them: closing a store
 * would have moved its log. */
static inline void world_bring_back(struct world *world)
{
	char from[128], to[128];

	world_name(from, world->folder, "/aside");
	assert_int_equal(rename(from, world->path), 0);
	world_name(from, world->folder, "/aside-wal");
	world_name(to, world->path, "-wal");
	assert_int_equal(rename(from, to), 0);
	world_name(to, world->path, "-shm");
	unlink(to);
}

static inline void world_crash(struct world *world)
{
	world_set_aside(world);
	ledger_abandon(world->ledger);
	store_close(world->store);
	world_bring_back(world);
	world->ledger = NULL;
	world->store = NULL;
}

static inline void world_reopen(struct world *world)
{
	world_open_store(world, STORE_WRITE);
	world_open_ledger(world);
}

static inline void world_close(struct world *world)
{
	must(world, ledger_close(world->ledger, world->now_ms, &world->err));
	store_close(world->store);
	world->ledger = NULL;
	world->store = NULL;
}

static inline void world_finish(struct world *world)
{
	ledger_abandon(world->ledger);
	store_close(world->store);
	buffer_finish(&world->record);
	world_remove_folder(world);
}

/* A foreign hand on the database: no triggers unless asked for. */
static inline int world_sql(struct world *world, bool triggers, const char *sql)
{
	sqlite3 *db = NULL;
	int code;

	assert_int_equal(sqlite3_open(world->path, &db), SQLITE_OK);
	sqlite3_db_config(
	    db, SQLITE_DBCONFIG_ENABLE_TRIGGER, triggers ? 1 : 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return code;
}

static inline struct hash world_digest(struct world *world)
{
	struct hasher *hasher;
	struct hash digest;

	must(world, hasher_create(&hasher, &world->err));
	must(world, book_digest(ledger_book(world->ledger), hasher, &digest,
			&world->err));
	hasher_destroy(hasher);
	return digest;
}

#endif
