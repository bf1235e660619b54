/*
 * book_apply_points: owns how points and their lots come and go, and what is
 * counted by the rules of a programme.
 */
#include "common/law/book_change.h"

#include "common/law/earn.h"
#include "common/law/law_tier.h"

/* --- lots ----------------------------------------------------------------- */

/* The lots of an entry, one after another: those that it lists, or one that
 * never lapses where it lists none. */
struct lots {
	struct reader reader;
	struct lot plain;
	bool has_plain;
};

static struct lots lots_of(const struct change *change)
{
	const struct entry *entry = change->entry;
	bool lists = change_has(change, TAG_LOTS);

	return (struct lots){
	    .reader = reader_of(lists ? entry->lots : bytes_of(NULL, 0)),
	    .plain = {.expiry_day = LOT_NEVER, .points = entry->points},
	    .has_plain = !lists && entry->points > 0,
	};
}

static bool lots_next(struct lots *lots, struct lot *ret_lot)
{
	if (!lots->has_plain)
		return lot_read(&lots->reader, ret_lot);
	*ret_lot = lots->plain;
	lots->has_plain = false;
	return true;
}

static enum result refuse_lot(struct change *change, const struct lot *lot)
{
	return change_refuse(change,
	    "%llu points of (%d, %d) are not there to be taken",
	    (unsigned long long)lot->points, (int)lot->expiry_day,
	    (int)lot->active_day);
}

static enum result put_lots(struct change *change, struct book_member *member)
{
	struct lots lots = lots_of(change);
	uint64_t debt =
	    member->balance_points < 0 ? (uint64_t)-member->balance_points : 0;
	uint64_t sum = 0;
	struct lot lot;

	while (lots_next(&lots, &lot)) {
		uint64_t paid = lot.points < debt ? lot.points : debt;
		enum result result = RESULT_OK;

		sum += lot.points;
		debt -= paid;
		lot.points -= paid;
		if (lot.points > 0)
			result = book_put_lot(member, &lot, change->err);
		if (result == RESULT_LIMIT)
			return change_refuse(
			    change, "a member has %u lots already", LOTS_MAX);
		if (result != RESULT_OK)
			return result;
	}
	if (sum != change->entry->points)
		return change_refuse(change,
		    "its lots are %llu points, and %llu move",
		    (unsigned long long)sum,
		    (unsigned long long)change->entry->points);
	return RESULT_OK;
}

/* Points without a list are taken as far as they are there: what is missing
 * then is a debt. Listed ones have to be there. */
static enum result cut_lots(struct change *change, struct book_member *member)
{
	struct lots lots = lots_of(change);
	uint64_t there = book_points_of(member, &lots.plain);
	uint64_t sum = 0;
	struct lot lot;

	if (lots.has_plain && lots.plain.points > there) {
		lots.plain.points = there;
		lots.has_plain = there > 0;
	}
	while (lots_next(&lots, &lot)) {
		if (!book_cut_lot(member, &lot))
			return refuse_lot(change, &lot);
		sum += lot.points;
	}
	if (sum > change->entry->points)
		return change_refuse(change,
		    "its lots are %llu points, and %llu move",
		    (unsigned long long)sum,
		    (unsigned long long)change->entry->points);
	if (sum < change->entry->points && member->lot_count > 0)
		return change_refuse(change, "it leaves points beside a debt");
	return RESULT_OK;
}

/* --- balances ------------------------------------------------------------- */

/* `points` is positive for what comes in, negative for what goes out. */
static enum result move_own(
    struct change *change, uint64_t number, int64_t points)
{
	struct book_account *account = &change->book->accounts[number];

	if (!change_is_open(change, account->true_at))
		return RESULT_OK;
	if (__builtin_add_overflow(
		account->balance_points, points, &account->balance_points) ||
	    !book_is_balance(account->balance_points))
		return change_refuse(
		    change, "account %d would overflow", (int)number);
	change_mark(change, number, &account->true_at, &account->dirty);
	return RESULT_OK;
}

static enum result compare_balance(struct change *change,
    const struct book_member *member, enum entry_tag tag, int64_t said_points)
{
	if (!change_has(change, tag) || said_points == member->balance_points)
		return RESULT_OK;
	return change_refuse(change,
	    "the balance is %lld, and the entry says %lld",
	    (long long)member->balance_points, (long long)said_points);
}

static enum result move_member(
    struct change *change, struct book_member *member, int64_t points)
{
	enum result result;

	/* But what had lapsed when it joined stays with it, and expires. */
	if (points != 0 && book_joined_to(member) != 0 &&
	    change->entry->kind != ENTRY_EXPIRE)
		return change_refuse(
		    change, "its points are those of the one it pools with");
	result =
	    points < 0 ? cut_lots(change, member) : put_lots(change, member);
	if (result != RESULT_OK)
		return result;
	if (__builtin_add_overflow(
		member->balance_points, points, &member->balance_points) ||
	    __builtin_add_overflow(change->book->members_points, points,
		&change->book->members_points) ||
	    !book_is_balance(member->balance_points))
		return change_refuse(change, "the balance would overflow");
	return RESULT_OK;
}

