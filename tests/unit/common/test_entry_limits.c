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

/* --- the numbers of fields ------------------------------------------------ */

struct number_case {
	enum entry_kind kind;
	enum entry_tag tag;
	uint64_t min;
	uint64_t max;
};

static uint64_t *number_of(struct entry *entry, enum entry_tag tag)
{
	switch (tag) {
	case TAG_UNTIL:
		return &entry->until_ms;
	case TAG_HELD:
		return &entry->held_points;
	case TAG_VOIDED:
		return &entry->voided_counter;
	case TAG_CARD:
		return &entry->card;
	case TAG_REFERRER:
		return &entry->referrer;
	case TAG_DRAW:
		return &entry->draw_size;
	case TAG_PAID:
		return &entry->paid_minor;
	case TAG_SOLD:
		return &entry->sold_ms;
	case TAG_WHOSE:
		return &entry->whose;
	default:
		return &entry->rules_sequence;
	}
}

static void numbers_of_fields_are_within_their_ranges(void **state)
{
	static const struct number_case cases[] = {
	    {ENTRY_HOLD, TAG_UNTIL, 1, 0x7fffffffffffffff},
	    {ENTRY_HOLD, TAG_HELD, 1, POINTS_MAX},
	    {ENTRY_VOID, TAG_VOIDED, 1, COUNTER_MAX},
	    {ENTRY_CARD, TAG_CARD, 1, ACCOUNT_MEMBER_MAX},
	    {ENTRY_ENROL, TAG_REFERRER, ACCOUNT_MEMBER_MIN, ACCOUNT_MEMBER_MAX},
	    {ENTRY_EARN, TAG_DRAW, 1, 56},
	    {ENTRY_EARN, TAG_PAID, 1, AMOUNT_MINOR_MAX},
	    {ENTRY_SALE, TAG_SOLD, 1, 0x7fffffffffffffff},
	    {ENTRY_VOID, TAG_RULES, 1, 61},
	    {ENTRY_RETURN, TAG_WHOSE, ACCOUNT_MEMBER_MIN, ACCOUNT_MEMBER_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct entry entry = samples[cases[i].kind]();
		uint64_t *number = number_of(&entry, cases[i].tag);

		give_field(&entry, cases[i].tag);
		if (cases[i].tag == TAG_PAID)
			entry.amount_minor = AMOUNT_MINOR_MAX;
		*number = cases[i].min;
		assert_accepted(&entry);
		*number = cases[i].max;
		assert_accepted(&entry);
		*number = cases[i].max + 1;
		assert_refused(&entry, "");
		*number = UINT64_MAX;
		assert_refused(&entry, "");
		*number = cases[i].min - 1;
		if (cases[i].tag != TAG_CARD)
			assert_refused(&entry, "has a value not allowed");
	}
}

static void tier_is_one_of_those_that_there_can_be(void **state)
{
	static const int32_t days[] = {INT32_MIN, -1, 0, 1, INT32_MAX};
	struct entry entry = sample_tier();

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		entry.tier_until_day = days[i];
		assert_accepted(&entry);
	}
	entry.tier_level = 0;
	assert_accepted(&entry);
	entry.tier_level = TIERS_MAX + 1;
	assert_refused(&entry, "tier has a value not allowed");
	entry.tier_level = 255;
	assert_refused(&entry, "tier has a value not allowed");
}

static void facts_are_those_known_and_not_none(void **state)
{
	struct entry entry = sample_full_earn();

	(void)state;
	for (unsigned facts = 0; facts < 256; facts++) {
		entry.facts = (uint8_t)facts;
		if (facts >= 1 && facts <= 3)
			assert_accepted(&entry);
		else
			assert_refused(&entry, "facts has a value not allowed");
	}
}

static void second_person_is_somebody(void **state)
{
	struct entry entry = sample_adjust();

	(void)state;
	entry.second = 0;
	assert_refused(&entry, "second has a value not allowed");
	entry.second = UINT32_MAX;
	assert_accepted(&entry);
}

static void other_balance_is_within_its_limits(void **state)
{
	struct entry entry = sample_transfer();

	(void)state;
	entry.other_balance_points = BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.other_balance_points++;
	assert_refused(&entry, "other balance has a value not allowed");
	entry.other_balance_points = -BALANCE_POINTS_MAX;
	assert_accepted(&entry);
	entry.other_balance_points--;
	assert_refused(&entry, "other balance has a value not allowed");
}

static void reasons_and_ids_are_within_their_sizes(void **state)
{
	static char text[128];
	struct entry adjust = sample_adjust();
	struct entry member = sample_member();
	struct entry terminal = sample_terminal();

	(void)state;
	memset(text, 'x', sizeof(text));
	give_field(&terminal, TAG_SHOP);
	adjust.reason = bytes_of(text, REASON_SIZE_MAX);
	assert_accepted(&adjust);
	adjust.reason.size++;
	assert_refused(&adjust, "reason has a wrong size");
	adjust.reason = bytes_of_string("two\nlines");
	assert_refused(&adjust, "reason has a value not allowed");
	member.segment = bytes_of(text, SEGMENT_SIZE_MAX);
	assert_accepted(&member);
	member.segment.size++;
	assert_refused(&member, "segment has a wrong size");
	member.segment = bytes_of_string("Staff");
	assert_refused(&member, "segment has a value not allowed");
	terminal.shop = bytes_of(text, SHOP_ID_SIZE_MAX);
	assert_accepted(&terminal);
	terminal.shop.size++;
	assert_refused(&terminal, "shop has a wrong size");
	terminal.shop = bytes_of_string("a b");
	assert_refused(&terminal, "shop has a value not allowed");
}

static void lists_are_sound(void **state)
{
	struct entry earn = sample_full_earn();
	struct entry entry = earn;
	struct entry back = sample_return();

	(void)state;
	entry.lines.size--;
	assert_refused(&entry, "lines has");
	entry = earn;
	entry.parts.size--;
	assert_refused(&entry, "parts has");
	entry = earn;
	entry.lots.size--;
	assert_refused(&entry, "lots has");
	give_field(&back, TAG_BACKS);
	assert_accepted(&back);
	back.backs.size--;
	assert_refused(&back, "backs has");
	entry = earn;
	entry.lots = BYTES_OF("\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0");
	assert_refused(&entry, "lots has a value not allowed");
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
	    cmocka_unit_test(numbers_of_fields_are_within_their_ranges),
	    cmocka_unit_test(tier_is_one_of_those_that_there_can_be),
	    cmocka_unit_test(facts_are_those_known_and_not_none),
	    cmocka_unit_test(second_person_is_somebody),
	    cmocka_unit_test(other_balance_is_within_its_limits),
	    cmocka_unit_test(reasons_and_ids_are_within_their_sizes),
	    cmocka_unit_test(lists_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
