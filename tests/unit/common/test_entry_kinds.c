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

static void take_view(struct entry *entry, unsigned tag)
{
	struct bytes *const views[TAG_LAST + 1] = {
	    [TAG_TEXT] = &entry->text,
	    [TAG_REWARD] = &entry->reward,
	    [TAG_RECEIPT] = &entry->receipt,
	    [TAG_LINES] = &entry->lines,
	    [TAG_PARTS] = &entry->parts,
	    [TAG_LOTS] = &entry->lots,
	    [TAG_REASON] = &entry->reason,
	    [TAG_SEGMENT] = &entry->segment,
	    [TAG_SHOP] = &entry->shop,
	    [TAG_BACKS] = &entry->backs,
	};

	if (views[tag] != NULL)
		*views[tag] = bytes_of(NULL, 0);
}

static void take_number(struct entry *entry, unsigned tag)
{
	uint64_t *const numbers[TAG_LAST + 1] = {
	    [TAG_UNTIL] = &entry->until_ms,
	    [TAG_HELD] = &entry->held_points,
	    [TAG_VOIDED] = &entry->voided_counter,
	    [TAG_CARD] = &entry->card,
	    [TAG_REFERRER] = &entry->referrer,
	    [TAG_DRAW] = &entry->draw_size,
	    [TAG_PAID] = &entry->paid_minor,
	    [TAG_SOLD] = &entry->sold_ms,
	    [TAG_RULES] = &entry->rules_sequence,
	    [TAG_WHOSE] = &entry->whose,
	};

	if (numbers[tag] != NULL)
		*numbers[tag] = 0;
	if (tag == TAG_BALANCE)
		entry->balance_points = 0;
	if (tag == TAG_OTHER_BALANCE)
		entry->other_balance_points = 0;
}

static void take_field(struct entry *entry, unsigned tag)
{
	entry->has &= ~HAS(tag);
	take_view(entry, tag);
	take_number(entry, tag);
	if (tag == TAG_COMMITMENT)
		memset(&entry->commitment, 0, sizeof(entry->commitment));
	if (tag == TAG_KEY)
		memset(&entry->key, 0, sizeof(entry->key));
	if (tag == TAG_DRAW)
		memset(&entry->draw_root, 0, sizeof(entry->draw_root));
	if (tag == TAG_SUBJECT)
		entry->subject = 0;
	if (tag == TAG_ROLE)
		entry->role = ROLE_NONE;
	if (tag == TAG_STATUS)
		entry->standing = 0;
	if (tag == TAG_TIER)
		entry->tier_level = 0, entry->tier_until_day = 0;
	if (tag == TAG_SECOND)
		entry->second = 0;
	if (tag == TAG_FACTS)
		entry->facts = 0;
}

/* 'm' must, '+' may, '-' must not, '?' has a test of its own; tags 1 to 30 in
 * order. A terminal that is admitted must have its key. */
static const char *const tag_table[ENTRY_KIND_MAX + 1] = {
    [ENTRY_SHOP] = "-mm---------------------------",
    [ENTRY_PROGRAMME] = "--m---------------------------",
    [ENTRY_TERMINAL] = "-m-mmm--------------------+---",
    [ENTRY_CASHIER] = "+--mmm------------------------",
    [ENTRY_ENROL] = "m-------------------+---------",
    [ENTRY_EARN] = "-------+m+++---+-----++-++----",
    [ENTRY_REDEEM] = "------m+m--+----------------+-",
    [ENTRY_RETURN] = "------?+m-++---+------+-++-+++",
    [ENTRY_SALE] = "-------+-+--------------+-----",
    [ENTRY_HOLD] = "------m+m---mm----------------",
    [ENTRY_VOID] = "------+-+-++--m+------+-++--++",
    [ENTRY_EXPIRE] = "--------m--m------------------",
    [ENTRY_TIER] = "---------------m--------------",
    [ENTRY_NOTICE] = "-----------m------------------",
    [ENTRY_ADJUST] = "--------m--+----m+------------",
    [ENTRY_TRANSFER] = "--------m--+-----------m------",
    [ENTRY_JOIN] = "--------m--+-----------m------",
    [ENTRY_LEAVE] = "--------m--+-----------m------",
    [ENTRY_CARD] = "+----m----------+-m-----------",
    [ENTRY_MEMBER] = "?----?-------------?----------",
    [ENTRY_STAFF] = "---m--------------------------",
    [ENTRY_BONUS] = "--------m-m+--------m---------",
};

