/*
 * test_entry: the record's one encoding. raw() below is a second encoder that
 * checks nothing, so that each rule is tried on the way out and on the way in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/ledger/entry.h"

#define MEMBER (ACCOUNT_MEMBER_MIN + 0x123456789ull)
#define HAS(tag) ENTRY_HAS(tag)

static struct error error;
static uint8_t record[2 * ENTRY_SIZE_MAX];

/* --- samples -------------------------------------------------------------- */

static struct entry sample_of(enum entry_kind kind, uint64_t sequence)
{
	struct entry entry = {.kind = kind, .sequence = sequence};

	for (unsigned i = 0; i < HASH_SIZE && sequence > 1; i++)
		entry.previous.bytes[i] = (uint8_t)i;
	for (unsigned i = 0; i < ENTRY_RANDOM_SIZE; i++)
		entry.random[i] = (uint8_t)(0x60 + i);
	entry.programme_sequence = sequence > 2 ? 2 : 0;
	return entry;
}

static struct entry sample_shop(void)
{
	struct entry entry = sample_of(ENTRY_SHOP, 1);

	entry.time_ms = 1700000000000;
	entry.counter = 1;
	entry.has = HAS(TAG_KEY) | HAS(TAG_TEXT);
	memset(entry.key.bytes, 0xaa, HASH_SIZE);
	entry.text = bytes_of_string("shop.example/points");
	return entry;
}

static struct entry sample_programme(void)
{
	struct entry entry = sample_of(ENTRY_PROGRAMME, 2);

	entry.counter = 2;
	entry.has = HAS(TAG_TEXT);
	entry.text = bytes_of_string("[programme]\r\n\tname = Caf\xc3\xa9\n");
	return entry;
}

static struct entry sample_terminal(void)
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

static struct entry sample_cashier(void)
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

static struct entry sample_enrol(void)
{
	struct entry entry = sample_of(ENTRY_ENROL, 40);

	entry.to_account = MEMBER;
	entry.terminal = 3;
	entry.has = HAS(TAG_COMMITMENT);
	memset(entry.commitment.bytes, 0xdd, HASH_SIZE);
	return entry;
}

static struct entry sample_earn(void)
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

static struct entry sample_redeem(void)
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

static struct entry sample_return(void)
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

static void raw_field(struct writer *writer, unsigned tag, struct bytes value)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)value.size);
	writer_bytes(writer, value);
}

static void raw_number(
    struct writer *writer, unsigned tag, uint64_t value, unsigned size)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)size);
	for (unsigned i = 0; i < size; i++)
		writer_u8(writer, (uint8_t)(value >> (8 * (size - 1 - i))));
}

static void raw_head(const struct entry *entry, struct writer *writer)
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

static struct writer raw(const struct entry *entry)
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

static void assert_entries_equal(const struct entry *a, const struct entry *b)
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

static enum result decode(const struct writer *writer, struct entry *entry)
{
	return entry_decode(writer_view(writer), entry, &error);
}

static void assert_accepted(const struct entry *entry)
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
static void assert_refused(const struct entry *entry, const char *why)
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

