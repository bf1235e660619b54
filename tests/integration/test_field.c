/*
 * Cases that shops have met: what comes back of a sale that was paid with
 * points, or after its points have lapsed, or that a tier rests on; and numbers
 * that no sale has. Over the real programs; the server's clock is set.
 */
#include "tests/support/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/law.h"
#include "tests/support/client.h"
#include "tests/support/fake_clock.h"

#define CARD "2912345678906"
#define OTHER "2900000000018"

static const char rules[] =
    "[programme]\nname = Corner Coffee\ncurrency = EUR\n"
    "sale_amount_max = 2000.00\n"
    "[points]\nexpire_months = 1\n"
    "[earn amount]\npoints = 1\nper = 1.00\n"
    "[earn fruit]\npoints = 1\nper = 1.00\ncategories = fruit\n"
    "[tiers]\nwindow = year\n"
    "[tier silver]\nname = Silver\nfrom = 100\n"
    "[reward gift]\nname = Gift\npoints = 40\n"
    "[reward cash]\nname = Pay with points\nmoney_points = 100\n"
    "money_amount = 1.00\nmoney_step = 10\n"
    "[transfer]\npoints_min = 1\n"
    "[goodwill]\ncashier_day_points = 50\nsupervisor_day_points = 50\n"
    "second_day_points = 500\n";

struct shop {
	struct fixture fixture;
	struct fake_clock clock;
	bool has_clock;
	int year; /* a leap year to come */
	struct till till;
};

/* --- asking --------------------------------------------------------------- */

/* One line, with numbers in it. */
__attribute__((format(printf, 2, 0))) static void ask_with(
    struct till *till, const char *format, va_list arguments)
{
	char line[512];

	(void)vsnprintf(line, sizeof(line), format, arguments);
	till_ask(till, line);
}

/* It is done, and the balance changes by `points`. */
__attribute__((format(printf, 3, 4))) static long long done(
    struct shop *shop, long long points, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	ask_with(&shop->till, format, arguments);
	va_end(arguments);
	assert_has(&shop->till, "\"ok\":true");
	if (line_number(shop->till.line, "points") != points)
		fail_msg("%lld points wanted: %s", points, shop->till.line);
	return line_number(shop->till.line, "entry");
}

__attribute__((format(printf, 3, 4))) static void refused(
    struct shop *shop, const char *why, const char *format, ...)
{
	char wanted[64];
	va_list arguments;

	va_start(arguments, format);
	ask_with(&shop->till, format, arguments);
	va_end(arguments);
	(void)snprintf(wanted, sizeof(wanted), "\"why\":\"%s\"", why);
	assert_has(&shop->till, "\"ok\":false");
	assert_has(&shop->till, wanted);
}

#define CARD_IS(card) "\"card\":\"" card "\""

static long long earn(struct shop *shop, long long cents, long long points)
{
	return done(shop, points,
	    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":%lld}", cents);
}

static void assert_has_points(
    struct shop *shop, long long balance, long long spendable)
{
	till_ask(&shop->till, "{\"do\":\"balance\"," CARD_IS(CARD) "}");
	assert_int_equal(line_number(shop->till.line, "balance"), balance);
	assert_int_equal(line_number(shop->till.line, "spendable"), spendable);
}

/* --- a shop --------------------------------------------------------------- */

static int setup(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));

	assert_non_null(shop);
	*state = shop;
	fixture_init(&shop->fixture);
	shop->has_clock = fake_clock_init(&shop->clock, &shop->fixture.place);
	if (shop->has_clock)
		shop->fixture.environment = shop->clock.environment;
	shop->year = next_leap_year();
	fixture_run(&shop->fixture);
	fixture_rules(&shop->fixture, rules);
	till_begin(&shop->fixture, "till", &shop->till);
	(void)done(shop, 0, "{\"do\":\"enrol\"," CARD_IS(CARD) "}");
	return 0;
}

