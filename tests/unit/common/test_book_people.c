/*
 * The book: what concerns people: their cards, details and pools, points by
 * hand, and what the night writes down.
 */
#include "tests/unit/common/book_life.h"

/* --- cards and details ------------------------------------------------------
 */

static void keeps_further_cards_and_which_are_blocked(void **state)
{
	struct life *life = life_begin(1, LIFE_YEAR);
	static const uint64_t cards[] = {50, 10, 30};
	const struct book_extra *extra;
	struct entry entry;

	(void)state;
	for (size_t index = 0; index < 2; index++) {
		entry = card_of(life, MEMBER(1), cards[index], STANDING_ACTIVE);
		puts_in(life, &entry);
	}
	entry = card_of(life, MEMBER(1), 50, STANDING_REVOKED);
	puts_in(life, &entry);
	extra = member_of(life, 1)->extra;
	assert_int_equal(extra->blocked_cards, 2);
	/* One that comes between them leaves each blocked or not. */
	entry = card_of(life, MEMBER(1), 30, STANDING_ACTIVE);
	puts_in(life, &entry);
	extra = member_of(life, 1)->extra;
	assert_int_equal(extra->card_count, 3);
	assert_int_equal(extra->cards[0], 10);
	assert_int_equal(extra->cards[1], 30);
	assert_int_equal(extra->cards[2], 50);
	assert_int_equal(extra->blocked_cards, 4);
	refuses(life, &entry, "it does not follow");
	entry = card_of(life, MEMBER(1), 50, STANDING_REVOKED);
	refuses(life, &entry, "card 50 is so already");
	entry = card_of(life, MEMBER(1), 10, STANDING_ACTIVE);
	refuses(life, &entry, "card 10 is so already");
	entry = card_of(life, MEMBER(1), 11, STANDING_REVOKED);
	refuses(life, &entry, "there is no card 11");
	entry = card_of(life, MEMBER(1), 50, STANDING_ACTIVE);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->extra->blocked_cards, 0);
	life_end(life);
}

static void blocks_the_card_of_the_enrolment(void **state)
{
	struct life *life = life_begin(2, LIFE_YEAR);
	struct entry entry = card_of(life, MEMBER(1), 0, STANDING_REVOKED);

	(void)state;
	puts_in(life, &entry);
	assert_true(member_of(life, 1)->extra->is_card_blocked);
	entry = card_of(life, MEMBER(1), 0, STANDING_REVOKED);
	refuses(life, &entry, "the card is so already");
	entry.standing = 0;
	refuses(life, &entry, "it says no standing");
	entry = card_of(life, MEMBER(1), 0, STANDING_ACTIVE);
	puts_in(life, &entry);
	assert_null(member_of(life, 1)->extra);
	life_end(life);
}

static void keeps_only_so_many_cards(void **state)
{
	struct life *life = life_begin(3, LIFE_YEAR);
	struct entry entry;

	(void)state;
	for (uint64_t card = 1; card <= CARDS_MAX; card++) {
		entry = card_of(life, MEMBER(1), card, STANDING_ACTIVE);
		puts_in(life, &entry);
	}
	entry = card_of(life, MEMBER(1), 99, STANDING_ACTIVE);
	refuses(life, &entry, "a member has 16 cards already");
	life_end(life);
}

