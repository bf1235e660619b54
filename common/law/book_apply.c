/*
 * book_apply: owns how a book changes: one entry at a time, in order. Here
 * stands what every kind has in common; book_change.h says where the kinds are.
 */
#include "common/law/book_change.h"

#include <stdio.h>
#include <stdlib.h>

/* One entry changes at most an asker, two people at the till, three members,
 * two own accounts, one bucket of claims, and a budget for each rule. */
#define DIRTY_AT_ONCE_MAX (RULES_MAX + 16u)

/* --- what the kinds ask of a change --------------------------------------- */

enum result change_refuse(struct change *change, const char *format, ...)
{
	const struct entry *entry = change->entry;
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(change->err, RESULT_INVALID, "entry %llu (%s): %s",
	    (unsigned long long)entry->sequence, entry_kind_name(entry->kind),
	    text);
}

bool change_is_open(const struct change *change, uint64_t true_at)
{
	return true_at < change->entry->sequence;
}

bool change_is_member_open(
    const struct change *change, const struct book_member *member)
{
	return member != NULL && change_is_open(change, member->true_at);
}

bool change_has(const struct change *change, enum entry_tag tag)
{
	return (change->entry->has & ENTRY_HAS(tag)) != 0;
}

void change_mark(
    struct change *change, uint64_t key, uint64_t *true_at, bool *dirty)
{
	struct book *book = change->book;

	*true_at = change->entry->sequence;
	if (*dirty)
		return;
	*dirty = true;
	book->dirty_keys[book->dirty_count++] = key;
}

static bool is_side(
    const struct book_member *member, uint64_t account, int side)
{
	return side == SIDE_MEMBER ? member != NULL : account == (uint64_t)side;
}

bool change_is_between(const struct change *change, int from, int to)
{
	return is_side(change->from, change->entry->from_account, from) &&
	       is_side(change->to, change->entry->to_account, to);
}

/* Said of a member's side by what stands there, for that is what is wrong. */
static enum result refuse_side(
    struct change *change, uint64_t account, int side)
{
	if (side == SIDE_MEMBER)
		return change_refuse(change, "account %llu is no member's",
		    (unsigned long long)account);
	return change_refuse(change, "account %llu is not %d",
	    (unsigned long long)account, side);
}

enum result change_want_sides(struct change *change, int from, int to)
{
	const struct entry *entry = change->entry;

	if (!is_side(change->from, entry->from_account, from))
		return refuse_side(change, entry->from_account, from);
	if (!is_side(change->to, entry->to_account, to))
		return refuse_side(change, entry->to_account, to);
	return RESULT_OK;
}

enum result change_want_programme(struct change *change)
{
	if (change->programme != NULL)
		return RESULT_OK;
	return change_refuse(change, "there is no programme %llu",
	    (unsigned long long)change->entry->programme_sequence);
}

/* --- who asked ------------------------------------------------------------ */

static enum result note_server(struct change *change)
{
	struct book *book = change->book;

	if (!change_is_open(change, book->shop.true_at))
		return RESULT_OK;
	if (change->entry->counter > book->head.server_counter)
		book->head.server_counter = change->entry->counter;
	change_mark(
	    change, BOOK_KEY_SHOP, &book->shop.true_at, &book->shop.dirty);
	return RESULT_OK;
}

static enum result note_asker(struct change *change)
{
	const struct entry *entry = change->entry;
	struct book_terminal *terminal;

	if (entry->terminal == 0)
		return note_server(change);
	terminal = book_find_terminal(change->book, entry->terminal);
	if (terminal == NULL)
		return change_refuse(
		    change, "there is no terminal %u", entry->terminal);
	if (!change_is_open(change, terminal->true_at))
		return RESULT_OK;
	if (entry->counter > terminal->counter_max)
		terminal->counter_max = entry->counter;
	change_mark(change, BOOK_KEY_TERMINAL + terminal->number,
	    &terminal->true_at, &terminal->dirty);
	return RESULT_OK;
}

static enum result check_asker(struct change *change)
{
	const struct entry *entry = change->entry;

	if (entry->counter < 1 || entry->counter > COUNTER_MAX)
		return change_refuse(change, "the counter %llu is out of range",
		    (unsigned long long)entry->counter);
	if (entry->cashier != 0 &&
	    book_find_cashier(change->book, entry->cashier) == NULL)
		return change_refuse(
		    change, "there is no cashier %u", entry->cashier);
	return RESULT_OK;
}

