/*
 * entry_samples: a good entry of every kind.
 */
#ifndef TESTS_UNIT_COMMON_ENTRY_SAMPLES_H
#define TESTS_UNIT_COMMON_ENTRY_SAMPLES_H

#include <string.h>

#include "common/ledger/entry.h"
#include "common/ledger/lists.h"

#define MEMBER (ACCOUNT_MEMBER_MIN + 0x123456789ull)
#define OTHER (ACCOUNT_MEMBER_MIN + 0x987654321ull)
#define HAS(tag) ENTRY_HAS(tag)
#define TAG_LAST TAG_WHOSE

/* Lists of one element each. */
#define LINES_BYTES \
	"\5fruit\4" \
	"4011\0\0\0\2\0\0\0\0\0\0\4\xe2"
#define PARTS_BYTES "\1\0\0\0\0\0\xb7\x1b\0"
#define LOTS_BYTES "\0\0\x50\0\0\0\x4f\0\0\0\0\0\0\0\0\x0c"
#define BACKS_BYTES "\0\0\0\0\1\0\0\0\0\0\0\2\x71"
#define BYTES_OF(literal) bytes_of(literal, sizeof(literal) - 1)

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

/* An entry about a member by which no points move. */
static inline struct entry sample_about(
    enum entry_kind kind, uint64_t sequence, uint32_t has)
{
	struct entry entry = sample_of(kind, sequence);

	entry.time_ms = 1700000000200;
	entry.to_account = MEMBER;
	entry.to_previous_sequence = 59;
	entry.has = has;
	return entry;
}

/* Twelve points of (20480, 20224) from one account to another. */
static inline struct entry sample_move(enum entry_kind kind, uint64_t sequence,
    uint64_t from_account, uint64_t to_account, uint32_t has)
{
	struct entry entry = sample_of(kind, sequence);

	entry.time_ms = 1700000000300;
	entry.from_account = from_account;
	entry.to_account = to_account;
	entry.points = 12;
	entry.has = has | HAS(TAG_BALANCE) | HAS(TAG_LOTS);
	entry.balance_points = 100;
	entry.lots = BYTES_OF(LOTS_BYTES);
	return entry;
}

static inline struct entry sample_sale(void)
{
	struct entry entry = sample_of(ENTRY_SALE, 60);

	entry.terminal = 3;
	entry.amount_minor = 1250;
	entry.has = HAS(TAG_RECEIPT) | HAS(TAG_LINES) | HAS(TAG_SOLD);
	entry.receipt = bytes_of_string("A-18");
	entry.lines = BYTES_OF(LINES_BYTES);
	entry.sold_ms = 1699999999999;
	return entry;
}

static inline struct entry sample_hold(void)
{
	struct entry entry = sample_about(ENTRY_HOLD, 61,
	    HAS(TAG_REWARD) | HAS(TAG_BALANCE) | HAS(TAG_UNTIL) |
		HAS(TAG_HELD));

	entry.amount_minor = 2000;
	entry.reward = bytes_of_string("coffee");
	entry.until_ms = 1700000600200;
	entry.held_points = 150;
	entry.balance_points = 151;
	return entry;
}

static inline struct entry sample_void(void)
{
	struct entry entry = sample_move(ENTRY_VOID, 62, MEMBER, ACCOUNT_ISSUED,
	    HAS(TAG_PARTS) | HAS(TAG_VOIDED) | HAS(TAG_TIER) | HAS(TAG_SOLD) |
		HAS(TAG_PAID) | HAS(TAG_RULES) | HAS(TAG_WHOSE));

	entry.related_sequence = 57;
	entry.amount_minor = 1250;
	entry.paid_minor = 250;
	entry.whose = OTHER;
	entry.parts = BYTES_OF(PARTS_BYTES);
	entry.voided_counter = 41;
	entry.tier_level = 1;
	entry.tier_until_day = -1;
	entry.sold_ms = 1700000000123;
	entry.rules_sequence = 20;
	return entry;
}

static inline struct entry sample_expire(void)
{
	return sample_move(ENTRY_EXPIRE, 63, MEMBER, ACCOUNT_EXPIRED, 0);
}

static inline struct entry sample_tier(void)
{
	struct entry entry = sample_about(ENTRY_TIER, 64, HAS(TAG_TIER));

	entry.tier_level = TIERS_MAX;
	entry.tier_until_day = 20818;
	return entry;
}

static inline struct entry sample_notice(void)
{
	struct entry entry = sample_about(ENTRY_NOTICE, 65, HAS(TAG_LOTS));

	entry.lots = BYTES_OF(LOTS_BYTES);
	return entry;
}