static void puts_a_member_into_segments_and_out(void **state)
{
	struct life *life = life_begin(4, LIFE_YEAR);
	uint32_t staff = programme_ident("segment", bytes_of_string("staff"));
	uint32_t press = programme_ident("segment", bytes_of_string("press"));
	struct entry entry =
	    segment_of(life, MEMBER(1), "staff", STANDING_ACTIVE);

	(void)state;
	puts_in(life, &entry);
	entry = segment_of(life, MEMBER(1), "press", STANDING_ACTIVE);
	puts_in(life, &entry);
	assert_true(book_has_segment(member_of(life, 1), staff));
	assert_true(book_has_segment(member_of(life, 1), press));
	assert_false(book_has_segment(member_of(life, 2), staff));
	entry = segment_of(life, MEMBER(1), "staff", STANDING_ACTIVE);
	refuses(life, &entry, "the segment is so already");
	entry = segment_of(life, MEMBER(1), "staff", STANDING_REVOKED);
	puts_in(life, &entry);
	assert_false(book_has_segment(member_of(life, 1), staff));
	entry = segment_of(life, MEMBER(1), "staff", STANDING_REVOKED);
	refuses(life, &entry, "the segment is so already");
	entry.standing = 0;
	refuses(life, &entry, "it says no standing");
	entry = segment_of(life, MEMBER(1), "press", STANDING_REVOKED);
	puts_in(life, &entry);
	assert_null(member_of(life, 1)->extra);
	for (char name[] = "a"; name[0] < 'a' + (int)SEGMENTS_MAX; name[0]++) {
		entry = segment_of(life, MEMBER(1), name, STANDING_ACTIVE);
		puts_in(life, &entry);
	}
	entry = segment_of(life, MEMBER(1), "zz", STANDING_ACTIVE);
	refuses(life, &entry, "a member has 16 segments already");
	life_end(life);
}

static void keeps_the_commitment_to_details(void **state)
{
	struct life *life = life_begin(5, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_MEMBER, 1);
	struct hash details = world_hash(0xdd);

	(void)state;
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	refuses(life, &entry, "it is neither of details nor of a segment");
	entry.commitment = details;
	tag(&entry, TAG_COMMITMENT);
	puts_in(life, &entry);
	assert_true(hash_equal(book_details(member_of(life, 1)), &details));
	life_end(life);
}

static void knows_a_cashiers_own_membership(void **state)
{
	struct life *life = life_begin(6, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_STAFF, 0);

	(void)state;
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	entry.subject = 2;
	tag(&entry, TAG_SUBJECT);
	puts_in(life, &entry);
	assert_true(book_cashier(life->world->book, 2)->account == MEMBER(1));
	assert_int_equal(last_of(life, MEMBER(1)), life->world->count);
	entry = life_entry(life, ENTRY_STAFF, 0);
	entry.subject = 3;
	tag(&entry, TAG_SUBJECT);
	refuses(life, &entry, "there is no cashier 3");
	entry.subject = 2;
	entry.to_account = ACCOUNT_EXPIRED;
	refuses(life, &entry, "it names no member's account");
	entry.to_account = ACCOUNT_NONE;
	puts_in(life, &entry);
	assert_int_equal(book_cashier(life->world->book, 2)->account, 0);
	life_end(life);
}

static void knows_a_tills_shop(void **state)
{
	struct life *life = life_begin(7, LIFE_YEAR);
	struct entry entry = world_entry(life->world, 4);

	(void)state;
	assert_string_equal(book_terminal(life->world->book, 1)->shop, "");
	assert_string_equal(book_terminal(life->world->book, 2)->shop, "north");
	puts_terminal(life, 2, "");
	assert_string_equal(book_terminal(life->world->book, 2)->shop, "");
	entry.sequence = life->world->count + 1;
	entry.time_ms = life->world->now_ms;
	entry.shop = bytes_of_string("NORTH");
	refuses(life, &entry, "terminal 2 is malformed");
	entry.shop = bytes_of_string("a-shop-of-far-too-long-a-name-for-it");
	refuses(life, &entry, "terminal 2 is malformed");
	life_end(life);
}

static void refuses_who_brought_itself(void **state)
{
	struct life *life = life_begin(8, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_ENROL, 1);

	(void)state;
	entry.to_account = MEMBER(4);
	entry.referrer = MEMBER(4);
	tag(&entry, TAG_REFERRER);
	refuses(life, &entry, "no other member brought it");
	entry.referrer = ACCOUNT_ISSUED;
	refuses(life, &entry, "no other member brought it");
	life_end(life);
}

/* --- pools ------------------------------------------------------------------
 */

