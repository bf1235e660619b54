/*
 * Tests of session: the course of things, hello and enrolling.
 */
#include "tests/unit/server/session_world.h"

/* --- the course of things ------------------------------------------------- */

static void a_till_shakes_hands_says_hello_and_is_answered(void **state)
{
	struct pair pair;
	tally_Request earn = request_earn(1);
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	till_send(&pair.till, &earn);
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 1);
	assert_ptr_equal(pair.jobs->mailbox, &mailbox);
	assert_ptr_equal(pair.jobs->session, pair.session);
	assert_true(pair.jobs->caller.said_hello);
	assert_false(pair.jobs->caller.is_enrolling);
	assert_int_equal(pair.jobs->caller.peer.role, ROLE_TERMINAL);
	assert_int_equal(pair.jobs->caller.peer.number, 7);
	assert_int_equal(pair.jobs->request.body.earn.amount_minor, 1250);
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, earn.id, tally_Reply_operation_tag, &reply);
	assert_int_equal(reply.body.operation.points, 12);
	assert_int_equal(session_terminal(pair.session), 7);
	assert_string_equal(session_reason(pair.session), "");
	assert_int_equal(session_in_flight(pair.session), 0);
	pair_close(&pair);
}

static void the_owner_is_open_at_once_and_has_no_tls(void **state)
{
	struct pair pair;
	tally_Request request = tally_Request_init_zero;
	tally_Reply reply;

	(void)state;
	pair_open(&pair, NULL);
	assert_false(session_is_stranger(pair.session));
	request.which_body = tally_Request_ledger_show_tag;
	till_send(&pair.till, &request);
	pair_carry(&pair);
	assert_int_equal(pair.jobs->caller.peer.role, ROLE_OWNER);
	assert_true(pair.jobs->caller.said_hello);
	assert_int_equal(session_terminal(pair.session), 0);
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, request.id, tally_Reply_pong_tag, &reply);
	session_end(pair.session, NOW);
	pair_expect_closing(&pair, "closed by the peer");
	assert_int_equal(session_output(pair.session).size, 0);
	pair_close(&pair);
}

static void a_group_of_answers_is_one_record(void **state)
{
	struct pair pair;
	tally_Reply reply;
	size_t one, many;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 1);
	pair_carry(&pair);
	pair_answer(&pair);
	one = session_output(pair.session).size;
	pair_carry(&pair);
	assert_true(till_reply(&pair.till, &reply));
	pair_send_pings(&pair, 30);
	pair_carry(&pair);
	pair_answer(&pair);
	many = session_output(pair.session).size;
	/* A record costs 22 bytes, a pong's frame about 8. */
	assert_true(many - one < 29 * 12);
	pair_carry(&pair);
	pair_expect_pongs(&pair, 3, 32);
	pair_close(&pair);
}

static void answers_may_come_in_any_order(void **state)
{
	struct pair pair;
	tally_Reply reply;
	struct job *first;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 3);
	pair_carry(&pair);
	first = pair_take_job(&pair);
	pair_answer(&pair);
	answer(first);
	pair_complete(&pair, first);
	pair_flush(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, 3, tally_Reply_pong_tag, &reply);
	pair_expect_reply(&pair, 4, tally_Reply_pong_tag, &reply);
	pair_expect_reply(&pair, 2, tally_Reply_pong_tag, &reply);
	pair_close(&pair);
}

