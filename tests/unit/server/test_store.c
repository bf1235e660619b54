/*
 * Tests of store_sqlite: how it is opened, what an append promises, and what a
 * scan sees.
 */
#include "tests/unit/server/store_world.h"

#include <sys/stat.h>

/* --- opening -------------------------------------------------------------- */

static enum result try_open(struct fixture *fixture, enum store_mode mode)
{
	struct store *store = NULL;
	enum result result = store_sqlite_open(
	    fixture->world.path, mode, &store, &fixture->world.err);

	store_close(store);
	return result;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void is_created_once(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;

	append_entries(fixture, 1);
	assert_int_equal(try_open(fixture, STORE_CREATE), RESULT_EXISTS);
	assert_record(fixture, 1);
	assert_int_equal(stat(fixture->world.path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void is_not_made_by_opening(void **state)
{
	struct fixture *fixture = *state;

	snprintf(fixture->world.path, sizeof(fixture->world.path), "%s/other",
	    fixture->world.folder);
	assert_int_equal(try_open(fixture, STORE_WRITE), RESULT_NOT_FOUND);
	assert_int_equal(try_open(fixture, STORE_READ), RESULT_NOT_FOUND);
	assert_int_equal(access(fixture->world.path, F_OK), -1);
	snprintf(fixture->world.path, sizeof(fixture->world.path),
	    "%s/no/folder", fixture->world.folder);
	assert_int_equal(try_open(fixture, STORE_CREATE), RESULT_NOT_FOUND);
	snprintf(fixture->world.path, sizeof(fixture->world.path),
	    "%s/ledger.db", fixture->world.folder);
}

static void refuses_a_file_that_is_no_ledger(void **state)
{
	static const char *const texts[] = {"", "hello",
	    "SQLite format 3, or so it says, for more than a hundred bytes: "
	    "0123456789012345678901234567890123456789012345678901234567890"};
	struct fixture *fixture = *state;

	store_close(fixture->store);
	fixture->store = NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_file(fixture->world.path, texts[i]);
		assert_int_equal(
		    try_open(fixture, STORE_WRITE), RESULT_CORRUPT);
		assert_int_equal(try_open(fixture, STORE_READ), RESULT_CORRUPT);
	}
	unlink(fixture->world.path);
	assert_int_equal(
	    world_sql(&fixture->world, true, "CREATE TABLE a(b)"), SQLITE_OK);
	assert_int_equal(try_open(fixture, STORE_WRITE), RESULT_CORRUPT);
}

static void refuses_a_later_schema_and_leaves_it(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    world_sql(&fixture->world, true, "PRAGMA user_version = 2"),
	    SQLITE_OK);
	assert_int_equal(try_open(fixture, STORE_WRITE), RESULT_VERSION);
	assert_non_null(strstr(fixture->world.err.text, "schema 2"));
	assert_int_equal(try_open(fixture, STORE_READ), RESULT_VERSION);
}

static void opens_a_path_that_looks_like_a_uri(void **state)
{
	struct fixture *fixture = *state;
	char from[96], to[96];

	append_entries(fixture, 2);
	store_close(fixture->store);
	fixture->store = NULL;
	memcpy(from, fixture->world.path, sizeof(from));
	snprintf(fixture->world.path, sizeof(fixture->world.path),
	    "%s/%%41?mode=x#y", fixture->world.folder);
	memcpy(to, fixture->world.path, sizeof(to));
	assert_int_equal(rename(from, to), 0);
	world_open_store(&fixture->world, STORE_READ);
	fixture->store = fixture->world.store;
	assert_int_equal(head_of(fixture), 2);
	reopen_store(fixture, STORE_WRITE);
	assert_record(fixture, 2);
}

static void closes_nothing(void **state)
{
	(void)state;
	store_close(NULL);
}

/* --- taking and appending ------------------------------------------------- */

static void gives_each_taker_a_later_epoch(void **state)
{
	struct fixture *fixture = *state;
	struct store_head head;
	uint64_t epoch = fixture->head.epoch;

	assert_true(epoch > 0);
	for (int i = 0; i < 3; i++) {
		must(&fixture->world, fixture->store->ops->take(fixture->store,
					  "again", &head, &fixture->world.err));
		assert_int_equal(head.epoch, ++epoch);
		assert_int_equal(head.sequence, 0);
		assert_int_equal(head.objects_complete_to, 0);
		reopen_store(fixture, STORE_WRITE);
	}
}

static void keeps_what_was_appended(void **state)
{
	struct fixture *fixture = *state;

	append_entries(fixture, 5);
	for (uint64_t i = 1; i <= 5; i++)
		assert_record(fixture, i);
	reopen_store(fixture, STORE_WRITE);
	assert_int_equal(head_of(fixture), 5);
	for (uint64_t i = 1; i <= 5; i++)
		assert_record(fixture, i);
}

static void finds_nothing_where_nothing_is(void **state)
{
	static const uint64_t numbers[] = {0, 4, INT64_MAX, UINT64_MAX};
	struct fixture *fixture = *state;
	const struct store_ops *ops = fixture->store->ops;
	struct buffer *record = &fixture->world.record;

	append_entries(fixture, 3);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(ops->read(fixture->store, numbers[i], record,
				     &fixture->world.err),
		    RESULT_NOT_FOUND);
		assert_int_equal(ops->lookup(fixture->store, 2, numbers[i],
				     record, &fixture->world.err),
		    RESULT_NOT_FOUND);
	}
	assert_int_equal(record->size, 0);
}

static void takes_the_largest_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct store_append one = append_of(fixture);
	struct store_entry entry = entry_of(1);
	struct store_object object = {.key = ACCOUNT_MEMBER_MAX,
	    .true_at = SEQUENCE_MAX,
	    .object = bytes_of_string("x")};

