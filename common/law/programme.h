/*
 * programme: the owner's rules, parsed from a text that an owner can read.
 *
 *     [programme]
 *     name = Corner Coffee
 *     currency = EUR
 *     earn_points = 1            ; so many points …
 *     earn_amount = 1.00         ; … for each full 1.00 of a sale
 *     sale_amount_max = 2000.00  ; a larger sale is refused as absurd
 *     offline_redeem_points_max = 0   ; a till may grant this much a member
 *                                     ; while the server is away; 0 is never
 *     time_zone = CET-1CEST,M3.5.0,M10.5.0/3  ; whose days count; UTC0
 *     exclude_categories = tobacco, gift-card ; never earn
 *     exclude_products = 4001686301265
 *     sale_points_max = 500      ; caps of all earning of one member:
 *     day_points_max = 1000      ; a sale, a day, a month
 *     month_points_max = 5000
 *     day_sales_max = 10         ; sales of one member a day that may earn
 *     late_days_max = 7          ; a till's own time of a sale counts this long
 *     claim_days = 14            ; a sale without a card may be claimed so long
 *     birthday_days = 3          ; what is near a birthday, before and after
 *
 *     [points]
 *     pending_days = 14          ; can be spent from then on
 *     expire_months = 12         ; these many months later …
 *     expire_end = year          ; … or rather at the end of that month,
 *                                ; quarter or year; with it alone, of the
 *                                ; present one
 *     expire_date = 2027-12-31   ; or all on one day
 *     expire_inactive_days = 365 ; or so long after the last sale or redemption
 *     warn_days = 30             ; tell the member so long before
 *     debt = yes                 ; may a return leave less than nothing? yes
 *
 *     [earn fresh]               ; a way to earn; they add up
 *     name = Fresh fruit
 *     points = 0.5               ; up to three decimals …
 *     per = 1.00                 ; … for an amount (in proportion), or `item`,
 *                                ; or `visit`; or instead of both:
 *     multiply = 2               ; so many times what per amount and per item
 *                                ; give on the lines that it is about; or
 *     refer = 500                ; for who brought a new member, after that
 *                                ; one's first sale (paid by the nightly run)
 *     categories = fruit, vegetables  ; only these lines; may come repeatedly
 *     products = 4011, 4012           ; or these
 *     shops = north, south            ; only there
 *     tiers = silver, gold            ; only for these
 *     segments = staff
 *     weekdays = mon, tue
 *     hours = 14:00-16:00             ; not including the last minute; 24:00 is
 *                                     ; midnight, 22:00-02:00 goes over it
 *     from = 2026-01-01
 *     until = 2026-01-31              ; including that day
 *     amount_min = 10.00              ; of the lines that it is about
 *     birthday = yes                  ; near the member's birthday
 *     lapsed_days = 90                ; no sale in so long: win-back
 *     first = yes                     ; the first time alone (ever_times = 1)
 *     brought = yes                   ; only whom another member brought, as
 *                                     ; long as that one has no bonus for it
 *     chance = 100                    ; one in so many, by a checkpoint's hash
 *     group = happy                   ; the best of a group counts alone
 *     sale_points_max = 50            ; caps of this rule, of one member
 *     day_points_max = 100
 *     month_points_max = 500
 *     ever_points_max = 1000          ; of a campaign
 *     budget_points_max = 1000000     ; of all members together
 *     day_times = 1                   ; how often it can apply
 *     month_times = 4
 *     year_times = 1
 *     ever_times = 1
 *
 *     [tiers]
 *     qualify = points           ; or amount, or visits: what is counted
 *     window = year              ; calendar; or anniversary, of enrolment
 *     window_days = 365          ; or these many days, rolling, and no `window`
 *     downgrade = one            ; step; or all
 *     grace_days = 30            ; a tier is kept so much longer
 *     [tier silver]              ; in rising order
 *     name = Silver
 *     from = 500                 ; points, whole units of currency, or visits
 *
 *     [reward coffee]
 *     name = Coffee
 *     points = 150               ; a product; or also one of
 *     amount_off = 5.00          ; so much off the sale
 *     percent_off = 10           ; with a ceiling:
 *     percent_off_max = 20.00
 *     [reward cash]
 *     name = Pay with points     ; points as money, instead of `points`:
 *     money_points = 100         ; so many points …
 *     money_amount = 1.00        ; … are worth this
 *     money_step = 50            ; points that can be said: multiples of this
 *     money_points_min = 100
 *     money_share_max = 50       ; percent of a sale that can be so paid
 *     stock = 200                ; any reward: how many there are in all
 *     day_times = 1              ; how many a member can have
 *     month_times = 5
 *     year_times = 12
 *     ever_times = 1
 *     from = 2026-01-01
 *     until = 2026-12-31
 *     tiers = gold
 *     cost = 0.80                ; what one costs the owner, for simulations
 *     hold_minutes = 10          ; of a two-step redemption; 10
 *
 *     [transfer]                 ; without it none are allowed
 *     points_min = 50
 *     points_max = 1000          ; at once
 *     month_points_max = 2000    ; that one member sends
 *
 *     [goodwill]                 ; without it none is allowed
 *     cashier_day_points = 50    ; what one person may give a day alone …
 *     supervisor_day_points = 500
 *     second_day_points = 5000   ; … and with a supervisor's PIN beside
 *
 * `name`, `currency`, `sale_amount_max` are wanted, and so are `earn_points`
 * and `earn_amount` unless there is an [earn] section; they are a rule called
 * `base`, the first. A reward wants a name and one price, a tier its `from`, an
 * [earn] section one of points with per, multiply and refer. Everything else
 * may be left out. `refer` goes with dates, tiers, segments, and caps other
 * than a sale's. A section without an ID comes once. A line is at most 198
 * bytes. A note starts with ';' after a blank, or with ';' or '#' at a line's
 * start.
 *
 * Ids are 1 to 32 of a-z, 0-9, '_', '-'; names of categories and products 1 to
 * 32 bytes of text without ','; they are compared as they are.
 *
 * Pure: text in, rules out; no locale (amounts use '.', two decimals at most).
 * The only user of libinih.
 */
