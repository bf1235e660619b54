/*
 * law_void: owns what is undone as a whole, by the till that did it.
 *
 * A void names its operation as the till does, by the counter. What has not
 * arrived is undone as well: a tombstone refuses it when it comes. What others
 * may have built on since (an enrolment, a transfer, a return) is not voided:
 * its opposite is done instead.
 */
#include "common/law/law_inside.h"

static bool refuse_voided(struct deciding *deciding)
{
	return law_refuse(
	    deciding, REFUSAL_VOIDED, "This has been undone already.");
}

/* What is left of it goes, whatever has come back before. */
static bool find_left(struct deciding *deciding, struct law_back *ret_back)
{
	const struct entry *of = deciding->command->related;

	if (!law_find_back(deciding, of, ret_back))
		return law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
		    "There is nothing of that name to undo.");
	if (ret_back->before != NULL && ret_back->before->is_void)
		return refuse_voided(deciding);
	return true;
}

static uint64_t left_points(const struct law_back *back)
{
	uint64_t before = back->before != NULL ? back->before->points : 0;

	return back->of->points > before ? back->of->points - before : 0;
}

static bool void_earn(struct deciding *deciding)
{
	struct law_back back;
	uint64_t before;

	if (!find_left(deciding, &back))
		return false;
	before = back.before != NULL ? back.before->amount_minor : 0;
	if (before >= back.of->amount_minor)
		return law_refuse(deciding, REFUSAL_VOIDED,
		    "All of this sale has come back already.");
	deciding->entry->amount_minor = back.of->amount_minor - before;
	law_say_less(deciding, &back, NULL, true);
	if (!law_take_back(deciding, &back, ACCOUNT_ISSUED, left_points(&back)))
		return false;
	law_lower(deciding, &back);
	return true;
}

static bool void_redeem(struct deciding *deciding)
{
	struct law_back back;

	if (!find_left(deciding, &back))
		return false;
	if (left_points(&back) == 0)
		return refuse_voided(deciding);
	return law_undo_redeem(deciding, &back, left_points(&back));
}

static bool void_adjust(struct deciding *deciding)
{
	struct law_back back;

	if (!find_left(deciding, &back))
		return false;
	law_say_whose(deciding, &back);
	if (back.of->from_account == ACCOUNT_GOODWILL)
		return law_take_back(
		    deciding, &back, ACCOUNT_GOODWILL, back.of->points);
	return law_give_back(
	    deciding, &back, ACCOUNT_GOODWILL, back.of->points);
}

/* One that was captured, or whose time is over, keeps nothing any more. */
static bool void_hold(struct deciding *deciding)
{
	const struct entry *of = deciding->command->related;
	const struct book_member *member =
	    book_member(deciding->book, of->to_account);

	if (member == NULL ||
	    book_hold(member, of->sequence, deciding->entry->time_ms) == NULL)
		return law_refuse(deciding, REFUSAL_HOLD_UNKNOWN,
		    "These points are kept no longer. There is nothing to "
		    "undo.");
	law_name_member(deciding, member);
	return true;
}

static bool void_sale(struct deciding *deciding)
{
	if (!book_is_claimed(
		deciding->book, deciding->command->related->sequence))
		return true;
	return law_refuse(deciding, REFUSAL_CLAIMED,
	    "This sale has its points already, or has been undone.");
}

/* An operation that has not come. It is refused from now on. */
static bool bury(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct book_terminal *terminal =
	    book_terminal(deciding->book, command->terminal);

	if (book_is_tombstone(
		deciding->book, command->terminal, command->voided_counter))
		return refuse_voided(deciding);
	if (terminal->tombstone_count >= TOMBSTONES_MAX)
		return law_refuse(deciding, REFUSAL_LIMIT,
		    "This till has undone too much that never came. Tell the "
		    "owner.");
	return true;
}

static bool undo(struct deciding *deciding)
{
	switch (deciding->command->related->kind) {
	case ENTRY_EARN:
		return void_earn(deciding);
	case ENTRY_REDEEM:
		return void_redeem(deciding);
	case ENTRY_ADJUST:
		return void_adjust(deciding);
	case ENTRY_HOLD:
		return void_hold(deciding);
	case ENTRY_SALE:
		return void_sale(deciding);
	default:
		return law_refuse(deciding, REFUSAL_NOT_VOIDABLE,
		    "This cannot be undone as a whole. Do the opposite.");
	}
}

bool law_decide_void(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct entry *of = command->related;

	if (law_in_force(deciding) == NULL)
		return false;
	/* A till undoes what it did before. */
	if (command->voided_counter == 0 ||
	    command->voided_counter >= command->counter)
		return law_refuse_malformed(
		    deciding, "only an operation before this can be undone");
	deciding->entry->voided_counter = command->voided_counter;
	deciding->entry->has |= ENTRY_HAS(TAG_VOIDED);
	if (of == NULL && !command->wants_related)
		return bury(deciding);
	if (of == NULL || of->terminal != command->terminal ||
	    of->counter != command->voided_counter || of->sequence == 0 ||
	    of->sequence > book_head(deciding->book)->sequence)
		return law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
		    "There is nothing of that name to undo.");
	deciding->entry->related_sequence = of->sequence;
	return undo(deciding);
}
