/*
 * Tests of command: what a till asks for a member: enrol, earn, redeem, return
 * and balance; and that each operation counts once.
 */
#include "tests/unit/server/command_world.h"

#define CARD "2912345678906"
#define OTHER "20123451"

/* --- members -------------------------------------------------------------- */

static void a_member_is_enrolled_once(void **state)
{
	struct world *world = *state;
	const tally_OperationReply *reply = &world->reply->body.operation;
	uint64_t head = world_head(world);

	world_member(world, CARD);
	assert_int_equal(reply->entry, head + 1);
	assert_int_equal(reply->balance, 0);
	assert_int_equal(reply->points, 0);
	assert_int_equal(reply->time_ms, world->now_ms);
	assert_false(reply->repeated);
	world_fill_enrol(world, 2, CARD);
	assert_int_equal(world_ask(world, 2), REFUSAL_CARD_ENROLLED);
	assert_int_equal(world_head(world), head + 1);
}

static void one_card_has_one_number_however_it_was_scanned(void **state)
{
	struct world *world = *state;

	world_member(world, CARD);
	world_fill_balance(world, "]E0" CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_fill_enrol(world, 1, "]E0" CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_ENROLLED);
}

static void bad_cards_are_refused_with_their_fault(void **state)
{
	static const char *const cards[] = {"2912345678905", "",
	    "4006381333931", "2212345678900", "4111111111111111", "29123"};
	struct world *world = *state;
	uint64_t head = world_head(world);

	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		world_fill_enrol(world, 1, cards[i]);
		assert_int_equal(world_ask(world, 1), REFUSAL_CARD_INVALID);
		assert_true(strlen(world_refusal(world)->say) > 10);
		world_fill_earn(world, 1, cards[i], 100);
		assert_int_equal(world_ask(world, 1), REFUSAL_CARD_INVALID);
		world_fill_balance(world, cards[i]);
		assert_int_equal(world_ask(world, 1), REFUSAL_CARD_INVALID);
	}
	assert_int_equal(world_head(world), head);
}

