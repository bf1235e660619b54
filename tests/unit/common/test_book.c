/*
 * The book: folding entries, refusing those of another history, and knowing
 * what they changed.
 */
#include "tests/unit/common/book_shelf.h"

static void assert_not_applied(struct world *world, uint64_t count,
    const struct entry *entry, const char *words)
{
	struct book *book = book_after(world, count);
	struct error err = {RESULT_OK, ""};

	assert_int_equal(book_apply(book, entry, &err), RESULT_INVALID);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
	book_destroy(book);
}

/* --- folding ----------------------------------------------------------------
 */

static void starts_with_nothing(void **state)
{
	struct book *book = new_book();
	struct book_totals totals;
	struct book_totals none = {0};

	(void)state;
	assert_int_equal(book_head(book)->sequence, 0);
	assert_int_equal(book_head(book)->time_ms, 0);
	assert_int_equal(book_head(book)->server_counter, 0);
	book_totals(book, &totals);
	assert_memory_equal(&totals, &none, sizeof(totals));
	assert_null(book_member(book, MEMBER(1)));
	assert_null(book_member(book, 0));
	assert_null(book_terminal(book, 0));
	assert_null(book_terminal(book, 1));
	assert_null(book_cashier(book, 1));
	assert_null(book_cashier(book, UINT32_MAX));
	assert_null(book_programme(book));
	assert_null(book_programme_at(book, 0));
	assert_int_equal(book_terminal_last(book), 0);
	assert_int_equal(book_cashier_last(book), 0);
	assert_int_equal(book_shop_origin(book).size, 0);
	assert_int_equal(book_dirty_count(book), 0);
	book_destroy(book);
	book_destroy(NULL);
}

static void folds_every_kind(void **state)
{
	struct world *world = world_busy();
	const struct book *book = world->book;
	const struct book_member *member = book_member(book, MEMBER(1));
	const struct book_returned *returned = book_returned(member, 6);
	struct book_totals totals;
	struct hash key = world_hash(0x5e);

	(void)state;
	assert_true(bytes_equal(
	    book_shop_origin(book), bytes_of_string("corner.example")));
	assert_true(hash_equal(book_shop_key(book), &key));
	assert_int_equal(book_head(book)->sequence, 10);
	assert_int_equal(book_head(book)->time_ms, world->now_ms);
	assert_int_equal(book_head(book)->server_counter, 6);
	assert_int_equal(member->account, MEMBER(1));
	assert_int_equal(member->balance_points, 0);
	assert_int_equal(member->enrolled_sequence, 5);
	assert_int_equal(member->last_sequence, 8);
	assert_int_equal(member->extra->returned_count, 1);
	assert_int_equal(returned->amount_minor, 1000);
	assert_int_equal(returned->points, 10);
	assert_null(book_returned(member, 5));
	assert_null(book_returned(member, 7));
	assert_int_equal(book_terminal(book, 1)->counter_max, 3);
	assert_int_equal(book_terminal(book, 1)->standing, STANDING_ACTIVE);
	assert_int_equal(book_terminal(book, 2)->counter_max, 1);
	assert_int_equal(book_terminal(book, 2)->standing, STANDING_REVOKED);
	assert_int_equal(book_terminal(book, 2)->role, ROLE_TERMINAL);
	assert_int_equal(book_cashier(book, 1)->role, ROLE_CASHIER);
	assert_int_equal(book_terminal_last(book), 2);
	assert_int_equal(book_cashier_last(book), 1);
	book_totals(book, &totals);
	assert_int_equal(totals.members, 1);
	assert_int_equal(totals.terminals, 1);
	assert_int_equal(totals.cashiers, 1);
	assert_int_equal(totals.issued_points, -40);
	assert_int_equal(totals.redeemed_points, 40);
	assert_int_equal(totals.members_points, 0);
	assert_int_equal(book_account_points(book, ACCOUNT_EXPIRED), 0);
	world_close(world);
}

