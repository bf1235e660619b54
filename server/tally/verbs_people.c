/*
 * verbs_people: terminals and cashiers.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/crypto.h"
#include "server/tally/format.h"
#include "server/tally/verbs.h"

static const char *state_name(uint32_t state)
{
	switch (state) {
	case 0:
		return "waiting";
	case STANDING_ACTIVE:
		return "active";
	case STANDING_REVOKED:
		return "revoked";
	}
	return "unknown";
}

static const char *role_word(uint32_t role)
{
	return role == ROLE_TERMINAL ? "till" : role_name((enum role)role);
}

/* One of two roles by its word; `otherwise` where nothing was said. */
static bool read_role(const struct asked *asked, struct page *page,
    enum role one, enum role other, uint32_t *ret_role)
{
	const char *word = asked_option(asked, "--role");

	*ret_role = one;
	if (word == NULL || strcmp(word, role_word(one)) == 0)
		return true;
	*ret_role = other;
	if (strcmp(word, role_word(other)) == 0)
		return true;
	page_fail(page, "usage", "--role is %s or %s, not '%.40s'",
	    role_word(one), role_word(other), word);
	return false;
}

/* --- terminals ------------------------------------------------------------ */

static bool read_terminal(
    const struct asked *asked, struct page *page, tally_TerminalAdd *add)
{
	const char *valid = asked_option(asked, "--valid");
	const char *shop = asked_option(asked, "--shop-id");
	uint64_t minutes = 0;

	if (valid != NULL &&
	    !verb_number(page, "--valid", valid, 1, 43200, &minutes))
		return false;
	add->valid_ms = minutes * 60000;
	if (shop != NULL &&
	    !verb_copy(page, "--shop-id", add->shop, sizeof(add->shop), shop))
		return false;
	return read_role(
		   asked, page, ROLE_TERMINAL, ROLE_AUDITOR, &add->role) &&
	       verb_copy(page, "NAME", add->name, sizeof(add->name),
		   asked->positionals[0]);
}

/* The token stands alone on the last line, for programs to take. */
static void say_token(struct page *page, const tally_TerminalAdd *add,
    const tally_TerminalAddReply *reply)
{
	char until[FORMAT_SIZE];

	format_time(reply->expires_ms, until);
	page_time(page, "expires_ms", NULL, reply->expires_ms);
	page_say(page, "%s %u, \"%s\", may be enrolled once, until %s.",
	    add->role == ROLE_AUDITOR ? "Auditor" : "Till", reply->number,
	    add->name, until);
	page_say(page, "On its own machine, with the token below:");
	if (add->role == ROLE_AUDITOR)
		page_say(page,
		    "    tally enrol --server HOST:PORT --token TOKEN DIR");
	else
		page_say(page, "    tally-pos enrol --server HOST:PORT "
			       "--token TOKEN TILL");
	page_text(page, "token", NULL, reply->token);
	page_say(page, "%s", reply->token);
}

int run_terminal_add(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_terminal_add_tag};
	tally_TerminalAdd *add = &request.body.terminal_add;
	tally_Reply reply;
	int code;

	if (!read_terminal(asked, page, add))
		return EXIT_FAILED;
	code = verb_once(
	    asked, page, &request, tally_Reply_terminal_add_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	page_count(page, "number", NULL, reply.body.terminal_add.number);
	page_text(page, "name", NULL, add->name);
	page_text(page, "role", NULL, role_word(add->role));
	say_token(page, add, &reply.body.terminal_add);
	return EXIT_FINE;
}

static void put_terminals(
    struct page *page, const tally_TerminalListReply *list)
{
	size_t i;

	for (i = 0; i < list->lines_count; i++) {
		const tally_TerminalLine *line = &list->lines[i];

		page_cell_count(page, line->number);
		page_cell_text(page, line->name);
		page_cell_text(page, role_word(line->role));
		page_cell_text(page, state_name(line->state));
		page_cell_flag(page, line->connected);
		page_cell_count(page, (int64_t)line->counter_max);
	}
}

