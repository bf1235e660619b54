/*
 * Tests of command: members, who belongs together, and points that go between
 * them.
 */
#include "tests/unit/server/whole_world.h"

/* --- enrolling ------------------------------------------------------------ */

static void a_new_member_says_who_brought_it(void **state)
{
	struct world *world = *state;

	world_fill_enrol(world, 1, NOBODY);
	WHOLE_TEXT(WHOLE_BODY(world, enrol)->referrer, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
	assert_int_equal(whole_member(world, NOBODY)->extra->referrer,
	    whole_account(world, ANNA));
}

static void whoever_brings_is_a_member_whose_card_is_good(void **state)
{
	struct world *world = *state;

	world_fill_enrol(world, 1, NOBODY);
	WHOLE_TEXT(WHOLE_BODY(world, enrol)->referrer, NOBODY);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	WHOLE_TEXT(WHOLE_BODY(world, enrol)->referrer, "123");
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_INVALID);
	whole_block(world, BEN);
	world_fill_enrol(world, 1, NOBODY);
	WHOLE_TEXT(WHOLE_BODY(world, enrol)->referrer, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	assert_int_equal(whole_account(world, NOBODY), 0);
}

/* --- transfers ------------------------------------------------------------ */

static void points_are_sent_and_both_histories_tell(void **state)
{
	struct world *world = *state;
	const tally_HistoryLine *line;

	whole_give(world, ANNA, 100);
	whole_give(world, BEN, 7);
	whole_fill_transfer(world, ANNA, BEN, 40);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->points, -40);
	assert_int_equal(whole_reply(world)->balance, 60);
	assert_int_equal(whole_reply(world)->spendable, 60);
	whole_again(world, 1);
	line = &world->reply->body.history.lines[0];
	for (int receiver = 0; receiver < 2; receiver++) {
		(void)world_request(world, tally_Request_history_tag);
		WHOLE_TEXT(world->job->request.body.history.card,
		    receiver ? BEN : ANNA);
		assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
		assert_int_equal(line->kind, ENTRY_TRANSFER);
		assert_int_equal(line->points, receiver ? 40 : -40);
		assert_int_equal(line->balance, receiver ? 47 : 60);
	}
}

