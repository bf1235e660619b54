/*
 * Twenty tills redeem one balance at once, over TLS: exactly what the balance
 * affords succeeds, whichever way it is asked.
 */
#include "tests/support/check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/client.h"

#define TILLS 20u
#define ROUNDS 12u
#define PRICE 150u
#define RULES                         \
	"[programme]\n"               \
	"name = Corner Coffee\n"      \
	"currency = EUR\n"            \
	"earn_points = 1\n"           \
	"earn_amount = 1.00\n"        \
	"sale_amount_max = 5000.00\n" \
	"[reward coffee]\n"           \
	"name = Coffee\n"             \
	"points = 150\n"              \
	"[reward rare]\n"             \
	"name = Rare\n"               \
	"points = 1\n"                \
	"stock = 7\n"                 \
	"[reward once]\n"             \
	"name = Once\n"               \
	"points = 1\n"                \
	"ever_times = 1\n"            \
	"[reward cash]\n"             \
	"name = Pay with points\n"    \
	"money_points = 100\n"        \
	"money_amount = 1.00\n"

enum way {
	WAY_REDEEM,
	WAY_MONEY, /* points as money, each till another number of them */
	WAY_HOLD,  /* and capture */
	WAY_MIXED, /* every second till holds */
	WAY_AGAIN, /* each request is sent three times */
};

struct racer {
	struct client client;
	struct race *race;
	unsigned number; /* from 0 */
	pthread_t thread;
	uint64_t points; /* that it was given */
	unsigned times;
	int fault; /* a refusal that none should be, or -1 */
};

struct race {
	struct fixture fixture;
	struct racer racers[TILLS];
	pthread_barrier_t start;
	enum way way;
	const char *reward;
	char card[14];
};

/* --- one till ------------------------------------------------------------- */

static uint64_t points_of(const struct racer *racer)
{
	return racer->race->way == WAY_MONEY ? 10 + 7 * racer->number : 0;
}

static void fill_redeem(struct racer *racer)
{
	struct client *client = &racer->client;
	tally_Redeem *redeem =
	    &client_request(client, tally_Request_redeem_tag)->body.redeem;

	client_name(
	    ++client->counter, &redeem->has_operation, &redeem->operation);
	(void)snprintf(
	    redeem->card, sizeof(redeem->card), "%s", racer->race->card);
	(void)snprintf(
	    redeem->reward, sizeof(redeem->reward), "%s", racer->race->reward);
	redeem->points = points_of(racer);
	if (redeem->points > 0)
		redeem->amount_minor = 100000;
}

static void fill_hold(struct racer *racer)
{
	struct client *client = &racer->client;
	tally_Hold *hold =
	    &client_request(client, tally_Request_hold_tag)->body.hold;

	client_name(++client->counter, &hold->has_operation, &hold->operation);
	(void)snprintf(hold->card, sizeof(hold->card), "%s", racer->race->card);
	(void)snprintf(
	    hold->reward, sizeof(hold->reward), "%s", racer->race->reward);
}

static void fill_capture(struct racer *racer, uint64_t hold)
{
	struct client *client = &racer->client;
	tally_Redeem *redeem =
	    &client_request(client, tally_Request_redeem_tag)->body.redeem;

	client_name(
	    ++client->counter, &redeem->has_operation, &redeem->operation);
	redeem->hold = hold;
}

static bool is_no(int code)
{
	return code == REFUSAL_INSUFFICIENT_POINTS ||
	       code == REFUSAL_REWARD_SOLD_OUT || code == REFUSAL_REWARD_LIMIT;
}

static void note_taken(struct racer *racer)
{
	racer->points += (uint64_t)-racer->client.reply.body.operation.points;
	racer->times++;
}

/* Two steps. What is held is captured, whatever the others do. */
static void hold_and_capture(struct racer *racer)
{
	int code;

	fill_hold(racer);
	code = client_ask(&racer->client);
	if (code != 0) {
		racer->fault = is_no(code) ? 0 : code;
		return;
	}
	fill_capture(racer, racer->client.reply.body.operation.entry);
	racer->fault = client_ask(&racer->client);
	if (racer->fault == 0)
		note_taken(racer);
}

static void redeem(struct racer *racer)
{
	int code;

	fill_redeem(racer);
	code = client_ask(&racer->client);
	if (code == 0)
		note_taken(racer);
	else if (!is_no(code))
		racer->fault = code;
	if (racer->race->way != WAY_AGAIN || code != 0)
		return;
	for (int times = 0; times < 2 && racer->fault == 0; times++) {
		racer->fault = client_ask(&racer->client);
		if (!racer->client.reply.body.operation.repeated)
			racer->fault = -1;
	}
}

static void *run(void *argument)
{
	struct racer *racer = argument;
	struct race *race = racer->race;

	(void)pthread_barrier_wait(&race->start);
	if (race->way == WAY_HOLD ||
	    (race->way == WAY_MIXED && racer->number % 2 == 0))
		hold_and_capture(racer);
	else
		redeem(racer);
	return NULL;
}

/* --- all of them ---------------------------------------------------------- */

