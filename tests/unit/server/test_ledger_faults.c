/*
 * Tests of the ledger under faults: the Nth call of the store fails, the Nth
 * read, write or sync of the disk fails, the disk is full, the power goes, the
 * process is killed, the Nth allocation fails; for N from 1 until all goes
 * well.
 *
 * One play runs through all of them: a till has a list of operations and sends
 * each until it is told of it. Whatever fails on the way, in the end each
 * counts exactly once, and each that was told of is the one that was told.
 */
#include "tests/unit/server/ledger_world.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <sys/wait.h>

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

static struct command operation(unsigned number)
{
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1 + number % 3,
	    .counter = 100 + number,
	    .account = MEMBER(1),
	    .amount_minor = 100 * (1 + number)};

	memset(command.random, (int)number, sizeof(command.random));
	return command;
}

static void fail_play(struct play *play)
{
	play->failures++;
	if (play->failed != NULL)
		play->failed(play);
}

static void abandon_play(struct play *play)
{
	ledger_abandon(play->world.ledger);
	store_close(play->world.store);
	play->world.ledger = NULL;
	play->world.store = NULL;
}

/* After an opening: what was told is there, and no more than may be. */
static void check_head(struct play *play)
{
	uint64_t told = WORLD_ENTRIES + play->told_count;
	uint64_t head = ledger_head(play->world.ledger);

	if (play->is_unknown) {
		assert_in_range(head, told, told + GROUP);
		return;
	}
	assert_int_equal(head, told);
}

static bool open_play(struct play *play)
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
static void recover(struct play *play, enum append_outcome outcome)
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
static int stage_group(
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

static void tell(struct play *play, int count, const unsigned *numbers,
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
static void play_group(struct play *play)
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

static void check_told(struct play *play)
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
static void run_play(struct play *play)
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
static void check_play(struct play *play)
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

static int template_setup(void **state)
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

static void new_play(struct play *play)
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

static int template_teardown(void **state)
{
	struct play *play = *state;
	char name[128];

	world_name(name, play->world.folder, "/template");
	unlink(name);
	world_finish(&play->world);
	free(play);
	return 0;
}

static void without_faults_the_play_ends_well(void **state)
{
	struct play *play = *state;

	new_play(play);
	run_play(play);
	assert_int_equal(play->failures, 0);
	check_play(play);
}

/* --- the Nth call of the store -------------------------------------------- */

enum call {
	CALL_TAKE,
	CALL_APPEND,
	CALL_READ,
	CALL_LOOKUP,
	CALL_SCAN,
	CALL_OBJECTS,
	CALL_TILE,
	CALL_CHECKPOINT_LAST,
	CALL_MAINTAIN,
	CALL_COUNT,
};

/* How an append fails. */
enum append_fault {
	FAULT_REFUSED,
	FAULT_FENCED,
	FAULT_UNKNOWN_UNDONE,
	FAULT_UNKNOWN_DONE,
	APPEND_FAULT_COUNT,
};

/* What fails, for all stores of a run; the store itself only delegates. */
static struct {
	enum call call;
	enum append_fault append_fault;
	unsigned countdown; /* 0: nothing fails */
	unsigned calls;
} fault;

struct faulty {
	struct store store;
	struct store *real;
};

static bool fails(enum call call)
{
	if (call != fault.call)
		return false;
	fault.calls++;
	return fault.countdown > 0 && --fault.countdown == 0;
}

static struct store *real_of(struct store *store)
{
	return ((struct faulty *)store)->real;
}

static enum result fail_call(struct error *err)
{
	return error_set(err, RESULT_IO, "a fault of the test");
}

static enum result faulty_take(struct store *store, const char *owner,
    struct store_head *ret_head, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_TAKE) ? fail_call(err)
				: real->ops->take(real, owner, ret_head, err);
}

static enum append_outcome faulty_append(
    struct store *store, const struct store_append *append, struct error *err)
{
	struct store *real = real_of(store);

	if (!fails(CALL_APPEND))
		return real->ops->append(real, append, err);
	if (fault.append_fault == FAULT_UNKNOWN_DONE &&
	    real->ops->append(real, append, err) != APPEND_DURABLE)
		fail_msg("%s", err->text);
	fail_call(err);
	return fault.append_fault == FAULT_REFUSED  ? APPEND_REFUSED
	       : fault.append_fault == FAULT_FENCED ? APPEND_FENCED
						    : APPEND_UNKNOWN;
}

static enum result faulty_read(struct store *store, uint64_t sequence,
    struct buffer *to, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_READ) ? fail_call(err)
				: real->ops->read(real, sequence, to, err);
}

