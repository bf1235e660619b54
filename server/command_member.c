/*
 * command_member: what a till asks for a member: enrol, earn, redeem, return,
 * balance and history.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"
#include "common/card/card.h"
#include "server/command_inside.h"

bool command_find_card(struct asking *asking, const char *scanned,
    char ret_number[CARD_SIZE_MAX + 1], uint64_t *ret_account)
{
	struct card card;
	enum card_fault fault = card_parse(bytes_of_string(scanned), &card);

	if (fault != CARD_OK) {
		command_refuse(
		    asking, REFUSAL_CARD_INVALID, "%s", card_fault_say(fault));
		return false;
	}
	memcpy(ret_number, card.number, sizeof(card.number));
	*ret_account = directory_find(asking->shop->directory, card.number);
	return true;
}

/* As above, and the card must be a member's. */
static bool find_member(
    struct asking *asking, const char *scanned, uint64_t *ret_account)
{
	char number[CARD_SIZE_MAX + 1];

	if (!command_find_card(asking, scanned, number, ret_account))
		return false;
	if (*ret_account != 0)
		return true;
	command_refuse(asking, REFUSAL_CARD_UNKNOWN,
	    "This card is not enrolled yet. Enrol it first.");
	return false;
}

/* --- operations
 * ------------------------------------------------------------------- */

/* The operation's name and who makes it. False: refused. */
static bool fill_command(struct asking *asking,
    const tally_Operation *operation, struct command *command)
{
	uint32_t terminal = asking->job->caller.peer.number;
	struct error error;

	command->terminal = terminal;
	command->counter = operation->counter;
	memcpy(command->random, operation->random.bytes, ENTRY_RANDOM_SIZE);
	if (operation->ticket.size == 0)
		return true;
	if (roster_ticket_check(asking->shop->roster, terminal,
		bytes_of(operation->ticket.bytes, operation->ticket.size),
		asking->now_ms, &command->cashier, &error) == RESULT_OK)
		return true;
	command_refuse(asking, REFUSAL_CASHIER_REQUIRED,
	    "Log in with your PIN again: %s.", error.text);
	return false;
}

static void fill_outcome(
    struct asking *asking, const struct outcome *outcome, uint64_t member)
{
	tally_OperationReply *reply = &asking->reply->body.operation;
	const struct entry *entry = &outcome->entry;

	asking->reply->which_body = tally_Reply_operation_tag;
	*reply = (tally_OperationReply){.entry = entry->sequence,
	    .points = entry->to_account == member ? (int64_t)entry->points
						  : -(int64_t)entry->points,
	    .balance = entry->balance_points,
	    .time_ms = entry->time_ms,
	    .repeated = outcome->repeated};
	reply->hash.size = HASH_SIZE;
	memcpy(reply->hash.bytes, outcome->hash.bytes, HASH_SIZE);
}

static enum result stage(struct asking *asking, const struct command *command,
    const struct store_private *row, bool *ret_new, struct error *err)
{
	struct outcome outcome;
	enum result result = ledger_stage(asking->shop->ledger, command, row,
	    row == NULL ? 0 : 1, asking->now_ms, &outcome, err);

	*ret_new = false;
	if (result != RESULT_OK)
		return result;
	if (outcome.refusal.code != REFUSAL_NONE)
		return command_refuse_with(asking, &outcome.refusal);
	fill_outcome(asking, &outcome, entry_member(&outcome.entry));
	*ret_new = !outcome.repeated;
	return RESULT_OK;
}

static uint64_t draw_account(const struct book *book)
{
	uint64_t account;

	do {
		crypto_random(&account, sizeof(account));
		account &= ACCOUNT_MEMBER_MAX;
	} while (
	    account < ACCOUNT_MEMBER_MIN || book_member(book, account) != NULL);
	return account;
}

/* The law knows accounts, not cards: an account that is taken was either drawn
 * here, or is that of a card's member. */
static void refuse_enrolled(struct asking *asking)
{
	if (asking->reply->which_body == tally_Reply_refusal_tag &&
	    asking->reply->body.refusal.code == REFUSAL_EXISTS)
		(void)command_refuse(asking, REFUSAL_CARD_ENROLLED,
		    "This card is enrolled already.");
}

/*
 * A card that is somebody's already goes on with that member's account: either
 * this is the same operation again, which the ledger answers as before, or the
 * law refuses it.
 */
enum result command_enrol(struct asking *asking, struct error *err)
{
	const tally_Enrol *enrol = &asking->request->body.enrol;
	struct command command = {.kind = ENTRY_ENROL};
	uint8_t body[CARD_ROW_SIZE_MAX];
	struct store_private row = {.kind = PRIVATE_CARD};
	struct card_row card;
	enum result result;
	bool is_known;
	bool is_new;

	if (!command_find_card(
		asking, enrol->card, card.number, &command.account) ||
	    !fill_command(asking, &enrol->operation, &command))
		return RESULT_OK;
	is_known = command.account != 0;
	if (!is_known)
		command.account =
		    draw_account(ledger_book(asking->shop->ledger));
	crypto_random(card.salt, sizeof(card.salt));
	command.commitment =
	    card_row_commitment(asking->shop->hasher, &card, command.account);
	row.id = command.account;
	row.body = card_row_encode(&card, body);
	result = stage(asking, &command, &row, &is_new, err);
	if (result == RESULT_OK && is_known)
		refuse_enrolled(asking);
	if (result == RESULT_OK && is_new)
		result = directory_add(asking->shop->directory, card.number,
		    (struct directory_card){.account = command.account}, err);
	return result;
}

enum result command_earn(struct asking *asking, struct error *err)
{
	const tally_Earn *earn = &asking->request->body.earn;
	struct command command = {.kind = ENTRY_EARN,
	    .amount_minor = earn->amount_minor,
	    .receipt = bytes_of_string(earn->receipt)};
	bool is_new;

