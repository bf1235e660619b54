/*
 * prompt: what a cashier types, and what the screen says.
 */
#include "tests/unit/client/prompt_typed.h"

static int begin(void **state)
{
	(void)state;
	memset(&prompt, 0, sizeof prompt);
	memset(&facts, 0, sizeof facts);
	strcpy(facts.shop, "Corner Coffee");
	facts.reward_count = 2;
	strcpy(facts.rewards[0].id, "cake");
	strcpy(facts.rewards[0].name, "Cake");
	facts.rewards[0].points = 300;
	strcpy(facts.rewards[1].id, "coffee");
	strcpy(facts.rewards[1].name, "Coffee");
	facts.rewards[1].points = 150;
	output.size = 0;
	return 0;
}

static void choose(const char *card)
{
	strcpy(prompt.card, card);
}

static struct till_result answer(enum till_do what, enum till_end how)
{
	struct till_result result = {.kind = TILL_ANSWER,
	    .what = what,
	    .end = how,
	    .id = "",
	    .card = ""};

	return result;
}

static void show(const struct till_result *result)
{
	prompt_append_result(&prompt, result, &facts, &output);
}

static void show_member(const char *card, int64_t balance)
{
	tally_MemberReply member = {.balance = balance,
	    .spendable = balance > 0 ? (uint64_t)balance : 0};
	struct till_result result = answer(TILL_DO_MEMBER, TILL_DONE);

	result.kind = TILL_MEMBER;
	result.card = card;
	result.member = &member;
	show(&result);
}

static void show_refused_member(const char *card, const char *why)
{
	struct till_result result = answer(TILL_DO_MEMBER, TILL_REFUSED);

	result.kind = TILL_MEMBER;
	result.card = card;
	result.why = why;
	strcpy(result.refusal.say, "No.");
	show(&result);
}

/* --- lines in ------------------------------------------------------------- */

static void amounts_are_read_with_a_point_or_a_comma(void **state)
{
	static const struct {
		const char *text;
		uint64_t minor;
	} good[] = {
	    {"12.50", 1250},
	    {"12,50", 1250},
	    {"12.5", 1250},
	    {"12", 1200},
	    {"0.01", 1},
	    {"0,1", 10},
	    {"007", 700},
	    {"1234567", 123456700},
	    {" 12.50 ", 1250},
	    {"\t3", 300},
	    {"1000000000.00", AMOUNT_MINOR_MAX},
	    {"12345678.90", 1234567890},
	};

	(void)state;
	choose(CARD);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (type(good[i].text) != PROMPT_COMMAND)
			fail_msg("%s: %s", good[i].text, said());
		assert_int_equal(command.what, TILL_DO_EARN);
		assert_int_equal(command.amount_minor, good[i].minor);
		assert_string_equal(command.card, CARD);
	}
}

static void what_is_no_amount_is_refused_with_an_example(void **state)
{
	static const char *const bad[] = {"0", "0.00", "-5", "+5", "12.505",
	    "1.2.3", "1,2,3", "12.", ".50", "1000000000.01",
	    "99999999999999999999.00", "12,", "-", "--1"};

	(void)state;
	choose(CARD);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *text;

		assert_int_equal(type(bad[i]), PROMPT_NOTHING);
		text = said();
		if (!strstr(text, "Type it like 12.50") &&
		    !strstr(text, "Type 'help'"))
			fail_msg("%s: %s", bad[i], text);
	}
}

static void a_sale_needs_a_customer(void **state)
{
	(void)state;
	assert_int_equal(type("12.50"), PROMPT_NOTHING);
	assert_string_equal(said(), "Scan the customer's card first.\n");
	assert_int_equal(type("history"), PROMPT_NOTHING);
	assert_int_equal(type("balance"), PROMPT_NOTHING);
	assert_int_equal(type("r coffee"), PROMPT_NOTHING);
}

