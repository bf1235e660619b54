/*
 * fuzz_sales_csv: any bytes as a file of past sales. It is refused with a line
 * that there is, or each of its rows is in one sale, in the order of time.
 * Without baskets it says the same of each row; and what was read is read as
 * the same once it is written anew.
 *
 * The first byte says how many columns the caller names (a byte each follows),
 * and in which manner the sales are written; the rest is the file.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/law/calendar.h"
#include "server/sales_csv.h"

#define DAY_S 86400
#define YEAR_10000_S 253402300800ll
#define AS_MAX 4u /* one of them is ours */

static const char *const columns[] = {"", "1", "2", "3", "4", "5", "6", "who",
    "customer", "Betrag \xe2\x82\xac", "257", "caf\xe9"};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

struct manner {
	struct sales_as as[AS_MAX];
	size_t as_count;
	uint8_t separator;
	uint8_t date_form;
	bool has_cr;
	bool has_mark;
	bool has_cents;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sales_as as_of(uint8_t byte)
{
	unsigned field = byte % (SALES_FIELD_COUNT + 1);
	const char *column =
	    columns[byte / (SALES_FIELD_COUNT + 1) % COLUMN_COUNT];

	if (field == SALES_FIELD_COUNT)
		return (struct sales_as){"colour", column};
	return (struct sales_as){
	    sales_field_name((enum sales_field)field), column};
}

static struct manner manner_of(struct reader *reader)
{
	uint8_t byte = reader_u8(reader);
	struct manner manner = {.as_count = byte % AS_MAX};

	for (size_t i = 0; i < manner.as_count; i++)
		manner.as[i] = as_of(reader_u8(reader));
	byte /= AS_MAX;
	manner.separator = (uint8_t) ",;\t"[byte % 3];
	manner.date_form = byte / 3 % 3;
	manner.has_cr = byte / 9 % 2 != 0;
	manner.has_mark = byte / 18 % 2 != 0;
	manner.has_cents = byte / 36 % 2 != 0;
	return manner;
}

/* --- reading -------------------------------------------------------------- */

static size_t count_lines(struct bytes csv)
{
	size_t count = 1;

	for (size_t i = 0; i < csv.size; i++)
		count += csv.data[i] == '\n';
	return count;
}

/* It names a line that there is, or is about columns. */
static void check_refused(
    enum result result, const struct error *err, struct bytes csv)
{
	size_t line = 0;

	assert(result == RESULT_INVALID || result == RESULT_LIMIT);
	assert(err->result == result && strlen(err->text) > 0);
	assert(bytes_are_text(bytes_of_string(err->text), NULL));
	if (sscanf(err->text, "line %zu: ", &line) == 1)
		assert(line >= 1 && line <= count_lines(csv));
	else
		assert(strstr(err->text, "column") != NULL);
}

static void hear_progress(void *context, uint64_t done, uint64_t total)
{
	uint64_t *heard = context;

	assert(done >= *heard && done <= total);
	*heard = done;
}

/* NULL where it is refused. */
static struct sales *sales_of(
    struct bytes csv, const struct sales_as *as, size_t as_count)
{
	uint64_t heard = 0;
	struct sales_options options = {.as = as,
	    .as_count = as_count,
	    .progress = hear_progress,
	    .context = &heard};
	struct sales *sales = NULL;
	struct error err = {RESULT_OK, ""};
	enum result result = sales_read(csv, &options, &sales, &err);

	if (result == RESULT_OK)
		assert(heard == csv.size);
	else
		check_refused(result, &err, csv);
	assert((sales == NULL) == (result != RESULT_OK));
	return sales;
}

/* --- what was read -------------------------------------------------------- */

static void check_words(struct words *words)
{
	uint32_t count = words->count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = SALES_NONE;
		enum result result =
		    words_number(words, words->items[i], &number, NULL);

		assert(result == RESULT_OK && number == i);
	}
	assert(words->count == count);
}

static void check_who(const struct words *words, uint32_t number)
{
	assert(number == SALES_NONE || number < words->count);
	assert(number == SALES_NONE || words->items[number].size > 0);
}

static void check_name(const struct words *words, uint32_t number)
{
	assert(number < words->count);
	assert(words->items[number].size <= LINE_NAME_SIZE_MAX);
	assert(bytes_are_text(words->items[number], NULL));
}

static bool is_amount(int64_t amount_minor)
{
	return llabs(amount_minor) <= (int64_t)AMOUNT_MINOR_MAX;
}

