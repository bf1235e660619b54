/*
 * Tests of ledger: sweeps, replay, and what an opening refuses to believe.
 */
#include "tests/unit/server/ledger_fixture.h"

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

/* Kept by a version of this program that knew less: the entries are enough, and
 * the next sweep keeps every object anew. */
static void replays_from_the_start_over_objects_of_an_old_format(void **state)
{
	struct world *world = *state;
	struct hash digest;
	uint64_t head;

	trade(world, 200);
	world_close(world);
	world_reopen(world);
	trade(world, 50);
	digest = world_digest(world);
	head = ledger_head(world->ledger);
	world_crash(world);
	assert_int_equal(
	    world_sql(world, false,
		"UPDATE object SET body = CAST(x'01' || substr(body, 2)"
		" AS BLOB) WHERE key = (SELECT max(key) FROM object)"),
	    SQLITE_OK);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), head);
	assert_memory_equal(world_digest(world).bytes, digest.bytes, HASH_SIZE);
	trade(world, 10);
	digest = world_digest(world);
	head = ledger_head(world->ledger);
	world_close(world);
	world_reopen(world);
	assert_int_equal(complete_to(world), head);
	assert_memory_equal(world_digest(world).bytes, digest.bytes, HASH_SIZE);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(a_clean_close_leaves_nothing_to_replay),
	    LEDGER_TEST(a_crash_leaves_what_was_committed),
	    LEDGER_TEST(sweeps_bound_the_replay_and_never_lose),
	    LEDGER_TEST(a_reopen_builds_the_same_again),
	    LEDGER_TEST(closing_commits_what_is_staged),
	    LEDGER_TEST(a_second_writer_fences_the_first),
	    LEDGER_TEST(names_the_entry_after_one_that_was_altered),
	    LEDGER_TEST(names_a_record_that_is_no_record),
	    LEDGER_TEST(replays_from_the_start_over_objects_of_an_old_format),
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

	return cmocka_run_group_tests_name(
	    "ledger: opening", tests, NULL, NULL);
}
