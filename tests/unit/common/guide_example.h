/*
 * guide_example: a row of a table in server/PROGRAMME.md, in the words that
 * stand there: when, what, the points that come of it, and what can be spent
 * then.
 */
#ifndef TESTS_UNIT_COMMON_GUIDE_EXAMPLE_H
#define TESTS_UNIT_COMMON_GUIDE_EXAMPLE_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/law.h"

#define GUIDE "server/PROGRAMME.md"
#define ROWS_MAX 64u
#define RECORDS_MAX 512u
#define TEXT_SIZE 512u
#define TILL 1u
#define COLUMNS 4u
#define HEAD                                            \
	"[programme]\nname = Example\ncurrency = EUR\n" \
	"sale_amount_max = 2000.00\n"                   \
	"time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"

/* What a row asks for, and what its operation was called. */
struct done {
	uint64_t sequence;
	uint64_t counter;
};

/* One example under way. Records are kept: returns name earlier ones. */
struct example {
	struct book *book;
	struct buffer records[RECORDS_MAX];
	uint64_t counter; /* the till's */
	struct done done[ROWS_MAX];
	size_t row; /* from 1 */
	uint64_t now_ms;
	unsigned line;
	size_t wrong;	/* cells */
	int64_t points; /* what the row's member got or gave */
	uint8_t list[LINES_SIZE_MAX];
	struct decision decision;
	struct error err;
};

/* --- carrying out --------------------------------------------------------- */

static inline struct entry record(struct example *example, uint64_t sequence)
{
	struct entry entry;

	assert_in_range(sequence, 1, book_head(example->book)->sequence + 1);
	if (entry_decode(buffer_view(&example->records[sequence]), &entry,
		&example->err) != RESULT_OK)
		fail_msg("line %u: %s", example->line, example->err.text);
	return entry;
}

static inline uint64_t account_of(char letter)
{
	return ACCOUNT_MEMBER_MIN + 1 + (uint64_t)(letter - 'A');
}

static inline void count_points(
    struct example *example, const struct entry *entry, uint64_t account)
{
	if (entry->to_account == account)
		example->points += (int64_t)entry->points;
	if (entry->from_account == account)
		example->points -= (int64_t)entry->points;
}

/* Decide, record, read back, check and apply, as a ledger and an auditor do. */
static inline enum refusal_code carry_out(
    struct example *example, const struct command *command, uint64_t account)
{
	static uint8_t memory[ENTRY_SIZE_MAX];
	struct writer writer = writer_of(memory, sizeof(memory));
	uint64_t sequence = book_head(example->book)->sequence + 1;
	struct entry entry;
	struct error *err = &example->err;

	law_decide(example->book, command, example->now_ms, &example->decision);
	if (example->decision.refusal.code != REFUSAL_NONE)
		return example->decision.refusal.code;
	assert_true(sequence < RECORDS_MAX);
	if (entry_encode(&example->decision.entry, &writer, err) != RESULT_OK)
		fail_msg("line %u: %s", example->line, err->text);
	assert_int_equal(buffer_append(&example->records[sequence],
			     writer_view(&writer), err),
	    RESULT_OK);
	entry = record(example, sequence);
	if (law_check(example->book, &entry, command->related, err) !=
		RESULT_OK ||
	    book_apply(example->book, &entry, err) != RESULT_OK)
		fail_msg("line %u: %s", example->line, err->text);
	count_points(example, &entry, account);
	return REFUSAL_NONE;
}

static inline void by_owner(struct example *example, struct command *command)
{
	enum refusal_code code;

	command->counter = book_head(example->book)->server_counter + 1;
	code = carry_out(example, command, 0);
	if (code != REFUSAL_NONE)
		fail_msg("line %u: %s: %s", example->line, refusal_name(code),
		    example->decision.refusal.say);
}

