/*
 * command_operation: what every operation starts with (a card, a name, who
 * asks) and ends with (an entry, or the refusal).
 *
 * An operation that was done before gets its first answer again, also where its
 * card has been blocked since, or a PIN is not at hand any more: so what could
 * refuse it here and now asks first whether its name is known.
 */
#include <string.h>

#include "common/base/crypto.h"
#include "common/card/card.h"
#include "server/command_inside.h"

/* --- cards ------------------------------------------------------------------
 */

bool command_find_card(struct asking *asking, const char *scanned,
    char ret_number[CARD_SIZE_MAX + 1], struct directory_card *ret_card)
{
	struct card card;
	enum card_fault fault = card_parse(bytes_of_string(scanned), &card);

	if (fault != CARD_OK) {
		command_refuse(
		    asking, REFUSAL_CARD_INVALID, "%s", card_fault_say(fault));
		return false;
	}
	memcpy(ret_number, card.number, sizeof(card.number));
	*ret_card = directory_look(asking->shop->directory, card.number);
	return true;
}

bool command_find_member(
    struct asking *asking, const char *scanned, struct directory_card *ret_card)
{
	char number[CARD_SIZE_MAX + 1];

	if (!command_find_card(asking, scanned, number, ret_card))
		return false;
	if (ret_card->account != 0)
		return true;
	command_refuse(asking, REFUSAL_CARD_UNKNOWN,
	    "This card is not enrolled yet. Enrol it first.");
	return false;
}

bool command_card_is_blocked(
    struct shop *shop, const struct directory_card *card)
{
	const struct book_member *member =
	    book_member(ledger_book(shop->ledger), card->account);
	uint32_t i;

	if (member == NULL || member->extra == NULL)
		return false;
	if (card->card == 0)
		return member->extra->is_card_blocked;
	for (i = 0; i < member->extra->card_count; i++)
		if (member->extra->cards[i] == card->card)
			return (member->extra->blocked_cards >> i & 1) != 0;
	return false;
}

enum result command_refuse_blocked(struct asking *asking)
{
	return command_refuse(asking, REFUSAL_CARD_BLOCKED,
	    "This card is blocked: lost, or replaced by another. Ask for the "
	    "new one.");
}

/* --- names ------------------------------------------------------------------
 */

static bool name_of_owner(struct asking *asking, bool has_operation,
    const tally_Operation *operation, struct command *command)
{
	/* The ledger numbers them; one that is sent again is another. */
	if (has_operation && operation->counter != 0) {
		command_refuse(asking, REFUSAL_MALFORMED,
		    "The owner's operations have no name of their own.");
		return false;
	}
	crypto_random(command->random, sizeof(command->random));
	return true;
}

bool command_name(struct asking *asking, bool has_operation,
    const tally_Operation *operation, struct command *command)
{
	const struct peer *peer = &asking->job->caller.peer;
	struct error error;

	if (peer->role == ROLE_OWNER)
		return name_of_owner(asking, has_operation, operation, command);
	if (!has_operation) {
		command_refuse(asking, REFUSAL_MALFORMED,
		    "An operation of a till has a name.");
		return false;
	}
	command->terminal = peer->number;
	command->counter = operation->counter;
	memcpy(command->random, operation->random.bytes, ENTRY_RANDOM_SIZE);
	if (operation->ticket.size == 0)
		return true;
	if (roster_ticket_check(asking->shop->roster, peer->number,
		bytes_of(operation->ticket.bytes, operation->ticket.size),
		asking->now_ms, &command->cashier, &error) == RESULT_OK)
		return true;
	command_refuse(asking, REFUSAL_CASHIER_REQUIRED,
	    "Log in with your PIN again: %s.", error.text);
	return false;
}

/* A fault of the store is met again where the operation is staged. */
bool command_is_known(struct asking *asking, const struct command *command,
    struct entry *ret_entry)
{
	return ledger_find(asking->shop->ledger, command->terminal,
		   command->counter, &asking->shop->record, ret_entry,
		   NULL) == RESULT_OK;
}

static bool may_use(struct asking *asking, const struct directory_card *card,
    const struct command *command)
{
	struct entry known;

	if (!command_card_is_blocked(asking->shop, card) ||
	    command_is_known(asking, command, &known))
		return true;
	command_refuse_blocked(asking);
	return false;
}

bool command_take_member(struct asking *asking, const char *scanned,
    bool has_operation, const tally_Operation *operation,
    struct command *command)
{
	struct directory_card card;

	if (!command_find_member(asking, scanned, &card) ||
	    !command_name(asking, has_operation, operation, command))
		return false;
	command->account = card.account;
	return may_use(asking, &card, command);
}

bool command_take_other(struct asking *asking, const char *scanned,
    const struct command *command, uint64_t *ret_account)
{
	struct directory_card card;

	if (!command_find_member(asking, scanned, &card))
		return false;
	*ret_account = card.account;
	return may_use(asking, &card, command);
}

enum result command_relate(struct asking *asking, uint64_t sequence,
    struct entry *entry, struct command *command, struct error *err)
{
	enum result result = ledger_read(
	    asking->shop->ledger, sequence, &asking->shop->record, entry, err);

