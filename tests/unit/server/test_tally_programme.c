/*
 * The tally command's programme verbs on a real shop's folder. What they print
 * is gathered here as lines of text; print.c is tested by the programs' own
 * tests. The command's files are in no library, so they are compiled in here.
 */
#include "tests/unit/server/command_world.h"

#include <time.h>

#include "server/tally/call.c"
#include "server/tally/format.c"
#include "server/tally/phrase.c"
#include "server/tally/pin.c"
#include "server/tally/rules_file.c"
#include "server/tally/rules_say.c"
#include "server/tally/rules_say_whole.c"
#include "server/tally/rules_text.c"
#include "server/tally/verbs.c"
#include "server/tally/verbs_programme.c"
#include "server/tally/version.c"
#include "server/tally/zone_hint.c"

#define CARD "2912345678906"
#define RULES                    \
	"[programme]\n"          \
	"name = Corner Coffee\n" \
	"currency = EUR\n"       \
	"earn_points = 3\n"      \
	"earn_amount = 2.50\n"   \
	"sale_amount_max = 20.00\n"
#define TEA "[reward tea]\nname = Tea\npoints = 70\n"

/* --- a page that gathers ---------------------------------------------------
 */

struct page {
	char text[32768];
	uint64_t entry;
	bool is_shown; /* the table: else it is for JSON alone */
};

