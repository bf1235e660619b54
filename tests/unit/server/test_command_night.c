/*
 * Tests of command: the night, in slices.
 */
#include "tests/unit/server/whole_world.h"

#define MONTHLY                      \
	"[programme]\n"              \
	"name = Corner Coffee\n"     \
	"currency = EUR\n"           \
	"earn_points = 1\n"          \
	"earn_amount = 1.00\n"       \
	"sale_amount_max = 500.00\n" \
	"[points]\n"                 \
	"expire_months = 1\n"
#define DAYS(n) ((uint64_t)(n)*DAY_MS)

static const tally_NightReply *night(struct world *world)
{
	(void)world_request(world, tally_Request_night_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(world->reply->which_body, tally_Reply_night_tag);
	return &world->reply->body.night;
}

/* Slices to the end of a run, added up; how many there were. */
static unsigned whole_night(struct world *world, tally_NightReply *ret_sum)
{
	unsigned slices = 0;
	const tally_NightReply *slice;

	memset(ret_sum, 0, sizeof(*ret_sum));
	do {
		uint64_t head = world_head(world);

		slice = night(world);
		assert_in_range(world_head(world) - head, 0, NIGHT_ENTRIES_MAX);
		ret_sum->expired += slice->expired;
		ret_sum->expired_points += slice->expired_points;
		ret_sum->tiers += slice->tiers;
		ret_sum->notices += slice->notices;
		ret_sum->bonuses += slice->bonuses;
		ret_sum->bonus_points += slice->bonus_points;
		slices++;
	} while (slice->more);
	return slices;
}

static void assert_nothing_is_due(struct world *world)
{
	uint64_t head = world_head(world);
	tally_NightReply sum;

	(void)whole_night(world, &sum);
	assert_int_equal(world_head(world), head);
	assert_int_equal(
	    sum.expired + sum.tiers + sum.notices + sum.bonuses, 0);
}

/* Many members with a sale each, in few groups. */
static void many(struct world *world, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		world_fill_enrol(world, 1, world_card(1000 + n));
		assert_true(world_stage(world, world_till(world, 1)));
		world_fill_earn(world, 1, world_card(1000 + n), 1000);
		assert_true(world_stage(world, world_till(world, 1)));
	}
	world_commit(world);
}

static int64_t expired_points(struct world *world)
{
	return book_account_points(
	    ledger_book(world->shop->ledger), ACCOUNT_EXPIRED);
}

/* --- what it does --------------------------------------------------------- */

static void a_night_without_anything_due_does_nothing(void **state)
{
	struct world *world = *state;

	world_member(world, ANNA);
	assert_nothing_is_due(world);
	assert_false(world->reply->body.night.more);
}

