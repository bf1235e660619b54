/*
 * session: what one connection may do next, and when it has to end.
 *
 * Bytes go: received -> channel -> `input` -> frame -> job, and a finished
 * job's reply -> `plain` -> channel -> `output`. Requests are decoded straight
 * out of `input`; a session at rest gives its buffers back, for there may be
 * thousands of them.
 */
#include "server/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"

#define CUT_REASON_SIZE_MAX 160u
#define NEVER_MS UINT64_MAX

/* A buffer of this size may stay with a session at rest. */
#define BUFFER_KEPT_SIZE_MAX 1024u

/* What a frame of entries takes beside its records. */
#define ENTRIES_FRAME_EXTRA 64u

enum session_state {
	SESSION_HANDSHAKE,
	SESSION_ENROLLING, /* one enrol request is all that is taken */
	SESSION_HELLO,	   /* hello is what is taken first */
	SESSION_GREETING,  /* hello is in flight */
	SESSION_OPEN,
	SESSION_CLOSING,
};

struct session {
	enum session_state state;
	struct channel *channel; /* NULL on the owner's socket */
	struct presence *presence;
	struct mailbox *mailbox;
	struct caller caller;

	struct frame_reader reader;
	struct buffer input;  /* decrypted, not yet taken up */
	struct buffer plain;  /* replies, not yet encrypted */
	struct buffer output; /* to be sent */

	size_t in_flight;
	size_t owed_size; /* output that jobs in flight will bring */
	bool is_present;  /* counted in presence */
	bool is_paused;	  /* input was left waiting for room */
	bool is_stopping; /* the server stops */
	bool is_ended;	  /* the peer sends nothing more */
	bool is_sealed;	  /* nothing more may be encrypted */
	bool is_dead;

	uint64_t started_ms;
	uint64_t request_ms; /* the first byte of the frame being read */
	uint64_t active_ms;  /* the last whole request */
	uint64_t closing_ms;
	char reason[CUT_REASON_SIZE_MAX];
};

enum result session_create(struct channel_context *context,
    struct presence *presence, struct mailbox *mailbox, uint64_t now_ms,
    struct session **ret_session, struct error *err)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return error_no_memory(err);
	session->presence = presence;
	session->mailbox = mailbox;
	session->started_ms = now_ms;
	session->active_ms = now_ms;
	if (context == NULL) {
		session->state = SESSION_OPEN;
		session->caller.peer.role = ROLE_OWNER;
		session->caller.said_hello = true;
	} else {
		enum result result =
		    channel_create(context, &session->channel, err);

		if (result != RESULT_OK) {
			free(session);
			return result;
		}
		session->state = SESSION_HANDSHAKE;
	}
	frame_reader_init(&session->reader, FRAME_REQUEST_SIZE_MAX);
	*ret_session = session;
	return RESULT_OK;
}

static void session_leave(struct session *session)
{
	if (session->is_present)
		presence_disconnect(
		    session->presence, session->caller.peer.number);
	session->is_present = false;
}

void session_destroy(struct session *session)
{
	if (session == NULL)
		return;
	assert(session->in_flight == 0);
	session_leave(session);
	frame_reader_finish(&session->reader);
	buffer_finish(&session->input);
	buffer_finish(&session->plain);
	buffer_finish(&session->output);
	channel_destroy(session->channel);
	free(session);
}

/* --- ends ----------------------------------------------------------------- */

/* Take nothing more; what is in flight ends and is answered. The first reason
 * is the one that is kept. */
static void session_close(
    struct session *session, const char *reason, uint64_t now_ms)
{
	if (session->state == SESSION_CLOSING)
		return;
	session->state = SESSION_CLOSING;
	session->closing_ms = now_ms;
	snprintf(session->reason, sizeof(session->reason), "%.*s",
	    (int)CUT_REASON_SIZE_MAX - 1, reason);
	session_leave(session);
	session->input.size = 0;
}

/* Nothing can be said any more, or nothing may be. */
static void session_kill(
    struct session *session, const char *reason, uint64_t now_ms)
{
	session_close(session, reason, now_ms);
	session->is_dead = true;
	session->is_sealed = true;
}

/* --- output --------------------------------------------------------------- */

static void buffer_rest(struct buffer *buffer)
{
	if (buffer->size == 0 && buffer->capacity > BUFFER_KEPT_SIZE_MAX)
		buffer_finish(buffer);
}

static void session_rest(struct session *session)
{
	if (session->in_flight > 0)
		return;
	buffer_rest(&session->input);
	buffer_rest(&session->plain);
	buffer_rest(&session->output);
}

