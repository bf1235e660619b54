/*
 * audit_store: owns the comparison of a folder's tables with its entries.
 *
 * Everything that grows with the ledger (checkpoints, objects, cards) is read
 * before the entries are, so that all of it is at or below the head that the
 * scan sees, though a server may be writing meanwhile. An object that is true
 * at some entry is compared when the replay stands there: it was what the book
 * held from then until its next change.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "server/audit_inside.h"

#define PROGRESS_RECORDS 4096u /* between two looks at the clock */
#define PROGRESS_MS 100u

struct kept_object {
	uint64_t key;
	uint64_t true_at;
	struct hash digest; /* SHA-256 of its bytes */
};

struct audit_tables {
	struct audit *audit;
	struct store *store;
	struct store_head head; /* before anything else was read */

	struct kept_object *objects; /* by key */
	size_t object_count;
	size_t object_capacity;
	size_t *order; /* of `objects`, by true_at */
	size_t next;   /* in `order`: the first not compared */
	uint64_t objects_same;
	bool has_old_objects; /* a server will replay, and keep all anew */
	struct buffer object; /* scratch */

	struct audit_private *details;

	uint64_t tile_ends[TILE_LEVELS_MAX]; /* kept: highest number + 1 */
	uint64_t tiles_same;

	audit_progress_fn *progress;
	void *progress_context;
	uint64_t progress_ms;
};

/* --- reading the tables in ------------------------------------------------ */

static enum result keep_note(
    void *context, uint64_t size, struct bytes note, struct error *err)
{
	return audit_notes_add(context, size, note, false, err);
}

static enum result keep_object(
    void *context, const struct store_object *object, struct error *err)
{
	struct audit_tables *tables = context;
	struct kept_object *objects;

	if (book_object_is_old(object->object)) {
		tables->has_old_objects = true;
		return RESULT_OK;
	}
	objects = audit_grow(tables->objects, &tables->object_capacity,
	    tables->object_count, sizeof(*objects));
	if (objects == NULL)
		return error_no_memory(err);
	tables->objects = objects;
	objects[tables->object_count++] =
	    (struct kept_object){.key = object->key,
		.true_at = object->true_at,
		.digest = hash_plain(tables->audit->hasher, object->object)};
	return RESULT_OK;
}

static enum result keep_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct audit_tables *tables = context;

	(void)err;
	if (tile->level >= TILE_LEVELS_MAX)
		audit_report(tables->audit, FAULT_TILE, 0,
		    "tile %u/%" PRIu64 " is on no level of the tree",
		    tile->level, tile->number);
	else if (tile->number >= tables->tile_ends[tile->level])
		tables->tile_ends[tile->level] = tile->number + 1;
	return RESULT_OK;
}

static int compare_keys(const void *one, const void *other)
{
	uint64_t a = ((const struct kept_object *)one)->key;
	uint64_t b = ((const struct kept_object *)other)->key;

	return a < b ? -1 : a > b;
}

static int compare_true_at(const void *one, const void *other, void *context)
{
	const struct kept_object *objects = context;
	uint64_t a = objects[*(const size_t *)one].true_at;
	uint64_t b = objects[*(const size_t *)other].true_at;

	return a < b ? -1 : a > b;
}

static enum result sort_objects(struct audit_tables *tables, struct error *err)
{
	size_t i;

	if (tables->object_count == 0)
		return RESULT_OK;
	qsort(tables->objects, tables->object_count, sizeof(*tables->objects),
	    compare_keys);
	tables->order = calloc(tables->object_count, sizeof(*tables->order));
	if (tables->order == NULL)
		return error_no_memory(err);
	for (i = 0; i < tables->object_count; i++)
		tables->order[i] = i;
	qsort_r(tables->order, tables->object_count, sizeof(*tables->order),
	    compare_true_at, tables->objects);
	return RESULT_OK;
}

/* Where the database says that it is damaged, that is a fault, and what could
 * be read of the table is compared. */
static enum result damaged(struct audit *audit, enum result result,
    uint64_t sequence, const struct error *why, struct error *err)
{
	if (result == RESULT_CORRUPT) {
		audit_report(audit, FAULT_STORE, sequence, "%s", why->text);
		return RESULT_OK;
	}
	if (result != RESULT_OK)
		return error_set(err, result, "%s", why->text);
	return RESULT_OK;
}

/* The first entry alone, ahead of the others: with its key each checkpoint is
 * verified as it is read and need not be kept whole. */
static enum result learn_key(struct audit_tables *tables, struct error *err)
{
	struct buffer record = {0};
	struct error why;
	struct entry entry;
	enum result result =
	    tables->store->ops->read(tables->store, 1, &record, &why);

