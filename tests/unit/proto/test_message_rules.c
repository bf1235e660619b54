/*
 * Tests of message: requests that a decoder must refuse.
 */
#include "tests/unit/proto/message_world.h"

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
	    tally_Request_return_goods_tag, tally_Request_sale_tag,
	    tally_Request_hold_tag, tally_Request_void_operation_tag,
	    tally_Request_transfer_tag};

	(void)state;
	for (size_t i = 0; i < COUNT(tags); i++) {
		tally_Request request = {.id = 1, .which_body = tags[i]};
		struct error err;

		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "operation is missing"));
	}
}

/* The owner's have no name: the ledger numbers them. */
static void an_operation_may_be_left_out_where_the_owner_asks_too(void **state)
{
	static const pb_size_t tags[] = {tally_Request_adjust_tag,
	    tally_Request_card_add_tag, tally_Request_card_block_tag,
	    tally_Request_join_tag, tally_Request_leave_tag,
	    tally_Request_member_set_tag};

	(void)state;
	for (size_t i = 0; i < COUNT(tags); i++) {
		tally_Request request = {.id = 1, .which_body = tags[i]};
		struct error err;

		assert_int_equal(RESULT_OK, decode_of(&request, &err));
		/* Where it is there, it is whole. */
		OPERATION(&request, adjust);
		request.body.adjust.operation.random.size = 15;
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "random"));
	}
}

static void every_line_of_a_sale_must_be_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < LINES_MAX; i++) {
		tally_Request request = request_of(tally_Request_sale_tag);
		struct error err;

		TEXT(request.body.sale.lines[i].category, "a\tb");
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "sale.lines.category"));
		request.which_body = tally_Request_earn_tag;
		request = request_of(tally_Request_earn_tag);
		request.body.earn.lines_count = (pb_size_t)i + 1;
		TEXT(request.body.earn.lines[i].product, "\xff");
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "earn.lines.product"));
	}
}

static void more_lines_than_there_can_be_are_refused(void **state)
{
	tally_Request request = request_of(tally_Request_sale_tag);
	struct buffer frame;
	struct buffer body = {0};
	struct writer line;
	uint8_t bytes[4];

	(void)state;
	request.body.sale.lines_count = 0;
	request.id = 0;
	frame = encode(&request);
	/* sale { … } as it is, and so many empty lines more: 22 00 each. */
	for (unsigned lines = LINES_MAX - 1; lines <= LINES_MAX + 1; lines++) {
		struct bytes inside = body_of(&frame);
		tally_Request back;

		body.size = 0;
		inside = bytes_of(inside.data + 3, inside.size - 3);
		line = writer_of(bytes, sizeof(bytes));
		writer_u8(&line, 0x82);
		writer_u8(&line, 0x01);
		writer_u8(
		    &line, (uint8_t)((inside.size + 2 * lines) & 0x7f) | 0x80);
		writer_u8(&line, (uint8_t)((inside.size + 2 * lines) >> 7));
		assert_int_equal(
		    buffer_append(&body, writer_view(&line), NULL), RESULT_OK);
		assert_int_equal(buffer_append(&body, inside, NULL), RESULT_OK);
		for (unsigned i = 0; i < lines; i++)
			assert_int_equal(
			    buffer_append(&body, bytes_of("\x22\x00", 2), NULL),
			    RESULT_OK);
		assert_int_equal(
		    message_decode_request(buffer_view(&body), &back, NULL),
		    lines <= LINES_MAX ? RESULT_OK : RESULT_INVALID);
	}
	buffer_finish(&body);
	buffer_finish(&frame);
}

static void an_import_is_named_by_a_whole_hash(void **state)
{
	(void)state;
	for (pb_size_t size = 0; size < 32; size++) {
		tally_Request request =
		    request_of(tally_Request_import_cards_tag);
		struct error err;

		request.body.import_cards.hash.size = size;
		assert_int_equal(RESULT_INVALID, decode_of(&request, &err));
		assert_non_null(strstr(err.text, "import_cards.hash"));
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
    STRING(enrol, referrer),
    STRING(sale, receipt),
    STRING(hold, card),
    STRING(hold, reward),
    STRING(hold, receipt),
    STRING(transfer, card),
    STRING(transfer, to),
    STRING(adjust, card),
    STRING(adjust, reason),
    STRING(adjust, second_pin),
    STRING(card_add, card),
    STRING(card_add, new_card),
    STRING(card_block, card),
    STRING(card_block, reason),
    STRING(join, card),
    STRING(join, with),
    STRING(leave, card),
    STRING(member_set, card),
    STRING(member_set, name),
    STRING(member_set, phone),
    STRING(member_set, segment),
    STRING(staff_card, card),
    STRING(terminal_add, shop),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_without_a_body_is_refused),
	    cmocka_unit_test(unknown_fields_are_passed_over),
	    cmocka_unit_test(a_field_of_another_type_is_refused),
	    cmocka_unit_test(the_last_of_two_bodies_counts),
	    cmocka_unit_test(an_operation_must_be_there),
	    cmocka_unit_test(
		an_operation_may_be_left_out_where_the_owner_asks_too),
	    cmocka_unit_test(every_line_of_a_sale_must_be_text),
	    cmocka_unit_test(more_lines_than_there_can_be_are_refused),
	    cmocka_unit_test(an_import_is_named_by_a_whole_hash),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
