/*
 * Tests of command: what happens at a counter, under a programme that has a
 * bit of everything.
 */
#include "tests/unit/server/whole_world.h"

/* --- sales ---------------------------------------------------------------- */

static void lines_earn_by_their_rules_and_are_kept(void **state)
{
	struct world *world = *state;
	tally_Earn *earn;
	struct sale_line line;
	struct reader reader;
	struct entry entry;

	world_fill_earn(world, 1, ANNA, 1250);
	earn = WHOLE_BODY(world, earn);
	earn->lines_count = 2;
	whole_line(&earn->lines[0], "fruit", "apple", 3, 450);
	whole_line(&earn->lines[1], "", "bread", 1, 800);
	WHOLE_TEXT(earn->receipt, "A-17");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 12 + 3);
	assert_int_equal(whole_reply(world)->balance, 15);
	assert_int_equal(whole_reply(world)->spendable, 15);
	whole_again(world, 1);
	assert_int_equal(
	    ledger_read(world->shop->ledger, whole_reply(world)->entry,
		&world->shop->record, &entry, &world->err),
	    RESULT_OK);
	reader = reader_of(entry.lines);
	assert_true(sale_line_read(&reader, &line));
	assert_true(bytes_equal(line.category, bytes_of_string("fruit")));
	assert_true(bytes_equal(line.product, bytes_of_string("apple")));
	assert_int_equal(line.quantity, 3);
	assert_int_equal(line.amount_minor, 450);
	assert_true(sale_line_read(&reader, &line));
	assert_int_equal(line.amount_minor, 800);
	assert_false(sale_line_read(&reader, &line));
}

static void the_most_lines_with_the_longest_names_fit(void **state)
{
	struct world *world = *state;
	tally_Earn *earn;

	world_fill_earn(world, 1, ANNA, LINES_MAX);
	earn = WHOLE_BODY(world, earn);
	earn->lines_count = LINES_MAX;
	for (size_t i = 0; i < LINES_MAX; i++) {
		memset(earn->lines[i].category, 'c', LINE_NAME_SIZE_MAX);
		memset(earn->lines[i].product, 'p', LINE_NAME_SIZE_MAX);
		earn->lines[i].quantity = LINE_QUANTITY_MAX;
		earn->lines[i].amount_minor = 1;
	}
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
}

static void lines_that_no_sale_has_are_refused(void **state)
{
	struct world *world = *state;
	tally_Earn *earn;

	world_fill_earn(world, 1, ANNA, 1250);
	earn = WHOLE_BODY(world, earn);
	earn->lines_count = 1;
	whole_line(&earn->lines[0], "fruit", "", 1, 1249);
	assert_int_equal(world_ask(world, 1), REFUSAL_LINES_INVALID);
	earn->lines[0].amount_minor = 1250;
	earn->lines[0].quantity = LINE_QUANTITY_MAX + 1;
	assert_int_equal(world_ask(world, 1), REFUSAL_LINES_INVALID);
	earn->lines[0].quantity = 1;
	earn->lines[0].amount_minor = INT64_MIN;
	assert_int_equal(world_ask(world, 1), REFUSAL_LINES_INVALID);
	earn->lines[0].amount_minor = 1250;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

static void what_is_paid_with_points_earns_none(void **state)
{
	struct world *world = *state;

	world_fill_earn(world, 1, ANNA, 2000);
	WHOLE_BODY(world, earn)->paid_minor = 500;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 15);
}

static void fill_sale(struct world *world, uint64_t amount_minor)
{
	WHOLE_BEGIN(world, 1, sale);
	WHOLE_BODY(world, sale)->amount_minor = amount_minor;
	WHOLE_TEXT(WHOLE_BODY(world, sale)->receipt, "A-18");
}

static void fill_claim(
    struct world *world, const char *card, uint64_t sale, const char *receipt)
{
	WHOLE_BEGIN(world, 2, earn);
	WHOLE_TEXT(WHOLE_BODY(world, earn)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, earn)->receipt, receipt);
	WHOLE_BODY(world, earn)->claim = sale;
}

static void a_sale_without_a_card_is_claimed_once(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	fill_sale(world, 2000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	sale = whole_reply(world)->entry;
	assert_int_equal(whole_reply(world)->points, 0);
	assert_int_equal(whole_reply(world)->balance, 0);
	whole_again(world, 1);
	fill_claim(world, ANNA, sale, "A-19");
	assert_int_equal(world_ask(world, 2), REFUSAL_RECEIPT_WRONG);
	fill_claim(world, ANNA, sale + 1000, "A-18");
	assert_int_equal(world_ask(world, 2), REFUSAL_SALE_UNKNOWN);
	fill_claim(world, ANNA, sale, "A-18");
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 20);
	whole_again(world, 2);
	fill_claim(world, BEN, sale, "A-18");
	assert_int_equal(world_ask(world, 2), REFUSAL_CLAIMED);
}

