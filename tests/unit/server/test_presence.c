/*
 * Tests of presence: counts, revocations, and who is told of them.
 */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include <pthread.h>
#include <stdatomic.h>

#include "common/base/limits.h"
#include "server/presence.h"

static int setup(void **state)
{
	struct presence *presence;
	struct error err;

	if (presence_create(&presence, &err) != RESULT_OK)
		return -1;
	*state = presence;
	return 0;
}

static int teardown(void **state)
{
	presence_destroy(*state);
	return 0;
}

static void nobody_is_there_at_first(void **state)
{
	struct presence *presence = *state;

	for (uint32_t terminal = 1; terminal <= TERMINALS_MAX; terminal++) {
		assert_false(presence_is_connected(presence, terminal));
		assert_false(presence_is_revoked(presence, terminal));
	}
	assert_int_equal(presence_revision(presence), 0);
	presence_destroy(NULL);
}

static void a_terminal_is_there_until_its_last_connection_ends(void **state)
{
	struct presence *presence = *state;

	presence_connect(presence, 7);
	presence_connect(presence, 7);
	presence_disconnect(presence, 7);
	assert_true(presence_is_connected(presence, 7));
	assert_false(presence_is_connected(presence, 6));
	assert_false(presence_is_connected(presence, 8));
	presence_disconnect(presence, 7);
	assert_false(presence_is_connected(presence, 7));
}

static void a_revocation_holds_until_the_terminal_is_admitted(void **state)
{
	struct presence *presence = *state;

	presence_revoke(presence, 3);
	assert_true(presence_is_revoked(presence, 3));
	assert_false(presence_is_revoked(presence, 4));
	presence_admit(presence, 3);
	assert_false(presence_is_revoked(presence, 3));
}

static void each_revocation_raises_the_revision_and_nothing_else_does(
    void **state)
{
	struct presence *presence = *state;

	presence_connect(presence, 1);
	presence_admit(presence, 1);
	presence_disconnect(presence, 1);
	assert_int_equal(presence_revision(presence), 0);
	presence_revoke(presence, 1);
	presence_revoke(presence, 1);
	presence_revoke(presence, 2);
	assert_int_equal(presence_revision(presence), 3);
}

static void the_first_and_the_last_number_are_terminals(void **state)
{
	struct presence *presence = *state;
	const uint32_t numbers[] = {1, TERMINALS_MAX};

	for (size_t i = 0; i < 2; i++) {
		presence_connect(presence, numbers[i]);
		presence_revoke(presence, numbers[i]);
		assert_true(presence_is_connected(presence, numbers[i]));
		assert_true(presence_is_revoked(presence, numbers[i]));
		presence_disconnect(presence, numbers[i]);
	}
}

static void a_number_that_is_no_terminal_is_revoked_and_never_there(
    void **state)
{
	struct presence *presence = *state;
	const uint32_t numbers[] = {0, TERMINALS_MAX + 1, UINT32_MAX};

	for (size_t i = 0; i < 3; i++) {
		presence_connect(presence, numbers[i]);
		presence_admit(presence, numbers[i]);
		assert_false(presence_is_connected(presence, numbers[i]));
		assert_true(presence_is_revoked(presence, numbers[i]));
		presence_disconnect(presence, numbers[i]);
		presence_revoke(presence, numbers[i]);
	}
	assert_int_equal(presence_revision(presence), 0);
}

/* --- watching ------------------------------------------------------------- */

static void count_up(void *context)
{
	atomic_fetch_add((atomic_uint *)context, 1);
}

static void count_up_too(void *context)
{
	atomic_fetch_add((atomic_uint *)context, 100);
}

static void who_watches_is_called_for_each_revocation(void **state)
{
	struct presence *presence = *state;
	atomic_uint one = 0, two = 0;
	struct error err;

	assert_int_equal(
	    presence_watch(presence, count_up, &one, &err), RESULT_OK);
	assert_int_equal(
	    presence_watch(presence, count_up, &two, &err), RESULT_OK);
	presence_connect(presence, 5);
	assert_int_equal(one, 0);
	presence_revoke(presence, 5);
	presence_revoke(presence, 6);
	assert_int_equal(one, 2);
	assert_int_equal(two, 2);
	presence_unwatch(presence, count_up, &one);
	presence_revoke(presence, 7);
	assert_int_equal(one, 2);
	assert_int_equal(two, 3);
	presence_unwatch(presence, count_up, &two);
	presence_disconnect(presence, 5);
}

