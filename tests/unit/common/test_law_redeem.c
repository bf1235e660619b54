/*
 * The law of redeeming: what a reward costs, what it is worth, who has it, and
 * when it is there.
 */
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static void assert_says(struct world *world, const char *text)
{
	assert_string_equal(refusal_of(world)->say, text);
}

static struct world *open_with(
    uint64_t seed, const char *rules, uint64_t points)
{
	struct world *world = world_open_with(seed, rules);

	if (points > 0)
		assert_int_equal(world_earn(world, 1, MEMBER(1), points * 100),
		    REFUSAL_NONE);
	return world;
}

/* --- off the sale ----------------------------------------------------------
 */

#define RULES_OFF                                                       \
	RULES_HEAD                                                      \
	"[reward five]\nname = 5 off\npoints = 50\namount_off = 5.00\n" \
	"[reward tenth]\nname = A tenth\npoints = 10\n"                 \
	"percent_off = 10\npercent_off_max = 20.00\n"                   \
	"[reward third]\nname = A third\npoints = 10\npercent_off = 33\n"

static void takes_an_amount_or_a_percentage_off_the_sale(void **state)
{
	static const struct {
		const char *reward;
		uint64_t sale_minor;
		uint64_t value_minor;
	} table[] = {
	    {"five", 0, 500}, /* whatever the sale is */
	    {"five", 2000, 500},
	    {"five", 500, 500},
	    {"five", 499, 499}, /* and no more than that */
	    {"five", 1, 1},
	    {"tenth", 10000, 1000},
	    {"tenth", 10009, 1000}, /* floored */
	    {"tenth", 10010, 1001},
	    {"tenth", 19999, 1999},
	    {"tenth", 20000, 2000},
	    {"tenth", 20001, 2000}, /* the ceiling */
	    {"tenth", 200000, 2000},
	    {"tenth", 10, 1},
	    {"third", 3, 0}, /* not a cent: refused */
	    {"third", 4, 1},
	    {"third", 100, 33},
	    {"third", 303, 99},
	    {"third", 200000, 66000},
	};
	struct world *world = open_with(1, RULES_OFF, 1900);

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct command command = world_purchase(
		    world, ENTRY_REDEEM, 1, MEMBER(1), table[at].reward);

		command.amount_minor = table[at].sale_minor;
		if (table[at].value_minor == 0) {
			assert_int_equal(
			    world_do(world, &command), REFUSAL_AMOUNT_INVALID);
			continue;
		}
		assert_int_equal(world_do(world, &command), REFUSAL_NONE);
		assert_int_equal(world_entry(world, world->count).amount_minor,
		    table[at].value_minor);
	}
	world_close(world);
}

static void wants_the_sale_that_a_share_is_taken_of(void **state)
{
	struct world *world = open_with(2, RULES_OFF, 100);
	struct command command =
	    world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "tenth");

	(void)state;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	assert_int_equal(refusal_of(world)->required, 200000);
	command.amount_minor = 200001;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	assert_says(world, "A tenth comes off a sale of 0.01 to 2000.00 EUR. "
			   "Check the amount.");
	command.amount_minor = UINT64_MAX;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	command.amount_minor = 200000;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

static void knows_what_a_reward_costs(void **state)
{
	struct world *world = open_with(3, RULES_OFF, 100);
	struct command command =
	    world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "five");

	(void)state;
	command.points = 49;
	assert_int_equal(world_ask(world, &command), REFUSAL_POINTS_INVALID);
	assert_int_equal(refusal_of(world)->required, 50);
	assert_says(world, "5 off costs 50 points, no more and no less.");
	command.points = 50;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

/* --- points as money --------------------------------------------------------
 */

#define RULES_MONEY                                                      \
	RULES_HEAD                                                       \
	"[reward cash]\nname = Cash\nmoney_points = 100\n"               \
	"money_amount = 1.00\nmoney_step = 50\nmoney_points_min = 100\n" \
	"[reward half]\nname = Half\nmoney_points = 100\n"               \
	"money_amount = 1.00\nmoney_share_max = 50\n"                    \
	"[reward odd]\nname = Odd\nmoney_points = 7\nmoney_amount = 0.03\n"