static void frames_of_a_worker_are_sent_as_they_are(void **state)
{
	struct pair pair;
	tally_Request request = request_entries(2);
	tally_Reply reply = tally_Reply_init_zero;
	struct error err;
	struct job *job;

	(void)state;
	pair_open_ready(&pair);
	till_send(&pair.till, &request);
	pair_carry(&pair);
	job = pair_take_job(&pair);
	job->end = JOB_FRAMES;
	reply.id = request.id;
	reply.which_body = tally_Reply_entries_tag;
	reply.body.entries.records.size = 3000;
	reply.body.entries.more = true;
	must(message_append_reply(&job->frames, &reply, &err));
	reply.body.entries.more = false;
	must(message_append_reply(&job->frames, &reply, &err));
	pair_complete(&pair, job);
	pair_flush(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, request.id, tally_Reply_entries_tag, &reply);
	assert_true(reply.body.entries.more);
	pair_expect_reply(&pair, request.id, tally_Reply_entries_tag, &reply);
	assert_false(reply.body.entries.more);
	pair_close(&pair);
}

static void requests_cut_anywhere_are_put_together(void **state)
{
	struct pair pair;
	struct buffer sent = {0};
	struct error err;

	(void)state;
	pair_open_ready(&pair);
	for (uint64_t counter = 1; counter <= 5; counter++) {
		tally_Request earn = request_earn(counter);

		till_send(&pair.till, &earn);
	}
	must(buffer_append(&sent, buffer_view(&pair.till.output), &err));
	for (size_t i = 0; i < sent.size; i++)
		session_receive(
		    pair.session, bytes_of(&sent.data[i], 1), NOW, &pair.jobs);
	assert_int_equal(session_in_flight(pair.session), 5);
	for (uint64_t counter = 1; counter <= 5; counter++) {
		struct job *job = pair_take_job(&pair);

		assert_int_equal(
		    job->request.body.earn.operation.counter, counter);
		answer(job);
		pair_complete(&pair, job);
	}
	buffer_finish(&sent);
	pair_close(&pair);
}

static void plain_frames_cut_anywhere_are_put_together(void **state)
{
	struct pair pair;
	struct buffer sent = {0};
	tally_Request earn = request_earn(9);
	struct error err;

	(void)state;
	pair_open(&pair, NULL);
	till_send(&pair.till, &earn);
	till_send(&pair.till, &earn);
	must(buffer_append(&sent, buffer_view(&pair.till.output), &err));
	pair.till.output.size = 0;
	for (size_t cut = 0; cut <= sent.size; cut++) {
		session_receive(
		    pair.session, bytes_of(sent.data, cut), NOW, &pair.jobs);
		session_receive(pair.session,
		    bytes_of(sent.data + cut, sent.size - cut), NOW,
		    &pair.jobs);
		assert_int_equal(session_in_flight(pair.session), 2);
		pair_answer(&pair);
		session_sent(pair.session, session_output(pair.session).size);
	}
	buffer_finish(&sent);
	pair_close(&pair);
}

/* --- hello ---------------------------------------------------------------- */

static void the_first_request_must_be_hello(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_till(&pair);
	pair_send_pings(&pair, 2);
	pair_carry(&pair);
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, 1, REFUSAL_MALFORMED);
	assert_true(pair.till.is_closed);
	pair_expect_closing(
	    &pair, "malformed: the first request must be hello");
	pair_close(&pair);
}

static void what_comes_behind_hello_waits_for_its_answer(void **state)
{
	struct pair pair;
	tally_Request hello = request_hello();

	(void)state;
	pair_open_till(&pair);
	till_send(&pair.till, &hello);
	pair_send_pings(&pair, 3);
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 1);
	assert_false(pair.jobs->caller.said_hello);
	assert_false(session_wants_input(pair.session));
	assert_false(presence_is_connected(world.presence, 7));
	pair_answer(&pair);
	assert_int_equal(session_in_flight(pair.session), 3);
	assert_true(pair.jobs->caller.said_hello);
	assert_true(session_wants_input(pair.session));
	assert_true(presence_is_connected(world.presence, 7));
	pair_close(&pair);
	assert_false(presence_is_connected(world.presence, 7));
}

