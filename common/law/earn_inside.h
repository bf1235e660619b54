/*
 * earn_inside: what the files of the engine share, and nobody else.
 *
 *     earn.c         conditions, caps, and the sum
 *     earn_basket.c  lines, what of them is paid, and what a rule gives on them
 *     earn_kept.c    what a sale still earns after returns
 */
#ifndef COMMON_LAW_EARN_INSIDE_H
#define COMMON_LAW_EARN_INSIDE_H

#include "common/law/earn.h"

/* A bit for each line of a basket, by its place. */
#define LINE_BIT(place) ((unsigned __int128)1 << (place))
_Static_assert(LINES_MAX < 128, "a set of lines fits a number");

/* Bases are in these parts of a minor unit. */
#define BASE_PARTS 256

struct earn_line {
	uint64_t category; /* programme_name() of them */
	uint64_t product;
	int64_t base; /* in BASE_PARTS of a minor unit */
	uint32_t quantity;
	bool is_there; /* of a quantity or an amount above 0 */
};

/* The sum of some lines. */
struct earn_sum {
	int64_t base; /* not below 0 */
	uint64_t quantity;
	bool is_there; /* one of them is */
};

/* The lines of a sale, or of what is kept of it, without the excluded ones. */
struct earn_basket {
	const struct programme *programme;
	uint64_t kept_minor; /* of the sale, in all; 0: nothing earns */
	uint64_t left_minor; /* without what came back by lines alone: items
				count by kept / left, bases do already */
	unsigned __int128 all;
	struct earn_sum sum; /* of all lines */
	size_t line_count;
	struct earn_line lines[LINES_MAX];
};

/* How much of what was sold is in the basket. */
struct earn_scope {
	uint64_t amount_minor;	      /* of the sale */
	uint64_t paid_minor;	      /* of that, with points */
	struct bytes lines;	      /* of the sale, or empty */
	const struct earn_back *back; /* NULL where nothing came back */
};

void earn_fill_basket(struct earn_basket *basket,
    const struct programme *programme, const struct earn_scope *scope);

/* The lines that a rule is about, and their sum. */
unsigned __int128 earn_rule_lines(const struct earn_basket *basket,
    const struct programme_rule *rule, struct earn_sum *ret_sum);
/* What a rule asks of its lines. */
bool earn_sum_suffices(
    const struct programme_rule *rule, const struct earn_sum *sum);

/* What a rule per amount, item or visit gives for such a sum, in millionths of
 * a point, at most PART_MICRO_MAX. */
uint64_t earn_gain(const struct earn_basket *basket,
    const struct programme_rule *rule, const struct earn_sum *sum);

/* What rules gave before their caps: those whose bit in `given` is set. */
struct earn_gains {
	uint64_t given;
	unsigned __int128 lines[RULES_MAX];
	uint64_t micro[RULES_MAX];
};

/* What a multiplier gives beside them on its lines. */
uint64_t earn_multiplied(const struct earn_basket *basket,
    const struct earn_gains *gains, const struct programme_rule *rule,
    unsigned __int128 lines);

/* The best of each group and all others, as whole points. */
uint64_t earn_sum_parts(const struct programme *programme,
    const struct part *parts, size_t part_count);

#endif
