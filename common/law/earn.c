/*
 * earn: owns when a rule applies, how its caps cut it, and the sum.
 *
 * Conditions are asked from the cheapest to the dearest; none has an effect, so
 * the order is of no consequence but for the time that it takes.
 */
#include "common/law/earn.h"

#include <string.h>

#include "common/law/earn_inside.h"

/* One sale under way. */
struct evaluation {
	const struct programme *programme;
	const struct book *book;
	const struct book_member *member; /* NULL: nobody known */
	const struct earn_sale *sale;
	struct earning *earning;
	unsigned weekday;
	bool has_periods;
	int32_t
	    month_day; /* first day of the sale's month, where has_periods */
	int32_t year_day;
	uint64_t multipliers; /* rules that multiply, asked after the others */
	struct earn_gains gains;
	struct earn_basket basket;
};

/* --- conditions ----------------------------------------------------------- */

static bool is_in_minutes(const struct programme_rule *rule, unsigned minute)
{
	if (rule->minute_from == rule->minute_until)
		return true;
	if (rule->minute_from < rule->minute_until)
		return minute >= rule->minute_from &&
		       minute < rule->minute_until;
	return minute >= rule->minute_from || minute < rule->minute_until;
}

static bool is_on_day(
    const struct programme_rule *rule, int32_t day, unsigned weekday)
{
	if (rule->day_from != DAY_NONE && day < rule->day_from)
		return false;
	if (rule->day_until != DAY_NONE && day > rule->day_until)
		return false;
	return rule->weekdays == 0 || (rule->weekdays & 1u << weekday) != 0;
}

static bool is_in_time(
    const struct evaluation *evaluation, const struct programme_rule *rule)
{
	struct local_time when = evaluation->sale->when;

	return is_on_day(rule, when.day, evaluation->weekday) &&
	       is_in_minutes(rule, when.minute);
}

static bool has_segment(
    const struct evaluation *evaluation, const struct programme_rule *rule)
{
	const struct programme *programme = evaluation->programme;

	if (rule->segments.count == 0)
		return true;
	for (unsigned i = 0; i < rule->segments.count; i++) {
		uint64_t ident = programme->names[rule->segments.first + i];

		if (evaluation->member != NULL &&
		    book_has_segment(evaluation->member, (uint32_t)ident))
			return true;
	}
	return false;
}

/* A member without any sale has not lapsed: it is new. */
static bool has_lapsed(
    const struct evaluation *evaluation, const struct programme_rule *rule)
{
	const struct book_member *member = evaluation->member;

	if (rule->lapsed_days == 0)
		return true;
	return member != NULL && member->last_sale_day != DAY_NONE &&
	       (int64_t)evaluation->sale->when.day - member->last_sale_day >=
		   rule->lapsed_days;
}

static bool was_brought(
    const struct evaluation *evaluation, const struct programme_rule *rule)
{
	const struct book_member *member = evaluation->member;

	if (!rule->is_brought)
		return true;
	return member != NULL && member->extra != NULL &&
	       member->extra->referrer != 0;
}

static bool is_for(
    const struct evaluation *evaluation, const struct programme_rule *rule)
{
	const struct earn_sale *sale = evaluation->sale;

	if (rule->tiers != 0 && !(rule->tiers & 1u << sale->tier_level))
		return false;
	if (rule->is_birthday && !sale->is_birthday)
		return false;
	if (rule->shops.count > 0 &&
	    !programme_names_have(
		evaluation->programme, rule->shops, sale->shop))
		return false;
	return has_lapsed(evaluation, rule) && was_brought(evaluation, rule) &&
	       has_segment(evaluation, rule);
}

/* --- counters ------------------------------------------------------------- */

