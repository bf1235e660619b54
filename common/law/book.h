/*
 * book: the state of the programme, which is nothing but a fold of entries.
 *
 * book_apply() is the only way that it changes. It holds members, terminals,
 * cashiers, programme versions and the programme's own accounts. Each object
 * has a key and a last-applied sequence (`true_at`); book_save_object() and
 * book_load_object() turn one object into bytes and back, so that a store can
 * keep objects lazily and a start can replay from there: applying an entry to
 * an object that is already true at that entry's sequence is passed over.
 *
 * Not thread-safe; the ledger's thread owns it.
 */
#ifndef COMMON_LAW_BOOK_H
#define COMMON_LAW_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/law/programme.h"
#include "common/ledger/entry.h"
#include "common/ledger/lists.h"

/* Keys of objects. An account's key is the account's number itself. */
#define BOOK_KEY_TERMINAL (1ull << 32)	/* + terminal number */
#define BOOK_KEY_CASHIER (2ull << 32)	/* + cashier number */
#define BOOK_KEY_PROGRAMME (3ull << 32) /* + version, from 1 */
#define BOOK_KEY_SHOP (4ull << 32)
#define BOOK_KEY_TALLY (5ull << 32)  /* + ident: a budget, a stock */
#define BOOK_KEY_CLAIMS (6ull << 32) /* + 1 + sequence / 4096 of a sale */

/* Versions of the programme; the law refuses a further one. */
#define BOOK_PROGRAMMES_MAX 65535u

/*
 * What has come back of one sale or redemption. It is kept with the member
 * whose account the sale's entry names, also where that one has pooled since.
 */
struct book_returned_line {
	uint16_t line; /* place in the sale's lines, from 0 */
	uint32_t quantity;
	int64_t amount_minor;
};
struct book_returned {
	uint64_t sale_sequence;
	uint64_t amount_minor;	  /* in all, lines included */
	uint64_t by_amount_minor; /* of that, without saying lines */
	uint64_t points;	  /* clawed back, or given back, so far */
	struct book_returned_line *lines; /* ascending; owned by the book */
	uint32_t line_count;
	bool is_void; /* undone as a whole */
};

/* Points kept for a redemption under way. One whose time is over counts no
 * longer; it is dropped when the member next changes. */
struct book_hold {
	uint64_t sequence; /* of its entry */
	uint64_t points;
	uint64_t until_ms;
	uint32_t ident; /* of the reward */
};

/*
 * What is counted of one member within a period. `ident` is a
 * programme_ident(); `period_day` is the period's first day, 0 for PERIOD_EVER.
 * A counter whose period is over is dropped when there is a newer one of the
 * same (ident, what); a late sale of the older period is then counted in the
 * newer one, and shares its caps.
 */
enum count_what {
	COUNT_POINTS_DAY, /* in millionths for rules */
	COUNT_POINTS_MONTH,
	COUNT_POINTS_EVER,
	COUNT_TIMES_DAY,
	COUNT_TIMES_MONTH,
	COUNT_TIMES_YEAR,
	COUNT_TIMES_EVER,
};
struct book_count {
	uint32_t ident;
	uint32_t what : 3;	 /* enum count_what */
	int32_t period_day : 29; /* 700,000 years either way */
	uint64_t value;
};
/* Idents that are no rule's or reward's: programme_ident() of these kinds with
 * an empty id. "earn" counts points in whole points. */
#define IDENT_KIND_EARN "all"	       /* all earning together, and sales */
#define IDENT_KIND_TRANSFER "transfer" /* points sent */

/* What counts towards a tier, day by day, for a rolling window. */
struct book_spent {
	int32_t day;
	uint64_t value;
};

