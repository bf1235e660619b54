/*
 * simulate_redeem: owns what points are worth, and what members take.
 */
#include "server/simulate_inside.h"

#include <stdlib.h>

#define TRIES_MAX 8u /* rewards asked for in one visit */

/* --- what a point costs --------------------------------------------------- */

/* What one reward costs the owner; false where nobody says. */
static bool cost_of(const struct programme_reward *reward, uint64_t *ret_minor,
    uint64_t *ret_points)
{
	*ret_points = reward->points;
	*ret_minor = reward->cost_minor;
	if (reward->kind == REWARD_MONEY) {
		*ret_points = reward->money_points;
		*ret_minor = reward->money_minor;
	} else if (*ret_minor == 0 && reward->kind == REWARD_AMOUNT_OFF) {
		*ret_minor = reward->off_minor;
	} else if (*ret_minor == 0 && reward->kind == REWARD_PERCENT_OFF) {
		*ret_minor = reward->off_minor_max;
	}
	return *ret_minor != 0;
}

void redeem_value(struct simulating *simulating)
{
	const struct programme *programme = simulating->programme;
	uint64_t said = simulating->options->point_value_micro;
	struct simulation *to = simulating->to;

	to->value_micro_least = said;
	to->value_micro_most = said;
	if (said != 0)
		return;
	for (size_t i = 0; i < programme->reward_count; i++) {
		uint64_t minor;
		uint64_t points;
		uint64_t micro;

		if (!cost_of(&programme->rewards[i], &minor, &points))
			continue;
		micro =
		    (uint64_t)((unsigned __int128)minor * VALUE_MICRO / points);
		if (to->value_micro_least == 0 || micro < to->value_micro_least)
			to->value_micro_least = micro;
		if (micro > to->value_micro_most)
			to->value_micro_most = micro;
	}
}

uint64_t simulate_worth(uint64_t points, uint64_t value_micro)
{
	return (
	    uint64_t)((unsigned __int128)points * value_micro / VALUE_MICRO);
}

/* --- what members take ---------------------------------------------------- */

/* The least that can be had of it. */
static uint64_t price_of(const struct programme_reward *reward)
{
	if (reward->kind != REWARD_MONEY)
		return reward->points;
	return reward->money_points_min > reward->money_step
		   ? reward->money_points_min
		   : reward->money_step;
}

static int compare_price(const void *one, const void *other)
{
	uint64_t first = price_of(*(const struct programme_reward *const *)one);
	uint64_t second =
	    price_of(*(const struct programme_reward *const *)other);

	return first < second ? 1 : first > second ? -1 : 0;
}

void redeem_init(struct simulating *simulating)
{
	const struct programme *programme = simulating->programme;

	for (size_t i = 0; i < programme->reward_count; i++)
		simulating->rewards[i] = &programme->rewards[i];
	simulating->reward_count = programme->reward_count;
	qsort(simulating->rewards, simulating->reward_count,
	    sizeof(simulating->rewards[0]), compare_price);
}

/* As many points as pay for as much of the sale as may be. */
static uint64_t money_points_of(const struct programme_reward *reward,
    uint64_t amount_minor, uint64_t available)
{
	uint64_t share_minor = amount_minor * reward->money_share_max / 100;
	uint64_t points =
	    (uint64_t)((unsigned __int128)share_minor * reward->money_points /
		       reward->money_minor);

	if (points > available)
		points = available;
	return points - points % reward->money_step;
}

static enum result try_reward(struct simulating *simulating,
    const struct sales_sale *sale, const struct programme_reward *reward,
    uint64_t available, uint64_t now_ms, uint64_t *ret_paid_minor,
    bool *ret_is_done)
{
	uint64_t amount_minor = (uint64_t)sale->amount_minor;
	struct command command = {.kind = ENTRY_REDEEM,
	    .terminal = sale->shop == SALES_NONE ? 1 : sale->shop + 2,
	    .account = simulate_account(sale->customer),
	    .reward = bytes_of_string(reward->id)};
	enum result result;

	command.counter = ++simulating->counters[command.terminal];
	if (reward->kind == REWARD_MONEY)
		command.points =
		    money_points_of(reward, amount_minor, available);
	if (reward->kind != REWARD_PRODUCT)
		command.amount_minor = amount_minor;
	result = simulate_step(simulating, &command, now_ms, ret_is_done);
	if (result != RESULT_OK || !*ret_is_done)
		return result;
	*ret_paid_minor = simulating->decision->entry.amount_minor;
	simulating->to->redemptions++;
	simulating->to->redeemed_minor +=
	    reward->cost_minor != 0 ? reward->cost_minor : *ret_paid_minor;
	return RESULT_OK;
}

enum result redeem_visit(struct simulating *simulating,
    const struct sales_sale *sale, uint64_t now_ms, uint64_t *ret_paid_minor)
{
	const struct book_member *member =
	    book_member(simulating->book, simulate_account(sale->customer));
	uint64_t available =
	    law_spendable_points(simulating->book, member, now_ms);
	unsigned tries = 0;
	bool is_done = false;

	*ret_paid_minor = 0;
	for (size_t i = 0;
	     i < simulating->reward_count && tries < TRIES_MAX && !is_done;
	     i++) {
		enum result result;

		if (price_of(simulating->rewards[i]) > available)
			continue;
		tries++;
		result = try_reward(simulating, sale, simulating->rewards[i],
		    available, now_ms, ret_paid_minor, &is_done);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}
