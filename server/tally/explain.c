/*
 * explain: owns what is said of every entry: what it is, whose, which lots and
 * tier it moved, and first of all whether the law says the same.
 */
#include "server/tally/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"

#define PLACES 8u

void explain_say(struct explained *explained, const char *format, ...)
{
	char text[PHRASE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	page_sentence(explained->page, "explanation", text);
}

/* --- texts in turn -------------------------------------------------------- */

static char *next_place(void)
{
	static char places[PLACES][FORMAT_SIZE];
	static unsigned at;

	at = (at + 1) % PLACES;
	return places[at];
}

const char *explain_count(int64_t count)
{
	char *text = next_place();

	format_count(count, text);
	return text;
}

const char *explain_points(uint64_t points)
{
	char *text = next_place();
	size_t size;

	format_count((int64_t)points, text);
	size = strlen(text);
	(void)snprintf(&text[size], FORMAT_SIZE - size, " point%s",
	    points == 1 ? "" : "s");
	return text;
}

const char *explain_amount(int64_t amount_minor)
{
	char *text = next_place();

	format_money(amount_minor, text);
	return text;
}

const char *explain_day(int32_t day)
{
	char *text = next_place();

	day_format(day, text);
	return text;
}

const char *explain_tier(const struct programme *programme, uint8_t level)
{
	if (programme == NULL || level == 0 || programme->tier_count == 0)
		return "no tier";
	if (level > programme->tier_count)
		level = (uint8_t)programme->tier_count;
	return programme->tiers[level - 1].name;
}

/* --- what it is ----------------------------------------------------------- */

static void put_head(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	struct page *page = explained->page;
	char account[FORMAT_SIZE];

	(void)snprintf(
	    account, sizeof(account), "%" PRIu64, entry_member(entry));
	page_number(page, "entry", "Entry", entry->sequence);
	page_text(page, "kind", "What", entry_kind_name(entry->kind));
	page_time(page, "time_ms", "Time", entry->time_ms);
	page_time(page, "sold_ms", entry->sold_ms != 0 ? "  sold" : NULL,
	    entry->sold_ms);
	page_number(page, "terminal", entry->terminal != 0 ? "Till" : NULL,
	    entry->terminal);
	page_count(page, "counter", NULL, (int64_t)entry->counter);
	page_number(page, "cashier", entry->cashier != 0 ? "Cashier" : NULL,
	    entry->cashier);
	page_text(page, "account", entry_member(entry) != 0 ? "Member" : NULL,
	    account);
	page_number(page, "related",
	    entry->related_sequence != 0 ? "About entry" : NULL,
	    entry->related_sequence);
	page_number(page, "programme",
	    entry->programme_sequence != 0 ? "Rules of entry" : NULL,
	    entry->programme_sequence);
	page_time(page, "programme_time_ms",
	    entry->programme_sequence != 0 ? "  since" : NULL,
	    explained->programme_ms);
	page_count(page, "points", NULL, (int64_t)entry->points);
	page_count(page, "amount", NULL, (int64_t)entry->amount_minor);
	page_say(page, "%s", "");
}

/* --- lots, balance, tier -------------------------------------------------- */

static void put_lot(struct page *page, const struct lot *lot)
{
	char until[2 * FORMAT_SIZE] = "";

	if (lot->expiry_day < 0)
		(void)snprintf(until, sizeof(until),
		    "%d days after the last sale", -lot->expiry_day);
	else if (lot->expiry_day != LOT_NEVER)
		day_format(lot->expiry_day, until);
	page_cell_count(page, (int64_t)lot->points);
	page_cell_text(page, until);
	page_cell_text(
	    page, lot->active_day == 0 ? "" : explain_day(lot->active_day));
}

/* Where the entry says none, all its points never lapse. */
static void put_lots(struct explained *explained)
{
	static const struct column given[] = {{"points", "Points given", true},
	    {"until", "Until the end of", false},
	    {"from", "Not before", false}};
	static const struct column taken[] = {{"points", "Points taken", true},
	    {"until", "Until the end of", false},
	    {"from", "Not before", false}};
	const struct entry *entry = &explained->entry;
	bool is_given = entry->to_account >= ACCOUNT_MEMBER_MIN;
	struct reader reader = reader_of(entry->lots);
	struct page *page = explained->page;
	struct lot lot;

	if (entry->lots.size == 0)
		return;
	page_say(page, "%s", "");
	page_table(page, "lots", is_given ? given : taken, 3);
	while (lot_read(&reader, &lot))
		put_lot(page, &lot);
	page_table_end(page, NULL);
}

static int64_t balance_before(
    const struct explained *explained, uint64_t account)
{
	const struct book_member *member =
	    book_member(explained->book, account);

	return member == NULL ? 0 : member->balance_points;
}

static void say_balance(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	uint64_t account = entry->from_account >= ACCOUNT_MEMBER_MIN
			       ? entry->from_account
			       : entry->to_account;
	int64_t before = balance_before(explained, account);

	if (!(entry->has & ENTRY_HAS(TAG_BALANCE)))
		return;
	page_count(explained->page, "balance_before", NULL, before);
	page_count(explained->page, "balance", NULL, entry->balance_points);
	page_say(explained->page, "%s", "");
	explain_say(explained, "The balance was %s and is %s from then on.",
	    explain_count(before), explain_count(entry->balance_points));
	if (entry->balance_points < 0)
		explain_say(explained,
		    "It is a debt, which later points pay off first.");
}

static void say_tier(struct explained *explained)
{
	const struct entry *entry = &explained->entry;
	const char *name =
	    explain_tier(explained->programme, entry->tier_level);

	if (!(entry->has & ENTRY_HAS(TAG_TIER)) || entry->kind == ENTRY_TIER)
		return;
	page_text(explained->page, "tier", NULL, name);
	if (entry->tier_level == 0)
		explain_say(explained, "The member has no tier any more.");
	else
		explain_say(explained,
		    "The tier is %s from then on, until the end of %s.", name,
		    explain_day(entry->tier_until_day));
}

/* --- the verdict ---------------------------------------------------------- */

static bool is_lawful(const struct explained *explained, struct error *why)
{
	return law_check(explained->book, &explained->entry,
		   explained->has_related ? &explained->related : NULL,
		   why) == RESULT_OK;
}

static void say_lawful(struct explained *explained)
{
	page_say(explained->page, "%s", "");
	explain_say(explained,
	    "Decided again by the same rules on the same book, it is the "
	    "same.");
}

/* Nothing else is said of it: its numbers rest on nothing. */
static void say_unlawful(struct explained *explained, const struct error *why)
{
	explain_say(explained,
	    "The rules do not give this: %s. The audit names all that is "
	    "wrong: tally audit",
	    why->text);
}

static enum result explain_by_kind(
    struct explained *explained, struct error *err)
{
	switch (explained->entry.kind) {
	case ENTRY_EARN:
		return explain_earn(explained, err);
	case ENTRY_RETURN:
	case ENTRY_VOID:
		explain_back(explained);
		return RESULT_OK;
	default:
		explain_kind(explained);
		return RESULT_OK;
	}
}

enum result explain(struct explained *explained, struct error *err)
{
	struct error why;
	bool lawful = is_lawful(explained, &why);
	enum result result;

	put_head(explained);
	page_flag(explained->page, "lawful", NULL, lawful);
	if (!lawful) {
		say_unlawful(explained, &why);
		return RESULT_OK;
	}
	result = explain_by_kind(explained, err);
	if (result != RESULT_OK)
		return result;
	put_lots(explained);
	say_balance(explained);
	say_tier(explained);
	say_lawful(explained);
	return RESULT_OK;
}
