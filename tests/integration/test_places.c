/*
 * The same records on machines elsewhere: other time zones, other languages.
 * What the law decides, what the book is, and what an audit says are the same
 * everywhere, byte for byte.
 *
 * The locales are made for the test (localedef, Debian: locales): in Turkish an
 * I is no i's capital, and in German a half is written 0,5.
 */
#include "tests/support/check.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/fixture.h"
#include "tests/unit/common/history_run.h"

#define HISTORY_STEPS 1200u
#define CARD "2912345678906"

/* The first is where everything happens. */
static const struct machine {
	const char *zone;
	const char *locale;
	const char *source; /* localedef's; NULL: every machine has it */
} machines[] = {
    {"UTC0", "C", NULL},
    {"Asia/Kathmandu", "tr_TR.UTF-8", "tr_TR"},
    {"America/New_York", "de_DE.UTF-8", "de_DE"},
    {"Pacific/Chatham", "tr_TR.UTF-8", "tr_TR"},
};
#define MACHINES (sizeof(machines) / sizeof(machines[0]))

/* --- going there ---------------------------------------------------------- */

static bool make_locale(
    const struct place *place, const struct machine *machine)
{
	char path[PLACE_PATH_SIZE];
	const char *arguments[] = {"/usr/bin/localedef", "-i", machine->source,
	    "-f", "UTF-8", "--quiet", path, NULL};
	struct finished finished;

	place_join(place, machine->locale, path);
	process_run(arguments, &finished);
	return finished.status <= 1; /* 1: with warnings */
}

/* Made once for all tests, in a folder of their own. */
static struct place locales;
static bool has_locales;

static int make_locales(void **state)
{
	(void)state;
	place_make(&locales);
	has_locales = true;
	for (size_t at = 1; at < 3; at++)
		has_locales &= make_locale(&locales, &machines[at]);
	if (!has_locales)
		print_message("localedef makes no locales here\n");
	return setenv("LOCPATH", locales.path, 1);
}

static int remove_locales(void **state)
{
	(void)state;
	place_remove(&locales);
	return unsetenv("LOCPATH");
}

static void go_to(const struct machine *machine)
{
	struct tm tm;
	time_t summer = 1781524800; /* 2026-06-15T12:00:00Z */
	bool is_at_home = machine == &machines[0];

	assert_int_equal(setenv("TZ", machine->zone, 1), 0);
	assert_int_equal(setenv("LC_ALL", machine->locale, 1), 0);
	tzset();
	assert_non_null(setlocale(LC_ALL, machine->locale));
	/* It is another place indeed. */
	assert_non_null(localtime_r(&summer, &tm));
	assert_int_equal(tm.tm_gmtoff == 0, is_at_home);
}

static void go_home(void)
{
	go_to(&machines[0]);
	unsetenv("LC_ALL");
	unsetenv("TZ");
}

/* --- the law -------------------------------------------------------------- */

static void assert_same_records(
    const struct world *world, const struct world *other)
{
	assert_int_equal(world->count, other->count);
	for (size_t at = 0; at < world->count; at++) {
		assert_int_equal(
		    world->records[at].size, other->records[at].size);
		assert_memory_equal(world->records[at].data,
		    other->records[at].data, world->records[at].size);
	}
}

/* Read, checked and applied once more, as an auditor does elsewhere. */
static void audit(struct world *world)
{
	struct world *again = world_empty(1);
	struct entry related;

	for (uint64_t sequence = 1; sequence <= world->count; sequence++) {
		struct entry entry = world_entry(world, sequence);

		if (entry.related_sequence != 0)
			related = world_entry(world, entry.related_sequence);
		if (law_check(again->book, &entry,
			entry.related_sequence != 0 ? &related : NULL,
			&world->err) != RESULT_OK ||
		    book_apply(again->book, &entry, &world->err) != RESULT_OK)
			fail_msg("%s", world->err.text);
	}
	assert_same_book(world->book, again->book);
	world_close(again);
}

