/*
 * Tests of ledger: deciding in groups, repeated operations, checkpoints,
 * sweeps, replay, and what an opening refuses to believe.
 */
#include "tests/unit/server/ledger_world.h"

static int ledger_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world_start(world);
	world_fill(world);
	*state = world;
	return 0;
}

static int empty_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world_start(world);
	*state = world;
	return 0;
}

static int ledger_teardown(void **state)
{
	world_finish(*state);
	free(*state);
	return 0;
}

static struct entry read_entry(struct world *world, uint64_t sequence)
{
	struct entry entry;

	must(world, ledger_read(world->ledger, sequence, &world->record, &entry,
			&world->err));
	return entry;
}

static struct hash record_hash(struct world *world, uint64_t sequence)
{
	struct hasher *hasher;
	struct hash hash;

	read_entry(world, sequence);
	must(world, hasher_create(&hasher, &world->err));
	hash = hash_leaf(hasher, buffer_view(&world->record));
	hasher_destroy(hasher);
	return hash;
}

static uint64_t store_head_of(struct world *world)
{
	struct store *reader;
	struct store_head head;

	must(world,
	    store_sqlite_open(world->path, STORE_READ, &reader, &world->err));
	must(world, reader->ops->head(reader, &head, &world->err));
	store_close(reader);
	return head.sequence;
}

static void idle_until_done(struct world *world)
{
	bool more = true;

	for (int i = 0; more; i++) {
		assert_true(i < 1000);
		world->now_ms += 100;
		assert_int_equal(ledger_idle(world->ledger, world->now_ms,
				     &more, &world->err),
		    APPEND_DURABLE);
	}
}

/* --- staging and committing ----------------------------------------------- */

static void an_empty_ledger_has_nothing(void **state)
{
	struct world *world = *state;
	struct note note;
	struct entry entry;
	struct hash zeroes = {0};
	struct hash hash = ledger_head_hash(world->ledger);

	assert_int_equal(ledger_head(world->ledger), 0);
	assert_true(hash_equal(&hash, &zeroes));
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	assert_int_equal(
	    ledger_read(world->ledger, 1, &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	world_commit(world);
	idle_until_done(world);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), 0);
	world_fill(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
}

static void each_entry_carries_the_hash_of_the_one_before(void **state)
{
	struct world *world = *state;
	struct hash previous = {0};
	struct hash head;

	for (uint64_t i = 1; i <= WORLD_ENTRIES; i++) {
		struct entry entry = read_entry(world, i);

		assert_int_equal(entry.sequence, i);
		assert_true(hash_equal(&entry.previous, &previous));
		previous = record_hash(world, i);
	}
	head = ledger_head_hash(world->ledger);
	assert_true(hash_equal(&head, &previous));
}

static void an_outcome_holds_the_entry_and_its_hash(void **state)
{
	struct world *world = *state;
	struct hash hash;

	world_earn(world, 2, MEMBER(1), 1250);
	assert_int_equal(world->outcome.entry.sequence, WORLD_ENTRIES + 1);
	assert_int_equal(world->outcome.entry.points, 12);
	assert_int_equal(world->outcome.entry.balance_points, 12);
	assert_int_equal(world->outcome.entry.terminal, 2);
	assert_int_equal(world->outcome.entry.counter, 1);
	assert_false(world->outcome.repeated);
	hash = record_hash(world, WORLD_ENTRIES + 1);
	assert_true(hash_equal(&world->outcome.hash, &hash));
	world_commit(world);
	hash = record_hash(world, WORLD_ENTRIES + 1);
	assert_true(hash_equal(&world->outcome.hash, &hash));
}

static void nothing_is_in_the_store_before_the_commit(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 5; i++)
		world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	assert_int_equal(store_head_of(world), WORLD_ENTRIES);
	assert_int_equal(
	    book_head(ledger_book(world->ledger))->sequence, WORLD_ENTRIES + 5);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 5);
	assert_int_equal(store_head_of(world), WORLD_ENTRIES + 5);
}

static void operations_of_a_group_see_those_before_them(void **state)
{
	struct world *world = *state;
	struct command command;

	world_earn(world, 1, MEMBER(1), 14900);
	command = world_command(world, ENTRY_REDEEM, 1);
	command.account = MEMBER(1);
	command.reward = bytes_of_string("coffee");
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(world->outcome.refusal.missing, 1);
	world_earn(world, 2, MEMBER(1), 100);
	command.counter = ++world->counters[1];
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.balance_points, 0);
	assert_int_equal(world->outcome.entry.from_previous_sequence,
	    world->outcome.entry.sequence - 1);
	world_commit(world);
}

