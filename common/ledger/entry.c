/*
 * entry: owns the byte layout of a ledger record. Both ways share one check of
 * the meaning, entry_check() in entry_rules.c, so that neither accepts what the
 * other refuses.
 */
#include "common/ledger/entry.h"

#include <inttypes.h>

#include "common/ledger/entry_inside.h"
#include "common/ledger/lists.h"

#define TAG_NOT_CRITICAL 0x8000u

const struct entry_field entry_fields[TAG_MAX + 1] = {
    [TAG_COMMITMENT] = {"commitment", HASH_SIZE, HASH_SIZE},
    [TAG_KEY] = {"key", HASH_SIZE, HASH_SIZE},
    [TAG_TEXT] = {"text", 1, ENTRY_TEXT_SIZE_MAX},
    [TAG_SUBJECT] = {"subject", 4, 4},
    [TAG_ROLE] = {"role", 1, 1},
    [TAG_STATUS] = {"status", 1, 1},
    [TAG_REWARD] = {"reward", 1, REWARD_ID_SIZE_MAX},
    [TAG_RECEIPT] = {"receipt", 1, RECEIPT_SIZE_MAX},
    [TAG_BALANCE] = {"balance", 8, 8},
    [TAG_LINES] = {"lines", 14, LINES_SIZE_MAX},
    [TAG_PARTS] = {"parts", PART_SIZE, PARTS_SIZE_MAX},
    [TAG_LOTS] = {"lots", LOT_SIZE, LOTS_SIZE_MAX},
    [TAG_UNTIL] = {"until", 8, 8},
    [TAG_HELD] = {"held", 8, 8},
    [TAG_VOIDED] = {"voided", 8, 8},
    [TAG_TIER] = {"tier", 5, 5},
    [TAG_REASON] = {"reason", 1, REASON_SIZE_MAX},
    [TAG_SECOND] = {"second", 4, 4},
    [TAG_CARD] = {"card", 8, 8},
    [TAG_SEGMENT] = {"segment", 1, SEGMENT_SIZE_MAX},
    [TAG_REFERRER] = {"referrer", 8, 8},
    [TAG_DRAW] = {"draw", 8 + HASH_SIZE, 8 + HASH_SIZE},
    [TAG_PAID] = {"paid", 8, 8},
    [TAG_OTHER_BALANCE] = {"other balance", 8, 8},
    [TAG_SOLD] = {"sold", 8, 8},
    [TAG_FACTS] = {"facts", 1, 1},
    [TAG_SHOP] = {"shop", 1, SHOP_ID_SIZE_MAX},
    [TAG_BACKS] = {"backs", BACK_SIZE, BACKS_SIZE_MAX},
    [TAG_RULES] = {"rules", 8, 8},
    [TAG_WHOSE] = {"whose", 8, 8},
};

const struct bytes *entry_view(const struct entry *entry, unsigned tag)
{
	switch (tag) {
	case TAG_TEXT:
		return &entry->text;
	case TAG_REWARD:
		return &entry->reward;
	case TAG_RECEIPT:
		return &entry->receipt;
	case TAG_LINES:
		return &entry->lines;
	case TAG_PARTS:
		return &entry->parts;
	case TAG_LOTS:
		return &entry->lots;
	case TAG_REASON:
		return &entry->reason;
	case TAG_SEGMENT:
		return &entry->segment;
	case TAG_SHOP:
		return &entry->shop;
	case TAG_BACKS:
		return &entry->backs;
	}
	return NULL;
}

static size_t field_size(const struct entry *entry, unsigned tag)
{
	const struct bytes *view = entry_view(entry, tag);

	return view == NULL ? entry_fields[tag].size_min : view->size;
}

/* --- what is absent ------------------------------------------------------- */

