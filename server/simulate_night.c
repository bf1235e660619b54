/*
 * simulate_night: owns who has something due on which day.
 *
 * To ask every member every night would take longer than the sales. So each
 * one has a day on which to be asked next: the first on which points may have
 * lapsed or a tier may have run out. It may come too early (then nothing is
 * due, and a later day is found), never too late.
 */
#include "server/simulate_inside.h"

#include <stdlib.h>

#define STEPS_MAX 64u /* of one member in one night */

enum result night_init(
    struct simulating *simulating, int32_t first_day, int32_t last_day)
{
	const struct programme *programme = simulating->programme;
	struct night *night = &simulating->night;
	size_t days = (size_t)(last_day - first_day) + 2;

	*night = (struct night){.first_day = first_day,
	    .last_day = last_day,
	    .done_day = first_day,
	    .is_needed = programme->tier_count != 0 ||
			 programme->expire_months != 0 ||
			 programme->expire_end != EXPIRE_DAY ||
			 programme->expire_date != DAY_NONE ||
			 programme->expire_inactive_days != 0};
	if (!night->is_needed)
		return RESULT_OK;
	night->heads = calloc(days, sizeof(*night->heads));
	night->days = calloc(
	    simulating->sales->customers.count + 1, sizeof(*night->days));
	if (night->heads == NULL || night->days == NULL)
		return error_no_memory(simulating->err);
	return RESULT_OK;
}

void night_finish(struct night *night)
{
	free(night->heads);
	free(night->dues);
	free(night->days);
}

/* Ask on `day`, unless it is asked earlier anyway. */
static enum result ask_on(
    struct simulating *simulating, uint32_t customer, int32_t day)
{
	struct night *night = &simulating->night;
	uint32_t *head;

	if (day > night->last_day + 1 ||
	    (night->days[customer] != 0 && night->days[customer] <= day))
		return RESULT_OK;
	if (night->due_count == night->due_capacity) {
		size_t wanted = night->due_capacity * 2 + 1024;
		struct due *dues =
		    reallocarray(night->dues, wanted, sizeof(*dues));

		if (dues == NULL)
			return error_no_memory(simulating->err);
		night->dues = dues;
		night->due_capacity = wanted;
	}
	head = &night->heads[day - night->first_day];
	night->dues[night->due_count++] = (struct due){customer, *head};
	*head = (uint32_t)night->due_count;
	night->days[customer] = day;
	return RESULT_OK;
}

/* The day after one that is stamped or counted. */
static int32_t after(int32_t day)
{
	return day >= LOT_NEVER - 1 ? LOT_NEVER : day + 1;
}

static int32_t sooner(int32_t one, int32_t other)
{
	return one < other ? one : other;
}

enum result night_after_sale(struct simulating *simulating, uint32_t customer)
{
	const struct today *today = &simulating->today;
	int32_t day = LOT_NEVER;

	if (!simulating->night.is_needed)
		return RESULT_OK;
	if (today->expiry_day < 0)
		day = today->day - today->expiry_day + 1;
	else
		day = after(today->expiry_day);
	if (simulating->programme->tier_count != 0) {
		const struct book_member *member =
		    book_member(simulating->book, simulate_account(customer));

		if (member->tier_level != 0)
			day = sooner(day, after(member->tier_until_day));
	}
	/* What is earned today is looked at tomorrow at the soonest. */
	if (day <= today->day)
		day = today->day + 1;
	return ask_on(simulating, customer, day);
}

/* The first day on which there may be something, `day` being over. */
static int32_t next_day(const struct book_member *member, int32_t day)
{
	int32_t expiry_day = LOT_NEVER;
	int32_t next = LOT_NEVER;

	if (book_next_expiry(member, day, &expiry_day) != 0)
		next = after(expiry_day);
	if (member->tier_level != 0)
		next = sooner(next, after(member->tier_until_day));
	return next <= day ? day + 1 : next;
}

/* A notice is for the member alone, and nothing comes after it here. */
static enum result do_due(
    struct simulating *simulating, uint64_t account, uint64_t now_ms)
{
	struct book *book = simulating->book;
	struct command command;
	bool is_done = true;

	for (unsigned step = 0; step < STEPS_MAX && is_done; step++) {
		enum result result;

		if (!law_due(
			book, book_member(book, account), now_ms, &command) ||
		    command.kind == ENTRY_NOTICE)
			break;
		command.terminal = 0;
		command.counter = book_head(book)->server_counter + 1;
		result = simulate_step(simulating, &command, now_ms, &is_done);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

static enum result run_member(struct simulating *simulating, uint32_t customer,
    int32_t day, uint64_t now_ms)
{
	struct night *night = &simulating->night;
	uint64_t account = simulate_account(customer);
	enum result result;

	if (night->days[customer] != day)
		return RESULT_OK;
	night->days[customer] = 0;
	result = do_due(simulating, account, now_ms);
	if (result != RESULT_OK)
		return result;
	day = next_day(book_member(simulating->book, account), day);
	return day == LOT_NEVER ? RESULT_OK : ask_on(simulating, customer, day);
}

enum result night_run(struct simulating *simulating, int32_t day)
{
	struct night *night = &simulating->night;
	enum result result = RESULT_OK;

	if (!night->is_needed)
		return RESULT_OK;
	while (result == RESULT_OK && night->done_day < day) {
		int32_t next = ++night->done_day;
		uint32_t at = night->heads[next - night->first_day];
		uint64_t now_ms;

		if (at == 0)
			continue;
		now_ms = zone_day_starts_ms(&simulating->programme->zone, next);
		while (result == RESULT_OK && at != 0) {
			struct due due = night->dues[at - 1];

			result =
			    run_member(simulating, due.customer, next, now_ms);
			at = due.next;
		}
	}
	return result;
}
