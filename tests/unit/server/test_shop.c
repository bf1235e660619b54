/*
 * Tests of shop: a folder is made whole or not at all, and opened by one.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/shop.h"

#define NOW_MS 1700000000000ull

struct place {
	char folder[64];
	char shop[96];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	(void)snprintf(
	    place->folder, sizeof(place->folder), "/tmp/tally-shop-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(
	    place->shop, sizeof(place->shop), "%s/corner", place->folder);
	*state = place;
	return 0;
}

static int remove_item(
    const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	struct place *place = *state;

	(void)nftw(place->folder, remove_item, 16, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

static void create(const struct place *place)
{
	struct error err;

	if (shop_create(place->shop, "Caf\xc3\xa9 am Eck", NOW_MS, &err) !=
	    RESULT_OK)
		fail_msg("%s", err.text);
}

static const char *file_of(const struct place *place, const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", place->shop, name);
	return path;
}

static bool is_there(const struct place *place, const char *name)
{
	return access(file_of(place, name), F_OK) == 0;
}

static void write_file(
    const struct place *place, const char *name, const char *text)
{
	FILE *file = fopen(file_of(place, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static enum result try_open(const struct place *place, struct error *err)
{
	struct shop *shop = NULL;
	enum result result = shop_open(place->shop, &shop, err);

	shop_abandon(shop);
	return result;
}

/* --- making --------------------------------------------------------------- */

static void a_new_shop_holds_two_entries_and_a_checkpoint(void **state)
{
	struct shop *shop;
	struct error err;
	struct note note;
	struct checkpoint checkpoint;
	const struct book *book;

	create(*state);
	assert_int_equal(
	    shop_open(((struct place *)*state)->shop, &shop, &err), RESULT_OK);
	book = ledger_book(shop->ledger);
	assert_int_equal(book_head(book)->sequence, 2);
	assert_string_equal(
	    book_programme(book)->programme->name, "Caf\xc3\xa9 am Eck");
	assert_int_equal(ledger_checkpoint(shop->ledger, &note), 2);
	assert_int_equal(checkpoint_open(bytes_of(note.text, note.size),
			     book_shop_key(book)->bytes, &checkpoint, &err),
	    RESULT_OK);
	assert_int_equal(checkpoint.size, 2);
	assert_memory_equal(checkpoint.origin, "tallystick/caf-am-eck-", 22);
	assert_int_equal(strlen(checkpoint.origin), 22 + 8);
	assert_int_equal(shop_close(shop, NOW_MS, &err), RESULT_OK);
}

