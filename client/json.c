/*
 * json: the lines in. jansson says whether a line is JSON; the table of rules
 * here says whether it is a command. Fields are json_field.c's, writing is
 * json_write.c's.
 */
#include "client/json_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

#define CARD BIT(FIELD_CARD)
#define AMOUNT BIT(FIELD_AMOUNT)
#define LINES BIT(FIELD_LINES)
#define RECEIPT BIT(FIELD_RECEIPT)
#define POINTS BIT(FIELD_POINTS)
#define DETAILS BIT(FIELD_NAME) | BIT(FIELD_PHONE) | BIT(FIELD_BIRTHDAY)
#define SEGMENT BIT(FIELD_SEGMENT)

/* What each command must and may have, beside "do" and "id". */
static const struct {
	enum till_do what;
	uint32_t must;
	uint32_t may;
} rules[] = {
    {TILL_DO_ENROL, CARD, BIT(FIELD_REFERRER)},
    {TILL_DO_BALANCE, CARD, 0},
    {TILL_DO_EARN, CARD | AMOUNT, RECEIPT | LINES | BIT(FIELD_PAID)},
    {TILL_DO_SALE, AMOUNT, RECEIPT | LINES},
    {TILL_DO_CLAIM, CARD | BIT(FIELD_ENTRY), RECEIPT},
    {TILL_DO_REDEEM, CARD | BIT(FIELD_REWARD), RECEIPT | POINTS | AMOUNT},
    {TILL_DO_HOLD, CARD | BIT(FIELD_REWARD), RECEIPT | POINTS | AMOUNT},
    {TILL_DO_CAPTURE, BIT(FIELD_HOLD), CARD | RECEIPT},
    {TILL_DO_VOID, BIT(FIELD_OPERATION), 0},
    {TILL_DO_RETURN, BIT(FIELD_ENTRY), AMOUNT | LINES | POINTS | RECEIPT},
    {TILL_DO_TRANSFER, CARD | BIT(FIELD_TO) | POINTS, 0},
    {TILL_DO_GOODWILL, CARD | POINTS | BIT(FIELD_REASON),
	BIT(FIELD_SECOND) | BIT(FIELD_PIN)},
    {TILL_DO_CARD_ADD, CARD | BIT(FIELD_NEW_CARD), 0},
    {TILL_DO_CARD_BLOCK, CARD, BIT(FIELD_REASON) | BIT(FIELD_UNBLOCK)},
    {TILL_DO_JOIN, CARD | BIT(FIELD_WITH), 0},
    {TILL_DO_LEAVE, CARD, 0},
    {TILL_DO_MEMBER_SET, CARD, DETAILS | SEGMENT | BIT(FIELD_REMOVE)},
    {TILL_DO_HISTORY, CARD, BIT(FIELD_BEFORE)},
    {TILL_DO_REWARDS, 0, 0},
    {TILL_DO_LOGIN, BIT(FIELD_CASHIER) | BIT(FIELD_PIN), 0},
    {TILL_DO_LOGOUT, 0, 0},
    {TILL_DO_CHECKPOINT, 0, BIT(FIELD_ENTRY) | BIT(FIELD_OLD_SIZE)},
    {TILL_DO_STATUS, 0, 0},
    {TILL_DO_PING, 0, 0},
};
#define RULE_COUNT (sizeof rules / sizeof *rules)

/* --- a whole command ------------------------------------------------------ */

/* Of a sale an amount comes back, or lines; of a redemption points. */
static bool finish_return(struct json_parsing *parsing)
{
	bool points = parsing->present & POINTS;
	bool goods = parsing->present & (AMOUNT | LINES);

	if (points == goods)
		return json_malformed(parsing,
		    "return needs \"amount\" or \"lines\" of a sale, or "
		    "\"points\" of a redemption.");
	return json_sum_lines(parsing);
}

static bool finish_goodwill(struct json_parsing *parsing)
{
	bool second = parsing->present & BIT(FIELD_SECOND);
	bool pin = parsing->present & BIT(FIELD_PIN);

	if (second != pin)
		return json_malformed(parsing,
		    "\"second\" and \"pin\" belong together: both or neither.");
	if (parsing->command->text[0] == '\0')
		return json_malformed(parsing, "\"reason\" must say why.");
	return true;
}

static bool finish_member(struct json_parsing *parsing)
{
	bool details = parsing->present & (DETAILS);
	bool segment = parsing->present & SEGMENT;
	bool remove = parsing->present & BIT(FIELD_REMOVE);

	if (details == segment || (remove && !segment))
		return json_malformed(parsing,
		    "member needs \"name\", \"phone\" or \"birthday\", or else "
		    "a \"segment\", maybe with \"remove\".");
	return true;
}

/* What no field can see alone. */
static bool finish_command(struct json_parsing *parsing)
{
	switch (parsing->command->what) {
	case TILL_DO_EARN:
	case TILL_DO_SALE:
		return json_sum_lines(parsing);
	case TILL_DO_RETURN:
		return finish_return(parsing);
	case TILL_DO_GOODWILL:
		return finish_goodwill(parsing);
	case TILL_DO_MEMBER_SET:
		return finish_member(parsing);
	default:
		return true;
	}
}

