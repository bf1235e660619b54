/*
 * The limits of a running server: what goes past one is cut or made to wait,
 * and everybody else is served meanwhile.
 */
#include "tests/support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "proto/frame.h"
#include "tests/support/client.h"

#define CARD "2912345678906"

/* --- bare sockets --------------------------------------------------------- */

static int dial(const struct fixture *fixture)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port =
		htons((uint16_t)atoi(strchr(fixture->address, ':') + 1)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(handle >= 0);
	assert_int_equal(
	    connect(handle, (struct sockaddr *)&to, sizeof(to)), 0);
	return handle;
}

static int dial_owner(const struct fixture *fixture)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(handle >= 0);
	(void)snprintf(
	    to.sun_path, sizeof(to.sun_path), "%.90s/socket", fixture->shop);
	assert_int_equal(
	    connect(handle, (struct sockaddr *)&to, sizeof(to)), 0);
	return handle;
}

/* Read until the server closes it, which must come; how much there was. */
static size_t await_close(int handle)
{
	uint64_t deadline_ms = clock_monotonic_ms() + PROCESS_WAIT_MS;
	struct pollfd wait = {.fd = handle, .events = POLLIN};
	char bytes[4096];
	size_t size = 0;
	ssize_t got = 1;

	while (got > 0) {
		if (clock_monotonic_ms() > deadline_ms ||
		    poll(&wait, 1, PROCESS_WAIT_MS) <= 0)
			fail_msg("the server does not close it");
		got = read(handle, bytes, sizeof(bytes));
		size += got > 0 ? (size_t)got : 0;
	}
	close(handle);
	return size;
}

static void send_all(int handle, const void *bytes, size_t size)
{
	(void)!send(handle, bytes, size, MSG_NOSIGNAL);
}

/* Is a till still served? */
static void check_served(struct client *client)
{
	client_request(client, tally_Request_ping_tag);
	if (client_ask(client) != 0)
		fail_msg("the till is not served: %s", client->err.text);
}

static struct client *a_till(struct fixture *fixture)
{
	static struct client client;

	client_enrol(fixture, "till", "till", &client);
	if (client_connect(&client) != RESULT_OK)
		fail_msg("%s", client.err.text);
	return &client;
}

/* --- what is not the protocol --------------------------------------------- */

static void garbage_is_cut_and_harms_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	uint8_t bytes[2048];
	uint32_t random = 1;

	for (int round = 0; round < 20; round++) {
		int handle = dial(fixture);

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 1664525u + 1013904223u;
			bytes[i] = (uint8_t)(random >> 24);
		}
		if (round % 3 == 0)
			memcpy(bytes, "GET / HTTP/1.1\r\n\r\n", 18);
		send_all(handle, bytes, 1 + random % sizeof(bytes));
		(void)shutdown(handle, SHUT_WR);
		(void)await_close(handle);
		check_served(till);
	}
	client_finish(till);
}

static void frames_that_cannot_be_are_answered_and_cut(void **state)
{
	static const uint8_t heads[][4] = {{0x7f, 0xff, 0xff, 0xff},
	    {0xff, 0xff, 0xff, 0xff}, {0, 0, 0x30, 0x01}, {0, 0, 0, 0}};
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	long long head = fixture_head(fixture);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		int handle = dial_owner(fixture);

		send_all(handle, heads[i], 4);
		/* A refusal comes first. */
		assert_true(await_close(handle) > FRAME_HEAD_SIZE);
		check_served(till);
	}
	for (uint8_t byte = 0; byte < 32; byte++) {
		uint8_t frame[] = {0, 0, 0, 3, byte, 0xff, byte};
		int handle = dial_owner(fixture);

		send_all(handle, frame, sizeof(frame));
		assert_true(await_close(handle) > FRAME_HEAD_SIZE);
	}
	check_served(till);
	client_finish(till);
	assert_int_equal(fixture_head(fixture), head);
}

static void a_frame_that_breaks_off_is_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	struct buffer frame = {0};
	long long head = fixture_head(fixture);
	struct error err;

	client_request(till, tally_Request_reward_add_tag);
	(void)strcpy(till->request.body.reward_add.reward, "tea");
	(void)strcpy(till->request.body.reward_add.name, "Tea");
	till->request.body.reward_add.points = 5;
	assert_int_equal(
	    message_append_request(&frame, &till->request, &err), RESULT_OK);
	for (size_t cut = 1; cut < frame.size; cut++) {
		int handle = dial_owner(fixture);

		send_all(handle, frame.data, cut);
		(void)shutdown(handle, SHUT_WR);
		assert_int_equal(await_close(handle), 0);
	}
	buffer_finish(&frame);
	assert_int_equal(fixture_head(fixture), head);
	client_finish(till);
}