static void outcomes_can_be_read_until_the_next_stage(void **state)
{
	struct world *world = *state;
	char receipt[] = "A-99";
	struct command command = world_earn_command(world, 1, MEMBER(1), 500);
	struct outcome outcome;

	command.receipt = bytes_of(receipt, 4);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	outcome = world->outcome;
	memset(receipt, 'x', 4);
	for (int i = 0; i < 100; i++)
		world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(outcome.entry.receipt.size, 4);
	assert_memory_equal(outcome.entry.receipt.data, "A-99", 4);
}

static void a_refusal_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 1, MEMBER(2), 500);
	struct hash before = world_digest(world), after;

	assert_int_equal(world_stage(world, &command), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(world->outcome.entry.sequence, 0);
	assert_true(strlen(world->outcome.refusal.say) > 0);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	after = world_digest(world);
	assert_true(hash_equal(&before, &after));
}

static void the_server_numbers_its_own_operations(void **state)
{
	struct world *world = *state;

	world_terminal(world, 4);
	assert_int_equal(world->outcome.entry.terminal, 0);
	assert_int_equal(world->outcome.entry.counter, 6);
	world_terminal(world, 5);
	assert_int_equal(world->outcome.entry.counter, 7);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	world_terminal(world, 6);
	assert_int_equal(world->outcome.entry.counter, 8);
}

static void the_time_never_goes_back(void **state)
{
	struct world *world = *state;
	uint64_t now_ms = world->now_ms;

	world_earn(world, 1, MEMBER(1), 100);
	world->now_ms -= 5000;
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(world->outcome.entry.time_ms, now_ms);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(world->outcome.entry.time_ms, now_ms);
}

static void a_group_has_a_limit(void **state)
{
	struct world *world = *state;
	struct command command;

	for (unsigned i = 0; i < BATCH_ENTRIES_MAX; i++)
		world_earn(world, 1, MEMBER(1), 100);
	command = world_earn_command(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_LIMIT);
	world_commit(world);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	world_commit(world);
	assert_int_equal(
	    ledger_head(world->ledger), WORLD_ENTRIES + BATCH_ENTRIES_MAX + 1);
	world_crash(world);
	world_reopen(world);
	assert_int_equal(
	    ledger_head(world->ledger), WORLD_ENTRIES + BATCH_ENTRIES_MAX + 1);
}

/* Programmes of 60,000 bytes: the arena is full long before the count is. */
static void a_group_of_large_records_has_a_limit_too(void **state)
{
	struct world *world = *state;
	static char text[ENTRY_TEXT_SIZE_MAX];
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);
	enum result result = RESULT_OK;
	uint64_t count = 0;

	memset(text, '\n', sizeof(text));
	memcpy(text, WORLD_RULES, strlen(WORLD_RULES));
	command.text = bytes_of(text, sizeof(text));
	while (result == RESULT_OK && count < 1000) {
		result = ledger_stage(world->ledger, &command, NULL, 0,
		    world->now_ms, &world->outcome, &world->err);
		if (result == RESULT_OK) {
			assert_int_equal(
			    world->outcome.refusal.code, REFUSAL_NONE);
			count++;
		}
	}
	assert_int_equal(result, RESULT_LIMIT);
	assert_in_range(count, 20, 50);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + count);
	must(world, ledger_stage(world->ledger, &command, NULL, 0,
			world->now_ms, &world->outcome, &world->err));
}

/* --- repeated operations -------------------------------------------------- */

static void assert_repeated(struct world *world, const struct command *command,
    const struct outcome *first)
{
	uint64_t staged = book_head(ledger_book(world->ledger))->sequence;

	assert_int_equal(world_stage(world, command), REFUSAL_NONE);
	assert_true(world->outcome.repeated);
	assert_true(hash_equal(&world->outcome.hash, &first->hash));
	assert_int_equal(world->outcome.entry.sequence, first->entry.sequence);
	assert_int_equal(
	    world->outcome.entry.balance_points, first->entry.balance_points);
	assert_int_equal(
	    book_head(ledger_book(world->ledger))->sequence, staged);
}

static void an_operation_counts_once_however_often_it_is_sent(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 2, MEMBER(1), 1250);
	struct outcome first;

	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	first = world->outcome;
	assert_repeated(world, &command, &first);
	world_earn(world, 2, MEMBER(1), 100);
	assert_repeated(world, &command, &first);
	world_commit(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	world_close(world);
	world_reopen(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 2);
}

/* The first answer again, whoever is logged in and whatever is in force. */
static void a_repeated_answer_does_not_depend_on_what_came_since(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 2, MEMBER(1), 1250);
	struct command revoke = world_command(world, ENTRY_TERMINAL, 0);
	struct outcome first;

	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	first = world->outcome;
	revoke.subject = 2;
	revoke.standing = STANDING_REVOKED;
	assert_int_equal(world_stage(world, &revoke), REFUSAL_NONE);
	world_commit(world);
	assert_repeated(world, &command, &first);
	command.counter++;
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_TERMINAL_REVOKED);
}

