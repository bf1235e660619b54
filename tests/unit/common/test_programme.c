/*
 * The owner's text: what it means, and every fault by its line.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/common/programme_world.h"

static void reads_the_text_of_the_header(void **state)
{
	struct programme *programme = world_parse(
	    "    [programme]\n"
	    "    name = Corner Coffee\n"
	    "    currency = EUR\n"
	    "    earn_points = 1            ; so many points \xe2\x80\xa6\n"
	    "    earn_amount = 1.00         ; \xe2\x80\xa6 for each full 1.00\n"
	    "    sale_amount_max = 2000.00  ; larger is refused as absurd\n"
	    "    offline_redeem_points_max = 0   ; a till may grant this\n"
	    "                                    ; while the server is away\n"
	    "\n"
	    "    [reward coffee]\n"
	    "    name = Coffee\n"
	    "    points = 150\n");

	(void)state;
	assert_string_equal(programme->name, "Corner Coffee");
	assert_string_equal(programme->currency, "EUR");
	assert_int_equal(programme->earn_points, 1);
	assert_int_equal(programme->earn_amount_minor, 100);
	assert_int_equal(programme->sale_amount_minor_max, 200000);
	assert_int_equal(programme->offline_redeem_points_max, 0);
	assert_int_equal(programme->reward_count, 1);
	assert_string_equal(programme->rewards[0].id, "coffee");
	assert_string_equal(programme->rewards[0].name, "Coffee");
	assert_int_equal(programme->rewards[0].points, 150);
	programme_destroy(programme);
}

static void takes_what_editors_do_to_a_text(void **state)
{
	static const char *const texts[] = {
	    "\xef\xbb\xbf" GOOD,
	    "\r\n# note\r\n[programme]\r\nname = Corner Coffee\r\n"
	    "currency: EUR\r\n\tearn_points=1\r\nearn_amount =1.00\r\n"
	    "sale_amount_max= 2000.00\r\n",
	    "; first\n[programme] ; of 2026\n  name =   Corner Coffee  \n"
	    "  currency = EUR\t; euro\n  earn_points = 1\n"
	    "   earn_amount = 1.0\n sale_amount_max = 2000\n   ",
	    "[programme] # without a last line end\nearn_points = 1\n"
	    "sale_amount_max = 2000.0\nearn_amount = 1\ncurrency = EUR\n"
	    "name = Corner Coffee",
	};

	(void)state;
	for (size_t index = 0; index < sizeof(texts) / sizeof(*texts);
	     index++) {
		struct programme *programme = world_parse(texts[index]);

		assert_string_equal(programme->name, "Corner Coffee");
		assert_string_equal(programme->currency, "EUR");
		assert_int_equal(programme->earn_points, 1);
		assert_int_equal(programme->earn_amount_minor, 100);
		assert_int_equal(programme->sale_amount_minor_max, 200000);
		assert_int_equal(programme->reward_count, 0);
		programme_destroy(programme);
	}
}

static void keeps_the_order_of_rewards_and_finds_them(void **state)
{
	struct programme *programme = world_parse(COFFEE
	    "[reward cake-2_x]\npoints = 1\nname = G\xc3\xa2teau\n" GOOD);
	const struct programme_reward *reward;

	(void)state;
	assert_int_equal(programme->reward_count, 2);
	reward = programme_reward(programme, bytes_of_string("cake-2_x"));
	assert_ptr_equal(reward, &programme->rewards[1]);
	assert_string_equal(reward->name, "G\xc3\xa2teau");
	assert_null(programme_reward(programme, bytes_of_string("cake")));
	assert_null(programme_reward(programme, bytes_of_string("coffee ")));
	assert_null(programme_reward(programme, bytes_of(NULL, 0)));
	programme_destroy(programme);
	programme_destroy(NULL);
}

static void names_the_line_of_a_bad_value(void **state)
{
	(void)state;
	world_refuses("[programme]\nname = N\ncurrency = EUR\n"
		      "earn_amount = x\n",
	    "line 4: earn_amount: a number such as 1.00");
	world_refuses("[programme]\nname = N\ncurrency = EUR\n"
		      "earn_amount = x\n",
	    "not 'x'");
	world_refuses("\n\n[programme]\ncurrency = eur\n",
	    "line 4: currency: three capitals such as EUR is wanted, "
	    "not 'eur'");
	world_refuses(
	    GOOD "[reward a]\nname = A\npoints = 0\n", "line 9: points");
	/* The first fault is the one that is named, whichever kind it is. */
	world_refuses("[programme]\njunk\ncurrency = eur\n",
	    "line 2: 'key = value' or a [section]");
	world_refuses("[programme]\ncurrency = eur\njunk\n", "line 2: curr");
}

