/*
 * law_tier: owns how tiers are reached, fall and are taken back.
 */
#include "common/law/law_tier.h"

#include "common/law/law.h"

static const struct law_tier ground_floor;

static bool is_rolling(const struct programme *programme)
{
	return programme->window == WINDOW_ROLLING;
}

/* The last day of the window that `day` is in; windows do not roll. */
static int32_t window_end(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	int32_t first = book_window_day(programme, member, day);
	int32_t years;

	if (programme->window == WINDOW_YEAR)
		return day_year_end(first);
	/* Counted from the enrolment itself: 29 February comes again. */
	years = day_to_date(first).year -
		day_to_date(member->enrolled_day).year + 1;
	return day_add_months(member->enrolled_day, 12 * (unsigned)years) - 1;
}

/* How long a level is kept that is reached on `day`. */
static int32_t reached_until(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	int32_t last;

	if (is_rolling(programme))
		return day + (int32_t)(programme->window_days +
				       programme->grace_days);
	last = window_end(programme, member, day);
	last = window_end(programme, member, last + 1);
	return last + (int32_t)programme->grace_days;
}

/* How long one is kept that has fallen on `day` to what `day` does not reach.
 */
static int32_t fallen_until(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	if (is_rolling(programme))
		return day - 1 + (int32_t)programme->window_days;
	return window_end(programme, member, day) +
	       (int32_t)programme->grace_days;
}

/* --- falling -------------------------------------------------------------- */

/* What the window before that of `day` supports. The book says it outright
 * once sales of the window of `day` have been counted. */
static uint8_t level_before(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	int32_t first = book_window_day(programme, member, day);

	if (is_rolling(programme))
		return 0;
	if (member->qualify_day == first)
		return member->before_level;
	return book_level(
	    programme, book_qualifying(programme, member, first - 1));
}

static struct law_tier fall(const struct programme *programme,
    const struct book_member *member, struct law_tier tier)
{
	int32_t day = tier.until_day + 1;
	uint8_t reached =
	    book_level(programme, book_qualifying(programme, member, day));
	uint8_t floor = level_before(programme, member, day);

	if (floor < reached)
		floor = reached;
	if (floor < tier.level)
		tier.level = programme->downgrade_all ? floor : tier.level - 1;
	if (tier.level == 0)
		return ground_floor;
	tier.until_day = tier.level <= reached
			     ? reached_until(programme, member, day)
			     : fallen_until(programme, member, day);
	return tier;
}

/* Each turn ends at a later day, so this ends. */
static struct law_tier fall_until(const struct programme *programme,
    const struct book_member *member, struct law_tier tier, int32_t day)
{
	if (tier.level > programme->tier_count)
		tier.level = (uint8_t)programme->tier_count;
	while (tier.level > 0 && tier.until_day < day)
		tier = fall(programme, member, tier);
	return tier.level == 0 ? ground_floor : tier;
}

static struct law_tier recorded(const struct book_member *member)
{
	return (struct law_tier){member->tier_level, member->tier_until_day};
}

struct law_tier law_tier_on(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	return fall_until(programme, member, recorded(member), day);
}

bool law_tier_is_over(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	return programme->tier_count > 0 && member->tier_level > 0 &&
	       member->tier_until_day < day;
}

uint8_t law_tier(const struct book *book, const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	if (member->joined_to != 0)
		member = book_pool(book, member->account);
	return law_tier_on(programme, member, day).level;
}

/* --- reaching and taking back --------------------------------------------- */

/* A level that the programme has no longer is not said anew for that alone. */
static bool is_news(const struct programme *programme,
    const struct book_member *member, const struct law_tier *tier)
{
	struct law_tier is = recorded(member);

	if (is.level > programme->tier_count)
		is.level = (uint8_t)programme->tier_count;
	return tier->level != is.level ||
	       (tier->level > 0 && tier->until_day != is.until_day);
}

static bool is_more(const struct law_tier *one, const struct law_tier *other)
{
	if (one->level != other->level)
		return one->level > other->level;
	return one->until_day > other->until_day;
}

/* Does a sale of `day` still count towards the window in the book? */
static bool is_counted(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	return is_rolling(programme) ||
	       book_window_day(programme, member, day) >= member->qualify_day;
}

