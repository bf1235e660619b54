/*
 * audit_names: owns which (terminal, counter) have been used.
 *
 * Tills count up, so a terminal's used counters are all those up to the
 * highest, less a few that were refused or came late. Only the gaps are kept.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/audit_inside.h"

void *audit_grow(
    void *array, size_t *capacity, size_t count, size_t element_size)
{
	size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
	void *grown;

	if (count < *capacity)
		return array;
	grown = reallocarray(array, wanted, element_size);
	if (grown != NULL)
		*capacity = wanted;
	return grown;
}

static enum result find_terminal(struct audit_names *names, uint32_t number,
    struct terminal_names **ret_terminal, struct error *err)
{
	size_t wanted = (size_t)number + 1;
	struct terminal_names *terminals;

	if (wanted > names->terminal_count) {
		terminals =
		    reallocarray(names->terminals, wanted, sizeof(*terminals));
		if (terminals == NULL)
			return error_no_memory(err);
		memset(&terminals[names->terminal_count], 0,
		    (wanted - names->terminal_count) * sizeof(*terminals));
		names->terminals = terminals;
		names->terminal_count = wanted;
	}
	*ret_terminal = &names->terminals[number];
	return RESULT_OK;
}

/* The gap at `place`, and those after it, one further on. */
static enum result open_place(
    struct terminal_names *terminal, size_t place, struct error *err)
{
	struct counter_range *unused =
	    audit_grow(terminal->unused, &terminal->unused_capacity,
		terminal->unused_count, sizeof(*unused));

	if (unused == NULL)
		return error_no_memory(err);
	terminal->unused = unused;
	memmove(&unused[place + 1], &unused[place],
	    (terminal->unused_count - place) * sizeof(*unused));
	terminal->unused_count++;
	return RESULT_OK;
}

static void close_place(struct terminal_names *terminal, size_t place)
{
	struct counter_range *unused = terminal->unused;

	terminal->unused_count--;
	memmove(&unused[place], &unused[place + 1],
	    (terminal->unused_count - place) * sizeof(*unused));
}

/* The first gap that ends at or above `counter`. */
static size_t place_of(const struct terminal_names *terminal, uint64_t counter)
{
	size_t low = 0;
	size_t high = terminal->unused_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (terminal->unused[middle].last < counter)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A counter above all before: what it passes over becomes a gap. */
static enum result take_above(
    struct terminal_names *terminal, uint64_t counter, struct error *err)
{
	size_t place = terminal->unused_count;

	if (counter - terminal->highest > 1) {
		enum result result = open_place(terminal, place, err);

		if (result != RESULT_OK)
			return result;
		terminal->unused[place] =
		    (struct counter_range){terminal->highest + 1, counter - 1};
	}
	terminal->highest = counter;
	return RESULT_OK;
}

/* A counter inside a gap: what is left of it is a gap, two, or none. */
static enum result take_inside(struct terminal_names *terminal, size_t place,
    uint64_t counter, struct error *err)
{
	struct counter_range range = terminal->unused[place];

	if (range.first == range.last) {
		close_place(terminal, place);
		return RESULT_OK;
	}
	if (counter != range.first && counter != range.last) {
		enum result result = open_place(terminal, place, err);

		if (result != RESULT_OK)
			return result;
		terminal->unused[place].last = counter - 1;
		terminal->unused[place + 1].first = counter + 1;
		return RESULT_OK;
	}
	if (counter == range.first)
		terminal->unused[place].first++;
	else
		terminal->unused[place].last--;
	return RESULT_OK;
}

enum result audit_names_take(struct audit_names *names, uint32_t terminal,
    uint64_t counter, bool *ret_is_new, struct error *err)
{
	struct terminal_names *used = NULL;
	enum result result = find_terminal(names, terminal, &used, err);
	size_t place;

	assert(terminal <= TERMINALS_MAX && counter != 0);
	if (result != RESULT_OK)
		return result;
	*ret_is_new = true;
	if (counter > used->highest)
		return take_above(used, counter, err);
	place = place_of(used, counter);
	if (place < used->unused_count && used->unused[place].first <= counter)
		return take_inside(used, place, counter, err);
	*ret_is_new = false;
	return RESULT_OK;
}

bool audit_names_has(
    const struct audit_names *names, uint32_t terminal, uint64_t counter)
{
	const struct terminal_names *used;
	size_t place;

	if (terminal >= names->terminal_count)
		return false;
	used = &names->terminals[terminal];
	if (counter == 0 || counter > used->highest)
		return false;
	place = place_of(used, counter);
	return place == used->unused_count ||
	       used->unused[place].first > counter;
}

void audit_names_finish(struct audit_names *names)
{
	size_t i;

	for (i = 0; i < names->terminal_count; i++)
		free(names->terminals[i].unused);
	free(names->terminals);
	*names = (struct audit_names){0};
}
