/*
 * The law: every refusal and its figures, and every kind's entry.
 */
#include "tests/unit/common/law_world.h"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

/* --- who asks --------------------------------------------------------------
 */

static void lets_only_the_first_entry_make_a_shop(void **state)
{
	struct world *world = world_empty(1);
	struct entry entry;

	(void)state;
	assert_int_equal(world_programme(world, WORLD_RULES("1", "1.00")),
	    REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    world_terminal(world, 1, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NOT_ALLOWED);
	assert_int_equal(world_shop(world, "corner.example"), REFUSAL_NONE);
	entry = world_entry(world, 1);
	assert_int_equal(entry.kind, ENTRY_SHOP);
	assert_int_equal(entry.terminal, 0);
	assert_int_equal(entry.counter, 1);
	assert_int_equal(entry.time_ms, world->now_ms);
	assert_int_equal(world_shop(world, "corner.example"), REFUSAL_EXISTS);
	world_close(world);
}

static void refuses_a_bad_origin_or_key_of_a_shop(void **state)
{
	static const char *const origins[] = {
	    "", "a b", "a+b", "a\nb", "\xff", "a\tb"};
	struct world *world = world_empty(1);
	struct command command = world_command(world, ENTRY_SHOP, 0);
	char longest[ORIGIN_SIZE_MAX + 2] = {0};

	(void)state;
	for (size_t index = 0; index < sizeof(origins) / sizeof(*origins);
	     index++)
		assert_int_equal(
		    world_shop(world, origins[index]), REFUSAL_MALFORMED);
	memset(longest, 'o', ORIGIN_SIZE_MAX + 1);
	assert_int_equal(world_shop(world, longest), REFUSAL_MALFORMED);
	longest[ORIGIN_SIZE_MAX] = '\0';
	command.text = bytes_of_string(longest);
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	assert_int_equal(world_shop(world, longest), REFUSAL_NONE);
	world_close(world);
}

static bool is_shut_out(
    struct world *world, enum entry_kind kind, uint32_t terminal)
{
	struct command command = world_command(world, kind, terminal);

	return world_ask(world, &command) == REFUSAL_NOT_ALLOWED;
}

static void keeps_tills_and_owner_apart(void **state)
{
	static const enum entry_kind owners[] = {ENTRY_PROGRAMME,
	    ENTRY_TERMINAL, ENTRY_CASHIER, ENTRY_EXPIRE, ENTRY_TIER,
	    ENTRY_NOTICE, ENTRY_STAFF, ENTRY_BONUS};
	static const enum entry_kind tills[] = {ENTRY_EARN, ENTRY_REDEEM,
	    ENTRY_RETURN, ENTRY_HOLD, ENTRY_VOID, ENTRY_TRANSFER};
	static const enum entry_kind both[] = {ENTRY_ENROL, ENTRY_ADJUST,
	    ENTRY_JOIN, ENTRY_LEAVE, ENTRY_CARD, ENTRY_MEMBER};
	struct world *world = world_open(2);

	(void)state;
	for (size_t at = 0; at < sizeof(owners) / sizeof(*owners); at++) {
		assert_true(is_shut_out(world, owners[at], 1));
		assert_false(is_shut_out(world, owners[at], 0));
	}
	for (size_t at = 0; at < sizeof(tills) / sizeof(*tills); at++) {
		assert_true(is_shut_out(world, tills[at], 0));
		assert_false(is_shut_out(world, tills[at], 1));
	}
	for (size_t at = 0; at < sizeof(both) / sizeof(*both); at++) {
		assert_false(is_shut_out(world, both[at], 0));
		assert_false(is_shut_out(world, both[at], 1));
	}
	assert_true(is_shut_out(world, ENTRY_SHOP, 1));
	world_close(world);
}

static void refuses_a_kind_that_does_not_exist(void **state)
{
	struct world *world = world_open(2);

	(void)state;
	for (uint32_t terminal = 0; terminal <= 1; terminal++) {
		static const int kinds[] = {0, 23, -1, 1000};

		for (size_t index = 0; index < 4; index++) {
			struct command command = world_command(
			    world, (enum entry_kind)kinds[index], terminal);

			assert_int_equal(
			    world_ask(world, &command), REFUSAL_MALFORMED);
		}
	}
	world_close(world);
}

static void asks_for_a_terminal_that_is_known_and_active(void **state)
{
	struct world *world = world_open(3);

	(void)state;
	assert_int_equal(
	    world_earn(world, 3, MEMBER(1), 100), REFUSAL_TERMINAL_UNKNOWN);
	assert_int_equal(world_terminal(world, 2, ROLE_NONE, STANDING_REVOKED),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_earn(world, 2, MEMBER(1), 100), REFUSAL_TERMINAL_REVOKED);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(
	    world_terminal(world, 2, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_earn(world, 2, MEMBER(1), 100), REFUSAL_NONE);
	world_close(world);
}

static void lets_an_auditor_move_nothing(void **state)
{
	struct world *world = world_open(3);

	(void)state;
	assert_int_equal(
	    world_terminal(world, 3, ROLE_AUDITOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_enrol(world, 3, MEMBER(2)), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    world_earn(world, 3, MEMBER(1), 100), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    world_redeem(world, 3, MEMBER(1), "cake"), REFUSAL_NOT_ALLOWED);
	assert_int_equal(world_return(world, 3, 0, 1), REFUSAL_NOT_ALLOWED);
	world_close(world);
}

static void asks_for_a_cashier_once_there_is_one(void **state)
{
	struct world *world = world_open(4);
	struct command command = world_command(world, ENTRY_EARN, 1);

	(void)state;
	command.account = MEMBER(1);
	command.amount_minor = 100;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	command.cashier = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_CASHIER_UNKNOWN);
	assert_int_equal(world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	assert_int_equal(world->decision.entry.cashier, 1);
	command.cashier = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_CASHIER_REQUIRED);
	command.cashier = 2;
	assert_int_equal(world_ask(world, &command), REFUSAL_CASHIER_UNKNOWN);
	assert_int_equal(
	    world_cashier(world, 2, ROLE_SUPERVISOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	assert_int_equal(
	    world_cashier(world, 2, ROLE_NONE, STANDING_REVOKED), REFUSAL_NONE);
	assert_int_equal(world_ask(world, &command), REFUSAL_CASHIER_UNKNOWN);
	/* The last one goes: nobody needs to log in any more. */
	assert_int_equal(
	    world_cashier(world, 1, ROLE_NONE, STANDING_REVOKED), REFUSAL_NONE);
	command.cashier = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

/* Who pools, what a card or a segment gives: a supervisor answers for it. */
static void asks_for_a_supervisor_where_points_hang_on_it(void **state)
{
	static const struct {
		enum entry_kind kind;
		enum standing standing;
		const char *segment;
		bool is_supervisors;
	} table[] = {
	    {ENTRY_JOIN, 0, "", true},
	    {ENTRY_LEAVE, 0, "", true},
	    {ENTRY_CARD, STANDING_ACTIVE, "", true},
	    {ENTRY_CARD, STANDING_REVOKED, "", false},
	    {ENTRY_MEMBER, STANDING_ACTIVE, "staff", true},
	    {ENTRY_MEMBER, 0, "", false},
	    {ENTRY_TRANSFER, 0, "", false},
	    {ENTRY_ADJUST, 0, "", false},
	};
	struct world *world = world_open(4);

	(void)state;
	assert_int_equal(world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_cashier(world, 2, ROLE_SUPERVISOR, STANDING_ACTIVE),
	    REFUSAL_NONE);
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct command command =
		    world_command(world, table[at].kind, 1);

		command.standing = table[at].standing;
		command.segment = bytes_of_string(table[at].segment);
		assert_int_equal(
		    world_ask(world, &command), REFUSAL_CASHIER_REQUIRED);
		command.cashier = 1;
		assert_int_equal(
		    world_ask(world, &command) == REFUSAL_NOT_ALLOWED,
		    table[at].is_supervisors);
		command.cashier = 2;
		assert_int_not_equal(
		    world_ask(world, &command), REFUSAL_NOT_ALLOWED);
	}
	world_close(world);
}

static void corrects_nothing_without_a_name(void **state)
{
	struct world *world = world_open(4);
	struct command command = world_command(world, ENTRY_ADJUST, 1);

	(void)state;
	command.account = MEMBER(1);
	command.points = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_CASHIER_REQUIRED);
	world_close(world);
}

static void takes_counters_late_but_in_range(void **state)
{
	struct world *world = world_open(5);
	struct command command = world_command(world, ENTRY_EARN, 1);

	(void)state;
	command.account = MEMBER(1);
	command.amount_minor = 100;
	command.counter = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.counter = COUNTER_MAX + 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.counter = COUNTER_MAX;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command.counter = 7;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(
	    book_terminal(world->book, 1)->counter_max, COUNTER_MAX);
	world_close(world);
}

static void counts_the_servers_own_operations_without_a_gap(void **state)
{
	struct world *world = world_open(5);
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);

	(void)state;
	command.text = bytes_of_string(WORLD_RULES("2", "1.00"));
	command.counter++;
	assert_int_equal(world_ask(world, &command), REFUSAL_COUNTER_CONFLICT);
	command.counter -= 2;
	assert_int_equal(world_ask(world, &command), REFUSAL_COUNTER_CONFLICT);
	command.counter++;
	command.cashier = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.cashier = 0;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	world_close(world);
}

static void lets_time_stand_but_not_go_back(void **state)
{
	struct world *world = world_open(6);
	uint64_t head_ms = book_head(world->book)->time_ms;

	(void)state;
	world->now_ms = head_ms - 1000;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(book_head(world->book)->time_ms, head_ms);
	world->now_ms = head_ms + 1000;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(book_head(world->book)->time_ms, head_ms + 1000);
	world_close(world);
}

/* --- enrolling and earning -------------------------------------------------
 */

static void enrols_into_a_free_account_of_a_member(void **state)
{
	static const uint64_t accounts[] = {0, ACCOUNT_ISSUED,
	    ACCOUNT_MEMBER_MIN - 1, ACCOUNT_MEMBER_MAX + 1, UINT64_MAX};
	struct world *world = world_open(7);
	struct command command = world_command(world, ENTRY_ENROL, 1);
	struct entry entry;

	(void)state;
	for (size_t index = 0; index < sizeof(accounts) / sizeof(*accounts);
	     index++)
		assert_int_equal(
		    world_enrol(world, 1, accounts[index]), REFUSAL_MALFORMED);
	assert_int_equal(world_enrol(world, 1, MEMBER(1)), REFUSAL_EXISTS);
	command.account = MEMBER(2);
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	assert_int_equal(
	    world_enrol(world, 1, ACCOUNT_MEMBER_MIN), REFUSAL_NONE);
	assert_int_equal(
	    world_enrol(world, 1, ACCOUNT_MEMBER_MAX), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, 0);
	assert_int_equal(entry.to_account, ACCOUNT_MEMBER_MAX);
	assert_int_equal(entry.points, 0);
	assert_int_equal(entry.programme_sequence, 0);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_COMMITMENT));
	world_close(world);
}

