/*
 * law_inside: what the files of the law share, and nobody else.
 *
 *     law.c         who asks, and what every decision is made of
 *     law_owner.c   the shop, its rules, who works there
 *     law_earn.c    sales, with a card and without, and late claims
 *     law_redeem.c  redemptions, holds, captures
 *     law_return.c  what comes back; law_void.c what is undone as a whole
 *     law_people.c  members, their details, staff; law_cards.c cards
 *     law_pool.c    who pools, and transfers; law_goodwill.c corrections
 *     law_night.c   what falls due by itself; law_tier.c tiers
 *     law_check.c   the way back, from an entry to its command
 */
#ifndef COMMON_LAW_LAW_INSIDE_H
#define COMMON_LAW_LAW_INSIDE_H

#include "common/law/earn.h"
#include "common/law/law.h"
#include "common/law/law_tier.h"

/* One decision under way. `entry` is complete in its head but for accounts,
 * points, amounts and references: kind, sequence and time stand. */
struct deciding {
	const struct book *book;
	const struct command *command;
	struct refusal *refusal;
	struct entry *entry;
	uint8_t *parts; /* room for PARTS_SIZE_MAX; the entry borrows it */
	uint8_t *lots;	/* room for LOTS_SIZE_MAX; likewise */
	const struct programme *clock; /* whose clock shows `now`; NULL: nobody
					  has looked yet */
	struct local_time now;	       /* for law_now() */
};

/* --- refusing ------------------------------------------------------------- */

/* Write the refusal; always false, so that a question may end with it. */
__attribute__((format(printf, 3, 4))) bool law_refuse(
    struct deciding *deciding, enum refusal_code code, const char *format, ...);
/* The asker's own fault: `what` is a few words for whoever mends it. */
bool law_refuse_malformed(struct deciding *deciding, const char *what);
/* The accounts cannot hold so many points, or so many kinds of them. */
bool law_refuse_limit(struct deciding *deciding);

/* The member can spend fewer than `points`, and nothing else is wrong. */
bool law_refuse_short(
    struct deciding *deciding, uint64_t points, uint64_t spendable_points);

/* A hash that nobody has filled in. */
bool law_is_zero(struct bytes bytes);
/* 1 to `size_max` of a-z, 0-9, '_', '-'. */
bool law_is_id(struct bytes id, size_t size_max);

/* --- what decisions are made of ------------------------------------------- */

/* The rules in force; they judge this entry, which names them from here on.
 * NULL and a refusal before any. */
const struct programme *law_in_force(struct deciding *deciding);

/* The command's receipt, or reason, goes into the entry, where there is one. */
bool law_take_receipt(struct deciding *deciding);
bool law_take_reason(struct deciding *deciding);

/*
 * The member whose points are moved for `account`: itself, or the one that it
 * pools with. NULL and a refusal where there is none. That a card is blocked is
 * a matter of who reads cards.
 */
const struct book_member *law_find_member(
    struct deciding *deciding, uint64_t account);

/* The member itself, whom it pools with or not. NULL and a refusal likewise. */
const struct book_member *law_find_self(
    struct deciding *deciding, uint64_t account);

/* Has it points that are kept for a redemption under way? */
bool law_has_holds(const struct book_member *member, uint64_t now_ms);

/* Is it the asking cashier's own membership, or one that it pools with? */
bool law_is_own_card(
    const struct deciding *deciding, const struct book_member *member);
bool law_refuse_own_card(struct deciding *deciding);

/* The entry is about this member, and nothing moves. */
void law_name_member(
    struct deciding *deciding, const struct book_member *member);
void law_say_tier(struct deciding *deciding, struct law_tier tier);

/* The entry's moment, and its day, on the programme's clock; worked out once
 * and remembered. */
struct local_time law_now(
    struct deciding *deciding, const struct programme *programme);
int32_t law_today(struct deciding *deciding, const struct programme *programme);

/*
 * Lists of lots in the decision's own room: one at a time, the last one counts.
 *
 * law_take_lots(): what `points` are taken from, as book_take_lots() chooses;
 * they may be fewer than `points`, and the rest is a debt then. law_one_lot():
 * points that all come with the same stamps.
 */
struct bytes law_take_lots(struct deciding *deciding,
    const struct book_member *member, enum take_how how, int32_t day,
    const struct lot *own, uint64_t points);
