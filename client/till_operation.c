/*
 * till_operation: owns the slots, one for each operation of the outbox.
 *
 * An operation is put on the disk before its slot exists, and its slot goes
 * after the server's last word (till_answer.c). A slot is sent only when no
 * earlier slot of the same card is without its answer: a server that is too
 * busy for an enrolment must not refuse the sale after it for want of that
 * enrolment.
 */
#include "client/till_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Slots looked at for the next one to send. A slot further back waits. */
#define SLOT_WINDOW 64u

bool till_is_operation(enum till_do what)
{
	return what == TILL_DO_ENROL || what == TILL_DO_EARN ||
	       what == TILL_DO_REDEEM || what == TILL_DO_RETURN;
}

static enum entry_kind kind_of(enum till_do what)
{
	switch (what) {
	case TILL_DO_ENROL:
		return ENTRY_ENROL;
	case TILL_DO_EARN:
		return ENTRY_EARN;
	case TILL_DO_REDEEM:
		return ENTRY_REDEEM;
	default:
		return ENTRY_RETURN;
	}
}

enum till_do till_do_of(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_ENROL:
		return TILL_DO_ENROL;
	case ENTRY_EARN:
		return TILL_DO_EARN;
	case ENTRY_REDEEM:
		return TILL_DO_REDEEM;
	default:
		return TILL_DO_RETURN;
	}
}

/* --- slots ---------------------------------------------------------------- */

/* FNV-1a. Two cards with one key wait for each other: slow, not wrong. */
static uint64_t card_key(const char *card)
{
	uint64_t key = 0xcbf29ce484222325u;

	if (card[0] == '\0')
		return 0;
	for (; *card; card++)
		key = (key ^ (uint8_t)*card) * 0x100000001b3u;
	return key;
}

static enum result reserve_slot(struct till *till, struct error *err)
{
	size_t capacity = till->slot_capacity ? till->slot_capacity * 2 : 16;
	struct slot *slots;

	if (till->slot_count < till->slot_capacity)
		return RESULT_OK;
	slots = reallocarray(till->slots, capacity, sizeof *slots);
	if (!slots)
		return error_no_memory(err);
	till->slots = slots;
	till->slot_capacity = capacity;
	return RESULT_OK;
}

static struct slot *add_slot(
    struct till *till, const struct operation *operation)
{
	struct slot *slot = &till->slots[till->slot_count];

	assert(till->slot_count < till->slot_capacity);
	till->slot_count++;
	*slot = (struct slot){
	    .counter = operation->counter,
	    .key = card_key(operation->card),
	    .kind = operation->kind,
	    .state = SLOT_WAITING,
	    .new_ticket = !operation->has_ticket,
	};
	return slot;
}

void till_drop_slot(struct till *till, struct slot *slot)
{
	size_t place = (size_t)(slot - till->slots);

	till->slot_count--;
	memmove(slot, slot + 1, (till->slot_count - place) * sizeof *slot);
}

static enum result load_slot(
    void *context, const struct operation *operation, struct error *err)
{
	struct till *till = context;

	if (reserve_slot(till, err) != RESULT_OK)
		return RESULT_NO_MEMORY;
	add_slot(till, operation)->in_doubt = true;
	return RESULT_OK;
}

enum result till_load_slots(struct till *till, struct error *err)
{
	return outbox_each(till->outbox, load_slot, till, err);
}

void till_unsend_operations(struct till *till)
{
	for (size_t i = 0; i < till->slot_count; i++) {
		if (till->slots[i].state != SLOT_SENT)
			continue;
		till->slots[i].state = SLOT_WAITING;
		till->slots[i].in_doubt = true;
	}
	till->in_flight = 0;
	till->retry_at_ms = 0;
}

void till_release_operations(struct till *till)
{
	for (size_t i = 0; i < till->slot_count; i++)
		if (till->slots[i].state == SLOT_LOGIN)
			till->slots[i].state = SLOT_WAITING;
}

bool till_has_work(const struct till *till)
{
	for (size_t i = 0; i < till->slot_count; i++)
		if (till->slots[i].state == SLOT_WAITING ||
		    till->slots[i].state == SLOT_SENT)
			return true;
	return false;
}

bool till_slot_is_open(const struct till *till, const struct slot *slot)
{
	return till->call.open && till->call.counter == slot->counter;
}

/* --- beginning ------------------------------------------------------------ */

static bool gives_out(enum till_do what)
{
	return what == TILL_DO_REDEEM || what == TILL_DO_RETURN;
}

