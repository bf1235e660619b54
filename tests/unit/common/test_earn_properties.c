/*
 * test_earn_properties: what holds of any programme and any sale. A failing
 * round says its number and its text; each round starts from its own seed.
 */
#include "tests/unit/common/earn_world.h"

#define ROUNDS 2000u

/* --- random programmes ---------------------------------------------------- */

struct text {
	char data[8000];
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void say(
    struct text *text, const char *format, ...)
{
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text->data + text->size,
	    sizeof(text->data) - text->size, format, arguments);
	va_end(arguments);
	assert_true(size >= 0);
	text->size += (size_t)size;
	assert_true(text->size < sizeof(text->data));
}

static bool one_in(uint64_t *random, uint64_t count)
{
	return draw_below(random, count) == 0;
}

static void say_gift(struct text *text, uint64_t *random, bool may_multiply)
{
	static const char *const pers[] = {"0.01", "1.00", "3.33", "50.00"};
	unsigned points = 1 + (unsigned)draw_below(random, 30000);

	if (may_multiply && one_in(random, 4)) {
		say(text, "multiply = %u.%03u\n",
		    1 + (unsigned)draw_below(random, 4),
		    1 + (unsigned)draw_below(random, 999));
		return;
	}
	say(text, "points = %u.%03u\n", points / 1000, points % 1000);
	if (one_in(random, 3))
		say(text, "per = item\n");
	else if (one_in(random, 3))
		say(text, "per = visit\n");
	else
		say(text, "per = %s\n", pers[draw_below(random, 4)]);
}

static void say_lines(struct text *text, uint64_t *random)
{
	unsigned categories = (unsigned)draw_below(random, 40);

	for (unsigned i = 0; categories < 16 && i < 4; i++)
		if (categories & 1u << i)
			say(text, "categories = c%u\n", i);
	if (one_in(random, 4))
		say(text, "products = p%u\n", (unsigned)draw_below(random, 4));
	if (one_in(random, 4))
		say(text, "amount_min = %u.%02u\n",
		    (unsigned)draw_below(random, 40),
		    1 + (unsigned)draw_below(random, 99));
	if (one_in(random, 4))
		say(text, "group = g%u\n", (unsigned)draw_below(random, 3));
	if (one_in(random, 8))
		say(text, "chance = 2\n");
	if (one_in(random, 8))
		say(text, "weekdays = mon, tue\n");
}

static void say_caps(struct text *text, uint64_t *random)
{
	if (one_in(random, 5))
		say(text, "sale_points_max = %u\n",
		    1 + (unsigned)draw_below(random, 60));
	if (one_in(random, 5))
		say(text, "day_points_max = %u\n",
		    20 + (unsigned)draw_below(random, 60));
	if (one_in(random, 5))
		say(text, "month_points_max = %u\n",
		    50 + (unsigned)draw_below(random, 100));
}

struct wishes {
	bool programme_caps;
	bool discounts;
};

static void say_programme(
    struct text *text, uint64_t *random, const struct wishes *wishes)
{
	unsigned rules = 1 + (unsigned)draw_below(random, 8);

	text->size = 0;
	text->data[0] = '\0';
	if (one_in(random, 2))
		say(text, "earn_points = %u\nearn_amount = %u.50\n",
		    1 + (unsigned)draw_below(random, 9),
		    (unsigned)draw_below(random, 3));
	if (wishes->programme_caps)
		say_caps(text, random);
	if (one_in(random, 3))
		say(text, "exclude_categories = c3\n");
	if (one_in(random, 3))
		say(text, "exclude_products = p%u\n",
		    (unsigned)draw_below(random, 4));
	for (unsigned i = 0; i < rules; i++) {
		say(text, "[earn r%u]\n", i);
		say_gift(text, random, i > 0);
		say_lines(text, random);
		say_caps(text, random);
	}
}

/* --- random sales --------------------------------------------------------- */

static void fill_basket(
    struct basket *basket, uint64_t *random, const struct wishes *wishes)
{
	unsigned count = 1 + (unsigned)draw_below(random, 8);

	*basket = (struct basket){0};
	for (unsigned i = 0; i < count; i++) {
		char category[] = "c0";
		char product[] = "p0";
		int64_t amount = (int64_t)draw_below(random, 3000);

		category[1] = (char)('0' + draw_below(random, 4));
		product[1] = (char)('0' + draw_below(random, 5));
		if (wishes->discounts && one_in(random, 4))
			amount = -(int64_t)draw_below(random, 500);
		add_line(basket, category, product,
		    (uint32_t)draw_below(random, 5), amount);
	}
	if (basket->amount_minor <= 0)
		add_line(basket, "c1", "p1", 1, 1 - basket->amount_minor);
}

