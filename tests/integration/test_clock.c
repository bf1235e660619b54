/*
 * A server whose clock jumps, ahead and back, while it runs.
 */
#include "tests/integration/clock_world.h"

/* 31 January and a month is the leap day; its end is 23:00 UTC. */
static void points_are_spent_in_the_last_second_and_not_in_the_next(
    void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 1, 31, 11, 0, 0);
	fixture_rules(&world->fixture, CLOCK_HEAD
	    "[points]\nexpire_months = 1\n" CLOCK_POINT CLOCK_COFFEE);
	for (unsigned n = 1; n <= 2; n++) {
		client_member(&world->client, card_of(n));
		assert_int_equal(earn(world, n, 1000), 10);
	}
	clock_set(world, year, 2, 29, 22, 59, 59);
	assert_int_equal(spendable(world, 2), 10);
	assert_int_equal(redeem(world, 1), 0);
	clock_set(world, year, 2, 29, 23, 0, 0);
	assert_int_equal(redeem(world, 2), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(look(world, 2)->balance, 10);
	assert_int_equal(spendable(world, 2), 0);
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "expired"), 1);
	assert_int_equal(fixture_number(&world->fixture, "expired_points"), 10);
	assert_int_equal(look(world, 2)->balance, 0);
}

#define TIERS                                                        \
	CLOCK_HEAD                                                   \
	"[points]\nexpire_months = 12\nwarn_days = 30\n" CLOCK_POINT \
	"[tiers]\nwindow = year\ndowngrade = one\n"                  \
	"[tier silver]\nname = Silver\nfrom = 100\n"                 \
	"[tier gold]\nname = Gold\nfrom = 300\n" CLOCK_COFFEE

static void years_of_missed_nights_are_caught_up_with_at_once(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 2, 1, 11, 0, 0);
	fixture_rules(&world->fixture, TIERS);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 30000), 300);
	assert_string_equal(look(world, 1)->tier, "Gold");
	clock_set(world, year + 1, 12, 31, 22, 59, 59);
	assert_string_equal(look(world, 1)->tier, "Gold");
	clock_set(world, year + 1, 12, 31, 23, 0, 0);
	assert_string_equal(look(world, 1)->tier, "Silver");
	clock_set(world, year + 3, 1, 2, 11, 0, 0);
	assert_string_equal(look(world, 1)->tier, "");
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "tiers"), 1);
	assert_int_equal(
	    fixture_number(&world->fixture, "expired_points"), 300);
	assert_int_equal(fixture_number(&world->fixture, "notices"), 0);
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "tiers"), 0);
	assert_int_equal(fixture_number(&world->fixture, "expired_points"), 0);
	assert_string_equal(look(world, 1)->tier, "");
}

#define HAPPY                                                \
	CLOCK_HEAD "day_points_max = 20\n" CLOCK_POINT       \
		   "[earn happy]\npoints = 5\nper = visit\n" \
		   "hours = 14:00-15:00\nday_times = 1\n" CLOCK_COFFEE

/* When the last operation was, by the ledger. */
static uint64_t when_ms(const struct clock_world *world)
{
	return world->client.reply.body.operation.time_ms;
}

/* 13:30 UTC is 14:30 by the clock on the wall. */
static void a_clock_that_is_put_back_gives_no_hour_and_no_day_again(
    void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	uint64_t first_ms = (uint64_t)utc_s(year, 3, 8, 13, 30, 0) * 1000;

	clock_set(world, year, 3, 8, 13, 30, 0);
	fixture_rules(&world->fixture, HAPPY);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 500), 10);
	assert_int_equal(when_ms(world), first_ms);
	clock_set(world, year, 3, 8, 13, 10, 0);
	assert_int_equal(earn(world, 1, 500), 5);
	assert_int_equal(when_ms(world), first_ms);
	/* A whole day back, it is still this day, whose cap is 20. */
	clock_set(world, year, 3, 7, 11, 0, 0);
	assert_int_equal(earn(world, 1, 5000), 5);
	assert_int_equal(earn(world, 1, 5000), 0);
	assert_int_equal(when_ms(world), first_ms);
	clock_set(world, year, 3, 9, 11, 0, 0);
	assert_int_equal(earn(world, 1, 5000), 20);
	clock_set(world, year, 3, 8, 11, 0, 0);
	assert_int_equal(earn(world, 1, 5000), 0);
	assert_int_equal(when_ms(world), first_ms + 21 * 3600000 + 1800000);
}

static void what_has_lapsed_stays_so_when_the_clock_goes_back(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 4, 10, 11, 0, 0);
	fixture_rules(&world->fixture, CLOCK_HEAD
	    "[points]\nexpire_months = 1\n" CLOCK_POINT CLOCK_COFFEE);
	client_member(&world->client, card_of(1));
	client_member(&world->client, card_of(2));
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 5, 11, 11, 0, 0);
	assert_int_equal(earn(world, 2, 1000), 10);
	clock_set(world, year, 4, 11, 11, 0, 0);
	assert_int_equal(spendable(world, 1), 0);
	assert_int_equal(redeem(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	/* And what is earned lives from the day that the ledger has. */
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 6, 11, 21, 59, 59);
	assert_int_equal(redeem(world, 1), 0);
}

/* --- holds ---------------------------------------------------------------- */

static uint64_t hold(struct clock_world *world, unsigned n)
{
	struct client *client = &world->client;
	tally_Hold *hold =
	    &client_request(client, tally_Request_hold_tag)->body.hold;

	client_name(++client->counter, &hold->has_operation, &hold->operation);
	(void)snprintf(hold->card, sizeof(hold->card), "%s", card_of(n));
	(void)snprintf(hold->reward, sizeof(hold->reward), "coffee");
	if (client_ask(client) != 0)
		fail_msg("%s", client->reply.body.refusal.say);
	return client->reply.body.operation.entry;
}

