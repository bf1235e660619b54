/*
 * ledger_sweep: keeps the book's objects, a slice at a time.
 *
 * Objects are taken in key order, so that a slice's rows lie side by side in
 * the database, and each group brings as many as its own entries pay for: a
 * sweep that begins at one head is over when `sweep_entries` more have come.
 */
#include "server/ledger_internal.h"

#include <assert.h>
#include <stdlib.h>

/* With fewer, the same pages would be written again and again. */
#define SLICE_OBJECTS_MIN 64u

enum result ledger_sweep_begin(struct ledger *ledger, struct error *err)
{
	struct ledger_sweep *sweep = &ledger->sweep;
	enum result result;

	assert(!sweep->is_active);
	assert(ledger->group.entry_count == 0);
	result = book_take_dirty(
	    ledger->state.book, &sweep->keys, &sweep->key_count, err);
	if (result != RESULT_OK)
		return result;
	sweep->is_active = true;
	sweep->start = ledger->state.durable;
	sweep->next = 0;
	sweep->credit = 0;
	return RESULT_OK;
}

size_t ledger_sweep_left(const struct ledger *ledger)
{
	return ledger->sweep.is_active
		   ? ledger->sweep.key_count - ledger->sweep.next
		   : 0;
}

size_t ledger_sweep_share(struct ledger *ledger)
{
	struct ledger_sweep *sweep = &ledger->sweep;
	size_t left = ledger_sweep_left(ledger);
	uint64_t owed;

	if (left == 0)
		return 0;
	sweep->credit += (uint64_t)ledger->group.entry_count * sweep->key_count;
	owed = sweep->credit / ledger->sweep_entries;
	if (owed >= left)
		return left;
	if (owed < SLICE_OBJECTS_MIN)
		return 0;
	sweep->credit -= owed * ledger->sweep_entries;
	return (size_t)owed;
}

static enum result reserve_objects(
    struct ledger_sweep *sweep, size_t object_count, struct error *err)
{
	struct store_object *objects;

	if (object_count <= sweep->object_capacity)
		return RESULT_OK;
	objects = realloc(sweep->objects, object_count * sizeof(*objects));
	if (objects == NULL)
		return error_no_memory(err);
	sweep->objects = objects;
	sweep->object_capacity = object_count;
	return RESULT_OK;
}

static enum result save_object(struct ledger *ledger, uint64_t key,
    struct store_object *object, struct error *err)
{
	struct buffer *bytes = &ledger->sweep.bytes;
	size_t before = bytes->size;
	enum result result = book_save_object(
	    ledger->state.book, key, bytes, &object->true_at, err);

	object->key = key;
	object->object.size = bytes->size - before;
	return result;
}

/* The buffer may have moved while it grew; now it stays. */
static void place_objects(struct ledger_sweep *sweep)
{
	struct reader reader = reader_of(buffer_view(&sweep->bytes));

	for (size_t i = 0; i < sweep->object_count; i++) {
		struct bytes *object = &sweep->objects[i].object;

		*object = reader_bytes(&reader, object->size);
	}
	assert(!reader.failed && reader_left(&reader) == 0);
}

enum result ledger_sweep_fill(struct ledger *ledger, size_t object_count,
    struct store_append *append, struct error *err)
{
	struct ledger_sweep *sweep = &ledger->sweep;
	enum result result = reserve_objects(sweep, object_count, err);

	assert(object_count <= ledger_sweep_left(ledger));
	sweep->bytes.size = 0;
	sweep->object_count = object_count;
	for (size_t i = 0; result == RESULT_OK && i < object_count; i++)
		result = save_object(ledger, sweep->keys[sweep->next + i],
		    &sweep->objects[i], err);
	if (result != RESULT_OK)
		return result;
	place_objects(sweep);
	append->objects = sweep->objects;
	append->object_count = object_count;
	if (sweep->is_active && object_count == ledger_sweep_left(ledger))
		append->objects_complete_to = sweep->start;
	return RESULT_OK;
}

void ledger_sweep_kept(struct ledger *ledger)
{
	struct ledger_sweep *sweep = &ledger->sweep;

	if (!sweep->is_active)
		return;
	sweep->next += sweep->object_count;
	sweep->object_count = 0;
	if (sweep->next < sweep->key_count)
		return;
	ledger->state.complete_to = sweep->start;
	sweep->is_active = false;
	free(sweep->keys);
	sweep->keys = NULL;
}

void ledger_sweep_finish(struct ledger_sweep *sweep)
{
	free(sweep->keys);
	free(sweep->objects);
	buffer_finish(&sweep->bytes);
	*sweep = (struct ledger_sweep){0};
}
