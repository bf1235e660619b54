/*
 * operation: the bodies that outbox.db keeps.
 *
 * A body of version 2 is one of version 1 with more behind it, so that one
 * function reads what both have. Of version 1 are bodies alone that an older
 * tally-pos left behind.
 */
#include "client/operation.h"

#include <assert.h>
#include <string.h>

#define BODY_VERSION 2u
#define KIND_MAX_1 OPERATION_RETURN /* of version 1 */

/* Both bodies fit their buffers at their longest. */
#define TEXTS_SIZE_MAX                                          \
	(2 * (1 + CARD_SIZE_MAX) + 1 + REWARD_ID_SIZE_MAX + 1 + \
	    RECEIPT_SIZE_MAX + 1 + OPERATION_ID_SIZE_MAX + 1 +  \
	    REASON_SIZE_MAX)
_Static_assert(1 + 8 + ENTRY_RANDOM_SIZE + 1 + 4 * 8 + 1 +
		       OPERATION_TICKET_SIZE + 2 * 8 + 4 + 1 + TEXTS_SIZE_MAX +
		       2 + LINES_SIZE_MAX <=
		   OPERATION_SIZE_MAX,
    "an operation's body");
_Static_assert(LINES_SIZE_MAX <= UINT16_MAX && BACKS_SIZE_MAX <= LINES_SIZE_MAX,
    "a list's size");
#define REWARD_SIZE_MAX \
	(1 + REWARD_ID_SIZE_MAX + 1 + NAME_SIZE_MAX + 8 + 1 + 8 + 1 + 3 * 8 + 2)
