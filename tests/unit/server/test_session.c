/*
 * Tests of session: states, limits, times and ends, over real TLS in memory
 * and on the owner's side without it.
 */
#include "net_world.h"

#include "server/session.h"

#define NOW 1000000u

static struct world world;
static struct channel_context *client;
static struct mailbox mailbox;

static void ignore_wake(void *context)
{
	(void)context;
}

static int setup_world(void **state)
{
	struct error err;

	(void)state;
	world_init(&world);
	client = world_client(&world, ROLE_TERMINAL, 7);
	must(mailbox_init(&mailbox, ignore_wake, NULL, &err));
	return 0;
}

static int teardown_world(void **state)
{
	(void)state;
	mailbox_finish(&mailbox);
	channel_context_destroy(client);
	world_finish(&world);
	return 0;
}

/* --- both ends ------------------------------------------------------------ */

struct pair {
	struct session *session;
	struct till till;
	struct job *jobs; /* given out and not answered */
	uint64_t now_ms;
};

static void pair_open(struct pair *pair, struct channel_context *context)
{
	struct error err;

	memset(pair, 0, sizeof(*pair));
	pair->now_ms = NOW;
	must(session_create(context != NULL ? world.server : NULL,
	    world.presence, &mailbox, NOW, &pair->session, &err));
	till_init(&pair->till, context);
}

static struct job *pair_take_job(struct pair *pair)
{
	struct job *job = pair->jobs;

	assert_non_null(job);
	pair->jobs = job->next;
	job->next = NULL;
	return job;
}

static void pair_complete(struct pair *pair, struct job *job)
{
	session_complete(pair->session, job, pair->now_ms);
}

static void pair_flush(struct pair *pair)
{
	session_flush(pair->session, pair->now_ms, &pair->jobs);
}

/* Answer everything that was given out, as one group. */
static void pair_answer(struct pair *pair)
{
	while (pair->jobs != NULL) {
		struct job *job = pair_take_job(pair);

		answer(job);
		pair_complete(pair, job);
	}
	pair_flush(pair);
}

static void pair_to_server(struct pair *pair)
{
	struct bytes sent = buffer_view(&pair->till.output);

	session_receive(pair->session, sent, pair->now_ms, &pair->jobs);
	pair->till.output.size = 0;
}

static void pair_to_till(struct pair *pair)
{
	struct bytes output = session_output(pair->session);
	struct error err;

	must(till_receive(&pair->till, output, &err));
	session_sent(pair->session, output.size);
}

/* Carry bytes both ways until nobody has any. */
static void pair_carry(struct pair *pair)
{
	while (pair->till.output.size > 0 ||
	       session_output(pair->session).size > 0) {
		if (pair->till.output.size > 0)
			pair_to_server(pair);
		pair_to_till(pair);
	}
}

static void pair_close(struct pair *pair)
{
	while (pair->jobs != NULL) {
		struct job *job = pair_take_job(pair);

		answer(job);
		pair_complete(pair, job);
	}
	till_finish(&pair->till);
	session_destroy(pair->session);
}

/* Past the handshake, hello not said. */
static void pair_open_till(struct pair *pair)
{
	pair_open(pair, client);
	assert_true(session_is_stranger(pair->session));
	pair_carry(pair);
	assert_false(session_is_stranger(pair->session));
	assert_true(channel_is_open(pair->till.channel));
}

static void pair_expect_reply(
    struct pair *pair, uint64_t id, pb_size_t which, tally_Reply *ret_reply)
{
	assert_true(till_reply(&pair->till, ret_reply));
	assert_int_equal(ret_reply->id, id);
	assert_int_equal(ret_reply->which_body, which);
}

static void pair_expect_refusal(
    struct pair *pair, uint64_t id, enum refusal_code code)
{
	tally_Reply reply;

	pair_expect_reply(pair, id, tally_Reply_refusal_tag, &reply);
	assert_int_equal(reply.body.refusal.code, code);
	assert_true(strlen(reply.body.refusal.say) > 0);
}

/* Past hello, with nothing in flight. */
static void pair_open_ready(struct pair *pair)
{
	tally_Request hello = request_hello();
	tally_Reply reply;

	pair_open_till(pair);
	till_send(&pair->till, &hello);
	pair_carry(pair);
	pair_answer(pair);
	pair_carry(pair);
	pair_expect_reply(pair, hello.id, tally_Reply_hello_tag, &reply);
	assert_int_equal(reply.body.hello.terminal, 7);
}

