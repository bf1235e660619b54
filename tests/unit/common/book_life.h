/*
 * book_life: entries of every kind as a test wants them, past the law.
 *
 * Each goes through entry_encode() and entry_decode() into the world's records,
 * and so can be replayed.
 */
#ifndef TESTS_UNIT_COMMON_BOOK_LIFE_H
#define TESTS_UNIT_COMMON_BOOK_LIFE_H

#include "tests/unit/common/book_shelf.h"

/* The places of its rules. */
enum life_rule { RULE_BASE, RULE_FRUIT, RULE_HAPPY, RULE_FIRST, RULE_BROUGHT };

/* What is counted towards tiers is a parameter; so is the window. */
#define LIFE_RULES(qualify, window)                                          \
	"[programme]\nname = Life\ncurrency = EUR\n"                         \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000.00\n"   \
	"time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"                           \
	"day_points_max = 5000\nmonth_points_max = 50000\n"                  \
	"day_sales_max = 50\nclaim_days = 14\n"                              \
	"[points]\nexpire_months = 12\nwarn_days = 30\n"                     \
	"[earn fruit]\npoints = 1\nper = item\ncategories = fruit\n"         \
	"group = best\nday_points_max = 100\never_points_max = 10000\n"      \
	"budget_points_max = 1000000\n"                                      \
	"day_times = 10\nmonth_times = 100\nyear_times = 1000\n"             \
	"ever_times = 10000\n"                                               \
	"[earn happy]\nmultiply = 2\ngroup = best\nmonth_points_max = 900\n" \
	"[earn first]\npoints = 5\nper = visit\nfirst = yes\n"               \
	"[earn brought]\nrefer = 500\nmonth_times = 3\n"                     \
	"budget_points_max = 100000\n"                                       \
	"[tiers]\nqualify = " qualify "\n" window "\n"                       \
	"[tier silver]\nname = Silver\nfrom = 100\n"                         \
	"[tier gold]\nname = Gold\nfrom = 500\n"                             \
	"[reward coffee]\nname = Coffee\npoints = 150\nstock = 20\n"         \
	"day_times = 5\nmonth_times = 50\nyear_times = 500\n"                \
	"ever_times = 5000\n"                                                \
	"[reward cake]\nname = Cake\npoints = 40\n"                          \
	"[transfer]\nmonth_points_max = 2000\n"                              \
	"[goodwill]\ncashier_day_points = 50\nsupervisor_day_points = 500\n" \
	"second_day_points = 5000\n"
#define LIFE_YEAR LIFE_RULES("points", "window = year")
#define LIFE_ROLLING LIFE_RULES("points", "window_days = 30")

/* 2026-03-10 12:00 in Berlin. */
#define LIFE_START_MS 1773140400000ull
#define HOUR_MS 3600000ull

struct life {
	struct world *world;
	uint8_t lots[LOTS_SIZE_MAX];
	uint8_t parts[PARTS_SIZE_MAX];
	uint8_t backs[BACKS_SIZE_MAX];
};

/* --- writing an entry ----------------------------------------------------- */

static inline bool is_of_no_programme(enum entry_kind kind)
{
	return kind <= ENTRY_ENROL || kind == ENTRY_CARD ||
	       kind == ENTRY_MEMBER || kind == ENTRY_STAFF;
}

static inline struct entry life_entry(
    struct life *life, enum entry_kind kind, uint32_t terminal)
{
	struct world *world = life->world;
	const struct book_head *head = book_head(world->book);
	const struct book_programme *version = book_programme(world->book);
	struct entry entry = {
	    .kind = kind,
	    .sequence = head->sequence + 1,
	    .time_ms = world->now_ms,
	    .terminal = terminal,
	    .counter = terminal == 0 ? head->server_counter + 1
				     : ++world->counters[terminal],
	};

	assert_true(entry.time_ms >= head->time_ms);
	if (!is_of_no_programme(kind) && version != NULL)
		entry.programme_sequence = version->sequence;
	return entry;
}

static inline void tag(struct entry *entry, enum entry_tag name)
{
	entry->has |= ENTRY_HAS(name);
}

static inline uint64_t last_of(struct life *life, uint64_t account)
{
	const struct book_member *member =
	    book_member(life->world->book, account);

	return member == NULL ? 0 : member->last_sequence;
}