static void finds_versions_by_their_sequence(void **state)
{
	struct world *world = world_open(42);
	uint64_t sequences[40];

	(void)state;
	for (size_t index = 0; index < 40; index++) {
		assert_int_equal(
		    world_programme(world, WORLD_RULES("2", "1.00")),
		    REFUSAL_NONE);
		sequences[index] = world->count;
		if (index % 3 == 0)
			assert_int_equal(
			    world_earn(world, 1, MEMBER(1), 100), REFUSAL_NONE);
	}
	for (size_t index = 0; index < 40; index++) {
		const struct book_programme *version =
		    book_programme_at(world->book, sequences[index]);

		assert_non_null(version);
		assert_int_equal(version->sequence, sequences[index]);
		assert_int_equal(version->number, index + 2);
		assert_int_equal(version->programme->earn_points, 2);
		assert_true(bytes_equal(
		    version->text, bytes_of_string(WORLD_RULES("2", "1.00"))));
	}
	assert_int_equal(book_programme(world->book)->number, 41);
	assert_null(book_programme_at(world->book, 3));
	assert_null(book_programme_at(world->book, 0));
	assert_null(book_programme_at(world->book, UINT64_MAX));
	world_close(world);
}

static void holds_many_members(void **state)
{
	struct book *book = new_book();
	struct world *world = world_open(43);
	struct entry entry = world_entry(world, 5);
	struct book_totals totals;
	struct error err;

	(void)state;
	world_replay(world, book, 1, 4);
	for (uint64_t number = 0; number < 20000; number++) {
		entry.sequence = 5 + number;
		entry.counter = 1 + number;
		/* Neighbours, and ones that differ in high bits alone. */
		entry.to_account = number % 2
				       ? ACCOUNT_MEMBER_MIN + number
				       : ACCOUNT_MEMBER_MIN + (number << 41);
		assert_int_equal(book_apply(book, &entry, &err), RESULT_OK);
	}
	for (uint64_t number = 0; number < 20000; number++) {
		uint64_t account = number % 2
				       ? ACCOUNT_MEMBER_MIN + number
				       : ACCOUNT_MEMBER_MIN + (number << 41);
		const struct book_member *member = book_member(book, account);

		assert_non_null(member);
		assert_int_equal(member->account, account);
		assert_int_equal(member->enrolled_sequence, 5 + number);
	}
	assert_null(book_member(book, ACCOUNT_MEMBER_MIN + 20001));
	book_totals(book, &totals);
	assert_int_equal(totals.members, 20000);
	book_destroy(book);
	world_close(world);
}

static void keeps_returns_in_the_order_of_their_sales(void **state)
{
	struct world *world = world_open(44);
	const struct book_member *member;
	uint64_t order[20];

	(void)state;
	for (size_t index = 0; index < 20; index++) {
		assert_int_equal(
		    world_earn(world, 1, MEMBER(1), 1000), REFUSAL_NONE);
		order[index] = world->count;
	}
	for (size_t index = 0; index < 20; index++)
		assert_int_equal(
		    world_return(world, 1, order[index * 7 % 20], 100 + index),
		    REFUSAL_NONE);
	member = book_member(world->book, MEMBER(1));
	assert_int_equal(member->extra->returned_count, 20);
	for (size_t index = 0; index < 20; index++) {
		const struct book_returned *returned =
		    book_returned(member, order[index * 7 % 20]);

		assert_non_null(returned);
		assert_int_equal(returned->amount_minor, 100 + index);
		if (index > 0)
			assert_true(
			    member->extra->returned[index].sale_sequence >
			    member->extra->returned[index - 1].sale_sequence);
	}
	world_close(world);
}

struct visit {
	unsigned count;
	unsigned stop_at;
	uint64_t sum;
};

static enum result visit_member(
    void *context, const struct book_member *member, struct error *err)
{
	struct visit *visit = context;

	visit->sum += member->account;
	if (++visit->count == visit->stop_at)
		return error_set(err, RESULT_CLOSED, "enough");
	return RESULT_OK;
}

