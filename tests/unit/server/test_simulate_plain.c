/*
 * Simulations of random sales beside a book that is asked for everything every
 * night.
 */
#include "tests/unit/server/simulate_world.h"

struct plain {
	struct book *book;
	struct decision *decision;
	uint64_t counter;
	struct error err;
};

static bool plain_do(
    struct plain *plain, struct command *command, uint64_t now_ms)
{
	command->counter = command->terminal == 0
			       ? book_head(plain->book)->server_counter + 1
			       : ++plain->counter;
	law_decide(plain->book, command, now_ms, plain->decision);
	if (plain->decision->refusal.code != REFUSAL_NONE)
		return false;
	assert_int_equal(
	    book_apply(plain->book, &plain->decision->entry, &plain->err),
	    RESULT_OK);
	return true;
}

static void plain_night(struct plain *plain, int32_t day)
{
	const struct book_member *member;

	for (size_t i = 0; (member = book_member_at(plain->book, i)) != NULL;
	     i++) {
		struct command command;

		for (unsigned step = 0; step < 100; step++) {
			if (!law_due(plain->book, member,
				(uint64_t)day * DAY_MS, &command))
				break;
			assert_true(
			    plain_do(plain, &command, (uint64_t)day * DAY_MS));
			member = book_member_at(plain->book, i);
		}
	}
}

static void plain_open(struct plain *plain, const char *rules)
{
	struct command shop = {.kind = ENTRY_SHOP,
	    .text = bytes_of_string("plain.example"),
	    .key = {{1}}};
	struct command programme = {
	    .kind = ENTRY_PROGRAMME, .text = bytes_of_string(rules)};
	struct command till = {.kind = ENTRY_TERMINAL,
	    .subject = 1,
	    .role = ROLE_TERMINAL,
	    .standing = STANDING_ACTIVE,
	    .key = {{2}}};

	*plain = (struct plain){.counter = 0};
	plain->decision = malloc(sizeof(*plain->decision));
	assert_non_null(plain->decision);
	assert_int_equal(book_create(&plain->book, &plain->err), RESULT_OK);
	assert_true(plain_do(plain, &shop, DAY_MS));
	assert_true(plain_do(plain, &programme, DAY_MS));
	assert_true(plain_do(plain, &till, DAY_MS));
}

static void plain_sale(struct plain *plain, const struct sales_sale *sale)
{
	uint64_t account = ACCOUNT_MEMBER_MIN + sale->customer;
	uint64_t now_ms = (uint64_t)sale->time_s * 1000;
	struct command earn = {.kind = ENTRY_EARN,
	    .terminal = 1,
	    .account = account,
	    .amount_minor = (uint64_t)sale->amount_minor};

	if (book_member(plain->book, account) == NULL) {
		struct command enrol = {.kind = ENTRY_ENROL,
		    .terminal = 1,
		    .account = account,
		    .commitment = {{3}}};

		assert_true(plain_do(plain, &enrol, now_ms));
	}
	assert_true(plain_do(plain, &earn, now_ms));
}

static void assert_as_plain(struct world *world, const char *rules)
{
	struct book_totals totals;
	struct plain plain;
	int32_t night = 0;
	int32_t day = 0;

	plain_open(&plain, rules);
	for (size_t i = 0; i < world->sales->count; i++) {
		day = (int32_t)(world->sales->items[i].time_s / 86400);
		for (; i != 0 && night <= day; night++)
			plain_night(&plain, night);
		night = day + 1;
		plain_sale(&plain, &world->sales->items[i]);
	}
	plain_night(&plain, day + 1);
	run(world, rules);
	book_totals(plain.book, &totals);
	assert_int_equal(world->is.members, totals.members);
	assert_int_equal(world->is.issued_points, -totals.issued_points);
	assert_int_equal(world->is.expired_points, totals.expired_points);
	assert_int_equal(world->is.outstanding_points, totals.members_points);
	assert_true(totals.expired_points > 0);
	book_destroy(plain.book);
	free(plain.decision);
}

static void looks_at_everybody_in_time(void **state)
{
	static const char *const rules[] = {HEAD BASE
	    "[points]\nexpire_months = 2\nwarn_days = 10\n",
	    HEAD BASE "[points]\nexpire_months = 1\nexpire_end = quarter\n"
		      "pending_days = 5\n",
	    HEAD BASE "[points]\nexpire_inactive_days = 20\n",
	    HEAD BASE "[points]\nexpire_date = 2026-06-30\n",
	    HEAD BASE "[points]\nexpire_months = 1\n[tiers]\n"
		      "qualify = visits\nwindow_days = 20\n[tier a]\n"
		      "name = A\nfrom = 2\n[tier b]\nname = B\nfrom = 4\n"
		      "[earn more]\npoints = 10\nper = visit\ntiers = b\n"};
	struct world *world = *state;
	size_t at = (size_t)sprintf(long_text, "date,customer,amount\n");
	uint32_t random = 7;
	unsigned day = 0;

	for (unsigned i = 0; i < 2000 && day < 330; i++) {
		random = random * 1664525 + 1013904223;
		day += (random >> 20) % 8 == 0 ? (random >> 24) % 9 : 0;
		at += (size_t)sprintf(&long_text[at],
		    "2026-%02u-%02u,c%u,%u.00\n", 1 + day / 28, 1 + day % 28,
		    (random >> 8) % 60, 1 + (random >> 14) % 50);
	}
	read_sales(world, long_text);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		assert_as_plain(world, rules[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(looks_at_everybody_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
