/*
 * Tests of message: replies that a decoder must refuse, refusals, and names.
 */
#include "tests/unit/proto/message_world.h"

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
	reply_fill(reply, tally_Reply_member_show_tag);
	TEXT(reply->body.member_show.cards[16].card, "a\x01");
	assert_int_equal(RESULT_INVALID, decode_of_reply(reply, NULL));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies_have_fields_of_their_sizes),
	    cmocka_unit_test(every_line_of_a_reply_must_be_text),
	    cmocka_unit_test(a_reply_without_a_body_is_refused),
	    cmocka_unit_test(a_refusal_goes_there_and_back),
	    cmocka_unit_test(the_longest_sentence_fits),
	    cmocka_unit_test(another_reply_is_no_refusal),
	    cmocka_unit_test(a_refusal_without_a_code_is_refused),
	    cmocka_unit_test(each_request_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