static void a_birthday_counts_and_is_in_no_entry(void **state)
{
	struct world *world = *state;
	const struct zone *zone =
	    &book_programme(ledger_book(world->shop->ledger))->programme->zone;
	struct date date = day_to_date(zone_local(zone, world->now_ms).day);

	whole_fill_details(
	    world, 1, ANNA, "Anna", date.month * 100u + date.day);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_sale(world, ANNA, 1000);
	assert_int_equal(whole_reply(world)->points, 10 + 50);
	world_sale(world, BEN, 1000);
	assert_int_equal(whole_reply(world)->points, 10);
	/* Sold when it was another day, long ago. */
	world_fill_earn(world, 1, ANNA, 1000);
	WHOLE_BODY(world, earn)->sold_ms = world->now_ms - 5ull * DAY_MS;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 10);
	/* So long ago that it counts as now. */
	world_fill_earn(world, 1, ANNA, 1000);
	WHOLE_BODY(world, earn)->sold_ms = world->now_ms - 50ull * DAY_MS;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 10 + 50);
	/* Also after a start, from its row. */
	world_reopen(world);
	world_sale(world, ANNA, 1000);
	assert_int_equal(whole_reply(world)->points, 10 + 50);
}

static void a_draw_is_from_the_newest_checkpoint(void **state)
{
	struct world *world = *state;
	struct checkpoint checkpoint;
	struct entry entry;
	struct note note;
	bool more;

	whole_rules(world, WHOLE_RULES "[earn luck]\npoints = 7\nper = visit\n"
				       "chance = 1000000\n");
	world->now_ms += 2000;
	while (
	    ledger_checkpoint(world->shop->ledger, &note) < world_head(world)) {
		world->now_ms += 1000;
		assert_int_equal(ledger_idle(world->shop->ledger, world->now_ms,
				     &more, &world->err),
		    APPEND_DURABLE);
	}
	assert_int_equal(checkpoint_parse(bytes_of(note.text, note.size),
			     &checkpoint, &world->err),
	    RESULT_OK);
	world_sale(world, ANNA, 1000);
	assert_int_equal(
	    ledger_read(world->shop->ledger, whole_reply(world)->entry,
		&world->shop->record, &entry, &world->err),
	    RESULT_OK);
	assert_int_equal(entry.draw_size, checkpoint.size);
	assert_true(hash_equal(&entry.draw_root, &checkpoint.root));
}

/* --- what points buy ------------------------------------------------------ */

static void a_reward_off_the_sale_says_what_it_is_worth(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 1000);
	world_fill_redeem(world, 1, ANNA, "five");
	WHOLE_BODY(world, redeem)->amount_minor = 2000;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->value_minor, 500);
	assert_int_equal(whole_reply(world)->points, -100);
	whole_again(world, 1);
	world_fill_redeem(world, 1, ANNA, "tenth");
	WHOLE_BODY(world, redeem)->amount_minor = 2010;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->value_minor, 201);
	world_fill_redeem(world, 1, ANNA, "cash");
	WHOLE_BODY(world, redeem)->amount_minor = 2000;
	WHOLE_BODY(world, redeem)->points = 250;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->value_minor, 250);
	assert_int_equal(whole_reply(world)->points, -250);
	whole_again(world, 1);
	WHOLE_BODY(world, redeem)->operation.counter++;
	WHOLE_BODY(world, redeem)->points = 130;
	assert_int_equal(world_ask(world, 1), REFUSAL_POINTS_INVALID);
	world_fill_redeem(world, 1, ANNA, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->value_minor, 0);
}

static void a_hold_keeps_points_until_it_is_captured(void **state)
{
	struct world *world = *state;
	uint64_t hold;

	whole_give(world, ANNA, 200);
	hold = whole_hold(world, ANNA, "coffee");
	assert_int_equal(whole_reply(world)->balance, 200);
	assert_int_equal(whole_reply(world)->spendable, 50);
	assert_int_equal(
	    whole_reply(world)->until_ms, whole_reply(world)->time_ms + 600000);
	whole_again(world, 1);
	/* It counts at every till. */
	world_fill_redeem(world, 2, ANNA, "five");
	assert_int_equal(world_ask(world, 2), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(world_refusal(world)->available, 50);
	whole_fill_capture(world, ANNA, hold);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -150);
	assert_int_equal(whole_reply(world)->balance, 50);
	whole_again(world, 1);
	whole_fill_capture(world, ANNA, hold);
	assert_int_equal(world_ask(world, 1), REFUSAL_HOLD_UNKNOWN);
}

