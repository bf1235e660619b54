/*
 * progress: a bar on standard error for who waits at a terminal; elsewhere
 * nothing.
 */
#ifndef SERVER_TALLY_PROGRESS_H
#define SERVER_TALLY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *unit; /* "entries" */
	bool is_shown;	  /* standard error is a terminal */
	bool is_drawn;
	uint64_t drawn_ms;
};

void progress_init(struct progress *progress, const char *unit);
/* At most about ten times a second. `total` 0: nobody knows. */
void progress_draw(struct progress *progress, uint64_t done, uint64_t total);
/* Take it away, so that something else can be written. */
void progress_clear(struct progress *progress);

#endif
