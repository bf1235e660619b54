/*
 * json_inside: what json.c, json_field.c and json_lines.c share, which read
 * lines; for nobody else. They alone in client/ use jansson.
 */
#ifndef CLIENT_JSON_INSIDE_H
#define CLIENT_JSON_INSIDE_H

#include <jansson.h>

#include "client/json.h"

/* A line on its way to a command, or to one refusal. */
struct json_parsing {
	struct till_command *command;
	uint32_t present; /* bits of enum json_field */
	const char *why;  /* NULL while all is well */
	char say[SAY_SIZE_MAX + 1];
};

enum json_field {
	FIELD_CARD,
	FIELD_AMOUNT,
	FIELD_LINES,
	FIELD_PAID,
	FIELD_RECEIPT,
	FIELD_REWARD,
	FIELD_POINTS,
	FIELD_ENTRY,
	FIELD_HOLD,
	FIELD_OPERATION,
	FIELD_TO,
	FIELD_WITH,
	FIELD_NEW_CARD,
	FIELD_REFERRER,
	FIELD_REASON,
	FIELD_UNBLOCK,
	FIELD_SECOND,
	FIELD_NAME,
	FIELD_PHONE,
	FIELD_BIRTHDAY,
	FIELD_SEGMENT,
	FIELD_REMOVE,
	FIELD_BEFORE,
	FIELD_OLD_SIZE,
	FIELD_CASHIER,
	FIELD_PIN,
	FIELD_COUNT,
};

#define BIT(field) (1u << (field))

/* --- json_field.c: one field at a time ------------------------------------ */

/* FIELD_COUNT for a name that no field has. */
enum json_field json_field_of(const char *name);
const char *json_field_name(enum json_field field);
/* Take a field's value into the command, whose `what` is known. False: the
 * reason is in `parsing`. */
bool json_parse_field(
    struct json_parsing *parsing, enum json_field field, const json_t *value);

/* Refuse the line for `why`; always false. */
__attribute__((format(printf, 3, 4))) bool json_refuse(
    struct json_parsing *parsing, const char *why, const char *format, ...);
#define json_malformed(parsing, ...) \
	json_refuse(parsing, "malformed", __VA_ARGS__)

/* A whole number in its bounds. */
struct json_number {
	const char *name; /* as it is called in a refusal */
	int64_t min;
	int64_t max;
	bool is_minor; /* an amount: say so */
};
bool json_parse_number(struct json_parsing *parsing,
    const struct json_number *number, const json_t *value, int64_t *ret_number);
/* A text without control characters into `size` bytes. */
bool json_parse_text(struct json_parsing *parsing, const char *name,
    const json_t *value, char *to, size_t size);

/* --- json_lines.c: what a sale or a return has more than one of ----------- */

bool json_parse_lines(struct json_parsing *parsing, const json_t *value);
/* The whole command is there: do its lines make up its amount? A return that
 * says none gets theirs. */
bool json_sum_lines(struct json_parsing *parsing);

#endif