static enum result move_from(struct change *change)
{
	const struct entry *entry = change->entry;
	enum result result = RESULT_OK;

	if (change->from == NULL)
		return entry->from_account == ACCOUNT_NONE
			   ? RESULT_OK
			   : move_own(change, entry->from_account,
				 -(int64_t)entry->points);
	if (!change_is_member_open(change, change->from))
		return RESULT_OK;
	if (entry->points > 0)
		result =
		    move_member(change, change->from, -(int64_t)entry->points);
	if (result == RESULT_OK)
		result = compare_balance(
		    change, change->from, TAG_BALANCE, entry->balance_points);
	return result;
}

static enum result move_to(struct change *change)
{
	const struct entry *entry = change->entry;
	enum result result;

	if (change->to == NULL)
		return entry->to_account == ACCOUNT_NONE
			   ? RESULT_OK
			   : move_own(change, entry->to_account,
				 (int64_t)entry->points);
	if (!change_is_member_open(change, change->to))
		return RESULT_OK;
	result = move_member(change, change->to, (int64_t)entry->points);
	if (result != RESULT_OK)
		return result;
	if (change->from != NULL)
		return compare_balance(change, change->to, TAG_OTHER_BALANCE,
		    entry->other_balance_points);
	return compare_balance(
	    change, change->to, TAG_BALANCE, entry->balance_points);
}

enum result change_move(struct change *change)
{
	enum result result = move_from(change);

	if (result == RESULT_OK)
		result = move_to(change);
	return result;
}

enum result change_note_activity(
    struct change *change, struct book_member *member, int32_t day)
{
	enum result result;

	if (!change_is_member_open(change, member) || day <= member->active_day)
		return RESULT_OK;
	result = book_fix_lapsed_lots(member, day, change->err);
	if (result == RESULT_OK)
		member->active_day = day;
	return result;
}

enum result change_tier(struct change *change)
{
	const struct entry *entry = change->entry;
	struct law_tier tier = {entry->tier_level, entry->tier_until_day};

	if (!change_has(change, TAG_TIER))
		return RESULT_OK;
	if (change->programme == NULL)
		return change_want_programme(change);
	if (entry->tier_level > TIERS_MAX)
		return change_refuse(
		    change, "there is no tier %u", (unsigned)entry->tier_level);
	if (change_is_member_open(change, change->whose))
		law_tier_put(
		    change->programme, change->whose, change->today, tier);
	return RESULT_OK;
}

/* --- counters ------------------------------------------------------------- */

/* What is counted of one thing: how much, and within which periods. */
struct counting {
	uint32_t ident;
	uint64_t points; /* 0: none are limited */
	bool is_time;
	uint64_t points_max[PERIOD_COUNT]; /* of the rule; 0 is not limited */
	uint32_t times_max[PERIOD_COUNT];
};

static const enum count_what points_whats[PERIOD_COUNT] = {
    [PERIOD_DAY] = COUNT_POINTS_DAY,
    [PERIOD_MONTH] = COUNT_POINTS_MONTH,
    [PERIOD_YEAR] = COUNT_POINTS_EVER, /* no rule limits points of a year */
    [PERIOD_EVER] = COUNT_POINTS_EVER,
};
static const enum count_what times_whats[PERIOD_COUNT] = {
    [PERIOD_DAY] = COUNT_TIMES_DAY,
    [PERIOD_MONTH] = COUNT_TIMES_MONTH,
    [PERIOD_YEAR] = COUNT_TIMES_YEAR,
    [PERIOD_EVER] = COUNT_TIMES_EVER,
};

static enum result count_one(struct change *change, struct book_member *member,
    enum count_way way, const struct book_count *count)
{
	if (way == COUNT_MORE)
		return book_count_more(
		    member, change->programme, count, change->err);
	book_count_less(member, count);
	return RESULT_OK;
}

static enum result count_periods(struct change *change,
    struct book_member *member, enum count_way way,
    const struct counting *counting)
{
	enum result result = RESULT_OK;

	if (!change_is_member_open(change, member))
		return RESULT_OK;
	for (int period = 0; result == RESULT_OK && period < PERIOD_COUNT;
	     period++) {
		struct book_count count = {.ident = counting->ident};

		if (counting->points_max[period] == 0 &&
		    counting->times_max[period] == 0)
			continue;
		count.period_day =
		    book_period_day((enum period)period, change->day);
		if (counting->points_max[period] > 0 && period != PERIOD_YEAR) {
			count.what = points_whats[period];
			count.value = counting->points;
			result = count_one(change, member, way, &count);
		}
		if (result == RESULT_OK && counting->times_max[period] > 0 &&
		    counting->is_time) {
			count.what = times_whats[period];
			count.value = 1;
			result = count_one(change, member, way, &count);
		}
	}
	return result;
}