/* --- members -------------------------------------------------------------- */

/* Holds whose time is over; the others stay in their order. */
static void drop_ended_holds(struct book_extra *extra, uint64_t time_ms)
{
	uint32_t kept = 0;

	for (uint32_t index = 0; index < extra->hold_count; index++) {
		if (extra->holds[index].until_ms > time_ms)
			extra->holds[kept++] = extra->holds[index];
	}
	extra->hold_count = (uint8_t)kept;
	if (kept > 0)
		return;
	free(extra->holds);
	extra->holds = NULL;
}

static void finish_member(struct change *change, struct book_member *member)
{
	if (!change_is_member_open(change, member))
		return;
	if (member->extra != NULL && member->extra->hold_count > 0)
		drop_ended_holds(member->extra, change->entry->time_ms);
	if (member->extra != NULL && book_extra_is_empty(member->extra))
		book_drop_extra(member);
	change_mark(change, member->account, &member->true_at, &member->dirty);
}

/* Whose account an entry names has it as its last one. */
static enum result follow(struct change *change, struct book_member *member,
    uint64_t previous_sequence)
{
	if (!change_is_member_open(change, member))
		return RESULT_OK;
	if (member->last_sequence != previous_sequence)
		return change_refuse(change,
		    "the member's previous entry is %llu, not %llu",
		    (unsigned long long)member->last_sequence,
		    (unsigned long long)previous_sequence);
	member->last_sequence = change->entry->sequence;
	return RESULT_OK;
}

/* --- what the entry names ------------------------------------------------- */

static enum result find_side(
    struct change *change, uint64_t account, struct book_member **ret_member)
{
	*ret_member = NULL;
	if (account < BOOK_ACCOUNTS_END || change->entry->kind == ENTRY_ENROL)
		return RESULT_OK;
	*ret_member = book_find_member(change->book, account);
	if (*ret_member == NULL)
		return change_refuse(change, "there is no member %llu",
		    (unsigned long long)account);
	return RESULT_OK;
}

static enum result find_whose(struct change *change)
{
	const struct entry *entry = change->entry;

	change->whose = change->from != NULL ? change->from : change->to;
	if (!change_has(change, TAG_WHOSE))
		return RESULT_OK;
	if (entry->whose == entry->from_account ||
	    entry->whose == entry->to_account)
		return change_refuse(
		    change, "it names whose sale it was without need");
	return find_side(change, entry->whose, &change->whose);
}

static enum result find_rules(struct change *change)
{
	const struct entry *entry = change->entry;
	uint64_t sequence = entry->programme_sequence;
	const struct book_programme *version;

	if (sequence == 0)
		return RESULT_OK;
	version = book_programme_at(change->book, sequence);
	if (version != NULL) {
		change->programme = version->programme;
		change->rules = version->programme;
	}
	if (version != NULL && change_has(change, TAG_RULES)) {
		sequence = entry->rules_sequence;
		version = book_programme_at(change->book, sequence);
	}
	if (version == NULL)
		return change_refuse(change, "there is no programme %llu",
		    (unsigned long long)sequence);
	change->rules = version->programme;
	return RESULT_OK;
}

static void find_days(struct change *change)
{
	const struct entry *entry = change->entry;

	if (change->programme == NULL)
		return;
	change->today =
	    zone_local(&change->programme->zone, entry->time_ms).day;
	change->day = change_has(change, TAG_SOLD)
			  ? zone_local(&change->rules->zone, entry->sold_ms).day
			  : change->today;
}

static enum result check_lists(struct change *change)
{
	const struct entry *entry = change->entry;

	if ((change_has(change, TAG_LOTS) && !lots_are_sound(entry->lots)) ||
	    (change_has(change, TAG_PARTS) && !parts_are_sound(entry->parts)) ||
	    (change_has(change, TAG_BACKS) && !backs_are_sound(entry->backs)))
		return change_refuse(change, "one of its lists is malformed");
	if (entry->points > POINTS_MAX)
		return change_refuse(change, "%llu points are past the limit",
		    (unsigned long long)entry->points);
	return RESULT_OK;
}

static enum result find_all(struct change *change)
{
	const struct entry *entry = change->entry;
	enum result result = check_asker(change);

