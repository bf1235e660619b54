/*
 * Tests of command: what is read: history, the stream of entries, proofs.
 */
#include "tests/unit/server/command_world.h"

#define CARD "2912345678906"
#define OTHER "20123451"

/* --- history -------------------------------------------------------------- */

static enum refusal_code ask_history(
    struct world *world, const char *card, uint64_t before)
{
	tally_History *history =
	    &world_request(world, tally_Request_history_tag)->body.history;

	(void)strcpy(history->card, card);
	history->before = before;
	return world_ask(world, 1);
}

static void a_history_comes_in_pages_newest_first(void **state)
{
	struct world *world = *state;
	const tally_HistoryReply *page = &world->reply->body.history;
	uint64_t before = 0;
	uint64_t last = UINT64_MAX;
	size_t pages = 0;
	size_t seen = 0;

	world_member(world, CARD);
	world_member(world, OTHER);
	for (unsigned i = 0; i < 2 * HISTORY_MAX; i++) {
		world_sale(world, CARD, 100);
		world_sale(world, OTHER, 200);
	}
	do {
		assert_int_equal(ask_history(world, CARD, before), 0);
		for (size_t i = 0; i < page->lines_count; i++) {
			assert_true(page->lines[i].entry < last);
			last = page->lines[i].entry;
			assert_int_equal(
			    page->lines[i].balance, 2 * HISTORY_MAX - seen);
			assert_int_equal(page->lines[i].kind,
			    seen < 2 * HISTORY_MAX ? ENTRY_EARN : ENTRY_ENROL);
			seen++;
		}
		before = page->before;
		pages++;
	} while (before != 0);
	assert_int_equal(seen, 2 * HISTORY_MAX + 1);
	assert_int_equal(pages, 3);
}

