/*
 * version: owns the way back from an entry to the rules that were in force.
 */
#include "server/tally/version.h"

#include <inttypes.h>

#include "common/ledger/entry.h"

/* Entry number `sequence`; the record is put into `record` (replaced). */
static enum result read_entry(struct store *store, uint64_t sequence,
    struct buffer *record, struct entry *ret_entry, struct error *err)
{
	enum result result;

	record->size = 0;
	result = store->ops->read(store, sequence, record, err);
	if (result == RESULT_OK)
		result = entry_decode(buffer_view(record), ret_entry, err);
	if (result != RESULT_OK)
		(void)error_prefix(err, "entry %" PRIu64, sequence);
	return result;
}

/*
 * What members do names the version that judged it, so that the way is short;
 * other entries are passed one by one. It always goes down: an entry names
 * none but earlier ones.
 */
static enum result walk_back(struct store *store, uint64_t sequence,
    struct version *version, struct error *err)
{
	struct entry entry;
	uint64_t at = sequence;

	while (at != 0) {
		enum result result =
		    read_entry(store, at, &version->record, &entry, err);

		if (result != RESULT_OK)
			return result;
		if (entry.kind == ENTRY_PROGRAMME) {
			version->sequence = at;
			version->time_ms = entry.time_ms;
			version->text = entry.text;
			return RESULT_OK;
		}
		at = entry.programme_sequence == 0 ? at - 1
						   : entry.programme_sequence;
	}
	return error_set(err, RESULT_NOT_FOUND,
	    "no programme was in force at entry %" PRIu64, sequence);
}

enum result version_at(struct store *store, uint64_t at,
    struct version *ret_version, struct error *err)
{
	struct version version = {.sequence = 0};
	struct store_head head;
	enum result result = store->ops->head(store, &head, err);

	if (result != RESULT_OK)
		return result;
	if (at > head.sequence)
		return error_set(err, RESULT_NOT_FOUND,
		    "the newest entry is %" PRIu64, head.sequence);
	result = walk_back(store, at == 0 ? head.sequence : at, &version, err);
	if (result != RESULT_OK) {
		buffer_finish(&version.record);
		return result;
	}
	*ret_version = version;
	return RESULT_OK;
}

/* No entry is earlier than the one before it. */
enum result version_entry_by(struct store *store, uint64_t time_ms,
    uint64_t *ret_sequence, struct error *err)
{
	struct buffer record = {0};
	struct store_head head = {.sequence = 0};
	struct entry entry;
	uint64_t last = 0; /* known to be early enough */
	enum result result = store->ops->head(store, &head, err);

	while (result == RESULT_OK && last < head.sequence) {
		uint64_t middle = head.sequence - (head.sequence - last) / 2;

		result = read_entry(store, middle, &record, &entry, err);
		if (result == RESULT_OK && entry.time_ms <= time_ms)
			last = middle;
		else
			head.sequence = middle - 1;
	}
	buffer_finish(&record);
	if (result != RESULT_OK)
		return result;
	if (last == 0)
		return error_set(
		    err, RESULT_NOT_FOUND, "the ledger begins later than that");
	*ret_sequence = last;
	return RESULT_OK;
}