static void assert_bytes_refused(const struct writer *writer, const char *why)
{
	struct entry back = {.sequence = 77};

	assert_int_equal(decode(writer, &back), RESULT_INVALID);
	if (strstr(error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, why);
	assert_int_equal(back.sequence, 77);
}

/* --- golden records, made by hand from the table in entry.h ----------------
 */

struct golden {
	struct entry (*sample)(void);
	const char *hex;
};

static const struct golden golden[] = {
    {sample_shop,
	"0101000000000000000100000000000000000000000000000000000000000000"
	"000000000000000000000000018bcfe568000000000000000000000000010000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000606162636465666768696a6b6c6d"
	"6e6f0000000000000000000000000000000000020020aaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0003001373686f702e65"
	"78616d706c652f706f696e7473"},
    {sample_terminal,
	"01030000000000000004000102030405060708090a0b0c0d0e0f101112131415"
	"161718191a1b1c1d1e1f0000018bcfe568010000000000000000000000030000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000002606162636465666768696a6b6c6d"
	"6e6f0000000000000000000000000000000000020020bbbbbbbbbbbbbbbbbbbb"
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb00040004000000030005"
	"0001010006000101"},
    {sample_earn,
	"01060000000000000039000102030405060708090a0b0c0d0e0f101112131415"
	"161718191a1b1c1d1e1f0000018bcfe5687b0000000300000000000000290000"
	"000200000000000000010000010123456789000000000000000c000000000000"
	"04e200000000000000000000000000000002606162636465666768696a6b6c6d"
	"6e6f0000000000000038000000000000002800080008412d3137c2b7c3a90009"
	"00080000000000000070"},
    {sample_redeem,
	"0107000000000000003b000102030405060708090a0b0c0d0e0f101112131415"
	"161718191a1b1c1d1e1f0000018bcfe5687d00000003000000000000002b0000"
	"0000000001012345678900000000000000020000000000000096000000000000"
	"000000000000000000000000000000000002606162636465666768696a6b6c6d"
	"6e6f000000000000003a000000000000000000070006636f6666656500090008"
	"0000000000000000"},
    {sample_return,
	"0108000000000000003a000102030405060708090a0b0c0d0e0f101112131415"
	"161718191a1b1c1d1e1f0000018bcfe5687c00000003000000000000002a0000"
	"00000000010123456789000000000000000100000000000000c8000000000000"
	"4e2000000000000000390000000000000002606162636465666768696a6b6c6d"
	"6e6f0000000000000039000000000000003900090008ffffffffffffffa8"},
};

static void golden_records_are_written_and_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct entry entry = golden[i].sample();
		size_t size = strlen(golden[i].hex) / 2;
		uint8_t want[512];
		uint8_t data[512];
		struct writer writer = writer_of(data, sizeof(data));
		struct entry back;

		assert_true(bytes_from_hex(golden[i].hex, want, size));
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_OK);
		assert_int_equal(writer.size, size);
		assert_memory_equal(data, want, size);
		assert_int_equal(
		    entry_decode(bytes_of(want, size), &back, &error),
		    RESULT_OK);
		assert_entries_equal(&back, &entry);
	}
}

static void every_kind_round_trips(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();

		assert_accepted(&entry);
	}
}

static void views_borrow_from_the_record(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = raw(&entry);
	struct entry back;

	(void)state;
	assert_int_equal(decode(&writer, &back), RESULT_OK);
	assert_ptr_equal(back.receipt.data, record + ENTRY_HEAD_SIZE + 4);
}

/* --- bytes ---------------------------------------------------------------- */

static void refuses_a_record_cut_at_every_byte(void **state)
{
	struct entry back;

	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();
		struct writer writer = raw(&entry);

		for (size_t size = 0; size < writer.size; size++)
			assert_int_equal(
			    entry_decode(bytes_of(record, size), &back, &error),
			    RESULT_INVALID);
	}
	assert_int_equal(
	    entry_decode(bytes_of(NULL, 0), &back, &error), RESULT_INVALID);
}

static void refuses_a_record_with_bytes_behind_it(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();
		struct writer writer = raw(&entry);

		for (unsigned extra = 1; extra <= 4; extra++) {
			writer_u8(&writer, 0);
			assert_bytes_refused(
			    &writer, extra < 4 ? "ends within" : "ascend");
		}
	}
}

/* Whatever one byte becomes: refused, or the very bytes come back. */
static void no_changed_byte_makes_a_second_encoding(void **state)
{
	uint8_t data[1024];
	unsigned accepted = 0;

	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();
		struct writer bytes = raw(&entry);

		for (size_t i = 0; i < bytes.size * 255; i++) {
			struct writer writer = writer_of(data, sizeof(data));
			struct entry back;

			record[i / 255] ^= (uint8_t)(i % 255 + 1);
			if (decode(&bytes, &back) == RESULT_OK) {
				accepted++;
				assert_int_equal(
				    entry_encode(&back, &writer, &error),
				    RESULT_OK);
				assert_true(bytes_equal(
				    writer_view(&writer), writer_view(&bytes)));
			}
			record[i / 255] ^= (uint8_t)(i % 255 + 1);
		}
	}
	assert_true(accepted > 10000);
}

static void refuses_a_later_version_by_name(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = raw(&entry);
	struct entry back = {.sequence = 77};

	(void)state;
	record[0] = 2;
	assert_int_equal(decode(&writer, &back), RESULT_VERSION);
	record[0] = 255;
	writer.size = 1;
	assert_int_equal(decode(&writer, &back), RESULT_VERSION);
	record[0] = 0;
	assert_int_equal(decode(&writer, &back), RESULT_INVALID);
	assert_int_equal(back.sequence, 77);
}