static void points_lapse_once(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;

	whole_rules(world, MONTHLY);
	world_member(world, ANNA);
	world_member(world, BEN);
	world_sale(world, ANNA, 1000);
	world_sale(world, BEN, 2000);
	assert_nothing_is_due(world);
	world->now_ms += DAYS(40);
	world_sale(world, BEN, 500);
	/* They count no longer, whether the night has been or not. */
	world_fill_balance(world, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_int_equal(world->reply->body.member.balance, 10);
	assert_int_equal(world->reply->body.member.spendable, 0);
	assert_int_equal(whole_night(world, &sum), 1);
	assert_int_equal(sum.expired, 2);
	assert_int_equal(sum.expired_points, 30);
	assert_int_equal(expired_points(world), 30);
	assert_int_equal(whole_balance(world, ANNA), 0);
	assert_int_equal(whole_balance(world, BEN), 5);
	assert_nothing_is_due(world);
	world_reopen(world);
	assert_nothing_is_due(world);
	assert_int_equal(expired_points(world), 30);
}

static void tiers_notices_and_bonuses_are_counted(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;

	whole_rules(world, WHOLE_RULES "[points]\nexpire_months = 12\n"
				       "warn_days = 30\n");
	world_member(world, ANNA);
	world_fill_enrol(world, 1, BEN);
	WHOLE_TEXT(WHOLE_BODY(world, enrol)->referrer, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_sale(world, BEN, 40000);
	(void)whole_night(world, &sum);
	assert_int_equal(sum.bonuses, 1);
	assert_int_equal(sum.bonus_points, 100);
	assert_int_equal(whole_balance(world, ANNA), 100);
	assert_nothing_is_due(world);
	/* A notice for each of them; the tier lasts. */
	world->now_ms += DAYS(340);
	(void)whole_night(world, &sum);
	assert_int_equal(sum.notices, 2);
	assert_int_equal(sum.expired, 0);
	assert_nothing_is_due(world);
	/* Years of nights are missed. */
	world->now_ms += DAYS(900);
	(void)whole_night(world, &sum);
	assert_int_equal(sum.expired, 2);
	assert_int_equal(sum.expired_points, 500);
	assert_in_range(sum.tiers, 1, 3);
	assert_nothing_is_due(world);
	world_fill_balance(world, BEN);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	assert_string_equal(world->reply->body.member.tier, "");
}

static void the_night_is_the_owners(void **state)
{
	struct world *world = *state;

	(void)world_request(world, tally_Request_night_tag);
	assert_int_equal(world_ask(world, 1), REFUSAL_NOT_ALLOWED);
}

/* --- slices --------------------------------------------------------------- */

static void many_members_are_many_slices(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;

	whole_rules(world, MONTHLY);
	many(world, 2 * NIGHT_ENTRIES_MAX + 10);
	world->now_ms += DAYS(40);
	assert_int_equal(whole_night(world, &sum), 3);
	assert_int_equal(sum.expired, 2 * NIGHT_ENTRIES_MAX + 10);
	assert_int_equal(sum.expired_points, 10 * (2 * NIGHT_ENTRIES_MAX + 10));
	assert_nothing_is_due(world);
}

static void a_slice_looks_at_so_many_members(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;

	whole_rules(world, MONTHLY);
	many(world, NIGHT_MEMBERS_MAX + 10);
	assert_int_equal(whole_night(world, &sum), 2);
	assert_nothing_is_due(world);
}

static void who_comes_while_it_runs_is_looked_at_as_well(void **state)
{
	struct world *world = *state;
	const tally_NightReply *slice;

	whole_rules(world, MONTHLY);
	many(world, NIGHT_ENTRIES_MAX + 1);
	world->now_ms += DAYS(40);
	assert_true(night(world)->more);
	world_fill_enrol(world, 1, ANNA);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	world_sale(world, ANNA, 1000);
	world->now_ms += DAYS(40);
	slice = night(world);
	assert_int_equal(slice->expired, 2);
	assert_false(slice->more);
}

/* The group is full of others' operations: the night waits for the next. */
static void a_full_group_is_committed_first(void **state)
{
	struct world *world = *state;

	whole_rules(world, MONTHLY);
	many(world, 100);
	world->now_ms += DAYS(40);
	for (unsigned i = 0; i < BATCH_ENTRIES_MAX; i++) {
		world_fill_earn(world, 1, world_card(1000), 100);
		assert_true(world_stage(world, world_till(world, 1)));
		assert_false(world->is_full);
	}
	(void)world_request(world, tally_Request_night_tag);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_true(world->is_full);
	assert_int_equal(world->reply->body.night.expired, 100);
}

static void a_group_that_fills_up_ends_the_slice(void **state)
{
	struct world *world = *state;
	const tally_NightReply *slice;

	whole_rules(world, MONTHLY);
	many(world, 100);
	world->now_ms += DAYS(40);
	for (unsigned i = 0; i < BATCH_ENTRIES_MAX - 60; i++) {
		world_fill_earn(world, 1, world_card(1000), 100);
		assert_true(world_stage(world, world_till(world, 1)));
	}
	slice = night(world);
	assert_false(world->is_full);
	assert_int_equal(slice->expired, 60);
	assert_true(slice->more);
	slice = night(world);
	assert_int_equal(slice->expired, 40);
	assert_false(slice->more);
}

/* --- when it is due ------------------------------------------------------- */

static void the_next_is_due_when_the_local_day_has_ended(void **state)
{
	struct world *world = *state;
	const struct zone *zone;
	uint64_t due_ms;

	whole_rules(world, MONTHLY);
	zone =
	    &book_programme(ledger_book(world->shop->ledger))->programme->zone;
	many(world, NIGHT_ENTRIES_MAX + 1);
	world->now_ms += DAYS(40);
	assert_int_equal(atomic_load(&world->shop->night.due_ms), 0);
	assert_true(night(world)->more);
	assert_int_equal(atomic_load(&world->shop->night.due_ms), 0);
	assert_false(night(world)->more);
	due_ms = atomic_load(&world->shop->night.due_ms);
	assert_in_range(due_ms, world->now_ms + 1, world->now_ms + DAYS(1));
	assert_int_equal(zone_local(zone, due_ms).day,
	    zone_local(zone, world->now_ms).day + 1);
	assert_int_equal(zone_local(zone, due_ms).minute, 0);
	assert_int_equal(zone_local(zone, due_ms - 1).minute, 24 * 60 - 1);
}

/* In Berlin, on the day that has twenty-five hours. */
static void a_local_day_is_as_long_as_it_is(void **state)
{
	struct world *world = *state;
	uint64_t saturday_ms =
	    (uint64_t)date_to_day((struct date){2030, 10, 26}) * DAY_MS;

	whole_rules(world,
	    "[programme]\nname = Corner\ncurrency = EUR\nearn_points = 1\n"
	    "earn_amount = 1.00\nsale_amount_max = 500.00\n"
	    "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n");
	world->now_ms = saturday_ms + 22 * 3600000ull - 1;
	assert_nothing_is_due(world);
	assert_int_equal(atomic_load(&world->shop->night.due_ms),
	    saturday_ms + 22 * 3600000ull);
	world->now_ms++;
	assert_nothing_is_due(world);
	assert_int_equal(atomic_load(&world->shop->night.due_ms),
	    saturday_ms + 47 * 3600000ull);
}

/* Whoever dies in the middle leaves the rest to the next one. */
static void a_run_that_was_cut_off_is_finished_by_the_next(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;
	char path[128];

	whole_rules(world, MONTHLY);
	many(world, NIGHT_ENTRIES_MAX + 100);
	world->now_ms += DAYS(40);
	assert_int_equal(night(world)->expired, NIGHT_ENTRIES_MAX);
	shop_abandon(world->shop);
	world->shop = NULL;
	world_path(world, "", path);
	assert_int_equal(shop_open(path, &world->shop, &world->err), RESULT_OK);
	assert_int_equal(atomic_load(&world->shop->night.due_ms), 0);
	(void)whole_night(world, &sum);
	assert_int_equal(sum.expired, 100);
	assert_int_equal(expired_points(world), 10 * (NIGHT_ENTRIES_MAX + 100));
}

/* A slice that could not be written is as if it had not been. */
static void a_book_that_is_read_again_begins_anew(void **state)
{
	struct world *world = *state;
	tally_NightReply sum;

	whole_rules(world, MONTHLY);
	many(world, 10);
	world->now_ms += DAYS(40);
	(void)world_request(world, tally_Request_night_tag);
	assert_true(world_stage(world,
	    (struct caller){.peer = {.role = ROLE_OWNER}, .said_hello = true}));
	assert_true(atomic_load(&world->shop->night.due_ms) > 0);
	assert_int_equal(shop_reload(world->shop, &world->err), RESULT_OK);
	assert_int_equal(atomic_load(&world->shop->night.due_ms), 0);
	assert_int_equal(whole_night(world, &sum), 1);
	assert_int_equal(sum.expired, 10);
	assert_int_equal(expired_points(world), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_night_without_anything_due_does_nothing),
	    WORLD_TEST(points_lapse_once),
	    WORLD_TEST(tiers_notices_and_bonuses_are_counted),
	    WORLD_TEST(the_night_is_the_owners),
	    WORLD_TEST(many_members_are_many_slices),
	    WORLD_TEST(a_slice_looks_at_so_many_members),
	    WORLD_TEST(who_comes_while_it_runs_is_looked_at_as_well),
	    WORLD_TEST(a_full_group_is_committed_first),
	    WORLD_TEST(a_group_that_fills_up_ends_the_slice),
	    WORLD_TEST(the_next_is_due_when_the_local_day_has_ended),
	    WORLD_TEST(a_local_day_is_as_long_as_it_is),
	    WORLD_TEST(a_run_that_was_cut_off_is_finished_by_the_next),
	    WORLD_TEST(a_book_that_is_read_again_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
