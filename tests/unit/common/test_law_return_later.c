/*
 * The law of what comes back when it is not the same any more: another pools
 * for the member, the rules are others, a discount comes back, or there is no
 * room.
 */
#include "tests/unit/common/law_world.h"

#define RULES_HEAD                                            \
	"[programme]\nname = Corner Coffee\ncurrency = EUR\n" \
	"earn_points = 1\nearn_amount = 1.00\nsale_amount_max = 2000\n"
#define RULES                                                    \
	RULES_HEAD                                               \
	"[points]\nexpire_months = 1\n"                          \
	"[earn tea]\nname = Tea\npoints = 1\nper = 1.00\n"       \
	"day_points_max = 50\n"                                  \
	"[reward tea]\nname = Tea\npoints = 25\nday_times = 1\n" \
	"[reward cash]\nname = Cash\nmoney_points = 1\n"         \
	"money_amount = 0.01\n"

static enum refusal_code join(
    struct world *world, uint64_t account, uint64_t other_account)
{
	struct command command = world_command(world, ENTRY_JOIN, 1);

	command.account = account;
	command.other_account = other_account;
	return world_do(world, &command);
}

static enum refusal_code leave(struct world *world, uint64_t account)
{
	struct command command = world_command(world, ENTRY_LEAVE, 1);
	struct entry entry = world_entry(
	    world, book_member(world->book, account)->extra->joined_by);

	command.account = account;
	command.related = &entry;
	return world_do(world, &command);
}

/* Members 1 and 2, who has bought for 20.00: entry 7. Then 2 pools with 1. */
static struct world *open_pooled(uint64_t seed)
{
	struct world *world = world_open_with(seed, RULES);

	world_set_day(world, "2026-03-01");
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(2), 2000), REFUSAL_NONE);
	assert_int_equal(join(world, MEMBER(2), MEMBER(1)), REFUSAL_NONE);
	return world;
}

/* --- pools ------------------------------------------------------------------
 */

static void takes_points_of_whom_the_member_pools_with(void **state)
{
	struct world *world = open_pooled(1);
	struct entry entry;

	(void)state;
	assert_int_equal(world_balance(world, MEMBER(1)), 40);
	assert_int_equal(world_return(world, 1, 7, 500), REFUSAL_NONE);
	entry = world_entry(world, 9);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.whose, MEMBER(2));
	assert_int_equal(entry.points, 10);
	/* The sums stay with the sale's own member, before and after. */
	assert_int_equal(leave(world, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(2)), 30);
	assert_int_equal(world_return(world, 1, 7, 500), REFUSAL_NONE);
	entry = world_entry(world, 11);
	assert_int_equal(entry.from_account, MEMBER(2));
	assert_false(entry.has & ENTRY_HAS(TAG_WHOSE));
	assert_int_equal(
	    world_return(world, 1, 7, 1001), REFUSAL_RETURN_TOO_LARGE);
	assert_int_equal(world_return(world, 1, 7, 1000), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(2)), 0);
	world_close(world);
}

static void finds_the_sale_by_either_card_of_a_pool(void **state)
{
	struct world *world = open_pooled(2);
	struct command command = world_command(world, ENTRY_RETURN, 1);
	struct entry sale = world_entry(world, 7);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(3)), REFUSAL_NONE);
	command.related = &sale;
	command.amount_minor = 500;
	for (uint64_t member = 1; member <= 2; member++) {
		command.account = MEMBER(member);
		assert_int_equal(world_ask(world, &command), REFUSAL_NONE);
	}
	command.account = MEMBER(3);
	assert_int_equal(world_ask(world, &command), REFUSAL_SALE_UNKNOWN);
	world_close(world);
}

static void undoes_what_a_member_did_before_it_pooled(void **state)
{
	struct world *world = open_pooled(3);
	struct entry entry;

	(void)state;
	assert_int_equal(world_void(world, 1, 3), REFUSAL_NONE);
	entry = world_entry(world, 9);
	assert_int_equal(entry.from_account, MEMBER(1));
	assert_int_equal(entry.whose, MEMBER(2));
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(world_void(world, 1, 3), REFUSAL_VOIDED);
	world_close(world);
}

