/*
 * remote: a shop's ledger over the network, fed to an audit.
 */
#ifndef SERVER_TALLY_REMOTE_H
#define SERVER_TALLY_REMOTE_H

#include "server/audit.h"

/*
 * Connect as the auditor in the folder `identity`, to `address` or, where that
 * is NULL, to the server that was enrolled with; hold the audit against the
 * server's newest checkpoint, and feed it every entry up to the head that the
 * first answer names. What the server sends is a fault of the ledger's, or
 * RESULT_INVALID where it is no stream of records at all.
 */
enum result remote_audit(struct audit *audit, const char *identity,
    const char *address, audit_progress_fn *progress, void *context,
    struct audit_summary *ret_summary, struct error *err);

#endif
