/*
 * Tests of command: opening balances out of a file in the shop's folder.
 */
#include "tests/unit/server/whole_world.h"

#define THREE                                               \
	"card,points,expires,name,birthday\n" ANNA ",150\n" \
	"# a note\n" BEN ",7,2099-12-31,\"Smith, Ben\",03-14\n" CORA ",0\n"

/* --- asking --------------------------------------------------------------- */

static void leave(struct world *world, struct bytes text)
{
	char path[128];

	world_path(world, SHOP_IMPORT_NEW, path);
	assert_int_equal(
	    file_replace(path, text, true, &world->err), RESULT_OK);
}

static bool is_left(struct world *world)
{
	char path[128];

	world_path(world, SHOP_IMPORT_NEW, path);
	return file_exists(path);
}

static void fill_import(
    struct world *world, struct bytes text, uint32_t line, bool dry_run)
{
	tally_Import *wanted =
	    &world_request(world, tally_Request_import_cards_tag)
		 ->body.import_cards;
	struct hash hash = hash_plain(world->shop->hasher, text);

	wanted->hash.size = HASH_SIZE;
	memcpy(wanted->hash.bytes, hash.bytes, HASH_SIZE);
	wanted->line = line;
	wanted->dry_run = dry_run;
}

static enum refusal_code ask_of(
    struct world *world, struct bytes text, uint32_t line, bool dry_run)
{
	fill_import(world, text, line, dry_run);
	return world_ask_owner(world);
}

static enum refusal_code ask(
    struct world *world, const char *text, uint32_t line, bool dry_run)
{
	return ask_of(world, bytes_of_string(text), line, dry_run);
}

static const tally_ImportReply *answer(struct world *world)
{
	assert_int_equal(
	    world->reply->which_body, tally_Reply_import_cards_tag);
	return &world->reply->body.import_cards;
}

/* A line for each of many cards. */
static struct buffer many_lines(unsigned count)
{
	struct buffer text = {0};

	for (unsigned n = 0; n < count; n++) {
		char line[64];

		(void)snprintf(
		    line, sizeof(line), "%s,%u\n", world_card(1000 + n), n % 7);
		assert_int_equal(
		    buffer_append(&text, bytes_of_string(line), NULL),
		    RESULT_OK);
	}
	return text;
}

static int setup(void **state)
{
	(void)world_setup(state);
	whole_rules(*state, WHOLE_RULES);
	return 0;
}

/* --- what it does --------------------------------------------------------- */

static void a_dry_run_tells_what_would_be(void **state)
{
	struct world *world = *state;
	uint64_t head = world_head(world);

	leave(world, bytes_of_string(THREE));
	assert_int_equal(ask(world, THREE, 1, true), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 3);
	assert_int_equal(answer(world)->points, 157);
	assert_int_equal(answer(world)->fault_line, 0);
	assert_string_equal(answer(world)->fault, "");
	assert_int_equal(answer(world)->next, 0);
	assert_int_equal(world_head(world), head);
	assert_true(is_left(world));
	/* By all of them, wherever one looks from. */
	assert_int_equal(ask(world, THREE, 4, true), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 3);
	assert_int_equal(answer(world)->points, 157);
}

static void each_line_is_a_member_with_points_and_details(void **state)
{
	struct world *world = *state;
	const struct book_member *ben;
	struct entry entry;

	leave(world, bytes_of_string(THREE));
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 3);
	assert_int_equal(answer(world)->points, 157);
	assert_int_equal(answer(world)->next, 0);
	assert_false(is_left(world));
	assert_int_equal(whole_balance(world, ANNA), 150);
	assert_int_equal(whole_balance(world, CORA), 0);
	ben = whole_member(world, BEN);
	assert_int_equal(ben->balance_points, 7);
	assert_int_equal(ben->lot_count, 1);
	assert_int_equal(
	    ben->lots[0].expiry_day, date_to_day((struct date){2099, 12, 31}));
	assert_int_equal(
	    directory_birthday(world->shop->directory, ben->account), 314);
	/* Its newest entry is of the details, the one before of the points. */
	assert_int_equal(
	    ledger_read(world->shop->ledger, ben->last_sequence - 1,
		&world->shop->record, &entry, &world->err),
	    RESULT_OK);
	assert_int_equal(entry.kind, ENTRY_ADJUST);
	assert_true(bytes_equal(entry.reason, bytes_of_string("import")));
	assert_int_equal(entry.terminal, 0);
	(void)world_request(world, tally_Request_member_show_tag);
	WHOLE_TEXT(world->job->request.body.member_show.card, BEN);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_string_equal(world->reply->body.member_show.name, "Smith, Ben");
	assert_true(world->reply->body.member_show.commitment_holds);
	world_reopen(world);
	assert_int_equal(whole_balance(world, BEN), 7);
}

