/*
 * till: sales, redemptions and returns, with and without the server; the
 * backlog, and the disk.
 */
#include "tests/unit/client/till_world.h"

/* --- earning -------------------------------------------------------------- */

static void a_sale_is_kept_sent_answered_and_let_go(void **state)
{
	struct operation kept;

	(void)state;
	up();
	earn(CARD, 1250);
	assert_false(till_is_ready(till));
	assert_int_equal(outbox_count(outbox), 1);
	assert_int_equal(outbox_read(outbox, 1, &kept, NULL), RESULT_OK);
	take(tally_Request_earn_tag);
	assert_string_equal(request.body.earn.card, CARD);
	assert_int_equal(request.body.earn.amount_minor, 1250);
	assert_string_equal(request.body.earn.receipt, "A-17");
	assert_int_equal(request.body.earn.lines_count, 0);
	assert_true(request.body.earn.has_operation);
	assert_int_equal(request.body.earn.operation.counter, 1);
	assert_int_equal(request.body.earn.operation.random.size, 16);
	assert_memory_equal(
	    request.body.earn.operation.random.bytes, kept.random, 16);
	assert_int_equal(request.body.earn.operation.ticket.size, 0);
	take_nothing();
	answer_operation(request.id, 12, 112);
	expect("{\"do\":\"earn\"," DONE OPERATION("1") REST);
	assert_int_equal(outbox_count(outbox), 0);
	assert_true(till_is_ready(till));
	assert_true(till_is_idle(till));
}

/* Whoever reads may be slow, and the till may end before it has written. */
static void an_answer_that_was_not_told_is_asked_for_again(void **state)
{
	tally_Reply reply;

	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	reply = reply_to(request.id, tally_Reply_operation_tag);
	reply.body.operation.entry = 57;
	till_reply(till, &reply, now_ms);
	till_time(till, now_ms);
	expect_part("\"do\":\"earn\",\"ok\":true");
	do_it(ask(TILL_DO_STATUS, ""));
	expect_part("\"waiting\":0");
	take_nothing();
	assert_int_equal(outbox_count(outbox), 1);
	close_till();
	open_till();
	up();
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 1);
	forget();
	answer_operation(request.id, 12, 112);
	expect_part("\"event\":\"settled\"");
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_sale_with_the_server_known_away_is_saved_at_once(void **state)
{
	(void)state;
	down();
	forget();
	earn(CARD, 1250);
	expect("{\"do\":\"earn\",\"ok\":true,\"pending\":true,\"operation\":1,"
	       "\"say\":\"Saved. It is sent when the server can be reached "
	       "again.\"}\n");
	assert_true(till_is_ready(till));
	take_nothing();
	assert_int_equal(outbox_count(outbox), 1);
	up();
	take(tally_Request_earn_tag);
	answer_operation(request.id, 12, 112);
	expect("{\"event\":\"settled\",\"do\":\"earn\",\"operation\":1,"
	       "\"card\":\"" CARD "\"," DONE REST);
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_sale_without_an_answer_in_time_is_saved_and_settled_later(
    void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	assert_int_equal(till_deadline_ms(till), now_ms + TILL_ANSWER_MS);
	pass(TILL_ANSWER_MS - 1);
	expect("");
	pass(1);
	expect_part("\"ok\":true,\"pending\":true,\"operation\":1,");
	forget();
	assert_int_equal(outbox_count(outbox), 1);
	/* It is still in flight: not sent a second time. */
	take_nothing();
	assert_false(till_is_idle(till));
	answer_operation(request.id, 12, 112);
	expect_part("\"event\":\"settled\"");
	assert_true(till_is_idle(till));
}

static void a_lost_answer_is_asked_for_again_under_the_same_name(void **state)
{
	tally_Operation first;
	uint64_t first_id;
	tally_Reply reply;

	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	first = request.body.earn.operation;
	first_id = request.id;
	till_link_lost(till, now_ms);
	take_nothing();
	pass(40);
	up();
	take(tally_Request_earn_tag);
	assert_int_equal(first.counter, request.body.earn.operation.counter);
	assert_memory_equal(
	    first.random.bytes, request.body.earn.operation.random.bytes, 16);
	assert_true(request.id > first_id);
	/* An answer on the old connection is no answer any more. */
	answer_operation(first_id, 99, 99);
	expect("");
	reply = reply_to(request.id, tally_Reply_operation_tag);
	reply.body.operation.entry = 5;
	reply.body.operation.repeated = true;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect(
	    "{\"do\":\"earn\",\"ok\":true,\"points\":0,\"balance\":0,"
	    "\"entry\":5,\"hash\":\"\",\"repeated\":true" OPERATION("1") REST);
}

static void a_link_that_goes_down_under_a_sale_saves_it_at_once(void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	till_link_lost(till, now_ms);
	expect("");
	down();
	expect_part("\"do\":\"earn\",\"ok\":true,\"pending\":true");
	expect_part("\"event\":\"link\",\"up\":false");
}

static void a_command_before_the_link_is_known_waits_for_it(void **state)
{
	(void)state;
	earn(CARD, 1250);
	expect("");
	assert_int_equal(outbox_count(outbox), 0);
	till_link_up(till, &hello, now_ms);
	expect("{\"event\":\"link\",\"up\":true,\"shop\":\"Corner Coffee\","
	       "\"terminal\":3,\"waiting\":0}\n");
	assert_int_equal(outbox_count(outbox), 1);
	take(tally_Request_earn_tag);
	answer_operation(request.id, 12, 112);
	expect_part("\"do\":\"earn\",\"ok\":true,\"points\":12");
}

static void a_link_that_is_never_known_counts_as_away_in_time(void **state)
{
	(void)state;
	earn(CARD, 1250);
	pass(TILL_ANSWER_MS);
	expect_part("\"ok\":true,\"pending\":true");
	forget();
	do_it(ask(TILL_DO_BALANCE, CARD));
	pass(TILL_ANSWER_MS);
	expect_part("\"ok\":false,\"why\":\"server_away\"");
}

static void an_enrolment_queues_like_a_sale(void **state)
{
	(void)state;
	down();
	forget();
	do_it(ask(TILL_DO_ENROL, CARD));
	expect_part("\"do\":\"enrol\",\"ok\":true,\"pending\":true");
	up();
	take(tally_Request_enrol_tag);
	assert_string_equal(request.body.enrol.card, CARD);
	assert_int_equal(request.body.enrol.operation.counter, 1);
}

static void the_id_of_a_command_comes_back_even_after_a_restart(void **state)
{
	struct till_command command = ask(TILL_DO_EARN, CARD);

	(void)state;
	strcpy(command.id, "\"x-9\"");
	command.amount_minor = 5;
	down();
	forget();
	do_it(command);
	expect_part("{\"do\":\"earn\",\"id\":\"x-9\",\"ok\":true");
	forget();
	close_till();
	open_till();
	up();
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_CARD_UNKNOWN);
	expect("{\"event\":\"settled\",\"do\":\"earn\",\"id\":\"x-9\","
	       "\"operation\":1,\"card\":\"" CARD "\",\"ok\":false,"
	       "\"why\":\"card_unknown\",\"say\":\"Because.\"}\n");
	assert_int_equal(outbox_count(outbox), 0);
}

