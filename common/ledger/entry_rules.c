/*
 * entry_rules: owns the table of what each kind of record must and may say, and
 * what is asked of each value.
 */
#include "common/ledger/entry.h"

#include <inttypes.h>

#include "common/ledger/entry_inside.h"
#include "common/ledger/lists.h"

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

#define HEAD_ACCOUNTS \
	(HEAD_FROM | HEAD_TO | HEAD_FROM_PREVIOUS | HEAD_TO_PREVIOUS)
#define HEAD_SALE (HEAD_AMOUNT | HEAD_RELATED)
#define HEAD_MOVES (HEAD_ACCOUNTS | HEAD_POINTS | HEAD_SALE)
/* A member is meant, and no points move. */
#define HEAD_BUT_TO (HEAD_FROM | HEAD_POINTS | HEAD_FROM_PREVIOUS)

/* What is said of a sale or a redemption that is undone, or part of it. */
#define UNDOES                                                                \
	(HAS(TAG_REWARD) | HAS(TAG_PARTS) | HAS(TAG_LOTS) | HAS(TAG_TIER) |   \
	    HAS(TAG_PAID) | HAS(TAG_SOLD) | HAS(TAG_FACTS) | HAS(TAG_RULES) | \
	    HAS(TAG_WHOSE))

/* Whose accounts an entry names. */
enum whose {
	WHOSE_ANY,    /* nobody's asked */
	WHOSE_MEMBER, /* one of them is a member's */
	WHOSE_BOTH,   /* both are, of two members */
};

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
	enum whose whose;
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
	.may = HAS(TAG_KEY) | HAS(TAG_SHOP),
	.zero = HEAD_MOVES},
    [ENTRY_CASHIER] = {.name = "cashier",
	.must = HAS(TAG_SUBJECT) | HAS(TAG_ROLE) | HAS(TAG_STATUS),
	.may = HAS(TAG_COMMITMENT),
	.zero = HEAD_MOVES},
    [ENTRY_ENROL] = {.name = "enrol",
	.must = HAS(TAG_COMMITMENT),
	.may = HAS(TAG_REFERRER),
	.zero = HEAD_MOVES & ~HEAD_TO,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_EARN] = {.name = "earn",
	.must = HAS(TAG_BALANCE),
	.may = HAS(TAG_RECEIPT) | HAS(TAG_LINES) | HAS(TAG_PARTS) |
	       HAS(TAG_LOTS) | HAS(TAG_TIER) | HAS(TAG_DRAW) | HAS(TAG_PAID) |
	       HAS(TAG_SOLD) | HAS(TAG_FACTS),
	.nonzero = HEAD_AMOUNT,
	.whose = WHOSE_MEMBER},
    [ENTRY_REDEEM] = {.name = "redeem",
	.must = HAS(TAG_REWARD) | HAS(TAG_BALANCE),
	.may = HAS(TAG_RECEIPT) | HAS(TAG_LOTS) | HAS(TAG_RULES),
	.nonzero = HEAD_POINTS,
	.whose = WHOSE_MEMBER},
    [ENTRY_RETURN] = {.name = "return",
	.must = HAS(TAG_BALANCE),
	.may = UNDOES | HAS(TAG_RECEIPT) | HAS(TAG_BACKS),
	.nonzero = HEAD_RELATED,
	.whose = WHOSE_MEMBER},
    [ENTRY_SALE] = {.name = "sale",
	.may = HAS(TAG_RECEIPT) | HAS(TAG_LINES) | HAS(TAG_SOLD),
	.zero = HEAD_ACCOUNTS | HEAD_POINTS | HEAD_RELATED,
	.nonzero = HEAD_AMOUNT},
    [ENTRY_HOLD] = {.name = "hold",
	.must =
	    HAS(TAG_REWARD) | HAS(TAG_BALANCE) | HAS(TAG_UNTIL) | HAS(TAG_HELD),
	.may = HAS(TAG_RECEIPT),
	.zero = HEAD_BUT_TO | HEAD_RELATED,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_VOID] = {.name = "void",
	.must = HAS(TAG_VOIDED),
	.may = UNDOES | HAS(TAG_BALANCE)},
    [ENTRY_EXPIRE] = {.name = "expire",
	.must = HAS(TAG_BALANCE) | HAS(TAG_LOTS),
	.zero = HEAD_SALE,
	.nonzero = HEAD_POINTS,
	.whose = WHOSE_MEMBER},
    [ENTRY_TIER] = {.name = "tier",
	.must = HAS(TAG_TIER),
	.zero = HEAD_BUT_TO | HEAD_SALE,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_NOTICE] = {.name = "notice",
	.must = HAS(TAG_LOTS),
	.zero = HEAD_BUT_TO | HEAD_SALE,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_ADJUST] = {.name = "adjust",
	.must = HAS(TAG_BALANCE) | HAS(TAG_REASON),
	.may = HAS(TAG_LOTS) | HAS(TAG_SECOND),
	.zero = HEAD_SALE,
	.nonzero = HEAD_POINTS,
	.whose = WHOSE_MEMBER},
    [ENTRY_TRANSFER] = {.name = "transfer",
	.must = HAS(TAG_BALANCE) | HAS(TAG_OTHER_BALANCE),
	.may = HAS(TAG_LOTS),
	.zero = HEAD_SALE,
	.nonzero = HEAD_POINTS,
	.whose = WHOSE_BOTH},
    [ENTRY_JOIN] = {.name = "join",
	.must = HAS(TAG_BALANCE) | HAS(TAG_OTHER_BALANCE),
	.may = HAS(TAG_LOTS),
	.zero = HEAD_SALE,
	.whose = WHOSE_BOTH},
    [ENTRY_LEAVE] = {.name = "leave",
	.must = HAS(TAG_BALANCE) | HAS(TAG_OTHER_BALANCE),
	.may = HAS(TAG_LOTS),
	.zero = HEAD_AMOUNT,
	.nonzero = HEAD_RELATED,
	.whose = WHOSE_BOTH},
    [ENTRY_CARD] = {.name = "card",
	.must = HAS(TAG_STATUS) | HAS(TAG_CARD),
	.may = HAS(TAG_COMMITMENT) | HAS(TAG_REASON),
	.zero = HEAD_BUT_TO | HEAD_SALE | HEAD_PROGRAMME,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_MEMBER] = {.name = "member",
	.may = HAS(TAG_COMMITMENT) | HAS(TAG_STATUS) | HAS(TAG_SEGMENT),
	.zero = HEAD_BUT_TO | HEAD_SALE | HEAD_PROGRAMME,
	.nonzero = HEAD_TO,
	.whose = WHOSE_MEMBER},
    [ENTRY_STAFF] = {.name = "staff",
	.must = HAS(TAG_SUBJECT),
	.zero = HEAD_BUT_TO | HEAD_SALE | HEAD_PROGRAMME},
    [ENTRY_BONUS] = {.name = "bonus",
	.must = HAS(TAG_BALANCE) | HAS(TAG_PARTS) | HAS(TAG_REFERRER),
	.may = HAS(TAG_LOTS),
	.zero = HEAD_AMOUNT,
	.nonzero = HEAD_POINTS | HEAD_RELATED,
	.whose = WHOSE_MEMBER},
};

