/*
 * json: the lines out for a whole programme: what replies, members, rewards and
 * refusals have.
 */
#include "tests/unit/client/json_world.h"
#include "tests/unit/client/reward_samples.h"

#define ZERO_HASH                            \
	"\"00000000000000000000000000000000" \
	"00000000000000000000000000000000\""

static struct till_result done(
    enum till_do what, const tally_OperationReply *reply)
{
	struct till_result result = {
	    .kind = TILL_ANSWER,
	    .what = what,
	    .id = "",
	    .card = "",
	    .operation = 3,
	    .operation_reply = reply,
	};

	return result;
}

static void an_answer_carries_what_the_reply_has(void **state)
{
	static tally_OperationReply reply = {.entry = 60,
	    .points = -200,
	    .balance = 140,
	    .spendable = 100,
	    .pending = 40,
	    .tier = "Gold",
	    .value_minor = 200,
	    .until_ms = 1700000600000};
	struct till_result result = done(TILL_DO_REDEEM, &reply);

	(void)state;
	reply.hash.size = 32;
	assert_string_equal(written(&result),
	    "{\"do\":\"redeem\",\"ok\":true,\"points\":-200,\"balance\":140,"
	    "\"entry\":60,\"hash\":" ZERO_HASH ",\"operation\":3,"
	    "\"spendable\":100,\"pending_points\":40,\"tier\":\"Gold\","
	    "\"value\":200}\n");
	result.what = TILL_DO_HOLD;
	assert_non_null(strstr(written(&result),
	    "\"value\":200,\"hold\":60,\"until_ms\":1700000600000}\n"));
	result.kind = TILL_SETTLED;
	assert_null(strstr(written(&result), "\"operation\":3,\"spendable\""));
}

static void a_sale_without_a_card_is_nobodys(void **state)
{
	static tally_OperationReply reply = {.entry = 58};
	struct till_result result = done(TILL_DO_SALE, &reply);

	(void)state;
	reply.hash.size = 32;
	assert_string_equal(written(&result),
	    "{\"do\":\"sale\",\"ok\":true,\"entry\":58,\"hash\":" ZERO_HASH
	    ",\"operation\":3}\n");
}

static void a_void_of_what_was_never_sent_says_so(void **state)
{
	struct till_result result = done(TILL_DO_VOID, NULL);

	(void)state;
	result.unsent = true;
	assert_string_equal(written(&result),
	    "{\"do\":\"void\",\"ok\":true,\"unsent\":true}\n");
}

static void a_member_is_told_with_all_that_there_is(void **state)
{
	static tally_MemberReply member = {.balance = 460,
	    .last_entry = 9,
	    .spendable = 340,
	    .pending = 120,
	    .expiring = 50,
	    .expiring_on = "2026-12-31",
	    .tier = "Silver",
	    .tier_level = 1,
	    .pooled = true};
	struct till_result result = done(TILL_DO_BALANCE, NULL);

	(void)state;
	result.member = &member;
	assert_string_equal(written(&result),
	    "{\"do\":\"balance\",\"ok\":true,\"balance\":460,\"last_entry\":9,"
	    "\"spendable\":340,\"pending_points\":120,\"tier\":\"Silver\","
	    "\"tier_level\":1,\"expiring\":50,\"expiring_on\":\"2026-12-31\","
	    "\"pooled\":true}\n");
}

static void rewards_say_what_they_are(void **state)
{
	static struct shop_facts facts = {
	    .reward_count = 4,
	    .rewards = {REWARD_TEA, REWARD_FIVE, REWARD_TENTH, REWARD_CASH},
	};
	struct till_result result = done(TILL_DO_REWARDS, NULL);

	(void)state;
	result.facts = &facts;
	assert_string_equal(written(&result),
	    "{\"do\":\"rewards\",\"ok\":true,\"rewards\":["
	    "{\"reward\":\"tea\",\"name\":\"Tea\",\"points\":100},"
	    "{\"reward\":\"five\",\"name\":\"Five off\",\"points\":500,"
	    "\"kind\":\"amount_off\",\"off\":500},"
	    "{\"reward\":\"tenth\",\"name\":\"A tenth off\",\"points\":300,"
	    "\"kind\":\"percent_off\",\"percent\":10,\"off_max\":2000},"
	    "{\"reward\":\"cash\",\"name\":\"Cash\",\"kind\":\"money\","
	    "\"money_points\":100,\"money\":101,\"step\":50,\"share\":60,"
	    "\"tiers\":[1,2]}]}\n");
}

static void further_refusals_show_their_figures(void **state)
{
	static const struct {
		enum refusal_code code;
		const char *figures;
	} table[] = {
	    {REFUSAL_REWARD_LIMIT, "\"required\":1,"},
	    {REFUSAL_POINTS_INVALID, "\"required\":1,"},
	    {REFUSAL_DEBT, "\"required\":1,"},
	    {REFUSAL_CEILING, "\"available\":-2,"},
	    {REFUSAL_SECOND_REQUIRED, "\"available\":-2,"},
	    {REFUSAL_VOIDED, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		shows_figures(TILL_DO_GOODWILL, "goodwill", table[i].code,
		    table[i].figures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_carries_what_the_reply_has),
	    cmocka_unit_test(a_sale_without_a_card_is_nobodys),
	    cmocka_unit_test(a_void_of_what_was_never_sent_says_so),
	    cmocka_unit_test(a_member_is_told_with_all_that_there_is),
	    cmocka_unit_test(rewards_say_what_they_are),
	    cmocka_unit_test(further_refusals_show_their_figures),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