/* --- redeeming and returning ---------------------------------------------- */

static void a_refused_redemption_reads_like_the_design_says(void **state)
{
	tally_Reply reply;

	(void)state;
	up();
	redeem(CARD, "coffee");
	take(tally_Request_redeem_tag);
	assert_string_equal(request.body.redeem.reward, "coffee");
	reply = reply_to(request.id, tally_Reply_refusal_tag);
	reply.body.refusal.code = REFUSAL_INSUFFICIENT_POINTS;
	reply.body.refusal.required = 150;
	reply.body.refusal.available = 112;
	reply.body.refusal.missing = 38;
	strcpy(reply.body.refusal.say, "38 points short of Coffee");
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect("{\"do\":\"redeem\",\"ok\":false,"
	       "\"why\":\"insufficient_points\",\"required\":150,"
	       "\"available\":112,\"missing\":38,"
	       "\"say\":\"38 points short of Coffee\"}\n");
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_redemption_without_an_answer_is_unknown_and_asked_again(
    void **state)
{
	(void)state;
	up();
	redeem(CARD, "coffee");
	take(tally_Request_redeem_tag);
	pass(TILL_ANSWER_MS);
	expect("{\"do\":\"redeem\",\"ok\":false,\"pending\":true,"
	       "\"operation\":1,\"why\":\"unknown\",\"say\":\"No answer yet. "
	       "Do not hand anything out: the server is asked until it "
	       "answers.\"}\n");
	till_link_lost(till, now_ms);
	pass(10);
	up();
	take(tally_Request_redeem_tag);
	assert_int_equal(request.body.redeem.operation.counter, 1);
	answer_operation(request.id, -150, 2);
	expect_part("\"event\":\"settled\",\"do\":\"redeem\",\"operation\":1");
	expect_part("\"points\":-150,\"balance\":2");
}

static void without_a_limit_nothing_is_redeemed_with_the_server_away(
    void **state)
{
	(void)state;
	hear_rewards(0);
	down();
	forget();
	redeem(CARD, "coffee");
	expect_part("\"ok\":false,\"why\":\"server_away\",\"say\":\"The server "
		    "cannot be reached");
	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_next_counter(outbox), 1);
}

