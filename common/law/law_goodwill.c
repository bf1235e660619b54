/*
 * law_goodwill: owns points that people give and take by hand.
 *
 * They come from the programme's account for goodwill and need a reason. What
 * one person may give a day alone depends on the role; above that a second one,
 * a supervisor, answers for it as well, and for both of them it counts as given
 * together. Nobody does it for a card of their own. The owner has no ceiling.
 */
#include "common/law/law_inside.h"

/* What a person has given on a day so far. */
struct given {
	uint64_t alone_points;
	uint64_t together_points;
};

static struct given given_on(const struct book_cashier *cashier, int32_t day)
{
	if (cashier->given_day != day)
		return (struct given){0};
	return (struct given){cashier->given_points, cashier->second_points};
}

static uint64_t left_of(uint64_t max, uint64_t used)
{
	return used < max ? max - used : 0;
}

/* --- whose card ----------------------------------------------------------- */

static bool is_own_card(const struct deciding *deciding,
    const struct book_cashier *cashier, const struct book_member *member)
{
	return cashier->account != 0 &&
	       book_pool(deciding->book, cashier->account) == member;
}

/* --- ceilings ------------------------------------------------------------- */

static uint64_t alone_left(const struct programme *programme,
    const struct book_cashier *cashier, int32_t today)
{
	uint64_t max = cashier->role == ROLE_SUPERVISOR
			   ? programme->goodwill_supervisor_day_points
			   : programme->goodwill_cashier_day_points;

	return left_of(max, given_on(cashier, today).alone_points);
}

static uint64_t together_left(const struct programme *programme,
    const struct book_cashier *cashier, int32_t today)
{
	return left_of(programme->goodwill_second_day_points,
	    given_on(cashier, today).together_points);
}

static bool refuse_ceiling(struct deciding *deciding, uint64_t left)
{
	deciding->refusal->required = deciding->command->points;
	deciding->refusal->available = (int64_t)left;
	return law_refuse(deciding, REFUSAL_CEILING,
	    "%llu more points can be given today. Ask the owner for more.",
	    (unsigned long long)left);
}

/* Within what one person may give; or it is said that a second one could
 * help, where that is so. */
static bool may_alone(struct deciding *deciding,
    const struct programme *programme, const struct book_cashier *cashier,
    int32_t today)
{
	uint64_t points = deciding->command->points;
	uint64_t left = alone_left(programme, cashier, today);

	if (points <= left)
		return true;
	if (points > together_left(programme, cashier, today))
		return refuse_ceiling(deciding, left);
	deciding->refusal->required = points;
	deciding->refusal->available = (int64_t)left;
	return law_refuse(deciding, REFUSAL_SECOND_REQUIRED,
	    "You can give %llu more points today alone. Ask a supervisor to "
	    "enter their PIN as well.",
	    (unsigned long long)left);
}

static bool may_together(struct deciding *deciding,
    const struct programme *programme, const struct book_cashier *cashier,
    const struct book_member *member, int32_t today)
{
	const struct book_cashier *second =
	    book_cashier(deciding->book, deciding->command->second);
	uint64_t left = together_left(programme, cashier, today);

	if (second == NULL || second->standing != STANDING_ACTIVE)
		return law_refuse(deciding, REFUSAL_CASHIER_UNKNOWN,
		    "Cashier %u is not known here. Ask another supervisor.",
		    deciding->command->second);
	if (second == cashier || second->role != ROLE_SUPERVISOR)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "The second person is a supervisor, and not yourself. Ask "
		    "one.");
	if (is_own_card(deciding, second, member))
		return law_refuse_own_card(deciding);
	deciding->entry->second = second->number;
	deciding->entry->has |= ENTRY_HAS(TAG_SECOND);
	if (deciding->command->takes)
		return true;
	if (together_left(programme, second, today) < left)
		left = together_left(programme, second, today);
	if (deciding->command->points > left)
		return refuse_ceiling(deciding, left);
	return true;
}

/* At a till: who asks is known and active. What is taken has no ceiling, for
 * nobody gains by it. */
static bool may_person(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member)
{
	const struct command *command = deciding->command;
	const struct book_cashier *cashier =
	    book_cashier(deciding->book, command->cashier);
	int32_t today = law_today(deciding, programme);

	if (is_own_card(deciding, cashier, member))
		return law_refuse_own_card(deciding);
	if (command->second != 0)
		return may_together(
		    deciding, programme, cashier, member, today);
	return command->takes || may_alone(deciding, programme, cashier, today);
}

/* --- giving and taking ---------------------------------------------------- */

/* Goodwill can be spent at once: there is no sale that might come back. */
static bool give(struct deciding *deciding, const struct programme *programme,
    const struct book_member *member)
{
	int32_t today = law_today(deciding, programme);
	int32_t wanted = deciding->command->expiry_day;
	struct lot lot = {.points = deciding->command->points};

	programme_stamps(programme, today, &lot.active_day, &lot.expiry_day);
	lot.active_day = 0;
	if (wanted != 0 && wanted != lot.expiry_day && wanted < today)
		return law_refuse(deciding, REFUSAL_MALFORMED,
		    "The last day of these points is over. Choose a later "
		    "one.");
	if (wanted != 0)
		lot.expiry_day = wanted;
	return law_move(deciding, &(struct law_move){.to = member,
				      .own = ACCOUNT_GOODWILL,
				      .points = lot.points,
				      .lots = law_one_lot(deciding, &lot)});
}

static bool take(struct deciding *deciding, const struct programme *programme,
    const struct book_member *member)
{
	uint64_t points = deciding->command->points;
	int32_t today = law_today(deciding, programme);
	uint64_t spendable =
	    book_spendable_points(member, today, deciding->entry->time_ms);

	if (spendable < points)
		return law_refuse_short(deciding, points, spendable);
	return law_move(deciding, &(struct law_move){.from = member,
				      .own = ACCOUNT_GOODWILL,
				      .points = points,
				      .lots = law_take_lots(deciding, member,
					  TAKE_SPEND, today, NULL, points)});
}

static bool is_well_formed(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	bool is_owner = command->terminal == 0;

	if (command->reason.size == 0)
		return law_refuse(deciding, REFUSAL_REASON_REQUIRED,
		    "A correction wants a reason. Write a few words.");
	if (!law_take_reason(deciding))
		return false;
	if (command->points < 1 || command->points > POINTS_MAX) {
		deciding->refusal->required = 1;
		return law_refuse(deciding, REFUSAL_POINTS_INVALID,
		    "At least one point is given or taken.");
	}
	if (is_owner && command->second != 0)
		return law_refuse_malformed(
		    deciding, "no second person is wanted");
	if (command->expiry_day != 0 && (!is_owner || command->takes))
		return law_refuse_malformed(deciding, "no last day is wanted");
	return true;
}

bool law_decide_adjust(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	const struct book_member *member;
	bool is_owner = command->terminal == 0;

	if (programme == NULL)
		return false;
	if (!is_owner && !programme->has_goodwill)
		return law_refuse(deciding, REFUSAL_CEILING,
		    "Points are not given by hand in this shop. Ask the "
		    "owner.");
	if (!is_well_formed(deciding))
		return false;
	member = law_find_member(deciding, command->account);
	if (member == NULL ||
	    (!is_owner && !may_person(deciding, programme, member)))
		return false;
	return command->takes ? take(deciding, programme, member)
			      : give(deciding, programme, member);
}