static void does_for_the_pool_what_a_card_of_it_does(void **state)
{
	struct world *world = open_pooled(4);
	struct entry entry;

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(2), 1000), REFUSAL_NONE);
	entry = world_entry(world, 9);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.points, 20);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(2), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 2, MEMBER(1), "tea"), REFUSAL_REWARD_LIMIT);
	assert_int_equal(
	    world_hold(world, 2, MEMBER(2), "tea"), REFUSAL_REWARD_LIMIT);
	assert_int_equal(world_give_back(world, 1, 10, 0), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 11).to_account, MEMBER(1));
	assert_int_equal(world_hold(world, 2, MEMBER(2), "tea"), REFUSAL_NONE);
	assert_int_equal(world_capture(world, 1, MEMBER(1), 12), REFUSAL_NONE);
	world_close(world);
}

/* --- other rules ------------------------------------------------------------
 */

/* Points from when they never lapsed, and such that do, pay for one reward. */
static void gives_back_points_of_two_policies(void **state)
{
	struct world *world = world_open(5);
	struct command command;

	(void)state;
	world_set_day(world, "2026-03-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(world_programme(world, RULES), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	command = world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cash");
	command.points = 16;
	command.amount_minor = 500;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 4);
	assert_int_equal(world_give_back(world, 1, 9, 3), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 7);
	assert_int_equal(world_give_back(world, 1, 9, 5), REFUSAL_NONE);
	assert_int_equal(world_lot(world, MEMBER(1), LOT_NEVER, 0), 10);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-04-01"), 0), 2);
	assert_int_equal(world_give_back(world, 1, 9, 0), REFUSAL_NONE);
	assert_int_equal(
	    world_lot(world, MEMBER(1), world_day("2026-04-01"), 0), 10);
	world_close(world);
}

static void says_whose_rules_a_return_is_by(void **state)
{
	struct world *world = world_open_with(6, RULES);
	struct entry entry;

	(void)state;
	world_set_day(world, "2026-03-01");
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(world_redeem(world, 1, MEMBER(1), "tea"),
	    REFUSAL_INSUFFICIENT_POINTS);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "tea"), REFUSAL_NONE);
	assert_int_equal(
	    world_programme(world, WORLD_RULES("1", "1.00")), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 500), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 10);
	assert_int_equal(entry.programme_sequence, 9);
	assert_int_equal(entry.rules_sequence, 2);
	assert_int_equal(world_give_back(world, 1, 8, 0), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.rules_sequence, 2);
	/* Sales of both versions are returned side by side. */
	assert_int_equal(world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
	assert_int_equal(
	    world_return(world, 1, world->count, 1000), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_BALANCE));
	world_close(world);
}

/* A new zone may put today back before the sale's day. */
#define TIERS(qualify)                                    \
	"[tiers]\nqualify = " qualify "\n[tier silver]\n" \
	"from = 100\n"

static uint8_t tier_of_first(struct world *world)
{
	return book_member(world->book, MEMBER(1))->tier_level;
}

/* What never counted towards a tier, or as something else, takes nothing off
 * when it comes back. */
static void leaves_a_tier_that_the_sale_never_counted_for(void **state)
{
	static const char *const rules[] = {RULES_HEAD "day_points_max = 900\n",
	    RULES_HEAD TIERS("visits"), RULES_HEAD TIERS("amount")};

	(void)state;
	for (size_t which = 0; which < 3; which++) {
		struct world *world = world_open_with(11, rules[which]);

		world_set_day(world, "2026-03-01");
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 10000), REFUSAL_NONE);
		assert_int_equal(
		    world_programme(world, RULES_HEAD TIERS("points")),
		    REFUSAL_NONE);
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 10000), REFUSAL_NONE);
		assert_int_equal(tier_of_first(world), 1);
		assert_int_equal(
		    world_return(world, 1, 6, 10000), REFUSAL_NONE);
		assert_int_equal(tier_of_first(world), 1);
		assert_int_equal(
		    book_member(world->book, MEMBER(1))->qualifying, 100);
		assert_int_equal(world_return(world, 1, 8, 100), REFUSAL_NONE);
		assert_int_equal(tier_of_first(world), 0);
		world_close(world);
	}
}

static void takes_back_across_a_change_of_the_clock(void **state)
{
	static const char tiers[] = "[tiers]\nqualify = amount\n"
				    "[tier silver]\nname = Silver\nfrom = 10\n";
	struct world *world;
	char rules[512];

	(void)state;
	(void)snprintf(
	    rules, sizeof(rules), RULES_HEAD "time_zone = XXX-14\n%s", tiers);
	world = world_open_with(7, rules);
	world_set_clock(world, "2026-03-01", 20, 0, 0);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 2000), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 6).tier_level, 1);
	(void)snprintf(
	    rules, sizeof(rules), RULES_HEAD "time_zone = XXX12\n%s", tiers);
	assert_int_equal(world_programme(world, rules), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 6, 1500), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 5);
	world_close(world);
}