static int32_t period_day(struct evaluation *evaluation, enum period period)
{
	int32_t day = evaluation->sale->when.day;

	if (period == PERIOD_DAY)
		return day;
	if (period == PERIOD_EVER)
		return 0;
	if (!evaluation->has_periods) {
		evaluation->month_day = book_period_day(PERIOD_MONTH, day);
		evaluation->year_day = book_period_day(PERIOD_YEAR, day);
		evaluation->has_periods = true;
	}
	return period == PERIOD_MONTH ? evaluation->month_day
				      : evaluation->year_day;
}

/* What is left of `max` in a period; `max` is not 0. */
static uint64_t left_of(struct evaluation *evaluation, uint64_t max,
    uint32_t ident, enum count_what what, enum period period)
{
	const struct book_member *member = evaluation->member;
	uint64_t count = 0;

	if (member != NULL && member->count_count > 0)
		count = book_count(
		    member, ident, what, period_day(evaluation, period));
	return count < max ? max - count : 0;
}

static bool has_times_left(
    struct evaluation *evaluation, const struct programme_rule *rule)
{
	static const enum count_what whats[PERIOD_COUNT] = {COUNT_TIMES_DAY,
	    COUNT_TIMES_MONTH, COUNT_TIMES_YEAR, COUNT_TIMES_EVER};

	if ((rule->times_max[PERIOD_DAY] | rule->times_max[PERIOD_MONTH] |
		rule->times_max[PERIOD_YEAR] | rule->times_max[PERIOD_EVER]) ==
	    0)
		return true;
	for (unsigned period = 0; period < PERIOD_COUNT; period++) {
		if (rule->times_max[period] != 0 &&
		    left_of(evaluation, rule->times_max[period], rule->ident,
			whats[period], (enum period)period) == 0)
			return false;
	}
	return true;
}

