/*
 * json_field: a table of the fields that commands have: what each must be, and
 * where in the command it goes.
 */
#include "client/json_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum type {
	TYPE_NUMBER,   /* a uint64_t, from `min` to `max` */
	TYPE_NUMBER32, /* likewise */
	TYPE_MINOR,    /* an amount */
	TYPE_POINTS,
	TYPE_BOOL,
	TYPE_TEXT, /* at most `max` bytes and a NUL, at least `min` */
	TYPE_NAME, /* likewise, of the characters of an id */
	TYPE_PIN,
	TYPE_CARD,
	TYPE_BIRTHDAY,
	TYPE_LINES,
};

#define PLACE(field) offsetof(struct till_command, field)
#define ID_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

static const struct field {
	const char *name;
	enum type type;
	size_t place;
	uint64_t min, max;
} fields[FIELD_COUNT] = {
    [FIELD_CARD] = {"card", TYPE_CARD, PLACE(card)},
    [FIELD_AMOUNT] = {"amount", TYPE_MINOR, PLACE(amount_minor), 1,
	AMOUNT_MINOR_MAX},
    [FIELD_LINES] = {"lines", TYPE_LINES},
    [FIELD_PAID] = {"paid", TYPE_MINOR, PLACE(paid_minor), 0, AMOUNT_MINOR_MAX},
    [FIELD_RECEIPT] = {"receipt", TYPE_TEXT, PLACE(receipt), 0,
	RECEIPT_SIZE_MAX},
    [FIELD_REWARD] = {"reward", TYPE_NAME, PLACE(reward), 1,
	REWARD_ID_SIZE_MAX},
    [FIELD_POINTS] = {"points", TYPE_POINTS, PLACE(points)},
    [FIELD_ENTRY] = {"entry", TYPE_NUMBER, PLACE(entry), 1, SEQUENCE_MAX},
    [FIELD_HOLD] = {"hold", TYPE_NUMBER, PLACE(entry), 1, SEQUENCE_MAX},
    [FIELD_OPERATION] = {"operation", TYPE_NUMBER, PLACE(operation), 1,
	COUNTER_MAX},
    [FIELD_TO] = {"to", TYPE_CARD, PLACE(other_card)},
    [FIELD_WITH] = {"with", TYPE_CARD, PLACE(other_card)},
    [FIELD_NEW_CARD] = {"new_card", TYPE_CARD, PLACE(other_card)},
    [FIELD_REFERRER] = {"referrer", TYPE_CARD, PLACE(other_card)},
    [FIELD_REASON] = {"reason", TYPE_TEXT, PLACE(text), 0, REASON_SIZE_MAX},
    [FIELD_UNBLOCK] = {"unblock", TYPE_BOOL, PLACE(off)},
    [FIELD_SECOND] = {"second", TYPE_NUMBER32, PLACE(second), 1, CASHIERS_MAX},
    [FIELD_NAME] = {"name", TYPE_TEXT, PLACE(name), 0, NAME_SIZE_MAX},
    [FIELD_PHONE] = {"phone", TYPE_TEXT, PLACE(phone), 0, TILL_PHONE_SIZE_MAX},
    [FIELD_BIRTHDAY] = {"birthday", TYPE_BIRTHDAY, PLACE(birthday)},
    [FIELD_SEGMENT] = {"segment", TYPE_NAME, PLACE(text), 1, SEGMENT_SIZE_MAX},
    [FIELD_REMOVE] = {"remove", TYPE_BOOL, PLACE(off)},
    [FIELD_BEFORE] = {"before", TYPE_NUMBER, PLACE(before), 0, SEQUENCE_MAX},
    [FIELD_OLD_SIZE] = {"old_size", TYPE_NUMBER, PLACE(old_size), 0,
	SEQUENCE_MAX},
    [FIELD_CASHIER] = {"cashier", TYPE_NUMBER32, PLACE(cashier), 1,
	CASHIERS_MAX},
    [FIELD_PIN] = {"pin", TYPE_PIN, PLACE(pin), PIN_SIZE_MIN, PIN_SIZE_MAX},
};

/* A reason's and a segment's place is the same, and holds either. */
_Static_assert(SEGMENT_SIZE_MAX <= REASON_SIZE_MAX, "a command's text");

enum json_field json_field_of(const char *name)
{
	int i = 0;

	while (i < FIELD_COUNT && strcmp(fields[i].name, name) != 0)
		i++;
	return (enum json_field)i;
}

const char *json_field_name(enum json_field field)
{
	return fields[field].name;
}

bool json_refuse(
    struct json_parsing *parsing, const char *why, const char *format, ...)
{
	va_list arguments;

	parsing->why = why;
	va_start(arguments, format);
	(void)vsnprintf(parsing->say, sizeof parsing->say, format, arguments);
	va_end(arguments);
	return false;
}

/* --- values --------------------------------------------------------------- */

bool json_parse_number(struct json_parsing *parsing,
    const struct json_number *number, const json_t *value, int64_t *ret_number)
{
	int64_t integer = json_integer_value(value);

	if (!json_is_integer(value))
		return json_malformed(parsing,
		    "\"%s\" must be a whole number, without quotes%s.",
		    number->name,
		    number->is_minor ? ", in minor units (1250 is 12.50)" : "");
	if (integer < number->min || integer > number->max)
		return json_malformed(parsing,
		    "\"%s\" must be from %lld to %lld.", number->name,
		    (long long)number->min, (long long)number->max);
	*ret_number = integer;
	return true;
}

