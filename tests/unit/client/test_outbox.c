/*
 * outbox: what is kept, under which counter, and who may open it.
 */
#include "tests/unit/client/outbox_world.h"

/* --- keeping -------------------------------------------------------------- */

static void an_empty_folder_gets_an_outbox_whose_first_counter_is_one(
    void **state)
{
	struct outbox *outbox = open_it();
	struct stat file;

	(void)state;
	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_next_counter(outbox), 1);
	assert_int_equal(stat(database_path(), &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	outbox_close(outbox);
}

static void an_operation_gets_its_name_and_comes_back_as_it_was(void **state)
{
	struct outbox *outbox = open_it();
	struct operation kept = put(outbox, 1250);
	struct operation other = put(outbox, 1250);
	struct operation read;
	struct error err;

	(void)state;
	assert_int_equal(kept.counter, 1);
	assert_int_equal(other.counter, 2);
	assert_memory_not_equal(kept.random, other.random, sizeof kept.random);
	assert_int_equal(outbox_read(outbox, 1, &read, &err), RESULT_OK);
	assert_same(&kept, &read);
	outbox_close(outbox);
	outbox = open_it();
	assert_int_equal(outbox_count(outbox), 2);
	assert_int_equal(outbox_read(outbox, 2, &read, &err), RESULT_OK);
	assert_same(&other, &read);
	outbox_close(outbox);
}

static void an_operation_leaves_only_when_it_is_settled(void **state)
{
	struct outbox *outbox = open_it();
	struct operation read;
	struct error err;

	(void)state;
	put(outbox, 1);
	put(outbox, 2);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_OK);
	assert_int_equal(outbox_count(outbox), 1);
	assert_int_equal(outbox_read(outbox, 1, &read, &err), RESULT_NOT_FOUND);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_OK);
	assert_int_equal(outbox_settle(outbox, 99, false, &err), RESULT_OK);
	assert_int_equal(outbox_count(outbox), 1);
	outbox_close(outbox);
}

static void the_counter_does_not_go_back_when_the_outbox_is_emptied(
    void **state)
{
	struct outbox *outbox = open_it();
	struct error err;

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		put(outbox, i);
		assert_int_equal(
		    outbox_settle(outbox, i, false, &err), RESULT_OK);
	}
	outbox_close(outbox);
	outbox = open_it();
	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_next_counter(outbox), 4);
	assert_int_equal(put(outbox, 4).counter, 4);
	outbox_close(outbox);
}

static enum result collect(
    void *context, const struct operation *operation, struct error *err)
{
	char *text = context;

	(void)err;
	snprintf(text + strlen(text), 64 - strlen(text), "%llu ",
	    (unsigned long long)operation->counter);
	return operation->counter == 4 ? RESULT_CLOSED : RESULT_OK;
}

