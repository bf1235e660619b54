/*
 * programme_keys: owns the tables of keys: what each section may say, within
 * which bounds, and where it is kept. What keys say of each other is
 * programme_whole.c's.
 */
#include "common/law/programme_inside.h"

#include <stdio.h>
#include <string.h>

#define A_NAME "a name of 1 to 64 bytes"
#define AN_AMOUNT "a number such as 1.00, at most 1000000000.00,"
#define A_DATE "a day such as 2026-12-31"
#define A_FLAG "'yes' or 'no'"
#define LINE_NAMES "a name of 1 to 32 bytes, or several with ',' between them,"
#define IDS "an id of a-z, 0-9, '_' and '-', or several with ',' between them,"

#define PROGRAMME(field) offsetof(struct programme, field)
#define RULE(field) offsetof(struct programme_rule, field)
#define REWARD(field) offsetof(struct programme_reward, field)
#define TIER(field) offsetof(struct programme_tier, field)

/* --- keys that are due ---------------------------------------------------- */

static bool is_due_always(const struct parse *parse)
{
	(void)parse;
	return true;
}

/* There must be some way to earn. */
static bool is_due_base(const struct parse *parse)
{
	return !parse->has_earn;
}

/* A reward has a price, in points or as money. */
static bool is_due_price(const struct parse *parse)
{
	return key_place(parse, "money_points").line == 0 &&
	       key_place(parse, "money_amount").line == 0;
}

/* --- the tables ----------------------------------------------------------- */

/* Rows of a table: a bound or a word more than its kind of value says. */
#define NUMBER(key_name, take_it, at, least, most)                 \
	{                                                          \
		.name = key_name, .take = take_it, .offset = (at), \
		.min = (least), .max = (most)                      \
	}
#define POINTS(key_name, at) NUMBER(key_name, take_u64, at, 1, POINTS_MAX)
#define TIMES(key_name, at) \
	NUMBER(key_name, take_u32, at, 1, PROGRAMME_TIMES_MAX)
#define DAYS(key_name, at, least) \
	NUMBER(key_name, take_u32, at, least, PROGRAMME_DAYS_MAX)
#define AMOUNT(key_name, at, least)                                          \
	{                                                                    \
		.name = key_name, .take = take_amount, .offset = (at),       \
		.min = (least), .max = AMOUNT_MINOR_MAX, .wanted = AN_AMOUNT \
	}
#define WORD(key_name, take_it, at, wanted_words)                  \
	{                                                          \
		.name = key_name, .take = take_it, .offset = (at), \
		.wanted = (wanted_words)                           \
	}
#define LIST(key_name, take_it, at, wanted_words)                  \
	{                                                          \
		.name = key_name, .take = take_it, .offset = (at), \
		.wanted = (wanted_words), .is_list = true          \
	}
#define NAMES(key_name, take_it, which, wanted_words)                         \
	{                                                                     \
		.name = key_name, .take = take_it, .list = (which),           \
		.wanted = (wanted_words), .is_list = true, .may_repeat = true \
	}

static const struct key programme_keys[] = {
    {"name", take_name, PROGRAMME(name), .wanted = A_NAME,
	.is_due = is_due_always},
    {"currency", take_currency, PROGRAMME(currency),
	.wanted = "three capitals such as EUR", .is_due = is_due_always},
    {"earn_points", take_u64, PROGRAMME(earn_points), 1, POINTS_MAX,
	.is_due = is_due_base},
    {"earn_amount", take_amount, PROGRAMME(earn_amount_minor), 1,
	AMOUNT_MINOR_MAX, AN_AMOUNT, .is_due = is_due_base},
    {"sale_amount_max", take_amount, PROGRAMME(sale_amount_minor_max), 1,
	AMOUNT_MINOR_MAX, AN_AMOUNT, .is_due = is_due_always},
    NUMBER("offline_redeem_points_max", take_u64,
	PROGRAMME(offline_redeem_points_max), 0, POINTS_MAX),
    WORD("time_zone", take_zone, PROGRAMME(zone),
	"a rule of POSIX such as CET-1CEST,M3.5.0,M10.5.0/3"),
    NAMES("exclude_categories", take_line_name, LIST_CATEGORIES, LINE_NAMES),
    NAMES("exclude_products", take_line_name, LIST_PRODUCTS, LINE_NAMES),
    POINTS("sale_points_max", PROGRAMME(sale_points_max)),
    POINTS("day_points_max", PROGRAMME(points_max[PERIOD_DAY])),
    POINTS("month_points_max", PROGRAMME(points_max[PERIOD_MONTH])),
    TIMES("day_sales_max", PROGRAMME(day_sales_max)),
    NUMBER(
	"late_days_max", take_u32, PROGRAMME(late_days_max), 0, LATE_DAYS_MAX),
    DAYS("claim_days", PROGRAMME(claim_days), 0),
    NUMBER("birthday_days", take_u32, PROGRAMME(birthday_days), 0,
	BIRTHDAY_DAYS_MAX),
    {NULL},
};

