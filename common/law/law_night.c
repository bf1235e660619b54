/*
 * law_night: owns what falls due by itself: a tier that has run out, points
 * past their last day, a word about points that will lapse, a bonus for who
 * brought a member.
 *
 * Everything that counts is lazy: what has lapsed cannot be spent, and a tier
 * that has run out is not had, whether the night has been or not. The night
 * writes it down. So each question here is asked of the state alone, and what
 * is answered once is not due again.
 */
#include "common/law/law_inside.h"

/* A member and the moment at which something may be due. */
struct due {
	const struct book *book;
	const struct programme *programme;
	const struct book_member *member;
	uint64_t now_ms;
	int32_t today;
};

/* --- what is due ---------------------------------------------------------- */

static bool is_tier_due(const struct due *due)
{
	return law_tier_is_over(due->programme, due->member, due->today);
}

bool law_has_holds(const struct book_member *member, uint64_t now_ms)
{
	const struct book_extra *extra = member->extra;

	for (uint32_t index = 0; extra != NULL && index < extra->hold_count;
	     index++) {
		if (extra->holds[index].until_ms > now_ms)
			return true;
	}
	return false;
}

/* What is held may be captured with the points that were there when it was
 * taken. It lasts minutes; the next run finds what has lapsed beside it. */
static bool is_expiry_due(const struct due *due)
{
	return book_lapsed_points(due->member, due->today) > 0 &&
	       !law_has_holds(due->member, due->now_ms);
}

/* Is the member to be told of this lot? */
static bool is_lapsing(const struct due *due, const struct lot *lot)
{
	int32_t last = book_lot_expiry_day(due->member, lot);

	return last != LOT_NEVER && last >= due->today &&
	       last - due->today <= (int32_t)due->programme->warn_days &&
	       last > due->member->warned_day;
}

static bool is_notice_due(const struct due *due)
{
	if (due->programme->warn_days == 0)
		return false;
	for (uint32_t index = 0; index < due->member->lot_count; index++) {
		if (is_lapsing(due, &due->member->lots[index]))
			return true;
	}
	return false;
}

/*
 * Who gets the bonus, and what; NULL where none is due. One that caps leave
 * nothing of waits until they do. Nobody is paid for who is of the same pool
 * and its head: an entry cannot say so, and a household brings itself nobody.
 */
static const struct book_member *find_bonus(
    const struct due *due, struct earning *ret_earning)
{
	const struct book_extra *extra = due->member->extra;
	const struct book_member *referrer;

	if (extra == NULL || extra->referral_sale == 0 || extra->referrer == 0)
		return NULL;
	referrer = book_pool(due->book, extra->referrer);
	if (referrer == NULL || referrer == due->member)
		return NULL;
	earn_refer(due->programme, due->book,
	    &(struct earn_referral){.referrer = referrer,
		.tier_level =
		    law_tier_on(due->programme, referrer, due->today).level,
		.sale_day = extra->referral_day,
		.today = due->today},
	    ret_earning);
	return ret_earning->points > 0 ? referrer : NULL;
}

static bool is_bonus_due(const struct due *due)
{
	struct earning earning;

	return find_bonus(due, &earning) != NULL;
}

bool law_due(const struct book *book, const struct book_member *member,
    uint64_t now_ms, struct command *ret_command)
{
	static const struct {
		enum entry_kind kind;
		bool (*is_due)(const struct due *due);
	} steps[] = {
	    {ENTRY_TIER, is_tier_due},
	    {ENTRY_EXPIRE, is_expiry_due},
	    {ENTRY_NOTICE, is_notice_due},
	    {ENTRY_BONUS, is_bonus_due},
	};
	const struct book_programme *version = book_programme(book);
	struct due due = {.book = book, .member = member};

	if (version == NULL)
		return false;
	due.programme = version->programme;
	due.now_ms = now_ms > book_head(book)->time_ms
			 ? now_ms
			 : book_head(book)->time_ms;
	due.today = zone_local(&due.programme->zone, due.now_ms).day;
	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
		if (!steps[step].is_due(&due))
			continue;
		*ret_command = (struct command){
		    .kind = steps[step].kind, .account = member->account};
		return true;
	}
	return false;
}

/* --- deciding it ---------------------------------------------------------- */

/* The member itself: what it has left behind when it joined another lapses
 * there. False with a refusal. */
static bool find_due(struct deciding *deciding, struct due *ret_due)
{
	ret_due->book = deciding->book;
	ret_due->programme = law_in_force(deciding);
	if (ret_due->programme == NULL)
		return false;
	ret_due->member = law_find_self(deciding, deciding->command->account);
	if (ret_due->member == NULL)
		return false;
	ret_due->now_ms = deciding->entry->time_ms;
	ret_due->today = law_today(deciding, ret_due->programme);
	return true;
}

