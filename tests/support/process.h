/*
 * process: a program started by a test: its lines, its end, what it said.
 *
 * A child dies with the test that started it. Its standard error goes to
 * memory, where process_errors() reads it at any time.
 */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_LINE_SIZE 16384u
#define PROCESS_WAIT_MS 60000u /* for whatever must come at last */

struct process_options {
	const char *const *arguments;	/* the first is the program's path */
	const char *const *environment; /* "NAME=VALUE" to add; may be NULL */
	const char *folder;		/* to start in; NULL: as we are */
	uint64_t file_size_max;		/* RLIMIT_FSIZE; 0 is none */
	int keep; /* a descriptor that the child gets as number 3, or -1 */
};

struct process {
	pid_t pid;  /* 0 once it has ended */
	int status; /* of its end: the exit code, or 128 + the signal */
	int input;
	int output;
	int errors;
	char line[PROCESS_LINE_SIZE];
	size_t size; /* bytes in `line` that are not given out yet */
};

void process_start(
    const struct process_options *options, struct process *ret_process);
/* The next line without its end. False where none comes in time, or the
 * output has ended. */
bool process_read_line(struct process *process, uint32_t timeout_ms,
    char ret_line[PROCESS_LINE_SIZE]);
/* False where the child takes nothing more. */
bool process_write(struct process *process, const char *text, size_t size);
void process_close_input(struct process *process);
/* With SIGSTOP: when this returns, nothing of it runs any more. */
void process_signal(const struct process *process, int signal_number);
/* Has it ended by itself? */
bool process_has_ended(struct process *process);
/* Wait for its end and return its status; fails the test, and kills the
 * child, where that does not come within PROCESS_WAIT_MS. */
int process_wait(struct process *process);
/* Kill it if it runs, and give everything back. Harmless twice. */
void process_finish(struct process *process);
/* What it has written to standard error so far, cut to `size`. */
void process_errors(const struct process *process, char *to, size_t size);
/* Resident memory, KiB; 0 where it has ended. */
size_t process_memory_kib(const struct process *process);

/* A program from its start to its end. */
struct finished {
	int status;
	char output[65536];
	char errors[16384];
};
/* Without an input. */
void process_run(const char *const *arguments, struct finished *ret_finished);
void process_run_with(const struct process_options *options, const char *input,
    struct finished *ret_finished);
/* How many lines there are in a text. */
size_t line_count(const char *text);

#endif
