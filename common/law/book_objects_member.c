/*
 * book_objects_member: owns the bytes of a kept member, and how they are
 * written. book_objects_member_load.c reads them.
 *
 *    parts u16, balance i64, enrolled u64, last entry u64, enrolled day i32,
 *    last sale's day i32, active day i32; then the parts whose bits are set:
 *
 *    bit  0  lots        count u16; expiry i32, active i32, points u64
 *         1  pool        account u64, by u64
 *         2  qualifying  value u64, day i32, level before u8, what u8
 *         3  tier        level u8, until i32, kept level u8, until i32
 *         4  warned      day i32
 *         5  returned    count u32; sale u64, amount u64, by amount u64, points
 *                        u64, void u8, lines u8; line u8, quantity u32,
 *                        amount i64
 *         6  holds       count u8; sequence u64, points u64, until u64, ident
 *                        u32
 *         7  counts      count u16; ident u32, what u8, period i32, value u64
 *         8  spent       count u16; day i32, value u64
 *         9  segments    count u8; ident u32
 *        10  cards       count u8; card u64; then blocked u32
 *        11  joined      count u8; account u64
 *        12  referral    referrer u64, sale u64, day i32
 *        13  blocked     nothing: the card of the enrolment is
 *        14  details     hash 32
 *
 * A part that would say nothing is left out, so that a member has one form.
 */
#include "common/law/book_objects.h"

#include <assert.h>
#include <stdlib.h>

#define FIXED_SIZE_MAX 160u /* everything that is not a list */

/* --- saving --------------------------------------------------------------- */

static unsigned extra_parts(const struct book_extra *extra)
{
	return (extra->returned_count ? PART_RETURNED : 0) |
	       (extra->hold_count ? PART_HOLDS : 0) |
	       (extra->segment_count ? PART_SEGMENTS : 0) |
	       (extra->card_count ? PART_CARDS : 0) |
	       (extra->joined_count ? PART_JOINED : 0) |
	       (extra->referrer || extra->referral_sale ? PART_REFERRAL : 0) |
	       (extra->is_card_blocked ? PART_BLOCKED : 0);
}

unsigned member_parts(const struct book_member *member)
{
	return (member->lot_count ? PART_LOTS : 0) |
	       (book_joined_to(member) ? PART_POOL : 0) |
	       (member->qualifying || member->qualify_day ||
			   member->before_level || member->qualify
		       ? PART_QUALIFYING
		       : 0) |
	       (member->tier_level || member->tier_until_day ||
			   member->kept_level || member->kept_until_day
		       ? PART_TIER
		       : 0) |
	       (member->warned_day ? PART_WARNED : 0) |
	       (member->count_count ? PART_COUNTS : 0) |
	       (member->spent_count ? PART_SPENT : 0) |
	       (member->has_details ? PART_DETAILS : 0) |
	       (member->extra != NULL ? extra_parts(member->extra) : 0);
}

size_t member_size_max(const struct book_member *member)
{
	const struct book_extra *extra = member->extra;
	size_t size = FIXED_SIZE_MAX + member->lot_count * (size_t)LOT_SIZE +
		      member->count_count * (size_t)COUNT_SIZE +
		      member->spent_count * (size_t)SPENT_SIZE;

	if (extra == NULL)
		return size;
	size += extra->returned_count * (size_t)RETURNED_SIZE;
	for (uint32_t index = 0; index < extra->returned_count; index++)
		size += extra->returned[index].line_count *
			(size_t)RETURNED_LINE_SIZE;
	return size + extra->hold_count * (size_t)HOLD_SIZE +
	       extra->segment_count * sizeof(uint32_t) +
	       extra->card_count * sizeof(uint64_t) +
	       extra->joined_count * sizeof(uint64_t);
}

static void write_day(struct writer *writer, int32_t day)
{
	writer_u32(writer, (uint32_t)day);
}

static void write_returned(
    struct writer *writer, const struct book_extra *extra)
{
	writer_u32(writer, extra->returned_count);
	for (uint32_t index = 0; index < extra->returned_count; index++) {
		const struct book_returned *returned = &extra->returned[index];

		writer_u64(writer, returned->sale_sequence);
		writer_u64(writer, returned->amount_minor);
		writer_u64(writer, returned->by_amount_minor);
		writer_u64(writer, returned->points);
		writer_u8(writer, returned->is_void);
		writer_u8(writer, (uint8_t)returned->line_count);
		for (uint32_t line = 0; line < returned->line_count; line++) {
			writer_u8(writer, (uint8_t)returned->lines[line].line);
			writer_u32(writer, returned->lines[line].quantity);
			writer_u64(writer,
			    (uint64_t)returned->lines[line].amount_minor);
		}
	}
}

