/*
 * till_simulation: the till's core against a small server behind a network
 * that drops, delays, duplicates, reorders and cuts, over thousands of
 * operations of a seeded generator. Whatever happens, every operation that was
 * acknowledged is counted exactly once, and each gets exactly one last word.
 * Some are undone while nobody knows what became of them: those do not count,
 * whichever of the two came first.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/till.h"
#include "tests/unit/client/chance.h"

#define OPERATIONS_MAX 4000u
#define PACKETS_MAX 256u
#define CARDS 12u

/* --- the world ------------------------------------------------------------ */

/* What the till was told about an operation, and what the server did. */
struct fate {
	bool kept;	 /* in the outbox at least once */
	bool promised;	 /* answered ok: done, or saved */
	unsigned words;	 /* last words: done or refused */
	bool done;	 /* the last word */
	uint64_t amount; /* as asked */
	unsigned booked; /* how often the server counted it */
	uint64_t booked_amount;
	uint8_t random[16];
	uint64_t entry;
	uint64_t voids; /* what it undoes; 0: it is no void */
	bool undone;	/* the server undid it … */
	bool tombstone; /* … or will refuse it */
	bool cancelled; /* it left the outbox before it was sent */
};

struct packet {
	bool used;
	uint64_t at_ms;
	unsigned connection;
	bool is_reply;
	tally_Request request;
	tally_Reply reply;
};

static struct {
	struct fate fates[OPERATIONS_MAX + 1];
	struct packet packets[PACKETS_MAX];
	unsigned connection; /* 0: none */
	unsigned last_connection;
	uint64_t reconnect_ms;
	uint64_t now_ms;
	uint64_t entries;
	bool calm; /* no more trouble: everything must settle */
	uint64_t asked_amount;
	uint64_t asked_void;
	unsigned tombstones; /* that refused a late original */
	unsigned undone;
	unsigned cancelled;
	unsigned refused_now;
	unsigned repeated;
	unsigned cuts;
} world;

static char folder[64];
static struct outbox *outbox;
static struct till *till;

static bool is_refused_for_good(uint64_t amount)
{
	return amount % 17 == 0 && amount > 0;
}

/* --- what the till shows -------------------------------------------------- */

static void note_answer(struct fate *fate, const struct till_result *result)
{
	fate->amount = world.asked_amount;
	fate->voids = result->what == TILL_DO_VOID ? world.asked_void : 0;
}

static void note_cancelled(void)
{
	world.fates[world.asked_void].cancelled = true;
	world.cancelled++;
}

static void show(void *context, const struct till_result *result)
{
	struct fate *fate;

	(void)context;
	if (result->unsent)
		note_cancelled();
	if (result->kind == TILL_LINK || result->operation == 0)
		return;
	assert_int_not_equal(result->kind, TILL_STOPPED);
	assert_true(result->operation <= OPERATIONS_MAX);
	fate = &world.fates[result->operation];
	if (result->kind == TILL_ANSWER)
		note_answer(fate, result);
	if (result->end == TILL_SAVED)
		fate->promised = true;
	if (result->end != TILL_DONE && result->end != TILL_REFUSED)
		return;
	fate->words++;
	fate->done = result->end == TILL_DONE;
	if (fate->done && result->kind == TILL_ANSWER)
		fate->promised = true;
	if (fate->done) {
		assert_int_equal(result->operation_reply->entry, fate->entry);
		world.repeated += result->operation_reply->repeated;
	}
}

/* --- the server ----------------------------------------------------------- */

static const tally_Operation *name_of(
    const tally_Request *request, uint64_t *ret_amount)
{
	switch (request->which_body) {
	case tally_Request_earn_tag:
		*ret_amount = request->body.earn.amount_minor;
		return &request->body.earn.operation;
	case tally_Request_return_goods_tag:
		*ret_amount = request->body.return_goods.amount_minor;
		return &request->body.return_goods.operation;
	case tally_Request_redeem_tag:
		return &request->body.redeem.operation;
	case tally_Request_hold_tag:
		return &request->body.hold.operation;
	case tally_Request_void_operation_tag:
		return &request->body.void_operation.operation;
	default:
		return NULL;
	}
}

