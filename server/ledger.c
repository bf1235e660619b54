/*
 * ledger: stages operations and commits them in groups.
 *
 * The order of a stage is what makes an operation count once: its name is
 * looked for among what is staged and what is durable before anything is
 * decided, and the book, whose counters say whether looking is needed at all,
 * changes in the same step as the group. The order of a commit is what makes
 * an answer true: nothing here is told to anyone before the store has said
 * that it is on the disk.
 */
#include "server/ledger_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Objects that one idle call keeps: a few milliseconds. */
#define IDLE_OBJECTS 2048u

enum append_outcome ledger_break(
    struct ledger *ledger, enum append_outcome outcome, struct error *err)
{
	ledger->broken = outcome;
	ledger->broken_error = *err;
	return outcome;
}

static enum result say_broken(const struct ledger *ledger, struct error *err)
{
	return error_set(err, RESULT_IO, "ledger: it stopped: %s",
	    ledger->broken_error.text);
}

/* A fault while staging: nothing was written, so it may be opened again. */
static enum result break_stage(
    struct ledger *ledger, enum result result, struct error *err)
{
	ledger_break(ledger, APPEND_REFUSED, err);
	return result;
}

/* --- the group ------------------------------------------------------------ */

static void open_group(struct ledger_group *group)
{
	if (group->is_open)
		return;
	group->is_open = true;
	group->arena_size = 0;
}

static size_t private_bytes(
    const struct store_private *privates, size_t private_count)
{
	size_t size = 0;

	for (size_t i = 0; i < private_count; i++)
		size += privates[i].body.size;
	return size;
}

static enum result check_room(const struct ledger_group *group, size_t size,
    size_t private_count, struct error *err)
{
	if (group->entry_count >= BATCH_ENTRIES_MAX ||
	    size > ARENA_SIZE - group->arena_size ||
	    private_count > PRIVATES_MAX - group->private_count)
		return error_set(err, RESULT_LIMIT,
		    "ledger: the group is full at %zu operations",
		    group->entry_count);
	return RESULT_OK;
}

bool ledger_has_room(const struct ledger *ledger, size_t entry_count,
    size_t private_count, size_t private_size)
{
	struct ledger_group group = ledger->group;

	if (!group.is_open)
		group.arena_size = 0;
	group.entry_count += entry_count == 0 ? 0 : entry_count - 1;
	return check_room(&group, entry_count * ENTRY_SIZE_MAX + private_size,
		   private_count, NULL) == RESULT_OK;
}

/* A copy in the arena, where there is room: check_room() was asked. */
static struct bytes arena_copy(struct ledger_group *group, struct bytes bytes)
{
	uint8_t *to = group->arena + group->arena_size;

	assert(bytes.size <= ARENA_SIZE - group->arena_size);
	if (bytes.size > 0)
		memcpy(to, bytes.data, bytes.size);
	group->arena_size += bytes.size;
	return bytes_of(to, bytes.size);
}

static void add_private(
    struct ledger_group *group, const struct store_private *row)
{
	struct store_private *copy = &group->privates[group->private_count++];

	*copy = *row;
	copy->body = arena_copy(group, row->body);
}

static enum result add_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct ledger_group *group = context;

	(void)err;
	assert(group->tile_count < TILES_MAX);
	group->tiles[group->tile_count++] = *tile;
	return RESULT_OK;
}

/* --- an operation that was done before ------------------------------------ */

/* The record of this name, staged or durable; RESULT_NOT_FOUND. */
static enum result find_record(struct ledger *ledger,
    const struct command *command, struct bytes *ret_record, struct error *err)
{
	const struct store_entry *staged = ledger_find_staged(
	    &ledger->group, command->terminal, command->counter);
	enum result result;

	if (staged != NULL) {
		*ret_record = staged->record;
		return RESULT_OK;
	}
	ledger->scratch.size = 0;
	result = ledger->store->ops->lookup(ledger->store, command->terminal,
	    command->counter, &ledger->scratch, err);
	if (result == RESULT_OK && ledger->scratch.size > ENTRY_SIZE_MAX)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: a record of %zu bytes", ledger->scratch.size);
	if (result == RESULT_OK)
		*ret_record =
		    arena_copy(&ledger->group, buffer_view(&ledger->scratch));
	return result;
}