static void refuses_a_record_with_an_unknown_critical_tag(void **state)
{
	static const unsigned tags[] = {10, 31, 32, 4096, 0x7fff};
	struct entry entry = sample_earn();

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct writer writer = raw(&entry);

		raw_field(&writer, tags[i], bytes_of("x", 1));
		assert_bytes_refused(&writer, "critical field");
	}
}

static void passes_over_an_unknown_tag_with_its_highest_bit(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = raw(&entry);
	struct entry back;

	(void)state;
	raw_field(&writer, 0x8000, bytes_of(NULL, 0));
	raw_field(&writer, 0x8001, bytes_of("later", 5));
	raw_field(&writer, 0xffff, bytes_of("last", 4));
	assert_int_equal(decode(&writer, &back), RESULT_OK);
	assert_entries_equal(&back, &entry);
	for (size_t left = 1; left < 8; left++) {
		writer.size--;
		assert_bytes_refused(&writer, "ends within");
	}
}

static void refuses_passed_over_tags_out_of_order(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = raw(&entry);

	(void)state;
	raw_field(&writer, 0x8001, bytes_of("b", 1));
	raw_field(&writer, 0x8000, bytes_of("a", 1));
	assert_bytes_refused(&writer, "ascend");
	writer = raw(&entry);
	raw_field(&writer, 0x8001, bytes_of("a", 1));
	raw_field(&writer, 0x8001, bytes_of("a", 1));
	assert_bytes_refused(&writer, "ascend");
}

static void refuses_fields_twice_or_out_of_order(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = writer_of(record, sizeof(record));

	(void)state;
	raw_head(&entry, &writer);
	raw_number(&writer, TAG_BALANCE, 112, 8);
	raw_field(&writer, TAG_RECEIPT, entry.receipt);
	assert_bytes_refused(&writer, "ascend");
	writer = raw(&entry);
	raw_number(&writer, TAG_BALANCE, 112, 8);
	assert_bytes_refused(&writer, "ascend");
	writer = writer_of(record, sizeof(record));
	raw_head(&entry, &writer);
	raw_field(&writer, 0, bytes_of(NULL, 0));
	assert_bytes_refused(&writer, "ascend");
}

/* Each field by its tag with every size but its own. */
static void refuses_fields_of_another_size(void **state)
{
	static const unsigned sizes[] = {0, 32, 32, 0, 4, 1, 1, 0, 0, 8};
	static const uint8_t ones[64] = {[0 ... 63] = 1};

	(void)state;
	for (unsigned tag = 1; tag <= 9; tag++) {
		for (size_t size = 0; sizes[tag] && size < 64; size++) {
			struct entry entry = sample_earn();
			struct writer writer =
			    writer_of(record, sizeof(record));

			if (size == sizes[tag])
				continue;
			raw_head(&entry, &writer);
			raw_field(&writer, tag, bytes_of(ones, size));
			assert_bytes_refused(&writer, "wrong size");
		}
	}
}

static void refuses_a_field_that_is_longer_than_the_record(void **state)
{
	struct entry entry = sample_earn();
	struct writer writer = writer_of(record, sizeof(record));

	(void)state;
	raw_head(&entry, &writer);
	writer_u16(&writer, TAG_RECEIPT);
	writer_u16(&writer, 0xffff);
	writer_bytes(&writer, bytes_of_string("A-17"));
	assert_bytes_refused(&writer, "ends within");
}

static void record_has_65535_bytes_at_most(void **state)
{
	static uint8_t filler[65535];
	struct entry entry = sample_earn();
	struct writer writer = raw(&entry);
	struct entry back;

	(void)state;
	raw_field(&writer, 0x8000,
	    bytes_of(filler, ENTRY_SIZE_MAX - writer.size - 4));
	assert_int_equal(writer.size, ENTRY_SIZE_MAX);
	assert_int_equal(decode(&writer, &back), RESULT_OK);
	writer = raw(&entry);
	raw_field(&writer, 0x8000,
	    bytes_of(filler, ENTRY_SIZE_MAX - writer.size - 3));
	assert_bytes_refused(&writer, "no record has 65536 bytes");
}

/* --- kinds ---------------------------------------------------------------- */

