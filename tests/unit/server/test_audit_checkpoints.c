/*
 * Tests of audit: checkpoints that were tampered with, and what an anchor from
 * outside finds that the ledger itself does not show.
 */
#include "tests/unit/server/audit_world.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LEDGER(takes_a_checkpoint_from_outside),
	    WITH_LEDGER(refuses_what_is_no_checkpoint_from_outside),
	    WITH_LEDGER(refuses_a_checkpoint_after_the_first_record),
	    WITH_LEDGER(needs_an_anchor_against_the_shop_itself),
	    WITH_LEDGER(finds_a_deleted_tail),
	    WITH_LEDGER(finds_any_changed_byte_of_a_checkpoint),
	    WITH_LEDGER(refuses_the_checkpoint_of_another_ledger_or_key),
	    WITH_LEDGER(counts_checkpoints_after_the_first_that_fails),
	    WITH_LEDGER(says_that_no_signature_can_be_verified_without_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