static void refuse_conflict(
    const struct command *command, struct outcome *ret_outcome)
{
	struct refusal *refusal = &ret_outcome->refusal;

	refusal->code = REFUSAL_COUNTER_CONFLICT;
	snprintf(refusal->say, sizeof(refusal->say),
	    "This till has used its number %" PRIu64
	    " for something else before. Tell the shop's owner.",
	    command->counter);
}

/* RESULT_NOT_FOUND: the name is new. */
static enum result answer_again(struct ledger *ledger,
    const struct command *command, struct outcome *ret_outcome,
    struct error *err)
{
	struct bytes record = {0};
	enum result result = find_record(ledger, command, &record, err);

	if (result != RESULT_OK)
		return result;
	result = entry_decode(record, &ret_outcome->entry, err);
	if (result != RESULT_OK)
		return error_set(err, RESULT_CORRUPT,
		    "ledger: the record of terminal %" PRIu32
		    ", counter %" PRIu64 " cannot be read",
		    command->terminal, command->counter);
	if (!law_same_operation(
		ledger->state.book, &ret_outcome->entry, command)) {
		memset(ret_outcome, 0, sizeof(*ret_outcome));
		refuse_conflict(command, ret_outcome);
		return RESULT_OK;
	}
	ret_outcome->hash = hash_leaf(ledger->hasher, record);
	ret_outcome->repeated = true;
	return RESULT_OK;
}

/* --- a new operation ------------------------------------------------------ */

/* Encode `entry` into the arena, and read it back into `ret_entry`: what
 * cannot be read must never become durable, and its views are then ours. */
static enum result encode(struct ledger *ledger, const struct entry *entry,
    struct bytes *ret_record, struct entry *ret_entry, struct error *err)
{
	struct ledger_group *group = &ledger->group;
	struct writer writer = writer_of(
	    group->arena + group->arena_size, ARENA_SIZE - group->arena_size);
	enum result result = entry_encode(entry, &writer, err);

	if (result != RESULT_OK)
		return result;
	result = entry_decode(writer_view(&writer), ret_entry, err);
	if (result != RESULT_OK)
		return result;
	group->arena_size += writer.size;
	*ret_record = writer_view(&writer);
	return RESULT_OK;
}

/* From here on the book and the tree move; a fault leaves them unusable. */
static enum result apply(struct ledger *ledger, struct bytes record,
    const struct outcome *outcome, struct error *err)
{
	struct ledger_state *state = &ledger->state;
	struct ledger_group *group = &ledger->group;
	const struct entry *entry = &outcome->entry;
	enum result result = tree_append(
	    state->tree, ledger->hasher, &outcome->hash, add_tile, group, err);

	if (result == RESULT_OK)
		result = book_apply(state->book, entry, err);
	if (result != RESULT_OK)
		return result;
	state->hash = outcome->hash;
	group->entries[group->entry_count++] =
	    (struct store_entry){.sequence = entry->sequence,
		.terminal = entry->terminal,
		.counter = entry->counter,
		.record = record};
	return RESULT_OK;
}

/* Something in the command that has no encoding, and that the law let pass. */
static enum result refuse_encoding(
    struct outcome *ret_outcome, const struct error *why)
{
	struct refusal *refusal = &ret_outcome->refusal;

	memset(&ret_outcome->entry, 0, sizeof(ret_outcome->entry));
	refusal->code = REFUSAL_MALFORMED;
	snprintf(refusal->say, sizeof(refusal->say), "%.*s", (int)SAY_SIZE_MAX,
	    why->text);
	return RESULT_OK;
}

static enum result decide(struct ledger *ledger, const struct command *command,
    uint64_t now_ms, struct outcome *ret_outcome, struct error *err)
{
	struct decision decision;
	struct bytes record;
	struct error why;
	enum result result;

	law_decide(ledger->state.book, command, now_ms, &decision);
	ret_outcome->refusal = decision.refusal;
	if (decision.refusal.code != REFUSAL_NONE)
		return RESULT_OK;
	decision.entry.previous = ledger->state.hash;
	result =
	    encode(ledger, &decision.entry, &record, &ret_outcome->entry, &why);
	if (result != RESULT_OK)
		return refuse_encoding(ret_outcome, &why);
	ret_outcome->hash = hash_leaf(ledger->hasher, record);
	return apply(ledger, record, ret_outcome, err);
}

