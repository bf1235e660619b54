/*
 * clock_world: a shop in Central Europe whose server's clock a test sets, and
 * a till that asks.
 */
#ifndef TESTS_INTEGRATION_CLOCK_WORLD_H
#define TESTS_INTEGRATION_CLOCK_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/law.h"
#include "tests/support/client.h"
#include "tests/support/fake_clock.h"

#define CLOCK_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\ntime_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
#define CLOCK_COFFEE "[reward coffee]\nname = Coffee\npoints = 10\n"
#define CLOCK_POINT "[earn amount]\npoints = 1\nper = 1.00\n"

struct clock_world {
	struct fixture fixture;
	struct fake_clock clock;
	struct client client;
	int year; /* a leap year to come; 0: there is no such clock */
};

/* At the present, enrolled and connected. */
static inline int clock_setup(void **state)
{
	struct clock_world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	*state = world;
	fixture_init(&world->fixture);
	if (!fake_clock_init(&world->clock, &world->fixture.place))
		return 0;
	world->fixture.environment = world->clock.environment;
	fixture_run(&world->fixture);
	client_enrol(&world->fixture, "till", "till", &world->client);
	assert_int_equal(client_connect(&world->client), RESULT_OK);
	world->year = next_leap_year();
	return 0;
}

/* Whatever the clock did, the ledger holds. */
static inline int clock_teardown(void **state)
{
	struct clock_world *world = *state;

	if (world->year != 0) {
		fixture_audit(&world->fixture);
		client_finish(&world->client);
	}
	fixture_finish(&world->fixture);
	free(world);
	return 0;
}

/* Where there is no such clock. */
static inline struct clock_world *clock_world(void **state)
{
	struct clock_world *world = *state;

	if (world->year == 0)
		skip();
	return world;
}

static inline void clock_set(struct clock_world *world, int year, int month,
    int day, int hour, int minute, int second)
{
	fake_clock_set(
	    &world->clock, utc_s(year, month, day, hour, minute, second));
}

/* --- what is asked -------------------------------------------------------- */

static inline const char *card_of(unsigned n)
{
	static char card[14];

	card_number(n, card);
	return card;
}

/* The points of a sale of card number n, at this moment. */
static inline long long earn(
    struct clock_world *world, unsigned n, uint64_t cents)
{
	struct client *client = &world->client;

	client_fill_earn(client, ++client->counter, card_of(n), cents);
	if (client_ask(client) != 0)
		fail_msg("%s", client->reply.body.refusal.say);
	return client->reply.body.operation.points;
}

/* The refusal's code, or 0. */
static inline int redeem(struct clock_world *world, unsigned n)
{
	struct client *client = &world->client;
	tally_Redeem *redeem =
	    &client_request(client, tally_Request_redeem_tag)->body.redeem;

	client_name(
	    ++client->counter, &redeem->has_operation, &redeem->operation);
	(void)snprintf(redeem->card, sizeof(redeem->card), "%s", card_of(n));
	(void)snprintf(redeem->reward, sizeof(redeem->reward), "coffee");
	return client_ask(client);
}

/* What is said of the card. */
static inline const tally_MemberReply *look(
    struct clock_world *world, unsigned n)
{
	(void)client_balance(&world->client, card_of(n));
	return &world->client.reply.body.member;
}

static inline long long spendable(struct clock_world *world, unsigned n)
{
	return (long long)look(world, n)->spendable;
}

/* `tally night`; what it did is in the fixture's output. */
static inline void night(struct clock_world *world)
{
	if (fixture_tally(&world->fixture, "--json", "night", NULL) != 0)
		fail_msg("%s", world->fixture.finished.errors);
}

/* --- the tests ------------------------------------------------------------ */

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, clock_setup, clock_teardown)

#endif