enum result entry_refuse(const struct entry *entry, const char *name,
    const char *what, struct error *err)
{
	return error_set(err, RESULT_INVALID, "entry %" PRIu64 " (%s): %s %s",
	    entry->sequence, entry_kind_name(entry->kind), name, what);
}

static bool is_member(uint64_t account)
{
	return account >= ACCOUNT_MEMBER_MIN && account <= ACCOUNT_MEMBER_MAX;
}

/* --- the head ------------------------------------------------------------- */

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
		return entry_refuse(
		    entry, "the sequence", "is out of range", err);
	if (entry->sequence == 1 && !hash_equal(&entry->previous, &zeroes))
		return entry_refuse(
		    entry, "the first entry", "has a previous", err);
	if (entry->time_ms > TIME_MS_MAX)
		return entry_refuse(entry, "the time", "is out of range", err);
	if (entry->counter > COUNTER_MAX)
		return entry_refuse(
		    entry, "the counter", "is out of range", err);
	if (entry->from_account > ACCOUNT_MEMBER_MAX ||
	    entry->to_account > ACCOUNT_MEMBER_MAX)
		return entry_refuse(
		    entry, "an account", "is out of range", err);
	if (entry->points > POINTS_MAX)
		return entry_refuse(
		    entry, "the points", "are out of range", err);
	if (entry->amount_minor > AMOUNT_MINOR_MAX)
		return entry_refuse(
		    entry, "the amount", "is out of range", err);
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
	    entry->to_previous_sequence >= entry->sequence ||
	    entry->rules_sequence >= entry->sequence ||
	    entry->draw_size >= entry->sequence)
		return entry_refuse(
		    entry, "it", "refers to no earlier entry", err);
	if ((entry->from_previous_sequence && !entry->from_account) ||
	    (entry->to_previous_sequence && !entry->to_account))
		return entry_refuse(
		    entry, "no account", "has the previous entry named", err);
	if (entry->points && (!entry->from_account || !entry->to_account ||
				 entry->from_account == entry->to_account))
		return entry_refuse(
		    entry, "points", "move between two accounts", err);
	return RESULT_OK;
}

