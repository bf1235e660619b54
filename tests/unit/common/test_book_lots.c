/*
 * The book: what can be spent of a member's lots on a day, and in which order
 * they are taken.
 */
#include "tests/unit/common/book_life.h"

#include "common/law/book_inside.h"

/* A member of lots alone, active on day 1000. */
struct purse {
	struct book_member member;
	struct book_extra extra;
	struct book_hold holds[2];
	uint8_t list[LOTS_SIZE_MAX];
	struct writer writer;
	struct error err;
};

static void purse_put(struct purse *purse, int32_t expiry_day,
    int32_t active_day, uint64_t points)
{
	struct lot lot = {expiry_day, active_day, points};

	assert_int_equal(
	    book_put_lot(&purse->member, &lot, &purse->err), RESULT_OK);
	purse->member.balance_points += (int64_t)points;
}

static struct purse *purse_open(void)
{
	struct purse *purse = calloc(1, sizeof(*purse));

	assert_non_null(purse);
	purse->member.active_day = 1000;
	return purse;
}

static void purse_close(struct purse *purse)
{
	free(purse->member.lots);
	free(purse);
}

/* Six kinds of lots, seen on day 1010: 1 lapsed by inactivity, 2 that will, 4
 * lapsed, 8 lapsing on that very day, 16 pending from the next, 32 for ever. */
static struct purse *purse_of_all_kinds(void)
{
	struct purse *purse = purse_open();

	purse_put(purse, -9, 0, 1);
	purse_put(purse, -20, 0, 2);
	purse_put(purse, 1009, 0, 4);
	purse_put(purse, 1010, 1010, 8);
	purse_put(purse, 1100, 1011, 16);
	purse_put(purse, LOT_NEVER, 0, 32);
	return purse;
}

/* --- a day's view -----------------------------------------------------------
 */

static void knows_the_last_day_of_a_lot(void **state)
{
	struct purse *purse = purse_open();
	const struct {
		struct lot lot;
		int32_t last_day;
	} lots[] = {{{1200, 0, 1}, 1200}, {{0, 0, 1}, 0},
	    {{LOT_NEVER, 0, 1}, LOT_NEVER}, {{-1, 0, 1}, 1001},
	    {{-365, 0, 1}, 1365}, {{INT32_MIN, 0, 1}, LOT_NEVER - 1}};

	(void)state;
	for (size_t index = 0; index < sizeof(lots) / sizeof(*lots); index++)
		assert_int_equal(
		    book_lot_expiry_day(&purse->member, &lots[index].lot),
		    lots[index].last_day);
	purse_close(purse);
}

static void spends_what_is_active_and_not_lapsed(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	const struct book_member *member = &purse->member;

	(void)state;
	assert_int_equal(book_spendable_points(member, 1010, 0), 2 + 8 + 32);
	assert_int_equal(book_spendable_points(member, 1011, 0), 2 + 16 + 32);
	assert_int_equal(
	    book_spendable_points(member, 1009, 0), 1 + 2 + 4 + 32);
	assert_int_equal(book_spendable_points(member, 1021, 0), 16 + 32);
	assert_int_equal(book_pending_points(member, 1010), 16);
	assert_int_equal(book_pending_points(member, 1009), 8 + 16);
	assert_int_equal(book_pending_points(member, 1011), 0);
	assert_int_equal(book_lapsed_points(member, 1010), 1 + 4);
	assert_int_equal(book_lapsed_points(member, 1101), 1 + 2 + 4 + 8 + 16);
	purse_close(purse);
}

static void holds_keep_points_while_they_last(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	struct book_member *member = &purse->member;

	(void)state;
	purse->holds[0] = (struct book_hold){1, 5, 100, 0};
	purse->holds[1] = (struct book_hold){2, 30, 200, 0};
	purse->extra.holds = purse->holds;
	purse->extra.hold_count = 2;
	member->extra = &purse->extra;
	assert_int_equal(book_spendable_points(member, 1010, 99), 42 - 35);
	assert_int_equal(book_spendable_points(member, 1010, 100), 42 - 30);
	assert_int_equal(book_spendable_points(member, 1010, 200), 42);
	/* Never below nothing. */
	purse->holds[1].points = 500;
	assert_int_equal(book_spendable_points(member, 1010, 99), 0);
	purse_close(purse);
}

static void knows_what_lapses_next(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	int32_t day = 7;

	(void)state;
	purse_put(purse, 1010, 0, 64);
	assert_int_equal(book_next_expiry(&purse->member, 1010, &day), 8 + 64);
	assert_int_equal(day, 1010);
	assert_int_equal(book_next_expiry(&purse->member, 1011, &day), 2);
	assert_int_equal(day, 1020);
	assert_int_equal(book_next_expiry(&purse->member, 1021, &day), 16);
	assert_int_equal(day, 1100);
	assert_int_equal(book_next_expiry(&purse->member, 1101, &day), 0);
	assert_int_equal(day, LOT_NEVER);
	purse_close(purse);
}

