/*
 * sales_csv: owns the way from rows to sales.
 *
 * Nothing is allocated for a row: sales and lines stand in arrays that double,
 * and strings are views of the file, but for the few that hold a doubled
 * quote. Most rows repeat something of the row before (its day, basket,
 * customer), which is then not looked up again.
 */
#include "server/sales_csv_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_ROWS 65536u
#define DAY_S 86400

/* A string whose quotes have been taken off. */
struct sales_text {
	struct sales_text *next;
	uint8_t data[];
};

/* A word that was looked up last. */
struct known_word {
	struct bytes word;
	uint32_t number;
	bool is_known;
};

struct reading {
	struct bytes csv;
	size_t at;
	uint64_t line; /* that the row began on, from 1 */
	uint64_t quoted_lines;
	uint8_t separator;
	const struct sales_options *options;
	struct sales_columns columns;
	struct bytes fields[SALES_FIELD_COUNT]; /* of this row */
	struct sales *sales;
	size_t capacity;
	size_t line_capacity;
	struct sales_baskets baskets;
	struct sales_day known_day;
	struct known_word known[SALES_FIELD_COUNT];
	struct error *err;
};

__attribute__((format(printf, 3, 4))) static enum result wrong(
    struct reading *reading, enum result result, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(
	    reading->err, result, "line %" PRIu64 ": %s", reading->line, text);
}

/* --- fields --------------------------------------------------------------- */

static struct bytes take_plain(struct reading *reading)
{
	const uint8_t *data = reading->csv.data;
	size_t size = reading->csv.size;
	size_t from = reading->at;
	size_t at = from;

	while (at < size && data[at] != reading->separator && data[at] != '\n')
		at++;
	reading->at = at;
	return bytes_trim(bytes_of(&data[from], at - from));
}

/* A copy of `text` with each "" as one ". */
static enum result unquote(
    struct reading *reading, struct bytes text, struct bytes *ret_text)
{
	struct sales_text *copy = malloc(sizeof(*copy) + text.size);
	size_t size = 0;

	if (copy == NULL)
		return error_no_memory(reading->err);
	for (size_t i = 0; i < text.size; i++) {
		copy->data[size++] = text.data[i];
		if (text.data[i] == '"')
			i++;
	}
	copy->next = reading->sales->texts;
	reading->sales->texts = copy;
	*ret_text = bytes_of(copy->data, size);
	return RESULT_OK;
}

/* From after its first quote to after its last. */
static enum result take_quoted(struct reading *reading, struct bytes *ret_text)
{
	const uint8_t *data = reading->csv.data;
	size_t size = reading->csv.size;
	size_t from = reading->at + 1;
	bool has_quotes = false;
	size_t at = from;

	for (; at < size; at++) {
		if (data[at] == '\n')
			reading->quoted_lines++;
		if (data[at] != '"')
			continue;
		if (at + 1 == size || data[at + 1] != '"')
			break;
		has_quotes = true;
		at++;
	}
	if (at >= size)
		return wrong(reading, RESULT_INVALID, "a quote is not closed");
	*ret_text = bytes_of(&data[from], at - from);
	reading->at = at + 1;
	if (take_plain(reading).size != 0)
		return wrong(reading, RESULT_INVALID,
		    "something stands between a closing quote and the next "
		    "separator");
	return has_quotes ? unquote(reading, *ret_text, ret_text) : RESULT_OK;
}

static enum result take_field(struct reading *reading, struct bytes *ret_text)
{
	if (reading->at < reading->csv.size &&
	    reading->csv.data[reading->at] == '"')
		return take_quoted(reading, ret_text);
	*ret_text = take_plain(reading);
	return RESULT_OK;
}

/* Go over what ended a field; false where the row has ended with it. */
static bool next_field(struct reading *reading)
{
	if (reading->at == reading->csv.size)
		return false;
	return reading->csv.data[reading->at++] == reading->separator;
}

/* --- the header ----------------------------------------------------------- */

