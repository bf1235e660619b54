/*
 * till: what each refusal does to an operation, and who is logged in.
 */
#include "tests/unit/client/till_world.h"

/* --- refusals ------------------------------------------------------------- */

static bool is_kept(enum refusal_code code)
{
	return code == REFUSAL_CASHIER_REQUIRED ||
	       code == REFUSAL_CASHIER_UNKNOWN || code == REFUSAL_PIN_WRONG ||
	       code == REFUSAL_PIN_LOCKED || code == REFUSAL_OVERLOADED ||
	       code == REFUSAL_STORAGE || code == REFUSAL_SHUTTING_DOWN ||
	       code == REFUSAL_COUNTER_CONFLICT || code == REFUSAL_COUNTER_FORK;
}

static void only_a_last_word_takes_an_operation_out_of_the_outbox(void **state)
{
	for (int code = 1; code <= REFUSAL_SALES_LIMIT; code++) {
		up();
		earn(CARD, 1);
		take(tally_Request_earn_tag);
		answer_refusal(request.id, (enum refusal_code)code);
		assert_int_equal(outbox_count(outbox),
		    is_kept((enum refusal_code)code) ? 1 : 0);
		if (!is_kept((enum refusal_code)code)) {
			char why[64];

			snprintf(why, sizeof why, "\"why\":\"%s\"",
			    refusal_name((enum refusal_code)code));
			expect_part("\"do\":\"earn\",\"ok\":false");
			expect_part(why);
		}
		end(state);
		begin(state);
	}
}

/* The first sending may have counted: to be shut out is no word on that. */
static void to_be_shut_out_does_not_settle_what_may_have_counted(void **state)
{
	static const enum refusal_code codes[] = {
	    REFUSAL_TERMINAL_REVOKED, REFUSAL_TERMINAL_UNKNOWN};

	for (size_t i = 0; i < 2; i++) {
		up();
		earn(CARD, 1);
		take(tally_Request_earn_tag);
		till_link_lost(till, now_ms);
		up();
		take(tally_Request_earn_tag);
		forget();
		answer_refusal(request.id, codes[i]);
		expect("");
		assert_int_equal(outbox_count(outbox), 1);
		pass(TILL_ANSWER_MS);
		expect_part("\"pending\":true");
		/* Nor after a restart. */
		close_till();
		open_till();
		up();
		take(tally_Request_earn_tag);
		answer_refusal(request.id, codes[i]);
		expect_no("settled");
		assert_int_equal(outbox_count(outbox), 1);
		end(state);
		begin(state);
	}
}

static void not_now_is_tried_again_after_pauses_that_double(void **state)
{
	(void)state;
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_OVERLOADED);
	expect("");
	take_nothing();
	assert_int_equal(till_deadline_ms(till), now_ms + 250);
	pass(250);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_STORAGE);
	pass(499);
	take_nothing();
	pass(1);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_SHUTTING_DOWN);
	pass(TILL_ANSWER_MS - 750);
	expect_part("\"ok\":true,\"pending\":true,\"operation\":1,"
		    "\"why\":\"shutting_down\"");
	forget();
	for (int i = 0; i < 10; i++) {
		pass(TILL_RETRY_MS_MAX);
		take(tally_Request_earn_tag);
		answer_refusal(request.id, REFUSAL_OVERLOADED);
	}
	pass(TILL_RETRY_MS_MAX);
	take(tally_Request_earn_tag);
	answer_operation(request.id, 1, 1);
	expect_part("\"event\":\"settled\"");
}

static void a_new_connection_does_not_wait_for_an_old_pause(void **state)
{
	(void)state;
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_SHUTTING_DOWN);
	take_nothing();
	till_link_lost(till, now_ms);
	up();
	take(tally_Request_earn_tag);
}