	entry.terminal = UINT32_MAX;
	entry.counter = COUNTER_MAX;
	one.entries = &entry;
	one.entry_count = 1;
	one.objects = &object;
	one.object_count = 1;
	assert_int_equal(append(fixture, &one), APPEND_DURABLE);
	must(&fixture->world,
	    fixture->store->ops->lookup(fixture->store, UINT32_MAX, COUNTER_MAX,
		&fixture->world.record, &fixture->world.err));
}

static void fences_the_one_before(void **state)
{
	struct fixture *fixture = *state;
	struct store *second = NULL;
	struct store_head head;
	struct store_append one;
	struct store_entry entry = entry_of(2);

	append_entries(fixture, 1);
	must(&fixture->world, store_sqlite_open(fixture->world.path,
				  STORE_WRITE, &second, &fixture->world.err));
	must(&fixture->world,
	    second->ops->take(second, "second", &head, &fixture->world.err));
	assert_int_equal(head.sequence, 1);
	one = append_of(fixture);
	one.entries = &entry;
	one.entry_count = 1;
	assert_int_equal(append(fixture, &one), APPEND_FENCED);
	assert_non_null(strstr(fixture->world.err.text, "epoch 2"));
	assert_int_equal(head_of(fixture), 1);
	one.epoch = head.epoch;
	assert_int_equal(second->ops->append(second, &one, &fixture->world.err),
	    APPEND_DURABLE);
	store_close(second);
}

static void fences_a_head_that_is_not_expected(void **state)
{
	struct fixture *fixture = *state;
	struct store_entry entry = entry_of(3);
	struct store_append one;

	append_entries(fixture, 1);
	one = append_of(fixture);
	one.expected_head = 2;
	one.entries = &entry;
	one.entry_count = 1;
	assert_int_equal(append(fixture, &one), APPEND_FENCED);
	assert_int_equal(head_of(fixture), 1);
	append_entries(fixture, 1);
}

static void refuses_entries_out_of_order(void **state)
{
	static const uint64_t sequences[][2] = {{3, 4}, {2, 2}, {2, 4}, {1, 2}};
	struct fixture *fixture = *state;

	append_entries(fixture, 1);
	for (size_t i = 0; i < 4; i++) {
		struct store_append two = append_of(fixture);
		struct store_entry entries[2] = {entry_of(2), entry_of(3)};

		entries[0].sequence = sequences[i][0];
		entries[1].sequence = sequences[i][1];
		two.entries = entries;
		two.entry_count = 2;
		assert_int_equal(append(fixture, &two), APPEND_REFUSED);
		assert_int_equal(head_of(fixture), 1);
	}
	append_entries(fixture, 1);
}

static enum result fail_visit_private(
    void *context, const struct store_private *row, struct error *err)
{
	(void)context;
	(void)row;
	return error_set(err, RESULT_EXISTS, "there is a row");
}

static void refuses_a_name_twice_and_all_that_came_with_it(void **state)
{
	struct fixture *fixture = *state;
	struct store_append two = append_of(fixture);
	struct store_entry entries[2] = {entry_of(1), entry_of(2)};
	struct store_private row = {
	    .kind = PRIVATE_CARD, .id = 7, .body = bytes_of_string("row")};
	struct store_append later;

	entries[1].terminal = entries[0].terminal;
	entries[1].counter = entries[0].counter;
	two.entries = entries;
	two.entry_count = 2;
	two.privates = &row;
	two.private_count = 1;
	assert_int_equal(append(fixture, &two), APPEND_REFUSED);
	assert_int_equal(head_of(fixture), 0);
	must(&fixture->world,
	    fixture->store->ops->privates(fixture->store, PRIVATE_CARD,
		fail_visit_private, NULL, &fixture->world.err));
	append_entries(fixture, 1);
	later = append_of(fixture);
	entries[1].sequence = 2;
	later.entries = &entries[1];
	later.entry_count = 1;
	assert_int_equal(append(fixture, &later), APPEND_REFUSED);
	append_entries(fixture, 1);
}

