/*
 * The law of sales: what is said of one, which day it is in, what it gives, and
 * to whom it may not.
 */
#include "common/law/earn.h"
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static struct command sale_of(
    struct world *world, uint64_t account, uint64_t amount_minor)
{
	struct command command = world_command(world, ENTRY_EARN, 1);

	command.account = account;
	command.amount_minor = amount_minor;
	return command;
}

/* The last entry, after this command has led to it. */
static struct entry done(struct world *world, const struct command *command)
{
	enum refusal_code code = world_do(world, command);

	if (code != REFUSAL_NONE)
		fail_msg("%s: %s", refusal_name(code), refusal_of(world)->say);
	return world_entry(world, world->count);
}

/* --- lines ------------------------------------------------------------------
 */

static void keeps_the_lines_that_make_up_the_amount(void **state)
{
	struct world *world = world_open(1);
	struct world_lines lines;
	struct command command = sale_of(world, MEMBER(1), 1250);
	struct entry entry;

	(void)state;
	world_lines_start(&lines);
	world_lines_add(&lines, "fruit", "4011", 3, 450);
	world_lines_add(&lines, "wine", "", 1, 1000);
	world_lines_add(&lines, "", "", 0, -200); /* a discount */
	command.lines = world_lines_view(&lines);
	entry = done(world, &command);
	assert_int_equal(entry.points, 12);
	assert_true(bytes_equal(entry.lines, command.lines));
	/* A plain programme says nothing of parts. */
	assert_int_equal(
	    entry.has, ENTRY_HAS(TAG_BALANCE) | ENTRY_HAS(TAG_LINES));
	world_close(world);
}

static void refuses_lines_that_do_not(void **state)
{
	static const struct {
		int64_t first, second;
		uint64_t amount_minor;
		enum refusal_code code;
	} table[] = {
	    {1000, 250, 1250, REFUSAL_NONE},
	    {1000, 251, 1250, REFUSAL_LINES_INVALID},
	    {1000, 249, 1250, REFUSAL_LINES_INVALID},
	    {1000, -1000, 0, REFUSAL_AMOUNT_INVALID}, /* a zero sale */
	    {1000, -1001, 1, REFUSAL_LINES_INVALID},
	    {-1000, -250, 1250, REFUSAL_LINES_INVALID},
	    {-1, 2, 1, REFUSAL_NONE},
	    {AMOUNT_MINOR_MAX, -(int64_t)AMOUNT_MINOR_MAX + 1, 1, REFUSAL_NONE},
	    {AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, 1250, REFUSAL_LINES_INVALID},
	};
	struct world *world = world_open(2);

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct world_lines lines;
		struct command command =
		    sale_of(world, MEMBER(1), table[at].amount_minor);

		world_lines_start(&lines);
		world_lines_add(&lines, "a", "", 1, table[at].first);
		world_lines_add(&lines, "b", "", 1, table[at].second);
		command.lines = world_lines_view(&lines);
		assert_int_equal(world_do(world, &command), table[at].code);
		if (table[at].code == REFUSAL_LINES_INVALID)
			assert_string_equal(refusal_of(world)->say,
			    table[at].amount_minor == 1
				? "The lines do not make up the 0.01 EUR of "
				  "the sale. Check the amount."
				: "The lines do not make up the 12.50 EUR of "
				  "the sale. Check the amount.");
	}
	world_close(world);
}

/* A named case: thousands of lines meet a clear limit. */
static void takes_so_many_lines_and_no_more(void **state)
{
	struct world *world = world_open(3);
	struct world_lines lines;
	struct command command = sale_of(world, MEMBER(1), LINES_MAX * 10);

	(void)state;
	world_lines_start(&lines);
	for (unsigned line = 0; line < LINES_MAX; line++)
		world_lines_add(&lines, "c", "p", 1, 10);
	command.lines = world_lines_view(&lines);
	assert_int_equal(done(world, &command).points, 10);
	world_lines_add(&lines, "c", "p", 1, 10);
	command.lines = world_lines_view(&lines);
	command.amount_minor += 10;
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	assert_string_equal(refusal_of(world)->say,
	    "A sale has at most 100 lines, each with an amount and names of "
	    "at most 32 bytes. Ring it up without its lines.");
	world_close(world);
}

