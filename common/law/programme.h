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
 *
 *     [reward coffee]
 *     name = Coffee
 *     points = 150
 *
 * Every key but offline_redeem_points_max is wanted; [programme] comes once and
 * there need be no reward. A line is at most 198 bytes. A note starts with ';'
 * after a blank, or with ';' or '#' at a line's start.
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

struct programme_reward {
	char id[REWARD_ID_SIZE_MAX + 1];
	char name[NAME_SIZE_MAX + 1];
	uint64_t points; /* 1 … POINTS_MAX */
};

struct programme {
	char name[NAME_SIZE_MAX + 1];
	char currency[4]; /* ISO 4217 */
	uint64_t earn_points;
	uint64_t earn_amount_minor; /* at least 1 */
	uint64_t sale_amount_minor_max;
	uint64_t offline_redeem_points_max;
	size_t reward_count;
	struct programme_reward rewards[REWARDS_MAX];
};

/*
 * Parse a whole text. RESULT_INVALID names the line and what is expected
 * there ("line 4: earn_amount: a number such as 1.00 is wanted, not 'x'"):
 * unknown section or key, a key twice, a reward twice, a value out of range.
 * RESULT_LIMIT past ENTRY_TEXT_SIZE_MAX or REWARDS_MAX. The text is UTF-8. The
 * programme is on the heap; programme_destroy() frees it.
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
 * one as it is seen: in the order of lines, but that a section lacks a key is
 * seen at its end. The result and `err` are those of the first. `fault` may be
 * NULL.
 */
enum result programme_check(struct bytes text, programme_fault_fn *fault,
    void *context, struct programme **ret_programme, struct error *err);
void programme_destroy(struct programme *programme);

/* Points for a sale: earn_points for each full earn_amount, floored once.
 * No overflow within AMOUNT_MINOR_MAX; at most POINTS_MAX. */
uint64_t programme_earn_points(
    const struct programme *programme, uint64_t amount_minor);
/* NULL where there is no such reward. */
const struct programme_reward *programme_reward(
    const struct programme *programme, struct bytes id);

/*
 * `text` with a reward appended as an owner would write it: a new version's
 * whole text in `ret_text` (the caller finishes it). RESULT_EXISTS,
 * RESULT_INVALID (id or name malformed: a name holds no ';' and has no blank at
 * its ends), RESULT_LIMIT.
 */
enum result programme_with_reward(struct bytes text,
    const struct programme_reward *reward, struct buffer *ret_text,
    struct error *err);

/* The text that `tallyd init` starts with, for the shop's name: a point for
 * each full 1.00, and no reward yet. RESULT_INVALID for a name as above. */
enum result programme_first_text(
    const char *shop_name, struct buffer *ret_text, struct error *err);

#endif