/* NONE: it was undone, or will not be let in. */
static enum refusal_code undo(uint64_t counter)
{
	struct fate *original = &world.fates[counter];

	assert_true(counter >= 1 && counter <= OPERATIONS_MAX);
	if (original->undone || original->tombstone)
		return REFUSAL_VOIDED;
	if (original->booked > 0 &&
	    (original->voids != 0 || original->booked_amount % 13 == 1))
		return REFUSAL_NOT_VOIDABLE;
	if (original->booked > 0) {
		original->undone = true;
		world.undone++;
	} else {
		original->tombstone = true;
	}
	return REFUSAL_NONE;
}

/* What the server says to what it has not booked yet; NONE: it books it. */
static enum refusal_code judge(
    const tally_Request *request, struct fate *fate, uint64_t amount)
{
	static const enum refusal_code not_now[] = {
	    REFUSAL_OVERLOADED, REFUSAL_STORAGE, REFUSAL_SHUTTING_DOWN};

	if (!world.calm && one_in(12)) {
		world.refused_now++;
		return not_now[chance(3)];
	}
	if (fate->tombstone) {
		world.tombstones++;
		return REFUSAL_VOIDED;
	}
	if (is_refused_for_good(amount))
		return REFUSAL_AMOUNT_INVALID;
	if (request->which_body == tally_Request_void_operation_tag)
		return undo(request->body.void_operation.counter);
	return REFUSAL_NONE;
}

static void serve(const tally_Request *request, tally_Reply *reply)
{
	uint64_t amount = 0;
	const tally_Operation *name = name_of(request, &amount);
	struct fate *fate;

	memset(reply, 0, sizeof *reply);
	reply->id = request->id;
	if (!name) {
		reply->which_body = tally_Reply_pong_tag;
		return;
	}
	assert_true(name->counter >= 1 && name->counter <= OPERATIONS_MAX);
	fate = &world.fates[name->counter];
	assert_false(fate->cancelled);
	reply->which_body = tally_Reply_refusal_tag;
	if (fate->booked > 0) {
		/* The same name must be the same operation. */
		assert_memory_equal(fate->random, name->random.bytes, 16);
		assert_int_equal(fate->booked_amount, amount);
	} else {
		reply->body.refusal.code = judge(request, fate, amount);
		if (reply->body.refusal.code != REFUSAL_NONE)
			return;
		memcpy(fate->random, name->random.bytes, 16);
		fate->booked_amount = amount;
		fate->entry = ++world.entries;
	}
	reply->which_body = tally_Reply_operation_tag;
	reply->body.operation.entry = fate->entry;
	reply->body.operation.repeated = fate->booked > 0;
	fate->booked = 1;
}

/* --- the network ---------------------------------------------------------- */

static struct packet *free_packet(void)
{
	for (unsigned i = 0; i < PACKETS_MAX; i++)
		if (!world.packets[i].used)
			return &world.packets[i];
	fail_msg("the network is full");
	return NULL;
}

static uint64_t delay_ms(void)
{
	if (world.calm)
		return 1;
	return one_in(30) ? chance(4000) : chance(40);
}

static void launch(const tally_Request *request)
{
	struct packet *packet = free_packet();

	packet->used = true;
	packet->is_reply = false;
	packet->connection = world.connection;
	packet->at_ms = world.now_ms + delay_ms();
	packet->request = *request;
}

static void launch_reply(const tally_Request *request, unsigned connection)
{
	struct packet *packet = free_packet();

	packet->used = true;
	packet->is_reply = true;
	packet->connection = connection;
	packet->at_ms = world.now_ms + delay_ms();
	serve(request, &packet->reply);
}

