/*
 * Tests of command: whole new rules, out of a file in the shop's folder.
 */
#include "tests/unit/server/command_world.h"

#include <sys/stat.h>

#include "proto/file.h"

#define CARD "2912345678906"
#define RULES                    \
	"[programme]\n"          \
	"name = Corner Coffee\n" \
	"currency = EUR\n"       \
	"earn_points = 2\n"      \
	"earn_amount = 1.00\n"   \
	"sale_amount_max = 500.00\n"
#define TEA RULES "[reward tea]\nname = Tea\npoints = 7\n"

static void leave(struct world *world, struct bytes text)
{
	char path[128];

	world_path(world, SHOP_PROGRAMME_NEW, path);
	assert_int_equal(
	    file_replace(path, text, true, &world->err), RESULT_OK);
}

static bool is_left(struct world *world)
{
	char path[128];

	world_path(world, SHOP_PROGRAMME_NEW, path);
	return file_exists(path);
}

static void fill_put(struct world *world, struct bytes text)
{
	tally_ProgrammePut *put =
	    &world_request(world, tally_Request_programme_put_tag)
		 ->body.programme_put;
	struct hash hash = hash_plain(world->shop->hasher, text);

	put->hash.size = HASH_SIZE;
	memcpy(put->hash.bytes, hash.bytes, HASH_SIZE);
}

/* Leave it and ask for it. */
static enum refusal_code put(struct world *world, struct bytes text)
{
	leave(world, text);
	fill_put(world, text);
	return world_ask_owner(world);
}

static struct bytes text_in_force(struct world *world)
{
	return book_programme(ledger_book(world->shop->ledger))->text;
}

static void assert_in_force(struct world *world, const char *text)
{
	assert_true(bytes_equal(text_in_force(world), bytes_of_string(text)));
}

static void a_new_programme_is_an_entry_and_judges_from_then_on(void **state)
{
	struct world *world = *state;
	uint64_t head;

	world_member(world, CARD);
	world_sale(world, CARD, 1000);
	assert_int_equal(world->reply->body.operation.points, 10);
	head = world_head(world);
	assert_int_equal(put(world, bytes_of_string(TEA)), REFUSAL_NONE);
	assert_int_equal(world->reply->which_body, tally_Reply_done_tag);
	assert_int_equal(world->reply->body.done.entry, head + 1);
	assert_int_equal(world_head(world), head + 1);
	assert_in_force(world, TEA);
	assert_false(is_left(world));
	world_sale(world, CARD, 1000);
	assert_int_equal(world->reply->body.operation.points, 20);
	world_fill_redeem(world, 1, CARD, "tea");
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_fill_earn(world, 1, CARD, 50001);
	assert_int_equal(world_ask(world, 1), REFUSAL_AMOUNT_INVALID);
	world_reopen(world);
	assert_in_force(world, TEA);
}

static void goods_of_an_older_sale_come_back_under_its_rules(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	world_member(world, CARD);
	sale = world_sale(world, CARD, 1000);
	assert_int_equal(put(world, bytes_of_string(RULES)), REFUSAL_NONE);
	world_fill_return(world, 1, sale, 1000);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.operation.points, -10);
}

static void a_reward_can_be_taken_away(void **state)
{
	struct world *world = *state;

	world_member(world, CARD);
	world_sale(world, CARD, 20000);
	assert_int_equal(put(world, bytes_of_string(TEA)), REFUSAL_NONE);
	assert_int_equal(put(world, bytes_of_string(RULES)), REFUSAL_NONE);
	world_fill_redeem(world, 1, CARD, "tea");
	assert_int_equal(world_ask(world, 1), REFUSAL_REWARD_UNKNOWN);
}

static void what_is_in_force_already_is_no_entry(void **state)
{
	struct world *world = *state;
	uint64_t head;

	assert_int_equal(put(world, bytes_of_string(TEA)), REFUSAL_NONE);
	head = world_head(world);
	assert_int_equal(put(world, bytes_of_string(TEA)), REFUSAL_EXISTS);
	assert_non_null(strstr(world_refusal(world)->say, "in force already"));
	assert_int_equal(world_head(world), head);
	assert_false(is_left(world));
	/* What was in force once may come back. */
	assert_int_equal(put(world, bytes_of_string(RULES)), REFUSAL_NONE);
	assert_int_equal(put(world, bytes_of_string(TEA)), REFUSAL_NONE);
	assert_int_equal(world_head(world), head + 2);
}

static void another_text_than_was_asked_for_is_refused(void **state)
{
	struct world *world = *state;
	uint64_t head = world_head(world);

	leave(world, bytes_of_string(TEA));
	fill_put(world, bytes_of_string(RULES));
	assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	assert_non_null(strstr(world_refusal(world)->say, "another than"));
	assert_int_equal(world_head(world), head);
	assert_false(is_left(world));
}

