/*
 * book_shelf: books and kept objects for the tests of the book.
 */
#ifndef TESTS_UNIT_COMMON_BOOK_SHELF_H
#define TESTS_UNIT_COMMON_BOOK_SHELF_H

#include "tests/unit/common/law_world.h"

static inline struct book *new_book(void)
{
	struct book *book = NULL;
	struct error err;

	assert_int_equal(book_create(&book, &err), RESULT_OK);
	return book;
}

/* A book with the first `count` entries of the world. */
static inline struct book *book_after(struct world *world, uint64_t count)
{
	struct book *book = new_book();

	world_replay(world, book, 1, count);
	return book;
}

/* world_open() with a sale, a redemption, a return and a cashier:
 * 1 shop 2 programme 3, 4 terminals 5 enrol 6 earn 7 redeem 8 return
 * 9 cashier 10 revoked terminal 2 */
static inline struct world *world_busy(void)
{
	struct world *world = world_open(41);

	assert_int_equal(world_earn(world, 1, MEMBER(1), 5000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(1), "cake"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 1000), REFUSAL_NONE);
	assert_int_equal(world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_terminal(world, 2, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	return world;
}

struct kept {
	uint64_t key;
	uint64_t true_at;
	struct buffer object;
};

/* A store of objects, as a test can see through it. */
struct shelf {
	struct kept kept[256];
	size_t count;
};

static inline void shelf_keep(
    struct shelf *shelf, const struct book *book, uint64_t key)
{
	struct kept *kept = NULL;
	struct error err;

	for (size_t index = 0; index < shelf->count; index++) {
		if (shelf->kept[index].key == key)
			kept = &shelf->kept[index];
	}
	if (kept == NULL) {
		assert_true(shelf->count < 256);
		kept = &shelf->kept[shelf->count++];
	}
	kept->key = key;
	kept->object.size = 0;
	if (book_save_object(book, key, &kept->object, &kept->true_at, &err) !=
	    RESULT_OK)
		fail_msg("%s", err.text);
}

static inline void shelf_keep_dirty(struct shelf *shelf, struct book *book)
{
	uint64_t *keys;
	size_t count;
	struct error err;

	assert_int_equal(book_take_dirty(book, &keys, &count, &err), RESULT_OK);
	for (size_t index = 0; index < count; index++)
		shelf_keep(shelf, book, keys[index]);
	free(keys);
}

static inline struct book *shelf_load(struct shelf *shelf)
{
	struct book *book = new_book();
	struct error err;

	/* From the last to the first: any order will do. */
	for (size_t index = shelf->count; index > 0; index--) {
		struct kept *kept = &shelf->kept[index - 1];

		if (book_load_object(book, kept->key, kept->true_at,
			buffer_view(&kept->object), &err) != RESULT_OK)
			fail_msg("%s", err.text);
	}
	return book;
}

static inline void shelf_finish(struct shelf *shelf)
{
	for (size_t index = 0; index < shelf->count; index++)
		buffer_finish(&shelf->kept[index].object);
}

/* Keep a part of what is dirty; the rest stays on `pending`, for later. */
static inline void shelf_keep_some(
    struct shelf *shelf, struct shelf *pending, struct world *world, bool all)
{
	uint64_t *keys;
	size_t count;

	assert_int_equal(
	    book_take_dirty(world->book, &keys, &count, &world->err),
	    RESULT_OK);
	for (size_t index = 0; index < count; index++)
		shelf_keep(pending, world->book, keys[index]);
	free(keys);
	for (size_t index = pending->count; index > 0; index--) {
		struct kept *last = &pending->kept[pending->count - 1];
		struct kept *one = &pending->kept[index - 1];

		if (!all && world_below(world, 2))
			continue;
		shelf_keep(shelf, world->book, one->key);
		buffer_finish(&one->object);
		*one = *last;
		*last = (struct kept){0};
		pending->count--;
	}
}

/* Start at `sequence` with what is on the shelf, replay, compare. */
static inline void shelf_replays(
    struct shelf *shelf, struct world *world, uint64_t sequence)
{
	struct book *book = shelf_load(shelf);
	uint64_t time_ms =
	    sequence == 0 ? 0 : world_entry(world, sequence).time_ms;

	if (book_start_at(book, sequence, time_ms, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	world_replay(world, book, sequence + 1, world->count);
	assert_same_book(world->book, book);
	book_destroy(book);
}

static inline struct kept *shelf_find(struct shelf *shelf, uint64_t key)
{
	for (size_t index = 0; index < shelf->count; index++) {
		if (shelf->kept[index].key == key)
			return &shelf->kept[index];
	}
	fail_msg("no object %llu", (unsigned long long)key);
	return NULL;
}

#endif
