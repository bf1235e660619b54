/*
 * loop: an epoll set, a wake, and a timer.
 *
 * What comes from elsewhere is left in a place with a lock, and one wake tells
 * the thread to look in all of them. Sockets are polled instead of given to
 * libuv's streams: the session owns what is to be sent, and a stream would
 * want a copy of it.
 */
#include "server/loop.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/wake.h"

#define TICK_MS 1000u /* how late a deadline may be noticed */
#define TICK_STOPPING_MS 10u
#define DOORS_MAX 2u

static_assert(CONNECTION_READ == UV_READABLE && CONNECTION_WRITE == UV_WRITABLE,
    "what a connection waits for is given to libuv as it is");

/* A connection in its loop's list. */
struct seat {
	struct connection connection; /* first: it is a job's `session` */
	LIST_ENTRY(seat) entry;
	struct seat *touched_next;
	struct loop *loop;
	uv_poll_t poll;
	unsigned polled; /* what is polled for */
	bool is_owner;
	bool is_touched;
	bool is_handshake; /* the gate counts it as one */
	bool is_polling;   /* libuv still holds `poll` */
};

/* A listening socket. */
struct door {
	uv_poll_t poll;
	int handle;
	bool is_owner;
	loop_ready_fn *ready;
	void *context;
};

struct loop {
	struct loop_options options;
	uv_loop_t uv;
	struct wake wake;
	uv_poll_t wake_poll;
	uv_timer_t timer;
	uv_check_t round; /* after each round of events */
	pthread_t thread;
	bool is_started;
	struct mailbox mailbox;
	struct outbox outbox;
	struct door doors[DOORS_MAX];
	size_t door_count;

	LIST_HEAD(, seat) seats;
	size_t live; /* seats not freed, of closed connections included */
	uint32_t revision;
	bool is_stopping;
	uint64_t stop_ms; /* the end of grace */
	struct scratch scratch;

	atomic_size_t open;
	pthread_mutex_t mutex; /* over what follows */
	struct arrival *arrived;
	bool is_shut; /* takes no more arrivals */
	bool is_asked_to_stop;
	uint32_t grace_ms;
};

/* --- seats ---------------------------------------------------------------- */

/* The last seat of a loop that stops takes the loop's own handles with it. */
static void loop_try_finish(struct loop *loop)
{
	if (!loop->is_stopping || loop->live > 0 ||
	    uv_is_closing((uv_handle_t *)&loop->timer))
		return;
	uv_close((uv_handle_t *)&loop->timer, NULL);
	uv_close((uv_handle_t *)&loop->round, NULL);
	uv_close((uv_handle_t *)&loop->wake_poll, NULL);
}

static void seat_free_if_done(struct seat *seat)
{
	struct loop *loop = seat->loop;

	if (seat->connection.handle >= 0 || seat->is_polling ||
	    session_in_flight(seat->connection.session) > 0)
		return;
	connection_finish(&seat->connection);
	free(seat);
	loop->live--;
	loop_try_finish(loop);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct seat *seat = handle->data;

	seat->is_polling = false;
	seat_free_if_done(seat);
}

static void seat_log(const struct seat *seat, const char *event,
    const char *key, const char *value)
{
	const struct connection *connection = &seat->connection;

	log_event(LOG_INFO, event, "peer", connection->peer, "terminal",
	    log_number(session_terminal(connection->session)), key, value,
	    NULL);
}

/* What is in flight comes back to nobody; the seat stays until it has. */
static void seat_close(struct seat *seat)
{
	struct loop *loop = seat->loop;

	seat_log(seat, "disconnected", "reason",
	    connection_reason(&seat->connection));
	uv_close((uv_handle_t *)&seat->poll, on_poll_closed);
	connection_close(&seat->connection);
	LIST_REMOVE(seat, entry);
	atomic_fetch_sub(&loop->open, 1);
	gate_leave(loop->options.gate, seat->is_owner, seat->is_handshake);
}

