/*
 * prompt_operation: what is said about an operation, and what is remembered of
 * it for the customer's next one.
 */
#include "client/prompt_inside.h"

#include <inttypes.h>
#include <string.h>

static const char *reward_name(const struct shop_facts *facts, const char *id)
{
	const struct programme_reward *reward = shop_facts_reward(facts, id);

	return reward ? reward->name : id;
}

/* --- what was done -------------------------------------------------------- */

static void write_change(
    const tally_OperationReply *reply, struct buffer *output)
{
	prompt_write(output, "%+" PRId64 " %s. ", reply->points,
	    prompt_points_word(reply->points));
}

static void write_earn(const struct prompt *prompt,
    const tally_OperationReply *reply, struct buffer *output)
{
	prompt_write_amount(output, prompt->amount_minor);
	if (prompt->paid_minor > 0) {
		prompt_write(output, " (");
		prompt_write_amount(output, prompt->paid_minor);
		prompt_write(output, " of it with points)");
	}
	prompt_write(output, ": %+" PRId64 " %s. Sale %" PRIu64 ". ",
	    reply->points, prompt_points_word(reply->points), reply->entry);
}

static void write_sale(const struct prompt *prompt,
    const tally_OperationReply *reply, struct buffer *output)
{
	prompt_write_amount(output, prompt->amount_minor);
	prompt_write(output,
	    " without a card. Sale %" PRIu64
	    ". Its points can be claimed later: claim %" PRIu64 "%s%s",
	    reply->entry, reply->entry, prompt->receipt[0] ? " " : "",
	    prompt->receipt);
}

/* Off the sale, or over the counter. */
static void write_reward(const struct prompt *prompt,
    const struct shop_facts *facts, const tally_OperationReply *reply,
    struct buffer *output)
{
	if (reply->value_minor > 0) {
		prompt_write(output, "Take ");
		prompt_write_amount(output, reply->value_minor);
		prompt_write(
		    output, " off: %s. ", reward_name(facts, prompt->reward));
	} else {
		prompt_write(output, "Hand out: %s. ",
		    prompt->reward[0] ? reward_name(facts, prompt->reward)
				      : "what was held");
	}
	write_change(reply, output);
}

static void write_hold(const struct prompt *prompt,
    const struct shop_facts *facts, const tally_OperationReply *reply,
    struct buffer *output)
{
	uint64_t left_ms = reply->until_ms > reply->time_ms
			       ? reply->until_ms - reply->time_ms
			       : 0;

	prompt_write(output, "Held as %" PRIu64 ": %s", reply->entry,
	    reward_name(facts, prompt->reward));
	if (reply->value_minor > 0) {
		prompt_write(output, ", ");
		prompt_write_amount(output, reply->value_minor);
		prompt_write(output, " off");
	}
	prompt_write(output,
	    ", for %" PRIu64
	    " minutes. Type 'capture' when it is handed out, or 'void'. ",
	    left_ms / 60000);
}

static void write_with_other(
    const struct prompt *prompt, const char *format, struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8];

	card_mask(prompt->other_card, masked);
	prompt_write(output, "%s %s. ", format, masked);
}

static void write_people(
    const struct prompt *prompt, enum till_do what, struct buffer *output)
{
	switch (what) {
	case TILL_DO_ENROL:
		prompt_write(output, "Enrolled. ");
		return;
	case TILL_DO_CARD_ADD:
		write_with_other(prompt, "The customer now has card", output);
		return;
	case TILL_DO_CARD_BLOCK:
		prompt_write(output, prompt->off ? "The card is in use again. "
						 : "The card is blocked. ");
		return;
	case TILL_DO_JOIN:
		write_with_other(prompt, "Pools from now on with", output);
		return;
	case TILL_DO_LEAVE:
		prompt_write(output, "Pools no longer. ");
		return;
	default:
		prompt_write(output, "Done. ");
		return;
	}
}

/* The void of what never came to the server has no member. */
static bool is_of_nobody(const struct till_result *result)
{
	const tally_OperationReply *reply = result->operation_reply;

	return result->what == TILL_DO_VOID && reply->points == 0 &&
	       reply->balance == 0;
}

