/*
 * law_say: owns the names of refusals.
 */
#include "common/law/law.h"

static const char *const names[] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_MALFORMED] = "malformed",
    [REFUSAL_NOT_ALLOWED] = "not_allowed",
    [REFUSAL_TERMINAL_UNKNOWN] = "terminal_unknown",
    [REFUSAL_TERMINAL_REVOKED] = "terminal_revoked",
    [REFUSAL_CASHIER_REQUIRED] = "cashier_required",
    [REFUSAL_CASHIER_UNKNOWN] = "cashier_unknown",
    [REFUSAL_PIN_WRONG] = "pin_wrong",
    [REFUSAL_PIN_LOCKED] = "pin_locked",
    [REFUSAL_CARD_INVALID] = "card_invalid",
    [REFUSAL_CARD_UNKNOWN] = "card_unknown",
    [REFUSAL_CARD_ENROLLED] = "card_enrolled",
    [REFUSAL_AMOUNT_INVALID] = "amount_invalid",
    [REFUSAL_REWARD_UNKNOWN] = "reward_unknown",
    [REFUSAL_INSUFFICIENT_POINTS] = "insufficient_points",
    [REFUSAL_SALE_UNKNOWN] = "sale_unknown",
    [REFUSAL_RETURN_TOO_LARGE] = "return_too_large",
    [REFUSAL_COUNTER_CONFLICT] = "counter_conflict",
    [REFUSAL_COUNTER_FORK] = "counter_fork",
    [REFUSAL_TOKEN_INVALID] = "token_invalid",
    [REFUSAL_LIMIT] = "limit",
    [REFUSAL_OVERLOADED] = "overloaded",
    [REFUSAL_STORAGE] = "storage",
    [REFUSAL_NOT_FOUND] = "not_found",
    [REFUSAL_EXISTS] = "exists",
    [REFUSAL_SHUTTING_DOWN] = "shutting_down",
    [REFUSAL_LINES_INVALID] = "lines_invalid",
    [REFUSAL_REWARD_CLOSED] = "reward_closed",
    [REFUSAL_REWARD_SOLD_OUT] = "reward_sold_out",
    [REFUSAL_REWARD_LIMIT] = "reward_limit",
    [REFUSAL_POINTS_INVALID] = "points_invalid",
    [REFUSAL_HOLD_UNKNOWN] = "hold_unknown",
    [REFUSAL_VOIDED] = "voided",
    [REFUSAL_NOT_VOIDABLE] = "not_voidable",
    [REFUSAL_CLAIMED] = "claimed",
    [REFUSAL_CLAIM_LATE] = "claim_late",
    [REFUSAL_RECEIPT_WRONG] = "receipt_wrong",
    [REFUSAL_CARD_BLOCKED] = "card_blocked",
    [REFUSAL_OWN_CARD] = "own_card",
    [REFUSAL_CEILING] = "ceiling",
    [REFUSAL_SECOND_REQUIRED] = "second_required",
    [REFUSAL_REASON_REQUIRED] = "reason_required",
    [REFUSAL_SAME_MEMBER] = "same_member",
    [REFUSAL_DEBT] = "debt",
    [REFUSAL_JOINED] = "joined",
    [REFUSAL_NOTHING_DUE] = "nothing_due",
    [REFUSAL_SALES_LIMIT] = "sales_limit",
};

const char *refusal_name(enum refusal_code code)
{
	if ((size_t)code >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[code];
}
