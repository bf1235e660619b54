/*
 * explain_load: owns the way from the first entry to the one that is asked for.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "server/tally/call.h"
#include "server/tally/explain.h"
#include "server/tally/remote.h"
#include "server/tally/spool.h"

#define PROGRESS_ENTRIES 4096u

struct loading {
	struct explained *explained;
	uint64_t sequence; /* wanted */
	uint64_t head;
	struct progress *progress;
	struct spool *spool; /* records from the network */
	bool is_found;
};

/* --- one record after another --------------------------------------------- */

/* The wanted one ends the walk. */
static enum result take_wanted(
    struct loading *loading, struct bytes record, struct error *err)
{
	struct explained *explained = loading->explained;
	enum result result = buffer_append(&explained->record, record, err);

	if (result == RESULT_OK)
		result = entry_decode(
		    buffer_view(&explained->record), &explained->entry, err);
	if (result != RESULT_OK)
		return result;
	loading->is_found = true;
	return error_set(err, RESULT_CLOSED, "the entry is found");
}

/* An entry is judged by the version in force: the last one before it. */
static enum result apply(
    struct loading *loading, struct bytes record, struct error *err)
{
	struct entry entry;
	enum result result = entry_decode(record, &entry, err);

	if (result == RESULT_OK)
		result = book_apply(loading->explained->book, &entry, err);
	if (result == RESULT_OK && entry.kind == ENTRY_PROGRAMME)
		loading->explained->programme_ms = entry.time_ms;
	return result;
}

static enum result take_record(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct loading *loading = context;
	enum result result;

	(void)terminal;
	(void)counter;
	if (loading->spool != NULL) {
		result = spool_append(loading->spool, record, err);
		if (result != RESULT_OK)
			return result;
	}
	if (sequence % PROGRESS_ENTRIES == 0)
		progress_draw(loading->progress, sequence, loading->sequence);
	if (sequence == loading->sequence)
		return take_wanted(loading, record, err);
	result = apply(loading, record, err);
	if (result == RESULT_OK)
		return RESULT_OK;
	(void)error_prefix(err, "entry %" PRIu64, sequence);
	(void)error_prefix(err, "the ledger cannot be followed (see: tally "
				"audit)");
	return result == RESULT_NO_MEMORY ? result : RESULT_CORRUPT;
}

/* --- from a folder, or from a server -------------------------------------- */

static enum result not_there(struct loading *loading, struct error *err)
{
	return error_set(err, RESULT_NOT_FOUND,
	    "there is no entry %" PRIu64 "; the newest is %" PRIu64,
	    loading->sequence, loading->head);
}

static enum result read_related(
    struct loading *loading, struct store *store, struct error *err)
{
	struct explained *explained = loading->explained;
	uint64_t sequence = explained->entry.related_sequence;
	struct buffer *record = &explained->related_record;
	enum result result;

	if (sequence == 0)
		return RESULT_OK;
	if (store != NULL)
		result = store->ops->read(store, sequence, record, err);
	else
		result = spool_read(loading->spool, sequence, record, err);
	if (result == RESULT_OK)
		result =
		    entry_decode(buffer_view(record), &explained->related, err);
	if (result != RESULT_OK) {
		(void)error_prefix(err, "entry %" PRIu64, sequence);
		return result;
	}
	explained->has_related = true;
	return RESULT_OK;
}

static enum result load_store(
    struct loading *loading, const char *shop, struct error *err)
{
	struct store_head head;
	struct store *store;
	enum result result = call_open_ledger(shop, &store, err);

	if (result != RESULT_OK)
		return result;
	result = store->ops->head(store, &head, err);
	loading->head = head.sequence;
	if (result == RESULT_OK && loading->sequence > head.sequence)
		result = not_there(loading, err);
	if (result == RESULT_OK) {
		result = store->ops->scan(store, 1, take_record, loading, err);
		if (loading->is_found)
			result = read_related(loading, store, err);
	}
	store_close(store);
	return result;
}

static void note_head(void *context, uint64_t done, uint64_t total)
{
	struct loading *loading = context;

	(void)done;
	loading->head = total;
}

static enum result load_remote(struct loading *loading,
    const struct explain_source *source, struct error *err)
{
	struct remote_source remote = {.identity = source->identity,
	    .address = source->address,
	    .last = loading->sequence,
	    .progress = note_head,
	    .context = loading};
	struct remote_visitor visitor = {
	    .record = take_record, .context = loading};
	enum result result = spool_create(&loading->spool, err);

	if (result != RESULT_OK)
		return result;
	result = remote_scan(&remote, &visitor, err);
	if (loading->is_found)
		result = read_related(loading, NULL, err);
	spool_destroy(loading->spool);
	return result;
}

/* --- all of it ------------------------------------------------------------ */

static void find_programme(struct explained *explained)
{
	uint64_t sequence = explained->entry.programme_sequence;
	const struct book_programme *version =
	    sequence == 0 ? book_programme(explained->book)
			  : book_programme_at(explained->book, sequence);

	if (version == NULL)
		return;
	explained->programme = version->programme;
	explained->text = version->text;
	explained->day =
	    zone_local(&version->programme->zone, explained->entry.time_ms).day;
}

enum result explain_load(struct explained *explained,
    const struct explain_source *source, uint64_t sequence, struct error *err)
{
	struct loading loading = {.explained = explained,
	    .sequence = sequence,
	    .progress = source->progress};
	enum result result = book_create(&explained->book, err);

	if (result != RESULT_OK)
		return result;
	if (source->identity != NULL)
		result = load_remote(&loading, source, err);
	else
		result = load_store(&loading, source->shop, err);
	progress_clear(source->progress);
	if (result == RESULT_OK && !loading.is_found)
		result = not_there(&loading, err);
	if (result == RESULT_OK)
		find_programme(explained);
	return result;
}

void explain_finish(struct explained *explained)
{
	book_destroy(explained->book);
	buffer_finish(&explained->record);
	buffer_finish(&explained->related_record);
}
