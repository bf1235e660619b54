/*
 * The simulation of sales, as the owner asks for it and reads it.
 */
#include "tests/unit/server/page_world.h"

#define HEAD                                           \
	"[programme]\nname = Corner\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\n"
#define BASE "earn_points = 1\nearn_amount = 1.00\n"
#define TEA "[reward tea]\nname = Tea\npoints = 10\ncost = 0.80\n"
#define SALES                                    \
	"date,who,paid\n2026-03-02,anna,12.50\n" \
	"2026-03-02,ben,3.00\n2026-03-03,,4.00\n2026-03-03,anna,0\n"

/* The rules, the sales, and whatever options else. */
static int simulate_with(struct world *world, const char *rules,
    const char *sales, const char *const *more)
{
	char rules_path[128];
	char sales_path[128];
	const char *options[16] = {"--sales", sales_path};
	size_t count = 2;

	for (; more != NULL && *more != NULL; more = &more[1])
		options[count++] = *more;
	(void)snprintf(rules_path, sizeof(rules_path), "%s",
	    write_file(world, "new.ini", rules));
	(void)snprintf(sales_path, sizeof(sales_path), "%s",
	    write_file(world, "sales.csv", sales));
	return run_verb(
	    world, run_programme_simulate, rules_path, NULL, options);
}

#define AS "--as", "customer=who", "--as", "amount=paid"

static void tells_what_the_sales_would_have_given(void **state)
{
	assert_int_equal(
	    simulate_with(*state, HEAD BASE TEA, SALES, OPTIONS(AS)),
	    EXIT_FINE);
	assert_says("Corner, sales of 2026-03-02 to 2026-03-02\n"
		    "Sales: 2\n  amount: 15.50\n"
		    "  left out: 1 without a customer, 1 of no amount\n"
		    "Members: 2\n  with points: 2\n"
		    "Points issued: 15\n  redeemed: 0\n  expired: 0\n"
		    "  outstanding: 15\n"
		    "Cost: 1.20 (7.74 % of sales)\n");
	assert_says("|Rule|Name|Sales|Points|Of all|\n"
		    "|base|base|2|15|100.0 %|\n");
	assert_key("issued=15");
	assert_key("cost_least=120");
	assert_key("point_value_micro_least=8000000");
	assert_key("nobody=1");
}

/* The shop of this world gives a point for each full 1.00. */
static void holds_it_against_the_rules_in_force(void **state)
{
	assert_int_equal(
	    simulate_with(*state, HEAD "earn_points = 2\nearn_amount = 4.00\n",
		SALES, OPTIONS(AS)),
	    EXIT_FINE);
	assert_says("Against the rules in force (entry 2), in points:\n0 "
		    "members get more, 2 less, 0 the same.\n");
	assert_says("|top 10 %|1|12.50|12|6|-6|0|1|\n");
	assert_says("|all|2|15.50|15|6|-9|0|2|\n");
	assert_says("What points cost is not known: ");
	assert_key("less=2");
	assert_key("in=points");
}

static void holds_it_against_another_file(void **state)
{
	struct world *world = *state;
	char other[128];

	(void)snprintf(other, sizeof(other), "%s",
	    write_file(world, "old.ini", HEAD BASE TEA));
	assert_int_equal(simulate_with(world,
			     HEAD "earn_points = 5\nearn_amount = 1.00\n" TEA,
			     SALES, OPTIONS(AS, "--against", other)),
	    EXIT_FINE);
	assert_says("in what points cost:\n2 members get more, 0 less");
	assert_says("|all|2|15.50|1.20|6.00|4.80|2|0|\n");
	assert_key("in=amounts");
	(void)write_file(world, "old.ini", HEAD "what\n");
	assert_int_equal(simulate_with(world, HEAD BASE, SALES,
			     OPTIONS(AS, "--against", other)),
	    EXIT_REFUSED);
	assert_says("old.ini:5:1: ");
}

