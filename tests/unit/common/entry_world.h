/*
 * entry_world: for the tests of the record's one encoding. raw() below is a
 * second encoder that checks nothing, so that each rule is tried on the way out
 * and on the way in.
 */
#ifndef TESTS_UNIT_COMMON_ENTRY_WORLD_H
#define TESTS_UNIT_COMMON_ENTRY_WORLD_H

#include "tests/support/check.h"

#include <string.h>

#include "tests/unit/common/entry_samples.h"

static struct error error;
static uint8_t record[2 * ENTRY_SIZE_MAX];

/* --- the second encoder --------------------------------------------------- */

static inline void raw_field(
    struct writer *writer, unsigned tag, struct bytes value)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)value.size);
	writer_bytes(writer, value);
}

static inline void raw_number(
    struct writer *writer, unsigned tag, uint64_t value, unsigned size)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)size);
	for (unsigned i = 0; i < size; i++)
		writer_u8(writer, (uint8_t)(value >> (8 * (size - 1 - i))));
}

static inline void raw_head(const struct entry *entry, struct writer *writer)
{
	writer_u8(writer, 1);
	writer_u8(writer, (uint8_t)entry->kind);
	writer_u64(writer, entry->sequence);
	writer_bytes(writer, bytes_of(entry->previous.bytes, 32));
	writer_u64(writer, entry->time_ms);
	writer_u32(writer, entry->terminal);
	writer_u64(writer, entry->counter);
	writer_u32(writer, entry->cashier);
	writer_u64(writer, entry->from_account);
	writer_u64(writer, entry->to_account);
	writer_u64(writer, entry->points);
	writer_u64(writer, entry->amount_minor);
	writer_u64(writer, entry->related_sequence);
	writer_u64(writer, entry->programme_sequence);
	writer_bytes(writer, bytes_of(entry->random, 16));
	writer_u64(writer, entry->from_previous_sequence);
	writer_u64(writer, entry->to_previous_sequence);
}

/* A number and what follows it, as one value. */
static inline void raw_mixed(struct writer *writer, unsigned tag,
    uint64_t number, unsigned size, struct bytes rest)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)(size + rest.size));
	for (unsigned i = 0; i < size; i++)
		writer_u8(writer, (uint8_t)(number >> (8 * (size - 1 - i))));
	writer_bytes(writer, rest);
}

/* Tags 10 and above: the value of each, whether it is a number or bytes. */
static inline void raw_new_fields(
    const struct entry *entry, struct writer *writer)
{
	const struct {
		unsigned size; /* of a number; 0 is bytes */
		uint64_t number;
		struct bytes bytes;
	} fields[TAG_LAST + 1] = {
	    [10] = {0, 0, entry->lines},
	    [11] = {0, 0, entry->parts},
	    [12] = {0, 0, entry->lots},
	    [13] = {8, (uint64_t)entry->until_ms},
	    [14] = {8, (uint64_t)entry->held_points},
	    [15] = {8, (uint64_t)entry->voided_counter},
	    [16] = {5, (uint64_t)entry->tier_level << 32 |
			   (uint32_t)entry->tier_until_day},
	    [17] = {0, 0, entry->reason},
	    [18] = {4, (uint64_t)entry->second},
	    [19] = {8, (uint64_t)entry->card},
	    [20] = {0, 0, entry->segment},
	    [21] = {8, (uint64_t)entry->referrer},
	    [22] = {8, entry->draw_size, bytes_of(entry->draw_root.bytes, 32)},
	    [23] = {8, (uint64_t)entry->paid_minor},
	    [24] = {8, (uint64_t)entry->other_balance_points},
	    [25] = {8, (uint64_t)entry->sold_ms},
	    [26] = {1, (uint64_t)entry->facts},
	    [27] = {0, 0, entry->shop},
	    [28] = {0, 0, entry->backs},
	    [29] = {8, (uint64_t)entry->rules_sequence},
	    [30] = {8, entry->whose},
	};

	for (unsigned tag = 10; tag <= TAG_LAST; tag++)
		if (entry->has & HAS(tag))
			raw_mixed(writer, tag, fields[tag].number,
			    fields[tag].size, fields[tag].bytes);
}

