/*
 * The law of the night: what falls due by itself, once, whenever the night is.
 */
#include "tests/unit/common/people_world.h"

#define NIGHT_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\n"               \
	"sale_amount_max = 2000.00\n"
#define NIGHT_COFFEE \
	"[reward coffee]\nname = Coffee\npoints = 150\nhold_minutes = 10\n"
#define NIGHT_RULES \
	NIGHT_HEAD "[points]\nexpire_months = 1\nwarn_days = 7\n" NIGHT_COFFEE
#define INACTIVE_RULES                                                 \
	NIGHT_HEAD "[points]\nexpire_inactive_days = 30\nwarn_days = " \
		   "7\n" NIGHT_COFFEE
#define TIER_RULES                                                        \
	NIGHT_HEAD                                                        \
	    "[points]\nexpire_months = 12\n"                              \
	    "[tiers]\nqualify = points\nwindow = year\ndowngrade = one\n" \
	    "[tier silver]\nname = Silver\nfrom = 500\n"                  \
	    "[tier gold]\nname = Gold\nfrom = 1000\n" NIGHT_COFFEE

static const struct book_member *member(struct world *world, unsigned n)
{
	return book_member(world->book, MEMBER(n));
}

static enum refusal_code earn(struct world *world, unsigned n, uint64_t points)
{
	return world_earn(world, 1, MEMBER(n), points * 100);
}

static enum refusal_code do_night(
    struct world *world, enum entry_kind kind, uint64_t account)
{
	struct command command = world_command(world, kind, 0);

	command.account = account;
	return world_do(world, &command);
}

static void assert_due(struct world *world, unsigned n, enum entry_kind kind)
{
	struct command command;

	assert_true(
	    law_due(world->book, member(world, n), world->now_ms, &command));
	assert_int_equal(command.kind, kind);
	assert_int_equal(command.account, MEMBER(n));
}

static void assert_nothing_due(struct world *world, unsigned n)
{
	static const enum entry_kind kinds[] = {
	    ENTRY_TIER, ENTRY_EXPIRE, ENTRY_NOTICE, ENTRY_BONUS};
	struct command command;

	if (law_due(world->book, member(world, n), world->now_ms, &command))
		fail_msg("a %s is due", entry_kind_name(command.kind));
	for (size_t index = 0; index < 4; index++)
		assert_int_equal(do_night(world, kinds[index], MEMBER(n)),
		    REFUSAL_NOTHING_DUE);
}

/* --- points that lapse -----------------------------------------------------
 */