/* Whatever was done, the ledger holds. */
static int teardown(void **state)
{
	struct shop *shop = *state;

	process_finish(&shop->till.process);
	fixture_audit(&shop->fixture);
	fixture_finish(&shop->fixture);
	free(shop);
	return 0;
}

/* Noon of a day of that year; a test that needs it is skipped without. */
static void go_to(struct shop *shop, int month, int day)
{
	if (!shop->has_clock)
		skip();
	fake_clock_set(&shop->clock, utc_s(shop->year, month, day, 12, 0, 0));
}

/* --- paid with points ----------------------------------------------------- */

/* 20.00, of which 5.00 are 500 of 600 points. The redemption is `ret_paid`. */
static long long sell_for_points(struct shop *shop, long long *ret_paid)
{
	(void)earn(shop, 60000, 600);
	*ret_paid = done(shop, -500,
	    "{\"do\":\"redeem\"," CARD_IS(
		CARD) ",\"reward\":\"cash\","
		      "\"points\":500,\"amount\":2000}");
	assert_int_equal(line_number(shop->till.line, "value"), 500);
	return done(shop, 15,
	    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":2000,\"paid\":500}");
}

/* 20.00, of which 5.00 were points: 15 points. The goods come back, and the
 * points that paid for them: all is as before. */
static void a_sale_that_was_paid_in_part_with_points_comes_back(void **state)
{
	struct shop *shop = *state;
	long long paid;
	long long sale;

	sale = sell_for_points(shop, &paid);
	(void)done(shop, -15,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":2000}", sale);
	(void)done(
	    shop, 500, "{\"do\":\"return\",\"entry\":%lld,\"points\":0}", paid);
	assert_has_points(shop, 600, 600);
	refused(shop, "return_too_large",
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":1}", sale);
	refused(shop, "return_too_large",
	    "{\"do\":\"return\",\"entry\":%lld,\"points\":0}", paid);
	assert_has_points(shop, 600, 600);
}

/* Half of it comes back, and half of the points, in pieces or at once. */
static void half_of_a_sale_that_was_paid_with_points_comes_back(void **state)
{
	struct shop *shop = *state;
	long long paid;
	long long sale;

	sale = sell_for_points(shop, &paid);
	/* 10.00 are kept, of which 7.50 are money. */
	(void)done(shop, -4,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":500}", sale);
	(void)done(shop, -4,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":500}", sale);
	(void)done(shop, 250,
	    "{\"do\":\"return\",\"entry\":%lld,\"points\":250}", paid);
	refused(shop, "return_too_large",
	    "{\"do\":\"return\",\"entry\":%lld,\"points\":260}", paid);
	assert_has_points(shop, 357, 357);
}

/* --- after the points have lapsed ----------------------------------------- */

/* What a return takes is what the sale gave, also where it was spent, and then
 * it is a debt, which the next sale pays off. */
static void a_sale_comes_back_after_its_points_were_spent(void **state)
{
	struct shop *shop = *state;
	long long sale = earn(shop, 5000, 50);

	(void)done(shop, -40,
	    "{\"do\":\"redeem\"," CARD_IS(CARD) ",\"reward\":\"gift\"}");
	(void)done(shop, -50,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":5000}", sale);
	assert_has_points(shop, -40, 0);
	(void)earn(shop, 10000, 100);
	assert_has_points(shop, 60, 60);
}

/* The night has not been: the points are there, nobody can spend them, and
 * they go back. */
static void a_sale_comes_back_when_its_points_are_past_their_last_day(
    void **state)
{
	struct shop *shop = *state;
	long long sale;

	go_to(shop, 1, 31);
	sale = earn(shop, 5000, 50);
	go_to(shop, 3, 1);
	assert_has_points(shop, 50, 0);
	(void)done(shop, -50,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":5000}", sale);
	assert_has_points(shop, 0, 0);
}

/* The night has been: they lapsed because they were not spent, and are owed all
 * the same, for nobody can tell them from those of the day that were. */
