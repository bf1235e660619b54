/*
 * wake: an eventfd.
 *
 * Not libuv's uv_async_t: its receiver spins until its sender has come back
 * from the write, and on few cores that sender is who was pushed aside.
 */
#include "server/wake.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum result wake_init(struct wake *wake, struct error *err)
{
	wake->handle = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (wake->handle < 0)
		return error_errno(err, RESULT_IO, errno, "eventfd");
	return RESULT_OK;
}

void wake_finish(struct wake *wake)
{
	close(wake->handle);
	wake->handle = -1;
}

void wake_send(struct wake *wake)
{
	uint64_t one = 1;

	/* Full is as good as written; nothing else can happen to it. */
	while (write(wake->handle, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void wake_clear(struct wake *wake)
{
	uint64_t count;

	while (read(wake->handle, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

enum result thread_start(pthread_t *ret_thread, void *(*run)(void *argument),
    void *argument, struct error *err)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret_thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0)
		return error_errno(err, RESULT_IO, failed, "a thread");
	return RESULT_OK;
}

int cond_init_monotonic(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	int failed = pthread_condattr_init(&attributes);

	if (failed != 0)
		return failed;
	failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (failed == 0)
		failed = pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
	return failed;
}

void deadline_after(uint32_t ms, struct timespec *ret_deadline)
{
	struct timespec now;
	long nanoseconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nanoseconds = now.tv_nsec + (long)(ms % 1000) * 1000000;
	ret_deadline->tv_sec =
	    now.tv_sec + (time_t)(ms / 1000) + nanoseconds / 1000000000;
	ret_deadline->tv_nsec = nanoseconds % 1000000000;
}