static void write_holds(struct writer *writer, const struct book_extra *extra)
{
	writer_u8(writer, (uint8_t)extra->hold_count);
	for (uint32_t index = 0; index < extra->hold_count; index++) {
		writer_u64(writer, extra->holds[index].sequence);
		writer_u64(writer, extra->holds[index].points);
		writer_u64(writer, extra->holds[index].until_ms);
		writer_u32(writer, extra->holds[index].ident);
	}
}

static void write_counts(
    struct writer *writer, const struct book_member *member)
{
	const struct book_count *counts = book_counts(member);

	writer_u16(writer, member->count_count);
	for (uint32_t index = 0; index < member->count_count; index++) {
		writer_u32(writer, counts[index].ident);
		writer_u8(writer, (uint8_t)counts[index].what);
		write_day(writer, counts[index].period_day);
		writer_u64(writer, counts[index].value);
	}
}

static void write_spent(struct writer *writer, const struct book_member *member)
{
	const struct book_spent *days = book_days(member);

	writer_u16(writer, member->spent_count);
	for (uint32_t index = 0; index < member->spent_count; index++) {
		write_day(writer, days[index].day);
		writer_u64(writer, days[index].value);
	}
}

static void write_numbers(
    struct writer *writer, const uint64_t *numbers, uint32_t count)
{
	writer_u8(writer, (uint8_t)count);
	for (uint32_t index = 0; index < count; index++)
		writer_u64(writer, numbers[index]);
}

/* The parts from PART_RETURNED on. */
static void write_rest(
    struct writer *writer, const struct book_member *member, unsigned parts)
{
	const struct book_extra *extra = member->extra;

	if (parts & PART_RETURNED)
		write_returned(writer, extra);
	if (parts & PART_HOLDS)
		write_holds(writer, extra);
	if (parts & PART_COUNTS)
		write_counts(writer, member);
	if (parts & PART_SPENT)
		write_spent(writer, member);
	if (parts & PART_SEGMENTS) {
		writer_u8(writer, (uint8_t)extra->segment_count);
		for (uint32_t index = 0; index < extra->segment_count; index++)
			writer_u32(writer, extra->segments[index]);
	}
	if (parts & PART_CARDS) {
		write_numbers(writer, extra->cards, extra->card_count);
		writer_u32(writer, extra->blocked_cards);
	}
	if (parts & PART_JOINED)
		write_numbers(writer, extra->joined, extra->joined_count);
	if (parts & PART_REFERRAL) {
		writer_u64(writer, extra->referrer);
		writer_u64(writer, extra->referral_sale);
		write_day(writer, extra->referral_day);
	}
	if (parts & PART_DETAILS)
		writer_bytes(writer, hash_view(book_details(member)));
}

static void write_own(
    struct writer *writer, const struct book_member *member, unsigned parts)
{
	if (parts & PART_LOTS)
		writer_u16(writer, member->lot_count);
	for (uint32_t index = 0; index < member->lot_count; index++)
		lot_write(writer, &member->lots[index]);
	if (parts & PART_POOL) {
		writer_u64(writer, member->extra->joined_to);
		writer_u64(writer, member->extra->joined_by);
	}
	if (parts & PART_QUALIFYING) {
		writer_u64(writer, member->qualifying);
		write_day(writer, member->qualify_day);
		writer_u8(writer, member->before_level);
		writer_u8(writer, member->qualify);
	}
	if (parts & PART_TIER) {
		writer_u8(writer, member->tier_level);
		write_day(writer, member->tier_until_day);
		writer_u8(writer, member->kept_level);
		write_day(writer, member->kept_until_day);
	}
	if (parts & PART_WARNED)
		write_day(writer, member->warned_day);
}

void member_write(struct writer *writer, const struct book_member *member)
{
	unsigned parts = member_parts(member);

	writer_u16(writer, (uint16_t)parts);
	writer_u64(writer, (uint64_t)member->balance_points);
	writer_u64(writer, member->enrolled_sequence);
	writer_u64(writer, member->last_sequence);
	write_day(writer, member->enrolled_day);
	write_day(writer, member->last_sale_day);
	write_day(writer, member->active_day);
	write_own(writer, member, parts);
	write_rest(writer, member, parts);
}
