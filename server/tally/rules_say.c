/*
 * rules_say: owns what each way to earn and each reward is called in plain
 * words.
 */
#include "server/tally/rules_say_inside.h"

#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"
#include "server/tally/rules_text.h"

static const char *const period_names[PERIOD_COUNT] = {
    "a day", "a month", "a year", "ever"};

static void add_amount(struct phrase *phrase, uint64_t amount_minor)
{
	char text[FORMAT_SIZE];

	format_money((int64_t)amount_minor, text);
	phrase_add(phrase, "%s", text);
}

/* --- what it gives -------------------------------------------------------- */

static void say_give(const struct programme_rule *rule, struct phrase *phrase)
{
	char times[FORMAT_SIZE];

	switch (rule->give) {
	case RULE_MULTIPLY:
		format_micro(rule->multiply_milli * 1000ull, times);
		phrase_add(phrase, "%s times the points", times);
		return;
	case RULE_REFER:
		phrase_points(phrase, rule->points_micro);
		phrase_add(phrase,
		    " for who brought a new member, once that one has bought "
		    "something");
		return;
	case RULE_PER_ITEM:
		phrase_points(phrase, rule->points_micro);
		phrase_add(phrase, " for each item");
		return;
	case RULE_PER_VISIT:
		phrase_points(phrase, rule->points_micro);
		phrase_add(phrase, " a visit");
		return;
	case RULE_PER_AMOUNT:
		phrase_points(phrase, rule->points_micro);
		phrase_add(phrase,
		    rule->is_stepped ? " for each full " : " for each ");
		add_amount(phrase, rule->per_amount_minor);
		return;
	}
}

static void say_list(struct bytes text, const struct programme_rule *rule,
    const char *key, const char *before, struct phrase *phrase)
{
	char value[RULES_VALUE_SIZE];

	if (rules_text_value(text, rule->line, key, value))
		phrase_add(phrase, "%s%s", before, value);
}

/* A rule's section is its own; the base rule has none and no lists. */
static void say_what(
    struct bytes text, const struct programme_rule *rule, struct phrase *phrase)
{
	if (rule->categories.count != 0)
		say_list(text, rule, "categories", " on ", phrase);
	if (rule->products.count != 0) {
		phrase_add(phrase, "%s on the product%s ",
		    rule->categories.count != 0 ? " and" : "",
		    rule->products.count == 1 ? "" : "s");
		say_list(text, rule, "products", "", phrase);
	}
	if (rule->amount_minor_min != 0) {
		phrase_add(phrase, ", of ");
		add_amount(phrase, rule->amount_minor_min);
		phrase_add(phrase, " or more");
	}
}

/* --- when, where and for whom --------------------------------------------- */

static void say_dates(int32_t from, int32_t until, struct phrase *phrase)
{
	char day[DATE_SIZE];

	if (from != DAY_NONE) {
		day_format(from, day);
		phrase_add(phrase, "; from %s", day);
	}
	if (until != DAY_NONE) {
		day_format(until, day);
		phrase_add(
		    phrase, "%s %s", from != DAY_NONE ? " to" : "; until", day);
	}
}

static void say_times_of_week(
    const struct programme_rule *rule, struct phrase *phrase)
{
	static const char *const names[] = {"Monday", "Tuesday", "Wednesday",
	    "Thursday", "Friday", "Saturday", "Sunday"};

	if (rule->weekdays != 0) {
		phrase_add(phrase, "; on ");
		phrase_list(phrase);
		for (unsigned i = 0; i < 7; i++)
			if (rule->weekdays & 1u << i)
				phrase_piece(phrase, "%s", names[i]);
	}
	if (rule->minute_from != rule->minute_until)
		phrase_add(phrase, "; from %02u:%02u to %02u:%02u",
		    rule->minute_from / 60u, rule->minute_from % 60u,
		    rule->minute_until / 60u, rule->minute_until % 60u);
}

void rules_say_tiers(
    const struct programme *programme, uint16_t tiers, struct phrase *phrase)
{
	phrase_list(phrase);
	if (tiers & 1u)
		phrase_piece(phrase, "members without a tier");
	for (size_t i = 0; i < programme->tier_count; i++)
		if (tiers & 2u << i)
			phrase_piece(phrase, "%s", programme->tiers[i].name);
}

