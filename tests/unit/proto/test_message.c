/*
 * Tests of message: every request and reply there and back, the bytes that
 * PROTOCOL.md shows, and what a decoder must refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "common/base/limits.h"
#include "proto/frame.h"
#include "proto/message.h"

#define CARD "2912345678906"

/* --- helpers -------------------------------------------------------------- */

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
    tally_Request_programme_put_tag};

static const pb_size_t reply_tags[] = {tally_Reply_refusal_tag,
    tally_Reply_hello_tag, tally_Reply_enrol_terminal_tag,
    tally_Reply_login_tag, tally_Reply_member_tag, tally_Reply_operation_tag,
    tally_Reply_history_tag, tally_Reply_rewards_tag,
    tally_Reply_checkpoint_tag, tally_Reply_entries_tag, tally_Reply_pong_tag,
    tally_Reply_terminal_add_tag, tally_Reply_terminal_list_tag,
    tally_Reply_cashier_add_tag, tally_Reply_cashier_list_tag,
    tally_Reply_member_show_tag, tally_Reply_ledger_show_tag,
    tally_Reply_done_tag};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void set_text(char *to, size_t size, const char *text)
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

static void set_operation(tally_Operation *operation, bool *ret_has)
{
	*ret_has = true;
	operation->counter = 9;
	FILL(operation->random, 16, 0x5a);
}

/* A good request of each kind, with the fields that have rules filled in. */
static tally_Request request_of(pb_size_t tag)
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
		break;
	case tally_Request_terminal_add_tag:
		TEXT(request.body.terminal_add.name, "Kasse 1 \xc3\xbc");
		break;
	case tally_Request_programme_put_tag:
		FILL(request.body.programme_put.hash, 32, 5);
		break;
	default:
		break;
	}
	return request;
}

static void reply_fill(tally_Reply *reply, pb_size_t tag)
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
static struct bytes body_of(const struct buffer *frame)
{
	struct reader reader = reader_of(buffer_view(frame));
	uint32_t size = reader_u32(&reader);
	struct bytes body = reader_bytes(&reader, size);

	assert_false(reader.failed);
	assert_int_equal(reader_left(&reader), 0);
	return body;
}

static struct buffer encode(const tally_Request *request)
{
	struct buffer frame = {0};

	assert_int_equal(
	    RESULT_OK, message_append_request(&frame, request, NULL));
	return frame;
}

static struct buffer encode_reply(const tally_Reply *reply)
{
	struct buffer frame = {0};

	assert_int_equal(RESULT_OK, message_append_reply(&frame, reply, NULL));
	return frame;
}

/* Encode, decode, and the text of the refusal; the decoded message's memory
 * is dirty beforehand, as it will be. */
static enum result decode_of(const tally_Request *request, struct error *err)
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

static enum result decode_of_reply(const tally_Reply *reply, struct error *err)
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

/* --- there and back ------------------------------------------------------- */

static void requests_go_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request request = request_of(request_tags[i]);
		struct buffer frame = encode(&request), again;
		tally_Request back;

		memset(&back, 0xa5, sizeof(back));
		assert_int_equal(RESULT_OK,
		    message_decode_request(body_of(&frame), &back, NULL));
		assert_int_equal(back.which_body, request_tags[i]);
		assert_int_equal(back.id, 77);
		again = encode(&back);
		assert_true(
		    bytes_equal(buffer_view(&frame), buffer_view(&again)));
		buffer_finish(&again);
		buffer_finish(&frame);
	}
}

static void replies_go_there_and_back(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	tally_Reply *back = malloc(sizeof(*back));

	(void)state;
	assert_true(reply != NULL && back != NULL);
	for (size_t i = 0; i < COUNT(reply_tags); i++) {
		struct buffer frame, again;

		reply_fill(reply, reply_tags[i]);
		frame = encode_reply(reply);
		memset(back, 0xa5, sizeof(*back));
		assert_int_equal(RESULT_OK,
		    message_decode_reply(body_of(&frame), back, NULL));
		assert_int_equal(back->which_body, reply_tags[i]);
		again = encode_reply(back);
		assert_true(
		    bytes_equal(buffer_view(&frame), buffer_view(&again)));
		buffer_finish(&again);
		buffer_finish(&frame);
	}
	free(back);
	free(reply);
}