static void a_new_name_is_fresh_and_the_place_stays(void **state)
{
	struct outbox *outbox = open_it();
	struct operation before = put(outbox, 71);
	struct operation named;
	struct operation read;
	struct error err;
	char text[64] = "";

	(void)state;
	put(outbox, 72);
	assert_int_equal(outbox_renumber(outbox, 1, &named, &err), RESULT_OK);
	assert_int_equal(named.counter, 3);
	assert_memory_not_equal(
	    named.random, before.random, sizeof named.random);
	assert_int_equal(named.amount_minor, 71);
	assert_int_equal(outbox_count(outbox), 2);
	assert_int_equal(outbox_next_counter(outbox), 4);
	/* The old name is nobody's, and is not given again. */
	assert_int_equal(outbox_read(outbox, 1, &read, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    outbox_renumber(outbox, 1, &read, &err), RESULT_NOT_FOUND);
	outbox_close(outbox);
	outbox = open_it();
	assert_int_equal(outbox_each(outbox, collect, text, &err), RESULT_OK);
	assert_string_equal(text, "3 2 ");
	assert_int_equal(outbox_read(outbox, 3, &read, &err), RESULT_OK);
	assert_memory_equal(&read, &named, sizeof read);
	assert_int_equal(put(outbox, 73).counter, 4);
	/* It can be done again, and the operation leaves as any other. */
	assert_int_equal(outbox_renumber(outbox, 3, &named, &err), RESULT_OK);
	assert_int_equal(named.counter, 5);
	assert_int_equal(outbox_settle(outbox, 5, false, &err), RESULT_OK);
	assert_int_equal(outbox_count(outbox), 2);
	outbox_close(outbox);
}

static void visiting_goes_in_ascending_counters_and_stops_where_it_is_told(
    void **state)
{
	struct outbox *outbox = open_it();
	struct error err;
	char text[64] = "";

	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		put(outbox, i);
	assert_int_equal(outbox_settle(outbox, 2, false, &err), RESULT_OK);
	assert_int_equal(outbox_each(outbox, collect, text, &err), RESULT_OK);
	assert_string_equal(text, "1 3 ");
	put(outbox, 4);
	put(outbox, 5);
	text[0] = '\0';
	assert_int_equal(
	    outbox_each(outbox, collect, text, &err), RESULT_CLOSED);
	assert_string_equal(text, "1 3 4 ");
	outbox_close(outbox);
}

static void redemptions_that_wait_are_summed_for_each_card(void **state)
{
	struct outbox *outbox = open_it();
	struct operation redeem = {.kind = OPERATION_REDEEM,
	    .card = "20123451",
	    .reward = "coffee",
	    .points = 7,
	    .cost_points = 150};
	struct error err;
	uint64_t points = 7;

	(void)state;
	assert_int_equal(outbox_put(outbox, &redeem, &err), RESULT_OK);
	assert_int_equal(outbox_put(outbox, &redeem, &err), RESULT_OK);
	put(outbox, 1250);
	assert_int_equal(
	    outbox_redeem_points(outbox, "20123451", &points, &err), RESULT_OK);
	assert_int_equal(points, 300);
	assert_int_equal(
	    outbox_redeem_points(outbox, "2912345678906", &points, &err),
	    RESULT_OK);
	assert_int_equal(points, 0);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_OK);
	assert_int_equal(
	    outbox_redeem_points(outbox, "20123451", &points, &err), RESULT_OK);
	assert_int_equal(points, 150);
	outbox_close(outbox);
}

static void the_shops_facts_outlive_the_run(void **state)
{
	static struct shop_facts facts;
	struct outbox *outbox = open_it();
	struct error err;

	(void)state;
	assert_int_equal(outbox_facts(outbox)->programme, 0);
	strcpy(facts.shop, "Café");
	strcpy(facts.currency, "EUR");
	facts.cashier_required = true;
	facts.offline_redeem_points_max = 200;
	facts.programme = 2;
	facts.reward_count = REWARDS_MAX;
	for (size_t i = 0; i < REWARDS_MAX; i++) {
		snprintf(
		    facts.rewards[i].id, sizeof facts.rewards[i].id, "r%zu", i);
		facts.rewards[i].points = i + 1;
	}
	assert_int_equal(outbox_keep_facts(outbox, &facts, &err), RESULT_OK);
	outbox_close(outbox);
	outbox = open_it();
	assert_string_equal(outbox_facts(outbox)->shop, "Café");
	assert_true(outbox_facts(outbox)->cashier_required);
	assert_int_equal(outbox_facts(outbox)->reward_count, REWARDS_MAX);
	assert_string_equal(outbox_facts(outbox)->rewards[63].id, "r63");
	disk.syncs = 0;
	assert_int_equal(outbox_keep_facts(outbox, &facts, &err), RESULT_OK);
	assert_int_equal(disk.syncs, 0);
	outbox_close(outbox);
}

static void keeping_costs_one_sync_and_settling_none(void **state)
{
	struct outbox *outbox = open_it();
	struct error err;

	(void)state;
	put(outbox, 1);
	disk.syncs = 0;
	put(outbox, 2);
	assert_int_equal(disk.syncs, 1);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_OK);
	assert_int_equal(disk.syncs, 1);
	put(outbox, 3);
	assert_int_equal(disk.syncs, 2);
	outbox_close(outbox);
}

/* It could be accepted when it is asked for again, after the cashier was told
 * that it is not. */
static void what_was_refused_is_gone_for_good(void **state)
{
	struct outbox *outbox = open_it();
	struct error err;

	(void)state;
	put(outbox, 1);
	put(outbox, 2);
	assert_int_equal(outbox_settle(outbox, 1, false, &err), RESULT_OK);
	disk.syncs = 0;
	assert_int_equal(outbox_settle(outbox, 2, true, &err), RESULT_OK);
	assert_int_equal(disk.syncs, 1);
	assert_int_equal(outbox_count(outbox), 0);
	assert_int_equal(outbox_settle(outbox, 2, true, &err), RESULT_OK);
	outbox_close(outbox);
}