static void a_text_that_is_not_there_is_refused(void **state)
{
	struct world *world = *state;
	uint64_t head = world_head(world);
	char path[128];

	fill_put(world, bytes_of_string(TEA));
	assert_int_equal(world_ask_owner(world), REFUSAL_NOT_FOUND);
	assert_non_null(strstr(world_refusal(world)->say, "programme.new"));
	/* Nor what cannot be read. */
	world_path(world, SHOP_PROGRAMME_NEW, path);
	assert_int_equal(mkdir(path, 0700), 0);
	fill_put(world, bytes_of_string(TEA));
	assert_int_equal(world_ask_owner(world), REFUSAL_STORAGE);
	assert_int_equal(world_head(world), head);
}

static void a_text_with_a_fault_is_refused_with_its_line(void **state)
{
	struct world *world = *state;
	uint64_t head = world_head(world);

	assert_int_equal(
	    put(world, bytes_of_string(RULES "sale = 1\n")), REFUSAL_MALFORMED);
	assert_non_null(strstr(world_refusal(world)->say, "line 7"));
	assert_false(is_left(world));
	assert_int_equal(put(world, bytes_of_string("")), REFUSAL_MALFORMED);
	assert_int_equal(world_head(world), head);
}

static void a_text_of_the_largest_size_is_taken_and_no_longer_one(void **state)
{
	struct world *world = *state;
	size_t size = strlen(RULES);
	char *text = malloc(2 * ENTRY_TEXT_SIZE_MAX);

	assert_non_null(text);
	memset(text, '\n', 2 * ENTRY_TEXT_SIZE_MAX);
	memcpy(text, RULES, size);
	assert_int_equal(
	    put(world, bytes_of(text, ENTRY_TEXT_SIZE_MAX + 1)), REFUSAL_LIMIT);
	assert_int_equal(
	    put(world, bytes_of(text, 2 * ENTRY_TEXT_SIZE_MAX)), REFUSAL_LIMIT);
	assert_false(is_left(world));
	assert_int_equal(
	    put(world, bytes_of(text, ENTRY_TEXT_SIZE_MAX)), REFUSAL_NONE);
	assert_true(bytes_equal(
	    text_in_force(world), bytes_of(text, ENTRY_TEXT_SIZE_MAX)));
	free(text);
}

static void only_the_owner_may_put_and_nobody_else_takes_it_away(void **state)
{
	struct world *world = *state;

	leave(world, bytes_of_string(TEA));
	fill_put(world, bytes_of_string(TEA));
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
	assert_int_equal(
	    world_ask_as(world, (struct caller){.is_enrolling = true}),
	    REFUSAL_NOT_ALLOWED);
	assert_true(is_left(world));
	fill_put(world, bytes_of_string(TEA));
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
}

/* A full group is committed and the request asked again: the text must still
 * be there then, and stay until the commit that has it. */
static void the_text_stays_until_it_is_durable(void **state)
{
	struct world *world = *state;
	struct caller owner = {
	    .peer = {.role = ROLE_OWNER}, .said_hello = true};

	leave(world, bytes_of_string(TEA));
	fill_put(world, bytes_of_string(TEA));
	assert_true(world_stage(world, owner));
	assert_true(is_left(world));
	assert_int_equal(world->job->reply.which_body, tally_Reply_done_tag);
	world_commit(world);
	assert_true(is_left(world));
	command_committed(world->shop, world->job);
	assert_false(is_left(world));
	/* There is nothing to take away: nothing happens. */
	command_committed(world->shop, world->job);
}

static void it_is_for_the_ledgers_thread_and_writes(void **state)
{
	struct world *world = *state;

	fill_put(world, bytes_of_string(TEA));
	assert_false(command_is_side(&world->job->request));
	assert_true(command_writes(&world->job->request));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_new_programme_is_an_entry_and_judges_from_then_on),
	    WORLD_TEST(goods_of_an_older_sale_come_back_under_its_rules),
	    WORLD_TEST(a_reward_can_be_taken_away),
	    WORLD_TEST_EMPTY(what_is_in_force_already_is_no_entry),
	    WORLD_TEST_EMPTY(another_text_than_was_asked_for_is_refused),
	    WORLD_TEST_EMPTY(a_text_that_is_not_there_is_refused),
	    WORLD_TEST_EMPTY(a_text_with_a_fault_is_refused_with_its_line),
	    WORLD_TEST_EMPTY(
		a_text_of_the_largest_size_is_taken_and_no_longer_one),
	    WORLD_TEST(only_the_owner_may_put_and_nobody_else_takes_it_away),
	    WORLD_TEST_EMPTY(the_text_stays_until_it_is_durable),
	    WORLD_TEST_EMPTY(it_is_for_the_ledgers_thread_and_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