/* Whichever the first line has most of. */
static uint8_t find_separator(struct bytes csv)
{
	size_t counts[3] = {0, 0, 0};
	const char *separators = ",;\t";
	size_t best = 0;

	for (size_t at = 0; at < csv.size && csv.data[at] != '\n'; at++)
		for (size_t i = 0; i < 3; i++)
			counts[i] += csv.data[at] == (uint8_t)separators[i];
	for (size_t i = 1; i < 3; i++)
		if (counts[i] > counts[best])
			best = i;
	return (uint8_t)separators[best];
}

static bool has_mark(struct bytes csv)
{
	return csv.size >= 3 && csv.data[0] == 0xef && csv.data[1] == 0xbb &&
	       csv.data[2] == 0xbf;
}

static enum result want_names(struct reading *reading)
{
	return wrong(reading, RESULT_INVALID,
	    "the first line has the names of the columns, and is empty");
}

static enum result read_header(struct reading *reading)
{
	struct bytes names[SALES_COLUMNS_MAX];
	size_t count = 0;
	enum result result;

	if (has_mark(reading->csv))
		reading->at = 3;
	if (reading->at == reading->csv.size)
		return want_names(reading);
	reading->separator = find_separator(reading->csv);
	do {
		if (count == SALES_COLUMNS_MAX)
			return wrong(reading, RESULT_LIMIT,
			    "more than %u columns", SALES_COLUMNS_MAX);
		result = take_field(reading, &names[count]);
		if (result != RESULT_OK)
			return result;
		count++;
	} while (next_field(reading));
	if (count == 1 && names[0].size == 0)
		return want_names(reading);
	reading->line += 1 + reading->quoted_lines;
	reading->quoted_lines = 0;
	return sales_columns_find(
	    names, count, reading->options, &reading->columns, reading->err);
}

/* --- words ---------------------------------------------------------------- */

static enum result find_word(struct reading *reading, enum sales_field field,
    struct words *words, struct bytes word, uint32_t *ret_number)
{
	struct known_word *known = &reading->known[field];
	enum result result;

	if (known->is_known && bytes_equal(known->word, word)) {
		*ret_number = known->number;
		return RESULT_OK;
	}
	result = words_number(words, word, ret_number, reading->err);
	if (result == RESULT_OK)
		*known = (struct known_word){word, *ret_number, true};
	return result;
}

/* A name that a programme could say. */
static enum result find_name(
    struct reading *reading, enum sales_field field, uint32_t *ret_number)
{
	struct bytes name =
	    sales_cut(reading->fields[field], LINE_NAME_SIZE_MAX);
	uint32_t count = reading->sales->names.count;
	enum result result =
	    find_word(reading, field, &reading->sales->names, name, ret_number);
	if (result == RESULT_OK && reading->sales->names.count != count &&
	    !bytes_are_text(name, NULL))
		return wrong(reading, RESULT_INVALID,
		    "the %s is no text in UTF-8", sales_field_name(field));
	return result;
}

/* The number of a customer or a shop; SALES_NONE where none is said. */
static enum result find_who(struct reading *reading, enum sales_field field,
    struct words *words, uint32_t *ret_number)
{
	*ret_number = SALES_NONE;
	if (reading->fields[field].size == 0)
		return RESULT_OK;
	return find_word(
	    reading, field, words, reading->fields[field], ret_number);
}

/* --- sales ---------------------------------------------------------------- */

/* `array` with room for one more; NULL where there is no memory, and it stays
 * as it was then. */
static void *grow(
    void *array, size_t *capacity, size_t count, size_t element_size)
{
	size_t wanted = *capacity * 2 + 1024;
	void *larger;

	if (count < *capacity)
		return array;
	larger = reallocarray(array, wanted, element_size);
	if (larger != NULL)
		*capacity = wanted;
	return larger;
}

static enum result add_sale(
    struct reading *reading, const struct sales_sale *sale)
{
	struct sales *sales = reading->sales;
	struct sales_sale *items = grow(
	    sales->items, &reading->capacity, sales->count, sizeof(*items));

	if (items == NULL)
		return error_no_memory(reading->err);
	sales->items = items;
	items[sales->count++] = *sale;
	return RESULT_OK;
}

static int64_t day_of(const struct sales_sale *sale)
{
	return sale->time_s / DAY_S;
}

/* The sale that this row is a line of: a new one like `row`, or the one of the
 * same basket. */
