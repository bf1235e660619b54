/*
 * prompt: what a cashier types for sales, rewards and undoing, and what the
 * screen says and remembers.
 */
#include "tests/unit/client/prompt_world.h"

/* --- sales ---------------------------------------------------------------- */

static void a_sale_without_a_card_needs_no_customer(void **state)
{
	tally_OperationReply reply = {.entry = 58};

	(void)state;
	prompt.card[0] = '\0';
	ask("sale 12.50", TILL_DO_SALE);
	assert_int_equal(command.amount_minor, 1250);
	assert_string_equal(command.receipt, "");
	assert_string_equal(command.card, "");
	show(TILL_DO_SALE, TILL_DONE, &reply);
	assert_string_equal(said(), "12.50 without a card. Sale 58. Its points "
				    "can be claimed later: claim 58\n");
	ask("sale 12,50 A-18 left", TILL_DO_SALE);
	assert_string_equal(command.receipt, "A-18 left");
	show(TILL_DO_SALE, TILL_DONE, &reply);
	assert_non_null(strstr(said(), "later: claim 58 A-18 left\n"));
	fault("sale", "like: sale 12.50");
	fault("sale x", "Type it like 12.50");
	fault("sale 5 12345678901234567890123456789012345678901", "too long");
}

static void its_points_are_claimed_for_a_customer(void **state)
{
	tally_OperationReply reply = reply_of(12, 124);

	(void)state;
	ask("claim 58 A-18", TILL_DO_CLAIM);
	assert_int_equal(command.entry, 58);
	assert_string_equal(command.receipt, "A-18");
	assert_string_equal(command.card, CARD);
	show(TILL_DO_CLAIM, TILL_DONE, &reply);
	assert_string_equal(
	    said(), "Claimed. +12 points. 124 points to spend.\n");
	fault("claim", "claim 58 A-18");
	fault("claim A-18 58", "claim 58 A-18");
	prompt.card[0] = '\0';
	fault("claim 58", "Scan the customer's card first");
}

/* --- rewards -------------------------------------------------------------- */

static void a_reward_says_what_has_to_be_typed_with_it(void **state)
{
	(void)state;
	ask("r cash 200 12.50", TILL_DO_REDEEM);
	assert_string_equal(command.reward, "cash");
	assert_int_equal(command.points, 200);
	assert_int_equal(command.amount_minor, 1250);
	fault("r cash", "How many points?");
	fault("r cash 2.00", "How many points?");
	fault("r cash 200", "How large is the sale?");
	fault("r cash 200 12.50 5", "more than I understand");
	ask("r tenth 25", TILL_DO_REDEEM);
	assert_int_equal(command.points, 0);
	assert_int_equal(command.amount_minor, 2500);
	fault("r tenth", "like: redeem tenth 12.50");
	ask("r five", TILL_DO_REDEEM);
	assert_int_equal(command.amount_minor, 0);
	ask("r five 4.00", TILL_DO_REDEEM);
	assert_int_equal(command.amount_minor, 400);
	/* One that this till has not heard of: points are a whole number. */
	ask("r other 200 12.50", TILL_DO_REDEEM);
	assert_int_equal(command.points, 200);
	assert_int_equal(command.amount_minor, 1250);
	ask("r other 12.50", TILL_DO_REDEEM);
	assert_int_equal(command.points, 0);
	assert_int_equal(command.amount_minor, 1250);
}

static void what_is_off_is_paid_with_points_in_the_next_sale(void **state)
{
	tally_OperationReply reply = reply_of(-200, 140);

	(void)state;
	ask("r cash 200 12.50", TILL_DO_REDEEM);
	reply.value_minor = 200;
	show(TILL_DO_REDEEM, TILL_DONE, &reply);
	assert_string_equal(said(), "Take 2.00 off: Pay with points. -200 "
				    "points. 140 points to spend.\n");
	ask("12.50", TILL_DO_EARN);
	assert_int_equal(command.amount_minor, 1250);
	assert_int_equal(command.paid_minor, 200);
	/* A sale that is refused leaves it for the next try. */
	show(TILL_DO_EARN, TILL_REFUSED, NULL);
	said();
	ask("12.50", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 200);
	reply = reply_of(10, 150);
	show(TILL_DO_EARN, TILL_DONE, &reply);
	assert_string_equal(said(), "12.50 (2.00 of it with points): +10 "
				    "points. Sale 60. 150 points to spend.\n");
	ask("12.50", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 0);
}

