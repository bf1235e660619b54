/*
 * What holds over every history, whatever is asked in whatever order: the
 * accounts sum to zero, lots are what a balance is, nothing falls below what
 * debt allows, every entry is lawful again, expiry takes nothing that has not
 * lapsed, the night twice is the night once, and who replays it has the same
 * book. A history that breaks one of these is made short before it is shown.
 */
#include <locale.h>
#include <time.h>

#include "tests/unit/common/history_run.h"

#define HISTORY_STEPS 1500u
/* More of them for a longer look: make CFLAGS=-DHISTORY_SEEDS=5000u … */
#ifndef HISTORY_SEEDS
#define HISTORY_SEEDS 40u
#endif
#define SHRINK_RUNS 4000u

/* --- making a fault short ----------------------------------------------------
 */

static bool still_fails(
    const struct plan *plan, uint64_t first, struct history_steps *steps)
{
	size_t taken;
	struct history *history = run(plan, first, steps, &taken);
	bool fails = history->fault[0] != '\0';

	if (fails)
		steps->count = taken;
	close_history(history);
	return fails;
}

/* Leave out ever smaller pieces, as long as what is left still fails. */
static void shrink(
    const struct plan *plan, uint64_t first, struct history_steps *steps)
{
	struct history_steps *fewer = malloc(sizeof(*fewer));
	unsigned runs = 0;

	assert_non_null(fewer);
	for (size_t piece = steps->count / 2; piece > 0; piece /= 2) {
		size_t count = steps->count;
		size_t at = 0;

		while (at < steps->count && runs++ < SHRINK_RUNS) {
			size_t rest = at + piece < steps->count
					  ? steps->count - at - piece
					  : 0;

			memcpy(fewer->steps, steps->steps,
			    at * sizeof(*fewer->steps));
			memcpy(&fewer->steps[at], &steps->steps[at + piece],
			    rest * sizeof(*fewer->steps));
			fewer->count = at + rest;
			if (still_fails(plan, first, fewer))
				*steps = *fewer;
			else
				at += piece;
		}
		if (piece == 1 && steps->count < count)
			piece = 2; /* single ones, as long as any can go */
	}
	free(fewer);
}

static void show(
    const struct plan *plan, uint64_t first, const struct history_steps *steps)
{
	struct history *history = run(plan, first, steps, NULL);

	for (uint64_t sequence = 1; sequence <= history->world->count;
	     sequence++) {
		struct entry entry = world_entry(history->world, sequence);

		print_message("%4llu %-9s %13llu %5llu points, member %llu\n",
		    (unsigned long long)sequence, entry_kind_name(entry.kind),
		    (unsigned long long)entry.time_ms,
		    (unsigned long long)entry.points,
		    (unsigned long long)((entry_member(&entry) -
					     ACCOUNT_MEMBER_MIN) /
					 (MEMBER(1) - ACCOUNT_MEMBER_MIN)));
	}
	print_message("%s\n", history->fault);
	close_history(history);
}

static void fail_shrunk(
    const struct plan *plan, uint64_t seed, struct history_steps *steps)
{
	shrink(plan, seed, steps);
	show(plan, seed, steps);
	fail_msg("seed %llu fails in %zu steps", (unsigned long long)seed,
	    steps->count);
}

/* --- what always holds ------------------------------------------------------
 */

static void assert_replays(struct history *history)
{
	struct world *again = world_empty(1);

	world_replay(history->world, again->book, 1, history->world->count);
	assert_same_book(history->world->book, again->book);
	world_close(again);
}

static void add_counts(struct history *sum, const struct history *history)
{
	for (int kind = 0; kind <= ENTRY_KIND_MAX; kind++)
		sum->done[kind] += history->done[kind];
	for (int code = 0; code <= REFUSAL_SALES_LIMIT; code++)
		sum->refused[code] += history->refused[code];
}

