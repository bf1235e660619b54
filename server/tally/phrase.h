/*
 * phrase: a sentence that is put together piece by piece. What does not fit is
 * cut off, and the sentence then ends in "…".
 */
#ifndef SERVER_TALLY_PHRASE_H
#define SERVER_TALLY_PHRASE_H

#include <stddef.h>
#include <stdint.h>

#define PHRASE_SIZE 2048u

struct phrase {
	char text[PHRASE_SIZE]; /* ended by a NUL; all zero is empty */
	size_t size;
	unsigned pieces; /* of the list under way */
};

__attribute__((format(printf, 2, 3))) void phrase_add(
    struct phrase *phrase, const char *format, ...);
/* A list: each piece after the first has ", " before it. */
void phrase_list(struct phrase *phrase);
__attribute__((format(printf, 2, 3))) void phrase_piece(
    struct phrase *phrase, const char *format, ...);

/* "1 point", "2,500 points", "0.5 points", from millionths. */
void phrase_points(struct phrase *phrase, uint64_t points_micro);
/* "1 day", "14 days". */
void phrase_count(struct phrase *phrase, uint64_t count, const char *unit);

#endif
