/*
 * A small ledger is made by the law itself, kept in memory and in a store, and
 * then tampered with in every way that the audit names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "server/audit.h"
#include "server/directory.h"
#include "server/roster.h"

#define ENTRIES 600u /* two full tiles, and some */
#define MEMBERS 10u
#define FIRST_ENROL 6u
#define NOTES 4u
#define COMPLETE_TO 300u
#define FAULTS_KEPT 64u
#define ERASED 3u /* the member whose card row is gone */

static const uint64_t note_sizes[NOTES] = {1, 100, 512, ENTRIES};

struct fault {
	enum audit_fault_kind kind;
	uint64_t sequence;
	char text[512];
};

/* What is fed, and what it led to. */
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

static void must(struct ledger_made *made, enum result result)
{
	if (result != RESULT_OK)
		fail_msg("%s", made->err.text);
}

static uint64_t account_of(size_t member)
{
	return ACCOUNT_MEMBER_MIN + 1000003u * (member + 1);
}

/* --- making --------------------------------------------------------------- */

static enum result keep_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct ledger_made *made = context;

	(void)err;
	assert_true(made->tile_count < 8);
	made->tiles[made->tile_count++] = *tile;
	return RESULT_OK;
}

static void sign_here(struct ledger_made *made)
{
	struct checkpoint checkpoint = {.origin = ORIGIN,
	    .size = tree_size(made->tree),
	    .root = tree_root(made->tree, made->hasher)};

	must(made, checkpoint_sign(&checkpoint, made->seed,
		       &made->notes[made->note_count++], &made->err));
}

static void append_record(struct ledger_made *made, const struct entry *entry)
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

static struct entry decoded(struct ledger_made *made, uint64_t sequence)
{
	struct entry entry;

	must(made, entry_decode(buffer_view(&made->records[sequence - 1]),
		       &entry, &made->err));
	return entry;
}

/* Decide and apply; false where it is refused. */
static bool act(struct ledger_made *made, struct command *command)
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

static void must_act(struct ledger_made *made, struct command command)
{
	if (!act(made, &command))
		fail_msg("entry %zu is refused", made->count + 1);
}