/* --- what is slow --------------------------------------------------------- */

static void slow_ones_are_cut_in_time_and_hold_up_nobody(void **state)
{
	static const uint8_t half[] = {0, 0, 0, 9, 1};
	static const uint8_t hello[] = {22, 3, 1, 2, 0, 1, 0};
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	uint64_t start_ms = clock_monotonic_ms();
	int silent = dial(fixture);
	int slow = dial(fixture);
	int request = dial_owner(fixture);
	struct client mute;

	client_enrol(fixture, "till", "mute", &mute);
	assert_int_equal(
	    link_open_tls(mute.identity.address, mute.identity.context,
		PROCESS_WAIT_MS, &mute.link, &mute.err),
	    RESULT_OK);
	send_all(slow, hello, sizeof(hello));
	send_all(request, half, sizeof(half));
	check_served(till);
	assert_int_equal(await_close(silent), 0);
	(void)await_close(slow);
	assert_true(await_close(request) > FRAME_HEAD_SIZE);
	/* It shook hands, and then asked nothing. */
	assert_int_equal(
	    link_receive(mute.link, PROCESS_WAIT_MS, &mute.reply, &mute.err),
	    RESULT_CLOSED);
	client_finish(&mute);
	/* Not before their time. */
	assert_true(clock_monotonic_ms() - start_ms >= HANDSHAKE_MS_MAX - 100);
	check_served(till);
	client_finish(till);
}

/* --- what is too many ----------------------------------------------------- */

static void connections_past_the_limit_are_closed_at_once(void **state)
{
	static const char *const few[] = {"--connections", "5", NULL};
	struct fixture *fixture = *state;
	struct client tills[7];
	size_t served = 0;

	client_enrol(fixture, "till", "till", &tills[0]);
	assert_int_equal(fixture_stop(fixture), 0);
	fixture->extra = few;
	fixture_run(fixture);
	for (size_t i = 1; i < 7; i++)
		tills[i] = tills[0];
	for (size_t i = 0; i < 7; i++)
		served += client_connect(&tills[i]) == RESULT_OK;
	assert_int_equal(served, 5);
	check_served(&tills[0]);
	client_close(&tills[1]);
	/* Its end may take the server a moment to see. */
	for (int tries = 0; tries < 600; tries++) {
		if (client_connect(&tills[6]) == RESULT_OK)
			break;
		usleep(20000);
	}
	check_served(&tills[6]);
	for (size_t i = 1; i < 7; i++)
		client_close(&tills[i]);
	client_finish(&tills[0]);
}

static void many_that_never_shake_hands_leave_room_when_they_go(void **state)
{
	enum { MANY = HANDSHAKES_MAX + 40 };
	static int handles[MANY];
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	size_t closed = 0;

	for (size_t i = 0; i < MANY; i++)
		handles[i] = dial(fixture);
	/* Those past the limit are closed; who was there before is served. */
	for (size_t i = HANDSHAKES_MAX; i < MANY; i++) {
		struct pollfd wait = {.fd = handles[i], .events = POLLIN};

		closed += poll(&wait, 1, PROCESS_WAIT_MS) == 1;
	}
	assert_int_equal(closed, MANY - HANDSHAKES_MAX);
	check_served(till);
	for (size_t i = 0; i < MANY; i++)
		close(handles[i]);
	client_close(till);
	for (int tries = 0; tries < 600; tries++) {
		if (client_connect(till) == RESULT_OK)
			break;
		usleep(20000);
	}
	check_served(till);
	client_finish(till);
}

static void more_requests_than_may_be_in_flight_wait_their_turn(void **state)
{
	enum { MANY = 10 * IN_FLIGHT_MAX };
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	static bool seen[MANY + 16];
	uint64_t first = 0;

	for (size_t i = 0; i < MANY; i++) {
		client_request(till, tally_Request_ping_tag);
		assert_int_equal(
		    link_send(till->link, &till->request, &till->err),
		    RESULT_OK);
		if (i == 0)
			first = till->request.id;
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(link_receive(till->link, PROCESS_WAIT_MS,
				     &till->reply, &till->err),
		    RESULT_OK);
		assert_int_equal(till->reply.which_body, tally_Reply_pong_tag);
		assert_in_range(till->reply.id, first, first + MANY - 1);
		assert_false(seen[till->reply.id - first]);
		seen[till->reply.id - first] = true;
	}
	client_finish(till);
}

