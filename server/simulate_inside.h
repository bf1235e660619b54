/*
 * simulate_inside: what the files of a simulation share.
 *
 * simulate.c owns the walk over the sales, simulate_lines.c how a basket is
 * said to the law, simulate_night.c who has something due when,
 * simulate_redeem.c what members take, simulate_compare.c two programmes.
 */
#ifndef SERVER_SIMULATE_INSIDE_H
#define SERVER_SIMULATE_INSIDE_H

#include "common/law/earn.h"
#include "server/simulate.h"

/* Who is to be looked at on a day: a list for each. */
struct due {
	uint32_t customer;
	uint32_t next; /* 1 + place, 0 is the end */
};
struct night {
	bool is_needed; /* points lapse, or tiers do */
	int32_t first_day, last_day;
	int32_t done_day; /* the nights up to this day's are over */
	uint32_t *heads;  /* by day from the first */
	struct due *dues;
	size_t due_count;
	size_t due_capacity;
	int32_t *days; /* by customer: looked at next on; 0 is never */
};

/* The day that a sale is on. */
struct today {
	int32_t day;
	uint64_t starts_ms, ends_ms;
	int32_t expiry_day; /* of what is earned on it, as programme_stamps() */
};

struct simulating {
	const struct sales *sales;
	const struct simulate_options *options;
	struct simulation *to;
	struct book *book;
	const struct programme *programme; /* the book's own */
	struct decision *decision;	   /* the last one */
	struct command earn;		   /* each sale changes some of it */
	uint64_t *counters;		   /* by terminal */
	uint8_t *is_member;		   /* by customer */
	uint64_t random;
	struct today today;
	struct night night;
	const struct programme_reward *rewards[REWARDS_MAX]; /* dearest first */
	size_t reward_count;
	uint8_t lines[LINES_SIZE_MAX];
	struct error *err;
};

uint64_t simulate_account(uint32_t customer);
uint64_t simulate_random(struct simulating *simulating);
/* Decide and apply; `*ret_is_done` is false where it was refused. */
enum result simulate_step(struct simulating *simulating,
    const struct command *command, uint64_t now_ms, bool *ret_is_done);

/* The sale's lines as the law reads them, in `simulating->lines`. False where
 * they are too many, also of each category together. */
bool simulate_lines(struct simulating *simulating,
    const struct sales_sale *sale, struct bytes *ret_lines);

enum result night_init(
    struct simulating *simulating, int32_t first_day, int32_t last_day);
void night_finish(struct night *night);
/* This customer has just bought something. */
enum result night_after_sale(struct simulating *simulating, uint32_t customer);
/* All nights up to that before `day`. */
enum result night_run(struct simulating *simulating, int32_t day);

/* What a point costs, as the rewards say. */
void redeem_value(struct simulating *simulating);
void redeem_init(struct simulating *simulating);
/* A visit begins: `*ret_paid_minor` of the sale is not paid with money. */
enum result redeem_visit(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t now_ms, uint64_t *ret_paid_minor);

#endif
