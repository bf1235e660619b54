/*
 * gate: how many connections there are, and whether one more may come in.
 * Above: listener, loop. Below: nothing.
 *
 * Any thread may call; only one lets in (the one that accepts), so that a
 * limit is never passed.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define OWNER_CONNECTIONS_MAX 16u /* on the owner's socket, beside the rest */

struct gate {
	size_t tills_max;
	atomic_size_t tills;	  /* connections on the TCP socket */
	atomic_size_t handshakes; /* those of them that are strangers yet */
	atomic_size_t owners;
};

void gate_init(struct gate *gate, size_t tills_max);
/* NULL and counted, or why it may not come in. A till's connection counts as
 * a handshake until gate_shaken(), which for one that enrols never comes. */
const char *gate_enter(struct gate *gate, bool is_owner);
void gate_shaken(struct gate *gate);
void gate_leave(struct gate *gate, bool is_owner, bool is_handshake);
size_t gate_count(const struct gate *gate);

#endif
