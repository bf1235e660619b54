/*
 * message_rules: what the schema cannot say of a message's fields.
 *
 * It stands in two tables, one row a field. A message has one body, so that a
 * decoded one is held against the few rows of its body alone.
 */
#include "proto/message_inside.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "common/base/hash.h"

enum rule_kind {
	RULE_TEXT,	/* UTF-8 without control characters */
	RULE_SIZE,	/* bytes: as many as the field can hold */
	RULE_OPERATION, /* present, its random whole, its ticket empty or whole
			 */
	RULE_MAYBE,	/* the same, or not there: the owner's have no name */
	RULE_TICKET,	/* bytes: a whole ticket */
	RULE_HASHES,	/* bytes: whole hashes */
	RULE_SOME,	/* bytes: at least one */
	RULE_CODE,	/* a number that is not 0 */
};

/* `count_offset` and `stride` are for a field of a repeated message: where
 * the number of them stands, and how far apart they are. */
struct rule {
	const char *name;
	pb_size_t body;
	uint16_t kind; /* enum rule_kind */
	uint16_t offset;
	uint16_t size;
	uint16_t count_offset;
	uint16_t stride;
};

#define FIELD(message, which, field)                 \
	offsetof(tally_##message, body.which.field), \
	    sizeof(((tally_##message *)0)->body.which.field)
#define RULE(message, which, field, rule)                                 \
	{                                                                 \
#which "." #field, tally_##message##_##which##_tag, rule, \
		    FIELD(message, which, field), 0, 0                    \
	}
#define LINES(message, which, list, field)                                    \
	{                                                                     \
#which "." #list "." #field, tally_##message##_##which##_tag, \
		    RULE_TEXT, FIELD(message, which, list[0].field),          \
		    offsetof(tally_##message, body.which.list##_count),       \
		    sizeof(((tally_##message *)0)->body.which.list[0])        \
	}
#define REQUEST(which, field, rule) RULE(Request, which, field, rule)
#define REPLY(which, field, rule) RULE(Reply, which, field, rule)

/* Each message with an operation has it first, as Enrol does, so that one
 * function reads it. */
#define OPERATION(which, rule)                                          \
	{                                                               \
#which ".operation", tally_Request_##which##_tag, rule, \
		    offsetof(tally_Request, body.which.has_operation),  \
		    sizeof(tally_Enrol), 0, 0                           \
	}
#define OPERATION_LIES_FIRST(message)                                  \
	static_assert(offsetof(tally_##message, has_operation) == 0 && \
			  offsetof(tally_##message, operation) ==      \
			      offsetof(tally_Enrol, operation),        \
	    "an operation lies where the rule looks")
OPERATION_LIES_FIRST(Enrol);
OPERATION_LIES_FIRST(Earn);
OPERATION_LIES_FIRST(Sale);
OPERATION_LIES_FIRST(Redeem);
OPERATION_LIES_FIRST(Hold);
OPERATION_LIES_FIRST(Void);
OPERATION_LIES_FIRST(Return);
OPERATION_LIES_FIRST(Transfer);
OPERATION_LIES_FIRST(Adjust);
OPERATION_LIES_FIRST(CardAdd);
OPERATION_LIES_FIRST(CardBlock);
OPERATION_LIES_FIRST(Join);
OPERATION_LIES_FIRST(Leave);
OPERATION_LIES_FIRST(MemberSet);

static_assert(
    sizeof(tally_Request) <= UINT16_MAX && sizeof(tally_Reply) <= UINT16_MAX,
    "a rule's offsets fit");

static const struct rule request_rules[] = {
    REQUEST(hello, software, RULE_TEXT),
    REQUEST(enrol_terminal, secret, RULE_SIZE),
    REQUEST(enrol_terminal, csr, RULE_SOME),
    REQUEST(login, pin, RULE_TEXT),
    REQUEST(lookup, card, RULE_TEXT),
    OPERATION(enrol, RULE_OPERATION),
    REQUEST(enrol, card, RULE_TEXT),
    REQUEST(enrol, referrer, RULE_TEXT),
    OPERATION(earn, RULE_OPERATION),
    REQUEST(earn, card, RULE_TEXT),
    REQUEST(earn, receipt, RULE_TEXT),
    LINES(Request, earn, lines, category),
    LINES(Request, earn, lines, product),
    OPERATION(sale, RULE_OPERATION),
    REQUEST(sale, receipt, RULE_TEXT),
    LINES(Request, sale, lines, category),
    LINES(Request, sale, lines, product),
    OPERATION(redeem, RULE_OPERATION),
    REQUEST(redeem, card, RULE_TEXT),
    REQUEST(redeem, reward, RULE_TEXT),
    REQUEST(redeem, receipt, RULE_TEXT),
    OPERATION(hold, RULE_OPERATION),
    REQUEST(hold, card, RULE_TEXT),
    REQUEST(hold, reward, RULE_TEXT),
    REQUEST(hold, receipt, RULE_TEXT),
    OPERATION(void_operation, RULE_OPERATION),
    OPERATION(return_goods, RULE_OPERATION),
    REQUEST(return_goods, receipt, RULE_TEXT),
    REQUEST(balance, card, RULE_TEXT),
    REQUEST(history, card, RULE_TEXT),
    OPERATION(transfer, RULE_OPERATION),
    REQUEST(transfer, card, RULE_TEXT),
    REQUEST(transfer, to, RULE_TEXT),
    OPERATION(adjust, RULE_MAYBE),
    REQUEST(adjust, card, RULE_TEXT),
    REQUEST(adjust, reason, RULE_TEXT),
    REQUEST(adjust, second_pin, RULE_TEXT),
    OPERATION(card_add, RULE_MAYBE),
    REQUEST(card_add, card, RULE_TEXT),
    REQUEST(card_add, new_card, RULE_TEXT),
    OPERATION(card_block, RULE_MAYBE),
    REQUEST(card_block, card, RULE_TEXT),
    REQUEST(card_block, reason, RULE_TEXT),
    OPERATION(join, RULE_MAYBE),
    REQUEST(join, card, RULE_TEXT),
    REQUEST(join, with, RULE_TEXT),
    OPERATION(leave, RULE_MAYBE),
    REQUEST(leave, card, RULE_TEXT),
    OPERATION(member_set, RULE_MAYBE),
    REQUEST(member_set, card, RULE_TEXT),
    REQUEST(member_set, name, RULE_TEXT),
    REQUEST(member_set, phone, RULE_TEXT),
    REQUEST(member_set, segment, RULE_TEXT),
    REQUEST(terminal_add, name, RULE_TEXT),
    REQUEST(terminal_add, shop, RULE_TEXT),
    REQUEST(cashier_add, name, RULE_TEXT),
    REQUEST(cashier_add, pin, RULE_TEXT),
    REQUEST(member_show, card, RULE_TEXT),
    REQUEST(reward_add, reward, RULE_TEXT),
    REQUEST(reward_add, name, RULE_TEXT),
    REQUEST(programme_put, hash, RULE_SIZE),
    REQUEST(staff_card, card, RULE_TEXT),
    REQUEST(import_cards, hash, RULE_SIZE),
};

static const struct rule reply_rules[] = {
    REPLY(refusal, code, RULE_CODE),
    REPLY(refusal, say, RULE_TEXT),
    REPLY(hello, software, RULE_TEXT),
    REPLY(hello, shop, RULE_TEXT),
    REPLY(hello, origin, RULE_TEXT),
    REPLY(hello, checkpoint_key, RULE_SIZE),
    REPLY(hello, currency, RULE_TEXT),
    REPLY(enrol_terminal, certificate, RULE_SOME),
    REPLY(enrol_terminal, authority, RULE_SOME),
    REPLY(login, ticket, RULE_TICKET),
    REPLY(login, name, RULE_TEXT),
    REPLY(member, expiring_on, RULE_TEXT),
    REPLY(member, tier, RULE_TEXT),
    REPLY(operation, hash, RULE_SIZE),
    REPLY(operation, tier, RULE_TEXT),
    LINES(Reply, history, lines, reward),
    LINES(Reply, history, lines, reason),
    LINES(Reply, rewards, rewards, id),
    LINES(Reply, rewards, rewards, name),
    REPLY(checkpoint, inclusion, RULE_HASHES),
    REPLY(checkpoint, consistency, RULE_HASHES),
    REPLY(terminal_add, token, RULE_TEXT),
    LINES(Reply, terminal_list, lines, name),
    LINES(Reply, terminal_list, lines, shop),
    LINES(Reply, cashier_list, lines, name),
    REPLY(member_show, card, RULE_TEXT),
    REPLY(member_show, tier, RULE_TEXT),
    REPLY(member_show, tier_until, RULE_TEXT),
    LINES(Reply, member_show, lots, until),
    LINES(Reply, member_show, lots, from),
    REPLY(member_show, name, RULE_TEXT),
    REPLY(member_show, phone, RULE_TEXT),
    LINES(Reply, member_show, lines, reward),
    LINES(Reply, member_show, lines, reason),
    LINES(Reply, member_show, cards, card),
    LINES(Reply, member_show, segments, id),
    REPLY(ledger_show, shop, RULE_TEXT),
    REPLY(ledger_show, origin, RULE_TEXT),
    REPLY(ledger_show, verifier_key, RULE_TEXT),
    REPLY(ledger_show, head_hash, RULE_SIZE),
    REPLY(ledger_show, root, RULE_SIZE),
    REPLY(ledger_show, programme_name, RULE_TEXT),
    REPLY(import_cards, fault, RULE_TEXT),
};

/* That no NUL cut it short is message_text.c's. */
static const char *text_fault(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	return bytes_are_text(bytes_of(text, length), NULL) ? NULL
							    : "is not text";
}

/* A bounded bytes field as nanopb lays it out: a count, then the bytes. */
static size_t bytes_size(const void *field)
{
	const pb_bytes_array_t *array = field;

	return array->size;
}

static const char *name_fault(const tally_Operation *operation)
{
	if (operation->random.size != sizeof(operation->random.bytes))
		return "has a random that is not of 16 bytes";
	if (operation->ticket.size != 0 &&
	    operation->ticket.size != TICKET_SIZE)
		return "has a ticket that is not of 28 bytes";
	return NULL;
}

/* The first fields of any message that has an operation are those of Enrol. */
static const char *operation_fault(const tally_Enrol *enrol, bool must)
{
	if (enrol->has_operation)
		return name_fault(&enrol->operation);
	return must ? "is missing" : NULL;
}

static const char *field_fault(const struct rule *rule, const void *field)
{
	switch ((enum rule_kind)rule->kind) {
	case RULE_TEXT:
		return text_fault(field, rule->size);
	case RULE_SIZE:
		return bytes_size(field) ==
			       rule->size - offsetof(pb_bytes_array_t, bytes)
			   ? NULL
			   : "has not the size that it must have";
	case RULE_OPERATION:
		return operation_fault(field, true);
	case RULE_MAYBE:
		return operation_fault(field, false);
	case RULE_TICKET:
		return bytes_size(field) == TICKET_SIZE ? NULL
							: "is not of 28 bytes";
	case RULE_HASHES:
		return bytes_size(field) % HASH_SIZE == 0
			   ? NULL
			   : "is not of whole hashes";
	case RULE_SOME:
		return bytes_size(field) > 0 ? NULL : "is empty";
	case RULE_CODE:
		return *(const uint32_t *)field != 0 ? NULL : "is 0";
	}
	return "has no rule";
}

static enum result rule_check(
    const struct rule *rule, const uint8_t *message, struct error *err)
{
	pb_size_t count = 1;

	if (rule->stride != 0)
		memcpy(&count, &message[rule->count_offset], sizeof(count));
	for (pb_size_t i = 0; i < count; i++) {
		const char *fault = field_fault(
		    rule, &message[rule->offset + i * rule->stride]);

		if (fault != NULL)
			return error_set(
			    err, RESULT_INVALID, "%s %s", rule->name, fault);
	}
	return RESULT_OK;
}

static enum result rules_check(const struct rule *rules, size_t count,
    pb_size_t body, const void *message, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		enum result result;

		if (rules[i].body != body)
			continue;
		result = rule_check(&rules[i], message, err);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum result message_check_request(
    const tally_Request *request, struct error *err)
{
	enum result result = rules_check(request_rules, COUNT(request_rules),
	    request->which_body, request, err);

	if (result != RESULT_OK)
		(void)error_prefix(err, "a request");
	return result;
}

enum result message_check_reply(const tally_Reply *reply, struct error *err)
{
	enum result result = rules_check(
	    reply_rules, COUNT(reply_rules), reply->which_body, reply, err);

	if (result != RESULT_OK)
		(void)error_prefix(err, "a reply");
	return result;
}