/* In the order of the file, and they sum up to their sale. */
static size_t check_lines(
    const struct sales *sales, const struct sales_sale *sale)
{
	uint32_t place = sale->first_line;
	int64_t amount_minor = 0;
	uint32_t count = 1;

	for (;; count++) {
		const struct sales_line *line = &sales->lines[place];

		assert(place < sales->line_count);
		assert(is_amount(line->amount_minor));
		assert(line->quantity <= LINE_QUANTITY_MAX);
		check_name(&sales->names, line->category);
		check_name(&sales->names, line->product);
		amount_minor += line->amount_minor;
		if (line->next == SALES_NONE)
			break;
		assert(line->next > place);
		place = line->next;
	}
	assert(place == sale->last_line && count == sale->line_count);
	assert(amount_minor == sale->amount_minor);
	return count;
}

static void check_order(
    const struct sales *sales, const struct sales_sale *sale)
{
	const struct sales_sale *before = sale - 1;

	assert(before->time_s <= sale->time_s);
	if (sales->has_lines && before->time_s == sale->time_s)
		assert(before->first_line < sale->first_line);
}

static void check_sales(struct sales *sales, struct bytes csv)
{
	size_t line_count = 0;

	assert(sales->count <= sales->rows);
	assert((sales->count == 0) == (sales->rows == 0));
	assert(sales->rows < count_lines(csv));
	for (size_t i = 0; i < sales->count; i++) {
		const struct sales_sale *sale = &sales->items[i];

		assert(
		    sale->time_s >= 0 && sale->time_s < YEAR_10000_S + DAY_S);
		check_who(&sales->customers, sale->customer);
		check_who(&sales->shops, sale->shop);
		if (sales->has_lines)
			line_count += check_lines(sales, sale);
		if (i != 0)
			check_order(sales, sale);
	}
	assert(line_count == sales->line_count);
	assert(line_count == (sales->has_lines ? sales->rows : 0));
	check_words(&sales->customers);
	check_words(&sales->shops);
	check_words(&sales->names);
}

/* Each field and each column once. */
static void check_manner(const struct manner *manner)
{
	for (size_t i = 1; i < manner->as_count; i++) {
		const struct sales_as *one = &manner->as[i];

		for (size_t other = 0; other < i; other++) {
			const struct sales_as *before = &manner->as[other];

			assert(strcmp(one->field, before->field) != 0);
			assert(one->column[0] == '\0' ||
			       strcmp(one->column, before->column) != 0);
		}
	}
}

/* --- without baskets ------------------------------------------------------ */

static int64_t sum_up(const struct sales *sales)
{
	int64_t sum = 0;

	for (size_t i = 0; i < sales->count; i++)
		sum += sales->items[i].amount_minor;
	return sum;
}

/* A sale is of one customer and day, and starts with its first row. */
static void check_basket(const struct sales *sales,
    const struct sales_sale *sale, const struct sales_sale *const *rows)
{
	const struct sales_sale *first = rows[sale->first_line];
	uint32_t place = sale->first_line;

	assert(sale->time_s == first->time_s && sale->shop == first->shop);
	for (; place != SALES_NONE; place = sales->lines[place].next) {
		const struct sales_sale *row = rows[place];

		assert(row->customer == sale->customer);
		assert(row->time_s / DAY_S == sale->time_s / DAY_S);
		assert(row->amount_minor == sales->lines[place].amount_minor);
	}
}

static void check_baskets(const struct sales *sales, const struct sales *apart)
{
	const struct sales_sale **rows =
	    calloc(apart->count + 1, sizeof(*rows));

	assert(rows != NULL);
	for (size_t i = 0; i < apart->count; i++)
		rows[apart->items[i].first_line] = &apart->items[i];
	for (size_t i = 0; i < sales->count; i++)
		check_basket(sales, &sales->items[i], rows);
	free(rows);
}

static void check_apart(
    const struct sales *sales, struct bytes csv, struct manner *manner)
{
	const char *basket = sales_field_name(SALES_BASKET);
	struct sales *apart;

	for (size_t i = 0; i < manner->as_count; i++)
		if (strcmp(manner->as[i].field, basket) == 0)
			return;
	manner->as[manner->as_count] = (struct sales_as){basket, ""};
	apart = sales_of(csv, manner->as, manner->as_count + 1);
	assert(apart != NULL);
	assert(apart->rows == sales->rows && apart->count == apart->rows);
	assert(apart->customers.count == sales->customers.count);
	assert(apart->has_lines == sales->has_lines);
	assert(sum_up(apart) == sum_up(sales));
	for (size_t i = 0; i < apart->count; i++)
		assert(is_amount(apart->items[i].amount_minor));
	if (sales->has_lines)
		check_baskets(sales, apart);
	sales_destroy(apart);
}

