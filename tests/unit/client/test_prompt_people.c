/*
 * prompt: what a cashier types about points, cards and members, and how a
 * member and the rewards are shown.
 */
#include "tests/unit/client/prompt_world.h"

/* --- points and people ---------------------------------------------------- */

static void goodwill_has_points_and_a_reason(void **state)
{
	tally_OperationReply reply = reply_of(20, 132);

	(void)state;
	ask("goodwill 20 coffee was cold  again ", TILL_DO_GOODWILL);
	assert_int_equal(command.points, 20);
	assert_string_equal(command.text, "coffee was cold  again");
	assert_int_equal(command.second, 0);
	show(TILL_DO_GOODWILL, TILL_DONE, &reply);
	assert_string_equal(said(), "+20 points. 132 points to spend.\n");
	ask("goodwill -20 mistake", TILL_DO_GOODWILL);
	assert_int_equal(command.points, -20);
	fault("goodwill", "like: goodwill 20");
	fault("goodwill 20", "like: goodwill 20");
	fault("goodwill 0 x", "like: goodwill 20");
	fault("goodwill cold 20", "like: goodwill 20");
	fault("goodwill 20 123456789012345678901234567890123456789012345678901"
	      "234567890123456789012345678901",
	    "fewer words");
}

static void refuse_goodwill(void)
{
	struct till_result result = {.kind = TILL_ANSWER,
	    .what = TILL_DO_GOODWILL,
	    .end = TILL_REFUSED,
	    .id = "",
	    .card = CARD,
	    .why = "second_required",
	    .refusal = {
		.code = REFUSAL_SECOND_REQUIRED, .say = "Above your ceiling."}};

	prompt_append_result(&prompt, &result, &facts, &output);
}

static void a_second_person_allows_a_goodwill_with_a_pin(void **state)
{
	(void)state;
	fault("second 4", "nothing to allow");
	ask("goodwill 900 long wait", TILL_DO_GOODWILL);
	refuse_goodwill();
	assert_string_equal(said(),
	    "Above your ceiling. A supervisor can allow it: type 'second' and "
	    "the supervisor's number.\n");
	fault("second", "like: second 4");
	assert_int_equal(type("second 4"), PROMPT_PIN);
	prompt_append_mark(&prompt, &output);
	assert_string_equal(said(), "PIN: ");
	ask("4711", TILL_DO_GOODWILL);
	assert_int_equal(command.second, 4);
	assert_string_equal(command.pin, "4711");
	assert_int_equal(command.points, 900);
	assert_string_equal(command.text, "long wait");
	assert_string_equal(command.card, CARD);
	assert_int_equal(type("second 4"), PROMPT_PIN);
	fault("", "Not allowed.");
	/* A login is a login again. */
	assert_int_equal(type("login 3"), PROMPT_PIN);
	ask("4711", TILL_DO_LOGIN);
	assert_int_equal(command.second, 0);
}

static void cards_and_members_are_named_by_their_card(void **state)
{
	tally_OperationReply reply = reply_of(-50, 62);

	(void)state;
	ask("transfer " OTHER " 50", TILL_DO_TRANSFER);
	assert_string_equal(command.other_card, OTHER);
	assert_int_equal(command.points, 50);
	show(TILL_DO_TRANSFER, TILL_DONE, &reply);
	assert_string_equal(said(), "Transferred to 20…3451. -50 points. 62 "
				    "points to spend.\n");
	fault("transfer 50 " OTHER, "too short");
	fault("transfer " OTHER, "like: transfer CARD 50");
	fault("transfer 20123452 50", "check digit");
	reply = reply_of(0, 62);
	ask("card " OTHER, TILL_DO_CARD_ADD);
	assert_string_equal(command.card, CARD);
	assert_string_equal(command.other_card, OTHER);
	show(TILL_DO_CARD_ADD, TILL_DONE, &reply);
	assert_string_equal(said(), "The customer now has card 20…3451. 62 "
				    "points to spend.\n");
	fault("card", "like: card CARD");
	ask("join " OTHER, TILL_DO_JOIN);
	show(TILL_DO_JOIN, TILL_DONE, &reply);
	assert_string_equal(said(), "Pools from now on with 20…3451. 62 points "
				    "to spend.\n");
	ask("leave", TILL_DO_LEAVE);
	show(TILL_DO_LEAVE, TILL_DONE, &reply);
	assert_string_equal(said(), "Pools no longer. 62 points to spend.\n");
}

static void a_card_is_blocked_and_used_again(void **state)
{
	tally_OperationReply reply = reply_of(0, 62);

	(void)state;
	ask("block lost in the train", TILL_DO_CARD_BLOCK);
	assert_string_equal(command.text, "lost in the train");
	assert_false(command.off);
	show(TILL_DO_CARD_BLOCK, TILL_DONE, &reply);
	assert_string_equal(
	    said(), "The card is blocked. 62 points to spend.\n");
	ask("block", TILL_DO_CARD_BLOCK);
	assert_string_equal(command.text, "");
	ask("unblock", TILL_DO_CARD_BLOCK);
	assert_true(command.off);
	show(TILL_DO_CARD_BLOCK, TILL_DONE, &reply);
	assert_string_equal(
	    said(), "The card is in use again. 62 points to spend.\n");
}

