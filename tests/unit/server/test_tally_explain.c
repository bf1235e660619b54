/*
 * Explanations of entries of every kind, in a real shop's folder: each is said
 * to be lawful, and says the numbers that it rests on.
 */
#include "tests/unit/server/page_world.h"

#include "server/tally/explain.h"

#define CARD "2912345678906"
#define OTHER "2912345678913"

#define HEAD                                           \
	"[programme]\nname = Corner\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\nclaim_days = 5\n"
#define BASE "earn_points = 1\nearn_amount = 1.00\n"

/* --- asking
 * -------------------------------------------------------------------
 */

static int explain_entry(struct world *world, uint64_t entry)
{
	char number[24];

	(void)snprintf(
	    number, sizeof(number), "%llu", (unsigned long long)entry);
	return run_verb(world, run_programme_explain, number, NULL, NULL);
}

/* It is lawful, and it says so. */
static void explain_well(struct world *world, uint64_t entry)
{
	assert_int_equal(explain_entry(world, entry), EXIT_FINE);
	assert_key("lawful=true");
	assert_says("Decided again by the same rules on the same book, it is "
		    "the same.\n");
}

static void explain_newest(struct world *world)
{
	explain_well(world, world_head(world));
}

static void ask_well(struct world *world)
{
	if (world_ask(world, 1) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

static void ask_owner_well(struct world *world)
{
	if (world_ask_owner(world) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

struct line {
	const char *category;
	const char *product;
	uint32_t quantity;
	int64_t amount_minor;
};

/* A sale of these lines, ended by one without a category. */
static uint64_t sell(
    struct world *world, const char *card, const struct line *lines)
{
	tally_Earn *earn;

	world_fill_earn(world, 1, card, 0);
	earn = &world->job->request.body.earn;
	for (; lines->category != NULL; lines = &lines[1]) {
		tally_Line *line = &earn->lines[earn->lines_count++];

		(void)snprintf(line->category, sizeof(line->category), "%s",
		    lines->category);
		(void)snprintf(
		    line->product, sizeof(line->product), "%s", lines->product);
		line->quantity = lines->quantity;
		line->amount_minor = lines->amount_minor;
		earn->amount_minor += (uint64_t)lines->amount_minor;
	}
	ask_well(world);
	return world->reply->body.operation.entry;
}

static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) != 0)
		return -1;
	world = *state;
	world_member(world, CARD);
	world_member(world, OTHER);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

/* --- earning
 * --------------------------------------------------------------------
 */

static void says_the_one_rule_of_a_plain_programme(void **state)
{
	struct world *world = *state;

	explain_well(world, world_sale(world, CARD, 1250));
	assert_says("What: earn\n");
	assert_says("Till: 1\n");
	assert_says("A sale of 12.50 gave 12 points.\n"
		    "The rule is 1 point for each full 1.00: 12 for 12.50.\n");
	assert_says("The balance was 0 and is 12 from then on.\n");
	explain_well(world, world_sale(world, CARD, 300));
	assert_says("The balance was 12 and is 15 from then on.\n");
	assert_key("balance_before=12");
	assert_key("balance=15");
	assert_null(strstr(said.text, "Points given"));
}

static void says_each_rules_part_and_which_of_a_group_counts(void **state)
{
	static const struct line lines[] = {{"fruit", "apple", 3, 450},
	    {"bread", "", 1, 300}, {"tobacco", "", 1, 700}, {NULL}};
	struct world *world = *state;

	put_rules(world, HEAD BASE
	    "exclude_categories = tobacco\n"
	    "[earn fresh]\nname = Fresh fruit\npoints = 0.5\nper = 1.00\n"
	    "categories = fruit\ngroup = best\n"
	    "[earn visit]\npoints = 2\nper = visit\ngroup = best\n"
	    "[earn items]\npoints = 1.5\nper = item\nsale_points_max = 5\n");
	explain_well(world, sell(world, CARD, lines));
	assert_says("A sale of 14.50 gave 14 points.\n");
	assert_says("|Rule|Name|Points|Counts||\n"
		    "|base|base|7|yes||\n"
		    "|fresh|Fresh fruit|2.25|yes|the best of the group best|\n"
		    "|visit|visit|2||does not count: another of the group best "
		    "gave more|\n"
		    "|items|items|5|yes|cut from 6 points by its cap of a "
		    "sale|\n");
	assert_says("The sum is 14.25, and only whole points are given: 14.\n");
	assert_key("sum_micro=14250000");
	assert_key("uncut_micro=6");
	assert_null(strstr(said.text, "Did not apply"));
}

static void says_why_a_rule_did_not_apply(void **state)
{
	static const struct line lines[] = {{"bread", "", 1, 300}, {NULL}};
	struct world *world = *state;

	put_rules(world, HEAD BASE
	    "[earn fresh]\nname = Fresh fruit\npoints = 1\nper = item\n"
	    "categories = fruit\nshops = north\n"
	    "[earn large]\npoints = 5\nper = visit\namount_min = 3.01\n"
	    "[earn back]\npoints = 5\nper = visit\nlapsed_days = 9\n"
	    "[earn once]\npoints = 5\nper = visit\nfirst = yes\n"
	    "[earn staff]\npoints = 5\nper = visit\nsegments = staff\n"
	    "[earn friend]\nrefer = 5\n"
	    "[earn old]\npoints = 5\nper = visit\nuntil = 2001-01-01\n");
	(void)world_sale(world, CARD, 500);
	explain_well(world, sell(world, CARD, lines));
	assert_says("|fresh|Fresh fruit|not at that shop, nothing was sold "
		    "that it is about|\n"
		    "|large|large|less was sold of it than it asks for|\n"
		    "|back|back|the last sale was not long enough ago, or "
		    "there was none|\n"
		    "|once|once|it had applied as often as it may|\n"
		    "|staff|staff|the member is not in its segment|\n"
		    "|friend|friend|it is for who brings a member, not for a "
		    "sale|\n"
		    "|old|old|it was not in force on that day|\n");
}

static void says_what_was_true_then_and_is_not_now(void **state)
{
	struct world *world = *state;
	uint64_t first;
	tally_MemberSet *set;

	put_rules(world, HEAD BASE
	    "day_points_max = 20\n"
	    "[earn staff]\npoints = 5\nper = visit\nsegments = staff\n"
	    "day_points_max = 7\n");
	first = world_sale(world, CARD, 500);
	set = &world_request(world, tally_Request_member_set_tag)
		   ->body.member_set;
	(void)snprintf(set->card, sizeof(set->card), CARD);
	(void)snprintf(set->segment, sizeof(set->segment), "staff");
	ask_owner_well(world);
	(void)world_sale(world, CARD, 500);
	explain_newest(world);
	assert_says("|staff|staff|5|yes||\n");
	(void)world_sale(world, CARD, 500);
	explain_newest(world);
	assert_says("|staff|staff|2|yes|cut from 5 points by its cap of a "
		    "day|\n");
	assert_says("The sum is 7.\nThe programme's own caps of a sale, a day "
		    "or a month left 5 of them.\n");
	explain_well(world, first);
	assert_says("|staff|staff|the member is not in its segment|\n");
}

static void says_the_stamps_the_tier_and_the_birthday(void **state)
{
	struct world *world = *state;
	tally_MemberSet *set;

	put_rules(world, HEAD BASE
	    "[points]\npending_days = 3\nexpire_date = 2999-12-31\n"
	    "[tiers]\nqualify = points\n[tier a]\nname = Silver\nfrom = 10\n"
	    "[earn day]\npoints = 5\nper = visit\nbirthday = yes\n"
	    "[earn top]\npoints = 1\nper = visit\ntiers = a\n");
	set = &world_request(world, tally_Request_member_set_tag)
		   ->body.member_set;
	(void)snprintf(set->card, sizeof(set->card), CARD);
	set->details = true;
	{
		struct date date =
		    day_to_date((int32_t)(world->now_ms / DAY_MS));

		set->birthday = date.month * 100u + date.day;
	}
	ask_owner_well(world);
	explain_well(world, world_sale(world, CARD, 700));
	assert_says("The member's birthday was near");
	assert_says("|day|day|5|yes||\n");
	assert_says("|top|top|not for that tier|\n");
	assert_says("|Points given|Until the end of|Not before|\n"
		    "|12|2999-12-31|20");
	assert_says("The tier is Silver from then on, until the end of ");
	assert_key("tier=Silver");
	explain_well(world, world_sale(world, CARD, 700));
	assert_says("|top|top|1|yes||\n");
}

static void says_how_to_check_a_draw(void **state)
{
	struct world *world = *state;
	unsigned won = 0;

	put_rules(world, HEAD BASE
	    "[earn luck]\nname = Luck\npoints = 5\nper = visit\nchance = 2\n");
	/* A checkpoint is signed when the shop is closed. */
	world_reopen(world);
	for (unsigned i = 0; i < 12; i++) {
		explain_well(world, world_sale(world, CARD, 100));
		assert_says("It is SHA-256 of \"tally draw v1\", a byte 0, the "
			    "root of the checkpoint of ");
		assert_says("Luck, rule number 1: bytes 8 to 15 of it, plus 1, "
			    "are ");
		assert_says("The sum is ");
		if (strstr(said.text, "and 0 wins: won.\n") != NULL) {
			won++;
			assert_says("|luck|Luck|5|yes||\n");
			assert_says("modulo 2 that is 0, ");
		} else {
			assert_says("|luck|Luck|it was not drawn|\n");
			assert_says("modulo 2 that is 1, and 0 wins: not won.");
		}
	}
	assert_in_range(won, 1, 11);
}

static void says_what_was_paid_with_points(void **state)
{
	struct world *world = *state;

	(void)world_sale(world, CARD, 50000);
	world_fill_earn(world, 1, CARD, 1000);
	world->job->request.body.earn.paid_minor = 250;
	ask_well(world);
	explain_newest(world);
	assert_says("2.50 of it was paid with points, and earns nothing.\n"
		    "The rule is 1 point for each full 1.00: 7 for 7.50.\n");
}

static void says_of_a_claim_which_sale_it_was(void **state)
{
	struct world *world = *state;
	uint64_t entry;
	tally_Sale *sale;

	put_rules(world, HEAD BASE);
	sale = &world_request(world, tally_Request_sale_tag)->body.sale;
	world_name(world, 1, &sale->has_operation, &sale->operation);
	sale->amount_minor = 900;
	(void)snprintf(sale->receipt, sizeof(sale->receipt), "A-1");
	ask_well(world);
	entry = world->reply->body.operation.entry;
	explain_well(world, entry);
	assert_says("A sale of 9.00 without a card. It gave nothing, and could "
		    "be claimed with its receipt for 5 days.\n");
	world_fill_earn(world, 1, CARD, 0);
	world->job->request.body.earn.claim = entry;
	(void)snprintf(world->job->request.body.earn.receipt, 41, "A-1");
	ask_well(world);
	explain_newest(world);
	assert_says("A sale of 9.00 gave 9 points.\n"
		    "It was rung up without a card (entry 8) and claimed later "
		    "with its receipt.\n");
}

/* --- what comes back
 * --------------------------------------------------------------
 */

static void give_back(struct world *world, uint64_t entry, uint64_t amount)
{
	world_fill_return(world, 1, entry, amount);
	ask_well(world);
}

static void reckons_what_a_return_takes(void **state)
{
	struct world *world = *state;
	uint64_t sale = world_sale(world, CARD, 1250);

	give_back(world, sale, 300);
	explain_newest(world);
	assert_says("Goods for 3.00 of the sale of 12.50 (entry 7) came "
		    "back.");
	assert_says("It had earned: 12\n  taken before: 0\nWhat is kept: 9.50\n"
		    "  still earns: 9\nTaken now: 3\n");
	give_back(world, sale, 40);
	explain_newest(world);
	assert_says("  taken before: 3\nWhat is kept: 9.10\n"
		    "  still earns: 9\nTaken now: 0\n");
	give_back(world, sale, 910);
	explain_newest(world);
	assert_says("  taken before: 3\nWhat is kept: 0.00\n"
		    "  still earns: 0\nTaken now: 9\n");
	assert_key("taken_before=3");
	assert_key("kept_points=0");
}

static void reckons_what_lines_take(void **state)
{
	static const struct line lines[] = {{"fruit", "apple", 3, 900},
	    {"bread", "", 2, 600}, {"cheese", "", 1, 500}, {NULL}};
	struct world *world = *state;
	tally_Return *goods;
	uint64_t sale;

	put_rules(world, HEAD "[earn fresh]\npoints = 2\nper = 1.00\n"
			      "categories = fruit\n"
			      "[earn items]\npoints = 1\nper = item\n");
	sale = sell(world, CARD, lines);
	explain_well(world, sale);
	assert_says("gave 24 points");
	world_fill_return(world, 1, sale, 300);
	goods = &world->job->request.body.return_goods;
	goods->lines_count = 1;
	goods->lines[0] = (tally_ReturnLine){1, 1, 300};
	ask_well(world);
	explain_newest(world);
	assert_says("It had earned: 24\n  taken before: 0\n"
		    "What is kept: 17.00\n  still earns: 23\nTaken now: 1\n");
	world_fill_return(world, 1, sale, 900);
	goods->lines_count = 2;
	goods->lines[0] = (tally_ReturnLine){0, 2, 600};
	goods->lines[1] = (tally_ReturnLine){1, 1, 300};
	ask_well(world);
	explain_newest(world);
	assert_says("  taken before: 1\nWhat is kept: 8.00\n"
		    "  still earns: 8\nTaken now: 15\n");
}

static void says_what_is_let_go_where_there_is_no_debt(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	put_rules(world, HEAD BASE "[points]\ndebt = no\n"
				   "[reward tea]\nname = Tea\npoints = 9\n");
	sale = world_sale(world, CARD, 1000);
	world_fill_redeem(world, 1, CARD, "tea");
	ask_well(world);
	give_back(world, sale, 1000);
	explain_newest(world);
	assert_says("Taken now: 1\n10 were due; the member had no more, and "
		    "the programme has no debt.\n");
}

static void says_where_a_debt_is_left(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	put_rules(world, HEAD BASE "[reward tea]\nname = Tea\npoints = 9\n");
	sale = world_sale(world, CARD, 1000);
	world_fill_redeem(world, 1, CARD, "tea");
	ask_well(world);
	give_back(world, sale, 1000);
	explain_newest(world);
	assert_says("The balance was 1 and is -9 from then on.\nIt is a debt, "
		    "which later points pay off first.\n");
}

static void says_what_is_undone(void **state)
{
	struct world *world = *state;
	tally_Void *undo;

	(void)world_sale(world, CARD, 1200);
	undo = &world_request(world, tally_Request_void_operation_tag)
		    ->body.void_operation;
	undo->counter = world->counters[1];
	world_name(world, 1, &undo->has_operation, &undo->operation);
	ask_well(world);
	explain_newest(world);
	assert_says("(entry 7, earn) is undone as a whole.\nIt had given 12 "
		    "points, and 12 of them are taken back.\n");
	undo = &world_request(world, tally_Request_void_operation_tag)
		    ->body.void_operation;
	undo->counter = ++world->counters[1];
	world_name(world, 1, &undo->has_operation, &undo->operation);
	ask_well(world);
	explain_newest(world);
	assert_says("The operation 5 of till 1 was undone before it had "
		    "arrived. If it still comes, it is refused.\n");
}

/* --- redeeming
 * ----------------------------------------------------------------------
 */

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
	tally_Void *undo;
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
	undo = &world_request(world, tally_Request_void_operation_tag)
		    ->body.void_operation;
	undo->counter = world->counters[1];
	world_name(world, 1, &undo->has_operation, &undo->operation);
	ask_well(world);
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

/* --- people
 * -----------------------------------------------------------------------
 */

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

/* --- the night, and the shop
 * --------------------------------------------------------
 */

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
	    TEST(says_the_one_rule_of_a_plain_programme),
	    TEST(says_each_rules_part_and_which_of_a_group_counts),
	    TEST(says_why_a_rule_did_not_apply),
	    TEST(says_what_was_true_then_and_is_not_now),
	    TEST(says_the_stamps_the_tier_and_the_birthday),
	    TEST(says_how_to_check_a_draw),
	    TEST(says_what_was_paid_with_points),
	    TEST(says_of_a_claim_which_sale_it_was),
	    TEST(reckons_what_a_return_takes),
	    TEST(reckons_what_lines_take),
	    TEST(says_what_is_let_go_where_there_is_no_debt),
	    TEST(says_where_a_debt_is_left),
	    TEST(says_what_is_undone),
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