static void secrets_are_for_the_owner_alone(void **state)
{
	static const char *const names[] = {"keys/authority.pem",
	    "keys/server.pem", "keys/checkpoint", "keys/ticket"};
	struct stat status;

	create(*state);
	assert_int_equal(stat(file_of(*state, ""), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(file_of(*state, "keys"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(file_of(*state, names[i]), &status), 0);
		assert_int_equal(status.st_mode & 0777, 0600);
	}
}

static void two_shops_of_one_name_have_two_origins(void **state)
{
	struct place *place = *state;
	struct shop *shops[2];
	struct error err;
	struct bytes one;

	create(place);
	assert_int_equal(shop_open(place->shop, &shops[0], &err), RESULT_OK);
	(void)snprintf(
	    place->shop, sizeof(place->shop), "%s/other", place->folder);
	create(place);
	assert_int_equal(shop_open(place->shop, &shops[1], &err), RESULT_OK);
	one = book_shop_origin(ledger_book(shops[0]->ledger));
	assert_false(
	    bytes_equal(one, book_shop_origin(ledger_book(shops[1]->ledger))));
	shop_abandon(shops[0]);
	shop_abandon(shops[1]);
}

static void a_name_without_plain_letters_still_has_an_origin(void **state)
{
	struct place *place = *state;
	struct shop *shop;
	struct error err;
	struct bytes origin;

	assert_int_equal(
	    shop_create(place->shop, "\xe8\x8c\xb6", NOW_MS, &err), RESULT_OK);
	assert_int_equal(shop_open(place->shop, &shop, &err), RESULT_OK);
	origin = book_shop_origin(ledger_book(shop->ledger));
	assert_int_equal(origin.size, strlen("tallystick/") + 8);
	shop_abandon(shop);
}

static void makes_a_shop_in_a_folder_that_is_there_and_empty(void **state)
{
	struct error err;

	assert_int_equal(mkdir(((struct place *)*state)->shop, 0755), 0);
	create(*state);
	assert_int_equal(try_open(*state, &err), RESULT_OK);
}

static void never_makes_a_shop_over_anything(void **state)
{
	struct place *place = *state;
	struct error err;

	create(place);
	assert_int_equal(
	    shop_create(place->shop, "Again", NOW_MS, &err), RESULT_EXISTS);
	assert_int_equal(try_open(place, &err), RESULT_OK);
	(void)snprintf(
	    place->shop, sizeof(place->shop), "%s/full", place->folder);
	assert_int_equal(mkdir(place->shop, 0755), 0);
	write_file(place, "letter", "dear");
	assert_int_equal(
	    shop_create(place->shop, "Again", NOW_MS, &err), RESULT_EXISTS);
	assert_true(is_there(place, "letter"));
	assert_false(is_there(place, "keys"));
	(void)snprintf(
	    place->shop, sizeof(place->shop), "%s/full/letter", place->folder);
	assert_int_not_equal(
	    shop_create(place->shop, "Again", NOW_MS, &err), RESULT_OK);
}

static void refuses_names_that_are_none_and_makes_nothing(void **state)
{
	static const char *const names[] = {
	    "", "\xff", "two\nlines", "semi;colon"};
	struct place *place = *state;
	char name[SHOP_NAME_SIZE_MAX + 2];
	struct error err;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(
		    shop_create(place->shop, names[i], NOW_MS, &err),
		    RESULT_INVALID);
		assert_int_not_equal(access(place->shop, F_OK), 0);
	}
	memset(name, 'n', sizeof(name));
	name[SHOP_NAME_SIZE_MAX + 1] = '\0';
	assert_int_equal(
	    shop_create(place->shop, name, NOW_MS, &err), RESULT_INVALID);
	name[SHOP_NAME_SIZE_MAX] = '\0';
	assert_int_equal(
	    shop_create(place->shop, name, NOW_MS, &err), RESULT_OK);
}

static void a_failure_leaves_an_empty_folder_as_it_was(void **state)
{
	struct place *place = *state;
	struct error err;

	assert_int_equal(mkdir(place->shop, 0755), 0);
	assert_int_equal(shop_create(place->shop, "semi;colon", NOW_MS, &err),
	    RESULT_INVALID);
	assert_int_equal(rmdir(place->shop), 0);
}

static void refuses_a_parent_that_is_not_there(void **state)
{
	struct place *place = *state;
	struct error err;

	(void)snprintf(
	    place->shop, sizeof(place->shop), "%s/no/shop", place->folder);
	assert_int_equal(
	    shop_create(place->shop, "Shop", NOW_MS, &err), RESULT_IO);
	assert_non_null(strstr(err.text, "no/shop"));
}

static void refuses_a_path_that_is_too_long(void **state)
{
	char path[SHOP_PATH_SIZE_MAX + 2];
	char file[SHOP_PATH_SIZE_MAX];
	struct shop *shop;
	struct error err;

	(void)state;
	memset(path, 'p', sizeof(path));
	path[SHOP_PATH_SIZE_MAX + 1] = '\0';
	assert_int_equal(shop_create(path, "Shop", NOW_MS, &err), RESULT_LIMIT);
	assert_int_equal(shop_open(path, &shop, &err), RESULT_LIMIT);
	assert_int_equal(shop_file(path, "lock", file, &err), RESULT_LIMIT);
	path[SHOP_PATH_SIZE_MAX - 3] = '\0';
	assert_int_equal(shop_file(path, "l", file, &err), RESULT_OK);
	assert_int_equal(shop_file(path, "lo", file, &err), RESULT_LIMIT);
}

/* --- opening -------------------------------------------------------------- */

static void what_is_no_shop_is_not_found(void **state)
{
	struct place *place = *state;
	struct error err;

	assert_int_equal(try_open(place, &err), RESULT_NOT_FOUND);
	assert_non_null(strstr(err.text, "tallyd init"));
	assert_int_equal(mkdir(place->shop, 0755), 0);
	assert_int_equal(try_open(place, &err), RESULT_NOT_FOUND);
	assert_false(is_there(place, "lock"));
}

static void only_one_may_hold_it(void **state)
{
	struct place *place = *state;
	struct shop *shop;
	struct error err;

	create(place);
	assert_int_equal(shop_open(place->shop, &shop, &err), RESULT_OK);
	assert_int_equal(try_open(place, &err), RESULT_BUSY);
	assert_non_null(strstr(err.text, "in use"));
	assert_int_equal(shop_close(shop, NOW_MS, &err), RESULT_OK);
	assert_int_equal(try_open(place, &err), RESULT_OK);
}

static void a_missing_part_is_named(void **state)
{
	static const char *const names[] = {"keys/authority.pem",
	    "keys/server.pem", "keys/checkpoint", "authority.pem", "server.pem",
	    "ledger.db"};
	struct place *place = *state;
	char away[200];
	struct error err;

	create(place);
	(void)snprintf(away, sizeof(away), "%s/away", place->folder);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(rename(file_of(place, names[i]), away), 0);
		assert_int_not_equal(try_open(place, &err), RESULT_OK);
		assert_non_null(strstr(err.text, names[i]));
		assert_false(is_there(place, names[i]));
		assert_int_equal(rename(away, file_of(place, names[i])), 0);
	}
	assert_int_equal(try_open(place, &err), RESULT_OK);
}

