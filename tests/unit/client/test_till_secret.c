/*
 * till: a second person's PIN and a member's private details, which never get
 * onto the disk.
 */
#include "tests/unit/client/till_world.h"

#define PIN "918273645"
#define NAME "Ada Lovelace"

static void goodwill(const char *pin)
{
	struct till_command command = ask(TILL_DO_GOODWILL, CARD);

	command.points = 900;
	strcpy(command.text, "long wait");
	command.second = 4;
	strcpy(command.pin, pin);
	do_it(command);
}

/* With the server, and with somebody who answers for what is given. */
static void ready(void)
{
	up();
	log_in(3, 7);
}

static void details(void)
{
	struct till_command command = ask(TILL_DO_MEMBER_SET, CARD);

	strcpy(command.name, NAME);
	strcpy(command.phone, "+49 30 1");
	command.birthday = 1210;
	do_it(command);
}

/* Is this text in any file of the till's folder? */
static bool is_on_disk(const char *text)
{
	char command[256];

	snprintf(command, sizeof command, "grep -rqa '%s' '%s'", text, folder);
	return system(command) == 0;
}

/* --- a second person ------------------------------------------------------ */

static void a_pin_is_sent_and_not_written(void **state)
{
	(void)state;
	ready();
	goodwill(PIN);
	assert_true(is_on_disk("long wait"));
	assert_false(is_on_disk(PIN));
	take(tally_Request_adjust_tag);
	assert_int_equal(request.body.adjust.points, 900);
	assert_int_equal(request.body.adjust.second, 4);
	assert_string_equal(request.body.adjust.second_pin, PIN);
	answer_operation(request.id, 900, 912);
	expect_part("{\"do\":\"goodwill\",\"ok\":true,\"points\":900,");
	assert_int_equal(outbox_count(outbox), 0);
}

static void nobody_gives_goodwill_without_a_login(void **state)
{
	struct till_command command = ask(TILL_DO_GOODWILL, CARD);

	(void)state;
	command.points = 20;
	strcpy(command.text, "why");
	/* Not even where the shop has no cashiers. */
	up();
	do_it(command);
	expect_part("{\"do\":\"goodwill\",\"ok\":false,"
		    "\"why\":\"cashier_required\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
	forget();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
}

static void a_lost_answer_is_asked_for_again_with_the_pin(void **state)
{
	(void)state;
	ready();
	goodwill(PIN);
	take(tally_Request_adjust_tag);
	till_link_lost(till, now_ms);
	down();
	expect_part("\"ok\":false,\"pending\":true,\"operation\":1,"
		    "\"why\":\"unknown\"");
	up();
	take(tally_Request_adjust_tag);
	assert_int_equal(request.body.adjust.operation.counter, 1);
	assert_string_equal(request.body.adjust.second_pin, PIN);
	assert_false(is_on_disk(PIN));
}

static void with_the_server_away_neither_is_taken(void **state)
{
	(void)state;
	down();
	forget();
	goodwill(PIN);
	expect_part("\"why\":\"server_away\"");
	forget();
	details();
	expect_part("{\"do\":\"member\",\"ok\":false,\"why\":\"server_away\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
}

static void one_secret_waits_at_a_time(void **state)
{
	(void)state;
	ready();
	goodwill(PIN);
	take(tally_Request_adjust_tag);
	pass(TILL_ANSWER_MS);
	forget();
	details();
	expect_part("{\"do\":\"member\",\"ok\":false,\"why\":\"secret_waits\","
		    "\"say\":\"Operation 1,");
	assert_int_equal(outbox_next_counter(outbox), 2);
	answer_operation(request.id, 900, 912);
	details();
	take(tally_Request_member_set_tag);
}

static void a_wrong_pin_of_the_second_is_a_last_word(void **state)
{
	static const enum refusal_code codes[] = {REFUSAL_PIN_WRONG,
	    REFUSAL_PIN_LOCKED, REFUSAL_CASHIER_UNKNOWN,
	    REFUSAL_SECOND_REQUIRED, REFUSAL_CEILING};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		ready();
		goodwill(PIN);
		take(tally_Request_adjust_tag);
		answer_refusal(request.id, codes[i]);
		expect_part("{\"do\":\"goodwill\",\"ok\":false,\"why\":\"");
		expect_part(refusal_name(codes[i]));
		expect_no("pending");
		assert_int_equal(outbox_count(outbox), 0);
		end(state);
		begin(state);
	}
}

/* The first sending may have counted before the second was locked out. */
static void a_locked_second_is_no_word_on_what_may_have_counted(void **state)
{
	(void)state;
	ready();
	goodwill(PIN);
	take(tally_Request_adjust_tag);
	till_link_lost(till, now_ms);
	pass(TILL_ANSWER_MS);
	forget();
	up();
	take(tally_Request_adjust_tag);
	answer_refusal(request.id, REFUSAL_PIN_LOCKED);
	expect("");
	assert_int_equal(outbox_count(outbox), 1);
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_adjust_tag);
	assert_string_equal(request.body.adjust.second_pin, PIN);
	answer_operation(request.id, 900, 912);
	expect_part("\"event\":\"settled\",\"do\":\"goodwill\"");
}

