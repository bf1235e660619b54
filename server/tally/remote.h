/*
 * remote: a shop's ledger over the network, fed to whoever reads it.
 */
#ifndef SERVER_TALLY_REMOTE_H
#define SERVER_TALLY_REMOTE_H

#include "server/audit.h"

/* Which server, as whom, and how far. */
struct remote_source {
	const char *identity; /* the folder that `tally enrol` made */
	const char *address;  /* NULL: that which was enrolled with */
	uint64_t last;	      /* the last entry wanted; 0: up to the head */
	audit_progress_fn *progress; /* may be NULL */
	void *context;
};

/*
 * Feed records in their order from the first to `record`, which may refuse one
 * and so ends it. `note` (may be NULL) gets the server's newest checkpoint
 * before. Each is called with `context`.
 */
typedef enum result remote_note_fn(
    void *context, struct bytes note, struct error *err);
struct remote_visitor {
	remote_note_fn *note;
	store_record_fn *record;
	void *context;
};
enum result remote_scan(const struct remote_source *source,
    const struct remote_visitor *visitor, struct error *err);

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
