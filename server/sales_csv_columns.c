/*
 * sales_csv_columns: owns what the columns of a file of sales are called.
 */
#include "server/sales_csv_inside.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAMES_LISTED_SIZE 160u

/* Names that are understood, the surer first; ended by NULL. */
static const char *const known_names[SALES_FIELD_COUNT][12] = {
    [SALES_DATE] = {"date", "day", "sale_date", "order_date"},
    [SALES_TIME] = {"time", "timestamp", "datetime", "date_time", "sold",
	"sold_at", "created_at", "when"},
    [SALES_CUSTOMER] = {"customer", "customer_id", "member", "member_id",
	"card", "household", "household_id", "household_key", "client",
	"user_id"},
    [SALES_AMOUNT] = {"amount", "paid", "total", "sales_value", "price",
	"spent", "value"},
    [SALES_CENTS] = {"cents", "paid_cents", "amount_cents", "total_cents",
	"amount_minor", "paid_minor", "price_cents"},
    [SALES_BASKET] = {"basket", "basket_id", "receipt", "receipt_id",
	"transaction", "transaction_id", "order", "order_id", "invoice",
	"ticket"},
    [SALES_SHOP] = {"shop", "shop_id", "store", "store_id", "branch"},
    [SALES_CATEGORY] = {"category", "product_category", "department", "group"},
    [SALES_PRODUCT] = {"product", "product_id", "sku", "ean", "gtin", "upc",
	"article", "item"},
    [SALES_QUANTITY] = {"quantity", "qty", "units", "pieces"},
};

const char *sales_field_name(enum sales_field field)
{
	return known_names[field][0];
}

static bool is_letter_alike(uint8_t one, uint8_t other)
{
	if (one == ' ' || one == '-')
		one = '_';
	if (one >= 'A' && one <= 'Z')
		one = (uint8_t)(one - 'A' + 'a');
	if (other == ' ' || other == '-')
		other = '_';
	if (other >= 'A' && other <= 'Z')
		other = (uint8_t)(other - 'A' + 'a');
	return one == other;
}

static bool is_alike(struct bytes name, const char *wanted)
{
	if (name.size != strlen(wanted))
		return false;
	for (size_t i = 0; i < name.size; i++)
		if (!is_letter_alike(name.data[i], (uint8_t)wanted[i]))
			return false;
	return true;
}

/* The columns' names, as far as they fit, for who has to choose. */
static const char *list_names(
    const struct bytes *names, size_t count, char text[NAMES_LISTED_SIZE])
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		struct sales_shown name = sales_show(names[i]);

		if (at + strlen(", ") + strlen(name.text) >= NAMES_LISTED_SIZE)
			break;
		at += (size_t)sprintf(
		    &text[at], "%s%s", i == 0 ? "" : ", ", name.text);
	}
	return text;
}

/* --- what the caller says ------------------------------------------------- */

static bool find_field(const char *name, enum sales_field *ret_field)
{
	for (size_t i = 0; i < SALES_FIELD_COUNT; i++) {
		if (strcasecmp(known_names[i][0], name) == 0) {
			*ret_field = (enum sales_field)i;
			return true;
		}
	}
	return false;
}

/* By its name, or by its number from 1. */
static bool find_column(const struct bytes *names, size_t count,
    const char *wanted, size_t *ret_column)
{
	size_t number = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_alike(names[i], wanted)) {
			*ret_column = i;
			return true;
		}
	}
	for (size_t i = 0; wanted[i] != '\0'; i++) {
		if (wanted[i] < '0' || wanted[i] > '9' || number > count)
			return false;
		number = number * 10 + (size_t)(wanted[i] - '0');
	}
	*ret_column = number - 1;
	return number >= 1 && number <= count;
}

static void set_column(
    struct sales_columns *columns, size_t column, enum sales_field field)
{
	columns->field_of[column] = (uint8_t)field;
	columns->has[field] = true;
	if (column >= columns->wanted)
		columns->wanted = column + 1;
}

static enum result take_column(const struct bytes *names, size_t count,
    const char *wanted, enum sales_field field, struct sales_columns *columns,
    struct error *err)
{
	struct sales_shown shown = sales_show(bytes_of_string(wanted));
	char listed[NAMES_LISTED_SIZE];
	uint8_t before;
	size_t column;

