/*
 * serial_shim: makes a pseudo-terminal pass for a serial port, for a program
 * that is run with LD_PRELOAD=serial_shim.so.
 *
 * libserialport 0.1.1 asks two things that a pseudo-terminal cannot answer:
 * sysfs, for a link /sys/class/tty/pts/N that says what the port hangs on; and
 * the driver, for the modem lines. Both are answered here, and nothing else is
 * touched, so that all of libserialport and of client/serial.c runs for real.
 * SERIAL_SHIM_REFUSE=open makes the modem lines fail, as a device does that is
 * pulled out while it is being opened.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK_PREFIX "/sys/class/tty/pts"
#define LINK_TARGET "../../devices/virtual/tty/pts"

int __lxstat(int version, const char *path, struct stat *ret_stat);
ssize_t __readlink_chk(
    const char *path, char *text, size_t size, size_t capacity);

static bool is_ours(const char *path)
{
	return strncmp(path, LINK_PREFIX, strlen(LINK_PREFIX)) == 0;
}

static void fill_link(struct stat *ret_stat)
{
	memset(ret_stat, 0, sizeof(*ret_stat));
	ret_stat->st_mode = S_IFLNK | 0777;
	ret_stat->st_size = (off_t)strlen(LINK_TARGET);
}

/* What libserialport was linked with; glibc keeps it for old programs. */
int __lxstat(int version, const char *path, struct stat *ret_stat)
{
	int (*next)(int, const char *, struct stat *) =
	    dlsym(RTLD_NEXT, "__lxstat");

	if (!is_ours(path))
		return next(version, path, ret_stat);
	fill_link(ret_stat);
	return 0;
}

int lstat(const char *path, struct stat *ret_stat)
{
	int (*next)(const char *, struct stat *) = dlsym(RTLD_NEXT, "lstat");

	if (!is_ours(path))
		return next(path, ret_stat);
	fill_link(ret_stat);
	return 0;
}

static ssize_t fill_target(char *text, size_t size)
{
	size_t length = strlen(LINK_TARGET);

	if (length > size)
		length = size;
	memcpy(text, LINK_TARGET, length);
	return (ssize_t)length;
}

ssize_t readlink(const char *path, char *text, size_t size)
{
	ssize_t (*next)(const char *, char *, size_t) =
	    dlsym(RTLD_NEXT, "readlink");

	return is_ours(path) ? fill_target(text, size) : next(path, text, size);
}

ssize_t __readlink_chk(
    const char *path, char *text, size_t size, size_t capacity)
{
	if (size > capacity)
		abort();
	return readlink(path, text, size);
}

static bool is_modem(unsigned long request)
{
	return request == TIOCMGET || request == TIOCMSET ||
	       request == TIOCMBIS || request == TIOCMBIC;
}

static int answer_modem(unsigned long request, int *lines)
{
	const char *refuse = getenv("SERIAL_SHIM_REFUSE");

	if (refuse != NULL && strcmp(refuse, "open") == 0) {
		errno = EIO;
		return -1;
	}
	if (request == TIOCMGET)
		*lines = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS | TIOCM_DSR;
	return 0;
}

int ioctl(int handle, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	/* ttyname() and isatty() do not come here; TCGETX and the rest that a
	 * pseudo-terminal refuses, libserialport takes as "not supported". */
	if (is_modem(request) && isatty(handle))
		return answer_modem(request, argument);
	return next(handle, request, argument);
}
