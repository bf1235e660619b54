/*
 * tier_life: a member with a history of sales, returns and nights, for the
 * tests of tiers.
 *
 * What counts towards a tier is folded as the book does it; what the law then
 * says of the tier is put in as an entry would.
 */
#ifndef TESTS_UNIT_COMMON_TIER_LIFE_H
#define TESTS_UNIT_COMMON_TIER_LIFE_H

#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/law/book_inside.h"
#include "common/law/law.h"
#include "common/law/law_tier.h"

enum { GROUND, SILVER, GOLD, PLATINUM };

struct life {
	struct programme programme;
	struct book_member member;
	struct error err;
};

static inline int32_t day_of(const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	return date_to_day(date);
}

/* Silver from 500, gold from 1000, platinum from 2000; calendar years. */
static inline struct life *life_begin(const char *enrolled)
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

static inline void life_end(struct life *life)
{
	free(life->member.lots);
	free(life);
}

/* Sold on `sold`, recorded on `today`. True where the entry says a tier. */
static inline bool sell_late(
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

static inline bool sell_on(struct life *life, int32_t day, uint64_t value)
{
	return sell_late(life, day, day, value);
}

static inline bool sell(struct life *life, const char *day, uint64_t value)
{
	return sell_on(life, day_of(day), value);
}

static inline bool give_back_on(
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

static inline bool give_back(
    struct life *life, const char *today, const char *sold, uint64_t value)
{
	return give_back_on(life, day_of(today), day_of(sold), value);
}

static inline bool pass_night_on(struct life *life, int32_t day)
{
	struct law_tier tier =
	    law_tier_on(&life->programme, &life->member, day);

	if (!law_tier_is_over(&life->programme, &life->member, day))
		return false;
	law_tier_put(&life->programme, &life->member, day, tier);
	return true;
}

static inline bool pass_night(struct life *life, const char *day)
{
	return pass_night_on(life, day_of(day));
}

static inline void assert_tier_at(const struct life *life, const char *day,
    int level, const char *until, unsigned line)
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

#endif