static inline struct writer raw(const struct entry *entry)
{
	struct writer writer = writer_of(record, sizeof(record));

	raw_head(entry, &writer);
	if (entry->has & HAS(1))
		raw_field(&writer, 1, bytes_of(entry->commitment.bytes, 32));
	if (entry->has & HAS(2))
		raw_field(&writer, 2, bytes_of(entry->key.bytes, 32));
	if (entry->has & HAS(3))
		raw_field(&writer, 3, entry->text);
	if (entry->has & HAS(4))
		raw_number(&writer, 4, entry->subject, 4);
	if (entry->has & HAS(5))
		raw_number(&writer, 5, (uint64_t)entry->role, 1);
	if (entry->has & HAS(6))
		raw_number(&writer, 6, (uint64_t)entry->standing, 1);
	if (entry->has & HAS(7))
		raw_field(&writer, 7, entry->reward);
	if (entry->has & HAS(8))
		raw_field(&writer, 8, entry->receipt);
	if (entry->has & HAS(9))
		raw_number(&writer, 9, (uint64_t)entry->balance_points, 8);
	raw_new_fields(entry, &writer);
	return writer;
}

/* --- what is asserted ----------------------------------------------------- */

static inline void assert_entries_equal(
    const struct entry *a, const struct entry *b)
{
	assert_true(bytes_equal(a->text, b->text));
	assert_true(bytes_equal(a->reward, b->reward));
	assert_true(bytes_equal(a->receipt, b->receipt));
	assert_true(bytes_equal(a->lines, b->lines));
	assert_true(bytes_equal(a->parts, b->parts));
	assert_true(bytes_equal(a->lots, b->lots));
	assert_true(bytes_equal(a->backs, b->backs));
	assert_true(bytes_equal(a->reason, b->reason));
	assert_true(bytes_equal(a->segment, b->segment));
	assert_true(bytes_equal(a->shop, b->shop));
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->sequence, b->sequence);
	assert_memory_equal(a->previous.bytes, b->previous.bytes, 32);
	assert_int_equal(a->time_ms, b->time_ms);
	assert_int_equal(a->terminal, b->terminal);
	assert_int_equal(a->counter, b->counter);
	assert_int_equal(a->cashier, b->cashier);
	assert_int_equal(a->from_account, b->from_account);
	assert_int_equal(a->to_account, b->to_account);
	assert_int_equal(a->points, b->points);
	assert_int_equal(a->amount_minor, b->amount_minor);
	assert_int_equal(a->related_sequence, b->related_sequence);
	assert_int_equal(a->programme_sequence, b->programme_sequence);
	assert_memory_equal(a->random, b->random, 16);
	assert_int_equal(a->from_previous_sequence, b->from_previous_sequence);
	assert_int_equal(a->to_previous_sequence, b->to_previous_sequence);
	assert_int_equal(a->has, b->has);
	assert_memory_equal(a->commitment.bytes, b->commitment.bytes, 32);
	assert_memory_equal(a->key.bytes, b->key.bytes, 32);
	assert_int_equal(a->subject, b->subject);
	assert_int_equal(a->role, b->role);
	assert_int_equal(a->standing, b->standing);
	assert_int_equal(a->balance_points, b->balance_points);
	assert_int_equal(a->until_ms, b->until_ms);
	assert_int_equal(a->held_points, b->held_points);
	assert_int_equal(a->voided_counter, b->voided_counter);
	assert_int_equal(a->tier_level, b->tier_level);
	assert_int_equal(a->tier_until_day, b->tier_until_day);
	assert_int_equal(a->second, b->second);
	assert_int_equal(a->card, b->card);
	assert_int_equal(a->referrer, b->referrer);
	assert_int_equal(a->draw_size, b->draw_size);
	assert_int_equal(a->paid_minor, b->paid_minor);
	assert_int_equal(a->other_balance_points, b->other_balance_points);
	assert_int_equal(a->sold_ms, b->sold_ms);
	assert_int_equal(a->facts, b->facts);
	assert_int_equal(a->rules_sequence, b->rules_sequence);
	assert_int_equal(a->whose, b->whose);
	assert_memory_equal(a->draw_root.bytes, b->draw_root.bytes, 32);
}

