/*
 * law: owns the decision: a refusal, or one entry.
 *
 * A command is asked four things in this order: who asks, whether the thing is
 * well-formed, whether its account or subject is there, and whether the points
 * allow it. The order is part of the law: the same request gets the same
 * refusal for ever. law_owner.c holds what the owner may do, and law_check.c
 * looks back from entries to these decisions.
 */
#include "common/law/law_inside.h"

#include <assert.h>
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

bool law_is_zero(struct bytes bytes)
{
	for (size_t index = 0; index < bytes.size; index++) {
		if (bytes.data[index] != 0)
			return false;
	}
	return true;
}

/* --- who asks ------------------------------------------------------------- */

static bool is_for_owner(enum entry_kind kind)
{
	return kind == ENTRY_SHOP || kind == ENTRY_PROGRAMME ||
	       kind == ENTRY_TERMINAL || kind == ENTRY_CASHIER;
}

/* The server itself: it counts its own operations without a gap. */
static bool ask_owner(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_head *head = book_head(deciding->book);

	if (!is_for_owner(command->kind))
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

static bool ask_cashier(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_cashier *cashier;
	struct book_totals totals;

	if (command->cashier == 0) {
		book_totals(deciding->book, &totals);
		if (totals.cashiers == 0)
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
	if (terminal->role != ROLE_TERMINAL || is_for_owner(command->kind))
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "This till may not do that. Ask the owner.");
	/* A counter below the highest may still come: tills send again. That
	 * it is new is for the ledger to look up. */
	if (command->counter < 1 || command->counter > COUNTER_MAX)
		return law_refuse_malformed(
		    deciding, "its counter is out of range");
	return ask_cashier(deciding);
}

static bool ask_who(struct deciding *deciding)
{
	const struct command *command = deciding->command;

	if (command->kind < ENTRY_SHOP || command->kind > ENTRY_RETURN)
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

/* The rules in force; they judge this entry. NULL and a refusal before any. */
static const struct programme *in_force(struct deciding *deciding)
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

static bool take_receipt(struct deciding *deciding)
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

static const struct book_member *find_member(struct deciding *deciding)
{
	const struct book_member *member =
	    book_member(deciding->book, deciding->command->account);

	if (member == NULL)
		(void)law_refuse(deciding, REFUSAL_CARD_UNKNOWN,
		    "This card is not known here. Enrol it first.");
	return member;
}

static bool is_within_limits(int64_t points)
{
	return points >= -BALANCE_POINTS_MAX && points <= BALANCE_POINTS_MAX;
}

/*
 * Move `points` between a member and one of the programme's accounts: to the
 * member where `in`. The balances are within limits before, and one entry's
 * points are few beside them, so no sum overflows.
 */
static bool move(struct deciding *deciding, const struct book_member *member,
    enum account own, uint64_t points, bool in)
{
	struct entry *entry = deciding->entry;
	int64_t signed_points = in ? (int64_t)points : -(int64_t)points;
	int64_t own_points =
	    book_account_points(deciding->book, own) - signed_points;

	assert(points <= POINTS_MAX);
	entry->balance_points = member->balance_points + signed_points;
	if (!is_within_limits(entry->balance_points) ||
	    !is_within_limits(own_points))
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "The programme's accounts cannot hold so many points. "
		    "Tell the owner.");
	entry->points = points;
	entry->from_account = in ? own : member->account;
	entry->to_account = in ? member->account : own;
	if (in)
		entry->to_previous_sequence = member->last_sequence;
	else
		entry->from_previous_sequence = member->last_sequence;
	entry->has |= ENTRY_HAS(TAG_BALANCE);
	return true;
}

/* --- members -------------------------------------------------------------- */

static bool decide_enrol(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	struct entry *entry = deciding->entry;

	if (command->account < ACCOUNT_MEMBER_MIN ||
	    command->account > ACCOUNT_MEMBER_MAX)
		return law_refuse_malformed(
		    deciding, "a member's account is out of range");
	if (law_is_zero(hash_view(&command->commitment)))
		return law_refuse_malformed(
		    deciding, "a member's commitment is missing");
	if (book_member(deciding->book, command->account) != NULL)
		return law_refuse(deciding, REFUSAL_EXISTS,
		    "This account's number is taken. Try again.");
	entry->to_account = command->account;
	entry->commitment = command->commitment;
	entry->has |= ENTRY_HAS(TAG_COMMITMENT);
	return true;
}

static bool decide_earn(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = in_force(deciding);
	const struct book_member *member;
	uint64_t max;

	if (programme == NULL)
		return false;
	max = programme->sale_amount_minor_max;
	if (command->amount_minor < 1 || command->amount_minor > max) {
		deciding->refusal->required = max;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "A sale is 0.01 to %llu.%02llu %s. Check the amount.",
		    (unsigned long long)max / 100,
		    (unsigned long long)max % 100, programme->currency);
	}
	if (!take_receipt(deciding))
		return false;
	member = find_member(deciding);
	if (member == NULL)
		return false;
	deciding->entry->amount_minor = command->amount_minor;
	return move(deciding, member, ACCOUNT_ISSUED,
	    programme_earn_points(programme, command->amount_minor), true);
}

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

static bool decide_redeem(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = in_force(deciding);
	const struct programme_reward *reward;
	const struct book_member *member;

	if (programme == NULL)
		return false;
	reward = programme_reward(programme, command->reward);
	if (reward == NULL)
		return law_refuse(deciding, REFUSAL_REWARD_UNKNOWN,
		    "There is no such reward now. Choose one of the list.");
	if (!take_receipt(deciding))
		return false;
	member = find_member(deciding);
	if (member == NULL)
		return false;
	if (member->balance_points < (int64_t)reward->points)
		return refuse_points(deciding, reward, member->balance_points);
	deciding->entry->reward = command->reward;
	deciding->entry->has |= ENTRY_HAS(TAG_REWARD);
	return move(deciding, member, ACCOUNT_REDEEMED, reward->points, false);
}

