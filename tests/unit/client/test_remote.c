/*
 * remote: against a scripted server, which answers, goes away, keeps silent, or
 * is none.
 */
#include "tests/unit/client/remote_world.h"

static void pauses_double_from_a_quarter_to_ten_seconds(void **state)
{
	static const uint32_t whole[] = {
	    250, 500, 1000, 2000, 4000, 8000, 10000, 10000, 10000};

	(void)state;
	for (unsigned i = 0; i < sizeof whole / sizeof *whole; i++) {
		assert_int_equal(remote_pause_ms(i + 1, 0), whole[i] / 2);
		assert_int_equal(
		    remote_pause_ms(i + 1, whole[i] / 2), whole[i]);
		for (uint32_t random = 1; random < 0xf0000000; random *= 3) {
			uint32_t pause_ms = remote_pause_ms(i + 1, random);

			assert_in_range(pause_ms, whole[i] / 2, whole[i]);
			if (random > 0x50000000)
				break;
		}
	}
	assert_int_equal(remote_pause_ms(4000000000u, 0), 5000);
}

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
	    "", "host", "host:", ":1", "host:x", "host:70000", "[::1]"};
	struct remote *none = NULL;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (remote_create(bad[i], shop.for_till, "", &none, &err) !=
		    RESULT_INVALID)
			fail_msg("'%s' was taken", bad[i]);
	assert_null(none);
}

static void it_says_hello_and_then_carries_requests(void **state)
{
	tally_Reply reply;

	(void)state;
	remote_set_next_counter(remote, 42);
	assert_int_equal(remote_handle(remote), -1);
	wait_request(tally_Request_hello_tag);
	assert_int_equal(request.body.hello.protocol, 1);
	assert_int_equal(request.body.hello.next_counter, 42);
	assert_string_equal(request.body.hello.software, "test 1");
	reply = hello_reply();
	server_reply(&reply);
	wait_event(REMOTE_UP);
	assert_int_equal(event.reply->body.hello.terminal, 3);
	send_ping_like(7);
	wait_request(tally_Request_ping_tag);
	assert_int_equal(request.id, 7);
	server_pong(7);
	wait_event(REMOTE_REPLY);
	assert_int_equal(event.reply->id, 7);
	expect_no_event();
}

static void requests_are_pipelined_and_answered_in_any_order(void **state)
{
	(void)state;
	come_up();
	for (uint64_t id = 1; id <= 18; id++)
		send_ping_like(id);
	for (uint64_t id = 1; id <= 18; id++) {
		wait_request(tally_Request_ping_tag);
		assert_int_equal(request.id, id);
	}
	for (uint64_t id = 18; id >= 1; id--)
		server_pong(id);
	for (uint64_t id = 18; id >= 1; id--) {
		wait_event(REMOTE_REPLY);
		assert_int_equal(event.reply->id, id);
	}
}

static void a_reply_in_pieces_is_put_together(void **state)
{
	struct buffer frame = {0};
	tally_Reply reply = tally_Reply_init_zero;

	(void)state;
	come_up();
	send_ping_like(9);
	wait_request(tally_Request_ping_tag);
	reply.id = 9;
	reply.which_body = tally_Reply_pong_tag;
	reply.body.pong.time_ms = 123456789;
	assert_int_equal(message_append_reply(&frame, &reply, NULL), RESULT_OK);
	for (size_t i = 0; i < frame.size - 1; i++) {
		server_send_plain(bytes_of(&frame.data[i], 1));
		remote_step();
		assert_false(remote_next(remote, now_ms, &event));
	}
	server_send_plain(bytes_of(&frame.data[frame.size - 1], 1));
	wait_event(REMOTE_REPLY);
	assert_int_equal(event.reply->body.pong.time_ms, 123456789);
	buffer_finish(&frame);
}

static void nobody_there_is_down_and_tried_again_with_pauses(void **state)
{
	(void)state;
	close(listening);
	listening = -1;
	for (unsigned failures = 1; failures <= 8; failures++) {
		uint64_t whole_ms = remote_pause_ms(failures, 0) * 2;

		wait_event(REMOTE_DOWN);
		assert_string_equal(event.why, "server_away");
		assert_non_null(strstr(event.say, "refused"));
		assert_in_range(remote_deadline_ms(remote) - now_ms,
		    whole_ms / 2, whole_ms);
		expect_no_event();
		now_ms = remote_deadline_ms(remote);
	}
}

static void a_steady_connection_that_breaks_is_tried_at_once(void **state)
{
	(void)state;
	come_up();
	now_ms += REMOTE_STEADY_MS;
	server_close();
	wait_event(REMOTE_LOST);
	assert_true(remote_deadline_ms(remote) <= now_ms);
	come_up();
	/* One that breaks at once gets a pause: the server may be in trouble
	 * with this very till. */
	server_close();
	wait_event(REMOTE_DOWN);
	assert_true(remote_deadline_ms(remote) > now_ms);
}

static void a_server_that_goes_and_stays_away_is_lost_then_down(void **state)
{
	(void)state;
	come_up();
	now_ms += REMOTE_STEADY_MS;
	close(listening);
	listening = -1;
	server_close();
	wait_event(REMOTE_LOST);
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "server_away");
}

