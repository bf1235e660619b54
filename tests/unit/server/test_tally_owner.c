/*
 * What an owner changes of members, and what is asked for until it is done: on
 * a real shop's folder.
 */
#include "tests/unit/server/page_world.h"

#include <time.h>

#define CARD "2912345678906"
#define OTHER "2912345678913"
#define THIRD "2912345678920"

#define RULES                                                  \
	"[programme]\nname = Corner\ncurrency = EUR\n"         \
	"earn_points = 1\nearn_amount = 1.00\n"                \
	"sale_amount_max = 2000.00\n"                          \
	"[points]\npending_days = 3\nexpire_months = 1\n"      \
	"[tiers]\nqualify = points\n[tier a]\nname = Silver\n" \
	"from = 100\n[reward tea]\nname = Tea\npoints = 5\n"

static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) != 0)
		return -1;
	world = *state;
	world_member(world, CARD);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

static void assert_shown(struct world *world, const char *card)
{
	assert_int_equal(
	    run_verb(world, run_member_show, card, NULL, NULL), EXIT_FINE);
}

/* --- details -------------------------------------------------------------- */

static void keeps_details_and_what_is_not_said_again(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    run_verb(world, run_member_set, CARD, NULL,
		OPTIONS("--name", "Anna Smith", "--birthday", "03-14")),
	    EXIT_FINE);
	assert_says("entry 6 proves them");
	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--phone", "0123")),
	    EXIT_FINE);
	assert_shown(world, CARD);
	assert_says("Name: Anna Smith\nPhone: 0123\nBirthday: 03-14\n");
	assert_key("name=Anna Smith");
	assert_int_equal(
	    run_verb(world, run_member_set, CARD, NULL,
		OPTIONS("--name", "", "--birthday", "", "--phone", "9")),
	    EXIT_FINE);
	assert_shown(world, CARD);
	assert_says("Account: ");
	assert_null(strstr(said.text, "Name:"));
	assert_null(strstr(said.text, "Birthday:"));
	assert_says("Phone: 9\n");
}

static void puts_into_a_segment_and_takes_out_again(void **state)
{
	struct world *world = *state;

	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--segment", "staff")),
	    EXIT_FINE);
	assert_says("In the segment staff from entry 6 on.");
	assert_shown(world, CARD);
	assert_says("Segments: staff\n");
	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--segment", "staff", "--remove", "")),
	    EXIT_FINE);
	assert_says("No longer in the segment staff from entry 7 on.");
}

static void says_what_is_wrong_with_details(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    run_verb(world, run_member_set, CARD, NULL, NULL), EXIT_FAILED);
	assert_says("usage: member set wants --name, --phone or --birthday");
	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--segment", "a", "--name", "b")),
	    EXIT_FAILED);
	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--name", "b", "--remove", "")),
	    EXIT_FAILED);
	assert_says("--remove goes with --segment");
	for (size_t i = 0; i < 5; i++) {
		static const char *const wrong[] = {
		    "3-14", "13-01", "00-10", "03-32", "03-14x"};

		assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
				     OPTIONS("--birthday", wrong[i])),
		    EXIT_FAILED);
		assert_says("--birthday is a month and a day such as 03-14");
	}
	/* There is no such day: the server says so. */
	assert_int_equal(run_verb(world, run_member_set, CARD, NULL,
			     OPTIONS("--birthday", "02-30")),
	    EXIT_REFUSED);
	assert_int_equal(run_verb(world, run_member_set, OTHER, NULL,
			     OPTIONS("--name", "Ben")),
	    EXIT_REFUSED);
	assert_says("card_unknown: ");
}

/* --- cards and pools ------------------------------------------------------ */

static void adds_blocks_and_unblocks_cards(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    run_verb(world, run_card_add, CARD, OTHER, NULL), EXIT_FINE);
	assert_says("tally card block " CARD);
	assert_int_equal(run_verb(world, run_card_block, CARD, NULL,
			     OPTIONS("--reason", "lost")),
	    EXIT_FINE);
	assert_says("Card " CARD " is refused at every till (entry 7)");
	world_fill_earn(world, 1, CARD, 500);
	assert_int_equal(world_ask(world, 1), REFUSAL_CARD_BLOCKED);
	(void)world_sale(world, OTHER, 500);
	assert_shown(world, CARD);
	assert_says("Card blocked: yes\nBalance: 5\n");
	assert_says("|lost|");
	assert_int_equal(
	    run_verb(world, run_card_unblock, CARD, NULL, NULL), EXIT_FINE);
	assert_says("is taken again");
	(void)world_sale(world, CARD, 500);
	assert_int_equal(
	    run_verb(world, run_card_add, CARD, OTHER, NULL), EXIT_REFUSED);
	assert_says("card_enrolled: ");
}

