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
		assert_int_equal(
		    directory_add(*state, number_of(n), MEMBER(n), &err),
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

	assert_int_equal(directory_add(*state, "29123456", 1, &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "2912345"), 0);
	assert_int_equal(directory_find(*state, "291234567"), 0);
	assert_int_equal(directory_find(*state, "29123456"), 1);
}

static void refuses_a_card_that_is_somebodys(void **state)
{
	struct error err;

	assert_int_equal(
	    directory_add(*state, "1", MEMBER(1), &err), RESULT_OK);
	assert_int_equal(
	    directory_add(*state, "1", MEMBER(2), &err), RESULT_EXISTS);
	assert_int_equal(
	    directory_add(*state, "1", MEMBER(1), &err), RESULT_EXISTS);
	assert_int_equal(directory_find(*state, "1"), MEMBER(1));
}

static void refuses_a_member_without_a_number_or_too_long_a_card(void **state)
{
	char number[CARD_SIZE_MAX + 2];
	struct error err;

	memset(number, '7', sizeof(number));
	number[CARD_SIZE_MAX + 1] = '\0';
	assert_int_equal(
	    directory_add(*state, number, MEMBER(1), &err), RESULT_INVALID);
	assert_int_equal(directory_find(*state, number), 0);
	number[CARD_SIZE_MAX] = '\0';
	assert_int_equal(
	    directory_add(*state, number, 0, &err), RESULT_INVALID);
	assert_int_equal(
	    directory_add(*state, number, MEMBER(1), &err), RESULT_OK);
	assert_int_equal(directory_find(*state, number), MEMBER(1));
}

/* --- rows ----------------------------------------------------------------- */

static void a_row_has_one_form(void **state)
{
	static const char text[] =
	    "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
	    "1f0d32393132333435363738393036";
	struct card_row row = row_of("2912345678906");
	struct card_row back;
	uint8_t body[CARD_ROW_SIZE_MAX];
	char hex[2 * CARD_ROW_SIZE_MAX + 1];
	struct bytes encoded = card_row_encode(&row, body);
	struct error err;

	(void)state;
	bytes_to_hex(encoded, hex);
	assert_string_equal(hex, text);
	assert_int_equal(card_row_decode(encoded, &back, &err), RESULT_OK);
	assert_string_equal(back.number, row.number);
	assert_memory_equal(back.salt, row.salt, sizeof(row.salt));
}

static void the_longest_number_fits_its_row(void **state)
{
	struct card_row row = row_of("12345678901234567890123456789012");
	struct card_row back;
	uint8_t body[CARD_ROW_SIZE_MAX];
	struct bytes encoded = card_row_encode(&row, body);
	struct error err;

	(void)state;
	assert_int_equal(strlen(row.number), CARD_SIZE_MAX);
	assert_int_equal(encoded.size, CARD_ROW_SIZE_MAX);
	assert_int_equal(card_row_decode(encoded, &back, &err), RESULT_OK);
	assert_string_equal(back.number, row.number);
}

static void refuses_a_row_that_is_cut_anywhere_or_goes_on(void **state)
{
	struct card_row row = row_of("2912345678906");
	struct card_row back = row_of("kept");
	uint8_t body[CARD_ROW_SIZE_MAX + 1] = {0};
	size_t size = card_row_encode(&row, body).size;
	struct error err;

	(void)state;
	for (size_t cut = 0; cut <= size + 1; cut++) {
		enum result wanted = cut == size ? RESULT_OK : RESULT_INVALID;

		if (wanted != RESULT_OK)
			assert_int_equal(
			    card_row_decode(bytes_of(body, cut), &back, &err),
			    wanted);
	}
	assert_string_equal(back.number, "kept");
}

static void refuses_rows_that_no_card_has(void **state)
{
	struct card_row row = row_of("2912345678906");
	struct card_row back;
	uint8_t body[256] = {0};
	struct bytes encoded = card_row_encode(&row, body);
	struct error err;

	(void)state;
	body[0] = 2;
	assert_int_equal(card_row_decode(encoded, &back, &err), RESULT_INVALID);
	body[0] = 1;
	body[40] = '\0';
	assert_int_equal(card_row_decode(encoded, &back, &err), RESULT_INVALID);
	memset(body + 34, '1', 40);
	body[33] = 0;
	assert_int_equal(
	    card_row_decode(bytes_of(body, 34), &back, &err), RESULT_INVALID);
	body[33] = CARD_SIZE_MAX + 1;
	assert_int_equal(card_row_decode(bytes_of(body, 34 + 33), &back, &err),
	    RESULT_INVALID);
}

static void a_commitment_is_what_the_contract_says(void **state)
{
	struct card_row row = row_of("2912345678906");
	struct hasher *hasher;
	struct hash hash;
	struct hash other;
	struct error err;
	char hex[2 * HASH_SIZE + 1];

	(void)state;
	assert_int_equal(hasher_create(&hasher, &err), RESULT_OK);
	hash = card_row_commitment(hasher, &row, ACCOUNT_FIRST + 5);
	bytes_to_hex(hash_view(&hash), hex);
	assert_string_equal(hex, "6fd2179cc91d86392d5846eda6a007cd"
				 "64da4b8ee4ef25ce6ffca486afd8ce2c");
	other = card_row_commitment(hasher, &row, ACCOUNT_FIRST + 6);
	assert_false(hash_equal(&hash, &other));
	row.salt[31] ^= 1;
	other = card_row_commitment(hasher, &row, ACCOUNT_FIRST + 5);
	assert_false(hash_equal(&hash, &other));
	hasher_destroy(hasher);
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
	    directory_add(*state, "29000003", MEMBER(3), &err), RESULT_OK);
	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "29000001"), MEMBER(1));
	assert_int_equal(directory_find(*state, "29000002"), MEMBER(2));
	assert_int_equal(directory_find(*state, "29000003"), 0);
	assert_int_equal(directory_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(directory_find(*state, "29000001"), MEMBER(1));
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
	    TEST(a_row_has_one_form),
	    TEST(the_longest_number_fits_its_row),
	    TEST(refuses_a_row_that_is_cut_anywhere_or_goes_on),
	    TEST(refuses_rows_that_no_card_has),
	    TEST(a_commitment_is_what_the_contract_says),
	    TEST(loads_what_is_stored_and_forgets_what_was),
	    TEST(names_the_member_whose_row_is_damaged),
	    TEST(a_card_of_two_members_is_damage),
	    TEST(passes_on_what_the_store_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
