/*
 * till: owns the link's state and the one open command, and says when time is
 * up. Operations are till_operation.c's, all other requests till_request.c's.
 */
#include "client/till_inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

/* --- showing -------------------------------------------------------------- */

void till_say(struct till_result *result, const char *say)
{
	size_t end = strnlen(say, SAY_SIZE_MAX);

	/* Not within a character. */
	while (end > 0 && ((uint8_t)say[end] & 0xc0) == 0x80)
		end--;
	memmove(result->refusal.say, say, end);
	result->refusal.say[end] = '\0';
}

struct till_result till_call_result(const struct till *till)
{
	const struct call *call = &till->call;
	struct till_result result = {
	    .kind = call->command.what == TILL_DO_MEMBER ? TILL_MEMBER
							 : TILL_ANSWER,
	    .what = call->command.what,
	    .id = call->command.id,
	    .card = call->command.card,
	    .operation = call->counter,
	};

	return result;
}

void till_answer(struct till *till, struct till_result *result)
{
	assert(till->call.open);
	till->call.open = false;
	till->show(till->context, result);
	/* Neither a PIN nor a name is kept longer than it is needed. */
	crypto_wipe(&till->call.command, sizeof till->call.command);
}

void till_refuse(struct till *till, const char *why, const char *format, ...)
{
	struct till_result result = till_call_result(till);
	va_list arguments;

	result.end = TILL_REFUSED;
	result.why = why;
	va_start(arguments, format);
	(void)vsnprintf(
	    result.refusal.say, sizeof result.refusal.say, format, arguments);
	va_end(arguments);
	till_answer(till, &result);
}

void till_status(const struct till *till, struct till_status *ret_status)
{
	ret_status->link = till->link;
	ret_status->waiting = outbox_count(till->outbox) - till->answered;
	ret_status->cashier = till->cashier;
	ret_status->terminal = till->terminal;
}

static void show_link(struct till *till, const char *why, const char *say)
{
	struct till_result result = {
	    .kind = TILL_LINK,
	    .end = till->link == LINK_UP ? TILL_DONE : TILL_REFUSED,
	    .id = "",
	    .card = "",
	    .why = why,
	    .facts = &till->facts,
	};

	if (till->link_told == till->link &&
	    strcmp(till->down_why, why ? why : "") == 0)
		return;
	till->link_told = till->link;
	snprintf(till->down_why, sizeof till->down_why, "%s", why ? why : "");
	till_status(till, &result.status);
	till_say(&result, say ? say : "");
	till->show(till->context, &result);
}

/* --- the open command ----------------------------------------------------- */

static void answer_status(struct till *till)
{
	struct till_result result = till_call_result(till);

	if (till->call.command.what == TILL_DO_LOGOUT) {
		till->has_ticket = false;
		till->cashier = 0;
	}
	result.facts = &till->facts;
	till_status(till, &result.status);
	till_answer(till, &result);
}

/* Begin the command as soon as the link is known to be up or down. */
static void begin_call(struct till *till, uint64_t now_ms)
{
	struct call *call = &till->call;

	if (call->command.what == TILL_DO_STATUS ||
	    call->command.what == TILL_DO_LOGOUT)
		answer_status(till);
	else if (till->stopped)
		till_refuse(till, refusal_name(REFUSAL_COUNTER_FORK),
		    "This till's folder is a copy or was restored. Stop using "
		    "it and enrol this machine anew.");
	else if (till_is_operation(call->command.what) &&
		 till->barred.code != REFUSAL_NONE)
		till_refuse(till, refusal_name(till->barred.code), "%s",
		    till->barred.say);
	else if (till->link == LINK_TRYING && now_ms < call->deadline_ms)
		return;
	else if (till_is_operation(call->command.what))
		till_begin_operation(till, now_ms);
	else
		till_begin_request(till);
}

static void open_call(
    struct till *till, const struct till_command *command, uint64_t now_ms)
{
	uint32_t wait_ms =
	    command->what == TILL_DO_LOGIN ? TILL_LOGIN_MS : TILL_ANSWER_MS;