/* --- an object ------------------------------------------------------------ */

/* An id comes back in the answer even where nothing else is understood. */
static bool parse_id(struct json_parsing *parsing, const json_t *value)
{
	char *text;
	bool fits;

	if (!value)
		return true;
	if (!json_is_integer(value) && !json_is_string(value))
		return json_malformed(
		    parsing, "\"id\" must be a whole number or a text.");
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	fits = text && strlen(text) < sizeof parsing->command->id &&
	       bytes_are_text(bytes_of_string(text), NULL);
	if (fits)
		memcpy(parsing->command->id, text, strlen(text) + 1);
	free(text);
	if (!fits)
		return json_malformed(parsing,
		    "\"id\" must be at most %u bytes.",
		    OPERATION_ID_SIZE_MAX - 2);
	return true;
}

/* The rule for what is asked, or RULE_COUNT. */
static size_t parse_do(struct json_parsing *parsing, const json_t *value)
{
	const char *name = json_string_value(value);

	if (!name) {
		json_malformed(
		    parsing, "\"do\" must say what to do, as a text.");
		return RULE_COUNT;
	}
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (strcmp(till_do_name(rules[i].what), name) == 0)
			return i;
	json_malformed(parsing,
	    "\"do\" must be one of those that client/TILL.md lists: enrol, "
	    "earn, redeem, return, balance, …");
	return RULE_COUNT;
}

/* A field's name is the writer's: cut, and between quotes. */
static bool know_fields(
    struct json_parsing *parsing, size_t rule, json_t *object)
{
	uint32_t allowed = rules[rule].must | rules[rule].may;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		enum json_field field = json_field_of(key);

		if (strcmp(key, "do") == 0 || strcmp(key, "id") == 0)
			continue;
		if (field == FIELD_COUNT || !(allowed & BIT(field)))
			return json_malformed(parsing,
			    "%s has no field \"%.40s\".",
			    till_do_name(rules[rule].what), key);
	}
	return true;
}

static bool parse_fields(
    struct json_parsing *parsing, size_t rule, json_t *object)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		enum json_field field = (enum json_field)i;
		json_t *value = json_object_get(object, json_field_name(field));

		if (!value && (rules[rule].must & BIT(i)))
			return json_malformed(parsing, "%s needs \"%s\".",
			    till_do_name(rules[rule].what),
			    json_field_name(field));
		if (!value)
			continue;
		if (!json_parse_field(parsing, field, value))
			return false;
		parsing->present |= BIT(i);
	}
	return finish_command(parsing);
}

static void parse_object(struct json_parsing *parsing, json_t *object)
{
	size_t rule;

	if (!parse_id(parsing, json_object_get(object, "id")))
		return;
	rule = parse_do(parsing, json_object_get(object, "do"));
	if (rule == RULE_COUNT)
		return;
	parsing->command->what = rules[rule].what;
	if (know_fields(parsing, rule, object))
		parse_fields(parsing, rule, object);
}

/* --- a line --------------------------------------------------------------- */

/* jansson's own texts quote the line; it may hold a number that no log should
 * see, so the place alone is told. */
static void refuse_syntax(
    struct json_parsing *parsing, const json_error_t *fault)
{
	switch (json_error_code(fault)) {
	case json_error_invalid_utf8:
	case json_error_null_byte_in_key:
	case json_error_null_character:
		json_malformed(parsing,
		    "The line is not well-formed UTF-8, or has a NUL.");
		break;
	case json_error_duplicate_key:
		json_malformed(parsing, "A field is there twice.");
		break;
	case json_error_numeric_overflow:
		json_malformed(parsing, "A number is too large.");
		break;
	default:
		json_malformed(parsing,
		    "The line is no JSON object (column %d).", fault->column);
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

static void parse_line(struct json_parsing *parsing, struct bytes line)
{
	json_error_t fault;
	json_t *object = json_loadb(
	    (const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &fault);

	if (!object)
		refuse_syntax(parsing, &fault);
	else if (!json_is_object(object))
		json_malformed(parsing, "The line must be one JSON object.");
	else
		parse_object(parsing, object);
	json_decref(object);
}

bool json_parse_command(
    struct bytes line, struct till_command *ret_command, struct buffer *output)
{
	struct till_command command = {0};
	struct json_parsing parsing = {.command = &command};

	if (is_blank(line))
		return false;
	parse_line(&parsing, line);
	if (parsing.why)
		json_append_refusal(
		    output, command.what, command.id, parsing.why, parsing.say);
	else
		*ret_command = command;
	crypto_wipe(&command, sizeof command);
	return !parsing.why;
}

void json_line_too_long(struct buffer *output)
{
	char say[SAY_SIZE_MAX + 1];

	snprintf(say, sizeof say, "The line is longer than %u bytes.",
	    JSON_LINE_SIZE_MAX);
	json_append_refusal(output, TILL_DO_NONE, "", "malformed", say);
}