static void the_log_stays_short_over_thousands_of_operations(void **state)
{
	struct outbox *outbox = open_it();
	struct error err;
	struct stat log;
	char path[160];

	(void)state;
	for (uint64_t i = 1; i <= 1200; i++) {
		put(outbox, i);
		assert_int_equal(
		    outbox_settle(outbox, i, false, &err), RESULT_OK);
	}
	snprintf(path, sizeof path, "%s-wal", database_path());
	assert_int_equal(stat(path, &log), 0);
	assert_true(log.st_size < 8 << 20);
	outbox_close(outbox);
}

static void no_more_than_the_limit_may_wait(void **state)
{
	struct outbox *outbox = open_it();
	struct operation operation = sale(1);
	struct error err;
	sqlite3 *database;

	(void)state;
	outbox_close(outbox);
	/* The rows are made by hand: ten thousand syncs are not quick. */
	assert_int_equal(
	    sqlite3_open_v2(database_path(), &database,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.real->zName),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(database,
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL"
		" SELECT i + 1 FROM n WHERE i < 10000)"
		" INSERT INTO operation SELECT i, i, 6, 'c', 0, x'00' FROM n;"
		"UPDATE state SET next_counter = 10001",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(database);
	outbox = open_it();
	assert_int_equal(outbox_count(outbox), OUTBOX_MAX);
	assert_int_equal(outbox_put(outbox, &operation, &err), RESULT_LIMIT);
	assert_int_equal(outbox_next_counter(outbox), 10001);
	assert_int_equal(outbox_settle(outbox, 5, false, &err), RESULT_OK);
	assert_int_equal(outbox_put(outbox, &operation, &err), RESULT_OK);
	outbox_close(outbox);
}

/* --- what is not opened --------------------------------------------------- */

static void expect_open_fails(enum result wanted, const char *words)
{
	struct outbox *outbox = NULL;
	struct error err = {0};

	assert_int_equal(outbox_open(folder, &outbox, &err), wanted);
	assert_null(outbox);
	if (!strstr(err.text, words))
		fail_msg("'%s' lacks '%s'", err.text, words);
}

static void write_database(const char *text)
{
	sqlite3 *database;

	assert_int_equal(
	    sqlite3_open_v2(database_path(), &database,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.real->zName),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
}

static void a_second_opener_is_told_who_is_in_the_way(void **state)
{
	struct outbox *outbox = open_it();

	(void)state;
	expect_open_fails(RESULT_BUSY, "another tally-pos is running");
	outbox_close(outbox);
	outbox_close(open_it());
}

static void a_missing_folder_says_how_to_enrol(void **state)
{
	(void)state;
	assert_int_equal(rmdir(folder), 0);
	expect_open_fails(RESULT_NOT_FOUND, "tally-pos enrol --server");
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void a_later_versions_outbox_is_left_alone(void **state)
{
	(void)state;
	outbox_close(open_it());
	write_database("PRAGMA user_version = 3");
	expect_open_fails(RESULT_VERSION, "later tally-pos");
}

static int database_version(void)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	int version;

	assert_int_equal(sqlite3_open_v2(database_path(), &database,
			     SQLITE_OPEN_READWRITE, disk.real->zName),
	    SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(database, "PRAGMA user_version", -1,
			     &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return version;
}

/* What an older tally-pos left is taken over, and then it is too late to go
 * back. */
static void an_older_versions_outbox_is_taken_over(void **state)
{
	struct operation operation;
	struct outbox *outbox;
	struct error err;

	(void)state;
	outbox_close(open_it());
	write_database("PRAGMA user_version = 1");
	write_database(
	    "INSERT INTO operation VALUES (3, 3, 6, '29', 0, X'01"
	    "0000000000000003f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff06"
	    "00000000000004e2000000000000000000000000000000000000000000000000"
	    "0002323900000131')");
	outbox = open_it();
	assert_int_equal(outbox_next_counter(outbox), 4);
	assert_int_equal(outbox_read(outbox, 3, &operation, &err), RESULT_OK);
	assert_int_equal(operation.kind, OPERATION_EARN);
	assert_int_equal(operation.amount_minor, 1250);
	assert_string_equal(operation.card, "29");
	assert_string_equal(operation.id, "1");
	outbox_close(outbox);
	assert_int_equal(database_version(), 2);
}

static void another_programs_database_is_left_alone(void **state)
{
	(void)state;
	write_database("CREATE TABLE mine (a)");
	expect_open_fails(RESULT_CORRUPT, "no outbox");
}

static void bytes_that_are_no_database_are_refused(void **state)
{
	FILE *file = fopen(database_path(), "w");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 4000; i++)
		fputs("garbage ", file);
	fclose(file);
	expect_open_fails(RESULT_CORRUPT, "damaged");
}

static void a_damaged_page_is_found_at_the_start(void **state)
{
	struct outbox *outbox = open_it();
	uint8_t noise[2048];
	int file;

	(void)state;
	for (int i = 0; i < 60; i++)
		put(outbox, 1);
	outbox_close(outbox);
	memset(noise, 0xa5, sizeof noise);
	file = open(database_path(), O_WRONLY);
	assert_true(file >= 0);
	/* The second page is the first table's root. */
	assert_int_equal(pwrite(file, noise, sizeof noise, 4096), sizeof noise);
	close(file);
	expect_open_fails(RESULT_CORRUPT, "outbox.db");
}

static void rows_that_contradict_themselves_are_refused(void **state)
{
	struct outbox *outbox = open_it();
	struct operation read;
	struct error err;

	(void)state;
	put(outbox, 1);
	outbox_close(outbox);
	write_database("UPDATE operation SET body = x'0102'");
	outbox = open_it();
	assert_int_equal(outbox_read(outbox, 1, &read, &err), RESULT_CORRUPT);
	outbox_close(outbox);
	write_database("UPDATE state SET next_counter = 1");
	outbox = open_it();
	assert_int_equal(outbox_read(outbox, 1, &read, &err), RESULT_CORRUPT);
	outbox_close(outbox);
	write_database("DELETE FROM state");
	expect_open_fails(RESULT_CORRUPT, "lacks a row");
}

static void facts_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	outbox_close(open_it());
	write_database("INSERT INTO shop VALUES (1, x'05')");
	expect_open_fails(RESULT_CORRUPT, "shop");
}

static void a_folder_that_may_not_be_written_is_refused(void **state)
{
	int status;
	pid_t child;

	(void)state;
	outbox_close(open_it());
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(database_path(), 0444), 0);
	child = fork();
	if (child == 0) {
		struct outbox *outbox;
		struct error err = {0};

		if (getuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (outbox_open(folder, &outbox, &err) != RESULT_IO)
			_exit(3);
		_exit(strstr(err.text, "writ") ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_folder_gets_an_outbox_whose_first_counter_is_one),
	    TEST(an_operation_gets_its_name_and_comes_back_as_it_was),
	    TEST(an_operation_leaves_only_when_it_is_settled),
	    TEST(the_counter_does_not_go_back_when_the_outbox_is_emptied),
	    TEST(a_new_name_is_fresh_and_the_place_stays),
	    TEST(
		visiting_goes_in_ascending_counters_and_stops_where_it_is_told),
	    TEST(redemptions_that_wait_are_summed_for_each_card),
	    TEST(the_shops_facts_outlive_the_run),
	    TEST(keeping_costs_one_sync_and_settling_none),
	    TEST(what_was_refused_is_gone_for_good),
	    TEST(the_log_stays_short_over_thousands_of_operations),
	    TEST(no_more_than_the_limit_may_wait),
	    TEST(a_second_opener_is_told_who_is_in_the_way),
	    TEST(a_missing_folder_says_how_to_enrol),
	    TEST(a_later_versions_outbox_is_left_alone),
	    TEST(an_older_versions_outbox_is_taken_over),
	    TEST(another_programs_database_is_left_alone),
	    TEST(bytes_that_are_no_database_are_refused),
	    TEST(a_damaged_page_is_found_at_the_start),
	    TEST(rows_that_contradict_themselves_are_refused),
	    TEST(facts_that_make_no_sense_are_refused),
	    TEST(a_folder_that_may_not_be_written_is_refused),
	};

	disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
