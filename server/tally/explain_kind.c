/*
 * explain_kind: owns a plain sentence for each kind of entry that is neither an
 * earning nor something that comes back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/tally/explain.h"
#include "server/tally/format.h"
#include "server/tally/rules_say.h"

/* A view's text, for printf's "%.*s". */
#define SHOWN(bytes) (int)(bytes).size, (const char *)(bytes).data

static const char *points_of(const struct explained *explained)
{
	return explain_points(explained->entry.points);
}

/* --- the shop ------------------------------------------------------------- */

static void explain_shop(struct explained *explained)
{
	explain_say(explained,
	    "The ledger begins: of the shop %.*s, whose checkpoints the key in "
	    "this entry signs.",
	    SHOWN(explained->entry.text));
}

static void explain_programme(struct explained *explained)
{
	explain_say(explained,
	    "These rules are in force from here on, until others are. Their "
	    "text: tally programme show --at %" PRIu64,
	    explained->entry.sequence);
}

static void explain_terminal(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	if (entry->standing == STANDING_REVOKED)
		explain_say(
		    explained, "Terminal %u is shut out.", entry->subject);
	else if (entry->shop.size != 0)
		explain_say(explained,
		    "Terminal %u of the shop %.*s is let in.", entry->subject,
		    SHOWN(entry->shop));
	else
		explain_say(
		    explained, "Terminal %u is let in.", entry->subject);
}

static void explain_cashier(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	explain_say(explained, "%s %u %s.",
	    entry->role == ROLE_SUPERVISOR ? "Supervisor" : "Cashier",
	    entry->subject,
	    entry->standing == STANDING_REVOKED ? "may no longer log in"
						: "may log in");
}

static void explain_staff(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	if (entry_member(entry) == 0)
		explain_say(explained, "Cashier %u has no card that is known.",
		    entry->subject);
	else
		explain_say(explained,
		    "The member is cashier %u, who cannot sell to this card or "
		    "give it points.",
		    entry->subject);
}

/* --- members -------------------------------------------------------------- */

static void explain_enrol(struct explained *explained)
{
	uint64_t referrer = explained->entry.referrer;

	explain_say(explained,
	    "A member is enrolled. The card's number is not in the ledger: "
	    "only a salted hash of it.");
	if (referrer != 0)
		explain_say(explained,
		    "The member %" PRIu64
		    " brought this one, and may get a bonus for its first "
		    "sale.",
		    referrer);
}

static void explain_card(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	bool is_blocked = entry->standing == STANDING_REVOKED;

	if (entry->has & ENTRY_HAS(TAG_COMMITMENT))
		explain_say(explained, "A further card for the member.");
	else
		explain_say(explained, "%s card of the member is %s.",
		    entry->card == 0 ? "The first" : "A further",
		    is_blocked ? "blocked" : "taken again");
	if (entry->reason.size != 0)
		explain_say(
		    explained, "The reason: %.*s", SHOWN(entry->reason));
}

static void explain_member(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	if (entry->segment.size == 0)
		explain_say(explained,
		    "The member's private details were set. They are kept "
		    "beside the ledger, which holds a salted hash of them.");
	else
		explain_say(explained, "The member is %s the segment %.*s.",
		    entry->standing == STANDING_REVOKED ? "no longer in"
							: "now in",
		    SHOWN(entry->segment));
}

static void explain_join(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	explain_say(explained,
	    "The member %" PRIu64 " pools with the member %" PRIu64
	    " from here on, and brings %s.",
	    entry->from_account, entry->to_account, points_of(explained));
}

static void explain_leave(struct explained *explained)
{
	explain_say(explained,
	    "The member %" PRIu64
	    " is on its own again, and gets back %s: what it brought, "
	    "as far as it is still there.",
	    explained->entry.to_account, points_of(explained));
}

/* --- points --------------------------------------------------------------- */

static void explain_sale(struct explained *explained)
{
	const struct programme *programme = explained->programme;

	explain_say(explained,
	    "A sale of %s without a card. It gave nothing, and could be "
	    "claimed with its receipt for %u days.",
	    explain_amount((int64_t)explained->entry.amount_minor),
	    programme == NULL ? 0 : (unsigned)programme->claim_days);
}

static void say_reward(struct explained *explained)
{
	const struct programme_reward *reward = NULL;
	struct phrase phrase = {.size = 0};

	if (explained->programme != NULL)
		reward = programme_reward(
		    explained->programme, explained->entry.reward);
	if (reward == NULL)
		return;
	rules_say_reward(reward, &phrase);
	explain_say(explained, "The reward is %s (%s): %s.", reward->name,
	    reward->id, phrase.text);
}

