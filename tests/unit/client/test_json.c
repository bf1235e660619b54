/*
 * json: a table of good lines and the commands they are, a table of bad lines
 * and the answers they get, and the lines out. Every line out is read back by
 * jansson, as an integrator would.
 */
#include "tests/unit/client/json_world.h"

/* --- good lines ----------------------------------------------------------- */

static void each_command_is_understood(void **state)
{
	static const struct {
		const char *line;
		enum till_do what;
	} good[] = {
	    {"{\"do\":\"enrol\",\"card\":\"2912345678906\"}", TILL_DO_ENROL},
	    {"{\"do\":\"balance\",\"card\":\"2912345678906\"}",
		TILL_DO_BALANCE},
	    {"{\"do\":\"earn\",\"card\":\"2912345678906\",\"amount\":1250,"
	     "\"receipt\":\"A-17\"}",
		TILL_DO_EARN},
	    {"{\"do\":\"earn\",\"amount\":1,\"card\":\"2912345678906\"}",
		TILL_DO_EARN},
	    {" { \"amount\" : 100000000000 ,\"card\":\"2912345678906\","
	     "\"do\":\"earn\"} ",
		TILL_DO_EARN},
	    {"{\"do\":\"redeem\",\"card\":\"2912345678906\","
	     "\"reward\":\"coffee\"}",
		TILL_DO_REDEEM},
	    {"{\"do\":\"return\",\"entry\":57,\"amount\":500}", TILL_DO_RETURN},
	    {"{\"do\":\"return\",\"entry\":9223372036854775807,\"amount\":5,"
	     "\"receipt\":\"\"}",
		TILL_DO_RETURN},
	    {"{\"do\":\"history\",\"card\":\"2912345678906\",\"before\":7}",
		TILL_DO_HISTORY},
	    {"{\"do\":\"rewards\"}", TILL_DO_REWARDS},
	    {"{\"do\":\"login\",\"cashier\":1,\"pin\":\"1234\"}",
		TILL_DO_LOGIN},
	    {"{\"do\":\"logout\"}", TILL_DO_LOGOUT},
	    {"{\"do\":\"checkpoint\"}", TILL_DO_CHECKPOINT},
	    {"{\"do\":\"checkpoint\",\"entry\":5,\"old_size\":3}",
		TILL_DO_CHECKPOINT},
	    {"{\"do\":\"status\",\"id\":7}", TILL_DO_STATUS},
	    {"{\"do\":\"ping\",\"id\":\"x\"}", TILL_DO_PING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		take(good[i].line, good[i].what);
}

static void the_fields_of_a_command_arrive(void **state)
{
	(void)state;
	assert_true(parse("{\"do\":\"earn\",\"card\":\"]E02912345678906\","
			  "\"amount\":1250,\"receipt\":\"A-\\u00fc\","
			  "\"id\":\"tab\\\"le\"}"));
	assert_string_equal(command.card, "2912345678906");
	assert_int_equal(command.amount_minor, 1250);
	assert_string_equal(command.receipt, "A-ü");
	assert_string_equal(command.id, "\"tab\\\"le\"");
	assert_true(parse("{\"do\":\"redeem\",\"card\":\"20123451\","
			  "\"reward\":\"flat-white_2\",\"id\":-3}"));
	assert_string_equal(command.reward, "flat-white_2");
	assert_string_equal(command.id, "-3");
	assert_true(parse(
	    "{\"do\":\"login\",\"cashier\":65535,\"pin\":\"123456789012\"}"));
	assert_int_equal(command.cashier, 65535);
	assert_string_equal(command.pin, "123456789012");
	assert_true(parse("{\"do\":\"return\",\"entry\":57,\"amount\":500}"));
	assert_int_equal(command.entry, 57);
	assert_int_equal(command.amount_minor, 500);
	assert_string_equal(command.id, "");
	assert_int_equal(command.created_ms, 0);
}

/* --- bad lines ------------------------------------------------------------ */

#define EARN "{\"do\":\"earn\",\"card\":\"2912345678906\","

static void each_bad_line_gets_one_line_that_says_why(void **state)
{
	static const struct {
		const char *line;
		const char *say;
	} bad[] = {
	    {"nonsense", "no JSON object"},
	    {"{", "no JSON object"},
	    {"{\"do\":\"ping\"} x", "no JSON object"},
	    {"{\"do\":\"ping\"}{\"do\":\"ping\"}", "no JSON object"},
	    {"{'do':'ping'}", "no JSON object"},
	    {"[]", "one JSON object"},
	    {"[{\"do\":\"ping\"}]", "one JSON object"},
	    {"\"ping\"", "no JSON object"},
	    {"{}", "\"do\" must say"},
	    {"{\"do\":null}", "\"do\" must say"},
	    {"{\"do\":1}", "\"do\" must say"},
	    {"{\"do\":\"\"}", "must be one of"},
	    {"{\"do\":\"card\"}", "must be one of"},
	    {"{\"do\":\"member\"}", "member needs \"card\""},
	    {"{\"do\":\"Earn\"}", "must be one of"},
	    {"{\"do\":\"ping\",\"do\":\"ping\"}", "twice"},
	    {"{\"do\":\"ping\",\"card\":\"2912345678906\"}",
		"ping has no field \"card\""},
	    {"{\"do\":\"ping\",\"\":1}", "has no field \"\""},
	    {EARN "\"amount\":1,\"amonut\":2}", "no field \"amonut\""},
	    {EARN "\"amount\":1,\"pin\":\"1234\"}", "no field \"pin\""},
	    {"{\"do\":\"earn\",\"amount\":1}", "earn needs \"card\""},
	    {EARN "\"receipt\":\"1\"}", "earn needs \"amount\""},
	    {"{\"do\":\"redeem\",\"card\":\"2912345678906\"}",
		"needs \"reward\""},
	    {"{\"do\":\"return\",\"amount\":1}", "needs \"entry\""},
	    {EARN "\"amount\":12.5}", "whole number"},
	    {EARN "\"amount\":1e3}", "whole number"},
	    {EARN "\"amount\":\"1250\"}", "minor units (1250 is 12.50)"},
	    {EARN "\"amount\":true}", "whole number"},
	    {EARN "\"amount\":null}", "whole number"},
	    {EARN "\"amount\":0}", "from 1 to 100000000000"},
	    {EARN "\"amount\":-1}", "from 1 to 100000000000"},
	    {EARN "\"amount\":100000000001}", "from 1 to 100000000000"},
	    {EARN "\"amount\":99999999999999999999}", "too large"},
	    {EARN "\"amount\":1,\"receipt\":5}", "must be a text"},
	    {EARN "\"amount\":1,\"receipt\":"
		  "\"12345678901234567890123456789012345678901\"}",
		"at most 40 bytes"},
	    {EARN "\"amount\":1,\"receipt\":\"a\\nb\"}", "control"},
	    {EARN "\"amount\":1,\"receipt\":\"a\\u0000b\"}", "NUL"},
	    {"{\"do\":\"balance\",\"card\":2912345678906}",
		"\"card\" must be a text"},
	    {"{\"do\":\"redeem\",\"card\":\"20123451\",\"reward\":\"\"}",
		"reward's id"},
	    {"{\"do\":\"redeem\",\"card\":\"20123451\",\"reward\":\"Caf\"}",
		"reward's id"},
	    {"{\"do\":\"redeem\",\"card\":\"20123451\",\"reward\":"
	     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		"at most 32 bytes"},
	    {"{\"do\":\"return\",\"entry\":0,\"amount\":1}", "\"entry\""},
	    {"{\"do\":\"return\",\"entry\":-7,\"amount\":1}", "\"entry\""},
	    {"{\"do\":\"login\",\"cashier\":0,\"pin\":\"1234\"}",
		"\"cashier\""},
	    {"{\"do\":\"login\",\"cashier\":65536,\"pin\":\"1234\"}",
		"\"cashier\""},
	    {"{\"do\":\"login\",\"cashier\":1,\"pin\":1234}", "must be a text"},
	    {"{\"do\":\"login\",\"cashier\":1,\"pin\":\"123\"}",
		"4 to 12 digits"},
	    {"{\"do\":\"login\",\"cashier\":1,\"pin\":\"12a4\"}",
		"4 to 12 digits"},
	    {"{\"do\":\"login\",\"cashier\":1,\"pin\":\"1234567890123\"}",
		"at most 12 bytes"},
	    {"{\"do\":\"ping\",\"id\":1.5}", "\"id\" must be"},
	    {"{\"do\":\"ping\",\"id\":[1]}", "\"id\" must be"},
	    {"{\"do\":\"ping\",\"id\":\"1234567890123456789012345678901234567"
	     "8901234567890123456789012345678901234\"}",
		"\"id\" must be at most"},
	    {"{\"do\":\"pi\xff\"}", "UTF-8"},
	    {"{\"do\":\"ping\",\"id\":\"\xc3\"}", "UTF-8"},
	    {"{\"do\":\"ping\",\"id\":\"\xed\xa0\x80\"}", "UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuse(bad[i].line, "malformed", bad[i].say);
}

static void every_cut_of_a_good_line_is_refused(void **state)
{
	static const char line[] =
	    "{\"do\":\"earn\",\"card\":\"2912345678906\",\"amount\":1250,"
	    "\"receipt\":\"A-17\",\"id\":\"q\"}";

	(void)state;
	for (size_t size = 1; size < sizeof line - 1; size++) {
		assert_false(parse_bytes(bytes_of(line, size)));
		assert_is_line(output_text());
	}
}

static void an_empty_line_says_nothing(void **state)
{
	(void)state;
	assert_false(parse(""));
	assert_false(parse(" \t "));
	assert_int_equal(output.size, 0);
}

static void a_nul_in_a_line_does_not_end_it(void **state)
{
	static const char line[] = "{\"do\":\"ping\"}\0{\"x\"}";

	(void)state;
	assert_false(parse_bytes(bytes_of(line, sizeof line - 1)));
	assert_is_line(output_text());
}

static void deep_nesting_is_refused_not_followed(void **state)
{
	char line[4001];

	(void)state;
	memset(line, '[', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	assert_false(parse(line));
	assert_is_line(output_text());
}

static void a_cards_fault_has_its_own_name(void **state)
{
	(void)state;
	assert_false(parse("{\"do\":\"earn\",\"card\":\"2912345678905\","
			   "\"amount\":5,\"id\":4}"));
	assert_non_null(
	    strstr(output_text(), "{\"do\":\"earn\",\"id\":4,\"ok\":false,"
				  "\"why\":\"bad_check_digit\",\"say\":\""));
	assert_false(parse("{\"do\":\"balance\",\"card\":\"\"}"));
	assert_non_null(strstr(output_text(), "\"why\":\"empty\""));
	assert_false(
	    parse("{\"do\":\"balance\",\"card\":\"4111111111111111\"}"));
	assert_non_null(strstr(output_text(), "\"why\":\"payment_card\""));
	assert_null(strstr(output_text(), "4111"));
}

static void the_id_comes_back_even_where_nothing_else_is_understood(
    void **state)
{
	(void)state;
	assert_false(parse("{\"id\":\"a\",\"do\":\"dance\"}"));
	assert_non_null(strstr(
	    output_text(), "{\"id\":\"a\",\"ok\":false,\"why\":\"malformed\""));
	assert_false(parse(EARN "\"amount\":-1,\"id\":12}"));
	assert_non_null(strstr(output_text(),
	    "{\"do\":\"earn\",\"id\":12,\"ok\":false,\"why\":\"malformed\""));
}

static void a_line_that_is_too_long_is_said_to_be(void **state)
{
	(void)state;
	output.size = 0;
	json_line_too_long(&output);
	assert_string_equal(output_text(),
	    "{\"ok\":false,\"why\":\"malformed\","
	    "\"say\":\"The line is longer than 16384 bytes.\"}\n");
}

/* --- lines out ------------------------------------------------------------ */

static void a_refusal_shows_the_figures_of_its_code_alone(void **state)
{
	static const struct {
		enum refusal_code code;
		const char *figures;
	} table[] = {
	    {REFUSAL_CARD_UNKNOWN, ""},
	    {REFUSAL_INSUFFICIENT_POINTS,
		"\"required\":1,\"available\":-2,\"missing\":3,"},
	    {REFUSAL_RETURN_TOO_LARGE, "\"required\":1,\"available\":-2,"},
	    {REFUSAL_AMOUNT_INVALID, "\"required\":1,"},
	    {REFUSAL_PIN_WRONG, "\"left\":5,"},
	    {REFUSAL_PIN_LOCKED, "\"wait_ms\":4,"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		shows_figures(
		    TILL_DO_EARN, "earn", table[i].code, table[i].figures);
}

static void texts_of_others_cannot_break_a_line(void **state)
{
	struct till_result result = refused(TILL_DO_EARN, REFUSAL_CARD_UNKNOWN);
	json_t *object;

	(void)state;
	strcpy(result.refusal.say, "a\"b\\c\nd\te\x01 ünï /");
	(void)written(&result);
	assert_string_equal(say_of(&object), result.refusal.say);
	json_decref(object);
}

static void a_pending_answer_names_its_operation(void **state)
{
	struct till_result result = {
	    .kind = TILL_ANSWER,
	    .what = TILL_DO_EARN,
	    .end = TILL_SAVED,
	    .id = "7",
	    .card = "2912345678906",
	    .operation = UINT64_MAX >> 1,
	    .refusal = {.say = "Saved."},
	};

	(void)state;
	assert_string_equal(written(&result),
	    "{\"do\":\"earn\",\"id\":7,\"ok\":true,\"pending\":true,"
	    "\"operation\":9223372036854775807,\"say\":\"Saved.\"}\n");
	result.end = TILL_UNKNOWN;
	result.why = "unknown";
	result.what = TILL_DO_REDEEM;
	assert_string_equal(written(&result),
	    "{\"do\":\"redeem\",\"id\":7,\"ok\":false,\"pending\":true,"
	    "\"operation\":9223372036854775807,\"why\":\"unknown\","
	    "\"say\":\"Saved.\"}\n");
}

static void an_earning_reads_like_the_design_says(void **state)
{
	tally_OperationReply reply = {
	    .entry = 57, .points = 12, .balance = 112};
	struct till_result result = {
	    .kind = TILL_ANSWER,
	    .what = TILL_DO_EARN,
	    .id = "",
	    .card = "",
	    .operation = 3,
	    .operation_reply = &reply,
	};

	(void)state;
	reply.hash.size = 32;
	assert_string_equal(written(&result),
	    "{\"do\":\"earn\",\"ok\":true,\"points\":12,\"balance\":112,"
	    "\"entry\":57,\"hash\":\"00000000000000000000000000000000"
	    "00000000000000000000000000000000\",\"operation\":3,"
	    "\"spendable\":0}\n");
}

static void a_note_that_is_no_text_is_left_out(void **state)
{
	static tally_CheckpointReply reply;
	struct till_result result = {
	    .kind = TILL_ANSWER,
	    .what = TILL_DO_CHECKPOINT,
	    .id = "",
	    .card = "",
	    .checkpoint = &reply,
	};

	(void)state;
	reply.note.size = 2;
	memcpy(reply.note.bytes, "\xff\xfe", 2);
	reply.consistency.size = 70; /* two hashes and a bit */
	memset(reply.consistency.bytes, 1, 70);
	assert_non_null(strstr(written(&result), "\"note\":\"\""));
	assert_non_null(strstr(output_text(), "\"consistency\":[\"0101"));
}

static void scans_and_the_scanner_are_events(void **state)
{
	struct card_reader_event event = {
	    .kind = CARD_READER_CARD, .name = "card", .say = ""};

	(void)state;
	strcpy(event.card.number, "2912345678906");
	event.card.symbology = SYMBOLOGY_EAN13;
	output.size = 0;
	json_append_scan(&output, &event);
	assert_string_equal(output_text(),
	    "{\"event\":\"scan\",\"card\":\"2912345678906\","
	    "\"symbology\":\"ean13\"}\n");
	event.kind = CARD_READER_FAULT;
	event.name = "bad_check_digit";
	event.say = "Again.";
	output.size = 0;
	json_append_scan(&output, &event);
	assert_string_equal(output_text(),
	    "{\"event\":\"scan\",\"ok\":false,\"why\":\"bad_check_digit\","
	    "\"say\":\"Again.\"}\n");
	event.kind = CARD_READER_UNPLUGGED;
	event.name = "scanner_gone";
	output.size = 0;
	json_append_scan(&output, &event);
	assert_string_equal(output_text(),
	    "{\"event\":\"scanner\",\"plugged\":false,"
	    "\"why\":\"scanner_gone\",\"say\":\"Again.\"}\n");
}

static void the_last_line_says_how_many_wait(void **state)
{
	(void)state;
	output.size = 0;
	json_append_end(&output, 3);
	assert_is_line(output_text());
	assert_non_null(
	    strstr(output_text(), "{\"event\":\"end\",\"waiting\":3,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_command_is_understood),
	    cmocka_unit_test(the_fields_of_a_command_arrive),
	    cmocka_unit_test(each_bad_line_gets_one_line_that_says_why),
	    cmocka_unit_test(every_cut_of_a_good_line_is_refused),
	    cmocka_unit_test(an_empty_line_says_nothing),
	    cmocka_unit_test(a_nul_in_a_line_does_not_end_it),
	    cmocka_unit_test(deep_nesting_is_refused_not_followed),
	    cmocka_unit_test(a_cards_fault_has_its_own_name),
	    cmocka_unit_test(
		the_id_comes_back_even_where_nothing_else_is_understood),
	    cmocka_unit_test(a_line_that_is_too_long_is_said_to_be),
	    cmocka_unit_test(a_refusal_shows_the_figures_of_its_code_alone),
	    cmocka_unit_test(texts_of_others_cannot_break_a_line),
	    cmocka_unit_test(a_pending_answer_names_its_operation),
	    cmocka_unit_test(an_earning_reads_like_the_design_says),
	    cmocka_unit_test(a_note_that_is_no_text_is_left_out),
	    cmocka_unit_test(scans_and_the_scanner_are_events),
	    cmocka_unit_test(the_last_line_says_how_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
