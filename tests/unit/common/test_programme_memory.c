/*
 * The programme when memory runs out: at each allocation in turn it says so,
 * and hands out nothing.
 */
#include "tests/support/failing_memory.h"
#include "tests/unit/common/programme_world.h"

#ifdef HAS_FAILING_MEMORY

static void says_so_while_it_reads(void **state)
{
	struct programme *programme = NULL;
	enum result result = RESULT_NO_MEMORY;
	unsigned step;

	(void)state;
	for (step = 0; result == RESULT_NO_MEMORY; step++) {
		struct error err;

		assert_null(programme);
		memory_fails_at = step + 1;
		result = programme_parse(
		    bytes_of_string(GOOD FRESH COFFEE), &programme, &err);
		memory_fails_at = 0;
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
		memory_fails_at = step + 1;
		result = programme_with_reward(
		    bytes_of_string(GOOD), &reward, &text, &err);
		memory_fails_at = 0;
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
	memory_fails_at = 1;
	assert_int_equal(
	    programme_first_text("Shop", &text, &err), RESULT_NO_MEMORY);
	memory_fails_at = 0;
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
int main(void)
{
	return failing_memory_skips();
}
#endif
