/*
 * test_entry_kinds: the kinds of entries, and the fields that each has.
 */
#include "tests/unit/common/entry_world.h"

/* --- kinds ---------------------------------------------------------------- */

static void refuses_an_unknown_kind(void **state)
{
	static const unsigned kinds[] = {0, ENTRY_KIND_MAX + 1, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct entry entry = sample_earn();

		entry.kind = (enum entry_kind)kinds[i];
		assert_refused(&entry, "kind is not known");
	}
}

static void take_field(struct entry *entry, unsigned tag)
{
	struct entry empty = {0};

	entry->has &= ~HAS(tag);
	if (tag == TAG_COMMITMENT)
		entry->commitment = empty.commitment;
	if (tag == TAG_KEY)
		entry->key = empty.key;
	if (tag == TAG_TEXT)
		entry->text = empty.text;
	if (tag == TAG_SUBJECT)
		entry->subject = 0;
	if (tag == TAG_ROLE)
		entry->role = ROLE_NONE;
	if (tag == TAG_STATUS)
		entry->standing = 0;
	if (tag == TAG_REWARD)
		entry->reward = empty.reward;
	if (tag == TAG_RECEIPT)
		entry->receipt = empty.receipt;
	if (tag == TAG_BALANCE)
		entry->balance_points = 0;
}

/* 'm' must, '+' may, '-' must not; tags 1 to 9 in order. A terminal that is
 * admitted must have its key. */
static const char *const tag_table[] = {NULL, "-mm------", "--m------",
    "-m-mmm---", "+--mmm---", "m--------", "-------+m", "------m+m",
    "-------+m"};

static void each_kind_has_its_fields_and_no_others(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		for (unsigned tag = 1; tag <= 9; tag++) {
			char rule = tag_table[kind][tag - 1];
			struct entry with = samples[kind]();
			struct entry without = with;

			give_field(&with, tag);
			take_field(&without, tag);
			if (rule == '-')
				assert_refused(&with, "not for this kind");
			else
				assert_accepted(&with);
			if (rule == 'm')
				assert_refused(&without, "is missing");
			else
				assert_accepted(&without);
		}
	}
}

static void refuses_bits_of_no_field(void **state)
{
	static const unsigned tags[] = {0, 10, 31};
	uint8_t data[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct writer writer = writer_of(data, sizeof(data));
		struct entry entry = sample_earn();

		entry.has |= HAS(tags[i]);
		assert_int_equal(
		    entry_encode(&entry, &writer, &error), RESULT_INVALID);
	}
}

/* 'z' zero, 'n' not zero, '.' as it likes. In the order of head_set(). */
static const char *const head_table[] = {NULL, "zzzzzzzzz", ".zzzzz.zz",
    ".zzzzz.zz", ".zzzzz.zz", ".znzzz.zz", "....nz...", "...nzz...",
    "....nn..."};

static void head_set(struct entry *entry, unsigned field, uint64_t value)
{
	uint64_t *const fields[] = {NULL, &entry->from_account,
	    &entry->to_account, &entry->points, &entry->amount_minor,
	    &entry->related_sequence, &entry->programme_sequence,
	    &entry->from_previous_sequence, &entry->to_previous_sequence};

	if (field == 0)
		entry->cashier = (uint32_t)value;
	else
		*fields[field] = value;
}

static void each_kind_has_its_head_fields_and_no_others(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		for (unsigned field = 0; field < 9; field++) {
			char rule = head_table[kind][field];
			struct entry entry = samples[kind]();

			if (rule == 'z') {
				head_set(&entry, field, 1);
				assert_refused(&entry, "not for this kind");
			} else if (rule == 'n') {
				head_set(&entry, field, 0);
				assert_refused(&entry, "is missing");
			}
		}
	}
}

static void moves_of_points_have_a_member(void **state)
{
	struct entry (*const movers[])(void) = {
	    sample_enrol, sample_earn, sample_redeem, sample_return};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct entry entry = movers[i]();

		if (entry.from_account)
			entry.from_account = ACCOUNT_GOODWILL;
		entry.to_account = ACCOUNT_EXPIRED;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN - 1;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN;
		assert_accepted(&entry);
	}
}

static void terminal_has_a_key_exactly_while_it_is_active(void **state)
{
	struct entry entry = sample_terminal();

	(void)state;
	entry.standing = STANDING_REVOKED;
	assert_refused(&entry, "a revoked terminal has no key");
	take_field(&entry, TAG_KEY);
	assert_accepted(&entry);
	entry.standing = STANDING_ACTIVE;
	assert_refused(&entry, "key is missing");
}

/* --- names ---------------------------------------------------------------- */

static void kinds_and_roles_have_names(void **state)
{
	static const char *const kinds[] = {"unknown", "shop", "programme",
	    "terminal", "cashier", "enrol", "earn", "redeem", "return",
	    "unknown"};
	static const char *const roles[] = {"none", "terminal", "cashier",
	    "supervisor", "auditor", "owner", "unknown"};

	(void)state;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_string_equal(
		    entry_kind_name((enum entry_kind)i), kinds[i]);
	for (unsigned i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		assert_string_equal(role_name((enum role)i), roles[i]);
	assert_string_equal(entry_kind_name((enum entry_kind) - 1), "unknown");
}

static void member_is_the_account_of_a_member(void **state)
{
	struct entry entry = {.from_account = ACCOUNT_ISSUED};

	(void)state;
	assert_int_equal(entry_member(&entry), 0);
	entry.to_account = ACCOUNT_MEMBER_MIN - 1;
	assert_int_equal(entry_member(&entry), 0);
	entry.to_account = ACCOUNT_MEMBER_MIN;
	assert_int_equal(entry_member(&entry), ACCOUNT_MEMBER_MIN);
	entry.to_account = ACCOUNT_REDEEMED;
	entry.from_account = ACCOUNT_MEMBER_MAX;
	assert_int_equal(entry_member(&entry), ACCOUNT_MEMBER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_an_unknown_kind),
	    cmocka_unit_test(each_kind_has_its_fields_and_no_others),
	    cmocka_unit_test(refuses_bits_of_no_field),
	    cmocka_unit_test(each_kind_has_its_head_fields_and_no_others),
	    cmocka_unit_test(moves_of_points_have_a_member),
	    cmocka_unit_test(terminal_has_a_key_exactly_while_it_is_active),
	    cmocka_unit_test(kinds_and_roles_have_names),
	    cmocka_unit_test(member_is_the_account_of_a_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