static void open_ledger(struct ledger_made *made)
{
	struct command shop = {
	    .kind = ENTRY_SHOP, .text = bytes_of_string(ORIGIN)};
	size_t i;

	must(made, sign_public_key(made->seed, shop.key.bytes, &made->err));
	must_act(made, shop);
	must_act(made, (struct command){.kind = ENTRY_PROGRAMME,
			   .text = bytes_of_string(PROGRAMME)});
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
static void trade(struct ledger_made *made)
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
		command.sale = &sale;
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
static void keep_objects(struct ledger_made *made, bool every_second)
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

static int make(void **state)
{
	struct ledger_made *made = calloc(1, sizeof(*made));

	assert_non_null(made);
	made->objects = calloc(64, sizeof(*made->objects));
	made->law = true;
	memset(made->seed, 7, sizeof(made->seed));
	must(made, hasher_create(&made->hasher, &made->err));
	must(made, book_create(&made->book, &made->err));
	must(made, tree_create(&made->tree, &made->err));
	open_ledger(made);
	while (made->count < ENTRIES) {
		trade(made);
		if (made->count == COMPLETE_TO)
			keep_objects(made, false);
	}
	keep_objects(made, true);
	assert_int_equal(made->note_count, NOTES);
	assert_int_equal(made->tile_count, 2);
	strcpy(made->folder, "/tmp/test-audit-XXXXXX");
	assert_non_null(mkdtemp(made->folder));
	snprintf(made->path, sizeof(made->path), "%s/ledger.db", made->folder);
	*state = made;
	return 0;
}

static int unmake(void **state)
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

static void note_fault(void *context, enum audit_fault_kind kind,
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

static enum result read_made(
    void *context, uint64_t sequence, struct buffer *to, struct error *err)
{
	struct ledger_made *made = context;

	if (sequence == 0 || sequence > made->count)
		return error_set(err, RESULT_NOT_FOUND, "no such entry");
	return buffer_append(
	    to, buffer_view(&made->records[sequence - 1]), err);
}

static struct audit *open_audit(struct ledger_made *made)
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
static void audit_memory(struct ledger_made *made)
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
static void store_all(struct ledger_made *made)
{
	static struct store_entry entries[ENTRIES];
	struct store_private rows[MEMBERS + 1];
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

static const char *const drop_triggers =
    "DROP TRIGGER entry_append; DROP TRIGGER entry_update;"
    "DROP TRIGGER entry_delete; DROP TRIGGER checkpoint_append;"
    "DROP TRIGGER checkpoint_update; DROP TRIGGER checkpoint_delete;";

/* Change the database behind the store's back. */
static void tamper(struct ledger_made *made, const char *sql)
{
	sqlite3 *db;
	char *text = NULL;

	assert_int_equal(sqlite3_open(made->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, drop_triggers, NULL, NULL, &text), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	if (sqlite3_total_changes(db) == 0)
		fail_msg("'%s' changes nothing", sql);
	sqlite3_close(db);
}

static void audit_kept(struct ledger_made *made)
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

static void audit_tampered(struct ledger_made *made, const char *sql)
{
	store_all(made);
	tamper(made, sql);
	audit_kept(made);
}

static size_t count_faults(
    struct ledger_made *made, enum audit_fault_kind kind, uint64_t sequence)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < made->fault_count; i++)
		count += made->faults[i].kind == kind &&
			 made->faults[i].sequence == sequence;
	return count;
}

static void print_faults(struct ledger_made *made)
{
	size_t i;

	for (i = 0; i < made->fault_count; i++)
		print_message("  %llu: %s: %s\n",
		    (unsigned long long)made->faults[i].sequence,
		    audit_fault_name(made->faults[i].kind),
		    made->faults[i].text);
}

static void assert_fault(
    struct ledger_made *made, enum audit_fault_kind kind, uint64_t sequence)
{
	if (count_faults(made, kind, sequence) == 1)
		return;
	print_faults(made);
	fail_msg("entry %llu: %s: is not among the %zu faults",
	    (unsigned long long)sequence, audit_fault_name(kind),
	    made->fault_count);
}

static void assert_fault_count(struct ledger_made *made, size_t count)
{
	if (made->fault_count != count) {
		print_faults(made);
		fail_msg("%zu faults, not %zu", made->fault_count, count);
	}
	assert_int_equal(made->summary.faults, count);
}

/* Make a changed entry the record, and every later one follow from it, as a
 * forger would who holds the database alone. */
static void forge(struct ledger_made *made, const struct entry *changed)
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

static uint64_t find_kind(
    struct ledger_made *made, enum entry_kind kind, uint64_t from)
{
	while (decoded(made, from).kind != kind)
		from++;
	return from;
}

/* --- a whole ledger holds --------------------------------------------------
 */

static void holds_for_an_untouched_ledger_in_memory(void **state)
{
	struct ledger_made *made = *state;
	struct hash root = tree_root(made->tree, made->hasher);
	struct book_totals totals;

	audit_memory(made);
	assert_fault_count(made, 0);
	book_totals(made->book, &totals);
	assert_memory_equal(&made->summary.totals, &totals, sizeof(totals));
	assert_true(totals.redeemed_points > 0);
	assert_true(made->summary.totals_are_known);
	assert_true(made->summary.root_is_known);
	assert_true(hash_equal(&made->summary.root, &root));
	assert_true(hash_equal(&made->summary.head_hash, &made->last));
	assert_int_equal(made->summary.entries, ENTRIES);
	assert_int_equal(made->summary.lawful_to, ENTRIES);
	assert_int_equal(made->summary.members, MEMBERS);
	assert_int_equal(made->summary.checkpoints, NOTES);
	assert_int_equal(made->summary.anchors, 0);
}

static void count_progress(void *context, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	++*(size_t *)context;
}

static void holds_for_an_untouched_store(void **state)
{
	struct ledger_made *made = *state;
	struct audit *audit;
	struct store *store;
	size_t progress = 0;

	store_all(made);
	audit = open_audit(made);
	must(made,
	    store_sqlite_open(made->path, STORE_READ, &store, &made->err));
	must(made, audit_store(audit, store, count_progress, &progress,
		       &made->summary, &made->err));
	store_close(store);
	audit_destroy(audit);
	assert_fault_count(made, 0);
	assert_true(progress > 0);
	assert_int_equal(made->summary.checkpoints, NOTES);
	assert_int_equal(made->summary.signed_to, ENTRIES);
	assert_int_equal(made->summary.objects, made->object_count);
	assert_int_equal(made->summary.tiles, made->tile_count);
	assert_int_equal(made->summary.cards, MEMBERS - 1);
	assert_int_equal(made->summary.cards_erased, 1);
	assert_int_equal(made->summary.lawful_to, ENTRIES);
}

static void checks_hashes_alone_where_the_law_is_not_asked(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, find_kind(made, ENTRY_EARN, 50));

	made->law = false;
	entry.points++;
	forge(made, &entry);
	made->note_count = 0;
	audit_memory(made);
	assert_false(made->summary.totals_are_known);
	assert_int_equal(made->summary.lawful_to, 0);
	assert_int_equal(count_faults(made, FAULT_LAW, entry.sequence), 0);
	assert_fault(made, FAULT_CHECKPOINT, 100);
}

static void checks_tiles_and_cards_without_the_law(void **state)
{
	struct ledger_made *made = *state;

	made->law = false;
	store_all(made);
	audit_kept(made);
	assert_fault_count(made, 0);
	assert_int_equal(made->summary.objects, 0);
	assert_int_equal(made->summary.tiles, made->tile_count);
	assert_int_equal(made->summary.cards, MEMBERS - 1);
}

static void reports_a_ledger_without_entries(void **state)
{
	struct ledger_made *made = *state;

	made->skip_from = 1;
	made->skip_to = ENTRIES;
	audit_memory(made);
	assert_fault(made, FAULT_SEQUENCE, 1);
	/* The first of the checkpoints beyond it, then the others. */
	assert_int_equal(made->summary.entries, 0);
	assert_int_equal(made->summary.checkpoints, 0);
	assert_int_equal(count_faults(made, FAULT_CHECKPOINT, 1), 2);
}

/* --- records -------------------------------------------------------------- */

/* Every byte of a record counts: whatever is changed, its hash is, so the
 * next record does not follow any more; and something in it is noticed. */
static void finds_any_changed_byte_of_a_record(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find_kind(made, ENTRY_REDEEM, 40);
	struct buffer *record = &made->records[sequence - 1];
	size_t i;

	/* The tail is enough: a short ledger makes it quick. */
	made->count = sequence + 2;
	for (i = 0; i < record->size; i++) {
		record->data[i] ^= 0x01;
		audit_memory(made);
		record->data[i] ^= 0x01;
		if (count_faults(made, FAULT_CHAIN, sequence + 1) != 1)
			fail_msg("byte %zu", i);
		assert_true(made->summary.faults > 1);
	}
	audit_memory(made);
	/* Only the checkpoints of later entries are left. */
	assert_fault(made, FAULT_CHECKPOINT, 100);
}

static void names_a_record_that_cannot_be_read(void **state)
{
	struct ledger_made *made = *state;

	made->records[49].data[1] = 200; /* no such kind */
	audit_memory(made);
	assert_fault(made, FAULT_RECORD, 50);
	assert_fault(made, FAULT_LAW, 50);
	assert_fault(made, FAULT_CHAIN, 51);
	assert_fault(made, FAULT_CHECKPOINT, 100);
	assert_int_equal(made->summary.lawful_to, 49);
	assert_int_equal(made->summary.entries, ENTRIES);
	assert_int_equal(made->summary.checkpoints, 1);
}

static void names_a_record_cut_short_or_empty(void **state)
{
	struct ledger_made *made = *state;

	made->records[ENTRIES - 1].size = 20;
	audit_memory(made);
	assert_fault(made, FAULT_RECORD, ENTRIES);
	made->records[ENTRIES - 1].size = 0;
	audit_memory(made);
	assert_fault(made, FAULT_RECORD, ENTRIES);
}

static void names_both_of_two_swapped_rows(void **state)
{
	struct ledger_made *made = *state;
	struct buffer record = made->records[199];

	made->records[199] = made->records[200];
	made->records[200] = record;
	audit_memory(made);
	assert_fault(made, FAULT_SEQUENCE, 200);
	assert_fault(made, FAULT_SEQUENCE, 201);
	assert_fault(made, FAULT_CHAIN, 200);
	assert_fault(made, FAULT_CHAIN, 201);
	assert_fault(made, FAULT_CHAIN, 202);
	assert_fault(made, FAULT_TIME, 201);
	assert_int_equal(made->summary.lawful_to, 199);
}

static void names_a_missing_entry_once(void **state)
{
	struct ledger_made *made = *state;

	made->skip_from = made->skip_to = 50;
	audit_memory(made);
	assert_fault(made, FAULT_SEQUENCE, 50);
	assert_fault(made, FAULT_LAW, 51);
	/* What follows the hole cannot be blamed for it. */
	assert_int_equal(count_faults(made, FAULT_CHAIN, 51), 0);
	assert_fault(made, FAULT_CHECKPOINT, 100);
	assert_false(made->summary.root_is_known);
	assert_int_equal(made->summary.entries, ENTRIES - 1);
}

static void names_the_first_of_many_missing_entries(void **state)
{
	struct ledger_made *made = *state;

	made->skip_from = 50;
	made->skip_to = 60;
	audit_memory(made);
	assert_fault(made, FAULT_SEQUENCE, 50);
	assert_non_null(strstr(made->faults[0].text, "10 more"));
}

static void refuses_entries_that_come_again(void **state)
{
	struct ledger_made *made = *state;
	struct audit *audit = open_audit(made);
	size_t i;

	audit_set_reader(audit, read_made, made);
	for (i = 0; i < 10; i++)
		must(made, audit_record(audit, i + 1, made->terminals[i],
			       made->counters[i],
			       buffer_view(&made->records[i]), &made->err));
	must(made, audit_record(audit, 5, made->terminals[4], made->counters[4],
		       buffer_view(&made->records[4]), &made->err));
	must(made, audit_finish(audit, &made->summary, &made->err));
	audit_destroy(audit);
	assert_fault(made, FAULT_SEQUENCE, 5);
	assert_fault(made, FAULT_NAME, 5);
	assert_fault(made, FAULT_TIME, 5);
}

static void names_a_time_that_goes_back(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, 300);

	entry.time_ms -= 5000;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_TIME, 300);
	/* The law asks for the time too, and the book refuses it. */
	assert_int_equal(made->summary.lawful_to, 299);
}

