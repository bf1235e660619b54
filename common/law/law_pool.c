/*
 * law_pool: owns points that go between members: those who pool from now on and
 * no longer, and transfers.
 *
 * Who joins gives all points to whom it joins, with their stamps, and what its
 * cards do is done for that one's account from then on. Who leaves gets back,
 * stamp by stamp, what it brought as far as it is still there. Nobody joins one
 * that has joined itself, so every pool has one head.
 *
 * What has lapsed does not move: with another's activity it would revive.
 */
#include "common/law/law_inside.h"

/* --- who pools ------------------------------------------------------------ */

static bool refuse_hold(struct deciding *deciding)
{
	return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
	    "A redemption is under way with these points. Finish it first, or "
	    "undo it.");
}

static bool refuse_debt(
    struct deciding *deciding, const struct book_member *member)
{
	deciding->refusal->required = (uint64_t)-member->balance_points;
	return law_refuse(deciding, REFUSAL_DEBT,
	    "%llu points are owed on this card. They must be earned first.",
	    (unsigned long long)deciding->refusal->required);
}

static bool may_join(
    struct deciding *deciding, const struct book_member *member)
{
	if (book_joined_to(member) != 0)
		return law_refuse(deciding, REFUSAL_JOINED,
		    "This card pools with another already. It must leave "
		    "first.");
	if (member->extra != NULL && member->extra->joined_count > 0)
		return law_refuse(deciding, REFUSAL_JOINED,
		    "Others pool with this card. Let the other card join it.");
	if (member->balance_points < 0)
		return refuse_debt(deciding, member);
	return !law_has_holds(member, deciding->entry->time_ms) ||
	       refuse_hold(deciding);
}

static bool may_be_joined(
    struct deciding *deciding, const struct book_member *head)
{
	if (book_joined_to(head) != 0)
		return law_refuse(deciding, REFUSAL_JOINED,
		    "The other card pools with a third. Join that one.");
	if (head->extra != NULL && head->extra->joined_count >= JOINED_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "%u cards pool with the other one already; no more can.",
		    JOINED_MAX);
	return head->balance_points >= 0 || refuse_debt(deciding, head);
}

/* The lots that have not lapsed, in their order. */
static struct bytes live_lots(
    struct deciding *deciding, const struct book_member *member, int32_t today)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);

	for (uint32_t index = 0; index < member->lot_count; index++) {
		if (book_lot_expiry_day(member, &member->lots[index]) >= today)
			lot_write(&writer, &member->lots[index]);
	}
	return writer_view(&writer);
}

bool law_decide_join(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *member;
	const struct book_member *head;
	struct bytes lots;

	if (programme == NULL)
		return false;
	member = law_find_self(deciding, command->account);
	if (member == NULL)
		return false;
	head = law_find_self(deciding, command->other_account);
	if (head == NULL)
		return false;
	if (head == member)
		return law_refuse(deciding, REFUSAL_SAME_MEMBER,
		    "Both cards are of one member. Scan another.");
	if (law_is_own_card(deciding, head))
		return law_refuse_own_card(deciding);
	if (!may_join(deciding, member) || !may_be_joined(deciding, head))
		return false;
	lots = live_lots(deciding, member, law_today(deciding, programme));
	return law_move(deciding, &(struct law_move){.from = member,
				      .to = head,
				      .points = lots_points(lots),
				      .lots = lots});
}

/* --- who leaves ----------------------------------------------------------- */

/* What the head still has with these stamps, and may still be spent. */
static uint64_t points_left(
    const struct book_member *head, const struct lot *stamps, int32_t today)
{
	for (uint32_t index = 0; index < head->lot_count; index++) {
		const struct lot *lot = &head->lots[index];

		if (lot->expiry_day == stamps->expiry_day &&
		    lot->active_day == stamps->active_day)
			return book_lot_expiry_day(head, lot) >= today
				   ? lot->points
				   : 0;
	}
	return 0;
}

static void write_left(struct writer *writer, const struct book_member *head,
    struct lot lot, int32_t today)
{
	uint64_t left = points_left(head, &lot, today);

	if (lot.points > left)
		lot.points = left;
	if (lot.points > 0)
		lot_write(writer, &lot);
}

/* What the join brought, as far as it is there. Without a list it brought
 * points that are active at once and never lapse. */
static struct bytes brought_lots(struct deciding *deciding,
    const struct entry *join, const struct book_member *head, int32_t today)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);
	struct reader reader = reader_of(join->lots);
	struct lot lot = {.expiry_day = LOT_NEVER, .points = join->points};

	if (!(join->has & ENTRY_HAS(TAG_LOTS))) {
		write_left(&writer, head, lot, today);
		return writer_view(&writer);
	}
	while (lot_read(&reader, &lot))
		write_left(&writer, head, lot, today);
	return writer_view(&writer);
}

