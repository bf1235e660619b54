/*
 * test_entry_limits: the values that each field of an entry may have.
 */
#include "tests/unit/common/entry_world.h"

/* --- limits --------------------------------------------------------------- */

static void sequence_is_within_its_range(void **state)
{
	struct entry entry = sample_enrol();

	(void)state;
	entry.programme_sequence = 0;
	entry.sequence = 0;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = SEQUENCE_MAX + 1;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = UINT64_MAX;
	assert_refused(&entry, "sequence is out of range");
	entry.sequence = SEQUENCE_MAX;
	assert_accepted(&entry);
}

static void first_entry_has_zeroes_for_its_previous(void **state)
{
	struct entry entry = sample_shop();

	(void)state;
	for (unsigned i = 0; i < HASH_SIZE; i++) {
		entry.previous.bytes[i] = 1;
		assert_refused(&entry, "first entry has a previous");
		entry.previous.bytes[i] = 0;
	}
	assert_accepted(&entry);
}

static void head_numbers_are_within_their_limits(void **state)
{
	struct entry entry = sample_earn();

	(void)state;
	entry.time_ms = INT64_MAX;
	entry.terminal = UINT32_MAX;
	entry.cashier = UINT32_MAX;
	entry.counter = COUNTER_MAX;
	entry.points = POINTS_MAX;
	entry.amount_minor = AMOUNT_MINOR_MAX;
	entry.to_account = ACCOUNT_MEMBER_MAX;
	assert_accepted(&entry);
	entry.time_ms++;
	assert_refused(&entry, "time is out of range");
	entry = sample_earn();
	entry.counter = COUNTER_MAX + 1;
	assert_refused(&entry, "counter is out of range");
	entry = sample_earn();
	entry.points = POINTS_MAX + 1;
	assert_refused(&entry, "points are out of range");
	entry = sample_earn();
	entry.amount_minor = AMOUNT_MINOR_MAX + 1;
	assert_refused(&entry, "amount is out of range");
	entry = sample_earn();
	entry.to_account = ACCOUNT_MEMBER_MAX + 1;
	assert_refused(&entry, "account is out of range");
	entry = sample_earn();
	entry.from_account = UINT64_MAX;
	assert_refused(&entry, "account is out of range");
}

static void references_name_earlier_entries(void **state)
{
	struct entry entry = sample_return();

	(void)state;
	entry.related_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.programme_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.from_previous_sequence = entry.sequence;
	assert_refused(&entry, "no earlier entry");
	entry = sample_return();
	entry.to_previous_sequence = UINT64_MAX;
	assert_refused(&entry, "no earlier entry");
}

static void previous_entry_belongs_to_an_account(void **state)
{
	struct entry entry = sample_earn();

	(void)state;
	entry.points = 0;
	entry.from_account = 0;
	assert_refused(&entry, "no account has the previous entry");
	entry.from_previous_sequence = 0;
	assert_accepted(&entry);
	entry = sample_return();
	entry.points = 0;
	entry.to_account = 0;
	assert_refused(&entry, "no account has the previous entry");
	entry.to_previous_sequence = 0;
	assert_accepted(&entry);
}

static void points_move_between_two_accounts(void **state)
{
	struct entry entry = sample_redeem();

	(void)state;
	entry.to_account = entry.from_account;
	assert_refused(&entry, "between two accounts");
	entry.to_account = ACCOUNT_NONE;
	assert_refused(&entry, "between two accounts");
	entry = sample_earn();
	entry.from_account = ACCOUNT_NONE;
	entry.from_previous_sequence = 0;
	assert_refused(&entry, "between two accounts");
}

