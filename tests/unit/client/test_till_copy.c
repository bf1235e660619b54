/*
 * till_copy: two tills that run on copies of one folder, sell while the server
 * is away, and come back to it at the same time, over connections that break
 * and programs that start again. Both have named other sales alike: each sale
 * of both counts exactly once, and none before its card's enrolment.
 *
 * The server here asks nobody for the next counter. A real one turns the till
 * away that is behind (counter_fork), which is at the next hello and saves
 * nothing that was sent before.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/till.h"
#include "tests/unit/client/chance.h"

#define COMMON 6u     /* operations that wait when the folder is copied */
#define OWN_MAX 40u   /* that each makes afterwards */
#define SERIALS 128u  /* every operation has a serial of its own */
#define COUNTERS 512u /* more names than are ever given */
#define TILLS 2u

/* --- the world ------------------------------------------------------------ */

struct machine {
	char folder[64];
	struct outbox *outbox;
	struct till *till;
	bool up;
	unsigned asked;		     /* serial of the open command */
	unsigned serials[COUNTERS];  /* of what has this name now */
	unsigned words[SERIALS];     /* last words */
	tally_Request requests[128]; /* on their way */
	size_t request_count;
};

/* What the ledger has under a name. */
struct booking {
	unsigned serial; /* 0: nothing */
	uint8_t random[16];
};

static struct machine machines[TILLS];
static struct booking bookings[COUNTERS];
static unsigned booked[SERIALS]; /* how often */
static bool enrolled[SERIALS];
static unsigned last_serial;
static unsigned renumbered;
static unsigned repeated;
static uint64_t now_ms;

static void show(void *context, const struct till_result *result)
{
	struct machine *machine = context;
	unsigned serial;

	if (result->operation == 0)
		return;
	assert_true(result->operation < COUNTERS);
	if (result->kind == TILL_ANSWER)
		machine->serials[result->operation] = machine->asked;
	serial = machine->serials[result->operation];
	if (result->kind == TILL_RENUMBERED) {
		/* The name is new to this till. */
		assert_true(result->now > result->operation);
		assert_true(result->now < COUNTERS);
		assert_int_equal(machine->serials[result->now], 0);
		machine->serials[result->now] = serial;
		renumbered++;
		return;
	}
	if (result->end == TILL_REFUSED)
		fail_msg("%u: %s", serial, result->refusal.say);
	if (result->end == TILL_DONE)
		machine->words[serial]++;
}

static void open_machine(struct machine *machine)
{
	struct error err = {0};

	if (outbox_open(machine->folder, &machine->outbox, &err) != RESULT_OK ||
	    till_create(machine->outbox, show, machine, &machine->till, &err) !=
		RESULT_OK)
		fail_msg("%s", err.text);
	machine->up = false;
	till_link_down(machine->till, "server_away", "away", now_ms);
}

static void close_machine(struct machine *machine)
{
	till_destroy(machine->till);
	outbox_close(machine->outbox);
}

/* --- selling with the server away ----------------------------------------- */

/* Every second operation or so is on the card that was enrolled last. */
static void sell(struct machine *machine, unsigned *card)
{
	struct till_command command = {.what = TILL_DO_EARN};

	machine->asked = ++last_serial;
	assert_true(last_serial < SERIALS);
	if (*card == 0 || one_in(3)) {
		command.what = TILL_DO_ENROL;
		*card = last_serial;
	} else {
		command.amount_minor = last_serial;
	}
	snprintf(command.card, sizeof command.card, "29%011u", *card);
	till_command(machine->till, &command, now_ms);
}

static void copy_folder(void)
{
	char command[256];

	snprintf(command, sizeof command, "cp -r '%s/.' '%s'",
	    machines[0].folder, machines[1].folder);
	assert_int_equal(system(command), 0);
}

static void remove_folders(void)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf '%s' '%s'",
	    machines[0].folder, machines[1].folder);
	assert_int_equal(system(command), 0);
}

static void sell_on_two_copies(void)
{
	unsigned cards[TILLS] = {0};

	open_machine(&machines[0]);
	for (unsigned i = 0; i < COMMON; i++)
		sell(&machines[0], &cards[0]);
	close_machine(&machines[0]);
	copy_folder();
	memcpy(machines[1].serials, machines[0].serials,
	    sizeof machines[0].serials);
	for (unsigned i = 0; i < TILLS; i++) {
		unsigned own = 1 + chance(OWN_MAX);

		open_machine(&machines[i]);
		cards[i] = 0;
		for (unsigned j = 0; j < own; j++)
			sell(&machines[i], &cards[i]);
	}
}

/* --- the server ----------------------------------------------------------- */

static unsigned card_of(const char *card)
{
	return (unsigned)atoi(&card[2]);
}