/* The join is read back by its sequence, which the book knows. */
static const struct entry *find_join(
    struct deciding *deciding, const struct book_member *member)
{
	const struct entry *join = deciding->command->related;

	if (book_joined_to(member) == 0) {
		(void)law_refuse(deciding, REFUSAL_NOT_FOUND,
		    "This card pools with no other.");
		return NULL;
	}
	if (join == NULL || join->kind != ENTRY_JOIN ||
	    join->sequence != member->extra->joined_by) {
		(void)law_refuse_malformed(
		    deciding, "the entry by which it pools is another");
		return NULL;
	}
	return join;
}

bool law_decide_leave(struct deciding *deciding)
{
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *member;
	const struct book_member *head;
	const struct entry *join;
	struct bytes lots;

	if (programme == NULL)
		return false;
	member = law_find_self(deciding, deciding->command->account);
	if (member == NULL)
		return false;
	join = find_join(deciding, member);
	if (join == NULL)
		return false;
	head = book_member(deciding->book, book_joined_to(member));
	if (law_has_holds(head, deciding->entry->time_ms))
		return refuse_hold(deciding);
	deciding->entry->related_sequence = join->sequence;
	lots =
	    brought_lots(deciding, join, head, law_today(deciding, programme));
	return law_move(deciding, &(struct law_move){.from = head,
				      .to = member,
				      .points = lots_points(lots),
				      .lots = lots});
}

/* --- transfers ------------------------------------------------------------ */

static bool are_points_good(
    struct deciding *deciding, const struct programme *programme)
{
	uint64_t points = deciding->command->points;
	uint64_t min = programme->transfer_points_min;
	uint64_t max = programme->transfer_points_max;

	if (min == 0)
		min = 1;
	if (max == 0)
		max = POINTS_MAX;
	if (points >= min && points <= max)
		return true;
	deciding->refusal->required = points < min ? min : max;
	return law_refuse(deciding, REFUSAL_POINTS_INVALID,
	    points < min ? "At least %llu points can be sent at once."
			 : "At most %llu points can be sent at once.",
	    (unsigned long long)deciding->refusal->required);
}

static bool is_within_month(struct deciding *deciding,
    const struct programme *programme, const struct book_member *sender)
{
	uint64_t max = programme->transfer_month_points_max;
	uint64_t points = deciding->command->points;
	uint64_t sent;
	uint64_t left;

	if (max == 0)
		return true;
	sent = book_count(sender,
	    programme_ident(IDENT_KIND_TRANSFER, bytes_of(NULL, 0)),
	    COUNT_POINTS_MONTH,
	    book_period_day(PERIOD_MONTH, law_today(deciding, programme)));
	left = sent < max ? max - sent : 0;
	if (points <= left)
		return true;
	deciding->refusal->required = points;
	deciding->refusal->available = (int64_t)left;
	return law_refuse(deciding, REFUSAL_CEILING,
	    "This card can send %llu more points this month.",
	    (unsigned long long)left);
}

/* False with a refusal. Points go from pool to pool. */
static bool find_both(struct deciding *deciding,
    const struct book_member **ret_from, const struct book_member **ret_to)
{
	const struct command *command = deciding->command;

	*ret_from = law_find_member(deciding, command->account);
	if (*ret_from == NULL)
		return false;
	*ret_to = law_find_member(deciding, command->other_account);
	if (*ret_to == NULL)
		return false;
	if (*ret_from == *ret_to)
		return law_refuse(deciding, REFUSAL_SAME_MEMBER,
		    "Both cards have the same points. Scan another.");
	if (law_is_own_card(deciding, *ret_to))
		return law_refuse_own_card(deciding);
	return true;
}

bool law_decide_transfer(struct deciding *deciding)
{
	uint64_t points = deciding->command->points;
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *from;
	const struct book_member *to;
	uint64_t spendable;
	int32_t today;

	if (programme == NULL)
		return false;
	if (!programme->has_transfer)
		return law_refuse(deciding, REFUSAL_CEILING,
		    "Points cannot be sent to another card in this shop.");
	if (!are_points_good(deciding, programme) ||
	    !find_both(deciding, &from, &to) ||
	    !is_within_month(deciding, programme, from))
		return false;
	today = law_today(deciding, programme);
	spendable =
	    book_spendable_points(from, today, deciding->entry->time_ms);
	if (spendable < points)
		return law_refuse_short(deciding, points, spendable);
	return law_move(deciding, &(struct law_move){.from = from,
				      .to = to,
				      .points = points,
				      .lots = law_take_lots(deciding, from,
					  TAKE_SPEND, today, NULL, points)});
}