static void refuses_bad_numbers(void **state)
{
	static const char *const values[] = {"", "-1", "+1", "1.0", "0x10",
	    "1e3", "1 2", "1,5", "0", "1000000000001", "18446744073709551617",
	    "99999999999999999999999", "one"};
	char text[512];

	(void)state;
	for (size_t index = 0; index < sizeof(values) / sizeof(*values);
	     index++) {
		(void)snprintf(text, sizeof(text),
		    "[programme]\nearn_points = %s\n", values[index]);
		world_refuses(text, "line 2: earn_points: a whole number");
	}
}

static void refuses_bad_amounts(void **state)
{
	static const char *const values[] = {"", "-1.00", "+1", "1.", ".5", ".",
	    "1.005", "1,00", "1.0.0", "1.0x", "1 .0", "0", "0.00",
	    "1000000000.01", "184467440737095516.16", "12345678901234567",
	    "100000000000000000000000", "1.-5", "\xd9\xa1"};
	char text[512];

	(void)state;
	for (size_t index = 0; index < sizeof(values) / sizeof(*values);
	     index++) {
		(void)snprintf(text, sizeof(text),
		    "[programme]\nearn_amount = %s\n", values[index]);
		world_refuses(text, "line 2: earn_amount: a number such as");
	}
}

static void reads_amounts_without_a_locale(void **state)
{
	static const struct {
		const char *text;
		uint64_t amount_minor;
	} cases[] = {{"12.50", 1250}, {"12.5", 1250}, {"12", 1200}, {"0.01", 1},
	    {"0.1", 10}, {"00012.05", 1205},
	    {"1000000000.00", AMOUNT_MINOR_MAX}, {"1000000000", 100000000000}};
	char text[512];

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(*cases);
	     index++) {
		struct programme *programme;

		(void)snprintf(text, sizeof(text),
		    "[programme]\nname = N\ncurrency = EUR\nearn_points = 1\n"
		    "earn_amount = %s\nsale_amount_max = 9\n",
		    cases[index].text);
		programme = world_parse(text);
		assert_int_equal(
		    programme->earn_amount_minor, cases[index].amount_minor);
		programme_destroy(programme);
	}
}

static void refuses_what_it_does_not_know(void **state)
{
	(void)state;
	world_refuses("[programmes]\nname = N\n",
	    "line 1: [programme], [points], [earn ID], [tiers], [tier ID], "
	    "[reward ID], [transfer] or [goodwill] is wanted, not "
	    "'[programmes]'");
	world_refuses("[]\n", "line 1: [programme], [points]");
	world_refuses("[rewards]\n", "is wanted, not '[rewards]'");
	world_refuses("[points x]\n", "is wanted, not '[points x]'");
	world_refuses("[tier_x]\n", "is wanted, not '[tier_x]'");
	world_refuses("[earnings]\n", "is wanted, not '[earnings]'");
	world_refuses("[earn]\n", "a rule's id is 1 to 32");
	world_refuses(GOOD "colour = red\n",
	    "line 7: the key 'colour' is not known in this section");
	world_refuses(GOOD "Name = x\n", "line 7: the key 'Name'");
	world_refuses(GOOD "= x\n", "line 7: the key ''");
	world_refuses(GOOD COFFEE "currency = EUR\n",
	    "line 10: the key 'currency' is not known");
	world_refuses("name = N\n", "line 1: 'name' stands before any");
	world_refuses(GOOD "points\n", "line 7: 'key = value'");
	world_refuses("[programme\nname = N\n", "line 1: a section such as");
	world_refuses("[programme] name = N\n", "line 1: a section such as");
	world_refuses("", "the section [programme] is missing");
	world_refuses(COFFEE, "the section [programme] is missing");
	world_refuses("; nothing\n", "line 2: the section [programme]");
}

static void refuses_what_comes_twice(void **state)
{
	(void)state;
	world_refuses(GOOD "name = Again\n", "line 7: the key 'name' comes");
	world_refuses(GOOD COFFEE "points = 150\n",
	    "line 10: the key 'points' comes twice");
	world_refuses(
	    GOOD COFFEE COFFEE, "line 10: the reward 'coffee' comes twice");
	world_refuses(GOOD GOOD, "line 7: the section [programme] comes");
	/* Continued in another place is twice as well. */
	world_refuses("[programme]\nname = N\ncurrency = EUR\n"
		      "earn_points = 1\nearn_amount = 1\n"
		      "sale_amount_max = 9\n" COFFEE
		      "[programme]\noffline_redeem_points_max = 0\n",
	    "line 10: the section [programme] comes twice");
}

