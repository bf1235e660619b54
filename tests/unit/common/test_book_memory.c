/*
 * The book when memory runs out: at each allocation in turn it says so.
 *
 * And how much of it a book takes while there is some.
 */
#include "tests/support/failing_memory.h"
#include "tests/unit/common/book_life_random.h"

#include <malloc.h>

#ifdef HAS_FAILING_MEMORY

/* Fill a book with each allocation failing in turn; how many there were. */
static unsigned fails_at_each_allocation(
    enum result (*fill)(struct book *book, void *context), void *context)
{
	unsigned step = 0;
	bool done = false;

	while (!done) {
		/* Its hasher is OpenSSL's, which does without some. */
		struct book *book = new_book();
		enum result result;

		memory_fails_at = ++step;
		result = fill(book, context);
		done = memory_fails_at > 0;
		memory_fails_at = 0;
		assert_int_equal(result, done ? RESULT_OK : RESULT_NO_MEMORY);
		book_destroy(book);
		assert_true(step < 10000);
	}
	return step;
}

static enum result replays(struct book *book, void *context)
{
	struct world *world = context;
	enum result result = RESULT_OK;
	struct error err;

	for (uint64_t sequence = 1;
	     sequence <= world->count && result == RESULT_OK; sequence++) {
		struct entry entry = world_entry(world, sequence);

		result = book_apply(book, &entry, &err);
	}
	return result;
}

static void says_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();

	(void)state;
	assert_true(fails_at_each_allocation(replays, world) > 8);
	world_close(world);
}

static void says_so_with_every_kind_of_entry(void **state)
{
	struct life *life = life_begin(61, LIFE_ROLLING);

	(void)state;
	lives(life, 500);
	assert_true(fails_at_each_allocation(replays, life->world) > 300);
	life_end(life);
}

static void is_not_made_when_memory_runs_out(void **state)
{
	struct book *book = NULL;
	struct error err;

	(void)state;
	for (unsigned step = 1; step <= 2; step++) {
		memory_fails_at = step;
		assert_int_equal(book_create(&book, &err), RESULT_NO_MEMORY);
		assert_null(book);
	}
	memory_fails_at = 0;
}

static enum result loads(struct book *book, void *context)
{
	const struct shelf *shelf = context;
	enum result result = RESULT_OK;
	struct error err;

	for (size_t index = 0; index < shelf->count && result == RESULT_OK;
	     index++) {
		const struct kept *kept = &shelf->kept[index];

		result = book_load_object(book, kept->key, kept->true_at,
		    buffer_view(&kept->object), &err);
	}
	return result;
}

static void loads_or_says_when_memory_runs_out(void **state)
{
	struct life *life = life_begin(62, LIFE_ROLLING);
	struct shelf shelf = {.count = 0};

	(void)state;
	lives(life, 500);
	shelf_keep_dirty(&shelf, life->world->book);
	assert_true(fails_at_each_allocation(loads, &shelf) > 60);
	shelf_finish(&shelf);
	life_end(life);
}

/* --- how much of it a book takes --------------------------------------------
 */

static size_t bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

struct crowd {
	struct book *book;
	struct entry entry;
	uint64_t members;
	uint64_t lots;
	size_t before_bytes;
	struct error err;
};

static void puts_in_crowd(struct crowd *crowd, const struct entry *entry)
{
	if (book_apply(crowd->book, entry, &crowd->err) != RESULT_OK)
		fail_msg("%s", crowd->err.text);
	crowd->entry.sequence++;
}

/* Another member, with as many lots, each of another day. */
static void comes(struct crowd *crowd, uint64_t lots)
{
	struct entry *entry = &crowd->entry;
	struct entry earn = *entry;
	uint8_t list[LOT_SIZE];

	entry->kind = ENTRY_ENROL;
	entry->to_account = ACCOUNT_MEMBER_MIN + crowd->members * 7919;
	earn.to_account = entry->to_account;
	puts_in_crowd(crowd, entry);
	for (uint64_t lot = 0; lot < lots; lot++) {
		struct writer writer = writer_of(list, sizeof(list));

		lot_write(&writer, &(struct lot){(int32_t)lot, 0, 5});
		earn.kind = ENTRY_EARN;
		earn.sequence = entry->sequence;
		earn.from_account = ACCOUNT_ISSUED;
		earn.to_previous_sequence = earn.sequence - 1;
		earn.points = 5;
		earn.programme_sequence = 2;
		earn.lots = writer_view(&writer);
		earn.has = ENTRY_HAS(TAG_LOTS);
		puts_in_crowd(crowd, &earn);
	}
	crowd->members++;
	crowd->lots += lots;
}

static void takes_little_for_a_member_and_a_lot(void **state)
{
	static const uint64_t lots[] = {0, 1, 3, 12};
	struct world *world = world_open(63);

	(void)state;
	for (size_t round = 0; round < 4; round++) {
		struct crowd crowd = {.before_bytes = bytes_in_use()};

		crowd.book = book_after(world, 4);
		crowd.entry = (struct entry){.sequence = 5,
		    .time_ms = world->now_ms,
		    .terminal = 1,
		    .counter = 1};
		/* Over at least one doubling of the table of places. */
		while (crowd.members < 70000) {
			comes(&crowd, lots[round]);
			if (crowd.members % 1000 == 0 && crowd.members > 5000)
				assert_in_range(
				    bytes_in_use() - crowd.before_bytes, 0,
				    200 * crowd.members + 24 * crowd.lots);
		}
		book_destroy(crowd.book);
	}
	world_close(world);
}