static void seat_greet(struct seat *seat)
{
	struct session *session = seat->connection.session;

	if (!seat->is_handshake || session_is_stranger(session))
		return;
	seat->is_handshake = false;
	gate_shaken(seat->loop->options.gate);
	if (!session_is_closing(session))
		seat_log(seat, "connected", NULL, NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* After anything that happened to a connection. */
static void seat_settle(struct seat *seat)
{
	unsigned wants;

	seat_greet(seat);
	if (connection_is_over(&seat->connection)) {
		seat_close(seat);
		return;
	}
	wants = connection_wants(&seat->connection);
	if (wants == seat->polled)
		return;
	seat->polled = wants;
	if (wants == 0)
		uv_poll_stop(&seat->poll);
	else
		uv_poll_start(&seat->poll, (int)wants, on_poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct seat *seat = poll->data;

	if (status < 0)
		connection_fail(&seat->connection);
	else
		connection_work(&seat->connection, (unsigned)events,
		    &seat->loop->scratch, clock_monotonic_ms());
	seat_settle(seat);
}

/* The socket is the seat's on success. */
static enum result seat_create(
    struct loop *loop, const struct arrival *arrival, struct error *err)
{
	const struct loop_options *options = &loop->options;
	struct seat *seat = calloc(1, sizeof(*seat));
	struct session *session;
	enum result result;

	if (seat == NULL)
		return error_no_memory(err);
	result = session_create(arrival->is_owner ? NULL : options->context,
	    options->presence, &loop->mailbox, clock_monotonic_ms(), &session,
	    err);
	if (result != RESULT_OK) {
		free(seat);
		return result;
	}
	if (uv_poll_init(&loop->uv, &seat->poll, arrival->handle) != 0) {
		session_destroy(session);
		free(seat);
		return error_set(err, RESULT_IO, "a socket cannot be polled");
	}
	connection_init(&seat->connection, arrival->handle, arrival->peer,
	    session, &loop->outbox);
	seat->loop = loop;
	seat->poll.data = seat;
	seat->is_owner = arrival->is_owner;
	seat->is_handshake = !arrival->is_owner;
	seat->is_polling = true;
	LIST_INSERT_HEAD(&loop->seats, seat, entry);
	loop->live++;
	seat_settle(seat);
	return RESULT_OK;
}

/* --- what is done to every seat ------------------------------------------- */

typedef void seat_fn(struct seat *seat, uint64_t now_ms);

static void loop_each(struct loop *loop, seat_fn *act)
{
	uint64_t now_ms = clock_monotonic_ms();
	struct seat *next;

	for (struct seat *seat = LIST_FIRST(&loop->seats); seat != NULL;
	     seat = next) {
		next = LIST_NEXT(seat, entry);
		act(seat, now_ms);
		seat_settle(seat);
	}
}

static void seat_check_revoked(struct seat *seat, uint64_t now_ms)
{
	session_check_revoked(seat->connection.session, now_ms);
	connection_work(&seat->connection, 0, NULL, now_ms);
}

static void seat_stop(struct seat *seat, uint64_t now_ms)
{
	session_stop(seat->connection.session, now_ms);
	connection_work(&seat->connection, 0, NULL, now_ms);
}

static void seat_time(struct seat *seat, uint64_t now_ms)
{
	connection_time(&seat->connection, now_ms);
}

static void seat_cut(struct seat *seat, uint64_t now_ms)
{
	(void)now_ms;
	seat->connection.is_over = true;
}

/* --- what wakes a loop ---------------------------------------------------- */

/* Put finished jobs into their sessions; returns the seats that got any. */
static struct seat *loop_complete(struct loop *loop, uint64_t now_ms)
{
	struct job *job = mailbox_take(&loop->mailbox);
	struct seat *touched = NULL;

	while (job != NULL) {
		struct job *next = job->next;
		struct seat *seat = job->session;

		session_complete(seat->connection.session, job, now_ms);
		if (!seat->is_touched) {
			seat->is_touched = true;
			seat->touched_next = touched;
			touched = seat;
		}
		job = next;
	}
	return touched;
}

static void loop_answer(struct loop *loop)
{
	uint64_t now_ms = clock_monotonic_ms();
	struct seat *touched = loop_complete(loop, now_ms);

	while (touched != NULL) {
		struct seat *seat = touched;

		touched = seat->touched_next;
		seat->is_touched = false;
		if (seat->connection.handle < 0) {
			seat_free_if_done(seat);
			continue;
		}
		connection_flush(&seat->connection, now_ms);
		seat_settle(seat);
	}
}

/* It comes to nothing. */
static void arrival_drop(struct loop *loop, struct arrival *arrival)
{
	atomic_fetch_sub(&loop->open, 1);
	gate_leave(loop->options.gate, arrival->is_owner, !arrival->is_owner);
	close(arrival->handle);
	free(arrival);
}

static void loop_arrive(struct loop *loop)
{
	struct arrival *arrival;

	pthread_mutex_lock(&loop->mutex);
	arrival = loop->arrived;
	loop->arrived = NULL;
	loop->is_shut = loop->is_stopping;
	pthread_mutex_unlock(&loop->mutex);
	while (arrival != NULL) {
		struct arrival *next = arrival->next;
		struct error err;

		if (!loop->is_stopping &&
		    seat_create(loop, arrival, &err) == RESULT_OK)
			free(arrival);
		else
			arrival_drop(loop, arrival);
		arrival = next;
	}
}

static void loop_check_revoked(struct loop *loop)
{
	uint32_t revision = presence_revision(loop->options.presence);

	if (revision == loop->revision)
		return;
	loop->revision = revision;
	loop_each(loop, seat_check_revoked);
}

static void loop_close_doors(struct loop *loop)
{
	for (size_t i = 0; i < loop->door_count; i++) {
		struct door *door = &loop->doors[i];

		uv_close((uv_handle_t *)&door->poll, NULL);
		close(door->handle);
	}
}

/* Called from any thread: a mailbox's, the one that revokes. */
static void loop_wake(void *context)
{
	struct loop *loop = context;

	wake_send(&loop->wake);
}

static void on_tick(uv_timer_t *timer);

static void loop_check_stop(struct loop *loop)
{
	bool is_asked;
	uint32_t grace_ms;

	pthread_mutex_lock(&loop->mutex);
	is_asked = loop->is_asked_to_stop;
	grace_ms = loop->grace_ms;
	pthread_mutex_unlock(&loop->mutex);
	if (!is_asked || loop->is_stopping)
		return;
	loop->is_stopping = true;
	loop->stop_ms = clock_monotonic_ms() + grace_ms;
	presence_unwatch(loop->options.presence, loop_wake, loop);
	loop_close_doors(loop);
	loop_arrive(loop);
	loop_each(loop, seat_stop);
	uv_timer_start(
	    &loop->timer, on_tick, TICK_STOPPING_MS, TICK_STOPPING_MS);
	loop_try_finish(loop);
}

static void on_tick(uv_timer_t *timer)
{
	struct loop *loop = timer->data;

	loop_each(loop, seat_time);
	mailbox_trim(&loop->mailbox);
	if (loop->is_stopping && clock_monotonic_ms() >= loop->stop_ms)
		loop_each(loop, seat_cut);
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	struct loop *loop = poll->data;

	(void)status;
	(void)events;
	wake_clear(&loop->wake);
	loop_answer(loop);
	loop_arrive(loop);
	loop_check_revoked(loop);
	loop_check_stop(loop);
}

static void on_round(uv_check_t *round)
{
	struct loop *loop = round->data;

	outbox_flush(&loop->outbox);
}

static void on_door(uv_poll_t *poll, int status, int events)
{
	struct door *door = poll->data;

	(void)status;
	(void)events;
	door->ready(door->context, door->handle, door->is_owner);
}

/* --- from other threads --------------------------------------------------- */

void loop_give(struct loop *loop, struct arrival *arrival)
{
	bool is_shut;

	atomic_fetch_add(&loop->open, 1);
	pthread_mutex_lock(&loop->mutex);
	is_shut = loop->is_shut;
	if (!is_shut) {
		arrival->next = loop->arrived;
		loop->arrived = arrival;
		loop_wake(loop);
	}
	pthread_mutex_unlock(&loop->mutex);
	if (is_shut)
		arrival_drop(loop, arrival);
}

size_t loop_open(const struct loop *loop)
{
	return atomic_load(&loop->open);
}

void loop_stop(struct loop *loop, uint32_t grace_ms)
{
	pthread_mutex_lock(&loop->mutex);
	if (!loop->is_asked_to_stop) {
		loop->is_asked_to_stop = true;
		loop->grace_ms = grace_ms;
		loop_wake(loop);
	}
	pthread_mutex_unlock(&loop->mutex);
}

/* --- start and end -------------------------------------------------------- */

/* libuv's handles; undoes its own on failure. */
static enum result loop_init_uv(struct loop *loop, struct error *err)
{
	int failed = uv_loop_init(&loop->uv);

	if (failed == 0) {
		failed = uv_poll_init(
		    &loop->uv, &loop->wake_poll, loop->wake.handle);
		if (failed != 0)
			uv_loop_close(&loop->uv);
	}
	if (failed != 0)
		return error_set(
		    err, RESULT_IO, "event loop: %s", uv_strerror(failed));
	uv_timer_init(&loop->uv, &loop->timer);
	uv_check_init(&loop->uv, &loop->round);
	uv_check_start(&loop->round, on_round);
	loop->round.data = loop;
	loop->timer.data = loop;
	loop->wake_poll.data = loop;
	uv_timer_start(&loop->timer, on_tick, TICK_MS, TICK_MS);
	uv_poll_start(&loop->wake_poll, UV_READABLE, on_wake);
	return RESULT_OK;
}

/* From here on loop_destroy() is what ends it. */
static enum result loop_init(struct loop *loop, struct error *err)
{
	enum result result = mailbox_init(&loop->mailbox, loop_wake, loop, err);

	if (result != RESULT_OK)
		return result;
	if (pthread_mutex_init(&loop->mutex, NULL) != 0) {
		result = error_set(err, RESULT_IO, "a lock cannot be made");
		goto finish_mailbox;
	}
	result = wake_init(&loop->wake, err);
	if (result != RESULT_OK)
		goto destroy_mutex;
	result = loop_init_uv(loop, err);
	if (result != RESULT_OK)
		goto finish_wake;
	return RESULT_OK;

finish_wake:
	wake_finish(&loop->wake);
destroy_mutex:
	pthread_mutex_destroy(&loop->mutex);
finish_mailbox:
	mailbox_finish(&loop->mailbox);
	return result;
}

enum result loop_create(const struct loop_options *options,
    struct loop **ret_loop, struct error *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	enum result result;

	if (loop == NULL)
		return error_no_memory(err);
	loop->options = *options;
	outbox_init(&loop->outbox, &options->router);
	result = loop_init(loop, err);
	if (result != RESULT_OK) {
		free(loop);
		return result;
	}
	loop->revision = presence_revision(options->presence);
	result = presence_watch(options->presence, loop_wake, loop, err);
	if (result != RESULT_OK) {
		loop_stop(loop, 0);
		loop_destroy(loop);
		return result;
	}
	*ret_loop = loop;
	return RESULT_OK;
}

enum result loop_listen(struct loop *loop, int handle, bool is_owner,
    loop_ready_fn *ready, void *context, struct error *err)
{
	struct door *door = &loop->doors[loop->door_count];
	int failed;

	assert(loop->door_count < DOORS_MAX);
	failed = uv_poll_init(&loop->uv, &door->poll, handle);
	if (failed != 0)
		return error_set(
		    err, RESULT_IO, "polling: %s", uv_strerror(failed));
	door->poll.data = door;
	door->handle = handle;
	door->is_owner = is_owner;
	door->ready = ready;
	door->context = context;
	loop->door_count++;
	uv_poll_start(&door->poll, UV_READABLE, on_door);
	return RESULT_OK;
}

static void *loop_run(void *argument)
{
	struct loop *loop = argument;

	uv_run(&loop->uv, UV_RUN_DEFAULT);
	return NULL;
}

enum result loop_start(struct loop *loop, struct error *err)
{
	enum result result = thread_start(&loop->thread, loop_run, loop, err);

	loop->is_started = result == RESULT_OK;
	return result;
}

void loop_destroy(struct loop *loop)
{
	int failed;

	/* A loop without a thread has its end here. */
	if (loop->is_started)
		pthread_join(loop->thread, NULL);
	else
		loop_run(loop);
	failed = uv_loop_close(&loop->uv);
	assert(failed == 0);
	wake_finish(&loop->wake);
	mailbox_finish(&loop->mailbox);
	pthread_mutex_destroy(&loop->mutex);
	free(loop);
}
