/*
 * explain_earn: owns why a sale gave what it gave, rule by rule.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/law/earn_why.h"
#include "server/tally/explain.h"
#include "server/tally/format.h"
#include "server/tally/rules_say.h"

/* A sale with its parts, as the entry says it. */
struct earned {
	struct explained *explained;
	const struct programme *programme;
	const struct book_member *member;
	struct earn_sale sale;
	struct part parts[RULES_MAX]; /* what the entry says */
	size_t part_count;
	struct earn_reason reasons[RULES_MAX];
};

/* --- the sale, as the law saw it ------------------------------------------ */

static uint64_t shop_of(const struct explained *explained)
{
	const struct book_terminal *terminal = book_terminal(explained->book,
	    explained->has_related ? explained->related.terminal
				   : explained->entry.terminal);

	if (terminal == NULL || terminal->shop[0] == '\0')
		return 0;
	return programme_name(bytes_of_string(terminal->shop));
}

static void describe(struct earned *earned)
{
	const struct explained *explained = earned->explained;
	const struct entry *entry = &explained->entry;
	struct earn_sale *sale = &earned->sale;

	*sale = (struct earn_sale){.amount_minor = entry->amount_minor,
	    .paid_minor = entry->paid_minor,
	    .lines = entry->lines,
	    .when = zone_local(&earned->programme->zone,
		entry->sold_ms != 0 ? entry->sold_ms : entry->time_ms),
	    .shop = shop_of(explained),
	    .is_birthday = (entry->facts & FACT_BIRTHDAY) != 0,
	    .has_draw = (entry->has & ENTRY_HAS(TAG_DRAW)) != 0};
	sale->tier_level = law_tier(
	    explained->book, earned->programme, earned->member, sale->when.day);
	if (sale->has_draw)
		sale->draw = earn_draw(book_hasher(explained->book),
		    &entry->draw_root, entry->terminal, entry->counter,
		    bytes_of(entry->random, sizeof(entry->random)),
		    entry->to_account);
}

static void read_parts(struct earned *earned)
{
	struct reader reader = reader_of(earned->explained->entry.parts);

	while (earned->part_count < RULES_MAX &&
	       part_read(&reader, &earned->parts[earned->part_count]))
		earned->part_count++;
}

static enum result ask_reasons(struct earned *earned, struct error *err)
{
	enum result result = RESULT_OK;

	for (unsigned i = 0;
	     result == RESULT_OK && i < earned->programme->rule_count; i++)
		result = earn_reason(earned->programme, earned->explained->book,
		    earned->member, &earned->sale, i, &earned->reasons[i], err);
	return result;
}

/* --- rules that gave ------------------------------------------------------ */

/* "its day's and its campaign's cap". */
static void say_cuts(uint32_t cuts, struct phrase *phrase)
{
	static const char *const names[EARN_CUT_COUNT] = {"its cap of a sale",
	    "its cap of a day", "its cap of a month",
	    "its cap of a member in all", "its budget"};

	phrase_list(phrase);
	for (unsigned i = 0; i < EARN_CUT_COUNT; i++)
		if (cuts & 1u << i)
			phrase_piece(phrase, "%s", names[i]);
}

static void say_part(
    const struct earned *earned, size_t place, struct phrase *phrase)
{
	const struct part *part = &earned->parts[place];
	const struct programme *programme = earned->programme;
	const struct programme_rule *rule = &programme->rules[part->rule];
	const struct earn_reason *reason = &earned->reasons[part->rule];

	if (!earn_part_counts(
		programme, earned->parts, earned->part_count, place))
		phrase_add(phrase,
		    "does not count: another of the group %s gave more",
		    programme->groups[rule->group - 1]);
	else if (rule->group != 0)
		phrase_add(phrase, "the best of the group %s",
		    programme->groups[rule->group - 1]);
	if (reason->why == 0 && part->points_micro < reason->uncut_micro) {
		phrase_add(
		    phrase, "%scut from ", phrase->size == 0 ? "" : "; ");
		phrase_points(phrase, reason->uncut_micro);
		phrase_add(phrase, " by ");
		say_cuts(reason->cuts, phrase);
	}
}

