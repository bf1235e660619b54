/*
 * operation: what the till must not lose, as bytes and back.
 * Above: outbox, till. Pure.
 *
 * An operation (enrol, earn, redeem, return) with the name that the outbox
 * gave it, and what the shop last said about itself. Both are kept as one
 * versioned, big-endian body: texts have a size of one byte before them.
 */
#ifndef CLIENT_OPERATION_H
#define CLIENT_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/limits.h"
#include "common/law/programme.h"
#include "common/ledger/entry.h"

#define OPERATION_TICKET_SIZE 28u /* bytes of a cashier's ticket */
#define OPERATION_ID_SIZE_MAX 72u /* bytes of an integrator's id, as JSON */
#define OPERATION_SIZE_MAX 400u	  /* bytes of an encoded operation */
#define SHOP_FACTS_SIZE_MAX 8192u /* bytes of encoded facts */

/* One operation. Fields that its kind does not use are zero or empty. */
struct operation {
	uint64_t counter; /* given by outbox_put() */
	uint8_t random[ENTRY_RANDOM_SIZE];
	enum entry_kind kind; /* ENROL, EARN, REDEEM or RETURN */
	char card[CARD_SIZE_MAX + 1];
	uint64_t amount_minor;
	char reward[REWARD_ID_SIZE_MAX + 1];
	char receipt[RECEIPT_SIZE_MAX + 1];
	uint64_t sale;	 /* return: the entry of the earning */
	uint64_t points; /* redeem: what the reward costs as far as is known */
	bool has_ticket;
	uint8_t ticket[OPERATION_TICKET_SIZE]; /* of the cashier at the time */
	char id[OPERATION_ID_SIZE_MAX + 1];    /* JSON text, "" for none */
	uint64_t created_ms;		       /* wall time */
};

/* Never fails: a body of at most OPERATION_SIZE_MAX bytes. */
struct bytes operation_encode(
    const struct operation *operation, uint8_t ret_body[OPERATION_SIZE_MAX]);
/* RESULT_CORRUPT for bytes that operation_encode() does not write. */
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
