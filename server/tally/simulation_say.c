/*
 * simulation_say: owns how what came of a simulation is told.
 */
#include "server/tally/simulation_say.h"

#include <inttypes.h>
#include <stdio.h>

#include "server/tally/format.h"
#include "server/tally/phrase.h"

/* --- sales and points ----------------------------------------------------- */

static void put_days(struct page *page, const struct simulation *after)
{
	char first[DATE_SIZE];
	char last[DATE_SIZE];

	day_format(after->first_day, first);
	day_format(after->last_day, last);
	page_text(page, "from", NULL, first);
	page_text(page, "until", NULL, last);
	page_text(page, "name", NULL, after->programme->name);
	page_text(page, "currency", NULL, after->programme->currency);
	page_say(
	    page, "%s, sales of %s to %s", after->programme->name, first, last);
}

/* Why some sales are not in the figures; nothing where all are. */
static void put_left_out(struct page *page, const struct simulation *after)
{
	struct phrase phrase = {.size = 0};

	page_count(page, "nobody", NULL, (int64_t)after->nobody);
	page_count(page, "empty", NULL, (int64_t)after->empty);
	page_count(page, "refused", NULL, (int64_t)after->refused);
	page_text(page, "refusal", NULL, after->refusal);
	phrase_list(&phrase);
	if (after->nobody != 0)
		phrase_piece(
		    &phrase, "%" PRIu64 " without a customer", after->nobody);
	if (after->empty != 0)
		phrase_piece(&phrase, "%" PRIu64 " of no amount", after->empty);
	if (after->refused != 0)
		phrase_piece(&phrase, "%" PRIu64 " refused: %s", after->refused,
		    after->refusal);
	if (phrase.size != 0)
		page_text(page, NULL, "  left out", phrase.text);
}

static void put_sales(struct page *page, const struct simulation *after)
{
	page_count(page, "sales", "Sales", (int64_t)after->sales);
	page_amount(page, "amount", "  amount", (int64_t)after->amount_minor);
	put_left_out(page, after);
	page_count(page, "members", "Members", (int64_t)after->members);
	page_count(page, "members_with_points", "  with points",
	    (int64_t)after->active_members);
}

static void put_points(struct page *page, const struct simulation *after)
{
	page_count(
	    page, "issued", "Points issued", (int64_t)after->issued_points);
	page_count(
	    page, "redeemed", "  redeemed", (int64_t)after->redeemed_points);
	page_count(page, "redemptions",
	    after->redemptions == 0 ? NULL : "  in rewards",
	    (int64_t)after->redemptions);
	page_count(
	    page, "expired", "  expired", (int64_t)after->expired_points);
	page_count(
	    page, "outstanding", "  outstanding", after->outstanding_points);
}

/* A worth and what share of the sales that is. */
static void put_worth(struct page *page, const struct simulation *after,
    const char *key, const char *label, uint64_t micro)
{
	uint64_t minor = simulate_worth(after->issued_points, micro);
	char text[FORMAT_SIZE];
	char share[2 * FORMAT_SIZE];

	format_money((int64_t)minor, text);
	if (after->amount_minor != 0)
		(void)snprintf(share, sizeof(share), "%s (%.2f %% of sales)",
		    text, 100.0 * (double)minor / (double)after->amount_minor);
	else
		(void)snprintf(share, sizeof(share), "%s", text);
	page_amount(page, key, NULL, (int64_t)minor);
	page_text(page, NULL, label, share);
}

static void put_cost(struct page *page, const struct simulation *after)
{
	bool is_range = after->value_micro_least != after->value_micro_most;

	page_count(page, "point_value_micro_least", NULL,
	    (int64_t)after->value_micro_least);
	page_count(page, "point_value_micro_most", NULL,
	    (int64_t)after->value_micro_most);
	if (after->value_micro_least == 0) {
		page_say(page,
		    "What points cost is not known: give rewards a `cost`, or "
		    "say --point-value.");
		return;
	}
	put_worth(page, after, "cost_least",
	    is_range ? "Cost at least" : "Cost", after->value_micro_least);
	put_worth(page, after, "cost_most", is_range ? "  at most" : NULL,
	    after->value_micro_most);
	if (after->redemptions != 0)
		page_amount(page, "redeemed_cost", "  of redeemed",
		    (int64_t)after->redeemed_minor);
}

