/*
 * entry: owns the byte layout of a ledger record and the table of what each
 * kind of record must and may say. Both ways share one check of the meaning,
 * entry_check(), so that neither accepts what the other refuses.
 */
#include "common/ledger/entry.h"

#include <inttypes.h>
#include <string.h>

/* Times are kept where a signed 64-bit column holds them. */
#define TIME_MS_MAX 0x7fffffffffffffffull
#define TAG_MAX TAG_BALANCE
#define TAG_NOT_CRITICAL 0x8000u
#define HAS(tag) ENTRY_HAS(tag)

/* Head fields that a kind may have an opinion about, as bits. */
enum head_bit {
	HEAD_CASHIER = 1 << 0,
	HEAD_FROM = 1 << 1,
	HEAD_TO = 1 << 2,
	HEAD_POINTS = 1 << 3,
	HEAD_AMOUNT = 1 << 4,
	HEAD_RELATED = 1 << 5,
	HEAD_PROGRAMME = 1 << 6,
	HEAD_FROM_PREVIOUS = 1 << 7,
	HEAD_TO_PREVIOUS = 1 << 8,
};

static const char *const head_names[] = {"cashier", "from account",
    "to account", "points", "amount", "related sequence", "programme sequence",
    "from account's previous entry", "to account's previous entry"};

#define HEAD_MOVES                                                        \
	(HEAD_FROM | HEAD_TO | HEAD_POINTS | HEAD_AMOUNT | HEAD_RELATED | \
	    HEAD_FROM_PREVIOUS | HEAD_TO_PREVIOUS)

/*
 * What a kind must have, may have, and must leave at zero. Which accounts,
 * how many points and whose authority is the law's business, not ours: here
 * stands only what the kind cannot mean anything without.
 */
struct kind_rule {
	const char *name;
	uint32_t must;	  /* ENTRY_HAS() bits */
	uint32_t may;	  /* further ENTRY_HAS() bits */
	uint32_t zero;	  /* head bits that are zero */
	uint32_t nonzero; /* head bits that are not */
	bool member;	  /* one of the accounts is a member's */
};

static const struct kind_rule rules[ENTRY_KIND_MAX + 1] = {
    [ENTRY_SHOP] = {.name = "shop",
	.must = HAS(TAG_TEXT) | HAS(TAG_KEY),
	.zero = HEAD_MOVES | HEAD_CASHIER | HEAD_PROGRAMME},
    [ENTRY_PROGRAMME] = {.name = "programme",
	.must = HAS(TAG_TEXT),
	.zero = HEAD_MOVES},
    [ENTRY_TERMINAL] = {.name = "terminal",
	.must = HAS(TAG_SUBJECT) | HAS(TAG_ROLE) | HAS(TAG_STATUS),
	.may = HAS(TAG_KEY),
	.zero = HEAD_MOVES},
    [ENTRY_CASHIER] = {.name = "cashier",
	.must = HAS(TAG_SUBJECT) | HAS(TAG_ROLE) | HAS(TAG_STATUS),
	.may = HAS(TAG_COMMITMENT),
	.zero = HEAD_MOVES},
    [ENTRY_ENROL] = {.name = "enrol",
	.must = HAS(TAG_COMMITMENT),
	.zero = HEAD_MOVES & ~HEAD_TO,
	.nonzero = HEAD_TO,
	.member = true},
    [ENTRY_EARN] = {.name = "earn",
	.must = HAS(TAG_BALANCE),
	.may = HAS(TAG_RECEIPT),
	.zero = HEAD_RELATED,
	.nonzero = HEAD_AMOUNT,
	.member = true},
    [ENTRY_REDEEM] = {.name = "redeem",
	.must = HAS(TAG_REWARD) | HAS(TAG_BALANCE),
	.may = HAS(TAG_RECEIPT),
	.zero = HEAD_RELATED | HEAD_AMOUNT,
	.nonzero = HEAD_POINTS,
	.member = true},
    [ENTRY_RETURN] = {.name = "return",
	.must = HAS(TAG_BALANCE),
	.may = HAS(TAG_RECEIPT),
	.nonzero = HEAD_RELATED | HEAD_AMOUNT,
	.member = true},
};

struct field_rule {
	const char *name;
	size_t size_min;
	size_t size_max;
};

