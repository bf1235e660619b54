/*
 * Files of sales: columns, rows, baskets, times and amounts, and what is wrong
 * with them.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/sales_csv.h"

#define DAY_S 86400
/* 2026-02-28 is day 20512. */
#define FEB_28 (20512ll * DAY_S)

struct world {
	struct sales *sales;
	struct sales_options options;
	struct error err;
};

static enum result read_text(struct world *world, const char *text)
{
	sales_destroy(world->sales);
	world->sales = NULL;
	return sales_read(
	    bytes_of_string(text), &world->options, &world->sales, &world->err);
}

static void read_well(struct world *world, const char *text)
{
	if (read_text(world, text) != RESULT_OK)
		fail_msg("%s", world->err.text);
}

static void assert_wrong(
    struct world *world, const char *text, const char *wanted)
{
	if (read_text(world, text) == RESULT_OK)
		fail_msg("it is taken: %s", text);
	if (strstr(world->err.text, wanted) == NULL)
		fail_msg("'%s' lacks '%s'", world->err.text, wanted);
}

static const struct sales_sale *sale(const struct world *world, size_t place)
{
	assert_true(place < world->sales->count);
	return &world->sales->items[place];
}

static void assert_word(
    const struct words *words, uint32_t number, const char *wanted)
{
	assert_true(number < words->count);
	assert_true(bytes_equal(words->items[number], bytes_of_string(wanted)));
}

static void assert_time(struct world *world, const char *time, int64_t time_s)
{
	char text[128];

	(void)snprintf(
	    text, sizeof(text), "customer,time,amount\n1,%s,1\n", time);
	read_well(world, text);
	assert_int_equal(sale(world, 0)->time_s, time_s);
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct world));
	return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	sales_destroy(world->sales);
	free(world);
	return 0;
}

/* --- columns -------------------------------------------------------------- */

static void reads_each_line_as_a_sale(void **state)
{
	struct world *world = *state;

	read_well(world, "date,customer,amount\n"
			 "2026-02-28,anna,12.50\n"
			 "2026-02-28,ben,3\n"
			 "2026-03-01,anna,0.05\n");
	assert_int_equal(world->sales->rows, 3);
	assert_int_equal(world->sales->count, 3);
	assert_false(world->sales->has_lines);
	assert_int_equal(world->sales->line_count, 0);
	assert_int_equal(sale(world, 0)->time_s, FEB_28);
	assert_int_equal(sale(world, 0)->amount_minor, 1250);
	assert_int_equal(sale(world, 1)->amount_minor, 300);
	assert_int_equal(sale(world, 2)->amount_minor, 5);
	assert_int_equal(sale(world, 2)->time_s, FEB_28 + DAY_S);
	assert_int_equal(sale(world, 0)->customer, sale(world, 2)->customer);
	assert_word(&world->sales->customers, sale(world, 1)->customer, "ben");
	assert_int_equal(sale(world, 0)->shop, SALES_NONE);
}

static void knows_columns_by_many_names_in_any_order(void **state)
{
	struct world *world = *state;

	read_well(world, "Store-ID;Qty;x;Paid Cents;HOUSEHOLD;Timestamp;SKU\n"
			 "7;2;?;150;h1;2026-02-28T12:30:27;4011\n");
	assert_true(world->sales->has_lines);
	assert_int_equal(sale(world, 0)->amount_minor, 150);
	assert_int_equal(sale(world, 0)->time_s, FEB_28 + 45027);
	assert_word(&world->sales->shops, sale(world, 0)->shop, "7");
	assert_int_equal(world->sales->lines[0].quantity, 2);
	assert_word(
	    &world->sales->names, world->sales->lines[0].product, "4011");
	assert_word(&world->sales->names, world->sales->lines[0].category, "");
}

