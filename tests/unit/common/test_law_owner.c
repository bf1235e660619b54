/*
 * The law of what the owner does, and of the programme's limits.
 */
#include "common/law/book_inside.h"
#include "tests/unit/common/law_world.h"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

/* --- the owner's -----------------------------------------------------------
 */

static void admits_terminals_by_any_number_in_range(void **state)
{
	struct world *world = world_open(20);
	struct entry entry;

	(void)state;
	assert_int_equal(world_terminal(world, TERMINALS_MAX + 1, ROLE_TERMINAL,
			     STANDING_ACTIVE),
	    REFUSAL_LIMIT);
	assert_int_equal(
	    world_terminal(world, 0, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_LIMIT);
	assert_int_equal(
	    world_terminal(world, 3, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_MALFORMED);
	assert_int_equal(
	    world_terminal(world, 3, ROLE_TERMINAL, (enum standing)3),
	    REFUSAL_MALFORMED);
	assert_int_equal(
	    world_terminal(world, 3, ROLE_AUDITOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_terminal(world, 3, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.role, ROLE_AUDITOR);
	assert_int_equal(entry.has & ENTRY_HAS(TAG_KEY), 0);
	assert_int_equal(world_terminal(world, 3, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_EXISTS);
	assert_int_equal(
	    world_terminal(world, 2, ROLE_AUDITOR, STANDING_REVOKED),
	    REFUSAL_MALFORMED);
	assert_int_equal(world_terminal(world, 4, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NOT_FOUND);
	assert_int_equal(book_terminal_last(world->book), 3);
	/* Number 9 came before 4 to 8: they may come later, or never. */
	assert_int_equal(
	    world_terminal(world, 9, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_null(book_terminal(world->book, 8));
	assert_int_equal(
	    world_terminal(world, 5, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(book_terminal_last(world->book), 9);
	world_close(world);
}

static void admits_a_terminal_by_its_key_and_renews_it(void **state)
{
	struct world *world = world_open(20);
	struct command command = world_command(world, ENTRY_TERMINAL, 0);

	(void)state;
	command.subject = 2;
	command.role = ROLE_TERMINAL;
	command.standing = STANDING_ACTIVE;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.key = world_hash(0x77);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_true(
	    hash_equal(&book_terminal(world->book, 2)->key, &command.key));
	/* Its counters go on: they are never used twice. */
	assert_int_equal(world_earn(world, 2, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(
	    book_terminal(world->book, 2)->counter_max, world->counters[2]);
	world_close(world);
}

static void admits_a_terminal_to_a_shop_of_a_chain(void **state)
{
	static const char *const ids[] = {
	    "North", "no rth", "abcdefghijklmnopqrstuvwxyz0123456"};
	struct world *world = world_open(20);
	struct command command = world_command(world, ENTRY_TERMINAL, 0);

	(void)state;
	command.subject = 2;
	command.role = ROLE_TERMINAL;
	command.standing = STANDING_ACTIVE;
	command.key = world_hash(0x77);
	for (size_t index = 0; index < sizeof(ids) / sizeof(*ids); index++) {
		command.shop = bytes_of_string(ids[index]);
		assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	}
	command.shop = bytes_of_string("north");
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_string_equal(book_terminal(world->book, 2)->shop, "north");
	assert_int_equal(world_terminal(world, 2, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_entry(world, world->count).has & ENTRY_HAS(TAG_SHOP), 0);
	/* Admitted again without one, it stands in none. */
	assert_int_equal(
	    world_terminal(world, 2, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_string_equal(book_terminal(world->book, 2)->shop, "");
	world_close(world);
}

static void admits_cashiers_by_any_number_in_range(void **state)
{
	struct world *world = world_open(21);
	struct command command = world_command(world, ENTRY_CASHIER, 0);

	(void)state;
	assert_int_equal(world_cashier(world, CASHIERS_MAX + 1, ROLE_CASHIER,
			     STANDING_ACTIVE),
	    REFUSAL_LIMIT);
	assert_int_equal(world_cashier(world, 1, ROLE_OWNER, STANDING_ACTIVE),
	    REFUSAL_MALFORMED);
	assert_int_equal(
	    world_cashier(world, 1, ROLE_CASHIER, (enum standing)0),
	    REFUSAL_MALFORMED);
	command.subject = 1;
	command.role = ROLE_CASHIER;
	command.standing = STANDING_ACTIVE;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	assert_int_equal(world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_cashier(world, 1, ROLE_SUPERVISOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(book_cashier(world->book, 1)->role, ROLE_SUPERVISOR);
	assert_int_equal(
	    world_cashier(world, 1, ROLE_NONE, STANDING_REVOKED), REFUSAL_NONE);
	assert_int_equal(
	    world_entry(world, world->count).role, ROLE_SUPERVISOR);
	assert_int_equal(world_cashier(world, 1, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_EXISTS);
	assert_int_equal(world_cashier(world, 7, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NOT_FOUND);
	world_close(world);
}

static void takes_only_rules_that_can_be_read(void **state)
{
	struct world *world = world_open(22);
	char *text = malloc(ENTRY_TEXT_SIZE_MAX + 2);

	(void)state;
	assert_int_equal(
	    world_programme(world, "[programme]\nearn_amount = x\n"),
	    REFUSAL_MALFORMED);
	assert_non_null(strstr(refusal_of(world)->say, "line 2: earn_amount"));
	/* A sentence that is too long is cut between characters. */
	for (int shift = 0; shift < 4; shift++) {
		(void)sprintf(text, "[programme]\n%.*s", shift, "aaaa");
		for (int count = 0; count < 45; count++)
			strcat(text, "\xe2\x82\xac");
		strcat(text, " = 1\n");
		assert_int_equal(
		    world_programme(world, text), REFUSAL_MALFORMED);
		assert_true(strlen(refusal_of(world)->say) > 156);
	}
	memset(text, ';', ENTRY_TEXT_SIZE_MAX + 1);
	text[ENTRY_TEXT_SIZE_MAX + 1] = '\0';
	assert_int_equal(world_programme(world, text), REFUSAL_LIMIT);
	free(text);
	world_close(world);
}

static void admits_a_terminal_into_its_shop(void **state)
{
	static const struct {
		const char *shop;
		enum refusal_code code;
	} table[] = {
	    {"north", REFUSAL_NONE},
	    {"", REFUSAL_NONE},
	    {"n-1_x", REFUSAL_NONE},
	    {"North", REFUSAL_MALFORMED},
	    {"no rth", REFUSAL_MALFORMED},
	    {"a23456789012345678901234567890123", REFUSAL_MALFORMED},
	};
	struct world *world = world_open(22);

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct command command =
		    world_command(world, ENTRY_TERMINAL, 0);

		command.subject = 3;
		command.role = ROLE_TERMINAL;
		command.standing = STANDING_ACTIVE;
		command.key = world_hash(3);
		command.shop = bytes_of_string(table[at].shop);
		assert_int_equal(world_do(world, &command), table[at].code);
		if (table[at].code == REFUSAL_NONE)
			assert_string_equal(book_terminal(world->book, 3)->shop,
			    table[at].shop);
	}
	/* Who is shut out keeps it, and says it no more. */
	assert_int_equal(world_terminal(world, 3, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	assert_false(
	    world_entry(world, world->count).has & ENTRY_HAS(TAG_SHOP));
	world_close(world);
}

/* --- limits ----------------------------------------------------------------
 */

/* A shop like world_open()'s, but with these balances at entry `sequence`: no
 * history is long enough to come there. */
static struct world *world_with_balances(uint64_t sequence,
    int64_t member_points, int64_t issued_points, int64_t redeemed_points)
{
	struct world *world = world_open(23);
	struct book_member *member = book_find_member(world->book, MEMBER(1));
	struct lot lot = {
	    .expiry_day = LOT_NEVER, .points = (uint64_t)member_points};

	member->balance_points = member_points;
	if (member_points > 0)
		assert_int_equal(
		    book_put_lot(member, &lot, &world->err), RESULT_OK);
	world->book->accounts[ACCOUNT_ISSUED].balance_points = issued_points;
	world->book->accounts[ACCOUNT_REDEEMED].balance_points =
	    redeemed_points;
	world->book->head.sequence = sequence;
	return world;
}

static enum refusal_code ask_earn(struct world *world, uint64_t amount_minor)
{
	struct command command = world_command(world, ENTRY_EARN, 1);

	command.account = MEMBER(1);
	command.amount_minor = amount_minor;
	return world_ask(world, &command);
}

static enum refusal_code ask_redeem(struct world *world)
{
	struct command command = world_command(world, ENTRY_REDEEM, 1);

	command.account = MEMBER(1);
	command.reward = bytes_of_string("cake");
	return world_ask(world, &command);
}

static void keeps_balances_within_limits(void **state)
{
	struct world *world =
	    world_with_balances(5, BALANCE_POINTS_MAX - 10, 0, 0);

	(void)state;
	assert_int_equal(ask_earn(world, 1000), REFUSAL_NONE);
	assert_int_equal(ask_earn(world, 1100), REFUSAL_LIMIT);
	world_close(world);
	world = world_with_balances(5, 0, -BALANCE_POINTS_MAX + 10, 0);
	assert_int_equal(ask_earn(world, 1000), REFUSAL_NONE);
	assert_int_equal(ask_earn(world, 1100), REFUSAL_LIMIT);
	world_close(world);
	world = world_with_balances(5, 1000, 0, BALANCE_POINTS_MAX - 40);
	assert_int_equal(ask_redeem(world), REFUSAL_NONE);
	world_close(world);
	world = world_with_balances(5, 1000, 0, BALANCE_POINTS_MAX - 39);
	assert_int_equal(ask_redeem(world), REFUSAL_LIMIT);
	world_close(world);
}

static void ends_at_the_last_sequence(void **state)
{
	struct world *world = world_with_balances(SEQUENCE_MAX - 1, 0, 0, 0);

	(void)state;
	assert_int_equal(ask_earn(world, 1000), REFUSAL_NONE);
	assert_int_equal(world->decision.entry.sequence, SEQUENCE_MAX);
	world_close(world);
	world = world_with_balances(SEQUENCE_MAX, 0, 0, 0);
	assert_int_equal(ask_earn(world, 1000), REFUSAL_LIMIT);
	world_close(world);
}

static void gives_out_no_more_numbers_than_there_are(void **state)
{
	struct world *world = world_open(24);

	(void)state;
	assert_int_equal(world_terminal(world, TERMINALS_MAX, ROLE_TERMINAL,
			     STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_cashier(world, CASHIERS_MAX, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_terminal(world, TERMINALS_MAX + 1, ROLE_TERMINAL,
			     STANDING_ACTIVE),
	    REFUSAL_LIMIT);
	assert_int_equal(world_cashier(world, CASHIERS_MAX + 1, ROLE_CASHIER,
			     STANDING_ACTIVE),
	    REFUSAL_LIMIT);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(admits_terminals_by_any_number_in_range),
	    cmocka_unit_test(admits_a_terminal_by_its_key_and_renews_it),
	    cmocka_unit_test(admits_a_terminal_to_a_shop_of_a_chain),
	    cmocka_unit_test(admits_cashiers_by_any_number_in_range),
	    cmocka_unit_test(takes_only_rules_that_can_be_read),
	    cmocka_unit_test(admits_a_terminal_into_its_shop),
	    cmocka_unit_test(keeps_balances_within_limits),
	    cmocka_unit_test(ends_at_the_last_sequence),
	    cmocka_unit_test(gives_out_no_more_numbers_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
