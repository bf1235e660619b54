/*
 * Explanations of what sales gave and of what comes back, in a real shop's
 * folder: the numbers that they rest on.
 */
#include "tests/unit/server/explain_world.h"

/* --- earning -------------------------------------------------------------- */

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

/* --- what comes back ------------------------------------------------------ */

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

	(void)world_sale(world, CARD, 1200);
	undo_well(world, world->counters[1]);
	explain_newest(world);
	assert_says("(entry 7, earn) is undone as a whole.\nIt had given 12 "
		    "points, and 12 of them are taken back.\n");
	undo_well(world, ++world->counters[1]);
	explain_newest(world);
	assert_says("The operation 5 of till 1 was undone before it had "
		    "arrived. If it still comes, it is refused.\n");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
