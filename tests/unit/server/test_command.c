/*
 * Tests of command: who may ask for what, and what hello says.
 */
#include "tests/unit/server/command_world.h"

#define CARD "2912345678906"

/* --- who may ask ---------------------------------------------------------- */

#define T (1u << ROLE_TERMINAL)
#define A (1u << ROLE_AUDITOR)
#define O (1u << ROLE_OWNER)
#define N (1u << ROLE_NONE)

/* The table of PROTOCOL.md, written out once more. */
static const struct {
	pb_size_t which;
	unsigned by;
} allowed[] = {
    {tally_Request_hello_tag, T | A},
    {tally_Request_enrol_terminal_tag, N},
    {tally_Request_login_tag, T},
    {tally_Request_lookup_tag, T | O},
    {tally_Request_enrol_tag, T},
    {tally_Request_earn_tag, T},
    {tally_Request_redeem_tag, T},
    {tally_Request_return_goods_tag, T},
    {tally_Request_balance_tag, T | O},
    {tally_Request_history_tag, T | O},
    {tally_Request_rewards_tag, T | O},
    {tally_Request_checkpoint_tag, T | A | O},
    {tally_Request_entries_tag, A | O},
    {tally_Request_ping_tag, T | A | O},
    {tally_Request_terminal_add_tag, O},
    {tally_Request_terminal_list_tag, O},
    {tally_Request_terminal_revoke_tag, O},
    {tally_Request_cashier_add_tag, O},
    {tally_Request_cashier_list_tag, O},
    {tally_Request_member_show_tag, O},
    {tally_Request_reward_add_tag, O},
    {tally_Request_ledger_show_tag, O},
    {tally_Request_programme_put_tag, O},
    {tally_Request_sale_tag, T},
    {tally_Request_hold_tag, T},
    {tally_Request_void_operation_tag, T},
    {tally_Request_transfer_tag, T},
    {tally_Request_adjust_tag, T | O},
    {tally_Request_card_add_tag, T | O},
    {tally_Request_card_block_tag, T | O},
    {tally_Request_join_tag, T | O},
    {tally_Request_leave_tag, T | O},
    {tally_Request_member_set_tag, T | O},
    {tally_Request_staff_card_tag, O},
    {tally_Request_night_tag, O},
    {tally_Request_import_cards_tag, O},
};

static void each_request_is_for_its_roles_alone(void **state)
{
	struct world *world = *state;
	uint32_t auditor = world_admit(world, ROLE_AUDITOR);
	uint64_t head = world_head(world);

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct caller callers[] = {world_till(world, 1),
		    world_till(world, auditor), {.peer.role = ROLE_OWNER},
		    {.is_enrolling = true}};
		static const unsigned bits[] = {T, A, O, N};

		for (size_t j = 0; j < 4; j++) {
			enum refusal_code code;

			world_request(world, allowed[i].which);
			code = world_ask_as(world, callers[j]);
			if ((allowed[i].by & bits[j]) == 0)
				assert_int_equal(code, REFUSAL_NOT_ALLOWED);
			else
				assert_int_not_equal(code, REFUSAL_NOT_ALLOWED);
			world->job->frames.size = 0;
		}
	}
	assert_int_equal(world_head(world), head);
}

static void an_unknown_request_is_malformed(void **state)
{
	struct world *world = *state;

	world_request(world, 63);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	world_request(world, 0);
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
}

static void a_terminal_that_the_chain_does_not_know_is_refused(void **state)
{
	struct world *world = *state;
	struct caller stranger = world_till(world, 1);

	stranger.peer.number = 9;
	world_request(world, tally_Request_ping_tag);
	assert_int_equal(
	    world_ask_as(world, stranger), REFUSAL_TERMINAL_UNKNOWN);
}

static void a_certificate_with_another_key_is_refused(void **state)
{
	struct world *world = *state;
	struct caller other = world_till(world, 1);

	other.peer.key_hash.bytes[0] ^= 1;
	world_request(world, tally_Request_ping_tag);
	assert_int_equal(world_ask_as(world, other), REFUSAL_TERMINAL_REVOKED);
}

