/*
 * Tests of ledger: checkpoints, idle time and proofs.
 */
#include "tests/unit/server/ledger_fixture.h"

/* --- checkpoints ---------------------------------------------------------- */

static struct checkpoint open_note(struct world *world, const struct note *note)
{
	struct checkpoint checkpoint;

	must(world, checkpoint_open(bytes_of(note->text, note->size),
			world->key, &checkpoint, &world->err));
	assert_string_equal(checkpoint.origin, ORIGIN);
	return checkpoint;
}

static void a_checkpoint_is_shown_once_it_is_durable_itself(void **state)
{
	struct world *world = *state;
	struct hash root = ledger_root(world->ledger);
	struct note note, stored;
	struct checkpoint checkpoint;
	uint64_t size;

	/* Signed after the first commit; nobody has seen it yet. */
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	checkpoint = open_note(world, &note);
	assert_int_equal(checkpoint.size, WORLD_ENTRIES);
	assert_true(hash_equal(&checkpoint.root, &root));
	must(world, world->store->ops->checkpoint_last(
			world->store, &stored, &size, &world->err));
	assert_int_equal(size, WORLD_ENTRIES);
	assert_string_equal(stored.text, note.text);
}

static void checkpoints_keep_their_distance_in_time(void **state)
{
	struct world *world = *state;
	struct note note;

	for (int i = 0; i < 20; i++) {
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world); /* 10 ms later */
	}
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world->now_ms += 1000;
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 21);
}

static void a_clock_set_back_does_not_stop_checkpoints(void **state)
{
	struct world *world = *state;
	struct note note;

	world->now_ms -= 86400000;
	for (int i = 0; i < 2; i++) {
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world);
	}
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 1);
}

static void idle_time_signs_and_sweeps_and_ends(void **state)
{
	struct world *world = *state;
	struct note note;
	struct store_head head;
	bool more = true;

	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 1);
	must(world, world->store->ops->head(world->store, &head, &world->err));
	assert_int_equal(head.objects_complete_to, WORLD_ENTRIES + 1);
	assert_int_equal(ledger_idle(world->ledger, world->now_ms + 60000,
			     &more, &world->err),
	    APPEND_DURABLE);
	assert_false(more);
}

static void without_a_key_nothing_is_signed(void **state)
{
	struct world *world = *state;
	struct note note;

	world_close(world);
	world->options.seed = NULL;
	world_reopen(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	for (int i = 0; i < 3; i++) {
		world->now_ms += 5000;
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world);
	}
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 3);
}

static void a_foreign_key_does_not_open(void **state)
{
	struct world *world = *state;

	world_close(world);
	world->seed[0] ^= 1;
	world_open_store(world, STORE_WRITE);
	assert_int_equal(ledger_open(world->store, &world->options,
			     &world->ledger, &world->err),
	    RESULT_DENIED);
	assert_null(world->ledger);
}

static void a_foreign_shop_entry_is_not_signed_for(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_SHOP, 0);

	command.text = bytes_of_string(ORIGIN);
	memset(command.key.bytes, 0x11, HASH_SIZE);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	world_commit(world);
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_IO);
	assert_non_null(strstr(world->err.text, "checkpoint key"));
}

/* --- proofs --------------------------------------------------------------- */

static void verify_proofs(
    struct world *world, uint64_t entry, uint64_t old_size)
{
	struct hasher *hasher;
	struct proof inclusion, consistency;
	struct note note;
	struct checkpoint checkpoint, old = {0};
	struct hash leaf;
	uint64_t size;

	must(world, ledger_prove(world->ledger, entry, old_size, &note, &size,
			&inclusion, &consistency, &world->err));
	checkpoint = open_note(world, &note);
	assert_int_equal(checkpoint.size, size);
	must(world, hasher_create(&hasher, &world->err));
	leaf = record_hash(world, entry);
	must(world, tree_verify_inclusion(hasher, entry - 1, size, &leaf,
			inclusion.hashes, inclusion.count, &checkpoint.root,
			&world->err));
	if (old_size == size)
		old.root = checkpoint.root;
	else {
		struct tree *tree;

		must(world, tree_create(&tree, &world->err));
		for (uint64_t i = 1; i <= old_size; i++) {
			leaf = record_hash(world, i);
			must(world, tree_append(tree, hasher, &leaf, NULL, NULL,
					&world->err));
		}
		old.root = tree_root(tree, hasher);
		tree_destroy(tree);
	}
	must(world,
	    tree_verify_consistency(hasher, old_size, size, consistency.hashes,
		consistency.count, &old.root, &checkpoint.root, &world->err));
	hasher_destroy(hasher);
}

static void proves_entries_and_growth(void **state)
{
	struct world *world = *state;
	struct note note;

	for (int i = 0; i < 700; i++)
		world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 700);
	/* Tiles that fill in the group in hand are not in the store yet. */
	for (int i = 0; i < 700; i++)
		world_earn(world, 1, MEMBER(1), 100);
	verify_proofs(world, 1, 6);
	verify_proofs(world, 256, 256);
	verify_proofs(world, 257, 300);
	verify_proofs(world, 706, 1);
	verify_proofs(world, 500, 706);
	world_commit(world);
	verify_proofs(world, 700, 699);
	world_crash(world);
	world_reopen(world);
	verify_proofs(world, 3, 513);
}

static void proves_nothing_that_is_not_in_the_checkpoint(void **state)
{
	struct world *world = *state;
	struct proof inclusion, consistency;
	struct note note;
	uint64_t size;

	assert_int_equal(ledger_prove(world->ledger, 1, 0, &note, &size,
			     &inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	idle_until_done(world);
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_prove(world->ledger, WORLD_ENTRIES + 1, 0, &note, &size,
		&inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    ledger_prove(world->ledger, 0, WORLD_ENTRIES + 1, &note, &size,
		&inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	must(world, ledger_prove(world->ledger, 0, 0, &note, &size, &inclusion,
			&consistency, &world->err));
	assert_int_equal(size, WORLD_ENTRIES);
	assert_int_equal(inclusion.count, 0);
	assert_int_equal(consistency.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(a_checkpoint_is_shown_once_it_is_durable_itself),
	    LEDGER_TEST(checkpoints_keep_their_distance_in_time),
	    LEDGER_TEST(a_clock_set_back_does_not_stop_checkpoints),
	    LEDGER_TEST(idle_time_signs_and_sweeps_and_ends),
	    LEDGER_TEST(without_a_key_nothing_is_signed),
	    LEDGER_TEST(a_foreign_key_does_not_open),
	    EMPTY_TEST(a_foreign_shop_entry_is_not_signed_for),
	    LEDGER_TEST(proves_entries_and_growth),
	    LEDGER_TEST(proves_nothing_that_is_not_in_the_checkpoint),
	};

	return cmocka_run_group_tests_name(
	    "ledger: checkpoints", tests, NULL, NULL);
}