static void says_what_a_point_costs_as_it_is_told(void **state)
{
	struct world *world = *state;

	assert_int_equal(simulate_with(world, HEAD BASE, SALES,
			     OPTIONS(AS, "--point-value", "0.008")),
	    EXIT_FINE);
	assert_key("point_value_micro_least=800000");
	assert_says("Cost: 0.12 (0.77 % of sales)\n");
	assert_int_equal(simulate_with(world, HEAD BASE, SALES,
			     OPTIONS(AS, "--point-value", "1.5")),
	    EXIT_FINE);
	assert_key("point_value_micro_least=150000000");
	for (size_t i = 0; i < 6; i++) {
		static const char *const wrong[] = {
		    "", "0", ".5", "1.2.3", "1x", "99999999999"};

		assert_int_equal(simulate_with(world, HEAD BASE, SALES,
				     OPTIONS(AS, "--point-value", wrong[i])),
		    EXIT_FAILED);
		assert_says("--point-value is an amount such as 0.008");
	}
}

static void tells_of_tiers_rewards_and_what_it_cannot_know(void **state)
{
	assert_int_equal(
	    simulate_with(*state,
		HEAD BASE TEA "[tiers]\nqualify = points\n"
			      "[tier a]\nname = Silver\nfrom = 10\n"
			      "[earn staff]\npoints = 1\nper = visit\n"
			      "segments = staff\n"
			      "[earn friend]\nrefer = 5\n"
			      "[earn day]\npoints = 1\nper = visit\n"
			      "birthday = yes\n",
		SALES "2026-03-04,anna,1.00\n", OPTIONS(AS, "--redeem", "")),
	    EXIT_FINE);
	assert_says("  redeemed: 10\n  in rewards: 1\n");
	assert_says("  of redeemed: 0.80\n");
	assert_says("|Tier in the end|Members|\n|None|1|\n|Silver|1|\n");
	assert_says("The sales do not say who is in a segment; never applied "
		    "here: staff.\n"
		    "The sales do not say who brought whom; never applied "
		    "here: friend.\n"
		    "Birthdays are spread over the year, for: day.\n");
}

static void says_why_sales_were_refused(void **state)
{
	assert_int_equal(
	    simulate_with(*state, HEAD BASE,
		"date,customer,amount\n2026-03-02,a,1\n2026-03-02,a,9000\n",
		NULL),
	    EXIT_FINE);
	assert_says("  left out: 1 refused: A sale is 0.01 to 2000.00 EUR. "
		    "Check the amount.\n");
}

static void names_what_is_wrong_with_files_and_options(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    simulate_with(world, HEAD "x\n", SALES, NULL), EXIT_REFUSED);
	assert_says("new.ini:5:1: ");
	assert_int_equal(
	    simulate_with(world, HEAD BASE, SALES, NULL), EXIT_FAILED);
	assert_says("invalid: no column says who bought: name it with --as "
		    "customer=COLUMN; there are: date, who, paid\n");
	assert_int_equal(
	    simulate_with(world, HEAD BASE, SALES, OPTIONS("--as", "customer")),
	    EXIT_FAILED);
	assert_says("--as is FIELD=COLUMN such as customer=CLIENT_NO, not "
		    "'customer'");
	assert_int_equal(run_verb(world, run_programme_simulate,
			     write_file(world, "new.ini", HEAD BASE), NULL,
			     OPTIONS("--sales", "/no/such.csv")),
	    EXIT_FAILED);
	assert_says("not_found: cannot read /no/such.csv");
	assert_int_equal(
	    run_verb(world, run_programme_simulate,
		write_file(world, "new.ini", HEAD BASE), NULL, NULL),
	    EXIT_FAILED);
	assert_says("usage: programme simulate wants --sales CSV");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST_EMPTY(tells_what_the_sales_would_have_given),
	    WORLD_TEST_EMPTY(holds_it_against_the_rules_in_force),
	    WORLD_TEST_EMPTY(holds_it_against_another_file),
	    WORLD_TEST_EMPTY(says_what_a_point_costs_as_it_is_told),
	    WORLD_TEST_EMPTY(tells_of_tiers_rewards_and_what_it_cannot_know),
	    WORLD_TEST_EMPTY(says_why_sales_were_refused),
	    WORLD_TEST_EMPTY(names_what_is_wrong_with_files_and_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
