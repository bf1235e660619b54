/*
 * What the prompt says, broken to the width of a screen: no word is cut, none
 * is lost, and columns stay columns.
 */
#include "common/base/wrap.h"
#include "tests/unit/client/prompt_typed.h"

static struct shop_facts facts = {.reward_count = 2,
    .rewards = {{.id = "coffee", .name = "Käse & Kaffee", .points = 150},
	{.id = "cake", .name = "Cake", .points = 100}}};

static int begin(void **state)
{
	(void)state;
	memset(&prompt, 0, sizeof prompt);
	output.size = 0;
	return 0;
}

/* What was said last, on a screen of so many columns. */
static const char *on_screen(size_t width)
{
	static struct buffer screen;
	static char text[8192];

	assert_int_equal(
	    wrap_lines(buffer_view(&output), width, &screen, NULL), RESULT_OK);
	assert_true(screen.size < sizeof text);
	memcpy(text, screen.data, screen.size);
	text[screen.size] = '\0';
	buffer_finish(&screen);
	return text;
}

static void assert_narrow(const char *text, size_t width)
{
	while (*text != '\0') {
		size_t size = strcspn(text, "\n");

		assert_in_range(wrap_width(bytes_of(text, size)), 0, width);
		text += size + (text[size] == '\n');
	}
}

static void a_sentence_is_broken_between_words(void **state)
{
	(void)state;
	assert_int_equal(type("claim"), PROMPT_NOTHING);
	assert_string_equal(on_screen(71),
	    "Claim what? Type the sale and the receipt's number, like: claim "
	    "58 A-18\n");
	assert_string_equal(on_screen(70),
	    "Claim what? Type the sale and the receipt's number, like: claim "
	    "58\nA-18\n");
}

static void the_help_keeps_its_columns(void **state)
{
	const char *help;

	(void)state;
	assert_int_equal(type("help"), PROMPT_NOTHING);
	help = on_screen(60);
	assert_non_null(strstr(help,
	    "    redeem cash 200 12.50  pay 200 points towards a sale of\n"
	    "                           12.50\n"));
	assert_non_null(strstr(help,
	    "    new CARD               the same, brought by the holder\n"
	    "                           of CARD\n"));
	for (size_t width = 40; width <= 100; width++)
		assert_narrow(on_screen(width), width);
}

static void at_eighty_columns_the_help_is_as_it_was_written(void **state)
{
	(void)state;
	assert_int_equal(type("help"), PROMPT_NOTHING);
	assert_int_equal(strlen(on_screen(80)), output.size);
	assert_memory_equal(on_screen(80), output.data, output.size);
}

static void a_masked_card_and_names_are_counted_by_character(void **state)
{
	tally_MemberReply member = {.balance = 215, .spendable = 215};
	struct till_result result = {.kind = TILL_MEMBER,
	    .end = TILL_DONE,
	    .card = "2912345678906",
	    .member = &member};

	(void)state;
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(on_screen(100),
	    "Card 29…8906. 215 points to spend. Can have: Käse & Kaffee "
	    "(redeem coffee), Cake (redeem cake).\n");
	assert_string_equal(on_screen(58),
	    "Card 29…8906. 215 points to spend. Can have: Käse & Kaffee\n"
	    "(redeem coffee), Cake (redeem cake).\n");
	assert_string_equal(on_screen(57),
	    "Card 29…8906. 215 points to spend. Can have: Käse &\n"
	    "Kaffee (redeem coffee), Cake (redeem cake).\n");
}

static void a_reason_goes_on_below_its_line(void **state)
{
	tally_HistoryReply history = {.lines_count = 1,
	    .lines = {{.entry = 57,
		.kind = ENTRY_ADJUST,
		.time_ms = 1700000000000,
		.points = 20,
		.balance = 112,
		.reason = "the coffee was cold and so was the waiter"}}};
	struct till_result result = {.kind = TILL_ANSWER,
	    .end = TILL_DONE,
	    .what = TILL_DO_HISTORY,
	    .history = &history};

	(void)state;
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(on_screen(80),
	    "      57  2023-11-14 22:13  adjust                   +20      112 "
	    " "
	    "the coffee\n"
	    "                            was cold and so was the waiter\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
	    TEST(a_sentence_is_broken_between_words),
	    TEST(the_help_keeps_its_columns),
	    TEST(at_eighty_columns_the_help_is_as_it_was_written),
	    TEST(a_masked_card_and_names_are_counted_by_character),
	    TEST(a_reason_goes_on_below_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