static const enum count_what points_whats[PERIOD_COUNT] = {
    [PERIOD_DAY] = COUNT_POINTS_DAY,
    [PERIOD_MONTH] = COUNT_POINTS_MONTH,
    [PERIOD_EVER] = COUNT_POINTS_EVER,
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Caps of members' points are in whole points, `unit` of a point each. */
static uint64_t cut_by_periods(struct evaluation *evaluation, uint64_t points,
    const uint64_t points_max[PERIOD_COUNT], uint32_t ident, uint64_t unit)
{
	if ((points_max[PERIOD_DAY] | points_max[PERIOD_MONTH] |
		points_max[PERIOD_EVER]) == 0)
		return points;
	for (unsigned period = 0; period < PERIOD_COUNT; period++) {
		if (points_max[period] == 0)
			continue;
		points = least(points,
		    left_of(evaluation, points_max[period] * unit, ident,
			points_whats[period], (enum period)period));
	}
	return points;
}

static uint64_t cut_by_budget(const struct evaluation *evaluation,
    const struct programme_rule *rule, uint64_t micro)
{
	uint64_t max = rule->budget_points_max * POINTS_MICRO;
	uint64_t spent = book_tally(evaluation->book, rule->ident);

	return least(micro, spent < max ? max - spent : 0);
}

static uint64_t cut(struct evaluation *evaluation,
    const struct programme_rule *rule, uint64_t micro)
{
	if (rule->sale_points_max != 0)
		micro = least(micro, rule->sale_points_max * POINTS_MICRO);
	micro = cut_by_periods(
	    evaluation, micro, rule->points_max, rule->ident, POINTS_MICRO);
	if (rule->budget_points_max != 0)
		micro = cut_by_budget(evaluation, rule, micro);
	return micro;
}

/* --- chance --------------------------------------------------------------- */

struct hash earn_draw(struct hasher *hasher, const struct hash *root,
    uint32_t terminal, uint64_t counter, struct bytes random, uint64_t account)
{
	static const char label[] = "tally draw v1"; /* its NUL included */
	uint8_t data[128];
	struct writer writer = writer_of(data, sizeof(data));

	writer_bytes(&writer, bytes_of(label, sizeof(label)));
	writer_bytes(&writer, hash_view(root));
	writer_u32(&writer, terminal);
	writer_u64(&writer, counter);
	writer_bytes(&writer, random);
	writer_u64(&writer, account);
	return hash_plain(hasher, writer_view(&writer));
}

static bool wins(const struct hash *draw, unsigned place, uint32_t chance)
{
	struct reader reader = reader_of(hash_view(draw));

	reader_bytes(&reader, 8 * (place % 4));
	return (reader_u64(&reader) + place) % chance == 0;
}

/* Whether it was drawn or not, that a rule came so far says that a draw is
 * wanted. */
static bool is_lucky(struct evaluation *evaluation,
    const struct programme_rule *rule, unsigned place)
{
	const struct earn_sale *sale = evaluation->sale;

	if (rule->chance == 0)
		return true;
	evaluation->earning->needs_draw = true;
	return sale->has_draw && wins(&sale->draw, place, rule->chance);
}

/* --- rules ---------------------------------------------------------------- */

/* What a rule gives before its caps; nothing where its lines do not do. */
static uint64_t gain_of(struct evaluation *evaluation,
    const struct programme_rule *rule, unsigned __int128 lines,
    const struct earn_sum *sum)
{
	const struct earn_basket *basket = &evaluation->basket;

	if (!earn_sum_suffices(rule, sum))
		return 0;
	if (rule->give == RULE_MULTIPLY)
		return earn_multiplied(basket, &evaluation->gains, rule, lines);
	return earn_gain(basket, rule, sum);
}

static void ask_rule(struct evaluation *evaluation, unsigned place)
{
	const struct programme_rule *rule =
	    &evaluation->programme->rules[place];
	struct earn_gains *gains = &evaluation->gains;
	unsigned __int128 lines;
	struct earn_sum sum;
	uint64_t micro;

	if (!is_in_time(evaluation, rule) || !is_for(evaluation, rule))
		return;
	lines = earn_rule_lines(&evaluation->basket, rule, &sum);
	micro = gain_of(evaluation, rule, lines, &sum);
	if (micro == 0 || !has_times_left(evaluation, rule) ||
	    !is_lucky(evaluation, rule, place))
		return;
	gains->given |= 1ull << place;
	gains->lines[place] = lines;
	gains->micro[place] = micro;
}

static void ask_rules(struct evaluation *evaluation)
{
	const struct programme *programme = evaluation->programme;

	for (unsigned place = 0; place < programme->rule_count; place++) {
		if (programme->rules[place].give == RULE_MULTIPLY)
			evaluation->multipliers |= 1ull << place;
		else if (programme->rules[place].give != RULE_REFER)
			ask_rule(evaluation, place);
	}
	for (uint64_t left = evaluation->multipliers; left; left &= left - 1)
		ask_rule(evaluation, (unsigned)__builtin_ctzll(left));
}

static void take_parts(struct evaluation *evaluation)
{
	const struct earn_gains *gains = &evaluation->gains;
	struct earning *earning = evaluation->earning;

	for (uint64_t left = gains->given; left; left &= left - 1) {
		unsigned place = (unsigned)__builtin_ctzll(left);
		struct part *part = &earning->parts[earning->part_count++];

		part->rule = (uint8_t)place;
		part->points_micro = cut(evaluation,
		    &evaluation->programme->rules[place], gains->micro[place]);
	}
}

/* --- the sum -------------------------------------------------------------- */

bool earn_part_counts(const struct programme *programme,
    const struct part *parts, size_t part_count, size_t place)
{
	uint8_t group = programme->rules[parts[place].rule].group;

	for (size_t i = 0; group != 0 && i < part_count; i++) {
		if (programme->rules[parts[i].rule].group != group)
			continue;
		if (parts[i].points_micro > parts[place].points_micro ||
		    (i < place &&
			parts[i].points_micro == parts[place].points_micro))
			return false;
	}
	return true;
}

uint64_t earn_sum_parts(const struct programme *programme,
    const struct part *parts, size_t part_count)
{
	uint64_t best[RULE_GROUPS_MAX + 1] = {0};
	unsigned __int128 sum = 0;

	for (size_t i = 0; i < part_count; i++) {
		uint8_t group = programme->rules[parts[i].rule].group;

		if (group == 0)
			sum += parts[i].points_micro;
		else if (parts[i].points_micro > best[group])
			best[group] = parts[i].points_micro;
	}
	for (size_t group = 1; group <= programme->group_count; group++)
		sum += best[group];
	if (sum >= (unsigned __int128)POINTS_MAX * POINTS_MICRO)
		return POINTS_MAX;
	return (uint64_t)sum / POINTS_MICRO;
}

static uint64_t cut_all(struct evaluation *evaluation, uint64_t points)
{
	const struct programme *programme = evaluation->programme;

	if (programme->sale_points_max != 0)
		points = least(points, programme->sale_points_max);
	if (programme->points_max[PERIOD_DAY] == 0 &&
	    programme->points_max[PERIOD_MONTH] == 0)
		return points;
	return cut_by_periods(evaluation, points, programme->points_max,
	    programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0)), 1);
}

