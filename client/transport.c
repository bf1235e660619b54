/*
 * transport: owns what serial.c and tty.c have in common.
 */
#include "client/transport.h"

#include <errno.h>
#include <poll.h>
#include <sys/file.h>

enum transport_state transport_look(int handle)
{
	struct pollfd pollfd = {.fd = handle, .events = POLLIN};

	/* Interrupted or out of memory: nothing is known, so nothing is there;
	 * the owner's own poll comes back. */
	if (poll(&pollfd, 1, 0) <= 0)
		return TRANSPORT_QUIET;
	if (pollfd.revents & POLLIN)
		return TRANSPORT_READABLE;
	if (pollfd.revents & (POLLHUP | POLLERR | POLLNVAL))
		return TRANSPORT_GONE;
	return TRANSPORT_QUIET;
}

enum result transport_lock(int handle, const char *path, struct error *err)
{
	if (flock(handle, LOCK_EX | LOCK_NB) == 0)
		return RESULT_OK;
	if (errno == EWOULDBLOCK)
		return error_set(
		    err, RESULT_BUSY, "%s is in use by another program", path);
	return error_errno(err, RESULT_IO, errno, "%s cannot be locked", path);
}

enum result transport_refusal(
    int errno_value, const char *path, struct error *err)
{
	switch (errno_value) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ENOTDIR:
	case EIO: /* a pseudo-terminal whose other end is closed */
		return error_errno(err, RESULT_NOT_FOUND, errno_value,
		    "%s is not there", path);
	case EBUSY:
		return error_set(
		    err, RESULT_BUSY, "%s is in use by another program", path);
	case EACCES:
	case EPERM:
		return error_errno(err, RESULT_DENIED, errno_value,
		    "%s may not be opened", path);
	default:
		return error_errno(
		    err, RESULT_IO, errno_value, "%s cannot be opened", path);
	}
}