static void a_capture_needs_no_card_and_says_nothing_else(void **state)
{
	struct world *world = *state;
	uint64_t hold;

	whole_give(world, ANNA, 200);
	whole_fill_hold(world, ANNA, "five");
	WHOLE_BODY(world, hold)->amount_minor = 300;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->value_minor, 300);
	hold = whole_reply(world)->entry;
	whole_fill_capture(world, "", hold);
	WHOLE_TEXT(WHOLE_BODY(world, redeem)->reward, "five");
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_capture(world, "", hold - 1);
	assert_int_equal(world_ask(world, 1), REFUSAL_HOLD_UNKNOWN);
	whole_fill_capture(world, BEN, hold);
	assert_int_equal(world_ask(world, 1), REFUSAL_HOLD_UNKNOWN);
	whole_fill_capture(world, "", hold + 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_HOLD_UNKNOWN);
	whole_fill_capture(world, "", hold);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -100);
	assert_int_equal(whole_reply(world)->value_minor, 300);
	whole_again(world, 1);
}

static void a_hold_ends_by_itself(void **state)
{
	struct world *world = *state;
	uint64_t hold;

	whole_give(world, ANNA, 200);
	hold = whole_hold(world, ANNA, "coffee");
	world->now_ms += 600000;
	whole_fill_capture(world, ANNA, hold);
	assert_int_equal(world_ask(world, 1), REFUSAL_HOLD_UNKNOWN);
	world_fill_redeem(world, 2, ANNA, "coffee");
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
}

/* --- voids and returns ---------------------------------------------------- */

static void a_void_undoes_what_the_till_did(void **state)
{
	struct world *world = *state;

	world_sale(world, ANNA, 20000);
	whole_fill_void(world, 1, world->counters[1]);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -200);
	assert_int_equal(whole_reply(world)->balance, 0);
	whole_again(world, 1);
	whole_fill_void(world, 1, world->counters[1] - 1);
	assert_int_equal(world_ask(world, 1), REFUSAL_VOIDED);
	/* Another till's counter of the same number is another operation. */
	world_sale(world, ANNA, 20000);
	world->counters[2] = 1000;
	whole_fill_void(world, 2, world->counters[1]);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 0);
	assert_int_equal(whole_balance(world, ANNA), 200);
}

static void a_void_of_a_hold_lets_the_points_go(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 200);
	(void)whole_hold(world, ANNA, "coffee");
	whole_fill_void(world, 1, world->counters[1]);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->spendable, 200);
	assert_int_equal(whole_reply(world)->points, 0);
	assert_int_equal(whole_reply(world)->balance, 200);
}

static void what_was_voided_before_it_came_is_refused(void **state)
{
	struct world *world = *state;
	uint64_t late;

	late = ++world->counters[1];
	whole_fill_void(world, 1, late);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 0);
	assert_int_equal(whole_reply(world)->balance, 0);
	whole_again(world, 1);
	world_fill_earn(world, 1, ANNA, 1000);
	WHOLE_BODY(world, earn)->operation.counter = late;
	assert_int_equal(world_ask(world, 1), REFUSAL_VOIDED);
	world_fill_earn(world, 1, ANNA, 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

static void a_void_finds_what_is_in_the_same_group(void **state)
{
	struct world *world = *state;

	world_fill_earn(world, 1, ANNA, 1000);
	assert_true(world_stage(world, world_till(world, 1)));
	whole_fill_void(world, 1, world->counters[1]);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -10);
}

static void lines_come_back_one_by_one(void **state)
{
	struct world *world = *state;
	tally_Earn *earn;
	uint64_t sale;

	world_fill_earn(world, 1, ANNA, 1250);
	earn = WHOLE_BODY(world, earn);
	earn->lines_count = 2;
	whole_line(&earn->lines[0], "fruit", "apple", 3, 450);
	whole_line(&earn->lines[1], "", "bread", 1, 800);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	sale = whole_reply(world)->entry;
	world_fill_return(world, 1, sale, 150);
	WHOLE_BODY(world, return_goods)->lines_count = 1;
	WHOLE_BODY(world, return_goods)->lines[0] =
	    (tally_ReturnLine){.line = 0, .quantity = 1, .amount_minor = 150};
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	/* An apple less, and 11.00 are kept. */
	assert_int_equal(whole_reply(world)->points, -2);
	whole_again(world, 1);
	world_fill_return(world, 1, sale, 150);
	WHOLE_BODY(world, return_goods)->lines_count = 1;
	WHOLE_BODY(world, return_goods)->lines[0].line = 2;
	WHOLE_BODY(world, return_goods)->lines[0].amount_minor = 150;
	assert_int_equal(world_ask(world, 1), REFUSAL_LINES_INVALID);
	/* What does not even fit the ledger's byte is not taken for another. */
	WHOLE_BODY(world, return_goods)->lines[0].line = 256;
	assert_int_equal(world_ask(world, 1), REFUSAL_LINES_INVALID);
}

