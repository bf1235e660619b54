/*
 * book_apply_sale: owns how sales, redemptions and holds change the book.
 */
#include "common/law/book_change.h"

#include <stdlib.h>
#include <string.h>

/* --- claims --------------------------------------------------------------- */

enum result change_claim(struct change *change)
{
	uint64_t sale = change->entry->related_sequence;
	struct book_claims *claims;
	uint32_t number;

	if (sale >= change->entry->sequence ||
	    !book_claims_number(sale, &number))
		return change_refuse(change, "%llu is no earlier sale",
		    (unsigned long long)sale);
	claims = book_place_claims(change->book, number);
	if (claims == NULL)
		return error_no_memory(change->err);
	if (!change_is_open(change, claims->true_at))
		return RESULT_OK;
	if (book_claims_have(claims, sale))
		return change_refuse(change, "sale %llu is claimed already",
		    (unsigned long long)sale);
	if (!book_claims_add(claims, sale))
		return error_no_memory(change->err);
	change_mark(
	    change, BOOK_KEY_CLAIMS + number, &claims->true_at, &claims->dirty);
	return RESULT_OK;
}

enum result change_sale(struct change *change)
{
	return change_want_sides(change, ACCOUNT_NONE, ACCOUNT_NONE);
}

/* --- earning -------------------------------------------------------------- */

/* The first sale of who was brought makes a bonus due for who brought it. */
static void note_referral(struct change *change, struct book_member *member)
{
	struct book_extra *extra = member->extra;

	if (extra == NULL || extra->referrer == 0 || extra->referral_sale != 0)
		return;
	extra->referral_sale = change->entry->sequence;
	extra->referral_day = change->day;
}

static enum result note_sale(struct change *change, struct book_member *member)
{
	enum result result;

	if (!change_is_member_open(change, member))
		return RESULT_OK;
	result = book_qualify_more(
	    member, change->programme, change->day, change->entry, change->err);
	if (result == RESULT_LIMIT)
		return change_refuse(change, "what qualifies would overflow");
	if (result != RESULT_OK)
		return result;
	if (change->day > member->last_sale_day)
		member->last_sale_day = change->day;
	note_referral(change, member);
	return RESULT_OK;
}

enum result change_earn(struct change *change)
{
	struct book_member *member;
	enum result result =
	    change_want_sides(change, ACCOUNT_ISSUED, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result != RESULT_OK)
		return result;
	member = change->to;
	if (change->entry->related_sequence != 0)
		result = change_claim(change);
	if (result == RESULT_OK)
		result = change_note_activity(change, member, change->day);
	if (result == RESULT_OK)
		result = change_move(change);
	if (result == RESULT_OK)
		result = change_count_parts(change, member, COUNT_MORE, true);
	if (result == RESULT_OK)
		result = change_count_all(change, member, COUNT_MORE, true);
	if (result == RESULT_OK)
		result = change_tier(change);
	if (result == RESULT_OK)
		result = note_sale(change, member);
	return result;
}

/* --- redemptions ---------------------------------------------------------- */

static void drop_hold(struct book_extra *extra, uint32_t place)
{
	memmove(&extra->holds[place], &extra->holds[place + 1],
	    (extra->hold_count - place - 1) * sizeof(*extra->holds));
	extra->hold_count--;
	if (extra->hold_count > 0)
		return;
	free(extra->holds);
	extra->holds = NULL;
}

enum result change_end_hold(struct change *change, struct book_member *member)
{
	uint64_t sequence = change->entry->related_sequence;
	struct book_extra *extra = member->extra;

	if (!change_is_member_open(change, member))
		return RESULT_OK;
	for (uint32_t place = 0; extra != NULL && place < extra->hold_count;
	     place++) {
		if (extra->holds[place].sequence != sequence)
			continue;
		drop_hold(extra, place);
		return RESULT_OK;
	}
	return change_refuse(
	    change, "there is no hold %llu", (unsigned long long)sequence);
}

enum result change_redeem(struct change *change)
{
	enum result result =
	    change_want_sides(change, SIDE_MEMBER, ACCOUNT_REDEEMED);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK && change->entry->related_sequence != 0)
		result = change_end_hold(change, change->from);
	if (result == RESULT_OK)
		result = change_count_reward(change, change->from, COUNT_MORE);
	/* A capture may take lots that lapsed since its hold; so activity comes
	 * after. */
	if (result == RESULT_OK)
		result = change_move(change);
	if (result == RESULT_OK)
		result =
		    change_note_activity(change, change->from, change->day);
	return result;
}

static enum result add_hold(
    struct change *change, struct book_member *member, uint32_t ident)
{
	const struct entry *entry = change->entry;
	struct book_extra *extra = book_add_extra(member);
	struct book_hold *holds;

	if (extra == NULL)
		return error_no_memory(change->err);
	holds = reallocarray(
	    extra->holds, (size_t)extra->hold_count + 1, sizeof(*holds));
	if (holds == NULL)
		return error_no_memory(change->err);
	extra->holds = holds;
	holds[extra->hold_count++] = (struct book_hold){
	    .sequence = entry->sequence,
	    .points = entry->held_points,
	    .until_ms = entry->until_ms,
	    .ident = ident,
	};
	return RESULT_OK;
}

static uint32_t live_holds(const struct book_member *member, uint64_t time_ms)
{
	const struct book_extra *extra = member->extra;
	uint32_t count = 0;

	for (uint32_t index = 0; extra != NULL && index < extra->hold_count;
	     index++)
		count += extra->holds[index].until_ms > time_ms;
	return count;
}

enum result change_hold(struct change *change)
{
	const struct entry *entry = change->entry;
	const struct programme_reward *reward;
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK)
		result = change_move(change);
	if (result != RESULT_OK)
		return result;
	reward = programme_reward(change->programme, entry->reward);
	if (reward == NULL)
		return change_refuse(change, "there is no such reward");
	if (entry->points != 0 || entry->held_points < 1 ||
	    entry->held_points > POINTS_MAX ||
	    entry->until_ms <= entry->time_ms)
		return change_refuse(change, "it holds nothing");
	if (!change_is_member_open(change, change->to))
		return RESULT_OK;
	if (live_holds(change->to, entry->time_ms) >= HOLDS_MAX)
		return change_refuse(
		    change, "a member has %u holds already", HOLDS_MAX);
	return add_hold(change, change->to, reward->ident);
}
