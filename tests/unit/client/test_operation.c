/*
 * operation: bodies are read back as they were written, and any other bytes
 * are refused: every cut, every byte changed in length or kind.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

#include "client/operation.h"
#include "tests/unit/client/reward_samples.h"

static struct operation full(void)
{
	struct operation operation = {
	    .counter = 0x0102030405060708,
	    .random = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
		0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff},
	    .kind = OPERATION_SALE,
	    .card = "29",
	    .other_card = "20",
	    .amount_minor = 0x11,
	    .paid_minor = 0x55,
	    .reward = "tea",
	    .receipt = "R",
	    .related = 0x22,
	    .points = -2,
	    .cost_points = 0x33,
	    .text = "why",
	    .off = true,
	    .second = 4,
	    .has_ticket = true,
	    .ticket = {0xaa},
	    .id = "1",
	    .created_ms = 0x44,
	};
	struct writer writer = writer_of(operation.list, sizeof operation.list);
	struct sale_line line = {
	    bytes_of_string("f"), bytes_of_string("4011"), 2, -3};

	sale_line_write(&writer, &line);
	operation.list_size = (uint16_t)writer.size;
	return operation;
}

/* Written, and what reading that comes to. */
static enum result read_back(
    const struct operation *operation, struct operation *ret_read)
{
	uint8_t body[OPERATION_SIZE_MAX];
	struct error err;

	return operation_decode(
	    operation_encode(operation, body), ret_read, &err);
}

/* What both versions begin with, but for the version and the kind. */
#define FIRST_PART(kind)                                           \
	"0102030405060708"                                         \
	"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff" kind "0000000000000011" \
	"0000000000000022"                                         \
	"0000000000000033"                                         \
	"0000000000000044"                                         \
	"01"                                                       \
	"aa000000000000000000000000000000000000000000000000000000" \
	"023239"                                                   \
	"03746561"                                                 \
	"0152"                                                     \
	"0131"

static void the_golden_body_is_written_and_read(void **state)
{
	static const char golden[] = "02" FIRST_PART("09") "0000000000000055"
							   "fffffffffffffffe"
							   "00000004"
							   "01"
							   "023230"
							   "03776879"
							   "0013"
							   "0166"
							   "0434303131"
							   "00000002"
							   "fffffffffffffffd";
	static struct operation operation;
	static struct operation read;
	static char text[OPERATION_SIZE_MAX * 2 + 1];
	uint8_t body[OPERATION_SIZE_MAX];
	uint8_t again[OPERATION_SIZE_MAX];
	struct bytes written;
	struct error err;

	(void)state;
	operation = full();
	written = operation_encode(&operation, body);
	bytes_to_hex(written, text);
	assert_string_equal(text, golden);
	assert_int_equal(operation_decode(written, &read, &err), RESULT_OK);
	assert_memory_equal(&read, &operation, sizeof read);
	assert_true(bytes_equal(written, operation_encode(&read, again)));
}

/* As a tally-pos of before left it: its redemption waits still. */
static void a_body_of_version_1_is_read(void **state)
{
	static const char golden[] = "01" FIRST_PART("07");
	static struct operation read;
	uint8_t body[sizeof golden / 2];
	struct error err;

	(void)state;
	assert_true(bytes_from_hex(golden, body, sizeof body));
	assert_int_equal(
	    operation_decode(bytes_of(body, sizeof body), &read, &err),
	    RESULT_OK);
	assert_int_equal(read.kind, OPERATION_REDEEM);
	assert_int_equal(read.counter, 0x0102030405060708);
	assert_int_equal(read.related, 0x22);
	assert_int_equal(read.cost_points, 0x33);
	assert_int_equal(read.created_ms, 0x44);
	assert_int_equal(read.ticket[0], 0xaa);
	assert_string_equal(read.card, "29");
	assert_string_equal(read.reward, "tea");
	assert_string_equal(read.receipt, "R");
	assert_string_equal(read.id, "1");
	assert_int_equal(read.points, 0);
	assert_int_equal(read.list_size, 0);
	for (size_t size = 0; size < sizeof body; size++)
		assert_int_equal(
		    operation_decode(bytes_of(body, size), &read, &err),
		    RESULT_CORRUPT);
	/* There was no sale without a card then. */
	body[25] = OPERATION_SALE;
	assert_int_equal(
	    operation_decode(bytes_of(body, sizeof body), &read, &err),
	    RESULT_CORRUPT);
}

