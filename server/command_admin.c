/*
 * command_admin: what the owner does: terminals, cashiers, rewards, the ledger
 * shown; and how a new terminal is let in.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"
#include "common/ledger/checkpoint.h"
#include "server/command_inside.h"

#define TOKEN_MS_LONGEST (30ull * 24 * 3600 * 1000)

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

static enum result answer_done(struct asking *asking, uint64_t entry)
{
	asking->reply->which_body = tally_Reply_done_tag;
	asking->reply->body.done.entry = entry;
	return RESULT_OK;
}

/* A person's or a till's name: some text. False: refused. */
static bool check_name(struct asking *asking, const char *name)
{
	if (name[0] != '\0' && strlen(name) <= NAME_SIZE_MAX &&
	    bytes_are_text(bytes_of_string(name), NULL))
		return true;
	command_refuse(asking, REFUSAL_MALFORMED,
	    "A name of 1 to %u bytes is wanted.", NAME_SIZE_MAX);
	return false;
}

/* --- terminals
 * ------------------------------------------------------------------ */

/* A number that neither the chain nor a waiting token has. */
static uint32_t next_terminal(struct shop *shop)
{
	uint32_t known = book_terminal_last(ledger_book(shop->ledger));
	uint32_t waiting = roster_terminal_last(shop->roster);

	return (known > waiting ? known : waiting) + 1;
}

static enum result make_token(struct asking *asking,
    const uint8_t secret[TOKEN_SECRET_SIZE], char ret_text[TOKEN_SIZE_MAX + 1],
    struct error *err)
{
	struct token token;
	enum result result = certificate_pin(
	    buffer_view(&asking->shop->authority), &token.authority_pin, err);

	memcpy(token.secret, secret, TOKEN_SECRET_SIZE);
	if (result == RESULT_OK)
		result = token_format(&token, ret_text, err);
	crypto_wipe(&token, sizeof(token));
	return result;
}

/* Staged before it is set: a group that is full is tried again. */
static enum result keep_terminal(struct asking *asking,
    const struct roster_terminal *terminal, struct error *err)
{
	struct roster_row row;
	enum result result;

	roster_terminal_row(terminal, &row);
	result = ledger_stage_private(asking->shop->ledger, &row.row, err);
	if (result != RESULT_OK)
		return result;
	return roster_set_terminal(asking->shop->roster, terminal, err);
}

enum result command_terminal_add(struct asking *asking, struct error *err)
{
	const tally_TerminalAdd *wanted = &asking->request->body.terminal_add;
	tally_TerminalAddReply *reply = &asking->reply->body.terminal_add;
	struct roster_terminal terminal = {.role = wanted->role};
	uint8_t secret[TOKEN_SECRET_SIZE];
	enum result result;

	if (!check_name(asking, wanted->name))
		return RESULT_OK;
	terminal.number = next_terminal(asking->shop);
	if ((terminal.role != ROLE_TERMINAL && terminal.role != ROLE_AUDITOR) ||
	    wanted->valid_ms > TOKEN_MS_LONGEST)
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "A terminal is a till or an auditor, and its token lives "
		    "at most 30 days.");
	if (terminal.number > TERMINALS_MAX)
		return command_refuse(asking, REFUSAL_LIMIT,
		    "A shop has at most %u terminals.", TERMINALS_MAX);
	crypto_random(secret, sizeof(secret));
	terminal.secret_hash =
	    hash_plain(asking->shop->hasher, bytes_of(secret, sizeof(secret)));
	terminal.expires_ms =
	    asking->now_ms +
	    (wanted->valid_ms == 0 ? TOKEN_MS : wanted->valid_ms);
	command_copy_text(terminal.name, sizeof(terminal.name), wanted->name);
	result = make_token(asking, secret, reply->token, err);
	if (result == RESULT_OK)
		result = keep_terminal(asking, &terminal, err);
	crypto_wipe(secret, sizeof(secret));
	asking->reply->which_body = tally_Reply_terminal_add_tag;
	reply->number = terminal.number;
	reply->expires_ms = terminal.expires_ms;
	return result;
}

static void fill_terminal(struct shop *shop,
    const struct roster_terminal *terminal, tally_TerminalLine *line)
{
	const struct book_terminal *known =
	    book_terminal(ledger_book(shop->ledger), terminal->number);

	*line = (tally_TerminalLine){.number = terminal->number,
	    .role = terminal->role,
	    .connected =
		presence_is_connected(shop->presence, terminal->number)};
	command_copy_text(line->name, sizeof(line->name), terminal->name);
	if (known != NULL && known->standing != 0) {
		line->state = known->standing;
		line->counter_max = known->counter_max;
	} else if (terminal->expires_ms == 0) {
		line->state = STANDING_REVOKED; /* its token was withdrawn */
	}
}

enum result command_terminal_list(struct asking *asking, struct error *err)
{
	tally_TerminalListReply *reply = &asking->reply->body.terminal_list;
	uint32_t after = asking->request->body.terminal_list.after;
	size_t line_max = sizeof(reply->lines) / sizeof(reply->lines[0]);
	struct roster_terminal terminal;

