/*
 * Tests of ledger: deciding in groups, repeated operations, private rows and
 * reading.
 */
#include "tests/unit/server/ledger_fixture.h"

static uint64_t store_head_of(struct world *world)
{
	struct store *reader;
	struct store_head head;

	must(world,
	    store_sqlite_open(world->path, STORE_READ, &reader, &world->err));
	must(world, reader->ops->head(reader, &head, &world->err));
	store_close(reader);
	return head.sequence;
}

/* --- staging and committing ----------------------------------------------- */

static void an_empty_ledger_has_nothing(void **state)
{
	struct world *world = *state;
	struct note note;
	struct entry entry;
	struct hash zeroes = {0};
	struct hash hash = ledger_head_hash(world->ledger);

	assert_int_equal(ledger_head(world->ledger), 0);
	assert_true(hash_equal(&hash, &zeroes));
	assert_int_equal(ledger_checkpoint(world->ledger, &note), 0);
	assert_int_equal(
	    ledger_read(world->ledger, 1, &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	world_commit(world);
	idle_until_done(world);
	world_close(world);
	world_reopen(world);
	assert_int_equal(ledger_head(world->ledger), 0);
	world_fill(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
}

static void each_entry_carries_the_hash_of_the_one_before(void **state)
{
	struct world *world = *state;
	struct hash previous = {0};
	struct hash head;

	for (uint64_t i = 1; i <= WORLD_ENTRIES; i++) {
		struct entry entry = read_entry(world, i);

		assert_int_equal(entry.sequence, i);
		assert_true(hash_equal(&entry.previous, &previous));
		previous = record_hash(world, i);
	}
	head = ledger_head_hash(world->ledger);
	assert_true(hash_equal(&head, &previous));
}

static void an_outcome_holds_the_entry_and_its_hash(void **state)
{
	struct world *world = *state;
	struct hash hash;

	world_earn(world, 2, MEMBER(1), 1250);
	assert_int_equal(world->outcome.entry.sequence, WORLD_ENTRIES + 1);
	assert_int_equal(world->outcome.entry.points, 12);
	assert_int_equal(world->outcome.entry.balance_points, 12);
	assert_int_equal(world->outcome.entry.terminal, 2);
	assert_int_equal(world->outcome.entry.counter, 1);
	assert_false(world->outcome.repeated);
	hash = record_hash(world, WORLD_ENTRIES + 1);
	assert_true(hash_equal(&world->outcome.hash, &hash));
	world_commit(world);
	hash = record_hash(world, WORLD_ENTRIES + 1);
	assert_true(hash_equal(&world->outcome.hash, &hash));
}

static void nothing_is_in_the_store_before_the_commit(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 5; i++)
		world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	assert_int_equal(store_head_of(world), WORLD_ENTRIES);
	assert_int_equal(
	    book_head(ledger_book(world->ledger))->sequence, WORLD_ENTRIES + 5);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 5);
	assert_int_equal(store_head_of(world), WORLD_ENTRIES + 5);
}

static void operations_of_a_group_see_those_before_them(void **state)
{
	struct world *world = *state;
	struct command command;

	world_earn(world, 1, MEMBER(1), 14900);
	command = world_command(world, ENTRY_REDEEM, 1);
	command.account = MEMBER(1);
	command.reward = bytes_of_string("coffee");
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(world->outcome.refusal.missing, 1);
	world_earn(world, 2, MEMBER(1), 100);
	command.counter = ++world->counters[1];
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.balance_points, 0);
	assert_int_equal(world->outcome.entry.from_previous_sequence,
	    world->outcome.entry.sequence - 1);
	world_commit(world);
}

static void outcomes_can_be_read_until_the_next_stage(void **state)
{
	struct world *world = *state;
	char receipt[] = "A-99";
	struct command command = world_earn_command(world, 1, MEMBER(1), 500);
	struct outcome outcome;

	command.receipt = bytes_of(receipt, 4);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	outcome = world->outcome;
	memset(receipt, 'x', 4);
	for (int i = 0; i < 100; i++)
		world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	assert_int_equal(outcome.entry.receipt.size, 4);
	assert_memory_equal(outcome.entry.receipt.data, "A-99", 4);
}

static void a_refusal_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 1, MEMBER(2), 500);
	struct hash before = world_digest(world), after;

	assert_int_equal(world_stage(world, &command), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(world->outcome.entry.sequence, 0);
	assert_true(strlen(world->outcome.refusal.say) > 0);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	after = world_digest(world);
	assert_true(hash_equal(&before, &after));
}

static void the_server_numbers_its_own_operations(void **state)
{
	struct world *world = *state;

	world_terminal(world, 4);
	assert_int_equal(world->outcome.entry.terminal, 0);
	assert_int_equal(world->outcome.entry.counter, 6);
	world_terminal(world, 5);
	assert_int_equal(world->outcome.entry.counter, 7);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	world_terminal(world, 6);
	assert_int_equal(world->outcome.entry.counter, 8);
}

