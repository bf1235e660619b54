/*
 * Explanations of entries of every other kind: what points bought, people, the
 * night, the shop; and of what is no entry, or no lawful one.
 */
#include "tests/unit/server/explain_world.h"

#include "server/tally/explain.h"

/* --- redeeming ------------------------------------------------------------ */

#define REWARDS                                                          \
	HEAD BASE "[points]\nexpire_date = 2999-12-31\n"                 \
		  "[reward tea]\nname = Tea\npoints = 9\n"               \
		  "[reward off]\nname = Off\npoints = 20\namount_off = " \
		  "2.00\n"                                               \
		  "[reward cash]\nname = Cash\nmoney_points = 10\n"      \
		  "money_amount = 1.00\n"

static uint64_t redeem(struct world *world, const char *reward, uint64_t points,
    uint64_t amount_minor)
{
	world_fill_redeem(world, 1, CARD, reward);
	world->job->request.body.redeem.points = points;
	world->job->request.body.redeem.amount_minor = amount_minor;
	ask_well(world);
	return world->reply->body.operation.entry;
}

static void says_what_points_bought_and_which(void **state)
{
	struct world *world = *state;

	(void)world_sale(world, CARD, 500);
	put_rules(world, REWARDS);
	(void)world_sale(world, CARD, 50000);
	explain_well(world, redeem(world, "tea", 0, 0));
	assert_says("The reward is Tea (tea): a product.\n9 points were "
		    "taken.\n");
	assert_says("|Points taken|Until the end of|Not before|\n"
		    "|9|2999-12-31||\n");
	explain_well(world, redeem(world, "off", 0, 1500));
	assert_says("The reward is Off (off): 2.00 off a sale.\n20 points were "
		    "taken, and are worth 2.00 off the sale.\n");
	explain_well(world, redeem(world, "cash", 30, 1500));
	assert_says("10 points pay 1.00.\n30 points were taken, and are worth "
		    "3.00 off the sale.\n");
}

static void says_what_came_back_of_a_redemption(void **state)
{
	struct world *world = *state;
	uint64_t entry;

	put_rules(world, REWARDS);
	(void)world_sale(world, CARD, 50000);
	entry = redeem(world, "cash", 30, 1500);
	world_fill_return(world, 1, entry, 0);
	world->job->request.body.return_goods.points = 10;
	ask_well(world);
	explain_newest(world);
	assert_says("10 of the 30 points of a redemption (entry 9) go back to "
		    "the lots that they came from");
	world_fill_return(world, 1, entry, 0);
	ask_well(world);
	explain_newest(world);
	assert_says("20 of the 30 points of a redemption");
	assert_says("10 had gone back before.\nNothing is left of it: the "
		    "reward can be had again.\n");
}

static void says_what_is_held_captured_and_freed(void **state)
{
	struct world *world = *state;
	tally_Hold *hold;
	uint64_t entry;

	put_rules(world, REWARDS);
	(void)world_sale(world, CARD, 50000);
	for (unsigned i = 0; i < 2; i++) {
		hold = &world_request(world, tally_Request_hold_tag)->body.hold;
		world_name(world, 1, &hold->has_operation, &hold->operation);
		(void)snprintf(hold->card, sizeof(hold->card), CARD);
		(void)snprintf(hold->reward, sizeof(hold->reward), "tea");
		ask_well(world);
		explain_newest(world);
		assert_says("9 points are kept for it until ");
	}
	undo_well(world, world->counters[1]);
	explain_newest(world);
	assert_says(", hold) is undone as a whole.\nThe 9 points are free "
		    "again.\n");
	entry = world_head(world) - 2;
	world_fill_redeem(world, 1, CARD, "");
	world->job->request.body.redeem.hold = entry;
	ask_well(world);
	explain_newest(world);
	assert_says("They had been kept for it by entry 9.\n");
}

/* --- people --------------------------------------------------------------- */

