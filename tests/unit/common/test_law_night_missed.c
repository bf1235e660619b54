/*
 * The law of the night: that nights are missed makes no difference.
 */
#include "tests/unit/common/night_world.h"

/*
 * Two shops in which the same happens. In one every night is worked through, in
 * the other some are missed. Points that lapse, and tiers, are the same to
 * everyone who asks; and once both have had a night, to the last stamp.
 */

#define LIFE_RULES                                                       \
	NIGHT_HEAD                                                       \
	"[points]\nexpire_months = 2\nwarn_days = 10\n"                  \
	"[tiers]\nqualify = points\nwindow_days = 40\ndowngrade = one\n" \
	"[tier silver]\nname = Silver\nfrom = 300\n"                     \
	"[tier gold]\nname = Gold\nfrom = 600\n"                         \
	"[transfer]\npoints_min = 1\n" NIGHT_COFFEE
#define LIFE_INACTIVE_RULES                                            \
	NIGHT_HEAD "[points]\nexpire_inactive_days = 20\n"             \
		   "[tiers]\nqualify = visits\nwindow = anniversary\n" \
		   "downgrade = all\ngrace_days = 30\n"                \
		   "[tier silver]\nname = Silver\nfrom = 3\n"          \
		   "[tier gold]\nname = Gold\nfrom = 6\n"              \
		   "[transfer]\npoints_min = 1\n" NIGHT_COFFEE

struct deed {
	unsigned what;
	unsigned one;
	unsigned other;
	uint64_t points;
	size_t place; /* of a sale */
};

struct shop {
	struct world *world;
	uint64_t sales[WORLD_ENTRIES_MAX];
	size_t sale_count;
};

static enum refusal_code do_deed(struct shop *shop, const struct deed *deed)
{
	struct world *world = shop->world;
	uint64_t one = MEMBER(deed->one);
	uint64_t other = MEMBER(deed->other);
	enum refusal_code code;

	switch (deed->what) {
	case 0:
		return people_join(world, one, other);
	case 1:
		return people_leave(world, one);
	case 2:
		return people_transfer(world, one, other, deed->points);
	case 3:
		return world_redeem(world, 1, one, "coffee");
	case 4:
		/* What has lapsed pays for a return before a debt is made, so
		 * it matters whether it is there. */
		(void)people_night(world);
		return shop->sale_count == 0
			   ? REFUSAL_SALE_UNKNOWN
			   : world_return(world, 1,
				 shop->sales[deed->place % shop->sale_count],
				 deed->points * 100);
	default:
		code = night_earn(world, deed->one, deed->points);
		if (code == REFUSAL_NONE)
			shop->sales[shop->sale_count++] = world->count;
		return code;
	}
}

static struct deed some_deed(struct world *dice)
{
	return (struct deed){
	    .what = (unsigned)world_below(dice, 9),
	    .one = 1 + (unsigned)world_below(dice, PEOPLE_MEMBERS),
	    .other = 1 + (unsigned)world_below(dice, PEOPLE_MEMBERS),
	    .points = 1 + world_below(dice, 300),
	    .place = (size_t)world_below(dice, 1000),
	};
}

static void assert_same_to_ask(struct world *one, struct world *other)
{
	const struct programme *programme =
	    book_programme(one->book)->programme;
	int32_t day = zone_local(&programme->zone, one->now_ms).day;

	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++) {
		assert_int_equal(world_spendable(one, MEMBER(n)),
		    world_spendable(other, MEMBER(n)));
		assert_int_equal(
		    law_tier(one->book, programme, night_member(one, n), day),
		    law_tier(
			other->book, programme, night_member(other, n), day));
	}
}

static void assert_same_purses(struct world *one, struct world *other)
{
	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++) {
		struct people_purse is = people_purse(one, MEMBER(n));
		struct people_purse should = people_purse(other, MEMBER(n));

		assert_same_purse(is, should);
		assert_int_equal(night_member(one, n)->tier_level,
		    night_member(other, n)->tier_level);
		assert_int_equal(night_member(one, n)->tier_until_day,
		    night_member(other, n)->tier_until_day);
	}
	assert_int_equal(book_account_points(one->book, ACCOUNT_EXPIRED),
	    book_account_points(other->book, ACCOUNT_EXPIRED));
}

static void pass_night(struct shop *shop)
{
	(void)people_night(shop->world);
	assert_int_equal(people_night(shop->world), 0);
}

static void live(struct shop *nightly, struct shop *missed, struct world *dice)
{
	for (int day = 0; day < 300; day++) {
		struct deed deed = some_deed(dice);

		nightly->world->now_ms += DAY_MS;
		missed->world->now_ms += DAY_MS;
		pass_night(nightly);
		if (world_below(dice, 60) == 0)
			pass_night(missed);
		assert_same_to_ask(nightly->world, missed->world);
		if (world_below(dice, 3) == 0)
			assert_int_equal(
			    do_deed(missed, &deed), do_deed(nightly, &deed));
		assert_same_to_ask(nightly->world, missed->world);
	}
	pass_night(nightly);
	pass_night(missed);
	assert_same_purses(nightly->world, missed->world);
}

static void comes_to_the_same_whichever_nights_are_missed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		const char *rules = seed % 2 ? LIFE_RULES : LIFE_INACTIVE_RULES;
		struct shop *nightly = calloc(1, sizeof(*nightly));
		struct shop *missed = calloc(1, sizeof(*missed));
		struct world *dice = world_empty(seed);

		assert_non_null(nightly);
		assert_non_null(missed);
		nightly->world = people_open(seed, rules);
		missed->world = people_open(seed, rules);
		live(nightly, missed, dice);
		people_close(nightly->world);
		people_close(missed->world);
		world_close(dice);
		free(nightly);
		free(missed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comes_to_the_same_whichever_nights_are_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