/* --- names ---------------------------------------------------------------- */

static void names_an_operation_that_is_there_twice(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, 400);
	struct entry earlier = decoded(made, 380);

	assert_int_equal(entry.terminal, earlier.terminal);
	entry.counter = earlier.counter;
	made->counters[399] = entry.counter;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_NAME, 400);
}

static void names_columns_that_differ_from_the_record(void **state)
{
	struct ledger_made *made = *state;

	made->counters[99] += 100000;
	made->terminals[199] = 9;
	audit_memory(made);
	assert_fault(made, FAULT_NAME, 100);
	assert_fault(made, FAULT_NAME, 200);
	assert_fault_count(made, 2);
}

static void names_a_terminal_and_a_counter_that_cannot_be(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, 400);

	made->law = false;
	entry.terminal = UINT32_MAX;
	made->terminals[399] = entry.terminal;
	forge(made, &entry);
	entry = decoded(made, 401);
	entry.counter = 0;
	made->counters[400] = 0;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_NAME, 400);
	assert_fault(made, FAULT_NAME, 401);
}

/* Feed bare shop entries that differ in their names alone, and say of which
 * the name was refused. */
static uint64_t refused_names(
    struct ledger_made *made, const uint64_t *counters, size_t count)
{
	struct entry entry = decoded(made, 1);
	uint64_t refused = 0;
	struct audit *audit;
	size_t i;