static void takes_the_callers_word_for_what_a_column_is(void **state)
{
	static const struct sales_as as[] = {{"customer", "who"},
	    {"amount", "4"}, {"shop", ""}, {"basket", "no"}};
	struct world *world = *state;

	world->options.as = as;
	world->options.as_count = 4;
	read_well(world, "date,who,customer,b,shop,no\n"
			 "2026-02-28,anna,9,1.00,north,a\n"
			 "2026-02-28,anna,9,2.00,south,a\n");
	assert_int_equal(world->sales->count, 1);
	assert_word(&world->sales->customers, 0, "anna");
	assert_int_equal(sale(world, 0)->amount_minor, 300);
	assert_int_equal(sale(world, 0)->shop, SALES_NONE);
}

static void names_a_column_that_is_missing_and_those_there_are(void **state)
{
	static const struct sales_as wrong_field[] = {{"colour", "a"}};
	static const struct sales_as wrong_column[] = {{"shop", "b"}};
	static const struct sales_as past_column[] = {{"shop", "4"}};
	struct world *world = *state;

	assert_wrong(world, "a,b,amount\n",
	    "no column says when it was sold: name it with --as date=COLUMN; "
	    "there are: a, b, amount");
	assert_wrong(world, "date,amount\n", "no column says who bought: ");
	assert_wrong(
	    world, "date,customer\n", "no column says what was paid: ");
	assert_wrong(world, "date,customer,amount,cents\n",
	    "two columns say what was paid");
	assert_wrong(world, "", "line 1: the first line has the names");
	assert_wrong(world, "\xef\xbb\xbf\r\na,b",
	    "line 1: the first line has the names");
	assert_int_equal(sales_read(bytes_of(NULL, 0), &world->options,
			     &world->sales, &world->err),
	    RESULT_INVALID);
	world->options.as_count = 1;
	world->options.as = wrong_field;
	assert_wrong(world, "date,customer,amount\n",
	    "'colour' is nothing that a column can be");
	world->options.as = wrong_column;
	assert_wrong(world, "date,customer,amount\n",
	    "there is no column 'b'; there are: date, customer, amount");
	world->options.as = past_column;
	assert_wrong(world, "date,customer,amount\n", "there is no column '4'");
}

/* Of two meanings one would be lost without a word. */
static void refuses_to_be_told_twice(void **state)
{
	static const struct sales_as field[] = {
	    {"customer", "b"}, {"Customer", "date"}};
	static const struct sales_as column[] = {
	    {"shop", "b"}, {"basket", "4"}};
	struct world *world = *state;

	world->options.as_count = 2;
	world->options.as = field;
	assert_wrong(world, "date,customer,amount,b\n",
	    "'Customer' has been given a column already");
	world->options.as = column;
	assert_wrong(world, "date,customer,amount,b\n",
	    "column '4' is shop already, and cannot be basket too");
}

static void lists_names_whole_as_far_as_they_fit(void **state)
{
	static const char long_name[] =
	    "0123456789012345678901234567890123456789";
	struct world *world = *state;
	char text[512];

	/* The last of the forty bytes would be half a character. */
	assert_wrong(world,
	    "a,b012345678901234567890123456789012345678\xc3\xbc\n",
	    "there are: a, b012345678901234567890123456789012345678");
	assert_true(bytes_are_text(bytes_of_string(world->err.text), NULL));
	assert_wrong(world,
	    "Gr\xf6\xdf"
	    "e,b\n",
	    "there are: Gr??e, b");
	(void)snprintf(text, sizeof(text), "%s,%s,%s,a\xc3\xbc%s,b\n",
	    long_name, long_name, long_name, long_name);
	assert_wrong(world, text, "there are: 0123");
	assert_string_equal(
	    &world->err.text[strlen(world->err.text) - 5], "56789");
}

