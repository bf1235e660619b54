/*
 * message_world: a good request and a good reply of each kind, and their bytes.
 */
#ifndef TESTS_UNIT_PROTO_MESSAGE_WORLD_H
#define TESTS_UNIT_PROTO_MESSAGE_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "common/base/limits.h"
#include "proto/frame.h"
#include "proto/message.h"

#define CARD "2912345678906"

static const pb_size_t request_tags[] = {tally_Request_hello_tag,
    tally_Request_enrol_terminal_tag, tally_Request_login_tag,
    tally_Request_lookup_tag, tally_Request_enrol_tag, tally_Request_earn_tag,
    tally_Request_redeem_tag, tally_Request_return_goods_tag,
    tally_Request_balance_tag, tally_Request_history_tag,
    tally_Request_rewards_tag, tally_Request_checkpoint_tag,
    tally_Request_entries_tag, tally_Request_ping_tag,
    tally_Request_terminal_add_tag, tally_Request_terminal_list_tag,
    tally_Request_terminal_revoke_tag, tally_Request_cashier_add_tag,
    tally_Request_cashier_list_tag, tally_Request_member_show_tag,
    tally_Request_reward_add_tag, tally_Request_ledger_show_tag,
    tally_Request_programme_put_tag, tally_Request_sale_tag,
    tally_Request_hold_tag, tally_Request_void_operation_tag,
    tally_Request_transfer_tag, tally_Request_adjust_tag,
    tally_Request_card_add_tag, tally_Request_card_block_tag,
    tally_Request_join_tag, tally_Request_leave_tag,
    tally_Request_member_set_tag, tally_Request_staff_card_tag,
    tally_Request_night_tag, tally_Request_import_cards_tag};

static const pb_size_t reply_tags[] = {tally_Reply_refusal_tag,
    tally_Reply_hello_tag, tally_Reply_enrol_terminal_tag,
    tally_Reply_login_tag, tally_Reply_member_tag, tally_Reply_operation_tag,
    tally_Reply_history_tag, tally_Reply_rewards_tag,
    tally_Reply_checkpoint_tag, tally_Reply_entries_tag, tally_Reply_pong_tag,
    tally_Reply_terminal_add_tag, tally_Reply_terminal_list_tag,
    tally_Reply_cashier_add_tag, tally_Reply_cashier_list_tag,
    tally_Reply_member_show_tag, tally_Reply_ledger_show_tag,
    tally_Reply_done_tag, tally_Reply_night_tag, tally_Reply_import_cards_tag};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void set_text(char *to, size_t size, const char *text)
{
	assert_true(strlen(text) < size);
	memcpy(to, text, strlen(text) + 1);
}
#define TEXT(field, text) set_text(field, sizeof(field), text)
/* A bytes field filled with `fill`. */
#define FILL(field, length, fill)                        \
	do {                                             \
		(field).size = (pb_size_t)(length);      \
		memset((field).bytes, (fill), (length)); \
	} while (0)

static inline void set_operation(tally_Operation *operation, bool *ret_has)
{
	*ret_has = true;
	operation->counter = 9;
	FILL(operation->random, 16, 0x5a);
}
#define OPERATION(request, which)                       \
	set_operation(&(request)->body.which.operation, \
	    &(request)->body.which.has_operation)

/* As long as its field. */
static inline void fill_text(char *to, size_t size, char letter)
{
	memset(to, letter, size - 1);
	to[size - 1] = '\0';
}
#define LONG(field, letter) fill_text(field, sizeof(field), letter)

/* Every line that there can be, and as long as it can be. */
static inline void set_lines(tally_Line *lines, pb_size_t *ret_count)
{
	*ret_count = LINES_MAX;
	for (size_t i = 0; i < LINES_MAX; i++) {
		LONG(lines[i].category, 'c');
		LONG(lines[i].product, 'p');
		lines[i].quantity = UINT32_MAX;
		lines[i].amount_minor = INT64_MIN;
	}
}

