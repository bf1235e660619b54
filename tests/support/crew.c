/*
 * crew: the loop of one till, and the comparison with the ledger.
 */
#include "tests/support/crew.h"

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "server/store.h"

#define CREW_PATIENCE_MS 120000u

__attribute__((format(printf, 2, 3))) static bool fault(
    struct crew_till *till, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(till->fault, sizeof(till->fault), format, arguments);
	va_end(arguments);
	return false;
}

/* --- sending -------------------------------------------------------------- */

/* Everything that is not answered is sent again on a new link. */
static bool connect_again(struct crew_till *till)
{
	uint64_t deadline_ms = clock_monotonic_ms() + CREW_PATIENCE_MS;

	till->client.counter = till->count;
	till->sent = till->done;
	till->is_draining = false;
	while (client_connect(&till->client) != RESULT_OK) {
		if (clock_monotonic_ms() > deadline_ms)
			return fault(till, "the server stays away: %s",
			    till->client.err.text);
		usleep(5000);
	}
	till->connects++;
	return true;
}

static bool add_sale(struct crew_till *till)
{
	struct crew_sale sale = {0};
	struct crew_sale *sales;

	if (!till->crew->next(till, &sale))
		return false;
	if (till->count == till->capacity) {
		till->capacity = till->capacity == 0 ? 64 : 2 * till->capacity;
		sales = realloc(
		    till->sales, till->capacity * sizeof(struct crew_sale));
		if (sales == NULL)
			return fault(till, "no memory");
		till->sales = sales;
	}
	till->sales[till->count++] = sale;
	return true;
}

/* The next request, in the order of counters. False where the link broke. */
static bool send_next(struct crew_till *till)
{
	struct crew_sale *sale = &till->sales[till->sent];
	struct client *client = &till->client;
	char card[14];

	if (sale->entry == 0) {
		card_number(sale->card, card);
		if (sale->amount_minor == 0)
			client_fill_enrol(client, till->sent + 1, card);
		else
			client_fill_earn(
			    client, till->sent + 1, card, sale->amount_minor);
		if (link_send(client->link, &client->request, &client->err) !=
		    RESULT_OK)
			return false;
		sale->id = client->request.id;
	}
	till->sent++;
	return true;
}

/* As many as the window allows. What was answered before a link broke can
 * still be read from it. */
static void send_all(struct crew_till *till)
{
	while (!till->is_draining &&
	       till->sent - till->done < till->crew->window &&
	       (till->sent < till->count || add_sale(till))) {
		if (!send_next(till))
			till->is_draining = true;
	}
}

/* --- answers -------------------------------------------------------------- */

static struct crew_sale *sale_of(struct crew_till *till, uint64_t id)
{
	for (size_t i = till->done; i < till->sent; i++) {
		if (till->sales[i].id == id && till->sales[i].entry == 0)
			return &till->sales[i];
	}
	return NULL;
}

/* Is anything still under way on this link? */
static bool is_waiting(const struct crew_till *till)
{
	for (size_t i = till->done; i < till->sent; i++) {
		if (till->sales[i].id != 0 && till->sales[i].entry == 0)
			return true;
	}
	return false;
}

static bool is_not_now(uint32_t code)
{
	return code == REFUSAL_STORAGE || code == REFUSAL_OVERLOADED ||
	       code == REFUSAL_SHUTTING_DOWN;
}

/* False where the link is of no more use. */
static bool take_answer(struct crew_till *till)
{
	struct client *client = &till->client;
	const tally_Reply *reply = &client->reply;
	struct crew_sale *sale;

	if (link_receive(client->link, PROCESS_WAIT_MS, &client->reply,
		&client->err) != RESULT_OK)
		return false;
	sale = sale_of(till, reply->id);
	if (sale == NULL)
		return fault(till, "an answer to nothing");
	/* What was asked before may still be answered; then it is asked again
	 * on a new link. */
	if (reply->which_body == tally_Reply_refusal_tag &&
	    is_not_now(reply->body.refusal.code)) {
		sale->id = 0;
		till->is_draining = true;
		till->refusals++;
		return is_waiting(till);
	}
	if (reply->which_body != tally_Reply_operation_tag)
		return fault(till, "refused with %u: %s",
		    reply->body.refusal.code, reply->body.refusal.say);
	sale->entry = reply->body.operation.entry;
	sale->points = reply->body.operation.points;
	till->repeats += reply->body.operation.repeated;
	while (till->done < till->sent && till->sales[till->done].entry != 0)
		till->done++;
	return !till->is_draining || is_waiting(till);
}

static void *till_main(void *context)
{
	struct crew_till *till = context;

	while (till->fault[0] == '\0') {
		bool is_well = till->client.link != NULL;

		if (is_well)
			send_all(till);
		if (is_well && till->done == till->count)
			break; /* nothing more to do */
		if (is_well && is_waiting(till))
			is_well = take_answer(till);
		else
			is_well = false;
		if (!is_well && till->fault[0] == '\0')
			(void)connect_again(till);
	}
	client_close(&till->client);
	return NULL;
}

/* --- the crew ------------------------------------------------------------- */