/* The outside of a message is written by hand: nanopb must say the same. */
static void nanopb_writes_the_same_bytes(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	uint8_t wanted[FRAME_REPLY_SIZE_MAX];

	(void)state;
	assert_non_null(reply);
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request request = request_of(request_tags[i]);

		for (unsigned shift = 0; shift <= 64; shift++) {
			pb_ostream_t stream =
			    pb_ostream_from_buffer(wanted, sizeof(wanted));
			struct buffer frame;

			request.id = shift == 64 ? 0 : 1ull << shift;
			frame = encode(&request);
			assert_true(
			    pb_encode(&stream, tally_Request_fields, &request));
			assert_true(bytes_equal(body_of(&frame),
			    bytes_of(wanted, stream.bytes_written)));
			buffer_finish(&frame);
		}
	}
	for (size_t i = 0; i < COUNT(reply_tags); i++) {
		pb_ostream_t stream =
		    pb_ostream_from_buffer(wanted, sizeof(wanted));
		struct buffer frame;

		reply_fill(reply, reply_tags[i]);
		frame = encode_reply(reply);
		assert_true(pb_encode(&stream, tally_Reply_fields, reply));
		assert_true(bytes_equal(
		    body_of(&frame), bytes_of(wanted, stream.bytes_written)));
		buffer_finish(&frame);
	}
	free(reply);
}

/* Sizes around those where a length takes another byte, and where the first
 * room is too small. */
static void bodies_of_every_size_go_there_and_back(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));

	(void)state;
	assert_non_null(reply);
	for (pb_size_t size = 0; size <= ENTRIES_CHUNK_SIZE_MAX; size++) {
		struct buffer frame;

		if (size > 600 && size % 97 != 0 &&
		    size != ENTRIES_CHUNK_SIZE_MAX)
			continue;
		reply_fill(reply, tally_Reply_entries_tag);
		FILL(reply->body.entries.records, size, size & 0xff);
		frame = encode_reply(reply);
		memset(reply, 0xa5, sizeof(*reply));
		assert_int_equal(RESULT_OK,
		    message_decode_reply(body_of(&frame), reply, NULL));
		assert_int_equal(reply->body.entries.records.size, size);
		if (size > 0)
			assert_int_equal(
			    reply->body.entries.records.bytes[size - 1],
			    size & 0xff);
		buffer_finish(&frame);
	}
	free(reply);
}

static void an_earn_keeps_every_field(void **state)
{
	tally_Request request = request_of(tally_Request_earn_tag), back;
	struct buffer frame = encode(&request);
	const tally_Earn *earn = &back.body.earn;

	(void)state;
	assert_int_equal(
	    RESULT_OK, message_decode_request(body_of(&frame), &back, NULL));
	assert_int_equal(earn->operation.counter, 9);
	assert_int_equal(earn->operation.random.size, 16);
	assert_int_equal(earn->operation.random.bytes[15], 0x5a);
	assert_int_equal(earn->operation.ticket.size, TICKET_SIZE);
	assert_string_equal(earn->card, CARD);
	assert_int_equal(earn->amount_minor, 1250);
	assert_string_equal(earn->receipt, "A-17");
	buffer_finish(&frame);
}

static void frames_are_appended_one_behind_another(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	struct buffer output = {0};
	struct frame_reader reader;
	struct bytes input, body;
	bool is_whole;

	(void)state;
	assert_non_null(reply);
	for (uint64_t id = 1; id <= 200; id++) {
		reply_fill(reply, id % 50 == 0 ? tally_Reply_entries_tag
					       : tally_Reply_operation_tag);
		reply->id = id;
		assert_int_equal(
		    RESULT_OK, message_append_reply(&output, reply, NULL));
	}
	frame_reader_init(&reader, FRAME_REPLY_SIZE_MAX);
	input = buffer_view(&output);
	for (uint64_t id = 1; id <= 200; id++) {
		assert_int_equal(RESULT_OK,
		    frame_reader_next(&reader, &input, &body, &is_whole, NULL));
		assert_true(is_whole);
		assert_int_equal(
		    RESULT_OK, message_decode_reply(body, reply, NULL));
		assert_int_equal(reply->id, id);
	}
	assert_int_equal(input.size, 0);
	frame_reader_finish(&reader);
	buffer_finish(&output);
	free(reply);
}