static void refuses_an_unknown_kind(void **state)
{
	static const unsigned kinds[] = {0, ENTRY_KIND_MAX + 1, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct entry entry = sample_earn();

		entry.kind = (enum entry_kind)kinds[i];
		assert_refused(&entry, "kind is not known");
	}
}

/* A value for each field that is good wherever the field is allowed. */
static void give_field(struct entry *entry, unsigned tag)
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

static void take_field(struct entry *entry, unsigned tag)
{
	struct entry empty = {0};

	entry->has &= ~HAS(tag);
	if (tag == TAG_COMMITMENT)
		entry->commitment = empty.commitment;
	if (tag == TAG_KEY)
		entry->key = empty.key;
	if (tag == TAG_TEXT)
		entry->text = empty.text;
	if (tag == TAG_SUBJECT)
		entry->subject = 0;
	if (tag == TAG_ROLE)
		entry->role = ROLE_NONE;
	if (tag == TAG_STATUS)
		entry->standing = 0;
	if (tag == TAG_REWARD)
		entry->reward = empty.reward;
	if (tag == TAG_RECEIPT)
		entry->receipt = empty.receipt;
	if (tag == TAG_BALANCE)
		entry->balance_points = 0;
}

/* 'm' must, '+' may, '-' must not; tags 1 to 9 in order. A terminal that is
 * admitted must have its key. */
static const char *const tag_table[] = {NULL, "-mm------", "--m------",
    "-m-mmm---", "+--mmm---", "m--------", "-------+m", "------m+m",
    "-------+m"};

static void each_kind_has_its_fields_and_no_others(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		for (unsigned tag = 1; tag <= 9; tag++) {
			char rule = tag_table[kind][tag - 1];
			struct entry with = samples[kind]();
			struct entry without = with;

			give_field(&with, tag);
			take_field(&without, tag);
			if (rule == '-')
				assert_refused(&with, "not for this kind");
			else
				assert_accepted(&with);
			if (rule == 'm')
				assert_refused(&without, "is missing");
			else
				assert_accepted(&without);
		}
	}
}

static void refuses_bits_of_no_field(void **state)
{
	static const unsigned tags[] = {0, 10, 31};
	uint8_t data[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct writer writer = writer_of(data, sizeof(data));
		struct entry entry = sample_earn();

		entry.has |= HAS(tags[i]);
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_INVALID);
	}
}

/* 'z' zero, 'n' not zero, '.' as it likes. In the order of head_set(). */
static const char *const head_table[] = {NULL, "zzzzzzzzz", ".zzzzz.zz",
    ".zzzzz.zz", ".zzzzz.zz", ".znzzz.zz", "....nz...", "...nzz...",
    "....nn..."};

static void head_set(struct entry *entry, unsigned field, uint64_t value)
{
	uint64_t *const fields[] = {NULL, &entry->from_account,
	    &entry->to_account, &entry->points, &entry->amount_minor,
	    &entry->related_sequence, &entry->programme_sequence,
	    &entry->from_previous_sequence, &entry->to_previous_sequence};

	if (field == 0)
		entry->cashier = (uint32_t)value;
	else
		*fields[field] = value;
}

static void each_kind_has_its_head_fields_and_no_others(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		for (unsigned field = 0; field < 9; field++) {
			char rule = head_table[kind][field];
			struct entry entry = samples[kind]();

			if (rule == 'z') {
				head_set(&entry, field, 1);
				assert_refused(&entry, "not for this kind");
			} else if (rule == 'n') {
				head_set(&entry, field, 0);
				assert_refused(&entry, "is missing");
			}
		}
	}
}

static void moves_of_points_have_a_member(void **state)
{
	struct entry (*const movers[])(void) = {
	    sample_enrol, sample_earn, sample_redeem, sample_return};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct entry entry = movers[i]();

		if (entry.from_account)
			entry.from_account = ACCOUNT_GOODWILL;
		entry.to_account = ACCOUNT_EXPIRED;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN - 1;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN;
		assert_accepted(&entry);
	}
}

static void terminal_has_a_key_exactly_while_it_is_active(void **state)
{
	struct entry entry = sample_terminal();

	(void)state;
	entry.standing = STANDING_REVOKED;
	assert_refused(&entry, "a revoked terminal has no key");
	take_field(&entry, TAG_KEY);
	assert_accepted(&entry);
	entry.standing = STANDING_ACTIVE;
	assert_refused(&entry, "key is missing");
}