static void joins_members_and_parts_them(void **state)
{
	struct world *world = *state;

	world_member(world, OTHER);
	(void)world_sale(world, CARD, 700);
	(void)world_sale(world, OTHER, 300);
	assert_int_equal(
	    run_verb(world, run_member_join, CARD, OTHER, NULL), EXIT_FINE);
	assert_says("To part again: tally member leave " CARD);
	assert_shown(world, CARD);
	assert_says("Pools with: ");
	assert_says("Balance: 10\n");
	assert_int_equal(
	    run_verb(world, run_member_leave, CARD, NULL, NULL), EXIT_FINE);
	assert_says("On its own again with 7 points");
	assert_int_equal(
	    run_verb(world, run_member_leave, CARD, NULL, NULL), EXIT_REFUSED);
}

static void says_which_card_is_a_cashiers_own(void **state)
{
	struct world *world = *state;
	tally_CashierAdd *add =
	    &world_request(world, tally_Request_cashier_add_tag)
		 ->body.cashier_add;

	(void)snprintf(add->name, sizeof(add->name), "Ada");
	(void)snprintf(add->pin, sizeof(add->pin), "123456");
	add->role = ROLE_CASHIER;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(
	    run_verb(world, run_cashier_card, "1", CARD, NULL), EXIT_FINE);
	assert_says("Cashier 1 cannot give points to card " CARD);
	assert_int_equal(
	    run_verb(world, run_cashier_card, "1", "none", NULL), EXIT_FINE);
	assert_says("Cashier 1 has no card that is known.");
	assert_int_equal(
	    run_verb(world, run_cashier_card, "x", CARD, NULL), EXIT_FAILED);
	assert_int_equal(
	    run_verb(world, run_cashier_card, "2", CARD, NULL), EXIT_REFUSED);
}

/* --- points --------------------------------------------------------------- */

static void gives_and_takes_points_with_a_reason(void **state)
{
	struct world *world = *state;

	assert_int_equal(run_verb(world, run_goodwill, CARD, "1500",
			     OPTIONS("--reason", "long wait")),
	    EXIT_FINE);
	assert_says("Given. The balance is 1,500 points (entry 6).");
	assert_key("points=1500");
	assert_int_equal(run_verb(world, run_goodwill, CARD, "500",
			     OPTIONS("--reason", "too many", "--take", "")),
	    EXIT_FINE);
	assert_says("Taken. The balance is 1,000 points (entry 7).");
	assert_shown(world, CARD);
	assert_says("|adjust|-500|1,000|||||too many|");
	assert_int_equal(
	    run_verb(world, run_goodwill, CARD, "5", NULL), EXIT_FAILED);
	assert_says("usage: goodwill wants --reason TEXT");
	assert_int_equal(
	    run_verb(world, run_goodwill, CARD, "0", OPTIONS("--reason", "x")),
	    EXIT_FAILED);
	assert_says("POINTS is a whole number from 1");
}

static void shows_what_lapses_when_and_what_is_held(void **state)
{
	struct world *world = *state;
	tally_Hold *hold;

	put_rules(world, RULES);
	(void)world_sale(world, CARD, 15000);
	assert_shown(world, CARD);
	assert_says("Balance: 150\nCan be spent: 0\nPending: 150\n"
		    "Tier: Silver\nTier until: ");
	assert_says("|Points|Until the end of|Not before|\n|150|20");
	assert_null(strstr(said.text, "Held by"));
	world->now_ms += 4 * (uint64_t)DAY_MS;
	hold = &world_request(world, tally_Request_hold_tag)->body.hold;
	world_name(world, 1, &hold->has_operation, &hold->operation);
	(void)snprintf(hold->card, sizeof(hold->card), CARD);
	(void)snprintf(hold->reward, sizeof(hold->reward), "tea");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_shown(world, CARD);
	assert_says("|Held by|Points|Until|\n|8|5|(time)|\n");
	/* What moves nothing has the balance of the line before. */
	assert_says("|8|(time)|hold|0|150|");
}

/* --- the night ------------------------------------------------------------ */

static void does_what_is_due_until_nothing_is(void **state)
{
	struct world *world = *state;

	put_rules(world, RULES);
	world->now_ms -= 300 * (uint64_t)DAY_MS;
	assert_int_equal(
	    run_verb(world, run_night, NULL, NULL, NULL), EXIT_FINE);
	assert_says("Points lapsed: 0\n  of members: 0\n");
	assert_says("Nothing was due.\n");
}

