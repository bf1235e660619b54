/*
 * audit_world: a small ledger made by the law itself, kept in memory and in a
 * store, to be tampered with by the audit's tests.
 */
#ifndef TESTS_UNIT_SERVER_AUDIT_WORLD_H
#define TESTS_UNIT_SERVER_AUDIT_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/audit.h"
#include "server/directory.h"
#include "server/roster.h"

#define ENTRIES 600u /* two full tiles, and some */
#define MEMBERS 10u
#define FIRST_ENROL 6u
#define NOTES 4u
#define COMPLETE_TO 300u
#define FAULTS_KEPT 1024u
#define ERASED 3u /* the member whose card row is gone */
#define ROWS_MORE 8u

static const uint64_t note_sizes[NOTES] = {1, 100, 512, ENTRIES};

struct fault {
	enum audit_fault_kind kind;
	uint64_t sequence;
	char text[512];
};

/* What is fed, and what it led to. */
struct ledger_made;
typedef void trade_fn(struct ledger_made *made);
struct ledger_made {
	struct hasher *hasher;
	struct book *book;
	struct tree *tree;
	uint8_t seed[SIGN_KEY_SIZE];
	struct buffer records[ENTRIES];
	uint32_t terminals[ENTRIES]; /* the columns beside them */
	uint64_t counters[ENTRIES];
	size_t count;
	struct hash last;
	uint64_t counter_next[4];
	uint64_t random;
	struct card_row cards[MEMBERS];
	struct roster_cashier cashier;
	struct store_private rows[ROWS_MORE]; /* beside cards and cashier */
	size_t row_count;
	uint8_t bodies[ROWS_MORE][MEMBER_ROW_SIZE_MAX];
	uint64_t lies_of; /* a member whose birthday is said wrongly */
	struct note notes[NOTES];
	size_t note_count;
	struct tile tiles[8];
	size_t tile_count;
	struct store_object *objects;
	size_t object_count;
	/* The audit. */
	struct note anchor;
	size_t skip_from; /* records not fed, as sequences; 0: none */
	size_t skip_to;
	struct fault faults[FAULTS_KEPT];
	size_t fault_count;
	struct audit_summary summary;
	bool law;
	char folder[32];
	char path[64];
	struct error err;
};

#define ORIGIN "tallystick/corner"
#define PROGRAMME                                                       \
	"[programme]\nname = Corner\ncurrency = EUR\nearn_points = 1\n" \
	"earn_amount = 1.00\nsale_amount_max = 2000.00\n"               \
	"[reward tea]\nname = Tea\npoints = 5\n"

static inline void must(struct ledger_made *made, enum result result)
{
	if (result != RESULT_OK)
		fail_msg("%s", made->err.text);
}

static inline uint64_t account_of(size_t member)
{
	return ACCOUNT_MEMBER_MIN + 1000003u * (member + 1);
}

/* --- making --------------------------------------------------------------- */

static inline enum result keep_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct ledger_made *made = context;

	(void)err;
	assert_true(made->tile_count < 8);
	made->tiles[made->tile_count++] = *tile;
	return RESULT_OK;
}

static inline void sign_here(struct ledger_made *made)
{
	struct checkpoint checkpoint = {.origin = ORIGIN,
	    .size = tree_size(made->tree),
	    .root = tree_root(made->tree, made->hasher)};

	must(made, checkpoint_sign(&checkpoint, made->seed,
		       &made->notes[made->note_count++], &made->err));
}

static inline void append_record(
    struct ledger_made *made, const struct entry *entry)
{
	uint8_t memory[4096];
	struct writer writer = writer_of(memory, sizeof(memory));
	size_t index = made->count++;

	must(made, entry_encode(entry, &writer, &made->err));
	made->records[index] = (struct buffer){0};
	must(made, buffer_append(&made->records[index], writer_view(&writer),
		       &made->err));
	made->terminals[index] = entry->terminal;
	made->counters[index] = entry->counter;
	made->last = hash_leaf(made->hasher, writer_view(&writer));
	must(made, tree_append(made->tree, made->hasher, &made->last, keep_tile,
		       made, &made->err));
	if (made->note_count < NOTES &&
	    note_sizes[made->note_count] == made->count)
		sign_here(made);
}

