/*
 * Cashiers and their PINs, over a real till.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture.h"

#define CARD "2912345678906"
#define EARN "{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":500}"

struct staff {
	struct fixture *fixture;
	struct till till;
};

static int setup(void **state)
{
	struct staff *staff = calloc(1, sizeof(*staff));
	void *fixture;

	assert_non_null(staff);
	(void)fixture_setup(&fixture);
	staff->fixture = fixture;
	till_begin(staff->fixture, "till", &staff->till);
	till_ask(&staff->till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(&staff->till, "\"ok\":true");
	*state = staff;
	return 0;
}

static int teardown(void **state)
{
	struct staff *staff = *state;
	void *fixture = staff->fixture;

	process_finish(&staff->till.process);
	(void)fixture_teardown(&fixture);
	free(staff);
	return 0;
}

static void add_cashier(struct staff *staff, const char *name)
{
	if (fixture_tally(staff->fixture, "cashier", "add", name, "--pin",
		"4711", NULL) != 0)
		fail_msg("%s", staff->fixture->finished.errors);
}

static void no_pin_is_asked_for_before_there_is_a_cashier(void **state)
{
	struct staff *staff = *state;

	till_ask(&staff->till, EARN);
	assert_has(&staff->till, "\"ok\":true");
	add_cashier(staff, "Ann");
	till_ask(&staff->till, EARN);
	assert_has(&staff->till, "\"why\":\"cashier_required\"");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"ok\":true");
	assert_has(&staff->till, "\"name\":\"Ann\"");
	till_ask(&staff->till, EARN);
	assert_has(&staff->till, "\"ok\":true");
	till_ask(&staff->till, "{\"do\":\"logout\"}");
	till_ask(&staff->till, EARN);
	assert_has(&staff->till, "\"why\":\"cashier_required\"");
	fixture_audit(staff->fixture);
}

static void wrong_pins_lock_out_even_over_a_restart(void **state)
{
	struct staff *staff = *state;
	static const char wrong[] =
	    "{\"do\":\"login\",\"cashier\":1,\"pin\":\"0000\"}";

	add_cashier(staff, "Ann");
	for (long long left = 4; left > 0; left--) {
		till_ask(&staff->till, wrong);
		assert_has(&staff->till, "\"why\":\"pin_wrong\"");
		assert_int_equal(line_number(staff->till.line, "left"), left);
	}
	till_ask(&staff->till, wrong);
	assert_has(&staff->till, "\"why\":\"pin_locked\"");
	assert_true(line_number(staff->till.line, "wait_ms") > 0);
	assert_int_equal(fixture_stop(staff->fixture), 0);
	fixture_run(staff->fixture);
	do {
		till_event(&staff->till, "link");
	} while (!line_has(staff->till.line, "\"up\":true"));
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"why\":\"pin_locked\"");
	assert_int_equal(
	    fixture_tally(staff->fixture, "--json", "cashier", "list", NULL),
	    0);
	assert_non_null(strstr(staff->fixture->finished.output, "Ann"));
}

static void an_unknown_cashier_and_a_pin_that_is_none_are_refused(void **state)
{
	struct staff *staff = *state;

	add_cashier(staff, "Ann");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":2,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"why\":\"cashier_unknown\"");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"47\"}");
	assert_has(&staff->till, "\"why\":\"malformed\"");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"ok\":true");
}

static void a_sale_made_offline_keeps_its_cashier(void **state)
{
	struct staff *staff = *state;

	add_cashier(staff, "Ann");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"ok\":true");
	assert_int_equal(fixture_stop(staff->fixture), 0);
	till_ask(&staff->till, EARN);
	assert_has(&staff->till, "\"pending\":true");
	/* The till's program ends: nobody is logged in afterwards. */
	process_finish(&staff->till.process);
	fixture_run(staff->fixture);
	till_start(&staff->till, NULL, -1);
	till_event(&staff->till, "settled");
	assert_has(&staff->till, "\"ok\":true");
	fixture_audit(staff->fixture);
}

/* --- goodwill --------------------------------------------------------------
 */

#define RULES                          \
	"[programme]\n"                \
	"name = Corner Coffee\n"       \
	"currency = EUR\n"             \
	"earn_points = 1\n"            \
	"earn_amount = 1.00\n"         \
	"sale_amount_max = 500.00\n"   \
	"[goodwill]\n"                 \
	"cashier_day_points = 50\n"    \
	"supervisor_day_points = 80\n" \
	"second_day_points = 200\n"

/* Ann is a cashier and logged in; Sue is a supervisor with the PIN 8899. */
static void open_goodwill(struct staff *staff)
{
	fixture_rules(staff->fixture, RULES);
	add_cashier(staff, "Ann");
	if (fixture_tally(staff->fixture, "cashier", "add", "Sue", "--pin",
		"8899", "--role", "supervisor", NULL) != 0)
		fail_msg("%s", staff->fixture->finished.errors);
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":1,\"pin\":\"4711\"}");
	assert_has(&staff->till, "\"ok\":true");
}

static void give(struct staff *staff, unsigned points, const char *second)
{
	char line[256];

	(void)snprintf(line, sizeof(line),
	    "{\"do\":\"goodwill\",\"card\":\"" CARD "\",\"points\":%u,"
	    "\"reason\":\"long wait\"%s}",
	    points, second);
	till_ask(&staff->till, line);
}

#define SUE ",\"second\":2,\"pin\":\"8899\""
#define WRONG ",\"second\":2,\"pin\":\"0000\""

static void a_second_person_answers_for_more_than_one_may_give(void **state)
{
	struct staff *staff = *state;

	open_goodwill(staff);
	give(staff, 30, "");
	assert_has(&staff->till, "\"ok\":true");
	give(staff, 90, "");
	assert_has(&staff->till, "\"why\":\"second_required\"");
	assert_int_equal(line_number(staff->till.line, "available"), 20);
	give(staff, 90, SUE);
	assert_has(&staff->till, "\"ok\":true");
	assert_int_equal(line_number(staff->till.line, "balance"), 120);
	give(staff, 190, SUE);
	assert_has(&staff->till, "\"why\":\"ceiling\"");
	fixture_audit(staff->fixture);
}

static void wrong_pins_of_a_second_person_lock_her_out_of_logins(void **state)
{
	struct staff *staff = *state;

	open_goodwill(staff);
	for (int i = 0; i < 4; i++) {
		give(staff, 90, WRONG);
		assert_has(&staff->till, "\"why\":\"pin_wrong\"");
	}
	give(staff, 90, WRONG);
	assert_has(&staff->till, "\"why\":\"pin_locked\"");
	give(staff, 90, SUE);
	assert_has(&staff->till, "\"why\":\"pin_locked\"");
	till_ask(
	    &staff->till, "{\"do\":\"login\",\"cashier\":2,\"pin\":\"8899\"}");
	assert_has(&staff->till, "\"why\":\"pin_locked\"");
	/* Ann herself goes on. */
	give(staff, 30, "");
	assert_has(&staff->till, "\"ok\":true");
	fixture_audit(staff->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(no_pin_is_asked_for_before_there_is_a_cashier),
	    TEST(wrong_pins_lock_out_even_over_a_restart),
	    TEST(an_unknown_cashier_and_a_pin_that_is_none_are_refused),
	    TEST(a_sale_made_offline_keeps_its_cashier),
	    TEST(a_second_person_answers_for_more_than_one_may_give),
	    TEST(wrong_pins_of_a_second_person_lock_her_out_of_logins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
