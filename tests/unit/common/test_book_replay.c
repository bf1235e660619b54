/*
 * Replays over objects that are newer than where they start.
 */
#include "tests/unit/common/book_shelf.h"
#include "tests/unit/common/law_steps.h"

static void replays_over_objects_that_are_newer(void **state)
{
	(void)state;
	for (uint64_t seed = 51; seed <= 56; seed++) {
		struct world *world = world_open(seed);
		struct shelf shelf = {.count = 0};
		struct shelf pending = {.count = 0};
		uint64_t complete = 0;

		for (int round = 0; round < 60; round++) {
			uint64_t steps = world_below(world, 25);
			bool all = world_below(world, 8) == 0;

			while (steps-- > 0)
				world_step(world);
			shelf_keep_some(&shelf, &pending, world, all);
			if (all)
				complete = world->count;
			steps = world_below(world, 4);
			while (steps-- > 0)
				world_step(world);
			shelf_replays(&shelf, world, complete);
			/* An earlier start comes out the same. */
			shelf_replays(&shelf, world, complete / 2);
		}
		shelf_replays(&shelf, world, 0);
		shelf_finish(&shelf);
		shelf_finish(&pending);
		world_close(world);
	}
}

static void passes_over_what_is_newer_but_not_what_contradicts(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct entry entry;
	struct book *book;

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	/* Another text where a version is kept. */
	book = shelf_load(&shelf);
	assert_int_equal(book_start_at(book, 1, 0, &world->err), RESULT_OK);
	assert_null(book_programme(book));
	entry = world_entry(world, 2);
	entry.text = bytes_of_string(WORLD_RULES("2", "1.00"));
	assert_int_equal(book_apply(book, &entry, &world->err), RESULT_INVALID);
	assert_non_null(strstr(world->err.text, "is kept as another"));
	book_destroy(book);
	/* Another origin. */
	book = shelf_load(&shelf);
	entry = world_entry(world, 1);
	entry.text = bytes_of_string("other.example");
	assert_int_equal(book_apply(book, &entry, &world->err), RESULT_INVALID);
	book_destroy(book);
	/* A member that is kept, opened at another sequence. */
	book = shelf_load(&shelf);
	assert_int_equal(book_start_at(book, 3, 0, &world->err), RESULT_OK);
	entry = world_entry(world, 5);
	entry.sequence = 4;
	entry.terminal = 1;
	assert_int_equal(book_apply(book, &entry, &world->err), RESULT_INVALID);
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

/* An object that is passed over is as clean, and as true, as it was loaded. */
static void leaves_alone_what_it_passes_over(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct book *book;

	(void)state;
	for (int step = 0; step < 300; step++)
		world_step(world);
	shelf_keep_dirty(&shelf, world->book);
	book = shelf_load(&shelf);
	world_replay(world, book, 1, world->count);
	assert_int_equal(book_dirty_count(book), 0);
	for (size_t index = 0; index < shelf.count; index++) {
		struct buffer object = {0};
		uint64_t true_at;

		assert_int_equal(book_save_object(book, shelf.kept[index].key,
				     &object, &true_at, &world->err),
		    RESULT_OK);
		assert_int_equal(true_at, shelf.kept[index].true_at);
		assert_true(bytes_equal(buffer_view(&object),
		    buffer_view(&shelf.kept[index].object)));
		buffer_finish(&object);
	}
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replays_over_objects_that_are_newer),
	    cmocka_unit_test(
		passes_over_what_is_newer_but_not_what_contradicts),
	    cmocka_unit_test(leaves_alone_what_it_passes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
