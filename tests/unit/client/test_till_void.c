/*
 * till: an operation is undone: before it was sent, while nobody knows whether
 * it counted, and after.
 */
#include "tests/unit/client/till_world.h"

static void undo(uint64_t counter)
{
	struct till_command command = ask(TILL_DO_VOID, "");

	command.operation = counter;
	strcpy(command.id, "\"u\"");
	do_it(command);
}

#define UNDONE                                                           \
	"\"ok\":false,\"why\":\"voided\",\"say\":\"Undone. It does not " \
	"count.\"}\n"

/* A redemption that was sent and not answered, of a till that is up. */
static void redeem_without_an_answer(void)
{
	redeem(CARD, "coffee");
	take(tally_Request_redeem_tag);
	till_link_lost(till, now_ms);
	pass(TILL_ANSWER_MS);
	expect_part("\"why\":\"unknown\"");
	forget();
}

/* The same, and the void that the till sends in its place when it is up again.
 */
static void undo_without_an_answer(void)
{
	redeem_without_an_answer();
	undo(1);
	up();
	take(tally_Request_void_operation_tag);
}

/* A redemption that is on its way, and a void behind it: the request's id of
 * the former. */
static uint64_t undo_on_its_way(void)
{
	uint64_t original;

	redeem(CARD, "coffee");
	take(tally_Request_redeem_tag);
	original = request.id;
	pass(TILL_ANSWER_MS);
	forget();
	undo(1);
	take(tally_Request_void_operation_tag);
	return original;
}

/* --- never sent ----------------------------------------------------------- */

static void what_was_never_sent_just_leaves_the_outbox(void **state)
{
	(void)state;
	down();
	earn(CARD, 1250);
	forget();
	undo(1);
	expect("{\"event\":\"settled\",\"do\":\"earn\",\"operation\":1,"
	       "\"card\":\"" CARD "\"," UNDONE
	       "{\"do\":\"void\",\"id\":\"u\",\"ok\":true,\"unsent\":true}\n");
	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_next_counter(outbox), 2);
	up();
	take_nothing();
	assert_true(till_is_idle(till));
	close_till();
	open_till();
	up();
	take_nothing();
}

/* "Not now" was said to it; all the same, what was sent once the server has to
 * undo. */
static void what_was_told_not_now_was_sent(void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	answer_refusal(request.id, REFUSAL_STORAGE);
	pass(TILL_ANSWER_MS);
	forget();
	undo(1);
	expect("");
	take(tally_Request_void_operation_tag);
	take_nothing();
}

static void what_waits_for_a_login_was_not_sent(void **state)
{
	(void)state;
	hello.cashier_required = true;
	up();
	till_link_lost(till, now_ms);
	down();
	earn(CARD, 1250);
	up();
	take_nothing();
	down();
	forget();
	undo(1);
	expect_part("\"unsent\":true");
	assert_int_equal(outbox_count(outbox), 0);
}

static void what_cannot_be_removed_from_the_disk_is_not_undone(void **state)
{
	struct rlimit limit;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	down();
	earn(CARD, 1250);
	forget();
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	undo(1);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	expect_part("{\"do\":\"void\",\"id\":\"u\",\"ok\":false,"
		    "\"why\":\"not_saved\",\"say\":\"Not undone: ");
	expect_no("settled");
	up();
	take(tally_Request_earn_tag);
}

/* --- perhaps sent --------------------------------------------------------- */

static void a_void_goes_in_the_place_of_what_may_have_counted(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	assert_int_equal(request.body.void_operation.counter, 1);
	assert_int_equal(request.body.void_operation.operation.counter, 2);
	take_nothing();
	answer_operation(request.id, 150, 162);
	expect_part("{\"event\":\"settled\",\"do\":\"redeem\",\"operation\":1,"
		    "\"card\":\"" CARD "\"," UNDONE
		    "{\"do\":\"void\",\"id\":\"u\",\"ok\":true,\"points\":150,"
		    "\"balance\":162,");
	assert_int_equal(outbox_count(outbox), 0);
	take_nothing();
	assert_true(till_is_idle(till));
}