static void answers_before_a_break_are_told_before_it(void **state)
{
	(void)state;
	come_up();
	now_ms += REMOTE_STEADY_MS;
	send_ping_like(1);
	send_ping_like(2);
	wait_request(tally_Request_ping_tag);
	wait_request(tally_Request_ping_tag);
	server_pong(1);
	server_pong(2);
	server_close();
	wait_event(REMOTE_REPLY);
	assert_int_equal(event.reply->id, 1);
	wait_event(REMOTE_REPLY);
	assert_int_equal(event.reply->id, 2);
	wait_event(REMOTE_LOST);
	/* What is sent in the meantime goes nowhere, harmlessly. */
	assert_int_equal(remote_handle(remote), -1);
}

static void silence_under_a_request_ends_the_connection(void **state)
{
	(void)state;
	come_up();
	send_ping_like(1);
	wait_request(tally_Request_ping_tag);
	assert_int_equal(remote_deadline_ms(remote), now_ms + REMOTE_ANSWER_MS);
	now_ms += REMOTE_ANSWER_MS - 1;
	expect_no_event();
	now_ms += 1;
	wait_event(REMOTE_LOST);
}

static void a_server_that_never_shakes_hands_is_given_up(void **state)
{
	(void)state;
	server_context = NULL;
	remote_step();
	expect_no_event();
	now_ms += REMOTE_CONNECT_MS;
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "server_away");
	assert_non_null(strstr(event.say, "does not answer"));
}

static void a_quiet_connection_is_pinged(void **state)
{
	(void)state;
	come_up();
	assert_int_equal(remote_deadline_ms(remote), now_ms + PING_MS);
	for (int i = 0; i < 3; i++) {
		now_ms += PING_MS - 1;
		expect_no_event();
		now_ms += 1;
		wait_request(tally_Request_ping_tag);
		assert_int_equal(
		    remote_deadline_ms(remote), now_ms + REMOTE_ANSWER_MS);
		server_pong(request.id);
		/* The pong is remote's own. */
		expect_no_event();
		assert_int_equal(remote_deadline_ms(remote), now_ms + PING_MS);
	}
}

static void a_refused_hello_is_told_even_where_the_server_hangs_up(void **state)
{
	tally_Reply reply = tally_Reply_init_zero;

	(void)state;
	wait_request(tally_Request_hello_tag);
	reply.id = request.id;
	reply.which_body = tally_Reply_refusal_tag;
	reply.body.refusal.code = REFUSAL_COUNTER_FORK;
	strcpy(reply.body.refusal.say, "A copy.");
	server_reply(&reply);
	server_close();
	wait_event(REMOTE_REFUSED);
	assert_int_equal(event.refusal.code, REFUSAL_COUNTER_FORK);
	assert_string_equal(event.refusal.say, "A copy.");
	assert_int_equal(remote_handle(remote), -1);
	assert_true(remote_deadline_ms(remote) > now_ms);
	expect_no_event();
	now_ms = remote_deadline_ms(remote);
	come_up();
}

static void another_protocol_is_no_hello(void **state)
{
	tally_Reply reply;

	(void)state;
	wait_request(tally_Request_hello_tag);
	reply = hello_reply();
	reply.body.hello.protocol = 2;
	server_reply(&reply);
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "protocol");
}

static void another_shops_server_is_not_trusted(void **state)
{
	(void)state;
	server_context = other_shop.for_server;
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "server_unknown");
}

static void what_is_no_tls_is_no_server(void **state)
{
	static const char text[] =
	    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

	(void)state;
	server_context = NULL;
	while (accepted < 0) {
		remote_step();
		server_step();
	}
	assert_int_equal(send(accepted, text, sizeof text - 1, MSG_NOSIGNAL),
	    sizeof text - 1);
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "protocol");
}

static void a_frame_beyond_repair_ends_the_connection(void **state)
{
	static const uint8_t bad[][4] = {
	    {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0x20, 1}};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		come_up();
		server_send_plain(bytes_of(bad[i], 4));
		wait_event(REMOTE_DOWN);
		assert_string_equal(event.why, "protocol");
		end(state);
		begin(state);
	}
	come_up();
	/* A whole frame whose message is none. */
	server_send_plain(bytes_of("\0\0\0\2\xff\xff", 6));
	wait_event(REMOTE_DOWN);
	assert_string_equal(event.why, "protocol");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pauses_double_from_a_quarter_to_ten_seconds),
	    cmocka_unit_test(an_address_that_is_none_is_refused),
	    TEST(it_says_hello_and_then_carries_requests),
	    TEST(requests_are_pipelined_and_answered_in_any_order),
	    TEST(a_reply_in_pieces_is_put_together),
	    TEST(nobody_there_is_down_and_tried_again_with_pauses),
	    TEST(a_steady_connection_that_breaks_is_tried_at_once),
	    TEST(a_server_that_goes_and_stays_away_is_lost_then_down),
	    TEST(answers_before_a_break_are_told_before_it),
	    TEST(silence_under_a_request_ends_the_connection),
	    TEST(a_server_that_never_shakes_hands_is_given_up),
	    TEST(a_quiet_connection_is_pinged),
	    TEST(a_refused_hello_is_told_even_where_the_server_hangs_up),
	    TEST(another_protocol_is_no_hello),
	    TEST(another_shops_server_is_not_trusted),
	    TEST(what_is_no_tls_is_no_server),
	    TEST(a_frame_beyond_repair_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, make_shops, finish_shops);
}
