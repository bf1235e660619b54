/*
 * clock: the only reader of the system's time.
 *
 * Cores take times as arguments; programs read them here. Wall times are
 * milliseconds since 1970-01-01 UTC, monotonic ones since an unknown start.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT_SIZE 25u /* "2026-02-28T23:59:59.999Z" and a NUL */

uint64_t clock_wall_ms(void);
uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
/* RFC 3339 in UTC. Pure. */
void clock_format_ms(uint64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE]);

#endif