static void put_part(struct earned *earned, size_t place)
{
	const struct programme *programme = earned->programme;
	const struct part *part = &earned->parts[place];
	const struct programme_rule *rule = &programme->rules[part->rule];
	struct page *page = earned->explained->page;
	struct phrase note = {.size = 0};
	struct phrase gives = {.size = 0};

	say_part(earned, place, &note);
	rules_say_rule(programme, earned->explained->text, rule, &gives);
	page_cell_text(page, rule->id);
	page_cell_text(page, rule->name);
	page_cell_micro(page, part->points_micro);
	page_cell_flag(page, earn_part_counts(programme, earned->parts,
				 earned->part_count, place));
	page_cell_micro(page, earned->reasons[part->rule].why == 0
				  ? earned->reasons[part->rule].uncut_micro
				  : part->points_micro);
	page_cell_text(page, gives.text);
	page_cell_text(page, note.text);
}

static void put_parts(struct earned *earned)
{
	static const struct column columns[] = {{"rule", "Rule", false},
	    {"name", "Name", false, true}, {"points_micro", "Points", true},
	    {"counts", "Counts", false}, {"uncut_micro", NULL, true},
	    {"gives", NULL, false}, {"note", "", false, true}};
	struct page *page = earned->explained->page;

	page_say(page, "%s", "");
	page_table(page, "rules", columns, 7);
	for (size_t i = 0; i < earned->part_count; i++)
		put_part(earned, i);
	page_table_end(page, "No rule applied.");
}

/* --- rules that did not --------------------------------------------------- */

static const char *const whys[EARN_WHY_COUNT] = {
    "it is for who brings a member, not for a sale",
    "it was not in force on that day", "not on that weekday",
    "not at that hour", "not at that shop", "not for that tier",
    "the member is not in its segment", "not near the member's birthday",
    "the last sale was not long enough ago, or there was none",
    "nobody brought the member", "it had applied as often as it may",
    "it was not drawn", "nothing was sold that it is about",
    "less was sold of it than it asks for", "too little for any points"};

static void put_why(struct earned *earned, unsigned place)
{
	const struct programme_rule *rule = &earned->programme->rules[place];
	struct page *page = earned->explained->page;
	struct phrase phrase = {.size = 0};

	phrase_list(&phrase);
	for (unsigned i = 0; i < EARN_WHY_COUNT; i++)
		if (earned->reasons[place].why & 1u << i)
			phrase_piece(&phrase, "%s", whys[i]);
	page_cell_text(page, rule->id);
	page_cell_text(page, rule->name);
	page_cell_text(page, phrase.text);
}

static bool has_part(const struct earned *earned, unsigned rule)
{
	for (size_t i = 0; i < earned->part_count; i++)
		if (earned->parts[i].rule == rule)
			return true;
	return false;
}

static void put_others(struct earned *earned)
{
	static const struct column columns[] = {
	    {"rule", "Did not apply", false}, {"name", "Name", false, true},
	    {"why", "Because", false, true}};
	struct page *page = earned->explained->page;

	if (earned->part_count == earned->programme->rule_count)
		return;
	page_say(page, "%s", "");
	page_table(page, "not_applied", columns, 3);
	for (unsigned i = 0; i < earned->programme->rule_count; i++)
		if (!has_part(earned, i))
			put_why(earned, i);
	page_table_end(page, NULL);
}

/* --- the sum -------------------------------------------------------------- */

static uint64_t sum_of(const struct earned *earned)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < earned->part_count; i++)
		if (earn_part_counts(earned->programme, earned->parts,
			earned->part_count, i))
			sum += earned->parts[i].points_micro;
	return sum;
}

static void say_sum(struct earned *earned)
{
	struct explained *explained = earned->explained;
	uint64_t points = explained->entry.points;
	uint64_t sum = sum_of(earned);
	char text[FORMAT_SIZE];

	format_micro(sum, text);
	page_count(explained->page, "sum_micro", NULL, (int64_t)sum);
	page_say(explained->page, "%s", "");
	if (sum % POINTS_MICRO != 0)
		explain_say(explained,
		    "The sum is %s, and only whole points are given: %s.", text,
		    explain_count((int64_t)(sum / POINTS_MICRO)));
	else
		explain_say(explained, "The sum is %s.", text);
	if (points < sum / POINTS_MICRO)
		explain_say(explained,
		    "The programme's own caps of a sale, a day or a month left "
		    "%s of them.",
		    explain_count((int64_t)points));
}