static void explain_redeem(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	say_reward(explained);
	if (entry->amount_minor != 0)
		explain_say(explained,
		    "%s were taken, and are worth %s off the sale.",
		    points_of(explained),
		    explain_amount((int64_t)entry->amount_minor));
	else
		explain_say(explained, "%s were taken.", points_of(explained));
	if (explained->has_related)
		explain_say(explained,
		    "They had been kept for it by entry %" PRIu64 ".",
		    explained->related.sequence);
	explain_say(explained,
	    "Of points that can be spent those go first that lapse first.");
}

static void explain_hold(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	char until[FORMAT_SIZE];

	format_time(entry->until_ms, until);
	say_reward(explained);
	explain_say(explained,
	    "%s are kept for it until %s, at every till. A capture "
	    "takes them; a void, or that time, frees them.",
	    explain_points(entry->held_points), until);
}

static void explain_expire(struct explained *explained)
{
	explain_say(explained,
	    "%s lapsed: their last day was before %s. They could not be "
	    "spent since; the night writes it down.",
	    points_of(explained), explain_day(explained->day));
}

static void explain_tier_change(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const struct book_member *member =
	    book_member(explained->book, entry_member(entry));

	if (member == NULL)
		return;
	explain_say(explained, "The tier %s ran out at the end of %s.",
	    explain_tier(explained->programme, member->tier_level),
	    explain_day(member->tier_until_day));
	if (entry->tier_level == 0)
		explain_say(explained,
		    "What was counted since is not enough for another.");
	else
		explain_say(explained,
		    "What was counted is enough for %s, until the end of %s.",
		    explain_tier(explained->programme, entry->tier_level),
		    explain_day(entry->tier_until_day));
}

static void explain_notice(struct explained *explained)
{
	explain_say(explained, "The member is to be told that %s will lapse.",
	    explain_points(lots_points(explained->entry.lots)));
}

static void explain_adjust(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	bool is_given = entry->from_account == ACCOUNT_GOODWILL;

	explain_say(explained, "%s were %s by hand. The reason: %.*s",
	    points_of(explained), is_given ? "given" : "taken",
	    SHOWN(entry->reason));
	if (entry->cashier == 0)
		explain_say(explained, "The owner did it.");
	else if (entry->second == 0)
		explain_say(
		    explained, "Cashier %u did it alone.", entry->cashier);
	else
		explain_say(explained,
		    "Cashier %u did it, with the PIN of %u beside.",
		    entry->cashier, entry->second);
}

static void explain_transfer(struct explained *explained)
{
	const struct entry *entry = &explained->entry;

	explain_say(explained,
	    "The member %" PRIu64 " gave %s to the member %" PRIu64
	    ". They keep their last day.",
	    entry->from_account, points_of(explained), entry->to_account);
}

/* The rules that the parts name are those in force, or of TAG_RULES. */
static void explain_bonus(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const struct book_programme *rules = book_programme_at(explained->book,
	    entry->rules_sequence != 0 ? entry->rules_sequence
				       : entry->programme_sequence);
	struct reader reader = reader_of(entry->parts);
	struct part part;

	explain_say(explained,
	    "%s for having brought the member %" PRIu64
	    ", whose first sale was entry %" PRIu64 ".",
	    points_of(explained), entry->referrer, entry->related_sequence);
	while (rules != NULL && part_read(&reader, &part)) {
		char points[FORMAT_SIZE];

		format_micro(part.points_micro, points);
		explain_say(explained, "%s by the rule %s.", points,
		    rules->programme->rules[part.rule].id);
	}
}

void explain_kind(struct explained *explained)
{
	static void (*const kinds[ENTRY_KIND_MAX + 1])(struct explained *) = {
	    [ENTRY_SHOP] = explain_shop,
	    [ENTRY_PROGRAMME] = explain_programme,
	    [ENTRY_TERMINAL] = explain_terminal,
	    [ENTRY_CASHIER] = explain_cashier,
	    [ENTRY_ENROL] = explain_enrol,
	    [ENTRY_REDEEM] = explain_redeem,
	    [ENTRY_SALE] = explain_sale,
	    [ENTRY_HOLD] = explain_hold,
	    [ENTRY_EXPIRE] = explain_expire,
	    [ENTRY_TIER] = explain_tier_change,
	    [ENTRY_NOTICE] = explain_notice,
	    [ENTRY_ADJUST] = explain_adjust,
	    [ENTRY_TRANSFER] = explain_transfer,
	    [ENTRY_JOIN] = explain_join,
	    [ENTRY_LEAVE] = explain_leave,
	    [ENTRY_CARD] = explain_card,
	    [ENTRY_MEMBER] = explain_member,
	    [ENTRY_STAFF] = explain_staff,
	    [ENTRY_BONUS] = explain_bonus,
	};

	if (kinds[explained->entry.kind] != NULL)
		kinds[explained->entry.kind](explained);
}
