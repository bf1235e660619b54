/*
 * till_fill: from a kept operation to the request that is sent for it.
 *
 * A sale says when it was made, for it may have waited: its own day is what it
 * earns by.
 */
#include "client/till_inside.h"

#include <string.h>

/* What an operation is filled from. */
struct source {
	const struct operation *operation;
	const struct secret *secret; /* NULL: none, or forgotten */
};

#define COPY(to, from) copy_bytes(to, sizeof(to), bytes_of_string(from))

static void copy_bytes(char *to, size_t size, struct bytes from)
{
	size_t length = from.size < size ? from.size : size - 1;

	if (length > 0)
		memcpy(to, from.data, length);
	to[length] = '\0';
}

/* --- lists ---------------------------------------------------------------- */

static pb_size_t fill_lines(
    const struct operation *operation, tally_Line lines[LINES_MAX])
{
	struct reader reader =
	    reader_of(bytes_of(operation->list, operation->list_size));
	struct sale_line line;
	pb_size_t count = 0;

	while (count < LINES_MAX && sale_line_read(&reader, &line)) {
		tally_Line *to = &lines[count++];

		copy_bytes(to->category, sizeof to->category, line.category);
		copy_bytes(to->product, sizeof to->product, line.product);
		to->quantity = line.quantity;
		to->amount_minor = line.amount_minor;
	}
	return count;
}

static pb_size_t fill_backs(
    const struct operation *operation, tally_ReturnLine lines[LINES_MAX])
{
	struct reader reader =
	    reader_of(bytes_of(operation->list, operation->list_size));
	struct back back;
	pb_size_t count = 0;

	while (count < LINES_MAX && back_read(&reader, &back)) {
		tally_ReturnLine *to = &lines[count++];

		to->line = back.line;
		to->quantity = back.quantity;
		to->amount_minor = back.amount_minor;
	}
	return count;
}

/* --- sales ---------------------------------------------------------------- */

static tally_Operation *fill_earn(struct source from, tally_Request *request)
{
	tally_Earn *earn = &request->body.earn;

	request->which_body = tally_Request_earn_tag;
	earn->has_operation = true;
	COPY(earn->card, from.operation->card);
	COPY(earn->receipt, from.operation->receipt);
	earn->claim = from.operation->related;
	if (from.operation->kind == OPERATION_CLAIM)
		return &earn->operation;
	earn->amount_minor = from.operation->amount_minor;
	earn->paid_minor = from.operation->paid_minor;
	earn->sold_ms = from.operation->created_ms;
	earn->lines_count = fill_lines(from.operation, earn->lines);
	return &earn->operation;
}

static tally_Operation *fill_sale(struct source from, tally_Request *request)
{
	tally_Sale *sale = &request->body.sale;

	request->which_body = tally_Request_sale_tag;
	sale->has_operation = true;
	sale->amount_minor = from.operation->amount_minor;
	COPY(sale->receipt, from.operation->receipt);
	sale->sold_ms = from.operation->created_ms;
	sale->lines_count = fill_lines(from.operation, sale->lines);
	return &sale->operation;
}

static tally_Operation *fill_return(struct source from, tally_Request *request)
{
	tally_Return *back = &request->body.return_goods;

	request->which_body = tally_Request_return_goods_tag;
	back->has_operation = true;
	back->entry = from.operation->related;
	back->amount_minor = from.operation->amount_minor;
	COPY(back->receipt, from.operation->receipt);
	back->points = (uint64_t)from.operation->points;
	back->lines_count = fill_backs(from.operation, back->lines);
	return &back->operation;
}

static tally_Operation *fill_void(struct source from, tally_Request *request)
{
	tally_Void *undo = &request->body.void_operation;

	request->which_body = tally_Request_void_operation_tag;
	undo->has_operation = true;
	undo->counter = from.operation->related;
	return &undo->operation;
}

/* --- points --------------------------------------------------------------- */

static tally_Operation *fill_redeem(struct source from, tally_Request *request)
{
	tally_Redeem *redeem = &request->body.redeem;

	request->which_body = tally_Request_redeem_tag;
	redeem->has_operation = true;
	COPY(redeem->card, from.operation->card);
	COPY(redeem->reward, from.operation->reward);
	COPY(redeem->receipt, from.operation->receipt);
	redeem->points = (uint64_t)from.operation->points;
	redeem->amount_minor = from.operation->amount_minor;
	redeem->hold = from.operation->related;
	return &redeem->operation;
}

static tally_Operation *fill_hold(struct source from, tally_Request *request)
{
	tally_Hold *hold = &request->body.hold;

	request->which_body = tally_Request_hold_tag;
	hold->has_operation = true;
	COPY(hold->card, from.operation->card);
	COPY(hold->reward, from.operation->reward);
	COPY(hold->receipt, from.operation->receipt);
	hold->points = (uint64_t)from.operation->points;
	hold->amount_minor = from.operation->amount_minor;
	return &hold->operation;
}