static const struct key points_keys[] = {
    DAYS("pending_days", PROGRAMME(pending_days), 0),
    NUMBER("expire_months", take_u32, PROGRAMME(expire_months), 1,
	PROGRAMME_MONTHS_MAX),
    WORD("expire_end", take_expire_end, PROGRAMME(expire_end),
	"'month', 'quarter' or 'year'"),
    WORD("expire_date", take_date, PROGRAMME(expire_date), A_DATE),
    DAYS("expire_inactive_days", PROGRAMME(expire_inactive_days), 1),
    DAYS("warn_days", PROGRAMME(warn_days), 0),
    WORD("debt", take_not_flag, PROGRAMME(no_debt), A_FLAG),
    {NULL},
};

static const struct key earn_keys[] = {
    WORD("name", take_name, RULE(name), A_NAME),
    {"points", take_rule_points, .min = 1, .max = POINTS_MAX * 1000,
	.wanted = "a number such as 0.5, with three decimals at most,"},
    {"per", take_rule_per, .min = 1, .max = AMOUNT_MINOR_MAX,
	.wanted = "an amount such as 1.00, 'item' or 'visit'"},
    {"multiply", take_rule_multiply, .min = 1001, .max = MULTIPLY_MILLI_MAX,
	.wanted = "a number such as 1.5, above 1 and at most 100,"},
    NUMBER("refer", take_rule_refer, 0, 1, POINTS_MAX),
    NAMES("categories", take_line_name, LIST_CATEGORIES, LINE_NAMES),
    NAMES("products", take_line_name, LIST_PRODUCTS, LINE_NAMES),
    NAMES("shops", take_shop, LIST_SHOPS, IDS),
    NAMES("segments", take_segment, LIST_SEGMENTS, IDS),
    LIST("tiers", take_tier, RULE(tiers), IDS),
    LIST("weekdays", take_weekday, RULE(weekdays),
	"one of mon, tue, wed, thu, fri, sat and sun, or several,"),
    WORD("hours", take_rule_hours, 0, "hours such as 14:00-16:00"),
    WORD("from", take_date, RULE(day_from), A_DATE),
    WORD("until", take_date, RULE(day_until), A_DATE),
    AMOUNT("amount_min", RULE(amount_minor_min), 1),
    WORD("birthday", take_flag, RULE(is_birthday), A_FLAG),
    WORD("brought", take_flag, RULE(is_brought), A_FLAG),
    NUMBER("lapsed_days", take_i32, RULE(lapsed_days), 1, PROGRAMME_DAYS_MAX),
    WORD("first", take_rule_first, 0, A_FLAG),
    NUMBER("chance", take_u32, RULE(chance), 2, PROGRAMME_TIMES_MAX),
    WORD("group", take_rule_group, 0,
	"a group's name of 1 to 32 of a-z, 0-9, '_' and '-'"),
    POINTS("sale_points_max", RULE(sale_points_max)),
    POINTS("day_points_max", RULE(points_max[PERIOD_DAY])),
    POINTS("month_points_max", RULE(points_max[PERIOD_MONTH])),
    POINTS("ever_points_max", RULE(points_max[PERIOD_EVER])),
    POINTS("budget_points_max", RULE(budget_points_max)),
    TIMES("day_times", RULE(times_max[PERIOD_DAY])),
    TIMES("month_times", RULE(times_max[PERIOD_MONTH])),
    TIMES("year_times", RULE(times_max[PERIOD_YEAR])),
    TIMES("ever_times", RULE(times_max[PERIOD_EVER])),
    {NULL},
};

static const struct key tiers_keys[] = {
    WORD("qualify", take_qualify, PROGRAMME(qualify),
	"'points', 'amount' or 'visits'"),
    WORD("window", take_window, PROGRAMME(window), "'year' or 'anniversary'"),
    NUMBER("window_days", take_window_days, PROGRAMME(window_days), 1,
	SPENT_DAYS_MAX),
    WORD("downgrade", take_downgrade, PROGRAMME(downgrade_all),
	"'one' or 'all'"),
    DAYS("grace_days", PROGRAMME(grace_days), 0),
    {NULL},
};

