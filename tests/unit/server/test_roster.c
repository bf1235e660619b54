/*
 * Tests of the roster: names, tokens, PINs and tickets.
 */
#include "tests/unit/server/rows.h"

#include <pthread.h>
#include <stdio.h>

#include "server/roster.h"

#define NOW_MS 1700000000000ull
#define TERMINAL 3u
#define CASHIER 9u

static const uint8_t secret[TOKEN_SECRET_SIZE] = "sixteen bytes!!";

static int setup(void **state)
{
	uint8_t ticket_key[32];
	struct roster *roster;
	struct error err;

	for (uint8_t i = 0; i < sizeof(ticket_key); i++)
		ticket_key[i] = (uint8_t)(100 + i);
	if (roster_create(ticket_key, &roster, &err) != RESULT_OK)
		return -1;
	*state = roster;
	return 0;
}

static int teardown(void **state)
{
	roster_destroy(*state);
	return 0;
}

static struct roster_terminal a_terminal(uint32_t number)
{
	struct roster_terminal terminal = {
	    .number = number, .role = ROLE_TERMINAL, .expires_ms = NOW_MS + 10};
	struct hasher *hasher;
	struct error err;

	(void)snprintf(terminal.name, sizeof(terminal.name), "Till %u", number);
	assert_int_equal(hasher_create(&hasher, &err), RESULT_OK);
	terminal.secret_hash =
	    hash_plain(hasher, bytes_of(secret, sizeof(secret)));
	hasher_destroy(hasher);
	return terminal;
}

static struct roster_cashier a_cashier(uint32_t number)
{
	struct roster_cashier cashier = {.number = number,
	    .role = ROLE_SUPERVISOR,
	    .wrong_count = 4,
	    .locked_until_ms = NOW_MS};

	(void)snprintf(cashier.name, sizeof(cashier.name), "Zo\xc3\xab");
	for (uint8_t i = 0; i < sizeof(cashier.salt); i++)
		cashier.salt[i] = i;
	memset(cashier.pin_hash, 0x5a, sizeof(cashier.pin_hash));
	return cashier;
}

static void set_terminal(struct roster *roster, uint32_t number)
{
	struct roster_terminal terminal = a_terminal(number);
	struct error err;

	assert_int_equal(
	    roster_set_terminal(roster, &terminal, &err), RESULT_OK);
}

/* --- looking up ----------------------------------------------------------- */