	(void)err;
	reply->lines_count = 0;
	reply->next = 0;
	asking->reply->which_body = tally_Reply_terminal_list_tag;
	while (roster_terminal_next(
		   asking->shop->roster, after, &terminal, NULL) == RESULT_OK) {
		if (reply->lines_count == line_max) {
			reply->next = after;
			break;
		}
		fill_terminal(asking->shop, &terminal,
		    &reply->lines[reply->lines_count++]);
		after = terminal.number;
	}
	return RESULT_OK;
}

/* A terminal that has not come yet loses its token; the chain has no word of
 * it, so no entry is needed. */
static enum result withdraw_token(
    struct asking *asking, struct roster_terminal *terminal, struct error *err)
{
	enum result result;

	if (terminal->expires_ms == 0)
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "Terminal %lu was revoked before it came.",
		    (unsigned long)terminal->number);
	terminal->expires_ms = 0;
	terminal->secret_hash = (struct hash){{0}};
	result = keep_terminal(asking, terminal, err);
	if (result != RESULT_OK)
		return result;
	return answer_done(asking, 0);
}

enum result command_terminal_revoke(struct asking *asking, struct error *err)
{
	uint32_t number = asking->request->body.terminal_revoke.number;
	struct command command = {.kind = ENTRY_TERMINAL,
	    .subject = number,
	    .standing = STANDING_REVOKED};
	const struct book_terminal *known =
	    book_terminal(ledger_book(asking->shop->ledger), number);
	struct roster_terminal terminal;
	uint64_t entry;
	enum result result;

	if (roster_terminal(asking->shop->roster, number, &terminal, NULL) !=
	    RESULT_OK)
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "There is no terminal %lu. See: terminal list",
		    (unsigned long)number);
	if (known == NULL || known->standing == 0)
		return withdraw_token(asking, &terminal, err);
	command.role = known->role;
	result = command_stage_own(asking, &command, NULL, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	return answer_done(asking, entry);
}

/* The certificate for a signing request, and its key's hash. */
static enum result sign_terminal(struct asking *asking,
    const struct roster_terminal *terminal, tally_EnrolTerminalReply *reply,
    struct hash *ret_key, struct error *err)
{
	const tally_EnrolTerminal *wanted =
	    &asking->request->body.enrol_terminal;
	struct shop *shop = asking->shop;
	struct buffer certificate = {0};
	enum result result = certificate_make_client(shop->authority_key,
	    buffer_view(&shop->authority),
	    bytes_of(wanted->csr.bytes, wanted->csr.size), terminal->role,
	    terminal->number, asking->now_ms, &certificate, ret_key, err);

	if (result == RESULT_OK &&
	    (certificate.size > sizeof(reply->certificate.bytes) ||
		shop->authority.size > sizeof(reply->authority.bytes)))
		result = error_set(
		    err, RESULT_INVALID, "the certificate is too long");
	if (result == RESULT_OK) {
		reply->terminal = terminal->number;
		reply->certificate.size = (pb_size_t)certificate.size;
		memcpy(reply->certificate.bytes, certificate.data,
		    certificate.size);
		reply->authority.size = (pb_size_t)shop->authority.size;
		memcpy(reply->authority.bytes, shop->authority.data,
		    shop->authority.size);
	}
	buffer_finish(&certificate);
	return result;
}

/*
 * The token is used up in the same append that admits the terminal. If the
 * answer is lost on the way the token is gone: the owner makes another.
 */
enum result command_enrol_terminal(struct asking *asking, struct error *err)
{
	const tally_EnrolTerminal *wanted =
	    &asking->request->body.enrol_terminal;
	struct command command = {
	    .kind = ENTRY_TERMINAL, .standing = STANDING_ACTIVE};
	struct roster_terminal terminal;
	struct roster_row row;
	struct error why;
	uint64_t entry;
	enum result result;

	if (roster_token(asking->shop->roster, wanted->secret.bytes,
		asking->now_ms, &terminal, &why) != RESULT_OK)
		return command_refuse(
		    asking, REFUSAL_TOKEN_INVALID, "Refused: %s.", why.text);
	result = sign_terminal(asking, &terminal,
	    &asking->reply->body.enrol_terminal, &command.key, &why);
	if (result != RESULT_OK)
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "The signing request is not good: %s.", why.text);
	terminal.expires_ms = 0;
	terminal.secret_hash = (struct hash){{0}};
	roster_terminal_row(&terminal, &row);
	command.subject = terminal.number;
	command.role = terminal.role;
	asking->reply->which_body = tally_Reply_enrol_terminal_tag;
	result = command_stage_own(asking, &command, &row.row, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	return roster_set_terminal(asking->shop->roster, &terminal, err);
}

/* --- cashiers
 * ------------------------------------------------------------------- */

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

	if (!check_name(asking, wanted->name))
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
static enum result admit(
    struct asking *asking, struct roster_cashier *cashier, struct error *err)
{
	tally_LoginReply *reply = &asking->reply->body.login;
	enum result result;

