/*
 * Tests of the ledger under faults: the Nth read, write or sync of the disk
 * fails, the disk is full, the power goes; for N from 1 until all goes well.
 */
#include "tests/unit/server/faulty_disk.h"

/* --- the Nth access of the disk ------------------------------------------- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests_name("ledger under faults of the disk",
	    tests, template_setup, template_teardown);
}
