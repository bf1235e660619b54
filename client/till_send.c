/*
 * till_send: which operation of the outbox is sent next, and under whose
 * ticket.
 */
#include "client/till_inside.h"

#include <string.h>

/* Slots looked at for the next one to send. A slot further back waits. */
#define SLOT_WINDOW 64u

/* The slot's own ticket, the one of who is logged in, or NULL. */
static const uint8_t *choose_ticket(
    struct till *till, struct slot *slot, const struct operation *operation)
{
	slot->own_ticket = !slot->new_ticket && operation->has_ticket;
	if (slot->own_ticket)
		return operation->ticket;
	return till->has_ticket ? till->ticket : NULL;
}

static bool needs_login(const struct till *till, const struct slot *slot)
{
	return till->facts.cashier_required && slot->new_ticket &&
	       !till->has_ticket;
}

/* The next slot that may be sent, or NULL. */
static struct slot *next_slot(struct till *till)
{
	unsigned looked = 0;

	for (size_t i = 0; i < till->slot_count && looked < SLOT_WINDOW; i++) {
		struct slot *slot = &till->slots[i];

		/* Its void may be the first beyond the window. */
		if (slot->undone_by != 0)
			continue;
		looked++;
		if (slot->state == SLOT_WAITING && needs_login(till, slot))
			slot->state = SLOT_LOGIN;
		if (slot->state == SLOT_WAITING &&
		    !till_is_behind_its_card(till, i))
			return slot;
	}
	return NULL;
}

/* The next slot to send, past those that can only be given up. */
static struct slot *next_whole_slot(struct till *till)
{
	struct slot *slot = next_slot(till);

	while (slot && slot->hollow && slot->kind == OPERATION_MEMBER) {
		till_give_up_details(till, slot);
		slot = next_slot(till);
	}
	return slot;
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
	slot = next_whole_slot(till);
	if (!slot)
		return false;
	if (outbox_read(till->outbox, slot->counter, &operation, NULL) !=
	    RESULT_OK) {
		till_pause_sending(till, now_ms);
		return false;
	}
	*ret_request = (tally_Request)tally_Request_init_zero;
	ret_request->id = ++till->last_request;
	till_fill_operation(&operation, choose_ticket(till, slot, &operation),
	    till_secret_of(till, slot->counter), ret_request);
	slot->request = ret_request->id;
	slot->state = SLOT_SENT;
	slot->sent = true;
	till->in_flight++;
	return true;
}
