/*
 * command_night: what falls due by itself, written down: tiers that have run
 * out, points past their last day, notices, bonuses.
 *
 * All of it counts from the moment on at which it is due, whether it is written
 * down or not, so a night that comes late, twice, or in pieces changes nothing
 * that anyone could spend. A run goes through the members once, a slice a
 * request, so that tills never wait for more than one slice; and once more
 * where it paid a bonus, for who got it may have been passed, and may now have
 * points that lapse soon. What it has done
 * is not due again: where it was cut off, the next run does the rest.
 */
#include "common/base/crypto.h"
#include "server/command_inside.h"

static void count_entry(const struct entry *entry, tally_NightReply *reply)
{
	switch (entry->kind) {
	case ENTRY_EXPIRE:
		reply->expired++;
		reply->expired_points += entry->points;
		break;
	case ENTRY_TIER:
		reply->tiers++;
		break;
	case ENTRY_NOTICE:
		reply->notices++;
		break;
	case ENTRY_BONUS:
		reply->bonuses++;
		reply->bonus_points += entry->points;
		break;
	default:
		break;
	}
}

/* What is done of one slice. */
struct slice {
	struct asking *asking;
	tally_NightReply *reply;
	unsigned entries;
};

/* `*ret_refused`: what is due cannot be done (an account that is full, say). It
 * stays due, and is no reason to stop for everybody. */
static enum result stage_due(struct slice *slice, struct command *command,
    bool *ret_refused, struct error *err)
{
	struct asking *asking = slice->asking;
	struct outcome outcome;
	enum result result;

	crypto_random(command->random, sizeof(command->random));
	result = ledger_stage(asking->shop->ledger, command, NULL, 0,
	    asking->now_ms, &outcome, err);
	if (result != RESULT_OK)
		return result;
	*ret_refused = outcome.refusal.code != REFUSAL_NONE;
	if (*ret_refused)
		return RESULT_OK;
	count_entry(&outcome.entry, slice->reply);
	if (outcome.entry.kind == ENTRY_BONUS)
		asking->shop->night.is_to_repeat = true;
	slice->entries++;
	return RESULT_OK;
}

/* All that is due for one member, for a step may make another due. False in
 * `*ret_done`: the slice is full, and the member is not through. */
static enum result do_member(
    struct slice *slice, size_t place, bool *ret_done, struct error *err)
{
	const struct book *book = ledger_book(slice->asking->shop->ledger);
	struct command command;
	bool refused = false;

	*ret_done = false;
	while (!refused && law_due(book, book_member_at(book, place),
			       slice->asking->now_ms, &command)) {
		enum result result;

		if (slice->entries >= NIGHT_ENTRIES_MAX)
			return RESULT_OK;
		result = stage_due(slice, &command, &refused, err);
		if (result == RESULT_LIMIT && slice->entries > 0)
			return RESULT_OK;
		if (result != RESULT_OK)
			return result;
	}
	*ret_done = true;
	return RESULT_OK;
}

/* The first moment of the next local day: what is due changes with the day. */
static uint64_t next_day_ms(const struct asking *asking)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	const struct book_programme *current = book_programme(book);
	uint64_t now_ms = asking->now_ms;
	int32_t today;

	if (now_ms < book_head(book)->time_ms)
		now_ms = book_head(book)->time_ms;
	if (current == NULL)
		return now_ms + DAY_MS;
	today = zone_local(&current->programme->zone, now_ms).day;
	return zone_day_starts_ms(&current->programme->zone, today + 1);
}

static void begin_run(struct asking *asking)
{
	struct shop_night *night = &asking->shop->night;

	if (night->is_running)
		return;
	night->is_running = true;
	night->place = 0;
}

enum result command_night(struct asking *asking, struct error *err)
{
	struct shop_night *night = &asking->shop->night;
	const struct book *book = ledger_book(asking->shop->ledger);
	tally_NightReply *reply = &asking->reply->body.night;
	struct slice slice = {.asking = asking, .reply = reply};
	unsigned looked_at;
	bool is_done = true;

	begin_run(asking);
	*reply = (tally_NightReply){0};
	for (looked_at = 0; looked_at < NIGHT_MEMBERS_MAX && is_done &&
			    book_member_at(book, night->place) != NULL;
	     looked_at++) {
		enum result result =
		    do_member(&slice, night->place, &is_done, err);

		if (result != RESULT_OK)
			return result;
		if (is_done)
			night->place++;
	}
	if (book_member_at(book, night->place) == NULL && night->is_to_repeat) {
		night->is_to_repeat = false;
		night->place = 0;
	}
	reply->more = book_member_at(book, night->place) != NULL;
	if (!reply->more) {
		night->is_running = false;
		atomic_store(&night->due_ms, next_day_ms(asking));
		/* A file that was only looked at does not stay in memory. */
		command_import_forget(asking->shop);
	}
	asking->reply->which_body = tally_Reply_night_tag;
	return RESULT_OK;
}