/* More than a group holds. */
#define MANY BATCH_ENTRIES_MAX

static void assert_all_are_in(struct world *world)
{
	for (unsigned n = 0; n < MANY; n += 101)
		assert_int_equal(
		    whole_balance(world, world_card(1000 + n)), n % 7);
}

static void many_lines_are_one_step(void **state)
{
	struct world *world = *state;
	struct buffer text = many_lines(MANY);

	leave(world, buffer_view(&text));
	assert_int_equal(
	    ask_of(world, buffer_view(&text), 1, false), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, MANY);
	assert_int_equal(answer(world)->next, 0);
	assert_int_equal(answer(world)->points,
	    (uint64_t)-book_account_points(
		ledger_book(world->shop->ledger), ACCOUNT_GOODWILL));
	assert_all_are_in(world);
	assert_false(is_left(world));
	world_reopen(world);
	assert_all_are_in(world);
	buffer_finish(&text);
}

/* --- faults --------------------------------------------------------------- */

static void every_fault_is_found_in_turn(void **state)
{
	static const char text[] =
	    ANNA ",1\n" BEN ",x\n" ANNA ",2\n" CORA ",3\nnothing\n" NOBODY
		 ",1,2001-01-01\n";
	static const struct {
		uint32_t line;
		const char *fault;
	} wanted[] = {{2, "points are wanted"}, {3, "line 1 has this one"},
	    {4, "not enrolled yet"}, {5, "a card is wanted"},
	    {6, "have lapsed"}};
	struct world *world = *state;
	uint32_t line = 1;

	world_member(world, CORA);
	leave(world, bytes_of_string(text));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_int_equal(ask(world, text, line, true), REFUSAL_NONE);
		assert_int_equal(answer(world)->fault_line, wanted[i].line);
		assert_non_null(strstr(answer(world)->fault, wanted[i].fault));
		assert_int_equal(answer(world)->next, wanted[i].line + 1);
		line = answer(world)->next;
	}
	assert_int_equal(ask(world, text, line, true), REFUSAL_NONE);
	assert_int_equal(answer(world)->fault_line, 0);
	assert_int_equal(answer(world)->next, 0);
}

static void nothing_is_written_where_any_line_is_a_fault(void **state)
{
	static const char text[] = ANNA ",1\n" BEN ",2\n" CORA ",x\n";
	struct world *world = *state;
	uint64_t head = world_head(world);

	leave(world, bytes_of_string(text));
	for (uint32_t line = 1; line <= 3; line++) {
		assert_int_equal(
		    ask(world, text, line, false), REFUSAL_MALFORMED);
		assert_non_null(strstr(world_refusal(world)->say, "Line 3"));
	}
	assert_int_equal(world_head(world), head);
	assert_true(is_left(world));
}

static void so_many_points_that_no_account_holds_are_a_fault(void **state)
{
	struct world *world = *state;
	struct buffer text = {0};
	char line[64];

	for (unsigned n = 0; n <= 1000; n++) {
		(void)snprintf(line, sizeof(line), "%s,%llu\n",
		    world_card(1000 + n), POINTS_MAX);
		assert_int_equal(
		    buffer_append(&text, bytes_of_string(line), NULL),
		    RESULT_OK);
	}
	leave(world, buffer_view(&text));
	assert_int_equal(
	    ask_of(world, buffer_view(&text), 1, true), REFUSAL_NONE);
	assert_int_equal(answer(world)->fault_line, 1001);
	assert_non_null(strstr(answer(world)->fault, "fewer points"));
	assert_int_equal(
	    ask_of(world, buffer_view(&text), 1, false), REFUSAL_MALFORMED);
	buffer_finish(&text);
}

