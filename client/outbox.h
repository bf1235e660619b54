/*
 * outbox: the till's operations that the server has not answered yet, on disk.
 * Above: till. Below: SQLite (the only user in client/).
 *
 * TILL/outbox.db keeps three things: the operations that wait, the counter
 * that the next new one gets, and what the shop last said about itself (for
 * the time that the server is away). An operation is named (counter and 16
 * random bytes) and stored in one synced transaction before it is first sent,
 * and leaves only on the server's answer. The counter never goes back, not
 * even when nothing waits any more.
 *
 * The folder is held with an exclusive lock for as long as the outbox is
 * open. One thread owns an outbox.
 */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "client/operation.h"

struct outbox;

/*
 * Open TILL/outbox.db, made where it is missing. RESULT_NOT_FOUND: there is
 * no such folder. RESULT_BUSY: another tally-pos holds it. RESULT_VERSION: a
 * later tally-pos wrote it. RESULT_CORRUPT: it contradicts itself. RESULT_IO:
 * it cannot be read or written.
 */
enum result outbox_open(
    const char *folder, struct outbox **ret_outbox, struct error *err);
void outbox_close(struct outbox *outbox);

/*
 * Name and keep an operation: `counter` and `random` are filled in, and when
 * this returns RESULT_OK it survives the loss of power. Otherwise nothing is
 * kept and the counter is not used up: RESULT_LIMIT at OUTBOX_MAX, RESULT_IO
 * for a disk that is full or fails. After a sync that failed it is not known
 * whether the operation is kept: every later call returns RESULT_IO until the
 * outbox is opened again, and `err` says so (see outbox_is_broken()).
 */
enum result outbox_put(
    struct outbox *outbox, struct operation *operation, struct error *err);
bool outbox_is_broken(const struct outbox *outbox);

/*
 * The server answered: the operation leaves. Where it was accepted this is not
 * synced: an answer that a power loss forgets is asked for again and is the
 * same. What was `refused` is gone for good when this returns, for it may be
 * accepted when it is asked for again, and the cashier has been told no.
 * RESULT_OK where it has left already.
 */
enum result outbox_settle(
    struct outbox *outbox, uint64_t counter, bool refused, struct error *err);

/*
 * Give what waits as `counter` another name, in one synced transaction: the
 * next counter and fresh `random`. Only for an operation that can never count
 * under the name that it had. It keeps its place before what was kept after
 * it. RESULT_NOT_FOUND where it does not wait; in all else as outbox_put().
 */
enum result outbox_renumber(struct outbox *outbox, uint64_t counter,
    struct operation *ret_operation, struct error *err);

/* RESULT_NOT_FOUND where it does not wait. */
enum result outbox_read(struct outbox *outbox, uint64_t counter,
    struct operation *ret_operation, struct error *err);

/* Visit everything that waits in the order in which it was kept, which is that
 * of the counters but for what has a new name; stops at the first non-OK, which
 * is returned. The operation is borrowed. */
typedef enum result outbox_visit_fn(
    void *context, const struct operation *operation, struct error *err);
enum result outbox_each(struct outbox *outbox, outbox_visit_fn *visit,
    void *context, struct error *err);

/* How many wait. */
size_t outbox_count(const struct outbox *outbox);
/* The counter that the next new operation gets, from 1. */
uint64_t outbox_next_counter(const struct outbox *outbox);
/* Points of all waiting redemptions with this card. */
enum result outbox_redeem_points(struct outbox *outbox, const char *card,
    uint64_t *ret_points, struct error *err);

/* Borrowed until the next outbox_keep_facts(). */
const struct shop_facts *outbox_facts(const struct outbox *outbox);
/* Writes only what has changed. */
enum result outbox_keep_facts(
    struct outbox *outbox, const struct shop_facts *facts, struct error *err);

#endif
