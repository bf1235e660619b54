/*
 * presence: which terminals are connected, and which are revoked, for all
 * threads to look at without a lock.
 *
 * The ledger's thread is the only one that revokes; sessions look on every
 * request. The law looks again, in the ledger's own order.
 */
#ifndef SERVER_PRESENCE_H
#define SERVER_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/result.h"

struct presence;

/*
 * Terminals are numbered 1 … TERMINALS_MAX. A number outside is never
 * connected and always revoked; connecting, admitting and revoking it do
 * nothing.
 */
enum result presence_create(struct presence **ret_presence, struct error *err);
/* Harmless for NULL. */
void presence_destroy(struct presence *presence);
/* Connections are counted: each connect has its disconnect. */
void presence_connect(struct presence *presence, uint32_t terminal);
void presence_disconnect(struct presence *presence, uint32_t terminal);
bool presence_is_connected(const struct presence *presence, uint32_t terminal);
void presence_revoke(struct presence *presence, uint32_t terminal);
void presence_admit(struct presence *presence, uint32_t terminal);
bool presence_is_revoked(const struct presence *presence, uint32_t terminal);
/* Rises with every revocation: a network thread that sees it changed looks
 * through its sessions. */
uint32_t presence_revision(const struct presence *presence);

/*
 * Be called, on the revoking thread, after each revocation: how connections
 * on which nothing happens are cut at once. At most PRESENCE_WATCHES_MAX
 * (RESULT_LIMIT). `wake` must be short and must not call presence. After
 * presence_unwatch() it is not running and not called any more; a pair that
 * was never watched is harmless there.
 */
#define PRESENCE_WATCHES_MAX 32u
enum result presence_watch(struct presence *presence,
    void (*wake)(void *context), void *context, struct error *err);
void presence_unwatch(
    struct presence *presence, void (*wake)(void *context), void *context);

#endif
