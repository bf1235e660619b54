/*
 * book_life_random: a history of entries of every kind, drawn from a seed.
 *
 * They are such as could have been: what is taken is there, what comes back was
 * sold. Whether a law would have allowed them is another question.
 */
#ifndef TESTS_UNIT_COMMON_BOOK_LIFE_RANDOM_H
#define TESTS_UNIT_COMMON_BOOK_LIFE_RANDOM_H

#include "tests/unit/common/book_life.h"

#define LIFE_MEMBERS 12u

static inline uint64_t draws(struct life *life, uint64_t bound)
{
	return world_below(life->world, bound);
}

static inline uint64_t some_member(struct life *life)
{
	uint64_t account = MEMBER(1 + draws(life, LIFE_MEMBERS));

	return book_member(life->world->book, account) == NULL ? MEMBER(1)
							       : account;
}

/* The account whose points move for some member. */
static inline uint64_t some_pool(struct life *life)
{
	return book_pool(life->world->book, some_member(life))->account;
}

/* An earlier entry of this kind; false where a few draws find none. */
static inline bool some_entry(
    struct life *life, enum entry_kind kind, struct entry *ret_entry)
{
	for (int tries = 0; tries < 40; tries++) {
		*ret_entry = world_entry(
		    life->world, 1 + draws(life, life->world->count));
		if (ret_entry->kind == kind)
			return true;
	}
	return false;
}

static inline struct lot some_stamps(struct life *life)
{
	int32_t day = life_day(life);
	const int32_t last[] = {LOT_NEVER, day + 5, day + 40, -30, -90};

	return (struct lot){
	    .expiry_day = last[draws(life, 5)],
	    .active_day = draws(life, 3) ? 0 : day + (int32_t)draws(life, 6),
	};
}

static inline void says_some_lot(struct life *life, struct entry *entry)
{
	struct lot lot = some_stamps(life);

	lot.points = entry->points;
	if (entry->points > 0 && draws(life, 3))
		says_lots(life, entry, &lot, 1);
}

static inline void says_some_parts(
    struct life *life, struct entry *entry, uint8_t rule_count)
{
	struct part parts[RULES_MAX];
	size_t count = 0;

	for (uint8_t rule = 0; rule < rule_count; rule++) {
		if (draws(life, 2))
			parts[count++] =
			    (struct part){rule, draws(life, 4) * 1000000};
	}
	if (count > 0)
		says_parts(life, entry, parts, count);
}

static inline uint8_t rule_count_of(struct life *life, const struct entry *of)
{
	uint64_t sequence = of->rules_sequence != 0 ? of->rules_sequence
						    : of->programme_sequence;

	return (uint8_t)book_programme_at(life->world->book, sequence)
	    ->programme->rule_count;
}

static inline void says_some_tier(struct life *life, struct entry *entry)
{
	if (draws(life, 5))
		return;
	entry->tier_level = (uint8_t)draws(life, 3);
	entry->tier_until_day = life_day(life) + (int32_t)draws(life, 200);
	tag(entry, TAG_TIER);
}

/* --- sales ------------------------------------------------------------------
 */

static inline void lives_earn(struct life *life)
{
	struct entry entry = earn_of(life, some_pool(life), draws(life, 200));
	struct entry sale;

	if (draws(life, 6) == 0) {
		entry.sold_ms = entry.time_ms - draws(life, 9 * DAY_MS);
		tag(&entry, TAG_SOLD);
	}
	if (draws(life, 6) == 0) {
		entry.paid_minor = 1 + draws(life, entry.amount_minor);
		tag(&entry, TAG_PAID);
	}
	says_some_lot(life, &entry);
	says_some_parts(life, &entry, rule_count_of(life, &entry));
	says_some_tier(life, &entry);
	if (some_entry(life, ENTRY_SALE, &sale) &&
	    !book_is_claimed(life->world->book, sale.sequence))
		entry.related_sequence = sale.sequence;
	puts_in(life, &entry);
}

