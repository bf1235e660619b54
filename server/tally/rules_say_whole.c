/*
 * rules_say_whole: owns what a programme says beside its rules and rewards, in
 * plain words.
 */
#include "server/tally/rules_say_inside.h"

#include <stdio.h>

#include "server/tally/format.h"
#include "server/tally/rules_text.h"

static void say(struct page *page, const struct phrase *phrase)
{
	page_wrapped(page, 0, phrase->text);
}

/* A key of [programme]. */
static bool find_value(
    struct bytes text, const char *key, char ret_value[RULES_VALUE_SIZE])
{
	unsigned line = rules_text_section(text, "programme");

	return rules_text_value(text, line, key, ret_value);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static uint64_t micro(uint64_t points)
{
	return points * POINTS_MICRO;
}

/* --- the base rule -------------------------------------------------------- */

/* Two and a half steps, for what is left over gives nothing. */
static uint64_t example_amount(const struct programme *programme)
{
	uint64_t amount_minor = programme->earn_amount_minor * 5 / 2;

	return amount_minor < programme->sale_amount_minor_max
		   ? amount_minor
		   : programme->sale_amount_minor_max;
}

static void say_earning(struct page *page, const struct programme *programme)
{
	uint64_t example = example_amount(programme);
	uint64_t gives = programme_earn_points(programme, example);
	char points[FORMAT_SIZE];
	char amount[FORMAT_SIZE];

	format_count((int64_t)programme->earn_points, points);
	format_amount(programme->earn_amount_minor, amount);
	page_say(page,
	    "A sale gives %s point%s for each full %s, and nothing for the "
	    "rest:",
	    points, plural(programme->earn_points), amount);
	format_amount(example, amount);
	format_count((int64_t)gives, points);
	page_say(
	    page, "    %s gives %s point%s", amount, points, plural(gives));
	gives =
	    programme_earn_points(programme, programme->sale_amount_minor_max);
	format_amount(programme->sale_amount_minor_max, amount);
	format_count((int64_t)gives, points);
	page_say(page, "    %s gives %s point%s; a larger sale is refused",
	    amount, points, plural(gives));
}

static void put_figures(struct page *page, const struct programme *programme)
{
	page_text(page, "name", NULL, programme->name);
	page_text(page, "currency", NULL, programme->currency);
	page_count(page, "earn_points", NULL, (int64_t)programme->earn_points);
	page_count(
	    page, "earn_amount", NULL, (int64_t)programme->earn_amount_minor);
	page_count(page, "sale_amount_max", NULL,
	    (int64_t)programme->sale_amount_minor_max);
	page_count(page, "offline_redeem_points_max", NULL,
	    (int64_t)programme->offline_redeem_points_max);
}

void rules_say_base(
    struct page *page, const struct programme *programme, struct bytes text)
{
	char zone[RULES_VALUE_SIZE];
	char amount[FORMAT_SIZE];

	put_figures(page, programme);
	page_say(
	    page, "%s, amounts in %s.", programme->name, programme->currency);
	if (find_value(text, "time_zone", zone)) {
		page_say(page, "Days and hours are those of %s.", zone);
		page_text(page, "time_zone", NULL, zone);
	}
	if (programme->earn_points != 0) {
		say_earning(page, programme);
		return;
	}
	format_amount(programme->sale_amount_minor_max, amount);
	page_say(page, "A sale above %s is refused.", amount);
}

/* --- sales ---------------------------------------------------------------- */

static void say_exclusions(
    struct page *page, const struct programme *programme, struct bytes text)
{
	struct phrase phrase = {.size = 0};
	char value[RULES_VALUE_SIZE];

	if (programme->exclude_categories.count == 0 &&
	    programme->exclude_products.count == 0)
		return;
	phrase_add(&phrase, "Nothing is earned on ");
	phrase_list(&phrase);
	if (find_value(text, "exclude_categories", value))
		phrase_piece(&phrase, "%s", value);
	if (find_value(text, "exclude_products", value))
		phrase_piece(&phrase, "the product%s %s",
		    programme->exclude_products.count == 1 ? "" : "s", value);
	phrase_add(&phrase, ".");
	say(page, &phrase);
}

static void say_sale_cap(
    struct phrase *phrase, uint64_t points_max, const char *of)
{
	char points[FORMAT_SIZE];