static void no_more_than_the_sale_is_paid_with_points(void **state)
{
	tally_OperationReply reply = reply_of(-500, 0);

	(void)state;
	reply.value_minor = 500;
	show(TILL_DO_REDEEM, TILL_DONE, &reply);
	ask("3.00", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 300);
	/* And nothing of it by the next customer. */
	prompt_append_scan(&prompt,
	    &(struct card_reader_event){
		.kind = CARD_READER_FAULT, .name = "x", .say = "x"},
	    &output);
	strcpy(prompt.card, CARD);
	ask("3.00", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 0);
}

static void a_hold_is_captured_without_its_number(void **state)
{
	tally_OperationReply reply = reply_of(0, 0);

	(void)state;
	fault("capture", "Nothing is held");
	ask("hold coffee", TILL_DO_HOLD);
	assert_string_equal(command.reward, "coffee");
	assert_string_equal(command.card, CARD);
	reply.balance = 150;
	reply.time_ms = 1700000000000;
	reply.until_ms = 1700000600000;
	show(TILL_DO_HOLD, TILL_DONE, &reply);
	assert_string_equal(said(),
	    "Held as 60: Coffee, for 10 minutes. Type 'capture' when it is "
	    "handed out, or 'void'. 0 points to spend.\n");
	ask("capture", TILL_DO_CAPTURE);
	assert_int_equal(command.entry, 60);
	reply = reply_of(-150, 0);
	show(TILL_DO_CAPTURE, TILL_DONE, &reply);
	assert_string_equal(
	    said(), "Hand out: Coffee. -150 points. 0 points to spend.\n");
	fault("capture", "Nothing is held");
	ask("capture 77", TILL_DO_CAPTURE);
	assert_int_equal(command.entry, 77);
	fault("capture x", "capture 60");
}

/* Of a sale whose points are held, the part that they pay earns nothing. */
static void what_is_held_off_the_sale_is_paid_with_points(void **state)
{
	tally_OperationReply reply = reply_of(0, 140);

	(void)state;
	ask("hold cash 200 12.50", TILL_DO_HOLD);
	assert_int_equal(command.points, 200);
	reply.value_minor = 200;
	show(TILL_DO_HOLD, TILL_DONE, &reply);
	assert_non_null(strstr(said(), "Pay with points, 2.00 off, for"));
	reply = reply_of(-200, 140);
	reply.value_minor = 200;
	show(TILL_DO_CAPTURE, TILL_DONE, &reply);
	said();
	ask("12.50", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 200);
}

/* --- undoing -------------------------------------------------------------- */

static void the_last_operation_is_undone_without_its_number(void **state)
{
	tally_OperationReply reply = reply_of(12, 112);

	(void)state;
	fault("void", "Nothing was entered for this customer");
	show(TILL_DO_EARN, TILL_DONE, &reply);
	ask("void", TILL_DO_VOID);
	assert_int_equal(command.operation, 12);
	reply = reply_of(-12, 100);
	said();
	show(TILL_DO_VOID, TILL_DONE, &reply);
	assert_string_equal(
	    said(), "Undone. -12 points. 100 points to spend.\n");
	/* Of what never came there is no member. */
	reply = reply_of(0, 0);
	show(TILL_DO_VOID, TILL_DONE, &reply);
	assert_string_equal(said(), "Undone.\n");
	fault("void", "That was undone already.");
	ask("void 7", TILL_DO_VOID);
	assert_int_equal(command.operation, 7);
	fault("void x", "like: void 12");
}