static void session_encrypt(struct session *session, uint64_t now_ms)
{
	struct bytes plain = buffer_view(&session->plain);
	struct error err;
	enum result result;

	if (plain.size == 0 || session->is_sealed)
		return;
	if (session->channel == NULL)
		result = buffer_append(&session->output, plain, &err);
	else
		result = channel_send(
		    session->channel, plain, &session->output, &err);
	session->plain.size = 0;
	if (result != RESULT_OK)
		session_kill(session, err.text, now_ms);
}

/* After anything that may have brought output or an end. */
static void session_settle(struct session *session, uint64_t now_ms)
{
	if (session->is_stopping && session->in_flight == 0)
		session_close(session, "the server stops", now_ms);
	session_encrypt(session, now_ms);
	if (session->state == SESSION_CLOSING && session->in_flight == 0 &&
	    !session->is_sealed) {
		if (session->channel != NULL)
			channel_close(session->channel, &session->output);
		session->is_sealed = true;
	}
	session_rest(session);
}

static void session_answer(
    struct session *session, const tally_Reply *reply, uint64_t now_ms)
{
	struct error err;

	if (session->is_sealed)
		return;
	if (message_append_reply(&session->plain, reply, &err) != RESULT_OK)
		session_kill(session, err.text, now_ms);
}

static void session_refuse(struct session *session, uint64_t id,
    enum refusal_code code, const char *say, uint64_t now_ms)
{
	struct refusal refusal = {.code = code};
	tally_Reply reply;

	snprintf(refusal.say, sizeof(refusal.say), "%s", say);
	reply.id = id;
	message_set_refusal(&reply, &refusal);
	session_answer(session, &reply, now_ms);
}

static void session_malformed(
    struct session *session, uint64_t id, const char *what, uint64_t now_ms)
{
	char reason[CUT_REASON_SIZE_MAX];

	snprintf(reason, sizeof(reason), "malformed: %.*s",
	    (int)CUT_REASON_SIZE_MAX / 2, what);
	session_refuse(session, id, REFUSAL_MALFORMED, what, now_ms);
	session_close(session, reason, now_ms);
}

/* --- requests ------------------------------------------------------------- */

/* Output that will come all at once: a stream of entries. */
static size_t request_owed_size(const tally_Request *request)
{
	size_t chunks = 0;

	if (request->which_body == tally_Request_entries_tag)
		chunks = request->body.entries.chunks;
	if (chunks > ENTRIES_CHUNKS_MAX)
		chunks = ENTRIES_CHUNKS_MAX;
	return chunks * (ENTRIES_CHUNK_SIZE_MAX + ENTRIES_FRAME_EXTRA);
}

static bool session_is_revoked(const struct session *session)
{
	return session->channel != NULL && !session->caller.is_enrolling &&
	       session->state != SESSION_HANDSHAKE &&
	       presence_is_revoked(
		   session->presence, session->caller.peer.number);
}

/* May this request be taken up? If not, it is answered. */
static bool session_admits(
    struct session *session, const tally_Request *request, uint64_t now_ms)
{
	uint64_t id = request->id;

	if (session_is_revoked(session)) {
		session_refuse(session, id, REFUSAL_TERMINAL_REVOKED,
		    "This till has been revoked.", now_ms);
		session_close(session, "revoked", now_ms);
		return false;
	}
	if (session->is_stopping) {
		session_refuse(session, id, REFUSAL_SHUTTING_DOWN,
		    "The server is stopping. Try again.", now_ms);
		return false;
	}
	if (session->state == SESSION_ENROLLING &&
	    (session->in_flight > 0 ||
		request->which_body != tally_Request_enrol_terminal_tag)) {
		session_malformed(session, id,
		    "one enrol request is all that is taken here", now_ms);
		return false;
	}
	if (session->state == SESSION_HELLO &&
	    request->which_body != tally_Request_hello_tag) {
		session_malformed(
		    session, id, "the first request must be hello", now_ms);
		return false;
	}
	return true;
}

/* The reply is left as it is: it is large, and the worker's to fill. */
static void session_give(
    struct session *session, struct job *job, struct job **ret_jobs)
{
	while (*ret_jobs != NULL)
		ret_jobs = &(*ret_jobs)->next;
	*ret_jobs = job;
	job->next = NULL;
	job->mailbox = session->mailbox;
	job->session = session;
	job->caller = session->caller;
	job->end = JOB_REPLY;
	job->frames = (struct buffer){0};
	job->pin_is_hashed = false;
	session->in_flight++;
	session->owed_size += request_owed_size(&job->request);
	if (session->state == SESSION_HELLO)
		session->state = SESSION_GREETING;
}

