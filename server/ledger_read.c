/*
 * ledger_read: what is asked of the ledger: its head, an entry by its sequence
 * or its name, staged or durable.
 */
#include "server/ledger_internal.h"

#include <inttypes.h>

/* --- the head ------------------------------------------------------------- */

const struct book *ledger_book(const struct ledger *ledger)
{
	return ledger->state.book;
}

uint64_t ledger_head(const struct ledger *ledger)
{
	return ledger->state.durable;
}

struct hash ledger_head_hash(const struct ledger *ledger)
{
	return ledger->state.hash;
}

struct hash ledger_root(struct ledger *ledger)
{
	return tree_root(ledger->state.tree, ledger->hasher);
}

uint64_t ledger_checkpoint(const struct ledger *ledger, struct note *ret_note)
{
	if (ledger->state.shown_size > 0)
		*ret_note = ledger->state.shown;
	return ledger->state.shown_size;
}

uint64_t ledger_checkpoint_root(
    const struct ledger *ledger, struct hash *ret_root)
{
	if (ledger->state.shown_size > 0)
		*ret_root = ledger->state.shown_root;
	return ledger->state.shown_size;
}

/* --- entries -------------------------------------------------------------- */

const struct store_entry *ledger_find_staged(
    const struct ledger_group *group, uint32_t terminal, uint64_t counter)
{
	for (size_t i = group->entry_count; i > 0; i--) {
		const struct store_entry *entry = &group->entries[i - 1];

		if (entry->counter == counter && entry->terminal == terminal)
			return entry;
	}
	return NULL;
}

bool ledger_may_have(
    const struct ledger *ledger, uint32_t terminal, uint64_t counter)
{
	const struct book_terminal *known;

	if (terminal == 0)
		return false;
	known = book_terminal(ledger->state.book, terminal);
	return known != NULL && counter <= known->counter_max;
}

/* Staged entries stand in a row after the last written one. */
static enum result read_record(struct ledger *ledger, uint64_t sequence,
    struct buffer *record, struct error *err)
{
	uint64_t written = ledger_written(ledger);
	const struct ledger_group *group = &ledger->group;

	record->size = 0;
	if (sequence > written && sequence - written <= group->entry_count)
		return buffer_append(
		    record, group->entries[sequence - written - 1].record, err);
	return ledger->store->ops->read(ledger->store, sequence, record, err);
}

enum result ledger_read(struct ledger *ledger, uint64_t sequence,
    struct buffer *record, struct entry *ret_entry, struct error *err)
{
	enum result result = read_record(ledger, sequence, record, err);

	if (result != RESULT_OK)
		return result;
	result = entry_decode(buffer_view(record), ret_entry, err);
	if (result == RESULT_INVALID ||
	    (result == RESULT_OK && ret_entry->sequence != sequence))
		return error_set(err, RESULT_CORRUPT,
		    "ledger: entry %" PRIu64 " cannot be read", sequence);
	return result;
}

enum result ledger_find(struct ledger *ledger, uint32_t terminal,
    uint64_t counter, struct buffer *record, struct entry *ret_entry,
    struct error *err)
{
	const struct store_entry *staged;
	enum result result;

	if (!ledger_may_have(ledger, terminal, counter))
		return error_set(
		    err, RESULT_NOT_FOUND, "ledger: there is no such name");
	record->size = 0;
	staged = ledger_find_staged(&ledger->group, terminal, counter);
	if (staged != NULL)
		result = buffer_append(record, staged->record, err);
	else
		result = ledger->store->ops->lookup(
		    ledger->store, terminal, counter, record, err);
	if (result != RESULT_OK)
		return result;
	result = entry_decode(buffer_view(record), ret_entry, err);
	if (result == RESULT_INVALID)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: the record of terminal %" PRIu32
		    ", counter %" PRIu64 " cannot be read",
		    terminal, counter);
	return result;
}
