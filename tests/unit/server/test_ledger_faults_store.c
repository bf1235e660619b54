/*
 * Tests of the ledger under faults: the Nth call of the store fails, for N from
 * 1 until all goes well.
 */
#include "tests/unit/server/faulty_disk.h"

static void without_faults_the_play_ends_well(void **state)
{
	struct play *play = *state;

	new_play(play);
	run_play(play);
	assert_int_equal(play->failures, 0);
	check_play(play);
}

/* --- the Nth call of the store -------------------------------------------- */

enum call {
	CALL_TAKE,
	CALL_APPEND,
	CALL_READ,
	CALL_LOOKUP,
	CALL_SCAN,
	CALL_OBJECTS,
	CALL_TILE,
	CALL_CHECKPOINT_LAST,
	CALL_MAINTAIN,
	CALL_COUNT,
};

/* How an append fails. */
enum append_fault {
	FAULT_REFUSED,
	FAULT_FENCED,
	FAULT_UNKNOWN_UNDONE,
	FAULT_UNKNOWN_DONE,
	APPEND_FAULT_COUNT,
};

/* What fails, for all stores of a run; the store itself only delegates. */
static struct {
	enum call call;
	enum append_fault append_fault;
	unsigned countdown; /* 0: nothing fails */
	unsigned calls;
} fault;

struct faulty {
	struct store store;
	struct store *real;
};

static bool fails(enum call call)
{
	if (call != fault.call)
		return false;
	fault.calls++;
	return fault.countdown > 0 && --fault.countdown == 0;
}

static struct store *real_of(struct store *store)
{
	return ((struct faulty *)store)->real;
}

static enum result fail_call(struct error *err)
{
	return error_set(err, RESULT_IO, "a fault of the test");
}

static enum result faulty_take(struct store *store, const char *owner,
    struct store_head *ret_head, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_TAKE) ? fail_call(err)
				: real->ops->take(real, owner, ret_head, err);
}

static enum append_outcome faulty_append(
    struct store *store, const struct store_append *append, struct error *err)
{
	struct store *real = real_of(store);

	if (!fails(CALL_APPEND))
		return real->ops->append(real, append, err);
	if (fault.append_fault == FAULT_UNKNOWN_DONE &&
	    real->ops->append(real, append, err) != APPEND_DURABLE)
		fail_msg("%s", err->text);
	fail_call(err);
	return fault.append_fault == FAULT_REFUSED  ? APPEND_REFUSED
	       : fault.append_fault == FAULT_FENCED ? APPEND_FENCED
						    : APPEND_UNKNOWN;
}

static enum result faulty_read(struct store *store, uint64_t sequence,
    struct buffer *to, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_READ) ? fail_call(err)
				: real->ops->read(real, sequence, to, err);
}

static enum result faulty_lookup(struct store *store, uint32_t terminal,
    uint64_t counter, struct buffer *to, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_LOOKUP)
		   ? fail_call(err)
		   : real->ops->lookup(real, terminal, counter, to, err);
}

static enum result faulty_scan(struct store *store, uint64_t sequence,
    store_record_fn *visit, void *context, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_SCAN)
		   ? fail_call(err)
		   : real->ops->scan(real, sequence, visit, context, err);
}

static enum result faulty_objects(struct store *store, store_object_fn *visit,
    void *context, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_OBJECTS)
		   ? fail_call(err)
		   : real->ops->objects(real, visit, context, err);
}

static enum result faulty_tile(struct store *store, uint8_t level,
    uint64_t number, struct tile *ret_tile, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_TILE)
		   ? fail_call(err)
		   : real->ops->tile(real, level, number, ret_tile, err);
}

static enum result faulty_checkpoint_last(struct store *store,
    struct note *ret_note, uint64_t *ret_size, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_CHECKPOINT_LAST)
		   ? fail_call(err)
		   : real->ops->checkpoint_last(real, ret_note, ret_size, err);
}

static enum result faulty_maintain(
    struct store *store, bool idle, struct error *err)
{
	struct store *real = real_of(store);

	return fails(CALL_MAINTAIN) ? fail_call(err)
				    : real->ops->maintain(real, idle, err);
}

static void faulty_close(struct store *store)
{
	store_close(real_of(store));
	free(store);
}