static bool value_is_zero(const struct entry *entry, unsigned tag)
{
	static const struct hash zeroes;

	switch (tag) {
	case TAG_COMMITMENT:
		return hash_equal(&entry->commitment, &zeroes);
	case TAG_KEY:
		return hash_equal(&entry->key, &zeroes);
	case TAG_SUBJECT:
		return !entry->subject;
	case TAG_ROLE:
		return !entry->role;
	case TAG_STATUS:
		return !entry->standing;
	case TAG_BALANCE:
		return !entry->balance_points;
	case TAG_UNTIL:
		return !entry->until_ms;
	case TAG_HELD:
		return !entry->held_points;
	case TAG_VOIDED:
		return !entry->voided_counter;
	case TAG_TIER:
		return !entry->tier_level && !entry->tier_until_day;
	case TAG_SECOND:
		return !entry->second;
	case TAG_CARD:
		return !entry->card;
	case TAG_REFERRER:
		return !entry->referrer;
	case TAG_DRAW:
		return !entry->draw_size &&
		       hash_equal(&entry->draw_root, &zeroes);
	case TAG_PAID:
		return !entry->paid_minor;
	case TAG_OTHER_BALANCE:
		return !entry->other_balance_points;
	case TAG_SOLD:
		return !entry->sold_ms;
	case TAG_FACTS:
		return !entry->facts;
	case TAG_RULES:
		return !entry->rules_sequence;
	case TAG_WHOSE:
		return !entry->whose;
	}
	return true;
}

/*
 * A value without its bit would silently not be recorded. The decoder never
 * makes one; for a caller that does, it is better said than lost.
 */
static enum result check_absent(const struct entry *entry, struct error *err)
{
	const uint32_t all = (HAS(TAG_MAX) - 1) | HAS(TAG_MAX);

	for (uint32_t left = all & ~1u & ~entry->has; left; left &= left - 1) {
		unsigned tag = entry_lowest_bit(left);
		const struct bytes *view = entry_view(entry, tag);

		if (view != NULL ? view->size > 0 : !value_is_zero(entry, tag))
			return entry_refuse(entry, "a field that is absent",
			    "has a value", err);
	}
	return RESULT_OK;
}

/* --- meaning to bytes ----------------------------------------------------- */

static size_t encoded_size(const struct entry *entry)
{
	size_t size = ENTRY_HEAD_SIZE;

	for (uint32_t left = entry->has; left; left &= left - 1)
		size += 4 + field_size(entry, entry_lowest_bit(left));
	return size;
}

static void write_head(const struct entry *entry, struct writer *writer)
{
	writer_u8(writer, ENTRY_VERSION);
	writer_u8(writer, (uint8_t)entry->kind);
	writer_u64(writer, entry->sequence);
	writer_bytes(writer, hash_view(&entry->previous));
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
	writer_bytes(writer, bytes_of(entry->random, ENTRY_RANDOM_SIZE));
	writer_u64(writer, entry->from_previous_sequence);
	writer_u64(writer, entry->to_previous_sequence);
}

/* A value of a size that its tag fixes. */
static void write_value(
    const struct entry *entry, unsigned tag, struct writer *writer)
{
	switch (tag) {
	case TAG_COMMITMENT:
		writer_bytes(writer, hash_view(&entry->commitment));
		break;
	case TAG_KEY:
		writer_bytes(writer, hash_view(&entry->key));
		break;
	case TAG_SUBJECT:
		writer_u32(writer, entry->subject);
		break;
	case TAG_ROLE:
		writer_u8(writer, (uint8_t)entry->role);
		break;
	case TAG_STATUS:
		writer_u8(writer, (uint8_t)entry->standing);
		break;
	case TAG_BALANCE:
		writer_u64(writer, (uint64_t)entry->balance_points);
		break;
	case TAG_UNTIL:
		writer_u64(writer, entry->until_ms);
		break;
	case TAG_HELD:
		writer_u64(writer, entry->held_points);
		break;
	case TAG_VOIDED:
		writer_u64(writer, entry->voided_counter);
		break;
	case TAG_TIER:
		writer_u8(writer, entry->tier_level);
		writer_u32(writer, (uint32_t)entry->tier_until_day);
		break;
	case TAG_SECOND:
		writer_u32(writer, entry->second);
		break;
	case TAG_CARD:
		writer_u64(writer, entry->card);
		break;
	case TAG_REFERRER:
		writer_u64(writer, entry->referrer);
		break;
	case TAG_DRAW:
		writer_u64(writer, entry->draw_size);
		writer_bytes(writer, hash_view(&entry->draw_root));
		break;
	case TAG_PAID:
		writer_u64(writer, entry->paid_minor);
		break;
	case TAG_OTHER_BALANCE:
		writer_u64(writer, (uint64_t)entry->other_balance_points);
		break;
	case TAG_SOLD:
		writer_u64(writer, entry->sold_ms);
		break;
	case TAG_FACTS:
		writer_u8(writer, entry->facts);
		break;
	case TAG_RULES:
		writer_u64(writer, entry->rules_sequence);
		break;
	case TAG_WHOSE:
		writer_u64(writer, entry->whose);
		break;
	}
}