static void takes_points_as_money(void **state)
{
	static const struct {
		const char *reward;
		uint64_t points;
		uint64_t sale_minor;
		uint64_t value_minor; /* 0: refused, */
		uint64_t required;    /* with this */
	} table[] = {
	    {"cash", 100, 500, 100, 0},
	    {"cash", 450, 500, 450, 0},
	    {"cash", 500, 500, 500, 0},
	    {"cash", 0, 500, 0, 100}, /* the least */
	    {"cash", 50, 500, 0, 100},
	    {"cash", 110, 500, 0, 50},	/* the step */
	    {"cash", 550, 500, 0, 500}, /* the most of this sale */
	    {"cash", 500, 451, 451, 0}, /* the last cents */
	    {"cash", 500, 499, 499, 0},
	    {"cash", 500, 450, 0, 450},
	    {"cash", 100, 51, 51, 0},
	    {"cash", 100, 50, 0, 50}, /* 50 would do, but 100 is the least */
	    {"half", 250, 500, 250, 0},
	    {"half", 251, 500, 0, 250}, /* a share is a share */
	    {"half", 250, 501, 250, 0},
	    {"half", 1, 2, 1, 0},
	    {"half", 1, 1, 0, 0},
	    {"odd", 7, 100, 3, 0},
	    {"odd", 8, 100, 3, 0}, /* floored */
	    {"odd", 1, 100, 0, 3}, /* worth nothing */
	    {"odd", 3, 100, 1, 0},
	    {"odd", 233, 100, 99, 0},
	    {"odd", 234, 100, 100, 0},
	    {"odd", 235, 100, 100, 0},
	    {"odd", 236, 100, 0, 235},
	    {"odd", 7000, 2, 0, 6},
	    {"odd", UINT64_MAX, 100, 0, 235},
	    {"odd", POINTS_MAX, 100, 0, 235},
	    {"odd", POINTS_MAX + 1, 100, 0, 235},
	};
	struct world *world = open_with(4, RULES_MONEY, 2000);

	(void)state;
	for (int more = 0; more < 4; more++)
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 200000), REFUSAL_NONE);
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct command command = world_purchase(
		    world, ENTRY_REDEEM, 1, MEMBER(1), table[at].reward);
		enum refusal_code code;

		command.points = table[at].points;
		command.amount_minor = table[at].sale_minor;
		code = world_do(world, &command);
		if (code != (table[at].value_minor == 0 ? REFUSAL_POINTS_INVALID
							: REFUSAL_NONE))
			fail_msg("row %zu: %s", at, refusal_name(code));
		if (code == REFUSAL_NONE) {
			struct entry entry = world_entry(world, world->count);

			assert_int_equal(entry.points, table[at].points);
			assert_int_equal(
			    entry.amount_minor, table[at].value_minor);
		} else if (refusal_of(world)->required != table[at].required) {
			fail_msg("row %zu: %llu is wanted", at,
			    (unsigned long long)refusal_of(world)->required);
		}
	}
	world_close(world);
}

/* Whatever is said, what a sale takes is what is said that it takes. */
static void says_the_most_that_a_sale_takes(void **state)
{
	struct world *world = open_with(5, RULES_MONEY, 2000);
	static const char *const rewards[] = {"cash", "half", "odd"};

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct command command = world_purchase(world, ENTRY_REDEEM, 1,
		    MEMBER(1), rewards[world_below(world, 3)]);
		uint64_t step = command.reward.data[0] == 'c' ? 50 : 1;
		uint64_t most;

		command.amount_minor = 1 + world_below(world, 500);
		command.points = POINTS_MAX;
		assert_int_equal(
		    world_ask(world, &command), REFUSAL_POINTS_INVALID);
		most = refusal_of(world)->required;
		command.points = most + step;
		assert_int_equal(
		    world_ask(world, &command), REFUSAL_POINTS_INVALID);
		command.points = most;
		if (most < (step == 50 ? 100 : 3))
			continue;
		assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	}
	world_close(world);
}

