/*
 * Tests of store_sqlite: objects, private rows, tiles and checkpoints, and who
 * may change what in the file.
 */
#include "tests/unit/server/store_world.h"

#include <fcntl.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(keeps_each_object_as_it_was_last),
	    STORE_TEST(replaces_and_erases_private_rows),
	    STORE_TEST(leaves_nothing_of_an_erased_row_in_the_file),
	    STORE_TEST(keeps_tiles),
	    STORE_TEST(names_a_tile_of_a_wrong_size),
	    STORE_TEST(keeps_checkpoints_and_knows_the_newest),
	    STORE_TEST(strangers_cannot_change_entries_or_checkpoints),
	    STORE_TEST(a_reader_cannot_write),
	};

	return cmocka_run_group_tests_name("store: rows", tests, NULL, NULL);
}
