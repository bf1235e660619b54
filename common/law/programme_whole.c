/*
 * programme_whole: owns what is asked of a section, and of the text, as a
 * whole: keys that are missing, that want another beside them, or that
 * contradict each other; and what follows from all of it together.
 */
#include "common/law/programme_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ledger/lists.h"

/* --- keys among each other ------------------------------------------------ */

/* Two keys of which a section has one at most. */
struct clash {
	enum section section;
	const char *one;
	const char *other;
};

static const struct clash clashes[] = {
    {SECTION_POINTS, "expire_date", "expire_months"},
    {SECTION_POINTS, "expire_date", "expire_end"},
    {SECTION_POINTS, "expire_date", "expire_inactive_days"},
    {SECTION_POINTS, "expire_inactive_days", "expire_months"},
    {SECTION_POINTS, "expire_inactive_days", "expire_end"},
    {SECTION_EARN, "points", "multiply"},
    {SECTION_EARN, "points", "refer"},
    {SECTION_EARN, "per", "multiply"},
    {SECTION_EARN, "per", "refer"},
    {SECTION_EARN, "multiply", "refer"},
    {SECTION_EARN, "first", "ever_times"},
    /* Who brought a member is paid by the night, for no sale of its own. */
    {SECTION_EARN, "refer", "categories"},
    {SECTION_EARN, "refer", "products"},
    {SECTION_EARN, "refer", "amount_min"},
    {SECTION_EARN, "refer", "shops"},
    {SECTION_EARN, "refer", "weekdays"},
    {SECTION_EARN, "refer", "hours"},
    {SECTION_EARN, "refer", "birthday"},
    {SECTION_EARN, "refer", "brought"},
    {SECTION_EARN, "refer", "lapsed_days"},
    {SECTION_EARN, "refer", "chance"},
    {SECTION_EARN, "refer", "group"},
    {SECTION_EARN, "refer", "sale_points_max"},
    {SECTION_TIERS, "window", "window_days"},
    {SECTION_REWARD, "amount_off", "percent_off"},
    {SECTION_REWARD, "points", "money_points"},
    {SECTION_REWARD, "points", "money_amount"},
    {SECTION_REWARD, "amount_off", "money_points"},
    {SECTION_REWARD, "percent_off", "money_points"},
};

/* A key that says nothing without another. */
static const struct clash pairs[] = {
    {SECTION_PROGRAMME, "earn_points", "earn_amount"},
    {SECTION_PROGRAMME, "earn_amount", "earn_points"},
    {SECTION_EARN, "points", "per"},
    {SECTION_EARN, "per", "points"},
    {SECTION_REWARD, "percent_off_max", "percent_off"},
    {SECTION_REWARD, "money_points", "money_amount"},
    {SECTION_REWARD, "money_amount", "money_points"},
    {SECTION_REWARD, "money_step", "money_points"},
    {SECTION_REWARD, "money_points_min", "money_points"},
    {SECTION_REWARD, "money_share_max", "money_points"},
};

/* A fault that a key's own place shows. */
__attribute__((format(printf, 3, 4))) static void fail_at(
    struct parse *parse, struct place place, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	parse_fail(parse, RESULT_INVALID, place.line, place.column, "%s", text);
}

static bool has_key(const struct parse *parse, const char *name)
{
	return key_place(parse, name).line != 0;
}

static void check_due(struct parse *parse)
{
	const struct key *keys = section_keys(parse->section);
	char wanted[WANTED_SIZE];

	for (size_t index = 0; keys[index].name != NULL; index++) {
		if (parse->places[index].line != 0 ||
		    keys[index].is_due == NULL || !keys[index].is_due(parse))
			continue;
		key_wanted(&keys[index], wanted);
		parse_fail(parse, RESULT_INVALID, parse->section_line, 0,
		    "this section lacks the key '%s': %s is wanted",
		    keys[index].name, wanted);
	}
}

/* The later of the two is where the owner contradicts themself. */
static void check_clashes(struct parse *parse)
{
	for (size_t index = 0; index < COUNT_OF(clashes); index++) {
		const struct clash *clash = &clashes[index];
		struct place one;
		struct place other;

		if (clash->section != parse->section ||
		    !has_key(parse, clash->one) ||
		    !has_key(parse, clash->other))
			continue;
		one = key_place(parse, clash->one);
		other = key_place(parse, clash->other);
		fail_at(parse, one.line > other.line ? one : other,
		    "'%s' and '%s' contradict each other: one of them is "
		    "wanted",
		    clash->one, clash->other);
	}
}