static void a_new_name_keeps_the_pin(void **state)
{
	(void)state;
	ready();
	goodwill(PIN);
	take(tally_Request_adjust_tag);
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	take(tally_Request_adjust_tag);
	assert_int_equal(request.body.adjust.operation.counter, 2);
	assert_string_equal(request.body.adjust.second_pin, PIN);
}

/* --- after a restart ------------------------------------------------------ */

static void restart_with_a_goodwill(void)
{
	ready();
	goodwill(PIN);
	take(tally_Request_adjust_tag);
	close_till();
	open_till();
	up();
	take(tally_Request_adjust_tag);
	assert_int_equal(request.body.adjust.operation.counter, 1);
	assert_int_equal(request.body.adjust.second, 4);
	assert_string_equal(request.body.adjust.second_pin, "");
	forget();
}

static void after_a_restart_the_server_is_asked_without_the_pin(void **state)
{
	(void)state;
	restart_with_a_goodwill();
	answer_operation(request.id, 900, 912);
	expect_part("{\"event\":\"settled\",\"do\":\"goodwill\","
		    "\"operation\":1,\"card\":\"" CARD "\",\"ok\":true,"
		    "\"points\":900,");
	assert_int_equal(outbox_count(outbox), 0);
}

/* What was sent with the PIN may still be on its way: it must not come after
 * the cashier was told. */
static void what_was_not_done_is_kept_from_being_done(void **state)
{
	static const enum refusal_code codes[] = {REFUSAL_SECOND_REQUIRED,
	    REFUSAL_MALFORMED, REFUSAL_CARD_BLOCKED, REFUSAL_CEILING,
	    REFUSAL_PIN_WRONG, REFUSAL_PIN_LOCKED};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		restart_with_a_goodwill();
		answer_refusal(request.id, codes[i]);
		expect("");
		assert_int_equal(outbox_count(outbox), 2);
		take(tally_Request_void_operation_tag);
		assert_int_equal(request.body.void_operation.counter, 1);
		take_nothing();
		answer_operation(request.id, 0, 12);
		expect_part("{\"event\":\"settled\",\"do\":\"goodwill\","
			    "\"operation\":1,\"card\":\"" CARD
			    "\",\"ok\":false,\"why\":\"voided\",\"say\":"
			    "\"Not done: the till was started anew before the "
			    "answer came. Enter it again.\"}\n"
			    "{\"event\":\"settled\",\"do\":\"void\","
			    "\"operation\":2,\"ok\":true,");
		assert_int_equal(outbox_count(outbox), 0);
		end(state);
		begin(state);
	}
}

/* It came after the question and before the void, and cannot be undone. */
static void what_was_done_after_all_is_told_as_done(void **state)
{
	(void)state;
	restart_with_a_goodwill();
	answer_refusal(request.id, REFUSAL_SECOND_REQUIRED);
	take(tally_Request_void_operation_tag);
	answer_refusal(request.id, REFUSAL_NOT_VOIDABLE);
	take(tally_Request_adjust_tag);
	forget();
	answer_operation(request.id, 900, 912);
	expect_part("\"do\":\"goodwill\",\"operation\":1,");
	expect_part("\"ok\":true,\"points\":900,");
	assert_int_equal(outbox_count(outbox), 0);
}

