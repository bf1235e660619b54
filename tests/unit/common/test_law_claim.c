/*
 * The law of late claims: a sale without a card, and who comes with its receipt
 * afterwards.
 */
#include "tests/unit/common/law_world.h"

#define RULES                                                           \
	"[programme]\nname = N\ncurrency = EUR\nearn_points = 1\n"      \
	"earn_amount = 1.00\nsale_amount_max = 2000\nclaim_days = 14\n" \
	"[earn fruit]\nname = Fruit\npoints = 1\nper = 1.00\n"          \
	"categories = fruit\n"                                          \
	"[earn sunday]\nname = Sunday\npoints = 10\nper = visit\n"      \
	"weekdays = sun\nshops = north\n"

static struct refusal *refusal_of(struct world *world)
{
	return &world->decision.refusal;
}

static enum refusal_code ring_up(struct world *world, uint32_t terminal,
    uint64_t amount_minor, const char *receipt)
{
	struct command command = world_command(world, ENTRY_SALE, terminal);

	command.amount_minor = amount_minor;
	command.receipt = bytes_of_string(receipt);
	return world_do(world, &command);
}

static enum refusal_code claim(struct world *world, uint64_t account,
    uint64_t sale_sequence, const char *receipt)
{
	struct command command = world_command(world, ENTRY_EARN, 1);
	struct entry sale;

	command.account = account;
	command.wants_related = true;
	command.receipt = bytes_of_string(receipt);
	if (sale_sequence <= world->count && sale_sequence > 0) {
		sale = world_entry(world, sale_sequence);
		command.related = &sale;
	}
	return world_do(world, &command);
}

static struct world *open_on_sunday(uint64_t seed)
{
	struct world *world = world_open_with(seed, RULES);
	struct command till = world_command(world, ENTRY_TERMINAL, 0);

	till.subject = 3;
	till.role = ROLE_TERMINAL;
	till.standing = STANDING_ACTIVE;
	till.key = world_hash(3);
	till.shop = bytes_of_string("north");
	assert_int_equal(world_do(world, &till), REFUSAL_NONE);
	world_set_day(world, "2026-05-03");
	return world;
}

/* A sale without a card of 12.00, by receipt A-17. */
static struct command fruit_and_wine(
    struct world *world, uint32_t till, struct world_lines *lines)
{
	struct command command = world_command(world, ENTRY_SALE, till);

	world_lines_start(lines);
	world_lines_add(lines, "fruit", "", 2, 300);
	world_lines_add(lines, "wine", "", 1, 900);
	command.amount_minor = 1200;
	command.lines = world_lines_view(lines);
	command.receipt = bytes_of_string("A-17");
	return command;
}

static void keeps_a_sale_without_a_card(void **state)
{
	struct world *world = open_on_sunday(1);
	struct world_lines lines;
	struct command command = fruit_and_wine(world, 1, &lines);
	struct entry entry;

	(void)state;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.from_account, 0);
	assert_int_equal(entry.to_account, 0);
	assert_int_equal(entry.points, 0);
	assert_int_equal(entry.amount_minor, 1200);
	assert_int_equal(entry.programme_sequence, 2);
	assert_int_equal(
	    entry.has, ENTRY_HAS(TAG_LINES) | ENTRY_HAS(TAG_RECEIPT));
	command.amount_minor = 1201;
	assert_int_equal(world_ask(world, &command), REFUSAL_LINES_INVALID);
	command.amount_minor = 0;
	assert_int_equal(world_ask(world, &command), REFUSAL_AMOUNT_INVALID);
	command.amount_minor = 1200;
	command.paid_minor = 1;
	assert_int_equal(world_ask(world, &command), REFUSAL_MALFORMED);
	world_close(world);
}

static void keeps_none_where_nothing_can_be_claimed(void **state)
{
	struct world *world = world_open(2);

	(void)state;
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NOT_ALLOWED);
	world_close(world);
}

/* Lines, moment and shop are those of the sale; who claims says none of them.
 */
static void gives_what_the_sale_would_have_given(void **state)
{
	struct world *world = open_on_sunday(3);
	struct world_lines lines;
	struct command command = fruit_and_wine(world, 3, &lines);
	struct entry sale;
	struct entry entry;

	(void)state;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	world_set_day(world, "2026-05-05");
	assert_int_equal(
	    claim(world, MEMBER(1), world->count, "A-17"), REFUSAL_NONE);
	sale = world_entry(world, world->count - 1);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.points, 12 + 3 + 10);
	assert_int_equal(entry.amount_minor, 1200);
	assert_int_equal(entry.related_sequence, sale.sequence);
	assert_int_equal(entry.sold_ms, sale.time_ms);
	assert_true(bytes_equal(entry.lines, sale.lines));
	assert_true(bytes_equal(entry.receipt, sale.receipt));
	world_close(world);
}

static void gives_it_once(void **state)
{
	struct world *world = open_on_sunday(4);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	assert_int_equal(claim(world, MEMBER(1), 8, "A-17"), REFUSAL_NONE);
	assert_int_equal(claim(world, MEMBER(1), 8, "A-17"), REFUSAL_CLAIMED);
	assert_int_equal(claim(world, MEMBER(2), 8, "A-17"), REFUSAL_CLAIMED);
	assert_string_equal(
	    refusal_of(world)->say, "This sale has its points already.");
	world_close(world);
}

