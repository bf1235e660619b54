/*
 * prompt_write: what the cashier reads. One thought a sentence, what to do
 * next where something is to be done, and no card number in full.
 */
#include "client/prompt_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

void prompt_write(struct buffer *output, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	(void)!buffer_append(output, bytes_of_string(text), NULL);
}

const char *prompt_points_word(int64_t points)
{
	return points == 1 || points == -1 ? "point" : "points";
}

void prompt_write_points(struct buffer *output, struct prompt_points points)
{
	if (points.balance < 0) {
		prompt_write(output, "Owes %" PRId64 " %s", -points.balance,
		    prompt_points_word(points.balance));
	} else {
		prompt_write(output, "%" PRIu64 " %s to spend",
		    points.spendable,
		    prompt_points_word((int64_t)points.spendable));
		if (points.pending > 0)
			prompt_write(
			    output, ", %" PRIu64 " pending", points.pending);
	}
	prompt_write(output, ".");
}

void prompt_write_amount(struct buffer *output, uint64_t minor)
{
	prompt_write(
	    output, "%" PRIu64 ".%02u", minor / 100, (unsigned)(minor % 100));
}

void prompt_choose(struct prompt *prompt, const char *card)
{
	if (strcmp(prompt->card, card) != 0) {
		prompt->off_minor = 0;
		prompt->hold = 0;
		prompt->operation = 0;
		prompt->before = 0;
		prompt->is_undone = false;
		prompt->goodwill_points = 0;
	}
	snprintf(prompt->card, sizeof prompt->card, "%s", card);
	prompt->new_card[0] = '\0';
}

/* --- rewards -------------------------------------------------------------- */

/* What can be paid with so many points: whole steps. */
static uint64_t usable_points(
    const struct programme_reward *reward, uint64_t spendable)
{
	uint64_t step = reward->money_step > 0 ? reward->money_step : 1;

	return spendable - spendable % step;
}

/* Some rewards are for some tiers alone. */
static bool is_for(
    const struct programme_reward *reward, const tally_MemberReply *member)
{
	return reward->tiers == 0 ||
	       (member->tier_level <= TIERS_MAX &&
		   (reward->tiers >> member->tier_level & 1));
}

static bool can_have(const struct programme_reward *reward, uint64_t spendable)
{
	if (reward->kind == REWARD_MONEY)
		return usable_points(reward, spendable) > 0;
	return reward->points <= spendable;
}

static void write_reward(struct buffer *output,
    const struct programme_reward *reward, uint64_t spendable)
{
	if (reward->kind == REWARD_MONEY)
		prompt_write(output, "%s (redeem %s %" PRIu64 ")", reward->name,
		    reward->id, usable_points(reward, spendable));
	else
		prompt_write(
		    output, "%s (redeem %s)", reward->name, reward->id);
}

/* What the customer can have for the points, or how far the nearest is. */
static void write_choice(struct buffer *output, const struct shop_facts *facts,
    const tally_MemberReply *member)
{
	int64_t available =
	    member->balance < 0 ? member->balance : (int64_t)member->spendable;
	const struct programme_reward *nearest = NULL;
	unsigned within = 0;

	for (size_t i = 0; i < facts->reward_count; i++) {
		const struct programme_reward *reward = &facts->rewards[i];

		if (!is_for(reward, member))
			continue;
		if (available >= 0 && can_have(reward, (uint64_t)available)) {
			prompt_write(output, within++ ? ", " : " Can have: ");
			write_reward(output, reward, (uint64_t)available);
		} else if (reward->kind != REWARD_MONEY &&
			   (!nearest || reward->points < nearest->points)) {
			nearest = reward;
		}
	}
	if (within > 0)
		prompt_write(output, ".");
	else if (nearest)
		prompt_write(output, " %" PRId64 " short of %s.",
		    (int64_t)nearest->points - available, nearest->name);
}

/* What a reward is, where it is no product. */
static void write_kind(
    struct buffer *output, const struct programme_reward *reward)
{
	switch (reward->kind) {
	case REWARD_PRODUCT:
		return;
	case REWARD_AMOUNT_OFF:
		prompt_write_amount(output, reward->off_minor);
		prompt_write(output, " off: ");
		return;
	case REWARD_PERCENT_OFF:
		prompt_write(output, "%u%% off: ", reward->off_percent);
		return;
	case REWARD_MONEY:
		prompt_write(output, "are ");
		prompt_write_amount(output, reward->money_minor);
		prompt_write(output, ": ");
		return;
	}
}

static const char *usage_of(const struct programme_reward *reward)
{
	switch (reward->kind) {
	case REWARD_PERCENT_OFF:
		return " SALE";
	case REWARD_MONEY:
		return " POINTS SALE";
	default:
		return "";
	}
}

