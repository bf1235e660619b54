/*
 * spool: records from the network, kept while they are audited, so that a
 * return can read back the sale that it names. The files have no name and are
 * gone with the program.
 */
#ifndef SERVER_TALLY_SPOOL_H
#define SERVER_TALLY_SPOOL_H

#include <stdint.h>

#include "common/base/bytes.h"

struct spool;

/* In $TMPDIR, else /tmp. */
enum result spool_create(struct spool **ret_spool, struct error *err);
void spool_destroy(struct spool *spool);
/* The next record; the first is number 1. */
enum result spool_append(
    struct spool *spool, struct bytes record, struct error *err);
/* Append a record to `to`; RESULT_NOT_FOUND. */
enum result spool_read(
    struct spool *spool, uint64_t number, struct buffer *to, struct error *err);

#endif
