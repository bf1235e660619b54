/*
 * call: how a request reaches the shop.
 *
 * While tallyd runs, over the owner's socket in the shop's folder. When it
 * does not, the folder is opened here and the very same request is carried
 * out by the same code, durable before its reply is given.
 */
#ifndef SERVER_TALLY_CALL_H
#define SERVER_TALLY_CALL_H

#include "server/store.h"
#include "proto/message.h"

struct call;

/*
 * RESULT_NOT_FOUND where `path` is no shop. RESULT_BUSY where somebody holds
 * it and does not answer, after a few seconds in which a server that is
 * starting or another tally may be done.
 */
enum result call_open(
    const char *path, struct call **ret_call, struct error *err);
/* One request and its reply, which may be a refusal. */
enum result call_ask(struct call *call, tally_Request *request,
    tally_Reply *ret_reply, struct error *err);
/* Keep what was changed, and let go of the shop. Harmless for NULL. */
enum result call_close(struct call *call, struct error *err);

/* The shop's ledger for reading, also while tallyd runs; the caller closes
 * it. RESULT_NOT_FOUND says how to name a shop. */
enum result call_open_ledger(
    const char *shop, struct store **ret_store, struct error *err);

#endif