static void say_whom(const struct programme *programme, struct bytes text,
    const struct programme_rule *rule, struct phrase *phrase)
{
	if (rule->shops.count != 0)
		say_list(text, rule, "shops", "; at ", phrase);
	if (rule->tiers != 0) {
		phrase_add(phrase, "; for ");
		rules_say_tiers(programme, rule->tiers, phrase);
	}
	if (rule->segments.count != 0)
		say_list(text, rule, "segments",
		    rule->segments.count == 1 ? "; for the segment "
					      : "; for the segments ",
		    phrase);
	if (rule->is_birthday && programme->birthday_days == 0)
		phrase_add(phrase, "; on the member's birthday");
	else if (rule->is_birthday) {
		phrase_add(phrase, "; up to ");
		phrase_count(phrase, programme->birthday_days, "day");
		phrase_add(phrase, " from the member's birthday");
	}
	if (rule->lapsed_days != 0) {
		phrase_add(phrase, "; after ");
		phrase_count(phrase, (uint64_t)rule->lapsed_days, "day");
		phrase_add(phrase, " without a sale");
	}
	if (rule->is_brought)
		phrase_add(phrase, "; for whom another member has brought");
	if (rule->chance != 0)
		phrase_add(phrase, "; drawn by lot, one in %u",
		    (unsigned)rule->chance);
}

/* --- how often, and how much ---------------------------------------------- */

static void say_times(
    const uint32_t times_max[PERIOD_COUNT], struct phrase *phrase)
{
	bool is_first = true;

	for (unsigned i = 0; i < PERIOD_COUNT; i++) {
		if (times_max[i] == 0)
			continue;
		phrase_add(phrase, is_first ? "; " : ", ");
		is_first = false;
		if (i == PERIOD_EVER && times_max[i] == 1)
			phrase_add(phrase, "once");
		else if (times_max[i] == 1)
			phrase_add(phrase, "once %s", period_names[i]);
		else
			phrase_add(phrase, "%u times%s%s",
			    (unsigned)times_max[i],
			    i == PERIOD_EVER ? " in all" : " ",
			    i == PERIOD_EVER ? "" : period_names[i]);
	}
}

static void say_cap(uint64_t points_max, const char *of, struct phrase *phrase)
{
	char points[FORMAT_SIZE];

	if (points_max == 0)
		return;
	format_count((int64_t)points_max, points);
	phrase_piece(phrase, "%s points %s", points, of);
}

static bool has_caps(const struct programme_rule *rule)
{
	bool has = rule->sale_points_max != 0 || rule->budget_points_max != 0;

	for (unsigned i = 0; i < PERIOD_COUNT; i++)
		has = has || rule->points_max[i] != 0;
	return has;
}

static void say_caps(const struct programme_rule *rule, struct phrase *phrase)
{
	if (!has_caps(rule))
		return;
	phrase_add(phrase, "; at most ");
	phrase_list(phrase);
	say_cap(rule->sale_points_max, "a sale", phrase);
	for (unsigned i = 0; i < PERIOD_COUNT; i++)
		say_cap(rule->points_max[i],
		    i == PERIOD_EVER ? "a member in all" : period_names[i],
		    phrase);
	say_cap(rule->budget_points_max, "for all members together", phrase);
}

void rules_say_rule(const struct programme *programme, struct bytes text,
    const struct programme_rule *rule, struct phrase *phrase)
{
	say_give(rule, phrase);
	say_what(text, rule, phrase);
	say_times_of_week(rule, phrase);
	say_dates(rule->day_from, rule->day_until, phrase);
	say_whom(programme, text, rule, phrase);
	say_times(rule->times_max, phrase);
	say_caps(rule, phrase);
	if (rule->group != 0)
		phrase_add(phrase, "; the best of %s counts alone",
		    programme->groups[rule->group - 1]);
}

/* --- rewards -------------------------------------------------------------- */

static void say_money(
    const struct programme_reward *reward, struct phrase *phrase)
{
	phrase_points(phrase, reward->money_points * POINTS_MICRO);
	phrase_add(phrase, reward->money_points == 1 ? " pays " : " pay ");
	add_amount(phrase, reward->money_minor);
	if (reward->money_points_min != 0) {
		phrase_add(phrase, ", from ");
		phrase_points(phrase, reward->money_points_min * POINTS_MICRO);
	}
	if (reward->money_step > 1)
		phrase_add(phrase, ", in steps of %llu",
		    (unsigned long long)reward->money_step);
	if (reward->money_share_max < 100)
		phrase_add(phrase, ", up to %u %% of a sale",
		    (unsigned)reward->money_share_max);
}

