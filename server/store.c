/*
 * store: what does not depend on the implementation.
 */
#include "server/store.h"

#include <stddef.h>

void store_close(struct store *store)
{
	if (store != NULL)
		store->ops->close(store);
}