	made->law = false;
	audit = open_audit(made);
	for (i = 0; i < count; i++) {
		uint8_t memory[512];
		struct writer writer = writer_of(memory, sizeof(memory));

		entry.sequence = i + 1;
		entry.counter = counters[i];
		made->fault_count = 0;
		must(made, entry_encode(&entry, &writer, &made->err));
		entry.previous = hash_leaf(made->hasher, writer_view(&writer));
		must(made, audit_record(audit, i + 1, 0, counters[i],
			       writer_view(&writer), &made->err));
		if (count_faults(made, FAULT_NAME, i + 1) != 0)
			refused |= 1ull << i;
	}
	audit_destroy(audit);
	return refused;
}

static void keeps_track_of_counters_in_any_order(void **state)
{
	static const uint64_t gaps[] = {10, 1, 9, 5, 5, 4, 6, 7, 7, 2, 3, 8, 8,
	    1, 10, 11, 3, COUNTER_MAX, 12, COUNTER_MAX - 1, COUNTER_MAX, 12,
	    13};
	static const uint64_t rising[] = {1, 2, 3, 4, 5, 3};

	assert_int_equal(refused_names(*state, gaps, 23),
	    1u << 4 | 1u << 8 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 16 |
		1u << 20 | 1u << 21);
	assert_int_equal(refused_names(*state, rising, 6), 1u << 5);
}

/* Against the plainest thing that could be right: a bit for each counter. */
static void agrees_with_a_bit_map_about_names(void **state)
{
	struct ledger_made *made = *state;
	uint64_t random = 42;
	size_t round;

	for (round = 0; round < 50; round++) {
		uint64_t counters[64];
		uint64_t used = 0;
		uint64_t wanted = 0;
		size_t i;

		for (i = 0; i < 64; i++) {
			random = random * 6364136223846793005u + 1;
			counters[i] = 1 + (random >> 33) % 60;
			if (used >> counters[i] & 1)
				wanted |= 1ull << i;
			used |= 1ull << counters[i];
		}
		assert_int_equal(refused_names(made, counters, 64), wanted);
	}
}

/* --- the law -------------------------------------------------------------- */

/* A forger gives a member points and makes the chain follow. The chain holds
 * again; the rules and the checkpoint do not. */
static void finds_points_that_the_rules_do_not_give(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, find_kind(made, ENTRY_EARN, 450));

	entry.points += 1000;
	entry.balance_points += 1000;
	forge(made, &entry);
	audit_memory(made);
	assert_int_equal(made->faults[0].kind, FAULT_LAW);
	assert_int_equal(made->faults[0].sequence, entry.sequence);
	assert_non_null(strstr(made->faults[0].text, "the number of points"));
	assert_fault(made, FAULT_CHECKPOINT, 512);
	assert_int_equal(count_faults(made, FAULT_CHAIN, entry.sequence), 0);
	assert_int_equal(
	    count_faults(made, FAULT_CHAIN, entry.sequence + 1), 0);
	assert_int_equal(made->summary.checkpoints, 2);
}

static void stops_the_law_where_a_balance_cannot_be(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, find_kind(made, ENTRY_EARN, 450));

	entry.balance_points += 1;
	forge(made, &entry);
	audit_memory(made);
	/* What the rules say, and that they are not asked any more. */
	assert_int_equal(count_faults(made, FAULT_LAW, entry.sequence), 2);
	assert_int_equal(made->summary.lawful_to, entry.sequence - 1);
	assert_false(made->summary.totals_are_known);
	assert_int_equal(made->summary.entries, ENTRIES);
}

static void finds_a_return_of_a_sale_that_was_none(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, find_kind(made, ENTRY_RETURN, 100));

	entry.related_sequence = 2;
	forge(made, &entry);
	audit_memory(made);
	assert_true(count_faults(made, FAULT_LAW, entry.sequence) >= 1);
}

static enum result fail_reading(
    void *context, uint64_t sequence, struct buffer *to, struct error *err)
{
	(void)sequence;
	(void)to;
	return error_set(err, *(enum result *)context, "the disk is gone");
}

/* A sale that cannot be read back: damage is a fault, anything else ends the
 * audit with its reason. */
static void tells_damage_from_its_own_failure(void **state)
{
	static enum result result;
	struct ledger_made *made = *state;
	uint64_t goods = find_kind(made, ENTRY_RETURN, 1);
	enum result expected[] = {RESULT_CORRUPT, RESULT_IO};
	size_t round;
	size_t i;

	for (round = 0; round < 2; round++) {
		struct audit *audit = open_audit(made);
		enum result ended = RESULT_OK;

		result = expected[round];
		audit_set_reader(audit, fail_reading, &result);
		for (i = 0; i < goods; i++)
			ended = audit_record(audit, i + 1, made->terminals[i],
			    made->counters[i], buffer_view(&made->records[i]),
			    &made->err);
		assert_int_equal(ended, round == 0 ? RESULT_OK : RESULT_IO);
		audit_destroy(audit);
		assert_int_equal(count_faults(made, FAULT_STORE,
				     decoded(made, goods).related_sequence),
		    round == 0);
	}
	assert_string_equal(made->err.text, "the disk is gone");
}

