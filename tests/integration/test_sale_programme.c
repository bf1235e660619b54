/*
 * A shop with a whole programme, over the real programs: lines, tiers, holds,
 * claims, returns, voids, people and cards, at two tills.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"

#define CARD "2912345678906"
#define OTHER "20123451"
#define FURTHER "2900000000018"

static const char rules[] = "[programme]\n"
			    "name = Corner Coffee\n"
			    "currency = EUR\n"
			    "earn_points = 1\n"
			    "earn_amount = 1.00\n"
			    "sale_amount_max = 2000.00\n"
			    "claim_days = 14\n"
			    "[points]\n"
			    "expire_months = 12\n"
			    "[earn fruit]\n"
			    "name = Fresh fruit\n"
			    "points = 1\n"
			    "per = 1.00\n"
			    "categories = fruit\n"
			    "[tiers]\n"
			    "window = year\n"
			    "[tier silver]\n"
			    "name = Silver\n"
			    "from = 300\n"
			    "[reward coffee]\n"
			    "name = Coffee\n"
			    "points = 150\n"
			    "[reward cash]\n"
			    "name = Pay with points\n"
			    "money_points = 100\n"
			    "money_amount = 1.00\n"
			    "money_step = 50\n"
			    "[transfer]\n"
			    "points_min = 10\n"
			    "[goodwill]\n"
			    "cashier_day_points = 50\n"
			    "supervisor_day_points = 60\n"
			    "second_day_points = 500\n";

struct shop {
	struct fixture *fixture;
	struct till tills[2];
};

/* Ask, and it is done. */
static void ask(struct till *till, const char *line)
{
	till_ask(till, line);
	assert_has(till, "\"ok\":true");
}

/* Ask, and it is refused for `why`. */
static void refuse(struct till *till, const char *line, const char *why)
{
	char wanted[64];

	till_ask(till, line);
	(void)snprintf(wanted, sizeof(wanted), "\"why\":\"%s\"", why);
	assert_has(till, "\"ok\":false");
	assert_has(till, wanted);
}

static int setup(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));
	void *fixture;

	assert_non_null(shop);
	(void)fixture_setup(&fixture);
	shop->fixture = fixture;
	fixture_rules(shop->fixture, rules);
	for (size_t i = 0; i < 2; i++) {
		struct till *till = &shop->tills[i];

		till_begin(shop->fixture, i == 0 ? "till" : "other", till);
	}
	ask(&shop->tills[0], "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	*state = shop;
	return 0;
}

/* Whatever was done, the ledger holds. */
static int teardown(void **state)
{
	struct shop *shop = *state;
	void *fixture = shop->fixture;

	for (size_t i = 0; i < 2; i++)
		process_finish(&shop->tills[i].process);
	fixture_audit(shop->fixture);
	(void)fixture_teardown(&fixture);
	free(shop);
	return 0;
}

static void earn(struct till *till, int amount)
{
	char line[128];

	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":%d}", amount);
	ask(till, line);
}

/* A line with numbers in it; borrowed until the next. */
__attribute__((format(printf, 1, 2))) static const char *with(
    const char *format, ...)
{
	static char line[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return line;
}

/* --- sales ---------------------------------------------------------------- */

static void lines_earn_by_their_category_and_reach_a_tier(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];

	ask(till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":1250,"
		  "\"lines\":[{\"category\":\"fruit\",\"product\":\"4011\","
		  "\"quantity\":2,\"amount\":300},{\"amount\":950}]}");
	assert_int_equal(line_number(till->line, "points"), 15);
	earn(till, 40000);
	assert_int_equal(line_number(till->line, "spendable"), 415);
	ask(till, "{\"do\":\"balance\",\"card\":\"" CARD "\"}");
	assert_has(till, "\"tier\":\"Silver\"");
	assert_int_equal(line_number(till->line, "expiring"), 415);
	assert_has(till, "\"expiring_on\":\"20");
	refuse(till,
	    "{\"do\":\"earn\",\"card\":\"" CARD
	    "\",\"amount\":1250,\"lines\":[{\"amount\":1251}]}",
	    "lines_invalid");
	ask(till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(till->line, "waiting"), 0);
}

static void a_sale_may_have_a_hundred_lines(void **state)
{
	static char line[16384];
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];
	size_t size = (size_t)snprintf(line, sizeof(line),
	    "{\"do\":\"earn\",\"card\":\"" CARD
	    "\",\"amount\":10000,\"lines\":[");

	for (int i = 0; i < 100; i++)
		size += (size_t)snprintf(&line[size], sizeof(line) - size,
		    "%s{\"category\":\"12345678901234567890123456789%03d\","
		    "\"product\":\"12345678901234567890123456789012\","
		    "\"amount\":100}",
		    i > 0 ? "," : "", i);
	(void)snprintf(&line[size], sizeof(line) - size, "]}");
	ask(till, line);
	assert_int_equal(line_number(till->line, "points"), 100);
}