static enum result faulty_lookup(struct store *store, uint32_t terminal,
    uint64_t counter, struct buffer *to, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_LOOKUP)
		   ? fail_call(err)
		   : real->ops->lookup(real, terminal, counter, to, err);
}

static enum result faulty_scan(struct store *store, uint64_t sequence,
    store_record_fn *visit, void *context, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_SCAN)
		   ? fail_call(err)
		   : real->ops->scan(real, sequence, visit, context, err);
}

static enum result faulty_objects(struct store *store, store_object_fn *visit,
    void *context, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_OBJECTS)
		   ? fail_call(err)
		   : real->ops->objects(real, visit, context, err);
}

static enum result faulty_tile(struct store *store, uint8_t level,
    uint64_t number, struct tile *ret_tile, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_TILE)
		   ? fail_call(err)
		   : real->ops->tile(real, level, number, ret_tile, err);
}

static enum result faulty_checkpoint_last(struct store *store,
    struct note *ret_note, uint64_t *ret_size, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_CHECKPOINT_LAST)
		   ? fail_call(err)
		   : real->ops->checkpoint_last(real, ret_note, ret_size, err);
}

static enum result faulty_maintain(
    struct store *store, bool idle, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_MAINTAIN) ? fail_call(err)
				    : real->ops->maintain(real, idle, err);
}

static void faulty_close(struct store *store)
{
	store_close(real_of(store));
	free(store);
}

static const struct store_ops faulty_ops = {
    .take = faulty_take,
    .append = faulty_append,
    .read = faulty_read,
    .lookup = faulty_lookup,
    .scan = faulty_scan,
    .objects = faulty_objects,
    .tile = faulty_tile,
    .checkpoint_last = faulty_checkpoint_last,
    .maintain = faulty_maintain,
    .close = faulty_close,
};

static struct store *wrap_store(struct play *play, struct store *store)
{
	struct faulty *faulty = calloc(1, sizeof(*faulty));

	(void)play;
	assert_non_null(faulty);
	faulty->store.ops = &faulty_ops;
	faulty->real = store;
	return &faulty->store;
}

/* A disk that does not wait: see below. */
static void use_disk(void);
static void leave_disk(void);

/* Fail the Nth call of this kind, for each N that there is. */
static unsigned fail_each(struct play *play, enum call call)
{
	for (unsigned number = 1;; number++) {
		new_play(play);
		play->wrap = wrap_store;
		fault.call = call;
		fault.calls = 0;
		fault.countdown = number;
		use_disk();
		run_play(play);
		leave_disk();
		if (fault.countdown > 0) {
			assert_int_equal(play->failures, 0);
			fault.countdown = 0;
			return number - 1;
		}
		assert_int_equal(play->failures, 1);
		check_play(play);
	}
}

static void each_append_may_fail_in_each_way(void **state)
{
	for (int way = 0; way < APPEND_FAULT_COUNT; way++) {
		fault.append_fault = (enum append_fault)way;
		assert_true(fail_each(*state, CALL_APPEND) >= 8);
	}
}

/* In the play, counters only rise and nothing is read back or lies in a tile
 * until it is sent again: those have tests of their own below. */
static void each_other_call_may_fail(void **state)
{
	for (int call = 0; call < CALL_COUNT; call++) {
		unsigned calls = call == CALL_APPEND
				     ? 0
				     : fail_each(*state, (enum call)call);

		if (call == CALL_TAKE || call == CALL_SCAN ||
		    call == CALL_OBJECTS || call == CALL_CHECKPOINT_LAST ||
		    call == CALL_READ)
			assert_int_equal(calls, 1);
		if (call == CALL_MAINTAIN)
			assert_true(calls >= 8);
	}
}

