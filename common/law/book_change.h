/*
 * book_change: what the files that fold entries in share, and nobody else.
 *
 *     book_apply.c         the whole, who asked, own accounts, finishing
 *     book_apply_owner.c   the shop, its rules, who works there
 *     book_apply_points.c  points and lots that come and go; counters by rules
 *     book_apply_sale.c    sales, redemptions, holds
 *     book_apply_back.c    returns, voids
 *     book_apply_people.c  members, cards, pools, corrections, the night
 *
 * Nothing in an entry is taken on trust: whether it is lawful is law_check()'s
 * question; here it is whether it can be folded in at all.
 *
 * An object that is already true at the entry's sequence is passed over, for it
 * was kept later than where a replay starts. So each change first asks
 * change_is_open(), and may depend only on the entry, on the object itself, and
 * on versions of the programme, which never change.
 */
#ifndef COMMON_LAW_BOOK_CHANGE_H
#define COMMON_LAW_BOOK_CHANGE_H

#include "common/law/book_inside.h"

/* One entry being folded in. */
struct change {
	struct book *book;
	const struct entry *entry;
	struct error *err;
	const struct programme *programme; /* the head's; NULL: it names none */
	const struct programme *rules; /* of TAG_RULES, or else the head's */
	int32_t today; /* of the entry's time; 0 where it names no programme */
	int32_t day;   /* of TAG_SOLD, where it has one, by `rules` */
	struct book_member *from;    /* NULL where it is no member's account */
	struct book_member *to;	     /* likewise */
	struct book_member *whose;   /* whose sale it is: that of TAG_WHOSE, or
					else the one member named, or else `from`;
					NULL where none is named */
	struct book_member *brought; /* whose bonus is paid, once it is found */
};

/* RESULT_INVALID, with the entry and a sentence. */
__attribute__((format(printf, 2, 3))) enum result change_refuse(
    struct change *change, const char *format, ...);

/* Is the object to be changed, as it was last changed before this entry? */
bool change_is_open(const struct change *change, uint64_t true_at);
bool change_is_member_open(
    const struct change *change, const struct book_member *member);

/* Note that an object was changed. Room for its key has been made. */
void change_mark(
    struct change *change, uint64_t key, uint64_t *true_at, bool *dirty);

bool change_has(const struct change *change, enum entry_tag tag);

/* Are both accounts of this kind? SIDE_MEMBER is any member; the others are
 * enum account, ACCOUNT_NONE being no account. */
#define SIDE_MEMBER 0x100
bool change_is_between(const struct change *change, int from, int to);
/* The same as a question of the entry. */
enum result change_want_sides(struct change *change, int from, int to);
enum result change_want_programme(struct change *change);

/* --- points --------------------------------------------------------------- */

/*
 * Move the entry's points between its accounts, with their lots, and compare
 * the balances that it says. Own accounts and members each as far as they are
 * open.
 */
enum result change_move(struct change *change);

/* A sale or redemption of `day`: it counts as activity. Lots that had lapsed by
 * then stay so. */
enum result change_note_activity(
    struct change *change, struct book_member *member, int32_t day);

/* --- counting ------------------------------------------------------------- */

/*
 * Count, more or less, for `member` (NULL: nobody) in the periods of
 * change->day by change->rules.
 *
 * change_count_parts(): what TAG_PARTS says, with budgets. Of an earning those
 * alone that count within their group, and each whose part is not 0 is a time;
 * of what takes back each one named, and `has_times` says whether it is a time.
 * change_count_all(): points of all earning, and a sale, as the programme
 * limits them. change_count_reward(): a time of TAG_REWARD, and its stock.
 */
enum count_way { COUNT_MORE, COUNT_LESS };
enum result change_count_parts(struct change *change,
    struct book_member *member, enum count_way way, bool has_times);
enum result change_count_all(struct change *change, struct book_member *member,
    enum count_way way, bool has_sale);
enum result change_count_reward(
    struct change *change, struct book_member *member, enum count_way way);
/* Points that a member has sent. */
enum result change_count_sent(
    struct change *change, struct book_member *member);

/* TAG_TIER, where the entry has one, to change->whose; before its sale is
 * counted. */
enum result change_tier(struct change *change);

/* --- the kinds ------------------------------------------------------------ */

enum result change_shop(struct change *change);
enum result change_programme(struct change *change);
enum result change_terminal(struct change *change);
enum result change_cashier(struct change *change);
enum result change_staff(struct change *change);

enum result change_earn(struct change *change);
enum result change_redeem(struct change *change);
enum result change_sale(struct change *change);
enum result change_hold(struct change *change);

enum result change_return(struct change *change);
enum result change_void(struct change *change);

enum result change_enrol(struct change *change);
enum result change_transfer(struct change *change);
enum result change_adjust(struct change *change);
enum result change_join(struct change *change);
enum result change_leave(struct change *change);
enum result change_card(struct change *change);
enum result change_member(struct change *change);
enum result change_expire(struct change *change);
enum result change_tiers(struct change *change);
enum result change_notice(struct change *change);
enum result change_bonus(struct change *change);

/* Shared by sales and voids: a hold ends; a sale can be claimed no longer. */
enum result change_end_hold(struct change *change, struct book_member *member);
enum result change_claim(struct change *change);

#endif