static void a_sale_comes_back_after_its_points_have_lapsed(void **state)
{
	struct shop *shop = *state;
	long long sale;

	go_to(shop, 1, 31);
	sale = earn(shop, 5000, 50);
	go_to(shop, 3, 1);
	assert_int_equal(
	    fixture_tally(&shop->fixture, "--json", "night", NULL), 0);
	assert_int_equal(fixture_number(&shop->fixture, "expired_points"), 50);
	(void)done(shop, -50,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":5000}", sale);
	assert_has_points(shop, -50, 0);
	(void)earn(shop, 6000, 60);
	assert_has_points(shop, 10, 10);
}

/* A reward that comes back brings its points as they were: lapsed. */
static void a_reward_comes_back_after_its_points_would_have_lapsed(void **state)
{
	struct shop *shop = *state;
	long long gift;

	go_to(shop, 1, 31);
	(void)earn(shop, 5000, 50);
	gift = done(shop, -40,
	    "{\"do\":\"redeem\"," CARD_IS(CARD) ",\"reward\":\"gift\"}");
	go_to(shop, 3, 1);
	assert_int_equal(
	    fixture_tally(&shop->fixture, "--json", "night", NULL), 0);
	assert_int_equal(fixture_number(&shop->fixture, "expired_points"), 10);
	assert_has_points(shop, 0, 0);
	(void)done(
	    shop, 40, "{\"do\":\"return\",\"entry\":%lld,\"points\":0}", gift);
	assert_has_points(shop, 40, 0);
	refused(shop, "insufficient_points",
	    "{\"do\":\"redeem\"," CARD_IS(CARD) ",\"reward\":\"gift\"}");
	assert_int_equal(
	    fixture_tally(&shop->fixture, "--json", "night", NULL), 0);
	assert_int_equal(fixture_number(&shop->fixture, "expired_points"), 40);
	assert_has_points(shop, 0, 0);
}

/* --- a tier ----------------------------------------------------------------
 */

static void a_return_takes_the_tier_that_rested_on_the_sale(void **state)
{
	struct shop *shop = *state;
	long long sale;

	(void)earn(shop, 6000, 60);
	sale = earn(shop, 5000, 50);
	assert_has(&shop->till, "\"tier\":\"Silver\"");
	(void)done(shop, -5,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":500}", sale);
	assert_has(&shop->till, "\"tier\":\"Silver\"");
	(void)done(shop, -10,
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":1000}", sale);
	assert_false(line_has(shop->till.line, "\"tier\""));
	(void)earn(shop, 500, 5);
	assert_has(&shop->till, "\"tier\":\"Silver\"");
}

/* --- lines ---------------------------------------------------------------- */

/* `count` lines of 0.01. */
static const char *sale_of_lines(unsigned count)
{
	static char line[65536];
	int size = snprintf(line, sizeof(line),
	    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":%u,\"lines\":[",
	    count);

	for (unsigned i = 0; i < count; i++)
		size += snprintf(&line[size], sizeof(line) - (size_t)size,
		    "%s{\"amount\":1}", i == 0 ? "" : ",");
	(void)snprintf(&line[size], sizeof(line) - (size_t)size, "]}");
	return line;
}

static void say_lines(struct shop *shop, unsigned count)
{
	const char *line = sale_of_lines(count);

	assert_true(process_write(&shop->till.process, line, strlen(line)));
	till_ask(&shop->till, "");
}

static void a_sale_has_a_hundred_lines_and_not_one_more(void **state)
{
	struct shop *shop = *state;

	say_lines(shop, LINES_MAX);
	assert_has(&shop->till, "\"ok\":true");
	assert_int_equal(line_number(shop->till.line, "points"), 1);
	say_lines(shop, LINES_MAX + 1);
	assert_has(&shop->till, "\"why\":\"lines_invalid\"");
	assert_has(&shop->till, "at most 100 lines");
	say_lines(shop, 1000);
	assert_has(&shop->till, "\"why\":\"lines_invalid\"");
	say_lines(shop, 4000);
	assert_has(&shop->till, "The line is longer than 16384 bytes.");
	/* And it goes on. */
	(void)earn(shop, 100, 1);
	assert_has_points(shop, 2, 2);
}