static void an_empty_one_knows_nobody(void **state)
{
	struct roster_terminal terminal;
	struct roster_cashier cashier;
	struct error err;

	assert_int_equal(
	    roster_terminal(*state, 1, &terminal, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_cashier(*state, 1, &cashier, &err), RESULT_NOT_FOUND);
	assert_int_equal(roster_terminal_last(*state), 0);
	assert_int_equal(roster_token(*state, secret, NOW_MS, &terminal, &err),
	    RESULT_DENIED);
	roster_destroy(NULL);
}

static void walks_terminals_in_order_and_over_gaps(void **state)
{
	static const uint32_t numbers[] = {2, 3, 40, 1000};
	struct roster_terminal terminal = {0};
	struct error err;
	uint32_t after = 0;

	set_terminal(*state, 1000);
	set_terminal(*state, 3);
	set_terminal(*state, 40);
	set_terminal(*state, 2);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(
		    roster_terminal_next(*state, after, &terminal, &err),
		    RESULT_OK);
		assert_int_equal(terminal.number, numbers[i]);
		after = terminal.number;
	}
	assert_int_equal(roster_terminal_next(*state, after, &terminal, &err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_terminal_next(*state, UINT32_MAX, &terminal, &err),
	    RESULT_NOT_FOUND);
	assert_int_equal(roster_terminal_last(*state), 1000);
	for (uint32_t number = 4; number < 40; number++)
		assert_int_equal(
		    roster_terminal(*state, number, &terminal, &err),
		    RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_terminal(*state, 0, &terminal, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_terminal(*state, 40, &terminal, &err), RESULT_OK);
	assert_string_equal(terminal.name, "Till 40");
}

static void walks_cashiers_in_order_and_over_gaps(void **state)
{
	static const uint32_t numbers[] = {1, 7, 65535};
	struct roster_cashier cashier;
	struct error err;
	uint32_t after = 0;

	for (size_t i = 3; i > 0; i--) {
		cashier = a_cashier(numbers[i - 1]);
		assert_int_equal(
		    roster_set_cashier(*state, &cashier, &err), RESULT_OK);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    roster_cashier_next(*state, after, &cashier, &err),
		    RESULT_OK);
		assert_int_equal(cashier.number, numbers[i]);
		after = cashier.number;
	}
	assert_int_equal(roster_cashier_next(*state, after, &cashier, &err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_cashier_next(*state, UINT32_MAX, &cashier, &err),
	    RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_cashier(*state, 0, &cashier, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_cashier(*state, 6, &cashier, &err), RESULT_NOT_FOUND);
}

static void what_is_set_again_is_replaced(void **state)
{
	struct roster_terminal terminal = a_terminal(5);
	struct error err;

	set_terminal(*state, 5);
	(void)snprintf(terminal.name, sizeof(terminal.name), "Bar");
	assert_int_equal(
	    roster_set_terminal(*state, &terminal, &err), RESULT_OK);
	assert_int_equal(
	    roster_terminal(*state, 5, &terminal, &err), RESULT_OK);
	assert_string_equal(terminal.name, "Bar");
	assert_int_equal(roster_terminal_last(*state), 5);
}

/* --- rows ----------------------------------------------------------------- */

static void rows_come_back_as_they_were(void **state)
{
	struct roster_terminal terminal = a_terminal(5);
	struct roster_cashier cashier = a_cashier(8);
	struct roster_terminal terminal_back;
	struct roster_cashier cashier_back;
	struct roster_row row;
	struct rows rows = {0};
	struct error err;

	memset(terminal.name, 'n', NAME_SIZE_MAX);
	terminal.name[NAME_SIZE_MAX] = '\0';
	memset(terminal.shop, 's', SHOP_ID_SIZE_MAX);
	roster_terminal_row(&terminal, &row);
	assert_int_equal(row.row.kind, PRIVATE_TERMINAL);
	assert_int_equal(row.row.id, 5);
	rows_add(&rows, row.row.kind, row.row.id, row.row.body);
	roster_cashier_row(&cashier, &row);
	assert_int_equal(row.row.kind, PRIVATE_CASHIER);
	rows_add(&rows, row.row.kind, row.row.id, row.row.body);
	set_terminal(*state, 6);
	assert_int_equal(roster_load(*state, &rows.store, &err), RESULT_OK);
	assert_int_equal(roster_terminal_last(*state), 5);
	assert_int_equal(
	    roster_terminal(*state, 6, &terminal_back, &err), RESULT_NOT_FOUND);
	assert_int_equal(
	    roster_terminal(*state, 5, &terminal_back, &err), RESULT_OK);
	assert_string_equal(terminal_back.name, terminal.name);
	assert_string_equal(terminal_back.shop, terminal.shop);
	assert_int_equal(terminal_back.role, terminal.role);
	assert_int_equal(terminal_back.expires_ms, terminal.expires_ms);
	assert_true(
	    hash_equal(&terminal_back.secret_hash, &terminal.secret_hash));
	assert_int_equal(
	    roster_cashier(*state, 8, &cashier_back, &err), RESULT_OK);
	assert_string_equal(cashier_back.name, cashier.name);
	assert_int_equal(cashier_back.role, cashier.role);
	assert_memory_equal(cashier_back.salt, cashier.salt, PIN_SALT_SIZE);
	assert_memory_equal(
	    cashier_back.pin_hash, cashier.pin_hash, PIN_HASH_SIZE);
	assert_int_equal(cashier_back.wrong_count, 4);
	assert_int_equal(cashier_back.locked_until_ms, NOW_MS);
}

/* Shops of before this version have such rows. */
static void a_terminals_row_may_end_in_front_of_its_shop(void **state)
{
	struct roster_terminal terminal = a_terminal(5);
	struct roster_row row;
	struct rows rows = {0};
	struct error err;

	roster_terminal_row(&terminal, &row);
	row.body[0] = 1;
	rows_add(&rows, row.row.kind, row.row.id,
	    bytes_of(row.body, row.row.body.size - 1));
	assert_int_equal(roster_load(*state, &rows.store, &err), RESULT_OK);
	memset(&terminal, 'x', sizeof(terminal));
	assert_int_equal(
	    roster_terminal(*state, 5, &terminal, &err), RESULT_OK);
	assert_string_equal(terminal.shop, "");
	assert_int_equal(terminal.expires_ms, a_terminal(5).expires_ms);
}

/* A row of this kind, cut or made longer, is damage and nothing else. */
static void check_sizes(struct roster *roster, const struct roster_row *row)
{
	uint8_t body[ROW_BODY_SIZE_MAX] = {0};
	struct error err;

	memcpy(body, row->row.body.data, row->row.body.size);
	for (size_t size = 0; size <= row->row.body.size + 1; size++) {
		struct rows rows = {0};
		enum result result;

		rows_add(
		    &rows, row->row.kind, row->row.id, bytes_of(body, size));
		result = roster_load(roster, &rows.store, &err);
		assert_int_equal(result,
		    size == row->row.body.size ? RESULT_OK : RESULT_CORRUPT);
	}
}

static void refuses_rows_that_are_cut_anywhere_or_go_on(void **state)
{
	struct roster_terminal terminal = a_terminal(5);
	struct roster_cashier cashier = a_cashier(8);
	struct roster_row row;

	roster_terminal_row(&terminal, &row);
	check_sizes(*state, &row);
	roster_cashier_row(&cashier, &row);
	check_sizes(*state, &row);
}

static void check_damage(struct roster *roster, enum private_kind kind,
    uint64_t id, struct bytes body)
{
	struct rows rows = {0};
	struct error err;

	rows_add(&rows, kind, id, body);
	assert_int_equal(
	    roster_load(roster, &rows.store, &err), RESULT_CORRUPT);
}

static void refuses_numbers_versions_and_names_that_none_has(void **state)
{
	struct roster_terminal terminal = a_terminal(5);
	struct roster_cashier cashier = a_cashier(8);
	struct roster_row row;

	roster_terminal_row(&terminal, &row);
	check_damage(*state, PRIVATE_TERMINAL, 0, row.row.body);
	check_damage(*state, PRIVATE_TERMINAL, TERMINALS_MAX + 1, row.row.body);
	check_damage(*state, PRIVATE_TERMINAL, UINT64_MAX, row.row.body);
	row.body[2] = 0x80; /* no UTF-8 */
	check_damage(*state, PRIVATE_TERMINAL, 5, row.row.body);
	row.body[2] = 'T';
	row.body[0] = 3;
	check_damage(*state, PRIVATE_TERMINAL, 5, row.row.body);
	roster_cashier_row(&cashier, &row);
	check_damage(*state, PRIVATE_CASHIER, 0, row.row.body);
	check_damage(*state, PRIVATE_CASHIER, CASHIERS_MAX + 1, row.row.body);
	row.body[0] = 0;
	check_damage(*state, PRIVATE_CASHIER, 8, row.row.body);
}

static void passes_on_what_the_store_says(void **state)
{
	struct rows rows = {.store.ops = &rows_ops, .is_broken = true};
	struct error err;

	assert_int_equal(roster_load(*state, &rows.store, &err), RESULT_IO);
}

static void a_name_is_committed_to_as_the_contract_says(void **state)
{
	struct roster_cashier cashier = a_cashier(7);
	struct hasher *hasher;
	struct hash hash;
	struct error err;
	char hex[2 * HASH_SIZE + 1];

	(void)state;
	assert_int_equal(hasher_create(&hasher, &err), RESULT_OK);
	hash = roster_cashier_commitment(hasher, &cashier);
	bytes_to_hex(hash_view(&hash), hex);
	assert_string_equal(hex, "26942c1b54afce9e811f6f6d0a90bd2c"
				 "70bc50b99d27e115b3effcecc3662876");
	hasher_destroy(hasher);
}

/* --- tokens --------------------------------------------------------------- */

static void a_token_is_good_until_it_expires(void **state)
{
	struct roster_terminal terminal = {0};
	struct error err;

	set_terminal(*state, 1);
	assert_int_equal(
	    roster_token(*state, secret, NOW_MS + 9, &terminal, &err),
	    RESULT_OK);
	assert_int_equal(terminal.number, 1);
	assert_int_equal(
	    roster_token(*state, secret, NOW_MS + 10, &terminal, &err),
	    RESULT_DENIED);
	assert_non_null(strstr(err.text, "expired"));
}

static void a_token_that_was_used_or_is_wrong_is_refused(void **state)
{
	uint8_t wrong[TOKEN_SECRET_SIZE];
	struct roster_terminal terminal = a_terminal(1);
	struct error err;

	set_terminal(*state, 1);
	for (size_t i = 0; i < sizeof(wrong); i++) {
		memcpy(wrong, secret, sizeof(wrong));
		wrong[i] ^= 1;
		assert_int_equal(
		    roster_token(*state, wrong, NOW_MS, &terminal, &err),
		    RESULT_DENIED);
	}
	terminal = a_terminal(1);
	terminal.expires_ms = 0;
	terminal.secret_hash = (struct hash){{0}};
	assert_int_equal(
	    roster_set_terminal(*state, &terminal, &err), RESULT_OK);
	assert_int_equal(roster_token(*state, secret, NOW_MS, &terminal, &err),
	    RESULT_DENIED);
	assert_non_null(strstr(err.text, "used"));
}

/* --- tickets -------------------------------------------------------------- */

static void a_ticket_is_what_the_contract_says(void **state)
{
	uint8_t ticket[TICKET_SIZE];
	char hex[2 * TICKET_SIZE + 1];

	roster_ticket_make(*state, TERMINAL, CASHIER, NOW_MS, ticket);
	bytes_to_hex(bytes_of(ticket, sizeof(ticket)), hex);
	assert_string_equal(hex, "000000090000018bcfe56800"
				 "3409bd2673b687a92abcebf7c9a77035");
}

static enum result check(struct roster *roster, uint32_t terminal,
    const uint8_t *ticket, size_t size, uint64_t now_ms)
{
	uint32_t cashier = 0;
	struct error err;
	enum result result = roster_ticket_check(
	    roster, terminal, bytes_of(ticket, size), now_ms, &cashier, &err);

	assert_int_equal(cashier, result == RESULT_OK ? CASHIER : 0);
	return result;
}

static void a_ticket_says_who_for_seven_days(void **state)
{
	uint8_t ticket[TICKET_SIZE];

	roster_ticket_make(*state, TERMINAL, CASHIER, NOW_MS, ticket);
	assert_int_equal(
	    check(*state, TERMINAL, ticket, TICKET_SIZE, NOW_MS), RESULT_OK);
	/* The server's clock may have been put back. */
	assert_int_equal(
	    check(*state, TERMINAL, ticket, TICKET_SIZE, 1), RESULT_OK);
	assert_int_equal(check(*state, TERMINAL, ticket, TICKET_SIZE,
			     NOW_MS + TICKET_MS_MAX),
	    RESULT_OK);
	assert_int_equal(check(*state, TERMINAL, ticket, TICKET_SIZE,
			     NOW_MS + TICKET_MS_MAX + 1),
	    RESULT_DENIED);
}

static void a_ticket_is_of_one_terminal(void **state)
{
	uint8_t ticket[TICKET_SIZE];

	roster_ticket_make(*state, TERMINAL, CASHIER, NOW_MS, ticket);
	assert_int_equal(
	    check(*state, TERMINAL + 1, ticket, TICKET_SIZE, NOW_MS),
	    RESULT_DENIED);
}

static void a_ticket_with_one_bit_changed_is_forged(void **state)
{
	uint8_t ticket[TICKET_SIZE + 1] = {0};

	roster_ticket_make(*state, TERMINAL, CASHIER, NOW_MS, ticket);
	for (size_t bit = 0; bit < 8 * TICKET_SIZE; bit++) {
		ticket[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
		    check(*state, TERMINAL, ticket, TICKET_SIZE, NOW_MS),
		    RESULT_DENIED);
		ticket[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t size = 0; size <= TICKET_SIZE + 1; size++)
		assert_int_equal(check(*state, TERMINAL, ticket, size, NOW_MS),
		    size == TICKET_SIZE ? RESULT_OK : RESULT_DENIED);
}

static void a_ticket_of_another_shop_is_forged(void **state)
{
	uint8_t ticket[TICKET_SIZE];
	uint8_t other_key[32] = {1};
	struct roster *other;
	struct error err;

	assert_int_equal(roster_create(other_key, &other, &err), RESULT_OK);
	roster_ticket_make(other, TERMINAL, CASHIER, NOW_MS, ticket);
	roster_destroy(other);
	assert_int_equal(check(*state, TERMINAL, ticket, TICKET_SIZE, NOW_MS),
	    RESULT_DENIED);
}

/* --- threads -------------------------------------------------------------- */

static void *look_and_set(void *context)
{
	struct roster_cashier cashier;
	uint8_t ticket[TICKET_SIZE];

	for (uint32_t number = 1; number < 300; number++) {
		cashier = a_cashier(number);
		if (roster_set_cashier(context, &cashier, NULL) != RESULT_OK)
			return context;
		roster_ticket_make(context, TERMINAL, CASHIER, number, ticket);
		if (roster_cashier(context, number, &cashier, NULL) !=
			RESULT_OK ||
		    roster_cashier_next(context, number - 1, &cashier, NULL) !=
			RESULT_OK ||
		    cashier.number != number)
			return context;
	}
	return NULL;
}

static void several_threads_may_ask_at_once(void **state)
{
	pthread_t threads[3];
	void *fault;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, look_and_set, *state), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(threads[i], &fault), 0);
		assert_null(fault);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_one_knows_nobody),
	    TEST(walks_terminals_in_order_and_over_gaps),
	    TEST(walks_cashiers_in_order_and_over_gaps),
	    TEST(what_is_set_again_is_replaced),
	    TEST(rows_come_back_as_they_were),
	    TEST(a_terminals_row_may_end_in_front_of_its_shop),
	    TEST(refuses_rows_that_are_cut_anywhere_or_go_on),
	    TEST(refuses_numbers_versions_and_names_that_none_has),
	    TEST(passes_on_what_the_store_says),
	    TEST(a_name_is_committed_to_as_the_contract_says),
	    TEST(a_token_is_good_until_it_expires),
	    TEST(a_token_that_was_used_or_is_wrong_is_refused),
	    TEST(a_ticket_is_what_the_contract_says),
	    TEST(a_ticket_says_who_for_seven_days),
	    TEST(a_ticket_is_of_one_terminal),
	    TEST(a_ticket_with_one_bit_changed_is_forged),
	    TEST(a_ticket_of_another_shop_is_forged),
	    TEST(several_threads_may_ask_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