static void pools_and_leaves_again(void **state)
{
	struct life *life = life_begin(9, LIFE_YEAR);
	const struct lot given[] = {{20600, 0, 5}, {LOT_NEVER, 0, 20}};
	const struct lot back[] = {{20600, 0, 5}, {LOT_NEVER, 0, 1}};
	const struct lot both[] = {{20600, 0, 5}, {LOT_NEVER, 0, 27}};
	struct entry entry;
	uint64_t join;

	(void)state;
	earns(life, MEMBER(1), 20);
	earns_lot(life, MEMBER(1), given[0]);
	earns(life, MEMBER(2), 7);
	entry = join_of(life, MEMBER(1), MEMBER(2), 25);
	says_lots(life, &entry, given, 2);
	join = puts_in(life, &entry);
	assert_true(book_joined_to(member_of(life, 1)) == MEMBER(2));
	assert_int_equal(member_of(life, 1)->extra->joined_by, join);
	assert_int_equal(member_of(life, 2)->extra->joined_count, 1);
	assert_true(member_of(life, 2)->extra->joined[0] == MEMBER(1));
	assert_ptr_equal(book_pool(life->world->book, MEMBER(1)),
	    book_member(life->world->book, MEMBER(2)));
	assert_ptr_equal(book_pool(life->world->book, MEMBER(3)),
	    book_member(life->world->book, MEMBER(3)));
	assert_null(book_pool(life->world->book, MEMBER(9)));
	assert_lots(life, 1, NULL, 0);
	assert_lots(life, 2, both, 2);
	passes(life, 5);
	entry = life_entry(life, ENTRY_LEAVE, 1);
	moves(life, &entry, MEMBER(2), MEMBER(1), 6);
	says_lots(life, &entry, back, 2);
	entry.related_sequence = join - 1;
	refuses(life, &entry, "it did not join so");
	entry.related_sequence = join;
	puts_in(life, &entry);
	assert_lots(life, 1, back, 2);
	assert_int_equal(balance_of(life, MEMBER(2)), 26);
	assert_int_equal(book_joined_to(member_of(life, 1)), 0);
	assert_int_equal(member_of(life, 1)->active_day, life_day(life));
	assert_null(member_of(life, 2)->extra);
	entry = life_entry(life, ENTRY_LEAVE, 1);
	moves(life, &entry, MEMBER(2), MEMBER(1), 0);
	entry.related_sequence = join;
	refuses(life, &entry, "it did not join so");
	life_end(life);
}

static void leaves_behind_only_what_has_lapsed(void **state)
{
	struct life *life = life_begin(10, LIFE_YEAR);
	const struct lot lapsed = {life_day(life) - 1, 0, 9};
	const struct lot rest = {LOT_NEVER, 0, 20};
	struct entry entry;

	(void)state;
	earns(life, MEMBER(1), 20);
	earns_lot(life, MEMBER(1), lapsed);
	entry = join_of(life, MEMBER(1), MEMBER(2), 19);
	refuses(life, &entry, "it leaves points behind");
	entry = join_of(life, MEMBER(1), MEMBER(2), 20);
	says_lots(life, &entry, &rest, 1);
	puts_in(life, &entry);
	assert_lots(life, 1, &lapsed, 1);
	/* They expire there. */
	entry = life_entry(life, ENTRY_EXPIRE, 0);
	moves(life, &entry, MEMBER(1), ACCOUNT_EXPIRED, 9);
	says_lots(life, &entry, &lapsed, 1);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), 0);
	life_end(life);
}

static void refuses_pools_within_pools(void **state)
{
	struct life *life = life_begin(11, LIFE_YEAR);
	struct entry entry = join_of(life, MEMBER(1), MEMBER(2), 0);

	(void)state;
	puts_in(life, &entry);
	entry = join_of(life, MEMBER(3), MEMBER(1), 0);
	refuses(life, &entry, "who is joined pools itself");
	entry = join_of(life, MEMBER(2), MEMBER(3), 0);
	refuses(life, &entry, "who joins pools already");
	entry = join_of(life, MEMBER(1), MEMBER(3), 0);
	refuses(life, &entry, "who joins pools already");
	entry = join_of(life, MEMBER(3), MEMBER(3), 0);
	refuses(life, &entry, "it joins itself");
	entry = life_entry(life, ENTRY_LEAVE, 1);
	moves(life, &entry, MEMBER(3), MEMBER(1), 0);
	entry.related_sequence = life->world->count;
	refuses(life, &entry, "it did not join so");
	life_end(life);
}

