/*
 * simulate_compare: owns who gains and who loses between two programmes.
 */
#include "server/simulate_inside.h"

#include <stdlib.h>

struct spender {
	uint64_t amount_minor;
	uint32_t customer;
};

static int compare_spenders(const void *one, const void *other)
{
	const struct spender *first = one;
	const struct spender *second = other;

	if (first->amount_minor != second->amount_minor)
		return first->amount_minor < second->amount_minor ? 1 : -1;
	return first->customer < second->customer ? -1 : 1;
}

/* Who has bought anything, from who spends most; the caller frees it. */
static enum result list_spenders(const struct sales *sales,
    struct spender **ret_spenders, size_t *ret_count, struct error *err)
{
	uint32_t customers = sales->customers.count;
	struct spender *spenders = calloc(customers + 1, sizeof(*spenders));
	size_t count = 0;

	if (spenders == NULL)
		return error_no_memory(err);
	for (uint32_t i = 0; i < customers; i++)
		spenders[i].customer = i;
	for (size_t i = 0; i < sales->count; i++) {
		const struct sales_sale *sale = &sales->items[i];

		if (sale->customer != SALES_NONE && sale->amount_minor > 0)
			spenders[sale->customer].amount_minor +=
			    (uint64_t)sale->amount_minor;
	}
	qsort(spenders, customers, sizeof(*spenders), compare_spenders);
	while (count < customers && spenders[count].amount_minor != 0)
		count++;
	*ret_spenders = spenders;
	*ret_count = count;
	return RESULT_OK;
}

static void add(struct simulated_group *group, uint64_t amount_minor,
    uint64_t before, uint64_t after)
{
	group->members++;
	group->amount_minor += amount_minor;
	group->before += before;
	group->after += after;
	group->more += after > before;
	group->less += after < before;
}

enum result simulate_compare(const struct sales *sales,
    const struct simulation *before, const struct simulation *after,
    struct simulate_comparison *ret_comparison, struct error *err)
{
	struct simulate_comparison comparison = {
	    .is_worth = before->value_micro_least != 0 &&
			after->value_micro_least != 0};
	struct spender *spenders = NULL;
	size_t count = 0;
	enum result result = list_spenders(sales, &spenders, &count, err);

	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < count; i++) {
		const struct spender *spender = &spenders[i];
		uint64_t old = before->points[spender->customer];
		uint64_t new = after->points[spender->customer];

		if (comparison.is_worth) {
			old = simulate_worth(old, before->value_micro_least);
			new = simulate_worth(new, after->value_micro_least);
		}
		add(&comparison.all, spender->amount_minor, old, new);
		add(&comparison.groups[i * SIMULATE_GROUPS / count],
		    spender->amount_minor, old, new);
	}
	free(spenders);
	*ret_comparison = comparison;
	return RESULT_OK;
}