/* --- checkpoints ---------------------------------------------------------- */

static void takes_a_checkpoint_from_outside(void **state)
{
	struct ledger_made *made = *state;

	made->anchor = made->notes[1];
	audit_memory(made);
	assert_fault_count(made, 0);
	assert_int_equal(made->summary.anchors, 1);
	assert_int_equal(made->summary.checkpoints, NOTES);
}

static void refuses_what_is_no_checkpoint_from_outside(void **state)
{
	struct ledger_made *made = *state;
	struct audit *audit = open_audit(made);

	assert_int_equal(audit_checkpoint(audit, bytes_of_string("a letter"),
			     true, &made->err),
	    RESULT_INVALID);
	audit_destroy(audit);
}

static void refuses_a_checkpoint_after_the_first_record(void **state)
{
	struct ledger_made *made = *state;
	struct audit *audit = open_audit(made);

	must(made, audit_record(audit, 1, made->terminals[0], made->counters[0],
		       buffer_view(&made->records[0]), &made->err));
	assert_int_equal(audit_checkpoint(audit,
			     bytes_of(made->notes[1].text, made->notes[1].size),
			     true, &made->err),
	    RESULT_INVALID);
	audit_destroy(audit);
}

/* The whole shop is rewritten and signed anew with its own key: only what
 * somebody kept outside tells. */
static void needs_an_anchor_against_the_shop_itself(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, 300);
	size_t i;

	made->anchor = made->notes[2];
	entry.random[0] ^= 1;
	forge(made, &entry);
	tree_destroy(made->tree);
	must(made, tree_create(&made->tree, &made->err));
	made->note_count = 0;
	made->tile_count = 0;
	for (i = 0; i < ENTRIES; i++) {
		made->last =
		    hash_leaf(made->hasher, buffer_view(&made->records[i]));
		must(made, tree_append(made->tree, made->hasher, &made->last,
			       NULL, NULL, &made->err));
		if (i + 1 == note_sizes[made->note_count])
			sign_here(made);
	}
	audit_memory(made);
	assert_fault(made, FAULT_ANCHOR, 512);
	assert_fault_count(made, 1);
	assert_int_equal(made->summary.anchors, 0);
	made->anchor.size = 0;
	audit_memory(made);
	assert_fault_count(made, 0);
}

static void finds_a_deleted_tail(void **state)
{
	struct ledger_made *made = *state;

	made->anchor = made->notes[NOTES - 1];
	made->count = 550;
	audit_memory(made);
	assert_fault(made, FAULT_CHECKPOINT, ENTRIES);
	assert_fault(made, FAULT_ANCHOR, ENTRIES);
	assert_fault_count(made, 2);
	assert_non_null(strstr(made->faults[0].text, "was cut"));
}

static void finds_any_changed_byte_of_a_checkpoint(void **state)
{
	struct ledger_made *made = *state;
	struct note whole = made->notes[0];
	size_t i;

	made->count = FIRST_ENROL;
	for (i = 0; i < whole.size; i++) {
		made->notes[0].text[i] ^= 0x02;
		audit_memory(made);
		made->notes[0] = whole;
		/* All others are beyond this short ledger. */
		if (made->summary.checkpoints != 0)
			fail_msg("byte %zu", i);
	}
	audit_memory(made);
	assert_int_equal(made->summary.checkpoints, 1);
}

static void refuses_the_checkpoint_of_another_ledger_or_key(void **state)
{
	struct ledger_made *made = *state;
	struct checkpoint checkpoint = {.origin = "tallystick/other"};

	must(made,
	    checkpoint_parse(bytes_of(made->notes[1].text, made->notes[1].size),
		&checkpoint, &made->err));
	strcpy(checkpoint.origin, "tallystick/other");
	must(made, checkpoint_sign(
		       &checkpoint, made->seed, &made->anchor, &made->err));
	audit_memory(made);
	assert_fault(made, FAULT_ANCHOR, 100);
	assert_fault_count(made, 1);
	strcpy(checkpoint.origin, ORIGIN);
	made->seed[0] ^= 1;
	must(made, checkpoint_sign(
		       &checkpoint, made->seed, &made->anchor, &made->err));
	audit_memory(made);
	assert_fault(made, FAULT_ANCHOR, 100);
	assert_fault_count(made, 1);
}

static void counts_checkpoints_after_the_first_that_fails(void **state)
{
	struct ledger_made *made = *state;

	made->records[20].data[120] ^= 1; /* of the random bytes */
	audit_memory(made);
	assert_fault(made, FAULT_CHAIN, 22);
	assert_fault(made, FAULT_CHECKPOINT, 100);
	assert_fault(made, FAULT_CHECKPOINT, ENTRIES);
	assert_fault_count(made, 3);
	assert_non_null(strstr(made->faults[2].text, "2 more"));
}

