/*
 * book_apply_people: owns how what concerns people changes the book: members
 * and their cards, pools, points by hand, and what the night writes down.
 */
#include "common/law/book_change.h"

#include <stdlib.h>
#include <string.h>

/* --- sorted arrays of a member's extra ------------------------------------ */

static uint32_t number_place(
    const uint64_t *numbers, uint32_t count, uint64_t number)
{
	uint32_t place = 0;

	while (place < count && numbers[place] < number)
		place++;
	return place;
}

static bool has_number(const uint64_t *numbers, uint32_t count, uint64_t number)
{
	uint32_t place = number_place(numbers, count, number);

	return place < count && numbers[place] == number;
}

/* False where there is no memory. */
static bool add_number(uint64_t **numbers, uint8_t *count, uint64_t number)
{
	uint32_t place = number_place(*numbers, *count, number);
	uint64_t *grown =
	    reallocarray(*numbers, (size_t)*count + 1, sizeof(*grown));

	if (grown == NULL)
		return false;
	memmove(&grown[place + 1], &grown[place],
	    (*count - place) * sizeof(*grown));
	grown[place] = number;
	*numbers = grown;
	++*count;
	return true;
}

static void drop_number(uint64_t **numbers, uint8_t *count, uint64_t number)
{
	uint32_t place = number_place(*numbers, *count, number);

	memmove(&(*numbers)[place], &(*numbers)[place + 1],
	    (*count - place - 1) * sizeof(**numbers));
	--*count;
	if (*count > 0)
		return;
	free(*numbers);
	*numbers = NULL;
}

/* --- members -------------------------------------------------------------- */

/* The day of the programme in force; of UTC before there is any. */
static int32_t enrolled_day(const struct change *change)
{
	static const struct zone utc;
	const struct book_programme *version = book_programme(change->book);

	return zone_local(version == NULL ? &utc : &version->programme->zone,
	    change->entry->time_ms)
	    .day;
}

static enum result add_member(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_member *member =
	    book_add_member(change->book, entry->to_account);

	if (member == NULL)
		return error_no_memory(change->err);
	member->enrolled_sequence = entry->sequence;
	member->enrolled_day = enrolled_day(change);
	member->active_day = member->enrolled_day;
	member->last_sale_day = DAY_NONE;
	if (change_has(change, TAG_REFERRER)) {
		if (book_add_extra(member) == NULL)
			return error_no_memory(change->err);
		member->extra->referrer = entry->referrer;
	}
	change->to = member;
	return RESULT_OK;
}

enum result change_enrol(struct change *change)
{
	const struct entry *entry = change->entry;
	uint64_t account = entry->to_account;
	struct book_member *member;

	if (entry->from_account != 0 || entry->points != 0 ||
	    account < ACCOUNT_MEMBER_MIN || account > ACCOUNT_MEMBER_MAX)
		return change_refuse(change, "no member's account is opened");
	if (change_has(change, TAG_REFERRER) &&
	    (entry->referrer == account ||
		entry->referrer < ACCOUNT_MEMBER_MIN ||
		entry->referrer > ACCOUNT_MEMBER_MAX))
		return change_refuse(change, "no other member brought it");
	member = book_find_member(change->book, account);
	if (member == NULL)
		return add_member(change);
	if (!change_is_member_open(change, member) &&
	    member->enrolled_sequence == entry->sequence)
		return RESULT_OK;
	return change_refuse(change, "member %llu is there already",
	    (unsigned long long)account);
}

/* --- cards and details ---------------------------------------------------- */

static enum result add_card(struct change *change, struct book_extra *extra)
{
	uint64_t card = change->entry->card;
	uint32_t place = number_place(extra->cards, extra->card_count, card);
	uint32_t below = (1u << place) - 1;

	if (extra->card_count >= CARDS_MAX)
		return change_refuse(
		    change, "a member has %u cards already", CARDS_MAX);
	if (!add_number(&extra->cards, &extra->card_count, card))
		return error_no_memory(change->err);
	extra->blocked_cards = (extra->blocked_cards & below) |
			       (extra->blocked_cards & ~below) << 1;
	return RESULT_OK;
}

