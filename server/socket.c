/*
 * socket: the system's calls for listening and accepting, TCP and Unix.
 */
#include "server/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/identity.h"

#define SOCKET_FLAGS (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
#define SOCKET_BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

/* --- TCP ------------------------------------------------------------------ */

static enum result resolve(
    const char *address, struct addrinfo **ret_found, struct error *err)
{
	struct addrinfo hints = {
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	char host[256], port[6];
	enum result result = address_split(address, host, port, err);
	int failed;

	if (result != RESULT_OK)
		return result;
	failed = getaddrinfo(host, port, &hints, ret_found);
	if (failed != 0)
		return error_set(err, RESULT_INVALID, "%s: %s", address,
		    gai_strerror(failed));
	return RESULT_OK;
}

/* SO_REUSEADDR lets a server come back at once after its end; unlike
 * SO_REUSEPORT it lets nobody share the port of one that lives. */
static enum result bind_tcp(const char *address, const struct addrinfo *found,
    int *ret_handle, struct error *err)
{
	int handle = socket(found->ai_family, SOCKET_FLAGS, 0);
	int on = 1;
	int reason;

	if (handle < 0)
		return error_errno(err, RESULT_IO, errno, "%s", address);
	setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(handle, found->ai_addr, found->ai_addrlen) == 0 &&
	    listen(handle, SOCKET_BACKLOG) == 0) {
		*ret_handle = handle;
		return RESULT_OK;
	}
	reason = errno;
	close(handle);
	if (reason == EADDRINUSE)
		return error_set(err, RESULT_BUSY,
		    "%s is in use by another server", address);
	return error_errno(err, RESULT_IO, reason, "%s", address);
}

static uint16_t port_of(const union address *address)
{
	if (address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return ntohs(address->v4.sin_port);
}

enum result socket_listen_tcp(
    const char *address, int *ret_handle, uint16_t *ret_port, struct error *err)
{
	union address bound;
	socklen_t size = sizeof(bound);
	struct addrinfo *found;
	enum result result = resolve(address, &found, err);
	int handle = -1;

	if (result != RESULT_OK)
		return result;
	result = bind_tcp(address, found, &handle, err);
	freeaddrinfo(found);
	if (result != RESULT_OK)
		return result;
	if (getsockname(handle, &bound.any, &size) != 0) {
		result = error_errno(err, RESULT_IO, errno, "%s", address);
		close(handle);
		return result;
	}
	*ret_handle = handle;
	*ret_port = port_of(&bound);
	return RESULT_OK;
}

/* --- Unix ----------------------------------------------------------------- */

/* Does anybody answer on this socket? */
static bool is_alive(const union address *address)
{
	int handle = socket(AF_UNIX, SOCKET_FLAGS, 0);
	bool answers;

	if (handle < 0)
		return true;
	/* A full backlog (EAGAIN) has somebody behind it as well. */
	answers = connect(handle, &address->any, sizeof(address->local)) == 0 ||
		  errno == EAGAIN;
	close(handle);
	return answers;
}

/* Make way for a new socket, but take away nothing that anybody needs. */
static enum result clear_path(
    const char *path, const union address *address, struct error *err)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT
			   ? RESULT_OK
			   : error_errno(err, RESULT_IO, errno, "%s", path);
	if (!S_ISSOCK(status.st_mode))
		return error_set(
		    err, RESULT_EXISTS, "%s is there and is no socket", path);
	if (is_alive(address))
		return error_set(
		    err, RESULT_BUSY, "%s is in use by another server", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	return RESULT_OK;
}

enum result socket_listen_unix(
    const char *path, int *ret_handle, struct error *err)
{
	union address address = {.local = {.sun_family = AF_UNIX}};
	enum result result;
	int handle;

	if (strlen(path) >= sizeof(address.local.sun_path))
		return error_set(err, RESULT_LIMIT,
		    "%s: too long for a socket's path", path);
	strcpy(address.local.sun_path, path);
	result = clear_path(path, &address, err);
	if (result != RESULT_OK)
		return result;
	handle = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (handle < 0)
		return error_errno(err, RESULT_IO, errno, "%s", path);
	/* Set before bind() the mode is that of the file from its first moment
	 * on; set after it, others would have had a moment to connect. */
	if (fchmod(handle, 0600) != 0 ||
	    bind(handle, &address.any, sizeof(address.local)) != 0 ||
	    listen(handle, SOCKET_BACKLOG) != 0) {
		result = error_errno(err, RESULT_IO, errno, "%s", path);
		close(handle);
		return result;
	}
	*ret_handle = handle;
	return RESULT_OK;
}

bool socket_peer_is_owner(int handle)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(handle, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	return peer.uid == geteuid() || peer.uid == 0;
}

/* --- accepting ------------------------------------------------------------ */

static void describe(
    const union address *address, char ret_peer[SOCKET_PEER_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
		snprintf(ret_peer, SOCKET_PEER_SIZE, "%s:%u", host,
		    port_of(address));
	} else if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
		snprintf(ret_peer, SOCKET_PEER_SIZE, "[%s]:%u", host,
		    port_of(address));
	} else {
		snprintf(ret_peer, SOCKET_PEER_SIZE, "owner");
	}
}

/* What came and went before it was accepted is passed over, as accept(2)
 * wants it for the network's own errors. */
static bool is_passing(int reason)
{
	return reason == EINTR || reason == ECONNABORTED || reason == EPROTO ||
	       reason == ENETDOWN || reason == ENETUNREACH ||
	       reason == EHOSTDOWN || reason == EHOSTUNREACH ||
	       reason == ENOPROTOOPT || reason == EOPNOTSUPP ||
	       reason == ENONET;
}

enum result socket_accept(int listening, int *ret_handle,
    char ret_peer[SOCKET_PEER_SIZE], struct error *err)
{
	union address peer = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t size = sizeof(peer);
	int on = 1;
	int handle;

	do
		handle = accept4(
		    listening, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (handle < 0 && is_passing(errno));
	if (handle < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return error_set(err, RESULT_NOT_FOUND, "nobody waits");
	if (handle < 0 && (errno == EMFILE || errno == ENFILE ||
			      errno == ENOBUFS || errno == ENOMEM))
		return error_errno(err, RESULT_LIMIT, errno, "accept");
	if (handle < 0)
		return error_errno(err, RESULT_IO, errno, "accept");
	/* Replies are written whole; waiting to fill a segment is all loss.
	 * Fails, harmlessly, on a Unix socket. */
	setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	describe(&peer, ret_peer);
	*ret_handle = handle;
	return RESULT_OK;
}
