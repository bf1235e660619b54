/*
 * The law looking back: entries that it does not find lawful, operations that
 * it knows again, and random histories in which nothing may be lost, invented
 * or changed.
 */
#include "tests/unit/common/law_steps.h"

#define HISTORY_STEPS 2500u

/* --- checking --------------------------------------------------------------
 */

static void assert_unlawful(struct world *world, const struct entry *entry,
    const struct entry *related, const char *words)
{
	struct error err = {RESULT_OK, ""};

	assert_int_equal(
	    law_check(world->book, entry, related, &err), RESULT_INVALID);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
}

static void names_the_field_and_both_values(void **state)
{
	struct world *world = world_open(25);
	struct command command = world_command(world, ENTRY_EARN, 1);
	struct entry entry;

	(void)state;
	command.account = MEMBER(1);
	command.amount_minor = 1250;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	entry = world->decision.entry;
	assert_int_equal(
	    law_check(world->book, &entry, NULL, &world->err), RESULT_OK);
	entry.points = 13;
	assert_unlawful(world, &entry, NULL,
	    "entry 6 (earn): the number of points is 13, and should be 12");
	entry.points = 12;
	entry.balance_points = -12;
	assert_unlawful(
	    world, &entry, NULL, "the balance is -12, and should be 12");
	entry.balance_points = 12;
	entry.amount_minor = 300000;
	assert_unlawful(world, &entry, NULL,
	    "it should have been refused (amount_invalid): A sale is");
	world_close(world);
}

/* Each field that the law decides, changed to something else. What a till says
 * freely (random, receipt, commitment, counter) is the hash chain's to keep. */
static void tamper(struct entry *entry, int field)
{
	switch (field) {
	case 0:
		entry->sequence++;
		break;
	case 1:
		entry->time_ms = 0;
		break;
	case 2:
		entry->from_account ^= 2;
		break;
	case 3:
		entry->to_account ^= 2;
		break;
	case 4:
		entry->points++;
		break;
	case 5:
		entry->amount_minor += 500000000;
		break;
	case 6:
		entry->related_sequence++;
		break;
	case 7:
		entry->programme_sequence++;
		break;
	case 8:
		entry->from_previous_sequence++;
		break;
	case 9:
		entry->to_previous_sequence++;
		break;
	case 10:
		entry->balance_points++;
		break;
	case 11:
		entry->has ^= ENTRY_HAS(TAG_BALANCE);
		break;
	case 12:
		entry->has ^= ENTRY_HAS(TAG_KEY);
		break;
	case 13:
		entry->has ^= ENTRY_HAS(TAG_COMMITMENT);
		break;
	case 14:
		entry->subject += 100;
		break;
	case 15:
		entry->role = (enum role)(entry->role + 7);
		break;
	case 16:
		entry->standing = (enum standing)(entry->standing + 7);
		break;
	case 17:
		entry->reward = bytes_of_string("nothing");
		break;
	case 18:
		entry->has ^= ENTRY_HAS(TAG_TEXT);
		break;
	case 19:
		entry->kind = (enum entry_kind)(entry->kind % 8 + 1);
		break;
	case 20:
		entry->terminal = 999;
		break;
	case 21:
		entry->cashier = 999;
		break;
	case 22:
		entry->counter = 0;
		break;
	case 23:
		entry->has ^= ENTRY_HAS(TAG_RECEIPT);
		break;
	default:
		entry->has ^= ENTRY_HAS(TAG_SUBJECT);
		break;
	}
}
#define TAMPER_FIELDS 25