static void keeps_the_largest_numbers_of_money_exact(void **state)
{
	struct world *world = open_with(6,
	    "[programme]\nname = N\ncurrency = EUR\nearn_points = 1000000\n"
	    "earn_amount = 0.01\nsale_amount_max = 1000000000.00\n"
	    "[reward all]\nname = All\nmoney_points = 999999999999\n"
	    "money_amount = 1000000000.00\n",
	    0);
	struct command command =
	    world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "all");

	(void)state;
	for (int count = 0; count < 2; count++)
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), AMOUNT_MINOR_MAX),
		    REFUSAL_NONE);
	command.amount_minor = AMOUNT_MINOR_MAX;
	command.points = 999999999999;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(
	    world_entry(world, world->count).amount_minor, AMOUNT_MINOR_MAX);
	command.points = POINTS_MAX;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	assert_int_equal(world->decision.entry.amount_minor, AMOUNT_MINOR_MAX);
	command.points = UINT64_MAX;
	assert_int_equal(world_ask(world, &command), REFUSAL_POINTS_INVALID);
	assert_int_equal(refusal_of(world)->required, POINTS_MAX);
	world_close(world);
}

/* --- when, for whom, how many -----------------------------------------------
 */

static void has_rewards_on_their_days_alone(void **state)
{
	struct world *world = open_with(7,
	    RULES_HEAD "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
		       "[reward egg]\nname = Egg\npoints = 1\n"
		       "from = 2026-03-20\nuntil = 2026-04-06\n",
	    100);
	static const struct {
		const char *day;
		unsigned hour, minute, second; /* UTC */
		enum refusal_code code;
		const char *say;
	} table[] = {
	    {"2026-03-19", 22, 59, 59, REFUSAL_REWARD_CLOSED,
		"Egg is there from 2026-03-20."},
	    {"2026-03-19", 23, 0, 0, REFUSAL_NONE, ""},
	    {"2026-04-06", 21, 59, 59, REFUSAL_NONE, ""}, /* summer */
	    {"2026-04-06", 22, 0, 0, REFUSAL_REWARD_CLOSED,
		"Egg was there until 2026-04-06."},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		world_set_clock(world, table[at].day, table[at].hour,
		    table[at].minute, table[at].second);
		assert_int_equal(
		    world_redeem(world, 1, MEMBER(1), "egg"), table[at].code);
		assert_says(world, table[at].say);
	}
	world_close(world);
}

#define RULES_TIERS                                                 \
	RULES_HEAD                                                  \
	"[tiers]\nqualify = points\n[tier silver]\nname = Silver\n" \
	"from = 100\n[tier gold]\nname = Gold\nfrom = 300\n"        \
	"[reward lounge]\nname = Lounge\npoints = 5\n"              \
	"tiers = silver, gold\n"                                    \
	"[reward gala]\nname = Gala\npoints = 5\ntiers = gold\n"

static void keeps_rewards_for_their_tiers(void **state)
{
	struct world *world = open_with(8, RULES_TIERS, 99);

	(void)state;
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "lounge"), REFUSAL_REWARD_CLOSED);
	assert_says(world, "Lounge is for Silver members.");
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_REWARD_CLOSED);
	assert_says(world, "Gala is for Gold members.");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "lounge"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_REWARD_CLOSED);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 20000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_NONE);
	/* What is spent does not take the tier away. */
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "gala"), REFUSAL_NONE);
	world_close(world);
}