static void refuses_lines_that_are_no_list(void **state)
{
	static const char *const lists[] = {
	    "x", "\1a", "\0\0\0\0\0\0", "\1\n\0\0\0\0\1\0\0\0\0\0\0\4\xe2"};
	struct world *world = world_open(4);

	(void)state;
	for (size_t at = 0; at < sizeof(lists) / sizeof(*lists); at++) {
		struct command command = sale_of(world, MEMBER(1), 1250);

		command.lines = bytes_of(lists[at], at == 3 ? 15 : 5);
		assert_int_equal(
		    world_ask(world, &command), REFUSAL_LINES_INVALID);
	}
	world_close(world);
}

/* --- what was paid with points ----------------------------------------------
 */

static void gives_nothing_for_what_was_paid_with_points(void **state)
{
	struct world *world = world_open(5);
	struct command command = sale_of(world, MEMBER(1), 2000);
	struct entry entry;

	(void)state;
	command.paid_minor = 2001;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	assert_int_equal(refusal_of(world)->required, 2000);
	command.paid_minor = UINT64_MAX;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	command.paid_minor = 550;
	entry = done(world, &command);
	assert_int_equal(entry.points, 14);
	assert_int_equal(entry.paid_minor, 550);
	command = sale_of(world, MEMBER(1), 2000);
	command.paid_minor = 2000;
	assert_int_equal(done(world, &command).points, 0);
	world_close(world);
}

/* --- when it was sold -------------------------------------------------------
 */

#define RULES_LATE                                                            \
	RULES_HEAD "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"                 \
		   "late_days_max = 2\n"                                      \
		   "[earn sunday]\nname = Sunday\npoints = 10\nper = visit\n" \
		   "weekdays = sun\n"

static void listens_to_a_tills_own_time_for_a_while(void **state)
{
	static const struct {
		const char *day;
		unsigned hour, minute, second; /* UTC */
		bool counts;
		uint64_t points;
	} table[] = {
	    /* It is Tuesday 2026-03-31, 10:00 in summer time. */
	    {"2026-03-31", 8, 0, 0, false, 5},
	    {"2026-03-31", 7, 59, 1, false, 5},
	    {"2026-03-31", 7, 59, 0, false, 5},
	    {"2026-03-31", 7, 58, 59, true, 5},
	    {"2026-03-31", 8, 0, 1, false, 5},	  /* to come */
	    {"2026-04-05", 8, 0, 0, false, 5},	  /* a Sunday to come */
	    {"2026-03-29", 21, 59, 59, true, 15}, /* Sunday, in summer time */
	    {"2026-03-29", 22, 0, 0, true, 5},
	    {"2026-03-28", 23, 0, 0, true, 15},	  /* Sunday, in winter time */
	    {"2026-03-28", 22, 59, 59, false, 5}, /* three days ago */
	    {"1970-01-01", 0, 0, 0, false, 5},
	};
	struct world *world = world_open_with(6, RULES_LATE);

	(void)state;
	for (size_t at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct command command = sale_of(world, MEMBER(1), 500);
		struct entry entry;

		world_set_clock(world, table[at].day, table[at].hour,
		    table[at].minute, table[at].second);
		command.sold_ms = world->now_ms;
		world_set_clock(world, "2026-03-31", 8, 0, 0);
		entry = done(world, &command);
		assert_int_equal(entry.time_ms, world->now_ms);
		assert_int_equal(entry.points, table[at].points);
		assert_int_equal(
		    entry.sold_ms, table[at].counts ? command.sold_ms : 0);
	}
	world_close(world);
}

static void takes_any_number_for_a_time(void **state)
{
	static const uint64_t times[] = {1, SOLD_SLACK_MS, UINT64_MAX,
	    UINT64_MAX - SOLD_SLACK_MS, 1ull << 63};
	struct world *world = world_open_with(7, RULES_LATE);

	(void)state;
	for (size_t at = 0; at < sizeof(times) / sizeof(*times); at++) {
		struct command command = sale_of(world, MEMBER(1), 500);

		command.sold_ms = times[at];
		assert_int_equal(done(world, &command).sold_ms, 0);
	}
	world_close(world);
}

