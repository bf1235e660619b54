/*
 * service: the ledger's thread as a loop of groups, and its failures.
 */
#include "server/service.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/command.h"
#include "server/timer.h"

#define LEDGER_IDLE_MS 50u
#define SIDE_IDLE_MS 60000u
#define SIDE_GROUP_MAX 16u
#define STOP_GRACE_MS 5000u
#define REFUSED_PAUSE_MS 1000u

struct service {
	struct shop *shop;
	struct service_options options;
	struct channel_context *context;
	struct store *reader; /* the side worker's */
	struct worker *ledger_worker;
	struct worker *side_worker;
	struct listener *listener;
	struct timer *timer;
	/* The ledger's thread alone: */
	uint64_t pause_until_ms; /* after a refused write; monotonic */
	atomic_bool has_failed;
};

/* --- the ledger's thread
 * ------------------------------------------------------------ */

static void refuse_group(struct job **jobs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		command_refuse_storage(jobs[i]);
}

/* No answer may be given to anyone whose operation may or may not be there. */
static void fail(struct service *service, struct job **jobs, size_t count,
    const struct error *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		jobs[i]->end = JOB_CUT;
	if (atomic_exchange(&service->has_failed, true))
		return;
	log_event(LOG_ALARM, "storage_failed", "why", err->text, NULL);
	service->options.failed(service->options.context);
}

/* Nothing was written: say so, and read the book again, for it was ahead. */
static void recover(
    struct service *service, struct job **jobs, size_t count, struct error *err)
{
	log_event(LOG_ALARM, "storage_refused", "why", err->text, NULL);
	refuse_group(jobs, count);
	service->pause_until_ms = clock_monotonic_ms() + REFUSED_PAUSE_MS;
	if (shop_reload(service->shop, err) != RESULT_OK)
		fail(service, jobs, count, err);
}

static void log_alarm(const struct job *job)
{
	const char *event = command_alarm(&job->request, &job->reply);

	if (event == NULL)
		return;
	log_event(LOG_ALARM, event, "terminal",
	    log_number(job->caller.peer.number), "request",
	    message_request_name(&job->request), NULL);
}

/* Commit what `jobs` staged. False: it did not end well, and all of them have
 * been told so. */
static bool commit(
    struct service *service, struct job **jobs, size_t count, uint64_t now_ms)
{
	struct error error = {.text = ""};
	enum append_outcome outcome =
	    ledger_commit(service->shop->ledger, now_ms, &error);
	size_t i;

	if (outcome == APPEND_REFUSED)
		recover(service, jobs, count, &error);
	else if (outcome != APPEND_DURABLE)
		fail(service, jobs, count, &error);
	if (outcome != APPEND_DURABLE)
		return false;
	for (i = 0; i < count; i++) {
		command_committed(service->shop, jobs[i]);
		log_alarm(jobs[i]);
	}
	return true;
}

/* Jobs from `done` on are staged; when a group is full it is committed in
 * between. Returns where the uncommitted ones begin, or `count` after a
 * failure that has answered all. */
static size_t stage_all(
    struct service *service, struct job **jobs, size_t count, uint64_t now_ms)
{
	struct error error = {.text = ""};
	size_t done = 0;
	size_t i = 0;

	while (i < count) {
		enum result result =
		    command_execute(service->shop, jobs[i], now_ms, &error);

		if (result == RESULT_LIMIT && i > done) {
			if (!commit(service, jobs + done, i - done, now_ms)) {
				refuse_group(jobs + i, count - i);
				return count;
			}
			done = i;
			continue;
		}
		if (result != RESULT_OK) {
			recover(service, jobs + done, count - done, &error);
			return count;
		}
		i++;
	}
	return done;
}

/* Not by the wall's clock: one that is set back must not make it long. */
static bool is_paused(const struct service *service)
{
	return clock_monotonic_ms() < service->pause_until_ms;
}

static bool idle(struct service *service, uint64_t now_ms)
{
	struct error error = {.text = ""};
	bool more = false;
	enum append_outcome outcome;

	if (is_paused(service))
		return false;
	outcome = ledger_idle(service->shop->ledger, now_ms, &more, &error);
	if (outcome == APPEND_REFUSED)
		recover(service, NULL, 0, &error);
	else if (outcome != APPEND_DURABLE)
		fail(service, NULL, 0, &error);
	return outcome == APPEND_DURABLE && more;
}

/* For a while after a refused write no other is tried; reads go on. */
static void read_all(
    struct service *service, struct job **jobs, size_t count, uint64_t now_ms)
{
	struct error error = {.text = ""};
	size_t i;

