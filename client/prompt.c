/*
 * prompt: the lines in. What comes of them is prompt_write.c's.
 */
#include "client/prompt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

#define WORDS_MAX 4
#define CARD_DIGITS_MIN 8u /* shorter digits are an amount */

static void say(struct buffer *output, const char *text)
{
	(void)!buffer_append(output, bytes_of_string(text), NULL);
	(void)!buffer_append(output, bytes_of("\n", 1), NULL);
}

static const char help_text[] =
    "  Scan a card, or type its number   choose the customer\n"
    "  12.50                             a sale of 12.50\n"
    "  redeem coffee    (r coffee)       give a reward for points\n"
    "  return 57 5.00                    goods worth 5.00 of sale 57 come "
    "back\n"
    "  new                               enrol the card just scanned\n"
    "  history                           the customer's last entries\n"
    "  rewards                           what there is to redeem\n"
    "  login 3                           log in as cashier 3 (asks the PIN)\n"
    "  logout                            log out\n"
    "  status                            the server, and what waits for it\n"
    "  quit                              end";

/* --- amounts -------------------------------------------------------------- */

/* Digits from `*text` on, moved past them. False: none, or too many. */
static bool take_digits(const char **text, uint64_t *ret_number)
{
	const char *end = *text;
	uint64_t number = 0;

	while (isdigit((unsigned char)*end)) {
		number = number * 10 + (uint64_t)(*end - '0');
		if (number > AMOUNT_MINOR_MAX)
			return false;
		end++;
	}
	if (end == *text)
		return false;
	*text = end;
	*ret_number = number;
	return true;
}

/* Is it meant as an amount: digits, with one '.' or ','? A sign counts, so
 * that a negative amount is told from a word. */
static bool looks_like_amount(const char *text)
{
	bool digits = false;

	if (*text == '-' || *text == '+')
		text++;
	for (; *text; text++) {
		if (isdigit((unsigned char)*text))
			digits = true;
		else if (*text != '.' && *text != ',')
			return false;
	}
	return digits;
}

static bool parse_amount(const char *text, uint64_t *ret_minor)
{
	uint64_t whole = 0;
	uint64_t part = 0;
	size_t decimals = 0;

	if (!take_digits(&text, &whole))
		return false;
	if (*text == '.' || *text == ',') {
		const char *start = ++text;

		if (!take_digits(&text, &part))
			return false;
		decimals = (size_t)(text - start);
	}
	if (*text != '\0' || decimals > 2)
		return false;
	if (decimals == 1)
		part *= 10;
	/* `whole` is at most AMOUNT_MINOR_MAX, so this does not overflow. */
	*ret_minor = whole * 100 + part;
	return *ret_minor > 0 && *ret_minor <= AMOUNT_MINOR_MAX;
}

static bool take_amount(
    const char *text, uint64_t *ret_minor, struct buffer *output)
{
	if (parse_amount(text, ret_minor))
		return true;
	say(output, "That is no amount I can take. Type it like 12.50: above "
		    "zero, two decimals at most.");
	return false;
}

/* --- lines ---------------------------------------------------------------- */

struct words {
	char text[128];
	char *word[WORDS_MAX];
	int count;
};

/* False: too long or too many words for anything known here. */
static bool split(struct bytes line, struct words *words)
{
	char *rest = words->text;
	char *word;

	if (line.size >= sizeof words->text || !bytes_are_text(line, "\t"))
		return false;
	if (line.size > 0)
		memcpy(words->text, line.data, line.size);
	words->text[line.size] = '\0';
	words->count = 0;
	while ((word = strsep(&rest, " \t"))) {
		if (*word == '\0')
			continue;
		if (words->count == WORDS_MAX)
			return false;
		words->word[words->count++] = word;
	}
	return true;
}

static bool has_customer(const struct prompt *prompt, struct buffer *output)
{
	if (prompt->card[0] != '\0')
		return true;
	say(output, "Scan the customer's card first.");
	return false;
}

