/*
 * Tiers: how they are reached, fall and are taken back, day by day.
 *
 * A life is a member with a history of sales, returns and nights. What counts
 * towards a tier is folded as the book does it; what the law then says of the
 * tier is put in as an entry would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/law/book_inside.h"
#include "common/law/law.h"
#include "common/law/law_tier.h"

enum { GROUND, SILVER, GOLD, PLATINUM };

struct life {
	struct programme programme;
	struct book_member member;
	struct error err;
};

static int32_t day_of(const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	return date_to_day(date);
}

/* Silver from 500, gold from 1000, platinum from 2000; calendar years. */
static struct life *life_begin(const char *enrolled)
{
	static const uint64_t from[] = {500, 1000, 2000};
	struct life *life = calloc(1, sizeof(*life));

	assert_non_null(life);
	life->programme.qualify = QUALIFY_POINTS;
	life->programme.window = WINDOW_YEAR;
	life->programme.tier_count = 3;
	for (size_t index = 0; index < 3; index++)
		life->programme.tiers[index].from = from[index];
	life->member.account = ACCOUNT_MEMBER_MIN;
	life->member.enrolled_day = day_of(enrolled);
	return life;
}

static void life_end(struct life *life)
{
	if (life->member.extra != NULL)
		free(life->member.extra->spent);
	free(life->member.extra);
	free(life);
}

/* Sold on `sold`, recorded on `today`. True where the entry says a tier. */
static bool sell_late(
    struct life *life, int32_t today, int32_t sold, uint64_t value)
{
	struct law_tier_change change = {today, sold, value};
	struct entry earn = {.kind = ENTRY_EARN, .points = value};
	struct law_tier tier;
	bool said = law_tier_after_sale(
	    &life->programme, &life->member, &change, &tier);

	if (said)
		law_tier_put(&life->programme, &life->member, today, tier);
	assert_int_equal(book_qualify_more(&life->member, &life->programme,
			     sold, &earn, &life->err),
	    RESULT_OK);
	return said;
}

static bool sell_on(struct life *life, int32_t day, uint64_t value)
{
	return sell_late(life, day, day, value);
}

static bool sell(struct life *life, const char *day, uint64_t value)
{
	return sell_on(life, day_of(day), value);
}

static bool give_back_on(
    struct life *life, int32_t today, int32_t sold, uint64_t value)
{
	struct law_tier_change change = {today, sold, value};
	struct entry back = {.kind = ENTRY_RETURN,
	    .to_account = ACCOUNT_ISSUED,
	    .points = value};
	struct law_tier tier;
	bool said = law_tier_after_return(
	    &life->programme, &life->member, &change, &tier);

	if (said)
		law_tier_put(&life->programme, &life->member, today, tier);
	book_qualify_less(&life->member, &life->programme, sold, &back);
	return said;
}

static bool give_back(
    struct life *life, const char *today, const char *sold, uint64_t value)
{
	return give_back_on(life, day_of(today), day_of(sold), value);
}

static bool pass_night_on(struct life *life, int32_t day)
{
	struct law_tier tier =
	    law_tier_on(&life->programme, &life->member, day);

	if (!law_tier_is_over(&life->programme, &life->member, day))
		return false;
	law_tier_put(&life->programme, &life->member, day, tier);
	return true;
}

static bool pass_night(struct life *life, const char *day)
{
	return pass_night_on(life, day_of(day));
}

static void assert_tier_at(const struct life *life, const char *day, int level,
    const char *until, unsigned line)
{
	struct law_tier tier =
	    law_tier_on(&life->programme, &life->member, day_of(day));
	char text[DATE_SIZE] = "";

	if (tier.until_day != 0)
		day_format(tier.until_day, text);
	if (tier.level != level || strcmp(text, until) != 0)
		fail_msg("line %u: on %s level %d until '%s', not %d until "
			 "'%s'",
		    line, day, tier.level, text, level, until);
	assert_int_equal(
	    law_tier(NULL, &life->programme, &life->member, day_of(day)),
	    level);
}
#define assert_tier(life, day, level, until) \
	assert_tier_at(life, day, level, until, __LINE__)