static void within_the_limit_a_reward_is_handed_out_with_the_server_away(
    void **state)
{
	(void)state;
	hear_rewards(300);
	down();
	forget();
	redeem(CARD, "coffee");
	expect_part("\"do\":\"redeem\",\"ok\":true,\"pending\":true,"
		    "\"operation\":1");
	expect_part("Hand it out");
	forget();
	redeem(CARD, "coffee");
	expect_part("\"ok\":true");
	forget();
	redeem(CARD, "coffee");
	expect_part("\"ok\":false,\"why\":\"server_away\"");
	expect_part("a card can redeem 300 points; 300 are used");
	forget();
	redeem(OTHER, "coffee");
	expect_part("\"ok\":true");
	forget();
	redeem(OTHER, "cake");
	expect_part("\"why\":\"reward_unknown\"");
	assert_int_equal(outbox_count(outbox), 3);
}

static void the_limit_counts_what_an_earlier_run_handed_out(void **state)
{
	(void)state;
	hear_rewards(150);
	down();
	redeem(CARD, "coffee");
	close_till();
	open_till();
	down();
	forget();
	redeem(CARD, "coffee");
	expect_part("\"why\":\"server_away\"");
	/* Once the server has answered, the limit is whole again. */
	up();
	take(tally_Request_redeem_tag);
	answer_operation(request.id, -150, 0);
	till_link_lost(till, now_ms);
	down();
	forget();
	redeem(CARD, "coffee");
	expect_part("\"ok\":true,\"pending\":true");
}

static void goods_come_back_only_with_the_server(void **state)
{
	(void)state;
	down();
	forget();
	return_goods(57, 500);
	expect_part("\"do\":\"return\",\"ok\":false,\"why\":\"server_away\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
	up();
	return_goods(57, 500);
	take(tally_Request_return_goods_tag);
	assert_int_equal(request.body.return_goods.entry, 57);
	assert_int_equal(request.body.return_goods.amount_minor, 500);
	till_link_lost(till, now_ms);
	down();
	expect_part("\"do\":\"return\",\"ok\":false,\"pending\":true,"
		    "\"operation\":1,\"why\":\"unknown\"");
	forget();
	up();
	take(tally_Request_return_goods_tag);
	answer_operation(request.id, -5, 7);
	expect_part("\"event\":\"settled\",\"do\":\"return\"");
}

/* --- the backlog ---------------------------------------------------------- */

static void a_backlog_goes_out_in_order_sixteen_at_a_time(void **state)
{
	uint64_t ids[40];
	char card[16];

	(void)state;
	down();
	for (unsigned i = 0; i < 40; i++) {
		snprintf(card, sizeof card, "29%011u", i);
		earn(card, i + 1);
	}
	up();
	for (unsigned i = 0; i < TILL_IN_FLIGHT_MAX; i++) {
		take(tally_Request_earn_tag);
		assert_int_equal(request.body.earn.operation.counter, i + 1);
		ids[i] = request.id;
	}
	take_nothing();
	/* Answers come in any order; each makes room for the next one. */
	for (unsigned i = TILL_IN_FLIGHT_MAX; i < 40; i++) {
		answer_operation(ids[i - 1], 1, 1);
		take(tally_Request_earn_tag);
		assert_int_equal(request.body.earn.operation.counter, i + 1);
		ids[i] = request.id;
		take_nothing();
	}
	assert_int_equal(outbox_count(outbox), 16);
	/* A break: those without an answer again, in order. */
	till_link_lost(till, now_ms);
	up();
	for (unsigned i = 0; i < 15; i++) {
		take(tally_Request_earn_tag);
		assert_int_equal(request.body.earn.operation.counter, i + 1);
	}
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 40);
	take_nothing();
}

static void operations_of_one_card_go_one_after_another(void **state)
{
	uint64_t enrolment;

	(void)state;
	down();
	do_it(ask(TILL_DO_ENROL, CARD));
	earn(CARD, 1);
	earn(OTHER, 2);
	up();
	take(tally_Request_enrol_tag);
	enrolment = request.id;
	take(tally_Request_earn_tag);
	assert_string_equal(request.body.earn.card, OTHER);
	take_nothing();
	/* "Not now" for the first must not let the second overtake it. */
	answer_refusal(enrolment, REFUSAL_OVERLOADED);
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_enrol_tag);
	take_nothing();
	answer_operation(request.id, 0, 0);
	take(tally_Request_earn_tag);
	assert_string_equal(request.body.earn.card, CARD);
}