static const struct field_rule fields[TAG_MAX + 1] = {
    [TAG_COMMITMENT] = {"commitment", HASH_SIZE, HASH_SIZE},
    [TAG_KEY] = {"key", HASH_SIZE, HASH_SIZE},
    [TAG_TEXT] = {"text", 1, ENTRY_TEXT_SIZE_MAX},
    [TAG_SUBJECT] = {"subject", 4, 4},
    [TAG_ROLE] = {"role", 1, 1},
    [TAG_STATUS] = {"status", 1, 1},
    [TAG_REWARD] = {"reward", 1, REWARD_ID_SIZE_MAX},
    [TAG_RECEIPT] = {"receipt", 1, RECEIPT_SIZE_MAX},
    [TAG_BALANCE] = {"balance", 8, 8},
};

static enum result refuse(
    const struct entry *entry, const char *what, struct error *err)
{
	return error_set(err, RESULT_INVALID, "entry %" PRIu64 " (%s): %s",
	    entry->sequence, entry_kind_name(entry->kind), what);
}

static enum result refuse_field(const struct entry *entry, const char *name,
    const char *what, struct error *err)
{
	return error_set(err, RESULT_INVALID, "entry %" PRIu64 " (%s): %s %s",
	    entry->sequence, entry_kind_name(entry->kind), name, what);
}

static int lowest_bit(uint32_t bits)
{
	return __builtin_ctz(bits);
}

/* --- the meaning ---------------------------------------------------------- */

static uint32_t head_bits(const struct entry *entry)
{
	return (entry->cashier ? HEAD_CASHIER : 0) |
	       (entry->from_account ? HEAD_FROM : 0) |
	       (entry->to_account ? HEAD_TO : 0) |
	       (entry->points ? HEAD_POINTS : 0) |
	       (entry->amount_minor ? HEAD_AMOUNT : 0) |
	       (entry->related_sequence ? HEAD_RELATED : 0) |
	       (entry->programme_sequence ? HEAD_PROGRAMME : 0) |
	       (entry->from_previous_sequence ? HEAD_FROM_PREVIOUS : 0) |
	       (entry->to_previous_sequence ? HEAD_TO_PREVIOUS : 0);
}

static enum result check_limits(const struct entry *entry, struct error *err)
{
	static const struct hash zeroes;

	if (entry->sequence < 1 || entry->sequence > SEQUENCE_MAX)
		return refuse(entry, "the sequence is out of range", err);
	if (entry->sequence == 1 && !hash_equal(&entry->previous, &zeroes))
		return refuse(entry, "the first entry has a previous", err);
	if (entry->time_ms > TIME_MS_MAX)
		return refuse(entry, "the time is out of range", err);
	if (entry->counter > COUNTER_MAX)
		return refuse(entry, "the counter is out of range", err);
	if (entry->from_account > ACCOUNT_MEMBER_MAX ||
	    entry->to_account > ACCOUNT_MEMBER_MAX)
		return refuse(entry, "an account is out of range", err);
	if (entry->points > POINTS_MAX)
		return refuse(entry, "the points are out of range", err);
	if (entry->amount_minor > AMOUNT_MINOR_MAX)
		return refuse(entry, "the amount is out of range", err);
	return RESULT_OK;
}

/*
 * A sequence inside a record names an earlier entry. A walk along previous
 * entries ends because of this.
 */
static enum result check_references(
    const struct entry *entry, struct error *err)
{
	if (entry->related_sequence >= entry->sequence ||
	    entry->programme_sequence >= entry->sequence ||
	    entry->from_previous_sequence >= entry->sequence ||
	    entry->to_previous_sequence >= entry->sequence)
		return refuse(entry, "it refers to no earlier entry", err);
	if (entry->from_previous_sequence && !entry->from_account)
		return refuse(
		    entry, "no account has the previous entry named", err);
	if (entry->to_previous_sequence && !entry->to_account)
		return refuse(
		    entry, "no account has the previous entry named", err);
	if (entry->points && (!entry->from_account || !entry->to_account ||
				 entry->from_account == entry->to_account))
		return refuse(entry, "points move between two accounts", err);
	return RESULT_OK;
}