static void a_sale_without_a_card_is_claimed_once(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];
	long long sale;

	ask(till, "{\"do\":\"sale\",\"amount\":1250,\"receipt\":\"A-18\","
		  "\"lines\":[{\"category\":\"fruit\",\"amount\":1250}]}");
	assert_false(line_has(till->line, "\"points\""));
	sale = line_number(till->line, "entry");
	/* At any till, with the number on the receipt. */
	till = &shop->tills[1];
	refuse(till,
	    with("{\"do\":\"claim\",\"card\":\"" CARD
		 "\",\"entry\":%lld,\"receipt\":\"A-19\"}",
		sale),
	    "receipt_wrong");
	ask(till, with("{\"do\":\"claim\",\"card\":\"" CARD
		       "\",\"entry\":%lld,\"receipt\":\"A-18\"}",
		      sale));
	assert_int_equal(line_number(till->line, "points"), 24);
	refuse(till,
	    with("{\"do\":\"claim\",\"card\":\"" CARD
		 "\",\"entry\":%lld,\"receipt\":\"A-18\"}",
		sale),
	    "claimed");
}

/* --- rewards -------------------------------------------------------------- */

#define HOLD "{\"do\":\"hold\",\"card\":\"" CARD "\",\"reward\":\"coffee\"}"
#define REDEEM "{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"coffee\"}"

static void a_hold_counts_at_every_till(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];
	struct till *other = &shop->tills[1];
	long long operation;

	earn(till, 20000);
	ask(till, HOLD);
	assert_int_equal(line_number(till->line, "points"), 0);
	assert_int_equal(line_number(till->line, "balance"), 200);
	assert_int_equal(line_number(till->line, "spendable"), 50);
	assert_true(line_number(till->line, "until_ms") > 0);
	refuse(other, REDEEM, "insufficient_points");
	assert_int_equal(line_number(other->line, "available"), 50);
	ask(till, with("{\"do\":\"capture\",\"hold\":%lld}",
		      line_number(till->line, "hold")));
	assert_int_equal(line_number(till->line, "points"), -150);
	earn(till, 10000);
	ask(till, HOLD);
	operation = line_number(till->line, "operation");
	refuse(other, REDEEM, "insufficient_points");
	ask(till, with("{\"do\":\"void\",\"operation\":%lld}", operation));
	ask(other, REDEEM);
	assert_int_equal(line_number(other->line, "balance"), 0);
}

static void what_is_paid_with_points_earns_nothing(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];

	earn(till, 20000);
	refuse(till,
	    "{\"do\":\"redeem\",\"card\":\"" CARD
	    "\",\"reward\":\"cash\",\"points\":75,\"amount\":1250}",
	    "points_invalid");
	ask(till, "{\"do\":\"redeem\",\"card\":\"" CARD
		  "\",\"reward\":\"cash\",\"points\":200,\"amount\":1250}");
	assert_int_equal(line_number(till->line, "value"), 200);
	ask(till, "{\"do\":\"earn\",\"card\":\"" CARD
		  "\",\"amount\":1250,\"paid\":200}");
	assert_int_equal(line_number(till->line, "points"), 10);
}

/* --- what comes back ------------------------------------------------------ */

static void lines_and_rewards_come_back(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];
	long long sale;

	ask(till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":20000,"
		  "\"lines\":[{\"amount\":10000},{\"category\":\"fruit\","
		  "\"quantity\":2,\"amount\":10000}]}");
	sale = line_number(till->line, "entry");
	assert_int_equal(line_number(till->line, "points"), 300);
	ask(till, REDEEM);
	ask(till, with("{\"do\":\"return\",\"entry\":%lld,\"points\":0}",
		      line_number(till->line, "entry")));
	assert_int_equal(line_number(till->line, "points"), 150);
	ask(till, with("{\"do\":\"return\",\"entry\":%lld,\"lines\":[{"
		       "\"line\":1,\"quantity\":1,\"amount\":5000}]}",
		      sale));
	assert_int_equal(line_number(till->line, "points"), -100);
	refuse(till,
	    with("{\"do\":\"return\",\"entry\":%lld,\"lines\":[{"
		 "\"line\":2,\"amount\":5000}]}",
		sale),
	    "lines_invalid");
}

