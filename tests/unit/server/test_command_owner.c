/*
 * Tests of command: what the owner does, and who is let in.
 */
#include "tests/unit/server/command_world.h"

#define CARD "2912345678906"

/* --- tokens --------------------------------------------------------------- */

static void a_token_lets_one_terminal_in_once(void **state)
{
	struct world *world = *state;
	struct token token;
	const tally_EnrolTerminalReply *reply =
	    &world->reply->body.enrol_terminal;

	assert_int_equal(world_add(world, ROLE_TERMINAL, 0, &token), 1);
	assert_int_equal(world_enrol(world, &token), REFUSAL_NONE);
	assert_int_equal(reply->terminal, 1);
	assert_memory_equal(reply->authority.bytes, world->shop->authority.data,
	    world->shop->authority.size);
	assert_int_equal(world_enrol(world, &token), REFUSAL_TOKEN_INVALID);
	assert_non_null(strstr(world_refusal(world)->say, "used"));
	world_reopen(world);
	assert_int_equal(world_enrol(world, &token), REFUSAL_TOKEN_INVALID);
}

static void a_token_waits_through_a_restart(void **state)
{
	struct world *world = *state;
	struct token token;

	world_add(world, ROLE_TERMINAL, 0, &token);
	world_reopen(world);
	assert_int_equal(world_enrol(world, &token), REFUSAL_NONE);
}

static void a_token_pins_the_shops_authority(void **state)
{
	struct world *world = *state;
	struct token token;
	struct hash pin;

	world_add(world, ROLE_AUDITOR, 0, &token);
	assert_int_equal(certificate_pin(buffer_view(&world->shop->authority),
			     &pin, &world->err),
	    RESULT_OK);
	assert_true(hash_equal(&pin, &token.authority_pin));
}

static void a_token_lives_as_long_as_was_said(void **state)
{
	struct world *world = *state;
	struct token hour;
	struct token minute;

	world_add(world, ROLE_TERMINAL, 0, &hour);
	assert_int_equal(world->reply->body.terminal_add.expires_ms,
	    world->now_ms + TOKEN_MS);
	world_add(world, ROLE_TERMINAL, 60000, &minute);
	world->now_ms += 60000;
	assert_int_equal(world_enrol(world, &minute), REFUSAL_TOKEN_INVALID);
	assert_non_null(strstr(world_refusal(world)->say, "expired"));
	world->now_ms += TOKEN_MS - 60001;
	assert_int_equal(world_enrol(world, &hour), REFUSAL_NONE);
}

static void a_token_that_was_withdrawn_is_refused(void **state)
{
	struct world *world = *state;
	struct token token;
	uint64_t head = world_head(world);

	world_add(world, ROLE_TERMINAL, 0, &token);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(world->reply->body.done.entry, 0);
	assert_int_equal(world_enrol(world, &token), REFUSAL_TOKEN_INVALID);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_NOT_FOUND);
	/* The chain has heard of none of this. */
	assert_int_equal(world_head(world), head);
}

static void a_wrong_secret_is_refused(void **state)
{
	struct world *world = *state;
	struct token token;

	world_add(world, ROLE_TERMINAL, 0, &token);
	token.secret[3] ^= 1;
	assert_int_equal(world_enrol(world, &token), REFUSAL_TOKEN_INVALID);
	memset(token.secret, 0, sizeof(token.secret));
	assert_int_equal(world_enrol(world, &token), REFUSAL_TOKEN_INVALID);
}

static void a_bad_signing_request_does_not_use_the_token_up(void **state)
{
	struct world *world = *state;
	tally_EnrolTerminal *enrol = &world->job->request.body.enrol_terminal;
	struct token token;

	world_add(world, ROLE_TERMINAL, 0, &token);
	assert_int_equal(world_head(world), 2);
	world_request(world, tally_Request_enrol_terminal_tag);
	enrol->secret.size = TOKEN_SECRET_SIZE;
	memcpy(enrol->secret.bytes, token.secret, TOKEN_SECRET_SIZE);
	enrol->csr.size = 100;
	assert_int_equal(
	    world_ask_as(world, (struct caller){.is_enrolling = true}),
	    REFUSAL_MALFORMED);
	assert_int_equal(world_head(world), 2);
	assert_int_equal(world_enrol(world, &token), REFUSAL_NONE);
}

