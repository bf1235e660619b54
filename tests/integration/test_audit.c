/*
 * The audit as its user meets it: what holds, what does not, and where; on a
 * folder and over the network.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/client.h"

#define MEMBERS 3u
#define FURTHER 9u /* the number of a further card of the first */
#define SALES 300u
#define FREE_TRIGGERS                                                     \
	"DROP TRIGGER entry_update; DROP TRIGGER entry_delete;"           \
	"DROP TRIGGER checkpoint_update; DROP TRIGGER checkpoint_delete;" \
	"DROP TRIGGER entry_append; DROP TRIGGER checkpoint_append;"

struct books {
	struct fixture fixture;		/* its server does not run */
	char note[PLACE_PATH_SIZE];	/* a checkpoint kept outside */
	char auditor[PLACE_PATH_SIZE];	/* the auditor's identity */
	char copy[PLACE_PATH_SIZE];	/* of the shop, to be tampered with */
	char database[PLACE_PATH_SIZE]; /* the copy's */
};

static const char rules[] = "[programme]\n"
			    "name = Corner Coffee\n"
			    "currency = EUR\n"
			    "earn_points = 1\n"
			    "earn_amount = 1.00\n"
			    "sale_amount_max = 2000.00\n"
			    "[points]\n"
			    "expire_months = 12\n"
			    "[earn birthday]\n"
			    "points = 5\n"
			    "per = visit\n"
			    "birthday = yes\n"
			    "[earn luck]\n"
			    "points = 100\n"
			    "per = visit\n"
			    "chance = 10\n";

/* A name and a birthday, which is today, and a further card. */
static void say_who(struct client *client)
{
	time_t now = time(NULL);
	struct tm today;
	tally_MemberSet *set;
	tally_CardAdd *add;

	assert_non_null(gmtime_r(&now, &today));
	set = &client_request(client, tally_Request_member_set_tag)
		   ->body.member_set;
	client_name(++client->counter, &set->has_operation, &set->operation);
	card_number(0, set->card);
	set->details = true;
	(void)snprintf(set->name, sizeof(set->name), "Ada");
	set->birthday =
	    100 * (uint32_t)(today.tm_mon + 1) + (uint32_t)today.tm_mday;
	assert_int_equal(client_ask(client), 0);
	add =
	    &client_request(client, tally_Request_card_add_tag)->body.card_add;
	client_name(++client->counter, &add->has_operation, &add->operation);
	card_number(0, add->card);
	card_number(FURTHER, add->new_card);
	assert_int_equal(client_ask(client), 0);
}

/* Many sales on one link, a window of them under way at once. */
static void sell(struct client *client)
{
	char card[14];
	unsigned sent = 0;
	unsigned answered = 0;

	for (unsigned i = 0; i < MEMBERS; i++) {
		card_number(i, card);
		client_member(client, card);
	}
	say_who(client);
	while (answered < SALES) {
		if (sent < SALES && sent - answered < 32) {
			card_number(sent % MEMBERS, card);
			client_fill_earn(
			    client, ++client->counter, card, 100 + sent);
			assert_int_equal(link_send(client->link,
					     &client->request, &client->err),
			    RESULT_OK);
			sent++;
			continue;
		}
		assert_int_equal(link_receive(client->link, PROCESS_WAIT_MS,
				     &client->reply, &client->err),
		    RESULT_OK);
		assert_int_equal(
		    client->reply.which_body, tally_Reply_operation_tag);
		answered++;
	}
}

static void keep_note(struct books *books)
{
	FILE *file;

	assert_int_equal(fixture_tally(&books->fixture, "checkpoint", NULL), 0);
	file = fopen(books->note, "w");
	assert_non_null(file);
	(void)fputs(books->fixture.finished.output, file);
	assert_int_equal(fclose(file), 0);
}

static int group_setup(void **state)
{
	struct books *books = calloc(1, sizeof(*books));
	struct client client;
	char token[128];

	if (books == NULL)
		return -1;
	fixture_init(&books->fixture);
	place_join(&books->fixture.place, "note", books->note);
	place_join(&books->fixture.place, "auditor", books->auditor);
	place_join(&books->fixture.place, "copy", books->copy);
	place_join(&books->fixture.place, "copy/ledger.db", books->database);
	fixture_run(&books->fixture);
	fixture_rules(&books->fixture, rules);
	client_enrol(&books->fixture, "till", "till", &client);
	if (client_connect(&client) != RESULT_OK)
		return -1;
	sell(&client);
	client_finish(&client);
	fixture_token(&books->fixture, "auditor", token, sizeof(token));
	if (fixture_program(&books->fixture, "tally", "enrol", books->auditor,
		"--server", books->fixture.address, "--token", token,
		NULL) != 0)
		return -1;
	if (fixture_stop(&books->fixture) != 0)
		return -1;
	keep_note(books);
	*state = books;
	return 0;
}

static int group_teardown(void **state)
{
	struct books *books = *state;

	fixture_finish(&books->fixture);
	free(books);
	return 0;
}