/* --- discounts --------------------------------------------------------------
 */

/* Who returns the wine and its discount on the fruit keeps fruit that would
 * earn more by itself: nothing is given for that, and nothing taken twice. */
static void gives_nothing_for_a_discount_that_comes_back(void **state)
{
	struct world *world = world_open_with(8,
	    RULES_HEAD "[earn fruit]\nname = Fruit\npoints = 1\nper = 1.00\n"
		       "categories = fruit\n");
	struct command command = world_command(world, ENTRY_EARN, 1);
	struct world_lines lines;

	(void)state;
	world_lines_start(&lines);
	world_lines_add(&lines, "fruit", "", 1, 1000);
	world_lines_add(&lines, "fruit", "", 0, -400);
	world_lines_add(&lines, "wine", "", 1, 500);
	command.lines = world_lines_view(&lines);
	command.account = MEMBER(1);
	command.amount_minor = 1100;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_entry(world, 6).points, 11 + 6);
	world_lines_start(&lines);
	world_backs_add(&lines, 0, 0, 300);
	assert_int_equal(
	    world_return_lines(world, 1, 6, world_lines_view(&lines)),
	    REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 8 + 3);
	world_lines_start(&lines);
	world_backs_add(&lines, 1, 0, -400);
	world_backs_add(&lines, 2, 1, 500);
	assert_int_equal(
	    world_return_lines(world, 1, 6, world_lines_view(&lines)),
	    REFUSAL_NONE);
	assert_int_equal(world_entry(world, 8).points, 0);
	assert_int_equal(world_return(world, 1, 6, 700), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	world_close(world);
}

/* --- no room ----------------------------------------------------------------
 */

static void keeps_so_many_kinds_of_points_and_no_more(void **state)
{
	struct world *world = world_open_with(9,
	    RULES_HEAD "[points]\npending_days = 1\n"
		       "[reward cash]\nname = Cash\nmoney_points = 1\n"
		       "money_amount = 0.01\n");
	struct command command;

	(void)state;
	for (unsigned day = 0; day < LOTS_MAX; day++) {
		world->now_ms += DAY_MS;
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	}
	/* Another sale of the day has room, the next day's has not. */
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	world->now_ms += DAY_MS;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_LIMIT);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 50), REFUSAL_NONE);
	command = world_purchase(world, ENTRY_REDEEM, 1, MEMBER(1), "cash");
	command.points = 2;
	command.amount_minor = 100;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	/* What comes back has no room any more, until something is spent. */
	assert_int_equal(
	    world_give_back(world, 1, world->count - 1, 0), REFUSAL_LIMIT);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	assert_int_equal(
	    world_give_back(world, 1, world->count - 2, 0), REFUSAL_NONE);
	world_close(world);
}

static void has_room_for_points_without_stamps(void **state)
{
	struct world *world =
	    world_open_with(10, RULES_HEAD "[points]\npending_days = 1\n");

	(void)state;
	for (unsigned day = 0; day < LOTS_MAX; day++) {
		world->now_ms += DAY_MS;
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	}
	assert_int_equal(
	    world_programme(world, WORLD_RULES("1", "1.00")), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_LIMIT);
	assert_int_equal(
	    world_redeem(world, 1, MEMBER(1), "cake"), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	assert_int_equal(world_earn(world, 1, MEMBER(1), 200), REFUSAL_NONE);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_points_of_whom_the_member_pools_with),
	    cmocka_unit_test(finds_the_sale_by_either_card_of_a_pool),
	    cmocka_unit_test(undoes_what_a_member_did_before_it_pooled),
	    cmocka_unit_test(does_for_the_pool_what_a_card_of_it_does),
	    cmocka_unit_test(gives_back_points_of_two_policies),
	    cmocka_unit_test(says_whose_rules_a_return_is_by),
	    cmocka_unit_test(leaves_a_tier_that_the_sale_never_counted_for),
	    cmocka_unit_test(takes_back_across_a_change_of_the_clock),
	    cmocka_unit_test(gives_nothing_for_a_discount_that_comes_back),
	    cmocka_unit_test(keeps_so_many_kinds_of_points_and_no_more),
	    cmocka_unit_test(has_room_for_points_without_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