static void pair_send_pings(struct pair *pair, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tally_Request ping = request_ping();

		till_send(&pair->till, &ping);
	}
}

static void pair_expect_closing(struct pair *pair, const char *reason)
{
	assert_true(session_is_closing(pair->session));
	assert_false(session_wants_input(pair->session));
	assert_string_equal(session_reason(pair->session), reason);
}

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
	for (uint64_t id = 3; id < 33; id++)
		pair_expect_reply(&pair, id, tally_Reply_pong_tag, &reply);
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

static void pair_open_enroller(struct pair *pair, struct channel_context **ret)
{
	*ret = world_enroller(&world);
	pair_open(pair, *ret);
	pair_carry(pair);
	assert_true(channel_is_open(pair->till.channel));
}

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

/* --- bad input ------------------------------------------------------------ */

static void a_request_that_is_no_message_is_refused_and_closes(void **state)
{
	struct pair pair;
	/* Id 5, then a field that ends too early. */
	static const uint8_t frame[] = {0, 0, 0, 4, 0x08, 5, 0x1a, 9};

	(void)state;
	pair_open_ready(&pair);
	till_send_bytes(&pair.till, bytes_of(frame, sizeof(frame)));
	pair_send_pings(&pair, 1);
	pair_carry(&pair);
	assert_null(pair.jobs);
	pair_expect_refusal(&pair, 5, REFUSAL_MALFORMED);
	assert_true(pair.till.is_closed);
	assert_false(presence_is_connected(world.presence, 7));
	assert_memory_equal(session_reason(pair.session), "malformed: ", 11);
	pair_close(&pair);
}

static void a_request_without_a_body_is_refused_with_its_id(void **state)
{
	struct pair pair;
	static const uint8_t frame[] = {0, 0, 0, 2, 0x08, 99};

	(void)state;
	pair_open(&pair, NULL);
	till_send_bytes(&pair.till, bytes_of(frame, sizeof(frame)));
	pair_carry(&pair);
	pair_expect_refusal(&pair, 99, REFUSAL_MALFORMED);
	assert_true(session_is_closing(pair.session));
	pair_close(&pair);
}

static void a_frame_of_no_bytes_or_too_many_closes(void **state)
{
	static const uint8_t heads[][4] = {
	    {0, 0, 0, 0}, {0, 0, 0x10, 1}, {0xff, 0xff, 0xff, 0xff}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pair pair;

		pair_open_ready(&pair);
		till_send_bytes(&pair.till, bytes_of(heads[i], 4));
		pair_carry(&pair);
		pair_expect_refusal(&pair, 0, REFUSAL_MALFORMED);
		assert_true(pair.till.is_closed);
		pair_close(&pair);
	}
}

static void what_is_in_flight_is_answered_before_a_fault_closes(void **state)
{
	struct pair pair;
	static const uint8_t nonsense[] = {0, 0, 0, 1, 0xff};
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 2);
	till_send_bytes(&pair.till, bytes_of(nonsense, sizeof(nonsense)));
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 2);
	pair_expect_refusal(&pair, 0, REFUSAL_MALFORMED);
	assert_false(pair.till.is_closed);
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, 2, tally_Reply_pong_tag, &reply);
	pair_expect_reply(&pair, 3, tally_Reply_pong_tag, &reply);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void what_is_no_tls_closes_with_an_alert_and_takes_no_more(void **state)
{
	struct pair pair;
	const char *text = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n";

	(void)state;
	pair_open(&pair, client);
	session_receive(pair.session, bytes_of_string(text), NOW, &pair.jobs);
	assert_true(session_is_closing(pair.session));
	assert_false(session_is_dead(pair.session));
	assert_false(session_wants_input(pair.session));
	assert_true(strlen(session_reason(pair.session)) > 0);
	session_receive(pair.session, bytes_of_string(text), NOW, &pair.jobs);
	assert_null(pair.jobs);
	pair_close(&pair);
}

static void a_record_that_was_tampered_with_closes(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 1);
	pair.till.output.data[pair.till.output.size - 1] ^= 1;
	pair_to_server(&pair);
	assert_null(pair.jobs);
	assert_true(session_is_closing(pair.session));
	pair_close(&pair);
}