static void says_that_no_signature_can_be_verified_without_a_key(void **state)
{
	struct ledger_made *made = *state;

	made->records[0].size--;
	audit_memory(made);
	assert_fault(made, FAULT_RECORD, 1);
	assert_fault(made, FAULT_LAW, 1);
	assert_int_equal(made->summary.checkpoints, 0);
	assert_true(count_faults(made, FAULT_CHECKPOINT, 1) >= 1);
}

/* --- the tables of a store -------------------------------------------------
 */

static void finds_a_changed_record_in_a_store(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(made,
	    "UPDATE entry SET record = CAST(substr(record, 1, 120) || x'00'"
	    " || substr(record, 122) AS BLOB) WHERE sequence = 40");
	assert_fault(made, FAULT_CHAIN, 41);
	/* The tile tells which of the two it was. */
	assert_fault(made, FAULT_TILE, 40);
	assert_fault(made, FAULT_CHECKPOINT, 100);
}

static void finds_a_removed_row_in_a_store(void **state)
{
	audit_tampered(*state, "DELETE FROM entry WHERE sequence = 300");
	assert_fault(*state, FAULT_SEQUENCE, 300);
	assert_fault(*state, FAULT_LAW, 301);
}

/* A forger's answer to a till: not in the chain, but found by its name. */
static void finds_a_row_outside_of_the_ledger(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(made,
	    "INSERT INTO entry SELECT -5, 1, 777777, record FROM entry"
	    " WHERE sequence = 40;"
	    "INSERT INTO entry SELECT 0, 1, 777778, record FROM entry"
	    " WHERE sequence = 40");
	assert_int_equal(count_faults(made, FAULT_SEQUENCE, 0), 2);
	assert_non_null(strstr(made->faults[0].text, "entry -5"));
	/* And all the rest is looked at as ever. */
	assert_fault_count(made, 2);
	assert_int_equal(made->summary.lawful_to, ENTRIES);
	assert_int_equal(made->summary.checkpoints, NOTES);
}

/* Without a checkpoint from outside nobody can tell; but how far the
 * signatures go is said. */
static void says_how_far_signatures_go(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(made, "DELETE FROM checkpoint WHERE size > 100");
	assert_fault_count(made, 0);
	assert_int_equal(made->summary.signed_to, 100);
}

static void finds_a_removed_tail_in_a_store(void **state)
{
	audit_tampered(*state, "DELETE FROM entry WHERE sequence > 500");
	assert_fault(*state, FAULT_CHECKPOINT, 512);
	/* Tile 1 ends at 512, and objects are kept as of later entries. */
	assert_fault(*state, FAULT_TILE, 500);
}

static void finds_a_changed_name_in_a_store(void **state)
{
	audit_tampered(
	    *state, "UPDATE entry SET counter = 777777 WHERE sequence = 300");
	assert_fault(*state, FAULT_NAME, 300);
	assert_fault_count(*state, 1);
}

static void finds_a_changed_balance(void **state)
{
	struct ledger_made *made = *state;
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "UPDATE object SET body = CAST(x'01000000000000ffff' ||"
	    " substr(body, 10) AS BLOB) WHERE key = %llu",
	    (unsigned long long)account_of(0));
	audit_tampered(made, sql);
	assert_fault_count(made, 1);
	assert_int_equal(made->faults[0].kind, FAULT_OBJECT);
	assert_non_null(strstr(made->faults[0].text, "the balance of member"));
	assert_int_equal(made->summary.objects, made->object_count - 1);
}