/* The day of the entry stamps, not that of the sale: what comes late has not
 * lapsed before it is there, and no till makes it active by an older date. */
static void stamps_points_on_the_day_they_come(void **state)
{
	struct world *world = world_open_with(
	    8, RULES_HEAD "[points]\npending_days = 3\nexpire_end = year\n");
	struct command command = sale_of(world, MEMBER(1), 500);

	(void)state;
	world_set_day(world, "2026-12-30");
	command.sold_ms = world->now_ms;
	world_set_day(world, "2027-01-02");
	assert_int_equal(done(world, &command).sold_ms, command.sold_ms);
	assert_int_equal(world_lot(world, MEMBER(1), world_day("2027-12-31"),
			     world_day("2027-01-05")),
	    5);
	world_close(world);
}

static void says_nothing_new_of_a_plain_sale(void **state)
{
	struct world *world = world_open(9);
	struct command command = sale_of(world, MEMBER(1), 500);
	struct entry entry;

	(void)state;
	command.sold_ms = world->now_ms - 1000;
	command.is_birthday = true;
	command.draw_size = 3;
	command.draw_root = world_hash(7);
	entry = done(world, &command);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_BALANCE));
	world_close(world);
}

/* --- to whom ----------------------------------------------------------------
 */

static void counts_the_sales_of_a_day(void **state)
{
	struct world *world =
	    world_open_with(10, RULES_HEAD "day_sales_max = 2\n");
	struct command late;

	(void)state;
	world_set_day(world, "2026-05-01");
	for (int count = 0; count < 2; count++)
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	assert_int_equal(
	    world_earn(world, 2, MEMBER(1), 500), REFUSAL_SALES_LIMIT);
	assert_int_equal(refusal_of(world)->required, 2);
	assert_string_equal(refusal_of(world)->say,
	    "This card has had its 2 sales of the day. More earn nothing.");
	/* A sale of tomorrow that was sold today is in today's number. */
	late = sale_of(world, MEMBER(1), 500);
	late.sold_ms = world->now_ms;
	world_set_day(world, "2026-05-02");
	assert_int_equal(world_ask(world, &late), REFUSAL_SALES_LIMIT);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	/* One that is undone does not count. */
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	assert_int_equal(
	    world_earn(world, 1, MEMBER(1), 500), REFUSAL_SALES_LIMIT);
	world_close(world);
}

/* Whoever collects receipts, or sets a till's clock back, gets nothing by it.
 */
static void gives_no_cap_twice_to_what_comes_late(void **state)
{
	static const uint64_t points[] = {20, 0, 20, 0, 0};
	static const char *const sold[] = {"2026-05-01", "2026-05-01",
	    "2026-05-02", "2026-05-01", "2026-05-02"};
	struct world *world =
	    world_open_with(12, RULES_HEAD "day_points_max = 20\n");

	(void)state;
	for (size_t at = 0; at < sizeof(points) / sizeof(*points); at++) {
		struct command command = sale_of(world, MEMBER(1), 50000);

		world_set_day(world, sold[at]);
		command.sold_ms = world->now_ms;
		world_set_day(world, "2026-05-03");
		assert_int_equal(done(world, &command).points, points[at]);
	}
	world_close(world);
}

static enum refusal_code is_asked_by(
    struct world *world, struct command command, uint32_t cashier)
{
	command.cashier = cashier;
	return world_ask(world, &command);
}

/* Whatever gives points: a sale, a claim, what a redemption gives back. To
 * redeem and to return goods is nobody's gain but the shop's. */
