/*
 * programme_world: texts of programmes, read or refused, for the tests of the
 * programme. A test says only the lines that it is about.
 */
#ifndef TESTS_UNIT_COMMON_PROGRAMME_WORLD_H
#define TESTS_UNIT_COMMON_PROGRAMME_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "common/law/programme.h"

/* A programme's least; its last line is the 6th. */
#define GOOD                     \
	"[programme]\n"          \
	"name = Corner Coffee\n" \
	"currency = EUR\n"       \
	"earn_points = 1\n"      \
	"earn_amount = 1.00\n"   \
	"sale_amount_max = 2000.00\n"
#define COFFEE "[reward coffee]\nname = Coffee\npoints = 150\n"
#define FRESH "[earn fresh]\npoints = 1\nper = visit\n"

static inline struct programme *world_parse(const char *text)
{
	struct programme *programme = NULL;
	struct error err = {RESULT_OK, ""};

	if (programme_parse(bytes_of_string(text), &programme, &err) !=
	    RESULT_OK)
		fail_msg("%s", err.text);
	assert_non_null(programme);
	return programme;
}

/* The text is refused with `result`, in words that hold `words`. */
static inline void world_refuses_as(
    struct bytes text, enum result result, const char *words)
{
	struct programme *programme = NULL;
	struct error err = {RESULT_OK, ""};

	if (programme_parse(text, &programme, &err) != result)
		fail_msg("'%s' is wanted, not '%s'", words, err.text);
	assert_null(programme);
	assert_int_equal(err.result, result);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
	assert_true(bytes_are_text(bytes_of_string(err.text), NULL));
}

static inline void world_refuses(const char *text, const char *words)
{
	world_refuses_as(bytes_of_string(text), RESULT_INVALID, words);
}

/* GOOD, and comments up to `size` bytes. */
static inline struct buffer world_padded_text(size_t size)
{
	struct buffer text = {0};
	struct error err;

	assert_int_equal(
	    buffer_append(&text, bytes_of_string(GOOD), &err), RESULT_OK);
	while (text.size < size)
		assert_int_equal(
		    buffer_append(
			&text, bytes_of(text.size % 100 ? ";" : "\n", 1), &err),
		    RESULT_OK);
	return text;
}

/* What is told of a text, a line each: "4:15 …". */
struct told {
	char text[8192];
	size_t count;
};

static inline void world_hear(
    void *context, const struct programme_fault *fault)
{
	struct told *told = context;
	size_t size = strlen(told->text);

	told->count++;
	assert_true(bytes_are_text(bytes_of_string(fault->text), NULL));
	(void)snprintf(&told->text[size], sizeof(told->text) - size,
	    "%u:%u %s\n", fault->line, fault->column, fault->text);
}

/* Every fault of the text is told of, and the first is that of a parse. */
static inline void world_tells(const char *text, const char *wanted)
{
	struct told told = {.count = 0};
	struct programme *programme = NULL;
	struct error all;
	struct error first;
	enum result result = programme_check(
	    bytes_of_string(text), world_hear, &told, &programme, &all);

	assert_string_equal(told.text, wanted);
	assert_int_not_equal(result, RESULT_OK);
	assert_int_equal(
	    programme_parse(bytes_of_string(text), &programme, &first), result);
	assert_null(programme);
	assert_string_equal(first.text, all.text);
}

/* The list is of just these names. */
static inline void world_names(const struct programme *programme,
    struct programme_names names, const char *const *wanted, size_t count)
{
	assert_int_equal(names.count, count);
	for (size_t index = 0; index < count; index++)
		assert_true(programme_names_have(programme, names,
		    programme_name(bytes_of_string(wanted[index]))));
	assert_false(programme_names_have(
	    programme, names, programme_name(bytes_of_string("not there"))));
}

#define WORLD_NAMES(programme, names, ...)                               \
	do {                                                             \
		static const char *const wanted_names[] = {__VA_ARGS__}; \
		world_names(programme, names, wanted_names,              \
		    sizeof(wanted_names) / sizeof(*wanted_names));       \
	} while (0)

static inline int32_t world_day(const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	return date_to_day(date);
}

#endif
