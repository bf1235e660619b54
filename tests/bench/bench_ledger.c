/*
 * bench_ledger: the ledger alone, without a network: operations/s of stage and
 * commit for groups of several sizes, beside a flat file that takes the same
 * records and is synced as often.
 *
 *     bench_ledger FOLDER [MILLISECONDS a line (1000)]
 *     bench_ledger FOLDER open ENTRIES    how long a ledger takes to open
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "server/ledger.h"

#define MEMBERS 20000u
#define GROUPS_MAX 4000000u
#define GROUP_MAX 1024u

struct bench {
	char path[4096];
	char flat_path[4096];
	struct store *store;
	struct ledger *ledger;
	uint8_t seed[SIGN_KEY_SIZE];
	uint64_t *counters; /* by terminal */
	uint32_t terminals;
	uint64_t done;
	uint32_t *latencies_us;
	size_t latency_count;
};

static void check(enum result result, const struct error *err)
{
	if (result == RESULT_OK)
		return;
	fprintf(stderr, "bench_ledger: %s\n", err->text);
	exit(2);
}

static void commit(struct bench *bench)
{
	struct error err = {0};

	if (ledger_commit(bench->ledger, clock_wall_ms(), &err) ==
	    APPEND_DURABLE)
		return;
	fprintf(stderr, "bench_ledger: %s\n", err.text);
	exit(2);
}

static void stage(struct bench *bench, struct command *command)
{
	struct outcome outcome;
	struct error err = {0};
	enum result result;

	memcpy(command->random, &bench->done, sizeof(bench->done));
	result = ledger_stage(
	    bench->ledger, command, NULL, 0, clock_wall_ms(), &outcome, &err);
	if (result == RESULT_LIMIT) {
		commit(bench);
		result = ledger_stage(bench->ledger, command, NULL, 0,
		    clock_wall_ms(), &outcome, &err);
	}
	check(result, &err);
	if (outcome.refusal.code != REFUSAL_NONE) {
		fprintf(
		    stderr, "bench_ledger: refused: %s\n", outcome.refusal.say);
		exit(2);
	}
	bench->done++;
}

/* --- a shop --------------------------------------------------------------- */

static void open_ledger(struct bench *bench)
{
	struct ledger_options options = {.seed = bench->seed, .owner = "bench"};
	struct error err = {0};

	check(ledger_open(bench->store, &options, &bench->ledger, &err), &err);
}

static void remove_files(const struct bench *bench)
{
	char name[4200];

	for (const char *const *end =
		 (const char *const[]){"", "-wal", "-shm", NULL};
	     *end != NULL; end++) {
		snprintf(name, sizeof(name), "%s%s", bench->path, *end);
		unlink(name);
	}
	unlink(bench->flat_path);
}

static void add_programme(struct bench *bench)
{
	struct command command = {.kind = ENTRY_PROGRAMME};
	struct buffer text = {0};
	struct error err = {0};

	check(programme_first_text("Bench", &text, &err), &err);
	command.text = buffer_view(&text);
	stage(bench, &command);
	buffer_finish(&text);
}

static void make_shop(struct bench *bench, uint32_t terminals)
{
	struct command command = {.kind = ENTRY_SHOP};
	struct error err = {0};

	remove_files(bench);
	check(store_sqlite_open(bench->path, STORE_CREATE, &bench->store, &err),
	    &err);
	open_ledger(bench);
	bench->terminals = terminals;
	bench->counters = calloc(terminals + 1, sizeof(uint64_t));
	command.text = bytes_of_string("bench.example");
	check(sign_public_key(bench->seed, command.key.bytes, &err), &err);
	stage(bench, &command);
	add_programme(bench);
	command = (struct command){.kind = ENTRY_TERMINAL,
	    .role = ROLE_TERMINAL,
	    .standing = STANDING_ACTIVE};
	command.key.bytes[0] = 1;
	for (uint32_t i = 1; i <= terminals; i++) {
		command.subject = i;
		stage(bench, &command);
	}
	command = (struct command){.kind = ENTRY_ENROL, .terminal = 1};
	command.commitment.bytes[0] = 1;
	for (uint32_t i = 0; i < MEMBERS; i++) {
		command.account = ACCOUNT_MEMBER_MIN + i * 0x123456789ull;
		command.counter = ++bench->counters[1];
		stage(bench, &command);
	}
	commit(bench);
}

static void leave_shop(struct bench *bench)
{
	struct error err = {0};

	check(ledger_close(bench->ledger, clock_wall_ms(), &err), &err);
	store_close(bench->store);
	free(bench->counters);
}

/* --- measuring ------------------------------------------------------------ */

static int compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static double percentile_ms(struct bench *bench, unsigned percent)
{
	qsort(bench->latencies_us, bench->latency_count, sizeof(uint32_t),
	    compare_u32);
	return bench->latencies_us[bench->latency_count * percent / 100] / 1e3;
}

static void stage_earn(struct bench *bench)
{
	uint32_t terminal = 1 + (uint32_t)(bench->done % bench->terminals);
	uint64_t member = bench->done * 2654435761u % MEMBERS;
	struct command command = {.kind = ENTRY_EARN,
	    .terminal = terminal,
	    .counter = ++bench->counters[terminal],
	    .account = ACCOUNT_MEMBER_MIN + member * 0x123456789ull,
	    .amount_minor = 1250,
	    .receipt = bytes_of_string("A-123456")};

	stage(bench, &command);
}

