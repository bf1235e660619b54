/*
 * till_request: what the till asks without changing anything: look-ups,
 * history, rewards, checkpoints, logins. They are asked again on a new
 * connection while their command is open, except a login, for a wrong PIN
 * that is sent twice counts twice.
 */
#include "client/till_inside.h"

#include <stdio.h>
#include <string.h>

static const char away_say[] = "The server cannot be reached. Try again later.";

static void answer_rewards(struct till *till, bool cached)
{
	struct till_result result = till_call_result(till);

	result.facts = &till->facts;
	result.cached = cached;
	till_answer(till, &result);
}

void till_leave_request(struct till *till)
{
	bool away = till->link != LINK_UP;

	if (till->call.command.what == TILL_DO_REWARDS &&
	    till->facts.programme != 0)
		answer_rewards(till, true);
	else
		till_refuse(till, "server_away", "%s",
		    away ? away_say : "The server does not answer. Try again.");
}

void till_begin_request(struct till *till)
{
	if (till->link != LINK_UP) {
		till_leave_request(till);
		return;
	}
	till->call.phase = CALL_ANSWER;
	if (till->call.command.what == TILL_DO_REWARDS)
		till->fetch.wanted = true;
}

void till_unsend_requests(struct till *till)
{
	bool was_sent = till->call.open && till->call.request != 0;

	till->call.request = 0;
	till->fetch.request = 0;
	till->fetch.from = 0;
	till->fetch.facts.reward_count = 0;
	if (was_sent && till->call.command.what == TILL_DO_LOGIN)
		till_refuse(
		    till, "server_away", "The connection broke. Log in again.");
}

/* --- sending -------------------------------------------------------------- */

static void copy_card(char to[CARD_SIZE_MAX * 2 + 1], const char *card)
{
	snprintf(to, CARD_SIZE_MAX * 2 + 1, "%s", card);
}

static void fill_login(struct till *till, tally_Login *login)
{
	const struct till_command *command = &till->call.command;

	login->cashier = command->cashier;
	snprintf(login->pin, sizeof login->pin, "%s", command->pin);
	till->cashier_asked = command->cashier;
}

static void fill_request(struct till *till, tally_Request *request)
{
	const struct till_command *command = &till->call.command;

	switch (command->what) {
	case TILL_DO_MEMBER:
		request->which_body = tally_Request_lookup_tag;
		copy_card(request->body.lookup.card, command->card);
		break;
	case TILL_DO_BALANCE:
		request->which_body = tally_Request_balance_tag;
		copy_card(request->body.balance.card, command->card);
		break;
	case TILL_DO_HISTORY:
		request->which_body = tally_Request_history_tag;
		copy_card(request->body.history.card, command->card);
		request->body.history.before = command->before;
		break;
	case TILL_DO_LOGIN:
		request->which_body = tally_Request_login_tag;
		fill_login(till, &request->body.login);
		break;
	case TILL_DO_CHECKPOINT:
		request->which_body = tally_Request_checkpoint_tag;
		request->body.checkpoint.entry = command->entry;
		request->body.checkpoint.old_size = command->old_size;
		break;
	default:
		request->which_body = tally_Request_ping_tag;
		break;
	}
}

bool till_next_call(struct till *till, tally_Request *ret_request)
{
	struct call *call = &till->call;
	bool is_plain = call->open && call->phase == CALL_ANSWER &&
			!till_is_operation(call->command.what) &&
			call->command.what != TILL_DO_REWARDS;

	if (is_plain && call->request == 0) {
		*ret_request = (tally_Request)tally_Request_init_zero;
		ret_request->id = ++till->last_request;
		fill_request(till, ret_request);
		call->request = ret_request->id;
		return true;
	}
	if (till->fetch.wanted && till->fetch.request == 0) {
		*ret_request = (tally_Request)tally_Request_init_zero;
		ret_request->id = ++till->last_request;
		ret_request->which_body = tally_Request_rewards_tag;
		ret_request->body.rewards.from = till->fetch.from;
		till->fetch.request = ret_request->id;
		return true;
	}
	return false;
}

/* --- replies -------------------------------------------------------------- */

static void refuse_call(struct till *till, const tally_Reply *reply)
{
	struct till_result result = till_call_result(till);

	message_refusal(reply, &result.refusal);
	result.end = TILL_REFUSED;
	result.why = refusal_name(result.refusal.code);
	till_answer(till, &result);
}

static void take_login(struct till *till, const tally_LoginReply *login)
{
	if (login->ticket.size != sizeof till->ticket)
		return;
	memcpy(till->ticket, login->ticket.bytes, sizeof till->ticket);
	till->has_ticket = true;
	till->cashier = till->cashier_asked;
	till_release_operations(till);
}

