/*
 * till_void: undoing an operation of this till, by its counter.
 *
 * What was never sent leaves the outbox, and that is all. For what may have
 * been sent the void is an operation of its own: the server undoes what it has
 * and refuses what has not come yet. The original is then not sent again, for
 * it could only count and be undone; the void goes in its place, ahead of what
 * was entered after the original, and settles both. Where the void is refused
 * for good, the original goes on as if it had never been.
 *
 * A goodwill whose PIN an earlier run knew is undone by the till itself: it is
 * kept under nobody's id, and its settling is told like any other's.
 *
 * The void of an original that is in flight follows it on the same connection.
 * Whichever is answered first, both have their last word in the end.
 */
#include "client/till_inside.h"

#include <stdio.h>
#include <string.h>

static const char undone_say[] = "Undone. It does not count.";
static const char hollow_say[] =
    "Not done: the till was started anew before the answer came. Enter it "
    "again.";

void till_tie_void(struct till *till, struct slot *slot, uint64_t counter)
{
	struct slot *original = till_find_slot(till, slot->voids);

	if (slot->voids == 0 || !original || original == slot)
		return;
	original->undone_by = counter;
	memcpy(slot->keys, original->keys, sizeof slot->keys);
}

static struct till_result undone_result(void)
{
	struct till_result result = {
	    .end = TILL_REFUSED,
	    .why = refusal_name(REFUSAL_VOIDED),
	    .refusal = {.code = REFUSAL_VOIDED},
	};

	till_say(&result, undone_say);
	return result;
}

static void settle_undone(struct till *till, struct slot *slot)
{
	struct till_result result = undone_result();

	if (slot->hollow)
		till_say(&result, hollow_say);
	if (slot->state == SLOT_SENT)
		till->in_flight--;
	till_settle(till, slot, &result);
}

void till_settle_original(
    struct till *till, const struct slot *slot, enum refusal_code code)
{
	struct slot *original = till_find_slot(till, slot->voids);

	if (slot->voids == 0 || !original || original->state == SLOT_ANSWERED)
		return;
	if (code == REFUSAL_NONE || code == REFUSAL_VOIDED)
		settle_undone(till, original);
	else
		original->undone_by = 0;
}

void till_settle_conflict(struct till *till, struct slot *slot)
{
	struct slot *undoing = till_find_slot(till, slot->undone_by);
	struct till_result result = {.end = TILL_DONE, .unsent = true};

	settle_undone(till, slot);
	/* Under that name it would undo another's. */
	if (undoing && !undoing->sent)
		till_settle(till, undoing, &result);
}

bool till_begin_undoing(struct till *till, uint64_t counter)
{
	struct operation operation = {
	    .kind = OPERATION_VOID,
	    .related = counter,
	    .has_ticket = till->has_ticket,
	};

	memcpy(operation.ticket, till->ticket, sizeof operation.ticket);
	if (till_reserve_slot(till, NULL) != RESULT_OK ||
	    outbox_put(till->outbox, &operation, NULL) != RESULT_OK)
		return false;
	till_add_slot(till, &operation);
	return true;
}

/* --- the open command ----------------------------------------------------- */

/* It leaves the disk before anyone hears of it: otherwise a crash might send
 * what a cashier was told is undone. */
static void cancel(struct till *till, struct slot *slot)
{
	struct operation operation = {0};
	struct till_result settled = undone_result();
	struct till_result result = till_call_result(till);
	struct error err;

	if (outbox_read(till->outbox, slot->counter, &operation, &err) !=
		RESULT_OK ||
	    outbox_settle(till->outbox, slot->counter, true, &err) !=
		RESULT_OK) {
		till_refuse(till, "not_saved", "Not undone: %s", err.text);
		return;
	}
	settled.kind = TILL_SETTLED;
	settled.what = till_do_of(slot->kind);
	settled.id = operation.id;
	settled.card = operation.card;
	settled.operation = slot->counter;
	till_drop_slot(till, slot);
	till->show(till->context, &settled);
	result.unsent = true;
	till_answer(till, &result);
}

static bool refuse_void(
    struct till *till, enum refusal_code code, const char *say)
{
	till_refuse(till, refusal_name(code), "%s", say);
	return false;
}

bool till_allow_void(struct till *till)
{
	uint64_t counter = till->call.command.operation;
	struct slot *slot = till_find_slot(till, counter);

	/* A counter that is still to be given would be lost to its operation.
	 */
	if (counter == 0 || counter >= outbox_next_counter(till->outbox))
		return refuse_void(till, REFUSAL_NOT_FOUND,
		    "This till has no operation with that number.");
	if (!slot || slot->state == SLOT_ANSWERED)
		return true;
	if (slot->kind == OPERATION_VOID)
		return refuse_void(till, REFUSAL_NOT_VOIDABLE,
		    "What undoes cannot be undone. Enter it anew.");
	if (slot->undone_by != 0)
		return refuse_void(
		    till, REFUSAL_VOIDED, "It is being undone already.");
	if (slot->sent)
		return true;
	cancel(till, slot);
	return false;
}