/* What most members do not have. */
struct book_extra {
	struct book_returned *returned; /* by sale */
	struct book_hold *holds;	/* by sequence */
	uint32_t *segments; /* programme_ident("segment", id), ascending */
	uint64_t *cards;  /* further cards, blocked ones included, ascending */
	uint64_t *joined; /* accounts that pool with this one, ascending */
	uint32_t returned_count;
	uint8_t hold_count;
	uint8_t segment_count;
	uint8_t card_count;
	uint8_t joined_count;
	uint32_t blocked_cards; /* bits by their place in `cards` */
	int32_t referral_day;	/* the day of referral_sale */
	uint64_t joined_to;	/* pools with this account; 0 is itself */
	uint64_t joined_by;	/* the JOIN entry by which it does */
	uint64_t referrer;	/* who brought this member; 0 nobody, or paid */
	uint64_t referral_sale; /* the sale for which a bonus is due; 0 none */
	bool is_card_blocked;	/* the card of the enrolment */
};

/*
 * A member. balance_points is the sum of its lots, or, below 0, a debt: then it
 * has no lots. Lots are in the order of (expiry_day, active_day).
 *
 * Its lots, counters, days and details stand in one block of memory, one after
 * another, 16 bytes for each and 32 for the details: book_counts(), book_days()
 * and book_details() find what `lots` does not.
 */
struct book_member {
	uint64_t account;
	int64_t balance_points;
	uint64_t enrolled_sequence;
	uint64_t last_sequence; /* the newest entry that names the account */
	uint64_t true_at;
	uint64_t qualifying; /* towards a tier, in the window of qualify_day */
	struct lot *lots;    /* the block, owned by the book; NULL: nothing */
	struct book_extra *extra; /* NULL: nothing of it */
	int32_t enrolled_day;
	int32_t last_sale_day; /* DAY_NONE before the first */
	int32_t active_day;    /* last sale or redemption, or points from
				  people; for inactivity */
	int32_t qualify_day;   /* first day of the window that is counted */
	int32_t tier_until_day;
	int32_t kept_until_day; /* of kept_level */
	int32_t warned_day;	/* told of points up to this last day; 0 none */
	uint16_t lot_count;
	uint16_t count_count;
	uint16_t spent_count;
	uint8_t tier_level;
	uint8_t kept_level;   /* the tier before the present one was reached:
				 what an entry whose TAG_TIER lasts longer than
				 the present one put aside */
	uint8_t before_level; /* that the window before the counted one
				 supports; 0 where a window lies between, and
				 for rolling ones */
	uint8_t qualify;      /* enum qualify: what `qualifying` counts */
	bool has_details;
	bool dirty;
};

struct book_terminal {
	uint32_t number;
	enum role role;		/* ROLE_TERMINAL or ROLE_AUDITOR */
	enum standing standing; /* 0 where there is no such terminal */
	struct hash key;	/* hash of its public key (SPKI, DER) */
	char shop[SHOP_ID_SIZE_MAX + 1]; /* of a chain; "" is none */
	uint64_t *tombstones; /* counters voided before they came, ascending;
				 owned by the book */
	uint32_t tombstone_count;
	uint64_t counter_max; /* highest counter in the ledger, 0 is none */
	uint64_t true_at;
	bool dirty;
};

struct book_cashier {
	uint32_t number;
	enum role role;
	enum standing standing; /* 0 where there is no such cashier */
	uint64_t account;	/* its own membership; 0 is none known */
	int32_t given_day;	/* the day of: */
	uint64_t given_points;	/* goodwill given alone on that day */
	uint64_t second_points; /* and as, or with, a second person */
	uint64_t true_at;
	bool dirty;
};

/* What is counted of all members together: a campaign's budget (millionths), a
 * reward's stock (times). */
struct book_tally {
	uint32_t ident;
	uint64_t value;
	uint64_t true_at;
	bool dirty;
};

struct book_programme {
	uint32_t number;   /* of the version, from 1 */
	uint64_t sequence; /* of the entry that brought it */
	struct programme *programme;
	struct bytes text; /* owned by the book */
};

struct book_head {
	uint64_t sequence; /* of the last entry applied, 0 at the start */
	uint64_t time_ms;
	uint64_t server_counter; /* highest counter of terminal 0 */
};