static void session_request(struct session *session, struct bytes body,
    uint64_t now_ms, struct job **ret_jobs)
{
	struct job *job = mailbox_new_job(session->mailbox);
	struct error err;

	if (job == NULL) {
		session_kill(session, "out of memory", now_ms);
		return;
	}
	/* Stays where not even the id could be read. */
	job->request.id = 0;
	session->active_ms = now_ms;
	if (message_decode_request(body, &job->request, &err) != RESULT_OK)
		session_malformed(session, job->request.id, err.text, now_ms);
	else if (session_admits(session, &job->request, now_ms)) {
		session_give(session, job, ret_jobs);
		return;
	}
	mailbox_free_job(session->mailbox, job);
}

/* Is there room for another request, and for its answer? */
static bool session_has_room(const struct session *session)
{
	size_t queued_size =
	    session->output.size + session->plain.size + session->owed_size;

	return session->state != SESSION_CLOSING &&
	       session->state != SESSION_GREETING &&
	       session->in_flight < IN_FLIGHT_MAX &&
	       queued_size < OUTPUT_QUEUED_SIZE_MAX;
}

/* Take whole frames out of `*input` while there is room; the reader is asked
 * once more than there are, which lets it free the last one. Returns how
 * many. */
static size_t session_take(struct session *session, struct bytes *input,
    uint64_t now_ms, struct job **ret_jobs)
{
	size_t taken = 0;

	while (session_has_room(session)) {
		struct bytes body;
		struct error err;
		bool is_whole = false;
		enum result result = frame_reader_next(
		    &session->reader, input, &body, &is_whole, &err);

		if (result != RESULT_OK) {
			session_malformed(session, 0, err.text, now_ms);
			break;
		}
		if (!is_whole)
			break;
		session_request(session, body, now_ms, ret_jobs);
		taken++;
	}
	return taken;
}

static void session_process(
    struct session *session, uint64_t now_ms, struct job **ret_jobs)
{
	struct bytes input = buffer_view(&session->input);
	/* Time during which we did not want to read is not the peer's. */
	bool goes_on =
	    frame_reader_is_open(&session->reader) && !session->is_paused;
	size_t taken;

	taken = session_take(session, &input, now_ms, ret_jobs);
	/* Closing has emptied the buffer already. */
	if (session->state != SESSION_CLOSING)
		buffer_consume(
		    &session->input, session->input.size - input.size);
	if (!goes_on || taken > 0)
		session->request_ms = now_ms;
	session->is_paused = !session_has_room(session);
	if (session->is_ended && session->input.size == 0)
		session_close(session, "closed by the peer", now_ms);
}

/* --- bytes ---------------------------------------------------------------- */

static void session_opened(struct session *session, uint64_t now_ms)
{
	session->active_ms = now_ms;
	if (channel_is_enrolling(session->channel)) {
		session->caller.is_enrolling = true;
		session->state = SESSION_ENROLLING;
	} else {
		session->caller.peer = *channel_peer(session->channel);
		session->state = SESSION_HELLO;
	}
}

/* Decrypt to the end of `input`. */
static void session_decrypt(
    struct session *session, struct bytes received, uint64_t now_ms)
{
	struct error err;
	enum result result = channel_receive(session->channel, received,
	    &session->input, &session->output, &err);

	if (session->state == SESSION_HANDSHAKE &&
	    channel_is_open(session->channel))
		session_opened(session, now_ms);
	if (result == RESULT_OK)
		return;
	/* Whatever the end: such a channel takes no more to say, and what is
	 * in `output` is an alert. What was asked before a close is done. */
	session->is_sealed = true;
	if (result == RESULT_CLOSED && session->state != SESSION_HANDSHAKE)
		session->is_ended = true;
	else
		session_close(session, err.text, now_ms);
}

void session_receive(struct session *session, struct bytes received,
    uint64_t now_ms, struct job **ret_jobs)
{
	struct error err;

	if (session->state == SESSION_CLOSING || session->is_ended)
		return;
	if (session->channel != NULL)
		session_decrypt(session, received, now_ms);
	else if (buffer_append(&session->input, received, &err) != RESULT_OK)
		session_kill(session, err.text, now_ms);
	if (session->state != SESSION_HANDSHAKE &&
	    session->state != SESSION_CLOSING)
		session_process(session, now_ms, ret_jobs);
	session_settle(session, now_ms);
}

void session_end(struct session *session, uint64_t now_ms)
{
	session->is_ended = true;
	if (session->input.size == 0)
		session_close(session, "closed by the peer", now_ms);
	session_settle(session, now_ms);
}

