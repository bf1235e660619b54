/*
 * command_admin: what the owner does about terminals and rewards, and how a new
 * terminal is let in.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"
#include "server/command_inside.h"

#define TOKEN_MS_LONGEST (30ull * 24 * 3600 * 1000)

bool command_check_name(struct asking *asking, const char *name)
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

/* What is asked for can be a terminal. False: refused. */
static bool check_terminal(
    struct asking *asking, const tally_TerminalAdd *wanted, uint32_t number)
{
	if (!command_check_name(asking, wanted->name))
		return false;
	if ((wanted->role != ROLE_TERMINAL && wanted->role != ROLE_AUDITOR) ||
	    wanted->valid_ms > TOKEN_MS_LONGEST) {
		command_refuse(asking, REFUSAL_MALFORMED,
		    "A terminal is a till or an auditor, and its token lives "
		    "at most 30 days.");
		return false;
	}
	if (number > TERMINALS_MAX) {
		command_refuse(asking, REFUSAL_LIMIT,
		    "A shop has at most %u terminals.", TERMINALS_MAX);
		return false;
	}
	if (wanted->shop[0] == '\0' || command_is_id(wanted->shop))
		return true;
	command_refuse(asking, REFUSAL_MALFORMED,
	    "A shop's id is 1 to %u of a-z, 0-9, '_' and '-'.",
	    SHOP_ID_SIZE_MAX);
	return false;
}

enum result command_terminal_add(struct asking *asking, struct error *err)
{
	const tally_TerminalAdd *wanted = &asking->request->body.terminal_add;
	tally_TerminalAddReply *reply = &asking->reply->body.terminal_add;
	struct roster_terminal terminal = {
	    .number = next_terminal(asking->shop),
	    .role = wanted->role,
	    .expires_ms =
		asking->now_ms +
		(wanted->valid_ms == 0 ? TOKEN_MS : wanted->valid_ms)};
	uint8_t secret[TOKEN_SECRET_SIZE];
	enum result result;

	if (!check_terminal(asking, wanted, terminal.number))
		return RESULT_OK;
	crypto_random(secret, sizeof(secret));
	terminal.secret_hash =
	    hash_plain(asking->shop->hasher, bytes_of(secret, sizeof(secret)));
	command_copy_text(terminal.name, sizeof(terminal.name), wanted->name);
	command_copy_text(terminal.shop, sizeof(terminal.shop), wanted->shop);
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
	command_copy_text(line->shop, sizeof(line->shop), terminal->shop);
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
	return command_answer_done(asking, 0);
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
	return command_answer_done(asking, entry);
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
	command.shop = bytes_of_string(terminal.shop);
	asking->reply->which_body = tally_Reply_enrol_terminal_tag;
	result = command_stage_own(asking, &command, &row.row, &entry, err);
	if (result != RESULT_OK || entry == 0)
		return result;
	return roster_set_terminal(asking->shop->roster, &terminal, err);
}

/* --- the programme ---------------------------------------------------------
 */

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
	return command_answer_done(asking, entry);
}
