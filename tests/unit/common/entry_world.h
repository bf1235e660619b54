/*
 * entry_world: samples of every kind, for the tests of the record's one
 * encoding. raw() below is a second encoder that checks nothing, so that each
 * rule is tried on the way out and on the way in.
 */
#ifndef TESTS_UNIT_COMMON_ENTRY_WORLD_H
#define TESTS_UNIT_COMMON_ENTRY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/ledger/entry.h"

#define MEMBER (ACCOUNT_MEMBER_MIN + 0x123456789ull)
#define HAS(tag) ENTRY_HAS(tag)

static struct error error;
static uint8_t record[2 * ENTRY_SIZE_MAX];

/* --- samples -------------------------------------------------------------- */

static inline struct entry sample_of(enum entry_kind kind, uint64_t sequence)
{
	struct entry entry = {.kind = kind, .sequence = sequence};

	for (unsigned i = 0; i < HASH_SIZE && sequence > 1; i++)
		entry.previous.bytes[i] = (uint8_t)i;
	for (unsigned i = 0; i < ENTRY_RANDOM_SIZE; i++)
		entry.random[i] = (uint8_t)(0x60 + i);
	entry.programme_sequence = sequence > 2 ? 2 : 0;
	return entry;
}

static inline struct entry sample_shop(void)
{
	struct entry entry = sample_of(ENTRY_SHOP, 1);

	entry.time_ms = 1700000000000;
	entry.counter = 1;
	entry.has = HAS(TAG_KEY) | HAS(TAG_TEXT);
	memset(entry.key.bytes, 0xaa, HASH_SIZE);
	entry.text = bytes_of_string("shop.example/points");
	return entry;
}

static inline struct entry sample_programme(void)
{
	struct entry entry = sample_of(ENTRY_PROGRAMME, 2);

	entry.counter = 2;
	entry.has = HAS(TAG_TEXT);
	entry.text = bytes_of_string("[programme]\r\n\tname = Caf\xc3\xa9\n");
	return entry;
}

static inline struct entry sample_terminal(void)
{
	struct entry entry = sample_of(ENTRY_TERMINAL, 4);

	entry.time_ms = 1700000000001;
	entry.counter = 3;
	entry.has =
	    HAS(TAG_KEY) | HAS(TAG_SUBJECT) | HAS(TAG_ROLE) | HAS(TAG_STATUS);
	memset(entry.key.bytes, 0xbb, HASH_SIZE);
	entry.subject = 3;
	entry.role = ROLE_TERMINAL;
	entry.standing = STANDING_ACTIVE;
	return entry;
}

static inline struct entry sample_cashier(void)
{
	struct entry entry = sample_of(ENTRY_CASHIER, 5);

	entry.has = HAS(TAG_COMMITMENT) | HAS(TAG_SUBJECT) | HAS(TAG_ROLE) |
		    HAS(TAG_STATUS);
	memset(entry.commitment.bytes, 0xcc, HASH_SIZE);
	entry.subject = 2;
	entry.role = ROLE_SUPERVISOR;
	entry.standing = STANDING_REVOKED;
	return entry;
}

static inline struct entry sample_enrol(void)
{
	struct entry entry = sample_of(ENTRY_ENROL, 40);

	entry.to_account = MEMBER;
	entry.terminal = 3;
	entry.has = HAS(TAG_COMMITMENT);
	memset(entry.commitment.bytes, 0xdd, HASH_SIZE);
	return entry;
}

static inline struct entry sample_earn(void)
{
	struct entry entry = sample_of(ENTRY_EARN, 57);

	entry.time_ms = 1700000000123;
	entry.terminal = 3;
	entry.counter = 41;
	entry.cashier = 2;
	entry.from_account = ACCOUNT_ISSUED;
	entry.to_account = MEMBER;
	entry.points = 12;
	entry.amount_minor = 1250;
	entry.from_previous_sequence = 56;
	entry.to_previous_sequence = 40;
	entry.has = HAS(TAG_RECEIPT) | HAS(TAG_BALANCE);
	entry.receipt = bytes_of_string("A-17\xc2\xb7\xc3\xa9");
	entry.balance_points = 112;
	return entry;
}

