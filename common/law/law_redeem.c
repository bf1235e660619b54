/*
 * law_redeem: owns what points buy: at once, or in two steps, a hold and its
 * capture.
 *
 * An entry says what a reward was worth, not how large the sale was that it was
 * taken off: that is the till's affair. So a check asks whether there is a sale
 * for which this is right, and law_redeem_sale_minor() names the smallest.
 */
#include "common/law/law_inside.h"

#include <inttypes.h>

#include "common/law/law_tier.h"

/* What is bought: found, priced, and not yet asked for. */
struct purchase {
	const struct programme_reward *reward;
	uint64_t points;
	uint64_t value_minor; /* off the sale; 0 for a product */
};

/* --- what a reward is worth ----------------------------------------------- */

typedef unsigned __int128 wide;

static uint64_t narrow(wide value)
{
	return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

static uint64_t share(uint64_t value, uint64_t of, uint64_t whole)
{
	return narrow((wide)value * of / whole);
}

static uint64_t share_up(uint64_t value, uint64_t of, uint64_t whole)
{
	return narrow(((wide)value * of + whole - 1) / whole);
}

static uint64_t money_value(
    const struct programme_reward *reward, uint64_t points)
{
	return share(points, reward->money_minor, reward->money_points);
}

/* What of a sale may be paid with points. */
static uint64_t money_limit(
    const struct programme_reward *reward, uint64_t amount_minor)
{
	return share(amount_minor, reward->money_share_max, 100);
}

/*
 * Points come in steps, and a sale's last cents seldom are one: where a whole
 * sale may be paid, the step that covers them is taken and is worth no more
 * than they are.
 */
static bool covers_last_cents(const struct programme_reward *reward,
    uint64_t points, uint64_t amount_minor)
{
	return reward->money_share_max == 100 && points >= reward->money_step &&
	       money_value(reward, points - reward->money_step) < amount_minor;
}

/* The most points that a sale takes: the last number that is worth no more than
 * the limit, in whole steps, and one more where that covers the last cents. */
static uint64_t money_points_max(
    const struct programme_reward *reward, uint64_t amount_minor)
{
	uint64_t limit_minor = money_limit(reward, amount_minor);
	wide most = ((wide)(limit_minor + 1) * reward->money_points - 1) /
		    reward->money_minor;
	uint64_t points = most > POINTS_MAX ? POINTS_MAX : (uint64_t)most;

	points -= points % reward->money_step;
	if (reward->money_share_max == 100 &&
	    points + reward->money_step <= POINTS_MAX &&
	    money_value(reward, points) < limit_minor)
		points += reward->money_step;
	return points;
}

uint64_t law_redeem_sale_minor(const struct programme_reward *reward,
    uint64_t points, uint64_t value_minor)
{
	switch (reward->kind) {
	case REWARD_PERCENT_OFF:
		return share_up(value_minor, 100, reward->off_percent);
	case REWARD_MONEY:
		if (money_value(reward, points) != value_minor)
			return value_minor; /* cut to the sale */
		return share_up(value_minor, 100, reward->money_share_max);
	case REWARD_AMOUNT_OFF:
		return value_minor == reward->off_minor ? 0 : value_minor;
	default:
		return 0;
	}
}

/* --- pricing -------------------------------------------------------------- */

static bool refuse_step(
    struct deciding *deciding, const struct programme_reward *reward)
{
	uint64_t points = deciding->command->points;
	uint64_t least = reward->money_points_min;
	bool is_few = points < least || points == 0;

	if (least < reward->money_step)
		least = reward->money_step;
	deciding->refusal->required = is_few ? least : reward->money_step;
	if (is_few)
		return law_refuse(deciding, REFUSAL_POINTS_INVALID,
		    "Pay with %" PRIu64 " points or more.", least);
	return law_refuse(deciding, REFUSAL_POINTS_INVALID,
	    "Pay with points in steps of %" PRIu64 ".", reward->money_step);
}

static bool refuse_share(
    struct deciding *deciding, const struct programme_reward *reward)
{
	uint64_t max =
	    money_points_max(reward, deciding->command->amount_minor);

	deciding->refusal->required = max;
	return law_refuse(deciding, REFUSAL_POINTS_INVALID,
	    "At most %" PRIu64 " points can go on this sale.", max);
}

static bool price_money(struct deciding *deciding, struct purchase *purchase)
{
	const struct command *command = deciding->command;
	const struct programme_reward *reward = purchase->reward;
	uint64_t limit_minor = money_limit(reward, command->amount_minor);

	if (command->points == 0 ||
	    command->points < reward->money_points_min ||
	    command->points % reward->money_step != 0)
		return refuse_step(deciding, reward);
	if (command->points > POINTS_MAX)
		return refuse_share(deciding, reward);
	purchase->points = command->points;
	purchase->value_minor = money_value(reward, command->points);
	if (purchase->value_minor > limit_minor) {
		if (!covers_last_cents(
			reward, command->points, command->amount_minor))
			return refuse_share(deciding, reward);
		purchase->value_minor = limit_minor;
	}
	if (purchase->value_minor == 0) {
		deciding->refusal->required =
		    share_up(1, reward->money_points, reward->money_minor);
		return law_refuse(deciding, REFUSAL_POINTS_INVALID,
		    "So few points are worth nothing.");
	}
	return true;
}

static uint64_t percent_value(
    const struct programme_reward *reward, uint64_t amount_minor)
{
	uint64_t value_minor = share(amount_minor, reward->off_percent, 100);

	if (reward->off_minor_max != 0 && value_minor > reward->off_minor_max)
		return reward->off_minor_max;
	return value_minor;
}

static bool price_off(struct deciding *deciding, struct purchase *purchase)
{
	const struct command *command = deciding->command;
	const struct programme_reward *reward = purchase->reward;

	if (command->points != 0 && command->points != reward->points) {
		deciding->refusal->required = reward->points;
		return law_refuse(deciding, REFUSAL_POINTS_INVALID,
		    "%s costs %" PRIu64 " points, no more and no less.",
		    reward->name, reward->points);
	}
	purchase->points = reward->points;
	if (reward->kind == REWARD_PERCENT_OFF) {
		purchase->value_minor =
		    percent_value(reward, command->amount_minor);
		if (purchase->value_minor == 0)
			return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
			    "Nothing comes off so small a sale.");
	}
	if (reward->kind == REWARD_AMOUNT_OFF) {
		purchase->value_minor = reward->off_minor;
		/* No more comes off a sale than it is. */
		if (command->amount_minor != 0 &&
		    command->amount_minor < reward->off_minor)
			purchase->value_minor = command->amount_minor;
	}
	return true;
}