/* The two of the base rule are due anyway where no other rule is there. */
static void check_pairs(struct parse *parse)
{
	if (parse->section == SECTION_PROGRAMME && !parse->has_earn)
		return;
	for (size_t index = 0; index < COUNT_OF(pairs); index++) {
		const struct clash *pair = &pairs[index];

		if (pair->section == parse->section &&
		    has_key(parse, pair->one) && !has_key(parse, pair->other))
			fail_at(parse, key_place(parse, pair->one),
			    "'%s' wants the key '%s' beside it", pair->one,
			    pair->other);
	}
}

/* --- lists ---------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
	const uint64_t *one = left;
	const uint64_t *other = right;

	return (*one > *other) - (*one < *other);
}

/* Move a list to the programme's pool, in rising order, as it is looked up. */
static struct programme_names list_finish(struct parse *parse, enum list which)
{
	struct programme *programme = parse->programme;
	struct list_names *list = &parse->lists[which];
	struct programme_names names = {
	    (uint16_t)programme->name_count, (uint16_t)list->count};

	qsort(list->names, list->count, sizeof(*list->names), compare_names);
	memcpy(&programme->names[programme->name_count], list->names,
	    list->count * sizeof(*list->names));
	programme->name_count += list->count;
	list->count = 0;
	return names;
}

/* --- one section ---------------------------------------------------------- */

static void check_days(struct parse *parse, int32_t from, int32_t until)
{
	if (from != DAY_NONE && until != DAY_NONE && until < from)
		fail_at(parse, key_place(parse, "until"),
		    "until: a day that is not before 'from' is wanted");
}

static void programme_finish(struct parse *parse)
{
	struct programme *programme = parse->programme;

	programme->exclude_categories = list_finish(parse, LIST_CATEGORIES);
	programme->exclude_products = list_finish(parse, LIST_PRODUCTS);
	parse->base_line = key_place(parse, "earn_points").line;
}

static void rule_finish(struct parse *parse)
{
	struct programme_rule *rule = parse->rule;

	if (rule->name[0] == '\0')
		memcpy(rule->name, rule->id, sizeof(rule->id));
	rule->categories = list_finish(parse, LIST_CATEGORIES);
	rule->products = list_finish(parse, LIST_PRODUCTS);
	rule->shops = list_finish(parse, LIST_SHOPS);
	rule->segments = list_finish(parse, LIST_SEGMENTS);
	check_days(parse, rule->day_from, rule->day_until);
	if (!has_key(parse, "points") && !has_key(parse, "per") &&
	    !has_key(parse, "multiply") && !has_key(parse, "refer"))
		parse_fail(parse, RESULT_INVALID, parse->section_line, 0,
		    "this section lacks one of the keys 'points', 'multiply' "
		    "and 'refer'");
}

static void tier_finish(struct parse *parse)
{
	struct programme_tier *tier = parse->tier;
	size_t count = parse->programme->tier_count;
	const struct programme_tier *before = NULL;

	if (tier->name[0] == '\0')
		memcpy(tier->name, tier->id, sizeof(tier->id));
	if (tier == &parse->spare_tier || count < 2 || tier->from == 0)
		return;
	before = &parse->programme->tiers[count - 2];
	if (tier->from <= before->from)
		fail_at(parse, key_place(parse, "from"),
		    "from: more than the %llu of the tier '%s' is wanted",
		    (unsigned long long)before->from, before->id);
}

static void reward_finish(struct parse *parse)
{
	struct programme_reward *reward = parse->reward;

	if (reward->money_points > 0)
		reward->kind = REWARD_MONEY;
	else if (reward->off_minor > 0)
		reward->kind = REWARD_AMOUNT_OFF;
	else if (reward->off_percent > 0)
		reward->kind = REWARD_PERCENT_OFF;
	check_days(parse, reward->day_from, reward->day_until);
}