/* --- written anew --------------------------------------------------------- */

static void put(struct buffer *buffer, struct bytes bytes)
{
	enum result result = buffer_append(buffer, bytes, NULL);

	assert(result == RESULT_OK);
}

static void put_string(struct buffer *buffer, const char *string)
{
	put(buffer, bytes_of_string(string));
}

static void put_word(struct buffer *csv, const struct manner *manner,
    const struct words *words, uint32_t number)
{
	struct bytes word = bytes_of(NULL, 0);

	if (number != SALES_NONE)
		word = words->items[number];
	put(csv, bytes_of(&manner->separator, 1));
	put_string(csv, "\"");
	for (size_t i = 0; i < word.size; i++) {
		put(csv, bytes_of(&word.data[i], 1));
		if (word.data[i] == '"')
			put_string(csv, "\"");
	}
	put_string(csv, "\"");
}

static void put_time(struct buffer *csv, const struct manner *manner,
    int64_t time_s, bool is_utc)
{
	static const int64_t east_s[] = {0, 5400, -3600};
	static const char *const zones[] = {"Z", "+0130", "-01:00"};
	static const char *const forms[] = {"%04d-%02u-%02u %02u:%02u:%02u%s",
	    "%04d%02u%02uT%02u%02u:%02u%s",
	    "%3$02u.%2$02u.%1$04d %4$02u:%5$02u:%6$02u.000%7$s"};
	int64_t local_s = time_s + (is_utc ? east_s[manner->date_form] : 0);
	struct date date = day_to_date((int32_t)(local_s / DAY_S));
	unsigned second = (unsigned)(local_s % DAY_S);
	char text[64];

	(void)snprintf(text, sizeof(text), forms[manner->date_form],
	    (int)date.year, (unsigned)date.month, (unsigned)date.day,
	    second / 3600, second / 60 % 60, second % 60,
	    is_utc ? zones[manner->date_form] : "");
	put_string(csv, text);
}

static void put_amount(
    struct buffer *csv, const struct manner *manner, int64_t amount_minor)
{
	int64_t amount = llabs(amount_minor);
	char text[64];

	if (manner->has_cents)
		(void)snprintf(text, sizeof(text), "%" PRId64, amount_minor);
	else
		(void)snprintf(text, sizeof(text),
		    "\"%s%" PRId64 ",%02" PRId64 "\"",
		    amount_minor < 0 ? "-" : "", amount / 100, amount % 100);
	put(csv, bytes_of(&manner->separator, 1));
	put_string(csv, text);
}

/* `line` is NULL where the file has none. */
static void put_row(struct buffer *csv, const struct manner *manner,
    const struct sales *sales, size_t place, const struct sales_line *line)
{
	const struct sales_sale *sale = &sales->items[place];
	char text[64];

	put_time(csv, manner, sale->time_s, sales->is_utc);
	(void)snprintf(text, sizeof(text), "%c%zu", manner->separator, place);
	put_string(csv, text);
	put_word(csv, manner, &sales->customers, sale->customer);
	put_word(csv, manner, &sales->shops, sale->shop);
	put_amount(csv, manner,
	    line == NULL ? sale->amount_minor : line->amount_minor);
	if (line != NULL) {
		put_word(csv, manner, &sales->names, line->category);
		put_word(csv, manner, &sales->names, line->product);
		(void)snprintf(text, sizeof(text), "%c%" PRIu32,
		    manner->separator, line->quantity);
		put_string(csv, text);
	}
	put_string(csv, manner->has_cr ? "\r\n\r\n" : "\n\n");
}

static void put_header(
    struct buffer *csv, const struct manner *manner, const struct sales *sales)
{
	const char *const names[] = {"Basket ID", "customer", "\"shop\"",
	    manner->has_cents ? "CENTS" : "amount", "category", "product",
	    "quantity"};
	size_t count = sales->has_lines ? 7 : 4;

	put_string(csv, manner->has_mark ? "\xef\xbb\xbf" : "");
	put_string(csv, "timestamp");
	for (size_t i = 0; i < count; i++) {
		put(csv, bytes_of(&manner->separator, 1));
		put_string(csv, names[i]);
	}
	put_string(csv, manner->has_cr ? "\r\n" : "\n");
}

