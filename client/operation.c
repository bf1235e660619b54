/*
 * operation: the bodies that outbox.db keeps.
 */
#include "client/operation.h"

#include <assert.h>
#include <string.h>

#define BODY_VERSION 1u

/* Both bodies fit their buffers at their longest. */
_Static_assert(1 + 8 + 16 + 1 + 8 + 8 + 8 + 8 + 1 + 32 + (1 + CARD_SIZE_MAX) +
		       (1 + REWARD_ID_SIZE_MAX) + (1 + RECEIPT_SIZE_MAX) +
		       (1 + OPERATION_ID_SIZE_MAX) <=
		   OPERATION_SIZE_MAX,
    "an operation's body");
_Static_assert(
    1 + (1 + SHOP_NAME_SIZE_MAX) + 4 + 1 + 8 + 8 + 1 +
	    REWARDS_MAX * (1 + REWARD_ID_SIZE_MAX + 1 + NAME_SIZE_MAX + 8) <=
	SHOP_FACTS_SIZE_MAX,
    "the facts' body");

static void write_text(struct writer *writer, const char *text)
{
	size_t size = strlen(text);

	writer_u8(writer, (uint8_t)size);
	writer_bytes(writer, bytes_of(text, size));
}

/* A text with its NUL into `size` bytes; the reader fails where it does not
 * fit or is no text. */
static void read_text(struct reader *reader, char *to, size_t size)
{
	size_t length = reader_u8(reader);
	struct bytes text = reader_bytes(reader, length);

	if (reader->failed)
		return;
	if (length >= size || !bytes_are_text(text, NULL)) {
		reader->failed = true;
		return;
	}
	if (length > 0)
		memcpy(to, text.data, length);
	to[length] = '\0';
}

static enum result finish_reading(
    const struct reader *reader, const char *what, struct error *err)
{
	if (reader->failed || reader_left(reader) != 0)
		return error_set(
		    err, RESULT_CORRUPT, "a kept %s makes no sense", what);
	return RESULT_OK;
}

struct bytes operation_encode(
    const struct operation *operation, uint8_t ret_body[OPERATION_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, OPERATION_SIZE_MAX);

	writer_u8(&writer, BODY_VERSION);
	writer_u64(&writer, operation->counter);
	writer_bytes(
	    &writer, bytes_of(operation->random, sizeof operation->random));
	writer_u8(&writer, (uint8_t)operation->kind);
	writer_u64(&writer, operation->amount_minor);
	writer_u64(&writer, operation->sale);
	writer_u64(&writer, operation->points);
	writer_u64(&writer, operation->created_ms);
	writer_u8(&writer, operation->has_ticket);
	if (operation->has_ticket)
		writer_bytes(&writer,
		    bytes_of(operation->ticket, sizeof operation->ticket));
	write_text(&writer, operation->card);
	write_text(&writer, operation->reward);
	write_text(&writer, operation->receipt);
	write_text(&writer, operation->id);
	assert(!writer.failed);
	return writer_view(&writer);
}

enum result operation_decode(
    struct bytes body, struct operation *ret_operation, struct error *err)
{
	struct reader reader = reader_of(body);
	struct operation operation = {0};
	uint8_t version = reader_u8(&reader);
	uint8_t kind;
	uint8_t has_ticket;

	operation.counter = reader_u64(&reader);
	reader_copy(&reader, operation.random, sizeof operation.random);
	kind = reader_u8(&reader);
	operation.kind = (enum entry_kind)kind;
	operation.amount_minor = reader_u64(&reader);
	operation.sale = reader_u64(&reader);
	operation.points = reader_u64(&reader);
	operation.created_ms = reader_u64(&reader);
	has_ticket = reader_u8(&reader);
	operation.has_ticket = has_ticket == 1;
	if (operation.has_ticket)
		reader_copy(&reader, operation.ticket, sizeof operation.ticket);
	read_text(&reader, operation.card, sizeof operation.card);
	read_text(&reader, operation.reward, sizeof operation.reward);
	read_text(&reader, operation.receipt, sizeof operation.receipt);
	read_text(&reader, operation.id, sizeof operation.id);
	if (version != BODY_VERSION || has_ticket > 1 || kind < ENTRY_ENROL ||
	    kind > ENTRY_RETURN || operation.counter == 0 ||
	    operation.counter > COUNTER_MAX)
		reader.failed = true;
	if (finish_reading(&reader, "operation", err) != RESULT_OK)
		return RESULT_CORRUPT;
	*ret_operation = operation;
	return RESULT_OK;
}

const struct programme_reward *shop_facts_reward(
    const struct shop_facts *facts, const char *id)
{
	for (size_t i = 0; i < facts->reward_count; i++)
		if (strcmp(facts->rewards[i].id, id) == 0)
			return &facts->rewards[i];
	return NULL;
}

struct bytes shop_facts_encode(
    const struct shop_facts *facts, uint8_t ret_body[SHOP_FACTS_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, SHOP_FACTS_SIZE_MAX);

	assert(facts->reward_count <= REWARDS_MAX);
	writer_u8(&writer, BODY_VERSION);
	write_text(&writer, facts->shop);
	write_text(&writer, facts->currency);
	writer_u8(&writer, facts->cashier_required);
	writer_u64(&writer, facts->offline_redeem_points_max);
	writer_u64(&writer, facts->programme);
	writer_u8(&writer, (uint8_t)facts->reward_count);
	for (size_t i = 0; i < facts->reward_count; i++) {
		write_text(&writer, facts->rewards[i].id);
		write_text(&writer, facts->rewards[i].name);
		writer_u64(&writer, facts->rewards[i].points);
	}
	assert(!writer.failed);
	return writer_view(&writer);
}

enum result shop_facts_decode(
    struct bytes body, struct shop_facts *ret_facts, struct error *err)
{
	struct reader reader = reader_of(body);
	struct shop_facts facts = {0};
	uint8_t version = reader_u8(&reader);
	uint8_t required;

	read_text(&reader, facts.shop, sizeof facts.shop);
	read_text(&reader, facts.currency, sizeof facts.currency);
	required = reader_u8(&reader);
	facts.cashier_required = required == 1;
	facts.offline_redeem_points_max = reader_u64(&reader);
	facts.programme = reader_u64(&reader);
	facts.reward_count = reader_u8(&reader);
	if (version != BODY_VERSION || required > 1 ||
	    facts.reward_count > REWARDS_MAX)
		reader.failed = true;
	for (size_t i = 0; i < facts.reward_count && !reader.failed; i++) {
		struct programme_reward *reward = &facts.rewards[i];

		read_text(&reader, reward->id, sizeof reward->id);
		read_text(&reader, reward->name, sizeof reward->name);
		reward->points = reader_u64(&reader);
	}
	if (finish_reading(&reader, "fact about the shop", err) != RESULT_OK)
		return RESULT_CORRUPT;
	*ret_facts = facts;
	return RESULT_OK;
}
