/*
 * Tests of audit: a whole programme. Draws, operations that had come after all,
 * further cards, details and birthdays.
 */
#include <sqlite3.h>

#include "tests/unit/server/audit_whole.h"

/* The first or last entry of a kind that `is_wanted` likes (NULL: any). */
typedef bool wanted_fn(const struct entry *entry);

static uint64_t find(
    struct ledger_made *made, enum entry_kind kind, wanted_fn *is_wanted)
{
	size_t i;

	for (i = 1; i <= made->count; i++) {
		struct entry entry = decoded(made, i);

		if (entry.kind == kind &&
		    (is_wanted == NULL || is_wanted(&entry)))
			return i;
	}
	fail_msg("there is no %s", entry_kind_name(kind));
	return 0;
}

static uint64_t find_last(
    struct ledger_made *made, enum entry_kind kind, wanted_fn *is_wanted)
{
	size_t i;

	for (i = made->count; i > 0; i--) {
		struct entry entry = decoded(made, i);

		if (entry.kind == kind &&
		    (is_wanted == NULL || is_wanted(&entry)))
			return i;
	}
	fail_msg("there is no %s", entry_kind_name(kind));
	return 0;
}

static struct hash root_at(struct ledger_made *made, uint64_t size)
{
	struct tree *tree;
	struct hash root;
	size_t i;

	must(made, tree_create(&tree, &made->err));
	for (i = 0; i < size; i++) {
		struct hash leaf =
		    hash_leaf(made->hasher, buffer_view(&made->records[i]));

		must(made, tree_append(tree, made->hasher, &leaf, NULL, NULL,
			       &made->err));
	}
	root = tree_root(tree, made->hasher);
	tree_destroy(tree);
	return root;
}

/* --- it holds ----------------------------------------------------------------
 */

static void holds_under_a_whole_programme(void **state)
{
	struct ledger_made *made = *state;
	unsigned kinds[ENTRY_KIND_MAX + 1] = {0};
	size_t i;

	for (i = 1; i <= made->count; i++)
		kinds[decoded(made, i).kind]++;
	/* What cannot come up on one day, and a bonus. */
	for (i = 1; i <= ENTRY_KIND_MAX; i++)
		if (kinds[i] == 0 && i != ENTRY_EXPIRE && i != ENTRY_TIER &&
		    i != ENTRY_STAFF && i != ENTRY_BONUS)
			fail_msg("no %s", entry_kind_name((enum entry_kind)i));
	audit_memory(made);
	assert_fault_count(made, 0);
	assert_true(made->summary.draws > 400);
	store_all(made);
	audit_kept(made);
	assert_fault_count(made, 0);
	assert_true(made->summary.draws > 400);
	assert_int_equal(made->summary.cards, MEMBERS - 1 + 1);
	assert_int_equal(made->summary.cards_erased, 1);
	assert_int_equal(made->summary.details, 4);
	assert_true(made->summary.totals_are_known);
}

/* Each entry that names another is judged by that one: with a neighbour in its
 * place it is not lawful. */
static void judges_by_the_entry_that_is_named(void **state)
{
	struct ledger_made *made = *state;
	unsigned kinds = 0;
	size_t i;

	for (i = 1; i <= 80; i++) {
		struct entry entry = decoded(made, i);
		struct entry changed = entry;

		if (entry.related_sequence == 0)
			continue;
		changed.related_sequence--;
		forge(made, &changed);
		audit_memory(made);
		if (count_faults(made, FAULT_LAW, i) == 0)
			fail_msg("entry %zu holds with another", i);
		forge(made, &entry);
		kinds |= 1u << entry.kind;
	}
	assert_int_equal(kinds, 1u << ENTRY_EARN | 1u << ENTRY_REDEEM |
				    1u << ENTRY_RETURN | 1u << ENTRY_VOID |
				    1u << ENTRY_LEAVE);
	audit_memory(made);
	assert_fault_count(made, 0);
}

/* --- draws
 * --------------------------------------------------------------------- */