static void alarms_are_for_forks_conflicts_locks_and_tokens(void **state)
{
	static const struct {
		enum refusal_code code;
		const char *event;
	} alarms[] = {{REFUSAL_COUNTER_CONFLICT, "counter_conflict"},
	    {REFUSAL_COUNTER_FORK, "counter_fork"},
	    {REFUSAL_PIN_LOCKED, "pin_locked"},
	    {REFUSAL_TOKEN_INVALID, "token_refused"}};
	tally_Request request = {0};
	tally_Reply reply = {.which_body = tally_Reply_refusal_tag};
	size_t named = 0;

	(void)state;
	for (uint32_t code = 0; code < 64; code++) {
		const char *event;

		reply.body.refusal.code = code;
		event = command_alarm(&request, &reply);
		for (size_t i = 0; i < 4; i++) {
			if (alarms[i].code == code)
				assert_string_equal(event, alarms[i].event);
		}
		named += event != NULL;
	}
	assert_int_equal(named, 4);
	reply.which_body = tally_Reply_pong_tag;
	reply.body.refusal.code = REFUSAL_COUNTER_FORK;
	assert_null(command_alarm(&request, &reply));
}

static void a_storage_refusal_says_that_nothing_changed(void **state)
{
	struct world *world = *state;

	world_fill_earn(world, 1, CARD, 100);
	world->job->end = JOB_CUT;
	command_refuse_storage(world->job);
	world_decode(world);
	assert_int_equal(world_refusal(world)->code, REFUSAL_STORAGE);
	assert_true(world_refusal(world)->wait_ms > 0);
	assert_non_null(strstr(world_refusal(world)->say, "nothing was"));
}

/* --- hello, ping, rewards ------------------------------------------------- */

static tally_Hello *fill_hello(struct world *world, uint64_t next_counter)
{
	tally_Hello *hello =
	    &world_request(world, tally_Request_hello_tag)->body.hello;

	hello->protocol = 1;
	hello->next_counter = next_counter;
	return hello;
}

static void hello_tells_a_till_what_it_must_know(void **state)
{
	struct world *world = *state;
	const tally_HelloReply *hello = &world->reply->body.hello;
	const struct book *book = ledger_book(world->shop->ledger);

	fill_hello(world, 1);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	assert_int_equal(hello->protocol, 1);
	assert_int_equal(hello->terminal, 2);
	assert_int_equal(hello->counter_max, 0);
	assert_int_equal(hello->time_ms, world->now_ms);
	assert_false(hello->cashier_required);
	assert_string_equal(hello->shop, "Corner Coffee");
	assert_string_equal(hello->currency, "EUR");
	assert_int_equal(hello->programme, 2);
	assert_int_equal(hello->offline_redeem_points_max, 0);
	assert_memory_equal(
	    hello->checkpoint_key.bytes, book_shop_key(book)->bytes, HASH_SIZE);
	assert_int_equal(strlen(hello->origin), book_shop_origin(book).size);
	assert_memory_equal(hello->origin, "tallystick/corner-coffee-", 25);
}

static void another_protocol_is_refused(void **state)
{
	struct world *world = *state;

	fill_hello(world, 0)->protocol = 2;
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
	fill_hello(world, 0)->protocol = 0;
	assert_int_equal(world_ask(world, 1), REFUSAL_MALFORMED);
}

static void a_copied_folder_shows_by_its_next_counter(void **state)
{
	struct world *world = *state;

	world_member(world, CARD);
	world_sale(world, CARD, 100);
	fill_hello(world, 3);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.hello.counter_max, 2);
	fill_hello(world, 2);
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_FORK);
	fill_hello(world, 1);
	assert_int_equal(world_ask(world, 1), REFUSAL_COUNTER_FORK);
	/* Another till's counters are its own; none at all are no fork. */
	fill_hello(world, 1);
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	fill_hello(world, 0);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

static void a_ping_tells_the_time(void **state)
{
	struct world *world = *state;

	world_request(world, tally_Request_ping_tag);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->which_body, tally_Reply_pong_tag);
	assert_int_equal(world->reply->body.pong.time_ms, world->now_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(each_request_is_for_its_roles_alone),
	    WORLD_TEST(an_unknown_request_is_malformed),
	    WORLD_TEST(a_terminal_that_the_chain_does_not_know_is_refused),
	    WORLD_TEST(a_certificate_with_another_key_is_refused),
	    cmocka_unit_test(alarms_are_for_forks_conflicts_locks_and_tokens),
	    WORLD_TEST(a_storage_refusal_says_that_nothing_changed),
	    WORLD_TEST(hello_tells_a_till_what_it_must_know),
	    WORLD_TEST(another_protocol_is_refused),
	    WORLD_TEST(a_copied_folder_shows_by_its_next_counter),
	    WORLD_TEST(a_ping_tells_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