static void the_question_is_asked_again_where_no_void_can_be_kept(void **state)
{
	struct rlimit limit;

	(void)state;
	restart_with_a_goodwill();
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	answer_refusal(request.id, REFUSAL_SECOND_REQUIRED);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	take_nothing();
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_adjust_tag);
	answer_refusal(request.id, REFUSAL_SECOND_REQUIRED);
	take(tally_Request_void_operation_tag);
}

/* To undo a name that is another's would be to undo the other. */
static void what_nobody_knows_is_said_to_be_unknown(void **state)
{
	(void)state;
	restart_with_a_goodwill();
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	expect_part("\"ok\":false,\"why\":\"unknown\",\"say\":\"It is "
		    "not known whether this counted");
	expect_no("renumbered");
	assert_int_equal(outbox_count(outbox), 0);
	take_nothing();
}

static void not_now_asks_again_after_a_restart_too(void **state)
{
	(void)state;
	restart_with_a_goodwill();
	answer_refusal(request.id, REFUSAL_OVERLOADED);
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_adjust_tag);
	assert_int_equal(outbox_count(outbox), 1);
}

static void another_secret_may_wait_beside_a_forgotten_one(void **state)
{
	(void)state;
	restart_with_a_goodwill();
	details();
	/* Behind the goodwill, for it is of the same card. */
	take_nothing();
	answer_operation(request.id, 900, 912);
	take(tally_Request_member_set_tag);
	assert_string_equal(request.body.member_set.name, NAME);
}

/* --- private details ------------------------------------------------------ */

static void details_are_sent_and_not_written(void **state)
{
	(void)state;
	up();
	details();
	assert_false(is_on_disk("Lovelace"));
	take(tally_Request_member_set_tag);
	assert_true(request.body.member_set.details);
	assert_string_equal(request.body.member_set.name, NAME);
	assert_string_equal(request.body.member_set.phone, "+49 30 1");
	assert_int_equal(request.body.member_set.birthday, 1210);
	assert_string_equal(request.body.member_set.segment, "");
	answer_operation(request.id, 0, 112);
	expect_part("{\"do\":\"member\",\"ok\":true,");
}

static void details_that_are_forgotten_are_never_sent_empty(void **state)
{
	(void)state;
	up();
	details();
	take(tally_Request_member_set_tag);
	close_till();
	open_till();
	earn(CARD, 1);
	assert_int_equal(outbox_count(outbox), 1);
	forget();
	till_link_up(till, &hello, now_ms);
	take(tally_Request_earn_tag);
	expect_part("{\"event\":\"settled\",\"do\":\"member\",\"operation\":1,"
		    "\"card\":\"" CARD "\",\"ok\":false,\"why\":\"unknown\","
		    "\"say\":\"The till was started anew");
	pass(0);
	assert_int_equal(outbox_count(outbox), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_pin_is_sent_and_not_written),
	    TEST(nobody_gives_goodwill_without_a_login),
	    TEST(a_lost_answer_is_asked_for_again_with_the_pin),
	    TEST(with_the_server_away_neither_is_taken),
	    TEST(one_secret_waits_at_a_time),
	    TEST(a_wrong_pin_of_the_second_is_a_last_word),
	    TEST(a_locked_second_is_no_word_on_what_may_have_counted),
	    TEST(a_new_name_keeps_the_pin),
	    TEST(after_a_restart_the_server_is_asked_without_the_pin),
	    TEST(what_was_not_done_is_kept_from_being_done),
	    TEST(what_was_done_after_all_is_told_as_done),
	    TEST(the_question_is_asked_again_where_no_void_can_be_kept),
	    TEST(what_nobody_knows_is_said_to_be_unknown),
	    TEST(not_now_asks_again_after_a_restart_too),
	    TEST(another_secret_may_wait_beside_a_forgotten_one),
	    TEST(details_are_sent_and_not_written),
	    TEST(details_that_are_forgotten_are_never_sent_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