static enum result answer(struct ledger *ledger, const struct command *command,
    uint64_t now_ms, struct outcome *ret_outcome, struct error *err)
{
	struct command numbered = *command;
	enum result result = RESULT_NOT_FOUND;

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	if (command->terminal == 0)
		numbered.counter =
		    book_head(ledger->state.book)->server_counter + 1;
	if (ledger_may_have(ledger, command->terminal, command->counter))
		result = answer_again(ledger, command, ret_outcome, err);
	if (result == RESULT_NOT_FOUND)
		result = decide(ledger, &numbered, now_ms, ret_outcome, err);
	return result;
}

enum result ledger_stage(struct ledger *ledger, const struct command *command,
    const struct store_private *privates, size_t private_count, uint64_t now_ms,
    struct outcome *ret_outcome, struct error *err)
{
	struct error why = {0};
	struct outcome outcome;
	enum result result;

	if (ledger->broken != APPEND_DURABLE)
		return say_broken(ledger, err);
	open_group(&ledger->group);
	result = check_room(&ledger->group,
	    ENTRY_SIZE_MAX + private_bytes(privates, private_count),
	    private_count, err);
	if (result != RESULT_OK)
		return result;
	result = answer(ledger, command, now_ms, &outcome, &why);
	if (result != RESULT_OK) {
		if (err != NULL)
			*err = why;
		return break_stage(ledger, result, &why);
	}
	if (outcome.refusal.code == REFUSAL_NONE && !outcome.repeated) {
		for (size_t i = 0; i < private_count; i++)
			add_private(&ledger->group, &privates[i]);
	}
	*ret_outcome = outcome;
	return RESULT_OK;
}

enum result ledger_stage_private(
    struct ledger *ledger, const struct store_private *row, struct error *err)
{
	enum result result;

	if (ledger->broken != APPEND_DURABLE)
		return say_broken(ledger, err);
	open_group(&ledger->group);
	result = check_room(&ledger->group, row->body.size, 1, err);
	if (result == RESULT_OK)
		add_private(&ledger->group, row);
	return result;
}

/* --- committing ----------------------------------------------------------- */

uint64_t ledger_written(const struct ledger *ledger)
{
	return ledger->state.durable + ledger->state.opened;
}

/* It is the store's now. */
static void group_is_written(struct ledger *ledger)
{
	struct ledger_group *group = &ledger->group;

	ledger->state.opened += group->entry_count;
	assert(ledger_written(ledger) == tree_size(ledger->state.tree));
	group->entry_count = 0;
	group->private_count = 0;
	group->tile_count = 0;
}

static void group_is_durable(struct ledger *ledger)
{
	group_is_written(ledger);
	ledger->state.durable += ledger->state.opened;
	ledger->state.opened = 0;
	ledger_sweep_kept(ledger);
	if (ledger->pending_size > 0) {
		ledger->state.shown = ledger->pending;
		ledger->state.shown_size = ledger->pending_size;
		ledger->state.shown_root = ledger->pending_root;
		ledger->pending_size = 0;
	}
}

/* The group in hand. */
static struct store_append append_of(const struct ledger *ledger)
{
	const struct ledger_group *group = &ledger->group;

	return (struct store_append){.epoch = ledger->state.epoch,
	    .expected_head = ledger_written(ledger),
	    .entries = group->entries,
	    .entry_count = group->entry_count,
	    .privates = group->privates,
	    .private_count = group->private_count,
	    .tiles = group->tiles,
	    .tile_count = group->tile_count};
}

enum append_outcome ledger_write(
    struct ledger *ledger, size_t object_count, struct error *err)
{
	struct error why = {0};
	struct store_append append = append_of(ledger);
	enum append_outcome outcome = APPEND_REFUSED;

	append.checkpoint = ledger->pending_size > 0 ? &ledger->pending : NULL;
	append.checkpoint_size = ledger->pending_size;
	if (ledger_sweep_fill(ledger, object_count, &append, &why) == RESULT_OK)
		outcome =
		    ledger->store->ops->append(ledger->store, &append, &why);
	if (outcome == APPEND_DURABLE) {
		group_is_durable(ledger);
		return outcome;
	}
	if (err != NULL)
		*err = why;
	return ledger_break(ledger, outcome, &why);
}

