/*
 * json: the lines in. jansson says whether a line is JSON; the table of rules
 * here says whether it is a command. Writing is json_write.c's.
 */
#include "client/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field {
	FIELD_CARD,
	FIELD_AMOUNT,
	FIELD_RECEIPT,
	FIELD_REWARD,
	FIELD_ENTRY,
	FIELD_BEFORE,
	FIELD_OLD_SIZE,
	FIELD_CASHIER,
	FIELD_PIN,
	FIELD_COUNT,
};

static const char *const field_names[FIELD_COUNT] = {
    [FIELD_CARD] = "card",
    [FIELD_AMOUNT] = "amount",
    [FIELD_RECEIPT] = "receipt",
    [FIELD_REWARD] = "reward",
    [FIELD_ENTRY] = "entry",
    [FIELD_BEFORE] = "before",
    [FIELD_OLD_SIZE] = "old_size",
    [FIELD_CASHIER] = "cashier",
    [FIELD_PIN] = "pin",
};

#define BIT(field) (1u << (field))

/* What each command must and may have, beside "do" and "id". */
static const struct {
	enum till_do what;
	unsigned must;
	unsigned may;
} rules[] = {
    {TILL_DO_ENROL, BIT(FIELD_CARD), 0},
    {TILL_DO_BALANCE, BIT(FIELD_CARD), 0},
    {TILL_DO_EARN, BIT(FIELD_CARD) | BIT(FIELD_AMOUNT), BIT(FIELD_RECEIPT)},
    {TILL_DO_REDEEM, BIT(FIELD_CARD) | BIT(FIELD_REWARD), BIT(FIELD_RECEIPT)},
    {TILL_DO_RETURN, BIT(FIELD_ENTRY) | BIT(FIELD_AMOUNT), BIT(FIELD_RECEIPT)},
    {TILL_DO_HISTORY, BIT(FIELD_CARD), BIT(FIELD_BEFORE)},
    {TILL_DO_REWARDS, 0, 0},
    {TILL_DO_LOGIN, BIT(FIELD_CASHIER) | BIT(FIELD_PIN), 0},
    {TILL_DO_LOGOUT, 0, 0},
    {TILL_DO_CHECKPOINT, 0, BIT(FIELD_ENTRY) | BIT(FIELD_OLD_SIZE)},
    {TILL_DO_STATUS, 0, 0},
    {TILL_DO_PING, 0, 0},
};
#define RULE_COUNT (sizeof rules / sizeof *rules)

/* A line on its way to a command, or to one refusal. */
struct parsing {
	struct till_command *command;
	const char *why; /* NULL while all is well */
	char say[SAY_SIZE_MAX + 1];
};

__attribute__((format(printf, 2, 3))) static bool malformed(
    struct parsing *parsing, const char *format, ...)
{
	va_list arguments;

	parsing->why = "malformed";
	va_start(arguments, format);
	(void)vsnprintf(parsing->say, sizeof parsing->say, format, arguments);
	va_end(arguments);
	return false;
}

/* A field's name is the writer's: cut, and between quotes. */
static bool is_known_field(const char *key, enum field *ret_field)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (strcmp(field_names[i], key) == 0) {
			*ret_field = (enum field)i;
			return true;
		}
	return false;
}

static bool parse_number(struct parsing *parsing, const char *name,
    const json_t *value, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		return malformed(parsing,
		    "\"%s\" must be a whole number, without quotes%s.", name,
		    strcmp(name, "amount") == 0
			? ", in minor units (1250 is 12.50)"
			: "");
	if (number < 0 || (uint64_t)number < min || (uint64_t)number > max)
		return malformed(parsing, "\"%s\" must be from %llu to %llu.",
		    name, (unsigned long long)min, (unsigned long long)max);
	*ret_number = (uint64_t)number;
	return true;
}

