/*
 * command_member: what is known of a member: points, and what became of them.
 *
 * A card that pools with another member's tells of the points that it can
 * spend, and of what became of those.
 */
#include <stdio.h>
#include <string.h>

#include "server/command_inside.h"

/* --- points now -------------------------------------------------------------
 */

static const char *tier_name(const struct programme *programme, uint8_t level)
{
	return level == 0 || level > programme->tier_count
		   ? ""
		   : programme->tiers[level - 1].name;
}

void command_points_now(
    struct asking *asking, uint64_t account, struct points_now *ret_now)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	const struct book_programme *current = book_programme(book);
	const struct book_member *pool = book_pool(book, account);
	uint64_t now_ms = asking->now_ms;

	*ret_now = (struct points_now){
	    .pool = pool, .tier = "", .expiring_day = LOT_NEVER};
	if (pool == NULL || current == NULL)
		return;
	/* Time does not go back in a ledger. */
	if (now_ms < book_head(book)->time_ms)
		now_ms = book_head(book)->time_ms;
	ret_now->today = zone_local(&current->programme->zone, now_ms).day;
	ret_now->spendable =
	    book_spendable_points(pool, ret_now->today, now_ms);
	ret_now->pending = book_pending_points(pool, ret_now->today);
	ret_now->tier_level =
	    law_tier(book, current->programme, pool, ret_now->today);
	ret_now->tier = tier_name(current->programme, ret_now->tier_level);
}

/* Looks at every lot: not for the answer to each sale. */
static void fill_expiring(
    const struct points_now *now, tally_MemberReply *reply)
{
	int32_t day = LOT_NEVER;

	if (now->pool == NULL)
		return;
	reply->expiring = book_next_expiry(now->pool, now->today, &day);
	if (reply->expiring > 0 && day != LOT_NEVER)
		day_format(day, reply->expiring_on);
}

static const char *asked_card(const tally_Request *request)
{
	return request->which_body == tally_Request_lookup_tag
		   ? request->body.lookup.card
		   : request->body.balance.card;
}

/* The card's member, for who may know. A lost card tells its finder nothing. */
static bool find_reader(struct asking *asking, const char *scanned,
    const struct book_member **ret_member, enum result *ret_result,
    struct error *err)
{
	struct directory_card card;

	*ret_result = RESULT_OK;
	if (!command_find_member(asking, scanned, &card))
		return false;
	if (asking->job->caller.peer.role != ROLE_OWNER &&
	    command_card_is_blocked(asking->shop, &card)) {
		*ret_result = command_refuse_blocked(asking);
		return false;
	}
	*ret_member =
	    book_member(ledger_book(asking->shop->ledger), card.account);
	if (*ret_member != NULL)
		return true;
	*ret_result = error_set(err, RESULT_CORRUPT,
	    "a card names a member whom the ledger does not know");
	return false;
}

enum result command_member(struct asking *asking, struct error *err)
{
	tally_MemberReply *reply = &asking->reply->body.member;
	const struct book_member *member;
	struct points_now now;
	struct entry enrolled;
	enum result result;

	if (!find_reader(
		asking, asked_card(asking->request), &member, &result, err))
		return result;
	command_points_now(asking, member->account, &now);
	*reply = (tally_MemberReply){
	    .balance = now.pool == NULL ? 0 : now.pool->balance_points,
	    .last_entry = member->last_sequence,
	    .enrolled_entry = member->enrolled_sequence,
	    .spendable = now.spendable,
	    .pending = now.pending,
	    .tier_level = now.tier_level,
	    .pooled =
		book_joined_to(member) != 0 ||
		(member->extra != NULL && member->extra->joined_count > 0)};
	fill_expiring(&now, reply);
	command_copy_text(reply->tier, sizeof(reply->tier), now.tier);
	asking->reply->which_body = tally_Reply_member_tag;
	/* Only a look-up tells since when; a balance need not read a record. */
	if (asking->request->which_body == tally_Request_balance_tag)
		return RESULT_OK;
	result = ledger_read(asking->shop->ledger, member->enrolled_sequence,
	    &asking->shop->record, &enrolled, err);
	if (result == RESULT_OK)
		reply->since_ms = enrolled.time_ms;
	return result;
}

/* --- history ----------------------------------------------------------------
 */

uint64_t command_previous_of(const struct entry *entry, uint64_t account)
{
	return entry->to_account == account ? entry->to_previous_sequence
					    : entry->from_previous_sequence;
}

static void fill_line(
    const struct entry *entry, uint64_t account, tally_HistoryLine *line)
{
	*line = (tally_HistoryLine){.entry = entry->sequence,
	    .kind = entry->kind,
	    .time_ms = entry->time_ms,
	    .points = command_points_of(entry, account),
	    .balance = command_balance_of(entry, account),
	    .amount_minor = entry->amount_minor,
	    .related = entry->related_sequence,
	    .terminal = entry->terminal};
	command_copy_bytes(line->reward, sizeof(line->reward), entry->reward);
	command_copy_bytes(line->reason, sizeof(line->reason), entry->reason);
}

enum result command_history_lines(struct asking *asking, uint64_t account,
    uint64_t from, tally_HistoryLine *lines, pb_size_t *ret_count,
    uint64_t *ret_next, struct error *err)
{
	pb_size_t count = 0;

	while (from != 0 && count < HISTORY_MAX) {
		struct entry entry;
		enum result result = ledger_read(asking->shop->ledger, from,
		    &asking->shop->record, &entry, err);

		if (result != RESULT_OK)
			return result;
		fill_line(&entry, account, &lines[count++]);
		from = command_previous_of(&entry, account);
	}
	*ret_count = count;
	*ret_next = from;
	return RESULT_OK;
}

/*
 * `before` is a cursor that an earlier page gave: one above the entry where
 * the next page starts. That entry must be the member's own, or the walk would
 * go on in another's history.
 */
static enum result check_cursor(struct asking *asking, uint64_t account,
    uint64_t from, bool *ret_good, struct error *err)
{
	struct entry entry;
	enum result result = ledger_read(
	    asking->shop->ledger, from, &asking->shop->record, &entry, err);

	*ret_good = result == RESULT_OK && (entry.to_account == account ||
					       entry.from_account == account);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result command_history(struct asking *asking, struct error *err)
{
	const tally_History *wanted = &asking->request->body.history;
	tally_HistoryReply *reply = &asking->reply->body.history;
	const struct book_member *member;
	enum result result;
	uint64_t account;
	uint64_t from;
	uint64_t next = 0;
	bool good = true;

	if (!find_reader(asking, wanted->card, &member, &result, err))
		return result;
	account = book_joined_to(member) != 0 ? book_joined_to(member)
					      : member->account;
	member = book_member(ledger_book(asking->shop->ledger), account);
	from = member == NULL ? 0 : member->last_sequence;
	if (wanted->before != 0) {
		from = wanted->before - 1;
		result = check_cursor(asking, account, from, &good, err);
	}
	if (result != RESULT_OK)
		return result;
	if (!good)
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "This page of the history is not this card's.");
	reply->lines_count = 0;
	result = command_history_lines(asking, account, from, reply->lines,
	    &reply->lines_count, &next, err);
	reply->before = next == 0 ? 0 : next + 1;
	asking->reply->which_body = tally_Reply_history_tag;
	return result;
}
