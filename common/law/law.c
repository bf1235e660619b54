/*
 * law: owns the decision: a refusal, or one entry.
 *
 * A command is asked four things in this order: who asks, whether the thing is
 * well-formed, whether its account or subject is there, and whether the points
 * allow it. The order is part of the law: the same request gets the same
 * refusal for ever. Here stand who may ask, and what each kind of decision is
 * made of; law_inside.h says where the kinds themselves are.
 */
#include "common/law/law_inside.h"

#include <stdio.h>
#include <string.h>

/* --- refusing ------------------------------------------------------------- */

/* Cut in front of a character that does not end within `size` bytes. */
static void cut_text(char *text, size_t size)
{
	while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80)
		size--;
	text[size] = '\0';
}

bool law_refuse(
    struct deciding *deciding, enum refusal_code code, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (strlen(text) > SAY_SIZE_MAX)
		cut_text(text, SAY_SIZE_MAX);
	deciding->refusal->code = code;
	memcpy(deciding->refusal->say, text, strlen(text) + 1);
	return false;
}

bool law_refuse_malformed(struct deciding *deciding, const char *what)
{
	return law_refuse(deciding, REFUSAL_MALFORMED,
	    "The till asked wrongly (%s). Restart it; if it happens again, "
	    "tell the shop's owner.",
	    what);
}

bool law_refuse_limit(struct deciding *deciding)
{
	return law_refuse(deciding, REFUSAL_LIMIT,
	    "The programme's accounts cannot hold so many points. "
	    "Tell the owner.");
}

bool law_is_zero(struct bytes bytes)
{
	for (size_t index = 0; index < bytes.size; index++) {
		if (bytes.data[index] != 0)
			return false;
	}
	return true;
}

/* --- who asks ------------------------------------------------------------- */

/* Whose operation each kind is. */
enum asker { ASKER_NOBODY, ASKER_OWNER, ASKER_TILL, ASKER_EITHER };

static const enum asker askers[] = {
    [ENTRY_SHOP] = ASKER_OWNER,
    [ENTRY_PROGRAMME] = ASKER_OWNER,
    [ENTRY_TERMINAL] = ASKER_OWNER,
    [ENTRY_CASHIER] = ASKER_OWNER,
    [ENTRY_ENROL] = ASKER_EITHER,
    [ENTRY_EARN] = ASKER_TILL,
    [ENTRY_REDEEM] = ASKER_TILL,
    [ENTRY_RETURN] = ASKER_TILL,
    [ENTRY_SALE] = ASKER_TILL,
    [ENTRY_HOLD] = ASKER_TILL,
    [ENTRY_VOID] = ASKER_TILL,
    [ENTRY_EXPIRE] = ASKER_OWNER,
    [ENTRY_TIER] = ASKER_OWNER,
    [ENTRY_NOTICE] = ASKER_OWNER,
    [ENTRY_ADJUST] = ASKER_EITHER,
    [ENTRY_TRANSFER] = ASKER_TILL,
    [ENTRY_JOIN] = ASKER_EITHER,
    [ENTRY_LEAVE] = ASKER_EITHER,
    [ENTRY_CARD] = ASKER_EITHER,
    [ENTRY_MEMBER] = ASKER_EITHER,
    [ENTRY_STAFF] = ASKER_OWNER,
    [ENTRY_BONUS] = ASKER_OWNER,
};
#define ASKERS_END (sizeof(askers) / sizeof(askers[0]))

static enum asker asker_of(enum entry_kind kind)
{
	return (size_t)kind < ASKERS_END ? askers[kind] : ASKER_NOBODY;
}

/* The server itself: it counts its own operations without a gap. */
static bool ask_owner(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_head *head = book_head(deciding->book);

	if (asker_of(command->kind) == ASKER_TILL)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "Only a till can do this. Do it at a till.");
	if (command->cashier != 0)
		return law_refuse_malformed(deciding, "no cashier is wanted");
	if (command->counter != head->server_counter + 1)
		return law_refuse(deciding, REFUSAL_COUNTER_CONFLICT,
		    "This was numbered %llu where %llu is next. Try again.",
		    (unsigned long long)command->counter,
		    (unsigned long long)head->server_counter + 1);
	if (command->kind == ENTRY_SHOP && head->sequence != 0)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "This ledger has a shop already. Choose another folder.");
	if (command->kind != ENTRY_SHOP && head->sequence == 0)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "This ledger has no shop yet. Make the shop first.");
	return true;
}

/* Who pools with whom, a further card, a card that is let in again and a
 * segment are worth points, so a supervisor answers for them. A lost card can
 * be blocked at once by whoever stands there. */
static bool wants_supervisor(const struct command *command)
{
	switch (command->kind) {
	case ENTRY_JOIN:
	case ENTRY_LEAVE:
		return true;
	case ENTRY_CARD:
		return command->standing != STANDING_REVOKED;
	case ENTRY_MEMBER:
		return command->segment.size > 0;
	default:
		return false;
	}
}

static bool ask_cashier(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_cashier *cashier;
	struct book_totals totals;

	if (command->cashier == 0) {
		book_totals(deciding->book, &totals);
		if (totals.cashiers == 0 && command->kind != ENTRY_ADJUST)
			return true;
		return law_refuse(deciding, REFUSAL_CASHIER_REQUIRED,
		    "Log in with your PIN first.");
	}
	cashier = book_cashier(deciding->book, command->cashier);
	if (cashier == NULL || cashier->standing != STANDING_ACTIVE)
		return law_refuse(deciding, REFUSAL_CASHIER_UNKNOWN,
		    "Cashier %u is not known here. Log in again, or ask the "
		    "owner.",
		    command->cashier);
	if (wants_supervisor(command) && cashier->role != ROLE_SUPERVISOR)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "This wants a supervisor. Ask one to log in.");
	return true;
}