static void a_till_of_another_shop_does_not_get_in(void **state)
{
	struct world other;
	struct channel_context *stranger;
	struct pair pair;

	(void)state;
	world_init(&other);
	stranger = world_client(&other, ROLE_TERMINAL, 7);
	pair_open(&pair, stranger);
	/* The till sees a server that it does not trust; carry what it says. */
	pair_to_server(&pair);
	{
		struct bytes output = session_output(pair.session);
		struct error err;

		assert_int_equal(
		    till_receive(&pair.till, output, &err), RESULT_DENIED);
		session_sent(pair.session, output.size);
	}
	pair_to_server(&pair);
	assert_true(session_is_closing(pair.session));
	assert_true(session_is_stranger(pair.session) ||
		    session_terminal(pair.session) == 0);
	pair_close(&pair);
	channel_context_destroy(stranger);
	world_finish(&other);
}

/* --- limits --------------------------------------------------------------- */

static void a_session_wants_no_more_than_its_requests_in_flight(void **state)
{
	struct pair pair;
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, IN_FLIGHT_MAX + 20);
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), IN_FLIGHT_MAX);
	assert_false(session_wants_input(pair.session));
	/* One answered makes room for one. */
	{
		struct job *job = pair_take_job(&pair);

		answer(job);
		pair_complete(&pair, job);
		pair_flush(&pair);
	}
	assert_int_equal(session_in_flight(pair.session), IN_FLIGHT_MAX);
	assert_false(session_wants_input(pair.session));
	pair_answer(&pair);
	assert_int_equal(session_in_flight(pair.session), 19);
	assert_true(session_wants_input(pair.session));
	pair_answer(&pair);
	pair_carry(&pair);
	for (uint64_t i = 0; i < IN_FLIGHT_MAX + 20; i++)
		pair_expect_reply(&pair, 2 + i, tally_Reply_pong_tag, &reply);
	pair_close(&pair);
}

/* The largest answers, to a reader that reads nothing. */
static void pair_answer_large(struct pair *pair)
{
	while (pair->jobs != NULL) {
		struct job *job = pair_take_job(pair);
		tally_EntriesReply *entries = &job->reply.body.entries;

		answer(job);
		job->reply.which_body = tally_Reply_entries_tag;
		memset(entries, 0, sizeof(*entries));
		entries->records.size = ENTRIES_CHUNK_SIZE_MAX;
		pair_complete(pair, job);
	}
	pair_flush(pair);
}

static void a_slow_reader_is_not_read_from_until_it_has_read(void **state)
{
	struct pair pair;
	size_t queued_max = OUTPUT_QUEUED_SIZE_MAX +
			    IN_FLIGHT_MAX * (ENTRIES_CHUNK_SIZE_MAX + 128u);
	size_t replies = 0;
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	while (session_wants_input(pair.session)) {
		pair_send_pings(&pair, 10);
		pair_to_server(&pair);
		pair_answer_large(&pair);
		assert_true(session_output(pair.session).size < queued_max);
	}
	assert_true(
	    session_output(pair.session).size >= OUTPUT_QUEUED_SIZE_MAX);
	/* What was read before and has no room waits, and is not lost. */
	pair_send_pings(&pair, 10);
	pair_to_server(&pair);
	assert_null(pair.jobs);
	while (session_output(pair.session).size > 0) {
		pair_to_till(&pair);
		pair_flush(&pair);
		pair_answer_large(&pair);
	}
	assert_true(session_wants_input(pair.session));
	while (till_reply(&pair.till, &reply))
		replies++;
	assert_int_equal(replies, pair.till.last_id - 1);
	pair_close(&pair);
}

static void streams_are_counted_before_they_are_there(void **state)
{
	struct pair pair;
	size_t asked = 0;

	(void)state;
	pair_open_ready(&pair);
	while (session_wants_input(pair.session)) {
		tally_Request request = request_entries(ENTRIES_CHUNKS_MAX);

		till_send(&pair.till, &request);
		pair_carry(&pair);
		asked++;
	}
	/* 32 chunks of 4 KiB each are half of what may be queued. */
	assert_int_equal(asked, 2);
	pair_answer(&pair);
	assert_true(session_wants_input(pair.session));
	pair_close(&pair);
}

static void an_absurd_number_of_chunks_counts_as_the_most(void **state)
{
	struct pair pair;
	tally_Request request = request_entries(UINT32_MAX);

	(void)state;
	pair_open_ready(&pair);
	till_send(&pair.till, &request);
	pair_carry(&pair);
	assert_true(session_wants_input(pair.session));
	pair_close(&pair);
}

/* --- time ----------------------------------------------------------------- */