/* Each kept object in turn: no kind of them is passed over. */
static void finds_a_change_of_any_object(void **state)
{
	struct ledger_made *made = *state;
	char sql[160];
	size_t i;

	store_all(made);
	for (i = 0; i < made->object_count; i++) {
		sqlite3 *db;

		snprintf(sql, sizeof(sql),
		    "UPDATE object SET body = CAST(body || x'00' AS BLOB)"
		    " WHERE key = %llu",
		    (unsigned long long)made->objects[i].key);
		if (i == 0) {
			tamper(made, sql);
		} else {
			assert_int_equal(
			    sqlite3_open(made->path, &db), SQLITE_OK);
			assert_int_equal(
			    sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
			sqlite3_close(db);
		}
		audit_kept(made);
		assert_fault_count(made, i + 1);
		assert_int_equal(
		    made->summary.objects, made->object_count - i - 1);
	}
	assert_int_equal(count_faults(made, FAULT_OBJECT, ENTRIES) > 0, true);
}

static void finds_an_object_that_is_missing(void **state)
{
	struct ledger_made *made = *state;
	char sql[80];

	snprintf(sql, sizeof(sql), "DELETE FROM object WHERE key = %llu",
	    (unsigned long long)account_of(1));
	audit_tampered(made, sql);
	assert_fault_count(made, 1);
	assert_int_equal(made->faults[0].kind, FAULT_OBJECT);
	assert_non_null(strstr(made->faults[0].text, "is not kept"));
}

static void finds_an_object_of_the_wrong_time(void **state)
{
	audit_tampered(*state, "UPDATE object SET true_at = 20 WHERE key = 1");
	assert_fault(*state, FAULT_OBJECT, 20);
}

static void finds_an_object_beyond_the_end(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(
	    made, "INSERT INTO object VALUES(8589934601, 5000, x'01')");
	assert_fault(made, FAULT_OBJECT, 5000);
	assert_fault_count(made, 1);
	assert_non_null(strstr(made->faults[0].text, "cashier 9"));
}

static void finds_an_object_of_nothing(void **state)
{
	audit_tampered(*state, "INSERT INTO object VALUES(99, 7, x'01')");
	assert_fault(*state, FAULT_OBJECT, 7);
	assert_fault_count(*state, 1);
}

static void finds_a_claim_of_completeness_beyond_the_end(void **state)
{
	audit_tampered(*state, "UPDATE meta SET objects_complete_to = 100000");
	assert_fault(*state, FAULT_OBJECT, 100000);
}

static void finds_an_altered_tile(void **state)
{
	audit_tampered(*state,
	    "UPDATE tile SET body = CAST(substr(body, 1, 320) || zeroblob(32)"
	    " || substr(body, 353) AS BLOB) WHERE number = 1");
	assert_fault(*state, FAULT_TILE, 256 + 11);
	assert_fault_count(*state, 1);
}

static void finds_a_missing_tile(void **state)
{
	audit_tampered(*state, "DELETE FROM tile WHERE number = 0");
	assert_fault(*state, FAULT_TILE, 256);
	assert_fault_count(*state, 1);
}

static void finds_a_tile_of_the_wrong_size(void **state)
{
	audit_tampered(
	    *state, "UPDATE tile SET body = x'0011' WHERE number = 1");
	assert_fault(*state, FAULT_TILE, 512);
}

static void finds_a_tile_too_many(void **state)
{
	audit_tampered(*state,
	    "INSERT INTO tile SELECT 0, 2, body FROM tile WHERE number = 1");
	assert_fault(*state, FAULT_TILE, ENTRIES);
	assert_fault_count(*state, 1);
}

static void finds_an_altered_checkpoint_in_a_store(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(made,
	    "UPDATE checkpoint SET note = replace(note, char(10)||'100',"
	    " char(10)||'101') WHERE size = 100");
	assert_fault(made, FAULT_CHECKPOINT, 100);
	assert_fault_count(made, 1);
	assert_int_equal(made->summary.checkpoints, NOTES - 1);
}

static void finds_a_forged_checkpoint_in_a_store(void **state)
{
	audit_tampered(
	    *state, "UPDATE checkpoint SET note = 'no note' WHERE size = 512");
	assert_fault(*state, FAULT_CHECKPOINT, 512);
	assert_fault_count(*state, 1);
}

static void finds_an_altered_card(void **state)
{
	struct ledger_made *made = *state;
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "UPDATE private SET body = CAST(substr(body, 1, 46) || x'39' AS"
	    " BLOB) WHERE id = %llu",
	    (unsigned long long)account_of(4));
	audit_tampered(made, sql);
	assert_fault(made, FAULT_COMMITMENT, FIRST_ENROL + 4);
	assert_fault_count(made, 1);
	assert_int_equal(made->summary.cards, MEMBERS - 2);
}

static void finds_a_card_row_that_is_none(void **state)
{
	struct ledger_made *made = *state;
	char sql[80];

	snprintf(sql, sizeof(sql),
	    "UPDATE private SET body = x'07' WHERE id = %llu",
	    (unsigned long long)account_of(0));
	audit_tampered(made, sql);
	assert_fault(made, FAULT_COMMITMENT, FIRST_ENROL);
	assert_non_null(strstr(made->faults[0].text, "cannot be read"));
}

static void finds_the_card_of_a_stranger(void **state)
{
	struct ledger_made *made = *state;
	char sql[120];

	snprintf(sql, sizeof(sql),
	    "UPDATE private SET id = id + 1 WHERE id = %llu",
	    (unsigned long long)account_of(0));
	audit_tampered(made, sql);
	assert_fault(made, FAULT_COMMITMENT, ENTRIES);
	assert_int_equal(made->summary.cards_erased, 2);
}

static void finds_an_altered_cashier(void **state)
{
	struct ledger_made *made = *state;

	strcpy(made->cashier.name, "Kit");
	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_COMMITMENT, FIRST_ENROL - 1);
	assert_fault_count(made, 1);
}

static void passes_over_a_cashier_who_was_erased(void **state)
{
	audit_tampered(*state, "DELETE FROM private WHERE kind = 3");
	assert_fault_count(*state, 0);
}

/* A page of entries overwritten: the database says so, and what stands before
 * it is still audited. */
