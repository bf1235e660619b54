/*
 * simulate: what other rules would have given for sales that were.
 * Above: tally. Below: law, book, sales_csv.
 *
 * Each sale goes through law_decide() and book_apply() on a book of its own,
 * in the order of time, with the night's work at each new day: it is the law
 * itself that answers, not a copy of it. A customer becomes a member with the
 * first sale. What a file of sales does not know is made up evenly (birthdays,
 * draws), or is not there at all (segments, who brought whom).
 *
 * With `redeem` each member takes, at the beginning of each visit, the dearest
 * reward that can be had then, and what it is worth off the sale earns nothing.
 *
 * Pure: no clock, no files; the same sales give the same answer.
 */
#ifndef SERVER_SIMULATE_H
#define SERVER_SIMULATE_H

#include "common/law/law.h"
#include "server/sales_csv.h"

#define VALUE_MICRO 1000000u /* a point is worth millionths of a minor unit */

struct simulate_options {
	bool redeem;
	uint64_t point_value_micro;  /* 0: what the rewards say */
	sales_progress_fn *progress; /* by sales; may be NULL */
	void *context;
};

/* What one rule gave, before sums are made whole. */
struct simulated_rule {
	uint64_t points_micro; /* that counted */
	uint64_t sales;	       /* for which it counted */
};

struct simulation {
	struct programme *programme;	/* owned */
	uint64_t sales;			/* that went through */
	uint64_t nobody;		/* without a customer */
	uint64_t empty;			/* of no amount, or less */
	uint64_t refused;		/* by the law */
	char refusal[SAY_SIZE_MAX + 1]; /* why the first was; "" for none */
	uint64_t amount_minor;		/* of those that went through */
	uint64_t members;
	uint64_t active_members; /* who hold points in the end */
	uint64_t issued_points;
	uint64_t redeemed_points;
	uint64_t expired_points;
	int64_t outstanding_points;
	uint64_t redemptions;
	uint64_t redeemed_minor; /* what they cost, as far as it is known */
	/* What a point costs, by the reward that is the cheapest for the owner
	 * and the dearest; both 0 where no reward says. */
	uint64_t value_micro_least;
	uint64_t value_micro_most;
	int32_t first_day, last_day;
	struct simulated_rule rules[RULES_MAX];
	uint64_t tier_members[TIERS_MAX + 1]; /* in the end, by level */
	uint64_t *points; /* earned, by the number of the customer */
};

/*
 * Simulate. RESULT_INVALID where `text` is no programme, RESULT_LIMIT where
 * there are more shops or customers than a book can hold. A sale that the law
 * refuses is counted. simulation_finish() frees what is owned.
 */
enum result simulate(struct bytes text, const struct sales *sales,
    const struct simulate_options *options, struct simulation *ret_simulation,
    struct error *err);
void simulation_finish(struct simulation *simulation);

/* Points at what they are worth, in minor units. */
uint64_t simulate_worth(uint64_t points, uint64_t value_micro);

/* Some members, and how they do. Points are of both programmes, or worths in
 * minor units where `is_worth`. */
struct simulated_group {
	uint64_t members;
	uint64_t amount_minor;
	uint64_t before;
	uint64_t after;
	uint64_t more; /* members who get more */
	uint64_t less;
};
#define SIMULATE_GROUPS 10u

/* All members, and tenths of them from who spends most to who spends least. */
struct simulate_comparison {
	bool is_worth; /* both programmes say what a point costs */
	struct simulated_group all;
	struct simulated_group groups[SIMULATE_GROUPS];
};

/* The same sales under two programmes. */
enum result simulate_compare(const struct sales *sales,
    const struct simulation *before, const struct simulation *after,
    struct simulate_comparison *ret_comparison, struct error *err);

#endif