/* The same sale, under a name that the server has not seen. */
static void a_name_that_is_anothers_is_changed_and_the_sale_sent_again(
    void **state)
{
	uint8_t random[16];

	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	memcpy(random, request.body.earn.operation.random.bytes, 16);
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	expect("{\"event\":\"renumbered\",\"operation\":1,\"now\":2}\n");
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 2);
	assert_memory_not_equal(
	    request.body.earn.operation.random.bytes, random, 16);
	assert_int_equal(request.body.earn.amount_minor, 1250);
	assert_string_equal(request.body.earn.card, CARD);
	/* The command is open still, and shows the number that counts. */
	pass(TILL_ANSWER_MS);
	expect_part("\"ok\":true,\"pending\":true,\"operation\":2,");
	forget();
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	expect("{\"event\":\"renumbered\",\"operation\":2,\"now\":3}\n");
	take(tally_Request_earn_tag);
	answer_operation(request.id, 12, 112);
	expect_part("\"event\":\"settled\",\"do\":\"earn\",\"operation\":3,");
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_new_name_does_not_let_a_sale_overtake_its_enrolment(void **state)
{
	(void)state;
	down();
	do_it(ask(TILL_DO_ENROL, CARD));
	earn(CARD, 1);
	up();
	take(tally_Request_enrol_tag);
	take_nothing();
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	/* Nor after a restart. */
	close_till();
	open_till();
	up();
	take(tally_Request_enrol_tag);
	assert_int_equal(request.body.enrol.operation.counter, 3);
	take_nothing();
	answer_operation(request.id, 0, 0);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 2);
}

static void a_fork_stops_the_till(void **state)
{
	(void)state;
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_COUNTER_FORK);
	expect_part("{\"event\":\"stopped\",\"why\":\"counter_fork\","
		    "\"waiting\":1,\"say\":\"STOP: ");
	expect_part("{\"do\":\"earn\",\"ok\":false,\"why\":\"counter_fork\"");
	forget();
	assert_true(till_is_stopped(till));
	assert_true(till_is_idle(till));
	till_link_up(till, &hello, now_ms);
	take_nothing();
	earn(CARD, 1);
	expect_part("\"ok\":false,\"why\":\"counter_fork\"");
	assert_int_equal(outbox_next_counter(outbox), 2);
	assert_int_equal(outbox_count(outbox), 1);
}

static void a_fork_at_hello_stops_the_till(void **state)
{
	struct refusal refusal = {.code = REFUSAL_COUNTER_FORK};

	(void)state;
	till_scan(till, CARD, now_ms);
	till_link_refused(till, &refusal, now_ms);
	expect_part("\"event\":\"stopped\"");
	expect_part("\"event\":\"member\"");
	assert_true(till_is_stopped(till));
	till_link_refused(till, &refusal, now_ms);
	till_link_lost(till, now_ms);
	till_link_down(till, "server_away", "x", now_ms);
	assert_true(till_is_ready(till));
}

static void a_refused_hello_is_a_link_that_is_down_for_that_reason(void **state)
{
	struct refusal refusal = {
	    .code = REFUSAL_TERMINAL_REVOKED, .say = "Revoked."};

	(void)state;
	till_link_refused(till, &refusal, now_ms);
	expect("{\"event\":\"link\",\"up\":false,"
	       "\"why\":\"terminal_revoked\",\"say\":\"Revoked.\"}\n");
	till_link_refused(till, &refusal, now_ms);
	expect("");
	down();
	expect("{\"event\":\"link\",\"up\":false,\"why\":\"server_away\","
	       "\"say\":\"It cannot be reached.\"}\n");
	down();
	expect("");
}