static void takes_a_date_and_a_time_of_day_apart(void **state)
{
	struct world *world = *state;

	read_well(world, "date,time,customer,amount\n"
			 "20260228,1230,a,1\n"
			 "28.02.2026,9:05,a,1\n"
			 "2026-02-28,,a,1\n");
	assert_int_equal(sale(world, 0)->time_s, FEB_28);
	assert_int_equal(sale(world, 1)->time_s, FEB_28 + 9 * 3600 + 300);
	assert_int_equal(sale(world, 2)->time_s, FEB_28 + 45000);
	assert_wrong(world,
	    "date,time,customer,amount\n2026-02-28 12:00,12:00,a,1\n",
	    "line 2: '2026-02-28 12:00 12:00' is no time such as");
}

/* --- baskets -------------------------------------------------------------- */

static void puts_the_lines_of_a_basket_together(void **state)
{
	struct world *world = *state;
	const struct sales_line *lines;

	read_well(world,
	    "time,basket,customer,category,product,quantity,amount\n"
	    "2026-02-28 10:00,7,anna,fruit,apple,2,1.00\n"
	    "2026-02-28 10:00,8,ben,fruit,pear,1,5.00\n"
	    "2026-02-28 10:01,7,anna,tobacco,,1,6.50\n"
	    "2026-02-28 10:01,7,anna,,,0,-0.50\n");
	lines = world->sales->lines;
	assert_int_equal(world->sales->count, 2);
	assert_int_equal(world->sales->line_count, 4);
	assert_int_equal(sale(world, 0)->amount_minor, 700);
	assert_int_equal(sale(world, 0)->line_count, 3);
	assert_int_equal(sale(world, 0)->time_s, FEB_28 + 36000);
	assert_int_equal(sale(world, 0)->first_line, 0);
	assert_int_equal(lines[0].next, 2);
	assert_int_equal(lines[2].next, 3);
	assert_int_equal(lines[3].next, SALES_NONE);
	assert_int_equal(lines[3].amount_minor, -50);
	assert_int_equal(lines[3].quantity, 0);
	assert_word(&world->sales->names, lines[2].category, "tobacco");
	assert_int_equal(sale(world, 1)->amount_minor, 500);
}

/* Tills that count from 1 each day, and tills that count alike. */
static void tells_baskets_apart_by_customer_and_day(void **state)
{
	struct world *world = *state;

	read_well(world, "date,basket,customer,amount\n"
			 "2026-02-27,1,anna,1\n"
			 "2026-02-28,1,anna,1\n"
			 "2026-02-28,1,ben,1\n"
			 "2026-02-28,1,ben,1\n"
			 "2026-02-28,,ben,1\n"
			 "2026-02-28,,ben,1\n");
	assert_int_equal(world->sales->count, 5);
	assert_int_equal(sale(world, 2)->amount_minor, 200);
}

static void puts_sales_into_the_order_of_time(void **state)
{
	static char text[200000];
	struct world *world = *state;
	size_t at = (size_t)sprintf(text, "date,customer,cents\n");
	uint32_t random = 1;

	/* The amount says which came first. */
	for (unsigned i = 0; i < 5000; i++) {
		random = random * 1664525 + 1013904223;
		at += (size_t)sprintf(&text[at], "%u%02u%02u,c,%u\n",
		    1990 + (random >> 24) % 40, 1 + (random >> 16) % 12,
		    1 + (random >> 8) % 28, i);
	}
	read_well(world, text);
	for (size_t i = 1; i < world->sales->count; i++) {
		const struct sales_sale *one = sale(world, i - 1);
		const struct sales_sale *other = sale(world, i);

		assert_true(one->time_s <= other->time_s);
		if (one->time_s == other->time_s)
			assert_true(one->amount_minor < other->amount_minor);
	}
	assert_int_equal(world->sales->count, 5000);
}

static void knows_nobody_where_no_customer_is_said(void **state)
{
	struct world *world = *state;

	read_well(world, "date,customer,amount\n2026-02-28,,1\n"
			 "2026-02-28, ,1\n");
	assert_int_equal(sale(world, 0)->customer, SALES_NONE);
	assert_int_equal(sale(world, 1)->customer, SALES_NONE);
	assert_int_equal(world->sales->customers.count, 0);
}