static void lets_no_cashier_give_points_to_their_own_card(void **state)
{
	struct world *world = world_open(11);
	struct command command;
	struct entry redeem;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 50000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "cake"), REFUSAL_NONE);
	for (uint32_t number = 1; number <= 2; number++)
		assert_int_equal(
		    world_cashier(world, number, ROLE_CASHIER, STANDING_ACTIVE),
		    REFUSAL_NONE);
	command = world_command(world, ENTRY_STAFF, 0);
	command.subject = 1;
	command.account = MEMBER(1);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command = sale_of(world, MEMBER(1), 500);
	assert_int_equal(is_asked_by(world, command, 1), REFUSAL_OWN_CARD);
	assert_string_equal(refusal_of(world)->say,
	    "This is a card of your own, or of your household. Let a "
	    "colleague do it.");
	assert_int_equal(is_asked_by(world, command, 2), REFUSAL_NONE);
	command = world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cake");
	assert_int_equal(is_asked_by(world, command, 1), REFUSAL_NONE);
	redeem = world_entry(world, 7);
	command = world_command(world, ENTRY_RETURN, 1);
	command.related = &redeem;
	assert_int_equal(is_asked_by(world, command, 1), REFUSAL_OWN_CARD);
	assert_int_equal(is_asked_by(world, command, 2), REFUSAL_NONE);
	command.kind = ENTRY_VOID;
	command.voided_counter = redeem.counter;
	assert_int_equal(is_asked_by(world, command, 1), REFUSAL_OWN_CARD);
	assert_int_equal(is_asked_by(world, command, 2), REFUSAL_NONE);
	/* Who has no card here any more may. */
	command = world_command(world, ENTRY_STAFF, 0);
	command.subject = 1;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	command = sale_of(world, MEMBER(1), 500);
	assert_int_equal(is_asked_by(world, command, 1), REFUSAL_NONE);
	world_close(world);
}

/* --- rules ------------------------------------------------------------------
 */

#define RULES_PARTS                                               \
	RULES_HEAD                                                \
	"[earn fruit]\nname = Fruit\npoints = 2\nper = 1.00\n"    \
	"categories = fruit\n"                                    \
	"[earn visit]\nname = Visit\npoints = 3\nper = visit\n"   \
	"ever_times = 1\n"                                        \
	"[earn day]\nname = Birthday\npoints = 50\nper = visit\n" \
	"birthday = yes\n"

static struct part part_at(const struct entry *entry, unsigned place)
{
	struct reader reader = reader_of(entry->parts);
	struct part part = {0};

	for (unsigned at = 0; at <= place; at++)
		assert_true(part_read(&reader, &part));
	return part;
}

static void says_what_each_rule_gave(void **state)
{
	struct world *world = world_open_with(12, RULES_PARTS);
	struct world_lines lines;
	struct command command = sale_of(world, MEMBER(1), 1000);
	struct entry entry;

	(void)state;
	world_lines_start(&lines);
	world_lines_add(&lines, "fruit", "", 1, 250);
	world_lines_add(&lines, "wine", "", 1, 750);
	command.lines = world_lines_view(&lines);
	command.is_birthday = true;
	entry = done(world, &command);
	assert_int_equal(entry.points, 10 + 5 + 3 + 50);
	assert_int_equal(entry.facts, FACT_BIRTHDAY);
	assert_int_equal(entry.parts.size, 4 * PART_SIZE);
	assert_int_equal(part_at(&entry, 1).points_micro, 5000000);
	assert_int_equal(part_at(&entry, 3).points_micro, 50000000);
	command = sale_of(world, MEMBER(1), 99);
	entry = done(world, &command);
	assert_int_equal(entry.points, 0);
	assert_false(entry.has & ENTRY_HAS(TAG_PARTS));
	world_close(world);
}

