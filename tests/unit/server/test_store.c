/*
 * Tests of store_sqlite: what an append promises, who may do what to the file,
 * and how it is opened in good and in bad circumstances.
 */
#include "tests/unit/server/ledger_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- a store alone -------------------------------------------------------- */

struct fixture {
	struct world world;
	struct store *store;
	struct store_head head;
};

static int store_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct world *world = &fixture->world;

	world_init(world);
	world_folder(world);
	world_open_store(world, STORE_CREATE);
	fixture->store = world->store;
	must(world, fixture->store->ops->take(
			fixture->store, "test", &fixture->head, &world->err));
	*state = fixture;
	return 0;
}

static int store_teardown(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	buffer_finish(&fixture->world.record);
	world_remove_folder(&fixture->world);
	free(fixture);
	return 0;
}

static void reopen_store(struct fixture *fixture, enum store_mode mode)
{
	store_close(fixture->store);
	fixture->store = NULL;
	world_open_store(&fixture->world, mode);
	fixture->store = fixture->world.store;
}

static struct store_append append_of(struct fixture *fixture)
{
	return (struct store_append){.epoch = fixture->head.epoch,
	    .expected_head = fixture->head.sequence};
}

static enum append_outcome append(
    struct fixture *fixture, const struct store_append *append)
{
	enum append_outcome outcome;

	memset(&fixture->world.err, 0, sizeof(fixture->world.err));
	outcome = fixture->store->ops->append(
	    fixture->store, append, &fixture->world.err);
	if (outcome == APPEND_DURABLE)
		fixture->head.sequence += append->entry_count;
	return outcome;
}

/* Entry number `sequence`: its record says so in words. */
static struct store_entry entry_of(uint64_t sequence)
{
	static char texts[64][32];
	char *text = texts[sequence % 64];

	snprintf(text, 32, "record %llu", (unsigned long long)sequence);
	return (struct store_entry){.sequence = sequence,
	    .terminal = (uint32_t)(1 + sequence % 3),
	    .counter = sequence,
	    .record = bytes_of_string(text)};
}

static void append_entries(struct fixture *fixture, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct store_append one = append_of(fixture);
		struct store_entry entry = entry_of(one.expected_head + 1);

		one.entries = &entry;
		one.entry_count = 1;
		assert_int_equal(append(fixture, &one), APPEND_DURABLE);
	}
}

static void assert_record(struct fixture *fixture, uint64_t sequence)
{
	struct buffer *record = &fixture->world.record;
	struct store_entry entry = entry_of(sequence);

	record->size = 0;
	must(&fixture->world, fixture->store->ops->read(fixture->store,
				  sequence, record, &fixture->world.err));
	assert_true(bytes_equal(buffer_view(record), entry.record));
	record->size = 0;
	must(&fixture->world,
	    fixture->store->ops->lookup(fixture->store, entry.terminal,
		entry.counter, record, &fixture->world.err));
	assert_true(bytes_equal(buffer_view(record), entry.record));
}

static uint64_t head_of(struct fixture *fixture)
{
	struct store_head head;

	must(&fixture->world, fixture->store->ops->head(
				  fixture->store, &head, &fixture->world.err));
	return head.sequence;
}

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

/* --- other rows ----------------------------------------------------------- */

struct rows {
	size_t count;
	char text[256];
};

static enum result list_object(
    void *context, const struct store_object *object, struct error *err)
{
	struct rows *rows = context;
	size_t used = strlen(rows->text);

	(void)err;
	rows->count++;
	snprintf(rows->text + used, sizeof(rows->text) - used,
	    "%llu@%llu=%.*s ", (unsigned long long)object->key,
	    (unsigned long long)object->true_at, (int)object->object.size,
	    (const char *)object->object.data);
	return RESULT_OK;
}

static void keep_object(struct fixture *fixture, uint64_t key, uint64_t true_at,
    const char *text, uint64_t complete_to)
{
	struct store_append one = append_of(fixture);
	struct store_object object = {key, true_at, bytes_of_string(text)};

	one.objects = &object;
	one.object_count = 1;
	one.objects_complete_to = complete_to;
	assert_int_equal(append(fixture, &one), APPEND_DURABLE);
}

