/*
 * Bad input: one clear line and an exit code that is not 0, or a refusal with
 * a name; and nothing has changed.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/client.h"

#define CARD "2912345678906"

/* The last command failed, said one line about it, and crashed nowhere. */
static void check_line(struct fixture *fixture, int status, const char *what)
{
	const char *errors = fixture->finished.errors;

	if (fixture->finished.status != status || line_count(errors) != 1 ||
	    strstr(errors, what) == NULL)
		fail_msg("status %d, where %d and '%s' are wanted: %s",
		    fixture->finished.status, status, what, errors);
}

/* --- command lines -------------------------------------------------------- */

static void unknown_commands_and_options_are_named(void **state)
{
	struct fixture *fixture = *state;

	fixture_program(fixture, "tallyd", "dance", NULL);
	check_line(fixture, 2, "dance");
	fixture_program(fixture, "tallyd", NULL, NULL);
	check_line(fixture, 2, "init or run");
	fixture_program(
	    fixture, "tallyd", "run", fixture->shop, "--dance", NULL);
	check_line(fixture, 2, "--dance");
	fixture_program(
	    fixture, "tallyd", "run", fixture->shop, "--listen", NULL);
	check_line(fixture, 2, "--listen");
	fixture_program(
	    fixture, "tallyd", "run", fixture->shop, "--threads", "0", NULL);
	check_line(fixture, 2, "--threads");
	fixture_program(fixture, "tallyd", "run", fixture->shop,
	    "--connections", "many", NULL);
	check_line(fixture, 2, "--connections");
	fixture_program(fixture, "tallyd", "init", "--dance", "x", NULL);
	check_line(fixture, 2, "--dance");
	fixture_program(fixture, "tallyd", "init", NULL);
	check_line(fixture, 2, "folder");
	fixture_tally(fixture, "dance", NULL);
	check_line(fixture, 2, "dance");
	fixture_tally(fixture, "terminal", "list", "--dance", NULL);
	check_line(fixture, 2, "--dance");
	fixture_tally(fixture, "terminal", "revoke", "one", NULL);
	check_line(fixture, 2, "one");
	fixture_program(fixture, "tally-pos", "--dance", NULL);
	check_line(fixture, 2, "--dance");
	fixture_program(fixture, "tally-pos", NULL, NULL);
	check_line(fixture, 2, "folder");
	fixture_program(fixture, "tally-pos", "a", "b", NULL);
	check_line(fixture, 2, "b");
}

static void missing_and_unreadable_files_are_named(void **state)
{
	struct fixture *fixture = *state;
	char nowhere[PLACE_PATH_SIZE];
	char file[PLACE_PATH_SIZE];

	place_join(&fixture->place, "nowhere", nowhere);
	fixture_program(fixture, "tallyd", "run", nowhere, NULL);
	check_line(fixture, 1, nowhere);
	fixture_program(
	    fixture, "tally", "-s", nowhere, "terminal", "list", NULL);
	check_line(fixture, 2, nowhere);
	fixture_program(fixture, "tally-pos", nowhere, "--json", NULL);
	check_line(fixture, 1, nowhere);
	assert_int_equal(fixture_stop(fixture), 0);
	place_join(&fixture->place, "shop/keys/checkpoint", file);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	fixture_run_in_vain(fixture);
	check_line(fixture, 1, "keys/checkpoint");
}

static void a_port_that_is_taken_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct fixture other;

	fixture_init(&other);
	(void)snprintf(
	    other.address, sizeof(other.address), "%s", fixture->address);
	fixture_run_in_vain(&other);
	check_line(&other, 1, strchr(fixture->address, ':') + 1);
	fixture_finish(&other);
}

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const addresses[] = {
	    "nonsense", "127.0.0.1:99999", "127.0.0.1:", "256.0.0.1:80"};
	struct fixture *fixture = *state;

	assert_int_equal(fixture_stop(fixture), 0);
	for (size_t i = 0; i < 4; i++) {
		fixture_program(fixture, "tallyd", "run", fixture->shop,
		    "--listen", addresses[i], NULL);
		assert_int_not_equal(fixture->finished.status, 0);
		assert_int_equal(line_count(fixture->finished.errors), 1);
	}
}

static void a_shop_that_exists_or_is_served_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	long long head = fixture_head(fixture);

	fixture_program(fixture, "tallyd", "init", fixture->shop, NULL);
	check_line(fixture, 1, "not empty");
	fixture_program(fixture, "tallyd", "run", fixture->shop, "--listen",
	    "127.0.0.1:0", NULL);
	check_line(fixture, 1, "in use");
	assert_int_equal(fixture_head(fixture), head);
}