static bool has_draw(const struct entry *entry)
{
	return (entry->has & ENTRY_HAS(TAG_DRAW)) != 0;
}

static bool draws_from_100(const struct entry *entry)
{
	return has_draw(entry) && entry->draw_size == 100;
}

static void finds_a_draw_from_another_root(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find(made, ENTRY_EARN, has_draw);
	struct entry entry = decoded(made, sequence);

	entry.draw_root.bytes[7] ^= 1;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_DRAW, sequence);
	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_DRAW, sequence);
	assert_true(made->summary.draws > 400);
}

/* Audit with the entry's draw said to be from the root at `size`. */
static void audit_draw_from(
    struct ledger_made *made, struct entry *entry, uint64_t size)
{
	entry->draw_size = size;
	entry->draw_root = root_at(made, size);
	forge(made, entry);
	audit_memory(made);
}

/* Every draw after an altered entry is from a root that is no more. */
static void counts_the_draws_that_an_altered_entry_spoils(void **state)
{
	struct ledger_made *made = *state;
	struct entry entry = decoded(made, 60);

	entry.random[0] ^= 1;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_DRAW, find(made, ENTRY_EARN, draws_from_100));
	assert_fault(made, FAULT_DRAW, ENTRIES);
	store_all(made);
	audit_kept(made);
	assert_int_equal(count_faults(made, FAULT_DRAW, ENTRIES), 0);
}

/* The last entry, so that no later draw is newer. From outside nobody can tell
 * that there was no such checkpoint, but its root is right. */
static void finds_a_draw_from_a_size_without_a_checkpoint(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find_last(made, ENTRY_EARN, has_draw);
	struct entry entry = decoded(made, sequence);

	audit_draw_from(made, &entry, 555);
	assert_int_equal(count_faults(made, FAULT_DRAW, sequence), 0);
	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_DRAW, sequence);
	entry.draw_root.bytes[7] ^= 1;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_DRAW, sequence);
}

/* A root of long ago is known from tiles of both levels. */
static void knows_any_earlier_root(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find(made, ENTRY_EARN, has_draw);
	uint64_t size;

	for (size = 1; size < sequence; size++) {
		struct entry entry = decoded(made, sequence);

		audit_draw_from(made, &entry, size);
		assert_int_equal(count_faults(made, FAULT_DRAW, sequence), 0);
	}
}

static void finds_a_draw_that_goes_back(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find_last(made, ENTRY_EARN, has_draw);
	struct entry entry = decoded(made, sequence);

	assert_int_equal(entry.draw_size, 512);
	audit_draw_from(made, &entry, 100);
	assert_fault(made, FAULT_DRAW, sequence);
	assert_non_null(strstr(made->faults[0].text, "from a newer one"));
}

static bool draws_from_512(const struct entry *entry)
{
	return has_draw(entry) && entry->draw_size == 512;
}

/* The first that could have been drawn from the newest may have been drawn from
 * the one before, but not from the one before that. */
static void finds_a_draw_from_an_old_checkpoint(void **state)
{
	static const struct {
		uint64_t size;
		size_t faults;
	} draws[] = {{100, 0}, {1, 1}};
	struct ledger_made *made = *state;
	uint64_t first = find(made, ENTRY_EARN, draws_from_512);
	size_t i;

	for (i = 0; i < 2; i++) {
		struct entry entry = decoded(made, first);
		uint64_t sequence;

		/* None before it is from a newer one. */
		for (sequence = 1; draws[i].size == 1 && sequence < first;
		     sequence++) {
			struct entry before = decoded(made, sequence);

			if (!has_draw(&before) || before.draw_size == 1)
				continue;
			before.draw_size = 1;
			before.draw_root = root_at(made, 1);
			forge(made, &before);
		}
		entry = decoded(made, first);
		entry.draw_size = draws[i].size;
		entry.draw_root = root_at(made, draws[i].size);
		forge(made, &entry);
		unlink(made->path);
		store_all(made);
		audit_kept(made);
		assert_int_equal(
		    count_faults(made, FAULT_DRAW, first), draws[i].faults);
	}
}

