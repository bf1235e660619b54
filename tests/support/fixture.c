/*
 * fixture: programs of the build folder, put to work.
 */
#include "tests/support/fixture.h"

#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"

#define ARGUMENTS_MAX 24u

/* --- the server ----------------------------------------------------------- */

void fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	place_make(&fixture->place);
	place_join(&fixture->place, "shop", fixture->shop);
	if (fixture_program(fixture, "tallyd", "init", fixture->shop, "--name",
		"Corner Coffee", NULL) != 0)
		fail_msg("%s", fixture->finished.errors);
}

static void start(struct fixture *fixture)
{
	char program[PLACE_PATH_SIZE];
	const char *arguments[ARGUMENTS_MAX] = {program, "run", fixture->shop,
	    "--listen",
	    fixture->address[0] == '\0' ? "127.0.0.1:0" : fixture->address};
	struct process_options options = {.arguments = arguments,
	    .environment = fixture->environment,
	    .file_size_max = fixture->file_size_max,
	    .keep = -1};
	size_t count = 5;

	while (fixture->extra != NULL && *fixture->extra != NULL &&
	       count < ARGUMENTS_MAX - 1)
		arguments[count++] = *fixture->extra++;
	fixture->environment = NULL;
	fixture->extra = NULL;
	fixture->file_size_max = 0;
	build_path("tallyd", program);
	process_start(&options, &fixture->server);
}

static void await_end(struct fixture *fixture)
{
	fixture->finished.status = process_wait(&fixture->server);
	process_errors(&fixture->server, fixture->finished.errors,
	    sizeof(fixture->finished.errors));
	process_finish(&fixture->server);
}

bool fixture_try(struct fixture *fixture)
{
	char line[PROCESS_LINE_SIZE];
	const char *at;

	start(fixture);
	if (!process_read_line(&fixture->server, PROCESS_WAIT_MS, line)) {
		await_end(fixture);
		return false;
	}
	at = strstr(line, "127.0.0.1:");
	assert_non_null(at);
	(void)snprintf(fixture->address, sizeof(fixture->address), "%.60s", at);
	return true;
}

void fixture_run(struct fixture *fixture)
{
	if (!fixture_try(fixture))
		fail_msg(
		    "the server does not serve: %s", fixture->finished.errors);
}

void fixture_run_in_vain(struct fixture *fixture)
{
	start(fixture);
	await_end(fixture);
}

int fixture_stop(struct fixture *fixture)
{
	int status;

	process_signal(&fixture->server, SIGTERM);
	status = process_wait(&fixture->server);
	process_finish(&fixture->server);
	return status;
}

void fixture_kill(struct fixture *fixture)
{
	process_finish(&fixture->server);
}

void fixture_finish(struct fixture *fixture)
{
	process_finish(&fixture->server);
	place_remove(&fixture->place);
}

int fixture_setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	if (fixture == NULL)
		return -1;
	fixture_init(fixture);
	fixture_run(fixture);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}

/* --- the owner ------------------------------------------------------------ */

static int run(
    struct fixture *fixture, const char **arguments, size_t count, va_list more)
{
	const char *argument;

	while ((argument = va_arg(more, const char *)) != NULL) {
		assert_true(count < ARGUMENTS_MAX - 1);
		arguments[count++] = argument;
	}
	arguments[count] = NULL;
	process_run(arguments, &fixture->finished);
	return fixture->finished.status;
}

int fixture_tally(struct fixture *fixture, const char *first, ...)
{
	char program[PLACE_PATH_SIZE];
	const char *arguments[ARGUMENTS_MAX] = {
	    program, "-s", fixture->shop, first};
	va_list more;
	int status;

	build_path("tally", program);
	va_start(more, first);
	status = run(fixture, arguments, 4, more);
	va_end(more);
	return status;
}

int fixture_program(struct fixture *fixture, const char *program, ...)
{
	char path[PLACE_PATH_SIZE];
	const char *arguments[ARGUMENTS_MAX] = {path};
	va_list more;
	int status;

	build_path(program, path);
	va_start(more, program);
	status = run(fixture, arguments, 1, more);
	va_end(more);
	return status;
}

void fixture_token(
    struct fixture *fixture, const char *role, char *ret_token, size_t size)
{
	char *output = fixture->finished.output;
	char *end;

