/*
 * The book: what stands in a member's one block of memory stays what it is,
 * whatever comes and goes beside it.
 */
#include "tests/unit/common/book_life.h"

#include "common/law/book_inside.h"

#define KINDS 9u

/* A member alone, and what should be in its block: 0 is not there. */
struct sheet {
	struct book_member member;
	struct programme programme;
	uint64_t lots[KINDS];	/* by last day */
	uint64_t counts[KINDS]; /* by ident */
	uint64_t days[KINDS];	/* by day, from 1 */
	struct hash details;
	uint64_t drawn;
	struct error err;
};

static struct sheet *sheet_open(void)
{
	struct sheet *sheet = calloc(1, sizeof(*sheet));

	assert_non_null(sheet);
	sheet->programme.tier_count = 1;
	sheet->programme.window = WINDOW_ROLLING;
	sheet->programme.window_days = 30;
	return sheet;
}

static void sheet_close(struct sheet *sheet)
{
	free(sheet->member.lots);
	free(sheet);
}

static uint64_t draw(struct sheet *sheet, uint64_t bound)
{
	sheet->drawn = sheet->drawn * 6364136223846793005ull + 1442695040888963;
	return (sheet->drawn >> 33) % bound;
}

static void changes_a_lot(struct sheet *sheet, uint64_t kind, uint64_t value)
{
	struct lot lot = {(int32_t)kind, 0, value};

	if (sheet->lots[kind] > 0) {
		lot.points = sheet->lots[kind];
		assert_true(book_cut_lot(&sheet->member, &lot));
		sheet->lots[kind] = 0;
		return;
	}
	assert_int_equal(
	    book_put_lot(&sheet->member, &lot, &sheet->err), RESULT_OK);
	sheet->lots[kind] = value;
}

static void changes_a_counter(
    struct sheet *sheet, uint64_t kind, uint64_t value)
{
	struct book_count count = {
	    (uint32_t)kind, COUNT_POINTS_DAY, 20000, value};

	if (sheet->counts[kind] > 0) {
		count.value = sheet->counts[kind];
		book_count_less(&sheet->member, &count);
		sheet->counts[kind] = 0;
		return;
	}
	assert_int_equal(book_count_more(&sheet->member, &sheet->programme,
			     &count, &sheet->err),
	    RESULT_OK);
	sheet->counts[kind] = value;
}

static void changes_a_day(struct sheet *sheet, uint64_t kind, uint64_t value)
{
	struct entry entry = {.kind = ENTRY_EARN, .points = value};

	if (sheet->days[kind] > 0) {
		entry.kind = ENTRY_RETURN;
		entry.to_account = ACCOUNT_ISSUED;
		entry.points = sheet->days[kind];
		book_qualify_less(&sheet->member, &sheet->programme,
		    (int32_t)kind + 1, &entry);
		sheet->days[kind] = 0;
		return;
	}
	assert_int_equal(book_qualify_more(&sheet->member, &sheet->programme,
			     (int32_t)kind + 1, &entry, &sheet->err),
	    RESULT_OK);
	sheet->days[kind] = value;
}

static void changes_details(struct sheet *sheet, uint64_t value)
{
	sheet->details.bytes[0] = (uint8_t)(value % 3);
	sheet->details.bytes[HASH_SIZE - 1] = (uint8_t)(value % 3);
	assert_true(book_put_details(&sheet->member, &sheet->details));
}

static void assert_lots_are(const struct sheet *sheet)
{
	uint32_t place = 0;

	for (uint32_t kind = 0; kind < KINDS; kind++) {
		if (sheet->lots[kind] == 0)
			continue;
		assert_true(place < sheet->member.lot_count);
		assert_int_equal(sheet->member.lots[place].expiry_day, kind);
		assert_int_equal(
		    sheet->member.lots[place++].points, sheet->lots[kind]);
	}
	assert_int_equal(place, sheet->member.lot_count);
}

static void assert_counters_are(const struct sheet *sheet)
{
	const struct book_count *counts = book_counts(&sheet->member);
	uint32_t place = 0;

	for (uint32_t kind = 0; kind < KINDS; kind++) {
		if (sheet->counts[kind] == 0)
			continue;
		assert_true(place < sheet->member.count_count);
		assert_int_equal(counts[place].ident, kind);
		assert_int_equal(counts[place].what, COUNT_POINTS_DAY);
		assert_int_equal(counts[place].period_day, 20000);
		assert_int_equal(counts[place++].value, sheet->counts[kind]);
	}
	assert_int_equal(place, sheet->member.count_count);
	assert_true((counts == NULL) == (place == 0));
}