static enum result check_whose(
    const struct entry *entry, enum whose whose, struct error *err)
{
	if (whose == WHOSE_MEMBER && !entry_member(entry))
		return entry_refuse(entry, "no account", "is a member's", err);
	if (whose == WHOSE_BOTH &&
	    (!is_member(entry->from_account) || !is_member(entry->to_account) ||
		entry->from_account == entry->to_account))
		return entry_refuse(
		    entry, "its accounts", "are not of two members", err);
	return RESULT_OK;
}

static enum result check_presence(
    const struct entry *entry, const struct kind_rule *rule, struct error *err)
{
	uint32_t head = head_bits(entry);
	uint32_t wrong;

	wrong = head & rule->zero;
	if (wrong)
		return entry_refuse(entry, head_names[entry_lowest_bit(wrong)],
		    "is not for this kind", err);
	wrong = ~head & rule->nonzero;
	if (wrong)
		return entry_refuse(entry, head_names[entry_lowest_bit(wrong)],
		    "is missing", err);
	wrong = rule->must & ~entry->has;
	if (wrong)
		return entry_refuse(entry,
		    entry_fields[entry_lowest_bit(wrong)].name, "is missing",
		    err);
	wrong = entry->has & ~(rule->must | rule->may);
	if (wrong & 1 || wrong > HAS(TAG_MAX + 1) - 1)
		return entry_refuse(
		    entry, "it", "has a field that is not known", err);
	if (wrong)
		return entry_refuse(entry,
		    entry_fields[entry_lowest_bit(wrong)].name,
		    "is not for this kind", err);
	return check_whose(entry, rule->whose, err);
}

/* --- fields --------------------------------------------------------------- */

