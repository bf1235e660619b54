/*
 * Tests of message: the bytes and the tables of PROTOCOL.md.
 */
#include "tests/unit/proto/message_world.h"

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
	assert_int_equal(rows, REFUSAL_SALES_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_requests_are_what_is_written),
	    cmocka_unit_test(the_documented_replies_are_what_is_written),
	    cmocka_unit_test(the_document_shows_these_bytes),
	    cmocka_unit_test(the_document_names_every_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