static enum result count_tally(
    struct change *change, uint32_t ident, enum count_way way, uint64_t value)
{
	struct book_tally *tally;

	if (value == 0)
		return RESULT_OK;
	tally = book_place_tally(change->book, ident);
	if (tally == NULL)
		return error_no_memory(change->err);
	/* What is counted twice within an entry, of two rules of one ident,
	 * does not occur: no two of a programme are alike. */
	if (!change_is_open(change, tally->true_at))
		return RESULT_OK;
	if (way == COUNT_LESS)
		tally->value -= value < tally->value ? value : tally->value;
	else if (__builtin_add_overflow(tally->value, value, &tally->value))
		tally->value = UINT64_MAX;
	change_mark(
	    change, BOOK_KEY_TALLY + ident, &tally->true_at, &tally->dirty);
	return RESULT_OK;
}

static enum result count_part(struct change *change, struct book_member *member,
    enum count_way way, bool is_time, const struct part *part)
{
	const struct programme_rule *rule = &change->rules->rules[part->rule];
	struct counting counting = {
	    .ident = rule->ident,
	    .points = part->points_micro,
	    .is_time = is_time,
	};
	enum result result = RESULT_OK;

	for (int period = 0; period < PERIOD_COUNT; period++) {
		counting.points_max[period] = rule->points_max[period];
		counting.times_max[period] = rule->times_max[period];
	}
	if (rule->budget_points_max > 0)
		result =
		    count_tally(change, rule->ident, way, part->points_micro);
	if (result == RESULT_OK)
		result = count_periods(change, member, way, &counting);
	return result;
}

static enum result read_parts(
    struct change *change, struct part parts[RULES_MAX], size_t *ret_count)
{
	struct reader reader = reader_of(change->entry->parts);
	size_t count = 0;

	while (count < RULES_MAX && part_read(&reader, &parts[count])) {
		if (parts[count].rule >= change->rules->rule_count)
			return change_refuse(change, "there is no rule %u",
			    (unsigned)parts[count].rule);
		count++;
	}
	*ret_count = count;
	return RESULT_OK;
}

enum result change_count_parts(struct change *change,
    struct book_member *member, enum count_way way, bool has_times)
{
	struct part parts[RULES_MAX];
	size_t count = 0;
	enum result result;

	if (!change_has(change, TAG_PARTS))
		return RESULT_OK;
	if (change->rules == NULL)
		return change_want_programme(change);
	result = read_parts(change, parts, &count);
	for (size_t place = 0; result == RESULT_OK && place < count; place++) {
		bool is_time = has_times;

		if (way == COUNT_MORE) {
			is_time = parts[place].points_micro > 0;
			if (!earn_part_counts(
				change->rules, parts, count, place))
				continue;
		}
		result =
		    count_part(change, member, way, is_time, &parts[place]);
	}
	return result;
}

enum result change_count_all(struct change *change, struct book_member *member,
    enum count_way way, bool has_sale)
{
	const struct programme *rules = change->rules;
	struct counting counting = {
	    .points = change->entry->points,
	    .is_time = has_sale,
	    .times_max = {[PERIOD_DAY] = rules->day_sales_max},
	};

	if (rules->points_max[PERIOD_DAY] == 0 &&
	    rules->points_max[PERIOD_MONTH] == 0 && rules->day_sales_max == 0)
		return RESULT_OK;
	counting.ident = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));
	counting.points_max[PERIOD_DAY] = rules->points_max[PERIOD_DAY];
	counting.points_max[PERIOD_MONTH] = rules->points_max[PERIOD_MONTH];
	return count_periods(change, member, way, &counting);
}

enum result change_count_reward(
    struct change *change, struct book_member *member, enum count_way way)
{
	const struct programme_reward *reward =
	    programme_reward(change->rules, change->entry->reward);
	struct counting counting = {.is_time = true};
	enum result result = RESULT_OK;

	if (reward == NULL)
		return change_refuse(change, "there is no such reward");
	counting.ident = reward->ident;
	for (int period = 0; period < PERIOD_COUNT; period++)
		counting.times_max[period] = reward->times_max[period];
	if (reward->stock != UINT64_MAX)
		result = count_tally(change, reward->ident, way, 1);
	if (result == RESULT_OK)
		result = count_periods(change, member, way, &counting);
	return result;
}

enum result change_count_sent(struct change *change, struct book_member *member)
{
	struct counting counting = {
	    .points = change->entry->points,
	    .points_max = {[PERIOD_MONTH] =
			       change->rules->transfer_month_points_max},
	};

	if (counting.points_max[PERIOD_MONTH] == 0)
		return RESULT_OK;
	counting.ident =
	    programme_ident(IDENT_KIND_TRANSFER, bytes_of(NULL, 0));
	return count_periods(change, member, COUNT_MORE, &counting);
}
