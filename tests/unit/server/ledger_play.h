/*
 * ledger_play: a play that runs through all tests of the ledger under faults: a
 * till has a list of operations and sends each until it is told of it. Whatever
 * fails on the way, in the end each counts exactly once, and each that was told
 * of is the one that was told.
 */
#ifndef TESTS_UNIT_SERVER_LEDGER_PLAY_H
#define TESTS_UNIT_SERVER_LEDGER_PLAY_H

#include "tests/unit/server/ledger_world.h"

#define OPERATIONS 24u
#define GROUP 4u
#define ATTEMPTS_MAX 40u

/* --- the play ------------------------------------------------------------- */

struct play {
	struct world world;
	struct store *(*wrap)(struct play *play, struct store *store);
	bool told[OPERATIONS];
	struct hash hashes[OPERATIONS];
	uint64_t told_count;
	bool is_unknown; /* the last group may be there or not */
	unsigned failures;
	/* Called after each failure: to let a disk be repaired, say. */
	void (*failed)(struct play *play);
};

static inline struct command operation(unsigned number)
{
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1 + number % 3,
	    .counter = 100 + number,
	    .account = MEMBER(1),
	    .amount_minor = 100 * (1 + number)};

	memset(command.random, (int)number, sizeof(command.random));
	return command;
}

static inline void fail_play(struct play *play)
{
	play->failures++;
	if (play->failed != NULL)
		play->failed(play);
}

static inline void abandon_play(struct play *play)
{
	ledger_abandon(play->world.ledger);
	store_close(play->world.store);
	play->world.ledger = NULL;
	play->world.store = NULL;
}

/* After an opening: what was told is there, and no more than may be. */
static inline void check_head(struct play *play)
{
	uint64_t told = WORLD_ENTRIES + play->told_count;
	uint64_t head = ledger_head(play->world.ledger);

	if (play->is_unknown) {
		assert_in_range(head, told, told + GROUP);
		return;
	}
	assert_int_equal(head, told);
}

static inline bool open_play(struct play *play)
{
	struct world *world = &play->world;
	struct store *store = NULL;

	if (store_sqlite_open(world->path, STORE_WRITE, &store, &world->err) !=
	    RESULT_OK) {
		assert_null(store);
		return false;
	}
	world->store = play->wrap != NULL ? play->wrap(play, store) : store;
	if (ledger_open(world->store, &world->options, &world->ledger,
		&world->err) != RESULT_OK) {
		store_close(world->store);
		world->store = NULL;
		assert_null(world->ledger);
		return false;
	}
	check_head(play);
	return true;
}

/* What is said after a fault, and what is done about it. */
static inline void recover(struct play *play, enum append_outcome outcome)
{
	struct world *world = &play->world;
	struct outcome ignored;
	struct command command = operation(0);

	assert_int_not_equal(outcome, APPEND_DURABLE);
	assert_true(strlen(world->err.text) > 0);
	/* Broken stays broken. */
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &ignored, NULL),
	    RESULT_IO);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, NULL), outcome);
	play->is_unknown = play->is_unknown || outcome == APPEND_UNKNOWN;
	fail_play(play);
	if (outcome == APPEND_REFUSED &&
	    ledger_reopen(world->ledger, &world->err) == RESULT_OK) {
		check_head(play);
		return;
	}
	abandon_play(play);
}

/* Stage up to GROUP operations that were not told of; how many, or -1. */
static inline int stage_group(
    struct play *play, unsigned *numbers, struct outcome *outcomes)
{
	struct world *world = &play->world;
	int count = 0;

	for (unsigned i = 0; i < OPERATIONS && count < (int)GROUP; i++) {
		struct command command = operation(i);

		if (play->told[i])
			continue;
		if (ledger_stage(world->ledger, &command, NULL, 0,
			world->now_ms, &outcomes[count],
			&world->err) != RESULT_OK)
			return -1;
		assert_int_equal(outcomes[count].refusal.code, REFUSAL_NONE);
		numbers[count++] = i;
	}
	return count;
}