static void the_time_never_goes_back(void **state)
{
	struct world *world = *state;
	uint64_t now_ms = world->now_ms;

	world_earn(world, 1, MEMBER(1), 100);
	world->now_ms -= 5000;
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(world->outcome.entry.time_ms, now_ms);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	world_earn(world, 1, MEMBER(1), 100);
	assert_int_equal(world->outcome.entry.time_ms, now_ms);
}

static void a_group_has_a_limit(void **state)
{
	struct world *world = *state;
	struct command command;

	for (unsigned i = 0; i < BATCH_ENTRIES_MAX; i++)
		world_earn(world, 1, MEMBER(1), 100);
	command = world_earn_command(world, 1, MEMBER(1), 100);
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_LIMIT);
	world_commit(world);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	world_commit(world);
	assert_int_equal(
	    ledger_head(world->ledger), WORLD_ENTRIES + BATCH_ENTRIES_MAX + 1);
	world_crash(world);
	world_reopen(world);
	assert_int_equal(
	    ledger_head(world->ledger), WORLD_ENTRIES + BATCH_ENTRIES_MAX + 1);
}

/* Programmes of 60,000 bytes: the arena is full long before the count is. */
static void a_group_of_large_records_has_a_limit_too(void **state)
{
	struct world *world = *state;
	static char text[ENTRY_TEXT_SIZE_MAX];
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);
	enum result result = RESULT_OK;
	uint64_t count = 0;

	memset(text, '\n', sizeof(text));
	memcpy(text, WORLD_RULES, strlen(WORLD_RULES));
	command.text = bytes_of(text, sizeof(text));
	while (result == RESULT_OK && count < 1000) {
		result = ledger_stage(world->ledger, &command, NULL, 0,
		    world->now_ms, &world->outcome, &world->err);
		if (result == RESULT_OK) {
			assert_int_equal(
			    world->outcome.refusal.code, REFUSAL_NONE);
			count++;
		}
	}
	assert_int_equal(result, RESULT_LIMIT);
	assert_in_range(count, 20, 50);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + count);
	must(world, ledger_stage(world->ledger, &command, NULL, 0,
			world->now_ms, &world->outcome, &world->err));
}

/* --- repeated operations -------------------------------------------------- */

static void assert_repeated(struct world *world, const struct command *command,
    const struct outcome *first)
{
	uint64_t staged = book_head(ledger_book(world->ledger))->sequence;

	assert_int_equal(world_stage(world, command), REFUSAL_NONE);
	assert_true(world->outcome.repeated);
	assert_true(hash_equal(&world->outcome.hash, &first->hash));
	assert_int_equal(world->outcome.entry.sequence, first->entry.sequence);
	assert_int_equal(
	    world->outcome.entry.balance_points, first->entry.balance_points);
	assert_int_equal(
	    book_head(ledger_book(world->ledger))->sequence, staged);
}

static void an_operation_counts_once_however_often_it_is_sent(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 2, MEMBER(1), 1250);
	struct outcome first;

	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	first = world->outcome;
	assert_repeated(world, &command, &first);
	world_earn(world, 2, MEMBER(1), 100);
	assert_repeated(world, &command, &first);
	world_commit(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	world_crash(world);
	world_reopen(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	world_close(world);
	world_reopen(world);
	assert_repeated(world, &command, &first);
	world_commit(world);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 2);
}

/* The first answer again, whoever is logged in and whatever is in force. */
static void a_repeated_answer_does_not_depend_on_what_came_since(void **state)
{
	struct world *world = *state;
	struct command command = world_earn_command(world, 2, MEMBER(1), 1250);
	struct command revoke = world_command(world, ENTRY_TERMINAL, 0);
	struct outcome first;

	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	first = world->outcome;
	revoke.subject = 2;
	revoke.standing = STANDING_REVOKED;
	assert_int_equal(world_stage(world, &revoke), REFUSAL_NONE);
	world_commit(world);
	assert_repeated(world, &command, &first);
	command.counter++;
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_TERMINAL_REVOKED);
}

static void a_used_name_for_something_else_is_a_conflict(void **state)
{
	struct world *world = *state;
	struct command first = world_earn_command(world, 2, MEMBER(1), 1250);
	struct command other = first;

	assert_int_equal(world_stage(world, &first), REFUSAL_NONE);
	for (int committed = 0; committed < 2; committed++) {
		other.amount_minor = 1251;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		assert_false(world->outcome.repeated);
		assert_int_equal(world->outcome.entry.sequence, 0);
		other = first;
		other.random[3] ^= 1;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		other = first;
		other.kind = ENTRY_ENROL;
		assert_int_equal(
		    world_stage(world, &other), REFUSAL_COUNTER_CONFLICT);
		world_commit(world);
	}
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES + 1);
}