static void refuses_an_entry_with_any_field_changed(void **state)
{
	struct world *world = world_empty(26);
	struct world *history = world_open(26);
	struct error err;
	unsigned seen[ENTRY_KIND_MAX + 1] = {0};

	(void)state;
	for (int step = 0; step < 600; step++)
		world_step(history);
	for (uint64_t sequence = 1; sequence <= history->count; sequence++) {
		struct entry entry = world_entry(history, sequence);
		struct entry related = entry;

		if (entry.related_sequence != 0)
			related = world_entry(history, entry.related_sequence);
		assert_int_equal(
		    law_check(world->book, &entry, &related, &err), RESULT_OK);
		for (int field = 0; field < TAMPER_FIELDS; field++) {
			struct entry forged = entry;

			tamper(&forged, field);
			/* Any time is the first; any free account, and any
			 * free number of a new subject, will do. */
			if ((field == 1 && sequence == 1) ||
			    (field == 3 && entry.kind == ENTRY_ENROL) ||
			    (field == 14 && entry.standing == STANDING_ACTIVE))
				continue;
			if (law_check(world->book, &forged, &related, &err) !=
			    RESULT_INVALID)
				fail_msg("entry %llu, kind %d, field %d",
				    (unsigned long long)sequence, entry.kind,
				    field);
		}
		seen[entry.kind]++;
		assert_int_equal(
		    book_apply(world->book, &entry, &err), RESULT_OK);
	}
	for (int kind = ENTRY_SHOP; kind <= ENTRY_RETURN; kind++)
		assert_true(seen[kind] > 0);
	world_close(history);
	world_close(world);
}

static void refuses_a_return_without_its_sale(void **state)
{
	struct world *world = world_open(27);
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry sale;
	struct entry other;
	struct entry entry;

	(void)state;
	for (int count = 0; count < 2; count++)
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 1250), REFUSAL_NONE);
	sale = world_entry(world, 6);
	other = world_entry(world, 7);
	command.related = &sale;
	command.amount_minor = 1250;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	entry = world->decision.entry;
	assert_int_equal(
	    law_check(world->book, &entry, &sale, &world->err), RESULT_OK);
	assert_unlawful(world, &entry, NULL, "(sale_unknown)");
	assert_unlawful(
	    world, &entry, &other, "the related entry is 6, and should be 7");
	world_close(world);
}

/* --- histories -------------------------------------------------------------
 */

static void keeps_the_sum_of_all_accounts_at_zero(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct world *world = world_open(seed);
		struct world *again;
		int debts = 0;

		for (unsigned step = 0; step < HISTORY_STEPS; step++) {
			size_t count = world->count;

			world_step(world);
			assert_sum_is_zero(world->book);
			if (world->count > count &&
			    world_entry(world, world->count).balance_points < 0)
				debts++;
		}
		assert_true(world->count > HISTORY_STEPS / 4);
		assert_true(debts > 0);
		again = world_empty(seed);
		world_replay(world, again->book, 1, world->count);
		assert_same_book(world->book, again->book);
		world_close(again);
		world_close(world);
	}
}

/* No sequence of sales and returns in any splits gives or takes a point more
 * than what is kept earns. */
static void leaves_what_is_kept_with_its_points(void **state)
{
	struct world *world = world_open(31);
	uint64_t kept_points = 0;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		uint64_t amount_minor = 1 + world_below(world, 30000);
		uint64_t left_minor = amount_minor;
		uint64_t sale;

		assert_int_equal(world_earn(world, 1, MEMBER(1), amount_minor),
		    REFUSAL_NONE);
		sale = world->count;
		while (left_minor > 0 && world_below(world, 3) > 0) {
			uint64_t back_minor =
			    1 + world_below(world, left_minor);

			assert_int_equal(
			    world_return(world, 2, sale, back_minor),
			    REFUSAL_NONE);
			left_minor -= back_minor;
		}
		kept_points += left_minor / 100;
		assert_int_equal(world_balance(world, MEMBER(1)), kept_points);
	}
	world_close(world);
}

static void decides_without_changing_the_book(void **state)
{
	struct world *world = world_open(32);
	struct hash before;
	struct hash after;
	struct decision first;

	(void)state;
	for (int step = 0; step < 100; step++)
		world_step(world);
	before = world_digest(world->book);
	for (int kind = ENTRY_SHOP; kind <= ENTRY_RETURN; kind++) {
		struct command command = world_command(world,
		    (enum entry_kind)kind, kind <= ENTRY_CASHIER ? 0 : 1);

		command.account = MEMBER(1);
		command.amount_minor = 100;
		(void)world_ask(world, &command);
		first = world->decision;
		(void)world_ask(world, &command);
		assert_memory_equal(&first, &world->decision, sizeof(first));
	}
	after = world_digest(world->book);
	assert_true(hash_equal(&before, &after));
	world_close(world);
}

/* --- the same operation ----------------------------------------------------
 */