static enum prompt_next ask(const struct prompt *prompt, enum till_do what,
    struct till_command *command, struct buffer *output)
{
	if (!has_customer(prompt, output))
		return PROMPT_NOTHING;
	command->what = what;
	memcpy(command->card, prompt->card, sizeof command->card);
	return PROMPT_COMMAND;
}

static enum prompt_next line_sale(struct prompt *prompt, const char *amount,
    struct till_command *command, struct buffer *output)
{
	if (!take_amount(amount, &command->amount_minor, output))
		return PROMPT_NOTHING;
	prompt->amount_minor = command->amount_minor;
	return ask(prompt, TILL_DO_EARN, command, output);
}

static enum prompt_next line_redeem(struct prompt *prompt,
    const struct words *words, struct till_command *command,
    struct buffer *output)
{
	const char *reward = words->count == 2 ? words->word[1] : "";

	if (reward[0] == '\0' || strlen(reward) > REWARD_ID_SIZE_MAX ||
	    reward[strspn(reward, "abcdefghijklmnopqrstuvwxyz0123456789_-")] !=
		'\0') {
		say(output, "Redeem what? Type it like: redeem coffee "
			    "('rewards' shows what there is)");
		return PROMPT_NOTHING;
	}
	snprintf(command->reward, sizeof command->reward, "%s", reward);
	memcpy(prompt->reward, command->reward, sizeof prompt->reward);
	return ask(prompt, TILL_DO_REDEEM, command, output);
}

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || text[digits] != '\0')
		return false;
	*ret_number = strtoull(text, NULL, 10);
	return *ret_number > 0 && *ret_number <= max;
}

static enum prompt_next line_return(struct prompt *prompt,
    const struct words *words, struct till_command *command,
    struct buffer *output)
{
	if (words->count != 3 ||
	    !parse_number(words->word[1], SEQUENCE_MAX, &command->entry)) {
		say(output, "Return what? Type the sale and the amount, like: "
			    "return 57 5.00");
		return PROMPT_NOTHING;
	}
	if (!take_amount(words->word[2], &command->amount_minor, output))
		return PROMPT_NOTHING;
	prompt->amount_minor = command->amount_minor;
	command->what = TILL_DO_RETURN;
	return PROMPT_COMMAND;
}

static enum prompt_next line_new(
    struct prompt *prompt, struct till_command *command, struct buffer *output)
{
	if (prompt->new_card[0] == '\0') {
		say(output, "Scan the new card first.");
		return PROMPT_NOTHING;
	}
	command->what = TILL_DO_ENROL;
	memcpy(command->card, prompt->new_card, sizeof command->card);
	return PROMPT_COMMAND;
}

static enum prompt_next line_login(
    struct prompt *prompt, const struct words *words, struct buffer *output)
{
	uint64_t cashier = 0;

	if (words->count != 2 ||
	    !parse_number(words->word[1], CASHIERS_MAX, &cashier)) {
		say(output, "Log in with your number, like: login 3");
		return PROMPT_NOTHING;
	}
	prompt->login = (uint32_t)cashier;
	return PROMPT_PIN;
}

static enum prompt_next line_pin(struct prompt *prompt, struct bytes line,
    struct till_command *command, struct buffer *output)
{
	uint32_t cashier = prompt->login;
	bool good = line.size >= PIN_SIZE_MIN && line.size <= PIN_SIZE_MAX;

	prompt->login = 0;
	for (size_t i = 0; good && i < line.size; i++)
		good = isdigit(line.data[i]);
	if (!good) {
		say(output, line.size == 0 ? "Not logged in."
					   : "A PIN has 4 to 12 digits.");
		return PROMPT_NOTHING;
	}
	command->what = TILL_DO_LOGIN;
	command->cashier = cashier;
	memcpy(command->pin, line.data, line.size);
	return PROMPT_COMMAND;
}

