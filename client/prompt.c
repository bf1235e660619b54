/*
 * prompt: the lines in. What comes of them is prompt_write.c's.
 */
#include "client/prompt_inside.h"

#include <ctype.h>
#include <string.h>

#include "common/base/crypto.h"

#define CARD_DIGITS_MIN 8u /* shorter digits are an amount */

static const char unknown_say[] = "I do not know that. Type 'help'.";

static const char help_text[] =
    "  The customer\n"
    "    Scan a card, or type its number\n"
    "    new                    enrol the card just scanned\n"
    "    new CARD               the same, brought by the holder of CARD\n"
    "    balance, history\n"
    "  The sale\n"
    "    12.50                  a sale of 12.50\n"
    "    sale 12.50 A-18        without a card, with the receipt's number\n"
    "    claim 58 A-18          the points of that sale 58, for the customer\n"
    "    return 57 5.00         goods worth 5.00 of sale 57 come back\n"
    "    return 60              the reward of redemption 60 comes back\n"
    "    void                   undo what was entered last\n"
    "  Rewards\n"
    "    rewards                what there is to redeem\n"
    "    redeem coffee          give a reward for points (r coffee)\n"
    "    redeem cash 200 12.50  pay 200 points towards a sale of 12.50\n"
    "    hold coffee            keep the points first; then capture, or void\n"
    "  Points and cards\n"
    "    goodwill 20 REASON     give points; take them with -20\n"
    "    transfer CARD 50       points to another customer\n"
    "    card CARD              a further card for the customer\n"
    "    block REASON, unblock  the customer's card\n"
    "    join CARD, leave       pool points with another customer\n"
    "  The till\n"
    "    login 3, logout        cashier 3 (asks the PIN)\n"
    "    status, quit";

/* --- PINs ----------------------------------------------------------------- */

static enum prompt_next prompt_login(struct typed *typed)
{
	struct words *words = &typed->words;
	uint64_t cashier = 0;

	if (words->count != 2 ||
	    !prompt_number(words->word[1], CASHIERS_MAX, &cashier))
		return prompt_say(
		    typed, "Log in with your number, like: login 3");
	typed->prompt->login = (uint32_t)cashier;
	typed->prompt->second = false;
	return PROMPT_PIN;
}

static enum prompt_next take_pin(struct typed *typed, struct bytes line)
{
	struct prompt *prompt = typed->prompt;
	struct till_command *command = typed->command;
	uint32_t cashier = prompt->login;
	bool good = line.size >= PIN_SIZE_MIN && line.size <= PIN_SIZE_MAX;

	prompt->login = 0;
	for (size_t i = 0; good && i < line.size; i++)
		good = isdigit(line.data[i]);
	if (!good && line.size > 0)
		return prompt_say(typed, "A PIN has 4 to 12 digits.");
	if (!good)
		return prompt_say(
		    typed, prompt->second ? "Not allowed." : "Not logged in.");
	memcpy(command->pin, line.data, line.size);
	if (prompt->second) {
		command->second = cashier;
		return prompt_ask_goodwill(typed);
	}
	command->what = TILL_DO_LOGIN;
	command->cashier = cashier;
	return PROMPT_COMMAND;
}

/* --- words ---------------------------------------------------------------- */

static enum prompt_next prompt_help(struct typed *typed)
{
	return prompt_say(typed, help_text);
}

static enum prompt_next prompt_quit(struct typed *typed)
{
	(void)typed;
	return PROMPT_QUIT;
}

static enum prompt_next ask_till(struct typed *typed, enum till_do what)
{
	typed->command->what = what;
	return PROMPT_COMMAND;
}

static enum prompt_next prompt_balance(struct typed *typed)
{
	return prompt_ask(typed, TILL_DO_BALANCE);
}

static enum prompt_next prompt_history(struct typed *typed)
{
	return prompt_ask(typed, TILL_DO_HISTORY);
}

static enum prompt_next prompt_rewards(struct typed *typed)
{
	return ask_till(typed, TILL_DO_REWARDS);
}

static enum prompt_next prompt_logout(struct typed *typed)
{
	return ask_till(typed, TILL_DO_LOGOUT);
}

static enum prompt_next prompt_status(struct typed *typed)
{
	return ask_till(typed, TILL_DO_STATUS);
}

/* Those that are alone on their line must be. */
static const struct {
	const char *word;
	enum prompt_next (*take)(struct typed *typed);
	bool alone;
} known[] = {
    {"sale", prompt_sale, false},
    {"claim", prompt_claim, false},
    {"return", prompt_return, false},
    {"redeem", prompt_redeem, false},
    {"r", prompt_redeem, false},
    {"hold", prompt_hold, false},
    {"capture", prompt_capture, false},
    {"void", prompt_void, false},
    {"new", prompt_new, false},
    {"goodwill", prompt_goodwill, false},
    {"second", prompt_second, false},
    {"transfer", prompt_transfer, false},
    {"card", prompt_card, false},
    {"block", prompt_block, false},
    {"unblock", prompt_unblock, true},
    {"join", prompt_join, false},
    {"leave", prompt_leave, true},
    {"balance", prompt_balance, true},
    {"history", prompt_history, true},
    {"rewards", prompt_rewards, true},
    {"login", prompt_login, false},
    {"logout", prompt_logout, true},
    {"status", prompt_status, true},
    {"help", prompt_help, true},
    {"?", prompt_help, true},
    {"quit", prompt_quit, true},
    {"q", prompt_quit, true},
    {"exit", prompt_quit, true},
};

/* Something that is no word of ours: a card, or a mistake. */
static enum prompt_next take_unknown(struct typed *typed)
{
	const char *word = typed->words.word[0];
	struct till_command *command = typed->command;
	struct card card;
	enum card_fault fault;

	if (typed->words.count != 1)
		return prompt_say(typed, unknown_say);
	fault = card_parse(bytes_of_string(word), &card);
	if (fault == CARD_OK) {
		command->what = TILL_DO_MEMBER;
		memcpy(command->card, card.number, sizeof command->card);
		return PROMPT_COMMAND;
	}
	if (isdigit((unsigned char)word[0]) || word[0] == ']')
		return prompt_say(typed, card_fault_say(fault));
	return prompt_say(typed, unknown_say);
}

static bool is_amount(const struct words *words)
{
	const char *word = words->word[0];
	bool plain = word[strspn(word, "0123456789")] == '\0';

	return words->count == 1 && prompt_looks_like_amount(word) &&
	       !(plain && strlen(word) >= CARD_DIGITS_MIN);
}

static enum prompt_next take_words(struct typed *typed)
{
	const struct words *words = &typed->words;

	if (words->count == 0)
		return PROMPT_NOTHING;
	if (is_amount(words))
		return prompt_amount(typed);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(words->word[0], known[i].word) == 0 &&
		    (!known[i].alone || words->count == 1))
			return known[i].take(typed);
	return take_unknown(typed);
}

enum prompt_next prompt_line(struct prompt *prompt, struct bytes line,
    const struct shop_facts *facts, struct till_command *ret_command,
    struct buffer *output)
{
	struct till_command command = {0};
	struct typed typed = {.prompt = prompt,
	    .facts = facts,
	    .command = &command,
	    .output = output};
	enum prompt_next next;

	if (prompt->login != 0)
		next = take_pin(&typed, line);
	else if (prompt_split(line, &typed.words))
		next = take_words(&typed);
	else
		next = prompt_say(&typed, unknown_say);
	if (next == PROMPT_COMMAND)
		*ret_command = command;
	crypto_wipe(&command, sizeof command);
	return next;
}
