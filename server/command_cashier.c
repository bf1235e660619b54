/*
 * command_cashier: cashiers, their PINs, and what happens to wrong ones.
 */
#include <stdio.h>
#include <string.h>

#include "server/command_inside.h"

static bool pin_is_good(const char *pin)
{
	size_t size = strlen(pin);

	return size >= PIN_SIZE_MIN && size <= PIN_SIZE_MAX &&
	       strspn(pin, "0123456789") == size;
}

enum result command_cashier_add(struct asking *asking, struct error *err)
{
	const tally_CashierAdd *wanted = &asking->request->body.cashier_add;
	const struct job *job = asking->job;
	struct command command = {.kind = ENTRY_CASHIER,
	    .role = wanted->role,
	    .standing = STANDING_ACTIVE};
	struct roster_cashier cashier = {.role = wanted->role};
	struct roster_row row;
	uint64_t entry;
	enum result result;

	if (!command_check_name(asking, wanted->name))
		return RESULT_OK;
	if (!pin_is_good(wanted->pin) || !job->pin_is_hashed ||
	    (wanted->role != ROLE_CASHIER && wanted->role != ROLE_SUPERVISOR))
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "A PIN of %u to %u digits and the role of a cashier or a "
		    "supervisor are wanted.",
		    PIN_SIZE_MIN, PIN_SIZE_MAX);
	command.subject =
	    book_cashier_last(ledger_book(asking->shop->ledger)) + 1;
	cashier.number = command.subject;
	command_copy_text(cashier.name, sizeof(cashier.name), wanted->name);
	memcpy(cashier.salt, job->pin_salt, sizeof(cashier.salt));
	memcpy(cashier.pin_hash, job->pin_hash, sizeof(cashier.pin_hash));
	if (cashier.number > CASHIERS_MAX)
		return command_refuse(asking, REFUSAL_LIMIT,
		    "A shop has at most %u cashiers.", CASHIERS_MAX);
	command.commitment =
	    roster_cashier_commitment(asking->shop->hasher, &cashier);
	roster_cashier_row(&cashier, &row);
	result = command_stage_own(asking, &command, &row.row, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	result = roster_set_cashier(asking->shop->roster, &cashier, err);
	if (result != RESULT_OK)
		return result;
	asking->reply->which_body = tally_Reply_cashier_add_tag;
	asking->reply->body.cashier_add.number = cashier.number;
	return RESULT_OK;
}

enum result command_cashier_list(struct asking *asking, struct error *err)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	tally_CashierListReply *reply = &asking->reply->body.cashier_list;
	uint32_t after = asking->request->body.cashier_list.after;
	size_t line_max = sizeof(reply->lines) / sizeof(reply->lines[0]);
	struct roster_cashier cashier;

	(void)err;
	reply->lines_count = 0;
	reply->next = 0;
	asking->reply->which_body = tally_Reply_cashier_list_tag;
	while (roster_cashier_next(
		   asking->shop->roster, after, &cashier, NULL) == RESULT_OK) {
		const struct book_cashier *known =
		    book_cashier(book, cashier.number);
		tally_CashierLine *line;

		if (reply->lines_count == line_max) {
			reply->next = after;
			break;
		}
		line = &reply->lines[reply->lines_count++];
		*line = (tally_CashierLine){.number = cashier.number,
		    .role = cashier.role,
		    .state = known == NULL ? 0 : known->standing};
		if (cashier.locked_until_ms > asking->now_ms)
			line->locked_ms =
			    cashier.locked_until_ms - asking->now_ms;
		command_copy_text(line->name, sizeof(line->name), cashier.name);
		after = cashier.number;
	}
	return RESULT_OK;
}

static enum result refuse_locked(
    struct asking *asking, const struct roster_cashier *cashier)
{
	struct refusal refusal = {.code = REFUSAL_PIN_LOCKED,
	    .wait_ms = cashier->locked_until_ms - asking->now_ms};