static void visits_every_member_until_told_to_stop(void **state)
{
	struct world *world = world_open(45);
	struct visit visit = {0};

	(void)state;
	for (uint64_t number = 2; number <= 5; number++)
		assert_int_equal(
		    world_enrol(world, 1, MEMBER(number)), REFUSAL_NONE);
	assert_int_equal(
	    book_each_member(world->book, visit_member, &visit, &world->err),
	    RESULT_OK);
	assert_int_equal(visit.count, 5);
	assert_true(visit.sum ==
		    MEMBER(1) + MEMBER(2) + MEMBER(3) + MEMBER(4) + MEMBER(5));
	visit = (struct visit){.stop_at = 3};
	assert_int_equal(
	    book_each_member(world->book, visit_member, &visit, &world->err),
	    RESULT_CLOSED);
	assert_int_equal(visit.count, 3);
	world_close(world);
}

/* --- entries of another history ---------------------------------------------
 */

static void refuses_an_entry_out_of_its_place(void **state)
{
	struct world *world = world_busy();
	struct entry entry = world_entry(world, 6);
	struct entry shop = world_entry(world, 1);
	struct entry enrol = world_entry(world, 5);

	(void)state;
	assert_not_applied(world, 4, &entry, "it does not follow entry 4");
	assert_not_applied(world, 6, &entry, "it does not follow entry 6");
	entry.sequence = 0;
	assert_not_applied(world, 5, &entry, "it does not follow entry 5");
	entry = world_entry(world, 6);
	entry.time_ms--;
	assert_not_applied(world, 5, &entry, "is before");
	shop.sequence = 6;
	assert_not_applied(world, 5, &shop, "a shop is the first entry alone");
	enrol.sequence = 1;
	assert_not_applied(world, 0, &enrol, "a shop is the first entry alone");
	entry = world_entry(world, 6);
	entry.kind = (enum entry_kind)(ENTRY_KIND_MAX + 1);
	assert_not_applied(world, 5, &entry, "kind 23 is unknown");
	world_close(world);
}

static void refuses_an_entry_by_somebody_unknown(void **state)
{
	struct world *world = world_busy();
	struct entry entry = world_entry(world, 6);

	(void)state;
	entry.terminal = 3;
	assert_not_applied(world, 5, &entry, "there is no terminal 3");
	entry.terminal = UINT32_MAX;
	assert_not_applied(world, 5, &entry, "there is no terminal 4294967295");
	entry.terminal = 1;
	entry.cashier = 1;
	assert_not_applied(world, 5, &entry, "there is no cashier 1");
	entry.cashier = 0;
	entry.counter = 0;
	assert_not_applied(world, 5, &entry, "the counter 0 is out of range");
	entry.counter = COUNTER_MAX + 1;
	assert_not_applied(world, 5, &entry, "is out of range");
	entry = world_entry(world, 1);
	entry.terminal = 1;
	assert_not_applied(world, 0, &entry, "terminal 1 makes no shop");
	entry = world_entry(world, 1);
	entry.text = bytes_of(NULL, 0);
	assert_not_applied(world, 0, &entry, "the shop has no origin");
	world_close(world);
}

static void refuses_points_that_cannot_have_moved_so(void **state)
{
	struct world *world = world_busy();
	struct entry entry = world_entry(world, 6);

	(void)state;
	entry.from_account = ACCOUNT_REDEEMED;
	assert_not_applied(world, 5, &entry, "account 2 is not 1");
	entry = world_entry(world, 6);
	entry.to_account = MEMBER(2);
	assert_not_applied(world, 5, &entry, "there is no member");
	entry = world_entry(world, 6);
	entry.points = POINTS_MAX + 1;
	assert_not_applied(world, 5, &entry, "are past the limit");
	entry = world_entry(world, 6);
	entry.balance_points++;
	assert_not_applied(
	    world, 5, &entry, "the balance is 50, and the entry says 51");
	entry = world_entry(world, 6);
	entry.to_previous_sequence = 4;
	assert_not_applied(
	    world, 5, &entry, "the member's previous entry is 5, not 4");
	entry = world_entry(world, 6);
	entry.programme_sequence = 3;
	assert_not_applied(world, 5, &entry, "there is no programme 3");
	entry = world_entry(world, 7);
	entry.to_account = ACCOUNT_ISSUED;
	assert_not_applied(world, 6, &entry, "account 1 is not 2");
	entry = world_entry(world, 7);
	entry.from_previous_sequence = 0;
	assert_not_applied(world, 6, &entry, "previous entry is 6, not 0");
	entry = world_entry(world, 8);
	entry.related_sequence = 8;
	assert_not_applied(world, 7, &entry, "8 is no earlier entry");
	entry.related_sequence = 0;
	assert_not_applied(world, 7, &entry, "0 is no earlier entry");
	world_close(world);
}

