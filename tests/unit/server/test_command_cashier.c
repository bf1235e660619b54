/*
 * Tests of command: cashiers, PINs, their lock-out, and tickets.
 */
#include "tests/unit/server/command_world.h"

#define CARD "2912345678906"
#define PIN "4711"

static enum refusal_code add_cashier(
    struct world *world, const char *name, const char *pin, uint32_t role)
{
	tally_CashierAdd *add =
	    &world_request(world, tally_Request_cashier_add_tag)
		 ->body.cashier_add;

	(void)snprintf(add->name, sizeof(add->name), "%s", name);
	(void)snprintf(add->pin, sizeof(add->pin), "%s", pin);
	add->role = role;
	return world_ask_owner(world);
}

static enum refusal_code login(
    struct world *world, uint32_t till, uint32_t cashier, const char *pin)
{
	tally_Login *login =
	    &world_request(world, tally_Request_login_tag)->body.login;

	login->cashier = cashier;
	(void)snprintf(login->pin, sizeof(login->pin), "%s", pin);
	return world_ask(world, till);
}

/* A shop with a member, two tills and a cashier whose PIN is known. */
static int setup(void **state)
{
	struct world *world;

	(void)world_setup(state);
	world = *state;
	world_member(world, CARD);
	assert_int_equal(
	    add_cashier(world, "Ann", PIN, ROLE_CASHIER), REFUSAL_NONE);
	assert_int_equal(world->reply->body.cashier_add.number, 1);
	return 0;
}

/* --- cashiers ------------------------------------------------------------- */

static void names_pins_and_roles_of_cashiers_are_checked(void **state)
{
	static const char *const pins[] = {"", "123", "12a4", "12 4", "-123",
	    "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4"};
	struct world *world = *state;
	uint64_t head = world_head(world);

	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
		assert_int_equal(
		    add_cashier(world, "Bob", pins[i], ROLE_CASHIER),
		    REFUSAL_MALFORMED);
	assert_int_equal(
	    add_cashier(world, "", PIN, ROLE_CASHIER), REFUSAL_MALFORMED);
	assert_int_equal(
	    add_cashier(world, "Bob", PIN, ROLE_TERMINAL), REFUSAL_MALFORMED);
	assert_int_equal(
	    add_cashier(world, "Bob", PIN, ROLE_OWNER), REFUSAL_MALFORMED);
	assert_int_equal(world_head(world), head);
	assert_int_equal(
	    add_cashier(world, "Bob", "123456789012", ROLE_SUPERVISOR),
	    REFUSAL_NONE);
	assert_int_equal(world->reply->body.cashier_add.number, 2);
	assert_int_equal(world_head(world), head + 1);
}

static void who_may_not_ask_costs_no_hashing(void **state)
{
	struct world *world = *state;
	tally_CashierAdd *add = &world->job->request.body.cashier_add;

	world_request(world, tally_Request_cashier_add_tag);
	(void)strcpy(add->name, "Eve");
	(void)strcpy(add->pin, PIN);
	add->role = ROLE_SUPERVISOR;
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
	assert_false(world->job->pin_is_hashed);
}

