/*
 * sales_csv_order: owns the order of sales in time.
 */
#include "server/sales_csv_inside.h"

#include <stdlib.h>

static bool is_in_order(const struct sales *sales)
{
	for (size_t i = 1; i < sales->count; i++)
		if (sales->items[i].time_s < sales->items[i - 1].time_s)
			return false;
	return true;
}

#define DIGIT_BITS 11u
#define DIGIT_COUNT (1u << DIGIT_BITS)

/* One pass of a radix sort, which keeps the order of equals. */
static void sort_by_digit(const struct sales_sale *from, size_t count,
    int64_t first_s, unsigned shift, struct sales_sale *to)
{
	size_t places[DIGIT_COUNT] = {0};
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		places[(uint64_t)(from[i].time_s - first_s) >> shift &
		       (DIGIT_COUNT - 1)]++;
	for (size_t i = 0; i < DIGIT_COUNT; i++) {
		size_t here = places[i];

		places[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[(uint64_t)(from[i].time_s - first_s) >> shift &
			  (DIGIT_COUNT - 1)]++] = from[i];
}

enum result sales_order(struct sales *sales, struct error *err)
{
	struct sales_sale *other;
	int64_t first_s = INT64_MAX;
	int64_t last_s = INT64_MIN;

	if (is_in_order(sales))
		return RESULT_OK;
	other = reallocarray(NULL, sales->count, sizeof(*other));
	if (other == NULL)
		return error_no_memory(err);
	for (size_t i = 0; i < sales->count; i++) {
		int64_t time_s = sales->items[i].time_s;

		first_s = time_s < first_s ? time_s : first_s;
		last_s = time_s > last_s ? time_s : last_s;
	}
	for (unsigned shift = 0; (uint64_t)(last_s - first_s) >> shift != 0;
	     shift += DIGIT_BITS) {
		struct sales_sale *sorted = other;

		sort_by_digit(
		    sales->items, sales->count, first_s, shift, sorted);
		other = sales->items;
		sales->items = sorted;
	}
	free(other);
	return RESULT_OK;
}