static void it_does_so_after_a_restart_too(void **state)
{
	(void)state;
	down();
	earn(CARD, 1);
	earn(CARD, 2);
	close_till();
	open_till();
	down();
	forget();
	/* The earlier run may have sent it. */
	undo(1);
	expect_part("{\"do\":\"void\",\"id\":\"u\",\"ok\":true,"
		    "\"pending\":true,\"operation\":3,");
	close_till();
	open_till();
	up();
	take(tally_Request_void_operation_tag);
	take_nothing();
	/* What comes after the original waits for the void, as it would have
	 * waited for the original. */
	forget();
	answer_operation(request.id, 0, 0);
	expect_part("\"do\":\"earn\",\"operation\":1,");
	expect_part("\"event\":\"settled\",\"do\":\"void\",\"id\":\"u\","
		    "\"operation\":3,");
	take(tally_Request_earn_tag);
	assert_int_equal(request.body.earn.amount_minor, 2);
	answer_operation(request.id, 1, 1);
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_void_waits_for_what_came_before_its_original(void **state)
{
	(void)state;
	down();
	do_it(ask(TILL_DO_ENROL, CARD));
	earn(CARD, 1);
	close_till();
	open_till();
	down();
	undo(2);
	up();
	take(tally_Request_enrol_tag);
	take_nothing();
	answer_operation(request.id, 0, 0);
	take(tally_Request_void_operation_tag);
}

static void a_void_follows_what_is_on_its_way(void **state)
{
	uint64_t original;

	(void)state;
	up();
	original = undo_on_its_way();
	/* The original's answer is its last word, and the void has its own. */
	answer_operation(original, -150, 12);
	expect_part("\"event\":\"settled\",\"do\":\"redeem\",\"operation\":1,");
	expect_part("\"points\":-150");
	forget();
	answer_operation(request.id, 150, 162);
	expect_part("\"do\":\"void\",\"id\":\"u\",\"ok\":true,\"points\":150");
	expect_no("settled");
	assert_int_equal(outbox_count(outbox), 0);
}

static void an_answer_after_the_void_is_passed_over(void **state)
{
	uint64_t original;

	(void)state;
	up();
	original = undo_on_its_way();
	answer_operation(request.id, 150, 162);
	expect_part("\"do\":\"redeem\",\"operation\":1,");
	forget();
	answer_refusal(original, REFUSAL_VOIDED);
	expect("");
	/* All sixteen places are free again. */
	for (unsigned i = 0; i < TILL_IN_FLIGHT_MAX; i++) {
		char card[16];

		snprintf(card, sizeof card, "29%011u", i);
		earn(card, 1);
		take(tally_Request_earn_tag);
		pass(TILL_ANSWER_MS);
	}
	assert_int_equal(outbox_count(outbox), TILL_IN_FLIGHT_MAX);
}

static void an_original_that_comes_too_late_is_refused_and_let_go(void **state)
{
	(void)state;
	up();
	redeem_without_an_answer();
	up();
	take(tally_Request_redeem_tag);
	answer_refusal(request.id, REFUSAL_VOIDED);
	expect_part("\"event\":\"settled\",\"do\":\"redeem\",\"operation\":1,"
		    "\"card\":\"" CARD "\",\"ok\":false,\"why\":\"voided\"");
	assert_int_equal(outbox_count(outbox), 0);
}

static void a_void_that_is_refused_lets_the_original_go_on(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	take_nothing();
	answer_refusal(request.id, REFUSAL_NOT_VOIDABLE);
	expect_part("{\"do\":\"void\",\"id\":\"u\",\"ok\":false,"
		    "\"why\":\"not_voidable\"");
	expect_no("settled");
	take(tally_Request_redeem_tag);
	assert_int_equal(request.body.redeem.operation.counter, 1);
	answer_operation(request.id, -150, 12);
	assert_int_equal(outbox_count(outbox), 0);
}

static void what_was_undone_already_is_undone(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	answer_refusal(request.id, REFUSAL_VOIDED);
	expect_part("\"do\":\"redeem\",\"operation\":1,");
	expect_part("\"do\":\"void\",\"id\":\"u\",\"ok\":false,"
		    "\"why\":\"voided\"");
	assert_int_equal(outbox_count(outbox), 0);
}

static void not_now_keeps_the_void_and_the_original(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	answer_refusal(request.id, REFUSAL_OVERLOADED);
	take_nothing();
	pass(TILL_RETRY_MS_MIN);
	take(tally_Request_void_operation_tag);
	take_nothing();
	assert_int_equal(outbox_count(outbox), 2);
	assert_false(till_is_idle(till));
}

static void what_follows_a_void_waits_for_it(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	pass(TILL_ANSWER_MS);
	/* The points must be back before they can be spent again. */
	redeem(CARD, "coffee");
	take_nothing();
	answer_operation(request.id, 150, 162);
	take(tally_Request_redeem_tag);
	assert_int_equal(request.body.redeem.operation.counter, 3);
}

/* More originals than are looked at for the next one to send. */
static void voids_of_a_long_backlog_all_go_out(void **state)
{
	unsigned voids = 0;

	(void)state;
	down();
	for (unsigned i = 0; i < 100; i++) {
		char card[16];

		snprintf(card, sizeof card, "29%011u", i);
		earn(card, 1);
	}
	close_till();
	open_till();
	down();
	for (unsigned i = 0; i < 100; i++)
		undo(i + 1);
	up();
	while (till_next_request(till, now_ms, &request)) {
		assert_int_equal(
		    request.which_body, tally_Request_void_operation_tag);
		voids++;
		answer_operation(request.id, 0, 0);
	}
	assert_int_equal(voids, 100);
	assert_int_equal(outbox_count(outbox), 0);
}

/* --- done before ---------------------------------------------------------- */

static void what_has_its_answer_is_undone_by_the_server(void **state)
{
	(void)state;
	up();
	earn(CARD, 1250);
	take(tally_Request_earn_tag);
	answer_operation(request.id, 12, 112);
	forget();
	undo(1);
	take(tally_Request_void_operation_tag);
	assert_int_equal(request.body.void_operation.counter, 1);
	answer_operation(request.id, -12, 100);
	expect_part(
	    "{\"do\":\"void\",\"id\":\"u\",\"ok\":true,\"points\":-12,");
}

static void a_counter_that_was_never_given_is_refused(void **state)
{
	(void)state;
	up();
	undo(1);
	expect_part("\"ok\":false,\"why\":\"not_found\"");
	forget();
	/* Its own would be one: it must not name itself. */
	undo(0);
	expect_part("\"ok\":false,\"why\":\"not_found\"");
	assert_int_equal(outbox_next_counter(outbox), 1);
}

static void a_void_is_not_undone_and_nothing_is_undone_twice(void **state)
{
	(void)state;
	up();
	redeem_without_an_answer();
	down();
	undo(1);
	forget();
	undo(1);
	expect_part("\"ok\":false,\"why\":\"voided\"");
	forget();
	undo(2);
	expect_part("\"ok\":false,\"why\":\"not_voidable\"");
	assert_int_equal(outbox_count(outbox), 2);
}

/* --- other names ---------------------------------------------------------- */

/* The ledger has another operation under that name: this one never counted,
 * and a void of the name would undo the other. */
static void a_void_does_not_undo_anothers_operation(void **state)
{
	uint64_t original;

	(void)state;
	up();
	for (unsigned i = 0; i < TILL_IN_FLIGHT_MAX; i++) {
		char card[16];

		snprintf(card, sizeof card, "29%011u", i);
		earn(card, 1);
		take(tally_Request_earn_tag);
		pass(TILL_ANSWER_MS);
	}
	original = request.id;
	forget();
	undo(TILL_IN_FLIGHT_MAX);
	take_nothing();
	answer_refusal(original, REFUSAL_COUNTER_CONFLICT);
	expect_part("\"event\":\"settled\",\"do\":\"earn\",\"operation\":16,");
	expect_part("{\"do\":\"void\",\"id\":\"u\",\"ok\":true,"
		    "\"unsent\":true}");
	expect_no("renumbered");
	take_nothing();
	assert_int_equal(outbox_count(outbox), TILL_IN_FLIGHT_MAX - 1);
}

static void a_void_with_a_new_name_still_holds_its_original(void **state)
{
	(void)state;
	up();
	undo_without_an_answer();
	answer_refusal(request.id, REFUSAL_COUNTER_CONFLICT);
	expect_part("{\"event\":\"renumbered\",\"operation\":2,\"now\":3}");
	take(tally_Request_void_operation_tag);
	assert_int_equal(request.body.void_operation.operation.counter, 3);
	assert_int_equal(request.body.void_operation.counter, 1);
	take_nothing();
	answer_operation(request.id, 0, 0);
	assert_int_equal(outbox_count(outbox), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(what_was_never_sent_just_leaves_the_outbox),
	    TEST(what_was_told_not_now_was_sent),
	    TEST(what_waits_for_a_login_was_not_sent),
	    TEST(what_cannot_be_removed_from_the_disk_is_not_undone),
	    TEST(a_void_goes_in_the_place_of_what_may_have_counted),
	    TEST(it_does_so_after_a_restart_too),
	    TEST(a_void_waits_for_what_came_before_its_original),
	    TEST(a_void_follows_what_is_on_its_way),
	    TEST(an_answer_after_the_void_is_passed_over),
	    TEST(an_original_that_comes_too_late_is_refused_and_let_go),
	    TEST(a_void_that_is_refused_lets_the_original_go_on),
	    TEST(what_was_undone_already_is_undone),
	    TEST(not_now_keeps_the_void_and_the_original),
	    TEST(what_follows_a_void_waits_for_it),
	    TEST(voids_of_a_long_backlog_all_go_out),
	    TEST(what_has_its_answer_is_undone_by_the_server),
	    TEST(a_counter_that_was_never_given_is_refused),
	    TEST(a_void_is_not_undone_and_nothing_is_undone_twice),
	    TEST(a_void_does_not_undo_anothers_operation),
	    TEST(a_void_with_a_new_name_still_holds_its_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
