/*
 * prompt_typed: a prompt, what is typed at it and what it says. A test program
 * includes it once, and puts a shop into `facts`.
 */
#ifndef TESTS_UNIT_CLIENT_PROMPT_TYPED_H
#define TESTS_UNIT_CLIENT_PROMPT_TYPED_H

#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "client/prompt.h"

#define CARD "2912345678906"

static struct prompt prompt;
static struct buffer output;
static struct till_command command;
static struct shop_facts facts;

static inline int end(void **state)
{
	(void)state;
	buffer_finish(&output);
	return 0;
}

static inline const char *said(void)
{
	assert_int_equal(
	    buffer_append(&output, bytes_of("", 1), NULL), RESULT_OK);
	output.size = 0;
	return (const char *)output.data;
}

static inline enum prompt_next type(const char *line)
{
	memset(&command, 0xee, sizeof command);
	return prompt_line(
	    &prompt, bytes_of_string(line), &facts, &command, &output);
}

#endif