static bool ask_terminal(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_terminal *terminal =
	    book_terminal(deciding->book, command->terminal);

	if (terminal == NULL)
		return law_refuse(deciding, REFUSAL_TERMINAL_UNKNOWN,
		    "This till is not known here. Ask the owner to add it.");
	if (terminal->standing != STANDING_ACTIVE)
		return law_refuse(deciding, REFUSAL_TERMINAL_REVOKED,
		    "This till has been shut out. Ask the owner.");
	if (terminal->role != ROLE_TERMINAL ||
	    asker_of(command->kind) == ASKER_OWNER)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "This till may not do that. Ask the owner.");
	/* A counter below the highest may still come: tills send again. That
	 * it is new is for the ledger to look up. */
	if (command->counter < 1 || command->counter > COUNTER_MAX)
		return law_refuse_malformed(
		    deciding, "its counter is out of range");
	if (terminal->tombstone_count > 0 &&
	    book_is_tombstone(
		deciding->book, command->terminal, command->counter))
		return law_refuse(deciding, REFUSAL_VOIDED,
		    "This was undone before it came. Nothing was done.");
	return ask_cashier(deciding);
}

static bool ask_who(struct deciding *deciding)
{
	const struct command *command = deciding->command;

	if (asker_of(command->kind) == ASKER_NOBODY)
		return law_refuse_malformed(deciding, "there is no such thing");
	if (command->terminal == 0 ? !ask_owner(deciding)
				   : !ask_terminal(deciding))
		return false;
	if (book_head(deciding->book)->sequence >= SEQUENCE_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "The ledger is full. Tell the owner.");
	return true;
}

/* --- parts of an answer --------------------------------------------------- */

const struct programme *law_in_force(struct deciding *deciding)
{
	const struct book_programme *version = book_programme(deciding->book);

	if (version == NULL) {
		(void)law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "The shop has no rules yet. Ask the owner to set them.");
		return NULL;
	}
	deciding->entry->programme_sequence = version->sequence;
	return version->programme;
}

bool law_take_receipt(struct deciding *deciding)
{
	struct bytes receipt = deciding->command->receipt;

	if (receipt.size == 0)
		return true;
	if (receipt.size > RECEIPT_SIZE_MAX || !bytes_are_text(receipt, NULL))
		return law_refuse_malformed(
		    deciding, "a receipt's number is at most 40 bytes of text");
	deciding->entry->receipt = receipt;
	deciding->entry->has |= ENTRY_HAS(TAG_RECEIPT);
	return true;
}

const struct book_member *law_find_member(
    struct deciding *deciding, uint64_t account)
{
	const struct book_member *member = book_pool(deciding->book, account);

	if (member == NULL)
		(void)law_refuse(deciding, REFUSAL_CARD_UNKNOWN,
		    "This card is not known here. Enrol it first.");
	return member;
}

/* --- the whole ------------------------------------------------------------ */

typedef bool decide_fn(struct deciding *deciding);

static decide_fn *const decide_kinds[] = {
    [ENTRY_SHOP] = law_decide_shop,
    [ENTRY_PROGRAMME] = law_decide_programme,
    [ENTRY_TERMINAL] = law_decide_terminal,
    [ENTRY_CASHIER] = law_decide_cashier,
    [ENTRY_ENROL] = law_decide_enrol,
    [ENTRY_EARN] = law_decide_earn,
    [ENTRY_REDEEM] = law_decide_redeem,
    [ENTRY_RETURN] = law_decide_return,
    [ENTRY_SALE] = law_decide_sale,
    [ENTRY_HOLD] = law_decide_hold,
    [ENTRY_VOID] = law_decide_void,
    [ENTRY_EXPIRE] = law_decide_expire,
    [ENTRY_TIER] = law_decide_tier,
    [ENTRY_NOTICE] = law_decide_notice,
    [ENTRY_ADJUST] = law_decide_adjust,
    [ENTRY_TRANSFER] = law_decide_transfer,
    [ENTRY_JOIN] = law_decide_join,
    [ENTRY_LEAVE] = law_decide_leave,
    [ENTRY_CARD] = law_decide_card,
    [ENTRY_MEMBER] = law_decide_member,
    [ENTRY_STAFF] = law_decide_staff,
    [ENTRY_BONUS] = law_decide_bonus,
};

static void name_entry(const struct deciding *deciding, uint64_t now_ms)
{
	const struct command *command = deciding->command;
	const struct book_head *head = book_head(deciding->book);
	struct entry *entry = deciding->entry;

	memset(entry, 0, sizeof(*entry));
	entry->kind = command->kind;
	entry->sequence = head->sequence + 1;
	entry->time_ms = now_ms > head->time_ms ? now_ms : head->time_ms;
	entry->terminal = command->terminal;
	entry->counter = command->counter;
	entry->cashier = command->cashier;
	memcpy(entry->random, command->random, sizeof(entry->random));
}

/* The lists of a decision are large, and only what is written in them is ever
 * read: they are not cleared. */
void law_decide(const struct book *book, const struct command *command,
    uint64_t now_ms, struct decision *ret_decision)
{
	struct deciding deciding = {
	    .book = book,
	    .command = command,
	    .refusal = &ret_decision->refusal,
	    .entry = &ret_decision->entry,
	    .parts = ret_decision->parts,
	    .lots = ret_decision->lots,
	};

	memset(&ret_decision->refusal, 0, sizeof(ret_decision->refusal));
	name_entry(&deciding, now_ms);
	if (ask_who(&deciding) && decide_kinds[command->kind](&deciding))
		return;
	/* Nothing half decided is shown to anyone. */
	memset(&ret_decision->entry, 0, sizeof(ret_decision->entry));
}