static void each_kind_has_its_fields_and_no_others(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind <= ENTRY_KIND_MAX; kind++) {
		for (unsigned tag = 1; tag <= TAG_LAST; tag++) {
			char rule = tag_table[kind][tag - 1];
			struct entry with = samples[kind]();
			struct entry without = with;

			if (rule == '?')
				continue;
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
	static const unsigned tags[] = {0, 31};
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
static const char *const head_table[ENTRY_KIND_MAX + 1] = {
    [ENTRY_SHOP] = "zzzzzzzzz",
    [ENTRY_PROGRAMME] = ".zzzzz.zz",
    [ENTRY_TERMINAL] = ".zzzzz.zz",
    [ENTRY_CASHIER] = ".zzzzz.zz",
    [ENTRY_ENROL] = ".znzzz.zz",
    [ENTRY_EARN] = "....n....",
    [ENTRY_REDEEM] = "...n.....",
    [ENTRY_RETURN] = ".....n...",
    [ENTRY_SALE] = ".zzznz.zz",
    [ENTRY_HOLD] = ".znz.z.z.",
    [ENTRY_VOID] = ".........",
    [ENTRY_EXPIRE] = "...nzz...",
    [ENTRY_TIER] = ".znzzz.z.",
    [ENTRY_NOTICE] = ".znzzz.z.",
    [ENTRY_ADJUST] = "...nzz...",
    [ENTRY_TRANSFER] = "...nzz...",
    [ENTRY_JOIN] = "....zz...",
    [ENTRY_LEAVE] = "....zn...",
    [ENTRY_CARD] = ".znzzzzz.",
    [ENTRY_MEMBER] = ".znzzzzz.",
    [ENTRY_STAFF] = ".z.zzzzz.",
    [ENTRY_BONUS] = "...nzn...",
};

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

static void entries_about_a_member_have_one(void **state)
{
	static const enum entry_kind kinds[] = {ENTRY_ENROL, ENTRY_EARN,
	    ENTRY_REDEEM, ENTRY_RETURN, ENTRY_HOLD, ENTRY_EXPIRE, ENTRY_TIER,
	    ENTRY_NOTICE, ENTRY_ADJUST, ENTRY_CARD, ENTRY_MEMBER, ENTRY_BONUS};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct entry entry = samples[kinds[i]]();

		if (entry.from_account)
			entry.from_account = ACCOUNT_GOODWILL;
		entry.to_account = ACCOUNT_EXPIRED;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN - 1;
		assert_refused(&entry, "no account is a member's");
		entry.to_account = ACCOUNT_MEMBER_MIN;
		if (kinds[i] == ENTRY_RETURN)
			entry.amount_minor = 0;
		assert_accepted(&entry);
	}
}

static void transfers_and_pools_are_of_two_members(void **state)
{
	static const enum entry_kind kinds[] = {
	    ENTRY_TRANSFER, ENTRY_JOIN, ENTRY_LEAVE};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct entry entry = samples[kinds[i]]();
		struct entry good = entry;

		entry.from_account = ACCOUNT_MEMBER_MIN - 1;
		assert_refused(&entry, "not of two members");
		entry = good;
		entry.to_account = ACCOUNT_ISSUED;
		assert_refused(&entry, "not of two members");
		entry = good;
		entry.points = kinds[i] == ENTRY_TRANSFER;
		assert_accepted(&entry);
		entry.to_account = entry.from_account;
		assert_refused(&entry, "not of two members");
		entry.to_account = 0;
		entry.to_previous_sequence = 0;
		assert_refused(&entry, "not of two members");
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
	entry.standing = STANDING_REVOKED;
	give_field(&entry, TAG_SHOP);
	assert_refused(&entry, "a revoked terminal has no shop");
}

static void nobody_refers_themselves(void **state)
{
	struct entry entry = sample_enrol();

	(void)state;
	give_field(&entry, TAG_REFERRER);
	entry.referrer = entry.to_account;
	assert_refused(&entry, "referrer is the one that");
	entry.referrer++;
	assert_accepted(&entry);
	entry.referrer = ACCOUNT_ISSUED;
	assert_refused(&entry, "referrer has a value not allowed");
	entry = sample_bonus();
	entry.referrer = entry.to_account;
	assert_refused(&entry, "referrer is the one that");
}

static void paid_with_points_is_no_more_than_the_sale(void **state)
{
	struct entry entry = sample_earn();

	(void)state;
	give_field(&entry, TAG_PAID);
	entry.paid_minor = entry.amount_minor;
	assert_accepted(&entry);
	entry.paid_minor++;
	assert_refused(&entry, "paid is more than the amount");
	entry = sample_void();
	entry.paid_minor = entry.amount_minor + 1;
	assert_refused(&entry, "paid is more than the amount");
}

static void goods_come_back_with_an_amount_and_rewards_without(void **state)
{
	struct entry goods = sample_return();
	struct entry reward = sample_given_back();

	(void)state;
	assert_accepted(&reward);
	give_field(&goods, TAG_REWARD);
	assert_refused(&goods, "reward is not for goods");
	goods = sample_return();
	goods.amount_minor = 0;
	assert_refused(&goods, "amount is missing");
	reward.amount_minor = 1;
	assert_refused(&reward, "a reward that comes back has no amount");
	reward.amount_minor = 0;
	give_field(&reward, TAG_PARTS);
	assert_refused(&reward, "a reward that comes back has no lines");
	take_field(&reward, TAG_PARTS);
	give_field(&reward, TAG_BACKS);
	assert_refused(&reward, "a reward that comes back has no lines");
}

static void void_of_what_did_not_come_undoes_nothing(void **state)
{
	static const unsigned tags[] = {TAG_REWARD, TAG_BALANCE, TAG_PARTS,
	    TAG_LOTS, TAG_TIER, TAG_PAID, TAG_SOLD, TAG_FACTS, TAG_RULES,
	    TAG_WHOSE};
	struct entry entry = sample_of(ENTRY_VOID, 62);

	(void)state;
	give_field(&entry, TAG_VOIDED);
	assert_accepted(&entry);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct entry more = entry;

		give_field(&more, tags[i]);
		assert_refused(&more, "has nothing to be undone");
		more.related_sequence = 61;
		more.amount_minor = 1;
		assert_accepted(&more);
	}
	entry.amount_minor = 1;
	assert_refused(&entry, "has nothing to be undone");
	entry.amount_minor = 0;
	entry.to_account = MEMBER;
	assert_refused(&entry, "has nothing to be undone");
}

