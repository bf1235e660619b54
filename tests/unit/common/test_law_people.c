/*
 * The law of people: who brought whom, details, segments, staff.
 */
#include "tests/unit/common/people_world.h"

/* --- enrolment -------------------------------------------------------------
 */

static enum refusal_code enrol_brought(
    struct world *world, uint64_t account, uint64_t referrer)
{
	struct command command = people_command(world, ENTRY_ENROL, account);

	command.commitment = world_hash(0xcc);
	command.referrer = referrer;
	return world_do(world, &command);
}

static void remembers_who_brought_a_member(void **state)
{
	struct world *world = people_open(1, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(
	    enrol_brought(world, MEMBER(9), MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.kind, ENTRY_ENROL);
	assert_int_equal(entry.to_account, MEMBER(9));
	assert_int_equal(entry.referrer, MEMBER(1));
	assert_int_equal(
	    book_member(world->book, MEMBER(9))->extra->referrer, MEMBER(1));
	people_close(world);
}

static void lets_nobody_be_brought_by_themselves_or_a_stranger(void **state)
{
	struct world *world = people_open(1, PEOPLE_RULES);

	(void)state;
	assert_int_equal(
	    enrol_brought(world, MEMBER(9), MEMBER(9)), REFUSAL_SAME_MEMBER);
	assert_int_equal(
	    enrol_brought(world, MEMBER(9), MEMBER(8)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    enrol_brought(world, MEMBER(9), 1), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(
	    enrol_brought(world, MEMBER(1), MEMBER(2)), REFUSAL_EXISTS);
	people_close(world);
}

/* --- details ---------------------------------------------------------------
 */

static struct command details(
    struct world *world, uint64_t account, uint8_t byte)
{
	struct command command = people_command(world, ENTRY_MEMBER, account);

	command.commitment = world_hash(byte);
	return command;
}

static void commits_to_details_of_which_it_says_nothing(void **state)
{
	struct world *world = people_open(2, PEOPLE_RULES);
	struct command command = details(world, MEMBER(1), 0xd1);
	struct hash wanted = world_hash(0xd1);
	struct entry entry;

	(void)state;
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.has, ENTRY_HAS(TAG_COMMITMENT));
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(entry.from_account, 0);
	assert_int_equal(entry.programme_sequence, 0);
	assert_int_not_equal(entry.to_previous_sequence, 0);
	assert_true(hash_equal(
	    book_details(book_member(world->book, MEMBER(1))), &wanted));
	command = details(world, MEMBER(1), 0xd2);
	assert_int_equal(world_do(world, &command), REFUSAL_NONE);
	people_close(world);
}

static void refuses_details_that_are_half_said(void **state)
{
	struct world *world = people_open(2, PEOPLE_RULES);
	struct command command = details(world, MEMBER(1), 0);

	(void)state;
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	command = details(world, MEMBER(9), 0xd1);
	assert_int_equal(world_do(world, &command), REFUSAL_CARD_UNKNOWN);
	command = details(world, MEMBER(1), 0xd1);
	command.segment = bytes_of_string("staff");
	command.standing = STANDING_ACTIVE;
	assert_int_equal(world_do(world, &command), REFUSAL_MALFORMED);
	people_close(world);
}

/* --- segments --------------------------------------------------------------
 */

static enum refusal_code set_segment(
    struct world *world, const char *id, enum standing standing)
{
	struct command command = people_command(world, ENTRY_MEMBER, MEMBER(1));

	command.segment = bytes_of_string(id);
	command.standing = standing;
	return world_do(world, &command);
}

static bool has_segment(struct world *world, const char *id)
{
	return book_has_segment(book_member(world->book, MEMBER(1)),
	    programme_ident("segment", bytes_of_string(id)));
}

static void puts_a_member_into_a_segment_and_out_again(void **state)
{
	struct world *world = people_open(3, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(
	    set_segment(world, "staff", STANDING_REVOKED), REFUSAL_NOT_FOUND);
	assert_int_equal(
	    set_segment(world, "staff", STANDING_ACTIVE), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.standing, STANDING_ACTIVE);
	assert_true(bytes_equal(entry.segment, bytes_of_string("staff")));
	assert_true(has_segment(world, "staff"));
	assert_int_equal(
	    set_segment(world, "staff", STANDING_ACTIVE), REFUSAL_EXISTS);
	assert_int_equal(
	    set_segment(world, "press", STANDING_ACTIVE), REFUSAL_NONE);
	assert_int_equal(
	    set_segment(world, "staff", STANDING_REVOKED), REFUSAL_NONE);
	assert_false(has_segment(world, "staff"));
	assert_true(has_segment(world, "press"));
	people_close(world);
}

static void refuses_a_segment_that_is_no_id(void **state)
{
	static const char *const ids[] = {"Staff", "a b", "a.b", "\xc3\xa9",
	    "abcdefghijklmnopqrstuvwxyz0123456"};
	struct world *world = people_open(3, PEOPLE_RULES);

	(void)state;
	for (size_t index = 0; index < sizeof(ids) / sizeof(*ids); index++)
		assert_int_equal(
		    set_segment(world, ids[index], STANDING_ACTIVE),
		    REFUSAL_MALFORMED);
	assert_int_equal(
	    set_segment(world, "staff", (enum standing)0), REFUSAL_MALFORMED);
	assert_int_equal(
	    set_segment(world, "staff", (enum standing)3), REFUSAL_MALFORMED);
	assert_int_equal(set_segment(world, "abcdefghijklmnopqrstuvwxyz012345",
			     STANDING_ACTIVE),
	    REFUSAL_NONE);
	people_close(world);
}

static void keeps_so_many_segments_and_no_more(void **state)
{
	struct world *world = people_open(3, PEOPLE_RULES);
	char id[] = "s0";

	(void)state;
	for (unsigned n = 0; n < SEGMENTS_MAX; n++) {
		id[1] = (char)('a' + n);
		assert_int_equal(
		    set_segment(world, id, STANDING_ACTIVE), REFUSAL_NONE);
	}
	assert_int_equal(
	    set_segment(world, "more", STANDING_ACTIVE), REFUSAL_LIMIT);
	assert_int_equal(
	    set_segment(world, id, STANDING_REVOKED), REFUSAL_NONE);
	assert_int_equal(
	    set_segment(world, "more", STANDING_ACTIVE), REFUSAL_NONE);
	people_close(world);
}

/* --- staff -----------------------------------------------------------------
 */

static void knows_which_membership_is_a_cashiers_own(void **state)
{
	struct world *world = people_open(4, PEOPLE_RULES);
	struct entry entry;

	(void)state;
	assert_int_equal(people_staff(world, 1, MEMBER(1)), REFUSAL_NOT_FOUND);
	assert_int_equal(people_staff(world, 0, MEMBER(1)), REFUSAL_NOT_FOUND);
	assert_int_equal(world_cashier(world, 1, ROLE_CASHIER, STANDING_ACTIVE),
	    REFUSAL_NONE);
	assert_int_equal(
	    people_staff(world, 1, MEMBER(9)), REFUSAL_CARD_UNKNOWN);
	assert_int_equal(people_staff(world, 1, 0), REFUSAL_EXISTS);
	assert_int_equal(people_staff(world, 1, MEMBER(1)), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.subject, 1);
	assert_int_equal(entry.to_account, MEMBER(1));
	assert_int_equal(book_cashier(world->book, 1)->account, MEMBER(1));
	assert_int_equal(people_staff(world, 1, MEMBER(1)), REFUSAL_EXISTS);
	assert_int_equal(people_staff(world, 1, MEMBER(2)), REFUSAL_NONE);
	assert_int_equal(people_staff(world, 1, 0), REFUSAL_NONE);
	entry = world_entry(world, world->count);
	assert_int_equal(entry.to_account, 0);
	assert_int_equal(book_cashier(world->book, 1)->account, 0);
	people_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remembers_who_brought_a_member),
	    cmocka_unit_test(
		lets_nobody_be_brought_by_themselves_or_a_stranger),
	    cmocka_unit_test(commits_to_details_of_which_it_says_nothing),
	    cmocka_unit_test(refuses_details_that_are_half_said),
	    cmocka_unit_test(puts_a_member_into_a_segment_and_out_again),
	    cmocka_unit_test(refuses_a_segment_that_is_no_id),
	    cmocka_unit_test(keeps_so_many_segments_and_no_more),
	    cmocka_unit_test(knows_which_membership_is_a_cashiers_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