/* Something that is no word of ours: a card, or a mistake. */
static enum prompt_next line_card(
    struct bytes line, struct till_command *command, struct buffer *output)
{
	struct card card;
	enum card_fault fault = card_parse(line, &card);

	if (fault == CARD_OK) {
		command->what = TILL_DO_MEMBER;
		memcpy(command->card, card.number, sizeof command->card);
		return PROMPT_COMMAND;
	}
	if (line.size > 0 && (isdigit(line.data[0]) || line.data[0] == ']'))
		say(output, card_fault_say(fault));
	else
		say(output, "I do not know that. Type 'help'.");
	return PROMPT_NOTHING;
}

/* Words that ask for something about the till or the customer alone. */
static const struct {
	const char *word;
	enum till_do what;
	bool customer;
} plain_words[] = {
    {"balance", TILL_DO_BALANCE, true},
    {"history", TILL_DO_HISTORY, true},
    {"rewards", TILL_DO_REWARDS, false},
    {"logout", TILL_DO_LOGOUT, false},
    {"status", TILL_DO_STATUS, false},
};

static enum prompt_next line_word(struct prompt *prompt,
    const struct words *words, struct till_command *command,
    struct buffer *output)
{
	const char *word = words->word[0];

	for (size_t i = 0; i < sizeof plain_words / sizeof *plain_words; i++) {
		if (words->count != 1 || strcmp(word, plain_words[i].word) != 0)
			continue;
		if (plain_words[i].customer)
			return ask(
			    prompt, plain_words[i].what, command, output);
		command->what = plain_words[i].what;
		return PROMPT_COMMAND;
	}
	if (strcmp(word, "redeem") == 0 || strcmp(word, "r") == 0)
		return line_redeem(prompt, words, command, output);
	if (strcmp(word, "return") == 0)
		return line_return(prompt, words, command, output);
	if (strcmp(word, "login") == 0)
		return line_login(prompt, words, output);
	if (words->count == 1 && strcmp(word, "new") == 0)
		return line_new(prompt, command, output);
	if (words->count == 1)
		return line_card(bytes_of_string(word), command, output);
	say(output, "I do not know that. Type 'help'.");
	return PROMPT_NOTHING;
}

static bool is_quit(const struct words *words)
{
	return words->count == 1 && (strcmp(words->word[0], "quit") == 0 ||
					strcmp(words->word[0], "q") == 0 ||
					strcmp(words->word[0], "exit") == 0);
}

static bool is_help(const struct words *words)
{
	return words->count == 1 && (strcmp(words->word[0], "help") == 0 ||
					strcmp(words->word[0], "?") == 0);
}

static bool is_amount(const struct words *words)
{
	const char *word = words->word[0];
	bool plain = word[strspn(word, "0123456789")] == '\0';

	return words->count == 1 && looks_like_amount(word) &&
	       !(plain && strlen(word) >= CARD_DIGITS_MIN);
}

enum prompt_next prompt_line(struct prompt *prompt, struct bytes line,
    struct till_command *ret_command, struct buffer *output)
{
	struct till_command command = {0};
	struct words words = {0};
	enum prompt_next next = PROMPT_NOTHING;

	if (prompt->login != 0) {
		next = line_pin(prompt, line, &command, output);
	} else if (!split(line, &words)) {
		say(output, "I do not know that. Type 'help'.");
	} else if (words.count == 0) {
		return PROMPT_NOTHING;
	} else if (is_quit(&words)) {
		return PROMPT_QUIT;
	} else if (is_help(&words)) {
		say(output, help_text);
	} else if (is_amount(&words)) {
		next = line_sale(prompt, words.word[0], &command, output);
	} else {
		next = line_word(prompt, &words, &command, output);
	}
	if (next == PROMPT_COMMAND)
		*ret_command = command;
	crypto_wipe(command.pin, sizeof command.pin);
	return next;
}