/* One round: a programme, a sale, what it earned. */
struct round {
	uint64_t random;
	struct text text;
	struct programme *programme;
	struct basket basket;
	struct earn_sale sale;
	struct person person;
	struct earning earning;
	struct recorded recorded;
};

static void start_round(
    struct round *round, unsigned number, const struct wishes *wishes)
{
	uint64_t *random = &round->random;

	*random = 0x9e3779b97f4a7c15u * (number + 1);
	say_programme(&round->text, random, wishes);
	round->programme = programme_of(round->text.data);
	fill_basket(&round->basket, random, wishes);
	round->sale = sale_of_basket(&round->basket);
	if (one_in(random, 3))
		round->sale.lines = bytes_of(NULL, 0);
	if (one_in(random, 3))
		round->sale.paid_minor =
		    draw_below(random, round->sale.amount_minor + 1);
	round->sale.has_draw = true;
	for (unsigned i = 0; i < HASH_SIZE; i++)
		round->sale.draw.bytes[i] = (uint8_t)draw_number(random);
	person_init(&round->person);
	person_count(&round->person, ident_of("earn", "r0"), COUNT_POINTS_DAY,
	    SOME_DAY, draw_below(random, 100 * (uint64_t)POINTS_MICRO));
	person_count(&round->person, ident_of(IDENT_KIND_EARN, ""),
	    COUNT_POINTS_DAY, SOME_DAY, draw_below(random, 50));
	round->earning =
	    earned(round->programme, &round->person.member, &round->sale);
	record_earning(&round->recorded, &round->sale, &round->earning);
}

static void end_round(struct round *round)
{
	programme_destroy(round->programme);
}

static void wrong(const struct round *round, unsigned number, const char *what)
{
	fail_msg("round %u: %s\n%s", number, what, round->text.data);
}

static uint64_t kept(const struct round *round, const struct earn_back *back)
{
	return earn_kept_points(round->programme, &round->recorded.entry, back);
}

/* --- what comes back ------------------------------------------------------ */

/* Sums, as a book keeps them. */
struct sums {
	struct book_returned_line lines[LINES_MAX];
	struct earn_back back;
};

/* The line that stands at `place`, made where it is not there yet. */
static struct book_returned_line *sums_line(struct sums *sums, uint16_t line)
{
	uint32_t place = 0;

	while (place < sums->back.line_count && sums->lines[place].line < line)
		place++;
	if (place < sums->back.line_count && sums->lines[place].line == line)
		return &sums->lines[place];
	memmove(&sums->lines[place + 1], &sums->lines[place],
	    (sums->back.line_count - place) * sizeof(sums->lines[0]));
	sums->lines[place] = (struct book_returned_line){.line = line};
	sums->back.line_count++;
	return &sums->lines[place];
}

static void sums_init(struct sums *sums)
{
	memset(sums, 0, sizeof(*sums));
	sums->back.lines = sums->lines;
}

/* What is left of the sale, in all. */
static uint64_t left_minor(const struct round *round, const struct sums *sums)
{
	int64_t left = (int64_t)round->sale.amount_minor -
		       (int64_t)sums->back.amount_minor;

	for (uint32_t i = 0; i < sums->back.line_count; i++)
		left -= sums->lines[i].amount_minor;
	return left > 0 ? (uint64_t)left : 0;
}

static unsigned line_count_of(const struct round *round)
{
	struct reader reader = reader_of(round->sale.lines);
	struct sale_line line;
	unsigned count = 0;

	while (sale_line_read(&reader, &line))
		count++;
	return count;
}

static struct sale_line line_at(const struct round *round, unsigned place)
{
	struct reader reader = reader_of(round->sale.lines);
	struct sale_line line = {0};

	for (unsigned i = 0; i <= place; i++)
		assert_true(sale_line_read(&reader, &line));
	return line;
}

/* Some more of one line, of what is left of it and of the sale. */
static void bring_back_line(
    struct round *round, struct sums *sums, unsigned place, uint64_t left)
{
	struct sale_line line = line_at(round, place);
	struct book_returned_line *of = sums_line(sums, (uint16_t)place);
	int64_t rest = line.amount_minor - of->amount_minor;

	if (rest < 0)
		rest = 0;
	if ((uint64_t)rest > left)
		rest = (int64_t)left;
	of->amount_minor +=
	    (int64_t)draw_below(&round->random, (uint64_t)rest + 1);
	of->quantity += (uint32_t)draw_below(
	    &round->random, line.quantity - of->quantity + 1);
}

