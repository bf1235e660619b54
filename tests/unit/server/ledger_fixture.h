/*
 * ledger_fixture: a ledger set up for each test, and looks into its store.
 */
#ifndef TESTS_UNIT_SERVER_LEDGER_FIXTURE_H
#define TESTS_UNIT_SERVER_LEDGER_FIXTURE_H

#include "tests/unit/server/ledger_world.h"

static inline int ledger_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world_start(world);
	world_fill(world);
	*state = world;
	return 0;
}

static inline int empty_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world_start(world);
	*state = world;
	return 0;
}

static inline int ledger_teardown(void **state)
{
	world_finish(*state);
	free(*state);
	return 0;
}

static inline struct entry read_entry(struct world *world, uint64_t sequence)
{
	struct entry entry;

	must(world, ledger_read(world->ledger, sequence, &world->record, &entry,
			&world->err));
	return entry;
}

static inline struct hash record_hash(struct world *world, uint64_t sequence)
{
	struct hasher *hasher;
	struct hash hash;

	read_entry(world, sequence);
	must(world, hasher_create(&hasher, &world->err));
	hash = hash_leaf(hasher, buffer_view(&world->record));
	hasher_destroy(hasher);
	return hash;
}

static inline void idle_until_done(struct world *world)
{
	bool more = true;

	for (int i = 0; more; i++) {
		assert_true(i < 1000);
		world->now_ms += 100;
		assert_int_equal(ledger_idle(world->ledger, world->now_ms,
				     &more, &world->err),
		    APPEND_DURABLE);
	}
}

/* --- what an opening does not believe ------------------------------------- */

#define LEDGER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, ledger_setup, ledger_teardown)
#define EMPTY_TEST(name) \
	cmocka_unit_test_setup_teardown(name, empty_setup, ledger_teardown)

#endif
