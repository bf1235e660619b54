/*
 * rules_say: a programme in plain words.
 */
#ifndef SERVER_TALLY_RULES_SAY_H
#define SERVER_TALLY_RULES_SAY_H

#include "common/law/programme.h"
#include "server/tally/phrase.h"
#include "server/tally/print.h"

/* All of it. `text` is what it was parsed from. */
void rules_say(
    struct page *page, const struct programme *programme, struct bytes text);

/* "0.5 points for each 1.00 on fruit, vegetables; on Monday; …". */
void rules_say_rule(const struct programme *programme, struct bytes text,
    const struct programme_rule *rule, struct phrase *phrase);
/* "5.00 off a sale". */
void rules_say_reward(
    const struct programme_reward *reward, struct phrase *phrase);
/* "Silver", "Silver, Gold": of a set of levels. */
void rules_say_tiers(
    const struct programme *programme, uint16_t tiers, struct phrase *phrase);

#endif