/* Good requests of what a till and the owner ask beside the first ones. */
static inline void request_fill(tally_Request *request)
{
	switch (request->which_body) {
	case tally_Request_sale_tag:
		OPERATION(request, sale);
		set_lines(
		    request->body.sale.lines, &request->body.sale.lines_count);
		break;
	case tally_Request_hold_tag:
		OPERATION(request, hold);
		TEXT(request->body.hold.reward, "cash");
		request->body.hold.points = 250;
		break;
	case tally_Request_void_operation_tag:
		OPERATION(request, void_operation);
		request->body.void_operation.counter = 8;
		break;
	case tally_Request_transfer_tag:
		OPERATION(request, transfer);
		TEXT(request->body.transfer.to, CARD);
		break;
	case tally_Request_adjust_tag:
		OPERATION(request, adjust);
		request->body.adjust.points = -12;
		LONG(request->body.adjust.reason, 'r');
		TEXT(request->body.adjust.second_pin, "123456789012");
		break;
	case tally_Request_card_add_tag:
		OPERATION(request, card_add);
		LONG(request->body.card_add.new_card, '7');
		break;
	case tally_Request_join_tag:
		OPERATION(request, join);
		break;
	case tally_Request_member_set_tag:
		LONG(request->body.member_set.name, 'n');
		LONG(request->body.member_set.phone, '7');
		LONG(request->body.member_set.segment, 's');
		break;
	case tally_Request_import_cards_tag:
		FILL(request->body.import_cards.hash, 32, 6);
		break;
	default:
		break;
	}
}

/* A good request of each kind, with the fields that have rules filled in. */
static inline tally_Request request_of(pb_size_t tag)
{
	tally_Request request = {.id = 77, .which_body = tag};

	switch (tag) {
	case tally_Request_hello_tag:
		request.body.hello.protocol = 1;
		TEXT(request.body.hello.software, "till 1.0");
		break;
	case tally_Request_enrol_terminal_tag:
		FILL(request.body.enrol_terminal.secret, 16, 7);
		FILL(request.body.enrol_terminal.csr, 200, 9);
		break;
	case tally_Request_login_tag:
		request.body.login.cashier = 3;
		TEXT(request.body.login.pin, "123456789012");
		break;
	case tally_Request_enrol_tag:
		set_operation(&request.body.enrol.operation,
		    &request.body.enrol.has_operation);
		TEXT(request.body.enrol.card, CARD);
		break;
	case tally_Request_earn_tag:
		set_operation(&request.body.earn.operation,
		    &request.body.earn.has_operation);
		FILL(request.body.earn.operation.ticket, TICKET_SIZE, 1);
		TEXT(request.body.earn.card, CARD);
		request.body.earn.amount_minor = 1250;
		TEXT(request.body.earn.receipt, "A-17");
		request.body.earn.lines_count = 2;
		TEXT(request.body.earn.lines[0].category, "fruit");
		request.body.earn.lines[0].quantity = 3;
		request.body.earn.lines[0].amount_minor = 1300;
		TEXT(request.body.earn.lines[1].product, "4711");
		request.body.earn.lines[1].amount_minor = -50;
		break;
	case tally_Request_redeem_tag:
		set_operation(&request.body.redeem.operation,
		    &request.body.redeem.has_operation);
		TEXT(request.body.redeem.card, CARD);
		TEXT(request.body.redeem.reward, "coffee");
		break;
	case tally_Request_return_goods_tag:
		set_operation(&request.body.return_goods.operation,
		    &request.body.return_goods.has_operation);
		request.body.return_goods.entry = 57;
		request.body.return_goods.amount_minor = 500;
		request.body.return_goods.lines_count = LINES_MAX;
		request.body.return_goods.lines[LINES_MAX - 1].line = 99;
		break;
	case tally_Request_terminal_add_tag:
		TEXT(request.body.terminal_add.name, "Kasse 1 \xc3\xbc");
		break;
	case tally_Request_programme_put_tag:
		FILL(request.body.programme_put.hash, 32, 5);
		break;
	default:
		request_fill(&request);
		break;
	}
	return request;
}

