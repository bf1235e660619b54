/*
 * session_world: both ends of a session, over real TLS in memory and on the
 * owner's side without it.
 */
#ifndef TESTS_UNIT_SERVER_SESSION_WORLD_H
#define TESTS_UNIT_SERVER_SESSION_WORLD_H

#include "net_world.h"

#include "server/session.h"

#define NOW 1000000u

static struct world world;
static struct channel_context *client;
static struct mailbox mailbox;

static inline void ignore_wake(void *context)
{
	(void)context;
}

static inline int setup_world(void **state)
{
	struct error err;

	(void)state;
	world_init(&world);
	client = world_client(&world, ROLE_TERMINAL, 7);
	must(mailbox_init(&mailbox, ignore_wake, NULL, &err));
	return 0;
}

static inline int teardown_world(void **state)
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

static inline void pair_open(struct pair *pair, struct channel_context *context)
{
	struct error err;

	memset(pair, 0, sizeof(*pair));
	pair->now_ms = NOW;
	must(session_create(context != NULL ? world.server : NULL,
	    world.presence, &mailbox, NOW, &pair->session, &err));
	till_init(&pair->till, context);
}

static inline struct job *pair_take_job(struct pair *pair)
{
	struct job *job = pair->jobs;

	assert_non_null(job);
	pair->jobs = job->next;
	job->next = NULL;
	return job;
}

static inline void pair_complete(struct pair *pair, struct job *job)
{
	session_complete(pair->session, job, pair->now_ms);
}

static inline void pair_flush(struct pair *pair)
{
	session_flush(pair->session, pair->now_ms, &pair->jobs);
}

/* Answer everything that was given out, as one group. */
static inline void pair_answer(struct pair *pair)
{
	while (pair->jobs != NULL) {
		struct job *job = pair_take_job(pair);

		answer(job);
		pair_complete(pair, job);
	}
	pair_flush(pair);
}

static inline void pair_to_server(struct pair *pair)
{
	struct bytes sent = buffer_view(&pair->till.output);

	session_receive(pair->session, sent, pair->now_ms, &pair->jobs);
	pair->till.output.size = 0;
}

static inline void pair_to_till(struct pair *pair)
{
	struct bytes output = session_output(pair->session);
	struct error err;

	must(till_receive(&pair->till, output, &err));
	session_sent(pair->session, output.size);
}

/* Carry bytes both ways until nobody has any. */
static inline void pair_carry(struct pair *pair)
{
	while (pair->till.output.size > 0 ||
	       session_output(pair->session).size > 0) {
		if (pair->till.output.size > 0)
			pair_to_server(pair);
		pair_to_till(pair);
	}
}

static inline void pair_close(struct pair *pair)
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
static inline void pair_open_till(struct pair *pair)
{
	pair_open(pair, client);
	assert_true(session_is_stranger(pair->session));
	pair_carry(pair);
	assert_false(session_is_stranger(pair->session));
	assert_true(channel_is_open(pair->till.channel));
}

static inline void pair_expect_reply(
    struct pair *pair, uint64_t id, pb_size_t which, tally_Reply *ret_reply)
{
	assert_true(till_reply(&pair->till, ret_reply));
	assert_int_equal(ret_reply->id, id);
	assert_int_equal(ret_reply->which_body, which);
}

/* Pongs for the pings with the ids from `first` to `last`. */
static inline void pair_expect_pongs(
    struct pair *pair, uint64_t first, uint64_t last)
{
	tally_Reply reply;

	for (uint64_t id = first; id <= last; id++)
		pair_expect_reply(pair, id, tally_Reply_pong_tag, &reply);
}

static inline void pair_expect_refusal(
    struct pair *pair, uint64_t id, enum refusal_code code)
{
	tally_Reply reply;

	pair_expect_reply(pair, id, tally_Reply_refusal_tag, &reply);
	assert_int_equal(reply.body.refusal.code, code);
	assert_true(strlen(reply.body.refusal.say) > 0);
}

/* Past hello, with nothing in flight. */
static inline void pair_open_ready(struct pair *pair)
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

static inline void pair_send_pings(struct pair *pair, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tally_Request ping = request_ping();

		till_send(&pair->till, &ping);
	}
}

static inline void pair_expect_closing(struct pair *pair, const char *reason)
{
	assert_true(session_is_closing(pair->session));
	assert_false(session_wants_input(pair->session));
	assert_string_equal(session_reason(pair->session), reason);
}

/* --- enrolling ------------------------------------------------------------ */

static inline void pair_open_enroller(
    struct pair *pair, struct channel_context **ret)
{
	*ret = world_enroller(&world);
	pair_open(pair, *ret);
	pair_carry(pair);
	assert_true(channel_is_open(pair->till.channel));
}

#endif