	snprintf(refusal.say, sizeof(refusal.say),
	    "Too many wrong PINs. Cashier %lu can log in again in %llu s.",
	    (unsigned long)cashier->number,
	    (unsigned long long)(refusal.wait_ms + 999) / 1000);
	return command_refuse_with(asking, &refusal);
}

static enum result keep_cashier(struct asking *asking,
    const struct roster_cashier *cashier, struct error *err)
{
	struct roster_row row;
	enum result result;

	roster_cashier_row(cashier, &row);
	result = ledger_stage_private(asking->shop->ledger, &row.row, err);
	if (result != RESULT_OK)
		return result;
	return roster_set_cashier(asking->shop->roster, cashier, err);
}

/* Count a wrong PIN; the count is on the disk before the answer is sent. */
static enum result refuse_wrong(
    struct asking *asking, struct roster_cashier *cashier, struct error *err)
{
	struct refusal refusal = {.code = REFUSAL_PIN_WRONG};
	enum result result;

	cashier->wrong_count++;
	refusal.left = PIN_WRONG_MAX - cashier->wrong_count;
	if (cashier->wrong_count >= PIN_WRONG_MAX) {
		cashier->wrong_count = 0;
		cashier->locked_until_ms = asking->now_ms + PIN_LOCK_MS;
	}
	result = keep_cashier(asking, cashier, err);
	if (result != RESULT_OK)
		return result;
	if (cashier->locked_until_ms > asking->now_ms)
		return refuse_locked(asking, cashier);
	snprintf(refusal.say, sizeof(refusal.say),
	    "Wrong PIN. %lu more before a lock-out.",
	    (unsigned long)refusal.left);
	return command_refuse_with(asking, &refusal);
}

/* Written even where nothing changes: a disk that takes no more would otherwise
 * tell the right PIN from wrong ones, none of which would be counted. */
static enum result admit(struct asking *asking, struct roster_cashier *cashier,
    bool *ret_good, struct error *err)
{
	enum result result;

	cashier->wrong_count = 0;
	result = keep_cashier(asking, cashier, err);
	*ret_good = result == RESULT_OK;
	return result;
}

enum result command_check_pin(struct asking *asking, uint32_t number,
    bool *ret_good, struct roster_cashier *ret_cashier, struct error *err)
{
	const struct job *job = asking->job;
	const struct book_cashier *known =
	    book_cashier(ledger_book(asking->shop->ledger), number);

	*ret_good = false;
	if (known == NULL || known->standing != STANDING_ACTIVE ||
	    roster_cashier(asking->shop->roster, number, ret_cashier, NULL) !=
		RESULT_OK)
		return command_refuse(asking, REFUSAL_CASHIER_UNKNOWN,
		    "There is no cashier %lu here.", (unsigned long)number);
	if (ret_cashier->locked_until_ms > asking->now_ms)
		return refuse_locked(asking, ret_cashier);
	/* Its lock-out ended on the way here, or there was no memory. */
	if (!job->pin_is_hashed)
		return command_refuse(asking, REFUSAL_OVERLOADED,
		    "The PIN was not checked. Enter it again.");
	if (!bytes_equal_secret(bytes_of(job->pin_hash, PIN_HASH_SIZE),
		bytes_of(ret_cashier->pin_hash, PIN_HASH_SIZE)))
		return refuse_wrong(asking, ret_cashier, err);
	return admit(asking, ret_cashier, ret_good, err);
}

enum result command_login(struct asking *asking, struct error *err)
{
	const tally_Login *login = &asking->request->body.login;
	tally_LoginReply *reply = &asking->reply->body.login;
	struct roster_cashier cashier;
	bool is_good;
	enum result result =
	    command_check_pin(asking, login->cashier, &is_good, &cashier, err);

	if (result != RESULT_OK || !is_good)
		return result;
	asking->reply->which_body = tally_Reply_login_tag;
	reply->role = cashier.role;
	reply->ticket.size = TICKET_SIZE;
	roster_ticket_make(asking->shop->roster,
	    asking->job->caller.peer.number, cashier.number, asking->now_ms,
	    reply->ticket.bytes);
	command_copy_text(reply->name, sizeof(reply->name), cashier.name);
	return RESULT_OK;
}