	if (result == RESULT_OK)
		result = check_lists(change);
	if (result == RESULT_OK)
		result = find_side(change, entry->from_account, &change->from);
	if (result == RESULT_OK)
		result = find_side(change, entry->to_account, &change->to);
	if (result == RESULT_OK)
		result = find_whose(change);
	if (result == RESULT_OK)
		result = find_rules(change);
	if (result == RESULT_OK)
		find_days(change);
	return result;
}

/* --- the whole ------------------------------------------------------------ */

/* Its place in the history, and room for the keys that it will make dirty. */
static enum result prepare(struct change *change)
{
	struct book *book = change->book;
	const struct entry *entry = change->entry;
	uint64_t *keys;

	if (!book->started) {
		enum result result = book_start_at(book, 0, 0, change->err);

		if (result != RESULT_OK)
			return result;
	}
	if (book->head.sequence >= SEQUENCE_MAX ||
	    entry->sequence != book->head.sequence + 1)
		return change_refuse(change, "it does not follow entry %llu",
		    (unsigned long long)book->head.sequence);
	if (entry->time_ms < book->head.time_ms)
		return change_refuse(change, "its time %llu is before %llu",
		    (unsigned long long)entry->time_ms,
		    (unsigned long long)book->head.time_ms);
	if ((entry->sequence == 1) != (entry->kind == ENTRY_SHOP))
		return change_refuse(change, "a shop is the first entry alone");
	keys = book_grow(book->dirty_keys, &book->dirty_capacity,
	    book->dirty_count + DIRTY_AT_ONCE_MAX, sizeof(*keys));
	if (keys == NULL)
		return error_no_memory(change->err);
	book->dirty_keys = keys;
	return RESULT_OK;
}

typedef enum result change_fn(struct change *change);

static change_fn *const kinds[ENTRY_KIND_MAX + 1] = {
    [ENTRY_SHOP] = change_shop,
    [ENTRY_PROGRAMME] = change_programme,
    [ENTRY_TERMINAL] = change_terminal,
    [ENTRY_CASHIER] = change_cashier,
    [ENTRY_ENROL] = change_enrol,
    [ENTRY_EARN] = change_earn,
    [ENTRY_REDEEM] = change_redeem,
    [ENTRY_RETURN] = change_return,
    [ENTRY_SALE] = change_sale,
    [ENTRY_HOLD] = change_hold,
    [ENTRY_VOID] = change_void,
    [ENTRY_EXPIRE] = change_expire,
    [ENTRY_TIER] = change_tiers,
    [ENTRY_NOTICE] = change_notice,
    [ENTRY_ADJUST] = change_adjust,
    [ENTRY_TRANSFER] = change_transfer,
    [ENTRY_JOIN] = change_join,
    [ENTRY_LEAVE] = change_leave,
    [ENTRY_CARD] = change_card,
    [ENTRY_MEMBER] = change_member,
    [ENTRY_STAFF] = change_staff,
    [ENTRY_BONUS] = change_bonus,
};

static enum result change_kind(struct change *change)
{
	enum entry_kind kind = change->entry->kind;
	enum result result;

	if (kind < 1 || kind > ENTRY_KIND_MAX)
		return change_refuse(change, "kind %d is unknown", (int)kind);
	result = find_all(change);
	if (result == RESULT_OK)
		result = kinds[kind](change);
	if (result == RESULT_OK)
		result = follow(change, change->from,
		    change->entry->from_previous_sequence);
	if (result == RESULT_OK)
		result = follow(
		    change, change->to, change->entry->to_previous_sequence);
	if (result != RESULT_OK)
		return result;
	finish_member(change, change->from);
	finish_member(change, change->to);
	finish_member(change, change->whose);
	finish_member(change, change->brought);
	return RESULT_OK;
}

enum result book_apply(
    struct book *book, const struct entry *entry, struct error *err)
{
	struct change change = {.book = book, .entry = entry, .err = err};
	enum result result = prepare(&change);

	if (result == RESULT_OK)
		result = change_kind(&change);
	/* After the kind: the shop's entry makes the object that is true, and a
	 * tombstone is of the terminal that asks. */
	if (result == RESULT_OK)
		result = note_asker(&change);
	if (result != RESULT_OK)
		return result;
	book->head.sequence = entry->sequence;
	book->head.time_ms = entry->time_ms;
	return RESULT_OK;
}
