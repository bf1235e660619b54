/*
 * till: the core with a scripted server and a scripted clock. What it shows is
 * looked at as the JSON lines that an integrator would read.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/json.h"
#include "client/till.h"

#define CARD "2912345678906"
#define OTHER "20123451"

/* --- a till, its folder, and what it showed ------------------------------- */

static char folder[64];
static struct outbox *outbox;
static struct till *till;
static struct buffer shown;
static uint64_t now_ms;
static tally_HelloReply hello;
static tally_Request request;

static void show(void *context, const struct till_result *result)
{
	json_append_result(context, result);
}

static void open_till(void)
{
	struct error err = {0};

	if (outbox_open(folder, &outbox, &err) != RESULT_OK ||
	    till_create(outbox, show, &shown, &till, &err) != RESULT_OK)
		fail_msg("%s", err.text);
}

static void close_till(void)
{
	till_destroy(till);
	outbox_close(outbox);
}

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/till-XXXXXX");
	assert_non_null(mkdtemp(folder));
	now_ms = 1000000;
	memset(&hello, 0, sizeof hello);
	hello.protocol = 1;
	hello.terminal = 3;
	strcpy(hello.shop, "Corner Coffee");
	strcpy(hello.currency, "EUR");
	open_till();
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	close_till();
	buffer_finish(&shown);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : 1;
}

static const char *shown_text(void)
{
	assert_int_equal(
	    buffer_append(&shown, bytes_of("", 1), NULL), RESULT_OK);
	shown.size--;
	return (const char *)shown.data;
}

static void forget(void)
{
	shown.size = 0;
}

/* All that was shown since the last time, exactly. */
static void expect(const char *lines)
{
	assert_string_equal(shown_text(), lines);
	forget();
}

static void expect_part(const char *part)
{
	if (!strstr(shown_text(), part))
		fail_msg("'%s' lacks '%s'", shown_text(), part);
}

static void expect_no(const char *part)
{
	if (strstr(shown_text(), part))
		fail_msg("'%s' has '%s'", shown_text(), part);
}

static void up(void)
{
	till_link_up(till, &hello, now_ms);
	forget();
}

static void down(void)
{
	till_link_down(till, "server_away", "It cannot be reached.", now_ms);
}

static void pass(uint64_t ms)
{
	now_ms += ms;
	till_time(till, now_ms);
	till_told(till, now_ms);
}

static struct till_command ask(enum till_do what, const char *card)
{
	struct till_command command = {.what = what};

	snprintf(command.card, sizeof command.card, "%s", card);
	return command;
}

static void do_it(struct till_command command)
{
	assert_true(till_is_ready(till));
	till_command(till, &command, now_ms);
}

static void earn(const char *card, uint64_t amount_minor)
{
	struct till_command command = ask(TILL_DO_EARN, card);

	command.amount_minor = amount_minor;
	strcpy(command.receipt, "A-17");
	do_it(command);
}

static void redeem(const char *card, const char *reward)
{
	struct till_command command = ask(TILL_DO_REDEEM, card);

	snprintf(command.reward, sizeof command.reward, "%s", reward);
	do_it(command);
}

static void return_goods(uint64_t entry, uint64_t amount_minor)
{
	struct till_command command = ask(TILL_DO_RETURN, "");

	command.entry = entry;
	command.amount_minor = amount_minor;
	do_it(command);
}

static void login(uint32_t cashier, const char *pin)
{
	struct till_command command = ask(TILL_DO_LOGIN, "");

	command.cashier = cashier;
	snprintf(command.pin, sizeof command.pin, "%s", pin);
	do_it(command);
}

/* The next request must be there and be of this kind. */
static void take(pb_size_t body)
{
	assert_true(till_next_request(till, now_ms, &request));
	assert_int_equal(request.which_body, body);
}

static void take_nothing(void)
{
	assert_false(till_next_request(till, now_ms, &request));
}

static tally_Reply reply_to(uint64_t id, pb_size_t body)
{
	tally_Reply reply = tally_Reply_init_zero;

	reply.id = id;
	reply.which_body = body;
	return reply;
}

