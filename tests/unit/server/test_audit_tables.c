/*
 * Tests of audit: the tables of a store, tampered with one by one.
 */
#include "tests/unit/server/audit_world.h"

#include <sqlite3.h>

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

static void audit_tampered(struct ledger_made *made, const char *sql)
{
	store_all(made);
	tamper(made, sql);
	audit_kept(made);
}

/* Likewise, by a statement that ends in this member's account. */
static void audit_tampered_of(
    struct ledger_made *made, const char *sql, size_t member)
{
	char whole[160];

	(void)snprintf(whole, sizeof(whole), "%s%llu", sql,
	    (unsigned long long)account_of(member));
	audit_tampered(made, whole);
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

	audit_tampered_of(made,
	    "UPDATE object SET body = CAST(x'02000000000000ffff' ||"
	    " substr(body, 10) AS BLOB) WHERE key = ",
	    0);
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

	audit_tampered_of(made, "DELETE FROM object WHERE key = ", 1);
	assert_fault_count(made, 1);
	assert_int_equal(made->faults[0].kind, FAULT_OBJECT);
	assert_non_null(strstr(made->faults[0].text, "is not kept"));
}

static void finds_an_object_of_the_wrong_time(void **state)
{
	audit_tampered(*state, "UPDATE object SET true_at = 20 WHERE key = 1");
	assert_fault(*state, FAULT_OBJECT, 20);
}

/* With the body that it has then. */
static void finds_an_object_that_nothing_changed_then(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered_of(
	    made, "UPDATE object SET true_at = true_at + 1 WHERE key = ", 0);
	assert_fault_count(made, 1);
	assert_int_equal(made->faults[0].kind, FAULT_OBJECT);
	assert_non_null(
	    strstr(made->faults[0].text, "where nothing changed it"));
}

static void finds_an_object_beyond_the_end(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(
	    made, "INSERT INTO object VALUES(8589934601, 5000, x'02')");
	assert_fault(made, FAULT_OBJECT, 5000);
	assert_fault_count(made, 1);
	assert_non_null(strstr(made->faults[0].text, "cashier 9"));
}

/* It says nothing of balances: whoever opens the ledger replays it. */
static void passes_over_objects_of_an_old_format(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered(
	    made, "UPDATE object SET body = x'01' WHERE key % 2 = 1");
	assert_fault_count(made, 0);
	assert_true(made->summary.objects > 0);
	assert_true(made->summary.objects < made->object_count);
}

static void finds_an_object_of_nothing(void **state)
{
	audit_tampered(*state, "INSERT INTO object VALUES(99, 7, x'02')");
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

	audit_tampered_of(made,
	    "UPDATE private SET body = CAST(substr(body, 1, 46) || x'39' AS"
	    " BLOB) WHERE id = ",
	    4);
	assert_fault(made, FAULT_COMMITMENT, FIRST_ENROL + 4);
	assert_fault_count(made, 1);
	assert_int_equal(made->summary.cards, MEMBERS - 2);
}

static void finds_a_card_row_that_is_none(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered_of(
	    made, "UPDATE private SET body = x'07' WHERE id = ", 0);
	assert_fault(made, FAULT_COMMITMENT, FIRST_ENROL);
	assert_non_null(strstr(made->faults[0].text, "cannot be read"));
}

static void finds_the_card_of_a_stranger(void **state)
{
	struct ledger_made *made = *state;

	audit_tampered_of(
	    made, "UPDATE private SET id = id + 1 WHERE id = ", 0);
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
	for (kind = FAULT_RECORD; kind <= FAULT_DRAW; kind++) {
		assert_non_null(audit_fault_name(kind));
		assert_string_not_equal(audit_fault_name(kind), "unknown");
		for (other = FAULT_RECORD; other < kind; other++)
			assert_string_not_equal(
			    audit_fault_name(kind), audit_fault_name(other));
	}
	assert_string_equal(
	    audit_fault_name((enum audit_fault_kind)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	    WITH_LEDGER(finds_an_object_that_nothing_changed_then),
	    WITH_LEDGER(finds_an_object_beyond_the_end),
	    WITH_LEDGER(passes_over_objects_of_an_old_format),
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