static void knows_a_till_by_its_shop(void **state)
{
	struct world *world = world_open_with(13,
	    RULES_HEAD "[earn north]\nname = North\npoints = 5\nper = visit\n"
		       "shops = north\n");
	struct command till = world_command(world, ENTRY_TERMINAL, 0);

	(void)state;
	till.subject = 3;
	till.role = ROLE_TERMINAL;
	till.standing = STANDING_ACTIVE;
	till.key = world_hash(3);
	till.shop = bytes_of_string("north");
	assert_int_equal(world_do(world, &till), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(world_entry(world, world->count).points, 1);
	assert_int_equal(world_earn(world, 3, MEMBER(1), 100), REFUSAL_NONE);
	assert_int_equal(world_entry(world, world->count).points, 6);
	world_close(world);
}

static void draws_from_a_checkpoint_that_is_there(void **state)
{
	struct world *world = world_open_with(14,
	    RULES_HEAD "[earn luck]\nname = Luck\npoints = 100\n"
		       "per = visit\nchance = 4\n");
	int won = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct command command = sale_of(world, MEMBER(1), 100);
		struct entry entry;

		command.draw_root = world_hash((uint8_t)round);
		if (round == 0) {
			/* None, and one of a ledger yet to come. */
			assert_int_equal(done(world, &command).points, 1);
			command.draw_size = world->count + 1;
			command.counter = ++world->counters[1];
			entry = done(world, &command);
			assert_int_equal(entry.points, 1);
			assert_false(entry.has & ENTRY_HAS(TAG_DRAW));
			continue;
		}
		command.draw_size = 1 + world_below(world, world->count);
		entry = done(world, &command);
		assert_true(entry.has & ENTRY_HAS(TAG_DRAW));
		assert_int_equal(entry.draw_size, command.draw_size);
		won += entry.points == 101;
	}
	assert_in_range(won, 30, 70);
	world_close(world);
}

static void lifts_a_member_with_the_sale_that_reaches_a_tier(void **state)
{
	struct world *world = world_open_with(15, RULES_HEAD
	    "[tiers]\nqualify = amount\n[tier silver]\nname = Silver\n"
	    "from = 100\n"
	    "[earn more]\nname = More\nmultiply = 2\ntiers = silver\n");
	struct entry entry;

	(void)state;
	world_set_day(world, "2026-02-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 9999), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_false(entry.has & ENTRY_HAS(TAG_TIER));
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 1); /* not yet with this one */
	assert_true(entry.has & ENTRY_HAS(TAG_TIER));
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(entry.tier_until_day, world_day("2027-12-31"));
	assert_int_equal(world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 2);
	assert_false(entry.has & ENTRY_HAS(TAG_TIER));
	world_close(world);
}

/* A named case: no number of points is too large to be refused. */
static void keeps_the_largest_numbers_exact(void **state)
{
	struct world *world = world_open_with(16,
	    "[programme]\nname = N\ncurrency = EUR\nearn_points = 1000000\n"
	    "earn_amount = 0.01\nsale_amount_max = 1000000000.00\n");

	(void)state;
	assert_int_equal(
	    world_earn(world, 1, MEMBER(1), AMOUNT_MINOR_MAX), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), POINTS_MAX);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1ull << 63),
	    REFUSAL_AMOUNT_INVALID);
	assert_int_equal(world_return(world, 1, world->count, AMOUNT_MINOR_MAX),
	    REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_the_lines_that_make_up_the_amount),
	    cmocka_unit_test(refuses_lines_that_do_not),
	    cmocka_unit_test(takes_so_many_lines_and_no_more),
	    cmocka_unit_test(refuses_lines_that_are_no_list),
	    cmocka_unit_test(gives_nothing_for_what_was_paid_with_points),
	    cmocka_unit_test(listens_to_a_tills_own_time_for_a_while),
	    cmocka_unit_test(takes_any_number_for_a_time),
	    cmocka_unit_test(stamps_points_on_the_day_they_come),
	    cmocka_unit_test(says_nothing_new_of_a_plain_sale),
	    cmocka_unit_test(counts_the_sales_of_a_day),
	    cmocka_unit_test(gives_no_cap_twice_to_what_comes_late),
	    cmocka_unit_test(lets_no_cashier_give_points_to_their_own_card),
	    cmocka_unit_test(says_what_each_rule_gave),
	    cmocka_unit_test(knows_a_till_by_its_shop),
	    cmocka_unit_test(draws_from_a_checkpoint_that_is_there),
	    cmocka_unit_test(lifts_a_member_with_the_sale_that_reaches_a_tier),
	    cmocka_unit_test(keeps_the_largest_numbers_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
