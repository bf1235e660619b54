/*
 * The whole day of a till: a real server over real TLS, and a scanner that is
 * a pseudo-terminal.
 */
#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/fixture.h"

#define CARD "2912345678906"

/* --- a scanner ------------------------------------------------------------ */

/* One end is ours; the till opens the other by a link that stays. */
struct plug {
	char link[PLACE_PATH_SIZE];
	int ours;
};

static void plug_in(struct plug *plug)
{
	plug->ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(plug->ours >= 0);
	assert_int_equal(grantpt(plug->ours), 0);
	assert_int_equal(unlockpt(plug->ours), 0);
	(void)unlink(plug->link);
	assert_int_equal(symlink(ptsname(plug->ours), plug->link), 0);
}

static void plug_out(struct plug *plug)
{
	(void)unlink(plug->link);
	close(plug->ours);
}

static void scan(const struct plug *plug, const char *code)
{
	assert_int_equal(
	    write(plug->ours, code, strlen(code)), (ssize_t)strlen(code));
	assert_int_equal(write(plug->ours, "\r\n", 2), 2);
}

/* --- the day -------------------------------------------------------------- */

struct day {
	struct fixture *fixture;
	struct till till;
	struct plug plug;
};

static int setup(void **state)
{
	struct day *day = calloc(1, sizeof(*day));
	void *fixture;
	char device[PLACE_PATH_SIZE + 8];

	assert_non_null(day);
	(void)fixture_setup(&fixture);
	day->fixture = fixture;
	assert_int_equal(fixture_tally(day->fixture, "reward", "add", "coffee",
			     "--name", "Coffee", "--points", "150", NULL),
	    0);
	till_enrol(day->fixture, "till", &day->till);
	place_join(&day->fixture->place, "scanner", day->plug.link);
	plug_in(&day->plug);
	(void)snprintf(device, sizeof(device), "pty:%s", day->plug.link);
	till_start(&day->till, device, -1);
	till_event(&day->till, "link");
	*state = day;
	return 0;
}

static int teardown(void **state)
{
	struct day *day = *state;
	void *fixture = day->fixture;

	process_finish(&day->till.process);
	plug_out(&day->plug);
	(void)fixture_teardown(&fixture);
	free(day);
	return 0;
}

static void a_customer_earns_and_redeems(void **state)
{
	struct day *day = *state;
	struct till *till = &day->till;

	scan(&day->plug, CARD);
	till_event(till, "scan");
	assert_has(till, "\"card\":\"" CARD "\"");
	assert_has(till, "\"symbology\":\"ean13\"");
	till_event(till, "member");
	assert_has(till, "\"why\":\"card_unknown\"");
	till_ask(till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(till, "\"ok\":true");
	assert_int_equal(line_number(till->line, "balance"), 0);
	till_ask(till, "{\"do\":\"earn\",\"card\":\"" CARD
		       "\",\"amount\":11250,\"receipt\":\"A-17\",\"id\":7}");
	assert_has(till, "\"ok\":true");
	assert_has(till, "\"id\":7");
	assert_int_equal(line_number(till->line, "points"), 112);
	till_ask(till,
	    "{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"coffee\"}");
	assert_has(till, "\"ok\":false");
	assert_has(till, "\"why\":\"insufficient_points\"");
	assert_int_equal(line_number(till->line, "required"), 150);
	assert_int_equal(line_number(till->line, "available"), 112);
	assert_int_equal(line_number(till->line, "missing"), 38);
	assert_has(till, "\"say\":\"38 points short of Coffee\"");
	till_ask(
	    till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":8800}");
	assert_int_equal(line_number(till->line, "balance"), 200);
	till_ask(till,
	    "{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"coffee\"}");
	assert_has(till, "\"ok\":true");
	assert_int_equal(line_number(till->line, "points"), -150);
	assert_int_equal(line_number(till->line, "balance"), 50);
	fixture_audit(day->fixture);
}

static void goods_come_back_and_the_history_says_so(void **state)
{
	struct day *day = *state;
	struct till *till = &day->till;
	char line[256];
	long long sale;

	till_ask(till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	till_ask(
	    till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":2000}");
	sale = line_number(till->line, "entry");
	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":500}", sale);
	till_ask(till, line);
	assert_has(till, "\"ok\":true");
	assert_int_equal(line_number(till->line, "balance"), 15);
	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"return\",\"entry\":%lld,\"amount\":1501}", sale);
	till_ask(till, line);
	assert_has(till, "\"why\":\"return_too_large\"");
	assert_int_equal(line_number(till->line, "available"), 1500);
	till_ask(till, "{\"do\":\"history\",\"card\":\"" CARD "\"}");
	assert_has(till, "\"kind\":\"return\"");
	assert_has(till, "\"kind\":\"earn\"");
	assert_has(till, "\"kind\":\"enrol\"");
	till_ask(till, "{\"do\":\"balance\",\"card\":\"" CARD "\"}");
	assert_int_equal(line_number(till->line, "balance"), 15);
	fixture_audit(day->fixture);
}