/* A share of a sale needs the sale. */
static bool ask_amount(struct deciding *deciding,
    const struct programme *programme, const struct programme_reward *reward)
{
	uint64_t amount_minor = deciding->command->amount_minor;
	uint64_t max = programme->sale_amount_minor_max;
	bool is_needed =
	    reward->kind == REWARD_PERCENT_OFF || reward->kind == REWARD_MONEY;

	if (reward->kind == REWARD_PRODUCT ||
	    (amount_minor <= max && (amount_minor > 0 || !is_needed)))
		return true;
	deciding->refusal->required = max;
	return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
	    "%s comes off a sale of 0.01 to %" PRIu64 ".%02" PRIu64
	    " %s. Check the amount.",
	    reward->name, max / 100, max % 100, programme->currency);
}

static bool price(struct deciding *deciding, const struct programme *programme,
    struct purchase *purchase)
{
	purchase->reward =
	    programme_reward(programme, deciding->command->reward);
	if (purchase->reward == NULL)
		return law_refuse(deciding, REFUSAL_REWARD_UNKNOWN,
		    "There is no such reward now. Choose one of the list.");
	if (!ask_amount(deciding, programme, purchase->reward))
		return false;
	return purchase->reward->kind == REWARD_MONEY
		   ? price_money(deciding, purchase)
		   : price_off(deciding, purchase);
}

/* --- whether it is there, for this member, today -------------------------- */

static bool ask_dates(struct deciding *deciding,
    const struct programme_reward *reward, int32_t today)
{
	char date[DATE_SIZE];

	if (reward->day_from != DAY_NONE && today < reward->day_from) {
		day_format(reward->day_from, date);
		return law_refuse(deciding, REFUSAL_REWARD_CLOSED,
		    "%s is there from %s.", reward->name, date);
	}
	if (reward->day_until != DAY_NONE && today > reward->day_until) {
		day_format(reward->day_until, date);
		return law_refuse(deciding, REFUSAL_REWARD_CLOSED,
		    "%s was there until %s.", reward->name, date);
	}
	return true;
}

/* The lowest tier that has it is the one that a member would have to reach. */
static bool ask_tier(struct deciding *deciding,
    const struct programme *programme, const struct programme_reward *reward,
    const struct book_member *member, int32_t today)
{
	if (reward->tiers == 0 ||
	    reward->tiers >> law_tier_on(programme, member, today).level & 1)
		return true;
	for (unsigned place = 0; place < programme->tier_count; place++) {
		if (reward->tiers >> (place + 1) & 1)
			return law_refuse(deciding, REFUSAL_REWARD_CLOSED,
			    "%s is for %s members.", reward->name,
			    programme->tiers[place].name);
	}
	return law_refuse(deciding, REFUSAL_REWARD_CLOSED,
	    "%s is not for this member's tier.", reward->name);
}