/* Texts that jansson lets through are well-formed UTF-8 without U+0000. */
static bool parse_text(struct parsing *parsing, const char *name,
    const json_t *value, char *to, size_t size)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!text)
		return malformed(parsing, "\"%s\" must be a text.", name);
	if (length >= size)
		return malformed(parsing,
		    "\"%s\" must be at most %zu bytes long.", name, size - 1);
	if (!bytes_are_text(bytes_of(text, length), NULL))
		return malformed(
		    parsing, "\"%s\" must have no control characters.", name);
	memcpy(to, text, length + 1);
	return true;
}

static bool parse_card(struct parsing *parsing, const json_t *value)
{
	const char *text = json_string_value(value);
	struct card card;
	enum card_fault fault;

	if (!text)
		return malformed(parsing, "\"card\" must be a text.");
	fault = card_parse(bytes_of(text, json_string_length(value)), &card);
	if (fault == CARD_OK) {
		memcpy(parsing->command->card, card.number, sizeof card.number);
		return true;
	}
	parsing->why = card_fault_name(fault);
	snprintf(
	    parsing->say, sizeof parsing->say, "%s", card_fault_say(fault));
	return false;
}

static bool parse_reward(struct parsing *parsing, const json_t *value)
{
	char *reward = parsing->command->reward;

	if (!parse_text(parsing, "reward", value, reward,
		sizeof parsing->command->reward))
		return false;
	if (reward[0] == '\0' ||
	    reward[strspn(reward, "abcdefghijklmnopqrstuvwxyz0123456789_-")] !=
		'\0')
		return malformed(parsing,
		    "\"reward\" must be a reward's id: a-z, 0-9, _ and -.");
	return true;
}

static bool parse_pin(struct parsing *parsing, const json_t *value)
{
	char *pin = parsing->command->pin;

	if (!parse_text(
		parsing, "pin", value, pin, sizeof parsing->command->pin))
		return false;
	if (strlen(pin) < PIN_SIZE_MIN ||
	    pin[strspn(pin, "0123456789")] != '\0')
		return malformed(parsing, "\"pin\" must be %u to %u digits.",
		    PIN_SIZE_MIN, PIN_SIZE_MAX);
	return true;
}

static bool parse_field(
    struct parsing *parsing, enum field field, const json_t *value)
{
	struct till_command *command = parsing->command;
	uint64_t number = 0;

	switch (field) {
	case FIELD_CARD:
		return parse_card(parsing, value);
	case FIELD_AMOUNT:
		return parse_number(parsing, "amount", value, 1,
		    AMOUNT_MINOR_MAX, &command->amount_minor);
	case FIELD_RECEIPT:
		return parse_text(parsing, "receipt", value, command->receipt,
		    sizeof command->receipt);
	case FIELD_REWARD:
		return parse_reward(parsing, value);
	case FIELD_ENTRY:
		return parse_number(
		    parsing, "entry", value, 1, SEQUENCE_MAX, &command->entry);
	case FIELD_BEFORE:
		return parse_number(parsing, "before", value, 0, SEQUENCE_MAX,
		    &command->before);
	case FIELD_OLD_SIZE:
		return parse_number(parsing, "old_size", value, 0, SEQUENCE_MAX,
		    &command->old_size);
	case FIELD_CASHIER:
		if (!parse_number(
			parsing, "cashier", value, 1, CASHIERS_MAX, &number))
			return false;
		command->cashier = (uint32_t)number;
		return true;
	default:
		return parse_pin(parsing, value);
	}
}

/* An id comes back in the answer even where nothing else is understood. */
static bool parse_id(struct parsing *parsing, const json_t *value)
{
	char *text;
	bool fits;

	if (!value)
		return true;
	if (!json_is_integer(value) && !json_is_string(value))
		return malformed(
		    parsing, "\"id\" must be a whole number or a text.");
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	fits = text && strlen(text) < sizeof parsing->command->id &&
	       bytes_are_text(bytes_of_string(text), NULL);
	if (fits)
		strcpy(parsing->command->id, text);
	free(text);
	if (!fits)
		return malformed(parsing, "\"id\" must be at most %u bytes.",
		    OPERATION_ID_SIZE_MAX - 2);
	return true;
}