static int setup(void **state)
{
	struct books *books = *state;
	const char *arguments[] = {"/bin/rm", "-rf", books->copy, NULL};

	process_run(arguments, &books->fixture.finished);
	place_copy(books->fixture.shop, books->copy);
	return 0;
}

static int audit_copy(struct books *books)
{
	return fixture_program(
	    &books->fixture, "tally", "-s", books->copy, "audit", NULL);
}

/* Do this to the copy's database: the audit must name a fault of `kind`, and
 * `place` with it. */
static void check_fault(struct books *books, const char *sql, const char *place)
{
	char script[1024];

	(void)snprintf(script, sizeof(script), "%s%s", FREE_TRIGGERS, sql);
	fixture_sqlite(books->database, script);
	assert_int_equal(audit_copy(books), 1);
	if (strstr(books->fixture.finished.output, place) == NULL)
		fail_msg(
		    "%s is not in: %s", place, books->fixture.finished.output);
	assert_non_null(strstr(books->fixture.finished.output, "fault"));
	assert_null(strstr(books->fixture.finished.output, "holds."));
}

/* --- what holds ----------------------------------------------------------- */

static void a_ledger_that_nobody_touched_holds(void **state)
{
	struct books *books = *state;

	assert_int_equal(audit_copy(books), 0);
	assert_non_null(
	    strstr(books->fixture.finished.output, "The ledger holds."));
	assert_non_null(strstr(books->fixture.finished.output, "Unanchored"));
}

static void a_checkpoint_from_outside_anchors_it(void **state)
{
	struct books *books = *state;

	assert_int_equal(fixture_tally(&books->fixture, "--json", "audit",
			     "--checkpoint", books->note, NULL),
	    0);
	assert_non_null(
	    strstr(books->fixture.finished.output, "\"anchored\":true"));
	assert_int_equal(fixture_number(&books->fixture, "fault_count"), 0);
	assert_int_equal(fixture_number(&books->fixture, "members"), MEMBERS);
	assert_int_equal(
	    fixture_number(&books->fixture, "cards_compared"), MEMBERS + 1);
	assert_int_equal(
	    fixture_number(&books->fixture, "details_compared"), 1);
	assert_true(fixture_number(&books->fixture, "draws") > 0);
	assert_true(
	    fixture_number(&books->fixture, "entries") >= SALES + MEMBERS);
}

static void it_may_be_audited_while_it_is_served(void **state)
{
	struct books *books = *state;

	fixture_run(&books->fixture);
	fixture_audit(&books->fixture);
	assert_int_equal(
	    fixture_program(&books->fixture, "tally", "audit", "--identity",
		books->auditor, "--server", books->fixture.address, NULL),
	    0);
	assert_non_null(
	    strstr(books->fixture.finished.output, "The ledger holds."));
	assert_int_equal(
	    fixture_program(&books->fixture, "tally", "audit", "--identity",
		books->auditor, "--server", books->fixture.address,
		"--checkpoint", books->note, NULL),
	    0);
	assert_non_null(strstr(books->fixture.finished.output, "Anchored"));
	assert_int_equal(fixture_stop(&books->fixture), 0);
}

/* --- what does not -------------------------------------------------------- */

static void a_changed_record_is_named(void **state)
{
	/* The lowest byte of the points, at offset 89. */
	check_fault(*state,
	    "UPDATE entry SET record = CAST(substr(record, 1, 89) || x'63' ||"
	    " substr(record, 91) AS BLOB) WHERE sequence = 57;",
	    "57");
}

static void a_changed_column_is_named(void **state)
{
	check_fault(*state,
	    "UPDATE entry SET counter = 99999 WHERE sequence = 101;", "101");
}

static void a_missing_record_is_named(void **state)
{
	check_fault(*state, "DELETE FROM entry WHERE sequence = 88;", "88");
}

static void a_cut_ledger_contradicts_its_checkpoints(void **state)
{
	check_fault(*state, "DELETE FROM entry WHERE sequence > 250;", "250");
}

static void a_ledger_cut_with_its_checkpoints_contradicts_one_outside(
    void **state)
{
	struct books *books = *state;

	fixture_sqlite(books->database,
	    FREE_TRIGGERS "DELETE FROM entry WHERE sequence > 250;"
			  "DELETE FROM checkpoint WHERE size > 250;"
			  "DELETE FROM object; DELETE FROM tile;"
			  "UPDATE meta SET objects_complete_to = 0;");
	assert_int_equal(
	    fixture_program(&books->fixture, "tally", "-s", books->copy,
		"audit", "--checkpoint", books->note, NULL),
	    1);
	assert_non_null(strstr(books->fixture.finished.output, "anchor"));
}

static void two_records_that_changed_places_are_named(void **state)
{
	check_fault(*state,
	    "UPDATE entry SET sequence = -1 WHERE sequence = 40;"
	    "UPDATE entry SET sequence = 40 WHERE sequence = 41;"
	    "UPDATE entry SET sequence = 41 WHERE sequence = -1;",
	    "40");
}