	command->wants_related = true;
	if (result == RESULT_OK)
		command->related = entry;
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* --- outcomes ---------------------------------------------------------------
 */

int64_t command_points_of(const struct entry *entry, uint64_t account)
{
	if (account == 0)
		return 0;
	return entry->to_account == account ? (int64_t)entry->points
					    : -(int64_t)entry->points;
}

int64_t command_balance_of(const struct entry *entry, uint64_t account)
{
	bool is_other = entry->to_account == account &&
			(entry->has & ENTRY_HAS(TAG_OTHER_BALANCE)) != 0;

	return is_other ? entry->other_balance_points : entry->balance_points;
}

/* Whose points the answer tells: the member's; of two that join or part, of the
 * one where the points of the card that was shown are from now on. */
static uint64_t answered_account(const struct entry *entry)
{
	if (entry->kind == ENTRY_JOIN || entry->kind == ENTRY_LEAVE)
		return entry->to_account;
	return entry_member(entry);
}

static void fill_outcome(struct asking *asking, const struct outcome *outcome)
{
	tally_OperationReply *reply = &asking->reply->body.operation;
	const struct entry *entry = &outcome->entry;
	uint64_t account = answered_account(entry);
	struct points_now now;

	command_points_now(asking, account, &now);
	asking->reply->which_body = tally_Reply_operation_tag;
	*reply = (tally_OperationReply){.entry = entry->sequence,
	    .points = command_points_of(entry, account),
	    .balance = command_balance_of(entry, account),
	    .time_ms = entry->time_ms,
	    .repeated = outcome->repeated,
	    .spendable = now.spendable,
	    .pending = now.pending,
	    .until_ms = entry->until_ms};
	/* What moves no points says no balance. */
	if (now.pool != NULL && (entry->has & ENTRY_HAS(TAG_BALANCE)) == 0)
		reply->balance = now.pool->balance_points;
	/* What a reward was worth is the amount of its entry. */
	if (entry->kind == ENTRY_REDEEM || entry->kind == ENTRY_HOLD)
		reply->value_minor = entry->amount_minor;
	command_copy_text(reply->tier, sizeof(reply->tier), now.tier);
	reply->hash.size = HASH_SIZE;
	memcpy(reply->hash.bytes, outcome->hash.bytes, HASH_SIZE);
}

/* Has this account ever pooled with `head`? Its own entries say so. */
static bool has_pooled(struct asking *asking, uint64_t account, uint64_t head)
{
	struct shop *shop = asking->shop;
	const struct book_member *member =
	    book_member(ledger_book(shop->ledger), account);
	uint64_t at = member == NULL ? 0 : member->last_sequence;
	struct entry entry;

	while (at != 0 && ledger_read(shop->ledger, at, &shop->record, &entry,
			      NULL) == RESULT_OK) {
		if ((entry.kind == ENTRY_JOIN && entry.to_account == head) ||
		    (entry.kind == ENTRY_LEAVE && entry.from_account == head))
			return true;
		at = entry.to_account == account ? entry.to_previous_sequence
						 : entry.from_previous_sequence;
	}
	return false;
}

/*
 * Points that moved while the card pooled with another's are that one's entry.
 * Where it has left since, the same operation again is about what it was about
 * then, and no conflict.
 */
static bool was_of_pool(struct asking *asking, struct command *command)
{
	struct entry known;
	uint64_t named;

	if (command->account == 0 ||
	    !command_is_known(asking, command, &known) ||
	    known.kind != command->kind ||
	    memcmp(known.random, command->random, sizeof(known.random)) != 0)
		return false;
	named = entry_member(&known);
	if (named == command->account ||
	    !has_pooled(asking, command->account, named))
		return false;
	command->account = named;
	return true;
}

/* A conflict; or, once more, what was done for the pool. */
static enum result stage_for_pool(struct asking *asking,
    const struct command *command, const struct store_private *row,
    struct outcome *ret_outcome, struct error *err)
{
	struct command again = *command;

	if (!was_of_pool(asking, &again))
		return RESULT_OK;
	return ledger_stage(asking->shop->ledger, &again, row,
	    row == NULL ? 0 : 1, asking->now_ms, ret_outcome, err);
}

enum result command_stage(struct asking *asking, const struct command *command,
    const struct store_private *row, bool *ret_new, struct error *err)
{
	struct outcome outcome;
	enum result result = ledger_stage(asking->shop->ledger, command, row,
	    row == NULL ? 0 : 1, asking->now_ms, &outcome, err);

	*ret_new = false;
	if (result == RESULT_OK &&
	    outcome.refusal.code == REFUSAL_COUNTER_CONFLICT)
		result = stage_for_pool(asking, command, row, &outcome, err);
	if (result != RESULT_OK)
		return result;
	if (outcome.refusal.code != REFUSAL_NONE)
		return command_refuse_with(asking, &outcome.refusal);
	fill_outcome(asking, &outcome);
	*ret_new = !outcome.repeated;
	return RESULT_OK;
}

enum result command_stage_own(struct asking *asking, struct command *command,
    const struct store_private *row, uint64_t *ret_entry, struct error *err)
{
	struct outcome outcome;
	enum result result;

	*ret_entry = 0;
	crypto_random(command->random, sizeof(command->random));
	result = ledger_stage(asking->shop->ledger, command, row,
	    row == NULL ? 0 : 1, asking->now_ms, &outcome, err);
	if (result != RESULT_OK)
		return result;
	if (outcome.refusal.code != REFUSAL_NONE)
		return command_refuse_with(asking, &outcome.refusal);
	*ret_entry = outcome.entry.sequence;
	return RESULT_OK;
}

enum result command_answer_done(struct asking *asking, uint64_t entry)
{
	asking->reply->which_body = tally_Reply_done_tag;
	asking->reply->body.done.entry = entry;
	return RESULT_OK;
}
