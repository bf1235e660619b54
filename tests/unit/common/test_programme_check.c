/*
 * The owner's text, checked for its owner: every fault, and where it stands.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/common/programme_world.h"

static void tells_of_every_fault_and_where_it_stands(void **state)
{
	static const char text[] =
	    "early = 1\n"
	    "[programme]\n"
	    "name = N\n"
	    "  currency =\tEuro\n"
	    "earn_points = 0 ; none\n"
	    "earn_amount = 1,00\n"
	    "earn_amounts = 1.00\n"
	    "what is this\n"
	    "name = M\n"
	    "\n"
	    "[reward Tea]\n"
	    "points = many\n"
	    "[reward tea]\n"
	    "name = Tea\n"
	    "points = 1\n"
	    "[reward tea]\n"
	    "[rewards]\n"
	    "colour = red\n"
	    "this is passed over: nothing is known of it\n"
	    " [programme]\n"
	    "[reward\n"
	    "and this";

	(void)state;
	world_tells(text,
	    "1:1 'early' stands before any section\n"
	    "4:14 currency: three capitals such as EUR is wanted, not "
	    "'Euro'\n"
	    "5:15 earn_points: a whole number from 1 to 1000000000000 is "
	    "wanted, not '0'\n"
	    "6:15 earn_amount: a number such as 1.00, at most 1000000000.00, "
	    "is wanted, not '1,00'\n"
	    "7:1 the key 'earn_amounts' is not known in this section\n"
	    "8:1 'key = value' or a [section] is wanted\n"
	    "9:1 the key 'name' comes twice\n"
	    "2:0 this section lacks the key 'sale_amount_max': a number such "
	    "as 1.00, at most 1000000000.00, is wanted\n"
	    "11:1 a reward's id is 1 to 32 of a-z, 0-9, '_' and '-'\n"
	    "12:10 points: a whole number from 1 to 1000000000000 is wanted, "
	    "not 'many'\n"
	    "11:0 this section lacks the key 'name': a name of 1 to 64 bytes "
	    "is wanted\n"
	    "16:1 the reward 'tea' comes twice\n"
	    "16:0 this section lacks the key 'name': a name of 1 to 64 bytes "
	    "is wanted\n"
	    "16:0 this section lacks the key 'points': a whole number from 1 "
	    "to 1000000000000 is wanted\n"
	    "17:1 [programme], [points], [earn ID], [tiers], [tier ID], "
	    "[reward ID], [transfer] or [goodwill] is wanted, not "
	    "'[rewards]'\n"
	    "20:2 the section [programme] comes twice\n"
	    "20:0 this section lacks the key 'name': a name of 1 to 64 bytes "
	    "is wanted\n"
	    "20:0 this section lacks the key 'currency': three capitals such "
	    "as EUR is wanted\n"
	    "20:0 this section lacks the key 'earn_points': a whole number "
	    "from 1 to 1000000000000 is wanted\n"
	    "20:0 this section lacks the key 'earn_amount': a number such as "
	    "1.00, at most 1000000000.00, is wanted\n"
	    "20:0 this section lacks the key 'sale_amount_max': a number such "
	    "as 1.00, at most 1000000000.00, is wanted\n"
	    "21:1 a section such as [programme] is wanted\n"
	    "22:1 'key = value' or a [section] is wanted\n");
}

static void goes_on_after_a_line_that_is_too_long(void **state)
{
	char text[1024];

	(void)state;
	(void)snprintf(
	    text, sizeof(text), "[programme]\nname = %0300d\n[\n", 0);
	world_tells(text,
	    "2:199 longer than 198 bytes\n"
	    "1:0 this section lacks the key 'name': a name of 1 to 64 bytes is "
	    "wanted\n"
	    "1:0 this section lacks the key 'currency': three capitals such as "
	    "EUR is wanted\n"
	    "1:0 this section lacks the key 'earn_points': a whole number from "
	    "1 to 1000000000000 is wanted\n"
	    "1:0 this section lacks the key 'earn_amount': a number such as "
	    "1.00, at most 1000000000.00, is wanted\n"
	    "1:0 this section lacks the key 'sale_amount_max': a number such "
	    "as 1.00, at most 1000000000.00, is wanted\n"
	    "3:1 a section such as [programme] is wanted\n");
}

static void tells_of_each_reward_beyond_the_limit(void **state)
{
	struct buffer text = {0};
	struct programme *programme = NULL;
	struct told told = {.count = 0};
	struct error err;

	(void)state;
	assert_int_equal(
	    buffer_append(&text, bytes_of_string(GOOD), &err), RESULT_OK);
	for (unsigned index = 0; index < REWARDS_MAX + 2; index++) {
		char reward[80];

		(void)snprintf(reward, sizeof(reward),
		    "[reward r%u]\nname = R\npoints = 1\n", index);
		assert_int_equal(
		    buffer_append(&text, bytes_of_string(reward), &err),
		    RESULT_OK);
	}
	assert_int_equal(programme_check(buffer_view(&text), world_hear, &told,
			     &programme, &err),
	    RESULT_LIMIT);
	assert_string_equal(told.text,
	    "199:1 more than 64 rewards\n202:1 more than 64 rewards\n");
	buffer_finish(&text);
}

static void tells_where_a_text_is_none_and_where_it_is_too_long(void **state)
{
	char *text = calloc(1, ENTRY_TEXT_SIZE_MAX + 2);

	(void)state;
	assert_non_null(text);
	world_tells(GOOD "; \xff\n[\n", "7:0 this is not text in UTF-8\n");
	memset(text, '\n', ENTRY_TEXT_SIZE_MAX + 1);
	world_tells(text, "0:0 the programme is longer than 60000 bytes\n");
	free(text);
}

static void tells_of_nothing_in_a_good_text(void **state)
{
	struct told told = {.count = 0};
	struct programme *programme = NULL;
	struct error err;

	(void)state;
	assert_int_equal(programme_check(bytes_of_string(GOOD COFFEE),
			     world_hear, &told, &programme, &err),
	    RESULT_OK);
	assert_int_equal(told.count, 0);
	assert_int_equal(programme->reward_count, 1);
	programme_destroy(programme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_of_every_fault_and_where_it_stands),
	    cmocka_unit_test(goes_on_after_a_line_that_is_too_long),
	    cmocka_unit_test(tells_of_each_reward_beyond_the_limit),
	    cmocka_unit_test(
		tells_where_a_text_is_none_and_where_it_is_too_long),
	    cmocka_unit_test(tells_of_nothing_in_a_good_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
