/*
 * book_qualify: owns what counts towards a tier.
 *
 * It stands in one of two forms. Where the windows of the programme do not
 * roll, a member has one number, `qualifying`, of the window that starts on
 * `qualify_day`. Where they do, it has a list of days in its block, ascending,
 * none of them 0; `qualifying` is then their sum and `qualify_day` the newest
 * day seen. A programme that changes its window turns one form into the other
 * with the next sale; one that counts something else begins anew.
 */
#include "common/law/book_inside.h"

static bool has_days(const struct book_member *member)
{
	return member->spent_count > 0;
}

int32_t book_window_day(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	switch (programme->window) {
	case WINDOW_YEAR:
		break;
	case WINDOW_ANNIVERSARY:
		return day < member->enrolled_day
			   ? day
			   : day_anniversary(member->enrolled_day, day);
	case WINDOW_ROLLING:
		return day - (int32_t)programme->window_days + 1;
	}
	return day_year_start(day);
}

/* What is counted from `first` to `last`, both included. */
static uint64_t counted_between(
    const struct book_member *member, int32_t first, int32_t last)
{
	const struct book_spent *days = book_days(member);
	uint64_t sum = 0;

	if (!has_days(member))
		return member->qualify_day >= first &&
			       member->qualify_day <= last
			   ? member->qualifying
			   : 0;
	for (uint32_t index = 0; index < member->spent_count; index++) {
		if (days[index].day >= first && days[index].day <= last)
			sum += days[index].value;
	}
	return sum;
}

uint64_t book_qualifying(const struct programme *programme,
    const struct book_member *member, int32_t day)
{
	if (member->qualify != programme->qualify)
		return 0;
	return counted_between(
	    member, book_window_day(programme, member, day), day);
}

uint8_t book_level(const struct programme *programme, uint64_t qualifying)
{
	uint8_t level = (uint8_t)programme->tier_count;

	while (level > 0 && programme->tiers[level - 1].from > qualifying)
		level--;
	return level;
}

static bool is_of_sale(const struct entry *entry)
{
	return entry->kind == ENTRY_EARN ||
	       ((entry->kind == ENTRY_RETURN || entry->kind == ENTRY_VOID) &&
		   entry->to_account == ACCOUNT_ISSUED);
}

uint64_t book_qualify_value(
    const struct programme *programme, const struct entry *entry)
{
	if (!is_of_sale(entry))
		return 0;
	switch (programme->qualify) {
	case QUALIFY_POINTS:
		break;
	case QUALIFY_AMOUNT:
		return entry->amount_minor > entry->paid_minor
			   ? entry->amount_minor - entry->paid_minor
			   : 0;
	case QUALIFY_VISITS:
		return entry->kind != ENTRY_RETURN ||
		       (entry->facts & FACT_WHOLE) != 0;
	}
	return entry->points;
}

bool book_qualifies_alike(
    const struct programme *rules, const struct programme *programme)
{
	return rules->tier_count > 0 && rules->qualify == programme->qualify;
}

/* --- changing ------------------------------------------------------------- */

static void drop_days(
    struct book_member *member, uint32_t first, uint32_t count)
{
	size_t place = (size_t)member->lot_count + member->count_count + first;

	book_close_places(member, place, count);
	member->spent_count -= (uint16_t)count;
}

static void forget(struct book_member *member)
{
	if (has_days(member))
		drop_days(member, 0, member->spent_count);
	member->qualifying = 0;
}

