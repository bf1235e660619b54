/*
 * What the calendar does to a server in Central Europe: a leap day, the night
 * in which an hour is left out, and the one in which it comes twice.
 *
 * The moments are those of UTC: 2:00 by the clock on the wall is 1:00 there in
 * winter, and 0:00 in summer. Clocks change at 1:00.
 */
#include "tests/integration/clock_world.h"

/* --- the leap day --------------------------------------------------------- */

static void born_on(struct clock_world *world, unsigned n, uint32_t birthday)
{
	struct client *client = &world->client;
	tally_MemberSet *set;

	client_member(client, card_of(n));
	set = &client_request(client, tally_Request_member_set_tag)
		   ->body.member_set;
	client_name(++client->counter, &set->has_operation, &set->operation);
	(void)snprintf(set->card, sizeof(set->card), "%s", card_of(n));
	set->details = true;
	set->birthday = birthday;
	if (client_ask(client) != 0)
		fail_msg("%s", client->reply.body.refusal.say);
}

static void a_birthday_on_the_leap_day_is_kept_each_year(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 2, 1, 11, 0, 0);
	fixture_rules(&world->fixture,
	    CLOCK_HEAD "birthday_days = 0\n" CLOCK_POINT
		       "[earn birthday]\npoints = 50\nper = visit\n"
		       "birthday = yes\nyear_times = 1\n" CLOCK_COFFEE);
	born_on(world, 1, 229);
	born_on(world, 2, 228);
	clock_set(world, year, 2, 28, 11, 0, 0);
	assert_int_equal(earn(world, 1, 1000), 10);
	assert_int_equal(earn(world, 2, 1000), 60);
	clock_set(world, year, 2, 29, 11, 0, 0);
	assert_int_equal(earn(world, 1, 1000), 60);
	assert_int_equal(earn(world, 1, 1000), 10);
	assert_int_equal(earn(world, 2, 1000), 10);
	/* The next year has no such day; the last of February it is. */
	clock_set(world, year + 1, 2, 27, 22, 59, 59);
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year + 1, 2, 27, 23, 0, 0);
	assert_int_equal(earn(world, 1, 1000), 60);
	assert_int_equal(earn(world, 2, 1000), 60);
	clock_set(world, year + 1, 2, 28, 23, 0, 0);
	assert_int_equal(earn(world, 1, 1000), 10);
}

static void a_year_from_the_leap_day_ends_on_the_last_of_february(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 2, 29, 11, 0, 0);
	fixture_rules(&world->fixture, CLOCK_HEAD
	    "[points]\nexpire_months = 12\n" CLOCK_POINT CLOCK_COFFEE);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 2000), 20);
	clock_set(world, year + 1, 2, 28, 22, 59, 59);
	assert_int_equal(redeem(world, 1), 0);
	clock_set(world, year + 1, 2, 28, 23, 0, 0);
	assert_int_equal(redeem(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "expired_points"), 10);
}

/* A year of membership from a leap day is to the 27th of February, and so is
 * the next: a tier is kept to the end of that one. */
static void an_anniversary_of_the_leap_day_ends_a_tier(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;

	clock_set(world, year, 2, 29, 11, 0, 0);
	fixture_rules(&world->fixture, CLOCK_HEAD CLOCK_POINT
	    "[tiers]\nwindow = anniversary\ndowngrade = all\n"
	    "[tier silver]\nname = Silver\nfrom = 100\n" CLOCK_COFFEE);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 10000), 100);
	assert_string_equal(look(world, 1)->tier, "Silver");
	clock_set(world, year + 2, 2, 27, 22, 59, 59);
	assert_string_equal(look(world, 1)->tier, "Silver");
	clock_set(world, year + 2, 2, 27, 23, 0, 0);
	assert_string_equal(look(world, 1)->tier, "");
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "tiers"), 1);
}

/* --- the hour from two to three ------------------------------------------- */

#define NIGHT_OWL                                      \
	CLOCK_HEAD CLOCK_POINT                         \
	    "[earn owl]\npoints = 7\nper = visit\n"    \
	    "hours = 02:00-03:00\n"                    \
	    "[earn once]\npoints = 100\nper = visit\n" \
	    "hours = 02:00-03:00\nday_times = 1\n" CLOCK_COFFEE

static void an_hour_that_is_left_out_makes_nobody_happy(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	int day = last_sunday(year, 3);

	clock_set(world, year, 3, day - 1, 11, 0, 0);
	fixture_rules(&world->fixture, NIGHT_OWL);
	client_member(&world->client, card_of(1));
	clock_set(world, year, 3, day, 0, 59, 59); /* 1:59:59 */
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 3, day, 1, 0, 0); /* 3:00 */
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 3, day, 1, 30, 0);
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 3, day + 1, 0, 0, 0); /* Monday, 2:00 */
	assert_int_equal(earn(world, 1, 1000), 117);
}

