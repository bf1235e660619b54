/*
 * night_world: rules and questions for the tests of what the night does.
 */
#ifndef TESTS_UNIT_COMMON_NIGHT_WORLD_H
#define TESTS_UNIT_COMMON_NIGHT_WORLD_H

#include "tests/unit/common/people_world.h"

#define NIGHT_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\n"               \
	"sale_amount_max = 2000.00\n"
#define NIGHT_COFFEE \
	"[reward coffee]\nname = Coffee\npoints = 150\nhold_minutes = 10\n"
#define NIGHT_RULES \
	NIGHT_HEAD "[points]\nexpire_months = 1\nwarn_days = 7\n" NIGHT_COFFEE
#define INACTIVE_RULES                                                 \
	NIGHT_HEAD "[points]\nexpire_inactive_days = 30\nwarn_days = " \
		   "7\n" NIGHT_COFFEE
#define TIER_RULES                                                    \
	NIGHT_HEAD                                                    \
	"[points]\nexpire_months = 12\n"                              \
	"[tiers]\nqualify = points\nwindow = year\ndowngrade = one\n" \
	"[tier silver]\nname = Silver\nfrom = 500\n"                  \
	"[tier gold]\nname = Gold\nfrom = 1000\n" NIGHT_COFFEE

static inline const struct book_member *night_member(
    struct world *world, unsigned n)
{
	return book_member(world->book, MEMBER(n));
}

static inline enum refusal_code night_earn(
    struct world *world, unsigned n, uint64_t points)
{
	return world_earn(world, 1, MEMBER(n), points * 100);
}

static inline enum refusal_code night_do(
    struct world *world, enum entry_kind kind, uint64_t account)
{
	struct command command = world_command(world, kind, 0);

	command.account = account;
	return world_do(world, &command);
}

static inline void assert_due(
    struct world *world, unsigned n, enum entry_kind kind)
{
	struct command command;

	assert_true(law_due(
	    world->book, night_member(world, n), world->now_ms, &command));
	assert_int_equal(command.kind, kind);
	assert_int_equal(command.account, MEMBER(n));
}

static inline void assert_nothing_due(struct world *world, unsigned n)
{
	static const enum entry_kind kinds[] = {
	    ENTRY_TIER, ENTRY_EXPIRE, ENTRY_NOTICE, ENTRY_BONUS};
	struct command command;

	if (law_due(
		world->book, night_member(world, n), world->now_ms, &command))
		fail_msg("a %s is due", entry_kind_name(command.kind));
	for (size_t index = 0; index < 4; index++)
		assert_int_equal(night_do(world, kinds[index], MEMBER(n)),
		    REFUSAL_NOTHING_DUE);
}

#define FRIEND_RULES                                                  \
	NIGHT_HEAD "[points]\npending_days = 3\nexpire_months = 12\n" \
		   "[earn friend]\nrefer = 500\n"

static inline void enrol_brought(struct world *world, unsigned n, unsigned by)
{
	struct command command = people_command(world, ENTRY_ENROL, MEMBER(n));

	command.commitment = world_hash(0xcc);
	command.referrer = MEMBER(by);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
}

#endif
