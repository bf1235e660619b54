/*
 * json: the lines of a whole programme: sales with lines, holds, voids,
 * transfers, goodwill, cards and members.
 */
#include "tests/unit/client/json_world.h"

#define CARD "\"card\":\"2912345678906\""

/* --- each command --------------------------------------------------------- */

static void each_operation_is_understood(void **state)
{
	(void)state;
	take("{\"do\":\"enrol\"," CARD ",\"referrer\":\"20123451\"}",
	    TILL_DO_ENROL);
	assert_string_equal(command.other_card, "20123451");
	take("{\"do\":\"sale\",\"amount\":1250,\"receipt\":\"A-18\"}",
	    TILL_DO_SALE);
	assert_int_equal(command.amount_minor, 1250);
	assert_string_equal(command.receipt, "A-18");
	take("{\"do\":\"claim\"," CARD ",\"entry\":58,\"receipt\":\"A-18\"}",
	    TILL_DO_CLAIM);
	assert_int_equal(command.entry, 58);
	take("{\"do\":\"redeem\"," CARD
	     ",\"reward\":\"cash\",\"points\":200,\"amount\":1250}",
	    TILL_DO_REDEEM);
	assert_int_equal(command.points, 200);
	assert_int_equal(command.amount_minor, 1250);
	take("{\"do\":\"hold\"," CARD ",\"reward\":\"coffee\"}", TILL_DO_HOLD);
	assert_string_equal(command.reward, "coffee");
	take("{\"do\":\"capture\",\"hold\":60}", TILL_DO_CAPTURE);
	assert_int_equal(command.entry, 60);
	assert_string_equal(command.card, "");
	take("{\"do\":\"void\",\"operation\":1014}", TILL_DO_VOID);
	assert_int_equal(command.operation, 1014);
	take("{\"do\":\"transfer\"," CARD ",\"to\":\"20123451\",\"points\":50}",
	    TILL_DO_TRANSFER);
	assert_string_equal(command.other_card, "20123451");
	assert_int_equal(command.points, 50);
	take("{\"do\":\"leave\"," CARD "}", TILL_DO_LEAVE);
	take("{\"do\":\"join\"," CARD ",\"with\":\"20123451\"}", TILL_DO_JOIN);
	assert_string_equal(command.other_card, "20123451");
	take("{\"do\":\"card_add\"," CARD ",\"new_card\":\"20123451\"}",
	    TILL_DO_CARD_ADD);
	assert_string_equal(command.other_card, "20123451");
	take("{\"do\":\"card_block\"," CARD ",\"reason\":\"lost\"}",
	    TILL_DO_CARD_BLOCK);
	assert_string_equal(command.text, "lost");
	assert_false(command.off);
	take("{\"do\":\"card_block\"," CARD ",\"unblock\":true}",
	    TILL_DO_CARD_BLOCK);
	assert_true(command.off);
}

static void goodwill_gives_or_takes_alone_or_with_a_second_person(void **state)
{
	(void)state;
	take("{\"do\":\"goodwill\"," CARD
	     ",\"points\":20,\"reason\":\"cold coffee\"}",
	    TILL_DO_GOODWILL);
	assert_int_equal(command.points, 20);
	assert_string_equal(command.text, "cold coffee");
	assert_int_equal(command.second, 0);
	take("{\"do\":\"goodwill\"," CARD ",\"points\":-20,\"reason\":\"x\","
	     "\"second\":4,\"pin\":\"4711\"}",
	    TILL_DO_GOODWILL);
	assert_int_equal(command.points, -20);
	assert_int_equal(command.second, 4);
	assert_string_equal(command.pin, "4711");
	refuse("{\"do\":\"goodwill\"," CARD ",\"points\":20,\"reason\":\"\"}",
	    "malformed", "\"reason\" must say why");
	refuse("{\"do\":\"goodwill\"," CARD ",\"points\":20}", "malformed",
	    "needs \"reason\"");
	refuse("{\"do\":\"goodwill\"," CARD ",\"points\":0,\"reason\":\"x\"}",
	    "malformed", "must not be 0");
	refuse("{\"do\":\"goodwill\"," CARD ",\"points\":2.5,\"reason\":\"x\"}",
	    "malformed", "whole number");
	refuse("{\"do\":\"goodwill\"," CARD
	       ",\"points\":1000000000001,\"reason\":\"x\"}",
	    "malformed", "\"points\" must be from -1000000000000");
	refuse("{\"do\":\"goodwill\"," CARD
	       ",\"points\":1,\"reason\":\"x\",\"second\":4}",
	    "malformed", "both or neither");
	refuse("{\"do\":\"goodwill\"," CARD
	       ",\"points\":1,\"reason\":\"x\",\"pin\":\"4711\"}",
	    "malformed", "both or neither");
}