static void knows_the_same_operation_again(void **state)
{
	struct world *world = world_open(33);
	struct command command = world_command(world, ENTRY_EARN, 1);
	struct command other;
	struct entry entry;

	(void)state;
	command.account = MEMBER(1);
	command.amount_minor = 1250;
	command.receipt = bytes_of_string("A-17");
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_true(law_same_operation(world->book, &entry, &command));
	other = command;
	other.cashier = 3;
	assert_true(law_same_operation(world->book, &entry, &other));
	other = command;
	other.random[15] ^= 1;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.amount_minor++;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.account = MEMBER(2);
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.receipt = bytes_of_string("A-18");
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.kind = ENTRY_REDEEM;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.related = &entry;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.reward = bytes_of_string("cake");
	assert_false(law_same_operation(world->book, &entry, &other));
	world_close(world);
}

static void knows_a_return_and_an_enrolment_again(void **state)
{
	struct world *world = world_open(34);
	struct command command = world_command(world, ENTRY_ENROL, 1);
	struct entry sale;
	struct entry entry;

	(void)state;
	command.account = MEMBER(2);
	command.commitment = world_hash(1);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	/* The server draws the salt anew with each try. */
	command.commitment = world_hash(2);
	assert_true(law_same_operation(world->book, &entry, &command));
	/* Another card is another member. */
	command.account = MEMBER(3);
	assert_false(law_same_operation(world->book, &entry, &command));
	command.account = MEMBER(2);
	command.random[0] ^= 1;
	assert_false(law_same_operation(world->book, &entry, &command));

	assert_int_equal(world_earn(world, 1, MEMBER(2), 500), REFUSAL_NONE);
	sale = world_entry(world, world->count);
	command = world_command(world, ENTRY_RETURN, 1);
	command.related = &sale;
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_true(law_same_operation(world->book, &entry, &command));
	command.account = MEMBER(2);
	assert_true(law_same_operation(world->book, &entry, &command));
	command.account = MEMBER(1);
	assert_false(law_same_operation(world->book, &entry, &command));
	command.account = 0;
	command.related = NULL;
	assert_false(law_same_operation(world->book, &entry, &command));
	world_close(world);
}

static void knows_the_owners_operations_again(void **state)
{
	struct world *world = world_open(35);
	struct command command = world_command(world, ENTRY_TERMINAL, 0);
	struct command other;
	struct entry entry;

	(void)state;
	command.subject = 3;
	command.role = ROLE_AUDITOR;
	command.standing = STANDING_ACTIVE;
	command.key = world_hash(3);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_true(law_same_operation(world->book, &entry, &command));
	other = command;
	other.key = world_hash(4);
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.subject = 4;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.role = ROLE_TERMINAL;
	assert_false(law_same_operation(world->book, &entry, &other));
	other = command;
	other.standing = STANDING_REVOKED;
	assert_false(law_same_operation(world->book, &entry, &other));

	command = world_command(world, ENTRY_TERMINAL, 0);
	command.subject = 3;
	command.standing = STANDING_REVOKED;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_true(law_same_operation(world->book, &entry, &command));
	command.role = ROLE_TERMINAL;
	assert_false(law_same_operation(world->book, &entry, &command));
	world_close(world);
}

static void names_every_refusal_in_its_own_way(void **state)
{
	(void)state;
	for (int code = 0; code <= REFUSAL_SALES_LIMIT; code++) {
		const char *name = refusal_name((enum refusal_code)code);

		assert_string_not_equal(name, "unknown");
		for (int other = 0; other < code; other++)
			assert_string_not_equal(
			    name, refusal_name((enum refusal_code)other));
	}
	assert_string_equal(
	    refusal_name(REFUSAL_INSUFFICIENT_POINTS), "insufficient_points");
	assert_string_equal(refusal_name((enum refusal_code)999), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_field_and_both_values),
	    cmocka_unit_test(refuses_an_entry_with_any_field_changed),
	    cmocka_unit_test(refuses_a_return_without_its_sale),
	    cmocka_unit_test(keeps_the_sum_of_all_accounts_at_zero),
	    cmocka_unit_test(leaves_what_is_kept_with_its_points),
	    cmocka_unit_test(decides_without_changing_the_book),
	    cmocka_unit_test(knows_the_same_operation_again),
	    cmocka_unit_test(knows_a_return_and_an_enrolment_again),
	    cmocka_unit_test(knows_the_owners_operations_again),
	    cmocka_unit_test(names_every_refusal_in_its_own_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