static void a_lookup_that_fails_is_no_new_operation(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;
	struct command command = operation(5);

	new_play(play);
	play->wrap = wrap_store;
	run_play(play);
	play->wrap = wrap_store;
	assert_true(open_play(play));
	fault.call = CALL_LOOKUP;
	fault.countdown = 1;
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_IO);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_REFUSED);
	must(world, ledger_reopen(world->ledger, &world->err));
	check_told(play);
	abandon_play(play);
}

static void a_reopen_that_fails_can_be_tried_again(void **state)
{
	static const enum call calls[] = {CALL_TAKE, CALL_OBJECTS,
	    CALL_CHECKPOINT_LAST, CALL_READ, CALL_SCAN};
	struct play *play = *state;
	struct world *world = &play->world;
	struct command command = operation(0);

	new_play(play);
	play->wrap = wrap_store;
	assert_true(open_play(play));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fault.call = calls[i];
		fault.countdown = 1;
		assert_int_equal(
		    ledger_reopen(world->ledger, &world->err), RESULT_IO);
		/* It can be looked at, and not written from. */
		assert_non_null(
		    book_member(ledger_book(world->ledger), MEMBER(1)));
		assert_int_equal(
		    ledger_stage(world->ledger, &command, NULL, 0,
			world->now_ms, &world->outcome, &world->err),
		    RESULT_IO);
	}
	must(world, ledger_reopen(world->ledger, &world->err));
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	abandon_play(play);
}

/* --- the Nth access of the disk ------------------------------------------- */

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_SYNC, ACCESS_TRUNCATE };

/* An overwritten piece of a file, to be put back when the power goes. */
struct undo {
	struct undo *before;
	sqlite3_int64 offset;
	int size;
	sqlite3_int64 file_size;
	uint8_t bytes[];
};

/* Pages whose sync failed: the kernel shows them and thinks that they are
 * written, so that no later sync writes them. */
struct lost {
	struct lost *next;
	char name[128];
	struct undo *undo;
};

struct disk_file {
	sqlite3_file base;
	char name[128];
	struct disk_file *next;
	struct undo *undo; /* newest first; what is not synced */
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct disk_file *files;
	struct lost *lost;
	enum access access;
	int code;	    /* what a failing access answers */
	unsigned countdown; /* 0: nothing fails */
	bool sticks;	    /* all that come after fail too */
	bool tears;	    /* half of a failing write arrives */
	bool loses_power;   /* keep undo lists */
	unsigned failed;
} disk;

static struct disk_file *disk_file(sqlite3_file *file)
{
	return (struct disk_file *)file;
}

static bool disk_fails(enum access access)
{
	if (access != disk.access || disk.countdown == 0)
		return false;
	if (disk.countdown > 1) {
		disk.countdown--;
		return false;
	}
	if (!disk.sticks)
		disk.countdown = 0;
	disk.failed++;
	return true;
}

static void free_undo(struct undo *undo)
{
	while (undo != NULL) {
		struct undo *before = undo->before;

		free(undo);
		undo = before;
	}
}

static void forget_undo(struct disk_file *file)
{
	free_undo(file->undo);
	file->undo = NULL;
}

static void lose(struct disk_file *file)
{
	struct lost *lost = calloc(1, sizeof(*lost));

	assert_non_null(lost);
	memcpy(lost->name, file->name, sizeof(lost->name));
	lost->undo = file->undo;
	file->undo = NULL;
	lost->next = disk.lost;
	disk.lost = lost;
}

/* The power goes: what was lost is as it was before, in files that are closed
 * by now. A piece that was written again since then is not asked about: the
 * log that holds it has started anew. */
static void lose_power(void)
{
	while (disk.lost != NULL) {
		struct lost *lost = disk.lost;
		FILE *file = fopen(lost->name, "r+b");

		assert_non_null(file);
		for (struct undo *undo = lost->undo; undo != NULL;
		     undo = undo->before) {
			fseek(file, (long)undo->offset, SEEK_SET);
			fwrite(undo->bytes, 1, (size_t)undo->size, file);
		}
		fclose(file);
		free_undo(lost->undo);
		disk.lost = lost->next;
		free(lost);
	}
}