/* The body that answers this command; 0 where nothing fits. */
static pb_size_t wanted_body(enum till_do what)
{
	switch (what) {
	case TILL_DO_MEMBER:
	case TILL_DO_BALANCE:
		return tally_Reply_member_tag;
	case TILL_DO_HISTORY:
		return tally_Reply_history_tag;
	case TILL_DO_LOGIN:
		return tally_Reply_login_tag;
	case TILL_DO_CHECKPOINT:
		return tally_Reply_checkpoint_tag;
	case TILL_DO_PING:
		return tally_Reply_pong_tag;
	default:
		return 0;
	}
}

static void answer_call(struct till *till, const tally_Reply *reply)
{
	struct till_result result;

	if (reply->which_body == tally_Reply_refusal_tag) {
		refuse_call(till, reply);
		return;
	}
	if (reply->which_body != wanted_body(till->call.command.what)) {
		till_refuse(till, refusal_name(REFUSAL_MALFORMED),
		    "The server answered something else. Try again.");
		return;
	}
	if (reply->which_body == tally_Reply_login_tag)
		take_login(till, &reply->body.login);
	result = till_call_result(till);
	till_status(till, &result.status);
	switch (reply->which_body) {
	case tally_Reply_member_tag:
		result.member = &reply->body.member;
		break;
	case tally_Reply_history_tag:
		result.history = &reply->body.history;
		break;
	case tally_Reply_login_tag:
		result.login = &reply->body.login;
		break;
	case tally_Reply_checkpoint_tag:
		result.checkpoint = &reply->body.checkpoint;
		break;
	default:
		result.pong = &reply->body.pong;
		break;
	}
	till_answer(till, &result);
}

static bool is_for_rewards(const struct till *till)
{
	return till->call.open && till->call.phase == CALL_ANSWER &&
	       till->call.command.what == TILL_DO_REWARDS;
}

static void finish_fetch(struct till *till, uint64_t programme)
{
	struct fetch *fetch = &till->fetch;

	memcpy(till->facts.rewards, fetch->facts.rewards,
	    sizeof till->facts.rewards);
	till->facts.reward_count = fetch->facts.reward_count;
	till->facts.programme = programme;
	(void)!outbox_keep_facts(till->outbox, &till->facts, NULL);
	memset(fetch, 0, sizeof *fetch);
	if (is_for_rewards(till))
		answer_rewards(till, false);
}

/* A reward of a kind that is not known here cannot be asked for. */
static bool take_reward(
    const tally_Reward *from, struct programme_reward *reward)
{
	uint8_t percent = from->percent <= 100 ? (uint8_t)from->percent : 0;

	if (from->kind > REWARD_MONEY)
		return false;
	memset(reward, 0, sizeof *reward);
	snprintf(reward->id, sizeof reward->id, "%s", from->id);
	snprintf(reward->name, sizeof reward->name, "%s", from->name);
	reward->points = from->points;
	reward->kind = (enum reward_kind)from->kind;
	reward->tiers = (uint16_t)from->tiers;
	switch (reward->kind) {
	case REWARD_PERCENT_OFF:
		reward->off_minor_max = from->off_minor;
		reward->off_percent = percent;
		break;
	case REWARD_MONEY:
		reward->money_share_max = percent;
		reward->money_points = from->money_points;
		reward->money_minor = from->money_minor;
		reward->money_step = from->money_step;
		break;
	default:
		reward->off_minor = from->off_minor;
		break;
	}
	return true;
}

static void take_page(struct till *till, const tally_RewardsReply *page)
{
	struct fetch *fetch = &till->fetch;
	struct shop_facts *facts = &fetch->facts;
	bool full = false;

	for (pb_size_t i = 0; i < page->rewards_count && !full; i++) {
		full = facts->reward_count == REWARDS_MAX;
		if (!full && take_reward(&page->rewards[i],
				 &facts->rewards[facts->reward_count]))
			facts->reward_count++;
	}
	fetch->request = 0;
	/* A page that does not go on is the end, whatever it says. */
	if (page->next <= fetch->from || full)
		finish_fetch(till, page->programme);
	else
		fetch->from = page->next;
}

/* Rewards are refused or make no sense: what was known stays. */
static void drop_fetch(struct till *till, const tally_Reply *reply)
{
	memset(&till->fetch, 0, sizeof till->fetch);
	if (!is_for_rewards(till))
		return;
	if (reply->which_body == tally_Reply_refusal_tag)
		refuse_call(till, reply);
	else
		answer_call(till, reply);
}

bool till_request_reply(
    struct till *till, const tally_Reply *reply, uint64_t now_ms)
{
	(void)now_ms;
	if (reply->id == 0)
		return false;
	if (till->call.open && reply->id == till->call.request) {
		till->call.request = 0;
		answer_call(till, reply);
		return true;
	}
	if (reply->id != till->fetch.request)
		return false;
	if (reply->which_body == tally_Reply_rewards_tag)
		take_page(till, &reply->body.rewards);
	else
		drop_fetch(till, reply);
	return true;
}
