/*
 * The night over the real programs: by itself, late, in the middle of a kill,
 * and beside tills at work.
 */
#include "tests/support/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/support/client.h"

#define DAY_S 86400ll
#define RULES                        \
	"[programme]\n"              \
	"name = Corner Coffee\n"     \
	"currency = EUR\n"           \
	"earn_points = 1\n"          \
	"earn_amount = 1.00\n"       \
	"sale_amount_max = 500.00\n" \
	"[points]\n"                 \
	"expire_months = 1\n"

struct dark {
	struct fixture fixture;
	char clock[PLACE_PATH_SIZE]; /* the clock's file */
	char variable[PLACE_PATH_SIZE + 32];
	char preload[PLACE_PATH_SIZE + 32];
	const char *environment[4];
};

static void write_file(const char *path, const char *text)
{
	char beside[PLACE_PATH_SIZE + 8];
	FILE *file;

	/* Whole or not at all: a program may be reading it. */
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	file = fopen(beside, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(beside, path), 0);
}

static void set_clock(struct dark *dark, long long ahead_s)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", ahead_s);
	write_file(dark->clock, text);
}

/* Start the server under the clock's file. `tally` sees the real time; what it
 * changes while no server runs is of it. */
static void serve(struct dark *dark)
{
	dark->fixture.environment = dark->environment;
	fixture_run(&dark->fixture);
}

/* So many members with ten points each. */
static void import(struct dark *dark, unsigned count)
{
	char path[PLACE_PATH_SIZE];
	FILE *file;

	place_join(&dark->fixture.place, "cards.csv", path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned n = 0; n < count; n++) {
		char card[14];

		card_number(n, card);
		assert_true(fprintf(file, "%s,10\n", card) > 0);
	}
	assert_int_equal(fclose(file), 0);
	if (fixture_tally(&dark->fixture, "import", path, NULL) != 0)
		fail_msg("%s%s", dark->fixture.finished.output,
		    dark->fixture.finished.errors);
}

static int setup(void **state)
{
	struct dark *dark = calloc(1, sizeof(*dark));
	char shim[PLACE_PATH_SIZE];

	assert_non_null(dark);
	fixture_init(&dark->fixture);
	place_join(&dark->fixture.place, "clock", dark->clock);
	build_path("tests/shim/clock_shim.so", shim);
	(void)snprintf(
	    dark->preload, sizeof(dark->preload), "LD_PRELOAD=%s", shim);
	(void)snprintf(dark->variable, sizeof(dark->variable),
	    "TALLY_CLOCK_FILE=%s", dark->clock);
	dark->environment[0] = dark->preload;
	dark->environment[1] = dark->variable;
	/* The address sanitizer wants to be first otherwise. */
	dark->environment[2] = "ASAN_OPTIONS=verify_asan_link_order=0";
	set_clock(dark, 0);
	fixture_rules(&dark->fixture, RULES);
	*state = dark;
	return 0;
}

static int teardown(void **state)
{
	struct dark *dark = *state;

	fixture_finish(&dark->fixture);
	free(dark);
	return 0;
}

/* --- what is logged ------------------------------------------------------- */

/* The n-th night that the server logged, from 1; NULL where there is none. */
static const char *logged_night(struct dark *dark, unsigned n)
{
	static char errors[65536];
	const char *at = errors;

	process_errors(&dark->fixture.server, errors, sizeof(errors));
	while (n > 0 && (at = strstr(at, "event=night")) != NULL) {
		n--;
		at++;
	}
	return at;
}

/* Wait for it; `wanted` must be in its line. */
static void await_night(struct dark *dark, unsigned n, const char *wanted)
{
	uint64_t end_ms = clock_monotonic_ms() + PROCESS_WAIT_MS;
	const char *at;

	while (
	    (at = logged_night(dark, n)) == NULL || strchr(at, '\n') == NULL) {
		assert_true(clock_monotonic_ms() < end_ms);
		usleep(2000);
	}
	if (strstr(at, wanted) == NULL)
		fail_msg("\"%s\" is not in \"%.200s\"", wanted, at);
}