static void a_revoked_till_saves_nothing_until_it_is_let_in_again(void **state)
{
	struct refusal refusal = {
	    .code = REFUSAL_TERMINAL_REVOKED, .say = "Revoked."};

	(void)state;
	earn(CARD, 1);
	till_link_refused(till, &refusal, now_ms);
	expect_part("{\"do\":\"earn\",\"ok\":false,"
		    "\"why\":\"terminal_revoked\",\"say\":\"Revoked.\"}");
	/* Nor while the server cannot even be reached. */
	down();
	forget();
	earn(CARD, 1);
	expect_part("\"why\":\"terminal_revoked\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	/* A server that is busy at hello bars nobody. */
	answer_operation(request.id, 1, 1);
	refusal.code = REFUSAL_OVERLOADED;
	till_link_refused(till, &refusal, now_ms);
	forget();
	earn(CARD, 1);
	expect_part("\"ok\":true,\"pending\":true");
}

/* --- cashiers ------------------------------------------------------------- */

static void a_till_that_needs_a_cashier_saves_nothing_without_one(void **state)
{
	(void)state;
	hello.cashier_required = true;
	up();
	earn(CARD, 1);
	expect_part("\"ok\":false,\"why\":\"cashier_required\"");
	forget();
	redeem(CARD, "coffee");
	expect_part("\"why\":\"cashier_required\"");
	forget();
	return_goods(1, 1);
	expect_part("\"why\":\"cashier_required\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
	/* Looking needs nobody. */
	do_it(ask(TILL_DO_BALANCE, CARD));
	take(tally_Request_balance_tag);
}

static void what_was_saved_with_nobody_there_is_sent_after_a_login(void **state)
{
	(void)state;
	hello.cashier_required = true;
	up();
	till_link_lost(till, now_ms);
	down();
	forget();
	earn(CARD, 1);
	expect_part("\"ok\":true,\"pending\":true");
	redeem(CARD, "coffee");
	expect_part("\"why\":\"cashier_required\"");
	up();
	take_nothing();
	/* It cannot be sent: a till that ends does not wait for it. */
	assert_true(till_is_idle(till));
	login(3, "1234");
	take(tally_Request_login_tag);
	assert_int_equal(request.body.login.cashier, 3);
	assert_string_equal(request.body.login.pin, "1234");
	forget();
	answer_login(request.id, 7);
	expect("{\"do\":\"login\",\"ok\":true,\"cashier\":3,"
	       "\"name\":\"Front desk\",\"role\":\"cashier\"}\n");
	take(tally_Request_earn_tag);
	assert_int_equal(
	    request.body.earn.operation.ticket.size, OPERATION_TICKET_SIZE);
	assert_int_equal(request.body.earn.operation.ticket.bytes[0], 7);
}

static void a_ticket_that_ran_out_keeps_the_sale_until_a_login(void **state)
{
	(void)state;
	up();
	log_in(3, 7);
	redeem(CARD, "coffee");
	take(tally_Request_redeem_tag);
	assert_int_equal(request.body.redeem.operation.ticket.bytes[0], 7);
	answer_refusal(request.id, REFUSAL_CASHIER_REQUIRED);
	expect_part("\"do\":\"redeem\",\"ok\":false,\"pending\":true,"
		    "\"operation\":1,\"why\":\"cashier_required\"");
	forget();
	take_nothing();
	/* The till has learnt that a cashier is needed. */
	earn(CARD, 1);
	expect_part("\"ok\":false,\"why\":\"cashier_required\"");
	log_in(4, 8);
	take(tally_Request_redeem_tag);
	assert_int_equal(request.body.redeem.operation.counter, 1);
	assert_int_equal(request.body.redeem.operation.ticket.bytes[0], 8);
	answer_operation(request.id, -150, 0);
	expect_part("\"event\":\"settled\"");
}

static void what_is_saved_by_a_refusal_says_what_to_do(void **state)
{
	static const enum refusal_code codes[] = {
	    REFUSAL_CASHIER_REQUIRED, REFUSAL_CASHIER_UNKNOWN};

	for (size_t i = 0; i < 2; i++) {
		up();
		log_in(3, 7);
		earn(CARD, 1);
		take(tally_Request_earn_tag);
		answer_refusal(request.id, codes[i]);
		expect_part("\"say\":\"Saved. Log in with your number and "
			    "PIN, then it is sent.\"}");
		end(state);
		begin(state);
		up();
		log_in(3, 7);
		redeem(CARD, "coffee");
		take(tally_Request_redeem_tag);
		answer_refusal(request.id, codes[i]);
		expect_part("\"say\":\"Not done yet: hand nothing out. Log in "
			    "with your number and PIN, then it is sent.\"}");
		end(state);
		begin(state);
	}
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_STORAGE);
	pass(TILL_ANSWER_MS);
	expect_part("\"why\":\"storage\",\"say\":\"Saved. Do not enter it "
		    "again. Because.\"}");
	forget();
	take(tally_Request_earn_tag);
	answer_operation(request.id, 12, 12);
	forget();
	return_goods(57, 1);
	take(tally_Request_return_goods_tag);
	answer_refusal(request.id, REFUSAL_OVERLOADED);
	pass(TILL_ANSWER_MS);
	expect_part("\"why\":\"overloaded\",\"say\":\"Not done yet: hand "
		    "nothing out. Do not enter it again. Because.\"}");
}

static void a_long_sentence_is_cut_between_characters(void **state)
{
	static const char start[] = "Saved. Do not enter it again. ";
	tally_Reply reply;
	const char *say;

	(void)state;
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	reply = reply_to(request.id, tally_Reply_refusal_tag);
	reply.body.refusal.code = REFUSAL_STORAGE;
	memset(reply.body.refusal.say, 'x', SAY_SIZE_MAX);
	/* The last byte that fits is the first of this character. */
	memcpy(&reply.body.refusal.say[SAY_SIZE_MAX - strlen(start) - 1],
	    "\xc3\xbc", 2);
	till_reply(till, &reply, now_ms);
	pass(TILL_ANSWER_MS);
	say = strstr(shown_text(), start);
	assert_non_null(say);
	assert_int_equal(strcspn(say, "\""), SAY_SIZE_MAX - 1);
	assert_null(strchr(say, 0xc3));
}

static void an_old_ticket_gives_way_to_the_one_of_who_is_there_now(void **state)
{
	(void)state;
	up();
	log_in(3, 7);
	till_link_lost(till, now_ms);
	down();
	earn(CARD, 1);
	up();
	log_in(4, 8);
	take(tally_Request_earn_tag);
	/* It was made under the first cashier, and is sent so. */
	assert_int_equal(request.body.earn.operation.ticket.bytes[0], 7);
	answer_refusal(request.id, REFUSAL_CASHIER_UNKNOWN);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.ticket.bytes[0], 8);
	/* The second one's is not dropped for the first one's fault. */
	answer_operation(request.id, 1, 1);
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.ticket.bytes[0], 8);
}

