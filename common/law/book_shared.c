/*
 * book_shared: owns what concerns no member: tallies of budgets and stocks,
 * sales without a card that have been claimed, and tombstones.
 *
 * Claims stand in buckets of BOOK_CLAIMS_WIDTH sequences, a bucket being one
 * object; those that have none have no bucket.
 */
#include "common/law/book_inside.h"

#include <stdlib.h>
#include <string.h>

/* --- tallies -------------------------------------------------------------- */

static size_t tally_place(const struct book *book, uint32_t ident)
{
	size_t low = 0;
	size_t high = book->tally_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (book->tallies[middle].ident < ident)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct book_tally *book_find_tally(const struct book *book, uint32_t ident)
{
	size_t place = tally_place(book, ident);

	if (place == book->tally_count || book->tallies[place].ident != ident)
		return NULL;
	return &book->tallies[place];
}

struct book_tally *book_place_tally(struct book *book, uint32_t ident)
{
	size_t place = tally_place(book, ident);
	struct book_tally *tallies;

	if (place < book->tally_count && book->tallies[place].ident == ident)
		return &book->tallies[place];
	tallies = book_grow(book->tallies, &book->tally_capacity,
	    book->tally_count + 1, sizeof(*tallies));
	if (tallies == NULL)
		return NULL;
	book->tallies = tallies;
	memmove(&tallies[place + 1], &tallies[place],
	    (book->tally_count - place) * sizeof(*tallies));
	tallies[place] = (struct book_tally){.ident = ident};
	book->tally_count++;
	return &tallies[place];
}

uint64_t book_tally(const struct book *book, uint32_t ident)
{
	const struct book_tally *tally = book_find_tally(book, ident);

	return tally == NULL ? 0 : tally->value;
}

/* --- claims --------------------------------------------------------------- */

static size_t claims_place(const struct book *book, uint32_t number)
{
	size_t low = 0;
	size_t high = book->claims_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (book->claims[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool book_claims_number(uint64_t sale_sequence, uint32_t *ret_number)
{
	uint64_t number = 1 + sale_sequence / BOOK_CLAIMS_WIDTH;

	if (sale_sequence == 0 || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

struct book_claims *book_find_claims(const struct book *book, uint32_t number)
{
	size_t place = claims_place(book, number);

	if (place == book->claims_count || book->claims[place].number != number)
		return NULL;
	return &book->claims[place];
}

struct book_claims *book_place_claims(struct book *book, uint32_t number)
{
	size_t place = claims_place(book, number);
	struct book_claims *claims;

	if (place < book->claims_count && book->claims[place].number == number)
		return &book->claims[place];
	claims = book_grow(book->claims, &book->claims_capacity,
	    book->claims_count + 1, sizeof(*claims));
	if (claims == NULL)
		return NULL;
	book->claims = claims;
	memmove(&claims[place + 1], &claims[place],
	    (book->claims_count - place) * sizeof(*claims));
	claims[place] = (struct book_claims){.number = number};
	book->claims_count++;
	return &claims[place];
}

static uint32_t offset_place(const struct book_claims *claims, uint16_t offset)
{
	uint32_t low = 0;
	uint32_t high = claims->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (claims->offsets[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool book_claims_have(const struct book_claims *claims, uint64_t sale_sequence)
{
	uint16_t offset = sale_sequence % BOOK_CLAIMS_WIDTH;
	uint32_t place = offset_place(claims, offset);

	return place < claims->count && claims->offsets[place] == offset;
}

bool book_claims_add(struct book_claims *claims, uint64_t sale_sequence)
{
	uint16_t offset = sale_sequence % BOOK_CLAIMS_WIDTH;
	uint32_t place = offset_place(claims, offset);
	uint16_t *offsets = reallocarray(
	    claims->offsets, (size_t)claims->count + 1, sizeof(*offsets));

	if (offsets == NULL)
		return false;
	memmove(&offsets[place + 1], &offsets[place],
	    (claims->count - place) * sizeof(*offsets));
	offsets[place] = offset;
	claims->offsets = offsets;
	claims->count++;
	return true;
}

bool book_is_claimed(const struct book *book, uint64_t sale_sequence)
{
	const struct book_claims *claims;
	uint32_t number;

	if (!book_claims_number(sale_sequence, &number))
		return false;
	claims = book_find_claims(book, number);
	return claims != NULL && book_claims_have(claims, sale_sequence);
}

/* --- tombstones ----------------------------------------------------------- */

static uint32_t tombstone_place(
    const struct book_terminal *terminal, uint64_t counter)
{
	uint32_t low = 0;
	uint32_t high = terminal->tombstone_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (terminal->tombstones[middle] < counter)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool book_terminal_has_tombstone(
    const struct book_terminal *terminal, uint64_t counter)
{
	uint32_t place = tombstone_place(terminal, counter);

	return place < terminal->tombstone_count &&
	       terminal->tombstones[place] == counter;
}

bool book_add_tombstone(struct book_terminal *terminal, uint64_t counter)
{
	uint32_t place = tombstone_place(terminal, counter);
	uint64_t *tombstones = reallocarray(terminal->tombstones,
	    (size_t)terminal->tombstone_count + 1, sizeof(*tombstones));

	if (tombstones == NULL)
		return false;
	memmove(&tombstones[place + 1], &tombstones[place],
	    (terminal->tombstone_count - place) * sizeof(*tombstones));
	tombstones[place] = counter;
	terminal->tombstones = tombstones;
	terminal->tombstone_count++;
	return true;
}

bool book_is_tombstone(
    const struct book *book, uint32_t terminal, uint64_t counter)
{
	const struct book_terminal *there = book_find_terminal(book, terminal);

	return there != NULL && book_terminal_has_tombstone(there, counter);
}
