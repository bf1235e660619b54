/*
 * prompt_word: from a line to words, and from words to amounts, numbers and
 * cards.
 */
#include "client/prompt_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/card/card.h"

/* --- words ---------------------------------------------------------------- */

bool prompt_split(struct bytes line, struct words *words)
{
	char *rest = words->text;
	char *word;

	if (line.size >= sizeof words->text || !bytes_are_text(line, "\t"))
		return false;
	if (line.size > 0) {
		memcpy(words->text, line.data, line.size);
		memcpy(words->whole, line.data, line.size);
	}
	words->text[line.size] = '\0';
	words->whole[line.size] = '\0';
	words->count = 0;
	while (
	    words->count <= PROMPT_WORDS_MAX && (word = strsep(&rest, " \t"))) {
		if (*word == '\0')
			continue;
		words->at[words->count] = (size_t)(word - words->text);
		words->word[words->count++] = word;
	}
	return true;
}

const char *prompt_rest(struct words *words, int place)
{
	char *rest;
	size_t end;

	if (words->count <= place)
		return "";
	rest = &words->whole[words->at[place]];
	end = strlen(rest);
	while (end > 0 && (rest[end - 1] == ' ' || rest[end - 1] == '\t'))
		end--;
	rest[end] = '\0';
	return rest;
}

bool prompt_is_id(const char *text)
{
	return text[0] != '\0' && strlen(text) <= REWARD_ID_SIZE_MAX &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] ==
		   '\0';
}

/* --- numbers -------------------------------------------------------------- */

bool prompt_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || text[digits] != '\0')
		return false;
	*ret_number = strtoull(text, NULL, 10);
	return *ret_number > 0 && *ret_number <= max;
}

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

bool prompt_looks_like_amount(const char *text)
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

/* --- with a sentence ------------------------------------------------------ */

enum prompt_next prompt_say(const struct typed *typed, const char *text)
{
	prompt_write(typed->output, "%s\n", text);
	return PROMPT_NOTHING;
}

bool prompt_take_amount(
    const struct typed *typed, const char *text, uint64_t *ret_minor)
{
	if (parse_amount(text, ret_minor))
		return true;
	prompt_say(typed, "That is no amount I can take. Type it like 12.50: "
			  "above zero, two decimals at most.");
	return false;
}

bool prompt_take_card(
    const struct typed *typed, const char *text, char ret_card[])
{
	struct card card;
	enum card_fault fault = card_parse(bytes_of_string(text), &card);

	if (fault != CARD_OK) {
		prompt_say(typed, card_fault_say(fault));
		return false;
	}
	memcpy(ret_card, card.number, sizeof card.number);
	return true;
}

bool prompt_take_receipt(
    const struct typed *typed, const char *text, char ret_receipt[])
{
	if (strlen(text) > RECEIPT_SIZE_MAX) {
		prompt_say(typed, "That is too long for a receipt's number.");
		return false;
	}
	memcpy(ret_receipt, text, strlen(text) + 1);
	return true;
}

enum prompt_next prompt_ask(const struct typed *typed, enum till_do what)
{
	const struct prompt *prompt = typed->prompt;

	if (prompt->card[0] == '\0')
		return prompt_say(typed, "Scan the customer's card first.");
	typed->command->what = what;
	memcpy(typed->command->card, prompt->card, sizeof prompt->card);
	return PROMPT_COMMAND;
}
