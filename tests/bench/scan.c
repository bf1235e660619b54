/*
 * scan: one till as a cashier has it, and how quick it is: its start until it
 * is linked with the server, its memory, and the time from a scanned card to
 * the balance.
 *
 *     scan TALLY-POS TILL SCANS
 *
 * Cards 0 … 999 of `load` are enrolled with the server that the folder TILL
 * names. A scan is written to a pseudo-terminal as a serial scanner would, and
 * is over with the whole line of the member's event. Prints one JSON object.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/clock.h"

#define CARDS 1000u
#define SCANS_MAX 100000u
#define SCANS_WARM_UP 20u
#define PATIENCE_MS 10000

struct scan {
	int scanner; /* the scanner's end of the line */
	char scanner_path[128];
	int input;  /* to the till; its end is the till's end */
	int output; /* from the till */
	pid_t till;
	char text[65536]; /* lines of the till, not yet looked at */
	size_t size;
};

__attribute__((noreturn)) static void fail(const char *what, const char *why)
{
	fprintf(stderr, "scan: %s: %s\n", what, why);
	exit(2);
}

static void open_scanner(struct scan *scan)
{
	struct termios raw;
	char path[128];
	int slave;

	/* The slave stays open here too, so that the line never looks unplugged
	 * before the till has opened it. */
	if (openpty(&scan->scanner, &slave, path, NULL, NULL) != 0)
		fail("a pseudo-terminal", strerror(errno));
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	snprintf(
	    scan->scanner_path, sizeof(scan->scanner_path), "pty:%.100s", path);
}

static void start_till(
    struct scan *scan, const char *program, const char *folder)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		fail("a pipe", strerror(errno));
	scan->till = fork();
	if (scan->till < 0)
		fail("a process", strerror(errno));
	if (scan->till == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execl(program, program, folder, "--json", "--scanner",
		    scan->scanner_path, NULL);
		fail(program, strerror(errno));
	}
	close(in[0]);
	close(out[1]);
	scan->input = in[1];
	scan->output = out[0];
}

/* Read what there is; the till's silence is a failure. */
static void read_more(struct scan *scan)
{
	struct pollfd polled = {scan->output, POLLIN, 0};
	ssize_t got;

	if (poll(&polled, 1, PATIENCE_MS) != 1)
		fail("the till", "says nothing");
	got = read(scan->output, scan->text + scan->size,
	    sizeof(scan->text) - 1 - scan->size);
	if (got <= 0)
		fail("the till", "ended");
	scan->size += (size_t)got;
	scan->text[scan->size] = '\0';
}

/* Wait for a whole line with `wanted` in it, and drop all up to its end. */
static void wait_for(struct scan *scan, const char *wanted)
{
	for (;;) {
		char *end = memchr(scan->text, '\n', scan->size);
		bool is_it;

		if (end == NULL) {
			read_more(scan);
			continue;
		}
		*end = '\0';
		is_it = strstr(scan->text, wanted) != NULL;
		if (strstr(scan->text, "\"ok\":false") != NULL)
			fail("the till says", scan->text);
		scan->size -= (size_t)(end + 1 - scan->text);
		memmove(scan->text, end + 1, scan->size);
		scan->text[scan->size] = '\0';
		if (is_it)
			return;
	}
}

/* "29", ten digits, the check digit, and the scanner's carriage return. */
static void code_of(unsigned index, char ret_code[16])
{
	unsigned sum = 0;

	snprintf(ret_code, 16, "29%010u", index);
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(ret_code[i] - '0') * (i % 2 == 0 ? 1 : 3);
	ret_code[12] = (char)('0' + (10 - sum % 10) % 10);
	ret_code[13] = '\r';
	ret_code[14] = '\0';
}

/* Another card than the last ones, because the same one again would be taken
 * for one scan. */
static uint32_t scan_us(struct scan *scan, unsigned number)
{
	uint64_t before = clock_monotonic_us();
	char code[16];

	code_of(number % CARDS, code);
	if (write(scan->scanner, code, strlen(code)) != (ssize_t)strlen(code))
		fail("the scanner", strerror(errno));
	wait_for(scan, "\"event\":\"member\"");
	return (uint32_t)(clock_monotonic_us() - before);
}

static long resident_kib(pid_t process)
{
	char path[64], line[256];
	long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)process);
	file = fopen(path, "r");
	if (file == NULL)
		fail(path, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static void measure(struct scan *scan, size_t scans, uint64_t start_us)
{
	uint32_t *times_us = calloc(scans, sizeof(*times_us));

	if (times_us == NULL)
		fail("times", "no memory");
	for (unsigned i = 0; i < SCANS_WARM_UP; i++)
		scan_us(scan, i);
	for (size_t i = 0; i < scans; i++)
		times_us[i] = scan_us(scan, SCANS_WARM_UP + (unsigned)i);
	qsort(times_us, scans, sizeof(*times_us), compare);
	printf("{\"till_start_ms\":%.1f,\"till_rss_kib\":%ld,\"scans\":%zu,"
	       "\"scan_p50_ms\":%.3f,\"scan_p99_ms\":%.3f}\n",
	    (double)start_us / 1e3, resident_kib(scan->till), scans,
	    times_us[scans / 2] / 1e3, times_us[scans * 99 / 100] / 1e3);
	free(times_us);
}

int main(int argc, char **argv)
{
	static struct scan scan;
	uint64_t before;
	size_t scans;

	scans = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	if (scans < 1 || scans > SCANS_MAX) {
		fprintf(
		    stderr, "scan TALLY-POS TILL SCANS (1 to %u)\n", SCANS_MAX);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	open_scanner(&scan);
	before = clock_monotonic_us();
	start_till(&scan, argv[1], argv[2]);
	wait_for(&scan, "\"up\":true");
	measure(&scan, scans, clock_monotonic_us() - before);
	close(scan.input);
	waitpid(scan.till, NULL, 0);
	return 0;
}