static void a_used_name_for_something_else_is_a_conflict(void **state)
{
	struct world *world = *state;
	struct command first = world_earn_command(world, 2, MEMBER(1), 1250);
	struct command other = first;

	assert_int_equal(world_stage(world, &first), REFUSAL_NONE);
	for (int committed = 0; committed < 2; committed++) {
		other.amount_minor = 1251;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		assert_false(world->outcome.repeated);
		assert_int_equal(world->outcome.entry.sequence, 0);
		other = first;
		other.random[3] ^= 1;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		other = first;
		other.kind = ENTRY_ENROL;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		world_commit(world);
	}
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1);
}

static void a_lower_counter_that_was_never_used_is_new(void **state)
{
	struct world *world = *state;
	struct command late = world_earn_command(world, 2, MEMBER(1), 700);
	struct outcome first;

	world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	world_earn(world, 2, MEMBER(1), 100);
	assert_int_equal(world_stage(world, &late), REFUSAL_NONE);
	assert_false(world->outcome.repeated);
	assert_int_equal(world->outcome.entry.counter, 1);
	first = world->outcome;
	assert_repeated(world, &late, &first);
	world_commit(world);
	assert_repeated(world, &late, &first);
	world_crash(world);
	world_reopen(world);
	assert_repeated(world, &late, &first);
}

static void a_refused_name_can_be_used_again(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_REDEEM, 1);

	command.account = MEMBER(1);
	command.reward = bytes_of_string("coffee");
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_INSUFFICIENT_POINTS);
	world_earn(world, 2, MEMBER(1), 15000);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_false(world->outcome.repeated);
}

/* --- private rows --------------------------------------------------------- */

static enum result count_private(
    void *context, const struct store_private *row, struct error *err)
{
	(void)err;
	assert_int_equal(row->body.size, 4);
	(*(int *)context)++;
	return RESULT_OK;
}

static int count_cards(struct world *world)
{
	int count = 0;

	must(world, world->store->ops->privates(world->store, PRIVATE_CARD,
			count_private, &count, &world->err));
	return count;
}

static enum refusal_code stage_with_card(
    struct world *world, const struct command *command, uint64_t id)
{
	char body[] = "card";
	struct store_private row = {PRIVATE_CARD, id, bytes_of(body, 4)};

	must(world, ledger_stage(world->ledger, command, &row, 1, world->now_ms,
			&world->outcome, &world->err));
	memset(body, 0, sizeof(body));
	return world->outcome.refusal.code;
}