static void sells_out_at_every_till_at_once(void **state)
{
	struct world *world = open_with(9,
	    RULES_HEAD "[reward mug]\nname = Mug\npoints = 1\nstock = 3\n",
	    100);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(2), 500), REFUSAL_NONE);
	for (uint64_t member = 1; member <= 2; member++)
		assert_int_equal(world_redeem(world, 1, MEMBER(member), "mug"),
		    REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(1), "mug"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(2), "mug"), REFUSAL_REWARD_SOLD_OUT);
	assert_says(world, "Mug is all gone.");
	/* One comes back. */
	assert_int_equal(
	    world_give_back(world, 1, world->count, 0), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(2), "mug"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(2), "mug"), REFUSAL_REWARD_SOLD_OUT);
	world_close(world);
}

static void limits_how_many_a_member_has_in_a_period(void **state)
{
	struct world *world = open_with(10,
	    RULES_HEAD "[reward tea]\nname = Tea\npoints = 1\nday_times = 2\n"
		       "month_times = 3\nyear_times = 4\never_times = 5\n",
	    100);
	static const struct {
		const char *day;
		enum refusal_code code;
		uint64_t required;
		const char *say;
	} table[] = {
	    {"2026-01-30", REFUSAL_NONE, 0, ""},
	    {"2026-01-30", REFUSAL_NONE, 0, ""},
	    {"2026-01-30", REFUSAL_REWARD_LIMIT, 2,
		"Tea can be had 2 times a day, no more."},
	    {"2026-01-31", REFUSAL_NONE, 0, ""},
	    {"2026-01-31", REFUSAL_REWARD_LIMIT, 3,
		"Tea can be had 3 times a month, no more."},
	    {"2026-02-01", REFUSAL_NONE, 0, ""},
	    {"2026-03-01", REFUSAL_REWARD_LIMIT, 4,
		"Tea can be had 4 times a year, no more."},
	    {"2027-01-01", REFUSAL_NONE, 0, ""},
	    {"2028-01-01", REFUSAL_REWARD_LIMIT, 5,
		"Tea can be had 5 times, no more."},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		world_set_day(world, table[at].day);
		assert_int_equal(
		    world_redeem(world, 1, MEMBER(1), "tea"), table[at].code);
		assert_int_equal(
		    refusal_of(world)->required, table[at].required);
		assert_says(world, table[at].say);
	}
	world_close(world);
}

/* --- what can be spent ------------------------------------------------------
 */

static void says_what_will_be_there_later(void **state)
{
	struct world *world = open_with(11,
	    RULES_HEAD "[points]\npending_days = 14\n"
		       "[reward coffee]\nname = Coffee\npoints = 150\n",
	    0);

	(void)state;
	world_set_day(world, "2026-01-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 11200), REFUSAL_NONE);
	world_set_day(world, "2026-01-15");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 4000), REFUSAL_NONE);
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "coffee"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(refusal_of(world)->required, 150);
	assert_int_equal(refusal_of(world)->available, 112);
	assert_int_equal(refusal_of(world)->missing, 38);
	assert_says(
	    world, "38 points short of Coffee. 40 more can be used later.");
	world_set_day(world, "2026-01-28");
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "coffee"),
	    REFUSAL_INSUFFICIENT_POINTS);
	world_set_day(world, "2026-01-29");
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	world_close(world);
}