static void keeps_each_object_as_it_was_last(void **state)
{
	struct fixture *fixture = *state;
	struct rows rows = {0};
	struct store_head head;

	append_entries(fixture, 9);
	keep_object(fixture, 5, 3, "five", 0);
	keep_object(fixture, 2, 4, "two", 4);
	keep_object(fixture, 5, 6, "V", 0);
	keep_object(fixture, 9, 6, "", 0);
	must(&fixture->world, fixture->store->ops->objects(fixture->store,
				  list_object, &rows, &fixture->world.err));
	assert_string_equal(rows.text, "2@4=two 5@6=V 9@6= ");
	must(&fixture->world, fixture->store->ops->head(
				  fixture->store, &head, &fixture->world.err));
	assert_int_equal(head.objects_complete_to, 4);
}

static enum result list_private(
    void *context, const struct store_private *row, struct error *err)
{
	struct rows *rows = context;
	size_t used = strlen(rows->text);

	(void)err;
	rows->count++;
	snprintf(rows->text + used, sizeof(rows->text) - used, "%d:%llu=%.*s ",
	    (int)row->kind, (unsigned long long)row->id, (int)row->body.size,
	    (const char *)row->body.data);
	return RESULT_OK;
}

static void keep_private(struct fixture *fixture, enum private_kind kind,
    uint64_t id, const char *text)
{
	struct store_append one = append_of(fixture);
	struct store_private row = {kind, id, bytes_of_string(text)};

	one.privates = &row;
	one.private_count = 1;
	assert_int_equal(append(fixture, &one), APPEND_DURABLE);
}

static const char *list_privates(
    struct fixture *fixture, enum private_kind kind)
{
	static struct rows rows;

	memset(&rows, 0, sizeof(rows));
	must(
	    &fixture->world, fixture->store->ops->privates(fixture->store, kind,
				 list_private, &rows, &fixture->world.err));
	return rows.text;
}

static void replaces_and_erases_private_rows(void **state)
{
	struct fixture *fixture = *state;

	keep_private(fixture, PRIVATE_CARD, 7, "seven");
	keep_private(fixture, PRIVATE_CARD, 3, "three");
	keep_private(fixture, PRIVATE_CASHIER, 3, "Ann");
	keep_private(fixture, PRIVATE_CARD, 7, "7");
	assert_string_equal(
	    list_privates(fixture, PRIVATE_CARD), "1:3=three 1:7=7 ");
	assert_string_equal(
	    list_privates(fixture, PRIVATE_CASHIER), "3:3=Ann ");
	assert_string_equal(list_privates(fixture, PRIVATE_TERMINAL), "");
	keep_private(fixture, PRIVATE_CARD, 3, "");
	keep_private(fixture, PRIVATE_CARD, 4, "");
	assert_string_equal(list_privates(fixture, PRIVATE_CARD), "1:7=7 ");
}

static bool file_holds(const char *path, const char *text)
{
	static char bytes[1 << 20];
	int file = open(path, O_RDONLY);
	ssize_t size;

	assert_true(file >= 0);
	size = read(file, bytes, sizeof(bytes));
	close(file);
	assert_true(size > 0 && size < (ssize_t)sizeof(bytes));
	return memmem(bytes, (size_t)size, text, strlen(text)) != NULL;
}

static void leaves_nothing_of_an_erased_row_in_the_file(void **state)
{
	struct fixture *fixture = *state;

	keep_private(fixture, PRIVATE_CARD, 1, "2912345678906 of Ann");
	keep_private(fixture, PRIVATE_CARD, 2, "another one");
	reopen_store(fixture, STORE_WRITE);
	store_close(fixture->store);
	fixture->store = NULL;
	assert_true(file_holds(fixture->world.path, "2912345678906 of Ann"));
	world_open_store(&fixture->world, STORE_WRITE);
	fixture->store = fixture->world.store;
	keep_private(fixture, PRIVATE_CARD, 1, "");
	store_close(fixture->store);
	fixture->store = NULL;
	assert_false(file_holds(fixture->world.path, "2912345678906"));
	assert_true(file_holds(fixture->world.path, "another one"));
}

static void append_tile(struct fixture *fixture, uint8_t level, uint64_t number)
{
	struct store_append one = append_of(fixture);
	struct tile tile = {.level = level, .number = number};

	memset(tile.hashes, (int)(level * 16 + number), sizeof(tile.hashes));
	one.tiles = &tile;
	one.tile_count = 1;
	assert_int_equal(append(fixture, &one), APPEND_DURABLE);
}