static void bring_back(struct round *round, struct sums *sums)
{
	uint64_t left = left_minor(round, sums);
	unsigned count = line_count_of(round);

	if (count == 0 || one_in(&round->random, 3))
		sums->back.amount_minor += draw_below(&round->random, left + 1);
	else
		bring_back_line(round, sums,
		    (unsigned)draw_below(&round->random, count), left);
}

/* --- properties ----------------------------------------------------------- */

static const struct wishes anything = {true, true};

static void all_that_comes_back_keeps_nothing(void **state)
{
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sums sums;

		start_round(&round, i, &anything);
		sums_init(&sums);
		for (unsigned j = 0; j < 3; j++)
			bring_back(&round, &sums);
		sums.back.amount_minor += left_minor(&round, &sums);
		if (kept(&round, &sums.back) != 0)
			wrong(&round, i, "something is kept");
		end_round(&round);
	}
}

static void nothing_that_comes_back_keeps_all(void **state)
{
	static const struct wishes no_caps = {false, true};
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sums sums;

		sums_init(&sums);
		start_round(&round, i, &no_caps);
		if (kept(&round, &sums.back) != round.earning.points)
			wrong(&round, i, "not all is kept");
		end_round(&round);
		start_round(&round, i, &anything);
		if (kept(&round, &sums.back) != round.earning.points)
			wrong(&round, i, "not all is kept beside caps");
		end_round(&round);
	}
}

static void nobody_keeps_more_than_was_earned(void **state)
{
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sums sums;

		start_round(&round, i, &anything);
		sums_init(&sums);
		for (unsigned j = 0; j < 5; j++) {
			bring_back(&round, &sums);
			if (kept(&round, &sums.back) > round.earning.points)
				wrong(&round, i, "more is kept");
		}
		end_round(&round);
	}
}

static void more_that_comes_back_never_keeps_more(void **state)
{
	static const struct wishes no_discounts = {true, false};
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sums sums;
		uint64_t last;

		start_round(&round, i, &no_discounts);
		sums_init(&sums);
		last = round.earning.points;
		for (unsigned j = 0; j < 10; j++) {
			uint64_t now;

			bring_back(&round, &sums);
			now = kept(&round, &sums.back);
			if (now > last)
				wrong(&round, i, "more is kept than before");
			last = now;
		}
		end_round(&round);
	}
}

/* What a return takes: what was earned, without what was taken before, and
 * without what is kept. */
static uint64_t take(
    const struct round *round, const struct sums *sums, uint64_t taken)
{
	uint64_t left = round->earning.points - taken;
	uint64_t now = kept(round, &sums->back);

	return left > now ? left - now : 0;
}

/* A piece of what is in `whole` goes to `pieces`. */
static void move_piece(
    struct round *round, const struct sums *whole, struct sums *pieces)
{
	uint64_t *random = &round->random;
	uint32_t count = whole->back.line_count;
	const struct book_returned_line *from;
	struct book_returned_line *to;

	if (count == 0 || one_in(random, 3)) {
		pieces->back.amount_minor += draw_below(random,
		    whole->back.amount_minor - pieces->back.amount_minor + 1);
		return;
	}
	from = &whole->lines[draw_below(random, count)];
	to = sums_line(pieces, from->line);
	to->amount_minor += (int64_t)draw_below(
	    random, (uint64_t)(from->amount_minor - to->amount_minor) + 1);
	to->quantity +=
	    (uint32_t)draw_below(random, from->quantity - to->quantity + 1);
}

/* Ten small returns, in whatever order, take what one large one takes. */
static void order_and_split_of_returns_do_not_matter(void **state)
{
	static const struct wishes no_discounts = {true, false};
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sums whole;
		struct sums pieces;
		uint64_t taken = 0;

		start_round(&round, i, &no_discounts);
		sums_init(&whole);
		sums_init(&pieces);
		for (unsigned j = 0; j < 4; j++)
			bring_back(&round, &whole);
		for (unsigned j = 0; j < 9; j++) {
			move_piece(&round, &whole, &pieces);
			taken += take(&round, &pieces, taken);
		}
		taken += take(&round, &whole, taken);
		if (taken != take(&round, &whole, 0))
			wrong(&round, i, "small returns take another number");
		end_round(&round);
	}
}

