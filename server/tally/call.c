/*
 * call: owns the choice between the running server and the folder itself.
 */
#include "server/tally/call.h"

#include <stdlib.h>
#include <time.h>

#include "common/base/clock.h"
#include "proto/frame.h"
#include "proto/link.h"
#include "server/command.h"

#define ANSWER_MS 10000u  /* a PIN's hash or a slow disk takes a while */
#define IMPORT_MS 600000u /* and a long file longer */
#define CONNECT_MS 2000u
#define BUSY_MS 3000u /* how long another may hold the shop */
#define BUSY_STEP_MS 100u

/* One of the two. */
struct call {
	struct link *link;
	struct shop *shop;
	struct job *job;
};

/* --- opening -------------------------------------------------------------- */

static void wait_a_little(void)
{
	struct timespec pause = {.tv_nsec = BUSY_STEP_MS * 1000000l};

	nanosleep(&pause, NULL);
}

static enum result open_once(const char *path, struct call *call,
    struct error *ret_why, struct error *err)
{
	char socket[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(path, "socket", socket, err);

	if (result != RESULT_OK)
		return result;
	if (link_open_unix(socket, CONNECT_MS, &call->link, ret_why) ==
	    RESULT_OK)
		return RESULT_OK;
	return shop_open(path, &call->shop, err);
}

/* The lock says that somebody is there, and the socket does not answer. */
static enum result open_patiently(
    const char *path, struct call *call, struct error *err)
{
	uint64_t until_ms = clock_monotonic_ms() + BUSY_MS;
	struct error why;
	enum result result;

	for (;;) {
		result = open_once(path, call, &why, err);
		if (result != RESULT_BUSY)
			return result;
		if (clock_monotonic_ms() >= until_ms)
			break;
		wait_a_little();
	}
	return error_set(err, RESULT_BUSY,
	    "%s is held by a tallyd or tally that does not answer (%s); it may "
	    "be starting or stopping: try again, or look at its log",
	    path, why.text);
}

enum result call_open(
    const char *path, struct call **ret_call, struct error *err)
{
	struct call *call = calloc(1, sizeof(*call));
	enum result result;

	if (call == NULL)
		return error_no_memory(err);
	call->job = calloc(1, sizeof(*call->job));
	if (call->job == NULL)
		result = error_no_memory(err);
	else
		result = open_patiently(path, call, err);
	if (result != RESULT_OK) {
		free(call->job);
		free(call);
		return result;
	}
	*ret_call = call;
	return RESULT_OK;
}

/* --- asking --------------------------------------------------------------- */

/* Through the codec, so that what a server would refuse to read is refused
 * here too. */
static enum result copy_request(
    const tally_Request *request, tally_Request *ret_copy, struct error *err)
{
	struct buffer frame = {0};
	struct bytes body;
	enum result result = message_append_request(&frame, request, err);

	if (result == RESULT_OK) {
		body = bytes_of(
		    frame.data + FRAME_HEAD_SIZE, frame.size - FRAME_HEAD_SIZE);
		result = message_decode_request(body, ret_copy, err);
	}
	buffer_finish(&frame);
	return result;
}

/* The book is ahead of the disk once this has failed: it is thrown away. */
static enum result commit(struct call *call, struct error *err)
{
	struct shop *shop = call->shop;

	if (ledger_commit(shop->ledger, clock_wall_ms(), err) ==
	    APPEND_DURABLE) {
		command_committed(shop, call->job);
		return RESULT_OK;
	}
	shop_abandon(shop);
	call->shop = NULL;
	return error_prefix(err, "nothing is known to be written");
}

static enum result ask_here(struct call *call, const tally_Request *request,
    tally_Reply *ret_reply, struct error *err)
{
	struct job *job = call->job;
	enum result result;

	if (call->shop == NULL)
		return error_set(err, RESULT_CLOSED, "the shop is closed");
	*job = (struct job){.caller = {.peer = {.role = ROLE_OWNER}}};
	result = copy_request(request, &job->request, err);
	if (result != RESULT_OK)
		return result;
	if (command_is_side(&job->request))
		(void)command_side(call->shop, call->shop->store, job);
	result = command_execute(call->shop, job, clock_wall_ms(), err);
	if (result == RESULT_OK)
		result = commit(call, err);
	if (result == RESULT_OK)
		*ret_reply = job->reply;
	return result;
}

enum result call_ask(struct call *call, tally_Request *request,
    tally_Reply *ret_reply, struct error *err)
{
	uint32_t wait_ms = request->which_body == tally_Request_import_cards_tag
			       ? IMPORT_MS
			       : ANSWER_MS;

	if (call->link != NULL)
		return link_call(call->link, request, wait_ms, ret_reply, err);
	return ask_here(call, request, ret_reply, err);
}

enum result call_close(struct call *call, struct error *err)
{
	enum result result = RESULT_OK;

	if (call == NULL)
		return RESULT_OK;
	link_close(call->link);
	if (call->shop != NULL)
		result = shop_close(call->shop, clock_wall_ms(), err);
	free(call->job);
	free(call);
	return result;
}

enum result call_open_ledger(
    const char *shop, struct store **ret_store, struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop, "ledger.db", path, err);

	if (result == RESULT_OK)
		result = store_sqlite_open(path, STORE_READ, ret_store, err);
	if (result == RESULT_NOT_FOUND)
		return error_set(err, result,
		    "%s is no shop: name one with -s SHOP, or in TALLY_SHOP",
		    strcmp(shop, ".") == 0 ? "the current folder" : shop);
	return result;
}