static void a_member_has_details_or_a_segment(void **state)
{
	(void)state;
	take("{\"do\":\"member\"," CARD ",\"name\":\"Ada\",\"phone\":\"+49 1\","
	     "\"birthday\":\"02-29\"}",
	    TILL_DO_MEMBER_SET);
	assert_string_equal(command.name, "Ada");
	assert_string_equal(command.phone, "+49 1");
	assert_int_equal(command.birthday, 229);
	assert_string_equal(command.text, "");
	take("{\"do\":\"member\"," CARD ",\"birthday\":\"\"}",
	    TILL_DO_MEMBER_SET);
	assert_int_equal(command.birthday, 0);
	take("{\"do\":\"member\"," CARD ",\"segment\":\"staff\"}",
	    TILL_DO_MEMBER_SET);
	assert_string_equal(command.text, "staff");
	assert_false(command.off);
	take("{\"do\":\"member\"," CARD
	     ",\"segment\":\"staff\",\"remove\":true}",
	    TILL_DO_MEMBER_SET);
	assert_true(command.off);
	refuse("{\"do\":\"member\"," CARD "}", "malformed", "member needs");
	refuse("{\"do\":\"member\"," CARD ",\"name\":\"A\",\"segment\":\"s\"}",
	    "malformed", "member needs");
	refuse("{\"do\":\"member\"," CARD ",\"name\":\"A\",\"remove\":true}",
	    "malformed", "member needs");
	refuse("{\"do\":\"member\"," CARD ",\"segment\":\"Staff\"}",
	    "malformed", "segment's id");
	refuse("{\"do\":\"member\"," CARD ",\"segment\":\"s\",\"remove\":1}",
	    "malformed", "true or false");
}

static void a_birthday_is_a_day_that_there_is(void **state)
{
	static const char *const bad[] = {"02-30", "13-01", "00-10", "01-00",
	    "1-1", "01.01", "0101", "ab-cd", "12-3x", "-1-01", "01-01-1970"};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(line, sizeof line,
		    "{\"do\":\"member\"," CARD ",\"birthday\":\"%s\"}", bad[i]);
		refuse(line, "malformed", "\"birthday\" must be");
	}
	take("{\"do\":\"member\"," CARD ",\"birthday\":\"12-31\"}",
	    TILL_DO_MEMBER_SET);
	assert_int_equal(command.birthday, 1231);
}

static void what_belongs_to_another_command_is_refused(void **state)
{
	(void)state;
	refuse("{\"do\":\"capture\"," CARD "}", "malformed", "needs \"hold\"");
	refuse("{\"do\":\"void\",\"operation\":0}", "malformed",
	    "\"operation\" must be from 1");
	refuse("{\"do\":\"void\",\"entry\":5}", "malformed",
	    "void has no field \"entry\"");
	refuse("{\"do\":\"sale\"," CARD ",\"amount\":1}", "malformed",
	    "sale has no field \"card\"");
	refuse("{\"do\":\"claim\"," CARD "}", "malformed", "needs \"entry\"");
	refuse("{\"do\":\"claim\"," CARD ",\"entry\":5,\"amount\":1}",
	    "malformed", "claim has no field \"amount\"");
	refuse("{\"do\":\"transfer\"," CARD ",\"to\":\"20123451\"}",
	    "malformed", "needs \"points\"");
	refuse("{\"do\":\"transfer\"," CARD
	       ",\"to\":\"20123451\",\"points\":-5}",
	    "malformed", "\"points\" must be from 1");
	refuse("{\"do\":\"transfer\"," CARD
	       ",\"to\":\"20123452\",\"points\":5}",
	    "bad_check_digit", "check digit");
	refuse("{\"do\":\"join\"," CARD ",\"with\":7}", "malformed",
	    "\"with\" must be a text");
	refuse("{\"do\":\"redeem\"," CARD ",\"reward\":\"cash\",\"points\":0}",
	    "malformed", "\"points\" must be from 1");
	refuse("{\"do\":\"earn\"," CARD ",\"amount\":1,\"paid\":-1}",
	    "malformed", "\"paid\" must be from 0");
}