static void a_changed_balance_is_named(void **state)
{
	check_fault(*state,
	    "UPDATE object SET body = CAST(substr(body, 1, 8) || x'7f' ||"
	    " substr(body, 10) AS BLOB) WHERE key >= 1099511627776;",
	    "balance:");
}

static void changed_details_of_a_card_are_named(void **state)
{
	check_fault(*state,
	    "UPDATE private SET body = CAST(substr(body, 1, 34) || '1' ||"
	    " substr(body, 36) AS BLOB) WHERE kind = 1;",
	    "commitment");
}

static void a_changed_further_card_is_named(void **state)
{
	check_fault(*state,
	    "UPDATE private SET body = CAST(substr(body, 1, 44) || '1' ||"
	    " substr(body, 46) AS BLOB) WHERE kind = 4;",
	    "commitment");
}

static void changed_details_of_a_member_are_named(void **state)
{
	check_fault(*state,
	    "UPDATE private SET body = CAST(substr(body, 1, 34) || 'E' ||"
	    " substr(body, 36) AS BLOB) WHERE kind = 5;",
	    "commitment");
}

/* Erased, as a person may be: what is committed to stays, and says nothing. */
static void a_person_who_was_erased_is_no_fault(void **state)
{
	struct books *books = *state;

	fixture_sqlite(
	    books->database, "DELETE FROM private WHERE kind IN (4, 5);");
	assert_int_equal(audit_copy(books), 0);
	assert_non_null(strstr(books->fixture.finished.output, "Cards erased"));
}

static void draws_without_their_checkpoint_are_named(void **state)
{
	check_fault(*state,
	    "DELETE FROM checkpoint"
	    " WHERE size < (SELECT max(size) FROM checkpoint);",
	    "the shop keeps none of that size");
}

static void a_changed_checkpoint_is_named(void **state)
{
	check_fault(*state,
	    "UPDATE checkpoint SET note = replace(note, 'corner', 'korner');",
	    "checkpoint");
}

static void a_changed_tile_is_named(void **state)
{
	check_fault(
	    *state, "UPDATE tile SET body = zeroblob(length(body));", "tile");
}

static void a_changed_ledger_is_found_over_the_network(void **state)
{
	struct books *books = *state;
	struct fixture served = books->fixture;

	fixture_sqlite(books->database, FREE_TRIGGERS
	    "UPDATE entry SET record = CAST(substr(record, 1, 89) || x'63' ||"
	    " substr(record, 91) AS BLOB) WHERE sequence = 57;");
	(void)snprintf(served.shop, sizeof(served.shop), "%s", books->copy);
	fixture_run(&served);
	assert_int_equal(
	    fixture_program(&served, "tally", "audit", "--identity",
		books->auditor, "--server", served.address, NULL),
	    1);
	assert_non_null(strstr(served.finished.output, "57"));
	fixture_kill(&served);
}

/* --- what cannot be audited ----------------------------------------------- */

static void what_cannot_be_audited_is_neither(void **state)
{
	struct books *books = *state;
	char nowhere[PLACE_PATH_SIZE];

	place_join(&books->fixture.place, "nowhere", nowhere);
	assert_int_equal(fixture_program(&books->fixture, "tally", "-s",
			     nowhere, "audit", NULL),
	    2);
	assert_int_equal(line_count(books->fixture.finished.errors), 1);
	assert_int_equal(fixture_tally(&books->fixture, "audit", "--checkpoint",
			     nowhere, NULL),
	    2);
	assert_int_equal(fixture_tally(&books->fixture, "audit", "--checkpoint",
			     "/etc/passwd", NULL),
	    2);
	assert_int_equal(line_count(books->fixture.finished.errors), 1);
	assert_int_equal(fixture_program(&books->fixture, "tally", "audit",
			     "--identity", nowhere, NULL),
	    2);
	assert_int_equal(
	    fixture_program(&books->fixture, "tally", "audit", "--identity",
		books->auditor, "--server", "127.0.0.1:1", NULL),
	    2);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_ledger_that_nobody_touched_holds),
	    TEST(a_checkpoint_from_outside_anchors_it),
	    TEST(it_may_be_audited_while_it_is_served),
	    TEST(a_changed_record_is_named),
	    TEST(a_changed_column_is_named),
	    TEST(a_missing_record_is_named),
	    TEST(a_cut_ledger_contradicts_its_checkpoints),
	    TEST(a_ledger_cut_with_its_checkpoints_contradicts_one_outside),
	    TEST(two_records_that_changed_places_are_named),
	    TEST(a_changed_balance_is_named),
	    TEST(changed_details_of_a_card_are_named),
	    TEST(a_changed_further_card_is_named),
	    TEST(changed_details_of_a_member_are_named),
	    TEST(a_person_who_was_erased_is_no_fault),
	    TEST(draws_without_their_checkpoint_are_named),
	    TEST(a_changed_checkpoint_is_named),
	    TEST(a_changed_tile_is_named),
	    TEST(a_changed_ledger_is_found_over_the_network),
	    TEST(what_cannot_be_audited_is_neither),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
