/*
 * law_redeem: owns what points buy.
 */
#include "common/law/law_inside.h"

static bool refuse_points(struct deciding *deciding,
    const struct programme_reward *reward, int64_t balance_points)
{
	struct refusal *refusal = deciding->refusal;

	refusal->required = reward->points;
	refusal->available = balance_points;
	/* Exact for a debt as well: unsigned sums wrap to the right value. */
	refusal->missing = reward->points - (uint64_t)balance_points;
	return law_refuse(deciding, REFUSAL_INSUFFICIENT_POINTS,
	    "%llu point%s short of %s", (unsigned long long)refusal->missing,
	    refusal->missing == 1 ? "" : "s", reward->name);
}

bool law_decide_redeem(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	const struct programme_reward *reward;
	const struct book_member *member;

	if (programme == NULL)
		return false;
	reward = programme_reward(programme, command->reward);
	if (reward == NULL)
		return law_refuse(deciding, REFUSAL_REWARD_UNKNOWN,
		    "There is no such reward now. Choose one of the list.");
	if (!law_take_receipt(deciding))
		return false;
	member = law_find_member(deciding, command->account);
	if (member == NULL)
		return false;
	if (member->balance_points < (int64_t)reward->points)
		return refuse_points(deciding, reward, member->balance_points);
	deciding->entry->reward = command->reward;
	deciding->entry->has |= ENTRY_HAS(TAG_REWARD);
	return law_move(deciding, &(struct law_move){.from = member,
				      .own = ACCOUNT_REDEEMED,
				      .points = reward->points});
}

bool law_decide_hold(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}
