/*
 * prompt_write: what the cashier reads. One thought a sentence, what to do
 * next where something is to be done, and no card number in full.
 */
#include "client/prompt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

__attribute__((format(printf, 2, 3))) static void say(
    struct buffer *output, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	(void)!buffer_append(output, bytes_of_string(text), NULL);
}

/* "112 points", "1 point". */
static const char *points_word(int64_t points)
{
	return points == 1 || points == -1 ? "point" : "points";
}

static void say_balance(struct buffer *output, int64_t balance)
{
	say(output, "Balance %" PRId64 " %s.", balance, points_word(balance));
}

/* What the customer can have for the balance, or how far the nearest is. */
static void say_rewards(
    struct buffer *output, const struct shop_facts *facts, int64_t balance)
{
	const struct programme_reward *nearest = NULL;
	unsigned within = 0;

	for (size_t i = 0; i < facts->reward_count; i++) {
		const struct programme_reward *reward = &facts->rewards[i];

		if ((int64_t)reward->points <= balance)
			say(output, "%s%s (redeem %s)",
			    within++ ? ", " : " Can have: ", reward->name,
			    reward->id);
		else if (!nearest || reward->points < nearest->points)
			nearest = reward;
	}
	if (within > 0)
		say(output, ".");
	else if (nearest)
		say(output, " %" PRId64 " short of %s.",
		    (int64_t)nearest->points - balance, nearest->name);
}

static const char *reward_name(const struct shop_facts *facts, const char *id)
{
	const struct programme_reward *reward = shop_facts_reward(facts, id);

	return reward ? reward->name : id;
}

/* This card's holder is the customer now. */
static void choose(struct prompt *prompt, const char *card)
{
	snprintf(prompt->card, sizeof prompt->card, "%s", card);
	prompt->new_card[0] = '\0';
}

/* --- answers -------------------------------------------------------------- */

static void write_operation(struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	const tally_OperationReply *reply = result->operation_reply;

	switch (result->what) {
	case TILL_DO_ENROL:
		choose(prompt, result->card);
		say(output, "Enrolled. ");
		break;
	case TILL_DO_EARN:
		say(output,
		    "%" PRIu64 ".%02u: +%" PRId64 " %s. Sale %" PRIu64 ". ",
		    prompt->amount_minor / 100,
		    (unsigned)(prompt->amount_minor % 100), reply->points,
		    points_word(reply->points), reply->entry);
		break;
	case TILL_DO_REDEEM:
		say(output, "Hand out: %s. %" PRId64 " %s. ",
		    reward_name(facts, prompt->reward), reply->points,
		    points_word(reply->points));
		break;
	default:
		say(output, "Returned. %" PRId64 " %s. ", reply->points,
		    points_word(reply->points));
		break;
	}
	say_balance(output, reply->balance);
	if (reply->repeated)
		say(output, " This had been done before and counts once.");
	say(output, "\n");
}

static void write_history(
    const tally_HistoryReply *history, struct buffer *output)
{
	if (history->lines_count == 0)
		say(output, "Nothing yet.\n");
	for (pb_size_t i = 0; i < history->lines_count; i++) {
		const tally_HistoryLine *line = &history->lines[i];
		char time[CLOCK_TEXT_SIZE];

		clock_format_ms(line->time_ms, time);
		say(output, "%8" PRIu64 "  %.10s %.5s  %-7s", line->entry, time,
		    &time[11], entry_kind_name((enum entry_kind)line->kind));
		if (line->amount_minor > 0)
			say(output, " %8" PRIu64 ".%02u",
			    line->amount_minor / 100,
			    (unsigned)(line->amount_minor % 100));
		else
			say(output, " %11s", line->reward);
		say(output, " %+8" PRId64 " %8" PRId64 "\n", line->points,
		    line->balance);
	}
}

static void write_rewards(
    const struct till_result *result, struct buffer *output)
{
	const struct shop_facts *facts = result->facts;

	if (facts->reward_count == 0)
		say(output, "There are no rewards.\n");
	for (size_t i = 0; i < facts->reward_count; i++)
		say(output, "%8" PRIu64 "  %s (redeem %s)\n",
		    facts->rewards[i].points, facts->rewards[i].name,
		    facts->rewards[i].id);
	if (result->cached)
		say(output, "(As last heard; the server cannot be reached.)\n");
}

static void write_status(
    const struct till_result *result, struct buffer *output)
{
	const struct till_status *status = &result->status;

	if (status->link == LINK_UP)
		say(output, "Connected to %s as till %u.", result->facts->shop,
		    (unsigned)status->terminal);
	else
		say(output, "The server cannot be reached.");
	if (status->waiting > 0)
		say(output, " Waiting to be sent: %zu.", status->waiting);
	else
		say(output, " Nothing waits to be sent.");
	if (status->cashier != 0)
		say(output, " Logged in: cashier %u.",
		    (unsigned)status->cashier);
	say(output, "\n");
}

