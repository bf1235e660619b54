/*
 * The law looking back at what concerns people and the night: each field that
 * it decides, changed to something else, is found.
 */
#include "tests/unit/common/people_world.h"

#define CHECK_RULES                                                  \
	PEOPLE_RULES "[tiers]\nqualify = points\nwindow_days = 20\n" \
		     "[tier silver]\nname = Silver\nfrom = 10\n"     \
		     "[earn friend]\nrefer = 500\n"

/* The record that is being changed, and what it refers to. */
struct forgery {
	struct entry entry;
	struct entry related;
	uint8_t lots[4 * LOT_SIZE];
};

/* Another point in the first lot. */
static void forge_lots(struct forgery *forgery)
{
	size_t size = forgery->entry.lots.size;

	assert_true(size <= sizeof(forgery->lots));
	if (size == 0)
		return;
	memcpy(forgery->lots, forgery->entry.lots.data, size);
	forgery->lots[LOT_SIZE - 1] ^= 1;
	forgery->entry.lots = bytes_of(forgery->lots, size);
}

static void forge_head(struct entry *entry, int field)
{
	switch (field) {
	case 0:
		entry->sequence++;
		break;
	case 1:
		entry->from_account ^= 2;
		break;
	case 2:
		entry->to_account ^= 2;
		break;
	case 3:
		entry->points++;
		break;
	case 4:
		entry->programme_sequence++;
		break;
	case 5:
		entry->from_previous_sequence++;
		break;
	case 6:
		entry->to_previous_sequence++;
		break;
	default:
		entry->related_sequence++;
		break;
	}
}

static void forge_field(struct forgery *forgery, int field)
{
	struct entry *entry = &forgery->entry;

	switch (field) {
	case 0:
		entry->balance_points++;
		break;
	case 1:
		entry->other_balance_points++;
		break;
	case 2:
		entry->tier_level++;
		break;
	case 3:
		entry->tier_until_day++;
		break;
	case 4:
		forge_lots(forgery);
		break;
	case 5:
		entry->parts = bytes_of_string("?");
		break;
	case 6:
		entry->has ^= ENTRY_HAS(TAG_LOTS);
		break;
	case 7:
		entry->has ^= ENTRY_HAS(TAG_TIER);
		break;
	default:
		entry->has ^= ENTRY_HAS(TAG_BALANCE);
		break;
	}
}

#define HEAD_FORGERIES 8
#define FORGERIES (HEAD_FORGERIES + 9)

static void forge(struct forgery *forgery, int number)
{
	if (number < HEAD_FORGERIES)
		forge_head(&forgery->entry, number);
	else
		forge_field(forgery, number - HEAD_FORGERIES);
}

/* Ask, change the answer in each way, and then do it. */
static void do_checked(struct world *world, const struct command *command)
{
	assert_int_equal(world_ask(world, command), REFUSAL_NONE);
	for (int number = 0; number < FORGERIES; number++) {
		struct forgery forgery = {.entry = world->decision.entry};
		struct bytes lots = forgery.entry.lots;
		struct error err;

		if (forgery.entry.related_sequence != 0)
			forgery.related =
			    world_entry(world, forgery.entry.related_sequence);
		forge(&forgery, number);
		if (number == HEAD_FORGERIES + 4 && lots.size == 0)
			continue;
		if (law_check(world->book, &forgery.entry,
			forgery.related.kind != 0 ? &forgery.related : NULL,
			&err) == RESULT_OK)
			fail_msg("%s: change %d is not found",
			    entry_kind_name(forgery.entry.kind), number);
	}
	assert_int_equal(world_do(world, command), REFUSAL_NONE);
}

static void do_night_checked(
    struct world *world, unsigned n, enum entry_kind kind)
{
	struct command command = world_command(world, kind, 0);

	command.account = MEMBER(n);
	do_checked(world, &command);
}

static void finds_changes_of_what_people_do(void **state)
{
	struct world *world = people_open(1, CHECK_RULES);
	struct command command;
	struct entry join;

	(void)state;
	world_earn(world, 1, MEMBER(1), 30000);
	command = people_command(world, ENTRY_TRANSFER, MEMBER(1));
	command.other_account = MEMBER(2);
	command.points = 60;
	do_checked(world, &command);
	command = people_command(world, ENTRY_JOIN, MEMBER(2));
	command.other_account = MEMBER(1);
	do_checked(world, &command);
	join = world_entry(world, world->count);
	command = people_command(world, ENTRY_LEAVE, MEMBER(2));
	command.related = &join;
	command.wants_related = true;
	do_checked(world, &command);
	command = world_command(world, ENTRY_ADJUST, 0);
	command.account = MEMBER(1);
	command.points = 10;
	command.reason = bytes_of_string("cold coffee");
	do_checked(world, &command);
	command = people_command(world, ENTRY_CARD, MEMBER(1));
	command.standing = STANDING_REVOKED;
	do_checked(world, &command);
	command = people_command(world, ENTRY_MEMBER, MEMBER(1));
	command.commitment = world_hash(0xdd);
	do_checked(world, &command);
	world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE);
	command = world_command(world, ENTRY_STAFF, 0);
	command.subject = 1;
	command.account = MEMBER(1);
	do_checked(world, &command);
	people_close(world);
}

static void finds_changes_of_what_the_night_does(void **state)
{
	struct world *world = people_open(2, CHECK_RULES);
	struct command command = people_command(world, ENTRY_ENROL, MEMBER(9));

	(void)state;
	command.commitment = world_hash(0xcc);
	command.referrer = MEMBER(1);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	world_earn(world, 1, MEMBER(9), 30000);
	do_night_checked(world, 9, ENTRY_BONUS);
	world_set_day(world, "2026-03-01");
	do_night_checked(world, 9, ENTRY_TIER);
	assert_int_equal(world_programme(world, CHECK_RULES), REFUSAL_NONE);
	world_set_day(world, "2027-01-16");
	do_night_checked(world, 9, ENTRY_EXPIRE);
	people_close(world);
}

static void finds_a_bonus_for_another_member(void **state)
{
	struct world *world = people_open(3, CHECK_RULES);
	struct command command = people_command(world, ENTRY_ENROL, MEMBER(9));
	struct entry entry;
	struct entry sale;

	(void)state;
	command.commitment = world_hash(0xcc);
	command.referrer = MEMBER(1);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	world_earn(world, 1, MEMBER(9), 30000);
	sale = world_entry(world, world->count);
	command = world_command(world, ENTRY_BONUS, 0);
	command.account = MEMBER(9);
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	entry = world->decision.entry;
	entry.referrer = MEMBER(2);
	assert_int_equal(
	    law_check(world->book, &entry, &sale, &world->err), RESULT_INVALID);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_changes_of_what_people_do),
	    cmocka_unit_test(finds_changes_of_what_the_night_does),
	    cmocka_unit_test(finds_a_bonus_for_another_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
