/*
 * programme_inside: what reading and writing a programme agree on.
 */
#ifndef COMMON_LAW_PROGRAMME_INSIDE_H
#define COMMON_LAW_PROGRAMME_INSIDE_H

#include "common/law/programme.h"

/* 1 … NAME_SIZE_MAX bytes of UTF-8 without control characters. */
bool programme_name_is_good(struct bytes name);
/* 1 … REWARD_ID_SIZE_MAX of a-z, 0-9, '_' and '-'. */
bool programme_reward_id_is_good(struct bytes id);

#endif