static void a_string_without_an_end_is_not_encoded(void **state)
{
	tally_Request request = request_of(tally_Request_lookup_tag);
	struct buffer frame = {0};
	struct error err;

	(void)state;
	memset(request.body.lookup.card, 'x', sizeof(request.body.lookup.card));
	assert_int_equal(
	    RESULT_INVALID, message_append_request(&frame, &request, &err));
	assert_int_equal(frame.size, 0);
	buffer_finish(&frame);
}

/* --- refused requests ----------------------------------------------------- */

static void a_request_without_a_body_is_refused(void **state)
{
	static const uint8_t only_id[] = {0x08, 0x4d};
	/* Field 100, which no version has yet. */
	static const uint8_t unknown[] = {0x08, 0x4d, 0xa2, 0x06, 0x00};
	tally_Request request;
	struct error err;

	(void)state;
	assert_int_equal(RESULT_INVALID,
	    message_decode_request(
		bytes_of(only_id, sizeof(only_id)), &request, &err));
	assert_non_null(strstr(err.text, "no body"));
	assert_int_equal(RESULT_INVALID,
	    message_decode_request(
		bytes_of(unknown, sizeof(unknown)), &request, &err));
	assert_int_equal(RESULT_INVALID,
	    message_decode_request(bytes_of(NULL, 0), &request, &err));
}

static void unknown_fields_are_passed_over(void **state)
{
	/* id 1; ping {}; then unknown: a varint, a u64, bytes, a u32. */
	static const uint8_t message[] = {0x08, 0x01, 0x7a, 0x00, 0xa0, 0x06,
	    0x96, 0x01, 0xa9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xb2, 0x06, 0x02,
	    'h', 'i', 0xbd, 0x06, 1, 2, 3, 4};
	tally_Request request;

	(void)state;
	assert_int_equal(
	    RESULT_OK, message_decode_request(
			   bytes_of(message, sizeof(message)), &request, NULL));
	assert_int_equal(request.which_body, tally_Request_ping_tag);
}

static void a_field_of_another_type_is_refused(void **state)
{
	static const struct {
		uint8_t bytes[4];
		size_t size;
	} bad[] = {
	    {{0x0a, 0x00}, 2},	     /* the id as bytes */
	    {{0x78, 0x00}, 2},	     /* the ping as a number */
	    {{0x02, 0x00}, 2},	     /* field 0 */
	    {{0x7b, 0x7c}, 2},	     /* groups, which proto3 has not */
	    {{0x7f, 0x00}, 2},	     /* a type that nobody has */
	    {{0x08}, 1},	     /* an id that is not there */
	    {{0x7a, 0x01}, 2},	     /* a ping longer than the message */
	    {{0x7a, 0xff, 0xff}, 3}, /* a size without an end */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		tally_Request request;

		assert_int_equal(RESULT_INVALID,
		    message_decode_request(
			bytes_of(bad[i].bytes, bad[i].size), &request, NULL));
	}
}

static void the_last_of_two_bodies_counts(void **state)
{
	/* lookup { card: "1" }, ping {}, lookup { card: "2" }. */
	static const uint8_t message[] = {
	    0x2a, 3, 0x0a, 1, '1', 0x7a, 0, 0x2a, 3, 0x0a, 1, '2'};
	tally_Request request;

	(void)state;
	assert_int_equal(
	    RESULT_OK, message_decode_request(
			   bytes_of(message, sizeof(message)), &request, NULL));
	assert_int_equal(request.which_body, tally_Request_lookup_tag);
	assert_string_equal(request.body.lookup.card, "2");
	assert_int_equal(request.id, 0);
	assert_int_equal(RESULT_OK,
	    message_decode_request(bytes_of(message, 7), &request, NULL));
	assert_int_equal(request.which_body, tally_Request_ping_tag);
}

static void an_operation_must_be_there(void **state)
{
	static const pb_size_t tags[] = {tally_Request_enrol_tag,
	    tally_Request_earn_tag, tally_Request_redeem_tag,
	    tally_Request_return_goods_tag};

	(void)state;
	for (size_t i = 0; i < COUNT(tags); i++) {
		tally_Request request = {.id = 1, .which_body = tags[i]};
		struct error err;

		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "operation is missing"));
	}
}

static void a_random_is_of_16_bytes(void **state)
{
	(void)state;
	for (pb_size_t size = 0; size < 16; size++) {
		tally_Request request = request_of(tally_Request_earn_tag);
		struct error err;

		request.body.earn.operation.random.size = size;
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "random"));
	}
}

