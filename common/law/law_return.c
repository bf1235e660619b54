/*
 * law_return: owns what comes back of a sale, by amount or line by line, and
 * what comes back of a redemption.
 *
 * The points that a return takes are those that the sale gave, without those
 * taken back before, and without what the part that is kept still earns by the
 * sale's own rules. All three depend on sums alone, so ten small returns take
 * what one large one does. law_back.c holds what a return and a void share.
 */
#include "common/law/law_inside.h"

#include <inttypes.h>
#include <string.h>

/* What has come back of a sale, this return included. */
struct coming {
	uint64_t now_minor;  /* by this return */
	uint64_t back_minor; /* in all */
	struct earn_back after;
	struct book_returned_line lines[LINES_MAX];
};

/* --- by amount ------------------------------------------------------------ */

static uint64_t left_minor(const struct law_back *back)
{
	uint64_t back_minor =
	    back->before != NULL ? back->before->amount_minor : 0;

	return back->of->amount_minor > back_minor
		   ? back->of->amount_minor - back_minor
		   : 0;
}

static bool refuse_large(
    struct deciding *deciding, const struct law_back *back, uint64_t now_minor)
{
	uint64_t left = left_minor(back);

	deciding->refusal->required = now_minor;
	deciding->refusal->available = (int64_t)left;
	if (left == 0)
		return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
		    "All of this sale has come back already.");
	return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
	    "At most %" PRIu64 ".%02" PRIu64 " %s of this sale can come back.",
	    left / 100, left % 100, back->programme->currency);
}

/* `required` of a refused amount is the largest that is allowed: for a return
 * of nothing, what is left of the sale. */
static bool ask_amount(
    struct deciding *deciding, const struct law_back *back, uint64_t now_minor)
{
	uint64_t left = left_minor(back);

	if (now_minor == 0) {
		deciding->refusal->required = left;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "Say how much of this sale comes back: %" PRIu64
		    ".%02" PRIu64 " %s at most.",
		    left / 100, left % 100, back->programme->currency);
	}
	if (now_minor > left)
		return refuse_large(deciding, back, now_minor);
	return true;
}

/* --- by line -------------------------------------------------------------- */

static bool refuse_lines(struct deciding *deciding, unsigned line)
{
	return law_refuse(deciding, REFUSAL_LINES_INVALID,
	    "Line %u of this sale cannot come back so. Check the receipt.",
	    line + 1);
}

/* Of a discount, below 0, no more is given back than was taken off. */
static bool is_left(const struct sale_line *sold,
    const struct book_returned_line *line, const struct back *now)
{
	int64_t left_amount = sold->amount_minor - line->amount_minor;

	if (now->quantity > sold->quantity - line->quantity ||
	    (now->quantity == 0 && now->amount_minor == 0))
		return false;
	return sold->amount_minor < 0
		   ? now->amount_minor <= 0 && now->amount_minor >= left_amount
		   : now->amount_minor >= 0 && now->amount_minor <= left_amount;
}

/* What came back of one line before; ascending, so `*at` only moves on. */
static struct book_returned_line before_of(
    const struct book_returned *before, unsigned line, uint32_t *at)
{
	struct book_returned_line none = {.line = (uint16_t)line};

	if (before == NULL)
		return none;
	while (*at < before->line_count && before->lines[*at].line < line)
		(*at)++;
	if (*at < before->line_count && before->lines[*at].line == line)
		return before->lines[*at];
	return none;
}

/*
 * Walk the sale's lines beside what came back of them before and what comes
 * now, all in the order of lines.
 */
static bool merge_lines(struct deciding *deciding, const struct law_back *back,
    struct coming *coming, int64_t *ret_sum_minor)
{
	struct reader sold_reader = reader_of(back->of->lines);
	struct reader back_reader = reader_of(deciding->command->backs);
	struct sale_line sold;
	struct back now;
	bool more = back_read(&back_reader, &now);
	uint32_t at = 0;

	*ret_sum_minor = 0;
	for (unsigned line = 0; sale_line_read(&sold_reader, &sold); line++) {
		struct book_returned_line sum =
		    before_of(back->before, line, &at);

		if (more && now.line == line) {
			if (!is_left(&sold, &sum, &now))
				return refuse_lines(deciding, line);
			sum.quantity += now.quantity;
			sum.amount_minor += now.amount_minor;
			*ret_sum_minor += now.amount_minor;
			more = back_read(&back_reader, &now);
		}
		if (sum.quantity > 0 || sum.amount_minor != 0)
			coming->lines[coming->after.line_count++] = sum;
	}
	return more ? refuse_lines(deciding, now.line) : true;
}

static bool take_lines(struct deciding *deciding, const struct law_back *back,
    struct coming *coming)
{
	const struct command *command = deciding->command;
	int64_t sum_minor;