static bool ask_stock(
    struct deciding *deciding, const struct programme_reward *reward)
{
	if (reward->stock == UINT64_MAX ||
	    book_tally(deciding->book, reward->ident) < reward->stock)
		return true;
	return law_refuse(
	    deciding, REFUSAL_REWARD_SOLD_OUT, "%s is all gone.", reward->name);
}

/* What this member has under way: of one reward, or (0) of any. */
static uint32_t live_holds(const struct deciding *deciding,
    const struct book_member *member, uint32_t ident)
{
	uint32_t live = 0;

	if (member->extra == NULL)
		return 0;
	for (uint32_t place = 0; place < member->extra->hold_count; place++) {
		const struct book_hold *hold = &member->extra->holds[place];

		if ((ident == 0 || hold->ident == ident) &&
		    book_hold(member, hold->sequence,
			deciding->entry->time_ms) != NULL)
			live++;
	}
	return live;
}

/* What is under way counts as had: twenty holds are no way around a limit of
 * one. */
static bool ask_times(struct deciding *deciding,
    const struct programme_reward *reward, const struct book_member *member,
    int32_t today)
{
	static const enum count_what whats[PERIOD_COUNT] = {COUNT_TIMES_DAY,
	    COUNT_TIMES_MONTH, COUNT_TIMES_YEAR, COUNT_TIMES_EVER};
	static const char *const words[PERIOD_COUNT] = {
	    " a day", " a month", " a year", ""};
	uint64_t held = live_holds(deciding, member, reward->ident);

	for (int period = 0; period < PERIOD_COUNT; period++) {
		uint32_t max = reward->times_max[period];

		if (max == 0 ||
		    book_count(member, reward->ident, whats[period],
			book_period_day((enum period)period, today)) +
			    held <
			max)
			continue;
		deciding->refusal->required = max;
		return law_refuse(deciding, REFUSAL_REWARD_LIMIT,
		    "%s can be had %u time%s%s, no more.", reward->name, max,
		    max == 1 ? "" : "s", words[period]);
	}
	return true;
}

/* --- whether the points are there ----------------------------------------- */

/* Points that are the member's and cannot be spent yet are worth a word: they
 * are what the customer will point at. */
static bool refuse_points(struct deciding *deciding,
    const struct purchase *purchase, const struct book_member *member,
    int64_t available, int32_t today)
{
	struct refusal *refusal = deciding->refusal;
	uint64_t pending = book_pending_points(member, today);
	const char *name = purchase->reward->name;

	refusal->required = purchase->points;
	refusal->available = available;
	/* Exact for a debt as well: unsigned sums wrap to the right value. */
	refusal->missing = purchase->points - (uint64_t)available;
	if (pending > 0)
		return law_refuse(deciding, REFUSAL_INSUFFICIENT_POINTS,
		    "%" PRIu64 " point%s short of %s. %" PRIu64
		    " more can be used later.",
		    refusal->missing, refusal->missing == 1 ? "" : "s", name,
		    pending);
	return law_refuse(deciding, REFUSAL_INSUFFICIENT_POINTS,
	    "%" PRIu64 " point%s short of %s", refusal->missing,
	    refusal->missing == 1 ? "" : "s", name);
}

static bool ask_points(struct deciding *deciding,
    const struct purchase *purchase, const struct book_member *member,
    int32_t today)
{
	int64_t available = member->balance_points;

	if (available >= 0)
		available = (int64_t)book_spendable_points(
		    member, today, deciding->entry->time_ms);
	if (available >= (int64_t)purchase->points)
		return true;
	return refuse_points(deciding, purchase, member, available, today);
}

/* All that is asked of a purchase, of one step or of two. NULL is a refusal. */
static const struct book_member *ask_purchase(struct deciding *deciding,
    const struct programme *programme, struct purchase *purchase)
{
	const struct book_member *member;
	int32_t today = law_today(deciding, programme);

	if (!price(deciding, programme, purchase) ||
	    !law_take_receipt(deciding))
		return NULL;
	member = law_find_member(deciding, deciding->command->account);
	if (member == NULL || !ask_dates(deciding, purchase->reward, today) ||
	    !ask_tier(deciding, programme, purchase->reward, member, today) ||
	    !ask_stock(deciding, purchase->reward) ||
	    !ask_times(deciding, purchase->reward, member, today) ||
	    !ask_points(deciding, purchase, member, today))
		return NULL;
	return member;
}

