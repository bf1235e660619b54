/*
 * Tests of channel: pairs of channels in memory: what must work, enrolling, and
 * who is refused.
 */
#include "tests/unit/proto/channel_world.h"

#define DAY_MS 86400000ull
#define YEAR_MS (365ull * DAY_MS)

/* --- what must work ------------------------------------------------------- */

static void both_sides_learn_who_the_other_is(void **state)
{
	struct pair pair;
	const struct peer *peer;

	(void)state;
	pair_open(&pair);
	peer = channel_peer(pair.server.channel);
	assert_int_equal(peer->role, ROLE_TERMINAL);
	assert_int_equal(peer->number, 7);
	assert_true(hash_equal(&peer->key_hash, &ours.till_hash));
	peer = channel_peer(pair.client.channel);
	assert_int_equal(peer->role, ROLE_NONE);
	assert_int_equal(peer->number, 0);
	assert_false(channel_is_enrolling(pair.server.channel));
	assert_false(channel_is_enrolling(pair.client.channel));
	works(&pair);
	pair_finish(&pair);
}

static void a_handshake_may_come_byte_by_byte(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.till_context, ours.server_context, 1);
	assert_true(channel_is_open(pair.client.channel));
	assert_true(channel_is_open(pair.server.channel));
	end_send(&pair.client, bytes_of_string("slow"));
	settle(&pair, 1);
	holds(&pair.server, bytes_of_string("slow"));
	pair_finish(&pair);
}

/* The client's first words have come to the server. */
static void pair_begin(struct pair *pair)
{
	end_init(&pair->client, ours.till_context);
	end_init(&pair->server, ours.server_context);
	OK(channel_start(pair->client.channel, &pair->client.output, NULL));
	deliver(&pair->client, &pair->server, SIZE_MAX);
}