static void refuses_a_debt_to_be_pooled(void **state)
{
	struct life *life = life_begin(12, LIFE_YEAR);
	struct entry entry =
	    adjust_of(life, MEMBER(1), ACCOUNT_GOODWILL, 10, 1);

	(void)state;
	puts_in(life, &entry);
	entry = join_of(life, MEMBER(1), MEMBER(2), 0);
	refuses(life, &entry, "it leaves points behind");
	life_end(life);
}

static void pools_only_so_many(void **state)
{
	struct life *life = life_begin(13, LIFE_YEAR);
	struct entry entry;

	(void)state;
	for (uint64_t number = 4; number < 4 + JOINED_MAX; number++) {
		enrols(life, MEMBER(number));
		entry = join_of(life, MEMBER(number), MEMBER(2), 0);
		puts_in(life, &entry);
	}
	entry = join_of(life, MEMBER(1), MEMBER(2), 0);
	refuses(life, &entry, "64 pool with one member already");
	life_end(life);
}

/* --- points by hand ---------------------------------------------------------
 */

static void counts_what_a_member_sends(void **state)
{
	struct life *life = life_begin(14, LIFE_YEAR);
	uint32_t sent = programme_ident(IDENT_KIND_TRANSFER, bytes_of(NULL, 0));
	const struct lot lot = {20600, 20500, 30};
	struct entry entry;

	(void)state;
	earns_lot(life, MEMBER(1), (struct lot){20600, 20500, 50});
	entry = life_entry(life, ENTRY_TRANSFER, 1);
	moves(life, &entry, MEMBER(1), MEMBER(2), 30);
	says_lots(life, &entry, &lot, 1);
	puts_in(life, &entry);
	assert_lots(life, 2, &lot, 1);
	assert_int_equal(balance_of(life, MEMBER(1)), 20);
	assert_int_equal(
	    count_of(life, 1, sent, COUNT_POINTS_MONTH, PERIOD_MONTH), 30);
	assert_null(member_of(life, 2)->extra);
	entry = life_entry(life, ENTRY_TRANSFER, 1);
	moves(life, &entry, MEMBER(1), MEMBER(2), 5);
	entry.other_balance_points++;
	says_lots(life, &entry, &(struct lot){20600, 20500, 5}, 1);
	refuses(life, &entry, "the balance is 35, and the entry says 36");
	entry = life_entry(life, ENTRY_TRANSFER, 1);
	moves(life, &entry, MEMBER(1), MEMBER(1), 0);
	refuses(life, &entry, "it gives to itself");
	moves(life, &entry, MEMBER(1), ACCOUNT_EXPIRED, 0);
	refuses(life, &entry, "account 3 is no member's");
	life_end(life);
}

static void counts_what_people_give_by_the_day(void **state)
{
	struct life *life = life_begin(15, LIFE_YEAR);
	const struct book *book = life->world->book;
	struct entry entry =
	    adjust_of(life, ACCOUNT_GOODWILL, MEMBER(1), 30, 1);

	(void)state;
	puts_in(life, &entry);
	entry = adjust_of(life, ACCOUNT_GOODWILL, MEMBER(2), 12, 1);
	puts_in(life, &entry);
	assert_int_equal(book_cashier(book, 1)->given_points, 42);
	assert_int_equal(book_cashier(book, 1)->given_day, life_day(life));
	entry = adjust_of(life, ACCOUNT_GOODWILL, MEMBER(2), 300, 1);
	entry.second = 2;
	tag(&entry, TAG_SECOND);
	puts_in(life, &entry);
	assert_int_equal(book_cashier(book, 1)->given_points, 42);
	assert_int_equal(book_cashier(book, 1)->second_points, 300);
	assert_int_equal(book_cashier(book, 2)->given_points, 0);
	assert_int_equal(book_cashier(book, 2)->second_points, 300);
	/* What is taken is not given, nor is what the owner gives. */
	entry = adjust_of(life, MEMBER(2), ACCOUNT_GOODWILL, 100, 1);
	puts_in(life, &entry);
	entry = adjust_of(life, ACCOUNT_GOODWILL, MEMBER(2), 1, 0);
	puts_in(life, &entry);
	assert_int_equal(book_cashier(book, 1)->given_points, 42);
	passes(life, 1);
	entry = adjust_of(life, ACCOUNT_GOODWILL, MEMBER(1), 5, 1);
	puts_in(life, &entry);
	assert_int_equal(book_cashier(book, 1)->given_points, 5);
	assert_int_equal(book_cashier(book, 1)->second_points, 0);
	assert_int_equal(book_account_points(book, ACCOUNT_GOODWILL), -248);
	life_end(life);
}