static void answer_operation(uint64_t id, int64_t points, int64_t balance)
{
	tally_Reply reply = reply_to(id, tally_Reply_operation_tag);

	reply.body.operation.entry = 57;
	reply.body.operation.points = points;
	reply.body.operation.balance = balance;
	reply.body.operation.hash.size = 32;
	memset(reply.body.operation.hash.bytes, 0xab, 32);
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void answer_refusal(uint64_t id, enum refusal_code code)
{
	tally_Reply reply = reply_to(id, tally_Reply_refusal_tag);

	reply.body.refusal.code = code;
	strcpy(reply.body.refusal.say, "Because.");
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void answer_login(uint64_t id, uint8_t fill)
{
	tally_Reply reply = reply_to(id, tally_Reply_login_tag);

	reply.body.login.ticket.size = OPERATION_TICKET_SIZE;
	memset(reply.body.login.ticket.bytes, fill, OPERATION_TICKET_SIZE);
	strcpy(reply.body.login.name, "Front desk");
	reply.body.login.role = ROLE_CASHIER;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void answer_page(
    uint64_t id, const char *reward, uint64_t points, uint32_t next)
{
	tally_Reply reply = reply_to(id, tally_Reply_rewards_tag);

	reply.body.rewards.rewards_count = 1;
	strcpy(reply.body.rewards.rewards[0].id, reward);
	strcpy(reply.body.rewards.rewards[0].name, reward);
	reply.body.rewards.rewards[0].points = points;
	reply.body.rewards.next = next;
	reply.body.rewards.programme = 2;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

/* A shop whose reward "coffee" of 150 points the till has heard of. */
static void hear_rewards(uint64_t offline_points_max)
{
	hello.programme = 2;
	hello.offline_redeem_points_max = offline_points_max;
	up();
	take(tally_Request_rewards_tag);
	answer_page(request.id, "coffee", 150, 0);
	take_nothing();
	forget();
}

#define HASH "abababababababababababababababababababababababababababababababab"
#define DONE                                                      \
	"\"ok\":true,\"points\":12,\"balance\":112,\"entry\":57," \
	"\"hash\":\"" HASH "\""

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
	assert_true(request.body.earn.has_operation);
	assert_int_equal(request.body.earn.operation.counter, 1);
	assert_int_equal(request.body.earn.operation.random.size, 16);
	assert_memory_equal(
	    request.body.earn.operation.random.bytes, kept.random, 16);
	assert_int_equal(request.body.earn.operation.ticket.size, 0);
	take_nothing();
	answer_operation(request.id, 12, 112);
	expect("{\"do\":\"earn\"," DONE "}\n");
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
	       "\"card\":\"" CARD "\"," DONE "}\n");
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
	expect("{\"do\":\"earn\",\"ok\":true,\"points\":0,\"balance\":0,"
	       "\"entry\":5,\"hash\":\"\",\"repeated\":true}\n");
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
	for (int code = 1; code <= REFUSAL_SHUTTING_DOWN; code++) {
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

static void log_in(uint32_t cashier, uint8_t fill)
{
	login(cashier, "1234");
	take(tally_Request_login_tag);
	answer_login(request.id, fill);
	forget();
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
	expect("{\"do\":\"earn\"," DONE "}\n");
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
	expect("{\"do\":\"earn\"," DONE "}\n");
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
	       "\"last_entry\":9,\"since_ms\":1700000000000}\n");
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
	       "\"since_ms\":1700000000000}\n");
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
	    TEST(only_a_last_word_takes_an_operation_out_of_the_outbox),
	    TEST(to_be_shut_out_does_not_settle_what_may_have_counted),
	    TEST(not_now_is_tried_again_after_pauses_that_double),
	    TEST(a_name_that_is_anothers_is_changed_and_the_sale_sent_again),
	    TEST(a_new_name_does_not_let_a_sale_overtake_its_enrolment),
	    TEST(a_new_name_that_cannot_be_kept_is_not_taken),
	    TEST(what_is_saved_by_a_refusal_says_what_to_do),
	    TEST(a_long_sentence_is_cut_between_characters),
	    TEST(a_new_connection_does_not_wait_for_an_old_pause),
	    TEST(a_fork_stops_the_till),
	    TEST(a_fork_at_hello_stops_the_till),
	    TEST(a_refused_hello_is_a_link_that_is_down_for_that_reason),
	    TEST(a_revoked_till_saves_nothing_until_it_is_let_in_again),
	    TEST(a_till_that_needs_a_cashier_saves_nothing_without_one),
	    TEST(what_was_saved_with_nobody_there_is_sent_after_a_login),
	    TEST(a_ticket_that_ran_out_keeps_the_sale_until_a_login),
	    TEST(an_old_ticket_gives_way_to_the_one_of_who_is_there_now),
	    TEST(a_ticket_outlives_a_break_but_not_a_logout),
	    TEST(a_login_is_never_sent_twice),
	    TEST(a_backlog_goes_out_in_order_sixteen_at_a_time),
	    TEST(operations_of_one_card_go_one_after_another),
	    TEST(the_open_sale_is_answered_beside_the_backlog),
	    TEST(answers_to_nothing_are_passed_over),
	    TEST(a_sale_that_cannot_be_saved_is_refused_and_not_sent),
	    TEST(an_answer_is_shown_even_where_the_disk_forgets_it_late),
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