static void reports_a_damaged_database(void **state)
{
	struct ledger_made *made = *state;
	char noise[4096];
	FILE *file;
	long size;

	store_all(made);
	memset(noise, 0xa5, sizeof(noise));
	file = fopen(made->path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file) / 4096;
	assert_true(size > 30);
	assert_int_equal(fseek(file, 4096 * (size / 2), SEEK_SET), 0);
	assert_int_equal(fwrite(noise, sizeof(noise), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	audit_kept(made);
	assert_true(made->summary.faults > 0);
	assert_int_equal(made->faults[0].kind, FAULT_STORE);
	assert_true(made->faults[0].sequence > 1);
	assert_true(made->summary.entries + 1 == made->faults[0].sequence);
	assert_false(made->summary.root_is_known);
}

static void reports_no_more_faults_than_its_limit(void **state)
{
	struct ledger_made *made = *state;
	size_t i;

	for (i = 0; i < ENTRIES; i++) {
		made->records[i].data[1] = 99;
		made->counters[i]++;
	}
	audit_memory(made);
	assert_true(made->summary.faults >= ENTRIES);
	assert_true(made->summary.faults <= AUDIT_FAULTS_MAX);
}

static void names_every_kind_of_fault(void **state)
{
	int kind;
	int other;

	(void)state;
	for (kind = FAULT_RECORD; kind <= FAULT_STORE; kind++) {
		assert_non_null(audit_fault_name(kind));
		assert_string_not_equal(audit_fault_name(kind), "unknown");
		for (other = FAULT_RECORD; other < kind; other++)
			assert_string_not_equal(
			    audit_fault_name(kind), audit_fault_name(other));
	}
	assert_string_equal(
	    audit_fault_name((enum audit_fault_kind)99), "unknown");
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LEDGER(holds_for_an_untouched_ledger_in_memory),
	    WITH_LEDGER(holds_for_an_untouched_store),
	    WITH_LEDGER(checks_hashes_alone_where_the_law_is_not_asked),
	    WITH_LEDGER(checks_tiles_and_cards_without_the_law),
	    WITH_LEDGER(reports_a_ledger_without_entries),
	    WITH_LEDGER(finds_any_changed_byte_of_a_record),
	    WITH_LEDGER(names_a_record_that_cannot_be_read),
	    WITH_LEDGER(names_a_record_cut_short_or_empty),
	    WITH_LEDGER(names_both_of_two_swapped_rows),
	    WITH_LEDGER(names_a_missing_entry_once),
	    WITH_LEDGER(names_the_first_of_many_missing_entries),
	    WITH_LEDGER(refuses_entries_that_come_again),
	    WITH_LEDGER(names_a_time_that_goes_back),
	    WITH_LEDGER(names_an_operation_that_is_there_twice),
	    WITH_LEDGER(names_columns_that_differ_from_the_record),
	    WITH_LEDGER(names_a_terminal_and_a_counter_that_cannot_be),
	    WITH_LEDGER(keeps_track_of_counters_in_any_order),
	    WITH_LEDGER(agrees_with_a_bit_map_about_names),
	    WITH_LEDGER(finds_points_that_the_rules_do_not_give),
	    WITH_LEDGER(stops_the_law_where_a_balance_cannot_be),
	    WITH_LEDGER(finds_a_return_of_a_sale_that_was_none),
	    WITH_LEDGER(tells_damage_from_its_own_failure),
	    WITH_LEDGER(takes_a_checkpoint_from_outside),
	    WITH_LEDGER(refuses_what_is_no_checkpoint_from_outside),
	    WITH_LEDGER(refuses_a_checkpoint_after_the_first_record),
	    WITH_LEDGER(needs_an_anchor_against_the_shop_itself),
	    WITH_LEDGER(finds_a_deleted_tail),
	    WITH_LEDGER(finds_any_changed_byte_of_a_checkpoint),
	    WITH_LEDGER(refuses_the_checkpoint_of_another_ledger_or_key),
	    WITH_LEDGER(counts_checkpoints_after_the_first_that_fails),
	    WITH_LEDGER(says_that_no_signature_can_be_verified_without_a_key),
	    WITH_LEDGER(finds_a_changed_record_in_a_store),
	    WITH_LEDGER(finds_a_removed_row_in_a_store),
	    WITH_LEDGER(finds_a_row_outside_of_the_ledger),
	    WITH_LEDGER(says_how_far_signatures_go),
	    WITH_LEDGER(finds_a_removed_tail_in_a_store),
	    WITH_LEDGER(finds_a_changed_name_in_a_store),
	    WITH_LEDGER(finds_a_changed_balance),
	    WITH_LEDGER(finds_a_change_of_any_object),
	    WITH_LEDGER(finds_an_object_that_is_missing),
	    WITH_LEDGER(finds_an_object_of_the_wrong_time),
	    WITH_LEDGER(finds_an_object_beyond_the_end),
	    WITH_LEDGER(finds_an_object_of_nothing),
	    WITH_LEDGER(finds_a_claim_of_completeness_beyond_the_end),
	    WITH_LEDGER(finds_an_altered_tile),
	    WITH_LEDGER(finds_a_missing_tile),
	    WITH_LEDGER(finds_a_tile_of_the_wrong_size),
	    WITH_LEDGER(finds_a_tile_too_many),
	    WITH_LEDGER(finds_an_altered_checkpoint_in_a_store),
	    WITH_LEDGER(finds_a_forged_checkpoint_in_a_store),
	    WITH_LEDGER(finds_an_altered_card),
	    WITH_LEDGER(finds_a_card_row_that_is_none),
	    WITH_LEDGER(finds_the_card_of_a_stranger),
	    WITH_LEDGER(finds_an_altered_cashier),
	    WITH_LEDGER(passes_over_a_cashier_who_was_erased),
	    WITH_LEDGER(reports_a_damaged_database),
	    WITH_LEDGER(reports_no_more_faults_than_its_limit),
	    cmocka_unit_test(names_every_kind_of_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