enum result ledger_spill(struct ledger *ledger, struct error *err)
{
	struct store_append append = append_of(ledger);
	struct error why = {0};
	enum append_outcome outcome;

	if (ledger->broken != APPEND_DURABLE)
		return say_broken(ledger, err);
	append.more = true;
	outcome = ledger->store->ops->append(ledger->store, &append, &why);
	if (outcome != APPEND_OPEN) {
		ledger_break(ledger, outcome, &why);
		return error_set(err, RESULT_IO, "%s", why.text);
	}
	group_is_written(ledger);
	ledger->group.arena_size = 0;
	return RESULT_OK;
}

static bool is_staged(const struct ledger *ledger)
{
	return ledger->group.entry_count > 0 ||
	       ledger->group.private_count > 0 || ledger->state.opened > 0;
}

static enum result prepare_next(
    struct ledger *ledger, uint64_t now_ms, struct error *err)
{
	const struct ledger_state *state = &ledger->state;
	enum result result = RESULT_OK;

	if (ledger_note_due(ledger, now_ms))
		result = ledger_note_sign(ledger, now_ms, err);
	if (result == RESULT_OK && !ledger->sweep.is_active &&
	    state->durable - state->complete_to >= ledger->sweep_entries)
		result = ledger_sweep_begin(ledger, err);
	return result;
}

/*
 * After a commit: what was staged is durable whatever happens here, so that is
 * what is said, and a fault stops the next group. One in the store's upkeep may
 * be a failed sync, and is not tried again.
 */
static void look_after(struct ledger *ledger, uint64_t now_ms, bool idle)
{
	struct error why = {0};

	if (prepare_next(ledger, now_ms, &why) != RESULT_OK)
		ledger_break(ledger, APPEND_REFUSED, &why);
	if (ledger->store->ops->maintain(ledger->store, idle, &why) !=
	    RESULT_OK)
		ledger_break(ledger, APPEND_UNKNOWN, &why);
}

static enum append_outcome answer_broken(
    const struct ledger *ledger, struct error *err)
{
	say_broken(ledger, err);
	return ledger->broken;
}

enum append_outcome ledger_commit(
    struct ledger *ledger, uint64_t now_ms, struct error *err)
{
	enum append_outcome outcome;

	ledger->group.is_open = false;
	if (ledger->broken != APPEND_DURABLE)
		return answer_broken(ledger, err);
	if (!is_staged(ledger))
		return APPEND_DURABLE;
	outcome = ledger_write(ledger, ledger_sweep_share(ledger), err);
	if (outcome == APPEND_DURABLE)
		look_after(ledger, now_ms, false);
	return outcome;
}

/* A sweep when there is nothing else to do: soon nothing is to be replayed. */
static void begin_idle_sweep(struct ledger *ledger)
{
	struct error why = {0};

	if (!ledger->sweep.is_active &&
	    book_dirty_count(ledger->state.book) > 0 &&
	    ledger_sweep_begin(ledger, &why) != RESULT_OK)
		ledger_break(ledger, APPEND_REFUSED, &why);
}

enum append_outcome ledger_idle(
    struct ledger *ledger, uint64_t now_ms, bool *ret_more, struct error *err)
{
	size_t left;

	*ret_more = false;
	assert(!is_staged(ledger));
	if (ledger->broken == APPEND_DURABLE)
		look_after(ledger, now_ms, true);
	if (ledger->broken == APPEND_DURABLE)
		begin_idle_sweep(ledger);
	if (ledger->broken != APPEND_DURABLE)
		return answer_broken(ledger, err);
	left = ledger_sweep_left(ledger);
	if (left > IDLE_OBJECTS)
		left = IDLE_OBJECTS;
	if (ledger->sweep.is_active || ledger->pending_size > 0) {
		enum append_outcome outcome = ledger_write(ledger, left, err);

		if (outcome != APPEND_DURABLE)
			return outcome;
	}
	*ret_more = ledger->sweep.is_active || ledger_note_wanted(ledger);
	return APPEND_DURABLE;
}