static inline void open_shop(struct example *example, struct bytes rules)
{
	struct command shop = {
	    .kind = ENTRY_SHOP, .text = bytes_of_string("example/tally")};
	struct command programme = {.kind = ENTRY_PROGRAMME, .text = rules};
	struct command till = {.kind = ENTRY_TERMINAL,
	    .subject = TILL,
	    .role = ROLE_TERMINAL,
	    .standing = STANDING_ACTIVE,
	    .shop = bytes_of_string("north")};

	memset(shop.key.bytes, 1, sizeof(shop.key.bytes));
	memset(till.key.bytes, 2, sizeof(till.key.bytes));
	assert_int_equal(book_create(&example->book, &example->err), RESULT_OK);
	by_owner(example, &shop);
	by_owner(example, &programme);
	by_owner(example, &till);
}

static inline void close_shop(struct example *example)
{
	book_destroy(example->book);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		buffer_finish(&example->records[i]);
	memset(example, 0, sizeof(*example));
}

static inline enum refusal_code at_till(
    struct example *example, struct command *command, uint64_t account)
{
	command->terminal = TILL;
	command->counter = ++example->counter;
	example->done[example->row].counter = command->counter;
	example->done[example->row].sequence =
	    book_head(example->book)->sequence + 1;
	return carry_out(example, command, account);
}

/* --- words ---------------------------------------------------------------- */

static inline bool starts(const char **text, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(*text, word, size) != 0)
		return false;
	*text = &(*text)[size];
	return true;
}

/* "12.50", with an optional sign before it. */
static inline bool take_minor(const char **text, int64_t *ret_minor)
{
	const char *at = *text;
	bool negative = starts(&at, "-");
	char *end;
	unsigned long whole;

	if (at[0] < '0' || at[0] > '9')
		return false;
	whole = strtoul(at, &end, 10);
	if (end[0] != '.' || strspn(&end[1], "0123456789") < 2)
		return false;
	*ret_minor = (int64_t)whole * 100 + (end[1] - '0') * 10 + end[2] - '0';
	if (negative)
		*ret_minor = -*ret_minor;
	*text = &end[3];
	return true;
}

static inline bool take_number(const char **text, uint64_t *ret_number)
{
	char *end;

	if ((*text)[0] < '0' || (*text)[0] > '9')
		return false;
	*ret_number = strtoul(*text, &end, 10);
	*text = end;
	return true;
}

/* A word of a name. */
static inline struct bytes take_word(const char **text)
{
	struct bytes word = bytes_of(*text, strcspn(*text, " ,/:"));

	*text = &(*text)[word.size];
	return word;
}

static inline void bad_row(const struct example *example, const char *text)
{
	fail_msg(GUIDE " line %u: not understood: '%s'", example->line, text);
}

/* "2026-03-02" or "2026-03-02 14:00", by a clock on the wall in the zone of the
 * rules; in an hour that comes twice, the first. */
static inline uint64_t take_when(
    const struct example *example, const char *text)
{
	const struct book_programme *version = book_programme(example->book);
	unsigned hour = 12;
	unsigned minute = 0;
	struct date date;
	int32_t day;
	uint64_t time_ms;

	if (!date_parse(bytes_of(text, strlen(text) < 10 ? 0 : 10), &date))
		bad_row(example, text);
	if (strlen(text) > 10 &&
	    sscanf(&text[10], " %2u:%2u", &hour, &minute) != 2)
		bad_row(example, text);
	day = date_to_day(date);
	time_ms = zone_day_starts_ms(&version->programme->zone, day);
	for (; zone_local(&version->programme->zone, time_ms).minute !=
	       hour * 60 + minute;
	     time_ms += 60000)
		assert_int_equal(
		    zone_local(&version->programme->zone, time_ms).day, day);
	return time_ms;
}

/* --- what is done --------------------------------------------------------- */

/* "2 coffee 5.00", "fruit/apple 3.00", or "12.50" alone. */
static inline void take_line(struct example *example, const char **text,
    struct writer *lines, struct command *command)
{
	struct sale_line line = {.quantity = 1};
	uint64_t quantity;
	const char *start = *text;
	int64_t minor;