static enum result change_further_card(
    struct change *change, struct book_extra *extra, bool blocks)
{
	uint64_t card = change->entry->card;
	uint32_t place = number_place(extra->cards, extra->card_count, card);
	uint32_t bit = 1u << place;

	if (!has_number(extra->cards, extra->card_count, card)) {
		if (!blocks)
			return add_card(change, extra);
		return change_refuse(
		    change, "there is no card %llu", (unsigned long long)card);
	}
	if (((extra->blocked_cards & bit) != 0) == blocks)
		return change_refuse(change, "card %llu is so already",
		    (unsigned long long)card);
	extra->blocked_cards ^= bit;
	return RESULT_OK;
}

enum result change_card(struct change *change)
{
	const struct entry *entry = change->entry;
	bool blocks = entry->standing == STANDING_REVOKED;
	struct book_extra *extra;
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, SIDE_MEMBER);

	if (result != RESULT_OK || !change_is_member_open(change, change->to))
		return result;
	if (!book_is_standing(entry->standing))
		return change_refuse(change, "it says no standing");
	extra = book_add_extra(change->to);
	if (extra == NULL)
		return error_no_memory(change->err);
	if (entry->card != 0)
		return change_further_card(change, extra, blocks);
	if (extra->is_card_blocked == blocks)
		return change_refuse(change, "the card is so already");
	extra->is_card_blocked = blocks;
	return RESULT_OK;
}

static enum result add_segment(
    struct change *change, struct book_extra *extra, uint32_t ident)
{
	uint32_t place = 0;
	uint32_t *segments;

	if (extra->segment_count >= SEGMENTS_MAX)
		return change_refuse(
		    change, "a member has %u segments already", SEGMENTS_MAX);
	segments = reallocarray(extra->segments,
	    (size_t)extra->segment_count + 1, sizeof(*segments));
	if (segments == NULL)
		return error_no_memory(change->err);
	while (place < extra->segment_count && segments[place] < ident)
		place++;
	memmove(&segments[place + 1], &segments[place],
	    (extra->segment_count - place) * sizeof(*segments));
	segments[place] = ident;
	extra->segments = segments;
	extra->segment_count++;
	return RESULT_OK;
}

static void drop_segment(struct book_extra *extra, uint32_t ident)
{
	uint32_t kept = 0;

	for (uint32_t index = 0; index < extra->segment_count; index++) {
		if (extra->segments[index] != ident)
			extra->segments[kept++] = extra->segments[index];
	}
	extra->segment_count = (uint8_t)kept;
	if (kept > 0)
		return;
	free(extra->segments);
	extra->segments = NULL;
}

static enum result change_segment(
    struct change *change, struct book_member *member)
{
	uint32_t ident = programme_ident("segment", change->entry->segment);
	bool adds = change->entry->standing == STANDING_ACTIVE;

	if (!book_is_standing(change->entry->standing))
		return change_refuse(change, "it says no standing");
	if (book_has_segment(member, ident) == adds)
		return change_refuse(change, "the segment is so already");
	if (!adds) {
		drop_segment(member->extra, ident);
		return RESULT_OK;
	}
	if (book_add_extra(member) == NULL)
		return error_no_memory(change->err);
	return add_segment(change, member->extra, ident);
}

enum result change_member(struct change *change)
{
	struct book_member *member = change->to;
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, SIDE_MEMBER);

	if (result != RESULT_OK || !change_is_member_open(change, member))
		return result;
	if (change_has(change, TAG_COMMITMENT) ==
	    change_has(change, TAG_SEGMENT))
		return change_refuse(
		    change, "it is neither of details nor of a segment");
	if (change_has(change, TAG_SEGMENT))
		return change_segment(change, member);
	if (!book_put_details(member, &change->entry->commitment))
		return error_no_memory(change->err);
	return RESULT_OK;
}

/* --- pools ---------------------------------------------------------------- */

/* Who gets points by a person's act is there on that day: points that lapse for
 * want of activity would else have lapsed before they came. */