	cashier->wrong_count = 0;
	result = keep_cashier(asking, cashier, err);
	asking->reply->which_body = tally_Reply_login_tag;
	reply->role = cashier->role;
	reply->ticket.size = TICKET_SIZE;
	roster_ticket_make(asking->shop->roster,
	    asking->job->caller.peer.number, cashier->number, asking->now_ms,
	    reply->ticket.bytes);
	command_copy_text(reply->name, sizeof(reply->name), cashier->name);
	return result;
}

enum result command_login(struct asking *asking, struct error *err)
{
	const tally_Login *login = &asking->request->body.login;
	const struct job *job = asking->job;
	const struct book_cashier *known =
	    book_cashier(ledger_book(asking->shop->ledger), login->cashier);
	struct roster_cashier cashier;

	if (known == NULL || known->standing != STANDING_ACTIVE ||
	    roster_cashier(asking->shop->roster, login->cashier, &cashier,
		NULL) != RESULT_OK)
		return command_refuse(asking, REFUSAL_CASHIER_UNKNOWN,
		    "There is no cashier %lu here.",
		    (unsigned long)login->cashier);
	if (cashier.locked_until_ms > asking->now_ms)
		return refuse_locked(asking, &cashier);
	/* Its lock-out ended on the way here, or there was no memory. */
	if (!job->pin_is_hashed)
		return command_refuse(asking, REFUSAL_OVERLOADED,
		    "The PIN was not checked. Log in again.");
	if (!bytes_equal_secret(bytes_of(job->pin_hash, PIN_HASH_SIZE),
		bytes_of(cashier.pin_hash, PIN_HASH_SIZE)))
		return refuse_wrong(asking, &cashier, err);
	return admit(asking, &cashier, err);
}

/* --- the programme and the ledger
 * -------------------------------------------------- */

enum result command_reward_add(struct asking *asking, struct error *err)
{
	const tally_RewardAdd *wanted = &asking->request->body.reward_add;
	const struct book_programme *current =
	    book_programme(ledger_book(asking->shop->ledger));
	struct command command = {.kind = ENTRY_PROGRAMME};
	struct programme_reward reward = {.points = wanted->points};
	struct buffer text = {0};
	struct error why;
	uint64_t entry;
	enum result result;

	command_copy_text(reward.id, sizeof(reward.id), wanted->reward);
	command_copy_text(reward.name, sizeof(reward.name), wanted->name);
	result = programme_with_reward(
	    current == NULL ? bytes_of(NULL, 0) : current->text, &reward, &text,
	    &why);
	if (result == RESULT_NO_MEMORY)
		return error_no_memory(err);
	if (result != RESULT_OK)
		return command_refuse(asking,
		    result == RESULT_EXISTS ? REFUSAL_EXISTS
					    : REFUSAL_MALFORMED,
		    "The reward was not added: %s.", why.text);
	command.text = buffer_view(&text);
	result = command_stage_own(asking, &command, NULL, &entry, err);
	buffer_finish(&text);
	if (result != RESULT_OK || entry == 0)
		return result;
	return answer_done(asking, entry);
}

static void fill_totals(const struct book *book, tally_LedgerShowReply *reply)
{
	const struct book_programme *current = book_programme(book);
	struct book_totals totals;

	book_totals(book, &totals);
	reply->members = totals.members;
	reply->terminals = (uint32_t)totals.terminals;
	reply->cashiers = (uint32_t)totals.cashiers;
	reply->issued = -totals.issued_points;
	reply->redeemed = totals.redeemed_points;
	reply->outstanding = totals.members_points;
	if (current == NULL)
		return;
	reply->programme = current->sequence;
	command_copy_text(
	    reply->shop, sizeof(reply->shop), current->programme->name);
	command_copy_text(reply->programme_name, sizeof(reply->programme_name),
	    current->programme->name);
}

/* Head, hash and root are those that this group leads to: they are durable
 * when the reply is sent. */
enum result command_ledger_show(struct asking *asking, struct error *err)
{
	struct ledger *ledger = asking->shop->ledger;
	const struct book *book = ledger_book(ledger);
	tally_LedgerShowReply *reply = &asking->reply->body.ledger_show;
	struct bytes origin = book_shop_origin(book);
	struct hash head_hash = ledger_head_hash(ledger);
	struct hash root = ledger_root(ledger);
	struct note note;

	*reply = (tally_LedgerShowReply){.head = book_head(book)->sequence,
	    .head_time_ms = book_head(book)->time_ms};
	snprintf(reply->origin, sizeof(reply->origin), "%.*s", (int)origin.size,
	    (const char *)origin.data);
	reply->head_hash.size = HASH_SIZE;
	memcpy(reply->head_hash.bytes, head_hash.bytes, HASH_SIZE);
	reply->root.size = HASH_SIZE;
	memcpy(reply->root.bytes, root.bytes, HASH_SIZE);
	if (ledger_checkpoint(ledger, &note) != 0) {
		reply->checkpoint.size = (pb_size_t)note.size;
		memcpy(reply->checkpoint.bytes, note.text, note.size);
	}
	fill_totals(book, reply);
	asking->reply->which_body = tally_Reply_ledger_show_tag;
	return verifier_key_format(reply->origin, book_shop_key(book)->bytes,
	    reply->verifier_key, err);
}
