/*
 * market: lines of a table put together as baskets.
 */
#include "tests/support/market.h"

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/place.h"

#define FILE_NAME "grocery-2017-h1.csv"

enum column {
	TIME,
	STORE,
	BASKET,
	HOUSEHOLD,
	PRODUCT,
	DEPARTMENT,
	CATEGORY,
	QUANTITY,
	PAID_CENTS,
	COLUMNS, /* further ones are not looked at */
};

static FILE *open_data(void)
{
	const char *folder = getenv("TALLY_DATA");
	char path[PLACE_PATH_SIZE];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    folder == NULL ? "../shared/data" : folder, FILE_NAME);
	file = fopen(path, "r");
	if (file == NULL)
		print_message("%s is not here; set TALLY_DATA to its folder\n",
		    FILE_NAME);
	return file;
}

/* No field holds a comma. */
static void split(char *line, const char *fields[COLUMNS])
{
	for (int column = 0; column < COLUMNS; column++) {
		fields[column] = strsep(&line, ",");
		assert_non_null(line);
	}
}

static long long read_time(const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	assert_non_null(end);
	assert_int_equal(*end, '\0');
	return timegm(&tm);
}

/* Each line is a basket at first. */
static void take_line(struct market *market, const char *fields[COLUMNS])
{
	struct market_line *line = &market->lines[market->line_count++];
	struct market_basket *basket = &market->baskets[market->basket_count++];

	assert_true(market->line_count < MARKET_LINES_MAX);
	line->basket = strtoull(fields[BASKET], NULL, 10);
	(void)snprintf(
	    line->product, sizeof(line->product), "%s", fields[PRODUCT]);
	(void)snprintf(line->department, sizeof(line->department), "%s",
	    fields[DEPARTMENT]);
	line->quantity = atoll(fields[QUANTITY]);
	line->paid_cents = atoll(fields[PAID_CENTS]);
	basket->id = line->basket;
	basket->time_s = read_time(fields[TIME]);
	basket->household = (unsigned)atoi(fields[HOUSEHOLD]);
	basket->store = (unsigned)atoi(fields[STORE]);
	basket->paid_cents = line->paid_cents;
	basket->line_count = 1;
	assert_in_range(basket->household, 1, MARKET_HOUSEHOLDS_MAX - 1);
}

static void read_lines(struct market *market, FILE *file)
{
	char line[512];
	const char *fields[COLUMNS];

	assert_non_null(fgets(line, sizeof(line), file));
	while (fgets(line, sizeof(line), file) != NULL) {
		split(line, fields);
		take_line(market, fields);
	}
}

/* --- putting together ----------------------------------------------------- */

static int by_basket(const void *a, const void *b)
{
	const struct market_line *one = a;
	const struct market_line *two = b;

	if (one->basket != two->basket)
		return one->basket < two->basket ? -1 : 1;
	return strcmp(one->product, two->product);
}

static int by_id(const void *a, const void *b)
{
	const struct market_basket *one = a;
	const struct market_basket *two = b;

	return (one->id > two->id) - (one->id < two->id);
}

static int by_time(const void *a, const void *b)
{
	const struct market_basket *one = a;
	const struct market_basket *two = b;

	if (one->time_s != two->time_s)
		return one->time_s < two->time_s ? -1 : 1;
	return by_id(a, b);
}

/* Put the lines of one basket together; leave out what paid nothing. */
static void gather(struct market *market)
{
	size_t count = market->basket_count;
	size_t kept = 0;

	qsort(market->lines, count, sizeof(market->lines[0]), by_basket);
	qsort(market->baskets, count, sizeof(market->baskets[0]), by_id);
	for (size_t i = 0; i < count;) {
		struct market_basket sum = market->baskets[i];

		sum.lines = &market->lines[i++];
		for (; i < count && market->baskets[i].id == sum.id; i++) {
			sum.paid_cents += market->baskets[i].paid_cents;
			sum.line_count++;
		}
		if (sum.paid_cents <= 0)
			market->skipped++;
		else
			market->baskets[kept++] = sum;
	}
	market->basket_count = kept;
	qsort(market->baskets, kept, sizeof(market->baskets[0]), by_time);
}

static void list_households(struct market *market)
{
	bool seen[MARKET_HOUSEHOLDS_MAX] = {false};

	for (size_t i = 0; i < market->basket_count; i++) {
		unsigned household = market->baskets[i].household;

		if (!seen[household])
			market->households[market->household_count++] =
			    household;
		seen[household] = true;
	}
}

struct market *market_open(size_t baskets_max)
{
	FILE *file = open_data();
	struct market *market;

	if (file == NULL)
		return NULL;
	market = calloc(1, sizeof(*market));
	assert_non_null(market);
	read_lines(market, file);
	(void)fclose(file);
	gather(market);
	if (market->basket_count > baskets_max)
		market->basket_count = baskets_max;
	list_households(market);
	return market;
}

void market_close(struct market *market)
{
	free(market);
}