static void a_page_of_somebody_elses_is_refused(void **state)
{
	struct world *world = *state;
	uint64_t others;
	uint64_t mine;

	world_member(world, CARD);
	world_member(world, OTHER);
	mine = world_sale(world, CARD, 100);
	others = world_sale(world, OTHER, 100);
	assert_int_equal(ask_history(world, CARD, mine + 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.history.lines_count, 2);
	assert_int_equal(
	    ask_history(world, CARD, others + 1), REFUSAL_NOT_FOUND);
	for (size_t i = 0; i < 4; i++) {
		const uint64_t cursors[] = {1, 2, others + 2, UINT64_MAX};

		assert_int_equal(
		    ask_history(world, CARD, cursors[i]), REFUSAL_NOT_FOUND);
	}
}

static void a_line_says_what_happened(void **state)
{
	struct world *world = *state;
	const tally_HistoryLine *lines = world->reply->body.history.lines;
	tally_RewardAdd *reward = &world->job->request.body.reward_add;
	uint64_t sale;

	world_request(world, tally_Request_reward_add_tag);
	(void)strcpy(reward->reward, "coffee");
	(void)strcpy(reward->name, "Coffee");
	reward->points = 5;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	world_member(world, CARD);
	sale = world_sale(world, CARD, 1250);
	world_fill_redeem(world, 2, CARD, "coffee");
	assert_int_equal(world_ask(world, 2), REFUSAL_NONE);
	world_fill_return(world, 1, sale, 200);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(ask_history(world, CARD, 0), REFUSAL_NONE);
	assert_int_equal(world->reply->body.history.lines_count, 4);
	assert_int_equal(lines[0].kind, ENTRY_RETURN);
	assert_int_equal(lines[0].related, sale);
	assert_int_equal(lines[0].amount_minor, 200);
	assert_int_equal(lines[0].points, -2);
	assert_int_equal(lines[1].kind, ENTRY_REDEEM);
	assert_string_equal(lines[1].reward, "coffee");
	assert_int_equal(lines[1].points, -5);
	assert_int_equal(lines[1].terminal, 2);
	assert_int_equal(lines[2].entry, sale);
	assert_int_equal(lines[2].points, 12);
	assert_int_equal(lines[2].amount_minor, 1250);
	assert_int_equal(lines[2].time_ms, world->now_ms);
	assert_string_equal(lines[2].reward, "");
}

/* --- entries -------------------------------------------------------------- */

/* Ask for entries as an auditor does; append the records, and move on. */
static void ask_entries(struct world *world, struct caller caller,
    uint64_t *sequence, uint32_t *offset, uint32_t chunks, struct buffer *to)
{
	tally_GetEntries *wanted =
	    &world_request(world, tally_Request_entries_tag)->body.entries;
	struct frame_reader reader;
	struct bytes input;
	struct bytes body;
	bool is_whole;
	bool more = true;
	uint32_t pieces = 0;

	wanted->sequence = *sequence;
	wanted->offset = *offset;
	wanted->chunks = chunks;
	assert_int_equal(world_ask_as(world, caller), REFUSAL_NONE);
	assert_int_equal(world->job->end, JOB_FRAMES);
	frame_reader_init(&reader, FRAME_REPLY_SIZE_MAX);
	input = buffer_view(&world->job->frames);
	while (input.size != 0) {
		const tally_EntriesReply *piece = &world->reply->body.entries;

		assert_true(more);
		assert_int_equal(frame_reader_next(&reader, &input, &body,
				     &is_whole, &world->err),
		    RESULT_OK);
		assert_true(is_whole);
		assert_int_equal(
		    message_decode_reply(body, world->reply, &world->err),
		    RESULT_OK);
		assert_int_equal(world->reply->id, world->job->request.id);
		assert_int_equal(piece->head, world_head(world));
		assert_int_equal(
		    buffer_append(to,
			bytes_of(piece->records.bytes, piece->records.size),
			&world->err),
		    RESULT_OK);
		if (piece->more)
			assert_int_equal(
			    piece->records.size, ENTRIES_CHUNK_SIZE_MAX);
		more = piece->more;
		*sequence = piece->sequence;
		*offset = piece->offset;
		pieces++;
	}
	assert_false(more);
	assert_in_range(pieces, 1, chunks);
	frame_reader_finish(&reader);
	world->job->frames.size = 0;
}

/* The stream from `sequence` on as it should be. */
static void expected_stream(
    struct world *world, uint64_t sequence, struct buffer *to)
{
	struct buffer record = {0};
	struct entry entry;

	for (; sequence <= world_head(world); sequence++) {
		uint8_t size[2];
		struct writer writer = writer_of(size, sizeof(size));

		assert_int_equal(ledger_read(world->shop->ledger, sequence,
				     &record, &entry, &world->err),
		    RESULT_OK);
		writer_u16(&writer, (uint16_t)record.size);
		assert_int_equal(
		    buffer_append(to, writer_view(&writer), &world->err),
		    RESULT_OK);
		assert_int_equal(
		    buffer_append(to, buffer_view(&record), &world->err),
		    RESULT_OK);
	}
	buffer_finish(&record);
}

/* Programmes of several thousand bytes, more than a piece holds. */
static void add_long_records(struct world *world)
{
	char id[16];

	for (unsigned i = 0; i < REWARDS_MAX; i++) {
		tally_RewardAdd *reward =
		    &world_request(world, tally_Request_reward_add_tag)
			 ->body.reward_add;

		(void)snprintf(id, sizeof(id), "r%u", i);
		(void)strcpy(reward->reward, id);
		memset(reward->name, 'n', NAME_SIZE_MAX);
		reward->points = 1;
		assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	}
}

static void the_stream_of_entries_is_whole_however_it_is_cut(void **state)
{
	static const uint32_t credits[] = {1, 2, 7, ENTRIES_CHUNKS_MAX};
	struct world *world = *state;
	struct caller owner = {.peer.role = ROLE_OWNER};
	struct buffer wanted = {0};
	struct buffer got = {0};

	add_long_records(world);
	world_member(world, CARD);
	for (unsigned i = 0; i < 50; i++)
		world_sale(world, CARD, 100 * i + 1);
	expected_stream(world, 1, &wanted);
	assert_true(wanted.size > 40 * ENTRIES_CHUNK_SIZE_MAX);
	for (size_t i = 0; i < sizeof(credits) / sizeof(credits[0]); i++) {
		uint64_t sequence = 1;
		uint32_t offset = 0;

		got.size = 0;
		while (sequence <= world_head(world))
			ask_entries(
			    world, owner, &sequence, &offset, credits[i], &got);
		assert_int_equal(offset, 0);
		assert_int_equal(sequence, world_head(world) + 1);
		assert_true(
		    bytes_equal(buffer_view(&wanted), buffer_view(&got)));
	}
	buffer_finish(&wanted);
	buffer_finish(&got);
}

static void a_stream_may_go_on_inside_a_record(void **state)
{
	struct world *world = *state;
	uint32_t auditor = world_admit(world, ROLE_AUDITOR);
	struct buffer wanted = {0};
	struct buffer got = {0};

	expected_stream(world, 2, &wanted);
	for (uint32_t start = 0; start < 40; start++) {
		uint64_t sequence = 2;
		uint32_t offset = start;

		got.size = 0;
		ask_entries(world, world_till(world, auditor), &sequence,
		    &offset, 4, &got);
		assert_int_equal(got.size, wanted.size - start);
		assert_memory_equal(got.data, wanted.data + start, got.size);
	}
	buffer_finish(&wanted);
	buffer_finish(&got);
}

static void beyond_the_head_there_is_nothing_yet(void **state)
{
	struct world *world = *state;
	struct caller owner = {.peer.role = ROLE_OWNER};
	struct buffer got = {0};

	for (size_t i = 0; i < 3; i++) {
		const uint64_t starts[] = {
		    world_head(world) + 1, SEQUENCE_MAX, UINT64_MAX};
		uint64_t sequence = starts[i];
		uint32_t offset = 0;

		ask_entries(world, owner, &sequence, &offset, 1, &got);
		assert_int_equal(sequence, starts[i]);
		assert_int_equal(offset, 0);
	}
	assert_int_equal(got.size, 0);
	buffer_finish(&got);
}

static void a_stream_that_cannot_be_is_refused(void **state)
{
	static const struct {
		uint64_t sequence;
		uint32_t offset;
		uint32_t chunks;
	} bad[] = {{0, 0, 1}, {1, 0, 0}, {1, 0, ENTRIES_CHUNKS_MAX + 1},
	    {1, ENTRY_SIZE_MAX + 3, 1}, {1, UINT32_MAX, 1}};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tally_GetEntries *wanted =
		    &world_request(world, tally_Request_entries_tag)
			 ->body.entries;

		wanted->sequence = bad[i].sequence;
		wanted->offset = bad[i].offset;
		wanted->chunks = bad[i].chunks;
		assert_int_equal(world_ask_owner(world), REFUSAL_MALFORMED);
	}
}