static tally_Operation *fill_transfer(
    struct source from, tally_Request *request)
{
	tally_Transfer *transfer = &request->body.transfer;

	request->which_body = tally_Request_transfer_tag;
	transfer->has_operation = true;
	COPY(transfer->card, from.operation->card);
	COPY(transfer->to, from.operation->other_card);
	transfer->points = (uint64_t)from.operation->points;
	return &transfer->operation;
}

static tally_Operation *fill_goodwill(
    struct source from, tally_Request *request)
{
	tally_Adjust *adjust = &request->body.adjust;

	request->which_body = tally_Request_adjust_tag;
	adjust->has_operation = true;
	COPY(adjust->card, from.operation->card);
	adjust->points = from.operation->points;
	COPY(adjust->reason, from.operation->text);
	adjust->second = from.operation->second;
	if (from.secret)
		COPY(adjust->second_pin, from.secret->pin);
	return &adjust->operation;
}

/* --- people and cards ----------------------------------------------------- */

static tally_Operation *fill_enrol(struct source from, tally_Request *request)
{
	tally_Enrol *enrol = &request->body.enrol;

	request->which_body = tally_Request_enrol_tag;
	enrol->has_operation = true;
	COPY(enrol->card, from.operation->card);
	COPY(enrol->referrer, from.operation->other_card);
	return &enrol->operation;
}

static tally_Operation *fill_card_add(
    struct source from, tally_Request *request)
{
	tally_CardAdd *add = &request->body.card_add;

	request->which_body = tally_Request_card_add_tag;
	add->has_operation = true;
	COPY(add->card, from.operation->card);
	COPY(add->new_card, from.operation->other_card);
	return &add->operation;
}

static tally_Operation *fill_card_block(
    struct source from, tally_Request *request)
{
	tally_CardBlock *block = &request->body.card_block;

	request->which_body = tally_Request_card_block_tag;
	block->has_operation = true;
	COPY(block->card, from.operation->card);
	COPY(block->reason, from.operation->text);
	block->unblock = from.operation->off;
	return &block->operation;
}

static tally_Operation *fill_join(struct source from, tally_Request *request)
{
	tally_Join *join = &request->body.join;

	request->which_body = tally_Request_join_tag;
	join->has_operation = true;
	COPY(join->card, from.operation->card);
	COPY(join->with, from.operation->other_card);
	return &join->operation;
}

static tally_Operation *fill_leave(struct source from, tally_Request *request)
{
	tally_Leave *leave = &request->body.leave;

	request->which_body = tally_Request_leave_tag;
	leave->has_operation = true;
	COPY(leave->card, from.operation->card);
	return &leave->operation;
}

static tally_Operation *fill_member(struct source from, tally_Request *request)
{
	tally_MemberSet *member = &request->body.member_set;

	request->which_body = tally_Request_member_set_tag;
	member->has_operation = true;
	COPY(member->card, from.operation->card);
	COPY(member->segment, from.operation->text);
	member->remove = from.operation->off;
	member->details = from.operation->text[0] == '\0';
	if (from.secret) {
		COPY(member->name, from.secret->name);
		COPY(member->phone, from.secret->phone);
		member->birthday = from.secret->birthday;
	}
	return &member->operation;
}

/* --- any ------------------------------------------------------------------ */

typedef tally_Operation *fill_fn(struct source from, tally_Request *request);

static fill_fn *const fills[OPERATION_KIND_MAX + 1] = {
    [OPERATION_ENROL] = fill_enrol,
    [OPERATION_EARN] = fill_earn,
    [OPERATION_REDEEM] = fill_redeem,
    [OPERATION_RETURN] = fill_return,
    [OPERATION_SALE] = fill_sale,
    [OPERATION_CLAIM] = fill_earn,
    [OPERATION_HOLD] = fill_hold,
    [OPERATION_CAPTURE] = fill_redeem,
    [OPERATION_VOID] = fill_void,
    [OPERATION_TRANSFER] = fill_transfer,
    [OPERATION_GOODWILL] = fill_goodwill,
    [OPERATION_CARD_ADD] = fill_card_add,
    [OPERATION_CARD_BLOCK] = fill_card_block,
    [OPERATION_JOIN] = fill_join,
    [OPERATION_LEAVE] = fill_leave,
    [OPERATION_MEMBER] = fill_member,
};

void till_fill_operation(const struct operation *operation,
    const uint8_t *ticket, const struct secret *secret, tally_Request *request)
{
	struct source from = {operation, secret};
	tally_Operation *name = fills[operation->kind](from, request);

	name->counter = operation->counter;
	name->random.size = sizeof operation->random;
	memcpy(name->random.bytes, operation->random, sizeof operation->random);
	name->ticket.size = ticket ? OPERATION_TICKET_SIZE : 0;
	if (ticket)
		memcpy(name->ticket.bytes, ticket, OPERATION_TICKET_SIZE);
}
