/*
 * failing_memory: the C library's allocator behind one that fails on demand.
 *
 * A test program of one file includes it once. The sanitizers bring allocators
 * of their own: under them HAS_FAILING_MEMORY is not defined, and main() has
 * nothing to run but failing_memory_skips().
 */
#ifndef TESTS_SUPPORT_FAILING_MEMORY_H
#define TESTS_SUPPORT_FAILING_MEMORY_H

#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HAS_FAILING_MEMORY 1

#include <errno.h>

/* Counts down allocations; the one that reaches 0 fails. 0 is never. */
static unsigned memory_fails_at;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static bool memory_fails_now(void)
{
	if (memory_fails_at == 0 || --memory_fails_at > 0)
		return false;
	errno = ENOMEM;
	return true;
}

/* Inline, the compiler would warn of a NULL that a caller asserts away. */
__attribute__((noinline)) void *malloc(size_t size)
{
	return memory_fails_now() ? NULL : __libc_malloc(size);
}

__attribute__((noinline)) void *calloc(size_t count, size_t size)
{
	return memory_fails_now() ? NULL : __libc_calloc(count, size);
}

__attribute__((noinline)) void *realloc(void *memory, size_t size)
{
	return memory_fails_now() ? NULL : __libc_realloc(memory, size);
}

#else

static void says_when_memory_runs_out(void **state)
{
	(void)state;
	skip();
}

static inline int failing_memory_skips(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
#endif
