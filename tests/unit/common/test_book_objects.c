/*
 * The book's objects: kept and loaded byte for byte, refused where no book has
 * saved them, and the digest over them.
 */
#include "tests/unit/common/book_shelf.h"
#include "tests/unit/common/law_steps.h"

static void loads_what_it_saved(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct book *book;

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	assert_int_equal(shelf.count, 8);
	book = shelf_load(&shelf);
	assert_int_equal(
	    book_start_at(book, 10, world->now_ms, &world->err), RESULT_OK);
	assert_same_book(world->book, book);
	assert_int_equal(book_dirty_count(book), 0);
	assert_int_equal(
	    book_returned(book_member(book, MEMBER(1)), 6)->points, 10);
	/* And it goes on in the same way. */
	for (int step = 0; step < 300; step++) {
		size_t count = world->count;

		world_step(world);
		world_replay(world, book, count + 1, world->count);
	}
	assert_same_book(world->book, book);
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

static void says_when_an_object_was_last_changed(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	assert_int_equal(shelf_find(&shelf, ACCOUNT_ISSUED)->true_at, 8);
	assert_int_equal(shelf_find(&shelf, ACCOUNT_REDEEMED)->true_at, 7);
	assert_int_equal(shelf_find(&shelf, MEMBER(1))->true_at, 8);
	assert_int_equal(shelf_find(&shelf, BOOK_KEY_TERMINAL + 1)->true_at, 8);
	assert_int_equal(
	    shelf_find(&shelf, BOOK_KEY_TERMINAL + 2)->true_at, 10);
	assert_int_equal(shelf_find(&shelf, BOOK_KEY_CASHIER + 1)->true_at, 9);
	assert_int_equal(
	    shelf_find(&shelf, BOOK_KEY_PROGRAMME + 1)->true_at, 2);
	assert_int_equal(shelf_find(&shelf, BOOK_KEY_SHOP)->true_at, 10);
	shelf_finish(&shelf);
	world_close(world);
}

static void writes_objects_byte_for_byte(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	static const struct {
		uint64_t key;
		const char *hex;
	} golden[] = {
	    {ACCOUNT_ISSUED, "02ffffffffffffffd8"},
	    {ACCOUNT_REDEEMED, "020000000000000028"},
	    {MEMBER(1),
		"020020000000000000000000000000000000050000000000000008"
		"00004cdb00004cdb00004cdb"
		"00000001000000000000000600000000000003e800000000000003e8"
		"000000000000000a0000"},
	    {BOOK_KEY_TERMINAL + 2,
		"0201028282828282828282828282828282828282828282828282828282"
		"828282828282"
		"000000000000000100"},
	    {BOOK_KEY_CASHIER + 1, "020201000000000000000000000000"
				   "00000000000000000000000000000000"},
	    {BOOK_KEY_SHOP,
		"025e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
		"5e5e5e5e0000000000000006636f726e65722e6578616d706c65"},
	};

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	for (size_t index = 0; index < sizeof(golden) / sizeof(*golden);
	     index++) {
		struct kept *kept = shelf_find(&shelf, golden[index].key);
		char hex[256];

		assert_true(kept->object.size < 128);
		bytes_to_hex(buffer_view(&kept->object), hex);
		assert_string_equal(hex, golden[index].hex);
	}
	shelf_finish(&shelf);
	world_close(world);
}

static void has_no_object_of_other_keys(void **state)
{
	static const uint64_t keys[] = {0, 5, BOOK_KEY_TERMINAL,
	    BOOK_KEY_TERMINAL + 3, BOOK_KEY_TERMINAL + TERMINALS_MAX + 1,
	    BOOK_KEY_CASHIER, BOOK_KEY_CASHIER + 2, BOOK_KEY_PROGRAMME,
	    BOOK_KEY_PROGRAMME + 2, BOOK_KEY_PROGRAMME + 70000,
	    BOOK_KEY_SHOP + 1, (5ull << 32) - 1, MEMBER(2), 7ull << 32,
	    UINT64_MAX};
	struct world *world = world_busy();
	struct book *empty = new_book();
	struct buffer object = {0};
	uint64_t true_at = 77;

	(void)state;
	for (size_t index = 0; index < sizeof(keys) / sizeof(*keys); index++) {
		uint8_t bytes[64] = {1};

		assert_int_equal(book_save_object(world->book, keys[index],
				     &object, &true_at, &world->err),
		    RESULT_NOT_FOUND);
		if (index != 3 && index != 6 && index != 8 && index != 12)
			assert_int_equal(
			    book_load_object(empty, keys[index], 1,
				bytes_of(bytes, sizeof(bytes)), &world->err),
			    RESULT_CORRUPT);
	}
	assert_int_equal(book_save_object(empty, BOOK_KEY_SHOP, &object,
			     &true_at, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(object.size, 0);
	assert_int_equal(true_at, 77);
	book_destroy(empty);
	world_close(world);
}

/* Load one object, changed or not, into a fresh book. */
static enum result try_load(
    uint64_t key, uint64_t true_at, struct bytes object, bool twice)
{
	struct book *book = new_book();
	struct error err = {RESULT_OK, ""};
	enum result result = book_load_object(book, key, true_at, object, &err);

	if (result == RESULT_OK && twice)
		result = book_load_object(book, key, true_at, object, &err);
	if (result != RESULT_OK)
		assert_true(strlen(err.text) > 0);
	book_destroy(book);
	return result;
}

static void refuses_objects_cut_at_any_byte(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	for (size_t index = 0; index < shelf.count; index++) {
		struct kept *kept = &shelf.kept[index];
		struct bytes whole = buffer_view(&kept->object);
		/* A programme's text or an origin may end earlier and still be
		 * one: the store keeps the whole, this is not its check. */
		bool open_ended = kept->key == BOOK_KEY_SHOP ||
				  kept->key == BOOK_KEY_PROGRAMME + 1;
		size_t fixed = kept->key == BOOK_KEY_SHOP ? 41 : 100;

		for (size_t size = 0; size < whole.size; size++) {
			uint8_t *copy = malloc(size + (size == 0));

			memcpy(copy, whole.data, size);
			if (!open_ended || size <= fixed)
				assert_int_equal(
				    try_load(kept->key, kept->true_at,
					bytes_of(copy, size), false),
				    RESULT_CORRUPT);
			free(copy);
		}
		assert_int_equal(
		    try_load(kept->key, kept->true_at, whole, false),
		    RESULT_OK);
		assert_int_equal(
		    try_load(kept->key, kept->true_at, whole, true),
		    RESULT_CORRUPT);
		assert_int_equal(
		    try_load(kept->key, SEQUENCE_MAX + 1, whole, false),
		    RESULT_CORRUPT);
		/* A byte too many. */
		assert_int_equal(
		    buffer_append(&kept->object, bytes_of("", 1), &world->err),
		    RESULT_OK);
		if (kept->key != BOOK_KEY_SHOP)
			assert_int_equal(try_load(kept->key, kept->true_at,
					     buffer_view(&kept->object), false),
			    RESULT_CORRUPT);
		kept->object.size--;
		for (uint8_t version = 0; version <= 3; version++) {
			kept->object.data[0] = version;
			assert_int_equal(try_load(kept->key, kept->true_at,
					     buffer_view(&kept->object), false),
			    version == 2 ? RESULT_OK : RESULT_CORRUPT);
			assert_int_equal(
			    book_object_is_old(buffer_view(&kept->object)),
			    version == 1);
		}
	}
	shelf_finish(&shelf);
	world_close(world);
}

/* One byte of the object of `key` set to `value` makes it impossible. */
static void assert_impossible(
    struct shelf *shelf, uint64_t key, size_t offset, uint8_t value)
{
	struct kept *kept = shelf_find(shelf, key);
	uint8_t before = kept->object.data[offset];

	assert_int_not_equal(before, value);
	kept->object.data[offset] = value;
	assert_int_equal(
	    try_load(key, kept->true_at, buffer_view(&kept->object), false),
	    RESULT_CORRUPT);
	kept->object.data[offset] = before;
}

static void refuses_objects_that_no_book_has_saved(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct kept *kept;

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	/* Balances past the limit, to either side. */
	assert_impossible(&shelf, ACCOUNT_ISSUED, 1, 0x7f);
	assert_impossible(&shelf, ACCOUNT_ISSUED, 1, 0x80);
	assert_impossible(&shelf, MEMBER(1), 3, 0x7f);
	/* Points without a lot. */
	assert_impossible(&shelf, MEMBER(1), 10, 1);
	/* Enrolled after the last entry, never, or truer than it can be. */
	assert_impossible(&shelf, MEMBER(1), 18, 9);
	assert_impossible(&shelf, MEMBER(1), 18, 0);
	assert_impossible(&shelf, MEMBER(1), 26, 9);
	/* Active before it was enrolled; a sale after the last activity. */
	assert_impossible(&shelf, MEMBER(1), 38, 0x00);
	assert_impossible(&shelf, MEMBER(1), 34, 0xff);
	/* Parts that do not follow, or that nobody knows. */
	assert_impossible(&shelf, MEMBER(1), 1, 0x80);
	assert_impossible(&shelf, MEMBER(1), 1, 0x40);
	assert_impossible(&shelf, MEMBER(1), 2, 0x21);
	assert_impossible(&shelf, MEMBER(1), 2, 0x00);
	/* More or fewer returns than follow; a return of no sale. */
	assert_impossible(&shelf, MEMBER(1), 42, 0);
	assert_impossible(&shelf, MEMBER(1), 42, 2);
	assert_impossible(&shelf, MEMBER(1), 39, 0xff);
	assert_impossible(&shelf, MEMBER(1), 50, 0);
	assert_impossible(&shelf, MEMBER(1), 75, 2);
	assert_impossible(&shelf, MEMBER(1), 76, 1);
	assert_impossible(&shelf, BOOK_KEY_TERMINAL + 1, 1, ROLE_CASHIER);
	assert_impossible(&shelf, BOOK_KEY_TERMINAL + 1, 2, 3);
	assert_impossible(&shelf, BOOK_KEY_TERMINAL + 1, 35, 0x80);
	assert_impossible(&shelf, BOOK_KEY_CASHIER + 1, 1, ROLE_AUDITOR);
	assert_impossible(&shelf, BOOK_KEY_CASHIER + 1, 2, 0);
	assert_impossible(&shelf, BOOK_KEY_SHOP, 33, 0x80);
	assert_impossible(&shelf, BOOK_KEY_SHOP, 40, 0);
	assert_impossible(&shelf, BOOK_KEY_PROGRAMME + 1, 8, 0);
	assert_impossible(&shelf, BOOK_KEY_PROGRAMME + 1, 8, 3);
	assert_impossible(&shelf, BOOK_KEY_PROGRAMME + 1, 9, '!');
	kept = shelf_find(&shelf, BOOK_KEY_TERMINAL + 1);
	assert_int_equal(
	    try_load(kept->key, 0, buffer_view(&kept->object), false),
	    RESULT_CORRUPT);
	kept = shelf_find(&shelf, ACCOUNT_ISSUED);
	assert_int_equal(
	    try_load(kept->key, 0, buffer_view(&kept->object), false),
	    RESULT_CORRUPT);
	shelf_finish(&shelf);
	world_close(world);
}

static void refuses_returns_out_of_order(void **state)
{
	struct world *world = world_open(46);
	struct shelf shelf = {.count = 0};

	(void)state;
	for (int count = 0; count < 3; count++)
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	for (uint64_t sale = 6; sale <= 8; sale++)
		assert_int_equal(
		    world_return(world, 1, sale, 10), REFUSAL_NONE);
	shelf_keep_dirty(&shelf, world->book);
	assert_impossible(&shelf, MEMBER(1), 68 + 34, 6);
	assert_impossible(&shelf, MEMBER(1), 68 + 34, 8);
	assert_impossible(&shelf, MEMBER(1), 68 + 68, 5);
	shelf_finish(&shelf);
	world_close(world);
}

static void refuses_counters_that_cannot_be(void **state)
{
	struct world *world = world_open_with(47,
	    "[programme]\nname = N\ncurrency = EUR\nearn_points = 1\n"
	    "earn_amount = 1.00\nsale_amount_max = 99.00\nday_sales_max = 9\n");
	struct shelf shelf = {.count = 0};

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	shelf_keep_dirty(&shelf, world->book);
	/* None, or more than follow. */
	assert_impossible(&shelf, MEMBER(1), 58, 0);
	assert_impossible(&shelf, MEMBER(1), 58, 2);
	/* Of nothing that is counted, and of a day where there is none. */
	assert_impossible(&shelf, MEMBER(1), 63, COUNT_TIMES_EVER + 1);
	assert_impossible(&shelf, MEMBER(1), 63, COUNT_TIMES_EVER);
	/* Days for which a counter has no room. */
	assert_impossible(&shelf, MEMBER(1), 64, 0x10);
	assert_impossible(&shelf, MEMBER(1), 64, 0xef);
	/* Counted to nothing. */
	assert_impossible(&shelf, MEMBER(1), 75, 0);
	shelf_finish(&shelf);
	world_close(world);
}

static void starts_once_and_whole(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct book *book;
	struct kept *kept;

	(void)state;
	assert_int_equal(
	    world_programme(world, WORLD_RULES("2", "1.00")), REFUSAL_NONE);
	shelf_keep_dirty(&shelf, world->book);
	book = shelf_load(&shelf);
	assert_int_equal(book_start_at(book, SEQUENCE_MAX + 1, 0, &world->err),
	    RESULT_INVALID);
	assert_int_equal(book_start_at(book, 11, 5, &world->err), RESULT_OK);
	assert_int_equal(book_programme(book)->number, 2);
	assert_int_equal(
	    book_start_at(book, 11, 5, &world->err), RESULT_INVALID);
	kept = shelf_find(&shelf, MEMBER(1));
	assert_int_equal(book_load_object(book, MEMBER(2), kept->true_at,
			     buffer_view(&kept->object), &world->err),
	    RESULT_INVALID);
	book_destroy(book);

	/* Without its shop, and with a version missing in between. */
	book = new_book();
	assert_int_equal(
	    book_start_at(book, 1, 0, &world->err), RESULT_CORRUPT);
	book_destroy(book);
	/* Versions that came in another order than their numbers. */
	kept = shelf_find(&shelf, BOOK_KEY_PROGRAMME + 1);
	shelf_find(&shelf, BOOK_KEY_PROGRAMME + 2)->key =
	    BOOK_KEY_PROGRAMME + 1;
	kept->key = BOOK_KEY_PROGRAMME + 2;
	book = shelf_load(&shelf);
	assert_int_equal(
	    book_start_at(book, 11, 0, &world->err), RESULT_CORRUPT);
	book_destroy(book);
	shelf_find(&shelf, BOOK_KEY_PROGRAMME + 1)->key =
	    BOOK_KEY_PROGRAMME + 2;
	kept->key = BOOK_KEY_PROGRAMME + 1;
	shelf_find(&shelf, BOOK_KEY_PROGRAMME + 1)->key =
	    BOOK_KEY_PROGRAMME + 3;
	book = shelf_load(&shelf);
	assert_int_equal(
	    book_start_at(book, 11, 0, &world->err), RESULT_CORRUPT);
	book_destroy(book);
	shelf_find(&shelf, BOOK_KEY_PROGRAMME + 2)->key =
	    BOOK_KEY_PROGRAMME + 4;
	book = shelf_load(&shelf);
	assert_int_equal(
	    book_start_at(book, 11, 0, &world->err), RESULT_CORRUPT);
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

static void loads_nothing_once_entries_went_in(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct book *book = book_after(world, 1);
	struct kept *kept;

	(void)state;
	shelf_keep_dirty(&shelf, world->book);
	kept = shelf_find(&shelf, MEMBER(1));
	assert_int_equal(book_load_object(book, kept->key, kept->true_at,
			     buffer_view(&kept->object), &world->err),
	    RESULT_INVALID);
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

/* --- the digest -------------------------------------------------------------
 */

static void digests_every_object(void **state)
{
	struct world *world = world_busy();
	struct shelf shelf = {.count = 0};
	struct hash whole = world_digest(world->book);
	struct hash fresh;
	struct hash other;
	struct book *book = new_book();

	(void)state;
	fresh = world_digest(book);
	assert_false(hash_equal(&whole, &fresh));
	book_destroy(book);
	shelf_keep_dirty(&shelf, world->book);
	for (size_t index = 0; index < shelf.count; index++) {
		struct kept *kept = &shelf.kept[index];
		struct buffer *object = &kept->object;
		/* A terminal's counter comes before its shop's size, a
		 * member's points before what says that it is no void. */
		bool is_inner = kept->key == BOOK_KEY_TERMINAL + 1 ||
				kept->key == BOOK_KEY_TERMINAL + 2;
		size_t last =
		    object->size - 1 - is_inner - 2 * (kept->key == MEMBER(1));
		uint8_t before = object->data[last];

		/* One of its last bytes: 1 for 2, another letter. */
		object->data[last] = before == 1      ? 2
				     : before == '\n' ? ' '
						      : before ^ 1;
		book = shelf_load(&shelf);
		other = world_digest(book);
		assert_false(hash_equal(&whole, &other));
		book_destroy(book);
		object->data[last] = before;
	}
	book = shelf_load(&shelf);
	other = world_digest(book);
	assert_true(hash_equal(&whole, &other));
	book_destroy(book);
	shelf_finish(&shelf);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loads_what_it_saved),
	    cmocka_unit_test(says_when_an_object_was_last_changed),
	    cmocka_unit_test(writes_objects_byte_for_byte),
	    cmocka_unit_test(has_no_object_of_other_keys),
	    cmocka_unit_test(refuses_objects_cut_at_any_byte),
	    cmocka_unit_test(refuses_objects_that_no_book_has_saved),
	    cmocka_unit_test(refuses_returns_out_of_order),
	    cmocka_unit_test(refuses_counters_that_cannot_be),
	    cmocka_unit_test(starts_once_and_whole),
	    cmocka_unit_test(loads_nothing_once_entries_went_in),
	    cmocka_unit_test(digests_every_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