static void a_lower_counter_that_was_never_used_is_new(void **state)
{
	struct world *world = *state;
	struct command late = world_earn_command(world, 2, MEMBER(1), 700);
	struct outcome first;

	world_earn(world, 2, MEMBER(1), 100);
	world_commit(world);
	world_earn(world, 2, MEMBER(1), 100);
	assert_int_equal(world_stage(world, &late), REFUSAL_NONE);
	assert_false(world->outcome.repeated);
	assert_int_equal(world->outcome.entry.counter, 1);
	first = world->outcome;
	assert_repeated(world, &late, &first);
	world_commit(world);
	assert_repeated(world, &late, &first);
	world_crash(world);
	world_reopen(world);
	assert_repeated(world, &late, &first);
}

static void a_refused_name_can_be_used_again(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_REDEEM, 1);

	command.account = MEMBER(1);
	command.reward = bytes_of_string("coffee");
	assert_int_equal(
	    world_stage(world, &command), REFUSAL_INSUFFICIENT_POINTS);
	world_earn(world, 2, MEMBER(1), 15000);
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_false(world->outcome.repeated);
}

/* --- private rows --------------------------------------------------------- */

static enum result count_private(
    void *context, const struct store_private *row, struct error *err)
{
	(void)err;
	assert_int_equal(row->body.size, 4);
	(*(int *)context)++;
	return RESULT_OK;
}

static int count_cards(struct world *world)
{
	int count = 0;

	must(world, world->store->ops->privates(world->store, PRIVATE_CARD,
			count_private, &count, &world->err));
	return count;
}

static enum refusal_code stage_with_card(
    struct world *world, const struct command *command, uint64_t id)
{
	char body[] = "card";
	struct store_private row = {PRIVATE_CARD, id, bytes_of(body, 4)};

	must(world, ledger_stage(world->ledger, command, &row, 1, world->now_ms,
			&world->outcome, &world->err));
	memset(body, 0, sizeof(body));
	return world->outcome.refusal.code;
}