static int capture(struct clock_world *world, uint64_t entry)
{
	struct client *client = &world->client;
	tally_Redeem *redeem =
	    &client_request(client, tally_Request_redeem_tag)->body.redeem;

	client_name(
	    ++client->counter, &redeem->has_operation, &redeem->operation);
	redeem->hold = entry;
	return client_ask(client);
}

static void a_hold_is_over_when_its_time_is_and_not_when_it_is_not(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	uint64_t entry;

	clock_set(world, year, 3, 8, 11, 0, 0);
	fixture_rules(&world->fixture, CLOCK_HEAD CLOCK_POINT CLOCK_COFFEE);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 1500), 15);
	entry = hold(world, 1);
	assert_int_equal(spendable(world, 1), 5);
	clock_set(world, year, 3, 8, 11, 9, 59);
	assert_int_equal(spendable(world, 1), 5);
	clock_set(world, year, 3, 8, 11, 10, 0);
	assert_int_equal(spendable(world, 1), 15);
	assert_int_equal(capture(world, entry), REFUSAL_HOLD_UNKNOWN);
	/* Back again before anything was recorded: it has not been. */
	clock_set(world, year, 3, 8, 10, 0, 0);
	assert_int_equal(spendable(world, 1), 5);
	assert_int_equal(capture(world, entry), 0);
	assert_int_equal(look(world, 1)->balance, 5);
	assert_int_equal(capture(world, entry), REFUSAL_HOLD_UNKNOWN);
}

/* --- cashiers ------------------------------------------------------------- */

/* Remember the ticket, which is good for seven days. */
static int log_in(struct clock_world *world, tally_LoginReply_ticket_t *ticket)
{
	struct client *client = &world->client;
	tally_Login *login =
	    &client_request(client, tally_Request_login_tag)->body.login;
	int code;

	login->cashier = 1;
	(void)snprintf(login->pin, sizeof(login->pin), "4711");
	code = client_ask(client);
	if (code == 0)
		*ticket = client->reply.body.login.ticket;
	return code;
}

static int earn_with(
    struct clock_world *world, const tally_LoginReply_ticket_t *ticket)
{
	struct client *client = &world->client;
	tally_Operation *operation = &client->request.body.earn.operation;

	client_fill_earn(client, ++client->counter, card_of(1), 1000);
	operation->ticket.size = ticket->size;
	memcpy(operation->ticket.bytes, ticket->bytes, ticket->size);
	return client_ask(client);
}

static void a_cashier_logs_in_anew_after_a_jump(void **state)
{
	struct clock_world *world = clock_world(state);
	tally_LoginReply_ticket_t ticket = {0};
	tally_LoginReply_ticket_t later = {0};

	clock_set(world, world->year, 3, 8, 11, 0, 0);
	client_member(&world->client, card_of(1));
	assert_int_equal(fixture_tally(&world->fixture, "cashier", "add", "Ada",
			     "--pin", "4711", NULL),
	    0);
	assert_int_equal(log_in(world, &ticket), 0);
	assert_int_equal(earn_with(world, &ticket), 0);
	clock_set(world, world->year, 4, 8, 11, 0, 0);
	assert_int_equal(earn_with(world, &ticket), REFUSAL_CASHIER_REQUIRED);
	assert_int_equal(log_in(world, &later), 0);
	assert_int_equal(earn_with(world, &later), 0);
	clock_set(world, world->year, 4, 7, 11, 0, 0);
	assert_int_equal(earn_with(world, &later), 0);
}

/* --- the till's own time -------------------------------------------------- */

/* The points of a sale that the till says was made at that moment. */
static long long earn_sold(struct clock_world *world, long long sold_s)
{
	struct client *client = &world->client;

	client_fill_earn(client, ++client->counter, card_of(1), 5000);
	client->request.body.earn.sold_ms = (uint64_t)sold_s * 1000;
	if (client_ask(client) != 0)
		fail_msg("%s", client->reply.body.refusal.say);
	return client->reply.body.operation.points;
}

/* A day has its cap once, however often a till says that it was then. */
static void a_till_whose_clock_is_behind_does_not_get_a_cap_again(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	long long before_s = utc_s(year, 3, 7, 11, 0, 0);

	clock_set(world, year, 3, 8, 11, 0, 0);
	fixture_rules(&world->fixture,
	    CLOCK_HEAD "day_points_max = 20\n" CLOCK_POINT CLOCK_COFFEE);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn_sold(world, before_s), 20);
	assert_int_equal(earn_sold(world, before_s), 0);
	assert_int_equal(earn_sold(world, 0), 20);
	assert_int_equal(earn_sold(world, before_s), 0);
	assert_int_equal(earn_sold(world, before_s), 0);
	/* Nor ahead, nor long ago. */
	assert_int_equal(earn_sold(world, utc_s(year, 3, 9, 11, 0, 0)), 0);
	assert_int_equal(earn_sold(world, utc_s(year, 2, 9, 11, 0, 0)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(points_are_spent_in_the_last_second_and_not_in_the_next),
	    TEST(years_of_missed_nights_are_caught_up_with_at_once),
	    TEST(a_clock_that_is_put_back_gives_no_hour_and_no_day_again),
	    TEST(what_has_lapsed_stays_so_when_the_clock_goes_back),
	    TEST(a_hold_is_over_when_its_time_is_and_not_when_it_is_not),
	    TEST(a_cashier_logs_in_anew_after_a_jump),
	    TEST(a_till_whose_clock_is_behind_does_not_get_a_cap_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
