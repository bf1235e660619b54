/*
 * law_points: owns the moment of a decision, and how points move: between which
 * accounts, with which stamps, to which balances.
 */
#include "common/law/law_inside.h"

struct local_time law_now(
    struct deciding *deciding, const struct programme *programme)
{
	if (deciding->clock != programme) {
		deciding->now =
		    zone_local(&programme->zone, deciding->entry->time_ms);
		deciding->clock = programme;
	}
	return deciding->now;
}

int32_t law_today(struct deciding *deciding, const struct programme *programme)
{
	return law_now(deciding, programme).day;
}

struct bytes law_take_lots(struct deciding *deciding,
    const struct book_member *member, enum take_how how, int32_t day,
    const struct lot *own, uint64_t points)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);

	(void)book_take_lots(member, how, day, own, points, &writer);
	return writer_view(&writer);
}

struct bytes law_one_lot(struct deciding *deciding, const struct lot *lot)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);

	if (lot->points > 0)
		lot_write(&writer, lot);
	return writer_view(&writer);
}

bool law_is_own_card(
    const struct deciding *deciding, const struct book_member *member)
{
	uint32_t number = deciding->command->cashier;
	const struct book_cashier *cashier;

	if (number == 0)
		return false;
	cashier = book_cashier(deciding->book, number);
	return cashier != NULL && cashier->account != 0 &&
	       (cashier->account == member->account ||
		   book_pool(deciding->book, cashier->account) == member);
}

bool law_refuse_own_card(struct deciding *deciding)
{
	return law_refuse(deciding, REFUSAL_OWN_CARD,
	    "This is a card of your own, or of your household. Let a colleague "
	    "do it.");
}

void law_name_member(
    struct deciding *deciding, const struct book_member *member)
{
	deciding->entry->to_account = member->account;
	deciding->entry->to_previous_sequence = member->last_sequence;
}

void law_say_tier(struct deciding *deciding, struct law_tier tier)
{
	deciding->entry->tier_level = tier.level;
	deciding->entry->tier_until_day = tier.until_day;
	deciding->entry->has |= ENTRY_HAS(TAG_TIER);
}

/* --- moving ----------------------------------------------------------------
 */

static bool is_within_limits(int64_t points)
{
	return points >= -BALANCE_POINTS_MAX && points <= BALANCE_POINTS_MAX;
}

/*
 * A side's balance after `points` more, or less: a member's, or that of one of
 * the programme's own accounts. Balances are within limits before, and one
 * entry's points are few beside them, so no sum overflows.
 */
static int64_t balance_after(const struct deciding *deciding,
    const struct book_member *member, enum account own, int64_t points)
{
	return points + (member != NULL
				? member->balance_points
				: book_account_points(deciding->book, own));
}

static void name_sides(struct entry *entry, const struct law_move *move)
{
	entry->from_account = move->own;
	entry->to_account = move->own;
	if (move->from != NULL) {
		entry->from_account = move->from->account;
		entry->from_previous_sequence = move->from->last_sequence;
	}
	if (move->to != NULL) {
		entry->to_account = move->to->account;
		entry->to_previous_sequence = move->to->last_sequence;
	}
}

/* Nothing but points that are active at once and never lapse: they need no
 * word. */
static bool are_plain(struct bytes lots)
{
	struct reader reader = reader_of(lots);
	struct lot lot;

	while (lot_read(&reader, &lot)) {
		if (lot.expiry_day != LOT_NEVER || lot.active_day != 0)
			return false;
	}
	return true;
}

static bool has_lot(const struct book_member *member, const struct lot *stamps)
{
	for (uint32_t place = 0; place < member->lot_count; place++) {
		const struct lot *lot = &member->lots[place];

		if (lot->expiry_day == stamps->expiry_day &&
		    lot->active_day == stamps->active_day)
			return true;
	}
	return false;
}

/* Whoever gets points has room for their stamps, even if none of them pays off
 * a debt. Only a member near the limit needs the count. */
static bool has_room(const struct book_member *member, struct bytes lots)
{
	struct reader reader = reader_of(lots);
	struct lot lot = {.expiry_day = LOT_NEVER};
	uint32_t count = member->lot_count;

	if (count + lots.size / LOT_SIZE < LOTS_MAX)
		return true;
	if (lots.size == 0)
		return has_lot(member, &lot) || count < LOTS_MAX;
	while (lot_read(&reader, &lot)) {
		if (!has_lot(member, &lot))
			count++;
	}
	return count <= LOTS_MAX;
}

static void say_lots(struct entry *entry, struct bytes lots)
{
	if (are_plain(lots))
		return;
	entry->lots = lots;
	entry->has |= ENTRY_HAS(TAG_LOTS);
}

bool law_move(struct deciding *deciding, const struct law_move *move)
{
	struct entry *entry = deciding->entry;
	int64_t from_points;
	int64_t to_points;

	if (move->points > POINTS_MAX)
		return law_refuse_limit(deciding);
	from_points = balance_after(
	    deciding, move->from, move->own, -(int64_t)move->points);
	to_points =
	    balance_after(deciding, move->to, move->own, (int64_t)move->points);
	if (!is_within_limits(from_points) || !is_within_limits(to_points))
		return law_refuse_limit(deciding);
	if (move->to != NULL && move->points > 0 &&
	    !has_room(move->to, move->lots))
		return law_refuse_limit(deciding);
	name_sides(entry, move);
	say_lots(entry, move->lots);
	entry->points = move->points;
	entry->balance_points = move->from != NULL ? from_points : to_points;
	entry->has |= ENTRY_HAS(TAG_BALANCE);
	if (move->from != NULL && move->to != NULL) {
		entry->other_balance_points = to_points;
		entry->has |= ENTRY_HAS(TAG_OTHER_BALANCE);
	}
	return true;
}