static void write_rewards(
    const struct till_result *result, struct buffer *output)
{
	const struct shop_facts *facts = result->facts;

	if (facts->reward_count == 0)
		prompt_write(output, "There are no rewards.\n");
	for (size_t i = 0; i < facts->reward_count; i++) {
		const struct programme_reward *reward = &facts->rewards[i];

		prompt_write(output, "%8" PRIu64 "  ",
		    reward->kind == REWARD_MONEY ? reward->money_points
						 : reward->points);
		write_kind(output, reward);
		prompt_write(output, "%s (redeem %s%s)\n", reward->name,
		    reward->id, usage_of(reward));
	}
	if (result->cached)
		prompt_write(
		    output, "(As last heard; the server cannot be reached.)\n");
}

/* --- answers -------------------------------------------------------------- */

static void write_history(
    const tally_HistoryReply *history, struct buffer *output)
{
	if (history->lines_count == 0)
		prompt_write(output, "Nothing yet.\n");
	for (pb_size_t i = 0; i < history->lines_count; i++) {
		const tally_HistoryLine *line = &history->lines[i];
		char time[CLOCK_TEXT_SIZE];

		clock_format_ms(line->time_ms, time);
		prompt_write(output, "%8" PRIu64 "  %.10s %.5s  %-7s",
		    line->entry, time, &time[11],
		    entry_kind_name((enum entry_kind)line->kind));
		if (line->amount_minor > 0)
			prompt_write(output, " %8" PRIu64 ".%02u",
			    line->amount_minor / 100,
			    (unsigned)(line->amount_minor % 100));
		else
			prompt_write(output, " %11s", line->reward);
		prompt_write(output, " %+8" PRId64 " %8" PRId64 "%s%s\n",
		    line->points, line->balance, line->reason[0] ? "  " : "",
		    line->reason);
	}
}

static void write_status(
    const struct till_result *result, struct buffer *output)
{
	const struct till_status *status = &result->status;

	if (status->link == LINK_UP)
		prompt_write(output, "Connected to %s as till %u.",
		    result->facts->shop, (unsigned)status->terminal);
	else
		prompt_write(output, "The server cannot be reached.");
	if (status->waiting > 0)
		prompt_write(
		    output, " Waiting to be sent: %zu.", status->waiting);
	else
		prompt_write(output, " Nothing waits to be sent.");
	if (status->cashier != 0)
		prompt_write(output, " Logged in: cashier %u.",
		    (unsigned)status->cashier);
	prompt_write(output, "\n");
}

static void write_expiring(
    const tally_MemberReply *member, struct buffer *output)
{
	if (member->expiring == 0)
		return;
	prompt_write(output, " %" PRIu64 " %s after %s.", member->expiring,
	    member->expiring == 1 ? "lapses" : "lapse", member->expiring_on);
}

static void write_member(struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	const tally_MemberReply *member = result->member;
	struct prompt_points points = {
	    member->balance, member->spendable, member->pending};
	char masked[CARD_SIZE_MAX + 8];

	if (result->card[0] != '\0' && result->kind == TILL_MEMBER)
		prompt_choose(prompt, result->card);
	card_mask(prompt->card, masked);
	prompt_write(output, "Card %s. ", masked);
	if (member->tier[0] != '\0')
		prompt_write(output, "%s. ", member->tier);
	prompt_write_points(output, points);
	write_expiring(member, output);
	if (member->pooled)
		prompt_write(output, " Pools with others.");
	write_choice(output, facts, member);
	prompt_write(output, "\n");
}

/* A card that nobody knows is one to enrol; with the server away it may be
 * either, and sales on it are saved. */
static void write_no_member(struct prompt *prompt,
    const struct till_result *result, struct buffer *output)
{
	bool unknown =
	    strcmp(result->why, refusal_name(REFUSAL_CARD_UNKNOWN)) == 0;
	char masked[CARD_SIZE_MAX + 8];

	card_mask(result->card, masked);
	prompt_choose(prompt, "");
	snprintf(prompt->new_card, sizeof prompt->new_card, "%s", result->card);
	if (unknown) {
		prompt_write(output,
		    "Card %s is not enrolled. Type 'new' to enrol it.\n",
		    masked);
		return;
	}
	prompt_write(output, "Card %s: %s\n", masked, result->refusal.say);
	if (strcmp(result->why, "server_away") != 0)
		return;
	prompt_choose(prompt, result->card);
	snprintf(prompt->new_card, sizeof prompt->new_card, "%s", result->card);
	prompt_write(output, "Sales on it can be entered and are saved.\n");
}