	if (!find_member(asking, earn->card, &command.account) ||
	    !fill_command(asking, &earn->operation, &command))
		return RESULT_OK;
	return stage(asking, &command, NULL, &is_new, err);
}

enum result command_redeem(struct asking *asking, struct error *err)
{
	const tally_Redeem *redeem = &asking->request->body.redeem;
	struct command command = {.kind = ENTRY_REDEEM,
	    .reward = bytes_of_string(redeem->reward),
	    .receipt = bytes_of_string(redeem->receipt)};
	bool is_new;

	if (!find_member(asking, redeem->card, &command.account) ||
	    !fill_command(asking, &redeem->operation, &command))
		return RESULT_OK;
	return stage(asking, &command, NULL, &is_new, err);
}

enum result command_return(struct asking *asking, struct error *err)
{
	const tally_Return *goods = &asking->request->body.return_goods;
	struct command command = {.kind = ENTRY_RETURN,
	    .amount_minor = goods->amount_minor,
	    .receipt = bytes_of_string(goods->receipt)};
	struct entry sale;
	enum result result = ledger_read(asking->shop->ledger, goods->entry,
	    &asking->shop->record, &sale, err);
	bool is_new;

	if (result == RESULT_OK)
		command.related = &sale;
	else if (result != RESULT_NOT_FOUND)
		return result;
	if (!fill_command(asking, &goods->operation, &command))
		return RESULT_OK;
	return stage(asking, &command, NULL, &is_new, err);
}

/* --- reading
 * ---------------------------------------------------------------------- */

static const char *asked_card(const tally_Request *request)
{
	return request->which_body == tally_Request_lookup_tag
		   ? request->body.lookup.card
		   : request->body.balance.card;
}

enum result command_member(struct asking *asking, struct error *err)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	tally_MemberReply *reply = &asking->reply->body.member;
	const struct book_member *member;
	struct entry enrolled;
	uint64_t account;
	enum result result;

	if (!find_member(asking, asked_card(asking->request), &account))
		return RESULT_OK;
	member = book_member(book, account);
	if (member == NULL)
		return error_set(err, RESULT_CORRUPT,
		    "a card names a member whom the ledger does not know");
	*reply = (tally_MemberReply){.balance = member->balance_points,
	    .last_entry = member->last_sequence,
	    .enrolled_entry = member->enrolled_sequence};
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

static uint64_t previous_of(const struct entry *entry, uint64_t account)
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
	    .points = entry->to_account == account ? (int64_t)entry->points
						   : -(int64_t)entry->points,
	    .balance = entry->balance_points,
	    .amount_minor = entry->amount_minor,
	    .related = entry->related_sequence,
	    .terminal = entry->terminal};
	snprintf(line->reward, sizeof(line->reward), "%.*s",
	    (int)entry->reward.size, (const char *)entry->reward.data);
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
		from = previous_of(&entry, account);
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

	*ret_good = result == RESULT_OK && entry_member(&entry) == account;
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result command_history(struct asking *asking, struct error *err)
{
	const tally_History *wanted = &asking->request->body.history;
	tally_HistoryReply *reply = &asking->reply->body.history;
	const struct book_member *member;
	enum result result = RESULT_OK;
	uint64_t account;
	uint64_t from;
	uint64_t next;
	bool good = true;

	if (!find_member(asking, wanted->card, &account))
		return RESULT_OK;
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

/* --- the owner's look at a member
 * ---------------------------------------------------- */

/* Does the enrol entry's commitment hold for the details that are kept? */
static enum result check_commitment(struct asking *asking,
    const struct book_member *member, uint64_t *ret_enrolled_ms,
    bool *ret_holds, struct error *err)
{
	struct shop *shop = asking->shop;
	struct buffer body = {0};
	struct card_row card;
	struct entry entry;
	struct hash hash;
	enum result result = ledger_read(shop->ledger,
	    member->enrolled_sequence, &shop->record, &entry, err);

	if (result != RESULT_OK)
		return result;
	*ret_enrolled_ms = entry.time_ms;
	result = shop->store->ops->private_read(
	    shop->store, PRIVATE_CARD, member->account, &body, err);
	if (result == RESULT_OK)
		result = card_row_decode(buffer_view(&body), &card, err);
	if (result == RESULT_OK) {
		hash =
		    card_row_commitment(shop->hasher, &card, member->account);
		*ret_holds = hash_equal(&hash, &entry.commitment);
	}
	buffer_finish(&body);
	/* Details that are gone or staged but not yet written do not hold. */
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result command_member_show(struct asking *asking, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	const char *scanned = asking->request->body.member_show.card;
	const struct book_member *member;
	char number[CARD_SIZE_MAX + 1];
	enum result result;
	uint64_t account;
	uint64_t next;

	if (!find_member(asking, scanned, &account) ||
	    !command_find_card(asking, scanned, number, &account))
		return RESULT_OK;
	member = book_member(ledger_book(asking->shop->ledger), account);
	if (member == NULL)
		return error_set(err, RESULT_CORRUPT,
		    "a card names a member whom the ledger does not know");
	asking->reply->which_body = tally_Reply_member_show_tag;
	reply->account = account;
	command_copy_text(reply->card, sizeof(reply->card), number);
	reply->balance = member->balance_points;
	reply->last_entry = member->last_sequence;
	reply->commitment_holds = false;
	reply->lines_count = 0;
	result = check_commitment(
	    asking, member, &reply->enrolled_ms, &reply->commitment_holds, err);
	if (result == RESULT_OK)
		result = command_history_lines(asking, account,
		    member->last_sequence, reply->lines, &reply->lines_count,
		    &next, err);
	return result;
}