static void earns_by_the_version_in_force(void **state)
{
	struct world *world = world_open(8);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 2, MEMBER(1), 1250), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 12);
	assert_int_equal(entry.amount_minor, 1250);
	assert_int_equal(entry.balance_points, 12);
	assert_int_equal(entry.programme_sequence, 2);
	assert_int_equal(entry.from_previous_sequence, 0);
	assert_int_equal(entry.to_previous_sequence, 5);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_BALANCE));
	assert_int_equal(
	    world_programme(world, WORLD_RULES("3", "2.50")), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 2, MEMBER(1), 1250), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 15);
	assert_int_equal(entry.balance_points, 27);
	assert_int_equal(entry.programme_sequence, 7);
	assert_int_equal(entry.to_previous_sequence, 6);
	assert_int_equal(book_account_points(world->book, ACCOUNT_ISSUED), -27);
	world_close(world);
}

static void records_a_sale_too_small_for_a_point(void **state)
{
	struct world *world = world_open(8);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 99), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 0);
	assert_int_equal(entry.from_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.balance_points, 0);
	world_close(world);
}

static void refuses_absurd_amounts(void **state)
{
	static const uint64_t amounts[] = {
	    0, 200001, AMOUNT_MINOR_MAX, UINT64_MAX};
	struct world *world = world_open(9);

	(void)state;
	for (size_t index = 0; index < sizeof(amounts) / sizeof(*amounts);
	     index++) {
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), amounts[index]),
		    REFUSAL_AMOUNT_INVALID);
		assert_int_equal(refusal_of(world)->required, 200000);
		assert_string_equal(refusal_of(world)->say,
		    "A sale is 0.01 to 2000.00 EUR. Check the amount.");
	}
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200000), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 2000);
	world_close(world);
}