static void nobody_is_open_before_the_end_of_the_handshake(void **state)
{
	struct pair pair;

	(void)state;
	pair_begin(&pair);
	assert_false(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	assert_int_equal(channel_peer(pair.server.channel)->number, 0);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	assert_true(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	assert_true(channel_is_open(pair.server.channel));
	pair_finish(&pair);
}

static void a_request_may_come_with_the_end_of_the_handshake(void **state)
{
	struct pair pair;

	(void)state;
	pair_begin(&pair);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	/* Finished and requests lie in one buffer, and come in one piece. */
	end_send(&pair.client, bytes_of_string("one "));
	end_send(&pair.client, bytes_of_string("two"));
	deliver(&pair.client, &pair.server, SIZE_MAX);
	assert_true(channel_is_open(pair.server.channel));
	holds(&pair.server, bytes_of_string("one two"));
	pair_finish(&pair);
}

static void a_quarter_of_a_megabyte_goes_in_one_call(void **state)
{
	size_t size = OUTPUT_QUEUED_SIZE_MAX;
	uint8_t *bytes = malloc(size);
	struct pair pair;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 256);
	pair_open(&pair);
	end_send(&pair.server, bytes_of(bytes, size));
	/* Records of 16 KiB: 22 bytes more for each. */
	assert_int_equal(pair.server.output.size, size + 16 * 22);
	settle(&pair, 1500);
	holds(&pair.client, bytes_of(bytes, size));
	end_send(&pair.client, bytes_of(bytes, size));
	settle(&pair, SIZE_MAX);
	holds(&pair.server, bytes_of(bytes, size));
	pair_finish(&pair);
	free(bytes);
}

static void what_is_sent_together_is_one_record(void **state)
{
	uint8_t replies[64 * 56] = {0};
	struct pair pair;

	(void)state;
	pair_open(&pair);
	end_send(&pair.server, bytes_of(replies, sizeof(replies)));
	assert_int_equal(pair.server.output.size, sizeof(replies) + 22);
	end_send(&pair.server, bytes_of(NULL, 0));
	assert_int_equal(pair.server.output.size, sizeof(replies) + 22);
	pair_finish(&pair);
}

static void a_record_cut_anywhere_waits_for_the_rest(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	for (size_t cut = 0; cut <= 4 + 22; cut++) {
		struct buffer record;

		end_send(&pair.client, bytes_of_string("till"));
		record = pair.client.output;
		pair.client.output = (struct buffer){0};
		assert_int_equal(record.size, 4 + 22);
		pair.server.plain.size = 0;
		end_receive(&pair.server, bytes_of(record.data, cut));
		OK(pair.server.result);
		if (cut < record.size)
			assert_int_equal(pair.server.plain.size, 0);
		end_receive(&pair.server,
		    bytes_of(&record.data[cut], record.size - cut));
		OK(pair.server.result);
		holds(&pair.server, bytes_of_string("till"));
		buffer_finish(&record);
	}
	pair_finish(&pair);
}

static void plain_bytes_are_appended(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	OK(buffer_append(&pair.server.plain, bytes_of_string("before "), NULL));
	end_send(&pair.client, bytes_of_string("after"));
	settle(&pair, SIZE_MAX);
	holds(&pair.server, bytes_of_string("before after"));
	pair_finish(&pair);
}

static void a_close_is_told_to_the_other_side(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	end_send(&pair.server, bytes_of_string("last words"));
	channel_close(pair.server.channel, &pair.server.output);
	deliver(&pair.server, &pair.client, SIZE_MAX);
	holds(&pair.client, bytes_of_string("last words"));
	assert_int_equal(pair.client.result, RESULT_CLOSED);
	/* Both are done for good. */
	for (int i = 0; i < 2; i++) {
		end_receive(&pair.client, bytes_of_string("x"));
		assert_int_equal(pair.client.result, RESULT_CLOSED);
		assert_int_equal(RESULT_CLOSED,
		    channel_send(pair.client.channel, bytes_of_string("x"),
			&pair.client.output, NULL));
		assert_int_equal(RESULT_CLOSED,
		    channel_send(pair.server.channel, bytes_of_string("x"),
			&pair.server.output, NULL));
	}
	assert_int_equal(pair.server.output.size, 0);
	pair_finish(&pair);
}

static void a_close_before_the_handshake_is_harmless(void **state)
{
	struct pair pair;

	(void)state;
	end_init(&pair.client, ours.till_context);
	end_init(&pair.server, ours.server_context);
	channel_close(pair.server.channel, &pair.server.output);
	assert_int_equal(pair.server.output.size, 0);
	channel_close(pair.client.channel, &pair.client.output);
	pair_finish(&pair);
	channel_destroy(NULL);
	channel_context_destroy(NULL);
}

/* The till refuses the server, and neither has an open channel. */
static void till_refuses(
    struct channel_context *till, struct channel_context *server)
{
	struct pair pair;

	pair_shake(&pair, till, server, SIZE_MAX);
	assert_int_equal(pair.client.result, RESULT_DENIED);
	assert_int_equal(pair.server.result, RESULT_DENIED);
	assert_false(channel_is_open(pair.client.channel));
	assert_false(channel_is_open(pair.server.channel));
	pair_finish(&pair);
}

/* Likewise where the server is shown by a key and a certificate. */
static void till_refuses_impostor(struct channel_context *till,
    const struct key *key, const struct buffer *certificate)
{
	struct channel_context *impostor;

	OK(channel_context_server(key, buffer_view(certificate),
	    buffer_view(&ours.authority), &impostor, NULL));
	till_refuses(till, impostor);
	channel_context_destroy(impostor);
}

/* The server refuses a till with this key and certificate, which trusts it. */
static void server_refuses_impostor(
    const struct key *key, const struct buffer *certificate)
{
	struct channel_context *impostor;
	struct pair pair;

	OK(channel_context_client(key, buffer_view(certificate),
	    buffer_view(&ours.authority), &impostor, NULL));
	pair_shake(&pair, impostor, ours.server_context, SIZE_MAX);
	assert_int_equal(pair.server.result, RESULT_DENIED);
	assert_false(channel_is_open(pair.server.channel));
	/* The alert tells it so. */
	assert_int_equal(pair.client.result, RESULT_DENIED);
	assert_non_null(
	    strstr(pair.client.err.text, "refuses our certificate"));
	pair_finish(&pair);
	channel_context_destroy(impostor);
}

/* --- enrolling ------------------------------------------------------------ */

static void enrolling_has_no_peer_and_knows_the_server(void **state)
{
	struct pair pair;

	(void)state;
	pair_shake(&pair, ours.enrol_context, ours.server_context, SIZE_MAX);
	assert_true(channel_is_open(pair.client.channel));
	assert_true(channel_is_open(pair.server.channel));
	assert_true(channel_is_enrolling(pair.server.channel));
	assert_true(channel_is_enrolling(pair.client.channel));
	assert_int_equal(channel_peer(pair.server.channel)->role, ROLE_NONE);
	works(&pair);
	pair_finish(&pair);
}

static void enrolling_refuses_a_server_that_is_not_pinned(void **state)
{
	(void)state;
	till_refuses(ours.enrol_context, theirs.server_context);
}

/* Whoever has the authority's certificate (it is no secret) can send it. */
static void enrolling_refuses_a_server_that_only_shows_the_authority(
    void **state)
{
	(void)state;
	till_refuses_impostor(
	    ours.enrol_context, theirs.server_key, &theirs.server);
}

static void enrolling_refuses_a_till_that_poses_as_the_server(void **state)
{
	(void)state;
	till_refuses_impostor(ours.enrol_context, ours.till_key, &ours.till);
}

static void a_pin_of_the_servers_own_certificate_is_no_authority(void **state)
{
	struct channel_context *context;
	struct hash pin;

	(void)state;
	OK(certificate_pin(buffer_view(&ours.server), &pin, NULL));
	OK(channel_context_enrol(&pin, &context, NULL));
	till_refuses(context, ours.server_context);
	channel_context_destroy(context);
}

/* --- who is refused ------------------------------------------------------- */

/* It trusts our server, but its certificate is of its own shop. */
static void a_till_of_another_shop_is_refused(void **state)
{
	(void)state;
	server_refuses_impostor(theirs.till_key, &theirs.till);
}

static void a_server_of_another_shop_is_refused(void **state)
{
	(void)state;
	till_refuses(ours.till_context, theirs.server_context);
}

static void a_till_that_poses_as_the_server_is_refused(void **state)
{
	(void)state;
	till_refuses_impostor(ours.till_context, ours.till_key, &ours.till);
}

static void a_server_that_poses_as_a_till_is_refused(void **state)
{
	(void)state;
	server_refuses_impostor(ours.server_key, &ours.server);
}

/* The result on the till's side of a shop whose certificates were all made
 * at `made_ms`. */
static enum result result_of_time(uint64_t made_ms)
{
	struct world world = {0};
	struct pair pair;
	enum result result;

	world_init(&world, made_ms);
	pair_shake(&pair, world.till_context, world.server_context, SIZE_MAX);
	result = pair.client.result;
	pair_finish(&pair);
	world_finish(&world);
	return result;
}

static void certificates_hold_from_a_day_ago_for_twenty_years(void **state)
{
	uint64_t now_ms = clock_wall_ms();

	(void)state;
	assert_int_equal(RESULT_OK, result_of_time(now_ms + DAY_MS / 2));
	assert_int_equal(
	    RESULT_DENIED, result_of_time(now_ms + DAY_MS + DAY_MS / 2));
	assert_int_equal(RESULT_OK, result_of_time(now_ms - 19 * YEAR_MS));
	assert_int_equal(RESULT_DENIED, result_of_time(now_ms - 21 * YEAR_MS));
}

static void a_context_wants_a_key_and_its_own_certificate(void **state)
{
	struct channel_context *context;
	struct error err;

	(void)state;
	assert_int_equal(RESULT_INVALID,
	    channel_context_server(ours.till_key, buffer_view(&ours.server),
		buffer_view(&ours.authority), &context, &err));
	assert_int_equal(RESULT_INVALID,
	    channel_context_client(ours.till_key, bytes_of_string("no"),
		buffer_view(&ours.authority), &context, &err));
	assert_int_equal(RESULT_INVALID,
	    channel_context_client(ours.till_key, buffer_view(&ours.till),
		bytes_of_string("no"), &context, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_sides_learn_who_the_other_is),
	    cmocka_unit_test(a_handshake_may_come_byte_by_byte),
	    cmocka_unit_test(nobody_is_open_before_the_end_of_the_handshake),
	    cmocka_unit_test(a_request_may_come_with_the_end_of_the_handshake),
	    cmocka_unit_test(a_quarter_of_a_megabyte_goes_in_one_call),
	    cmocka_unit_test(what_is_sent_together_is_one_record),
	    cmocka_unit_test(a_record_cut_anywhere_waits_for_the_rest),
	    cmocka_unit_test(plain_bytes_are_appended),
	    cmocka_unit_test(a_close_is_told_to_the_other_side),
	    cmocka_unit_test(a_close_before_the_handshake_is_harmless),
	    cmocka_unit_test(enrolling_has_no_peer_and_knows_the_server),
	    cmocka_unit_test(enrolling_refuses_a_server_that_is_not_pinned),
	    cmocka_unit_test(
		enrolling_refuses_a_server_that_only_shows_the_authority),
	    cmocka_unit_test(enrolling_refuses_a_till_that_poses_as_the_server),
	    cmocka_unit_test(
		a_pin_of_the_servers_own_certificate_is_no_authority),
	    cmocka_unit_test(a_till_of_another_shop_is_refused),
	    cmocka_unit_test(a_server_of_another_shop_is_refused),
	    cmocka_unit_test(a_till_that_poses_as_the_server_is_refused),
	    cmocka_unit_test(a_server_that_poses_as_a_till_is_refused),
	    cmocka_unit_test(certificates_hold_from_a_day_ago_for_twenty_years),
	    cmocka_unit_test(a_context_wants_a_key_and_its_own_certificate),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