static void refuses_a_section_that_lacks_a_key(void **state)
{
	static const char *const lines[] = {"name = N\n", "currency = EUR\n",
	    "earn_points = 1\n", "earn_amount = 1\n", "sale_amount_max = 9\n"};

	(void)state;
	for (size_t without = 0; without < 5; without++) {
		char text[512] = "\n[programme]\n";
		char words[64];

		for (size_t index = 0; index < 5; index++) {
			if (index != without)
				strcat(text, lines[index]);
		}
		(void)snprintf(words, sizeof(words),
		    "line 2: this section lacks the key '%.*s'",
		    (int)strcspn(lines[without], " "), lines[without]);
		world_refuses(text, words);
	}
	world_refuses("[reward a]\n" GOOD, "line 1: this section lacks");
	world_refuses(GOOD "[reward a]\nname = A\n",
	    "line 7: this section lacks the "
	    "key 'points'");
	world_refuses(
	    GOOD "[reward a]", "line 7: this section lacks the key 'name'");
}

static void refuses_bad_names_and_ids(void **state)
{
	static const char *const ids[] = {"", "Coffee", "a b", "a.b",
	    "\xc3\xa9", "a ", " a", "123456789012345678901234567890123"};
	static const char *const names[] = {"", "a\tb",
	    "a\x7f"
	    "b",
	    "a\xc2\x85"
	    "b",
	    "1234567890123456789012345678901234567890123456789012345678901234"
	    "5"};
	char text[512];

	(void)state;
	for (size_t index = 0; index < sizeof(ids) / sizeof(*ids); index++) {
		(void)snprintf(
		    text, sizeof(text), GOOD "[reward %s]\n", ids[index]);
		world_refuses(text, "line 7: a reward's id is 1 to 32 of");
	}
	for (size_t index = 0; index < sizeof(names) / sizeof(*names);
	     index++) {
		(void)snprintf(text, sizeof(text), "[programme]\nname = %s\n",
		    names[index]);
		world_refuses(text, "line 2: name: a name of 1 to 64 bytes");
	}
}

static void takes_names_and_ids_of_the_largest_size(void **state)
{
	char text[512];
	struct programme *programme;

	(void)state;
	(void)snprintf(text, sizeof(text),
	    GOOD "[reward %032d]\nname = %064d\npoints = 1000000000000\n", 7,
	    8);
	programme = world_parse(text);
	assert_int_equal(strlen(programme->rewards[0].id), REWARD_ID_SIZE_MAX);
	assert_int_equal(strlen(programme->rewards[0].name), NAME_SIZE_MAX);
	assert_int_equal(programme->rewards[0].points, POINTS_MAX);
	programme_destroy(programme);
}

static void refuses_a_line_that_would_be_cut(void **state)
{
	char text[1024];
	struct programme *programme;

	(void)state;
	/* 198 bytes and the line's end are what libinih takes whole. */
	(void)snprintf(text, sizeof(text), ";%0197d\n" GOOD, 0);
	programme = world_parse(text);
	programme_destroy(programme);
	(void)snprintf(text, sizeof(text), GOOD ";%0198d\n", 0);
	world_refuses(text, "line 7: longer than 198 bytes");
	(void)snprintf(text, sizeof(text), GOOD ";%0400d", 0);
	world_refuses(text, "line 7: longer than 198 bytes");
}

static void refuses_what_is_no_text(void **state)
{
	static const char nul[] = GOOD "\0name";

	(void)state;
	world_refuses_as(bytes_of(nul, sizeof(nul) - 1), RESULT_INVALID,
	    "is not text in UTF-8");
	world_refuses(GOOD "; \xff\n", "is not text in UTF-8");
	world_refuses(GOOD "; \xc0\xaf\n", "is not text in UTF-8");
	world_refuses(GOOD "; \x1b[2J\n", "is not text in UTF-8");
	world_refuses_as(
	    bytes_of(GOOD, 20), RESULT_INVALID, "line 1: this section lacks");
}

static void says_no_line_end_in_a_fault(void **state)
{
	(void)state;
	world_refuses("[programme]\ncurrency = a\rb\n", "not 'a?b'");
	world_refuses("[programme]\na\tb = c\n", "the key 'a?b'");
}

/* Every prefix of a good text is read or refused, and never read past. */
static void refuses_or_reads_every_prefix(void **state)
{
	static const char text[] = GOOD COFFEE;

	(void)state;
	for (size_t size = 0; size < sizeof(text); size++) {
		uint8_t *copy = malloc(size + (size == 0));
		struct programme *programme = NULL;
		struct error err;
		enum result result;

		assert_non_null(copy);
		memcpy(copy, text, size);
		result =
		    programme_parse(bytes_of(copy, size), &programme, &err);
		free(copy);
		/* NUL, the last byte, is no text. */
		assert_int_equal(result == RESULT_OK, programme != NULL);
		if (size < strlen(GOOD) - strlen("2000.00\n") ||
		    size == sizeof(text))
			assert_int_equal(result, RESULT_INVALID);
		if (size == strlen(GOOD) || size == strlen(text))
			assert_int_equal(result, RESULT_OK);
		programme_destroy(programme);
	}
}

