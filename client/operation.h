/*
 * operation: what the till must not lose, as bytes and back.
 * Above: outbox, till. Pure.
 *
 * An operation with the name that the outbox gave it, and what the shop last
 * said about itself. Both are kept as one versioned, big-endian body: texts
 * have a size of one byte before them. Bodies of version 1 (four kinds, no
 * lines) are still read.
 *
 * Two things never get into a body, for they have no business on a till's
 * disk: a second person's PIN, and a member's private details. An operation
 * that needs one of them says so (operation_has_secret()); the till holds the
 * secret in memory and, after a restart, has it no longer.
 */
#ifndef CLIENT_OPERATION_H
#define CLIENT_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/limits.h"
#include "common/law/programme.h"
#include "common/ledger/entry.h"
#include "common/ledger/lists.h"

#define OPERATION_TICKET_SIZE 28u /* bytes of a cashier's ticket */
#define OPERATION_ID_SIZE_MAX 72u /* bytes of an integrator's id, as JSON */
#define OPERATION_SIZE_MAX (512u + LINES_SIZE_MAX) /* bytes of a body */
#define SHOP_FACTS_SIZE_MAX 10240u		   /* bytes of encoded facts */

/* The numbers are on disks; never reuse. */
enum operation_kind {
	OPERATION_ENROL = 5,
	OPERATION_EARN = 6,
	OPERATION_REDEEM = 7,
	OPERATION_RETURN = 8,
	OPERATION_SALE = 9,   /* without a card */
	OPERATION_CLAIM = 10, /* the points of such a sale, later */
	OPERATION_HOLD = 11,
	OPERATION_CAPTURE = 12,
	OPERATION_VOID = 13,
	OPERATION_TRANSFER = 14,
	OPERATION_GOODWILL = 15,
	OPERATION_CARD_ADD = 16,
	OPERATION_CARD_BLOCK = 17,
	OPERATION_JOIN = 18,
	OPERATION_LEAVE = 19,
	OPERATION_MEMBER = 20,
};
#define OPERATION_KIND_MIN OPERATION_ENROL
#define OPERATION_KIND_MAX OPERATION_MEMBER

/* One operation. Fields that its kind does not use are zero or empty. */
struct operation {
	uint64_t counter; /* given by outbox_put() */
	uint8_t random[ENTRY_RANDOM_SIZE];
	enum operation_kind kind;
	char card[CARD_SIZE_MAX + 1];
	char other_card[CARD_SIZE_MAX + 1]; /* enrol: who brought the member;
					       transfer: who gets; card_add:
					       the new one; join: with whom */
	uint64_t amount_minor;
	uint64_t paid_minor; /* earn: of it, with points */
	char reward[REWARD_ID_SIZE_MAX + 1];
	char receipt[RECEIPT_SIZE_MAX + 1];
	uint64_t related;     /* return, claim, capture: an entry; void: the
				 counter of what it undoes */
	int64_t points;	      /* as asked, not as a reward costs */
	uint64_t cost_points; /* redeem: what it costs as far as is known */
	char text[REASON_SIZE_MAX + 1]; /* goodwill, card_block: the reason;
					   member: the segment */
	bool off;	 /* card_block: unblock; member: out of the segment */
	uint32_t second; /* goodwill: a second person, 0 is none */
	uint16_t list_size;
	uint8_t list[LINES_SIZE_MAX]; /* earn, sale: lines; return: backs; as
					 lists.h has them, or none */
	bool has_ticket;
	uint8_t ticket[OPERATION_TICKET_SIZE]; /* of the cashier at the time */
	char id[OPERATION_ID_SIZE_MAX + 1];    /* JSON text, "" for none */
	uint64_t created_ms;		       /* wall time */
};

/* A part of it is a PIN or private details: kept in memory alone. */
bool operation_has_secret(const struct operation *operation);

/* Never fails: a body of at most OPERATION_SIZE_MAX bytes. */
struct bytes operation_encode(
    const struct operation *operation, uint8_t ret_body[OPERATION_SIZE_MAX]);
/* RESULT_CORRUPT for bytes that operation_encode() does not write, and never
 * has. */
enum result operation_decode(
    struct bytes body, struct operation *ret_operation, struct error *err);

/* What the shop said when it was last heard. All zero: never heard. */
struct shop_facts {
	char shop[SHOP_NAME_SIZE_MAX + 1];
	char currency[4]; /* ISO 4217 */
	bool cashier_required;
	uint64_t offline_redeem_points_max; /* for one card; 0 is never */
	uint64_t programme; /* whose rewards these are; 0 none */
	size_t reward_count;
	/* id, name, points, kind, off_…, money_points, _minor, _step,
	 * _share_max and tiers; all else is 0. */
	struct programme_reward rewards[REWARDS_MAX];
};

/* NULL where there is no such reward. */
const struct programme_reward *shop_facts_reward(
    const struct shop_facts *facts, const char *id);
struct bytes shop_facts_encode(
    const struct shop_facts *facts, uint8_t ret_body[SHOP_FACTS_SIZE_MAX]);
enum result shop_facts_decode(
    struct bytes body, struct shop_facts *ret_facts, struct error *err);

#endif