	if (points_max == 0)
		return;
	format_count((int64_t)points_max, points);
	phrase_piece(phrase, "%s points %s", points, of);
}

static void say_sale_caps(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	phrase_add(&phrase, "A member earns at most ");
	phrase_list(&phrase);
	say_sale_cap(&phrase, programme->sale_points_max, "a sale");
	say_sale_cap(&phrase, programme->points_max[PERIOD_DAY], "a day");
	say_sale_cap(&phrase, programme->points_max[PERIOD_MONTH], "a month");
	if (programme->day_sales_max != 0)
		phrase_piece(&phrase, "on %u sale%s a day",
		    (unsigned)programme->day_sales_max,
		    plural(programme->day_sales_max));
	phrase_add(&phrase, ".");
	if (phrase.pieces != 0)
		say(page, &phrase);
}

static void say_claims(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	if (programme->claim_days == 0)
		return;
	phrase_add(&phrase,
	    "A sale without a card can be claimed from its receipt "
	    "within ");
	phrase_count(&phrase, programme->claim_days, "day");
	phrase_add(&phrase, ".");
	say(page, &phrase);
}

/* --- how points last ------------------------------------------------------ */

static void say_expiry(const struct programme *programme, struct phrase *phrase)
{
	static const char *const ends[] = {[EXPIRE_DAY] = "",
	    [EXPIRE_MONTH] = ", at the end of that month",
	    [EXPIRE_QUARTER] = ", at the end of that quarter",
	    [EXPIRE_YEAR] = ", at the end of that year"};
	char day[DATE_SIZE];

	if (programme->expire_date != DAY_NONE) {
		day_format(programme->expire_date, day);
		phrase_add(phrase, "all lapse after %s", day);
	} else if (programme->expire_inactive_days != 0) {
		phrase_add(phrase, "lapse ");
		phrase_count(phrase, programme->expire_inactive_days, "day");
		phrase_add(phrase, " after the last sale or redemption");
	} else if (programme->expire_months != 0) {
		phrase_add(phrase, "lapse after ");
		phrase_count(phrase, programme->expire_months, "month");
		phrase_add(phrase, "%s", ends[programme->expire_end]);
	} else if (programme->expire_end != EXPIRE_DAY) {
		phrase_add(phrase, "lapse%s", &ends[programme->expire_end][1]);
	} else {
		phrase_add(phrase, "never lapse");
	}
}

static void say_points(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	phrase_add(&phrase, "Points can be spent ");
	if (programme->pending_days == 0) {
		phrase_add(&phrase, "at once");
	} else {
		phrase_add(&phrase, "after ");
		phrase_count(&phrase, programme->pending_days, "day");
	}
	phrase_add(&phrase, " and ");
	say_expiry(programme, &phrase);
	phrase_add(&phrase, ".");
	if (programme->warn_days != 0) {
		phrase_add(&phrase, " The member is told ");
		phrase_count(&phrase, programme->warn_days, "day");
		phrase_add(&phrase, " before.");
	}
	if (programme->no_debt)
		phrase_add(&phrase, " A return never leaves a debt of points.");
	say(page, &phrase);
}

/* --- tiers ---------------------------------------------------------------- */

static void say_window(const struct programme *programme, struct phrase *phrase)
{
	static const char *const counted[] = {
	    [QUALIFY_POINTS] = "points earned",
	    [QUALIFY_AMOUNT] = "amounts spent",
	    [QUALIFY_VISITS] = "visits"};

	phrase_add(phrase, "Tiers by %s ", counted[programme->qualify]);
	if (programme->window == WINDOW_ROLLING) {
		phrase_add(phrase, "within ");
		phrase_count(phrase, programme->window_days, "day");
	} else if (programme->window == WINDOW_ANNIVERSARY) {
		phrase_add(phrase, "in a year from the day of enrolment");
	} else {
		phrase_add(phrase, "in a calendar year");
	}
	phrase_add(phrase, ": ");
}

static void say_tiers(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	if (programme->tier_count == 0)
		return;
	say_window(programme, &phrase);
	phrase_list(&phrase);
	for (size_t i = 0; i < programme->tier_count; i++) {
		const struct programme_tier *tier = &programme->tiers[i];
		char from[FORMAT_SIZE];

		format_count((int64_t)tier->from, from);
		if (programme->qualify == QUALIFY_AMOUNT)
			format_money((int64_t)tier->from, from);
		phrase_piece(&phrase, "%s from %s", tier->name, from);
	}
	phrase_add(&phrase, ". Who has not enough falls %s",
	    programme->downgrade_all ? "to what it is enough for"
				     : "one tier at a time");
	if (programme->grace_days != 0) {
		phrase_add(&phrase, ", after ");
		phrase_count(&phrase, programme->grace_days, "day");
		phrase_add(&phrase, " of grace");
	}
	phrase_add(&phrase, ".");
	say(page, &phrase);
}

static void put_tiers(struct page *page, const struct programme *programme)
{
	static const struct column columns[] = {
	    {"id", NULL, false}, {"name", NULL, false}, {"from", NULL, true}};

	page_table(page, "tiers", columns, 3);
	for (size_t i = 0; i < programme->tier_count; i++) {
		page_cell_text(page, programme->tiers[i].id);
		page_cell_text(page, programme->tiers[i].name);
		page_cell_count(page, (int64_t)programme->tiers[i].from);
	}
	page_table_end(page, NULL);
}

/* --- what else is allowed ------------------------------------------------- */

static void say_transfer(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	if (!programme->has_transfer)
		return;
	phrase_add(&phrase, "Members may give points to each other");
	if (programme->transfer_points_min > 1) {
		phrase_add(&phrase, ", at least ");
		phrase_points(&phrase, micro(programme->transfer_points_min));
	}
	if (programme->transfer_points_max != 0) {
		phrase_add(&phrase, ", at most ");
		phrase_points(&phrase, micro(programme->transfer_points_max));
		phrase_add(&phrase, " at once");
	}
	if (programme->transfer_month_points_max != 0) {
		phrase_add(&phrase, ", ");
		phrase_points(
		    &phrase, micro(programme->transfer_month_points_max));
		phrase_add(&phrase, " a month");
	}
	phrase_add(&phrase, ".");
	say(page, &phrase);
}

static void say_ceiling(struct phrase *phrase, uint64_t points)
{
	if (points == 0)
		phrase_add(phrase, "none");
	else
		phrase_points(phrase, micro(points));
}

static void say_goodwill(struct page *page, const struct programme *programme)
{
	struct phrase phrase = {.size = 0};

	if (!programme->has_goodwill)
		return;
	phrase_add(&phrase, "As goodwill, with a reason, a cashier may give ");
	say_ceiling(&phrase, programme->goodwill_cashier_day_points);
	phrase_add(&phrase, " a day, a supervisor ");
	say_ceiling(&phrase, programme->goodwill_supervisor_day_points);
	phrase_add(&phrase, ", and either ");
	say_ceiling(&phrase, programme->goodwill_second_day_points);
	phrase_add(&phrase, " with a supervisor's PIN beside.");
	say(page, &phrase);
}

static void say_offline(struct page *page, const struct programme *programme)
{
	uint64_t limit = programme->offline_redeem_points_max;
	char points[FORMAT_SIZE];

	format_count((int64_t)limit, points);
	if (limit == 0)
		page_say(
		    page, "While the server is away a till gives no reward.");
	else
		page_say(page,
		    "While the server is away a till gives a member rewards "
		    "of up to %s point%s.",
		    points, plural(limit));
}

void rules_say_rest(
    struct page *page, const struct programme *programme, struct bytes text)
{
	say_exclusions(page, programme, text);
	say_sale_caps(page, programme);
	say_claims(page, programme);
	say_points(page, programme);
	say_tiers(page, programme);
	put_tiers(page, programme);
	say_transfer(page, programme);
	say_goodwill(page, programme);
	say_offline(page, programme);
}
