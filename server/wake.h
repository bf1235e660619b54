/*
 * wake: how one thread tells another's event loop to look around, and how
 * threads are started and wait.
 * Above: loop, worker, timer. Below: the system.
 */
#ifndef SERVER_WAKE_H
#define SERVER_WAKE_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "common/base/result.h"

struct wake {
	int handle; /* readable when somebody has sent */
};

enum result wake_init(struct wake *wake, struct error *err);
void wake_finish(struct wake *wake);
/* Any thread. Many sends before a clear are one. */
void wake_send(struct wake *wake);
/* Call before looking: what is left anywhere from then on sends again. */
void wake_clear(struct wake *wake);

/* A thread that takes no signals: those are for the main thread. */
enum result thread_start(pthread_t *ret_thread, void *(*run)(void *argument),
    void *argument, struct error *err);

/* A condition that waits by the monotonic clock: setting the wall clock must
 * not make a wait long. An errno value, or 0. */
int cond_init_monotonic(pthread_cond_t *cond);
/* The moment in `ms`, for pthread_cond_timedwait() on such a condition. */
void deadline_after(uint32_t ms, struct timespec *ret_deadline);

#endif