static void a_ticket_is_empty_or_whole(void **state)
{
	(void)state;
	for (pb_size_t size = 0; size <= 32; size++) {
		tally_Request request = request_of(tally_Request_redeem_tag);
		bool is_good = size == 0 || size == TICKET_SIZE;

		request.body.redeem.operation.ticket.size = size;
		assert_int_equal(decode_of(&request, NULL),
		    is_good ? RESULT_OK : RESULT_INVALID);
	}
}

static void an_enrolment_has_a_whole_secret_and_a_request(void **state)
{
	tally_Request request = request_of(tally_Request_enrol_terminal_tag);
	struct error err;

	(void)state;
	request.body.enrol_terminal.secret.size = 15;
	assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
	assert_non_null(strstr(err.text, "secret"));
	request.body.enrol_terminal.secret.size = 16;
	request.body.enrol_terminal.csr.size = 0;
	assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
	assert_non_null(strstr(err.text, "csr"));
}

static void a_programme_is_named_by_a_whole_hash(void **state)
{
	(void)state;
	for (pb_size_t size = 0; size < 32; size++) {
		tally_Request request =
		    request_of(tally_Request_programme_put_tag);
		struct error err;

		request.body.programme_put.hash.size = size;
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "programme_put.hash"));
	}
}

/* Every string of every request, by where it lies. */
static const struct {
	pb_size_t tag;
	size_t offset;
	const char *name;
} strings[] = {
#define STRING(which, field)                                   \
	{                                                      \
		tally_Request_##which##_tag,                   \
		    offsetof(tally_Request, body.which.field), \
		    #which "." #field                          \
	}
    STRING(hello, software),
    STRING(login, pin),
    STRING(lookup, card),
    STRING(enrol, card),
    STRING(earn, card),
    STRING(earn, receipt),
    STRING(redeem, card),
    STRING(redeem, reward),
    STRING(redeem, receipt),
    STRING(return_goods, receipt),
    STRING(balance, card),
    STRING(history, card),
    STRING(terminal_add, name),
    STRING(cashier_add, name),
    STRING(cashier_add, pin),
    STRING(member_show, card),
    STRING(reward_add, reward),
    STRING(reward_add, name),
};

static void every_string_must_be_text_and_is_named(void **state)
{
	static const char *const bad[] = {"a\nb", "\x01", "\x1f", "\xff",
	    "\xc0\x80", "\xed\xa0\x80", "ab\xc3"};

	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		for (size_t j = 0; j < COUNT(bad); j++) {
			tally_Request request = request_of(strings[i].tag);
			char *field = (char *)&request + strings[i].offset;
			struct error err;

			memcpy(field, bad[j], strlen(bad[j]) + 1);
			assert_int_equal(
			    RESULT_INVALID, decode_of(&request, &err));
			assert_non_null(strstr(err.text, strings[i].name));
		}
	}
}

static void a_nul_inside_a_string_is_refused(void **state)
{
	/* id 1; lookup { card: "12\0" "34" }. */
	static const uint8_t inside[] = {
	    0x08, 1, 0x2a, 7, 0x0a, 5, '1', '2', 0, '3', '4'};
	tally_Request request;
	struct error err;

	(void)state;
	memset(&request, 0xa5, sizeof(request));
	assert_int_equal(RESULT_INVALID,
	    message_decode_request(
		bytes_of(inside, sizeof(inside)), &request, &err));
	assert_non_null(strstr(err.text, "a string holds a NUL"));
}

/* Behind it nothing stands: only the size on the wire tells. */
static void a_nul_at_the_end_of_a_string_is_refused(void **state)
{
	static const struct {
		uint8_t bytes[40];
		size_t size;
	} messages[] = {
	    /* lookup { card: "2912345678906\0" } */
	    {{0x2a, 16, 0x0a, 14, '2', '9', '1', '2', '3', '4', '5', '6', '7',
		 '8', '9', '0', '6', 0},
		18},
	    /* earn { operation { random: 16 bytes }, receipt: "A\0" } */
	    {{0x3a, 24, 0x0a, 18, 0x12, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		 12, 13, 14, 15, 16, 0x22, 2, 'A', 0},
		26},
	    /* earn { receipt: "\0", and then the same field without it } */
	    {{0x3a, 26, 0x0a, 18, 0x12, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		 12, 13, 14, 15, 16, 0x22, 1, 0, 0x22, 1, 'A'},
		28},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		uint8_t good[40];
		tally_Request request;
		struct error err;

		memset(&request, 0xa5, sizeof(request));
		memcpy(good, messages[i].bytes, messages[i].size);
		assert_int_equal(RESULT_INVALID,
		    message_decode_request(
			bytes_of(good, messages[i].size), &request, &err));
		assert_string_equal(
		    err.text, "a request: a string holds a NUL");
		/* It is the NUL, and nothing else, that is wrong. */
		for (size_t j = 0; j < messages[i].size; j++)
			if (good[j] == 0)
				good[j] = '7';
		assert_int_equal(RESULT_OK,
		    message_decode_request(
			bytes_of(good, messages[i].size), &request, &err));
	}
}