static void caps_are_never_passed(void **state)
{
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct programme *programme;
		const struct earning *earning = &round.earning;

		start_round(&round, i, &anything);
		programme = round.programme;
		if (programme->sale_points_max != 0 &&
		    earning->points > programme->sale_points_max)
			wrong(&round, i, "the cap of a sale is passed");
		if (programme->points_max[PERIOD_DAY] != 0 &&
		    earning->points > programme->points_max[PERIOD_DAY])
			wrong(&round, i, "the cap of a day is passed");
		for (size_t j = 0; j < earning->part_count; j++) {
			const struct programme_rule *rule =
			    &programme->rules[earning->parts[j].rule];
			uint64_t micro = earning->parts[j].points_micro;

			if (rule->sale_points_max != 0 &&
			    micro > rule->sale_points_max * POINTS_MICRO)
				wrong(&round, i, "a rule's cap is passed");
			if (rule->points_max[PERIOD_MONTH] != 0 &&
			    micro >
				rule->points_max[PERIOD_MONTH] * POINTS_MICRO)
				wrong(&round, i, "a month's cap is passed");
		}
		end_round(&round);
	}
}

static void sum_is_of_the_parts_that_count(void **state)
{
	static const struct wishes no_caps = {false, true};
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct earning *earning = &round.earning;
		uint64_t micro = 0;

		start_round(&round, i, &no_caps);
		for (size_t j = 0; j < earning->part_count; j++)
			if (earn_part_counts(round.programme, earning->parts,
				earning->part_count, j))
				micro += earning->parts[j].points_micro;
		if (!round.programme->is_plain &&
		    earning->points != micro / POINTS_MICRO)
			wrong(&round, i, "the sum is another");
		if (earning->part_count > 0)
			assert_true(
			    parts_are_sound(round.recorded.entry.parts));
		end_round(&round);
	}
}

static void nobody_known_is_one_who_has_nothing_counted(void **state)
{
	static struct round round;

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		struct person person;
		struct earning nobody;
		struct earning new;

		start_round(&round, i, &anything);
		person_init(&person);
		nobody = earned(round.programme, NULL, &round.sale);
		new = earned(round.programme, &person.member, &round.sale);
		assert_int_equal(nobody.points, new.points);
		assert_int_equal(nobody.part_count, new.part_count);
		person.member.extra = NULL;
		new = earned(round.programme, &person.member, &round.sale);
		assert_int_equal(nobody.points, new.points);
		end_round(&round);
	}
}

/* Against the fraction itself: points × amount ÷ per, floored. */
static void rule_per_amount_is_exact(void **state)
{
	uint64_t random = 77;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		char more[256];
		uint64_t milli = 1 + draw_below(&random, 5000000);
		uint64_t per = 1 + draw_below(&random, 100000);
		struct earn_sale sale =
		    sale_of(1 + draw_below(&random, 1000000000));
		unsigned __int128 want;

		snprintf(more, sizeof(more),
		    "[earn a]\npoints = %llu.%03llu\nper = %llu.%02llu\n",
		    (unsigned long long)milli / 1000,
		    (unsigned long long)milli % 1000,
		    (unsigned long long)per / 100,
		    (unsigned long long)per % 100);
		want = (unsigned __int128)milli * sale.amount_minor /
		       ((unsigned __int128)per * 1000);
		if (points_by(more, &sale) != (uint64_t)want)
			fail_msg("%sof %llu", more,
			    (unsigned long long)sale.amount_minor);
	}
}

/* A sale of many lines earns what one of the same amount does. */
static void splitting_a_sale_into_lines_changes_nothing(void **state)
{
	static struct basket basket;
	uint64_t random = 78;

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		struct earn_sale lines;
		struct earn_sale whole;

		basket = (struct basket){0};
		for (unsigned j = 0; j < 20; j++)
			add_line(&basket, "c", "p", 1,
			    (int64_t)draw_below(&random, 10000));
		lines = sale_of_basket(&basket);
		whole = sale_of(lines.amount_minor);
		assert_int_equal(
		    points_by("[earn a]\npoints = 0.037\nper = 0.19\n", &lines),
		    points_by(
			"[earn a]\npoints = 0.037\nper = 0.19\n", &whole));
		assert_int_equal(points_by(BASE "[earn a]\nmultiply = 1.7\n"
						"categories = c\n",
				     &lines),
		    points_by(BASE "[earn a]\nmultiply = 1.7\n", &whole));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_that_comes_back_keeps_nothing),
	    cmocka_unit_test(nothing_that_comes_back_keeps_all),
	    cmocka_unit_test(nobody_keeps_more_than_was_earned),
	    cmocka_unit_test(more_that_comes_back_never_keeps_more),
	    cmocka_unit_test(order_and_split_of_returns_do_not_matter),
	    cmocka_unit_test(caps_are_never_passed),
	    cmocka_unit_test(sum_is_of_the_parts_that_count),
	    cmocka_unit_test(nobody_known_is_one_who_has_nothing_counted),
	    cmocka_unit_test(rule_per_amount_is_exact),
	    cmocka_unit_test(splitting_a_sale_into_lines_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
