/*
 * till_secret: a second person's PIN and a member's private details, which are
 * sent with their operation and never written to the disk.
 *
 * There is one secret at a time. It is there for as long as its operation
 * waits and the program lives, so that an answer that was lost is asked for
 * again with it. After a restart the operation is hollow. Of details nobody
 * knows then whether they were changed, and to enter them again does no harm.
 * A goodwill that is entered again would count twice, so the server is asked
 * whether it was done: the same operation without the PIN (tally.proto,
 * Adjust). To be told that it was not is no last word yet, for what was sent
 * with the PIN may still be on its way: a void makes it one.
 */
#include "client/till_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"

bool till_allow_secret(struct till *till)
{
	if (till->link != LINK_UP) {
		till_refuse(till, "server_away",
		    "The server cannot be reached. PINs and private details "
		    "are not saved on the till: try again later.");
		return false;
	}
	if (till->secret.counter != 0) {
		till_refuse(till, "secret_waits",
		    "Operation %llu, with a PIN or private details, has no "
		    "answer yet. Wait for it, then enter this again.",
		    (unsigned long long)till->secret.counter);
		return false;
	}
	return true;
}

void till_keep_secret(struct till *till, uint64_t counter)
{
	const struct till_command *command = &till->call.command;
	struct secret *secret = &till->secret;

	secret->counter = counter;
	memcpy(secret->pin, command->pin, sizeof secret->pin);
	memcpy(secret->name, command->name, sizeof secret->name);
	memcpy(secret->phone, command->phone, sizeof secret->phone);
	secret->birthday = command->birthday;
}

void till_forget_secret(struct till *till, uint64_t counter)
{
	if (till->secret.counter == counter)
		crypto_wipe(&till->secret, sizeof till->secret);
}

const struct secret *till_secret_of(const struct till *till, uint64_t counter)
{
	return till->secret.counter == counter ? &till->secret : NULL;
}

void till_give_up_details(struct till *till, struct slot *slot)
{
	struct till_result result = {.end = TILL_REFUSED, .why = "unknown"};

	till_say(&result,
	    "The till was started anew before the answer came: it is not known "
	    "whether the details were changed. Enter them again.");
	till_settle(till, slot, &result);
}

void till_take_hollow(struct till *till, struct slot *slot,
    enum refusal_code code, uint64_t now_ms)
{
	struct till_result result = {.end = TILL_REFUSED, .why = "unknown"};

	if (code != REFUSAL_COUNTER_CONFLICT) {
		if (!till_begin_undoing(till, slot->counter))
			till_pause_sending(till, now_ms);
		return;
	}
	/* To undo that name would be to undo what has it now. */
	till_say(&result,
	    "It is not known whether this counted: the till was started anew "
	    "before the answer came. Look at the customer's history.");
	till_settle(till, slot, &result);
}