static void a_history_is_decided_and_replayed_alike_everywhere(void **state)
{
	struct history_steps *steps;
	struct history *home;

	(void)state;
	if (!has_locales)
		skip();
	steps = steps_of(2028, HISTORY_STEPS);
	go_to(&machines[0]);
	home = run(&all_plan, 2028, steps, NULL);
	assert_string_equal(home->fault, "");
	for (size_t at = 1; at < MACHINES; at++) {
		struct history *away;

		go_to(&machines[at]);
		audit(home->world);
		away = run(&all_plan, 2028, steps, NULL);
		assert_same_records(home->world, away->world);
		assert_same_book(home->world->book, away->world->book);
		close_history(away);
	}
	go_home();
	print_message("%zu entries\n", home->world->count);
	close_history(home);
	free(steps);
}

/* --- the programs --------------------------------------------------------- */

static const char rules[] =
    "[programme]\nname = \xc4\xb0stanbul K\xc3\xb6\xc5\x9f"
    "esi\n"
    "currency = EUR\nsale_amount_max = 2000.00\n"
    "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
    "[points]\nexpire_months = 1\npending_days = 1\n"
    "[earn tin]\npoints = 0.5\nper = 1.25\n"
    "categories = TIN, \xc4\xb0\xc4\xb1\n"
    "[earn all]\npoints = 1.5\nper = 1.00\n"
    "[tiers]\n[tier silver]\nname = Silver\nfrom = 20\n"
    "[reward tea]\nname = \xc3\x87"
    "ay\npoints = 1\n";

/* What is served, sold and written there. */
static void trade(struct fixture *fixture, const char *name)
{
	struct till till;

	fixture_run(fixture);
	till_begin(fixture, name, &till);
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	till_ask(&till,
	    "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":1250,\"lines\":["
	    "{\"category\":\"TIN\",\"quantity\":1,\"amount\":500},"
	    "{\"category\":\"tin\",\"quantity\":1,\"amount\":250},"
	    "{\"category\":\"\xc4\xb0\xc4\xb1\",\"quantity\":1,"
	    "\"amount\":500}]}");
	/* 0.5 x 10.00 / 1.25 + 1.5 x 12.50 = 22.75 */
	assert_has(&till, "\"points\":22");
	assert_int_equal(till_stop(&till), 0);
	assert_int_equal(fixture_stop(fixture), 0);
}

/* How long it took is not what it says. */
static void forget_time(char *output)
{
	char *from = strstr(output, "\"took_ms\":");
	char *to = strstr(output, "\"checkpoints\":");

	assert_true(from != NULL && to > from);
	memmove(from, to, strlen(to) + 1);
}

static void audit_there(
    struct fixture *fixture, const struct machine *machine, struct finished *is)
{
	go_to(machine);
	if (fixture_tally(fixture, "--json", "audit", NULL) != 0)
		fail_msg("%s in %s: %s%s", machine->locale, machine->zone,
		    fixture->finished.output, fixture->finished.errors);
	forget_time(fixture->finished.output);
	memcpy(is, &fixture->finished, sizeof(*is));
}

/* Sold in each of the places by turns, and audited in all. */
static void a_ledger_is_kept_and_audited_alike_everywhere(void **state)
{
	static struct fixture fixture;
	static struct finished home;
	static struct finished away;
	char name[16];

	(void)state;
	if (!has_locales)
		skip();
	fixture_init(&fixture);
	fixture_rules(&fixture, rules);
	for (size_t at = 0; at < MACHINES; at++) {
		go_to(&machines[at]);
		(void)snprintf(name, sizeof(name), "till%zu", at);
		trade(&fixture, name);
	}
	audit_there(&fixture, &machines[0], &home);
	for (size_t at = 1; at < MACHINES; at++) {
		audit_there(&fixture, &machines[at], &away);
		assert_string_equal(away.output, home.output);
		assert_string_equal(away.errors, home.errors);
	}
	go_home();
	fixture_finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_history_is_decided_and_replayed_alike_everywhere),
	    cmocka_unit_test(a_ledger_is_kept_and_audited_alike_everywhere),
	};

	return cmocka_run_group_tests(tests, make_locales, remove_locales);
}