/* --- and with a programme that counts --------------------------------------
 */

/* A sale of which a part is counted in every way that a rule can limit. */
static void is_counted(struct crowd *crowd, struct entry *earn)
{
	uint8_t list[PART_SIZE];
	struct writer writer = writer_of(list, sizeof(list));

	part_write(&writer, &(struct part){RULE_FRUIT, 5000000});
	earn->parts = writer_view(&writer);
	earn->has |= ENTRY_HAS(TAG_PARTS);
	earn->sequence = crowd->entry.sequence;
	puts_in_crowd(crowd, earn);
	earn->to_previous_sequence = earn->sequence;
}

/* Lots, counters, days that qualify, and a name. */
static void comes_with_everything(struct crowd *crowd, int lots)
{
	struct entry entry = crowd->entry;
	uint8_t list[LOT_SIZE];

	entry.kind = ENTRY_ENROL;
	entry.to_account = ACCOUNT_MEMBER_MIN + 50 + crowd->members * 7919;
	puts_in_crowd(crowd, &entry);
	entry.to_previous_sequence = entry.sequence;
	entry.kind = ENTRY_MEMBER;
	entry.sequence = crowd->entry.sequence;
	entry.commitment.bytes[0] = 1;
	entry.has = ENTRY_HAS(TAG_COMMITMENT);
	puts_in_crowd(crowd, &entry);
	entry.to_previous_sequence = entry.sequence;
	entry.kind = ENTRY_EARN;
	entry.from_account = ACCOUNT_ISSUED;
	entry.points = 5;
	entry.programme_sequence = 2;
	for (int lot = 0; lot < lots; lot++) {
		struct writer writer = writer_of(list, sizeof(list));

		lot_write(&writer, &(struct lot){lot, 0, 5});
		entry.lots = writer_view(&writer);
		entry.sold_ms = entry.time_ms - (uint64_t)lot * DAY_MS;
		entry.has = ENTRY_HAS(TAG_LOTS) | ENTRY_HAS(TAG_SOLD);
		is_counted(crowd, &entry);
	}
	crowd->members++;
}

static enum result weighs(
    void *context, const struct book_member *member, struct error *err)
{
	size_t *bytes = context;

	(void)err;
	*bytes += 200 + 24u * member->lot_count + 16u * member->count_count +
		  16u * member->spent_count + 32u * member->has_details;
	return RESULT_OK;
}

/* Beside a lot, 16 for a counter or a day that qualifies, 32 for a name. */
static void takes_little_for_counters_days_and_names(void **state)
{
	static const int lots[] = {0, 1, 10};
	struct life *life = life_begin(64, LIFE_ROLLING);

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		struct crowd crowd = {.before_bytes = bytes_in_use()};
		const struct book_member *last;
		size_t bytes = 0;

		crowd.book = book_after(life->world, life->world->count);
		crowd.entry = (struct entry){
		    .sequence = life->world->count + 1,
		    .time_ms = life->world->now_ms,
		    .terminal = 1,
		    .counter = 1,
		};
		while (crowd.members < 40000)
			comes_with_everything(&crowd, lots[round]);
		last = book_member_at(crowd.book, crowd.members);
		assert_int_equal(last->spent_count, lots[round]);
		assert_int_equal(last->count_count, lots[round] > 0 ? 9 : 0);
		assert_int_equal(
		    book_each_member(crowd.book, weighs, &bytes, &crowd.err),
		    RESULT_OK);
		assert_in_range(bytes_in_use() - crowd.before_bytes, 0, bytes);
		book_destroy(crowd.book);
	}
	life_end(life);
}

static void keeps_its_dirt_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct buffer object = {0};
	struct error err;
	uint64_t *keys = NULL;
	uint64_t true_at;
	size_t count;

	(void)state;
	memory_fails_at = 1;
	assert_int_equal(book_take_dirty(world->book, &keys, &count, &err),
	    RESULT_NO_MEMORY);
	assert_null(keys);
	assert_int_equal(book_dirty_count(world->book), 8);
	memory_fails_at = 1;
	assert_int_equal(
	    book_save_object(world->book, MEMBER(1), &object, &true_at, &err),
	    RESULT_NO_MEMORY);
	assert_int_equal(object.size, 0);
	memory_fails_at = 0;
	world_close(world);
}

static void refuses_rules_when_memory_runs_out(void **state)
{
	struct world *world = world_busy();
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);

	(void)state;
	command.text = bytes_of_string(WORLD_RULES("2", "1.00"));
	memory_fails_at = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_OVERLOADED);
	memory_fails_at = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_when_memory_runs_out),
	    cmocka_unit_test(says_so_with_every_kind_of_entry),
	    cmocka_unit_test(is_not_made_when_memory_runs_out),
	    cmocka_unit_test(loads_or_says_when_memory_runs_out),
	    cmocka_unit_test(takes_little_for_a_member_and_a_lot),
	    cmocka_unit_test(takes_little_for_counters_days_and_names),
	    cmocka_unit_test(keeps_its_dirt_when_memory_runs_out),
	    cmocka_unit_test(refuses_rules_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	return failing_memory_skips();
}
#endif