static void say_plain(struct earned *earned)
{
	struct explained *explained = earned->explained;
	const struct entry *entry = &explained->entry;
	struct phrase phrase = {.size = 0};

	rules_say_rule(earned->programme, explained->text,
	    &earned->programme->rules[0], &phrase);
	explain_say(explained, "The rule is %s: %s for %s.", phrase.text,
	    explain_count((int64_t)entry->points),
	    explain_amount((int64_t)(entry->amount_minor - entry->paid_minor)));
}

/* --- a draw --------------------------------------------------------------- */

static uint64_t number_of(const struct hash *draw, unsigned place)
{
	struct reader reader = reader_of(hash_view(draw));

	(void)reader_bytes(&reader, 8 * (place % 4));
	return reader_u64(&reader) + place;
}

static void say_lot(struct earned *earned, unsigned place)
{
	const struct programme_rule *rule = &earned->programme->rules[place];
	uint64_t number = number_of(&earned->sale.draw, place);

	explain_say(earned->explained,
	    "%s, rule number %u: bytes %u to %u of it, plus %u, are %" PRIu64
	    "; modulo %u that is %" PRIu64 ", and 0 wins: %s.",
	    rule->name, place, 8 * (place % 4), 8 * (place % 4) + 7, place,
	    number, (unsigned)rule->chance, number % rule->chance,
	    number % rule->chance == 0 ? "won" : "not won");
}

static void say_draw(struct earned *earned)
{
	struct explained *explained = earned->explained;
	const struct entry *entry = &explained->entry;
	struct page *page = explained->page;
	char random[2 * ENTRY_RANDOM_SIZE + 1];

	if (!earned->sale.has_draw)
		return;
	bytes_to_hex(bytes_of(entry->random, sizeof(entry->random)), random);
	page_say(page, "%s", "");
	page_count(page, "draw_size", NULL, (int64_t)entry->draw_size);
	page_hash(page, "draw_root", NULL, hash_view(&entry->draw_root));
	page_hash(page, "draw", "Draw", hash_view(&earned->sale.draw));
	explain_say(explained,
	    "It is SHA-256 of \"tally draw v1\", a byte 0, the root of the "
	    "checkpoint of %" PRIu64
	    " entries, and big-endian the till %u, its "
	    "counter %" PRIu64 ", its random %s, and the account %" PRIu64
	    ": none of them can be chosen after the sale.",
	    entry->draw_size, entry->terminal, entry->counter, random,
	    entry->to_account);
	for (unsigned i = 0; i < earned->programme->rule_count; i++)
		if (earned->programme->rules[i].chance != 0)
			say_lot(earned, i);
}

/* --- all of it ------------------------------------------------------------ */

static void say_sale(struct earned *earned)
{
	struct explained *explained = earned->explained;
	const struct entry *entry = &explained->entry;

	explain_say(explained, "A sale of %s gave %s.",
	    explain_amount((int64_t)entry->amount_minor),
	    explain_points(entry->points));
	if (explained->has_related)
		explain_say(explained,
		    "It was rung up without a card (entry %" PRIu64
		    ") and claimed later with its receipt.",
		    explained->related.sequence);
	if (entry->paid_minor != 0)
		explain_say(explained,
		    "%s of it was paid with points, and earns nothing.",
		    explain_amount((int64_t)entry->paid_minor));
	if (earned->sale.is_birthday)
		explain_say(explained,
		    "The member's birthday was near, as the shop's private "
		    "details say; the ledger does not hold it.");
}

enum result explain_earn(struct explained *explained, struct error *err)
{
	struct earned earned = {.explained = explained,
	    .programme = explained->programme,
	    .member =
		book_member(explained->book, explained->entry.to_account)};
	enum result result;

	if (earned.programme == NULL || earned.member == NULL)
		return RESULT_OK;
	describe(&earned);
	say_sale(&earned);
	if (earned.programme->is_plain) {
		say_plain(&earned);
		return RESULT_OK;
	}
	read_parts(&earned);
	result = ask_reasons(&earned, err);
	if (result != RESULT_OK)
		return result;
	put_parts(&earned);
	put_others(&earned);
	say_sum(&earned);
	say_draw(&earned);
	return RESULT_OK;
}