static void assert_days_are(const struct sheet *sheet)
{
	const struct book_spent *days = book_days(&sheet->member);
	uint32_t place = 0;

	for (uint32_t kind = 0; kind < KINDS; kind++) {
		if (sheet->days[kind] == 0)
			continue;
		assert_true(place < sheet->member.spent_count);
		assert_int_equal(days[place].day, kind + 1);
		assert_int_equal(days[place++].value, sheet->days[kind]);
	}
	assert_int_equal(place, sheet->member.spent_count);
	assert_true((days == NULL) == (place == 0));
}

static void assert_block_is(const struct sheet *sheet)
{
	const struct book_member *member = &sheet->member;
	bool has_details = sheet->details.bytes[0] != 0;

	assert_lots_are(sheet);
	assert_counters_are(sheet);
	assert_days_are(sheet);
	assert_true((book_details(member) != NULL) == has_details);
	if (has_details)
		assert_true(hash_equal(book_details(member), &sheet->details));
	assert_true((member->lots == NULL) ==
		    (member->lot_count == 0 && member->count_count == 0 &&
			member->spent_count == 0 && !has_details));
}

static void keeps_each_thing_whatever_moves_beside_it(void **state)
{
	struct sheet *sheet = sheet_open();
	unsigned empty = 0;

	(void)state;
	for (unsigned step = 0; step < 200000; step++) {
		/* At times few things, so that it is empty now and then. */
		uint64_t kinds = step / 1000 % 2 == 0 ? 1 : KINDS;
		uint64_t kind = draw(sheet, kinds);
		uint64_t value = 1 + draw(sheet, 1000);

		switch (draw(sheet, 4)) {
		case 0:
			changes_a_lot(sheet, kind, value);
			break;
		case 1:
			changes_a_counter(sheet, kind, value);
			break;
		case 2:
			changes_a_day(sheet, kind, value);
			break;
		default:
			changes_details(sheet, value);
		}
		assert_block_is(sheet);
		empty += sheet->member.lots == NULL;
	}
	assert_true(empty > 0);
	sheet_close(sheet);
}

/* Counters of rules that are gone leave from between lots and days. */
static void makes_room_among_the_others(void **state)
{
	struct sheet *sheet = sheet_open();
	struct book_count count = {0, COUNT_TIMES_EVER, 0, 1};

	(void)state;
	sheet->programme.rule_count = 1;
	sheet->programme.rules[0].ident = 500;
	changes_a_lot(sheet, 3, 30);
	changes_a_day(sheet, 4, 40);
	changes_details(sheet, 1);
	for (count.ident = 1; count.ident <= COUNTERS_MAX + 1; count.ident++)
		assert_int_equal(book_count_more(&sheet->member,
				     &sheet->programme, &count, &sheet->err),
		    RESULT_OK);
	assert_lots_are(sheet);
	assert_days_are(sheet);
	assert_true(hash_equal(book_details(&sheet->member), &sheet->details));
	assert_int_equal(sheet->member.count_count, 2);
	assert_int_equal(
	    book_count(&sheet->member, 500, COUNT_TIMES_EVER, 0), 1);
	assert_int_equal(
	    book_count(&sheet->member, COUNTERS_MAX + 1, COUNT_TIMES_EVER, 0),
	    1);
	sheet_close(sheet);
}

/* Days long before 1970 and long after it fit a counter. */
static void counts_on_any_day_of_the_calendar(void **state)
{
	static const int32_t days[] = {
	    -(1 << 28), -719162, -1, 0, 1, 2932896, (1 << 28) - 1};
	struct sheet *sheet = sheet_open();

	(void)state;
	for (size_t index = 0; index < sizeof(days) / sizeof(*days); index++) {
		struct book_count count = {7, COUNT_TIMES_DAY, days[index], 1};

		assert_int_equal(book_count_more(&sheet->member,
				     &sheet->programme, &count, &sheet->err),
		    RESULT_OK);
		assert_int_equal(
		    book_counts(&sheet->member)[0].period_day, days[index]);
		assert_int_equal(
		    book_count(&sheet->member, 7, COUNT_TIMES_DAY, days[index]),
		    1);
	}
	sheet_close(sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_each_thing_whatever_moves_beside_it),
	    cmocka_unit_test(makes_room_among_the_others),
	    cmocka_unit_test(counts_on_any_day_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
