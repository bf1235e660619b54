/*
 * version: which programme was in force when, read from the ledger's records
 * alone, also while tallyd runs.
 */
#ifndef SERVER_TALLY_VERSION_H
#define SERVER_TALLY_VERSION_H

#include "server/store.h"

struct version {
	uint64_t sequence; /* of its entry */
	uint64_t time_ms;
	struct buffer record; /* the caller finishes it; holds … */
	struct bytes text;    /* … this */
};

/*
 * The version that entry number `at` was judged by, or that it brought into
 * force; of the newest entry where `at` is 0. RESULT_NOT_FOUND where there is
 * no such entry, or no version yet.
 */
enum result version_at(struct store *store, uint64_t at,
    struct version *ret_version, struct error *err);

/* The last entry at or before a moment; RESULT_NOT_FOUND where the ledger
 * begins after it. */
enum result version_entry_by(struct store *store, uint64_t time_ms,
    uint64_t *ret_sequence, struct error *err);

#endif