static void a_redemption_comes_back_too(void **state)
{
	struct world *world = *state;
	uint64_t redeemed;

	whole_give(world, ANNA, 250);
	world_fill_redeem(world, 1, ANNA, "cash");
	WHOLE_BODY(world, redeem)->points = 250;
	WHOLE_BODY(world, redeem)->amount_minor = 2000;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	redeemed = whole_reply(world)->entry;
	world_fill_return(world, 2, redeemed, 0);
	WHOLE_BODY(world, return_goods)->points = 50;
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 50);
	whole_again(world, 2);
	world_fill_return(world, 2, redeemed, 0);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, 200);
	whole_again(world, 2);
	assert_int_equal(whole_balance(world, ANNA), 250);
}

/* --- what is told --------------------------------------------------------- */

static void a_tier_is_told_with_the_sale_that_reaches_it(void **state)
{
	struct world *world = *state;

	world_sale(world, ANNA, 29900);
	assert_string_equal(whole_reply(world)->tier, "");
	world_sale(world, ANNA, 100);
	assert_string_equal(whole_reply(world)->tier, "Silver");
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_string_equal(world->reply->body.member.tier, "Silver");
}

static void every_price_of_a_reward_is_told(void **state)
{
	struct world *world = *state;
	const tally_Reward *rewards;

	(void)world_request(world, tally_Request_rewards_tag);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.rewards.rewards_count, 4);
	rewards = world->reply->body.rewards.rewards;
	assert_int_equal(rewards[0].kind, 0);
	assert_int_equal(rewards[0].points, 150);
	assert_int_equal(rewards[1].kind, 1);
	assert_int_equal(rewards[1].points, 100);
	assert_int_equal(rewards[1].off_minor, 500);
	assert_int_equal(rewards[2].kind, 2);
	assert_int_equal(rewards[2].percent, 10);
	assert_int_equal(rewards[2].off_minor, 2000);
	assert_int_equal(rewards[3].kind, 3);
	assert_int_equal(rewards[3].points, 0);
	assert_int_equal(rewards[3].percent, 50);
	assert_int_equal(rewards[3].money_points, 100);
	assert_int_equal(rewards[3].money_minor, 100);
	assert_int_equal(rewards[3].money_step, 50);
}

static void pending_points_and_the_next_to_lapse_are_told(void **state)
{
	struct world *world = *state;
	char date[DATE_SIZE];
	const tally_MemberReply *reply = &world->reply->body.member;

	whole_rules(world, WHOLE_RULES "[points]\npending_days = 14\n"
				       "expire_date = 2099-12-31\n");
	world_sale(world, ANNA, 1000);
	assert_int_equal(whole_reply(world)->balance, 10);
	assert_int_equal(whole_reply(world)->pending, 10);
	assert_int_equal(whole_reply(world)->spendable, 0);
	whole_give(world, ANNA, 5);
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(reply->balance, 15);
	assert_int_equal(reply->pending, 10);
	assert_int_equal(reply->spendable, 5);
	assert_int_equal(reply->expiring, 15);
	day_format(date_to_day((struct date){2099, 12, 31}), date);
	assert_string_equal(reply->expiring_on, date);
	assert_false(reply->pooled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WHOLE_TEST(lines_earn_by_their_rules_and_are_kept),
	    WHOLE_TEST(the_most_lines_with_the_longest_names_fit),
	    WHOLE_TEST(lines_that_no_sale_has_are_refused),
	    WHOLE_TEST(what_is_paid_with_points_earns_none),
	    WHOLE_TEST(a_sale_without_a_card_is_claimed_once),
	    WHOLE_TEST(a_birthday_counts_and_is_in_no_entry),
	    WHOLE_TEST(a_draw_is_from_the_newest_checkpoint),
	    WHOLE_TEST(a_reward_off_the_sale_says_what_it_is_worth),
	    WHOLE_TEST(a_hold_keeps_points_until_it_is_captured),
	    WHOLE_TEST(a_capture_needs_no_card_and_says_nothing_else),
	    WHOLE_TEST(a_hold_ends_by_itself),
	    WHOLE_TEST(a_void_undoes_what_the_till_did),
	    WHOLE_TEST(a_void_of_a_hold_lets_the_points_go),
	    WHOLE_TEST(what_was_voided_before_it_came_is_refused),
	    WHOLE_TEST(a_void_finds_what_is_in_the_same_group),
	    WHOLE_TEST(lines_come_back_one_by_one),
	    WHOLE_TEST(a_redemption_comes_back_too),
	    WHOLE_TEST(a_tier_is_told_with_the_sale_that_reaches_it),
	    WHOLE_TEST(every_price_of_a_reward_is_told),
	    WHOLE_TEST(pending_points_and_the_next_to_lapse_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