static void write_field(
    const struct entry *entry, unsigned tag, struct writer *writer)
{
	const struct bytes *view = entry_view(entry, tag);

	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)field_size(entry, tag));
	if (view != NULL)
		writer_bytes(writer, *view);
	else
		write_value(entry, tag, writer);
}

enum result entry_encode(
    const struct entry *entry, struct writer *writer, struct error *err)
{
	enum result result = entry_check(entry, err);
	size_t size;

	if (result == RESULT_OK)
		result = check_absent(entry, err);
	if (result != RESULT_OK)
		return result;
	/* Known beforehand, so that a writer that is too small stays as it
	 * was: others' records may stand before this one. */
	size = encoded_size(entry);
	if (size > ENTRY_SIZE_MAX || writer->failed ||
	    size > writer->capacity - writer->size)
		return error_set(err, RESULT_LIMIT,
		    "entry %" PRIu64 ": no room for %zu bytes", entry->sequence,
		    size);
	write_head(entry, writer);
	for (uint32_t left = entry->has; left; left &= left - 1)
		write_field(entry, entry_lowest_bit(left), writer);
	return RESULT_OK;
}

/* --- bytes to meaning ----------------------------------------------------- */

static void read_head(struct reader *reader, struct entry *entry)
{
	entry->kind = (enum entry_kind)reader_u8(reader);
	entry->sequence = reader_u64(reader);
	reader_copy(reader, entry->previous.bytes, HASH_SIZE);
	entry->time_ms = reader_u64(reader);
	entry->terminal = reader_u32(reader);
	entry->counter = reader_u64(reader);
	entry->cashier = reader_u32(reader);
	entry->from_account = reader_u64(reader);
	entry->to_account = reader_u64(reader);
	entry->points = reader_u64(reader);
	entry->amount_minor = reader_u64(reader);
	entry->related_sequence = reader_u64(reader);
	entry->programme_sequence = reader_u64(reader);
	reader_copy(reader, entry->random, ENTRY_RANDOM_SIZE);
	entry->from_previous_sequence = reader_u64(reader);
	entry->to_previous_sequence = reader_u64(reader);
}

/* Those that borrow from the record; false for any other tag. */
static bool read_view(
    struct reader *reader, unsigned tag, size_t size, struct entry *entry)
{
	switch (tag) {
	case TAG_TEXT:
		entry->text = reader_bytes(reader, size);
		return true;
	case TAG_REWARD:
		entry->reward = reader_bytes(reader, size);
		return true;
	case TAG_RECEIPT:
		entry->receipt = reader_bytes(reader, size);
		return true;
	case TAG_LINES:
		entry->lines = reader_bytes(reader, size);
		return true;
	case TAG_PARTS:
		entry->parts = reader_bytes(reader, size);
		return true;
	case TAG_LOTS:
		entry->lots = reader_bytes(reader, size);
		return true;
	case TAG_REASON:
		entry->reason = reader_bytes(reader, size);
		return true;
	case TAG_SEGMENT:
		entry->segment = reader_bytes(reader, size);
		return true;
	case TAG_SHOP:
		entry->shop = reader_bytes(reader, size);
		return true;
	case TAG_BACKS:
		entry->backs = reader_bytes(reader, size);
		return true;
	}
	return false;
}