static void expires_points_after_their_last_day(void **state)
{
	struct world *world = people_open(1, NIGHT_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	earn(world, 2, 40);
	world_set_clock(world, "2026-02-15", 23, 59, 59);
	people_night(world);
	assert_nothing_due(world, 1);
	assert_int_equal(world_spendable(world, MEMBER(1)), 100);
	world->now_ms += 1000;
	assert_int_equal(world_spendable(world, MEMBER(1)), 0);
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(
	    do_night(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.terminal, 0);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.to_account, ACCOUNT_EXPIRED);
	assert_int_equal(entry.points, 100);
	assert_int_equal(entry.balance_points, 0);
	assert_int_equal(lots_points(entry.lots), 100);
	assert_nothing_due(world, 1);
	assert_due(world, 2, ENTRY_EXPIRE);
	people_close(world);
}

static void expires_all_that_has_lapsed_at_once_and_no_more(void **state)
{
	struct world *world = people_open(2, NIGHT_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-01-20");
	earn(world, 1, 10);
	world_set_day(world, "2026-02-18");
	earn(world, 1, 1);
	world_set_day(world, "2026-03-01");
	assert_int_equal(
	    do_night(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 110);
	assert_int_equal(entry.lots.size, 2 * LOT_SIZE);
	assert_int_equal(world_balance(world, MEMBER(1)), 1);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void expires_nothing_that_is_kept_for_a_redemption(void **state)
{
	struct world *world = people_open(3, NIGHT_RULES);

	(void)state;
	earn(world, 1, 200);
	world_set_clock(world, "2026-02-15", 23, 55, 0);
	people_night(world);
	assert_int_equal(
	    world_hold(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	world_set_clock(world, "2026-02-16", 0, 1, 0);
	assert_nothing_due(world, 1);
	world_set_clock(world, "2026-02-16", 0, 5, 0);
	assert_due(world, 1, ENTRY_EXPIRE);
	people_close(world);
}

static void expires_more_points_than_one_entry_moves(void **state)
{
	struct world *world = people_open(4, NIGHT_RULES);

	(void)state;
	for (int times = 0; times < 3; times++)
		assert_int_equal(
		    people_adjust(world, MEMBER(1), (int64_t)POINTS_MAX),
		    REFUSAL_NONE);
	world_set_day(world, "2026-03-01");
	assert_int_equal(people_night(world), 3);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	people_close(world);
}

static void expires_by_the_last_activity(void **state)
{
	struct world *world = people_open(5, INACTIVE_RULES);

	(void)state;
	earn(world, 1, 200);
	world_set_day(world, "2026-02-14");
	people_night(world);
	assert_int_equal(world_spendable(world, MEMBER(1)), 200);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "coffee"), REFUSAL_NONE);
	world_set_day(world, "2026-03-16");
	people_night(world);
	assert_int_equal(world_balance(world, MEMBER(1)), 50);
	world_set_day(world, "2026-03-17");
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	people_close(world);
}

/* --- notices ---------------------------------------------------------------
 */

static void tells_once_of_points_that_lapse_soon(void **state)
{
	struct world *world = people_open(6, NIGHT_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-07");
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-08");
	assert_due(world, 1, ENTRY_NOTICE);
	assert_int_equal(
	    do_night(world, ENTRY_NOTICE, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 0);
	assert_int_equal(lots_points(entry.lots), 100);
	assert_int_equal(member(world, 1)->warned_day, world_day("2026-02-15"));
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-15");
	assert_nothing_due(world, 1);
	people_close(world);
}

static void tells_of_later_points_in_their_own_time(void **state)
{
	struct world *world = people_open(7, NIGHT_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-01-18");
	earn(world, 1, 30);
	world_set_day(world, "2026-01-20");
	earn(world, 1, 7);
	/* Nights were missed: one notice for both that are near by now. */
	world_set_day(world, "2026-02-12");
	assert_int_equal(people_night(world), 1);
	entry = world_entry(world, world->count);
	assert_int_equal(lots_points(entry.lots), 130);
	world_set_day(world, "2026-02-13");
	assert_int_equal(people_night(world), 1);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.kind, ENTRY_NOTICE);
	assert_int_equal(lots_points(entry.lots), 7);
	people_close(world);
}

static void tells_again_where_activity_has_moved_the_day(void **state)
{
	struct world *world = people_open(8, INACTIVE_RULES);

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-08");
	assert_int_equal(people_night(world), 1);
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-02-10");
	earn(world, 1, 1);
	assert_nothing_due(world, 1);
	world_set_day(world, "2026-03-05");
	assert_int_equal(people_night(world), 1);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void tells_nobody_where_the_programme_does_not_say_so(void **state)
{
	struct world *world =
	    people_open(9, NIGHT_HEAD "[points]\nexpire_months = 1\n");

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-02-15");
	assert_nothing_due(world, 1);
	people_close(world);
}

/* --- tiers -----------------------------------------------------------------
 */

static void writes_down_a_tier_that_has_run_out(void **state)
{
	struct world *world = people_open(10, TIER_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 1000);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 2);
	assert_int_equal(entry.tier_until_day, world_day("2027-12-31"));
	world_set_day(world, "2027-12-31");
	people_night(world);
	assert_nothing_due(world, 1);
	world_set_day(world, "2028-01-01");
	assert_due(world, 1, ENTRY_TIER);
	assert_int_equal(do_night(world, ENTRY_TIER, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(entry.tier_until_day, world_day("2028-12-31"));
	assert_int_equal(entry.has, ENTRY_HAS(TAG_TIER));
	assert_nothing_due(world, 1);
	world_set_day(world, "2031-01-01");
	assert_int_equal(do_night(world, ENTRY_TIER, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 0);
	assert_int_equal(entry.tier_until_day, 0);
	assert_nothing_due(world, 1);
	people_close(world);
}

static void takes_a_tier_back_with_the_sale(void **state)
{
	struct world *world = people_open(11, TIER_RULES);
	struct entry entry;

	(void)state;
	earn(world, 1, 600);
	earn(world, 1, 600);
	assert_int_equal(member(world, 1)->tier_level, 2);
	assert_int_equal(
	    world_return(world, 1, world->count, 20001), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.tier_level, 1);
	assert_int_equal(member(world, 1)->tier_level, 1);
	people_close(world);
}

static void asks_for_the_tier_of_the_pool(void **state)
{
	struct world *world = people_open(12, TIER_RULES);
	const struct programme *programme;

	(void)state;
	programme = book_programme(world->book)->programme;
	earn(world, 2, 1000);
	people_join(world, MEMBER(1), MEMBER(2));
	assert_int_equal(law_tier(world->book, programme, member(world, 1),
			     world_day("2026-01-15")),
	    2);
	people_close(world);
}

/* --- referrals -------------------------------------------------------------
 */

#define FRIEND_RULES                                                  \
	NIGHT_HEAD "[points]\npending_days = 3\nexpire_months = 12\n" \
		   "[earn friend]\nrefer = 500\n"

static void enrol_brought(struct world *world, unsigned n, unsigned by)
{
	struct command command = people_command(world, ENTRY_ENROL, MEMBER(n));

	command.commitment = world_hash(0xcc);
	command.referrer = MEMBER(by);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
}

static void pays_for_a_member_brought_after_its_first_sale(void **state)
{
	struct world *world = people_open(13, FRIEND_RULES);
	uint64_t sale;
	struct entry entry;

	(void)state;
	enrol_brought(world, 9, 1);
	world_set_day(world, "2026-01-16");
	assert_nothing_due(world, 9);
	earn(world, 9, 10);
	sale = world->count;
	assert_due(world, 9, ENTRY_BONUS);
	assert_nothing_due(world, 1);
	assert_int_equal(do_night(world, ENTRY_BONUS, MEMBER(9)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, ACCOUNT_ISSUED);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 500);
	assert_int_equal(entry.related_sequence, sale);
	assert_int_equal(entry.referrer, MEMBER(9));
	assert_int_equal(world_lot(world, MEMBER(1), world_day("2027-01-19"),
			     world_day("2026-01-19")),
	    500);
	assert_nothing_due(world, 9);
	earn(world, 9, 10);
	assert_nothing_due(world, 9);
	people_close(world);
}

static void pays_into_the_pool_of_who_brought_a_member(void **state)
{
	struct world *world = people_open(14, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	people_join(world, MEMBER(1), MEMBER(2));
	earn(world, 9, 10);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_balance(world, MEMBER(2)), 500);
	people_close(world);
}

static void pays_nothing_to_a_pool_for_its_own_head(void **state)
{
	struct world *world = people_open(15, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	earn(world, 9, 10);
	people_join(world, MEMBER(1), MEMBER(9));
	assert_nothing_due(world, 9);
	people_leave(world, MEMBER(1));
	assert_due(world, 9, ENTRY_BONUS);
	people_close(world);
}

static void pays_nothing_for_a_sale_that_came_back(void **state)
{
	struct world *world = people_open(16, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	earn(world, 9, 10);
	assert_int_equal(world_void_last(world), REFUSAL_NONE);
	assert_nothing_due(world, 9);
	earn(world, 9, 20);
	assert_due(world, 9, ENTRY_BONUS);
	people_close(world);
}

static void pays_by_the_rules_in_force(void **state)
{
	struct world *world = people_open(17, FRIEND_RULES);

	(void)state;
	enrol_brought(world, 9, 1);
	earn(world, 9, 10);
	assert_int_equal(world_programme(world, NIGHT_RULES), REFUSAL_NONE);
	assert_nothing_due(world, 9);
	assert_int_equal(
	    world_programme(world, NIGHT_HEAD "[earn friend]\nrefer = 7\n"
					      "[earn fiend]\nrefer = 0.5\n"
					      "[earn fan]\nrefer = 0.5\n"),
	    REFUSAL_NONE);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 8);
	people_close(world);
}

/* The day is that of the sale, so that a night that comes late pays. */
static void pays_for_sales_within_the_rules_dates(void **state)
{
	struct world *world = people_open(18,
	    NIGHT_HEAD "[earn friend]\nrefer = 500\nfrom = 2026-02-01\n"
		       "until = 2026-02-28\n");

	(void)state;
	enrol_brought(world, 7, 1);
	enrol_brought(world, 8, 1);
	enrol_brought(world, 9, 1);
	world_set_day(world, "2026-01-31");
	earn(world, 7, 10);
	world_set_day(world, "2026-02-28");
	earn(world, 8, 10);
	world_set_day(world, "2026-03-01");
	earn(world, 9, 10);
	assert_nothing_due(world, 7);
	assert_due(world, 8, ENTRY_BONUS);
	assert_nothing_due(world, 9);
	people_close(world);
}

static void waits_where_caps_leave_nothing(void **state)
{
	struct world *world = people_open(19,
	    NIGHT_HEAD "[earn friend]\nrefer = 500\nmonth_times = 1\n"
		       "budget_points_max = 1200\n");

	(void)state;
	for (unsigned n = 6; n <= 9; n++) {
		enrol_brought(world, n, 1);
		earn(world, n, 10);
	}
	assert_int_equal(people_night(world), 1);
	assert_int_equal(people_night(world), 0);
	world_set_day(world, "2026-02-01");
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 1000);
	world_set_day(world, "2026-03-01");
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 1200);
	world_set_day(world, "2026-04-01");
	assert_int_equal(people_night(world), 0);
	people_close(world);
}

static void pays_members_of_a_tier_or_a_segment_alone(void **state)
{
	struct world *world = people_open(20,
	    TIER_RULES "[earn friend]\nrefer = 500\ntiers = gold\n"
		       "[earn press]\nrefer = 40\nsegments = press\n");
	struct command command;

	(void)state;
	enrol_brought(world, 8, 1);
	enrol_brought(world, 9, 2);
	earn(world, 8, 10);
	earn(world, 9, 10);
	assert_nothing_due(world, 8);
	earn(world, 1, 1000);
	command = people_command(world, ENTRY_MEMBER, MEMBER(2));
	command.segment = bytes_of_string("press");
	command.standing = STANDING_ACTIVE;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(people_night(world), 2);
	assert_int_equal(world_balance(world, MEMBER(1)), 1500);
	assert_int_equal(world_balance(world, MEMBER(2)), 40);
	people_close(world);
}

static void gives_something_to_both_sides(void **state)
{
	struct world *world = people_open(21,
	    FRIEND_RULES "[earn welcome]\npoints = 100\nper = visit\n"
			 "brought = yes\nfirst = yes\n");

	(void)state;
	enrol_brought(world, 9, 1);
	earn(world, 2, 10);
	assert_int_equal(world_balance(world, MEMBER(2)), 10);
	earn(world, 9, 10);
	assert_int_equal(world_balance(world, MEMBER(9)), 110);
	earn(world, 9, 10);
	assert_int_equal(world_balance(world, MEMBER(9)), 120);
	assert_int_equal(people_night(world), 1);
	assert_int_equal(world_balance(world, MEMBER(1)), 500);
	people_close(world);
}

/* --- in what order, and of whom --------------------------------------------
 */

static void goes_step_by_step_until_nothing_is_left(void **state)
{
	struct world *world = people_open(22,
	    NIGHT_HEAD "[points]\nexpire_months = 1\nwarn_days = 400\n"
		       "[tiers]\nqualify = points\nwindow_days = 20\n"
		       "[tier silver]\nname = Silver\nfrom = 10\n"
		       "[earn friend]\nrefer = 5\n");
	static const enum entry_kind kinds[] = {
	    ENTRY_TIER, ENTRY_EXPIRE, ENTRY_NOTICE, ENTRY_BONUS};

	(void)state;
	enrol_brought(world, 9, 1);
	earn(world, 9, 10);
	assert_int_equal(world_programme(world, NIGHT_HEAD
			     "[points]\nexpire_months = 2\nwarn_days = 400\n"
			     "[tiers]\nqualify = points\nwindow_days = 20\n"
			     "[tier silver]\nname = Silver\nfrom = 10\n"
			     "[earn friend]\nrefer = 5\n"),
	    REFUSAL_NONE);
	earn(world, 9, 1);
	world_set_day(world, "2026-02-20");
	for (size_t index = 0; index < 4; index++) {
		assert_due(world, 9, kinds[index]);
		assert_int_equal(
		    do_night(world, kinds[index], MEMBER(9)), REFUSAL_NONE);
	}
	assert_nothing_due(world, 9);
	people_close(world);
}

static void has_nothing_to_do_before_there_are_rules(void **state)
{
	struct world *world = world_empty(23);
	struct command command;

	(void)state;
	world_shop(world, "corner.example");
	assert_int_equal(
	    do_night(world, ENTRY_EXPIRE, MEMBER(1)), REFUSAL_NOT_FOUND);
	world_terminal(world, 1, ROLE_TERMINAL, STANDING_ACTIVE);
	world_enrol(world, 1, MEMBER(1));
	assert_false(
	    law_due(world->book, member(world, 1), world->now_ms, &command));
	assert_int_equal(
	    law_spendable_points(world->book, member(world, 1), world->now_ms),
	    0);
	world_programme(world, NIGHT_RULES);
	assert_int_equal(
	    do_night(world, ENTRY_EXPIRE, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	people_close(world);
}

/* A clock that goes back does not undo what the ledger's time has brought. */
static void goes_by_the_ledgers_time_where_the_clock_is_behind(void **state)
{
	struct world *world = people_open(24, NIGHT_RULES);

	(void)state;
	earn(world, 1, 100);
	world_set_day(world, "2026-03-01");
	earn(world, 2, 1);
	world_set_day(world, "2026-01-15");
	assert_due(world, 1, ENTRY_EXPIRE);
	assert_int_equal(people_night(world), 1);
	people_close(world);
}

/* --- birthdays -------------------------------------------------------------
 */

static void knows_when_a_birthday_is_near(void **state)
{
	static const struct {
		unsigned month, day;
		uint32_t near_days;
		const char *date;
		bool is_near;
	} cases[] = {
	    {5, 17, 0, "2026-05-17", true},
	    {5, 17, 0, "2026-05-16", false},
	    {5, 17, 3, "2026-05-14", true},
	    {5, 17, 3, "2026-05-13", false},
	    {5, 17, 3, "2026-05-20", true},
	    {5, 17, 3, "2026-05-21", false},
	    {1, 1, 3, "2025-12-29", true},
	    {1, 1, 3, "2025-12-28", false},
	    {12, 31, 3, "2026-01-03", true},
	    {12, 31, 3, "2026-01-04", false},
	    {2, 29, 0, "2028-02-29", true},
	    {2, 29, 0, "2028-02-28", false},
	    {2, 29, 0, "2026-02-28", true},
	    {2, 29, 0, "2026-03-01", false},
	    {2, 29, 1, "2026-03-01", true},
	    {2, 29, 1, "2026-02-27", true},
	    {2, 28, 0, "2028-02-28", true},
	    {2, 28, 0, "2028-02-29", false},
	    {0, 0, 366, "2026-05-17", false},
	    {13, 1, 366, "2026-05-17", false},
	    {5, 32, 366, "2026-05-17", false},
	    {5, 17, 366, "2026-11-17", true},
	};
	struct programme *programme = calloc(1, sizeof(*programme));

	(void)state;
	assert_non_null(programme);
	for (size_t at = 0; at < sizeof(cases) / sizeof(*cases); at++) {
		programme->birthday_days = cases[at].near_days;
		if (law_is_birthday(programme, cases[at].month, cases[at].day,
			world_day(cases[at].date)) != cases[at].is_near)
			fail_msg("case %zu", at);
	}
	free(programme);
}

/* --- properties ------------------------------------------------------------
 *
 * Two shops in which the same happens. In one every night is worked through, in
 * the other some are missed. Points that lapse, and tiers, are the same to
 * everyone who asks; and once both have had a night, to the last stamp.
 */

#define LIFE_RULES                                                           \
	NIGHT_HEAD                                                           \
	    "[points]\nexpire_months = 2\nwarn_days = 10\n"                  \
	    "[tiers]\nqualify = points\nwindow_days = 40\ndowngrade = one\n" \
	    "[tier silver]\nname = Silver\nfrom = 300\n"                     \
	    "[tier gold]\nname = Gold\nfrom = 600\n"                         \
	    "[transfer]\npoints_min = 1\n" NIGHT_COFFEE
#define LIFE_INACTIVE_RULES                                            \
	NIGHT_HEAD "[points]\nexpire_inactive_days = 20\n"             \
		   "[tiers]\nqualify = visits\nwindow = anniversary\n" \
		   "downgrade = all\ngrace_days = 30\n"                \
		   "[tier silver]\nname = Silver\nfrom = 3\n"          \
		   "[tier gold]\nname = Gold\nfrom = 6\n"              \
		   "[transfer]\npoints_min = 1\n" NIGHT_COFFEE

struct deed {
	unsigned what;
	unsigned one;
	unsigned other;
	uint64_t points;
	size_t place; /* of a sale */
};

struct shop {
	struct world *world;
	uint64_t sales[WORLD_ENTRIES_MAX];
	size_t sale_count;
};

static enum refusal_code do_deed(struct shop *shop, const struct deed *deed)
{
	struct world *world = shop->world;
	uint64_t one = MEMBER(deed->one);
	uint64_t other = MEMBER(deed->other);
	enum refusal_code code;

	switch (deed->what) {
	case 0:
		return people_join(world, one, other);
	case 1:
		return people_leave(world, one);
	case 2:
		return people_transfer(world, one, other, deed->points);
	case 3:
		return world_redeem(world, 1, one, "coffee");
	case 4:
		/* What has lapsed pays for a return before a debt is made, so
		 * it matters whether it is there. */
		(void)people_night(world);
		return shop->sale_count == 0
			   ? REFUSAL_SALE_UNKNOWN
			   : world_return(world, 1,
				 shop->sales[deed->place % shop->sale_count],
				 deed->points * 100);
	default:
		code = earn(world, deed->one, deed->points);
		if (code == REFUSAL_NONE)
			shop->sales[shop->sale_count++] = world->count;
		return code;
	}
}

static struct deed some_deed(struct world *dice)
{
	return (struct deed){
	    .what = (unsigned)world_below(dice, 9),
	    .one = 1 + (unsigned)world_below(dice, PEOPLE_MEMBERS),
	    .other = 1 + (unsigned)world_below(dice, PEOPLE_MEMBERS),
	    .points = 1 + world_below(dice, 300),
	    .place = (size_t)world_below(dice, 1000),
	};
}

static void assert_same_to_ask(struct world *one, struct world *other)
{
	const struct programme *programme =
	    book_programme(one->book)->programme;
	int32_t day = zone_local(&programme->zone, one->now_ms).day;

	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++) {
		assert_int_equal(world_spendable(one, MEMBER(n)),
		    world_spendable(other, MEMBER(n)));
		assert_int_equal(
		    law_tier(one->book, programme, member(one, n), day),
		    law_tier(other->book, programme, member(other, n), day));
	}
}

static void assert_same_purses(struct world *one, struct world *other)
{
	for (unsigned n = 1; n <= PEOPLE_MEMBERS; n++) {
		struct people_purse is = people_purse(one, MEMBER(n));
		struct people_purse should = people_purse(other, MEMBER(n));

		assert_same_purse(is, should);
		assert_int_equal(
		    member(one, n)->tier_level, member(other, n)->tier_level);
		assert_int_equal(member(one, n)->tier_until_day,
		    member(other, n)->tier_until_day);
	}
	assert_int_equal(book_account_points(one->book, ACCOUNT_EXPIRED),
	    book_account_points(other->book, ACCOUNT_EXPIRED));
}

static void pass_night(struct shop *shop)
{
	(void)people_night(shop->world);
	assert_int_equal(people_night(shop->world), 0);
}

static void live(struct shop *nightly, struct shop *missed, struct world *dice)
{
	for (int day = 0; day < 300; day++) {
		struct deed deed = some_deed(dice);

		nightly->world->now_ms += DAY_MS;
		missed->world->now_ms += DAY_MS;
		pass_night(nightly);
		if (world_below(dice, 60) == 0)
			pass_night(missed);
		assert_same_to_ask(nightly->world, missed->world);
		if (world_below(dice, 3) == 0)
			assert_int_equal(
			    do_deed(missed, &deed), do_deed(nightly, &deed));
		assert_same_to_ask(nightly->world, missed->world);
	}
	pass_night(nightly);
	pass_night(missed);
	assert_same_purses(nightly->world, missed->world);
}

static void comes_to_the_same_whichever_nights_are_missed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		const char *rules = seed % 2 ? LIFE_RULES : LIFE_INACTIVE_RULES;
		struct shop *nightly = calloc(1, sizeof(*nightly));
		struct shop *missed = calloc(1, sizeof(*missed));
		struct world *dice = world_empty(seed);

		assert_non_null(nightly);
		assert_non_null(missed);
		nightly->world = people_open(seed, rules);
		missed->world = people_open(seed, rules);
		live(nightly, missed, dice);
		people_close(nightly->world);
		people_close(missed->world);
		world_close(dice);
		free(nightly);
		free(missed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(expires_points_after_their_last_day),
	    cmocka_unit_test(expires_all_that_has_lapsed_at_once_and_no_more),
	    cmocka_unit_test(expires_nothing_that_is_kept_for_a_redemption),
	    cmocka_unit_test(expires_more_points_than_one_entry_moves),
	    cmocka_unit_test(expires_by_the_last_activity),
	    cmocka_unit_test(tells_once_of_points_that_lapse_soon),
	    cmocka_unit_test(tells_of_later_points_in_their_own_time),
	    cmocka_unit_test(tells_again_where_activity_has_moved_the_day),
	    cmocka_unit_test(tells_nobody_where_the_programme_does_not_say_so),
	    cmocka_unit_test(writes_down_a_tier_that_has_run_out),
	    cmocka_unit_test(takes_a_tier_back_with_the_sale),
	    cmocka_unit_test(asks_for_the_tier_of_the_pool),
	    cmocka_unit_test(pays_for_a_member_brought_after_its_first_sale),
	    cmocka_unit_test(pays_into_the_pool_of_who_brought_a_member),
	    cmocka_unit_test(pays_nothing_to_a_pool_for_its_own_head),
	    cmocka_unit_test(pays_nothing_for_a_sale_that_came_back),
	    cmocka_unit_test(pays_by_the_rules_in_force),
	    cmocka_unit_test(pays_for_sales_within_the_rules_dates),
	    cmocka_unit_test(waits_where_caps_leave_nothing),
	    cmocka_unit_test(pays_members_of_a_tier_or_a_segment_alone),
	    cmocka_unit_test(gives_something_to_both_sides),
	    cmocka_unit_test(goes_step_by_step_until_nothing_is_left),
	    cmocka_unit_test(has_nothing_to_do_before_there_are_rules),
	    cmocka_unit_test(
		goes_by_the_ledgers_time_where_the_clock_is_behind),
	    cmocka_unit_test(knows_when_a_birthday_is_near),
	    cmocka_unit_test(comes_to_the_same_whichever_nights_are_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