/* May this card redeem this reward with the server away? Refuses if not. */
static bool allow_offline_redeem(struct till *till)
{
	const struct till_command *command = &till->call.command;
	const struct programme_reward *reward =
	    shop_facts_reward(&till->facts, command->reward);
	uint64_t points_max = till->facts.offline_redeem_points_max;
	uint64_t used_points = 0;
	struct error err;

	if (points_max == 0) {
		till_refuse(till, "server_away",
		    "The server cannot be reached, and without it nothing can "
		    "be redeemed. Try again later.");
		return false;
	}
	if (!reward) {
		till_refuse(till, refusal_name(REFUSAL_REWARD_UNKNOWN),
		    "The server cannot be reached, and this till knows no "
		    "reward '%s'.",
		    command->reward);
		return false;
	}
	if (outbox_redeem_points(
		till->outbox, command->card, &used_points, &err) != RESULT_OK) {
		till_refuse(till, "not_saved", "Not saved: %s", err.text);
		return false;
	}
	if (reward->points > points_max ||
	    used_points > points_max - reward->points) {
		till_refuse(till, "server_away",
		    "The server cannot be reached. Without it a card can "
		    "redeem "
		    "%llu points; %llu are used and %s takes %llu.",
		    (unsigned long long)points_max,
		    (unsigned long long)used_points, reward->name,
		    (unsigned long long)reward->points);
		return false;
	}
	return true;
}

/* The questions that need no server. False: refused and closed. */
static bool allow_operation(struct till *till)
{
	enum till_do what = till->call.command.what;
	bool away = till->link != LINK_UP;

	if (away && what == TILL_DO_RETURN) {
		till_refuse(till, "server_away",
		    "The server cannot be reached. Take goods back when it "
		    "is, or pay from the receipt and do this later.");
		return false;
	}
	if (till->facts.cashier_required && !till->has_ticket &&
	    (!away || what == TILL_DO_REDEEM)) {
		till_refuse(till, refusal_name(REFUSAL_CASHIER_REQUIRED),
		    "Log in with your number and PIN first. Nothing was "
		    "saved.");
		return false;
	}
	return !away || what != TILL_DO_REDEEM || allow_offline_redeem(till);
}

static void fill_operation(const struct till *till, struct operation *operation)
{
	const struct till_command *command = &till->call.command;
	const struct programme_reward *reward =
	    shop_facts_reward(&till->facts, command->reward);

	memset(operation, 0, sizeof *operation);
	operation->kind = kind_of(command->what);
	memcpy(operation->card, command->card, sizeof operation->card);
	operation->amount_minor = command->amount_minor;
	memcpy(operation->reward, command->reward, sizeof operation->reward);
	memcpy(operation->receipt, command->receipt, sizeof operation->receipt);
	operation->sale = command->entry;
	operation->points = reward ? reward->points : 0;
	operation->has_ticket = till->has_ticket;
	memcpy(operation->ticket, till->ticket, sizeof operation->ticket);
	memcpy(operation->id, command->id, sizeof operation->id);
	operation->created_ms = command->created_ms;
}

/* Give the operation its name and its place on the disk, or refuse it. */
static bool keep_operation(struct till *till)
{
	struct operation operation;
	struct error err;
	enum result result = reserve_slot(till, &err);

	fill_operation(till, &operation);
	if (result == RESULT_OK)
		result = outbox_put(till->outbox, &operation, &err);
	if (result == RESULT_OK) {
		add_slot(till, &operation);
		till->call.counter = operation.counter;
		return true;
	}
	if (outbox_is_broken(till->outbox))
		till_refuse(till, "outbox_broken",
		    "The disk failed; it is not known whether this was saved. "
		    "Stop the till and see to its disk.");
	else if (result == RESULT_LIMIT)
		till_refuse(till, "outbox_full", "Not saved: %s", err.text);
	else
		till_refuse(till, "not_saved", "Not saved: %s", err.text);
	return false;
}

static const char *silent_say(const struct till *till)
{
	bool away = till->link == LINK_DOWN;

	switch (till->call.command.what) {
	case TILL_DO_REDEEM:
		return "No answer yet. Do not hand anything out: the server is "
		       "asked until it answers.";
	case TILL_DO_RETURN:
		return "No answer yet. The server is asked until it answers; "
		       "do not enter this again.";
	default:
		return away ? "Saved. It is sent when the server can be "
			      "reached again."
			    : "Saved. The server has not answered yet and is "
			      "asked until it does.";
	}
}

/* The server did answer: not now. Its sentence may end in "try again", which
 * a till does by itself, and a cashier must not. */