struct bytes law_one_lot(struct deciding *deciding, const struct lot *lot);

/* Points that go from one account to another. One or both are a member's. */
struct law_move {
	const struct book_member *from; /* NULL: from `own` */
	const struct book_member *to;	/* NULL: to `own` */
	enum account own;		/* the programme's, on the other side */
	uint64_t points;
	struct bytes lots; /* their stamps; empty: all (LOT_NEVER, 0) */
};

/*
 * Fill in the entry: both accounts, points, balances, previous entries, and
 * TAG_LOTS, which is left out where it would say (LOT_NEVER, 0) alone: that is
 * what its absence means. False with REFUSAL_LIMIT where an account cannot hold
 * it.
 */
bool law_move(struct deciding *deciding, const struct law_move *move);

/* --- what comes back ------------------------------------------------------ */

/*
 * An earning, a redemption or a correction that comes back, in part or as a
 * whole. `whose` is the member that its entry names, who keeps what came back
 * of it; `member` is whom that one pools with now, whose points are moved.
 */
struct law_back {
	const struct entry *of;
	const struct programme *programme; /* of `of` */
	const struct book_member *whose;
	const struct book_member *member;
	const struct book_returned *before; /* NULL where nothing has come */
};

/* False, and no refusal, where `of` is no entry of this ledger that moved a
 * member's points, or is another member's than the command's account, where it
 * has one. */
bool law_find_back(const struct deciding *deciding, const struct entry *of,
    struct law_back *ret_back);

/* Whose it was, where the points are another's now. */
void law_say_whose(struct deciding *deciding, const struct law_back *back);
/* What an earning says less: its parts, its share of what was paid with points,
 * its time, its rules, whose it is. Nothing for a plain programme's. */
void law_say_less(struct deciding *deciding, const struct law_back *back,
    const struct earn_back *after, bool is_void);

/* The points go back to where they came from, with the stamps that they had
 * when they moved: the last ones to lapse first, after those that have gone
 * back before. Not to the asking cashier's own card. */
bool law_give_back(struct deciding *deciding, const struct law_back *back,
    enum account own, uint64_t points);
/* The points are taken back from the member: what is not there is a debt,
 * where the programme allows one, and is let go where it does not. */
bool law_take_back(struct deciding *deciding, const struct law_back *back,
    enum account own, uint64_t points);
/* A tier that rested on it is had no longer. */
void law_lower(struct deciding *deciding, const struct law_back *back);

/* A redemption gives `points` back; the last of them the reward, too. */
bool law_undo_redeem(
    struct deciding *deciding, const struct law_back *back, uint64_t points);

/* The smallest sale of which this many points for a reward take this value. */
uint64_t law_redeem_sale_minor(const struct programme_reward *reward,
    uint64_t points, uint64_t value_minor);

/* --- the kinds ------------------------------------------------------------ */

/* Fill in the entry but for who, when and where; false with a refusal. */
bool law_decide_shop(struct deciding *deciding);
bool law_decide_programme(struct deciding *deciding);
bool law_decide_terminal(struct deciding *deciding);
bool law_decide_cashier(struct deciding *deciding);

bool law_decide_earn(struct deciding *deciding);
bool law_decide_sale(struct deciding *deciding);
bool law_decide_redeem(struct deciding *deciding);
bool law_decide_hold(struct deciding *deciding);
bool law_decide_return(struct deciding *deciding);
bool law_decide_void(struct deciding *deciding);

/* law_people.c, law_cards.c, law_pool.c, law_goodwill.c */
bool law_decide_enrol(struct deciding *deciding);
bool law_decide_adjust(struct deciding *deciding);
bool law_decide_transfer(struct deciding *deciding);
bool law_decide_join(struct deciding *deciding);
bool law_decide_leave(struct deciding *deciding);
bool law_decide_card(struct deciding *deciding);
bool law_decide_member(struct deciding *deciding);
bool law_decide_staff(struct deciding *deciding);

/* law_night.c, law_tier.c */
bool law_decide_expire(struct deciding *deciding);
bool law_decide_tier(struct deciding *deciding);
bool law_decide_notice(struct deciding *deciding);
bool law_decide_bonus(struct deciding *deciding);

#endif
