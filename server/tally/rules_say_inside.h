/*
 * rules_say_inside: rules_say.c owns rules and rewards, rules_say_whole.c what
 * the programme says as a whole.
 */
#ifndef SERVER_TALLY_RULES_SAY_INSIDE_H
#define SERVER_TALLY_RULES_SAY_INSIDE_H

#include "server/tally/rules_say.h"

/* Its name, and the base rule with its examples. */
void rules_say_base(
    struct page *page, const struct programme *programme, struct bytes text);
/* Exclusions, caps, how points last, tiers, transfers, goodwill. */
void rules_say_rest(
    struct page *page, const struct programme *programme, struct bytes text);

#endif
