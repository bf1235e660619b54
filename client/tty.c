/*
 * tty: owns terminals that libserialport does not take: pseudo-terminals by
 * their path, and descriptors that a parent process hands down.
 *
 * TIOCEXCL is left to serial.c. On a pseudo-terminal it outlives the program
 * that set it, as long as the other end stays open, and would keep a till that
 * was killed from coming back; the lock alone dies with its holder.
 */
#include "client/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

struct tty {
	struct transport transport; /* first: see tty_of() */
	int handle;
	bool is_terminal;
	struct termios before; /* what close puts back */
	char text[TRANSPORT_TEXT_SIZE];
};

static struct tty *tty_of(struct transport *transport)
{
	return (struct tty *)transport;
}

static const struct tty *tty_of_const(const struct transport *transport)
{
	return (const struct tty *)transport;
}

static void tty_close(struct transport *transport)
{
	struct tty *tty = tty_of(transport);

	if (tty == NULL)
		return;
	/* Fails where the other end is gone, and then nobody minds. */
	if (tty->is_terminal)
		(void)tcsetattr(tty->handle, TCSANOW, &tty->before);
	if (tty->handle >= 0)
		(void)close(tty->handle);
	free(tty);
}

static enum result open_path(
    struct tty *tty, const char *path, struct error *err)
{
	int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

	tty->handle = open(path, flags);
	if (tty->handle < 0)
		return transport_refusal(errno, path, err);
	if (!isatty(tty->handle))
		return error_set(
		    err, RESULT_INVALID, "%s is not a terminal", path);
	(void)snprintf(tty->text, sizeof(tty->text), "terminal %.200s", path);
	return transport_lock(tty->handle, path, err);
}

/* A duplicate, so that closing is the same for both kinds. Its flags are
 * shared with the parent, so O_NONBLOCK is not set: a read follows a poll. */
static enum result open_handle(struct tty *tty, int handle, struct error *err)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "descriptor %d", handle);
	(void)snprintf(tty->text, sizeof(tty->text), "%s", name);
	tty->handle = fcntl(handle, F_DUPFD_CLOEXEC, 0);
	if (tty->handle < 0 && errno == EBADF)
		return error_set(err, RESULT_NOT_FOUND, "%s is not open", name);
	if (tty->handle < 0)
		return error_errno(
		    err, RESULT_IO, errno, "%s cannot be used", name);
	return isatty(tty->handle) ? transport_lock(tty->handle, name, err)
				   : RESULT_OK;
}

/* Every byte as it comes: no echo, no lines, no signals, no flow control. */
static enum result make_raw(struct tty *tty, struct error *err)
{
	struct termios raw;

	if (!isatty(tty->handle))
		return RESULT_OK;
	if (tcgetattr(tty->handle, &tty->before) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "%s: no settings", tty->text);
	raw = tty->before;
	cfmakeraw(&raw);
	raw.c_cflag |= CREAD | CLOCAL;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(tty->handle, TCSANOW, &raw) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "%s: not raw", tty->text);
	tty->is_terminal = true;
	return RESULT_OK;
}

static enum result tty_open(const struct transport_place *place,
    struct transport **ret_transport, struct error *err)
{
	struct tty *tty = calloc(1, sizeof(*tty));
	enum result result;

	if (tty == NULL)
		return error_no_memory(err);
	tty->transport.table = &transport_tty;
	tty->handle = -1;
	result = place->path != NULL ? open_path(tty, place->path, err)
				     : open_handle(tty, place->handle, err);
	if (result == RESULT_OK)
		result = make_raw(tty, err);
	if (result != RESULT_OK) {
		tty_close(&tty->transport);
		return result;
	}
	*ret_transport = &tty->transport;
	return RESULT_OK;
}

static int tty_handle(const struct transport *transport)
{
	return tty_of_const(transport)->handle;
}

static enum result tty_read(struct transport *transport, void *to,
    size_t capacity, size_t *ret_size, struct error *err)
{
	struct tty *tty = tty_of(transport);
	ssize_t size;

	switch (transport_look(tty->handle)) {
	case TRANSPORT_QUIET:
		*ret_size = 0;
		return RESULT_OK;
	case TRANSPORT_GONE:
		return error_set(err, RESULT_CLOSED, "%s hung up", tty->text);
	case TRANSPORT_READABLE:
		break;
	}
	size = read(tty->handle, to, capacity);
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		*ret_size = 0;
		return RESULT_OK;
	}
	if (size == 0 || (size < 0 && errno == EIO))
		return error_set(err, RESULT_CLOSED, "%s hung up", tty->text);
	if (size < 0)
		return error_errno(err, RESULT_IO, errno, "%s", tty->text);
	*ret_size = (size_t)size;
	return RESULT_OK;
}

static void tty_describe(
    const struct transport *transport, char ret_text[TRANSPORT_TEXT_SIZE])
{
	(void)snprintf(
	    ret_text, TRANSPORT_TEXT_SIZE, "%s", tty_of_const(transport)->text);
}

const struct transport_table transport_tty = {
    .open = tty_open,
    .handle = tty_handle,
    .read = tty_read,
    .describe = tty_describe,
    .close = tty_close,
};