static void remember(struct disk_file *file, sqlite3_int64 offset, int size)
{
	struct undo *undo = calloc(1, sizeof(*undo) + (size_t)size);

	assert_non_null(undo);
	file->real->pMethods->xFileSize(file->real, &undo->file_size);
	undo->offset = offset;
	undo->size = size;
	undo->before = file->undo;
	/* A short read is zeroes to the end, as beyond a file's end. */
	file->real->pMethods->xRead(file->real, undo->bytes, size, offset);
	file->undo = undo;
}

static void undo_all(struct disk_file *file)
{
	const sqlite3_io_methods *real = file->real->pMethods;

	for (struct undo *undo = file->undo; undo != NULL;
	     undo = undo->before) {
		if (undo->offset + undo->size <= undo->file_size)
			real->xWrite(
			    file->real, undo->bytes, undo->size, undo->offset);
		real->xTruncate(file->real, undo->file_size);
	}
	forget_undo(file);
}

static int disk_close(sqlite3_file *base)
{
	struct disk_file *file = disk_file(base);
	struct disk_file **link = &disk.files;
	int code;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	forget_undo(file);
	code = file->real->pMethods->xClose(file->real);
	free(file->real);
	return code;
}

static int disk_read(
    sqlite3_file *base, void *to, int size, sqlite3_int64 offset)
{
	sqlite3_file *real = disk_file(base)->real;

	if (disk_fails(ACCESS_READ))
		return disk.code;
	return real->pMethods->xRead(real, to, size, offset);
}

static int disk_write(
    sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
	struct disk_file *file = disk_file(base);
	const sqlite3_io_methods *real = file->real->pMethods;

	if (disk.loses_power)
		remember(file, offset, size);
	if (!disk_fails(ACCESS_WRITE))
		return real->xWrite(file->real, bytes, size, offset);
	if (disk.tears)
		real->xWrite(file->real, bytes, size / 2, offset);
	return disk.code;
}

static int disk_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct disk_file *file = disk_file(base);
	sqlite3_int64 now = 0;

	file->real->pMethods->xFileSize(file->real, &now);
	if (disk.loses_power && now > size)
		remember(file, size, (int)(now - size));
	if (disk_fails(ACCESS_TRUNCATE))
		return disk.code;
	return file->real->pMethods->xTruncate(file->real, size);
}

static int disk_sync(sqlite3_file *base, int flags)
{
	struct disk_file *file = disk_file(base);

	(void)flags;
	if (disk_fails(ACCESS_SYNC)) {
		if (disk.loses_power)
			lose(file);
		return disk.code;
	}
	/* Nothing is really synced: only the order matters to these tests. */
	forget_undo(file);
	return SQLITE_OK;
}

static int disk_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xFileSize(real, ret_size);
}

static int disk_lock(sqlite3_file *base, int lock)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xLock(real, lock);
}

static int disk_unlock(sqlite3_file *base, int lock)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xUnlock(real, lock);
}

static int disk_check_lock(sqlite3_file *base, int *ret_locked)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xCheckReservedLock(real, ret_locked);
}

static int disk_control(sqlite3_file *base, int op, void *argument)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xFileControl(real, op, argument);
}

static int disk_sector(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xSectorSize(real);
}

static int disk_traits(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static int disk_shm_map(sqlite3_file *base, int region, int size, int extend,
    void volatile **ret_memory)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmMap(real, region, size, extend, ret_memory);
}

static int disk_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmLock(real, offset, count, flags);
}

static void disk_shm_barrier(sqlite3_file *base)
{
	sqlite3_file *real = disk_file(base)->real;

	real->pMethods->xShmBarrier(real);
}

static int disk_shm_unmap(sqlite3_file *base, int is_deleted)
{
	sqlite3_file *real = disk_file(base)->real;

	return real->pMethods->xShmUnmap(real, is_deleted);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base,
    int flags, int *ret_flags)
{
	struct disk_file *file = disk_file(base);
	int code;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	file->real = calloc(1, (size_t)disk.real->szOsFile);
	if (file->real == NULL)
		return SQLITE_NOMEM;
	code = disk.real->xOpen(disk.real, name, file->real, flags, ret_flags);
	if (code != SQLITE_OK) {
		free(file->real);
		return code;
	}
	if (name != NULL)
		snprintf(file->name, sizeof(file->name), "%s", name);
	file->base.pMethods = &disk_methods;
	file->next = disk.files;
	disk.files = file;
	return SQLITE_OK;
}

