/*
 * command: who may ask for what, in one table, and the requests that concern
 * the connection itself.
 */
#include "server/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/version.h"
#include "server/command_inside.h"

#define SOFTWARE "tallyd " TALLYSTICK_VERSION
#define PROTOCOL_VERSION 1u

/* Bits of who may ask. */
#define BY_TERMINAL (1u << ROLE_TERMINAL)
#define BY_AUDITOR (1u << ROLE_AUDITOR)
#define BY_OWNER (1u << ROLE_OWNER)
#define BY_NEW (1u << ROLE_NONE) /* enrolling, without a certificate */

#define BY_BOTH (BY_TERMINAL | BY_OWNER)

static const struct rule {
	pb_size_t tag;
	bool writes;
	unsigned by;
	command_fn *run;
} rules[] = {
    {tally_Request_hello_tag, false, BY_TERMINAL | BY_AUDITOR, command_hello},
    {tally_Request_enrol_terminal_tag, true, BY_NEW, command_enrol_terminal},
    {tally_Request_login_tag, true, BY_TERMINAL, command_login},
    {tally_Request_lookup_tag, false, BY_BOTH, command_member},
    {tally_Request_enrol_tag, true, BY_TERMINAL, command_enrol},
    {tally_Request_earn_tag, true, BY_TERMINAL, command_earn},
    {tally_Request_redeem_tag, true, BY_TERMINAL, command_redeem},
    {tally_Request_return_goods_tag, true, BY_TERMINAL, command_return},
    {tally_Request_sale_tag, true, BY_TERMINAL, command_sale},
    {tally_Request_hold_tag, true, BY_TERMINAL, command_hold},
    {tally_Request_void_operation_tag, true, BY_TERMINAL, command_void},
    {tally_Request_transfer_tag, true, BY_TERMINAL, command_transfer},
    {tally_Request_adjust_tag, true, BY_BOTH, command_adjust},
    {tally_Request_card_add_tag, true, BY_BOTH, command_card_add},
    {tally_Request_card_block_tag, true, BY_BOTH, command_card_block},
    {tally_Request_join_tag, true, BY_BOTH, command_join},
    {tally_Request_leave_tag, true, BY_BOTH, command_leave},
    {tally_Request_member_set_tag, true, BY_BOTH, command_member_set},
    {tally_Request_balance_tag, false, BY_BOTH, command_member},
    {tally_Request_history_tag, false, BY_BOTH, command_history},
    {tally_Request_rewards_tag, false, BY_BOTH, command_rewards},
    {tally_Request_checkpoint_tag, false, BY_TERMINAL | BY_AUDITOR | BY_OWNER,
	command_checkpoint},
    {tally_Request_entries_tag, false, BY_AUDITOR | BY_OWNER, NULL},
    {tally_Request_ping_tag, false, BY_TERMINAL | BY_AUDITOR | BY_OWNER,
	command_ping},
    {tally_Request_terminal_add_tag, true, BY_OWNER, command_terminal_add},
    {tally_Request_terminal_list_tag, false, BY_OWNER, command_terminal_list},
    {tally_Request_terminal_revoke_tag, true, BY_OWNER,
	command_terminal_revoke},
    {tally_Request_cashier_add_tag, true, BY_OWNER, command_cashier_add},
    {tally_Request_cashier_list_tag, false, BY_OWNER, command_cashier_list},
    {tally_Request_member_show_tag, false, BY_OWNER, command_member_show},
    {tally_Request_reward_add_tag, true, BY_OWNER, command_reward_add},
    {tally_Request_ledger_show_tag, false, BY_OWNER, command_ledger_show},
    {tally_Request_programme_put_tag, true, BY_OWNER, command_programme_put},
    {tally_Request_staff_card_tag, true, BY_OWNER, command_staff_card},
    {tally_Request_night_tag, true, BY_OWNER, command_night},
    {tally_Request_import_cards_tag, true, BY_OWNER, command_import},
};

static const struct rule *rule_of(const tally_Request *request)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].tag == request->which_body)
			return &rules[i];
	return NULL;
}

bool command_is_for(const tally_Request *request, enum role role)
{
	const struct rule *rule = rule_of(request);

	return rule != NULL && (rule->by & (1u << role)) != 0;
}

bool command_writes(const tally_Request *request)
{
	const struct rule *rule = rule_of(request);

	return rule != NULL && rule->writes;
}

