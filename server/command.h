/*
 * command: from a request to its reply, on the ledger's thread.
 * Above: worker (tallyd), tally. Below: ledger, directory, roster, shop.
 *
 * command_execute() stages; the reply may be sent only after ledger_commit()
 * has said APPEND_DURABLE. Whether a role may ask at all is settled here, in
 * one table; that hello comes first, and one enrolling alone, by the session.
 */
#ifndef SERVER_COMMAND_H
#define SERVER_COMMAND_H

#include "server/shop.h"
#include "server/worker.h"

/*
 * Stage what `job->request` asks for and fill in `job->reply`, which always
 * gets a body (a refusal in the worst case). `now_ms` is wall time.
 * RESULT_LIMIT: the group is full; commit and call again. Any other error: the
 * ledger is broken, and the reply is a refusal (STORAGE).
 */
enum result command_execute(
    struct shop *shop, struct job *job, uint64_t now_ms, struct error *err);

/* Call for each job of a group that has become durable, before its reply is
 * sent: what a revocation or an enrolment changes for other threads. */
void command_committed(struct shop *shop, const struct job *job);

/* Make the reply a refusal that says nothing was written. */
void command_refuse_storage(struct job *job);

/* False where this request only reads, and so can be answered while nothing
 * can be written. */
bool command_writes(const tally_Request *request);

/* True where this request belongs to the side worker (scrypt, long reads),
 * not to the ledger's thread. */
bool command_is_side(const tally_Request *request);

/*
 * The side worker's part, with a store of its own for reading. Entries: makes
 * the frames. Requests with a PIN: hash it into the job, so that
 * command_execute() need only compare. Returns true where the job must go on
 * to the ledger's thread.
 */
bool command_side(struct shop *shop, struct store *reader, struct job *job);

/* Is this request's reply an alarm worth the log (conflict, fork, lock-out)?
 * NULL, or its event's name. */
const char *command_alarm(
    const tally_Request *request, const tally_Reply *reply);

#endif