static void keeps_its_promises_over_every_history(void **state)
{
	struct history *sum = calloc(1, sizeof(*sum));

	(void)state;
	assert_non_null(sum);
	for (uint64_t seed = 1; seed <= HISTORY_SEEDS; seed++) {
		struct history_steps *steps = steps_of(seed, HISTORY_STEPS);
		struct history *history = run(&all_plan, seed, steps, NULL);

		if (history->fault[0] != '\0')
			fail_shrunk(&all_plan, seed, steps);
		assert_replays(history);
		add_counts(sum, history);
		close_history(history);
		free(steps);
	}
	/* Everything has happened, and most refusals. */
	for (int kind = ENTRY_PROGRAMME; kind <= ENTRY_KIND_MAX; kind++) {
		if (sum->done[kind] == 0)
			fail_msg(
			    "no %s", entry_kind_name((enum entry_kind)kind));
	}
	assert_true(sum->refused[REFUSAL_INSUFFICIENT_POINTS] > 0);
	assert_true(sum->refused[REFUSAL_RETURN_TOO_LARGE] > 0);
	assert_true(sum->refused[REFUSAL_HOLD_UNKNOWN] > 0);
	assert_true(sum->refused[REFUSAL_CLAIMED] > 0);
	assert_true(sum->refused[REFUSAL_VOIDED] > 0);
	assert_true(sum->refused[REFUSAL_DEBT] > 0);
	assert_true(sum->refused[REFUSAL_SALES_LIMIT] > 0);
	free(sum);
}

/* --- buying and returning ---------------------------------------------------
 */

/* All that is left of it, by a till without a cashier of its own. */
static void return_all_of(struct history *history, uint64_t sequence)
{
	struct entry entry = world_entry(history->world, sequence);
	const struct book_member *whose =
	    book_member(history->world->book, entry_member(&entry));
	const struct book_returned *back = book_returned(whose, sequence);
	struct command command = history_ask(history, ENTRY_RETURN);

	command.account = 0;
	command.related = &entry;
	command.amount_minor =
	    entry.amount_minor - (back != NULL ? back->amount_minor : 0);
	if (entry.kind == ENTRY_REDEEM)
		command.amount_minor = 0;
	if (command.cashier != 0)
		for (command.cashier = 1; command.cashier <= 3;
		     command.cashier++)
			if (history_do(history, &command))
				return;
	if (command.cashier == 0)
		(void)history_do(history, &command);
}

/* In any order: every second one from the front, the others from behind. */
static void return_everything(struct history *history)
{
	uint64_t count = history->world->count;

	for (uint64_t at = 0; at < 2 * count; at++) {
		uint64_t sequence = at < count ? at + 1 : 2 * count - at;
		struct entry entry = world_entry(history->world, sequence);

		if ((entry.kind == ENTRY_EARN || entry.kind == ENTRY_REDEEM) &&
		    (sequence % 2 == 0) == (at < count))
			return_all_of(history, sequence);
	}
}

static int64_t bonus_points(struct world *world)
{
	int64_t points = 0;

	for (uint64_t sequence = 1; sequence <= world->count; sequence++) {
		struct entry entry = world_entry(world, sequence);

		if (entry.kind == ENTRY_BONUS)
			points += (int64_t)entry.points;
	}
	return points;
}

static void free_the_staff(struct history *history)
{
	for (uint32_t number = 1; number <= 3; number++) {
		struct command command =
		    history_command(history, ENTRY_STAFF, 0);

		command.subject = number;
		(void)history_do(history, &command);
	}
}

/* Whatever was bought, claimed, capped, pooled and expired between: where all
 * comes back, nothing is issued but what was given for bringing somebody. */
static void leaves_nothing_where_everything_comes_back(void **state)
{
	(void)state;
	for (uint64_t seed = 101; seed <= 100 + HISTORY_SEEDS; seed++) {
		struct history_steps *steps = steps_of(seed, HISTORY_STEPS);
		struct history *history = run(&debt_plan, seed, steps, NULL);
		const struct book *book = history->world->book;

		if (history->fault[0] != '\0')
			fail_shrunk(&debt_plan, seed, steps);
		free_the_staff(history);
		return_everything(history);
		if (history->fault[0] != '\0')
			fail_msg("%s", history->fault);
		assert_int_equal(
		    book_account_points(book, ACCOUNT_REDEEMED), 0);
		assert_int_equal(book_account_points(book, ACCOUNT_ISSUED),
		    -bonus_points(history->world));
		assert_replays(history);
		close_history(history);
		free(steps);
	}
}

/* --- elsewhere --------------------------------------------------------------
 */