	if (result == RESULT_OK &&
	    entry_decode(buffer_view(&record), &entry, NULL) == RESULT_OK &&
	    entry.kind == ENTRY_SHOP)
		result = audit_notes_learn(tables->audit, &entry, err);
	else if (result == RESULT_NOT_FOUND || result == RESULT_CORRUPT)
		result = RESULT_OK; /* the scan will say so */
	else if (result != RESULT_OK)
		error_set(err, result, "%s", why.text);
	buffer_finish(&record);
	return result;
}

static enum result read_tables(struct audit_tables *tables, struct error *err)
{
	const struct store_ops *ops = tables->store->ops;
	struct audit *audit = tables->audit;
	struct error why;
	enum result result = damaged(
	    audit, ops->head(tables->store, &tables->head, &why), 0, &why, err);

	if (result == RESULT_OK)
		result = learn_key(tables, err);
	if (result == RESULT_OK)
		result = damaged(audit,
		    ops->checkpoints(tables->store, keep_note, audit, &why), 0,
		    &why, err);
	if (result == RESULT_OK)
		result = damaged(audit,
		    ops->tiles(tables->store, keep_tile, tables, &why), 0, &why,
		    err);
	if (result == RESULT_OK)
		result = damaged(audit,
		    audit_private_read(tables->details, tables->store, &why), 0,
		    &why, err);
	if (result == RESULT_OK && audit->book != NULL)
		result = damaged(audit,
		    ops->objects(tables->store, keep_object, tables, &why), 0,
		    &why, err);
	if (result == RESULT_OK)
		result = sort_objects(tables, err);
	return result;
}

/* --- private details ------------------------------------------------------ */

bool audit_tables_are_older(const struct audit *audit)
{
	return audit->sequence > audit->tables->head.sequence;
}

enum result audit_tables_entry(
    struct audit *audit, const struct entry *entry, struct error *err)
{
	return audit_private_entry(
	    audit->tables->details, entry, audit_tables_are_older(audit), err);
}

void audit_tables_judge(struct audit *audit, const struct entry *entry)
{
	if (entry->kind == ENTRY_EARN && !audit_tables_are_older(audit))
		audit_private_birthday(audit->tables->details, entry);
}

/* --- objects -------------------------------------------------------------- */

static void name_object(uint64_t key, char *text, size_t size)
{
	static const char *const accounts[] = {
	    "", "issued", "redeemed", "expired", "goodwill"};
	unsigned long long number = key & 0xffffffffu;
	uint64_t base = key - number;

	if (key == BOOK_KEY_SHOP)
		snprintf(text, size, "the shop's object");
	else if (key >= ACCOUNT_MEMBER_MIN)
		snprintf(text, size, "the balance of member %llu",
		    (unsigned long long)key);
	else if (base == 0 && number <= ACCOUNT_GOODWILL && number > 0)
		snprintf(text, size, "the balance of '%s'", accounts[number]);
	else if (base == BOOK_KEY_TERMINAL)
		snprintf(text, size, "the object of terminal %llu", number);
	else if (base == BOOK_KEY_CASHIER)
		snprintf(text, size, "the object of cashier %llu", number);
	else if (base == BOOK_KEY_PROGRAMME)
		snprintf(
		    text, size, "the object of programme version %llu", number);
	else
		snprintf(text, size, "object %llu", (unsigned long long)key);
}

static void report_object(struct audit_tables *tables, uint64_t key,
    uint64_t sequence, const char *what)
{
	char name[80];

	name_object(key, name, sizeof(name));
	audit_report(
	    tables->audit, FAULT_OBJECT, sequence, "%s %s", name, what);
}

static enum result compare_object(struct audit_tables *tables,
    const struct kept_object *kept, struct error *err)
{
	struct audit *audit = tables->audit;
	uint64_t true_at;
	struct hash digest;
	enum result result;

	tables->object.size = 0;
	result = book_save_object(
	    audit->book, kept->key, &tables->object, &true_at, err);
	if (result == RESULT_NO_MEMORY)
		return result;
	if (result != RESULT_OK || true_at != kept->true_at) {
		report_object(tables, kept->key, kept->true_at,
		    "is kept as of here, where nothing changed it");
		return RESULT_OK;
	}
	digest = hash_plain(audit->hasher, buffer_view(&tables->object));
	if (hash_equal(&digest, &kept->digest))
		tables->objects_same++;
	else
		report_object(tables, kept->key, kept->true_at,
		    "is kept as something else than the entries say");
	return RESULT_OK;
}

static const struct kept_object *find_object(
    const struct audit_tables *tables, uint64_t key)
{
	struct kept_object wanted = {.key = key};

	if (tables->object_count == 0)
		return NULL;
	return bsearch(&wanted, tables->objects, tables->object_count,
	    sizeof(wanted), compare_keys);
}