struct book_totals {
	uint64_t members;
	uint64_t terminals;	 /* active */
	uint64_t cashiers;	 /* active */
	int64_t issued_points;	 /* balances of the programme's own accounts: */
	int64_t redeemed_points; /* issued is negative or 0 */
	int64_t expired_points;
	int64_t goodwill_points; /* negative or 0 */
	int64_t members_points;	 /* sum over members */
};

struct book;

enum result book_create(struct book **ret_book, struct error *err);
void book_destroy(struct book *book);

/*
 * What each kind changes, beside the balances and lots of the accounts that it
 * names, their last entry, and who asked. `day` is that of the entry's time (of
 * TAG_SOLD where it has one) in the zone of the programme that it names.
 *
 * Points that come to a member pay off a debt first, in the order of TAG_LOTS;
 * the rest goes to the lots with these stamps. Points that go are taken from
 * the lots that TAG_LOTS names; what those do not cover becomes a debt. Where
 * the tag is absent all points have the stamps (LOT_NEVER, 0).
 *
 * enrol: a member; referrer.
 *
 * earn: counters and budgets of each rule that the parts say and that counts
 * (by its part; times by 1 where the part is not 0), and only for periods that
 * the rule limits; "all" points (whole) and sales (COUNT_TIMES_DAY) where the
 * programme limits them; qualifying; last_sale_day, active_day; the first sale
 * of who was referred makes a bonus due; related: the sale is claimed.
 *
 * redeem: times of the reward, where limited; its stock; active_day; related:
 * the hold ends.
 *
 * return of a sale (points go to ISSUED): what came back of it. TAG_PARTS are
 * what its rules gave less (rules of TAG_RULES, or else of the head's
 * programme): taken off the counters of the sale's own periods (those of
 * TAG_SOLD, the sale's time; without it none are touched) and budgets, and so
 * are "all" points; qualifying, where the sale is in the window that is counted
 * (by its points; or its amount less TAG_PAID; or a visit with FACT_WHOLE).
 *
 * return of a redemption (points come from REDEEMED): what came back; with
 * FACT_WHOLE stock and times of TAG_REWARD (of TAG_RULES) by 1, in the periods
 * of TAG_SOLD.
 *
 * void: as a return of all, with FACT_WHOLE or without; also times of its rules
 * (each that TAG_PARTS says and that counts) and "all" sales by 1, and a bonus
 * that the sale made due is due no longer. Of a hold (names the member alone):
 * it ends. Of an adjust (points from or to GOODWILL): the points go back. Of a
 * sale without a card (related, no account): it cannot be claimed. Without
 * related: a tombstone.
 *
 * hold: a hold. expire. transfer: counter of the sender. adjust: points given
 * by cashier and second, where the member got them.
 *
 * bonus: counters and budgets of TAG_PARTS, with who gets it; due no longer for
 * the member that TAG_REFERRER names.
 *
 * tier: tier_level, tier_until_day, and what is kept aside (law_tier_put()), in
 * face of what was counted before. Also any entry with TAG_TIER.
 *
 * notice: warned_day: the latest last day of the lots named.
 *
 * join: joined_to, joined (from who pools, to whom with); points that have
 * lapsed stay where they are. leave undoes it.
 *
 * Who gets points by adjust, transfer, join, leave or bonus is active that day.
 *
 * card: cards, or is_card_blocked where it is 0. member: details, segments.
 * staff: a cashier's account.
 *
 * Points that lapse by inactivity and have lapsed when a sale or redemption
 * comes are stamped with the day on which they did, so that they do not revive.
 *
 * What is changed of a member for its sale or redemption (what came back,
 * counters, qualifying) is that of TAG_WHOSE where there is one.
 */

/*
 * Fold one entry in. RESULT_INVALID where it cannot be applied (its sequence
 * is not head + 1, or it names what is not there): the entry is not of this
 * history. RESULT_NO_MEMORY. On an error the book is to be thrown away.
 */
enum result book_apply(
    struct book *book, const struct entry *entry, struct error *err);