static void the_open_sale_is_answered_beside_the_backlog(void **state)
{
	uint64_t backlog;

	(void)state;
	down();
	earn(OTHER, 1);
	up();
	earn(CARD, 2);
	take(tally_Request_earn_tag);
	backlog = request.id;
	take(tally_Request_earn_tag);
	forget();
	answer_operation(request.id, 12, 112);
	expect("{\"do\":\"earn\"," DONE OPERATION("2") REST);
	answer_operation(backlog, 12, 112);
	expect_part("\"event\":\"settled\"");
}

static void answers_to_nothing_are_passed_over(void **state)
{
	tally_Reply reply;

	(void)state;
	up();
	answer_operation(12345, 1, 1);
	answer_operation(0, 1, 1);
	expect("");
	/* An answer of the wrong kind is no last word. */
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	reply = reply_to(request.id, tally_Reply_pong_tag);
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect("");
	assert_int_equal(outbox_count(outbox), 1);
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_earn_tag);
	answer_operation(request.id, 1, 1);
	answer_operation(request.id, 1, 1);
	expect_part("\"do\":\"earn\",\"ok\":true");
	expect_no("settled");
	forget();
	do_it(ask(TILL_DO_BALANCE, CARD));
	take(tally_Request_balance_tag);
	reply = reply_to(request.id, tally_Reply_pong_tag);
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect_part("\"why\":\"malformed\"");
}

/* --- disks ---------------------------------------------------------------- */

static void fill_disk(bool full)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = full ? 1 : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_sale_that_cannot_be_saved_is_refused_and_not_sent(void **state)
{
	(void)state;
	up();
	fill_disk(true);
	earn(CARD, 1250);
	fill_disk(false);
	expect_part("\"do\":\"earn\",\"ok\":false,\"why\":\"not_saved\","
		    "\"say\":\"Not saved: ");
	take_nothing();
	assert_int_equal(outbox_count(outbox), 0);
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 1);
}

static void an_answer_is_shown_even_where_the_disk_forgets_it_late(void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	fill_disk(true);
	answer_operation(request.id, 12, 112);
	expect("{\"do\":\"earn\"," DONE OPERATION("1") REST);
	assert_int_equal(outbox_count(outbox), 1);
	take_nothing();
	/* The next of the same card does not wait for the disk. */
	pass(500);
	fill_disk(false);
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 2);
	pass(500);
	assert_int_equal(outbox_count(outbox), 1);
	expect("");
}

static void a_new_name_that_cannot_be_kept_is_not_taken(void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	fill_disk(true);
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	fill_disk(false);
	expect("");
	take_nothing();
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 1);
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	expect_part("\"operation\":1,\"now\":2}");
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.operation.counter, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_sale_is_kept_sent_answered_and_let_go),
	    TEST(an_answer_that_was_not_told_is_asked_for_again),
	    TEST(a_sale_with_the_server_known_away_is_saved_at_once),
	    TEST(a_sale_without_an_answer_in_time_is_saved_and_settled_later),
	    TEST(a_lost_answer_is_asked_for_again_under_the_same_name),
	    TEST(a_link_that_goes_down_under_a_sale_saves_it_at_once),
	    TEST(a_command_before_the_link_is_known_waits_for_it),
	    TEST(a_link_that_is_never_known_counts_as_away_in_time),
	    TEST(an_enrolment_queues_like_a_sale),
	    TEST(the_id_of_a_command_comes_back_even_after_a_restart),
	    TEST(a_refused_redemption_reads_like_the_design_says),
	    TEST(a_redemption_without_an_answer_is_unknown_and_asked_again),
	    TEST(without_a_limit_nothing_is_redeemed_with_the_server_away),
	    TEST(within_the_limit_a_reward_is_handed_out_with_the_server_away),
	    TEST(the_limit_counts_what_an_earlier_run_handed_out),
	    TEST(goods_come_back_only_with_the_server),
	    TEST(a_backlog_goes_out_in_order_sixteen_at_a_time),
	    TEST(operations_of_one_card_go_one_after_another),
	    TEST(the_open_sale_is_answered_beside_the_backlog),
	    TEST(answers_to_nothing_are_passed_over),
	    TEST(a_sale_that_cannot_be_saved_is_refused_and_not_sent),
	    TEST(an_answer_is_shown_even_where_the_disk_forgets_it_late),
	    TEST(a_new_name_that_cannot_be_kept_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