/* Texts that jansson lets through are well-formed UTF-8 without U+0000. */
bool json_parse_text(struct json_parsing *parsing, const char *name,
    const json_t *value, char *to, size_t size)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!text)
		return json_malformed(parsing, "\"%s\" must be a text.", name);
	if (length >= size)
		return json_malformed(parsing,
		    "\"%s\" must be at most %zu bytes long.", name, size - 1);
	if (!bytes_are_text(bytes_of(text, length), NULL))
		return json_malformed(
		    parsing, "\"%s\" must have no control characters.", name);
	memcpy(to, text, length + 1);
	return true;
}

static bool parse_name(struct json_parsing *parsing, const struct field *field,
    const json_t *value, char *to)
{
	if (!json_parse_text(parsing, field->name, value, to, field->max + 1))
		return false;
	if (to[0] == '\0' || to[strspn(to, ID_CHARACTERS)] != '\0')
		return json_malformed(parsing,
		    "\"%s\" must be a %s's id: a-z, 0-9, _ and -.", field->name,
		    field->name);
	return true;
}

static bool parse_pin(struct json_parsing *parsing, const struct field *field,
    const json_t *value, char *pin)
{
	if (!json_parse_text(parsing, field->name, value, pin, field->max + 1))
		return false;
	if (strlen(pin) < field->min || pin[strspn(pin, "0123456789")] != '\0')
		return json_malformed(parsing,
		    "\"pin\" must be %u to %u digits.", PIN_SIZE_MIN,
		    PIN_SIZE_MAX);
	return true;
}

static bool parse_card(struct json_parsing *parsing, const char *name,
    const json_t *value, char *to)
{
	const char *text = json_string_value(value);
	struct card card;
	enum card_fault fault;

	if (!text)
		return json_malformed(parsing, "\"%s\" must be a text.", name);
	fault = card_parse(bytes_of(text, json_string_length(value)), &card);
	if (fault == CARD_OK) {
		memcpy(to, card.number, sizeof card.number);
		return true;
	}
	return json_refuse(
	    parsing, card_fault_name(fault), "%s", card_fault_say(fault));
}

/* Points of a transfer or a payment are some; of a return they may be all that
 * there are (0); a goodwill's may be taken. */
static bool parse_points(
    struct json_parsing *parsing, const json_t *value, int64_t *points)
{
	enum till_do what = parsing->command->what;
	struct json_number number = {"points", 1, (int64_t)POINTS_MAX, false};

	if (what == TILL_DO_RETURN)
		number.min = 0;
	if (what == TILL_DO_GOODWILL)
		number.min = -(int64_t)POINTS_MAX;
	if (!json_parse_number(parsing, &number, value, points))
		return false;
	if (what == TILL_DO_GOODWILL && *points == 0)
		return json_malformed(parsing, "\"points\" must not be 0.");
	return true;
}

/* "MM-DD". The 29th of February is one; "" is none. */
static bool parse_birthday(
    struct json_parsing *parsing, const json_t *value, uint32_t *birthday)
{
	static const char days[] = {
	    0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	char text[6] = "";
	unsigned month;
	unsigned day;

	if (!json_parse_text(parsing, "birthday", value, text, sizeof text))
		return false;
	if (text[0] == '\0')
		return true;
	if (strlen(text) != 5 || text[2] != '-' ||
	    strspn(text, "0123456789") != 2 ||
	    strspn(&text[3], "0123456789") != 2)
		return json_malformed(parsing,
		    "\"birthday\" must be month and day, such as \"02-28\".");
	month = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	day = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	if (month < 1 || month > 12 || day < 1 || day > (unsigned)days[month])
		return json_malformed(
		    parsing, "\"birthday\" must be a day that there is.");
	*birthday = month * 100 + day;
	return true;
}

static bool parse_bool(struct json_parsing *parsing, const char *name,
    const json_t *value, bool *to)
{
	if (!json_is_boolean(value))
		return json_malformed(
		    parsing, "\"%s\" must be true or false.", name);
	*to = json_is_true(value);
	return true;
}

static bool parse_whole(struct json_parsing *parsing, const struct field *field,
    const json_t *value, uint64_t *ret_number)
{
	struct json_number number = {field->name, (int64_t)field->min,
	    (int64_t)field->max, field->type == TYPE_MINOR};
	int64_t integer = 0;

	if (!json_parse_number(parsing, &number, value, &integer))
		return false;
	*ret_number = (uint64_t)integer;
	return true;
}

bool json_parse_field(
    struct json_parsing *parsing, enum json_field which, const json_t *value)
{
	const struct field *field = &fields[which];
	void *to = &((uint8_t *)parsing->command)[field->place];
	uint64_t number = 0;

	switch (field->type) {
	case TYPE_NUMBER:
	case TYPE_MINOR:
		return parse_whole(parsing, field, value, to);
	case TYPE_NUMBER32:
		if (!parse_whole(parsing, field, value, &number))
			return false;
		*(uint32_t *)to = (uint32_t)number;
		return true;
	case TYPE_POINTS:
		return parse_points(parsing, value, to);
	case TYPE_BOOL:
		return parse_bool(parsing, field->name, value, to);
	case TYPE_TEXT:
		return json_parse_text(
		    parsing, field->name, value, to, field->max + 1);
	case TYPE_NAME:
		return parse_name(parsing, field, value, to);
	case TYPE_PIN:
		return parse_pin(parsing, field, value, to);
	case TYPE_CARD:
		return parse_card(parsing, field->name, value, to);
	case TYPE_BIRTHDAY:
		return parse_birthday(parsing, value, to);
	case TYPE_LINES:
		return json_parse_lines(parsing, value);
	}
	return false;
}