static void refuses_too_many_rewards(void **state)
{
	struct buffer text = {0};
	struct error err;
	struct programme *programme;

	(void)state;
	assert_int_equal(
	    buffer_append(&text, bytes_of_string(GOOD), &err), RESULT_OK);
	for (unsigned number = 0; number <= REWARDS_MAX; number++) {
		char reward[80];

		if (number == REWARDS_MAX) {
			assert_int_equal(programme_parse(buffer_view(&text),
					     &programme, &err),
			    RESULT_OK);
			assert_int_equal(programme->reward_count, 64);
			programme_destroy(programme);
		}
		(void)snprintf(reward, sizeof(reward),
		    "[reward r%u]\nname = R\npoints = 1\n", number);
		assert_int_equal(
		    buffer_append(&text, bytes_of_string(reward), &err),
		    RESULT_OK);
	}
	world_refuses_as(
	    buffer_view(&text), RESULT_LIMIT, "line 199: more than 64 rewards");
	buffer_finish(&text);
}

static void refuses_a_text_that_is_too_long(void **state)
{
	struct buffer text = world_padded_text(ENTRY_TEXT_SIZE_MAX);
	struct programme *programme;
	struct error err;

	(void)state;
	/* The padding starts in a line of its own. */
	assert_int_equal(
	    programme_parse(buffer_view(&text), &programme, &err), RESULT_OK);
	programme_destroy(programme);
	buffer_finish(&text);
	text = world_padded_text(ENTRY_TEXT_SIZE_MAX + 1);
	world_refuses_as(
	    buffer_view(&text), RESULT_LIMIT, "longer than 60000 bytes");
	buffer_finish(&text);
}

static void floors_points_once(void **state)
{
	struct programme programme = {
	    .earn_points = 3, .earn_amount_minor = 250};

	(void)state;
	assert_int_equal(programme_earn_points(&programme, 0), 0);
	assert_int_equal(programme_earn_points(&programme, 249), 0);
	assert_int_equal(programme_earn_points(&programme, 250), 3);
	assert_int_equal(programme_earn_points(&programme, 499), 3);
	assert_int_equal(programme_earn_points(&programme, 500), 6);
	assert_int_equal(
	    programme_earn_points(&programme, AMOUNT_MINOR_MAX), 1200000000);
}

static void gives_no_more_points_than_one_entry_moves(void **state)
{
	struct programme programme = {
	    .earn_points = POINTS_MAX, .earn_amount_minor = 1};

	(void)state;
	assert_int_equal(programme_earn_points(&programme, 1), POINTS_MAX);
	assert_int_equal(programme_earn_points(&programme, 2), POINTS_MAX);
	assert_int_equal(
	    programme_earn_points(&programme, AMOUNT_MINOR_MAX), POINTS_MAX);
	assert_int_equal(
	    programme_earn_points(&programme, UINT64_MAX), POINTS_MAX);
	programme.earn_points = 10;
	assert_int_equal(
	    programme_earn_points(&programme, POINTS_MAX / 10), POINTS_MAX);
	assert_int_equal(programme_earn_points(&programme, POINTS_MAX / 10 - 1),
	    POINTS_MAX - 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_text_of_the_header),
	    cmocka_unit_test(takes_what_editors_do_to_a_text),
	    cmocka_unit_test(keeps_the_order_of_rewards_and_finds_them),
	    cmocka_unit_test(names_the_line_of_a_bad_value),
	    cmocka_unit_test(refuses_bad_numbers),
	    cmocka_unit_test(refuses_bad_amounts),
	    cmocka_unit_test(reads_amounts_without_a_locale),
	    cmocka_unit_test(refuses_what_it_does_not_know),
	    cmocka_unit_test(refuses_what_comes_twice),
	    cmocka_unit_test(refuses_a_section_that_lacks_a_key),
	    cmocka_unit_test(refuses_bad_names_and_ids),
	    cmocka_unit_test(takes_names_and_ids_of_the_largest_size),
	    cmocka_unit_test(refuses_a_line_that_would_be_cut),
	    cmocka_unit_test(refuses_what_is_no_text),
	    cmocka_unit_test(says_no_line_end_in_a_fault),
	    cmocka_unit_test(refuses_or_reads_every_prefix),
	    cmocka_unit_test(refuses_too_many_rewards),
	    cmocka_unit_test(refuses_a_text_that_is_too_long),
	    cmocka_unit_test(floors_points_once),
	    cmocka_unit_test(gives_no_more_points_than_one_entry_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