	till->call = (struct call){
	    .open = true,
	    .phase = CALL_LINK,
	    .command = *command,
	    .deadline_ms = now_ms + wait_ms,
	};
	begin_call(till, now_ms);
}

/* Give up waiting: time is up, or the link is down. */
static void leave_call(struct till *till, uint64_t now_ms)
{
	if (till->call.phase == CALL_LINK) {
		till->call.deadline_ms = now_ms;
		begin_call(till, now_ms);
	} else if (till_is_operation(till->call.command.what)) {
		till_leave_operation(till);
	} else {
		till_leave_request(till);
	}
}

static void open_scans(struct till *till, uint64_t now_ms)
{
	struct till_command command = {.what = TILL_DO_MEMBER};

	while (!till->call.open && till->scan_count > 0) {
		memcpy(command.card, till->scans[0], sizeof command.card);
		till->scan_count--;
		memmove(till->scans[0], till->scans[1],
		    till->scan_count * sizeof till->scans[0]);
		open_call(till, &command, now_ms);
	}
}

bool till_is_ready(const struct till *till)
{
	return !till->call.open;
}

void till_command(
    struct till *till, const struct till_command *command, uint64_t now_ms)
{
	assert(!till->call.open);
	assert(command->what != TILL_DO_NONE);
	open_call(till, command, now_ms);
	open_scans(till, now_ms);
}

void till_scan(struct till *till, const char *card, uint64_t now_ms)
{
	assert(strlen(card) <= CARD_SIZE_MAX);
	if (till->call.open && strcmp(till->call.command.card, card) == 0)
		return;
	if (till->scan_count == TILL_SCANS_MAX)
		return;
	for (size_t i = 0; i < till->scan_count; i++)
		if (strcmp(till->scans[i], card) == 0)
			return;
	snprintf(
	    till->scans[till->scan_count], sizeof till->scans[0], "%s", card);
	till->scan_count++;
	open_scans(till, now_ms);
}

/* --- the link ------------------------------------------------------------- */

/* Facts that cannot be kept are still right for as long as the till runs. */
static void take_facts(struct till *till, const tally_HelloReply *hello)
{
	struct shop_facts *facts = &till->facts;

	snprintf(facts->shop, sizeof facts->shop, "%s", hello->shop);
	snprintf(
	    facts->currency, sizeof facts->currency, "%s", hello->currency);
	facts->cashier_required = hello->cashier_required;
	facts->offline_redeem_points_max = hello->offline_redeem_points_max;
	(void)!outbox_keep_facts(till->outbox, facts, NULL);
}

void till_link_up(
    struct till *till, const tally_HelloReply *hello, uint64_t now_ms)
{
	if (till->stopped)
		return;
	till->link = LINK_UP;
	till->barred.code = REFUSAL_NONE;
	till->terminal = hello->terminal;
	till->retry_at_ms = 0;
	till->retry_ms = 0;
	take_facts(till, hello);
	if (!till->facts.cashier_required)
		till_release_operations(till);
	till->facts_due_ms = now_ms + TILL_FACTS_MS;
	till->fetch.wanted =
	    till->fetch.wanted || hello->programme != till->facts.programme;
	show_link(till, NULL, NULL);
	if (till->call.open && till->call.phase == CALL_LINK)
		begin_call(till, now_ms);
	open_scans(till, now_ms);
}

static void unsend(struct till *till)
{
	till_unsend_operations(till);
	till_unsend_requests(till);
}

void till_link_lost(struct till *till, uint64_t now_ms)
{
	if (till->stopped)
		return;
	till->link = LINK_TRYING;
	unsend(till);
	open_scans(till, now_ms);
}

void till_link_down(
    struct till *till, const char *why, const char *say, uint64_t now_ms)
{
	if (till->stopped)
		return;
	till->link = LINK_DOWN;
	unsend(till);
	show_link(till, why, say);
	if (till->call.open)
		leave_call(till, now_ms);
	open_scans(till, now_ms);
}

/* The shop's own server will not have this till: what it saved would never be
 * taken, so it saves nothing until it is let in again. */
static bool bars(enum refusal_code code)
{
	return code == REFUSAL_TERMINAL_REVOKED ||
	       code == REFUSAL_TERMINAL_UNKNOWN || code == REFUSAL_NOT_ALLOWED;
}

