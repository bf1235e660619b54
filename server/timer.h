/*
 * timer: asks for the night whenever a day has ended, and at the start.
 * Above: service. Below: worker.
 *
 * It asks as the owner does, by jobs of its own in the ledger's queue, slice
 * after slice with a pause between them, so that tills wait for one slice at
 * most. Each night is logged as one line, event=night, with what was done. A
 * slice that is refused or not answered (the disk is full, the service fails)
 * is asked for again a minute later; what is left when the server stops is done
 * when it starts.
 */
#ifndef SERVER_TIMER_H
#define SERVER_TIMER_H

#include <stdatomic.h>

#include "server/worker.h"

struct timer;

/* `due_ms`: when the next night is due by the wall clock, as command_night()
 * sets it. Both are borrowed until timer_stop(). */
enum result timer_start(const _Atomic uint64_t *due_ms, struct worker *worker,
    struct timer **ret_timer, struct error *err);
/* Wait for the slice that is under way, and end. Harmless for NULL. */
void timer_stop(struct timer *timer);

#endif