static void private_rows_go_with_their_entry_alone(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_ENROL, 1);
	struct command refused = world_earn_command(world, 1, MEMBER(9), 100);

	command.account = MEMBER(2);
	command.commitment.bytes[0] = 1;
	assert_int_equal(
	    stage_with_card(world, &command, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(
	    stage_with_card(world, &refused, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(count_cards(world), 0);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
	/* The same again, which somebody hangs another row to. */
	assert_int_equal(
	    stage_with_card(world, &command, MEMBER(3)), REFUSAL_NONE);
	assert_true(world->outcome.repeated);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
}

static void private_rows_can_be_staged_alone(void **state)
{
	struct world *world = *state;
	struct store_private row = {PRIVATE_CARD, 5, bytes_of_string("four")};

	must(world, ledger_stage_private(world->ledger, &row, &world->err));
	assert_int_equal(count_cards(world), 0);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	for (unsigned i = 0; i < 2 * BATCH_ENTRIES_MAX; i++)
		must(world,
		    ledger_stage_private(world->ledger, &row, &world->err));
	assert_int_equal(ledger_stage_private(world->ledger, &row, &world->err),
	    RESULT_LIMIT);
	world_commit(world);
	must(world, ledger_stage_private(world->ledger, &row, &world->err));
}

/* --- reading -------------------------------------------------------------- */

static void reads_what_is_staged_and_what_is_durable(void **state)
{
	struct world *world = *state;
	struct entry entry;

	world_earn(world, 1, MEMBER(1), 1000);
	world_earn(world, 1, MEMBER(1), 2000);
	entry = read_entry(world, WORLD_ENTRIES + 2);
	assert_int_equal(entry.amount_minor, 2000);
	entry = read_entry(world, WORLD_ENTRIES + 1);
	assert_int_equal(entry.amount_minor, 1000);
	assert_int_equal(read_entry(world, 1).kind, ENTRY_SHOP);
	assert_int_equal(ledger_read(world->ledger, WORLD_ENTRIES + 3,
			     &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    ledger_read(world->ledger, 0, &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(ledger_read(world->ledger, UINT64_MAX, &world->record,
			     &entry, &world->err),
	    RESULT_NOT_FOUND);
}

static void a_return_is_of_the_sale_that_was_read(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_RETURN, 2);
	struct entry sale;

	world_earn(world, 1, MEMBER(1), 1250);
	sale = read_entry(world, WORLD_ENTRIES + 1);
	command.sale = &sale;
	command.amount_minor = 250;
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.points, 2);
	assert_int_equal(world->outcome.entry.balance_points, 10);
	world_commit(world);
	sale = read_entry(world, WORLD_ENTRIES + 1);
	command.counter = ++world->counters[2];
	command.amount_minor = 1000;
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.balance_points, 0);
}

/* --- checkpoints ---------------------------------------------------------- */

static struct checkpoint open_note(struct world *world, const struct note *note)
{
	struct checkpoint checkpoint;

	must(world, checkpoint_open(bytes_of(note->text, note->size),
			world->key, &checkpoint, &world->err));
	assert_string_equal(checkpoint.origin, ORIGIN);
	return checkpoint;
}

static void a_checkpoint_is_shown_once_it_is_durable_itself(void **state)
{
	struct world *world = *state;
	struct hash root = ledger_root(world->ledger);
	struct note note, stored;
	struct checkpoint checkpoint;
	uint64_t size;

	/* Signed after the first commit; nobody has seen it yet. */
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	checkpoint = open_note(world, &note);
	assert_int_equal(checkpoint.size, WORLD_ENTRIES);
	assert_true(hash_equal(&checkpoint.root, &root));
	must(world, world->store->ops->checkpoint_last(
			world->store, &stored, &size, &world->err));
	assert_int_equal(size, WORLD_ENTRIES);
	assert_string_equal(stored.text, note.text);
}

static void checkpoints_keep_their_distance_in_time(void **state)
{
	struct world *world = *state;
	struct note note;

	for (int i = 0; i < 20; i++) {
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world); /* 10 ms later */
	}
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world->now_ms += 1000;
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 21);
}

static void a_clock_set_back_does_not_stop_checkpoints(void **state)
{
	struct world *world = *state;
	struct note note;

	world->now_ms -= 86400000;
	for (int i = 0; i < 2; i++) {
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world);
	}
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 1);
}

static void idle_time_signs_and_sweeps_and_ends(void **state)
{
	struct world *world = *state;
	struct note note;
	struct store_head head;
	bool more = true;

	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 1);
	must(world, world->store->ops->head(world->store, &head, &world->err));
	assert_int_equal(head.objects_complete_to, WORLD_ENTRIES + 1);
	assert_int_equal(ledger_idle(world->ledger, world->now_ms + 60000,
			     &more, &world->err),
	    APPEND_DURABLE);
	assert_false(more);
}

static void without_a_key_nothing_is_signed(void **state)
{
	struct world *world = *state;
	struct note note;

	world_close(world);
	world->options.seed = NULL;
	world_reopen(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	for (int i = 0; i < 3; i++) {
		world->now_ms += 5000;
		world_earn(world, 1, MEMBER(1), 100);
		world_commit(world);
	}
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 3);
}

static void a_foreign_key_does_not_open(void **state)
{
	struct world *world = *state;

	world_close(world);
	world->seed[0] ^= 1;
	world_open_store(world, STORE_WRITE);
	assert_int_equal(ledger_open(world->store, &world->options,
			     &world->ledger, &world->err),
	    RESULT_DENIED);
	assert_null(world->ledger);
}

static void a_foreign_shop_entry_is_not_signed_for(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_SHOP, 0);

	command.text = bytes_of_string(ORIGIN);
	memset(command.key.bytes, 0x11, HASH_SIZE);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	world_commit(world);
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_IO);
	assert_non_null(strstr(world->err.text, "checkpoint key"));
}

/* --- proofs --------------------------------------------------------------- */

static void verify_proofs(
    struct world *world, uint64_t entry, uint64_t old_size)
{
	struct hasher *hasher;
	struct proof inclusion, consistency;
	struct note note;
	struct checkpoint checkpoint, old = {0};
	struct hash leaf;
	uint64_t size;

	must(world, ledger_prove(world->ledger, entry, old_size, &note, &size,
			&inclusion, &consistency, &world->err));
	checkpoint = open_note(world, &note);
	assert_int_equal(checkpoint.size, size);
	must(world, hasher_create(&hasher, &world->err));
	leaf = record_hash(world, entry);
	must(world, tree_verify_inclusion(hasher, entry - 1, size, &leaf,
			inclusion.hashes, inclusion.count, &checkpoint.root,
			&world->err));
	if (old_size == size)
		old.root = checkpoint.root;
	else {
		struct tree *tree;

		must(world, tree_create(&tree, &world->err));
		for (uint64_t i = 1; i <= old_size; i++) {
			leaf = record_hash(world, i);
			must(world, tree_append(tree, hasher, &leaf, NULL, NULL,
					&world->err));
		}
		old.root = tree_root(tree, hasher);
		tree_destroy(tree);
	}
	must(world,
	    tree_verify_consistency(hasher, old_size, size, consistency.hashes,
		consistency.count, &old.root, &checkpoint.root, &world->err));
	hasher_destroy(hasher);
}

