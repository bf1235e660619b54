/*
 * json_world: lines in and the commands that they are, results and the lines
 * that they become. Every answer is read back by jansson, as an integrator
 * would. A test program includes it once.
 */
#ifndef TESTS_UNIT_CLIENT_JSON_WORLD_H
#define TESTS_UNIT_CLIENT_JSON_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/json.h"

static struct buffer output;
static struct till_command command;

static inline const char *output_text(void)
{
	assert_int_equal(
	    buffer_append(&output, bytes_of("", 1), NULL), RESULT_OK);
	output.size--;
	return (const char *)output.data;
}

static inline int finish(void **state)
{
	(void)state;
	buffer_finish(&output);
	return 0;
}

/* One whole line of well-formed JSON. */
static inline void assert_is_line(const char *text)
{
	json_error_t fault;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &fault);

	if (!json_is_object(object))
		fail_msg("'%s': %s", text, fault.text);
	json_decref(object);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* --- lines in ------------------------------------------------------------- */

static inline bool parse_bytes(struct bytes line)
{
	output.size = 0;
	memset(&command, 0xee, sizeof command);
	return json_parse_command(line, &command, &output);
}

static inline bool parse(const char *line)
{
	return parse_bytes(bytes_of_string(line));
}

static inline void take(const char *line, enum till_do what)
{
	if (!parse(line))
		fail_msg("%s: %s", line, output_text());
	assert_int_equal(command.what, what);
	assert_int_equal(output.size, 0);
}

/* The `say` of the answer; the caller frees the object. */
static inline const char *say_of(json_t **ret_object)
{
	*ret_object = json_loads(output_text(), JSON_REJECT_DUPLICATES, NULL);
	return json_string_value(json_object_get(*ret_object, "say"));
}

/* Refused for `why`, with `say` in the sentence, as one line of JSON; and of
 * the command nothing is written. */
static inline void refuse(const char *line, const char *why, const char *say)
{
	struct till_command untouched;
	json_t *object;
	const char *text;
	char wanted[128];

	if (parse(line))
		fail_msg("%s was taken", line);
	assert_is_line(output_text());
	snprintf(wanted, sizeof wanted,
	    "\"ok\":false,\"why\":\"%s\",\"say\":\"", why);
	text = say_of(&object);
	if (!strstr(output_text(), wanted) || !text || !strstr(text, say))
		fail_msg("%s: %s", line, output_text());
	assert_true(strlen(text) < SAY_SIZE_MAX);
	json_decref(object);
	memset(&untouched, 0xee, sizeof untouched);
	assert_memory_equal(&command, &untouched, sizeof command);
}

/* --- lines out ------------------------------------------------------------ */

static inline const char *written(const struct till_result *result)
{
	output.size = 0;
	json_append_result(&output, result);
	assert_is_line(output_text());
	return output_text();
}

/* With another number for each figure that a refusal may have. */
static inline struct till_result refused(
    enum till_do what, enum refusal_code code)
{
	struct till_result result = {
	    .kind = TILL_ANSWER,
	    .what = what,
	    .end = TILL_REFUSED,
	    .id = "",
	    .card = "",
	    .why = refusal_name(code),
	    .refusal = {.code = code,
		.required = 1,
		.available = -2,
		.missing = 3,
		.wait_ms = 4,
		.left = 5,
		.say = "No."},
	};

	return result;
}

/* The refusal of a command, `name`d so, shows these figures and no other. */
static inline void shows_figures(enum till_do what, const char *name,
    enum refusal_code code, const char *figures)
{
	struct till_result result = refused(what, code);
	char wanted[256];

	snprintf(wanted, sizeof wanted,
	    "{\"do\":\"%s\",\"ok\":false,\"why\":\"%s\",%s\"say\":\"No.\"}\n",
	    name, refusal_name(code), figures);
	assert_string_equal(written(&result), wanted);
}

#endif
