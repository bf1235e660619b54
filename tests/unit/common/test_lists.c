/*
 * test_lists: what an entry holds more than one of, byte by byte.
 */
#include "tests/support/check.h"

#include <string.h>

#include "common/ledger/lists.h"

#define BYTES_OF(literal) bytes_of(literal, sizeof(literal) - 1)

static uint8_t data[LOTS_SIZE_MAX + LOT_SIZE];
static uint8_t copy[LOTS_SIZE_MAX + LOT_SIZE];

static struct sale_line line_of(
    const char *category, const char *product, uint32_t quantity, int64_t minor)
{
	return (struct sale_line){.category = bytes_of_string(category),
	    .product = bytes_of_string(product),
	    .quantity = quantity,
	    .amount_minor = minor};
}

static struct bytes lines_of(const struct sale_line *lines, size_t count)
{
	struct writer writer = writer_of(data, sizeof(data));

	for (size_t i = 0; i < count; i++)
		sale_line_write(&writer, &lines[i]);
	return writer_view(&writer);
}

static struct bytes lots_of(const struct lot *lots, size_t count)
{
	struct writer writer = writer_of(data, sizeof(data));

	for (size_t i = 0; i < count; i++)
		lot_write(&writer, &lots[i]);
	return writer_view(&writer);
}

static struct bytes parts_of(const struct part *parts, size_t count)
{
	struct writer writer = writer_of(data, sizeof(data));

	for (size_t i = 0; i < count; i++)
		part_write(&writer, &parts[i]);
	return writer_view(&writer);
}

static struct bytes backs_of(const struct back *backs, size_t count)
{
	struct writer writer = writer_of(data, sizeof(data));

	for (size_t i = 0; i < count; i++)
		back_write(&writer, &backs[i]);
	return writer_view(&writer);
}

/* --- golden --------------------------------------------------------------- */

static void elements_have_their_bytes(void **state)
{
	const struct sale_line lines[] = {
	    line_of("fruit", "4011", 2, 1250), line_of("", "", 0, -1)};
	const struct lot lots[] = {{-365, 0, 1}, {LOT_NEVER, 20224, 12}};
	const struct part parts[] = {{0, 0}, {63, 12000000}};
	const struct back backs[] = {{0, 1, 625}, {99, 0, -2}};

	(void)state;
	assert_true(bytes_equal(lines_of(lines, 2),
	    BYTES_OF("\5fruit\4"
		     "4011\0\0\0\2\0\0\0\0\0\0\4\xe2"
		     "\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff")));
	assert_true(bytes_equal(lots_of(lots, 2),
	    BYTES_OF("\xff\xff\xfe\x93\0\0\0\0\0\0\0\0\0\0\0\1"
		     "\x7f\xff\xff\xff\0\0\x4f\0\0\0\0\0\0\0\0\x0c")));
	assert_true(bytes_equal(
	    parts_of(parts, 2), BYTES_OF("\0\0\0\0\0\0\0\0\0"
					 "\x3f\0\0\0\0\0\xb7\x1b\0")));
	assert_true(bytes_equal(backs_of(backs, 2),
	    BYTES_OF("\0\0\0\0\1\0\0\0\0\0\0\2\x71"
		     "\x63\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xfe")));
}

static void what_was_written_is_read(void **state)
{
	const struct sale_line line = line_of("caf\xc3\xa9", "", 7, -99);
	const struct lot lot = {-1, -2, 3};
	const struct part part = {9, PART_MICRO_MAX};
	const struct back back = {8, 7, INT64_MIN};
	struct reader reader = reader_of(lines_of(&line, 1));
	struct sale_line line_read;
	struct lot lot_got;
	struct part part_got;
	struct back back_got;

	(void)state;
	assert_true(sale_line_read(&reader, &line_read));
	assert_true(bytes_equal(line_read.category, line.category));
	assert_int_equal(line_read.product.size, 0);
	assert_int_equal(line_read.quantity, 7);
	assert_int_equal(line_read.amount_minor, -99);
	assert_false(sale_line_read(&reader, &line_read));
	reader = reader_of(lots_of(&lot, 1));
	assert_true(lot_read(&reader, &lot_got));
	assert_int_equal(lot_got.expiry_day, -1);
	assert_int_equal(lot_got.active_day, -2);
	assert_int_equal(lot_got.points, 3);
	assert_false(lot_read(&reader, &lot_got));
	reader = reader_of(parts_of(&part, 1));
	assert_true(part_read(&reader, &part_got));
	assert_int_equal(part_got.rule, 9);
	assert_int_equal(part_got.points_micro, PART_MICRO_MAX);
	assert_false(part_read(&reader, &part_got));
	reader = reader_of(backs_of(&back, 1));
	assert_true(back_read(&reader, &back_got));
	assert_int_equal(back_got.line, 8);
	assert_int_equal(back_got.quantity, 7);
	assert_int_equal(back_got.amount_minor, INT64_MIN);
	assert_false(back_read(&reader, &back_got));
}

