/*
 * Words and their numbers, beside a plain search.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "server/words.h"

static uint32_t number(struct words *words, const char *word)
{
	struct error err;
	uint32_t found = UINT32_MAX;

	assert_int_equal(
	    words_number(words, bytes_of_string(word), &found, &err),
	    RESULT_OK);
	return found;
}

static void numbers_words_in_the_order_of_their_first_coming(void **state)
{
	struct words words = {0};

	(void)state;
	assert_int_equal(number(&words, "north"), 0);
	assert_int_equal(number(&words, "south"), 1);
	assert_int_equal(number(&words, "north"), 0);
	assert_int_equal(number(&words, ""), 2);
	assert_int_equal(number(&words, "North"), 3);
	assert_int_equal(number(&words, ""), 2);
	assert_int_equal(words.count, 4);
	assert_true(bytes_equal(words.items[1], bytes_of_string("south")));
	words_finish(&words);
	assert_int_equal(words.count, 0);
}

/* Long ones that differ in one byte anywhere, and in their length alone. */
static void tells_words_apart_by_every_byte(void **state)
{
	static char memory[64 * 40];
	struct words words = {0};
	struct error err;
	uint32_t found;

	(void)state;
	memset(memory, 'x', sizeof(memory));
	for (uint32_t i = 0; i < 40; i++)
		memory[i * 40 + i] = 'y';
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 80; i++) {
			struct bytes word =
			    i < 40 ? bytes_of(&memory[i * 40], 40)
				   : bytes_of(&memory[40 * 40], i - 40);

			assert_int_equal(
			    words_number(&words, word, &found, &err),
			    RESULT_OK);
			assert_int_equal(found, i);
		}
	}
	words_finish(&words);
}

#define MANY 50000u

static void keeps_its_numbers_while_it_grows(void **state)
{
	static char memory[MANY][8];
	struct words words = {0};

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < MANY; i++) {
			(void)snprintf(
			    memory[i], sizeof(memory[i]), "%06u", i * 7 % MANY);
			assert_int_equal(number(&words, memory[i]), i);
		}
	}
	assert_int_equal(words.count, MANY);
	words_finish(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_words_in_the_order_of_their_first_coming),
	    cmocka_unit_test(tells_words_apart_by_every_byte),
	    cmocka_unit_test(keeps_its_numbers_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