static void a_name_that_is_no_text_makes_no_shop(void **state)
{
	struct fixture *fixture = *state;
	char folder[PLACE_PATH_SIZE];

	place_join(&fixture->place, "other", folder);
	fixture_program(
	    fixture, "tallyd", "init", folder, "--name", "\xff\xfe", NULL);
	check_line(fixture, 1, "name");
	assert_int_not_equal(access(folder, F_OK), 0);
}

/* --- ledgers -------------------------------------------------------------- */

static void a_ledger_of_a_later_version_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char file[PLACE_PATH_SIZE];

	assert_int_equal(fixture_stop(fixture), 0);
	place_join(&fixture->place, "shop/ledger.db", file);
	fixture_sqlite(file, "PRAGMA user_version = 99;");
	fixture_run_in_vain(fixture);
	check_line(fixture, 1, "ledger.db: store: the ledger is of schema 99");
	fixture_tally(fixture, "audit", NULL);
	check_line(fixture, 2, "schema 99");
	fixture_sqlite(file, "PRAGMA user_version = 1;");
	fixture_run(fixture);
}

static void a_corrupt_ledger_is_not_written_over(void **state)
{
	struct fixture *fixture = *state;
	struct client client;
	char database[PLACE_PATH_SIZE];

	client_enrol(fixture, "till", "till", &client);
	assert_int_equal(client_connect(&client), RESULT_OK);
	client_member(&client, CARD);
	client_finish(&client);
	assert_int_equal(fixture_stop(fixture), 0);
	place_join(&fixture->place, "shop/ledger.db", database);
	fixture_sqlite(database,
	    "DROP TRIGGER entry_update; UPDATE entry SET record ="
	    " CAST(substr(record, 1, 120) || x'63' || substr(record, 122) AS"
	    " BLOB) WHERE sequence = (SELECT max(sequence) FROM entry);");
	fixture_run_in_vain(fixture);
	check_line(fixture, 1, "ledger.db");
	assert_int_equal(fixture_tally(fixture, "audit", NULL), 1);
	fixture_tally(fixture, "reward", "add", "tea", "--name", "Tea",
	    "--points", "5", NULL);
	assert_int_not_equal(fixture->finished.status, 0);
	assert_int_equal(line_count(fixture->finished.errors), 1);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char file[PLACE_PATH_SIZE];
	FILE *garbage;

	assert_int_equal(fixture_stop(fixture), 0);
	place_join(&fixture->place, "shop/ledger.db", file);
	garbage = fopen(file, "w");
	assert_non_null(garbage);
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a ledger at all ", garbage);
	assert_int_equal(fclose(garbage), 0);
	fixture_run_in_vain(fixture);
	check_line(fixture, 1, "ledger.db");
}

/* --- tokens and keys ------------------------------------------------------ */

static void enrol(struct fixture *fixture, const char *token, const char *name)
{
	char folder[PLACE_PATH_SIZE];

	place_join(&fixture->place, name, folder);
	fixture_program(fixture, "tally-pos", "enrol", "--server",
	    fixture->address, "--token", token, folder, NULL);
}

static void wrong_used_and_expired_tokens_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct fixture other;
	char token[128];
	char wrong[128];
	long long head;

	fixture_token(fixture, "till", token, sizeof(token));
	enrol(fixture, token, "first");
	assert_int_equal(fixture->finished.status, 0);
	head = fixture_head(fixture);
	enrol(fixture, token, "second");
	check_line(fixture, 1, "used");
	enrol(fixture, token, "first");
	check_line(fixture, 1, "first");
	(void)snprintf(wrong, sizeof(wrong), "%s", token);
	wrong[20] = wrong[20] == 'a' ? 'b' : 'a';
	enrol(fixture, wrong, "second");
	check_line(fixture, 1, "mistyped");
	enrol(fixture, "tally1-nonsense", "second");
	check_line(fixture, 1, "token");
	/* Another shop's token pins another authority. */
	fixture_init(&other);
	fixture_run(&other);
	fixture_token(&other, "till", token, sizeof(token));
	fixture_finish(&other);
	enrol(fixture, token, "second");
	check_line(fixture, 1, "not the server that the token is for");
	/* Withdrawn, as an expired one is. */
	fixture_token(fixture, "till", token, sizeof(token));
	assert_int_equal(
	    fixture_tally(fixture, "terminal", "revoke", "2", NULL), 0);
	enrol(fixture, token, "second");
	check_line(fixture, 1, "token");
	assert_int_equal(fixture_head(fixture), head);
}

