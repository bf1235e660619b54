/*
 * json_reply: what the server said, as fields of a line out.
 */
#include "client/json_line.h"

/* What a member has beside the balance; what is not there is left out. */
struct standing_of {
	uint64_t spendable;
	uint64_t pending;
	const char *tier;
};

static void set_standing(struct json_line *line, struct standing_of member)
{
	json_set_count(line, "spendable", member.spendable);
	json_set_some(line, "pending_points", member.pending);
	if (member.tier[0] != '\0')
		json_set_text(line, "tier", member.tier);
}

/* A settled line has named its operation before. A sale without a card is
 * nobody's. */
static void set_operation_reply(
    struct json_line *line, const struct till_result *result)
{
	const tally_OperationReply *reply = result->operation_reply;
	bool has_member = result->what != TILL_DO_SALE;

	if (has_member) {
		json_set_number(line, "points", reply->points);
		json_set_number(line, "balance", reply->balance);
	}
	json_set_count(line, "entry", reply->entry);
	json_set_hash(
	    line, "hash", bytes_of(reply->hash.bytes, reply->hash.size));
	if (reply->repeated)
		json_set_bool(line, "repeated", true);
	if (result->kind != TILL_SETTLED)
		json_set_count(line, "operation", result->operation);
	if (has_member)
		set_standing(line, (struct standing_of){reply->spendable,
				       reply->pending, reply->tier});
	json_set_some(line, "value", reply->value_minor);
	if (result->what == TILL_DO_HOLD) {
		json_set_count(line, "hold", reply->entry);
		json_set_count(line, "until_ms", reply->until_ms);
	}
}

static void set_member(struct json_line *line, const tally_MemberReply *member)
{
	json_set_number(line, "balance", member->balance);
	json_set_count(line, "last_entry", member->last_entry);
	json_set_some(line, "since_ms", member->since_ms);
	set_standing(line, (struct standing_of){member->spendable,
			       member->pending, member->tier});
	json_set_some(line, "tier_level", member->tier_level);
	if (member->expiring != 0) {
		json_set_count(line, "expiring", member->expiring);
		json_set_text(line, "expiring_on", member->expiring_on);
	}
	if (member->pooled)
		json_set_bool(line, "pooled", true);
}

static void put_history_line(
    struct json_line *line, const tally_HistoryLine *history)
{
	json_put_comma(line);
	json_open_group(line, "{");
	json_set_count(line, "entry", history->entry);
	json_set_text(
	    line, "kind", entry_kind_name((enum entry_kind)history->kind));
	json_set_count(line, "time_ms", history->time_ms);
	json_set_number(line, "points", history->points);
	json_set_number(line, "balance", history->balance);
	json_set_some(line, "amount", history->amount_minor);
	if (history->reward[0] != '\0')
		json_set_text(line, "reward", history->reward);
	json_set_some(line, "related", history->related);
	if (history->reason[0] != '\0')
		json_set_text(line, "reason", history->reason);
	json_set_count(line, "terminal", history->terminal);
	json_close_group(line, "}");
}

static void set_history(
    struct json_line *line, const tally_HistoryReply *history)
{
	json_put_key(line, "lines");
	json_open_group(line, "[");
	for (pb_size_t i = 0; i < history->lines_count; i++)
		put_history_line(line, &history->lines[i]);
	json_close_group(line, "]");
	json_set_count(line, "before", history->before);
}

/* A product's price is its points; the others say what they are. */
static void set_reward_kind(
    struct json_line *line, const struct programme_reward *reward)
{
	switch (reward->kind) {
	case REWARD_PRODUCT:
		return;
	case REWARD_AMOUNT_OFF:
		json_set_text(line, "kind", "amount_off");
		json_set_count(line, "off", reward->off_minor);
		return;
	case REWARD_PERCENT_OFF:
		json_set_text(line, "kind", "percent_off");
		json_set_count(line, "percent", reward->off_percent);
		json_set_some(line, "off_max", reward->off_minor_max);
		return;
	case REWARD_MONEY:
		json_set_text(line, "kind", "money");
		json_set_count(line, "money_points", reward->money_points);
		json_set_count(line, "money", reward->money_minor);
		json_set_count(line, "step", reward->money_step);
		json_set_count(line, "share", reward->money_share_max);
		return;
	}
}

/* Of which levels a member must be; nothing where that is any. */
static void set_tiers(struct json_line *line, uint16_t tiers)
{
	if (tiers == 0)
		return;
	json_put_key(line, "tiers");
	json_open_group(line, "[");
	for (unsigned level = 0; level <= TIERS_MAX; level++) {
		if (tiers >> level & 1)
			json_put_count(line, level);
	}
	json_close_group(line, "]");
}