static void every_kind_is_written_and_read(void **state)
{
	static struct operation operation;
	static struct operation read;

	(void)state;
	operation = full();
	operation.list_size = 0;
	memset(operation.list, 0, sizeof operation.list);
	for (int kind = 0; kind <= OPERATION_KIND_MAX + 1; kind++) {
		bool is_kind =
		    kind >= OPERATION_KIND_MIN && kind <= OPERATION_KIND_MAX;

		operation.kind = (enum operation_kind)kind;
		assert_int_equal(read_back(&operation, &read),
		    is_kind ? RESULT_OK : RESULT_CORRUPT);
		if (is_kind)
			assert_memory_equal(&read, &operation, sizeof read);
	}
}

static void a_body_cut_anywhere_is_refused(void **state)
{
	static struct operation operation;
	static struct operation read;
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];
	struct bytes written;

	(void)state;
	operation = full();
	read.counter = 77;
	written = operation_encode(&operation, body);
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
	static struct operation operation;
	static struct operation read;
	struct error err;
	uint8_t body[OPERATION_SIZE_MAX];
	uint8_t again[OPERATION_SIZE_MAX];
	struct bytes written;

	(void)state;
	operation = full();
	written = operation_encode(&operation, body);
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

static void fill_lines(struct operation *operation)
{
	struct writer writer =
	    writer_of(operation->list, sizeof operation->list);
	char name[LINE_NAME_SIZE_MAX];

	memset(name, 'n', sizeof name);
	for (unsigned i = 0; i < LINES_MAX; i++) {
		struct sale_line line = {bytes_of(name, sizeof name),
		    bytes_of(name, sizeof name), LINE_QUANTITY_MAX,
		    (int64_t)AMOUNT_MINOR_MAX};

		sale_line_write(&writer, &line);
	}
	assert_false(writer.failed);
	operation->list_size = (uint16_t)writer.size;
}

static void operations_at_their_longest_fit(void **state)
{
	static struct operation operation;
	static struct operation read;

	(void)state;
	operation = full();
	memset(operation.card, 'A', CARD_SIZE_MAX);
	memset(operation.other_card, 'B', CARD_SIZE_MAX);
	memset(operation.reward, 'a', REWARD_ID_SIZE_MAX);
	memset(operation.receipt, 'r', RECEIPT_SIZE_MAX);
	memset(operation.text, 't', REASON_SIZE_MAX);
	memset(operation.id, '9', OPERATION_ID_SIZE_MAX);
	operation.counter = COUNTER_MAX;
	fill_lines(&operation);
	assert_int_equal(operation.list_size, LINES_SIZE_MAX);
	assert_int_equal(read_back(&operation, &read), RESULT_OK);
	assert_memory_equal(&read, &operation, sizeof read);
}

static void a_list_belongs_to_a_sale_or_a_return(void **state)
{
	static struct operation operation;
	static struct operation read;
	struct back back = {3, 1, 500};
	struct writer writer;

	(void)state;
	operation = full();
	operation.kind = OPERATION_EARN;
	assert_int_equal(read_back(&operation, &read), RESULT_OK);
	operation.kind = OPERATION_CLAIM;
	assert_int_equal(read_back(&operation, &read), RESULT_CORRUPT);
	/* Lines of a sale are no lines of a return, and the other way. */
	operation.kind = OPERATION_RETURN;
	assert_int_equal(read_back(&operation, &read), RESULT_CORRUPT);
	writer = writer_of(operation.list, sizeof operation.list);
	back_write(&writer, &back);
	operation.list_size = (uint16_t)writer.size;
	assert_int_equal(read_back(&operation, &read), RESULT_OK);
	operation.kind = OPERATION_EARN;
	assert_int_equal(read_back(&operation, &read), RESULT_CORRUPT);
}