/* --- refusing
 * ------------------------------------------------------------------- */

enum result command_refuse_with(
    struct asking *asking, const struct refusal *refusal)
{
	message_set_refusal(asking->reply, refusal);
	return RESULT_OK;
}

enum result command_refuse(
    struct asking *asking, enum refusal_code code, const char *format, ...)
{
	struct refusal refusal = {.code = code};
	char text[ERROR_TEXT_SIZE + SAY_SIZE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	command_copy_text(refusal.say, sizeof(refusal.say), text);
	return command_refuse_with(asking, &refusal);
}

void command_refuse_storage(struct job *job)
{
	static const struct refusal refusal = {.code = REFUSAL_STORAGE,
	    .wait_ms = 1000,
	    .say = "The server could not write; nothing was changed. Try "
		   "again; the owner should look at its disk."};

	job->end = JOB_REPLY;
	job->reply.id = job->request.id;
	message_set_refusal(&job->reply, &refusal);
}

/* --- whether the caller may ask at all
 * -------------------------------------------- */

/* The chain's word on a terminal's certificate, on every request. */
static bool terminal_stands(struct asking *asking)
{
	const struct peer *peer = &asking->job->caller.peer;
	const struct book_terminal *terminal =
	    book_terminal(ledger_book(asking->shop->ledger), peer->number);

	if (terminal == NULL || terminal->standing == 0) {
		command_refuse(asking, REFUSAL_TERMINAL_UNKNOWN,
		    "This shop does not know terminal %lu.",
		    (unsigned long)peer->number);
		return false;
	}
	if (terminal->standing == STANDING_REVOKED ||
	    !hash_equal(&terminal->key, &peer->key_hash)) {
		command_refuse(asking, REFUSAL_TERMINAL_REVOKED,
		    "The owner has revoked this till. Ask for a new token "
		    "and enrol it again.");
		return false;
	}
	return true;
}

static bool may_ask(struct asking *asking, const struct rule *rule)
{
	const struct caller *caller = &asking->job->caller;

	if (rule == NULL) {
		command_refuse(asking, REFUSAL_MALFORMED,
		    "This server does not know such a request.");
		return false;
	}
	if (!command_is_for(asking->request, caller->peer.role)) {
		command_refuse(asking, REFUSAL_NOT_ALLOWED,
		    "The role of %s may not ask for %s.",
		    role_name(caller->peer.role),
		    message_request_name(asking->request));
		return false;
	}
	if (caller->peer.role == ROLE_OWNER || caller->peer.role == ROLE_NONE)
		return true;
	return terminal_stands(asking);
}

enum result command_execute(
    struct shop *shop, struct job *job, uint64_t now_ms, struct error *err)
{
	struct asking asking = {.shop = shop,
	    .job = job,
	    .request = &job->request,
	    .reply = &job->reply,
	    .now_ms = now_ms};
	const struct rule *rule = rule_of(&job->request);
	enum result result = RESULT_OK;

