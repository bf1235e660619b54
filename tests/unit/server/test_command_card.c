/*
 * Tests of command: further cards of a member, lost ones, and what a card that
 * is blocked cannot do.
 */
#include "tests/unit/server/whole_world.h"

#define NEW NOBODY

/* --- further cards -------------------------------------------------------- */

static void a_further_card_is_as_good_as_the_first(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 100);
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->balance, 100);
	assert_int_equal(whole_reply(world)->points, 0);
	whole_again(world, 1);
	assert_int_equal(whole_account(world, NEW), whole_account(world, ANNA));
	assert_int_equal(whole_balance(world, NEW), 100);
	world_sale(world, NEW, 2000);
	assert_int_equal(whole_reply(world)->balance, 120);
	assert_int_equal(whole_balance(world, ANNA), 120);
	/* A further one, by a further one. */
	whole_fill_card_add(world, 0, NEW, world_card(7));
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(whole_balance(world, world_card(7)), 120);
	world_reopen(world);
	assert_int_equal(whole_balance(world, NEW), 120);
	assert_int_equal(whole_balance(world, world_card(7)), 120);
}

static void the_chain_knows_its_number_and_a_commitment(void **state)
{
	struct world *world = *state;
	struct directory_card card;
	struct more_card_row row;
	struct buffer body = {0};
	struct entry entry;
	struct hash hash;

	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	card = directory_look(world->shop->directory, NEW);
	assert_in_range(card.card, 1, INT64_MAX);
	assert_int_equal(
	    world->shop->store->ops->private_read(world->shop->store,
		PRIVATE_MORE_CARD, card.card, &body, &world->err),
	    RESULT_OK);
	assert_int_equal(
	    more_card_row_decode(buffer_view(&body), &row, &world->err),
	    RESULT_OK);
	assert_string_equal(row.number, NEW);
	assert_int_equal(row.account, whole_account(world, ANNA));
	assert_int_equal(
	    ledger_read(world->shop->ledger, whole_reply(world)->entry,
		&world->shop->record, &entry, &world->err),
	    RESULT_OK);
	hash = more_card_row_commitment(world->shop->hasher, &row, card.card);
	assert_int_equal(entry.card, card.card);
	assert_true(hash_equal(&hash, &entry.commitment));
	buffer_finish(&body);
}

static void a_card_that_is_somebodys_is_not_added(void **state)
{
	struct world *world = *state;

	whole_fill_card_add(world, 1, ANNA, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_ENROLLED);
	whole_fill_card_add(world, 1, ANNA, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_ENROLLED);
	whole_fill_card_add(world, 1, ANNA, "4001686301265");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_INVALID);
	whole_fill_card_add(world, 1, NEW, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	/* A blocked one is no way around it. */
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_block(world, NEW);
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_ENROLLED);
	whole_fill_card_add(world, 0, ANNA, NEW);
	assert_int_equal(world_ask_owner(world), REFUSAL_CARD_ENROLLED);
	world_fill_enrol(world, 1, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_ENROLLED);
	assert_true(whole_show(world, NEW)->blocked);
}

static void the_same_name_for_another_card_is_a_conflict(void **state)
{
	struct world *world = *state;

	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	WHOLE_TEXT(WHOLE_BODY(world, card_add)->card, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_CONFLICT);
}

static void a_member_has_so_many_cards(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *shown;

	for (unsigned n = 0; n < CARDS_MAX; n++) {
		whole_fill_card_add(world, 1, ANNA, world_card(100 + n));
		assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	}
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_LIMIT);
	assert_int_equal(whole_account(world, NEW), 0);
	/* Lost ones count. */
	whole_block(world, world_card(100));
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_LIMIT);
	shown = whole_show(world, ANNA);
	assert_int_equal(shown->cards_count, CARDS_MAX + 1);
	assert_string_equal(shown->cards[0].card, ANNA);
	assert_true(shown->commitment_holds);
	for (unsigned n = 0; n < CARDS_MAX; n++) {
		bool is_shown = false;

		for (unsigned i = 1; i <= CARDS_MAX; i++)
			if (strcmp(shown->cards[i].card, world_card(100 + n)) ==
			    0) {
				is_shown = true;
				assert_int_equal(
				    shown->cards[i].blocked, n == 0);
			}
		assert_true(is_shown);
	}
}