static void a_discount_lessens_its_own_category_and_no_more(void **state)
{
	struct shop *shop = *state;

	(void)done(shop, 13,
	    "{\"do\":\"earn\"," CARD_IS(
		CARD) ",\"amount\":1000,\"lines\":["
		      "{\"category\":\"fruit\",\"amount\":500},"
		      "{\"category\":\"fruit\",\"quantity\":0,\"amount\":-200},"
		      "{\"category\":\"bread\",\"amount\":700}]}");
	/* More off than there was of it. */
	(void)done(shop, 10,
	    "{\"do\":\"earn\"," CARD_IS(
		CARD) ",\"amount\":1000,\"lines\":["
		      "{\"category\":\"fruit\",\"amount\":100},"
		      "{\"category\":\"fruit\",\"quantity\":0,\"amount\":-200},"
		      "{\"category\":\"bread\",\"amount\":1100}]}");
	refused(shop, "lines_invalid",
	    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":100,\"lines\":["
					      "{\"amount\":-100}]}");
	assert_has_points(shop, 23, 23);
}

/* Nothing was sold: there is nothing to say of it. */
static void a_sale_of_nothing_is_refused(void **state)
{
	struct shop *shop = *state;

	refused(shop, "malformed",
	    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":0}");
	assert_has(&shop->till, "must be from 1 to");
	refused(shop, "malformed",
	    "{\"do\":\"earn\"," CARD_IS(
		CARD) ",\"amount\":0,\"lines\":["
		      "{\"amount\":100},{\"amount\":-100}]}");
	assert_has_points(shop, 0, 0);
}

/* --- numbers that are none ------------------------------------------------ */

static void a_till_says_which_numbers_are_too_large(void **state)
{
	static const char *const numbers[] = {"9223372036854775808",
	    "9223372036854775807", "18446744073709551616", "1000000000001"};
	struct shop *shop = *state;

	(void)earn(shop, 100, 1);
	for (size_t i = 0; i < 4; i++) {
		refused(shop, "malformed",
		    "{\"do\":\"redeem\"," CARD_IS(
			CARD) ",\"reward\":\"cash\","
			      "\"points\":%s,\"amount\":2000}",
		    numbers[i]);
		refused(shop, "malformed",
		    "{\"do\":\"transfer\"," CARD_IS(CARD) ",\"to\":\"" OTHER
							  "\",\"points\":%s}",
		    numbers[i]);
		refused(shop, "malformed",
		    "{\"do\":\"earn\"," CARD_IS(CARD) ",\"amount\":%s}",
		    numbers[i]);
	}
	refused(shop, "malformed",
	    "{\"do\":\"return\",\"entry\":%s,\"amount\":1}", numbers[0]);
	refused(shop, "sale_unknown",
	    "{\"do\":\"return\",\"entry\":%s,\"amount\":1}", numbers[1]);
	assert_has_points(shop, 1, 1);
}

/* A client of somebody else's making may send what no till does. */
static tally_Request *ask_raw(struct client *client, pb_size_t which)
{
	tally_Request *request = client_request(client, which);

	client->counter++;
	return request;
}

static int redeem_raw(struct client *client, uint64_t points, uint64_t cents)
{
	tally_Redeem *redeem =
	    &ask_raw(client, tally_Request_redeem_tag)->body.redeem;

	client_name(
	    client->counter, &redeem->has_operation, &redeem->operation);
	(void)snprintf(redeem->card, sizeof(redeem->card), CARD);
	(void)snprintf(redeem->reward, sizeof(redeem->reward), "cash");
	redeem->points = points;
	redeem->amount_minor = cents;
	return client_ask(client);
}

static int transfer_raw(struct client *client, uint64_t points)
{
	tally_Transfer *transfer =
	    &ask_raw(client, tally_Request_transfer_tag)->body.transfer;

	client_name(
	    client->counter, &transfer->has_operation, &transfer->operation);
	(void)snprintf(transfer->card, sizeof(transfer->card), CARD);
	(void)snprintf(transfer->to, sizeof(transfer->to), OTHER);
	transfer->points = points;
	return client_ask(client);
}