static inline void lives_sale(struct life *life)
{
	struct entry entry = life_entry(life, ENTRY_SALE, 2);

	entry.amount_minor = 1 + draws(life, 10000);
	puts_in(life, &entry);
}

/* A list of lots as the book chooses them. */
static inline uint64_t chooses(struct life *life, struct entry *entry,
    uint64_t account, enum take_how how, uint64_t points)
{
	struct writer writer = writer_of(life->lots, sizeof(life->lots));
	uint64_t taken = book_take_lots(book_member(life->world->book, account),
	    how, life_day(life), NULL, points, &writer);

	if (taken > 0) {
		entry->lots = writer_view(&writer);
		tag(entry, TAG_LOTS);
	}
	return taken;
}

static inline void lives_redeem(struct life *life)
{
	uint64_t account = some_pool(life);
	const struct book_member *member =
	    book_member(life->world->book, account);
	uint64_t points =
	    book_spendable_points(member, life_day(life), life->world->now_ms);
	const struct programme *programme =
	    book_programme(life->world->book)->programme;
	const char *reward =
	    programme->rewards[draws(life, programme->reward_count)].id;
	struct entry entry;

	if (points == 0)
		return;
	points = 1 + draws(life, points);
	entry = redeem_of(life, account, reward, points);
	if (member->extra != NULL && member->extra->hold_count > 0 &&
	    draws(life, 2))
		entry.related_sequence = member->extra->holds[0].sequence;
	chooses(life, &entry, account, TAKE_SPEND, points);
	puts_in(life, &entry);
}

static inline void lives_hold(struct life *life)
{
	uint64_t account = some_pool(life);
	const struct book_extra *extra =
	    book_member(life->world->book, account)->extra;
	struct entry entry = hold_of(
	    life, account, 1 + draws(life, 100), 1 + draws(life, 2 * DAY_MS));

	entry.reward = bytes_of_string(
	    book_programme(life->world->book)->programme->rewards[0].id);
	if (extra == NULL || extra->hold_count < HOLDS_MAX)
		puts_in(life, &entry);
}

/* --- back -------------------------------------------------------------------
 */

static inline bool is_undone(struct life *life, const struct entry *of)
{
	const struct book_member *member =
	    book_member(life->world->book, entry_member(of));
	const struct book_returned *returned =
	    book_returned(member, of->sequence);

	return returned != NULL && returned->is_void;
}

static inline uint64_t pool_of(struct life *life, const struct entry *of)
{
	return book_pool(life->world->book, entry_member(of))->account;
}

static inline void says_whose(
    struct life *life, struct entry *entry, const struct entry *of)
{
	if (pool_of(life, of) == entry_member(of))
		return;
	entry->whose = entry_member(of);
	tag(entry, TAG_WHOSE);
}

/* A return of a sale, or a void of one. */
static inline void lives_back(struct life *life, bool is_void)
{
	struct entry of;
	struct entry entry;
	uint64_t account;

	if (!some_entry(life, ENTRY_EARN, &of) || is_undone(life, &of))
		return;
	account = pool_of(life, &of);
	entry = is_void ? void_of(life, account, ACCOUNT_ISSUED, of.sequence,
			      of.points)
			: return_of(life, account, of.sequence,
			      1 + draws(life, 3000), draws(life, 60));
	if (is_void)
		entry.amount_minor = of.amount_minor;
	if (draws(life, 8)) {
		entry.has &= ~(ENTRY_HAS(TAG_SOLD) | ENTRY_HAS(TAG_RULES));
		entry.sold_ms = 0;
		entry.rules_sequence = 0;
		says_of(&entry, &of, draws(life, 4) == 0);
	}
	says_some_parts(life, &entry, rule_count_of(life, &entry));
	says_some_tier(life, &entry);
	says_whose(life, &entry, &of);
	chooses(life, &entry, account, TAKE_BACK, entry.points);
	if (!is_void && draws(life, 2)) {
		struct back backs[] = {{(uint8_t)draws(life, 4), 1, 1},
		    {(uint8_t)(4 + draws(life, 4)), 2, -5}};

		says_backs(life, &entry, backs, 2);
	}
	puts_in(life, &entry);
}