static inline struct entry decoded(struct ledger_made *made, uint64_t sequence)
{
	struct entry entry;

	must(made, entry_decode(buffer_view(&made->records[sequence - 1]),
		       &entry, &made->err));
	return entry;
}

/* Decide and apply; false where it is refused. */
static inline bool act(struct ledger_made *made, struct command *command)
{
	struct decision decision;

	command->counter = ++made->counter_next[command->terminal];
	made->random = made->random * 6364136223846793005u + 1;
	memcpy(command->random, &made->random, sizeof(made->random));
	law_decide(made->book, command, 1700000000000u + made->count * 1000,
	    &decision);
	if (decision.refusal.code != REFUSAL_NONE)
		return false;
	decision.entry.previous = made->last;
	append_record(made, &decision.entry);
	must(made, book_apply(made->book, &decision.entry, &made->err));
	return true;
}

static inline void must_act(struct ledger_made *made, struct command command)
{
	if (!act(made, &command))
		fail_msg("entry %zu is refused", made->count + 1);
}

static inline void open_ledger(struct ledger_made *made, const char *programme)
{
	struct command shop = {
	    .kind = ENTRY_SHOP, .text = bytes_of_string(ORIGIN)};
	size_t i;

	must(made, sign_public_key(made->seed, shop.key.bytes, &made->err));
	must_act(made, shop);
	must_act(made, (struct command){.kind = ENTRY_PROGRAMME,
			   .text = bytes_of_string(programme)});
	for (i = 1; i <= 2; i++)
		must_act(made, (struct command){.kind = ENTRY_TERMINAL,
				   .subject = (uint32_t)i,
				   .role = ROLE_TERMINAL,
				   .standing = STANDING_ACTIVE,
				   .key = {{(uint8_t)i}}});
	made->cashier = (struct roster_cashier){
	    .number = 1, .name = "Kim", .role = ROLE_CASHIER, .salt = {9}};
	must_act(made, (struct command){.kind = ENTRY_CASHIER,
			   .subject = 1,
			   .role = ROLE_CASHIER,
			   .standing = STANDING_ACTIVE,
			   .commitment = roster_cashier_commitment(
			       made->hasher, &made->cashier)});
	assert_int_equal(made->count + 1, FIRST_ENROL);
	for (i = 0; i < MEMBERS; i++) {
		struct card_row *card = &made->cards[i];

		memset(card->salt, (int)i + 1, sizeof(card->salt));
		snprintf(card->number, sizeof(card->number), "29%011zu", i);
		must_act(made, (struct command){.kind = ENTRY_ENROL,
				   .terminal = 1,
				   .cashier = 1,
				   .account = account_of(i),
				   .commitment = card_row_commitment(
				       made->hasher, card, account_of(i))});
	}
}

/* Sales, and now and then a reward, goods that come back, or a counter that
 * nobody uses. */
static inline void trade(struct ledger_made *made)
{
	size_t step = made->count;
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1 + (uint32_t)(step & 1),
	    .cashier = 1,
	    .account = account_of(step % MEMBERS),
	    .amount_minor = 100 + step * 7,
	    .receipt = bytes_of_string("A-1")};
	struct entry sale;

	if (step % 7 == 3) {
		command.kind = ENTRY_REDEEM;
		command.amount_minor = 0;
		command.reward = bytes_of_string("tea");
	} else if (step % 7 == 5 && step > 40) {
		sale = decoded(made, made->count - 9);
		command.kind = ENTRY_RETURN;
		command.account = 0;
		command.amount_minor = 100;
		command.related = &sale;
	}
	if (!act(made, &command)) {
		command = (struct command){.kind = ENTRY_EARN,
		    .terminal = 2,
		    .cashier = 1,
		    .account = account_of(step % MEMBERS),
		    .amount_minor = 500};
		must_act(made, command);
	}
}

/* All objects as they are now; later ones replace those of the same key. */
static inline void keep_objects(struct ledger_made *made, bool every_second)
{
	uint64_t *keys;
	size_t count;
	size_t i;
	size_t j;

	must(made, book_take_dirty(made->book, &keys, &count, &made->err));
	for (i = 0; i < count; i += every_second ? 2 : 1) {
		struct store_object object = {.key = keys[i]};
		struct buffer bytes = {0};

		must(made, book_save_object(made->book, keys[i], &bytes,
			       &object.true_at, &made->err));
		object.object = buffer_view(&bytes);
		for (j = 0; j < made->object_count; j++)
			if (made->objects[j].key == keys[i])
				break;
		if (j == made->object_count)
			made->object_count++;
		else
			free((void *)(uintptr_t)made->objects[j].object.data);
		made->objects[j] = object;
	}
	free(keys);
}