static const struct store_ops faulty_ops = {
    .take = faulty_take,
    .append = faulty_append,
    .read = faulty_read,
    .lookup = faulty_lookup,
    .scan = faulty_scan,
    .objects = faulty_objects,
    .tile = faulty_tile,
    .checkpoint_last = faulty_checkpoint_last,
    .maintain = faulty_maintain,
    .close = faulty_close,
};

static struct store *wrap_store(struct play *play, struct store *store)
{
	struct faulty *faulty = calloc(1, sizeof(*faulty));

	(void)play;
	assert_non_null(faulty);
	faulty->store.ops = &faulty_ops;
	faulty->real = store;
	return &faulty->store;
}

/* Fail the Nth call of this kind, for each N that there is. */
static unsigned fail_each(struct play *play, enum call call)
{
	for (unsigned number = 1;; number++) {
		new_play(play);
		play->wrap = wrap_store;
		fault.call = call;
		fault.calls = 0;
		fault.countdown = number;
		use_disk();
		run_play(play);
		leave_disk();
		if (fault.countdown > 0) {
			assert_int_equal(play->failures, 0);
			fault.countdown = 0;
			return number - 1;
		}
		assert_int_equal(play->failures, 1);
		check_play(play);
	}
}

static void each_append_may_fail_in_each_way(void **state)
{
	for (int way = 0; way < APPEND_FAULT_COUNT; way++) {
		fault.append_fault = (enum append_fault)way;
		assert_true(fail_each(*state, CALL_APPEND) >= 8);
	}
}

/* In the play, counters only rise and nothing is read back or lies in a tile
 * until it is sent again: those have tests of their own below. */
static void each_other_call_may_fail(void **state)
{
	for (int call = 0; call < CALL_COUNT; call++) {
		unsigned calls = call == CALL_APPEND
				     ? 0
				     : fail_each(*state, (enum call)call);

		if (call == CALL_TAKE || call == CALL_SCAN ||
		    call == CALL_OBJECTS || call == CALL_CHECKPOINT_LAST ||
		    call == CALL_READ)
			assert_int_equal(calls, 1);
		if (call == CALL_MAINTAIN)
			assert_true(calls >= 8);
	}
}

static void a_lookup_that_fails_is_no_new_operation(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;
	struct command command = operation(5);

	new_play(play);
	play->wrap = wrap_store;
	run_play(play);
	play->wrap = wrap_store;
	assert_true(open_play(play));
	fault.call = CALL_LOOKUP;
	fault.countdown = 1;
	assert_int_equal(ledger_stage(world->ledger, &command, NULL, 0,
			     world->now_ms, &world->outcome, &world->err),
	    RESULT_IO);
	assert_int_equal(
	    ledger_commit(world->ledger, world->now_ms, &world->err),
	    APPEND_REFUSED);
	must(world, ledger_reopen(world->ledger, &world->err));
	check_told(play);
	abandon_play(play);
}

static void a_reopen_that_fails_can_be_tried_again(void **state)
{
	static const enum call calls[] = {CALL_TAKE, CALL_OBJECTS,
	    CALL_CHECKPOINT_LAST, CALL_READ, CALL_SCAN};
	struct play *play = *state;
	struct world *world = &play->world;
	struct command command = operation(0);

	new_play(play);
	play->wrap = wrap_store;
	assert_true(open_play(play));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fault.call = calls[i];
		fault.countdown = 1;
		assert_int_equal(
		    ledger_reopen(world->ledger, &world->err), RESULT_IO);
		/* It can be looked at, and not written from. */
		assert_non_null(
		    book_member(ledger_book(world->ledger), MEMBER(1)));
		assert_int_equal(
		    ledger_stage(world->ledger, &command, NULL, 0,
			world->now_ms, &world->outcome, &world->err),
		    RESULT_IO);
	}
	must(world, ledger_reopen(world->ledger, &world->err));
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
	abandon_play(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_faults_the_play_ends_well),
	    cmocka_unit_test(each_append_may_fail_in_each_way),
	    cmocka_unit_test(each_other_call_may_fail),
	    cmocka_unit_test(a_lookup_that_fails_is_no_new_operation),
	    cmocka_unit_test(a_reopen_that_fails_can_be_tried_again),
	};

	return cmocka_run_group_tests_name("ledger under faults of the store",
	    tests, template_setup, template_teardown);
}
