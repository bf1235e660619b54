/*
 * audit_notes: owns the checkpoints that the tree is held against.
 *
 * A note's text is kept only until its signature has been looked at, which
 * waits for the key in the ledger's first entry; from then on a size and a
 * root are left of it. One altered entry makes every later root differ, so of
 * the shop's own checkpoints the first that fails is named and the rest are
 * counted; those from outside are all named, for each was kept by somebody.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/audit_inside.h"

static enum audit_fault_kind kind_of(const struct held_note *held)
{
	return held->is_outside ? FAULT_ANCHOR : FAULT_CHECKPOINT;
}

static void report_bad(
    struct audit *audit, struct held_note *held, const char *text)
{
	held->is_bad = true;
	audit_report(audit, kind_of(held), held->size,
	    "the checkpoint of %" PRIu64 " entries: %s", held->size, text);
}

/* Signed by the ledger's key, under the ledger's name? */
static enum result verify(
    struct audit *audit, struct held_note *held, struct error *err)
{
	struct audit_notes *notes = &audit->notes;
	struct checkpoint opened;
	struct error why;
	enum result result = checkpoint_open(
	    buffer_view(&held->text), notes->key, &opened, &why);

	buffer_finish(&held->text);
	if (result == RESULT_DENIED || result == RESULT_INVALID) {
		report_bad(audit, held, why.text);
		return RESULT_OK;
	}
	if (result != RESULT_OK)
		return error_set(err, result, "%s", why.text);
	if (strcmp(opened.origin, notes->origin) != 0)
		report_bad(audit, held, "it is of another ledger");
	return RESULT_OK;
}

static enum result hold(struct audit *audit, const struct held_note *note,
    struct bytes text, struct error *err)
{
	struct audit_notes *notes = &audit->notes;
	struct held_note *held = audit_grow(
	    notes->held, &notes->capacity, notes->count, sizeof(*held));
	enum result result;

	if (held == NULL)
		return error_no_memory(err);
	notes->held = held;
	held = &notes->held[notes->count];
	*held = *note;
	result = buffer_append(&held->text, text, err);
	if (result != RESULT_OK)
		return result;
	notes->count++;
	notes->is_sorted = false;
	return notes->key_is_known ? verify(audit, held, err) : RESULT_OK;
}

enum result audit_notes_add(struct audit *audit, uint64_t size,
    struct bytes note, bool is_outside, struct error *err)
{
	struct held_note held = {.is_outside = is_outside, .size = size};
	struct checkpoint checkpoint;
	struct error why;
	enum result result = checkpoint_parse(note, &checkpoint, &why);

	assert(audit->entries == 0);
	if (result == RESULT_OK && (is_outside || checkpoint.size == size)) {
		held.size = checkpoint.size;
		held.root = checkpoint.root;
		return hold(audit, &held, note, err);
	}
	if (result == RESULT_NO_MEMORY || is_outside)
		return error_set(err, result, "%s", why.text);
	report_bad(audit, &held,
	    result == RESULT_OK ? "the note says another size" : why.text);
	return RESULT_OK;
}

enum result audit_notes_learn(
    struct audit *audit, const struct entry *shop, struct error *err)
{
	struct audit_notes *notes = &audit->notes;
	size_t i;

	if (notes->key_is_known || shop->text.size > ORIGIN_SIZE_MAX)
		return RESULT_OK;
	notes->key_is_known = true;
	memcpy(notes->key, shop->key.bytes, sizeof(notes->key));
	memcpy(notes->origin, shop->text.data, shop->text.size);
	notes->origin[shop->text.size] = '\0';
	for (i = 0; i < notes->count; i++) {
		enum result result = verify(audit, &notes->held[i], err);

		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

/* --- against the tree ------------------------------------------------------
 */

static int compare_sizes(const void *one, const void *other)
{
	uint64_t a = ((const struct held_note *)one)->size;
	uint64_t b = ((const struct held_note *)other)->size;

	return a < b ? -1 : a > b;
}

static void sort(struct audit_notes *notes)
{
	if (notes->is_sorted)
		return;
	if (notes->count != 0)
		qsort(notes->held, notes->count, sizeof(*notes->held),
		    compare_sizes);
	notes->is_sorted = true;
}

static void fail(struct audit *audit, struct held_note *held, const char *text)
{
	struct audit_notes *notes = &audit->notes;

	if (held->is_outside) {
		report_bad(audit, held, text);
		return;
	}
	if (notes->own_failed == 0)
		report_bad(audit, held, text);
	notes->own_failed++;
	notes->own_failed_last = held->size;
	held->is_bad = true;
}

static void compare(
    struct audit *audit, struct held_note *held, const struct hash *root)
{
	struct audit_notes *notes = &audit->notes;

	if (held->is_bad)
		return;
	if (!hash_equal(&held->root, root))
		fail(audit, held,
		    "its root is not that of the entries: one up to here was "
		    "altered");
	if (held->is_bad || !notes->key_is_known)
		return;
	notes->signed_to = held->size;
	if (held->is_outside)
		notes->outside_verified++;
	else
		notes->own_verified++;
}

void audit_notes_reach(struct audit *audit)
{
	struct audit_notes *notes = &audit->notes;
	uint64_t size = tree_size(audit->tree);
	struct hash root;

	sort(notes);
	if (notes->next == notes->count || notes->held[notes->next].size > size)
		return;
	root = tree_root(audit->tree, audit->hasher);
	while (
	    notes->next < notes->count && notes->held[notes->next].size <= size)
		compare(audit, &notes->held[notes->next++], &root);
}

/* The first of at least that size. */
static size_t place_of(const struct audit_notes *notes, uint64_t size)
{
	size_t low = 0;
	size_t high = notes->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (notes->held[middle].size < size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct held_note *audit_notes_find(
    const struct audit_notes *notes, uint64_t size)
{
	size_t place = place_of(notes, size);

	for (; place < notes->count && notes->held[place].size == size; place++)
		if (!notes->held[place].is_outside)
			return &notes->held[place];
	return NULL;
}

size_t audit_notes_between(
    const struct audit_notes *notes, uint64_t size, uint64_t below)
{
	size_t place = place_of(notes, size + 1);
	size_t count = 0;

	for (; place < notes->count && notes->held[place].size < below; place++)
		count += !notes->held[place].is_outside;
	return count;
}

/* Those that the tree never reached. */
static void fail_rest(struct audit *audit)
{
	struct audit_notes *notes = &audit->notes;
	const char *why = audit->tree_is_whole
			      ? "the ledger was cut: it ends before that"
			      : "it cannot be compared, for entries before it "
				"are missing";

	for (; notes->next < notes->count; notes->next++)
		if (!notes->held[notes->next].is_bad)
			fail(audit, &notes->held[notes->next], why);
}

void audit_notes_finish(struct audit *audit)
{
	struct audit_notes *notes = &audit->notes;

	sort(notes);
	fail_rest(audit);
	if (notes->own_failed > 1)
		audit_report(audit, FAULT_CHECKPOINT, notes->own_failed_last,
		    "%" PRIu64 " more checkpoints, up to that of %" PRIu64
		    " entries, do not hold either",
		    notes->own_failed - 1, notes->own_failed_last);
	if (!notes->key_is_known && notes->count != 0)
		audit_report(audit, FAULT_CHECKPOINT, 1,
		    "no signature can be verified, for the first entry does "
		    "not say whose it must be");
}

void audit_notes_free(struct audit_notes *notes)
{
	size_t i;

	for (i = 0; i < notes->count; i++)
		buffer_finish(&notes->held[i].text);
	free(notes->held);
	*notes = (struct audit_notes){0};
}
