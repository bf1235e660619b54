/*
 * till_answer: owns what the server's answer does to a slot: the last word,
 * "not now", a login that is wanted, or another name.
 */
#include "client/till_inside.h"

#include <string.h>

/* A removal that failed is tried again after this. */
#define REMOVE_AGAIN_MS 1000u

void till_told(struct till *till, uint64_t now_ms)
{
	size_t i = 0;

	if (till->answered == 0 || now_ms < till->remove_at_ms)
		return;
	while (i < till->slot_count) {
		struct slot *slot = &till->slots[i];

		if (slot->state != SLOT_ANSWERED ||
		    outbox_settle(till->outbox, slot->counter, slot->refused,
			NULL) != RESULT_OK) {
			i++;
			continue;
		}
		till->answered--;
		till_drop_slot(till, slot);
	}
	till->remove_at_ms = till->answered > 0 ? now_ms + REMOVE_AGAIN_MS : 0;
}

/* The result of an operation whose command was closed before, or which an
 * earlier run kept. */
static void show_settled(
    struct till *till, const struct slot *slot, struct till_result *result)
{
	struct operation operation = {0};

	/* Without the disk the outcome is still worth telling. */
	(void)!outbox_read(till->outbox, slot->counter, &operation, NULL);
	result->kind = TILL_SETTLED;
	result->what = till_do_of(slot->kind);
	result->id = operation.id;
	result->card = operation.card;
	result->operation = slot->counter;
	till->show(till->context, result);
}

static void answer_open(struct till *till, struct till_result *result)
{
	struct till_result answer = till_call_result(till);

	answer.end = result->end;
	answer.why = result->why;
	answer.refusal = result->refusal;
	answer.unsent = result->unsent;
	answer.operation_reply = result->operation_reply;
	till_answer(till, &answer);
}

/* The operation goes once its last word has been told: in this order a crash
 * between the two tells an outcome twice, never not at all. */
void till_settle(
    struct till *till, struct slot *slot, struct till_result *result)
{
	till->retry_ms = 0;
	if (slot->voids != 0)
		till_settle_original(till, slot, result->refusal.code);
	slot->state = SLOT_ANSWERED;
	slot->refused = result->end == TILL_REFUSED || result->unsent;
	till->answered++;
	if (till_slot_is_open(till, slot))
		answer_open(till, result);
	else
		show_settled(till, slot, result);
	till_forget_secret(till, slot->counter);
}

/* The server's last word. */
static void settle(
    struct till *till, struct slot *slot, const tally_Reply *reply)
{
	struct till_result result = {0};

	if (reply->which_body == tally_Reply_refusal_tag) {
		message_refusal(reply, &result.refusal);
		result.end = TILL_REFUSED;
		result.why = refusal_name(result.refusal.code);
	} else {
		result.operation_reply = &reply->body.operation;
	}
	till_settle(till, slot, &result);
}

/* The ticket is of no use. Another one may be; else the slot waits for a
 * login, and if it was open its command is closed. */
static void want_login(
    struct till *till, struct slot *slot, const struct refusal *refusal)
{
	struct operation operation = {0};
	bool same = !slot->own_ticket;

	if (slot->own_ticket && outbox_read(till->outbox, slot->counter,
				    &operation, NULL) == RESULT_OK)
		same =
		    till->has_ticket && memcmp(operation.ticket, till->ticket,
					    sizeof till->ticket) == 0;
	if (refusal->code == REFUSAL_CASHIER_REQUIRED)
		till->facts.cashier_required = true;
	if (same) {
		till->has_ticket = false;
		till->cashier = 0;
	}
	slot->new_ticket = true;
	slot->state = till->has_ticket ? SLOT_WAITING : SLOT_LOGIN;
	if (slot->state == SLOT_WAITING || !till_slot_is_open(till, slot))
		return;
	till->call.not_now = *refusal;
	till_leave_operation(till);
}

/*
 * A till that is shut out is refused before anyone looks whether this very
 * operation was done before: where it may have been, that is no word on it.
 */
static bool settles(const struct slot *slot, enum refusal_code code)
{
	return !slot->in_doubt || (code != REFUSAL_TERMINAL_REVOKED &&
				      code != REFUSAL_TERMINAL_UNKNOWN);
}

static void take_not_now(struct till *till, const struct slot *slot,
    const struct refusal *refusal, uint64_t now_ms)
{
	if (till_slot_is_open(till, slot))
		till->call.not_now = *refusal;
	till_pause_sending(till, now_ms);
}

/*
 * The name belongs to another operation: this one is not in the ledger, and can
 * never be under that name. It was saved all the same, so it gets another name.
 * Where the disk fails, the old one is refused again after a pause.
 */