/* --- reaching --------------------------------------------------------------
 */

static void reaches_a_tier_at_once_and_to_the_end_of_the_next_year(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	assert_false(sell(life, "2026-02-01", 499));
	assert_tier(life, "2026-02-01", GROUND, "");
	assert_true(sell(life, "2026-03-01", 1));
	assert_tier(life, "2026-03-01", SILVER, "2027-12-31");
	assert_false(sell(life, "2026-03-02", 499));
	assert_true(sell(life, "2026-12-31", 1));
	assert_tier(life, "2026-12-31", GOLD, "2027-12-31");
	assert_tier(life, "2027-12-31", GOLD, "2027-12-31");
	life_end(life);
}

static void passes_over_a_tier_where_one_sale_is_enough(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	assert_true(sell(life, "2026-02-01", 5000));
	assert_tier(life, "2026-02-01", PLATINUM, "2027-12-31");
	life_end(life);
}

static void renews_a_tier_that_is_reached_again(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 1000);
	assert_false(sell(life, "2027-05-01", 999));
	assert_tier(life, "2027-05-01", GOLD, "2027-12-31");
	assert_true(sell(life, "2027-05-02", 1));
	assert_tier(life, "2027-05-02", GOLD, "2028-12-31");
	life_end(life);
}

static void counts_from_one_anniversary_to_the_day_before_the_next(void **state)
{
	struct life *life = life_begin("2024-02-29");

	(void)state;
	life->programme.window = WINDOW_ANNIVERSARY;
	sell(life, "2025-02-27", 499);
	assert_false(sell(life, "2025-02-28", 499));
	assert_true(sell(life, "2026-02-27", 1));
	assert_tier(life, "2026-02-27", SILVER, "2027-02-27");
	assert_true(sell(life, "2027-02-28", 1000));
	/* The windows start on 28 February 2027 and on 29 February 2028. */
	assert_tier(life, "2027-02-28", GOLD, "2029-02-27");
	sell(life, "2028-02-28", 1);
	assert_true(sell(life, "2028-02-29", 1000));
	assert_tier(life, "2028-02-29", GOLD, "2030-02-27");
	life_end(life);
}

static void counts_the_last_days_where_the_window_rolls(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 250);
	assert_false(sell(life, "2026-01-31", 250));
	assert_true(sell(life, "2026-02-28", 250));
	assert_tier(life, "2026-02-28", SILVER, "2026-03-30");
	assert_true(sell(life, "2026-03-01", 1));
	assert_tier(life, "2026-03-01", SILVER, "2026-03-31");
	/* 31 January is no longer one of the 30 days. */
	assert_false(sell(life, "2026-03-02", 1));
	assert_tier(life, "2026-03-02", SILVER, "2026-03-31");
	life_end(life);
}

static void keeps_a_tier_for_the_days_of_grace(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 1000);
	assert_tier(life, "2028-01-30", GOLD, "2028-01-30");
	assert_tier(life, "2028-01-31", GROUND, "");
	life_end(life);
}

static void takes_a_late_sale_for_the_window_in_which_it_was_sold(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-12-01", 900);
	/* Nothing of the new year is counted yet, so the old one still is. */
	assert_true(
	    sell_late(life, day_of("2027-01-02"), day_of("2026-12-31"), 100));
	assert_tier(life, "2027-01-02", GOLD, "2027-12-31");
	assert_false(sell(life, "2027-01-02", 1));
	assert_false(
	    sell_late(life, day_of("2027-01-03"), day_of("2026-12-31"), 5000));
	assert_tier(life, "2027-01-03", GOLD, "2027-12-31");
	life_end(life);
}

/* --- falling ---------------------------------------------------------------
 */

