/*
 * Histories of every kind of entry, replayed over objects that were kept at any
 * time: whichever of them are newer than where it starts, the book is the same.
 */
#include "tests/unit/common/book_shelf.h"
#include "tests/unit/common/history_run.h"

static void keep_some(struct history *history, struct shelf *shelf,
    struct shelf *pending, bool all)
{
	struct book *book = history->world->book;

	shelf_keep_dirty(pending, book);
	for (size_t index = pending->count; index > 0; index--) {
		struct kept *last = &pending->kept[pending->count - 1];
		struct kept *one = &pending->kept[index - 1];

		if (!all && history_one_in(history, 2))
			continue;
		shelf_keep(shelf, book, one->key);
		buffer_finish(&one->object);
		*one = *last;
		*last = (struct kept){0};
		pending->count--;
	}
}

static void assert_continues(
    struct history *history, struct shelf *shelf, uint64_t sequence)
{
	struct world *world = history->world;
	struct book *book = shelf_load(shelf);

	if (book_start_at(book, sequence, world_entry(world, sequence).time_ms,
		&world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	world_replay(world, book, sequence + 1, world->count);
	assert_same_book(world->book, book);
	book_destroy(book);
}

static void continues_from_objects_kept_at_any_time(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 15; seed++) {
		struct history_steps *steps = steps_of(seed, 900);
		struct history *history = malloc(sizeof(*history));
		struct shelf *shelf = calloc(2, sizeof(*shelf));
		uint64_t complete = 0;

		assert_non_null(history);
		assert_non_null(shelf);
		open_history(history, &all_plan, seed);
		for (size_t at = 0; at < steps->count; at++) {
			history_step(history, steps->steps[at]);
			if (!history_one_in(history, 10))
				continue;
			if (history_one_in(history, 8)) {
				keep_some(history, &shelf[0], &shelf[1], true);
				complete = history->world->count;
			} else {
				keep_some(history, &shelf[0], &shelf[1], false);
			}
			if (complete > 0 && history_one_in(history, 3))
				assert_continues(history, &shelf[0], complete);
		}
		if (history->fault[0] != '\0')
			fail_msg("seed %llu: %s", (unsigned long long)seed,
			    history->fault);
		shelf_finish(&shelf[0]);
		shelf_finish(&shelf[1]);
		free(shelf);
		close_history(history);
		free(steps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(continues_from_objects_kept_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