/* The book stands at `objects_complete_to`: what is in it must be kept as it
 * is now, or newer. */
static void require_object(
    struct audit_tables *tables, uint64_t key, uint64_t true_at)
{
	const struct kept_object *kept = find_object(tables, key);

	if (true_at == 0)
		return;
	if (kept == NULL)
		report_object(tables, key, true_at, "is not kept");
	else if (kept->true_at < true_at)
		report_object(tables, key, true_at,
		    "is kept as of before its last change");
}

static enum result require_member(
    void *context, const struct book_member *member, struct error *err)
{
	(void)err;
	require_object(context, member->account, member->true_at);
	return RESULT_OK;
}

/* Keys `base` + 1 … `base` + `last`, of which some may have no object. */
static enum result require_range(struct audit_tables *tables, uint64_t base,
    uint64_t last, struct error *err)
{
	uint64_t number;

	for (number = 1; number <= last; number++) {
		uint64_t true_at;
		enum result result;

		tables->object.size = 0;
		result = book_save_object(tables->audit->book, base + number,
		    &tables->object, &true_at, err);
		if (result == RESULT_NO_MEMORY)
			return result;
		if (result == RESULT_OK)
			require_object(tables, base + number, true_at);
	}
	return RESULT_OK;
}

static enum result require_all(struct audit_tables *tables, struct error *err)
{
	const struct book *book = tables->audit->book;
	const struct book_programme *programme = book_programme(book);
	enum result result =
	    book_each_member(book, require_member, tables, err);

	if (result == RESULT_OK)
		result = require_range(tables, 0, ACCOUNT_GOODWILL, err);
	if (result == RESULT_OK)
		result = require_range(
		    tables, BOOK_KEY_TERMINAL, book_terminal_last(book), err);
	if (result == RESULT_OK)
		result = require_range(
		    tables, BOOK_KEY_CASHIER, book_cashier_last(book), err);
	if (result == RESULT_OK && programme != NULL)
		result = require_range(
		    tables, BOOK_KEY_PROGRAMME, programme->number, err);
	if (result == RESULT_OK)
		result = require_range(tables, BOOK_KEY_SHOP - 1, 1, err);
	return result;
}

enum result audit_tables_applied(
    struct audit *audit, uint64_t sequence, struct error *err)
{
	struct audit_tables *tables = audit->tables;

	for (; tables->next < tables->object_count; tables->next++) {
		const struct kept_object *kept =
		    &tables->objects[tables->order[tables->next]];
		enum result result;

		if (kept->true_at > sequence)
			break;
		result = compare_object(tables, kept, err);
		if (result != RESULT_OK)
			return result;
	}
	if (sequence == tables->head.objects_complete_to &&
	    !tables->has_old_objects)
		return require_all(tables, err);
	return RESULT_OK;
}

static void report_strange_objects(struct audit_tables *tables)
{
	for (; tables->next < tables->object_count; tables->next++) {
		const struct kept_object *kept =
		    &tables->objects[tables->order[tables->next]];

		report_object(tables, kept->key, kept->true_at,
		    "is kept as of here, beyond the last entry");
	}
	if (tables->head.objects_complete_to > tables->audit->sequence)
		audit_report(tables->audit, FAULT_OBJECT,
		    tables->head.objects_complete_to,
		    "balances are said to be complete up to here, beyond the "
		    "last entry");
}

/* --- tiles ---------------------------------------------------------------- */

/* The last entry under the hash `index` of a tile. */
static uint64_t entry_under(const struct tile *tile, size_t index)
{
	return (tile->number * TILE_WIDTH + index + 1)
	       << (8u * (unsigned)tile->level);
}

static void compare_tiles(struct audit_tables *tables, const struct tile *made,
    const struct tile *kept)
{
	size_t index = 0;

	while (index < TILE_WIDTH &&
	       hash_equal(&made->hashes[index], &kept->hashes[index]))
		index++;
	if (index == TILE_WIDTH)
		tables->tiles_same++;
	else if (made->level == 0)
		audit_report(tables->audit, FAULT_TILE,
		    entry_under(made, index),
		    "the hash kept for it (tile 0/%" PRIu64
		    ", place %zu) is another: the entry or the tile was "
		    "altered",
		    made->number, index);
	else
		audit_report(tables->audit, FAULT_TILE,
		    entry_under(made, index),
		    "the hash kept of %u^%u entries up to here (tile "
		    "%u/%" PRIu64 ", place %zu) is another",
		    TILE_WIDTH, made->level, made->level, made->number, index);
}

