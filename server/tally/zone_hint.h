/*
 * zone_hint: which rule of POSIX a time zone's name stands for today, as this
 * machine knows it.
 */
#ifndef SERVER_TALLY_ZONE_HINT_H
#define SERVER_TALLY_ZONE_HINT_H

#include <stdbool.h>

#include "common/law/calendar.h"

/* "CET-1CEST,M3.5.0,M10.5.0/3" for "Europe/Berlin", from the last line of its
 * file (RFC 8536 section 3.3) in $TZDIR or /usr/share/zoneinfo. False where the
 * name is none that is known here, or its rule is none of ours. */
bool zone_hint(struct bytes name, char ret_rule[ZONE_SIZE_MAX + 1]);

#endif