/* Not by typing it twice, but it is named. */
static void what_was_entered_before_the_last_is_undone_by_its_number(
    void **state)
{
	tally_OperationReply reply = reply_of(12, 112);

	(void)state;
	show(TILL_DO_REDEEM, TILL_DONE, &reply);
	number = 15;
	show(TILL_DO_EARN, TILL_SAVED, NULL);
	/* The same one, now that it was sent. */
	show(TILL_DO_EARN, TILL_DONE, &reply);
	ask("void", TILL_DO_VOID);
	assert_int_equal(command.operation, 15);
	number = 16;
	show(TILL_DO_VOID, TILL_DONE, &reply);
	said();
	fault("void", "For what was entered before it, type: void 12\n");
	ask("void 12", TILL_DO_VOID);
	show(TILL_DO_VOID, TILL_DONE, &reply);
	said();
	fault("void", "That was undone already.\n");
	/* What is entered next is the last one again. */
	number = 17;
	show(TILL_DO_EARN, TILL_DONE, &reply);
	ask("void", TILL_DO_VOID);
	assert_int_equal(command.operation, 17);
}

static void what_is_saved_or_unknown_can_be_undone_too(void **state)
{
	struct till_result result = {.kind = TILL_ANSWER,
	    .what = TILL_DO_VOID,
	    .id = "",
	    .card = "",
	    .unsent = true};

	(void)state;
	show(TILL_DO_EARN, TILL_SAVED, NULL);
	assert_string_equal(said(), "Said.\n");
	ask("void", TILL_DO_VOID);
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(said(), "Undone before it was sent.\n");
	number = 13;
	show(TILL_DO_REDEEM, TILL_UNKNOWN, NULL);
	assert_string_equal(said(), "Said. To give it up, type: void 13\n");
	ask("void", TILL_DO_VOID);
	/* What was refused left nothing to undo. */
	begin(NULL);
	show(TILL_DO_EARN, TILL_REFUSED, NULL);
	said();
	fault("void", "Nothing was entered");
}

static void what_has_a_new_number_is_undone_under_it(void **state)
{
	struct till_result result = {.kind = TILL_RENUMBERED,
	    .what = TILL_DO_EARN,
	    .id = "",
	    .card = "",
	    .operation = 12,
	    .now = 20};

	(void)state;
	show(TILL_DO_EARN, TILL_SAVED, NULL);
	prompt_append_result(&prompt, &result, &facts, &output);
	ask("void", TILL_DO_VOID);
	assert_int_equal(command.operation, 20);
}

static void the_next_customer_starts_with_nothing(void **state)
{
	static tally_MemberReply member = {.balance = 5, .spendable = 5};
	tally_OperationReply reply = reply_of(0, 0);
	struct till_result result = {.kind = TILL_MEMBER,
	    .what = TILL_DO_MEMBER,
	    .id = "",
	    .card = OTHER,
	    .member = &member};

	(void)state;
	reply.value_minor = 200;
	show(TILL_DO_HOLD, TILL_DONE, &reply);
	prompt_append_result(&prompt, &result, &facts, &output);
	said();
	fault("capture", "Nothing is held");
	fault("void", "Nothing was entered");
	ask("12.50", TILL_DO_EARN);
	assert_int_equal(command.paid_minor, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
	    TEST(a_sale_without_a_card_needs_no_customer),
	    TEST(its_points_are_claimed_for_a_customer),
	    TEST(a_reward_says_what_has_to_be_typed_with_it),
	    TEST(what_is_off_is_paid_with_points_in_the_next_sale),
	    TEST(no_more_than_the_sale_is_paid_with_points),
	    TEST(a_hold_is_captured_without_its_number),
	    TEST(what_is_held_off_the_sale_is_paid_with_points),
	    TEST(the_last_operation_is_undone_without_its_number),
	    TEST(what_was_entered_before_the_last_is_undone_by_its_number),
	    TEST(what_is_saved_or_unknown_can_be_undone_too),
	    TEST(what_has_a_new_number_is_undone_under_it),
	    TEST(the_next_customer_starts_with_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