static void leave_draw_out(struct ledger_made *made, struct entry *entry)
{
	entry->has &= ~ENTRY_HAS(TAG_DRAW);
	entry->draw_size = 0;
	memset(&entry->draw_root, 0, sizeof(entry->draw_root));
	forge(made, entry);
}

/* Whoever leaves a draw out chooses that nobody wins. Before the first
 * checkpoint there is nothing to draw from. */
static void finds_a_draw_that_is_left_out(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find_last(made, ENTRY_EARN, has_draw);
	struct entry entry = decoded(made, sequence);

	leave_draw_out(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_DRAW, sequence);
	for (sequence = 1; sequence <= made->count; sequence++) {
		entry = decoded(made, sequence);
		if (has_draw(&entry))
			leave_draw_out(made, &entry);
	}
	audit_memory(made);
	for (sequence = 1; sequence <= made->count; sequence++)
		assert_int_equal(count_faults(made, FAULT_DRAW, sequence), 0);
	store_all(made);
	audit_kept(made);
	sequence = find_last(made, ENTRY_EARN, NULL);
	assert_fault(made, FAULT_DRAW, sequence);
	assert_int_equal(
	    count_faults(made, FAULT_DRAW, find(made, ENTRY_EARN, NULL)), 0);
}

/* --- what had come -----------------------------------------------------------
 */

static bool is_tombstone(const struct entry *entry)
{
	return entry->related_sequence == 0;
}

static void finds_an_operation_that_had_come_after_all(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find(made, ENTRY_VOID, is_tombstone);
	struct entry entry = decoded(made, sequence);

	audit_memory(made);
	assert_fault_count(made, 0);
	/* The till's own sale before it. */
	entry.voided_counter -= 1;
	forge(made, &entry);
	audit_memory(made);
	assert_fault(made, FAULT_NAME, sequence);
	assert_non_null(strstr(made->faults[0].text, "had come before this"));
}

/* --- private details
 * ------------------------------------------------------------ */

static void tamper(struct ledger_made *made, const char *sql)
{
	sqlite3 *db = NULL;

	unlink(made->path);
	store_all(made);
	assert_int_equal(sqlite3_open(made->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	audit_kept(made);
}

/* The row of this kind and id is changed as `set` says; NULL: it goes. */
static void tamper_row(struct ledger_made *made, enum private_kind kind,
    uint64_t id, const char *set)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "%s%s WHERE kind = %d AND id = %llu",
	    set == NULL ? "DELETE FROM private" : "UPDATE private SET ",
	    set == NULL ? "" : set, (int)kind, (unsigned long long)id);
	tamper(made, sql);
}

static void finds_an_altered_further_card(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find(made, ENTRY_CARD, NULL);

	tamper_row(made, PRIVATE_MORE_CARD, 77,
	    "body = CAST(substr(body, 1, 46) || x'39' || substr(body, 48)"
	    " AS BLOB)");
	assert_fault(made, FAULT_COMMITMENT, sequence);
	assert_fault_count(made, 1);
	tamper_row(made, PRIVATE_MORE_CARD, 77, "body = x'07'");
	assert_fault(made, FAULT_COMMITMENT, sequence);
	assert_non_null(strstr(made->faults[0].text, "cannot be read"));
	tamper_row(made, PRIVATE_MORE_CARD, 77, "id = 78");
	assert_fault(made, FAULT_COMMITMENT, ENTRIES);
	assert_non_null(strstr(made->faults[0].text, "which no entry adds"));
	assert_int_equal(made->summary.cards_erased, 2);
	tamper_row(made, PRIVATE_MORE_CARD, 77, NULL);
	assert_fault_count(made, 0);
	assert_int_equal(made->summary.cards_erased, 2);
}