static void refuses_corrections_by_nobody(void **state)
{
	struct life *life = life_begin(16, LIFE_YEAR);
	struct entry entry =
	    adjust_of(life, ACCOUNT_GOODWILL, MEMBER(1), 30, 1);

	(void)state;
	entry.second = 9;
	tag(&entry, TAG_SECOND);
	refuses(life, &entry, "there is no cashier 9");
	entry.second = 1;
	refuses(life, &entry, "nobody is second to themselves");
	entry = adjust_of(life, ACCOUNT_ISSUED, MEMBER(1), 30, 1);
	refuses(life, &entry, "account 1 is not 4");
	life_end(life);
}

/* --- the night --------------------------------------------------------------
 */

static void expires_the_lots_that_are_named(void **state)
{
	struct life *life = life_begin(17, LIFE_YEAR);
	const struct lot lapsed = {20000, 0, 9};
	const struct lot left = {LOT_NEVER, 0, 20};
	struct entry entry;

	(void)state;
	earns(life, MEMBER(1), 20);
	earns_lot(life, MEMBER(1), lapsed);
	entry = life_entry(life, ENTRY_EXPIRE, 0);
	moves(life, &entry, MEMBER(1), ACCOUNT_EXPIRED, 9);
	says_lots(life, &entry, &lapsed, 1);
	puts_in(life, &entry);
	assert_lots(life, 1, &left, 1);
	assert_int_equal(
	    book_account_points(life->world->book, ACCOUNT_EXPIRED), 9);
	entry = life_entry(life, ENTRY_EXPIRE, 0);
	moves(life, &entry, MEMBER(1), ACCOUNT_REDEEMED, 1);
	refuses(life, &entry, "account 2 is not 3");
	life_end(life);
}

static void remembers_the_latest_day_that_it_told_of(void **state)
{
	struct life *life = life_begin(18, LIFE_YEAR);
	int32_t day = life_day(life);
	const struct lot lots[] = {{-30, 0, 5}, {day + 7, 0, 9}};
	struct entry entry;

	(void)state;
	earns_lot(life, MEMBER(1), lots[0]);
	earns_lot(life, MEMBER(1), lots[1]);
	entry = life_entry(life, ENTRY_NOTICE, 0);
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	says_lots(life, &entry, lots, 2);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->warned_day, day + 30);
	assert_int_equal(balance_of(life, MEMBER(1)), 14);
	entry = life_entry(life, ENTRY_NOTICE, 0);
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	says_lots(life, &entry, &lots[1], 1);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->warned_day, day + 30);
	entry = life_entry(life, ENTRY_NOTICE, 0);
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	entry.points = 1;
	says_lots(life, &entry, &lots[1], 1);
	refuses(life, &entry, "it moves points");
	life_end(life);
}