/* A request may be carried out after its connection has gone: then its answer
 * reaches nobody. */
static void arrive(struct packet *packet)
{
	packet->used = false;
	if (packet->is_reply) {
		if (packet->connection != world.connection)
			return;
		till_reply(till, &packet->reply, world.now_ms);
		till_told(till, world.now_ms);
		return;
	}
	if (!world.calm && one_in(20))
		return;
	launch_reply(&packet->request, packet->connection);
	if (!world.calm && one_in(20))
		launch_reply(&packet->request, packet->connection);
}

static void deliver(void)
{
	/* From a random place on, so that packets overtake each other. */
	unsigned start = chance(PACKETS_MAX);

	for (unsigned i = 0; i < PACKETS_MAX; i++) {
		struct packet *packet =
		    &world.packets[(start + i) % PACKETS_MAX];

		if (packet->used && packet->at_ms <= world.now_ms)
			arrive(packet);
	}
}

static void cut(void)
{
	world.connection = 0;
	world.cuts++;
	world.reconnect_ms = world.now_ms + chance(600);
	till_link_lost(till, world.now_ms);
	if (one_in(2)) {
		world.reconnect_ms += chance(2000);
		till_link_down(till, "server_away", "away", world.now_ms);
	}
}

static void connect_again(void)
{
	tally_HelloReply hello = tally_HelloReply_init_zero;

	world.connection = ++world.last_connection;
	till_link_up(till, &hello, world.now_ms);
}

static void work_network(void)
{
	tally_Request request;

	if (world.connection == 0 && world.now_ms >= world.reconnect_ms)
		connect_again();
	if (world.connection != 0 && !world.calm && one_in(100))
		cut();
	while (till_next_request(till, world.now_ms, &request)) {
		assert_int_not_equal(world.connection, 0);
		launch(&request);
	}
	deliver();
}

/* --- the cashier ---------------------------------------------------------- */

/* One of the last operations, most of which have not been answered. */
static bool ask_to_undo(struct till_command *command)
{
	uint64_t back = 1 + chance(6);

	if (back >= outbox_next_counter(outbox))
		return false;
	command->what = TILL_DO_VOID;
	command->operation = outbox_next_counter(outbox) - back;
	world.asked_void = command->operation;
	return true;
}

static void ask_for_something(void)
{
	struct till_command command = {.what = TILL_DO_EARN};
	uint32_t kind = chance(10);

	snprintf(command.card, sizeof command.card, "29%011u", chance(CARDS));
	if (kind == 0 || kind == 3) {
		command.what = kind == 0 ? TILL_DO_REDEEM : TILL_DO_HOLD;
		strcpy(command.reward, "coffee");
	} else if (kind == 1) {
		command.what = TILL_DO_RETURN;
		command.card[0] = '\0';
		command.entry = 1 + chance(100);
		command.amount_minor = 1 + chance(5000);
	} else if (kind == 2) {
		command.what = TILL_DO_PING;
	} else if (kind > 4 || !ask_to_undo(&command)) {
		command.amount_minor = 1 + chance(5000);
	}
	world.asked_amount = command.amount_minor;
	till_command(till, &command, world.now_ms);
}

static void open_all(void)
{
	struct error err = {0};

	if (outbox_open(folder, &outbox, &err) != RESULT_OK ||
	    till_create(outbox, show, NULL, &till, &err) != RESULT_OK)
		fail_msg("%s", err.text);
}

static void close_all(void)
{
	till_destroy(till);
	outbox_close(outbox);
}

/* The till's program ends and starts again; what was open is not answered. */
static void restart(void)
{
	close_all();
	world.connection = 0;
	world.reconnect_ms = world.now_ms + chance(300);
	open_all();
}