/* --- blocked cards -------------------------------------------------------- */

static void a_blocked_card_does_nothing_at_a_till(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 500);
	whole_fill_card_block(world, 1, ANNA, false);
	WHOLE_TEXT(WHOLE_BODY(world, card_block)->reason, "lost");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	(void)world_request(world, tally_Request_lookup_tag);
	WHOLE_TEXT(world->job->request.body.lookup.card, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	(void)world_request(world, tally_Request_history_tag);
	WHOLE_TEXT(world->job->request.body.history.card, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	world_fill_earn(world, 1, ANNA, 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	world_fill_redeem(world, 1, ANNA, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_hold(world, ANNA, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_transfer(world, ANNA, BEN, 10);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_adjust(world, 1, ANNA, 1, "x");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_join(world, 1, ANNA, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_details(world, 1, ANNA, "Eve", 0);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_card_block(world, 1, ANNA, false);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	/* The owner looks at whom it belongs to. */
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_true(whole_show(world, ANNA)->blocked);
}

static void a_lost_card_is_replaced(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 500);
	whole_block(world, ANNA);
	whole_fill_card_add(world, 1, ANNA, NEW);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_balance(world, NEW), 500);
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	assert_false(whole_show(world, NEW)->blocked);
	/* The new one is lost as well; the first one turns up. */
	whole_block(world, NEW);
	world_sale(world, BEN, 1000);
	world_fill_earn(world, 1, NEW, 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_card_block(world, 1, ANNA, true);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
	assert_int_equal(whole_balance(world, ANNA), 500);
	whole_fill_card_block(world, 1, ANNA, true);
	assert_int_equal(world_ask(world, 1), REFUSAL_EXISTS);
	whole_fill_card_block(world, 1, NEW, true);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_balance(world, NEW), 500);
	world_reopen(world);
	assert_int_equal(whole_balance(world, NEW), 500);
}

/* What was done before its card was blocked gets its first answer. */
static void an_operation_comes_again_after_its_card_was_blocked(void **state)
{
	struct world *world = *state;
	tally_Request earned;
	tally_Request sent;

	world_fill_earn(world, 1, ANNA, 2000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	earned = world->job->request;
	whole_fill_transfer(world, ANNA, BEN, 10);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	sent = world->job->request;
	whole_block(world, ANNA);
	whole_block(world, BEN);
	world->job->request = earned;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	assert_int_equal(whole_reply(world)->points, 20);
	world->job->request = sent;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	/* The name alone does not open it. */
	world->job->request = earned;
	world->job->request.body.earn.amount_minor = 999;
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_CONFLICT);
}

/* Goods come back by the receipt, whatever became of the card. */
static void returns_and_voids_need_no_card(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	sale = world_sale(world, ANNA, 2000);
	whole_block(world, ANNA);
	world_fill_return(world, 1, sale, 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -10);
	whole_fill_void(world, 1, world->counters[1] - 1);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WHOLE_TEST(a_further_card_is_as_good_as_the_first),
	    WHOLE_TEST(the_chain_knows_its_number_and_a_commitment),
	    WHOLE_TEST(a_card_that_is_somebodys_is_not_added),
	    WHOLE_TEST(the_same_name_for_another_card_is_a_conflict),
	    WHOLE_TEST(a_member_has_so_many_cards),
	    WHOLE_TEST(a_blocked_card_does_nothing_at_a_till),
	    WHOLE_TEST(a_lost_card_is_replaced),
	    WHOLE_TEST(an_operation_comes_again_after_its_card_was_blocked),
	    WHOLE_TEST(returns_and_voids_need_no_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
