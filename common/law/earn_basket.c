/*
 * earn_basket: owns the lines of a sale as rules see them: names as hashes,
 * amounts as what was really paid, and the arithmetic of what a rule gives.
 *
 * Numbers stay exact by their limits: an amount is at most 10^11, a base so
 * 2.6 × 10^13, that of a hundred lines 2.6 × 10^15; times 10^18 millionths of
 * points that is 2.6 × 10^33, which 128 bits hold. Most products fit 64 bits,
 * in which a division takes a tenth of the time.
 */
#include "common/law/earn_inside.h"

#define MULTIPLY_ONE_MILLI 1000u

/* --- arithmetic ----------------------------------------------------------- */

/* floor(a × b / divisor), at most PART_MICRO_MAX. */
static uint64_t share(uint64_t a, uint64_t b, unsigned __int128 divisor)
{
	unsigned __int128 quotient;
	uint64_t product;

	if (!__builtin_mul_overflow(a, b, &product) && divisor <= UINT64_MAX)
		quotient = product / (uint64_t)divisor;
	else
		quotient = (unsigned __int128)a * b / divisor;
	return quotient > PART_MICRO_MAX ? PART_MICRO_MAX : (uint64_t)quotient;
}

/* Towards less, also below 0: a discount is not made smaller by rounding. */
static int64_t floor_ratio(__int128 dividend, __int128 divisor)
{
	__int128 quotient = dividend / divisor;

	return (int64_t)(quotient - (dividend % divisor < 0));
}

/* --- lines ---------------------------------------------------------------- */

/* What bases are made of: amount × paid share × kept share. */
struct shares {
	int64_t unpaid_minor; /* of the sale, not with points … */
	int64_t amount_minor; /* … of all of it */
	int64_t kept_minor;   /* of what lines are left … */
	int64_t left_minor;   /* … without what came back by amount */
};

static int64_t base_of(const struct shares *shares, int64_t amount_minor)
{
	__int128 dividend = (__int128)amount_minor * BASE_PARTS;
	__int128 divisor = 1;

	if (shares->unpaid_minor != shares->amount_minor) {
		dividend *= shares->unpaid_minor;
		divisor *= shares->amount_minor;
	}
	if (shares->kept_minor != shares->left_minor) {
		dividend *= shares->kept_minor;
		divisor *= shares->left_minor;
	}
	if (divisor == 1)
		return amount_minor * BASE_PARTS;
	return floor_ratio(dividend, divisor);
}

/* As programme_names_have(), which is asked here for every line and rule. */
static inline bool names_have(const struct programme *programme,
    struct programme_names names, uint64_t name)
{
	const uint64_t *first = &programme->names[names.first];

	for (unsigned i = 0; i < names.count; i++) {
		if (first[i] == name)
			return true;
	}
	return false;
}

static bool is_excluded(
    const struct programme *programme, const struct earn_line *line)
{
	return names_have(
		   programme, programme->exclude_categories, line->category) ||
	       names_have(
		   programme, programme->exclude_products, line->product);
}

static void add_to_sum(struct earn_sum *sum, const struct earn_line *line)
{
	sum->base += line->base;
	sum->quantity += line->quantity;
	sum->is_there |= line->is_there;
}

/* Names cost a pass over their bytes, and few programmes have any. */
static void add_line(struct earn_basket *basket, const struct shares *shares,
    const struct sale_line *sold)
{
	const struct programme *programme = basket->programme;
	struct earn_line *line = &basket->lines[basket->line_count];

	line->base = base_of(shares, sold->amount_minor);
	line->quantity = sold->quantity;
	line->is_there = sold->quantity > 0 || sold->amount_minor > 0;
	if (programme->name_count > 0) {
		line->category = programme_name(sold->category);
		line->product = programme_name(sold->product);
		if (is_excluded(programme, line))
			return;
	}
	basket->all |= LINE_BIT(basket->line_count);
	basket->line_count++;
	add_to_sum(&basket->sum, line);
}

/* Take off `line` what came back of it. Lines that came back ascend, so each
 * is met once. */
static void take_back(const struct earn_back *back, uint32_t *next,
    unsigned place, struct sale_line *line)
{
	const struct book_returned_line *returned;

	if (back == NULL || *next == back->line_count)
		return;
	returned = &back->lines[*next];
	if (returned->line != place)
		return;
	(*next)++;
	line->amount_minor -= returned->amount_minor;
	line->quantity -= returned->quantity < line->quantity
			      ? returned->quantity
			      : line->quantity;
}

static void add_lines(struct earn_basket *basket, const struct shares *shares,
    const struct earn_scope *scope)
{
	struct reader reader = reader_of(scope->lines);
	struct sale_line line = {
	    .quantity = 1, .amount_minor = (int64_t)scope->amount_minor};
	uint32_t next = 0;

	if (scope->lines.size == 0) {
		add_line(basket, shares, &line);
		return;
	}
	for (unsigned place = 0;
	     place < LINES_MAX && sale_line_read(&reader, &line); place++) {
		take_back(scope->back, &next, place, &line);
		add_line(basket, shares, &line);
	}
}

/* What came back by lines is off already; the rest is spread over what lines
 * are left. */