static void a_transfer_is_refused_where_it_cannot_be(void **state)
{
	struct world *world = *state;

	whole_give(world, ANNA, 100);
	whole_fill_transfer(world, ANNA, ANNA, 40);
	assert_int_equal(world_ask(world, 1), REFUSAL_SAME_MEMBER);
	whole_fill_transfer(world, ANNA, NOBODY, 40);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_UNKNOWN);
	whole_fill_transfer(world, ANNA, BEN, 101);
	assert_int_equal(world_ask(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	whole_block(world, BEN);
	whole_fill_transfer(world, ANNA, BEN, 40);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	whole_fill_transfer(world, BEN, ANNA, 40);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	assert_int_equal(whole_balance(world, ANNA), 100);
}

static void a_till_names_its_operations(void **state)
{
	struct world *world = *state;

	whole_fill_adjust(world, 0, ANNA, 10, "x");
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_join(world, 0, ANNA, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_leave(world, 0, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_segment(world, 0, ANNA, "staff", false);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_card_add(world, 0, ANNA, NOBODY);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_card_block(world, 0, ANNA, false);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
}

/* --- pools ---------------------------------------------------------------- */

static void joined(struct world *world)
{
	whole_give(world, ANNA, 100);
	whole_give(world, BEN, 30);
	whole_fill_join(world, 1, BEN, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

static void who_joins_sees_and_spends_the_pool(void **state)
{
	struct world *world = *state;

	joined(world);
	assert_int_equal(whole_reply(world)->points, 30);
	assert_int_equal(whole_reply(world)->balance, 130);
	assert_int_equal(whole_reply(world)->spendable, 130);
	whole_again(world, 1);
	assert_int_equal(whole_balance(world, BEN), 130);
	assert_true(world->reply->body.member.pooled);
	assert_int_equal(whole_balance(world, ANNA), 130);
	assert_true(world->reply->body.member.pooled);
	world_fill_earn(world, 1, BEN, 2000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->balance, 150);
	whole_again(world, 1);
	world_fill_redeem(world, 2, BEN, "coffee");
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(whole_reply(world)->balance, 0);
	assert_int_equal(whole_balance(world, ANNA), 0);
}

static void the_history_of_a_pooled_card_is_the_pools(void **state)
{
	struct world *world = *state;
	const tally_HistoryReply *history = &world->reply->body.history;

	joined(world);
	world_sale(world, ANNA, 2000);
	for (int i = 0; i < 2; i++) {
		(void)world_request(world, tally_Request_history_tag);
		WHOLE_TEXT(
		    world->job->request.body.history.card, i == 0 ? ANNA : BEN);
		assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
		assert_int_equal(history->lines_count, 4);
		assert_int_equal(history->lines[0].kind, ENTRY_EARN);
		assert_int_equal(history->lines[0].balance, 150);
		assert_int_equal(history->lines[1].kind, ENTRY_JOIN);
		assert_int_equal(history->lines[1].points, 30);
		assert_int_equal(history->lines[1].balance, 130);
		assert_int_equal(history->lines[3].kind, ENTRY_ENROL);
	}
	whole_fill_leave(world, 1, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	(void)world_request(world, tally_Request_history_tag);
	WHOLE_TEXT(world->job->request.body.history.card, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(history->lines_count, 4);
	assert_int_equal(history->lines[0].kind, ENTRY_LEAVE);
	assert_int_equal(history->lines[0].points, 30);
	assert_int_equal(history->lines[0].balance, 30);
	assert_int_equal(history->lines[1].kind, ENTRY_JOIN);
	assert_int_equal(history->lines[1].points, -30);
	assert_int_equal(history->lines[1].balance, 0);
}

static void who_leaves_gets_back_what_there_is(void **state)
{
	struct world *world = *state;
	tally_Request left;

	joined(world);
	whole_fill_leave(world, 1, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	left = world->job->request;
	assert_int_equal(whole_reply(world)->points, 30);
	assert_int_equal(whole_reply(world)->balance, 30);
	whole_again(world, 1);
	assert_int_equal(whole_balance(world, ANNA), 100);
	assert_false(world->reply->body.member.pooled);
	whole_fill_leave(world, 1, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_FOUND);
	whole_fill_join(world, 0, BEN, CORA);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	whole_fill_join(world, 0, ANNA, BEN);
	assert_int_equal(world_ask_owner(world), REFUSAL_JOINED);
	whole_fill_leave(world, 0, BEN);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	/* The first leave again, after all of that. */
	world->job->request = left;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	assert_int_equal(whole_reply(world)->points, 30);
}

/* What a card did while it pooled is known again when it has left. */
static void an_operation_comes_again_after_its_card_has_left(void **state)
{
	struct world *world = *state;
	tally_Request earned;

	joined(world);
	world_fill_earn(world, 1, BEN, 2000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	earned = world->job->request;
	whole_fill_leave(world, 1, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world->job->request = earned;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	assert_int_equal(whole_reply(world)->points, 20);
	assert_int_equal(whole_reply(world)->balance, 150);
	/* Of a stranger's card it is a conflict all the same. */
	WHOLE_TEXT(world->job->request.body.earn.card, CORA);
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_CONFLICT);
}

/* --- who a member is ------------------------------------------------------ */

static void details_are_kept_shown_and_erased(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *shown;
	struct buffer row = {0};

	whole_fill_details(world, 1, ANNA, "Anna Smith", 229);
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->phone, "+49 30 1");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
	shown = whole_show(world, ANNA);
	assert_string_equal(shown->name, "Anna Smith");
	assert_string_equal(shown->phone, "+49 30 1");
	assert_int_equal(shown->birthday, 229);
	assert_true(shown->commitment_holds);
	/* As a whole: what is not said is gone. */
	whole_fill_details(world, 0, ANNA, "Anna Jones", 0);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	shown = whole_show(world, ANNA);
	assert_string_equal(shown->name, "Anna Jones");
	assert_string_equal(shown->phone, "");
	assert_true(shown->commitment_holds);
	whole_fill_details(world, 0, ANNA, "", 0);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_string_equal(whole_show(world, ANNA)->name, "");
	assert_int_equal(
	    world->shop->store->ops->private_read(world->shop->store,
		PRIVATE_MEMBER, whole_account(world, ANNA), &row, &world->err),
	    RESULT_NOT_FOUND);
	buffer_finish(&row);
}

static void a_repetition_does_not_touch_what_came_since(void **state)
{
	struct world *world = *state;
	tally_Request first;

	whole_fill_details(world, 1, ANNA, "Anna", 229);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	first = world->job->request;
	whole_fill_details(world, 1, ANNA, "Anne", 314);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world->job->request = first;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	assert_int_equal(directory_birthday(world->shop->directory,
			     whole_account(world, ANNA)),
	    314);
	assert_string_equal(whole_show(world, ANNA)->name, "Anne");
	assert_true(whole_show(world, ANNA)->commitment_holds);
}

static void details_and_segments_are_well_formed(void **state)
{
	struct world *world = *state;

	whole_fill_details(world, 1, ANNA, "Anna", 230);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_details(world, 1, ANNA, "Anna", 65536 + 101);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_details(world, 1, ANNA, "Anna", 101);
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->segment, "staff");
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_segment(world, 1, ANNA, "", false);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	whole_fill_segment(world, 1, ANNA, "No Id", false);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
}

static void a_segment_is_added_and_removed(void **state)
{
	struct world *world = *state;
	uint32_t ident = programme_ident("segment", bytes_of_string("staff"));

	whole_fill_segment(world, 1, ANNA, "staff", false);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_again(world, 1);
	assert_true(book_has_segment(whole_member(world, ANNA), ident));
	whole_fill_segment(world, 1, ANNA, "staff", false);
	assert_int_equal(world_ask(world, 1), REFUSAL_EXISTS);
	whole_fill_segment(world, 0, ANNA, "staff", true);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_false(book_has_segment(whole_member(world, ANNA), ident));
}

/* The newest name first; what was left is no longer there. */
static void a_members_segments_are_shown(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *shown = whole_show(world, ANNA);

	assert_int_equal(shown->segments_count, 0);
	whole_fill_segment(world, 0, ANNA, "staff", false);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	whole_fill_segment(world, 0, ANNA, "senior", false);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	shown = whole_show(world, ANNA);
	assert_int_equal(shown->segments_count, 2);
	assert_string_equal(shown->segments[0].id, "senior");
	assert_string_equal(shown->segments[1].id, "staff");
	assert_int_equal(shown->segments_more, 0);
	whole_fill_segment(world, 0, ANNA, "staff", true);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	shown = whole_show(world, ANNA);
	assert_int_equal(shown->segments_count, 1);
	assert_string_equal(shown->segments[0].id, "senior");
	assert_int_equal(whole_show(world, BEN)->segments_count, 0);
}

static void what_is_about_belonging_wants_a_supervisor(void **state)
{
	struct world *world = *state;
	tally_LoginReply ann;
	tally_LoginReply sue;

	whole_cashiers(world);
	whole_login(world, 1, PIN_ANN, &ann);
	whole_login(world, 2, PIN_SUE, &sue);
	whole_fill_join(world, 1, BEN, ANNA);
	whole_ticket(&WHOLE_BODY(world, join)->operation, &ann);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
	whole_ticket(&WHOLE_BODY(world, join)->operation, &sue);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	whole_fill_segment(world, 1, ANNA, "staff", false);
	whole_ticket(&WHOLE_BODY(world, member_set)->operation, &ann);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
	whole_fill_leave(world, 1, BEN);
	whole_ticket(&WHOLE_BODY(world, leave)->operation, &ann);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
}

static void the_owner_sees_all_of_a_member(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *shown;
	uint64_t hold;

	whole_rules(world, WHOLE_RULES "[points]\npending_days = 14\n"
				       "expire_date = 2099-12-31\n");
	world_sale(world, ANNA, 30000);
	whole_give(world, ANNA, 200);
	hold = whole_hold(world, ANNA, "five");
	shown = whole_show(world, ANNA);
	assert_int_equal(shown->account, whole_account(world, ANNA));
	assert_string_equal(shown->card, ANNA);
	assert_int_equal(shown->balance, 500);
	assert_int_equal(shown->pending, 300);
	assert_int_equal(shown->spendable, 100);
	assert_string_equal(shown->tier, "Silver");
	assert_int_equal(strlen(shown->tier_until), 10);
	assert_int_equal(shown->lots_count, 2);
	assert_int_equal(shown->lots_more, 0);
	assert_int_equal(shown->lots[0].points, 200);
	assert_string_equal(shown->lots[0].until, "2099-12-31");
	assert_string_equal(shown->lots[0].from, "");
	assert_int_equal(shown->lots[1].points, 300);
	assert_int_equal(strlen(shown->lots[1].from), 10);
	assert_int_equal(shown->holds_count, 1);
	assert_int_equal(shown->holds[0].entry, hold);
	assert_int_equal(shown->holds[0].points, 100);
	assert_int_equal(shown->pools_with, 0);
	assert_false(shown->blocked);
	assert_int_equal(shown->lines_count, 4);
	/* A hold that has timed out is none. */
	world->now_ms += 600000;
	assert_int_equal(whole_show(world, ANNA)->holds_count, 0);
}

static void the_owner_sees_where_a_pooled_members_points_are(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *shown;

	joined(world);
	shown = whole_show(world, BEN);
	assert_int_equal(shown->account, whole_account(world, BEN));
	assert_int_equal(shown->pools_with, whole_account(world, ANNA));
	assert_int_equal(shown->balance, 130);
	assert_int_equal(shown->lines_count, 3);
	assert_int_equal(shown->lines[0].kind, ENTRY_JOIN);
	assert_int_equal(shown->lines[0].points, -30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WHOLE_TEST(a_new_member_says_who_brought_it),
	    WHOLE_TEST(whoever_brings_is_a_member_whose_card_is_good),
	    WHOLE_TEST(points_are_sent_and_both_histories_tell),
	    WHOLE_TEST(a_transfer_is_refused_where_it_cannot_be),
	    WHOLE_TEST(a_till_names_its_operations),
	    WHOLE_TEST(who_joins_sees_and_spends_the_pool),
	    WHOLE_TEST(the_history_of_a_pooled_card_is_the_pools),
	    WHOLE_TEST(who_leaves_gets_back_what_there_is),
	    WHOLE_TEST(an_operation_comes_again_after_its_card_has_left),
	    WHOLE_TEST(details_are_kept_shown_and_erased),
	    WHOLE_TEST(a_repetition_does_not_touch_what_came_since),
	    WHOLE_TEST(details_and_segments_are_well_formed),
	    WHOLE_TEST(a_segment_is_added_and_removed),
	    WHOLE_TEST(a_members_segments_are_shown),
	    WHOLE_TEST(what_is_about_belonging_wants_a_supervisor),
	    WHOLE_TEST(the_owner_sees_all_of_a_member),
	    WHOLE_TEST(the_owner_sees_where_a_pooled_members_points_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