static void the_same_counter_of_another_terminal_is_another_name(void **state)
{
	struct fixture *fixture = *state;
	struct store_append two = append_of(fixture);
	struct store_entry entries[2] = {entry_of(1), entry_of(2)};

	entries[1].counter = entries[0].counter;
	assert_int_not_equal(entries[0].terminal, entries[1].terminal);
	two.entries = entries;
	two.entry_count = 2;
	assert_int_equal(append(fixture, &two), APPEND_DURABLE);
}

/* --- scanning ------------------------------------------------------------- */

struct scan {
	struct fixture *fixture;
	uint64_t first;
	uint64_t last;
	uint64_t count;
	uint64_t stop_at;
	bool appends;
};

static enum result scan_record(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct scan *scan = context;
	struct store_entry entry = entry_of(sequence);

	assert_int_equal(terminal, entry.terminal);
	assert_int_equal(counter, entry.counter);
	assert_true(bytes_equal(record, entry.record));
	if (scan->count++ == 0)
		scan->first = sequence;
	scan->last = sequence;
	if (sequence == scan->stop_at)
		return error_set(err, RESULT_LIMIT, "enough");
	if (scan->appends)
		append_entries(scan->fixture, 1);
	return RESULT_OK;
}

static void scans_from_where_it_is_told(void **state)
{
	static const uint64_t from[] = {0, 1, 7, 20, 21, UINT64_MAX};
	static const uint64_t counts[] = {20, 20, 14, 1, 0, 0};
	struct fixture *fixture = *state;

	append_entries(fixture, 20);
	for (size_t i = 0; i < 6; i++) {
		struct scan scan = {.fixture = fixture};

		must(&fixture->world,
		    fixture->store->ops->scan(fixture->store, from[i],
			scan_record, &scan, &fixture->world.err));
		assert_int_equal(scan.count, counts[i]);
		assert_int_equal(scan.last, counts[i] ? 20 : 0);
	}
}

static void stops_a_scan_when_the_visitor_does(void **state)
{
	struct fixture *fixture = *state;
	struct scan scan = {.fixture = fixture, .stop_at = 4};

	append_entries(fixture, 8);
	assert_int_equal(fixture->store->ops->scan(fixture->store, 2,
			     scan_record, &scan, &fixture->world.err),
	    RESULT_LIMIT);
	assert_string_equal(fixture->world.err.text, "enough");
	assert_int_equal(scan.last, 4);
	append_entries(fixture, 1);
}

static void scans_one_moment_while_the_ledger_grows(void **state)
{
	struct fixture *fixture = *state;
	struct scan scan = {.fixture = fixture, .appends = true};
	struct store *reader = NULL;

	append_entries(fixture, 10);
	must(&fixture->world, store_sqlite_open(fixture->world.path, STORE_READ,
				  &reader, &fixture->world.err));
	must(&fixture->world, reader->ops->scan(reader, 1, scan_record, &scan,
				  &fixture->world.err));
	assert_int_equal(scan.last, 10);
	assert_int_equal(head_of(fixture), 20);
	store_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(is_created_once),
	    STORE_TEST(is_not_made_by_opening),
	    STORE_TEST(refuses_a_file_that_is_no_ledger),
	    STORE_TEST(refuses_a_later_schema_and_leaves_it),
	    STORE_TEST(opens_a_path_that_looks_like_a_uri),
	    cmocka_unit_test(closes_nothing),
	    STORE_TEST(gives_each_taker_a_later_epoch),
	    STORE_TEST(keeps_what_was_appended),
	    STORE_TEST(finds_nothing_where_nothing_is),
	    STORE_TEST(takes_the_largest_numbers),
	    STORE_TEST(fences_the_one_before),
	    STORE_TEST(fences_a_head_that_is_not_expected),
	    STORE_TEST(refuses_entries_out_of_order),
	    STORE_TEST(refuses_a_name_twice_and_all_that_came_with_it),
	    STORE_TEST(the_same_counter_of_another_terminal_is_another_name),
	    STORE_TEST(scans_from_where_it_is_told),
	    STORE_TEST(stops_a_scan_when_the_visitor_does),
	    STORE_TEST(scans_one_moment_while_the_ledger_grows),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