/* --- checkpoints ---------------------------------------------------------- */

/* Let time go by, until the newest entry is under a checkpoint. */
static void sign(struct world *world)
{
	struct note note;
	bool more;

	world->now_ms += 5000;
	for (int i = 0; i < 100; i++) {
		if (ledger_checkpoint(world->shop->ledger, &note) ==
		    world_head(world))
			return;
		assert_int_equal(ledger_idle(world->shop->ledger, world->now_ms,
				     &more, &world->err),
		    APPEND_DURABLE);
	}
	fail_msg("no checkpoint comes");
}

static enum refusal_code ask_checkpoint(
    struct world *world, uint64_t entry, uint64_t old_size)
{
	tally_GetCheckpoint *wanted =
	    &world_request(world, tally_Request_checkpoint_tag)
		 ->body.checkpoint;

	wanted->entry = entry;
	wanted->old_size = old_size;
	return world_ask(world, 1);
}

/* The checkpoint in hand, its signature verified. */
static struct checkpoint open_checkpoint(struct world *world)
{
	const tally_CheckpointReply *reply = &world->reply->body.checkpoint;
	struct checkpoint checkpoint;

	assert_int_equal(
	    checkpoint_open(bytes_of(reply->note.bytes, reply->note.size),
		book_shop_key(ledger_book(world->shop->ledger))->bytes,
		&checkpoint, &world->err),
	    RESULT_OK);
	assert_int_equal(checkpoint.size, reply->size);
	return checkpoint;
}

