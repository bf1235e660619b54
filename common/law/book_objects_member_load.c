/*
 * book_objects_member_load: owns how a kept member is loaded: nothing that no
 * book has written gets past it. The bytes stand in book_objects_member.c.
 */
#include "common/law/book_objects.h"

#include <stdlib.h>

/* --- loading: lists ------------------------------------------------------- */

static int32_t read_day(struct loading *loading)
{
	return (int32_t)reader_u32(&loading->reader);
}

static bool is_account(uint64_t account)
{
	return account >= ACCOUNT_MEMBER_MIN && account <= ACCOUNT_MEMBER_MAX;
}

/* Can what is left to read be a list of so many? */
static enum result check_count(const struct loading *loading, size_t count,
    size_t count_max, size_t encoded_size)
{
	if (loading->reader.failed || count < 1 || count > count_max ||
	    count > reader_left(&loading->reader) / encoded_size)
		return object_ill(loading, "its size is wrong");
	return RESULT_OK;
}

/* An array of `count` elements for what is left to read; NULL with a reason. */
static void *make_list(struct loading *loading, size_t count, size_t count_max,
    size_t element_size, size_t encoded_size, enum result *ret_result)
{
	void *array;

	*ret_result = check_count(loading, count, count_max, encoded_size);
	if (*ret_result != RESULT_OK)
		return NULL;
	array = calloc(count, element_size);
	if (array == NULL)
		*ret_result = error_no_memory(loading->err);
	return array;
}

/* Room for a list behind what the member's block has so far. */
static enum result open_list(struct loading *loading,
    struct book_member *member, size_t count, size_t count_max,
    size_t encoded_size)
{
	size_t place = (size_t)member->lot_count + member->count_count +
		       member->spent_count;
	enum result result =
	    check_count(loading, count, count_max, encoded_size);

	if (result == RESULT_OK && !book_open_places(member, place, count))
		return error_no_memory(loading->err);
	return result;
}

static bool lot_follows(const struct lot *lot, const struct lot *before)
{
	if (lot->expiry_day != before->expiry_day)
		return lot->expiry_day > before->expiry_day;
	return lot->active_day > before->active_day;
}

static enum result load_lots(
    struct loading *loading, struct book_member *member)
{
	uint16_t count = reader_u16(&loading->reader);
	uint64_t sum = 0;
	enum result result =
	    open_list(loading, member, count, LOTS_MAX, LOT_SIZE);

	if (result != RESULT_OK)
		return result;
	for (uint32_t index = 0; index < count; index++) {
		struct lot *lot = &member->lots[index];

		lot->expiry_day = read_day(loading);
		lot->active_day = read_day(loading);
		lot->points = reader_u64(&loading->reader);
		if (lot->points < 1 || lot->points > BALANCE_POINTS_MAX ||
		    (index > 0 && !lot_follows(lot, &lot[-1])))
			return object_ill(loading, "its lots cannot be");
		sum += lot->points;
	}
	member->lot_count = count;
	if (member->balance_points < 0 ||
	    sum != (uint64_t)member->balance_points)
		return object_ill(loading, "its lots are not its balance");
	return RESULT_OK;
}

static enum result load_returned_lines(
    struct loading *loading, struct book_returned *returned)
{
	uint8_t count = reader_u8(&loading->reader);
	enum result result;

	if (count == 0)
		return RESULT_OK;
	returned->lines = make_list(loading, count, LINES_MAX,
	    sizeof(*returned->lines), RETURNED_LINE_SIZE, &result);
	if (result != RESULT_OK)
		return result;
	returned->line_count = count;
	for (uint32_t index = 0; index < count; index++) {
		struct book_returned_line *line = &returned->lines[index];

		line->line = reader_u8(&loading->reader);
		line->quantity = reader_u32(&loading->reader);
		line->amount_minor = (int64_t)reader_u64(&loading->reader);
		if (line->line >= LINES_MAX ||
		    (index > 0 && line->line <= line[-1].line))
			return object_ill(loading, "its lines cannot be");
	}
	return RESULT_OK;
}

static enum result load_returned(
    struct loading *loading, struct book_extra *extra)
{
	uint32_t count = reader_u32(&loading->reader);
	enum result result;