static void finds_altered_details_of_a_member(void **state)
{
	struct ledger_made *made = *state;
	/* Said twice: the last one counts. */
	uint64_t sequence = find(made, ENTRY_MEMBER, NULL) + 3;

	assert_true(decoded(made, sequence).to_account == account_of(2));
	tamper_row(made, PRIVATE_MEMBER, account_of(2),
	    "body = CAST(substr(body, 1, 34) || x'41' || substr(body, 36)"
	    " AS BLOB)");
	assert_fault(made, FAULT_COMMITMENT, sequence);
	assert_fault_count(made, 1);
	assert_int_equal(made->summary.details, 3);
	tamper_row(made, PRIVATE_MEMBER, account_of(2), NULL);
	assert_fault_count(made, 0);
	assert_int_equal(made->summary.details, 3);
	tamper_row(made, PRIVATE_MEMBER, account_of(2), "body = x'07'");
	assert_fault(made, FAULT_COMMITMENT, sequence);
	tamper_row(made, PRIVATE_MEMBER, account_of(2), "id = id + 1");
	assert_fault(made, FAULT_COMMITMENT, ENTRIES);
}

/* --- birthdays --------------------------------------------------------------
 */

static int make_lie_of_near(void **state)
{
	*state = make_with(WHOLE, trade_whole, account_of(0));
	return 0;
}

static int make_lie_of_far(void **state)
{
	*state = make_with(WHOLE, trade_whole, account_of(1));
	return 0;
}

static int make_lie_of_nobody(void **state)
{
	*state = make_with(WHOLE, trade_whole, account_of(8));
	return 0;
}

static bool is_of_0(const struct entry *entry)
{
	return entry->to_account == account_of(0);
}

static bool is_of_1(const struct entry *entry)
{
	return entry->to_account == account_of(1);
}

static bool is_of_8(const struct entry *entry)
{
	return entry->to_account == account_of(8);
}

static void finds_a_birthday_that_was_passed_over(void **state)
{
	struct ledger_made *made = *state;
	uint64_t sequence = find(made, ENTRY_EARN, is_of_0);

	audit_memory(made);
	assert_fault_count(made, 0);
	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_COMMITMENT, sequence);
	assert_non_null(strstr(made->faults[0].text, "does not say so"));
	/* Who was erased has no birthday any more. */
	tamper_row(made, PRIVATE_MEMBER, account_of(0), NULL);
	assert_fault_count(made, 0);
}

static void finds_a_birthday_that_was_none(void **state)
{
	struct ledger_made *made = *state;

	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_COMMITMENT, find(made, ENTRY_EARN, is_of_1));
	assert_non_null(strstr(made->faults[0].text, "as it says"));
}

/* Nobody knows a birthday of who never said one. */
static void finds_a_birthday_of_who_never_said_one(void **state)
{
	struct ledger_made *made = *state;

	store_all(made);
	audit_kept(made);
	assert_fault(made, FAULT_COMMITMENT, find(made, ENTRY_EARN, is_of_8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_WHOLE(holds_under_a_whole_programme),
	    WITH_WHOLE(judges_by_the_entry_that_is_named),
	    WITH_WHOLE(finds_a_draw_from_another_root),
	    WITH_WHOLE(counts_the_draws_that_an_altered_entry_spoils),
	    WITH_WHOLE(finds_a_draw_from_a_size_without_a_checkpoint),
	    WITH_WHOLE(knows_any_earlier_root),
	    WITH_WHOLE(finds_a_draw_that_goes_back),
	    WITH_WHOLE(finds_a_draw_from_an_old_checkpoint),
	    WITH_WHOLE(finds_a_draw_that_is_left_out),
	    WITH_WHOLE(finds_an_operation_that_had_come_after_all),
	    WITH_WHOLE(finds_an_altered_further_card),
	    WITH_WHOLE(finds_altered_details_of_a_member),
	    cmocka_unit_test_setup_teardown(
		finds_a_birthday_that_was_passed_over, make_lie_of_near,
		unmake),
	    cmocka_unit_test_setup_teardown(
		finds_a_birthday_that_was_none, make_lie_of_far, unmake),
	    cmocka_unit_test_setup_teardown(
		finds_a_birthday_of_who_never_said_one, make_lie_of_nobody,
		unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