/* The largest sale that there is. */
static void fill_large(struct client *till)
{
	tally_Earn *earn;

	client_fill_earn(till, ++till->counter, CARD, LINES_MAX);
	earn = &till->request.body.earn;
	earn->lines_count = LINES_MAX;
	memset(earn->receipt, 'r', RECEIPT_SIZE_MAX);
	for (size_t i = 0; i < LINES_MAX; i++) {
		memset(earn->lines[i].category, 'c', LINE_NAME_SIZE_MAX);
		memset(earn->lines[i].product, 'p', LINE_NAME_SIZE_MAX);
		earn->lines[i].quantity = LINE_QUANTITY_MAX;
		earn->lines[i].amount_minor = 1;
	}
}

/* Many of them at once take their room for as long as they are under way. */
static void sales_of_a_hundred_lines_are_taken(void **state)
{
	enum { MANY = 20 * IN_FLIGHT_MAX };
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	size_t memory_kib = process_memory_kib(&fixture->server);

	client_member(till, CARD);
	for (size_t i = 0; i < MANY; i++) {
		fill_large(till);
		assert_int_equal(
		    link_send(till->link, &till->request, &till->err),
		    RESULT_OK);
		if (i < IN_FLIGHT_MAX)
			continue;
		assert_int_equal(link_receive(till->link, PROCESS_WAIT_MS,
				     &till->reply, &till->err),
		    RESULT_OK);
		assert_int_equal(
		    till->reply.which_body, tally_Reply_operation_tag);
	}
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++)
		assert_int_equal(link_receive(till->link, PROCESS_WAIT_MS,
				     &till->reply, &till->err),
		    RESULT_OK);
	if (!is_short())
		assert_true(
		    process_memory_kib(&fixture->server) < memory_kib + 32768);
	assert_int_equal(client_balance(till, CARD), MANY);
	client_finish(till);
	fixture_audit(fixture);
}

/* Write requests and read nothing, until the server takes no more. */
static size_t send_until_full(int handle, struct bytes frame)
{
	struct pollfd wait = {.fd = handle, .events = POLLOUT};
	size_t sent = 0;

	(void)fcntl(handle, F_SETFL, O_NONBLOCK);
	/* Whole seconds without room: it has stopped to read. */
	while (poll(&wait, 1, 2000) == 1 && sent < (size_t)256 << 20) {
		size_t at = sent % frame.size;
		ssize_t done = send(
		    handle, frame.data + at, frame.size - at, MSG_NOSIGNAL);

		if (done < 0 && errno != EAGAIN)
			fail_msg("the server has cut it");
		sent += done > 0 ? (size_t)done : 0;
	}
	return sent / frame.size;
}

static void who_does_not_read_is_not_read_from(void **state)
{
	struct fixture *fixture = *state;
	struct client *till = a_till(fixture);
	struct buffer frame = {0};
	int handle = dial_owner(fixture);
	size_t memory_kib;
	size_t sent;

	client_request(till, tally_Request_ledger_show_tag);
	assert_int_equal(
	    message_append_request(&frame, &till->request, &till->err),
	    RESULT_OK);
	memory_kib = process_memory_kib(&fixture->server);
	sent = send_until_full(handle, buffer_view(&frame));
	assert_true(sent < (size_t)8 << 20);
	check_served(till);
	assert_true(process_memory_kib(&fixture->server) < memory_kib + 65536);
	close(handle);
	buffer_finish(&frame);
	client_finish(till);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(garbage_is_cut_and_harms_nobody),
	    TEST(frames_that_cannot_be_are_answered_and_cut),
	    TEST(a_frame_that_breaks_off_is_nothing),
	    TEST(slow_ones_are_cut_in_time_and_hold_up_nobody),
	    TEST(connections_past_the_limit_are_closed_at_once),
	    TEST(many_that_never_shake_hands_leave_room_when_they_go),
	    TEST(more_requests_than_may_be_in_flight_wait_their_turn),
	    TEST(sales_of_a_hundred_lines_are_taken),
	    TEST(who_does_not_read_is_not_read_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