/* A NUL is found where strings lie deeper, and is no fault in bytes, or in a
 * field that is not known here. */
static void a_nul_is_looked_for_in_strings_alone(void **state)
{
	/* rewards { rewards { id: "x\0" } } */
	static const uint8_t deep[] = {0x4a, 6, 0x0a, 4, 0x0a, 2, 'x', 0};
	/* enrol { operation { random: 16 zeros }, card: "7", 15: "\0" } */
	static const uint8_t zeros[] = {0x32, 26, 0x0a, 18, 0x12, 16, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 1, '7', 0x7a, 1, 0};
	static tally_Reply reply;
	tally_Request request;
	struct error err;

	(void)state;
	assert_int_equal(RESULT_INVALID,
	    message_decode_reply(bytes_of(deep, sizeof(deep)), &reply, &err));
	assert_string_equal(err.text, "a reply: a string holds a NUL");
	assert_int_equal(
	    RESULT_OK, message_decode_request(
			   bytes_of(zeros, sizeof(zeros)), &request, &err));
}

static void a_string_past_its_bound_is_refused(void **state)
{
	uint8_t message[4 + 2 + 70];
	tally_Request request;

	(void)state;
	for (uint8_t size = 60; size < 70; size++) {
		struct writer writer = writer_of(message, sizeof(message));

		writer_u8(&writer, 0x2a);
		writer_u8(&writer, (uint8_t)(size + 2));
		writer_u8(&writer, 0x0a);
		writer_u8(&writer, size);
		for (uint8_t i = 0; i < size; i++)
			writer_u8(&writer, '7');
		assert_int_equal(message_decode_request(
				     writer_view(&writer), &request, NULL),
		    size <= 64 ? RESULT_OK : RESULT_INVALID);
	}
}

/*
 * A frame cut anywhere, or with a byte changed, is refused or is another
 * message; it never makes the decoder read past its end (the copy is exact,
 * so that a sanitizer sees it).
 */
static void a_message_cut_anywhere_is_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request request = request_of(request_tags[i]), back;
		struct buffer frame = encode(&request);
		struct bytes body = body_of(&frame);

		for (size_t size = 1; size < body.size; size++) {
			uint8_t *cut = malloc(size);
			enum result result;

			assert_non_null(cut);
			memcpy(cut, body.data, size);
			result = message_decode_request(
			    bytes_of(cut, size), &back, NULL);
			/* Behind the id, the body is one field: cut short, it
			 * is never whole. */
			assert_int_equal(result, RESULT_INVALID);
			free(cut);
		}
		buffer_finish(&frame);
	}
}

static void a_message_with_a_changed_byte_is_harmless(void **state)
{
	tally_Request request = request_of(tally_Request_earn_tag), back;
	struct buffer frame = encode(&request);
	struct bytes body = body_of(&frame);
	size_t refused = 0;

	(void)state;
	for (size_t at = 0; at < body.size; at++) {
		for (unsigned value = 0; value < 256; value++) {
			uint8_t kept = body.data[at];

			frame.data[FRAME_HEAD_SIZE + at] = (uint8_t)value;
			if (message_decode_request(body, &back, NULL) !=
			    RESULT_OK)
				refused++;
			frame.data[FRAME_HEAD_SIZE + at] = kept;
		}
	}
	assert_true(refused > 0);
	assert_int_equal(RESULT_OK, message_decode_request(body, &back, NULL));
	buffer_finish(&frame);
}

/* --- refused replies ------------------------------------------------------ */

