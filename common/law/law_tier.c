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
	int32_t first;
	int32_t years;

	if (programme->window == WINDOW_YEAR)
		return day_year_end(day);
	/* Counted from the enrolment itself: 29 February comes again. */
	first = book_window_day(programme, member,
	    day < member->enrolled_day ? member->enrolled_day : day);
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

/* --- what sales support --------------------------------------------------- */

static bool is_more(const struct law_tier *one, const struct law_tier *other)
{
	if (one->level != other->level)
		return one->level > other->level;
	return one->until_day > other->until_day;
}

static uint64_t less(uint64_t value, uint64_t by)
{
	return value > by ? value - by : 0;
}

/* The first day of the window that is counted in the book. */
static int32_t counted_day(
    const struct programme *programme, const struct book_member *member)
{
	return book_window_day(programme, member, member->qualify_day);
}

/* What the window before that of `day` reaches. The book says it outright once
 * sales of the window of `day` have been counted. */
static uint8_t level_before(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	int32_t first = book_window_day(programme, member, day);

	if (counted_day(programme, member) == first)
		return member->before_level;
	return book_level(
	    programme, book_qualifying(programme, member, first - 1));
}

static struct law_tier best_of_windows(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	struct law_tier reached = {
	    book_level(programme, book_qualifying(programme, member, day)),
	    reached_until(programme, member, day)};
	struct law_tier before = {level_before(programme, member, day),
	    fallen_until(programme, member, day)};

	return is_more(&before, &reached) ? before : reached;
}

/* A day of which all comes back has no sale that could reach anything. */
static bool is_left(
    const struct book_spent *spent, const struct law_tier_change *change)
{
	if (change == NULL)
		return true;
	return spent->day != change->sale_day || spent->value > change->value;
}

/* What is left of the sum of the days up to `last`. */
static uint64_t sum_left(const struct programme *programme, int32_t last,
    uint64_t sum, const struct law_tier_change *change)
{
	if (change == NULL || change->sale_day > last ||
	    change->sale_day <= last - (int32_t)programme->window_days)
		return sum;
	return less(sum, change->value);
}

/*
 * The best that any day up to `day` has reached, and that is kept to it; with
 * a change, without what comes back. One pass: `sum` is that of the window that
 * ends with `last`.
 */
static struct law_tier best_of_days(const struct programme *programme,
    const struct book_member *member, int32_t day,
    const struct law_tier_change *change)
{
	const struct book_spent *days = book_days(member);
	struct law_tier best = ground_floor;
	uint64_t sum = 0;
	uint32_t first = 0;

	for (uint32_t last = 0; last < member->spent_count; last++) {
		const struct book_spent *spent = &days[last];
		struct law_tier reached;

		if (spent->day > day)
			break;
		sum += spent->value;
		while (first < last &&
		       days[first].day <=
			   spent->day - (int32_t)programme->window_days)
			sum -= days[first++].value;
		reached.level = book_level(
		    programme, sum_left(programme, spent->day, sum, change));
		reached.until_day =
		    reached_until(programme, member, spent->day);
		if (reached.until_day >= day && is_left(spent, change) &&
		    is_more(&reached, &best))
			best = reached;
	}
	return best;
}

static struct law_tier best_on(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	return is_rolling(programme)
		   ? best_of_days(programme, member, day, NULL)
		   : best_of_windows(programme, member, day);
}

/* --- falling -------------------------------------------------------------- */

/* Not below the floor, which is what sales support; and with one step, only as
 * far as that. */
static struct law_tier fall(const struct programme *programme,
    const struct book_member *member, struct law_tier tier)
{
	int32_t day = tier.until_day + 1;
	struct law_tier floor = best_on(programme, member, day);
	int32_t until_day = fallen_until(programme, member, day);

	if (floor.level >= tier.level)
		return (struct law_tier){tier.level, floor.until_day};
	if (programme->downgrade_all)
		return floor;
	tier.level--;
	tier.until_day = until_day;
	return is_more(&floor, &tier) ? floor : tier;
}

/* Each turn ends at a later day, so this ends. `aside` is what each fall puts
 * aside, as an entry for it would. */
static struct law_tier fall_until(const struct programme *programme,
    const struct book_member *member, struct law_tier tier, int32_t day,
    struct law_tier *aside)
{
	if (tier.level > programme->tier_count)
		tier.level = (uint8_t)programme->tier_count;
	while (tier.level > 0 && tier.until_day < day) {
		*aside = tier;
		tier = fall(programme, member, tier);
	}
	return tier.level == 0 ? ground_floor : tier;
}

