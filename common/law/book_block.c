/*
 * book_block: owns a member's block: one piece of memory for what most members
 * of a rich programme have, for each piece costs as much again as an element.
 *
 *     lots, counters, days, details (two places)
 *
 * All of them take places of the same size, so whatever comes or goes moves
 * what stands behind it by places, whatever that is. The block has exactly as
 * many places as were taken when the last one came: that is seldom, and a
 * member is to be small.
 */
#include "common/law/book_inside.h"

#include <stdlib.h>
#include <string.h>

#define DETAILS_PLACES (sizeof(struct hash) / BOOK_PLACE_SIZE)

_Static_assert(sizeof(struct lot) == BOOK_PLACE_SIZE &&
		   sizeof(struct book_count) == BOOK_PLACE_SIZE &&
		   sizeof(struct book_spent) == BOOK_PLACE_SIZE &&
		   sizeof(struct hash) == DETAILS_PLACES * BOOK_PLACE_SIZE,
    "each element takes whole places");

static size_t details_place(const struct book_member *member)
{
	return (size_t)member->lot_count + member->count_count +
	       member->spent_count;
}

static size_t places_taken(const struct book_member *member)
{
	return details_place(member) +
	       (member->has_details ? DETAILS_PLACES : 0);
}

bool book_open_places(struct book_member *member, size_t place, size_t count)
{
	size_t taken = places_taken(member);
	struct lot *block =
	    reallocarray(member->lots, taken + count, BOOK_PLACE_SIZE);

	if (block == NULL)
		return false;
	memmove(&block[place + count], &block[place],
	    (taken - place) * BOOK_PLACE_SIZE);
	member->lots = block;
	return true;
}

void book_close_places(struct book_member *member, size_t place, size_t count)
{
	size_t taken = places_taken(member);

	memmove(&member->lots[place], &member->lots[place + count],
	    (taken - place - count) * BOOK_PLACE_SIZE);
	if (taken > count)
		return;
	free(member->lots);
	member->lots = NULL;
}

struct book_count *book_own_counts(const struct book_member *member)
{
	return (void *)(member->lots + member->lot_count);
}

struct book_spent *book_own_days(const struct book_member *member)
{
	return (void *)(member->lots + member->lot_count + member->count_count);
}

const struct book_count *book_counts(const struct book_member *member)
{
	return member->count_count > 0 ? book_own_counts(member) : NULL;
}

const struct book_spent *book_days(const struct book_member *member)
{
	return member->spent_count > 0 ? book_own_days(member) : NULL;
}

const struct hash *book_details(const struct book_member *member)
{
	return member->has_details
		   ? (void *)(member->lots + details_place(member))
		   : NULL;
}

bool book_put_details(struct book_member *member, const struct hash *details)
{
	static const struct hash zeroes;
	size_t place = details_place(member);

	if (hash_equal(details, &zeroes)) {
		if (member->has_details)
			book_close_places(member, place, DETAILS_PLACES);
		member->has_details = false;
		return true;
	}
	if (!member->has_details &&
	    !book_open_places(member, place, DETAILS_PLACES))
		return false;
	memcpy(member->lots + place, details, sizeof(*details));
	member->has_details = true;
	return true;
}