/* --- lines ---------------------------------------------------------------- */

#define EARN(amount, lines) \
	"{\"do\":\"earn\"," CARD ",\"amount\":" amount ",\"lines\":" lines "}"

static void lines_of_a_sale_arrive(void **state)
{
	struct reader reader;
	struct sale_line line;

	(void)state;
	take(EARN("1250", "[{\"category\":\"fruit\",\"product\":\"4011\","
			  "\"quantity\":2,\"amount\":300},{\"amount\":1000},"
			  "{\"product\":\"Rabatt ü\",\"quantity\":0,"
			  "\"amount\":-50}]"),
	    TILL_DO_EARN);
	reader = reader_of(bytes_of(command.list, command.list_size));
	assert_true(sale_line_read(&reader, &line));
	assert_true(bytes_equal(line.category, bytes_of_string("fruit")));
	assert_true(bytes_equal(line.product, bytes_of_string("4011")));
	assert_int_equal(line.quantity, 2);
	assert_int_equal(line.amount_minor, 300);
	assert_true(sale_line_read(&reader, &line));
	assert_int_equal(line.category.size, 0);
	assert_int_equal(line.quantity, 1);
	assert_int_equal(line.amount_minor, 1000);
	assert_true(sale_line_read(&reader, &line));
	assert_int_equal(line.quantity, 0);
	assert_int_equal(line.amount_minor, -50);
	assert_false(sale_line_read(&reader, &line));
	assert_true(lines_are_sound(bytes_of(command.list, command.list_size)));
	take("{\"do\":\"sale\",\"amount\":5,\"lines\":[{\"amount\":5}]}",
	    TILL_DO_SALE);
	assert_true(command.list_size > 0);
}

static void each_bad_line_of_a_sale_is_named(void **state)
{
	static const struct {
		const char *lines;
		const char *say;
	} bad[] = {
	    {"[]", "a line at least"},
	    {"{}", "a line at least"},
	    {"5", "a line at least"},
	    {"[5]", "lines[0] must be an object"},
	    {"[{\"amount\":1},[]]", "lines[1] must be an object"},
	    {"[{}]", "lines[0] needs \"amount\""},
	    {"[{\"amount\":1},{\"amount\":2.5}]",
		"\"lines[1].amount\" must be a whole number"},
	    {"[{\"amount\":\"1\"}]", "minor units (1250 is 12.50)"},
	    {"[{\"amount\":100000000001}]", "\"lines[0].amount\" must be from"},
	    {"[{\"amount\":-100000000001}]", "must be from -100000000000"},
	    {"[{\"amount\":1,\"quantity\":-1}]",
		"\"lines[0].quantity\" must be from 0 to 1000000"},
	    {"[{\"amount\":1,\"quantity\":0.5}]", "whole number"},
	    {"[{\"amount\":1,\"category\":7}]",
		"\"lines[0].category\" must be a text"},
	    {"[{\"amount\":1,\"product\":"
	     "\"123456789012345678901234567890123\"}]",
		"at most 32 bytes"},
	    {"[{\"amount\":1,\"product\":\"a\\tb\"}]", "control"},
	    {"[{\"amount\":1,\"sku\":\"a\"}]", "has a field that lines have"},
	    {"[{\"amount\":1,\"line\":0}]", "has a field that lines have"},
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(line, sizeof line, EARN("1", "%s"), bad[i].lines);
		refuse(line, "malformed", bad[i].say);
	}
}

static void lines_make_up_the_amount(void **state)
{
	(void)state;
	refuse(EARN("1250", "[{\"amount\":1000},{\"amount\":251}]"),
	    "lines_invalid", "add up to 1251 and the amount is 1250");
	refuse(EARN("1", "[{\"amount\":-1}]"), "lines_invalid",
	    "add up to -1 and");
	take(
	    EARN("1250", "[{\"amount\":1000},{\"amount\":250}]"), TILL_DO_EARN);
}

/* A line of JSON with `count` lines of a sale in it. */
static const char *sale_of(unsigned count)
{
	static char line[JSON_LINE_SIZE_MAX];
	size_t size = (size_t)snprintf(line, sizeof line,
	    "{\"do\":\"sale\",\"amount\":%u,\"lines\":[", count);

	for (unsigned i = 0; i < count; i++)
		size += (size_t)snprintf(&line[size], sizeof line - size,
		    "%s{\"category\":\"12345678901234567890123456789012\","
		    "\"product\":\"12345678901234567890123456789012\","
		    "\"quantity\":1,\"amount\":1}",
		    i > 0 ? "," : "");
	snprintf(&line[size], sizeof line - size, "]}");
	return line;
}