/* --- taking -----------------------------------------------------------------
 */

static uint64_t takes(struct purse *purse, enum take_how how, int32_t day,
    const struct lot *own, uint64_t points)
{
	uint64_t taken;

	purse->writer = writer_of(purse->list, sizeof(purse->list));
	taken = book_take_lots(
	    &purse->member, how, day, own, points, &purse->writer);
	assert_false(purse->writer.failed);
	if (purse->writer.size > 0) {
		assert_true(lots_are_sound(writer_view(&purse->writer)));
		assert_int_equal(
		    lots_points(writer_view(&purse->writer)), taken);
	} else {
		assert_int_equal(taken, 0);
	}
	return taken;
}

/* What was taken of the lots with this last day (a stamp). */
static uint64_t taken_of(const struct purse *purse, int32_t expiry_day)
{
	struct reader reader = reader_of(writer_view(&purse->writer));
	struct lot lot;
	uint64_t points = 0;

	while (lot_read(&reader, &lot)) {
		if (lot.expiry_day == expiry_day)
			points += lot.points;
	}
	return points;
}

static void spends_what_lapses_soonest(void **state)
{
	struct purse *purse = purse_of_all_kinds();

	(void)state;
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 5), 5);
	assert_int_equal(taken_of(purse, 1010), 5);
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 9), 9);
	assert_int_equal(taken_of(purse, 1010), 8);
	assert_int_equal(taken_of(purse, -20), 1);
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 41), 41);
	assert_int_equal(taken_of(purse, LOT_NEVER), 31);
	/* No more than can be spent, and nothing of nothing. */
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 1000), 42);
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 0), 0);
	/* A stamp of inactivity may lapse before or after a fixed day. */
	purse->member.active_day = 995;
	assert_int_equal(takes(purse, TAKE_SPEND, 1011, NULL, 2), 2);
	assert_int_equal(taken_of(purse, -20), 2);
	purse_close(purse);
}

static void takes_back_what_hurts_least(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	const struct lot own = {LOT_NEVER, 0, 0};

	(void)state;
	/* Its own first, then pending, then the latest to lapse. */
	assert_int_equal(takes(purse, TAKE_BACK, 1010, &own, 30), 30);
	assert_int_equal(taken_of(purse, LOT_NEVER), 30);
	assert_int_equal(takes(purse, TAKE_BACK, 1010, &own, 40), 40);
	assert_int_equal(taken_of(purse, LOT_NEVER), 32);
	assert_int_equal(taken_of(purse, 1100), 8);
	assert_int_equal(takes(purse, TAKE_BACK, 1010, NULL, 20), 20);
	assert_int_equal(taken_of(purse, 1100), 16);
	assert_int_equal(taken_of(purse, LOT_NEVER), 4);
	assert_int_equal(takes(purse, TAKE_BACK, 1010, NULL, 51), 51);
	assert_int_equal(taken_of(purse, -20), 2);
	assert_int_equal(taken_of(purse, 1010), 1);
	/* What has lapsed last of all, the latest first. */
	assert_int_equal(takes(purse, TAKE_BACK, 1010, NULL, 59), 59);
	assert_int_equal(taken_of(purse, 1010), 8);
	assert_int_equal(taken_of(purse, 1009), 1);
	assert_int_equal(taken_of(purse, -9), 0);
	assert_int_equal(takes(purse, TAKE_BACK, 1010, NULL, 1000), 63);
	purse_close(purse);
}

static void takes_what_has_lapsed_or_all(void **state)
{
	struct purse *purse = purse_of_all_kinds();

	(void)state;
	assert_int_equal(takes(purse, TAKE_LAPSED, 1010, NULL, UINT64_MAX), 5);
	assert_int_equal(taken_of(purse, -9), 1);
	assert_int_equal(taken_of(purse, 1009), 4);
	assert_int_equal(takes(purse, TAKE_LAPSED, 900, NULL, UINT64_MAX), 0);
	assert_int_equal(takes(purse, TAKE_ALL, 1010, NULL, UINT64_MAX), 63);
	assert_int_equal(takes(purse, TAKE_ALL, 1010, NULL, 2), 2);
	assert_int_equal(taken_of(purse, -20), 2);
	purse_close(purse);
}

