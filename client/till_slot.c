/*
 * till_slot: owns the slots, one for each operation of the outbox.
 *
 * An operation is put on the disk before its slot exists, and its slot goes
 * after the server's last word (till_answer.c). A slot is sent only when no
 * earlier slot of the same card is without its answer: a server that is too
 * busy for an enrolment must not refuse the sale after it for want of that
 * enrolment.
 */
#include "client/till_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

enum result till_reserve_slot(struct till *till, struct error *err)
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

struct slot *till_add_slot(struct till *till, const struct operation *operation)
{
	struct slot *slot = &till->slots[till->slot_count];

	assert(till->slot_count < till->slot_capacity);
	till->slot_count++;
	*slot = (struct slot){
	    .counter = operation->counter,
	    .keys = {card_key(operation->card),
		card_key(operation->other_card)},
	    .kind = operation->kind,
	    .state = SLOT_WAITING,
	    .new_ticket = !operation->has_ticket,
	};
	if (operation->kind == OPERATION_VOID) {
		slot->voids = operation->related;
		till_tie_void(till, slot, slot->counter);
	}
	return slot;
}

void till_drop_slot(struct till *till, struct slot *slot)
{
	size_t place = (size_t)(slot - till->slots);

	till_forget_secret(till, slot->counter);
	till->slot_count--;
	memmove(slot, slot + 1, (till->slot_count - place) * sizeof *slot);
}

static enum result load_slot(
    void *context, const struct operation *operation, struct error *err)
{
	struct till *till = context;
	struct slot *slot;

	if (till_reserve_slot(till, err) != RESULT_OK)
		return RESULT_NO_MEMORY;
	slot = till_add_slot(till, operation);
	slot->sent = true;
	slot->in_doubt = true;
	slot->hollow = operation_has_secret(operation);
	return RESULT_OK;
}

enum result till_load_slots(struct till *till, struct error *err)
{
	return outbox_each(till->outbox, load_slot, till, err);
}

struct slot *till_find_slot(struct till *till, uint64_t counter)
{
	for (size_t i = 0; i < till->slot_count; i++)
		if (till->slots[i].counter == counter)
			return &till->slots[i];
	return NULL;
}

bool till_slot_is_open(const struct till *till, const struct slot *slot)
{
	return till->call.open && till->call.counter == slot->counter;
}

static bool share_a_card(const struct slot *a, const struct slot *b)
{
	for (int i = 0; i < 2; i++)
		if (a->keys[i] != 0 &&
		    (a->keys[i] == b->keys[0] || a->keys[i] == b->keys[1]))
			return true;
	return false;
}

/* A void takes the place of what it undoes: what follows that waits for it. */
bool till_is_behind_its_card(const struct till *till, size_t place)
{
	const struct slot *slot = &till->slots[place];

	for (size_t i = 0; i < place; i++) {
		const struct slot *earlier = &till->slots[i];

		if (earlier->undone_by == slot->counter)
			return false;
		if (earlier->state != SLOT_ANSWERED &&
		    share_a_card(slot, earlier))
			return true;
	}
	return false;
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

/* What is undone by a void that waits goes when the void does. */
bool till_has_work(const struct till *till)
{
	for (size_t i = 0; i < till->slot_count; i++) {
		const struct slot *slot = &till->slots[i];

		if (slot->state == SLOT_SENT ||
		    (slot->state == SLOT_WAITING && slot->undone_by == 0))
			return true;
	}
	return false;
}