static void write_done(struct prompt *prompt, const struct till_result *result,
    const struct shop_facts *facts, struct buffer *output)
{
	if (result->operation_reply || result->unsent)
		prompt_write_operation(prompt, result, facts, output);
	else if (result->member)
		write_member(prompt, result, facts, output);
	else if (result->history)
		write_history(result->history, output);
	else if (result->login)
		prompt_write(output, "Hello, %s.\n", result->login->name);
	else if (result->what == TILL_DO_REWARDS)
		write_rewards(result, output);
	else if (result->what == TILL_DO_LOGOUT)
		prompt_write(output, "Logged out.\n");
	else if (result->what == TILL_DO_STATUS)
		write_status(result, output);
	else
		prompt_write(output, "Done.\n");
}

/* --- events --------------------------------------------------------------- */

static void write_outcome(
    const struct till_result *result, struct buffer *output)
{
	const tally_OperationReply *reply = result->operation_reply;

	if (result->end != TILL_DONE) {
		prompt_write(output, "%s: %s",
		    strcmp(result->why, "unknown") == 0 ? "NOT KNOWN"
							: "REFUSED",
		    result->refusal.say);
	} else if (!reply || result->what == TILL_DO_SALE ||
		   (reply->points == 0 && reply->balance == 0)) {
		prompt_write(output, "Done.");
	} else {
		prompt_write(output, "%+" PRId64 " %s. ", reply->points,
		    prompt_points_word(reply->points));
		prompt_write_points(
		    output, (struct prompt_points){reply->balance,
				reply->spendable, reply->pending});
	}
	prompt_write(output, "\n");
}

/* What was undone before it was sent was not sent. */
static void write_settled(
    const struct till_result *result, struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8] = "";
	bool undone = result->refusal.code == REFUSAL_VOIDED;

	if (result->card[0] != '\0')
		card_mask(result->card, masked);
	prompt_write(output, "%s: operation %" PRIu64 ", %s%s%s.%s",
	    undone ? "Undone" : "Sent", result->operation,
	    till_do_name(result->what), masked[0] ? " on card " : "", masked,
	    undone ? "\n" : " ");
	if (!undone)
		write_outcome(result, output);
}

static void write_renumbered(struct prompt *prompt,
    const struct till_result *result, struct buffer *output)
{
	if (prompt->operation == result->operation)
		prompt->operation = result->now;
	if (prompt->before == result->operation)
		prompt->before = result->now;
	prompt_write(output,
	    "Call the owner: this till's folder seems to be in use twice. "
	    "Nothing is lost: operation %" PRIu64 " is now %" PRIu64
	    " and is sent again.\n",
	    result->operation, result->now);
}

static void write_link(const struct till_result *result, struct buffer *output)
{
	const struct till_status *status = &result->status;

	if (status->link != LINK_UP) {
		prompt_write(output, "%s\n", result->refusal.say);
		return;
	}
	prompt_write(output, "Connected to %s as till %u.", result->facts->shop,
	    (unsigned)status->terminal);
	if (status->waiting > 0)
		prompt_write(
		    output, " Sending what was saved: %zu.", status->waiting);
	prompt_write(output, "\n");
}

void prompt_append_result(struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	if (result->kind == TILL_LINK)
		write_link(result, output);
	else if (result->kind == TILL_SETTLED)
		write_settled(result, output);
	else if (result->kind == TILL_RENUMBERED)
		write_renumbered(prompt, result, output);
	else if (result->kind == TILL_MEMBER && result->end == TILL_REFUSED)
		write_no_member(prompt, result, output);
	else if (result->end == TILL_DONE)
		write_done(prompt, result, facts, output);
	else
		prompt_write_undone(prompt, result, output);
	if (result->kind == TILL_ANSWER)
		prompt_remember(prompt, result);
}

void prompt_append_scan(struct prompt *prompt,
    const struct card_reader_event *event, struct buffer *output)
{
	if (event->kind == CARD_READER_CARD)
		return;
	if (event->kind == CARD_READER_FAULT) {
		prompt_choose(prompt, "");
	}
	prompt_write(output, "%s\n", event->say);
}

void prompt_append_mark(const struct prompt *prompt, struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8] = "";

	if (prompt->login != 0) {
		prompt_write(output, "PIN: ");
		return;
	}
	if (prompt->card[0] != '\0')
		card_mask(prompt->card, masked);
	prompt_write(output, "%s> ", masked);
}

void prompt_append_end(struct buffer *output, size_t waiting)
{
	prompt_write(output,
	    "Waiting to be sent: %zu. It is saved, and is sent when the till "
	    "runs again.\n",
	    waiting);
}
