/*
 * Tests of details: the bytes of private rows, and what the chain holds of
 * them.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "server/details.h"

#define ACCOUNT_FIRST (1ull << 40)
#define CARD 0x0102030405060708ull

/* --- the card of the enrolment -------------------------------------------- */

static struct card_row row_of(const char *number)
{
	struct card_row row;

	for (uint8_t i = 0; i < sizeof(row.salt); i++)
		row.salt[i] = i;
	(void)snprintf(row.number, sizeof(row.number), "%s", number);
	return row;
}

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

/* --- further cards and details -------------------------------------------- */

static struct more_card_row more_of(void)
{
	struct more_card_row row = {.account = ACCOUNT_FIRST + 5};

	for (uint8_t i = 0; i < sizeof(row.salt); i++)
		row.salt[i] = i;
	(void)snprintf(row.number, sizeof(row.number), "2912345678906");
	return row;
}

static struct member_row member_of(void)
{
	struct member_row row = {
	    .name = "Anna", .phone = "+49 30 1", .birthday = 229};

	for (uint8_t i = 0; i < sizeof(row.salt); i++)
		row.salt[i] = i;
	return row;
}

static void is_hex(struct bytes bytes, const char *wanted)
{
	char hex[2 * MEMBER_ROW_SIZE_MAX + 1];

	assert_true(bytes.size <= MEMBER_ROW_SIZE_MAX);
	bytes_to_hex(bytes, hex);
	assert_string_equal(hex, wanted);
}

static void a_further_card_has_one_form(void **state)
{
	struct more_card_row row = more_of();
	struct more_card_row back;
	uint8_t body[MORE_CARD_ROW_SIZE_MAX];
	struct bytes encoded = more_card_row_encode(&row, body);

	(void)state;
	is_hex(encoded,
	    "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
	    "1f00000100000000050d32393132333435363738393036");
	assert_int_equal(more_card_row_decode(encoded, &back, NULL), RESULT_OK);
	assert_memory_equal(&back.salt, &row.salt, sizeof(row.salt));
	assert_int_equal(back.account, row.account);
	assert_string_equal(back.number, row.number);
}

static void details_have_one_form(void **state)
{
	struct member_row row = member_of();
	struct member_row back;
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct bytes encoded = member_row_encode(&row, body);

	(void)state;
	is_hex(encoded,
	    "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
	    "1f04416e6e61082b3439203330203100e5");
	assert_int_equal(member_row_decode(encoded, &back, NULL), RESULT_OK);
	assert_memory_equal(&back.salt, &row.salt, sizeof(row.salt));
	assert_string_equal(back.name, "Anna");
	assert_string_equal(back.phone, "+49 30 1");
	assert_int_equal(back.birthday, 229);
}

static void the_longest_details_fit_their_row(void **state)
{
	struct member_row row = {.birthday = 1231};
	struct member_row back;
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct bytes encoded;

	(void)state;
	memset(row.name, 'n', NAME_SIZE_MAX);
	memset(row.phone, '7', PHONE_SIZE_MAX);
	encoded = member_row_encode(&row, body);
	assert_int_equal(encoded.size, MEMBER_ROW_SIZE_MAX);
	assert_int_equal(member_row_decode(encoded, &back, NULL), RESULT_OK);
	assert_string_equal(back.name, row.name);
	assert_string_equal(back.phone, row.phone);
}

static void such_rows_are_refused_cut_anywhere_or_going_on(void **state)
{
	struct more_card_row more = more_of(), more_back;
	struct member_row member = member_of(), member_back;
	uint8_t body[MEMBER_ROW_SIZE_MAX + 1] = {0};
	size_t size = more_card_row_encode(&more, body).size;

	(void)state;
	for (size_t cut = 0; cut <= size + 1; cut++)
		assert_int_equal(
		    more_card_row_decode(bytes_of(body, cut), &more_back, NULL),
		    cut == size ? RESULT_OK : RESULT_INVALID);
	memset(body, 0, sizeof(body));
	size = member_row_encode(&member, body).size;
	for (size_t cut = 0; cut <= size + 1; cut++)
		assert_int_equal(
		    member_row_decode(bytes_of(body, cut), &member_back, NULL),
		    cut == size ? RESULT_OK : RESULT_INVALID);
}

static void such_rows_are_refused_with_values_that_none_has(void **state)
{
	struct more_card_row more = more_of(), more_back;
	struct member_row member = member_of(), member_back;
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct bytes encoded;

	(void)state;
	more.account = 0;
	encoded = more_card_row_encode(&more, body);
	assert_int_equal(
	    more_card_row_decode(encoded, &more_back, NULL), RESULT_INVALID);
	more = more_of();
	more.number[0] = '\0';
	encoded = more_card_row_encode(&more, body);
	assert_int_equal(
	    more_card_row_decode(encoded, &more_back, NULL), RESULT_INVALID);
	member.birthday = 230;
	encoded = member_row_encode(&member, body);
	assert_int_equal(
	    member_row_decode(encoded, &member_back, NULL), RESULT_INVALID);
	member.birthday = 229;
	encoded = member_row_encode(&member, body);
	body[0] = 2;
	assert_int_equal(
	    member_row_decode(encoded, &member_back, NULL), RESULT_INVALID);
}

/* Computed by hand with sha256sum from the contract. */
static void their_commitments_are_what_the_contract_says(void **state)
{
	struct more_card_row more = more_of();
	struct member_row member = member_of();
	struct hasher *hasher;
	struct hash hash;

	(void)state;
	assert_int_equal(hasher_create(&hasher, NULL), RESULT_OK);
	hash = more_card_row_commitment(hasher, &more, CARD);
	is_hex(hash_view(&hash), "587d86cd38da5c202c808c7b2534b74c"
				 "3baf81359812c1cc2b44b2cb867ac0d6");
	hash = member_row_commitment(hasher, &member, ACCOUNT_FIRST + 5);
	is_hex(hash_view(&hash), "835490cb64a34881b8bc10ee68b2598f"
				 "4b93e4399674aa158473a7dbe9a1636f");
	hasher_destroy(hasher);
}

static void a_birthday_is_a_day_of_the_year(void **state)
{
	static const uint32_t good[] = {0, 101, 131, 229, 430, 1231};
	static const uint32_t bad[] = {
	    1, 31, 100, 132, 230, 431, 1232, 1301, 9999, 65536 + 101, 1u << 31};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(birthday_is_good(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(birthday_is_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_has_one_form),
	    cmocka_unit_test(the_longest_number_fits_its_row),
	    cmocka_unit_test(refuses_a_row_that_is_cut_anywhere_or_goes_on),
	    cmocka_unit_test(refuses_rows_that_no_card_has),
	    cmocka_unit_test(a_commitment_is_what_the_contract_says),
	    cmocka_unit_test(a_further_card_has_one_form),
	    cmocka_unit_test(details_have_one_form),
	    cmocka_unit_test(the_longest_details_fit_their_row),
	    cmocka_unit_test(such_rows_are_refused_cut_anywhere_or_going_on),
	    cmocka_unit_test(such_rows_are_refused_with_values_that_none_has),
	    cmocka_unit_test(their_commitments_are_what_the_contract_says),
	    cmocka_unit_test(a_birthday_is_a_day_of_the_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