static void a_ticket_outlives_a_break_but_not_a_logout(void **state)
{
	(void)state;
	up();
	log_in(3, 7);
	till_link_lost(till, now_ms);
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.ticket.bytes[0], 7);
	answer_operation(request.id, 1, 1);
	forget();
	do_it(ask(TILL_DO_LOGOUT, ""));
	expect_part("\"do\":\"logout\",\"ok\":true");
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.ticket.size, 0);
}

static void a_login_is_never_sent_twice(void **state)
{
	(void)state;
	up();
	login(3, "1234");
	take(tally_Request_login_tag);
	till_link_lost(till, now_ms);
	expect_part("\"do\":\"login\",\"ok\":false,\"why\":\"server_away\"");
	forget();
	up();
	take_nothing();
	login(3, "1234");
	take(tally_Request_login_tag);
	pass(TILL_ANSWER_MS);
	expect("");
	answer_refusal(request.id, REFUSAL_PIN_WRONG);
	expect("{\"do\":\"login\",\"ok\":false,\"why\":\"pin_wrong\","
	       "\"left\":0,\"say\":\"Because.\"}\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(only_a_last_word_takes_an_operation_out_of_the_outbox),
	    TEST(to_be_shut_out_does_not_settle_what_may_have_counted),
	    TEST(not_now_is_tried_again_after_pauses_that_double),
	    TEST(a_new_connection_does_not_wait_for_an_old_pause),
	    TEST(a_name_that_is_anothers_is_changed_and_the_sale_sent_again),
	    TEST(a_new_name_does_not_let_a_sale_overtake_its_enrolment),
	    TEST(a_fork_stops_the_till),
	    TEST(a_fork_at_hello_stops_the_till),
	    TEST(a_refused_hello_is_a_link_that_is_down_for_that_reason),
	    TEST(a_revoked_till_saves_nothing_until_it_is_let_in_again),
	    TEST(a_till_that_needs_a_cashier_saves_nothing_without_one),
	    TEST(what_was_saved_with_nobody_there_is_sent_after_a_login),
	    TEST(a_ticket_that_ran_out_keeps_the_sale_until_a_login),
	    TEST(what_is_saved_by_a_refusal_says_what_to_do),
	    TEST(a_long_sentence_is_cut_between_characters),
	    TEST(an_old_ticket_gives_way_to_the_one_of_who_is_there_now),
	    TEST(a_ticket_outlives_a_break_but_not_a_logout),
	    TEST(a_login_is_never_sent_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
