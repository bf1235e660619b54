/*
 * earn: what the rules give for one sale. The engine of the programme, pure.
 *
 * The order is fixed, and is the law:
 *
 * 1. A sale without lines is one line of its whole amount and one item.
 * 2. Lines of excluded categories and products drop out. What was paid with
 *    points is taken off the rest in proportion: each line's base is
 *    amount × (sale − paid) / sale. (Bases are in 1/256 of a minor unit,
 *    floored, so that nothing but the last sum is felt.)
 * 3. A rule's conditions are asked: dates, weekday, hours (of when it was
 *    sold), shop, tier, segments, birthday, lapsed (so many days at least since
 *    the last sale; nobody has lapsed who never came), brought, times left,
 *    chance; and its lines: those of its categories or products (all where it
 *    names neither). Their base, summed and not below 0, is at least
 *    amount_min; a rule that names any needs one with a quantity or an amount
 *    above 0.
 * 4. It gives points_micro × base / per_amount (stepped: for each full one), or
 *    × items, or once a visit; a multiplier gives (multiply − 1) times what the
 *    rules per amount and per item that apply gave on its lines before their
 *    caps. Floored to a millionth of a point each. A rule that gives nothing
 *    here does not apply.
 * 5. Its caps cut it: sale, day, month, ever, budget. What is left is its part,
 *    also where that is 0; a rule that does not apply has no part.
 * 6. Of the parts of one group the largest counts (of equals the first), the
 *    others add up; the sum is floored to whole points, once; then the
 *    programme's own caps (sale, day, month) cut it, and POINTS_MAX.
 *
 * What is kept of a sale after a return earns the same way, with the conditions
 * as they were: only the rules that had a part, each at most its part; what a
 * rule asks of its lines is asked again. Who keeps nothing keeps no points, and
 * nobody more than was earned. Items, too, are in 1/256 where some came back by
 * amount.
 *
 * Of a plain programme there are no parts: programme_earn_points() of the part
 * that was not paid with points, which is kept in proportion.
 */
#ifndef COMMON_LAW_EARN_H
#define COMMON_LAW_EARN_H

#include "common/law/book.h"
#include "common/ledger/lists.h"

/* A sale, with everything that is known of its moment. */
struct earn_sale {
	uint64_t amount_minor;	/* in all, rewards and points included */
	uint64_t paid_minor;	/* of that, paid with points */
	struct bytes lines;	/* a sound list, or empty */
	struct local_time when; /* sold, in the programme's time zone */
	uint64_t shop;		/* programme_name() of the shop's id; 0 none */
	uint8_t tier_level;	/* the member's, then */
	bool is_birthday;	/* near the member's: FACT_BIRTHDAY */
	bool has_draw;
	struct hash draw; /* earn_draw(), where has_draw */
};

/* What came of it. Owned by the caller. */
struct earning {
	uint64_t points;
	bool needs_draw; /* a rule with a chance applies if that is won */
	size_t part_count;
	struct part parts[RULES_MAX]; /* rules ascend */
};

/* What `member` gets for `sale`. The book is asked for budgets and counters;
 * nothing changes. */
void earn_evaluate(const struct programme *programme, const struct book *book,
    const struct book_member *member, const struct earn_sale *sale,
    struct earning *ret_earning);

/*
 * What `referrer` gets for a member whom it brought and whose first sale was on
 * `sale_day`: the rules that refer. Their days are asked of the sale's, their
 * counters of the periods of `today`. Hours and lines are not asked, and one
 * that names shops or birthdays never holds. The programme's own caps are of
 * sales and do not cut it.
 */
struct earn_referral {
	const struct book_member *referrer;
	uint8_t tier_level; /* the referrer's, today */
	int32_t sale_day;
	int32_t today;
};
void earn_refer(const struct programme *programme, const struct book *book,
    const struct earn_referral *referral, struct earning *ret_earning);

/* What came back of a sale, all returns together. */
struct earn_back {
	uint64_t amount_minor; /* by amount, spread over what lines are left */
	const struct book_returned_line *lines; /* by line, ascending */
	uint32_t line_count;
};

/*
 * What the kept part of a recorded earn still earns: its lines without those
 * that came back, the others each scaled by (left − back by amount) / left.
 * Depends on the sums alone, not on the order or the number of returns.
 */
uint64_t earn_kept_points(const struct programme *programme,
    const struct entry *earn, const struct earn_back *back);
/* The same with its parts: those of the earn's rules in the same order, each as
 * far as it is kept, also where that is nothing or another of its group counts
 * instead. Without parts where the earn has none. */
void earn_kept(const struct programme *programme, const struct entry *earn,
    const struct earn_back *back, struct earning *ret_kept);

/* SHA-256("tally draw v1" || 0x00 || root (32) || terminal (u32) || counter
 * (u64) || random (16) || account (u64)): what a chance is drawn from. Rule
 * number r of the programme wins where the u64 at 8 × (r mod 4) of it, plus r
 * (wrapping), is divisible by its chance. */
struct hash earn_draw(struct hasher *hasher, const struct hash *root,
    uint32_t terminal, uint64_t counter, struct bytes random, uint64_t account);

/* A part's points that count: 0 where another of its group is larger. For who
 * explains. */
bool earn_part_counts(const struct programme *programme,
    const struct part *parts, size_t part_count, size_t place);

#endif