static void gives_it_for_so_many_days(void **state)
{
	struct world *world = open_on_sunday(5);

	(void)state;
	assert_int_equal(world_enrol(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	assert_int_equal(ring_up(world, 1, 1200, "A-18"), REFUSAL_NONE);
	world_set_clock(world, "2026-05-17", 23, 59, 59);
	assert_int_equal(claim(world, MEMBER(1), 8, "A-17"), REFUSAL_NONE);
	world_set_clock(world, "2026-05-18", 0, 0, 0);
	assert_int_equal(
	    claim(world, MEMBER(1), 9, "A-18"), REFUSAL_CLAIM_LATE);
	assert_int_equal(refusal_of(world)->required, 14);
	assert_string_equal(refusal_of(world)->say,
	    "Points can be claimed for 14 days after the sale; this one is "
	    "older.");
	/* Claims may be given up, also for what was sold before. */
	world_set_day(world, "2026-05-17");
	assert_int_equal(
	    world_programme(world, WORLD_RULES("1", "1.00")), REFUSAL_NONE);
	assert_int_equal(
	    claim(world, MEMBER(1), 9, "A-18"), REFUSAL_CLAIM_LATE);
	world_close(world);
}

static void wants_the_receipt_of_that_sale(void **state)
{
	static const char *const receipts[] = {"", "A-18", "A-1", "A-177"};
	struct world *world = open_on_sunday(6);

	(void)state;
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	assert_int_equal(ring_up(world, 1, 1200, ""), REFUSAL_NONE);
	for (size_t at = 0; at < sizeof(receipts) / sizeof(*receipts); at++)
		assert_int_equal(claim(world, MEMBER(1), 7, receipts[at]),
		    REFUSAL_RECEIPT_WRONG);
	/* A sale that has none is nobody's to claim. */
	assert_int_equal(claim(world, MEMBER(1), 8, ""), REFUSAL_RECEIPT_WRONG);
	assert_int_equal(claim(world, MEMBER(1), 7, "A-17"), REFUSAL_NONE);
	world_close(world);
}

static void claims_nothing_but_sales(void **state)
{
	struct world *world = open_on_sunday(7);

	(void)state;
	assert_int_equal(world_earn(world, 1, MEMBER(1), 500), REFUSAL_NONE);
	for (uint64_t sequence = 0; sequence <= world->count + 1; sequence++)
		assert_int_equal(claim(world, MEMBER(1), sequence, "A-17"),
		    REFUSAL_SALE_UNKNOWN);
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	assert_int_equal(claim(world, MEMBER(7), world->count, "A-17"),
	    REFUSAL_CARD_UNKNOWN);
	world_close(world);
}

static void gives_no_points_for_a_sale_undone(void **state)
{
	struct world *world = open_on_sunday(8);
	uint64_t counter;

	(void)state;
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	counter = world->counters[1];
	assert_int_equal(world_void(world, 1, counter), REFUSAL_NONE);
	assert_int_equal(claim(world, MEMBER(1), 7, "A-17"), REFUSAL_CLAIMED);
	assert_int_equal(world_void(world, 1, counter), REFUSAL_CLAIMED);
	/* One that is claimed stays. */
	assert_int_equal(ring_up(world, 1, 1200, "A-18"), REFUSAL_NONE);
	counter = world->counters[1];
	assert_int_equal(
	    claim(world, MEMBER(1), world->count, "A-18"), REFUSAL_NONE);
	assert_int_equal(world_void(world, 1, counter), REFUSAL_CLAIMED);
	world_close(world);
}

static void takes_back_a_claim_like_a_sale(void **state)
{
	struct world *world = open_on_sunday(9);

	(void)state;
	assert_int_equal(ring_up(world, 1, 1200, "A-17"), REFUSAL_NONE);
	assert_int_equal(claim(world, MEMBER(1), 7, "A-17"), REFUSAL_NONE);
	assert_int_equal(world_return(world, 1, 8, 500), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 7);
	assert_int_equal(
	    world_entry(world, world->count).sold_ms, world->now_ms);
	/* It was given once: undone, it is not given again. */
	assert_int_equal(world_void(world, 1, 3), REFUSAL_NONE);
	assert_int_equal(world_balance(world, MEMBER(1)), 0);
	assert_int_equal(claim(world, MEMBER(1), 7, "A-17"), REFUSAL_CLAIMED);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_a_sale_without_a_card),
	    cmocka_unit_test(keeps_none_where_nothing_can_be_claimed),
	    cmocka_unit_test(gives_what_the_sale_would_have_given),
	    cmocka_unit_test(gives_it_once),
	    cmocka_unit_test(gives_it_for_so_many_days),
	    cmocka_unit_test(wants_the_receipt_of_that_sale),
	    cmocka_unit_test(claims_nothing_but_sales),
	    cmocka_unit_test(gives_no_points_for_a_sale_undone),
	    cmocka_unit_test(takes_back_a_claim_like_a_sale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