static void falls_to_what_the_year_that_ended_supports(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-03-01", 600);
	assert_tier(life, "2027-12-31", PLATINUM, "2027-12-31");
	assert_tier(life, "2028-01-01", SILVER, "2028-12-31");
	assert_tier(life, "2029-01-01", GROUND, "");
	assert_false(pass_night(life, "2027-12-31"));
	assert_true(pass_night(life, "2028-01-01"));
	assert_false(pass_night(life, "2028-01-01"));
	assert_tier(life, "2028-12-31", SILVER, "2028-12-31");
	assert_true(pass_night(life, "2029-01-01"));
	assert_tier(life, "2029-01-01", GROUND, "");
	life_end(life);
}

static void falls_to_the_ground_where_nothing_was_bought(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	assert_tier(life, "2028-01-01", GROUND, "");
	life_end(life);
}

static void falls_one_step_for_each_window_that_is_over(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	assert_tier(life, "2028-01-01", GOLD, "2028-12-31");
	assert_tier(life, "2029-01-01", SILVER, "2029-12-31");
	assert_tier(life, "2029-12-31", SILVER, "2029-12-31");
	assert_tier(life, "2030-01-01", GROUND, "");
	assert_tier(life, "2060-01-01", GROUND, "");
	life_end(life);
}

static void falls_one_step_but_not_below_what_is_supported(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-02-01", 1000);
	assert_tier(life, "2028-01-01", GOLD, "2028-12-31");
	pass_night(life, "2028-01-01");
	sell(life, "2028-02-01", 1000);
	assert_tier(life, "2029-01-01", GOLD, "2029-12-31");
	life_end(life);
}

/* The sales of January are of the new window already; what the old one supports
 * is remembered for the day on which the grace is over. */
static void remembers_the_window_before_while_there_is_grace(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 31;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	sell(life, "2027-03-01", 600);
	assert_false(sell(life, "2028-01-15", 100));
	assert_tier(life, "2028-01-31", PLATINUM, "2028-01-31");
	assert_tier(life, "2028-02-01", SILVER, "2029-01-31");
	/* Buying enough within the grace keeps it all. */
	assert_true(sell(life, "2028-01-20", 1900));
	assert_tier(life, "2028-01-20", PLATINUM, "2030-01-31");
	life_end(life);
}

static void falls_to_what_the_grace_itself_has_reached(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	life->programme.grace_days = 31;
	life->programme.downgrade_all = true;
	sell(life, "2026-02-01", 2000);
	assert_false(sell(life, "2028-01-15", 1100));
	assert_tier(life, "2028-01-31", PLATINUM, "2028-01-31");
	assert_tier(life, "2028-02-01", GOLD, "2030-01-31");
	life_end(life);
}

static void falls_to_what_the_last_days_support(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-01-01", 1000);
	sell(life, "2026-01-20", 500);
	assert_tier(life, "2026-01-20", GOLD, "2026-02-19");
	assert_tier(life, "2026-02-20", GROUND, "");
	sell(life, "2026-02-10", 500);
	assert_tier(life, "2026-02-10", GOLD, "2026-03-12");
	assert_tier(life, "2026-03-13", GROUND, "");
	sell(life, "2026-03-12", 500);
	assert_tier(life, "2026-03-13", SILVER, "2026-04-11");
	life_end(life);
}

static void falls_to_what_was_reached_while_the_higher_one_lasted(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	life->programme.downgrade_all = true;
	sell(life, "2026-01-01", 2000);
	assert_false(sell(life, "2026-01-31", 500));
	assert_tier(life, "2026-01-31", PLATINUM, "2026-01-31");
	assert_tier(life, "2026-02-01", SILVER, "2026-03-02");
	assert_tier(life, "2026-03-03", GROUND, "");
	life_end(life);
}

static void falls_one_step_for_each_rolling_window(void **state)
{
	struct life *life = life_begin("2026-01-01");

	(void)state;
	life->programme.window = WINDOW_ROLLING;
	life->programme.window_days = 30;
	sell(life, "2026-01-01", 1000);
	assert_tier(life, "2026-01-31", GOLD, "2026-01-31");
	assert_tier(life, "2026-02-01", SILVER, "2026-03-02");
	assert_tier(life, "2026-03-03", GROUND, "");
	life_end(life);
}