static inline int64_t balance_of(struct life *life, uint64_t account)
{
	const struct book_member *member =
	    book_member(life->world->book, account);

	return member == NULL ? 0 : member->balance_points;
}

/* The accounts, their previous entries, and the balances after. */
static inline void moves(struct life *life, struct entry *entry, uint64_t from,
    uint64_t to, uint64_t points)
{
	bool gives = from >= ACCOUNT_MEMBER_MIN;
	bool gets = to >= ACCOUNT_MEMBER_MIN;

	entry->from_account = from;
	entry->to_account = to;
	entry->points = points;
	entry->from_previous_sequence = gives ? last_of(life, from) : 0;
	entry->to_previous_sequence = gets ? last_of(life, to) : 0;
	if (gives || (gets && from != ACCOUNT_NONE)) {
		tag(entry, TAG_BALANCE);
		entry->balance_points =
		    gives ? balance_of(life, from) - (int64_t)points
			  : balance_of(life, to) + (int64_t)points;
	}
	if (gives && gets) {
		tag(entry, TAG_OTHER_BALANCE);
		entry->other_balance_points =
		    balance_of(life, to) + (int64_t)points;
	}
}

static inline void says_lots(struct life *life, struct entry *entry,
    const struct lot *lots, size_t count)
{
	struct writer writer = writer_of(life->lots, sizeof(life->lots));

	for (size_t index = 0; index < count; index++)
		lot_write(&writer, &lots[index]);
	entry->lots = writer_view(&writer);
	tag(entry, TAG_LOTS);
}

static inline void says_parts(struct life *life, struct entry *entry,
    const struct part *parts, size_t count)
{
	struct writer writer = writer_of(life->parts, sizeof(life->parts));

	for (size_t index = 0; index < count; index++)
		part_write(&writer, &parts[index]);
	entry->parts = writer_view(&writer);
	tag(entry, TAG_PARTS);
}

static inline void says_backs(struct life *life, struct entry *entry,
    const struct back *backs, size_t count)
{
	struct writer writer = writer_of(life->backs, sizeof(life->backs));

	for (size_t index = 0; index < count; index++)
		back_write(&writer, &backs[index]);
	entry->backs = writer_view(&writer);
	tag(entry, TAG_BACKS);
}

/* A return or a void of the entry `of`: when it was, and by whose rules. */
static inline void says_of(
    struct entry *entry, const struct entry *of, bool is_whole)
{
	entry->related_sequence = of->sequence;
	entry->sold_ms = of->sold_ms != 0 ? of->sold_ms : of->time_ms;
	tag(entry, TAG_SOLD);
	if (of->programme_sequence != entry->programme_sequence) {
		entry->rules_sequence = of->programme_sequence;
		tag(entry, TAG_RULES);
	}
	if (is_whole) {
		entry->facts = FACT_WHOLE;
		tag(entry, TAG_FACTS);
	}
}

/* --- into the book, or not ------------------------------------------------ */