static int setup(void **state)
{
	struct race *race = calloc(1, sizeof(*race));

	assert_non_null(race);
	fixture_init(&race->fixture);
	fixture_rules(&race->fixture, RULES);
	fixture_run(&race->fixture);
	for (unsigned i = 0; i < TILLS; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "till%u", i);
		race->racers[i].race = race;
		race->racers[i].number = i;
		client_enrol(
		    &race->fixture, "till", name, &race->racers[i].client);
		assert_int_equal(
		    client_connect(&race->racers[i].client), RESULT_OK);
	}
	assert_int_equal(pthread_barrier_init(&race->start, NULL, TILLS), 0);
	*state = race;
	return 0;
}

static int teardown(void **state)
{
	struct race *race = *state;

	for (unsigned i = 0; i < TILLS; i++)
		client_finish(&race->racers[i].client);
	pthread_barrier_destroy(&race->start);
	fixture_finish(&race->fixture);
	free(race);
	return 0;
}

/* A new member with these points, and all at its balance at once. */
static void race_for(struct race *race, enum way way, const char *reward,
    unsigned card, uint64_t balance)
{
	struct client *first = &race->racers[0].client;

	race->way = way;
	race->reward = reward;
	card_number(card, race->card);
	client_member(first, race->card);
	client_fill_earn(first, ++first->counter, race->card, balance * 100);
	assert_int_equal(client_ask(first), 0);
	for (unsigned i = 0; i < TILLS; i++) {
		race->racers[i].points = race->racers[i].times = 0;
		race->racers[i].fault = 0;
		assert_int_equal(pthread_create(&race->racers[i].thread, NULL,
				     run, &race->racers[i]),
		    0);
	}
	for (unsigned i = 0; i < TILLS; i++)
		assert_int_equal(pthread_join(race->racers[i].thread, NULL), 0);
}

/* What they got, all together; nobody met anything but a plain no. */
static void sum_up(
    const struct race *race, uint64_t *ret_points, unsigned *ret_times)
{
	*ret_points = 0;
	*ret_times = 0;
	for (unsigned i = 0; i < TILLS; i++) {
		assert_int_equal(race->racers[i].fault, 0);
		*ret_points += race->racers[i].points;
		*ret_times += race->racers[i].times;
	}
}

static void race_for_coffee(struct race *race, enum way way)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t balance = PRICE * (round + 1) + round;
		uint64_t points;
		unsigned times;

		race_for(race, way, "coffee", round, balance);
		sum_up(race, &points, &times);
		assert_int_equal(times, round + 1);
		assert_int_equal(points, PRICE * times);
		assert_int_equal(
		    client_balance(&race->racers[1].client, race->card),
		    balance - points);
	}
	fixture_audit(&race->fixture);
}

static void exactly_what_the_balance_affords_is_redeemed(void **state)
{
	race_for_coffee(*state, WAY_REDEEM);
}

static void holds_count_at_every_till(void **state)
{
	race_for_coffee(*state, WAY_HOLD);
}

static void one_step_and_two_share_one_balance(void **state)
{
	race_for_coffee(*state, WAY_MIXED);
}

static void what_is_sent_again_is_not_taken_again(void **state)
{
	race_for_coffee(*state, WAY_AGAIN);
}

/* Each till wants another number of points: whoever was refused could not have
 * been afforded by what is left. */
static void points_as_money_never_exceed_the_balance(void **state)
{
	struct race *race = *state;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t balance = 100 + 37 * round;
		uint64_t left;
		uint64_t points;
		unsigned times;

		race_for(race, WAY_MONEY, "cash", round, balance);
		sum_up(race, &points, &times);
		left = (uint64_t)client_balance(
		    &race->racers[1].client, race->card);
		assert_int_equal(points + left, balance);
		for (unsigned i = 0; i < TILLS; i++)
			if (race->racers[i].times == 0)
				assert_true(points_of(&race->racers[i]) > left);
	}
	fixture_audit(&race->fixture);
}

static void stock_and_limits_hold_as_well(void **state)
{
	struct race *race = *state;
	uint64_t points;
	unsigned times;

	race_for(race, WAY_REDEEM, "once", 1, 1000);
	sum_up(race, &points, &times);
	assert_int_equal(times, 1);
	race_for(race, WAY_HOLD, "once", 2, 1000);
	sum_up(race, &points, &times);
	assert_int_equal(times, 1);
	race_for(race, WAY_REDEEM, "rare", 3, 1000);
	sum_up(race, &points, &times);
	assert_int_equal(times, 7);
	race_for(race, WAY_REDEEM, "rare", 4, 1000);
	sum_up(race, &points, &times);
	assert_int_equal(times, 0);
	fixture_audit(&race->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(exactly_what_the_balance_affords_is_redeemed),
	    TEST(holds_count_at_every_till),
	    TEST(one_step_and_two_share_one_balance),
	    TEST(what_is_sent_again_is_not_taken_again),
	    TEST(points_as_money_never_exceed_the_balance),
	    TEST(stock_and_limits_hold_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
