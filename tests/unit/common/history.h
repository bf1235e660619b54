/*
 * history: random histories of everything that tills, the owner and the night
 * can ask, for tests of what always holds.
 *
 * A history is a list of steps, each a number from which all of its choices are
 * drawn, so that steps can be left out of a history that fails until only those
 * are left that it takes. Nothing here asserts: a fault is written down, for
 * who looks for a shorter history with the same one.
 */
#ifndef TESTS_UNIT_COMMON_HISTORY_H
#define TESTS_UNIT_COMMON_HISTORY_H

#include "tests/unit/common/law_world.h"

#define HISTORY_STEPS_MAX 4096u
#define HISTORY_MEMBERS 6u
#define HISTORY_TILLS 3u

struct history {
	struct world *world;
	const char *const
	    *rules; /* texts of programmes, one of them in force */
	size_t rules_count;
	uint64_t random; /* of this step */
	unsigned done[ENTRY_KIND_MAX + 1];
	unsigned refused[REFUSAL_SALES_LIMIT + 1];
	struct world_lines lines;
	struct entry related;
	struct bytes text; /* of the command under way, on the stack of it */
	char fault[512];
};

struct history_steps {
	uint64_t steps[HISTORY_STEPS_MAX];
	size_t count;
};

static inline void history_fault(
    struct history *history, const char *what, const char *more)
{
	if (history->fault[0] == '\0')
		(void)snprintf(history->fault, sizeof(history->fault),
		    "entry %zu: %s: %s", history->world->count, what, more);
}

/* --- chance -----------------------------------------------------------------
 */

static inline uint64_t history_random(struct history *history)
{
	history->random += 0x9e3779b97f4a7c15ull;
	uint64_t mixed = history->random;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9ull;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebull;
	return mixed ^ mixed >> 31;
}

static inline uint64_t history_below(struct history *history, uint64_t bound)
{
	return history_random(history) % bound;
}

static inline bool history_one_in(struct history *history, uint64_t many)
{
	return history_below(history, many) == 0;
}

static inline uint64_t history_member(struct history *history)
{
	return MEMBER(1 + history_below(history, HISTORY_MEMBERS));
}

/* One of the last entries of this kind; false where there is none. */
static inline bool history_entry_of(
    struct history *history, enum entry_kind kind, struct entry *ret_entry)
{
	struct world *world = history->world;
	uint64_t skip = history_below(history, 8);
	bool found = false;

	for (uint64_t sequence = world->count; sequence >= 1; sequence--) {
		struct entry entry = world_entry(world, sequence);

		if (entry.kind != kind)
			continue;
		*ret_entry = entry;
		found = true;
		if (skip-- == 0)
			break;
	}
	return found;
}

/* --- what always holds ------------------------------------------------------
 */

static inline bool lots_are_in_order(const struct book_member *member)
{
	for (uint32_t place = 1; place < member->lot_count; place++) {
		const struct lot *one = &member->lots[place - 1];
		const struct lot *next = &member->lots[place];

		if (one->expiry_day > next->expiry_day ||
		    (one->expiry_day == next->expiry_day &&
			one->active_day >= next->active_day))
			return false;
	}
	return true;
}

static inline void history_look_at_member(
    struct history *history, const struct book_member *member)
{
	uint64_t points = 0;

	for (uint32_t place = 0; place < member->lot_count; place++) {
		points += member->lots[place].points;
		if (member->lots[place].points == 0)
			history_fault(history, "a lot", "is empty");
	}
	if (!lots_are_in_order(member))
		history_fault(history, "the lots", "are out of order");
	if (member->balance_points < 0 && member->lot_count > 0)
		history_fault(history, "a debt", "has lots");
	if (member->balance_points >= 0 &&
	    points != (uint64_t)member->balance_points)
		history_fault(history, "the lots", "are not the balance");
}

static inline void history_look_at_book(struct history *history)
{
	const struct book *book = history->world->book;

	if (world_sum_points(book) != 0)
		history_fault(history, "the accounts", "do not sum to zero");
	for (size_t place = 0; book_member_at(book, place) != NULL; place++)
		history_look_at_member(history, book_member_at(book, place));
}

/* What one entry may not have done to the member that it names first. */
struct history_before {
	const struct entry *entry;
	int32_t today;
	bool no_debt;
	bool has_member;
	int64_t balance_points;
	uint64_t kept_points; /* of lots that have not lapsed */
};

static inline uint64_t history_kept_points(
    const struct book_member *member, int32_t today)
{
	uint64_t points = 0;

	for (uint32_t place = 0; place < member->lot_count; place++) {
		if (book_lot_expiry_day(member, &member->lots[place]) >= today)
			points += member->lots[place].points;
	}
	return points;
}

static inline struct history_before history_before(
    const struct history *history, const struct entry *entry)
{
	const struct book *book = history->world->book;
	const struct book_programme *version = book_programme(book);
	const struct book_member *member =
	    book_member(book, entry_member(entry));
	struct history_before before = {.entry = entry};

	if (version == NULL || member == NULL)
		return before;
	before.today =
	    zone_local(&version->programme->zone, entry->time_ms).day;
	before.no_debt = version->programme->no_debt;
	before.has_member = true;
	before.balance_points = member->balance_points;
	before.kept_points = history_kept_points(member, before.today);
	return before;
}