static void an_operation_is_undone_as_a_whole_and_once(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];
	long long operation;

	earn(till, 2000);
	operation = line_number(till->line, "operation");
	ask(till, with("{\"do\":\"void\",\"operation\":%lld}", operation));
	assert_int_equal(line_number(till->line, "points"), -20);
	assert_int_equal(line_number(till->line, "balance"), 0);
	refuse(till, with("{\"do\":\"void\",\"operation\":%lld}", operation),
	    "voided");
	refuse(till, "{\"do\":\"void\",\"operation\":99}", "not_found");
}

/* --- people --------------------------------------------------------------- */

static void add_staff(struct shop *shop)
{
	assert_int_equal(fixture_tally(shop->fixture, "cashier", "add", "Ann",
			     "--pin", "4711", NULL),
	    0);
	assert_int_equal(fixture_tally(shop->fixture, "cashier", "add", "Eve",
			     "--role", "supervisor", "--pin", "4712", NULL),
	    0);
}

#define GOODWILL(points, more)                                          \
	"{\"do\":\"goodwill\",\"card\":\"" CARD "\",\"points\":" points \
	",\"reason\":\"long wait\"" more "}"

static void goodwill_has_ceilings_and_a_second_person(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];

	refuse(till, GOODWILL("20", ""), "cashier_required");
	add_staff(shop);
	ask(till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	ask(till, GOODWILL("20", ""));
	assert_int_equal(line_number(till->line, "balance"), 20);
	refuse(till, GOODWILL("40", ""), "second_required");
	assert_int_equal(line_number(till->line, "available"), 30);
	refuse(till, GOODWILL("40", ",\"second\":2,\"pin\":\"0000\""),
	    "pin_wrong");
	ask(till, GOODWILL("40", ",\"second\":2,\"pin\":\"4712\""));
	assert_int_equal(line_number(till->line, "balance"), 60);
	ask(till, "{\"do\":\"history\",\"card\":\"" CARD "\"}");
	assert_has(till, "\"reason\":\"long wait\"");
	/* Who is logged in is still so. */
	earn(till, 100);
}

static void members_send_points_pool_and_part(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];

	ask(till, "{\"do\":\"enrol\",\"card\":\"" OTHER
		  "\",\"referrer\":\"" CARD "\"}");
	earn(till, 10000);
	ask(till, "{\"do\":\"transfer\",\"card\":\"" CARD "\",\"to\":\"" OTHER
		  "\",\"points\":30}");
	assert_int_equal(line_number(till->line, "balance"), 70);
	ask(till,
	    "{\"do\":\"join\",\"card\":\"" OTHER "\",\"with\":\"" CARD "\"}");
	assert_int_equal(line_number(till->line, "balance"), 100);
	ask(till, "{\"do\":\"balance\",\"card\":\"" OTHER "\"}");
	assert_int_equal(line_number(till->line, "balance"), 100);
	assert_has(till, "\"pooled\":true");
	ask(till, "{\"do\":\"leave\",\"card\":\"" OTHER "\"}");
	ask(till, "{\"do\":\"balance\",\"card\":\"" OTHER "\"}");
	assert_int_equal(line_number(till->line, "balance"), 30);
}

static void a_lost_card_gives_way_to_another(void **state)
{
	struct shop *shop = *state;
	struct till *till = &shop->tills[0];

	earn(till, 1000);
	ask(till, "{\"do\":\"card_add\",\"card\":\"" CARD
		  "\",\"new_card\":\"" FURTHER "\"}");
	ask(till, "{\"do\":\"card_block\",\"card\":\"" CARD
		  "\",\"reason\":\"lost\"}");
	refuse(till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":100}",
	    "card_blocked");
	ask(till, "{\"do\":\"balance\",\"card\":\"" FURTHER "\"}");
	assert_int_equal(line_number(till->line, "balance"), 10);
	ask(till,
	    "{\"do\":\"card_block\",\"card\":\"" CARD "\",\"unblock\":true}");
	earn(till, 100);
	ask(till, "{\"do\":\"member\",\"card\":\"" FURTHER
		  "\",\"name\":\"Ada\",\"birthday\":\"12-10\"}");
	ask(till, "{\"do\":\"member\",\"card\":\"" FURTHER
		  "\",\"segment\":\"staff\"}");
	assert_int_equal(line_number(till->line, "balance"), 11);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lines_earn_by_their_category_and_reach_a_tier),
	    TEST(a_sale_may_have_a_hundred_lines),
	    TEST(a_sale_without_a_card_is_claimed_once),
	    TEST(a_hold_counts_at_every_till),
	    TEST(what_is_paid_with_points_earns_nothing),
	    TEST(lines_and_rewards_come_back),
	    TEST(an_operation_is_undone_as_a_whole_and_once),
	    TEST(goodwill_has_ceilings_and_a_second_person),
	    TEST(members_send_points_pool_and_part),
	    TEST(a_lost_card_gives_way_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