static const struct key tier_keys[] = {
    WORD("name", take_name, TIER(name), A_NAME),
    {"from", take_u64, TIER(from), 1, POINTS_MAX, .is_due = is_due_always},
    {NULL},
};

static const struct key reward_keys[] = {
    {"name", take_name, REWARD(name), .wanted = A_NAME,
	.is_due = is_due_always},
    {"points", take_u64, REWARD(points), 1, POINTS_MAX, .is_due = is_due_price},
    AMOUNT("amount_off", REWARD(off_minor), 1),
    NUMBER("percent_off", take_u32, REWARD(off_percent), 1, 100),
    AMOUNT("percent_off_max", REWARD(off_minor_max), 1),
    POINTS("money_points", REWARD(money_points)),
    AMOUNT("money_amount", REWARD(money_minor), 1),
    POINTS("money_step", REWARD(money_step)),
    POINTS("money_points_min", REWARD(money_points_min)),
    NUMBER("money_share_max", take_u32, REWARD(money_share_max), 1, 100),
    NUMBER("stock", take_u64, REWARD(stock), 0, POINTS_MAX),
    TIMES("day_times", REWARD(times_max[PERIOD_DAY])),
    TIMES("month_times", REWARD(times_max[PERIOD_MONTH])),
    TIMES("year_times", REWARD(times_max[PERIOD_YEAR])),
    TIMES("ever_times", REWARD(times_max[PERIOD_EVER])),
    WORD("from", take_date, REWARD(day_from), A_DATE),
    WORD("until", take_date, REWARD(day_until), A_DATE),
    LIST("tiers", take_tier, REWARD(tiers), IDS),
    AMOUNT("cost", REWARD(cost_minor), 0),
    NUMBER(
	"hold_minutes", take_minutes_ms, REWARD(hold_ms), 1, HOLD_MINUTES_MAX),
    {NULL},
};

static const struct key transfer_keys[] = {
    POINTS("points_min", PROGRAMME(transfer_points_min)),
    POINTS("points_max", PROGRAMME(transfer_points_max)),
    POINTS("month_points_max", PROGRAMME(transfer_month_points_max)),
    {NULL},
};

static const struct key goodwill_keys[] = {
    NUMBER("cashier_day_points", take_u64,
	PROGRAMME(goodwill_cashier_day_points), 0, POINTS_MAX),
    NUMBER("supervisor_day_points", take_u64,
	PROGRAMME(goodwill_supervisor_day_points), 0, POINTS_MAX),
    NUMBER("second_day_points", take_u64, PROGRAMME(goodwill_second_day_points),
	0, POINTS_MAX),
    {NULL},
};

/* No key is known where there is no section, or an unknown one. */
static const struct key no_keys[] = {{NULL}};

const struct key *section_keys(enum section section)
{
	static const struct key *const keys[SECTION_COUNT] = {
	    [SECTION_NONE] = no_keys,
	    [SECTION_PROGRAMME] = programme_keys,
	    [SECTION_POINTS] = points_keys,
	    [SECTION_EARN] = earn_keys,
	    [SECTION_TIERS] = tiers_keys,
	    [SECTION_TIER] = tier_keys,
	    [SECTION_REWARD] = reward_keys,
	    [SECTION_TRANSFER] = transfer_keys,
	    [SECTION_GOODWILL] = goodwill_keys,
	    [SECTION_UNKNOWN] = no_keys,
	};

	return keys[section];
}

void *key_field(struct parse *parse, const struct key *key)
{
	uint8_t *filled_in;

	switch (parse->section) {
	case SECTION_EARN:
		filled_in = (uint8_t *)parse->rule;
		break;
	case SECTION_TIER:
		filled_in = (uint8_t *)parse->tier;
		break;
	case SECTION_REWARD:
		filled_in = (uint8_t *)parse->reward;
		break;
	default:
		filled_in = (uint8_t *)parse->programme;
	}
	return &filled_in[key->offset];
}

struct place key_place(const struct parse *parse, const char *name)
{
	const struct key *keys = section_keys(parse->section);

	for (size_t index = 0; keys[index].name != NULL; index++) {
		if (strcmp(keys[index].name, name) == 0)
			return parse->places[index];
	}
	return (struct place){0, 0};
}

void key_wanted(const struct key *key, char ret_text[WANTED_SIZE])
{
	if (key->wanted != NULL)
		(void)snprintf(ret_text, WANTED_SIZE, "%s", key->wanted);
	else
		(void)snprintf(ret_text, WANTED_SIZE,
		    "a whole number from %llu to %llu",
		    (unsigned long long)key->min, (unsigned long long)key->max);
}