static void put_reward(
    struct json_line *line, const struct programme_reward *reward)
{
	json_put_comma(line);
	json_open_group(line, "{");
	json_set_text(line, "reward", reward->id);
	json_set_text(line, "name", reward->name);
	if (reward->kind != REWARD_MONEY)
		json_set_count(line, "points", reward->points);
	set_reward_kind(line, reward);
	set_tiers(line, reward->tiers);
	json_close_group(line, "}");
}

static void set_rewards(
    struct json_line *line, const struct shop_facts *facts, bool cached)
{
	json_put_key(line, "rewards");
	json_open_group(line, "[");
	for (size_t i = 0; i < facts->reward_count; i++)
		put_reward(line, &facts->rewards[i]);
	json_close_group(line, "]");
	if (cached)
		json_set_bool(line, "cached", true);
}

static void set_checkpoint(
    struct json_line *line, const tally_CheckpointReply *checkpoint)
{
	struct bytes note =
	    bytes_of(checkpoint->note.bytes, checkpoint->note.size);

	json_set_count(line, "size", checkpoint->size);
	json_put_key(line, "note");
	json_put_text(
	    line, bytes_are_text(note, "\n") ? note : bytes_of(NULL, 0));
	json_set_hashes(line, "inclusion",
	    bytes_of(checkpoint->inclusion.bytes, checkpoint->inclusion.size));
	json_set_hashes(line, "consistency",
	    bytes_of(
		checkpoint->consistency.bytes, checkpoint->consistency.size));
}

static void set_status(struct json_line *line, const struct till_result *result)
{
	static const char *const links[] = {
	    [LINK_TRYING] = "trying",
	    [LINK_UP] = "up",
	    [LINK_DOWN] = "down",
	};
	const struct till_status *status = &result->status;

	json_set_text(line, "link", links[status->link]);
	json_set_count(line, "waiting", status->waiting);
	json_set_count(line, "terminal", status->terminal);
	json_set_count(line, "cashier", status->cashier);
	json_set_text(line, "shop", result->facts->shop);
	json_set_text(line, "currency", result->facts->currency);
}

static void set_login(struct json_line *line, const struct till_result *result)
{
	json_set_count(line, "cashier", result->status.cashier);
	json_set_text(line, "name", result->login->name);
	json_set_text(line, "role", role_name((enum role)result->login->role));
}

/* The figures that belong to a refusal's code, in the order of DESIGN.md. */
void json_set_figures(struct json_line *line, const struct refusal *refusal)
{
	switch (refusal->code) {
	case REFUSAL_INSUFFICIENT_POINTS:
		json_set_count(line, "required", refusal->required);
		json_set_number(line, "available", refusal->available);
		json_set_count(line, "missing", refusal->missing);
		break;
	case REFUSAL_RETURN_TOO_LARGE:
		json_set_count(line, "required", refusal->required);
		json_set_number(line, "available", refusal->available);
		break;
	case REFUSAL_AMOUNT_INVALID:
	case REFUSAL_LIMIT:
	case REFUSAL_REWARD_LIMIT:
	case REFUSAL_POINTS_INVALID:
	case REFUSAL_DEBT:
		json_set_count(line, "required", refusal->required);
		break;
	case REFUSAL_CEILING:
	case REFUSAL_SECOND_REQUIRED:
		json_set_number(line, "available", refusal->available);
		break;
	case REFUSAL_PIN_WRONG:
		json_set_count(line, "left", refusal->left);
		break;
	case REFUSAL_PIN_LOCKED:
		json_set_count(line, "wait_ms", refusal->wait_ms);
		break;
	default:
		break;
	}
}

void json_set_done(struct json_line *line, const struct till_result *result)
{
	if (result->operation_reply)
		set_operation_reply(line, result);
	else if (result->unsent)
		json_set_bool(line, "unsent", true);
	else if (result->member)
		set_member(line, result->member);
	else if (result->history)
		set_history(line, result->history);
	else if (result->checkpoint)
		set_checkpoint(line, result->checkpoint);
	else if (result->login)
		set_login(line, result);
	else if (result->pong)
		json_set_count(line, "time_ms", result->pong->time_ms);
	else if (result->what == TILL_DO_REWARDS)
		set_rewards(line, result->facts, result->cached);
	else if (result->facts)
		set_status(line, result);
}
