/*
 * Tests of session: ends, stops and revocations, and what is gone from memory
 * then.
 */
#include "tests/unit/server/session_world.h"

/* --- ends ----------------------------------------------------------------- */

static void a_job_of_unknown_outcome_cuts_without_an_answer(void **state)
{
	struct pair pair;
	struct job *job;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 3);
	pair_carry(&pair);
	job = pair_take_job(&pair);
	job->end = JOB_CUT;
	pair_complete(&pair, job);
	assert_true(session_is_dead(pair.session));
	assert_int_equal(session_in_flight(pair.session), 2);
	/* What still comes home is thrown away. */
	pair_answer(&pair);
	assert_int_equal(session_in_flight(pair.session), 0);
	assert_int_equal(session_output(pair.session).size, 0);
	assert_string_equal(
	    session_reason(pair.session), "cut: outcome unknown");
	assert_false(presence_is_connected(world.presence, 7));
	pair_close(&pair);
}

static void a_peer_that_ends_is_still_answered(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 2);
	pair_carry(&pair);
	session_end(pair.session, NOW);
	pair_expect_closing(&pair, "closed by the peer");
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_pongs(&pair, 2, 3);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void what_waits_inside_is_done_before_the_end(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, NULL);
	pair_send_pings(&pair, IN_FLIGHT_MAX + 5);
	pair_to_server(&pair);
	session_end(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	pair_answer(&pair);
	assert_int_equal(session_in_flight(pair.session), 5);
	pair_answer(&pair);
	assert_true(session_is_closing(pair.session));
	pair_carry(&pair);
	pair_expect_pongs(&pair, 1, IN_FLIGHT_MAX + 5);
	pair_close(&pair);
}

static void a_tls_close_ends_the_session_and_its_answers(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 2);
	channel_close(pair.till.channel, &pair.till.output);
	pair_to_server(&pair);
	assert_int_equal(session_in_flight(pair.session), 2);
	pair_expect_closing(&pair, "closed by the peer");
	pair_answer(&pair);
	assert_int_equal(session_output(pair.session).size, 0);
	assert_int_equal(session_in_flight(pair.session), 0);
	pair_close(&pair);
}

static void a_stop_closes_a_quiet_session_at_once(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	session_stop(pair.session, NOW);
	pair_expect_closing(&pair, "the server stops");
	pair_carry(&pair);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
	/* Before the handshake has ended, likewise. */
	pair_open(&pair, client);
	session_stop(pair.session, NOW);
	assert_true(session_is_closing(pair.session));
	assert_int_equal(session_output(pair.session).size, 0);
	pair_close(&pair);
}

static void a_stop_lets_what_is_in_flight_end_and_refuses_the_rest(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 2);
	pair_carry(&pair);
	session_stop(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	pair_send_pings(&pair, 1);
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 2);
	pair_expect_refusal(&pair, 4, REFUSAL_SHUTTING_DOWN);
	assert_false(pair.till.is_closed);
	pair_answer(&pair);
	pair_expect_closing(&pair, "the server stops");
	pair_carry(&pair);
	pair_expect_pongs(&pair, 2, 3);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void a_stop_refuses_what_waited_for_room(void **state)
{
	struct pair pair;
	tally_Reply reply;
	size_t refused = 0;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, IN_FLIGHT_MAX + 5);
	pair_carry(&pair);
	session_stop(pair.session, NOW);
	pair_answer(&pair);
	pair_carry(&pair);
	while (till_reply(&pair.till, &reply))
		refused += reply.which_body == tally_Reply_refusal_tag;
	assert_int_equal(refused, 5);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

/* --- revocation ----------------------------------------------------------- */

static void a_revoked_till_is_refused_at_its_next_request(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	presence_revoke(world.presence, 7);
	pair_send_pings(&pair, 2);
	pair_carry(&pair);
	presence_admit(world.presence, 7);
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, 2, REFUSAL_TERMINAL_REVOKED);
	assert_true(pair.till.is_closed);
	pair_expect_closing(&pair, "revoked");
	pair_close(&pair);
}