/* Two lines, of which the second makes up what the first is not. */
static int earn_raw(struct client *client, uint64_t cents, int64_t line)
{
	tally_Earn *earn = &ask_raw(client, tally_Request_earn_tag)->body.earn;

	client_name(client->counter, &earn->has_operation, &earn->operation);
	(void)snprintf(earn->card, sizeof(earn->card), CARD);
	earn->amount_minor = cents;
	earn->lines_count = 2;
	earn->lines[0].amount_minor = line;
	earn->lines[1].amount_minor = (int64_t)(cents - (uint64_t)line);
	return client_ask(client);
}

static int return_raw(struct client *client, uint64_t entry, int64_t line)
{
	tally_Return *goods =
	    &ask_raw(client, tally_Request_return_goods_tag)->body.return_goods;

	client_name(client->counter, &goods->has_operation, &goods->operation);
	goods->entry = entry;
	goods->amount_minor = (uint64_t)line;
	goods->lines_count = 1;
	goods->lines[0].amount_minor = line;
	goods->lines[0].quantity = UINT32_MAX;
	return client_ask(client);
}

static int owe_raw(struct client *client, int64_t points)
{
	tally_Adjust *adjust =
	    &ask_raw(client, tally_Request_adjust_tag)->body.adjust;

	client_name(
	    client->counter, &adjust->has_operation, &adjust->operation);
	(void)snprintf(adjust->card, sizeof(adjust->card), CARD);
	(void)snprintf(adjust->reason, sizeof(adjust->reason), "a test");
	adjust->points = points;
	return client_ask(client);
}

static void a_server_refuses_numbers_that_no_till_sends(void **state)
{
	static const uint64_t numbers[] = {1ull << 63, (1ull << 63) - 1,
	    UINT64_MAX - POINTS_MAX, POINTS_MAX + 1, POINTS_MAX,
	    AMOUNT_MINOR_MAX + 1};
	struct shop *shop = *state;
	struct client client;
	uint64_t sale = (uint64_t)earn(shop, 5000, 50);

	(void)done(shop, 0, "{\"do\":\"enrol\"," CARD_IS(OTHER) "}");
	client_enrol(&shop->fixture, "till", "raw", &client);
	assert_int_equal(client_connect(&client), RESULT_OK);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		uint64_t number = numbers[i];

		assert_true(redeem_raw(&client, number, 2000) > 0);
		assert_true(redeem_raw(&client, number, number) > 0);
		assert_true(redeem_raw(&client, 10, number) > 0);
		assert_true(transfer_raw(&client, number) > 0);
		assert_true(earn_raw(&client, number, 100) > 0);
		assert_true(earn_raw(&client, 100, (int64_t)number) > 0);
		assert_true(return_raw(&client, sale, (int64_t)number) > 0);
		assert_true(return_raw(&client, number, 100) > 0);
		assert_true(owe_raw(&client, (int64_t)number) > 0);
	}
	assert_int_equal(client_balance(&client, CARD), 50);
	assert_int_equal(client_balance(&client, OTHER), 0);
	client_finish(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_sale_that_was_paid_in_part_with_points_comes_back),
	    TEST(half_of_a_sale_that_was_paid_with_points_comes_back),
	    TEST(a_sale_comes_back_after_its_points_were_spent),
	    TEST(a_sale_comes_back_when_its_points_are_past_their_last_day),
	    TEST(a_sale_comes_back_after_its_points_have_lapsed),
	    TEST(a_reward_comes_back_after_its_points_would_have_lapsed),
	    TEST(a_return_takes_the_tier_that_rested_on_the_sale),
	    TEST(a_sale_has_a_hundred_lines_and_not_one_more),
	    TEST(a_discount_lessens_its_own_category_and_no_more),
	    TEST(a_sale_of_nothing_is_refused),
	    TEST(a_till_says_which_numbers_are_too_large),
	    TEST(a_server_refuses_numbers_that_no_till_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