static inline void lives_unredeem(struct life *life, bool is_void)
{
	struct entry of;
	struct entry entry;
	uint64_t account;

	if (!some_entry(life, ENTRY_REDEEM, &of) || is_undone(life, &of))
		return;
	account = pool_of(life, &of);
	if (is_void) {
		entry = void_of(
		    life, ACCOUNT_REDEEMED, account, of.sequence, of.points);
	} else {
		entry = life_entry(life, ENTRY_RETURN, 1);
		moves(life, &entry, ACCOUNT_REDEEMED, account, of.points);
	}
	says_of(&entry, &of, true);
	says_whose(life, &entry, &of);
	entry.reward = of.reward;
	tag(&entry, TAG_REWARD);
	entry.lots = of.lots;
	if ((of.has & ENTRY_HAS(TAG_LOTS)) != 0)
		tag(&entry, TAG_LOTS);
	puts_in(life, &entry);
}

static inline void lives_unadjust(struct life *life)
{
	struct entry of;
	struct entry entry;
	uint64_t account;

	if (!some_entry(life, ENTRY_ADJUST, &of) || is_undone(life, &of))
		return;
	account = pool_of(life, &of);
	if (of.from_account == ACCOUNT_GOODWILL) {
		entry = void_of(
		    life, account, ACCOUNT_GOODWILL, of.sequence, of.points);
		chooses(life, &entry, account, TAKE_BACK, of.points);
	} else {
		entry = void_of(
		    life, ACCOUNT_GOODWILL, account, of.sequence, of.points);
	}
	says_whose(life, &entry, &of);
	puts_in(life, &entry);
}

/* Of a hold, of a sale without a card, or of what has not come. */
static inline void lives_other_void(struct life *life)
{
	struct entry of;
	struct entry entry;

	if (draws(life, 2) && some_entry(life, ENTRY_HOLD, &of)) {
		if (book_hold(book_member(life->world->book, of.to_account),
			of.sequence, 0) == NULL)
			return;
		entry =
		    void_of(life, ACCOUNT_NONE, of.to_account, of.sequence, 0);
	} else if (draws(life, 2) && some_entry(life, ENTRY_SALE, &of)) {
		if (book_is_claimed(life->world->book, of.sequence))
			return;
		entry =
		    void_of(life, ACCOUNT_NONE, ACCOUNT_NONE, of.sequence, 0);
	} else {
		entry = life_entry(life, ENTRY_VOID, 2);
		entry.voided_counter = 1 + draws(life, 1000000);
		tag(&entry, TAG_VOIDED);
		if (book_is_tombstone(
			life->world->book, 2, entry.voided_counter))
			return;
	}
	puts_in(life, &entry);
}

/* --- people -----------------------------------------------------------------
 */

static inline void lives_enrol(struct life *life)
{
	uint64_t account = MEMBER(1 + draws(life, LIFE_MEMBERS));
	struct entry entry = life_entry(life, ENTRY_ENROL, 1);

	if (book_member(life->world->book, account) != NULL)
		return;
	entry.to_account = account;
	entry.commitment = world_hash(0xcc);
	tag(&entry, TAG_COMMITMENT);
	if (draws(life, 2)) {
		entry.referrer = some_member(life);
		tag(&entry, TAG_REFERRER);
	}
	puts_in(life, &entry);
}

static inline void lives_join(struct life *life)
{
	uint64_t account = some_member(life);
	uint64_t with = some_member(life);
	const struct book_member *member =
	    book_member(life->world->book, account);
	const struct book_member *pool = book_member(life->world->book, with);
	struct entry entry;
	uint64_t points;

	if (account == with || book_joined_to(member) != 0 ||
	    book_joined_to(pool) != 0 || member->balance_points < 0 ||
	    (member->extra != NULL && member->extra->joined_count > 0))
		return;
	points = (uint64_t)member->balance_points;
	entry = join_of(life, account, with, points);
	chooses(life, &entry, account, TAKE_ALL, points);
	puts_in(life, &entry);
}

