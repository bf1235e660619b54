/*
 * transport: how the bytes of a scanner come in, whatever the device is.
 * Above: reader. Below: serial.c (libserialport) and tty.c (termios), one
 * table of functions each.
 *
 * Nothing here blocks. A transport is for one owner: a second program, or a
 * second reader in this one, that asks for the same device gets RESULT_BUSY.
 */
#ifndef CLIENT_TRANSPORT_H
#define CLIENT_TRANSPORT_H

#include <stddef.h>

#include "common/base/result.h"

#define TRANSPORT_PATH_SIZE_MAX 4096u /* bytes, the NUL among them */
#define TRANSPORT_TEXT_SIZE 256u      /* bytes of a description with its NUL */

/* What is to be opened. `path` is borrowed for the call. */
struct transport_place {
	const char *path; /* absolute; NULL where `handle` is given */
	int handle;	  /* a descriptor of the caller, or -1 */
	unsigned speed_baud;
};

struct transport_table;

/* Each implementation puts this first in its own struct. */
struct transport {
	const struct transport_table *table;
};

struct transport_table {
	/*
	 * Open and set up: 8 data bits, no parity, 1 stop bit, raw.
	 * RESULT_NOT_FOUND: no such device. RESULT_BUSY: somebody holds it.
	 * RESULT_DENIED: no permission. RESULT_INVALID: it is no terminal, or
	 * cannot have this speed. RESULT_IO, RESULT_NO_MEMORY.
	 */
	enum result (*open)(const struct transport_place *place,
	    struct transport **ret_transport, struct error *err);
	/* The descriptor to poll for POLLIN; owned by the transport. */
	int (*handle)(const struct transport *transport);
	/*
	 * What has come, up to `capacity` bytes. RESULT_OK with 0 bytes: there
	 * is nothing now. RESULT_CLOSED: the device is gone, for good as far
	 * as this transport goes. RESULT_IO: it failed; close it too.
	 */
	enum result (*read)(struct transport *transport, void *to,
	    size_t capacity, size_t *ret_size, struct error *err);
	/* One line for the log: what it is and where. */
	void (*describe)(const struct transport *transport,
	    char ret_text[TRANSPORT_TEXT_SIZE]);
	/* Give the device back and free the transport. NULL is harmless. */
	void (*close)(struct transport *transport);
};

/* Real serial ports, through libserialport: "/dev/ttyACM0", a link in
 * /dev/serial/by-id. Needs a path. */
extern const struct transport_table transport_serial;
/* Any terminal by its path (a pseudo-terminal), or any descriptor; the speed
 * is not looked at. A descriptor stays the caller's. */
extern const struct transport_table transport_tty;

/* For the two implementations. */

enum transport_state {
	TRANSPORT_QUIET,    /* nothing to read */
	TRANSPORT_READABLE, /* bytes, or a hang-up that a read will show */
	TRANSPORT_GONE,	    /* hung up and nothing left to read */
};

/* What a poll of `handle` says at this moment. */
enum transport_state transport_look(int handle);

/* Lock `handle` (flock) for this process. RESULT_BUSY where it is locked. */
enum result transport_lock(int handle, const char *path, struct error *err);

/* The result that fits an errno of open(2), with a text that names `path`. */
enum result transport_refusal(
    int errno_value, const char *path, struct error *err);

#endif