const struct book_head *book_head(const struct book *book);
void book_totals(const struct book *book, struct book_totals *ret_totals);
/* Balance of one of the programme's own accounts. */
int64_t book_account_points(const struct book *book, enum account account);
const struct hash *book_shop_key(const struct book *book);
/* The origin said by the first entry; empty before it. */
struct bytes book_shop_origin(const struct book *book);

/* Borrowed until the next book_apply(); NULL where there is none. */
const struct book_member *book_member(
    const struct book *book, uint64_t account);
/* Hints, where it is known who is asked for soon, that save the wait for its
 * memory: some operations before, and again when that has come. */
void book_expect_member(const struct book *book, uint64_t account);
void book_expect_block(const struct book *book, uint64_t account);
const struct book_terminal *book_terminal(
    const struct book *book, uint32_t number);
const struct book_cashier *book_cashier(
    const struct book *book, uint32_t number);
/* The highest number given out so far, 0 at the start. */
uint32_t book_terminal_last(const struct book *book);
uint32_t book_cashier_last(const struct book *book);
/* The version in force, NULL before the first; or that of `sequence`. One that
 * a loaded object brought is in force from its own entry on, as ever. */
const struct book_programme *book_programme(const struct book *book);
const struct book_programme *book_programme_at(
    const struct book *book, uint64_t sequence);
/* The account that points are moved of for this one: itself, or the one that it
 * pools with. NULL where there is none. */
const struct book_member *book_pool(const struct book *book, uint64_t account);
/* The account that it pools with; 0 where it does not. */
uint64_t book_joined_to(const struct book_member *member);
/* What stands in a member's block: count_count counters, by (ident, what);
 * spent_count days, ascending; the commitment to its private details. NULL
 * where there are none. */
const struct book_count *book_counts(const struct book_member *member);
const struct book_spent *book_days(const struct book_member *member);
const struct hash *book_details(const struct book_member *member);
/* 0 where nothing has been counted in that period; where it is over, what has
 * been in the newer one. */
uint64_t book_count(const struct book_member *member, uint32_t ident,
    enum count_what what, int32_t period_day);
uint64_t book_tally(const struct book *book, uint32_t ident);
/* The first day of the period that `day` is in; 0 for PERIOD_EVER. */
int32_t book_period_day(enum period period, int32_t day);
bool book_is_claimed(const struct book *book, uint64_t sale_sequence);
bool book_is_tombstone(
    const struct book *book, uint32_t terminal, uint64_t counter);
bool book_has_segment(const struct book_member *member, uint32_t ident);
/*
 * What counts towards a tier, pure. book_window_day(): the first day of the
 * window that `day` is in (rolling: the day window_days - 1 before).
 * book_qualifying(): what is counted of the member in that window up to `day`.
 * book_level(): the highest tier that `qualifying` reaches, 0 is none.
 * book_qualify_value(): what an earning adds (its points; its amount without
 * what was paid with points; or a visit), and what a return or a void takes
 * off, of the sale's day. Days of a rolling window are kept for twice
 * window_days, so that a return finds what a tier was reached with.
 */
int32_t book_window_day(const struct programme *programme,
    const struct book_member *member, int32_t day);
uint64_t book_qualifying(const struct programme *programme,
    const struct book_member *member, int32_t day);
uint8_t book_level(const struct programme *programme, uint64_t qualifying);
uint64_t book_qualify_value(
    const struct programme *programme, const struct entry *entry);
/* Has a sale by `rules` counted what `programme` counts? What comes back of one
 * that has not takes nothing off. */
bool book_qualifies_alike(
    const struct programme *rules, const struct programme *programme);

/* NULL where there is no such hold, or its time is over. */
const struct book_hold *book_hold(
    const struct book_member *member, uint64_t sequence, uint64_t now_ms);
/* For digests of draws: borrowed, one thread. */
struct hasher *book_hasher(const struct book *book);

