/*
 * audit_draws: owns what chances were drawn from.
 *
 * A draw names a checkpoint by its size and root. Where all checkpoints of the
 * shop are known it must be one of them, and their roots are held against the
 * tree anyway. From elsewhere only the newest comes, so the root of an earlier
 * size is known by a proof from the tree's own tiles: all of the higher levels,
 * and the newest of the lowest, which reach back further than any server draws.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "server/audit_inside.h"

/* One altered entry makes every later root another: the first draw that does
 * not hold for that is named, and the rest are counted. */
static void fail(struct audit *audit, const struct entry *entry)
{
	struct audit_draws *draws = &audit->draws;

	if (draws->failed++ == 0)
		audit_report(audit, FAULT_DRAW, audit->sequence,
		    "it was drawn from a checkpoint of %" PRIu64
		    " entries: its root is not that of the entries",
		    entry->draw_size);
	draws->failed_last = audit->sequence;
}

void audit_draws_finish(struct audit *audit)
{
	const struct audit_draws *draws = &audit->draws;

	if (draws->failed > 1)
		audit_report(audit, FAULT_DRAW, draws->failed_last,
		    "%" PRIu64 " more draws, up to this one, do not hold "
		    "either",
		    draws->failed - 1);
}

static void report(
    struct audit *audit, const struct entry *entry, const char *what)
{
	audit_report(audit, FAULT_DRAW, audit->sequence,
	    "it was drawn from a checkpoint of %" PRIu64 " entries: %s",
	    entry->draw_size, what);
}

/* --- tiles ---------------------------------------------------------------- */

static struct tile *copy_tile(const struct tile *tile)
{
	struct tile *copy = malloc(sizeof(*copy));

	if (copy != NULL)
		*copy = *tile;
	return copy;
}

static enum result keep_low(
    struct audit_draws *draws, const struct tile *tile, struct error *err)
{
	struct tile **place = &draws->low[tile->number % DRAW_TILES];

	if (*place == NULL)
		*place = copy_tile(tile);
	else
		**place = *tile;
	return *place == NULL ? error_no_memory(err) : RESULT_OK;
}

/* They come in the order of their numbers. */
static enum result keep_high(
    struct audit_draws *draws, const struct tile *tile, struct error *err)
{
	uint8_t level = tile->level;
	struct tile **tiles =
	    audit_grow(draws->high[level], &draws->high_capacity[level],
		draws->high_count[level], sizeof(*tiles));

	if (tiles == NULL)
		return error_no_memory(err);
	draws->high[level] = tiles;
	tiles[draws->high_count[level]] = copy_tile(tile);
	if (tiles[draws->high_count[level]] == NULL)
		return error_no_memory(err);
	draws->high_count[level]++;
	return RESULT_OK;
}

enum result audit_draws_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct audit *audit = context;

	if (tile->level == 0)
		return keep_low(&audit->draws, tile, err);
	return keep_high(&audit->draws, tile, err);
}

static enum result read_tile(void *context, uint8_t level, uint64_t number,
    struct tile *ret_tile, struct error *err)
{
	const struct audit_draws *draws = context;
	const struct tile *tile = NULL;

	if (level == 0)
		tile = draws->low[number % DRAW_TILES];
	else if (level < TILE_LEVELS_MAX && number < draws->high_count[level])
		tile = draws->high[level][number];
	if (tile == NULL || tile->number != number)
		return error_set(err, RESULT_NOT_FOUND,
		    "tile %u/%" PRIu64 " is kept no more", level, number);
	*ret_tile = *tile;
	return RESULT_OK;
}

void audit_draws_free(struct audit_draws *draws)
{
	for (size_t i = 0; i < DRAW_TILES; i++)
		free(draws->low[i]);
	for (size_t level = 0; level < TILE_LEVELS_MAX; level++) {
		for (size_t i = 0; i < draws->high_count[level]; i++)
			free(draws->high[level][i]);
		free(draws->high[level]);
	}
	*draws = (struct audit_draws){0};
}

/* --- the root ------------------------------------------------------------- */

/* Where all checkpoints are known. Whether the tree bears them out is asked of
 * each of them alone. */
static bool hold_against_notes(struct audit *audit, const struct entry *entry)
{
	const struct held_note *note =
	    audit_notes_find(&audit->notes, entry->draw_size);

	if (note == NULL) {
		report(audit, entry, "the shop keeps none of that size");
		return false;
	}
	if (!hash_equal(&note->root, &entry->draw_root)) {
		report(audit, entry, "its root is another");
		return false;
	}
	/* One may have been signed, and not shown yet. */
	if (audit_notes_between(
		&audit->notes, entry->draw_size, audit->sequence) > 1) {
		report(audit, entry, "there were newer ones");
		return false;
	}
	return true;
}

/* RESULT_INVALID for another root, RESULT_NOT_FOUND where it cannot be known.
 */
static enum result prove(
    struct audit *audit, const struct entry *entry, struct error *err)
{
	struct hash root = tree_root(audit->tree, audit->hasher);
	uint64_t size = tree_size(audit->tree);
	struct proof proof;
	enum result result;

	if (entry->draw_size == size)
		return hash_equal(&root, &entry->draw_root) ? RESULT_OK
							    : RESULT_INVALID;
	result = tree_prove_consistency(audit->tree, audit->hasher,
	    entry->draw_size, size, read_tile, &audit->draws, &proof, err);
	if (result != RESULT_OK)
		return result == RESULT_INVALID ? RESULT_NOT_FOUND : result;
	return tree_verify_consistency(audit->hasher, entry->draw_size, size,
	    proof.hashes, proof.count, &entry->draw_root, &root, err);
}

static enum result hold_against_tree(struct audit *audit,
    const struct entry *entry, bool *ret_holds, struct error *err)
{
	struct error why;
	enum result result = prove(audit, entry, &why);

	*ret_holds = result == RESULT_OK;
	if (result == RESULT_INVALID)
		fail(audit, entry);
	else if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return error_set(err, result, "%s", why.text);
	return RESULT_OK;
}

enum result audit_draws_check(
    struct audit *audit, const struct entry *entry, struct error *err)
{
	struct audit_draws *draws = &audit->draws;
	bool holds = false;
	enum result result = RESULT_OK;

	if (!audit->tree_is_whole ||
	    (audit->tables != NULL && audit_tables_are_older(audit)))
		return RESULT_OK;
	if (entry->draw_size > tree_size(audit->tree)) {
		report(audit, entry, "so many there were not");
		return RESULT_OK;
	}
	if (entry->draw_size < draws->last_size) {
		report(audit, entry, "an earlier draw was from a newer one");
		return RESULT_OK;
	}
	draws->last_size = entry->draw_size;
	if (audit->tables != NULL)
		holds = hold_against_notes(audit, entry);
	else
		result = hold_against_tree(audit, entry, &holds, err);
	draws->held += holds;
	return result;
}

/* A checkpoint that was once shown is kept: there is one to draw from for ever
 * after. The newest may have been signed and not shown yet. */
void audit_draws_lack(struct audit *audit)
{
	bool has_tables = audit->tables != NULL;

	if (!audit->tree_is_whole ||
	    (has_tables && audit_tables_are_older(audit)))
		return;
	if (audit->draws.last_size > 0 ||
	    (has_tables &&
		audit_notes_between(&audit->notes, 0, audit->sequence) > 1))
		audit_report(audit, FAULT_DRAW, audit->sequence,
		    "a chance was not drawn, and there was a checkpoint to "
		    "draw it from");
}