static void refuses_members_that_are_not_there(void **state)
{
	static const uint64_t accounts[] = {
	    0, ACCOUNT_ISSUED, ACCOUNT_REDEEMED, MEMBER(2), UINT64_MAX};
	struct world *world = world_open(9);

	(void)state;
	for (size_t index = 0; index < sizeof(accounts) / sizeof(*accounts);
	     index++) {
		assert_int_equal(world_earn(world, 1, accounts[index], 100),
		    REFUSAL_CARD_UNKNOWN);
		assert_int_equal(
		    world_redeem(world, 1, accounts[index], "cake"),
		    REFUSAL_CARD_UNKNOWN);
	}
	world_close(world);
}

static void refuses_receipts_that_are_no_text(void **state)
{
	struct world *world = world_open(10);
	struct command command = world_command(world, ENTRY_EARN, 1);
	char receipt[RECEIPT_SIZE_MAX + 2];

	(void)state;
	command.account = MEMBER(1);
	command.amount_minor = 100;
	memset(receipt, '9', sizeof(receipt));
	command.receipt = bytes_of(receipt, RECEIPT_SIZE_MAX + 1);
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.receipt = bytes_of_string("\xff");
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.receipt = bytes_of_string("A\n17");
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	command.receipt = bytes_of(receipt, RECEIPT_SIZE_MAX);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_true(bytes_equal(
	    world_entry(world, world->count).receipt, command.receipt));
	world_close(world);
}

