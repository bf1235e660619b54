/*
 * sales_csv: a shop's past sales out of a CSV file, for simulations.
 *
 * RFC 4180, with its header; separated by whichever of ',' ';' and TAB the
 * header has most of. Lines may end in LF or CRLF; empty ones are passed over.
 * A column is known by its name (case and the difference between ' ', '-' and
 * '_' do not count), or by what the caller says that it is:
 *
 *     date      2026-02-28, 20260228 or 28.02.2026, with a time of day after a
 *               blank or 'T' where the file has that: 12:30 or 12:30:59, and
 *               then perhaps Z or +01:00. Without one it is the shop's own time
 *     time      likewise; but where there is a date too, the time of day alone
 *     customer  who bought; empty is nobody that is known
 *     amount    what was paid, 12.50 or 12,50
 *     cents     likewise in minor units, instead of it
 *     basket    lines of one customer and day with the same one are one sale;
 *               without such a column each line is a sale
 *     shop, category, product, quantity
 *
 * A sale's time is that of its first line; none is before 1970. Categories and
 * products are cut to LINE_NAME_SIZE_MAX bytes, as a programme cannot name
 * more. A quantity with a fraction (a weight) counts its whole part, and 1 at
 * least.
 *
 * Sans I/O; the views borrow from the file's bytes.
 */
#ifndef SERVER_SALES_CSV_H
#define SERVER_SALES_CSV_H

#include "common/base/limits.h"
#include "server/words.h"

enum sales_field {
	SALES_DATE,
	SALES_TIME,
	SALES_CUSTOMER,
	SALES_AMOUNT,
	SALES_CENTS,
	SALES_BASKET,
	SALES_SHOP,
	SALES_CATEGORY,
	SALES_PRODUCT,
	SALES_QUANTITY,
};
#define SALES_FIELD_COUNT 10
#define SALES_COLUMNS_MAX 256u
#define SALES_ROWS_MAX 0xfffffff0u

/* "customer", …: what a column is called by whoever says what it is. */
const char *sales_field_name(enum sales_field field);

/* `column` is a field: its name, or its number from 1, or "" for none. No field
 * and no column is said twice. */
struct sales_as {
	const char *field;
	const char *column;
};

#define SALES_NONE UINT32_MAX /* nobody, no shop, the end of the lines */

/* 48 bytes. */
struct sales_sale {
	int64_t time_s; /* since 1970: of the shop's clock, or UTC */
	int64_t amount_minor;
	uint32_t customer; /* a number in `customers`, or SALES_NONE */
	uint32_t shop;	   /* likewise in `shops` */
	uint32_t first_line;
	uint32_t last_line;
	uint32_t line_count;
};
struct sales_line {
	int64_t amount_minor;
	uint32_t quantity;
	uint32_t category; /* in `names`; that of "" where there is none */
	uint32_t product;
	uint32_t next; /* of the same sale, or SALES_NONE */
};

struct sales {
	bool is_utc;	/* times were said with Z or an offset */
	bool has_lines; /* of categories, products or quantities */
	uint64_t rows;
	struct sales_sale *items; /* in the order of time */
	size_t count;
	struct sales_line *lines;
	size_t line_count;
	struct words customers;
	struct words shops;
	struct words names;
	struct sales_text *texts; /* what had quotes in it */
};

/* How much of the file has been read; called now and then. */
typedef void sales_progress_fn(void *context, uint64_t done, uint64_t total);

struct sales_options {
	const struct sales_as *as;
	size_t as_count;
	sales_progress_fn *progress; /* may be NULL */
	void *context;
};

/*
 * Read a whole file. RESULT_INVALID names the line and what is wrong with it,
 * or the column that is missing; RESULT_LIMIT past SALES_ROWS_MAX or
 * SALES_COLUMNS_MAX. sales_destroy() frees it.
 */
enum result sales_read(struct bytes csv, const struct sales_options *options,
    struct sales **ret_sales, struct error *err);
void sales_destroy(struct sales *sales);

#endif
