/*
 * till: the operations of a whole programme: what is sent for each, and what is
 * said of each while there is no answer.
 */
#include "tests/unit/client/till_world.h"

/* A whole command of each kind, with all that it may have. */
static struct till_command whole(enum till_do what)
{
	struct till_command command = ask(what, CARD);

	strcpy(command.other_card, OTHER);
	strcpy(command.receipt, "A-18");
	strcpy(command.reward, "cash");
	strcpy(command.text, "why");
	command.amount_minor = 1250;
	command.paid_minor = 200;
	command.points = 50;
	command.entry = 58;
	command.created_ms = 1700000000123;
	return command;
}

static void add_line(struct till_command *command, int64_t amount_minor)
{
	struct writer writer = writer_of(command->list, sizeof command->list);
	struct sale_line line = {
	    bytes_of_string("fruit"), bytes_of_string("4011"), 2, amount_minor};

	writer.size = command->list_size;
	sale_line_write(&writer, &line);
	command->list_size = (uint16_t)writer.size;
}

static void send(enum till_do what, pb_size_t body)
{
	do_it(whole(what));
	take(body);
}

static void settle_it(void)
{
	answer_operation(request.id, 12, 112);
	forget();
}

/* --- requests ------------------------------------------------------------- */

static void a_sale_is_sent_with_its_lines_and_its_time(void **state)
{
	struct till_command command = whole(TILL_DO_EARN);
	const tally_Earn *earn = &request.body.earn;

	(void)state;
	up();
	add_line(&command, 1300);
	add_line(&command, -50);
	do_it(command);
	take(tally_Request_earn_tag);
	assert_int_equal(earn->amount_minor, 1250);
	assert_int_equal(earn->paid_minor, 200);
	assert_int_equal(earn->sold_ms, 1700000000123);
	assert_int_equal(earn->lines_count, 2);
	assert_string_equal(earn->lines[0].category, "fruit");
	assert_string_equal(earn->lines[0].product, "4011");
	assert_int_equal(earn->lines[0].quantity, 2);
	assert_int_equal(earn->lines[0].amount_minor, 1300);
	assert_int_equal(earn->lines[1].amount_minor, -50);
	/* Of a sale that waited it is still the time when it was made. */
	till_link_lost(till, now_ms);
	close_till();
	open_till();
	up();
	take(tally_Request_earn_tag);
	assert_int_equal(earn->sold_ms, 1700000000123);
	assert_int_equal(earn->lines_count, 2);
}

static void a_sale_without_a_card_is_claimed_later(void **state)
{
	(void)state;
	up();
	send(TILL_DO_SALE, tally_Request_sale_tag);
	assert_int_equal(request.body.sale.amount_minor, 1250);
	assert_string_equal(request.body.sale.receipt, "A-18");
	assert_int_equal(request.body.sale.sold_ms, 1700000000123);
	assert_true(request.body.sale.has_operation);
	assert_int_equal(request.body.sale.operation.counter, 1);
	answer_operation(request.id, 0, 0);
	expect_part("{\"do\":\"sale\",\"ok\":true,\"entry\":57,");
	forget();
	send(TILL_DO_CLAIM, tally_Request_earn_tag);
	assert_int_equal(request.body.earn.claim, 58);
	assert_string_equal(request.body.earn.card, CARD);
	assert_string_equal(request.body.earn.receipt, "A-18");
	/* Amount, lines and time are the sale's. */
	assert_int_equal(request.body.earn.amount_minor, 0);
	assert_int_equal(request.body.earn.paid_minor, 0);
	assert_int_equal(request.body.earn.sold_ms, 0);
	answer_operation(request.id, 12, 112);
	expect_part("{\"do\":\"claim\",\"ok\":true,\"points\":12,");
}

static void points_are_held_captured_or_paid_with(void **state)
{
	const tally_Redeem *redeem = &request.body.redeem;

	(void)state;
	up();
	do_it(whole(TILL_DO_HOLD));
	take(tally_Request_hold_tag);
	assert_string_equal(request.body.hold.card, CARD);
	assert_string_equal(request.body.hold.reward, "cash");
	assert_int_equal(request.body.hold.points, 50);
	assert_int_equal(request.body.hold.amount_minor, 1250);
	settle_it();
	struct till_command capture = ask(TILL_DO_CAPTURE, "");

	capture.entry = 58;
	do_it(capture);
	take(tally_Request_redeem_tag);
	assert_int_equal(redeem->hold, 58);
	assert_string_equal(redeem->card, "");
	assert_int_equal(redeem->operation.counter, 2);
	answer_operation(request.id, -50, 62);
	expect_part("{\"do\":\"capture\",\"ok\":true,\"points\":-50,");
	forget();
	do_it(whole(TILL_DO_REDEEM));
	take(tally_Request_redeem_tag);
	assert_int_equal(redeem->points, 50);
	assert_int_equal(redeem->amount_minor, 1250);
	assert_string_equal(redeem->reward, "cash");
}

