/*
 * Tests of session: bad input, limits of numbers and limits of time.
 */
#include "tests/unit/server/session_world.h"

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
	    {0, 0, 0, 0}, {0, 0, 0x30, 1}, {0xff, 0xff, 0xff, 0xff}};

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
	pair_expect_pongs(&pair, 2, 3);
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
	pair_expect_pongs(&pair, 2, IN_FLIGHT_MAX + 21);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, setup_world, teardown_world);
}
