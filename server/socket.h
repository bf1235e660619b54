/*
 * socket: listening sockets and what they accept.
 * Above: listener, connection. Below: the system.
 *
 * Every handle is non-blocking and closed on exec; the caller closes it.
 */
#ifndef SERVER_SOCKET_H
#define SERVER_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/result.h"

#define SOCKET_PEER_SIZE 64u /* "[v6]:port", "owner", and a NUL */

/* "host:port"; port 0 takes any. RESULT_BUSY where the port is in use,
 * RESULT_INVALID for an address that is none. */
enum result socket_listen_tcp(const char *address, int *ret_handle,
    uint16_t *ret_port, struct error *err);
/*
 * A Unix socket for its owner alone (mode 0600). One that a dead server left
 * is replaced. RESULT_BUSY where somebody answers on it, RESULT_EXISTS where
 * the path is no socket, RESULT_LIMIT where it is too long for one.
 */
enum result socket_listen_unix(
    const char *path, int *ret_handle, struct error *err);

/* The next one that waits. RESULT_NOT_FOUND where none does, RESULT_LIMIT
 * where this process has no handle left for it. */
enum result socket_accept(int listening, int *ret_handle,
    char ret_peer[SOCKET_PEER_SIZE], struct error *err);
/* Is the process at the other end of a Unix socket our user's, or root's? */
bool socket_peer_is_owner(int handle);

#endif