static void lines_or_points_come_back(void **state)
{
	struct till_command command = ask(TILL_DO_RETURN, "");
	struct writer writer = writer_of(command.list, sizeof command.list);
	struct back back = {3, 1, 150};
	const tally_Return *returned = &request.body.return_goods;

	(void)state;
	up();
	back_write(&writer, &back);
	command.list_size = (uint16_t)writer.size;
	command.entry = 57;
	command.amount_minor = 150;
	do_it(command);
	take(tally_Request_return_goods_tag);
	assert_int_equal(returned->entry, 57);
	assert_int_equal(returned->lines_count, 1);
	assert_int_equal(returned->lines[0].line, 3);
	assert_int_equal(returned->lines[0].quantity, 1);
	assert_int_equal(returned->lines[0].amount_minor, 150);
	settle_it();
	command = ask(TILL_DO_RETURN, "");
	command.entry = 60;
	command.points = 75;
	do_it(command);
	take(tally_Request_return_goods_tag);
	assert_int_equal(returned->points, 75);
	assert_int_equal(returned->amount_minor, 0);
}

static void points_move_by_hand(void **state)
{
	struct till_command command = whole(TILL_DO_GOODWILL);

	(void)state;
	up();
	log_in(3, 7);
	send(TILL_DO_TRANSFER, tally_Request_transfer_tag);
	assert_string_equal(request.body.transfer.card, CARD);
	assert_string_equal(request.body.transfer.to, OTHER);
	assert_int_equal(request.body.transfer.points, 50);
	settle_it();
	command.points = -20;
	do_it(command);
	take(tally_Request_adjust_tag);
	assert_string_equal(request.body.adjust.card, CARD);
	assert_int_equal(request.body.adjust.points, -20);
	assert_string_equal(request.body.adjust.reason, "why");
	assert_int_equal(request.body.adjust.second, 0);
	assert_string_equal(request.body.adjust.second_pin, "");
}

static void members_and_cards_are_changed(void **state)
{
	struct till_command command = whole(TILL_DO_CARD_BLOCK);

	(void)state;
	up();
	send(TILL_DO_ENROL, tally_Request_enrol_tag);
	assert_string_equal(request.body.enrol.referrer, OTHER);
	settle_it();
	send(TILL_DO_CARD_ADD, tally_Request_card_add_tag);
	assert_string_equal(request.body.card_add.card, CARD);
	assert_string_equal(request.body.card_add.new_card, OTHER);
	settle_it();
	command.off = true;
	do_it(command);
	take(tally_Request_card_block_tag);
	assert_string_equal(request.body.card_block.reason, "why");
	assert_true(request.body.card_block.unblock);
	settle_it();
	send(TILL_DO_JOIN, tally_Request_join_tag);
	assert_string_equal(request.body.join.card, CARD);
	assert_string_equal(request.body.join.with, OTHER);
	settle_it();
	send(TILL_DO_LEAVE, tally_Request_leave_tag);
	assert_string_equal(request.body.leave.card, CARD);
	settle_it();
	command = whole(TILL_DO_MEMBER_SET);
	command.off = true;
	do_it(command);
	take(tally_Request_member_set_tag);
	assert_string_equal(request.body.member_set.segment, "why");
	assert_true(request.body.member_set.remove);
	assert_false(request.body.member_set.details);
	answer_operation(request.id, 0, 112);
	expect_part("{\"do\":\"member\",\"ok\":true,");
}

/* --- without an answer ---------------------------------------------------- */

static const enum till_do saved[] = {TILL_DO_ENROL, TILL_DO_EARN, TILL_DO_SALE,
    TILL_DO_CLAIM, TILL_DO_CARD_ADD, TILL_DO_CARD_BLOCK, TILL_DO_JOIN,
    TILL_DO_LEAVE, TILL_DO_MEMBER_SET};
static const enum till_do given[] = {TILL_DO_HOLD, TILL_DO_CAPTURE,
    TILL_DO_RETURN, TILL_DO_TRANSFER, TILL_DO_GOODWILL};

static void what_gives_nothing_out_is_saved_with_the_server_away(void **state)
{
	for (size_t i = 0; i < sizeof saved / sizeof *saved; i++) {
		char line[64];

		down();
		forget();
		do_it(whole(saved[i]));
		snprintf(line, sizeof line,
		    "{\"do\":\"%s\",\"ok\":true,\"pending\":true",
		    till_do_name(saved[i]));
		expect_part(line);
		up();
		assert_true(till_next_request(till, now_ms, &request));
		answer_operation(request.id, 12, 112);
		snprintf(line, sizeof line,
		    "{\"event\":\"settled\",\"do\":\"%s\"",
		    till_do_name(saved[i]));
		expect_part(line);
		assert_int_equal(outbox_count(outbox), 0);
		end(state);
		begin(state);
	}
}

static void what_gives_something_out_is_refused_with_the_server_away(
    void **state)
{
	(void)state;
	down();
	for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
		forget();
		do_it(whole(given[i]));
		expect_part(
		    "\"ok\":false,\"why\":\"server_away\",\"say\":\"The "
		    "server cannot be reached");
	}
	assert_int_equal(outbox_next_counter(outbox), 1);
}