/* The first line of each sale, then the second of each, and so on: from day to
 * day and back. */
static void put_lines(
    struct buffer *csv, const struct manner *manner, const struct sales *sales)
{
	uint32_t *places = calloc(sales->count + 1, sizeof(*places));
	size_t left = sales->line_count;

	assert(places != NULL);
	for (size_t i = 0; i < sales->count; i++)
		places[i] = sales->items[i].first_line;
	for (size_t i = 0; left > 0; i = (i + 1) % sales->count) {
		const struct sales_line *line;

		if (places[i] == SALES_NONE)
			continue;
		line = &sales->lines[places[i]];
		put_row(csv, manner, sales, i, line);
		places[i] = line->next;
		left--;
	}
	free(places);
}

static void put_sales(
    struct buffer *csv, const struct manner *manner, const struct sales *sales)
{
	put_header(csv, manner, sales);
	if (sales->has_lines)
		put_lines(csv, manner, sales);
	for (size_t i = 0; !sales->has_lines && i < sales->count; i++)
		put_row(csv, manner, sales, i, NULL);
}

/* --- what is read then ---------------------------------------------------- */

static void check_same_word(const struct words *words, uint32_t number,
    const struct words *others, uint32_t other)
{
	assert((number == SALES_NONE) == (other == SALES_NONE));
	if (number != SALES_NONE)
		assert(bytes_equal(words->items[number], others->items[other]));
}

static uint32_t check_same_line(const struct sales *sales,
    const struct sales_line *a, const struct sales *others,
    const struct sales_line *b)
{
	assert(a->amount_minor == b->amount_minor);
	assert(a->quantity == b->quantity);
	check_same_word(
	    &sales->names, a->category, &others->names, b->category);
	check_same_word(&sales->names, a->product, &others->names, b->product);
	return b->next;
}

static void check_same_sale(
    const struct sales *sales, const struct sales *others, size_t place)
{
	const struct sales_sale *a = &sales->items[place];
	const struct sales_sale *b = &others->items[place];
	uint32_t other = b->first_line;

	assert(a->time_s == b->time_s);
	assert(a->amount_minor == b->amount_minor);
	assert(a->line_count == b->line_count);
	check_same_word(
	    &sales->customers, a->customer, &others->customers, b->customer);
	check_same_word(&sales->shops, a->shop, &others->shops, b->shop);
	for (uint32_t line = a->first_line; line != SALES_NONE;
	     line = sales->lines[line].next)
		other = check_same_line(
		    sales, &sales->lines[line], others, &others->lines[other]);
}

static void check_same(const struct sales *sales, const struct sales *others)
{
	assert(sales->count == others->count);
	assert(sales->has_lines == others->has_lines);
	assert(sales->line_count == others->line_count);
	assert(sales->count == 0 || sales->is_utc == others->is_utc);
	for (size_t i = 0; i < sales->count; i++)
		check_same_sale(sales, others, i);
}

/* Sums of many rows may be past what one row can say; and an offset leads out
 * of the first day and the last. */
static bool can_be_written(const struct sales *sales)
{
	for (size_t i = 0; i < sales->count; i++) {
		const struct sales_sale *sale = &sales->items[i];

		if (sale->time_s < DAY_S || sale->time_s > YEAR_10000_S - DAY_S)
			return false;
		if (!sales->has_lines && !is_amount(sale->amount_minor))
			return false;
	}
	return true;
}

static void check_anew(const struct sales *sales, const struct manner *manner)
{
	struct buffer csv = {0};
	struct sales *again;

	if (!can_be_written(sales))
		return;
	put_sales(&csv, manner, sales);
	again = sales_of(buffer_view(&csv), NULL, 0);
	assert(again != NULL);
	check_same(sales, again);
	sales_destroy(again);
	buffer_finish(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader = reader_of(bytes_of(data, size));
	struct manner manner = manner_of(&reader);
	struct bytes csv;
	struct sales *sales;

	if (reader.failed)
		return 0;
	csv = reader_bytes(&reader, reader_left(&reader));
	sales = sales_of(csv, manner.as, manner.as_count);
	if (sales == NULL)
		return 0;
	check_manner(&manner);
	check_sales(sales, csv);
	check_apart(sales, csv, &manner);
	check_anew(sales, &manner);
	sales_destroy(sales);
	return 0;
}
