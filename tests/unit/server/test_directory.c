/*
 * Tests of the directory: whose card is whose, and the rows that say so.
 */
#include "tests/unit/server/rows.h"

#include <stdio.h>

#include "server/directory.h"

#define MEMBER(n) (ACCOUNT_FIRST + (uint64_t)(n))
#define ACCOUNT_FIRST (1ull << 40)
#define MANY 5000u

static int setup(void **state)
{
	struct directory *directory;
	struct error err;

	if (directory_create(&directory, &err) != RESULT_OK)
		return -1;
	*state = directory;
	return 0;
}

static int teardown(void **state)
{
	directory_destroy(*state);
	return 0;
}

static const char *number_of(unsigned n)
{
	static char number[CARD_SIZE_MAX + 1];

	(void)snprintf(number, sizeof(number), "29%011u", n);
	return number;
}

static struct card_row row_of(const char *number)
{
	struct card_row row;

	for (uint8_t i = 0; i < sizeof(row.salt); i++)
		row.salt[i] = i;
	(void)snprintf(row.number, sizeof(row.number), "%s", number);
	return row;
}

static struct directory_card member(uint64_t account)
{
	return (struct directory_card){.account = account};
}

/* --- looking up ----------------------------------------------------------- */

static void an_empty_one_knows_nobody(void **state)
{
	assert_int_equal(directory_find(*state, "2912345678906"), 0);
	assert_int_equal(directory_find(*state, ""), 0);
	directory_destroy(NULL);
}

static void finds_each_of_many_cards_and_no_other(void **state)
{
	struct error err;

	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(directory_add(*state, number_of(n),
				     member(MEMBER(n)), &err),
		    RESULT_OK);
	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(
		    directory_find(*state, number_of(n)), MEMBER(n));
	for (unsigned n = MANY; n < 2 * MANY; n++)
		assert_int_equal(directory_find(*state, number_of(n)), 0);
}

static void one_number_is_not_the_start_of_another(void **state)
{
	struct error err;

	assert_int_equal(
	    directory_add(*state, "29123456", member(1), &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "2912345"), 0);
	assert_int_equal(directory_find(*state, "291234567"), 0);
	assert_int_equal(directory_find(*state, "29123456"), 1);
}

static void refuses_a_card_that_is_somebodys(void **state)
{
	struct error err;

	assert_int_equal(
	    directory_add(*state, "1", member(MEMBER(1)), &err), RESULT_OK);
	assert_int_equal(
	    directory_add(*state, "1", member(MEMBER(2)), &err), RESULT_EXISTS);
	assert_int_equal(
	    directory_add(*state, "1", member(MEMBER(1)), &err), RESULT_EXISTS);
	assert_int_equal(directory_find(*state, "1"), MEMBER(1));
}

static void refuses_a_member_without_a_number_or_too_long_a_card(void **state)
{
	char number[CARD_SIZE_MAX + 2];
	struct error err;

	memset(number, '7', sizeof(number));
	number[CARD_SIZE_MAX + 1] = '\0';
	assert_int_equal(directory_add(*state, number, member(MEMBER(1)), &err),
	    RESULT_INVALID);
	assert_int_equal(directory_find(*state, number), 0);
	number[CARD_SIZE_MAX] = '\0';
	assert_int_equal(
	    directory_add(*state, number, member(0), &err), RESULT_INVALID);
	assert_int_equal(
	    directory_add(*state, number, member(MEMBER(1)), &err), RESULT_OK);
	assert_int_equal(directory_find(*state, number), MEMBER(1));
}

static void a_further_card_leads_to_its_number_in_the_chain(void **state)
{
	struct directory_card found;
	struct error err;

	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(
		    directory_add(*state, number_of(n),
			(struct directory_card){MEMBER(n % 7), n % 3}, &err),
		    RESULT_OK);
	for (unsigned n = 0; n < MANY; n++) {
		found = directory_look(*state, number_of(n));
		assert_int_equal(found.account, MEMBER(n % 7));
		assert_int_equal(found.card, n % 3);
		assert_int_equal(
		    directory_find(*state, number_of(n)), MEMBER(n % 7));
	}
	found = directory_look(*state, number_of(MANY));
	assert_int_equal(found.account, 0);
	assert_int_equal(found.card, 0);
}

/* --- birthdays ------------------------------------------------------------ */

static void finds_each_of_many_birthdays_and_no_other(void **state)
{
	struct error err;

	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(directory_set_birthday(*state, MEMBER(n),
				     (uint16_t)(100 + n % 31 + 1), &err),
		    RESULT_OK);
	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(
		    directory_birthday(*state, MEMBER(n)), 100 + n % 31 + 1);
	assert_int_equal(directory_birthday(*state, MEMBER(MANY)), 0);
}

static void a_birthday_is_changed_and_taken_away(void **state)
{
	struct error err;

	assert_int_equal(
	    directory_set_birthday(*state, MEMBER(1), 0, &err), RESULT_OK);
	assert_int_equal(directory_birthday(*state, MEMBER(1)), 0);
	assert_int_equal(
	    directory_set_birthday(*state, MEMBER(1), 314, &err), RESULT_OK);
	assert_int_equal(
	    directory_set_birthday(*state, MEMBER(1), 229, &err), RESULT_OK);
	assert_int_equal(directory_birthday(*state, MEMBER(1)), 229);
	assert_int_equal(
	    directory_set_birthday(*state, MEMBER(1), 0, &err), RESULT_OK);
	assert_int_equal(directory_birthday(*state, MEMBER(1)), 0);
}