static void use_disk(void)
{
	memset(&disk, 0, sizeof(disk));
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "disk";
	disk.vfs.szOsFile = sizeof(struct disk_file);
	disk.vfs.xOpen = disk_open;
	sqlite3_vfs_register(&disk.vfs, 1);
}

static void leave_disk(void)
{
	assert_null(disk.files);
	sqlite3_vfs_unregister(&disk.vfs);
	sqlite3_vfs_register(disk.real, 1);
}

/* A person frees some space after the third complaint. */
static void repair_disk(struct play *play)
{
	if (play->failures >= 3)
		disk.countdown = 0;
}

/* Fail the Nth access of a kind, for each N that there is, by strides once
 * there are many. */
static unsigned fail_disk(
    struct play *play, enum access access, int code, bool sticks, bool tears)
{
	unsigned number = 1, runs = 0;

	for (;; number += 1 + number / 10) {
		new_play(play);
		use_disk();
		disk.access = access;
		disk.code = code;
		disk.sticks = sticks;
		disk.tears = tears;
		disk.countdown = number;
		play->failed = repair_disk;
		run_play(play);
		disk.countdown = 0;
		leave_disk();
		if (disk.failed == 0) {
			assert_int_equal(play->failures, 0);
			return runs;
		}
		check_play(play);
		runs++;
	}
}

static void each_write_may_fail(void **state)
{
	assert_true(fail_disk(*state, ACCESS_WRITE, SQLITE_IOERR_WRITE, false,
			false) > 20);
}

static void each_write_may_arrive_by_half(void **state)
{
	assert_true(fail_disk(*state, ACCESS_WRITE, SQLITE_IOERR_WRITE, false,
			true) > 20);
}

static void the_disk_may_be_full_at_each_write(void **state)
{
	assert_true(
	    fail_disk(*state, ACCESS_WRITE, SQLITE_FULL, true, false) > 20);
}

static void the_disk_may_fill_in_the_middle_of_each_write(void **state)
{
	assert_true(
	    fail_disk(*state, ACCESS_WRITE, SQLITE_FULL, false, true) > 20);
}

static void each_sync_may_fail(void **state)
{
	assert_true(fail_disk(*state, ACCESS_SYNC, SQLITE_IOERR_FSYNC, false,
			false) > 10);
}

static void each_read_may_fail(void **state)
{
	assert_true(fail_disk(*state, ACCESS_READ, SQLITE_IOERR_READ, false,
			false) > 5);
}

static void each_truncation_may_fail(void **state)
{
	fail_disk(*state, ACCESS_TRUNCATE, SQLITE_IOERR_TRUNCATE, false, false);
}

static void a_full_disk_is_refused_and_a_failed_sync_is_not_known(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;

	for (int full = 0; full < 2; full++) {
		struct command command = operation(0);

		new_play(play);
		use_disk();
		assert_true(open_play(play));
		assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
		disk.access = full ? ACCESS_WRITE : ACCESS_SYNC;
		disk.code = full ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
		disk.countdown = 1;
		assert_int_equal(
		    ledger_commit(world->ledger, world->now_ms, &world->err),
		    full ? APPEND_REFUSED : APPEND_UNKNOWN);
		assert_int_equal(disk.failed, 1);
		if (full) {
			must(world, ledger_reopen(world->ledger, &world->err));
			assert_int_equal(
			    world_stage(world, &command), REFUSAL_NONE);
			assert_false(world->outcome.repeated);
			world_commit(world);
		}
		abandon_play(play);
		leave_disk();
	}
}

/* After a sync has failed, nothing is written through that store any more:
 * neither another append nor the closing. */