static long long shown(struct dark *dark, const char *name)
{
	assert_int_equal(
	    fixture_tally(&dark->fixture, "--json", "ledger", "show", NULL), 0);
	return fixture_number(&dark->fixture, name);
}

/* --- by itself ------------------------------------------------------------ */

static void a_start_catches_up_with_nights_that_were_missed(void **state)
{
	struct dark *dark = *state;

	import(dark, 30);
	serve(dark);
	await_night(dark, 1, "expired=0 expired_points=0 tiers=0");
	assert_int_equal(fixture_stop(&dark->fixture), 0);
	set_clock(dark, 100 * DAY_S);
	serve(dark);
	await_night(dark, 1, "expired=30 expired_points=300 ");
	assert_int_equal(shown(dark, "expired"), 300);
	assert_int_equal(fixture_stop(&dark->fixture), 0);
	serve(dark);
	await_night(dark, 1, "expired=0 expired_points=0 ");
	fixture_audit(&dark->fixture);
}

/* Seconds from now to just before the midnight (UTC) `days` from today. */
static long long before_midnight(long long days, long long seconds)
{
	long long now_s = (long long)(clock_wall_ms() / 1000);

	return (now_s / DAY_S + days + 1) * DAY_S - seconds - now_s;
}

static void a_midnight_is_met_while_the_server_runs(void **state)
{
	struct dark *dark = *state;

	import(dark, 5);
	/* The last day of the points is a month ahead, whichever month. */
	set_clock(dark, before_midnight(40, 3));
	serve(dark);
	await_night(dark, 1, "expired=5 ");
	await_night(dark, 2, "expired=0 ");
	/* The next one is another day away. */
	usleep(300000);
	assert_null(logged_night(dark, 3));
	assert_int_equal(fixture_stop(&dark->fixture), 0);
}

static void points_are_good_to_the_end_of_their_last_day(void **state)
{
	struct dark *dark = *state;
	struct client client;
	char card[14];

	/* Sold on the 15th of a month, in the middle of the day; good to the
	 * 15th of the next, wherever the tests run. */
	long long now_s = (long long)(clock_wall_ms() / 1000);
	time_t when = (time_t)now_s;
	struct tm date;
	long long sold_s;
	long long last_s;

	assert_non_null(gmtime_r(&when, &date));
	date.tm_mon += 1;
	date.tm_mday = 15;
	date.tm_hour = 12;
	date.tm_min = date.tm_sec = 0;
	sold_s = (long long)timegm(&date);
	date.tm_mon += 1;
	date.tm_hour = 23;
	date.tm_min = 59;
	date.tm_sec = 56;
	last_s = (long long)timegm(&date);
	serve(dark);
	client_enrol(&dark->fixture, "till", "till", &client);
	assert_int_equal(client_connect(&client), RESULT_OK);
	card_number(1, card);
	client_member(&client, card);
	set_clock(dark, sold_s - now_s);
	client_fill_earn(&client, ++client.counter, card, 1000);
	assert_int_equal(client_ask(&client), 0);
	set_clock(dark, last_s - (long long)(clock_wall_ms() / 1000));
	assert_int_equal(client_balance(&client, card), 10);
	assert_int_equal(client.reply.body.member.spendable, 10);
	assert_int_equal(client.reply.body.member.expiring, 10);
	usleep(4500000);
	assert_int_equal(client_balance(&client, card), 10);
	assert_int_equal(client.reply.body.member.spendable, 0);
	client_finish(&client);
	assert_int_equal(fixture_stop(&dark->fixture), 0);
}

/* A clock that was wrong has made days that do not come again; nothing is done
 * twice when it is right. */
static void a_clock_that_is_set_back_does_no_harm(void **state)
{
	struct dark *dark = *state;

	import(dark, 5);
	set_clock(dark, 100 * DAY_S);
	serve(dark);
	await_night(dark, 1, "expired=5 ");
	set_clock(dark, 0);
	assert_int_equal(fixture_tally(&dark->fixture, "night", NULL), 0);
	assert_int_equal(fixture_stop(&dark->fixture), 0);
	serve(dark);
	await_night(dark, 1, "expired=0 ");
	assert_int_equal(shown(dark, "expired"), 50);
	fixture_audit(&dark->fixture);
}

/* --- killed --------------------------------------------------------------- */