static void replies_have_fields_of_their_sizes(void **state)
{
	static const struct {
		pb_size_t tag;
		size_t offset;
		pb_size_t bad;
		const char *name;
	} fields[] = {
#define SIZED(which, field, bad)                                             \
	{tally_Reply_##which##_tag, offsetof(tally_Reply, body.which.field), \
	    bad, #which "." #field}
	    SIZED(hello, checkpoint_key, 31),
	    SIZED(enrol_terminal, certificate, 0),
	    SIZED(enrol_terminal, authority, 0),
	    SIZED(login, ticket, 27),
	    SIZED(login, ticket, 0),
	    SIZED(operation, hash, 31),
	    SIZED(operation, hash, 0),
	    SIZED(checkpoint, inclusion, 33),
	    SIZED(checkpoint, consistency, 31),
	    SIZED(ledger_show, head_hash, 0),
	    SIZED(ledger_show, root, 1),
	};
	tally_Reply *reply = malloc(sizeof(*reply));

	(void)state;
	assert_non_null(reply);
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct error err;

		reply_fill(reply, fields[i].tag);
		memcpy((char *)reply + fields[i].offset, &fields[i].bad,
		    sizeof(fields[i].bad));
		assert_int_equal(RESULT_INVALID, decode_of_reply(reply, &err));
		assert_non_null(strstr(err.text, fields[i].name));
	}
	free(reply);
}

static void every_line_of_a_reply_must_be_text(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));

	(void)state;
	assert_non_null(reply);
	for (size_t i = 0; i < HISTORY_MAX; i++) {
		struct error err;

		reply_fill(reply, tally_Reply_history_tag);
		TEXT(reply->body.history.lines[i].reward, "a\tb");
		assert_int_equal(RESULT_INVALID, decode_of_reply(reply, &err));
		assert_non_null(strstr(err.text, "history.lines.reward"));
	}
	reply_fill(reply, tally_Reply_rewards_tag);
	reply->body.rewards.rewards_count = 2;
	TEXT(reply->body.rewards.rewards[1].name, "\xff");
	assert_int_equal(RESULT_INVALID, decode_of_reply(reply, NULL));
	reply->body.rewards.rewards_count = 1;
	assert_int_equal(RESULT_OK, decode_of_reply(reply, NULL));
	free(reply);
}

static void a_reply_without_a_body_is_refused(void **state)
{
	static const uint8_t only_id[] = {0x08, 0x01};
	tally_Reply *reply = malloc(sizeof(*reply));
	struct error err;

	(void)state;
	assert_non_null(reply);
	assert_int_equal(RESULT_INVALID,
	    message_decode_reply(
		bytes_of(only_id, sizeof(only_id)), reply, &err));
	assert_non_null(strstr(err.text, "no body"));
	free(reply);
}

/* --- refusals and names --------------------------------------------------- */

static void a_refusal_goes_there_and_back(void **state)
{
	struct refusal refusal = {
	    .code = REFUSAL_INSUFFICIENT_POINTS,
	    .required = 150,
	    .available = -112,
	    .missing = 262,
	    .wait_ms = 5,
	    .left = 4,
	    .say = "262 points short of Coffee",
	};
	tally_Reply *reply = malloc(sizeof(*reply));
	struct refusal back;
	struct buffer frame;

	(void)state;
	assert_non_null(reply);
	/* What was there before does not matter. */
	memset(reply, 0xa5, sizeof(*reply));
	message_set_refusal(reply, &refusal);
	reply->id = 3;
	frame = encode_reply(reply);
	memset(reply, 0xa5, sizeof(*reply));
	assert_int_equal(
	    RESULT_OK, message_decode_reply(body_of(&frame), reply, NULL));
	message_refusal(reply, &back);
	assert_int_equal(back.code, refusal.code);
	assert_int_equal(back.required, refusal.required);
	assert_int_equal(back.available, refusal.available);
	assert_int_equal(back.missing, refusal.missing);
	assert_int_equal(back.wait_ms, refusal.wait_ms);
	assert_int_equal(back.left, refusal.left);
	assert_string_equal(back.say, refusal.say);
	buffer_finish(&frame);
	free(reply);
}

static void the_longest_sentence_fits(void **state)
{
	struct refusal refusal = {.code = REFUSAL_STORAGE}, back;
	tally_Reply *reply = malloc(sizeof(*reply));
	struct buffer frame;

	(void)state;
	assert_non_null(reply);
	memset(refusal.say, 'x', SAY_SIZE_MAX);
	message_set_refusal(reply, &refusal);
	reply->id = 1;
	frame = encode_reply(reply);
	assert_int_equal(
	    RESULT_OK, message_decode_reply(body_of(&frame), reply, NULL));
	message_refusal(reply, &back);
	assert_int_equal(strlen(back.say), SAY_SIZE_MAX);
	buffer_finish(&frame);
	free(reply);
}