static void terminals_may_come_in_any_order(void **state)
{
	struct world *world = *state;
	struct token tokens[3];

	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(
		    world_add(world, ROLE_TERMINAL, 0, &tokens[i]), i + 1);
	assert_int_equal(world_enrol(world, &tokens[1]), REFUSAL_NONE);
	assert_int_equal(world->reply->body.enrol_terminal.terminal, 2);
	assert_int_equal(world_enrol(world, &tokens[2]), REFUSAL_NONE);
	assert_int_equal(world->reply->body.enrol_terminal.terminal, 3);
	assert_int_equal(world_enrol(world, &tokens[0]), REFUSAL_NONE);
	assert_int_equal(world->reply->body.enrol_terminal.terminal, 1);
	world_reopen(world);
}

static void a_full_group_loses_no_token_and_gives_no_number_twice(void **state)
{
	struct world *world = *state;
	struct token tokens[2];

	world_member(world, CARD);
	world_add(world, ROLE_TERMINAL, 0, &tokens[0]);
	for (size_t i = 0; i < BATCH_ENTRIES_MAX; i++) {
		world_fill_earn(world, 1, CARD, 100);
		assert_true(world_stage(world, world_till(world, 1)));
		assert_false(world->is_full);
	}
	assert_int_equal(world_enrol(world, &tokens[0]), REFUSAL_NONE);
	assert_true(world->is_full);
	for (size_t i = 0; i < BATCH_ENTRIES_MAX; i++) {
		world_fill_earn(world, 1, CARD, 100);
		assert_true(world_stage(world, world_till(world, 1)));
	}
	assert_int_equal(world_add(world, ROLE_TERMINAL, 0, &tokens[1]), 4);
	assert_true(world->is_full);
}

/* --- terminals ------------------------------------------------------------ */

static void names_and_roles_of_terminals_are_checked(void **state)
{
	static const uint32_t roles[] = {0, 2, 3, 5, 6, UINT32_MAX};
	struct world *world = *state;
	tally_TerminalAdd *add = &world->job->request.body.terminal_add;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		world_request(world, tally_Request_terminal_add_tag);
		(void)strcpy(add->name, "Till");
		add->role = roles[i];
		assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	}
	world_request(world, tally_Request_terminal_add_tag);
	add->role = ROLE_TERMINAL;
	assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	world_request(world, tally_Request_terminal_add_tag);
	add->role = ROLE_TERMINAL;
	(void)strcpy(add->name, "Till");
	add->valid_ms = 30ull * 24 * 3600 * 1000 + 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	add->valid_ms--;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
}

