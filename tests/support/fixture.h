/*
 * fixture: a shop that is served, its owner's commands, and its tills.
 *
 * The server listens on 127.0.0.1 alone, on a port that the first start is
 * given, and later starts ask for again: tills remember it.
 */
#ifndef TESTS_SUPPORT_FIXTURE_H
#define TESTS_SUPPORT_FIXTURE_H

#include "tests/support/place.h"
#include "tests/support/process.h"

struct fixture {
	struct place place;
	char shop[PLACE_PATH_SIZE]; /* its folder */
	char address[64];	    /* "127.0.0.1:PORT", "" at first */
	struct process server;
	struct finished finished; /* the last owner's command */
	/* For the next start alone. */
	const char *const *environment;
	const char *const *extra; /* more arguments, NULL-ended */
	uint64_t file_size_max;
};

/* A new folder with a new shop; fixture_run() starts it. */
void fixture_init(struct fixture *fixture);
/* Start the server, and wait until it serves. */
void fixture_run(struct fixture *fixture);
/* The same; false where it ended instead: `finished` says how. */
bool fixture_try(struct fixture *fixture);
/* Start the server, which is not to serve: its end is awaited. */
void fixture_run_in_vain(struct fixture *fixture);
/* SIGTERM, and its status. */
int fixture_stop(struct fixture *fixture);
/* SIGKILL. */
void fixture_kill(struct fixture *fixture);
void fixture_finish(struct fixture *fixture);

/* cmocka's: a shop that is served. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* `tally -s SHOP ...`, NULL-ended; its exit code, what it wrote in `finished`.
 */
__attribute__((sentinel)) int fixture_tally(
    struct fixture *fixture, const char *first, ...);
/* Bring these rules into force; the test fails where they are not taken. */
void fixture_rules(struct fixture *fixture, const char *rules);
/* A token for a new terminal: "till" or "auditor". */
void fixture_token(
    struct fixture *fixture, const char *role, char *ret_token, size_t size);
/* Any program of the build folder; likewise. */
__attribute__((sentinel)) int fixture_program(
    struct fixture *fixture, const char *program, ...);
/* Ends the test with what the audit said where the ledger does not hold. */
void fixture_audit(struct fixture *fixture);
/* The number after `"name":` in the output of the last `--json` command. */
long long fixture_number(const struct fixture *fixture, const char *name);
/* The head as `tally ledger show` says. */
long long fixture_head(struct fixture *fixture);
/* `sqlite3 FILE SQL` on a copy that nobody has open. */
void fixture_sqlite(const char *file, const char *sql);

/* --- tills ---------------------------------------------------------------- */

struct till {
	char folder[PLACE_PATH_SIZE];
	struct process process;
	char line[PROCESS_LINE_SIZE]; /* the last one read */
};

/* A folder PLACE/`name`, enrolled with a fresh token. */
void till_enrol(
    struct fixture *fixture, const char *name, struct till *ret_till);
/* `tally-pos TILL --json`; `scanner` may be NULL, `keep` -1. */
void till_start(struct till *till, const char *scanner, int keep);
/* Enrolled, started without a scanner, and its link is up. */
void till_begin(
    struct fixture *fixture, const char *name, struct till *ret_till);
/* Write a line, and read up to the answer, a line with "do" or without an
 * "event"; events on the way are passed over. */
void till_ask(struct till *till, const char *command);
/* Read up to an event of this name. */
void till_event(struct till *till, const char *event);
/* The next line, whatever it is. */
void till_line(struct till *till);
/* End its input, and its exit code. */
int till_stop(struct till *till);

/* What stands in a JSON line; they end the test where it is not there. */
bool line_has(const char *line, const char *what);
long long line_number(const char *line, const char *name);

#define assert_has(till, what)                                            \
	do {                                                              \
		if (!line_has((till)->line, what))                        \
			fail_msg("%s is not in: %s", what, (till)->line); \
	} while (0)

#endif