static void texts_are_within_their_sizes(void **state)
{
	static char text[ENTRY_TEXT_SIZE_MAX + 1];
	struct entry entry = sample_programme();

	(void)state;
	memset(text, 'x', sizeof(text));
	entry.text = bytes_of(text, ENTRY_TEXT_SIZE_MAX);
	assert_accepted(&entry);
	entry.text.size++;
	assert_refused(&entry, "text has a wrong size");
	entry.text.size = 0;
	assert_refused(&entry, "text has a wrong size");
	entry = sample_earn();
	entry.receipt = bytes_of(text, RECEIPT_SIZE_MAX);
	assert_accepted(&entry);
	entry.receipt.size++;
	assert_refused(&entry, "receipt has a wrong size");
	entry.receipt.size = 0;
	assert_refused(&entry, "receipt has a wrong size");
	entry = sample_redeem();
	entry.reward = bytes_of(text, REWARD_ID_SIZE_MAX);
	assert_accepted(&entry);
	entry.reward.size++;
	assert_refused(&entry, "reward has a wrong size");
	entry.reward.size = 0;
	assert_refused(&entry, "reward has a wrong size");
}

static void texts_are_well_formed_and_only_a_programme_has_lines(void **state)
{
	static const char *const bad[] = {
	    "\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\x01", "a\x1b[2J"};
	static const char *const lines[] = {"a\nb", "a\rb", "a\tb"};
	struct entry programme = sample_programme();
	struct entry shop = sample_shop();
	struct entry earn = sample_earn();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		programme.text = bytes_of_string(bad[i]);
		assert_refused(&programme, "text has a value not allowed");
		shop.text = programme.text;
		assert_refused(&shop, "text has a value not allowed");
		earn.receipt = programme.text;
		assert_refused(&earn, "receipt has a value not allowed");
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		programme.text = bytes_of_string(lines[i]);
		assert_accepted(&programme);
		shop.text = programme.text;
		assert_refused(&shop, "text has a value not allowed");
		earn.receipt = programme.text;
		assert_refused(&earn, "receipt has a value not allowed");
	}
	programme.text = bytes_of("a\0b", 3);
	assert_refused(&programme, "text has a value not allowed");
}

static void reward_has_its_own_alphabet(void **state)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_-";
	struct entry entry = sample_redeem();

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char id = (char)c;

		entry.reward = bytes_of(&id, 1);
		if (c != 0 && strchr(allowed, (int)c) != NULL)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "reward has a value");
	}
}

static void enumerations_have_their_values_alone(void **state)
{
	struct entry entry = sample_cashier();

	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		entry.role = (enum role)value;
		if (value >= ROLE_TERMINAL && value <= ROLE_OWNER)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "role has a value not allowed");
	}
	entry.role = ROLE_CASHIER;
	for (unsigned value = 0; value < 256; value++) {
		entry.standing = (enum standing)value;
		if (value == STANDING_ACTIVE || value == STANDING_REVOKED)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "status has a value");
	}
	entry.standing = STANDING_ACTIVE;
	entry.subject = 0;
	assert_refused(&entry, "subject has a value not allowed");
	entry.subject = UINT32_MAX;
	assert_accepted(&entry);
}

static void balance_is_within_its_limits_on_both_sides(void **state)
{
	struct entry entry = sample_return();

	(void)state;
	entry.balance_points = BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.balance_points++;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = -BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.balance_points--;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = INT64_MIN;
	assert_refused(&entry, "balance has a value not allowed");
	entry.balance_points = -1;
	assert_accepted(&entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sequence_is_within_its_range),
	    cmocka_unit_test(first_entry_has_zeroes_for_its_previous),
	    cmocka_unit_test(head_numbers_are_within_their_limits),
	    cmocka_unit_test(references_name_earlier_entries),
	    cmocka_unit_test(previous_entry_belongs_to_an_account),
	    cmocka_unit_test(points_move_between_two_accounts),
	    cmocka_unit_test(texts_are_within_their_sizes),
	    cmocka_unit_test(
		texts_are_well_formed_and_only_a_programme_has_lines),
	    cmocka_unit_test(reward_has_its_own_alphabet),
	    cmocka_unit_test(enumerations_have_their_values_alone),
	    cmocka_unit_test(balance_is_within_its_limits_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
