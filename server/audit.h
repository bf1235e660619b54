/*
 * audit: prove a whole ledger again, from nothing but its entries.
 * Above: tally. Below: law, book, tree, checkpoint; a source of records.
 *
 * For every record, in order: the encoding is canonical, the sequence is the
 * next, `previous` is the hash of the one before, time does not go back, the
 * name (terminal, counter) is new, the entry is lawful in the book as it then
 * stands, and the tree grows by its hash. Then: each checkpoint's signature,
 * size and root; accounts sum to zero; and, on a folder, tables against
 * results: kept objects, tiles, commitments to private details, and birthdays
 * where the details are still there. Every fault is reported with the sequence
 * where it lies; the audit goes on where that makes sense (hashes always; law
 * until the first entry that cannot be applied).
 *
 * What was undone before it came (a void without a related entry) must not have
 * come before that. A draw names a checkpoint: its root is that of the tree at
 * its size, and no draw goes back to an older one than an earlier draw. On a
 * folder, where all checkpoints are known, it is moreover one of them: the
 * newest before the entry, or the one before that where the newest was signed
 * and not yet shown. Where there was one to draw from, each chance is drawn. So
 * whoever draws has no choice.
 */
#ifndef SERVER_AUDIT_H
#define SERVER_AUDIT_H

#include "common/law/law.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/tree.h"
#include "server/store.h"

struct audit;

enum audit_fault_kind {
	FAULT_RECORD,	  /* not a canonical record */
	FAULT_SEQUENCE,	  /* a gap, or out of order */
	FAULT_CHAIN,	  /* previous is not the hash of the one before */
	FAULT_TIME,	  /* goes back */
	FAULT_NAME,	  /* (terminal, counter) used before, or the table's
			     columns differ from the record */
	FAULT_LAW,	  /* the rules do not give this */
	FAULT_CHECKPOINT, /* signature, size or root */
	FAULT_ANCHOR,	  /* a checkpoint from outside does not hold */
	FAULT_OBJECT,	  /* a kept balance is not what the entries say */
	FAULT_TILE,
	FAULT_COMMITMENT, /* private details are not what was committed to */
	FAULT_SUM,	  /* accounts do not sum to zero */
	FAULT_STORE,	  /* the database itself says it is damaged */
	FAULT_DRAW,	  /* a chance was not drawn from what it had to be */
};

/* Called for each fault, at most AUDIT_FAULTS_MAX times. */
#define AUDIT_FAULTS_MAX 1000u
typedef void audit_fault_fn(void *context, enum audit_fault_kind kind,
    uint64_t sequence, const char *text);

struct audit_options {
	bool law; /* false: hashes and tree alone */
	audit_fault_fn *fault;
	void *context;
};

struct audit_summary {
	uint64_t entries;
	uint64_t checkpoints; /* verified */
	uint64_t anchors;     /* checkpoints from outside that hold */
	uint64_t signed_to;   /* the largest of both: no signature stands for
				 entries after it */
	uint64_t members;
	uint64_t objects; /* compared with the tables */
	uint64_t tiles;	  /* likewise */
	uint64_t cards;	  /* whose commitment holds, further ones too */
	uint64_t
	    cards_erased; /* that were committed to, and are kept no more */
	uint64_t details; /* of members, whose commitment holds */
	uint64_t draws;	  /* whose checkpoint holds */
	uint64_t faults;
	uint64_t lawful_to;    /* the law was checked up to this entry */
	bool root_is_known;    /* false where entries are missing */
	bool totals_are_known; /* false where the law stopped or was not asked;
				  `members` likewise */
	struct hash root;
	struct hash head_hash;
	struct book_totals totals;
};

enum result audit_create(const struct audit_options *options,
    struct audit **ret_audit, struct error *err);
void audit_destroy(struct audit *audit);

/* Checkpoints to hold against, before the first record: the shop's own
 * (`outside` false) or one kept elsewhere. The note is copied. What is no
 * checkpoint is a fault of the shop, and RESULT_INVALID from outside. Of the
 * shop's own with a wrong root the first is reported, and the number of the
 * others. */
enum result audit_checkpoint(
    struct audit *audit, struct bytes note, bool outside, struct error *err);
/* How an entry's related one is found (the sale of a return, the hold of a
 * capture, …): an earlier record, as fed. */
typedef enum result audit_read_fn(
    void *context, uint64_t sequence, struct buffer *to, struct error *err);
void audit_set_reader(struct audit *audit, audit_read_fn *read, void *context);

/* The next record, with the columns that it was stored under (or those of the
 * record itself, from the network). RESULT_OK also where it is faulty; an
 * error is the audit's own failure. */
enum result audit_record(struct audit *audit, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record,
    struct error *err);
/* After the last record. */
enum result audit_finish(
    struct audit *audit, struct audit_summary *ret_summary, struct error *err);

/* The whole audit of a store, opened for reading: records, checkpoints,
 * objects, tiles, private rows. `progress` (may be NULL) is called about ten
 * times a second. Anchors were given before. */
typedef void audit_progress_fn(void *context, uint64_t done, uint64_t total);
enum result audit_store(struct audit *audit, struct store *store,
    audit_progress_fn *progress, void *context,
    struct audit_summary *ret_summary, struct error *err);

const char *audit_fault_name(enum audit_fault_kind kind);

#endif