void till_link_refused(
    struct till *till, const struct refusal *refusal, uint64_t now_ms)
{
	if (refusal->code == REFUSAL_COUNTER_FORK) {
		till_stop(till, refusal);
		return;
	}
	if (bars(refusal->code))
		till->barred = *refusal;
	till_link_down(till, refusal_name(refusal->code), refusal->say, now_ms);
}

void till_stop(struct till *till, const struct refusal *refusal)
{
	struct till_result result = {
	    .kind = TILL_STOPPED,
	    .end = TILL_REFUSED,
	    .id = "",
	    .card = "",
	    .why = refusal_name(refusal->code),
	};

	if (till->stopped)
		return;
	till->stopped = true;
	till->link = LINK_DOWN;
	unsend(till);
	till_status(till, &result.status);
	till_say(&result,
	    "STOP: this till's folder is a copy of another till's, or was "
	    "restored from a backup. Enrol this machine anew in a new folder.");
	till->show(till->context, &result);
	till->scan_count = 0;
	if (till->call.open)
		till_refuse(till, result.why, "%s", result.refusal.say);
}

bool till_is_stopped(const struct till *till)
{
	return till->stopped;
}

/* --- replies, requests, time ---------------------------------------------- */

void till_reply(struct till *till, const tally_Reply *reply, uint64_t now_ms)
{
	if (till->stopped || till->link != LINK_UP)
		return;
	if (!till_operation_reply(till, reply, now_ms))
		till_request_reply(till, reply, now_ms);
	open_scans(till, now_ms);
}

bool till_next_request(
    struct till *till, uint64_t now_ms, tally_Request *ret_request)
{
	if (till->stopped || till->link != LINK_UP)
		return false;
	return till_next_call(till, ret_request) ||
	       till_next_operation(till, now_ms, ret_request);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t till_deadline_ms(const struct till *till)
{
	uint64_t deadline_ms = UINT64_MAX;

	if (till->call.open)
		deadline_ms = till->call.deadline_ms;
	if (till->answered > 0)
		deadline_ms = earlier(deadline_ms, till->remove_at_ms);
	if (till->stopped || till->link != LINK_UP)
		return deadline_ms;
	if (till->retry_at_ms > 0)
		deadline_ms = earlier(deadline_ms, till->retry_at_ms);
	if (!till->fetch.wanted)
		deadline_ms = earlier(deadline_ms, till->facts_due_ms);
	return deadline_ms;
}

void till_time(struct till *till, uint64_t now_ms)
{
	if (till->retry_at_ms > 0 && now_ms >= till->retry_at_ms)
		till->retry_at_ms = 0;
	if (till->link == LINK_UP && now_ms >= till->facts_due_ms) {
		till->facts_due_ms = now_ms + TILL_FACTS_MS;
		till->fetch.wanted = true;
	}
	if (till->call.open && now_ms >= till->call.deadline_ms)
		leave_call(till, now_ms);
	open_scans(till, now_ms);
}

bool till_is_idle(const struct till *till)
{
	if (till->call.open)
		return false;
	return till->stopped || till->link == LINK_DOWN || !till_has_work(till);
}

const struct shop_facts *till_facts(const struct till *till)
{
	return &till->facts;
}

/* --- life ----------------------------------------------------------------- */

enum result till_create(struct outbox *outbox, till_show_fn *show,
    void *context, struct till **ret_till, struct error *err)
{
	struct till *till = calloc(1, sizeof *till);
	enum result result;

	if (!till)
		return error_no_memory(err);
	till->outbox = outbox;
	till->show = show;
	till->context = context;
	till->link = LINK_TRYING;
	till->link_told = LINK_TRYING;
	till->facts = *outbox_facts(outbox);
	result = till_load_slots(till, err);
	if (result != RESULT_OK) {
		till_destroy(till);
		return result;
	}
	*ret_till = till;
	return RESULT_OK;
}

void till_destroy(struct till *till)
{
	if (!till)
		return;
	crypto_wipe(&till->call, sizeof till->call);
	crypto_wipe(&till->secret, sizeof till->secret);
	free(till->slots);
	free(till);
}