	for (i = 0; i < count; i++) {
		if (command_writes(&jobs[i]->request)) {
			command_refuse_storage(jobs[i]);
			continue;
		}
		if (command_execute(service->shop, jobs[i], now_ms, &error) !=
		    RESULT_OK) {
			recover(service, jobs + i, count - i, &error);
			return;
		}
		log_alarm(jobs[i]);
	}
}

static bool ledger_work(void *context, struct job **jobs, size_t count)
{
	struct service *service = context;
	uint64_t now_ms = clock_wall_ms();
	struct error gone = {.text = "the storage failed"};
	size_t done;

	if (atomic_load(&service->has_failed)) {
		fail(service, jobs, count, &gone);
		return false;
	}
	if (count == 0)
		return idle(service, now_ms);
	if (is_paused(service)) {
		read_all(service, jobs, count, now_ms);
		return true;
	}
	done = stage_all(service, jobs, count, now_ms);
	if (done < count)
		commit(service, jobs + done, count - done, now_ms);
	return true;
}

/* --- the side thread
 * ------------------------------------------------------------------ */

static bool side_work(void *context, struct job **jobs, size_t count)
{
	struct service *service = context;
	size_t i;

	for (i = 0; i < count; i++) {
		struct job *job = jobs[i];

		if (!command_side(service->shop, service->reader, job))
			continue;
		jobs[i] = NULL;
		job->next = NULL;
		worker_put(service->ledger_worker, job);
	}
	return false;
}

static struct worker *route(void *context, const struct job *job)
{
	struct service *service = context;

	return command_is_side(&job->request) ? service->side_worker
					      : service->ledger_worker;
}

/* --- starting and stopping
 * ---------------------------------------------------------------- */

/* Half of the cores for the network: the ledger and the disk want the rest. */
static unsigned default_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (cores <= 3)
		return 1;
	return cores / 2 > 8 ? 8 : (unsigned)(cores / 2);
}

static enum result start_listener(struct service *service, struct error *err)
{
	struct listener_options options = {.address = service->options.address,
	    .context = service->context,
	    .presence = service->shop->presence,
	    .route = route,
	    .route_context = service,
	    .threads = service->options.threads,
	    .connections_max = service->options.connections_max};
	char socket_path[SHOP_PATH_SIZE_MAX];
	enum result result =
	    shop_file(service->shop->path, "socket", socket_path, err);

	options.socket_path = socket_path;
	if (options.threads == 0)
		options.threads = default_threads();
	if (result == RESULT_OK)
		result = listener_start(&options, &service->listener, err);
	return result;
}

static void release(struct service *service)
{
	listener_destroy(service->listener);
	store_close(service->reader);
	channel_context_destroy(service->context);
	free(service);
}

static enum result start_all(struct service *service, struct error *err)
{
	struct shop *shop = service->shop;
	char path[SHOP_PATH_SIZE_MAX];
	enum result result = shop_file(shop->path, "ledger.db", path, err);

	if (result == RESULT_OK)
		result =
		    store_sqlite_open(path, STORE_READ, &service->reader, err);
	if (result == RESULT_OK)
		result = channel_context_server(shop->server_key,
		    buffer_view(&shop->certificate),
		    buffer_view(&shop->authority), &service->context, err);
	if (result == RESULT_OK)
		result = worker_start(ledger_work, service, BATCH_ENTRIES_MAX,
		    LEDGER_IDLE_MS, &service->ledger_worker, err);
	if (result == RESULT_OK)
		result = worker_start(side_work, service, SIDE_GROUP_MAX,
		    SIDE_IDLE_MS, &service->side_worker, err);
	if (result == RESULT_OK)
		result = start_listener(service, err);
	if (result == RESULT_OK)
		result = timer_start(&shop->night.due_ms,
		    service->ledger_worker, &service->timer, err);
	return result;
}

static void stop_workers(struct service *service)
{
	if (service->side_worker != NULL)
		worker_stop(service->side_worker);
	if (service->ledger_worker != NULL)
		worker_stop(service->ledger_worker);
}

enum result service_start(struct shop *shop,
    const struct service_options *options, struct service **ret_service,
    struct error *err)
{
	struct service *service = calloc(1, sizeof(*service));
	enum result result;

	if (service == NULL)
		return error_no_memory(err);
	service->shop = shop;
	service->options = *options;
	result = start_all(service, err);
	if (result != RESULT_OK) {
		if (service->listener != NULL)
			listener_stop(service->listener, 0);
		stop_workers(service);
		release(service);
		return result;
	}
	*ret_service = service;
	return RESULT_OK;
}

uint16_t service_port(const struct service *service)
{
	return listener_port(service->listener);
}

bool service_stop(struct service *service)
{
	bool failed;

	timer_stop(service->timer);
	listener_stop(service->listener, STOP_GRACE_MS);
	stop_workers(service);
	failed = atomic_load(&service->has_failed);
	release(service);
	return !failed;
}