static void read_value(struct reader *reader, unsigned tag, struct entry *entry)
{
	switch (tag) {
	case TAG_COMMITMENT:
		reader_copy(reader, entry->commitment.bytes, HASH_SIZE);
		break;
	case TAG_KEY:
		reader_copy(reader, entry->key.bytes, HASH_SIZE);
		break;
	case TAG_SUBJECT:
		entry->subject = reader_u32(reader);
		break;
	case TAG_ROLE:
		entry->role = (enum role)reader_u8(reader);
		break;
	case TAG_STATUS:
		entry->standing = (enum standing)reader_u8(reader);
		break;
	case TAG_BALANCE:
		entry->balance_points = (int64_t)reader_u64(reader);
		break;
	case TAG_UNTIL:
		entry->until_ms = reader_u64(reader);
		break;
	case TAG_HELD:
		entry->held_points = reader_u64(reader);
		break;
	case TAG_VOIDED:
		entry->voided_counter = reader_u64(reader);
		break;
	case TAG_TIER:
		entry->tier_level = reader_u8(reader);
		entry->tier_until_day = (int32_t)reader_u32(reader);
		break;
	case TAG_SECOND:
		entry->second = reader_u32(reader);
		break;
	case TAG_CARD:
		entry->card = reader_u64(reader);
		break;
	case TAG_REFERRER:
		entry->referrer = reader_u64(reader);
		break;
	case TAG_DRAW:
		entry->draw_size = reader_u64(reader);
		reader_copy(reader, entry->draw_root.bytes, HASH_SIZE);
		break;
	case TAG_PAID:
		entry->paid_minor = reader_u64(reader);
		break;
	case TAG_OTHER_BALANCE:
		entry->other_balance_points = (int64_t)reader_u64(reader);
		break;
	case TAG_SOLD:
		entry->sold_ms = reader_u64(reader);
		break;
	case TAG_FACTS:
		entry->facts = reader_u8(reader);
		break;
	case TAG_RULES:
		entry->rules_sequence = reader_u64(reader);
		break;
	case TAG_WHOSE:
		entry->whose = reader_u64(reader);
		break;
	}
}

/*
 * One field. Ascending tags keep a field from coming twice and give the order
 * only one form. A field that may be passed over is outside the meaning, and
 * so the only thing that does not come back when the entry is encoded again.
 */
static enum result read_field(struct reader *reader, unsigned *last_tag,
    struct entry *entry, struct error *err)
{
	unsigned tag = reader_u16(reader);
	size_t size = reader_u16(reader);

	if (reader->failed || size > reader_left(reader))
		return entry_refuse(entry, "it", "ends within a field", err);
	if (tag <= *last_tag)
		return entry_refuse(entry, "its fields", "do not ascend", err);
	*last_tag = tag;
	if (tag & TAG_NOT_CRITICAL) {
		reader_bytes(reader, size);
		return RESULT_OK;
	}
	if (tag > TAG_MAX)
		return error_set(err, RESULT_INVALID,
		    "entry %" PRIu64 ": critical field %u is not known",
		    entry->sequence, tag);
	if (size < entry_fields[tag].size_min ||
	    size > entry_fields[tag].size_max)
		return entry_refuse(
		    entry, entry_fields[tag].name, "has a wrong size", err);
	entry->has |= HAS(tag);
	if (!read_view(reader, tag, size, entry))
		read_value(reader, tag, entry);
	return RESULT_OK;
}

static enum result check_frame(struct bytes record, struct error *err)
{
	if (record.size == 0)
		return error_set(err, RESULT_INVALID, "entry: no bytes");
	if (record.data[0] > ENTRY_VERSION)
		return error_set(err, RESULT_VERSION,
		    "entry: format version %u is later than %u", record.data[0],
		    ENTRY_VERSION);
	if (record.data[0] != ENTRY_VERSION)
		return error_set(err, RESULT_INVALID,
		    "entry: there is no format version %u", record.data[0]);
	if (record.size < ENTRY_HEAD_SIZE || record.size > ENTRY_SIZE_MAX)
		return error_set(err, RESULT_INVALID,
		    "entry: no record has %zu bytes", record.size);
	return RESULT_OK;
}

enum result entry_decode(
    struct bytes record, struct entry *ret_entry, struct error *err)
{
	struct reader reader = reader_of(record);
	struct entry entry = {0};
	enum result result = check_frame(record, err);
	unsigned last_tag = 0;

	if (result != RESULT_OK)
		return result;
	reader_u8(&reader);
	read_head(&reader, &entry);
	while (result == RESULT_OK && reader_left(&reader) > 0)
		result = read_field(&reader, &last_tag, &entry, err);
	if (result == RESULT_OK)
		result = entry_check(&entry, err);
	if (result == RESULT_OK)
		*ret_entry = entry;
	return result;
}