static void needs_rules_before_points_move(void **state)
{
	struct world *world = world_empty(11);

	(void)state;
	assert_int_equal(world_shop(world, "corner.example"), REFUSAL_NONE);
	assert_int_equal(
	    world_terminal(world, 1, ROLE_TERMINAL, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(world_enrol(world, 1, MEMBER(1)), REFUSAL_NONE);
	assert_int_equal(
	    world_earn(world, 1, MEMBER(1), 100), REFUSAL_NOT_FOUND);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "cake"), REFUSAL_NOT_FOUND);
	assert_int_equal(world_return(world, 1, 0, 100), REFUSAL_NOT_FOUND);
	world_close(world);
}

/* --- redeeming -------------------------------------------------------------
 */

static void says_how_many_points_are_short(void **state)
{
	struct world *world = world_open(12);

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 11200), REFUSAL_NONE);
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "coffee"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(refusal_of(world)->required, 150);
	assert_int_equal(refusal_of(world)->available, 112);
	assert_int_equal(refusal_of(world)->missing, 38);
	assert_string_equal(
	    refusal_of(world)->say, "38 points short of Coffee");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 3700), REFUSAL_NONE);
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "coffee"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_string_equal(refusal_of(world)->say, "1 point short of Coffee");
	world_close(world);
}

static void redeems_down_to_nothing(void **state)
{
	struct world *world = world_open(12);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 15000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(1), "coffee"), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_REDEEMED);
	assert_int_equal(entry.points, 150);
	assert_int_equal(entry.amount_minor, 0);
	assert_int_equal(entry.balance_points, 0);
	assert_int_equal(entry.programme_sequence, 2);
	assert_int_equal(entry.from_previous_sequence, 6);
	assert_int_equal(entry.to_previous_sequence, 0);
	assert_true(bytes_equal(entry.reward, bytes_of_string("coffee")));
	assert_int_equal(
	    book_account_points(world->book, ACCOUNT_REDEEMED), 150);
	assert_sum_is_zero(world->book);
	world_close(world);
}

static void refuses_rewards_that_are_not_in_force(void **state)
{
	static const char *const rewards[] = {"", "yacht", "Coffee", "\xff",
	    "coffee ", "reward-with-a-name-that-is-far-too-long-for-anything"};
	struct world *world = world_open(13);

	(void)state;
	for (size_t index = 0; index < sizeof(rewards) / sizeof(*rewards);
	     index++)
		assert_int_equal(
		    world_redeem(world, 1, MEMBER(1), rewards[index]),
		    REFUSAL_REWARD_UNKNOWN);
	assert_int_equal(
	    world_programme(world,
		"[programme]\nname = N\ncurrency = EUR\nearn_points = 1\n"
		"earn_amount = 1\nsale_amount_max = 9\n"),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "cake"), REFUSAL_REWARD_UNKNOWN);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lets_only_the_first_entry_make_a_shop),
	    cmocka_unit_test(refuses_a_bad_origin_or_key_of_a_shop),
	    cmocka_unit_test(keeps_tills_and_owner_apart),
	    cmocka_unit_test(refuses_a_kind_that_does_not_exist),
	    cmocka_unit_test(asks_for_a_terminal_that_is_known_and_active),
	    cmocka_unit_test(lets_an_auditor_move_nothing),
	    cmocka_unit_test(asks_for_a_cashier_once_there_is_one),
	    cmocka_unit_test(asks_for_a_supervisor_where_points_hang_on_it),
	    cmocka_unit_test(corrects_nothing_without_a_name),
	    cmocka_unit_test(takes_counters_late_but_in_range),
	    cmocka_unit_test(counts_the_servers_own_operations_without_a_gap),
	    cmocka_unit_test(lets_time_stand_but_not_go_back),
	    cmocka_unit_test(enrols_into_a_free_account_of_a_member),
	    cmocka_unit_test(earns_by_the_version_in_force),
	    cmocka_unit_test(records_a_sale_too_small_for_a_point),
	    cmocka_unit_test(refuses_absurd_amounts),
	    cmocka_unit_test(refuses_members_that_are_not_there),
	    cmocka_unit_test(refuses_receipts_that_are_no_text),
	    cmocka_unit_test(needs_rules_before_points_move),
	    cmocka_unit_test(says_how_many_points_are_short),
	    cmocka_unit_test(redeems_down_to_nothing),
	    cmocka_unit_test(refuses_rewards_that_are_not_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
