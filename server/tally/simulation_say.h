/*
 * simulation_say: what other rules would have given, on a page: sales, points,
 * what they cost, each rule's share, tiers in the end, and what the sales could
 * not tell.
 */
#ifndef SERVER_TALLY_SIMULATION_SAY_H
#define SERVER_TALLY_SIMULATION_SAY_H

#include "server/simulate.h"
#include "server/tally/print.h"

void simulation_say(struct page *page, const struct simulation *after);

#endif