static void a_refused_hello_closes(void **state)
{
	struct pair pair;
	tally_Request hello = request_hello();
	tally_Reply reply;
	struct job *job;

	(void)state;
	pair_open_till(&pair);
	till_send(&pair.till, &hello);
	pair_send_pings(&pair, 3);
	pair_carry(&pair);
	job = pair_take_job(&pair);
	answer_refusal(job, REFUSAL_COUNTER_FORK);
	pair_complete(&pair, job);
	pair_flush(&pair);
	assert_null(pair.jobs);
	pair_carry(&pair);
	pair_expect_reply(&pair, hello.id, tally_Reply_refusal_tag, &reply);
	pair_expect_closing(&pair, "hello refused");
	assert_true(pair.till.is_closed);
	assert_false(presence_is_connected(world.presence, 7));
	pair_close(&pair);
}

static void a_second_hello_is_one_more_request(void **state)
{
	struct pair pair;
	tally_Request hello = request_hello();
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	till_send(&pair.till, &hello);
	pair_carry(&pair);
	assert_true(session_wants_input(pair.session));
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, hello.id, tally_Reply_hello_tag, &reply);
	pair_close(&pair);
	/* Counted once, whatever it said. */
	assert_false(presence_is_connected(world.presence, 7));
}

/* --- enrolling ------------------------------------------------------------ */

static void a_new_till_enrols_with_one_request(void **state)
{
	struct pair pair;
	struct channel_context *context;
	tally_Request request = request_enrol();
	tally_Reply reply;

	(void)state;
	pair_open_enroller(&pair, &context);
	till_send(&pair.till, &request);
	pair_carry(&pair);
	assert_non_null(pair.jobs);
	assert_true(pair.jobs->caller.is_enrolling);
	assert_int_equal(pair.jobs->caller.peer.role, ROLE_NONE);
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(
	    &pair, request.id, tally_Reply_enrol_terminal_tag, &reply);
	assert_true(pair.till.is_closed);
	pair_expect_closing(&pair, "enrolled");
	assert_int_equal(session_terminal(pair.session), 0);
	pair_close(&pair);
	channel_context_destroy(context);
}

static void an_enrolling_till_may_ask_nothing_else(void **state)
{
	struct pair pair;
	struct channel_context *context;
	tally_Request hello = request_hello();

	(void)state;
	pair_open_enroller(&pair, &context);
	till_send(&pair.till, &hello);
	pair_carry(&pair);
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, hello.id, REFUSAL_MALFORMED);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
	channel_context_destroy(context);
}

static void an_enrolling_till_may_ask_only_once(void **state)
{
	struct pair pair;
	struct channel_context *context;
	tally_Request request = request_enrol();
	tally_Reply reply;

	(void)state;
	pair_open_enroller(&pair, &context);
	till_send(&pair.till, &request);
	till_send(&pair.till, &request);
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 1);
	pair_expect_refusal(&pair, 2, REFUSAL_MALFORMED);
	assert_false(pair.till.is_closed);
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, 1, tally_Reply_enrol_terminal_tag, &reply);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
	channel_context_destroy(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_till_shakes_hands_says_hello_and_is_answered),
	    cmocka_unit_test(the_owner_is_open_at_once_and_has_no_tls),
	    cmocka_unit_test(a_group_of_answers_is_one_record),
	    cmocka_unit_test(answers_may_come_in_any_order),
	    cmocka_unit_test(frames_of_a_worker_are_sent_as_they_are),
	    cmocka_unit_test(requests_cut_anywhere_are_put_together),
	    cmocka_unit_test(plain_frames_cut_anywhere_are_put_together),
	    cmocka_unit_test(the_first_request_must_be_hello),
	    cmocka_unit_test(what_comes_behind_hello_waits_for_its_answer),
	    cmocka_unit_test(a_refused_hello_closes),
	    cmocka_unit_test(a_second_hello_is_one_more_request),
	    cmocka_unit_test(a_new_till_enrols_with_one_request),
	    cmocka_unit_test(an_enrolling_till_may_ask_nothing_else),
	    cmocka_unit_test(an_enrolling_till_may_ask_only_once),
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
