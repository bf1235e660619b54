/*
 * The tally command's programme verbs on a real shop's folder.
 */
#include "tests/unit/server/page_world.h"

#include <time.h>

#include "server/tally/rules_file.h"
#include "server/tally/version.h"

#define CARD "2912345678906"
#define RULES                    \
	"[programme]\n"          \
	"name = Corner Coffee\n" \
	"currency = EUR\n"       \
	"earn_points = 3\n"      \
	"earn_amount = 2.50\n"   \
	"sale_amount_max = 20.00\n"
#define TEA "[reward tea]\nname = Tea\npoints = 70\n"

static int run(
    struct world *world, verb_fn *verb, const char *name, const char *at)
{
	char path[128];

	world_path(world, name == NULL ? "" : name, path);
	return run_verb(
	    world, verb, path, NULL, at == NULL ? NULL : OPTIONS("--at", at));
}

static int check(struct world *world, const char *text)
{
	(void)write_file(world, "rules", text);
	return run(world, run_programme_check, "rules", NULL);
}

static int put(struct world *world, const char *text)
{
	(void)write_file(world, "rules", text);
	return run(world, run_programme_put, "rules", NULL);
}

static int show(struct world *world, const char *at)
{
	return run(world, run_programme_show, NULL, at);
}

static bool is_left(struct world *world)
{
	char path[128];

	world_path(world, SHOP_PROGRAMME_NEW, path);
	return file_exists(path);
}

/* --- checking ------------------------------------------------------------- */

static void says_what_the_rules_mean(void **state)
{
	assert_int_equal(check(*state, RULES TEA), EXIT_FINE);
	assert_string_equal(said.text,
	    "Corner Coffee, amounts in EUR.\n"
	    "A sale gives 3 points for each full 2.50, and nothing for the "
	    "rest:\n"
	    "    6.25 gives 6 points\n"
	    "    20.00 gives 24 points; a larger sale is refused\n"
	    "Points can be spent at once and never lapse.\n"
	    "While the server is away a till gives no reward.\n"
	    "\n"
	    "|Id|Name|Points|After sales of|What it is|\n"
	    "|tea|Tea|70|60.00|a product|\n");
}

static void says_one_point_and_no_amount_beyond_counting(void **state)
{
	static const char text[] = "[programme]\nname = N\ncurrency = EUR\n"
				   "earn_points = 1\n"
				   "earn_amount = 1000000000.00\n"
				   "sale_amount_max = 1000000000.00\n"
				   "offline_redeem_points_max = 1\n"
				   "[reward a]\nname = A\n"
				   "points = 1000000000000\n";

	assert_int_equal(check(*state, text), EXIT_FINE);
	assert_string_equal(said.text,
	    "N, amounts in EUR.\n"
	    "A sale gives 1 point for each full 1,000,000,000.00, and nothing "
	    "for the rest:\n"
	    "    1,000,000,000.00 gives 1 point\n"
	    "    1,000,000,000.00 gives 1 point; a larger sale is refused\n"
	    "Points can be spent at once and never lapse.\n"
	    "While the server is away a till gives a member rewards of up to "
	    "1 point.\n"
	    "\n"
	    "|Id|Name|Points|After sales of|What it is|\n"
	    "|a|A|1000000000000||a product|\n"
	    "rules: warning: line 1: offline_redeem_points_max is less than "
	    "any reward costs\n"
	    "rules: warning: line 8: nobody can afford this: a largest sale on "
	    "each day of a year gives less\n");
}

