/*
 * entry: the ledger's record, and its one encoding.
 *
 * Everything is big-endian. A record is a head of fixed size, then fields of
 * (tag u16, size u16, value) in ascending tags to the record's end:
 *
 *    offset size
 *         0    1  format version, 1
 *         1    1  kind
 *         2    8  sequence, from 1
 *        10   32  previous: the leaf hash of the entry before, zeroes at first
 *        42    8  time, ms since 1970 UTC; never less than the entry before
 *        50    4  terminal; 0 is the server itself
 *        54    8  counter, with terminal the operation's name, unique for ever
 *        62    4  cashier, 0 is nobody
 *        66    8  from account, 0 where no points move
 *        74    8  to account, 0 where no points move and no member is meant
 *        82    8  points, moved from one to the other
 *        90    8  sale amount, minor units
 *        98    8  related sequence, 0 is none
 *       106    8  programme: sequence of the version that judged this, 0 none
 *       114   16  random, drawn by who named the operation
 *       130    8  from account's previous entry, 0 is none
 *       138    8  to account's previous entry, 0 is none
 *       146       fields
 *
 * A tag with its highest bit set may be passed over by a reader that does not
 * know it; any other unknown tag is an error. Which fields a kind must and may
 * have is the table in entry_rules.c. The decoder refuses whatever the encoder
 * would not have written for the same meaning, so decode-encode is the identity
 * (but for fields passed over, which this version has no meaning for).
 *
 * Limits of the record itself, whatever the programme says: sequences within
 * SEQUENCE_MAX, and those inside a record (a draw's size too) below the
 * record's own; counters, points, amounts, balances within theirs in limits.h;
 * accounts at most ACCOUNT_MEMBER_MAX; times below 2^63; the first record's
 * previous is zeroes; points move between two different accounts; no previous
 * entry without its account; lists as lists.h has them; a number in a field is
 * not 0, but for balances, a tier's, and a card's. What one kind asks beside
 * its table is in LEDGER.md, section 2.
 */
#ifndef COMMON_LEDGER_ENTRY_H
#define COMMON_LEDGER_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/limits.h"

#define ENTRY_VERSION 1u
#define ENTRY_HEAD_SIZE 146u
#define ENTRY_RANDOM_SIZE 16u

enum entry_kind {
	ENTRY_SHOP = 1,	     /* the first entry: whose ledger, which key */
	ENTRY_PROGRAMME = 2, /* a version of the programme comes into force */
	ENTRY_TERMINAL = 3,  /* a terminal is admitted or revoked */
	ENTRY_CASHIER = 4,   /* a cashier is admitted or dismissed */
	ENTRY_ENROL = 5,     /* an account is opened for a member */
	ENTRY_EARN = 6,	     /* a sale gives points */
	ENTRY_REDEEM = 7,    /* points buy a reward */
	ENTRY_RETURN = 8,    /* goods come back, and their points with them; or
				a redemption does */
	ENTRY_SALE = 9,	     /* a sale without a card, to be claimed later */
	ENTRY_HOLD = 10,     /* points are kept for a redemption under way */
	ENTRY_VOID = 11,     /* an operation is undone as a whole */
	ENTRY_EXPIRE = 12,   /* points lapse */
	ENTRY_TIER = 13,     /* a tier runs out */
	ENTRY_NOTICE = 14,   /* a member is told of points that will lapse */
	ENTRY_ADJUST = 15,   /* goodwill, or a correction */
	ENTRY_TRANSFER = 16, /* points go from one member to another */
	ENTRY_JOIN = 17,     /* a member pools with another from now on … */
	ENTRY_LEAVE = 18,    /* … and no longer */
	ENTRY_CARD = 19,     /* a further card, or one that is blocked */
	ENTRY_MEMBER = 20,   /* private details, or a segment */
	ENTRY_STAFF = 21,    /* which membership is a cashier's own */
	ENTRY_BONUS = 22,    /* points for who brought a new member */
};
#define ENTRY_KIND_MAX 22

/* Accounts below ACCOUNT_MEMBER_MIN are the programme's own. */
enum account {
	ACCOUNT_NONE = 0,
	ACCOUNT_ISSUED = 1,
	ACCOUNT_REDEEMED = 2,
	ACCOUNT_EXPIRED = 3,
	ACCOUNT_GOODWILL = 4,
};
#define ACCOUNT_MEMBER_MIN (1ull << 40) /* members: random from here … */
#define ACCOUNT_MEMBER_MAX 0x7fffffffffffffffull /* … to here */