static enum result list_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct rows *rows = context;
	size_t used = strlen(rows->text);

	(void)err;
	assert_int_equal(
	    tile->hashes[255].bytes[31], tile->level * 16 + tile->number);
	snprintf(rows->text + used, sizeof(rows->text) - used, "%u/%llu ",
	    tile->level, (unsigned long long)tile->number);
	return RESULT_OK;
}

static void keeps_tiles(void **state)
{
	struct fixture *fixture = *state;
	struct rows rows = {0};
	struct tile tile;

	append_tile(fixture, 0, 0);
	append_tile(fixture, 0, 1);
	append_tile(fixture, 1, 0);
	append_tile(fixture, 0, 2);
	must(&fixture->world, fixture->store->ops->tiles(fixture->store,
				  list_tile, &rows, &fixture->world.err));
	assert_string_equal(rows.text, "0/0 0/1 0/2 1/0 ");
	must(&fixture->world, fixture->store->ops->tile(fixture->store, 0, 2,
				  &tile, &fixture->world.err));
	assert_int_equal(tile.level, 0);
	assert_int_equal(tile.number, 2);
	assert_int_equal(tile.hashes[0].bytes[0], 2);
	assert_int_equal(fixture->store->ops->tile(
			     fixture->store, 0, 3, &tile, &fixture->world.err),
	    RESULT_NOT_FOUND);
}

static void names_a_tile_of_a_wrong_size(void **state)
{
	struct fixture *fixture = *state;
	struct rows rows = {0};
	struct tile tile;

	append_tile(fixture, 0, 0);
	assert_int_equal(
	    world_sql(&fixture->world, true, "UPDATE tile SET body = x'00'"),
	    SQLITE_OK);
	assert_int_equal(fixture->store->ops->tile(
			     fixture->store, 0, 0, &tile, &fixture->world.err),
	    RESULT_CORRUPT);
	assert_int_equal(fixture->store->ops->tiles(fixture->store, list_tile,
			     &rows, &fixture->world.err),
	    RESULT_CORRUPT);
}

static enum append_outcome append_note(
    struct fixture *fixture, uint64_t size, const char *text)
{
	struct store_append one = append_of(fixture);
	struct note note;

	note.size = strlen(text);
	memcpy(note.text, text, note.size + 1);
	one.checkpoint = &note;
	one.checkpoint_size = size;
	return append(fixture, &one);
}

static enum result list_note(
    void *context, uint64_t size, struct bytes note, struct error *err)
{
	struct rows *rows = context;
	size_t used = strlen(rows->text);

	(void)err;
	snprintf(rows->text + used, sizeof(rows->text) - used, "%llu=%.*s ",
	    (unsigned long long)size, (int)note.size, (const char *)note.data);
	return RESULT_OK;
}

static void keeps_checkpoints_and_knows_the_newest(void **state)
{
	struct fixture *fixture = *state;
	struct rows rows = {0};
	struct note note;
	uint64_t size;

	assert_int_equal(fixture->store->ops->checkpoint_last(
			     fixture->store, &note, &size, &fixture->world.err),
	    RESULT_NOT_FOUND);
	assert_int_equal(append_note(fixture, 3, "three"), APPEND_DURABLE);
	assert_int_equal(append_note(fixture, 10, "ten"), APPEND_DURABLE);
	assert_int_equal(append_note(fixture, 10, "zehn"), APPEND_REFUSED);
	must(&fixture->world, fixture->store->ops->checkpoints(fixture->store,
				  list_note, &rows, &fixture->world.err));
	assert_string_equal(rows.text, "3=three 10=ten ");
	must(&fixture->world,
	    fixture->store->ops->checkpoint_last(
		fixture->store, &note, &size, &fixture->world.err));
	assert_int_equal(size, 10);
	assert_string_equal(note.text, "ten");
	assert_int_equal(note.size, 3);
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

/* --- strangers ------------------------------------------------------------ */

static void strangers_cannot_change_entries_or_checkpoints(void **state)
{
	static const char *const statements[] = {
	    "UPDATE entry SET record = x'00'",
	    "UPDATE entry SET counter = 99 WHERE sequence = 1",
	    "DELETE FROM entry", "DELETE FROM entry WHERE sequence = 2",
	    "INSERT OR REPLACE INTO entry VALUES(1, 9, 9, x'00')",
	    /* The next one, under a name that is taken. */
	    "REPLACE INTO entry VALUES(7, 2, 1, x'00')",
	    "INSERT INTO entry VALUES(7, 2, 1, x'00')",
	    "INSERT INTO entry VALUES(9, 9, 9, x'00')",
	    "INSERT INTO entry VALUES(0, 9, 9, x'00')",
	    "INSERT INTO entry VALUES(NULL, 9, 9, x'00')",
	    "UPDATE checkpoint SET note = 'x'", "DELETE FROM checkpoint",
	    "INSERT INTO checkpoint VALUES(2, 'x')",
	    "INSERT OR REPLACE INTO checkpoint VALUES(3, 'x')"};
	struct fixture *fixture = *state;

	append_entries(fixture, 6);
	assert_int_equal(append_note(fixture, 3, "three"), APPEND_DURABLE);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		if (world_sql(&fixture->world, true, statements[i]) !=
		    SQLITE_CONSTRAINT)
			fail_msg("%s", statements[i]);
	}
	for (uint64_t i = 1; i <= 6; i++)
		assert_record(fixture, i);
	assert_int_equal(head_of(fixture), 6);
}