static void refuses_what_would_overflow(void **state)
{
	struct world *world = world_busy();
	struct book *book = book_after(world, 7);
	struct entry entry = world_entry(world, 8);
	struct error err;
	enum result result = RESULT_OK;

	(void)state;
	/* Two returns of nearly all that a u64 holds. */
	entry.amount_minor = UINT64_MAX;
	assert_int_equal(book_apply(book, &entry, &err), RESULT_OK);
	entry.sequence = 9;
	entry.from_previous_sequence = 8;
	entry.points = 0;
	assert_int_equal(book_apply(book, &entry, &err), RESULT_INVALID);
	assert_non_null(strstr(err.text, "what came back would overflow"));
	book_destroy(book);

	/* The most points an entry moves, again and again. */
	book = book_after(world, 5);
	entry = world_entry(world, 6);
	entry.points = POINTS_MAX;
	entry.has = 0;
	for (uint64_t count = 0; result == RESULT_OK && count < 2000; count++) {
		result = book_apply(book, &entry, &err);
		entry.to_previous_sequence = entry.sequence++;
	}
	assert_int_equal(result, RESULT_INVALID);
	assert_non_null(strstr(err.text, "account 1 would overflow"));
	assert_int_equal(
	    book_head(book)->sequence, 5 + BALANCE_POINTS_MAX / POINTS_MAX);
	book_destroy(book);
	world_close(world);
}

static void refuses_accounts_that_cannot_be_opened(void **state)
{
	struct world *world = world_busy();
	struct entry entry = world_entry(world, 5);

	(void)state;
	entry.sequence = 6;
	assert_not_applied(world, 5, &entry, "is there already");
	entry.sequence = 5;
	entry.to_account = ACCOUNT_REDEEMED;
	assert_not_applied(world, 4, &entry, "no member's account is opened");
	entry.to_account = ACCOUNT_MEMBER_MAX + 1;
	assert_not_applied(world, 4, &entry, "no member's account is opened");
	entry = world_entry(world, 5);
	entry.points = 1;
	assert_not_applied(world, 4, &entry, "no member's account is opened");
	entry = world_entry(world, 5);
	entry.to_previous_sequence = 1;
	assert_not_applied(world, 4, &entry, "previous entry is 0, not 1");
	world_close(world);
}

static void refuses_subjects_that_make_no_sense(void **state)
{
	struct world *world = world_busy();
	struct entry entry;
	uint32_t subjects[] = {0, TERMINALS_MAX + 1, UINT32_MAX};

	(void)state;
	for (size_t index = 0; index < 3; index++) {
		entry = world_entry(world, 3);
		entry.subject = subjects[index];
		assert_not_applied(world, 2, &entry, "is malformed");
		entry = world_entry(world, 9);
		entry.subject = subjects[index];
		assert_not_applied(world, 8, &entry, "is malformed");
	}
	entry = world_entry(world, 3);
	entry.role = ROLE_OWNER;
	assert_not_applied(world, 2, &entry, "terminal 1 is malformed");
	entry = world_entry(world, 3);
	entry.standing = (enum standing)0;
	assert_not_applied(world, 2, &entry, "terminal 1 is malformed");
	entry = world_entry(world, 3);
	entry.has = 0;
	assert_not_applied(world, 2, &entry, "terminal 1 is malformed");
	entry = world_entry(world, 3);
	entry.standing = STANDING_REVOKED;
	assert_not_applied(world, 2, &entry, "there is no terminal 1");
	entry = world_entry(world, 9);
	entry.role = ROLE_TERMINAL;
	assert_not_applied(world, 8, &entry, "cashier 1 is malformed");
	entry = world_entry(world, 9);
	entry.standing = STANDING_REVOKED;
	assert_not_applied(world, 8, &entry, "there is no cashier 1");
	entry = world_entry(world, 2);
	entry.text = bytes_of_string("[programme]\nname = N\n");
	assert_not_applied(world, 1, &entry, "entry 2 (programme): line 1");
	world_close(world);
}