static void a_sale_has_as_many_lines_as_the_limit_says(void **state)
{
	(void)state;
	take(sale_of(LINES_MAX), TILL_DO_SALE);
	assert_true(strlen(sale_of(LINES_MAX)) < JSON_LINE_SIZE_MAX);
	assert_true(lines_are_sound(bytes_of(command.list, command.list_size)));
	refuse(sale_of(LINES_MAX + 1), "lines_invalid", "at most 100 lines");
}

static void a_return_names_lines_an_amount_or_points(void **state)
{
	struct reader reader;
	struct back back;

	(void)state;
	take("{\"do\":\"return\",\"entry\":57,\"lines\":[{\"line\":0,"
	     "\"quantity\":1,\"amount\":150},{\"line\":7,\"amount\":-20}]}",
	    TILL_DO_RETURN);
	assert_int_equal(command.amount_minor, 130);
	reader = reader_of(bytes_of(command.list, command.list_size));
	assert_true(back_read(&reader, &back));
	assert_int_equal(back.line, 0);
	assert_int_equal(back.quantity, 1);
	assert_int_equal(back.amount_minor, 150);
	assert_true(back_read(&reader, &back));
	assert_int_equal(back.line, 7);
	assert_true(backs_are_sound(bytes_of(command.list, command.list_size)));
	take("{\"do\":\"return\",\"entry\":57,\"amount\":150,\"lines\":"
	     "[{\"line\":99,\"amount\":150}]}",
	    TILL_DO_RETURN);
	take("{\"do\":\"return\",\"entry\":60,\"points\":0}", TILL_DO_RETURN);
	assert_int_equal(command.points, 0);
	take("{\"do\":\"return\",\"entry\":60,\"points\":75}", TILL_DO_RETURN);
	assert_int_equal(command.points, 75);
	refuse("{\"do\":\"return\",\"entry\":57}", "malformed", "return needs");
	refuse("{\"do\":\"return\",\"entry\":57,\"amount\":1,\"points\":1}",
	    "malformed", "return needs");
	refuse("{\"do\":\"return\",\"entry\":57,\"points\":-1}", "malformed",
	    "\"points\" must be from 0");
	refuse("{\"do\":\"return\",\"entry\":57,\"amount\":151,\"lines\":"
	       "[{\"line\":0,\"amount\":150}]}",
	    "lines_invalid", "add up to 150");
}

static void each_line_comes_back_once_and_in_order(void **state)
{
	static const struct {
		const char *lines;
		const char *say;
	} bad[] = {
	    {"[{\"amount\":1}]", "needs \"line\""},
	    {"[{\"line\":100,\"amount\":1}]",
		"\"lines[0].line\" must be from 0 to 99"},
	    {"[{\"line\":-1,\"amount\":1}]", "\"lines[0].line\" must be from"},
	    {"[{\"line\":1,\"amount\":1},{\"line\":1,\"amount\":1}]",
		"lines[1]: each line once"},
	    {"[{\"line\":1,\"amount\":1},{\"line\":0,\"amount\":1}]",
		"lines[1]: each line once"},
	    {"[{\"line\":0,\"category\":\"x\",\"amount\":1}]",
		"has a field that lines have"},
	    {"[{\"line\":0}]", "lines[0] needs \"amount\""},
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(line, sizeof line,
		    "{\"do\":\"return\",\"entry\":1,\"lines\":%s}",
		    bad[i].lines);
		refuse(line, "malformed", bad[i].say);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_operation_is_understood),
	    cmocka_unit_test(
		goodwill_gives_or_takes_alone_or_with_a_second_person),
	    cmocka_unit_test(a_member_has_details_or_a_segment),
	    cmocka_unit_test(a_birthday_is_a_day_that_there_is),
	    cmocka_unit_test(what_belongs_to_another_command_is_refused),
	    cmocka_unit_test(lines_of_a_sale_arrive),
	    cmocka_unit_test(each_bad_line_of_a_sale_is_named),
	    cmocka_unit_test(lines_make_up_the_amount),
	    cmocka_unit_test(a_sale_has_as_many_lines_as_the_limit_says),
	    cmocka_unit_test(a_return_names_lines_an_amount_or_points),
	    cmocka_unit_test(each_line_comes_back_once_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