/* A text that says something of everything. */
#define WHOLE                                               \
	"; all of it\n"                                     \
	"[programme]\n"                                     \
	"name = Corner\n"                                   \
	"currency = EUR\n"                                  \
	"sale_amount_max = 2000.00\n"                       \
	"time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"          \
	"exclude_categories = tobacco, gift-card ; never\n" \
	"exclude_products = 400\n"                          \
	"sale_points_max = 500\n"                           \
	"day_sales_max = 1\n"                               \
	"claim_days = 14\n"                                 \
	"birthday_days = 3\n"                               \
	"[points]\n"                                        \
	"pending_days = 1\n"                                \
	"expire_months = 12\n"                              \
	"expire_end = quarter\n"                            \
	"warn_days = 30\n"                                  \
	"debt = no\n"                                       \
	"[earn fresh]\n"                                    \
	"name = Fresh fruit\n"                              \
	"points = 0.125\n"                                  \
	"per = 1.00\n"                                      \
	"categories = fruit\n"                              \
	"categories = vegetables\n"                         \
	"products = 4011\n"                                 \
	"shops = north, south\n"                            \
	"tiers = gold\n"                                    \
	"segments = staff\n"                                \
	"weekdays = mon, sun\n"                             \
	"hours = 22:00-02:30\n"                             \
	"from = 2026-01-01\n"                               \
	"until = 2999-01-31\n"                              \
	"amount_min = 10.00\n"                              \
	"birthday = yes\n"                                  \
	"lapsed_days = 90\n"                                \
	"chance = 100\n"                                    \
	"group = happy\n"                                   \
	"sale_points_max = 50\n"                            \
	"month_points_max = 5000\n"                         \
	"ever_points_max = 9000\n"                          \
	"budget_points_max = 100000\n"                      \
	"day_times = 1\n"                                   \
	"year_times = 12\n"                                 \
	"[earn twice]\n"                                    \
	"multiply = 2.5\n"                                  \
	"group = happy\n"                                   \
	"first = yes\n"                                     \
	"[earn item]\n"                                     \
	"points = 1\n"                                      \
	"per = item\n"                                      \
	"[earn friend]\n"                                   \
	"refer = 500\n"                                     \
	"[tiers]\n"                                         \
	"qualify = amount\n"                                \
	"window = anniversary\n"                            \
	"downgrade = all\n"                                 \
	"grace_days = 30\n"                                 \
	"[tier silver]\n"                                   \
	"name = Silver\n"                                   \
	"from = 500\n"                                      \
	"[tier gold]\n"                                     \
	"name = Gold\n"                                     \
	"from = 2000\n"                                     \
	"[reward five]\n"                                   \
	"name = Five\n"                                     \
	"points = 500\n"                                    \
	"amount_off = 5.00\n"                               \
	"stock = 20\n"                                      \
	"month_times = 2\n"                                 \
	"tiers = silver, gold\n"                            \
	"[reward tenth]\n"                                  \
	"name = Tenth\n"                                    \
	"points = 900\n"                                    \
	"percent_off = 10\n"                                \
	"percent_off_max = 20.00\n"                         \
	"until = 2999-12-31\n"                              \
	"[reward cash]\n"                                   \
	"name = Cash\n"                                     \
	"money_points = 100\n"                              \
	"money_amount = 1.00\n"                             \
	"money_step = 50\n"                                 \
	"money_points_min = 100\n"                          \
	"money_share_max = 50\n"                            \
	"[transfer]\n"                                      \
	"points_min = 50\n"                                 \
	"points_max = 1000\n"                               \
	"month_points_max = 2000\n"                         \
	"[goodwill]\n"                                      \
	"cashier_day_points = 50\n"                         \
	"supervisor_day_points = 500\n"                     \
	"second_day_points = 5000\n"