static void run(unsigned operations)
{
	while (outbox_next_counter(outbox) <= operations) {
		world.now_ms += 1 + chance(25);
		till_time(till, world.now_ms);
		work_network();
		if (till_is_ready(till) && !one_in(4))
			ask_for_something();
		if (one_in(2000))
			restart();
	}
	/* A request that the network dropped on a connection that lives is
	 * remote's to notice: it breaks the silence. */
	if (world.connection != 0)
		cut();
	world.calm = true;
	for (unsigned i = 0; i < 20000 && outbox_count(outbox) > 0; i++) {
		world.now_ms += 25;
		till_time(till, world.now_ms);
		work_network();
	}
}

/* A void that is done has undone something, or keeps it out. */
static void check_void(const struct fate *fate)
{
	const struct fate *original = &world.fates[fate->voids];

	if (fate->voids == 0 || !fate->done)
		return;
	assert_true(original->undone || original->tombstone);
	assert_int_equal(original->booked, original->undone ? 1 : 0);
}

static void check_fate(uint64_t counter)
{
	const struct fate *fate = &world.fates[counter];
	bool counts = fate->booked > 0 && !fate->undone;

	if (fate->words != 1)
		fail_msg("operation %llu has %u last words",
		    (unsigned long long)counter, fate->words);
	/* Done is what the server counted, and nothing else is. What was
	 * undone may have been done before. */
	if (counts)
		assert_true(fate->done);
	if (fate->done)
		assert_int_equal(fate->booked, 1);
	if (fate->cancelled || fate->tombstone)
		assert_int_equal(fate->booked, 0);
	/* What was promised was counted, refused for good, or undone. */
	if (fate->promised && !fate->done && fate->voids == 0)
		assert_true(is_refused_for_good(fate->amount) || fate->undone ||
			    fate->tombstone || fate->cancelled);
	if (fate->booked && fate->amount != 0)
		assert_int_equal(fate->amount, fate->booked_amount);
	check_void(fate);
}

static void check(uint64_t operations)
{
	uint64_t booked = 0;

	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_next_counter(outbox), operations + 1);
	for (uint64_t i = 1; i <= operations; i++) {
		check_fate(i);
		booked += world.fates[i].booked;
	}
	assert_int_equal(booked, world.entries);
	/* There was trouble, or this proves nothing. */
	assert_true(world.cuts > 5);
	assert_true(world.repeated > 10);
	assert_true(world.refused_now > 10);
	assert_true(world.undone > 5);
	assert_true(world.cancelled > 5);
}

static void simulate(uint64_t seed, unsigned operations)
{
	char command[128];
	const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	memset(&world, 0, sizeof world);
	chance_state = seed * 0x9e3779b97f4a7c15u + 1;
	world.now_ms = 1000;
	snprintf(folder, sizeof folder, "%s/simulation-XXXXXX", place);
	assert_non_null(mkdtemp(folder));
	open_all();
	run(operations);
	check(outbox_next_counter(outbox) - 1);
	close_all();
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

static void every_acknowledged_operation_is_counted_once_with_seed_1(
    void **state)
{
	(void)state;
	simulate(1, 1500);
}

static void every_acknowledged_operation_is_counted_once_with_seed_2(
    void **state)
{
	(void)state;
	simulate(2, 1500);
}

static void every_acknowledged_operation_is_counted_once_with_seed_3(
    void **state)
{
	(void)state;
	simulate(3, 1500);
}

static void every_acknowledged_operation_is_counted_once_with_more_seeds(
    void **state)
{
	const char *more = getenv("SIMULATION_SEEDS");
	unsigned seeds = more ? (unsigned)atoi(more) : 2;

	(void)state;
	for (unsigned i = 0; i < seeds; i++)
		simulate(100 + i, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		every_acknowledged_operation_is_counted_once_with_seed_1),
	    cmocka_unit_test(
		every_acknowledged_operation_is_counted_once_with_seed_2),
	    cmocka_unit_test(
		every_acknowledged_operation_is_counted_once_with_seed_3),
	    cmocka_unit_test(
		every_acknowledged_operation_is_counted_once_with_more_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