static inline void lives_leave(struct life *life)
{
	struct entry of;
	struct entry entry;
	const struct book_member *member;

	if (!some_entry(life, ENTRY_JOIN, &of))
		return;
	member = book_member(life->world->book, of.from_account);
	if (book_joined_to(member) == 0 ||
	    member->extra->joined_by != of.sequence)
		return;
	entry = life_entry(life, ENTRY_LEAVE, 1);
	chooses(life, &entry, of.to_account, TAKE_ALL, draws(life, 50));
	moves(life, &entry, of.to_account, of.from_account,
	    lots_points(entry.lots));
	entry.related_sequence = of.sequence;
	puts_in(life, &entry);
}

static inline void lives_card(struct life *life)
{
	uint64_t account = some_member(life);
	const struct book_extra *extra =
	    book_member(life->world->book, account)->extra;
	uint64_t card = draws(life, 20);
	bool blocked = false;
	bool known = card == 0;
	struct entry entry;

	if (card == 0 && extra != NULL)
		blocked = extra->is_card_blocked;
	for (uint32_t index = 0; extra != NULL && index < extra->card_count;
	     index++) {
		if (extra->cards[index] != card)
			continue;
		known = true;
		blocked = (extra->blocked_cards >> index & 1) != 0;
	}
	if (!known && extra != NULL && extra->card_count >= CARDS_MAX)
		return;
	entry = card_of(life, account, card,
	    !known || blocked ? STANDING_ACTIVE : STANDING_REVOKED);
	puts_in(life, &entry);
}

static inline void lives_member(struct life *life)
{
	static const char *const names[] = {"staff", "press", "friends"};
	uint64_t account = some_member(life);
	const char *name = names[draws(life, 3)];
	uint32_t ident = programme_ident("segment", bytes_of_string(name));
	struct entry entry = segment_of(life, account, name,
	    book_has_segment(book_member(life->world->book, account), ident)
		? STANDING_REVOKED
		: STANDING_ACTIVE);

	if (draws(life, 3) == 0) {
		entry.has = ENTRY_HAS(TAG_COMMITMENT);
		entry.segment = bytes_of(NULL, 0);
		entry.standing = 0;
		entry.commitment = world_hash((uint8_t)(1 + draws(life, 9)));
	}
	puts_in(life, &entry);
}

static inline void lives_staff(struct life *life)
{
	struct entry entry = life_entry(life, ENTRY_STAFF, 0);

	if (draws(life, 3))
		moves(life, &entry, ACCOUNT_NONE, some_member(life), 0);
	entry.subject = 1 + (uint32_t)draws(life, 2);
	tag(&entry, TAG_SUBJECT);
	puts_in(life, &entry);
}

static inline void lives_transfer(struct life *life)
{
	uint64_t from = some_pool(life);
	uint64_t to = some_pool(life);
	struct entry entry = life_entry(life, ENTRY_TRANSFER, 1);
	uint64_t points;

	if (from == to)
		return;
	points = chooses(life, &entry, from, TAKE_SPEND, 1 + draws(life, 50));
	moves(life, &entry, from, to, points);
	if (points > 0)
		puts_in(life, &entry);
}

static inline void lives_adjust(struct life *life)
{
	uint64_t account = some_pool(life);
	uint32_t cashier = (uint32_t)draws(life, 3);
	bool gives = draws(life, 3) > 0;
	struct entry entry = gives ? adjust_of(life, ACCOUNT_GOODWILL, account,
					 1 + draws(life, 50), cashier)
				   : adjust_of(life, account, ACCOUNT_GOODWILL,
					 1 + draws(life, 50), cashier);

	if (gives)
		says_some_lot(life, &entry);
	else
		chooses(life, &entry, account, TAKE_BACK, entry.points);
	if (cashier == 1 && draws(life, 2)) {
		entry.second = 2;
		tag(&entry, TAG_SECOND);
	}
	puts_in(life, &entry);
}

/* --- the night --------------------------------------------------------------
 */