/*
 * Lots, pure. Each view of the time is a day of the programme's zone.
 *
 * book_lot_expiry_day(): the real last day (for an inactivity stamp, counted
 * from the member's last activity). book_spendable_points(): active and not
 * lapsed on `day`, without what holds keep at `now_ms`, never below 0.
 * book_pending_points(): not active yet. book_lapsed_points(): past their last
 * day. book_next_expiry(): the soonest last day from `day` on and the points
 * that lapse with it; LOT_NEVER and 0 where none do.
 *
 * book_take_lots() chooses what `points` are taken from, as a sound list into
 * `writer`, and says how many that are. TAKE_SPEND: active and not lapsed, the
 * soonest to lapse first. TAKE_BACK: first the lot with the stamps of `own`,
 * then pending ones, then active ones, latest to lapse first, lapsed ones last.
 * TAKE_LAPSED: those past their last day alone. TAKE_ALL: every lot, in order.
 */
enum take_how { TAKE_SPEND, TAKE_BACK, TAKE_LAPSED, TAKE_ALL };
int32_t book_lot_expiry_day(
    const struct book_member *member, const struct lot *lot);
uint64_t book_spendable_points(
    const struct book_member *member, int32_t day, uint64_t now_ms);
uint64_t book_pending_points(const struct book_member *member, int32_t day);
uint64_t book_lapsed_points(const struct book_member *member, int32_t day);
uint64_t book_next_expiry(
    const struct book_member *member, int32_t day, int32_t *ret_day);
uint64_t book_take_lots(const struct book_member *member, enum take_how how,
    int32_t day, const struct lot *own, uint64_t points, struct writer *writer);

/* What came back of a sale by this member so far; NULL where nothing did. */
const struct book_returned *book_returned(
    const struct book_member *member, uint64_t sale_sequence);

/* Visit every member in no particular order; stops at the first non-OK. */
typedef enum result book_member_fn(
    void *context, const struct book_member *member, struct error *err);
enum result book_each_member(const struct book *book, book_member_fn *visit,
    void *context, struct error *err);
/* The member at `place`, from 0, in the order in which they came to this book:
 * for who walks them in pieces, for a place stays whose it is. NULL past the
 * last. Borrowed as above. */
const struct book_member *book_member_at(const struct book *book, size_t place);

/*
 * Keeping objects. book_take_dirty() lists the keys of all objects changed
 * since it was last called, ascending, in an array on the heap that the caller
 * frees (NULL where there are none), and makes them clean. book_save_object()
 * appends one object's bytes and says when they are true: the sequence of the
 * entry that last changed it, so that the bytes are the same whoever writes
 * them, whenever. RESULT_NOT_FOUND for a key without an object.
 *
 * Loading goes into a fresh book, before any book_apply(), in any order;
 * book_start_at() then sets where replay begins: objects are complete up to
 * `sequence` (all changes at or before it are in them), and any of them may be
 * newer. Until the newest is reached, what is asked of the book is a mixture.
 * Both answer RESULT_CORRUPT for what no book has saved, or which does not fit
 * what was loaded before, RESULT_INVALID where it is too late to load.
 */
enum result book_take_dirty(struct book *book, uint64_t **ret_keys,
    size_t *ret_count, struct error *err);
size_t book_dirty_count(const struct book *book);
enum result book_save_object(const struct book *book, uint64_t key,
    struct buffer *to, uint64_t *ret_true_at, struct error *err);
enum result book_load_object(struct book *book, uint64_t key, uint64_t true_at,
    struct bytes object, struct error *err);
/* Was this object kept by a version of this program that knew less? A fresh
 * book does without it: replay from the start. */
bool book_object_is_old(struct bytes object);
enum result book_start_at(
    struct book *book, uint64_t sequence, uint64_t time_ms, struct error *err);

/*
 * A digest over every object in ascending keys: two books that say the same
 * have the same digest, however they came about (dirtiness does not count).
 */
enum result book_digest(const struct book *book, struct hasher *hasher,
    struct hash *ret_digest, struct error *err);

#endif