static inline enum result decode(
    const struct writer *writer, struct entry *entry)
{
	return entry_decode(writer_view(writer), entry, &error);
}

static inline void assert_accepted(const struct entry *entry)
{
	static uint8_t data[ENTRY_SIZE_MAX];
	struct writer writer = writer_of(data, sizeof(data));
	struct writer want = raw(entry);
	struct entry back;

	if (entry_encode(entry, &writer, &error) != RESULT_OK)
		fail_msg("%s", error.text);
	assert_true(bytes_equal(writer_view(&writer), writer_view(&want)));
	if (decode(&want, &back) != RESULT_OK)
		fail_msg("%s", error.text);
	assert_entries_equal(&back, entry);
}

/* Neither written nor read, and nothing touched by either. */
static inline void assert_refused(const struct entry *entry, const char *why)
{
	uint8_t data[1024];
	struct writer writer = writer_of(data, sizeof(data));
	struct writer bytes = raw(entry);
	struct entry back = {.sequence = 77};

	assert_int_equal(entry_encode(entry, &writer, &error), RESULT_INVALID);
	assert_non_null(strstr(error.text, why));
	assert_int_equal(writer.size, 0);
	assert_false(writer.failed);
	assert_int_equal(decode(&bytes, &back), RESULT_INVALID);
	assert_non_null(strstr(error.text, why));
	assert_int_equal(back.sequence, 77);
}

/* --- kinds ---------------------------------------------------------------- */

static inline void give_later_field(struct entry *entry, unsigned tag)
{
	if (tag == TAG_REASON)
		entry->reason = bytes_of_string("why");
	if (tag == TAG_SECOND)
		entry->second = 1;
	if (tag == TAG_CARD)
		entry->card = 1;
	if (tag == TAG_SEGMENT)
		entry->segment = bytes_of_string("vip");
	if (tag == TAG_REFERRER)
		entry->referrer = OTHER;
	if (tag == TAG_DRAW)
		entry->draw_size = 1;
	if (tag == TAG_PAID)
		entry->paid_minor = 1;
	if (tag == TAG_OTHER_BALANCE)
		entry->other_balance_points = 1;
	if (tag == TAG_SOLD)
		entry->sold_ms = 1;
	if (tag == TAG_FACTS)
		entry->facts = FACT_WHOLE;
	if (tag == TAG_SHOP)
		entry->shop = bytes_of_string("north");
	if (tag == TAG_BACKS)
		entry->backs = BYTES_OF(BACKS_BYTES);
	if (tag == TAG_RULES)
		entry->rules_sequence = 1;
	if (tag == TAG_WHOSE)
		entry->whose = OTHER;
}

/* A value for each field that is good wherever the field is allowed. */
static inline void give_field(struct entry *entry, unsigned tag)
{
	entry->has |= HAS(tag);
	if (tag == TAG_TEXT)
		entry->text = bytes_of_string("shop.example");
	if (tag == TAG_SUBJECT)
		entry->subject = 9;
	if (tag == TAG_ROLE)
		entry->role = ROLE_OWNER;
	if (tag == TAG_STATUS)
		entry->standing = STANDING_ACTIVE;
	if (tag == TAG_REWARD)
		entry->reward = bytes_of_string("tea");
	if (tag == TAG_RECEIPT)
		entry->receipt = bytes_of_string("R");
	if (tag == TAG_LINES)
		entry->lines = BYTES_OF(LINES_BYTES);
	if (tag == TAG_PARTS)
		entry->parts = BYTES_OF(PARTS_BYTES);
	if (tag == TAG_LOTS)
		entry->lots = BYTES_OF(LOTS_BYTES);
	if (tag == TAG_UNTIL)
		entry->until_ms = 1;
	if (tag == TAG_HELD)
		entry->held_points = 1;
	if (tag == TAG_VOIDED)
		entry->voided_counter = 1;
	if (tag == TAG_TIER)
		entry->tier_level = 1;
	give_later_field(entry, tag);
}

#endif