static inline void reply_fill(tally_Reply *reply, pb_size_t tag)
{
	memset(reply, 0, sizeof(*reply));
	reply->id = 77;
	reply->which_body = tag;
	switch (tag) {
	case tally_Reply_refusal_tag:
		reply->body.refusal.code = REFUSAL_MALFORMED;
		TEXT(reply->body.refusal.say, "No.");
		break;
	case tally_Reply_hello_tag:
		FILL(reply->body.hello.checkpoint_key, 32, 4);
		break;
	case tally_Reply_enrol_terminal_tag:
		FILL(reply->body.enrol_terminal.certificate, 2048, 1);
		FILL(reply->body.enrol_terminal.authority, 2048, 2);
		break;
	case tally_Reply_login_tag:
		FILL(reply->body.login.ticket, TICKET_SIZE, 8);
		break;
	case tally_Reply_operation_tag:
		FILL(reply->body.operation.hash, 32, 6);
		reply->body.operation.points = -12;
		break;
	case tally_Reply_history_tag:
		reply->body.history.lines_count = HISTORY_MAX;
		for (size_t i = 0; i < HISTORY_MAX; i++)
			TEXT(reply->body.history.lines[i].reward, "coffee");
		LONG(reply->body.history.lines[0].reason, 'r');
		break;
	case tally_Reply_member_show_tag:
		reply->body.member_show.lots_count =
		    COUNT(reply->body.member_show.lots);
		reply->body.member_show.cards_count =
		    COUNT(reply->body.member_show.cards);
		LONG(reply->body.member_show.name, 'n');
		break;
	case tally_Reply_import_cards_tag:
		LONG(reply->body.import_cards.fault, 'f');
		break;
	case tally_Reply_checkpoint_tag:
		FILL(reply->body.checkpoint.inclusion, 64, 3);
		break;
	case tally_Reply_entries_tag:
		FILL(reply->body.entries.records, ENTRIES_CHUNK_SIZE_MAX, 1);
		break;
	case tally_Reply_ledger_show_tag:
		FILL(reply->body.ledger_show.head_hash, 32, 1);
		FILL(reply->body.ledger_show.root, 32, 2);
		break;
	default:
		break;
	}
}

/* What a frame that was just written holds. */
static inline struct bytes body_of(const struct buffer *frame)
{
	struct reader reader = reader_of(buffer_view(frame));
	uint32_t size = reader_u32(&reader);
	struct bytes body = reader_bytes(&reader, size);

	assert_false(reader.failed);
	assert_int_equal(reader_left(&reader), 0);
	return body;
}

static inline struct buffer encode(const tally_Request *request)
{
	struct buffer frame = {0};

	assert_int_equal(
	    RESULT_OK, message_append_request(&frame, request, NULL));
	return frame;
}

static inline struct buffer encode_reply(const tally_Reply *reply)
{
	struct buffer frame = {0};

	assert_int_equal(RESULT_OK, message_append_reply(&frame, reply, NULL));
	return frame;
}

/* Encode, decode, and the text of the refusal; the decoded message's memory
 * is dirty beforehand, as it will be. */
static inline enum result decode_of(
    const tally_Request *request, struct error *err)
{
	struct buffer frame = encode(request);
	tally_Request *back = malloc(sizeof(*back));
	enum result result;

	assert_non_null(back);
	memset(back, 0xa5, sizeof(*back));
	result = message_decode_request(body_of(&frame), back, err);
	free(back);
	buffer_finish(&frame);
	return result;
}

static inline enum result decode_of_reply(
    const tally_Reply *reply, struct error *err)
{
	struct buffer frame = encode_reply(reply);
	tally_Reply *back = malloc(sizeof(*back));
	enum result result;

	assert_non_null(back);
	memset(back, 0xa5, sizeof(*back));
	result = message_decode_reply(body_of(&frame), back, err);
	free(back);
	buffer_finish(&frame);
	return result;
}

#endif