static void transfer_finish(struct parse *parse)
{
	const struct programme *programme = parse->programme;
	uint64_t min = programme->transfer_points_min;
	uint64_t max = programme->transfer_points_max;
	uint64_t month_max = programme->transfer_month_points_max;

	if (max > 0 && max < min)
		fail_at(parse, key_place(parse, "points_max"),
		    "points_max: no less than points_min is wanted");
	if (month_max > 0 && month_max < min)
		fail_at(parse, key_place(parse, "month_points_max"),
		    "month_points_max: no less than points_min is wanted");
}

static void section_settle(struct parse *parse)
{
	switch (parse->section) {
	case SECTION_PROGRAMME:
		programme_finish(parse);
		break;
	case SECTION_EARN:
		rule_finish(parse);
		break;
	case SECTION_TIER:
		tier_finish(parse);
		break;
	case SECTION_REWARD:
		reward_finish(parse);
		break;
	case SECTION_TRANSFER:
		transfer_finish(parse);
		break;
	default:
		break;
	}
}

void section_finish(struct parse *parse)
{
	check_due(parse);
	check_clashes(parse);
	check_pairs(parse);
	section_settle(parse);
}

/* --- the whole ------------------------------------------------------------ */

/* The base rule comes first, wherever its section stands. */
static void add_base(struct parse *parse)
{
	struct programme *programme = parse->programme;
	struct programme_rule base = {.id = "base",
	    .name = "base",
	    .ident = programme_ident("earn", bytes_of_string("base")),
	    .line = parse->base_line,
	    .give = RULE_PER_AMOUNT,
	    .is_stepped = true,
	    .points_micro = programme->earn_points * POINTS_MICRO,
	    .per_amount_minor = programme->earn_amount_minor,
	    .day_from = DAY_NONE,
	    .day_until = DAY_NONE};

	if (programme->rule_count == RULES_MAX) {
		parse_fail(parse, RESULT_LIMIT, parse->base_line, 0,
		    "more than %u rules, this one among them", RULES_MAX);
		return;
	}
	memmove(&programme->rules[1], &programme->rules[0],
	    programme->rule_count * sizeof(base));
	programme->rules[0] = base;
	programme->rule_count++;
}

/* A tier's border of an amount is said in whole units of the currency. */
static void settle_tiers(struct parse *parse)
{
	struct programme *programme = parse->programme;
	unsigned line = parse->section_lines[SECTION_TIERS];

	if (line != 0 && parse->tier_id_count == 0)
		parse_fail(parse, RESULT_INVALID, line, 0,
		    "this section wants a section [tier ID] beside it");
	if (programme->qualify != QUALIFY_AMOUNT)
		return;
	for (size_t index = 0; index < programme->tier_count; index++)
		programme->tiers[index].from *= 100;
}

/* Nothing that an earn's entry would have to say more than its points of. */
static bool is_plain(const struct programme *programme)
{
	int32_t active_day;
	int32_t expiry_day;

	programme_stamps(programme, 0, &active_day, &expiry_day);
	return programme->rule_count == 1 && programme->rules[0].is_stepped &&
	       programme->exclude_categories.count == 0 &&
	       programme->exclude_products.count == 0 &&
	       programme->sale_points_max == 0 &&
	       programme->points_max[PERIOD_DAY] == 0 &&
	       programme->points_max[PERIOD_MONTH] == 0 &&
	       programme->day_sales_max == 0 && programme->tier_count == 0 &&
	       active_day == 0 && expiry_day == LOT_NEVER;
}

void parse_finish(struct parse *parse)
{
	struct programme *programme = parse->programme;

	if (parse->section_lines[SECTION_PROGRAMME] == 0)
		parse_fail(parse, RESULT_INVALID, parse->line + 1, 0,
		    "the section [programme] is missing");
	programme->line = parse->section_lines[SECTION_PROGRAMME];
	programme->points_line = parse->section_lines[SECTION_POINTS];
	programme->transfer_line = parse->section_lines[SECTION_TRANSFER];
	programme->goodwill_line = parse->section_lines[SECTION_GOODWILL];
	settle_tiers(parse);
	if (programme->earn_points > 0)
		add_base(parse);
	if (programme->earn_amount_minor == 0)
		programme->earn_amount_minor = 1;
	for (size_t index = 0; index < programme->rule_count; index++) {
		programme->has_birthday_rule |=
		    programme->rules[index].is_birthday;
		programme->has_chance_rule |=
		    programme->rules[index].chance != 0;
	}
	programme->is_plain = is_plain(programme);
}
