/*
 * people_world: commands about people for the tests of the law, beside those of
 * law_world. Members 1 to 4 are there, and two tills; cashiers only where a
 * test adds them.
 */
#ifndef TESTS_UNIT_COMMON_PEOPLE_WORLD_H
#define TESTS_UNIT_COMMON_PEOPLE_WORLD_H

#include "tests/unit/common/law_world.h"

#define PEOPLE_MEMBERS 4u

#define PEOPLE_RULES                                              \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n"     \
	"earn_points = 1\nearn_amount = 1.00\n"                   \
	"sale_amount_max = 2000.00\n"                             \
	"[points]\nexpire_months = 12\n"                          \
	"[transfer]\npoints_min = 50\npoints_max = 1000\n"        \
	"month_points_max = 1500\n"                               \
	"[goodwill]\ncashier_day_points = 50\n"                   \
	"supervisor_day_points = 500\nsecond_day_points = 2000\n" \
	"[reward coffee]\nname = Coffee\npoints = 150\nhold_minutes = 10\n"

/* Points that lapse where nothing is done, and transfers without a limit. */
#define PEOPLE_INACTIVE_RULES                                 \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\n"               \
	"sale_amount_max = 2000.00\n"                         \
	"[points]\nexpire_inactive_days = 100\n"              \
	"[transfer]\npoints_min = 1\n"

/* Noon of 15 January 2026, with these rules. */
static inline struct world *people_open(uint64_t seed, const char *rules)
{
	struct world *world = world_empty(seed);

	world_set_day(world, "2026-01-15");
	world_found(world, rules);
	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++)
		assert_int_equal(
		    world_enrol(world, 1, MEMBER(n)), REFUSAL_NONE);
	return world;
}

static inline const struct refusal *people_refusal(const struct world *world)
{
	return &world->decision.refusal;
}

static inline struct command people_command(
    struct world *world, enum entry_kind kind, uint64_t account)
{
	struct command command = world_command(world, kind, 1);

	command.account = account;
	return command;
}

static inline enum refusal_code people_join(
    struct world *world, uint64_t account, uint64_t with)
{
	struct command command = people_command(world, ENTRY_JOIN, account);

	command.other_account = with;
	return world_do(world, &command);
}

/* As the server does: it reads the join back by what the book says. */
static inline enum refusal_code people_leave(
    struct world *world, uint64_t account)
{
	struct command command = people_command(world, ENTRY_LEAVE, account);
	const struct book_member *member = book_member(world->book, account);
	struct entry join;

	command.wants_related = true;
	if (member != NULL && book_joined_to(member) != 0) {
		join = world_entry(world, member->extra->joined_by);
		command.related = &join;
	}
	return world_do(world, &command);
}

static inline enum refusal_code people_transfer(
    struct world *world, uint64_t account, uint64_t to, uint64_t points)
{
	struct command command = people_command(world, ENTRY_TRANSFER, account);

	command.other_account = to;
	command.points = points;
	return world_do(world, &command);
}

/* By the owner, who has no ceiling; `points` below 0 are taken. */
static inline enum refusal_code people_adjust(
    struct world *world, uint64_t account, int64_t points)
{
	struct command command = world_command(world, ENTRY_ADJUST, 0);

	command.account = account;
	command.takes = points < 0;
	command.points = (uint64_t)(points < 0 ? -points : points);
	command.reason = bytes_of_string("opening balance");
	return world_do(world, &command);
}

/* Whose membership the cashier's own is. */
static inline enum refusal_code people_staff(
    struct world *world, uint32_t cashier, uint64_t account)
{
	struct command command = world_command(world, ENTRY_STAFF, 0);

	command.subject = cashier;
	command.account = account;
	return world_do(world, &command);
}

/* Everything that is due, of every member; how many entries that were. */
static inline size_t people_night(struct world *world)
{
	size_t count = 0;

	for (size_t place = 0;; place++) {
		const struct book_member *member =
		    book_member_at(world->book, place);
		struct command due;

		if (member == NULL)
			return count;
		while (law_due(world->book, book_member_at(world->book, place),
		    world->now_ms, &due)) {
			struct command command =
			    world_command(world, due.kind, 0);

			command.account = due.account;
			if (world_do(world, &command) != REFUSAL_NONE)
				fail_msg("%s", world->decision.refusal.say);
			count++;
		}
	}
}

/* A member's lots, debt and stamps, to be compared. */
struct people_purse {
	int64_t balance_points;
	uint32_t lot_count;
	struct lot lots[64];
};

static inline struct people_purse people_purse(
    const struct world *world, uint64_t account)
{
	const struct book_member *member = book_member(world->book, account);
	struct people_purse purse;

	memset(&purse, 0, sizeof(purse));
	assert_true(member->lot_count <= 64);
	purse.balance_points = member->balance_points;
	purse.lot_count = member->lot_count;
	for (uint32_t place = 0; place < member->lot_count; place++)
		purse.lots[place] = member->lots[place];
	return purse;
}

#define assert_same_purse(one, other) \
	assert_memory_equal(&(one), &(other), sizeof(struct people_purse))

/* The book is what its entries say, also when they are folded in anew. */
static inline void people_close(struct world *world)
{
	struct book *again;

	assert_sum_is_zero(world->book);
	assert_int_equal(book_create(&again, &world->err), RESULT_OK);
	world_replay(world, again, 1, world->count);
	assert_same_book(world->book, again);
	book_destroy(again);
	world_close(world);
}

#endif
