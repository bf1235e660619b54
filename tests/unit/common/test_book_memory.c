/*
 * The book when memory runs out: at each allocation in turn it says so.
 *
 * The allocator of the C library is put behind one that fails on demand. The
 * sanitizers bring allocators of their own; there is nothing to test then.
 */
#include "tests/unit/common/book_shelf.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Counts down allocations; the one that reaches 0 fails. 0 is never. */
static unsigned fail_at;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static bool fails_now(void)
{
	return fail_at > 0 && --fail_at == 0;
}

void *malloc(size_t size)
{
	return fails_now() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails_now() ? NULL : __libc_realloc(memory, size);
}

static void says_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct error err;
	unsigned step = 0;
	bool done = false;

	(void)state;
	while (!done) {
		/* Its hasher is OpenSSL's, which does without some. */
		struct book *book = new_book();
		enum result result = RESULT_OK;

		fail_at = ++step;
		for (uint64_t sequence = 1;
		     sequence <= world->count && result == RESULT_OK;
		     sequence++) {
			struct entry entry = world_entry(world, sequence);

			result = book_apply(book, &entry, &err);
		}
		done = fail_at > 0;
		fail_at = 0;
		assert_int_equal(result, done ? RESULT_OK : RESULT_NO_MEMORY);
		book_destroy(book);
		assert_true(step < 1000);
	}
	assert_true(step > 8);
	world_close(world);
}

static void is_not_made_when_memory_runs_out(void **state)
{
	struct book *book = NULL;
	struct error err;

	(void)state;
	for (unsigned step = 1; step <= 2; step++) {
		fail_at = step;
		assert_int_equal(book_create(&book, &err), RESULT_NO_MEMORY);
		assert_null(book);
	}
	fail_at = 0;
}

static void loads_or_says_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct error err;
	unsigned step = 0;
	bool done = false;

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	while (!done) {
		struct book *book = new_book();
		enum result result = RESULT_OK;

		fail_at = ++step;
		for (size_t index = 0;
		     index < shelf.count && result == RESULT_OK; index++)
			result = book_load_object(book, shelf.kept[index].key,
			    shelf.kept[index].true_at,
			    buffer_view(&shelf.kept[index].object), &err);
		done = fail_at > 0;
		fail_at = 0;
		assert_int_equal(result, done ? RESULT_OK : RESULT_NO_MEMORY);
		book_destroy(book);
		assert_true(step < 1000);
	}
	assert_true(step > 6);
	shelf_finish(&shelf);
	world_close(world);
}

static void keeps_its_dirt_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct buffer object = {0};
	struct error err;
	uint64_t *keys = NULL;
	uint64_t true_at;
	size_t count;

	(void)state;
	fail_at = 1;
	assert_int_equal(book_take_dirty(world->book, &keys, &count, &err),
	    RESULT_NO_MEMORY);
	assert_null(keys);
	assert_int_equal(book_dirty_count(world->book), 8);
	fail_at = 1;
	assert_int_equal(
	    book_save_object(world->book, MEMBER(1), &object, &true_at, &err),
	    RESULT_NO_MEMORY);
	assert_int_equal(object.size, 0);
	fail_at = 0;
	world_close(world);
}

static void refuses_rules_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);

	(void)state;
	command.text = bytes_of_string(WORLD_RULES("2", "1.00"));
	fail_at = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_OVERLOADED);
	fail_at = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_when_memory_runs_out),
	    cmocka_unit_test(is_not_made_when_memory_runs_out),
	    cmocka_unit_test(loads_or_says_when_memory_runs_out),
	    cmocka_unit_test(keeps_its_dirt_when_memory_runs_out),
	    cmocka_unit_test(refuses_rules_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
/* The sanitizers have an allocator of their own. */
static void says_when_memory_runs_out(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