static void what_gives_something_out_is_unknown_without_an_answer(void **state)
{
	for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
		char line[80];

		up();
		log_in(3, 7);
		do_it(whole(given[i]));
		assert_true(till_next_request(till, now_ms, &request));
		pass(TILL_ANSWER_MS);
		snprintf(line, sizeof line,
		    "{\"do\":\"%s\",\"ok\":false,\"pending\":true,"
		    "\"operation\":1,\"why\":\"unknown\"",
		    till_do_name(given[i]));
		expect_part(line);
		assert_int_equal(outbox_count(outbox), 1);
		end(state);
		begin(state);
	}
}

/* A reward whose price is what the cashier says. */
static void hear_of_cash(uint64_t offline_points_max)
{
	tally_Reply reply;

	hello.programme = 2;
	hello.offline_redeem_points_max = offline_points_max;
	up();
	take(tally_Request_rewards_tag);
	reply = reply_to(request.id, tally_Reply_rewards_tag);
	reply.body.rewards.rewards_count = 2;
	strcpy(reply.body.rewards.rewards[0].id, "later");
	reply.body.rewards.rewards[0].kind = 4;
	strcpy(reply.body.rewards.rewards[1].id, "cash");
	strcpy(reply.body.rewards.rewards[1].name, "Cash");
	reply.body.rewards.rewards[1].kind = REWARD_MONEY;
	reply.body.rewards.rewards[1].money_points = 100;
	reply.body.rewards.rewards[1].money_minor = 101;
	reply.body.rewards.rewards[1].money_step = 50;
	reply.body.rewards.rewards[1].percent = 60;
	reply.body.rewards.programme = 2;
	till_reply(till, &reply, now_ms);
	take_nothing();
	forget();
}

static void points_as_money_count_against_the_limit_as_they_are(void **state)
{
	struct till_command command = whole(TILL_DO_REDEEM);

	(void)state;
	hear_of_cash(300);
	/* A kind of reward that a later server has is passed over. */
	assert_int_equal(till_facts(till)->reward_count, 1);
	assert_int_equal(till_facts(till)->rewards[0].money_share_max, 60);
	down();
	forget();
	command.points = 200;
	do_it(command);
	expect_part("\"ok\":true,\"pending\":true");
	forget();
	do_it(command);
	expect_part("can redeem 300 points; 200 are used and Cash takes 200");
	forget();
	command.points = 0;
	do_it(command);
	expect_part("\"why\":\"points_invalid\"");
	forget();
	command.points = 100;
	do_it(command);
	expect_part("\"ok\":true");
}

/* --- two cards ------------------------------------------------------------ */

static void an_operation_of_two_cards_waits_for_both(void **state)
{
	struct till_command command = ask(TILL_DO_CARD_ADD, CARD);

	(void)state;
	down();
	earn(CARD, 1);
	strcpy(command.other_card, OTHER);
	do_it(command);
	earn(OTHER, 2);
	earn("29000000000017", 3);
	up();
	take(tally_Request_earn_tag);
	assert_string_equal(request.body.earn.card, CARD);
	uint64_t first = request.id;

	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.amount_minor, 3);
	take_nothing();
	answer_operation(first, 1, 1);
	take(tally_Request_card_add_tag);
	take_nothing();
	answer_operation(request.id, 0, 1);
	take(tally_Request_earn_tag);
	assert_string_equal(request.body.earn.card, OTHER);
}

static void a_hold_and_its_capture_say_what_is_off(void **state)
{
	tally_Reply reply;

	(void)state;
	up();
	send(TILL_DO_HOLD, tally_Request_hold_tag);
	reply = reply_to(request.id, tally_Reply_operation_tag);
	reply.body.operation.entry = 60;
	reply.body.operation.value_minor = 50;
	reply.body.operation.until_ms = 1700000600000;
	reply.body.operation.balance = 112;
	reply.body.operation.spendable = 62;
	till_reply(till, &reply, now_ms);
	expect("{\"do\":\"hold\",\"ok\":true,\"points\":0,\"balance\":112,"
	       "\"entry\":60,\"hash\":\"\",\"operation\":1,\"spendable\":62,"
	       "\"value\":50,\"hold\":60,\"until_ms\":1700000600000}\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(a_sale_is_sent_with_its_lines_and_its_time),
	    TEST(a_sale_without_a_card_is_claimed_later),
	    TEST(points_are_held_captured_or_paid_with),
	    TEST(lines_or_points_come_back),
	    TEST(points_move_by_hand),
	    TEST(members_and_cards_are_changed),
	    TEST(what_gives_nothing_out_is_saved_with_the_server_away),
	    TEST(what_gives_something_out_is_refused_with_the_server_away),
	    TEST(what_gives_something_out_is_unknown_without_an_answer),
	    TEST(points_as_money_count_against_the_limit_as_they_are),
	    TEST(an_operation_of_two_cards_waits_for_both),
	    TEST(a_hold_and_its_capture_say_what_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