static void write_what(const struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	const tally_OperationReply *reply = result->operation_reply;

	switch (result->what) {
	case TILL_DO_EARN:
		write_earn(prompt, reply, output);
		return;
	case TILL_DO_SALE:
		write_sale(prompt, reply, output);
		return;
	case TILL_DO_REDEEM:
	case TILL_DO_CAPTURE:
		write_reward(prompt, facts, reply, output);
		return;
	case TILL_DO_HOLD:
		write_hold(prompt, facts, reply, output);
		return;
	case TILL_DO_TRANSFER:
		write_with_other(prompt, "Transferred to", output);
		break;
	case TILL_DO_CLAIM:
		prompt_write(output, "Claimed. ");
		break;
	case TILL_DO_VOID:
		prompt_write(output, "Undone.");
		if (is_of_nobody(result))
			return;
		prompt_write(output, " ");
		break;
	case TILL_DO_RETURN:
		prompt_write(output, "Returned. ");
		break;
	case TILL_DO_GOODWILL:
		break;
	default:
		write_people(prompt, result->what, output);
		return;
	}
	write_change(reply, output);
}

void prompt_write_operation(const struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	const tally_OperationReply *reply = result->operation_reply;

	if (!reply) {
		prompt_write(output, "Undone before it was sent.\n");
		return;
	}
	write_what(prompt, result, facts, output);
	if (result->what != TILL_DO_SALE && !is_of_nobody(result))
		prompt_write_points(
		    output, (struct prompt_points){reply->balance,
				reply->spendable, reply->pending});
	if (reply->repeated)
		prompt_write(
		    output, " This had been done before and counts once.");
	prompt_write(output, "\n");
}

/* --- what was not --------------------------------------------------------- */

void prompt_write_undone(const struct prompt *prompt,
    const struct till_result *result, struct buffer *output)
{
	prompt_write(output, "%s", result->refusal.say);
	if (result->end == TILL_UNKNOWN)
		prompt_write(output, " To give it up, type: void %" PRIu64,
		    result->operation);
	else if (result->refusal.code == REFUSAL_SECOND_REQUIRED &&
		 prompt->goodwill_points != 0)
		prompt_write(output,
		    " A supervisor can allow it: type 'second' and the "
		    "supervisor's number.");
	prompt_write(output, "\n");
}

/* --- what is remembered --------------------------------------------------- */

static void remember_void(struct prompt *prompt)
{
	if (prompt->voiding == prompt->operation)
		prompt->is_undone = true;
	else if (prompt->voiding == prompt->before)
		prompt->before = 0;
	prompt->hold = 0;
	prompt->off_minor = 0;
}

/* The same one may be told of twice: saved, then sent. */
static void remember_entered(struct prompt *prompt, uint64_t operation)
{
	if (operation == 0 || operation == prompt->operation)
		return;
	if (!prompt->is_undone)
		prompt->before = prompt->operation;
	prompt->operation = operation;
	prompt->is_undone = false;
}

/* What is off the sale is paid with points; once the sale is entered it is no
 * longer. A capture is of what was held, which was remembered then. */
static void remember_sale(
    struct prompt *prompt, const struct till_result *result)
{
	const tally_OperationReply *reply = result->operation_reply;

	switch (result->what) {
	case TILL_DO_EARN:
		prompt->off_minor = 0;
		return;
	case TILL_DO_HOLD:
		prompt->hold = reply ? reply->entry : 0;
		prompt->off_minor = reply ? reply->value_minor : 0;
		return;
	case TILL_DO_REDEEM:
		prompt->off_minor += reply ? reply->value_minor : 0;
		return;
	case TILL_DO_CAPTURE:
		prompt->hold = 0;
		return;
	case TILL_DO_GOODWILL:
		prompt->goodwill_points = 0;
		return;
	default:
		return;
	}
}

void prompt_remember(struct prompt *prompt, const struct till_result *result)
{
	if (result->end == TILL_REFUSED)
		return;
	if (result->what == TILL_DO_VOID) {
		remember_void(prompt);
		return;
	}
	/* A customer enrolled with the server away is the customer. */
	if (result->what == TILL_DO_ENROL)
		prompt_choose(prompt, result->card);
	remember_entered(prompt, result->operation);
	remember_sale(prompt, result);
}