	job->end = JOB_REPLY;
	job->reply.id = job->request.id;
	if (!may_ask(&asking, rule))
		return RESULT_OK;
	/* Entries never come here but for their refusal above. */
	if (rule->run == NULL)
		return command_refuse(&asking, REFUSAL_MALFORMED,
		    "This request is not for the ledger's thread.");
	result = rule->run(&asking, err);
	if (result != RESULT_OK && result != RESULT_LIMIT)
		command_refuse_storage(job);
	return result;
}

void command_committed(struct shop *shop, const struct job *job)
{
	if (job->end != JOB_REPLY)
		return;
	if (job->request.which_body == tally_Request_terminal_revoke_tag &&
	    job->reply.which_body == tally_Reply_done_tag)
		presence_revoke(
		    shop->presence, job->request.body.terminal_revoke.number);
	if (job->reply.which_body == tally_Reply_enrol_terminal_tag)
		presence_admit(
		    shop->presence, job->reply.body.enrol_terminal.terminal);
	/* Also where it was refused, but only to the one who left it. */
	if (job->request.which_body == tally_Request_programme_put_tag &&
	    command_is_for(&job->request, job->caller.peer.role))
		command_programme_done(shop);
	if (job->reply.which_body == tally_Reply_import_cards_tag &&
	    !job->request.body.import_cards.dry_run &&
	    job->reply.body.import_cards.next == 0)
		command_import_done(shop);
}

const char *command_alarm(
    const tally_Request *request, const tally_Reply *reply)
{
	(void)request;
	if (reply->which_body != tally_Reply_refusal_tag)
		return NULL;
	switch (reply->body.refusal.code) {
	case REFUSAL_COUNTER_CONFLICT:
		return "counter_conflict";
	case REFUSAL_COUNTER_FORK:
		return "counter_fork";
	case REFUSAL_PIN_LOCKED:
		return "pin_locked";
	case REFUSAL_TOKEN_INVALID:
		return "token_refused";
	default:
		return NULL;
	}
}

/* --- texts ------------------------------------------------------------------
 */

void command_copy_text(char *to, size_t size, const char *from)
{
	size_t end = strnlen(from, size - 1);

	/* Not within a character: the peer would refuse what is no text. */
	while (end > 0 && ((uint8_t)from[end] & 0xc0) == 0x80)
		end--;
	memcpy(to, from, end);
	to[end] = '\0';
}

void command_copy_bytes(char *to, size_t size, struct bytes from)
{
	size_t end = from.size < size - 1 ? from.size : size - 1;

	while (end > 0 && end < from.size && (from.data[end] & 0xc0) == 0x80)
		end--;
	if (end > 0)
		memcpy(to, from.data, end);
	to[end] = '\0';
}

bool command_is_id(const char *text)
{
	size_t size = strlen(text);

	return size >= 1 && size <= REWARD_ID_SIZE_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == size;
}

/* --- the connection's own requests
 * -------------------------------------------- */

/*
 * A till numbers its operations before it sends them, so the number that it
 * will use next is above all that the ledger has seen. If it is not, two tills
 * have the same folder, or an old copy of it was put back.
 */
static bool is_fork(
    const tally_Hello *hello, const struct book_terminal *terminal)
{
	return hello->next_counter != 0 &&
	       hello->next_counter <= terminal->counter_max;
}

static void fill_hello(struct asking *asking, tally_HelloReply *hello)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	const struct book_programme *current = book_programme(book);
	uint32_t number = asking->job->caller.peer.number;
	struct bytes origin = book_shop_origin(book);
	struct book_totals totals;

	book_totals(book, &totals);
	*hello = (tally_HelloReply){.protocol = PROTOCOL_VERSION,
	    .terminal = number,
	    .counter_max = book_terminal(book, number)->counter_max,
	    .cashier_required = totals.cashiers != 0,
	    .time_ms = asking->now_ms};
	command_copy_text(hello->software, sizeof(hello->software), SOFTWARE);
	snprintf(hello->origin, sizeof(hello->origin), "%.*s", (int)origin.size,
	    (const char *)origin.data);
	hello->checkpoint_key.size = HASH_SIZE;
	memcpy(
	    hello->checkpoint_key.bytes, book_shop_key(book)->bytes, HASH_SIZE);
	if (current == NULL)
		return;
	hello->programme = current->sequence;
	hello->offline_redeem_points_max =
	    current->programme->offline_redeem_points_max;
	command_copy_text(
	    hello->shop, sizeof(hello->shop), current->programme->name);
	command_copy_text(hello->currency, sizeof(hello->currency),
	    current->programme->currency);
}

enum result command_hello(struct asking *asking, struct error *err)
{
	const tally_Hello *hello = &asking->request->body.hello;
	uint32_t number = asking->job->caller.peer.number;
	const struct book_terminal *terminal =
	    book_terminal(ledger_book(asking->shop->ledger), number);

	(void)err;
	if (hello->protocol != PROTOCOL_VERSION)
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "This server speaks protocol %u, the till %lu. Update the "
		    "older one.",
		    PROTOCOL_VERSION, (unsigned long)hello->protocol);
	if (is_fork(hello, terminal))
		return command_refuse(asking, REFUSAL_COUNTER_FORK,
		    "This till's folder is a copy, or an old one was put "
		    "back: the ledger already knows its next operation. "
		    "Enrol it anew.");
	asking->reply->which_body = tally_Reply_hello_tag;
	fill_hello(asking, &asking->reply->body.hello);
	return RESULT_OK;
}

enum result command_ping(struct asking *asking, struct error *err)
{
	(void)err;
	asking->reply->which_body = tally_Reply_pong_tag;
	asking->reply->body.pong.time_ms = asking->now_ms;
	return RESULT_OK;
}