static void another_reply_is_no_refusal(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	struct refusal refusal = {.code = REFUSAL_LIMIT, .left = 9};

	(void)state;
	assert_non_null(reply);
	reply_fill(reply, tally_Reply_operation_tag);
	message_refusal(reply, &refusal);
	assert_int_equal(refusal.code, REFUSAL_NONE);
	assert_int_equal(refusal.left, 0);
	free(reply);
}

static void a_refusal_without_a_code_is_refused(void **state)
{
	tally_Reply *reply = malloc(sizeof(*reply));
	struct error err;

	(void)state;
	assert_non_null(reply);
	reply_fill(reply, tally_Reply_refusal_tag);
	reply->body.refusal.code = 0;
	assert_int_equal(RESULT_INVALID, decode_of_reply(reply, &err));
	assert_non_null(strstr(err.text, "refusal.code"));
	free(reply);
}

static void each_request_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(request_tags); i++) {
		tally_Request one = {.which_body = request_tags[i]};

		assert_string_not_equal(message_request_name(&one), "unknown");
		for (size_t j = 0; j < i; j++) {
			tally_Request two = {.which_body = request_tags[j]};

			assert_string_not_equal(message_request_name(&one),
			    message_request_name(&two));
		}
	}
	for (pb_size_t tag = 0; tag < 200; tag++) {
		tally_Request request = {.which_body = tag};

		assert_non_null(message_request_name(&request));
	}
	assert_string_equal(
	    "unknown", message_request_name(&(tally_Request){.which_body = 0}));
	assert_string_equal("unknown",
	    message_request_name(&(tally_Request){.which_body = 0xffff}));
}

/* --- the bytes of PROTOCOL.md --------------------------------------------- */

/* These frames stand in PROTOCOL.md; change both or neither. */
static const char hello_hex[] =
    "00000016080112120801120c74616c6c79737469636b20311801";
static const char earn_hex[] =
    "0000003208023a2e0a1408011210000102030405060708090a0b0c0d0e0f120d"
    "3239313233343536373839303618e2092204412d3137";
static const char operation_hex[] =
    "0000003408023a3008391220eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
    "eeeeeeeeeeeeeeeeeeeeeeee181820e0012880b8c7b5ca33";
static const char refusal_hex[] =
    "0000002908031225080e10960118e00120263a19333820706f696e7473207368"
    "6f7274206f6620436f66666565";

static void is_hex(const struct buffer *frame, const char *wanted)
{
	char *text = malloc(2 * frame->size + 1);

	assert_non_null(text);
	bytes_to_hex(buffer_view(frame), text);
	assert_string_equal(text, wanted);
	free(text);
}

static void the_documented_requests_are_what_is_written(void **state)
{
	tally_Request hello = {.id = 1,
	    .which_body = tally_Request_hello_tag,
	    .body.hello = {
		.protocol = 1, .software = "tallystick 1", .next_counter = 1}};
	tally_Request earn = {.id = 2,
	    .which_body = tally_Request_earn_tag,
	    .body.earn = {.has_operation = true,
		.operation = {.counter = 1},
		.card = CARD,
		.amount_minor = 1250,
		.receipt = "A-17"}};
	struct buffer frame;

	(void)state;
	frame = encode(&hello);
	is_hex(&frame, hello_hex);
	buffer_finish(&frame);
	earn.body.earn.operation.random.size = 16;
	for (uint8_t i = 0; i < 16; i++)
		earn.body.earn.operation.random.bytes[i] = i;
	frame = encode(&earn);
	is_hex(&frame, earn_hex);
	buffer_finish(&frame);
}

static void the_documented_replies_are_what_is_written(void **state)
{
	struct refusal refusal = {.code = REFUSAL_INSUFFICIENT_POINTS,
	    .required = 150,
	    .available = 112,
	    .missing = 38,
	    .say = "38 points short of Coffee"};
	tally_Reply *reply = malloc(sizeof(*reply));
	struct buffer frame;

	(void)state;
	assert_non_null(reply);
	reply->id = 2;
	reply->which_body = tally_Reply_operation_tag;
	reply->body.operation = (tally_OperationReply){.entry = 57,
	    .hash = {.size = 32},
	    .points = 12,
	    .balance = 112,
	    .time_ms = 1772323200000,
	    .repeated = false};
	memset(reply->body.operation.hash.bytes, 0xee, 32);
	frame = encode_reply(reply);
	is_hex(&frame, operation_hex);
	buffer_finish(&frame);
	message_set_refusal(reply, &refusal);
	reply->id = 3;
	frame = encode_reply(reply);
	is_hex(&frame, refusal_hex);
	buffer_finish(&frame);
	free(reply);
}

