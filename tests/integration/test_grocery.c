/*
 * Real baskets through 16 tills at once: each household a card, each basket a
 * sale. What comes out is compared with a sum that this test makes by itself.
 *
 * The data (Complete Journey, CC0) is found by $TALLY_DATA, a folder, or
 * beside the repository in ../shared/data.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "tests/support/crew.h"

#define FILE_NAME "grocery-2017-h1.csv"
#define HOUSEHOLDS_MAX 10000u
#define BASKETS_MAX 40000u
#define BASKETS_SHORT 2500u

struct basket {
	unsigned long long id;
	unsigned household;
	long long paid_cents;
};

struct market {
	struct basket *baskets;
	size_t basket_count;
	size_t skipped; /* nothing was paid */
	unsigned households[HOUSEHOLDS_MAX];
	size_t household_count;
	bool is_enrolling;
	atomic_size_t next[CREW_TILLS];
};

/* --- reading -------------------------------------------------------------- */

static FILE *open_data(void)
{
	const char *folder = getenv("TALLY_DATA");
	char path[PLACE_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s",
	    folder == NULL ? "../shared/data" : folder, FILE_NAME);
	return fopen(path, "r");
}

static int by_id(const void *a, const void *b)
{
	const struct basket *one = a;
	const struct basket *two = b;

	return (one->id > two->id) - (one->id < two->id);
}

/* time,store,basket,household,product,department,category,quantity,
 * paid_cents,... : no field holds a comma. Each line is a basket at first. */
static void read_lines(struct market *market, FILE *file)
{
	char line[512];
	char *rest;

	assert_non_null(fgets(line, sizeof(line), file));
	while (fgets(line, sizeof(line), file) != NULL) {
		struct basket *basket =
		    &market->baskets[market->basket_count++];

		assert_true(market->basket_count < BASKETS_MAX);
		rest = line;
		for (int field = 0; rest != NULL && field < 9; field++) {
			const char *text = strsep(&rest, ",");

			if (field == 2)
				basket->id = strtoull(text, NULL, 10);
			if (field == 3)
				basket->household = (unsigned)atoi(text);
			if (field == 8)
				basket->paid_cents = atoll(text);
		}
		assert_non_null(rest);
		assert_in_range(basket->household, 1, HOUSEHOLDS_MAX - 1);
	}
}

/* Put the lines of one basket together; leave out what paid nothing. */
static void gather(struct market *market)
{
	size_t kept = 0;

	qsort(market->baskets, market->basket_count, sizeof(struct basket),
	    by_id);
	for (size_t i = 0; i < market->basket_count;) {
		struct basket sum = market->baskets[i++];

		while (
		    i < market->basket_count && market->baskets[i].id == sum.id)
			sum.paid_cents += market->baskets[i++].paid_cents;
		if (sum.paid_cents <= 0)
			market->skipped++;
		else
			market->baskets[kept++] = sum;
	}
	market->basket_count = kept;
	if (is_short() && kept > BASKETS_SHORT)
		market->basket_count = BASKETS_SHORT;
}

static void list_households(struct market *market)
{
	static bool seen[HOUSEHOLDS_MAX];

	for (size_t i = 0; i < market->basket_count; i++) {
		unsigned household = market->baskets[i].household;

		if (!seen[household])
			market->households[market->household_count++] =
			    household;
		seen[household] = true;
	}
}

/* --- selling -------------------------------------------------------------- */

/* Each till takes every sixteenth: first of the households, then baskets. */
static bool next_sale(struct crew_till *till, struct crew_sale *ret_sale)
{
	struct market *market = till->crew->context;
	size_t at = CREW_TILLS * market->next[till->number] + till->number;

	if (at >= (market->is_enrolling ? market->household_count
					: market->basket_count))
		return false;
	market->next[till->number]++;
	if (market->is_enrolling) {
		ret_sale->card = market->households[at];
		return true;
	}
	ret_sale->card = market->baskets[at].household;
	ret_sale->amount_minor = (uint64_t)market->baskets[at].paid_cents;
	return true;
}

static void sell(struct market *market, struct crew *crew)
{
	crew->context = market;
	crew->next = next_sale;
	crew->window = 32;
	market->is_enrolling = true;
	crew_start(crew);
	crew_join(crew);
	market->is_enrolling = false;
	for (size_t i = 0; i < CREW_TILLS; i++)
		market->next[i] = 0;
	crew_start(crew);
	crew_join(crew);
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

static void check_sums(struct market *market, struct crew *crew,
    struct fixture *fixture, const int64_t *points)
{
	static long long wanted[HOUSEHOLDS_MAX];
	struct client *client = &crew->tills[0].client;
	long long total = 0;
	char card[14];

	for (size_t i = 0; i < market->basket_count; i++) {
		const struct basket *basket = &market->baskets[i];

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
	struct market *market = calloc(1, sizeof(*market));
	struct crew *crew = calloc(1, sizeof(*crew));
	int64_t *points = calloc(HOUSEHOLDS_MAX, sizeof(int64_t));
	FILE *file = open_data();

	if (file == NULL) {
		print_message("%s is not here; set TALLY_DATA to its folder\n",
		    FILE_NAME);
		free(market);
		free(crew);
		free(points);
		skip();
	}
	market->baskets = calloc(BASKETS_MAX, sizeof(struct basket));
	assert_non_null(market->baskets);
	read_lines(market, file);
	(void)fclose(file);
	gather(market);
	list_households(market);
	crew_enrol(crew, fixture);
	sell(market, crew);
	assert_int_equal(fixture_stop(fixture), 0);
	crew_check(crew, fixture, points, HOUSEHOLDS_MAX);
	fixture_run(fixture);
	check_sums(market, crew, fixture, points);
	fixture_audit(fixture);
	crew_finish(crew);
	free(market->baskets);
	free(market);
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