static void says_what_was_done_by_hand_and_why(void **state)
{
	struct world *world = *state;
	tally_Adjust *adjust =
	    &world_request(world, tally_Request_adjust_tag)->body.adjust;

	(void)snprintf(adjust->card, sizeof(adjust->card), CARD);
	(void)snprintf(adjust->reason, sizeof(adjust->reason), "long wait");
	adjust->points = 50;
	ask_owner_well(world);
	explain_newest(world);
	assert_says("50 points were given by hand. The reason: long wait\nThe "
		    "owner did it.\n");
	adjust = &world_request(world, tally_Request_adjust_tag)->body.adjust;
	(void)snprintf(adjust->card, sizeof(adjust->card), CARD);
	(void)snprintf(adjust->reason, sizeof(adjust->reason), "mistake");
	adjust->points = -20;
	ask_owner_well(world);
	explain_newest(world);
	assert_says("20 points were taken by hand. The reason: mistake\n");
}

static void says_whom_points_went_to(void **state)
{
	struct world *world = *state;
	tally_Transfer *transfer;

	put_rules(world, HEAD BASE "[transfer]\n");
	(void)world_sale(world, CARD, 5000);
	transfer =
	    &world_request(world, tally_Request_transfer_tag)->body.transfer;
	world_name(world, 1, &transfer->has_operation, &transfer->operation);
	(void)snprintf(transfer->card, sizeof(transfer->card), CARD);
	(void)snprintf(transfer->to, sizeof(transfer->to), OTHER);
	transfer->points = 15;
	ask_well(world);
	explain_newest(world);
	assert_says(" gave 15 points to the member ");
	assert_says("The balance was 50 and is 35 from then on.\n");
}

static void says_who_pools_with_whom(void **state)
{
	struct world *world = *state;
	tally_Join *join;
	tally_Leave *leave;

	(void)world_sale(world, CARD, 5000);
	join = &world_request(world, tally_Request_join_tag)->body.join;
	(void)snprintf(join->card, sizeof(join->card), CARD);
	(void)snprintf(join->with, sizeof(join->with), OTHER);
	ask_owner_well(world);
	explain_newest(world);
	assert_says(" from here on, and brings 50 points.\n");
	leave = &world_request(world, tally_Request_leave_tag)->body.leave;
	(void)snprintf(leave->card, sizeof(leave->card), CARD);
	ask_owner_well(world);
	explain_newest(world);
	assert_says(" is on its own again, and gets back 50 points");
}

static void says_what_became_of_cards_and_details(void **state)
{
	struct world *world = *state;
	tally_CardAdd *add =
	    &world_request(world, tally_Request_card_add_tag)->body.card_add;
	tally_CardBlock *block;
	tally_MemberSet *set;

	(void)snprintf(add->card, sizeof(add->card), CARD);
	(void)snprintf(
	    add->new_card, sizeof(add->new_card), "%s", world_card(77));
	ask_owner_well(world);
	explain_newest(world);
	assert_says("A further card for the member.\n");
	block = &world_request(world, tally_Request_card_block_tag)
		     ->body.card_block;
	(void)snprintf(block->card, sizeof(block->card), CARD);
	(void)snprintf(block->reason, sizeof(block->reason), "lost");
	ask_owner_well(world);
	explain_newest(world);
	assert_says("The first card of the member is blocked.\nThe reason: "
		    "lost\n");
	set = &world_request(world, tally_Request_member_set_tag)
		   ->body.member_set;
	(void)snprintf(set->card, sizeof(set->card), OTHER);
	set->details = true;
	ask_owner_well(world);
	explain_newest(world);
	assert_says("The member's private details were set.");
}

static void says_who_brought_whom_and_the_bonus(void **state)
{
	struct world *world = *state;

	put_rules(world, HEAD BASE "[earn friend]\nrefer = 500\n");
	world_fill_enrol(world, 1, world_card(5));
	(void)snprintf(world->job->request.body.enrol.referrer, 65, CARD);
	ask_well(world);
	explain_newest(world);
	assert_says("A member is enrolled.");
	assert_says(" brought this one, and may get a bonus");
	(void)world_sale(world, world_card(5), 100);
	(void)world_request(world, tally_Request_night_tag);
	ask_owner_well(world);
	explain_newest(world);
	assert_says("500 points for having brought the member ");
	assert_says("500 by the rule friend.\n");
}

/* --- the night, and the shop ---------------------------------------------- */