static enum result place_row(struct reading *reading,
    const struct sales_sale *row, struct sales_sale **ret_sale)
{
	struct sales *sales = reading->sales;
	uint32_t *last = NULL;
	enum result result = RESULT_OK;

	if (reading->fields[SALES_BASKET].size != 0)
		result = sales_baskets_find(&reading->baskets, day_of(row),
		    reading->fields[SALES_BASKET], &last, reading->err);
	if (result != RESULT_OK)
		return result;
	if (last != NULL && *last != SALES_NONE) {
		struct sales_sale *sale = &sales->items[*last];

		if (sale->customer == row->customer) {
			*ret_sale = sale;
			return RESULT_OK;
		}
	}
	result = add_sale(reading, row);
	if (result != RESULT_OK)
		return result;
	if (last != NULL)
		*last = (uint32_t)(sales->count - 1);
	*ret_sale = &sales->items[sales->count - 1];
	return RESULT_OK;
}

static void append_line(
    struct sales *sales, struct sales_sale *sale, const struct sales_line *line)
{
	uint32_t place = (uint32_t)sales->line_count;

	if (sale->line_count == 0)
		sale->first_line = place;
	else
		sales->lines[sale->last_line].next = place;
	sale->last_line = place;
	sale->line_count++;
	sales->lines[sales->line_count++] = *line;
}

static enum result add_line(
    struct reading *reading, struct sales_sale *sale, int64_t amount_minor)
{
	struct sales *sales = reading->sales;
	struct sales_line line = {
	    .amount_minor = amount_minor, .quantity = 1, .next = SALES_NONE};
	struct bytes quantity = reading->fields[SALES_QUANTITY];
	struct sales_line *lines;
	enum result result = find_name(reading, SALES_CATEGORY, &line.category);

	if (result == RESULT_OK)
		result = find_name(reading, SALES_PRODUCT, &line.product);
	if (result != RESULT_OK)
		return result;
	if (quantity.size != 0 && !sales_quantity(quantity, &line.quantity))
		return wrong(reading, RESULT_INVALID,
		    "'%s' is no quantity from 0 to %u",
		    sales_show(quantity).text, LINE_QUANTITY_MAX);
	lines = grow(sales->lines, &reading->line_capacity, sales->line_count,
	    sizeof(*lines));
	if (lines == NULL)
		return error_no_memory(reading->err);
	sales->lines = lines;
	append_line(sales, sale, &line);
	return RESULT_OK;
}

/* --- rows ----------------------------------------------------------------- */

static enum result read_time(struct reading *reading, int64_t *ret_time_s)
{
	const bool *has = reading->columns.has;
	struct bytes clock = bytes_of(NULL, 0);
	struct bytes date =
	    reading->fields[has[SALES_DATE] ? SALES_DATE : SALES_TIME];
	bool is_utc;

	if (has[SALES_DATE])
		clock = reading->fields[SALES_TIME];
	if (!sales_time(&reading->known_day, date, clock, ret_time_s, &is_utc))
		return wrong(reading, RESULT_INVALID,
		    "'%s%s%s' is no time such as 2026-02-28 17:30",
		    sales_show(date).text, clock.size == 0 ? "" : " ",
		    sales_show(clock).text);
	if (reading->sales->count == 0)
		reading->sales->is_utc = is_utc;
	else if (reading->sales->is_utc != is_utc)
		return wrong(reading, RESULT_INVALID,
		    "some times say how far they are from UTC and others do "
		    "not");
	return RESULT_OK;
}

static enum result read_amount(struct reading *reading, int64_t *ret_amount)
{
	bool is_minor = reading->columns.has[SALES_CENTS];
	struct bytes text =
	    reading->fields[is_minor ? SALES_CENTS : SALES_AMOUNT];

	if (sales_amount(text, is_minor, ret_amount))
		return RESULT_OK;
	return wrong(reading, RESULT_INVALID,
	    is_minor ? "'%s' is no whole number of minor units"
		     : "'%s' is no amount such as 12.50",
	    sales_show(text).text);
}

static enum result add_row(struct reading *reading)
{
	struct sales *sales = reading->sales;
	struct sales_sale row = {
	    .first_line = SALES_NONE, .last_line = SALES_NONE};
	struct sales_sale *sale = NULL;
	int64_t amount_minor;
	enum result result;

