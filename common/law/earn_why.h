/*
 * earn_why: why a rule gave nothing for a sale, or less than it might have. For
 * who explains; no verdict rests on it.
 */
#ifndef COMMON_LAW_EARN_WHY_H
#define COMMON_LAW_EARN_WHY_H

#include "common/law/earn.h"

/* Each is true of the sale by itself, whatever else is. */
enum earn_why {
	EARN_WHY_REFER = 1u << 0,   /* it is never about a sale */
	EARN_WHY_DATES = 1u << 1,   /* not yet, or no longer */
	EARN_WHY_WEEKDAY = 1u << 2, /* likewise: not on this one */
	EARN_WHY_HOURS = 1u << 3,
	EARN_WHY_SHOP = 1u << 4,
	EARN_WHY_TIER = 1u << 5,
	EARN_WHY_SEGMENT = 1u << 6,
	EARN_WHY_BIRTHDAY = 1u << 7,
	EARN_WHY_LAPSED = 1u << 8,   /* a sale was not long enough ago */
	EARN_WHY_BROUGHT = 1u << 9,  /* nobody brought this member */
	EARN_WHY_TIMES = 1u << 10,   /* it has applied as often as it may */
	EARN_WHY_CHANCE = 1u << 11,  /* it was not drawn */
	EARN_WHY_LINES = 1u << 12,   /* nothing was sold that it is about */
	EARN_WHY_AMOUNT = 1u << 13,  /* what was is less than its least */
	EARN_WHY_NOTHING = 1u << 14, /* too little to give anything for */
};
#define EARN_WHY_COUNT 15

/* What cut it. */
enum earn_cut {
	EARN_CUT_SALE = 1u << 0,
	EARN_CUT_DAY = 1u << 1,
	EARN_CUT_MONTH = 1u << 2,
	EARN_CUT_EVER = 1u << 3,
	EARN_CUT_BUDGET = 1u << 4,
};
#define EARN_CUT_COUNT 5

struct earn_reason {
	uint32_t why;  /* bits; 0: it applies */
	uint32_t cuts; /* bits of those caps that are felt by themselves */
	uint64_t uncut_micro; /* what it gives before its caps, where it
				 applies */
};

/*
 * Ask about rule number `place` by asking earn_evaluate() about programmes that
 * have that rule with one condition alone, so that the answer is the law's own.
 * Not for a plain programme.
 */
enum result earn_reason(const struct programme *programme,
    const struct book *book, const struct book_member *member,
    const struct earn_sale *sale, unsigned place,
    struct earn_reason *ret_reason, struct error *err);

#endif