	extra->returned = make_list(loading, count, UINT32_MAX,
	    sizeof(*extra->returned), RETURNED_SIZE, &result);
	if (result != RESULT_OK)
		return result;
	extra->returned_count = count;
	for (uint32_t index = 0; index < count; index++) {
		struct book_returned *returned = &extra->returned[index];
		uint8_t is_void;

		returned->sale_sequence = reader_u64(&loading->reader);
		returned->amount_minor = reader_u64(&loading->reader);
		returned->by_amount_minor = reader_u64(&loading->reader);
		returned->points = reader_u64(&loading->reader);
		is_void = reader_u8(&loading->reader);
		returned->is_void = is_void == 1;
		if (returned->sale_sequence == 0 || is_void > 1 ||
		    (index > 0 &&
			returned->sale_sequence <= returned[-1].sale_sequence))
			return object_ill(
			    loading, "its sales are out of order");
		result = load_returned_lines(loading, returned);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

static enum result load_holds(struct loading *loading, struct book_extra *extra)
{
	uint8_t count = reader_u8(&loading->reader);
	enum result result;

	extra->holds = make_list(loading, count, HOLDS_MAX,
	    sizeof(*extra->holds), HOLD_SIZE, &result);
	if (result != RESULT_OK)
		return result;
	extra->hold_count = count;
	for (uint32_t index = 0; index < count; index++) {
		struct book_hold *hold = &extra->holds[index];

		hold->sequence = reader_u64(&loading->reader);
		hold->points = reader_u64(&loading->reader);
		hold->until_ms = reader_u64(&loading->reader);
		hold->ident = reader_u32(&loading->reader);
		if (hold->sequence == 0 || hold->sequence > loading->true_at ||
		    hold->points < 1 || hold->points > POINTS_MAX ||
		    hold->until_ms == 0 ||
		    (index > 0 && hold->sequence <= hold[-1].sequence))
			return object_ill(loading, "its holds cannot be");
	}
	return RESULT_OK;
}

/* The day takes 29 bits of a counter: 700,000 years either way. */
#define PERIOD_DAY_END (1 << 28)

static bool is_period(uint8_t what, int32_t day)
{
	if (what == COUNT_POINTS_EVER || what == COUNT_TIMES_EVER)
		return day == 0;
	return what < COUNT_TIMES_EVER && day >= -PERIOD_DAY_END &&
	       day < PERIOD_DAY_END;
}

static bool count_follows(
    const struct book_count *count, const struct book_count *before)
{
	if (count->ident != before->ident)
		return count->ident > before->ident;
	return count->what > before->what;
}

static enum result load_counts(
    struct loading *loading, struct book_member *member)
{
	uint16_t count = reader_u16(&loading->reader);
	enum result result =
	    open_list(loading, member, count, COUNTERS_MAX, COUNT_SIZE);

	if (result != RESULT_OK)
		return result;
	member->count_count = count;
	for (uint32_t index = 0; index < count; index++) {
		struct book_count *one = &book_own_counts(member)[index];
		uint32_t ident = reader_u32(&loading->reader);
		uint8_t what = reader_u8(&loading->reader);
		int32_t day = read_day(loading);

		if (!is_period(what, day))
			return object_ill(loading, "its counters cannot be");
		*one = (struct book_count){
		    ident, what, day, reader_u64(&loading->reader)};
		if (one->value == 0 ||
		    (index > 0 && !count_follows(one, &one[-1])))
			return object_ill(loading, "its counters cannot be");
	}
	return RESULT_OK;
}

static enum result load_spent(
    struct loading *loading, struct book_member *member)
{
	uint16_t count = reader_u16(&loading->reader);
	uint64_t sum = 0;
	enum result result =
	    open_list(loading, member, count, SPENT_DAYS_MAX, SPENT_SIZE);

	if (result != RESULT_OK)
		return result;
	member->spent_count = count;
	for (uint32_t index = 0; index < count; index++) {
		struct book_spent *spent = &book_own_days(member)[index];

		spent->day = read_day(loading);
		spent->value = reader_u64(&loading->reader);
		if (spent->value == 0 || spent->day > member->qualify_day ||
		    (index > 0 && spent->day <= spent[-1].day) ||
		    __builtin_add_overflow(sum, spent->value, &sum))
			return object_ill(loading, "its days cannot be");
	}
	if (sum != member->qualifying)
		return object_ill(loading, "its days are not what qualifies");
	return RESULT_OK;
}

static enum result load_segments(
    struct loading *loading, struct book_extra *extra)
{
	uint8_t count = reader_u8(&loading->reader);
	enum result result;

	extra->segments = make_list(loading, count, SEGMENTS_MAX,
	    sizeof(*extra->segments), sizeof(uint32_t), &result);
	if (result != RESULT_OK)
		return result;
	extra->segment_count = count;
	for (uint32_t index = 0; index < count; index++) {
		extra->segments[index] = reader_u32(&loading->reader);
		if (index > 0 &&
		    extra->segments[index] <= extra->segments[index - 1])
			return object_ill(loading, "its segments cannot be");
	}
	return RESULT_OK;
}

/* Ascending numbers from `min` on. */
static enum result load_numbers(struct loading *loading, uint64_t **numbers,
    uint8_t *ret_count, uint32_t count_max, uint64_t min)
{
	uint8_t count = reader_u8(&loading->reader);
	enum result result;

	*numbers = make_list(loading, count, count_max, sizeof(**numbers),
	    sizeof(uint64_t), &result);
	if (result != RESULT_OK)
		return result;
	*ret_count = count;
	for (uint32_t index = 0; index < count; index++) {
		uint64_t number = reader_u64(&loading->reader);

		if (number < min || number > ACCOUNT_MEMBER_MAX)
			return object_ill(loading, "its numbers cannot be");
		min = number + 1;
		(*numbers)[index] = number;
	}
	return RESULT_OK;
}

static enum result load_cards(struct loading *loading, struct book_extra *extra)
{
	enum result result = load_numbers(
	    loading, &extra->cards, &extra->card_count, CARDS_MAX, 1);

	if (result != RESULT_OK)
		return result;
	extra->blocked_cards = reader_u32(&loading->reader);
	if (extra->blocked_cards >> extra->card_count != 0)
		return object_ill(loading, "its cards cannot be");
	return RESULT_OK;
}

/* --- loading: what is no list --------------------------------------------- */

static enum result load_pool(
    struct loading *loading, struct book_member *member)
{
	struct book_extra *extra = book_add_extra(member);

	if (extra == NULL)
		return error_no_memory(loading->err);
	extra->joined_to = reader_u64(&loading->reader);
	extra->joined_by = reader_u64(&loading->reader);
	if (!is_account(extra->joined_to) ||
	    extra->joined_to == member->account || extra->joined_by == 0 ||
	    extra->joined_by > loading->true_at || member->balance_points < 0)
		return object_ill(loading, "its pool cannot be");
	return RESULT_OK;
}

static enum result load_qualifying(
    struct loading *loading, struct book_member *member)
{
	member->qualifying = reader_u64(&loading->reader);
	member->qualify_day = read_day(loading);
	member->before_level = reader_u8(&loading->reader);
	member->qualify = reader_u8(&loading->reader);
	if (member->before_level > TIERS_MAX ||
	    member->qualify > QUALIFY_VISITS ||
	    !(member_parts(member) & PART_QUALIFYING))
		return object_ill(loading, "what qualifies cannot be");
	return RESULT_OK;
}

static enum result load_tier(
    struct loading *loading, struct book_member *member)
{
	member->tier_level = reader_u8(&loading->reader);
	member->tier_until_day = read_day(loading);
	member->kept_level = reader_u8(&loading->reader);
	member->kept_until_day = read_day(loading);
	if (member->tier_level > TIERS_MAX || member->kept_level > TIERS_MAX ||
	    !(member_parts(member) & PART_TIER))
		return object_ill(loading, "its tier cannot be");
	return RESULT_OK;
}

static enum result load_warned(
    struct loading *loading, struct book_member *member)
{
	member->warned_day = read_day(loading);
	if (member->warned_day <= 0)
		return object_ill(loading, "its warning cannot be");
	return RESULT_OK;
}

static enum result load_referral(
    struct loading *loading, struct book_member *member)
{
	struct book_extra *extra = member->extra;

	extra->referrer = reader_u64(&loading->reader);
	extra->referral_sale = reader_u64(&loading->reader);
	extra->referral_day = read_day(loading);
	if (!is_account(extra->referrer) ||
	    extra->referrer == member->account ||
	    extra->referral_sale > loading->true_at ||
	    (extra->referral_sale == 0 && extra->referral_day != 0))
		return object_ill(loading, "who brought it cannot be");
	return RESULT_OK;
}

/* --- loading: the whole --------------------------------------------------- */

static enum result load_own(
    struct loading *loading, struct book_member *member, unsigned parts)
{
	enum result result = RESULT_OK;

	if (!(parts & PART_LOTS) && member->balance_points > 0)
		return object_ill(loading, "its lots are not its balance");
	if (parts & PART_LOTS)
		result = load_lots(loading, member);
	if (result == RESULT_OK && (parts & PART_POOL))
		result = load_pool(loading, member);
	if (result == RESULT_OK && (parts & PART_QUALIFYING))
		result = load_qualifying(loading, member);
	if (result == RESULT_OK && (parts & PART_TIER))
		result = load_tier(loading, member);
	if (result == RESULT_OK && (parts & PART_WARNED))
		result = load_warned(loading, member);
	return result;
}

static enum result load_lists(
    struct loading *loading, struct book_member *member, unsigned parts)
{
	struct book_extra *extra = member->extra;
	enum result result = RESULT_OK;

	if (parts & PART_RETURNED)
		result = load_returned(loading, extra);
	if (result == RESULT_OK && (parts & PART_HOLDS))
		result = load_holds(loading, extra);
	if (result == RESULT_OK && (parts & PART_COUNTS))
		result = load_counts(loading, member);
	if (result == RESULT_OK && (parts & PART_SPENT))
		result = load_spent(loading, member);
	if (result == RESULT_OK && (parts & PART_SEGMENTS))
		result = load_segments(loading, extra);
	if (result == RESULT_OK && (parts & PART_CARDS))
		result = load_cards(loading, extra);
	if (result == RESULT_OK && (parts & PART_JOINED))
		result = load_numbers(loading, &extra->joined,
		    &extra->joined_count, JOINED_MAX, ACCOUNT_MEMBER_MIN);
	return result;
}

static enum result load_details(
    struct loading *loading, struct book_member *member)
{
	struct hash details = {0};

	reader_copy(&loading->reader, details.bytes, HASH_SIZE);
	if (!book_put_details(member, &details))
		return error_no_memory(loading->err);
	if (!member->has_details)
		return object_ill(loading, "its details are nothing");
	return RESULT_OK;
}

/* The parts from PART_RETURNED on. */
static enum result load_rest(
    struct loading *loading, struct book_member *member, unsigned parts)
{
	enum result result;

	if ((parts & PARTS_EXTRA) && book_add_extra(member) == NULL)
		return error_no_memory(loading->err);
	result = load_lists(loading, member, parts);
	if (result == RESULT_OK && (parts & PART_REFERRAL))
		result = load_referral(loading, member);
	if (result == RESULT_OK && (parts & PART_BLOCKED))
		member->extra->is_card_blocked = true;
	if (result == RESULT_OK && (parts & PART_DETAILS))
		result = load_details(loading, member);
	return result;
}

static enum result load_head(
    struct loading *loading, struct book_member *member)
{
	member->balance_points = (int64_t)reader_u64(&loading->reader);
	member->enrolled_sequence = reader_u64(&loading->reader);
	member->last_sequence = reader_u64(&loading->reader);
	member->enrolled_day = read_day(loading);
	member->last_sale_day = read_day(loading);
	member->active_day = read_day(loading);
	member->true_at = loading->true_at;
	if (loading->reader.failed)
		return object_ill(loading, "its size is wrong");
	if (member->enrolled_sequence == 0 ||
	    member->last_sequence < member->enrolled_sequence ||
	    loading->true_at < member->last_sequence)
		return object_ill(
		    loading, "its sequences contradict each other");
	if (!book_is_balance(member->balance_points) ||
	    __builtin_add_overflow(loading->book->members_points,
		member->balance_points, &loading->book->members_points))
		return object_ill(loading, "its balance cannot be");
	if (member->active_day < member->enrolled_day ||
	    (member->last_sale_day != DAY_NONE &&
		member->last_sale_day > member->active_day))
		return object_ill(loading, "its days contradict each other");
	return RESULT_OK;
}

enum result member_load(struct loading *loading)
{
	unsigned parts = reader_u16(&loading->reader);
	struct book_member *member;
	enum result result;

	if (loading->reader.failed || (parts & ~PARTS_ALL) != 0)
		return object_ill(loading, "its parts are not known");
	if (book_find_member(loading->book, loading->key) != NULL)
		return object_ill(loading, "it comes twice");
	member = book_add_member(loading->book, loading->key);
	if (member == NULL)
		return error_no_memory(loading->err);
	result = load_head(loading, member);
	if (result == RESULT_OK)
		result = load_own(loading, member, parts);
	if (result == RESULT_OK)
		result = load_rest(loading, member, parts);
	if (result != RESULT_OK)
		return result;
	if (!object_is_read(loading))
		return object_ill(loading, "its size is wrong");
	if (book_joined_to(member) != 0 && member->extra->joined_count > 0)
		return object_ill(loading, "it pools, and others with it");
	return RESULT_OK;
}
