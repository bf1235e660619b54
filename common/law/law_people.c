/*
 * law_people: owns corrections, transfers, pools, cards and details.
 */
#include "common/law/law_inside.h"

bool law_decide_adjust(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_transfer(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_join(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_leave(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_card(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_member(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}

bool law_decide_staff(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}