static void a_reader_cannot_write(void **state)
{
	struct fixture *fixture = *state;
	struct store *reader = NULL;
	struct store_head head;
	struct store_append one;

	append_entries(fixture, 1);
	one = append_of(fixture);
	must(&fixture->world, store_sqlite_open(fixture->world.path, STORE_READ,
				  &reader, &fixture->world.err));
	assert_int_equal(
	    reader->ops->take(reader, "thief", &head, &fixture->world.err),
	    RESULT_DENIED);
	assert_int_equal(reader->ops->append(reader, &one, &fixture->world.err),
	    APPEND_REFUSED);
	must(&fixture->world,
	    reader->ops->maintain(reader, true, &fixture->world.err));
	store_close(reader);
	append_entries(fixture, 1);
}

/* --- the log -------------------------------------------------------------- */

static off_t size_of(struct fixture *fixture, const char *end)
{
	char name[128];
	struct stat status;

	snprintf(name, sizeof(name), "%s%s", fixture->world.path, end);
	return stat(name, &status) == 0 ? status.st_size : -1;
}

static void moves_its_log_when_it_is_long_and_not_before(void **state)
{
	static uint8_t big[ENTRY_SIZE_MAX];
	struct fixture *fixture = *state;
	off_t before = size_of(fixture, "");
	off_t log = 0;

	/* 1,200 records of 64 KiB are 77 MiB of log. */
	for (int i = 0; i < 40; i++) {
		struct store_entry entries[30];
		struct store_append many = append_of(fixture);

		for (size_t j = 0; j < 30; j++) {
			entries[j] = entry_of(many.expected_head + 1 + j);
			entries[j].record = bytes_of(big, sizeof(big));
		}
		many.entries = entries;
		many.entry_count = 30;
		assert_int_equal(append(fixture, &many), APPEND_DURABLE);
		if (i == 20)
			must(&fixture->world,
			    fixture->store->ops->maintain(
				fixture->store, false, &fixture->world.err));
		assert_int_equal(size_of(fixture, ""), before);
	}
	must(&fixture->world, fixture->store->ops->maintain(
				  fixture->store, false, &fixture->world.err));
	log = size_of(fixture, "-wal");
	assert_true(size_of(fixture, "") > 70 * 1024 * 1024);
	append_entries(fixture, 1);
	assert_int_equal(size_of(fixture, "-wal"), log);
}

static void maintain(struct fixture *fixture)
{
	must(&fixture->world, fixture->store->ops->maintain(
				  fixture->store, false, &fixture->world.err));
}

static void keeps_the_log_s_file_longer_than_the_log(void **state)
{
	struct fixture *fixture = *state;
	off_t log;

	append_entries(fixture, 1);
	maintain(fixture);
	log = size_of(fixture, "-wal");
	assert_true(log > 1024 * 1024);
	/* Each of these is two pages: a leaf of the table, one of the index. */
	append_entries(fixture, 20);
	maintain(fixture);
	assert_int_equal(size_of(fixture, "-wal"), log);
	append_entries(fixture, 80);
	assert_int_equal(size_of(fixture, "-wal"), log);
	maintain(fixture);
	assert_true(size_of(fixture, "-wal") > log + 512 * 1024);
}

