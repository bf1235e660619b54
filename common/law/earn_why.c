/*
 * earn_why: owns the questions by which a rule's refusal is explained.
 *
 * A rule is asked again with all of its conditions taken away but one. Where it
 * then gives nothing, that one does not hold.
 */
#include "common/law/earn_why.h"

#include <stdlib.h>
#include <string.h>

struct asking {
	struct programme *programme;	   /* a copy, whose rule is changed */
	const struct programme_rule *rule; /* as it is */
	const struct book *book;
	const struct book_member *member;
	const struct earn_sale *sale;
	unsigned place;
};

/* What the changed rule gives; false where it does not apply. */
static bool gives(const struct asking *asking, uint64_t *ret_micro)
{
	struct earning earning;

	earn_evaluate(asking->programme, asking->book, asking->member,
	    asking->sale, &earning);
	for (size_t i = 0; i < earning.part_count; i++) {
		if (earning.parts[i].rule == asking->place) {
			*ret_micro = earning.parts[i].points_micro;
			return true;
		}
	}
	return false;
}

/* The rule without caps, and without any condition; a multiplier's lines stay,
 * for they say what is multiplied. */
static struct programme_rule bare(const struct programme_rule *rule)
{
	struct programme_rule bare = *rule;

	bare.categories.count = 0;
	bare.products.count = 0;
	bare.shops.count = 0;
	bare.segments.count = 0;
	bare.tiers = 0;
	bare.weekdays = 0;
	bare.minute_until = bare.minute_from;
	bare.day_from = DAY_NONE;
	bare.day_until = DAY_NONE;
	bare.amount_minor_min = 0;
	bare.is_birthday = false;
	bare.is_brought = false;
	bare.lapsed_days = 0;
	bare.chance = 0;
	bare.sale_points_max = 0;
	bare.budget_points_max = 0;
	memset(bare.points_max, 0, sizeof(bare.points_max));
	memset(bare.times_max, 0, sizeof(bare.times_max));
	return bare;
}

/* One condition, or one cap, as the rule has it. */
static void put_back(
    struct programme_rule *to, const struct programme_rule *from, uint32_t why)
{
	switch (why) {
	case EARN_WHY_DATES:
		to->day_from = from->day_from;
		to->day_until = from->day_until;
		break;
	case EARN_WHY_WEEKDAY:
		to->weekdays = from->weekdays;
		break;
	case EARN_WHY_HOURS:
		to->minute_from = from->minute_from;
		to->minute_until = from->minute_until;
		break;
	case EARN_WHY_SHOP:
		to->shops = from->shops;
		break;
	case EARN_WHY_TIER:
		to->tiers = from->tiers;
		break;
	case EARN_WHY_SEGMENT:
		to->segments = from->segments;
		break;
	case EARN_WHY_BIRTHDAY:
		to->is_birthday = from->is_birthday;
		break;
	case EARN_WHY_LAPSED:
		to->lapsed_days = from->lapsed_days;
		break;
	case EARN_WHY_BROUGHT:
		to->is_brought = from->is_brought;
		break;
	case EARN_WHY_TIMES:
		memcpy(to->times_max, from->times_max, sizeof(to->times_max));
		break;
	case EARN_WHY_CHANCE:
		to->chance = from->chance;
		break;
	default:
		break;
	}
}

static void put_cap_back(
    struct programme_rule *to, const struct programme_rule *from, uint32_t cut)
{
	static const enum period periods[] = {
	    PERIOD_DAY, PERIOD_MONTH, PERIOD_EVER};

	if (cut == EARN_CUT_SALE)
		to->sale_points_max = from->sale_points_max;
	else if (cut == EARN_CUT_BUDGET)
		to->budget_points_max = from->budget_points_max;
	for (size_t i = 0; i < 3; i++)
		if (cut == (uint32_t)EARN_CUT_DAY << i)
			to->points_max[periods[i]] =
			    from->points_max[periods[i]];
}

/* --- the questions -------------------------------------------------------- */

static bool gives_for_a_visit(const struct asking *asking)
{
	struct programme_rule *changed =
	    &asking->programme->rules[asking->place];
	uint64_t micro;

	changed->give = RULE_PER_VISIT;
	changed->points_micro = POINTS_MICRO;
	return gives(asking, &micro);
}

/* Whom, when and where it is about, one after another. A visit is asked for: it
 * gives something whatever is sold. */
static uint32_t ask_conditions(const struct asking *asking)
{
	struct programme_rule *changed =
	    &asking->programme->rules[asking->place];
	uint32_t why = 0;

	for (uint32_t one = EARN_WHY_DATES; one <= EARN_WHY_CHANCE; one <<= 1) {
		*changed = bare(asking->rule);
		put_back(changed, asking->rule, one);
		if (!gives_for_a_visit(asking))
			why |= one;
	}
	return why;
}

/* What was sold, and whether it is enough. */
static uint32_t ask_lines(const struct asking *asking)
{
	struct programme_rule *changed =
	    &asking->programme->rules[asking->place];

	*changed = bare(asking->rule);
	changed->categories = asking->rule->categories;
	changed->products = asking->rule->products;
	if (!gives_for_a_visit(asking))
		return EARN_WHY_LINES;
	changed->amount_minor_min = asking->rule->amount_minor_min;
	return gives_for_a_visit(asking) ? 0 : EARN_WHY_AMOUNT;
}

/* The rule with its conditions and without its caps, and then with each. */
static void ask_gain(const struct asking *asking, struct earn_reason *reason)
{
	struct programme_rule *changed =
	    &asking->programme->rules[asking->place];
	struct programme_rule uncut = *asking->rule;
	struct programme_rule none = bare(asking->rule);
	uint64_t micro;

	uncut.sale_points_max = 0;
	uncut.budget_points_max = 0;
	memcpy(uncut.points_max, none.points_max, sizeof(uncut.points_max));
	*changed = uncut;
	if (!gives(asking, &reason->uncut_micro)) {
		reason->why |= EARN_WHY_NOTHING;
		return;
	}
	for (uint32_t cut = EARN_CUT_SALE; cut <= EARN_CUT_BUDGET; cut <<= 1) {
		*changed = uncut;
		put_cap_back(changed, asking->rule, cut);
		if (gives(asking, &micro) && micro < reason->uncut_micro)
			reason->cuts |= cut;
	}
}

enum result earn_reason(const struct programme *programme,
    const struct book *book, const struct book_member *member,
    const struct earn_sale *sale, unsigned place,
    struct earn_reason *ret_reason, struct error *err)
{
	struct programme *copy = malloc(sizeof(*copy));
	struct asking asking = {.programme = copy,
	    .rule = &programme->rules[place],
	    .book = book,
	    .member = member,
	    .sale = sale,
	    .place = place};

	if (copy == NULL)
		return error_no_memory(err);
	*copy = *programme;
	*ret_reason = (struct earn_reason){.why = 0};
	if (asking.rule->give == RULE_REFER)
		ret_reason->why = EARN_WHY_REFER;
	else
		ret_reason->why = ask_conditions(&asking) | ask_lines(&asking);
	if (ret_reason->why == 0)
		ask_gain(&asking, ret_reason);
	free(copy);
	return RESULT_OK;
}