/* Decisions do not depend on where the machine is, nor on how it writes. */
static void decides_alike_in_every_time_zone_and_locale(void **state)
{
	static const char *const zones[] = {"UTC", "America/New_York",
	    "Pacific/Chatham", "CET-1CEST,M3.5.0,M10.5.0/3"};
	static const char *const locales[] = {
	    "C", "C.UTF-8", "POSIX", "C.UTF-8"};
	struct history_steps *steps = steps_of(77, 300);
	struct hash digests[4];

	(void)state;
	for (int at = 0; at < 4; at++) {
		struct history *history;

		assert_int_equal(setenv("TZ", zones[at], 1), 0);
		tzset();
		(void)setlocale(LC_ALL, locales[at]);
		history = run(&all_plan, 77, steps, NULL);
		digests[at] = world_digest(history->world->book);
		close_history(history);
		assert_true(hash_equal(&digests[at], &digests[0]));
	}
	(void)unsetenv("TZ");
	(void)setlocale(LC_ALL, "C");
	free(steps);
}

/* --- looking back -----------------------------------------------------------
 */

/* What the law decides, and nobody says: each changed to something else. */
static void tamper(struct entry *entry, int field)
{
	static const uint8_t lot[LOT_SIZE] = {0, 0, 1, [15] = 9};
	static const uint8_t part[PART_SIZE] = {63, [8] = 9};
	uint64_t *const numbers[] = {&entry->sequence, &entry->from_account,
	    &entry->to_account, &entry->points, &entry->programme_sequence,
	    &entry->from_previous_sequence, &entry->to_previous_sequence,
	    &entry->until_ms, &entry->held_points, &entry->rules_sequence,
	    &entry->whose};

	if (field < 11)
		*numbers[field] += 2;
	if (field == 11)
		entry->balance_points++;
	if (field == 12)
		entry->other_balance_points++;
	if (field == 13)
		entry->lots = bytes_of(lot, sizeof(lot));
	if (field == 14)
		entry->parts = bytes_of(part, sizeof(part));
	if (field == 15)
		entry->tier_level ^= 1;
	if (field == 16)
		entry->tier_until_day++;
	if (field == 17)
		entry->facts ^= FACT_WHOLE;
	if (field == 18)
		entry->has ^= ENTRY_HAS(TAG_LOTS);
}
#define TAMPER_FIELDS 19

static void assert_all_tampering_is_found(const struct book *book,
    const struct entry *entry, const struct entry *related)
{
	struct error err;

	assert_int_equal(law_check(book, entry, related, &err), RESULT_OK);
	for (int field = 0; field < TAMPER_FIELDS; field++) {
		struct entry forged = *entry;

		/* Any free account will do for a new member. */
		if (entry->kind == ENTRY_ENROL && field == 2)
			continue;
		tamper(&forged, field);
		if (law_check(book, &forged, related, &err) != RESULT_INVALID)
			fail_msg("%s %llu, field %d",
			    entry_kind_name(entry->kind),
			    (unsigned long long)entry->sequence, field);
	}
}

static void finds_every_change_of_what_the_law_decides(void **state)
{
	(void)state;
	for (uint64_t seed = 201; seed <= 210; seed++) {
		struct history_steps *steps = steps_of(seed, 600);
		struct history *history = run(&all_plan, seed, steps, NULL);
		struct world *again = world_empty(1);

		for (uint64_t at = 1; at <= history->world->count; at++) {
			struct entry entry = world_entry(history->world, at);
			struct entry related = entry;

			if (entry.related_sequence != 0)
				related = world_entry(
				    history->world, entry.related_sequence);
			assert_all_tampering_is_found(
			    again->book, &entry, &related);
			world_replay(history->world, again->book, at, at);
		}
		world_close(again);
		close_history(history);
		free(steps);
	}
}

/* --- the shrinking itself ---------------------------------------------------
 */

static void look_for_a_void(struct history *history)
{
	if (history->done[ENTRY_VOID] >= 2 && history->done[ENTRY_REDEEM] >= 1)
		history_fault(history, "made up", "two voids, a redemption");
}

static void finds_the_few_steps_that_a_fault_takes(void **state)
{
	static const struct plan plan = {all_rules, 5, look_for_a_void};
	struct history_steps *steps = steps_of(5, HISTORY_STEPS);

	(void)state;
	assert_true(still_fails(&plan, 5, steps));
	shrink(&plan, 5, steps);
	assert_true(still_fails(&plan, 5, steps));
	/* Sales to redeem of, the redemption, what is undone, and two voids. */
	assert_in_range(steps->count, 3, 12);
	free(steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_few_steps_that_a_fault_takes),
	    cmocka_unit_test(keeps_its_promises_over_every_history),
	    cmocka_unit_test(leaves_nothing_where_everything_comes_back),
	    cmocka_unit_test(decides_alike_in_every_time_zone_and_locale),
	    cmocka_unit_test(finds_every_change_of_what_the_law_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