static void proves_entries_and_growth(void **state)
{
	struct world *world = *state;
	struct note note;

	for (int i = 0; i < 700; i++)
		world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	idle_until_done(world);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), WORLD_ENTRIES + 700);
	/* Tiles that fill in the group in hand are not in the store yet. */
	for (int i = 0; i < 700; i++)
		world_earn(world, 1, MEMBER(1), 100);
	verify_proofs(world, 1, 6);
	verify_proofs(world, 256, 256);
	verify_proofs(world, 257, 300);
	verify_proofs(world, 706, 1);
	verify_proofs(world, 500, 706);
	world_commit(world);
	verify_proofs(world, 700, 699);
	world_crash(world);
	world_reopen(world);
	verify_proofs(world, 3, 513);
}

static void proves_nothing_that_is_not_in_the_checkpoint(void **state)
{
	struct world *world = *state;
	struct proof inclusion, consistency;
	struct note note;
	uint64_t size;

	assert_int_equal(ledger_prove(world->ledger, 1, 0, &note, &size,
			     &inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	idle_until_done(world);
	world_earn(world, 1, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(
	    ledger_prove(world->ledger, WORLD_ENTRIES + 1, 0, &note, &size,
		&inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    ledger_prove(world->ledger, 0, WORLD_ENTRIES + 1, &note, &size,
		&inclusion, &consistency, &world->err),
	    RESULT_NOT_FOUND);
	must(world, ledger_prove(world->ledger, 0, 0, &note, &size, &inclusion,
			&consistency, &world->err));
	assert_int_equal(size, WORLD_ENTRIES);
	assert_int_equal(inclusion.count, 0);
	assert_int_equal(consistency.count, 0);
}

/* --- opening again -------------------------------------------------------- */

static uint64_t complete_to(struct world *world)
{
	struct store_head head;

	must(world, world->store->ops->head(world->store, &head, &world->err));
	return head.objects_complete_to;
}

/* The book as it is when nothing but entries is believed. */
static struct hash digest_of_entries(struct world *world)
{
	struct hasher *hasher;
	struct book *book;
	struct hash digest;

	must(world, hasher_create(&hasher, &world->err));
	must(world, book_create(&book, &world->err));
	for (uint64_t i = 1; i <= ledger_head(world->ledger); i++) {
		struct entry entry = read_entry(world, i);

		must(world, book_apply(book, &entry, &world->err));
	}
	must(world, book_digest(book, hasher, &digest, &world->err));
	book_destroy(book);
	hasher_destroy(hasher);
	return digest;
}

static void trade(struct world *world, unsigned operations)
{
	for (unsigned i = 0; i < operations; i++) {
		uint64_t member = 1 + world_random(world) % 300;
		uint32_t terminal = 1 + (uint32_t)(world_random(world) % 3);
		const struct book *book = ledger_book(world->ledger);
		struct command command;

		if (book_member(book, MEMBER(member)) == NULL) {
			world_enrol(world, MEMBER(member));
			continue;
		}
		command = world_earn_command(world, terminal, MEMBER(member),
		    100 + world_random(world) % 20000);
		if (i % 5 == 4) {
			command.kind = ENTRY_REDEEM;
			command.amount_minor = 0;
			command.reward = bytes_of_string("coffee");
		}
		world_stage(world, &command);
		if (world_random(world) % 7 == 0)
			world_commit(world);
	}
	world_commit(world);
}

static void a_clean_close_leaves_nothing_to_replay(void **state)
{
	struct world *world = *state;
	struct hash digest;
	struct note note;
	uint64_t head;

	trade(world, 300);
	digest = world_digest(world);
	head = ledger_head(world->ledger);
	world_close(world);
	world_reopen(world);
	assert_int_equal(complete_to(world), head);
	assert_int_equal(ledger_checkpoint(world->ledger, &note), head);
	assert_memory_equal(world_digest(world).bytes, digest.bytes, HASH_SIZE);
	assert_memory_equal(
	    digest_of_entries(world).bytes, digest.bytes, HASH_SIZE);
	trade(world, 10);
}

static void a_crash_leaves_what_was_committed(void **state)
{
	struct world *world = *state;
	struct hash digest, root, hash;

	trade(world, 100);
	digest = world_digest(world);
	root = ledger_root(world->ledger);
	hash = ledger_head_hash(world->ledger);
	world_earn(world, 1, MEMBER(1), 100); /* and never committed */
	world_crash(world);
	world_reopen(world);
	assert_memory_equal(world_digest(world).bytes, digest.bytes, HASH_SIZE);
	assert_memory_equal(
	    ledger_root(world->ledger).bytes, root.bytes, HASH_SIZE);
	assert_memory_equal(
	    ledger_head_hash(world->ledger).bytes, hash.bytes, HASH_SIZE);
}

/* Small sweeps, many crashes: the kept objects are always a mixture. */
static void sweeps_bound_the_replay_and_never_lose(void **state)
{
	struct world *world = *state;

	world_close(world);
	world->options.sweep_entries = 60;
	world->options.checkpoint_ms = 70;
	world_reopen(world);
	for (int round = 0; round < 40; round++) {
		struct hash digest;
		uint64_t swept = complete_to(world);

		trade(world, 20 + round * 3);
		digest = world_digest(world);
		/* A crash in the middle of a sweep makes the next replay
		 * longer; without one it is bounded. */
		if (round % 3 == 2)
			assert_true(
			    ledger_head(world->ledger) - complete_to(world) <=
			    2 * 60 + 40);
		assert_true(complete_to(world) >= swept);
		if (round % 3 == 0)
			world_crash(world);
		else if (round % 3 == 1)
			world_close(world);
		else {
			bool more;

			ledger_idle(
			    world->ledger, world->now_ms, &more, &world->err);
			world_crash(world);
		}
		world_reopen(world);
		assert_memory_equal(
		    world_digest(world).bytes, digest.bytes, HASH_SIZE);
	}
	assert_true(complete_to(world) > 1000);
	assert_memory_equal(digest_of_entries(world).bytes,
	    world_digest(world).bytes, HASH_SIZE);
}

static void a_reopen_builds_the_same_again(void **state)
{
	struct world *world = *state;
	struct hash digest;

	trade(world, 50);
	digest = world_digest(world);
	world_earn(world, 1, MEMBER(1), 100);
	must(world, ledger_reopen(world->ledger, &world->err));
	assert_memory_equal(world_digest(world).bytes, digest.bytes, HASH_SIZE);
	world->counters[1]--;
	world_earn(world, 1, MEMBER(1), 100);
	assert_false(world->outcome.repeated);
	world_commit(world);
}

static void closing_commits_what_is_staged(void **state)
{
	struct world *world = *state;

	world_earn(world, 1, MEMBER(1), 100);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1);
}

static void a_second_writer_fences_the_first(void **state)
{
	struct world *world = *state;
	struct store *store;
	struct ledger *second;

	must(world,
	    store_sqlite_open(world->path, STORE_WRITE, &store, &world->err));
	must(world, ledger_open(store, &world->options, &second, &world->err));
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_FENCED);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_FENCED);
	assert_int_equal(ledger_head(second), WORLD_ENTRIES);
	ledger_abandon(second);
	store_close(store);
}

/* --- what an opening does not believe ------------------------------------- */

/* 600 more entries, half of them beyond the kept objects; then `sql`, and the
 * opening says RESULT_CORRUPT and `words`. */
static void assert_corrupt(
    struct world *world, const char *sql, const char *words)
{
	struct store_head before, after;
	enum result result;

	world_earn(world, 1, MEMBER(1), 100);
	for (int i = 1; i < 300; i++)
		world_earn(world, 1, MEMBER(1), 100);
	world_close(world);
	world_reopen(world);
	for (int i = 0; i < 300; i++)
		world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	world_earn(world, 3, MEMBER(1), 100);
	world_commit(world);
	world_crash(world);
	assert_int_equal(world_sql(world, false, sql), SQLITE_OK);
	world_open_store(world, STORE_WRITE);
	must(
	    world, world->store->ops->head(world->store, &before, &world->err));
	result = ledger_open(
	    world->store, &world->options, &world->ledger, &world->err);
	if (result == RESULT_OK)
		fail_msg("it opened after: %s", sql);
	assert_int_equal(result, RESULT_CORRUPT);
	if (strstr(world->err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, world->err.text);
	must(world, world->store->ops->head(world->store, &after, &world->err));
	assert_int_equal(before.sequence, after.sequence);
	assert_int_equal(before.objects_complete_to, after.objects_complete_to);
}

#define CORRUPT_TEST(name, sql, words)              \
	static void name(void **state)              \
	{                                           \
		assert_corrupt(*state, sql, words); \
	}

/* Byte 50 (from 1) is the last of the time, 98 the last of the amount. */
#define PATCH(sequence, place)                                      \
	"UPDATE entry SET record = CAST(substr(record, 1, " #place  \
	" - 1) || x'77' || substr(record, " #place " + 1) AS BLOB)" \
	" WHERE sequence = " #sequence

/* The kept objects end at 306; 607 is the last. */
CORRUPT_TEST(names_the_entry_after_one_that_was_altered, PATCH(400, 98),
    "entry 401: it does not carry the hash")
CORRUPT_TEST(names_a_record_that_is_no_record, PATCH(400, 2), "entry 400")
CORRUPT_TEST(sees_an_altered_entry_before_the_kept_objects, PATCH(300, 98),
    "entry 301: it does not carry")
CORRUPT_TEST(sees_the_last_kept_entry_altered, PATCH(306, 98),
    "entry 307: it does not carry")
CORRUPT_TEST(names_an_entry_that_is_missing,
    "DELETE FROM entry WHERE sequence = 400", "entry 400: it is not there")
CORRUPT_TEST(names_an_entry_under_another_name,
    "UPDATE entry SET counter = 9999 WHERE sequence = 400",
    "entry 400: its record has another name")
CORRUPT_TEST(names_an_entry_of_another_terminal,
    "UPDATE entry SET terminal = 7 WHERE sequence = 400",
    "entry 400: its record has another name")
CORRUPT_TEST(names_entries_that_changed_places,
    "CREATE TEMP TABLE two AS SELECT * FROM entry"
    " WHERE sequence IN (400, 401);"
    "UPDATE entry SET record = (SELECT record FROM two WHERE sequence = 401)"
    " WHERE sequence = 400",
    "entry 400: its record is of another")
CORRUPT_TEST(sees_a_ledger_that_was_cut_off,
    "DELETE FROM entry WHERE sequence > 500", "606 entries, and only 500")
CORRUPT_TEST(sees_a_ledger_that_was_cut_off_before_the_objects,
    "DELETE FROM entry WHERE sequence > 200",
    "objects are kept up to entry 306")
CORRUPT_TEST(sees_objects_of_a_later_ledger,
    "UPDATE object SET true_at = 10000 WHERE key > 1000000000000", "past")
CORRUPT_TEST(sees_an_object_that_is_none,
    "UPDATE object SET body = x'00' WHERE key > 1000000000000", "object")
CORRUPT_TEST(sees_a_mark_beyond_the_head,
    "UPDATE meta SET objects_complete_to = 100000",
    "objects are kept up to entry 100000")
CORRUPT_TEST(sees_an_altered_tile,
    "UPDATE tile SET body = zeroblob(8192) WHERE level = 0 AND number = 0",
    "the root up to here is not the one that was signed")
CORRUPT_TEST(sees_a_tile_that_is_missing,
    "DELETE FROM tile WHERE level = 0 AND number = 0", "tile 0/0 is missing")
CORRUPT_TEST(sees_a_checkpoint_that_is_none,
    "UPDATE checkpoint SET note = 'hello' WHERE size = 606",
    "the checkpoint of 606 entries cannot be read")
CORRUPT_TEST(sees_a_checkpoint_under_another_size,
    "UPDATE checkpoint SET size = 605 WHERE size = 606",
    "the checkpoint of 605 entries cannot be read")
CORRUPT_TEST(sees_a_checkpoint_that_others_signed,
    "UPDATE checkpoint SET note = substr(note, 1, length(note) - 9) ||"
    " 'AAAAAAA=' || char(10) WHERE size = 606",
    "the checkpoint of 606 entries is not signed by the shop")
CORRUPT_TEST(sees_a_checkpoint_of_another_root,
    "UPDATE checkpoint SET note = replace(note, substr(note, 26, 20),"
    " substr(note, 27, 19) || 'A') WHERE size = 606",
    "the root up to here is not the one that was signed")

/* An older checkpoint than the kept objects: the tree starts before it. */
static void compares_the_root_of_an_old_checkpoint(void **state)
{
	struct world *world = *state;

	world_close(world); /* a checkpoint for 6 */
	world->options.seed = NULL;
	world_reopen(world);
	for (int i = 0; i < 600; i++)
		world_earn(world, 1, MEMBER(1), 100);
	world_close(world);
	world_reopen(world);
	assert_int_equal(complete_to(world), 606);
	world_close(world);
	assert_int_equal(world_sql(world, false, PATCH(4, 50)), SQLITE_OK);
	world_open_store(world, STORE_WRITE);
	assert_int_equal(ledger_open(world->store, &world->options,
			     &world->ledger, &world->err),
	    RESULT_CORRUPT);
	assert_non_null(strstr(world->err.text, "entry 5"));
}

static void refuses_a_record_of_a_later_version(void **state)
{
	struct world *world = *state;

	world_crash(world);
	assert_int_equal(world_sql(world, false,
			     "UPDATE entry SET record = CAST(x'02' ||"
			     " substr(record, 2) AS BLOB) WHERE sequence = 6"),
	    SQLITE_OK);
	world_open_store(world, STORE_WRITE);
	assert_int_equal(ledger_open(world->store, &world->options,
			     &world->ledger, &world->err),
	    RESULT_VERSION);
}

#define LEDGER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, ledger_setup, ledger_teardown)
#define EMPTY_TEST(name) \
	cmocka_unit_test_setup_teardown(name, empty_setup, ledger_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EMPTY_TEST(an_empty_ledger_has_nothing),
	    LEDGER_TEST(each_entry_carries_the_hash_of_the_one_before),
	    LEDGER_TEST(an_outcome_holds_the_entry_and_its_hash),
	    LEDGER_TEST(nothing_is_in_the_store_before_the_commit),
	    LEDGER_TEST(operations_of_a_group_see_those_before_them),
	    LEDGER_TEST(outcomes_can_be_read_until_the_next_stage),
	    LEDGER_TEST(a_refusal_leaves_nothing),
	    LEDGER_TEST(the_server_numbers_its_own_operations),
	    LEDGER_TEST(the_time_never_goes_back),
	    LEDGER_TEST(a_group_has_a_limit),
	    LEDGER_TEST(a_group_of_large_records_has_a_limit_too),
	    LEDGER_TEST(an_operation_counts_once_however_often_it_is_sent),
	    LEDGER_TEST(a_repeated_answer_does_not_depend_on_what_came_since),
	    LEDGER_TEST(a_used_name_for_something_else_is_a_conflict),
	    LEDGER_TEST(a_lower_counter_that_was_never_used_is_new),
	    LEDGER_TEST(a_refused_name_can_be_used_again),
	    LEDGER_TEST(private_rows_go_with_their_entry_alone),
	    LEDGER_TEST(private_rows_can_be_staged_alone),
	    LEDGER_TEST(reads_what_is_staged_and_what_is_durable),
	    LEDGER_TEST(a_return_is_of_the_sale_that_was_read),
	    LEDGER_TEST(a_checkpoint_is_shown_once_it_is_durable_itself),
	    LEDGER_TEST(checkpoints_keep_their_distance_in_time),
	    LEDGER_TEST(a_clock_set_back_does_not_stop_checkpoints),
	    LEDGER_TEST(idle_time_signs_and_sweeps_and_ends),
	    LEDGER_TEST(without_a_key_nothing_is_signed),
	    LEDGER_TEST(a_foreign_key_does_not_open),
	    EMPTY_TEST(a_foreign_shop_entry_is_not_signed_for),
	    LEDGER_TEST(proves_entries_and_growth),
	    LEDGER_TEST(proves_nothing_that_is_not_in_the_checkpoint),
	    LEDGER_TEST(a_clean_close_leaves_nothing_to_replay),
	    LEDGER_TEST(a_crash_leaves_what_was_committed),
	    LEDGER_TEST(sweeps_bound_the_replay_and_never_lose),
	    LEDGER_TEST(a_reopen_builds_the_same_again),
	    LEDGER_TEST(closing_commits_what_is_staged),
	    LEDGER_TEST(a_second_writer_fences_the_first),
	    LEDGER_TEST(names_the_entry_after_one_that_was_altered),
	    LEDGER_TEST(names_a_record_that_is_no_record),
	    LEDGER_TEST(sees_an_altered_entry_before_the_kept_objects),
	    LEDGER_TEST(sees_the_last_kept_entry_altered),
	    LEDGER_TEST(names_an_entry_that_is_missing),
	    LEDGER_TEST(names_an_entry_under_another_name),
	    LEDGER_TEST(names_an_entry_of_another_terminal),
	    LEDGER_TEST(names_entries_that_changed_places),
	    LEDGER_TEST(sees_a_ledger_that_was_cut_off),
	    LEDGER_TEST(sees_a_ledger_that_was_cut_off_before_the_objects),
	    LEDGER_TEST(sees_objects_of_a_later_ledger),
	    LEDGER_TEST(sees_an_object_that_is_none),
	    LEDGER_TEST(sees_a_mark_beyond_the_head),
	    LEDGER_TEST(sees_an_altered_tile),
	    LEDGER_TEST(sees_a_tile_that_is_missing),
	    LEDGER_TEST(sees_a_checkpoint_that_is_none),
	    LEDGER_TEST(sees_a_checkpoint_under_another_size),
	    LEDGER_TEST(sees_a_checkpoint_that_others_signed),
	    LEDGER_TEST(sees_a_checkpoint_of_another_root),
	    LEDGER_TEST(compares_the_root_of_an_old_checkpoint),
	    LEDGER_TEST(refuses_a_record_of_a_later_version),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
