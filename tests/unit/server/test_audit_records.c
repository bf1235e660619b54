/*
 * Tests of audit: a whole ledger holds; and records, names and decisions that
 * were tampered with.
 */
#include "tests/unit/server/audit_world.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
