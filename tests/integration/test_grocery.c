/*
 * Real baskets through 16 tills at once: each household a card, each basket a
 * sale. What comes out is compared with a sum that this test makes by itself.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "tests/support/crew.h"
#include "tests/support/market.h"

#define BASKETS_SHORT 2500u

/* What the tills are doing. */
struct selling {
	const struct market *market;
	bool is_enrolling;
	atomic_size_t next[CREW_TILLS];
};

/* --- selling -------------------------------------------------------------- */

/* Each till takes every sixteenth: first of the households, then baskets. */
static bool next_sale(struct crew_till *till, struct crew_sale *ret_sale)
{
	struct selling *selling = till->crew->context;
	const struct market *market = selling->market;
	size_t at = CREW_TILLS * selling->next[till->number] + till->number;

	if (at >= (selling->is_enrolling ? market->household_count
					 : market->basket_count))
		return false;
	selling->next[till->number]++;
	if (selling->is_enrolling) {
		ret_sale->card = market->households[at];
		return true;
	}
	ret_sale->card = market->baskets[at].household;
	ret_sale->amount_minor = (uint64_t)market->baskets[at].paid_cents;
	return true;
}

static void sell(const struct market *market, struct crew *crew)
{
	struct selling selling = {.market = market, .is_enrolling = true};

	crew->context = &selling;
	crew->next = next_sale;
	crew->window = 32;
	crew_start(crew);
	crew_join(crew);
	selling.is_enrolling = false;
	for (size_t i = 0; i < CREW_TILLS; i++)
		selling.next[i] = 0;
	crew_start(crew);
	crew_join(crew);
	crew->context = NULL;
}

/* --- the sums ------------------------------------------------------------- */

/* One point for each whole euro of each basket: by subtraction, so that not
 * even the division is the program's. */
static long long points_of(long long cents)
{
	long long points = 0;

	for (; cents >= 100; cents -= 100)
		points++;
	return points;
}

static void check_sums(const struct market *market, struct crew *crew,
    struct fixture *fixture, const int64_t *points)
{
	static long long wanted[MARKET_HOUSEHOLDS_MAX];
	struct client *client = &crew->tills[0].client;
	long long total = 0;
	char card[14];

	for (size_t i = 0; i < market->basket_count; i++) {
		const struct market_basket *basket = &market->baskets[i];

		wanted[basket->household] += points_of(basket->paid_cents);
		total += points_of(basket->paid_cents);
	}
	assert_int_equal(client_connect(client), RESULT_OK);
	for (size_t i = 0; i < market->household_count; i++) {
		unsigned household = market->households[i];

		card_number(household, card);
		assert_int_equal(points[household], wanted[household]);
		assert_int_equal(
		    client_balance(client, card), wanted[household]);
	}
	assert_int_equal(
	    fixture_tally(fixture, "--json", "ledger", "show", NULL), 0);
	assert_int_equal(fixture_number(fixture, "outstanding"), total);
	assert_int_equal(fixture_number(fixture, "issued"), total);
	assert_int_equal(
	    fixture_number(fixture, "members"), market->household_count);
	client_close(client);
	print_message("%zu households, %zu baskets, %zu without a payment: "
		      "%lld points\n",
	    market->household_count, market->basket_count, market->skipped,
	    total);
}

static void every_basket_counts_once_for_its_household(void **state)
{
	struct fixture *fixture = *state;
	struct market *market =
	    market_open(is_short() ? BASKETS_SHORT : SIZE_MAX);
	struct crew *crew;
	int64_t *points;

	if (market == NULL)
		skip();
	crew = calloc(1, sizeof(*crew));
	points = calloc(MARKET_HOUSEHOLDS_MAX, sizeof(int64_t));
	assert_true(crew != NULL && points != NULL);
	crew_enrol(crew, fixture);
	sell(market, crew);
	assert_int_equal(fixture_stop(fixture), 0);
	crew_check(crew, fixture, points, MARKET_HOUSEHOLDS_MAX);
	fixture_run(fixture);
	check_sums(market, crew, fixture, points);
	fixture_audit(fixture);
	crew_finish(crew);
	market_close(market);
	free(crew);
	free(points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		every_basket_counts_once_for_its_household, fixture_setup,
		fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