/* --- rows ----------------------------------------------------------------- */

static void takes_quotes_blanks_and_either_end_of_line(void **state)
{
	struct world *world = *state;
	const struct words *names;

	read_well(world,
	    "\xef\xbb\xbf"
	    "date,\"customer\",category,amount\r\n"
	    "\r\n"
	    "2026-02-28,\"Meier, Anna\",\"a \"\"b\"\"\",\"1,50\"\r\n"
	    "\n"
	    " 2026-02-28 , anna , \tx , 2.5 \n"
	    "2026-02-28,\"two\nlines\",\"\",3");
	names = &world->sales->names;
	assert_int_equal(world->sales->count, 3);
	assert_word(&world->sales->customers, 0, "Meier, Anna");
	assert_word(names, world->sales->lines[0].category, "a \"b\"");
	assert_int_equal(sale(world, 0)->amount_minor, 150);
	assert_word(&world->sales->customers, 1, "anna");
	assert_int_equal(sale(world, 1)->amount_minor, 250);
	assert_word(&world->sales->customers, 2, "two\nlines");
}

static void names_the_line_of_what_is_wrong(void **state)
{
	struct world *world = *state;

#define HEAD "date,customer,amount,category,quantity\n"
#define GOOD "2026-02-28,\"a\nb\",1,x,1\n"
	assert_wrong(world, HEAD GOOD "2026-02-29,a,1,x,1\n",
	    "line 4: '2026-02-29' is no time such as 2026-02-28 17:30");
	assert_wrong(world, HEAD GOOD "\n2026-02-28,a,1.234,x,1\n",
	    "line 5: '1.234' is no amount such as 12.50");
	assert_wrong(
	    world, HEAD GOOD "2026-02-28,a,,x,1\n", "line 4: '' is no amount");
	assert_wrong(world, HEAD GOOD "2026-02-28,a,1,x,many\n",
	    "line 4: 'many' is no quantity from 0 to 1000000");
	assert_wrong(world, HEAD GOOD "2026-02-28,a,1\n",
	    "line 4: 3 columns, where the first line has 5");
	assert_wrong(world, HEAD GOOD "2026-02-28,\"a,1,x,1\n",
	    "line 4: a quote is not closed");
	assert_wrong(world, HEAD GOOD "2026-02-28,\"a\"b,1,x,1\n",
	    "line 4: something stands between a closing quote and ");
	assert_wrong(world, HEAD GOOD "2026-02-28,a,1,\xff,1\n",
	    "line 4: the category is no text in UTF-8");
	assert_wrong(world, HEAD GOOD "2026-02-28 10:00Z,a,1,x,1\n",
	    "line 4: some times say how far they are from UTC and others do "
	    "not");
	assert_wrong(world, "date,customer,cents\n2026-02-28,a,1.50\n",
	    "line 2: '1.50' is no whole number of minor units");
#undef HEAD
#undef GOOD
}

/* What is said of a file in another encoding, or cut within a character, is
 * text all the same: it may have to go into JSON. */
static void shows_what_is_wrong_as_text(void **state)
{
	struct world *world = *state;

	assert_wrong(world, "date,customer,amount\n2026-02-28,a,1 \x80\n",
	    "line 2: '1 ?' is no amount");
	assert_wrong(world, "date,customer,amount\nJ\xc3\xa4nner,a,1\n",
	    "line 2: 'J\xc3\xa4nner' is no time");
	assert_wrong(world,
	    "date,customer,amount\n2026-02-28,a,"
	    "012345678901234567890123456789012345678\xe2\x82\xac\n",
	    "'012345678901234567890123456789012345678' is no amount");
	read_text(world, "date,customer,amount,quantity\n2026-02-28,a,1,"
			 "012345678901234567890123456789012345678\xff\xff");
	assert_true(bytes_are_text(bytes_of_string(world->err.text), NULL));
}

