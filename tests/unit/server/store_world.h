/*
 * store_world: a store alone, taken, in a folder of its own; entries whose
 * record says their number in words.
 */
#ifndef TESTS_UNIT_SERVER_STORE_WORLD_H
#define TESTS_UNIT_SERVER_STORE_WORLD_H

#include "tests/unit/server/ledger_world.h"

struct fixture {
	struct world world;
	struct store *store;
	struct store_head head;
};

static inline int store_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct world *world = &fixture->world;

	world_init(world);
	world_folder(world);
	world_open_store(world, STORE_CREATE);
	fixture->store = world->store;
	must(world, fixture->store->ops->take(
			fixture->store, "test", &fixture->head, &world->err));
	*state = fixture;
	return 0;
}

static inline int store_teardown(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	buffer_finish(&fixture->world.record);
	world_remove_folder(&fixture->world);
	free(fixture);
	return 0;
}

static inline void reopen_store(struct fixture *fixture, enum store_mode mode)
{
	store_close(fixture->store);
	fixture->store = NULL;
	world_open_store(&fixture->world, mode);
	fixture->store = fixture->world.store;
}

static inline struct store_append append_of(struct fixture *fixture)
{
	return (struct store_append){.epoch = fixture->head.epoch,
	    .expected_head = fixture->head.sequence};
}

static inline enum append_outcome append(
    struct fixture *fixture, const struct store_append *append)
{
	enum append_outcome outcome;

	memset(&fixture->world.err, 0, sizeof(fixture->world.err));
	outcome = fixture->store->ops->append(
	    fixture->store, append, &fixture->world.err);
	if (outcome == APPEND_DURABLE)
		fixture->head.sequence += append->entry_count;
	return outcome;
}

/* Entry number `sequence`: its record says so in words. */
static inline struct store_entry entry_of(uint64_t sequence)
{
	static char texts[64][32];
	char *text = texts[sequence % 64];

	snprintf(text, 32, "record %llu", (unsigned long long)sequence);
	return (struct store_entry){.sequence = sequence,
	    .terminal = (uint32_t)(1 + sequence % 3),
	    .counter = sequence,
	    .record = bytes_of_string(text)};
}

static inline void append_entries(struct fixture *fixture, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct store_append one = append_of(fixture);
		struct store_entry entry = entry_of(one.expected_head + 1);

		one.entries = &entry;
		one.entry_count = 1;
		assert_int_equal(append(fixture, &one), APPEND_DURABLE);
	}
}

static inline void assert_record(struct fixture *fixture, uint64_t sequence)
{
	struct buffer *record = &fixture->world.record;
	struct store_entry entry = entry_of(sequence);

	record->size = 0;
	must(&fixture->world, fixture->store->ops->read(fixture->store,
				  sequence, record, &fixture->world.err));
	assert_true(bytes_equal(buffer_view(record), entry.record));
	record->size = 0;
	must(&fixture->world,
	    fixture->store->ops->lookup(fixture->store, entry.terminal,
		entry.counter, record, &fixture->world.err));
	assert_true(bytes_equal(buffer_view(record), entry.record));
}

static inline uint64_t head_of(struct fixture *fixture)
{
	struct store_head head;

	must(&fixture->world, fixture->store->ops->head(
				  fixture->store, &head, &fixture->world.err));
	return head.sequence;
}

#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

#endif