static bool refuse_nothing(struct deciding *deciding)
{
	return law_refuse(deciding, REFUSAL_NOTHING_DUE,
	    "There is nothing to be done for this member now.");
}

bool law_decide_tier(struct deciding *deciding)
{
	struct due due;

	if (!find_due(deciding, &due))
		return false;
	if (!is_tier_due(&due))
		return refuse_nothing(deciding);
	law_name_member(deciding, due.member);
	law_say_tier(
	    deciding, law_tier_on(due.programme, due.member, due.today));
	return true;
}

bool law_decide_expire(struct deciding *deciding)
{
	struct due due;
	struct bytes lots;

	if (!find_due(deciding, &due))
		return false;
	if (!is_expiry_due(&due))
		return refuse_nothing(deciding);
	lots = law_take_lots(
	    deciding, due.member, TAKE_LAPSED, due.today, NULL, POINTS_MAX);
	return law_move(deciding, &(struct law_move){.from = due.member,
				      .own = ACCOUNT_EXPIRED,
				      .points = lots_points(lots),
				      .lots = lots});
}

bool law_decide_notice(struct deciding *deciding)
{
	struct writer writer = writer_of(deciding->lots, LOTS_SIZE_MAX);
	struct due due;

	if (!find_due(deciding, &due))
		return false;
	if (!is_notice_due(&due))
		return refuse_nothing(deciding);
	for (uint32_t index = 0; index < due.member->lot_count; index++) {
		if (is_lapsing(&due, &due.member->lots[index]))
			lot_write(&writer, &due.member->lots[index]);
	}
	law_name_member(deciding, due.member);
	deciding->entry->lots = writer_view(&writer);
	deciding->entry->has |= ENTRY_HAS(TAG_LOTS);
	return true;
}

static void say_parts(struct deciding *deciding, const struct earning *earning)
{
	struct writer writer = writer_of(deciding->parts, PARTS_SIZE_MAX);

	for (size_t index = 0; index < earning->part_count; index++)
		part_write(&writer, &earning->parts[index]);
	deciding->entry->parts = writer_view(&writer);
	deciding->entry->has |= ENTRY_HAS(TAG_PARTS);
}

bool law_decide_bonus(struct deciding *deciding)
{
	struct entry *entry = deciding->entry;
	const struct book_member *referrer;
	struct earning earning;
	struct lot lot;
	struct due due;

	if (!find_due(deciding, &due))
		return false;
	referrer = find_bonus(&due, &earning);
	if (referrer == NULL)
		return refuse_nothing(deciding);
	entry->related_sequence = due.member->extra->referral_sale;
	entry->referrer = due.member->account;
	entry->has |= ENTRY_HAS(TAG_REFERRER);
	say_parts(deciding, &earning);
	lot.points = earning.points;
	programme_stamps(
	    due.programme, due.today, &lot.active_day, &lot.expiry_day);
	return law_move(deciding, &(struct law_move){.to = referrer,
				      .own = ACCOUNT_ISSUED,
				      .points = lot.points,
				      .lots = law_one_lot(deciding, &lot)});
}

/* --- what others ask of days ---------------------------------------------- */

uint64_t law_spendable_points(
    const struct book *book, const struct book_member *member, uint64_t now_ms)
{
	const struct book_programme *version = book_programme(book);

	if (version == NULL)
		return 0;
	if (book_joined_to(member) != 0)
		member = book_pool(book, member->account);
	return book_spendable_points(
	    member, zone_local(&version->programme->zone, now_ms).day, now_ms);
}

/* Who was born on 29 February has their birthday on the last of February. */
static int32_t birthday_in(int32_t year, unsigned month, unsigned day_of_month)
{
	int32_t first = date_to_day((struct date){year, (uint8_t)month, 1});
	int32_t last = day_month_end(first);
	int32_t day = first + (int32_t)day_of_month - 1;

	return day < last ? day : last;
}

bool law_is_birthday(const struct programme *programme, unsigned month,
    unsigned day_of_month, int32_t day)
{
	int32_t from = day - (int32_t)programme->birthday_days;
	int32_t until = day + (int32_t)programme->birthday_days;
	int32_t last = day_to_date(until).year;

	if (month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31)
		return false;
	/* Around New Year that of the year beside may be the near one. */
	for (int32_t year = day_to_date(from).year; year <= last; year++) {
		int32_t birthday = birthday_in(year, month, day_of_month);

		if (birthday >= from && birthday <= until)
			return true;
	}
	return false;
}