static void zeroes_behind_the_log_end_it_after_a_crash(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;

	append_entries(fixture, 3);
	maintain(fixture);
	append_entries(fixture, 2);
	world_set_aside(world);
	store_close(fixture->store);
	world_bring_back(world);
	world_open_store(world, STORE_WRITE);
	fixture->store = world->store;
	must(world, fixture->store->ops->take(
			fixture->store, "test", &fixture->head, &world->err));
	assert_int_equal(fixture->head.sequence, 5);
	for (uint64_t i = 1; i <= 5; i++)
		assert_record(fixture, i);
	append_entries(fixture, 1);
	assert_record(fixture, 6);
}

/* SQLite writes to the log's file as it was told to; a limit on the size of
 * files is how it cannot. */
static void a_log_that_cannot_be_lengthened_is_no_fault(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, small = {0};

	append_entries(fixture, 1);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 512 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	maintain(fixture);
	append_entries(fixture, 3);
	maintain(fixture);
	assert_true(size_of(fixture, "-wal") <= 512 * 1024);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	for (uint64_t i = 1; i <= 4; i++)
		assert_record(fixture, i);
}

static void closing_a_reader_leaves_the_log_alone(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	off_t log;

	append_entries(fixture, 3);
	world_set_aside(world);
	store_close(fixture->store);
	world_bring_back(world);
	log = size_of(fixture, "-wal");
	assert_true(log > 0);
	world_open_store(world, STORE_READ);
	fixture->store = world->store;
	assert_int_equal(head_of(fixture), 3);
	assert_record(fixture, 3);
	store_close(fixture->store);
	assert_int_equal(size_of(fixture, "-wal"), log);
	world_open_store(world, STORE_WRITE);
	fixture->store = world->store;
	assert_int_equal(head_of(fixture), 3);
}

/* In a child that is nobody: what opening for reading says in a folder that
 * cannot be written. Runs as root only; elsewhere we are that user anyway. */
static int open_as_nobody(struct fixture *fixture)
{
	struct store *store = NULL;
	struct store_head head;
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (geteuid() == 0 &&
		    (setegid(65534) != 0 || seteuid(65534) != 0))
			_exit(99);
		if (store_sqlite_open(fixture->world.path, STORE_READ, &store,
			NULL) != RESULT_OK)
			_exit(1);
		if (store->ops->head(store, &head, NULL) != RESULT_OK)
			_exit(2);
		_exit(10 + (int)head.sequence);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void reads_in_a_folder_that_cannot_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	char log[128];

	append_entries(fixture, 4);
	world_set_aside(world);
	store_close(fixture->store);
	fixture->store = NULL;
	chmod(world->path, 0644);
	chmod(world->folder, 0555);
	assert_int_equal(open_as_nobody(fixture), 14);
	assert_int_equal(size_of(fixture, "-shm"), -1);
	/* A log that was left over cannot be read without an index. */
	chmod(world->folder, 0755);
	world_bring_back(world);
	world_name(log, world->path, "-wal");
	chmod(log, 0644);
	chmod(world->path, 0644);
	chmod(world->folder, 0555);
	assert_int_equal(open_as_nobody(fixture), 1);
	chmod(world->folder, 0755);
	chmod(world->folder, 0777);
	assert_int_equal(open_as_nobody(fixture), 14);
}

#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

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
	    STORE_TEST(keeps_each_object_as_it_was_last),
	    STORE_TEST(replaces_and_erases_private_rows),
	    STORE_TEST(leaves_nothing_of_an_erased_row_in_the_file),
	    STORE_TEST(keeps_tiles),
	    STORE_TEST(names_a_tile_of_a_wrong_size),
	    STORE_TEST(keeps_checkpoints_and_knows_the_newest),
	    STORE_TEST(scans_from_where_it_is_told),
	    STORE_TEST(stops_a_scan_when_the_visitor_does),
	    STORE_TEST(scans_one_moment_while_the_ledger_grows),
	    STORE_TEST(strangers_cannot_change_entries_or_checkpoints),
	    STORE_TEST(a_reader_cannot_write),
	    STORE_TEST(moves_its_log_when_it_is_long_and_not_before),
	    STORE_TEST(keeps_the_log_s_file_longer_than_the_log),
	    STORE_TEST(zeroes_behind_the_log_end_it_after_a_crash),
	    STORE_TEST(a_log_that_cannot_be_lengthened_is_no_fault),
	    STORE_TEST(closing_a_reader_leaves_the_log_alone),
	    STORE_TEST(reads_in_a_folder_that_cannot_be_written),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
