/*
 * Random histories of pools and transfers: no point and no stamp is made or
 * lost, and who leaves a pool at once has what it had.
 */
#include "tests/unit/common/people_world.h"

static void step(struct world *world)
{
	uint64_t account = MEMBER(1 + world_below(world, PEOPLE_MEMBERS));
	uint64_t other = MEMBER(1 + world_below(world, PEOPLE_MEMBERS));

	switch (world_below(world, 7)) {
	case 0:
		(void)people_join(world, account, other);
		break;
	case 1:
		(void)people_leave(world, account);
		break;
	case 2:
	case 3:
		(void)people_transfer(
		    world, account, other, 50 + world_below(world, 100));
		break;
	case 4:
		(void)world_redeem(world, 1, account, "coffee");
		break;
	case 5:
		(void)world_return(world, 1,
		    1 + world_below(world, world->count),
		    1 + world_below(world, 20000));
		break;
	default:
		(void)world_earn(
		    world, 1, account, 1 + world_below(world, 20000));
		break;
	}
	if (world_below(world, 4) == 0)
		world->now_ms += world_below(world, 20) * DAY_MS;
	if (world_below(world, 50) == 0)
		(void)people_night(world);
}

/* Sums and stamps: what a member has is what its lots say, or a debt. */
static void assert_lots_are_the_balance(struct world *world)
{
	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++) {
		const struct book_member *one =
		    book_member(world->book, MEMBER(n));
		int64_t sum = 0;

		for (uint32_t place = 0; place < one->lot_count; place++)
			sum += (int64_t)one->lots[place].points;
		if (one->lot_count > 0 || one->balance_points > 0)
			assert_int_equal(sum, one->balance_points);
	}
	assert_sum_is_zero(world->book);
}

/* A transfer and a join move stamps and make none. */
static void assert_move_keeps_stamps(struct world *world)
{
	struct entry entry = world_entry(world, world->count);
	struct reader reader = reader_of(entry.lots);
	struct lot lot;

	if (entry.kind != ENTRY_TRANSFER && entry.kind != ENTRY_JOIN &&
	    entry.kind != ENTRY_LEAVE)
		return;
	if (entry.points > 0)
		assert_int_equal(lots_points(entry.lots), entry.points);
	/* Who was in debt has paid with some of them. */
	if (entry.other_balance_points < (int64_t)entry.points)
		return;
	while (lot_read(&reader, &lot))
		assert_true(world_lot(world, entry.to_account, lot.expiry_day,
				lot.active_day) >= lot.points);
}

static void conserves_points_and_stamps_over_random_histories(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct world *world = people_open(
		    seed, seed % 2 ? PEOPLE_RULES : PEOPLE_INACTIVE_RULES);

		for (int at = 0; at < 300; at++) {
			step(world);
			assert_lots_are_the_balance(world);
			assert_move_keeps_stamps(world);
		}
		people_close(world);
	}
}

static void restores_both_over_random_histories(void **state)
{
	unsigned restored = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct world *world = people_open(
		    seed, seed % 2 ? PEOPLE_RULES : PEOPLE_INACTIVE_RULES);

		for (int at = 0; at < 100; at++) {
			uint64_t one = MEMBER(1 + world_below(world, 4));
			uint64_t other = MEMBER(1 + world_below(world, 4));
			struct people_purse one_before;
			struct people_purse other_before;
			struct people_purse after;

			step(world);
			(void)people_night(world);
			one_before = people_purse(world, one);
			other_before = people_purse(world, other);
			if (people_join(world, one, other) != REFUSAL_NONE ||
			    people_leave(world, one) != REFUSAL_NONE)
				continue;
			after = people_purse(world, one);
			assert_same_purse(after, one_before);
			after = people_purse(world, other);
			assert_same_purse(after, other_before);
			restored++;
		}
		people_close(world);
	}
	assert_true(restored > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conserves_points_and_stamps_over_random_histories),
	    cmocka_unit_test(restores_both_over_random_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