static inline struct ledger_made *make_with(
    const char *programme, trade_fn *trades, uint64_t lies_of)
{
	struct ledger_made *made = calloc(1, sizeof(*made));

	assert_non_null(made);
	made->lies_of = lies_of;
	made->objects = calloc(64, sizeof(*made->objects));
	made->law = true;
	memset(made->seed, 7, sizeof(made->seed));
	must(made, hasher_create(&made->hasher, &made->err));
	must(made, book_create(&made->book, &made->err));
	must(made, tree_create(&made->tree, &made->err));
	open_ledger(made, programme);
	while (made->count < ENTRIES) {
		trades(made);
		if (made->count == COMPLETE_TO)
			keep_objects(made, false);
	}
	keep_objects(made, true);
	assert_int_equal(made->note_count, NOTES);
	assert_int_equal(made->tile_count, 2);
	strcpy(made->folder, "/tmp/test-audit-XXXXXX");
	assert_non_null(mkdtemp(made->folder));
	snprintf(made->path, sizeof(made->path), "%s/ledger.db", made->folder);
	return made;
}

static inline int make(void **state)
{
	*state = make_with(PROGRAMME, trade, 0);
	return 0;
}

static inline int unmake(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct ledger_made *made = *state;
	char path[80];
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		buffer_finish(&made->records[i]);
	for (i = 0; i < made->object_count; i++)
		free((void *)(uintptr_t)made->objects[i].object.data);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", made->path, ends[i]);
		unlink(path);
	}
	rmdir(made->folder);
	free(made->objects);
	tree_destroy(made->tree);
	book_destroy(made->book);
	hasher_destroy(made->hasher);
	free(made);
	return 0;
}

/* --- auditing ------------------------------------------------------------- */

static inline void note_fault(void *context, enum audit_fault_kind kind,
    uint64_t sequence, const char *text)
{
	struct ledger_made *made = context;
	struct fault *fault;

	if (made->fault_count == FAULTS_KEPT)
		return;
	fault = &made->faults[made->fault_count++];
	fault->kind = kind;
	fault->sequence = sequence;
	snprintf(fault->text, sizeof(fault->text), "%s", text);
	assert_true(strlen(text) > 0);
}

static inline enum result read_made(
    void *context, uint64_t sequence, struct buffer *to, struct error *err)
{
	struct ledger_made *made = context;

	if (sequence == 0 || sequence > made->count)
		return error_set(err, RESULT_NOT_FOUND, "no such entry");
	return buffer_append(
	    to, buffer_view(&made->records[sequence - 1]), err);
}

static inline struct audit *open_audit(struct ledger_made *made)
{
	struct audit_options options = {
	    .law = made->law, .fault = note_fault, .context = made};
	struct audit *audit;

	made->fault_count = 0;
	must(made, audit_create(&options, &audit, &made->err));
	if (made->anchor.size != 0)
		must(made, audit_checkpoint(audit,
			       bytes_of(made->anchor.text, made->anchor.size),
			       true, &made->err));
	return audit;
}

/* As over the network: records and notes from memory. */
static inline void audit_memory(struct ledger_made *made)
{
	struct audit *audit = open_audit(made);
	size_t i;

	audit_set_reader(audit, read_made, made);
	/* In no order: the audit sorts them. */
	for (i = NOTES; i-- > 0;)
		must(made,
		    audit_checkpoint(audit,
			bytes_of(made->notes[i].text, made->notes[i].size),
			false, &made->err));
	for (i = 0; i < made->count; i++) {
		if (i + 1 >= made->skip_from && i + 1 <= made->skip_to)
			continue;
		must(made, audit_record(audit, i + 1, made->terminals[i],
			       made->counters[i],
			       buffer_view(&made->records[i]), &made->err));
	}
	must(made, audit_finish(audit, &made->summary, &made->err));
	audit_destroy(audit);
}