	if (!find_column(names, count, wanted, &column))
		return error_set(err, RESULT_INVALID,
		    "there is no column '%s'; there are: %s", shown.text,
		    list_names(names, count, listed));
	before = columns->field_of[column];
	if (before != SALES_COLUMN_UNUSED)
		return error_set(err, RESULT_INVALID,
		    "column '%s' is %s already, and cannot be %s too",
		    shown.text, known_names[before][0], known_names[field][0]);
	set_column(columns, column, field);
	return RESULT_OK;
}

/* `is_said` are fields that the names in the header do not decide any more. */
static enum result take_said(const struct bytes *names, size_t count,
    const struct sales_as *as, struct sales_columns *columns, bool *is_said,
    struct error *err)
{
	struct sales_shown shown = sales_show(bytes_of_string(as->field));
	enum sales_field field;

	if (!find_field(as->field, &field))
		return error_set(err, RESULT_INVALID,
		    "'%s' is nothing that a column can be: date, time, "
		    "customer, amount, cents, basket, shop, category, product "
		    "or quantity",
		    shown.text);
	if (is_said[field])
		return error_set(err, RESULT_INVALID,
		    "'%s' has been given a column already", shown.text);
	is_said[field] = true;
	if (as->column[0] == '\0')
		return RESULT_OK;
	return take_column(names, count, as->column, field, columns, err);
}

/* --- what the header says ------------------------------------------------- */

static void find_known(const struct bytes *names, size_t count,
    enum sales_field field, struct sales_columns *columns)
{
	for (const char *const *known = known_names[field]; *known != NULL;
	     known++) {
		for (size_t i = 0; i < count; i++) {
			if (columns->field_of[i] == SALES_COLUMN_UNUSED &&
			    is_alike(names[i], *known)) {
				set_column(columns, i, field);
				return;
			}
		}
	}
}

static enum result want(bool is_there, const char *field, const char *meaning,
    const struct bytes *names, size_t count, struct error *err)
{
	char listed[NAMES_LISTED_SIZE];

	if (is_there)
		return RESULT_OK;
	return error_set(err, RESULT_INVALID,
	    "no column says %s: name it with --as %s=COLUMN; there are: %s",
	    meaning, field, list_names(names, count, listed));
}

static enum result want_all(const struct bytes *names, size_t count,
    const struct sales_columns *columns, struct error *err)
{
	const bool *has = columns->has;
	enum result result = want(has[SALES_DATE] || has[SALES_TIME], "date",
	    "when it was sold", names, count, err);

	if (result == RESULT_OK)
		result = want(has[SALES_CUSTOMER], "customer", "who bought",
		    names, count, err);
	if (result == RESULT_OK)
		result = want(has[SALES_AMOUNT] || has[SALES_CENTS], "amount",
		    "what was paid", names, count, err);
	if (result == RESULT_OK && has[SALES_AMOUNT] && has[SALES_CENTS])
		return error_set(err, RESULT_INVALID,
		    "two columns say what was paid: leave one out with --as "
		    "amount= or --as cents=");
	return result;
}

enum result sales_columns_find(const struct bytes *names, size_t count,
    const struct sales_options *options, struct sales_columns *ret_columns,
    struct error *err)
{
	struct sales_columns columns = {.count = count};
	bool is_said[SALES_FIELD_COUNT] = {false};
	enum result result = RESULT_OK;

	memset(columns.field_of, SALES_COLUMN_UNUSED, sizeof(columns.field_of));
	for (size_t i = 0; result == RESULT_OK && i < options->as_count; i++)
		result = take_said(
		    names, count, &options->as[i], &columns, is_said, err);
	if (result != RESULT_OK)
		return result;
	/* Who says one of the two does not mean the other. */
	if (columns.has[SALES_AMOUNT] || columns.has[SALES_CENTS])
		is_said[SALES_AMOUNT] = is_said[SALES_CENTS] = true;
	for (size_t i = 0; i < SALES_FIELD_COUNT; i++)
		if (!is_said[i])
			find_known(names, count, (enum sales_field)i, &columns);
	result = want_all(names, count, &columns, err);
	if (result == RESULT_OK)
		*ret_columns = columns;
	return result;
}