#ifndef COMMON_LAW_PROGRAMME_H
#define COMMON_LAW_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/limits.h"
#include "common/law/calendar.h"

#define DAY_NONE INT32_MIN    /* no such day is named */
#define POINTS_MICRO 1000000u /* rules give millionths of a point */

/* A list of names in the programme's pool, as programme_name() makes them, in
 * rising order. */
struct programme_names {
	uint16_t first;
	uint16_t count;
};

enum rule_give {
	RULE_PER_AMOUNT,
	RULE_PER_ITEM,
	RULE_PER_VISIT,
	RULE_MULTIPLY,
	RULE_REFER, /* never applies to a sale: the nightly run's */
};

/* How often something may happen, or how many points it may give, within a
 * period of one member. 0 is without a limit. */
enum period { PERIOD_DAY, PERIOD_MONTH, PERIOD_YEAR, PERIOD_EVER };
#define PERIOD_COUNT 4

struct programme_rule {
	char id[REWARD_ID_SIZE_MAX + 1];
	char name[NAME_SIZE_MAX + 1]; /* the id where none is given */
	uint32_t ident;		      /* programme_ident() of "earn ID" */
	unsigned line; /* of the text, where the section starts */
	enum rule_give give;
	uint64_t points_micro; /* PER_…: for each; REFER: in all */
	uint64_t per_amount_minor;
	bool is_stepped;	 /* each full amount alone: the base's */
	uint32_t multiply_milli; /* 1500 is one and a half times */
	struct programme_names categories;
	struct programme_names products;
	struct programme_names shops;
	struct programme_names segments; /* programme_ident("segment", id) */
	uint16_t tiers;			 /* bits, 1 << level; 0 is any */
	uint8_t weekdays;		 /* bits, Monday the lowest; 0 is any */
	uint16_t minute_from, minute_until; /* of the day; equal is any; the
					       latter not included; from > until
					       goes over midnight */
	int32_t day_from, day_until;	    /* DAY_NONE; the latter included */
	uint64_t amount_minor_min;
	bool is_birthday;    /* only near the member's */
	bool is_brought;     /* only where extra->referrer is not 0 */
	int32_t lapsed_days; /* 0 is any */
	uint32_t chance;     /* one in so many; 0 is always */
	uint8_t group;	     /* from 1; 0 is none: it adds up */
	uint64_t sale_points_max;
	uint64_t points_max[PERIOD_COUNT]; /* year is never set */
	uint64_t budget_points_max;
	uint32_t times_max[PERIOD_COUNT];
};