/* A named case: the last second of the last day, and the one after it. */
static void redeems_until_the_last_day_is_over(void **state)
{
	static const struct {
		const char *zone;
		unsigned hour; /* of UTC, at which the day has ended there */
		const char *day;
	} table[] = {
	    {"UTC0", 0, "2027-03-01"},
	    {"CET-1CEST,M3.5.0,M10.5.0/3", 23, "2027-02-28"},
	    {"EST5EDT,M3.2.0,M11.1.0", 5, "2027-03-01"},
	    {"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", 10, "2027-02-28"},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct world *world;
		char rules[512];

		/* 2026-02-28 and 12 months: through 2027-02-28. */
		(void)snprintf(rules, sizeof(rules),
		    RULES_HEAD "time_zone = %s\n[points]\nexpire_months = 12\n"
			       "[reward tea]\nname = Tea\npoints = 10\n",
		    table[at].zone);
		world = world_open_with(12, rules);
		world_set_day(world, "2026-02-28");
		if (table[at].zone[1] == '+')
			world_set_clock(world, "2026-02-27", 12, 0, 0);
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
		world_set_clock(world, table[at].day, table[at].hour, 0, 0);
		if (table[at].zone[1] == '+')
			world->now_ms += 15 * 60 * 1000;
		world->now_ms -= 1000;
		assert_int_equal(
		    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
		world->now_ms += 999;
		assert_int_equal(world_spendable(world, MEMBER(1)), 10);
		world->now_ms += 1;
		assert_int_equal(world_redeem(world, 1, MEMBER(1), "tea"),
		    REFUSAL_INSUFFICIENT_POINTS);
		assert_int_equal(refusal_of(world)->available, 0);
		world_close(world);
	}
}

static void spends_what_lapses_first(void **state)
{
	struct world *world = open_with(13,
	    RULES_HEAD "[points]\nexpire_months = 1\n"
		       "[reward tea]\nname = Tea\npoints = 10\n",
	    0);
	struct entry entry;

	(void)state;
	for (int day = 1; day <= 3; day++) {
		char text[DATE_SIZE];

		day_format(world_day("2026-01-01") + day, text);
		world_set_day(world, text);
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 600), REFUSAL_NONE);
	}
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_true(entry.has & ENTRY_HAS(TAG_LOTS));
	assert_int_equal(lots_points(entry.lots), 10);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-02"), 0), 0);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-03"), 0), 2);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-02-04"), 0), 6);
	world_close(world);
}

/* Twenty tills, one balance: exactly what it affords succeeds. */
static void twenty_tills_redeem_what_one_balance_affords(void **state)
{
	struct world *world = open_with(
	    14, RULES_HEAD "[reward tea]\nname = Tea\npoints = 10\n", 73);
	int redeemed = 0;

	(void)state;
	world_tills(world, 3, 20);
	for (uint32_t till = 1; till <= 20; till++) {
		enum refusal_code code =
		    world_redeem(world, till, MEMBER(1), "tea");

		if (code == REFUSAL_NONE)
			redeemed++;
		else
			assert_int_equal(code, REFUSAL_INSUFFICIENT_POINTS);
	}
	assert_int_equal(redeemed, 7);
	assert_int_equal(world_balance(world, MEMBER(1)), 3);
	assert_int_equal(refusal_of(world)->missing, 7);
	world_close(world);
}

static void lets_each_refusal_say_one_thing(void **state)
{
	struct world *world = open_with(15,
	    RULES_HEAD "[reward r]\nname = R\npoints = 200\nstock = 1\n"
		       "day_times = 1\nuntil = 2020-01-01\n",
	    100);

	(void)state;
	/* Unknown comes before closed, closed before short. */
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(7), "r"), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "r"), REFUSAL_REWARD_CLOSED);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "s"), REFUSAL_REWARD_UNKNOWN);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_an_amount_or_a_percentage_off_the_sale),
	    cmocka_unit_test(wants_the_sale_that_a_share_is_taken_of),
	    cmocka_unit_test(knows_what_a_reward_costs),
	    cmocka_unit_test(takes_points_as_money),
	    cmocka_unit_test(says_the_most_that_a_sale_takes),
	    cmocka_unit_test(keeps_the_largest_numbers_of_money_exact),
	    cmocka_unit_test(has_rewards_on_their_days_alone),
	    cmocka_unit_test(keeps_rewards_for_their_tiers),
	    cmocka_unit_test(sells_out_at_every_till_at_once),
	    cmocka_unit_test(limits_how_many_a_member_has_in_a_period),
	    cmocka_unit_test(says_what_will_be_there_later),
	    cmocka_unit_test(redeems_until_the_last_day_is_over),
	    cmocka_unit_test(spends_what_lapses_first),
	    cmocka_unit_test(twenty_tills_redeem_what_one_balance_affords),
	    cmocka_unit_test(lets_each_refusal_say_one_thing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
