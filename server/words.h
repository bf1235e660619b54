/*
 * words: byte strings, each numbered from 0 in the order of its first coming.
 * For tables of customers, shops and products that are read from a file.
 *
 * All zero is an empty table. The strings are borrowed and outlive the table.
 */
#ifndef SERVER_WORDS_H
#define SERVER_WORDS_H

#include "common/base/bytes.h"

#define WORDS_MAX 0x40000000u

struct words {
	struct bytes *items; /* by number */
	uint32_t count;
	struct words_slot *slots; /* open addressing, at most half full */
	uint32_t slot_count;	  /* a power of two, or 0 */
};

/* The number of `word`, which is a new one where it is not there yet. The word
 * is kept as it was given first. RESULT_LIMIT past WORDS_MAX. */
enum result words_number(struct words *words, struct bytes word,
    uint32_t *ret_number, struct error *err);
void words_finish(struct words *words);

#endif