static void says_all_that_a_programme_can_hold(void **state)
{
	assert_int_equal(check(*state, WHOLE), EXIT_FINE);
	assert_string_equal(said.text,
	    "Corner, amounts in EUR.\n"
	    "Days and hours are those of CET-1CEST,M3.5.0,M10.5.0/3.\n"
	    "A sale above 2,000.00 is refused.\n"
	    "A sale gives the sum of:\n"
	    "    Fresh fruit (fresh)\n"
	    "        0.125 points for each 1.00 on fruit, vegetables and on "
	    "the product 4011, of 10.00 or more; on Monday, Sunday; from "
	    "22:00 to 02:30; from 2026-01-01 to 2999-01-31; at north, south; "
	    "for Gold; for the segment staff; up to 3 days from the member's "
	    "birthday; after 90 days without a sale; drawn by lot, one in 100; "
	    "once a day, 12 times a year; at most 50 points a sale, 5,000 "
	    "points a month, 9,000 points a member in all, 100,000 points for "
	    "all members together; the best of happy counts alone\n"
	    "    twice (twice)\n"
	    "        2.5 times the points; once; the best of happy counts "
	    "alone\n"
	    "    item (item)\n"
	    "        1 point for each item\n"
	    "    friend (friend)\n"
	    "        500 points for who brought a new member, once that one "
	    "has bought something\n"
	    "Nothing is earned on tobacco, gift-card, the product 400.\n"
	    "A member earns at most 500 points a sale, on 1 sale a day.\n"
	    "A sale without a card can be claimed from its receipt within 14 "
	    "days.\n"
	    "Points can be spent after 1 day and lapse after 12 months, at the "
	    "end of that quarter. The member is told 30 days before. A return "
	    "never leaves a debt of points.\n"
	    "Tiers by amounts spent in a year from the day of enrolment: "
	    "Silver from 500.00, Gold from 2,000.00. Who has not enough falls "
	    "to what it is enough for, after 30 days of grace.\n"
	    "Members may give points to each other, at least 50 points, at "
	    "most 1,000 points at once, 2,000 points a month.\n"
	    "As goodwill, with a reason, a cashier may give 50 points a day, a "
	    "supervisor 500 points, and either 5,000 points with a "
	    "supervisor's PIN beside.\n"
	    "While the server is away a till gives no reward.\n"
	    "\n"
	    "|Id|Name|Points|After sales of|What it is|\n"
	    "|five|Five|500||5.00 off a sale; 20 in stock; 2 times a month; "
	    "for Silver, Gold|\n"
	    "|tenth|Tenth|900||10 % off a sale, at most 20.00; until "
	    "2999-12-31|\n"
	    "|cash|Cash|||100 points pay 1.00, from 100 points, in steps of "
	    "50, up to 50 % of a sale|\n");
}

static void says_how_points_last_in_each_way(void **state)
{
	static const struct {
		const char *points;
		const char *says;
	} ways[] = {
	    {"expire_end = year\n", "at once and lapse at the end of that "
				    "year."},
	    {"expire_date = 2999-12-31\n",
		"at once and all lapse after 2999-12-31."},
	    {"expire_inactive_days = 365\npending_days = 14\n",
		"after 14 days and lapse 365 days after the last sale or "
		"redemption."},
	    {"expire_months = 1\n", "at once and lapse after 1 month."}};
	char text[1024];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s[points]\n%s", RULES TEA,
		    ways[i].points);
		assert_int_equal(check(*state, text), EXIT_FINE);
		if (strstr(said.text, ways[i].says) == NULL)
			fail_msg("'%s' lacks '%s'", said.text, ways[i].says);
	}
}

static void warns_of_what_is_hardly_meant(void **state)
{
	assert_int_equal(check(*state, RULES), EXIT_FINE);
	assert_non_null(strstr(said.text,
	    "rules: warning: there is no reward: points buy nothing\n"));
	assert_int_equal(
	    check(*state, RULES "offline_redeem_points_max = 70\n" TEA),
	    EXIT_FINE);
	assert_null(strstr(said.text, "warning"));
	assert_int_equal(
	    check(*state, RULES "offline_redeem_points_max = 71\n"
				"[reward a]\nname = A\npoints = 24\n" TEA),
	    EXIT_FINE);
	assert_non_null(strstr(said.text,
	    "rules: warning: offline_redeem_points_max is 71, more than the "
	    "dearest reward costs (Tea, 70 points): "));
	assert_int_equal(check(*state, "[programme]\nname = N\ncurrency = EUR\n"
				       "earn_points = 1\nearn_amount = 2.00\n"
				       "sale_amount_max = 1.99\n" TEA),
	    EXIT_FINE);
	assert_non_null(
	    strstr(said.text, "rules: warning: no sale gives a point: "));
}