/* --- limits --------------------------------------------------------------- */

static void sequence_is_within_its_range(void **state)
{
	struct entry entry = sample_enrol();

	(void)state;
	entry.programme_sequence = 0;
	entry.sequence = 0;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = SEQUENCE_MAX + 1;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = UINT64_MAX;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = SEQUENCE_MAX;
	assert_accepted(&entry);
}

static void first_entry_has_zeroes_for_its_previous(void **state)
{
	struct entry entry = sample_shop();

	(void)state;
	for (unsigned i = 0; i < HASH_SIZE; i++) {
		entry.previous.bytes[i] = 1;
		assert_refused(&entry, "first entry has a previous");
		entry.previous.bytes[i] = 0;
	}
	assert_accepted(&entry);
}

static void head_numbers_are_within_their_limits(void **state)
{
	struct entry entry = sample_earn();

	(void)state;
	entry.time_ms = INT64_MAX;
	entry.terminal = UINT32_MAX;
	entry.cashier = UINT32_MAX;
	entry.counter = COUNTER_MAX;
	entry.points = POINTS_MAX;
	entry.amount_minor = AMOUNT_MINOR_MAX;
	entry.to_account = ACCOUNT_MEMBER_MAX;
	assert_accepted(&entry);
	entry.time_ms++;
	assert_refused(&entry, "time is out of range");
	entry = sample_earn();
	entry.counter = COUNTER_MAX + 1;
	assert_refused(&entry, "counter is out of range");
	entry = sample_earn();
	entry.points = POINTS_MAX + 1;
	assert_refused(&entry, "points are out of range");
	entry = sample_earn();
	entry.amount_minor = AMOUNT_MINOR_MAX + 1;
	assert_refused(&entry, "amount is out of range");
	entry = sample_earn();
	entry.to_account = ACCOUNT_MEMBER_MAX + 1;
	assert_refused(&entry, "account is out of range");
	entry = sample_earn();
	entry.from_account = UINT64_MAX;
	assert_refused(&entry, "account is out of range");
}

static void references_name_earlier_entries(void **state)
{
	struct entry entry = sample_return();

	(void)state;
	entry.related_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.programme_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.from_previous_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.to_previous_sequence = UINT64_MAX;
	assert_refused(&entry, "no earlier entry");
}

static void previous_entry_belongs_to_an_account(void **state)
{
	struct entry entry = sample_earn();

	(void)state;
	entry.points = 0;
	entry.from_account = 0;
	assert_refused(&entry, "no account has the previous entry");
	entry.from_previous_sequence = 0;
	assert_accepted(&entry);
	entry = sample_return();
	entry.points = 0;
	entry.to_account = 0;
	assert_refused(&entry, "no account has the previous entry");
	entry.to_previous_sequence = 0;
	assert_accepted(&entry);
}

static void points_move_between_two_accounts(void **state)
{
	struct entry entry = sample_redeem();

	(void)state;
	entry.to_account = entry.from_account;
	assert_refused(&entry, "between two accounts");
	entry.to_account = ACCOUNT_NONE;
	assert_refused(&entry, "between two accounts");
	entry = sample_earn();
	entry.from_account = ACCOUNT_NONE;
	entry.from_previous_sequence = 0;
	assert_refused(&entry, "between two accounts");
}

static void texts_are_within_their_sizes(void **state)
{
	static char text[ENTRY_TEXT_SIZE_MAX + 1];
	struct entry entry = sample_programme();

	(void)state;
	memset(text, 'x', sizeof(text));
	entry.text = bytes_of(text, ENTRY_TEXT_SIZE_MAX);
	assert_accepted(&entry);
	entry.text.size++;
	assert_refused(&entry, "text has a wrong size");
	entry.text.size = 0;
	assert_refused(&entry, "text has a wrong size");
	entry = sample_earn();
	entry.receipt = bytes_of(text, RECEIPT_SIZE_MAX);
	assert_accepted(&entry);
	entry.receipt.size++;
	assert_refused(&entry, "receipt has a wrong size");
	entry.receipt.size = 0;
	assert_refused(&entry, "receipt has a wrong size");
	entry = sample_redeem();
	entry.reward = bytes_of(text, REWARD_ID_SIZE_MAX);
	assert_accepted(&entry);
	entry.reward.size++;
	assert_refused(&entry, "reward has a wrong size");
	entry.reward.size = 0;
	assert_refused(&entry, "reward has a wrong size");
}