void earn_fill_basket(struct earn_basket *basket,
    const struct programme *programme, const struct earn_scope *scope)
{
	struct shares shares = {
	    .unpaid_minor =
		(int64_t)scope->amount_minor - (int64_t)scope->paid_minor,
	    .amount_minor = (int64_t)scope->amount_minor,
	    .left_minor = (int64_t)scope->amount_minor,
	};

	basket->programme = programme;
	basket->all = 0;
	basket->sum = (struct earn_sum){0};
	basket->line_count = 0;
	for (uint32_t i = 0; scope->back != NULL && i < scope->back->line_count;
	     i++)
		shares.left_minor -= scope->back->lines[i].amount_minor;
	shares.kept_minor = shares.left_minor;
	if (scope->back != NULL)
		shares.kept_minor -= (int64_t)scope->back->amount_minor;
	basket->kept_minor = 0;
	if (shares.kept_minor <= 0 || shares.unpaid_minor < 0)
		return;
	basket->kept_minor = (uint64_t)shares.kept_minor;
	basket->left_minor = (uint64_t)shares.left_minor;
	add_lines(basket, &shares, scope);
	if (basket->sum.base < 0)
		basket->sum.base = 0;
}

static bool names_lines(const struct programme_rule *rule)
{
	return rule->categories.count > 0 || rule->products.count > 0;
}

static bool is_about(const struct programme *programme,
    const struct programme_rule *rule, const struct earn_line *line)
{
	return names_have(programme, rule->categories, line->category) ||
	       names_have(programme, rule->products, line->product);
}

unsigned __int128 earn_rule_lines(const struct earn_basket *basket,
    const struct programme_rule *rule, struct earn_sum *ret_sum)
{
	unsigned __int128 lines = 0;
	struct earn_sum sum = {0};

	if (!names_lines(rule)) {
		*ret_sum = basket->sum;
		return basket->all;
	}
	for (size_t place = 0; place < basket->line_count; place++) {
		if (!is_about(basket->programme, rule, &basket->lines[place]))
			continue;
		lines |= LINE_BIT(place);
		add_to_sum(&sum, &basket->lines[place]);
	}
	if (sum.base < 0)
		sum.base = 0;
	*ret_sum = sum;
	return lines;
}

/* The sum of lines that two rules share. */
static struct earn_sum sum_of(
    const struct earn_basket *basket, unsigned __int128 lines)
{
	struct earn_sum sum = {0};

	for (size_t place = 0; place < basket->line_count; place++) {
		if (lines & LINE_BIT(place))
			add_to_sum(&sum, &basket->lines[place]);
	}
	if (sum.base < 0)
		sum.base = 0;
	return sum;
}

bool earn_sum_suffices(
    const struct programme_rule *rule, const struct earn_sum *sum)
{
	if (names_lines(rule) && !sum->is_there)
		return false;
	return (uint64_t)sum->base >= rule->amount_minor_min * BASE_PARTS;
}

/* --- what a rule gives ---------------------------------------------------- */

static uint64_t gain_per_amount(
    const struct programme_rule *rule, uint64_t base)
{
	uint64_t per_base = rule->per_amount_minor * BASE_PARTS;

	if (rule->is_stepped)
		return share(rule->points_micro, base / per_base, 1);
	return share(rule->points_micro, base, per_base);
}

/* Items are in the parts that bases are in where some came back by amount. */
static uint64_t gain_per_item(const struct earn_basket *basket,
    const struct programme_rule *rule, uint64_t quantity)
{
	unsigned __int128 parts = (unsigned __int128)quantity * BASE_PARTS;

	if (basket->kept_minor == basket->left_minor)
		return share(rule->points_micro, quantity, 1);
	parts = parts * basket->kept_minor / basket->left_minor;
	return share(rule->points_micro, (uint64_t)parts, BASE_PARTS);
}

uint64_t earn_gain(const struct earn_basket *basket,
    const struct programme_rule *rule, const struct earn_sum *sum)
{
	switch (rule->give) {
	case RULE_PER_AMOUNT:
		return gain_per_amount(rule, (uint64_t)sum->base);
	case RULE_PER_ITEM:
		return gain_per_item(basket, rule, sum->quantity);
	case RULE_PER_VISIT:
		return rule->points_micro;
	case RULE_MULTIPLY:
	case RULE_REFER:
		break;
	}
	return 0;
}

uint64_t earn_multiplied(const struct earn_basket *basket,
    const struct earn_gains *gains, const struct programme_rule *rule,
    unsigned __int128 lines)
{
	const struct programme *programme = basket->programme;
	unsigned __int128 sum = 0;

	for (uint64_t left = gains->given; left; left &= left - 1) {
		unsigned place = (unsigned)__builtin_ctzll(left);
		const struct programme_rule *other = &programme->rules[place];
		unsigned __int128 both = lines & gains->lines[place];
		struct earn_sum of_both;

		if (other->give != RULE_PER_AMOUNT &&
		    other->give != RULE_PER_ITEM)
			continue;
		if (both == gains->lines[place]) {
			sum += gains->micro[place];
			continue;
		}
		of_both = sum_of(basket, both);
		sum += earn_gain(basket, other, &of_both);
	}
	if (rule->multiply_milli <= MULTIPLY_ONE_MILLI)
		return 0;
	sum = sum * (rule->multiply_milli - MULTIPLY_ONE_MILLI) /
	      MULTIPLY_ONE_MILLI;
	return sum > PART_MICRO_MAX ? PART_MICRO_MAX : (uint64_t)sum;
}
