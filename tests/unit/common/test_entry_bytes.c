/*
 * test_entry_bytes: the record's one encoding byte by byte, and its writer.
 */
#include "tests/unit/common/entry_world.h"

static void assert_bytes_refused(const struct writer *writer, const char *why)
{
	struct entry back = {.sequence = 77};

	assert_int_equal(decode(writer, &back), RESULT_INVALID);
	if (strstr(error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", error.text, why);
	assert_int_equal(back.sequence, 77);
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

/* Whatever is accepted is what the encoder writes, up to a field that may be
 * passed over. */
static bool accepted_alone(struct bytes bytes)
{
	uint8_t data[1024];
	struct writer writer = writer_of(data, sizeof(data));
	struct entry back;

	if (entry_decode(bytes, &back, &error) != RESULT_OK)
		return false;
	assert_int_equal(entry_encode(&back, &writer, &error), RESULT_OK);
	assert_true(writer.size <= bytes.size);
	assert_memory_equal(data, bytes.data, writer.size);
	if (writer.size < bytes.size)
		assert_true(bytes.data[writer.size] & 0x80);
	return true;
}

/* But where what is left is a record of fewer fields. */
static void refuses_a_record_cut_at_every_byte(void **state)
{
	unsigned accepted = 0;
	struct entry back;

	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();
		struct writer writer = raw(&entry);

		for (size_t size = 0; size < writer.size; size++)
			accepted += accepted_alone(bytes_of(record, size));
	}
	/* Without, one after the other: of a sale, time, lines, receipt; of a
	 * void, whose, rules, time, paid, tier; of an adjustment, the second
	 * person. */
	assert_int_equal(accepted, 3 + 5 + 1);
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
	unsigned accepted = 0;

	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		struct entry entry = samples[kind]();
		struct writer bytes = raw(&entry);

		for (size_t i = 0; i < bytes.size * 255; i++) {
			record[i / 255] ^= (uint8_t)(i % 255 + 1);
			accepted += accepted_alone(writer_view(&bytes));
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
	static const unsigned tags[] = {31, 32, 4096, 0x7fff};
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
	static const unsigned sizes[] = {0, 32, 32, 0, 4, 1, 1, 0, 0, 8, 0, 0,
	    0, 8, 8, 8, 5, 0, 4, 8, 0, 8, 40, 8, 8, 8, 1, 0, 0, 8, 8};
	static const uint8_t ones[64] = {[0 ... 63] = 1};

	(void)state;
	for (unsigned tag = 1; tag <= TAG_LAST; tag++) {
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
	for (unsigned tag = 1; tag <= TAG_LAST; tag++) {
		struct writer writer = writer_of(data, sizeof(data));
		struct entry entry = sample_shop();

		if (tag == TAG_KEY || tag == TAG_TEXT || tag == TAG_DRAW ||
		    tag == TAG_RULES)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	    cmocka_unit_test(writer_without_room_stays_as_it_was),
	    cmocka_unit_test(record_goes_behind_what_was_written),
	    cmocka_unit_test(writer_that_has_failed_is_refused),
	    cmocka_unit_test(refuses_to_write_values_whose_bit_is_not_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
