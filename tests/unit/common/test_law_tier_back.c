/*
 * Tiers: how they are taken back, and what holds over random lives.
 */
#include "tests/unit/common/tier_life.h"

/* --- taking back -----------------------------------------------------------
 */

static void takes_back_what_the_same_window_no_longer_reaches(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 600);
	sell(life, "2026-03-01", 500);
	assert_tier(life, "2026-03-01", GOLD, "2027-12-31");
	assert_false(give_back(life, "2026-03-02", "2026-03-01", 100));
	assert_true(give_back(life, "2026-03-03", "2026-03-01", 1));
	assert_tier(life, "2026-03-03", SILVER, "2027-12-31");
	assert_true(give_back(life, "2026-03-04", "2026-02-01", 600));
	assert_tier(life, "2026-03-04", GROUND, "");
	assert_true(sell(life, "2026-03-05", 2000));
	assert_tier(life, "2026-03-05", PLATINUM, "2027-12-31");
	life_end(life);
}

static void goes_back_to_the_tier_that_was_put_aside(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 600);
	sell(life, "2027-02-01", 2000);
	assert_tier(life, "2027-02-01", PLATINUM, "2028-12-31");
	assert_true(give_back(life, "2027-02-02", "2027-02-01", 2000));
	assert_tier(life, "2027-02-02", SILVER, "2027-12-31");
	assert_tier(life, "2028-01-01", GROUND, "");
	life_end(life);
}

static void goes_back_to_a_step_that_was_not_reached_either(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	pass_night(life, "2028-01-01");
	assert_tier(life, "2028-01-01", GOLD, "2028-12-31");
	assert_true(sell(life, "2028-06-01", 1500));
	assert_tier(life, "2028-06-01", GOLD, "2029-12-31");
	assert_true(give_back(life, "2028-06-02", "2028-06-01", 1500));
	assert_tier(life, "2028-06-02", GOLD, "2028-12-31");
	life_end(life);
}

static void lets_a_tier_of_an_earlier_window_be(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 1000);
	sell(life, "2027-02-01", 300);
	assert_false(give_back(life, "2027-02-02", "2027-02-01", 300));
	assert_false(give_back(life, "2027-02-03", "2026-02-01", 1000));
	assert_tier(life, "2027-02-03", GOLD, "2027-12-31");
	life_end(life);
}

/* The new year has no sale yet: the old window is the one that is counted. */
static void takes_back_after_new_year_as_well(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-12-24", 1000);
	assert_true(give_back(life, "2027-01-02", "2026-12-24", 1000));
	assert_tier(life, "2027-01-02", GROUND, "");
	life_end(life);
}

/* New rules take no tier away from who has it, and neither does what counts for
 * nothing. What comes back has the window judged anew. */
static void lets_a_tier_be_where_nothing_that_counts_comes_back(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 1000);
	life->programme.tiers[1].from = 1500;
	assert_false(give_back(life, "2026-03-02", "2026-02-01", 0));
	assert_tier(life, "2026-03-02", GOLD, "2027-12-31");
	assert_true(give_back(life, "2026-03-03", "2026-02-01", 1));
	assert_tier(life, "2026-03-03", SILVER, "2027-12-31");
	life_end(life);
}

static void takes_back_in_the_window_after_a_fall(void **state)
{
	struct life *life = life_begin("2026-01-10");
	struct life *late = life_begin("2026-01-10");

	(void)state;
	for (int which = 0; which < 2; which++) {
		struct life *one = which == 0 ? life : late;

		one->programme.grace_days = 31;
		one->programme.downgrade_all = true;
		sell(one, "2026-02-01", 2000);
		sell(one, "2027-02-01", 600);
		sell(one, "2028-01-15", 1100);
	}
	assert_true(pass_night(life, "2028-02-01"));
	assert_tier(life, "2028-02-01", GOLD, "2030-01-31");
	assert_true(give_back(life, "2028-02-02", "2028-01-15", 500));
	assert_tier(life, "2028-02-02", SILVER, "2030-01-31");
	assert_true(give_back(late, "2028-02-02", "2028-01-15", 500));
	assert_tier(late, "2028-02-02", SILVER, "2030-01-31");
	/* What is left is what the window before supports. */
	assert_true(give_back(life, "2028-02-03", "2028-01-15", 600));
	assert_tier(life, "2028-02-03", SILVER, "2029-01-31");
	life_end(life);
	life_end(late);
}