static void names_every_fault_by_file_line_and_column(void **state)
{
	assert_int_equal(
	    check(*state, RULES "what\n[reward tea]\npoints = 0\nname = T\n"),
	    EXIT_REFUSED);
	assert_string_equal(said.text,
	    "rules:7:1: 'key = value' or a [section] is wanted\n"
	    "rules:9:10: points: a whole number from 1 to 1000000000000 is "
	    "wanted, not '0'\n"
	    "2 faults.\n");
	assert_int_equal(check(*state, RULES "x\n"), EXIT_REFUSED);
	assert_non_null(strstr(said.text, "\n1 fault.\n"));
}

/* Two files as zic writes them, but for what is before their last line. */
static void write_zone(struct world *world, const char *name, const char *rule)
{
	char folder[128];
	char text[128];
	char path[256];

	world_path(world, "", folder);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)snprintf(text, sizeof(text), "TZif2\n%s\n", rule);
	assert_int_equal(
	    file_replace(path, bytes_of_string(text), false, &world->err),
	    RESULT_OK);
	setenv("TZDIR", folder, 1);
}

static void says_which_rule_a_time_zones_name_stands_for(void **state)
{
	struct world *world = *state;

	write_zone(world, "Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
	write_zone(world, "Odd", "no rule");
	assert_int_equal(
	    check(world, RULES "time_zone = Berlin ; there\n"), EXIT_REFUSED);
	assert_non_null(
	    strstr(said.text, "not 'Berlin'; for Berlin write: time_zone = "
			      "CET-1CEST,M3.5.0,M10.5.0/3\n"));
	assert_int_equal(check(world, RULES "time_zone = Odd\n"), EXIT_REFUSED);
	assert_null(strstr(said.text, "write:"));
	assert_int_equal(
	    check(world, RULES "time_zone = ../shop/Berlin\n"), EXIT_REFUSED);
	assert_null(strstr(said.text, "write:"));
	assert_int_equal(
	    check(world, RULES "time_zone = Nowhere\n"), EXIT_REFUSED);
	assert_null(strstr(said.text, "write:"));
	unsetenv("TZDIR");
}

static void shows_no_more_faults_than_its_limit(void **state)
{
	char text[1024] = RULES;

	for (unsigned i = 0; i < FAULTS_SHOWN_MAX + 5; i++)
		strcat(text, "x\n");
	assert_int_equal(check(*state, text), EXIT_REFUSED);
	assert_non_null(strstr(said.text, "rules:106:1: "));
	assert_null(strstr(said.text, "rules:107:1: "));
	assert_non_null(
	    strstr(said.text, "5 more are not shown.\n105 faults.\n"));
}

static void names_a_file_that_is_too_long_or_not_there(void **state)
{
	static char text[FILE_SIZE_MAX + 100];
	struct world *world = *state;

	memset(text, '\n', sizeof(text) - 1);
	text[ENTRY_TEXT_SIZE_MAX + 1] = '\0';
	(void)write_file(world, "rules", text);
	assert_int_equal(
	    run(world, run_programme_check, "rules", NULL), EXIT_REFUSED);
	assert_string_equal(said.text,
	    "rules:0:0: the programme is longer than 60000 bytes\n1 fault.\n");
	text[ENTRY_TEXT_SIZE_MAX + 1] = '\n';
	(void)write_file(world, "rules", text);
	assert_int_equal(
	    run(world, run_programme_put, "rules", NULL), EXIT_REFUSED);
	assert_string_equal(said.text,
	    "rules:0:0: it is longer than a programme can be\n1 fault.\n"
	    "Nothing was changed.\n");
	assert_int_equal(
	    run(world, run_programme_check, "none", NULL), EXIT_FAILED);
	assert_non_null(strstr(said.text, "not_found: cannot read "));
}

/* --- bringing into force -------------------------------------------------- */

static void puts_what_is_good_and_shows_it_as_it_was(void **state)
{
	struct world *world = *state;

	assert_int_equal(put(world, RULES TEA "; no newline"), EXIT_FINE);
	assert_string_equal(said.text, "In force from entry 3 on.\n");
	assert_key("entry=3");
	assert_int_equal(world_head(world), 3);
	assert_false(is_left(world));
	assert_int_equal(show(world, NULL), EXIT_FINE);
	assert_string_equal(said.text, RULES TEA "; no newline");
	assert_key("entry=3");
}

static void warns_also_when_it_puts(void **state)
{
	assert_int_equal(put(*state, RULES), EXIT_FINE);
	assert_string_equal(said.text,
	    "rules: warning: there is no reward: points buy nothing\n"
	    "In force from entry 3 on.\n");
}

static void puts_nothing_that_has_a_fault_or_is_in_force(void **state)
{
	struct world *world = *state;

	assert_int_equal(put(world, RULES "x\n"), EXIT_REFUSED);
	assert_non_null(strstr(said.text, "1 fault.\nNothing was changed.\n"));
	assert_int_equal(world_head(world), 2);
	assert_int_equal(put(world, RULES), EXIT_FINE);
	assert_int_equal(put(world, RULES), EXIT_REFUSED);
	assert_string_equal(said.text,
	    "exists: These rules are in force already, since entry 3; nothing "
	    "was changed.\n");
	assert_int_equal(world_head(world), 3);
	assert_false(is_left(world));
}

static void says_where_there_is_no_shop(void **state)
{
	struct world *world = *state;
	struct asked asked = {.shop = "/no/such/shop"};
	char path[128];

	(void)write_file(world, "rules", RULES);
	world_path(world, "rules", path);
	asked.positionals[0] = path;
	memset(&said, 0, sizeof(said));
	assert_int_equal(run_programme_show(&asked, &said), EXIT_FAILED);
	assert_int_equal(run_programme_put(&asked, &said), EXIT_FAILED);
	assert_non_null(strstr(said.text, "not_found: /no/such/shop is no"));
	/* To check it needs none. */
	assert_int_equal(run_programme_check(&asked, &said), EXIT_FINE);
}

/* --- what was in force when ----------------------------------------------- */

/* Entries 1 shop, 2 first rules, 3 to 6 two tills … see world_setup(). */
static void shows_what_judged_an_entry(void **state)
{
	struct world *world = *state;
	static struct page first;
	uint64_t second;
	char key[40];
	char at[24];

	assert_int_equal(show(world, "2"), EXIT_FINE);
	first = said;
	assert_key("entry=2");
	world_member(world, CARD);
	world_sale(world, CARD, 1000);
	assert_int_equal(put(world, RULES), EXIT_FINE);
	second = world_head(world);
	world_sale(world, CARD, 1000);
	world_sale(world, CARD, 1000);
	for (uint64_t i = 2; i <= world_head(world); i++) {
		(void)snprintf(at, sizeof(at), "%llu", (unsigned long long)i);
		assert_int_equal(show(world, at), EXIT_FINE);
		(void)snprintf(key, sizeof(key), "entry=%llu\n",
		    (unsigned long long)(i < second ? 2 : second));
		assert_non_null(strstr(said.keys, key));
		assert_string_equal(said.text, i < second ? first.text : RULES);
	}
}

static void names_an_entry_without_rules(void **state)
{
	struct world *world = *state;

	assert_int_equal(show(world, "1"), EXIT_FAILED);
	assert_string_equal(
	    said.text, "not_found: no programme was in force at entry 1\n");
	assert_int_equal(show(world, "3"), EXIT_FAILED);
	assert_string_equal(said.text, "not_found: the newest entry is 2\n");
	assert_int_equal(show(world, "0"), EXIT_FAILED);
	assert_string_equal(said.text, "invalid: there is no entry 0\n");
	assert_int_equal(show(world, "99999999999999999999"), EXIT_FAILED);
	assert_string_equal(
	    said.text, "invalid: there is no entry 99999999999999999999\n");
	assert_int_equal(show(world, "yesterday"), EXIT_FAILED);
	assert_non_null(strstr(said.text, "not 'yesterday'"));
	assert_int_equal(show(world, ""), EXIT_FAILED);
	assert_non_null(strstr(said.text, "not ''"));
}

static void shows_what_was_in_force_at_a_moment(void **state)
{
	struct world *world = *state;
	char before[FORMAT_SIZE];
	char after[FORMAT_SIZE];

	world->now_ms = world->now_ms / 1000 * 1000;
	world_member(world, CARD);
	format_time(world->now_ms, before);
	world->now_ms += 1000;
	world_sale(world, CARD, 500);
	assert_int_equal(put(world, RULES), EXIT_FINE); /* by the real clock */
	world->now_ms = clock_wall_ms();
	world_sale(world, CARD, 500);
	format_time(world->now_ms, after);
	assert_int_equal(show(world, before), EXIT_FINE);
	assert_key("entry=2");
	assert_int_equal(show(world, after), EXIT_FINE);
	assert_string_equal(said.text, RULES);
	assert_int_equal(show(world, "2999-12-31"), EXIT_FINE);
	assert_string_equal(said.text, RULES);
	assert_int_equal(show(world, "2001-01-01"), EXIT_FAILED);
	assert_string_equal(
	    said.text, "not_found: the ledger begins later than that\n");
}

/* The last entry by a time, for every time and every length of ledger. */
static void finds_the_last_entry_by_a_time(void **state)
{
	struct world *world = *state;
	uint64_t start_ms =
	    book_head(ledger_book(world->shop->ledger))->time_ms;
	uint64_t found = 0;

	world_member(world, CARD);
	for (uint64_t i = 1; i <= 7; i++) {
		uint64_t first = world_head(world);

		world->now_ms = start_ms + 10 * i;
		world_sale(world, CARD, 500);
		world_sale(world, CARD, 500);
		assert_int_equal(version_entry_by(world->reader,
				     world->now_ms - 1, &found, &world->err),
		    RESULT_OK);
		assert_int_equal(found, first);
		assert_int_equal(version_entry_by(world->reader, world->now_ms,
				     &found, &world->err),
		    RESULT_OK);
		assert_int_equal(found, first + 2);
	}
	assert_int_equal(
	    version_entry_by(world->reader, start_ms, &found, &world->err),
	    RESULT_OK);
	assert_int_equal(found, world_head(world) - 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST_EMPTY(says_what_the_rules_mean),
	    WORLD_TEST_EMPTY(says_one_point_and_no_amount_beyond_counting),
	    WORLD_TEST_EMPTY(says_all_that_a_programme_can_hold),
	    WORLD_TEST_EMPTY(says_how_points_last_in_each_way),
	    WORLD_TEST_EMPTY(says_which_rule_a_time_zones_name_stands_for),
	    WORLD_TEST_EMPTY(warns_of_what_is_hardly_meant),
	    WORLD_TEST_EMPTY(names_every_fault_by_file_line_and_column),
	    WORLD_TEST_EMPTY(shows_no_more_faults_than_its_limit),
	    WORLD_TEST_EMPTY(names_a_file_that_is_too_long_or_not_there),
	    WORLD_TEST_EMPTY(puts_what_is_good_and_shows_it_as_it_was),
	    WORLD_TEST_EMPTY(warns_also_when_it_puts),
	    WORLD_TEST_EMPTY(puts_nothing_that_has_a_fault_or_is_in_force),
	    WORLD_TEST_EMPTY(says_where_there_is_no_shop),
	    WORLD_TEST(shows_what_judged_an_entry),
	    WORLD_TEST_EMPTY(names_an_entry_without_rules),
	    WORLD_TEST(shows_what_was_in_force_at_a_moment),
	    WORLD_TEST(finds_the_last_entry_by_a_time),
	};

	/* Where no hour comes twice, so that a time printed can be asked for.
	 */
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