static void says_what_the_night_wrote_down(void **state)
{
	struct world *world = *state;
	uint64_t first;
	bool seen[ENTRY_KIND_MAX + 1] = {false};

	put_rules(world,
	    HEAD BASE "[points]\nexpire_months = 1\nwarn_days = 20\n"
		      "[tiers]\nqualify = points\nwindow_days = 30\n"
		      "[tier a]\nname = Silver\nfrom = 10\n");
	(void)world_sale(world, CARD, 2000);
	first = world_head(world);
	world->now_ms += 25 * (uint64_t)DAY_MS;
	(void)world_request(world, tally_Request_night_tag);
	ask_owner_well(world);
	world->now_ms += 25 * (uint64_t)DAY_MS;
	(void)world_request(world, tally_Request_night_tag);
	ask_owner_well(world);
	for (uint64_t i = first + 1; i <= world_head(world); i++) {
		explain_well(world, i);
		if (strstr(said.text, "What: notice\n") != NULL) {
			seen[ENTRY_NOTICE] = true;
			assert_says("The member is to be told that 20 points "
				    "will lapse.\n");
		} else if (strstr(said.text, "What: expire\n") != NULL) {
			seen[ENTRY_EXPIRE] = true;
			assert_says("20 points lapsed: their last day was "
				    "before ");
			assert_says("|Points taken|");
		} else {
			seen[ENTRY_TIER] = true;
			assert_says("The tier Silver ran out at the end of ");
			assert_says("What was counted since is not enough for "
				    "another.\n");
		}
	}
	assert_true(seen[ENTRY_NOTICE]);
	assert_true(seen[ENTRY_EXPIRE]);
	assert_true(seen[ENTRY_TIER]);
}

static void says_how_the_shop_began(void **state)
{
	struct world *world = *state;

	explain_well(world, 1);
	assert_says("The ledger begins: of the shop ");
	explain_well(world, 2);
	assert_says("Their text: tally programme show --at 2\n");
	explain_well(world, 3);
	assert_says("Terminal 1 is let in.\n");
	explain_well(world, 5);
	assert_says("A member is enrolled. The card's number is not in the "
		    "ledger");
	assert_null(strstr(said.text, CARD));
}

/* As if somebody had written another number into the ledger. */
static void says_what_the_rules_do_not_give_and_nothing_else(void **state)
{
	struct world *world = *state;
	uint64_t sale = world_sale(world, CARD, 1250);
	struct explained explained = {.page = &said};
	struct explain_source source;
	struct progress progress;
	char shop[128];

	world_path(world, "", shop);
	progress_init(&progress, "entries");
	source = (struct explain_source){.shop = shop, .progress = &progress};
	assert_int_equal(
	    explain_load(&explained, &source, sale, &world->err), RESULT_OK);
	memset(&said, 0, sizeof(said));
	explained.entry.points++;
	assert_int_equal(explain(&explained, &world->err), RESULT_OK);
	explain_finish(&explained);
	assert_key("lawful=false");
	assert_says("The rules do not give this: ");
	assert_null(strstr(said.text, "A sale of"));
	assert_null(strstr(said.text, "The balance"));
}

static void says_where_there_is_no_such_entry(void **state)
{
	struct world *world = *state;

	assert_int_equal(explain_entry(world, 7), EXIT_FAILED);
	assert_says("not_found: there is no entry 7; the newest is 6\n");
	assert_int_equal(explain_entry(world, 0), EXIT_FAILED);
	assert_says("usage: ENTRY is a whole number from 1");
	assert_int_equal(run_verb(world, run_programme_explain, "1", NULL,
			     OPTIONS("--server", "127.0.0.1:1")),
	    EXIT_FAILED);
	assert_says("usage: --server wants --identity DIR");
	assert_int_equal(run_verb(world, run_programme_explain, "1", NULL,
			     OPTIONS("--identity", "/no/such/folder")),
	    EXIT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(says_what_points_bought_and_which),
	    TEST(says_what_came_back_of_a_redemption),
	    TEST(says_what_is_held_captured_and_freed),
	    TEST(says_what_was_done_by_hand_and_why),
	    TEST(says_whom_points_went_to),
	    TEST(says_who_pools_with_whom),
	    TEST(says_what_became_of_cards_and_details),
	    TEST(says_who_brought_whom_and_the_bonus),
	    TEST(says_what_the_night_wrote_down),
	    TEST(says_how_the_shop_began),
	    TEST(says_what_the_rules_do_not_give_and_nothing_else),
	    TEST(says_where_there_is_no_such_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
