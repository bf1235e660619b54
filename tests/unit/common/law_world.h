/*
 * law_world: a small shop for the tests of the book and of the law.
 *
 * It keeps every entry as its record, as a ledger does, so that a test can
 * replay them. Everything that goes into the book has gone through
 * entry_encode(), entry_decode() and law_check() on the way.
 */
#ifndef TESTS_UNIT_COMMON_LAW_WORLD_H
#define TESTS_UNIT_COMMON_LAW_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/law.h"
#include "common/ledger/checkpoint.h"

#define WORLD_ENTRIES_MAX 8192u
#define MEMBER(n) (ACCOUNT_MEMBER_MIN + 0x0123456789abull * (n))

struct world {
	struct book *book;
	uint64_t random; /* the state of a small generator */
	uint64_t now_ms;
	uint64_t counters[64]; /* by terminal */
	size_t count;
	struct buffer records[WORLD_ENTRIES_MAX];
	struct decision decision; /* the last one */
	struct error err;
};

#define WORLD_RULES(points, amount)                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n"  \
	"earn_points = " points "\nearn_amount = " amount "\n" \
	"sale_amount_max = 2000.00\n"                          \
	"[reward coffee]\nname = Coffee\npoints = 150\n"       \
	"[reward cake]\nname = G\xc3\xa2teau\npoints = 40\n"

static inline uint64_t world_random(struct world *world)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return world->random;
}

static inline uint64_t world_below(struct world *world, uint64_t bound)
{
	return world_random(world) % bound;
}

static inline struct hash world_hash(uint8_t byte)
{
	struct hash hash;

	memset(hash.bytes, byte, sizeof(hash.bytes));
	return hash;
}

/* The entry with this sequence; its views borrow from the world. */
static inline struct entry world_entry(struct world *world, uint64_t sequence)
{
	struct entry entry;

	assert_in_range(sequence, 1, world->count);
	assert_int_equal(
	    entry_decode(buffer_view(&world->records[sequence - 1]), &entry,
		&world->err),
	    RESULT_OK);
	return entry;
}