/* --- returns -------------------------------------------------------------- */

/*
 * The points to take back when `back_minor` of the sale's amount has come back
 * in all: those of the sale, without those taken back before, and without what
 * the part that is kept still earns by the sale's own rules. Many small
 * returns so take back what one large one does.
 */
static uint64_t claw_back(const struct programme *programme,
    const struct entry *sale, uint64_t back_minor, uint64_t taken_points)
{
	uint64_t kept_points =
	    programme_earn_points(programme, sale->amount_minor - back_minor);

	if (sale->points < taken_points ||
	    sale->points - taken_points < kept_points)
		return 0;
	return sale->points - taken_points - kept_points;
}

/* The member of the sale that comes back; NULL and a refusal where there is no
 * such sale, or it is another member's. */
static const struct book_member *find_sale(
    struct deciding *deciding, const struct programme **ret_programme)
{
	const struct command *command = deciding->command;
	const struct entry *sale = command->related;
	const struct book_programme *version = NULL;
	const struct book_member *member = NULL;

	if (sale != NULL && sale->kind == ENTRY_EARN && sale->sequence > 0 &&
	    sale->sequence <= book_head(deciding->book)->sequence &&
	    sale->points <= POINTS_MAX &&
	    (command->account == 0 || command->account == sale->to_account)) {
		member = book_member(deciding->book, sale->to_account);
		version =
		    book_programme_at(deciding->book, sale->programme_sequence);
	}
	if (member == NULL || version == NULL) {
		(void)law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
		    "There is no such sale. Check the number on the receipt.");
		return NULL;
	}
	*ret_programme = version->programme;
	return member;
}

static bool refuse_return(
    struct deciding *deciding, uint64_t left_minor, const char *currency)
{
	struct refusal *refusal = deciding->refusal;

	refusal->required = deciding->command->amount_minor;
	refusal->available = (int64_t)left_minor;
	if (left_minor == 0)
		return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
		    "All of this sale has come back already.");
	return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
	    "At most %llu.%02llu %s of this sale can come back.",
	    (unsigned long long)left_minor / 100,
	    (unsigned long long)left_minor % 100, currency);
}

/*
 * `required` of a refused amount is the largest that is allowed: for a return
 * of nothing, what is left of the sale.
 */
static bool decide_return(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct entry *sale = command->related;
	const struct programme *programme;
	const struct book_member *member;
	const struct book_returned *returned;
	uint64_t back_minor = 0;
	uint64_t left_minor;

	if (in_force(deciding) == NULL || !take_receipt(deciding))
		return false;
	member = find_sale(deciding, &programme);
	if (member == NULL)
		return false;
	returned = book_returned(member, sale->sequence);
	if (returned != NULL)
		back_minor = returned->amount_minor;
	left_minor = sale->amount_minor > back_minor
			 ? sale->amount_minor - back_minor
			 : 0;
	if (command->amount_minor == 0) {
		deciding->refusal->required = left_minor;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "A return is 0.01 at least. Check the amount.");
	}
	if (command->amount_minor > left_minor)
		return refuse_return(deciding, left_minor, programme->currency);
	deciding->entry->amount_minor = command->amount_minor;
	deciding->entry->related_sequence = sale->sequence;
	return move(deciding, member, ACCOUNT_ISSUED,
	    claw_back(programme, sale, back_minor + command->amount_minor,
		returned != NULL ? returned->points : 0),
	    false);
}

/* --- the whole ------------------------------------------------------------ */

static bool decide_kind(struct deciding *deciding)
{
	switch (deciding->command->kind) {
	case ENTRY_SHOP:
		return law_decide_shop(deciding);
	case ENTRY_PROGRAMME:
		return law_decide_programme(deciding);
	case ENTRY_TERMINAL:
		return law_decide_terminal(deciding);
	case ENTRY_CASHIER:
		return law_decide_cashier(deciding);
	case ENTRY_ENROL:
		return decide_enrol(deciding);
	case ENTRY_EARN:
		return decide_earn(deciding);
	case ENTRY_REDEEM:
		return decide_redeem(deciding);
	case ENTRY_RETURN:
		return decide_return(deciding);
	}
	return false; /* not reached: ask_who() knows the kinds */
}

static void name_entry(const struct deciding *deciding, uint64_t now_ms)
{
	const struct command *command = deciding->command;
	const struct book_head *head = book_head(deciding->book);
	struct entry *entry = deciding->entry;

	entry->kind = command->kind;
	entry->sequence = head->sequence + 1;
	entry->time_ms = now_ms > head->time_ms ? now_ms : head->time_ms;
	entry->terminal = command->terminal;
	entry->counter = command->counter;
	entry->cashier = command->cashier;
	memcpy(entry->random, command->random, sizeof(entry->random));
}

void law_decide(const struct book *book, const struct command *command,
    uint64_t now_ms, struct decision *ret_decision)
{
	struct deciding deciding = {
	    .book = book,
	    .command = command,
	    .refusal = &ret_decision->refusal,
	    .entry = &ret_decision->entry,
	};

	memset(ret_decision, 0, sizeof(*ret_decision));
	if (ask_who(&deciding) && decide_kind(&deciding)) {
		name_entry(&deciding, now_ms);
		return;
	}
	/* Nothing half decided is shown to anyone. */
	memset(&ret_decision->entry, 0, sizeof(ret_decision->entry));
}