bool law_tier_after_sale(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier)
{
	struct law_tier tier = law_tier_on(programme, member, change->today);
	struct law_tier reached;

	if (programme->tier_count == 0)
		return false;
	if (is_counted(programme, member, change->sale_day)) {
		reached.level = book_level(programme,
		    book_qualifying(programme, member, change->sale_day) +
			change->value);
		reached.until_day =
		    reached_until(programme, member, change->sale_day);
		if (reached.level > 0 && reached.until_day >= change->today &&
		    is_more(&reached, &tier))
			tier = reached;
	}
	*ret_tier = tier;
	return is_news(programme, member, &tier);
}

static uint64_t less(uint64_t value, uint64_t by)
{
	return value > by ? value - by : 0;
}

/* The tier that was put aside for the present one. One that has run out and is
 * not written down yet is put aside as soon as it is. */
static struct law_tier put_aside(const struct programme *programme,
    const struct book_member *member, int32_t today)
{
	if (law_tier_is_over(programme, member, today))
		return recorded(member);
	return (struct law_tier){member->kept_level, member->kept_until_day};
}

static bool is_reached_by(const struct programme *programme,
    const struct book_member *member, const struct law_tier *tier, int32_t day)
{
	return book_window_day(programme, member, day) == member->qualify_day &&
	       tier->until_day == reached_until(programme, member, day);
}

/* What is left in the window of the sale, or what was put aside for it. */
static struct law_tier left_of_window(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    const struct law_tier *tier)
{
	struct book_member then = *member;
	struct law_tier left = *tier;
	struct law_tier aside;

	if (!is_reached_by(programme, member, tier, change->sale_day))
		return *tier;
	then.qualifying = less(member->qualifying, change->value);
	left.level = book_level(programme, then.qualifying);
	if (left.level >= tier->level)
		return *tier;
	aside = fall_until(programme, &then,
	    put_aside(programme, member, change->today), change->today);
	return is_more(&aside, &left) ? aside : left;
}

/*
 * The best that any day of a rolling window reaches without what comes back.
 * One pass: `sum` is that of the window that ends with `last`.
 */
static struct law_tier best_left(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change)
{
	const struct book_extra *extra = member->extra;
	struct law_tier best = ground_floor;
	uint64_t sum = 0;
	uint32_t first = 0;

	for (uint32_t last = 0; extra != NULL && last < extra->spent_count;
	     last++) {
		const struct book_spent *spent = &extra->spent[last];
		struct law_tier reached;
		int32_t before = spent->day - (int32_t)programme->window_days;
		bool within =
		    before < change->sale_day && change->sale_day <= spent->day;

		sum += spent->value;
		while (first < last && extra->spent[first].day <= before)
			sum -= extra->spent[first++].value;
		reached.level = book_level(
		    programme, within ? less(sum, change->value) : sum);
		reached.until_day =
		    reached_until(programme, member, spent->day);
		if (reached.level > 0 && reached.until_day >= change->today &&
		    is_more(&reached, &best))
			best = reached;
	}
	return best;
}

static struct law_tier left_of_rolling(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    const struct law_tier *tier)
{
	int32_t day = tier->until_day - reached_until(programme, member, 0);
	uint64_t counted = book_qualifying(programme, member, day);
	struct law_tier best;

	/* It was not reached by the sale's day: it has fallen to this, or
	 * other rules gave it. */
	if (change->sale_day > day ||
	    change->sale_day < book_window_day(programme, member, day) ||
	    book_level(programme, counted) < tier->level)
		return *tier;
	if (book_level(programme, less(counted, change->value)) >= tier->level)
		return *tier;
	best = best_left(programme, member, change);
	return is_more(tier, &best) ? best : *tier;
}

bool law_tier_after_return(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier)
{
	struct law_tier tier = law_tier_on(programme, member, change->today);

	if (programme->tier_count == 0)
		return false;
	if (tier.level > 0)
		tier = is_rolling(programme)
			   ? left_of_rolling(programme, member, change, &tier)
			   : left_of_window(programme, member, change, &tier);
	if (tier.level == 0)
		tier = ground_floor;
	*ret_tier = tier;
	return is_news(programme, member, &tier);
}