static void private_rows_go_with_their_entry_alone(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_ENROL, 1);
	struct command refused = world_earn_command(world, 1, MEMBER(9), 100);

	command.account = MEMBER(2);
	command.commitment.bytes[0] = 1;
	assert_int_equal(
	    stage_with_card(world, &command, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(
	    stage_with_card(world, &refused, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(count_cards(world), 0);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
	/* The same again, which somebody hangs another row to. */
	assert_int_equal(
	    stage_with_card(world, &command, MEMBER(3)), REFUSAL_NONE);
	assert_true(world->outcome.repeated);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
}

static void private_rows_can_be_staged_alone(void **state)
{
	struct world *world = *state;
	struct store_private row = {PRIVATE_CARD, 5, bytes_of_string("four")};

	must(world, ledger_stage_private(world->ledger, &row, &world->err));
	assert_int_equal(count_cards(world), 0);
	world_commit(world);
	assert_int_equal(count_cards(world), 1);
	assert_int_equal(ledger_head(world->ledger), WORLD_ENTRIES);
	for (unsigned i = 0; i < 2 * BATCH_ENTRIES_MAX; i++)
		must(world,
		    ledger_stage_private(world->ledger, &row, &world->err));
	assert_int_equal(ledger_stage_private(world->ledger, &row, &world->err),
	    RESULT_LIMIT);
	world_commit(world);
	must(world, ledger_stage_private(world->ledger, &row, &world->err));
}

/* --- reading -------------------------------------------------------------- */

static void reads_what_is_staged_and_what_is_durable(void **state)
{
	struct world *world = *state;
	struct entry entry;

	world_earn(world, 1, MEMBER(1), 1000);
	world_earn(world, 1, MEMBER(1), 2000);
	entry = read_entry(world, WORLD_ENTRIES + 2);
	assert_int_equal(entry.amount_minor, 2000);
	entry = read_entry(world, WORLD_ENTRIES + 1);
	assert_int_equal(entry.amount_minor, 1000);
	assert_int_equal(read_entry(world, 1).kind, ENTRY_SHOP);
	assert_int_equal(ledger_read(world->ledger, WORLD_ENTRIES + 3,
			     &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    ledger_read(world->ledger, 0, &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(ledger_read(world->ledger, UINT64_MAX, &world->record,
			     &entry, &world->err),
	    RESULT_NOT_FOUND);
}

static void finds_an_operation_by_its_name(void **state)
{
	struct world *world = *state;
	struct entry entry;

	world_earn(world, 2, MEMBER(1), 700);
	for (int committed = 0; committed < 2; committed++) {
		must(world, ledger_find(world->ledger, 2, world->counters[2],
				&world->record, &entry, &world->err));
		assert_int_equal(entry.sequence, WORLD_ENTRIES + 1);
		assert_int_equal(entry.amount_minor, 700);
		assert_int_equal(
		    ledger_find(world->ledger, 2, world->counters[2] + 1,
			&world->record, &entry, &world->err),
		    RESULT_NOT_FOUND);
		assert_int_equal(
		    ledger_find(world->ledger, 3, world->counters[2],
			&world->record, &entry, &world->err),
		    RESULT_NOT_FOUND);
		world_commit(world);
	}
	/* Below the highest, and never used. */
	world->counters[2] += 5;
	world_earn(world, 2, MEMBER(1), 700);
	assert_int_equal(ledger_find(world->ledger, 2, world->counters[2] - 2,
			     &world->record, &entry, &world->err),
	    RESULT_NOT_FOUND);
	/* The server's own are numbered here and not asked for. */
	assert_int_equal(ledger_find(world->ledger, 0, 1, &world->record,
			     &entry, &world->err),
	    RESULT_NOT_FOUND);
	assert_int_equal(ledger_find(world->ledger, 99, 1, &world->record,
			     &entry, &world->err),
	    RESULT_NOT_FOUND);
}

/* What there is said to be room for can be staged in any case. */
static void says_how_much_room_a_group_has(void **state)
{
	struct world *world = *state;
	unsigned staged = 0;

	assert_false(
	    ledger_has_room(world->ledger, BATCH_ENTRIES_MAX + 1, 0, 0));
	assert_false(
	    ledger_has_room(world->ledger, 1, 2 * BATCH_ENTRIES_MAX + 1, 0));
	assert_false(ledger_has_room(world->ledger, 1, 1, 1u << 30));
	while (ledger_has_room(world->ledger, 3, 2, 100)) {
		for (int i = 0; i < 3; i++)
			world_earn(world, 1, MEMBER(1), 100);
		staged += 3;
	}
	assert_in_range(staged, BATCH_ENTRIES_MAX - 2, BATCH_ENTRIES_MAX);
	world_commit(world);
	assert_true(ledger_has_room(world->ledger, 3, 2, 100));
}

static void a_return_is_of_the_sale_that_was_read(void **state)
{
	struct world *world = *state;
	struct command command = world_command(world, ENTRY_RETURN, 2);
	struct entry sale;

	world_earn(world, 1, MEMBER(1), 1250);
	sale = read_entry(world, WORLD_ENTRIES + 1);
	command.related = &sale;
	command.amount_minor = 250;
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.points, 2);
	assert_int_equal(world->outcome.entry.balance_points, 10);
	world_commit(world);
	sale = read_entry(world, WORLD_ENTRIES + 1);
	command.counter = ++world->counters[2];
	command.amount_minor = 1000;
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	assert_int_equal(world->outcome.entry.balance_points, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EMPTY_TEST(an_empty_ledger_has_nothing),
	    LEDGER_TEST(each_entry_carries_the_hash_of_the_one_before),
	    LEDGER_TEST(an_outcome_holds_the_entry_and_its_hash),
	    LEDGER_TEST(nothing_is_in_the_store_before_the_commit),
	    LEDGER_TEST(operations_of_a_group_see_those_before_them),
	    LEDGER_TEST(outcomes_can_be_read_until_the_next_stage),
	    LEDGER_TEST(a_refusal_leaves_nothing),
	    LEDGER_TEST(the_server_numbers_its_own_operations),
	    LEDGER_TEST(the_time_never_goes_back),
	    LEDGER_TEST(a_group_has_a_limit),
	    LEDGER_TEST(a_group_of_large_records_has_a_limit_too),
	    LEDGER_TEST(an_operation_counts_once_however_often_it_is_sent),
	    LEDGER_TEST(a_repeated_answer_does_not_depend_on_what_came_since),
	    LEDGER_TEST(a_used_name_for_something_else_is_a_conflict),
	    LEDGER_TEST(a_lower_counter_that_was_never_used_is_new),
	    LEDGER_TEST(a_refused_name_can_be_used_again),
	    LEDGER_TEST(private_rows_go_with_their_entry_alone),
	    LEDGER_TEST(private_rows_can_be_staged_alone),
	    LEDGER_TEST(reads_what_is_staged_and_what_is_durable),
	    LEDGER_TEST(finds_an_operation_by_its_name),
	    LEDGER_TEST(says_how_much_room_a_group_has),
	    LEDGER_TEST(a_return_is_of_the_sale_that_was_read),
	};

	return cmocka_run_group_tests_name(
	    "ledger: staging", tests, NULL, NULL);
}