	if (sales->rows == SALES_ROWS_MAX)
		return wrong(reading, RESULT_LIMIT, "more than %u lines",
		    SALES_ROWS_MAX);
	sales->rows++;
	result = read_time(reading, &row.time_s);
	if (result == RESULT_OK)
		result = read_amount(reading, &amount_minor);
	if (result == RESULT_OK)
		result = find_who(
		    reading, SALES_CUSTOMER, &sales->customers, &row.customer);
	if (result == RESULT_OK)
		result =
		    find_who(reading, SALES_SHOP, &sales->shops, &row.shop);
	if (result == RESULT_OK)
		result = place_row(reading, &row, &sale);
	if (result != RESULT_OK)
		return result;
	if (__builtin_add_overflow(
		sale->amount_minor, amount_minor, &sale->amount_minor))
		return wrong(reading, RESULT_LIMIT,
		    "the amounts of this basket are too many to be summed");
	return sales->has_lines ? add_line(reading, sale, amount_minor)
				: RESULT_OK;
}

static bool is_empty_row(const struct reading *reading)
{
	const uint8_t *data = reading->csv.data;
	size_t at = reading->at;

	if (data[at] == '\r' && at + 1 < reading->csv.size)
		at++;
	return data[at] == '\n';
}

/* Fields that no column has stay empty. */
static enum result read_row(struct reading *reading)
{
	const struct sales_columns *columns = &reading->columns;
	enum result result;
	size_t column = 0;

	if (is_empty_row(reading)) {
		(void)take_plain(reading);
		(void)next_field(reading);
		return RESULT_OK;
	}
	do {
		struct bytes text;

		result = take_field(reading, &text);
		if (result != RESULT_OK)
			return result;
		if (column < columns->wanted &&
		    columns->field_of[column] != SALES_COLUMN_UNUSED)
			reading->fields[columns->field_of[column]] = text;
		column++;
	} while (next_field(reading));
	if (column < columns->wanted)
		return wrong(reading, RESULT_INVALID,
		    "%zu columns, where the first line has %zu", column,
		    columns->count);
	return add_row(reading);
}

static void tell(const struct reading *reading)
{
	if (reading->options->progress != NULL)
		reading->options->progress(
		    reading->options->context, reading->at, reading->csv.size);
}

static enum result read_rows(struct reading *reading)
{
	const bool *has = reading->columns.has;
	enum result result = RESULT_OK;

	reading->sales->has_lines =
	    has[SALES_CATEGORY] || has[SALES_PRODUCT] || has[SALES_QUANTITY];
	while (result == RESULT_OK && reading->at < reading->csv.size) {
		result = read_row(reading);
		reading->line += 1 + reading->quoted_lines;
		reading->quoted_lines = 0;
		if (reading->line % PROGRESS_ROWS == 0)
			tell(reading);
	}
	return result;
}

/* --- all of it ------------------------------------------------------------ */

enum result sales_read(struct bytes csv, const struct sales_options *options,
    struct sales **ret_sales, struct error *err)
{
	struct reading reading = {
	    .csv = csv, .line = 1, .options = options, .err = err};
	enum result result;

	reading.sales = calloc(1, sizeof(*reading.sales));
	if (reading.sales == NULL)
		return error_no_memory(err);
	result = read_header(&reading);
	if (result == RESULT_OK)
		result = read_rows(&reading);
	if (result == RESULT_OK)
		result = sales_order(reading.sales, err);
	if (result == RESULT_OK)
		tell(&reading);
	sales_baskets_finish(&reading.baskets);
	if (result != RESULT_OK) {
		sales_destroy(reading.sales);
		return result;
	}
	*ret_sales = reading.sales;
	return RESULT_OK;
}

void sales_destroy(struct sales *sales)
{
	if (sales == NULL)
		return;
	while (sales->texts != NULL) {
		struct sales_text *next = sales->texts->next;

		free(sales->texts);
		sales->texts = next;
	}
	free(sales->items);
	free(sales->lines);
	words_finish(&sales->customers);
	words_finish(&sales->shops);
	words_finish(&sales->names);
	free(sales);
}