static void after_an_unknown_outcome_nothing_is_written(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;
	struct command command = operation(0);
	struct store_append append = {.expected_head = WORLD_ENTRIES};

	new_play(play);
	use_disk();
	assert_true(open_play(play));
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	disk.access = ACCESS_SYNC;
	disk.code = SQLITE_IOERR_FSYNC;
	disk.countdown = 1;
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_UNKNOWN);
	disk.access = ACCESS_WRITE;
	disk.code = SQLITE_IOERR_WRITE;
	disk.failed = 0;
	disk.countdown = 1;
	disk.sticks = true;
	assert_int_equal(
	    world->store->ops->append(world->store, &append, &world->err),
	    APPEND_UNKNOWN);
	assert_int_equal(
	    ledger_reopen(world->ledger, &world->err), RESULT_DENIED);
	abandon_play(play);
	assert_int_equal(disk.failed, 0);
	leave_disk();
}

/* The power goes after each of the first groups: what was not synced is lost,
 * and nothing that was told of is among it. */
static void what_was_told_outlives_the_power(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;

	for (unsigned groups = 1; groups <= OPERATIONS / GROUP; groups++) {
		new_play(play);
		use_disk();
		disk.loses_power = true;
		assert_true(open_play(play));
		for (unsigned i = 0; i < groups; i++)
			play_group(play);
		assert_int_equal(play->failures, 0);
		for (struct disk_file *file = disk.files; file != NULL;
		     file = file->next)
			undo_all(file);
		disk.loses_power = false;
		world_set_aside(world);
		abandon_play(play);
		world_bring_back(world);
		leave_disk();
		assert_true(open_play(play));
		run_play(play);
		assert_int_equal(play->failures, 0);
		check_play(play);
	}
}

/*
 * A sync fails, so the outcome is unknown. The next process sees the entries,
 * which only the kernel's memory holds, and tells of them. Then the power goes:
 * they are there, because taking the store has written them anew.
 */
static void what_is_told_after_a_failed_sync_outlives_the_power(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;

	new_play(play);
	use_disk();
	disk.loses_power = true;
	assert_true(open_play(play));
	play_group(play);
	disk.access = ACCESS_SYNC;
	disk.code = SQLITE_IOERR_FSYNC;
	disk.countdown = 1;
	play_group(play);
	assert_int_equal(disk.failed, 1);
	assert_int_equal(play->failures, 1);
	assert_null(world->ledger);
	assert_true(open_play(play));
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 2 * GROUP);
	play_group(play);
	assert_int_equal(play->told_count, 2 * GROUP);
	world_set_aside(world);
	abandon_play(play);
	world_bring_back(world);
	lose_power();
	leave_disk();
	assert_true(open_play(play));
	run_play(play);
	check_play(play);
}

/* --- kill ----------------------------------------------------------------- */

#define KILLS 30u

static struct command endless(uint64_t number)
{
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1,
	    .counter = 1000 + number,
	    .account = MEMBER(1),
	    .amount_minor = 100 * (1 + number % 50)};

	memcpy(command.random, &number, sizeof(number));
	return command;
}

/* Endless groups from operation `number` on; each is told through the pipe. */
static void trade_until_killed(
    struct world *world, uint64_t number, int pipe_end)
{
	/* The kernel outlives a kill, so it need not be waited for. */
	use_disk();
	if (store_sqlite_open(world->path, STORE_WRITE, &world->store,
		&world->err) != RESULT_OK ||
	    ledger_open(world->store, &world->options, &world->ledger,
		&world->err) != RESULT_OK)
		_exit(4);
	for (;;) {
		uint64_t group = 1 + world_random(world) % 12;

		for (uint64_t i = 0; i < group; i++) {
			struct command command = endless(number++);

			if (ledger_stage(world->ledger, &command, NULL, 0,
				world->now_ms, &world->outcome,
				&world->err) != RESULT_OK ||
			    world->outcome.refusal.code != REFUSAL_NONE)
				_exit(1);
		}
		world->now_ms += 100;
		if (ledger_commit(world->ledger, world->now_ms, &world->err) !=
			APPEND_DURABLE ||
		    write(pipe_end, &number, sizeof(number)) !=
			(ssize_t)sizeof(number))
			_exit(2);
	}
}

/* Run a child until it has told of some groups, kill it, and return how many
 * operations it has told of. */