static void a_certificate_of_another_shop_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct fixture other;
	struct client client;
	long long head = fixture_head(fixture);

	fixture_init(&other);
	fixture_run(&other);
	client_enrol(&other, "till", "till", &client);
	(void)snprintf(client.identity.address, sizeof(client.identity.address),
	    "%s", fixture->address);
	assert_int_not_equal(client_connect(&client), RESULT_OK);
	client_finish(&client);
	fixture_finish(&other);
	assert_int_equal(fixture_head(fixture), head);
}

static void a_wrong_key_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct till one;
	struct till two;
	char from[PLACE_PATH_SIZE + 16];
	char to[PLACE_PATH_SIZE + 16];

	till_enrol(fixture, "one", &one);
	till_enrol(fixture, "two", &two);
	(void)snprintf(from, sizeof(from), "%s/key.pem", one.folder);
	(void)snprintf(to, sizeof(to), "%s/key.pem", two.folder);
	assert_int_equal(unlink(to), 0);
	place_copy(from, to);
	fixture_program(fixture, "tally-pos", two.folder, "--json", NULL);
	assert_int_equal(fixture->finished.status, 1);
	assert_int_equal(line_count(fixture->finished.errors), 1);
}

static void a_folder_copied_to_a_second_machine_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct till till;
	struct till copy = {.folder = ""};
	char errors[16384];

	till_enrol(fixture, "till", &till);
	place_join(&fixture->place, "copy", copy.folder);
	place_copy(till.folder, copy.folder);
	till_start(&till, NULL, -1);
	till_event(&till, "link");
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(&till, "\"ok\":true");
	till_start(&copy, NULL, -1);
	till_event(&copy, "stopped");
	assert_has(&copy, "\"why\":\"counter_fork\"");
	assert_int_equal(process_wait(&copy.process), 1);
	process_finish(&copy.process);
	process_errors(&fixture->server, errors, sizeof(errors));
	assert_non_null(strstr(errors, "level=alarm event=counter_fork"));
	assert_int_equal(till_stop(&till), 0);
	fixture_audit(fixture);
}

static void two_copies_at_once_are_noticed_too(void **state)
{
	struct fixture *fixture = *state;
	struct client one;
	struct client two;
	char errors[16384];

	client_enrol(fixture, "till", "till", &one);
	two = one;
	assert_int_equal(client_connect(&one), RESULT_OK);
	assert_int_equal(client_connect(&two), RESULT_OK);
	client_member(&one, CARD);
	client_fill_enrol(&two, 1, "20123451");
	two.request.body.enrol.operation.random.bytes[9] ^= 1;
	assert_int_equal(client_ask(&two), REFUSAL_COUNTER_CONFLICT);
	process_errors(&fixture->server, errors, sizeof(errors));
	assert_non_null(strstr(errors, "level=alarm event=counter_conflict"));
	client_close(&two);
	client_finish(&one);
}

/* --- what tills are told -------------------------------------------------- */

static void bad_lines_are_refused_and_change_nothing(void **state)
{
	static const struct {
		const char *line;
		const char *why;
	} lines[] = {
	    {"nonsense", "\"why\":\"malformed\""},
	    {"[1,2]", "\"why\":\"malformed\""},
	    {"\"text\"", "\"why\":\"malformed\""},
	    {"{\"do\":\"dance\"}", "\"why\":\"malformed\""},
	    {"{\"do\":7}", "\"why\":\"malformed\""},
	    {"{}", "\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":-5}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":0}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":12.5}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":\"12\"}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD
	     "\",\"amount\":99999999999999999999999}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\",\"amount\":200001}",
		"\"why\":\"amount_invalid\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD "\"}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"gold\"}",
		"\"why\":\"reward_unknown\""},
	    {"{\"do\":\"redeem\",\"card\":\"" CARD "\",\"reward\":\"\"}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"return\",\"entry\":1,\"amount\":5}",
		"\"why\":\"sale_unknown\""},
	    {"{\"do\":\"return\",\"entry\":99999,\"amount\":5}",
		"\"why\":\"sale_unknown\""},
	    {"{\"do\":\"earn\",\"card\":\"2912345678905\",\"amount\":5}",
		"\"why\":\"bad_check_digit\""},
	    {"{\"do\":\"earn\",\"card\":\"20123451\",\"amount\":5}",
		"\"why\":\"card_unknown\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD
	     "\",\"amount\":5,\"receipt\":\"\xff\xfe\"}",
		"\"why\":\"malformed\""},
	    {"{\"do\":\"earn\",\"card\":\"" CARD
	     "\",\"amount\":5,\"receipt\":\"\\u0000\"}",
		"\"why\":\"malformed\""},
	    {"\xc3\x28", "\"why\":\"malformed\""},
	};
	struct fixture *fixture = *state;
	struct till till;
	long long head;

	till_begin(fixture, "till", &till);
	till_ask(&till, "{\"do\":\"enrol\",\"card\":\"" CARD "\"}");
	assert_has(&till, "\"ok\":true");
	head = fixture_head(fixture);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		till_ask(&till, lines[i].line);
		assert_has(&till, "\"ok\":false");
		assert_has(&till, lines[i].why);
		assert_has(&till, "\"say\":\"");
	}
	assert_int_equal(fixture_head(fixture), head);
	till_ask(&till, "{\"do\":\"status\"}");
	assert_int_equal(line_number(till.line, "waiting"), 0);
	assert_int_equal(till_stop(&till), 0);
}