static void bad_scans_are_refused_with_their_reason(void **state)
{
	static const struct {
		const char *code;
		const char *why;
	} scans[] = {{"2912345678905", "\"why\":\"bad_check_digit\""},
	    {"4006381333931", "\"why\":\""}, {"2212345001235", "\"why\":\""},
	    {"4111111111111111", "\"why\":\""}};
	struct day *day = *state;

	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		scan(&day->plug, scans[i].code);
		till_event(&day->till, "scan");
		assert_has(&day->till, "\"ok\":false");
		assert_has(&day->till, scans[i].why);
		/* No byte of it is told again: it may be a payment card. */
		assert_false(line_has(day->till.line, scans[i].code));
	}
	till_ask(&day->till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(day->till.line, "waiting"), 0);
}

static void a_scanner_may_be_pulled_out_and_put_back(void **state)
{
	struct day *day = *state;

	scan(&day->plug, CARD);
	till_event(&day->till, "member");
	for (int round = 0; round < 2; round++) {
		plug_out(&day->plug);
		till_event(&day->till, "scanner");
		assert_has(&day->till, "\"plugged\":false");
		plug_in(&day->plug);
		do {
			till_event(&day->till, "scanner");
		} while (!line_has(day->till.line, "\"plugged\":true"));
		scan(&day->plug, round == 0 ? "20123451" : CARD);
		till_event(&day->till, "scan");
		assert_has(
		    &day->till, round == 0 ? "\"card\":\"20123451\"" : CARD);
	}
}

static void scans_come_through_a_descriptor_too(void **state)
{
	struct day *day = *state;
	struct plug plug = {.ours = -1};
	int pipes[2];

	process_close_input(&day->till.process);
	assert_int_equal(process_wait(&day->till.process), 0);
	process_finish(&day->till.process);
	plug.ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(grantpt(plug.ours), 0);
	assert_int_equal(unlockpt(plug.ours), 0);
	pipes[0] = open(ptsname(plug.ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(pipes[0] >= 0);
	till_start(&day->till, "fd:3", pipes[0]);
	close(pipes[0]);
	till_event(&day->till, "link");
	scan(&plug, CARD);
	till_event(&day->till, "scan");
	assert_has(&day->till, "\"card\":\"" CARD "\"");
	close(plug.ours);
}

static void a_receipt_is_proven_by_what_the_till_was_told(void **state)
{
	struct day *day = *state;
	struct till *till = &day->till;
	char line[256];
	long long entry;

	till_ask(till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	till_ask(
	    till, "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":2000}");
	entry = line_number(till->line, "entry");
	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"checkpoint\",\"entry\":%lld}", entry);
	for (int tries = 0; tries < 300; tries++) {
		till_ask(till, line);
		if (line_has(till->line, "\"ok\":true"))
			break;
		assert_has(till, "\"why\":\"not_found\"");
		usleep(100000);
	}
	assert_has(till, "\"ok\":true");
	assert_true(line_number(till->line, "size") >= entry);
	assert_has(till, "\"inclusion\":[\"");
	assert_has(till, "\"note\":\"tallystick/corner-coffee-");
}

static void a_till_ends_in_order(void **state)
{
	struct day *day = *state;

	assert_int_equal(till_stop(&day->till), 0);
	till_start(&day->till, NULL, -1);
	till_event(&day->till, "link");
	process_signal(&day->till.process, SIGTERM);
	assert_int_equal(process_wait(&day->till.process), 0);
	assert_int_equal(fixture_stop(day->fixture), 0);
	fixture_audit(day->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_customer_earns_and_redeems),
	    TEST(goods_come_back_and_the_history_says_so),
	    TEST(bad_scans_are_refused_with_their_reason),
	    TEST(a_scanner_may_be_pulled_out_and_put_back),
	    TEST(scans_come_through_a_descriptor_too),
	    TEST(a_receipt_is_proven_by_what_the_till_was_told),
	    TEST(a_till_ends_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