/* The rule for what is asked, or RULE_COUNT. */
static size_t parse_do(struct parsing *parsing, const json_t *value)
{
	const char *name = json_string_value(value);

	if (!name) {
		malformed(parsing, "\"do\" must say what to do, as a text.");
		return RULE_COUNT;
	}
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (strcmp(till_do_name(rules[i].what), name) == 0)
			return i;
	malformed(parsing,
	    "\"do\" must be one of enrol, balance, earn, redeem, return, "
	    "history, rewards, login, logout, checkpoint, status, ping.");
	return RULE_COUNT;
}

static bool parse_fields(struct parsing *parsing, size_t rule, json_t *object)
{
	unsigned allowed = rules[rule].must | rules[rule].may;
	const char *what = till_do_name(rules[rule].what);
	const char *key;
	json_t *value;
	enum field field = FIELD_CARD;

	json_object_foreach(object, key, value)
	{
		if (strcmp(key, "do") == 0 || strcmp(key, "id") == 0)
			continue;
		if (!is_known_field(key, &field) || !(allowed & BIT(field)))
			return malformed(
			    parsing, "%s has no field \"%.40s\".", what, key);
	}
	for (int i = 0; i < FIELD_COUNT; i++) {
		value = json_object_get(object, field_names[i]);
		if (!value && (rules[rule].must & BIT(i)))
			return malformed(
			    parsing, "%s needs \"%s\".", what, field_names[i]);
		if (value && !parse_field(parsing, (enum field)i, value))
			return false;
	}
	return true;
}

static void parse_object(struct parsing *parsing, json_t *object)
{
	size_t rule;

	if (!parse_id(parsing, json_object_get(object, "id")))
		return;
	rule = parse_do(parsing, json_object_get(object, "do"));
	if (rule == RULE_COUNT)
		return;
	parsing->command->what = rules[rule].what;
	parse_fields(parsing, rule, object);
}

/* jansson's own texts quote the line; it may hold a number that no log should
 * see, so the place alone is told. */
static void refuse_syntax(struct parsing *parsing, const json_error_t *fault)
{
	switch (json_error_code(fault)) {
	case json_error_invalid_utf8:
	case json_error_null_byte_in_key:
	case json_error_null_character:
		malformed(parsing,
		    "The line is not well-formed UTF-8, or has a NUL.");
		break;
	case json_error_duplicate_key:
		malformed(parsing, "A field is there twice.");
		break;
	case json_error_numeric_overflow:
		malformed(parsing, "A number is too large.");
		break;
	default:
		malformed(parsing, "The line is no JSON object (column %d).",
		    fault->column);
		break;
	}
}

static bool is_blank(struct bytes line)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] != ' ' && line.data[i] != '\t')
			return false;
	return true;
}

bool json_parse_command(
    struct bytes line, struct till_command *ret_command, struct buffer *output)
{
	struct till_command command = {0};
	struct parsing parsing = {.command = &command};
	json_error_t fault;
	json_t *object;

	if (is_blank(line))
		return false;
	object = json_loadb(
	    (const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &fault);
	if (!object)
		refuse_syntax(&parsing, &fault);
	else if (!json_is_object(object))
		malformed(&parsing, "The line must be one JSON object.");
	else
		parse_object(&parsing, object);
	json_decref(object);
	if (!parsing.why) {
		*ret_command = command;
		return true;
	}
	json_append_refusal(
	    output, command.what, command.id, parsing.why, parsing.say);
	return false;
}

void json_line_too_long(struct buffer *output)
{
	char say[SAY_SIZE_MAX + 1];

	snprintf(say, sizeof say, "The line is longer than %u bytes.",
	    JSON_LINE_SIZE_MAX);
	json_append_refusal(output, TILL_DO_NONE, "", "malformed", say);
}
