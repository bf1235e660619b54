/*
 * operation: bodies are read back as they were written, and any other bytes
 * are refused: every cut, every byte changed in length or kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/operation.h"

static struct operation full(void)
{
	struct operation operation = {
	    .counter = 0x0102030405060708,
	    .random = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
		0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff},
	    .kind = ENTRY_REDEEM,
	    .card = "29",
	    .amount_minor = 0x11,
	    .reward = "tea",
	    .receipt = "R",
	    .sale = 0x22,
	    .points = 0x33,
	    .has_ticket = true,
	    .ticket = {0xaa},
	    .id = "1",
	    .created_ms = 0x44,
	};

	return operation;
}

static void the_golden_body_is_written_and_read(void **state)
{
	static const char golden[] =
	    "01"
	    "0102030405060708"
	    "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
	    "07"
	    "0000000000000011"
	    "0000000000000022"
	    "0000000000000033"
	    "0000000000000044"
	    "01"
	    "aa000000000000000000000000000000000000000000000000000000"
	    "023239"
	    "03746561"
	    "0152"
	    "0131";
	struct operation operation = full();
	struct operation read;
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];
	uint8_t again[OPERATION_SIZE_MAX];
	char text[OPERATION_SIZE_MAX * 2 + 1];
	struct bytes written = operation_encode(&operation, body);

	(void)state;
	bytes_to_hex(written, text);
	assert_string_equal(text, golden);
	assert_int_equal(operation_decode(written, &read, &err), RESULT_OK);
	assert_true(bytes_equal(written, operation_encode(&read, again)));
}

static void a_body_cut_anywhere_is_refused(void **state)
{
	struct operation operation = full();
	struct operation read = {.counter = 77};
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];
	struct bytes written = operation_encode(&operation, body);

	(void)state;
	for (size_t size = 0; size < written.size; size++)
		assert_int_equal(
		    operation_decode(bytes_of(body, size), &read, &err),
		    RESULT_CORRUPT);
	assert_int_equal(
	    operation_decode(bytes_of(body, written.size + 1), &read, &err),
	    RESULT_CORRUPT);
	assert_int_equal(read.counter, 77);
}

static void no_changed_byte_makes_it_read_out_of_bounds(void **state)
{
	struct operation operation = full();
	struct operation read;
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];
	uint8_t again[OPERATION_SIZE_MAX];
	struct bytes written = operation_encode(&operation, body);

	(void)state;
	for (size_t i = 0; i < written.size; i++) {
		for (unsigned value = 0; value < 256; value++) {
			uint8_t before = body[i];

			body[i] = (uint8_t)value;
			if (operation_decode(written, &read, &err) == RESULT_OK)
				assert_true(bytes_equal(
				    written, operation_encode(&read, again)));
			body[i] = before;
		}
	}
}

static void operations_at_their_longest_fit(void **state)
{
	struct operation operation = full();
	struct operation read;
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];

	(void)state;
	memset(operation.card, 'A', CARD_SIZE_MAX);
	memset(operation.reward, 'a', REWARD_ID_SIZE_MAX);
	memset(operation.receipt, 'r', RECEIPT_SIZE_MAX);
	memset(operation.id, '9', OPERATION_ID_SIZE_MAX);
	operation.counter = COUNTER_MAX;
	assert_int_equal(
	    operation_decode(operation_encode(&operation, body), &read, &err),
	    RESULT_OK);
	assert_string_equal(read.id, operation.id);
	assert_int_equal(read.counter, COUNTER_MAX);
}

static struct shop_facts some_facts(void)
{
	struct shop_facts facts = {
	    .shop = "Shop",
	    .currency = "EUR",
	    .cashier_required = true,
	    .offline_redeem_points_max = 5,
	    .programme = 2,
	    .reward_count = 2,
	    .rewards = {{"tea", "Tea", 100}, {"coffee", "Coffee", 150}},
	};

	return facts;
}

static void facts_are_written_and_read(void **state)
{
	struct shop_facts facts = some_facts();
	struct shop_facts read;
	struct error err;
	uint8_t body[SHOP_FACTS_SIZE_MAX];
	struct bytes written = shop_facts_encode(&facts, body);

	(void)state;
	assert_int_equal(shop_facts_decode(written, &read, &err), RESULT_OK);
	assert_string_equal(read.shop, "Shop");
	assert_true(read.cashier_required);
	assert_int_equal(read.rewards[1].points, 150);
	for (size_t size = 0; size < written.size; size++)
		assert_int_equal(
		    shop_facts_decode(bytes_of(body, size), &read, &err),
		    RESULT_CORRUPT);
}

static void rewards_are_found_by_their_id(void **state)
{
	struct shop_facts facts = some_facts();

	(void)state;
	assert_string_equal(
	    shop_facts_reward(&facts, "coffee")->name, "Coffee");
	assert_null(shop_facts_reward(&facts, "cof"));
	assert_null(shop_facts_reward(&facts, ""));
}

static void facts_at_their_longest_fit_and_no_more_rewards_are_read(
    void **state)
{
	static struct shop_facts facts;
	static struct shop_facts read;
	struct error err;
	uint8_t body[SHOP_FACTS_SIZE_MAX];
	struct bytes written;

	(void)state;
	memset(facts.shop, 's', SHOP_NAME_SIZE_MAX);
	strcpy(facts.currency, "EUR");
	facts.reward_count = REWARDS_MAX;
	for (size_t i = 0; i < REWARDS_MAX; i++) {
		memset(facts.rewards[i].id, 'i', REWARD_ID_SIZE_MAX);
		memset(facts.rewards[i].name, 'n', NAME_SIZE_MAX);
		facts.rewards[i].points = POINTS_MAX;
	}
	written = shop_facts_encode(&facts, body);
	assert_int_equal(shop_facts_decode(written, &read, &err), RESULT_OK);
	assert_memory_equal(&facts, &read, sizeof facts);
	/* The count stands after shop, currency, flag and two numbers. */
	body[1 + 65 + 4 + 1 + 16] = REWARDS_MAX + 1;
	assert_int_equal(
	    shop_facts_decode(written, &read, &err), RESULT_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_golden_body_is_written_and_read),
	    cmocka_unit_test(a_body_cut_anywhere_is_refused),
	    cmocka_unit_test(no_changed_byte_makes_it_read_out_of_bounds),
	    cmocka_unit_test(operations_at_their_longest_fit),
	    cmocka_unit_test(facts_are_written_and_read),
	    cmocka_unit_test(rewards_are_found_by_their_id),
	    cmocka_unit_test(
		facts_at_their_longest_fit_and_no_more_rewards_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
