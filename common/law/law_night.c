/*
 * law_night: owns what falls due by itself.
 */
#include "common/law/law_inside.h"

bool law_decide_expire(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_tier(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_notice(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_bonus(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}
