/*
 * ledger_note: signs the tree's head, and proves things to whoever holds a
 * note. A note is signed for what is durable, made durable itself, and only
 * then shown: nobody ever holds one that the ledger might not remember.
 */
#include "server/ledger_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

bool ledger_note_wanted(const struct ledger *ledger)
{
	return ledger->has_seed &&
	       ledger->state.durable > ledger->state.shown_size;
}

/* A clock that was set back is no reason to wait. */
bool ledger_note_due(const struct ledger *ledger, uint64_t now_ms)
{
	return ledger_note_wanted(ledger) && ledger->pending_size == 0 &&
	       (now_ms < ledger->signed_ms ||
		   now_ms - ledger->signed_ms >= ledger->checkpoint_ms);
}

static enum result checkpoint_of_head(
    struct ledger *ledger, struct checkpoint *ret_checkpoint, struct error *err)
{
	const struct ledger_state *state = &ledger->state;
	struct bytes origin = book_shop_origin(state->book);

	/* A note that the shop's own key does not hold for would be a false
	 * witness for ever. */
	if (origin.size > ORIGIN_SIZE_MAX ||
	    memcmp(book_shop_key(state->book)->bytes, ledger->key,
		SIGN_KEY_SIZE) != 0)
		return error_set(err, RESULT_DENIED,
		    "ledger: the checkpoint key is not the one of this shop");
	memset(ret_checkpoint, 0, sizeof(*ret_checkpoint));
	memcpy(ret_checkpoint->origin, origin.data, origin.size);
	ret_checkpoint->size = tree_size(state->tree);
	ret_checkpoint->root = tree_root(state->tree, ledger->hasher);
	return RESULT_OK;
}

enum result ledger_note_sign(
    struct ledger *ledger, uint64_t now_ms, struct error *err)
{
	struct checkpoint checkpoint;
	enum result result = checkpoint_of_head(ledger, &checkpoint, err);

	assert(ledger->group.entry_count == 0);
	if (result == RESULT_OK)
		result = checkpoint_sign(
		    &checkpoint, ledger->seed, &ledger->pending, err);
	if (result != RESULT_OK)
		return result;
	assert(checkpoint.size == ledger->state.durable);
	ledger->pending_size = checkpoint.size;
	ledger->pending_root = checkpoint.root;
	ledger->signed_ms = now_ms;
	return RESULT_OK;
}

/* --- proofs --------------------------------------------------------------- */

/* A tile that has just filled is not in the store before its group is. */
enum result ledger_read_tile(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err)
{
	struct ledger *ledger = context;
	const struct ledger_group *group = &ledger->group;
	enum result result;

	for (size_t i = 0; i < group->tile_count; i++) {
		const struct tile *tile = &group->tiles[i];

		if (tile->level == level && tile->number == number) {
			*ret_tile = *tile;
			return RESULT_OK;
		}
	}
	result = ledger->store->ops->tile(
	    ledger->store, level, number, ret_tile, err);
	if (result == RESULT_NOT_FOUND)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: tile %u/%" PRIu64 " is missing", level, number);
	return result;
}

enum result ledger_prove(struct ledger *ledger, uint64_t entry,
    uint64_t old_size, struct note *ret_note, uint64_t *ret_size,
    struct proof *ret_inclusion, struct proof *ret_consistency,
    struct error *err)
{
	const struct ledger_state *state = &ledger->state;
	uint64_t size = state->shown_size;
	struct proof inclusion = {0}, consistency = {0};
	enum result result = RESULT_OK;

	if (size == 0 || entry > size || old_size > size)
		return error_set(err, RESULT_NOT_FOUND,
		    "ledger: the newest checkpoint covers %" PRIu64
		    " entries, not %" PRIu64,
		    size, entry > old_size ? entry : old_size);
	if (entry > 0)
		result = tree_prove_inclusion(state->tree, ledger->hasher,
		    entry - 1, size, ledger_read_tile, ledger, &inclusion, err);
	if (result == RESULT_OK && old_size > 0)
		result = tree_prove_consistency(state->tree, ledger->hasher,
		    old_size, size, ledger_read_tile, ledger, &consistency,
		    err);
	if (result != RESULT_OK)
		return result;
	*ret_note = state->shown;
	*ret_size = size;
	*ret_inclusion = inclusion;
	*ret_consistency = consistency;
	return RESULT_OK;
}
