/*
 * Tests of command: points that people give and take, with a reason, and who
 * answers for them.
 */
#include "tests/unit/server/whole_world.h"

static void the_owner_gives_and_takes_with_a_reason(void **state)
{
	struct world *world = *state;

	whole_fill_adjust(world, 0, ANNA, 100000, "opening");
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 100000);
	whole_fill_adjust(world, 0, ANNA, -1000, "a mistake");
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -1000);
	assert_int_equal(whole_reply(world)->balance, 99000);
	whole_fill_adjust(world, 0, ANNA, 1, "");
	assert_int_equal(world_ask_owner(world), REFUSAL_REASON_REQUIRED);
	whole_fill_adjust(world, 0, ANNA, 0, "x");
	assert_int_equal(world_ask_owner(world), REFUSAL_POINTS_INVALID);
	whole_fill_adjust(world, 0, ANNA, INT64_MIN, "x");
	assert_int_equal(world_ask_owner(world), REFUSAL_POINTS_INVALID);
	/* The owner's operations are numbered by the ledger. */
	whole_fill_adjust(world, 1, ANNA, 1, "x");
	assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	(void)world_request(world, tally_Request_history_tag);
	WHOLE_TEXT(world->job->request.body.history.card, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_string_equal(
	    world->reply->body.history.lines[0].reason, "a mistake");
}

/* Ask for points at till 1, by a cashier with a ticket, and perhaps a second
 * person. */
static enum refusal_code give(struct world *world,
    const tally_LoginReply *login, int64_t points, uint32_t second,
    const char *pin)
{
	tally_Adjust *adjust;

	whole_fill_adjust(world, 1, ANNA, points, "cold coffee");
	adjust = WHOLE_BODY(world, adjust);
	whole_ticket(&adjust->operation, login);
	adjust->second = second;
	WHOLE_TEXT(adjust->second_pin, pin);
	return world_ask(world, 1);
}

static void a_second_person_answers_for_more(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	assert_int_equal(give(world, &ann, 50, 0, ""), REFUSAL_NONE);
	whole_again(world, 1);
	assert_int_equal(
	    give(world, &ann, 100, 0, ""), REFUSAL_SECOND_REQUIRED);
	assert_int_equal(world_refusal(world)->available, 0);
	assert_int_equal(give(world, &ann, 100, 2, PIN_SUE), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 100);
	/* A cashier is no second person, whatever the PIN. */
	assert_int_equal(
	    give(world, &ann, 100, 1, PIN_ANN), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    give(world, &ann, 100, 9, PIN_SUE), REFUSAL_CASHIER_UNKNOWN);
}

/* A till keeps no PIN: it asks for the first answer without one. */
static void the_answer_comes_again_without_the_pin(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	assert_int_equal(give(world, &ann, 100, 2, PIN_SUE), REFUSAL_NONE);
	/* The side worker has wiped the PIN from the request. */
	assert_string_equal(WHOLE_BODY(world, adjust)->second_pin, "");
	whole_again(world, 1);
	/* A wrong one does not matter any more, and is not counted. */
	WHOLE_TEXT(WHOLE_BODY(world, adjust)->second_pin, "9999");
	whole_again(world, 1);
	assert_int_equal(
	    give(world, &ann, 100, 2, ""), REFUSAL_SECOND_REQUIRED);
	assert_int_equal(give(world, &ann, 100, 2, PIN_SUE), REFUSAL_NONE);
}

static void wrong_pins_of_a_second_person_lock_out_as_logins_do(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	for (uint32_t left = PIN_WRONG_MAX - 1; left > 0; left--) {
		assert_int_equal(
		    give(world, &ann, 100, 2, "9999"), REFUSAL_PIN_WRONG);
		assert_int_equal(world_refusal(world)->left, left);
	}
	assert_int_equal(give(world, &ann, 100, 2, "9999"), REFUSAL_PIN_LOCKED);
	assert_string_equal(
	    command_alarm(&world->job->request, &world->job->reply),
	    "pin_locked");
	assert_int_equal(
	    give(world, &ann, 100, 2, PIN_SUE), REFUSAL_PIN_LOCKED);
	assert_int_equal(world_refusal(world)->wait_ms, PIN_LOCK_MS);
	assert_int_equal(whole_balance(world, ANNA), 0);
	world->now_ms += PIN_LOCK_MS;
	/* The side worker's clock is an hour ahead of the world's. */
	assert_int_equal(give(world, &ann, 100, 2, PIN_SUE), REFUSAL_NONE);
}

/* A right PIN in between: wrong ones are counted in a row. */
static void the_right_pin_starts_the_count_anew(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 1; i < PIN_WRONG_MAX; i++)
			assert_int_equal(give(world, &ann, 100, 2, "9999"),
			    REFUSAL_PIN_WRONG);
		assert_int_equal(
		    give(world, &ann, 100, 2, PIN_SUE), REFUSAL_NONE);
	}
}

static void nobody_corrects_a_card_of_their_own(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;
	tally_StaffCard *staff;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	staff = &world_request(world, tally_Request_staff_card_tag)
		     ->body.staff_card;
	staff->cashier = 1;
	WHOLE_TEXT(staff->card, ANNA);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(world->reply->body.done.entry, world_head(world));
	assert_int_equal(give(world, &ann, 10, 0, ""), REFUSAL_OWN_CARD);
	staff = &world_request(world, tally_Request_staff_card_tag)
		     ->body.staff_card;
	staff->cashier = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(give(world, &ann, 10, 0, ""), REFUSAL_NONE);
	staff = &world_request(world, tally_Request_staff_card_tag)
		     ->body.staff_card;
	staff->cashier = 1;
	WHOLE_TEXT(staff->card, NOBODY);
	assert_int_equal(world_ask_owner(world), REFUSAL_CARD_UNKNOWN);
	staff->cashier = 9;
	WHOLE_TEXT(staff->card, ANNA);
	assert_int_equal(world_ask_owner(world), REFUSAL_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WHOLE_TEST(the_owner_gives_and_takes_with_a_reason),
	    WHOLE_TEST(a_second_person_answers_for_more),
	    WHOLE_TEST(the_answer_comes_again_without_the_pin),
	    WHOLE_TEST(wrong_pins_of_a_second_person_lock_out_as_logins_do),
	    WHOLE_TEST(the_right_pin_starts_the_count_anew),
	    WHOLE_TEST(nobody_corrects_a_card_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