/* --- soundness ------------------------------------------------------------ */

static void empty_lists_are_not_sound(void **state)
{
	struct bytes nothing = bytes_of(NULL, 0);

	(void)state;
	assert_false(lines_are_sound(nothing));
	assert_false(lots_are_sound(nothing));
	assert_false(parts_are_sound(nothing));
	assert_false(backs_are_sound(nothing));
	assert_int_equal(lines_amount_minor(nothing), 0);
	assert_int_equal(lots_points(nothing), 0);
}

static void assert_cuts(
    bool (*is_sound)(struct bytes list), struct bytes list, unsigned elements)
{
	unsigned sound = 0;

	assert_true(is_sound(list));
	for (size_t size = 0; size < list.size; size++)
		sound += is_sound(bytes_of(list.data, size));
	assert_int_equal(sound, elements - 1);
	memcpy(copy, list.data, list.size);
	copy[list.size] = 0;
	assert_false(is_sound(bytes_of(copy, list.size + 1)));
}

static void lists_end_with_an_element(void **state)
{
	const struct sale_line lines[] = {line_of("fruit", "4011", 2, 1250),
	    line_of("", "x", 0, -1), line_of("y", "", 0, 0)};
	const struct lot lots[] = {{1, 0, 1}, {1, 1, 12}, {2, 0, 1}};
	const struct part parts[] = {{0, 0}, {3, 1}, {63, 12000000}};
	const struct back backs[] = {{0, 1, 625}, {1, 0, 0}, {99, 0, -2}};

	(void)state;
	assert_cuts(lines_are_sound, lines_of(lines, 3), 3);
	assert_cuts(lots_are_sound, lots_of(lots, 3), 3);
	assert_cuts(parts_are_sound, parts_of(parts, 3), 3);
	assert_cuts(backs_are_sound, backs_of(backs, 3), 3);
}

static bool line_is_sound(struct sale_line line)
{
	return lines_are_sound(lines_of(&line, 1));
}

static void lines_are_within_their_limits(void **state)
{
	static const char *const bad[] = {
	    "\xff", "a\xc3", "\x01", "a\nb", "\t", "\xed\xa0\x80"};
	static const char name[] = "123456789012345678901234567890123";
	const int64_t most = (int64_t)AMOUNT_MINOR_MAX;

	(void)state;
	assert_true(line_is_sound(line_of("", "", 0, 0)));
	assert_true(line_is_sound(line_of("", "", LINE_QUANTITY_MAX, most)));
	assert_true(line_is_sound(line_of("", "", 0, -most)));
	assert_false(line_is_sound(line_of("", "", LINE_QUANTITY_MAX + 1, 0)));
	assert_false(line_is_sound(line_of("", "", 0, most + 1)));
	assert_false(line_is_sound(line_of("", "", 0, -most - 1)));
	assert_false(line_is_sound(line_of("", "", 0, INT64_MIN)));
	assert_true(line_is_sound(line_of(name + 1, name + 1, 0, 0)));
	assert_false(line_is_sound(line_of(name, "", 0, 0)));
	assert_false(line_is_sound(line_of("", name, 0, 0)));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(line_is_sound(line_of(bad[i], "", 0, 0)));
		assert_false(line_is_sound(line_of("", bad[i], 0, 0)));
	}
}

static void a_sale_has_a_hundred_lines_at_most(void **state)
{
	static struct sale_line lines[LINES_MAX + 1];

	(void)state;
	assert_true(lines_are_sound(lines_of(lines, LINES_MAX)));
	assert_false(lines_are_sound(lines_of(lines, LINES_MAX + 1)));
}

