/*
 * explain_world: a shop with two members, whose entries are explained. Each
 * that is lawful says so.
 */
#ifndef TESTS_UNIT_SERVER_EXPLAIN_WORLD_H
#define TESTS_UNIT_SERVER_EXPLAIN_WORLD_H

#include "tests/unit/server/page_world.h"

#define CARD "2912345678906"
#define OTHER "2912345678913"

#define HEAD                                           \
	"[programme]\nname = Corner\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\nclaim_days = 5\n"
#define BASE "earn_points = 1\nearn_amount = 1.00\n"

/* --- asking --------------------------------------------------------------- */

static inline int explain_entry(struct world *world, uint64_t entry)
{
	char number[24];

	(void)snprintf(
	    number, sizeof(number), "%llu", (unsigned long long)entry);
	return run_verb(world, run_programme_explain, number, NULL, NULL);
}

/* It is lawful, and it says so. */
static inline void explain_well(struct world *world, uint64_t entry)
{
	assert_int_equal(explain_entry(world, entry), EXIT_FINE);
	assert_key("lawful=true");
	assert_says("Decided again by the same rules on the same book, it is "
		    "the same.\n");
}

static inline void explain_newest(struct world *world)
{
	explain_well(world, world_head(world));
}

static inline void ask_well(struct world *world)
{
	if (world_ask(world, 1) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

static inline void ask_owner_well(struct world *world)
{
	if (world_ask_owner(world) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

/* Undo the till's operation of this counter. */
static inline void undo_well(struct world *world, uint64_t counter)
{
	tally_Void *undo =
	    &world_request(world, tally_Request_void_operation_tag)
		 ->body.void_operation;

	undo->counter = counter;
	world_name(world, 1, &undo->has_operation, &undo->operation);
	ask_well(world);
}

struct line {
	const char *category;
	const char *product;
	uint32_t quantity;
	int64_t amount_minor;
};

/* A sale of these lines, ended by one without a category. */
static inline uint64_t sell(
    struct world *world, const char *card, const struct line *lines)
{
	tally_Earn *earn;

	world_fill_earn(world, 1, card, 0);
	earn = &world->job->request.body.earn;
	for (; lines->category != NULL; lines = &lines[1]) {
		tally_Line *line = &earn->lines[earn->lines_count++];

		(void)snprintf(line->category, sizeof(line->category), "%s",
		    lines->category);
		(void)snprintf(
		    line->product, sizeof(line->product), "%s", lines->product);
		line->quantity = lines->quantity;
		line->amount_minor = lines->amount_minor;
		earn->amount_minor += (uint64_t)lines->amount_minor;
	}
	ask_well(world);
	return world->reply->body.operation.entry;
}

static inline int setup(void **state)
{
	struct world *world;

	if (world_setup(state) != 0)
		return -1;
	world = *state;
	world_member(world, CARD);
	world_member(world, OTHER);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

#endif
