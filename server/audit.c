/*
 * audit: owns the walk over the records, and what each must be.
 *
 * A fault never stops the walk: hashes, chain and names go on to the end, so
 * that one altered entry is told from a hundred. Only the law stops, at the
 * first entry that the book cannot take in, for all that it would say after
 * that would rest on a state that never was.
 */
#include "server/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/audit_inside.h"

/* --- faults --------------------------------------------------------------- */

void audit_report(struct audit *audit, enum audit_fault_kind kind,
    uint64_t sequence, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE + 64];
	va_list arguments;

	audit->faults++;
	if (audit->options.fault == NULL || audit->faults > AUDIT_FAULTS_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	audit->options.fault(audit->options.context, kind, sequence, text);
}

const char *audit_fault_name(enum audit_fault_kind kind)
{
	static const char *const names[] = {[FAULT_RECORD] = "record",
	    [FAULT_SEQUENCE] = "sequence",
	    [FAULT_CHAIN] = "chain",
	    [FAULT_TIME] = "time",
	    [FAULT_NAME] = "name",
	    [FAULT_LAW] = "law",
	    [FAULT_CHECKPOINT] = "checkpoint",
	    [FAULT_ANCHOR] = "anchor",
	    [FAULT_OBJECT] = "balance",
	    [FAULT_TILE] = "tile",
	    [FAULT_COMMITMENT] = "commitment",
	    [FAULT_SUM] = "sum",
	    [FAULT_STORE] = "store",
	    [FAULT_DRAW] = "draw"};

	if ((size_t)kind >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[kind];
}

/* The rooms below name the entry themselves ("entry 57 (earn): …"); a fault
 * says its sequence already. */
static const char *without_entry(const char *text)
{
	const char *end;

	if (strncmp(text, "entry ", 6) != 0)
		return text;
	end = strstr(text, "): ");
	return end == NULL ? text : end + 3;
}

/* --- life ----------------------------------------------------------------- */

enum result audit_create(const struct audit_options *options,
    struct audit **ret_audit, struct error *err)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	enum result result;

	if (audit == NULL)
		return error_no_memory(err);
	audit->options = *options;
	audit->tree_is_whole = true;
	audit->law_stands = options->law;
	audit->hash_is_known = true; /* zeroes before the first */
	result = hasher_create(&audit->hasher, err);
	if (result == RESULT_OK)
		result = tree_create(&audit->tree, err);
	if (result == RESULT_OK && options->law)
		result = book_create(&audit->book, err);
	if (result != RESULT_OK) {
		audit_destroy(audit);
		return result;
	}
	*ret_audit = audit;
	return RESULT_OK;
}

void audit_destroy(struct audit *audit)
{
	if (audit == NULL)
		return;
	hasher_destroy(audit->hasher);
	tree_destroy(audit->tree);
	book_destroy(audit->book);
	audit_names_finish(&audit->names);
	audit_notes_free(&audit->notes);
	audit_draws_free(&audit->draws);
	buffer_finish(&audit->related);
	free(audit);
}

enum result audit_checkpoint(
    struct audit *audit, struct bytes note, bool outside, struct error *err)
{
	struct checkpoint checkpoint;
	struct error why;

	if (audit->entries != 0)
		return error_set(err, RESULT_INVALID,
		    "checkpoints are given before the first record");
	if (outside || checkpoint_parse(note, &checkpoint, &why) != RESULT_OK)
		checkpoint.size = 0;
	return audit_notes_add(audit, checkpoint.size, note, outside, err);
}

void audit_set_reader(struct audit *audit, audit_read_fn *read, void *context)
{
	audit->read = read;
	audit->read_context = context;
}

/* --- a record and the one before ------------------------------------------ */

/* Where it stands. A hole leaves nothing to compare the next record with, and
 * no leaf to put into the tree. */
static void check_place(struct audit *audit, uint64_t sequence)
{
	uint64_t wanted = audit->sequence + 1;

	if (sequence == wanted)
		return;
	if (sequence < wanted)
		audit_report(audit, FAULT_SEQUENCE, sequence,
		    "it comes after entry %" PRIu64, audit->sequence);
	else if (sequence - wanted == 1)
		audit_report(audit, FAULT_SEQUENCE, wanted, "it is missing");
	else
		audit_report(audit, FAULT_SEQUENCE, wanted,
		    "it and %" PRIu64 " more, up to %" PRIu64 ", are missing",
		    sequence - wanted - 1, sequence - 1);
	audit->tree_is_whole = false;
	audit->hash_is_known = false;
}

/* A row that no walk from entry 1 on would meet, but which a look-up by name
 * would find: an operation could seem done that is in no entry. */
static void report_outside(struct audit *audit, uint64_t sequence)
{
	audit_report(audit, FAULT_SEQUENCE, 0,
	    "a record is kept as entry %" PRId64 ", outside of the ledger",
	    (int64_t)sequence);
}

