/*
 * ledger_replay: from what the store holds to a book and a tree, believing
 * nothing that can be looked at.
 *
 * Kept objects are loaded, and the tree's right edge is made from tiles. Then
 * the records beyond are read: each is canonical, stands under its own name,
 * carries the hash of the one before, and is no older; those past
 * `complete_to` are applied. The root is compared where the newest checkpoint
 * says what it was. Whether the entries are lawful is not asked again here: a
 * kept object may be newer than the entry in hand (each is true at a sequence
 * of its own), so that the law's question has no answer before the newest of
 * them is reached. `tally audit` asks it of the whole ledger.
 */
#include "server/ledger_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

struct replay {
	struct ledger *ledger;
	struct ledger_state *state;
	struct store_head head;
	uint64_t next;		      /* the sequence that comes next */
	uint64_t time_ms;	      /* of the record before */
	struct checkpoint checkpoint; /* the newest; size 0 is none */
	bool has_old; /* objects that an earlier version of this program kept */
};

void ledger_state_finish(struct ledger_state *state)
{
	book_destroy(state->book);
	tree_destroy(state->tree);
	*state = (struct ledger_state){0};
}

static enum result corrupt(
    uint64_t sequence, const char *what, struct error *err)
{
	return error_set(err, RESULT_CORRUPT, "ledger: entry %" PRIu64 ": %s",
	    sequence, what);
}

/* What another room found wrong with an entry, as a fault of the ledger. What
 * is no fault of the ledger's keeps its name. */
static enum result corrupt_because(
    enum result result, uint64_t sequence, struct error *err)
{
	char text[ERROR_TEXT_SIZE] = "it is damaged";

	if (result == RESULT_NO_MEMORY || result == RESULT_IO ||
	    result == RESULT_BUSY || result == RESULT_VERSION)
		return result;
	if (err != NULL)
		memcpy(text, err->text, sizeof(text));
	return corrupt(sequence, text, err);
}

/* --- objects -------------------------------------------------------------- */

static enum result load_object(
    void *context, const struct store_object *object, struct error *err)
{
	struct replay *replay = context;
	enum result result;

	if (object->true_at > replay->head.sequence)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: object %" PRIu64 " is of entry %" PRIu64
		    ", past the last entry %" PRIu64,
		    object->key, object->true_at, replay->head.sequence);
	replay->has_old = replay->has_old || book_object_is_old(object->object);
	if (replay->has_old)
		return RESULT_OK;
	result = book_load_object(replay->state->book, object->key,
	    object->true_at, object->object, err);
	if (result == RESULT_OK || result == RESULT_NO_MEMORY)
		return result;
	error_prefix(err, "ledger: object %" PRIu64, object->key);
	return RESULT_CORRUPT;
}

/* One durable entry, for its time or its hash; the scratch holds it. */
static enum result read_entry(struct replay *replay, uint64_t sequence,
    struct entry *ret_entry, struct error *err)
{
	struct ledger *ledger = replay->ledger;
	struct buffer *scratch = &ledger->scratch;
	enum result result;

	scratch->size = 0;
	result =
	    ledger->store->ops->read(ledger->store, sequence, scratch, err);
	if (result == RESULT_NOT_FOUND)
		return corrupt(sequence, "it is not there", err);
	if (result == RESULT_OK)
		result = entry_decode(buffer_view(scratch), ret_entry, err);
	return result == RESULT_OK ? RESULT_OK
				   : corrupt_because(result, sequence, err);
}

/* The entries say all that the objects said: begin with the first of them. The
 * next sweep keeps every object anew. */
static enum result forget_objects(struct replay *replay, struct error *err)
{
	book_destroy(replay->state->book);
	replay->state->book = NULL;
	replay->state->complete_to = 0;
	return book_create(&replay->state->book, err);
}

static enum result load_objects(struct replay *replay, struct error *err)
{
	struct ledger *ledger = replay->ledger;
	uint64_t complete_to = replay->head.objects_complete_to;
	struct entry entry;
	enum result result;

	if (complete_to > replay->head.sequence)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: objects are kept up to entry %" PRIu64
		    ", and the last entry is %" PRIu64,
		    complete_to, replay->head.sequence);
	result = ledger->store->ops->objects(
	    ledger->store, load_object, replay, err);
	if (result == RESULT_OK && replay->has_old)
		return forget_objects(replay, err);
	if (result != RESULT_OK || complete_to == 0)
		return result;
	result = read_entry(replay, complete_to, &entry, err);
	if (result == RESULT_OK)
		result = book_start_at(
		    replay->state->book, complete_to, entry.time_ms, err);
	return result;
}

/* --- the checkpoint ------------------------------------------------------- */

static enum result load_checkpoint(struct replay *replay, struct error *err)
{
	struct ledger_state *state = replay->state;
	struct store *store = replay->ledger->store;
	enum result result = store->ops->checkpoint_last(
	    store, &state->shown, &state->shown_size, err);

	if (result == RESULT_NOT_FOUND)
		return RESULT_OK;
	if (result != RESULT_OK)
		return result;
	result =
	    checkpoint_parse(bytes_of(state->shown.text, state->shown.size),
		&replay->checkpoint, err);
	if (result != RESULT_OK || replay->checkpoint.size != state->shown_size)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: the checkpoint of %" PRIu64
		    " entries cannot be read",
		    state->shown_size);
	if (state->shown_size > replay->head.sequence)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: a checkpoint was signed for %" PRIu64
		    " entries, and only %" PRIu64
		    " are there: it has been cut off",
		    state->shown_size, replay->head.sequence);
	state->shown_root = replay->checkpoint.root;
	return RESULT_OK;
}