static inline void world_keep(struct world *world, const struct entry *entry)
{
	static uint8_t memory[ENTRY_SIZE_MAX];
	struct writer writer = writer_of(memory, sizeof(memory));

	assert_true(world->count < WORLD_ENTRIES_MAX);
	if (entry_encode(entry, &writer, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	assert_int_equal(buffer_append(&world->records[world->count],
			     writer_view(&writer), &world->err),
	    RESULT_OK);
	world->count++;
}

/* Decide alone. A refusal always says something that can be shown. */
static inline enum refusal_code world_ask(
    struct world *world, const struct command *command)
{
	const struct refusal *refusal = &world->decision.refusal;

	law_decide(world->book, command, world->now_ms, &world->decision);
	if (refusal->code == REFUSAL_NONE) {
		assert_int_equal(refusal->say[0], '\0');
		return REFUSAL_NONE;
	}
	assert_true(strlen(refusal->say) > 0);
	assert_true(strlen(refusal->say) <= SAY_SIZE_MAX);
	assert_true(bytes_are_text(bytes_of_string(refusal->say), NULL));
	assert_int_equal(world->decision.entry.kind, 0);
	assert_int_equal(world->decision.entry.sequence, 0);
	return refusal->code;
}

/* Decide, record, check, apply. */
static inline enum refusal_code world_do(
    struct world *world, const struct command *command)
{
	struct entry entry;
	struct entry related;
	enum refusal_code code = world_ask(world, command);

	if (code != REFUSAL_NONE)
		return code;
	world_keep(world, &world->decision.entry);
	entry = world_entry(world, world->count);
	if (entry.related_sequence != 0)
		related = world_entry(world, entry.related_sequence);
	if (law_check(world->book, &entry,
		entry.related_sequence != 0 ? &related : NULL,
		&world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	if (book_apply(world->book, &entry, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	assert_true(law_same_operation(world->book, &entry, command));
	return REFUSAL_NONE;
}

static inline struct command world_command(
    struct world *world, enum entry_kind kind, uint32_t terminal)
{
	struct command command = {.kind = kind, .terminal = terminal};

	command.counter = terminal == 0
			      ? book_head(world->book)->server_counter + 1
			      : ++world->counters[terminal];
	for (size_t index = 0; index < ENTRY_RANDOM_SIZE; index++)
		command.random[index] = (uint8_t)world_random(world);
	return command;
}

static inline enum refusal_code world_programme(
    struct world *world, const char *text)
{
	struct command command = world_command(world, ENTRY_PROGRAMME, 0);

	command.text = bytes_of_string(text);
	return world_do(world, &command);
}

static inline enum refusal_code world_terminal(struct world *world,
    uint32_t number, enum role role, enum standing standing)
{
	struct command command = world_command(world, ENTRY_TERMINAL, 0);

	command.subject = number;
	command.role = role;
	command.standing = standing;
	if (standing == STANDING_ACTIVE)
		command.key = world_hash((uint8_t)(number | 0x80));
	return world_do(world, &command);
}

/* Tills with the numbers from `first` to `last`. */
static inline void world_tills(
    struct world *world, uint32_t first, uint32_t last)
{
	for (uint32_t number = first; number <= last; number++)
		assert_int_equal(world_terminal(world, number, ROLE_TERMINAL,
				     STANDING_ACTIVE),
		    REFUSAL_NONE);
}

static inline enum refusal_code world_cashier(struct world *world,
    uint32_t number, enum role role, enum standing standing)
{
	struct command command = world_command(world, ENTRY_CASHIER, 0);

	command.subject = number;
	command.role = role;
	command.standing = standing;
	if (standing == STANDING_ACTIVE)
		command.commitment = world_hash((uint8_t)(number | 0x80));
	return world_do(world, &command);
}

static inline enum refusal_code world_enrol(
    struct world *world, uint32_t terminal, uint64_t account)
{
	struct command command = world_command(world, ENTRY_ENROL, terminal);

	command.account = account;
	command.commitment = world_hash(0xcc);
	return world_do(world, &command);
}

static inline enum refusal_code world_earn(struct world *world,
    uint32_t terminal, uint64_t account, uint64_t amount_minor)
{
	struct command command = world_command(world, ENTRY_EARN, terminal);

	command.account = account;
	command.amount_minor = amount_minor;
	return world_do(world, &command);
}

static inline enum refusal_code world_redeem(struct world *world,
    uint32_t terminal, uint64_t account, const char *reward)
{
	struct command command = world_command(world, ENTRY_REDEEM, terminal);

	command.account = account;
	command.reward = bytes_of_string(reward);
	return world_do(world, &command);
}

static inline enum refusal_code world_return(struct world *world,
    uint32_t terminal, uint64_t sale_sequence, uint64_t amount_minor)
{
	struct command command = world_command(world, ENTRY_RETURN, terminal);
	struct entry sale;

	if (sale_sequence != 0) {
		sale = world_entry(world, sale_sequence);
		command.related = &sale;
	}
	command.amount_minor = amount_minor;
	return world_do(world, &command);
}

/* --- sales with lines, rewards off them, holds, what is undone --------------
 */

/* A list of lines, written by hand into memory that its test owns. */
struct world_lines {
	uint8_t memory[2 * LINES_SIZE_MAX];
	struct writer writer;
};

static inline void world_lines_start(struct world_lines *lines)
{
	lines->writer = writer_of(lines->memory, sizeof(lines->memory));
}

static inline void world_lines_add(struct world_lines *lines,
    const char *category, const char *product, uint32_t quantity,
    int64_t amount_minor)
{
	struct sale_line line = {
	    .category = bytes_of_string(category),
	    .product = bytes_of_string(product),
	    .quantity = quantity,
	    .amount_minor = amount_minor,
	};

	sale_line_write(&lines->writer, &line);
}

static inline void world_backs_add(struct world_lines *backs, uint8_t line,
    uint32_t quantity, int64_t amount_minor)
{
	struct back back = {line, quantity, amount_minor};

	back_write(&backs->writer, &back);
}

static inline struct bytes world_lines_view(const struct world_lines *lines)
{
	return writer_view(&lines->writer);
}

/* Noon of a day, or another moment of it, on the clocks of UTC. */
static inline void world_set_day(struct world *world, const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	world->now_ms = (uint64_t)date_to_day(date) * DAY_MS + DAY_MS / 2;
}

static inline void world_set_clock(struct world *world, const char *text,
    unsigned hour, unsigned minute, unsigned second)
{
	world_set_day(world, text);
	world->now_ms -= DAY_MS / 2;
	world->now_ms += ((hour * 60 + minute) * 60 + second) * 1000;
}

/* A reward that comes off a sale, or points as money, or one held for. */
static inline struct command world_purchase(struct world *world,
    enum entry_kind kind, uint32_t terminal, uint64_t account,
    const char *reward)
{
	struct command command = world_command(world, kind, terminal);

	command.account = account;
	command.reward = bytes_of_string(reward);
	return command;
}

static inline enum refusal_code world_hold(struct world *world,
    uint32_t terminal, uint64_t account, const char *reward)
{
	struct command command =
	    world_purchase(world, ENTRY_HOLD, terminal, account, reward);

	return world_do(world, &command);
}

static inline enum refusal_code world_capture(struct world *world,
    uint32_t terminal, uint64_t account, uint64_t hold_sequence)
{
	struct command command = world_command(world, ENTRY_REDEEM, terminal);
	struct entry hold = world_entry(world, hold_sequence);

	command.account = account;
	command.related = &hold;
	command.wants_related = true;
	return world_do(world, &command);
}

/* `points` of a redemption; 0 is all that is left. */
static inline enum refusal_code world_give_back(struct world *world,
    uint32_t terminal, uint64_t redeem_sequence, uint64_t points)
{
	struct command command = world_command(world, ENTRY_RETURN, terminal);
	struct entry redeem = world_entry(world, redeem_sequence);

	command.related = &redeem;
	command.wants_related = true;
	command.points = points;
	return world_do(world, &command);
}

static inline enum refusal_code world_return_lines(struct world *world,
    uint32_t terminal, uint64_t sale_sequence, struct bytes backs)
{
	struct command command = world_command(world, ENTRY_RETURN, terminal);
	struct entry sale = world_entry(world, sale_sequence);

	command.related = &sale;
	command.wants_related = true;
	command.backs = backs;
	return world_do(world, &command);
}

/* Undo what `terminal` did as `counter`, as a server does: it looks it up. */
static inline enum refusal_code world_void(
    struct world *world, uint32_t terminal, uint64_t counter)
{
	struct command command = world_command(world, ENTRY_VOID, terminal);
	struct entry entry;

	command.voided_counter = counter;
	for (uint64_t sequence = 1; sequence <= world->count; sequence++) {
		entry = world_entry(world, sequence);
		if (entry.terminal != terminal || entry.counter != counter)
			continue;
		command.related = &entry;
		command.wants_related = true;
		break;
	}
	return world_do(world, &command);
}

/* Undo the last entry. */
static inline enum refusal_code world_void_last(struct world *world)
{
	struct entry entry = world_entry(world, world->count);

	return world_void(world, entry.terminal, entry.counter);
}

static inline uint64_t world_spendable(struct world *world, uint64_t account)
{
	const struct programme *programme =
	    book_programme(world->book)->programme;
	const struct book_member *member = book_pool(world->book, account);

	assert_non_null(member);
	return book_spendable_points(member,
	    zone_local(&programme->zone, world->now_ms).day, world->now_ms);
}

/* How many points of the member have exactly these stamps. */
static inline uint64_t world_lot(struct world *world, uint64_t account,
    int32_t expiry_day, int32_t active_day)
{
	const struct book_member *member = book_member(world->book, account);

	for (uint32_t place = 0; place < member->lot_count; place++) {
		if (member->lots[place].expiry_day == expiry_day &&
		    member->lots[place].active_day == active_day)
			return member->lots[place].points;
	}
	return 0;
}

static inline int32_t world_day(const char *text)
{
	struct date date;

	assert_true(date_parse(bytes_of_string(text), &date));
	return date_to_day(date);
}

static inline int64_t world_balance(struct world *world, uint64_t account)
{
	const struct book_member *member = book_member(world->book, account);

	assert_non_null(member);
	return member->balance_points;
}

/* A book alone; nothing has happened. */
static inline struct world *world_empty(uint64_t seed)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->random = seed * 0x9e3779b97f4a7c15ull + 1;
	world->now_ms = 1700000000000;
	assert_int_equal(book_create(&world->book, &world->err), RESULT_OK);
	return world;
}

static inline enum refusal_code world_shop(
    struct world *world, const char *origin)
{
	struct command command = world_command(world, ENTRY_SHOP, 0);

	command.text = bytes_of_string(origin);
	command.key = world_hash(0x5e);
	return world_do(world, &command);
}

/* The shop, this programme and two tills: entries 1 to 4. */
static inline void world_found(struct world *world, const char *rules)
{
	assert_int_equal(world_shop(world, "corner.example"), REFUSAL_NONE);
	if (world_programme(world, rules) != REFUSAL_NONE)
		fail_msg("%s", world->decision.refusal.say);
	world_tills(world, 1, 2);
}

/* A shop with this programme, two tills and a member: entries 1 to 5. */
static inline struct world *world_open_with(uint64_t seed, const char *rules)
{
	struct world *world = world_empty(seed);

	world_found(world, rules);
	assert_int_equal(world_enrol(world, 1, MEMBER(1)), REFUSAL_NONE);
	return world;
}

/* A point for each 1.00. */
static inline struct world *world_open(uint64_t seed)
{
	return world_open_with(seed, WORLD_RULES("1", "1.00"));
}

static inline void world_close(struct world *world)
{
	for (size_t index = 0; index < world->count; index++)
		buffer_finish(&world->records[index]);
	book_destroy(world->book);
	free(world);
}

static inline struct hash world_digest(const struct book *book)
{
	struct hasher *hasher;
	struct hash digest;
	struct error err;

	assert_int_equal(hasher_create(&hasher, &err), RESULT_OK);
	assert_int_equal(book_digest(book, hasher, &digest, &err), RESULT_OK);
	hasher_destroy(hasher);
	return digest;
}

static inline void assert_same_book(
    const struct book *one, const struct book *other)
{
	struct hash one_digest = world_digest(one);
	struct hash other_digest = world_digest(other);
	struct book_totals one_totals;
	struct book_totals other_totals;

	assert_true(hash_equal(&one_digest, &other_digest));
	book_totals(one, &one_totals);
	book_totals(other, &other_totals);
	assert_memory_equal(&one_totals, &other_totals, sizeof(one_totals));
	assert_memory_equal(
	    book_head(one), book_head(other), sizeof(struct book_head));
}

/* Apply the entries from `first` to `last` to `book`. */
static inline void world_replay(
    struct world *world, struct book *book, uint64_t first, uint64_t last)
{
	for (uint64_t sequence = first; sequence <= last; sequence++) {
		struct entry entry = world_entry(world, sequence);

		if (book_apply(book, &entry, &world->err) != RESULT_OK)
			fail_msg("%s", world->err.text);
	}
}

/* Of all accounts: 0, or points came from nowhere. */
static inline int64_t world_sum_points(const struct book *book)
{
	struct book_totals totals;
	int64_t sum = 0;

	book_totals(book, &totals);
	for (int account = ACCOUNT_ISSUED; account <= ACCOUNT_GOODWILL;
	     account++)
		sum += book_account_points(book, (enum account)account);
	return sum + totals.members_points;
}

static inline void assert_sum_is_zero(const struct book *book)
{
	assert_int_equal(world_sum_points(book), 0);
}

#endif