static enum result check_presence(
    const struct entry *entry, const struct kind_rule *rule, struct error *err)
{
	uint32_t head = head_bits(entry);
	uint32_t wrong;

	wrong = head & rule->zero;
	if (wrong)
		return refuse_field(entry, head_names[lowest_bit(wrong)],
		    "is not for this kind", err);
	wrong = ~head & rule->nonzero;
	if (wrong)
		return refuse_field(
		    entry, head_names[lowest_bit(wrong)], "is missing", err);
	wrong = rule->must & ~entry->has;
	if (wrong)
		return refuse_field(
		    entry, fields[lowest_bit(wrong)].name, "is missing", err);
	wrong = entry->has & ~(rule->must | rule->may);
	if (wrong & 1 || wrong > HAS(TAG_MAX + 1) - 1)
		return refuse(entry, "it has a field that is not known", err);
	if (wrong)
		return refuse_field(entry, fields[lowest_bit(wrong)].name,
		    "is not for this kind", err);
	if (rule->member && !entry_member(entry))
		return refuse(entry, "no account is a member's", err);
	return RESULT_OK;
}

static bool reward_is_id(struct bytes reward)
{
	for (size_t i = 0; i < reward.size; i++) {
		uint8_t c = reward.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool field_is_sound(const struct entry *entry, unsigned tag)
{
	switch (tag) {
	case TAG_TEXT:
		return bytes_are_text(entry->text,
		    entry->kind == ENTRY_PROGRAMME ? "\n\r\t" : NULL);
	case TAG_SUBJECT:
		return entry->subject != 0;
	case TAG_ROLE:
		return entry->role >= ROLE_TERMINAL &&
		       entry->role <= ROLE_OWNER;
	case TAG_STATUS:
		return entry->standing == STANDING_ACTIVE ||
		       entry->standing == STANDING_REVOKED;
	case TAG_REWARD:
		return reward_is_id(entry->reward);
	case TAG_RECEIPT:
		return bytes_are_text(entry->receipt, NULL);
	case TAG_BALANCE:
		return entry->balance_points >= -BALANCE_POINTS_MAX &&
		       entry->balance_points <= BALANCE_POINTS_MAX;
	}
	return true;
}

static size_t field_size(const struct entry *entry, unsigned tag)
{
	switch (tag) {
	case TAG_TEXT:
		return entry->text.size;
	case TAG_REWARD:
		return entry->reward.size;
	case TAG_RECEIPT:
		return entry->receipt.size;
	}
	return fields[tag].size_min;
}

static enum result check_field(
    const struct entry *entry, unsigned tag, struct error *err)
{
	size_t size = field_size(entry, tag);

	if (size < fields[tag].size_min || size > fields[tag].size_max)
		return refuse_field(
		    entry, fields[tag].name, "has a wrong size", err);
	if (!field_is_sound(entry, tag))
		return refuse_field(
		    entry, fields[tag].name, "has a value not allowed", err);
	return RESULT_OK;
}

/*
 * A value without its bit would silently not be recorded. The decoder never
 * makes one; for a caller that does, it is better said than lost.
 */
static enum result check_absent(const struct entry *entry, struct error *err)
{
	static const struct hash zeroes;
	uint32_t has = entry->has;

	if ((!(has & HAS(TAG_COMMITMENT)) &&
		!hash_equal(&entry->commitment, &zeroes)) ||
	    (!(has & HAS(TAG_KEY)) && !hash_equal(&entry->key, &zeroes)) ||
	    (!(has & HAS(TAG_TEXT)) && entry->text.size) ||
	    (!(has & HAS(TAG_SUBJECT)) && entry->subject) ||
	    (!(has & HAS(TAG_ROLE)) && entry->role) ||
	    (!(has & HAS(TAG_STATUS)) && entry->standing) ||
	    (!(has & HAS(TAG_REWARD)) && entry->reward.size) ||
	    (!(has & HAS(TAG_RECEIPT)) && entry->receipt.size) ||
	    (!(has & HAS(TAG_BALANCE)) && entry->balance_points))
		return refuse(entry, "a field that is absent has a value", err);
	return RESULT_OK;
}

/* A terminal's key is said when it is admitted and not said again. */
static enum result check_terminal(const struct entry *entry, struct error *err)
{
	bool key = entry->has & HAS(TAG_KEY);

	if (entry->standing == STANDING_ACTIVE && !key)
		return refuse(entry, "key is missing", err);
	if (entry->standing == STANDING_REVOKED && key)
		return refuse(entry, "a revoked terminal has no key", err);
	return RESULT_OK;
}

/* Everything that is asked of a meaning, in one order for both ways. */
static enum result entry_check(const struct entry *entry, struct error *err)
{
	enum result result;

	if (entry->kind < 1 || entry->kind > ENTRY_KIND_MAX)
		return refuse(entry, "the kind is not known", err);
	result = check_limits(entry, err);
	if (result == RESULT_OK)
		result = check_presence(entry, &rules[entry->kind], err);
	if (result == RESULT_OK)
		result = check_references(entry, err);
	for (uint32_t left = entry->has; result == RESULT_OK && left;
	     left &= left - 1)
		result = check_field(entry, (unsigned)lowest_bit(left), err);
	if (result == RESULT_OK && entry->kind == ENTRY_TERMINAL)
		result = check_terminal(entry, err);
	return result;
}

/* --- meaning to bytes ----------------------------------------------------- */

static size_t encoded_size(const struct entry *entry)
{
	size_t size = ENTRY_HEAD_SIZE;

	for (uint32_t left = entry->has; left; left &= left - 1)
		size += 4 + field_size(entry, (unsigned)lowest_bit(left));
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

static void write_field(
    const struct entry *entry, unsigned tag, struct writer *writer)
{
	writer_u16(writer, (uint16_t)tag);
	writer_u16(writer, (uint16_t)field_size(entry, tag));
	switch (tag) {
	case TAG_COMMITMENT:
		writer_bytes(writer, hash_view(&entry->commitment));
		break;
	case TAG_KEY:
		writer_bytes(writer, hash_view(&entry->key));
		break;
	case TAG_TEXT:
		writer_bytes(writer, entry->text);
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
	case TAG_REWARD:
		writer_bytes(writer, entry->reward);
		break;
	case TAG_RECEIPT:
		writer_bytes(writer, entry->receipt);
		break;
	case TAG_BALANCE:
		writer_u64(writer, (uint64_t)entry->balance_points);
		break;
	}
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
		write_field(entry, (unsigned)lowest_bit(left), writer);
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

static void read_value(
    struct reader *reader, unsigned tag, size_t size, struct entry *entry)
{
	switch (tag) {
	case TAG_COMMITMENT:
		reader_copy(reader, entry->commitment.bytes, HASH_SIZE);
		break;
	case TAG_KEY:
		reader_copy(reader, entry->key.bytes, HASH_SIZE);
		break;
	case TAG_TEXT:
		entry->text = reader_bytes(reader, size);
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
	case TAG_REWARD:
		entry->reward = reader_bytes(reader, size);
		break;
	case TAG_RECEIPT:
		entry->receipt = reader_bytes(reader, size);
		break;
	case TAG_BALANCE:
		entry->balance_points = (int64_t)reader_u64(reader);
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
		return refuse(entry, "it ends within a field", err);
	if (tag <= *last_tag)
		return refuse(entry, "its fields do not ascend", err);
	*last_tag = tag;
	if (tag & TAG_NOT_CRITICAL) {
		reader_bytes(reader, size);
		return RESULT_OK;
	}
	if (tag > TAG_MAX)
		return error_set(err, RESULT_INVALID,
		    "entry %" PRIu64 ": critical field %u is not known",
		    entry->sequence, tag);
	if (size < fields[tag].size_min || size > fields[tag].size_max)
		return refuse_field(
		    entry, fields[tag].name, "has a wrong size", err);
	entry->has |= HAS(tag);
	read_value(reader, tag, size, entry);
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

/* --- names ---------------------------------------------------------------- */

const char *entry_kind_name(enum entry_kind kind)
{
	if (kind < 1 || kind > ENTRY_KIND_MAX)
		return "unknown";
	return rules[kind].name;
}

const char *role_name(enum role role)
{
	switch (role) {
	case ROLE_NONE:
		return "none";
	case ROLE_TERMINAL:
		return "terminal";
	case ROLE_CASHIER:
		return "cashier";
	case ROLE_SUPERVISOR:
		return "supervisor";
	case ROLE_AUDITOR:
		return "auditor";
	case ROLE_OWNER:
		return "owner";
	}
	return "unknown";
}

uint64_t entry_member(const struct entry *entry)
{
	if (entry->from_account >= ACCOUNT_MEMBER_MIN)
		return entry->from_account;
	if (entry->to_account >= ACCOUNT_MEMBER_MIN)
		return entry->to_account;
	return 0;
}
