/*
 * law_earn: owns what a sale gives.
 */
#include "common/law/law_inside.h"

bool law_decide_earn(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *member;
	uint64_t max;

	if (programme == NULL)
		return false;
	max = programme->sale_amount_minor_max;
	if (command->amount_minor < 1 || command->amount_minor > max) {
		deciding->refusal->required = max;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "A sale is 0.01 to %llu.%02llu %s. Check the amount.",
		    (unsigned long long)max / 100,
		    (unsigned long long)max % 100, programme->currency);
	}
	if (!law_take_receipt(deciding))
		return false;
	member = law_find_member(deciding, command->account);
	if (member == NULL)
		return false;
	deciding->entry->amount_minor = command->amount_minor;
	return law_move(deciding, &(struct law_move){.to = member,
				      .own = ACCOUNT_ISSUED,
				      .points = programme_earn_points(
					  programme, command->amount_minor)});
}

bool law_decide_sale(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}
