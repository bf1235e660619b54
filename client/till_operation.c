/*
 * till_operation: the open command is an operation: may it be kept, how it is
 * kept, and what is said where no answer comes.
 */
#include "client/till_inside.h"

#include <stdio.h>
#include <string.h>

/* What the reward of the open command takes, as far as is known here. */
static uint64_t cost_points(const struct till *till)
{
	const struct till_command *command = &till->call.command;
	const struct programme_reward *reward =
	    shop_facts_reward(&till->facts, command->reward);

	if (!reward)
		return 0;
	return reward->kind == REWARD_MONEY ? (uint64_t)command->points
					    : reward->points;
}

static bool refuse_away(struct till *till, const char *say)
{
	till_refuse(till, "server_away", "%s", say);
	return false;
}

/* Is the reward one that can be given with the server away? Refuses if not. */
static bool allow_offline_reward(
    struct till *till, const struct programme_reward *reward)
{
	if (!reward) {
		till_refuse(till, refusal_name(REFUSAL_REWARD_UNKNOWN),
		    "The server cannot be reached, and this till knows no "
		    "reward '%s'.",
		    till->call.command.reward);
		return false;
	}
	if (cost_points(till) == 0) {
		till_refuse(till, refusal_name(REFUSAL_POINTS_INVALID),
		    "Say how many points are to be paid with.");
		return false;
	}
	return true;
}

/* May this card redeem this reward with the server away? Refuses if not. */
static bool allow_offline_redeem(struct till *till)
{
	const struct till_command *command = &till->call.command;
	const struct programme_reward *reward =
	    shop_facts_reward(&till->facts, command->reward);
	uint64_t points_max = till->facts.offline_redeem_points_max;
	uint64_t points = cost_points(till);
	uint64_t used_points = 0;
	struct error err;

	if (points_max == 0)
		return refuse_away(till,
		    "The server cannot be reached, and without it nothing can "
		    "be redeemed. Try again later.");
	if (!allow_offline_reward(till, reward))
		return false;
	if (outbox_redeem_points(
		till->outbox, command->card, &used_points, &err) != RESULT_OK) {
		till_refuse(till, "not_saved", "Not saved: %s", err.text);
		return false;
	}
	if (points <= points_max && used_points <= points_max - points)
		return true;
	till_refuse(till, "server_away",
	    "The server cannot be reached. Without it a card can redeem "
	    "%llu points; %llu are used and %s takes %llu.",
	    (unsigned long long)points_max, (unsigned long long)used_points,
	    reward->name, (unsigned long long)points);
	return false;
}

static bool has_secret(const struct till_command *command)
{
	if (command->what == TILL_DO_MEMBER_SET)
		return command->text[0] == '\0';
	return command->what == TILL_DO_GOODWILL && command->second != 0;
}

/* What is given by hand always has somebody who answers for it; a redemption
 * with the server away has, too. All else that is saved can wait for a login.
 */
static bool lacks_login(const struct till *till)
{
	enum till_do what = till->call.command.what;

	if (till->has_ticket)
		return false;
	if (what == TILL_DO_GOODWILL)
		return true;
	return till->facts.cashier_required &&
	       (till->link == LINK_UP || what == TILL_DO_REDEEM);
}

/* The questions that need no server. False: refused and closed, or done. */
static bool allow_operation(struct till *till)
{
	enum till_do what = till->call.command.what;
	bool away = till->link != LINK_UP;

	if (away && till_away_say(what))
		return refuse_away(till, till_away_say(what));
	if (lacks_login(till)) {
		till_refuse(till, refusal_name(REFUSAL_CASHIER_REQUIRED),
		    "Log in with your number and PIN first. Nothing was "
		    "saved.");
		return false;
	}
	if (has_secret(&till->call.command))
		return till_allow_secret(till);
	if (what == TILL_DO_VOID)
		return till_allow_void(till);
	return !away || what != TILL_DO_REDEEM || allow_offline_redeem(till);
}

static void fill_operation(const struct till *till, struct operation *operation)
{
	const struct till_command *command = &till->call.command;

	memset(operation, 0, sizeof *operation);
	operation->kind = till_kind_of(command->what);
	memcpy(operation->card, command->card, sizeof operation->card);
	memcpy(operation->other_card, command->other_card,
	    sizeof operation->other_card);
	operation->amount_minor = command->amount_minor;
	operation->paid_minor = command->paid_minor;
	memcpy(operation->reward, command->reward, sizeof operation->reward);
	memcpy(operation->receipt, command->receipt, sizeof operation->receipt);
	operation->related =
	    command->what == TILL_DO_VOID ? command->operation : command->entry;
	operation->points = command->points;
	operation->cost_points = cost_points(till);
	memcpy(operation->text, command->text, sizeof operation->text);
	operation->off = command->off;
	operation->second = command->second;
	operation->list_size = command->list_size;
	memcpy(operation->list, command->list, command->list_size);
	operation->has_ticket = till->has_ticket;
	memcpy(operation->ticket, till->ticket, sizeof operation->ticket);
	memcpy(operation->id, command->id, sizeof operation->id);
	operation->created_ms = command->created_ms;
}

static void take_operation(struct till *till, const struct operation *operation)
{
	till_add_slot(till, operation);
	till->call.counter = operation->counter;
	if (operation_has_secret(operation))
		till_keep_secret(till, operation->counter);
}

/* Give the operation its name and its place on the disk, or refuse it. */
static bool keep_operation(struct till *till)
{
	struct operation operation;
	struct error err;
	enum result result = till_reserve_slot(till, &err);

	fill_operation(till, &operation);
	if (result == RESULT_OK)
		result = outbox_put(till->outbox, &operation, &err);
	if (result == RESULT_OK) {
		take_operation(till, &operation);
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

/* The server did answer: not now. Its sentence may end in "try again", which
 * a till does by itself, and a cashier must not. */
static void say_leave(const struct till *till, struct till_result *result)
{
	const struct refusal *not_now = &till->call.not_now;
	bool unknown = till_gives_out(result->what);
	char text[SAY_SIZE_MAX * 2];

	switch (not_now->code) {
	case REFUSAL_NONE:
		till_say(result, till_silent_say(till));
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
	bool unknown = till_gives_out(result.what);

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