static void an_unknown_card_is_to_be_enrolled_first(void **state)
{
	struct world *world = *state;
	tally_Request *request;

	world_fill_earn(world, 1, CARD, 100);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	world_fill_redeem(world, 1, CARD, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	world_fill_balance(world, CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	request = world_request(world, tally_Request_history_tag);
	(void)strcpy(request->body.history.card, CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	request = world_request(world, tally_Request_lookup_tag);
	(void)strcpy(request->body.lookup.card, CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	request = world_request(world, tally_Request_member_show_tag);
	(void)strcpy(request->body.member_show.card, CARD);
	assert_int_equal(world_ask_owner(world), REFUSAL_CARD_UNKNOWN);
}

static void a_look_up_says_since_when_and_a_balance_how_much(void **state)
{
	struct world *world = *state;
	const tally_MemberReply *member = &world->reply->body.member;
	uint64_t since_ms = world->now_ms;
	uint64_t enrolled;
	uint64_t sale;

	world_member(world, CARD);
	enrolled = world->reply->body.operation.entry;
	world->now_ms += 5000;
	sale = world_sale(world, CARD, 1299);
	world_fill_balance(world, CARD);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(member->balance, 12);
	assert_int_equal(member->last_entry, sale);
	assert_int_equal(member->enrolled_entry, enrolled);
	assert_int_equal(member->since_ms, 0);
	world_request(world, tally_Request_lookup_tag);
	(void)strcpy(world->job->request.body.lookup.card, CARD);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(member->balance, 12);
	assert_int_equal(member->since_ms, since_ms);
}

/* --- earning -------------------------------------------------------------- */

static void a_sale_earns_and_proves_itself(void **state)
{
	struct world *world = *state;
	const tally_OperationReply *reply = &world->reply->body.operation;
	struct hash head;

	world_member(world, CARD);
	world_fill_earn(world, 1, CARD, 1250);
	(void)strcpy(world->job->request.body.earn.receipt, "A-17");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(reply->points, 12);
	assert_int_equal(reply->balance, 12);
	head = ledger_head_hash(world->shop->ledger);
	assert_memory_equal(reply->hash.bytes, head.bytes, HASH_SIZE);
	world_sale(world, CARD, 99);
	assert_int_equal(reply->entry, world_head(world));
	assert_int_equal(reply->points, 0);
	assert_int_equal(reply->balance, 12);
}

static void an_absurd_amount_is_refused_with_the_largest(void **state)
{
	static const uint64_t amounts[] = {
	    0, 200001, AMOUNT_MINOR_MAX, 1ull << 63, UINT64_MAX};
	struct world *world = *state;
	uint64_t head;

	world_member(world, CARD);
	head = world_head(world);
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		world_fill_earn(world, 1, CARD, amounts[i]);
		assert_int_equal(world_ask(world, 1), REFUSAL_AMOUNT_INVALID);
		assert_int_equal(world_refusal(world)->required, 200000);
	}
	assert_int_equal(world_head(world), head);
	world_sale(world, CARD, 200000);
}

static void a_counter_out_of_range_is_malformed(void **state)
{
	static const uint64_t counters[] = {0, COUNTER_MAX + 1, UINT64_MAX};
	struct world *world = *state;

	world_member(world, CARD);
	for (size_t i = 0; i < 3; i++) {
		world_fill_earn(world, 1, CARD, 100);
		world->job->request.body.earn.operation.counter = counters[i];
		assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	}
	world_fill_earn(world, 1, CARD, 100);
	world->job->request.body.earn.operation.counter = COUNTER_MAX;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

/* The reply to the request in hand, asked twice: equal but for `repeated`. */
static void check_repeated(struct world *world)
{
	tally_Request *request = malloc(sizeof(*request));
	struct buffer first = {0};
	struct buffer second = {0};
	uint64_t head;

	assert_non_null(request);
	*request = world->job->request;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_false(world->reply->body.operation.repeated);
	world->reply->body.operation.repeated = true;
	assert_int_equal(
	    message_append_reply(&first, world->reply, &world->err), RESULT_OK);
	head = world_head(world);
	world->now_ms += 777;
	for (int again = 0; again < 2; again++) {
		world->job->request = *request;
		assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
		second.size = 0;
		assert_int_equal(
		    message_append_reply(&second, world->reply, &world->err),
		    RESULT_OK);
		assert_true(
		    bytes_equal(buffer_view(&first), buffer_view(&second)));
	}
	assert_int_equal(world_head(world), head);
	buffer_finish(&first);
	buffer_finish(&second);
	free(request);
}

static void add_reward(struct world *world, const char *id, uint64_t points)
{
	tally_RewardAdd *reward =
	    &world_request(world, tally_Request_reward_add_tag)
		 ->body.reward_add;

	(void)strcpy(reward->reward, id);
	(void)strcpy(reward->name, "Coffee");
	reward->points = points;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
}

static void an_operation_asked_again_counts_once(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	add_reward(world, "coffee", 150);
	world_fill_enrol(world, 1, CARD);
	check_repeated(world);
	world_fill_earn(world, 1, CARD, 20000);
	check_repeated(world);
	sale = world_head(world);
	world_fill_redeem(world, 1, CARD, "coffee");
	check_repeated(world);
	world_fill_return(world, 1, sale, 5000);
	check_repeated(world);
	world_fill_balance(world, CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.member.balance, 200 - 150 - 50);
}

static void it_counts_once_after_a_restart_too(void **state)
{
	struct world *world = *state;
	tally_Request *request = malloc(sizeof(*request));
	uint64_t entry;

	assert_non_null(request);
	world_fill_enrol(world, 1, CARD);
	*request = world->job->request;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	entry = world->reply->body.operation.entry;
	world_reopen(world);
	world->job->request = *request;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(world->reply->body.operation.repeated);
	assert_int_equal(world->reply->body.operation.entry, entry);
	free(request);
}

static void it_counts_once_within_a_group_too(void **state)
{
	struct world *world = *state;
	uint64_t head;

	world_member(world, CARD);
	head = world_head(world);
	world_fill_earn(world, 1, CARD, 500);
	assert_true(world_stage(world, world_till(world, 1)));
	assert_true(world_stage(world, world_till(world, 1)));
	world_commit(world);
	world_decode(world);
	assert_true(world->reply->body.operation.repeated);
	assert_int_equal(world->reply->body.operation.entry, head + 1);
	assert_int_equal(world_head(world), head + 1);
}

static void a_used_name_with_another_body_is_a_conflict(void **state)
{
	struct world *world = *state;
	tally_Operation *name = &world->job->request.body.earn.operation;
	uint64_t head;

	world_member(world, CARD);
	world_member(world, OTHER);
	world_sale(world, CARD, 500);
	head = world_head(world);
	for (int change = 0; change < 4; change++) {
		world->counters[1] = 2;
		world_fill_earn(world, 1, change == 0 ? OTHER : CARD,
		    change == 1 ? 501 : 500);
		if (change == 2)
			name->random.bytes[15] ^= 1;
		if (change == 3)
			(void)strcpy(
			    world->job->request.body.earn.receipt, "B");
		assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_CONFLICT);
		assert_string_equal(
		    command_alarm(&world->job->request, &world->job->reply),
		    "counter_conflict");
	}
	world->counters[1] = 2;
	world_fill_redeem(world, 1, CARD, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_CONFLICT);
	assert_int_equal(world_head(world), head);
	/* The same number at another till is another name. */
	world->counters[2] = 2;
	world_fill_earn(world, 2, CARD, 501);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
}

static void a_name_that_was_skipped_may_come_later(void **state)
{
	struct world *world = *state;

	world_member(world, CARD);
	world->counters[1] = 10;
	world_sale(world, CARD, 500);
	world->counters[1] = 5;
	world_sale(world, CARD, 700);
	assert_int_equal(world->reply->body.operation.balance, 12);
}

/* --- redeeming and returning ---------------------------------------------- */

static void too_few_points_are_told_with_their_figures(void **state)
{
	struct world *world = *state;

	add_reward(world, "coffee", 150);
	world_member(world, CARD);
	world_sale(world, CARD, 11200);
	world_fill_redeem(world, 1, CARD, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(world_refusal(world)->required, 150);
	assert_int_equal(world_refusal(world)->available, 112);
	assert_int_equal(world_refusal(world)->missing, 38);
	assert_string_equal(
	    world_refusal(world)->say, "38 points short of Coffee");
}

static void a_reward_costs_its_points(void **state)
{
	struct world *world = *state;

	add_reward(world, "coffee", 150);
	world_member(world, CARD);
	world_sale(world, CARD, 20000);
	world_fill_redeem(world, 2, CARD, "coffee");
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(world->reply->body.operation.points, -150);
	assert_int_equal(world->reply->body.operation.balance, 50);
	world_fill_redeem(world, 2, CARD, "tea");
	assert_int_equal(world_ask(world, 2), REFUSAL_REWARD_UNKNOWN);
	world_fill_redeem(world, 2, CARD, "");
	assert_int_equal(world_ask(world, 2), REFUSAL_REWARD_UNKNOWN);
}

static void goods_come_back_up_to_their_sale(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	world_member(world, CARD);
	sale = world_sale(world, CARD, 1250);
	world_fill_return(world, 2, sale, 500);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(world->reply->body.operation.points, -5);
	assert_int_equal(world->reply->body.operation.balance, 7);
	world_fill_return(world, 2, sale, 751);
	assert_int_equal(world_ask(world, 2), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(world_refusal(world)->required, 751);
	assert_int_equal(world_refusal(world)->available, 750);
	world_fill_return(world, 2, sale, 0);
	assert_int_equal(world_ask(world, 2), REFUSAL_AMOUNT_INVALID);
	assert_int_equal(world_refusal(world)->required, 750);
	world_fill_return(world, 2, sale, 750);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(world->reply->body.operation.balance, 0);
}

static void what_is_no_sale_cannot_come_back(void **state)
{
	struct world *world = *state;
	uint64_t enrolled;

	world_member(world, CARD);
	enrolled = world->reply->body.operation.entry;
	for (size_t i = 0; i < 6; i++) {
		const uint64_t entries[] = {
		    0, 1, enrolled, enrolled + 1, SEQUENCE_MAX, UINT64_MAX};

		world_fill_return(world, 1, entries[i], 100);
		assert_int_equal(world_ask(world, 1), REFUSAL_SALE_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_member_is_enrolled_once),
	    WORLD_TEST(one_card_has_one_number_however_it_was_scanned),
	    WORLD_TEST(bad_cards_are_refused_with_their_fault),
	    WORLD_TEST(an_unknown_card_is_to_be_enrolled_first),
	    WORLD_TEST(a_look_up_says_since_when_and_a_balance_how_much),
	    WORLD_TEST(a_sale_earns_and_proves_itself),
	    WORLD_TEST(an_absurd_amount_is_refused_with_the_largest),
	    WORLD_TEST(a_counter_out_of_range_is_malformed),
	    WORLD_TEST(an_operation_asked_again_counts_once),
	    WORLD_TEST(it_counts_once_after_a_restart_too),
	    WORLD_TEST(it_counts_once_within_a_group_too),
	    WORLD_TEST(a_used_name_with_another_body_is_a_conflict),
	    WORLD_TEST(a_name_that_was_skipped_may_come_later),
	    WORLD_TEST(too_few_points_are_told_with_their_figures),
	    WORLD_TEST(a_reward_costs_its_points),
	    WORLD_TEST(goods_come_back_up_to_their_sale),
	    WORLD_TEST(what_is_no_sale_cannot_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