void crew_enrol(struct crew *crew, struct fixture *fixture)
{
	char name[32];

	for (uint32_t i = 0; i < CREW_TILLS; i++) {
		struct crew_till *till = &crew->tills[i];

		(void)snprintf(name, sizeof(name), "till%u", i);
		client_enrol(fixture, "till", name, &till->client);
		till->crew = crew;
		till->number = i;
	}
}

void crew_start(struct crew *crew)
{
	for (size_t i = 0; i < CREW_TILLS; i++)
		assert_int_equal(pthread_create(&crew->tills[i].thread, NULL,
				     till_main, &crew->tills[i]),
		    0);
}

void crew_join(struct crew *crew)
{
	for (size_t i = 0; i < CREW_TILLS; i++)
		assert_int_equal(pthread_join(crew->tills[i].thread, NULL), 0);
	for (size_t i = 0; i < CREW_TILLS; i++) {
		if (crew->tills[i].fault[0] != '\0')
			fail_msg("till %zu: %s", i, crew->tills[i].fault);
		crew->tills[i].client.counter = crew->tills[i].count;
		assert_int_equal(crew->tills[i].done, crew->tills[i].count);
	}
}

void crew_finish(struct crew *crew)
{
	for (size_t i = 0; i < CREW_TILLS; i++) {
		client_finish(&crew->tills[i].client);
		free(crew->tills[i].sales);
	}
}

/* --- the ledger ----------------------------------------------------------- */

struct comparing {
	const struct crew *crew;
	int64_t *points;
	size_t card_max;
	uint64_t *accounts; /* by card */
	size_t seen[CREW_TILLS];
	size_t *counts[CREW_TILLS]; /* by place: how often it is there */
};

/* Terminals are numbered from 1 in the order of crew_enrol(). */
static void compare(struct comparing *comparing, const struct entry *entry)
{
	uint32_t at = entry->terminal - 1;
	const struct crew_till *till = &comparing->crew->tills[at];
	const struct crew_sale *sale;

	assert_in_range(at, 0, CREW_TILLS - 1);
	assert_in_range(entry->counter, 1, till->count);
	sale = &till->sales[entry->counter - 1];
	comparing->counts[at][entry->counter - 1]++;
	assert_in_range(sale->card, 0, comparing->card_max - 1);
	assert_int_equal(entry->amount_minor, sale->amount_minor);
	assert_int_equal(
	    entry->kind, sale->amount_minor == 0 ? ENTRY_ENROL : ENTRY_EARN);
	if (sale->entry != 0) {
		assert_int_equal(entry->sequence, sale->entry);
		assert_int_equal(entry->points, sale->points);
	}
	if (entry->kind == ENTRY_ENROL)
		comparing->accounts[sale->card] = entry->to_account;
	else
		assert_int_equal(
		    comparing->accounts[sale->card], entry->to_account);
	comparing->points[sale->card] += (int64_t)entry->points;
	assert_int_equal(entry->balance_points, comparing->points[sale->card]);
}

static enum result visit(void *context, uint64_t sequence, uint32_t terminal,
    uint64_t counter, struct bytes record, struct error *err)
{
	struct entry entry;
	enum result result = entry_decode(record, &entry, err);

	if (result != RESULT_OK)
		return result;
	assert_int_equal(entry.sequence, sequence);
	assert_int_equal(entry.terminal, terminal);
	assert_int_equal(entry.counter, counter);
	if (terminal != 0)
		compare(context, &entry);
	return RESULT_OK;
}

static void scan_ledger(
    struct comparing *comparing, const struct fixture *fixture)
{
	char path[PLACE_PATH_SIZE + 16];
	struct store *store;
	struct error err;

	(void)snprintf(path, sizeof(path), "%s/ledger.db", fixture->shop);
	if (store_sqlite_open(path, STORE_READ, &store, &err) != RESULT_OK)
		fail_msg("%s", err.text);
	if (store->ops->scan(store, 1, visit, comparing, &err) != RESULT_OK)
		fail_msg("%s", err.text);
	store_close(store);
}

void crew_check(const struct crew *crew, const struct fixture *fixture,
    int64_t *ret_points, size_t card_max)
{
	struct comparing comparing = {
	    .crew = crew, .points = ret_points, .card_max = card_max};

	memset(ret_points, 0, card_max * sizeof(*ret_points));
	comparing.accounts = calloc(card_max, sizeof(uint64_t));
	assert_non_null(comparing.accounts);
	for (size_t i = 0; i < CREW_TILLS; i++) {
		comparing.counts[i] =
		    calloc(crew->tills[i].count + 1, sizeof(size_t));
		assert_non_null(comparing.counts[i]);
	}
	scan_ledger(&comparing, fixture);
	for (size_t i = 0; i < CREW_TILLS; i++) {
		for (size_t j = 0; j < crew->tills[i].count; j++) {
			if (comparing.counts[i][j] != 1)
				fail_msg("till %zu, counter %zu: %zu times", i,
				    j + 1, comparing.counts[i][j]);
		}
		free(comparing.counts[i]);
	}
	free(comparing.accounts);
}