static void lots_are_in_the_order_of_signed_days(void **state)
{
	const struct lot good[] = {{INT32_MIN, 0, 1}, {-1, 0, 1}, {0, -1, 1},
	    {0, 0, 1}, {0, 1, 1}, {1, INT32_MIN, 1}, {LOT_NEVER, 0, 1}};
	const struct lot same[] = {{5, 6, 1}, {5, 6, 2}};
	const struct lot expiry[] = {{5, 6, 1}, {4, 7, 1}};
	const struct lot active[] = {{5, 6, 1}, {5, 5, 1}};
	const struct lot sign[] = {{0, 0, 1}, {-1, 0, 1}};

	(void)state;
	assert_true(lots_are_sound(lots_of(good, 7)));
	assert_false(lots_are_sound(lots_of(same, 2)));
	assert_false(lots_are_sound(lots_of(expiry, 2)));
	assert_false(lots_are_sound(lots_of(active, 2)));
	assert_false(lots_are_sound(lots_of(sign, 2)));
}

static void lots_are_within_their_limits(void **state)
{
	static struct lot lots[LOTS_MAX + 1];
	struct lot lot = {1, 1, BALANCE_POINTS_MAX};

	(void)state;
	assert_true(lots_are_sound(lots_of(&lot, 1)));
	lot.points++;
	assert_false(lots_are_sound(lots_of(&lot, 1)));
	lot.points = 0;
	assert_false(lots_are_sound(lots_of(&lot, 1)));
	for (unsigned i = 0; i <= LOTS_MAX; i++)
		lots[i] = (struct lot){(int32_t)i, 0, BALANCE_POINTS_MAX};
	assert_true(lots_are_sound(lots_of(lots, LOTS_MAX)));
	assert_int_equal(lots_points(lots_of(lots, LOTS_MAX)),
	    LOTS_MAX * (uint64_t)BALANCE_POINTS_MAX);
	assert_false(lots_are_sound(lots_of(lots, LOTS_MAX + 1)));
}

static void parts_are_of_rising_rules(void **state)
{
	struct part parts[] = {{0, 0}, {1, PART_MICRO_MAX}};

	(void)state;
	assert_true(parts_are_sound(parts_of(parts, 2)));
	parts[1].points_micro++;
	assert_false(parts_are_sound(parts_of(parts, 2)));
	parts[1] = (struct part){RULES_MAX - 1, 0};
	assert_true(parts_are_sound(parts_of(parts, 2)));
	parts[1].rule = RULES_MAX;
	assert_false(parts_are_sound(parts_of(parts, 2)));
	parts[1].rule = 0;
	assert_false(parts_are_sound(parts_of(parts, 2)));
	parts[0].rule = 2;
	parts[1].rule = 1;
	assert_false(parts_are_sound(parts_of(parts, 2)));
}

static void backs_are_of_rising_lines(void **state)
{
	const int64_t most = (int64_t)AMOUNT_MINOR_MAX;
	struct back backs[] = {{0, LINE_QUANTITY_MAX, -most}, {1, 0, most}};

	(void)state;
	assert_true(backs_are_sound(backs_of(backs, 2)));
	backs[1].amount_minor++;
	assert_false(backs_are_sound(backs_of(backs, 2)));
	backs[1].amount_minor = -most - 1;
	assert_false(backs_are_sound(backs_of(backs, 2)));
	backs[1] = (struct back){LINES_MAX - 1, LINE_QUANTITY_MAX + 1, 0};
	assert_false(backs_are_sound(backs_of(backs, 2)));
	backs[1].quantity = 0;
	assert_true(backs_are_sound(backs_of(backs, 2)));
	backs[1].line = LINES_MAX;
	assert_false(backs_are_sound(backs_of(backs, 2)));
	backs[1].line = 0;
	assert_false(backs_are_sound(backs_of(backs, 2)));
}

/* --- sums ----------------------------------------------------------------- */

static void sums_are_of_all_elements(void **state)
{
	const struct sale_line lines[] = {
	    line_of("a", "b", 1, 1250), line_of("", "", 0, -250)};
	const struct lot lots[] = {{1, 0, 5}, {2, 0, 7}};

	(void)state;
	assert_int_equal(lines_amount_minor(lines_of(lines, 2)), 1000);
	assert_int_equal(lots_points(lots_of(lots, 2)), 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_have_their_bytes),
	    cmocka_unit_test(what_was_written_is_read),
	    cmocka_unit_test(empty_lists_are_not_sound),
	    cmocka_unit_test(lists_end_with_an_element),
	    cmocka_unit_test(lines_are_within_their_limits),
	    cmocka_unit_test(a_sale_has_a_hundred_lines_at_most),
	    cmocka_unit_test(lots_are_in_the_order_of_signed_days),
	    cmocka_unit_test(lots_are_within_their_limits),
	    cmocka_unit_test(parts_are_of_rising_rules),
	    cmocka_unit_test(backs_are_of_rising_lines),
	    cmocka_unit_test(sums_are_of_all_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
