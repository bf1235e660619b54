/*
 * ledger_open: how a ledger comes and goes. What is built from the store is a
 * struct ledger_state of its own, so that a reopen that fails leaves the old
 * one to be looked at, though not written from.
 */
#include "server/ledger_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Objects in one append while closing: a fraction of a second each. */
#define CLOSE_OBJECTS 16384u

static enum result create_group(struct ledger_group *group, struct error *err)
{
	group->arena = malloc(ARENA_SIZE);
	group->entries = calloc(BATCH_ENTRIES_MAX, sizeof(*group->entries));
	group->privates = calloc(PRIVATES_MAX, sizeof(*group->privates));
	group->tiles = calloc(TILES_MAX, sizeof(*group->tiles));
	if (group->arena == NULL || group->entries == NULL ||
	    group->privates == NULL || group->tiles == NULL)
		return error_no_memory(err);
	return RESULT_OK;
}

static void finish_group(struct ledger_group *group)
{
	free(group->arena);
	free(group->entries);
	free(group->privates);
	free(group->tiles);
}

static enum result take_options(struct ledger *ledger,
    const struct ledger_options *options, struct error *err)
{
	ledger->sweep_entries =
	    options->sweep_entries ? options->sweep_entries : SWEEP_ENTRIES;
	ledger->checkpoint_ms =
	    options->checkpoint_ms ? options->checkpoint_ms : CHECKPOINT_MS;
	if (options->owner != NULL)
		snprintf(
		    ledger->owner, sizeof(ledger->owner), "%s", options->owner);
	if (options->seed == NULL)
		return RESULT_OK;
	ledger->has_seed = true;
	memcpy(ledger->seed, options->seed, SIGN_KEY_SIZE);
	return sign_public_key(ledger->seed, ledger->key, err);
}

/* Better said now than with the first checkpoint. */
static enum result check_key(const struct ledger *ledger,
    const struct ledger_state *state, struct error *err)
{
	if (!ledger->has_seed || state->durable == 0)
		return RESULT_OK;
	if (memcmp(book_shop_key(state->book)->bytes, ledger->key,
		SIGN_KEY_SIZE) == 0)
		return RESULT_OK;
	return error_set(err, RESULT_DENIED,
	    "ledger: the checkpoint key is not the one of this shop");
}

/* Put a state fresh from the store in place of the one in hand. */
static enum result load(struct ledger *ledger, struct error *err)
{
	struct ledger_state state;
	enum result result = ledger_state_load(ledger, &state, err);

	if (result == RESULT_OK)
		result = check_key(ledger, &state, err);
	if (result != RESULT_OK) {
		ledger_state_finish(&state);
		return result;
	}
	ledger_state_finish(&ledger->state);
	ledger->state = state;
	return RESULT_OK;
}

void ledger_abandon(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	ledger_state_finish(&ledger->state);
	ledger_sweep_finish(&ledger->sweep);
	finish_group(&ledger->group);
	buffer_finish(&ledger->scratch);
	hasher_destroy(ledger->hasher);
	crypto_wipe(ledger->seed, sizeof(ledger->seed));
	free(ledger);
}

enum result ledger_open(struct store *store,
    const struct ledger_options *options, struct ledger **ret_ledger,
    struct error *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	enum result result;

	if (ledger == NULL)
		return error_no_memory(err);
	ledger->store = store;
	result = create_group(&ledger->group, err);
	if (result == RESULT_OK)
		result = hasher_create(&ledger->hasher, err);
	if (result == RESULT_OK)
		result = take_options(ledger, options, err);
	if (result == RESULT_OK)
		result = load(ledger, err);
	if (result != RESULT_OK) {
		ledger_abandon(ledger);
		return result;
	}
	*ret_ledger = ledger;
	return RESULT_OK;
}

enum result ledger_reopen(struct ledger *ledger, struct error *err)
{
	struct ledger_group *group = &ledger->group;
	enum result result;

	/* Taking it again would shut the other out in turn. */
	if (ledger->broken == APPEND_FENCED)
		return error_set(err, RESULT_DENIED,
		    "ledger: somebody else has taken the store");
	/* Tiles of what was staged are not to be found while loading. */
	group->is_open = false;
	group->entry_count = 0;
	group->private_count = 0;
	group->tile_count = 0;
	ledger_sweep_finish(&ledger->sweep);
	ledger->pending_size = 0;
	if (ledger->broken == APPEND_DURABLE) {
		error_set(&ledger->broken_error, RESULT_IO,
		    "it was being opened again");
		ledger->broken = APPEND_REFUSED;
	}
	result = load(ledger, err);
	if (result == RESULT_OK)
		ledger->broken = APPEND_DURABLE;
	return result;
}

/* --- closing -------------------------------------------------------------- */

/* One step of keeping everything; false when there is nothing left to keep. */
static bool keep_more(struct ledger *ledger, uint64_t now_ms,
    enum append_outcome *outcome, struct error *err)
{
	size_t count;

	if (ledger->pending_size == 0 && ledger_note_wanted(ledger) &&
	    ledger_note_sign(ledger, now_ms, err) != RESULT_OK) {
		*outcome = APPEND_REFUSED;
		return false;
	}
	if (!ledger->sweep.is_active &&
	    book_dirty_count(ledger->state.book) > 0 &&
	    ledger_sweep_begin(ledger, err) != RESULT_OK) {
		*outcome = APPEND_REFUSED;
		return false;
	}
	if (!ledger->sweep.is_active && ledger->pending_size == 0)
		return false;
	count = ledger_sweep_left(ledger);
	*outcome = ledger_write(
	    ledger, count < CLOSE_OBJECTS ? count : CLOSE_OBJECTS, err);
	return *outcome == APPEND_DURABLE;
}

enum result ledger_close(
    struct ledger *ledger, uint64_t now_ms, struct error *err)
{
	struct error why = {0};
	enum append_outcome outcome = APPEND_DURABLE;

	if (ledger->broken == APPEND_DURABLE) {
		outcome = ledger_commit(ledger, now_ms, &why);
		/* What follows a commit may have broken it as well. */
		while (outcome == APPEND_DURABLE) {
			outcome = ledger->broken;
			why = ledger->broken_error;
			if (outcome != APPEND_DURABLE ||
			    !keep_more(ledger, now_ms, &outcome, &why))
				break;
		}
	}
	ledger_abandon(ledger);
	if (outcome == APPEND_DURABLE)
		return RESULT_OK;
	if (err != NULL)
		*err = why;
	return why.result != RESULT_OK ? why.result : RESULT_IO;
}
