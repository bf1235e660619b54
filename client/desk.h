/*
 * desk: one run of the till: a single poll(2) loop over standard input, the
 * scanner, the server and signals.
 * Above: tally_pos. Below: till, remote, reader, json, prompt, outbox.
 *
 * Lines are taken one at a time: the next when the last one has its answer.
 * The run ends at the end of the input, at `quit`, or at SIGTERM or SIGINT:
 * what is under way gets up to DESK_END_MS for its answers, what is not
 * answered by then stays in the outbox, and that is said. A second signal
 * ends it at once.
 */
#ifndef CLIENT_DESK_H
#define CLIENT_DESK_H

#include <stdbool.h>

#include "common/base/result.h"

#define DESK_END_MS 5000u

struct desk_options {
	const char *folder;   /* the till's: identity and outbox */
	const char *scanner;  /* reader.h's device text; NULL for none */
	bool json;	      /* JSON lines; otherwise the prompt */
	const char *software; /* name and version, for the server's log */
	int input;	      /* file descriptors, the caller's */
	int output;
};

/*
 * Runs until the end. RESULT_OK: it ended as it was asked to. RESULT_DENIED:
 * the server stopped this till (it was said in the output). RESULT_BUSY,
 * RESULT_NOT_FOUND, RESULT_CORRUPT, RESULT_VERSION, RESULT_IO, RESULT_INVALID:
 * the folder, its files or the scanner's name are not as they must be, or the
 * output is gone.
 */
enum result desk_run(const struct desk_options *options, struct error *err);

#endif