/* In a shop whose first entries are a year old. */
static void lapses_what_is_past_its_day(void **state)
{
	struct world *world = world_open();

	(void)state;
	world_close(world);
	world = calloc(1, sizeof(*world));
	assert_non_null(world);
	world->job = calloc(1, sizeof(*world->job));
	world->reply = calloc(1, sizeof(*world->reply));
	world->now_ms = clock_wall_ms() - 365 * (uint64_t)DAY_MS;
	(void)snprintf(
	    world->folder, sizeof(world->folder), "/tmp/tally-command-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	{
		char path[128];

		world_path(world, "", path);
		assert_int_equal(
		    shop_create(path, "Corner", world->now_ms, &world->err),
		    RESULT_OK);
	}
	world_reopen(world);
	assert_int_equal(world_admit(world, ROLE_TERMINAL), 1);
	put_rules(world, RULES);
	for (unsigned i = 0; i < 3; i++) {
		world_member(world, world_card(i));
		(void)world_sale(world, world_card(i), 11000);
	}
	assert_int_equal(
	    run_verb(world, run_night, NULL, NULL, NULL), EXIT_FINE);
	assert_says("Points lapsed: 330\n  of members: 3\n");
	assert_key("expired=3");
	assert_null(strstr(said.text, "Nothing was due."));
	assert_int_equal(
	    run_verb(world, run_night, NULL, NULL, NULL), EXIT_FINE);
	assert_says("Nothing was due.\n");
	world_close(world);
}

/* --- opening balances ----------------------------------------------------- */

static bool is_left(struct world *world)
{
	char path[128];

	world_path(world, SHOP_IMPORT_NEW, path);
	return file_exists(path);
}

static int import_text(struct world *world, const char *text, bool dry_run)
{
	const char *path = write_file(world, "cards.csv", text);

	return run_verb(world, run_import, path, NULL,
	    dry_run ? OPTIONS("--dry-run", "") : NULL);
}

static void imports_cards_after_a_look_at_all_of_them(void **state)
{
	static const char text[] =
	    "card,points,expires,name\n" OTHER
	    ",150,2999-12-31,\"Smith, Bea\"\n" THIRD ",40\n";
	struct world *world = *state;
	uint64_t head = world_head(world);

	assert_int_equal(import_text(world, text, true), EXIT_FINE);
	assert_says("2 cards with 190 points would be enrolled. Nothing was "
		    "written.");
	assert_int_equal(world_head(world), head);
	assert_int_equal(import_text(world, text, false), EXIT_FINE);
	assert_says("2 cards with 190 points are enrolled.");
	assert_key("cards=2");
	assert_false(is_left(world));
	assert_shown(world, OTHER);
	assert_says("Name: Smith, Bea\n");
	assert_says("|150|2999-12-31||");
	assert_int_equal(import_text(world, text, false), EXIT_FINE);
	assert_says("Nothing was written: these cards are enrolled already.");
}

static void names_each_fault_with_its_line_and_writes_nothing(void **state)
{
	struct world *world = *state;
	uint64_t head = world_head(world);

	assert_int_equal(
	    import_text(world,
		OTHER ",150\n" OTHER ",1\n" THIRD ",many\n" CARD ",5\n", false),
	    EXIT_REFUSED);
	assert_says("cards.csv:2:0: ");
	assert_says("cards.csv:3:0: ");
	assert_says("cards.csv:4:0: ");
	assert_says("3 faults; nothing was written.\n");
	assert_key("fault_count=3");
	assert_int_equal(world_head(world), head);
	assert_false(is_left(world));
	assert_int_equal(
	    run_verb(world, run_import, "/no/such.csv", NULL, NULL),
	    EXIT_FAILED);
	assert_says("not_found: cannot read /no/such.csv");
}

static void shows_no_more_faults_than_its_limit(void **state)
{
	static char text[8192];
	size_t at = 0;

	for (unsigned i = 0; i < FAULTS_SHOWN_MAX + 20; i++)
		at += (size_t)sprintf(&text[at], "x,1\n");
	assert_int_equal(import_text(*state, text, false), EXIT_REFUSED);
	assert_says("cards.csv:100:0: ");
	assert_null(strstr(said.text, "cards.csv:101:0: "));
	assert_says("More than 100 faults; nothing was written.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keeps_details_and_what_is_not_said_again),
	    TEST(puts_into_a_segment_and_takes_out_again),
	    TEST(says_what_is_wrong_with_details),
	    TEST(adds_blocks_and_unblocks_cards),
	    TEST(joins_members_and_parts_them),
	    TEST(says_which_card_is_a_cashiers_own),
	    TEST(gives_and_takes_points_with_a_reason),
	    TEST(shows_what_lapses_when_and_what_is_held),
	    TEST(does_what_is_due_until_nothing_is),
	    cmocka_unit_test(lapses_what_is_past_its_day),
	    TEST(imports_cards_after_a_look_at_all_of_them),
	    TEST(names_each_fault_with_its_line_and_writes_nothing),
	    TEST(shows_no_more_faults_than_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