enum reward_kind {
	REWARD_PRODUCT,
	REWARD_AMOUNT_OFF,
	REWARD_PERCENT_OFF,
	REWARD_MONEY,
};

struct programme_reward {
	char id[REWARD_ID_SIZE_MAX + 1];
	char name[NAME_SIZE_MAX + 1];
	uint64_t points; /* 1 … POINTS_MAX; 0 for money */
	uint32_t ident;	 /* programme_ident() of "reward ID" */
	unsigned line;
	enum reward_kind kind;
	uint64_t off_minor;	/* AMOUNT_OFF */
	uint32_t off_percent;	/* PERCENT_OFF, 1 … 100 */
	uint64_t off_minor_max; /* PERCENT_OFF; 0 is none */
	uint64_t money_points;	/* MONEY: so many … */
	uint64_t money_minor;	/* … are worth this */
	uint64_t money_step;	/* 1 where none is given */
	uint64_t money_points_min;
	uint32_t money_share_max; /* percent, 1 … 100 */
	uint64_t stock;		  /* UINT64_MAX is without end */
	uint32_t times_max[PERIOD_COUNT];
	int32_t day_from, day_until;
	uint16_t tiers;
	uint64_t cost_minor;
	uint64_t hold_ms;
};

enum qualify { QUALIFY_POINTS, QUALIFY_AMOUNT, QUALIFY_VISITS };
enum window { WINDOW_YEAR, WINDOW_ANNIVERSARY, WINDOW_ROLLING };

struct programme_tier {
	char id[REWARD_ID_SIZE_MAX + 1];
	char name[NAME_SIZE_MAX + 1];
	unsigned line;
	uint64_t from; /* points, minor units, or visits */
};

enum expire_end { EXPIRE_DAY, EXPIRE_MONTH, EXPIRE_QUARTER, EXPIRE_YEAR };

struct programme {
	char name[NAME_SIZE_MAX + 1];
	char currency[4];	    /* ISO 4217 */
	uint64_t earn_points;	    /* 0 where there is no base rule */
	uint64_t earn_amount_minor; /* at least 1 */
	uint64_t sale_amount_minor_max;
	uint64_t offline_redeem_points_max;
	struct zone zone;
	struct programme_names exclude_categories;
	struct programme_names exclude_products;
	uint64_t sale_points_max;	   /* 0 is none; likewise: */
	uint64_t points_max[PERIOD_COUNT]; /* day and month alone */
	uint32_t day_sales_max;
	uint32_t late_days_max; /* 7 */
	uint32_t claim_days;	/* 0: no claims */
	uint32_t birthday_days; /* 0 is the day itself */
	bool has_birthday_rule;
	bool has_chance_rule;

	/* [points]. At most one of date and inactive is set, and no months or
	 * end then. */
	uint32_t pending_days;
	uint32_t expire_months;
	enum expire_end expire_end;
	int32_t expire_date;
	uint32_t expire_inactive_days;
	uint32_t warn_days;
	bool no_debt;

	/* Plain: the base rule alone, and nothing in an earn's entry but its
	 * points: no caps, exclusions, stamps or tiers either. Else each earn
	 * says its parts. */
	bool is_plain;
	size_t rule_count;
	struct programme_rule rules[RULES_MAX];
	size_t group_count;
	char groups[RULE_GROUPS_MAX][REWARD_ID_SIZE_MAX + 1];

	enum qualify qualify;
	enum window window;
	uint32_t window_days;
	bool downgrade_all;
	uint32_t grace_days;
	size_t tier_count;
	struct programme_tier tiers[TIERS_MAX]; /* level is the place + 1 */

	size_t reward_count;
	struct programme_reward rewards[REWARDS_MAX];

	bool has_transfer;
	uint64_t transfer_points_min, transfer_points_max; /* 0 is none */
	uint64_t transfer_month_points_max;

	bool has_goodwill;
	uint64_t goodwill_cashier_day_points;
	uint64_t goodwill_supervisor_day_points;
	uint64_t goodwill_second_day_points;

	size_t name_count;
	uint64_t names[NAMES_MAX];

