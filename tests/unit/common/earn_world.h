/*
 * earn_world: programmes, sales and members for the tests of the engine. A test
 * says the sections and lines that it is about.
 */
#ifndef TESTS_UNIT_COMMON_EARN_WORLD_H
#define TESTS_UNIT_COMMON_EARN_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/book_inside.h"
#include "common/law/earn.h"

#define HEAD                                         \
	"[programme]\nname = Test\ncurrency = EUR\n" \
	"sale_amount_max = 1000000000.00\n"
#define BASE "earn_points = 1\nearn_amount = 1.00\n"
#define COUNTS_MAX 16

static struct error error;

/* --- programmes ----------------------------------------------------------- */

/* `more` are further keys of [programme], and then sections. */
static inline struct programme *programme_of(const char *more)
{
	static char text[8192];
	struct programme *programme;

	snprintf(text, sizeof(text), "%s%s", HEAD, more);
	if (programme_parse(bytes_of_string(text), &programme, &error) !=
	    RESULT_OK)
		fail_msg("%s in:\n%s", error.text, text);
	return programme;
}

/* --- sales ---------------------------------------------------------------- */

struct basket {
	uint8_t data[LINES_SIZE_MAX];
	size_t size;
	int64_t amount_minor;
};

static inline void add_line(struct basket *basket, const char *category,
    const char *product, uint32_t quantity, int64_t amount_minor)
{
	struct writer writer = writer_of(basket->data, sizeof(basket->data));
	struct sale_line line = {.category = bytes_of_string(category),
	    .product = bytes_of_string(product),
	    .quantity = quantity,
	    .amount_minor = amount_minor};

	writer.size = basket->size;
	sale_line_write(&writer, &line);
	basket->size = writer.size;
	basket->amount_minor += amount_minor;
}

/* On a Monday, 2026-06-01, at noon. */
#define SOME_DAY 20605
static inline struct earn_sale sale_of(uint64_t amount_minor)
{
	return (struct earn_sale){
	    .amount_minor = amount_minor,
	    .when = {.day = SOME_DAY, .minute = 720},
	};
}

static inline struct earn_sale sale_of_basket(const struct basket *basket)
{
	struct earn_sale sale = sale_of((uint64_t)basket->amount_minor);

	sale.lines = bytes_of(basket->data, basket->size);
	return sale;
}

/* --- members -------------------------------------------------------------- */

/* A member with counters, outside of any book. */
struct person {
	struct book_member member;
	struct book_extra extra;
	struct book_count counts[COUNTS_MAX]; /* its block */
	uint32_t segments[SEGMENTS_MAX];
};

static inline void person_init(struct person *person)
{
	memset(person, 0, sizeof(*person));
	person->member.account = ACCOUNT_MEMBER_MIN;
	person->member.last_sale_day = DAY_NONE;
	person->member.extra = &person->extra;
	person->member.lots = (void *)person->counts;
	person->extra.segments = person->segments;
}

/* Counters stand in the order of (ident, what). */
static inline void person_count(struct person *person, uint32_t ident,
    enum count_what what, int32_t period_day, uint64_t value)
{
	uint32_t place = person->member.count_count++;

	assert_true(place < COUNTS_MAX);
	while (place > 0 && (person->counts[place - 1].ident > ident ||
				(person->counts[place - 1].ident == ident &&
				    person->counts[place - 1].what > what))) {
		person->counts[place] = person->counts[place - 1];
		place--;
	}
	person->counts[place] = (struct book_count){.ident = ident,
	    .what = what,
	    .period_day = period_day,
	    .value = value};
}

static inline uint32_t ident_of(const char *kind, const char *id)
{
	return programme_ident(kind, bytes_of_string(id));
}

/* --- what is earned ------------------------------------------------------- */

static inline struct book *book_of_nothing(void)
{
	struct book *book;

	assert_int_equal(book_create(&book, &error), RESULT_OK);
	return book;
}

/* With a budget of which so much is spent, in millionths. */
static inline void book_spend(struct book *book, const char *id, uint64_t micro)
{
	struct book_tally *tally = book_place_tally(book, ident_of("earn", id));

	assert_non_null(tally);
	tally->value = micro;
}

static inline struct earning earned(const struct programme *programme,
    const struct book_member *member, const struct earn_sale *sale)
{
	struct book *book = book_of_nothing();
	struct earning earning;

	earn_evaluate(programme, book, member, sale, &earning);
	book_destroy(book);
	return earning;
}

/* By text, for one sale, of nobody known. */
static inline uint64_t points_by(const char *more, const struct earn_sale *sale)
{
	struct programme *programme = programme_of(more);
	uint64_t points = earned(programme, NULL, sale).points;

	programme_destroy(programme);
	return points;
}

/* The micro-points of a rule's part; UINT64_MAX where it has none. */
static inline uint64_t part_of(const struct earning *earning, unsigned rule)
{
	for (size_t i = 0; i < earning->part_count; i++)
		if (earning->parts[i].rule == rule)
			return earning->parts[i].points_micro;
	return UINT64_MAX;
}

/* --- what is kept --------------------------------------------------------- */

/* The entry that an earning leads to; its views borrow from here. */
struct recorded {
	struct entry entry;
	uint8_t parts[PARTS_SIZE_MAX];
};

static inline void record_earning(struct recorded *recorded,
    const struct earn_sale *sale, const struct earning *earning)
{
	struct writer writer =
	    writer_of(recorded->parts, sizeof(recorded->parts));

	for (size_t i = 0; i < earning->part_count; i++)
		part_write(&writer, &earning->parts[i]);
	recorded->entry = (struct entry){.kind = ENTRY_EARN,
	    .points = earning->points,
	    .amount_minor = sale->amount_minor,
	    .paid_minor = sale->paid_minor,
	    .lines = sale->lines,
	    .parts = writer_view(&writer)};
}

/* --- a small generator ---------------------------------------------------- */

static inline uint64_t draw_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline uint64_t draw_below(uint64_t *state, uint64_t bound)
{
	return draw_number(state) % bound;
}

#endif
