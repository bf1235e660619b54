/*
 * chance: numbers that are the same in each run, for the tests of tills that
 * meet with all sorts of things. A test program includes it once.
 */
#ifndef TESTS_UNIT_CLIENT_CHANCE_H
#define TESTS_UNIT_CLIENT_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t chance_state; /* never 0 */

/* Below `bound`. */
static inline uint32_t chance(uint32_t bound)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (uint32_t)(chance_state >> 11) % bound;
}

static inline bool one_in(uint32_t bound)
{
	return chance(bound) == 0;
}

#endif