static void rename_slot(
    struct till *till, struct slot *slot, const struct operation *named)
{
	if (till_slot_is_open(till, slot))
		till->call.counter = named->counter;
	if (till->secret.counter == slot->counter)
		till->secret.counter = named->counter;
	till_tie_void(till, slot, named->counter);
	slot->counter = named->counter;
	slot->sent = false;
	slot->in_doubt = false;
}

static void renumber(struct till *till, struct slot *slot, uint64_t now_ms)
{
	struct till_result result = {.kind = TILL_RENUMBERED,
	    .what = till_do_of(slot->kind),
	    .id = "",
	    .operation = slot->counter};
	struct operation operation;

	if (slot->undone_by != 0) {
		till_settle_conflict(till, slot);
		return;
	}
	if (outbox_renumber(till->outbox, slot->counter, &operation, NULL) !=
	    RESULT_OK) {
		till_pause_sending(till, now_ms);
		return;
	}
	rename_slot(till, slot, &operation);
	result.card = operation.card;
	result.now = operation.counter;
	till->show(till->context, &result);
}

/* Of a goodwill with a second person: is it that one who is refused? Of the
 * cashier's own login an operation has a ticket, and no PIN. That it is
 * somebody else who is not known can only be meant where a PIN was sent. */
static bool is_about_second(
    const struct till *till, const struct slot *slot, enum refusal_code code)
{
	const struct secret *secret = till_secret_of(till, slot->counter);

	if (slot->kind != OPERATION_GOODWILL)
		return false;
	if (code == REFUSAL_CASHIER_UNKNOWN)
		return secret != NULL;
	return (secret || slot->hollow) &&
	       (code == REFUSAL_PIN_WRONG || code == REFUSAL_PIN_LOCKED);
}

/* The PIN is looked at before anyone looks whether this was done before. */
static void take_second(struct till *till, struct slot *slot,
    const tally_Reply *reply, const struct refusal *refusal, uint64_t now_ms)
{
	if (slot->hollow)
		till_take_hollow(till, slot, refusal->code, now_ms);
	else if (slot->in_doubt)
		take_not_now(till, slot, refusal, now_ms);
	else
		settle(till, slot, reply);
}

static void take_last_refusal(struct till *till, struct slot *slot,
    const tally_Reply *reply, const struct refusal *refusal, uint64_t now_ms)
{
	if (!settles(slot, refusal->code))
		take_not_now(till, slot, refusal, now_ms);
	else if (slot->hollow)
		till_take_hollow(till, slot, refusal->code, now_ms);
	else
		settle(till, slot, reply);
}

static void take_refusal(struct till *till, struct slot *slot,
    const tally_Reply *reply, uint64_t now_ms)
{
	struct refusal refusal;

	message_refusal(reply, &refusal);
	if (is_about_second(till, slot, refusal.code)) {
		take_second(till, slot, reply, &refusal, now_ms);
		return;
	}
	switch (refusal.code) {
	case REFUSAL_CASHIER_REQUIRED:
	case REFUSAL_CASHIER_UNKNOWN:
	case REFUSAL_PIN_WRONG:
	case REFUSAL_PIN_LOCKED:
		want_login(till, slot, &refusal);
		break;
	case REFUSAL_OVERLOADED:
	case REFUSAL_STORAGE:
	case REFUSAL_SHUTTING_DOWN:
		take_not_now(till, slot, &refusal, now_ms);
		break;
	case REFUSAL_COUNTER_CONFLICT:
		if (slot->hollow)
			till_take_hollow(till, slot, refusal.code, now_ms);
		else
			renumber(till, slot, now_ms);
		break;
	case REFUSAL_COUNTER_FORK:
		till_stop(till, &refusal);
		break;
	default:
		take_last_refusal(till, slot, reply, &refusal, now_ms);
		break;
	}
}

static struct slot *sent_slot(struct till *till, uint64_t request)
{
	for (size_t i = 0; i < till->slot_count; i++)
		if (till->slots[i].state == SLOT_SENT &&
		    till->slots[i].request == request)
			return &till->slots[i];
	return NULL;
}

bool till_operation_reply(
    struct till *till, const tally_Reply *reply, uint64_t now_ms)
{
	struct slot *slot = sent_slot(till, reply->id);

	if (!slot)
		return false;
	till->in_flight--;
	slot->state = SLOT_WAITING;
	if (reply->which_body == tally_Reply_operation_tag)
		settle(till, slot, reply);
	else if (reply->which_body == tally_Reply_refusal_tag)
		take_refusal(till, slot, reply, now_ms);
	else /* An answer to something else: as good as none. */
		till_pause_sending(till, now_ms);
	return true;
}
