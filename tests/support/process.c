/*
 * process: fork, exec, and the pipes between.
 */
#include "tests/support/process.h"

#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"

#define KEPT 3

/* Between fork and exec: the child's own affairs. */
static void become(const struct process_options *options, const int *standard)
{
	static const char *const none[] = {NULL};
	const char *const *added =
	    options->environment == NULL ? none : options->environment;
	struct rlimit limit = {options->file_size_max, options->file_size_max};
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 3; i++)
		dup2(standard[i], i);
	if (options->keep >= 0 && options->keep != KEPT)
		dup2(options->keep, KEPT);
	else if (options->keep == KEPT)
		fcntl(KEPT, F_SETFD, 0);
	if (options->folder != NULL && chdir(options->folder) != 0)
		_exit(98);
	if (options->file_size_max != 0) {
		setrlimit(RLIMIT_FSIZE, &limit);
		/* As a shell leaves it: to live on is the program's part. */
		signal(SIGXFSZ, SIG_DFL);
	}
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (; *added != NULL; added++)
		putenv((char *)(uintptr_t)*added);
	execv(options->arguments[0],
	    (char *const *)(uintptr_t)options->arguments);
	dprintf(2, "%s: %s\n", options->arguments[0], strerror(errno));
	_exit(97);
}

void process_start(
    const struct process_options *options, struct process *ret_process)
{
	int input[2];
	int output[2];
	int standard[3];

	memset(ret_process, 0, sizeof(*ret_process));
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	ret_process->errors = memfd_create("errors", MFD_CLOEXEC);
	assert_true(ret_process->errors >= 0);
	/* Appending, so that the child's writes and our reads do not meet. */
	(void)fcntl(ret_process->errors, F_SETFL, O_APPEND);
	standard[0] = input[0];
	standard[1] = output[1];
	standard[2] = ret_process->errors;
	signal(SIGPIPE, SIG_IGN);
	ret_process->pid = fork();
	assert_true(ret_process->pid >= 0);
	if (ret_process->pid == 0)
		become(options, standard);
	close(input[0]);
	close(output[1]);
	ret_process->input = input[1];
	ret_process->output = output[0];
}

/* Take a whole line out of what has been read. */
static bool take_line(struct process *process, char *ret_line)
{
	char *end = memchr(process->line, '\n', process->size);
	size_t size;

	if (end == NULL)
		return false;
	size = (size_t)(end - process->line);
	memcpy(ret_line, process->line, size);
	ret_line[size] = '\0';
	process->size -= size + 1;
	memmove(process->line, end + 1, process->size);
	return true;
}

/* Read once, as soon as there is something. */
static bool read_more(struct process *process, uint64_t deadline_ms)
{
	uint64_t now_ms = clock_monotonic_ms();
	struct pollfd wait = {.fd = process->output, .events = POLLIN};
	ssize_t got;

	if (now_ms >= deadline_ms || process->output < 0 ||
	    process->size == sizeof(process->line))
		return false;
	if (poll(&wait, 1, (int)(deadline_ms - now_ms)) <= 0)
		return false;
	got = read(process->output, process->line + process->size,
	    sizeof(process->line) - process->size);
	if (got <= 0)
		return false;
	process->size += (size_t)got;
	return true;
}

bool process_read_line(struct process *process, uint32_t timeout_ms,
    char ret_line[PROCESS_LINE_SIZE])
{
	uint64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

	while (!take_line(process, ret_line)) {
		if (!read_more(process, deadline_ms))
			return false;
	}
	return true;
}

bool process_write(struct process *process, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t done = write(process->input, text, size);

		if (done <= 0)
			return false;
		text += done;
		size -= (size_t)done;
	}
	return true;
}

void process_close_input(struct process *process)
{
	if (process->input > 0)
		close(process->input);
	process->input = -1;
}

void process_signal(const struct process *process, int signal_number)
{
	siginfo_t info;

	if (process->pid <= 0)
		return;
	kill(process->pid, signal_number);
	/* Its threads stop one after another; then it is said to have. */
	if (signal_number == SIGSTOP)
		(void)waitid(P_PID, (id_t)process->pid, &info,
		    WSTOPPED | WEXITED | WNOWAIT);
}

static void note_end(struct process *process, int status)
{
	process->pid = 0;
	process->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_has_ended(struct process *process)
{
	int status;

	if (process->pid > 0 &&
	    waitpid(process->pid, &status, WNOHANG) == process->pid)
		note_end(process, status);
	return process->pid == 0;
}

int process_wait(struct process *process)
{
	uint64_t deadline_ms = clock_monotonic_ms() + PROCESS_WAIT_MS;

	while (!process_has_ended(process)) {
		if (clock_monotonic_ms() >= deadline_ms) {
			process_finish(process);
			fail_msg("a child did not end");
		}
		usleep(2000);
	}
	return process->status;
}

void process_finish(struct process *process)
{
	int status;

	if (process->pid > 0) {
		kill(process->pid, SIGKILL);
		if (waitpid(process->pid, &status, 0) == process->pid)
			note_end(process, status);
	}
	process_close_input(process);
	if (process->output > 0)
		close(process->output);
	if (process->errors > 0)
		close(process->errors);
	process->output = -1;
	process->errors = -1;
}

static void read_file(int file, char *to, size_t size)
{
	size_t done = 0;
	ssize_t got = 1;

	while (done < size - 1 && got > 0) {
		got = pread(file, to + done, size - 1 - done, (off_t)done);
		done += got > 0 ? (size_t)got : 0;
	}
	to[done] = '\0';
}

void process_errors(const struct process *process, char *to, size_t size)
{
	to[0] = '\0';
	if (process->errors > 0)
		read_file(process->errors, to, size);
}

size_t process_memory_kib(const struct process *process)
{
	char path[64];
	char line[256];
	size_t kib = 0;
	FILE *file;

	(void)snprintf(
	    path, sizeof(path), "/proc/%ld/status", (long)process->pid);
	file = process->pid > 0 ? fopen(path, "r") : NULL;
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "VmRSS: %zu kB", &kib);
	if (file != NULL)
		(void)fclose(file);
	return kib;
}

/* --- from the start to the end -------------------------------------------- */

/* All of its output, to its end or ours. */
static void drain(struct process *process, char *to, size_t size)
{
	uint64_t deadline_ms = clock_monotonic_ms() + PROCESS_WAIT_MS;
	size_t done = 0;

	while (read_more(process, deadline_ms)) {
		size_t take = process->size < size - 1 - done ? process->size
							      : size - 1 - done;

		memcpy(to + done, process->line, take);
		done += take;
		process->size = 0;
	}
	to[done] = '\0';
}

void process_run_with(const struct process_options *options, const char *input,
    struct finished *ret_finished)
{
	struct process process;

	process_start(options, &process);
	if (input != NULL)
		(void)process_write(&process, input, strlen(input));
	process_close_input(&process);
	drain(&process, ret_finished->output, sizeof(ret_finished->output));
	ret_finished->status = process_wait(&process);
	process_errors(
	    &process, ret_finished->errors, sizeof(ret_finished->errors));
	process_finish(&process);
}

void process_run(const char *const *arguments, struct finished *ret_finished)
{
	struct process_options options = {.arguments = arguments, .keep = -1};

	process_run_with(&options, NULL, ret_finished);
}

size_t line_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}