static void put_rules(struct page *page, const struct simulation *after)
{
	static const struct column columns[] = {{"id", "Rule", false},
	    {"name", "Name", false, true}, {"sales", "Sales", true},
	    {"points", "Points", true}, {"share", "Of all", true}};
	const struct programme *programme = after->programme;

	page_say(page, "%s", "");
	page_table(page, "rules", columns, 5);
	for (size_t i = 0; i < programme->rule_count; i++) {
		const struct simulated_rule *rule = &after->rules[i];
		uint64_t points = rule->points_micro / POINTS_MICRO;
		char share[FORMAT_SIZE] = "";

		if (after->issued_points != 0)
			(void)snprintf(share, sizeof(share), "%.1f %%",
			    100.0 * (double)points /
				(double)after->issued_points);
		page_cell_text(page, programme->rules[i].id);
		page_cell_text(page, programme->rules[i].name);
		page_cell_count(page, (int64_t)rule->sales);
		page_cell_count(page, (int64_t)points);
		page_cell_text(page, share);
	}
	page_table_end(page, "There is no rule.");
}

static void put_tiers(struct page *page, const struct simulation *after)
{
	static const struct column columns[] = {{"id", NULL, false},
	    {"name", "Tier in the end", false}, {"members", "Members", true}};
	const struct programme *programme = after->programme;

	if (programme->tier_count == 0)
		return;
	page_say(page, "%s", "");
	page_table(page, "tiers", columns, 3);
	for (size_t i = 0; i <= programme->tier_count; i++) {
		page_cell_text(page, i == 0 ? "" : programme->tiers[i - 1].id);
		page_cell_text(
		    page, i == 0 ? "None" : programme->tiers[i - 1].name);
		page_cell_count(page, (int64_t)after->tier_members[i]);
	}
	page_table_end(page, NULL);
}

/* --- what sales cannot know ----------------------------------------------- */

static bool is_of_segments(const struct programme_rule *rule)
{
	return rule->segments.count != 0;
}

static bool is_of_referrals(const struct programme_rule *rule)
{
	return rule->is_brought || rule->give == RULE_REFER;
}

static bool is_of_birthdays(const struct programme_rule *rule)
{
	return rule->is_birthday;
}

/* A sentence about those rules, where there are any. */
static void say_of(struct page *page, const struct programme *programme,
    bool (*is_one)(const struct programme_rule *rule), const char *before,
    const char *after)
{
	struct phrase phrase = {.size = 0};

	phrase_add(&phrase, "%s ", before);
	phrase_list(&phrase);
	for (size_t i = 0; i < programme->rule_count; i++)
		if (is_one(&programme->rules[i]))
			phrase_piece(&phrase, "%s", programme->rules[i].id);
	phrase_add(&phrase, "%s", after);
	if (phrase.pieces != 0)
		page_wrapped(page, 0, phrase.text);
}

static void put_unknown(struct page *page, const struct simulation *after)
{
	const struct programme *programme = after->programme;

	say_of(page, programme, is_of_segments,
	    "The sales do not say who is in a segment; never applied here:",
	    ".");
	say_of(page, programme, is_of_referrals,
	    "The sales do not say who brought whom; never applied here:", ".");
	say_of(page, programme, is_of_birthdays,
	    "Birthdays are spread over the year, for:", ".");
}

void simulation_say(struct page *page, const struct simulation *after)
{
	put_days(page, after);
	put_sales(page, after);
	put_points(page, after);
	put_cost(page, after);
	put_rules(page, after);
	put_tiers(page, after);
	put_unknown(page, after);
}