__attribute__((format(printf, 2, 3))) static void gather(
    struct page *page, const char *format, ...)
{
	size_t size = strlen(page->text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(
	    &page->text[size], sizeof(page->text) - size, format, arguments);
	va_end(arguments);
}

#define GATHER(page, before, format)                                \
	do {                                                        \
		char gathered[1024];                                \
		va_list arguments;                                  \
		va_start(arguments, format);                        \
		(void)vsnprintf(                                    \
		    gathered, sizeof(gathered), format, arguments); \
		va_end(arguments);                                  \
		gather(page, "%s%s\n", before, gathered);           \
	} while (0)

int page_fail(struct page *page, const char *why, const char *format, ...)
{
	gather(page, "%s: ", why);
	GATHER(page, "", format);
	return EXIT_FAILED;
}

int page_refuse(struct page *page, const struct refusal *refusal)
{
	gather(page, "%s: %s\n", refusal_name(refusal->code), refusal->say);
	return EXIT_REFUSED;
}

void page_say(struct page *page, const char *format, ...)
{
	GATHER(page, "", format);
}

void page_warning(struct page *page, const char *file, const char *format, ...)
{
	gather(page, "%s", strstr(file, "rules"));
	GATHER(page, ": warning: ", format);
}

void page_text_fault(struct page *page, const char *file, unsigned line,
    unsigned column, const char *text)
{
	gather(
	    page, "%s:%u:%u: %s\n", strstr(file, "rules"), line, column, text);
}

void page_verbatim(struct page *page, const char *key, struct bytes text)
{
	(void)key;
	gather(page, "%.*s", (int)text.size, (const char *)text.data);
}

void page_text(
    struct page *page, const char *key, const char *label, const char *value)
{
	(void)page;
	(void)key;
	(void)value;
	assert_null(label);
}

void page_count(
    struct page *page, const char *key, const char *label, int64_t count)
{
	assert_null(label);
	if (strcmp(key, "entry") == 0)
		page->entry = (uint64_t)count;
}

void page_time(
    struct page *page, const char *key, const char *label, uint64_t time_ms)
{
	(void)page;
	(void)key;
	assert_null(label);
	assert_true(time_ms > 1600000000000);
}

void page_flag(struct page *page, const char *key, const char *label, bool flag)
{
	(void)page;
	(void)key;
	assert_null(label);
	assert_false(flag);
}

void page_wrapped(struct page *page, size_t indent, const char *text)
{
	gather(page, "%*s%s\n", (int)indent, "", text);
}

void page_table(struct page *page, const char *key,
    const struct column *columns, size_t column_count)
{
	page->is_shown = columns[0].heading != NULL;
	if (!page->is_shown)
		return;
	assert_string_equal(key, "rewards");
	assert_int_equal(column_count, 5);
	gather(page, "[");
}

void page_cell_text(struct page *page, const char *value)
{
	if (page->is_shown)
		gather(page, " %s", value);
}

void page_cell_count(struct page *page, int64_t count)
{
	if (page->is_shown)
		gather(page, " %lld", (long long)count);
}

void page_cell_number(struct page *page, uint64_t number)
{
	gather(page, " %llu", (unsigned long long)number);
}

void page_cell_amount(struct page *page, uint64_t amount_minor)
{
	gather(page, " %llu", (unsigned long long)amount_minor);
}

void page_table_end(struct page *page, const char *nothing)
{
	(void)nothing;
	if (page->is_shown)
		gather(page, " ]\n");
}

/* --- asking -----------------------------------------------------------------
 */

static struct page page;

/* A verb on this world's folder, which nobody holds meanwhile. */
static int run(struct world *world,
    int (*verb)(const struct asked *asked, struct page *page), const char *file,
    const char *at)
{
	char shop[128];
	char path[128];
	struct asked asked = {.shop = shop};
	int code;

	world_path(world, "", shop);
	world_path(world, file == NULL ? "" : file, path);
	asked.positionals[0] = path;
	page = (struct page){.entry = 0};
	if (at != NULL)
		asked.options[asked.option_count++] =
		    (struct given_option){"--at", at};
	assert_int_equal(
	    shop_close(world->shop, world->now_ms, &world->err), RESULT_OK);
	world->shop = NULL;
	code = verb(&asked, &page);
	world_reopen(world);
	return code;
}

const char *asked_option(const struct asked *asked, const char *name)
{
	return asked->option_count != 0 &&
		       strcmp(asked->options[0].name, name) == 0
		   ? asked->options[0].value
		   : NULL;
}

static void write_rules(struct world *world, struct bytes text)
{
	char path[128];

	world_path(world, "rules", path);
	assert_int_equal(
	    file_replace(path, text, false, &world->err), RESULT_OK);
}

static int check(struct world *world, const char *text)
{
	write_rules(world, bytes_of_string(text));
	return run(world, run_programme_check, "rules", NULL);
}

static int put(struct world *world, const char *text)
{
	write_rules(world, bytes_of_string(text));
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

/* --- checking ---------------------------------------------------------------
 */

static void says_what_the_rules_mean(void **state)
{
	assert_int_equal(check(*state, RULES TEA), EXIT_FINE);
	assert_string_equal(page.text,
	    "Corner Coffee, amounts in EUR.\n"
	    "A sale gives 3 points for each full 2.50, and nothing for the "
	    "rest:\n"
	    "    6.25 gives 6 points\n"
	    "    20.00 gives 24 points; a larger sale is refused\n"
	    "Points can be spent at once and never lapse.\n"
	    "While the server is away a till gives no reward.\n"
	    "\n"
	    "[ tea Tea 70 6000 a product ]\n");
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
	assert_string_equal(page.text,
	    "N, amounts in EUR.\n"
	    "A sale gives 1 point for each full 1,000,000,000.00, and nothing "
	    "for the rest:\n"
	    "    1,000,000,000.00 gives 1 point\n"
	    "    1,000,000,000.00 gives 1 point; a larger sale is refused\n"
	    "Points can be spent at once and never lapse.\n"
	    "While the server is away a till gives a member rewards of up to "
	    "1 point.\n"
	    "\n"
	    "[ a A 1000000000000 0 a product ]\n"
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
	assert_string_equal(page.text,
	    "Corner, amounts in EUR.\n"
	    "Days and hours are those of CET-1CEST,M3.5.0,M10.5.0/3.\n"
	    "A sale above 2,000.00 is refused.\n"
	    "A sale gives the sum of:\n"
	    "    Fresh fruit (fresh)\n"
	    "        0.125 points for each 1.00 on fruit, vegetables and on "
	    "the products 4011, of 10.00 or more; on Monday, Sunday; from "
	    "22:00 to 02:30; from 2026-01-01 to 2999-01-31; at north, south; "
	    "for Gold; for the segments staff; up to 3 days from the member's "
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
	    "Nothing is earned on tobacco, gift-card, the products 400.\n"
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
	    "[ five Five 500 0 5.00 off a sale; 20 in all; 2 times a month; "
	    "for Silver, Gold tenth Tenth 900 0 10 % off a sale, at most "
	    "20.00; "
	    "until 2999-12-31 cash Cash 0 0 100 points pay 1.00, from 100 "
	    "points, in steps of 50, up to 50 % of a sale ]\n");
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
		if (strstr(page.text, ways[i].says) == NULL)
			fail_msg("'%s' lacks '%s'", page.text, ways[i].says);
	}
}

static void warns_of_what_is_hardly_meant(void **state)
{
	assert_int_equal(check(*state, RULES), EXIT_FINE);
	assert_non_null(strstr(page.text,
	    "rules: warning: there is no reward: points buy nothing\n"));
	assert_int_equal(
	    check(*state, RULES "offline_redeem_points_max = 70\n" TEA),
	    EXIT_FINE);
	assert_null(strstr(page.text, "warning"));
	assert_int_equal(
	    check(*state, RULES "offline_redeem_points_max = 71\n"
				"[reward a]\nname = A\npoints = 24\n" TEA),
	    EXIT_FINE);
	assert_non_null(strstr(page.text,
	    "rules: warning: offline_redeem_points_max is 71, more than the "
	    "dearest reward costs (Tea, 70 points): "));
	assert_int_equal(check(*state, "[programme]\nname = N\ncurrency = EUR\n"
				       "earn_points = 1\nearn_amount = 2.00\n"
				       "sale_amount_max = 1.99\n" TEA),
	    EXIT_FINE);
	assert_non_null(
	    strstr(page.text, "rules: warning: no sale gives a point: "));
}

static void names_every_fault_by_file_line_and_column(void **state)
{
	assert_int_equal(
	    check(*state, RULES "what\n[reward tea]\npoints = 0\nname = T\n"),
	    EXIT_REFUSED);
	assert_string_equal(page.text,
	    "rules:7:1: 'key = value' or a [section] is wanted\n"
	    "rules:9:10: points: a whole number from 1 to 1000000000000 is "
	    "wanted, not '0'\n"
	    "2 faults.\n");
	assert_int_equal(check(*state, RULES "x\n"), EXIT_REFUSED);
	assert_non_null(strstr(page.text, "\n1 fault.\n"));
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
	    strstr(page.text, "not 'Berlin'; for Berlin write: time_zone = "
			      "CET-1CEST,M3.5.0,M10.5.0/3\n"));
	assert_int_equal(check(world, RULES "time_zone = Odd\n"), EXIT_REFUSED);
	assert_null(strstr(page.text, "write:"));
	assert_int_equal(
	    check(world, RULES "time_zone = ../shop/Berlin\n"), EXIT_REFUSED);
	assert_null(strstr(page.text, "write:"));
	assert_int_equal(
	    check(world, RULES "time_zone = Nowhere\n"), EXIT_REFUSED);
	assert_null(strstr(page.text, "write:"));
	unsetenv("TZDIR");
}

static void shows_no_more_faults_than_its_limit(void **state)
{
	char text[1024] = RULES;

	for (unsigned i = 0; i < FAULTS_SHOWN_MAX + 5; i++)
		strcat(text, "x\n");
	assert_int_equal(check(*state, text), EXIT_REFUSED);
	assert_non_null(strstr(page.text, "rules:106:1: "));
	assert_null(strstr(page.text, "rules:107:1: "));
	assert_non_null(
	    strstr(page.text, "5 more are not shown.\n105 faults.\n"));
}

static void names_a_file_that_is_too_long_or_not_there(void **state)
{
	static char text[FILE_SIZE_MAX + 100];
	struct world *world = *state;

	memset(text, '\n', sizeof(text));
	write_rules(world, bytes_of(text, ENTRY_TEXT_SIZE_MAX + 1));
	assert_int_equal(
	    run(world, run_programme_check, "rules", NULL), EXIT_REFUSED);
	assert_string_equal(page.text,
	    "rules:0:0: the programme is longer than 60000 bytes\n1 fault.\n");
	write_rules(world, bytes_of(text, sizeof(text)));
	assert_int_equal(
	    run(world, run_programme_put, "rules", NULL), EXIT_REFUSED);
	assert_string_equal(page.text,
	    "rules:0:0: it is longer than a programme can be\n1 fault.\n"
	    "Nothing was changed.\n");
	assert_int_equal(
	    run(world, run_programme_check, "none", NULL), EXIT_FAILED);
	assert_non_null(strstr(page.text, "not_found: cannot read "));
}

/* --- bringing into force ----------------------------------------------------
 */

static void puts_what_is_good_and_shows_it_as_it_was(void **state)
{
	struct world *world = *state;

	assert_int_equal(put(world, RULES TEA "; no newline"), EXIT_FINE);
	assert_string_equal(page.text, "In force from entry 3 on.\n");
	assert_int_equal(page.entry, 3);
	assert_int_equal(world_head(world), 3);
	assert_false(is_left(world));
	assert_int_equal(show(world, NULL), EXIT_FINE);
	assert_string_equal(page.text, RULES TEA "; no newline");
	assert_int_equal(page.entry, 3);
}

static void warns_also_when_it_puts(void **state)
{
	assert_int_equal(put(*state, RULES), EXIT_FINE);
	assert_string_equal(page.text,
	    "rules: warning: there is no reward: points buy nothing\n"
	    "In force from entry 3 on.\n");
}

static void puts_nothing_that_has_a_fault_or_is_in_force(void **state)
{
	struct world *world = *state;

	assert_int_equal(put(world, RULES "x\n"), EXIT_REFUSED);
	assert_non_null(strstr(page.text, "1 fault.\nNothing was changed.\n"));
	assert_int_equal(world_head(world), 2);
	assert_int_equal(put(world, RULES), EXIT_FINE);
	assert_int_equal(put(world, RULES), EXIT_REFUSED);
	assert_string_equal(page.text,
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

	write_rules(world, bytes_of_string(RULES));
	world_path(world, "rules", path);
	asked.positionals[0] = path;
	page = (struct page){.entry = 0};
	assert_int_equal(run_programme_show(&asked, &page), EXIT_FAILED);
	assert_int_equal(run_programme_put(&asked, &page), EXIT_FAILED);
	assert_non_null(strstr(page.text, "not_found: /no/such/shop is no"));
	/* To check it needs none. */
	assert_int_equal(run_programme_check(&asked, &page), EXIT_FINE);
}

/* --- what was in force when -------------------------------------------------
 */

/* Entries 1 shop, 2 first rules, 3 to 6 two tills … see world_setup(). */
static void shows_what_judged_an_entry(void **state)
{
	struct world *world = *state;
	static struct page first;
	uint64_t second;
	char at[24];

	assert_int_equal(show(world, "2"), EXIT_FINE);
	first = page;
	assert_int_equal(page.entry, 2);
	world_member(world, CARD);
	world_sale(world, CARD, 1000);
	assert_int_equal(put(world, RULES), EXIT_FINE);
	second = page.entry;
	assert_int_equal(second, world_head(world));
	world_sale(world, CARD, 1000);
	world_sale(world, CARD, 1000);
	for (uint64_t i = 2; i <= world_head(world); i++) {
		(void)snprintf(at, sizeof(at), "%llu", (unsigned long long)i);
		assert_int_equal(show(world, at), EXIT_FINE);
		assert_int_equal(page.entry, i < second ? 2 : second);
		assert_string_equal(page.text, i < second ? first.text : RULES);
	}
}

static void names_an_entry_without_rules(void **state)
{
	struct world *world = *state;

	assert_int_equal(show(world, "1"), EXIT_FAILED);
	assert_string_equal(
	    page.text, "not_found: no programme was in force at entry 1\n");
	assert_int_equal(show(world, "3"), EXIT_FAILED);
	assert_string_equal(page.text, "not_found: the newest entry is 2\n");
	assert_int_equal(show(world, "0"), EXIT_FAILED);
	assert_string_equal(page.text, "invalid: there is no entry 0\n");
	assert_int_equal(show(world, "99999999999999999999"), EXIT_FAILED);
	assert_string_equal(
	    page.text, "invalid: there is no entry 99999999999999999999\n");
	assert_int_equal(show(world, "yesterday"), EXIT_FAILED);
	assert_non_null(strstr(page.text, "not 'yesterday'"));
	assert_int_equal(show(world, ""), EXIT_FAILED);
	assert_non_null(strstr(page.text, "not ''"));
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
	assert_int_equal(page.entry, 2);
	assert_int_equal(show(world, after), EXIT_FINE);
	assert_string_equal(page.text, RULES);
	assert_int_equal(show(world, "2999-12-31"), EXIT_FINE);
	assert_string_equal(page.text, RULES);
	assert_int_equal(show(world, "2001-01-01"), EXIT_FAILED);
	assert_string_equal(
	    page.text, "not_found: the ledger begins later than that\n");
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