	if (take_minor(text, &minor)) {
		command->amount_minor += (uint64_t)minor;
		return;
	}
	if (take_number(text, &quantity) && starts(text, " "))
		line.quantity = (uint32_t)quantity;
	line.category = take_word(text);
	if (starts(text, "/"))
		line.product = take_word(text);
	if (!starts(text, " ") || !take_minor(text, &line.amount_minor))
		bad_row(example, start);
	sale_line_write(lines, &line);
	command->amount_minor += (uint64_t)line.amount_minor;
}

static inline enum refusal_code sell(
    struct example *example, const char *text, uint64_t account)
{
	struct writer lines = writer_of(example->list, sizeof(example->list));
	struct command command = {.kind = ENTRY_EARN, .account = account};
	int64_t minor;

	do
		take_line(example, &text, &lines, &command);
	while (starts(&text, ", "));
	command.lines = writer_view(&lines);
	if (starts(&text, " paid ") && take_minor(&text, &minor))
		command.paid_minor = (uint64_t)minor;
	command.is_birthday = starts(&text, " on the birthday");
	if (text[0] != '\0')
		bad_row(example, text);
	return at_till(example, &command, account);
}

static inline enum refusal_code redeem(
    struct example *example, const char *text, uint64_t account)
{
	struct command command = {.kind = ENTRY_REDEEM, .account = account};
	int64_t minor = 0;

	command.reward = take_word(&text);
	if (starts(&text, " ") && !starts(&text, "of ") &&
	    (!take_number(&text, &command.points) || !starts(&text, " of ")))
		bad_row(example, text);
	if (text[0] != '\0') {
		if (!take_minor(&text, &minor))
			bad_row(example, text);
		command.amount_minor = (uint64_t)minor;
	}
	return at_till(example, &command, account);
}

/* The entry of an earlier row, for what refers to it. */
static inline struct entry earlier(struct example *example, const char **text)
{
	uint64_t row = 0;

	if (!take_number(text, &row) || row == 0 || row >= example->row)
		bad_row(example, *text);
	return record(example, example->done[row].sequence);
}

static inline enum refusal_code give_back(
    struct example *example, const char *text, uint64_t account)
{
	struct command command = {
	    .kind = ENTRY_RETURN, .account = account, .wants_related = true};
	struct entry related;
	int64_t minor;

	if (take_minor(&text, &minor)) {
		command.amount_minor = (uint64_t)minor;
		if (!starts(&text, " of "))
			bad_row(example, text);
	}
	if (!starts(&text, "row "))
		bad_row(example, text);
	related = earlier(example, &text);
	command.related = &related;
	if (related.kind == ENTRY_EARN && command.amount_minor == 0)
		command.amount_minor = related.amount_minor;
	return at_till(example, &command, account);
}

static inline enum refusal_code undo(
    struct example *example, const char *text, uint64_t account)
{
	struct command command = {.kind = ENTRY_VOID, .wants_related = true};
	const char *row = text;
	uint64_t number = 0;
	struct entry related = earlier(example, &text);

	(void)take_number(&row, &number);
	command.voided_counter = example->done[number].counter;
	command.related = &related;
	return at_till(example, &command, account);
}

static inline enum refusal_code transfer(
    struct example *example, const char *text, uint64_t account)
{
	struct command command = {.kind = ENTRY_TRANSFER, .account = account};

	if (!take_number(&text, &command.points) || !starts(&text, " to "))
		bad_row(example, text);
	command.other_account = account_of(text[0]);
	return at_till(example, &command, account);
}

static inline enum refusal_code segment(
    struct example *example, const char *text, uint64_t account)
{
	struct command command = {.kind = ENTRY_MEMBER,
	    .account = account,
	    .segment = bytes_of_string(text),
	    .standing = STANDING_ACTIVE};

	return at_till(example, &command, account);
}

/* Whatever is due of anybody, until nothing is. */
static inline enum refusal_code night(struct example *example, uint64_t account)
{
	for (char letter = 'A'; letter <= 'D'; letter++) {
		const struct book_member *member;
		struct command command;
		struct entry related;

		while (
		    (member = book_member(example->book, account_of(letter))) !=
			NULL &&
		    law_due(example->book, member, example->now_ms, &command)) {
			if (command.kind == ENTRY_BONUS) {
				related = record(
				    example, member->extra->referral_sale);
				command.related = &related;
			}
			command.counter =
			    book_head(example->book)->server_counter + 1;
			assert_int_equal(carry_out(example, &command, account),
			    REFUSAL_NONE);
		}
	}
	return REFUSAL_NONE;
}