static void serve(const tally_Request *request, tally_Reply *reply)
{
	bool is_enrol = request->which_body == tally_Request_enrol_tag;
	const tally_Operation *name = is_enrol ? &request->body.enrol.operation
					       : &request->body.earn.operation;
	const char *card =
	    is_enrol ? request->body.enrol.card : request->body.earn.card;
	unsigned serial = is_enrol ? card_of(card)
				   : (unsigned)request->body.earn.amount_minor;
	struct booking *booking;

	assert_true(is_enrol || request->which_body == tally_Request_earn_tag);
	assert_true(name->counter < COUNTERS && serial < SERIALS);
	memset(reply, 0, sizeof *reply);
	reply->id = request->id;
	reply->which_body = tally_Reply_refusal_tag;
	booking = &bookings[name->counter];
	if (booking->serial == 0 && !is_enrol && !enrolled[card_of(card)]) {
		reply->body.refusal.code = REFUSAL_CARD_UNKNOWN;
		strcpy(reply->body.refusal.say, "overtook its enrolment");
		return;
	}
	if (booking->serial != 0 &&
	    (booking->serial != serial ||
		memcmp(booking->random, name->random.bytes, 16) != 0)) {
		reply->body.refusal.code = REFUSAL_COUNTER_CONFLICT;
		return;
	}
	reply->which_body = tally_Reply_operation_tag;
	reply->body.operation.repeated = booking->serial != 0;
	if (booking->serial != 0) {
		repeated++;
		return;
	}
	booking->serial = serial;
	memcpy(booking->random, name->random.bytes, 16);
	booked[serial]++;
	enrolled[serial] = enrolled[serial] || is_enrol;
}

/* --- the network ---------------------------------------------------------- */

/* What is on its way arrives or does not; no answer does. */
static void lose(struct machine *machine)
{
	tally_Reply reply;

	for (size_t i = 0; i < machine->request_count; i++)
		if (one_in(2))
			serve(&machine->requests[i], &reply);
	machine->request_count = 0;
	machine->up = false;
}

static void answer_one(struct machine *machine)
{
	size_t i = chance((uint32_t)machine->request_count);
	tally_Reply reply;

	serve(&machine->requests[i], &reply);
	machine->requests[i] = machine->requests[--machine->request_count];
	till_reply(machine->till, &reply, now_ms);
	till_told(machine->till, now_ms);
}

static void work(struct machine *machine)
{
	tally_HelloReply hello = tally_HelloReply_init_zero;
	tally_Request request;

	till_time(machine->till, now_ms);
	if (!machine->up) {
		machine->up = true;
		till_link_up(machine->till, &hello, now_ms);
	}
	while (till_next_request(machine->till, now_ms, &request))
		machine->requests[machine->request_count++] = request;
	if (one_in(20)) {
		lose(machine);
		till_link_lost(machine->till, now_ms);
	} else if (one_in(30)) {
		lose(machine);
		close_machine(machine);
		open_machine(machine);
	} else if (machine->request_count > 0) {
		answer_one(machine);
	}
}

static void check(void)
{
	for (unsigned i = 0; i < TILLS; i++) {
		assert_int_equal(outbox_count(machines[i].outbox), 0);
		for (unsigned j = 0; j < COUNTERS; j++)
			if (machines[i].serials[j] != 0)
				assert_int_equal(
				    machines[i].words[machines[i].serials[j]],
				    1);
	}
	for (unsigned serial = 1; serial <= last_serial; serial++)
		if (booked[serial] != 1)
			fail_msg("%u counts %u times", serial, booked[serial]);
}

static void simulate(uint64_t seed)
{
	memset(machines, 0, sizeof machines);
	memset(bookings, 0, sizeof bookings);
	memset(booked, 0, sizeof booked);
	memset(enrolled, 0, sizeof enrolled);
	last_serial = 0;
	now_ms = 1000;
	chance_state = seed * 0x9e3779b97f4a7c15u + 1;
	for (unsigned i = 0; i < TILLS; i++) {
		snprintf(machines[i].folder, sizeof machines[i].folder,
		    "%s/copy-XXXXXX",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		assert_non_null(mkdtemp(machines[i].folder));
	}
	sell_on_two_copies();
	for (unsigned i = 0; i < 20000; i++) {
		now_ms += 10;
		work(&machines[chance(TILLS)]);
		if (outbox_count(machines[0].outbox) == 0 &&
		    outbox_count(machines[1].outbox) == 0)
			break;
	}
	check();
	for (unsigned i = 0; i < TILLS; i++)
		close_machine(&machines[i]);
	remove_folders();
}

static void every_sale_of_two_tills_with_one_folder_counts_once(void **state)
{
	(void)state;
	renumbered = 0;
	repeated = 0;
	for (uint64_t seed = 1; seed <= 30; seed++)
		simulate(seed);
	/* There was trouble, or this proves nothing. */
	assert_true(renumbered > 100);
	assert_true(repeated > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		every_sale_of_two_tills_with_one_folder_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
