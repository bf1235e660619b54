/*
 * gate: three counters and their limits.
 */
#include "server/gate.h"

#include <assert.h>

#include "common/base/limits.h"

void gate_init(struct gate *gate, size_t tills_max)
{
	gate->tills_max = tills_max;
	atomic_init(&gate->tills, 0);
	atomic_init(&gate->handshakes, 0);
	atomic_init(&gate->owners, 0);
}

const char *gate_enter(struct gate *gate, bool is_owner)
{
	if (is_owner) {
		if (atomic_load(&gate->owners) >= OWNER_CONNECTIONS_MAX)
			return "too many connections of the owner";
		atomic_fetch_add(&gate->owners, 1);
		return NULL;
	}
	if (atomic_load(&gate->tills) >= gate->tills_max)
		return "too many connections";
	if (atomic_load(&gate->handshakes) >= HANDSHAKES_MAX)
		return "too many handshakes";
	atomic_fetch_add(&gate->tills, 1);
	atomic_fetch_add(&gate->handshakes, 1);
	return NULL;
}

static void count_down(atomic_size_t *count)
{
	size_t before = atomic_fetch_sub(count, 1);

	assert(before > 0);
}

void gate_shaken(struct gate *gate)
{
	count_down(&gate->handshakes);
}

void gate_leave(struct gate *gate, bool is_owner, bool is_handshake)
{
	count_down(is_owner ? &gate->owners : &gate->tills);
	if (is_handshake)
		count_down(&gate->handshakes);
}

size_t gate_count(const struct gate *gate)
{
	return atomic_load(&gate->tills) + atomic_load(&gate->owners);
}
