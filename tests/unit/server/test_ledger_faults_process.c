/*
 * Tests of the ledger under faults: the process is killed, and the Nth
 * allocation fails, for N from 1 until all goes well.
 */
#include "tests/support/failing_memory.h"
#include "tests/unit/server/faulty_disk.h"

#include <signal.h>
#include <sys/wait.h>

#include <openssl/crypto.h>

/* --- kill ----------------------------------------------------------------- */

#define KILLS 30u

static struct command endless(uint64_t number)
{
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = 1,
	    .counter = 1000 + number,
	    .account = MEMBER(1),
	    .amount_minor = 100 * (1 + number % 50)};

	memcpy(command.random, &number, sizeof(number));
	return command;
}

/* Endless groups from operation `number` on; each is told through the pipe. */
static void trade_until_killed(
    struct world *world, uint64_t number, int pipe_end)
{
	/* The kernel outlives a kill, so it need not be waited for. */
	use_disk();
	if (store_sqlite_open(world->path, STORE_WRITE, &world->store,
		&world->err) != RESULT_OK ||
	    ledger_open(world->store, &world->options, &world->ledger,
		&world->err) != RESULT_OK)
		_exit(4);
	for (;;) {
		uint64_t group = 1 + world_random(world) % 12;

		for (uint64_t i = 0; i < group; i++) {
			struct command command = endless(number++);

			if (ledger_stage(world->ledger, &command, NULL, 0,
				world->now_ms, &world->outcome,
				&world->err) != RESULT_OK ||
			    world->outcome.refusal.code != REFUSAL_NONE)
				_exit(1);
		}
		world->now_ms += 100;
		if (ledger_commit(world->ledger, world->now_ms, &world->err) !=
			APPEND_DURABLE ||
		    write(pipe_end, &number, sizeof(number)) !=
			(ssize_t)sizeof(number))
			_exit(2);
	}
}

/* Run a child until it has told of some groups, kill it, and return how many
 * operations it has told of. */
static uint64_t kill_one(struct world *world, uint64_t number)
{
	unsigned groups = 1 + (unsigned)(world_random(world) % 12);
	uint64_t told = number;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		trade_until_killed(world, number, ends[1]);
		_exit(3);
	}
	close(ends[1]);
	for (unsigned i = 0; i < groups; i++) {
		if (read(ends[0], &told, sizeof(told)) != (ssize_t)sizeof(told))
			break;
	}
	usleep((useconds_t)(world_random(world) % 700));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status))
		fail_msg("the child ended with %d", WEXITSTATUS(status));
	while (read(ends[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
		;
	close(ends[0]);
	return told;
}

static void a_kill_loses_and_doubles_nothing(void **state)
{
	struct play *play = *state;
	struct world *world = &play->world;
	uint64_t told = 0, points = 0, head;

	new_play(play);
	for (unsigned i = 0; i < KILLS; i++) {
		/* The till sends some again that it was told of. */
		told = kill_one(world, told > 5 ? told - 5 : 0);
		world_random(world);
	}
	world_reopen(world);
	head = ledger_head(world->ledger);
	assert_true(head >= WORLD_ENTRIES + told);
	for (uint64_t i = 0; i < head - WORLD_ENTRIES; i++) {
		struct command command = endless(i);

		assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
		assert_true(world->outcome.repeated);
		points += 1 + i % 50;
		/* Answers given again fill a group too. */
		if (i % 1000 == 0)
			world_commit(world);
	}
	assert_int_equal(
	    book_member(ledger_book(world->ledger), MEMBER(1))->balance_points,
	    points);
	world_close(world);
}

/* --- the Nth allocation --------------------------------------------------- */

#ifdef HAS_FAILING_MEMORY

/* OpenSSL's allocations never fail here: a digest without memory is asserted
 * (common/base/hash.h), and so is no way to go on from. */
static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __libc_malloc(size);
}

static void *openssl_realloc(
    void *memory, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __libc_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

__attribute__((constructor)) static void part_from_openssl(void)
{
	CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}

/* The Nth allocation of a whole play: opening, groups, sweeps, closing. */
static bool fail_allocation(struct play *play, unsigned number)
{
	bool has_failed;

	new_play(play);
	use_disk(); /* quick: nothing is really synced */
	memory_fails_at = number;
	run_play(play);
	has_failed = memory_fails_at == 0;
	memory_fails_at = 0;
	leave_disk();
	check_play(play);
	return has_failed;
}

static void each_allocation_may_fail(void **state)
{
	unsigned number = 1;

	while (fail_allocation(*state, number))
		number += 1 + number / 20;
	assert_true(number > 200);
}

#else

static void each_allocation_may_fail(void **state)
{
	(void)state;
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_kill_loses_and_doubles_nothing),
	    cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("ledger under faults of the process",
	    tests, template_setup, template_teardown);
}