	if (fixture_tally(
		fixture, "terminal", "add", "Till", "--role", role, NULL) != 0)
		fail_msg("%s", fixture->finished.errors);
	end = output + strlen(output);
	if (end != output && end[-1] == '\n')
		*--end = '\0';
	while (end != output && end[-1] != '\n')
		end--;
	assert_memory_equal(end, "tally1-", 7);
	(void)snprintf(ret_token, size, "%s", end);
}

void fixture_rules(struct fixture *fixture, const char *rules)
{
	char path[PLACE_PATH_SIZE];
	FILE *file;

	place_join(&fixture->place, "rules", path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(rules, file) >= 0);
	assert_int_equal(fclose(file), 0);
	if (fixture_tally(fixture, "programme", "put", path, NULL) != 0)
		fail_msg(
		    "%s%s", fixture->finished.output, fixture->finished.errors);
}

void fixture_audit(struct fixture *fixture)
{
	if (fixture_tally(fixture, "audit", NULL) != 0)
		fail_msg("the audit: %s%s", fixture->finished.output,
		    fixture->finished.errors);
}

long long fixture_number(const struct fixture *fixture, const char *name)
{
	return line_number(fixture->finished.output, name);
}

long long fixture_head(struct fixture *fixture)
{
	if (fixture_tally(fixture, "--json", "ledger", "show", NULL) != 0)
		fail_msg("%s", fixture->finished.errors);
	return fixture_number(fixture, "entries");
}

void fixture_sqlite(const char *file, const char *sql)
{
	const char *arguments[] = {"/usr/bin/sqlite3", file, sql, NULL};
	struct finished finished;

	process_run(arguments, &finished);
	if (finished.status != 0 || finished.errors[0] != '\0')
		fail_msg("sqlite3: %s", finished.errors);
}

/* --- tills ---------------------------------------------------------------- */

void till_enrol(
    struct fixture *fixture, const char *name, struct till *ret_till)
{
	char token[128];

	memset(ret_till, 0, sizeof(*ret_till));
	place_join(&fixture->place, name, ret_till->folder);
	fixture_token(fixture, "till", token, sizeof(token));
	if (fixture_program(fixture, "tally-pos", "enrol", "--server",
		fixture->address, "--token", token, ret_till->folder,
		NULL) != 0)
		fail_msg("%s", fixture->finished.errors);
}

void till_start(struct till *till, const char *scanner, int keep)
{
	char program[PLACE_PATH_SIZE];
	const char *arguments[] = {program, till->folder, "--json",
	    scanner == NULL ? NULL : "--scanner", scanner, NULL};
	struct process_options options = {.arguments = arguments, .keep = keep};

	build_path("tally-pos", program);
	process_start(&options, &till->process);
}

static void read_line(struct till *till, const char *wanted)
{
	char errors[1024];

	if (process_read_line(&till->process, PROCESS_WAIT_MS, till->line))
		return;
	process_errors(&till->process, errors, sizeof(errors));
	fail_msg("the till does not say %s: %s", wanted, errors);
}

void till_begin(
    struct fixture *fixture, const char *name, struct till *ret_till)
{
	till_enrol(fixture, name, ret_till);
	till_start(ret_till, NULL, -1);
	till_event(ret_till, "link");
}

void till_ask(struct till *till, const char *command)
{
	if (!process_write(&till->process, command, strlen(command)) ||
	    !process_write(&till->process, "\n", 1))
		fail_msg("the till takes no more: %s", command);
	do {
		read_line(till, "an answer");
	} while (line_has(till->line, "\"event\":"));
}

void till_event(struct till *till, const char *event)
{
	char wanted[64];

	(void)snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
	do {
		read_line(till, wanted);
	} while (!line_has(till->line, wanted));
}

void till_line(struct till *till)
{
	read_line(till, "a line");
}

int till_stop(struct till *till)
{
	int status;

	process_close_input(&till->process);
	status = process_wait(&till->process);
	process_finish(&till->process);
	return status;
}

/* --- JSON, as far as a test looks ----------------------------------------- */

bool line_has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

long long line_number(const char *line, const char *name)
{
	char key[64];
	const char *at;

	(void)snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(line, key);
	if (at == NULL)
		fail_msg("%s is not in: %s", key, line);
	return strtoll(at + strlen(key), NULL, 10);
}