/* --- the kinds ------------------------------------------------------------ */

static void say_reward(
    struct deciding *deciding, struct bytes reward, uint64_t value_minor)
{
	deciding->entry->reward = reward;
	deciding->entry->has |= ENTRY_HAS(TAG_REWARD);
	deciding->entry->amount_minor = value_minor;
}

/* Points that were kept on one day may be taken on the next: the member had
 * them when they were kept. Where a return has since taken of those, what is
 * there now will do. */
static bool take_held(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member,
    uint64_t points)
{
	const struct entry *hold = deciding->command->related;
	int32_t days[] = {zone_local(&programme->zone, hold->time_ms).day,
	    law_today(deciding, programme)};

	for (int try = 0; try < 2; try++) {
		struct bytes lots = law_take_lots(
		    deciding, member, TAKE_SPEND, days[try], NULL, points);

		if (lots_points(lots) == points)
			return law_move(
			    deciding, &(struct law_move){.from = member,
					  .own = ACCOUNT_REDEEMED,
					  .points = points,
					  .lots = lots});
	}
	deciding->refusal->required = points;
	deciding->refusal->available =
	    member->balance_points < 0 ? member->balance_points : 0;
	return law_refuse(deciding, REFUSAL_INSUFFICIENT_POINTS,
	    "The points that were kept have been taken back since.");
}

/* What was promised stands, also where the rules have changed since: the stock
 * and the limits that it counts for are those of its hold's rules. */
static bool keep_promise(struct deciding *deciding, const struct entry *hold)
{
	struct entry *entry = deciding->entry;
	const struct book_programme *version =
	    book_programme_at(deciding->book, hold->programme_sequence);
	const struct programme_reward *reward = NULL;

	if (version != NULL)
		reward = programme_reward(version->programme, hold->reward);
	if (reward != NULL && !ask_stock(deciding, reward))
		return false;
	if (hold->programme_sequence != entry->programme_sequence) {
		entry->rules_sequence = hold->programme_sequence;
		entry->has |= ENTRY_HAS(TAG_RULES);
	}
	entry->related_sequence = hold->sequence;
	say_reward(deciding, hold->reward, hold->amount_minor);
	return true;
}

static bool capture(
    struct deciding *deciding, const struct programme *programme)
{
	const struct entry *related = deciding->command->related;
	const struct book_member *member;
	const struct book_hold *hold = NULL;

	if (!law_take_receipt(deciding))
		return false;
	member = law_find_member(deciding, deciding->command->account);
	if (member == NULL)
		return false;
	if (related != NULL && related->kind == ENTRY_HOLD)
		hold = book_hold(
		    member, related->sequence, deciding->entry->time_ms);
	if (hold == NULL)
		return law_refuse(deciding, REFUSAL_HOLD_UNKNOWN,
		    "These points are kept no longer. Redeem them anew.");
	return keep_promise(deciding, related) &&
	       take_held(deciding, programme, member, hold->points);
}

bool law_decide_redeem(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *member;
	struct purchase purchase = {0};

	if (programme == NULL)
		return false;
	if (command->wants_related || command->related != NULL)
		return capture(deciding, programme);
	member = ask_purchase(deciding, programme, &purchase);
	if (member == NULL)
		return false;
	say_reward(deciding, command->reward, purchase.value_minor);
	return law_move(deciding,
	    &(struct law_move){.from = member,
		.own = ACCOUNT_REDEEMED,
		.points = purchase.points,
		.lots = law_take_lots(deciding, member, TAKE_SPEND,
		    law_today(deciding, programme), NULL, purchase.points)});
}

/* Nothing moves: what is kept is what nobody else can spend meanwhile. */
bool law_decide_hold(struct deciding *deciding)
{
	const struct programme *programme = law_in_force(deciding);
	struct entry *entry = deciding->entry;
	const struct book_member *member;
	struct purchase purchase = {0};

	if (programme == NULL)
		return false;
	member = ask_purchase(deciding, programme, &purchase);
	if (member == NULL)
		return false;
	if (live_holds(deciding, member, 0) >= HOLDS_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "This card has %u redemptions under way. Finish one.",
		    HOLDS_MAX);
	say_reward(deciding, deciding->command->reward, purchase.value_minor);
	law_name_member(deciding, member);
	entry->held_points = purchase.points;
	entry->until_ms = entry->time_ms + purchase.reward->hold_ms;
	entry->balance_points = member->balance_points;
	entry->has |=
	    ENTRY_HAS(TAG_HELD) | ENTRY_HAS(TAG_UNTIL) | ENTRY_HAS(TAG_BALANCE);
	return true;
}