static void check_chain(
    struct audit *audit, uint64_t sequence, const struct entry *entry)
{
	if (entry->sequence != sequence)
		audit_report(audit, FAULT_SEQUENCE, sequence,
		    "the record here says that it is entry %" PRIu64,
		    entry->sequence);
	if (audit->hash_is_known && !hash_equal(&entry->previous, &audit->hash))
		audit_report(audit, FAULT_CHAIN, sequence,
		    "it does not follow from entry %" PRIu64
		    ": one of the two was altered",
		    sequence - 1);
	if (entry->time_ms < audit->time_ms)
		audit_report(audit, FAULT_TIME, sequence,
		    "its time is %" PRIu64 " ms before that of an earlier one",
		    audit->time_ms - entry->time_ms);
	else
		audit->time_ms = entry->time_ms;
}

static enum result check_name(struct audit *audit, uint64_t sequence,
    uint32_t terminal, uint64_t counter, const struct entry *entry,
    struct error *err)
{
	bool is_new;
	enum result result;

	if (entry->terminal != terminal || entry->counter != counter)
		audit_report(audit, FAULT_NAME, sequence,
		    "it is kept as operation %" PRIu64 " of terminal %" PRIu32
		    ", and is operation %" PRIu64 " of terminal %" PRIu32,
		    counter, terminal, entry->counter, entry->terminal);
	if (entry->terminal > TERMINALS_MAX || entry->counter == 0) {
		audit_report(audit, FAULT_NAME, sequence,
		    "there is no operation %" PRIu64 " of terminal %" PRIu32,
		    entry->counter, entry->terminal);
		return RESULT_OK;
	}
	result = audit_names_take(
	    &audit->names, entry->terminal, entry->counter, &is_new, err);
	if (result == RESULT_OK && !is_new)
		audit_report(audit, FAULT_NAME, sequence,
		    "operation %" PRIu64 " of terminal %" PRIu32
		    " is in the ledger already",
		    entry->counter, entry->terminal);
	return result;
}

/* A void of what has not come is a promise that it never will; of what has come
 * it would hide that nothing was undone. */
static void check_void(
    struct audit *audit, uint64_t sequence, const struct entry *entry)
{
	if (entry->kind == ENTRY_VOID && entry->related_sequence == 0 &&
	    audit_names_has(
		&audit->names, entry->terminal, entry->voided_counter))
		audit_report(audit, FAULT_NAME, sequence,
		    "operation %" PRIu64 " of terminal %" PRIu32
		    " had come before this says that it had not",
		    entry->voided_counter, entry->terminal);
}

/* --- the law -------------------------------------------------------------- */

static void stop_law(
    struct audit *audit, uint64_t sequence, const char *because)
{
	audit_report(audit, FAULT_LAW, sequence,
	    "from here on rules and balances are not checked: %s", because);
	audit->law_stands = false;
}

/* The entry that another names: the sale of a return or of a late claim, the
 * hold of a capture, what a void undoes, the join that a leave ends, the sale
 * of a bonus. NULL where there is none, which the law refuses then. */
static enum result read_related(struct audit *audit, const struct entry *entry,
    struct entry *related, const struct entry **ret_related, struct error *err)
{
	struct error why;
	enum result result;

	*ret_related = NULL;
	if (entry->related_sequence == 0 || audit->read == NULL)
		return RESULT_OK;
	audit->related.size = 0;
	result = audit->read(audit->read_context, entry->related_sequence,
	    &audit->related, &why);
	if (result == RESULT_CORRUPT)
		audit_report(audit, FAULT_STORE, entry->related_sequence, "%s",
		    why.text);
	else if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return error_set(err, result, "%s", why.text);
	if (result == RESULT_OK && entry_decode(buffer_view(&audit->related),
				       related, NULL) == RESULT_OK)
		*ret_related = related;
	return RESULT_OK;
}

static enum result judge(
    struct audit *audit, const struct entry *entry, struct error *err)
{
	const struct entry *related;
	struct entry earlier;
	struct error why;
	enum result result;

	if (entry->sequence != audit->lawful_to + 1) {
		stop_law(audit, audit->sequence,
		    "this is not the entry that must come next");
		return RESULT_OK;
	}
	result = read_related(audit, entry, &earlier, &related, err);
	if (result != RESULT_OK)
		return result;
	result = law_check(audit->book, entry, related, &why);
	if (result != RESULT_OK)
		audit_report(audit, FAULT_LAW, audit->sequence, "%s: %s",
		    entry_kind_name(entry->kind), without_entry(why.text));
	if (law_lacks_draw(audit->book, entry, related))
		audit_draws_lack(audit);
	if (audit->tables != NULL)
		audit_tables_judge(audit, entry);
	result = book_apply(audit->book, entry, &why);
	if (result == RESULT_NO_MEMORY)
		return error_no_memory(err);
	if (result != RESULT_OK) {
		stop_law(audit, audit->sequence, without_entry(why.text));
		return RESULT_OK;
	}
	audit->lawful_to = audit->sequence;
	if (audit->tables == NULL)
		return RESULT_OK;
	return audit_tables_applied(audit, audit->sequence, err);
}

