/*
 * book_objects: what the files that keep objects share, and nobody else.
 */
#ifndef COMMON_LAW_BOOK_OBJECTS_H
#define COMMON_LAW_BOOK_OBJECTS_H

#include "common/law/book_inside.h"

/* The format byte, now and before. */
#define OBJECT_VERSION 2u
#define OBJECT_VERSION_OLD 1u

/* One object being loaded. What is read comes before what is changed, so that
 * `reader` tells of a short object first. */
struct loading {
	struct book *book;
	uint64_t key;
	uint64_t number;
	uint64_t true_at;
	struct reader reader;
	struct error *err;
};

/* RESULT_CORRUPT, with the key and a few words. */
enum result object_ill(const struct loading *loading, const char *what);
/* Read to the end, and not past it. */
bool object_is_read(const struct loading *loading);

/* The parts of a member's object. */
enum part_bit {
	PART_LOTS = 1 << 0,
	PART_POOL = 1 << 1,
	PART_QUALIFYING = 1 << 2,
	PART_TIER = 1 << 3,
	PART_WARNED = 1 << 4,
	PART_RETURNED = 1 << 5,
	PART_HOLDS = 1 << 6,
	PART_COUNTS = 1 << 7,
	PART_SPENT = 1 << 8,
	PART_SEGMENTS = 1 << 9,
	PART_CARDS = 1 << 10,
	PART_JOINED = 1 << 11,
	PART_REFERRAL = 1 << 12,
	PART_BLOCKED = 1 << 13,
	PART_DETAILS = 1 << 14,
};
#define PARTS_ALL 0x7fffu
#define PARTS_EXTRA 0x3e60u /* those that stand in a member's extra */

/* Bytes of an element of its lists. */
#define RETURNED_SIZE 34u
#define RETURNED_LINE_SIZE 13u
#define HOLD_SIZE 28u
#define COUNT_SIZE 17u
#define SPENT_SIZE 12u

/* Those that a member has. */
unsigned member_parts(const struct book_member *member);

/* How many bytes a member's object has at most, and the object itself, without
 * its format byte. */
size_t member_size_max(const struct book_member *member);
void member_write(struct writer *writer, const struct book_member *member);
/* A failure leaves a member half loaded; the book is thrown away then. */
enum result member_load(struct loading *loading);

#endif