static struct law_tier recorded(const struct book_member *member)
{
	return (struct law_tier){member->tier_level, member->tier_until_day};
}

struct law_tier law_tier_on(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	struct law_tier aside;

	return fall_until(programme, member, recorded(member), day, &aside);
}

void law_tier_put(const struct programme *programme, struct book_member *member,
    int32_t today, struct law_tier tier)
{
	struct law_tier aside = {member->kept_level, member->kept_until_day};
	struct law_tier is =
	    fall_until(programme, member, recorded(member), today, &aside);

	if (tier.until_day > is.until_day)
		aside = is;
	/* What a return has taken back does not come again. */
	else if (aside.until_day >= today && is_more(&aside, &tier))
		aside = ground_floor;
	member->kept_level = aside.level;
	member->kept_until_day = aside.until_day;
	member->tier_level = tier.level;
	member->tier_until_day = tier.until_day;
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
	if (book_joined_to(member) != 0)
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

/* Does a sale of `day` still count towards the window in the book? */
static bool is_counted(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	return is_rolling(programme) ||
	       book_window_day(programme, member, day) >=
		   counted_day(programme, member);
}

bool law_tier_after_sale(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier)
{
	struct law_tier tier = law_tier_on(programme, member, change->today);
	struct law_tier reached;

	if (programme->tier_count == 0)
		return false;
	/* What counts for nothing, such as a gift card, renews nothing. */
	if (change->value > 0 &&
	    is_counted(programme, member, change->sale_day)) {
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

static bool is_reached_by(const struct programme *programme,
    const struct book_member *member, const struct law_tier *tier, int32_t day)
{
	return book_window_day(programme, member, day) ==
		   counted_day(programme, member) &&
	       tier->until_day == reached_until(programme, member, day);
}

/* What is left in the window of the sale, or what was put aside for it, which
 * has fallen since where it has run out. */
static struct law_tier left_of_window(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    const struct law_tier *tier, struct law_tier aside)
{
	struct book_member then = *member;
	struct law_tier left = *tier;
	struct law_tier passed;

	if (!is_reached_by(programme, member, tier, change->sale_day))
		return *tier;
	then.qualifying =
	    less(book_qualifying(programme, member, change->sale_day),
		change->value);
	left.level = book_level(programme, then.qualifying);
	if (left.level >= tier->level)
		return *tier;
	aside = fall_until(programme, &then, aside, change->today, &passed);
	return is_more(&aside, &left) ? aside : left;
}

/* Was it reached by a window that the sale is in? Not so where it has fallen to
 * this level, or other rules gave it. */
static bool is_reached_with(const struct programme *programme,
    const struct book_member *member, const struct law_tier *tier,
    int32_t sale_day)
{
	int32_t day = tier->until_day - reached_until(programme, member, 0);

	return sale_day <= day &&
	       sale_day >= book_window_day(programme, member, day) &&
	       book_level(programme, book_qualifying(programme, member, day)) >=
		   tier->level;
}

static struct law_tier left_of_rolling(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    const struct law_tier *tier, struct law_tier aside)
{
	struct law_tier best;
	struct law_tier passed;

	if (!is_reached_with(programme, member, tier, change->sale_day))
		return *tier;
	best = best_of_days(programme, member, change->today, change);
	if (!is_reached_with(programme, member, &aside, change->sale_day)) {
		aside = fall_until(
		    programme, member, aside, change->today, &passed);
		if (is_more(&aside, &best))
			best = aside;
	}
	return is_more(tier, &best) ? best : *tier;
}

bool law_tier_after_return(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier)
{
	struct law_tier aside = {member->kept_level, member->kept_until_day};
	struct law_tier tier = fall_until(
	    programme, member, recorded(member), change->today, &aside);

	if (programme->tier_count == 0)
		return false;
	if (tier.level > 0 && change->value > 0)
		tier = is_rolling(programme) ? left_of_rolling(programme,
						   member, change, &tier, aside)
					     : left_of_window(programme, member,
						   change, &tier, aside);
	if (tier.level == 0)
		tier = ground_floor;
	*ret_tier = tier;
	return is_news(programme, member, &tier);
}