_Static_assert(1 + (1 + SHOP_NAME_SIZE_MAX) + 4 + 1 + 8 + 8 + 1 +
		       REWARDS_MAX * REWARD_SIZE_MAX <=
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

static bool read_bool(struct reader *reader)
{
	uint8_t value = reader_u8(reader);

	if (value > 1)
		reader->failed = true;
	return value == 1;
}

static enum result finish_reading(
    const struct reader *reader, const char *what, struct error *err)
{
	if (reader->failed || reader_left(reader) != 0)
		return error_set(
		    err, RESULT_CORRUPT, "a kept %s makes no sense", what);
	return RESULT_OK;
}

/* --- operations ----------------------------------------------------------- */

bool operation_has_secret(const struct operation *operation)
{
	if (operation->kind == OPERATION_GOODWILL)
		return operation->second != 0;
	return operation->kind == OPERATION_MEMBER &&
	       operation->text[0] == '\0';
}

/* What version 1 had. */
static void write_first_part(
    struct writer *writer, const struct operation *operation)
{
	writer_u64(writer, operation->counter);
	writer_bytes(
	    writer, bytes_of(operation->random, sizeof operation->random));
	writer_u8(writer, (uint8_t)operation->kind);
	writer_u64(writer, operation->amount_minor);
	writer_u64(writer, operation->related);
	writer_u64(writer, operation->cost_points);
	writer_u64(writer, operation->created_ms);
	writer_u8(writer, operation->has_ticket);
	if (operation->has_ticket)
		writer_bytes(writer,
		    bytes_of(operation->ticket, sizeof operation->ticket));
	write_text(writer, operation->card);
	write_text(writer, operation->reward);
	write_text(writer, operation->receipt);
	write_text(writer, operation->id);
}

struct bytes operation_encode(
    const struct operation *operation, uint8_t ret_body[OPERATION_SIZE_MAX])
{
	struct writer writer = writer_of(ret_body, OPERATION_SIZE_MAX);

	writer_u8(&writer, BODY_VERSION);
	write_first_part(&writer, operation);
	writer_u64(&writer, operation->paid_minor);
	writer_u64(&writer, (uint64_t)operation->points);
	writer_u32(&writer, operation->second);
	writer_u8(&writer, operation->off);
	write_text(&writer, operation->other_card);
	write_text(&writer, operation->text);
	writer_u16(&writer, operation->list_size);
	writer_bytes(&writer, bytes_of(operation->list, operation->list_size));
	assert(!writer.failed);
	return writer_view(&writer);
}

static void read_first_part(
    struct reader *reader, uint8_t version, struct operation *operation)
{
	uint8_t kind_max = version == 1 ? KIND_MAX_1 : OPERATION_KIND_MAX;
	uint8_t kind;

	operation->counter = reader_u64(reader);
	reader_copy(reader, operation->random, sizeof operation->random);
	kind = reader_u8(reader);
	operation->kind = (enum operation_kind)kind;
	operation->amount_minor = reader_u64(reader);
	operation->related = reader_u64(reader);
	operation->cost_points = reader_u64(reader);
	operation->created_ms = reader_u64(reader);
	operation->has_ticket = read_bool(reader);
	if (operation->has_ticket)
		reader_copy(
		    reader, operation->ticket, sizeof operation->ticket);
	read_text(reader, operation->card, sizeof operation->card);
	read_text(reader, operation->reward, sizeof operation->reward);
	read_text(reader, operation->receipt, sizeof operation->receipt);
	read_text(reader, operation->id, sizeof operation->id);
	if (kind < OPERATION_KIND_MIN || kind > kind_max ||
	    operation->counter == 0 || operation->counter > COUNTER_MAX)
		reader->failed = true;
}

/* Only a sale has lines, and only a return has backs. */
static bool list_is_sound(const struct operation *operation)
{
	struct bytes list = bytes_of(operation->list, operation->list_size);

	if (list.size == 0)
		return true;
	switch (operation->kind) {
	case OPERATION_EARN:
	case OPERATION_SALE:
		return lines_are_sound(list);
	case OPERATION_RETURN:
		return backs_are_sound(list);
	default:
		return false;
	}
}

static void read_second_part(struct reader *reader, struct operation *operation)
{
	operation->paid_minor = reader_u64(reader);
	operation->points = (int64_t)reader_u64(reader);
	operation->second = reader_u32(reader);
	operation->off = read_bool(reader);
	read_text(reader, operation->other_card, sizeof operation->other_card);
	read_text(reader, operation->text, sizeof operation->text);
	operation->list_size = reader_u16(reader);
	if (operation->list_size > sizeof operation->list) {
		reader->failed = true;
		return;
	}
	reader_copy(reader, operation->list, operation->list_size);
	if (!reader->failed && !list_is_sound(operation))
		reader->failed = true;
}

enum result operation_decode(
    struct bytes body, struct operation *ret_operation, struct error *err)
{
	struct reader reader = reader_of(body);
	struct operation operation = {0};
	uint8_t version = reader_u8(&reader);

	if (version < 1 || version > BODY_VERSION)
		reader.failed = true;
	read_first_part(&reader, version, &operation);
	if (version > 1)
		read_second_part(&reader, &operation);
	if (finish_reading(&reader, "operation", err) != RESULT_OK)
		return RESULT_CORRUPT;
	*ret_operation = operation;
	return RESULT_OK;
}

/* --- the shop's facts ----------------------------------------------------- */

const struct programme_reward *shop_facts_reward(
    const struct shop_facts *facts, const char *id)
{
	for (size_t i = 0; i < facts->reward_count; i++)
		if (strcmp(facts->rewards[i].id, id) == 0)
			return &facts->rewards[i];
	return NULL;
}

/* One of the two is set at most, as the kind says. */
static void write_reward(
    struct writer *writer, const struct programme_reward *reward)
{
	write_text(writer, reward->id);
	write_text(writer, reward->name);
	writer_u64(writer, reward->points);
	writer_u8(writer, (uint8_t)reward->kind);
	writer_u64(writer, reward->kind == REWARD_PERCENT_OFF
			       ? reward->off_minor_max
			       : reward->off_minor);
	writer_u8(writer,
	    (uint8_t)(reward->kind == REWARD_MONEY ? reward->money_share_max
						   : reward->off_percent));
	writer_u64(writer, reward->money_points);
	writer_u64(writer, reward->money_minor);
	writer_u64(writer, reward->money_step);
	writer_u16(writer, reward->tiers);
}

static void read_reward(
    struct reader *reader, uint8_t version, struct programme_reward *reward)
{
	uint64_t off_minor;
	uint8_t percent;
	uint8_t kind;

	read_text(reader, reward->id, sizeof reward->id);
	read_text(reader, reward->name, sizeof reward->name);
	reward->points = reader_u64(reader);
	if (version == 1)
		return;
	kind = reader_u8(reader);
	if (kind > REWARD_MONEY)
		reader->failed = true;
	reward->kind = (enum reward_kind)kind;
	off_minor = reader_u64(reader);
	if (kind == REWARD_PERCENT_OFF)
		reward->off_minor_max = off_minor;
	else
		reward->off_minor = off_minor;
	percent = reader_u8(reader);
	if (kind == REWARD_MONEY)
		reward->money_share_max = percent;
	else
		reward->off_percent = percent;
	reward->money_points = reader_u64(reader);
	reward->money_minor = reader_u64(reader);
	reward->money_step = reader_u64(reader);
	reward->tiers = reader_u16(reader);
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
	for (size_t i = 0; i < facts->reward_count; i++)
		write_reward(&writer, &facts->rewards[i]);
	assert(!writer.failed);
	return writer_view(&writer);
}

enum result shop_facts_decode(
    struct bytes body, struct shop_facts *ret_facts, struct error *err)
{
	struct reader reader = reader_of(body);
	struct shop_facts facts = {0};
	uint8_t version = reader_u8(&reader);

	if (version < 1 || version > BODY_VERSION)
		reader.failed = true;
	read_text(&reader, facts.shop, sizeof facts.shop);
	read_text(&reader, facts.currency, sizeof facts.currency);
	facts.cashier_required = read_bool(&reader);
	facts.offline_redeem_points_max = reader_u64(&reader);
	facts.programme = reader_u64(&reader);
	facts.reward_count = reader_u8(&reader);
	if (facts.reward_count > REWARDS_MAX)
		reader.failed = true;
	for (size_t i = 0; i < facts.reward_count && !reader.failed; i++)
		read_reward(&reader, version, &facts.rewards[i]);
	if (finish_reading(&reader, "fact about the shop", err) != RESULT_OK)
		return RESULT_CORRUPT;
	*ret_facts = facts;
	return RESULT_OK;
}