	/* Where sections start in the text; 0 where they are not there. */
	unsigned line;
	unsigned points_line;
	unsigned transfer_line;
	unsigned goodwill_line;
};

/*
 * Parse a whole text. RESULT_INVALID names the line and what is expected
 * there ("line 4: earn_amount: a number such as 1.00 is wanted, not 'x'"):
 * unknown section or key, a key twice, a reward twice, a value out of range,
 * keys that contradict each other. RESULT_LIMIT past ENTRY_TEXT_SIZE_MAX or a
 * count of limits.h. The text is UTF-8. The programme is on the heap;
 * programme_destroy() frees it.
 */
enum result programme_parse(
    struct bytes text, struct programme **ret_programme, struct error *err);

/* A fault for the person who wrote the text, who has an editor before them. */
struct programme_fault {
	unsigned line;	 /* from 1; 0 is the text as a whole */
	unsigned column; /* in bytes, from 1; 0 is the whole line */
	const char *text;
};
typedef void programme_fault_fn(
    void *context, const struct programme_fault *fault);

/*
 * As programme_parse(), but it goes on after a fault and tells `fault` of each
 * one as it is seen: in the order of lines, but that a section lacks a key or
 * contradicts itself is seen at its end, and what is asked of the whole text at
 * the text's. The result and `err` are those of the first. `fault` may be
 * NULL.
 */
enum result programme_check(struct bytes text, programme_fault_fn *fault,
    void *context, struct programme **ret_programme, struct error *err);
void programme_destroy(struct programme *programme);

/*
 * What is allowed but hardly meant, a warning each, in the order of the lines
 * where sections start:
 *
 * - a rule or a reward that is over by `today`; a rule none of whose days is
 *   one of its weekdays, whose hours have no length, whose categories and
 *   products are all excluded, whose least amount is above the largest sale
 * - a multiplier with nothing to multiply; a rule that is never the best of its
 *   group, or alone in it; a budget without a cap of one member
 * - a cap that is never reached beside a wider one
 * - a reward that nobody can afford (a largest sale each day of a year, and
 *   caps, give less), of which there are none, or that pays more at least than
 *   its share of the largest sale; a least that is no multiple of its step
 * - points that lapse before they are active; a warning before they lapse where
 *   they never do, or as long as they live
 * - a tier that nothing is for; birthday_days without a rule for birthdays;
 *   offline points that buy nothing; goodwill that falls with rank, or is none
 */
void programme_warn(const struct programme *programme, int32_t today,
    programme_fault_fn *warn, void *context);

/* What names are compared by: a hash of 64 bits (FNV-1a). */
uint64_t programme_name(struct bytes name);
bool programme_names_have(const struct programme *programme,
    struct programme_names names, uint64_t name);
/* What counters are kept by: a hash of 32 bits of a kind and an id, such as
 * "earn fresh". No two of one programme are alike; the parser sees to it. */
uint32_t programme_ident(const char *kind, struct bytes id);

/* Points of the base rule alone for a sale: earn_points for each full
 * earn_amount. No overflow within AMOUNT_MINOR_MAX; at most POINTS_MAX. */
uint64_t programme_earn_points(
    const struct programme *programme, uint64_t amount_minor);
/* NULL where there is no such reward. */
const struct programme_reward *programme_reward(
    const struct programme *programme, struct bytes id);

/*
 * The stamps of points that are earned on `day`: first day on which they can be
 * spent (0: at once), and last day (LOT_NEVER, or -N for N days without
 * activity). Months and end are counted from the day on which they become
 * active.
 */
void programme_stamps(const struct programme *programme, int32_t day,
    int32_t *ret_active_day, int32_t *ret_expiry_day);

/*
 * `text` with a reward appended as an owner would write it: a new version's
 * whole text in `ret_text` (the caller finishes it). Only a product's name and
 * points. RESULT_EXISTS, RESULT_INVALID (id or name malformed: a name holds no
 * ';' and has no blank at its ends), RESULT_LIMIT.
 */
enum result programme_with_reward(struct bytes text,
    const struct programme_reward *reward, struct buffer *ret_text,
    struct error *err);

/* The text that `tallyd init` starts with, for the shop's name: a point for
 * each full 1.00, and no reward yet. RESULT_INVALID for a name as above. */
enum result programme_first_text(
    const char *shop_name, struct buffer *ret_text, struct error *err);

#endif