static enum result move_to_active(struct change *change)
{
	enum result result = RESULT_OK;

	if (change->to != NULL)
		result =
		    change_note_activity(change, change->to, change->today);
	return result == RESULT_OK ? change_move(change) : result;
}

static enum result join_pool(struct change *change, struct book_member *pool)
{
	uint64_t account = change->entry->from_account;
	struct book_extra *extra;

	if (!change_is_member_open(change, pool))
		return RESULT_OK;
	if (book_joined_to(pool) != 0)
		return change_refuse(change, "who is joined pools itself");
	extra = book_add_extra(pool);
	if (extra == NULL)
		return error_no_memory(change->err);
	if (has_number(extra->joined, extra->joined_count, account))
		return change_refuse(change, "it pools there already");
	if (extra->joined_count >= JOINED_MAX)
		return change_refuse(
		    change, "%u pool with one member already", JOINED_MAX);
	if (!add_number(&extra->joined, &extra->joined_count, account))
		return error_no_memory(change->err);
	return RESULT_OK;
}

/* After its points have gone: what had lapsed stays, and expires there. */
static enum result join_self(struct change *change, struct book_member *member)
{
	if (!change_is_member_open(change, member))
		return RESULT_OK;
	if (book_joined_to(member) != 0 ||
	    (member->extra != NULL && member->extra->joined_count > 0))
		return change_refuse(change, "who joins pools already");
	if (member->balance_points < 0 ||
	    (uint64_t)member->balance_points !=
		book_lapsed_points(member, change->today))
		return change_refuse(change, "it leaves points behind");
	if (book_add_extra(member) == NULL)
		return error_no_memory(change->err);
	member->extra->joined_to = change->entry->to_account;
	member->extra->joined_by = change->entry->sequence;
	return RESULT_OK;
}

enum result change_join(struct change *change)
{
	enum result result =
	    change_want_sides(change, SIDE_MEMBER, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK && change->from == change->to)
		return change_refuse(change, "it joins itself");
	if (result == RESULT_OK)
		result = move_to_active(change);
	if (result == RESULT_OK)
		result = join_self(change, change->from);
	if (result == RESULT_OK)
		result = join_pool(change, change->to);
	return result;
}

static enum result leave_pool(struct change *change, struct book_member *pool)
{
	uint64_t account = change->entry->to_account;
	struct book_extra *extra = pool->extra;

	if (!change_is_member_open(change, pool))
		return RESULT_OK;
	if (extra == NULL ||
	    !has_number(extra->joined, extra->joined_count, account))
		return change_refuse(change, "%llu does not pool there",
		    (unsigned long long)account);
	drop_number(&extra->joined, &extra->joined_count, account);
	return RESULT_OK;
}

static enum result leave_self(struct change *change, struct book_member *member)
{
	const struct entry *entry = change->entry;

	if (!change_is_member_open(change, member))
		return RESULT_OK;
	if (book_joined_to(member) != entry->from_account ||
	    member->extra->joined_by != entry->related_sequence)
		return change_refuse(change, "it did not join so");
	member->extra->joined_to = 0;
	member->extra->joined_by = 0;
	return RESULT_OK;
}

enum result change_leave(struct change *change)
{
	enum result result =
	    change_want_sides(change, SIDE_MEMBER, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK)
		result = leave_self(change, change->to);
	if (result == RESULT_OK)
		result = leave_pool(change, change->from);
	if (result == RESULT_OK)
		result = move_to_active(change);
	return result;
}

/* --- points by hand ------------------------------------------------------- */

enum result change_transfer(struct change *change)
{
	enum result result =
	    change_want_sides(change, SIDE_MEMBER, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK && change->from == change->to)
		return change_refuse(change, "it gives to itself");
	if (result == RESULT_OK)
		result = change_count_sent(change, change->from);
	if (result == RESULT_OK)
		result = move_to_active(change);
	return result;
}

/* Points that somebody gave on a day, alone or with another. */
static enum result note_given(
    struct change *change, uint32_t number, bool is_alone)
{
	struct book_cashier *cashier = book_find_cashier(change->book, number);
	uint64_t *given_points;

