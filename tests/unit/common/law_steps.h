/*
 * law_steps: a random history of law_world, a step at a time.
 */
#ifndef TESTS_UNIT_COMMON_LAW_STEPS_H
#define TESTS_UNIT_COMMON_LAW_STEPS_H

#include "tests/unit/common/law_world.h"

static inline void world_step_owner(struct world *world)
{
	static const char *const rules[] = {WORLD_RULES("1", "1.00"),
	    WORLD_RULES("3", "0.50"), WORLD_RULES("7", "2.50"),
	    WORLD_RULES("1", "10")};
	uint32_t terminal_last = book_terminal_last(world->book);
	uint32_t cashier_last = book_cashier_last(world->book);
	enum standing standing =
	    world_below(world, 5) ? STANDING_ACTIVE : STANDING_REVOKED;

	switch (world_below(world, 3)) {
	case 0:
		(void)world_programme(world, rules[world_below(world, 4)]);
		break;
	case 1:
		(void)world_terminal(world,
		    1 + (uint32_t)world_below(
			    world, terminal_last < 20 ? terminal_last + 1 : 20),
		    standing == STANDING_ACTIVE
			? (world_below(world, 8) ? ROLE_TERMINAL : ROLE_AUDITOR)
			: ROLE_NONE,
		    standing);
		break;
	default:
		(void)world_cashier(world,
		    1 + (uint32_t)world_below(
			    world, cashier_last < 6 ? cashier_last + 1 : 6),
		    standing == STANDING_ACTIVE ? ROLE_CASHIER : ROLE_NONE,
		    standing);
		break;
	}
}

static inline uint32_t world_some_cashier(struct world *world)
{
	uint32_t last = book_cashier_last(world->book);
	uint32_t start = last == 0 ? 0 : (uint32_t)world_below(world, last);

	for (uint32_t step = 0; step < last; step++) {
		const struct book_cashier *cashier =
		    book_cashier(world->book, 1 + (start + step) % last);

		if (cashier != NULL && cashier->standing == STANDING_ACTIVE)
			return cashier->number;
	}
	return 0;
}

/* One command of a till with members 1 to 12; it may well be refused. */
static inline void world_step_till(struct world *world)
{
	static const char *const rewards[] = {"coffee", "cake", "yacht"};
	uint64_t dice = world_below(world, 100);
	uint32_t terminal =
	    1 + (uint32_t)world_below(world, book_terminal_last(world->book));
	struct command command = world_command(world,
	    dice < 8	? ENTRY_ENROL
	    : dice < 45 ? ENTRY_EARN
	    : dice < 78 ? ENTRY_REDEEM
			: ENTRY_RETURN,
	    terminal);
	struct entry sale;

	command.cashier = world_some_cashier(world);
	command.account = MEMBER(1 + world_below(world, 12));
	if (world_below(world, 2))
		command.receipt = bytes_of_string("A-17");
	if (command.kind == ENTRY_ENROL) {
		command.commitment = world_hash(0xaa);
		command.receipt = bytes_of(NULL, 0);
	} else if (command.kind == ENTRY_EARN) {
		command.amount_minor = world_below(world, 4000);
	} else if (command.kind == ENTRY_REDEEM) {
		command.reward =
		    bytes_of_string(rewards[world_below(world, 9) / 4]);
	} else {
		sale = world_entry(world, 1 + world_below(world, world->count));
		command.related = &sale;
		command.account = 0;
		command.amount_minor = world_below(world, 20)
					   ? world_below(world, 9000)
					   : sale.amount_minor;
	}
	(void)world_do(world, &command);
}

static inline void world_step(struct world *world)
{
	/* Time stands still now and then, and goes back. */
	world->now_ms += world_below(world, 3) * 500;
	world->now_ms -= world_below(world, 2) * 300;
	if (world_below(world, 25) == 0)
		world_step_owner(world);
	else
		world_step_till(world);
}

#endif