static void only_a_new_card_is_committed_to(void **state)
{
	struct entry entry = sample_card();

	(void)state;
	entry.standing = STANDING_REVOKED;
	assert_refused(&entry, "commitment is only for a new card");
	entry.standing = STANDING_ACTIVE;
	entry.card = 0;
	assert_refused(&entry, "commitment is only for a new card");
	take_field(&entry, TAG_COMMITMENT);
	assert_accepted(&entry);
	entry.standing = STANDING_REVOKED;
	give_field(&entry, TAG_REASON);
	assert_accepted(&entry);
	entry.card = ACCOUNT_MEMBER_MAX;
	assert_accepted(&entry);
	entry.card++;
	assert_refused(&entry, "card has a value not allowed");
}

static void member_changes_by_details_or_by_a_segment(void **state)
{
	struct entry segment = sample_member();
	struct entry details = sample_member();

	(void)state;
	take_field(&details, TAG_STATUS);
	assert_refused(&details, "neither of details nor of a segment");
	take_field(&details, TAG_SEGMENT);
	assert_refused(&details, "neither of details nor of a segment");
	give_field(&details, TAG_COMMITMENT);
	assert_accepted(&details);
	give_field(&segment, TAG_COMMITMENT);
	assert_refused(&segment, "neither of details nor of a segment");
}

static void staff_has_a_membership_or_none(void **state)
{
	struct entry entry = sample_staff();

	(void)state;
	entry.to_account = ACCOUNT_GOODWILL;
	assert_refused(&entry, "no account is a member's");
	entry.to_account = 0;
	entry.to_previous_sequence = 0;
	assert_accepted(&entry);
}

/* --- names ---------------------------------------------------------------- */

static void kinds_and_roles_have_names(void **state)
{
	static const char *const kinds[] = {"unknown", "shop", "programme",
	    "terminal", "cashier", "enrol", "earn", "redeem", "return", "sale",
	    "hold", "void", "expire", "tier", "notice", "adjust", "transfer",
	    "join", "leave", "card", "member", "staff", "bonus", "unknown"};
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
	    cmocka_unit_test(entries_about_a_member_have_one),
	    cmocka_unit_test(transfers_and_pools_are_of_two_members),
	    cmocka_unit_test(terminal_has_a_key_exactly_while_it_is_active),
	    cmocka_unit_test(nobody_refers_themselves),
	    cmocka_unit_test(paid_with_points_is_no_more_than_the_sale),
	    cmocka_unit_test(
		goods_come_back_with_an_amount_and_rewards_without),
	    cmocka_unit_test(void_of_what_did_not_come_undoes_nothing),
	    cmocka_unit_test(only_a_new_card_is_committed_to),
	    cmocka_unit_test(member_changes_by_details_or_by_a_segment),
	    cmocka_unit_test(staff_has_a_membership_or_none),
	    cmocka_unit_test(kinds_and_roles_have_names),
	    cmocka_unit_test(member_is_the_account_of_a_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
