/*
 * What `tally programme put` says of rules in another currency than those in
 * force, on a real shop's folder.
 */
#include "tests/unit/server/page_world.h"

#define RULES(currency)             \
	"[programme]\n"             \
	"name = Corner Coffee\n"    \
	"currency = " currency "\n" \
	"earn_points = 3\n"         \
	"earn_amount = 2.50\n"      \
	"sale_amount_max = 20.00\n"
#define TEA(points) "[reward tea]\nname = Tea\npoints = " points "\n"
#define WARNING                                                               \
	"the currency was EUR and is USD from now on, and points keep their " \
	"number: check that every amount, ceiling and reward's cost is "      \
	"meant in USD\n"

static int put(struct world *world, const char *text)
{
	return run_verb(world, run_programme_put,
	    write_file(world, "rules", text), NULL, NULL);
}

static void another_currency_is_warned_of(void **state)
{
	assert_int_equal(put(*state, RULES("EUR") TEA("70")), EXIT_FINE);
	assert_string_equal(said.text, "In force from entry 3 on.\n");
	assert_int_equal(put(*state, RULES("USD") TEA("70")), EXIT_FINE);
	assert_string_equal(said.text,
	    "rules: warning: line 1: " WARNING "In force from entry 4 on.\n");
	/* Said of the change alone. */
	assert_int_equal(put(*state, RULES("USD") TEA("80")), EXIT_FINE);
	assert_string_equal(said.text, "In force from entry 5 on.\n");
}

static void it_is_said_at_the_section_and_before_other_warnings(void **state)
{
	assert_int_equal(
	    put(*state, RULES("EUR ; euros") TEA("70")), EXIT_FINE);
	assert_int_equal(
	    put(*state, "; a note\n\n" RULES("USD") ""), EXIT_FINE);
	assert_string_equal(said.text,
	    "rules: warning: line 3: " WARNING
	    "rules: warning: there is no reward: points buy nothing\n"
	    "In force from entry 4 on.\n");
}

static void nothing_is_said_where_nothing_comes_into_force(void **state)
{
	assert_int_equal(put(*state, RULES("EUR") TEA("70")), EXIT_FINE);
	assert_int_equal(put(*state, RULES("usd") TEA("70")), EXIT_REFUSED);
	assert_null(strstr(said.text, "warning"));
	assert_int_equal(put(*state, RULES("EUR") TEA("70")), EXIT_REFUSED);
	assert_null(strstr(said.text, "warning"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST_EMPTY(another_currency_is_warned_of),
	    WORLD_TEST_EMPTY(
		it_is_said_at_the_section_and_before_other_warnings),
	    WORLD_TEST_EMPTY(nothing_is_said_where_nothing_comes_into_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
