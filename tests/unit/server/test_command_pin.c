/*
 * Tests of command: guessing PINs, many at once, and with a disk that is full.
 */
#include "tests/unit/server/command_world.h"

#define PIN "4711"

static int setup(void **state)
{
	struct world *world;
	tally_CashierAdd *add;

	(void)world_setup(state);
	world = *state;
	add = &world_request(world, tally_Request_cashier_add_tag)
		   ->body.cashier_add;
	(void)strcpy(add->name, "Ann");
	(void)strcpy(add->pin, PIN);
	add->role = ROLE_CASHIER;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	return 0;
}

static void fill_login(struct world *world, const char *pin)
{
	tally_Login *login =
	    &world_request(world, tally_Request_login_tag)->body.login;

	login->cashier = 1;
	(void)strcpy(login->pin, pin);
}

/*
 * All hashed before the first is counted, as when they came in one packet: the
 * right one, too late, is refused like the rest.
 */
static void guesses_in_flight_at_once_are_each_counted(void **state)
{
	struct world *world = *state;
	struct job *jobs[PIN_WRONG_MAX + 2];
	struct job *own = world->job;

	for (size_t i = 0; i < PIN_WRONG_MAX + 2; i++) {
		jobs[i] = calloc(1, sizeof(*jobs[i]));
		assert_non_null(jobs[i]);
		world->job = jobs[i];
		fill_login(world, i < PIN_WRONG_MAX ? "0000" : PIN);
		jobs[i]->caller = world_till(world, 1);
		assert_true(command_side(world->shop, world->reader, jobs[i]));
		assert_true(jobs[i]->pin_is_hashed);
	}
	for (size_t i = 0; i < PIN_WRONG_MAX + 2; i++) {
		assert_int_equal(command_execute(world->shop, jobs[i],
				     world->now_ms, &world->err),
		    RESULT_OK);
		assert_int_equal(
		    jobs[i]->reply.which_body, tally_Reply_refusal_tag);
		assert_int_equal(jobs[i]->reply.body.refusal.code,
		    i + 1 < PIN_WRONG_MAX ? REFUSAL_PIN_WRONG
					  : REFUSAL_PIN_LOCKED);
	}
	world_commit(world);
	for (size_t i = 0; i < PIN_WRONG_MAX + 2; i++)
		free(jobs[i]);
	world->job = own;
}

static enum append_outcome refuse_append(
    struct store *store, const struct store_append *append, struct error *err)
{
	(void)store;
	(void)append;
	error_set(err, RESULT_IO, "the disk is full");
	return APPEND_REFUSED;
}

/* Neither is told: a wrong one would not be counted. */
static void a_full_disk_does_not_tell_the_right_pin_from_a_wrong_one(
    void **state)
{
	static const char *const pins[] = {"0000", PIN};
	struct world *world = *state;
	struct store *store = world->shop->store;
	const struct store_ops *whole = store->ops;
	struct store_ops full = *whole;

	full.append = refuse_append;
	for (size_t i = 0; i < 2; i++) {
		fill_login(world, pins[i]);
		store->ops = &full;
		assert_true(world_stage(world, world_till(world, 1)));
		assert_int_equal(ledger_commit(world->shop->ledger,
				     world->now_ms, &world->err),
		    APPEND_REFUSED);
		store->ops = whole;
		assert_int_equal(
		    shop_reload(world->shop, &world->err), RESULT_OK);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(guesses_in_flight_at_once_are_each_counted),
	    TEST(a_full_disk_does_not_tell_the_right_pin_from_a_wrong_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