static inline struct entry sample_adjust(void)
{
	struct entry entry = sample_move(ENTRY_ADJUST, 66, ACCOUNT_GOODWILL,
	    MEMBER, HAS(TAG_REASON) | HAS(TAG_SECOND));

	entry.cashier = 2;
	entry.reason = bytes_of_string("cold caf\xc3\xa9");
	entry.second = 4;
	return entry;
}

static inline struct entry sample_transfer(void)
{
	struct entry entry = sample_move(
	    ENTRY_TRANSFER, 67, MEMBER, OTHER, HAS(TAG_OTHER_BALANCE));

	entry.other_balance_points = 12;
	return entry;
}

static inline struct entry sample_join(void)
{
	struct entry entry =
	    sample_move(ENTRY_JOIN, 68, MEMBER, OTHER, HAS(TAG_OTHER_BALANCE));

	entry.has &= ~HAS(TAG_LOTS);
	entry.lots = bytes_of(NULL, 0);
	entry.points = 0;
	entry.from_previous_sequence = 67;
	entry.to_previous_sequence = 67;
	return entry;
}

static inline struct entry sample_leave(void)
{
	struct entry entry =
	    sample_move(ENTRY_LEAVE, 69, OTHER, MEMBER, HAS(TAG_OTHER_BALANCE));

	entry.related_sequence = 68;
	entry.other_balance_points = -12;
	return entry;
}

static inline struct entry sample_card(void)
{
	struct entry entry = sample_about(ENTRY_CARD, 70,
	    HAS(TAG_COMMITMENT) | HAS(TAG_STATUS) | HAS(TAG_CARD));

	entry.programme_sequence = 0;
	memset(entry.commitment.bytes, 0xee, HASH_SIZE);
	entry.standing = STANDING_ACTIVE;
	entry.card = 0x0123456789abcdef;
	return entry;
}

static inline struct entry sample_member(void)
{
	struct entry entry =
	    sample_about(ENTRY_MEMBER, 71, HAS(TAG_STATUS) | HAS(TAG_SEGMENT));

	entry.programme_sequence = 0;
	entry.standing = STANDING_REVOKED;
	entry.segment = bytes_of_string("staff");
	return entry;
}

static inline struct entry sample_staff(void)
{
	struct entry entry = sample_about(ENTRY_STAFF, 72, HAS(TAG_SUBJECT));

	entry.programme_sequence = 0;
	entry.subject = 2;
	return entry;
}

static inline struct entry sample_bonus(void)
{
	struct entry entry = sample_move(ENTRY_BONUS, 73, ACCOUNT_ISSUED,
	    MEMBER, HAS(TAG_PARTS) | HAS(TAG_REFERRER));

	entry.related_sequence = 57;
	entry.parts = BYTES_OF(PARTS_BYTES);
	entry.referrer = OTHER;
	return entry;
}

/* Everything that an earning can say. */
static inline struct entry sample_full_earn(void)
{
	struct entry entry = sample_earn();

	entry.related_sequence = 41;
	entry.has |= HAS(TAG_LINES) | HAS(TAG_PARTS) | HAS(TAG_LOTS) |
		     HAS(TAG_TIER) | HAS(TAG_DRAW) | HAS(TAG_PAID) |
		     HAS(TAG_SOLD) | HAS(TAG_FACTS);
	entry.lines = BYTES_OF(LINES_BYTES);
	entry.parts = BYTES_OF(PARTS_BYTES);
	entry.lots = BYTES_OF(LOTS_BYTES);
	entry.tier_level = 2;
	entry.tier_until_day = 0x7fffffff;
	entry.draw_size = 50;
	memset(entry.draw_root.bytes, 0x5a, HASH_SIZE);
	entry.paid_minor = 250;
	entry.sold_ms = 1699999999000;
	entry.facts = FACT_BIRTHDAY;
	return entry;
}

/* A reward that comes back. */
static inline struct entry sample_given_back(void)
{
	struct entry entry = sample_move(ENTRY_RETURN, 74, ACCOUNT_REDEEMED,
	    MEMBER, HAS(TAG_REWARD) | HAS(TAG_FACTS));

	entry.related_sequence = 59;
	entry.reward = bytes_of_string("coffee");
	entry.facts = FACT_WHOLE;
	return entry;
}

/* By kind. */
static struct entry (*const samples[ENTRY_KIND_MAX + 1])(void) = {NULL,
    sample_shop, sample_programme, sample_terminal, sample_cashier,
    sample_enrol, sample_earn, sample_redeem, sample_return, sample_sale,
    sample_hold, sample_void, sample_expire, sample_tier, sample_notice,
    sample_adjust, sample_transfer, sample_join, sample_leave, sample_card,
    sample_member, sample_staff, sample_bonus};

#endif