enum entry_tag {
	TAG_COMMITMENT = 1, /* 32 bytes: salted hash of private details */
	TAG_KEY = 2,	    /* 32 bytes: shop: checkpoint key; terminal: hash
			       of its public key */
	TAG_TEXT = 3,	    /* UTF-8: shop: origin; programme: its full text */
	TAG_SUBJECT = 4,    /* u32: the terminal or cashier meant */
	TAG_ROLE = 5,	    /* u8: enum role */
	TAG_STATUS = 6,	    /* u8: enum standing */
	TAG_REWARD = 7,	    /* ASCII: the reward's id */
	TAG_RECEIPT = 8,    /* UTF-8: the till's own receipt number */
	TAG_BALANCE = 9,    /* i64, two's complement: the member's after this;
			       of two members, of from_account */
	TAG_LINES = 10,	    /* a list, see lists.h: what was sold */
	TAG_PARTS = 11,	    /* a list: what each rule gave, or gave less */
	TAG_LOTS = 12,	    /* a list: the stamps of the points that move */
	TAG_UNTIL = 13,	    /* u64: hold: when it ends, ms since 1970 UTC */
	TAG_HELD = 14,	    /* u64: hold: points kept */
	TAG_VOIDED = 15,    /* u64: void: the counter undone */
	TAG_TIER = 16,	    /* u8 level, i32 day: a tier, and its last day */
	TAG_REASON = 17,    /* UTF-8: why */
	TAG_SECOND = 18,    /* u32: adjust: the second person */
	TAG_CARD = 19,	    /* u64: a card's random number in the chain */
	TAG_SEGMENT = 20,   /* ASCII: member: the segment's id */
	TAG_REFERRER = 21,  /* u64: enrol: the account of who brought it; bonus:
			       of who was brought */
	TAG_DRAW = 22,	    /* u64 size, 32 bytes root: a checkpoint */
	TAG_PAID = 23,	    /* u64: of the amount, paid with points: earn;
			       return, void: of what comes back */
	TAG_OTHER_BALANCE = 24, /* i64: of two members, of to_account */
	TAG_SOLD = 25,		/* u64: when it was sold, ms since 1970 UTC */
	TAG_FACTS = 26,		/* u8: FACT_… bits, not 0 */
	TAG_SHOP = 27,		/* ASCII: terminal: the id of its shop */
	TAG_BACKS = 28,		/* a list: the lines that come back */
	TAG_RULES = 29,		/* u64: the programme whose rules the parts or
				   the reward are of, where it is not that of
				   the head: return, void, redeem of a hold */
	TAG_WHOSE = 30,		/* u64: return, void: whose sale or redemption
				   it was, where the points are those of the
				   one that it pools with now */
};

#define FACT_BIRTHDAY 1u /* earn: near the member's birthday */
#define FACT_WHOLE 2u	 /* return or void of a redemption: nothing is left */

enum role {
	ROLE_NONE = 0,
	ROLE_TERMINAL = 1, /* a till; cashiers log in on it */
	ROLE_CASHIER = 2,
	ROLE_SUPERVISOR = 3,
	ROLE_AUDITOR = 4, /* reads everything but private details */
	ROLE_OWNER = 5,
};

enum standing { STANDING_ACTIVE = 1, STANDING_REVOKED = 2 };

/*
 * A record's meaning. Views (`text`, `reward`, `lines`, …) borrow from the
 * record that was decoded, or from whoever filled them in. `has` is a bit set:
 * ENTRY_HAS(TAG_…) for each field present; values of absent fields are zero.
 */
#define ENTRY_HAS(tag) (1u << (tag))

struct entry {
	enum entry_kind kind;
	uint64_t sequence;
	struct hash previous;
	uint64_t time_ms;
	uint32_t terminal;
	uint64_t counter;
	uint32_t cashier;
	uint64_t from_account;
	uint64_t to_account;
	uint64_t points;
	uint64_t amount_minor;
	uint64_t related_sequence;
	uint64_t programme_sequence;
	uint8_t random[ENTRY_RANDOM_SIZE];
	uint64_t from_previous_sequence;
	uint64_t to_previous_sequence;

	uint32_t has;
	struct hash commitment;
	struct hash key;
	struct bytes text;
	uint32_t subject;
	enum role role;
	enum standing standing;
	struct bytes reward;
	struct bytes receipt;
	int64_t balance_points;
	struct bytes lines; /* encoded, as lists.h reads them; likewise: */
	struct bytes parts;
	struct bytes lots;
	struct bytes backs;
	uint64_t until_ms;
	uint64_t held_points;
	uint64_t voided_counter;
	uint8_t tier_level;
	int32_t tier_until_day;
	struct bytes reason;
	uint32_t second;
	uint64_t card;
	struct bytes segment;
	uint64_t referrer;
	uint64_t draw_size;
	struct hash draw_root;
	uint64_t paid_minor;
	int64_t other_balance_points;
	uint64_t sold_ms;
	uint8_t facts;
	struct bytes shop;
	uint64_t rules_sequence; /* TAG_RULES */
	uint64_t whose;		 /* TAG_WHOSE */
};

/*
 * Encode into `writer`. RESULT_INVALID where the meaning has no encoding (a
 * field that the kind must not have, or lacks), RESULT_LIMIT where it does not
 * fit ENTRY_SIZE_MAX or the writer.
 */
enum result entry_encode(
    const struct entry *entry, struct writer *writer, struct error *err);

/*
 * Decode exactly one record. RESULT_INVALID for any bytes that entry_encode()
 * does not write, RESULT_VERSION for a later format version.
 */
enum result entry_decode(
    struct bytes record, struct entry *ret_entry, struct error *err);

/* "shop", "earn", …; "unknown" for any other. */
const char *entry_kind_name(enum entry_kind kind);
const char *role_name(enum role role);
/* The member that the entry is about: the account of a member among from and
 * to; 0 where there is none. */
uint64_t entry_member(const struct entry *entry);

#endif