static void say_leave(const struct till *till, struct till_result *result)
{
	const struct refusal *not_now = &till->call.not_now;
	bool unknown = gives_out(result->what);
	char text[SAY_SIZE_MAX * 2];

	switch (not_now->code) {
	case REFUSAL_NONE:
		till_say(result, silent_say(till));
		return;
	case REFUSAL_CASHIER_REQUIRED:
	case REFUSAL_CASHIER_UNKNOWN:
		till_say(result,
		    unknown ? "Not done yet: hand nothing out. Log in with "
			      "your number and PIN, then it is sent."
			    : "Saved. Log in with your number and PIN, then it "
			      "is sent.");
		return;
	default:
		snprintf(text, sizeof text, "%s Do not enter it again. %s",
		    unknown ? "Not done yet: hand nothing out." : "Saved.",
		    not_now->say);
		till_say(result, text);
		return;
	}
}

/* Close the command; its operation goes on. A refusal that said "not now" is
 * the reason to name. */
void till_leave_operation(struct till *till)
{
	struct till_result result = till_call_result(till);
	const struct refusal *not_now = &till->call.not_now;
	bool unknown = gives_out(result.what);

	result.end = unknown ? TILL_UNKNOWN : TILL_SAVED;
	result.refusal = *not_now;
	if (not_now->code != REFUSAL_NONE)
		result.why = refusal_name(not_now->code);
	else if (unknown)
		result.why = "unknown";
	say_leave(till, &result);
	till_answer(till, &result);
}

static void answer_handed_out(struct till *till)
{
	struct till_result result = till_call_result(till);

	result.end = TILL_SAVED;
	till_say(&result,
	    "Saved, within what the owner allows while the server is away. "
	    "Hand it out.");
	till_answer(till, &result);
}

void till_begin_operation(struct till *till, uint64_t now_ms)
{
	(void)now_ms;
	if (!allow_operation(till) || !keep_operation(till))
		return;
	till->call.phase = CALL_ANSWER;
	if (till->link == LINK_UP)
		return;
	if (till->call.command.what == TILL_DO_REDEEM)
		answer_handed_out(till);
	else
		till_leave_operation(till);
}

/* --- sending -------------------------------------------------------------- */

/* The slot's own ticket, the one of who is logged in, or NULL. */
static const uint8_t *choose_ticket(
    struct till *till, struct slot *slot, const struct operation *operation)
{
	slot->own_ticket = !slot->new_ticket && operation->has_ticket;
	if (slot->own_ticket)
		return operation->ticket;
	return till->has_ticket ? till->ticket : NULL;
}

static bool is_behind_its_card(const struct till *till, size_t place)
{
	const struct slot *slot = &till->slots[place];

	if (slot->key == 0)
		return false;
	for (size_t i = 0; i < place; i++)
		if (till->slots[i].key == slot->key &&
		    till->slots[i].state != SLOT_ANSWERED)
			return true;
	return false;
}

static bool needs_login(const struct till *till, const struct slot *slot)
{
	return till->facts.cashier_required && slot->new_ticket &&
	       !till->has_ticket;
}

/* The next slot that may be sent, or NULL. */
static struct slot *next_slot(struct till *till)
{
	size_t end =
	    till->slot_count < SLOT_WINDOW ? till->slot_count : SLOT_WINDOW;

	for (size_t i = 0; i < end; i++) {
		struct slot *slot = &till->slots[i];

		if (slot->state == SLOT_WAITING && needs_login(till, slot))
			slot->state = SLOT_LOGIN;
		if (slot->state == SLOT_WAITING && !is_behind_its_card(till, i))
			return slot;
	}
	return NULL;
}

void till_pause_sending(struct till *till, uint64_t now_ms)
{
	uint32_t doubled = till->retry_ms * 2;

	if (doubled < TILL_RETRY_MS_MIN)
		doubled = TILL_RETRY_MS_MIN;
	if (doubled > TILL_RETRY_MS_MAX)
		doubled = TILL_RETRY_MS_MAX;
	till->retry_ms = doubled;
	till->retry_at_ms = now_ms + doubled;
}

bool till_next_operation(
    struct till *till, uint64_t now_ms, tally_Request *ret_request)
{
	struct operation operation;
	struct slot *slot;

	if (till->in_flight >= TILL_IN_FLIGHT_MAX || now_ms < till->retry_at_ms)
		return false;
	slot = next_slot(till);
	if (!slot)
		return false;
	if (outbox_read(till->outbox, slot->counter, &operation, NULL) !=
	    RESULT_OK) {
		till_pause_sending(till, now_ms);
		return false;
	}
	*ret_request = (tally_Request)tally_Request_init_zero;
	ret_request->id = ++till->last_request;
	till_fill_operation(
	    &operation, choose_ticket(till, slot, &operation), ret_request);
	slot->request = ret_request->id;
	slot->state = SLOT_SENT;
	till->in_flight++;
	return true;
}