enum result audit_tables_tile(
    void *context, const struct tile *tile, struct error *err)
{
	struct audit *audit = context;
	struct audit_tables *tables = audit->tables;
	struct tile kept;
	struct error why;
	enum result result = tables->store->ops->tile(
	    tables->store, tile->level, tile->number, &kept, &why);

	if (result == RESULT_OK)
		compare_tiles(tables, tile, &kept);
	else if (result == RESULT_NOT_FOUND || result == RESULT_CORRUPT)
		audit_report(audit, FAULT_TILE,
		    entry_under(tile, TILE_WIDTH - 1), "%s", why.text);
	else
		return error_set(err, result, "%s", why.text);
	return RESULT_OK;
}

static void report_strange_tiles(struct audit_tables *tables)
{
	uint64_t full = tree_size(tables->audit->tree);
	unsigned level;

	for (level = 0; level < TILE_LEVELS_MAX; level++) {
		full /= TILE_WIDTH;
		if (tables->tile_ends[level] > full)
			audit_report(tables->audit, FAULT_TILE,
			    tables->audit->sequence,
			    "tile %u/%" PRIu64
			    " is kept, and the entries end before it",
			    level, tables->tile_ends[level] - 1);
	}
}

/* --- the whole ------------------------------------------------------------ */

static void show_progress(struct audit_tables *tables)
{
	uint64_t now_ms;

	if (tables->progress == NULL ||
	    tables->audit->entries % PROGRESS_RECORDS != 0)
		return;
	now_ms = clock_monotonic_ms();
	if (now_ms - tables->progress_ms < PROGRESS_MS)
		return;
	tables->progress_ms = now_ms;
	tables->progress(tables->progress_context, tables->audit->entries,
	    tables->head.sequence);
}

static enum result visit_record(void *context, uint64_t sequence,
    uint32_t terminal, uint64_t counter, struct bytes record, struct error *err)
{
	struct audit_tables *tables = context;

	show_progress(tables);
	return audit_record(
	    tables->audit, sequence, terminal, counter, record, err);
}

static enum result read_related(
    void *context, uint64_t sequence, struct buffer *to, struct error *err)
{
	struct store *store = context;

	return store->ops->read(store, sequence, to, err);
}

static enum result scan(struct audit_tables *tables, struct error *err)
{
	struct audit *audit = tables->audit;
	struct error why;
	enum result result = tables->store->ops->scan(
	    tables->store, 1, visit_record, tables, &why);

	if (result != RESULT_CORRUPT && result != RESULT_OK)
		return error_set(err, result, "%s", why.text);
	if (result == RESULT_CORRUPT) {
		audit_report(audit, FAULT_STORE, audit->sequence + 1,
		    "entries from here on cannot be read: %s", why.text);
		audit->tree_is_whole = false;
		return RESULT_OK;
	}
	if (audit->law_stands)
		report_strange_objects(tables);
	if (audit->tree_is_whole)
		report_strange_tiles(tables);
	return RESULT_OK;
}

static void tables_finish(struct audit_tables *tables)
{
	free(tables->objects);
	free(tables->order);
	audit_private_destroy(tables->details);
	buffer_finish(&tables->object);
}

enum result audit_store(struct audit *audit, struct store *store,
    audit_progress_fn *progress, void *context,
    struct audit_summary *ret_summary, struct error *err)
{
	struct audit_tables tables = {.audit = audit,
	    .store = store,
	    .head = {.sequence = UINT64_MAX}, /* should it not be readable */
	    .progress = progress,
	    .progress_context = context};
	struct audit_summary found = {0};
	enum result result = audit_private_create(audit, &tables.details, err);

	if (result != RESULT_OK)
		return result;
	audit->tables = &tables;
	audit_set_reader(audit, read_related, store);
	result = read_tables(&tables, err);
	/* What is kept of a book that nothing has happened to. */
	if (result == RESULT_OK && audit->law_stands)
		result = audit_tables_applied(audit, 0, err);
	if (result == RESULT_OK)
		result = scan(&tables, err);
	if (result == RESULT_OK)
		audit_private_finish(tables.details, &found);
	if (result == RESULT_OK)
		result = audit_finish(audit, ret_summary, err);
	if (result == RESULT_OK) {
		ret_summary->objects = tables.objects_same;
		ret_summary->tiles = tables.tiles_same;
		ret_summary->cards = found.cards;
		ret_summary->cards_erased = found.cards_erased;
		ret_summary->details = found.details;
	}
	if (result == RESULT_OK && progress != NULL)
		progress(context, audit->entries, tables.head.sequence);
	audit->tables = NULL;
	audit->read = NULL;
	tables_finish(&tables);
	return result;
}