static void pins_and_private_details_are_secrets(void **state)
{
	struct operation operation = {.kind = OPERATION_GOODWILL};

	(void)state;
	assert_false(operation_has_secret(&operation));
	operation.second = 4;
	assert_true(operation_has_secret(&operation));
	operation.kind = OPERATION_MEMBER;
	assert_true(operation_has_secret(&operation));
	strcpy(operation.text, "staff");
	assert_false(operation_has_secret(&operation));
	operation.kind = OPERATION_EARN;
	assert_false(operation_has_secret(&operation));
}

static struct shop_facts some_facts(void)
{
	struct shop_facts facts = {
	    .shop = "Shop",
	    .currency = "EUR",
	    .cashier_required = true,
	    .offline_redeem_points_max = 5,
	    .programme = 2,
	    .reward_count = 5,
	    .rewards = {REWARD_TEA, REWARD_COFFEE, REWARD_FIVE, REWARD_TENTH,
		REWARD_CASH},
	};

	return facts;
}

static void facts_are_written_and_read(void **state)
{
	static struct shop_facts facts;
	static struct shop_facts read;
	struct error err;
	uint8_t body[SHOP_FACTS_SIZE_MAX];
	struct bytes written;

	(void)state;
	facts = some_facts();
	written = shop_facts_encode(&facts, body);
	assert_int_equal(shop_facts_decode(written, &read, &err), RESULT_OK);
	assert_memory_equal(&read, &facts, sizeof read);
	for (size_t size = 0; size < written.size; size++)
		assert_int_equal(
		    shop_facts_decode(bytes_of(body, size), &read, &err),
		    RESULT_CORRUPT);
}

static void facts_of_version_1_are_read(void **state)
{
	static const char golden[] = "01"
				     "0453686f70"
				     "03455552"
				     "01"
				     "0000000000000005"
				     "0000000000000002"
				     "01"
				     "03746561"
				     "03546561"
				     "0000000000000064";
	static struct shop_facts read;
	struct error err;
	uint8_t body[sizeof golden / 2];

	(void)state;
	assert_true(bytes_from_hex(golden, body, sizeof body));
	assert_int_equal(
	    shop_facts_decode(bytes_of(body, sizeof body), &read, &err),
	    RESULT_OK);
	assert_string_equal(read.shop, "Shop");
	assert_true(read.cashier_required);
	assert_int_equal(read.programme, 2);
	assert_int_equal(read.reward_count, 1);
	assert_string_equal(read.rewards[0].id, "tea");
	assert_int_equal(read.rewards[0].points, 100);
	assert_int_equal(read.rewards[0].kind, REWARD_PRODUCT);
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
		facts.rewards[i].kind = REWARD_MONEY;
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
	    cmocka_unit_test(a_body_of_version_1_is_read),
	    cmocka_unit_test(every_kind_is_written_and_read),
	    cmocka_unit_test(a_body_cut_anywhere_is_refused),
	    cmocka_unit_test(no_changed_byte_makes_it_read_out_of_bounds),
	    cmocka_unit_test(operations_at_their_longest_fit),
	    cmocka_unit_test(a_list_belongs_to_a_sale_or_a_return),
	    cmocka_unit_test(pins_and_private_details_are_secrets),
	    cmocka_unit_test(facts_are_written_and_read),
	    cmocka_unit_test(facts_of_version_1_are_read),
	    cmocka_unit_test(rewards_are_found_by_their_id),
	    cmocka_unit_test(
		facts_at_their_longest_fit_and_no_more_rewards_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