static void the_file_is_the_one_that_was_meant(void **state)
{
	struct world *world = *state;

	assert_int_equal(ask(world, THREE, 1, true), REFUSAL_NOT_FOUND);
	leave(world, bytes_of_string(ANNA ",1\n"));
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_MALFORMED);
	assert_non_null(strstr(world_refusal(world)->say, "another"));
	leave(world, bytes_of_string(THREE));
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NONE);
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NOT_FOUND);
	assert_int_equal(ask(world, THREE, 1, true), REFUSAL_NOT_FOUND);
}

static void an_import_is_the_owners(void **state)
{
	struct world *world = *state;

	leave(world, bytes_of_string(THREE));
	(void)ask(world, THREE, 1, true);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
}

static void an_empty_file_is_done_at_once(void **state)
{
	struct world *world = *state;

	leave(world, bytes_of_string("card,points\n"));
	assert_int_equal(ask(world, "card,points\n", 1, false), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 0);
	assert_int_equal(answer(world)->next, 0);
	assert_false(is_left(world));
}

/* --- again, and after a crash --------------------------------------------- */

static void an_import_that_is_done_is_passed_over(void **state)
{
	struct world *world = *state;
	uint64_t head;

	leave(world, bytes_of_string(THREE));
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NONE);
	head = world_head(world);
	leave(world, bytes_of_string(THREE));
	assert_int_equal(ask(world, THREE, 1, true), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 0);
	assert_int_equal(answer(world)->fault_line, 0);
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, 0);
	assert_int_equal(world_head(world), head);
	/* The same cards in another file are somebody's. */
	leave(world, bytes_of_string(ANNA ",150\n"));
	assert_int_equal(
	    ask(world, ANNA ",150\n", 1, false), REFUSAL_MALFORMED);
	/* And a card that a till has enrolled is none of the file's. */
	assert_int_equal(whole_balance(world, ANNA), 150);
}

/* Most of it is with the database, and none of it is durable. */
static void an_import_that_is_cut_off_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct buffer text = many_lines(MANY);
	uint64_t head = world_head(world);
	char path[128];

	leave(world, buffer_view(&text));
	fill_import(world, buffer_view(&text), 1, false);
	assert_true(world_stage(world,
	    (struct caller){.peer = {.role = ROLE_OWNER}, .said_hello = true}));
	assert_int_equal(world->job->reply.body.import_cards.cards, MANY);
	shop_abandon(world->shop);
	world->shop = NULL;
	world_path(world, "", path);
	assert_int_equal(shop_open(path, &world->shop, &world->err), RESULT_OK);
	assert_int_equal(world_head(world), head);
	assert_int_equal(
	    directory_find(world->shop->directory, world_card(1000)), 0);
	/* And it can be asked for again. */
	assert_int_equal(
	    ask_of(world, buffer_view(&text), 1, false), REFUSAL_NONE);
	assert_int_equal(answer(world)->cards, MANY);
	assert_all_are_in(world);
	buffer_finish(&text);
}

/* What tills had staged before is in the same step, and answered after it. */
static void an_import_goes_into_the_group_of_others(void **state)
{
	struct world *world = *state;
	uint64_t head;

	world_member(world, NOBODY);
	leave(world, bytes_of_string(THREE));
	head = world_head(world);
	for (unsigned i = 0; i < BATCH_ENTRIES_MAX - 3; i++) {
		world_fill_earn(world, 1, NOBODY, 100);
		assert_true(world_stage(world, world_till(world, 1)));
	}
	assert_int_equal(ask(world, THREE, 1, false), REFUSAL_NONE);
	assert_false(world->is_full);
	assert_int_equal(answer(world)->cards, 3);
	assert_int_equal(whole_balance(world, BEN), 7);
	assert_true(world_head(world) > head + BATCH_ENTRIES_MAX - 3);
	world_reopen(world);
	assert_int_equal(whole_balance(world, BEN), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_dry_run_tells_what_would_be),
	    TEST(each_line_is_a_member_with_points_and_details),
	    TEST(many_lines_are_one_step),
	    TEST(every_fault_is_found_in_turn),
	    TEST(nothing_is_written_where_any_line_is_a_fault),
	    TEST(so_many_points_that_no_account_holds_are_a_fault),
	    TEST(the_file_is_the_one_that_was_meant),
	    TEST(an_import_is_the_owners),
	    TEST(an_empty_file_is_done_at_once),
	    TEST(an_import_that_is_done_is_passed_over),
	    TEST(an_import_that_is_cut_off_leaves_nothing),
	    TEST(an_import_goes_into_the_group_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