static void refuses_more_columns_than_its_limit(void **state)
{
	char text[1024] = "date,customer,amount";
	struct world *world = *state;

	for (unsigned i = 3; i < SALES_COLUMNS_MAX; i++)
		strcat(text, ",x");
	read_well(world, text);
	strcat(text, ",x");
	assert_int_equal(read_text(world, text), RESULT_LIMIT);
	assert_string_equal(world->err.text, "line 1: more than 256 columns");
}

static void cuts_names_where_a_programme_has_no_room_for_more(void **state)
{
	struct world *world = *state;
	const struct words *names;

	read_well(world, "date,customer,amount,category\n"
			 "2026-02-28,a,1,"
			 "0123456789012345678901234567890123456789\n"
			 "2026-02-28,a,1,"
			 "012345678901234567890123456789\xe2\x82\xac\n");
	names = &world->sales->names;
	assert_word(names, world->sales->lines[0].category,
	    "01234567890123456789012345678901");
	assert_word(names, world->sales->lines[1].category,
	    "012345678901234567890123456789");
	/* Nothing is left of it where it is cut. */
	assert_wrong(world,
	    "date,customer,amount,category\n2026-02-28,a,1,"
	    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
	    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
	    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\n",
	    "the category is no text in UTF-8");
}

/* --- values --------------------------------------------------------------- */

static void reads_times_of_many_forms(void **state)
{
	struct world *world = *state;

	assert_time(world, "2026-02-28", FEB_28);
	assert_time(world, "20260228", FEB_28);
	assert_time(world, "28.02.2026", FEB_28);
	assert_time(world, "28.02.2026 23:59", FEB_28 + DAY_S - 60);
	assert_time(world, "2026-02-28 00:00:01", FEB_28 + 1);
	assert_time(world, "2026-02-28T12:30:59.999", FEB_28 + 45059);
	assert_false(world->sales->is_utc);
	assert_time(world, "2026-02-28T12:30Z", FEB_28 + 45000);
	assert_true(world->sales->is_utc);
	assert_time(world, "2026-02-28T12:30+01:00", FEB_28 + 41400);
	assert_time(world, "2026-02-28T12:30-0530", FEB_28 + 45000 + 19800);
	assert_time(world, "2026-02-28 12:30:00+01", FEB_28 + 41400);
	assert_time(world, "2024-02-29", (19782ll) * DAY_S);
}

static void refuses_what_is_no_time(void **state)
{
	static const char *const wrongs[] = {"", "2026-02-29", "2026-2-28",
	    "2026-13-01", "1969-12-31", "02/28/2026", "2026-02-28 24:00",
	    "2026-02-28 12:60", "2026-02-28 12", "2026-02-28 12:00 ",
	    "2026-02-28T", "2026-02-28 12:00+15:00", "2026-02-28 12:00x",
	    "1970-01-01T00:30+01:00", "2026-0228", "28.02.26", "00.01.2026",
	    "99999999"};
	struct world *world = *state;
	char text[128];

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "customer,time,amount\n1,\"%s\",1\n", wrongs[i]);
		assert_wrong(world, text, "is no time such as");
	}
}

static void takes_amounts_up_to_their_limit(void **state)
{
	struct world *world = *state;

	read_well(world, "date,customer,amount\n2026-02-28,a,1000000000.00\n"
			 "2026-02-28,a,-1000000000\n2026-02-28,a,2.5000\n");
	assert_int_equal(sale(world, 0)->amount_minor, AMOUNT_MINOR_MAX);
	assert_int_equal(
	    sale(world, 1)->amount_minor, -(int64_t)AMOUNT_MINOR_MAX);
	assert_int_equal(sale(world, 2)->amount_minor, 250);
	assert_wrong(world, "date,customer,amount\n2026-02-28,a,1000000000.01",
	    "is no amount");
	assert_wrong(world,
	    "date,customer,amount\n2026-02-28,a,99999999999999999999",
	    "is no amount");
	assert_wrong(
	    world, "date,customer,amount\n2026-02-28,a,1e3", "is no amount");
	assert_wrong(
	    world, "date,customer,amount\n2026-02-28,a,.5", "is no amount");
	assert_wrong(
	    world, "date,customer,amount\n2026-02-28,a,5.", "is no amount");
}