static void a_handshake_that_takes_too_long_is_cut(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, client);
	pair_to_server(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + HANDSHAKE_MS_MAX);
	session_time(pair.session, NOW + HANDSHAKE_MS_MAX - 1);
	assert_false(session_is_dead(pair.session));
	session_time(pair.session, NOW + HANDSHAKE_MS_MAX);
	assert_true(session_is_dead(pair.session));
	assert_string_equal(
	    session_reason(pair.session), "the handshake took too long");
	pair_close(&pair);
}

static void an_idle_session_closes_and_says_so_to_the_peer(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	assert_int_equal(session_deadline_ms(pair.session), NOW + IDLE_MS_MAX);
	pair.now_ms = NOW + 5000;
	pair_send_pings(&pair, 1);
	pair_carry(&pair);
	pair_answer(&pair);
	pair_carry(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + 5000 + IDLE_MS_MAX);
	session_time(pair.session, NOW + 5000 + IDLE_MS_MAX - 1);
	assert_false(session_is_closing(pair.session));
	session_time(pair.session, NOW + 5000 + IDLE_MS_MAX);
	pair_expect_closing(&pair, "idle");
	assert_false(session_is_dead(pair.session));
	pair_carry(&pair);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

/* Anybody may shake hands as an enroller, and so may a till that was revoked:
 * a place is not theirs for as long as it is a till's. */
static void who_asks_nothing_at_all_is_not_waited_for_like_a_till(void **state)
{
	struct channel_context *context;
	struct pair pair;

	(void)state;
	pair_open_enroller(&pair, &context);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + FIRST_REQUEST_MS_MAX);
	/* Nor does the first byte of a request buy more. */
	pair.now_ms = NOW + 5000;
	till_send_bytes(&pair.till, bytes_of("", 1));
	pair_carry(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + FIRST_REQUEST_MS_MAX);
	session_time(pair.session, NOW + FIRST_REQUEST_MS_MAX - 1);
	assert_false(session_is_closing(pair.session));
	session_time(pair.session, NOW + FIRST_REQUEST_MS_MAX);
	pair_expect_closing(&pair, "no first request");
	pair_close(&pair);
	channel_context_destroy(context);
	pair_open_till(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + FIRST_REQUEST_MS_MAX);
	pair_close(&pair);
}

static void an_enroller_is_a_stranger_to_its_end(void **state)
{
	struct channel_context *context;
	struct pair pair;
	tally_Request request = request_enrol();

	(void)state;
	pair_open_enroller(&pair, &context);
	assert_true(session_is_stranger(pair.session));
	till_send(&pair.till, &request);
	pair_carry(&pair);
	assert_true(session_is_stranger(pair.session));
	/* What was asked is waited for. */
	session_time(pair.session, NOW + 10 * IDLE_MS_MAX);
	assert_false(session_is_closing(pair.session));
	pair_close(&pair);
	channel_context_destroy(context);
}

static void waiting_for_the_server_is_not_idling(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 1);
	pair_carry(&pair);
	session_time(pair.session, NOW + 10 * IDLE_MS_MAX);
	assert_false(session_is_closing(pair.session));
	pair_close(&pair);
}

static void a_request_that_takes_too_long_is_refused(void **state)
{
	struct pair pair;
	static const uint8_t start[] = {0, 0};

	(void)state;
	pair_open_ready(&pair);
	pair.now_ms = NOW + 100;
	till_send_bytes(&pair.till, bytes_of(start, 1));
	pair_carry(&pair);
	/* Another byte does not buy another ten seconds. */
	pair.now_ms = NOW + 5000;
	till_send_bytes(&pair.till, bytes_of(start, 1));
	pair_carry(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + 100 + REQUEST_MS_MAX);
	session_time(pair.session, NOW + 100 + REQUEST_MS_MAX);
	pair_carry(&pair);
	pair_expect_refusal(&pair, 0, REFUSAL_MALFORMED);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void each_request_has_its_own_time(void **state)
{
	struct pair pair;
	struct buffer frames = {0};
	tally_Request earn = request_earn(1);
	struct error err;

	(void)state;
	earn.id = 2;
	pair_open_ready(&pair);
	must(message_append_request(&frames, &earn, &err));
	till_send_bytes(&pair.till, bytes_of(frames.data, 5));
	pair_carry(&pair);
	/* Its end, and the first byte of the next one. */
	pair.now_ms = NOW + 9000;
	must(message_append_request(&frames, &earn, &err));
	till_send_bytes(
	    &pair.till, bytes_of(frames.data + 5, frames.size / 2 - 5 + 1));
	pair_carry(&pair);
	assert_int_equal(session_in_flight(pair.session), 1);
	assert_int_equal(
	    session_deadline_ms(pair.session), NOW + 9000 + REQUEST_MS_MAX);
	buffer_finish(&frames);
	pair_close(&pair);
}

static void time_in_which_we_do_not_read_is_not_the_requests(void **state)
{
	struct pair pair;
	static const uint8_t start[] = {0, 0};

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, IN_FLIGHT_MAX);
	till_send_bytes(&pair.till, bytes_of(start, 2));
	pair_carry(&pair);
	assert_false(session_wants_input(pair.session));
	pair.now_ms = NOW + 60000;
	session_time(pair.session, pair.now_ms);
	assert_false(session_is_closing(pair.session));
	pair_answer(&pair);
	assert_int_equal(
	    session_deadline_ms(pair.session), pair.now_ms + REQUEST_MS_MAX);
	pair_close(&pair);
}

