/*
 * till_world: the till's core with a scripted server and a scripted clock, for
 * the tests of it. What it shows is looked at as the JSON lines that an
 * integrator would read. A test program includes it once.
 */
#ifndef TESTS_UNIT_CLIENT_TILL_WORLD_H
#define TESTS_UNIT_CLIENT_TILL_WORLD_H

#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client/json.h"
#include "client/till.h"

/* Not every test program needs all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

#define CARD "2912345678906"
#define OTHER "20123451"

/* --- a till, its folder, and what it showed ------------------------------- */

static char folder[64];
static struct outbox *outbox;
static struct till *till;
static struct buffer shown;
static uint64_t now_ms;
static tally_HelloReply hello;
static tally_Request request;

static void show(void *context, const struct till_result *result)
{
	json_append_result(context, result);
}

static void open_till(void)
{
	struct error err = {0};

	if (outbox_open(folder, &outbox, &err) != RESULT_OK ||
	    till_create(outbox, show, &shown, &till, &err) != RESULT_OK)
		fail_msg("%s", err.text);
}

static void close_till(void)
{
	till_destroy(till);
	outbox_close(outbox);
}

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/till-XXXXXX");
	assert_non_null(mkdtemp(folder));
	now_ms = 1000000;
	memset(&hello, 0, sizeof hello);
	hello.protocol = 1;
	hello.terminal = 3;
	strcpy(hello.shop, "Corner Coffee");
	strcpy(hello.currency, "EUR");
	open_till();
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	close_till();
	buffer_finish(&shown);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : 1;
}

static const char *shown_text(void)
{
	assert_int_equal(
	    buffer_append(&shown, bytes_of("", 1), NULL), RESULT_OK);
	shown.size--;
	return (const char *)shown.data;
}

static void forget(void)
{
	shown.size = 0;
}

/* All that was shown since the last time, exactly. */
static void expect(const char *lines)
{
	assert_string_equal(shown_text(), lines);
	forget();
}

static void expect_part(const char *part)
{
	if (!strstr(shown_text(), part))
		fail_msg("'%s' lacks '%s'", shown_text(), part);
}

static void expect_no(const char *part)
{
	if (strstr(shown_text(), part))
		fail_msg("'%s' has '%s'", shown_text(), part);
}

static void up(void)
{
	till_link_up(till, &hello, now_ms);
	forget();
}

static void down(void)
{
	till_link_down(till, "server_away", "It cannot be reached.", now_ms);
}

static void pass(uint64_t ms)
{
	now_ms += ms;
	till_time(till, now_ms);
	till_told(till, now_ms);
}

static struct till_command ask(enum till_do what, const char *card)
{
	struct till_command command = {.what = what};

	snprintf(command.card, sizeof command.card, "%s", card);
	return command;
}

static void do_it(struct till_command command)
{
	assert_true(till_is_ready(till));
	till_command(till, &command, now_ms);
}

static void earn(const char *card, uint64_t amount_minor)
{
	struct till_command command = ask(TILL_DO_EARN, card);

	command.amount_minor = amount_minor;
	strcpy(command.receipt, "A-17");
	do_it(command);
}

static void redeem(const char *card, const char *reward)
{
	struct till_command command = ask(TILL_DO_REDEEM, card);

	snprintf(command.reward, sizeof command.reward, "%s", reward);
	do_it(command);
}

static void return_goods(uint64_t entry, uint64_t amount_minor)
{
	struct till_command command = ask(TILL_DO_RETURN, "");

	command.entry = entry;
	command.amount_minor = amount_minor;
	do_it(command);
}

static void login(uint32_t cashier, const char *pin)
{
	struct till_command command = ask(TILL_DO_LOGIN, "");

	command.cashier = cashier;
	snprintf(command.pin, sizeof command.pin, "%s", pin);
	do_it(command);
}

/* The next request must be there and be of this kind. */
static void take(pb_size_t body)
{
	assert_true(till_next_request(till, now_ms, &request));
	assert_int_equal(request.which_body, body);
}

static void take_nothing(void)
{
	assert_false(till_next_request(till, now_ms, &request));
}

static tally_Reply reply_to(uint64_t id, pb_size_t body)
{
	tally_Reply reply = tally_Reply_init_zero;

	reply.id = id;
	reply.which_body = body;
	return reply;
}

static void answer_operation(uint64_t id, int64_t points, int64_t balance)
{
	tally_Reply reply = reply_to(id, tally_Reply_operation_tag);

	reply.body.operation.entry = 57;
	reply.body.operation.points = points;
	reply.body.operation.balance = balance;
	reply.body.operation.hash.size = 32;
	memset(reply.body.operation.hash.bytes, 0xab, 32);
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void answer_refusal(uint64_t id, enum refusal_code code)
{
	tally_Reply reply = reply_to(id, tally_Reply_refusal_tag);

	reply.body.refusal.code = code;
	strcpy(reply.body.refusal.say, "Because.");
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void answer_login(uint64_t id, uint8_t fill)
{
	tally_Reply reply = reply_to(id, tally_Reply_login_tag);

	reply.body.login.ticket.size = OPERATION_TICKET_SIZE;
	memset(reply.body.login.ticket.bytes, fill, OPERATION_TICKET_SIZE);
	strcpy(reply.body.login.name, "Front desk");
	reply.body.login.role = ROLE_CASHIER;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

static void log_in(uint32_t cashier, uint8_t fill)
{
	login(cashier, "1234");
	take(tally_Request_login_tag);
	answer_login(request.id, fill);
	forget();
}

static void answer_page(
    uint64_t id, const char *reward, uint64_t points, uint32_t next)
{
	tally_Reply reply = reply_to(id, tally_Reply_rewards_tag);

	reply.body.rewards.rewards_count = 1;
	strcpy(reply.body.rewards.rewards[0].id, reward);
	strcpy(reply.body.rewards.rewards[0].name, reward);
	reply.body.rewards.rewards[0].points = points;
	reply.body.rewards.next = next;
	reply.body.rewards.programme = 2;
	till_reply(till, &reply, now_ms);
	till_told(till, now_ms);
}

/* A shop whose reward "coffee" of 150 points the till has heard of. */
static void hear_rewards(uint64_t offline_points_max)
{
	hello.programme = 2;
	hello.offline_redeem_points_max = offline_points_max;
	up();
	take(tally_Request_rewards_tag);
	answer_page(request.id, "coffee", 150, 0);
	take_nothing();
	forget();
}

#define HASH "abababababababababababababababababababababababababababababababab"
#define DONE                                                      \
	"\"ok\":true,\"points\":12,\"balance\":112,\"entry\":57," \
	"\"hash\":\"" HASH "\""
/* What only the answer to a command names; and the end of either. */
#define OPERATION(counter) ",\"operation\":" counter
#define REST ",\"spendable\":0}\n"

#endif