static void counts_a_weight_as_its_whole_part_and_one_at_least(void **state)
{
	static const uint32_t wanted[] = {0, 1, 1, 2, 0, 1, 1000000};
	struct world *world = *state;

	read_well(world, "date,customer,amount,quantity\n2026-02-28,a,1,0\n"
			 "2026-02-28,a,1,0.350\n2026-02-28,a,1,0.001\n"
			 "2026-02-28,a,1,2.9\n2026-02-28,a,1,-3\n"
			 "2026-02-28,a,1,\n2026-02-28,a,1,1000000\n");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(world->sales->lines[i].quantity, wanted[i]);
	assert_wrong(world,
	    "date,customer,amount,quantity\n2026-02-28,a,1,1000001\n",
	    "is no quantity");
}

static void count_calls(void *context, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	*(uint64_t *)context = done;
}

static void says_how_far_it_has_come(void **state)
{
	static const char text[] = "date,customer,amount\n2026-02-28,a,1\n";
	struct world *world = *state;
	uint64_t done = 0;

	world->options.progress = count_calls;
	world->options.context = &done;
	read_well(world, text);
	assert_int_equal(done, sizeof(text) - 1);
}

/* Whatever a file is cut to, it is read or refused. */
static void takes_or_refuses_every_part_of_a_file(void **state)
{
	static const char text[] =
	    "time,basket,customer,category,quantity,amount\r\n"
	    "2026-02-28 10:00,\"7\"\"\",\"anna\",fruit,2,1.00\r\n"
	    "2026-02-28 10:01,8,ben,,0.5,\"-1,50\"\r\n";
	struct world *world = *state;

	for (size_t size = 0; size < sizeof(text); size++) {
		char *part = malloc(size + 1);
		struct error err;
		struct sales *sales;

		assert_non_null(part);
		memcpy(part, text, size);
		if (sales_read(bytes_of(part, size), &world->options, &sales,
			&err) == RESULT_OK)
			sales_destroy(sales);
		else
			assert_true(strlen(err.text) > 0);
		free(part);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reads_each_line_as_a_sale),
	    TEST(knows_columns_by_many_names_in_any_order),
	    TEST(takes_the_callers_word_for_what_a_column_is),
	    TEST(names_a_column_that_is_missing_and_those_there_are),
	    TEST(refuses_to_be_told_twice),
	    TEST(lists_names_whole_as_far_as_they_fit),
	    TEST(takes_a_date_and_a_time_of_day_apart),
	    TEST(puts_the_lines_of_a_basket_together),
	    TEST(tells_baskets_apart_by_customer_and_day),
	    TEST(puts_sales_into_the_order_of_time),
	    TEST(knows_nobody_where_no_customer_is_said),
	    TEST(takes_quotes_blanks_and_either_end_of_line),
	    TEST(names_the_line_of_what_is_wrong),
	    TEST(shows_what_is_wrong_as_text),
	    TEST(refuses_more_columns_than_its_limit),
	    TEST(cuts_names_where_a_programme_has_no_room_for_more),
	    TEST(reads_times_of_many_forms),
	    TEST(refuses_what_is_no_time),
	    TEST(takes_amounts_up_to_their_limit),
	    TEST(counts_a_weight_as_its_whole_part_and_one_at_least),
	    TEST(says_how_far_it_has_come),
	    TEST(takes_or_refuses_every_part_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