	if (cashier == NULL)
		return change_refuse(change, "there is no cashier %u", number);
	if (!change_is_open(change, cashier->true_at))
		return RESULT_OK;
	if (change->today > cashier->given_day) {
		cashier->given_day = change->today;
		cashier->given_points = 0;
		cashier->second_points = 0;
	}
	given_points =
	    is_alone ? &cashier->given_points : &cashier->second_points;
	if (__builtin_add_overflow(
		*given_points, change->entry->points, given_points))
		*given_points = UINT64_MAX;
	change_mark(change, BOOK_KEY_CASHIER + number, &cashier->true_at,
	    &cashier->dirty);
	return RESULT_OK;
}

enum result change_adjust(struct change *change)
{
	const struct entry *entry = change->entry;
	bool has_second = change_has(change, TAG_SECOND);
	bool gives = change->to != NULL;
	enum result result = change_want_programme(change);

	if (result == RESULT_OK)
		result = gives ? change_want_sides(
				     change, ACCOUNT_GOODWILL, SIDE_MEMBER)
			       : change_want_sides(
				     change, SIDE_MEMBER, ACCOUNT_GOODWILL);
	if (result == RESULT_OK && has_second &&
	    entry->second == entry->cashier)
		return change_refuse(change, "nobody is second to themselves");
	if (result == RESULT_OK && gives && entry->cashier != 0)
		result = note_given(change, entry->cashier, !has_second);
	if (result == RESULT_OK && gives && has_second)
		result = note_given(change, entry->second, false);
	if (result == RESULT_OK)
		result = move_to_active(change);
	return result;
}

/* --- the night ------------------------------------------------------------ */

enum result change_expire(struct change *change)
{
	enum result result =
	    change_want_sides(change, SIDE_MEMBER, ACCOUNT_EXPIRED);

	if (result == RESULT_OK)
		result = change_move(change);
	return result;
}

enum result change_tiers(struct change *change)
{
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK)
		result = change_move(change);
	if (result == RESULT_OK)
		result = change_tier(change);
	return result;
}

/* It names lots, and moves none of them. */
enum result change_notice(struct change *change)
{
	struct book_member *member = change->to;
	struct reader reader = reader_of(change->entry->lots);
	struct lot lot;
	enum result result =
	    change_want_sides(change, ACCOUNT_NONE, SIDE_MEMBER);

	if (result != RESULT_OK || !change_is_member_open(change, member))
		return result;
	if (change->entry->points != 0)
		return change_refuse(change, "it moves points");
	while (change_has(change, TAG_LOTS) && lot_read(&reader, &lot)) {
		int32_t last = book_lot_expiry_day(member, &lot);

		if (last > member->warned_day)
			member->warned_day = last;
	}
	return RESULT_OK;
}

/* Who was brought brings no further bonus. */
static enum result pay_referral(struct change *change)
{
	uint64_t account = change->entry->referrer;
	struct book_member *brought = book_find_member(change->book, account);

	if (brought == NULL || brought == change->to)
		return change_refuse(change, "%llu is no member brought",
		    (unsigned long long)account);
	if (!change_is_member_open(change, brought))
		return RESULT_OK;
	if (brought->extra == NULL || brought->extra->referrer == 0)
		return change_refuse(change, "%llu was brought by nobody",
		    (unsigned long long)account);
	brought->extra->referrer = 0;
	brought->extra->referral_sale = 0;
	brought->extra->referral_day = 0;
	change->brought = brought;
	return RESULT_OK;
}

enum result change_bonus(struct change *change)
{
	enum result result =
	    change_want_sides(change, ACCOUNT_ISSUED, SIDE_MEMBER);

	if (result == RESULT_OK)
		result = change_want_programme(change);
	if (result == RESULT_OK)
		result = pay_referral(change);
	if (result == RESULT_OK)
		result = move_to_active(change);
	if (result == RESULT_OK)
		result =
		    change_count_parts(change, change->to, COUNT_MORE, true);
	if (result == RESULT_OK)
		result = change_tier(change);
	return result;
}
