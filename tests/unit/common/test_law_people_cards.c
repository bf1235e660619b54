/*
 * The law of cards: further ones, lost ones, and the card of the enrolment.
 */
#include "tests/unit/common/people_world.h"

static struct command card_command(
    struct world *world, uint64_t card, enum standing standing)
{
	struct command command = people_command(world, ENTRY_CARD, MEMBER(1));

	command.card = card;
	command.standing = standing;
	return command;
}

static enum refusal_code add(struct world *world, uint64_t card)
{
	struct command command = card_command(world, card, STANDING_ACTIVE);

	command.commitment = world_hash(0xca);
	return world_do(world, &command);
}

static enum refusal_code unblock(struct world *world, uint64_t card)
{
	struct command command = card_command(world, card, STANDING_ACTIVE);

	return world_do(world, &command);
}

static enum refusal_code block(
    struct world *world, uint64_t card, const char *reason)
{
	struct command command = card_command(world, card, STANDING_REVOKED);

	command.reason = bytes_of_string(reason);
	return world_do(world, &command);
}

static const struct book_extra *extra_of(struct world *world)
{
	return book_member(world->book, MEMBER(1))->extra;
}

static void adds_a_further_card_by_its_commitment(void **state)
{
	struct world *world = people_open(1, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(add(world, 77), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.card, 77);
	assert_int_equal(entry.standing, STANDING_ACTIVE);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.has, ENTRY_HAS(TAG_CARD) |
					ENTRY_HAS(TAG_STATUS) |
					ENTRY_HAS(TAG_COMMITMENT));
	assert_int_equal(add(world, 33), REFUSAL_NONE);
	assert_int_equal(extra_of(world)->card_count, 2);
	assert_int_equal(extra_of(world)->cards[0], 33);
	assert_int_equal(add(world, 77), REFUSAL_EXISTS);
	assert_int_equal(unblock(world, 55), REFUSAL_MALFORMED);
	assert_int_equal(add(world, ACCOUNT_MEMBER_MAX + 1), REFUSAL_MALFORMED);
	people_close(world);
}

static void blocks_a_lost_card_and_lets_it_in_again(void **state)
{
	struct world *world = people_open(2, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(block(world, 77, "lost"), REFUSAL_NOT_FOUND);
	assert_int_equal(add(world, 77), REFUSAL_NONE);
	assert_int_equal(add(world, 33), REFUSAL_NONE);
	assert_int_equal(block(world, 77, "lost on the bus"), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.standing, STANDING_REVOKED);
	assert_true(
	    bytes_equal(entry.reason, bytes_of_string("lost on the bus")));
	assert_int_equal(extra_of(world)->blocked_cards, 1u << 1);
	assert_int_equal(block(world, 77, ""), REFUSAL_CARD_BLOCKED);
	assert_int_equal(add(world, 77), REFUSAL_EXISTS);
	assert_int_equal(unblock(world, 33), REFUSAL_EXISTS);
	assert_int_equal(unblock(world, 77), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(
	    entry.has, ENTRY_HAS(TAG_CARD) | ENTRY_HAS(TAG_STATUS));
	assert_int_equal(extra_of(world)->blocked_cards, 0);
	people_close(world);
}

static void blocks_the_card_of_the_enrolment(void **state)
{
	struct world *world = people_open(3, PEOPLE_RULES);

	(void)state;
	assert_int_equal(unblock(world, 0), REFUSAL_EXISTS);
	assert_int_equal(add(world, 0), REFUSAL_EXISTS);
	assert_int_equal(block(world, 0, ""), REFUSAL_NONE);
	assert_true(extra_of(world)->is_card_blocked);
	assert_int_equal(block(world, 0, ""), REFUSAL_CARD_BLOCKED);
	assert_int_equal(unblock(world, 0), REFUSAL_NONE);
	assert_null(extra_of(world));
	people_close(world);
}

static void counts_lost_cards_towards_the_limit(void **state)
{
	struct world *world = people_open(4, PEOPLE_RULES);

	(void)state;
	for (uint64_t card = 1; card <= CARDS_MAX; card++) {
		assert_int_equal(add(world, card * 3), REFUSAL_NONE);
		assert_int_equal(
		    block(world, card * 3, "replaced"), REFUSAL_NONE);
	}
	assert_int_equal(add(world, 1), REFUSAL_LIMIT);
	assert_int_equal(unblock(world, 3), REFUSAL_NONE);
	assert_int_equal(block(world, 0, ""), REFUSAL_NONE);
	people_close(world);
}

static void refuses_what_no_card_can_be(void **state)
{
	struct world *world = people_open(5, PEOPLE_RULES);
	char reason[REASON_SIZE_MAX + 2] = {0};
	struct command command = card_command(world, 0, (enum standing)0);

	(void)state;
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	command = card_command(world, 0, STANDING_REVOKED);
	command.account = MEMBER(9);
	assert_int_equal(world_do(world, &command), REFUSAL_CARD_UNKNOWN);
	command = card_command(world, 0, STANDING_REVOKED);
	command.commitment = world_hash(1);
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	memset(reason, 'r', REASON_SIZE_MAX + 1);
	assert_int_equal(block(world, 0, reason), REFUSAL_MALFORMED);
	assert_int_equal(block(world, 0, "a\nb"), REFUSAL_MALFORMED);
	reason[REASON_SIZE_MAX] = '\0';
	assert_int_equal(block(world, 0, reason), REFUSAL_NONE);
	people_close(world);
}

/* Its cards are its own, whomever it pools with. */
static void keeps_cards_apart_within_a_pool(void **state)
{
	struct world *world = people_open(6, PEOPLE_RULES);

	(void)state;
	assert_int_equal(
	    people_join(world, MEMBER(1), MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(add(world, 77), REFUSAL_NONE);
	assert_int_equal(extra_of(world)->card_count, 1);
	assert_int_equal(
	    book_member(world->book, MEMBER(2))->extra->card_count, 0);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_a_further_card_by_its_commitment),
	    cmocka_unit_test(blocks_a_lost_card_and_lets_it_in_again),
	    cmocka_unit_test(blocks_the_card_of_the_enrolment),
	    cmocka_unit_test(counts_lost_cards_towards_the_limit),
	    cmocka_unit_test(refuses_what_no_card_can_be),
	    cmocka_unit_test(keeps_cards_apart_within_a_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
