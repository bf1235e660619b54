/*
 * serial: owns real serial ports, and is the only user of libserialport.
 *
 * A link in /dev/serial/by-id is resolved at each opening, because the scanner
 * that was ttyACM0 may come back as ttyACM1; and libserialport 0.1.1 takes no
 * link.
 */
#include "client/transport.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <libserialport.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

_Static_assert(TRANSPORT_PATH_SIZE_MAX <= PATH_MAX, "realpath() has room");

struct serial {
	struct transport transport; /* first: see serial_of() */
	struct sp_port *port;
	bool is_open;
	int handle;
	char text[TRANSPORT_TEXT_SIZE];
};

static struct serial *serial_of(struct transport *transport)
{
	return (struct serial *)transport;
}

static const struct serial *serial_of_const(const struct transport *transport)
{
	return (const struct serial *)transport;
}

static void serial_close(struct transport *transport)
{
	struct serial *serial = serial_of(transport);

	if (serial == NULL)
		return;
	/* The mark of TIOCEXCL may outlive this handle; it fails harmlessly
	 * where the device is gone. */
	if (serial->is_open) {
		(void)ioctl(serial->handle, TIOCNXCL);
		(void)sp_close(serial->port);
	}
	sp_free_port(serial->port);
	free(serial);
}

/* libserialport's codes end here. `step` says what was asked of it. */
static enum result serial_check(
    enum sp_return code, const char *path, const char *step, struct error *err)
{
	switch (code) {
	case SP_OK:
		return RESULT_OK;
	case SP_ERR_FAIL:
		(void)transport_refusal(sp_last_error_code(), path, err);
		return error_prefix(err, "%s", step);
	case SP_ERR_MEM:
		return error_no_memory(err);
	default:
		return error_set(err, RESULT_INVALID,
		    "%s: %s is not possible: is it a serial port?", path, step);
	}
}

/* DTR and RTS are raised: many USB scanners send nothing without them. */
static enum sp_return fill_config(
    struct sp_port_config *config, unsigned speed_baud)
{
	enum sp_return code = sp_set_config_baudrate(config, (int)speed_baud);

	if (code == SP_OK)
		code = sp_set_config_bits(config, 8);
	if (code == SP_OK)
		code = sp_set_config_parity(config, SP_PARITY_NONE);
	if (code == SP_OK)
		code = sp_set_config_stopbits(config, 1);
	if (code == SP_OK)
		code = sp_set_config_flowcontrol(config, SP_FLOWCONTROL_NONE);
	if (code == SP_OK)
		code = sp_set_config_rts(config, SP_RTS_ON);
	if (code == SP_OK)
		code = sp_set_config_dtr(config, SP_DTR_ON);
	return code;
}

static enum result configure(struct serial *serial, const char *path,
    unsigned speed_baud, struct error *err)
{
	struct sp_port_config *config;
	enum sp_return code = sp_new_config(&config);

	if (code != SP_OK)
		return serial_check(code, path, "a configuration", err);
	code = fill_config(config, speed_baud);
	if (code == SP_OK)
		code = sp_set_config(serial->port, config);
	sp_free_config(config);
	return serial_check(code, path, "setting the speed", err);
}

/* The lock keeps out our own programs, TIOCEXCL all others that are not
 * root's. */
static enum result claim(
    struct serial *serial, const char *path, struct error *err)
{
	enum result result = transport_lock(serial->handle, path, err);

	if (result != RESULT_OK)
		return result;
	/* libserialport 0.1.1 would hand the port to every child process. */
	if (fcntl(serial->handle, F_SETFD, FD_CLOEXEC) != 0 ||
	    ioctl(serial->handle, TIOCEXCL) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "%s cannot be claimed", path);
	return RESULT_OK;
}

static enum result open_port(
    struct serial *serial, const char *path, struct error *err)
{
	enum sp_return code = sp_get_port_by_name(path, &serial->port);

	if (code == SP_OK)
		code = sp_open(serial->port, SP_MODE_READ);
	serial->is_open = code == SP_OK;
	if (code == SP_OK)
		code = sp_get_port_handle(serial->port, &serial->handle);
	return serial_check(code, path, "opening", err);
}

static void write_text(
    struct serial *serial, const char *path, unsigned speed_baud)
{
	const char *description = sp_get_port_description(serial->port);

	(void)snprintf(serial->text, sizeof(serial->text),
	    "serial port %.100s at %u baud (%.100s)", path, speed_baud,
	    description != NULL ? description : "no description");
}

static enum result set_up(struct serial *serial, const char *path,
    unsigned speed_baud, struct error *err)
{
	enum result result = open_port(serial, path, err);

	if (result == RESULT_OK)
		result = claim(serial, path, err);
	if (result == RESULT_OK)
		result = configure(serial, path, speed_baud, err);
	if (result == RESULT_OK)
		write_text(serial, path, speed_baud);
	return result;
}

static enum result serial_open(const struct transport_place *place,
    struct transport **ret_transport, struct error *err)
{
	char path[PATH_MAX];
	struct serial *serial;
	enum result result;

	assert(place->path != NULL);
	if (realpath(place->path, path) == NULL)
		return transport_refusal(errno, place->path, err);
	serial = calloc(1, sizeof(*serial));
	if (serial == NULL)
		return error_no_memory(err);
	serial->transport.table = &transport_serial;
	serial->handle = -1;
	result = set_up(serial, path, place->speed_baud, err);
	if (result != RESULT_OK) {
		serial_close(&serial->transport);
		return result;
	}
	*ret_transport = &serial->transport;
	return RESULT_OK;
}

static int serial_handle(const struct transport *transport)
{
	return serial_of_const(transport)->handle;
}

/*
 * sp_nonblocking_read() says 0 both for "nothing yet" and for "gone", so the
 * handle is asked first: readable with nothing to read is gone.
 */
static enum result serial_read(struct transport *transport, void *to,
    size_t capacity, size_t *ret_size, struct error *err)
{
	struct serial *serial = serial_of(transport);
	enum transport_state state = transport_look(serial->handle);
	enum sp_return code = SP_OK;

	*ret_size = 0;
	if (state == TRANSPORT_QUIET)
		return RESULT_OK;
	if (state == TRANSPORT_READABLE)
		code = sp_nonblocking_read(serial->port, to, capacity);
	if (code < 0)
		return error_errno(err, RESULT_IO, sp_last_error_code(),
		    "%s cannot be read", serial->text);
	if (code == 0)
		return error_set(
		    err, RESULT_CLOSED, "%s was unplugged", serial->text);
	*ret_size = (size_t)code;
	return RESULT_OK;
}

static void serial_describe(
    const struct transport *transport, char ret_text[TRANSPORT_TEXT_SIZE])
{
	(void)snprintf(ret_text, TRANSPORT_TEXT_SIZE, "%s",
	    serial_of_const(transport)->text);
}

const struct transport_table transport_serial = {
    .open = serial_open,
    .handle = serial_handle,
    .read = serial_read,
    .describe = serial_describe,
    .close = serial_close,
};