static void write_member(struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8];

	if (result->card[0] != '\0' && result->kind == TILL_MEMBER) {
		choose(prompt, result->card);
	}
	card_mask(prompt->card, masked);
	say(output, "Card %s. ", masked);
	say_balance(output, result->member->balance);
	say_rewards(output, facts, result->member->balance);
	say(output, "\n");
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
	prompt->card[0] = '\0';
	snprintf(prompt->new_card, sizeof prompt->new_card, "%s", result->card);
	if (unknown) {
		say(output,
		    "Card %s is not enrolled. Type 'new' to enrol it.\n",
		    masked);
		return;
	}
	say(output, "Card %s: %s\n", masked, result->refusal.say);
	if (strcmp(result->why, "server_away") != 0)
		return;
	snprintf(prompt->card, sizeof prompt->card, "%s", result->card);
	say(output, "Sales on it can be entered and are saved.\n");
}

static void write_done(struct prompt *prompt, const struct till_result *result,
    const struct shop_facts *facts, struct buffer *output)
{
	if (result->operation_reply)
		write_operation(prompt, result, facts, output);
	else if (result->member)
		write_member(prompt, result, facts, output);
	else if (result->history)
		write_history(result->history, output);
	else if (result->login)
		say(output, "Hello, %s.\n", result->login->name);
	else if (result->what == TILL_DO_REWARDS)
		write_rewards(result, output);
	else if (result->what == TILL_DO_LOGOUT)
		say(output, "Logged out.\n");
	else if (result->what == TILL_DO_STATUS)
		write_status(result, output);
	else
		say(output, "Done.\n");
}

/* --- events --------------------------------------------------------------- */

static void write_settled(
    const struct till_result *result, struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8] = "";

	if (result->card[0] != '\0')
		card_mask(result->card, masked);
	say(output, "Sent: operation %" PRIu64 ", %s%s%s. ", result->operation,
	    till_do_name(result->what), masked[0] ? " on card " : "", masked);
	if (result->end == TILL_DONE)
		say(output, "%+" PRId64 " %s, balance %" PRId64 ".\n",
		    result->operation_reply->points,
		    points_word(result->operation_reply->points),
		    result->operation_reply->balance);
	else
		say(output, "REFUSED: %s\n", result->refusal.say);
}

static void write_renumbered(
    const struct till_result *result, struct buffer *output)
{
	say(output,
	    "Call the owner: this till's folder seems to be in use twice. "
	    "Nothing is lost: operation %" PRIu64 " is now %" PRIu64
	    " and is sent again.\n",
	    result->operation, result->now);
}

static void write_link(const struct till_result *result, struct buffer *output)
{
	const struct till_status *status = &result->status;

	if (status->link != LINK_UP) {
		say(output, "%s\n", result->refusal.say);
		return;
	}
	say(output, "Connected to %s as till %u.", result->facts->shop,
	    (unsigned)status->terminal);
	if (status->waiting > 0)
		say(output, " Sending what was saved: %zu.", status->waiting);
	say(output, "\n");
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
		write_renumbered(result, output);
	else if (result->kind == TILL_MEMBER && result->end == TILL_REFUSED)
		write_no_member(prompt, result, output);
	else if (result->end == TILL_DONE)
		write_done(prompt, result, facts, output);
	else
		say(output, "%s\n", result->refusal.say);
	/* A customer enrolled with the server away is the customer. */
	if (result->kind == TILL_ANSWER && result->what == TILL_DO_ENROL &&
	    result->end == TILL_SAVED)
		choose(prompt, result->card);
}

void prompt_append_scan(struct prompt *prompt,
    const struct card_reader_event *event, struct buffer *output)
{
	if (event->kind == CARD_READER_CARD)
		return;
	if (event->kind == CARD_READER_FAULT) {
		prompt->card[0] = '\0';
		prompt->new_card[0] = '\0';
	}
	say(output, "%s\n", event->say);
}

void prompt_append_mark(const struct prompt *prompt, struct buffer *output)
{
	char masked[CARD_SIZE_MAX + 8] = "";

	if (prompt->login != 0) {
		say(output, "PIN: ");
		return;
	}
	if (prompt->card[0] != '\0')
		card_mask(prompt->card, masked);
	say(output, "%s> ", masked);
}

void prompt_append_end(struct buffer *output, size_t waiting)
{
	say(output,
	    "Waiting to be sent: %zu. It is saved, and is sent when the till "
	    "runs again.\n",
	    waiting);
}
