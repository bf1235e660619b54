/*
 * sales_csv_baskets: owns which sale the lines of a basket belong to.
 *
 * A basket is one of its day, so each day has a table of its own: in a file
 * that goes from day to day the one at hand is small and stays near the
 * processor, where one table of all baskets would not.
 */
#include "server/sales_csv_inside.h"

#include <stdlib.h>
#include <string.h>

struct basket_day {
	int64_t day;
	struct words baskets;
	uint32_t *last_sales; /* by basket: its newest sale, or SALES_NONE */
	uint32_t capacity;
};

/* Where `day` stands, or would stand, among the days. */
static size_t find_place(const struct sales_baskets *baskets, int64_t day)
{
	size_t from = 0;
	size_t until = baskets->count;

	while (from < until) {
		size_t middle = from + (until - from) / 2;

		if (baskets->days[middle].day < day)
			from = middle + 1;
		else
			until = middle;
	}
	return from;
}

static enum result insert_day(
    struct sales_baskets *baskets, size_t place, int64_t day, struct error *err)
{
	size_t behind = baskets->count - place;

	if (baskets->count == baskets->capacity) {
		size_t wanted = baskets->capacity * 2 + 64;
		struct basket_day *days =
		    reallocarray(baskets->days, wanted, sizeof(*days));

		if (days == NULL)
			return error_no_memory(err);
		baskets->days = days;
		baskets->capacity = wanted;
	}
	memmove(&baskets->days[place + 1], &baskets->days[place],
	    behind * sizeof(*baskets->days));
	baskets->days[place] = (struct basket_day){.day = day};
	baskets->count++;
	return RESULT_OK;
}

/* Days come one after another, mostly. */
static enum result find_day(struct sales_baskets *baskets, int64_t day,
    struct basket_day **ret_day, struct error *err)
{
	size_t place = baskets->at;

	if (place >= baskets->count || baskets->days[place].day != day) {
		place = find_place(baskets, day);
		if (place == baskets->count ||
		    baskets->days[place].day != day) {
			enum result result =
			    insert_day(baskets, place, day, err);

			if (result != RESULT_OK)
				return result;
		}
		baskets->at = place;
	}
	*ret_day = &baskets->days[place];
	return RESULT_OK;
}

static enum result grow(struct basket_day *day, struct error *err)
{
	uint32_t wanted = day->capacity * 2 + 64;
	uint32_t *last_sales =
	    reallocarray(day->last_sales, wanted, sizeof(*last_sales));

	if (last_sales == NULL)
		return error_no_memory(err);
	for (uint32_t i = day->capacity; i < wanted; i++)
		last_sales[i] = SALES_NONE;
	day->last_sales = last_sales;
	day->capacity = wanted;
	return RESULT_OK;
}

enum result sales_baskets_find(struct sales_baskets *baskets, int64_t day,
    struct bytes basket, uint32_t **ret_last_sale, struct error *err)
{
	struct basket_day *found;
	uint32_t number;
	enum result result = find_day(baskets, day, &found, err);

	if (result == RESULT_OK)
		result = words_number(&found->baskets, basket, &number, err);
	if (result == RESULT_OK && number >= found->capacity)
		result = grow(found, err);
	if (result != RESULT_OK)
		return result;
	*ret_last_sale = &found->last_sales[number];
	return RESULT_OK;
}

void sales_baskets_finish(struct sales_baskets *baskets)
{
	for (size_t i = 0; i < baskets->count; i++) {
		words_finish(&baskets->days[i].baskets);
		free(baskets->days[i].last_sales);
	}
	free(baskets->days);
	*baskets = (struct sales_baskets){0};
}