static void a_secret_in_another_form_is_damage(void **state)
{
	static const char *const texts[] = {"", "abc",
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g"
	    "\n",
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};
	struct place *place = *state;
	struct error err;

	create(place);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_file(place, "keys/ticket", texts[i]);
		assert_int_equal(try_open(place, &err), RESULT_CORRUPT);
		assert_non_null(strstr(err.text, "keys/ticket"));
	}
}

static void another_shops_checkpoint_key_is_refused(void **state)
{
	struct place *place = *state;
	struct shop *shop = NULL;
	struct error err;
	enum result result;

	create(place);
	write_file(place, "keys/checkpoint",
	    "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f\n");
	result = shop_open(place->shop, &shop, &err);
	assert_int_not_equal(result, RESULT_OK);
	shop_abandon(shop);
}

static void a_file_that_is_no_ledger_is_damage_and_stays(void **state)
{
	struct place *place = *state;
	struct stat status;
	struct error err;

	create(place);
	(void)unlink(file_of(place, "ledger.db-wal"));
	(void)unlink(file_of(place, "ledger.db-shm"));
	write_file(place, "ledger.db", "this is no database at all, is it?\n");
	assert_int_equal(try_open(place, &err), RESULT_CORRUPT);
	assert_int_equal(stat(file_of(place, "ledger.db"), &status), 0);
	assert_int_equal(status.st_size, 35);
}

static void stage_a_cashier(struct shop *shop, uint64_t now_ms)
{
	struct command command = {.kind = ENTRY_CASHIER,
	    .subject = 1,
	    .role = ROLE_CASHIER,
	    .standing = STANDING_ACTIVE,
	    .commitment = {{1}}};
	struct outcome outcome;
	struct error err;

	assert_int_equal(ledger_stage(shop->ledger, &command, NULL, 0, now_ms,
			     &outcome, &err),
	    RESULT_OK);
	assert_int_equal(outcome.refusal.code, REFUSAL_NONE);
}

static void closing_keeps_and_signs_what_was_done(void **state)
{
	struct place *place = *state;
	struct shop *shop;
	struct error err;
	struct note note;

	create(place);
	assert_int_equal(shop_open(place->shop, &shop, &err), RESULT_OK);
	stage_a_cashier(shop, NOW_MS + 5);
	assert_int_equal(
	    ledger_commit(shop->ledger, NOW_MS + 5, &err), APPEND_DURABLE);
	assert_int_equal(shop_close(shop, NOW_MS + 6, &err), RESULT_OK);
	assert_int_equal(shop_open(place->shop, &shop, &err), RESULT_OK);
	assert_int_equal(ledger_checkpoint(shop->ledger, &note), 3);
	assert_int_equal(ledger_head(shop->ledger), 3);
	shop_abandon(shop);
}

static void reloading_forgets_what_was_not_committed(void **state)
{
	struct place *place = *state;
	struct roster_terminal terminal = {.number = 4};
	struct shop *shop;
	struct error err;

	create(place);
	assert_int_equal(shop_open(place->shop, &shop, &err), RESULT_OK);
	stage_a_cashier(shop, NOW_MS);
	assert_int_equal(directory_add(shop->directory, "29000001",
			     (struct directory_card){.account = 1}, &err),
	    RESULT_OK);
	assert_int_equal(
	    roster_set_terminal(shop->roster, &terminal, &err), RESULT_OK);
	assert_int_equal(shop_reload(shop, &err), RESULT_OK);
	assert_int_equal(book_cashier_last(ledger_book(shop->ledger)), 0);
	assert_int_equal(directory_find(shop->directory, "29000001"), 0);
	assert_int_equal(roster_terminal_last(shop->roster), 0);
	shop_abandon(shop);
	shop_abandon(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_shop_holds_two_entries_and_a_checkpoint),
	    TEST(secrets_are_for_the_owner_alone),
	    TEST(two_shops_of_one_name_have_two_origins),
	    TEST(a_name_without_plain_letters_still_has_an_origin),
	    TEST(makes_a_shop_in_a_folder_that_is_there_and_empty),
	    TEST(never_makes_a_shop_over_anything),
	    TEST(refuses_names_that_are_none_and_makes_nothing),
	    TEST(a_failure_leaves_an_empty_folder_as_it_was),
	    TEST(refuses_a_parent_that_is_not_there),
	    TEST(refuses_a_path_that_is_too_long),
	    TEST(what_is_no_shop_is_not_found),
	    TEST(only_one_may_hold_it),
	    TEST(a_missing_part_is_named),
	    TEST(a_secret_in_another_form_is_damage),
	    TEST(another_shops_checkpoint_key_is_refused),
	    TEST(a_file_that_is_no_ledger_is_damage_and_stays),
	    TEST(closing_keeps_and_signs_what_was_done),
	    TEST(reloading_forgets_what_was_not_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