static void a_close_that_the_peer_does_not_take_ends_in_a_cut(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_till(&pair);
	pair_send_pings(&pair, 1);
	pair_to_server(&pair);
	assert_true(session_is_closing(pair.session));
	assert_true(session_output(pair.session).size > 0);
	assert_int_equal(session_deadline_ms(pair.session), NOW + CLOSE_MS_MAX);
	session_time(pair.session, NOW + CLOSE_MS_MAX);
	assert_true(session_is_dead(pair.session));
	pair_close(&pair);
}

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
	tally_Reply reply;

	(void)state;
	pair_open_ready(&pair);
	pair_send_pings(&pair, 2);
	pair_carry(&pair);
	session_end(pair.session, NOW);
	pair_expect_closing(&pair, "closed by the peer");
	pair_answer(&pair);
	pair_carry(&pair);
	pair_expect_reply(&pair, 2, tally_Reply_pong_tag, &reply);
	pair_expect_reply(&pair, 3, tally_Reply_pong_tag, &reply);
	assert_true(pair.till.is_closed);
	pair_close(&pair);
}

static void what_waits_inside_is_done_before_the_end(void **state)
{
	struct pair pair;
	tally_Reply reply;

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
	for (uint64_t id = 1; id <= IN_FLIGHT_MAX + 5; id++)
		pair_expect_reply(&pair, id, tally_Reply_pong_tag, &reply);
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
	tally_Reply reply;

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
	pair_expect_reply(&pair, 2, tally_Reply_pong_tag, &reply);
	pair_expect_reply(&pair, 3, tally_Reply_pong_tag, &reply);
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

static void destroying_nothing_is_harmless(void **state)
{
	(void)state;
	session_destroy(NULL);
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
	    cmocka_unit_test(
		a_request_that_is_no_message_is_refused_and_closes),
	    cmocka_unit_test(a_request_without_a_body_is_refused_with_its_id),
	    cmocka_unit_test(a_frame_of_no_bytes_or_too_many_closes),
	    cmocka_unit_test(
		what_is_in_flight_is_answered_before_a_fault_closes),
	    cmocka_unit_test(
		what_is_no_tls_closes_with_an_alert_and_takes_no_more),
	    cmocka_unit_test(a_record_that_was_tampered_with_closes),
	    cmocka_unit_test(a_till_of_another_shop_does_not_get_in),
	    cmocka_unit_test(
		a_session_wants_no_more_than_its_requests_in_flight),
	    cmocka_unit_test(a_slow_reader_is_not_read_from_until_it_has_read),
	    cmocka_unit_test(streams_are_counted_before_they_are_there),
	    cmocka_unit_test(an_absurd_number_of_chunks_counts_as_the_most),
	    cmocka_unit_test(a_handshake_that_takes_too_long_is_cut),
	    cmocka_unit_test(an_idle_session_closes_and_says_so_to_the_peer),
	    cmocka_unit_test(
		who_asks_nothing_at_all_is_not_waited_for_like_a_till),
	    cmocka_unit_test(an_enroller_is_a_stranger_to_its_end),
	    cmocka_unit_test(waiting_for_the_server_is_not_idling),
	    cmocka_unit_test(a_request_that_takes_too_long_is_refused),
	    cmocka_unit_test(each_request_has_its_own_time),
	    cmocka_unit_test(time_in_which_we_do_not_read_is_not_the_requests),
	    cmocka_unit_test(a_close_that_the_peer_does_not_take_ends_in_a_cut),
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
	    cmocka_unit_test(destroying_nothing_is_harmless),
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