static void each_entry_is_proven_to_be_in_the_newest(void **state)
{
	struct world *world = *state;
	const tally_CheckpointReply *reply = &world->reply->body.checkpoint;
	struct hash proof[PROOF_HASHES_MAX];
	struct buffer record = {0};
	struct checkpoint newest;
	struct entry entry;
	struct hash leaf;

	world_member(world, CARD);
	for (unsigned i = 0; i < 600; i++)
		world_sale(world, CARD, 100);
	sign(world);
	for (uint64_t at = 1; at <= world_head(world); at += 7) {
		assert_int_equal(ask_checkpoint(world, at, 0), REFUSAL_NONE);
		newest = open_checkpoint(world);
		assert_int_equal(newest.size, world_head(world));
		assert_int_equal(reply->consistency.size, 0);
		assert_int_equal(ledger_read(world->shop->ledger, at, &record,
				     &entry, &world->err),
		    RESULT_OK);
		leaf = hash_leaf(world->shop->hasher, buffer_view(&record));
		memcpy(proof, reply->inclusion.bytes, reply->inclusion.size);
		assert_int_equal(tree_verify_inclusion(world->shop->hasher,
				     at - 1, newest.size, &leaf, proof,
				     reply->inclusion.size / HASH_SIZE,
				     &newest.root, &world->err),
		    RESULT_OK);
		leaf.bytes[0] ^= 1;
		assert_int_not_equal(tree_verify_inclusion(world->shop->hasher,
					 at - 1, newest.size, &leaf, proof,
					 reply->inclusion.size / HASH_SIZE,
					 &newest.root, &world->err),
		    RESULT_OK);
	}
	buffer_finish(&record);
}

static void each_checkpoint_extends_the_one_before(void **state)
{
	struct world *world = *state;
	const tally_CheckpointReply *reply = &world->reply->body.checkpoint;
	struct hash proof[PROOF_HASHES_MAX];
	struct checkpoint old;
	struct checkpoint newest;

	world_member(world, CARD);
	sign(world);
	assert_int_equal(ask_checkpoint(world, 0, 0), REFUSAL_NONE);
	assert_int_equal(reply->inclusion.size, 0);
	assert_int_equal(reply->consistency.size, 0);
	old = open_checkpoint(world);
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 0; i < 83; i++)
			world_sale(world, CARD, 100);
		sign(world);
		if (round % 2 == 1)
			world_reopen(world);
		assert_int_equal(
		    ask_checkpoint(world, 0, old.size), REFUSAL_NONE);
		newest = open_checkpoint(world);
		assert_int_equal(newest.size, old.size + 83);
		memcpy(
		    proof, reply->consistency.bytes, reply->consistency.size);
		assert_int_equal(
		    tree_verify_consistency(world->shop->hasher, old.size,
			newest.size, proof, reply->consistency.size / HASH_SIZE,
			&old.root, &newest.root, &world->err),
		    RESULT_OK);
		old = newest;
	}
}

static void what_no_checkpoint_covers_is_not_found_yet(void **state)
{
	struct world *world = *state;
	uint64_t sale;

	sign(world);
	world_member(world, CARD);
	sale = world_sale(world, CARD, 100);
	for (size_t i = 0; i < 3; i++) {
		const uint64_t numbers[] = {sale + 1, SEQUENCE_MAX, UINT64_MAX};

		assert_int_equal(
		    ask_checkpoint(world, numbers[i], 0), REFUSAL_NOT_FOUND);
		assert_int_equal(
		    ask_checkpoint(world, 0, numbers[i]), REFUSAL_NOT_FOUND);
	}
	sign(world);
	assert_int_equal(ask_checkpoint(world, sale, 0), REFUSAL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_history_comes_in_pages_newest_first),
	    WORLD_TEST(a_page_of_somebody_elses_is_refused),
	    WORLD_TEST(a_line_says_what_happened),
	    WORLD_TEST(the_stream_of_entries_is_whole_however_it_is_cut),
	    WORLD_TEST(a_stream_may_go_on_inside_a_record),
	    WORLD_TEST(beyond_the_head_there_is_nothing_yet),
	    WORLD_TEST(a_stream_that_cannot_be_is_refused),
	    WORLD_TEST(each_entry_is_proven_to_be_in_the_newest),
	    WORLD_TEST(each_checkpoint_extends_the_one_before),
	    WORLD_TEST(what_no_checkpoint_covers_is_not_found_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