static void texts_are_well_formed_and_only_a_programme_has_lines(void **state)
{
	static const char *const bad[] = {
	    "\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\x01", "a\x1b[2J"};
	static const char *const lines[] = {"a\nb", "a\rb", "a\tb"};
	struct entry programme = sample_programme();
	struct entry shop = sample_shop();
	struct entry earn = sample_earn();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		programme.text = bytes_of_string(bad[i]);
		assert_refused(&programme, "text has a value not allowed");
		shop.text = programme.text;
		assert_refused(&shop, "text has a value not allowed");
		earn.receipt = programme.text;
		assert_refused(&earn, "receipt has a value not allowed");
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		programme.text = bytes_of_string(lines[i]);
		assert_accepted(&programme);
		shop.text = programme.text;
		assert_refused(&shop, "text has a value not allowed");
		earn.receipt = programme.text;
		assert_refused(&earn, "receipt has a value not allowed");
	}
	programme.text = bytes_of("a\0b", 3);
	assert_refused(&programme, "text has a value not allowed");
}

static void reward_has_its_own_alphabet(void **state)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_-";
	struct entry entry = sample_redeem();

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char id = (char)c;

		entry.reward = bytes_of(&id, 1);
		if (c != 0 && strchr(allowed, (int)c) != NULL)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "reward has a value");
	}
}

static void enumerations_have_their_values_alone(void **state)
{
	struct entry entry = sample_cashier();

	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		entry.role = (enum role)value;
		if (value >= ROLE_TERMINAL && value <= ROLE_OWNER)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "role has a value not allowed");
	}
	entry.role = ROLE_CASHIER;
	for (unsigned value = 0; value < 256; value++) {
		entry.standing = (enum standing)value;
		if (value == STANDING_ACTIVE || value == STANDING_REVOKED)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "status has a value");
	}
	entry.standing = STANDING_ACTIVE;
	entry.subject = 0;
	assert_refused(&entry, "subject has a value not allowed");
	entry.subject = UINT32_MAX;
	assert_accepted(&entry);
}

static void balance_is_within_its_limits_on_both_sides(void **state)
{
	struct entry entry = sample_return();

	(void)state;
	entry.balance_points = BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.balance_points++;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = -BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.balance_points--;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = INT64_MIN;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = -1;
	assert_accepted(&entry);
}

/* --- the writer ----------------------------------------------------------- */

static void writer_without_room_stays_as_it_was(void **state)
{
	struct entry entry = sample_earn();
	struct writer want = raw(&entry);
	uint8_t data[512];

	(void)state;
	for (size_t room = 0; room < want.size; room++) {
		struct writer writer = writer_of(data, room + 3);

		writer_bytes(&writer, bytes_of("abc", 3));
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_LIMIT);
		assert_int_equal(writer.size, 3);
		assert_false(writer.failed);
	}
}

static void record_goes_behind_what_was_written(void **state)
{
	struct entry entry = sample_earn();
	struct writer want = raw(&entry);
	uint8_t data[512];
	struct writer writer = writer_of(data, want.size + 3);

	(void)state;
	writer_bytes(&writer, bytes_of("abc", 3));
	assert_int_equal(entry_encode(&entry, &writer, &error), RESULT_OK);
	assert_int_equal(writer.size, want.size + 3);
	assert_memory_equal(data, "abc", 3);
	assert_memory_equal(data + 3, record, want.size);
}

static void writer_that_has_failed_is_refused(void **state)
{
	struct entry entry = sample_earn();
	uint8_t data[512];
	struct writer writer = writer_of(data, 4);

	(void)state;
	writer_u64(&writer, 1);
	writer.capacity = sizeof(data);
	assert_int_equal(entry_encode(&entry, &writer, &error), RESULT_LIMIT);
}

static void refuses_to_write_values_whose_bit_is_not_set(void **state)
{
	uint8_t data[512];

	(void)state;
	for (unsigned tag = 1; tag <= 9; tag++) {
		struct writer writer = writer_of(data, sizeof(data));
		struct entry entry = sample_shop();

		if (tag == TAG_KEY || tag == TAG_TEXT)
			entry = sample_enrol();
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_OK);
		give_field(&entry, tag);
		entry.has &= ~HAS(tag);
		if (tag == TAG_COMMITMENT)
			entry.commitment.bytes[31] = 1;
		if (tag == TAG_KEY)
			entry.key.bytes[0] = 1;
		if (tag == TAG_BALANCE)
			entry.balance_points = -1;
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_INVALID);
		assert_non_null(strstr(error.text, "absent has a value"));
	}
}