static void an_hour_that_comes_twice_is_happy_twice_and_once_a_day(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	int day = last_sunday(year, 10);

	clock_set(world, year, 10, day - 1, 11, 0, 0);
	fixture_rules(&world->fixture, NIGHT_OWL);
	client_member(&world->client, card_of(1));
	clock_set(world, year, 10, day - 1, 23, 59, 59); /* 1:59:59 */
	assert_int_equal(earn(world, 1, 1000), 10);
	clock_set(world, year, 10, day, 0, 0, 0); /* 2:00 */
	assert_int_equal(earn(world, 1, 1000), 117);
	clock_set(world, year, 10, day, 0, 59, 59); /* 2:59:59 */
	assert_int_equal(earn(world, 1, 1000), 17);
	clock_set(world, year, 10, day, 1, 0, 0); /* 2:00 again */
	assert_int_equal(earn(world, 1, 1000), 17);
	clock_set(world, year, 10, day, 1, 59, 59);
	assert_int_equal(earn(world, 1, 1000), 17);
	clock_set(world, year, 10, day, 2, 0, 0); /* 3:00 */
	assert_int_equal(earn(world, 1, 1000), 10);
}

/* --- days of 23 and of 25 hours ------------------------------------------- */

#define A_DAY                                                           \
	CLOCK_HEAD                                                      \
	"day_points_max = 20\n[points]\npending_days = 1\n" CLOCK_POINT \
	    CLOCK_COFFEE

/* It is from 23:00 the day before to 22:00: 23 hours. */
static void a_short_day_has_its_cap_and_its_pending_points(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	int day = last_sunday(year, 3);

	clock_set(world, year, 3, day - 1, 22, 59, 59);
	fixture_rules(&world->fixture, A_DAY);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 5000), 20);
	assert_int_equal(spendable(world, 1), 0);
	clock_set(world, year, 3, day - 1, 23, 0, 0);
	assert_int_equal(spendable(world, 1), 20);
	assert_int_equal(earn(world, 1, 5000), 20);
	clock_set(world, year, 3, day, 21, 59, 59);
	assert_int_equal(earn(world, 1, 5000), 0);
	assert_int_equal(spendable(world, 1), 20);
	clock_set(world, year, 3, day, 22, 0, 0);
	assert_int_equal(spendable(world, 1), 40);
	assert_int_equal(earn(world, 1, 5000), 20);
}

/* It is from 22:00 the day before to 23:00: 25 hours. */
static void a_long_day_has_its_cap_once(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	int day = last_sunday(year, 10);

	clock_set(world, year, 10, day - 1, 22, 0, 0);
	fixture_rules(&world->fixture, A_DAY);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 5000), 20);
	clock_set(world, year, 10, day, 22, 0, 0); /* 24 hours on: 23:00 */
	assert_int_equal(earn(world, 1, 5000), 0);
	clock_set(world, year, 10, day, 22, 59, 59);
	assert_int_equal(earn(world, 1, 5000), 0);
	assert_int_equal(spendable(world, 1), 0);
	clock_set(world, year, 10, day, 23, 0, 0);
	assert_int_equal(earn(world, 1, 5000), 20);
	assert_int_equal(spendable(world, 1), 20);
}

/* In each direction: the last second, and the next. */
static void the_last_day_of_points_may_be_a_short_or_a_long_one(void **state)
{
	struct clock_world *world = clock_world(state);
	int year = world->year;
	int spring = last_sunday(year, 3);
	int autumn = last_sunday(year, 10);
	char rules[512];

	clock_set(world, year, 1, 8, 11, 0, 0);
	(void)snprintf(rules, sizeof(rules),
	    CLOCK_HEAD
	    "[points]\nexpire_date = %d-03-%d\n" CLOCK_POINT CLOCK_COFFEE,
	    year, spring);
	fixture_rules(&world->fixture, rules);
	client_member(&world->client, card_of(1));
	assert_int_equal(earn(world, 1, 2000), 20);
	clock_set(world, year, 3, spring, 21, 59, 59);
	assert_int_equal(redeem(world, 1), 0);
	clock_set(world, year, 3, spring, 22, 0, 0);
	assert_int_equal(redeem(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	(void)snprintf(rules, sizeof(rules),
	    CLOCK_HEAD
	    "[points]\nexpire_date = %d-10-%d\n" CLOCK_POINT CLOCK_COFFEE,
	    year, autumn);
	fixture_rules(&world->fixture, rules);
	assert_int_equal(earn(world, 1, 2000), 20);
	clock_set(world, year, 10, autumn, 22, 59, 59);
	assert_int_equal(redeem(world, 1), 0);
	clock_set(world, year, 10, autumn, 23, 0, 0);
	assert_int_equal(redeem(world, 1), REFUSAL_INSUFFICIENT_POINTS);
	night(world);
	assert_int_equal(fixture_number(&world->fixture, "expired_points"), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_birthday_on_the_leap_day_is_kept_each_year),
	    TEST(a_year_from_the_leap_day_ends_on_the_last_of_february),
	    TEST(an_anniversary_of_the_leap_day_ends_a_tier),
	    TEST(an_hour_that_is_left_out_makes_nobody_happy),
	    TEST(an_hour_that_comes_twice_is_happy_twice_and_once_a_day),
	    TEST(a_short_day_has_its_cap_and_its_pending_points),
	    TEST(a_long_day_has_its_cap_once),
	    TEST(the_last_day_of_points_may_be_a_short_or_a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