static void the_list_shows_who_is_locked_out(void **state)
{
	struct world *world = *state;
	const tally_CashierListReply *list = &world->reply->body.cashier_list;

	assert_int_equal(
	    add_cashier(world, "Bob", PIN, ROLE_SUPERVISOR), REFUSAL_NONE);
	for (unsigned i = 0; i < PIN_WRONG_MAX; i++)
		assert_int_not_equal(login(world, 1, 2, "0000"), REFUSAL_NONE);
	world->now_ms += 1000;
	world_request(world, tally_Request_cashier_list_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(list->lines_count, 2);
	assert_int_equal(list->next, 0);
	assert_string_equal(list->lines[0].name, "Ann");
	assert_int_equal(list->lines[0].role, ROLE_CASHIER);
	assert_int_equal(list->lines[0].state, STANDING_ACTIVE);
	assert_int_equal(list->lines[0].locked_ms, 0);
	assert_int_equal(list->lines[1].number, 2);
	assert_int_equal(list->lines[1].role, ROLE_SUPERVISOR);
	assert_int_equal(list->lines[1].locked_ms, PIN_LOCK_MS - 1000);
	world_request(world, tally_Request_cashier_list_tag)
	    ->body.cashier_list.after = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(list->lines_count, 1);
}

static void a_name_is_kept_and_committed_to(void **state)
{
	struct world *world = *state;
	struct roster_cashier cashier;
	struct buffer record = {0};
	struct entry entry;
	struct hash wanted;

	assert_int_equal(
	    roster_cashier(world->shop->roster, 1, &cashier, &world->err),
	    RESULT_OK);
	wanted = roster_cashier_commitment(world->shop->hasher, &cashier);
	assert_int_equal(ledger_read(world->shop->ledger, world_head(world),
			     &record, &entry, &world->err),
	    RESULT_OK);
	assert_int_equal(entry.kind, ENTRY_CASHIER);
	assert_true(hash_equal(&entry.commitment, &wanted));
	buffer_finish(&record);
}

/* --- logging in ----------------------------------------------------------- */

static void a_pin_is_asked_for_once_there_is_a_cashier(void **state)
{
	struct world *world = *state;
	tally_Operation *name = &world->job->request.body.earn.operation;
	tally_LoginReply ticket;

	world_fill_earn(world, 1, CARD, 100);
	assert_int_equal(world_ask(world, 1), REFUSAL_CASHIER_REQUIRED);
	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_NONE);
	ticket = world->reply->body.login;
	assert_string_equal(ticket.name, "Ann");
	assert_int_equal(ticket.role, ROLE_CASHIER);
	assert_int_equal(ticket.ticket.size, TICKET_SIZE);
	/* The PIN does not stay where requests are kept. */
	assert_string_equal(world->job->request.body.login.pin, "");
	world_fill_earn(world, 1, CARD, 100);
	name->ticket.size = TICKET_SIZE;
	memcpy(name->ticket.bytes, ticket.ticket.bytes, TICKET_SIZE);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	/* Reading needs no cashier. */
	world_fill_balance(world, CARD);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

static void hello_says_that_a_cashier_is_wanted(void **state)
{
	struct world *world = *state;

	world_request(world, tally_Request_hello_tag)->body.hello.protocol = 1;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_true(world->reply->body.hello.cashier_required);
}

static void an_unknown_cashier_cannot_log_in(void **state)
{
	static const uint32_t numbers[] = {0, 2, CASHIERS_MAX + 1, UINT32_MAX};
	struct world *world = *state;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    login(world, 1, numbers[i], PIN), REFUSAL_CASHIER_UNKNOWN);
}

static void wrong_pins_lock_out_and_the_count_outlives_a_restart(void **state)
{
	struct world *world = *state;

	for (unsigned left = PIN_WRONG_MAX - 1; left > 0; left--) {
		assert_int_equal(
		    login(world, 1 + left % 2, 1, "0000"), REFUSAL_PIN_WRONG);
		assert_int_equal(world_refusal(world)->left, left);
		if (left == 2)
			world_reopen(world);
	}
	assert_int_equal(login(world, 1, 1, ""), REFUSAL_PIN_LOCKED);
	assert_int_equal(world_refusal(world)->wait_ms, PIN_LOCK_MS);
	assert_string_equal(
	    command_alarm(&world->job->request, &world->job->reply),
	    "pin_locked");
	world_reopen(world);
	world->now_ms += PIN_LOCK_MS - 1;
	assert_int_equal(login(world, 2, 1, PIN), REFUSAL_PIN_LOCKED);
	assert_int_equal(world_refusal(world)->wait_ms, 1);
	world->now_ms += 1;
	assert_int_equal(login(world, 2, 1, "0000"), REFUSAL_PIN_WRONG);
	assert_int_equal(world_refusal(world)->left, PIN_WRONG_MAX - 1);
	assert_int_equal(login(world, 2, 1, PIN), REFUSAL_NONE);
}

static void the_right_pin_forgives_the_wrong_ones(void **state)
{
	struct world *world = *state;

	for (int round = 0; round < 2; round++) {
		for (unsigned i = 1; i < PIN_WRONG_MAX; i++)
			assert_int_equal(
			    login(world, 1, 1, "0000"), REFUSAL_PIN_WRONG);
		assert_int_equal(login(world, 1, 1, PIN), REFUSAL_NONE);
		world_reopen(world);
	}
}

static void a_locked_out_cashier_costs_no_hashing(void **state)
{
	struct world *world = *state;

	world->now_ms = clock_wall_ms();
	for (unsigned i = 0; i < PIN_WRONG_MAX; i++)
		(void)login(world, 1, 1, "0000");
	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_PIN_LOCKED);
	assert_false(world->job->pin_is_hashed);
	/* A lock-out that ends between the two threads counts for nothing. */
	world->now_ms += PIN_LOCK_MS + 1;
	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_OVERLOADED);
}

