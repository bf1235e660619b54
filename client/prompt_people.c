/*
 * prompt_people: the words about members, their cards, and points that are
 * moved by hand.
 */
#include "client/prompt_inside.h"

#include <string.h>

enum prompt_next prompt_new(struct typed *typed)
{
	struct words *words = &typed->words;
	struct prompt *prompt = typed->prompt;
	struct till_command *command = typed->command;

	if (words->count > 2)
		return prompt_say(typed,
		    "Type 'new', or 'new CARD' with the card of who brought "
		    "this customer.");
	if (prompt->new_card[0] == '\0')
		return prompt_say(typed, "Scan the new card first.");
	if (words->count == 2 &&
	    !prompt_take_card(typed, words->word[1], command->other_card))
		return PROMPT_NOTHING;
	command->what = TILL_DO_ENROL;
	memcpy(command->card, prompt->new_card, sizeof command->card);
	return PROMPT_COMMAND;
}

/* Points that are given, or, below 0, taken. */
static bool take_points(const char *text, int64_t *ret_points)
{
	bool takes = text[0] == '-';
	uint64_t points;

	if (!prompt_number(&text[takes], POINTS_MAX, &points))
		return false;
	*ret_points = takes ? -(int64_t)points : (int64_t)points;
	return true;
}

enum prompt_next prompt_ask_goodwill(struct typed *typed)
{
	struct prompt *prompt = typed->prompt;
	struct till_command *command = typed->command;

	command->points = prompt->goodwill_points;
	memcpy(command->text, prompt->goodwill_reason, sizeof command->text);
	return prompt_ask(typed, TILL_DO_GOODWILL);
}

enum prompt_next prompt_goodwill(struct typed *typed)
{
	struct words *words = &typed->words;
	struct prompt *prompt = typed->prompt;
	const char *reason = prompt_rest(words, 2);
	int64_t points;

	if (reason[0] == '\0' || !take_points(words->word[1], &points))
		return prompt_say(typed,
		    "Type the points and the reason, like: goodwill 20 coffee "
		    "was cold");
	if (strlen(reason) > REASON_SIZE_MAX)
		return prompt_say(typed, "Say the reason in fewer words.");
	prompt->goodwill_points = points;
	memcpy(prompt->goodwill_reason, reason, strlen(reason) + 1);
	return prompt_ask_goodwill(typed);
}

/* The PIN comes on the next line, and the goodwill with it. */
enum prompt_next prompt_second(struct typed *typed)
{
	struct words *words = &typed->words;
	struct prompt *prompt = typed->prompt;
	uint64_t cashier;

	if (words->count != 2 ||
	    !prompt_number(words->word[1], CASHIERS_MAX, &cashier))
		return prompt_say(typed,
		    "Type the number of the supervisor who allows it, like: "
		    "second 4");
	if (prompt->goodwill_points == 0 || prompt->card[0] == '\0')
		return prompt_say(typed,
		    "There is nothing to allow. Type the goodwill first.");
	prompt->login = (uint32_t)cashier;
	prompt->second = true;
	return PROMPT_PIN;
}

/* A word and another customer's card. */
static enum prompt_next ask_with_card(
    struct typed *typed, enum till_do what, const char *usage)
{
	struct words *words = &typed->words;
	struct till_command *command = typed->command;

	if (words->count != 2)
		return prompt_say(typed, usage);
	if (!prompt_take_card(typed, words->word[1], command->other_card))
		return PROMPT_NOTHING;
	memcpy(typed->prompt->other_card, command->other_card,
	    sizeof command->other_card);
	return prompt_ask(typed, what);
}

enum prompt_next prompt_transfer(struct typed *typed)
{
	static const char usage[] =
	    "Type the other card and the points, like: transfer CARD 50";
	struct words *words = &typed->words;
	uint64_t points;

	if (words->count != 3 ||
	    !prompt_number(words->word[2], POINTS_MAX, &points))
		return prompt_say(typed, usage);
	words->count = 2;
	typed->command->points = (int64_t)points;
	return ask_with_card(typed, TILL_DO_TRANSFER, usage);
}

enum prompt_next prompt_card(struct typed *typed)
{
	return ask_with_card(typed, TILL_DO_CARD_ADD,
	    "Type the number of the customer's further card, like: card CARD");
}

enum prompt_next prompt_join(struct typed *typed)
{
	return ask_with_card(typed, TILL_DO_JOIN,
	    "Type the card of whom the customer pools with, like: join CARD");
}

enum prompt_next prompt_leave(struct typed *typed)
{
	return prompt_ask(typed, TILL_DO_LEAVE);
}

enum prompt_next prompt_block(struct typed *typed)
{
	const char *reason = prompt_rest(&typed->words, 1);

	if (strlen(reason) > REASON_SIZE_MAX)
		return prompt_say(typed, "Say the reason in fewer words.");
	memcpy(typed->command->text, reason, strlen(reason) + 1);
	typed->prompt->off = false;
	return prompt_ask(typed, TILL_DO_CARD_BLOCK);
}

enum prompt_next prompt_unblock(struct typed *typed)
{
	typed->command->off = true;
	typed->prompt->off = true;
	return prompt_ask(typed, TILL_DO_CARD_BLOCK);
}