/* --- loading -------------------------------------------------------------- */

static void add_card(struct rows *rows, const char *number, uint64_t account)
{
	struct card_row row = row_of(number);
	uint8_t body[CARD_ROW_SIZE_MAX];

	rows_add(rows, PRIVATE_CARD, account, card_row_encode(&row, body));
}

static void loads_what_is_stored_and_forgets_what_was(void **state)
{
	struct rows rows = {0};
	struct error err;

	add_card(&rows, "29000001", MEMBER(1));
	add_card(&rows, "29000002", MEMBER(2));
	rows_add(&rows, PRIVATE_TERMINAL, 9, bytes_of("?", 1));
	assert_int_equal(
	    directory_add(*state, "29000003", member(MEMBER(3)), &err),
	    RESULT_OK);
	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "29000001"), MEMBER(1));
	assert_int_equal(directory_find(*state, "29000002"), MEMBER(2));
	assert_int_equal(directory_find(*state, "29000003"), 0);
	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "29000001"), MEMBER(1));
}

static void loads_further_cards_and_birthdays_as_well(void **state)
{
	struct rows rows = {0};
	struct more_card_row more = {
	    .account = MEMBER(1), .number = "29000009"};
	struct member_row details = {.name = "Anna", .birthday = 229};
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct directory_card found;
	struct error err;

	add_card(&rows, "29000001", MEMBER(1));
	rows_add(
	    &rows, PRIVATE_MORE_CARD, 77, more_card_row_encode(&more, body));
	rows_add(&rows, PRIVATE_MEMBER, MEMBER(1),
	    member_row_encode(&details, body));
	for (int times = 0; times < 2; times++) {
		assert_int_equal(
		    directory_load(*state, &rows.store, &err), RESULT_OK);
		found = directory_look(*state, "29000009");
		assert_int_equal(found.account, MEMBER(1));
		assert_int_equal(found.card, 77);
		assert_int_equal(directory_look(*state, "29000001").card, 0);
		assert_int_equal(directory_birthday(*state, MEMBER(1)), 229);
	}
	rows.count = 0;
	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(directory_birthday(*state, MEMBER(1)), 0);
	assert_int_equal(directory_find(*state, "29000009"), 0);
}

static void names_the_row_of_each_kind_that_is_damaged(void **state)
{
	static const struct {
		enum private_kind kind;
		const char *name;
	} kinds[] = {{PRIVATE_CARD, "card of member 77"},
	    {PRIVATE_MORE_CARD, "further card 77"},
	    {PRIVATE_MEMBER, "details of member 77"}};
	struct error err;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct rows rows = {0};

		rows_add(&rows, kinds[i].kind, 77, bytes_of("?", 1));
		assert_int_equal(
		    directory_load(*state, &rows.store, &err), RESULT_CORRUPT);
		assert_non_null(strstr(err.text, kinds[i].name));
	}
}

static void names_the_member_whose_row_is_damaged(void **state)
{
	struct rows rows = {0};
	struct error err;

	add_card(&rows, "29000001", MEMBER(1));
	rows_add(&rows, PRIVATE_CARD, 77, bytes_of("?", 1));
	assert_int_equal(
	    directory_load(*state, &rows.store, &err), RESULT_CORRUPT);
	assert_non_null(strstr(err.text, "member 77"));
	assert_int_equal(err.result, RESULT_CORRUPT);
	assert_int_equal(
	    directory_load(*state, &rows.store, NULL), RESULT_CORRUPT);
}

static void a_card_of_two_members_is_damage(void **state)
{
	struct rows rows = {0};
	struct error err;

	add_card(&rows, "29000001", MEMBER(1));
	add_card(&rows, "29000001", MEMBER(2));
	assert_int_equal(
	    directory_load(*state, &rows.store, &err), RESULT_CORRUPT);
	assert_null(strstr(err.text, "29000001"));
}

static void passes_on_what_the_store_says(void **state)
{
	struct rows rows = {.store.ops = &rows_ops, .is_broken = true};
	struct error err;

	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_one_knows_nobody),
	    TEST(finds_each_of_many_cards_and_no_other),
	    TEST(one_number_is_not_the_start_of_another),
	    TEST(refuses_a_card_that_is_somebodys),
	    TEST(refuses_a_member_without_a_number_or_too_long_a_card),
	    TEST(a_further_card_leads_to_its_number_in_the_chain),
	    TEST(finds_each_of_many_birthdays_and_no_other),
	    TEST(a_birthday_is_changed_and_taken_away),
	    TEST(loads_further_cards_and_birthdays_as_well),
	    TEST(names_the_row_of_each_kind_that_is_damaged),
	    TEST(loads_what_is_stored_and_forgets_what_was),
	    TEST(names_the_member_whose_row_is_damaged),
	    TEST(a_card_of_two_members_is_damage),
	    TEST(passes_on_what_the_store_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