struct figures {
	double ops_s;
	double p50_ms;
	double p99_ms;
	double stage_us; /* an operation, without its commit */
};

static struct figures run_ledger(
    struct bench *bench, size_t group, uint64_t run_us)
{
	uint64_t start = clock_monotonic_us();
	uint64_t now = start, staging = 0;
	struct figures figures;
	uint64_t count = 0;

	bench->latency_count = 0;
	while (now - start < run_us && bench->latency_count < GROUPS_MAX) {
		uint64_t before = now, staged;

		for (size_t i = 0; i < group; i++)
			stage_earn(bench);
		staged = clock_monotonic_us();
		staging += staged - before;
		commit(bench);
		now = clock_monotonic_us();
		bench->latencies_us[bench->latency_count++] =
		    (uint32_t)(now - before);
		count += group;
	}
	figures.ops_s = (double)count * 1e6 / (double)(now - start);
	figures.stage_us = (double)staging / (double)count;
	figures.p50_ms = percentile_ms(bench, 50);
	figures.p99_ms = percentile_ms(bench, 99);
	return figures;
}

/* The limit: the bytes of as many records in one write, and a sync. */
static struct figures run_flat(
    struct bench *bench, size_t group, uint64_t run_us)
{
	static uint8_t bytes[GROUP_MAX * 170];
	size_t size = group * 170;
	int file = open(
	    bench->flat_path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0600);
	uint64_t start = clock_monotonic_us();
	uint64_t now = start, count = 0;
	struct figures figures = {0};

	bench->latency_count = 0;
	while (file >= 0 && now - start < run_us &&
	       bench->latency_count < GROUPS_MAX) {
		uint64_t before = now;

		if (write(file, bytes, size) != (ssize_t)size ||
		    fdatasync(file) != 0)
			break;
		now = clock_monotonic_us();
		bench->latencies_us[bench->latency_count++] =
		    (uint32_t)(now - before);
		count += group;
	}
	close(file);
	figures.ops_s = (double)count * 1e6 / (double)(now - start);
	figures.p50_ms = percentile_ms(bench, 50);
	figures.p99_ms = percentile_ms(bench, 99);
	return figures;
}

static void print_line(struct bench *bench, size_t group, uint64_t run_us)
{
	struct figures ours = run_ledger(bench, group, run_us);
	struct figures flat = run_flat(bench, group, run_us / 2);

	printf("%9u %6zu %9.0f %7.2f %7.2f %9.2f %11.0f %7.2f %7.2f %6.2f\n",
	    bench->terminals, group, ours.ops_s, ours.p50_ms, ours.p99_ms,
	    ours.stage_us, flat.ops_s, flat.p50_ms, flat.p99_ms,
	    ours.ops_s / flat.ops_s);
	fflush(stdout);
}

static void bench_groups(struct bench *bench, uint64_t run_us)
{
	static const size_t groups[] = {1, 16, 64, 256, 1024};
	static const uint32_t terminals[] = {64, 1000};

	printf("terminals  group     ops/s  p50 ms  p99 ms  stage us"
	       "  flat ops/s  p50 ms  p99 ms  share\n");
	for (size_t i = 0; i < 2; i++) {
		make_shop(bench, terminals[i]);
		for (size_t j = 0; j < sizeof(groups) / sizeof(groups[0]); j++)
			print_line(bench, groups[j], run_us);
		leave_shop(bench);
	}
}

static void reopen(struct bench *bench, bool is_after_crash)
{
	struct error err = {0};
	uint64_t start;

	if (is_after_crash)
		ledger_abandon(bench->ledger);
	else
		check(ledger_close(bench->ledger, clock_wall_ms(), &err), &err);
	start = clock_monotonic_us();
	open_ledger(bench);
	printf("%s: head %" PRIu64 ", open in %.3f s\n",
	    is_after_crash ? "after a crash" : "after a close",
	    ledger_head(bench->ledger),
	    (double)(clock_monotonic_us() - start) / 1e6);
}

static void bench_open(struct bench *bench, uint64_t entries)
{
	uint64_t start;

	make_shop(bench, 64);
	start = clock_monotonic_us();
	while (bench->done < entries) {
		for (size_t i = 0; i < GROUP_MAX; i++)
			stage_earn(bench);
		commit(bench);
	}
	printf("%" PRIu64 " entries in groups of %u: %.0f/s\n", bench->done,
	    GROUP_MAX,
	    (double)bench->done * 1e6 / (double)(clock_monotonic_us() - start));
	reopen(bench, true);
	reopen(bench, false);
	leave_shop(bench);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	uint64_t run_ms = 1000;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_ledger FOLDER [MILLISECONDS |"
				" open ENTRIES]\n");
		return 2;
	}
	snprintf(bench.path, sizeof(bench.path), "%s/bench_ledger.db", argv[1]);
	snprintf(bench.flat_path, sizeof(bench.flat_path),
	    "%s/bench_ledger.flat", argv[1]);
	memset(bench.seed, 7, sizeof(bench.seed));
	bench.latencies_us = malloc(GROUPS_MAX * sizeof(uint32_t));
	if (bench.latencies_us == NULL)
		return 2;
	if (argc > 3 && strcmp(argv[2], "open") == 0) {
		bench_open(&bench, strtoull(argv[3], NULL, 10));
	} else {
		if (argc > 2)
			run_ms = strtoull(argv[2], NULL, 10);
		bench_groups(&bench, run_ms * 1000);
	}
	remove_files(&bench);
	free(bench.latencies_us);
	return 0;
}