static void a_typed_card_chooses_the_customer(void **state)
{
	(void)state;
	assert_int_equal(type(CARD), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_MEMBER);
	assert_string_equal(command.card, CARD);
	assert_int_equal(type("]E0" CARD), PROMPT_COMMAND);
	assert_string_equal(command.card, CARD);
	assert_int_equal(type("M12345677"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_MEMBER);
}

static void a_mistyped_card_is_told_from_a_word(void **state)
{
	(void)state;
	assert_int_equal(type("2912345678905"), PROMPT_NOTHING);
	assert_non_null(strstr(said(), "check digit"));
	assert_int_equal(type("4111111111111111"), PROMPT_NOTHING);
	assert_non_null(strstr(said(), "payment card"));
	assert_int_equal(type("hello"), PROMPT_NOTHING);
	assert_string_equal(said(), "I do not know that. Type 'help'.\n");
	assert_int_equal(type("12.50 please"), PROMPT_NOTHING);
	assert_int_equal(type("a b c d e f"), PROMPT_NOTHING);
	assert_int_equal(type("\xff\xfe"), PROMPT_NOTHING);
	said();
	assert_int_equal(type("x\x1b[2J"), PROMPT_NOTHING);
	assert_null(strchr(said(), '\x1b'));
}

static void a_redemption_names_its_reward(void **state)
{
	(void)state;
	choose(CARD);
	assert_int_equal(type("redeem coffee"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_REDEEM);
	assert_string_equal(command.reward, "coffee");
	assert_int_equal(type("r cake"), PROMPT_COMMAND);
	assert_string_equal(command.reward, "cake");
	assert_int_equal(type("redeem"), PROMPT_NOTHING);
	assert_int_equal(type("redeem two words"), PROMPT_NOTHING);
	assert_int_equal(type("redeem Coffee"), PROMPT_NOTHING);
	assert_int_equal(
	    type("redeem aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), PROMPT_NOTHING);
	assert_non_null(strstr(said(), "redeem coffee"));
}

static void a_return_names_its_sale_and_its_amount(void **state)
{
	(void)state;
	assert_int_equal(type("return 57 5.00"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_RETURN);
	assert_int_equal(command.entry, 57);
	assert_int_equal(command.amount_minor, 500);
	assert_int_equal(type("return"), PROMPT_NOTHING);
	/* A redemption comes back as a whole. */
	assert_int_equal(type("return 60"), PROMPT_COMMAND);
	assert_int_equal(command.entry, 60);
	assert_int_equal(command.amount_minor, 0);
	assert_int_equal(type("return 0 5"), PROMPT_NOTHING);
	assert_int_equal(type("return -1 5"), PROMPT_NOTHING);
	assert_int_equal(type("return 99999999999999999999 5"), PROMPT_NOTHING);
	assert_int_equal(type("return 57 0"), PROMPT_NOTHING);
	assert_int_equal(type("return 57 5 6"), PROMPT_NOTHING);
}

static void plain_words_are_commands(void **state)
{
	static const struct {
		const char *word;
		enum till_do what;
	} words[] = {{"history", TILL_DO_HISTORY}, {"rewards", TILL_DO_REWARDS},
	    {"balance", TILL_DO_BALANCE}, {"logout", TILL_DO_LOGOUT},
	    {"status", TILL_DO_STATUS}};

	(void)state;
	choose(CARD);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		assert_int_equal(type(words[i].word), PROMPT_COMMAND);
		assert_int_equal(command.what, words[i].what);
	}
	assert_int_equal(type("quit"), PROMPT_QUIT);
	assert_int_equal(type("q"), PROMPT_QUIT);
	assert_int_equal(type("help"), PROMPT_NOTHING);
	assert_non_null(strstr(said(), "redeem coffee"));
	assert_int_equal(type("status now"), PROMPT_NOTHING);
	assert_string_equal(said(), "I do not know that. Type 'help'.\n");
	assert_int_equal(type(""), PROMPT_NOTHING);
	assert_string_equal(said(), "");
}

static void a_login_asks_for_the_pin_on_a_line_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(type("login"), PROMPT_NOTHING);
	assert_int_equal(type("login x"), PROMPT_NOTHING);
	assert_int_equal(type("login 65536"), PROMPT_NOTHING);
	said();
	assert_int_equal(type("login 3"), PROMPT_PIN);
	prompt_append_mark(&prompt, &output);
	assert_string_equal(said(), "PIN: ");
	assert_int_equal(type("1234"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_LOGIN);
	assert_int_equal(command.cashier, 3);
	assert_string_equal(command.pin, "1234");
	/* A PIN that is none ends the question; it is no amount either. */
	choose(CARD);
	assert_int_equal(type("login 3"), PROMPT_PIN);
	assert_int_equal(type("12"), PROMPT_NOTHING);
	assert_string_equal(said(), "A PIN has 4 to 12 digits.\n");
	assert_int_equal(type("12"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_EARN);
	assert_int_equal(type("login 3"), PROMPT_PIN);
	assert_int_equal(type(""), PROMPT_NOTHING);
	assert_string_equal(said(), "Not logged in.\n");
}

/* --- the customer --------------------------------------------------------- */

static void a_member_is_shown_with_what_the_points_buy(void **state)
{
	(void)state;
	show_member(CARD, 112);
	assert_string_equal(
	    said(), "Card 29…8906. 112 points to spend. 38 short of Coffee.\n");
	assert_string_equal(prompt.card, CARD);
	show_member(CARD, 150);
	assert_string_equal(said(), "Card 29…8906. 150 points to spend. Can "
				    "have: Coffee (redeem coffee).\n");
	show_member(CARD, 300);
	assert_string_equal(said(),
	    "Card 29…8906. 300 points to spend. Can have: Cake (redeem cake), "
	    "Coffee (redeem coffee).\n");
	show_member(CARD, -1);
	assert_non_null(strstr(said(), "Owes 1 point. 151 short"));
	prompt_append_mark(&prompt, &output);
	assert_string_equal(said(), "29…8906> ");
}

static void a_card_that_nobody_has_can_be_enrolled(void **state)
{
	tally_OperationReply reply = {.entry = 4};
	struct till_result result = answer(TILL_DO_ENROL, TILL_DONE);

	(void)state;
	choose("20123451");
	assert_int_equal(type("new"), PROMPT_NOTHING);
	said();
	show_refused_member(CARD, "card_unknown");
	assert_string_equal(
	    said(), "Card 29…8906 is not enrolled. Type 'new' to enrol it.\n");
	/* The customer before must not get this one's points. */
	assert_int_equal(type("12.50"), PROMPT_NOTHING);
	said();
	assert_int_equal(type("new"), PROMPT_COMMAND);
	assert_int_equal(command.what, TILL_DO_ENROL);
	assert_string_equal(command.card, CARD);
	result.card = CARD;
	result.operation_reply = &reply;
	show(&result);
	assert_string_equal(said(), "Enrolled. 0 points to spend.\n");
	assert_string_equal(prompt.card, CARD);
	assert_int_equal(type("new"), PROMPT_NOTHING);
}

static void with_the_server_away_the_card_is_taken_all_the_same(void **state)
{
	struct till_result result = answer(TILL_DO_ENROL, TILL_SAVED);

	(void)state;
	show_refused_member(CARD, "server_away");
	assert_non_null(strstr(said(), "are saved"));
	assert_int_equal(type("12.50"), PROMPT_COMMAND);
	assert_string_equal(command.card, CARD);
	assert_int_equal(type("new"), PROMPT_COMMAND);
	prompt.card[0] = '\0';
	result.card = CARD;
	strcpy(result.refusal.say, "Saved.");
	show(&result);
	assert_string_equal(said(), "Saved.\n");
	assert_string_equal(prompt.card, CARD);
	/* Any other refusal leaves no customer. */
	show_refused_member("20123451", "overloaded");
	assert_string_equal(prompt.card, "");
}

/* --- answers -------------------------------------------------------------- */

static void a_sale_tells_points_sale_and_balance(void **state)
{
	tally_OperationReply reply = {
	    .entry = 57, .points = 12, .balance = 112, .spendable = 112};
	struct till_result result = answer(TILL_DO_EARN, TILL_DONE);

	(void)state;
	choose(CARD);
	type("12,5");
	result.operation_reply = &reply;
	show(&result);
	assert_string_equal(
	    said(), "12.50: +12 points. Sale 57. 112 points to spend.\n");
	reply.repeated = true;
	reply.points = 1;
	show(&result);
	assert_string_equal(said(),
	    "12.50: +1 point. Sale 57. 112 points to spend. This had been done "
	    "before and counts once.\n");
}

static void a_redemption_says_what_to_hand_out(void **state)
{
	tally_OperationReply reply = {
	    .points = -150, .balance = 2, .spendable = 2};
	struct till_result result = answer(TILL_DO_REDEEM, TILL_DONE);

	(void)state;
	choose(CARD);
	type("r coffee");
	result.operation_reply = &reply;
	show(&result);
	assert_string_equal(
	    said(), "Hand out: Coffee. -150 points. 2 points to spend.\n");
	result = answer(TILL_DO_REDEEM, TILL_REFUSED);
	strcpy(result.refusal.say, "38 points short of Coffee");
	show(&result);
	assert_string_equal(said(), "38 points short of Coffee\n");
	result = answer(TILL_DO_REDEEM, TILL_UNKNOWN);
	result.operation = 12;
	strcpy(result.refusal.say, "Do not hand anything out.");
	show(&result);
	assert_string_equal(said(), "Do not hand anything out. To give it up, "
				    "type: void 12\n");
}

static void a_return_tells_what_went(void **state)
{
	tally_OperationReply reply = {
	    .points = -5, .balance = 107, .spendable = 107};
	struct till_result result = answer(TILL_DO_RETURN, TILL_DONE);

	(void)state;
	result.operation_reply = &reply;
	show(&result);
	assert_string_equal(
	    said(), "Returned. -5 points. 107 points to spend.\n");
}

static void history_is_a_table(void **state)
{
	static tally_HistoryReply history;
	struct till_result result = answer(TILL_DO_HISTORY, TILL_DONE);

	(void)state;
	result.history = &history;
	show(&result);
	assert_string_equal(said(), "Nothing yet.\n");
	history.lines_count = 2;
	history.lines[0].entry = 58;
	history.lines[0].kind = ENTRY_REDEEM;
	strcpy(history.lines[0].reward, "coffee");
	history.lines[0].points = -150;
	history.lines[1].entry = 57;
	history.lines[1].kind = ENTRY_EARN;
	history.lines[1].amount_minor = 1205;
	history.lines[1].points = 12;
	history.lines[1].balance = 150;
	show(&result);
	assert_string_equal(said(),
	    "      58  1970-01-01 00:00  redeem       coffee     -150        "
	    "0\n"
	    "      57  1970-01-01 00:00  earn          12.05      +12      "
	    "150\n");
}

static void rewards_status_and_logins_are_said(void **state)
{
	static tally_LoginReply reply;
	struct till_result result = answer(TILL_DO_REWARDS, TILL_DONE);

	(void)state;
	result.facts = &facts;
	result.cached = true;
	show(&result);
	assert_string_equal(said(),
	    "     300  Cake (redeem cake)\n     150  Coffee (redeem coffee)\n"
	    "(As last heard; the server cannot be reached.)\n");
	result = answer(TILL_DO_STATUS, TILL_DONE);
	result.facts = &facts;
	result.status.link = LINK_UP;
	result.status.terminal = 3;
	result.status.cashier = 4;
	show(&result);
	assert_string_equal(said(),
	    "Connected to Corner Coffee as till 3. Nothing waits to be sent. "
	    "Logged in: cashier 4.\n");
	result.status.link = LINK_DOWN;
	result.status.waiting = 2;
	result.status.cashier = 0;
	show(&result);
	assert_string_equal(
	    said(), "The server cannot be reached. Waiting to be sent: 2.\n");
	result = answer(TILL_DO_LOGIN, TILL_DONE);
	strcpy(reply.name, "Front desk");
	result.login = &reply;
	show(&result);
	assert_string_equal(said(), "Hello, Front desk.\n");
	result = answer(TILL_DO_LOGOUT, TILL_DONE);
	result.facts = &facts;
	show(&result);
	assert_string_equal(said(), "Logged out.\n");
}

/* --- events --------------------------------------------------------------- */

static void a_settled_operation_is_told_with_a_masked_card(void **state)
{
	tally_OperationReply reply = {
	    .points = 12, .balance = 112, .spendable = 112};
	struct till_result result = answer(TILL_DO_EARN, TILL_DONE);

	(void)state;
	result.kind = TILL_SETTLED;
	result.operation = 7;
	result.card = CARD;
	result.operation_reply = &reply;
	show(&result);
	assert_string_equal(said(), "Sent: operation 7, earn on card 29…8906. "
				    "+12 points. 112 points to spend.\n");
	result.end = TILL_REFUSED;
	result.why = "card_unknown";
	strcpy(result.refusal.say, "Enrol it first.");
	show(&result);
	assert_string_equal(said(), "Sent: operation 7, earn on card 29…8906. "
				    "REFUSED: Enrol it first.\n");
	result.why = "unknown";
	show(&result);
	assert_string_equal(said(), "Sent: operation 7, earn on card 29…8906. "
				    "NOT KNOWN: Enrol it first.\n");
	result.why = "voided";
	result.refusal.code = REFUSAL_VOIDED;
	show(&result);
	assert_string_equal(
	    said(), "Undone: operation 7, earn on card 29…8906.\n");
}

static void a_new_number_calls_for_the_owner(void **state)
{
	struct till_result result = answer(TILL_DO_EARN, TILL_DONE);

	(void)state;
	result.kind = TILL_RENUMBERED;
	result.operation = 7;
	result.now = 9;
	show(&result);
	assert_string_equal(said(),
	    "Call the owner: this till's folder seems to be in use twice. "
	    "Nothing is lost: operation 7 is now 9 and is sent again.\n");
}

static void the_link_is_told_in_words(void **state)
{
	struct till_result result = answer(TILL_DO_NONE, TILL_DONE);

	(void)state;
	result.kind = TILL_LINK;
	result.facts = &facts;
	result.status.link = LINK_UP;
	result.status.terminal = 3;
	result.status.waiting = 2;
	show(&result);
	assert_string_equal(said(), "Connected to Corner Coffee as till 3. "
				    "Sending what was saved: 2.\n");
	result.status.link = LINK_DOWN;
	strcpy(result.refusal.say, "The server cannot be reached.");
	show(&result);
	assert_string_equal(said(), "The server cannot be reached.\n");
	result.kind = TILL_STOPPED;
	result.end = TILL_REFUSED;
	strcpy(result.refusal.say, "STOP: a copy.");
	show(&result);
	assert_string_equal(said(), "STOP: a copy.\n");
}

static void a_scan_speaks_only_where_it_is_no_card(void **state)
{
	struct card_reader_event event = {
	    .kind = CARD_READER_CARD, .name = "card", .say = "Read."};

	(void)state;
	choose(CARD);
	prompt_append_scan(&prompt, &event, &output);
	assert_string_equal(said(), "");
	assert_string_equal(prompt.card, CARD);
	event.kind = CARD_READER_FAULT;
	event.say = "Scan it again.";
	prompt_append_scan(&prompt, &event, &output);
	assert_string_equal(said(), "Scan it again.\n");
	/* The next sale must not go to the customer before. */
	assert_int_equal(type("12.50"), PROMPT_NOTHING);
	said();
	prompt_append_end(&output, 2);
	assert_non_null(strstr(said(), "Waiting to be sent: 2."));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
	    TEST(amounts_are_read_with_a_point_or_a_comma),
	    TEST(what_is_no_amount_is_refused_with_an_example),
	    TEST(a_sale_needs_a_customer),
	    TEST(a_typed_card_chooses_the_customer),
	    TEST(a_mistyped_card_is_told_from_a_word),
	    TEST(a_redemption_names_its_reward),
	    TEST(a_return_names_its_sale_and_its_amount),
	    TEST(plain_words_are_commands),
	    TEST(a_login_asks_for_the_pin_on_a_line_of_its_own),
	    TEST(a_member_is_shown_with_what_the_points_buy),
	    TEST(a_card_that_nobody_has_can_be_enrolled),
	    TEST(with_the_server_away_the_card_is_taken_all_the_same),
	    TEST(a_sale_tells_points_sale_and_balance),
	    TEST(a_redemption_says_what_to_hand_out),
	    TEST(a_return_tells_what_went),
	    TEST(history_is_a_table),
	    TEST(rewards_status_and_logins_are_said),
	    TEST(a_settled_operation_is_told_with_a_masked_card),
	    TEST(a_new_number_calls_for_the_owner),
	    TEST(the_link_is_told_in_words),
	    TEST(a_scan_speaks_only_where_it_is_no_card),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