void earn_evaluate(const struct programme *programme, const struct book *book,
    const struct book_member *member, const struct earn_sale *sale,
    struct earning *ret_earning)
{
	struct evaluation evaluation;

	ret_earning->points = 0;
	ret_earning->needs_draw = false;
	ret_earning->part_count = 0;
	if (sale->paid_minor > sale->amount_minor)
		return;
	if (programme->is_plain) {
		ret_earning->points = programme_earn_points(
		    programme, sale->amount_minor - sale->paid_minor);
		return;
	}
	evaluation.programme = programme;
	evaluation.book = book;
	evaluation.member = member;
	evaluation.sale = sale;
	evaluation.earning = ret_earning;
	evaluation.weekday = day_weekday(sale->when.day);
	evaluation.has_periods = false;
	evaluation.multipliers = 0;
	evaluation.gains.given = 0;
	earn_fill_basket(&evaluation.basket, programme,
	    &(struct earn_scope){.amount_minor = sale->amount_minor,
		.paid_minor = sale->paid_minor,
		.lines = sale->lines});
	if (evaluation.basket.kept_minor == 0)
		return;
	ask_rules(&evaluation);
	take_parts(&evaluation);
	ret_earning->points =
	    cut_all(&evaluation, earn_sum_parts(programme, ret_earning->parts,
				     ret_earning->part_count));
}

/* --- referrals ------------------------------------------------------------ */

static void ask_refer(struct evaluation *evaluation,
    const struct earn_referral *referral, unsigned place)
{
	const struct programme_rule *rule =
	    &evaluation->programme->rules[place];
	struct earning *earning = evaluation->earning;

	if (rule->give != RULE_REFER ||
	    !is_on_day(
		rule, referral->sale_day, day_weekday(referral->sale_day)) ||
	    !is_for(evaluation, rule) || !has_times_left(evaluation, rule))
		return;
	earning->parts[earning->part_count++] =
	    (struct part){.rule = (uint8_t)place,
		.points_micro = cut(evaluation, rule, rule->points_micro)};
}

void earn_refer(const struct programme *programme, const struct book *book,
    const struct earn_referral *referral, struct earning *ret_earning)
{
	const struct earn_sale now = {
	    .when = {.day = referral->today},
	    .tier_level = referral->tier_level,
	};
	struct evaluation evaluation;

	evaluation.programme = programme;
	evaluation.book = book;
	evaluation.member = referral->referrer;
	evaluation.sale = &now;
	evaluation.earning = ret_earning;
	evaluation.has_periods = false;
	ret_earning->needs_draw = false;
	ret_earning->part_count = 0;
	for (unsigned place = 0; place < programme->rule_count; place++)
		ask_refer(&evaluation, referral, place);
	ret_earning->points = earn_sum_parts(
	    programme, ret_earning->parts, ret_earning->part_count);
}
