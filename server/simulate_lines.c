/*
 * simulate_lines: owns how a basket is said to the law.
 *
 * A till says LINES_MAX lines at most, and a long receipt has more. Lines of
 * one product are then put together, and where that is not enough, those of
 * one category.
 */
#include "server/simulate_inside.h"

static struct sale_line line_of(
    const struct sales *sales, const struct sales_line *line)
{
	return (struct sale_line){
	    .category = sales->names.items[line->category],
	    .product = sales->names.items[line->product],
	    .quantity = line->quantity,
	    .amount_minor = line->amount_minor};
}

static struct bytes write_as_it_is(
    struct simulating *simulating, const struct sales_sale *sale)
{
	const struct sales *sales = simulating->sales;
	struct writer writer =
	    writer_of(simulating->lines, sizeof(simulating->lines));

	for (uint32_t at = sale->first_line; at != SALES_NONE;
	     at = sales->lines[at].next) {
		struct sale_line line = line_of(sales, &sales->lines[at]);

		sale_line_write(&writer, &line);
	}
	return writer_view(&writer);
}

/* Where the line belongs among the first `count`; `count` for a new place. */
static size_t find_place(const struct sales_line *folded, size_t count,
    const struct sales_line *line, bool by_product)
{
	size_t place = 0;

	while (place < count &&
	       (folded[place].category != line->category ||
		   (by_product && folded[place].product != line->product)))
		place++;
	return place;
}

static void add_to(struct sales_line *folded, const struct sales_line *line)
{
	folded->amount_minor += line->amount_minor;
	folded->quantity += line->quantity;
	if (folded->quantity > LINE_QUANTITY_MAX)
		folded->quantity = LINE_QUANTITY_MAX;
	if (folded->product != line->product)
		folded->product = SALES_NONE;
}

/* So many lines are left; more than LINES_MAX where they are too many. */
static size_t fold(const struct sales *sales, const struct sales_sale *sale,
    bool by_product, struct sales_line folded[LINES_MAX])
{
	size_t count = 0;

	for (uint32_t at = sale->first_line; at != SALES_NONE;
	     at = sales->lines[at].next) {
		const struct sales_line *line = &sales->lines[at];
		size_t place = find_place(folded, count, line, by_product);

		if (place == LINES_MAX)
			return LINES_MAX + 1;
		if (place < count) {
			add_to(&folded[place], line);
			continue;
		}
		folded[count++] = *line;
	}
	return count;
}

static bool write_folded(struct simulating *simulating,
    const struct sales_sale *sale, struct bytes *ret_lines)
{
	const struct sales *sales = simulating->sales;
	struct sales_line folded[LINES_MAX];
	struct writer writer =
	    writer_of(simulating->lines, sizeof(simulating->lines));
	size_t count = fold(sales, sale, true, folded);

	if (count > LINES_MAX)
		count = fold(sales, sale, false, folded);
	if (count > LINES_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct sale_line line = {
		    .category = sales->names.items[folded[i].category],
		    .quantity = folded[i].quantity,
		    .amount_minor = folded[i].amount_minor};

		if (folded[i].product != SALES_NONE)
			line.product = sales->names.items[folded[i].product];
		sale_line_write(&writer, &line);
	}
	*ret_lines = writer_view(&writer);
	return true;
}

bool simulate_lines(struct simulating *simulating,
    const struct sales_sale *sale, struct bytes *ret_lines)
{
	*ret_lines = bytes_of(NULL, 0);
	if (sale->line_count == 0)
		return true;
	if (sale->line_count > LINES_MAX)
		return write_folded(simulating, sale, ret_lines);
	*ret_lines = write_as_it_is(simulating, sale);
	return true;
}