static void a_revoked_till_cannot_say_hello(void **state)
{
	struct pair pair;
	tally_Request hello = request_hello();

	(void)state;
	presence_revoke(world.presence, 7);
	pair_open_till(&pair);
	till_send(&pair.till, &hello);
	pair_carry(&pair);
	presence_admit(world.presence, 7);
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, hello.id, REFUSAL_TERMINAL_REVOKED);
	pair_close(&pair);
}

static void a_revocation_closes_a_quiet_session(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	presence_revoke(world.presence, 8);
	session_check_revoked(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	presence_revoke(world.presence, 7);
	session_check_revoked(pair.session, NOW);
	presence_admit(world.presence, 7);
	pair_expect_closing(&pair, "revoked");
	pair_carry(&pair);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void handshakes_enrolments_and_the_owner_are_not_revoked(void **state)
{
	struct channel_context *enroller;
	struct pair pair;

	(void)state;
	pair_open(&pair, client);
	session_check_revoked(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	pair_close(&pair);
	pair_open_enroller(&pair, &enroller);
	session_check_revoked(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	pair_close(&pair);
	channel_context_destroy(enroller);
	pair_open(&pair, NULL);
	session_check_revoked(pair.session, NOW);
	assert_false(session_is_closing(pair.session));
	pair_close(&pair);
}

/* --- secrets -------------------------------------------------------------- */

static void a_pin_is_gone_from_memory_after_its_answer(void **state)
{
	struct pair pair;
	tally_Request request = tally_Request_init_zero;
	struct job *job;

	(void)state;
	pair_open_ready(&pair);
	request.which_body = tally_Request_login_tag;
	request.body.login.cashier = 3;
	strcpy(request.body.login.pin, "271828");
	till_send(&pair.till, &request);
	pair_carry(&pair);
	job = pair_take_job(&pair);
	assert_false(job->pin_is_hashed);
	assert_string_equal(job->request.body.login.pin, "271828");
	answer_refusal(job, REFUSAL_PIN_WRONG);
	pair_complete(&pair, job);
	/* The job is a spare one now; nobody else has it. */
	assert_ptr_equal(mailbox.spare, job);
	assert_string_equal(job->request.body.login.pin, "");
	pair_flush(&pair);
	pair_close(&pair);
}

static void a_pin_that_was_not_asked_for_is_gone_from_memory_too(void **state)
{
	struct pair pair;
	tally_Request request = tally_Request_init_zero;

	(void)state;
	pair_open_till(&pair);
	request.which_body = tally_Request_login_tag;
	request.body.login.cashier = 3;
	strcpy(request.body.login.pin, "271828");
	till_send(&pair.till, &request);
	pair_carry(&pair);
	/* Hello comes first: it never was in flight. */
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, request.id, REFUSAL_MALFORMED);
	assert_non_null(mailbox.spare);
	assert_string_equal(mailbox.spare->request.body.login.pin, "");
	pair_close(&pair);
}

static void destroying_nothing_is_harmless(void **state)
{
	(void)state;
	session_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_job_of_unknown_outcome_cuts_without_an_answer),
	    cmocka_unit_test(a_peer_that_ends_is_still_answered),
	    cmocka_unit_test(what_waits_inside_is_done_before_the_end),
	    cmocka_unit_test(a_tls_close_ends_the_session_and_its_answers),
	    cmocka_unit_test(a_stop_closes_a_quiet_session_at_once),
	    cmocka_unit_test(
		a_stop_lets_what_is_in_flight_end_and_refuses_the_rest),
	    cmocka_unit_test(a_stop_refuses_what_waited_for_room),
	    cmocka_unit_test(a_revoked_till_is_refused_at_its_next_request),
	    cmocka_unit_test(a_revoked_till_cannot_say_hello),
	    cmocka_unit_test(a_revocation_closes_a_quiet_session),
	    cmocka_unit_test(
		handshakes_enrolments_and_the_owner_are_not_revoked),
	    cmocka_unit_test(a_pin_is_gone_from_memory_after_its_answer),
	    cmocka_unit_test(
		a_pin_that_was_not_asked_for_is_gone_from_memory_too),
	    cmocka_unit_test(destroying_nothing_is_harmless),
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