static inline void tell(struct play *play, int count, const unsigned *numbers,
    const struct outcome *outcomes)
{
	for (int i = 0; i < count; i++) {
		play->told[numbers[i]] = true;
		play->hashes[numbers[i]] = outcomes[i].hash;
		play->told_count++;
	}
	play->is_unknown = false;
}

/* One group and an idle moment. */
static inline void play_group(struct play *play)
{
	struct world *world = &play->world;
	unsigned numbers[GROUP];
	struct outcome outcomes[GROUP];
	enum append_outcome outcome;
	bool more;
	int count = stage_group(play, numbers, outcomes);

	world->now_ms += 600;
	outcome = ledger_commit(world->ledger, world->now_ms, &world->err);
	if (count < 0)
		assert_int_equal(outcome, APPEND_REFUSED);
	if (outcome != APPEND_DURABLE) {
		recover(play, outcome);
		return;
	}
	tell(play, count, numbers, outcomes);
	outcome = ledger_idle(world->ledger, world->now_ms, &more, &world->err);
	if (outcome != APPEND_DURABLE)
		recover(play, outcome);
}

static inline void check_told(struct play *play)
{
	struct world *world = &play->world;
	int64_t points = 0;

	for (unsigned i = 0; i < OPERATIONS; i++) {
		struct command command = operation(i);

		assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
		assert_true(world->outcome.repeated);
		assert_memory_equal(world->outcome.hash.bytes,
		    play->hashes[i].bytes, HASH_SIZE);
		points += 1 + i;
	}
	assert_int_equal(
	    book_member(ledger_book(world->ledger), MEMBER(1))->balance_points,
	    points);
	assert_int_equal(
	    ledger_head(world->ledger), WORLD_ENTRIES + OPERATIONS);
}

/* Until every operation has been told of, and then a close. */
static inline void run_play(struct play *play)
{
	struct world *world = &play->world;

	for (unsigned attempt = 0; play->told_count < OPERATIONS; attempt++) {
		assert_true(attempt < ATTEMPTS_MAX);
		if (world->ledger == NULL && !open_play(play)) {
			assert_true(strlen(world->err.text) > 0);
			fail_play(play);
			continue;
		}
		play_group(play);
	}
	if (world->ledger != NULL) {
		if (ledger_close(world->ledger, world->now_ms, &world->err) !=
		    RESULT_OK)
			fail_play(play);
		store_close(world->store);
		world->ledger = NULL;
		world->store = NULL;
	}
	play->failed = NULL;
}

/* With nothing failing any more. */
static inline void check_play(struct play *play)
{
	struct world *world = &play->world;

	play->wrap = NULL;
	play->is_unknown = false;
	if (!open_play(play))
		fail_msg("%s", world->err.text);
	check_told(play);
	world_commit(world);
	world_close(world);
}

/* --- a new ledger for each run -------------------------------------------- */

static inline int template_setup(void **state)
{
	struct play *play = calloc(1, sizeof(*play));
	char name[128];

	world_start(&play->world);
	play->world.options.sweep_entries = 9;
	world_fill(&play->world);
	world_close(&play->world);
	world_name(name, play->world.folder, "/template");
	assert_int_equal(rename(play->world.path, name), 0);
	*state = play;
	return 0;
}

static inline void new_play(struct play *play)
{
	struct world world = play->world;
	char name[128];

	memset(play, 0, sizeof(*play));
	play->world = world;
	play->world.store = NULL;
	play->world.ledger = NULL;
	world_name(name, world.path, "-wal");
	unlink(name);
	world_name(name, world.path, "-shm");
	unlink(name);
	world_name(name, world.folder, "/template");
	world_copy_file(name, world.path, "");
}

static inline int template_teardown(void **state)
{
	struct play *play = *state;
	char name[128];

	world_name(name, play->world.folder, "/template");
	unlink(name);
	world_finish(&play->world);
	free(play);
	return 0;
}

#endif
