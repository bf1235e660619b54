/*
 * A step that is longer than a group: all of it becomes durable, or none.
 */
#include "tests/unit/server/ledger_fixture.h"

/* Earnings, spilled after each `piece` of them but the last. */
static void earn_in_pieces(struct world *world, unsigned count, unsigned piece)
{
	for (unsigned i = 1; i <= count; i++) {
		world_earn(world, 1 + i % 3, MEMBER(1), 100 * i);
		if (i % piece == 0 && i < count)
			must(world, ledger_spill(world->ledger, &world->err));
	}
}

/* What another opener of the store sees. */
static uint64_t seen(struct world *world)
{
	struct store_head head;
	struct store *reader;

	must(world,
	    store_sqlite_open(world->path, STORE_READ, &reader, &world->err));
	must(world, reader->ops->head(reader, &head, &world->err));
	store_close(reader);
	return head.sequence;
}

static void all_pieces_become_durable_together(void **state)
{
	struct world *world = *state;

	earn_in_pieces(world, 1000, 300);
	assert_int_equal(seen(world), WORLD_ENTRIES);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1000);
	assert_int_equal(seen(world), WORLD_ENTRIES + 1000);
	/* And the next group follows as ever. */
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1001);
}

static void it_is_the_same_ledger_as_without(void **state)
{
	struct world *world = *state;
	struct hash root;
	struct hash digest;
	struct hash again;

	earn_in_pieces(world, 700, 256);
	world_commit(world);
	root = ledger_root(world->ledger);
	digest = world_digest(world);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 700);
	again = ledger_root(world->ledger);
	assert_true(hash_equal(&root, &again));
	again = world_digest(world);
	assert_true(hash_equal(&digest, &again));
}

static void what_is_written_is_read_before_it_is_durable(void **state)
{
	struct world *world = *state;
	struct command command;

	earn_in_pieces(world, 50, 20);
	for (uint64_t sequence = 1; sequence <= WORLD_ENTRIES + 50; sequence++)
		assert_int_equal(
		    read_entry(world, sequence).sequence, sequence);
	/* The same operation again, of a piece that the store has. */
	command = world_earn_command(world, 1, MEMBER(1), 100);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	must(world, ledger_spill(world->ledger, &world->err));
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_true(world->outcome.repeated);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 51);
}

static void a_crash_before_the_end_leaves_none_of_it(void **state)
{
	struct world *world = *state;

	earn_in_pieces(world, 1000, 300);
	world_crash(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1);
}

/* As after a command that failed in the middle. */
static void to_open_again_undoes_it(void **state)
{
	struct world *world = *state;
	struct hash digest = world_digest(world);
	struct hash again;

	earn_in_pieces(world, 500, 100);
	must(world, ledger_reopen(world->ledger, &world->err));
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	assert_int_equal(seen(world), WORLD_ENTRIES);
	again = world_digest(world);
	assert_true(hash_equal(&digest, &again));
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(seen(world), WORLD_ENTRIES + 1);
}

/* Somebody else has taken the store meanwhile: nothing is written over it, and
 * it is not taken back. */
static void one_that_is_fenced_writes_nothing(void **state)
{
	struct world *world = *state;

	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(
	    world_sql(world, false, "UPDATE meta SET epoch = epoch + 1"),
	    SQLITE_OK);
	assert_int_equal(ledger_spill(world->ledger, &world->err), RESULT_IO);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_FENCED);
	assert_int_equal(
	    ledger_reopen(world->ledger, &world->err), RESULT_DENIED);
	assert_int_equal(seen(world), WORLD_ENTRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(all_pieces_become_durable_together),
	    LEDGER_TEST(it_is_the_same_ledger_as_without),
	    LEDGER_TEST(what_is_written_is_read_before_it_is_durable),
	    LEDGER_TEST(a_crash_before_the_end_leaves_none_of_it),
	    LEDGER_TEST(to_open_again_undoes_it),
	    LEDGER_TEST(one_that_is_fenced_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
