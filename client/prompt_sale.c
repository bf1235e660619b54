/*
 * prompt_sale: the words about sales and rewards.
 */
#include "client/prompt_inside.h"

#include <stdio.h>
#include <string.h>

/* --- sales ---------------------------------------------------------------- */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

enum prompt_next prompt_amount(struct typed *typed)
{
	struct prompt *prompt = typed->prompt;
	struct till_command *command = typed->command;

	if (!prompt_take_amount(
		typed, typed->words.word[0], &command->amount_minor))
		return PROMPT_NOTHING;
	command->paid_minor = smaller(prompt->off_minor, command->amount_minor);
	prompt->amount_minor = command->amount_minor;
	prompt->paid_minor = command->paid_minor;
	return prompt_ask(typed, TILL_DO_EARN);
}

enum prompt_next prompt_sale(struct typed *typed)
{
	struct words *words = &typed->words;
	struct till_command *command = typed->command;

	if (words->count < 2)
		return prompt_say(typed,
		    "A sale without a card: type the amount and the receipt's "
		    "number, like: sale 12.50 A-18");
	if (!prompt_take_amount(
		typed, words->word[1], &command->amount_minor) ||
	    !prompt_take_receipt(
		typed, prompt_rest(words, 2), command->receipt))
		return PROMPT_NOTHING;
	typed->prompt->amount_minor = command->amount_minor;
	memcpy(
	    typed->prompt->receipt, command->receipt, sizeof command->receipt);
	command->what = TILL_DO_SALE;
	return PROMPT_COMMAND;
}

enum prompt_next prompt_claim(struct typed *typed)
{
	struct words *words = &typed->words;
	struct till_command *command = typed->command;

	if (words->count < 2 ||
	    !prompt_number(words->word[1], SEQUENCE_MAX, &command->entry))
		return prompt_say(typed,
		    "Claim what? Type the sale and the receipt's number, like: "
		    "claim 58 A-18");
	if (!prompt_take_receipt(
		typed, prompt_rest(words, 2), command->receipt))
		return PROMPT_NOTHING;
	return prompt_ask(typed, TILL_DO_CLAIM);
}

/* Of a sale an amount comes back; a redemption comes back as a whole. */
enum prompt_next prompt_return(struct typed *typed)
{
	struct words *words = &typed->words;
	struct till_command *command = typed->command;

	if (words->count < 2 || words->count > 3 ||
	    !prompt_number(words->word[1], SEQUENCE_MAX, &command->entry))
		return prompt_say(typed,
		    "Return what? Type the sale and the amount, like: return "
		    "57 5.00; or the redemption alone, like: return 60");
	if (words->count == 3 &&
	    !prompt_take_amount(typed, words->word[2], &command->amount_minor))
		return PROMPT_NOTHING;
	typed->prompt->amount_minor = command->amount_minor;
	command->what = TILL_DO_RETURN;
	return PROMPT_COMMAND;
}

/* --- rewards -------------------------------------------------------------- */

/* Points with a reward that is points as money; then the sale's amount. Of a
 * reward that this till has not heard of, a whole number is points. */
static bool take_figures(struct typed *typed, bool is_money, bool is_known)
{
	struct words *words = &typed->words;
	uint64_t points;
	int next = 2;

	if (words->count > next && (is_money || !is_known) &&
	    prompt_number(words->word[next], POINTS_MAX, &points)) {
		typed->command->points = (int64_t)points;
		next++;
	}
	if (is_money && next == 2) {
		prompt_say(typed, "How many points? Type them and the sale, "
				  "like: redeem cash 200 12.50");
		return false;
	}
	if (words->count > next + 1) {
		prompt_say(typed, "That is more than I understand. Type it "
				  "like: redeem coffee");
		return false;
	}
	return words->count == next ||
	       prompt_take_amount(
		   typed, words->word[next], &typed->command->amount_minor);
}

/* A share of a sale needs the sale. */
static bool needs_amount(const struct programme_reward *reward)
{
	return reward && (reward->kind == REWARD_PERCENT_OFF ||
			     reward->kind == REWARD_MONEY);
}

static enum prompt_next take_reward(struct typed *typed, enum till_do what)
{
	struct words *words = &typed->words;
	struct till_command *command = typed->command;
	const char *id = words->count > 1 ? words->word[1] : "";
	const struct programme_reward *reward =
	    shop_facts_reward(typed->facts, id);

	if (!prompt_is_id(id))
		return prompt_say(typed,
		    what == TILL_DO_HOLD
			? "Hold what? Type it like: hold coffee ('rewards' "
			  "shows what there is)"
			: "Redeem what? Type it like: redeem coffee "
			  "('rewards' shows what there is)");
	if (!take_figures(
		typed, reward && reward->kind == REWARD_MONEY, reward != NULL))
		return PROMPT_NOTHING;
	if (needs_amount(reward) && command->amount_minor == 0)
		return prompt_say(typed,
		    reward->kind == REWARD_MONEY
			? "How large is the sale? Type it behind the points, "
			  "like: redeem cash 200 12.50"
			: "How large is the sale? Type it behind the reward, "
			  "like: redeem tenth 12.50");
	snprintf(command->reward, sizeof command->reward, "%s", id);
	memcpy(typed->prompt->reward, command->reward, sizeof command->reward);
	return prompt_ask(typed, what);
}

enum prompt_next prompt_redeem(struct typed *typed)
{
	return take_reward(typed, TILL_DO_REDEEM);
}

enum prompt_next prompt_hold(struct typed *typed)
{
	return take_reward(typed, TILL_DO_HOLD);
}

enum prompt_next prompt_capture(struct typed *typed)
{
	struct words *words = &typed->words;
	uint64_t entry = typed->prompt->hold;

	if (words->count > 2 ||
	    (words->count == 2 &&
		!prompt_number(words->word[1], SEQUENCE_MAX, &entry)))
		return prompt_say(
		    typed, "Capture which hold? Type it like: capture 60");
	if (entry == 0)
		return prompt_say(typed, "Nothing is held for this customer.");
	typed->command->what = TILL_DO_CAPTURE;
	typed->command->entry = entry;
	return PROMPT_COMMAND;
}

/* A second `void` is hardly meant for what was entered before the last: it is
 * named, and not undone by a slip. */
static enum prompt_next say_undone(struct typed *typed)
{
	char say[96];

	if (typed->prompt->before == 0)
		return prompt_say(typed, "That was undone already.");
	snprintf(say, sizeof say,
	    "That was undone already. For what was entered before it, type: "
	    "void %llu",
	    (unsigned long long)typed->prompt->before);
	return prompt_say(typed, say);
}

enum prompt_next prompt_void(struct typed *typed)
{
	struct words *words = &typed->words;
	uint64_t operation = typed->prompt->operation;

	if (words->count > 2 ||
	    (words->count == 2 &&
		!prompt_number(words->word[1], COUNTER_MAX, &operation)))
		return prompt_say(
		    typed, "Undo which operation? Type it like: void 12");
	if (operation == 0)
		return prompt_say(typed,
		    "Nothing was entered for this customer. Type the "
		    "operation's number, like: void 12");
	if (words->count == 1 && typed->prompt->is_undone)
		return say_undone(typed);
	typed->prompt->voiding = operation;
	typed->command->what = TILL_DO_VOID;
	typed->command->operation = operation;
	return PROMPT_COMMAND;
}