/* --- the walk ------------------------------------------------------------- */

static enum result grow_tree(
    struct audit *audit, const struct hash *leaf, struct error *err)
{
	enum result result;

	if (!audit->tree_is_whole)
		return RESULT_OK;
	result = tree_append(audit->tree, audit->hasher, leaf,
	    audit->tables == NULL ? audit_draws_tile : audit_tables_tile, audit,
	    err);
	if (result == RESULT_OK)
		audit_notes_reach(audit);
	return result;
}

static enum result check_entry(struct audit *audit, uint32_t terminal,
    uint64_t counter, const struct entry *entry, struct error *err)
{
	uint64_t sequence = audit->sequence;
	enum result result;

	check_chain(audit, sequence, entry);
	check_void(audit, sequence, entry);
	result = check_name(audit, sequence, terminal, counter, entry, err);
	if (result == RESULT_OK && (entry->has & ENTRY_HAS(TAG_DRAW)) != 0)
		result = audit_draws_check(audit, entry, err);
	if (result == RESULT_OK && sequence == 1 && entry->kind == ENTRY_SHOP)
		result = audit_notes_learn(audit, entry, err);
	if (audit->tables != NULL && result == RESULT_OK)
		result = audit_tables_entry(audit, entry, err);
	return result;
}

enum result audit_record(struct audit *audit, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct entry entry;
	struct error why;
	struct hash leaf = hash_leaf(audit->hasher, record);
	bool is_readable = entry_decode(record, &entry, &why) == RESULT_OK;
	enum result result = RESULT_OK;

	if (sequence == 0 || sequence > SEQUENCE_MAX) {
		report_outside(audit, sequence);
		return RESULT_OK;
	}
	if (audit->entries == 0)
		audit_notes_reach(audit); /* those of the empty tree */
	check_place(audit, sequence);
	audit->sequence = sequence;
	audit->entries++;
	if (is_readable)
		result = check_entry(audit, terminal, counter, &entry, err);
	else
		audit_report(audit, FAULT_RECORD, sequence, "%s",
		    without_entry(why.text));
	if (result == RESULT_OK)
		result = grow_tree(audit, &leaf, err);
	audit->hash = leaf;
	audit->hash_is_known = true;
	if (result != RESULT_OK || !audit->law_stands)
		return result;
	if (is_readable)
		return judge(audit, &entry, err);
	stop_law(audit, sequence, "this one cannot be read");
	return RESULT_OK;
}

/* --- the end -------------------------------------------------------------- */

static enum result add_points(
    void *context, const struct book_member *member, struct error *err)
{
	int64_t *sum = context;

	(void)err;
	*sum += member->balance_points;
	return RESULT_OK;
}

/* Added up anew, not as the book counted them on the way. */
static enum result check_sum(struct audit *audit, struct error *err)
{
	int64_t sum = 0;
	int account;
	enum result result =
	    book_each_member(audit->book, add_points, &sum, err);

	for (account = ACCOUNT_ISSUED; account <= ACCOUNT_GOODWILL; account++)
		sum += book_account_points(audit->book, (enum account)account);
	if (result == RESULT_OK && sum != 0)
		audit_report(audit, FAULT_SUM, audit->sequence,
		    "all accounts together hold %" PRId64
		    " points instead of 0",
		    sum);
	return result;
}

enum result audit_finish(
    struct audit *audit, struct audit_summary *ret_summary, struct error *err)
{
	enum result result = RESULT_OK;

	if (audit->entries == 0)
		audit_report(audit, FAULT_SEQUENCE, 1,
		    "it is missing: there are no entries at all");
	audit_notes_finish(audit);
	audit_draws_finish(audit);
	if (audit->law_stands)
		result = check_sum(audit, err);
	if (result != RESULT_OK)
		return result;
	*ret_summary = (struct audit_summary){.entries = audit->entries,
	    .checkpoints = audit->notes.own_verified,
	    .anchors = audit->notes.outside_verified,
	    .signed_to = audit->notes.signed_to,
	    .draws = audit->draws.held,
	    .faults = audit->faults,
	    .lawful_to = audit->lawful_to,
	    .root_is_known = audit->tree_is_whole,
	    .totals_are_known = audit->law_stands,
	    .root = tree_root(audit->tree, audit->hasher),
	    .head_hash = audit->hash};
	if (!audit->law_stands)
		return RESULT_OK;
	book_totals(audit->book, &ret_summary->totals);
	ret_summary->members = ret_summary->totals.members;
	return RESULT_OK;
}