static inline enum refusal_code act(
    struct example *example, const char *text, uint64_t account)
{
	if (starts(&text, "sale "))
		return sell(example, text, account);
	if (starts(&text, "redeem "))
		return redeem(example, text, account);
	if (starts(&text, "return "))
		return give_back(example, text, account);
	if (starts(&text, "void row "))
		return undo(example, text, account);
	if (starts(&text, "transfer "))
		return transfer(example, text, account);
	if (starts(&text, "segment "))
		return segment(example, text, account);
	if (strcmp(text, "night") == 0)
		return night(example, account);
	if (strcmp(text, "look") != 0)
		bad_row(example, text);
	return REFUSAL_NONE;
}

/* --- rows ----------------------------------------------------------------- */

static inline void enrol(struct example *example, char letter, char referrer)
{
	struct command command = {
	    .kind = ENTRY_ENROL, .account = account_of(letter)};

	if (book_member(example->book, command.account) != NULL)
		return;
	if (referrer != '\0')
		command.referrer = account_of(referrer);
	memset(
	    command.commitment.bytes, letter, sizeof(command.commitment.bytes));
	assert_int_equal(
	    at_till(example, &command, command.account), REFUSAL_NONE);
}

/* "B: sale 10.00" is member B's; "B, whom A brought: sale 10.00" as well; one
 * without a letter is A's. */
static inline char take_member(struct example *example, const char **text)
{
	char letter = 'A';
	char referrer = '\0';

	if ((*text)[0] >= 'A' && (*text)[0] <= 'D') {
		letter = (*text)[0];
		*text = &(*text)[1];
		if (starts(text, ", whom ")) {
			referrer = (*text)[0];
			*text = &(*text)[1];
			if (!starts(text, " brought"))
				bad_row(example, *text);
		}
		if (!starts(text, ": "))
			bad_row(example, *text);
	}
	if (referrer != '\0')
		enrol(example, referrer, '\0');
	enrol(example, letter, referrer);
	return letter;
}

static inline void compare_points(
    struct example *example, enum refusal_code code, const char *wanted)
{
	char is[64];

	if (code != REFUSAL_NONE)
		snprintf(is, sizeof(is), "refused: %s", refusal_name(code));
	else
		snprintf(is, sizeof(is), "%s%lld",
		    example->points > 0 ? "+" : "", (long long)example->points);
	if (strcmp(is, wanted) == 0)
		return;
	example->wrong++;
	print_error(GUIDE " line %u, row %zu: the table says %s, and it is %s "
			  "(%s)\n",
	    example->line, example->row, wanted, is,
	    example->decision.refusal.say);
}

static inline void compare_spendable(
    struct example *example, char letter, const char *wanted)
{
	const struct book_member *member =
	    book_pool(example->book, account_of(letter));
	char is[64];

	if (member->balance_points < 0)
		snprintf(is, sizeof(is), "debt %lld",
		    -(long long)member->balance_points);
	else
		snprintf(is, sizeof(is), "%llu",
		    (unsigned long long)law_spendable_points(
			example->book, member, example->now_ms));
	if (strcmp(is, wanted) == 0)
		return;
	example->wrong++;
	print_error(GUIDE " line %u, row %zu: the table says that %s can be "
			  "spent, and it is %s\n",
	    example->line, example->row, wanted, is);
}

/* | when | what | points | can spend | */
static inline void run_row(
    struct example *example, char cells[COLUMNS][TEXT_SIZE])
{
	const char *what = cells[1];
	enum refusal_code code;
	char letter;

	example->row++;
	assert_true(example->row < ROWS_MAX);
	example->now_ms = take_when(example, cells[0]);
	letter = take_member(example, &what);
	example->points = 0;
	code = act(example, what, account_of(letter));
	compare_points(example, code, cells[2]);
	compare_spendable(example, letter, cells[3]);
}

#endif