/* --- names ---------------------------------------------------------------- */

static void kinds_and_roles_have_names(void **state)
{
	static const char *const kinds[] = {"unknown", "shop", "programme",
	    "terminal", "cashier", "enrol", "earn", "redeem", "return",
	    "unknown"};
	static const char *const roles[] = {"none", "terminal", "cashier",
	    "supervisor", "auditor", "owner", "unknown"};

	(void)state;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_string_equal(
		    entry_kind_name((enum entry_kind)i), kinds[i]);
	for (unsigned i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		assert_string_equal(role_name((enum role)i), roles[i]);
	assert_string_equal(entry_kind_name((enum entry_kind) - 1), "unknown");
}

static void member_is_the_account_of_a_member(void **state)
{
	struct entry entry = {.from_account = ACCOUNT_ISSUED};

	(void)state;
	assert_int_equal(entry_member(&entry), 0);
	entry.to_account = ACCOUNT_MEMBER_MIN - 1;
	assert_int_equal(entry_member(&entry), 0);
	entry.to_account = ACCOUNT_MEMBER_MIN;
	assert_int_equal(entry_member(&entry), ACCOUNT_MEMBER_MIN);
	entry.to_account = ACCOUNT_REDEEMED;
	entry.from_account = ACCOUNT_MEMBER_MAX;
	assert_int_equal(entry_member(&entry), ACCOUNT_MEMBER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(golden_records_are_written_and_read),
	    cmocka_unit_test(every_kind_round_trips),
	    cmocka_unit_test(views_borrow_from_the_record),
	    cmocka_unit_test(refuses_a_record_cut_at_every_byte),
	    cmocka_unit_test(refuses_a_record_with_bytes_behind_it),
	    cmocka_unit_test(no_changed_byte_makes_a_second_encoding),
	    cmocka_unit_test(refuses_a_later_version_by_name),
	    cmocka_unit_test(refuses_a_record_with_an_unknown_critical_tag),
	    cmocka_unit_test(passes_over_an_unknown_tag_with_its_highest_bit),
	    cmocka_unit_test(refuses_passed_over_tags_out_of_order),
	    cmocka_unit_test(refuses_fields_twice_or_out_of_order),
	    cmocka_unit_test(refuses_fields_of_another_size),
	    cmocka_unit_test(refuses_a_field_that_is_longer_than_the_record),
	    cmocka_unit_test(record_has_65535_bytes_at_most),
	    cmocka_unit_test(refuses_an_unknown_kind),
	    cmocka_unit_test(each_kind_has_its_fields_and_no_others),
	    cmocka_unit_test(refuses_bits_of_no_field),
	    cmocka_unit_test(each_kind_has_its_head_fields_and_no_others),
	    cmocka_unit_test(moves_of_points_have_a_member),
	    cmocka_unit_test(terminal_has_a_key_exactly_while_it_is_active),
	    cmocka_unit_test(sequence_is_within_its_range),
	    cmocka_unit_test(first_entry_has_zeroes_for_its_previous),
	    cmocka_unit_test(head_numbers_are_within_their_limits),
	    cmocka_unit_test(references_name_earlier_entries),
	    cmocka_unit_test(previous_entry_belongs_to_an_account),
	    cmocka_unit_test(points_move_between_two_accounts),
	    cmocka_unit_test(texts_are_within_their_sizes),
	    cmocka_unit_test(
		texts_are_well_formed_and_only_a_programme_has_lines),
	    cmocka_unit_test(reward_has_its_own_alphabet),
	    cmocka_unit_test(enumerations_have_their_values_alone),
	    cmocka_unit_test(balance_is_within_its_limits_on_both_sides),
	    cmocka_unit_test(writer_without_room_stays_as_it_was),
	    cmocka_unit_test(record_goes_behind_what_was_written),
	    cmocka_unit_test(writer_that_has_failed_is_refused),
	    cmocka_unit_test(refuses_to_write_values_whose_bit_is_not_set),
	    cmocka_unit_test(kinds_and_roles_have_names),
	    cmocka_unit_test(member_is_the_account_of_a_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