static inline uint64_t puts_in(struct life *life, const struct entry *entry)
{
	struct world *world = life->world;
	struct entry decoded;

	world_keep(world, entry);
	decoded = world_entry(world, world->count);
	if (book_apply(world->book, &decoded, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	return decoded.sequence;
}

/* The same entry into a book of its own, which cannot fold it in. */
static inline void refuses(
    struct life *life, const struct entry *entry, const char *words)
{
	struct book *book = book_after(life->world, life->world->count);
	struct error err = {RESULT_OK, ""};

	assert_int_equal(book_apply(book, entry, &err), RESULT_INVALID);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
	book_destroy(book);
}

/* --- whole operations ----------------------------------------------------- */

static inline void puts_programme(struct life *life, const char *text)
{
	struct entry entry = life_entry(life, ENTRY_PROGRAMME, 0);

	entry.text = bytes_of_string(text);
	tag(&entry, TAG_TEXT);
	puts_in(life, &entry);
}

static inline void enrols(struct life *life, uint64_t account)
{
	struct entry entry = life_entry(life, ENTRY_ENROL, 1);

	entry.to_account = account;
	entry.commitment = world_hash(0xcc);
	tag(&entry, TAG_COMMITMENT);
	puts_in(life, &entry);
}

/* A member whom another one brought. */
static inline void enrols_brought(
    struct life *life, uint64_t account, uint64_t referrer)
{
	struct entry entry = life_entry(life, ENTRY_ENROL, 1);

	entry.to_account = account;
	entry.commitment = world_hash(0xcc);
	entry.referrer = referrer;
	tag(&entry, TAG_COMMITMENT);
	tag(&entry, TAG_REFERRER);
	puts_in(life, &entry);
}

static inline struct entry earn_of(
    struct life *life, uint64_t account, uint64_t points)
{
	struct entry entry = life_entry(life, ENTRY_EARN, 1);

	moves(life, &entry, ACCOUNT_ISSUED, account, points);
	entry.amount_minor = points * 100 + 1;
	return entry;
}

static inline uint64_t earns(
    struct life *life, uint64_t account, uint64_t points)
{
	struct entry entry = earn_of(life, account, points);

	return puts_in(life, &entry);
}

/* One lot with these stamps. */
static inline uint64_t earns_lot(
    struct life *life, uint64_t account, struct lot lot)
{
	struct entry entry = earn_of(life, account, lot.points);

	says_lots(life, &entry, &lot, 1);
	return puts_in(life, &entry);
}

static inline struct entry redeem_of(
    struct life *life, uint64_t account, const char *reward, uint64_t points)
{
	struct entry entry = life_entry(life, ENTRY_REDEEM, 1);

	moves(life, &entry, account, ACCOUNT_REDEEMED, points);
	entry.reward = bytes_of_string(reward);
	tag(&entry, TAG_REWARD);
	return entry;
}

static inline uint64_t redeems(
    struct life *life, uint64_t account, const char *reward, uint64_t points)
{
	struct entry entry = redeem_of(life, account, reward, points);

	return puts_in(life, &entry);
}

static inline struct entry return_of(struct life *life, uint64_t account,
    uint64_t sale, uint64_t amount_minor, uint64_t points)
{
	struct entry entry = life_entry(life, ENTRY_RETURN, 1);
	struct entry of = world_entry(life->world, sale);

	moves(life, &entry, account, ACCOUNT_ISSUED, points);
	entry.amount_minor = amount_minor;
	says_of(&entry, &of, false);
	return entry;
}

static inline struct entry void_of(struct life *life, uint64_t from,
    uint64_t to, uint64_t of_sequence, uint64_t points)
{
	struct entry entry = life_entry(life, ENTRY_VOID, 1);
	struct entry of = world_entry(life->world, of_sequence);

	moves(life, &entry, from, to, points);
	entry.related_sequence = of_sequence;
	entry.voided_counter = of.counter;
	tag(&entry, TAG_VOIDED);
	return entry;
}

static inline struct entry hold_of(
    struct life *life, uint64_t account, uint64_t points, uint64_t for_ms)
{
	struct entry entry = life_entry(life, ENTRY_HOLD, 1);

	moves(life, &entry, ACCOUNT_NONE, account, 0);
	entry.reward = bytes_of_string("coffee");
	entry.held_points = points;
	entry.until_ms = entry.time_ms + for_ms;
	entry.balance_points = balance_of(life, account);
	entry.has |= ENTRY_HAS(TAG_REWARD) | ENTRY_HAS(TAG_BALANCE) |
		     ENTRY_HAS(TAG_HELD) | ENTRY_HAS(TAG_UNTIL);
	return entry;
}

static inline struct entry adjust_of(struct life *life, uint64_t from,
    uint64_t to, uint64_t points, uint32_t cashier)
{
	struct entry entry = life_entry(life, ENTRY_ADJUST, 1);

	moves(life, &entry, from, to, points);
	entry.cashier = cashier;
	entry.reason = bytes_of_string("a long wait");
	tag(&entry, TAG_REASON);
	return entry;
}

static inline struct entry join_of(
    struct life *life, uint64_t account, uint64_t with, uint64_t points)
{
	struct entry entry = life_entry(life, ENTRY_JOIN, 1);

	moves(life, &entry, account, with, points);
	return entry;
}

static inline struct entry card_of(
    struct life *life, uint64_t account, uint64_t card, enum standing standing)
{
	struct entry entry = life_entry(life, ENTRY_CARD, 1);

	moves(life, &entry, ACCOUNT_NONE, account, 0);
	entry.card = card;
	entry.standing = standing;
	entry.has |= ENTRY_HAS(TAG_CARD) | ENTRY_HAS(TAG_STATUS);
	return entry;
}

static inline struct entry segment_of(struct life *life, uint64_t account,
    const char *segment, enum standing standing)
{
	struct entry entry = life_entry(life, ENTRY_MEMBER, 1);

	moves(life, &entry, ACCOUNT_NONE, account, 0);
	entry.segment = bytes_of_string(segment);
	entry.standing = standing;
	entry.has |= ENTRY_HAS(TAG_SEGMENT) | ENTRY_HAS(TAG_STATUS);
	return entry;
}

/* --- coming and going ----------------------------------------------------- */

static inline void puts_shop(struct life *life)
{
	struct entry entry = life_entry(life, ENTRY_SHOP, 0);

	entry.text = bytes_of_string("corner.example");
	entry.key = world_hash(0x5e);
	entry.has = ENTRY_HAS(TAG_TEXT) | ENTRY_HAS(TAG_KEY);
	puts_in(life, &entry);
}

static inline void puts_terminal(
    struct life *life, uint32_t number, const char *shop)
{
	struct entry entry = life_entry(life, ENTRY_TERMINAL, 0);

	entry.subject = number;
	entry.role = ROLE_TERMINAL;
	entry.standing = STANDING_ACTIVE;
	entry.key = world_hash((uint8_t)(0x80 | number));
	entry.shop = bytes_of_string(shop);
	entry.has = ENTRY_HAS(TAG_SUBJECT) | ENTRY_HAS(TAG_ROLE) |
		    ENTRY_HAS(TAG_STATUS) | ENTRY_HAS(TAG_KEY);
	if (entry.shop.size > 0)
		tag(&entry, TAG_SHOP);
	puts_in(life, &entry);
}

static inline void puts_cashier(struct life *life, uint32_t number)
{
	struct entry entry = life_entry(life, ENTRY_CASHIER, 0);

	entry.subject = number;
	entry.role = ROLE_CASHIER;
	entry.standing = STANDING_ACTIVE;
	entry.has = ENTRY_HAS(TAG_SUBJECT) | ENTRY_HAS(TAG_ROLE) |
		    ENTRY_HAS(TAG_STATUS);
	puts_in(life, &entry);
}

/* A shop, the programme, two tills, two cashiers and three members. */
static inline struct life *life_begin(uint64_t seed, const char *rules)
{
	struct life *life = calloc(1, sizeof(*life));

	assert_non_null(life);
	life->world = world_empty(seed);
	life->world->now_ms = LIFE_START_MS;
	puts_shop(life);
	puts_programme(life, rules);
	puts_terminal(life, 1, "");
	puts_terminal(life, 2, "north");
	puts_cashier(life, 1);
	puts_cashier(life, 2);
	for (uint64_t number = 1; number <= 3; number++)
		enrols(life, MEMBER(number));
	return life;
}

/* Whatever was done, it is whole: the sum is 0, and a replay says the same. */
static inline void life_end(struct life *life)
{
	struct book *book = book_after(life->world, life->world->count);

	assert_sum_is_zero(life->world->book);
	assert_same_book(life->world->book, book);
	book_destroy(book);
	world_close(life->world);
	free(life);
}

static inline const struct book_member *member_of(
    struct life *life, uint64_t number)
{
	const struct book_member *member =
	    book_member(life->world->book, MEMBER(number));

	assert_non_null(member);
	return member;
}

static inline int32_t life_day(struct life *life)
{
	const struct book_programme *version =
	    book_programme(life->world->book);

	return zone_local(&version->programme->zone, life->world->now_ms).day;
}

static inline void passes(struct life *life, unsigned days)
{
	life->world->now_ms += days * (uint64_t)DAY_MS;
}

static inline const struct programme_rule *life_rule(
    struct life *life, enum life_rule rule)
{
	return &book_programme(life->world->book)->programme->rules[rule];
}

static inline uint64_t count_of(struct life *life, uint64_t number,
    uint32_t ident, enum count_what what, enum period period)
{
	return book_count(member_of(life, number), ident, what,
	    book_period_day(period, life_day(life)));
}

static inline void assert_lots(
    struct life *life, uint64_t number, const struct lot *lots, size_t count)
{
	const struct book_member *member = member_of(life, number);

	assert_int_equal(member->lot_count, count);
	for (size_t index = 0; index < count; index++) {
		assert_int_equal(
		    member->lots[index].expiry_day, lots[index].expiry_day);
		assert_int_equal(
		    member->lots[index].active_day, lots[index].active_day);
		assert_int_equal(
		    member->lots[index].points, lots[index].points);
	}
}

#endif