static void read_document(char *to, size_t size)
{
	FILE *file = fopen("proto/PROTOCOL.md", "r");
	size_t got;

	assert_non_null(file);
	got = fread(to, 1, size - 1, file);
	assert_true(got > 0 && got < size - 1);
	to[got] = '\0';
	assert_int_equal(0, fclose(file));
}

/* Tests run at the top of the tree. */
static void the_document_shows_these_bytes(void **state)
{
	static const char *const frames[] = {
	    hello_hex, earn_hex, operation_hex, refusal_hex};
	static char document[65536];

	(void)state;
	read_document(document, sizeof(document));
	for (size_t i = 0; i < COUNT(frames); i++)
		assert_non_null(strstr(document, frames[i]));
}

/* A row of the table of refusals: "| 14 | insufficient_points |". */
static void the_document_names_every_refusal(void **state)
{
	static char document[65536];
	size_t rows = 0;

	(void)state;
	read_document(document, sizeof(document));
	for (int code = 1; code < 1000; code++) {
		const char *name = refusal_name((enum refusal_code)code);
		char row[100];

		if (strcmp(name, refusal_name((enum refusal_code)1000)) == 0)
			continue;
		(void)snprintf(row, sizeof(row), "\n| %d | %s |", code, name);
		assert_non_null(strstr(document, row));
		rows++;
	}
	assert_int_equal(rows, REFUSAL_SHUTTING_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_go_there_and_back),
	    cmocka_unit_test(replies_go_there_and_back),
	    cmocka_unit_test(nanopb_writes_the_same_bytes),
	    cmocka_unit_test(bodies_of_every_size_go_there_and_back),
	    cmocka_unit_test(an_earn_keeps_every_field),
	    cmocka_unit_test(frames_are_appended_one_behind_another),
	    cmocka_unit_test(a_string_without_an_end_is_not_encoded),
	    cmocka_unit_test(a_request_without_a_body_is_refused),
	    cmocka_unit_test(unknown_fields_are_passed_over),
	    cmocka_unit_test(a_field_of_another_type_is_refused),
	    cmocka_unit_test(the_last_of_two_bodies_counts),
	    cmocka_unit_test(an_operation_must_be_there),
	    cmocka_unit_test(a_random_is_of_16_bytes),
	    cmocka_unit_test(a_ticket_is_empty_or_whole),
	    cmocka_unit_test(an_enrolment_has_a_whole_secret_and_a_request),
	    cmocka_unit_test(a_programme_is_named_by_a_whole_hash),
	    cmocka_unit_test(every_string_must_be_text_and_is_named),
	    cmocka_unit_test(a_nul_inside_a_string_is_refused),
	    cmocka_unit_test(a_nul_at_the_end_of_a_string_is_refused),
	    cmocka_unit_test(a_nul_is_looked_for_in_strings_alone),
	    cmocka_unit_test(a_string_past_its_bound_is_refused),
	    cmocka_unit_test(a_message_cut_anywhere_is_harmless),
	    cmocka_unit_test(a_message_with_a_changed_byte_is_harmless),
	    cmocka_unit_test(replies_have_fields_of_their_sizes),
	    cmocka_unit_test(every_line_of_a_reply_must_be_text),
	    cmocka_unit_test(a_reply_without_a_body_is_refused),
	    cmocka_unit_test(a_refusal_goes_there_and_back),
	    cmocka_unit_test(the_longest_sentence_fits),
	    cmocka_unit_test(another_reply_is_no_refusal),
	    cmocka_unit_test(a_refusal_without_a_code_is_refused),
	    cmocka_unit_test(each_request_has_a_name_of_its_own),
	    cmocka_unit_test(the_documented_requests_are_what_is_written),
	    cmocka_unit_test(the_documented_replies_are_what_is_written),
	    cmocka_unit_test(the_document_shows_these_bytes),
	    cmocka_unit_test(the_document_names_every_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