static void takes_back_from_the_days_of_a_rolling_window(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 600);
	sell(life, "2026-01-10", 500);
	sell(life, "2026-01-20", 200);
	assert_tier(life, "2026-01-20", GOLD, "2026-02-19");
	/* Nothing is left of the 20th, but the 10th still reaches gold. */
	assert_true(give_back(life, "2026-01-21", "2026-01-20", 200));
	assert_tier(life, "2026-01-21", GOLD, "2026-02-09");
	assert_true(give_back(life, "2026-01-21", "2026-01-10", 200));
	assert_tier(life, "2026-01-21", SILVER, "2026-02-09");
	assert_true(give_back(life, "2026-01-22", "2026-01-01", 600));
	assert_tier(life, "2026-01-22", GROUND, "");
	life_end(life);
}

/* That a rolling sum has fallen since is no reason to take a tier away. */
static void lets_a_rolling_tier_be_for_another_days_return(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 1000);
	sell(life, "2026-01-25", 10);
	assert_tier(life, "2026-01-25", GOLD, "2026-02-24");
	sell(life, "2026-02-05", 10);
	assert_false(give_back(life, "2026-02-06", "2026-02-05", 10));
	assert_tier(life, "2026-02-06", GOLD, "2026-02-24");
	life_end(life);
}

/* --- properties ------------------------------------------------------------
 */

static uint64_t random_state;

static uint32_t below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state % bound);
}

static struct life *random_life(uint64_t seed)
{
	struct life *life = life_begin("2024-02-29");
	static const uint32_t graces[] = {0, 0, 1, 30, 364, 400};

	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	life->programme.window = (enum window)below(3);
	life->programme.window_days = 1 + below(500);
	life->programme.grace_days = graces[below(6)];
	life->programme.downgrade_all = below(2);
	return life;
}

static struct law_tier tier_on(const struct life *life, int32_t day)
{
	return law_tier_on(&life->programme, &life->member, day);
}

static void assert_same_tier(
    const struct life *life, int32_t day, struct law_tier should)
{
	const struct programme *programme = &life->programme;
	struct law_tier is = tier_on(life, day);

	if (is.level != should.level || is.until_day != should.until_day)
		fail_msg("window %d of %u days, grace %u, all %d, day %d: "
			 "level %d until %d, not %d until %d",
		    programme->window, programme->window_days,
		    programme->grace_days, programme->downgrade_all, day,
		    is.level, is.until_day, should.level, should.until_day);
}

/* One life has every night, the other some of them; both have the same sales
 * and returns. */
static void falls_alike_whichever_nights_are_missed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct life *nightly = random_life(seed);
		struct life *missed = random_life(seed);
		int32_t day = day_of("2024-02-29");
		int32_t sold = day;
		uint32_t rate = 20 + below(200);

		for (int32_t end = day + 3000; day < end; day++) {
			uint32_t value = below(700);

			pass_night_on(nightly, day);
			if (below(50) == 0)
				pass_night_on(missed, day);
			assert_same_tier(missed, day, tier_on(nightly, day));
			if (below(rate) < 2) {
				sold = day;
				sell_on(nightly, day, value);
				sell_on(missed, day, value);
			} else if (below(rate) == 0) {
				give_back_on(nightly, day, sold, value);
				give_back_on(missed, day, sold, value);
			}
			assert_same_tier(missed, day, tier_on(nightly, day));
		}
		life_end(nightly);
		life_end(missed);
	}
}

/* What comes back at once leaves the tier as it was before. */
static void is_neutral_to_a_sale_that_comes_back_the_same_day(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct life *life = random_life(seed);
		int32_t day = day_of("2024-02-29");

		for (int32_t end = day + 2000; day < end; day++) {
			struct law_tier before;
			uint32_t value = 1 + below(2500);

			pass_night_on(life, day);
			if (below(60) == 0)
				sell_on(life, day, 1 + below(900));
			if (below(100) != 0)
				continue;
			before = tier_on(life, day);
			sell_on(life, day, value);
			give_back_on(life, day, day, value);
			assert_same_tier(life, day, before);
		}
		life_end(life);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_back_what_the_same_window_no_longer_reaches),
	    cmocka_unit_test(goes_back_to_the_tier_that_was_put_aside),
	    cmocka_unit_test(goes_back_to_a_step_that_was_not_reached_either),
	    cmocka_unit_test(lets_a_tier_of_an_earlier_window_be),
	    cmocka_unit_test(takes_back_after_new_year_as_well),
	    cmocka_unit_test(
		lets_a_tier_be_where_nothing_that_counts_comes_back),
	    cmocka_unit_test(takes_back_in_the_window_after_a_fall),
	    cmocka_unit_test(takes_back_from_the_days_of_a_rolling_window),
	    cmocka_unit_test(lets_a_rolling_tier_be_for_another_days_return),
	    cmocka_unit_test(falls_alike_whichever_nights_are_missed),
	    cmocka_unit_test(is_neutral_to_a_sale_that_comes_back_the_same_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
