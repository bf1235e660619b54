/*
 * earn_kept: owns what a sale still earns when some of it has come back.
 *
 * The conditions of its moment are not asked again: a rule that had a part was
 * in force, and one that had none is not. What a rule asks of its lines is:
 * who buys for a bonus and returns the half does not keep it.
 */
#include "common/law/earn.h"

#include "common/law/earn_inside.h"

/* Nothing is known of such an entry but its amount. */
static uint64_t plain_points(const struct programme *programme,
    const struct entry *earn, const struct earn_back *back)
{
	uint64_t unpaid_minor = earn->amount_minor - earn->paid_minor;
	uint64_t kept_minor = earn->amount_minor;

	for (uint32_t i = 0; i < back->line_count; i++)
		kept_minor -= (uint64_t)back->lines[i].amount_minor;
	kept_minor -= back->amount_minor;
	if (kept_minor == 0 || kept_minor > earn->amount_minor)
		return 0;
	if (earn->paid_minor != 0)
		kept_minor = (uint64_t)((unsigned __int128)kept_minor *
					unpaid_minor / earn->amount_minor);
	return programme_earn_points(programme, kept_minor);
}

/* Multipliers come after the others, whose gains they multiply. */
static void keep_rules(const struct earn_basket *basket,
    struct earn_gains *gains, const struct earning *kept, bool multipliers)
{
	for (size_t i = 0; i < kept->part_count; i++) {
		unsigned place = kept->parts[i].rule;
		const struct programme_rule *rule =
		    &basket->programme->rules[place];
		struct earn_sum sum;

		if ((rule->give == RULE_MULTIPLY) != multipliers)
			continue;
		gains->micro[place] = 0;
		gains->lines[place] = earn_rule_lines(basket, rule, &sum);
		if (!earn_sum_suffices(rule, &sum))
			continue;
		gains->micro[place] = multipliers
					  ? earn_multiplied(basket, gains, rule,
						gains->lines[place])
					  : earn_gain(basket, rule, &sum);
		if (!multipliers)
			gains->given |= 1ull << place;
	}
}

/* Each part as far as it is kept; the entry is somebody's record, so that its
 * rules are in the programme is asked. */
static void keep_parts(const struct programme *programme,
    const struct entry *earn, const struct earn_back *back,
    struct earning *kept)
{
	struct reader reader = reader_of(earn->parts);
	struct earn_gains gains;
	struct earn_basket basket;
	struct part part;

	while (part_read(&reader, &part) && part.rule < programme->rule_count &&
	       kept->part_count < RULES_MAX)
		kept->parts[kept->part_count++] = part;
	earn_fill_basket(&basket, programme,
	    &(struct earn_scope){.amount_minor = earn->amount_minor,
		.paid_minor = earn->paid_minor,
		.lines = earn->lines,
		.back = back});
	gains.given = 0;
	if (basket.kept_minor > 0) {
		keep_rules(&basket, &gains, kept, false);
		keep_rules(&basket, &gains, kept, true);
	}
	for (size_t i = 0; i < kept->part_count; i++) {
		struct part *of = &kept->parts[i];

		if (basket.kept_minor == 0)
			of->points_micro = 0;
		else if (gains.micro[of->rule] < of->points_micro)
			of->points_micro = gains.micro[of->rule];
	}
}

void earn_kept(const struct programme *programme, const struct entry *earn,
    const struct earn_back *back, struct earning *ret_kept)
{
	ret_kept->needs_draw = false;
	ret_kept->part_count = 0;
	ret_kept->points = 0;
	if (earn->parts.size == 0) {
		if (programme->is_plain)
			ret_kept->points = plain_points(programme, earn, back);
	} else {
		keep_parts(programme, earn, back, ret_kept);
		ret_kept->points = earn_sum_parts(
		    programme, ret_kept->parts, ret_kept->part_count);
	}
	if (ret_kept->points > earn->points)
		ret_kept->points = earn->points;
}

uint64_t earn_kept_points(const struct programme *programme,
    const struct entry *earn, const struct earn_back *back)
{
	struct earning kept;

	earn_kept(programme, earn, back, &kept);
	return kept.points;
}