	if (!backs_are_sound(command->backs))
		return law_refuse(deciding, REFUSAL_LINES_INVALID,
		    "At most %u lines come back, each once and in their "
		    "order. Give back an amount instead.",
		    LINES_MAX);
	if (!merge_lines(deciding, back, coming, &sum_minor))
		return false;
	if (sum_minor < 0)
		sum_minor = 0; /* a discount alone: refused as nothing */
	if (command->amount_minor != 0 &&
	    command->amount_minor != (uint64_t)sum_minor) {
		deciding->refusal->required = (uint64_t)sum_minor;
		return law_refuse(deciding, REFUSAL_LINES_INVALID,
		    "The lines that come back do not make up the amount.");
	}
	coming->now_minor = (uint64_t)sum_minor;
	deciding->entry->backs = command->backs;
	deciding->entry->has |= ENTRY_HAS(TAG_BACKS);
	return true;
}

static void keep_lines(const struct law_back *back, struct coming *coming)
{
	if (back->before == NULL || back->before->line_count == 0)
		return;
	memcpy(coming->lines, back->before->lines,
	    back->before->line_count * sizeof(*coming->lines));
	coming->after.line_count = back->before->line_count;
}

static bool take_coming(struct deciding *deciding, const struct law_back *back,
    struct coming *coming)
{
	const struct command *command = deciding->command;

	coming->after.lines = coming->lines;
	coming->after.line_count = 0;
	coming->after.amount_minor =
	    back->before != NULL ? back->before->by_amount_minor : 0;
	coming->now_minor = command->amount_minor;
	if (command->backs.size > 0 && !take_lines(deciding, back, coming))
		return false;
	if (!ask_amount(deciding, back, coming->now_minor))
		return false;
	if (command->backs.size == 0) {
		keep_lines(back, coming);
		coming->after.amount_minor += coming->now_minor;
	}
	return true;
}

/* --- a sale --------------------------------------------------------------- */

static uint64_t claw_back(
    const struct law_back *back, const struct earn_back *after)
{
	uint64_t taken = back->before != NULL ? back->before->points : 0;
	uint64_t kept = earn_kept_points(back->programme, back->of, after);

	if (back->of->points < taken || back->of->points - taken < kept)
		return 0;
	return back->of->points - taken - kept;
}

static bool return_sale(struct deciding *deciding, const struct law_back *back)
{
	struct entry *entry = deciding->entry;
	struct coming coming;

	if (!take_coming(deciding, back, &coming))
		return false;
	entry->amount_minor = coming.now_minor;
	entry->related_sequence = back->of->sequence;
	law_say_less(deciding, back, &coming.after, false);
	if (!law_take_back(
		deciding, back, ACCOUNT_ISSUED, claw_back(back, &coming.after)))
		return false;
	law_lower(deciding, back);
	return true;
}

/* --- a redemption --------------------------------------------------------- */

/* Points that were money come back in part or as a whole, a reward only as a
 * whole. */
static bool return_redeem(
    struct deciding *deciding, const struct law_back *back)
{
	const struct command *command = deciding->command;
	uint64_t given = back->before != NULL ? back->before->points : 0;
	uint64_t left = back->of->points > given ? back->of->points - given : 0;
	const struct programme_reward *reward =
	    programme_reward(back->programme, back->of->reward);
	uint64_t points = command->points != 0 ? command->points : left;

	if (command->amount_minor != 0 || command->backs.size > 0)
		return law_refuse_malformed(
		    deciding, "of a redemption points come back, no amount");
	deciding->refusal->required = points;
	deciding->refusal->available = (int64_t)left;
	if (left == 0)
		return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
		    "These points have all been given back already.");
	if (points > left)
		return law_refuse(deciding, REFUSAL_RETURN_TOO_LARGE,
		    "At most %" PRIu64 " of these points can be given back.",
		    left);
	if (points < left && (reward == NULL || reward->kind != REWARD_MONEY)) {
		deciding->refusal->required = left;
		return law_refuse(deciding, REFUSAL_POINTS_INVALID,
		    "A reward comes back as a whole, for %" PRIu64 " points.",
		    left);
	}
	deciding->refusal->required = 0;
	deciding->refusal->available = 0;
	deciding->entry->related_sequence = back->of->sequence;
	return law_undo_redeem(deciding, back, points);
}

bool law_decide_return(struct deciding *deciding)
{
	const struct entry *of = deciding->command->related;
	struct law_back back;

	if (law_in_force(deciding) == NULL || !law_take_receipt(deciding))
		return false;
	if (of != NULL && of->kind == ENTRY_EARN &&
	    law_find_back(deciding, of, &back))
		return return_sale(deciding, &back);
	if (of != NULL && of->kind == ENTRY_REDEEM &&
	    law_find_back(deciding, of, &back))
		return return_redeem(deciding, &back);
	return law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
	    "There is no such sale. Check the number on the receipt.");
}