/* Called whenever the tree has grown to a new size. */
static enum result compare_root(struct replay *replay, struct error *err)
{
	const struct checkpoint *checkpoint = &replay->checkpoint;
	struct tree *tree = replay->state->tree;
	struct hash root;

	if (tree_size(tree) != checkpoint->size || checkpoint->size == 0)
		return RESULT_OK;
	root = tree_root(tree, replay->ledger->hasher);
	if (hash_equal(&root, &checkpoint->root))
		return RESULT_OK;
	return error_set(err, RESULT_CORRUPT,
	    "ledger: entry %" PRIu64 ": the root up to here is not the one "
	    "that was signed",
	    checkpoint->size);
}

/* The shop's key is known once the book is whole. */
static enum result verify_signature(struct replay *replay, struct error *err)
{
	const struct ledger_state *state = replay->state;
	struct bytes origin = book_shop_origin(state->book);
	struct checkpoint checkpoint;
	enum result result;

	if (state->shown_size == 0)
		return RESULT_OK;
	result = checkpoint_open(bytes_of(state->shown.text, state->shown.size),
	    book_shop_key(state->book)->bytes, &checkpoint, err);
	if (result == RESULT_NO_MEMORY)
		return result;
	if (result != RESULT_OK ||
	    !bytes_equal(origin, bytes_of_string(checkpoint.origin)))
		return error_set(err, RESULT_CORRUPT,
		    "ledger: the checkpoint of %" PRIu64
		    " entries is not signed by the shop",
		    state->shown_size);
	return RESULT_OK;
}

/* --- records -------------------------------------------------------------- */

static enum result check_record(struct replay *replay, uint64_t sequence,
    uint32_t terminal, uint64_t counter, const struct entry *entry,
    struct error *err)
{
	if (sequence != replay->next)
		return corrupt(replay->next, "it is not there", err);
	if (entry->sequence != sequence)
		return corrupt(sequence, "its record is of another", err);
	if (entry->terminal != terminal || entry->counter != counter)
		return corrupt(sequence, "its record has another name", err);
	if (!hash_equal(&entry->previous, &replay->state->hash))
		return corrupt(sequence,
		    "it does not carry the hash of the entry before", err);
	if (entry->time_ms < replay->time_ms)
		return corrupt(
		    sequence, "it is older than the entry before", err);
	return RESULT_OK;
}

static enum result replay_record(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct replay *replay = context;
	struct ledger_state *state = replay->state;
	struct hasher *hasher = replay->ledger->hasher;
	struct entry entry;
	enum result result = entry_decode(record, &entry, err);

	if (result != RESULT_OK)
		return corrupt_because(result, sequence, err);
	result = check_record(replay, sequence, terminal, counter, &entry, err);
	if (result != RESULT_OK)
		return result;
	state->hash = hash_leaf(hasher, record);
	result =
	    tree_append(state->tree, hasher, &state->hash, NULL, NULL, err);
	if (result == RESULT_OK && sequence > state->complete_to)
		result = book_apply(state->book, &entry, err);
	if (result != RESULT_OK)
		return corrupt_because(result, sequence, err);
	replay->time_ms = entry.time_ms;
	replay->next = sequence + 1;
	return compare_root(replay, err);
}

/* --- the tree ------------------------------------------------------------- */

/*
 * The tree is restored where the objects are complete, or before it at the
 * newest checkpoint, so that its root is always passed on the way. Tiles are
 * full ones: the tree begins at a multiple of their width.
 */
static enum result restore_tree(struct replay *replay, struct error *err)
{
	struct ledger_state *state = replay->state;
	uint64_t size = state->complete_to;
	uint64_t from = 0;
	struct entry entry;
	enum result result;

	if (state->shown_size > 0 && state->shown_size < size)
		size = state->shown_size;
	result = tree_restore(
	    state->tree, size, ledger_read_tile, replay->ledger, &from, err);
	if (result != RESULT_OK)
		return result;
	replay->next = from + 1;
	if (from == 0)
		return RESULT_OK;
	result = read_entry(replay, from, &entry, err);
	if (result != RESULT_OK)
		return result;
	replay->time_ms = entry.time_ms;
	state->hash = hash_leaf(
	    replay->ledger->hasher, buffer_view(&replay->ledger->scratch));
	return compare_root(replay, err);
}

static enum result replay_records(struct replay *replay, struct error *err)
{
	struct store *store = replay->ledger->store;
	enum result result =
	    store->ops->scan(store, replay->next, replay_record, replay, err);

	if (result != RESULT_OK)
		return result;
	if (replay->next != replay->head.sequence + 1)
		return corrupt(replay->next, "it is not there", err);
	return RESULT_OK;
}

/* --- all of it ------------------------------------------------------------ */

static enum result create_state(struct ledger_state *state, struct error *err)
{
	enum result result = book_create(&state->book, err);

	if (result == RESULT_OK)
		result = tree_create(&state->tree, err);
	return result;
}

enum result ledger_state_load(
    struct ledger *ledger, struct ledger_state *state, struct error *err)
{
	struct replay replay = {.ledger = ledger, .state = state, .next = 1};
	enum result result;

	*state = (struct ledger_state){0};
	result = create_state(state, err);
	if (result == RESULT_OK)
		result = ledger->store->ops->take(
		    ledger->store, ledger->owner, &replay.head, err);
	if (result != RESULT_OK)
		return result;
	state->epoch = replay.head.epoch;
	state->durable = replay.head.sequence;
	state->complete_to = replay.head.objects_complete_to;
	result = load_objects(&replay, err);
	if (result == RESULT_OK)
		result = load_checkpoint(&replay, err);
	if (result == RESULT_OK)
		result = restore_tree(&replay, err);
	if (result == RESULT_OK)
		result = replay_records(&replay, err);
	if (result == RESULT_OK)
		result = verify_signature(&replay, err);
	return result;
}
