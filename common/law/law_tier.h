/*
 * law_tier: who has which tier, and for how long. Pure.
 *
 * A member's tier is a level and its last day. Level 0 is the ground floor and
 * has no last day (0). A window is a stretch of days of which the sales are
 * counted together: a calendar year, a year from one anniversary of the
 * enrolment to the day before the next, or, rolling, the window_days that end
 * with a day. What is counted within it is the qualifying value.
 *
 * Reached. A sale of day d reaches the highest level whose `from` is at most
 * the qualifying value of the window of d, that sale included. It is kept to
 *
 *     year, anniversary   the last day of the window after that of d
 *     rolling             d + window_days
 *
 * and grace_days more. A level above the present one is had at once; the same
 * level is renewed where that makes its last day later; a lower one changes
 * nothing. A sale that counts for nothing reaches nothing, and so does one that
 * comes late, of a window before the one that is counted.
 *
 * Fallen. When the last day U is over, the tier falls on day f = U + 1. Its
 * floor is the best that sales support then:
 *
 *     year, anniversary   what the window of f reaches, as if reached on f; or
 *                         what the whole window before it reached, to the last
 *                         day of the window of f and grace_days more
 *     rolling             what any day up to f reached and is kept to f
 *
 *     downgrade = all     it falls to the floor, and the floor's last day
 *     downgrade = one     it falls by one, to the last day of the window of f
 *                         and grace_days more (rolling: U + window_days), but
 *                         not below the floor
 *
 * A floor that is not below it only gives it the floor's last day. This is done
 * as often as a last day is over, so that a night that was missed makes no
 * difference.
 *
 * Taken back. A return lessens the qualifying value of its sale's day, if the
 * sale counted by rules that count alike (book_qualifies_alike()). The tier
 * falls only where it was reached by what that day is part of, and what is left
 * no longer reaches it:
 *
 *     year, anniversary   to what is still reached in that window, or to the
 *                         tier that was put aside for it, fallen as often as
 *                         it has run out since, whichever is more. An entry
 *                         that makes the last day later puts the tier aside
 *                         that was had till then
 *     rolling             to the highest that any of the days still reaches
 *                         that is kept to today, or likewise to the tier put
 *                         aside, where it was reached without that sale
 *
 * A programme with fewer tiers takes a level above its highest for its highest.
 * One without any says nothing of tiers: a member's waits as it was.
 */
#ifndef COMMON_LAW_LAW_TIER_H
#define COMMON_LAW_LAW_TIER_H

#include "common/law/book.h"

struct law_tier {
	uint8_t level;
	int32_t until_day; /* the last one; 0 with level 0 */
};

/* The tier of `member` itself on `day`, also where nights were missed. */
struct law_tier law_tier_on(const struct programme *programme,
    const struct book_member *member, int32_t day);

/* Has the recorded tier run out before `day`, so that it is to be written
 * down? */
bool law_tier_is_over(const struct programme *programme,
    const struct book_member *member, int32_t day);

/*
 * What TAG_TIER of an entry of `today` does to the member: the book's part. To
 * be done before the entry's sale is counted.
 */
void law_tier_put(const struct programme *programme, struct book_member *member,
    int32_t today, struct law_tier tier);

/*
 * The tier after an earning or a return, of a sale of `sale_day`, that counts
 * `value` (book_qualify_value()) more or less. True where the book says another
 * level or last day than `ret_tier`: the entry is to say it (TAG_TIER). `today`
 * is the day of the entry's time, not before `sale_day`.
 */
struct law_tier_change {
	int32_t today;
	int32_t sale_day;
	uint64_t value;
};
bool law_tier_after_sale(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier);
bool law_tier_after_return(const struct programme *programme,
    const struct book_member *member, const struct law_tier_change *change,
    struct law_tier *ret_tier);

#endif