static void a_line_that_is_too_long_is_refused_once(void **state)
{
	struct fixture *fixture = *state;
	struct till till;
	char line[JSON_LINE_SIZE_MAX * 3];

	till_begin(fixture, "till", &till);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	till_ask(&till, line);
	assert_has(&till, "\"why\":\"malformed\"");
	assert_has(&till, "longer than 16384");
	till_ask(&till, "{\"do\":\"status\"}");
	assert_has(&till, "\"do\":\"status\"");
	/* A NUL is no end of a line. */
	assert_true(process_write(&till.process, "{\0}", 3));
	till_ask(&till, "");
	assert_has(&till, "\"why\":\"malformed\"");
	assert_int_equal(till_stop(&till), 0);
}

static void what_the_owner_mistypes_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	long long head = fixture_head(fixture);

	assert_int_not_equal(fixture_tally(fixture, "reward", "add", "Bad Id",
				 "--name", "x", "--points", "5", NULL),
	    0);
	assert_int_equal(line_count(fixture->finished.errors), 1);
	assert_int_not_equal(fixture_tally(fixture, "reward", "add", "tea",
				 "--name", "x", "--points", "-5", NULL),
	    0);
	assert_int_not_equal(fixture_tally(fixture, "reward", "add", "tea",
				 "--name", "\xff", "--points", "5", NULL),
	    0);
	assert_int_not_equal(fixture_tally(fixture, "cashier", "add", "Ann",
				 "--pin", "12", NULL),
	    0);
	assert_int_not_equal(fixture_tally(fixture, "terminal", "add", "Till",
				 "--role", "king", NULL),
	    0);
	assert_int_not_equal(
	    fixture_tally(fixture, "terminal", "revoke", "7", NULL), 0);
	assert_int_equal(line_count(fixture->finished.errors), 1);
	assert_int_not_equal(
	    fixture_tally(fixture, "member", "show", "2912345678905", NULL), 0);
	assert_int_not_equal(
	    fixture_tally(fixture, "member", "show", CARD, NULL), 0);
	assert_int_equal(line_count(fixture->finished.errors), 1);
	assert_int_equal(fixture_head(fixture), head);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(unknown_commands_and_options_are_named),
	    TEST(missing_and_unreadable_files_are_named),
	    TEST(a_port_that_is_taken_is_named),
	    TEST(an_address_that_is_none_is_refused),
	    TEST(a_shop_that_exists_or_is_served_is_left_alone),
	    TEST(a_name_that_is_no_text_makes_no_shop),
	    TEST(a_ledger_of_a_later_version_is_refused),
	    TEST(a_corrupt_ledger_is_not_written_over),
	    TEST(a_file_that_is_no_database_is_refused),
	    TEST(wrong_used_and_expired_tokens_are_refused),
	    TEST(a_certificate_of_another_shop_is_refused),
	    TEST(a_wrong_key_is_refused),
	    TEST(a_folder_copied_to_a_second_machine_is_noticed),
	    TEST(two_copies_at_once_are_noticed_too),
	    TEST(bad_lines_are_refused_and_change_nothing),
	    TEST(a_line_that_is_too_long_is_refused_once),
	    TEST(what_the_owner_mistypes_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