/* Write all of it into a new store, as a server would have. */
static inline void store_all(struct ledger_made *made)
{
	static struct store_entry entries[ENTRIES];
	struct store_private rows[MEMBERS + 1 + ROWS_MORE];
	struct roster_row cashier;
	static uint8_t bodies[MEMBERS][CARD_ROW_SIZE_MAX];
	struct store_head head;
	struct store *store;
	struct store_append append = {.entries = entries,
	    .entry_count = made->count,
	    .objects = made->objects,
	    .object_count = made->object_count,
	    .objects_complete_to = COMPLETE_TO,
	    .privates = rows,
	    .tiles = made->tiles,
	    .tile_count = made->tile_count,
	    .checkpoint = &made->notes[NOTES - 1],
	    .checkpoint_size = note_sizes[NOTES - 1]};
	size_t i;

	for (i = 0; i < made->count; i++)
		entries[i] = (struct store_entry){i + 1, made->terminals[i],
		    made->counters[i], buffer_view(&made->records[i])};
	for (i = 0; i < MEMBERS; i++)
		if (i != ERASED)
			rows[append.private_count++] =
			    (struct store_private){PRIVATE_CARD, account_of(i),
				card_row_encode(&made->cards[i], bodies[i])};
	roster_cashier_row(&made->cashier, &cashier);
	rows[append.private_count++] = cashier.row;
	for (i = 0; i < made->row_count; i++)
		rows[append.private_count++] = made->rows[i];
	must(made,
	    store_sqlite_open(made->path, STORE_CREATE, &store, &made->err));
	must(made, store->ops->take(store, "test", &head, &made->err));
	append.epoch = head.epoch;
	for (i = 0; i + 1 < NOTES; i++) {
		struct store_append note = {.epoch = head.epoch,
		    .checkpoint = &made->notes[i],
		    .checkpoint_size = note_sizes[i]};

		assert_int_equal(store->ops->append(store, &note, &made->err),
		    APPEND_DURABLE);
	}
	assert_int_equal(
	    store->ops->append(store, &append, &made->err), APPEND_DURABLE);
	store_close(store);
}

static inline void audit_kept(struct ledger_made *made)
{
	struct audit *audit = open_audit(made);
	struct store *store;

	must(made,
	    store_sqlite_open(made->path, STORE_READ, &store, &made->err));
	must(made,
	    audit_store(audit, store, NULL, NULL, &made->summary, &made->err));
	store_close(store);
	audit_destroy(audit);
}

static inline size_t count_faults(
    struct ledger_made *made, enum audit_fault_kind kind, uint64_t sequence)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < made->fault_count; i++)
		count += made->faults[i].kind == kind &&
			 made->faults[i].sequence == sequence;
	return count;
}

static inline void print_faults(struct ledger_made *made)
{
	size_t i;

	for (i = 0; i < made->fault_count; i++)
		print_message("  %llu: %s: %s\n",
		    (unsigned long long)made->faults[i].sequence,
		    audit_fault_name(made->faults[i].kind),
		    made->faults[i].text);
}

static inline void assert_fault(
    struct ledger_made *made, enum audit_fault_kind kind, uint64_t sequence)
{
	if (count_faults(made, kind, sequence) == 1)
		return;
	print_faults(made);
	fail_msg("entry %llu: %s: is not among the %zu faults",
	    (unsigned long long)sequence, audit_fault_name(kind),
	    made->fault_count);
}

static inline void assert_fault_count(struct ledger_made *made, size_t count)
{
	if (made->fault_count != count) {
		print_faults(made);
		fail_msg("%zu faults, not %zu", made->fault_count, count);
	}
	assert_int_equal(made->summary.faults, count);
}

/* Make a changed entry the record, and every later one follow from it, as a
 * forger would who holds the database alone. */
static inline void forge(struct ledger_made *made, const struct entry *changed)
{
	struct hash previous = changed->previous;
	size_t i;

	for (i = changed->sequence - 1; i < made->count; i++) {
		uint8_t memory[4096];
		struct writer writer = writer_of(memory, sizeof(memory));
		struct entry entry = decoded(made, i + 1);

		if (entry.sequence == changed->sequence)
			entry = *changed;
		entry.previous = previous;
		must(made, entry_encode(&entry, &writer, &made->err));
		previous = hash_leaf(made->hasher, writer_view(&writer));
		made->records[i].size = 0;
		must(made, buffer_append(&made->records[i],
			       writer_view(&writer), &made->err));
	}
}

/* --- the tables of a store -------------------------------------------------
 */

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, make, unmake)

#endif