/* The alphabet of ids: of rewards, segments, shops. */
static bool is_id(struct bytes id)
{
	for (size_t i = 0; i < id.size; i++) {
		uint8_t c = id.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool is_balance(int64_t points)
{
	return points >= -BALANCE_POINTS_MAX && points <= BALANCE_POINTS_MAX;
}

static bool is_within(uint64_t value, uint64_t max)
{
	return value >= 1 && value <= max;
}

static bool view_is_sound(
    const struct entry *entry, unsigned tag, struct bytes view)
{
	switch (tag) {
	case TAG_TEXT:
		return bytes_are_text(
		    view, entry->kind == ENTRY_PROGRAMME ? "\n\r\t" : NULL);
	case TAG_RECEIPT:
	case TAG_REASON:
		return bytes_are_text(view, NULL);
	case TAG_LINES:
		return lines_are_sound(view);
	case TAG_PARTS:
		return parts_are_sound(view);
	case TAG_LOTS:
		return lots_are_sound(view);
	case TAG_BACKS:
		return backs_are_sound(view);
	}
	return is_id(view);
}

static bool value_is_sound(const struct entry *entry, unsigned tag)
{
	switch (tag) {
	case TAG_SUBJECT:
		return entry->subject != 0;
	case TAG_ROLE:
		return entry->role >= ROLE_TERMINAL &&
		       entry->role <= ROLE_OWNER;
	case TAG_STATUS:
		return entry->standing == STANDING_ACTIVE ||
		       entry->standing == STANDING_REVOKED;
	case TAG_BALANCE:
		return is_balance(entry->balance_points);
	case TAG_UNTIL:
		return is_within(entry->until_ms, TIME_MS_MAX);
	case TAG_HELD:
		return is_within(entry->held_points, POINTS_MAX);
	case TAG_VOIDED:
		return is_within(entry->voided_counter, COUNTER_MAX);
	case TAG_TIER:
		return entry->tier_level <= TIERS_MAX;
	case TAG_SECOND:
		return entry->second != 0;
	case TAG_CARD:
		return entry->card <= ACCOUNT_MEMBER_MAX;
	case TAG_REFERRER:
		return is_member(entry->referrer);
	case TAG_DRAW:
		return entry->draw_size != 0;
	case TAG_PAID:
		return is_within(entry->paid_minor, AMOUNT_MINOR_MAX);
	case TAG_OTHER_BALANCE:
		return is_balance(entry->other_balance_points);
	case TAG_SOLD:
		return is_within(entry->sold_ms, TIME_MS_MAX);
	case TAG_FACTS:
		return is_within(entry->facts, FACT_BIRTHDAY | FACT_WHOLE);
	case TAG_RULES:
		return entry->rules_sequence != 0;
	case TAG_WHOSE:
		return is_member(entry->whose);
	}
	return true;
}

static enum result check_field(
    const struct entry *entry, unsigned tag, struct error *err)
{
	const struct entry_field *field = &entry_fields[tag];
	const struct bytes *view = entry_view(entry, tag);

	if (view != NULL &&
	    (view->size < field->size_min || view->size > field->size_max))
		return entry_refuse(
		    entry, field->name, "has a wrong size", err);
	if (!(view != NULL ? view_is_sound(entry, tag, *view)
			   : value_is_sound(entry, tag)))
		return entry_refuse(
		    entry, field->name, "has a value not allowed", err);
	return RESULT_OK;
}

/* --- what a kind asks beside the table ------------------------------------ */

static bool has(const struct entry *entry, enum entry_tag tag)
{
	return entry->has & HAS(tag);
}

/* A terminal's key and shop are said when it is admitted and not again. */
static enum result check_terminal(const struct entry *entry, struct error *err)
{
	if (entry->standing == STANDING_ACTIVE && !has(entry, TAG_KEY))
		return entry_refuse(entry, "key", "is missing", err);
	if (entry->standing == STANDING_REVOKED && has(entry, TAG_KEY))
		return entry_refuse(
		    entry, "a revoked terminal", "has no key", err);
	if (entry->standing == STANDING_REVOKED && has(entry, TAG_SHOP))
		return entry_refuse(
		    entry, "a revoked terminal", "has no shop", err);
	return RESULT_OK;
}

/* An enrolment says who brought the member, a bonus who was brought. */
static enum result check_referrer(const struct entry *entry, struct error *err)
{
	if (entry->referrer == entry->to_account)
		return entry_refuse(entry, "referrer",
		    "is the one that the entry is about", err);
	return RESULT_OK;
}

static enum result check_paid(const struct entry *entry, struct error *err)
{
	if (has(entry, TAG_PAID) && entry->paid_minor > entry->amount_minor)
		return entry_refuse(
		    entry, "paid", "is more than the amount", err);
	return RESULT_OK;
}

/* Goods come back with their amount and the member's points go; or a reward
 * comes back without one, and the member gets points. */
static enum result check_return(const struct entry *entry, struct error *err)
{
	bool goods = is_member(entry->from_account);

	if (goods && !entry->amount_minor)
		return entry_refuse(entry, "amount", "is missing", err);
	if (!goods && entry->amount_minor)
		return entry_refuse(
		    entry, "a reward that comes back", "has no amount", err);
	if (!goods && (has(entry, TAG_PARTS) || has(entry, TAG_BACKS)))
		return entry_refuse(
		    entry, "a reward that comes back", "has no lines", err);
	if (goods && has(entry, TAG_REWARD))
		return entry_refuse(entry, "reward", "is not for goods", err);
	return RESULT_OK;
}

/* What did not arrive has moved nothing. */
static enum result check_void(const struct entry *entry, struct error *err)
{
	const uint32_t of_none = HAS(TAG_VOIDED);

	if (entry->related_sequence)
		return RESULT_OK;
	if (entry->has != of_none || entry->from_account || entry->to_account ||
	    entry->amount_minor)
		return entry_refuse(entry, "what did not come",
		    "has nothing to be undone", err);
	return RESULT_OK;
}

/* A new card is committed to. The enrolment's is so there, and nothing but a
 * standing is said of it, nor of a card that is blocked. */
static enum result check_card(const struct entry *entry, struct error *err)
{
	if (has(entry, TAG_COMMITMENT) &&
	    (entry->standing == STANDING_REVOKED || entry->card == 0))
		return entry_refuse(
		    entry, "commitment", "is only for a new card", err);
	return RESULT_OK;
}

/* Either the details as a whole, or one segment. */
static enum result check_member(const struct entry *entry, struct error *err)
{
	const uint32_t segment = HAS(TAG_SEGMENT) | HAS(TAG_STATUS);

	if (entry->has != HAS(TAG_COMMITMENT) && entry->has != segment)
		return entry_refuse(
		    entry, "it", "is neither of details nor of a segment", err);
	return RESULT_OK;
}

static enum result check_staff(const struct entry *entry, struct error *err)
{
	if (entry->to_account && !is_member(entry->to_account))
		return entry_refuse(entry, "no account", "is a member's", err);
	return RESULT_OK;
}

static enum result check_kind(const struct entry *entry, struct error *err)
{
	switch (entry->kind) {
	case ENTRY_TERMINAL:
		return check_terminal(entry, err);
	case ENTRY_ENROL:
	case ENTRY_BONUS:
		return check_referrer(entry, err);
	case ENTRY_RETURN:
		return check_return(entry, err);
	case ENTRY_VOID:
		return check_void(entry, err);
	case ENTRY_CARD:
		return check_card(entry, err);
	case ENTRY_MEMBER:
		return check_member(entry, err);
	case ENTRY_STAFF:
		return check_staff(entry, err);
	default:
		return RESULT_OK;
	}
}

enum result entry_check(const struct entry *entry, struct error *err)
{
	enum result result;

	if (entry->kind < 1 || entry->kind > ENTRY_KIND_MAX)
		return entry_refuse(entry, "the kind", "is not known", err);
	result = check_limits(entry, err);
	if (result == RESULT_OK)
		result = check_presence(entry, &rules[entry->kind], err);
	if (result == RESULT_OK)
		result = check_references(entry, err);
	for (uint32_t left = entry->has; result == RESULT_OK && left;
	     left &= left - 1)
		result = check_field(entry, entry_lowest_bit(left), err);
	if (result == RESULT_OK)
		result = check_kind(entry, err);
	if (result == RESULT_OK)
		result = check_paid(entry, err);
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