static void a_full_group_counts_a_wrong_pin_once(void **state)
{
	struct world *world = *state;

	(void)login(world, 1, 1, PIN);
	while (!world->is_full) {
		tally_LoginReply ticket = world->job->reply.body.login;

		for (size_t i = 0; i < BATCH_ENTRIES_MAX; i++) {
			tally_Operation *name =
			    &world->job->request.body.earn.operation;

			world_fill_earn(world, 1, CARD, 100);
			name->ticket.size = TICKET_SIZE;
			memcpy(name->ticket.bytes, ticket.ticket.bytes,
			    TICKET_SIZE);
			assert_true(world_stage(world, world_till(world, 1)));
			assert_int_equal(world->job->reply.which_body,
			    tally_Reply_operation_tag);
		}
		assert_int_equal(login(world, 1, 1, "0000"), REFUSAL_PIN_WRONG);
	}
	assert_int_equal(world_refusal(world)->left, PIN_WRONG_MAX - 1);
}

/* --- tickets -------------------------------------------------------------- */

/* Earn at `till` with this ticket. */
static enum refusal_code earn_with(
    struct world *world, uint32_t till, const uint8_t *ticket)
{
	tally_Operation *name = &world->job->request.body.earn.operation;

	world_fill_earn(world, till, CARD, 100);
	name->ticket.size = TICKET_SIZE;
	memcpy(name->ticket.bytes, ticket, TICKET_SIZE);
	return world_ask(world, till);
}

static void a_ticket_is_of_one_till_for_seven_days(void **state)
{
	struct world *world = *state;
	uint8_t ticket[TICKET_SIZE];

	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_NONE);
	memcpy(ticket, world->reply->body.login.ticket.bytes, TICKET_SIZE);
	assert_int_equal(earn_with(world, 2, ticket), REFUSAL_CASHIER_REQUIRED);
	world_reopen(world);
	world->now_ms += TICKET_MS_MAX;
	assert_int_equal(earn_with(world, 1, ticket), REFUSAL_NONE);
	world->now_ms += 1;
	assert_int_equal(earn_with(world, 1, ticket), REFUSAL_CASHIER_REQUIRED);
	assert_non_null(strstr(world_refusal(world)->say, "seven days"));
}

static void a_forged_ticket_is_refused(void **state)
{
	struct world *world = *state;
	uint8_t ticket[TICKET_SIZE];

	assert_int_equal(
	    add_cashier(world, "Bob", PIN, ROLE_SUPERVISOR), REFUSAL_NONE);
	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_NONE);
	memcpy(ticket, world->reply->body.login.ticket.bytes, TICKET_SIZE);
	ticket[3] = 2; /* Bob's number */
	assert_int_equal(earn_with(world, 1, ticket), REFUSAL_CASHIER_REQUIRED);
	assert_non_null(strstr(world_refusal(world)->say, "forged"));
	memset(ticket, 0, sizeof(ticket));
	assert_int_equal(earn_with(world, 1, ticket), REFUSAL_CASHIER_REQUIRED);
}

static void an_entry_names_its_cashier(void **state)
{
	struct world *world = *state;
	struct buffer record = {0};
	struct entry entry;
	uint8_t ticket[TICKET_SIZE];

	assert_int_equal(login(world, 1, 1, PIN), REFUSAL_NONE);
	memcpy(ticket, world->reply->body.login.ticket.bytes, TICKET_SIZE);
	assert_int_equal(earn_with(world, 1, ticket), REFUSAL_NONE);
	assert_int_equal(ledger_read(world->shop->ledger, world_head(world),
			     &record, &entry, &world->err),
	    RESULT_OK);
	assert_int_equal(entry.cashier, 1);
	assert_int_equal(entry.terminal, 1);
	buffer_finish(&record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(names_pins_and_roles_of_cashiers_are_checked),
	    TEST(who_may_not_ask_costs_no_hashing),
	    TEST(the_list_shows_who_is_locked_out),
	    TEST(a_name_is_kept_and_committed_to),
	    TEST(a_pin_is_asked_for_once_there_is_a_cashier),
	    TEST(hello_says_that_a_cashier_is_wanted),
	    TEST(an_unknown_cashier_cannot_log_in),
	    TEST(wrong_pins_lock_out_and_the_count_outlives_a_restart),
	    TEST(the_right_pin_forgives_the_wrong_ones),
	    TEST(a_locked_out_cashier_costs_no_hashing),
	    TEST(a_full_group_counts_a_wrong_pin_once),
	    TEST(a_ticket_is_of_one_till_for_seven_days),
	    TEST(a_forged_ticket_is_refused),
	    TEST(an_entry_names_its_cashier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