static inline struct entry sample_redeem(void)
{
	struct entry entry = sample_of(ENTRY_REDEEM, 59);

	entry.time_ms = 1700000000125;
	entry.terminal = 3;
	entry.counter = 43;
	entry.from_account = MEMBER;
	entry.to_account = ACCOUNT_REDEEMED;
	entry.points = 150;
	entry.from_previous_sequence = 58;
	entry.has = HAS(TAG_REWARD) | HAS(TAG_BALANCE);
	entry.reward = bytes_of_string("coffee");
	return entry;
}

static inline struct entry sample_return(void)
{
	struct entry entry = sample_of(ENTRY_RETURN, 58);

	entry.time_ms = 1700000000124;
	entry.terminal = 3;
	entry.counter = 42;
	entry.from_account = MEMBER;
	entry.to_account = ACCOUNT_ISSUED;
	entry.points = 200;
	entry.amount_minor = 20000;
	entry.related_sequence = 57;
	entry.from_previous_sequence = 57;
	entry.to_previous_sequence = 57;
	entry.has = HAS(TAG_BALANCE);
	entry.balance_points = -88;
	return entry;
}

static struct entry (*const samples[])(void) = {NULL, sample_shop,
    sample_programme, sample_terminal, sample_cashier, sample_enrol,
    sample_earn, sample_redeem, sample_return};

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
	return writer;
}

/* --- what is asserted ----------------------------------------------------- */

static inline void assert_entries_equal(
    const struct entry *a, const struct entry *b)
{
	struct entry copy_a = *a;
	struct entry copy_b = *b;

	assert_true(bytes_equal(a->text, b->text));
	assert_true(bytes_equal(a->reward, b->reward));
	assert_true(bytes_equal(a->receipt, b->receipt));
	copy_a.text = copy_a.reward = copy_a.receipt = bytes_of(NULL, 0);
	copy_b.text = copy_b.reward = copy_b.receipt = bytes_of(NULL, 0);
	assert_int_equal(copy_a.kind, copy_b.kind);
	assert_int_equal(copy_a.sequence, copy_b.sequence);
	assert_memory_equal(copy_a.previous.bytes, copy_b.previous.bytes, 32);
	assert_int_equal(copy_a.time_ms, copy_b.time_ms);
	assert_int_equal(copy_a.terminal, copy_b.terminal);
	assert_int_equal(copy_a.counter, copy_b.counter);
	assert_int_equal(copy_a.cashier, copy_b.cashier);
	assert_int_equal(copy_a.from_account, copy_b.from_account);
	assert_int_equal(copy_a.to_account, copy_b.to_account);
	assert_int_equal(copy_a.points, copy_b.points);
	assert_int_equal(copy_a.amount_minor, copy_b.amount_minor);
	assert_int_equal(copy_a.related_sequence, copy_b.related_sequence);
	assert_int_equal(copy_a.programme_sequence, copy_b.programme_sequence);
	assert_memory_equal(copy_a.random, copy_b.random, 16);
	assert_int_equal(
	    copy_a.from_previous_sequence, copy_b.from_previous_sequence);
	assert_int_equal(
	    copy_a.to_previous_sequence, copy_b.to_previous_sequence);
	assert_int_equal(copy_a.has, copy_b.has);
	assert_memory_equal(
	    copy_a.commitment.bytes, copy_b.commitment.bytes, 32);
	assert_memory_equal(copy_a.key.bytes, copy_b.key.bytes, 32);
	assert_int_equal(copy_a.subject, copy_b.subject);
	assert_int_equal(copy_a.role, copy_b.role);
	assert_int_equal(copy_a.standing, copy_b.standing);
	assert_int_equal(copy_a.balance_points, copy_b.balance_points);
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
}

#endif