static void unwatching_takes_away_that_pair_alone(void **state)
{
	struct presence *presence = *state;
	atomic_uint count = 0;
	struct error err;

	assert_int_equal(
	    presence_watch(presence, count_up, &count, &err), RESULT_OK);
	assert_int_equal(
	    presence_watch(presence, count_up_too, &count, &err), RESULT_OK);
	presence_unwatch(presence, count_up, presence); /* never watched */
	presence_unwatch(presence, count_up, &count);
	presence_unwatch(presence, count_up, &count); /* no more there */
	presence_revoke(presence, 1);
	assert_int_equal(count, 100);
	presence_unwatch(presence, count_up_too, &count);
}

static void more_watchers_than_the_limit_are_refused(void **state)
{
	struct presence *presence = *state;
	atomic_uint count = 0;
	struct error err;

	for (unsigned i = 0; i < PRESENCE_WATCHES_MAX; i++)
		assert_int_equal(
		    presence_watch(presence, count_up, &count, &err),
		    RESULT_OK);
	assert_int_equal(
	    presence_watch(presence, count_up, &count, &err), RESULT_LIMIT);
	presence_revoke(presence, 1);
	assert_int_equal(count, PRESENCE_WATCHES_MAX);
	for (unsigned i = 0; i < PRESENCE_WATCHES_MAX; i++)
		presence_unwatch(presence, count_up, &count);
	presence_revoke(presence, 1);
	assert_int_equal(count, PRESENCE_WATCHES_MAX);
}

/* --- threads -------------------------------------------------------------- */

/* What a watcher looks at: by then the flag is set. */
struct witness {
	struct presence *presence;
	atomic_uint seen;
};

static void look(void *context)
{
	struct witness *witness = context;

	if (presence_is_revoked(witness->presence, 9))
		atomic_fetch_add(&witness->seen, 1);
}

static void the_flag_is_set_before_anyone_is_called(void **state)
{
	struct witness witness = {.presence = *state};
	struct error err;

	assert_int_equal(
	    presence_watch(witness.presence, look, &witness, &err), RESULT_OK);
	presence_revoke(witness.presence, 9);
	assert_int_equal(witness.seen, 1);
	presence_unwatch(witness.presence, look, &witness);
}

static void *come_and_go(void *argument)
{
	struct presence *presence = argument;

	for (unsigned i = 0; i < 2000; i++) {
		presence_connect(presence, 1 + i % 3);
		(void)presence_is_revoked(presence, 1 + i % 3);
		(void)presence_revision(presence);
		presence_disconnect(presence, 1 + i % 3);
	}
	return NULL;
}

static void threads_may_come_and_go_while_others_are_revoked(void **state)
{
	enum { THREADS = 3 };
	struct presence *presence = *state;
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, come_and_go, presence);
	for (uint32_t i = 1; i <= 500; i++)
		presence_revoke(presence, i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t i = 1; i <= 3; i++)
		assert_false(presence_is_connected(presence, i));
	assert_int_equal(presence_revision(presence), 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nobody_is_there_at_first),
	    TEST(a_terminal_is_there_until_its_last_connection_ends),
	    TEST(a_revocation_holds_until_the_terminal_is_admitted),
	    TEST(each_revocation_raises_the_revision_and_nothing_else_does),
	    TEST(the_first_and_the_last_number_are_terminals),
	    TEST(a_number_that_is_no_terminal_is_revoked_and_never_there),
	    TEST(who_watches_is_called_for_each_revocation),
	    TEST(unwatching_takes_away_that_pair_alone),
	    TEST(more_watchers_than_the_limit_are_refused),
	    TEST(the_flag_is_set_before_anyone_is_called),
	    TEST(threads_may_come_and_go_while_others_are_revoked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