/* Hello and enrolling are the requests whose answer changes the state. */
static void session_step(
    struct session *session, const struct job *job, uint64_t now_ms)
{
	bool is_refused = job->end != JOB_REPLY ||
			  job->reply.which_body == tally_Reply_refusal_tag;

	if (session->state == SESSION_ENROLLING) {
		session_close(session,
		    is_refused ? "enrolling refused" : "enrolled", now_ms);
	} else if (session->state == SESSION_GREETING && is_refused) {
		session_close(session, "hello refused", now_ms);
	} else if (session->state == SESSION_GREETING) {
		session->state = SESSION_OPEN;
		session->caller.said_hello = true;
		presence_connect(
		    session->presence, session->caller.peer.number);
		session->is_present = true;
	}
}

void session_complete(struct session *session, struct job *job, uint64_t now_ms)
{
	struct error err;

	assert(session->in_flight > 0);
	session->in_flight--;
	session->owed_size -= request_owed_size(&job->request);
	job->reply.id = job->request.id;
	if (job->end == JOB_CUT)
		session_kill(session, "cut: outcome unknown", now_ms);
	else if (job->end == JOB_REPLY)
		session_answer(session, &job->reply, now_ms);
	else if (!session->is_sealed &&
		 buffer_append(&session->plain, buffer_view(&job->frames),
		     &err) != RESULT_OK)
		session_kill(session, err.text, now_ms);
	session_step(session, job, now_ms);
	buffer_finish(&job->frames);
	mailbox_free_job(session->mailbox, job);
}

void session_flush(
    struct session *session, uint64_t now_ms, struct job **ret_jobs)
{
	if (session->is_paused && session->state != SESSION_CLOSING)
		session_process(session, now_ms, ret_jobs);
	session_settle(session, now_ms);
}

struct bytes session_output(const struct session *session)
{
	return buffer_view(&session->output);
}

void session_sent(struct session *session, size_t size)
{
	buffer_consume(&session->output, size);
	session_rest(session);
}

/* --- time ----------------------------------------------------------------- */

/* A handshake alone is too cheap to keep a place as long as a till may. */
static bool session_is_unasked(const struct session *session)
{
	return session->in_flight == 0 &&
	       (session->state == SESSION_HELLO ||
		   session->state == SESSION_ENROLLING);
}

uint64_t session_deadline_ms(const struct session *session)
{
	if (session->state == SESSION_HANDSHAKE)
		return session->started_ms + HANDSHAKE_MS_MAX;
	if (session_is_unasked(session))
		return session->active_ms + FIRST_REQUEST_MS_MAX;
	if (session->state == SESSION_CLOSING)
		return session->closing_ms + CLOSE_MS_MAX;
	if (frame_reader_is_open(&session->reader) && !session->is_paused)
		return session->request_ms + REQUEST_MS_MAX;
	if (session->in_flight == 0)
		return session->active_ms + IDLE_MS_MAX;
	return NEVER_MS;
}

void session_time(struct session *session, uint64_t now_ms)
{
	if (now_ms < session_deadline_ms(session))
		return;
	if (session->state == SESSION_HANDSHAKE)
		session_kill(session, "the handshake took too long", now_ms);
	else if (session->state == SESSION_CLOSING)
		session_kill(session, session->reason, now_ms);
	else if (session_is_unasked(session))
		session_close(session, "no first request", now_ms);
	else if (frame_reader_is_open(&session->reader) && !session->is_paused)
		session_malformed(
		    session, 0, "a request took too long to arrive", now_ms);
	else
		session_close(session, "idle", now_ms);
	session_settle(session, now_ms);
}

/* --- what the listener wants to know -------------------------------------- */

bool session_wants_input(const struct session *session)
{
	return !session->is_ended && session_has_room(session);
}

bool session_is_closing(const struct session *session)
{
	return session->state == SESSION_CLOSING;
}

bool session_is_dead(const struct session *session)
{
	return session->is_dead;
}

size_t session_in_flight(const struct session *session)
{
	return session->in_flight;
}

bool session_is_stranger(const struct session *session)
{
	return session->state == SESSION_HANDSHAKE ||
	       session->state == SESSION_ENROLLING;
}

void session_stop(struct session *session, uint64_t now_ms)
{
	session->is_stopping = true;
	session_settle(session, now_ms);
}

void session_check_revoked(struct session *session, uint64_t now_ms)
{
	if (session->state == SESSION_CLOSING || !session_is_revoked(session))
		return;
	session_close(session, "revoked", now_ms);
	session_settle(session, now_ms);
}

uint32_t session_terminal(const struct session *session)
{
	return session->caller.peer.number;
}

const char *session_reason(const struct session *session)
{
	return session->reason;
}