/* Kill it sooner or later, and later with each time, for a machine that does
 * other things as well; until a night has come to its end. */
static void a_night_survives_being_killed_at_any_moment(void **state)
{
	struct dark *dark = *state;
	const unsigned members = is_short() ? 4000 : 20000;
	unsigned kills = 0;
	unsigned in_the_middle = 0;
	long long before;
	long long all;

	import(dark, members);
	before = fixture_head(&dark->fixture);
	all = before + members;
	set_clock(dark, 40 * DAY_S);
	while (fixture_head(&dark->fixture) < all) {
		long long head;

		serve(dark);
		usleep(1000 * (kills % 7) * (kills % 5) + 100 * kills);
		fixture_kill(&dark->fixture);
		head = fixture_head(&dark->fixture);
		if (head > before && head < all)
			in_the_middle++;
		kills++;
	}
	assert_true(in_the_middle > 0);
	serve(dark);
	await_night(dark, 1, "expired=0 ");
	assert_int_equal(shown(dark, "expired"), 10ll * members);
	assert_int_equal(shown(dark, "outstanding"), 0);
	fixture_audit(&dark->fixture);
}

/* --- beside tills --------------------------------------------------------- */

struct busy {
	struct client client;
	atomic_bool is_over;
	atomic_ullong sales;
	uint64_t longest_us;
	int fault;
};

static void *sell(void *argument)
{
	struct busy *busy = argument;
	char card[14];

	card_number(1000000, card);
	while (!atomic_load(&busy->is_over) && busy->fault == 0) {
		uint64_t start_us = clock_monotonic_us();
		uint64_t took_us;

		client_fill_earn(
		    &busy->client, ++busy->client.counter, card, 100);
		busy->fault = client_ask(&busy->client);
		took_us = clock_monotonic_us() - start_us;
		if (took_us > busy->longest_us)
			busy->longest_us = took_us;
		atomic_fetch_add(&busy->sales, 1);
	}
	return NULL;
}

/* Where a till waits for a whole night, two at most. */
#define SALES_BESIDE 5u

static void tills_go_on_selling_while_a_night_is_done(void **state)
{
	struct dark *dark = *state;
	const unsigned members = is_short() ? 4000 : 20000;
	struct busy *busy = calloc(1, sizeof(*busy));
	unsigned long long before;
	unsigned long long beside;
	uint64_t start_ms;
	uint64_t took_ms;
	pthread_t thread;
	char card[14];

	assert_non_null(busy);
	import(dark, members);
	serve(dark);
	await_night(dark, 1, "expired=0 ");
	client_enrol(&dark->fixture, "till", "till", &busy->client);
	assert_int_equal(client_connect(&busy->client), RESULT_OK);
	card_number(1000000, card);
	client_member(&busy->client, card);
	assert_int_equal(pthread_create(&thread, NULL, sell, busy), 0);
	usleep(100000);
	set_clock(dark, 40 * DAY_S);
	before = atomic_load(&busy->sales);
	start_ms = clock_monotonic_ms();
	assert_int_equal(fixture_tally(&dark->fixture, "night", NULL), 0);
	took_ms = clock_monotonic_ms() - start_ms;
	beside = atomic_load(&busy->sales) - before;
	atomic_store(&busy->is_over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(busy->fault, 0);
	/* And what was sold before the clock was set. */
	assert_true(shown(dark, "expired") >= 10ll * members);
	print_message("%u members in %llu ms; %llu sales beside, the longest "
		      "%.1f ms\n",
	    members, (unsigned long long)took_ms, beside,
	    (double)busy->longest_us / 1000);
	assert_true(beside >= SALES_BESIDE);
	client_finish(&busy->client);
	free(busy);
	assert_int_equal(fixture_stop(&dark->fixture), 0);
	fixture_audit(&dark->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_start_catches_up_with_nights_that_were_missed),
	    TEST(a_midnight_is_met_while_the_server_runs),
	    TEST(points_are_good_to_the_end_of_their_last_day),
	    TEST(a_clock_that_is_set_back_does_no_harm),
	    TEST(a_night_survives_being_killed_at_any_moment),
	    TEST(tills_go_on_selling_while_a_night_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