/* --- dirt -------------------------------------------------------------------
 */

static void assert_dirty(struct book *book, const uint64_t *keys, size_t count)
{
	uint64_t *dirty;
	size_t dirty_count;
	struct error err;

	assert_int_equal(book_dirty_count(book), count);
	assert_int_equal(
	    book_take_dirty(book, &dirty, &dirty_count, &err), RESULT_OK);
	assert_int_equal(dirty_count, count);
	for (size_t index = 0; index < count; index++)
		assert_int_equal(dirty[index], keys[index]);
	free(dirty);
	assert_int_equal(book_dirty_count(book), 0);
	assert_int_equal(
	    book_take_dirty(book, &dirty, &dirty_count, &err), RESULT_OK);
	assert_int_equal(dirty_count, 0);
	assert_null(dirty);
}

static void lists_what_each_entry_changes(void **state)
{
	struct world *world = world_busy();
	struct book *book = new_book();
	static const uint64_t terminal = BOOK_KEY_TERMINAL;
	const struct {
		size_t count;
		uint64_t keys[4];
	} wanted[] = {
	    {1, {BOOK_KEY_SHOP}},
	    {2, {BOOK_KEY_PROGRAMME + 1, BOOK_KEY_SHOP}},
	    {2, {terminal + 1, BOOK_KEY_SHOP}},
	    {2, {terminal + 2, BOOK_KEY_SHOP}},
	    {2, {terminal + 1, MEMBER(1)}},
	    {3, {ACCOUNT_ISSUED, terminal + 1, MEMBER(1)}},
	    {3, {ACCOUNT_REDEEMED, terminal + 2, MEMBER(1)}},
	    {3, {ACCOUNT_ISSUED, terminal + 1, MEMBER(1)}},
	    {2, {BOOK_KEY_CASHIER + 1, BOOK_KEY_SHOP}},
	    {2, {terminal + 2, BOOK_KEY_SHOP}},
	};

	(void)state;
	for (uint64_t sequence = 1; sequence <= 10; sequence++) {
		world_replay(world, book, sequence, sequence);
		assert_dirty(book, wanted[sequence - 1].keys,
		    wanted[sequence - 1].count);
	}
	book_destroy(book);
	world_close(world);
}

static void lists_each_object_once_and_in_order(void **state)
{
	struct world *world = world_busy();
	static const uint64_t keys[] = {ACCOUNT_ISSUED, ACCOUNT_REDEEMED,
	    BOOK_KEY_TERMINAL + 1, BOOK_KEY_TERMINAL + 2, BOOK_KEY_CASHIER + 1,
	    BOOK_KEY_PROGRAMME + 1, BOOK_KEY_SHOP, MEMBER(1)};

	(void)state;
	assert_dirty(world->book, keys, 8);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starts_with_nothing),
	    cmocka_unit_test(folds_every_kind),
	    cmocka_unit_test(finds_versions_by_their_sequence),
	    cmocka_unit_test(holds_many_members),
	    cmocka_unit_test(keeps_returns_in_the_order_of_their_sales),
	    cmocka_unit_test(visits_every_member_until_told_to_stop),
	    cmocka_unit_test(refuses_an_entry_out_of_its_place),
	    cmocka_unit_test(refuses_an_entry_by_somebody_unknown),
	    cmocka_unit_test(refuses_points_that_cannot_have_moved_so),
	    cmocka_unit_test(refuses_what_would_overflow),
	    cmocka_unit_test(refuses_accounts_that_cannot_be_opened),
	    cmocka_unit_test(refuses_subjects_that_make_no_sense),
	    cmocka_unit_test(lists_what_each_entry_changes),
	    cmocka_unit_test(lists_each_object_once_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