static void writes_a_tier_down(void **state)
{
	struct life *life = life_begin(19, LIFE_YEAR);
	struct entry entry = life_entry(life, ENTRY_TIER, 0);

	(void)state;
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	entry.tier_level = 2;
	entry.tier_until_day = life_day(life) + 90;
	tag(&entry, TAG_TIER);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->tier_level, 2);
	assert_int_equal(
	    member_of(life, 1)->tier_until_day, life_day(life) + 90);
	/* A sale says one as well; the one before is put aside. */
	entry = earn_of(life, MEMBER(1), 20);
	entry.tier_level = 1;
	entry.tier_until_day = life_day(life) + 99;
	tag(&entry, TAG_TIER);
	puts_in(life, &entry);
	assert_int_equal(member_of(life, 1)->tier_level, 1);
	assert_int_equal(member_of(life, 1)->kept_level, 2);
	assert_int_equal(
	    member_of(life, 1)->kept_until_day, life_day(life) + 90);
	entry = life_entry(life, ENTRY_TIER, 0);
	moves(life, &entry, ACCOUNT_NONE, MEMBER(1), 0);
	entry.tier_level = TIERS_MAX + 1;
	tag(&entry, TAG_TIER);
	refuses(life, &entry, "there is no tier 9");
	entry.programme_sequence = 0;
	refuses(life, &entry, "there is no programme 0");
	life_end(life);
}

static void pays_a_bonus_once(void **state)
{
	struct life *life = life_begin(20, LIFE_YEAR);
	uint32_t brought = life_rule(life, RULE_BROUGHT)->ident;
	const struct part part = {RULE_BROUGHT, 500000000};
	struct entry entry;
	uint64_t sale;

	(void)state;
	enrols_brought(life, MEMBER(4), MEMBER(1));
	sale = earns(life, MEMBER(4), 5);
	entry = life_entry(life, ENTRY_BONUS, 0);
	moves(life, &entry, ACCOUNT_ISSUED, MEMBER(1), 500);
	says_parts(life, &entry, &part, 1);
	entry.related_sequence = sale;
	entry.referrer = MEMBER(1);
	tag(&entry, TAG_REFERRER);
	refuses(life, &entry, "is no member brought");
	entry.referrer = MEMBER(9);
	refuses(life, &entry, "is no member brought");
	entry.referrer = MEMBER(2);
	refuses(life, &entry, "was brought by nobody");
	entry.referrer = MEMBER(4);
	puts_in(life, &entry);
	assert_int_equal(balance_of(life, MEMBER(1)), 500);
	assert_int_equal(
	    count_of(life, 1, brought, COUNT_TIMES_MONTH, PERIOD_MONTH), 1);
	assert_int_equal(book_tally(life->world->book, brought), 500000000);
	assert_null(member_of(life, 4)->extra);
	/* The member who was brought is not named, and so not followed. */
	assert_int_equal(last_of(life, MEMBER(4)), sale);
	assert_int_equal(member_of(life, 4)->true_at, life->world->count);
	entry = life_entry(life, ENTRY_BONUS, 0);
	moves(life, &entry, ACCOUNT_ISSUED, MEMBER(1), 500);
	entry.related_sequence = sale;
	entry.referrer = MEMBER(4);
	tag(&entry, TAG_REFERRER);
	refuses(life, &entry, "was brought by nobody");
	life_end(life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_further_cards_and_which_are_blocked),
	    cmocka_unit_test(blocks_the_card_of_the_enrolment),
	    cmocka_unit_test(keeps_only_so_many_cards),
	    cmocka_unit_test(puts_a_member_into_segments_and_out),
	    cmocka_unit_test(keeps_the_commitment_to_details),
	    cmocka_unit_test(knows_a_cashiers_own_membership),
	    cmocka_unit_test(knows_a_tills_shop),
	    cmocka_unit_test(refuses_who_brought_itself),
	    cmocka_unit_test(pools_and_leaves_again),
	    cmocka_unit_test(leaves_behind_only_what_has_lapsed),
	    cmocka_unit_test(refuses_pools_within_pools),
	    cmocka_unit_test(refuses_a_debt_to_be_pooled),
	    cmocka_unit_test(pools_only_so_many),
	    cmocka_unit_test(counts_what_a_member_sends),
	    cmocka_unit_test(counts_what_people_give_by_the_day),
	    cmocka_unit_test(refuses_corrections_by_nobody),
	    cmocka_unit_test(expires_the_lots_that_are_named),
	    cmocka_unit_test(remembers_the_latest_day_that_it_told_of),
	    cmocka_unit_test(writes_a_tier_down),
	    cmocka_unit_test(pays_a_bonus_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
