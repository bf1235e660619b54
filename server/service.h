/*
 * service: a shop being served: workers, listener and what ties them.
 * Above: tallyd. Below: listener, worker, command, shop.
 *
 * One worker owns the ledger and commits its groups; another hashes PINs and
 * reads for auditors. When a write is refused (disk full) the group is
 * answered "nothing was written" and the book is read again, and for a moment
 * only what reads is carried out; when a write's outcome is unknown, nobody is
 * answered, and the service fails: the process must end and read what is
 * there.
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include "server/listener.h"
#include "server/shop.h"

struct service;

struct service_options {
	const char *address;	  /* "host:port" */
	unsigned threads;	  /* of the network; 0: by the cores */
	unsigned connections_max; /* 0: CONNECTIONS_MAX */
	/* Called once from the ledger's thread when the service fails. */
	void (*failed)(void *context);
	void *context;
};

/* The shop is borrowed until service_stop(). */
enum result service_start(struct shop *shop,
    const struct service_options *options, struct service **ret_service,
    struct error *err);
uint16_t service_port(const struct service *service);
/* Accept no more, finish what is in flight, end the threads. False: it had
 * failed, and the shop is to be abandoned. */
bool service_stop(struct service *service);

#endif
