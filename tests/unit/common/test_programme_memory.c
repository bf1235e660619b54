/*
 * The programme when memory runs out: at each allocation in turn it says so,
 * and hands out nothing.
 *
 * The allocator of the C library is put behind one that fails on demand. The
 * sanitizers bring allocators of their own; there is nothing to test then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/common/programme_world.h"

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

static void says_so_while_it_reads(void **state)
{
	struct programme *programme = NULL;
	enum result result = RESULT_NO_MEMORY;
	unsigned step;

	(void)state;
	for (step = 0; result == RESULT_NO_MEMORY; step++) {
		struct error err;

		assert_null(programme);
		fail_at = step + 1;
		result = programme_parse(
		    bytes_of_string(GOOD FRESH COFFEE), &programme, &err);
		fail_at = 0;
	}
	assert_int_equal(result, RESULT_OK);
	assert_true(step > 2);
	programme_destroy(programme);
}

static void says_so_while_it_writes(void **state)
{
	struct programme_reward reward = {
	    .id = "tea", .name = "Tea", .points = 9};
	struct buffer text = {0};
	enum result result = RESULT_NO_MEMORY;
	unsigned step;

	(void)state;
	for (step = 0; result == RESULT_NO_MEMORY; step++) {
		struct error err;

		assert_int_equal(text.size, 0);
		fail_at = step + 1;
		result = programme_with_reward(
		    bytes_of_string(GOOD), &reward, &text, &err);
		fail_at = 0;
	}
	assert_int_equal(result, RESULT_OK);
	assert_true(step > 3);
	buffer_finish(&text);
}

static void says_so_while_it_writes_the_first_text(void **state)
{
	struct buffer text = {0};
	struct error err;

	(void)state;
	fail_at = 1;
	assert_int_equal(
	    programme_first_text("Shop", &text, &err), RESULT_NO_MEMORY);
	fail_at = 0;
	assert_int_equal(text.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_so_while_it_reads),
	    cmocka_unit_test(says_so_while_it_writes),
	    cmocka_unit_test(says_so_while_it_writes_the_first_text),
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