static uint32_t day_place(const struct book_member *member, int32_t day)
{
	const struct book_spent *days = book_own_days(member);
	uint32_t low = 0;
	uint32_t high = member->spent_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (days[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum result add_day(
    struct book_member *member, int32_t day, uint64_t value, struct error *err)
{
	size_t before = (size_t)member->lot_count + member->count_count;
	uint32_t place = day_place(member, day);
	struct book_spent *days = book_own_days(member);

	if (place < member->spent_count && days[place].day == day) {
		days[place].value += value;
		return RESULT_OK;
	}
	if (!book_open_places(member, before + place, 1))
		return error_no_memory(err);
	book_own_days(member)[place] =
	    (struct book_spent){.day = day, .value = value};
	member->spent_count++;
	return RESULT_OK;
}

/* Days before `first` go, and the oldest where there are too many. */
static void prune_days(struct book_member *member, int64_t first)
{
	const struct book_spent *days = book_own_days(member);
	uint32_t old = 0;

	while (old < member->spent_count &&
	       (days[old].day < first ||
		   member->spent_count - old > SPENT_DAYS_MAX))
		member->qualifying -= days[old++].value;
	if (old > 0)
		drop_days(member, 0, old);
}

static enum result count_rolling(struct book_member *member,
    const struct programme *programme, int32_t day, uint64_t value,
    struct error *err)
{
	int32_t newest = day > member->qualify_day ? day : member->qualify_day;
	enum result result = RESULT_OK;

	/* What a window that did not roll has counted is of its first day. */
	if (!has_days(member) && member->qualifying > 0)
		result = add_day(
		    member, member->qualify_day, member->qualifying, err);
	if (result == RESULT_OK)
		result = add_day(member, day, value, err);
	if (result != RESULT_OK)
		return result;
	member->qualifying += value;
	member->qualify_day = newest;
	member->before_level = 0;
	prune_days(
	    member, (int64_t)newest - 2 * (int64_t)programme->window_days + 1);
	return RESULT_OK;
}

/* The number of one window; a sale of an earlier one is passed over. */
static void count_window(struct book_member *member,
    const struct programme *programme, int32_t day, uint64_t value)
{
	int32_t first = book_window_day(programme, member, day);
	int32_t counted =
	    book_window_day(programme, member, member->qualify_day);
	uint64_t qualifying;

	if (counted > first)
		return;
	qualifying = counted_between(member, first, INT32_MAX);
	if (counted < first)
		member->before_level = book_level(
		    programme, book_qualifying(programme, member, first - 1));
	forget(member);
	member->qualifying = qualifying + value;
	member->qualify_day = first;
}

enum result book_qualify_more(struct book_member *member,
    const struct programme *programme, int32_t day, const struct entry *entry,
    struct error *err)
{
	uint64_t value = book_qualify_value(programme, entry);

	if (programme->tier_count == 0 || value == 0)
		return RESULT_OK;
	/* One entry adds at most AMOUNT_MINOR_MAX: it would take two million
	 * entries a day for as long as a window is. */
	if (member->qualifying > UINT64_MAX - value)
		return error_set(
		    err, RESULT_LIMIT, "what qualifies would overflow");
	if (member->qualify != programme->qualify) {
		forget(member);
		member->qualify = (uint8_t)programme->qualify;
	}
	if (programme->window == WINDOW_ROLLING)
		return count_rolling(member, programme, day, value, err);
	count_window(member, programme, day, value);
	return RESULT_OK;
}

static void take_off_day(
    struct book_member *member, int32_t day, uint64_t value)
{
	struct book_spent *days = book_own_days(member);
	uint32_t place = day_place(member, day);

	if (place == member->spent_count || days[place].day != day)
		return;
	if (value > days[place].value)
		value = days[place].value;
	days[place].value -= value;
	member->qualifying -= value;
	if (days[place].value == 0)
		drop_days(member, place, 1);
}

void book_qualify_less(struct book_member *member,
    const struct programme *programme, int32_t day, const struct entry *entry)
{
	uint64_t value = book_qualify_value(programme, entry);

	if (programme->tier_count == 0 || value == 0 ||
	    member->qualify != programme->qualify)
		return;
	if (has_days(member))
		take_off_day(member, day, value);
	else if (day >= member->qualify_day)
		member->qualifying -=
		    value < member->qualifying ? value : member->qualifying;
}