/* The sale is the first to notice, and says both. */
static void writes_a_fall_down_with_the_next_sale(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	assert_true(sell(life, "2029-05-01", 1));
	assert_int_equal(life->member.tier_level, SILVER);
	assert_int_equal(life->member.tier_until_day, day_of("2029-12-31"));
	assert_false(pass_night(life, "2029-05-02"));
	life_end(life);
}

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

/* --- other rules -----------------------------------------------------------
 */

static void takes_a_level_above_the_highest_for_the_highest(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	life->programme.tier_count = 2;
	assert_tier(life, "2026-02-02", GOLD, "2027-12-31");
	assert_false(sell(life, "2026-02-02", 1));
	assert_int_equal(life->member.tier_level, PLATINUM);
	assert_tier(life, "2028-01-01", SILVER, "2028-12-31");
	life->programme.tier_count = 3;
	assert_tier(life, "2026-02-02", PLATINUM, "2027-12-31");
	life_end(life);
}

static void says_nothing_of_tiers_where_there_are_none(void **state)
{
	struct life *life = life_begin("2026-01-10");

	(void)state;
	sell(life, "2026-02-01", 2000);
	life->programme.tier_count = 0;
	assert_tier(life, "2026-02-02", GROUND, "");
	assert_false(sell(life, "2026-02-02", 1));
	assert_false(give_back(life, "2026-02-02", "2026-02-01", 2000));
	assert_false(pass_night(life, "2028-01-01"));
	assert_int_equal(life->member.tier_level, PLATINUM);
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
	    cmocka_unit_test(
		reaches_a_tier_at_once_and_to_the_end_of_the_next_year),
	    cmocka_unit_test(passes_over_a_tier_where_one_sale_is_enough),
	    cmocka_unit_test(renews_a_tier_that_is_reached_again),
	    cmocka_unit_test(
		counts_from_one_anniversary_to_the_day_before_the_next),
	    cmocka_unit_test(counts_the_last_days_where_the_window_rolls),
	    cmocka_unit_test(keeps_a_tier_for_the_days_of_grace),
	    cmocka_unit_test(
		takes_a_late_sale_for_the_window_in_which_it_was_sold),
	    cmocka_unit_test(falls_to_what_the_year_that_ended_supports),
	    cmocka_unit_test(falls_to_the_ground_where_nothing_was_bought),
	    cmocka_unit_test(falls_one_step_for_each_window_that_is_over),
	    cmocka_unit_test(falls_one_step_but_not_below_what_is_supported),
	    cmocka_unit_test(remembers_the_window_before_while_there_is_grace),
	    cmocka_unit_test(falls_to_what_the_grace_itself_has_reached),
	    cmocka_unit_test(falls_to_what_the_last_days_support),
	    cmocka_unit_test(
		falls_to_what_was_reached_while_the_higher_one_lasted),
	    cmocka_unit_test(falls_one_step_for_each_rolling_window),
	    cmocka_unit_test(writes_a_fall_down_with_the_next_sale),
	    cmocka_unit_test(takes_back_what_the_same_window_no_longer_reaches),
	    cmocka_unit_test(goes_back_to_the_tier_that_was_put_aside),
	    cmocka_unit_test(goes_back_to_a_step_that_was_not_reached_either),
	    cmocka_unit_test(lets_a_tier_of_an_earlier_window_be),
	    cmocka_unit_test(takes_back_after_new_year_as_well),
	    cmocka_unit_test(takes_back_in_the_window_after_a_fall),
	    cmocka_unit_test(takes_back_from_the_days_of_a_rolling_window),
	    cmocka_unit_test(lets_a_rolling_tier_be_for_another_days_return),
	    cmocka_unit_test(takes_a_level_above_the_highest_for_the_highest),
	    cmocka_unit_test(says_nothing_of_tiers_where_there_are_none),
	    cmocka_unit_test(falls_alike_whichever_nights_are_missed),
	    cmocka_unit_test(is_neutral_to_a_sale_that_comes_back_the_same_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