/* As many lots as there can be, in either direction. */
static void takes_of_as_many_lots_as_there_can_be(void **state)
{
	struct purse *purse = purse_open();
	struct lot one_more = {5000, 0, 1};

	(void)state;
	for (int32_t lot = 0; lot < (int32_t)LOTS_MAX / 2; lot++) {
		purse_put(purse, -1000 - lot, 0, 1);
		purse_put(purse, 1500 + lot, 0, 1);
	}
	assert_int_equal(purse->member.lot_count, LOTS_MAX);
	assert_int_equal(
	    book_put_lot(&purse->member, &one_more, &purse->err), RESULT_LIMIT);
	assert_int_equal(takes(purse, TAKE_SPEND, 1010, NULL, 100), 100);
	for (int32_t lot = 0; lot < 100; lot++)
		assert_int_equal(taken_of(purse, 1500 + lot), 1);
	assert_int_equal(takes(purse, TAKE_BACK, 1010, NULL, 100), 100);
	assert_int_equal(
	    taken_of(purse, -1000 - ((int32_t)LOTS_MAX / 2 - 1)), 1);
	assert_int_equal(
	    takes(purse, TAKE_ALL, 1010, NULL, UINT64_MAX), LOTS_MAX);
	purse_close(purse);
}

/* Whatever is asked for is chosen as one by one it would be. */
static void chooses_as_one_point_at_a_time_would(void **state)
{
	struct world *world = world_empty(7);

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct purse *purse = purse_open();
		int32_t day = 1000 + (int32_t)world_below(world, 60);
		enum take_how how = (enum take_how)world_below(world, 4);
		uint64_t points;
		uint64_t rest;

		for (uint64_t lots = world_below(world, 12); lots > 0; lots--)
			purse_put(purse,
			    (int32_t)world_below(world, 120) - 60 +
				(world_below(world, 2) ? 1000 : -60),
			    world_below(world, 2)
				? 0
				: (int32_t)(1000 + world_below(world, 60)),
			    1 + world_below(world, 4));
		points = world_below(world, 30);
		points = takes(purse, how, day, NULL, points);
		rest = takes(purse, how, day, NULL, UINT64_MAX) - points;
		/* Take them, and the rest, one after another. */
		for (uint64_t left = points + rest; left > 0; left--) {
			struct lot lot;
			struct reader reader;

			assert_int_equal(takes(purse, how, day, NULL, 1), 1);
			reader = reader_of(writer_view(&purse->writer));
			assert_true(lot_read(&reader, &lot));
			assert_true(book_cut_lot(&purse->member, &lot));
		}
		assert_int_equal(takes(purse, how, day, NULL, 1), 0);
		purse_close(purse);
	}
	world_close(world);
}

/* --- changing ---------------------------------------------------------------
 */

static void cuts_only_what_is_there(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	struct lot lot = {1009, 0, 5};

	(void)state;
	assert_false(book_cut_lot(&purse->member, &lot));
	lot.points = 3;
	assert_true(book_cut_lot(&purse->member, &lot));
	assert_int_equal(book_points_of(&purse->member, &lot), 1);
	lot.points = 1;
	assert_true(book_cut_lot(&purse->member, &lot));
	assert_int_equal(book_points_of(&purse->member, &lot), 0);
	assert_int_equal(purse->member.lot_count, 5);
	assert_false(book_cut_lot(&purse->member, &lot));
	lot = (struct lot){LOT_NEVER, 1, 1};
	assert_false(book_cut_lot(&purse->member, &lot));
	purse_close(purse);
}

static void fixes_the_day_of_what_has_lapsed(void **state)
{
	struct purse *purse = purse_of_all_kinds();
	const struct lot fixed = {1009, 0, 0};

	(void)state;
	assert_int_equal(
	    book_fix_lapsed_lots(&purse->member, 1009, &purse->err), RESULT_OK);
	assert_int_equal(purse->member.lots[1].expiry_day, -9);
	assert_int_equal(
	    book_fix_lapsed_lots(&purse->member, 1010, &purse->err), RESULT_OK);
	assert_int_equal(purse->member.lot_count, 5);
	assert_int_equal(purse->member.lots[0].expiry_day, -20);
	/* It joins those that lapsed on that day anyway. */
	assert_int_equal(book_points_of(&purse->member, &fixed), 1 + 4);
	purse_close(purse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_the_last_day_of_a_lot),
	    cmocka_unit_test(spends_what_is_active_and_not_lapsed),
	    cmocka_unit_test(holds_keep_points_while_they_last),
	    cmocka_unit_test(knows_what_lapses_next),
	    cmocka_unit_test(spends_what_lapses_soonest),
	    cmocka_unit_test(takes_back_what_hurts_least),
	    cmocka_unit_test(takes_what_has_lapsed_or_all),
	    cmocka_unit_test(takes_of_as_many_lots_as_there_can_be),
	    cmocka_unit_test(chooses_as_one_point_at_a_time_would),
	    cmocka_unit_test(cuts_only_what_is_there),
	    cmocka_unit_test(fixes_the_day_of_what_has_lapsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
