/*
 * till: look-ups, history, rewards, checkpoints, and what follows a scan.
 */
#include "tests/unit/client/till_world.h"

/* --- looking -------------------------------------------------------------- */

static void answer_member(uint64_t id, int64_t balance)
{
	tally_Reply reply = reply_to(id, tally_Reply_member_tag);

	reply.body.member.balance = balance;
	reply.body.member.last_entry = 9;
	reply.body.member.since_ms = 1700000000000;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void a_balance_is_asked_again_on_the_next_connection(void **state)
{
	(void)state;
	up();
	do_it(ask(TILL_DO_BALANCE, CARD));
	take(tally_Request_balance_tag);
	assert_string_equal(request.body.balance.card, CARD);
	take_nothing();
	till_link_lost(till, now_ms);
	up();
	take(tally_Request_balance_tag);
	answer_member(request.id, -5);
	expect("{\"do\":\"balance\",\"ok\":true,\"balance\":-5,"
	       "\"last_entry\":9,\"since_ms\":1700000000000" REST);
}

static void a_look_without_an_answer_says_so(void **state)
{
	(void)state;
	up();
	do_it(ask(TILL_DO_HISTORY, CARD));
	take(tally_Request_history_tag);
	pass(TILL_ANSWER_MS);
	expect_part("\"do\":\"history\",\"ok\":false,\"why\":\"server_away\"");
	forget();
	/* A late answer is not taken for the next one's. */
	do_it(ask(TILL_DO_BALANCE, CARD));
	answer_member(request.id, 1);
	expect("");
	take(tally_Request_balance_tag);
	answer_refusal(request.id, REFUSAL_CARD_UNKNOWN);
	expect_part("\"why\":\"card_unknown\"");
}

static void history_checkpoint_and_ping_are_passed_on(void **state)
{
	struct till_command command = ask(TILL_DO_HISTORY, CARD);
	tally_Reply reply;

	(void)state;
	up();
	command.before = 40;
	do_it(command);
	take(tally_Request_history_tag);
	assert_int_equal(request.body.history.before, 40);
	reply = reply_to(request.id, tally_Reply_history_tag);
	reply.body.history.lines_count = 1;
	reply.body.history.lines[0].entry = 7;
	reply.body.history.lines[0].kind = ENTRY_REDEEM;
	reply.body.history.lines[0].points = -150;
	strcpy(reply.body.history.lines[0].reward, "coffee");
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect("{\"do\":\"history\",\"ok\":true,\"lines\":[{\"entry\":7,"
	       "\"kind\":\"redeem\",\"time_ms\":0,\"points\":-150,"
	       "\"balance\":0,\"reward\":\"coffee\",\"terminal\":0}],"
	       "\"before\":0}\n");
	command = ask(TILL_DO_CHECKPOINT, "");
	command.entry = 7;
	command.old_size = 3;
	do_it(command);
	take(tally_Request_checkpoint_tag);
	assert_int_equal(request.body.checkpoint.entry, 7);
	assert_int_equal(request.body.checkpoint.old_size, 3);
	reply = reply_to(request.id, tally_Reply_checkpoint_tag);
	reply.body.checkpoint.size = 8;
	reply.body.checkpoint.note.size = 4;
	memcpy(reply.body.checkpoint.note.bytes, "a\n\"b", 4);
	reply.body.checkpoint.inclusion.size = 32;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect_part("\"size\":8,\"note\":\"a\\n\\\"b\",\"inclusion\":[\"0000");
	expect_part("\"consistency\":[]}");
	forget();
	do_it(ask(TILL_DO_PING, ""));
	take(tally_Request_ping_tag);
	reply = reply_to(request.id, tally_Reply_pong_tag);
	reply.body.pong.time_ms = 5;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
	expect("{\"do\":\"ping\",\"ok\":true,\"time_ms\":5}\n");
}

static void rewards_come_in_pages_and_are_remembered(void **state)
{
	(void)state;
	up();
	do_it(ask(TILL_DO_REWARDS, ""));
	take(tally_Request_rewards_tag);
	assert_int_equal(request.body.rewards.from, 0);
	answer_page(request.id, "coffee", 150, 1);
	expect("");
	take(tally_Request_rewards_tag);
	assert_int_equal(request.body.rewards.from, 1);
	answer_page(request.id, "cake", 300, 0);
	expect("{\"do\":\"rewards\",\"ok\":true,\"rewards\":["
	       "{\"reward\":\"coffee\",\"name\":\"coffee\",\"points\":150},"
	       "{\"reward\":\"cake\",\"name\":\"cake\",\"points\":300}]}\n");
	close_till();
	open_till();
	down();
	forget();
	do_it(ask(TILL_DO_REWARDS, ""));
	expect_part("\"points\":300}],\"cached\":true}");
}

static void pages_without_an_end_end(void **state)
{
	(void)state;
	up();
	do_it(ask(TILL_DO_REWARDS, ""));
	for (uint32_t i = 1; i <= REWARDS_MAX + 1u; i++) {
		take(tally_Request_rewards_tag);
		answer_page(request.id, "coffee", 1, i);
	}
	expect_part("\"do\":\"rewards\",\"ok\":true");
	forget();
	do_it(ask(TILL_DO_REWARDS, ""));
	take(tally_Request_rewards_tag);
	answer_page(request.id, "coffee", 1, 1);
	take(tally_Request_rewards_tag);
	answer_page(request.id, "coffee", 1, 1);
	expect_part("\"do\":\"rewards\",\"ok\":true");
}

static void a_new_programme_is_asked_for_and_an_old_one_now_and_then(
    void **state)
{
	(void)state;
	hear_rewards(0);
	till_link_lost(till, now_ms);
	up();
	take_nothing();
	pass(TILL_FACTS_MS);
	take(tally_Request_rewards_tag);
	answer_refusal(request.id, REFUSAL_OVERLOADED);
	assert_int_equal(till_facts(till)->reward_count, 1);
	take_nothing();
	hello.programme = 5;
	till_link_lost(till, now_ms);
	up();
	take(tally_Request_rewards_tag);
}

static void a_status_needs_nobody(void **state)
{
	(void)state;
	do_it(ask(TILL_DO_STATUS, ""));
	expect("{\"do\":\"status\",\"ok\":true,\"link\":\"trying\","
	       "\"waiting\":0,\"terminal\":0,\"cashier\":0,\"shop\":\"\","
	       "\"currency\":\"\"}\n");
	down();
	earn(CARD, 1);
	forget();
	do_it(ask(TILL_DO_STATUS, ""));
	expect_part("\"link\":\"down\",\"waiting\":1");
}

/* --- scans ---------------------------------------------------------------- */

static void a_scan_is_followed_by_its_member(void **state)
{
	(void)state;
	up();
	till_scan(till, CARD, now_ms);
	take(tally_Request_lookup_tag);
	assert_string_equal(request.body.lookup.card, CARD);
	answer_member(request.id, 112);
	expect("{\"event\":\"member\",\"card\":\"" CARD "\",\"ok\":true,"
	       "\"balance\":112,\"last_entry\":9,"
	       "\"since_ms\":1700000000000" REST);
	till_scan(till, OTHER, now_ms);
	take(tally_Request_lookup_tag);
	answer_refusal(request.id, REFUSAL_CARD_UNKNOWN);
	expect("{\"event\":\"member\",\"card\":\"" OTHER "\",\"ok\":false,"
	       "\"why\":\"card_unknown\",\"say\":\"Because.\"}\n");
}

static void scans_wait_for_the_open_command(void **state)
{
	(void)state;
	up();
	earn(CARD, 1);
	take(tally_Request_earn_tag);
	till_scan(till, CARD, now_ms);
	till_scan(till, OTHER, now_ms);
	till_scan(till, OTHER, now_ms);
	take_nothing();
	answer_operation(request.id, 1, 1);
	take(tally_Request_lookup_tag);
	assert_string_equal(request.body.lookup.card, OTHER);
	answer_member(request.id, 1);
	take_nothing();
	assert_true(till_is_ready(till));
}

static void no_more_scans_than_the_limit_wait(void **state)
{
	char card[16];
	unsigned answered = 0;

	(void)state;
	up();
	for (unsigned i = 0; i < 20; i++) {
		snprintf(card, sizeof card, "29%011u", i);
		till_scan(till, card, now_ms);
	}
	while (till_next_request(till, now_ms, &request)) {
		answer_member(request.id, 1);
		answered++;
	}
	assert_int_equal(answered, 1 + TILL_SCANS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_balance_is_asked_again_on_the_next_connection),
	    TEST(a_look_without_an_answer_says_so),
	    TEST(history_checkpoint_and_ping_are_passed_on),
	    TEST(rewards_come_in_pages_and_are_remembered),
	    TEST(pages_without_an_end_end),
	    TEST(a_new_programme_is_asked_for_and_an_old_one_now_and_then),
	    TEST(a_status_needs_nobody),
	    TEST(a_scan_is_followed_by_its_member),
	    TEST(scans_wait_for_the_open_command),
	    TEST(no_more_scans_than_the_limit_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
