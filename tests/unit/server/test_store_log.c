/*
 * Tests of store_sqlite: its log, how long it becomes, and how it is opened
 * when others have left it.
 */
#include "tests/unit/server/store_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static off_t size_of(struct fixture *fixture, const char *end)
{
	char name[128];
	struct stat status;

	snprintf(name, sizeof(name), "%s%s", fixture->world.path, end);
	return stat(name, &status) == 0 ? status.st_size : -1;
}

static void moves_its_log_when_it_is_long_and_not_before(void **state)
{
	static uint8_t big[ENTRY_SIZE_MAX];
	struct fixture *fixture = *state;
	off_t before = size_of(fixture, "");
	off_t log = 0;

	/* 1,200 records of 64 KiB are 77 MiB of log. */
	for (int i = 0; i < 40; i++) {
		struct store_entry entries[30];
		struct store_append many = append_of(fixture);

		for (size_t j = 0; j < 30; j++) {
			entries[j] = entry_of(many.expected_head + 1 + j);
			entries[j].record = bytes_of(big, sizeof(big));
		}
		many.entries = entries;
		many.entry_count = 30;
		assert_int_equal(append(fixture, &many), APPEND_DURABLE);
		if (i == 20)
			must(&fixture->world,
			    fixture->store->ops->maintain(
				fixture->store, false, &fixture->world.err));
		assert_int_equal(size_of(fixture, ""), before);
	}
	must(&fixture->world, fixture->store->ops->maintain(
				  fixture->store, false, &fixture->world.err));
	log = size_of(fixture, "-wal");
	assert_true(size_of(fixture, "") > 70 * 1024 * 1024);
	append_entries(fixture, 1);
	assert_int_equal(size_of(fixture, "-wal"), log);
}

static void maintain(struct fixture *fixture)
{
	must(&fixture->world, fixture->store->ops->maintain(
				  fixture->store, false, &fixture->world.err));
}

static void keeps_the_log_s_file_longer_than_the_log(void **state)
{
	struct fixture *fixture = *state;
	off_t log;

	append_entries(fixture, 1);
	maintain(fixture);
	log = size_of(fixture, "-wal");
	assert_true(log > 1024 * 1024);
	/* Each of these is two pages: a leaf of the table, one of the index. */
	append_entries(fixture, 20);
	maintain(fixture);
	assert_int_equal(size_of(fixture, "-wal"), log);
	append_entries(fixture, 80);
	assert_int_equal(size_of(fixture, "-wal"), log);
	maintain(fixture);
	assert_true(size_of(fixture, "-wal") > log + 512 * 1024);
}

static void zeroes_behind_the_log_end_it_after_a_crash(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;

	append_entries(fixture, 3);
	maintain(fixture);
	append_entries(fixture, 2);
	world_set_aside(world);
	store_close(fixture->store);
	world_bring_back(world);
	world_open_store(world, STORE_WRITE);
	fixture->store = world->store;
	must(world, fixture->store->ops->take(
			fixture->store, "test", &fixture->head, &world->err));
	assert_int_equal(fixture->head.sequence, 5);
	for (uint64_t i = 1; i <= 5; i++)
		assert_record(fixture, i);
	append_entries(fixture, 1);
	assert_record(fixture, 6);
}

/* SQLite writes to the log's file as it was told to; a limit on the size of
 * files is how it cannot. */
static void a_log_that_cannot_be_lengthened_is_no_fault(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, small = {0};

	append_entries(fixture, 1);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 512 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	maintain(fixture);
	append_entries(fixture, 3);
	maintain(fixture);
	assert_true(size_of(fixture, "-wal") <= 512 * 1024);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	for (uint64_t i = 1; i <= 4; i++)
		assert_record(fixture, i);
}

static void closing_a_reader_leaves_the_log_alone(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	off_t log;

	append_entries(fixture, 3);
	world_set_aside(world);
	store_close(fixture->store);
	world_bring_back(world);
	log = size_of(fixture, "-wal");
	assert_true(log > 0);
	world_open_store(world, STORE_READ);
	fixture->store = world->store;
	assert_int_equal(head_of(fixture), 3);
	assert_record(fixture, 3);
	store_close(fixture->store);
	assert_int_equal(size_of(fixture, "-wal"), log);
	world_open_store(world, STORE_WRITE);
	fixture->store = world->store;
	assert_int_equal(head_of(fixture), 3);
}

/* In a child that is nobody: what opening for reading says in a folder that
 * cannot be written. Runs as root only; elsewhere we are that user anyway. */
static int open_as_nobody(struct fixture *fixture)
{
	struct store *store = NULL;
	struct store_head head;
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (geteuid() == 0 &&
		    (setegid(65534) != 0 || seteuid(65534) != 0))
			_exit(99);
		if (store_sqlite_open(fixture->world.path, STORE_READ, &store,
			NULL) != RESULT_OK)
			_exit(1);
		if (store->ops->head(store, &head, NULL) != RESULT_OK)
			_exit(2);
		_exit(10 + (int)head.sequence);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void reads_in_a_folder_that_cannot_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	char log[128];

	append_entries(fixture, 4);
	world_set_aside(world);
	store_close(fixture->store);
	fixture->store = NULL;
	chmod(world->path, 0644);
	chmod(world->folder, 0555);
	assert_int_equal(open_as_nobody(fixture), 14);
	assert_int_equal(size_of(fixture, "-shm"), -1);
	/* A log that was left over cannot be read without an index. */
	chmod(world->folder, 0755);
	world_bring_back(world);
	world_name(log, world->path, "-wal");
	chmod(log, 0644);
	chmod(world->path, 0644);
	chmod(world->folder, 0555);
	assert_int_equal(open_as_nobody(fixture), 1);
	chmod(world->folder, 0755);
	chmod(world->folder, 0777);
	assert_int_equal(open_as_nobody(fixture), 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(moves_its_log_when_it_is_long_and_not_before),
	    STORE_TEST(keeps_the_log_s_file_longer_than_the_log),
	    STORE_TEST(zeroes_behind_the_log_end_it_after_a_crash),
	    STORE_TEST(a_log_that_cannot_be_lengthened_is_no_fault),
	    STORE_TEST(closing_a_reader_leaves_the_log_alone),
	    STORE_TEST(reads_in_a_folder_that_cannot_be_written),
	};

	return cmocka_run_group_tests_name("store: log", tests, NULL, NULL);
}
