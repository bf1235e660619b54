/*
 * sales_csv_inside: what the files of the reader of sales share.
 *
 * sales_csv.c owns rows and how they become sales, sales_csv_columns.c what
 * each column is, sales_csv_values.c times, amounts, numbers and words,
 * sales_csv_baskets.c which lines are one sale, sales_csv_order.c the order of
 * time.
 */
#ifndef SERVER_SALES_CSV_INSIDE_H
#define SERVER_SALES_CSV_INSIDE_H

#include "server/sales_csv.h"

#define SALES_COLUMN_UNUSED 0xffu

/* Where each field stands. */
struct sales_columns {
	uint8_t field_of[SALES_COLUMNS_MAX]; /* or SALES_COLUMN_UNUSED */
	size_t count;			     /* columns of the header */
	size_t wanted;			     /* so many a row must have */
	bool has[SALES_FIELD_COUNT];
};

/* What the header's names are. RESULT_INVALID says what is missing. */
enum result sales_columns_find(const struct bytes *names, size_t count,
    const struct sales_options *options, struct sales_columns *ret_columns,
    struct error *err);

/* The front of `text` that fits, with no part of a character at its end.
 * `size_max` has room for a character. */
struct bytes sales_cut(struct bytes text, size_t size_max);

/* Bytes of a file or a caller as text for an error: cut where there are many,
 * and where they are no text, a '?' for each that is not ASCII. */
struct sales_shown {
	char text[41];
};
struct sales_shown sales_show(struct bytes bytes);

/* The day that was read last: files are full of the same one. */
struct sales_day {
	char text[12];
	size_t size;
	int64_t day;
};

/* False for what is none, or is before 1970. `clock` is empty, or a time of
 * day. `*ret_is_utc` says that an offset was said, and has been taken off. */
bool sales_time(struct sales_day *known, struct bytes date, struct bytes clock,
    int64_t *ret_time_s, bool *ret_is_utc);
bool sales_amount(struct bytes text, bool is_minor, int64_t *ret_amount_minor);
bool sales_quantity(struct bytes text, uint32_t *ret_quantity);

/* The baskets of each day. All zero is none. */
struct sales_baskets {
	struct basket_day *days; /* ascending */
	size_t count;
	size_t capacity;
	size_t at; /* the day that was asked for last */
};

/* Where the newest sale of this basket and day is noted: a place in the sales,
 * or SALES_NONE. Borrowed until the next call. */
enum result sales_baskets_find(struct sales_baskets *baskets, int64_t day,
    struct bytes basket, uint32_t **ret_last_sale, struct error *err);
void sales_baskets_finish(struct sales_baskets *baskets);

/* Sort by time; what is of one time keeps its order. */
enum result sales_order(struct sales *sales, struct error *err);

#endif
