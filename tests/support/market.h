/*
 * market: real baskets of real households (Complete Journey, CC0).
 *
 * The data is found by $TALLY_DATA, a folder, or beside the repository in
 * ../shared/data.
 */
#ifndef TESTS_SUPPORT_MARKET_H
#define TESTS_SUPPORT_MARKET_H

#include <stdbool.h>
#include <stddef.h>

#define MARKET_HOUSEHOLDS_MAX 10000u /* their numbers are below it */
#define MARKET_LINES_MAX 40000u
#define MARKET_NAME_SIZE 40u

struct market_line {
	unsigned long long basket;
	char product[16];
	char department[MARKET_NAME_SIZE]; /* may be empty */
	long long quantity;
	long long paid_cents;
};

struct market_basket {
	unsigned long long id;
	long long time_s; /* since 1970, as if the clocks were UTC's */
	unsigned household;
	unsigned store;
	long long paid_cents; /* of all lines, above 0 */
	const struct market_line *lines;
	size_t line_count;
};

struct market {
	struct market_line lines[MARKET_LINES_MAX];
	struct market_basket baskets[MARKET_LINES_MAX]; /* by time */
	size_t line_count;
	size_t basket_count;
	size_t skipped;				    /* nothing was paid */
	unsigned households[MARKET_HOUSEHOLDS_MAX]; /* as they come first */
	size_t household_count;
};

/* At most `baskets_max` of them, the earliest. NULL, with a message, where the
 * data is not here. market_close() frees it. */
struct market *market_open(size_t baskets_max);
void market_close(struct market *market);

#endif