static inline void lives_expire(struct life *life)
{
	uint64_t account = some_member(life);
	struct entry entry = life_entry(life, ENTRY_EXPIRE, 0);
	uint64_t points =
	    chooses(life, &entry, account, TAKE_LAPSED, UINT64_MAX);

	moves(life, &entry, account, ACCOUNT_EXPIRED, points);
	if (points > 0)
		puts_in(life, &entry);
}

static inline void lives_notice(struct life *life)
{
	uint64_t account = some_member(life);
	struct entry entry = life_entry(life, ENTRY_NOTICE, 0);

	moves(life, &entry, ACCOUNT_NONE, account, 0);
	if (chooses(life, &entry, account, TAKE_SPEND, 20) > 0)
		puts_in(life, &entry);
}

static inline void lives_tier(struct life *life)
{
	struct entry entry = life_entry(life, ENTRY_TIER, 0);

	moves(life, &entry, ACCOUNT_NONE, some_member(life), 0);
	entry.tier_level = (uint8_t)draws(life, 3);
	entry.tier_until_day = life_day(life) + (int32_t)draws(life, 100);
	tag(&entry, TAG_TIER);
	puts_in(life, &entry);
}

static inline void lives_bonus(struct life *life)
{
	uint64_t account = some_member(life);
	const struct book_extra *extra =
	    book_member(life->world->book, account)->extra;
	struct entry entry = life_entry(life, ENTRY_BONUS, 0);
	struct part part = {0, 500000000};

	if (extra == NULL || extra->referral_sale == 0 ||
	    book_pool(life->world->book, extra->referrer)->account == account)
		return;
	entry.related_sequence = extra->referral_sale;
	entry.referrer = account;
	tag(&entry, TAG_REFERRER);
	moves(life, &entry, ACCOUNT_ISSUED,
	    book_pool(life->world->book, extra->referrer)->account, 500);
	part.rule = (uint8_t)(rule_count_of(life, &entry) - 1);
	says_parts(life, &entry, &part, 1);
	says_some_lot(life, &entry);
	puts_in(life, &entry);
}

static inline void lives_owner(struct life *life)
{
	static const char *const texts[] = {LIFE_YEAR, LIFE_ROLLING,
	    LIFE_RULES("amount", "window = anniversary"),
	    LIFE_RULES("visits", "window_days = 10")};

	switch (draws(life, 3)) {
	case 0:
		puts_programme(life, texts[draws(life, 4)]);
		break;
	case 1:
		puts_terminal(life, 1 + (uint32_t)draws(life, 3),
		    draws(life, 2) ? "south" : "");
		break;
	default:
		puts_cashier(life, 1 + (uint32_t)draws(life, 3));
		break;
	}
}

/* --- any of them ------------------------------------------------------------
 */

static inline void lives_some_back(struct life *life)
{
	lives_back(life, draws(life, 3) == 0);
}

static inline void lives_some_unredeem(struct life *life)
{
	lives_unredeem(life, draws(life, 2) == 0);
}

static inline void lives_a_little(struct life *life)
{
	static const struct {
		uint8_t share; /* of a hundred */
		void (*lives)(struct life *life);
	} ways[] = {{25, lives_earn}, {10, lives_redeem}, {8, lives_some_back},
	    {5, lives_some_unredeem}, {4, lives_hold}, {3, lives_other_void},
	    {2, lives_unadjust}, {4, lives_sale}, {4, lives_enrol},
	    {3, lives_join}, {3, lives_leave}, {3, lives_card},
	    {3, lives_member}, {2, lives_staff}, {4, lives_transfer},
	    {5, lives_adjust}, {3, lives_expire}, {2, lives_notice},
	    {2, lives_tier}, {2, lives_bonus}, {3, lives_owner}};
	uint64_t dice = draws(life, 100);
	size_t way = 0;

	life->world->now_ms += draws(life, 2) * draws(life, 9 * HOUR_MS);
	for (; dice >= ways[way].share; way++)
		dice -= ways[way].share;
	ways[way].lives(life);
}

static inline void lives(struct life *life, uint64_t steps)
{
	while (steps-- > 0)
		lives_a_little(life);
}

#endif