/* It is remembered while the token waits, and is in the chain from then on. */
static void a_terminal_of_a_chain_says_its_shop(void **state)
{
	struct world *world = *state;
	tally_TerminalAdd *add = &world->job->request.body.terminal_add;
	struct token token;

	assert_int_equal(world_admit(world, ROLE_TERMINAL), 1);
	world_request(world, tally_Request_terminal_add_tag);
	(void)strcpy(add->name, "Till");
	add->role = ROLE_TERMINAL;
	(void)strcpy(add->shop, "North Side");
	assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	(void)strcpy(add->shop, "north-side_1");
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(token_parse(world->reply->body.terminal_add.token,
			     &token, &world->err),
	    RESULT_OK);
	world_reopen(world);
	world_request(world, tally_Request_terminal_list_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_string_equal(world->reply->body.terminal_list.lines[0].shop, "");
	assert_string_equal(
	    world->reply->body.terminal_list.lines[1].shop, "north-side_1");
	assert_int_equal(world_enrol(world, &token), REFUSAL_NONE);
	assert_string_equal(
	    book_terminal(ledger_book(world->shop->ledger), 2)->shop,
	    "north-side_1");
}

static void the_list_shows_each_state(void **state)
{
	struct world *world = *state;
	const tally_TerminalListReply *list = &world->reply->body.terminal_list;
	struct token token;

	world_member(world, CARD);
	presence_connect(world->shop->presence, 1);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 2;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	world_add(world, ROLE_AUDITOR, 0, &token);
	world_add(world, ROLE_TERMINAL, 0, &token);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 4;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	world_request(world, tally_Request_terminal_list_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(list->lines_count, 4);
	assert_int_equal(list->next, 0);
	assert_int_equal(list->lines[0].state, STANDING_ACTIVE);
	assert_true(list->lines[0].connected);
	assert_int_equal(list->lines[0].counter_max, 1);
	assert_string_equal(list->lines[0].name, "Till");
	assert_int_equal(list->lines[1].state, STANDING_REVOKED);
	assert_false(list->lines[1].connected);
	assert_int_equal(list->lines[2].state, 0);
	assert_int_equal(list->lines[2].role, ROLE_AUDITOR);
	assert_int_equal(list->lines[3].state, STANDING_REVOKED);
	presence_disconnect(world->shop->presence, 1);
}

static void a_long_list_comes_in_pages(void **state)
{
	struct world *world = *state;
	const tally_TerminalListReply *list = &world->reply->body.terminal_list;
	struct token token;
	uint32_t after = 0;
	uint32_t seen = 0;

	for (uint32_t i = 1; i <= 40; i++)
		assert_int_equal(world_add(world, ROLE_TERMINAL, 0, &token), i);
	do {
		world_request(world, tally_Request_terminal_list_tag)
		    ->body.terminal_list.after = after;
		assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
		for (size_t i = 0; i < list->lines_count; i++)
			assert_int_equal(list->lines[i].number, ++seen);
		after = list->next;
	} while (after != 0);
	assert_int_equal(seen, 40);
	world_request(world, tally_Request_terminal_list_tag)
	    ->body.terminal_list.after = UINT32_MAX;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(list->lines_count, 0);
}

static void a_revoked_till_is_shut_out_at_once_and_for_good(void **state)
{
	struct world *world = *state;
	uint32_t revision;

	world_member(world, CARD);
	revision = presence_revision(world->shop->presence);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(world->reply->body.done.entry, world_head(world));
	assert_true(presence_is_revoked(world->shop->presence, 1));
	assert_int_not_equal(
	    presence_revision(world->shop->presence), revision);
	world_fill_earn(world, 1, CARD, 100);
	assert_int_equal(world_ask(world, 1), REFUSAL_TERMINAL_REVOKED);
	world_request(world, tally_Request_hello_tag)->body.hello.protocol = 1;
	assert_int_equal(world_ask(world, 1), REFUSAL_TERMINAL_REVOKED);
	world_reopen(world);
	assert_true(presence_is_revoked(world->shop->presence, 1));
	assert_false(presence_is_revoked(world->shop->presence, 2));
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 1;
	assert_int_equal(world_ask_owner(world), REFUSAL_EXISTS);
}

static void a_till_is_shut_out_within_the_group_that_revokes_it(void **state)
{
	struct world *world = *state;

	world_member(world, CARD);
	world_request(world, tally_Request_terminal_revoke_tag)
	    ->body.terminal_revoke.number = 1;
	assert_true(
	    world_stage(world, (struct caller){.peer.role = ROLE_OWNER}));
	/* Not durable yet, so nobody outside may know. */
	assert_false(presence_is_revoked(world->shop->presence, 1));
	world_fill_earn(world, 1, CARD, 100);
	assert_int_equal(world_ask(world, 1), REFUSAL_TERMINAL_REVOKED);
}

static void an_unknown_terminal_cannot_be_revoked(void **state)
{
	static const uint32_t numbers[] = {0, 3, TERMINALS_MAX + 1, UINT32_MAX};
	struct world *world = *state;

	for (size_t i = 0; i < 4; i++) {
		world_request(world, tally_Request_terminal_revoke_tag)
		    ->body.terminal_revoke.number = numbers[i];
		assert_int_equal(world_ask_owner(world), REFUSAL_NOT_FOUND);
	}
}

/* --- rewards and the ledger ----------------------------------------------- */

static enum refusal_code add_reward(
    struct world *world, const char *id, const char *name, uint64_t points)
{
	tally_RewardAdd *reward =
	    &world_request(world, tally_Request_reward_add_tag)
		 ->body.reward_add;

	(void)snprintf(reward->reward, sizeof(reward->reward), "%s", id);
	(void)snprintf(reward->name, sizeof(reward->name), "%s", name);
	reward->points = points;
	return world_ask_owner(world);
}

static void rewards_are_checked_and_given_out_once(void **state)
{
	struct world *world = *state;
	uint64_t head;

	assert_int_equal(
	    add_reward(world, "coffee", "Coffee", 150), REFUSAL_NONE);
	assert_int_equal(world->reply->body.done.entry, world_head(world));
	head = world_head(world);
	assert_int_equal(
	    add_reward(world, "coffee", "Coffee", 150), REFUSAL_EXISTS);
	assert_int_equal(
	    add_reward(world, "Coffee", "Coffee", 150), REFUSAL_MALFORMED);
	assert_int_equal(
	    add_reward(world, "", "Coffee", 150), REFUSAL_MALFORMED);
	assert_int_equal(add_reward(world, "tea", "", 150), REFUSAL_MALFORMED);
	assert_int_equal(add_reward(world, "tea", "Tea", 0), REFUSAL_MALFORMED);
	assert_int_equal(
	    add_reward(world, "tea", "Tea", POINTS_MAX + 1), REFUSAL_MALFORMED);
	assert_int_equal(
	    add_reward(world, "tea", "[x]\nname = y", 1), REFUSAL_MALFORMED);
	assert_int_equal(world_head(world), head);
}

static void many_rewards_come_in_pages(void **state)
{
	struct world *world = *state;
	const tally_RewardsReply *rewards = &world->reply->body.rewards;
	char id[16];
	uint32_t from = 0;
	size_t seen = 0;

	for (unsigned i = 0; i < REWARDS_MAX; i++) {
		(void)snprintf(id, sizeof(id), "r%u", i);
		assert_int_equal(add_reward(world, id, "R", i + 1), 0);
	}
	assert_int_not_equal(add_reward(world, "more", "R", 1), REFUSAL_NONE);
	do {
		world_request(world, tally_Request_rewards_tag)
		    ->body.rewards.from = from;
		assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
		assert_int_equal(rewards->programme, world_head(world));
		for (size_t i = 0; i < rewards->rewards_count; i++)
			assert_int_equal(rewards->rewards[i].points, ++seen);
		from = rewards->next;
	} while (from != 0);
	assert_int_equal(seen, REWARDS_MAX);
	world_request(world, tally_Request_rewards_tag)->body.rewards.from =
	    UINT32_MAX;
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(rewards->rewards_count, 0);
}

static void the_ledger_is_shown_with_its_sums(void **state)
{
	struct world *world = *state;
	const tally_LedgerShowReply *show = &world->reply->body.ledger_show;
	struct hash head_hash;
	struct hash root;

	add_reward(world, "coffee", "Coffee", 150);
	world_member(world, CARD);
	world_sale(world, CARD, 20000);
	world_fill_redeem(world, 1, CARD, "coffee");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_request(world, tally_Request_adjust_tag);
	(void)strcpy(world->job->request.body.adjust.card, CARD);
	(void)strcpy(world->job->request.body.adjust.reason, "x");
	world->job->request.body.adjust.points = 7;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	head_hash = ledger_head_hash(world->shop->ledger);
	root = ledger_root(world->shop->ledger);
	world_request(world, tally_Request_ledger_show_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_string_equal(show->shop, "Corner Coffee");
	assert_string_equal(show->programme_name, "Corner Coffee");
	assert_int_equal(show->head, world_head(world));
	assert_int_equal(show->head_time_ms, world->now_ms);
	assert_memory_equal(show->head_hash.bytes, head_hash.bytes, HASH_SIZE);
	assert_memory_equal(show->root.bytes, root.bytes, HASH_SIZE);
	assert_int_equal(show->members, 1);
	assert_int_equal(show->terminals, 2);
	assert_int_equal(show->cashiers, 0);
	assert_int_equal(show->issued, 200);
	assert_int_equal(show->redeemed, 150);
	assert_int_equal(show->outstanding, 57);
	assert_int_equal(show->goodwill, 7);
	assert_int_equal(show->expired, 0);
	assert_true(show->checkpoint.size > 0);
	assert_memory_equal(
	    show->verifier_key, show->origin, strlen(show->origin));
}

static void a_member_is_shown_with_details_that_hold(void **state)
{
	struct world *world = *state;
	const tally_MemberShowReply *show = &world->reply->body.member_show;
	struct store_private erased = {.kind = PRIVATE_CARD};

	world_member(world, CARD);
	world_sale(world, CARD, 1200);
	world_request(world, tally_Request_member_show_tag);
	(void)strcpy(world->job->request.body.member_show.card, CARD);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_string_equal(show->card, CARD);
	assert_true(show->account >= ACCOUNT_MEMBER_MIN);
	assert_int_equal(show->balance, 12);
	assert_int_equal(show->enrolled_ms, world->now_ms);
	assert_int_equal(show->last_entry, world_head(world));
	assert_true(show->commitment_holds);
	assert_int_equal(show->lines_count, 2);
	assert_int_equal(show->lines[0].kind, ENTRY_EARN);
	assert_int_equal(show->lines[1].kind, ENTRY_ENROL);
	erased.id = show->account;
	assert_int_equal(
	    ledger_stage_private(world->shop->ledger, &erased, &world->err),
	    RESULT_OK);
	world_commit(world);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_false(show->commitment_holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST_EMPTY(a_token_lets_one_terminal_in_once),
	    WORLD_TEST_EMPTY(a_token_waits_through_a_restart),
	    WORLD_TEST_EMPTY(a_token_pins_the_shops_authority),
	    WORLD_TEST_EMPTY(a_token_lives_as_long_as_was_said),
	    WORLD_TEST_EMPTY(a_token_that_was_withdrawn_is_refused),
	    WORLD_TEST_EMPTY(a_wrong_secret_is_refused),
	    WORLD_TEST_EMPTY(a_bad_signing_request_does_not_use_the_token_up),
	    WORLD_TEST_EMPTY(terminals_may_come_in_any_order),
	    WORLD_TEST(a_full_group_loses_no_token_and_gives_no_number_twice),
	    WORLD_TEST_EMPTY(names_and_roles_of_terminals_are_checked),
	    WORLD_TEST_EMPTY(a_terminal_of_a_chain_says_its_shop),
	    WORLD_TEST(the_list_shows_each_state),
	    WORLD_TEST_EMPTY(a_long_list_comes_in_pages),
	    WORLD_TEST(a_revoked_till_is_shut_out_at_once_and_for_good),
	    WORLD_TEST(a_till_is_shut_out_within_the_group_that_revokes_it),
	    WORLD_TEST(an_unknown_terminal_cannot_be_revoked),
	    WORLD_TEST(rewards_are_checked_and_given_out_once),
	    WORLD_TEST(many_rewards_come_in_pages),
	    WORLD_TEST(the_ledger_is_shown_with_its_sums),
	    WORLD_TEST(a_member_is_shown_with_details_that_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