static inline void history_look_at_change(
    struct history *history, const struct history_before *before)
{
	const struct book_member *member =
	    book_member(history->world->book, entry_member(before->entry));
	enum entry_kind kind = before->entry->kind;

	if (!before->has_member || member == NULL)
		return;
	if (member->balance_points < 0 &&
	    member->balance_points < before->balance_points &&
	    (before->no_debt || (kind != ENTRY_RETURN && kind != ENTRY_VOID)))
		history_fault(history, entry_kind_name(kind),
		    "it leaves a debt that is not allowed");
	if (kind == ENTRY_EXPIRE &&
	    history_kept_points(member, before->today) != before->kept_points)
		history_fault(history, "expiry", "takes what had not lapsed");
}

/* --- doing ------------------------------------------------------------------
 */

static inline void history_apply(
    struct history *history, const struct command *command)
{
	struct world *world = history->world;
	struct entry entry;
	struct entry related;
	struct history_before before;

	world_keep(world, &world->decision.entry);
	entry = world_entry(world, world->count);
	if (entry.related_sequence != 0)
		related = world_entry(world, entry.related_sequence);
	if (law_check(world->book, &entry,
		entry.related_sequence != 0 ? &related : NULL,
		&world->err) != RESULT_OK)
		history_fault(history, "unlawful", world->err.text);
	before = history_before(history, &entry);
	if (book_apply(world->book, &entry, &world->err) != RESULT_OK)
		history_fault(history, "not applied", world->err.text);
	if (!law_same_operation(world->book, &entry, command))
		history_fault(history, entry_kind_name(entry.kind),
		    "it is not known again");
	history_look_at_change(history, &before);
	history_look_at_book(history);
	history->done[entry.kind]++;
}

/* False where it was refused. */
static inline bool history_do(
    struct history *history, const struct command *command)
{
	struct world *world = history->world;

	law_decide(world->book, command, world->now_ms, &world->decision);
	history->refused[world->decision.refusal.code]++;
	if (world->decision.refusal.code != REFUSAL_NONE)
		return false;
	history_apply(history, command);
	return true;
}

static inline struct command history_command(
    struct history *history, enum entry_kind kind, uint32_t terminal)
{
	struct world *world = history->world;
	struct command command = {.kind = kind, .terminal = terminal};
	uint64_t random = history_random(history);

	command.counter = terminal == 0
			      ? book_head(world->book)->server_counter + 1
			      : ++world->counters[terminal];
	memcpy(command.random, &random, sizeof(random));
	return command;
}

/* One who is there, mostly; 0 where nobody is. */
static inline uint32_t history_cashier(struct history *history)
{
	uint32_t start = (uint32_t)history_below(history, 3);

	if (book_cashier_last(history->world->book) == 0)
		return 0;
	for (uint32_t step = 0; step < 3; step++) {
		uint32_t number = 1 + (start + step) % 3;

		if (book_cashier(history->world->book, number) != NULL)
			return number;
	}
	return 1;
}

/* Of a till, with a cashier where there are any. */
static inline struct command history_ask(
    struct history *history, enum entry_kind kind)
{
	struct command command = history_command(
	    history, kind, 1 + (uint32_t)history_below(history, HISTORY_TILLS));

	command.cashier = history_cashier(history);
	command.account = history_member(history);
	return command;
}

/* --- the night --------------------------------------------------------------
 */

static inline bool history_night_step(struct history *history, size_t place)
{
	struct world *world = history->world;
	const struct book_member *member = book_member_at(world->book, place);
	struct command due;
	struct command command;

	if (!law_due(world->book, member, world->now_ms, &due))
		return false;
	command = history_command(history, due.kind, 0);
	command.account = due.account;
	if (!history_do(history, &command)) {
		history_fault(history, "what is due is refused",
		    world->decision.refusal.say);
		return false;
	}
	return true;
}

/* Once through all members, as a server goes. */
static inline size_t history_round(struct history *history)
{
	size_t count = 0;

	for (size_t place = 0;
	     book_member_at(history->world->book, place) != NULL; place++) {
		while (history->fault[0] == '\0' &&
		       history_night_step(history, place))
			count++;
	}
	return count;
}

/* And again where a bonus was paid, for whoever got it may have been passed. */
static inline size_t history_night(struct history *history)
{
	unsigned bonuses;
	size_t count = 0;

	do {
		bonuses = history->done[ENTRY_BONUS];
		count += history_round(history);
	} while (history->done[ENTRY_BONUS] > bonuses);
	return count;
}

/* Twice is once. */
static inline void history_two_nights(struct history *history)
{
	struct hash first;
	struct hash second;

	(void)history_night(history);
	first = world_digest(history->world->book);
	if (history_night(history) > 0)
		history_fault(history, "the night", "is not over");
	second = world_digest(history->world->book);
	if (!hash_equal(&first, &second))
		history_fault(history, "the second night", "changes the book");
}

#endif
