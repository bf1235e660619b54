/*
 * law_return: owns what comes back of a sale, and its points with it.
 */
#include "common/law/law_inside.h"

/*
 * The points to take back when `back_minor` of the sale's amount has come back
 * in all: those of the sale, without those taken back before, and without what
 * the part that is kept still earns by the sale's own rules. Many small
 * returns so take back what one large one does.
 */
static uint64_t claw_back(const struct programme *programme,
    const struct entry *sale, uint64_t back_minor, uint64_t taken_points)
{
	uint64_t kept_points =
	    programme_earn_points(programme, sale->amount_minor - back_minor);

	if (sale->points < taken_points ||
	    sale->points - taken_points < kept_points)
		return 0;
	return sale->points - taken_points - kept_points;
}

/* The member of the sale that comes back; NULL and a refusal where there is no
 * such sale, or it is another member's. */
static const struct book_member *find_sale(
    struct deciding *deciding, const struct programme **ret_programme)
{
	const struct command *command = deciding->command;
	const struct entry *sale = command->related;
	const struct book_programme *version = NULL;
	const struct book_member *member = NULL;

	if (sale != NULL && sale->kind == ENTRY_EARN && sale->sequence > 0 &&
	    sale->sequence <= book_head(deciding->book)->sequence &&
	    sale->points <= POINTS_MAX &&
	    (command->account == 0 || command->account == sale->to_account)) {
		member = book_member(deciding->book, sale->to_account);
		version =
		    book_programme_at(deciding->book, sale->programme_sequence);
	}
	if (member == NULL || version == NULL) {
		(void)law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
		    "There is no such sale. Check the number on the receipt.");
		return NULL;
	}
	*ret_programme = version->programme;
	return member;
}

static bool refuse_return(
    struct deciding *deciding, uint64_t left_minor, const char *currency)
{
	struct refusal *refusal = deciding->refusal;

	refusal->required = deciding->command->amount_minor;
	refusal->available = (int64_t)left_minor;
	if (left_minor == 0)
		return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
		    "All of this sale has come back already.");
	return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
	    "At most %llu.%02llu %s of this sale can come back.",
	    (unsigned long long)left_minor / 100,
	    (unsigned long long)left_minor % 100, currency);
}

/*
 * `required` of a refused amount is the largest that is allowed: for a return
 * of nothing, what is left of the sale.
 */
bool law_decide_return(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct entry *sale = command->related;
	const struct programme *programme;
	const struct book_member *member;
	const struct book_returned *returned;
	uint64_t back_minor = 0;
	uint64_t left_minor;

	if (law_in_force(deciding) == NULL || !law_take_receipt(deciding))
		return false;
	member = find_sale(deciding, &programme);
	if (member == NULL)
		return false;
	returned = book_returned(member, sale->sequence);
	if (returned != NULL)
		back_minor = returned->amount_minor;
	left_minor = sale->amount_minor > back_minor
			 ? sale->amount_minor - back_minor
			 : 0;
	if (command->amount_minor == 0) {
		deciding->refusal->required = left_minor;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "A return is 0.01 at least. Check the amount.");
	}
	if (command->amount_minor > left_minor)
		return refuse_return(deciding, left_minor, programme->currency);
	deciding->entry->amount_minor = command->amount_minor;
	deciding->entry->related_sequence = sale->sequence;
	return law_move(
	    deciding, &(struct law_move){.from = member,
			  .own = ACCOUNT_ISSUED,
			  .points = claw_back(programme, sale,
			      back_minor + command->amount_minor,
			      returned != NULL ? returned->points : 0)});
}

bool law_decide_void(struct deciding *deciding)
{
	return law_refuse_malformed(deciding, "there is no such thing yet");
}