void rules_say_reward(
    const struct programme_reward *reward, struct phrase *phrase)
{
	switch (reward->kind) {
	case REWARD_PRODUCT:
		phrase_add(phrase, "a product");
		return;
	case REWARD_AMOUNT_OFF:
		add_amount(phrase, reward->off_minor);
		phrase_add(phrase, " off a sale");
		return;
	case REWARD_PERCENT_OFF:
		phrase_add(
		    phrase, "%u %% off a sale", (unsigned)reward->off_percent);
		if (reward->off_minor_max != 0) {
			phrase_add(phrase, ", at most ");
			add_amount(phrase, reward->off_minor_max);
		}
		return;
	case REWARD_MONEY:
		say_money(reward, phrase);
		return;
	}
}

/* --- tables --------------------------------------------------------------- */

static void put_rules(
    struct page *page, const struct programme *programme, struct bytes text)
{
	static const struct column columns[] = {
	    {"id", NULL, false}, {"name", NULL, false}, {"gives", NULL, false}};
	bool is_first = true;

	page_table(page, "rules", columns, 3);
	for (size_t i = 0; i < programme->rule_count; i++) {
		const struct programme_rule *rule = &programme->rules[i];
		struct phrase phrase = {.size = 0};

		rules_say_rule(programme, text, rule, &phrase);
		page_cell_text(page, rule->id);
		page_cell_text(page, rule->name);
		page_cell_text(page, phrase.text);
		if (i == 0 && programme->earn_points != 0)
			continue; /* said with its examples */
		if (is_first)
			page_say(page, "%s",
			    programme->earn_points != 0
				? "And besides:"
				: "A sale gives the sum of:");
		is_first = false;
		page_say(page, "    %s (%s)", rule->name, rule->id);
		page_wrapped(page, 8, phrase.text);
	}
	page_table_end(page, NULL);
}

/* What a member must spend for so many points by the base rule alone; 0 where
 * there is none, or it is past counting. */
static uint64_t amount_for(const struct programme *programme, uint64_t points)
{
	uint64_t amount_minor;
	uint64_t steps;

	if (programme->earn_points == 0 || points == 0)
		return 0;
	steps = (points - 1) / programme->earn_points + 1;
	if (__builtin_mul_overflow(
		steps, programme->earn_amount_minor, &amount_minor))
		return 0;
	return amount_minor;
}

static void say_limits(const struct programme *programme,
    const struct programme_reward *reward, struct phrase *phrase)
{
	char stock[FORMAT_SIZE];

	if (reward->stock != UINT64_MAX) {
		format_count((int64_t)reward->stock, stock);
		phrase_add(phrase, "; %s in stock", stock);
	}
	say_times(reward->times_max, phrase);
	say_dates(reward->day_from, reward->day_until, phrase);
	if (reward->tiers != 0) {
		phrase_add(phrase, "; for ");
		rules_say_tiers(programme, reward->tiers, phrase);
	}
}

static void put_rewards(struct page *page, const struct programme *programme)
{
	static const struct column columns[] = {{"id", "Id", false},
	    {"name", "Name", false, true}, {"points", "Points", true},
	    {"spend", "After sales of", true},
	    {"what", "What it is", false, true}};

	page_say(page, "%s", "");
	page_table(page, "rewards", columns, 5);
	for (size_t i = 0; i < programme->reward_count; i++) {
		const struct programme_reward *reward = &programme->rewards[i];
		struct phrase phrase = {.size = 0};

		rules_say_reward(reward, &phrase);
		say_limits(programme, reward, &phrase);
		page_cell_text(page, reward->id);
		page_cell_text(page, reward->name);
		page_cell_number(page, reward->points);
		page_cell_amount(page, amount_for(programme, reward->points));
		page_cell_text(page, phrase.text);
	}
	page_table_end(page, "There is no reward.");
}

void rules_say(
    struct page *page, const struct programme *programme, struct bytes text)
{
	rules_say_base(page, programme, text);
	put_rules(page, programme, text);
	rules_say_rest(page, programme, text);
	put_rewards(page, programme);
}