static uint64_t kill_one(struct world *world, uint64_t number)
{
	unsigned groups = 1 + (unsigned)(world_random(world) % 12);
	uint64_t told = number;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		trade_until_killed(world, number, ends[1]);
		_exit(3);
	}
	close(ends[1]);
	for (unsigned i = 0; i < groups; i++) {
		if (read(ends[0], &told, sizeof(told)) != (ssize_t)sizeof(told))
			break;
	}
	usleep((useconds_t)(world_random(world) % 700));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status))
		fail_msg("the child ended with %d", WEXITSTATUS(status));
	while (read(ends[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
		;
	close(ends[0]);
	return told;
}

static void a_kill_loses_and_doubles_nothing(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;
	uint64_t told = 0, points = 0, head;

	new_play(play);
	for (unsigned i = 0; i < KILLS; i++) {
		/* The till sends some again that it was told of. */
		told = kill_one(world, told > 5 ? told - 5 : 0);
		world_random(world);
	}
	world_reopen(world);
	head = ledger_head(world->ledger);
	assert_true(head >= WORLD_ENTRIES + told);
	for (uint64_t i = 0; i < head - WORLD_ENTRIES; i++) {
		struct command command = endless(i);

		assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
		assert_true(world->outcome.repeated);
		points += 1 + i % 50;
		/* Answers given again fill a group too. */
		if (i % 1000 == 0)
			world_commit(world);
	}
	assert_int_equal(
	    book_member(ledger_book(world->ledger), MEMBER(1))->balance_points,
	    points);
	world_close(world);
}

/* --- the Nth allocation --------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

/* The sanitizers have an allocator of their own. */
static void each_allocation_may_fail(void **state)
{
	(void)state;
	skip();
}

#else

static unsigned allocation_countdown; /* 0: none fails */
static unsigned allocation_count;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static bool allocation_fails(void)
{
	if (allocation_countdown == 0)
		return false;
	allocation_count++;
	if (--allocation_countdown > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return allocation_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __libc_realloc(memory, size);
}

/* OpenSSL's allocations never fail here: a digest without memory is asserted
 * (common/base/hash.h), and so is no way to go on from. */
static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __libc_malloc(size);
}

static void *openssl_realloc(
    void *memory, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __libc_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

__attribute__((constructor)) static void part_from_openssl(void)
{
	CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}

/* The Nth allocation of a whole play: opening, groups, sweeps, closing. */
static bool fail_allocation(struct play *play, unsigned number)
{
	bool has_failed;

	new_play(play);
	use_disk(); /* quick: nothing is really synced */
	allocation_countdown = number;
	run_play(play);
	has_failed = allocation_countdown == 0;
	allocation_countdown = 0;
	leave_disk();
	check_play(play);
	return has_failed;
}

static void each_allocation_may_fail(void **state)
{
	unsigned number = 1;

	while (fail_allocation(*state, number))
		number += 1 + number / 20;
	assert_true(number > 200);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_faults_the_play_ends_well),
	    cmocka_unit_test(each_append_may_fail_in_each_way),
	    cmocka_unit_test(each_other_call_may_fail),
	    cmocka_unit_test(a_lookup_that_fails_is_no_new_operation),
	    cmocka_unit_test(a_reopen_that_fails_can_be_tried_again),
	    cmocka_unit_test(each_write_may_fail),
	    cmocka_unit_test(each_write_may_arrive_by_half),
	    cmocka_unit_test(the_disk_may_be_full_at_each_write),
	    cmocka_unit_test(the_disk_may_fill_in_the_middle_of_each_write),
	    cmocka_unit_test(each_sync_may_fail),
	    cmocka_unit_test(each_read_may_fail),
	    cmocka_unit_test(each_truncation_may_fail),
	    cmocka_unit_test(
		a_full_disk_is_refused_and_a_failed_sync_is_not_known),
	    cmocka_unit_test(after_an_unknown_outcome_nothing_is_written),
	    cmocka_unit_test(what_was_told_outlives_the_power),
	    cmocka_unit_test(
		what_is_told_after_a_failed_sync_outlives_the_power),
	    cmocka_unit_test(a_kill_loses_and_doubles_nothing),
	    cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests_name(
	    "ledger under faults", tests, template_setup, template_teardown);
}