int run_terminal_list(const struct asked *asked, struct page *page)
{
	static const struct column columns[] = {{"number", "No.", true},
	    {"name", "Name", false, true}, {"role", "Role", false},
	    {"state", "State", false}, {"connected", "Connected", false},
	    {"counter", "Last operation", true}};
	tally_Request request = {.which_body = tally_Request_terminal_list_tag};
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	page_table(page, "terminals", columns, 6);
	do {
		code = verb_ask(page, call, &request,
		    tally_Reply_terminal_list_tag, &reply);
		if (code != EXIT_FINE)
			break;
		put_terminals(page, &reply.body.terminal_list);
		request.body.terminal_list.after =
		    reply.body.terminal_list.next;
	} while (request.body.terminal_list.after != 0);
	page_table_end(page, "There is no till yet: tally terminal add NAME");
	return verb_close(page, call, code);
}

int run_terminal_revoke(const struct asked *asked, struct page *page)
{
	tally_Request request = {
	    .which_body = tally_Request_terminal_revoke_tag};
	tally_Reply reply;
	uint64_t number;
	int code;

	if (!verb_number(page, "NUMBER", asked->positionals[0], 1,
		TERMINALS_MAX, &number))
		return EXIT_FAILED;
	request.body.terminal_revoke.number = (uint32_t)number;
	code = verb_once(asked, page, &request, tally_Reply_done_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	page_count(page, "number", NULL, (int64_t)number);
	page_count(page, "entry", NULL, (int64_t)reply.body.done.entry);
	if (reply.body.done.entry == 0)
		page_say(page,
		    "The token of terminal %u is withdrawn; it never came.",
		    (unsigned)number);
	else
		page_say(page, "Terminal %u is shut out (entry %llu).",
		    (unsigned)number,
		    (unsigned long long)reply.body.done.entry);
	return EXIT_FINE;
}

/* --- cashiers ------------------------------------------------------------- */

int run_cashier_add(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_cashier_add_tag};
	tally_CashierAdd *add = &request.body.cashier_add;
	tally_Reply reply;
	int code;

	if (!read_role(
		asked, page, ROLE_CASHIER, ROLE_SUPERVISOR, &add->role) ||
	    !verb_copy(page, "NAME", add->name, sizeof(add->name),
		asked->positionals[0]) ||
	    !verb_pin(
		page, asked_option(asked, "--pin"), add->pin, sizeof(add->pin)))
		return EXIT_FAILED;
	code = verb_once(
	    asked, page, &request, tally_Reply_cashier_add_tag, &reply);
	crypto_wipe(add->pin, sizeof(add->pin));
	if (code != EXIT_FINE)
		return code;
	page_count(page, "number", NULL, reply.body.cashier_add.number);
	page_text(page, "name", NULL, add->name);
	page_text(page, "role", NULL, role_word(add->role));
	page_say(page, "%s %u, \"%s\", logs in with this number and the PIN.",
	    add->role == ROLE_SUPERVISOR ? "Supervisor" : "Cashier",
	    reply.body.cashier_add.number, add->name);
	return EXIT_FINE;
}

static void put_cashiers(struct page *page, const tally_CashierListReply *list)
{
	size_t i;

	for (i = 0; i < list->lines_count; i++) {
		const tally_CashierLine *line = &list->lines[i];
		bool is_locked = line->locked_ms != 0;

		page_cell_count(page, line->number);
		page_cell_text(page, line->name);
		page_cell_text(page, role_word(line->role));
		page_cell_text(
		    page, is_locked ? "locked" : state_name(line->state));
		page_cell_count(page, (int64_t)line->locked_ms);
	}
}

int run_cashier_list(const struct asked *asked, struct page *page)
{
	static const struct column columns[] = {{"number", "No.", true},
	    {"name", "Name", false, true}, {"role", "Role", false},
	    {"state", "State", false}, {"locked_ms", NULL, true}};
	tally_Request request = {.which_body = tally_Request_cashier_list_tag};
	tally_Reply reply;
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	page_table(page, "cashiers", columns, 5);
	do {
		code = verb_ask(
		    page, call, &request, tally_Reply_cashier_list_tag, &reply);
		if (code != EXIT_FINE)
			break;
		put_cashiers(page, &reply.body.cashier_list);
		request.body.cashier_list.after = reply.body.cashier_list.next;
	} while (request.body.cashier_list.after != 0);
	page_table_end(page, "There is no cashier, and no till asks for one: "
			     "tally cashier add NAME");
	return verb_close(page, call, code);
}