static void a_new_member_may_be_brought_by_another(void **state)
{
	(void)state;
	strcpy(prompt.new_card, "29000000000018");
	ask("new " OTHER, TILL_DO_ENROL);
	assert_string_equal(command.card, "29000000000018");
	assert_string_equal(command.other_card, OTHER);
	fault("new 20123452", "check digit");
	fault("new a b", "new CARD");
}

/* --- the screen ----------------------------------------------------------- */

static void a_member_is_shown_as_it_stands(void **state)
{
	static tally_MemberReply member = {.balance = 460,
	    .spendable = 340,
	    .pending = 120,
	    .expiring = 50,
	    .expiring_on = "2026-12-31",
	    .tier = "Gold",
	    .pooled = true};
	struct till_result result = {.kind = TILL_MEMBER,
	    .what = TILL_DO_MEMBER,
	    .id = "",
	    .card = CARD,
	    .member = &member};

	(void)state;
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(said(),
	    "Card 29…8906. Gold. 340 points to spend, 120 pending. 50 lapse "
	    "after 2026-12-31. Pools with others. Can have: Coffee (redeem "
	    "coffee), A tenth off (redeem tenth), Pay with points (redeem cash "
	    "300).\n");
	member = (tally_MemberReply){.balance = -12};
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(
	    said(), "Card 29…8906. Owes 12 points. 162 short of Coffee.\n");
	member =
	    (tally_MemberReply){.balance = 1, .spendable = 1, .expiring = 1};
	strcpy(member.expiring_on, "2026-01-31");
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(said(), "Card 29…8906. 1 point to spend. 1 lapses "
				    "after 2026-01-31. 149 short of Coffee.\n");
}

static void a_reward_is_offered_to_its_tiers_alone(void **state)
{
	tally_MemberReply member = {
	    .balance = 150, .spendable = 150, .tier_level = 1};
	struct till_result result = {.kind = TILL_MEMBER,
	    .what = TILL_DO_MEMBER,
	    .id = "",
	    .card = CARD,
	    .member = &member};
	static struct shop_facts closed;

	(void)state;
	closed = facts;
	closed.reward_count = 1;
	closed.rewards[0].tiers = 1 << 2;
	prompt_append_result(&prompt, &result, &closed, &output);
	assert_string_equal(said(), "Card 29…8906. 150 points to spend.\n");
	member.tier_level = 2;
	prompt_append_result(&prompt, &result, &closed, &output);
	assert_string_equal(said(), "Card 29…8906. 150 points to spend. Can "
				    "have: Coffee (redeem coffee).\n");
}

static void a_debt_is_told_as_a_debt(void **state)
{
	tally_OperationReply reply = {.points = -30, .balance = -12};

	(void)state;
	show(TILL_DO_RETURN, TILL_DONE, &reply);
	assert_string_equal(said(), "Returned. -30 points. Owes 12 points.\n");
}

static void rewards_say_what_they_are_and_how_to_ask(void **state)
{
	struct till_result result = {.kind = TILL_ANSWER,
	    .what = TILL_DO_REWARDS,
	    .id = "",
	    .card = "",
	    .facts = &facts};

	(void)state;
	prompt_append_result(&prompt, &result, &facts, &output);
	assert_string_equal(said(),
	    "     150  Coffee (redeem coffee)\n"
	    "     500  5.00 off: Five off (redeem five)\n"
	    "     300  10% off: A tenth off (redeem tenth SALE)\n"
	    "     100  are 1.00: Pay with points (redeem cash POINTS SALE)\n");
}

static void the_help_fits_a_screen(void **state)
{
	unsigned lines = 0;
	unsigned width = 0;

	(void)state;
	assert_int_equal(type("help"), PROMPT_NOTHING);
	for (const char *at = said(); *at; at++) {
		width = *at == '\n' ? 0 : width + 1;
		lines += *at == '\n';
		assert_true(width < 80);
	}
	assert_in_range(lines, 10, 32);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
	    TEST(goodwill_has_points_and_a_reason),
	    TEST(a_second_person_allows_a_goodwill_with_a_pin),
	    TEST(cards_and_members_are_named_by_their_card),
	    TEST(a_card_is_blocked_and_used_again),
	    TEST(a_new_member_may_be_brought_by_another),
	    TEST(a_member_is_shown_as_it_stands),
	    TEST(a_reward_is_offered_to_its_tiers_alone),
	    TEST(a_debt_is_told_as_a_debt),
	    TEST(rewards_say_what_they_are_and_how_to_ask),
	    TEST(the_help_fits_a_screen),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
